"""A derivation as it is handed out: what is given, its steps and its results, as text, as LaTeX and as a table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from ..consoles import console_width, legible
from .algebra import Formula
from .conventions import SUPERSCRIPTS
from .local import Local
from .rendering import latex, text
from .slides import AlignedRow, aligned, equation_rows, framed, paged, settable, whole_document


class Note(NamedTuple):
    """What is said of symbols, as text and in LaTeX; of a definition also both sides, of a condition None."""

    text: str
    latex: str
    symbol: Formula | None = None
    value: Formula | None = None

    @classmethod
    def of(cls, made: Formula, value: Formula) -> Note:
        """A symbol's definition."""
        return cls(f"{text(made)} = {text(value)}", f"{latex(made)} = {latex(value)}", made, value)


class GivenArray(NamedTuple):
    """An array that a derivation starts from: its symbol, of what set it is, and its value if that is to be said."""

    symbol: Formula
    dtype: np.dtype
    value: Formula | None = None

    @property
    def text(self) -> str:
        if self.value is not None:
            return f"{text(self.symbol)} = {text(self.value)}"
        sizes = "×".join(map(str, self.symbol.shape)).translate(SUPERSCRIPTS).replace("×", "ˣ")
        return f"{text(self.symbol)} ∈ {SETS.get(self.dtype.kind, 'ℝ')}{sizes}"

    @property
    def latex(self) -> str:
        if self.value is not None:
            return f"{latex(self.symbol)} = {latex(self.value)}"
        sizes = r" \times ".join(map(str, self.symbol.shape))
        among = SETS_IN_LATEX.get(self.dtype.kind, r"\mathbb{R}")
        return rf"{latex(self.symbol)} \in {among}" + (f"^{{{sizes}}}" if sizes else "")


SETS: Final = {"b": "{0, 1}", "i": "ℤ", "u": "ℤ", "c": "ℂ"}
SETS_IN_LATEX: Final = {"b": r"\{0, 1\}", "i": r"\mathbb{Z}", "u": r"\mathbb{Z}", "c": r"\mathbb{C}"}


class Computation(NamedTuple):
    """What an operation computes: its output's symbol and the formula."""

    output: Formula
    operation: Formula


class Step(NamedTuple):
    """One operation of the chain, on the way from the loss to the inputs.

    Attributes
    ----------
    output : the symbol for its output
    operation : what computed it
    locals : its derivatives by the inputs that lead to what is asked for
    label, cotangent : the derivative of the loss by the output: how it is called, and its simplified formula
    notes : definitions of symbols that stand in these formulas for the first time
    """

    output: Formula
    operation: Formula
    locals: tuple[Local, ...]
    label: tuple[str, str]
    cotangent: Formula
    notes: tuple[Note, ...] = ()


class Derivative(NamedTuple):
    """The derivative by one of the inputs asked for: what it is called, its formula, and definitions that it needs."""

    label: tuple[str, str]
    value: Formula
    notes: tuple[Note, ...] = ()

    @property
    def text(self) -> str:
        return f"{self.label[0]} = {text(self.value)}"

    @property
    def latex(self) -> str:
        return f"{self.label[1]} = {latex(self.value)}"


class Derivation:
    """A derivation from a loss back to its inputs: ``print`` it, take ``.latex()``, or let a notebook show it.

    Every symbol is given, or defined by an equation that stands before those that use it.

    Attributes
    ----------
    given : the arrays that it starts from
    forward : what each operation computes, in the order of the computation
    steps : every operation from the loss to the inputs
    results : derivatives that other results name (δ of the layers), then those asked for; with ``.text``, ``.latex``
    conditions : what was used of given symbols, such as Σt = 1
    namesakes : which symbol is which Tensor, where names are shown alike, as v1 and v_1 are
    """

    def __init__(
        self,
        given: Iterable[GivenArray],
        forward: Iterable[Computation],
        steps: Iterable[Step],
        results: Iterable[Derivative],
        conditions: Iterable[Note],
        namesakes: Iterable[Note] = (),
    ) -> None:
        self.given = tuple(given)
        self.forward = tuple(forward)
        self.steps = tuple(steps)
        self.results = tuple(results)
        self.conditions = tuple(conditions)
        self.namesakes = tuple(namesakes)

    def __repr__(self) -> str:
        lines = folded_line(f"given {', '.join([one.text for one in self.given])}", "") if self.given else []
        lines += [line for note in self.namesakes for line in folded_line(note.text, "    ")]
        lines.append("")
        for equation in self.forward:
            lines += folded_line(f"{text(equation.output)} = {text(equation.operation)}", "")
        lines += [""] if self.steps else []
        for step in self.steps:
            lines += [line for note in step.notes for line in folded_line(note.text, "")]
            lines += folded_line(f"{step.label[0]} = {text(step.cotangent)}", "")
            lines += [line for one in step.locals for line in folded_line(one.text, "    ")]
        lines.append("")
        for result in self.results:
            lines += [line for note in result.notes for line in folded_line(note.text, "")]
            lines += folded_line(result.text, "")
        for note in self.conditions:
            lines += folded_line(f"where {note.text}", "    ")
        return "\n".join(lines)

    def __str__(self) -> str:
        """The same, in letters that the standard output has."""
        return legible(repr(self))

    def latex(self, *, beamer: bool = False, document: bool = False, lines: int = 8) -> str:
        r"""The derivation in LaTeX: one ``aligned`` environment without dollar signs, for a page or a notebook.

        Parameters
        ----------
        beamer : frames for slides, each a part of the derivation of at most ``lines`` lines; formulas longer than a
            line are broken at their signs, and what is still wider than the slide is made smaller
        document : a file that LaTeX takes as it stands: of the class beamer with ``beamer``, else an article
        lines : the most on a frame, and half of what is put in one display of an article

        LaTeX takes it with amsmath and amssymb; frames need graphicx too, which beamer loads. Letters that pdflatex
        does not set, as of a Tensor named 重み, are ⟨1⟩ on frames and in documents, where a line tells their code
        points and a comment has the letters; without ``beamer`` and ``document`` they stand as they are, for notebooks.

        Raises ValueError for ``lines`` that is no whole number from 1.

        >>> z = tl.tensor([0.1, 0.5], requires_grad=True, name="z")
        >>> print(tl.derive((z * z).sum()).latex())
        \begin{aligned}
        &\text{given } z \in \mathbb{R}^{2} \\[1ex]
        v_{1} &= z^{2} \\
        C &= \sum v_{1} \\[1ex]
        \frac{\partial C}{\partial C} &= 1 \\
        &\quad \frac{\partial C}{\partial v_{1}}\colon g \mapsto g \\
        \frac{\partial C}{\partial v_{1}} &= 1 \\
        &\quad \frac{\partial v_{1}}{\partial z} = 2 \, z \\[1ex]
        \frac{\partial C}{\partial z} &= 2 \, z
        \end{aligned}
        """
        if type(lines) is not int or lines < 1:
            raise ValueError(f"Derivation.latex: lines, the most on a frame, is a whole number from 1, got {lines!r}")
        if not beamer and not document:
            return aligned([rows for _, rows in self.parts(None)])
        letters, parts = settable(list(self.parts(SLIDE if beamer else PAGE)))
        shown = letters + (framed(parts, lines) if beamer else paged(parts, 2 * lines))
        return whole_document(shown, beamer) if document else shown

    def parts(self, width: int | None) -> Iterator[tuple[str, list[AlignedRow]]]:
        """The parts of a derivation and their rows, formulas broken where they have more characters as text."""
        given = [AlignedRow(f"&{row}") for row in self.packed_given(width)]
        given += [AlignedRow(rf"&\quad {note.latex}", 1) for note in self.namesakes]
        forward = [
            row for one in self.forward for row in equation_rows(f"{latex(one.output)} &= ", one.operation, width)
        ]
        backward = []
        for step in self.steps:
            backward += definitions(step.notes)
            backward += equation_rows(f"{step.label[1]} &= ", step.cotangent, width)
            for one in step.locals:
                head = one.latex.removesuffix(latex(one.formula))
                backward += equation_rows(rf"&\quad {head}", one.formula, width, 1)
        results = []
        for result in self.results:
            results += definitions(result.notes)
            results += equation_rows(f"{result.label[1]} &= ", result.value, width)
        results += [AlignedRow(rf"&\quad \text{{where }} {note.latex}", 1) for note in self.conditions]
        for title, rows in (("Given", given), ("Forward", forward), ("Backward", backward), ("Derivatives", results)):
            if rows:
                yield title, rows

    def packed_given(self, width: int | None) -> Iterator[str]:
        """What is given, in LaTeX, as many on a line as fit; on one line it says so, on several a title does."""
        if width is None:
            yield from [rf"\text{{given }} {', '.join([one.latex for one in self.given])}"] if self.given else []
            return
        line: list[GivenArray] = []
        for one in self.given:
            if line and len(", ".join([other.text for other in (*line, one)])) > width:
                yield r",\quad ".join([other.latex for other in line])
                line = []
            line.append(one)
        if line:
            yield r",\quad ".join([other.latex for other in line])

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_markdown_(self) -> str:
        given = [f"given ${', '.join([one.latex for one in self.given])}$", ""] if self.given else []
        given += [f"${note.latex}$<br>" for note in self.namesakes] + [""] * bool(self.namesakes)
        forward = aligned(
            [[row for one in self.forward for row in equation_rows(f"{latex(one.output)} &= ", one.operation, None)]]
        )
        rows = ["| cotangent | local derivatives |", "|---|---|"] if self.steps else []
        for step in self.steps:
            cells = [f"${note.latex}$<br>" for note in step.notes]
            locals_ = "<br>".join([f"${one.latex}$" for one in step.locals])
            rows.append(f"| {''.join(cells)}${step.label[1]} = {latex(step.cotangent)}$ | {locals_} |")
        results = [f"$${shown}$$" for one in self.results for shown in (*[note.latex for note in one.notes], one.latex)]
        conditions = [f"where ${note.latex}$" for note in self.conditions]
        return "\n".join([*given, f"$$\n{forward}\n$$", "", *rows, "", *results, "", *conditions])


SLIDE = 44
"""Characters of a formula, as text, that fit on a slide's line."""

PAGE = 76
"""Characters of a formula, as text, that fit on a page's line."""


def definitions(notes: Sequence[Note]) -> list[AlignedRow]:
    """The rows of definitions."""
    return [
        AlignedRow(note.latex.replace(" = ", " &= ", 1) if " = " in note.latex else f"&{note.latex}") for note in notes
    ]


def folded_line(line: str, indent: str) -> list[str]:
    """A line, folded to the console's width."""
    return textwrap.wrap(
        line, console_width(), initial_indent=indent, subsequent_indent=indent + "      ", break_long_words=False
    )
