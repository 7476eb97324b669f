r"""Homework, handouts and notebooks as different people write them are read, and mistakes in them are found.

The documents are in ``notes``: a student's network with samples as rows, a handout on logistic regression in LaTeX, a
statistician's likelihoods, a notebook on norms and attention, a physicist's indices, constraints and recursions.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tinygrad_lite.reading.printing import unicode_of
from tinygrad_lite.verifying.marks import Marked
from tinygrad_lite.verifying.papers import PageReport, read_file

NOTES = Path(__file__).parent / "notes"

COUNTS = {
    "backprop_in_rows.md": {"declares": 5, "defines": 8, "holds": 6, "holds when": 9},
    "logistic_newton.tex": {"declares": 2, "defines": 8, "holds": 18, "not a claim": 2},
    "likelihoods.md": {"declares": 2, "defines": 15, "holds": 17},
    "norms_and_attention.ipynb": {"declares": 4, "defines": 14, "holds": 14},
    "indices_and_recursions.md": {"defines": 15, "holds": 21, "not a claim": 3},
}
"""What comes of the statements of each document."""

PLANTED = {
    "backprop_in_rows.md": (
        (r"= A_1^\top \frac{\partial L}{\partial Z_2} =", r"= A_1^\top \frac{\partial L}{\partial Z_2} = -"),
        (r"\frac{\partial L}{\partial Z_2} W_2^\top$$", r"\frac{\partial L}{\partial Z_2} W_2$$"),
        (r"\odot \mathbb{1}[Z_1 > 0].$$", r"\odot \mathbb{1}[Z_1 < 0].$$"),
        (r"A_1^\top \delta_2 + \lambda W_2", r"A_1^\top \delta_2 + 2 \lambda W_2"),
    ),
    "logistic_newton.tex": (
        (r"&= -\sigma(a)(1 - \sigma(a))", r"&= \sigma(a)(1 - \sigma(a))"),
        (r"\sum_{i=1}^n (p_i - y_i)\, \x_i", r"\sum_{i=1}^n (y_i - p_i)\, \x_i"),
        (r"= \X\T \mathbf{S} \X. \label", r"= \X \mathbf{S} \X\T. \label"),
        (r"&= \w - (\X\T \mathbf{S} \X)^{-1} \X\T", r"&= \w + (\X\T \mathbf{S} \X)^{-1} \X\T"),
    ),
    "likelihoods.md": (
        (r"= n \Sigma^{-1} (\bar{x} - \mu)", r"= \Sigma^{-1} (\bar{x} - \mu)"),
        (r"+ n (\bar x - \mu)^T", r"- n (\bar x - \mu)^T"),
        (r"-\frac{n}{s} + \frac{1}{s^3}", r"-\frac{n}{s} + \frac{1}{s^2}"),
        (r"\operatorname{diag}(\pi) - \pi \pi^T", r"\operatorname{diag}(\pi) - \pi^T \pi"),
    ),
    "norms_and_attention.ipynb": (
        (r"\frac{2}{D} (x_i - \mu)", r"\frac{1}{D} (x_i - \mu)"),
        (r"\frac{1}{D} - \frac{\hat{x}_i \hat{x}_j}{D}", r"\frac{1}{D} + \frac{\hat{x}_i \hat{x}_j}{D}"),
        (r"(v_j + \epsilon)^{-3/2}", r"(v_j + \epsilon)^{-1/2} "),
        (r"\, dS^T Q", r"\, dS Q"),
    ),
    "indices_and_recursions.md": (
        (r"(A_{kj} + A_{jk}) x_j", r"(A_{kj} + A_{kj}) x_j"),
        (r"P w - \lambda a = 0", r"P w - \lambda a^T w = 0"),
        (r"(\nabla_{h^{(t)}} L)\, {h^{(t-1)}}^\top.", r"(\nabla_{h^{(t)}} L)\, {h^{(t)}}^\top."),
        (r"\gamma_{nk} \frac{x_n - \mu_k}{\sigma_k^2}", r"\gamma_{nk} \frac{\mu_k - x_n}{\sigma_k^2}"),
    ),
}
"""Mistakes: what stands in a document once, and what is put in its place."""


def sides(mark: Marked) -> tuple[str, str, int, int]:
    """What a statement says, and where."""
    left, right = mark.statement.left, mark.statement.right
    shown = [unicode_of(side) if side is not None else "" for side in (left, right)]
    return shown[0], shown[1], mark.statement.formula.cell, mark.statement.formula.line


@pytest.fixture(scope="module")
def reports() -> dict[str, PageReport]:
    """The documents as they are."""
    return {name: read_file(NOTES / name) for name in COUNTS}


@pytest.mark.parametrize("name", COUNTS)
def test_a_document_is_read_and_holds(reports, name):
    assert Counter(mark.verdict for mark in reports[name].marks) == COUNTS[name]
    conditions = {mark.why for mark in reports[name].marks if mark.verdict == "holds when"}
    assert conditions <= {"Σ Y = 1 along axis 1"}


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", COUNTS)
def test_each_planted_mistake_is_found_and_nothing_else(reports, name, tmp_path):
    text = (NOTES / name).read_text(encoding="utf-8")
    for old, new in PLANTED[name]:
        if name.endswith(".ipynb"):
            old, new = json.dumps(old)[1:-1], json.dumps(new)[1:-1]
        assert text.count(old) == 1
        text = text.replace(old, new)
    (tmp_path / name).write_text(text, encoding="utf-8")
    pairs = list(zip(reports[name].marks, read_file(tmp_path / name).marks, strict=True))
    changed = [(a, b) for a, b in pairs if sides(a) != sides(b)]
    assert len(changed) == len(PLANTED[name])
    assert {b.verdict for _, b in changed} == {"misprinted"}
    assert all(a.verdict == b.verdict for a, b in pairs if (a, b) not in changed)
