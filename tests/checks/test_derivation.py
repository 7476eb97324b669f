"""check_derivation on functions of any shape, and assert_derivation."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def test_assert_derivation():
    assert tl.assert_derivation(loss, gradient, Z, T) is None
    with pytest.raises(tl.DerivationMismatch, match="cross terms") as caught:
        tl.assert_derivation(loss, lambda z, t: t * (softmax(z) - 1), Z, T)
    assert isinstance(caught.value, AssertionError)
    assert caught.value.report.diagnosis.kind == "diagonal"


# ---------------------------------------------------------------------------------------------------------------------
# Any shape, any numbers

shapes = st.tuples(st.integers(1, 4), st.integers(2, 5))
seeds = st.integers(0, 2**16)


@settings(max_examples=25, deadline=None)
@given(shapes, seeds, st.booleans())
def test_the_gradient_of_cross_entropy_in_any_shape(shape, seed, hard):
    rng = np.random.default_rng(seed)
    t = np.eye(shape[1])[rng.integers(shape[1], size=shape[0])] if hard else softmax(rng.normal(size=shape))
    z = rng.normal(size=shape)
    assert check(loss, gradient, z, t, points=2, rng=seed)
    assert check(loss, lambda z, t: t - softmax(z), z, t, points=2, rng=seed).diagnosis.kind == "sign"
    report = check(loss, lambda z, t: t * (softmax(z) - 1), z, t, points=2, rng=seed)
    assert "diagonal" in [d.kind for d in (report.diagnosis, *report.alternatives)]


@settings(max_examples=25, deadline=None)
@given(shapes, seeds, st.floats(0.01, 100).filter(lambda c: abs(c - 1) > 1e-3))
def test_any_factor_is_found(shape, seed, c):
    z = np.random.default_rng(seed).normal(size=shape)
    report = check(np.tanh, lambda z: c * (1 - np.tanh(z) ** 2), z, points=2)
    factor = re.search(r"([\d.e-]+) × autograd", next(d for d in (report.diagnosis, *report.alternatives)).evidence)
    assert float(factor[1]) == pytest.approx(c, rel=1e-5)
