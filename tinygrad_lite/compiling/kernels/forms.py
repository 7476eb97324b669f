"""What kernels compute in the place of NumPy's functions and of this library's primitives: expressions of one entry."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from ...table.gates import SHUT
from . import angles, bells, choices, exponentials, logs
from .precision import Precision
from .translating import PRECISIONS, Function, name_in

OPERATORS: Final[dict[Any, str]] = {
    np.add: "{} + {}",
    np.subtract: "{} - {}",
    np.multiply: "{} * {}",
    np.divide: "{} / {}",
    np.negative: "-{}",
    np.positive: "{}",
    np.absolute: "abs({})",
    np.sqrt: "np.sqrt({})",
    np.copysign: "math.copysign({}, {})",
}
"""Functions whose result has the dtype that all operands are taken in."""

QUESTIONS: Final[dict[Any, str]] = {
    np.less: "{} < {}",
    np.less_equal: "{} <= {}",
    np.greater: "{} > {}",
    np.greater_equal: "{} >= {}",
    np.equal: "{} == {}",
    np.not_equal: "{} != {}",
    np.isnan: "{0} != {0}",
    np.isfinite: "abs({}) < np.inf",
    np.isinf: "abs({}) == np.inf",
}
"""Functions of numbers whose results are truth values."""

LOGIC: Final[dict[Any, str]] = {
    np.bitwise_and: "{} & {}",
    np.bitwise_or: "{} | {}",
    np.bitwise_xor: "{} ^ {}",
    np.invert: "not {}",
    np.logical_and: "{} & {}",
    np.logical_or: "{} | {}",
    np.logical_xor: "{} ^ {}",
    np.logical_not: "not {}",
}
"""Functions of truth values."""

CLIP: Final[Any] = np._core.umath.clip  # type: ignore[attr-defined]

FUNCTIONS: Final[dict[Any, Function]] = {
    np.exp: exponentials.exp,
    np.exp2: exponentials.exp2,
    np.expm1: exponentials.expm1,
    np.tanh: exponentials.tanh,
    np.log: logs.log,
    np.log1p: logs.log1p,
    np.logaddexp: logs.logaddexp,
    np.sin: angles.sin,
    np.cos: angles.cos,
    np.square: choices.square,
    np.reciprocal: choices.reciprocal,
    np.maximum: choices.maximum,
    np.minimum: choices.minimum,
    np.fmax: choices.fmax,
    np.fmin: choices.fmin,
    np.sign: choices.sign,
    CLIP: choices.clip,
}  # fmt: skip
"""Functions of NumPy's with one of this room's that computes the same."""

IN_SINGLE: Final[dict[Any, Function]] = {angles.sin: angles.sin_of_single, angles.cos: angles.cos_of_single}
"""What computes the same in single precision."""

POWERS: Final[dict[float, Function]] = {2: choices.square, 3: choices.cube, 4: choices.fourth, -1: choices.reciprocal}
"""Exponents whose powers are products."""

BEYOND: Final[dict[Any, tuple[Function, str]]] = {
    angles.sin: (angles.is_beyond, "np.sin({})"),
    angles.cos: (angles.is_beyond, "np.cos({})"),
    angles.sin_of_single: (angles.is_beyond, "np.sin({})"),
    angles.cos_of_single: (angles.is_beyond, "np.cos({})"),
}
"""Functions with a bound → whether an argument is beyond it, and what is taken then, which is slow."""

CHEAP: Final = frozenset({*OPERATORS, *QUESTIONS, *LOGIC}) - {np.sqrt}
"""What takes no longer than to read its operands."""


class EntryForm(NamedTuple):
    """An expression of operands.

    Attributes
    ----------
    text : with a brace pair for each operand
    functions : those of this room that it calls
    beyond : its text for operands one of which is beyond a bound; "" where there is none
    bound : the text that says whether one is
    """

    text: str
    functions: tuple[Function, ...] = ()
    beyond: str = ""
    bound: str = ""


def called(function: Function, precision: Precision, count: int) -> EntryForm:
    """The form of a call."""
    if precision.mantissa < 52:
        function = IN_SINGLE.get(function, function)
    text = f"{name_in(function, precision)}({', '.join(['{}'] * count)})"
    if function not in BEYOND:
        return EntryForm(text, (function,))
    bound, beyond = BEYOND[function]
    return EntryForm(text, (function, bound), beyond, f"{name_in(bound, precision)}({{}})")


def form_of_ufunc(function: Any, args: tuple[Any, ...], precision: Precision) -> EntryForm | None:
    """What computes a ufunc of floats; None where nothing does."""
    if function in OPERATORS:
        return EntryForm(OPERATORS[function])
    if function is np.power:
        power = POWERS.get(args[1]) if isinstance(args[1], (int, float)) else None
        return None if power is None else called(power, precision, 1)
    function = FUNCTIONS.get(function)
    return None if function is None else called(function, precision, len(args))


def form_of_primitive(
    name: str, args: tuple[Any, ...], params: Mapping[str, Any], precision: Precision
) -> EntryForm | None:
    """What computes a primitive of this library's; None where nothing does."""
    if name == "share_in_exp":  # the third operand is a hint
        return called(exponentials.share_in_exp, precision, 2)
    if name == "gated":
        low = number(-SHUT, precision)
        return EntryForm(f"{name_in(choices.maximum, precision)}({{0}}, {low}) * {{1}}", (choices.maximum,))
    if name == "times_bounded":
        ends = f"{number(-SHUT, precision)}, {number(SHUT, precision)}"
        return EntryForm(f"{{0}} * {name_in(choices.clip, precision)}({{1}}, {ends})", (choices.clip,))
    if name == "power_slope":
        return form_of_power_slope(args[1], precision, **params)
    if name in HINTED:  # the first operand is a hint
        function = HINTED[name]
        return EntryForm(f"{name_in(function, precision)}({{1}})", (function,))
    if name in ALONE:
        return called(ALONE[name], precision, 1)
    if name == "over_positive":
        text, scale = called(choices.over_positive, precision, 2).text, params["scale"]
        if scale != 1:
            text = text.replace("{}", f"{{}} / {number(scale, precision)}", 1)
        return EntryForm(text, (choices.over_positive,))
    if name == "gaussian" and params["degree"] <= 2 and params["times"] in (1, 0.5):
        degree = params["degree"]
        text = f"{name_in(bells.bell, precision)}({{0}}, {number(params['times'], precision)})"
        power = f"{name_in(bells.within_bell, precision)}({{0}}) * "
        return EntryForm(power * degree + text, (bells.bell, bells.within_bell))
    return None


def form_of_power_slope(power: Any, precision: Precision, by_a: int, by_b: int) -> EntryForm | None:
    """n xⁿ⁻¹ and so on, of exponents whose powers are products."""
    if by_b or not isinstance(power, (int, float)) or power != int(power) or not by_a <= power <= by_a + max(POWERS):
        return None
    times, left = number(math.perm(int(power), by_a), precision), int(power) - by_a
    if left < 2:
        return EntryForm(f"{times} * {{0}}" if left else times)
    form = called(POWERS[left], precision, 1)
    return form._replace(text=f"{times} * {form.text}")


HINTED: Final[dict[str, Function]] = {
    "sech_square": exponentials.sech_square,
    "logistic_slope": exponentials.logistic_slope,
    "one_minus_twice": exponentials.one_minus_twice,
}
ALONE: Final[dict[str, Function]] = {
    "sigmoid": exponentials.sigmoid,
    "erf": bells.erf,
    "normal_below": bells.normal_below,
}


def number(x: Any, precision: Precision) -> str:
    """A number as it is written in a precision."""
    value = float(precision.kind(x))
    text = repr(value) if np.isfinite(value) else f"np.{value}" if value == value and value > 0 else "-np.inf"
    text = "np.nan" if value != value else text
    return text if precision.mantissa == 52 else f"np.float32({text})"


def precision_for(dtype: Any) -> Precision | None:
    """That of a dtype; None where kernels do not compute in it."""
    return PRECISIONS.get(dtype)
