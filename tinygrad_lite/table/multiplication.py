"""Products over axes and along them, whose factors may be far from 1 where the product is not."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .arrays import HALF, array, some, sum_over, values
from .ducks import DuckArray
from .elsewhere import placed_beside
from .floats import ldexp_p
from .joining import concatenate
from .primitive import Primitive
from .reductions import WHERE, as_initial, axes_of, chosen_entries, count, in_asked, with_axes, with_samples
from .registry import Sample, entry, primitive
from .shapes import Axes, copy, line_and_axis, moveaxis, reshape, wide


def halves(x: Any) -> Any:
    """The product over the last axis, by pairs: every derivative is right at zeros too, where y/x is not."""
    while (n := x.shape[-1]) > 1:
        pairs = x[..., : n - n % 2 : 2] * x[..., 1::2]
        x = concatenate([pairs, x[..., -1:]], -1) if n % 2 else pairs
    return x[(slice(None),) * (x.ndim - 1) + (0,)] if n else placed_beside(np.ones(x.shape[:-1], x.dtype), x)[()]


def shifts(x: Any) -> Any:
    """Exponents of 2 to take off the entries along the last axis, so that no product of neighbours is far from 1.

    None where products of neighbours are numbers as it is: where all go one way, and none to 0, none is farther from 1
    than the whole.
    """
    numbers = values(x)
    if numbers.dtype.kind != "f" or numbers.shape[-1] < 2:
        return None
    _, exponents = np.frexp(numbers)
    up, down = (sum_over(np.maximum(e, 0), -1) for e in (exponents, -exponents))
    far = up + down > np.finfo(numbers.dtype).maxexp // 2
    if not some(far) or not some(far & (up > 0) & ((down > 0) | (numbers == 0).any(axis=-1))):
        return None
    sizes = np.abs(numbers)
    logarithms = np.log2(np.where((sizes > 0) & (sizes < np.inf), sizes, 1).astype(float))
    return np.diff(np.rint(np.cumsum(logarithms, axis=-1)).astype(int), axis=-1, prepend=0)


def _product(x: Any, *, by: Any) -> Any:
    with np.errstate(over="ignore"):
        return np.ldexp(halves(np.ldexp(x, -by)), sum_over(by, -1))


def _times_others(c: Any, x: Any, *, by: Any) -> Any:
    near = np.ldexp(x, -by)
    one = np.ones_like(near[..., :1])
    before = concatenate([one, running_products(near[..., :-1], x.ndim - 1)], -1)
    after = concatenate([one, running_products(near[..., :0:-1], x.ndim - 1)], -1)[..., ::-1]
    return np.ldexp(c * (before * after), by.sum(axis=-1, keepdims=True) - by)


def through_others(g: Any, c: Any, x: Any) -> Any:
    """Σᵢ gᵢ cᵢ times all entries but i and k, for each k: of each i the product by itself, with shifts of its own."""
    others = placed_beside(~np.eye(x.shape[-1], dtype=bool), x)
    lines = np.where(others, x[..., None, :], 1)
    factors = concatenate([np.broadcast_to(c, x.shape)[..., None], lines], -1)
    by = shifts(factors)
    terms = times_others(g[..., None], factors, by=np.zeros(factors.shape, int) if by is None else by)
    return sum_over(np.where(others, terms[..., 1:], 0), -2)


times_others: Primitive = primitive(
    _times_others,
    broadcasts=True,
    elementwise=False,
    c=lambda g, x, by: times_others(g, x, by=by),
    x=lambda g, c, x, by: through_others(g, c, x),
)
"""For each entry along the last axis c times all others: none overflows that is a number, and 0 stays 0."""

product_p = primitive(_product, x=lambda g, x, by: times_others(g[..., None], x, by=by))


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
    by = shifts(lines)
    y = in_asked(halves(lines) if by is None else product_p(lines, by=by), dtype)
    if initial is not None:
        y = y * as_initial(initial, y)
    elif last.size == y.size:
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
    if (by := shifts(moveaxis(x, place, -1))) is not None:
        by, ends = [np.moveaxis(e, -1, place) for e in (by, np.cumsum(by, axis=-1))]
        serve = np.abs(ends).max() < np.finfo(x.dtype).maxexp - 30
        if type(by) is DuckArray:  # whose numbers are not looked at
            serve = serve & serve.kind.asserted(serve | ~comes_back(values(x), ends, place), COMES_BACK)
            by, ends = by * serve, ends * serve
        elif not serve and comes_back(values(x), ends, place):
            return in_asked(products_by_themselves(x, place), dtype)
        if some(serve):
            return in_asked(ldexp_p(running_products(ldexp_p(x, exponent=-by), place), exponent=ends), dtype)
    return in_asked(running_products(x, place) if x.shape[place] > 1 else copy(x), dtype)


COMES_BACK: Final = (
    "cumprod: running products leave the range of floats and come back, which nothing can look at here: take those "
    "that are needed by themselves, np.prod(x[:k]), or call it outside tl.compile, of arrays in memory"
)


def comes_back(x: Any, ends: Any, place: int) -> Any:
    """Whether running products, of about 2ᵉ for the exponents given, are numbers again after some that were not."""
    there = np.abs(ends) < np.finfo(x.dtype).maxexp
    back = there | (np.cumsum(x == 0, axis=place) > 0)
    return (back & (np.cumsum(~there, axis=place) > 0)).any()


def products_by_themselves(x: Any, place: int) -> Any:
    """The running products, each of its own factors: none is made of another, which may be no number."""
    last = moveaxis(x, place, -1)
    factors = np.where(np.tri(last.shape[-1], dtype=bool), last[..., None, :], 1)
    return moveaxis(prod(factors, -1), -1, place)


def running_products(x: Any, place: int) -> Any:
    """The running products along an axis, by doubling."""
    before = (slice(None),) * place
    step = 1
    while step < x.shape[place]:
        later = x[(*before, slice(step, None))] * x[(*before, slice(-step))]
        x = concatenate([x[(*before, slice(step))], later], place)
        step *= 2
    return x
