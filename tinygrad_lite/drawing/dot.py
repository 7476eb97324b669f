"""A Tensor's recorded graph in the DOT language.

Boxes are arrays, dark ellipses are operations; colour only repeats what shape and border say. What is drawn comes from
the nodes alone, so the values need not be alive any more, and nothing drawn keeps them alive.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import graphviz
import numpy as np

from ..tape import Constant, Node, leaf
from ..tensor import Tensor

SYMMETRIC: Final = frozenset({"add", "multiply", "maximum", "minimum", "fmax", "fmin", "hypot", "logaddexp"})
"""Operations whose operands can be exchanged: the only ones whose edges need no label."""

FONT: Final = "Helvetica,Arial,sans-serif"
INK: Final = "#1B2631"
GREY: Final = "#5D6D7E"

# Hues of Okabe and Ito's palette, which colour-blind people can tell apart; fills are light enough for black text.
KINDS: Final[dict[str, dict[str, str]]] = {
    "parameter": {
        "shape": "box", "style": "filled,rounded", "fillcolor": "#FCE5C3", "color": "#B35900", "penwidth": "2",
    },
    "input": {"shape": "box", "style": "filled", "fillcolor": "#DCEBF7", "color": "#0072B2"},
    "number": {"shape": "box", "style": "filled,dashed", "fillcolor": "#FFFFFF", "color": GREY},
    "intermediate": {"shape": "box", "style": "filled,rounded", "fillcolor": "#FFFFFF", "color": GREY},
    "output": {
        "shape": "box", "style": "filled,rounded", "fillcolor": "#CFEDE1", "color": "#00704F", "peripheries": "2",
    },
    "operation": {
        "shape": "ellipse", "style": "filled", "fillcolor": "#34495E", "color": "#34495E", "fontcolor": "#FFFFFF",
        "margin": "0.06,0.03",
    },
}  # fmt: skip
STYLES: Final = {
    kind: " ".join([f'{attribute}="{setting}"' for attribute, setting in look.items()]) for kind, look in KINDS.items()
}


def graph(output: Tensor) -> graphviz.Digraph:
    """The graph that computed a Tensor, for Graphviz; ``.source`` is its DOT text.

    Arrays are boxes: parameters (leaves that require a gradient) have a thick border, inputs (arrays that require none)
    square corners, plain numbers a dashed border, the output a double one. Operations are ellipses with their keyword
    parameters. An operation that takes an array twice has two edges from it, and edges say which operand they bring
    (``a``, ``b``, as the derivative rules name them) unless the operands can be exchanged.

    The same graph gives the same text, byte for byte. Drawing changes no value and no gradient and keeps nothing alive.
    It works after ``backward()`` too.

    >>> from tinygrad_lite.drawing import graph
    >>> x = tl.tensor(3.0, requires_grad=True, name="x")
    >>> print("".join(line for line in graph(x * x).source.splitlines(True) if "->" in line), end="")
        d0 -> o1
        d0 -> o1
        o1 -> d1
    """
    if not isinstance(output, Tensor):
        raise TypeError(f"graph: draws what computed a Tensor, got {type(output).__name__}")
    root = output._node if output._node is not None else leaf(output.data, Constant)
    drawn = graphviz.Digraph(
        graph_attr={"bgcolor": "#FFFFFF", "fontname": FONT, "pad": "0.3", "nodesep": "0.3", "ranksep": "0.28"},
        node_attr={"fontname": FONT, "fontsize": "12", "fontcolor": INK, "height": "0.4", "margin": "0.16,0.08"},
        edge_attr={"fontname": FONT, "fontsize": "11", "fontcolor": GREY, "color": GREY, "arrowsize": "0.7"},
    )
    places: dict[Node, int] = {}
    for place, node in enumerate(in_order(root)):
        places[node] = place
        kind = "output" if node is root else kind_of(node)
        statement(drawn, f"d{place}", data_label(node), STYLES[kind])
        if node.primitive is None:
            continue
        statement(drawn, f"o{place}", operation_label(node), STYLES["operation"])
        for operand, parent in enumerate(node.parents):
            if isinstance(parent, Node):
                tail = f"d{places[parent]}"
            else:
                tail = f"n{place}_{operand}"
                statement(drawn, tail, number(parent), STYLES["number"])
            statement(drawn, f"{tail} -> o{place}", operand_label(node, operand))
        statement(drawn, f"o{place} -> d{place}")
    return drawn


def statement(drawn: graphviz.Digraph, what: str, label: str | None = None, style: str = "") -> None:
    """Add a node or an edge. Written out here, for Digraph's own methods take most of the time in large graphs."""
    attributes = style if label is None else f"label={text(label)} {style}".rstrip()
    drawn.body.append(f"\t{what} [{attributes}]\n" if attributes else f"\t{what}\n")


def in_order(root: Node) -> Iterator[Node]:
    """Every node the root was computed from, each after its parents; by a stack, for chains can be long."""
    seen: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            yield node
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend([(parent, False) for parent in reversed(node.parents) if isinstance(parent, Node)])


# ---------------------------------------------------------------------------------------------------------------------
# Labels


def kind_of(node: Node) -> str:
    """Which role an array plays, unless it is the output."""
    if node.primitive is not None:
        return "intermediate"
    return "input" if isinstance(node, Constant) else "parameter"


def data_label(node: Node) -> str:
    """The name, if there is one, and below it the shape and dtype."""
    facts = f"{node.shape if node.shape else 'scalar'} {node.dtype}"
    return facts if node.name is None else f"{node.name}\n{facts}"


def operation_label(node: Node) -> str:
    """The operation and, below it, the keyword parameters that say something."""
    assert node.primitive is not None
    given = [f"{key}={value(x)}" for key, x in node.params.items() if x is not None and x is not False]
    return "\n".join([node.primitive.name, *given])


def operand_label(node: Node, operand: int) -> str | None:
    """Which operand an edge brings, where that matters; with spaces, to stand clear of the line."""
    primitive = node.primitive
    assert primitive is not None
    if len(node.parents) < 2 or primitive.name in SYMMETRIC:
        return None
    return f" {operand + 1 if primitive.variadic else primitive.inputs[operand]} "


def value(x: Any) -> str:
    """A keyword parameter, short, and the same in every run."""
    if isinstance(x, np.ndarray) and x.ndim:
        return f"{x.dtype}{list(x.shape)}"
    if isinstance(x, slice):
        bounds = ["" if part is None else value(part) for part in (x.start, x.stop, x.step)]
        return ":".join(bounds[:2] if x.step is None else bounds)
    if isinstance(x, (tuple, list)):
        shown = ", ".join([value(part) for part in x[:8]]) + (", …" if len(x) > 8 else "")
        return f"({shown},)" if len(x) == 1 else f"({shown})"
    if x is Ellipsis:
        return "…"
    if isinstance(x, (str, int, float, complex, np.generic, np.ndarray, type(None))):
        return number(x)
    return str(x) if isinstance(x, np.dtype) else type(x).__name__  # a repr may hold an address


def number(x: Any) -> str:
    """A plain number, or a short text, as Python writes it."""
    shown = str(x.item() if isinstance(x, (np.generic, np.ndarray)) else x)
    return shown if len(shown) <= 40 else shown[:39] + "…"


# Graphviz turns HTML entities in any label into characters, and takes a backslash for the start of an escape.
ESCAPES: Final = {ord("&"): "&amp;", ord("\\"): "\\\\", ord('"'): '\\"', ord("\n"): "\\n", 0x7F: "\u2421"} | {
    code: chr(0x2400 + code) for code in range(0x20) if code != 0x0A
}


def text(label: str) -> str:
    """A quoted label that Graphviz draws as this very text; control characters appear as their pictures (␀, ␉ …)."""
    drawable = label.encode("utf-8", "replace").decode("utf-8")  # lone surrogates are no text
    return f'"{drawable.translate(ESCAPES)}"'
