"""Where the names of arrays come from."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.drawing.picture.names import ArrayNames
from tinygrad_lite.nn import Linear, Sequential, Tanh


def boxes(graph: Any) -> dict[str, list[str]]:
    """The lines of each box, by its first."""
    found = {}
    for vertex in graph.picture.vertices.values():
        first, *rest = [line.text for line in vertex.lines]
        found[first] = rest
    return found


def test_names_come_from_the_caller() -> None:
    W = tl.tensor(np.ones((2, 2)), requires_grad=True)
    x = np.ones(2)
    with tl.tracing():
        h = W @ x
        loss = h.sum()
    loss.name = "its own"
    given = {"W": W, "x": x, "h": h, "loss": loss}
    assert {"W", "x", "h", "its own"} <= set(boxes(tl.draw(loss, names=given)))
    assert not {"W", "x", "h"} & set(boxes(tl.draw(loss)))
    b = tl.tensor(1.0, requires_grad=True)
    layer = Linear(2, 2, rng=0)
    y = layer(x.astype(np.float32)).sum() * b
    drawn = boxes(tl.draw(y, names={"layers": [layer], "more": {"b": b}, "_private": y}))
    assert {"layers.0.weight", "layers.0.bias", "more.b"} <= set(drawn)
    assert "_private" not in drawn


def test_names_come_from_modules() -> None:
    net = Sequential(Linear(2, 3, rng=0), Tanh(), Linear(3, 1, rng=1))
    with tl.tracing():
        y = net(np.ones((4, 2), np.float32)).sum()
    assert {"0.weight", "0.bias", "2.weight", "2.bias"} <= set(boxes(tl.draw(y)))
    assert net[0].weight.name is None, "the names are the picture's alone"


def test_states_of_an_array_bear_its_name_and_a_number() -> None:
    x = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
    y = x * 2.0
    y.name = "y"
    y[0] = x[1]
    y += x
    assert [name for name in boxes(tl.draw(y)) if name[0] == "y"] == ["y", "y⁽¹⁾", "y⁽²⁾"]
    y.name = "z"
    assert [name for name in boxes(tl.draw(y * 1.0)) if name[0] in "yz"] == ["y", "y⁽¹⁾", "z"]


def test_the_callers_name_is_that_of_earlier_states_too() -> None:
    x = tl.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2.0
    alias = y
    part = y[:1]
    alias[0] = x[1]
    part *= 2.0
    out = y.sum()
    assert [name for name in boxes(tl.draw(out, names={"y": y, "part": part})) if name[0] == "y"] == [
        "y", "y⁽¹⁾", "y⁽²⁾",
    ]  # fmt: skip
    z = tl.tensor(np.zeros(2), name="z")
    z[0] = x[1]
    assert [name for name in boxes(tl.draw(z)) if name[0] == "z"] == ["z", "z⁽¹⁾"]


def test_two_arrays_made_of_one_by_setitem_are_told_apart() -> None:
    x = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
    drawn = boxes(tl.draw(tl.setitem(x, 0, 5.0) * tl.setitem(x, 1, 5.0)))
    assert {"x", "x⁽¹⁾", "x⁽²⁾"} <= set(drawn)


@pytest.mark.parametrize("name", ["v1", "v_1", "v₁"])
def test_a_made_name_is_no_given_one_however_that_is_written(name: str) -> None:
    x, v = tl.Tensor(3.0, requires_grad=True, name="x"), tl.Tensor(4.0, requires_grad=True, name=name)
    product = x * v
    total = product + v
    nodes = [x._node, v._node, product._node, total._node]
    names = ArrayNames(nodes, {}, numbered=True)
    assert [names[node] for node in nodes] == ["x", name, "v₂", "v₃"]


def texts(graph: Any, *roles: str) -> set[str]:
    """What the lines of some roles say."""
    return {line.text for vertex in graph.picture.vertices.values() for line in vertex.lines if line.role in roles}


@pytest.mark.parametrize(
    ("digits", "shown"),
    [
        (None, {"W2", "x1", "z2", "a_2", "grad W2", "∂a₂/∂z₂ = 1 − a₂²"}),
        ("subscript", {"W₂", "x₁", "z₂", "a₂", "grad W₂", "∂a₂/∂z₂ = 1 − a₂²"}),
        ("layer", {"W^[2]", "x₁", "z^[2]", "a^[2]", "grad W^[2]", "∂a^[2]/∂z^[2] = 1 − (a^[2])²"}),
        ("plain", {"W2", "x1", "z2", "a2", "grad W2", "∂a2/∂z2 = 1 − (a2)²"}),
    ],
)
def test_digits_are_shown_as_derivations_show_them(digits: str | None, shown: set[str]) -> None:
    W2 = tl.tensor([[1.0, 2.0]], requires_grad=True, name="W2")
    with tl.tracing():
        z = W2 @ tl.tensor([1.0, 2.0], name="x1")
        a = np.tanh(z)
        loss = a.sum()
    z.name, a.name = "z2", "a_2"
    drawn = tl.draw(loss, derivatives=True, backward=True, digits=digits)
    assert shown <= texts(drawn, "title", "derivative")
    page = drawn.player().page
    for name in (name for name in shown if len(name) < 6):
        assert f'"{name}"'.encode("ascii", "backslashreplace").decode() in page
    both = tl.draw_difference(loss, loss, digits=digits)
    assert any(title.endswith(name) for title in texts(both, "title") for name in shown)
    if digits is not None:
        assert [name.text for name in tl.derive(loss, digits=digits).results][-1].startswith(
            f"∂C/∂{next(name for name in shown if name[0] == 'W')} ="
        )


def test_names_that_would_be_shown_alike_stay_as_they_are() -> None:
    v1, v_1, w1 = [tl.tensor(2.0, requires_grad=True, name=name) for name in ("v1", "v_1", "w1")]
    assert {"v1", "v_1", "w₁"} <= texts(tl.draw(v1 * v_1 * w1, digits="subscript"), "title")


def test_other_words_for_digits_are_refused() -> None:
    x = tl.tensor(2.0, requires_grad=True)
    with pytest.raises(ValueError, match=r'draw: digits is "subscript" .* not \'above\''):
        tl.draw(x * x, digits="above")
    with pytest.raises(ValueError, match="draw_difference: digits is"):
        tl.draw_difference(x, x, digits="above")


def test_a_picture_does_not_keep_the_namespace_it_was_named_by() -> None:
    class Namespace(dict[str, Any]):
        """One that can be pointed to weakly."""

    x = tl.tensor(2.0, requires_grad=True)
    names = Namespace(x=x)
    kept, drawn = weakref.ref(names), tl.draw(x * x, names=names)
    del names
    assert kept() is None
    assert "x" in texts(drawn, "title")
