"""The command ``check``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from .terminal import Refusal, Terminal, prepare, whole, write_file

STATUS: Final = {"holds": 0, "misprinted": 1, "not read": 2}
"""The exit status for what is worst in a document."""


def add_check(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "check",
        help="set the formulas of a document against autograd",
        description=(
            "Reads the formulas of a Markdown, LaTeX or text file or of a notebook, as they stand, and sets what they "
            "claim against autograd. The exit status is 1 if something is misprinted, 2 if something could not be read."
        ),
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="Markdown, LaTeX, a notebook, text")
    parser.add_argument("--declare", metavar="FILE", type=Path, help="lines that say what the document does not")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the verdicts to this file too")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a page for a browser to this file too")
    parser.add_argument("--seed", metavar="N", type=whole(0), default=0, help="of every random number (default: 0)")
    parser.add_argument("--proofs", action="store_true", help="try to prove what holds, too")
    parser.set_defaults(run=check)


def check(options: argparse.Namespace) -> int:
    """Read the file, print what came of it, and write it down where that is asked for."""
    from ..reading.declarations import DeclarationError
    from ..verifying.papers import read_file

    asked = [path for path in (options.json, options.html) if path is not None]
    if len(set(asked)) < len(asked):
        raise Refusal(f"{asked[0]} cannot hold two reports: name another file for one of them")
    prepare(asked)
    try:
        declared = "" if options.declare is None else options.declare.read_text(encoding="utf-8-sig")
        report = read_file(options.file, declared, seed=options.seed, proofs=options.proofs)
        page = "" if options.html is None else report.to_html()
    except OSError as error:
        raise Refusal(f"cannot read {error.filename}: {error.strerror or error}") from error
    except DeclarationError as error:
        raise Refusal(str(error)) from error
    except ValueError as error:
        raise Refusal(f"{options.file}: {error}") from error
    except ImportError as error:
        raise Refusal(str(error)) from error
    terminal = Terminal()
    for line, style in report.lines():
        terminal.say(line, style)
    if options.json is not None:
        terminal.say(f"Report: {write_file(options.json, report.to_json())}")
    if options.html is not None:
        terminal.say(f"Report: {write_file(options.html, page)}")
    return STATUS[report.verdict]
