"""What stands for NumPy's functions: lists that hold Tensors are stacked, and new arrays of floats are Tensors."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Final

import numpy as np

from ..engine.protocols import plain, refuse_leaving, tensors
from ..engine.recording import making_tensors
from ..engine.refusals import in_function
from ..engine.tensor import Tensor
from ..table import columns, floats, joining, shapes
from ..table.lists import as_argument, as_arguments, as_array, holds_tensors, stacked
from ..table.registry import DISPATCH
from ..table.sharing import is_written
from . import series


def is_new(made: np.ndarray, given: Any) -> bool:
    """Whether nobody else sees an array's memory: none of the arrays given, and nothing outside NumPy."""
    if any(np.may_share_memory(made, x) for x in given if isinstance(x, np.ndarray) or is_written(x)):
        return False
    base: Any = None if is_written(made) else made
    while isinstance(base, np.ndarray):
        base = base.base
    return base is None


def as_tensor(made: Any, given: Any = ()) -> Any:
    """New arrays of floats as Tensors, which can be written to; all else as it is: what sees others' memory, too."""
    if type(made) is np.ndarray or (in_function() and is_written(made) and not isinstance(made, (list, tuple))):
        return Tensor(made) if made.ndim and made.dtype.kind in "fc" and is_new(made, given) else made
    if not isinstance(made, (list, tuple)) or not any(isinstance(part, np.ndarray) for part in made):
        return made
    parts = [as_tensor(part, given) for part in made]
    return type(made)(*parts) if hasattr(made, "_fields") else type(made)(parts)


class Function:
    """A function of NumPy's that takes lists of Tensors for arrays, and gives Tensors where arrays are recorded.

    It passes for the original: with its attributes, equal to it as a key, of its type to ``isinstance``.
    """

    def __init__(self, original: Callable[..., Any], path: tuple[str, str], instead: Any = None) -> None:
        functools.update_wrapper(self, original, updated=())
        self.original = original
        self.path = path
        self.instead = instead

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self.original)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.instead is not None and (self.path[0] != series.MODULE or holds_tensors([*args, *kwargs.values()])):
            return self.instead(*args, **kwargs)
        args, kwargs = as_arguments(self.original, args, kwargs)
        if not isinstance(self.original, np.ufunc) and self.original in DISPATCH:
            # NumPy asks arrays alone, and not the values to pad with or to extrapolate by
            if args and type(args[0]) is Tensor:  # nearly always
                return args[0].__array_function__(self.original, (Tensor,), args, kwargs)
            asked = next((x for x in flat([*args, *kwargs.values()]) if type(x) is Tensor), None)
            if asked is not None:
                return asked.__array_function__(self.original, (Tensor,), args, kwargs)
        result = self.original(*args, **kwargs)
        if type(result) is Tensor or not making_tensors():
            return result
        return as_tensor(result, flat([*args, *kwargs.values()]))

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.original, name)
        if isinstance(self.original, np.ufunc) and callable(value) and not name.startswith("_"):
            return Function(value, (*self.path, name))  # type: ignore[arg-type]
        return value

    def __eq__(self, other: Any) -> bool:
        other = other.original if type(other) is Function else other
        return type(other) is type(self.original) and bool(self.original == other)

    def __hash__(self) -> int:
        return hash(self.original)

    def __repr__(self) -> str:
        return repr(self.original)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        return found, self.path


def found(module: str, *names: str) -> Any:
    """What a namespace has under a name: how pickle finds its functions."""
    return functools.reduce(getattr, names, namespace(module))


def flat(x: Any) -> Iterator[Any]:
    """What is in lists and tuples, at any depth."""
    for part in x:
        yield from flat(part) if isinstance(part, (list, tuple)) else (part,)


# ---------------------------------------------------------------------------------------------------------------------
# Functions that NumPy's protocols do not reach


def converter(original: Callable[..., Any], copy: bool | None, least: int = 0, layout: Any = None) -> Any:
    """``np.array`` or one of its kin: of a Tensor a Tensor, of lists that hold Tensors one Tensor.

    Parameters
    ----------
    copy : whether it copies unless told otherwise
    least, layout : how many axes the result has at least, and the order it gives unless told otherwise
    """

    def convert(a: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        if type(a) is Tensor:
            made, is_copied = a, False
        elif isinstance(a, (list, tuple)) and (holds_tensors(a) or (making_tensors() and is_written(a))):
            made, is_copied = stacked(a), True
        elif is_written(a):
            made, is_copied = a, False
        else:
            result = original(a, dtype, *args, **kwargs)
            return as_tensor(result, (a,)) if making_tensors() else result
        original(np.zeros(0), None, *args, **kwargs)  # which refuses what there is not
        order, wanted = kwargs.get("order", args[0] if args else layout), kwargs.get("copy", copy)
        dtype = made.dtype if dtype is None else np.dtype(dtype)
        if dtype.kind == "O" or (is_copied and 0 < kwargs.get("ndmax", 0) < made.ndim):
            refuse_leaving([made], "an array of objects")
        if wanted is False and is_copied:
            raise ValueError("array: copy=False, and a list of Tensors needs a copy to become one array")
        if wanted is False and (dtype != made.dtype or not is_laid_out(made, order)):
            said = f"a Tensor of {made.dtype} needs a copy to become {dtype} in this order"
            raise ValueError(f"array: copy=False, and {said}")
        if dtype != made.dtype:
            made, is_copied = made.astype(dtype), True
        if (wanted and not is_copied) or not is_laid_out(made, order):
            made = made.copy(order or "K")
        axes = max(kwargs.get("ndmin", 0), least)
        made = made if made is a else as_made(made)
        return made.reshape((1,) * (axes - made.ndim) + made.shape) if made.ndim < axes else made

    return convert


def is_laid_out(x: Any, order: Any) -> bool:
    """Whether an array lies in memory as ``order=`` asks for."""
    return order not in ("C", "F") or bool(x.flags[f"{order}_CONTIGUOUS"])


def copy_of(a: Any, order: Any = "K", subok: bool = False) -> Any:
    """``np.copy``."""
    made = as_array(a) if isinstance(a, (list, tuple)) else a
    return made.copy(order) if type(made) is Tensor else as_made(np.array(a, order=order, subok=subok, copy=True))


def as_made(x: Any) -> Any:
    """A new array, as a Tensor where those are recorded."""
    return as_tensor(x) if making_tensors() else x


def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", **options: Any) -> Any:
    """``np.full``: also of a Tensor."""
    value = as_argument(fill_value)
    if type(value) is not Tensor:
        return as_made(np.full(shape, value, dtype, order, **options))
    np.full(0, 0, dtype, order, **options)  # which refuses what there is not
    made = shapes.broadcast_to(value, shape).copy(order)
    return made if dtype is None else made.astype(dtype)


def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: bool = True, shape: Any = None, **options: Any
) -> Any:
    """``np.full_like``: also of a Tensor."""
    a, value = as_argument(a), as_argument(fill_value)
    if type(value) is not Tensor:
        return as_made(np.full_like(plain(a, Tensor), value, dtype, order, subok, shape, **options))
    made = Tensor(np.zeros_like(plain(a, Tensor), dtype, order, subok, shape, **options))
    if not made.ndim:
        return full((), value, made.dtype)
    made[...] = value
    return made


def arange(*args: Any, dtype: Any = None, **options: Any) -> Any:
    """``np.arange``: with a Tensor for an end or for the step, start + k step, as many as there are now."""
    made = np.arange(*plain(args, Tensor), dtype=dtype, **plain(options, Tensor))
    if made.dtype.kind not in "fc" or not any(type(x) is Tensor for x in (*args, *options.values())):
        return as_made(made)
    names = ("start", "stop", "step") if len(args) > 1 or "stop" in options else ("stop",)
    ends = dict(zip(names, args, strict=False)) | options
    start, step = [default if ends.get(key) is None else ends[key] for key, default in (("start", 0), ("step", 1))]
    found = start + step * np.arange(made.size)
    return found if found.dtype == made.dtype else found.astype(made.dtype)


def asarray_chkfinite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    """``np.asarray_chkfinite``: also of a Tensor."""
    made = INSTEAD[np.asarray](a, dtype, order)
    if made.dtype.kind in "fc" and not np.isfinite(made).all():
        raise ValueError("asarray_chkfinite: the array must not contain infs or NaNs")
    return made


def require(a: Any, dtype: Any = None, requirements: Any = None, *, like: Any = None) -> Any:
    """``np.require``: also of a Tensor, which is aligned, and of which a copy is an array of its own."""
    a = as_argument(a)
    if type(a) is not Tensor:
        return as_made(np.require(a, dtype, requirements, like=like))
    np.require(np.zeros(1), dtype, requirements)  # which refuses what there is not
    asked = {FLAGS.get(str(part).upper(), "") for part in ([] if requirements is None else requirements)}
    made = a if dtype is None or a.dtype == np.dtype(dtype) else a.astype(dtype)
    for order in ("C", "F"):
        if order in asked and not made.flags[f"{order}_CONTIGUOUS"]:
            made = made.copy(order)
    return made.copy("K") if "O" in asked or ("W" in asked and not made.flags.writeable) else made


FLAGS: Final = {
    **dict.fromkeys(("C", "C_CONTIGUOUS", "CONTIGUOUS"), "C"),
    **dict.fromkeys(("F", "F_CONTIGUOUS", "FORTRAN"), "F"),
    **dict.fromkeys(("W", "WRITEABLE"), "W"),
    **dict.fromkeys(("O", "OWNDATA"), "O"),
}
"""What ``np.require`` calls requirements, those apart that every Tensor meets."""


def fromiter(iter: Any, dtype: Any, count: int = -1, **options: Any) -> Any:
    """``np.fromiter``: also of Tensors."""
    parts = list(iter) if count < 0 else [x for _, x in zip(range(count), iter, strict=False)]
    if holds_tensors(parts):
        np.fromiter((), dtype, **options)  # which refuses what there is not
        if len(parts) < count:
            raise ValueError(f"fromiter: {count} entries asked for, and only {len(parts)} there")
        return stacked(parts).astype(dtype)
    return as_made(np.fromiter(parts, dtype, count, **options))


def ndenumerate(arr: Any) -> Any:
    """``np.ndenumerate``: the entries of a Tensor are Tensors."""
    arr = as_argument(arr)
    return ((k, arr[k]) for k in np.ndindex(arr.shape)) if type(arr) is Tensor else np.ndenumerate(arr)


class Vectorized(np.vectorize):
    """``np.vectorize``: of Tensors entry by entry, and the results stacked."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        given = [as_argument(x) for x in (*args, *kwargs.values())]
        if not any(type(x) is Tensor for x in given) and not (making_tensors() and callable(self.pyfunc)):
            return super().__call__(*args, **kwargs)
        keys = [*range(len(args)), *kwargs]
        arrays = {key: as_array(x) for key, x in zip(keys, given, strict=True) if key not in self.excluded}
        cores = core_axes(self.signature) or [0] * len(arrays)
        if len(cores) != len(arrays):
            raise TypeError(f"vectorize: {self.signature} is of {len(cores)} arrays, got {len(arrays)}")
        outer = {key: x.shape[: x.ndim - n] for (key, x), n in zip(arrays.items(), cores, strict=True)}
        shape = np.broadcast_shapes(*outer.values())
        arrays = {key: shapes.broadcast_to(x, shape + x.shape[len(outer[key]) :]) for key, x in arrays.items()}
        rows = []
        for k in np.ndindex(shape):
            entries = [arrays[key][k] if key in arrays else x for key, x in zip(keys, given, strict=True)]
            rows.append(self.pyfunc(*entries[: len(args)], **dict(zip(kwargs, entries[len(args) :], strict=True))))
        if not rows:
            return super().__call__(*args, **kwargs)
        types = list(self.otypes or "")
        if isinstance(rows[0], tuple):
            columns_of = zip(*rows, strict=True)
            return tuple([assembled(list(x), shape, *types[n : n + 1]) for n, x in enumerate(columns_of)])
        return assembled(rows, shape, *types)


def core_axes(signature: str | None) -> list[int]:
    """How many axes of each argument a generalized ufunc's signature hands on: [1, 2] of ``(n),(n,m)->()``."""
    if signature is None:
        return []
    inputs = re.findall(r"\(([^()]*)\)", signature.partition("->")[0])
    return [len([name for name in part.split(",") if name.strip()]) for part in inputs]


def assembled(parts: list[Any], shape: Any, dtype: Any = None) -> Any:
    """Results for each entry, as one array, in the dtype asked for."""
    if not holds_tensors(parts):
        made = np.array(parts, dtype)
        return as_made(made.reshape(shape + made.shape[1:]))
    whole = stacked(parts)
    whole = whole if dtype is None or whole.dtype == np.dtype(dtype) else whole.astype(dtype)
    return whole.reshape(shape + whole.shape[1:])


class Grid:
    """``np.mgrid``, ``np.ogrid``, ``np.r_`` or ``np.c_``."""

    def __init__(self, original: Any) -> None:
        self.original = original

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if holds_tensors(parts):
            return self.joined(parts)
        return as_tensor(self.original[key], parts) if making_tensors() else self.original[key]

    def joined(self, parts: tuple[Any, ...]) -> Any:
        """Tensors and arrays one after another, or as columns."""
        if any(isinstance(part, str) for part in parts):
            refuse_leaving(tensors(parts, Tensor), "np.r_ or np.c_ with a directive in a string")
        arrays = [as_array(np.r_[part] if isinstance(part, slice) else part) for part in parts]
        if self.original is np.r_:
            return joining.concatenate([columns.atleast_1d(part) for part in arrays])
        return joining.concatenate([x.reshape((-1, 1)) if x.ndim < 2 else x for x in arrays], axis=-1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)

    def __len__(self) -> int:
        return len(self.original)


INSTEAD: Final[dict[Any, Callable[..., Any]]] = {
    np.array: converter(np.array, True),
    np.asarray: converter(np.asarray, None),
    np.asanyarray: converter(np.asanyarray, None),
    np.ascontiguousarray: converter(np.ascontiguousarray, None, 1, "C"),
    np.asfortranarray: converter(np.asfortranarray, None, 0, "F"),
    np.copy: copy_of,
    np.full: full,
    np.full_like: full_like,
    np.arange: arange,
    np.asarray_chkfinite: asarray_chkfinite,
    np.kaiser: floats.kaiser,
    np.fromiter: fromiter,
    np.require: require,
}
"""NumPy function → what is called in its place."""


# ---------------------------------------------------------------------------------------------------------------------
# Random numbers


class Draws:
    """A random generator whose draws are arrays that can be written to."""

    def __init__(self, original: Any) -> None:
        self.original = original

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self.original)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(self.original, name)
        return Function(value, ("random", name)) if callable(value) else value

    def __reduce_ex__(self, protocol: Any) -> Any:
        return Draws, (self.original,)


class DrawsOf(type):
    """A class of generators: called, it makes :class:`Draws`; to ``isinstance`` it is NumPy's."""

    original: Any

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return Draws(cls.original(*args, **kwargs))

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, cls.original)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls.original, name)


def default_rng(seed: Any = None) -> Any:
    """``np.random.default_rng``: a generator is itself."""
    return seed if type(seed) is Draws else Draws(np.random.default_rng(seed))


# ---------------------------------------------------------------------------------------------------------------------
# Modules


class Namespace(ModuleType):
    """A module of NumPy's, with what stands for its functions; NumPy's own is asked for when a name first is."""

    def __init__(self, name: str) -> None:
        super().__init__(name.replace("numpy", "tinygrad_lite.numpy", 1))
        self.__dict__["original_name"] = name

    @functools.cached_property
    def original(self) -> ModuleType:
        """NumPy's module."""
        return importlib.import_module(self.__dict__["original_name"])

    def __getattr__(self, name: str) -> Any:
        if name in ("__path__", "__file__", "__cached__"):  # it is no module of a file's
            raise AttributeError(name)
        served = self.serve(name, getattr(self.original, name))
        self.__dict__[name] = served
        return served

    def serve(self, name: str, value: Any) -> Any:
        """What stands for something of NumPy's."""
        if isinstance(value, ModuleType):
            return namespace(value.__name__) if value.__name__.startswith("numpy.") else value
        if any(value is x for x in (np.r_, np.c_, np.mgrid, np.ogrid)):
            return Grid(value)
        if value is np.vectorize:
            return Vectorized
        if value is np.random.RandomState or value is np.random.Generator:
            return DrawsOf(name, (), {"original": value})
        if isinstance(value, type) and value is not np.ndenumerate:
            return value
        if not callable(value):
            return value
        path = (self.__dict__["original_name"], name)
        if path == ("numpy.random", "default_rng"):
            return Function(value, path, default_rng)
        if path[0] == series.MODULE:
            return Function(value, path, series.POWER_SERIES.get(name))
        if value is np.ndenumerate:
            return Function(value, path, ndenumerate)
        if path[0] == "numpy.testing":  # what compares values loses no gradient
            return Function(value, path, lambda *args, **kwargs: value(*plain(args, Tensor), **plain(kwargs, Tensor)))
        return Function(value, path, INSTEAD.get(value))

    def __dir__(self) -> list[str]:
        return dir(self.original)


@functools.cache
def namespace(name: str) -> Namespace:
    """The one namespace for a module of NumPy's."""
    return Namespace(name)
