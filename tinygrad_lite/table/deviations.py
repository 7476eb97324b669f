"""Variances, standard deviations and lengths: squares of deviations, summed over axes."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

from .arrays import array, as_dtype_of, floating, max_over, some, sum_over, unbroadcast
from .ducks import DuckArray
from .joining import concatenate
from .leading import counting_axes
from .primitive import Primitive
from .reductions import WHERE, chosen_entries, entry_axes, entry_counts, mean, sum, with_axes, with_samples
from .registry import Sample, entry, primitive
from .shapes import Axes

STATISTICS_SAMPLES = with_samples(
    lambda r: Sample((r(2, 3),), {"ddof": 1, "axis": 1}),
    lambda r: Sample((r(4, 3),), {"where": WHERE, "axis": (0, 1), "ddof": 1}),
    lambda r: Sample((r(4, 3),), {"correction": 1, "axis": 0}),
    lambda r: Sample((r(4, 3),), {"mean": np.array([[0.5, 0.25, -1.0]], np.float32), "axis": 0}),
)


def taken_off(ddof: Any, correction: Any) -> Any:
    """What is taken off the number of entries, by either of its names."""
    if correction is None:
        return ddof
    if ddof:
        raise ValueError("ddof and correction are the same thing: give one of them")
    return correction


def deviations_from_mean(
    x: Any, axis: Axes, dtype: Any, where: Any, ddof: Any, correction: Any, keepdims: bool, around: Any
) -> tuple[Any, tuple[int, ...], Any]:
    """Deviations from the mean, the axes, and what the sum of their squares is divided by.

    As NumPy does, the dtype is that of the sums, and the entries keep theirs.
    """
    x = floating(array(x)) if dtype is None else array(x)
    if x.dtype == np.float16:
        x = x.astype(np.float32)
    axes = entry_axes(x, axis, where)
    deviations = x - (mean(x, axes, dtype=dtype, keepdims=True, where=where) if around is None else around)
    n = entry_counts(x, axes, where, keepdims) - taken_off(ddof, correction)
    deviations = chosen_entries(deviations, where, 0)
    if around is None:
        deviations = constant_if_alone(deviations, entry_counts(x, axes, where, True))
    deviations = real_parts(deviations, axes)
    return deviations, axes, n * (n > 0) + 0  # an infinite variance, not a negative one: no −0 either


def constant_if_alone(deviations: Any, counts: Any) -> Any:
    """The deviations from means of ``counts`` entries each: that of a single entry is 0, whatever the entry is."""
    alone = counts == 1
    return np.where(alone, 0, deviations) if some(alone) else deviations


def real_parts(x: Any, axes: tuple[int, ...]) -> Any:
    """Real numbers with the same sum of squares over the axes: of complex ones both parts, one behind the other."""
    if x.dtype.kind != "c":
        return x
    return concatenate([np.real(x), np.imag(x)], axes[0]) if axes else np.abs(x)


def as_asked(y: Any, x: Any, dtype: Any) -> Any:
    """``y`` in the dtype asked for, or in half precision as ``x``, whose deviations are in single precision."""
    asked = getattr(x, "dtype", None) if dtype is None else np.dtype(dtype)
    return y.astype(asked) if (dtype is not None or asked == np.float16) and asked != y.dtype else y


def sum_dtype(dtype: Any) -> Any:
    """What squares are summed in; half precision would overflow."""
    return None if dtype is None or np.dtype(dtype) == np.float16 else dtype


FAR: Final = 256.0
"""So many deviations from 0, a mean is rounded by two digits of them."""


def is_far(mean: Any, variance: Any) -> Any:
    """Where a mean is so far from 0 that its own rounding counts beside deviations from it."""
    with np.errstate(over="ignore"):
        return np.square(mean) > FAR**2 * variance


@entry(np.var, method=True, samples=STATISTICS_SAMPLES)
def var(
    x: Any,
    axis: Axes = None,
    *,
    dtype: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    """Σ (x − x̄)² / (n − ddof) over the given axes; ∂y/∂xᵢ = 2 (xᵢ − x̄) / (n − ddof).

    Parameters as for :func:`sum`, and

    ddof, correction : two names of what is taken off the number of entries
    mean : x̄ where it is known, with the reduced axes kept; the gradient flows to it then

    >>> tl.var(tl.tensor([1.0, 3.0]))
    Tensor(1.)
    """
    deviations, axes, n = deviations_from_mean(x, axis, dtype, where, ddof, correction, keepdims, mean)
    total = sum(np.square(deviations), axes, dtype=sum_dtype(dtype), keepdims=keepdims)
    return as_asked(as_dtype_of(total / n, total), x, dtype)


@cache
def smallest_safe(dtype: Any) -> float:
    """From this length on, what squares lose by underflow is less than rounding."""
    limits = np.finfo(dtype)
    return 32.0 * float(np.sqrt(limits.tiny / limits.eps))


@np.errstate(over="ignore")
def length(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """√Σ x², also where squares overflow or vanish: there of x over a power of two, which rounds nothing."""
    if x.dtype == np.float16:
        return length(x.astype(np.float32), axis, keepdims).astype(np.float16)
    y = np.sqrt(sum_over(x * x, axis, None, None, keepdims))
    if x.dtype.kind != "f" or not x.size:
        return y
    low = smallest_safe(x.dtype)
    if not y.ndim and type(y) is not DuckArray:
        return y if low <= y < np.inf or y != y else rescaled_length(x, axis, keepdims)
    unsafe = (y < low) | (y == np.inf)
    return np.where(unsafe, rescaled_length(x, axis, keepdims), y) if some(unsafe) else y


def rescaled_length(x: Any, axis: tuple[int, ...], keepdims: bool) -> Any:
    """√Σ x² of entries whose squares may be no numbers."""
    _, exponent = np.frexp(max_over(np.abs(x), axis, None, None, True))
    scaled = np.ldexp(x, -exponent)
    y = np.ldexp(np.sqrt(sum_over(scaled * scaled, axis, None, None, True)), exponent)
    return y if keepdims else y.squeeze(axis)


def _norm(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    return length(x, axis, keepdims)


def _direction(x: Any, n: Any, *, at_zero: float, p: float) -> Any:
    usual = (n > LARGEST_SUBNORMAL.get(n.dtype, 0.0)) & (n < np.inf)
    if not some(~usual):
        return x / n
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(n == 0, at_zero, x / np.where(n == 0, 1, n))
        if at_zero == 0 and np.ndim(x) == np.ndim(n) and np.size(x) >= np.size(n):
            y = np.where(alone_infinite(x, n), np.sign(x), y)
        if p:  # a length that is a multiple of the smallest number is rounded as no other
            length_of_it = unbroadcast(np.abs(y) ** p, n.shape) ** (1 / p)
            y = np.where((n > 0) & ~usual & (n < np.inf), y / length_of_it, y)
    return y if y.ndim else y[()]


def alone_infinite(x: Any, n: Any) -> Any:
    """Where an entry is the only infinite one of those of one length: the direction is its own."""
    infinite = np.isinf(x)
    return infinite & (unbroadcast(infinite.astype(int), n.shape) == 1)


LARGEST_SUBNORMAL: Final = {
    np.dtype(kind): np.nextafter(np.finfo(kind).tiny, kind(0))
    for kind in (np.float64, np.float32, np.float16, np.longdouble)
}

direction_p: Primitive = primitive(
    _direction,
    broadcasts=True,
    # at length 0 a norm has a slope by convention, and no second derivative
    x=lambda g, n: direction_p(g, n, at_zero=np.nan, p=0.0),
    n=lambda g, y, n: -direction_p(g * y, n, at_zero=np.nan, p=0.0),
)
"""x over a length n, which is that of x by (Σ |x|ᵖ)^(1/p) where there is a p; at length 0 what is given."""

norm_p = primitive(
    _norm,
    definition=lambda x, *, axis, keepdims: np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims)),
    leading=counting_axes,
    x=lambda g, x, y, axis: with_axes(g, axis, x.ndim) * direction_p(x, with_axes(y, axis, x.ndim), at_zero=0.0, p=2.0),
)


@entry(np.std, method=True, samples=STATISTICS_SAMPLES)
def std(
    x: Any,
    axis: Axes = None,
    *,
    dtype: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    where: Any = True,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    """y = √(Σ (x − x̄)² / (n − ddof)) over the given axes; ∂y/∂xᵢ = (xᵢ − x̄) / (y (n − ddof)), taken as 0 at y = 0.

    >>> tl.grad(tl.std)(np.array([2.0, 2.0]))
    array([0., 0.])
    """
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        whole = var(x, axis, dtype=dtype, ddof=ddof, keepdims=keepdims, where=where, mean=mean, correction=correction)
        return as_dtype_of(np.sqrt(whole), whole)
    deviations, axes, n = deviations_from_mean(x, axis, dtype, where, ddof, correction, keepdims, mean)
    return as_asked(norm_p(deviations, axis=axes, keepdims=bool(keepdims)) / n**0.5, x, dtype)
