"""The catalogue's formulas, read from their LaTeX with what is declared of their document: the catalogue's verdicts."""

from importlib.resources import files

import pytest

import tinygrad_lite.documents
from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.reading.containers import contents
from tinygrad_lite.verifying import check
from tinygrad_lite.verifying.papers import report_on

pytest.importorskip("lark")
pytest.importorskip("markdown_it")

NOT_READ = {
    "notes-probability": "the probability of an event",
    "notes-probability-of-scores": "the probability of an event",
    "vege-6": "the factors left out at …",
}
"""Formulas that are not read, with the reason."""

SAID_OTHERWISE = {
    "answer-one-hot-vector": "not a claim",  # it is no equation
    "answer-preactivation": "defines",  # the bias that is missing is in the program only
    "answer-final-update": "not a claim",  # := is an update, and what it should be is in the program only
    "vege-24": "defines",  # that a network's outputs are never equal to classes is no matter of formulas
}
"""Formulas whose verdict in the catalogue rests on more than the formulas."""

PROSE = ("\\text{", "\\texttt{", "\\textbf{", "E \\text{ is")
"""Beginnings of what is no formula: text, loops and lines of a program."""

SAME = {"holds": ("holds", "defines"), "convention": ("holds",)}
"""The verdicts of the catalogue, and what the reader calls them where it has other words."""


def is_formula(statement):
    """Whether a statement is an equation or a definition that is written as a formula."""
    text = statement.latex
    written = text.startswith((r"\text{Softmax }", r"\text{Accuracy}")) or not text.startswith(PROSE)
    return statement.kind != "claim" and written


def lines_of(statements):
    """A document of these statements, line by line with their ids: claims as prose, chains as one environment."""
    formulas = [(s, is_formula(s)) for s in statements]
    case = goes_on = False
    for k, (statement, written) in enumerate(formulas):
        text = statement.latex.removesuffix(",").removesuffix(".")
        if not written:
            yield "", text.replace("$", "") + "\n"
            continue
        begins = not (goes_on and text.startswith(("=", "&=")))
        is_case = statement.place.startswith("case")
        if is_case and not case:
            yield "", f"For ${statement.place.split(',')[0].removeprefix('case ')}$\n"
        elif case and begins and not is_case:
            yield "", "Together\n"
        case = is_case or (case and not begins)
        follows = k + 1 < len(formulas) and formulas[k + 1][1] and formulas[k + 1][0].latex.startswith(("=", "&="))
        goes_on = follows
        yield statement.id, "$$\\begin{aligned} " * begins + text + (" \\\\" if follows else " \\end{aligned}$$\n")


def declared(document):
    """What is declared of a document."""
    return (files(tinygrad_lite.documents) / "declarations" / f"{document}.txt").read_text(encoding="utf-8")


def read(document):
    """The marks of each of a document's formulas, by id."""
    lines = list(lines_of([s for s in CATALOGUE if s.document.short.lower() == document]))
    numbers, at = {}, 1
    for id, line in lines:
        numbers[at] = id
        at += line.count("\n") + 1
    report = report_on(contents("\n".join([line for _, line in lines]), "text"), declared(document), {}, 0, False, "")
    found = {}
    for mark in report.marks:
        found.setdefault(numbers[mark.statement.formula.line], []).append(mark)
    return found


ORDER = ("misprinted", "not read", "holds when", "holds", "defines", "not a claim")
"""Of several equalities in one formula the one whose verdict is the formula's."""


@pytest.mark.parametrize("document", ["notes", "question", "answer", "vege"])
def test_the_reader_says_what_the_catalogue_says(document):
    found = read(document)
    for statement in CATALOGUE:
        if statement.document.short.lower() != document or not is_formula(statement):
            continue
        mark = min(found.get(statement.id, []), key=lambda mark: ORDER.index(mark.verdict), default=None)
        expected = check(statement).verdict
        if statement.id in NOT_READ:
            assert mark is not None
            assert mark.verdict == "not read"
            assert NOT_READ[statement.id] in mark.why
        else:
            said = SAID_OTHERWISE.get(statement.id)
            wanted = (said,) if said else SAME.get(expected, (expected,))
            assert mark is not None, statement.id
            assert mark.verdict in wanted, (statement.id, expected, mark.verdict, mark.why)
