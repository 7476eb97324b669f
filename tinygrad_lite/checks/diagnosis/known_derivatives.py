"""Mistaken derivatives of functions that people know by heart: activations, powers, softmax and its like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np

from ...table.elementwise import (
    absolute,
    cbrt,
    divide,
    keep_p,
    multiply,
    power,
    reciprocal,
    sqrt,
    square,
    where_p,
)
from ...table.neural import softmax
from .backward import Backward, Fault, Pullback
from .mistakes import Candidate, Mistake, all_faults, fault_at
from .regions import ACTIVATIONS, LARGEST, Activation, Region
from .wording import Wording, short_number

Slope = Callable[[Backward, Region], Any]


class WrongSlope(NamedTuple):
    """What is taken for da/dz: the kind of mistake, its text with a place for the function, how much less simple."""

    kind: str
    text: str
    slope: Slope
    more: float = 0.0


# ---------------------------------------------------------------------------------------------------------------------
# Entry by entry


def in_slopes(backward: Backward, parts: list[Region], names: Wording) -> Iterator[Candidate]:
    """Elementwise regions: no derivative at all, that of another function, or evaluated at the wrong place."""
    places: dict[tuple[str, str, str], dict[int, Callable[[Backward], Fault]]] = {}
    known_parts = [(region, known) for region, known in names.activations.items() if known]
    lasts = {region.last for region, _ in known_parts}
    for region in parts:
        if not region.elementwise or is_linear(backward, region):
            continue
        known = names.activations[region]
        is_single = len(region.nodes) == 1
        rank = 2.0 if known else 3.0 if is_single else 4.0 + len(region.nodes) / 100
        for wrong in wrong_slopes(backward, region, known):
            fault = with_slope(region, wrong.slope)
            yield Mistake(wrong.kind, wrong.text.format(names.node(region.last)), rank + wrong.more, fault)
            if known or (is_single and region.last not in lasts):
                places.setdefault((wrong.kind, wrong.text, names.kinds[region.last]), {})[region.last] = fault
    for (kind, text, name), faults in places.items():
        if len(faults) > 1:
            yield Mistake(kind, text.format(f"every {name}"), EVERY, all_faults(list(faults.values())))
    for region, known in known_parts:
        yield from at_other_arrays(backward, region, known, known_parts, names)


EVERY = 1.9
"""The rank of the same mistake at every step: tried before single steps."""


def wrong_slopes(backward: Backward, region: Region, known: Activation | None) -> Iterator[WrongSlope]:
    """What may have been taken for the slope of an activation, or of another elementwise function."""
    yield WrongSlope("slope missing", MISSING, no_slope)
    if known is None and (len(region.nodes) > 1 or backward.nodes[region.last].primitive in ALGEBRAIC):
        return
    at_the_output = "the derivative of {} is taken at its output a instead of its input z"
    yield WrongSlope("slope at output", at_the_output, at_output)
    yield WrongSlope("value for slope", "{} itself is taken for its derivative", the_value, 0.2)
    if known is None:
        return
    if known.slope is not None:
        text = f"the derivative of {{}}, {known.formula}, is evaluated at the input z in place of the output a"
        yield WrongSlope("slope at output", text, of_input(known.slope))
    for formula, confused in known.confused.items():
        text = f"{formula} is taken for the derivative of {{}}, which is {known.formula}, with a its output"
        yield WrongSlope("wrong slope", text, of_output(confused), 0.3)
    for other in ACTIVATIONS:
        if other.slope is not None and other is not known:
            text = f"the derivative of {other.name}, {other.formula}, is taken for that of {{}}"
            yield WrongSlope("wrong slope", f"{text}, with a its output", of_output(other.slope), 0.4)
            yield WrongSlope("wrong slope", f"{text}, at the same input", slope_of_input(other), 0.5)


MISSING = "the derivative of {} is missing: its output's gradient was passed on as its input's"

ALGEBRAIC: Final = frozenset({power, square, sqrt, cbrt, reciprocal, multiply, divide, absolute})
"""Whose derivatives are not looked up: mistakes with exponents and factors are others."""


def no_slope(backward: Backward, region: Region) -> Any:  # noqa: ARG001 (a Slope)
    """No derivative."""
    return 1.0


def at_output(backward: Backward, region: Region) -> Any:
    """The derivative at a instead of z."""
    return region.slope_at(backward, backward.values[region.last])


def the_value(backward: Backward, region: Region) -> Any:
    """The function in place of its derivative."""
    return backward.values[region.last]


def of_input(formula: Callable[[Any], Any]) -> Slope:
    """A formula of z."""
    return lambda backward, region: formula(backward.values[region.first])


def of_output(formula: Callable[[Any], Any]) -> Slope:
    """A formula of a."""
    return lambda backward, region: formula(backward.values[region.last])


def slope_of_input(other: Activation) -> Slope:
    """Another activation's slope at the same input."""
    assert other.slope is not None
    formula = other.slope
    return lambda backward, region: formula(other.function(backward.values[region.first]))


def with_slope(region: Region, slope: Slope) -> Callable[[Backward], Fault]:
    """A region's pullback with another slope."""

    def pull(backward: Backward) -> Pullback:
        s = slope(backward, region)
        return lambda g: [(region.first, g * s)]

    return fault_at(region.last, pull)


def at_other_arrays(
    backward: Backward, region: Region, known: Activation, others: list[tuple[Region, Activation]], names: Wording
) -> Iterator[Candidate]:
    """An activation's slope, evaluated at other arrays of the same shape, or at the gradient that arrives."""
    formula = known.slope
    if formula is None:
        return
    shape, name = backward.nodes[region.last].shape, names.node(region.last)
    places = {k for other, _ in others for k in (other.first, other.last)} - {region.first, region.last}
    near = sorted([k for k in places if backward.nodes[k].shape == shape], key=lambda k: abs(k - region.last))
    values = [(names.source(k), node_value(k)) for k in near[:NEAREST]]
    for text, value in [*values, *arguments_of_shape(shape, names)]:
        said = f"the derivative of {name} is evaluated at {text}"
        yield Mistake("slope elsewhere", said, 2.7, with_slope(region, of_value(formula, value)))
        if known.name != "relu":
            said = f"the derivative of {name} is evaluated with {text} in place of its input"
            slope = of_value(formula, value, known.function)
            yield Mistake("slope elsewhere", said, 2.75, with_slope(region, slope))
    if known.name == "relu":
        yield Mistake(
            "slope elsewhere",
            f"the derivative of {name} is 0 where the gradient that arrives is negative, not where its input is",
            2.7,
            fault_at(region.last, lambda backward: lambda g: [(region.first, g * (g > 0))]),
        )


def of_value(
    formula: Callable[[Any], Any], value: Callable[[Backward], Any], first: Callable[[Any], Any] = lambda v: v
) -> Slope:
    """A formula of some other value, or of a function of that."""
    return lambda backward, region: formula(first(value(backward)))


NEAREST = 6
"""Other arrays to evaluate a slope at."""


def node_value(k: int) -> Callable[[Backward], Any]:
    """A node's value."""
    return lambda backward: backward.values[k]


def arguments_of_shape(shape: tuple[int, ...], names: Wording) -> list[tuple[str, Callable[[Backward], Any]]]:
    """The other arguments that have a shape, by their names."""
    backward = names.backward
    return [
        (names.leaves[node], argument_value(j))
        for node, j in backward.arguments.items()
        if node.shape == shape and shape
    ]


def argument_value(j: int) -> Callable[[Backward], Any]:
    """An argument's value."""
    return lambda backward: backward.leaves[j]


def is_linear(backward: Backward, region: Region) -> bool:
    """Whether a region adds and multiplies by constants only: its slope is a factor, not a derivative to forget."""

    def linear(k: int) -> bool:
        primitive, sources = backward.nodes[k].primitive, backward.sources[k]
        if primitive is multiply:
            return None in sources
        if primitive is divide:
            return sources[1] is None
        return primitive is not None and primitive.linear and primitive not in CHOICES

    return all(linear(k) for k in region.nodes)


CHOICES: Final = (where_p, keep_p)
"""Linear in what they choose from; but of an activation written with them, as relu is, the slope can be forgotten."""


# ---------------------------------------------------------------------------------------------------------------------
# Powers and quotients


def in_powers(backward: Backward, k: int, names: Wording) -> Iterator[Candidate]:
    """An exponent that was not lowered, or lowered the wrong way; a denominator that was not squared."""
    primitive, sources = backward.nodes[k].primitive, backward.sources[k]
    if primitive not in ALGEBRAIC:
        return
    name = names.node(k)

    def instead(kind: str, text: str, place: int, rule: Callable[[Any, Any], Any], rank: float = 2.8) -> Mistake:
        def pull(backward: Backward) -> Pullback:
            mistaken = rule(backward.nodes[k].kept.inputs, backward.values[k])
            return lambda g: backward.pull(k, g, {place: lambda g: g * mistaken})

        return Mistake(kind, text, rank, fault_at(k, pull))

    exponents = {square: 2.0, sqrt: 0.5, reciprocal: -1.0}
    n = exponents.get(primitive)
    if primitive is power and sources[1] is None and np.size(backward.nodes[k].kept.inputs[1]) == 1:
        n = float(np.asarray(backward.nodes[k].kept.inputs[1]).item())
    if n is not None and n not in (0, 1):
        e = short_number(n)
        text = f"the exponent is not lowered in the derivative of {name}: {e} uⁿ for {e} uⁿ⁻¹, with n = {e}"
        yield instead("wrong slope", text, 0, lambda inputs, y: n * y)
        if n < 0 or n == 0.5:
            text = f"the exponent is raised in the derivative of {name}: {e} uⁿ⁺¹ for {e} uⁿ⁻¹, with n = {e}"
            yield instead("wrong slope", text, 0, lambda inputs, y: n * y * inputs[0])
        if n == 0.5:
            text = f"1/(2u) is taken for the derivative of {name}, which is 1/(2√u)"
            yield instead("wrong slope", text, 0, lambda inputs, y: 0.5 / inputs[0])
    if primitive is divide and sources[1] is not None:
        text = f"the denominator is not squared in the derivative of {name}: −a/b for −a/b², of a quotient a/b"
        yield instead("wrong slope", text, 1, lambda inputs, y: -y)
        text = f"the numerator is missing in the derivative of {name}: −1/b² for −a/b², of a quotient a/b"
        yield instead("wrong slope", text, 1, lambda inputs, y: -1 / inputs[1] ** 2 + 0 * y)


# ---------------------------------------------------------------------------------------------------------------------
# The Jacobian of softmax and its like


def in_jacobians(backward: Backward, parts: list[Region], names: Wording) -> Iterator[Candidate]:
    """Regions that mix entries: derived entry by entry, without the cross terms; softmax, mistaken in other ways."""
    softmaxes: dict[tuple[str, str], dict[int, Callable[[Backward], Fault]]] = {}
    for region in parts:
        if region.elementwise or backward.values[region.last].size < 2:
            continue
        axis = names.softmax_axes[region]
        if axis is None and backward.values[region.last].size <= LARGEST:
            fault = with_slope(region, diagonal_slope)
            rank = 4.0 + len(region.nodes) / 100
            yield Mistake("diagonal", DIAGONAL.format(names.node(region.last)), rank, fault)
        for kind, text, more, rule in wrong_softmaxes(axis, backward.values[region.last].ndim):
            fault = with_jacobian(region, rule)
            rank = 2.0 + len(region.nodes) / 100
            yield Mistake(kind, text.format(names.node(region.last)), rank + more, fault)
            softmaxes.setdefault((kind, text), {})[region.last] = fault
    for (kind, text), faults in softmaxes.items():
        if len(faults) > 1:
            yield Mistake(kind, text.format("every softmax"), EVERY, all_faults(list(faults.values())))


DIAGONAL = "only the diagonal of the Jacobian of {} is used: its cross terms ∂aⱼ/∂zₖ, j ≠ k, are missing"

SoftmaxRule = Callable[[Any, Any, Any], Any]
"""What is made of a gradient, by it, by the output y and the input z."""


def wrong_softmaxes(axis: int | None, ndim: int) -> Iterator[tuple[str, str, float, SoftmaxRule]]:
    """Kind, text, how much less simple, and what is taken for the rule of a softmax over an axis."""
    if axis is None:
        return

    def through(y: Any, g: Any) -> Any:
        return through_softmax(g, y, None, axis)

    yield "diagonal", DIAGONAL, 0.0, lambda g, y, z: g * y * (1 - y)
    yield "slope missing", MISSING, 0.0, lambda g, y, z: g
    text = "the Jacobian of {} is taken at its input z in place of its output y: diag(z) − z zᵀ"
    yield "slope at output", text, 0.1, lambda g, y, z: through(z, g)
    text = "the Jacobian of {} is taken at its output: softmax is applied twice"
    yield "slope at output", text, 0.2, lambda g, y, z: through(softmax(y, axis=axis), g)
    yield "value for slope", "{} itself is taken for its derivative", 1.0, lambda g, y, z: g * y
    text = "the sign of the cross terms of the Jacobian of {} is wrong: yⱼ yₖ for −yⱼ yₖ"
    yield "sign", text, 0.4, lambda g, y, z: g * y + y * (g * y).sum(axis=axis, keepdims=True) - 2 * g * y * y
    text = "the sum in the derivative of {}, y (g − Σ g y), is taken over "
    axes: list[tuple[int | None, str]] = [(other, f"axis {other}") for other in range(ndim) if other != axis]
    for wrong, said in [*axes, (None, "all entries")] if ndim > 1 else []:
        yield "axis", f"{text}{said} instead of axis {axis}", 0.5, partial(through_softmax, axis=wrong)


def through_softmax(g: Any, y: Any, z: Any, axis: int | None) -> Any:  # noqa: ARG001 (a SoftmaxRule)
    """The rule of a softmax over an axis."""
    return y * (g - (g * y).sum(axis=axis, keepdims=True))


def with_jacobian(region: Region, rule: SoftmaxRule) -> Callable[[Backward], Fault]:
    """A region's pullback by another rule."""

    def pull(backward: Backward) -> Pullback:
        y, z = backward.values[region.last], backward.values[region.first]
        return lambda g: [(region.first, rule(g, y, z))]

    return fault_at(region.last, pull)


def diagonal_slope(backward: Backward, region: Region) -> Any:
    """∂aₖ/∂zₖ, as if the region were elementwise."""
    return region.diagonal(backward)
