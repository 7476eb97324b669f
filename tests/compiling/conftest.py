"""Kernels run by Python, of arrays of any size, and a cache of machine code for one test."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinygrad_lite.compiling.kernels import launching

fusing = importlib.import_module("tinygrad_lite.compiling.improving.fusing")


@pytest.fixture
def by_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels of any size, run by Python as they are written."""
    stub = types.SimpleNamespace(njit=lambda **_: lambda f: f, config=types.SimpleNamespace(NUMBA_NUM_THREADS=1))
    monkeypatch.setitem(sys.modules, "numba", stub)  # type: ignore[arg-type]
    for module in (fusing, launching):
        monkeypatch.setattr(module, "has_numba", lambda: True)
    monkeypatch.setattr(launching, "LARGE", 1)
    monkeypatch.setitem(launching.KERNELS, "large", launching.Least(1, 1))
    monkeypatch.setattr(launching, "kept_file", lambda _: None)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    pytest.importorskip("numba")
    monkeypatch.setenv("TINYGRAD_LITE_CACHE", str(tmp_path))
    return tmp_path  # type: ignore[return-value]
