"""Findings as one HTML page that needs nothing else: mathematics in MathML, contents, search and filters."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import groupby
from string import Template
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from ..formulas.conventions import SUPERSCRIPTS
from .listing import GOOD, mark
from .markup import Markup, element, join, typeset
from .statements import Correction, Document, Quoted, Statement
from .verdicts import Finding

TITLE: Final = "The documents, equation by equation"


class Verdict(NamedTuple):
    """How a verdict is shown: the class of its badge, a sign beside the word, and what it means."""

    look: str
    sign: str
    meaning: str


VERDICTS: Final[Mapping[str, Verdict]] = {
    "holds": Verdict("good", "✓", "Both sides agree on every draw, to rounding."),
    "holds when": Verdict("when", "◐", "It agrees on every draw that meets the condition, and fails on some without."),
    "misprinted": Verdict("wrong", "✗", "It fails as printed; the form beside it holds on every draw."),
    "convention": Verdict("choice", "≔", "There is no derivative at the point; what is printed is a choice."),
    "true": Verdict("good", "✓", "What is claimed is what is observed, on every draw."),
    "true when": Verdict("when", "◐", "The claim is true on every draw that meets the condition, and not on all."),
    "false": Verdict("wrong", "✗", "Something else than claimed is observed."),
    "fails": Verdict("fails", "!", "It disagrees, and there is no right form for it."),
}
"""In the order of the summary. Colours never stand alone: every badge has its word."""

STANDINGS: Final[Mapping[str, str]] = {
    "∀": "proved for all sizes",
    "✓": "proved for some sizes",
    "·": "checked numerically",
    "?": "unproved",
}
"""What the listing's marks stand for."""


def page(findings: Sequence[Finding], seed: int, training: Mapping[str, Any] | None = None) -> str:
    """The report on these findings; ``training`` as ``cli.as_json`` has it.

    The same findings make the same page. Raises ImportError where latex2mathml is missing.
    """
    documents = [(document, list(group)) for document, group in groupby(findings, lambda f: f.statement.document)]
    template, script = [
        files(__package__).joinpath(f"page.{kind}").read_text(encoding="utf-8") for kind in ("html", "js")
    ]
    return Template(template).substitute(
        title=element("title", TITLE),
        contents=contents(documents),
        summary=summary(findings, seed, training),
        filters=filters(findings),
        entries=join(*[section(document, group) for document, group in documents]),
        script=element("script", Markup(script)),
    )


# ---------------------------------------------------------------------------------------------------------------------
# Above the statements


def contents(documents: Sequence[tuple[Document, Sequence[Finding]]]) -> Markup:
    """The documents, and under each a link to every statement."""
    items = []
    for document, group in documents:
        links = [
            element(
                "a", f.statement.id, href=link(f.statement.id), data_of=f.statement.id, class_=VERDICTS[f.verdict].look
            )
            for f in group
        ]
        listed = element("ol", *[element("li", a) for a in links])
        entries = element("details", element("summary", entry_count(len(group))), listed)
        items.append(element("li", element("a", document.title, href=link(anchor(document))), entries))
    return element("nav", element("h2", "Contents"), element("ul", *items), aria_label="Contents")


def summary(findings: Sequence[Finding], seed: int, training: Mapping[str, Any] | None) -> Markup:
    """How many there are of each verdict, and how far they are proved."""
    verdicts, proofs = Counter([f.verdict for f in findings]), Counter([STANDINGS[mark(f)] for f in findings])
    badges = [element("li", counter(v, verdicts[v])) for v in VERDICTS if verdicts[v]]
    meanings = [e for v in VERDICTS if verdicts[v] for e in (element("dt", v), element("dd", VERDICTS[v].meaning))]
    trained = [] if training is None else [element("p", accuracy_in_words(training), class_="soft")]
    return element(
        "header",
        element("h1", TITLE),
        element(
            "p",
            f"{entry_count(len(findings))}. Both sides of each are computed, by automatic differentiation and as "
            f"printed, on random draws with seed {seed}; the verdict is what comes out.",
        ),
        element("ul", *badges, class_="counts"),
        element("p", "; ".join([f"{proofs[p]} {p}" for p in STANDINGS.values() if proofs[p]]) + ".", class_="soft"),
        *trained,
        element("details", element("summary", "What the verdicts mean"), element("dl", *meanings, class_="legend")),
    )


def counter(verdict: str, number: int) -> Markup:
    """A badge with a number, which shows only those statements where scripts run."""
    look, sign, _ = VERDICTS[verdict]
    label = f"{sign} {number} {verdict.replace(' when', ' on a condition')}"
    return element(
        "button",
        label,
        type="button",
        disabled=True,
        data_verdict=verdict,
        aria_pressed="false",
        class_=f"badge {look}",
    )


def accuracy_in_words(training: Mapping[str, Any]) -> str:
    """What training with the gradients reached."""
    return (
        f"A network trained with these gradients for {training['epochs']} epochs reads "
        f"{100 * training['accuracy']:.1f} % of {training['test']} handwritten digits right that were held out."
    )


def filters(findings: Sequence[Finding]) -> Markup:
    """The search box and the choices; they appear where scripts run."""
    statements = [f.statement for f in findings]
    verdicts, proofs = {f.verdict for f in findings}, {STANDINGS[mark(f)] for f in findings}
    return element(
        "form",
        element("label", "Search (press /)", element("input", type="search", name="search"), class_="search"),
        choice("document", {anchor(e.document): f"{e.document.title}, {e.document.author}" for e in statements}),
        choice("kind", {kind: kind for kind in sorted({e.kind for e in statements})}),
        choice("verdict", {v: v for v in VERDICTS if v in verdicts}),
        choice("proof", {p: p for p in STANDINGS.values() if p in proofs}),
        element("button", "Show all", type="reset"),
        element("output", name="count"),
        hidden=True,
        role="search",
    )


def choice(name: str, options: Mapping[str, str]) -> Markup:
    """A filter."""
    listed = [element("option", label, value=value) for value, label in options.items()]
    return element(
        "label", name.capitalize(), element("select", element("option", "all", value=""), *listed, name=name)
    )


# ---------------------------------------------------------------------------------------------------------------------
# The statements


def section(document: Document, findings: Sequence[Finding]) -> Markup:
    """A document."""
    return element(
        "section",
        element("h2", document.title),
        element("p", f"{document.author}, {document.year}", class_="by"),
        *[card(finding) for finding in findings],
        id=anchor(document),
    )


def card(finding: Finding) -> Markup:
    """A statement: what is printed, the right form beside it, the verdict and what it rests on."""
    statement, verdict, right = finding.statement, VERDICTS[finding.verdict], correction(finding)
    wrong = [] if right is None else [element("p", sentence(right.wrong), class_="why")]
    facts_ = [e for label, text in facts(finding) for e in (element("dt", label), element("dd", text))]
    badge = f"{verdict.sign} {finding.phrase}"
    return element(
        "article",
        element(
            "header",
            element("h3", element("a", statement.id, href=link(statement.id))),
            element("span", statement.place, class_="soft"),
            element("span", badge, class_=f"badge {verdict.look}"),
        ),
        element("div", *forms(finding), class_="forms"),
        *wrong,
        element("dl", *facts_, class_="facts"),
        element("details", element("summary", "As text and LaTeX"), element("pre", "\n".join(sources(statement)))),
        class_="entry",
        id=statement.id,
        data_document=anchor(statement.document),
        data_kind=statement.kind,
        data_verdict=finding.verdict,
        data_proof=STANDINGS[mark(finding)],
    )


def correction(finding: Finding) -> Correction | None:
    """The right form where there is one to show: not where print is right."""
    return None if finding.verdict in GOOD else finding.statement.corrected


def forms(finding: Finding) -> Iterator[Markup]:
    """What is printed and, beside it, the right form."""
    statement, right = finding.statement, correction(finding)
    yield element("div", element("h4", f"{statement.kind}, as printed"), typeset(statement.latex), class_="form")
    if right is not None:
        label = "in general" if finding.condition else "right"
        yield element("div", element("h4", label), typeset(right.latex), class_="form right")


def facts(finding: Finding) -> Iterator[tuple[str, str]]:
    """What there is to say about a finding, with labels."""
    statement, proof, example = finding.statement, finding.proof, finding.counterexample
    if finding.reason:
        yield "reason", finding.reason
    if example is not None:
        yield "counterexample", f"{example.worst.detail} ({example.draw.name})"
    draws = f"{len(finding.relied_on)} draw{'s' * (len(finding.relied_on) != 1)}"
    yield "largest error", f"{scientific(finding.difference)} on {draws}; tolerance {scientific(finding.tolerance)}"
    yield "proof", f"{proof.status}{f' ({proof.detail})' if proof.detail else ''}"
    if statement.note:
        yield "note", sentence(statement.note)


def sources(statement: Statement | Quoted) -> Iterator[str]:
    """The forms in Unicode and in LaTeX, to copy and to search."""
    for form in (statement, statement.corrected):
        if form is not None:
            yield from (form.formula, form.latex)


# ---------------------------------------------------------------------------------------------------------------------
# Words


def scientific(number: float) -> str:
    """The number with two digits.

    >>> scientific(2.2e-16), scientific(0.0)
    ('2.2 × 10⁻¹⁶', '0')
    """
    if not number or not math.isfinite(number):
        return f"{number:g}"
    digits, _, exponent = f"{number:.1e}".partition("e")
    return f"{digits} × 10{str(int(exponent)).translate(SUPERSCRIPTS)}"


def sentence(text: str) -> str:
    """The text with a capital, unless it begins with a formula, and a full stop."""
    first = text.split()[0]
    capital = (
        text[0].upper() + text[1:] if len(first) > 1 and first.isascii() and first.replace("-", "").isalpha() else text
    )
    return capital if capital.endswith((".", "?", "!")) else f"{capital}."


def entry_count(number: int) -> str:
    """So many entries."""
    return f"{number} {'entry' if number == 1 else 'entries'}"


def anchor(document: Document) -> str:
    """The id of a document's section."""
    return f"document-{document.short.lower()}"


def link(id: str) -> str:
    """To an id on the page."""
    return f"#{quote(id)}"
