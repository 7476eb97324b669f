"""What came of a page of formulas, as lines for a terminal, as figures for JSON, and as a page for a browser."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any, Final

from ..consoles import console_width
from ..reading.latex import NotRead
from ..reading.meaning import Interpreter
from ..reading.meaning.lookups import whole_array
from ..reading.printing import latex_of, unicode_of
from ..reading.syntax import Relation
from ..reading.vocabulary import Entity, Vocabulary
from .listing import finite
from .marking import Marking
from .marks import Marked
from .markup import Markup, element, join, typeset
from .verdicts import NOT_ASKED

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

COUNTED: Final = {
    "holds": ("holds", "hold"),
    "holds when": ("holds on a condition", "hold on a condition"),
    "defines": ("defines", "define"),
    "declares": ("declares", "declare"),
    "not a claim": ("claims nothing", "claim nothing"),
}
"""What one statement with a verdict does, and several, where it is not the verdict."""


# ---------------------------------------------------------------------------------------------------------------------
# A statement


def printed(mark: Marked) -> str:
    """A statement in Unicode: both of its sides, or the text that could not be read."""
    tree = equation(mark)
    return " ".join("".join(source(mark)).split()) if tree is None else unicode_of(tree)


def equation(mark: Marked) -> Relation | None:
    """A statement's two sides; None where it has none."""
    statement = mark.statement
    if statement.left is None or statement.right is None:
        return None
    return Relation(statement.left, ((statement.sign, statement.right),))


def source(mark: Marked) -> tuple[str, str, str]:
    """The lines of LaTeX that a statement stands on: what is before, what it is about, and what is behind."""
    text, (start, end) = mark.statement.formula.text, mark.statement.span
    end = start + len(text[start:end].rstrip())
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    return text[first:start].lstrip(), text[start:end], text[end : last if last >= 0 else len(text)].rstrip()


def place(mark: Marked) -> str:
    """The line, and in a notebook the cell."""
    formula = mark.statement.formula
    return f"cell {formula.cell}, line {formula.line}" if formula.cell else f"line {formula.line}"


def said_of(mark: Marked) -> Iterator[str]:
    """What there is to say of a verdict."""
    if mark.why:
        yield f"{mark.verdict}{' ' if mark.verdict == 'holds when' else ': '}{with_subject(mark.why)}"
    if mark.right is not None:
        yield f"{label(mark)}: … = {unicode_of(mark.right)}"
    if mark.counterexample is not None and mark.verdict == "misprinted" and mark.counterexample.detail not in mark.why:
        yield f"for example, {with_subject(mark.counterexample.detail)}"
    yield from mark.remarks
    if mark.proof.proved or mark.proof.detail:
        yield "; ".join(filter(None, mark.proof))


def with_subject(said: str) -> str:
    """What is said of a number, with its subject."""
    return f"it {said}" if said.startswith("is ") else said


def label(mark: Marked) -> str:
    """What the mended form is called."""
    return "in general" if mark.verdict == "holds when" else "mended"


# ---------------------------------------------------------------------------------------------------------------------
# The symbols


def readings(marking: Marking) -> dict[str, str]:
    """What each symbol was read as, and how that is known."""
    vocabulary = marking.page.vocabulary
    entities = [entity for entity in list(vocabulary.entities.values()) if entity.kind != "dimension"]
    return {entity.name: described(entity, lengths_of(entity, vocabulary)) for entity in entities}


def readings_by_part(markings: Sequence[Marking]) -> Iterator[tuple[str, dict[str, str]]]:
    """The symbols of each part of a document, those that are not as they were before; each part with a heading."""
    known: dict[str, str] = {}
    for k, marking in enumerate(markings):
        new = {name: said for name, said in readings(marking).items() if known.get(name) != said}
        known.update(new)
        first = f" from {place(marking.marks[0])} on" if k and marking.marks else ""
        if new:
            yield f"symbols{first}", new


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


# ---------------------------------------------------------------------------------------------------------------------
# For a terminal


def lines(markings: Sequence[Marking]) -> Iterator[tuple[str, str]]:
    """The reading of each symbol, and each statement with its verdict; each line with a style."""
    for heading, symbols in readings_by_part(markings):
        yield heading, "bold"
        width = min(max(map(len, symbols)), 16)
        for name, said in symbols.items():
            yield from wrapped(f"  {name:<{width}}  {said}", " " * (width + 4), "dim")
        yield "", ""
    marks = marks_of(markings)
    width = max([len(place(mark)) for mark in marks], default=0) + 4
    for mark in marks:
        sign, style, _ = LOOKS[mark.verdict]
        yield from wrapped(f"{sign} {place(mark):<{width - 4}}  {printed(mark)}", " " * (width + 2), style)
        for remark in said_of(mark):
            style = style if mark.verdict in ("misprinted", "not read") else "dim"
            yield from wrapped(f"{'':{width}}{remark}", " " * (width + 2), style)
    if marks:
        yield "", ""
    yield from wrapped(summary(markings), "", "")


def wrapped(text: str, indent: str, style: str) -> Iterator[tuple[str, str]]:
    """A text in lines of a terminal's width."""
    for line in textwrap.wrap(text, console_width(), subsequent_indent=indent, break_on_hyphens=False) or [""]:
        yield line, style


def marks_of(markings: Sequence[Marking]) -> list[Marked]:
    """What came of each statement."""
    return [mark for marking in markings for mark in marking.marks]


def summary(markings: Sequence[Marking]) -> str:
    """How many statements there are of each verdict."""
    marks = marks_of(markings)
    counts = Counter([mark.verdict for mark in marks])
    words = {verdict: COUNTED.get(verdict, (verdict, verdict))[counts[verdict] > 1] for verdict in LOOKS}
    parts = [f"{counts[verdict]} {words[verdict]}" for verdict in LOOKS if counts[verdict]]
    number, proved = len(marks), sum([mark.proof.proved for mark in marks])
    if not number:
        return "Nothing is stated: there is no equation."
    return f"{number} statement{'s' * (number != 1)}: {', '.join(parts)}{f'; {proved} proved' * bool(proved)}."


# ---------------------------------------------------------------------------------------------------------------------
# Figures


def figures(markings: Sequence[Marking], verdict: str) -> dict[str, Any]:
    """The verdicts for JSON.

    ::

        schema      1; a change that could break a reader raises it
        verdict     "holds", "misprinted" or "not read": the worst
        symbols     a list: name, reading, and line and cell that it is so from on (null: from the beginning)
        statements  a list: line, cell (null but in notebooks), latex (both sides), formula (Unicode), verdict, why,
                    mended (the right side in LaTeX, or null), remarks, proof (in words, or null),
                    difference (the largest, or null), detail (where that is, or null)
    """
    symbols = []
    known: dict[str, str] = {}
    for k, marking in enumerate(markings):
        first = marking.marks[0].statement.formula if k and marking.marks else None
        for name, said in readings(marking).items():
            if known.get(name) != said:
                known[name] = said
                where = {"line": first and first.line, "cell": (first and first.cell) or None}
                symbols.append({"name": name, "reading": said, **where})
    return {
        "schema": 1,
        "verdict": verdict,
        "symbols": symbols,
        "statements": [figures_of(mark) for mark in marks_of(markings)],
    }


def figures_of(mark: Marked) -> dict[str, Any]:
    """One statement's."""
    tree, formula, example = equation(mark), mark.statement.formula, mark.counterexample
    return {
        "line": formula.line,
        "cell": formula.cell or None,
        "latex": formula.text if tree is None else latex_of(tree),
        "formula": printed(mark),
        "verdict": mark.verdict,
        "why": mark.why,
        "mended": mark.mended or None,
        "remarks": list(mark.remarks),
        "proof": mark.proof.status if mark.proof != NOT_ASKED else None,
        "difference": None if example is None else finite(example.difference),
        "detail": None if example is None else example.detail,
    }


# ---------------------------------------------------------------------------------------------------------------------
# For a browser


def sheet(markings: Sequence[Marking], title: str) -> str:
    """One HTML page that needs nothing else; raises ImportError where latex2mathml is missing."""
    template = Template(files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
    marks = marks_of(markings)
    cards = [card(mark, k) for k, mark in enumerate(marks, 1)]
    return template.substitute(
        title=element("title", title),
        contents=contents(marks),
        summary=header(markings, title),
        filters="",
        entries=element("section", element("h2", "Statements"), *cards, id="statements"),
        script="",
    )


def contents(marks: Sequence[Marked]) -> Markup:
    """A link to every statement."""
    links = [
        element("a", f"{LOOKS[mark.verdict][0]} {place(mark)}", href=f"#s{k}", class_=LOOKS[mark.verdict][2])
        for k, mark in enumerate(marks, 1)
    ]
    return element(
        "nav", element("h2", "Contents"), element("ol", *[element("li", a) for a in links]), aria_label="Contents"
    )


def header(markings: Sequence[Marking], title: str) -> Markup:
    """What was read, how many there are of each verdict, and the symbols."""
    counts = Counter([mark.verdict for mark in marks_of(markings)])
    badges = [badge(verdict, f"{counts[verdict]} {verdict}") for verdict in LOOKS if counts[verdict]]
    parts = []
    for heading, symbols in readings_by_part(markings):
        rows = [element("div", element("dt", name), element("dd", said)) for name, said in symbols.items()]
        shown = element("summary", f"How the {heading} were read")
        parts.append(element("details", shown, element("dl", *rows, class_="symbols"), open=True))
    return element(
        "header",
        element("h1", title),
        element("p", summary(markings)),
        element("ul", *[element("li", one) for one in badges], class_="counts"),
        *parts,
    )


def badge(verdict: str, text: str) -> Markup:
    """A verdict's sign and word."""
    sign, _, look = LOOKS[verdict]
    return element("span", f"{sign} {text}", class_=f"badge {look}")


def card(mark: Marked, number: int) -> Markup:
    """A statement: what is printed, beside it the mended form, and what there is to say."""
    said = [text.removeprefix(f"{mark.verdict}: ") for text in said_of(mark)]
    return element(
        "article",
        element(
            "header",
            element("h3", element("a", place(mark), href=f"#s{number}")),
            badge(mark.verdict, mark.verdict),
        ),
        element("div", *forms(mark), class_="forms"),
        *[element("p", text, class_="why") for text in said if not text.startswith(f"{label(mark)}: … =")],
        class_="entry",
        id=f"s{number}",
    )


def forms(mark: Marked) -> Iterator[Markup]:
    """The statement, and beside it the mended form, each with what differs marked; or the LaTeX that was not read."""
    tree = equation(mark)
    if tree is None:
        before, about, behind = source(mark)
        yield element("pre", before, element("mark", about), behind, class_="code form")
    elif mark.right is None:
        yield element("div", typeset(latex_of(tree)), class_="form")
    else:
        printed, right = latex_of(tree), latex_of(Relation(tree.first, (("=", mark.right),)))
        yield element("div", element("h4", "as printed"), typeset(printed, right), class_="form printed")
        yield element("div", element("h4", label(mark)), typeset(right, printed), class_="form right")


def in_a_notebook(markings: Sequence[Marking]) -> str:
    """A table in the page's own colours."""
    rows = []
    for mark in marks_of(markings):
        said = [element("div", part, style="opacity:.8") for part in said_of(mark)]
        cells = (LOOKS[mark.verdict][0], place(mark))
        shown = [element("td", text, style="white-space:nowrap;vertical-align:top") for text in cells]
        rows.append(element("tr", *shown, element("td", printed(mark), *said, style="text-align:left")))
    return str(join(element("table", *rows), element("p", summary(markings))))
