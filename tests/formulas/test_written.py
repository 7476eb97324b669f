"""Placeholders run through NumPy as arrays do, and the formulas are what NumPy computes."""

import operator

import numpy as np
import pytest

from tinygrad_lite.formulas.algebra import expand
from tinygrad_lite.formulas.rendering import latex, text
from tinygrad_lite.formulas.written import Written, placeholder

RNG = np.random.default_rng(0)

ALGEBRA = [
    lambda W, x, v: W @ (-2 * x),
    lambda W, x, v: (2 * W) @ x + v / 3,
    lambda W, x, v: (3 * W).mT @ v - x,
    lambda W, x, v: (v[:, None] * W).sum(axis=0),
    lambda W, x, v: (W * x).sum(axis=1),
    lambda W, x, v: (W * x).sum(axis=1, keepdims=True) * W,
    lambda W, x, v: (W * x + 1).sum(),
    lambda W, x, v: (x[None, :] + v[:, None]).sum(axis=1),
    lambda W, x, v: (x / x).sum() * x,
    lambda W, x, v: (x * 0 + 1).sum(),
    lambda W, x, v: (x + 1) ** 2 / x - x**-2 + x**0.5,
    lambda W, x, v: -(x - 1) * (x + 2) * (x - 1),
    lambda W, x, v: (W.mT * 2).mT @ W.mT @ v,
    lambda W, x, v: (v @ W) * (x > 0.5) + x * ~(x > 0.5),
    lambda W, x, v: ((x > 0.4) | (x < 0.2)) * x + np.where(x > 0.5, x, -x),
    lambda W, x, v: np.exp(x) * np.log(x) - np.tanh(-x) + np.add.reduce(W, axis=0),
    lambda W, x, v: np.matmul(W, x).reshape(2, 1) * W,
    lambda W, x, v: 1 / (1 + np.exp(-x)) - (2 - x) / 4,
]


@pytest.mark.parametrize("n", range(len(ALGEBRA)))
def test_formulas_and_their_expansions_are_what_numpy_computes(n, evaluate):
    values = {"W": RNG.uniform(0.1, 1, (2, 3)), "x": RNG.uniform(0.1, 1, 3), "v": RNG.uniform(0.1, 1, 2)}
    formula = ALGEBRA[n](*[placeholder(name, x.shape) for name, x in values.items()])
    expected = ALGEBRA[n](*values.values())
    assert formula.shape == np.shape(expected)
    np.testing.assert_allclose(evaluate(formula, values), expected, rtol=1e-12, err_msg=text(formula))
    np.testing.assert_allclose(evaluate(expand(formula), values), expected, rtol=1e-12)
    for source in (text(formula), latex(formula)):
        assert source.count("(") == source.count(")")


def test_operators_methods_and_ufuncs_write_the_same():
    a, b = placeholder("a", (2, 3)), placeholder("b", (3,))
    for operate, ufunc in (
        (operator.add, np.add),
        (operator.floordiv, np.floor_divide),
        (operator.mod, np.remainder),
        (operator.matmul, np.matmul),
        (operator.ge, np.greater_equal),
        (operator.pow, np.power),
        (operator.or_, np.bitwise_or),
    ):
        assert type(operate(a, b)) is Written
        assert operate(a, b).key == ufunc(a, b).key
    assert abs(b).key == np.abs(b).key
    assert (2 - b).key == np.subtract(2.0, b).key
    assert a.sum(axis=0).key == np.sum(a, axis=0).key == np.add.reduce(a).key
    assert (np.float64(2) * b).key == (np.array(2.0) * b).key == (b + b).key


def test_functions_go_by_their_symbols():
    x = placeholder("x", (3,))
    assert repr(np.log(x)) == "ln(x)"
    assert repr(np.maximum(x, 0)) == "max(x, 0)"
    assert latex(np.arcsinh(x)) == r"\operatorname{arsinh}\left(x\right)"
    assert repr(x // 2) == "floor(x / 2)"


def test_axes_are_exchanged_reversed_and_dropped():
    A, T = placeholder("A", (2, 3)), placeholder("T", (2, 3, 4))
    assert A.T.key == A.mT.key == A.transpose((1, 0)).key
    assert A.T.shape == (3, 2)
    assert A.T.T.key == A.key
    assert T.T.shape == (4, 3, 2)
    assert T.reshape(-1, 4).shape == (6, 4)
    assert T[:1].squeeze(0).shape == T[0].shape == (3, 4)


def test_what_a_rule_must_not_do_is_refused():
    x = placeholder("x", (3,))
    with pytest.raises(TypeError, match="branch on values"):
        bool(x > 0)
    with pytest.raises(TypeError):
        x += 1  # writing into an array has no notation
    with pytest.raises(TypeError):
        divmod(x, 2)
    with pytest.raises(TypeError):
        np.maximum.reduce(x)
    with pytest.raises(TypeError):
        np.linalg.norm(x)
