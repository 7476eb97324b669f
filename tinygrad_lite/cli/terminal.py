"""What the commands share: arguments, refusals, printing, writing."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ..consoles import legible
from ..storing import write_whole

if TYPE_CHECKING:
    from ..verifying import Quoted, Statement


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


class Refusal(Exception):
    """Why a command cannot run, in a sentence for the user."""


def whole(least: int) -> Any:
    """An argument type: a whole number of at least so much."""

    def parse(given: str) -> int:
        try:
            number = int(given)
        except ValueError:
            number = least - 1
        if number < least:
            raise argparse.ArgumentTypeError(f"{given!r} is not a whole number of at least {least}")
        return number

    return parse


class Output:
    """A stream of the process that goes on when it cannot be written to, and remembers why.

    A reader may close the pipe (``verify | head``), a disk may be full: the work goes on, for the files that were asked
    for, and the exit status tells.
    """

    def __init__(self, stream: Any) -> None:
        self.error: OSError | None = None
        self.stream = stream
        if stream is None:  # the process was started without it (``verify >&-``)
            self.error = OSError(errno.EBADF, os.strerror(errno.EBADF))
            self.stream = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115

    def write(self, text: str) -> int:
        """Write a text, in letters that the stream has, or nothing."""
        self.attempt("write", legible(text, self.stream.encoding))
        return len(text)

    def flush(self) -> None:
        """Let what was written reach its reader."""
        self.attempt("flush")

    def attempt(self, method: str, *arguments: str) -> None:
        """Call a method of the stream; where that fails, what is still to come goes nowhere."""
        try:
            getattr(self.stream, method)(*arguments)
        except OSError as error:
            self.error = error
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.stream.fileno())
            os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextmanager
def outputs_kept_going() -> Iterator[Mapping[str, Output]]:
    """Both streams of the process as :class:`Output`, by their names in ``sys``."""
    before = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    outputs = {name: Output(stream) for name, stream in before.items()}
    vars(sys).update(outputs)
    try:
        yield outputs
    finally:
        for name, output in outputs.items():
            output.flush()
            if before[name] is None:
                output.stream.close()
        vars(sys).update(before)


class Terminal:
    """Where to print: in colours where rich is installed and someone looks."""

    def __init__(self) -> None:
        self.console: Any = None
        try:
            from rich.console import Console
        except ImportError:
            return
        self.console = Console(highlight=False, markup=False, emoji=False)

    def say(self, text: str, style: str = "") -> None:
        """Print a line."""
        if self.console is not None and self.console.is_terminal:
            self.console.print(text, style=style or None, soft_wrap=True)
        else:
            print(text, flush=True)  # noqa: T201

    @contextmanager
    def progress(self, statements: Sequence[Statement | Quoted]) -> Iterator[Iterable[Statement | Quoted]]:
        """The statements, with a bar that tells how many are done where someone looks."""
        if self.console is None or not self.console.is_terminal:
            yield statements
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.fields[id]:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console, transient=True) as bar:
            task = bar.add_task("", total=len(statements), id="")

            def followed_statements() -> Iterator[Statement | Quoted]:
                for statement in statements:
                    bar.update(task, id=statement.id)
                    yield statement
                    bar.advance(task)

            yield followed_statements()


def prepare(paths: Iterable[Path], folder: Path | None = None) -> None:
    """Make the folder and see that every file can be written, before any work is done."""
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(folder, error) from error
    for path in paths:
        existed = path.exists()
        try:
            path.open("ab").close()
        except OSError as error:
            raise cannot_write(path, error) from error
        if not existed:
            path.resolve().unlink()  # not the link to it


def write_file(path: Path, content: str | bytes) -> Path:
    """Write a file: all of it, or nothing where there is not room for all."""
    try:
        write_whole(path, content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


def cannot_write(path: Path, error: OSError) -> Refusal:
    """The sentence for a file that cannot be written."""
    return Refusal(f"cannot write {path}: {error.strerror or error}")
