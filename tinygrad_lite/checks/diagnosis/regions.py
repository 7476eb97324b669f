"""Parts of a trace that people derive in one go: activations written as several operations, softmax, normalisations."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from ...table.neural import relu_p, sigmoid_p, sloped_relu_p
from ...table.products import matmul
from ...table.shapes import astype_p, identity_p
from .backward import Trace, Traced

LONGEST = 200
"""Nodes of a trace; in longer ones, only single operations are looked at."""

LARGEST = 640
"""Entries of a value whose Jacobian is computed."""


class Region(NamedTuple):
    """Nodes between two of the same shape, which nothing enters but through the first and leaves but by the last.

    Attributes
    ----------
    first, last : the input z, which is not one of the nodes, and the output a
    nodes : the numbers of the others and of the last
    elementwise : whether each entry of a depends on the same entry of z only
    """

    first: int
    last: int
    nodes: tuple[int, ...]
    elementwise: bool

    def slope(self, trace: Trace) -> Any:
        """da/dz of an elementwise region."""
        return trace.sweep(np.ones(trace.nodes[self.last].shape)[()], {}, self.last, self.first)

    def slope_at(self, trace: Trace, z: Any) -> Any:
        """da/dz where the input is another one: the region is computed again."""
        new = {self.first: Traced(z)}
        for k in self.nodes:
            node = trace.nodes[k]
            inputs = tuple([new.get(trace.number[id(x)], x) if type(x) is Traced else x for x in node.inputs])
            assert node.primitive is not None
            new[k] = Traced.__record__(node.primitive, inputs, node.params)
        start = new[self.first]
        again = Trace.__new__(Trace)
        again.gather(start, new[self.last])
        return again.sweep(np.ones(start.shape)[()], {})

    def diagonal(self, trace: Trace) -> Any:
        """∂aₖ/∂zₖ of each entry."""
        shape = trace.nodes[self.last].shape
        return np.diagonal(self.jacobian(trace)).reshape(shape)

    def jacobian(self, trace: Trace) -> Any:
        """∂a/∂z as a square matrix."""
        n = trace.nodes[self.last].size
        return trace.between(self.last, self.first, {}).reshape(n, n)


def is_elementwise(node: Traced) -> bool:
    """Whether each entry of the output depends on one entry of each traced input, at the same place."""
    p = node.primitive
    entrywise = p is not None and ((p.broadcasts and p is not matmul) or p in ENTRYWISE)
    return entrywise and all(type(x) is not Traced or x.shape == node.shape for x in node.inputs)


ENTRYWISE = frozenset({sigmoid_p, relu_p, sloped_relu_p, identity_p, astype_p})


def regions(trace: Trace) -> list[Region]:
    """Every region, the smaller first."""
    n = len(trace.nodes)
    if n > LONGEST:
        pairs = [(p, k) for k, parents in enumerate(trace.parents) for p in parents if len(parents) == 1]
        same = [(p, k) for p, k in pairs if trace.nodes[p].shape == trace.nodes[k].shape]
        return [Region(p, k, (k,), is_elementwise(trace.nodes[k])) for p, k in same]
    above = ancestors(trace)
    below = [union([1 << k for k in range(n) if above[k] >> p & 1]) for p in range(n)]
    found = [region for last in range(n) for region in ending_at(trace, last, above[last], below)]
    return sorted(found, key=lambda region: len(region.nodes))


def ending_at(trace: Trace, last: int, above: int, below: list[int]) -> Iterator[Region]:
    """Every region whose output is this node, given what is above it and below each. Sets are bits of integers."""
    node = trace.nodes[last]
    for first in range(last):
        if trace.nodes[first].shape != node.shape or not above >> first & 1:
            continue
        inside = below[first] & (above | 1 << last)
        members = tuple([k for k in range(first + 1, last + 1) if inside >> k & 1])
        entering = union([1 << p for k in members for p in trace.parents[k]])
        leaving = union([1 << u for k in members[:-1] for u in trace.users[k]])
        if not entering & ~(inside | 1 << first) and not leaving & ~inside:
            yield Region(first, last, members, all(is_elementwise(trace.nodes[k]) for k in members))


def ancestors(trace: Trace) -> list[int]:
    """For each node the set of nodes it was computed from, directly or not."""
    above: list[int] = []
    for parents in trace.parents:
        above.append(union([above[p] | 1 << p for p in parents]))
    return above


def union(sets: list[int]) -> int:
    """Of sets of bits."""
    return reduce(operator.or_, sets, 0)


# ---------------------------------------------------------------------------------------------------------------------
# What people call them


class Activation(NamedTuple):
    """A function with a name of its own, and its slope as formulas write it, in terms of its output a."""

    name: str
    function: Callable[[Any], Any]
    slope: Callable[[Any], Any] | None
    formula: str


def sigmoid(z: Any) -> Any:
    """1/(1 + e⁻ᶻ)."""
    return 1 / (1 + np.exp(-z))


ACTIVATIONS = (
    Activation("sigmoid", sigmoid, lambda a: a * (1 - a), "a(1 − a)"),
    Activation("tanh", np.tanh, lambda a: 1 - a * a, "1 − a²"),
    Activation("relu", lambda z: np.maximum(z, 0), None, ""),
    Activation("softplus", lambda z: np.logaddexp(0, z), lambda a: 1 - np.exp(-a), "1 − e⁻ᵃ"),
    Activation("silu", lambda z: z * sigmoid(z), None, ""),
    Activation("gelu", lambda z: z * (1 + np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3))) / 2, None, ""),
)


def activation(trace: Trace, region: Region) -> Activation | None:
    """The activation that a region's numbers are those of, if they are one's."""
    if not region.elementwise:
        return None
    z, a = trace.nodes[region.first].value, trace.nodes[region.last].value
    with np.errstate(all="ignore"):
        return next((known for known in ACTIVATIONS if alike(known.function(z), a)), None)


def is_softmax(trace: Trace, region: Region) -> bool:
    """Whether a region's numbers are the softmax of its input's, over the last axis."""
    z, a = trace.nodes[region.first].value, trace.nodes[region.last].value
    if region.elementwise or not z.ndim:
        return False
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return alike(e / e.sum(axis=-1, keepdims=True), a)


def alike(a: Any, b: Any) -> bool:
    """The same numbers, to rounding."""
    return bool(np.allclose(a, b, rtol=1e-12, atol=1e-14))
