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
        for value in arrays(saved):
            owner = value if value.base is None or not isinstance(value.base, np.ndarray) else value.base
            owners[id(owner)] = owner.nbytes
    return sum(owners.values())


def arrays(x: Any) -> Iterable[np.ndarray]:
    """The arrays in nested tuples."""
    if isinstance(x, np.ndarray):
        yield x
    elif isinstance(x, (tuple, list)):
        for part in x:
            yield from arrays(part)


def multiply_adds(node: Node) -> int | None:
    """How many products a contraction adds up: the size of its output times the length of the sums; None for others."""
    primitive = node.primitive
    shapes = [parent.shape for parent in node.parents if isinstance(parent, Node)]
    if primitive is None or not shapes:
        return None
    out = math.prod(node.shape)
    if primitive.name in {"matmul", "dot", "vecdot"} and len(shapes) == 2:
        return out * shapes[0][-1] if shapes[0] else out
    if primitive.name == "linear":
        return out * shapes[0][-1]
    if primitive.name == "einsum":
        return einsum_products(node.params, shapes)
    if primitive.name.startswith("conv") and len(shapes) >= 2:
        return out * math.prod(shapes[1][1:])  # a kernel has the shape (out, in, height, width)
    return None


def einsum_products(params: Any, shapes: list[tuple[int, ...]]) -> int | None:
    """The number of index combinations of an einsum."""
    subscripts = next((x for x in params.values() if isinstance(x, str)), None)
    if subscripts is None or "." in subscripts:
        return None
    lengths: dict[str, int] = {}
    for letters, shape in zip(subscripts.split("->")[0].split(","), shapes, strict=False):
        lengths.update(zip(letters, shape, strict=False))
    return math.prod(lengths.values())


def parameter_count(nodes: Iterable[Node]) -> int:
    """The entries of the parameters that some operations use, each parameter once."""
    found = {p for node in nodes for p in node.parents if isinstance(p, Node) and is_parameter(p)}
    return sum([math.prod(p.shape) for p in found])


def is_parameter(node: Node) -> bool:
    """Whether a node is a leaf that requires a gradient."""
    return node.primitive is None and not isinstance(node, Constant)
