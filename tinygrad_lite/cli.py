"""The command line: ``python -m tinygrad_lite verify``."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from rich.console import Console

    from .derivations import Equation, Finding, Problem
    from .derivations.digits import Digits


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0 if all is well, 1 if a formula disagrees.

    Raises SystemExit with status 2, after one line on the standard error stream, for requests that cannot be served.
    """
    parser = Parser(prog="python -m tinygrad_lite", description="Gradients of NumPy code, verified.")
    from .drawing.command import add_draw

    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    add_verify(commands)
    add_draw(commands)
    options = parser.parse_args(arguments)
    try:
        status: int = options.run(options)
    except Refusal as refusal:
        parser.error(str(refusal))
    return status


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


# ---------------------------------------------------------------------------------------------------------------------
# verify


def add_verify(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "verify",
        help="set autograd's gradients against hand-derived formulas, on handwritten digits",
        description=(
            "Computes the derivatives in the documents' formulas by autograd and as printed, on a batch of "
            "scikit-learn's handwritten digits; trains a network with those gradients; draws the graph of its loss. "
            "The exit status is 1 if a formula disagrees."
        ),
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures to this file too")
    parser.add_argument("--out", metavar="DIR", type=Path, default=Path("out"), help="for the graph (default: out)")
    parser.add_argument(
        "--batch", metavar="N", type=whole(1), default=32, help="images the formulas are checked on (default: 32)"
    )
    parser.add_argument("--epochs", metavar="N", type=whole(0), default=20, help="of training (default: 20)")
    parser.add_argument("--seed", metavar="N", type=whole(0), default=0, help="of every random number (default: 0)")
    parser.set_defaults(run=verify)


def verify(options: argparse.Namespace) -> int:
    """Check the formulas, train, draw; print it and write it down."""
    console = terminal()
    out = prepared(options.out, options.json)
    from .derivations import CATALOGUE, digits

    data = digits.load(options.seed)
    if options.batch > len(data.train_x):
        raise Refusal(f"--batch {options.batch}: there are only {len(data.train_x)} images to train on")
    problem = digits.problem(data, options.batch, options.seed)

    console.print(
        f"Gradients by autograd against hand-derived formulas, on {options.batch} handwritten digits.\n"
        f"Data: scikit-learn's digits. Network: {' → '.join(map(str, digits.SIZES))} neurons. Seed: {options.seed}.\n"
    )
    findings = show_findings(console, CATALOGUE, problem)
    losses, accuracy = show_training(console, problem, data, options)
    dot, svg = show_graph(console, problem, out)

    if options.json is not None:
        figures = report(findings, data, options, losses, accuracy, dot, svg)
        written(options.json, json.dumps(figures, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
        console.print(f"Figures: {options.json}", soft_wrap=True)
    return 0 if all(finding.holds for finding in findings) else 1


def terminal() -> Console:
    """Where to print. Raises Refusal where something that verify needs is not installed."""
    try:
        import rich  # noqa: F401
        import sklearn  # noqa: F401
    except ImportError as error:
        name = "scikit-learn" if error.name == "sklearn" else error.name
        raise Refusal(f"verify needs {name}, which is not installed: pip install 'tinygrad-lite[verify]'") from error
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def prepared(out: Path, figures: Path | None) -> Path:
    """Make the output directory and see that everything can be written, before any work is done."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(out, error) from error
    for path in (out / "loss.dot", *([] if figures is None else [figures])):
        try:
            path.open("ab").close()
        except OSError as error:
            raise cannot_write(path, error) from error
    return out


def written(path: Path, content: str | bytes) -> Path:
    """Write a file."""
    try:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


def cannot_write(path: Path, error: OSError) -> Refusal:
    """The sentence for a file that cannot be written."""
    return Refusal(f"cannot write {path}: {error.strerror or error}")


# ---------------------------------------------------------------------------------------------------------------------
# Its parts


def show_findings(console: Console, equations: Sequence[Equation], problem: Problem) -> list[Finding]:
    """Check the equations and print them as a table, with the notes below it."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from .derivations import verify as check

    findings = check(problem, equations)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("formula", overflow="fold")
    table.add_column("source", overflow="fold")
    table.add_column("largest\ndifference", justify="right", overflow="fold")
    table.add_column("verdict", overflow="fold")
    for finding in findings:
        verdict = Text(finding.verdict, style="green" if finding.holds else "bold red")
        equation = finding.equation
        table.add_row(
            Text(equation.formula),
            Text(equation.source),
            f"{finding.difference:.1e}" if finding.difference else "0",
            verdict,
        )
    console.print(table)
    for finding in findings:
        if finding.equation.note:
            console.print(Text(f"{finding.equation.source}: {finding.equation.note}", style="dim"))
    failed = sum([not finding.holds for finding in findings])
    console.print(
        f"\n{len(findings)} formulas checked: " + (f"{failed} disagree." if failed else "all hold, to rounding.")
    )
    return findings


def show_training(
    console: Console, problem: Problem, data: Digits, options: argparse.Namespace
) -> tuple[list[float], float]:
    """Train with the gradients that were checked, and print the loss of each epoch and the accuracy reached."""
    from .derivations.digits import accuracy, train

    losses = []
    for loss, trained in train(problem, data, options.epochs, options.seed):
        losses.append(loss)
        problem = trained
    reached = accuracy(problem, data.test_x, data.test_y)
    console.print(f"\nTraining with these gradients, {options.epochs} epochs of {len(data.train_x)} images.")
    if losses:
        console.print("Loss: " + " ".join([f"{loss:.4f}" for loss in losses]))
    console.print(f"Accuracy on {len(data.test_x)} images held out: {100 * reached:.1f} %\n")
    return losses, reached


def show_graph(console: Console, problem: Problem, out: Path) -> tuple[Path, Path | None]:
    """Write the graph of the loss as DOT and, where a renderer is found, as SVG; say where."""
    from .derivations.digits import recorded_cost
    from .drawing import RendererError, draw, render

    source = draw(recorded_cost(problem)).source
    dot = written(out / "loss.dot", source)
    console.print(f"Graph of the loss: {dot}", soft_wrap=True)
    try:
        svg = written(out / "loss.svg", render(source, "svg"))
    except RendererError as error:
        console.print(f"No picture of it: {error}.", soft_wrap=True)
        return dot, None
    console.print(f"As a picture: {svg}", soft_wrap=True)
    return dot, svg


def report(
    findings: Sequence[Finding],
    data: Digits,
    options: argparse.Namespace,
    losses: Sequence[float],
    accuracy: float,
    dot: Path,
    svg: Path | None,
) -> dict[str, Any]:
    """The figures, as they are written to JSON.

    ::

        schema      1; a change that could break a reader raises it
        verdict     "holds" if every equation does, else "fails"
        data        name; training, test: numbers of images; batch: images the equations were checked on; seed
        equations   a list: id, title, author, year, place, formula, note;
                    verdict: "holds" or "fails"; difference: the largest absolute one, and tolerance: what rounding
                    explains, both of the quantity furthest off; quantities: for each array compared its name,
                    shape, difference, tolerance. A difference that is not finite is null
        training    epochs; loss: mean of each epoch; accuracy: fraction of the test images, 0 … 1
        graph       dot, svg: paths as text; svg is null where there is no renderer
    """
    return {
        "schema": 1,
        "verdict": "holds" if all(finding.holds for finding in findings) else "fails",
        "data": {
            "name": "scikit-learn digits",
            "training": len(data.train_x),
            "test": len(data.test_x),
            "batch": options.batch,
            "seed": options.seed,
        },
        "equations": [equation_figures(finding) for finding in findings],
        "training": {
            "epochs": options.epochs,
            "loss": [finite(loss) for loss in losses],
            "accuracy": accuracy,
        },
        "graph": {"dot": str(dot), "svg": None if svg is None else str(svg)},
    }


def equation_figures(finding: Finding) -> dict[str, Any]:
    """One entry of the report's ``equations``."""
    equation = finding.equation
    return {
        "id": equation.id,
        **{key: getattr(equation.document, key) for key in ("title", "author", "year")},
        **{key: getattr(equation, key) for key in ("place", "formula", "note")},
        "verdict": finding.verdict,
        "difference": finite(finding.difference),
        "tolerance": finite(finding.tolerance),
        "quantities": [
            {
                "name": c.name,
                "shape": list(c.shape),
                "difference": finite(c.difference),
                "tolerance": finite(c.tolerance),
            }
            for c in finding.comparisons
        ],
    }


def finite(number: float) -> float | None:
    """A number as JSON can hold it."""
    return number if math.isfinite(number) else None
