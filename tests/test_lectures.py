"""The lecture notes in the manual: nothing of a page is lost, and beside each formula stands what is found of it."""

from __future__ import annotations

import re
from functools import cache

import pytest

pytest.importorskip("lark")
pytest.importorskip("latex2mathml")

from docs import lectures
from docs.lectures import COLUMNS, LOOKS, PAGES, Lecture
from tinygrad_lite.verifying.sheet import printed

NAMES = sorted(path.stem for path in PAGES.glob("*.md"))

SOME = NAMES[::4]
"""Pages that every run makes; the long one makes all."""

each_page = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SOME else pytest.mark.long) for name in NAMES]
)


@cache
def lecture(name: str) -> Lecture:
    return lectures.lecture(name)


@each_page
def test_each_statement_has_its_verdict_in_order_and_each_mistake_a_card(name):
    one = lecture(name)
    page, _, copy = lectures.page(one).partition(lectures.COPY)
    shown = re.findall(r'class="verdict \w+" title="([^"]*), line (\d+)[^"]*"[^>]*>(.)', page)
    assert shown == [
        (mark.verdict if mark.verdict != "holds when" else f"holds when {mark.why}", f"{line}", LOOKS[mark.verdict][0])
        for mark in one.report.marks
        for line in [mark.statement.formula.line]
    ]
    wrong = [k for k, mark in enumerate(one.copied.marks, 1) if mark.verdict == "misprinted"]
    assert re.findall(r'href="#s(\d+)"', page) == re.findall(r'id="s(\d+)"', copy) == [str(k) for k in wrong]
    for k in wrong:
        assert one.copied.marks[k - 1].why in copy


@each_page
def test_the_page_is_as_it_is_printed(name):
    """Its prose and the formulas in it word by word; those set apart as MathML, none of them left as LaTeX."""
    one = lecture(name)
    page = lectures.page(one)
    assert "<code>" not in page
    assert "$$" not in page
    for piece in re.split(r"\$\$.*?\$\$|\$[^$]+\$|^# .*$|<!--.*?-->", one.text, flags=re.DOTALL | re.MULTILINE):
        assert piece.strip() in page
    assert page.startswith(f"# {one.title}\n")


def test_rows_have_their_lines_and_sides():
    aligned = "\\begin{align}\na &= b \\\\\n&= c\n+ d \\\\\n&= e\n\\end{align}"
    assert list(lectures.rows_of(aligned, 7)) == [(8, "a", "= b"), (9, "", "= c + d"), (11, "", "= e")]
    assert list(lectures.rows_of("a = b,\n\\qquad c = d", 7)) == [(7, "a = b, \\qquad c = d", "")]


def test_the_table_counts_what_was_found():
    pages = [lecture(name) for name in SOME[:2]]
    rows = [line.strip("| ").split(" | ") for line in lectures.index(pages).splitlines() if line.startswith("| ")]
    assert tuple(rows[0]) == COLUMNS
    for one, row in zip(pages, rows[2:-1], strict=True):
        verdicts = [mark.verdict for mark in one.report.marks]
        claims = [k for k, verdict in enumerate(verdicts) if verdict.startswith("holds")]
        found = [one.copied.marks[k] for k in claims if one.copied.marks[k].verdict == "misprinted"]
        assert row[0] == f"[{one.title}]({one.name}.md)"
        assert [int(cell) for cell in row[1:]] == [
            len(claims), len(claims), len(found), sum(bool(mark.mended) for mark in found),
        ]  # fmt: skip
        assert all(printed(mark) for mark in found)
    assert rows[-1] == ["together", *[str(a + b) for a, b in zip(*[one.counts for one in pages], strict=True)]]
