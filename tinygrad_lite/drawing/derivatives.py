"""Local derivatives in mathematics, worked out of the rules by running them on named placeholders."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from ..tape import Node

WORD: Final = re.compile(r"([^\W\d_]{1,5})_?(\d{0,3})")
"""Names that can stand in a formula: a letter or a few, and an index."""

Naming = Callable[[Node], str | None]


def local_derivatives(node: Node, name_of: Naming) -> dict[int, Any]:
    """For each operand that needs a gradient, ``∂y/∂x = 1 − y²``: ``.text``, ``.latex``.

    Arrays go by their names where all have one that can stand in a formula, else by those that the rules use.
    """
    from ..symbolic.local import local
    from ..symbolic.placeholders import lifted, named

    primitive = node.primitive
    assert primitive is not None
    *inputs, output = spoken(node, name_of)
    operands = [
        named(name, parent.shape) if isinstance(parent, Node) else lifted(parent)
        for parent, name in zip(node.parents, inputs, strict=True)
    ]
    y = named(output, node.shape)
    return {
        k: local(primitive, k, operands, y, node.params)
        for k, parent in enumerate(node.parents)
        if type(parent) is Node
    }


def derivative_lines(node: Node, name_of: Naming) -> list[str]:
    """The derivatives as they stand in a box: said once where all are the same."""
    texts = [found.text for found in local_derivatives(node, name_of).values()]
    return texts if len(texts) <= 4 else [*texts[:3], "…"]


def spoken(node: Node, name_of: Naming) -> list[str]:
    """What to call the operands and the output in a formula: by their names, if all have one that can stand there."""
    assert node.primitive is not None
    given = [name_of(x) if isinstance(x, Node) else "" for x in (*node.parents, node)]
    if all(name == "" or (name is not None and WORD.fullmatch(name)) for name in given):
        return [WORD.sub(r"\1_\2", name).rstrip("_") for name in given if name is not None]
    if node.primitive.variadic:
        return [*[f"x_{k + 1}" for k in range(len(node.parents))], "y"]
    return [*node.primitive.inputs, "y"]
