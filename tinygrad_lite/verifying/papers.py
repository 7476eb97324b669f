"""A page of formulas, or a file of them, read and set against autograd."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Final

from ..reading.containers import Contents, Passage, Place, contents_of, of_markdown
from ..reading.declarations import OPTIONS, DeclarationError, Declarations
from ..reading.equations import Equation, Printed
from ..reading.latex import NotRead, parse_formulas, parse_latex
from ..reading.sayings import concerns
from ..reading.sections import Section, read_sections, readings_of
from ..reading.syntax import Annotated, Expr, Number, Qualified, Relation, Scripted, Symbol, Words
from .marking import Marking

BEGINNING: Final = re.compile(r"\b(?:if|for|when|case|where)\s*:?\s*$", re.IGNORECASE)
"""Prose that makes the formula behind it a condition of those that follow."""

ENDING: Final = re.compile(
    r"\b(?:together|in general|in both cases|for all|altogether|combined|either way|thus in any case)\b|^#",
    re.IGNORECASE | re.MULTILINE,
)
"""Prose that ends such a condition."""


class PageMismatch(AssertionError):
    """A page says something that does not hold, or that could not be read; ``marking`` says what.

    >>> try:
    ...     tl.assert_page(r"$f(x) = x^2$ and $f'(x) = x$")
    ... except tl.PageMismatch as mismatch:
    ...     [mark.verdict for mark in mismatch.marking.marks]
    ['defines', 'misprinted']
    """

    def __init__(self, marking: Marking) -> None:
        super().__init__(f"\n{marking!r}")
        self.marking = marking


def read(
    text: str, declare: str | Iterable[str] = "", /, *, seed: int = 0, **declarations: str | Iterable[str]
) -> Marking:
    r"""Read the formulas of a text, and set what they claim against autograd.

    The first equation with a new left side defines it, later ones claim: both sides of a claim are computed on random
    numbers of several sizes, ∂A/∂B by autograd through the page's definitions. Free indices of both sides must agree.

    Parameters
    ----------
    text : Markdown, with formulas in LaTeX between $ or $$ or in environments; or one formula without dollar signs
    declare : lines that say what the page does not: ``z: vector K``, ``y: labels N in K``, ``layout: numerator``
    seed : of all numbers
    declarations : the same by name, as ``z="vector K"``; ``assume`` and ``define`` may have several

    Returns
    -------
    Marking
        whose truth value is whether nothing is wrong and all was read; it shows itself as a table

    Raises
    ------
    DeclarationError
        for a declaration that is not understood
    ImportError
        without the extra "reading"

    >>> softmax = r"Let $y_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$. "
    >>> notes = softmax + r"Then $\frac{\partial y_k}{\partial z_j} = y_k (\delta_{jk} - y_k)$."
    >>> [(mark.verdict, mark.why, mark.mended) for mark in tl.read(notes, z="vector K").marks][1]
    ('misprinted', 'the index k should be j', 'y_{k} \\left(\\delta_{jk} - y_{j}\\right)')
    """
    document = of_markdown(text)
    if not document.passages and text.strip():
        document = document._replace(passages=[Passage(text.strip(), 1, 1, True)])
    lines = [*declared_in(document), *lines_of(declare), *named_lines(declarations)]
    return mark_document(document, lines, seed)


def read_file(path: str | Path, declare: str | Iterable[str] = "", *, seed: int = 0) -> Marking:
    """:func:`read` of a file: Markdown, LaTeX, a notebook or text, which its name's ending says."""
    document = contents_of(Path(path))
    return mark_document(document, [*declared_in(document), *lines_of(declare)], seed)


def assert_page(page: str | Path, declare: str | Iterable[str] = "", /, **options: str | int) -> None:
    r""":func:`read` for tests: raises :class:`PageMismatch`, with the report, if something is wrong or was not read.

    Parameters
    ----------
    page : a file's path, or a text
    declare, options : as for :func:`read`

    >>> tl.assert_page(r"$f(x) = \ln(1 + e^x)$ has the slope $f'(x) = \frac{1}{1 + e^{-x}}$")
    """
    is_file = isinstance(page, Path) or (
        "\n" not in page and "$" not in page and Path(page).suffix != "" and Path(page).exists()
    )
    marking = read_file(page, declare) if is_file else read(str(page), declare, **options)  # type: ignore[arg-type]
    if not marking:
        raise PageMismatch(marking)


def declared_in(document: Contents) -> list[str]:
    """What a document declares itself."""
    return [line for block in document.declared for line in block]


def lines_of(declare: str | Iterable[str]) -> list[str]:
    """Declarations as lines."""
    return declare.splitlines() if isinstance(declare, str) else list(declare)


def named_lines(declarations: dict[str, str | Iterable[str]]) -> list[str]:
    """Declarations by name as lines."""
    found = []
    for name, said in declarations.items():
        known = name.replace("_", " ") if name.replace("_", " ") in OPTIONS else name
        found += [f"{known}: {one}" for one in ([said] if isinstance(said, str) else said)]
    return found


def mark_document(document: Contents, lines: Sequence[str], seed: int) -> Marking:
    """A document's verdicts."""
    sections = read_sections(lines)
    parts = []
    for section, passages in zip(sections, split(document, sections), strict=True):
        parts.append((section, list(formulas_of_document(passages, section.declarations))))
    marking: Marking | None = None
    for reading in readings_of(parts):
        marking = Marking(reading, seed, marking)
    assert marking is not None
    return marking


def split(document: Contents, sections: Sequence[Section]) -> list[list[Passage]]:
    """The passages of each section; raises DeclarationError for one that begins with words that are not there."""
    starts: list[Place] = [(0, 0, 0)]
    for before, section in pairwise(sections):
        place = document.place(section.begins, starts[-1])
        if place is None:
            behind = f" behind [{before.begins}]" if before.begins else ""
            raise DeclarationError(f"[{section.begins}]: these words do not stand in the document{behind}")
        starts.append(place)
    ends = [*starts[1:], (inf, inf, inf)]
    return [
        [passage for passage in document.passages if start <= passage.begins < end]
        for start, end in zip(starts, ends, strict=True)
    ]


def formulas_of_document(passages: Sequence[Passage], declarations: Declarations) -> Iterable[Printed | Equation]:
    """The formulas of passages, those below a condition in prose with that condition; names alone left out."""
    names = words_of(declarations)
    condition: Expr | None = None
    left: Expr | None = None
    for passage in passages:
        if passage.problem:
            nothing = Printed(Symbol("?"), passage.text, passage.line, passage.before)
            yield Equation(0, nothing, kind="not read", reason=passage.problem)
            continue
        if condition is not None and ENDING.search(passage.before):
            condition = None
        if (
            not passage.display
            and BEGINNING.search(passage.before)
            and (found := relation_in(passage.text, names)) is not None
        ):
            condition = found
            continue
        for part in parse_formulas(passage.text, names):
            line = passage.line + passage.text.count("\n", 0, part.span[0])
            if isinstance(part, NotRead):
                nothing = Printed(Symbol("?"), passage.text, line, passage.before)
                yield Equation(0, nothing, kind="not read", reason=str(part), span=part.span)
            elif not is_mention(part) and (passage.display or states(part)):
                tree = part
                inner = part.body if isinstance(part, Qualified) else part
                about = condition is not None and concerns(condition, inner, left)
                left = inner.first or left if isinstance(inner, Relation) else left
                if condition is not None and about and passage.display and states(part):
                    said = Words(("if", condition))
                    tree = (
                        Qualified(part.body, (*part.conditions, said), span=part.span)
                        if isinstance(part, Qualified)
                        else Qualified(part, (said,), span=part.span)
                    )
                yield Printed(tree, passage.text, line, passage.before)


def words_of(declarations: Declarations) -> set[str]:
    """The words of several letters that are one symbol."""
    declared = {symbol.name for symbol in declarations.symbols if symbol.name.isalpha() and len(symbol.name) > 1}
    return declarations.words | declared


def relation_in(text: str, names: set[str]) -> Expr | None:
    """The relation of indices that a formula is, in a box or without one; None for anything else."""
    try:
        tree = parse_latex(text, names)
    except NotRead:
        return None
    tree = tree.body if isinstance(tree, Annotated) else tree
    if not isinstance(tree, Relation) or tree.first is None:
        return None
    sides = [tree.first, *[side for _, side in tree.rest]]
    return tree if all(isinstance(side, (Symbol, Number)) for side in sides) else None


def states(tree: Expr) -> bool:
    """Whether a formula states an equality."""
    inner = tree.body if isinstance(tree, Qualified) else tree
    return isinstance(inner, Relation) and any(sign in ("=", ":=", "≡") for sign, _ in inner.rest)


def is_mention(tree: Expr) -> bool:
    """Whether a formula only names something."""
    return isinstance(tree, (Symbol, Number)) or (isinstance(tree, Scripted) and isinstance(tree.base, Symbol))
