"""The command ``draw``: ``python -m tinygrad_lite draw "softmax(W @ x + b)" --backward -o out.svg``."""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..drawing import RendererError, draw
from ..drawing.figure import SAVED_AS
from ..engine.recording import tracing
from ..engine.tensor import Tensor
from ..formulas.conventions import DIGITS
from ..reading.python import FormulaError, Shape, compute_formula
from .terminal import Refusal, whole

FUNCTION = re.compile(r"([\w.]+):(\w+)")


def add_draw(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "draw",
        help="draw the graph of a formula, or of what a function returns",
        description=(
            "Draws the graph of a formula of the table's functions over named arrays, or of the Tensor that a function "
            "of a module returns. Arrays are filled with random numbers; those whose names begin with x or t are "
            "inputs, the others parameters. Shapes that are not given are guessed."
        ),
    )
    parser.add_argument("what", metavar="FORMULA", help='such as "softmax(W @ x + b)", or module:function')
    parser.add_argument("-o", "--out", metavar="FILE", type=Path, default=Path("graph.svg"),
                        help=f"ends in one of .{', .'.join(SAVED_AS)} (default: graph.svg)")  # fmt: skip
    parser.add_argument("--shape", metavar="NAME=3,2", type=shape, action="append", default=[], help="of an array")
    parser.add_argument(
        "--backward",
        action="store_true",
        help="draw the backward pass too, with its numbers: from the first entry, where the result has several",
    )
    parser.add_argument("--derivatives", action="store_true", help="show each operation's local derivative")
    parser.add_argument("--depth", metavar="N", type=whole(0), help="draw modules nested deeper than this as one box")
    parser.add_argument("--theme", choices=("light", "dark"))
    parser.add_argument(
        "--direction", choices=("down", "right"), help="by default down, on slides where letters are larger"
    )
    parser.add_argument("--signs", action="store_true", help="write ×, +, @, Σ for operations, not their names")
    parser.add_argument(
        "--size", choices=("page", "slide"), default="page", help="slide: sixteen to nine, larger letters"
    )
    parser.add_argument("--digits", choices=DIGITS, help="show W2 as W₂, as W^[2] or as W2")
    parser.set_defaults(run=draw_formula)


def shape(given: str) -> tuple[str, Shape]:
    """An argument type: ``W=3,2``; ``s=`` for a number."""
    match = re.fullmatch(r"([^\W\d]\w*)=\s*((?:\d+\s*(?:,\s*\d+\s*)*)?)", given)
    if match is None:
        raise argparse.ArgumentTypeError(f"{given!r} is not a shape such as W=3,2")
    return match[1], tuple([int(n) for n in match[2].split(",") if n])


def draw_formula(options: argparse.Namespace) -> int:
    """Compute, draw, save, and say where."""
    if options.out.suffix[1:].lower() not in SAVED_AS:
        raise Refusal(f"-o {options.out}: the file must end in one of .{', .'.join(SAVED_AS)}")
    try:
        with tracing():
            output = output_of(options.what, dict(options.shape))
    except FormulaError as error:
        raise Refusal(str(error)) from error
    if output.name is None:
        output.name = "y"
    if options.backward and output.requires_grad:
        output.backward(first_entry(output), retain_graph=True)
    picture = draw(
        output,
        backward=options.backward,
        signs=options.signs,
        size=options.size,
        derivatives=options.derivatives or options.backward,
        depth=options.depth,
        theme=options.theme,
        direction=options.direction,
        digits=options.digits,
    )
    try:
        path = picture.save(options.out)
    except RendererError as error:
        raise Refusal(f"{error}. DOT (-o graph.dot) and Mermaid (-o graph.mmd) need none either") from error
    except OSError as error:
        raise Refusal(f"cannot write {options.out}: {error.strerror or error}") from error
    sys.stdout.write(f"{path}\n")
    return 0


def output_of(what: str, shapes: Mapping[str, Shape]) -> Tensor:
    """The Tensor that is to be drawn: what ``module:function`` returns, else what the formula gives."""
    function = FUNCTION.fullmatch(what)
    return compute_formula(what, shapes) if function is None else returned_by(function[1], function[2])


def first_entry(output: Tensor) -> np.ndarray:
    """The cotangent that asks for the gradient of a Tensor's first entry, for the sum's says little of a softmax."""
    cotangent = np.zeros(output.shape, output.dtype)
    cotangent.flat[:1] = 1
    return cotangent


def returned_by(module: str, function: str) -> Tensor:
    """The Tensor that a module's function returns, called without arguments."""
    if "" not in sys.path:
        sys.path.insert(0, "")  # modules beside the user, as python -m finds them
    try:
        called = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise FormulaError(f"{module}:{function} cannot be found: {error}") from error
    except Exception as error:
        raise FormulaError(f"{module} cannot be imported: {error_line(error)}") from error
    try:
        output = called()
    except Exception as error:
        raise FormulaError(f"{module}:{function}() failed: {error_line(error)}") from error
    if not isinstance(output, Tensor):
        raise FormulaError(f"{module}:{function} returned {type(output).__name__}, and what can be drawn is a Tensor")
    return output


def error_line(error: Exception) -> str:
    """An exception's kind and message."""
    return " ".join([f"{type(error).__name__}:", *str(error).split()]).removesuffix(":")
