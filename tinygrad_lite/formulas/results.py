"""A derivation as it is handed out: its steps and results, as text, as LaTeX and as a table."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from ..consoles import console_width, legible
from .algebra import Formula
from .local import Local
from .rendering import latex, text


class Step(NamedTuple):
    """One operation of the chain, on the way from the loss to the inputs.

    Attributes
    ----------
    output : the symbol for its output
    operation : what computed it
    locals : its derivatives by the inputs that lead to what is asked for
    label, cotangent : the derivative of the loss by the output: how it is called, and its simplified formula
    """

    output: Formula
    operation: Formula
    locals: tuple[Local, ...]
    label: tuple[str, str]
    cotangent: Formula


class Derivative(NamedTuple):
    """The derivative by one of the inputs asked for: what it is called, and its formula."""

    label: tuple[str, str]
    value: Formula

    @property
    def text(self) -> str:
        return f"{self.label[0]} = {text(self.value)}"

    @property
    def latex(self) -> str:
        return f"{self.label[1]} = {latex(self.value)}"


class Derivation:
    """A derivation from a loss back to its inputs: ``print`` it, take ``.latex()``, or let a notebook show it.

    Attributes
    ----------
    steps : every operation from the loss to the inputs
    results : derivatives that other results name (δ of the layers), then those asked for; with ``.text``, ``.latex``
    notes : what symbols stand for, and what was used: pairs of text and LaTeX
    """

    def __init__(self, steps: Sequence[Step], results: Sequence[Derivative], notes: Sequence[tuple[str, str]]) -> None:
        self.steps = tuple(steps)
        self.results = tuple(results)
        self.notes = tuple(notes)

    def __repr__(self) -> str:
        lines = []
        for step in self.steps:
            lines += folded_line(f"{text(step.output)} = {text(step.operation)}", "")
            for one in step.locals:
                lines += folded_line(one.text, "    ")
            lines += folded_line(f"{step.label[0]} = {text(step.cotangent)}", "        ")
        lines.append("")
        for result in self.results:
            lines += folded_line(result.text, "")
        for note, _ in self.notes:
            lines += folded_line(f"where {note}", "    ")
        return "\n".join(lines)

    def __str__(self) -> str:
        """The same, in letters that the standard output has."""
        return legible(repr(self))

    def latex(self) -> str:
        """The derivation as an ``aligned`` environment, without dollar signs."""
        rows = []
        for step in self.steps:
            rows.append(rf"{latex(step.output)} &= {latex(step.operation)}")
            rows += [rf"&\quad {one.latex}" for one in step.locals]
            rows.append(rf"&\qquad {step.label[1]} = {latex(step.cotangent)}")
        rows += [rf"{result.label[1]} &= {latex(result.value)}" for result in self.results]
        rows += [rf"&\quad \text{{where }} {note}" for _, note in self.notes]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_markdown_(self) -> str:
        rows = ["| operation | local derivative | cotangent |", "|---|---|---|"]
        for step in self.steps:
            operation = f"${latex(step.output)} = {latex(step.operation)}$"
            locals_ = "<br>".join([f"${one.latex}$" for one in step.locals])
            rows.append(f"| {operation} | {locals_} | ${step.label[1]} = {latex(step.cotangent)}$ |")
        results = [f"$${result.latex}$$" for result in self.results]
        notes = [f"where ${note}$" for _, note in self.notes]
        return "\n".join([*rows, "", *results, "", *notes])


def folded_line(line: str, indent: str) -> list[str]:
    """A line, folded to the console's width."""
    return textwrap.wrap(
        line, console_width(), initial_indent=indent, subsequent_indent=indent + "      ", break_long_words=False
    )
