"""The command train on tables: what it writes and says, and how good its network is."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_lite.cli import main
from tinygrad_lite.training.tabular import load_table_model, prepare_table

pandas = pytest.importorskip("pandas")
pytest.importorskip("sklearn")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The last line on the error stream of a command that cannot run."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


SMALL = "size;kind;loud\n" + "".join(
    [f"{k % 9},5;{'cat' if k % 2 else 'dog'};{'yes' if k % 9 > 4 else 'no'}\n" for k in range(90)]
)
"""Ninety animals, those of at least 5 loud."""


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with the table small.csv, which is the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.csv").write_text(SMALL)
    return tmp_path


def test_as_a_user_runs_it(tmp_path: Path) -> None:
    rows = SMALL.replace(";yes", ";ja").replace("cat", "Kätzchen").encode("cp1252")
    (tmp_path / "a table.csv").write_bytes(rows)
    command = [sys.executable, "-m", "tinygrad_lite"]
    train = [*command, "train", "a table.csv", "--target", "loud", "--epochs", "40", "--out", "run"]
    done = subprocess.run(train, capture_output=True, cwd=tmp_path, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(
        "read as cp1252 (--encoding says otherwise)\ndecimal commas (--decimal says otherwise)\n"
    )
    assert "accuracy 1.0000 on 23 samples" in done.stdout
    figures = json.loads((tmp_path / "run/history.json").read_text())
    assert figures["test_accuracy"] == 1
    assert figures["command"]["target"] == "loud"
    predict = [*command, "predict", "run", "-"]
    rows = "kind,size\nKätzchen,7.5\ndog,1.5\nhorse,6.5\n".encode()
    said = subprocess.run(predict, capture_output=True, cwd=tmp_path, check=False, input=rows)
    assert said.stdout.decode() == "loud\nja\nno\nja\n"
    assert said.stderr.decode() == "kind: not met in training, and taken for none: horse\n"


def test_a_regression(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "small.csv", "--target", "1", "--drop", "kind", "--task", "regression", "--out", "run"]) == 0
    out = capsys.readouterr().out
    figures = json.loads((small / "run/history.json").read_text())
    assert f"R²{figures['test_r2']:34.6g}" in out
    assert 0.5 < figures["test_r2"] < 1
    assert figures["test_mae"] <= figures["test_rmse"] < 2
    assert load_table_model("run").recipe.names == ["loud"]


def test_a_run_is_resumed(small: Path) -> None:
    short = ["train", "small.csv", "--target", "loud", "--epochs", "4", "--patience", "3", "--out"]
    main([*short, "a"])
    main([*short, "b"])
    before = (small / "b/model.safetensors").read_bytes()
    main([*short, "b", "--resume"])  # was done
    assert (small / "a/model.safetensors").read_bytes() == before == (small / "b/model.safetensors").read_bytes()
    assert (small / "a/recipe.json").read_bytes() == (small / "b/recipe.json").read_bytes()


def test_more_epochs_go_on_with_the_decay_that_was_begun_with(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The usual one depends on the number of updates, and a checkpoint is of a run with the same options."""
    command = ["train", "small.csv", "--target", "loud", "--batch", "4", "--out", "run", "--epochs"]
    main([*command, "2"])
    main([*command, "60", "--resume"])
    assert len(json.loads((small / "run/history.json").read_text())["history"]["loss"]) == 60
    with pytest.raises(SystemExit):
        main([*command, "70", "--resume", "--optimizer", "adamw"])
    assert "weight_decay=[0.5], not [0.01]" in capsys.readouterr().err
    (small / "run/checkpoint.safetensors").write_bytes(b"")
    with pytest.raises(SystemExit):
        main([*command, "70", "--resume"])
    assert "checkpoint.safetensors" in capsys.readouterr().err


def test_all_rows_are_learnt_where_none_are_held_out(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["train", "small.csv", "--target", "loud", "--test-size", "0", "--epochs", "1", "--out", "run"])
    assert "90 rows to train on, 0 to test with" in capsys.readouterr().out
    assert "test_accuracy" not in json.loads((small / "run/history.json").read_text())


def test_the_standard_input(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SMALL.encode())))
    assert main(["train", "-", "--target", "loud", "--epochs", "1", "--out", "run"]) == 0


def test_how_a_table_is_written_can_be_said(small: Path) -> None:
    (small / "odd.txt").write_text("1 nix 0\n2 5 1\n" * 20, encoding="utf-16-le")
    said = ["--delimiter", " ", "--no-header", "--encoding", "utf-16-le", "--missing", "nix", "--category", "1"]
    assert main(["train", "odd.txt", "--target", "-1", *said, "--epochs", "1", "--hidden", "3", "--out", "run"]) == 0
    model = load_table_model("run")
    assert model.recipe.inputs == ["2", "2 missing", "1=1", "1=2"]
    assert model.network.sizes == (4, 3, 2)


@pytest.mark.parametrize(("arguments", "said"), [
    (["small.csv"], "--target: say which column to predict"),
    (["small.csv", "--target", "laud"], "no column 'laud'; did you mean 'loud'?"),
    (["none.csv", "--target", "loud"], "cannot read none.csv: No such file"),
    (["small.csv", "--target", "loud", "--data", "iris"], "--data: this is not for a table"),
    (["small.csv", "--target", "loud", "--output", "softmax"], "--output: this is not for a table"),
    (["small.csv", "--target", "loud", "--loss", "mse"], "--loss mse: this target is learnt with cross_entropy"),
    (["small.csv", "--target", "loud", "--test-size", "-1"], "neither a fraction"),
    (["small.csv", "--target", "loud", "--test-size", "1.5"], "neither a fraction"),
    (["small.csv", "--target", "loud", "--test-size", "90"], "leaves one part empty"),
    (["small.csv", "--target", "loud", "--delimiter", "::"], "a delimiter is one character"),
    (["small.csv", "--target", "kind", "--task", "regression"], "kind: 'dog' in row 1 is not a number"),
    (["--target", "loud"], "--target: say which table"),
    (["--no-header"], "--header: say which table"),
])  # fmt: skip
def test_refused(arguments: list[str], said: str, small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said in refused(capsys, "train", *arguments)
    assert [path.name for path in small.iterdir()] == ["small.csv"]


def test_without_pandas(small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert "tinygrad-lite[table]" in refused(capsys, "train", "small.csv", "--target", "loud")


# ---------------------------------------------------------------------------------------------------------------------
# Beside scikit-learn's own perceptron, with its own preprocessing, on the same rows


def bundled(name: str) -> Any:
    """A bundled data set as a table with words for classes."""
    from sklearn import datasets

    found = getattr(datasets, f"load_{name}")(as_frame=True)
    return found.data.assign(target=np.array([f"class {k}" for k in found.target_names])[found.target])


def mixed() -> Any:
    """Numbers and words that count together."""
    rng = np.random.default_rng(1)
    frame = pandas.DataFrame(rng.normal(size=(800, 4)), columns=list("abcd"))
    frame["colour"], frame["flag"] = rng.choice(["red", "green", "blue"], 800), rng.choice([True, False], 800)
    slope = frame["colour"].map({"red": 2.0, "green": -2.0, "blue": 0.5})
    frame["target"] = slope * frame["a"] + frame["b"] ** 2 - frame["c"] * frame["flag"] + rng.normal(size=800) / 4
    return frame


def gaps() -> Any:
    """Values that are missing, which tells something."""
    rng = np.random.default_rng(2)
    frame = mixed().drop(columns="target")
    frame["target"] = np.where(frame["a"] + np.where(frame["flag"], frame["b"], -1) > 0, "yes", "no")
    frame.loc[(rng.random(800) < 0.3) & (frame["target"] == "yes"), "c"] = np.nan
    frame.loc[rng.random(800) < 0.2, "colour"] = None
    return frame


def imbalanced() -> Any:
    """One row in twelve is of the class that is looked for."""
    rng = np.random.default_rng(3)
    frame = pandas.DataFrame(rng.normal(size=(1000, 5)), columns=list("abcde"))
    likely = frame["a"] + frame["b"] ** 2 + rng.normal(size=1000) / 4
    return frame.assign(target=np.where(likely > likely.quantile(11 / 12), "rare", "usual"))


def scikit_learns_score(frame: Any) -> float:
    """Of its perceptron with its defaults, on the rows that the command holds out."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from sklearn.utils._testing import ignore_warnings

    test = prepare_table(frame, "target").model.test
    train = frame.drop(index=test.index)
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    )
    perceptron = MLPRegressor if frame["target"].dtype.kind == "f" else MLPClassifier
    pipeline = make_pipeline(columns, perceptron(random_state=0))
    with ignore_warnings(category=ConvergenceWarning):
        pipeline.fit(train.drop(columns="target"), train["target"])
    return float(pipeline.score(test.drop(columns="target"), test["target"]))


TABLES = {name: lambda name=name: bundled(name) for name in ("iris", "wine", "breast_cancer", "digits")}
TABLES |= {"mixed": mixed, "gaps": gaps, "imbalanced": imbalanced}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in ("iris", "gaps") else pytest.mark.long) for name in TABLES]
)
def test_it_is_as_good_as_scikit_learns(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    frame = TABLES[name]()
    frame.to_csv("table.csv", index=False, quoting=csv.QUOTE_MINIMAL)
    assert main(["train", "table.csv", "--target", "target"]) == 0
    figures = json.loads(Path("run/history.json").read_text())
    assert figures.get("test_accuracy", figures.get("test_r2")) >= scikit_learns_score(frame)


def test_dashes_that_stand_for_nothing(small: Path) -> None:
    (small / "small.csv").write_text(SMALL.replace("0,5;", "--;").replace("1,5;", "k.A.;"))
    said = ["--target", "loud", "--epochs", "1", "--missing=--", "--missing", "k.A."]
    assert main(["train", "small.csv", *said]) == 0
    assert load_table_model(small / "run").recipe.inputs[:2] == ["size", "size missing"]
