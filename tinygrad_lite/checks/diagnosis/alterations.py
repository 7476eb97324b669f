"""Derivatives that are right, but of another function: with a minus left out, or over another axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ...engine.tensor import Tensor
from ...table.elementwise import negative
from ...table.neural import softmax_p
from ...table.reductions import mean_p, sum_p
from .backward import Backward, from_old_to_new, rerun
from .wording import Wording

Change = Callable[[Backward, Mapping[Any, Tensor]], Tensor]
"""What is computed in place of a node, of what was computed before."""


class Alteration(NamedTuple):
    """Another function, by what it computes at some nodes, and what to call the mistake of having derived that.

    Attributes
    ----------
    kind, text, rank : as of a mistake
    changes : by numbers of nodes, what is computed there
    """

    kind: str
    text: str
    rank: float
    changes: Mapping[int, Change]

    def gradient(self, backward: Backward, g: Any) -> Any:
        """Of the other function, for the same cotangent of the output."""
        start, *others = backward.nodes
        changed = {
            backward.nodes[k]: lambda found, change=change: change(backward, found)
            for k, change in self.changes.items()
        }
        x = start_again(backward)
        backward.spent += RECORDING * backward.work[-1]
        y = rerun(others, {start: x}, changed=changed)[others[-1]]
        if y.shape != others[-1].shape:
            raise ValueError(f"an output of shape {y.shape} for one of shape {others[-1].shape}")
        if y._node is None or not from_old_to_new(x, y):
            return np.zeros(start.shape)
        return Backward(x, y).sweep(g, {})


RECORDING = 8
"""How much longer it takes to record an operation than to go back through it."""


def start_again(backward: Backward) -> Tensor:
    """The variable, as a new leaf."""
    return Tensor(backward.values[0], requires_grad=True)


def alterations(backward: Backward, names: Wording) -> Iterator[Alteration]:
    """Functions that are taken for this one."""
    for k, node in enumerate(backward.nodes):
        if node.primitive is negative:
            inside = names.source(backward.parents[k][0])
            text = f"the minus of {names.node(k)}{names.context(k)} is lost: it is derived with {inside} there"
            yield Alteration("sign", text, 2.8, {k: without_minus(k)})
    for region, axis in names.softmax_axes.items():
        for other in range(len(backward.nodes[region.last].shape)):
            if axis not in (None, other):
                text = f"{names.node(region.last)} is taken over axis {other} instead of axis {axis}"
                yield Alteration("axis", text, 2.6, {region.last: over_axis(region.first, other)})
    yield from other_reductions(backward)


def without_minus(k: int) -> Change:
    """u in place of −u."""
    return lambda backward, found: found[backward.nodes[k].parents[0]]


def over_axis(z: int, axis: int) -> Change:
    """Softmax over another axis."""
    return lambda backward, found: softmax_of(found[backward.nodes[z]], axis)


def softmax_of(z: Tensor, axis: int) -> Tensor:
    """Recorded in one."""
    y: Tensor = softmax_p(z, axis=(axis,))
    return y


def other_reductions(backward: Backward) -> Iterator[Alteration]:
    """Every sum, or mean, over one axis of a matrix, over the other instead."""
    by_axis: dict[tuple[str, int], dict[int, Change]] = {}
    for k, node in enumerate(backward.nodes):
        if node.primitive not in (sum_p, mean_p) or len(node.params["axis"]) != 1 or node.kept.inputs[0].ndim != 2:
            continue
        (axis,) = node.params["axis"]
        changes = by_axis.setdefault((node.primitive.name, axis), {})
        changes[k] = reduced(k, 1 - axis)
    for (name, axis), changes in by_axis.items():
        text = f"every {name} over axis {axis} is taken over axis {1 - axis} instead"
        yield Alteration("axis", text, 2.7, changes)
        if len(changes) > 1:
            first = min(changes)
            text = f"the first {name} over axis {axis} is taken over axis {1 - axis} instead"
            yield Alteration("axis", text, 2.9, {first: changes[first]})


def reduced(k: int, axis: int) -> Change:
    """A reduction over another axis."""

    def change(backward: Backward, found: Mapping[Any, Tensor]) -> Tensor:
        node = backward.nodes[k]
        assert node.primitive is not None
        y: Tensor = node.primitive(found[node.parents[0]], **{**node.params, "axis": (axis,)})
        return y

    return change
