"""Powers of lengths, which have derivatives at 0 where the length itself has none.

‖x‖ bends at 0, and ‖x‖² = Σ x² does not. Taken one after the other, the slopes 2 ‖x‖ and x/‖x‖ give the gradient 2 x,
whose own derivative is 0/0 at 0. There a backward pass that is recorded takes both operations for one, of the slope
p ‖x‖ᵖ⁻² x, in which nothing is divided by the length: right to every order that there is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from .deviations import length as length_of
from .deviations import norm_p
from .ducks import DuckArray
from .elementwise import absolute, float_power, hypot, multiply, power, square
from .floats import fabs
from .leading import Saved, counting_axes
from .primitive import Primitive, Rule
from .reductions import with_axes

Pulled = tuple[Any, Rule, Saved]
"""An input's node, its rule, and what the rule saved."""


def over_square_of(y: Any, power: float) -> Any:
    """p yᵖ⁻², for a power of a length y."""
    return power * y ** (power - 2) if power > 2 else 2


def _power_of_norm(x: Any, *, axis: tuple[int, ...], keepdims: bool, power: float) -> Any:
    return length_of(x, axis, keepdims) ** power


power_of_norm_p = Primitive(
    _power_of_norm,
    {
        "x": lambda g, x, axis, power: (
            with_axes(g, axis, x.ndim) * (over_square_of(norm_p(x, axis=axis, keepdims=True), power) * x)
        )
    },
    name="power_of_norm",
    leading=counting_axes,
)


def _power_of_hypot(a: Any, b: Any, *, power: float) -> Any:
    return np.hypot(a, b) ** power


power_of_hypot_p = Primitive(
    _power_of_hypot,
    {
        "a": lambda g, a, b, power: g * (over_square_of(np.hypot(a, b), power) * a),
        "b": lambda g, a, b, power: g * (over_square_of(np.hypot(a, b), power) * b),
    },
    name="power_of_hypot",
    broadcasts=True,
)


def _power_of_absolute(x: Any, *, power: float) -> Any:
    return np.abs(x) ** power


power_of_absolute_p = Primitive(
    _power_of_absolute,
    {"x": lambda g, x, power: g * (over_square_of(np.abs(x), power) * np.conj(x))},
    name="power_of_absolute",
    elementwise=True,
)

POWERS_OF: Final[dict[Any, Primitive]] = {
    norm_p: power_of_norm_p,
    hypot: power_of_hypot_p,
    absolute: power_of_absolute_p,
    fabs: power_of_absolute_p,
}
"""A length → its power: a primitive of the same inputs and parameters, with the exponent as another one, ``power``,
whose rules ask for no more than the length's do."""

TAKING_POWERS: Final[frozenset[Any]] = frozenset({power, float_power, square, multiply})


def exponent_of(outer: Primitive, pulls: Sequence[Pulled]) -> float:
    """The p ≥ 2 of which an operation is the power of its one input that is differentiated; 0 for any other."""
    if outer is square:
        return 2.0
    if outer is multiply:
        return 2.0 if len(pulls) == 2 and pulls[0][0] is pulls[1][0] else 0.0
    _, rule, saved = pulls[0]
    if len(pulls) > 1 or rule is not outer.pulls[0].rule:
        return 0.0
    exponent = saved[-1]
    known = issubclass(type(exponent), (int, float, np.floating, np.integer))
    return float(exponent) if known and exponent >= 2 else 0.0


def power_at_0(
    outer: Any,
    pulls: Sequence[Pulled],
    length: Any,
    saved: Sequence[tuple[Any, Rule, Mapping[str, Any]]],
    params: Mapping[str, Any],
) -> tuple[Primitive, Mapping[str, Any], list[Pulled]] | None:
    """A power of lengths, some of which are 0, as one operation: the primitive, its parameters, and its pulls.

    Parameters
    ----------
    outer, pulls : what was made of the lengths
    length, params : the lengths' primitive and parameters
    saved : for each of its inputs that is differentiated the node, the rule and, by name, what the rule saved

    Returns None for anything else.
    """
    exponent = exponent_of(outer, pulls)
    if not exponent or not saved:
        return None
    numbers = saved[0][2].get("y", saved[0][2].get("x"))
    if type(numbers) is not DuckArray and np.all(numbers):  # of numbers that are not looked at, it is right anywhere
        return None
    whole, params = POWERS_OF[length], {**params, "power": exponent}
    places = {pull.rule: place for place, pull in enumerate(length.pulls)}
    found = []
    for parent, rule, values in saved:
        pull = whole.pulls[places[rule]]
        found.append((parent, pull.rule, whole.asked(pull, {**values, **params}.__getitem__)))
    return whole, params, found
