"""Standard scores and moments of samples: ``scipy.stats``' zscore, skew and kurtosis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ..table.arrays import array, floating, values_of
from .loading import scipy_module
from .twins import twin

st = scipy_module("scipy.stats")


def centred(a: Any, axis: Any) -> tuple[Any, Any]:
    """Deviations from the means along an axis, and the means."""
    a = floating(array(a))
    mean = np.mean(a, axis=axis, keepdims=True)
    return a - mean, mean


def apart(spread: Any, mean: Any, power: int) -> Any:
    """A spread to a power; NaN where rounding is all there is to it, of entries that are equal."""
    rounding = np.abs(np.finfo(spread.dtype).eps * values_of(mean)) ** power
    return np.where(values_of(spread) <= rounding, spread.dtype.type(np.nan), spread)


def zscore(a: Any, axis: Any = 0, ddof: Any = 0) -> Any:
    """(x − x̄)/s along an axis."""
    deviations, mean = centred(a, axis)
    return deviations / apart(np.std(deviations, axis=axis, ddof=ddof, keepdims=True), mean, 1)


def standard_moment(a: Any, order: int, axis: Any, keepdims: bool) -> tuple[Any, int]:
    """The mean of (x − x̄)ᵏ over the k-th power of the standard deviation, along an axis, and of how many it is."""
    deviations, mean = centred(a, axis)
    y = np.mean(deviations**order, axis=axis, keepdims=keepdims)
    mean = mean if keepdims else mean.reshape(y.shape)
    variance = apart(np.mean(deviations**2, axis=axis, keepdims=keepdims), mean, 2)
    return y / variance ** (order / 2), deviations.size // max(mean.size, 1)


def skew(a: Any, axis: Any = 0, bias: bool = True, *, keepdims: bool = False) -> Any:
    """The third standard moment; without bias times √(n (n − 1))/(n − 2), of three or more."""
    y, n = standard_moment(a, 3, axis, keepdims)
    return y if bias or n < 3 else y * (((n - 1) * n) ** 0.5 / (n - 2))


def kurtosis(a: Any, axis: Any = 0, fisher: bool = True, bias: bool = True, *, keepdims: bool = False) -> Any:
    """The fourth standard moment, less 3 for Fisher's; of four or more without bias."""
    y, n = standard_moment(a, 4, axis, keepdims)
    if not bias and n > 3:
        y = ((n**2 - 1) * y - 3 * (n - 1) ** 2) / ((n - 2) * (n - 3)) + 3
    return y - 3 if fisher else y


MOMENTS: Final[dict[str, Callable[..., Any]]] = {
    f.__name__: twin(getattr(st, f.__name__), f) for f in (zscore, skew, kurtosis)
}
"""SciPy's name → SciPy's function with derivatives."""
