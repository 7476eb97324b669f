"""Mistakes people make in a derivation by hand, as mistakes in a backward pass.

Each is a variant of one node's (or region's) pullback. What a mistaken derivation would give is then computed, and set
against the claim: a mistake is named because it gives the claimed numbers, not because it is likely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ...table.arrays import unbroadcast
from ...table.elementwise import add, divide, multiply, negative, positive, power, square, subtract
from ...table.products import matmul
from ...table.reductions import count, mean_p, sum_p
from ...table.shapes import astype_p, identity_p
from .backward import Fault, Pulled, Trace, Traced
from .regions import LARGEST, Activation, Region, activation, is_softmax, regions


class Mistake(NamedTuple):
    """A mistake that may have been made in a derivation.

    Attributes
    ----------
    kind : which kind of mistake, in a word
    text : what was done, in a clause
    rank : the smaller, the simpler an explanation it is
    fault : the mistake in the backward pass of a trace
    """

    kind: str
    text: str
    rank: float
    fault: Callable[[Trace], Fault]

    def and_also(self, other: Mistake) -> Mistake:
        """Both, in different places; raises ValueError, when it is tried, for the same place."""

        def fault(trace: Trace) -> Fault:
            one, two = self.fault(trace), other.fault(trace)
            if one.keys() & two.keys():
                raise ValueError("one operation cannot be mistaken in two ways")
            return {**one, **two}

        kind = self.kind if self.kind == other.kind else "several"
        return Mistake(kind, f"two mistakes: {self.text}; and {other.text}", self.rank + other.rank, fault)


def mistakes(trace: Trace, named: Sequence[tuple[str, Any]]) -> list[Mistake]:
    """All that can be made in a trace, the simplest first; ``named`` are the arguments, for the texts."""
    parts = regions(trace)
    names = Names(trace, parts, named)
    found = [*in_slopes(trace, parts, names), *in_jacobians(trace, parts, names)]
    for k in range(1, len(trace.nodes)):
        for family in (in_products, in_factors, in_paths):
            found += family(trace, k, names)
    # a mistake is tried alone and then with every other: what it needs of a trace is computed once
    return [m._replace(fault=cache(m.fault)) for m in sorted(found, key=lambda mistake: mistake.rank)]


class Names:
    """What people would call the nodes and constants of a trace."""

    def __init__(self, trace: Trace, parts: Sequence[Region], named: Sequence[tuple[str, Any]]) -> None:
        self.trace = trace
        self.named = named
        self.all = ["" if node.primitive is None else node.primitive.name for node in trace.nodes]
        for region in parts:
            known = activation(trace, region)
            if known or is_softmax(trace, region):
                self.all[region.last] = known.name if known else "softmax"

    def node(self, k: int) -> str:
        """A node's operation; which of them, if there are several."""
        if k == 0:
            return self.named[0][0]
        name = self.all[k]
        alike = [j for j, other in enumerate(self.all) if other == self.all[k]]
        return name if len(alike) == 1 else f"{name} (number {alike.index(k) + 1} of {len(alike)})"

    def operand(self, x: Any) -> str:
        """An operand's name, if it is an argument or one transposed."""
        if type(x) is Traced:
            k = self.trace.number[id(x)]
            return self.named[0][0] if k == 0 else f"the output of {self.node(k)}"
        for name, value in self.named[1:]:
            if x is value:
                return name
            if type(x) is np.ndarray and x.base is value and x.T.shape == getattr(value, "shape", None):
                return f"{name}ᵀ"
        return "a constant"


def at(k: int, pull: Callable[[Trace], Callable[[Any], Pulled]]) -> Callable[[Trace], Fault]:
    """A fault at one node."""
    return lambda trace: {k: pull(trace)}


def instead(k: int, i: int, rule: Callable[[Traced], Callable[[Any], Any]]) -> Callable[[Trace], Fault]:
    """A fault at one node's i-th input: another rule; the other inputs keep theirs."""

    def pull(trace: Trace) -> Callable[[Any], Pulled]:
        node = trace.nodes[k]
        mistaken = rule(node)

        def pulled(g: Any) -> Pulled:
            found = []
            for j, x in enumerate(node.inputs):
                if type(x) is Traced:
                    d = mistaken(g) if j == i else node.rule(j)(g)
                    found.append((x, unbroadcast(d, x.shape) if node.primitive and node.primitive.broadcasts else d))
            return found

        return pulled

    return at(k, pull)


def together(faults: Sequence[Callable[[Trace], Fault]]) -> Callable[[Trace], Fault]:
    """The same mistake in several places."""
    return lambda trace: {k: pull for fault in faults for k, pull in fault(trace).items()}


# ---------------------------------------------------------------------------------------------------------------------
# The slope of an activation


def in_slopes(trace: Trace, parts: list[Region], names: Names) -> Iterator[Mistake]:
    """Elementwise regions: no derivative at all, or one that is evaluated at the wrong place."""
    places: dict[tuple[str, str, str], list[Callable[[Trace], Fault]]] = {}
    for region in parts:
        if not region.elementwise or is_linear(trace, region):
            continue
        known = activation(trace, region)
        name = names.all[region.last]
        rank = 2.0 if known else 3.0 if len(region.nodes) == 1 else 4.0 + len(region.nodes) / 100
        for kind, text, slope in wrong_slopes(known):
            fault = sloped(region, slope)
            yield Mistake(kind, text.format(names.node(region.last)), rank, fault)
            if known or len(region.nodes) == 1:
                places.setdefault((kind, text, name), []).append(fault)
    for (kind, text, name), faults in places.items():
        if len(faults) > 1:
            yield Mistake(kind, text.format(f"every {name}"), 2.3, together(faults))


Slope = Callable[[Trace, Region], Any]


def wrong_slopes(known: Activation | None) -> Iterator[tuple[str, str, Slope]]:
    """Kind, text and what was taken for da/dz."""
    yield "slope missing", MISSING, one
    yield "slope at output", "the derivative of {} is taken at its output a instead of its input z", at_output
    if known is not None and known.slope is not None:
        formula = known.slope
        text = f"the derivative of {{}}, {known.formula}, is evaluated at the input z in place of the output a"
        yield "slope at output", text, lambda trace, region: formula(trace.nodes[region.first].value)


MISSING = "the derivative of {} is missing: its output's gradient was passed on as its input's"


def one(trace: Trace, region: Region) -> Any:  # noqa: ARG001 (a Slope)
    """No derivative."""
    return 1.0


def at_output(trace: Trace, region: Region) -> Any:
    """The derivative at a instead of z."""
    return region.slope_at(trace, trace.nodes[region.last].value)


def sloped(region: Region, slope: Slope) -> Callable[[Trace], Fault]:
    """A region's pullback with another slope."""

    def pull(trace: Trace) -> Callable[[Any], Pulled]:
        s = slope(trace, region)
        return lambda g: [(trace.nodes[region.first], g * s)]

    return at(region.last, pull)


def is_linear(trace: Trace, region: Region) -> bool:
    """Whether a region adds and multiplies by constants only: its slope is a factor, not a derivative to forget."""

    def linear(node: Traced) -> bool:
        if node.primitive is multiply:
            return sum([type(x) is Traced for x in node.inputs]) == 1
        if node.primitive is divide:
            return type(node.inputs[1]) is not Traced
        return node.primitive in LINEAR

    return all(linear(trace.nodes[k]) for k in region.nodes)


LINEAR = (add, subtract, negative, positive, identity_p, astype_p)


# ---------------------------------------------------------------------------------------------------------------------
# The Jacobian of softmax and its like


def in_jacobians(trace: Trace, parts: list[Region], names: Names) -> Iterator[Mistake]:
    """Regions that mix entries: derived entry by entry, without the cross terms; softmax, not derived at all."""
    softmaxes: dict[int, Callable[[Trace], Fault]] = {}
    for region in parts:
        node = trace.nodes[region.last]
        if region.elementwise or not 2 <= node.size <= LARGEST:
            continue
        softmax = is_softmax(trace, region)
        fault = sloped(region, diagonal)
        rank = (2.0 if softmax else 4.0) + len(region.nodes) / 100
        yield Mistake("diagonal", DIAGONAL.format(names.node(region.last)), rank, fault)
        if softmax:
            softmaxes[region.last] = fault
            yield Mistake("slope missing", MISSING.format(names.node(region.last)), rank, sloped(region, one))
    if len(softmaxes) > 1:
        yield Mistake("diagonal", DIAGONAL.format("every softmax"), 2.3, together(list(softmaxes.values())))


DIAGONAL = "only the diagonal of the Jacobian of {} is used: its cross terms ∂aⱼ/∂zₖ, j ≠ k, are missing"


def diagonal(trace: Trace, region: Region) -> Any:
    """∂aₖ/∂zₖ, as if the region were elementwise."""
    return region.diagonal(trace)


# ---------------------------------------------------------------------------------------------------------------------
# Products


def in_products(trace: Trace, k: int, names: Names) -> Iterator[Mistake]:
    """Factors in the wrong order, without their transpose, or the wrong factor."""
    node = trace.nodes[k]
    if node.primitive is matmul and all(x.ndim == 2 for x in node.inputs):
        a, b = [names.operand(x) for x in node.inputs]
        rows = [
            (0, "swapped", "Bᵀ g", "g Bᵀ", lambda g, a, b: b.T @ g),
            (0, "transposed", "g B", "g Bᵀ", lambda g, a, b: g @ b),
            (0, "swapped", "B g", "g Bᵀ", lambda g, a, b: b @ g),
            (1, "swapped", "g Aᵀ", "Aᵀ g", lambda g, a, b: g @ a.T),
            (1, "transposed", "A g", "Aᵀ g", lambda g, a, b: a @ g),
            (1, "swapped", "g A", "Aᵀ g", lambda g, a, b: g @ a),
        ]
        for i, kind, wrong, right, rule in rows:
            if type(node.inputs[i]) is Traced:
                what = "the factors are swapped" if kind == "swapped" else "a transpose is missing"
                yield Mistake(
                    kind,
                    f"{what} in the derivative of {names.node(k)}, A B with A = {a} and B = {b}: "
                    f"{wrong} instead of {right}, for the gradient g of A B",
                    2.5,
                    instead(k, i, bound(rule)),
                )
    if node.primitive is multiply:
        both = [instead(k, i, bound(own)) for i, own in enumerate(OWN_FACTOR) if type(node.inputs[i]) is Traced]
        text = f"the factors are swapped in the derivative of {names.node(k)}, a b: g a is taken for ∂/∂a, not g b"
        if len(both) == 2:
            yield Mistake("swapped", text + " (and g b for ∂/∂b)", 2.6, own_factors(k))
        else:
            yield Mistake("swapped", text, 2.6, both[0])


OWN_FACTOR = (lambda g, a, b: g * a, lambda g, a, b: g * b)


def bound(rule: Callable[[Any, Any, Any], Any]) -> Callable[[Traced], Callable[[Any], Any]]:
    """A rule of two inputs, given their values."""

    def of(node: Traced) -> Callable[[Any], Any]:
        a, b = [x.value if type(x) is Traced else x for x in node.inputs]
        return lambda g: rule(g, a, b)

    return of


def own_factors(k: int) -> Callable[[Trace], Fault]:
    """(ab)' = a' a + b' b."""

    def pull(trace: Trace) -> Callable[[Any], Pulled]:
        a, b = trace.nodes[k].inputs
        return lambda g: [(a, unbroadcast(g * a.value, a.shape)), (b, unbroadcast(g * b.value, b.shape))]

    return at(k, pull)


# ---------------------------------------------------------------------------------------------------------------------
# Constant factors, means and sums


def in_factors(trace: Trace, k: int, names: Names) -> Iterator[Mistake]:
    """1/N, 2 and ½ where they belong to one operation; the batch reduced to one of its samples."""
    node = trace.nodes[k]
    if node.primitive in (mean_p, sum_p):
        (x,) = node.inputs
        axes = node.params["axis"]
        n = count(x.shape, axes)
        if node.primitive is mean_p and n > 1:
            yield scaled(k, n, "mean", f"the division by {n} of the mean is missing", 1.0)
        for sizes in {n, *[x.shape[axis] for axis in axes]} - {0, 1}:
            if node.primitive is mean_p and sizes != n:
                yield scaled(k, sizes, "mean", f"the mean divides by {n}, the claim by {n // sizes} only", 1.2)
            elif node.primitive is sum_p:
                text = f"divided by {sizes}, as a mean is, where the function takes a sum"
                yield scaled(k, 1 / sizes, "mean", text, 1.1 if sizes > 2 else 3.5)  # ½ has other reasons, too
        if 0 in axes and x.ndim and x.shape[0] > 1:
            for sample in (0, x.shape[0] - 1):
                text = f"the sum over the batch is missing: only entry {sample} of axis 0 is counted in {names.node(k)}"
                yield Mistake("sum", text, 3.0, only(k, sample))
    if node.primitive in (multiply, divide) and len(trace.parents[k]) == 1:
        yield from constant_factor(node, k)
    if node.primitive is square or (node.primitive is multiply and node.inputs[0] is node.inputs[1]):
        yield scaled(k, 0.5, "factor", f"the factor 2 of the derivative of {names.node(k)} is missing", 3.0)
    if node.primitive is power and type(node.inputs[1]) is not Traced and np.size(node.inputs[1]) == 1:
        n = node.inputs[1]
        if np.asarray(n).item() not in (0, 1):
            text = f"the factor {number(n)} of the derivative of {names.node(k)} is missing"
            yield scaled(k, 1 / float(np.asarray(n).item()), "factor", text, 3.0)


def constant_factor(node: Traced, k: int) -> Iterator[Mistake]:
    """A number that multiplies or divides, left out."""
    constants = [x for x in node.inputs if type(x) is not Traced]
    if len(constants) != 1 or np.size(constants[0]) != 1 or np.asarray(constants[0]).item() in (0, 1):
        return
    c = float(np.asarray(constants[0]).item())
    if node.primitive is divide and type(node.inputs[0]) is Traced:
        whole = c > 1 and c.is_integer()
        text = f"the division by {number(c)} is missing"
        yield scaled(k, c, "mean" if whole else "factor", text, 1.0 if whole else 3.0)
    elif node.primitive is multiply:
        yield scaled(k, 1 / c, "factor", f"the factor {number(c)} is missing", 3.0)


def scaled(k: int, factor: float, kind: str, text: str, rank: float) -> Mistake:
    """A node whose gradient is multiplied."""
    return Mistake(kind, text, rank, at(k, lambda trace: lambda g: trace.nodes[k].pull(g * factor)))


def only(k: int, sample: int) -> Callable[[Trace], Fault]:
    """A reduction over axis 0 that passes its gradient to one entry."""

    def pull(trace: Trace) -> Callable[[Any], Pulled]:
        node = trace.nodes[k]
        mask = np.zeros(node.inputs[0].shape)
        mask[sample] = 1
        return lambda g: [(x, d * mask) for x, d in node.pull(g)]

    return at(k, pull)


def number(x: Any) -> str:
    """A number as people write it."""
    return f"{np.asarray(x).item():g}"


# ---------------------------------------------------------------------------------------------------------------------
# Paths


def in_paths(trace: Trace, k: int, names: Names) -> Iterator[Mistake]:
    """One of several terms left out, or with the wrong sign."""
    for p in trace.parents[k]:
        if len(trace.parents[k]) == 1 and len(trace.users[p]) == 1:
            continue
        source = names.operand(trace.nodes[p])
        text = f"a term is missing: {source} was treated as a constant in {names.node(k)}"
        yield Mistake("term", text, 2.9, through(k, p, 0.0))
        text = f"the sign of one term is wrong: of that by way of {source} in {names.node(k)}"
        yield Mistake("sign", text, 4.0, through(k, p, -1.0))


def through(k: int, p: int, factor: float) -> Callable[[Trace], Fault]:
    """A node whose gradient for one of its inputs is multiplied."""

    def pull(trace: Trace) -> Callable[[Any], Pulled]:
        node, parent = trace.nodes[k], trace.nodes[p]
        return lambda g: [(x, d * factor if x is parent else d) for x, d in node.pull(g)]

    return at(k, pull)
