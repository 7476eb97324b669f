"""The table of networks that come from PyTorch: every name in it is there, and every layer is in it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn
from tinygrad_lite.nn import attention, convolutional, layers, module_lists, normalization, pooling, recurrent

ROOT = Path(__file__).parents[2]
ROWS = [
    line.strip("| ").split(" | ")
    for line in (ROOT / "docs" / "coming_from.md").read_text().partition("## Networks from PyTorch")[2].split("\n")
    if line.startswith("|") and not line.startswith(("|---", "| there"))
]


def spans(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def called(start: Any, dotted: str) -> Any:
    for name in dotted.split("."):
        start = getattr(start, name)
    return start


def names(cell: str, prefix: str) -> set[str]:
    return {name for span in spans(cell) for name in re.findall(rf"(?<![\w.]){prefix}\.([A-Za-z_][\w.]*)", span)}


def test_the_table_has_rows_of_two_cells() -> None:
    assert len(ROWS) > 15
    assert all(len(row) == 2 and spans(row[0]) for row in ROWS)


def test_every_name_on_the_right_is_here() -> None:
    for _, here in ROWS:
        for name in names(here, "nn"):
            assert callable(called(nn, name)), name
        for name in names(here, "tl"):
            assert callable(called(tl, name)), name


def test_what_is_as_there_is_here_under_the_same_name() -> None:
    same = [there for there, here in ROWS if here.startswith("as there")]
    assert len(same) > 8
    for there in same:
        for span in spans(there):
            name = re.sub(r"^net\.", "", span).partition("(")[0]
            if not name.startswith(("optimizer.", "scheduler.")):
                assert callable(called(tl, name) if name.startswith("nn.") else called(nn.Module, name)), name


def test_every_layer_is_in_the_table() -> None:
    listed = {name for there, _ in ROWS for name in names(there, "nn")}
    rooms = (attention, convolutional, layers, module_lists, normalization, pooling, recurrent)
    own = {name for name in nn.__all__ if getattr(getattr(nn, name), "__module__", "") in {r.__name__ for r in rooms}}
    assert len(own) > 25
    assert own <= listed


@pytest.mark.oracle
def test_every_name_on_the_left_is_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    for there, _ in ROWS:
        for name in names(there, "nn"):
            assert callable(called(torch.nn, name)), name
        for span in spans(there):
            if re.fullmatch(r"[a-z_]+(\(.*\))?", span):
                method = span.partition("(")[0]
                elsewhere = method in ("load_file", "len", "random_split")
                assert hasattr(torch.nn.Module, method) or elsewhere, method


@pytest.mark.oracle
def test_arguments_that_are_as_there_have_pytorchs_names_and_order() -> None:
    """But for what the table says is left out, and those of devices."""
    torch = pytest.importorskip("torch")
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    for there, here in ROWS:
        for name in names(there, "nn"):
            if not here.startswith("as there") or name in ("Module", "Sequential", "Identity", "Parameter"):
                continue
            ours = inspect.signature(called(nn, name)).parameters
            theirs = list(inspect.signature(called(torch.nn, name)).parameters)
            mine = [key for key, parameter in ours.items() if parameter.kind is positional]
            if name in ("RNN", "LSTM", "GRU"):  # whose own signature says (*args, **kwargs)
                continue
            assert mine == theirs[: len(mine)], name
