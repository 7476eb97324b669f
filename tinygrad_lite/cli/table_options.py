"""What ``train`` and ``predict`` share where tables are concerned: how one is written, and where it comes from."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO


def add_form(parser: Any) -> None:
    """Declare the options that say how a table is written."""
    parser.add_argument("--delimiter", metavar="C", type=character, help="between fields (default: found out)")
    parser.add_argument("--decimal", choices=(".", ","), help="the decimal sign (default: found out)")
    parser.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        help="whether the first line has the columns' names (default: found out)",
    )
    parser.add_argument("--encoding", metavar="NAME", help="default: what its mark says, UTF-8, or Windows-1252")


def character(given: str) -> str:
    """An argument type: a delimiter; a tab may be called so."""
    return {"tab": "\t", "\\t": "\t"}.get(given, given)


@contextmanager
def table_source(path: Path) -> Iterator[BinaryIO]:
    """A file that is open for reading; - is the standard input."""
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    with path.open("rb") as file:
        yield file


def say_note(sentence: str) -> None:
    """Tell the user of a table, beside what is printed."""
    sys.stderr.write(f"{sentence}\n")
