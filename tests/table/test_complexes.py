"""Complex numbers: gradients by real and imaginary parts, in every operation that NumPy has for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

RNG = np.random.default_rng(0)
Z = RNG.normal(size=4) + 1j * RNG.normal(size=4)
W = RNG.normal(size=(4, 4)) + 1j * RNG.normal(size=(4, 4))
X = RNG.normal(size=4)

HOLOMORPHIC = [
    np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh,
    np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arccosh, np.arctanh, np.sqrt, np.square, np.reciprocal,
    np.negative, np.positive,
]  # fmt: skip

PROGRAMS: list[Any] = [
    lambda z: z * W[0] + 2j,
    lambda z: W[1] / z - z,
    lambda z: z**2.5 + z**2 + z ** (1 + 0.5j),
    lambda z: (0.5 - 1j) ** z,
    lambda z: W @ z,
    lambda z: z @ W @ z,
    lambda z: np.einsum("i,ij,j->i", z, W, np.conj(z)),
    lambda z: np.outer(z, np.conj(z)),
    lambda z: np.vdot(z, W[0]) + np.vdot(W[1], z) + np.dot(z, z) + np.inner(z, W[2]),
    lambda z: np.tensordot(z, W, 1),
    lambda z: np.cumsum(z) + np.cumprod(z),
    lambda z: np.prod(z) + np.sum(z) + np.mean(z),
    lambda z: np.concatenate([z, z.real]),
    lambda z: np.stack([z, np.imag(z) * z]),
    lambda z: np.where(z.real > 0, z, np.conj(z)),
    lambda z: z[[0, 0, 2]] * z[1:],
    lambda z: np.abs(z) * np.angle(z) + np.sign(z),
    lambda z: z.conj() * z.T + z.reshape(2, 2).T.ravel(),
    lambda z: np.linalg.norm(np.abs(z)) * z,
    lambda z: np.diagonal(np.outer(z, z)) + np.trace(np.outer(z, W[0])),
    lambda z: np.float64(2.0) * z + np.ones(4) * z + X * z,
    lambda z: z.astype(complex) + z.real.astype(complex),
]


@pytest.mark.parametrize("f", HOLOMORPHIC, ids=lambda f: f.__name__)
def test_holomorphic_functions(f: Any) -> None:
    tl.check_gradients(f, 0.7 * Z, order=2)
    h = 1e-6
    derivative = (f(0.7 * Z + h) - f(0.7 * Z - h)) / (2 * h)
    np.testing.assert_allclose(np.diag(tl.jacobian(f)(0.7 * Z)), derivative, rtol=1e-7)


@pytest.mark.parametrize("k", range(len(PROGRAMS)))
def test_programs(k: int) -> None:
    f = PROGRAMS[k]
    np.testing.assert_allclose(f(tl.Tensor(Z)).data, f(Z), rtol=1e-14)
    tl.check_gradients(f, Z, order=2)


@pytest.mark.parametrize("k", range(len(PROGRAMS)))
def test_second_derivatives_along_a_direction(k: int) -> None:
    def f(z: Any) -> Any:
        return np.real(PROGRAMS[k](z)).sum()

    direction, h = W[3], 1e-5
    expected = (tl.grad(f)(Z + h * direction) - tl.grad(f)(Z - h * direction)) / (2 * h)
    np.testing.assert_allclose(tl.hvp(f)(Z, direction), expected, rtol=1e-6, atol=1e-7)


def test_a_gradient_descends() -> None:
    def f(z: Any) -> Any:
        return (np.abs(W @ z - 1j) ** 2).sum()

    z = Z
    for _ in range(2000):
        z = z - 0.02 * tl.grad(f)(z)
    assert f(z) < 1e-3 * f(Z)


def test_the_gradient_of_a_square_is_twice_the_number() -> None:
    w = tl.Tensor(Z.copy(), requires_grad=True)
    (np.abs(w) ** 2).sum().backward()
    np.testing.assert_allclose(w.grad, 2 * Z)
    np.testing.assert_allclose(tl.grad(lambda z: np.real(z * np.conj(z)).sum())(Z), 2 * Z)


def test_a_pullback_is_the_transpose_and_a_pushforward_the_derivative() -> None:
    _, pull = tl.vjp(lambda z: W @ z, Z)
    np.testing.assert_allclose(pull(W[0])[0], W.T @ W[0])
    np.testing.assert_allclose(tl.jvp(lambda z: W @ z**2, (Z,), (W[1],))[1], W @ (2 * Z * W[1]))
    np.testing.assert_allclose(tl.jvp(lambda z: np.abs(z), (Z,), (W[1],))[1], (np.conj(Z) * W[1]).real / np.abs(Z))
    np.testing.assert_allclose(tl.vjp(lambda x: x * W[0], X)[1](W[1])[0], (W[0] * W[1]).real)


def test_jacobians() -> None:
    np.testing.assert_allclose(tl.jacobian(lambda z: W @ z**2)(Z), W * (2 * Z))
    np.testing.assert_allclose(tl.jacobian(lambda z: (W @ z**2)[:2])(Z), (W * (2 * Z))[:2])
    for n in (2, 4):  # by columns and by rows
        expected = W[:n] * (1j * np.exp(1j * X))
        np.testing.assert_allclose(tl.jacobian(lambda x, n=n: W[:n] @ np.exp(1j * x))(X), expected)
    np.testing.assert_allclose(
        tl.jacobian(lambda x: W[:, :3] @ np.exp(1j * x))(X[:3]), W[:, :3] * (1j * np.exp(1j * X[:3]))
    )
    np.testing.assert_allclose(tl.jacobian(lambda z: np.abs(z) ** 2)(Z), np.diag(2 * Z))
    np.testing.assert_allclose(tl.jacobian(lambda z: np.abs(z[:2]) ** 2)(Z), np.diag(2 * Z)[:2])


@pytest.mark.parametrize("f", [np.conj, lambda z: z * np.conj(z), lambda z: np.abs(z[:2]) * z[:2]])
def test_what_is_not_holomorphic_has_no_complex_jacobian(f: Any) -> None:
    with pytest.raises(ValueError, match="jacobian: the function is not holomorphic"):
        tl.jacobian(f)(Z)


def test_a_complex_result_has_no_gradient() -> None:
    with pytest.raises(TypeError, match="grad: the function returned a complex number"):
        tl.grad(lambda z: (z * z).sum())(Z)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.complex64, np.complex128])
def test_dtypes_are_those_of_numpy(kind: Any) -> None:
    x = np.array([1.0, 2.0]).astype(kind)
    t = tl.tensor(x, requires_grad=True)
    for f in (
        lambda x: x * 1j, lambda x: 1j * x, lambda x: x + 1j, lambda x: 2j - x, lambda x: x / (1 + 1j),
        lambda x: x * np.complex64(1j), lambda x: np.abs(x), lambda x: x.real, lambda x: x.imag, np.angle, np.conj,
        lambda x: x[0] * 1j, lambda x: np.abs(x[0]),
    ):  # fmt: skip
        expected = f(x)
        got = f(t)
        assert got.dtype == expected.dtype
        np.testing.assert_array_equal(got.data, expected)
        np.real(got).sum().backward()
        if t.grad is not None:
            assert t.grad.dtype == kind


def test_parts_are_read_and_written() -> None:
    def f(z: Any) -> Any:
        y = z * 1.0
        y.real = np.abs(z)
        y.imag = 2.0 * np.real(y)
        y[0] = 3j * y[1]
        return np.real(y * W[0]).sum() + (y.imag**2).sum()

    value, gradient = tl.value_and_grad(f)(Z)
    expected = np.array(np.abs(Z) * (1 + 2j))
    expected[0] = 3j * expected[1]
    assert value == pytest.approx((expected * W[0]).real.sum() + (expected.imag**2).sum())
    h = 1e-6
    steps = [(f(tl.Tensor(Z + h * e)) - f(tl.Tensor(Z - h * e))).data / (2 * h) for e in np.eye(4)]
    turned = [(f(tl.Tensor(Z + 1j * h * e)) - f(tl.Tensor(Z - 1j * h * e))).data / (2 * h) for e in np.eye(4)]
    np.testing.assert_allclose(gradient, np.array(steps) + 1j * np.array(turned), rtol=1e-6, atol=1e-8)


def test_a_part_of_a_complex_array_is_a_copy_that_cannot_be_written_to() -> None:
    z = tl.Tensor(Z.copy())
    for part in (z.real, z.imag, np.real(z)):
        with pytest.raises(ValueError, match=r"read-only.*z\.real = v and z\[i:j\]\.real = v write to z"):
            part[0] = 1.0
    with pytest.raises(TypeError, match="imag"):
        tl.tensor([1.0]).imag = 2.0


def test_what_is_said_to_write_a_part_writes_it() -> None:
    def f(x: Any, v: Any) -> Any:
        z = x * 1j
        z.real = v
        z[1:].imag = v[0] * v[1:]
        return (z * z * np.arange(1.0, 4.0)).real.sum()

    x, v = np.array([0.5, -1.0, 2.0]), np.array([1.5, 0.25, -0.75])
    assert tl.value_and_grad(f)(x, v)[0] == f(x, v)
    tl.check_gradients(f, x, v, order=2)


def test_numbers_of_python() -> None:
    t = tl.tensor(1.0 + 2.0j)
    assert isinstance(t, complex)
    assert complex(t) == 1 + 2j
    assert tl.grad(lambda z: abs(z) ** 2)(1 + 2j) == 2 + 4j


def test_a_real_number_to_a_complex_power() -> None:
    tl.check_gradients(lambda x: x ** (1 + 2j), np.array([0.5, -1.5, 2.0]), order=2)
    tl.check_gradients(lambda z: np.array([0.5, -1.5]) ** z, Z[:2], order=2)


def test_the_sign_of_zero_does_not_turn() -> None:
    tangents = tl.jvp(np.sign, (np.array([0j, 1j]),), (np.ones(2, complex),))[1]
    np.testing.assert_array_equal(tangents, [0, 1])
