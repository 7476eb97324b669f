"""Products over axes and along them, whose factors may be far from 1 where the product is not."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import HALF, array, sum_over, values
from .ducks import DuckArray
from .elsewhere import placed_beside
from .joining import concatenate
from .primitive import Primitive
from .reductions import WHERE, as_initial, axes_of, chosen_entries, count, in_asked, with_axes, with_samples
from .registry import Sample, entry, primitive
from .scaled import normalized, products_of, running, to_floats, weighted_rest
from .shapes import Axes, copy, line_and_axis, moveaxis, reshape, wide


def halves(x: Any) -> Any:
    """The product over the last axis, by pairs: every derivative is right at zeros too, where y/x is not."""
    while (n := x.shape[-1]) > 1:
        pairs = x[..., : n - n % 2 : 2] * x[..., 1::2]
        x = concatenate([pairs, x[..., -1:]], -1) if n % 2 else pairs
    return x[(slice(None),) * (x.ndim - 1) + (0,)] if n else placed_beside(np.ones(x.shape[:-1], x.dtype), x)[()]


def is_far(x: Any) -> bool:
    """Whether products of some entries along the last axis may leave the range of floats where that of all may not.

    They cannot where all entries are at most 1: the product of all is no larger. Of what is not looked at they may.
    """
    numbers = values(x)
    if numbers.dtype.kind != "f" or numbers.shape[-1] < 2:
        return False
    return type(numbers) is DuckArray or leaves_the_range(numbers)


def leaves_the_range(x: Any) -> bool:
    """The same of numbers."""
    _, exponents = np.frexp(x)
    most = np.finfo(x.dtype).maxexp // 2
    is_infinite = bool(np.isinf(x).any())
    if not is_infinite and (sum_over(np.maximum(exponents, 1 - exponents), -1) <= most).all():
        return False
    sizes = np.abs(x)
    if (sizes <= 1).all():
        return False
    return is_infinite or bool((sum_over(np.abs(logarithms(sizes)), -1) > most).any())


def logarithms(sizes: Any) -> Any:
    """Those to base 2, and 0 of what has none."""
    return np.log2(np.where((sizes > 0) & (sizes < np.inf), sizes, 1).astype(float))


def shifts(x: Any) -> Any:
    """Exponents of 2 to take off the entries along the last axis, so that no product of neighbours is far from 1."""
    whole = np.rint(np.cumsum(logarithms(np.abs(x)), axis=-1)).astype(int)
    return np.diff(whole, axis=-1, prepend=0)


def product_to_scale(x: Any) -> Any:
    """The product, of entries any products of which may leave the range."""
    by = shifts(x)
    with np.errstate(over="ignore"):
        return np.ldexp(halves(np.ldexp(x, -by)), sum_over(by, -1))


def _product(x: Any) -> Any:
    return product_to_scale(x) if leaves_the_range(x) else halves(x)


def others_to_scale(c: Any, x: Any) -> Any:
    """c times all other entries, of which any products may leave the range."""
    by = shifts(x)
    with np.errstate(over="ignore", invalid="ignore"):
        product = others(np.ldexp(x, -by))
        weighted = np.where((c == 0) & np.isinf(product), 0, c * product)  # of no weight, an infinite entry is none
        return np.ldexp(weighted, by.sum(axis=-1, keepdims=True) - by)


def others(x: Any) -> Any:
    """For each entry along the last axis the product of all others."""
    one = np.ones_like(x[..., :1])
    before = concatenate([one, running_products(x[..., :-1], x.ndim - 1)], -1)
    after = concatenate([one, running_products(x[..., :0:-1], x.ndim - 1)], -1)[..., ::-1]
    return before * after


def _times_others(c: Any, x: Any) -> Any:
    return others_to_scale(c, x) if leaves_the_range(x) else c * others(x)


def through_others(g: Any, c: Any, x: Any) -> Any:
    """Σᵢ gᵢ cᵢ times all entries but i and k, for each k: of each i the product by itself."""
    apart = placed_beside(~np.eye(x.shape[-1], dtype=bool), x)
    lines = np.where(apart, x[..., None, :], 1)
    factors = concatenate([np.broadcast_to(c, x.shape)[..., None], lines], -1)
    terms = times_others(g[..., None], factors)
    return sum_over(np.where(apart, terms[..., 1:], 0), -2)


times_others: Primitive = primitive(
    _times_others,
    plain=others_to_scale,
    broadcasts=True,
    elementwise=False,
    c=lambda g, x: times_others(g, x),
    x=lambda g, c, x: through_others(g, c, x),
)
"""For each entry along the last axis c times all others: none overflows that is a number, and 0 stays 0."""

product_p = primitive(_product, plain=product_to_scale, x=lambda g, x: times_others(g[..., None], x))


@entry(
    np.prod,
    method=True,
    samples=with_samples(
        lambda r: Sample((r(2, 5),), {"axis": 1}),
        lambda r: Sample((r(3, 3) * np.array([1.0, 0.0, 1.0]),), {"axis": 0}),
        lambda r: Sample((np.array([0.0, 2.0, 0.0, 3.0]),)),
        lambda r: Sample((r(2, 3),), {"where": WHERE, "initial": 2.0}),
    ),
)
def prod(
    x: Any, axis: Axes = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True
) -> Any:
    """Π x over the given axes; ∂y/∂xᵢ is the product of the others, also where some are 0.

    Multiplied in pairs, so that the derivative needs no division. Parameters as for :func:`sum`.

    >>> tl.grad(tl.prod)(np.array([0.0, 2.0, 3.0]))
    array([6., 0., 0.])
    """
    x = array(x) if dtype is None else array(x).astype(dtype)
    if x.dtype is HALF:
        return prod(x.astype(np.float32), axis, keepdims=keepdims, initial=initial, where=where).astype(HALF)
    axes = axes_of(x, axis)
    x = chosen_entries(wide(x), where, 1)
    last = moveaxis(x, axes, tuple(range(x.ndim - len(axes), x.ndim)))
    lines = reshape(last, (*last.shape[: x.ndim - len(axes)], count(x.shape, axes)))
    if initial is not None:  # one factor more
        first = np.broadcast_to(as_initial(initial, lines), (*lines.shape[:-1], 1))
        lines = concatenate([first.astype(lines.dtype), lines], -1)
    y = in_asked(product_p(lines) if is_far(lines) else halves(lines), dtype)
    if initial is None and last.size == y.size:
        y = copy(y)  # nothing was multiplied, and y is a view
    return with_axes(y, axes, x.ndim) if keepdims else y


@entry(
    np.cumprod,
    method=True,
    samples=lambda r: [
        Sample((r(2, 3),)),
        Sample((r(2, 5),), {"axis": 1}),
        Sample((np.array([1.0, 0.0, 2.0, 0.0, 3.0]),)),
        Sample((r(0),)),
    ],
)
def cumprod(x: Any, axis: int | None = None, *, dtype: Any = None) -> Any:
    """Running products along an axis, or of ``ravel(x)``: yₖ = Πᵢ₌₀..ₖ xᵢ. Its derivative is right at zeros too.

    By doubling (Hillis and Steele, "Data parallel algorithms", 1986): log₂ n multiplications of whole arrays.

    >>> tl.cumprod(tl.tensor([1.0, 2.0, 3.0]))
    Tensor([1., 2., 6.])
    """
    x, place = line_and_axis(x, axis)
    x = wide(x if dtype is None else x.astype(dtype))
    if x.dtype is HALF:
        return cumprod(x.astype(np.float32), place).astype(HALF)
    last = moveaxis(x, place, -1)
    if is_far(last):
        return in_asked(moveaxis(running_p(last), -1, place), dtype)
    return in_asked(running_products(x, place) if x.shape[place] > 1 else copy(x), dtype)


def running_to_scale(x: Any) -> Any:
    """The running products along the last axis; none is made of another that is no number."""
    return to_floats(running(normalized(x, 0)))


def _running(x: Any) -> Any:
    return running_to_scale(x) if leaves_the_range(x) else running_products(x, x.ndim - 1)


def _through_running(c: Any, x: Any) -> Any:
    ones = np.ones_like(x[..., :1])
    before = running(normalized(concatenate([ones, x[..., :-1]], -1), 0))
    rest = weighted_rest(normalized(c, 0), normalized(concatenate([x[..., 1:], ones], -1), 0))
    return to_floats(products_of(before, rest))


def lines_up_to(x: Any) -> tuple[Any, Any]:
    """For each running product its factors, among ones; and where these are."""
    there = placed_beside(np.tri(x.shape[-1], dtype=bool), x)
    return np.where(there, x[..., None, :], 1), there


def along_running(g: Any, x: Any) -> Any:
    """Σᵢ gᵢ times all factors of the k-th running product but i, for each k."""
    lines, there = lines_up_to(x)
    return sum_over(np.where(there, times_others(g[..., None, :], lines), 0), -1)


def through_lines(g: Any, c: Any, x: Any) -> Any:
    """The derivative of Σᵢ gᵢ times that of the running products, with weights c."""
    lines, there = lines_up_to(x)
    terms = through_others(np.where(there, g[..., None, :], 0), c[..., None], lines)
    return sum_over(np.where(there, terms, 0), -2)


through_running: Primitive = primitive(
    _through_running, c=lambda g, x: along_running(g, x), x=lambda g, c, x: through_lines(g, c, x)
)
"""Σₖ cₖ times all factors of the k-th running product but i, for each i ≤ k."""

running_p = primitive(_running, plain=running_to_scale, x=lambda g, x: through_running(g, x))


def running_products(x: Any, place: int) -> Any:
    """The running products along an axis, by doubling."""
    before = (slice(None),) * place
    step = 1
    while step < x.shape[place]:
        later = x[(*before, slice(step, None))] * x[(*before, slice(-step))]
        x = concatenate([x[(*before, slice(step))], later], place)
        step *= 2
    return x
