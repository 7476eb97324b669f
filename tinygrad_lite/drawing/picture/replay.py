"""The backward pass once more, slowly: what each rule contributes, and the sums as they grow. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...engine.graph import Node
from ...engine.sweep import carried_back, fitted


@dataclass(eq=False, slots=True)
class Contribution:
    """What a rule adds to an input's gradient, and the sum so far; None where the values are not known any more.

    Two in a row add up to the later one: its total grows by all that came before it.
    """

    operation: Node
    operand: int
    parent: Node
    amount: Any
    total: Any

    def __add__(self, later: Contribution) -> Contribution:
        later.total = None if self.total is None or later.amount is None else self.total + later.amount
        return later


def contributions(operations: Iterable[Node], root: Node) -> tuple[list[Contribution], dict[Node, Any]]:
    """Every contribution in the order of the backward pass, and the gradients.

    It begins with 1; where the root has axes, with the gradient that a traced backward pass began with, else with ones.
    """
    noted: list[Contribution] = []
    gradients: dict[Node, Any] = {}

    def pull(node: Node, last: Contribution) -> Iterator[tuple[Node, Contribution]]:
        gradients[node] = last.total
        for operand, amount in amounts(node, last.total):
            parent = node.parents[operand]
            noted.append(Contribution(node, operand, parent, amount, amount))
            yield parent, noted[-1]

    seed = root.grad if root.shape and root.grad is not None else np.ones(root.shape, root.dtype)[()]
    begin = Contribution(root, 0, root, seed, seed)  # nobody's; the root has it
    newest_first = sorted(operations, key=lambda node: node.age)
    arrived = carried_back(newest_first, {root: begin}, pull)
    gradients.update({leaf: last.total for leaf, last in arrived.items()})
    return noted, {node: g for node, g in gradients.items() if g is not None}


def amounts(node: Node, g: Any) -> Iterator[tuple[int, Any]]:
    """For each input that needs a gradient its place, and what its rule makes of the cotangent; None if unknown."""
    primitive = node.primitive
    assert primitive is not None
    places = [k for k, parent in enumerate(node.parents) if type(parent) is Node]
    for place, values in zip(places, asked_values(node, places), strict=True):
        if g is None or values is None:
            yield place, None
        else:
            yield place, fitted(primitive.pull_of(place).rule(g, *values), node, node.parents[place])


def asked_values(node: Node, places: list[int]) -> list[tuple[Any, ...] | None]:
    """What the rules of some inputs ask for: as they saved it, else from what a trace keeps, else None."""
    primitive = node.primitive
    assert primitive is not None
    if node.pulls is not None:
        return [saved for _, _, saved in node.pulls]
    if not hasattr(node, "kept"):
        return [None] * len(places)
    return [
        primitive.asked(
            primitive.pull_of(place), primitive.values_by_name(node.kept.output, node.kept.inputs, node.params, place)
        )
        for place in places
    ]
