"""What the commands share: arguments, refusals, printing, writing."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

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


class Terminal:
    """Where to print: in colours where rich is installed and someone looks, and without an error when nobody does.

    A reader may close the pipe (``verify | head``); the work goes on, for the files that were asked for.
    """

    def __init__(self) -> None:
        self.console: Any = None
        try:
            from rich.console import Console
        except ImportError:
            return
        self.console = Console(highlight=False, markup=False, emoji=False)

    def say(self, text: str, style: str = "") -> None:
        """Print a line."""
        try:
            if self.console is not None and self.console.is_terminal:
                self.console.print(text, style=style or None, soft_wrap=True)
            else:
                print(text)  # noqa: T201
            sys.stdout.flush()
        except (BrokenPipeError, SystemExit):  # newer versions of rich exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self.console = None

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
