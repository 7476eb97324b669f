"""Symbols have names, shapes and shadows, and say what they need."""

import subprocess
import sys

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.proofs.equality import undefined
from tinygrad_lite.proofs.variables import parts_of

sympy = pytest.importorskip("sympy")


def shadows(x):
    return np.array([float(entry) for entry in np.asarray(x).flat]).reshape(np.shape(x))


def test_names_shapes_and_shadows():
    assert [repr(w) for w in tl.symbols("W", (2, 2)).flat] == ["W11", "W12", "W21", "W22"]
    assert repr(tl.symbols("W", (1, 12))[0, 11]) == "W1_12"
    assert shadows(tl.symbols("a", 2, values=[0.5, -2])).tolist() == [0.5, -2.0]
    a, b = shadows(tl.symbols("a", 50)), shadows(tl.symbols("a", 50))
    assert (a == b).all()
    assert (a > 0).any()
    assert (a < 0).any()
    assert (shadows(tl.symbols("a", 50, seed=1)) != a).all()
    assert (shadows(tl.symbols("t", 50, positive=True)) > 0).all()
    inside = shadows(tl.symbols("t", 50, between=(0, 1)))
    assert ((inside > 0) & (inside < 1)).all()
    assert tl.symbols("t", positive=True).expr.is_positive
    assert "x_{1}" in tl.symbols("x", 1)[0]._repr_latex_()
    with pytest.raises(ValueError, match="shape"):
        tl.symbols("a", 2, values=[1.0])
    with pytest.raises(ValueError, match="positive"):
        tl.symbols("a", 2, values=[1.0, -1.0], positive=True)


def test_without_sympy_one_sentence_names_the_extra():
    code = (
        "import sys; sys.modules['sympy'] = None\n"
        "import tinygrad_lite as tl\n"
        "try: tl.symbols('z', 3)\n"
        "except ImportError as error: print(error)\n"
        "z = tl.tensor([0.1, 0.2], requires_grad=True, name='z')\n"
        "print(tl.derive(tl.cross_entropy(z, 1)).results[-1].text)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    lines = done.stdout.splitlines()
    assert lines[0] == "symbols and proofs need SymPy: pip install 'tinygrad-lite[proofs]'"
    assert lines[1] == "∂C/∂z = y − t"


def test_parts_are_met_once():
    """Of an expression that has 2⁶⁰ of them, counted where they stand, and three more at each of 60 levels."""
    x = tl.symbols("x").expr
    expression = x
    for _ in range(60):
        expression = sympy.sin(expression) * sympy.cos(expression)
    parts = parts_of(expression)
    assert {x, expression, sympy.sin(x)} <= parts
    assert len(parts) == 1 + 3 * 60
    assert not undefined((expression, x))
    assert undefined((x, expression.func(expression, sympy.zoo, evaluate=False)))
