"""What came of a page of formulas, as lines for a terminal, as figures for JSON, and as a page for a browser."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any, Final

from ..reading.latex import NotRead, parse_formulas
from ..reading.meaning import Interpreter
from ..reading.meaning.lookups import whole_array
from ..reading.pages import Reading
from ..reading.printing import latex_of, unicode_of
from ..reading.syntax import Relation
from ..reading.vocabulary import Entity, Vocabulary
from .marks import Marked
from .markup import Markup, element, join, typeset

WIDTH: Final = 80

LOOKS: Final[Mapping[str, tuple[str, str, str]]] = {
    "holds": ("✓", "green", "good"),
    "holds when": ("◐", "yellow", "when"),
    "misprinted": ("✗", "bold red", "wrong"),
    "not read": ("?", "bold yellow", "fails"),
    "defines": ("≔", "dim", "choice"),
    "declares": ("∈", "dim", "choice"),
    "not a claim": ("·", "dim", "choice"),
}
"""Of each verdict its sign, its style in a terminal, and its class on a page."""


def printed(mark: Marked) -> str:
    """A statement in Unicode: both of its sides, or the text that could not be read."""
    statement = mark.statement
    if statement.left is None or statement.right is None:
        return " ".join(statement.formula.text.split())
    return unicode_of(Relation(statement.left, (("=", statement.right),)))


def mended(mark: Marked) -> str:
    """The mended right side in Unicode."""
    found = parse_formulas(mark.mended)
    return mark.mended if isinstance(found[0], NotRead) else unicode_of(found[0])


def place(mark: Marked) -> str:
    """The line, and in a notebook the cell."""
    return f"line {mark.statement.formula.line}"


def lines(marks: Sequence[Marked], pages: Sequence[Reading]) -> Iterator[tuple[str, str]]:
    """The reading of each symbol, and each statement with its verdict; each line with a style."""
    symbols = list(readings(pages))
    if symbols:
        yield "read as", "bold"
        width = max([len(name) for name, _ in symbols])
        for name, said in symbols:
            yield from wrapped(f"  {name:<{width}}  {said}", " " * (width + 4), "dim")
        yield "", ""
    for mark in marks:
        sign, style, _ = LOOKS[mark.verdict]
        yield from wrapped(f"{sign} {place(mark):<9} {printed(mark)}", " " * 12, style)
        for remark in said_of(mark):
            yield from wrapped(f"{'':12}{remark}", " " * 14, style if mark.verdict == "misprinted" else "dim")
    yield "", ""
    yield summary(marks), ""


def said_of(mark: Marked) -> Iterator[str]:
    """What there is to say of a verdict."""
    if mark.verdict in ("holds when", "misprinted", "not read", "not a claim"):
        yield f"{mark.verdict}{':' if mark.verdict != 'holds when' else ''} {mark.why}".rstrip()
    if mark.mended:
        yield f"{'in general' if mark.verdict == 'holds when' else 'mended'}: … = {mended(mark)}"
    if mark.counterexample is not None and mark.verdict == "misprinted" and mark.counterexample.detail not in mark.why:
        yield f"for example {mark.counterexample.detail}"
    yield from mark.remarks


def wrapped(text: str, indent: str, style: str) -> Iterator[tuple[str, str]]:
    """A text in lines of a terminal's width."""
    for line in textwrap.wrap(text, WIDTH, subsequent_indent=indent, drop_whitespace=True) or [""]:
        yield line, style


def readings(pages: Sequence[Reading]) -> Iterator[tuple[str, str]]:
    """Each symbol with what it was read as, and how that is known; one that changes with all that it was."""
    found: dict[str, dict[str, None]] = {}
    for reading in pages:
        for name, entity in list(reading.vocabulary.entities.items()):
            if entity.kind != "dimension":
                found.setdefault(name, {})[described(entity, lengths_of(entity, reading.vocabulary))] = None
    for name, said in found.items():
        yield name, "; then ".join(said)


def lengths_of(entity: Entity, vocabulary: Vocabulary) -> list[str]:
    """The lengths of a symbol's axes, as they are declared or come out of its definition."""
    if entity.slots or entity.counter or not entity.definitions or any(d.parameters for d in entity.definitions):
        return [str(dim) for dim in entity.slots] if entity.slots else list(entity.dims)
    try:
        value, _ = whole_array(Interpreter(vocabulary), entity, None, entity.definitions[0].body)
    except NotRead:
        return []
    return [str(dim) for dim in value.axes.values()]


def described(entity: Entity, lengths: list[str]) -> str:
    """What a symbol is, in words."""
    over = f" of {' × '.join(lengths)}" if lengths else ""
    if entity.kind == "constant":
        kind = f"the number {entity.value}"
    elif entity.kind == "counter":
        kind = f"counts to {entity.value}"
    elif entity.kind == "label":
        kind = f"labels{over} in {entity.classes}"
    elif entity.kind in ("function", "elementwise") or any(d.parameters for d in entity.definitions):
        kind = "a function"
    else:
        kind = {0: "a number", 1: "a vector", 2: "a matrix"}.get(len(lengths), "an array") + over
    qualities = f", {', '.join(entity.qualities)}" if entity.qualities else ""
    how = f" ({entity.how})" if entity.how else ""
    return f"{kind}{qualities}{how}"


def summary(marks: Sequence[Marked]) -> str:
    """How many statements there are of each verdict."""
    counts = Counter([mark.verdict for mark in marks])
    parts = [f"{verdict}: {counts[verdict]}" for verdict in LOOKS if counts[verdict]]
    number = len(marks)
    return f"{number} statement{'s' * (number != 1)}{'; ' * bool(parts)}{', '.join(parts)}."


def figures(marks: Sequence[Marked], pages: Sequence[Reading]) -> dict[str, Any]:
    """The verdicts for JSON.

    ::

        schema      1; a change that could break a reader raises it
        verdict     "holds", "misprinted" or "not read": the worst
        symbols     by name what each was read as
        statements  a list: line, latex (both sides), formula (Unicode), verdict, why, mended (LaTeX, or null), remarks,
                    difference (the largest, or null)
    """
    verdicts = [mark.verdict for mark in marks]
    worst = next((verdict for verdict in ("misprinted", "not read") if verdict in verdicts), "holds")
    statements = []
    for mark in marks:
        statement = mark.statement
        sides = [latex_of(side) for side in (statement.left, statement.right) if side is not None]
        statements.append(
            {
                "line": statement.formula.line,
                "latex": " = ".join(sides) if len(sides) == 2 else statement.formula.text,
                "formula": printed(mark),
                "verdict": mark.verdict,
                "why": mark.why,
                "mended": mark.mended or None,
                "remarks": list(mark.remarks),
                "difference": None if mark.counterexample is None else finite(mark.counterexample.difference),
            }
        )
    return {"schema": 1, "verdict": worst, "symbols": dict(readings(pages)), "statements": statements}


def finite(x: float) -> float | None:
    """A number as JSON has it."""
    return x if x == x and abs(x) != float("inf") else None


# ---------------------------------------------------------------------------------------------------------------------
# For a browser


def page(marks: Sequence[Marked], pages: Sequence[Reading], title: str) -> str:
    """One HTML page that needs nothing else; raises ImportError where latex2mathml is missing."""
    template = Template(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
    cards = [card(mark, k) for k, mark in enumerate(marks, 1)]
    text = template.substitute(
        contents=contents(marks),
        summary=header(marks, pages, title),
        filters="",
        entries=element("section", element("h2", "Statements"), *cards, id="statements"),
    )
    return re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)


def contents(marks: Sequence[Marked]) -> Markup:
    """A link to every statement."""
    links = [
        element(
            "li", element("a", f"{LOOKS[mark.verdict][0]} {place(mark)}", href=f"#s{k}", class_=LOOKS[mark.verdict][2])
        )
        for k, mark in enumerate(marks, 1)
    ]
    return element("nav", element("h2", "Statements"), element("ol", *links), aria_label="Contents")


def header(marks: Sequence[Marked], pages: Sequence[Reading], title: str) -> Markup:
    """What was read, and the symbols."""
    rows = [e for name, said in readings(pages) for e in (element("dt", name), element("dd", said))]
    return element(
        "header",
        element("h1", title),
        element("p", summary(marks)),
        element(
            "details", element("summary", "How the symbols were read"), element("dl", *rows, class_="legend"), open=True
        ),
    )


def card(mark: Marked, number: int) -> Markup:
    """A statement: what is printed and, beside it, the mended form."""
    statement = mark.statement
    sign, _, look = LOOKS[mark.verdict]
    known = statement.left is not None and statement.right is not None
    latex = (
        latex_of(Relation(statement.left, (("=", statement.right),)))
        if known and statement.right is not None
        else statement.formula.text
    )
    forms = [element("div", element("h4", "as printed"), typeset(latex), class_="form")]
    if mark.mended and statement.left is not None:
        label = "in general" if mark.verdict == "holds when" else "mended"
        whole = f"{latex_of(statement.left)} = {mark.mended}"
        forms.append(element("div", element("h4", label), typeset(whole), class_="form right"))
    remarks = [element("p", remark, class_="why") for remark in (*([mark.why] if mark.why else []), *mark.remarks)]
    return element(
        "article",
        element(
            "header",
            element("h3", element("a", place(mark), href=f"#s{number}")),
            element("span", f"{sign} {mark.verdict}", class_=f"badge {look}"),
        ),
        element("div", *forms, class_="forms"),
        *remarks,
        class_="entry",
        id=f"s{number}",
    )


def in_a_notebook(marks: Sequence[Marked]) -> str:
    """A table in the page's own colours."""
    rows = []
    for mark in marks:
        said = [element("div", part, style="opacity:.8") for part in said_of(mark)]
        cell = element("td", printed(mark), *said, style="text-align:left")
        rows.append(element("tr", element("td", LOOKS[mark.verdict][0]), element("td", place(mark)), cell))
    return str(join(element("table", *rows), element("p", summary(marks))))
