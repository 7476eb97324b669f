"""The command ``verify``."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .terminal import Refusal, Terminal, prepare, whole, write_file

if TYPE_CHECKING:
    from ..documents import Problem
    from ..documents.digits import Digits
    from ..verifying import Finding, Quoted, Statement


class Report(NamedTuple):
    """What verify found, for its reports: ``training`` and ``graph`` are None where a selection was asked for."""

    findings: Sequence[Finding]
    seed: int
    training: dict[str, Any] | None
    graph: dict[str, Any] | None


def as_json(report: Report) -> str:
    """The figures, as they are written to JSON.

    ::

        schema      2; a change that could break a reader raises it
        verdict     "holds" if every statement does or its mistake is explained, else "fails"
        seed        of every random number
        equations   a list: see verifying.listing.figures
        training    null for a selection, else data: their name; training, test: numbers of images; epochs; loss: mean
                    of each epoch; accuracy: fraction of the test images, 0 … 1
        graph       null for a selection, else dot, svg: paths as text; svg is null where there is no renderer
    """
    from ..verifying import listing

    figures = {
        "schema": 2,
        "verdict": "holds" if all(finding.explained for finding in report.findings) else "fails",
        "seed": report.seed,
        "equations": [listing.figures(finding) for finding in report.findings],
        "training": report.training,
        "graph": report.graph,
    }
    return json.dumps(figures, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_html(report: Report) -> str:
    """The findings as one page for a browser."""
    from ..verifying.page import page

    return page(report.findings, report.seed, report.training)


REPORTS: Final[dict[str, tuple[Callable[[Report], str], str]]] = {
    "json": (as_json, "write the figures to this file too"),
    "html": (as_html, "write a page for a browser to this file too"),
}
"""The options that write a report, what makes each, and what the help says."""


def add_verify(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "verify",
        help="set autograd's gradients against hand-derived formulas",
        description=(
            "Computes both sides of every equation in the documents, by autograd and as printed, and finds which hold, "
            "on what condition, and which are misprinted; trains a network on scikit-learn's handwritten digits with "
            "those gradients; draws the graph of its loss. It prints how many entries hold in each document and which "
            "are misprinted, and writes a table of all to findings.txt. With --document or --id it checks the entries "
            "asked for, prints that table of them, and does nothing else. The exit status is 1 if a formula disagrees "
            "and the catalogue has no right form for it."
        ),
    )
    parser.add_argument("--document", metavar="NAME", action="append", help="only this document's (may be repeated)")
    parser.add_argument("--id", metavar="ID", action="append", help="only this entry (may be repeated)")
    parser.add_argument("--full", action="store_true", help="print the table of all entries")
    parser.add_argument("--no-proofs", action="store_true", help="check numerically only")
    for name, (_, help) in REPORTS.items():
        parser.add_argument(f"--{name}", metavar="FILE", type=Path, help=help)
    parser.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("out"), help="for graph and table (default: out)"
    )
    parser.add_argument("--epochs", metavar="N", type=whole(0), default=20, help="of training (default: 20)")
    parser.add_argument("--seed", metavar="N", type=whole(0), default=0, help="of every random number (default: 0)")
    parser.set_defaults(run=verify)


def verify(options: argparse.Namespace) -> int:
    """Check the statements; unless some were selected, train and draw; print it and write it down."""
    from ..documents import CATALOGUE
    from ..verifying import listing
    from ..verifying import verify as findings_on

    statements = selection(CATALOGUE, options.document, options.id)
    everything = not (options.document or options.id)
    if everything:
        needs_digits()
    if options.html is not None:
        needs_converter()
    asked = [(path, make) for name, (make, _) in REPORTS.items() if (path := getattr(options, name)) is not None]
    reports = dict(asked)
    if len(reports) < len(asked):
        raise Refusal(f"{asked[0][0]} cannot hold two reports: name another file for one of them")
    folder = options.out if everything else None
    prepare(
        [*reports, *[options.out / name for name in ("findings.txt", "loss.dot")]] if everything else reports, folder
    )
    terminal = Terminal()
    terminal.say("Gradients by autograd against hand-derived formulas.", "bold")

    with terminal.progress(statements) as followed:
        try:
            findings = list(findings_on(followed, options.seed, proofs=not options.no_proofs))
        except ImportError as error:
            raise Refusal(f"an entry that was asked for cannot be checked: {error}") from error
    in_full = options.full or not everything
    for line, style in listing.lines(findings) if in_full else listing.digest(findings):
        terminal.say(line, style)

    report = Report(findings, options.seed, None, None)
    if everything:
        terminal.say("")
        report = report._replace(**training_and_graph(terminal, options))
        table = "".join([f"{line}\n" for line, _ in listing.lines(findings)]).lstrip()
        write_file(options.out / "findings.txt", table)
        terminal.say(f"All {len(findings)} entries, and what is wrong: {options.out / 'findings.txt'}, or --full")
    for path, make in reports.items():
        terminal.say(f"Report: {write_file(path, make(report))}")
    return 0 if all(finding.explained for finding in findings) else 1


def selection(
    statements: Sequence[Statement | Quoted], documents: Sequence[str] | None, ids: Sequence[str] | None
) -> list[Statement | Quoted]:
    """Those of the documents and with the ids asked for; all if none are. Raises Refusal for unknown names."""
    known = {statement.document.short.lower() for statement in statements}
    for name in documents or ():
        if name.lower() not in known:
            raise Refusal(f"--document {name}: the documents are {', '.join(sorted(known))}")
    for name in ids or ():
        if name not in [statement.id for statement in statements]:
            close = difflib.get_close_matches(name, [statement.id for statement in statements], 3, 0.4)
            raise Refusal(f"--id {name}: there is no such entry{'; near it: ' + ', '.join(close) if close else ''}")
    wanted = {name.lower() for name in documents or ()}
    if not wanted and not ids:
        return list(statements)
    return [
        statement
        for statement in statements
        if statement.document.short.lower() in wanted or statement.id in (ids or ())
    ]


def needs_digits() -> None:
    """Raises Refusal without the digits to train on."""
    try:
        import sklearn  # noqa: F401
    except ImportError as error:
        raise Refusal(
            "verify needs scikit-learn for its digits, which is not installed: pip install 'tinygrad-lite[verify]'; "
            "most entries that --document and --id ask for do without"
        ) from error


def needs_converter() -> None:
    """Raises Refusal without what sets a page's formulas."""
    from ..verifying.markup import converter

    try:
        converter()
    except ImportError as error:
        raise Refusal(str(error)) from error


# ---------------------------------------------------------------------------------------------------------------------
# Training and drawing


def training_and_graph(terminal: Terminal, options: argparse.Namespace) -> dict[str, Any]:
    """Train a network on the digits and draw its loss; the figures of both."""
    from ..documents import digits
    from ..verifying.listing import finite

    data = digits.load(options.seed)
    problem = digits.problem(data, digits.MINI_BATCH, options.seed)
    losses, reached = train_on_digits(terminal, problem, data, options)
    dot, svg = draw_loss(terminal, problem, options.out)
    return {
        "training": {
            "data": "scikit-learn digits",
            "training": len(data.train_x),
            "test": len(data.test_x),
            "epochs": options.epochs,
            "loss": [finite(loss) for loss in losses],
            "accuracy": reached,
        },
        "graph": {"dot": str(dot), "svg": None if svg is None else str(svg)},
    }


def train_on_digits(
    terminal: Terminal, problem: Problem, data: Digits, options: argparse.Namespace
) -> tuple[list[float], float]:
    """Train with the gradients that were checked, and print what became of the loss, and the accuracy reached."""
    from ..documents.digits import SIZES, accuracy, train
    from ..verifying import listing

    losses, network = train(problem, data, options.epochs, options.seed)
    reached = accuracy(network, data.test_x, data.test_y)
    fell = f", the loss from {losses[0]:.4f} to {losses[-1]:.4f}" if losses else ""
    for line, style in listing.paragraph(
        f"Trained with these gradients: {' → '.join(map(str, SIZES))} neurons, {options.epochs} epochs of "
        f"{len(data.train_x)} handwritten digits{fell}; accuracy on {len(data.test_x)} images held out: "
        f"{100 * reached:.1f} %."
    ):
        terminal.say(line, style)
    return losses, reached


def draw_loss(terminal: Terminal, problem: Problem, out: Path) -> tuple[Path, Path | None]:
    """Write the graph of the loss as DOT and, where a renderer is found, as SVG; say where."""
    from ..documents.digits import recorded_cost
    from ..drawing import RendererError, draw, render

    source = draw(recorded_cost(problem)).source
    dot = write_file(out / "loss.dot", source)
    try:
        svg = write_file(out / "loss.svg", render(source, "svg"))
    except RendererError as error:
        terminal.say(f"Graph of the loss: {dot}; no picture of it: {error}.")
        return dot, None
    terminal.say(f"Graph of the loss: {dot}, as a picture: {svg}")
    return dot, svg
