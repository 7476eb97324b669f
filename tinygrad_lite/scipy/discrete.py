"""Probabilities of whole numbers: the standard forms, in functions of the table."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .distributions import DiscreteDistribution
from .gammas import betainc, betaincc, gammaln, pdtr, pdtrc
from .loading import scipy_module
from .logarithms import xlog1py, xlogy

st = scipy_module("scipy.stats")


def is_probability(p: Any) -> Any:
    """Whether p lies from 0 to 1."""
    return (p >= 0) & (p <= 1)


def is_count(n: Any) -> Any:
    """Whether n is a whole number, and not negative."""
    return (n >= 0) & (np.floor(n) == n)


def log_choices(n: Any, k: Any) -> Any:
    """ln of n over k."""
    return gammaln(n + 1) - (gammaln(k + 1) + gammaln(n - k + 1))


DISCRETE: Final[dict[str, DiscreteDistribution]] = {
    "poisson": DiscreteDistribution(
        st.poisson,
        {
            "logpmf": lambda k, mu: xlogy(k, mu) - gammaln(k + 1) - mu,
            "cdf": lambda k, mu: pdtr(k, mu),
            "sf": lambda k, mu: pdtrc(k, mu),
        },
        lambda mu: mu >= 0,
    ),
    "binom": DiscreteDistribution(
        st.binom,
        {
            "logpmf": lambda k, n, p: log_choices(n, k) + xlogy(k, p) + xlog1py(n - k, -p),
            "cdf": lambda k, n, p: betaincc(k + 1, n - k, p),
            "sf": lambda k, n, p: betainc(k + 1, n - k, p),
        },
        lambda n, p: is_count(n) & is_probability(p),
        last=lambda n, p: n,
        whole=("n",),
    ),
    "bernoulli": DiscreteDistribution(
        st.bernoulli,
        {
            "logpmf": lambda k, p: xlogy(k, p) + xlog1py(1 - k, -p),
            "cdf": lambda k, p: 1 - p,
            "sf": lambda k, p: p * 1.0,
        },
        is_probability,
        last=lambda p: 1,
    ),
    "geom": DiscreteDistribution(
        st.geom,
        {
            "logpmf": lambda k, p: xlog1py(k - 1, -p) + np.log(p),
            "cdf": lambda k, p: -np.expm1(xlog1py(k, -p)),
            "sf": lambda k, p: np.exp(xlog1py(k, -p)),
            "logsf": lambda k, p: xlog1py(k, -p),
        },
        lambda p: (p > 0) & (p <= 1),
        first=1,
    ),
    "nbinom": DiscreteDistribution(
        st.nbinom,
        {
            "logpmf": lambda k, n, p: gammaln(n + k) - gammaln(k + 1) - gammaln(n) + n * np.log(p) + xlog1py(k, -p),
            "cdf": lambda k, n, p: betainc(n, k + 1, p),
            "sf": lambda k, n, p: betaincc(n, k + 1, p),
        },
        lambda n, p: (n > 0) & (p > 0) & (p <= 1),
    ),
}
"""SciPy's name → the distribution."""
