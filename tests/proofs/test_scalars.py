"""Symbols run through NumPy and through the tape as they are, and their shadows follow."""

import numpy as np
import pytest

import tinygrad_lite as tl

sympy = pytest.importorskip("sympy")

from tinygrad_lite.proofs import Symbolic, expressions  # noqa: E402
from tinygrad_lite.proofs.scalars import exact  # noqa: E402


def shadows(x):
    return np.array([float(entry) for entry in np.asarray(x).flat]).reshape(np.shape(x))


FUNCTIONS = [
    lambda z: np.exp(z) / np.exp(z).sum(),
    lambda z: np.tanh(z) - np.sin(z) * np.cos(z),
    lambda z: np.where(z > 0, z, 0) * 1.0,
    lambda z: np.maximum(z, 0.1) + abs(z) - np.sign(z),
    lambda z: z[:, None] @ z[None, :],
    lambda z: (z.mean() + z.max() * z.min() - z.prod()) / 3,
    lambda z: 2.5 * z**2 - z / 7 + np.square(z) - 1 / z,
    lambda z: np.sqrt(np.exp(z)) + np.log1p(z * z) + np.log(z * z) + np.arctan2(z, 2.0) + np.hypot(z, 1),
    lambda z: np.conjugate(z) + np.cumsum(z),
    lambda z: np.float64(0.5) * z[0] + z[1] // 1 + z[2] % 2,
    lambda z: np.floor(z) + np.ceil(z) * 2 + np.trunc(z) * 3,
]


@pytest.mark.parametrize("n", range(len(FUNCTIONS)))
def test_numpy_runs_on_symbols_and_the_expressions_are_what_it_computed(n):
    z = tl.symbols("z", 3)
    point = shadows(z)
    with np.errstate(all="ignore"):
        expected = FUNCTIONS[n](point)
        found = FUNCTIONS[n](z)
    np.testing.assert_allclose(shadows(found), expected, rtol=1e-12)
    at = {entry.expr: value for entry, value in zip(z, point, strict=True)}
    numbers = [float(e.subs(at)) for e in expressions(found).flat]
    np.testing.assert_allclose(np.reshape(numbers, np.shape(expected)), expected, rtol=1e-12)


TAPE = [
    lambda z: (np.tanh(z) * z).sum() / 2,
    lambda z: tl.softmax(z)[1],
    lambda z: np.max(z),
    lambda z: tl.cross_entropy(z, 1),
    lambda z: tl.cross_entropy(z, np.array([0.2, 0.3, 0.5])),
    lambda z: tl.norm(z) + np.var(z) + np.std(z),
    lambda z: tl.relu(z).sum() + tl.sigmoid(z).mean(),
    lambda z: np.prod(z) * tl.logsumexp(z),
    lambda z: z[0] * z[1] - z[2] / z[0],
    lambda z: np.mean(z),
    lambda z: np.einsum("i,i->", z, z) + np.dot(z, np.ones(3)),
]


@pytest.mark.parametrize("n", range(len(TAPE)))
def test_gradients_hessians_and_backward_of_symbols_agree_with_those_of_numbers(n):
    z = tl.symbols("z", 3)
    point = shadows(z)
    for derivative in (tl.grad, tl.hessian) if n != 5 else (tl.grad,):
        np.testing.assert_allclose(shadows(derivative(TAPE[n])(z)), derivative(TAPE[n])(point), rtol=1e-10, atol=1e-12)
    leaf = tl.Tensor(z, requires_grad=True)
    TAPE[n](leaf).backward()
    np.testing.assert_allclose(shadows(leaf.grad), tl.grad(TAPE[n])(point), rtol=1e-10, atol=1e-12)


def test_jacobians_of_matrices_and_scalars():
    W, x, s = tl.symbols("W", (2, 3)), tl.symbols("x", 3), tl.symbols("s")
    assert (expressions(tl.jacobian(lambda x: W @ x)(x)) == expressions(W)).all()
    assert (expressions(tl.jacobian(lambda W: W @ x)(W)[0, 0]) == expressions(x)).all()
    assert tl.grad(np.sin)(s).expr == sympy.cos(s.expr)
    assert expressions(tl.jacobian(lambda z: z.sum())(x)).tolist() == [1, 1, 1]
    assert expressions(tl.grad(lambda z: s * 0 + 1 + 0 * z.sum())(x)).tolist() == [0, 0, 0]


def test_a_scalar_symbol_stays_one():
    for value in (-0.5, 0.5):
        s = tl.symbols("s", values=value)
        for f in (tl.relu, lambda s: np.maximum(s, 0.25) * s, np.sign, lambda s: tl.clip(s, -1, 1), np.exp, tl.sigmoid):
            np.testing.assert_allclose(float(tl.grad(f)(s)), tl.grad(f)(value))
    assert isinstance(np.maximum(s, 1), Symbolic)
    assert (s < 1) is np.True_
    assert (s * np.ones(2)).shape == (2,)
    assert type(s * tl.tensor([1.0, 2.0])) is tl.Tensor


def test_numbers_are_read_as_what_they_stand_for():
    s = sympy
    for x, expected in (
        (0.1, s.Rational(1, 10)),
        (1 / 3, s.Rational(1, 3)),
        (np.log(2), s.log(2)),
        (-np.pi, -s.pi),
        (3**0.5, s.sqrt(3)),
        (np.float32(0.5), s.Rational(1, 2)),
        (True, s.Integer(1)),
        (float("inf"), s.oo),
    ):
        assert exact(x) == expected
    assert float(exact(0.123456789012345)) == 0.123456789012345


def test_the_promises_of_the_tape_hold_for_symbols():
    z = tl.Tensor(tl.symbols("z", 2), requires_grad=True)
    with pytest.raises(TypeError, match="NumPy array"):
        np.asarray(z)
    assert isinstance(z.data[0], Symbolic)
    with pytest.raises(TypeError):
        tl.Tensor(np.array([object()]), requires_grad=True)
