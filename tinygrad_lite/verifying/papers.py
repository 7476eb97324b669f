"""A page of formulas, or a file of them, read and set against autograd."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from ..consoles import legible
from ..reading.containers import ENVIRONMENT, INLINE, Contents, Passage, contents, contents_of
from ..reading.declarations import OPTIONS
from ..reading.sections import pages_of
from .marking import Marking
from .marks import Marked

DELIMITER: Final = re.compile(rf"{INLINE}|\$\$|\\\[|{ENVIRONMENT}")
Lines = str | Iterable[str]
"""Declarations: lines, or a text of such."""

NO_FORMULA: Final = "there is no formula in it: formulas stand between dollar signs, as $y = x^2$, or in environments"


class PageMismatch(AssertionError):
    """A page says something that does not hold, or that could not be read; ``report`` says what.

    >>> try:
    ...     tl.assert_page(r"$f(x) = x^2$ and $f'(x) = x$")
    ... except tl.PageMismatch as mismatch:
    ...     [mark.verdict for mark in mismatch.report.marks]
    ['defines', 'misprinted']
    """

    def __init__(self, report: PageReport) -> None:
        super().__init__(f"\n{report!r}")
        self.report = report


class PageReport:
    """What came of a document. True where nothing in it is wrong and all that it states was read.

    Attributes
    ----------
    name : of the file
    markings : the document in parts, in each of which a letter is one symbol; mostly there is one
    """

    def __init__(self, markings: Sequence[Marking], name: str = "") -> None:
        self.markings = tuple(markings)
        self.name = name

    @property
    def marks(self) -> list[Marked]:
        """For each statement what came of it, in the order of the document."""
        return [mark for marking in self.markings for mark in marking.marks]

    @property
    def verdict(self) -> str:
        """The worst of all: "misprinted", "not read", or "holds"."""
        found = {mark.verdict for mark in self.marks}
        return next((verdict for verdict in ("misprinted", "not read") if verdict in found), "holds")

    def __bool__(self) -> bool:
        return self.verdict == "holds"

    def lines(self) -> Iterator[tuple[str, str]]:
        """Lines for a terminal of at most 80 columns, each with its style."""
        from .sheet import lines

        return lines(self.markings)

    def to_json(self) -> str:
        """The verdicts as JSON: see :func:`tinygrad_lite.verifying.sheet.figures`."""
        from .sheet import figures

        return json.dumps(figures(self.markings, self.verdict), indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def to_html(self) -> str:
        """A page for a browser, which needs nothing else. Raises ImportError without latex2mathml."""
        from .sheet import sheet

        return sheet(self.markings, self.name or "Formulas, statement by statement")

    def __repr__(self) -> str:
        return "\n".join([line for line, _ in self.lines()])

    def __str__(self) -> str:
        return legible(repr(self))

    def _repr_html_(self) -> str:
        """For notebooks; takes the page's own colours."""
        from .sheet import in_a_notebook

        return in_a_notebook(self.markings)


def read(
    text: str,
    declare: Lines = "",
    /,
    *,
    seed: int = 0,
    proofs: bool = False,
    **declarations: Lines,
) -> PageReport:
    r'''Read the formulas of a text, and set what they claim against autograd.

    The first equation with a new left side defines it, later ones claim: both sides of a claim are computed on random
    numbers of several sizes, ∂A/∂B by autograd through the page's definitions. Free indices of both sides must agree.

    Parameters
    ----------
    text : Markdown or LaTeX, with formulas between dollar signs or in environments; or formulas alone, one on a line
    declare : lines that say what the text does not: ``z: vector K``, ``y: labels N in K``, ``layout: numerator``; those
        behind a line ``[words]`` hold from where these words first stand in the text
    seed : of all numbers
    proofs : tries to prove what holds, too, with symbols in the place of numbers and axes of lengths 2 and 3
    declarations : the same by name, as ``z="vector K"``; ``assume`` and ``define`` may have several

    Returns
    -------
    PageReport
        whose truth value is whether nothing is wrong and all was read; it shows itself as a table

    Raises
    ------
    DeclarationError
        for a declaration that is not understood
    ValueError
        for a text without formulas
    ImportError
        without the extra "reading"

    >>> notes = r"""Let $y_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$. Then
    ... $$\frac{\partial y_k}{\partial z_j} = y_k (\delta_{jk} - y_k)$$"""
    >>> [(mark.verdict, mark.why, mark.mended) for mark in tl.read(notes, z="vector K").marks][1]
    ('misprinted', 'the index k should be j', 'y_{j} \\left(\\delta_{jk} - y_{k}\\right)')
    '''
    kind = "latex" if re.search(r"\\(?:documentclass|begin\{document\})", text) else "text"
    found = contents(text, kind) if DELIMITER.search(text) else of_lines(text)
    return report_on(found, declare, declarations, seed, proofs, "")


def read_file(
    path: str | Path,
    declare: Lines = "",
    /,
    *,
    seed: int = 0,
    proofs: bool = False,
    **declarations: Lines,
) -> PageReport:
    """:func:`read` of a file: Markdown, LaTeX, a notebook or text, as the ending of its name says."""
    return report_on(contents_of(Path(path)), declare, declarations, seed, proofs, Path(path).name)


def assert_page(
    page: str | Path,
    declare: Lines = "",
    /,
    *,
    seed: int = 0,
    proofs: bool = False,
    **declarations: Lines,
) -> None:
    r""":func:`read` for tests: raises :class:`PageMismatch`, with the report, if something is wrong or was not read.

    Parameters
    ----------
    page : a file's path, or a text; a string in one line that names a file is its path
    declare, seed, proofs, declarations : as for :func:`read`

    >>> tl.assert_page(r"$f(x) = \ln(1 + e^x)$ has the slope $f'(x) = \frac{1}{1 + e^{-x}}$")
    """
    reader = read_file if isinstance(page, Path) or names_a_file(page) else read
    report = reader(str(page), declare, seed=seed, proofs=proofs, **declarations)
    if not report:
        raise PageMismatch(report)


def names_a_file(page: str) -> bool:
    """Whether a string is a path: of a file that there is, or of one that there could be, with an ending."""
    if "\n" in page or "$" in page or "\\" in page.strip("\\") or "=" in page:
        return False
    return re.fullmatch(r"[^\s].*\.[A-Za-z]{2,8}", page) is not None


def report_on(
    found: Contents,
    declare: Lines,
    declarations: dict[str, Lines],
    seed: int,
    proofs: bool,
    name: str,
) -> PageReport:
    """The report on a document. Raises ValueError where there is no formula in it."""
    if not found.passages:
        raise ValueError(NO_FORMULA)
    pages = pages_of(found, [*lines_of(declare), *named_lines(declarations)])
    return PageReport([Marking(page, seed, proofs) for page in pages], name)


def of_lines(text: str) -> Contents:
    """A text of formulas without dollar signs, one on each line; those in an environment together."""
    if "\\begin" in text:
        start = len(text) - len(text.lstrip())
        passages = [Passage(text.strip(), text.count("\n", 0, start) + 1, 1, True)] if text.strip() else []
    else:
        passages = [Passage(x.strip(), k, 1, True) for k, x in enumerate(text.splitlines(), 1) if x.strip()]
    return Contents(passages, [], {0: text})


def lines_of(declare: Lines) -> list[str]:
    """Declarations as lines."""
    return declare.splitlines() if isinstance(declare, str) else list(declare)


def named_lines(declarations: dict[str, Lines]) -> list[str]:
    """Declarations by name as lines."""
    found = []
    for name, said in declarations.items():
        known = name.replace("_", " ") if name.replace("_", " ") in OPTIONS else name
        found += [f"{known}: {one}" for one in ([said] if isinstance(said, str) else said)]
    return found
