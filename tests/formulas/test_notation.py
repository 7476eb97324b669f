"""Ufuncs and primitives are written by their own notation, else by the function's symbol."""

import numpy as np
import pytest

from tinygrad_lite.formulas.algebra import Formula, symbol
from tinygrad_lite.formulas.notation import NOTATION, UFUNCS, negation, of_primitive, of_ufunc
from tinygrad_lite.formulas.rendering import text
from tinygrad_lite.table.primitive import Primitive
from tinygrad_lite.table.registry import DISPATCH, PRIMITIVES


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda ufunc: ufunc.__name__)
def test_a_ufunc_of_this_notation_takes_as_many_operands_as_numpys(ufunc):
    operands = tuple([symbol(name, (2, 2)) for name in "ab"[: ufunc.nin]])
    assert isinstance(of_ufunc(ufunc, operands), Formula)
    primitive = DISPATCH.get(ufunc)
    if isinstance(primitive, Primitive):
        assert of_primitive(primitive, operands, {}).key == of_ufunc(ufunc, operands).key


def test_notation_is_told_by_primitives_of_the_table():
    assert all(PRIMITIVES[primitive.name] is primitive for primitive in NOTATION)


def test_the_rest_are_functions_by_their_symbols():
    x = symbol("x", (3,))
    assert text(of_ufunc(np.log, (x,))) == text(of_primitive(PRIMITIVES["log"], (x,), {})) == "ln(x)"
    assert text(of_primitive(PRIMITIVES["sigmoid"], (x,), {})) == "σ(x)"
    assert text(of_primitive(PRIMITIVES["sloped_relu"], (x,), {"slope_at_zero": 1.0})) == "relu(x, slope_at_zero=1.0)"
    assert text(of_ufunc(np.spacing, (x,))) == "spacing(x)"


def test_the_shape_of_a_reduction_is_worked_out():
    x = symbol("x", (2, 3))
    found = of_primitive(PRIMITIVES["max"], (x,), {"axis": (1,), "keepdims": False})
    assert text(found) == "max(x)"
    assert found.shape == (2,)


def test_the_opposite_of_a_condition_is_a_condition():
    x, y = symbol("x"), symbol("y")
    assert text(negation(of_ufunc(np.less, (x, y)))) == "[x ≥ y]"
    assert text(negation(x)) == "1 − x"
