"""Values in short."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.drawing.picture import labels


@pytest.mark.parametrize(("x", "lines"), [
    (np.float64(1.5), ["1.5"]),
    (np.float64("nan"), ["NaN"]),
    (-np.inf, ["−∞"]),
    (np.float32(-0.0), ["0"]),
    (np.array([1.0, -2.0]), ["[1, −2]"]),
    (np.array([[1.0, 2.0], [3.0, 4.0]]), ["[1, 2]", "[3, 4]"]),
    (np.array([[1.0], [2.0]]), ["[1, 2]ᵀ"]),
    (np.array([True, False]), ["[True, False]"]),
    (np.arange(9.0), ["min 0  mean 4  max 8"]),
    (np.array([np.nan, np.inf, -np.inf, *range(9)]), ["min 0  mean 4  max 8", "⚠ 1 NaN, 2 ∞"]),
    (np.full(9, np.nan), ["⚠ 9 NaN"]),
    (np.zeros((0, 3)), ["no entries"]),
    (np.arange(9), ["min 0  mean 4  max 8"]),
])  # fmt: skip
def test_values_in_short(x: Any, lines: list[str]) -> None:
    assert labels.values(x) == lines


@pytest.mark.parametrize(("statement", "title"), [
    ("y[1:, 0] = x[0, 0]", "[1:, 0] ="),
    ("y[..., ::2] = 0", "[…, ::2] ="),
    ("y[None, -1] = 1", "[None, -1] ="),
    ("y[y.data > 2] = 0", "[mask] ="),
    ("y[:, [0, 2]] = 0", "[:, [0, 2]] ="),
    ("y[[0] * 9] = x[0]", "[indices] ="),
    ("y.T[1:, 0] = 0", ".T[1:, 0] ="),
    ("y[:2][0] = 0", "[:2][0] ="),
    ("y.reshape(3, 2)[0] = 0", ".reshape(3, 2)[0] ="),
    ("y += x", "[…] ="),
    ("np.maximum(y, 0, out=y)", "[…] ="),
])  # fmt: skip
def test_a_write_is_called_as_in_numpy(statement: str, title: str) -> None:
    x = tl.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    y = x * 1.0
    exec(statement, {"x": x, "y": y, "np": np})
    node = y._node
    assert node is not None
    assert node.primitive is not None
    assert labels.operation(node.primitive, node.params) == title
    said = ["the last of each stays"] if "* 9" in statement else []
    assert labels.parameters(node.primitive, node.params) == said


@pytest.mark.parametrize(("read", "title"), [
    (lambda x: x[1:, 0], "[1:, 0]"),
    (lambda x: x[x.data > 2], "[mask]"),
    (lambda x: x[[0, 1], [1, 2]], "[[0, 1], [1, 2]]"),
    (lambda x: x[()], "[()]"),
    (lambda x: x[...], "[…]"),
])  # fmt: skip
def test_a_read_is_called_as_in_numpy(read: Any, title: str) -> None:
    node = read(tl.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True))._node
    assert labels.operation(node.primitive, node.params) == title
    assert labels.parameters(node.primitive, node.params) == []


def test_a_view_that_another_write_went_through_is_read_by_its_steps() -> None:
    y = tl.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True) * 1.0
    column = y.T[0]
    y[0] = 0
    node = column._node
    assert node is not None
    assert node.primitive is not None
    assert labels.operation(node.primitive, node.params) == ".T[0]"
