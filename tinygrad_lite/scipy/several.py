"""Densities of several numbers at once: the normal distribution's and Dirichlet's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ..engine.protocols import plain
from ..engine.tensor import Tensor
from ..table.lists import as_array
from .distributions import Frozen
from .gammas import gammaln
from .loading import scipy_module
from .logarithms import xlogy
from .sums import recorded

st = scipy_module("scipy.stats")


class MultivariateDistribution:
    """A distribution of several numbers, as SciPy's of that name; of arrays alone it is SciPy's.

    Parameters
    ----------
    name : SciPy's
    log_density : ln of the density, of the point and the parameters that SciPy's takes
    """

    def __init__(self, name: str, log_density: Callable[..., Any]) -> None:
        self.name: Final = name
        self.original: Final = getattr(st, name)
        self.log_density: Final = log_density
        self.__doc__ = self.original.__doc__

    def logpdf(self, x: Any, *args: Any, **kwds: Any) -> Any:
        """The logarithm of the density, with SciPy's parameters."""
        if recorded(x, *args, *kwds.values()):
            return self.log_density(x, *args, **kwds)
        return self.original.logpdf(x, *args, **kwds)

    def pdf(self, x: Any, *args: Any, **kwds: Any) -> Any:
        """The density, with SciPy's parameters."""
        if recorded(x, *args, *kwds.values()):
            return np.exp(self.log_density(x, *args, **kwds))
        return self.original.pdf(x, *args, **kwds)

    def __call__(self, *args: Any, **kwds: Any) -> Any:
        """The distribution with its parameters."""
        return Frozen(self, args, kwds)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)

    def __repr__(self) -> str:
        return f"<distribution {self.name}>"


# ---------------------------------------------------------------------------------------------------------------------
# Normal


def normal_log_density(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """−(d ln 2π + ln |C| + (x − m)ᵀ C⁻¹ (x − m))/2, the last axis of x being the variables.

    A covariance that is a Tensor is taken apart by Cholesky's decomposition, and so must be positive definite.
    """
    values = [None if v is None else plain(as_array(v), Tensor) for v in (mean, cov)]
    dim, center, matrix = st.multivariate_normal._process_parameters_psd(None, *values)
    x = points(as_array(x), dim)
    deviation = x - (center if mean is None else np.reshape(as_array(mean), (dim,)))
    if recorded(cov):
        whitened, logarithm = whitened_by_cholesky(deviation, square(as_array(cov), dim))
        rank = dim
    else:
        psd = st._multivariate._PSD(matrix, allow_singular=allow_singular)
        whitened, logarithm, rank = deviation @ psd.U, psd.log_pdet, psd.rank
    y = -0.5 * (rank * math.log(2 * math.pi) + logarithm + np.sum(whitened * whitened, axis=-1))
    return y.reshape(()) if y.size == 1 else np.squeeze(y)


def points(x: Any, dim: int) -> Any:
    """Points along the last axis, as SciPy reads what has fewer axes."""
    if x.ndim == 0:
        return x.reshape((1,))
    return x.reshape((-1, 1) if dim == 1 else (1, -1)) if x.ndim == 1 else x


def square(cov: Any, dim: int) -> Any:
    """A covariance matrix, of what SciPy takes: a number, the diagonal, or the matrix."""
    if cov.ndim < 2:
        return np.eye(dim) * cov
    return cov


def whitened_by_cholesky(deviation: Any, cov: Any) -> tuple[Any, Any]:
    """Deviations in coordinates without correlation, and ln |C|."""
    factor = np.linalg.cholesky(cov)
    rows = deviation.reshape((-1, deviation.shape[-1]))
    whitened = np.linalg.solve(factor, rows.T).T.reshape(deviation.shape)
    return whitened, 2 * np.sum(np.log(np.diagonal(factor)))


# ---------------------------------------------------------------------------------------------------------------------
# Dirichlet


def dirichlet_log_density(x: Any, alpha: Any) -> Any:
    """ln Γ(Σ α) − Σ ln Γ(αₖ) + Σ (αₖ − 1) ln xₖ; x may lack the last entry, which is 1 minus the others."""
    x, alpha = as_array(x), as_array(alpha)
    st.dirichlet.logpdf(plain(x, Tensor), plain(alpha, Tensor))  # raises for what it does not take
    if x.shape[0] != alpha.shape[0]:
        x = np.concatenate([x, np.expand_dims(1 - np.sum(x, axis=0), 0)])
    normaliser = np.sum(gammaln(alpha)) - gammaln(np.sum(alpha))
    y = np.sum(xlogy(alpha - 1, x.T).T, axis=0) - normaliser
    return y.reshape(()) if y.size == 1 else np.squeeze(y)


SEVERAL_VARIABLES: Final[dict[str, MultivariateDistribution]] = {
    "multivariate_normal": MultivariateDistribution("multivariate_normal", normal_log_density),
    "dirichlet": MultivariateDistribution("dirichlet", dirichlet_log_density),
}
"""SciPy's name → the distribution."""
