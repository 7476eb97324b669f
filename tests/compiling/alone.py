"""What compiled functions are tested by: the same numbers, and a text that needs nothing but NumPy."""

from __future__ import annotations

import builtins
import sys
from typing import Any

import numpy as np

from tinygrad_lite.engine.trees import flatten

ALLOWED = {"numpy", "scipy"} | sys.stdlib_module_names


def only_numpy(name, *args, **kwargs):
    """An import statement that knows few libraries."""
    if name.partition(".")[0] not in ALLOWED:
        raise AssertionError(f"the source imports {name}")
    return builtins.__import__(name, *args, **kwargs)


def standing_alone(version: Any) -> Any:
    """The function that the source of a version makes where this library is not."""
    for name, x in version.source.outside.items():
        module = getattr(x, "__module__", None) or type(x).__module__
        assert isinstance(x, type) or not module.startswith("tinygrad_lite"), (name, x)
    space = {"__builtins__": vars(builtins) | {"__import__": only_numpy}}
    exec(version.source.text, space)
    return space["make"](*version.source.outside.values())


def difference(found: Any, wanted: Any, ulps: int = 0) -> str | None:
    """How two results differ: in their containers, their kinds, or in more than so many units in the last place."""
    (ours, ours_in), (theirs, theirs_in) = flatten(found), flatten(wanted)
    if ours_in != theirs_in:
        return f"containers {ours_in} for {theirs_in}"
    for k, (x, y) in enumerate(zip(ours, theirs, strict=True)):
        if type(x) is not type(y) and not (isinstance(x, (float, np.floating)) and isinstance(y, (float, np.floating))):
            return f"{k}: {type(x).__name__} for {type(y).__name__}"
        if not isinstance(x, (np.ndarray, np.generic)):
            if x != y and x == x:
                return f"{k}: {x!r} for {y!r}"
            continue
        if (x.shape, x.dtype) != (y.shape, y.dtype):
            return f"{k}: {x.dtype}{list(x.shape)} for {y.dtype}{list(y.shape)}"
        if x.dtype.kind in "fc":
            if not ulps and not np.array_equal(x, y, equal_nan=True):
                return f"{k}: off by {farthest(x, y)}"
            if ulps and not np.allclose(
                x, y, rtol=ulps * np.finfo(x.dtype).eps, atol=ulps * np.finfo(x.dtype).eps * scale(y), equal_nan=True
            ):
                return f"{k}: off by {farthest(x, y)}, more than {ulps} units"
        elif not np.array_equal(x, y):
            return f"{k}: other numbers"
    return None


def scale(y):
    """The size of the largest finite number, to which rounding is relative."""
    finite = np.abs(y[np.isfinite(y)])
    return float(finite.max()) if finite.size else 0.0


def farthest(x, y):
    with np.errstate(all="ignore"):
        off = np.abs(np.asarray(x) - y)
    return f"{np.nanmax(off) if off.size else 0.0:.3g} of {scale(np.asarray(y)):.3g}"
