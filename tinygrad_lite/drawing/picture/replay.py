"""The backward pass once more, slowly: what each rule contributes, and the sums as they grow. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ...engine.graph import Node
from ...engine.sweep import fitted
from ...table.primitive import parameter_names


class Contribution(NamedTuple):
    """What a rule adds to an input's gradient, and the sum so far; None where the values are not known any more."""

    operation: Node
    operand: int
    parent: Node
    amount: Any
    total: Any


def contributions(operations: Iterable[Node], root: Node) -> tuple[list[Contribution], dict[Node, Any]]:
    """Every contribution in the order of the backward pass, and the gradients.

    It begins with 1; where the root has axes, with the gradient that a traced backward pass began with, else with ones.
    """
    seed = root.grad if root.shape and root.grad is not None else np.ones(root.shape, root.dtype)[()]
    gradients: dict[Node, Any] = {root: seed}
    found = []
    for node in sorted(operations, key=lambda node: node.age):
        if node not in gradients:
            continue
        for operand, amount in pulled_back(node, gradients[node]):
            parent = node.parents[operand]
            before = gradients.get(parent)
            if parent not in gradients:
                total = amount
            else:
                total = None if before is None or amount is None else before + amount
            gradients[parent] = total
            found.append(Contribution(node, operand, parent, amount, total))
    return found, {node: g for node, g in gradients.items() if g is not None}


def pulled_back(node: Node, g: Any) -> Iterable[tuple[int, Any]]:
    """For each input that needs a gradient its place, and what its rule makes of the cotangent."""
    assert node.primitive is not None
    places = [k for k, parent in enumerate(node.parents) if type(parent) is Node]
    saved = None if node.pulls is None else iter(node.pulls)
    for place in places:
        pull = node.primitive.pulls[0 if node.primitive.variadic else place]
        if g is None:
            yield place, None
        elif saved is not None:
            yield place, fitted(pull.rule(g, *next(saved)[2]), node, node.parents[place])
        elif hasattr(node, "kept"):
            known = [kept(node, name, place) for name in pull.names]
            yield place, fitted(pull.rule(g, *known), node, node.parents[place])
        else:
            yield place, None


def kept(node: Node, name: str, place: int) -> Any:
    """A value that a rule asks for by name, from what a trace kept."""
    primitive = node.primitive
    assert primitive is not None
    inputs = node.kept.inputs
    special: Mapping[str, Any] = {"y": node.kept.output, "i": place} if primitive.variadic else {"y": node.kept.output}
    if name in special:
        return special[name]
    if name in primitive.inputs:
        return inputs if primitive.variadic else inputs[primitive.inputs.index(name)]
    if name in primitive.remembers:
        definition = primitive.remembers[name]
        return definition(*[kept(node, needed, place) for needed in parameter_names(definition)])
    if name in node.params:
        return node.params[name]
    shapes = tuple([x.shape for x in inputs])
    return shapes if primitive.variadic else shapes[primitive.inputs.index(name.removesuffix("_shape"))]
