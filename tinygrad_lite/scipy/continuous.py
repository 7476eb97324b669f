"""Densities and distribution functions of one real number: the standard forms, in functions of the table."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from ..engine.protocols import plain
from ..engine.tensor import Tensor
from .distributions import Distribution, Support
from .gammas import (
    betainc,
    betaincc,
    betaincinv,
    betaln,
    gammainc,
    gammaincc,
    gammaincinv,
    gammaln,
    stdtr,
    student_log_density,
)
from .gaussian import expit, log_expit, log_ndtr, logit, ndtr, ndtri
from .loading import scipy_module
from .logarithms import xlog1py, xlogy

st = scipy_module("scipy.stats")

LOG_ROOT: Final = 0.5 * math.log(2 * math.pi)


def normal(x: Any) -> Any:
    """−x²/2 − ln √(2π)."""
    return -0.5 * x * x - LOG_ROOT


def student(x: Any, df: Any) -> Any:
    """Student's density, which is the normal one for df = ∞."""
    infinite = np.isinf(plain(df, Tensor))
    if not np.any(infinite):
        return student_log_density(x, df)
    return np.where(infinite, normal(x), student_log_density(x, np.where(infinite, 1.0, df)))


def log_normal(x: Any, s: Any) -> Any:
    """The density of e to the power of a normal variable."""
    u = np.log(x)
    return normal(u / s) - np.log(s) - u


def half_exponential(x: Any) -> Any:
    """e^(−|x|)/2."""
    return 0.5 * np.exp(-np.abs(x))


def laplace_quantile(q: Any) -> Any:
    """The inverse of Laplace's distribution function."""
    return np.where(plain(q, Tensor) > 0.5, -np.log(2 * (1 - q)), np.log(2 * q))


REAL: Final = Support()
POSITIVE: Final = Support(0.0)
ABOVE_ZERO: Final = Support(0.0, open=True)
UNIT: Final = Support(0.0, 1.0)

CONTINUOUS: Final[dict[str, Distribution]] = {
    "norm": Distribution(
        st.norm,
        {
            "logpdf": normal,
            "cdf": ndtr,
            "logcdf": log_ndtr,
            "sf": lambda x: ndtr(-x),
            "logsf": lambda x: log_ndtr(-x),
            "ppf": ndtri,
        },
    ),
    "t": Distribution(st.t, {"logpdf": student, "cdf": lambda x, df: stdtr(df, x), "sf": lambda x, df: stdtr(df, -x)}),
    "gamma": Distribution(
        st.gamma,
        {
            "logpdf": lambda x, a: xlogy(a - 1, x) - x - gammaln(a),
            "cdf": lambda x, a: gammainc(a, x),
            "sf": lambda x, a: gammaincc(a, x),
            "ppf": lambda q, a: gammaincinv(a, q),
        },
        POSITIVE,
    ),
    "invgamma": Distribution(
        st.invgamma,
        {
            "logpdf": lambda x, a: -(a + 1) * np.log(x) - gammaln(a) - 1 / x,
            "cdf": lambda x, a: gammaincc(a, 1 / x),
            "sf": lambda x, a: gammainc(a, 1 / x),
        },
        ABOVE_ZERO,
    ),
    "chi2": Distribution(
        st.chi2,
        {
            "logpdf": lambda x, df: xlogy(0.5 * df - 1, x) - 0.5 * x - gammaln(0.5 * df) - df * (0.5 * math.log(2)),
            "cdf": lambda x, df: gammainc(0.5 * df, 0.5 * x),
            "sf": lambda x, df: gammaincc(0.5 * df, 0.5 * x),
            "ppf": lambda q, df: 2 * gammaincinv(0.5 * df, q),
        },
        POSITIVE,
    ),
    "beta": Distribution(
        st.beta,
        {
            "logpdf": lambda x, a, b: xlog1py(b - 1, -x) + xlogy(a - 1, x) - betaln(a, b),
            "cdf": lambda x, a, b: betainc(a, b, x),
            "sf": lambda x, a, b: betaincc(a, b, x),
            "ppf": lambda q, a, b: betaincinv(a, b, q),
        },
        UNIT,
    ),
    "expon": Distribution(
        st.expon,
        {
            "logpdf": lambda x: -x,
            "cdf": lambda x: -np.expm1(-x),
            "sf": lambda x: np.exp(-x),
            "logsf": lambda x: -x,
            "ppf": lambda q: -np.log1p(-q),
        },
        POSITIVE,
    ),
    "laplace": Distribution(
        st.laplace,
        {
            "logpdf": lambda x: -np.abs(x) - math.log(2),
            "cdf": lambda x: np.where(plain(x, Tensor) > 0, 1 - half_exponential(x), half_exponential(x)),
            "sf": lambda x: np.where(plain(x, Tensor) > 0, half_exponential(x), 1 - half_exponential(x)),
            "logcdf": lambda x: np.where(
                plain(x, Tensor) > 0, np.log1p(-half_exponential(x)), -np.abs(x) - math.log(2)
            ),
            "logsf": lambda x: np.where(plain(x, Tensor) > 0, -np.abs(x) - math.log(2), np.log1p(-half_exponential(x))),
            "ppf": laplace_quantile,
        },
    ),
    "logistic": Distribution(
        st.logistic,
        {
            "logpdf": lambda x: log_expit(x) + log_expit(-x),
            "cdf": expit,
            "logcdf": log_expit,
            "sf": lambda x: expit(-x),
            "logsf": lambda x: log_expit(-x),
            "ppf": logit,
        },
    ),
    "lognorm": Distribution(
        st.lognorm,
        {
            "logpdf": log_normal,
            "cdf": lambda x, s: ndtr(np.log(x) / s),
            "logcdf": lambda x, s: log_ndtr(np.log(x) / s),
            "sf": lambda x, s: ndtr(-np.log(x) / s),
            "logsf": lambda x, s: log_ndtr(-np.log(x) / s),
            "ppf": lambda q, s: np.exp(s * ndtri(q)),
        },
        ABOVE_ZERO,
    ),
    "uniform": Distribution(
        st.uniform, {"logpdf": lambda x: x * 0.0, "cdf": lambda x: x, "sf": lambda x: 1 - x, "ppf": lambda q: q}, UNIT
    ),
    "cauchy": Distribution(
        st.cauchy,
        {
            "logpdf": lambda x: -math.log(math.pi) - np.log1p(x * x),
            "cdf": lambda x: np.arctan2(1.0, -x) / math.pi,
            "sf": lambda x: np.arctan2(1.0, x) / math.pi,
        },
    ),
    "halfnorm": Distribution(
        st.halfnorm,
        {
            "logpdf": lambda x: normal(x) + math.log(2),
            "cdf": lambda x: 2 * ndtr(x) - 1,
            "sf": lambda x: 2 * ndtr(-x),
            "logsf": lambda x: math.log(2) + log_ndtr(-x),
        },
        POSITIVE,
    ),
    "gumbel_r": Distribution(
        st.gumbel_r,
        {
            "logpdf": lambda x: -x - np.exp(-x),
            "cdf": lambda x: np.exp(-np.exp(-x)),
            "logcdf": lambda x: -np.exp(-x),
            "sf": lambda x: -np.expm1(-np.exp(-x)),
        },
    ),
    "weibull_min": Distribution(
        st.weibull_min,
        {
            "logpdf": lambda x, c: np.log(c) + xlogy(c - 1, x) - x**c,
            "cdf": lambda x, c: -np.expm1(-(x**c)),
            "sf": lambda x, c: np.exp(-(x**c)),
            "logsf": lambda x, c: -(x**c),
        },
        POSITIVE,
    ),
    "pareto": Distribution(
        st.pareto,
        {
            "logpdf": lambda x, b: np.log(b) - (b + 1) * np.log(x),
            "cdf": lambda x, b: -np.expm1(-b * np.log(x)),
            "sf": lambda x, b: np.exp(-b * np.log(x)),
            "logsf": lambda x, b: -b * np.log(x),
        },
        Support(1.0, point=2.0),
    ),
}
"""SciPy's name → the distribution."""
