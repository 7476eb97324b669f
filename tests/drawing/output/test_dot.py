"""The DOT text as Graphviz reads it: every array, every operation, every use, under any name."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite.drawing import Graph
from tinygrad_lite.drawing.picture.build import COPIES
from tinygrad_lite.engine.graph import Node

pygraphviz = pytest.importorskip("pygraphviz")


HOSTILE = [
    '<b>"x"\n{|}',
    "<i>y</i>",
    "&lt;&amp;",
    "\\N \\G \\l &#92;",
    "ends in \\",
    '"; node [color=red]; "',
    "ümlaut ∂L/∂W 数 😀",
    "digraph",
    "a:b:c",
    "-1.5",
    "\x00\x01\x7f\x85",
    "<",
    ">",
    "<<table/>>",
    "\ufffe\ud800",
    "",
    " ",
    "--> %% end",
]


def parsed(graph: Graph) -> Any:
    """The DOT text as Graphviz reads it."""
    return pygraphviz.AGraph(string=graph.source)


def recorded(output: tl.Tensor) -> set[Node]:
    """All nodes that the output was computed from."""
    found: set[Node] = set()
    stack = [output._node]
    while stack:
        node = stack.pop()
        if isinstance(node, Node) and node not in found:
            found.add(node)
            stack.extend(node.parents)
    return found


def assert_complete(output: tl.Tensor, **options: Any) -> None:
    """Nodes and edges drawn are those recorded; a leaf with many uses has a box for each."""
    nodes = recorded(output) or {None}
    operations = [node for node in nodes if node and node.primitive is not None]
    numbers = [parent for node in operations for parent in node.parents if not isinstance(parent, Node)]
    used = [parent for node in operations for parent in node.parents if isinstance(parent, Node)]
    busy = [n for n in nodes if n and n.primitive is None and used.count(n) > COPIES]
    drawn = parsed(tl.draw(output, limit=None, rollup=False, **options))
    kinds = [name[0] for name in drawn.nodes()]
    assert kinds.count("d") == len(nodes) - len(busy)
    assert kinds.count("c") == sum(used.count(n) for n in busy)
    assert kinds.count("o") == len(operations)
    assert kinds.count("n") == len(numbers)
    edges = drawn.edges()
    assert len(edges) == len(used) + len(numbers) + len(operations)
    assert sum(head[0] == "o" for _, head in edges) == len(used) + len(numbers)


OPERATIONS = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * 0.5,
    lambda a, b: np.float32(3) - a,
    lambda a, b: np.tanh(a),
    lambda a, b: np.tanh(a.sum(axis=0, keepdims=True) * b),
    lambda a, b: np.concatenate([a, b, a])[:2],
    lambda a, b: np.where([True, False], a, b),
]


@given(
    names=st.lists(st.text() | st.sampled_from(HOSTILE), min_size=1, max_size=4),
    choices=st.lists(st.integers(0, 2**16), max_size=14),
    traced=st.booleans(),
)
def test_random_graphs_with_any_names(names: list[str], choices: list[int], traced: bool) -> None:
    made: list[Any] = [tl.tensor([1.0, 2.0], requires_grad=k % 2 == 0, name=name) for k, name in enumerate(names)]
    with tl.tracing() if traced else tl.scope("unused"):
        for choice in choices:
            rng = random.Random(choice)
            new = rng.choice(OPERATIONS)(rng.choice(made), rng.choice(made))
            if rng.random() < 0.3:
                new.name = rng.choice(names)
            made.append(new)
    assert_complete(made[-1])
    everything = tl.draw(made[-1], derivatives=True, backward=True, costs=True, theme="dark", direction="right")
    parsed(everything)
    assert everything.mermaid.startswith("flowchart LR\n")


@pytest.mark.parametrize("build", [
    lambda x: x * x,
    lambda x: (x @ x.T).sum(axis=(0, -1)),
    lambda x: tl.cross_entropy(x, np.array([0, 1])),
    lambda x: np.einsum("ij,ij->i", x, x)[0],
    lambda x: x[[0, 1], [1, 0]][::2].reshape(1, -1),
    lambda x: sum([x * k for k in range(COPIES + 2)]),
    lambda x: x,
])  # fmt: skip
def test_what_is_drawn_is_what_was_recorded(build: Any) -> None:
    assert_complete(build(tl.tensor(np.ones((2, 2)), requires_grad=True, name="x")))


def test_a_tensor_that_nothing_recorded_is_a_box() -> None:
    t = tl.tensor([1.0, 2.0])
    assert parsed(tl.draw(t)).nodes() == ["d0"]
    assert t._node is None
    assert_complete(tl.tensor([1.0], name="alone"))
    assert "Nothing was recorded: no array that this was computed from requires a gradient." in tl.draw(t * 2.0).source
    assert "Nothing was recorded" not in tl.draw(tl.tensor(1.0, requires_grad=True)).source


def test_roles_are_told_apart() -> None:
    w = tl.tensor([[1.0, 2.0]], requires_grad=True, name="W")
    x = tl.Tensor(np.ones(2), name="x")
    loss = (w @ x * 2.0).sum()
    loss.name = "L"
    picture = tl.draw(loss)
    kinds = {(vertex.lines[0].text, vertex.kind) for vertex in picture.picture.vertices.values()}
    assert kinds >= {
        ("W", "parameter"), ("x", "input"), ("2.0", "number"), ("L", "output"), ("matmul", "operation"),
        ("(1,)", "intermediate"),
    }  # fmt: skip
    for theme in ("light", "dark"):
        drawn = parsed(tl.draw(loss, theme=theme))
        attributes = ("shape", "style", "penwidth", "fillcolor")
        assert len({tuple(drawn.get_node(n).attr[a] for a in attributes) for n in drawn.nodes()}) == 6
    for meaning in ("parameter", "input", "number", "result", "output", "operation"):
        assert f" {meaning} " in picture.source
    assert " parameter " not in tl.draw(loss, legend=False).source


def test_names_are_drawn_as_the_text_they_are() -> None:
    total: Any = 0.0
    for name in HOSTILE:
        total = total + tl.tensor(1.0, requires_grad=True, name=name)
    picture = ElementTree.fromstring(tl.draw(total, derivatives=True, rollup=False).svg)
    texts = {element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")}
    shown = {(text or "").replace("\N{NO-BREAK SPACE}", " ") for text in texts}
    controls = {0: "\u2400", 1: "\u2401", 0x7F: "\u2421", 0x85: "\ufffd", 0xFFFE: "\ufffd", 0xD800: "?"}
    lines = {line.translate(controls) for name in HOSTILE for line in name.split("\n")}
    assert shown >= lines - {""}


def test_operands_that_nothing_else_uses_stand_in_their_order() -> None:
    x = tl.tensor(2.0, requires_grad=True, name="x")
    a, b, c = (tl.tensor(1.0, requires_grad=True, name=name) for name in "abc")
    drawn = tl.draw((c * x + a * x) + b * x)
    plan = pygraphviz.AGraph(string=drawn.source)
    plan.layout("dot")
    place = {node.attr["label"]: float(node.attr["pos"].split(",")[0]) for node in plan.nodes()}
    across = [next(at for label, at in place.items() if f">{name}<" in label) for name in "cab"]
    assert across == sorted(across)
    assert drawn.source.count("ordering=in") == 2, "x is used three times"


def test_a_slide_is_sixteen_to_nine() -> None:
    x = tl.tensor(2.0, requires_grad=True, name="x")
    picture = tl.draw(np.exp(np.tanh(x) * x), size="slide")
    width, height = (float(ElementTree.fromstring(picture.svg).get(side, "").removesuffix("pt")) for side in
                     ("width", "height"))  # fmt: skip
    assert width / height == pytest.approx(16 / 9, rel=1e-3)
    assert "fontsize=20" in picture.source
