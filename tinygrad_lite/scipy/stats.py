"""SciPy's ``scipy.stats``, with derivatives: ``import tinygrad_lite.scipy.stats as stats``.

What has derivatives here is listed in ``SERVED``: distributions whose densities and distribution functions are
differentiated by the point and by every parameter, and moments of samples. All else is SciPy's own.

>>> import tinygrad_lite.scipy.stats as stats
>>> tl.grad(lambda m: stats.norm.logpdf(1.0, loc=m, scale=2.0))(0.0)
np.float64(0.25)
"""

from __future__ import annotations

from typing import Any

from .continuous import CONTINUOUS
from .discrete import DISCRETE
from .loading import scipy_module
from .moments import MOMENTS
from .several import SEVERAL_VARIABLES

original = scipy_module("scipy.stats")

SERVED = {**CONTINUOUS, **DISCRETE, **SEVERAL_VARIABLES, **MOMENTS}
"""What has derivatives here, by SciPy's names."""

globals().update(SERVED)


def __getattr__(name: str) -> Any:
    return getattr(original, name)


def __dir__() -> list[str]:
    return dir(original)
