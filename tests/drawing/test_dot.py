"""The picture shows what was recorded: every array, every operation, every use; and leaves it as it was."""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import weakref
import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite.drawing import FORMATS, RendererError, graph, render
from tinygrad_lite.drawing import render as render_function
from tinygrad_lite.tape import Node

rendering = sys.modules[render_function.__module__]

pygraphviz = pytest.importorskip("pygraphviz")

HOSTILE = [
    '<b>"x"\\n{|}',
    "<i>y</i>",
    "&lt;&amp;",
    "\\N \\G \\l",
    "ends in \\",
    '"; node [color=red]; "',
    "ümlaut ∂L/∂W 数 😀",
    "digraph",
    "a:b:c",
    "-1.5",
    "\x00\x01\x7f",
    "<",
    ">",
    "<<table/>>",
]


def parsed(output: tl.Tensor) -> Any:
    """The DOT text as Graphviz reads it."""
    return pygraphviz.AGraph(string=graph(output).source)


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


def assert_complete(output: tl.Tensor) -> None:
    """Nodes and edges drawn are those recorded."""
    nodes = recorded(output) or {None}
    operations = [node for node in nodes if node and node.primitive is not None]
    numbers = [parent for node in operations for parent in node.parents if not isinstance(parent, Node)]
    uses = sum(len(node.parents) for node in operations)
    drawn = parsed(output)
    kinds = [name[0] for name in drawn.nodes()]
    assert kinds.count("d") == len(nodes)
    assert kinds.count("o") == len(operations)
    assert kinds.count("n") == len(numbers)
    edges = drawn.edges()
    assert len(edges) == uses + len(operations)
    assert sum(head[0] == "o" for _, head in edges) == uses


def lines(output: tl.Tensor, *parts: str) -> list[str]:
    """The lines of the DOT text that contain all parts."""
    return [line.strip() for line in graph(output).source.splitlines() if all(part in line for part in parts)]


# ---------------------------------------------------------------------------------------------------------------------
# What is drawn


@given(
    names=st.lists(st.text() | st.sampled_from(HOSTILE), min_size=1, max_size=4),
    choices=st.lists(st.integers(0, 2**16), max_size=12),
)
def test_random_graphs_with_any_names(names: list[str], choices: list[int]) -> None:
    made: list[Any] = [tl.tensor([1.0, 2.0], requires_grad=k % 2 == 0, name=name) for k, name in enumerate(names)]
    operations = [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a * 0.5,
        lambda a, b: np.float32(3) - a,
        lambda a, b: np.tanh(a),
        lambda a, b: np.tanh(a.sum(axis=0, keepdims=True) * b),
        lambda a, b: np.concatenate([a, b, a])[:2],
        lambda a, b: np.where([True, False], a, b),
    ]
    for choice in choices:
        rng = random.Random(choice)
        new = rng.choice(operations)(rng.choice(made), rng.choice(made))
        if rng.random() < 0.3:
            new.name = rng.choice(names)
        made.append(new)
    assert_complete(made[-1])


@pytest.mark.parametrize("build", [
    lambda x: x * x,
    lambda x: (x @ x.T).sum(axis=(0, -1)),
    lambda x: tl.cross_entropy(x, np.array([0, 1])),
    lambda x: np.einsum("ij,ij->i", x, x)[0],
    lambda x: x[[0, 1], [1, 0]][::2].reshape(1, -1),
    lambda x: x,
])  # fmt: skip
def test_what_is_drawn_is_what_was_recorded(build: Any) -> None:
    assert_complete(build(tl.tensor(np.ones((2, 2)), requires_grad=True, name="x")))


def test_a_tensor_that_nothing_recorded_is_a_box() -> None:
    t = tl.tensor([1.0, 2.0])
    assert parsed(t).nodes() == ["d0"]
    assert t._node is None
    assert_complete(tl.tensor([1.0], name="alone"))


def test_an_array_used_twice_has_two_edges() -> None:
    x = tl.tensor(3.0, requires_grad=True)
    assert lines(x * x, "->") == ["d0 -> o1", "d0 -> o1", "o1 -> d1"]


def test_operands_that_cannot_be_exchanged_are_labelled() -> None:
    x, y = tl.tensor(3.0, requires_grad=True), tl.tensor(2.0, requires_grad=True)
    assert lines(x - y, "->", "label") == ['d0 -> o2 [label=" a "]', 'd1 -> o2 [label=" b "]']
    assert lines(y + x, "->", "label") == []
    joined = np.stack([x, y, x])
    assert [line[-5:] for line in lines(joined, "->", "label")] == [' 1 "]', ' 2 "]', ' 3 "]']


def test_roles_are_told_apart() -> None:
    w = tl.tensor([[1.0, 2.0]], requires_grad=True, name="W")
    x = tl.Tensor(np.ones(2), name="x")
    loss = (w @ x * 2.0).sum()
    loss.name = "L"
    drawn = parsed(loss)
    looks = {}
    for name in drawn.nodes():
        node = drawn.get_node(name)
        looks[node.attr["label"]] = (
            node.attr["shape"],
            node.attr["style"],
            node.attr["penwidth"],
            node.attr["peripheries"],
        )
    assert looks["W\\n(1, 2) float64"] == ("box", "filled,rounded", "2", "")
    assert looks["x\\n(2,) float64"] == ("box", "filled", "", "")
    assert looks["2.0"] == ("box", "filled,dashed", "", "")
    assert looks["L\\nscalar float64"] == ("box", "filled,rounded", "", "2")
    assert looks["matmul"][0] == "ellipse"
    assert len(set(looks.values())) == 6


def test_parameters_of_operations_are_shown() -> None:
    x = tl.tensor(np.ones((2, 3)), requires_grad=True)
    assert lines(x.sum(axis=1, keepdims=True), "sum\\naxis=(1,)\\nkeepdims=True")
    assert not lines(x.sum(axis=1), "keepdims")
    assert lines(x[:, 1:3], "index=(:, 1:3)")
    assert lines(x[..., ::2], "::2")
    assert lines(x[[0, 1], [1, 2]], "index=(int64[2], int64[2])")
    assert lines(np.where(np.ones((2, 3), bool), x, 0.0), "condition=bool[2, 3]")


def test_names_are_drawn_as_the_text_they_are() -> None:
    total: Any = 0.0
    for name in HOSTILE:
        total = total + tl.tensor(1.0, requires_grad=True, name=name)
    picture = ElementTree.fromstring(render(graph(total).source, "svg"))
    texts = {element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")}
    shown = {(text or "").replace("\N{NO-BREAK SPACE}", " ") for text in texts}
    controls = str.maketrans({"\x00": "\u2400", "\x01": "\u2401", "\x7f": "\u2421"})
    assert shown >= {name.translate(controls) for name in HOSTILE}


def test_a_name_of_several_lines_has_several_lines() -> None:
    drawn = parsed(tl.tensor(1.0, name="one\ntwo"))
    assert drawn.get_node("d0").attr["label"] == "one\\ntwo\\nscalar float64"


# ---------------------------------------------------------------------------------------------------------------------
# What drawing does not do


def network(seed: int) -> tuple[tl.Tensor, tl.Tensor]:
    rng = np.random.default_rng(seed)
    W = tl.tensor(rng.random((3, 4)), requires_grad=True, name="W")
    x = tl.Tensor(rng.random((5, 4)), name="x")
    y = np.tanh(x @ W.T - 0.5)
    return W, (y * y / y.sum(axis=1, keepdims=True)).sum()


def test_the_same_graph_gives_the_same_text() -> None:
    first, second = network(0)[1], network(1)[1]
    assert graph(first).source == graph(first).source == graph(second).source
    code = (
        "import numpy as np, tinygrad_lite as tl; from tinygrad_lite.drawing import graph;"
        "x = tl.tensor([1.0, 2.0], requires_grad=True, name='x');"
        "print(graph(np.concatenate([x, x[::-1]]).sum() / x.max()).source)"
    )
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)}
    assert len(runs) == 1


def test_drawing_changes_nothing() -> None:
    W, loss = network(0)
    before = loss.item()
    picture = graph(loss).source
    assert loss.item() == before
    loss.backward()
    other, other_loss = network(0)
    other_loss.backward()
    np.testing.assert_array_equal(W.grad, other.grad)
    assert graph(loss).source == picture, "it can be drawn after backward as well"


def test_drawing_keeps_nothing_alive() -> None:
    gc.collect()
    gc.disable()
    try:
        W, loss = network(0)
        watched = [weakref.ref(node) for node in recorded(loss)]
        picture = graph(loss)
        del W, loss
        assert not [ref for ref in watched if ref() is not None]
        assert "matmul" in picture.source
    finally:
        gc.enable()


def test_long_chains_are_drawn() -> None:
    x = tl.tensor(1.0, requires_grad=True)
    for _ in range(5000):
        x = x + 1.0
    assert graph(x).source.count("->") == 15000


# ---------------------------------------------------------------------------------------------------------------------
# Rendering


@pytest.mark.parametrize(("format", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_images(format: str, start: bytes) -> None:
    assert render(graph(network(0)[1]).source, format).startswith(start)


def test_other_formats_are_refused() -> None:
    assert FORMATS == ("svg", "png", "pdf")
    with pytest.raises(ValueError, match=r"svg, png, pdf, not 'gif'"):
        render("digraph {}", "gif")


def test_without_a_renderer_both_ways_to_get_one_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering.shutil, "which", lambda name: None)
    monkeypatch.setattr(rendering.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RendererError, match=r"dot is on the PATH.*tinygrad-lite\[draw\]"):
        render("digraph {}")


def test_the_systems_graphviz_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering.shutil, "which", lambda name: f"/somewhere/{name}")
    assert rendering.renderer("png") == ["/somewhere/dot", "-Tpng"]


def test_a_renderer_that_hangs_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "renderer", lambda _: [sys.executable, "-c", "import time; time.sleep(60)"])
    with pytest.raises(RendererError, match=r"longer than 0.2 seconds"):
        render("digraph {}", timeout=0.2)
    monkeypatch.setattr(rendering, "renderer", lambda _: [sys.executable, "-c", "raise SystemExit('out of ink')"])
    with pytest.raises(RendererError, match="out of ink"):
        render("digraph {}")
    monkeypatch.undo()
    with pytest.raises(RendererError, match="Graphviz failed"):
        render("digraph {")
