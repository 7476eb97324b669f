"""Fourier transforms.

A transform multiplies by a symmetric matrix, so the transpose of ``fft`` is ``fft``, with the same norm. That of
``rfft``, whose output is half of the whole, is ``irfft`` with weights: the numbers that stand for two count once.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .arrays import array, zeros
from .elsewhere import placed_beside
from .indexing import roll
from .joining import concatenate
from .leading import counting_axes
from .primitive import Primitive
from .registry import Sample, entry, primitive

Norm = str | None
Axes = Sequence[int] | None

OTHER_WAY: Final[dict[Norm, Norm]] = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}
"""The norm with which the inverse transform has the factor of a transform."""


def _fft(x: Any, *, axis: int, norm: Any) -> Any:
    return np.fft.fft(x, None, axis, norm)


def _ifft(x: Any, *, axis: int, norm: Any) -> Any:
    return np.fft.ifft(x, None, axis, norm)


def _rfft(x: Any, *, axis: int, norm: Any) -> Any:
    return np.fft.rfft(x, None, axis, norm)


def _irfft(x: Any, *, n: int, axis: int, norm: Any) -> Any:
    return np.fft.irfft(x, n, axis, norm)


fft_p: Primitive = primitive(
    _fft, linear=True, leading=counting_axes, x=lambda g, axis, norm: fft_p(g, axis=axis, norm=norm)
)
ifft_p: Primitive = primitive(
    _ifft, linear=True, leading=counting_axes, x=lambda g, axis, norm: ifft_p(g, axis=axis, norm=norm)
)
rfft_p: Primitive = primitive(
    _rfft,
    linear=True,
    leading=counting_axes,
    x=lambda g, axis, norm, x_shape: irfft_p(
        np.conj(g) * placed_beside(weights(x_shape[axis], axis, len(x_shape), 0.5), g),
        n=x_shape[axis],
        axis=axis,
        norm=OTHER_WAY[norm],
    ),
)
irfft_p: Primitive = primitive(
    _irfft,
    linear=True,
    leading=counting_axes,
    x=lambda g, n, axis, norm, x_shape: (
        np.conj(rfft_p(g, axis=axis, norm=OTHER_WAY[norm])) * placed_beside(weights(n, axis, len(x_shape), 2.0), g)
    ),
)


def weights(n: int, axis: int, ndim: int, twice: float) -> Any:
    """For the half of a transform of n real numbers: 1 where one number stands for itself, else ``twice``."""
    w = np.full(n // 2 + 1, np.float32(twice))  # exact, and as narrow as any
    w[0] = 1
    if n % 2 == 0:
        w[-1] = 1
    return w.reshape([w.size if k == axis else 1 for k in range(ndim)])


def resized(x: Any, n: int, axis: int, name: str) -> Any:
    """``x`` with n entries along an axis: cut, or filled up with zeros."""
    if n < 1:
        raise ValueError(f"{name}: a transform is of one number or more; got n={n}")
    missing = n - x.shape[axis]
    if missing == 0:
        return x
    if missing < 0:
        return x[(*[slice(None)] * axis, slice(n))]
    return concatenate([x, zeros([missing if k == axis else m for k, m in enumerate(x.shape)], x.dtype, x)], axis)


def prepared(x: Any, n: int | None, axis: int, name: str, *, real: bool = False) -> tuple[Any, int]:
    """An argument with the asked number of entries along an axis, and the axis from 0."""
    x = array(x)
    if real and x.dtype.kind == "c":
        raise TypeError(f"{name}: takes real numbers, got {x.dtype}; fft takes complex ones")
    if not x.ndim:
        raise ValueError(f"{name}: takes an array with an axis to transform along, got a number")
    axis = normalize_axis_index(operator.index(axis), x.ndim)
    return resized(x, x.shape[axis] if n is None else operator.index(n), axis, name), axis


def checked_norm(norm: Norm) -> Norm:
    """The norm itself; ValueError for what is none."""
    if norm not in OTHER_WAY:
        raise ValueError(f'Invalid norm value {norm}; should be "backward", "ortho" or "forward".')
    return norm


def one_axis(r: Any, *, real: bool) -> list[Sample]:
    """Lengths that are even, odd, cut and filled up; axes; norms."""
    extra = 0 if real else 1j * r(3, 4)
    return [
        Sample((r(3, 4) + extra,)),
        Sample((r(5),)),
        Sample((r(3, 4) + extra, 3)),
        Sample((r(3, 4) + extra, 6), {"norm": "ortho"}),
        Sample((r(3, 4) + extra,), {"axis": 0, "norm": "forward"}),
        Sample((r(3, 4) + extra,), {"axis": -2, "n": 1, "norm": "backward"}),
    ]


@entry(np.fft.fft, samples=lambda r: one_axis(r, real=False))
def fft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """yₖ = Σⱼ aⱼ e^(−2πi jk/n) along an axis; linear, and its own transpose.

    Parameters
    ----------
    n : how many entries to transform: more are cut off, missing ones are 0; by default all
    axis : along which
    norm : "backward" (the default), "ortho" or "forward": the sum is divided by 1, √n or n

    Raises ValueError for n below 1 and for other norms.

    >>> tl.fft(tl.tensor([1.0, 0.0, 0.0, 0.0])).real
    Tensor([1., 1., 1., 1.])
    """
    a, axis = prepared(a, n, axis, "fft")
    return fft_p(a, axis=axis, norm=checked_norm(norm))


@entry(np.fft.ifft, samples=lambda r: one_axis(r, real=False))
def ifft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """yₖ = (1/n) Σⱼ aⱼ e^(2πi jk/n) along an axis, the inverse of :func:`fft`; parameters as there.

    >>> tl.ifft(tl.tensor([4.0, 0.0, 0.0, 0.0])).real
    Tensor([1., 1., 1., 1.])
    """
    a, axis = prepared(a, n, axis, "ifft")
    return ifft_p(a, axis=axis, norm=checked_norm(norm))


@entry(np.fft.rfft, samples=lambda r: one_axis(r, real=True))
def rfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """The first n//2 + 1 entries of :func:`fft` of real numbers: the others are their conjugates. Parameters as there.

    >>> tl.rfft(tl.tensor([1.0, 0.0, 0.0, 0.0])).real
    Tensor([1., 1., 1.])
    """
    a, axis = prepared(a, n, axis, "rfft", real=True)
    return rfft_p(a, axis=axis, norm=checked_norm(norm))


@entry(np.fft.irfft, samples=lambda r: [sample for sample in one_axis(r, real=False) if sample.kwargs.get("n") != 1])
def irfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """yⱼ = (1/n) Σₖ aₖ e^(2πi jk/n): the n real numbers, by default 2 (m − 1), whose :func:`rfft` is ``a``.

    >>> tl.irfft(tl.tensor([1.0, 1.0, 1.0]))
    Tensor([1., 0., 0., 0.])
    """
    a = array(a)
    if n is None and a.ndim:
        n = 2 * (a.shape[normalize_axis_index(operator.index(axis), a.ndim)] - 1)
    length = 1 if n is None else operator.index(n)
    if length < 1:
        raise ValueError(f"irfft: a transform is of one number or more; got n={length}")
    a, axis = prepared(a, length // 2 + 1, axis, "irfft")
    return irfft_p(a, n=length, axis=axis, norm=checked_norm(norm))


@entry(np.fft.hfft, samples=lambda r: [Sample((r(4) + 1j * r(4),)), Sample((r(2, 4) + 1j, 5, 1, "ortho"))])
def hfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """yₖ = Σⱼ aⱼ e^(−2πi jk/n): n real numbers, for ``a`` is the first half, and the others are its conjugates.

    >>> tl.hfft(tl.tensor([1.0, 0.0, 0.0]))
    Tensor([1., 1., 1., 1.])
    """
    return irfft(np.conj(array(a)), n, axis, OTHER_WAY[checked_norm(norm)])


@entry(np.fft.ihfft, samples=lambda r: [Sample((r(4),)), Sample((r(2, 4), 5, 1, "ortho"))])
def ihfft(a: Any, n: int | None = None, axis: int = -1, norm: Norm = None) -> Any:
    """yⱼ = (1/n) Σₖ aₖ e^(2πi jk/n): the first half of them, for real ``a``; the inverse of :func:`hfft`.

    >>> tl.ihfft(tl.tensor([1.0, 1.0, 1.0, 1.0])).real
    Tensor([1., 0., 0.])
    """
    return np.conj(rfft(a, n, axis, OTHER_WAY[checked_norm(norm)]))


# ---------------------------------------------------------------------------------------------------------------------
# Several axes, one after the other


def lengths_and_axes(x: Any, s: Axes, axes: Axes, name: str) -> list[tuple[int | None, int]]:
    """For each axis to transform along how many entries; None for what the transform takes by default."""
    if axes is None:
        axes = range(x.ndim) if s is None else range(-len(s), 0)
    if s is None:
        return [(None, axis) for axis in axes]
    if len(s) != len(axes):
        raise ValueError(f"{name}: s has {len(s)} lengths for {len(axes)} axes")
    return [(x.shape[axis] if n == -1 else n, axis) for n, axis in zip(s, axes, strict=True)]


def along_all(transform: Callable[..., Any], x: Any, pairs: list[tuple[int | None, int]], norm: Norm) -> Any:
    """A transform along one axis after the other, in NumPy's order: the last first."""
    for n, axis in reversed(pairs):
        x = transform(x, n, axis, norm)
    return x


def several_axes(r: Any, *, real: bool) -> list[Sample]:
    """All axes, some with lengths, some in another order."""
    extra = 0 if real else 1j * r(2, 3, 4)
    return [
        Sample((r(2, 3, 4) + extra,)),
        Sample((r(2, 3, 4) + extra, (2, 5)), {"axes": (0, 2), "norm": "ortho"}),
        Sample((r(2, 3, 4) + extra,), {"axes": (1, 0), "norm": "forward"}),
    ]


@entry(np.fft.fftn, composed=True, samples=lambda r: several_axes(r, real=False))
def fftn(a: Any, s: Axes = None, axes: Axes = None, norm: Norm = None) -> Any:
    """:func:`fft` along several axes, by default all.

    Parameters
    ----------
    s : how many entries to transform along each axis; −1 for all
    axes : along which

    >>> tl.fftn(tl.tensor([[1.0, 0.0], [0.0, 0.0]])).real
    Tensor([[1., 1.],
            [1., 1.]])
    """
    a = array(a)
    return along_all(fft, a, lengths_and_axes(a, s, axes, "fftn"), norm)


@entry(np.fft.ifftn, composed=True, samples=lambda r: several_axes(r, real=False))
def ifftn(a: Any, s: Axes = None, axes: Axes = None, norm: Norm = None) -> Any:
    """:func:`ifft` along several axes; parameters as for :func:`fftn`.

    >>> tl.ifftn(tl.tensor([[4.0, 0.0], [0.0, 0.0]])).real
    Tensor([[1., 1.],
            [1., 1.]])
    """
    a = array(a)
    return along_all(ifft, a, lengths_and_axes(a, s, axes, "ifftn"), norm)


@entry(np.fft.rfftn, composed=True, samples=lambda r: several_axes(r, real=True))
def rfftn(a: Any, s: Axes = None, axes: Axes = None, norm: Norm = None) -> Any:
    """y = fft(rfft(a)): :func:`rfft` along the last of several axes, :func:`fft` along the others.

    Parameters as for :func:`fftn`.

    >>> tl.rfftn(tl.tensor([[1.0, 0.0], [0.0, 0.0]])).real
    Tensor([[1., 1.],
            [1., 1.]])
    """
    a = array(a)
    *others, (n, last) = lengths_and_axes(a, s, axes, "rfftn")
    others = [(a.shape[axis] if n is None else n, axis) for n, axis in others]  # of an axis named twice, what it was
    return along_all(fft, rfft(a, n, last, norm), others, norm)


@entry(np.fft.irfftn, composed=True, samples=lambda r: several_axes(r, real=False))
def irfftn(a: Any, s: Axes = None, axes: Axes = None, norm: Norm = None) -> Any:
    """y = irfft(ifft(a)): :func:`irfft` along the last of several axes, :func:`ifft` along the others.

    Parameters as for :func:`fftn`.

    >>> tl.irfftn(tl.tensor([[1.0, 1.0], [1.0, 1.0]]))
    Tensor([[1., 0.],
            [0., 0.]])
    """
    a = array(a)
    *others, (n, last) = lengths_and_axes(a, s, axes, "irfftn")
    return irfft(along_all(ifft, a, others[::-1], norm), n, last, norm)


def two_axes(r: Any, *, real: bool) -> list[Sample]:
    """The last two axes, and others."""
    extra = 0 if real else 1j * r(3, 4)
    return [Sample((r(3, 4) + extra,)), Sample((r(3, 4) + extra, (2, 6), (1, 0), "ortho"))]


@entry(np.fft.fft2, composed=True, samples=lambda r: two_axes(r, real=False))
def fft2(a: Any, s: Axes = None, axes: Axes = (-2, -1), norm: Norm = None) -> Any:
    """:func:`fftn` of two axes, by default the last.

    >>> tl.fft2(tl.tensor([[1.0, 0.0], [0.0, 0.0]])).real
    Tensor([[1., 1.],
            [1., 1.]])
    """
    return fftn(a, s, axes, norm)


@entry(np.fft.ifft2, composed=True, samples=lambda r: two_axes(r, real=False))
def ifft2(a: Any, s: Axes = None, axes: Axes = (-2, -1), norm: Norm = None) -> Any:
    """:func:`ifftn` of two axes, by default the last.

    >>> tl.ifft2(tl.tensor([[4.0, 0.0], [0.0, 0.0]])).real
    Tensor([[1., 1.],
            [1., 1.]])
    """
    return ifftn(a, s, axes, norm)


@entry(np.fft.rfft2, composed=True, samples=lambda r: two_axes(r, real=True))
def rfft2(a: Any, s: Axes = None, axes: Axes = (-2, -1), norm: Norm = None) -> Any:
    """y = fft(rfft(a)): :func:`rfftn` of two axes, by default the last.

    >>> tl.rfft2(tl.tensor([[1.0, 0.0], [0.0, 0.0]])).real
    Tensor([[1., 1.],
            [1., 1.]])
    """
    return rfftn(a, s, axes, norm)


@entry(np.fft.irfft2, composed=True, samples=lambda r: two_axes(r, real=False))
def irfft2(a: Any, s: Axes = None, axes: Axes = (-2, -1), norm: Norm = None) -> Any:
    """y = irfft(ifft(a)): :func:`irfftn` of two axes, by default the last.

    >>> tl.irfft2(tl.tensor([[1.0, 1.0], [1.0, 1.0]]))
    Tensor([[1., 0.],
            [0., 0.]])
    """
    return irfftn(a, s, axes, norm)


# ---------------------------------------------------------------------------------------------------------------------
# The zero frequency in the middle


def shifted(x: Any, axes: Any, by: Callable[[int], int]) -> Any:
    """``x`` turned round along axes, by a number of places that depends on their length."""
    x = array(x)
    along = range(x.ndim) if axes is None else (axes,) if isinstance(axes, (int, np.integer)) else tuple(axes)
    return roll(x, tuple([by(x.shape[axis]) for axis in along]), tuple(along))


def shifts(r: Any) -> list[Sample]:
    """All axes, one, several."""
    return [Sample((r(5),)), Sample((r(2, 3),), {"axes": 1}), Sample((r(4, 3), (0, 1)))]


@entry(np.fft.fftshift, samples=shifts)
def fftshift(x: Any, axes: Any = None) -> Any:
    """The entries turned round by half an axis, so that the frequency 0 is in the middle; by default along all axes.

    >>> tl.fftshift(tl.tensor([0.0, 1.0, 2.0, -2.0, -1.0]))
    Tensor([-2., -1.,  0.,  1.,  2.])
    """
    return shifted(x, axes, lambda n: n // 2)


@entry(
    np.fft.ifftshift, samples=lambda r: [Sample((r(5),)), Sample((r(2, 3),), {"axes": 1}), Sample((r(4, 3), (0, 1)))]
)
def ifftshift(x: Any, axes: Any = None) -> Any:
    """The inverse of :func:`fftshift`.

    >>> tl.ifftshift(tl.tensor([-2.0, -1.0, 0.0, 1.0, 2.0]))
    Tensor([ 0.,  1.,  2., -2., -1.])
    """
    return shifted(x, axes, lambda n: -(n // 2))
