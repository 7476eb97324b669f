"""Which arrays there are, and how to make one like another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any, Final

import numpy as np

from .ducks import DuckArray, duck

PLAIN: Final = frozenset({np.ndarray, float, int, bool, np.float64, np.float32, np.int64, np.bool})
"""Types of operands that are ready for computing as they are: nearly all, so they are let through first."""

CONTINUOUS: Final = "fcO"
"""Kinds of dtypes whose numbers change by a little: floats, complex numbers, symbols."""

HALF: Final = np.dtype(np.float16)
"""Half precision, whose sums are taken in single precision: from 2048 on, 1 more is lost in it."""

add_over: Final[Any] = np.add.reduce
max_over: Final[Any] = np.maximum.reduce
min_over: Final[Any] = np.minimum.reduce


def sum_over(x: Any, axis: Any = 0, dtype: Any = None, out: None = None, keepdims: bool = False) -> Any:
    """``np.add.reduce``: sums without the detour that ``x.sum`` takes through Python; of half precision in single."""
    if x.dtype is HALF and dtype is None:
        return add_over(x, axis, np.float32, out, keepdims).astype(HALF)
    return add_over(x, axis, dtype, out, keepdims)


def summed(g: Any, axis: Any, keepdims: bool = False) -> Any:
    """:func:`sum_over`, in derivative rules: of arrays, and of whatever else is written there."""
    is_array = type(g) is np.ndarray
    return sum_over(g, axis, None, None, keepdims) if is_array else g.sum(axis=axis, keepdims=keepdims)


def array(x: Any) -> Any:
    """``x`` itself if it has a shape, else an array of it. Raises TypeError for what NumPy takes for one object."""
    if type(x) is np.ndarray or hasattr(type(x), "__record__") or hasattr(x, "shape"):
        return x
    made = np.asarray(x)
    if not made.ndim and made.dtype == object and isinstance(x, (Iterator, Mapping, Set, type(None))):
        raise TypeError(f"an array of numbers is needed, not {type(x).__name__}; np.array(list(…)) makes one")
    return made


def values_of(x: Any) -> Any:
    """The numbers of an array that may be recorded, to be read: no derivative flows through them."""
    return x._snapshot() if hasattr(type(x), "__record__") else as_numbers(x)


def as_numbers(x: Any) -> Any:
    """``np.asarray`` of what is not recorded; arrays of other libraries stay where they are."""
    if type(x) is np.ndarray:
        return x
    x = duck(x)
    return x if type(x) is DuckArray else np.asarray(x)


def some(mask: Any) -> Any:
    """Whether it is true anywhere; of one truth value quicker than ``any``. Yes, of numbers that are not looked at."""
    if type(mask) is DuckArray:
        return True
    return mask.any() if getattr(mask, "ndim", 0) else mask


def counted(n: int, beside: Any) -> Any:
    """The numbers 0 … n − 1, where another array lives."""
    return beside.kind.counted(n) if type(beside) is DuckArray else np.arange(n)


def floating(x: Any) -> Any:
    """``x``, integers and booleans as float64, as NumPy's means take them."""
    return x.astype(np.float64) if x.dtype.kind in "iub" else x


def values(x: Any) -> Any:
    """The numbers alone, for what depends on them in steps: indices, exponents, truth values."""
    return x._snapshot() if hasattr(type(x), "__record__") else as_numbers(x)


def functions(*names: str) -> tuple[Any, ...]:
    """NumPy's functions of these names, as many of them as this release has."""
    return tuple([getattr(np, name) for name in names if hasattr(np, name)])


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """The transpose of broadcasting from ``shape``: the sum over the axes that it added or stretched."""
    added = g.ndim - len(shape)
    if added:
        g = summed(g, tuple(range(added)))
    stretched = tuple([axis for axis, n in enumerate(shape) if n == 1 and g.shape[axis] != 1])
    return summed(g, stretched, True) if stretched else g


def zeros_like(x: Any) -> Any:
    """Zeros of the shape and dtype of a value; floats for what is no float, objects of their own kind."""
    if x.dtype.kind == "O":  # a plain 0 is no scalar of NumPy's
        return x * 0
    if type(x) is DuckArray:
        zeros: Any = np.zeros_like(x, dtype=x.dtype if x.dtype.kind in CONTINUOUS else float)
        return as_number(zeros)
    return np.zeros(x.shape, x.dtype if x.dtype.kind in CONTINUOUS else float)[()]


def ones_like(x: Any) -> Any:
    """Ones of the shape and dtype of a value, as :func:`zeros_like`."""
    if x.dtype.kind == "O":
        return x * 0 + 1
    dtype = x.dtype if x.dtype.kind in CONTINUOUS else np.dtype(float)
    if type(x) is DuckArray:
        ones: Any = np.ones_like(x, dtype=dtype)
        return as_number(ones)
    return np.ones(x.shape, dtype) if x.shape else dtype.type(1)


def as_number(x: Any) -> Any:
    """An array without axes as a number, where these are two things."""
    return x[()] if x.kind.writable and not x.shape else x


def zeros(shape: Any, dtype: Any, beside: Any) -> Any:
    """Zeros of a shape, where another array lives."""
    beside = values_of(beside)
    return np.zeros_like(beside, dtype, shape=tuple(shape)) if type(beside) is DuckArray else np.zeros(shape, dtype)


def as_dtype_of(x: Any, y: Any) -> Any:
    """``x`` in the dtype of ``y``."""
    x = array(x)
    dtype = y.dtype
    return x if x.dtype is dtype or x.dtype == dtype else x.astype(dtype)


def real_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """That of the parts of complex numbers; of others itself."""
    return np.empty(0, dtype).real.dtype
