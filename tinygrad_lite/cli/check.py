"""The command ``check``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from .terminal import Refusal, Terminal, prepare, whole, write_file


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
    parser.set_defaults(run=check)


def check(options: argparse.Namespace) -> int:
    """Read the file, print what came of it, and write it down where that is asked for."""
    from ..reading.declarations import DeclarationError
    from ..verifying import sheet
    from ..verifying.papers import read_file

    reports = {path: make for path, make in ((options.json, "json"), (options.html, "html")) if path is not None}
    prepare(list(reports), None)
    try:
        declared = options.declare.read_text(encoding="utf-8") if options.declare is not None else ""
        marking = read_file(options.file, declared, seed=options.seed)
    except (OSError, ImportError, DeclarationError) as error:
        raise Refusal(str(error)) from None
    except ValueError as error:
        raise Refusal(f"{options.file}: {error}") from None
    terminal = Terminal()
    for line, style in sheet.lines(marking.marks, marking.pages):
        terminal.say(line, style)
    for path, kind in reports.items():
        if kind == "json":
            figures = sheet.figures(marking.marks, marking.pages)
            text = json.dumps(figures, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        else:
            try:
                text = sheet.page(marking.marks, marking.pages, options.file.name)
            except ImportError as error:
                raise Refusal(str(error)) from None
        terminal.say(f"Report: {write_file(path, text)}")
    verdicts = {mark.verdict for mark in marking.marks}
    return 1 if "misprinted" in verdicts else 2 if "not read" in verdicts else 0
