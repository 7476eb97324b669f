"""What arrays are beside being of a shape: symmetric, one-hot, sorted, … — how to tell, to draw another, to break it.

Each kind is one record, a :class:`~tinygrad_lite.checks.traits.Trait`. A claim that holds for arguments that have one,
and fails for others, needs it: "holds when A = Aᵀ".

>>> A = np.array([[2.0, 1.0], [1.0, -3.0]])
>>> seen = traits_of(A)
>>> [trait.name.format("A") for trait in seen]
['A is of whole numbers', 'A = Aᵀ']
>>> other = seen[1].draw(np.random.default_rng(0), A)
>>> bool(np.all(other == other.T))
True
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import numpy as np

from .matrices import OF_COLUMNS, OF_ROWS, SQUARE
from .traits import (
    NEAR,
    Trait,
    normal_numbers,
    numbers_about_zero,
    numbers_below_one,
    positive_numbers,
    signed_like,
    size_of,
    unlike,
)


def traits_of(x: Any) -> list[Trait]:
    """What an array of floating-point numbers has, from the weaker to the stronger; ranges are :func:`range_of`'s."""
    x = np.asarray(x)
    if not x.size or not np.all(np.isfinite(x)):
        return []
    found = [trait for trait in candidates(x) if trait.holds(x)]
    implied = {weaker for trait in found for name, others in IMPLIED if name in trait.name for weaker in others}
    return [trait for trait in found if trait.name not in implied]


def candidates(x: Any) -> Iterator[Trait]:
    """Those that an array of this shape may have, by a look at its first numbers: most arrays have none."""
    whole = bool(np.all(x == np.rint(x)))
    has_zeros = bool(np.any(x == 0))
    if whole:
        yield WHOLE
    if has_zeros and x.size > 1 and np.any(x):
        yield same_zeros(x != 0)
    lines = [first_line(x, axis) for axis in range(x.ndim)]
    if x.ndim and x.shape[-1] > 2 and lines[-1] in (sorted(lines[-1]), sorted(lines[-1], reverse=True)):
        yield from SORTED
    for axis, line in enumerate(lines):
        if len(line) > 1 and may_be_along(line):
            yield from along(axis, x.ndim)
    if x.size > 1 and x.flat[0] == x.flat[1]:
        yield EQUAL
    if x.ndim > 1 and (1.0 in lines[-1] or 1.0 in lines[-2]):
        yield from ones_in(x)
    if whole:
        yield from LABELS
        for axis in range(x.ndim):
            if x.shape[axis] > 1:
                yield one_hot(axis, x.ndim)
    if x.ndim > 1 and min(x.shape[-2:]) > 1:
        corner = x.reshape(-1, *x.shape[-2:])[0]
        if x.shape[-1] == x.shape[-2] and (
            has_zeros or abs(abs(corner[0, 1]) - abs(corner[1, 0])) <= NEAR * size_of(x)
        ):
            yield from SQUARE
        if x.shape[-2] <= x.shape[-1] and may_be_orthogonal(corner):
            yield from OF_ROWS
        if x.shape[-2] > x.shape[-1] and may_be_orthogonal(corner.T):
            yield from OF_COLUMNS
        if x.shape[-2] == x.shape[-1] and may_be_orthogonal(corner.T):
            yield OF_COLUMNS[0]


def first_line(x: Any, axis: int) -> list[float]:
    """The first numbers along an axis."""
    index: Any = (0,) * axis + (slice(None),) + (0,) * (x.ndim - axis - 1)
    line: list[float] = x[index].tolist()
    return line


def may_be_along(line: list[float]) -> bool:
    """Whether numbers have a sum of 0 or 1, or squares with a sum of 1, or are all the same."""
    total, squares = sum(line), sum([number * number for number in line])
    return abs(total - 1) < 1e-6 or abs(squares - 1) < 1e-6 or total * total < 1e-12 * squares or line[0] == line[1]


def may_be_orthogonal(x: Any) -> bool:
    """Whether the first two rows are."""
    a, b = x[0].tolist(), x[1].tolist()
    product = sum([p * q for p, q in zip(a, b, strict=True)])
    return bool(product * product <= 1e-12 * sum([p * p for p in a]) * sum([q * q for q in b]))


# ---------------------------------------------------------------------------------------------------------------------
# Entries


def range_of(x: Any) -> Trait | None:
    """The range of an array's numbers: positive, negative, …; None where they are any numbers."""
    x = np.asarray(x)
    return next((trait for trait in RANGES if trait.holds(x)), None) if x.size else None


def whole_numbers(x: Any) -> Any:
    """Each rounded; not to zeros only."""
    x = np.rint(x)
    return x if np.any(x) else x + 1.0


POSITIVE: Final = Trait("{0} > 0", lambda x: bool(np.all(x > 0)), np.abs, positive_numbers, unlike, deliberate=False)

NEGATIVE: Final = Trait(
    "{0} < 0", lambda x: bool(np.all(x < 0)), lambda x: -np.abs(x), positive_numbers, unlike, deliberate=False
)

RANGES: Final = (
    Trait(
        "0 < {0} < 1",
        lambda x: bool(np.all((x > 0) & (x < 1))),
        lambda x: x,
        numbers_below_one,
        unlike,
        deliberate=False,
    ),
    POSITIVE,
    NEGATIVE,
    Trait(
        "−1 < {0} < 1",
        lambda x: bool(np.all(np.abs(x) < 1) and np.any(x)),
        lambda x: x,
        numbers_about_zero,
        lambda rng, x: 3 * unlike(rng, x) / size_of(x),
        deliberate=False,
    ),
    Trait("{0} ≥ 0", lambda x: bool(np.all(x >= 0) and np.any(x)), np.abs, signed_like, unlike, deliberate=False),
)

WHOLE: Final = Trait(
    "{0} is of whole numbers",
    lambda x: bool(np.all(x == np.rint(x))),
    whole_numbers,
    lambda rng, x: 1.5 * normal_numbers(rng, x),
    lambda rng, x: x + rng.uniform(0.1, 0.9, np.shape(x)),
    deliberate=False,
)


def same_zeros(mask: Any) -> Trait:
    """Zeros where an array has zeros, and nowhere else that matters."""
    return Trait(
        "{0} is 0 where it is here",
        lambda x: not np.any(np.where(mask, 0, x)),
        lambda x: np.where(mask, x, 0.0),
        signed_like,
        lambda rng, x: np.where(mask, x, unlike(rng, x)),
        deliberate=False,
    )


EQUAL: Final = Trait(
    "all entries of {0} are equal",
    lambda x: bool(np.all(x == x.flat[0])),
    lambda x: np.full(np.shape(x), np.ravel(x)[0]),
    signed_like,
    lambda rng, x: x * rng.uniform(0.5, 1.5, np.shape(x)) + (0 if np.any(x) else unlike(rng, x)),
    deliberate=False,
)

LABELS: Final = (
    Trait(
        "{0} is 0 or 1",
        lambda x: bool(np.all((x == 0) | (x == 1))),
        lambda x: (x > 0) * 1.0,
        normal_numbers,
        numbers_below_one,
        is_target=True,
    ),
    Trait(
        "{0} is 1 or −1",
        lambda x: bool(np.all(np.abs(x) == 1)),
        lambda x: np.where(x > 0, 1.0, -1.0),
        normal_numbers,
        unlike,
        is_target=True,
    ),
)


def is_binary(x: Any) -> bool:
    """Labels of two classes that both occur."""
    return bool(np.size(x) > 1 and np.min(x) < np.max(x) and any(trait.holds(x) for trait in LABELS))


# ---------------------------------------------------------------------------------------------------------------------
# Along an axis


def over(axis: int, ndim: int) -> str:
    """An axis in words."""
    if axis == ndim - 1:
        return "the last axis"
    return "the first axis" if axis == 0 else f"axis {axis}"


def along(axis: int, ndim: int) -> Iterator[Trait]:
    """Sums and lengths along an axis."""
    where = over(axis, ndim)
    yield Trait(
        f"Σ {{0}} = 0 over {where}",
        lambda x: bool(np.any(x) and np.all(np.abs(x.sum(axis=axis)) <= NEAR * size_of(x))),
        lambda x: x - x.mean(axis=axis, keepdims=True),
        normal_numbers,
        unlike,
    )
    yield with_sums_of_one(axis, ndim)
    yield Trait(
        f"‖{{0}}‖ = 1 over {where}",
        lambda x: bool(np.all(np.abs(np.square(x).sum(axis=axis) - 1) <= NEAR)),
        lambda x: x / np.sqrt(np.square(x).sum(axis=axis, keepdims=True)),
        signed_like,
        unlike,
    )
    if ndim > 1:
        yield Trait(
            f"{{0}} is the same along {where}",
            lambda x: bool(np.all(x == np.take(x, [0], axis))),
            lambda x: np.broadcast_to(np.take(x, [0], axis), x.shape).copy(),
            signed_like,
            lambda rng, x: x * rng.uniform(0.5, 1.5, x.shape),
            deliberate=False,
        )


def with_sums_of_one(axis: int, ndim: int) -> Trait:
    """Probabilities, or weights, along an axis."""
    return Trait(
        f"Σ {{0}} = 1 over {over(axis, ndim)}",
        lambda x: sums_to_one_along(x, axis),
        partial(normalised, axis=axis),
        signed_like,
        lambda rng, x: rng.uniform(0.2, 1.5, np.shape(x)) * (1 if np.all(x >= 0) else rng.choice([-1, 1], x.shape)),
        is_target=True,
    )


def sums_to_one_along(x: Any, axis: int) -> bool:
    """Whether the sums over an axis are 1; not by chance, as those of whole numbers of both signs may be."""
    return bool(np.all(np.abs(x.sum(axis=axis) - 1) <= NEAR) and (np.all(x >= 0) or np.any(x != np.rint(x))))


def normalised(x: Any, axis: int) -> Any:
    """Divided by the sums over an axis, or moved where a sum may be close to 0."""
    sums = x.sum(axis=axis, keepdims=True)
    return x / sums if np.all(x >= 0) else x + (1 - sums) / x.shape[axis]


def one_hot(axis: int, ndim: int) -> Trait:
    """A single 1 along an axis."""

    def impose(x: Any) -> Any:
        return (np.argmax(x, axis=axis, keepdims=True) == np.indices(x.shape, sparse=True)[axis]) * 1.0

    return Trait(
        f"{{0}} is one-hot over {over(axis, ndim)}",
        lambda x: one_hot_along(x, axis),
        impose,
        normal_numbers,
        lambda rng, x: normalised(rng.uniform(0.1, 1.0, x.shape), axis),
        is_target=True,
    )


def one_hot_along(x: Any, axis: int) -> bool:
    """Whether there is a single 1 along an axis, and else 0."""
    return bool(np.all((x == 0) | (x == 1)) and np.all(x.sum(axis=axis) == 1))


def sorted_along(name: str, sign: float) -> Trait:
    """Ascending or descending along the last axis."""
    return Trait(
        name,
        lambda x: bool(np.all(sign * np.diff(x, axis=-1) > 0)),
        lambda x: sign * np.sort(sign * x, axis=-1),
        lambda rng, x: positive_numbers(rng, x) if np.all(x > 0) else normal_numbers(rng, x),
        lambda rng, x: np.roll(x, 1 + int(rng.integers(x.shape[-1] - 1)), axis=-1),
        deliberate=False,
    )


SORTED: Final = (sorted_along("{0} ascends", 1.0), sorted_along("{0} descends", -1.0))


def ones_in(x: Any) -> Iterator[Trait]:
    """A column of ones, as for a bias; or a row of them, where samples are columns."""
    for axis, place in ((-1, "[…, {1}]"), (-2, "[…, {1}, :]")):
        if x.shape[axis] < 2 or x.size == x.shape[axis]:
            continue
        every = np.all(np.moveaxis(x, axis, 0).reshape(x.shape[axis], -1) == 1, axis=1)
        if every.any() and not every.all():
            n = int(np.argmax(every))
            if x.ndim == 2:
                place = "[:, {1}]" if axis == -1 else "[{1}]"
            index: Any = (..., n) if axis == -1 else (..., n, slice(None))
            yield with_ones("{0}" + place.replace("{1}", str(n)) + " = 1", index)


def with_ones(name: str, index: Any) -> Trait:
    """Ones in one place."""

    def replaced(x: Any, values: Any) -> Any:
        x = np.array(x, float)
        x[index] = values
        return x

    return Trait(
        name,
        lambda x: bool(np.all(x[index] == 1)),
        lambda x: replaced(x, 1.0),
        normal_numbers,
        lambda rng, x: replaced(x, rng.uniform(0.3, 1.7, x[index].shape) * rng.choice([-1, 1], x[index].shape)),
    )


IMPLIED: Final = (
    ("one-hot over the last", ("‖{0}‖ = 1 over the last axis",)),
    ("one-hot over the first", ("‖{0}‖ = 1 over the first axis",)),
    ("{0} = −{0}ᵀ", ("{0} is 0 where it is here",)),
    ("diagonal", ("{0} is upper triangular", "{0} is lower triangular", "{0} is 0 where it is here")),
    ("triangular", ("{0} is 0 where it is here",)),
    ("{0} is 0 or 1", ("{0} is 0 where it is here", "{0} is of whole numbers")),
    ("{0} is 0 or 1", ("the rows of {0} are orthogonal", "the columns of {0} are orthogonal")),
    ("{0} is 1 or −1", ("{0} is of whole numbers", "Σ {0} = 0 over the last axis", "Σ {0} = 0 over the first axis")),
)
"""By words of a structure's name, weaker structures that nobody would name beside it."""
