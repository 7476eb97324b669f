"""Local derivatives in mathematics, worked out of the rules by running them on symbols."""

from __future__ import annotations

from typing import Any

from ..tape import Node


def local_derivatives(node: Node, names: Any = None) -> list[str]:
    """``∂y/∂x = 1 − y²`` for each input that needs a gradient."""
    try:
        from ..symbolic import local_derivative
    except ImportError:
        return []
    primitive = node.primitive
    assert primitive is not None
    lines = []
    shapes = tuple([getattr(parent, "shape", ()) for parent in node.parents])
    for operand, parent in enumerate(node.parents):
        if type(parent) is Node:
            names = primitive.inputs if not primitive.variadic else \
                tuple([f"x{k + 1}" for k in range(len(node.parents))])  # fmt: skip
            found = local_derivative(
                primitive, operand, names=names, output="y", params=node.params, shapes=shapes
            )  # fmt: skip
            lines.append(found.text)
    return lines
