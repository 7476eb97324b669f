"""How an operand of a loop's body changes from one iteration to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Unchanging(NamedTuple):
    """It is the same in all."""

    value: Any


class Counted(NamedTuple):
    """It is ``first + step · k`` in iteration k."""

    first: int
    step: int


class Listed(NamedTuple):
    """It is one of a list, each of which is known before the loop begins."""

    values: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]


class Carried(NamedTuple):
    """It is a result of an operation of the body, ``lag`` iterations before; ``starts`` are those of the first ones."""

    operation: int
    place: int
    lag: int
    starts: tuple[Any, ...]


Role = Unchanging | Counted | Listed | Carried


class Iterations(NamedTuple):
    """Operations ``start`` to ``stop``, which are alike after each period, and the roles of an iteration's operands."""

    start: int
    stop: int
    period: int
    roles: list[list[Role]]

    @property
    def steps(self) -> int:
        """How many there are."""
        return (self.stop - self.start) // self.period


def role_of(
    values: Sequence[Any], places: Sequence[tuple[int, int]] | None, start: int, period: int
) -> tuple[Role, int, int]:
    """An operand's role.

    Parameters
    ----------
    values : the operand in each iteration
    places : of variables, the operation that makes each, and at which place
    start, period : the first iteration's first operation, and how many an iteration has

    Returns
    -------
    The role, and from which iteration to which it is that.
    """
    first, count = values[0], len(values)
    if places is None:
        return role_of_numbers(values), 0, count
    inside = next((k for k, place in enumerate(places) if place[0] >= start), None)
    if inside is None:
        if all(v is first for v in values):
            return Unchanging(first), 0, count
        return Listed(tuple(values), tuple(places)), 0, count
    made, place = places[inside]
    lag = inside - (made - start) // period
    stop = next((k for k in range(inside, count) if places[k] != (made + (k - inside) * period, place)), count)
    return Carried((made - start) % period, place, lag, tuple(values[:lag])), inside - lag, stop


def role_of_numbers(values: Sequence[Any]) -> Role:
    """The role of a number."""
    first = values[0]
    if type(first) is int:
        step = values[1] - first
        if all(x == first + k * step for k, x in enumerate(values)):
            return Counted(first, step) if step else Unchanging(first)
    elif len({repr(x) for x in values}) == 1:
        return Unchanging(first)
    return Listed(tuple(values), ())
