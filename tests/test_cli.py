"""The command line: what it prints, what it writes, and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tinygrad_lite import derivations
from tinygrad_lite.cli import main
from tinygrad_lite.derivations import CATALOGUE
from tinygrad_lite.drawing import RendererError, render

pytest.importorskip("sklearn")
pytest.importorskip("rich")


def verify(tmp_path: Path, *options: str, epochs: int = 1) -> tuple[int, Any]:
    """Exit status and the figures written."""
    figures = tmp_path / "figures.json"
    status = main(["verify", "--epochs", str(epochs), "--out", str(tmp_path / "out"), "--json", str(figures), *options])
    return status, json.loads(figures.read_text(encoding="utf-8"))


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line on the error stream of a command that cannot run."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.count("\n") == 1
    return err


def test_the_main_job(tmp_path: Path) -> None:
    """As a user runs it, piped."""
    command = [sys.executable, "-m", "tinygrad_lite", "verify", "--json", "figures.json"]
    environment = {key: value for key, value in os.environ.items() if key != "COLUMNS"} | {"PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, env=environment, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    for equation in CATALOGUE:
        assert any(equation.formula in line and equation.source in line and "holds" in line for line in lines)
    assert "all hold" in done.stdout
    assert f"{Path('out', 'loss.dot')}" in done.stdout
    assert (tmp_path / "out" / "loss.dot").read_text(encoding="utf-8").startswith("digraph")
    figures = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert figures["training"]["accuracy"] > 0.95
    assert f"{100 * figures['training']['accuracy']:.1f} %" in done.stdout
    losses = figures["training"]["loss"]
    assert len(losses) == figures["training"]["epochs"]
    assert losses[-1] < losses[0] / 10


def test_the_figures(tmp_path: Path) -> None:
    status, figures = verify(tmp_path, "--batch", "8")
    assert status == 0
    assert figures.keys() == {"schema", "verdict", "data", "equations", "training", "graph"}
    assert figures["schema"] == 1
    assert figures["verdict"] == "holds"
    assert figures["data"] == {
        "name": "scikit-learn digits", "training": 1348, "test": 449, "batch": 8, "seed": 0,
    }  # fmt: skip
    assert [e["id"] for e in figures["equations"]] == [e.id for e in CATALOGUE]
    for e in figures["equations"]:
        assert e.keys() == {
            "id", "title", "author", "year", "place", "formula", "note",
            "verdict", "difference", "tolerance", "quantities",
        }  # fmt: skip
        assert e["verdict"] == "holds"
        assert all(0 <= q["difference"] <= q["tolerance"] for q in e["quantities"])
        assert {"difference": e["difference"], "tolerance": e["tolerance"]} in [
            {key: q[key] for key in ("difference", "tolerance")} for q in e["quantities"]
        ]
    assert Path(figures["graph"]["dot"]).read_text(encoding="utf-8").startswith("digraph")
    assert figures["graph"]["svg"] is None or Path(figures["graph"]["svg"]).read_bytes().startswith(b"<?xml")


def test_twice_the_same_and_another_seed_another(tmp_path: Path) -> None:
    first, again, other = verify(tmp_path), verify(tmp_path), verify(tmp_path, "--seed", "1")
    assert first == again
    assert other[0] == 0
    assert first[1]["training"] != other[1]["training"]


def test_no_training(tmp_path: Path) -> None:
    status, figures = verify(tmp_path, epochs=0)
    assert status == 0
    assert figures["training"]["loss"] == []


def test_a_formula_that_disagrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, *rest = CATALOGUE
    wrong = first._replace(printed=lambda p: {name: -x for name, x in first.printed(p).items()})
    broken = first._replace(
        id="nan", printed=lambda p: {name: x + float("nan") for name, x in first.printed(p).items()}
    )
    monkeypatch.setattr(derivations, "CATALOGUE", (wrong, broken, *rest))
    status, figures = verify(tmp_path)
    assert status == 1
    assert figures["verdict"] == "fails"
    assert [e["verdict"] for e in figures["equations"]].count("fails") == 2
    assert figures["equations"][1]["difference"] is None
    assert "2 disagree" in capsys.readouterr().out


def test_without_a_renderer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(format: str) -> None:
        return None

    monkeypatch.setattr(sys.modules[render.__module__], "renderer", missing)
    with pytest.raises(RendererError) as error:
        render("digraph {}")
    status, figures = verify(tmp_path)
    assert status == 0
    assert figures["graph"]["svg"] is None
    assert str(error.value) in capsys.readouterr().out


@pytest.mark.parametrize(("module", "package"), [("rich", "rich"), ("sklearn", "scikit-learn")])
def test_without_the_extra(
    module: str, package: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    said = refused(capsys, "verify")
    assert package in said
    assert "tinygrad-lite[verify]" in said


@pytest.mark.parametrize(("arguments", "said"), [
    ([], "command"),
    (["frobnicate"], "frobnicate"),
    (["verify", "--frobnicate"], "--frobnicate"),
    (["verify", "--batch", "0"], "'0' is not a whole number of at least 1"),
    (["verify", "--batch", "many"], "'many'"),
    (["verify", "--epochs", "-1"], "--epochs"),
    (["verify", "--seed", "1.5"], "'1.5'"),
    (["verify", "--batch", "5000", "--out", "{tmp}"], "only 1348 images"),
    (["verify", "--out", "{tmp}/file"], "cannot write {tmp}/file"),
    (["verify", "--out", "{tmp}", "--json", "{tmp}/missing/figures.json"], "cannot write {tmp}/missing/figures.json"),
    (["verify", "--out", "{tmp}", "--json", "{tmp}"], "cannot write {tmp}"),
])  # fmt: skip
def test_requests_that_cannot_be_served(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert said.format(tmp=tmp_path) in refused(capsys, *[argument.format(tmp=tmp_path) for argument in arguments])


def test_importing_the_library_imports_nothing_optional() -> None:
    code = (
        "import sys, tinygrad_lite;"
        "print(*{'graphviz', 'pygraphviz', 'rich', 'sklearn', 'tinygrad_lite.drawing', 'tinygrad_lite.derivations'}"
        " & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert not done.stdout.strip()
