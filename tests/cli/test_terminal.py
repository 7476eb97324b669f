"""Output that cannot be written: one sentence, an exit status that tells, and files that are written all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tinygrad_lite.cli import main

posix = pytest.mark.skipif(os.name != "posix", reason="pipes, devices and limits are POSIX's")
full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")

TRAIN = ("train", "--data", "iris", "--epochs", "1", "--out")
DRAW = ("draw", "tanh(w * x)", "-o", "graph.dot")
SAID = "python -m tinygrad_lite: "


def run(*arguments: str, cwd: Path, **more: Any) -> tuple[int, str]:
    """The exit status and the error stream of a command as a user runs it."""
    command = [sys.executable, "-m", "tinygrad_lite", *arguments]
    done = subprocess.run(command, stderr=subprocess.PIPE, cwd=cwd, check=False, encoding="utf-8", timeout=120, **more)
    return done.returncode, done.stderr


@posix
def test_a_reader_that_stops_reading(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    status, said = run(*DRAW, cwd=tmp_path, stdout=writing)
    os.close(writing)
    assert (status, said) == (141, f"{SAID}the output was closed before all of it was printed\n")
    assert (tmp_path / "graph.dot").read_text(encoding="utf-8").startswith("digraph")


@full
@pytest.mark.parametrize("arguments", [DRAW, ("--help",), ("--version",), ("draw", "--help")])
def test_a_full_device(arguments: tuple[str, ...], tmp_path: Path) -> None:
    with open("/dev/full", "w", encoding="utf-8") as device:
        status, said = run(*arguments, cwd=tmp_path, stdout=device)
    assert (status, said) == (2, f"{SAID}cannot print: No space left on device\n")
    assert (tmp_path / "graph.dot").exists() == (arguments == DRAW)


@posix
def test_no_output_at_all(tmp_path: Path) -> None:
    status, said = run(*DRAW, cwd=tmp_path, preexec_fn=lambda: os.close(1))
    assert (status, said) == (2, f"{SAID}cannot print: Bad file descriptor\n")
    assert (tmp_path / "graph.dot").exists()


@full
def test_an_error_stream_that_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w", encoding="utf-8") as device:
        monkeypatch.setattr(sys, "stderr", device)
        with pytest.raises(SystemExit) as stopped:
            main([*TRAIN, str(tmp_path)])
        assert sys.stderr is device
    assert stopped.value.code == 2
    assert (tmp_path / "model.safetensors").exists()


@posix
def test_a_disk_without_room(tmp_path: Path) -> None:
    """Files may not grow beyond some bytes: the run that was there stays, and each file of it is whole."""
    import resource

    assert main([*TRAIN, str(tmp_path / "run")]) == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    status, said = run(
        *TRAIN, "run", "--overwrite", cwd=tmp_path, stdout=subprocess.DEVNULL, preexec_fn=little_room
    )  # fmt: skip
    assert status == 2
    assert said.splitlines()[1:] == [f"{SAID}cannot write {Path('run', 'checkpoint.safetensors')}: File too large"]
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="nothing is denied to root")
def test_a_folder_that_takes_no_files(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        for arguments in (DRAW, (*TRAIN, "run")):
            status, said = run(*arguments, cwd=tmp_path, stdout=subprocess.DEVNULL)
            assert status == 2
            assert said.startswith(f"{SAID}cannot write ")
            assert said.endswith("Permission denied\n")
    finally:
        tmp_path.chmod(0o700)
