"""The lecture notes in ``docs/pages``, each with what is found of it, and below it its copy, wrong in every claim."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tinygrad_lite.verifying.marks import Marked
from tinygrad_lite.verifying.markup import Markup, element, join, typeset
from tinygrad_lite.verifying.papers import PageReport, read_file
from tinygrad_lite.verifying.sheet import LOOKS, card, place, summary

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = ROOT / "docs" / "pages"
COPIES: Final = ROOT / "tests" / "verifying" / "pages"

FORMULA: Final = re.compile(r"\$\$\n(?P<display>.+?)\n\$\$|\$(?P<inline>[^$]+)\$", re.DOTALL)
ALIGNED: Final = re.compile(r"\\begin\{align\}\n(.*)\n\\end\{align\}", re.DOTALL)
DECLARED: Final = re.compile(r"<!-- declare\n(.*?)\n-->\n", re.DOTALL)

INTRODUCTION: Final = """# Lecture notes, checked

Pages as lecturers write them, in Markdown with formulas in LaTeX. `python -m tinygrad_lite check` [reads](../reading)
each formula and sets what it claims against autograd; what it says stands beside the formula. Below each page follows
its copy with one mistake in every claim, of the kinds that people make: what is found, and the mended form. The table
counts the claims of each page and those that hold; of its copy the mistakes that are found, and those with a form that
mends them.
"""

COLUMNS: Final = ("page", "claims", "hold", "found", "mended")

COPY: Final = """## A mistake in every claim

The definitions are as above, and every claim is wrong in one place. What is otherwise in the mended form is marked.
"""


class Lecture(NamedTuple):
    """A page and its copy.

    Attributes
    ----------
    name, text : the file, without its ending, and what is in it
    report : on the page
    copied : on its copy, which makes the same statements on the same lines, the claims with a mistake each
    """

    name: str
    text: str
    report: PageReport
    copied: PageReport

    @property
    def title(self) -> str:
        """The page's heading."""
        return re.search(r"^# (.*)$", self.text, re.MULTILINE)[1]  # type: ignore[index]

    @property
    def counts(self) -> tuple[int, ...]:
        """The numbers of ``COLUMNS``."""
        verdicts = Counter([mark.verdict for mark in self.report.marks])
        claims = verdicts.total() - sum([verdicts[verdict] for verdict in ("defines", "declares", "not a claim")])
        hold = verdicts["holds"] + verdicts["holds when"]
        wrong = [mark for mark in self.copied.marks if mark.verdict == "misprinted"]
        return claims, hold, len(wrong), sum([mark.right is not None for mark in wrong])


def lectures() -> list[Lecture]:
    """All pages, read."""
    return [lecture(path.stem) for path in sorted(PAGES.glob("*.md"))]


def lecture(name: str) -> Lecture:
    """A page and its copy, read."""
    path = PAGES / f"{name}.md"
    return Lecture(name, path.read_text(), read_file(path), read_file(COPIES / f"{name}-wrong.md"))


def index(pages: list[Lecture]) -> str:
    """The list of the pages with how many statements of each kind there are, in MyST Markdown."""
    rows = [[f"[{one.title}]({one.name}.md)", *map(str, one.counts)] for one in pages]
    total = ["together", *[str(sum(column)) for column in zip(*[one.counts for one in pages], strict=True)]]
    table = [COLUMNS, ["---", *["--:" for _ in COLUMNS[1:]]], *rows, total]
    tree = ["```{toctree}", ":hidden:", "", *[one.name for one in pages], "```"]
    return "\n".join([INTRODUCTION, *[f"| {' | '.join(row)} |" for row in table], "", *tree, ""])


# ---------------------------------------------------------------------------------------------------------------------
# A page


def page(one: Lecture) -> str:
    """A page as printed, each formula with what is found of it, and the cards of its copy, in MyST Markdown."""
    claims, _, found, mended = one.counts
    head = [
        f"# {one.title}",
        "",
        f"`python -m tinygrad_lite check docs/pages/{one.name}.md` says: *{summary(one.report.markings)}*",
        f"Of the {claims} mistakes in [a copy](#a-mistake-in-every-claim) it finds {found}, and mends {mended}.",
        "",
    ]
    declared = DECLARED.search(one.text)
    if declared:
        head += ["What the page does not say is declared in a comment:", "", "```text", declared[1], "```", ""]
    body = FORMULA.sub(lambda match: formula(one, match), one.text)
    body = re.sub(r"^# .*\n", "", DECLARED.sub("", body), flags=re.MULTILINE).strip()
    return "\n".join([*head, "---", "", body, "", COPY, *cards(one), ""])


def cards(one: Lecture) -> Iterator[str]:
    """What is found of the copy's claims, each as HTML."""
    for k, mark in enumerate(one.copied.marks, 1):
        if mark.verdict != "defines":
            yield f"{card(mark, k)}\n"


def formula(one: Lecture, match: re.Match[str]) -> str:
    """A formula with what is found of it: in a sentence its sign, beside one that is set apart its verdict."""
    if match["inline"]:
        here = one.text.count("\n", 0, match.start()) + 1
        signs = [found(one, k, inline=True) for k, mark in stated(one, here, here) if same(mark, match["inline"])]
        return join(Markup(match[0]), *signs)
    first = one.text.count("\n", 0, match.start("display")) + 1
    rows = list(rows_of(match["display"], first))
    ends = [line for line, _, _ in rows[1:]] + [first + match["display"].count("\n") + 1]
    cells: list[Markup] = []
    for (line, left, right), end in zip(rows, ends, strict=True):
        verdicts = element("div", *[found(one, k) for k, _ in stated(one, line, end - 1)], class_="verdicts")
        sides = [typeset(left)]
        if right:
            sides = [element("div", *sides if left else "", class_="left"), typeset(right)]
        cells.append(element("div", *sides, verdicts, class_="row"))
    return element("div", *cells, class_="checked")


def rows_of(text: str, line: int) -> Iterator[tuple[int, str, str]]:
    """The rows of a formula that is set apart, each with its line and with its sides where they are aligned."""
    aligned = ALIGNED.fullmatch(text)
    if aligned is None:
        yield line, " ".join(text.split()), ""
        return
    line += 1
    for row in re.split(r"(?<=\\\\)\n", aligned[1]):
        left, _, right = " ".join(row.removesuffix("\\\\").split()).partition("&")
        yield line, left.strip(), right
        line += row.count("\n") + 1


def stated(one: Lecture, first: int, last: int) -> Iterator[tuple[int, Marked]]:
    """The statements on some lines, counted from 1 on the page."""
    for k, mark in enumerate(one.report.marks, 1):
        if first <= mark.statement.formula.line <= last:
            yield k, mark


def same(mark: Marked, text: str) -> bool:
    """Whether a statement is that of a formula in a sentence."""
    return mark.statement.formula.text.split() == text.split()


def found(one: Lecture, number: int, inline: bool = False) -> Markup:
    """What is found of a statement, with a link to what is found of it in the copy."""
    mark = one.report.marks[number - 1]
    sign, _, look = LOOKS[mark.verdict]
    said = f"{mark.verdict} {mark.why}" if mark.verdict == "holds when" else mark.verdict
    shown = sign if inline else f"{sign} {said}"
    if one.copied.marks[number - 1].verdict != "misprinted":
        return element("span", shown, class_=f"verdict {look}", title=f"{said}, {place(mark)}")
    title = f"{said}, {place(mark)}; with a mistake in it: see below"
    return element("a", shown, class_=f"verdict {look}", title=title, href=f"#s{number}")
