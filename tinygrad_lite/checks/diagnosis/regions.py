"""Parts of a computation that people derive in one go: activations, softmax, normalisations of several operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from ...engine.tensor import Tensor
from ...table.neural import sigmoid, softmax
from .backward import Backward, rerun

LONGEST = 200
"""Nodes of a backward pass; in longer ones, only small regions are looked for."""

NEAR = 16
"""Nodes that such regions may begin before their last."""

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
    """Every region, the smaller first; of long computations the small ones, as activations are."""
    n = len(backward.nodes)
    reach = n if n <= LONGEST else NEAR
    found = [region for last in range(n) for region in ending_at(backward, last, max(0, last - reach))]
    return sorted(found, key=lambda region: len(region.nodes))


def ending_at(backward: Backward, last: int, start: int) -> Iterator[Region]:
    """Every region whose output is this node, and whose input is not before another.

    From the output backward, nodes are taken in from the newest. A region begins at a node that everything which was
    taken in so far comes from, and nothing else: the only one that is still to be taken in.
    """
    shape = backward.nodes[last].shape
    members = {last}
    waiting = set(backward.parents[last])
    while waiting:
        k = max(waiting)
        if k < start:
            return
        if len(waiting) == 1 and backward.nodes[k].shape == shape:
            nodes = tuple(sorted(members))
            yield Region(k, last, nodes, all(acts_entry_by_entry(backward, j) for j in nodes))
        if not members.issuperset(backward.users[k]):
            return
        waiting.remove(k)
        waiting.update(backward.parents[k])
        members.add(k)


# ---------------------------------------------------------------------------------------------------------------------
# What people call them


class Activation(NamedTuple):
    """A function with a name of its own, and its slope as formulas write it, in terms of its output a.

    ``confused`` are formulas that are taken for it.
    """

    name: str
    symbol: str
    function: Callable[[Any], Any]
    slope: Callable[[Any], Any] | None
    formula: str
    confused: Mapping[str, Callable[[Any], Any]] = MappingProxyType({})


ACTIVATIONS = (
    Activation(
        "sigmoid",
        "σ",
        sigmoid,
        lambda a: a * (1 - a),
        "a(1 − a)",
        {"1 − a": lambda a: 1 - a, "a²": lambda a: a * a, "a(1 + a)": lambda a: a * (1 + a)},
    ),
    Activation(
        "tanh",
        "tanh",
        np.tanh,
        lambda a: 1 - a * a,
        "1 − a²",
        {
            "1 − a": lambda a: 1 - a,
            "1 + a²": lambda a: 1 + a * a,
            "a²": lambda a: a * a,
            "(1 − a)²": lambda a: (1 - a) ** 2,
        },
    ),
    Activation("relu", "relu", lambda z: np.maximum(z, 0), lambda a: (a > 0) * 1.0, "1 where a > 0"),
    Activation(
        "softplus",
        "softplus",
        lambda z: np.logaddexp(0, z),
        lambda a: 1 - np.exp(-a),
        "1 − e⁻ᵃ",
        {"e⁻ᵃ": lambda a: np.exp(-a)},
    ),
    Activation("silu", "silu", lambda z: z * sigmoid(z), None, ""),
    Activation("gelu", "gelu", lambda z: z * (1 + np.tanh((2 / np.pi) ** 0.5 * (z + 0.044715 * z**3))) / 2, None, ""),
)


def activation_of(backward: Backward, region: Region) -> Activation | None:
    """The activation that a region's numbers are those of, if they are one's."""
    if not region.elementwise:
        return None
    z, a = backward.values[region.first], backward.values[region.last]
    with np.errstate(all="ignore"):
        return next((known for known in ACTIVATIONS if equal_to_rounding(known.function(z), a)), None)


def softmax_axis(backward: Backward, region: Region) -> int | None:
    """The axis over which a region's numbers are the softmax of its input's; None where they are not."""
    z, a = backward.values[region.first], backward.values[region.last]
    if region.elementwise or not z.ndim:
        return None
    with np.errstate(all="ignore"):
        return next((axis for axis in range(z.ndim)[::-1] if equal_to_rounding(softmax(z, axis=axis), a)), None)


def equal_to_rounding(a: Any, b: Any) -> bool:
    """Whether two arrays are of the same numbers, but for the last digits."""
    return bool((np.abs(a - b) <= 1e-14 + 1e-12 * np.abs(b)).all())  # np.allclose takes four times as long
