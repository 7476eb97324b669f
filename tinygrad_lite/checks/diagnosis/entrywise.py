"""Claims that are right only when, or only where: conditions on arguments, classes, single entries, another order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any, Final

import numpy as np

from ..matrices import SYMMETRIC
from ..points import is_floating, is_one_hot
from ..reports import Diagnosis
from ..structures import one_hot, one_hot_along, with_sums_of_one
from .backward import given_operand
from .numbers import Case, Explanation, agree, evidence, multiple

# ---------------------------------------------------------------------------------------------------------------------
# Right only when


def only_if(case: Case) -> Iterator[Explanation]:
    """Right if an argument sums to one, or is one-hot, symmetric, or all 1, which the given one is not."""
    if case.fitted_claims is None or case.again is None:
        return
    for k, name in enumerate(case.names):
        values = [point[k] for point in case.points]
        if k in case.variables:
            continue
        for rank, text, change in conditions_on(values):
            changed = [[change(x) if j == k else x for j, x in enumerate(point)] for point in case.points]
            try:
                truths, claims = case.again(changed)
            except (ValueError, TypeError, ArithmeticError):
                continue  # a function that refuses such arguments itself
            if all(agree(a, b, case.tolerance) for a, b in zip(claims, truths, strict=True)):
                off = max([float(np.max(np.abs(a - b), initial=0)) for a, b in zip(claims, truths, strict=True)])
                proof = f"with such {name} at {len(changed)} points the claim is right, off by {off:.1g} at most"
                said = f"right only when {text.format(name)}"
                yield Explanation(rank, Diagnosis("condition", said, proof, case.name))
                break


Condition = tuple[float, str, Callable[[Any], Any]]
"""How simple it is, what is said of an argument, and what makes it so."""


def conditions_on(values: list[Any]) -> Iterator[Condition]:
    """What an argument, given its values at each point, may have to be, and is not."""
    for axis in range(np.ndim(values[0]))[::-1]:
        if all(may_be_target(x, axis) for x in values):
            for trait in (with_sums_of_one(axis, np.ndim(values[0])), one_hot(axis, np.ndim(values[0]))):
                if not all(trait.holds(x) for x in values):
                    yield 1.0, trait.name, trait.impose
    if all(is_floating(x) and np.ndim(x) > 1 and x.shape[-1] == x.shape[-2] > 1 for x in values):
        yield 4.0, SYMMETRIC.name, SYMMETRIC.impose  # of any matrix: a transpose that is missing comes first
    low = two_valued(values)
    if low is not None:
        yield 1.2, "every {0} is 1", np.ones_like
        yield 1.2, f"every {{0}} is {low}", lambda x: np.full_like(x, low)


def may_be_target(x: Any, axis: int) -> bool:
    """Numbers that are not negative, along the axis not all zeros; not one-hot already."""
    if not isinstance(x, np.ndarray) or not is_floating(x) or not x.size or x.shape[axis] < 2:
        return False
    return bool(np.all(x >= 0) and np.all(x.sum(axis=axis) > 0)) and not one_hot_along(x, axis)


def two_valued(values: list[Any]) -> int | None:
    """Of labels that are 0 or 1, or −1 or 1, the lower; None for anything else, and for targets of several classes."""
    if not all(
        isinstance(x, (np.ndarray, np.floating, np.integer)) and np.asarray(x).dtype.kind in "fiu" for x in values
    ):
        return None
    if np.ndim(values[0]) > 1 and any(is_one_hot(x) for x in values):
        return None
    return low_and_one(values)


# ---------------------------------------------------------------------------------------------------------------------
# Right only where


def for_some_class(case: Case) -> Iterator[Explanation]:
    """Right where a target is 1 and wrong wherever it is 0, or the reverse."""
    if case.fitted_claims is None or case.is_jacobian or not case.truths[0].ndim:
        return
    right = [right_entries(case, p) for p in range(len(case.points))]
    for rank, name, masks in target_masks(case):
        for wanted, text in (
            (True, "right for the correct class only, where {}: wrong in every other entry"),
            (False, "wrong for the correct class only, where {}: right in every other entry"),
        ):
            if all(np.array_equal(r, m == wanted) for r, m in zip(right, masks, strict=True)):
                proof = f"so it is in all {sum([m.size for m in masks])} entries at {len(masks)} points"
                text = text.format(name) + ("; there it is minus the derivative" if is_turned(case, right) else "")
                yield Explanation(rank, Diagnosis("correct class", text, proof, case.name))


def is_turned(case: Case, right: list[Any]) -> bool:
    """Whether all entries that are wrong have the other sign."""
    assert case.fitted_claims is not None
    return all(
        agree(np.where(r, 0, claim), np.where(r, 0, -truth), case.tolerance)
        for r, claim, truth in zip(right, case.fitted_claims, case.truths, strict=True)
    )


def right_entries(case: Case, p: int) -> Any:
    """Which entries are right at a point."""
    assert case.fitted_claims is not None
    truth, claim = case.truths[p], case.fitted_claims[p]
    size = max(float(np.max(np.abs(truth), initial=0)), float(np.max(np.abs(claim), initial=0)))
    return np.abs(truth - claim) <= case.tolerance * size


def target_masks(case: Case) -> Iterator[tuple[float, str, list[Any]]]:
    """Everything of the derivative's shape that says which class is the right one, as masks at each point.

    And how simple an explanation it is; of labels of two classes, simpler than that all of them must be alike.
    """
    shape = case.truths[0].shape
    for k, name in enumerate(case.names):
        values = [point[k] for point in case.points]
        if k in case.variables:
            continue
        if is_target(values, shape):
            yield (
                1.1 if two_valued(values) is not None else 5.0,
                f"{name} = 1",
                [np.reshape(x, shape) == 1 for x in values],
            )
        for axis in range(len(shape)):
            if all(is_label(x, shape, axis) for x in values):
                yield 5.0, f"the class is that of {name}", [label_mask_along(x, shape, axis) for x in values]
                break
    passes = case.passes or []
    given = [id(x) for point in case.points for x in point]
    for k, sources in enumerate(passes[0].sources if passes else []):
        for i in [place for place, source in enumerate(sources) if source is None]:
            if passes[0].nodes[k].parents[i] in passes[0].arguments:
                continue
            constants = [given_operand(backward.nodes[k], i) for backward in passes]
            fitting = all(type(x) is np.ndarray for x in constants) and is_target(constants, shape)
            if fitting and id(constants[0]) not in given:
                yield 5.0, "the target is 1", [x.reshape(shape) == 1 for x in constants]


def is_target(values: list[Any], shape: tuple[int, ...]) -> bool:
    """Whether arrays say, for each entry of this shape, if it is of the right class: of 0 or −1, and 1."""
    if not all(is_floating(x) and np.ndim(x) and squeezed(x.shape) == squeezed(shape) and x.size for x in values):
        return False
    return low_and_one(values) is not None


def low_and_one(values: list[Any]) -> int | None:
    """The lower of the two numbers that arrays consist of, if the other is 1, and it is 0 or −1."""
    found = set(np.unique(np.concatenate([np.ravel(x) for x in values])).tolist())
    return next((low for low in (0, -1) if found == {low, 1}), None)


def squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Without axes of length 1."""
    return tuple([n for n in shape if n != 1])


def is_label(x: Any, shape: tuple[int, ...], axis: int) -> bool:
    """Whether it is of class numbers, one for each line along an axis of an array of this shape."""
    x = np.asarray(x) if isinstance(x, (int, np.integer, np.ndarray)) and not isinstance(x, bool) else np.asarray("")
    others = shape[:axis] + shape[axis + 1 :]
    fitting = x.dtype.kind in "iu" and squeezed(x.shape) == squeezed(others) and shape[axis] > 1
    return bool(fitting and np.all((x >= 0) & (x < shape[axis])))


def label_mask_along(x: Any, shape: tuple[int, ...], axis: int) -> Any:
    """True at the label, along an axis."""
    others = shape[:axis] + shape[axis + 1 :]
    return np.moveaxis(np.reshape(x, others)[..., None] == np.arange(shape[axis]), -1, axis)


def in_some_entries(case: Case) -> Iterator[Explanation]:
    """Some entries right at every point, and all others wrong at most of them.

    Where more single entries are wrong than right, those that are right may be so by accident, as the middle of what is
    turned about: nothing is said of them.
    """
    if case.fitted_claims is None:
        return
    every = np.array([right_entries(case, p) for p in range(len(case.points))])
    trivial = np.all([np.abs(t) <= case.tolerance * np.max(np.abs(t), initial=0) for t in case.truths], axis=0)
    right, wrong = np.all(every, axis=0), np.mean(~every, axis=0) > 0.5
    if not np.all(right | wrong) or not np.any(wrong) or not np.any(right & ~trivial):
        return
    worded = f"right only in {in_entries(right)}; wrong in {in_entries(wrong)}"
    is_whole = in_lines(right) is not None
    if case.is_jacobian and case.y_shape == case.x_shape:
        n = math.prod(case.x_shape)
        diagonal = np.eye(n, dtype=bool).reshape(right.shape)
        if np.array_equal(wrong, diagonal):
            worded, is_whole = "right off the diagonal of the Jacobian, wrong on it", True
        elif np.array_equal(right, diagonal):
            worded, is_whole = "right on the diagonal of the Jacobian, wrong off it (the cross terms)", True
    if right.sum() <= wrong.sum() and not is_whole:
        return
    proof = f"{int(right.sum())} of {right.size} entries are right, the same at all {len(every)} points"
    yield Explanation(8, Diagnosis("entries", worded, proof, case.name))


def in_entries(mask: Any) -> str:
    """The entries of a mask in words: whole rows and columns, or a list."""
    lines = in_lines(mask)
    if lines is not None:
        return lines
    places = [written_place(place) for place in np.argwhere(mask)]
    return f"{'entries' if len(places) > 1 else 'entry'} {first_few(places)}"


def in_lines(mask: Any) -> str | None:
    """The rows or columns that a mask consists of; None where it does not."""
    for axis, word in ((1, "row"), (0, "column")) if mask.ndim == 2 else ():
        whole = mask.all(axis=axis)
        if np.array_equal(np.broadcast_to(np.expand_dims(whole, axis), mask.shape), mask):
            return worded_list(f"{word}", [str(k) for k in np.flatnonzero(whole)])
    return None


def written_place(place: Any) -> str:
    """An index in brackets."""
    return "[" + ", ".join([str(int(k)) for k in place]) + "]"


def worded_list(word: str, items: list[str]) -> str:
    """One row, or several."""
    return f"{word}{'s' if len(items) > 1 else ''} {first_few(items)}"


def first_few(items: list[str], most: int = 5) -> str:
    """The first few."""
    return ", ".join(items[:most]) + (f" and {len(items) - most} more" if len(items) > most else "")


# ---------------------------------------------------------------------------------------------------------------------
# In another order


def in_another_order(case: Case) -> Iterator[Explanation]:
    """The derivative's numbers at other places: flipped along axes, or in any other order."""
    if case.fitted_claims is None or case.is_jacobian:
        return
    ndim = case.truths[0].ndim
    for axes in [axes for n in range(1, ndim + 1) for axes in combinations(range(ndim), n)]:

        def flipped(p: int, axes: tuple[int, ...] = axes) -> Any:
            return np.flip(case.truths[p], axes)

        if multiple(case, case.fitted_claims, flipped) == 1:
            along = "" if ndim == 1 else f" along {'axes' if len(axes) > 1 else 'axis'} {', '.join(map(str, axes))}"
            text = f"the claim is the derivative flipped{along}, as convolution and correlation differ"
            proof = evidence(case, case.fitted_claims, flipped, "autograd's derivative, flipped, is the claim")
            yield Explanation(0.6, Diagnosis("flipped", text, proof, case.name))
            return
    order = other_order(case)
    if order is None:
        return

    def reordered(p: int) -> Any:
        return np.ravel(case.truths[p])[order].reshape(case.truths[p].shape)

    if multiple(case, case.fitted_claims, reordered) == 1:
        places = [tuple(np.unravel_index(k, case.truths[0].shape)) for k in range(len(order))]
        moved = [
            f"{written_place(places[k])} is what belongs at {written_place(places[j])}"
            for k, j in enumerate(order)
            if k != j
        ]
        text = f"the claim has the derivative's entries in another order: at {first_few(moved, 3)}"
        proof = evidence(case, case.fitted_claims, reordered, "autograd's derivative in that order is the claim")
        yield Explanation(1.4, Diagnosis("order", text, proof, case.name))


def other_order(case: Case) -> Any:
    """Which entry of the derivative each entry of the claim is at the first point; None where they are not all."""
    assert case.fitted_claims is not None
    truth, claim = np.ravel(case.truths[0]), np.ravel(case.fitted_claims[0])
    if not 2 <= truth.size <= LARGEST_ORDER:
        return None
    off = np.abs(claim[:, None] - truth) <= case.tolerance * np.max(np.abs(truth))
    is_one_to_one = np.all(off.sum(axis=0) == 1) and np.all(off.sum(axis=1) == 1)
    return off.argmax(axis=1) if is_one_to_one else None


LARGEST_ORDER: Final = 400
"""Entries of which another order is looked for."""
