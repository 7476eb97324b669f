"""A training's folder: not written over unasked, and left with what was reached, however training ends."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tinygrad_lite import training
from tinygrad_lite.cli import main
from tinygrad_lite.training.running import Run

pytest.importorskip("sklearn")

TRAIN = ("train", "--data", "iris", "--hidden", "8", "--out")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def stopped(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit status of a command that ends early, and the last line on its error stream."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert isinstance(caught.value.code, int)
    return caught.value.code, capsys.readouterr().err.splitlines()[-1]


def test_another_run_is_written_over_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = (*TRAIN, str(tmp_path), "--epochs", "2")
    assert main(command) == 0
    before = contents(tmp_path)
    status, said = stopped(capsys, *command, "--seed", "1")
    assert status == 2
    assert "holds a run (model.safetensors, " in said
    assert "--resume goes on with it, --overwrite replaces it" in said
    assert contents(tmp_path) == before
    assert main([*command, "--seed", "1", "--overwrite"]) == 0
    after = contents(tmp_path)
    assert after.keys() == before.keys()
    assert all(after[name] != before[name] for name in before)
    assert "not allowed with argument" in stopped(capsys, *command, "--overwrite", "--resume")[1]
    (tmp_path / "checkpoint.safetensors").unlink()
    assert "): --overwrite replaces it" in stopped(capsys, *command)[1]
    assert "there is no" in stopped(capsys, *command, "--resume")[1]


@pytest.mark.parametrize(("option", "said"), [
    (("--seed", "1"), "on other samples"),
    (("--lr", "0.5"), "lr=[0.01], not [0.5]"),
    (("--batch", "16"), "batch_size=32, not 16"),
])  # fmt: skip
def test_a_run_is_resumed_as_it_began(
    option: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = (*TRAIN, str(tmp_path), "--epochs", "2")
    assert main(command) == 0
    before = contents(tmp_path)
    assert said in stopped(capsys, *command, "--resume", *option)[1]
    assert contents(tmp_path) == before


class Ends(training.Callback):
    """Something that happens after so many epochs."""

    def __init__(self, epochs: int, how: Callable[[], None]) -> None:
        self.epochs, self.how = epochs, how

    def on_epoch(self, run: Run) -> None:
        if run.epoch == self.epochs:
            self.how()


def ends(monkeypatch: pytest.MonkeyPatch, epochs: int, how: Callable[[], None], *, first: bool = False) -> None:
    """Have it happen in trainings to come, before the checkpoint is written or after."""
    fit = training.fit

    def ended(*args: Any, callbacks: Sequence[training.Callback] = (), **kwargs: Any) -> training.History:
        with_it = [Ends(epochs, how), *callbacks] if first else [*callbacks, Ends(epochs, how)]
        return fit(*args, callbacks=with_it, **kwargs)

    monkeypatch.setattr(training, "fit", ended)


def ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


def diverge() -> None:
    raise training.DivergedError("fit: the loss became nan")


@pytest.mark.parametrize("more", [(), ("--patience", "9")])
def test_interrupted_and_resumed(
    more: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was learnt is there and can be used, and --resume ends where training in one go does; twice interrupted."""
    (tmp_path / "iris.csv").write_text("5.1,3.5,1.4,0.2\n")
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    options = ["--epochs", "6", *more]
    assert main([*TRAIN, str(straight), *options]) == 0
    for epochs, resume in ((2, ()), (3, ("--resume",))):
        with monkeypatch.context() as patch:
            ends(patch, epochs + bool(resume), ctrl_c)  # a resumed run's fourth epoch is not written yet
            status, said = stopped(capsys, *TRAIN, str(broken), *options, *resume)
        assert status == 130
        which = "the best network" if more else "the network"
        assert said == (
            f"python -m tinygrad_lite: interrupted; {which} of {epochs} epochs, of 6, is in "
            f"{broken / 'model.safetensors'}; the same command with --resume goes on"
        )
        figures = json.loads((broken / "history.json").read_text())
        assert (len(figures["history"]["loss"]), figures["history"]["stopped"]) == (epochs, "interrupted")
        assert main(["predict", str(broken), str(tmp_path / "iris.csv")]) == 0
        capsys.readouterr()
    assert main([*TRAIN, str(broken), *options, "--resume"]) == 0
    assert contents(broken)["model.safetensors"] == contents(straight)["model.safetensors"]
    histories = [json.loads((folder / "history.json").read_text())["history"] for folder in (straight, broken)]
    assert histories[0] | {"seconds": 0} == histories[1] | {"seconds": 0}


@pytest.mark.parametrize(("how", "status"), [(ctrl_c, 130), (diverge, 2)])
def test_what_was_reached_takes_the_place_of_another_run(
    how: Callable[[], None],
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of which nothing is lost before an epoch is done."""
    command = (*TRAIN, str(tmp_path), "--epochs", "4")
    assert main([*command, "--seed", "1"]) == 0
    before = contents(tmp_path)
    with monkeypatch.context() as patch:
        ends(patch, 1, how, first=True)
        found, said = stopped(capsys, *command, "--overwrite")
    assert found == status
    assert said.endswith("; no epoch was done, and nothing was written")
    assert contents(tmp_path) == before
    ends(monkeypatch, 3, how)
    found, said = stopped(capsys, *command, "--overwrite")
    assert found == status
    assert "; the network of 3 epochs, of 4, is in " in said
    assert said.endswith("; the same command with --resume in place of --overwrite goes on")
    after = contents(tmp_path)
    assert all(after[name] != before[name] for name in before)
    assert len(json.loads(after["history.json"])["history"]["loss"]) == 3
