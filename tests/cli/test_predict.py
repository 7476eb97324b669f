"""The command predict, with what learnt from a table."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_lite.cli import main
from tinygrad_lite.training.tabular import TableModel, fit_table, read_table, save_table_model

pandas = pytest.importorskip("pandas")
pytest.importorskip("sklearn")

ROWS = "size,kind,note\n5.5,cat,a\n-1.5,dog,b\n,cat,c\n"


@pytest.fixture(scope="module")
def model() -> TableModel:
    table = "size,kind,loud\n" + "".join([f"{k % 9 - 4},{'cat' if k % 2 else 'dog'},{k % 9 > 4}\n" for k in range(90)])
    return fit_table(read_table(io.BytesIO(table.encode())), "loud", epochs=5, progress=False)


@pytest.fixture
def folder(model: TableModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a run and rows to predict for."""
    monkeypatch.chdir(tmp_path)
    save_table_model(model, "run")
    Path("rows.csv").write_text(ROWS)
    return tmp_path


def predicted(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[list[str]]:
    """The rows that the command prints."""
    assert main(["predict", *arguments]) == 0
    return list(csv.reader(io.StringIO(capsys.readouterr().out)))


def test_predictions_are_the_models(model: TableModel, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = read_table("rows.csv")
    names, *rows = predicted(capsys, "run", "rows.csv", "--proba")
    assert names == ["loud", "p(False)", "p(True)"]
    assert [row[0] for row in rows] == [str(each) for each in model.predict(frame)]
    np.testing.assert_array_equal([[float(p) for p in row[1:]] for row in rows], model.predict_proba(frame))
    only = predicted(capsys, "run/model.safetensors", "rows.csv")
    assert only == [["loud"], *[[row[0]] for row in rows]]


def test_what_is_ignored_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["predict", "run", "rows.csv", "--out", "out.csv"])
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "ignored, as the table learnt from had no such columns: note\n"
        "missing, as none was in training, and taken for the column's median: size 1\n"
    )
    assert Path("out.csv").read_text().splitlines()[0] == "loud"


def test_how_a_table_is_written_can_be_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = predicted(capsys, "run", "rows.csv")
    Path("odd.txt").write_text(ROWS.replace(",", "\t").replace(".", ","), encoding="utf-16-be")
    said = ["--delimiter", "tab", "--decimal", ",", "--encoding", "utf-16-be"]
    assert predicted(capsys, "run", "odd.txt", *said) == expected
    Path("bare.csv").write_text("\n".join([line.rpartition(",")[0] for line in ROWS.splitlines()[1:]]))
    assert predicted(capsys, "run", "bare.csv", "--no-header") == expected


@pytest.mark.parametrize(("arguments", "content", "said"), [
    (["run", "none.csv"], None, "cannot read none.csv"),
    (["none", "rows.csv"], None, "cannot read none"),
    (["run", "x.csv"], "size,sort\n1,cat\n", "no column 'kind', which the model learnt from; its first line has size"),
    (["run", "x.csv"], "1,cat\n", "no column 'size', 'kind'"),
    (["run", "x.csv", "--no-header"], "1,cat,x,y\n", "has 4 columns, and the one learnt from 3"),
    (["run", "x.csv"], "size,kind\nbig,cat\n", "size: 'big' in row 1 is not a number"),
    (["run", "x.csv"], "", "the table is empty"),
    (["run", "x.csv", "--encoding", "x"], "a", "no encoding 'x'"),
    (["run", "rows.csv", "--out", "no/where.csv"], None, "cannot write no/where.csv"),
])  # fmt: skip
def test_refused(
    arguments: list[str], content: Any, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        Path("x.csv").write_text(content)
    with pytest.raises(SystemExit) as stopped:
        main(["predict", *arguments])
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err.splitlines()[-1]


def test_files_that_do_not_belong_together(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy("run/model.safetensors", "model.safetensors")
    for change, said in ((None, "cannot read recipe.json"), (b"{}", "recipe.json: this is no recipe")):
        if change is not None:
            Path("recipe.json").write_bytes(change)
        with pytest.raises(SystemExit):
            main(["predict", ".", "rows.csv"])
        assert said in capsys.readouterr().err


def test_probabilities_of_numbers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = pandas.DataFrame({"x": np.arange(30.0), "y": np.arange(30.0) ** 2})
    save_table_model(fit_table(frame, "y", epochs=1, progress=False), "numbers")
    Path("x.csv").write_text("x\n1\n2\n")
    assert len(predicted(capsys, "numbers", "x.csv")) == 3
    with pytest.raises(SystemExit):
        main(["predict", "numbers", "x.csv", "--proba"])
    assert "y is a number, and has no probabilities" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--proba"], ["--out", "x"], ["--delimiter", ";"], ["--no-header"]])
def test_options_of_tables(option: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are refused with a network for a bundled data set."""
    main(["train", "--data", "iris", "--epochs", "0", "--out", str(tmp_path / "run")])
    with pytest.raises(SystemExit):
        main(["predict", str(tmp_path / "run"), "x.csv", *option])
    assert "model.safetensors is of no table" in capsys.readouterr().err
