"""The command line: what it prints, what it writes, and its exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tinygrad_lite import documents
from tinygrad_lite.cli import main
from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.drawing import RendererError, render
from tinygrad_lite.verifying import check
from tinygrad_lite.verifying.page import page

pytest.importorskip("sklearn")
pytest.importorskip("rich")

BY_ID = {statement.id: statement for statement in CATALOGUE}
VEGE_14 = ("verify", "--no-proofs", "--id", "vege-14")

needs_converter = pytest.mark.skipif(find_spec("latex2mathml") is None, reason="the page needs latex2mathml")


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


@pytest.fixture(scope="module")
def main_job(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path, Any]:
    """The command without proofs, as a user runs it: the process, the directory it ran in, and the figures."""
    where = tmp_path_factory.mktemp("main_job")
    done = plain("--json", "figures.json", "--no-proofs", cwd=where)
    return done, where, json.loads((where / "figures.json").read_text(encoding="utf-8"))


def plain(*options: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """As a user runs it, piped."""
    environment = {key: value for key, value in os.environ.items() if key != "COLUMNS"} | {"PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "tinygrad_lite", "verify", *options]
    return subprocess.run(command, capture_output=True, env=environment, check=False, encoding="utf-8", **more)


def test_the_main_job(main_job: tuple[subprocess.CompletedProcess[str], Path, Any]) -> None:
    done, where, figures = main_job
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 24  # which is seen without scrolling
    assert f"{Path('out', 'loss.dot')}" in done.stdout
    table = (where / "out" / "findings.txt").read_text(encoding="utf-8")
    assert str(Path("out", "findings.txt")) in done.stdout
    assert max(map(len, table.splitlines())) <= 80
    shown = [line.split()[0] for line in table.splitlines() if line.strip()]
    for id in BY_ID:
        assert id in shown or len(id) > 22
    assert "every disagreement is explained" in " ".join(table.split())
    assert (where / "out" / "loss.dot").read_text(encoding="utf-8").startswith("digraph")
    wrong = [e["id"] for e in figures["equations"] if e["corrected"] and e["verdict"] in ("misprinted", "false")]
    assert re.findall(r"(?:notes|question|answer|vege)-[\w.-]+", done.stdout) == wrong
    training = figures["training"]
    assert training["accuracy"] > 0.95
    assert f"{100 * training['accuracy']:.1f} %" in done.stdout
    losses = training["loss"]
    assert len(losses) == training["epochs"]
    assert losses[-1] < losses[0] / 10


def test_the_figures(main_job: tuple[subprocess.CompletedProcess[str], Path, Any]) -> None:
    _, where, figures = main_job
    assert figures.keys() == {"schema", "verdict", "seed", "equations", "training", "graph"}
    assert (figures["schema"], figures["verdict"], figures["seed"]) == (2, "holds", 0)
    assert [e["id"] for e in figures["equations"]] == [e.id for e in CATALOGUE]
    for e in figures["equations"]:
        assert e.keys() == {
            "id", "title", "author", "year", "place", "latex", "formula", "kind", "note", "verdict", "condition",
            "corrected", "counterexample", "reason", "difference", "tolerance", "draws", "quantities", "proof",
        }  # fmt: skip
        assert all(0 <= q["difference"] <= q["tolerance"] for q in e["quantities"])
        assert e["draws"] >= 1
        assert (e["condition"] is not None) == e["verdict"].endswith("when")
        if e["verdict"] in ("misprinted", "false"):
            assert e["corrected"]["wrong"]
            assert e["counterexample"]["draw"]
        assert e["proof"]["status"] == "checked numerically"
    assert (figures["training"]["training"], figures["training"]["test"]) == (1348, 449)
    assert (where / figures["graph"]["dot"]).read_text(encoding="utf-8").startswith("digraph")
    assert figures["graph"]["svg"] is None or (where / figures["graph"]["svg"]).read_bytes().startswith(b"<?xml")


def test_a_selection(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, figures = verify(tmp_path, "--no-proofs", "--id", "vege-38", "--id", "vege-16")
    assert status == 0
    assert [e["id"] for e in figures["equations"]] == ["vege-16", "vege-38"]
    assert figures["training"] is None
    assert figures["graph"] is None
    assert not (tmp_path / "out").exists()
    out = capsys.readouterr().out
    assert "right: δᵢᴸ = Σⱼ (aⱼᴸ − yⱼ) (σₛₘ(z))ⱼ (δⱼᵢ − (σₛₘ(z))ᵢ)" in out
    assert "Training" not in out
    _, figures = verify(tmp_path, "--no-proofs", "--document", "NOTES", "--id", "vege-16")
    assert {e["id"].partition("-")[0] for e in figures["equations"]} == {"notes", "vege"}


def test_twice_the_same_and_another_seed_another(tmp_path: Path) -> None:
    options = ("--no-proofs", "--id", "vege-16", "--id", "vege-33")
    first, again, other = [verify(tmp_path, *options, *more) for more in ((), (), ("--seed", "1"))]
    assert first == again
    assert [e["verdict"] for e in other[1]["equations"]] == ["holds", "holds"]
    assert first[1]["equations"] != other[1]["equations"]


def test_the_table_of_all_is_printed_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(documents, "CATALOGUE", CATALOGUE[:2])
    verify(tmp_path, "--no-proofs", "--full", epochs=0)
    assert (tmp_path / "out" / "findings.txt").read_text(encoding="utf-8") in capsys.readouterr().out


def test_no_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "CATALOGUE", CATALOGUE[:2])
    status, figures = verify(tmp_path, epochs=0)
    assert status == 0
    assert figures["training"]["loss"] == []


def test_a_formula_that_disagrees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = BY_ID["answer-error-deriv"]
    wrong = first._replace(printed=lambda s: -first.printed(s))
    broken = first._replace(id="vege-nan", printed=lambda s: first.printed(s) + float("nan"))
    monkeypatch.setattr(documents, "CATALOGUE", (wrong, broken, first))
    status, figures = verify(tmp_path, "--no-proofs")
    assert status == 1
    assert figures["verdict"] == "fails"
    assert [e["verdict"] for e in figures["equations"]] == ["fails", "fails", "holds"]
    assert figures["equations"][1]["difference"] is None
    out = capsys.readouterr().out
    assert "Not explained:" in out
    assert ", printed" in " ".join(out.split())
    assert "2 unexplained" in (tmp_path / "out" / "findings.txt").read_text(encoding="utf-8")


def test_a_reader_that_stops_reading(tmp_path: Path) -> None:
    """As with ``verify | head``: the figures are written all the same, and the exit status tells."""
    figures = tmp_path / "figures.json"
    reading, writing = os.pipe()
    os.close(reading)
    options = ["--no-proofs", "--id", "notes-probability", "--json", str(figures)]
    command = [sys.executable, "-m", "tinygrad_lite", "verify", *options]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, cwd=tmp_path)
    os.close(writing)
    assert done.stderr.decode() == "python -m tinygrad_lite: the output was closed before all of it was printed\n"
    assert done.returncode == 141
    assert json.loads(figures.read_text(encoding="utf-8"))["equations"]


def test_in_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Colours, and a bar that does not stay."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert main(["verify", "--no-proofs", "--id", "vege-14", "--id", "vege-34"]) == 0
    out = capsys.readouterr().out
    assert "\x1b[32m" in out
    assert "\x1b[33m" in out


def test_without_rich(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["verify", "--no-proofs", "--id", "vege-14", "--id", "vege-34"]
    assert main(arguments) == 0
    with_rich = capsys.readouterr().out
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert main(arguments) == 0
    assert capsys.readouterr().out == with_rich


def test_without_sympy(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "sympy", None)
    assert main(["verify", "--id", "vege-14", "--id", "vege-34"]) == 0
    assert capsys.readouterr().out.count("pip install 'tinygrad-lite[proofs]'") == 1
    assert main(["verify", "--no-proofs", "--id", "vege-14"]) == 0
    assert "proofs]" not in capsys.readouterr().out


def test_without_a_renderer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: str) -> None:
        return None

    monkeypatch.setattr(documents, "CATALOGUE", CATALOGUE[:2])
    monkeypatch.setattr(sys.modules[render.__module__], "renderer", missing)
    with pytest.raises(RendererError) as error:
        render("digraph {}")
    status, figures = verify(tmp_path)
    assert status == 0
    assert figures["graph"]["svg"] is None
    assert str(error.value) in capsys.readouterr().out


def test_without_the_digits(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    said = refused(capsys, "verify")
    assert "scikit-learn" in said
    assert "tinygrad-lite[verify]" in said
    assert main(["verify", "--no-proofs", "--id", "vege-14"]) == 0
    assert "1 entry checked" in capsys.readouterr().out
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(SystemExit):  # with a seed that no other test has loaded the digits for
        main(["verify", "--no-proofs", "--seed", "8128", "--id", "question-collapse"])
    assert "tinygrad-lite[verify]" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "said"), [
    ([], "command"),
    (["frobnicate"], "frobnicate"),
    (["verify", "--frobnicate"], "--frobnicate"),
    (["verify", "--epochs", "many"], "'many'"),
    (["verify", "--epochs", "-1"], "'-1' is not a whole number of at least 0"),
    (["verify", "--document", "bible"], "--document bible: the documents are "),
    (["verify", "--id", "vege-1466"], "--id vege-1466: there is no such entry; near it: vege-1"),
    (["verify", "--seed", "1.5"], "'1.5'"),
    (["verify", "--out", "{tmp}/file"], "cannot write {tmp}/file"),
    (["verify", "--out", "{tmp}", "--json", "{tmp}/missing/figures.json"], "cannot write {tmp}/missing/figures.json"),
    (["verify", "--out", "{tmp}", "--json", "{tmp}"], "cannot write {tmp}"),
    (["verify", "--id", "vege-14", "--json", "{tmp}/missing/figures.json"], "cannot write {tmp}/missing/figures.json"),
])  # fmt: skip
def test_requests_that_cannot_be_served(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert said.format(tmp=tmp_path) in refused(capsys, *[argument.format(tmp=tmp_path) for argument in arguments])


def test_importing_the_library_imports_nothing_optional() -> None:
    code = (
        "import sys, tinygrad_lite;"
        "print(*{'graphviz', 'pygraphviz', 'rich', 'sklearn', 'tinygrad_lite.drawing', 'tinygrad_lite.documents'}"
        " & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert not done.stdout.strip()


# ---------------------------------------------------------------------------------------------------------------------
# The page


@needs_converter
def test_the_option_writes_the_page(tmp_path: Path) -> None:
    pages = [tmp_path / "one.html", tmp_path / "two.html"]
    for report in pages:
        report.write_text("old")
        assert main(["verify", "--no-proofs", "--id", "vege-14", "--html", str(report)]) == 0
    first, second = [report.read_bytes() for report in pages]
    assert first == second
    assert re.findall(r'<article [^>]*id="([^"]*)"', first.decode()) == ["vege-14"]
    assert sorted(tmp_path.iterdir()) == pages


@needs_converter
def test_refusals_come_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.html"
    missing = tmp_path / "missing" / "report.html"
    assert f"cannot write {missing}" in refused(capsys, *VEGE_14, "--html", str(missing))
    assert f"{report} cannot hold two reports" in refused(
        capsys, *VEGE_14, "--html", str(report), "--json", str(report)
    )
    monkeypatch.setitem(sys.modules, "latex2mathml.converter", None)
    said = refused(capsys, *VEGE_14, "--html", str(report))
    assert "latex2mathml" in said
    assert "pip install 'tinygrad-lite[verify]'" in said
    assert not report.exists()
    with pytest.raises(ImportError, match=r"tinygrad-lite\[verify\]"):
        page([check(BY_ID["vege-14"])], 0)


@needs_converter
def test_a_page_that_cannot_be_written_whole_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.html"
    report.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(SystemExit):
        main(["verify", "--no-proofs", "--id", "vege-14", "--html", str(report)])
    assert "No space left" in capsys.readouterr().err
    assert report.read_text() == "old"
    assert list(tmp_path.iterdir()) == [report]


@needs_converter
@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    report, link = tmp_path / "report.html", tmp_path / "latest.html"
    link.symlink_to(report)
    assert main(["verify", "--no-proofs", "--id", "vege-14", "--html", str(link)]) == 0
    assert link.is_symlink()
    assert report.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
