"""Every notebook runs from top to bottom, without an error, a warning or a word on the standard error stream."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")
pytest.importorskip("matplotlib")

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))

TIMEOUT = 120
"""Seconds for a notebook, which should take less than ten."""

each_notebook = pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])

RUN = """
import sys

import matplotlib.font_manager  # which lists the fonts once, and says so where it takes long
import nbformat
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient

path, directory, address = sys.argv[1:]
notebook = nbformat.read(path, as_version=4)
notebook.cells.insert(0, nbformat.v4.new_code_cell("import warnings\\n\\nwarnings.simplefilter('error')"))
kernel = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=address)
NotebookClient(notebook, km=kernel, resources={"metadata": {"path": directory}}).execute()
for number, cell in enumerate(notebook.cells):
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stderr":
            sys.exit(f"cell {number} wrote on the standard error stream: {output.text}")
"""
"""Runs a notebook with the kernel of this environment, warnings being errors; fails if it does, or says something."""


def run(path: Path, address: Path) -> subprocess.CompletedProcess[str]:
    """Run a notebook, in processes that import this copy of the package, talking through files at an address."""
    return subprocess.run(
        [sys.executable, "-c", RUN, str(path), str(NOTEBOOKS), str(address)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


@each_notebook
def test_it_runs(path: Path, tmp_path: Path) -> None:
    done = run(path, tmp_path / "kernel")
    assert done.returncode == 0, done.stderr


@each_notebook
def test_it_is_stored_as_it_ran(path: Path) -> None:
    """All cells were run in order, and none failed."""
    cells = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        assert not [o for o in cell.outputs if o.output_type == "error"]
        assert not [o for o in cell.outputs if o.output_type == "stream" and o.name == "stderr"]


@each_notebook
def test_it_is_for_readers(path: Path) -> None:
    """A title first, a sentence before each piece of code, and a size that a browser is happy with."""
    cells = read(path).cells
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    assert any(cell.cell_type == "markdown" and cell.source.startswith("## ") for cell in cells)
    assert path.stat().st_size < 1_000_000


def test_there_are_notebooks() -> None:
    assert PATHS


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import warnings; warnings.warn('!')", "UserWarning"),
        ("import sys; print('oh', file=sys.stderr)", "standard error stream: oh"),
    ],
)
def test_a_notebook_that_fails_is_found(code: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "failing.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), path)
    done = run(path, tmp_path / "kernel")
    assert done.returncode != 0
    assert said in done.stderr
