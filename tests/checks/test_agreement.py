"""When a claim agrees: in every scale, in its own precision, and not where a constant was rounded."""

import numpy as np
import pytest

import tinygrad_lite as tl

RNG = np.random.default_rng(3)
V = np.array([1.0, 2.0, -1.0])
X = RNG.normal(size=(4, 3))


def gelu(z):
    return z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))) / 2


def gelu_slope(z, c, k=0.044715):
    u = np.tanh(c * (z + k * z**3))
    return (1 + u) / 2 + z * (1 - u * u) * c * (1 + 3 * k * z * z) / 2


ROUNDED = [
    (lambda v: np.sum(np.sqrt(2 / np.pi) * v**2), lambda v: 1.595769 * v, (V,), 7),
    (lambda v: np.sum(np.sqrt(2 / np.pi) * v**2), lambda v: 1.5958 * v, (V[:, None],), 4),
    (lambda x: np.sum(gelu(x)), lambda x: gelu_slope(x, 0.797885), (X,), 6),
    (lambda x: np.pi * np.sum(x**2), lambda x: 6.2831853 * x, (X,), 8),
    (lambda x: np.sum(np.log10(x)), lambda x: 0.434294 / x, (np.abs(X),), 5),
]


@pytest.mark.parametrize(("f", "claimed", "args", "digits"), ROUNDED)
def test_a_rounded_constant_is_called_one(f, claimed, args, digits):
    report = tl.check_derivation(f, claimed, *args)
    assert report.verdict == "does not hold"
    assert report.diagnosis.kind == "rounded"
    assert f"agrees to {digits} digits" in report.diagnosis.text
    loose = float(report.diagnosis.evidence.split("tolerance=")[1].split()[0])
    assert tl.check_derivation(f, claimed, *args, tolerance=loose)


@pytest.mark.parametrize("off", [1e-3, 0.01])
def test_what_is_further_off_is_no_rounding(off):
    report = tl.check_derivation(lambda v: np.sum(v**2), lambda v: 2 * v * (1 + off), V)
    assert report.diagnosis.kind == "factor"


class TestScales:
    @pytest.mark.parametrize("small", [1e-3, 1e-9])
    def test_entries_are_compared_with_their_own_size(self, small):
        f = lambda x: 1e2 * np.sin(x[0]) + small * np.sin(x[1])
        right = lambda x: np.array([1e2 * np.cos(x[0]), small * np.cos(x[1])])
        assert tl.check_derivation(f, right, X[0, :2]).verdict == "holds"
        report = tl.check_derivation(f, lambda x: right(x) * [1, 2], X[0, :2])
        assert report.verdict == "does not hold"

    def test_the_entries_are_named(self):
        f = lambda w, s: np.sum(np.sin(w * s))
        s = np.array([1e3, 1.0, 1e-7])
        report = tl.check_derivation(f, lambda w, s: np.cos(w * s) * s * [1, 1, 2], RNG.normal(size=3), s, points=0)
        assert report.diagnosis.kind == "entries"
        assert "[2]" in report.diagnosis.text

    def test_what_rounding_makes_is_no_mistake(self):
        A = np.vander(np.linspace(1, 2, 7), increasing=True)  # of a condition of 10⁸
        f = lambda b, A: np.sum(np.linalg.solve(A, b) ** 2) / 2
        assert tl.check_derivation(
            f, lambda b, A: np.linalg.inv(A).T @ np.linalg.inv(A) @ b, RNG.normal(size=7), A, tolerance=1e-6
        )
        f = lambda x: np.sum((x - x.mean()) ** 2) / 2
        assert tl.check_derivation(f, lambda x: x - x.mean(), np.array([1e8, 1e8 + 1, 1e8 + 3]), points=0)
        softmax = lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum()
        f = lambda z, t: -np.sum(t * np.log(softmax(z)))
        assert tl.check_derivation(f, lambda z, t: softmax(z) - t, np.array([0.0, 12.0, 25.0]), np.eye(3)[2])


class TestPrecision:
    @pytest.mark.parametrize("dtype", [np.float32, np.float16])
    @pytest.mark.parametrize("x", [X, V, V[:, None], X.astype(np.float32), np.stack([X, X])])
    def test_a_claim_is_compared_in_its_own(self, x, dtype):
        report = tl.check_derivation(lambda x: np.sum(np.sin(x)), lambda x: np.cos(x).astype(dtype), x)
        assert report.verdict == "holds"
        assert f"the claim is of {np.dtype(dtype).name}" in " ".join(report.remarks)
        assert not tl.check_derivation(lambda x: np.sum(np.sin(x)), lambda x: 1.1 * np.cos(x).astype(dtype), x)

    def test_arguments_in_single_precision_are_no_claim_in_it(self):
        report = tl.check_derivation(lambda x: np.sum(np.sin(x)), np.cos, X.astype(np.float32))
        assert report.max_error < 1e-12
        assert not report.remarks


def test_a_formula_that_cancels_far_out_holds():
    """1 − y² of a saturated y has three digits left, and the derivative all of them."""
    A, x = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([0.5, -1.0])
    slope = lambda A, x: np.outer(1 - np.tanh(A @ x) ** 2, x)
    assert tl.check_derivation(lambda A, x: np.sum(np.tanh(A @ x)), slope, A, x).verdict == "holds"
    tiny = lambda A, x: 1e-20 * np.sum(np.tanh(A @ x))
    assert not tl.check_derivation(tiny, lambda A, x: 1.01e-20 * slope(A, x), A, x)
