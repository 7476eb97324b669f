"""scipy.stats' densities and distribution functions: values, derivatives, supports, parameters, adapted programs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

scipy_stats = pytest.importorskip("scipy.stats")
import scipy  # noqa: E402
import scipy.special  # noqa: E402
from scipy.special import polygamma  # noqa: E402
from scipy.stats import norm  # noqa: E402

import tinygrad_lite.scipy.stats as stats  # noqa: E402

CONTINUOUS = {
    "norm": (), "t": (3.5,), "gamma": (2.3,), "invgamma": (2.3,), "chi2": (3.2,), "beta": (1.7, 2.4), "expon": (),
    "laplace": (), "logistic": (), "lognorm": (0.8,), "uniform": (), "cauchy": (), "halfnorm": (), "gumbel_r": (),
    "weibull_min": (1.6,), "pareto": (2.5,),
}  # fmt: skip
DISCRETE = {"poisson": (2.5,), "binom": (5, 0.3), "bernoulli": (0.3,), "geom": (0.3,), "nbinom": (2.5, 0.4)}
WITHOUT = ("t", "gamma", "invgamma", "chi2", "beta")
"""Their distribution functions have no derivative with respect to the shape."""


def leaf(x: Any) -> Any:
    return tl.Tensor(np.asarray(x, float), requires_grad=True)


@pytest.mark.parametrize("method", ["logpdf", "pdf", "cdf", "sf", "logcdf", "logsf", "ppf"])
@pytest.mark.parametrize("name", CONTINUOUS)
def test_continuous(name: str, method: str) -> None:
    theirs, ours, shapes = getattr(scipy_stats, name), getattr(stats, name), CONTINUOUS[name]
    if method == "ppf" and "ppf" not in ours.forms:
        with pytest.raises(TypeError, match=f"{name}.ppf has no derivative here"):
            ours.ppf(leaf(0.5), *shapes)
        return
    x = np.array([0.1, 0.4, 0.8])
    x = x if method == "ppf" else theirs.ppf(x, *shapes, loc=0.3, scale=1.7)
    more = np.concatenate([x, [-50.0, 50.0, 0.3, 2.0, np.nan]]) if method != "ppf" else np.append(x, [-0.5, 1.5])
    with np.errstate(all="ignore"):
        expected = getattr(theirs, method)(more, *shapes, loc=0.3, scale=1.7)
    got = getattr(ours, method)(leaf(more), *shapes, loc=0.3, scale=1.7)
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got.data, expected, rtol=1e-12, atol=1e-16)
    where = np.array(0.3), np.array([1.7])
    if method in ("logpdf", "pdf") or name not in WITHOUT:
        f: Any = lambda x, m, s, *p: getattr(ours, method)(x, *p, loc=m, scale=s)
        tl.check_gradients(f, x, *where, *map(np.array, shapes), order=2)
    else:
        tl.check_gradients(lambda x, m, s: getattr(ours, method)(x, *shapes, m, s), x, *where, order=2)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_outside_of_the_support_and_for_wrong_parameters(name: str) -> None:
    ours, shapes = getattr(stats, name), CONTINUOUS[name]
    x = np.array([-50.0, 0.5, 50.0])
    for method in ("pdf", "cdf", "sf"):
        assert np.isfinite(tl.grad(lambda x, m=method: getattr(ours, m)(x, *shapes).sum())(x)).all()
    assert np.isnan(ours.logpdf(leaf(x), *shapes, 0, -1.0).data).all()
    if shapes:
        assert np.isnan(ours.logpdf(leaf(x), *[-1.0] * len(shapes)).data).all()


@pytest.mark.parametrize("method", ["logpmf", "pmf", "cdf", "sf", "logcdf", "logsf"])
@pytest.mark.parametrize("name", DISCRETE)
def test_discrete(name: str, method: str) -> None:
    theirs, ours, shapes = getattr(scipy_stats, name), getattr(stats, name), DISCRETE[name]
    k = np.array([-1, 0, 1, 2, 3, 5, 6, 1.5, np.nan])
    with np.errstate(all="ignore"):
        expected = getattr(theirs, method)(k, *shapes)
        got = getattr(ours, method)(k, *shapes[:-1], leaf(shapes[-1]))
    np.testing.assert_allclose(got.data, expected, rtol=1e-12, atol=1e-16)
    usual = np.array([0]) if name == "bernoulli" else np.array([1, 2])
    tl.check_gradients(lambda p: getattr(ours, method)(usual, *shapes[:-1], p), np.array(shapes[-1]), order=2)
    with pytest.raises(TypeError, match="no derivative with respect to k"):
        getattr(ours, method)(leaf(k), *shapes)


def test_arguments_are_scipys() -> None:
    x = leaf([0.5, 1.5])
    assert stats.norm(1.0, scale=2.0).logpdf(x).data.tolist() == stats.norm.logpdf(x, 1.0, 2.0).data.tolist()
    with pytest.raises(TypeError, match=r"gamma\.logpdf: missing a required argument: 'a'"):
        stats.gamma.logpdf(x)
    assert stats.norm.logpdf(0.5) == scipy_stats.norm.logpdf(0.5)
    assert stats.norm.mean() == 0.0
    assert stats.ks_2samp is scipy_stats.ks_2samp
    np.testing.assert_allclose(stats.t.logpdf(x, np.inf).data, stats.norm.logpdf(x).data)


A = np.array([[2.0, 0.3], [0.3, 1.0]])


@pytest.mark.parametrize(
    ("x", "mean", "cov"),
    [
        (np.array([0.3, 1.0]), np.array([0.0, 1.0]), A),
        (np.ones((4, 2)), None, A),
        (np.ones((3, 4, 2)), np.ones(2), np.array([1.0, 2.0])),
        (np.array(0.3), None, 2.0),
        (np.arange(3.0), np.array([0.5]), 1.5),
    ],
)
def test_multivariate_normal(x: Any, mean: Any, cov: Any) -> None:
    expected = scipy_stats.multivariate_normal.logpdf(x, mean, cov)
    got = stats.multivariate_normal.logpdf(leaf(x), mean, cov)
    assert got.shape == np.shape(expected)
    np.testing.assert_allclose(got.data, expected, rtol=1e-12)
    tl.check_gradients(lambda x: stats.multivariate_normal.logpdf(x, mean, cov), x, order=2)
    if mean is not None:
        tl.check_gradients(lambda m: stats.multivariate_normal(m, cov).logpdf(x), mean, order=2)


def test_the_normal_distribution_in_its_mean_and_covariance() -> None:
    """∂/∂m = C⁻¹ d and ∂/∂C = (C⁻¹ d dᵀ C⁻¹ − C⁻¹)/2, of d = x − m; adapted programs find the same."""
    x, mean, cov = np.array([0.3, 1.0]), np.array([0.1, -0.5]), A
    whitened = np.linalg.solve(cov, x - mean)
    of_cov = (np.outer(whitened, whitened) - np.linalg.inv(cov)) / 2

    def density(m: Any, c: Any) -> Any:
        return scipy_stats.multivariate_normal.logpdf(x, m, (c + c.T) / 2)

    for gradient in (
        tl.grad(lambda m, c: stats.multivariate_normal.logpdf(x, m, (c + c.T) / 2), (0, 1)),
        tl.grad(tl.adapt(density), (0, 1)),
    ):
        got_mean, got_cov = gradient(mean, cov)
        np.testing.assert_allclose(got_mean, whitened, rtol=1e-12)
        np.testing.assert_allclose(got_cov, of_cov, rtol=1e-12)
    tl.check_gradients(lambda m, c: stats.multivariate_normal.logpdf(x, m, (c + c.T) / 2), mean, cov, order=2)


def test_dirichlet() -> None:
    alpha, x = np.array([1.5, 2.0, 3.0]), np.array([0.2, 0.3, 0.5])
    for points in (x, x[:2], np.array([[0.2, 0.1], [0.3, 0.3], [0.5, 0.6]])):
        expected = scipy_stats.dirichlet.logpdf(points, alpha)
        got = stats.dirichlet.logpdf(points, leaf(alpha))
        assert got.shape == np.shape(expected)
        np.testing.assert_allclose(got.data, expected, rtol=1e-12)
    tl.check_gradients(lambda a: stats.dirichlet.pdf(x, a), alpha, order=2)
    tl.check_gradients(lambda x: stats.dirichlet.logpdf(x, alpha), x[:2], order=2)
    with pytest.raises(ValueError, match="greater than 0"):
        stats.dirichlet.logpdf(x, leaf(-alpha))


FROZEN = scipy_stats.gamma(2.0)


def program(t: Any) -> Any:
    total = scipy.special.logsumexp(t) + scipy.special.polygamma(1, t).sum() + polygamma(2, t).sum()
    return total + norm.logpdf(t).sum() + scipy.stats.norm(0, 1).cdf(t).sum() + FROZEN.logpdf(t).sum()


def test_adapted_programs() -> None:
    x = np.array([0.5, 1.5])
    adapted = tl.adapt(program)
    assert adapted(x) == pytest.approx(program(x))
    tl.check_gradients(adapted, x)
    with pytest.raises(TypeError, match=r"tl\.logsumexp"):
        tl.grad(program)(x)
