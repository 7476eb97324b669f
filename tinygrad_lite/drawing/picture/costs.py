"""What an operation costs: the bytes it saved for the backward pass, its multiply-adds, its parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from ...engine.graph import Constant, Node


def saved_bytes(node: Node) -> int | None:
    """Bytes of the arrays that the rules saved, each array once; None where they were released."""
    if node.pulls is None:
        return None
    owners: dict[int, int] = {}
    for _, _, saved in node.pulls:
        for value in arrays_in(saved):
            owner = value if value.base is None or not isinstance(value.base, np.ndarray) else value.base
            owners[id(owner)] = owner.nbytes
    return sum(owners.values())


def arrays_in(x: Any) -> Iterable[np.ndarray]:
    """The arrays in nested tuples."""
    if isinstance(x, np.ndarray):
        yield x
    elif isinstance(x, (tuple, list)):
        for part in x:
            yield from arrays_in(part)


def multiply_adds(node: Node) -> int | None:
    """How many products of numbers an operation adds up; None for one that does not multiply and add."""
    if node.primitive is None:
        return None
    shapes = [parent.shape if isinstance(parent, Node) else () for parent in node.parents]
    return node.primitive.count_products(node.shape, shapes, node.params)


def parameter_count(nodes: Iterable[Node]) -> int:
    """The entries of the parameters that some operations use, each parameter once."""
    parameters = {p for node in nodes for p in node.parents if isinstance(p, Node) and is_parameter(p)}
    return sum([math.prod(p.shape) for p in parameters])


def is_parameter(node: Node) -> bool:
    """Whether a node is a leaf that requires a gradient."""
    return node.primitive is None and not isinstance(node, Constant)
