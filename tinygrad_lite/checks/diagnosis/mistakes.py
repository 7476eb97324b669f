"""Mistakes people make in a derivation by hand, as mistakes in a backward pass.

Each is a variant of one node's (or region's) pullback. What a mistaken derivation would give is then computed, and set
against the claim: a mistake is named because it gives the claimed numbers, not because it is likely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, Final, NamedTuple

import numpy as np

from ...table.elementwise import divide, keep_p, multiply, power, square, where_p
from ...table.parts import write_p
from ...table.products import matmul
from ...table.reductions import count, mean_p, sum_p
from .backward import Backward, Fault, Pullback, given_operand
from .regions import LARGEST, Activation, Region, activation_of, is_softmax, regions_of


class Mistake(NamedTuple):
    """A mistake that may have been made in a derivation.

    Attributes
    ----------
    kind : which kind of mistake, in a word
    text : what was done, in a clause
    rank : the smaller, the simpler an explanation it is
    fault : the mistake, in a backward pass
    """

    kind: str
    text: str
    rank: float
    fault: Callable[[Backward], Fault]

    def and_also(self, other: Mistake) -> Mistake:
        """Both, in different places; raises ValueError, when it is tried, for the same place."""

        def fault(backward: Backward) -> Fault:
            one, two = self.fault(backward), other.fault(backward)
            if one.keys() & two.keys():
                raise ValueError("one operation cannot be mistaken in two ways")
            return {**one, **two}

        kind = self.kind if self.kind == other.kind else "several"
        return Mistake(kind, f"two mistakes: {self.text}; and {other.text}", self.rank + other.rank, fault)


def mistakes(backward: Backward, named: Sequence[tuple[str, Any]]) -> list[Mistake]:
    """All that can be made in a backward pass, the simplest first; ``named`` are the arguments, for the texts."""
    parts = regions_of(backward)
    names = Wording(backward, parts, named)
    found = [*in_slopes(backward, parts, names), *in_jacobians(backward, parts, names)]
    for k in range(1, len(backward.nodes)):
        for family in (in_products, in_factors, in_paths, in_writes):
            found += family(backward, k, names)
    # a mistake is tried alone and then with every other: what it needs of a backward pass is computed once
    return [m._replace(fault=cache(m.fault)) for m in sorted(found, key=lambda mistake: mistake.rank)]


class Wording:
    """What people would call the nodes and constants of a backward pass."""

    def __init__(self, backward: Backward, parts: Sequence[Region], named: Sequence[tuple[str, Any]]) -> None:
        self.backward = backward
        self.named = named
        self.all = ["" if node.primitive is None else node.primitive.name for node in backward.nodes]
        for region in parts:
            known = activation_of(backward, region)
            if known or is_softmax(backward, region):
                self.all[region.last] = known.name if known else "softmax"

    def node(self, k: int) -> str:
        """A node's operation; which of them, if there are several."""
        if k == 0:
            return self.named[0][0]
        name = self.all[k]
        alike = [j for j, other in enumerate(self.all) if other == self.all[k]]
        return name if len(alike) == 1 else f"{name} (number {alike.index(k) + 1} of {len(alike)})"

    def source(self, k: int) -> str:
        """A node's output, as an operand."""
        return self.named[0][0] if k == 0 else f"the output of {self.node(k)}"

    def operand(self, k: int, i: int) -> str:
        """An operand of a node by its place, if it is another node's output, an argument, or one transposed."""
        p = self.backward.sources[k][i]
        if p is not None:
            return self.source(p)
        x = given_operand(self.backward.nodes[k], i)
        for name, value in self.named[1:]:
            if x is value:
                return name
            if type(x) is np.ndarray and x.base is value and x.T.shape == getattr(value, "shape", None):
                return f"{name}ᵀ"
        return "a constant"


def fault_at(k: int, pull: Callable[[Backward], Pullback]) -> Callable[[Backward], Fault]:
    """A fault at one node."""
    return lambda backward: {k: pull(backward)}


def rules_instead(k: int, rules: Mapping[int, Callable[..., Any]]) -> Callable[[Backward], Fault]:
    """A fault at a product a b: for some factors, by their places, other rules, of the cotangent, a and b."""

    def pull(backward: Backward) -> Pullback:
        a, b = backward.nodes[k].kept.inputs
        mistaken = {i: partial(rule, a=a, b=b) for i, rule in rules.items()}
        return lambda g: backward.pull(k, g, mistaken)

    return fault_at(k, pull)


def all_faults(faults: Sequence[Callable[[Backward], Fault]]) -> Callable[[Backward], Fault]:
    """One mistake, made in several places."""
    return lambda backward: {k: pull for fault in faults for k, pull in fault(backward).items()}


# ---------------------------------------------------------------------------------------------------------------------
# The slope of an activation


def in_slopes(backward: Backward, parts: list[Region], names: Wording) -> Iterator[Mistake]:
    """Elementwise regions: no derivative at all, or one that is evaluated at the wrong place."""
    places: dict[tuple[str, str, str], list[Callable[[Backward], Fault]]] = {}
    for region in parts:
        if not region.elementwise or is_linear(backward, region):
            continue
        known = activation_of(backward, region)
        name = names.all[region.last]
        rank = 2.0 if known else 3.0 if len(region.nodes) == 1 else 4.0 + len(region.nodes) / 100
        for kind, text, slope in wrong_slopes(known):
            fault = with_slope(region, slope)
            yield Mistake(kind, text.format(names.node(region.last)), rank, fault)
            if known or len(region.nodes) == 1:
                places.setdefault((kind, text, name), []).append(fault)
    for (kind, text, name), faults in places.items():
        if len(faults) > 1:
            yield Mistake(kind, text.format(f"every {name}"), 2.3, all_faults(faults))


Slope = Callable[[Backward, Region], Any]


def wrong_slopes(known: Activation | None) -> Iterator[tuple[str, str, Slope]]:
    """Kind, text and what was taken for da/dz."""
    yield "slope missing", MISSING, no_slope
    yield "slope at output", "the derivative of {} is taken at its output a instead of its input z", at_output
    if known is not None and known.slope is not None:
        formula = known.slope
        text = f"the derivative of {{}}, {known.formula}, is evaluated at the input z in place of the output a"
        yield "slope at output", text, lambda backward, region: formula(backward.values[region.first])


MISSING = "the derivative of {} is missing: its output's gradient was passed on as its input's"


def no_slope(backward: Backward, region: Region) -> Any:  # noqa: ARG001 (a Slope)
    """No derivative."""
    return 1.0


def at_output(backward: Backward, region: Region) -> Any:
    """The derivative at a instead of z."""
    return region.slope_at(backward, backward.values[region.last])


def with_slope(region: Region, slope: Slope) -> Callable[[Backward], Fault]:
    """A region's pullback with another slope."""

    def pull(backward: Backward) -> Pullback:
        s = slope(backward, region)
        return lambda g: [(region.first, g * s)]

    return fault_at(region.last, pull)


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
# The Jacobian of softmax and its like


def in_jacobians(backward: Backward, parts: list[Region], names: Wording) -> Iterator[Mistake]:
    """Regions that mix entries: derived entry by entry, without the cross terms; softmax, not derived at all."""
    softmaxes: dict[int, Callable[[Backward], Fault]] = {}
    for region in parts:
        if region.elementwise or not 2 <= backward.values[region.last].size <= LARGEST:
            continue
        softmax = is_softmax(backward, region)
        fault = with_slope(region, diagonal_slope)
        rank = (2.0 if softmax else 4.0) + len(region.nodes) / 100
        yield Mistake("diagonal", DIAGONAL.format(names.node(region.last)), rank, fault)
        if softmax:
            softmaxes[region.last] = fault
            yield Mistake("slope missing", MISSING.format(names.node(region.last)), rank, with_slope(region, no_slope))
    if len(softmaxes) > 1:
        yield Mistake("diagonal", DIAGONAL.format("every softmax"), 2.3, all_faults(list(softmaxes.values())))


DIAGONAL = "only the diagonal of the Jacobian of {} is used: its cross terms ∂aⱼ/∂zₖ, j ≠ k, are missing"


def diagonal_slope(backward: Backward, region: Region) -> Any:
    """∂aₖ/∂zₖ, as if the region were elementwise."""
    return region.diagonal(backward)


# ---------------------------------------------------------------------------------------------------------------------
# Products


def in_products(backward: Backward, k: int, names: Wording) -> Iterator[Mistake]:
    """Factors in the wrong order, without their transpose, or the wrong factor."""
    primitive, sources = backward.nodes[k].primitive, backward.sources[k]
    if primitive is matmul and all(x.ndim == 2 for x in backward.nodes[k].kept.inputs):
        a, b = names.operand(k, 0), names.operand(k, 1)
        wrong_rules = [
            (0, "swapped", "Bᵀ g", "g Bᵀ", lambda g, a, b: b.T @ g),
            (0, "transposed", "g B", "g Bᵀ", lambda g, a, b: g @ b),
            (0, "swapped", "B g", "g Bᵀ", lambda g, a, b: b @ g),
            (1, "swapped", "g Aᵀ", "Aᵀ g", lambda g, a, b: g @ a.T),
            (1, "transposed", "A g", "Aᵀ g", lambda g, a, b: a @ g),
            (1, "swapped", "g A", "Aᵀ g", lambda g, a, b: g @ a),
        ]
        for i, kind, wrong, right, rule in wrong_rules:
            if sources[i] is not None:
                what = "the factors are swapped" if kind == "swapped" else "a transpose is missing"
                yield Mistake(
                    kind,
                    f"{what} in the derivative of {names.node(k)}, A B with A = {a} and B = {b}: "
                    f"{wrong} instead of {right}, for the gradient g of A B",
                    2.5,
                    rules_instead(k, {i: rule}),
                )
    if primitive is multiply:
        both = [rules_instead(k, {i: own}) for i, own in OWN_FACTOR.items() if sources[i] is not None]
        text = f"the factors are swapped in the derivative of {names.node(k)}, a b: g a is taken for ∂/∂a, not g b"
        if len(both) == 2:
            yield Mistake("swapped", text + " (and g b for ∂/∂b)", 2.6, rules_instead(k, OWN_FACTOR))
        else:
            yield Mistake("swapped", text, 2.6, both[0])


OWN_FACTOR: Final[Mapping[int, Callable[..., Any]]] = {0: lambda g, a, b: g * a, 1: lambda g, a, b: g * b}
"""(ab)' = a' a + b' b."""


# ---------------------------------------------------------------------------------------------------------------------
# Constant factors, means and sums


def in_factors(backward: Backward, k: int, names: Wording) -> Iterator[Mistake]:
    """1/N, 2 and ½ where they belong to one operation; the batch reduced to one of its samples."""
    node, sources = backward.nodes[k], backward.sources[k]
    if node.primitive in (mean_p, sum_p):
        (x,) = node.kept.inputs
        axes = node.params["axis"]
        n = count(x.shape, axes)
        if node.primitive is mean_p and n > 1:
            yield scaled_gradient(k, n, "mean", f"the division by {n} of the mean is missing", 1.0)
        for sizes in {n, *[x.shape[axis] for axis in axes]} - {0, 1}:
            if node.primitive is mean_p and sizes != n:
                yield scaled_gradient(k, sizes, "mean", f"the mean divides by {n}, the claim by {n // sizes} only", 1.2)
            elif node.primitive is sum_p:
                text = f"divided by {sizes}, as a mean is, where the function takes a sum"
                yield scaled_gradient(k, 1 / sizes, "mean", text, 1.1 if sizes > 2 else 3.5)  # ½ has other reasons, too
        if 0 in axes and x.ndim and x.shape[0] > 1:
            for sample in (0, x.shape[0] - 1):
                text = f"the sum over the batch is missing: only entry {sample} of axis 0 is counted in {names.node(k)}"
                yield Mistake("sum", text, 3.0, only_sample(k, sample))
    if node.primitive in (multiply, divide) and len(backward.parents[k]) == 1:
        yield from constant_factor(backward, k)
    if node.primitive is square or (node.primitive is multiply and sources[0] == sources[1]):
        yield scaled_gradient(k, 0.5, "factor", f"the factor 2 of the derivative of {names.node(k)} is missing", 3.0)
    if node.primitive is power and sources[1] is None and np.size(node.kept.inputs[1]) == 1:
        n = node.kept.inputs[1]
        if np.asarray(n).item() not in (0, 1):
            text = f"the factor {short_number(n)} of the derivative of {names.node(k)} is missing"
            yield scaled_gradient(k, 1 / float(np.asarray(n).item()), "factor", text, 3.0)


def constant_factor(backward: Backward, k: int) -> Iterator[Mistake]:
    """A number that multiplies or divides, left out."""
    node, sources = backward.nodes[k], backward.sources[k]
    constants = [x for x, source in zip(node.kept.inputs, sources, strict=True) if source is None]
    if len(constants) != 1 or np.size(constants[0]) != 1 or np.asarray(constants[0]).item() in (0, 1):
        return
    c = float(np.asarray(constants[0]).item())
    if node.primitive is divide and sources[0] is not None:
        whole = c > 1 and c.is_integer()
        text = f"the division by {short_number(c)} is missing"
        yield scaled_gradient(k, c, "mean" if whole else "factor", text, 1.0 if whole else 3.0)
    elif node.primitive is multiply:
        yield scaled_gradient(k, 1 / c, "factor", f"the factor {short_number(c)} is missing", 3.0)


def scaled_gradient(k: int, factor: float, kind: str, text: str, rank: float) -> Mistake:
    """A node whose gradient is multiplied."""
    return Mistake(kind, text, rank, fault_at(k, lambda backward: lambda g: backward.pull(k, g * factor)))


def only_sample(k: int, sample: int) -> Callable[[Backward], Fault]:
    """A reduction over axis 0 that passes its gradient to one entry."""

    def pull(backward: Backward) -> Pullback:
        mask = np.zeros(backward.nodes[k].kept.inputs[0].shape)
        mask[sample] = 1
        return lambda g: [(p, d * mask) for p, d in backward.pull(k, g)]

    return fault_at(k, pull)


def short_number(x: Any) -> str:
    """A number as people write it."""
    return f"{np.asarray(x).item():g}"


# ---------------------------------------------------------------------------------------------------------------------
# Paths


def in_paths(backward: Backward, k: int, names: Wording) -> Iterator[Mistake]:
    """One of several terms left out, or with the wrong sign."""
    for p in backward.parents[k]:
        if len(backward.parents[k]) == 1 and len(backward.users[p]) == 1:
            continue
        source = names.source(p)
        text = f"a term is missing: {source} was treated as a constant in {names.node(k)}"
        yield Mistake("term", text, 2.9, scaled_path(k, p, 0.0))
        text = f"the sign of one term is wrong: of that by way of {source} in {names.node(k)}"
        yield Mistake("sign", text, 4.0, scaled_path(k, p, -1.0))


def scaled_path(k: int, p: int, factor: float) -> Callable[[Backward], Fault]:
    """A node whose gradient for one of its inputs is multiplied."""

    def pull(backward: Backward) -> Pullback:
        return lambda g: [(source, d * factor if source == p else d) for source, d in backward.pull(k, g)]

    return fault_at(k, pull)


# ---------------------------------------------------------------------------------------------------------------------
# Writes


def in_writes(backward: Backward, k: int, names: Wording) -> Iterator[Mistake]:
    """What a write replaced, counted as if it were still there."""
    before = backward.sources[k][0] if backward.nodes[k].primitive is write_p else None
    if before is not None:

        def pull(backward: Backward) -> Pullback:
            return lambda g: [(source, g if source == before else d) for source, d in backward.pull(k, g)]

        text = f"what was overwritten still counts: {names.node(k)} did not take it out of the array's derivative"
        yield Mistake("write", text, 2.5, fault_at(k, pull))
