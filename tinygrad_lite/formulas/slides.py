"""Derivations in LaTeX: rows that are aligned, broken where they are long, on frames of slides and on pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from .algebra import Formula
from .rendering import latex, text


class AlignedRow(NamedTuple):
    """A row of an aligned environment; one of a level above 0 belongs to the row before it."""

    latex: str
    level: int = 0


def equation_rows(head: str, value: Formula, width: int | None, level: int = 0) -> list[AlignedRow]:
    """The rows of an equation, whose left side and sign are given with the ``&`` that it is aligned at."""
    first, *others = broken(value, width)
    rows = [AlignedRow(head + latex(first), level)]
    for piece in others:
        shown = latex(piece)
        rows.append(AlignedRow(rf"&\qquad {{}}{shown if shown.startswith('-') else f'+ {shown}'}", 1))
    return rows


def broken(x: Formula, width: int | None) -> list[Formula]:
    """A formula in parts whose sum it is, each of so many characters as text if its terms are no longer."""
    if width is None or len(x.terms) < 2 or len(text(x)) <= width:
        return [x]
    pieces = [Formula((), x.shape)]
    for term in sorted(x.terms, key=lambda term: term[0] < 0):
        longer = Formula([*pieces[-1].terms, term], x.shape)
        if pieces[-1].terms and len(text(longer)) > width:
            pieces.append(Formula([term], x.shape))
        else:
            pieces[-1] = longer
    return pieces


def aligned(parts: Iterable[Sequence[AlignedRow]], space: str = "") -> str:
    """Rows in one environment, with some space between parts and so much between rows."""
    joined = " \\\\[1ex]\n".join([f" \\\\{space}\n".join([row.latex for row in rows]) for rows in parts if rows])
    return f"\\begin{{aligned}}\n{joined}\n\\end{{aligned}}"


def display(rows: Sequence[AlignedRow]) -> str:
    """Rows as a display that is no wider than the line, nor higher than a slide has room for."""
    return rf"""\[
\resizebox{{\ifdim\width>\linewidth\linewidth\else\width\fi}}{{!}}{{%
\resizebox*{{!}}{{\ifdim\totalheight>0.8\textheight 0.8\textheight\else\totalheight\fi}}{{$
{aligned([rows], "[0.5ex]")}
$}}}}
\]"""


def parcels(rows: Sequence[AlignedRow], lines: int) -> list[list[AlignedRow]]:
    """Rows in as few parcels of at most so many lines as it takes, none much longer than another; what belongs together
    is parted only where it is longer than that.
    """
    groups: list[list[AlignedRow]] = []
    for row in rows:
        if row.level and groups and len(groups[-1]) < lines:
            groups[-1].append(row)
        else:
            groups.append([row])
    fewest = len(packed(groups, lines))
    return next(found for most in range(1, lines + 1) if len(found := packed(groups, most)) == fewest)


def packed(groups: Iterable[list[AlignedRow]], lines: int) -> list[list[AlignedRow]]:
    """Groups of rows one after another, a new parcel where the next would make one longer than so many lines."""
    found: list[list[AlignedRow]] = [[]]
    for group in groups:
        if found[-1] and len(found[-1]) + len(group) > lines:
            found.append([])
        found[-1] += group
    return found


def framed(parts: Iterable[tuple[str, Sequence[AlignedRow]]], lines: int) -> str:
    """Frames for slides."""
    frames = []
    for title, rows in parts:
        found = parcels(rows, lines)
        for place, parcel in enumerate(found, 1):
            shown = f"{title} ({place}/{len(found)})" if len(found) > 1 else title
            frames.append(f"\\begin{{frame}}{{{shown}}}\n{display(parcel)}\n\\end{{frame}}")
    return "\n\n".join(frames)


def paged(parts: Iterable[tuple[str, Sequence[AlignedRow]]], lines: int) -> str:
    """Sections of an article."""
    return "\n\n".join(
        ["\n".join([rf"\section*{{{title}}}", *map(display, parcels(rows, lines))]) for title, rows in parts]
    )


Parts = list[tuple[str, list[AlignedRow]]]
"""Titles and the rows below them."""


def settable(parts: Parts) -> tuple[str, Parts]:
    """With ⟨1⟩ for the letters that pdflatex does not set, such as 重み, a row that says so, and a comment with them.

    Greek letters, scripts and accents are commands here already; what is left outside ASCII has none.
    """
    found = dict.fromkeys(run for _, rows in parts for row in rows for run in UNSET.findall(row.latex))
    numbers = {run: place for place, run in enumerate(found, 1)}
    if not numbers:
        return "", parts
    legend = [AlignedRow(rf"&\quad {stand_in(n)} \text{{ is }} {code_points(run)}", 1) for run, n in numbers.items()]

    def replaced(row: AlignedRow) -> AlignedRow:
        return row._replace(latex=UNSET.sub(lambda run: stand_in(numbers[run[0]]), row.latex))

    (title, rows), *others = [(title, [replaced(row) for row in rows]) for title, rows in parts]
    comment = "".join([f"% <{place}> is {run}\n" for run, place in numbers.items()])
    return comment, [(title, [*rows, *legend]), *others]


def stand_in(place: int) -> str:
    """What stands for letters that are not set, and is no name."""
    return rf"\langle {place} \rangle "


def code_points(run: str) -> str:
    """Letters by their numbers: U+91CD."""
    numbers = r"\ ".join([f"U{{+}}{ord(letter):04X}" for letter in run])
    return rf"\mathtt{{{numbers}}}"


UNSET: Final = re.compile(r"[^\x00-\x7f]+")
"""Letters for which there is no command."""

PREAMBLES: Final = {
    True: "\\documentclass{beamer}\n\\usepackage{amssymb}\n\\usefonttheme[onlymath]{serif}\n"
    "\\setbeamertemplate{navigation symbols}{}",
    False: "\\documentclass{article}\n\\usepackage[margin=2.5cm]{geometry}\n\\usepackage{amsmath,amssymb,graphicx}",
}
"""What stands before slides, and before an article."""


def whole_document(body: str, slides: bool) -> str:
    """A file that LaTeX takes."""
    return f"{PREAMBLES[slides]}\n\n\\begin{{document}}\n\n{body}\n\n\\end{{document}}\n"
