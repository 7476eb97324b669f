"""What a report says, in text and in notebooks."""

import copy
import html
import re

import numpy as np
import pytest

import tinygrad_lite as tl

Z = np.array([[0.5, -1.0, 0.3], [1.2, 0.1, -0.4]])
T = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def loss(z, t):
    return -np.sum(t * np.log(softmax(z)))


def gradient(z, t):
    return softmax(z) - t


def check(*args, **options):
    return tl.check_derivation(*args, **options)


class TestReport:
    def report(self):
        return check(loss, lambda z, t: t * (softmax(z) - 1), Z, T)

    def test_the_counterexample_is_one(self):
        example = self.report().counterexample
        assert example.given
        assert example.quantity == "∂loss/∂z"
        assert example.claimed == (T * (softmax(Z) - 1))[example.entry]
        assert example.autograd == pytest.approx(gradient(Z, T)[example.entry])

    def test_the_largest_error(self):
        report = check(loss, lambda z, t: gradient(z, t) + np.array([0, 0, 0.25]), Z, T, points=0)
        assert report.max_error == pytest.approx(0.25)
        assert report.counterexample.entry[1] == 2

    def test_lines_are_short(self):
        long = lambda z, t: gradient(z, t).T
        for report in (self.report(), check(loss, gradient, Z, T), check(loss, long, Z, T)):
            assert max(map(len, repr(report).splitlines())) <= 80
        assert repr(self.report()).startswith("∂loss/∂z: the derivation does not hold")

    def test_evidence_is_given(self):
        diagnosis = self.report().diagnosis
        assert str(diagnosis) == diagnosis.text
        off = float(re.search(r"off by (\S+)", diagnosis.evidence)[1])
        assert 0 <= off < 1e-12
        assert "all 9 points (54 numbers)" in diagnosis.evidence

    def test_alternatives_are_of_other_kinds(self):
        kinds = [d.kind for d in (self.report().diagnosis, *self.report().alternatives)]
        assert kinds == ["diagonal", "correct class"]

    def test_in_notebooks(self):
        text = self.report()._repr_html_()
        assert html.escape(self.report().diagnosis.text) in text
        assert text.count("<") == text.count(">") == len(re.findall(r"</?[a-z]", text))
        assert "✓" in check(loss, gradient, Z, T)._repr_html_()
        assert self.report().diagnosis.text in self.report()._repr_markdown_()

    def test_names_are_escaped(self):
        f = copy.copy(loss)
        f.__name__ = "<b>"
        try:
            assert "<b>" not in check(f, gradient, Z, T)._repr_html_()
        finally:
            f.__name__ = "loss"

    def test_a_claim_that_is_no_number(self):
        log = lambda z, t: gradient(z, t) + np.log(np.maximum(z, 0)) * 0
        report = check(loss, log, Z, T)
        assert not report.holds
        assert report.diagnosis.kind == "not finite"
        assert "in 2 of 6 entries" in report.diagnosis.text
        assert np.isinf(report.max_error)
