"""The commands train and predict: what they write and print, and what they refuse in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tinygrad_lite import training
from tinygrad_lite.cli import main
from tinygrad_lite.training import data

pytest.importorskip("sklearn")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line on the error stream of a command that cannot run."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    return err


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that knows iris."""
    out = tmp_path_factory.mktemp("iris") / "run"
    assert main(["train", "--data", "iris", "--hidden", "8", "--epochs", "20", "--out", str(out)]) == 0
    return out


def test_train_as_a_user_runs_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        sys.executable, "-m", "tinygrad_lite", "train", "--data", "digits", "--hidden", "64,32", "--activation", "tanh",
        "--loss", "cross_entropy", "--optimizer", "adam", "--epochs", "4", "--out", "run/",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert len(done.stderr.splitlines()) == 4
    assert done.stderr.startswith("epoch 1/4: loss")
    assert "precision   recall" in done.stdout
    figures = json.loads((tmp_path / "run/history.json").read_text())
    assert figures["command"]["hidden"] == [64, 32]
    assert len(figures["history"]["loss"]) == 4
    assert figures["test_accuracy"] > 0.9
    assert f"accuracy {figures['test_accuracy']:.4f} on 450 samples" in done.stdout
    x, y, *_ = data.load("digits")
    np.save(tmp_path / "digits.npy", x[:200])
    assert main(["predict", str(tmp_path / "run"), str(tmp_path / "digits.npy")]) == 0
    classes = [int(line.split("\t")[0]) for line in capsys.readouterr().out.splitlines()]
    assert np.mean(classes == y[:200]) > 0.9


def test_predict_reads_csv_with_and_without_names(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    x, y, features, classes = data.load("iris")
    rows = "\n".join([",".join(map(str, row)) for row in x])
    said = []
    quoted = "\n".join([f'"{line}"' for line in rows.replace(",", '","').splitlines()])
    for text in (rows, ",".join(features) + "\n" + rows + "\n", '"length, in cm",b,c,d\n' + quoted):
        (tmp_path / "iris.csv").write_text(text)
        assert main(["predict", str(run), str(tmp_path / "iris.csv")]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] == said[2]
    found = [line.split("\t")[0] for line in said[0].splitlines()]
    assert np.mean(np.array(found) == np.array(classes)[y]) > 0.9


def test_train_writes_curves(run: Path) -> None:
    pytest.importorskip("matplotlib")
    assert "svg" in (run / "curves.svg").read_text(encoding="utf-8")


def test_a_run_is_resumed(tmp_path: Path) -> None:
    short = ["train", "--data", "iris", "--hidden", "4", "--out"]
    main([*short, str(tmp_path / "a"), "--epochs", "6"])
    main([*short, str(tmp_path / "b"), "--epochs", "6"])
    main([*short, str(tmp_path / "b"), "--epochs", "6", "--resume"])  # was done
    a, b = ((tmp_path / name / "model.safetensors").read_bytes() for name in "ab")
    assert a == b


@pytest.mark.parametrize(("arguments", "said"), [
    (["--data", "mnist"], "mnist"),
    (["--hidden", "64,x"], "'64,x' is no list of layer widths"),
    (["--hidden", "0"], "layer widths"),
    (["--activation", "swish"], "swish"),
    (["--loss", "hinge"], "hinge"),
    (["--optimizer", "lbfgs"], "lbfgs"),
    (["--lr", "-1"], "'-1' is not a number above 0"),
    (["--lr", "nan"], "number above 0"),
    (["--epochs", "many"], "'many'"),
    (["--patience", "0"], "at least 1"),
    (["--out", "{tmp}/file"], "cannot write {tmp}/file"),
    (["--out", "{tmp}/new", "--resume"], "there is no {tmp}/new"),
    (["--quick"], "--quick"),
    (["--data", "iris", "--output", "sigmoid", "--out", "{tmp}"], "cross_entropy takes softmax outputs"),
    (["--data", "iris", "--hidden", "1000000,10000000", "--out", "{tmp}"], "not enough memory"),
])  # fmt: skip
def test_train_refuses(arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert said.format(tmp=tmp_path) in refused(capsys, "train", *[a.format(tmp=tmp_path) for a in arguments])
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_run_is_not_resumed_as_another(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    for options, said in (
        (["--activation", "tanh"], "layers="),
        (["--loss", "mse", "--output", "softmax"], "loss='cross_entropy', not 'mse'"),
        (["--optimizer", "sgd"], "optimizer='Adam', not 'SGD'"),
    ):
        arguments = ["--data", "iris", "--hidden", "8", "--epochs", "20", "--resume", "--out", str(run), *options]
        assert said in refused(capsys, "train", *arguments)
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before


@pytest.mark.filterwarnings("default")
def test_a_warning_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["train", "--data", "iris", "--activation", "heaviside", "--epochs", "1", "--out", str(tmp_path)])
    warning, epoch = capsys.readouterr().err.splitlines()
    assert warning.startswith("Heaviside: its derivative is 0 everywhere")
    assert epoch.startswith("epoch 1/1")


def test_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "fit", interrupt)
    with pytest.raises(SystemExit) as stopped:
        main(["train", "--data", "iris", "--out", str(tmp_path)])
    assert stopped.value.code == 130
    said = "interrupted; no epoch was done, and nothing was written"
    assert capsys.readouterr().err == f"python -m tinygrad_lite: {said}\n"
    assert not list(tmp_path.iterdir())


def test_train_without_scikit_learn(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert "tinygrad-lite[sklearn]" in refused(capsys, "train")


def test_training_that_diverges(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "train", "--data", "iris", "--optimizer", "sgd", "--lr", "1e30", "--out", str(tmp_path))
    assert "the loss became" in said


def header(text: str) -> bytes:
    """The beginning of an .npy file."""
    return b"\x93NUMPY\x01\x00v\x00" + text.encode().ljust(117) + b"\n"


FILES = {
    "missing.csv": (None, "cannot read"),
    "table.xlsx": (b"", "read from .csv and .npy"),
    "empty.csv": (b"", "it is empty"),
    "words.csv": (b"a,b\nc,d", "no rows of numbers"),
    "ragged.csv": (b"1,2,3,4\n1,2", "different lengths"),
    "narrow.csv": (b"1,2\n3,4", "rows of 4 numbers"),
    "nan.csv": (b"1,2,3,4\n1,nan,3,4", "a number that is not finite in row 2"),
    "too large.csv": (b"1,2,3,4\n" + b",".join([b"1e308"] * 4), "no finite output for row 2"),
    "names.csv": (b"a,b,c,d\n", "it has one line, of names"),
    "slip.csv": (b"1,2,x,4\n1,2,3,4", "could not convert string to float: 'x'"),
    "semicolons.csv": (b"1;2;3;4\n1;2;3;4", "could not convert"),
    "wide.csv": (b"1,2,3," + b"4" * 200_000, "field larger than field limit"),
    "bytes.csv": (b"\xff\xfe\x00", "no rows of numbers"),
    "no.npy": (b"nonsense", "no rows of numbers"),
    "empty.npy": (b"", "no rows of numbers"),
    "huge.npy": (b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 4), }"
                 + b" " * 39 + b"\n", "no rows of numbers"),
    "overflow.npy": (header("{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000000000000, 4), }"),
                     "no rows of numbers"),
    "brackets.npy": (header("((((("), "no rows of numbers"),
    "quotes.npy": (header("\'\'\'"), "no rows of numbers"),
    "archive.npy": (b"PK\x03\x04" + b"\x00" * 60, "no rows of numbers"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_predict_refuses_samples(name: str, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, said = FILES[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert said in refused(capsys, "predict", str(run), str(tmp_path / name))


def test_predict_refuses_models(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = (run / "model.safetensors").read_bytes()
    assert "cannot read" in refused(capsys, "predict", str(tmp_path), "x.csv")
    for content, said in (
        (whole[:-3], "cut short"),
        (whole.replace(b'"classes', b'"klasses'), "damaged"),
        ((run / "checkpoint.safetensors").read_bytes(), "was not written by train"),
    ):
        (tmp_path / "model.safetensors").write_bytes(content)
        assert said in refused(capsys, "predict", str(tmp_path), "x.csv")
