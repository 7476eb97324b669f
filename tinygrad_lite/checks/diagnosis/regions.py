"""Parts of a computation that people derive in one go: activations, softmax, normalisations of several operations."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from ...engine.tensor import Tensor
from ...table.neural import sigmoid, softmax
from ..points import sums_to_one
from .backward import Backward, rerun

LONGEST = 200
"""Nodes of a backward pass; in longer ones, only single operations are looked at."""

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

    def slope(self, backward: Backward) -> Any:
        """da/dz of an elementwise region."""
        return backward.sweep(np.ones(backward.nodes[self.last].shape)[()], {}, self.last, self.first)

    def slope_at(self, backward: Backward, z: Any) -> Any:
        """da/dz where the input is another one: the region is computed again."""
        start = Tensor(z, requires_grad=True)
        nodes = backward.nodes
        again = rerun([nodes[k] for k in self.nodes], {nodes[self.first]: start})
        return Backward(start, again[nodes[self.last]]).sweep(np.ones(start.shape)[()], {})

    def diagonal(self, backward: Backward) -> Any:
        """∂aₖ/∂zₖ of each entry."""
        shape = backward.nodes[self.last].shape
        return np.diagonal(self.jacobian(backward)).reshape(shape)

    def jacobian(self, backward: Backward) -> Any:
        """∂a/∂z as a square matrix."""
        n = backward.values[self.last].size
        return backward.jacobian({}, self.last, self.first).reshape(n, n)


def acts_entry_by_entry(backward: Backward, k: int) -> bool:
    """Whether each entry of a node's output depends on one entry of each parent, at the same place."""
    node = backward.nodes[k]
    same = all(backward.nodes[parent].shape == node.shape for parent in backward.parents[k])
    return node.primitive is not None and node.primitive.elementwise and same


def regions_of(backward: Backward) -> list[Region]:
    """Every region, the smaller first."""
    n = len(backward.nodes)
    if n > LONGEST:
        pairs = [(p, k) for k, parents in enumerate(backward.parents) for p in parents if len(parents) == 1]
        same = [(p, k) for p, k in pairs if backward.nodes[p].shape == backward.nodes[k].shape]
        return [Region(p, k, (k,), acts_entry_by_entry(backward, k)) for p, k in same]
    above = ancestors(backward)
    below = [union([1 << k for k in range(n) if above[k] >> p & 1]) for p in range(n)]
    found = [region for last in range(n) for region in ending_at(backward, last, above[last], below)]
    return sorted(found, key=lambda region: len(region.nodes))


def ending_at(backward: Backward, last: int, above: int, below: list[int]) -> Iterator[Region]:
    """Every region whose output is this node, given what is above it and below each. Sets are bits of integers."""
    node = backward.nodes[last]
    for first in range(last):
        if backward.nodes[first].shape != node.shape or not above >> first & 1:
            continue
        inside = below[first] & (above | 1 << last)
        members = tuple([k for k in range(first + 1, last + 1) if inside >> k & 1])
        entering = union([1 << p for k in members for p in backward.parents[k]])
        leaving = union([1 << u for k in members[:-1] for u in backward.users[k]])
        if not entering & ~(inside | 1 << first) and not leaving & ~inside:
            yield Region(first, last, members, all(acts_entry_by_entry(backward, k) for k in members))


def ancestors(backward: Backward) -> list[int]:
    """For each node the set of nodes it was computed from, directly or not."""
    above: list[int] = []
    for parents in backward.parents:
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


ACTIVATIONS = (
    Activation("sigmoid", sigmoid, lambda a: a * (1 - a), "a(1 − a)"),
    Activation("tanh", np.tanh, lambda a: 1 - a * a, "1 − a²"),
    Activation("relu", lambda z: np.maximum(z, 0), None, ""),
    Activation("softplus", lambda z: np.logaddexp(0, z), lambda a: 1 - np.exp(-a), "1 − e⁻ᵃ"),
    Activation("silu", lambda z: z * sigmoid(z), None, ""),
    Activation("gelu", lambda z: z * (1 + np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3))) / 2, None, ""),
)


def activation_of(backward: Backward, region: Region) -> Activation | None:
    """The activation that a region's numbers are those of, if they are one's."""
    if not region.elementwise:
        return None
    z, a = backward.values[region.first], backward.values[region.last]
    with np.errstate(all="ignore"):
        return next((known for known in ACTIVATIONS if equal_to_rounding(known.function(z), a)), None)


def is_softmax(backward: Backward, region: Region) -> bool:
    """Whether a region's numbers are the softmax of its input's, over one axis: the last, or that of columns."""
    z, a = backward.values[region.first], backward.values[region.last]
    if region.elementwise or not z.ndim or not sums_to_one(a):
        return False
    return any(equal_to_rounding(softmax(z, axis=axis), a) for axis in range(z.ndim))


def equal_to_rounding(a: Any, b: Any) -> bool:
    """Whether two arrays are of the same numbers, but for the last digits."""
    return bool(np.allclose(a, b, rtol=1e-12, atol=1e-14))
