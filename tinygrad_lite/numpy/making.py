"""What stands for NumPy's functions: lists that hold Tensors are stacked, and arrays are made as Tensors."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Final

import numpy as np

from ..engine.recording import making_tensors
from ..engine.tensor import Tensor
from ..table import shapes
from ..table.arrays import array as as_array

MAKERS: Final[frozenset[Any]] = frozenset[Any](
    {
        np.zeros, np.ones, np.empty, np.full, np.eye, np.identity, np.arange, np.linspace, np.logspace, np.geomspace,
        np.zeros_like, np.ones_like, np.empty_like, np.full_like, np.tri, np.diag, np.diagflat, np.meshgrid,
        np.fromiter, np.fromfunction, np.frombuffer, np.fromstring, np.loadtxt, np.genfromtxt, np.load,
        np.vander, np.indices, np.hanning, np.hamming, np.blackman, np.bartlett, np.kaiser,
        np.fft.fftfreq, np.fft.rfftfreq, np.tile, np.repeat, np.append, np.insert, np.delete,
    }
)  # fmt: skip
"""NumPy's functions that make arrays from what is no array to differentiate."""

JOINERS: Final[frozenset[Any]] = frozenset(
    {
        np.concatenate, np.stack, np.hstack, np.vstack, np.dstack, np.column_stack, np.block, np.select, np.choose,
        np.broadcast_arrays, np.linalg.multi_dot,
    }
)  # fmt: skip
"""NumPy's functions of a sequence of arrays: its members are the arrays."""


def holds_tensors(x: Any) -> bool:
    """Whether a Tensor is in a list or tuple, or in one within it."""
    return any(type(part) is Tensor or (isinstance(part, (list, tuple)) and holds_tensors(part)) for part in x)


def stacked(x: Any) -> Any:
    """Nested lists of Tensors, arrays and numbers as one Tensor."""
    parts = [stacked(part) if isinstance(part, (list, tuple)) else as_array(part) for part in x]
    try:
        return shapes.stack(parts) if parts else np.zeros(0)
    except ValueError as error:
        raise ValueError(f"array: the parts of a list need the same shape ({error})") from None


def as_argument(x: Any) -> Any:
    """An argument, stacked if it is a list that holds Tensors."""
    return stacked(x) if isinstance(x, (list, tuple)) and holds_tensors(x) else x


def as_tensor(x: Any) -> Any:
    """Arrays of floats as Tensors that can be written to; all else as it is."""
    if isinstance(x, np.ndarray) and type(x) is np.ndarray and x.dtype.kind == "f" and x.ndim:
        return Tensor(x)
    if isinstance(x, (list, tuple)) and x and all(isinstance(part, np.ndarray) for part in x):
        return type(x)([as_tensor(part) for part in x])
    return x


def array(
    object: Any,
    dtype: Any = None,
    *,
    copy: bool | None = True,
    order: Any = "K",
    subok: bool = False,
    ndmin: int = 0,
    **options: Any,
) -> Any:
    """``np.array``: of nested lists of Tensors and numbers, a Tensor; of a Tensor, a copy.

    >>> tnp = tl.numpy
    >>> tnp.array([tl.tensor(1.0), 2.0])
    Tensor([1., 2.])
    """
    if isinstance(object, (list, tuple)) and holds_tensors(object):
        made = stacked(object)
    elif type(object) is Tensor:
        made = object.copy(order or "K") if copy and dtype in (None, object.dtype) else object
    else:
        made = np.array(object, dtype, copy=copy, order=order, subok=subok, ndmin=ndmin, **options)
        return as_tensor(made) if making_tensors() else made
    if dtype is not None and np.dtype(dtype) != made.dtype:
        made = made.astype(dtype)
    return made.reshape((1,) * (ndmin - made.ndim) + made.shape) if made.ndim < ndmin else made


def asarray(a: Any, dtype: Any = None, order: Any = None, **options: Any) -> Any:
    """``np.asarray``: a Tensor is an array already."""
    return array(a, dtype, copy=None, order=order, **options)


def copy(a: Any, order: Any = "K", subok: bool = False) -> Any:
    """``np.copy``."""
    return array(a, order=order, subok=subok)


class Concatenator:
    """``np.r_`` and ``np.c_``."""

    def __init__(self, original: Any, columns: bool) -> None:
        self.original = original
        self.columns = columns

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if not holds_tensors(parts):
            made = self.original[key]
            return as_tensor(made) if making_tensors() else made
        if any(isinstance(part, str) for part in parts):
            raise TypeError("np.r_ and np.c_: directives in a string are not recorded; use np.concatenate or np.stack")
        arrays = [np.r_[part] if isinstance(part, slice) else as_argument(part) for part in parts]
        if not self.columns:
            return shapes.concatenate([shapes.atleast_1d(part) for part in arrays], axis=-1)
        columns = [as_array(part) for part in arrays]
        return shapes.concatenate([x.reshape((-1, 1)) if x.ndim < 2 else x for x in columns], axis=-1)


REPLACED: Final[dict[Any, Any]] = {
    np.array: array,
    np.asarray: asarray,
    np.asanyarray: asarray,
    np.ascontiguousarray: asarray,
    np.asfortranarray: asarray,
    np.copy: copy,
}


class Function:
    """A function of NumPy that takes lists of Tensors for arrays, and makes Tensors where arrays are made."""

    def __init__(self, original: Callable[..., Any], makes: bool = False) -> None:
        functools.update_wrapper(self, original, updated=())
        self.original = original
        self.joins = original in JOINERS
        self.makes = makes

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.joins and args and isinstance(args[0], (list, tuple)):
            args = (type(args[0])([as_argument(part) for part in args[0]]), *args[1:])
        else:
            args = tuple([as_argument(x) if type(x) in (list, tuple) else x for x in args])
        for key, x in kwargs.items():
            if type(x) in (list, tuple):
                kwargs[key] = as_argument(x)
        result = self.original(*args, **kwargs)
        return as_tensor(result) if self.makes and making_tensors() else result

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)

    def __repr__(self) -> str:
        return repr(self.original)


class Draws:
    """A random generator whose draws are arrays that can be written to."""

    def __init__(self, original: Any) -> None:
        self.original = original

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.original, name)
        return Function(value, makes=True) if callable(value) else value


class Namespace(ModuleType):
    """A module of NumPy's, with what stands for its functions."""

    def __init__(self, name: str) -> None:
        super().__init__(name.replace("numpy", "tinygrad_lite.numpy", 1))
        self.__original__ = importlib.import_module(name)
        self.__doc__ = self.__original__.__doc__

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(self.__original__, name)
        served = self.serve(name, value)
        setattr(self, name, served)
        return served

    def serve(self, name: str, value: Any) -> Any:
        """What stands for something of NumPy's."""
        if isinstance(value, ModuleType):
            return Namespace(value.__name__) if value.__name__.startswith("numpy.") else value
        if value is np.r_ or value is np.c_:
            return Concatenator(value, columns=value is np.c_)
        if self.__original__ is np.random and name == "default_rng":
            return lambda *args, **kwargs: Draws(value(*args, **kwargs))
        if isinstance(value, type) or not callable(value):
            return value
        if (replaced := REPLACED.get(value)) is not None:
            return replaced
        return Function(value, makes=value in MAKERS or self.__original__ is np.random)

    def __dir__(self) -> list[str]:
        return dir(self.__original__)


def served_instead() -> Iterator[tuple[Any, Any]]:
    """Every function of NumPy's with what stands for it, for :func:`tinygrad_lite.adapt`."""
    for module in (np, np.linalg, np.fft, np.random):
        namespace = Namespace(module.__name__)
        for name in dir(module):
            if not name.startswith("_"):
                value = getattr(module, name)
                if callable(value) and not isinstance(value, type):
                    yield value, getattr(namespace, name)
