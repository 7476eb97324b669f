r"""Formulas in the documents that they stand in: Markdown, LaTeX, notebooks, text.

What a document does not say of its symbols may stand in it where no reader sees it: between ``<!-- declare`` and
``-->`` in Markdown, behind ``% declare:`` in LaTeX.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from .macros import expanded
from .tex import EXTRA

ENDINGS: Final = {
    ".md": "markdown", ".markdown": "markdown", ".qmd": "markdown", ".rmd": "markdown", ".txt": "text",
    ".tex": "latex", ".ltx": "latex", ".latex": "latex", ".ipynb": "notebook",
}  # fmt: skip
"""How a file is read, by the ending of its name."""

ENVIRONMENTS: Final = (
    "equation", "align", "alignat", "eqnarray", "gather", "multline", "flalign", "displaymath", "math", "dmath",
)  # fmt: skip
"""Those of LaTeX that set formulas; each with a star, too."""

ROWS: Final = ("align", "alignat", "eqnarray", "gather", "multline")
"""Those whose contents cannot be read without them; flalign is align."""

ENVIRONMENT: Final = r"\\begin\{(?P<name>" + "|".join(ENVIRONMENTS) + r")(?P<star>\*?)\}"
UNBROKEN: Final = r"(?:\\.|(?!\n[ \t]*\n)[^\\$])"
"""A character of a formula; a paragraph's end is none."""

DISPLAYED: Final = (
    rf"\$\$(?P<dollars>\s*(?:{UNBROKEN}|\$(?!\$))+?\s*)\$\$|"
    r"\\\[(?P<brackets>\s*(?:(?!\\\]|\n[ \t]*\n)(?:\\.|[^\\]))+?\s*)\\\]|"
    rf"(?P<environment>{ENVIRONMENT}(?P<body>.*?)\\end\{{(?P=name)(?P=star)(?:\}}|[ \t]*(?=\n|$)))"
)
INLINE: Final = rf"\$(?P<dollar>{UNBROKEN}+?)\$|\\\((?P<parentheses>(?:(?!\\\)|\n[ \t]*\n)(?:\\.|[^\\]))+?)\\\)"
UNCLOSED: Final = r"(?P<unclosed>\$\$|\\begin\{(?:" + "|".join(ENVIRONMENTS) + r")\*?\})"
COMMENT: Final = r"(?P<comment><!--.*?-->)"
CODE: Final = r"(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)"
VERBATIM: Final = r"\\verb\*?(?P<bar>[^\sA-Za-z*]).*?(?P=bar)"

IN_MARKDOWN: Final = re.compile("|".join([COMMENT, DISPLAYED, INLINE, CODE, UNCLOSED, r"\\."]), re.DOTALL)
IN_LATEX: Final = re.compile("|".join([DISPLAYED, INLINE, VERBATIM, UNCLOSED, r"\\."]), re.DOTALL)

DECLARED: Final = re.compile(r"<!--\s*declare\b:?(.*?)-->", re.DOTALL)
DECLARED_IN_TEX: Final = re.compile(r"^[ \t]*%+[ \t]*declare:[ \t]*(.*)$", re.MULTILINE)


Place = tuple[int, int, int]
"""A cell, a line and a column."""


class Passage(NamedTuple):
    """A formula in a document.

    Attributes
    ----------
    text : what stands between the dollar signs; an environment of several rows with its begin and end
    line, column : where it begins, counted from 1; in a notebook the line of the cell
    display : whether it is set apart
    before, after : the prose between it and its neighbours
    cell : of a notebook the number of the cell, counted from 1; else 0
    problem : what is wrong with its delimiters
    """

    text: str
    line: int
    column: int
    display: bool
    before: str = ""
    after: str = ""
    cell: int = 0
    problem: str = ""

    @property
    def begins(self) -> Place:
        """Where it begins."""
        return (self.cell, self.line, self.column)

    @property
    def ends(self) -> Place:
        """Where it ends."""
        *before, last = self.text.split("\n")
        return (self.cell, self.line + len(before), len(last) + (1 if before else self.column))


class Contents(NamedTuple):
    """A document's formulas; the lines that declare what it does not say, in blocks; its texts, by cell."""

    passages: list[Passage]
    declared: list[list[str]]
    texts: dict[int, str]

    def place(self, words: str, behind: Place = (0, 0, 0)) -> Place | None:
        """Where some words first stand behind a place, or if they do not, in small letters or others; any spaces."""
        wanted = r"\s+".join([re.escape(word) for word in words.split()])
        return self.matched(re.compile(wanted), behind) or self.matched(re.compile(wanted, re.IGNORECASE), behind)

    def matched(self, wanted: re.Pattern[str], behind: Place) -> Place | None:
        """The first place, behind another one, of a text that a pattern matches; of a formula its beginning."""
        for cell, text in self.texts.items():
            for match in wanted.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                place = (cell, line, match.start() - text.rfind("\n", 0, match.start()))
                if place >= behind:
                    around = [passage for passage in self.passages if passage.begins <= place < passage.ends]
                    return around[0].begins if around else place
        return None


def contents_of(path: Path) -> Contents:
    """The formulas of a file, read as the ending of its name says.

    Raises ValueError for endings that nothing is known of and for what is not what its ending says; OSError where it
    cannot be read; ImportError without the reader that it needs.
    """
    kind = ENDINGS.get(path.suffix.lower())
    if kind is None:
        raise ValueError(f"what is in a file ending in {path.suffix!r} is not known; known are {', '.join(ENDINGS)}")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is no text in UTF-8: byte {error.start} is {error.object[error.start]:#04x}") from None
    return contents(text, kind)


def contents(text: str, kind: str) -> Contents:
    r"""The formulas of a text.

    Parameters
    ----------
    text : of the whole file
    kind : "markdown", "text" (as Markdown, but nothing is code for being indented), "latex" or "notebook"

    Raises ValueError for a notebook that is none and for macros without an end; ImportError without markdown-it.

    >>> contents("The slope $y' = 2x$ of\n\n$$y = x^2$$", "text").passages[1]
    Passage(text='y = x^2', line=3, column=3, display=True, before=' of\n\n', after='', cell=0, problem='')
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if kind == "notebook":
        return of_notebook(text)
    if kind == "latex":
        return of_latex(text)
    return of_markdown(text, kind == "markdown")


# ---------------------------------------------------------------------------------------------------------------------
# Markdown, and text with dollar signs


def of_markdown(text: str, indented_code: bool = True, cell: int = 0) -> Contents:
    """The formulas of Markdown: between dollars, in brackets with backslashes, in environments, in blocks "math"."""
    visible = without_code(text, indented_code)
    declared = [stripped_lines(match[1]) for match in DECLARED.finditer(visible)]
    whole = expanded(visible)

    def accepted(match: re.Match[str]) -> bool:
        start, end = whole.origin(match.start()), whole.origin(match.end() - 1)
        return match["dollar"] is None or is_formula(visible[start + 1 : end], visible[end + 1 : end + 2])

    passages = list(passages_in(whole.text, IN_MARKDOWN, accepted, cell))
    placed = [with_column(passage, whole.origin, text) for passage in passages]
    return Contents(placed, declared, {cell: DECLARED.sub(lambda match: blank(match[0]), visible)})


def is_formula(inner: str, following: str) -> bool:
    """Whether single dollars are around a formula, and not before amounts of money or in code: there are spaces at both
    ends or at none, backquotes at both ends or nowhere, and no digit follows.
    """
    quoted = len(inner) > 2 and inner[0] == inner[-1] == "`"
    return inner[0].isspace() == inner[-1].isspace() and not following.isdigit() and (quoted or "`" not in inner)


def without_code(text: str, indented_code: bool) -> str:
    """Markdown in which spaces stand for code, for data before the text and for the signs of quotations.

    Every place stays where it is. Raises ImportError without markdown-it.
    """
    try:
        from markdown_it import MarkdownIt
        from mdit_py_plugins.amsmath import amsmath_plugin
        from mdit_py_plugins.dollarmath import dollarmath_plugin
        from mdit_py_plugins.front_matter import front_matter_plugin
    except ImportError:
        raise ImportError(EXTRA) from None
    reader = MarkdownIt("commonmark").use(dollarmath_plugin).use(amsmath_plugin).use(front_matter_plugin)
    if not indented_code:
        reader.disable("code")
    lines = text.split("\n")
    for token in reader.parse(text):
        if token.map is None:
            continue
        first, last = token.map[0], min(token.map[1], len(lines))
        if token.type == "fence" and token.info.split()[:1] == ["math"]:
            for k in {first, last - 1}:
                lines[k] = re.sub(r"(`{3,}|~{3,}).*", lambda m: "$$".ljust(len(m[0])), lines[k])
        elif token.type in ("fence", "code_block", "front_matter"):
            lines[first:last] = [" " * len(line) for line in lines[first:last]]
        elif token.type == "blockquote_open":
            lines[first:last] = [re.sub(r"^(\s*)>", r"\1 ", line) for line in lines[first:last]]
    return "\n".join(lines)


# ---------------------------------------------------------------------------------------------------------------------
# LaTeX


def of_latex(text: str) -> Contents:
    r"""The formulas of a LaTeX file: between dollars, in ``\( \)``, ``\[ \]``, environments; its macros written out."""
    declared = [[match[1].strip() for match in DECLARED_IN_TEX.finditer(text) if match[1].strip()]]
    visible = re.sub(r"(?<!\\)((?:\\\\)*)%.*", lambda match: match[1] + blank(match[0][len(match[1]) :]), text)
    hidden = r"\\begin\{(comment|verbatim\*?|lstlisting|minted)\}.*?\\end\{\1\}|\\iffalse\b.*?\\fi\b"
    visible = re.sub(hidden, lambda match: blank(match[0]), visible, flags=re.DOTALL)
    whole = expanded(visible)
    passages = [with_column(p, whole.origin, text) for p in passages_in(whole.text, IN_LATEX, lambda _: True, 0)]
    return Contents(passages, declared, {0: visible})


# ---------------------------------------------------------------------------------------------------------------------
# Notebooks


def of_notebook(text: str) -> Contents:
    """The formulas of a notebook's Markdown cells, cell by cell; raises ValueError for what is no notebook."""
    try:
        notebook = json.loads(text)
    except ValueError as error:
        raise ValueError(f"it is no notebook: {error}") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ValueError("it is no notebook of format 4: there is no list of cells in it")
    found = Contents([], [], {})
    for number, cell in enumerate(notebook["cells"], 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "markdown":
            continue
        one = of_markdown(source_of(cell).replace("\r\n", "\n"), cell=number)
        found.passages.extend(one.passages)
        found.declared.extend(one.declared)
        found.texts.update(one.texts)
    return found


def source_of(cell: dict[str, Any]) -> str:
    """A cell's text, which is in one piece or in lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(map(str, source))


# ---------------------------------------------------------------------------------------------------------------------
# Passages


def passages_in(text: str, pattern: re.Pattern[str], accepted: Any, cell: int) -> Iterator[Passage]:
    """The formulas of a text, in order, with the prose around them; columns are places in the text, not yet columns."""
    found: list[tuple[int, int, Passage]] = []
    at = 0
    while (match := pattern.search(text, at)) is not None:
        at = match.end()
        if match.lastgroup is None or match.groupdict().get("comment"):
            continue
        if not accepted(match):
            at = match.start() + 1
            continue
        passage = passage_of(match, cell)
        if passage is not None and (passage.text or passage.problem):
            found.append((match.start(), match.end(), passage))
    for k, (start, end, passage) in enumerate(found):
        before = text[found[k - 1][1] if k else 0 : start]
        after = text[end : found[k + 1][0] if k + 1 < len(found) else len(text)]
        yield passage._replace(before=DECLARED.sub("", before), after=DECLARED.sub("", after))


def passage_of(match: re.Match[str], cell: int) -> Passage | None:
    """A formula without what delimits it; None for anything else that was found."""
    groups = match.groupdict()
    name = next((n for n in ("dollars", "brackets", "environment", "dollar", "parentheses") if groups.get(n)), None)
    if name is None and groups.get("unclosed"):
        rest = match.string[match.start() :].split("\n", 1)[0]
        line = match.string.count("\n", 0, match.start()) + 1
        problem = f"{match[0]} is not closed before the end of the paragraph"
        return Passage(rest, line, match.start(), True, cell=cell, problem=problem)
    if name is None:
        return None
    kind = groups["name"] or ""
    if name == "environment" and kind not in (*ROWS, "flalign"):
        name = "body"
    inner = match[name]
    text = inner.strip()
    start = match.start(name) + len(inner) - len(inner.lstrip())
    if name == "dollar" and len(text) > 2 and text[0] == text[-1] == "`":
        text = text[1:-1].strip()
    if name == "environment" and not text.endswith("}"):  # whose last brace is missing at the end of a line
        text += "}"
    if kind == "flalign":
        text = text.replace("{flalign", "{align", 1)
        text = text[: text.rindex("{flalign")] + text[text.rindex("{flalign") :].replace("{flalign", "{align", 1)
    display = name not in ("dollar", "parentheses") and kind != "math"
    return Passage(text, match.string.count("\n", 0, start) + 1, start, display, cell=cell)


def with_column(passage: Passage, origin: Any, text: str) -> Passage:
    """A passage whose column is a place in the text with its macros written out, with its column in the document."""
    place = origin(passage.column)
    return passage._replace(column=place - text.rfind("\n", 0, place))


def blank(text: str) -> str:
    """Spaces in the place of a text, in as many lines."""
    return re.sub(r"[^\n]", " ", text)


def stripped_lines(text: str) -> list[str]:
    """The lines that are not empty."""
    return [line.strip() for line in text.splitlines() if line.strip()]
