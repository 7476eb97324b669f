"""Mistakes are named in every layout: samples in rows, in columns, in stacks, one alone."""

import numpy as np
import pytest

import tinygrad_lite as tl

RNG = np.random.default_rng(6)
T = np.eye(3)[[0, 2, 1, 1]]
Z = RNG.normal(size=(4, 3))
ANY = RNG.uniform(0.2, 1.0, (4, 3))

LAYOUTS = {
    "rows": (1, lambda x: x),
    "columns": (0, lambda x: x.T),
    "a stack of rows": (2, lambda x: np.stack([x, x[::-1]])),
    "a stack of columns": (1, lambda x: np.stack([x.T, x[::-1].T])),
    "one column": (0, lambda x: x[:1].T),
    "one row": (1, lambda x: x[:1]),
    "one sample": (0, lambda x: x[0]),
}

CLAIMS = {
    "sign": (lambda y, t, axis: t - y, T),
    "diagonal": (lambda y, t, axis: t * (y - 1), T),
    "correct class": (lambda y, t, axis: y - 1, T),
    "condition": (lambda y, t, axis: y - t, ANY),
    "factor": (lambda y, t, axis: 2 * (y * t.sum(axis=axis, keepdims=True) - t), T),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", CLAIMS)
def test_a_mistake_is_named(kind, layout):
    axis, arranged = LAYOUTS[layout]
    claim, t = CLAIMS[kind]

    def softmax(z):
        return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)

    f = lambda z, t: -np.sum(t * np.log(softmax(z)))
    report = tl.check_derivation(f, lambda z, t: claim(softmax(z), t, axis), arranged(Z), arranged(t))
    assert not report
    assert kind in [d.kind for d in (report.diagnosis, *report.alternatives)], report
    assert tl.check_derivation(f, lambda z, t: softmax(z) - t, arranged(Z), arranged(T)).verdict.startswith(
        "holds when Σ"
    )
