"""What the refusals of SciPy's functions say to write: SciPy's numbers, with their derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table.later import COMPOSED, public_name

linalg = pytest.importorskip("scipy.linalg")
import scipy.special as special  # noqa: E402
import scipy.stats as stats  # noqa: E402

import tinygrad_lite.scipy.linalg as our_linalg  # noqa: E402
import tinygrad_lite.scipy.special as our_special  # noqa: E402
import tinygrad_lite.scipy.stats as our_stats  # noqa: E402

RNG = np.random.default_rng(8)
T, U = RNG.uniform(0.5, 2.0, 5), RNG.uniform(0.5, 2.0, 5)
A = RNG.uniform(-1, 1, (5, 5)) + 6 * np.eye(5)
DIAGONALS = np.stack([np.diagonal(A)])
BAND = np.diag(np.diagonal(A))


def polar(a: Any) -> Any:
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return u @ vh


def share_entropy(t: Any) -> Any:
    p = t / np.sum(t)
    return -np.sum(p * np.log(p))


def by_factors(a: Any) -> Any:
    factors = linalg.lu_factor(a)
    return linalg.lu_solve(factors, T)


Function = Callable[[Any], Any]
EXAMPLES: dict[str, tuple[Any, Function, Function]] = {
    "linalg.lu": (A, lambda a: np.linalg.multi_dot(linalg.lu(a)), lambda a: a + 0),
    "linalg.lu_factor": (
        A,
        by_factors,
        lambda a: np.linalg.solve(a, T),
    ),
    "linalg.lu_solve": (T, lambda b: linalg.lu_solve(linalg.lu_factor(A), b), lambda b: np.linalg.solve(A, b)),
    "linalg.matmul_toeplitz": (T, lambda c: linalg.matmul_toeplitz(c, U), lambda c: our_linalg.toeplitz(c) @ U),
    "linalg.polar": (A, lambda a: linalg.polar(a)[0], polar),
    "linalg.solve_banded": (T, lambda b: linalg.solve_banded((0, 0), DIAGONALS, b), lambda b: np.linalg.solve(BAND, b)),
    "linalg.solve_continuous_lyapunov": (
        A,
        lambda a: linalg.solve_continuous_lyapunov(a, np.eye(5)),
        lambda a: our_linalg.solve_sylvester(a, a.T, np.eye(5)),
    ),
    "linalg.solve_toeplitz": (
        T + np.eye(5)[0] * 6,
        lambda c: linalg.solve_toeplitz(c, U),
        lambda c: np.linalg.solve(our_linalg.toeplitz(c), U),
    ),
    "linalg.solveh_banded": (T, lambda b: linalg.solveh_banded(DIAGONALS, b), lambda b: np.linalg.solve(BAND, b)),
    "special.comb": (T + 3, lambda n: special.comb(n, 2), lambda n: our_special.binom(n, 2)),
    "special.factorial": (T, lambda t: special.factorial(t), lambda t: our_special.gamma(t + 1)),
    "special.perm": (T + 3, lambda n: special.perm(n, 2), lambda n: our_special.poch(n - 2 + 1, 2)),
    "stats.entropy": (T, lambda t: stats.entropy(t), share_entropy),
    "stats.gmean": (T, lambda t: stats.gmean(t), lambda t: np.exp(np.mean(np.log(t), axis=0))),
    "stats.gstd": (T, lambda t: stats.gstd(t), lambda t: np.exp(np.std(np.log(t), axis=0, ddof=1))),
    "stats.gzscore": (T, lambda t: stats.gzscore(t), lambda t: our_stats.zscore(np.log(t))),
    "stats.hmean": (T, lambda t: stats.hmean(t), lambda t: 1 / np.mean(1 / t, axis=0)),
    "stats.iqr": (T, lambda t: stats.iqr(t), lambda t: np.ptp(np.percentile(t, [25, 75]))),
    "stats.linregress": (T, lambda t: stats.linregress(t, U)[:2], lambda t: np.polyfit(t, U, 1)),
    "stats.median_abs_deviation": (
        T,
        lambda t: stats.median_abs_deviation(t),
        lambda t: np.median(np.abs(t - np.median(t, axis=0)), axis=0),
    ),
    "stats.moment": (T, lambda t: stats.moment(t, 3), lambda t: np.mean((t - np.mean(t, axis=0)) ** 3, axis=0)),
    "stats.pearsonr": (T, lambda t: stats.pearsonr(t, U)[0], lambda t: np.corrcoef(t, U)[0, 1]),
    "stats.sem": (T, lambda t: stats.sem(t), lambda t: np.std(t, axis=0, ddof=1) / np.sqrt(len(t))),
    "stats.tmean": (T, lambda t: stats.tmean(t), np.mean),
    "stats.tvar": (T, lambda t: stats.tvar(t), lambda t: np.var(t, ddof=1)),
    "stats.variation": (T, lambda t: stats.variation(t), lambda t: np.std(t, axis=0) / np.mean(t, axis=0)),
    "stats.zmap": (T, lambda t: stats.zmap(t, U), lambda t: (t - np.mean(U)) / np.std(U)),
}


def test_all_that_are_composed_are_tested() -> None:
    assert set(EXAMPLES) == set(COMPOSED)


@pytest.mark.parametrize("name", COMPOSED)
def test_what_is_said_to_keep_the_gradient_gives_scipys_numbers(name: str) -> None:
    x, theirs, instead = EXAMPLES[name]
    np.testing.assert_allclose(instead(x), theirs(x), rtol=1e-10)
    tl.check_gradients(instead, x, order=1)
    with pytest.raises(TypeError, match=f"scipy.{name} has no derivative here, and it was given a Tensor") as caught:
        tl.grad(theirs)(x)
    assert f"{COMPOSED[name]} keeps it" in str(caught.value)


def test_public_names() -> None:
    assert public_name(linalg.lu) == "scipy.linalg.lu"
    assert public_name(stats.rankdata) == "scipy.stats.rankdata"
    for known in (linalg.expm, linalg.lstsq, stats.norm.pdf, np.sum, linalg, 3):
        assert public_name(known) is None
