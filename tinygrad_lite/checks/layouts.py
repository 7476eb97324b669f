"""In which ways a claim's array can be the derivative, or a part of it: by shape, by layout, by place.

The derivative's own shape is x's for a gradient and ``y.shape + x.shape`` for a Jacobian. Numbers that are right in
another arrangement are right, and a remark says in which. A transposed matrix is another derivative: that one is read
only where the layout was declared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from .claims import in_derivatives_shape

Layout = Literal["numerator", "denominator"]

Shape = tuple[int, ...]

Paired = tuple[Any, Any] | None
"""A claim and the derivative, or its part, in one shape; None where they do not fit."""

MOST_PARTS: Final = 100_000
"""Numbers compared to find out which part of a derivative is claimed."""


class Reading(NamedTuple):
    """A way to read a claim.

    Attributes
    ----------
    remark : what is to be said of it, with ``{}`` for the claim's shape and the derivative's; none for the usual ones
    pair : of a claim, a derivative, y's shape and x's, both in one shape
    is_whole : whether all of the derivative is claimed
    """

    remark: str
    pair: Callable[[Any, Any, Shape, Shape], Paired]
    is_whole: bool = True

    def said(self, claim: Any, truth: Any) -> str:
        """The remark for such a claim."""
        return self.remark.replace("{claim}", str(claim.shape)).replace("{truth}", str(truth.shape))


def squeezed(shape: Shape) -> Shape:
    """A shape without its axes of length 1."""
    return tuple([n for n in shape if n != 1])


# ---------------------------------------------------------------------------------------------------------------------
# The whole derivative


def usual(claim: Any, truth: Any, y_shape: Shape, x_shape: Shape) -> Paired:
    """The derivative's shape; of a Jacobian, its diagonal, or its block for each row."""
    fitted = in_derivatives_shape(claim, truth, y_shape, x_shape)
    return None if fitted is None else (fitted, truth)


def same_numbers(claim: Any, truth: Any, y_shape: Shape, x_shape: Shape) -> Paired:  # noqa: ARG001 (a Reading)
    """The same axes but for those of length 1."""
    return (claim.reshape(truth.shape), truth) if squeezed(claim.shape) == squeezed(truth.shape) else None


def by_rows(claim: Any, truth: Any, y_shape: Shape, x_shape: Shape) -> Paired:
    """A matrix of y's entries by x's."""
    fits = claim.shape == (math.prod(y_shape), math.prod(x_shape))
    return (claim.reshape(truth.shape), truth) if fits else None


def by_columns(claim: Any, truth: Any, y_shape: Shape, x_shape: Shape) -> Paired:
    """The same, with entries counted down the columns, as vec does."""
    if claim.shape != (math.prod(y_shape), math.prod(x_shape)):
        return None
    axes = (*range(len(y_shape))[::-1], *range(len(y_shape), len(y_shape) + len(x_shape))[::-1])
    return claim.reshape(y_shape[::-1] + x_shape[::-1]).transpose(axes), truth


def with_blocks(blocks: Any, truth: Any, y_shape: Shape, shared: int, first: bool) -> Any:
    """A Jacobian that is 0 but where y's axes and x's, so many of the first or of the last, have the same index."""
    n, m = len(y_shape), truth.ndim - len(y_shape)
    y_axes = range(shared) if first else range(n - shared, n)
    x_axes = range(n, n + shared) if first else range(n + m - shared, n + m)
    whole = np.zeros(truth.shape)
    moved = np.moveaxis(whole, (*y_axes, *x_axes), range(2 * shared))
    for place in np.ndindex(*blocks.shape[:shared]):
        moved[place + place] = blocks[place]
    return whole


def a_block_for_each(first: bool, leading: bool) -> Callable[[Any, Any, Shape, Shape], Paired]:
    """Of a function of rows, columns or stacks the Jacobian of each on its own; samples first, or last in the claim."""

    def pair(claim: Any, truth: Any, y_shape: Shape, x_shape: Shape) -> Paired:
        for shared in range(1, min(len(y_shape), len(x_shape)) + 1):
            cut: Any = slice(shared, None) if first else slice(None, -shared)
            same, rest = (y_shape[:shared], x_shape[:shared]) if first else (y_shape[-shared:], x_shape[-shared:])
            one = y_shape[cut] + x_shape[cut]
            if same != rest or claim.shape != (same + one if leading else one + same):
                continue
            blocks = claim if leading else np.moveaxis(claim, range(len(one), claim.ndim), range(shared))
            return with_blocks(blocks, truth, y_shape, shared, first), truth
        return None

    return pair


def in_every_entry(claim: Any, truth: Any, y_shape: Shape, x_shape: Shape) -> Paired:  # noqa: ARG001 (a Reading)
    """Fewer numbers, each for several entries, as NumPy stretches them."""
    try:
        fits = claim.size < truth.size and np.broadcast_shapes(claim.shape, truth.shape) == truth.shape
    except ValueError:
        return None
    return (np.broadcast_to(claim, truth.shape), truth) if fits else None


def of_symmetric_matrices(claim: Any, truth: Any, y_shape: Shape, x_shape: Shape) -> Paired:
    """Where f reads one triangle of a matrix alone, as Cholesky's factors are made of: the claim with both."""
    if math.prod(y_shape) != 1 or len(x_shape) < 2 or claim.shape != truth.shape or x_shape[-1] != x_shape[-2]:
        return None
    reads_one = not np.any(np.triu(truth, 1)) or not np.any(np.tril(truth, -1))
    transposed = np.swapaxes(truth, -1, -2)
    is_symmetric = np.allclose(
        claim, np.swapaxes(claim, -1, -2), rtol=1e-9, atol=1e-12 * np.max(np.abs(claim), initial=0)
    )
    return (claim, (truth + transposed) / 2) if reads_one and is_symmetric else None


READ_AS: Final = "the claim, of shape {claim}, is read as"

WHOLE: Final = (
    Reading("", usual),
    Reading("the claim, of shape {claim}, has the numbers of the derivative, of shape {truth}", same_numbers),
    Reading(f"{READ_AS} one block of the Jacobian for each row", a_block_for_each(True, True)),
    Reading(f"{READ_AS} one block of the Jacobian for each row", a_block_for_each(True, False)),
    Reading(f"{READ_AS} one block of the Jacobian for each column", a_block_for_each(False, True)),
    Reading(f"{READ_AS} one block of the Jacobian for each column", a_block_for_each(False, False)),
    Reading(
        "f reads one triangle of the matrix alone; the claim, in both, is the derivative by a symmetric matrix",
        of_symmetric_matrices,
    ),
    Reading(f"{READ_AS} the Jacobian of the entries counted along the rows", by_rows),
    Reading(f"{READ_AS} the Jacobian of vec y by vec x, counted down the columns", by_columns),
    Reading(
        f"{READ_AS} the number in every entry of the derivative, of shape {{truth}}, that it stretches to",
        in_every_entry,
    ),
)
"""Ways to claim all of a derivative, the usual ones first."""


# ---------------------------------------------------------------------------------------------------------------------
# A part of it


def entries_as_written(index: tuple[Any, ...]) -> str:
    """An index as one writes it."""
    parts = [":" if k == slice(None) else f"{k.start}:{k.stop}" if isinstance(k, slice) else str(int(k)) for k in index]
    while len(parts) > 1 and parts[-1] == ":":
        parts.pop()
    return f"[{', '.join(parts)}]"


def at(index: Any, said: str) -> Reading:
    """One part of the derivative."""

    def pair(claim: Any, truth: Any, y_shape: Shape, x_shape: Shape) -> Paired:  # noqa: ARG001 (a Reading)
        try:
            part = np.asarray(truth[index])
        except IndexError:
            return None
        return (claim.reshape(part.shape), part) if squeezed(part.shape) == squeezed(claim.shape) else None

    return Reading(f"of the derivative, of shape {{truth}}, only {said} is claimed", pair, is_whole=False)


def diagonal(claim: Any, truth: Any, y_shape: Shape, x_shape: Shape) -> Paired:
    """∂yᵢ/∂xᵢ alone, for each i."""
    if y_shape != x_shape or squeezed(claim.shape) != squeezed(x_shape):
        return None
    n = math.prod(x_shape)
    return claim.reshape(x_shape), np.diagonal(truth.reshape(n, n)).reshape(x_shape)


DIAGONAL: Final = Reading(
    "of the Jacobian, of shape {truth}, only the diagonal ∂yᵢ/∂xᵢ is claimed", diagonal, is_whole=False
)


def declared(part: Any) -> Reading:
    """The part that the user says it is: "diagonal", or an index into the derivative."""
    if isinstance(part, str):
        if part != "diagonal":
            raise ValueError(f'check_derivation: part is "diagonal" or an index into the derivative, got {part!r}')
        return DIAGONAL
    index = part if isinstance(part, tuple) else (part,)
    return at(index, entries_as_written(index) if ... not in index else "a part")


def parts(claim: Any, truth: Any, tolerance: float) -> Iterator[Reading]:
    """Parts of a derivative that have the claimed numbers: one index of some axes, or a block."""
    if claim.size >= truth.size or not np.any(claim) or not np.all(np.isfinite(claim)):
        return
    axes = [axis for axis, n in enumerate(truth.shape) if n != 1]
    compact, target = truth.reshape(squeezed(truth.shape)), claim.reshape(squeezed(claim.shape))
    slack = tolerance * max(float(np.max(np.abs(target))), 1e-300)

    def located(index: tuple[Any, ...]) -> Reading:
        whole: list[Any] = [0] * truth.ndim
        for axis, k in zip(axes, index, strict=True):
            whole[axis] = k
        return at(tuple(whole), entries_as_written(tuple(whole)))

    for count in range(1, compact.ndim + 1):
        for dropped in combinations(range(compact.ndim), count):
            rest = tuple([n for axis, n in enumerate(compact.shape) if axis not in dropped])
            if rest != target.shape or compact.size > MOST_PARTS:
                continue
            moved = np.moveaxis(compact, dropped, range(count))
            off = np.abs(moved - target).reshape(*moved.shape[:count], -1).max(axis=-1)
            for place in np.argwhere(off <= slack):
                index: list[Any] = [slice(None)] * compact.ndim
                for axis, k in zip(dropped, place, strict=True):
                    index[axis] = int(k)
                yield located(tuple(index))
    if target.ndim == compact.ndim and all(a <= b for a, b in zip(target.shape, compact.shape, strict=True)):
        windows = np.lib.stride_tricks.sliding_window_view(compact, target.shape)
        if windows.size <= MOST_PARTS:
            off = np.abs(windows - target).reshape(*windows.shape[: compact.ndim], -1).max(axis=-1)
            for place in np.argwhere(off <= slack):
                corners = zip(place, target.shape, compact.shape, strict=True)
                yield located(tuple([slice(None) if n == m else slice(int(k), int(k) + n) for k, n, m in corners]))


# ---------------------------------------------------------------------------------------------------------------------
# Declared layouts


def from_layout(claim: Any, layout: Layout | None, y_shape: Shape, x_shape: Shape) -> Any:
    """A claim in this library's layout, which is numerator for Jacobians and denominator for gradients.

    In numerator layout ∂y/∂x has y's axes first and then x's in reverse order, so that of a number by a matrix it has
    the shape of the matrix's transpose. In denominator layout it has x's axes first, in x's own order.
    """
    n, m = len(y_shape), len(x_shape)
    if layout is None or claim.ndim not in (m, n + m):
        return claim
    if math.prod(y_shape) == 1:
        return claim.transpose() if layout == "numerator" and claim.ndim == m else claim
    if layout == "denominator" and claim.shape == x_shape + y_shape:
        return claim.transpose((*range(m, m + n), *range(m)))
    if layout == "numerator" and claim.shape == y_shape + x_shape[::-1]:
        return claim.transpose((*range(n), *range(n, n + m)[::-1]))
    return claim
