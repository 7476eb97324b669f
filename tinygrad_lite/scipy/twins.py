"""SciPy's functions that NumPy has, too, or nearly: of Tensors computed by NumPy's, of anything else by SciPy's own."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ..engine.protocols import plain
from ..engine.tensor import Tensor
from ..table.arrays import array, values_of
from .sums import recorded

WITHOUT_EFFECT: Final = frozenset(
    {"overwrite_a", "overwrite_b", "overwrite_x", "check_finite", "workers", "lapack_driver", "driver", "lwork"}
)
"""How a result is computed, not what it is; what is not finite is looked for before."""

CHECKED: Final = frozenset({"lapack_driver", "driver", "lwork", "workers"})
"""Those of which SciPy refuses some values: it is asked, of the values, where one is given."""


def twin(original: Callable[..., Any], served: Callable[..., Any]) -> Callable[..., Any]:
    """SciPy's function, of Tensors by another that takes the arguments it has in common with SciPy's by their names.

    Raises TypeError for an argument that the other does not take, unless it is SciPy's default, and as SciPy does.
    """
    theirs = inspect.signature(original)
    ours = inspect.signature(served).parameters
    where = f"scipy.{str(original.__module__).split('.')[1]}.{original.__name__}"

    @functools.wraps(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        if not recorded(*args, *kwargs.values()):
            return original(*args, **kwargs)
        given = theirs.bind(*args, **kwargs).arguments
        if not CHECKED.isdisjoint(given):
            original(**plain({name: x for name, x in given.items() if not name.startswith("overwrite")}, Tensor))
        if "check_finite" in theirs.parameters and given.get("check_finite", True):
            refuse_infinite(where, given.get("a"), given.get("b"))
        for name, value in given.items():
            if name not in ours and name not in WITHOUT_EFFECT and value is not theirs.parameters[name].default:
                raise TypeError(f"{where}: takes no {name}={shown(value)} when recorded")
        return served(**{name: value for name, value in given.items() if name in ours})

    return function


def refuse_infinite(where: str, *arrays: Any) -> None:
    """Raise ValueError, as SciPy does unless it is told ``check_finite=False``, for what is infinite or NaN."""
    for x in arrays:
        if x is not None and not np.isfinite(values_of(array(x))).all():
            raise ValueError(f"{where}: array must not contain infs or NaNs; check_finite=False lets them pass")


def shown(value: Any) -> str:
    """A keyword's value, of an array what it is."""
    return f"{type(value).__name__} of shape {value.shape}" if hasattr(value, "shape") else repr(value)
