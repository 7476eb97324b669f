"""Fourier transforms: NumPy's values, keyword by keyword, and their derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 4, 5))
Z = X + 1j * RNG.normal(size=X.shape)

ONE_AXIS = ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]
SEVERAL = ["fftn", "ifftn", "rfftn", "irfftn", "fft2", "ifft2", "rfft2", "irfft2"]
OF_REAL = {"rfft", "ihfft", "rfftn", "rfft2"}


def argument(name: str) -> Any:
    return X if name in OF_REAL else Z


def agrees(name: str, x: Any, **options: Any) -> None:
    function = getattr(np.fft, name)
    expected = function(x, **options)
    got = function(tl.Tensor(x, requires_grad=True), **options)
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got.data, expected)
    tl.check_gradients(lambda x: function(x, **options), x, order=2, directions=1)


@pytest.mark.sampled(8)
@pytest.mark.parametrize("norm", [None, "backward", "ortho", "forward"])
@pytest.mark.parametrize("n", [None, 1, 2, 4, 7])
@pytest.mark.parametrize("name", ONE_AXIS)
def test_along_one_axis(name: str, n: Any, norm: Any) -> None:
    for axis in (-1, 1):
        agrees(name, argument(name)[0], n=n, axis=axis - 1, norm=norm)


@pytest.mark.parametrize("norm", [None, "ortho", "forward"])
@pytest.mark.parametrize(
    "options", [{}, {"axes": (1, 0)}, {"s": (2, 6), "axes": (0, 2)}, {"s": (-1, 3), "axes": (-1, 1)}]
)
@pytest.mark.parametrize("name", SEVERAL)
def test_along_several_axes(name: str, options: Any, norm: Any) -> None:
    agrees(name, argument(name), norm=norm, **options)


@pytest.mark.parametrize("name", ["fft", "ifft", "irfft", "hfft", "fftn"])
def test_of_real_numbers_and_of_integers(name: str) -> None:
    agrees(name, X)
    whole = np.arange(12).reshape(3, 4)
    np.testing.assert_array_equal(getattr(tl, name)(whole), getattr(np.fft, name)(whole))


@pytest.mark.parametrize("name", ["fftshift", "ifftshift"])
@pytest.mark.parametrize("axes", [None, 0, -1, (0, 2), [1]])
def test_shifts(name: str, axes: Any) -> None:
    agrees(name, X, axes=axes)


@pytest.mark.parametrize("kind", [np.float32, np.complex64])
def test_single_precision_stays(kind: Any) -> None:
    t = tl.Tensor(X.astype(kind), requires_grad=True)
    y = np.fft.fft(t)
    assert y.dtype == np.complex64
    np.abs(y).sum().backward()
    assert t.grad.dtype == kind
    y = np.fft.rfft(tl.Tensor(X.astype(np.float32), requires_grad=True))
    assert y.dtype == np.complex64
    assert np.fft.irfft(y).dtype == np.float32


def test_the_energy_is_that_of_the_numbers() -> None:
    gradient = tl.grad(lambda x: (np.abs(np.fft.fft(x, norm="ortho")) ** 2).sum())(X)
    np.testing.assert_allclose(gradient, 2 * X, atol=1e-14)
    gradient = tl.grad(lambda z: (np.abs(np.fft.ifftn(z, norm="ortho")) ** 2).sum())(Z)
    np.testing.assert_allclose(gradient, 2 * Z, atol=1e-14)


def test_a_convolution() -> None:
    a, b = X[0, 0], X[1, 1]

    def product(a: Any, b: Any) -> Any:
        return np.fft.irfft(np.fft.rfft(a, 9) * np.fft.rfft(b, 9), 9)

    np.testing.assert_allclose(product(a, b), np.convolve(a, b))
    J = tl.jacobian(product)(a, b)
    expected = [np.convolve(e, b) for e in np.eye(5)]
    np.testing.assert_allclose(J, np.transpose(expected), atol=1e-14)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: tl.fft(Z, 0), "n=0"),
        (lambda: tl.irfft(Z[..., :1]), "n=0"),
        (lambda: tl.fft(Z, norm="both"), "Invalid norm value both"),
        (lambda: tl.fft(Z, axis=3), "axis 3 is out of bounds"),
        (lambda: tl.fftn(Z, (2, 2), (0,)), "s has 2 lengths for 1 axes"),
        (lambda: tl.fft(tl.tensor(1.0)), "got a number"),
    ],
)
def test_what_cannot_be_transformed(call: Any, said: str) -> None:
    with pytest.raises((ValueError, IndexError), match=said):
        call()


@pytest.mark.parametrize("name", ["rfft", "ihfft", "rfftn"])
def test_transforms_of_real_numbers_refuse_complex_ones(name: str) -> None:
    with pytest.raises(TypeError, match="takes real numbers"):
        getattr(np.fft, name)(tl.Tensor(Z, requires_grad=True))


def test_an_axis_that_is_named_twice() -> None:
    x = np.arange(12.0).reshape(3, 4)
    np.testing.assert_allclose(np.fft.rfftn(tl.tensor(x), axes=(0, 0)).data, np.fft.rfftn(x, axes=(0, 0)))
