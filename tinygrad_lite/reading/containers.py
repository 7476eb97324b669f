r"""Formulas in the documents that they stand in: Markdown, LaTeX, notebooks, text; with their places and what is declared.

What a document does not say of its symbols may stand in it where nobody sees it: between ``<!-- declare`` and ``-->`` in
Markdown, behind ``% declare:`` in LaTeX.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from .tex import EXTRA

MARKDOWN: Final = (".md", ".markdown", ".qmd", ".rmd", ".txt")
LATEX: Final = (".tex", ".ltx", ".latex")
NOTEBOOK: Final = (".ipynb",)

DECLARED: Final = re.compile(r"<!--\s*declare\b:?(.*?)-->", re.DOTALL)
DECLARED_IN_TEX: Final = re.compile(r"^[ \t]*%[ \t]*declare:[ \t]*(.*)$", re.MULTILINE)

ENVIRONMENTS: Final = (
    "equation", "align", "alignat", "eqnarray", "gather", "multline", "flalign", "displaymath", "math",
)  # fmt: skip
"""Those of LaTeX that set formulas; each with a star, too."""


class Passage(NamedTuple):
    """A formula in a document.

    Attributes
    ----------
    text : between the dollar signs; of an environment with its ``\\begin`` and ``\\end``
    line : that it begins in, counted from 1; of a notebook, in its cell
    display : whether it is set apart
    before : the prose between the formula before and this one
    cell : of a notebook the cell's number, counted from 1; else 0
    """

    text: str
    line: int
    display: bool
    before: str = ""
    cell: int = 0


class Document(NamedTuple):
    """A document's formulas, and the lines that declare what it does not say."""

    passages: list[Passage]
    declared: list[str]


def read_document(path: Path) -> Document:
    """The formulas of a file, which its name's ending says how to read; raises ValueError for endings that none is known of.

    Raises OSError where the file cannot be read, ImportError without the reader that it needs.
    """
    kind = path.suffix.lower()
    if kind not in (*MARKDOWN, *LATEX, *NOTEBOOK):
        known = ", ".join([*MARKDOWN, *LATEX, *NOTEBOOK])
        raise ValueError(f"{path.name}: what is in a {kind or 'file without an ending'} is not known; known are {known}")
    text = path.read_text(encoding="utf-8-sig")
    if kind in NOTEBOOK:
        return of_notebook(text)
    return of_latex(text) if kind in LATEX else of_markdown(text)


# ---------------------------------------------------------------------------------------------------------------------
# Markdown


def of_markdown(text: str, cell: int = 0) -> Document:
    r"""The formulas of Markdown: between $ and $$, and in environments of LaTeX that stand alone.

    >>> of_markdown("The slope $y' = 2x$ of\n\n$$y = x^2$$").passages[1]
    Passage(text='y = x^2', line=3, display=True, before=' of\n\n', cell=0)
    """
    text = text.replace("\r\n", "\n")
    declared = [line.strip() for match in DECLARED.finditer(text) for line in match[1].splitlines() if line.strip()]
    passages: list[Passage] = []
    last = 0
    for start, end, inner, display in formulas_in_markdown(text):
        passages.append(Passage(inner, text.count("\n", 0, start) + 1, display, plain_prose(text[last:start]), cell))
        last = end
    return Document(passages, declared)


def formulas_in_markdown(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Where each formula begins and ends, its text, and whether it is set apart."""
    starts = line_starts(text)
    at = 0
    for token in markdown_tokens(text):
        if token.type in ("math_block", "math_block_label", "amsmath") and token.map:
            begin, stop = starts[token.map[0]], starts[min(token.map[1], len(starts) - 1)]
            place = text.find(token.content.strip(), begin)
            at = max(place, begin) if place >= 0 else begin
            yield at, max(stop, at + len(token.content)), token.content.strip(), True
            at = max(stop, at)
        elif token.type == "inline" and token.map:
            at = max(at, starts[token.map[0]])
            for child in token.children or ():
                if child.type in ("math_inline", "math_inline_double", "math_single", "math_block"):
                    place = text.find(child.content, at)
                    place = at if place < 0 else place
                    yield place, place + len(child.content), child.content.strip(), "double" in child.type
                    at = place + len(child.content)


def markdown_tokens(text: str) -> Sequence[Any]:
    """markdown-it's tokens, with formulas; raises ImportError with the extra."""
    try:
        from markdown_it import MarkdownIt
        from mdit_py_plugins.amsmath import amsmath_plugin
        from mdit_py_plugins.dollarmath import dollarmath_plugin
    except ImportError:
        raise ImportError(EXTRA) from None
    reader = MarkdownIt("commonmark").enable("table")
    reader.use(dollarmath_plugin, double_inline=True, allow_digits=True).use(amsmath_plugin)
    tokens: Sequence[Any] = reader.parse(text)
    return tokens


def line_starts(text: str) -> list[int]:
    """Where each line begins, and where the text ends."""
    return [0, *[match.end() for match in re.finditer("\n", text)], len(text)]


def plain_prose(text: str) -> str:
    """Prose without the dollar signs around the formulas beside it, and without what is declared."""
    return DECLARED.sub("", text).strip("$")


# ---------------------------------------------------------------------------------------------------------------------
# LaTeX


def of_latex(text: str) -> Document:
    r"""The formulas of a LaTeX file: between dollars, in ``\( \)``, ``\[ \]`` and environments; its macros written out.

    >>> of_latex(r"\newcommand{\dd}[2]{\frac{\partial #1}{\partial #2}} So \[\dd{E}{z} = y\]").passages[0].text
    '\\frac{\\partial E}{\\partial z} = y'
    """
    text = text.replace("\r\n", "\n")
    declared = [match[1].strip() for match in DECLARED_IN_TEX.finditer(text)]
    macros = macros_of(text)
    starts = line_starts(text)
    passages: list[Passage] = []
    last = 0
    for start, end, inner, display in formulas_in_latex(text):
        formula = written_out(without_comments(inner), macros).strip()
        passages.append(Passage(formula, bisect_right(starts, start), display, text[last:start]))
        last = end
    return Document(passages, declared)


def formulas_in_latex(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Where each formula begins and ends, its text, and whether it is set apart."""
    try:
        from pylatexenc.latexwalker import LatexEnvironmentNode, LatexMathNode, LatexWalker
    except ImportError:
        raise ImportError(EXTRA) from None

    def walk(nodes: Sequence[Any]) -> Iterator[tuple[int, int, str, bool]]:
        for node in nodes or ():
            if node is None:
                continue
            end = node.pos + node.len
            if isinstance(node, LatexMathNode):
                opened, closed = node.delimiters
                yield node.pos, end, text[node.pos + len(opened) : end - len(closed)], node.displaytype == "display"
            elif isinstance(node, LatexEnvironmentNode):
                if node.environmentname.rstrip("*") in ENVIRONMENTS:
                    yield node.pos, end, text[node.pos : end], True
                elif node.environmentname not in ("verbatim", "lstlisting", "minted", "comment"):
                    yield from walk(node.nodelist)
            else:
                yield from walk(getattr(node, "nodelist", None) or ())
                arguments = getattr(node, "nodeargd", None)
                if getattr(node, "macroname", "") not in DEFINING:
                    yield from walk(arguments.argnlist if arguments is not None else ())

    nodes, _, _ = LatexWalker(text, tolerant_parsing=True).get_latex_nodes()
    yield from sorted(walk(nodes))


DEFINING: Final = ("newcommand", "renewcommand", "providecommand", "def", "DeclareMathOperator")
NEW_COMMAND: Final = re.compile(
    r"\\(?:re)?(?:newcommand|providecommand)\*?\s*\{?\\([A-Za-z]+)\}?\s*(?:\[(\d)\])?\s*(?=\{)|"
    r"\\def\s*\\([A-Za-z]+)((?:#\d)*)\s*(?=\{)"
)
OPERATOR: Final = re.compile(r"\\DeclareMathOperator\*?\s*\{?\\([A-Za-z]+)\}?\s*(?=\{)")


def macros_of(text: str) -> dict[str, tuple[int, str]]:
    """The macros that a file defines: how many arguments each has, and what it stands for."""
    found: dict[str, tuple[int, str]] = {}
    for match in NEW_COMMAND.finditer(text):
        body = braced(text, match.end())
        if body is not None:
            name = match[1] or match[3]
            found[name] = (int(match[2] or 0) if match[1] else (match[4] or "").count("#"), body)
    for match in OPERATOR.finditer(text):
        body = braced(text, match.end())
        if body is not None:
            found[match[1]] = (0, f"\\operatorname{{{body}}}")
    return found


def braced(text: str, at: int) -> str | None:
    """What stands in the braces that open at a place; None where they are not closed."""
    depth = 0
    for k in range(at, len(text)):
        if text[k] in "{}" and text[k - 1] != "\\":
            depth += 1 if text[k] == "{" else -1
            if not depth:
                return text[at + 1 : k]
    return None


def written_out(formula: str, macros: dict[str, tuple[int, str]], depth: int = 0) -> str:
    """A formula with its macros written out; what defines itself is left as it stands."""
    if not macros or depth > 20:
        return formula
    pattern = re.compile(r"\\(" + "|".join(sorted(macros, key=len, reverse=True)) + r")(?![A-Za-z])")
    match = pattern.search(formula)
    if match is None:
        return formula
    count, body = macros[match[1]]
    at = match.end()
    for k in range(1, count + 1):
        while at < len(formula) and formula[at].isspace():
            at += 1
        if at < len(formula) and formula[at] == "{":
            argument = braced(formula, at)
            if argument is None:
                return formula
            at += len(argument) + 2
        else:
            argument, at = formula[at : at + 1], at + 1
        body = body.replace(f"#{k}", argument)
    glue = " " if body[-1:].isalpha() and formula[at : at + 1].isalpha() else ""
    return written_out(formula[: match.start()] + body + glue + formula[at:], macros, depth + 1)


def without_comments(text: str) -> str:
    """LaTeX without what stands behind a %."""
    return re.sub(r"(?<!\\)%.*", "", text)


# ---------------------------------------------------------------------------------------------------------------------
# Notebooks


def of_notebook(text: str) -> Document:
    """The formulas of a notebook's Markdown cells, cell by cell; raises ValueError for what is no notebook."""
    try:
        import nbformat
    except ImportError:
        raise ImportError(EXTRA) from None
    try:
        notebook = nbformat.reads(text, as_version=4)
    except Exception as error:
        raise ValueError(f"not a notebook: {error}") from None
    cells = [of_markdown(c.source, k) for k, c in enumerate(notebook.cells, 1) if c.cell_type == "markdown"]
    return Document([p for cell in cells for p in cell.passages], [line for cell in cells for line in cell.declared])
