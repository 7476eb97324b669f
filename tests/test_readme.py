"""What the README says is so."""

import contextlib
import io
import json
import re
import tomllib
from pathlib import Path

import pytest

from benchmarks import readme

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def test_the_example_prints_what_it_says_and_draws_the_picture(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(BLOCKS[0], {})
    printed = re.search(r"It prints `(.*?)`", TEXT).group(1)
    # the last bits of a matrix product differ between BLAS builds
    assert float(out.getvalue()) == pytest.approx(float(printed), abs=5e-16)
    assert (tmp_path / "loss.dot").read_text() == (ROOT / "notebooks/pictures/readme.dot").read_text()
    assert len([line for line in BLOCKS[0].splitlines() if line]) <= 15


def test_the_other_examples_run():
    names = {}
    exec("import numpy as np\nimport tinygrad_lite as tl", names)
    for block in BLOCKS[1:]:
        exec(block, names)


def test_no_count_of_functions_is_kept_by_hand():
    for text in (TEXT, (ROOT / "CHANGELOG.md").read_text()):
        assert not re.search(r"\d+ functions", text)


def test_every_extra_is_named():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    table = re.search(r"\| extra \|.*?\n\n", TEXT, re.DOTALL).group()
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == set(extras)


def test_what_is_imported_can_be_imported():
    for line in re.findall(r"`(from tinygrad_lite[^`]*)`", TEXT):
        pytest.importorskip("sklearn")
        exec(line, {})


def test_links_and_pictures_lead_somewhere():
    """In the repository as they stand; on a package index through the addresses that pyproject.toml puts before."""
    paths = [*re.findall(r'src="([^"]+)"', TEXT), *re.findall(r"\]\(([^)\s]+)\)", TEXT)]
    assert len(paths) >= 2
    assert all((ROOT / path).exists() for path in paths if "://" not in path)
    hook = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["metadata"]["hooks"]
    text = TEXT
    for rule in hook["fancy-pypi-readme"]["substitutions"]:
        text = re.sub(rule["pattern"], rule["replacement"], text)
    there = [*re.findall(r'src="([^"]+)"', text), *re.findall(r"\]\(([^)\s]+)\)", text)]
    assert len(there) == len(paths)
    assert all(path.startswith("https://") for path in there)


def test_the_layout_is_that_of_the_package():
    layout = re.search(r"```\ntinygrad_lite/\n(.*?)```", TEXT, re.DOTALL).group(1)
    listed = {line.split()[0].rstrip("/") for line in layout.splitlines()}
    package = ROOT / "tinygrad_lite"
    present = {p.name for p in package.glob("*.py")} | {p.parent.name for p in package.glob("*/__init__.py")}
    assert listed == present - {"__init__.py", "__main__.py"}


@pytest.mark.parametrize(("place", "table"), [("benchmarks", readme.table), ("compiled", readme.compiled_table)])
def test_the_benchmark_tables_are_those_of_the_recorded_run(place, table):
    found = re.search(rf"<!-- {place} -->\n(.*?)<!-- /{place} -->", TEXT, re.DOTALL).group(1)
    assert found == table(json.loads((ROOT / "benchmarks/results.json").read_text()))


def test_the_compiled_step_is_what_the_library_writes():
    (example,) = [block for block in BLOCKS if "compiled = tl.compile" in block]
    (source,) = re.findall(r"```text\n(import numpy as np\n.*?)```", TEXT, re.DOTALL)
    names = {}
    exec("import numpy as np\nimport tinygrad_lite as tl", names)
    exec(example, names)
    assert names["compiled"].source == source
    assert len(source.splitlines()) < 40
