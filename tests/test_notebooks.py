"""Every notebook runs from top to bottom, without an error, a warning or a word on the standard error stream."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")
pytest.importorskip("matplotlib")

from .running_notebooks import TIMEOUT  # noqa: E402

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
HERE = {**os.environ, "PYTHONPATH": str(ROOT)}
"""The environment of processes that import this copy of the package."""

LONGEST = ("04_why_predictions_collapse", "08_science", "12_training_on_a_cluster")
"""Notebooks that are run with the long tests only: hundreds of trainings, a cluster, and programs that are tested by
themselves."""

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


def run_in_kernel(path: Path, address: Path) -> subprocess.CompletedProcess[str]:
    """Run a notebook as Jupyter does, in processes that talk through files at an address."""
    return subprocess.run(
        [sys.executable, "-c", RUN, str(path), str(NOTEBOOKS), str(address)],
        env=HERE,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


@pytest.fixture(scope="session")
def run() -> Iterator[Callable[[Path], tuple[int, str]]]:
    """Runs a notebook in a process of its own; gives the exit status and what stands on the standard error stream."""
    command = [sys.executable, str(Path(__file__).parent / "running_notebooks.py")]
    with subprocess.Popen(
        command, env=HERE, cwd=NOTEBOOKS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def answer(path: Path) -> tuple[int, str]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{path}\n")
            process.stdin.flush()
            found = json.loads(process.stdout.readline())
            return found["status"], found["said"]

        yield answer


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in PATHS if path.stem not in LONGEST])
def test_it_runs(path: Path, run: Callable[[Path], tuple[int, str]]) -> None:
    assert run(path) == (0, "")


@pytest.mark.long
@each_notebook
def test_it_runs_in_a_kernel(path: Path, tmp_path: Path) -> None:
    done = run_in_kernel(path, tmp_path / "kernel")
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
    assert {path.stem for path in PATHS} > set(LONGEST)


WRONG = pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import warnings; warnings.warn('!')", "UserWarning"),
        ("import sys; print('oh', file=sys.stderr)", "oh"),
    ],
)


def written(code: str, directory: Path) -> Path:
    """A notebook of one cell."""
    path = directory / "failing.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), path)
    return path


@WRONG
def test_a_notebook_that_fails_is_found(
    code: str, said: str, tmp_path: Path, run: Callable[[Path], tuple[int, str]]
) -> None:
    done = run(written(code, tmp_path))
    assert done != (0, "")
    assert said in done[1]


@pytest.mark.long
@WRONG
def test_a_notebook_that_fails_in_a_kernel_is_found(code: str, said: str, tmp_path: Path) -> None:
    done = run_in_kernel(written(code, tmp_path), tmp_path / "kernel")
    assert done.returncode != 0
    assert said in done.stderr


def test_notebooks_share_no_names(tmp_path: Path, run: Callable[[Path], tuple[int, str]]) -> None:
    assert run(written("import numpy as np\nnp.shared = shared = 3", tmp_path)) == (0, "")
    assert (
        run(written("import numpy as np\nassert not hasattr(np, 'shared') and 'shared' not in dir()", tmp_path))[0] == 0
    )
