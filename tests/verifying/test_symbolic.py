"""What holds is proved with symbols, and what is not known of symbols is not taken for proved."""

from __future__ import annotations

import pytest

import tinygrad_lite as tl

pytest.importorskip("sympy")

SOFTMAX = r"y_k = \frac{e^{z_k}}{\sum_j e^{z_j}}"


def status(text: str, **declared: str) -> str:
    return tl.read(text, proofs=True, **declared).marks[-1].proof.status


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        (rf"${SOFTMAX}$ $\frac{{\partial y_k}}{{\partial z_j}} = y_k (\delta_{{jk}} - y_j)$", {"z": "vector K"}),
        (r"$f(x) = \ln(1 + e^x)$ $f'(x) = \frac{1}{1 + e^{-x}}$", {}),
        (r"$g = x^T A x$ $\frac{\partial g}{\partial x} = 2 A x$", {"A": "matrix n × n, symmetric", "x": "vector n"}),
        (r"$\ln(a b) = \ln a + \ln b$", {"a": "number, positive", "b": "number, positive"}),
        (r"$\sum_k t_k = 1$", {"t": "vector K, probabilities"}),
        (r"$\|x\|^2 - y^2 = (x - y)(x + y)$", {"x": "number", "y": "number"}),
        (r"$y_k = e^{z_k}$ $\sum_k t_k y_k = y_l$", {"z": "vector K", "t": "vector K", "l": "label in K"}),
    ],
)
def test_what_holds_is_proved(text, declared):
    assert status(text, **declared).startswith("proved for axes of length 2")


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        (r"$|x|^2 = x^2$", {"x": "number"}),
        (r"$\det(A B) = \det A \det B$", {"A": "matrix n × n", "B": "matrix n × n"}),
        (r"$\|x\| \|y\| = \|y\| \|x\|$", {"x": "number", "y": "number"}),
    ],
)
def test_what_cannot_be_proved_holds_numerically(text, declared):
    report = tl.read(text, proofs=True, **declared)
    assert report
    assert not report.marks[-1].proof.proved


def test_nothing_is_proved_that_does_not_hold_or_was_not_asked_for():
    wrong = tl.read(rf"${SOFTMAX}$ $\frac{{\partial y_k}}{{\partial z_j}} = y_k$", proofs=True, z="vector K")
    assert [mark.proof.proved for mark in wrong.marks] == [False, False]
    assert not tl.read("$a + b = b + a$").marks[-1].proof.proved
    assert "1 proved." in repr(tl.read("$a + b = b + a$", proofs=True))
