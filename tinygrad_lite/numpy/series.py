"""``np.polynomial.polynomial``'s functions of polynomials, of Tensors: the lowest power comes first."""

from __future__ import annotations

from collections.abc import Callable
from operator import index
from typing import Any, Final

import numpy as np

from ..table import columns, joining, shapes
from ..table.arrays import values_of
from ..table.lists import as_array

MODULE: Final = "numpy.polynomial.polynomial"

# ---------------------------------------------------------------------------------------------------------------------
# Values


def power_series(x: Any, c: Any, tensor: bool = True) -> Any:
    """``polyval``: the coefficients, the lowest power first, may be a Tensor too."""
    c = columns.atleast_1d(as_array(c)) + 0.0
    x = x if type(x) in (int, float, complex) else as_array(x)  # Python's numbers leave c its precision
    c = c.reshape(c.shape + (1,) * np.ndim(x)) if tensor else c
    y = c[c.shape[0] - 1] + x * 0
    for k in range(c.shape[0] - 2, -1, -1):
        y = c[k] + y * x
    return y


def product_of_distances(x: Any, r: Any, tensor: bool = True) -> Any:
    """``polyvalfromroots``: the product of all x − r, of which either may be a Tensor."""
    x, r = as_array(x), columns.atleast_1d(as_array(r)) + 0.0
    if not tensor and x.ndim >= r.ndim:
        raise ValueError("polyvalfromroots: x must have fewer axes than r where tensor is False")
    return np.prod(x - (r.reshape(r.shape + (1,) * x.ndim) if tensor else r), axis=0)


def at_points(name: str, c: Any, *points: Any) -> Any:
    """A polynomial of several variables, whose powers are along the first axes of c, at points of one shape."""
    points = tuple([as_array(x) for x in points])
    if len({x.shape for x in points}) > 1:
        raise ValueError(
            f"{name}: coordinates of one shape are needed, got {', '.join([str(x.shape) for x in points])}"
        )
    c = power_series(points[0], c)
    for x in points[1:]:
        c = power_series(x, c, tensor=False)
    return c


def on_grid(c: Any, *points: Any) -> Any:
    """A polynomial of several variables, at every combination of the coordinates."""
    for x in points:
        c = power_series(x, c)
    return c


def powers(x: Any, deg: Any) -> Any:
    """``polyvander``: 1, x, x², … along a new last axis."""
    if index(deg) < 0:
        raise ValueError(f"polyvander: deg must not be negative, got {deg}")
    x = columns.atleast_1d(as_array(x)) + 0.0
    parts = [x * 0 + 1]
    for _ in range(index(deg)):
        parts.append(parts[-1] * x if len(parts) > 1 else x)
    return joining.stack(parts, axis=-1)


# ---------------------------------------------------------------------------------------------------------------------
# Sums and products


def trimmed(c: Any) -> Any:
    """Coefficients as floats without the zeros of the highest powers, but for the first; how many, the values say."""
    c = columns.atleast_1d(as_array(c)) + 0.0
    if c.ndim != 1 or not c.shape[0]:
        raise ValueError(f"a polynomial is a vector of coefficients, got shape {c.shape}")
    places = np.flatnonzero(values_of(c) != 0)
    return c[: int(places[-1]) + 1 if places.size else 1]


def added(c1: Any, c2: Any) -> Any:
    """``polyadd``."""
    c1, c2 = trimmed(c1), trimmed(c2)
    n = max(c1.shape[0], c2.shape[0])
    c1, c2 = [joining.concatenate([c, np.zeros(n - c.shape[0], c.dtype)]) for c in (c1, c2)]
    return trimmed(c1 + c2)


# ---------------------------------------------------------------------------------------------------------------------
# Derivatives and integrals


def order_and_rows(name: str, c: Any, m: Any, axis: Any) -> tuple[int, Any]:
    """How often, and the coefficients as floats, along the first axis."""
    times, c = index(m), columns.atleast_1d(as_array(c))
    if times < 0:
        raise ValueError(f"{name}: the order must not be negative, got {m}")
    c = c + 0.0 if c.dtype.kind in "iub" else c
    return times, shapes.moveaxis(c, index(axis), 0)


def in_dtype_of(c: Any, y: Any) -> Any:
    """What becomes of coefficients, in their dtype; raises TypeError for complex numbers of real ones."""
    if y.dtype == c.dtype:
        return y
    if not np.can_cast(y.dtype, c.dtype, "same_kind"):
        raise TypeError(
            f"polyder, polyint: coefficients of {c.dtype} do not become {y.dtype}; make them {y.dtype} first"
        )
    return y.astype(c.dtype)


def counting(n: int, c: Any) -> Any:
    """1, 2, …, n along the first axis, as floats as precise as c."""
    return np.arange(1, n + 1).astype(c.real.dtype).reshape((n,) + (1,) * (c.ndim - 1))


def derived(c: Any, m: Any = 1, scl: Any = 1, axis: Any = 0) -> Any:
    """``polyder``."""
    times, c = order_and_rows("polyder", c, m, axis)
    if times >= c.shape[0] > 0:
        return shapes.moveaxis(c[:1] * 0, 0, index(axis))
    for _ in range(times):
        c = in_dtype_of(c, c * scl)[1:] * counting(c.shape[0] - 1, c)
    return shapes.moveaxis(c, 0, index(axis))


def integrated(c: Any, m: Any = 1, k: Any = (), lbnd: Any = 0, scl: Any = 1, axis: Any = 0) -> Any:
    """``polyint``."""
    times, c = order_and_rows("polyint", c, m, axis)
    constants = list(k) if isinstance(k, (list, tuple)) or np.ndim(k) else [k]
    if len(constants) > times or np.ndim(lbnd) or np.ndim(scl):
        raise ValueError(f"polyint: k has up to {times} constants, got {len(constants)}; lbnd and scl are numbers")
    if any(np.ndim(constant) >= c.ndim for constant in constants):
        raise ValueError(f"polyint: a constant is a number, or has an axis less than c, of shape {c.shape}")
    for constant in [*constants, *[0] * (times - len(constants))]:
        c = in_dtype_of(c, c * scl)
        if c.shape[0] == 1 and np.all(values_of(c) == 0):
            c = in_dtype_of(c, c + constant)
            continue
        rest = c / counting(c.shape[0], c)
        whole = joining.concatenate([rest[:1] * 0, rest])
        first = in_dtype_of(c, whole[:1] + (constant - power_series(lbnd, whole)))
        c = joining.concatenate([first, rest])
    return shapes.moveaxis(c, 0, index(axis))


POWER_SERIES: Final[dict[str, Callable[..., Any]]] = {
    "polyadd": added,
    "polyder": derived,
    "polygrid2d": lambda x, y, c: on_grid(c, x, y),
    "polygrid3d": lambda x, y, z, c: on_grid(c, x, y, z),
    "polyint": integrated,
    "polymul": lambda c1, c2: trimmed(np.convolve(trimmed(c1), trimmed(c2))),
    "polysub": lambda c1, c2: added(c1, -trimmed(c2)),
    "polyval": power_series,
    "polyval2d": lambda x, y, c: at_points("polyval2d", c, x, y),
    "polyval3d": lambda x, y, z, c: at_points("polyval3d", c, x, y, z),
    "polyvalfromroots": product_of_distances,
    "polyvander": powers,
}
"""NumPy's name → what serves it where a Tensor is given."""
