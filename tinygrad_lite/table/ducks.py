"""Arrays of other libraries, as derivative rules see them.

Rules are plain NumPy, and NumPy's protocols carry them to arrays that live elsewhere: on a cluster, on a GPU. Such an
array comes to them as a :class:`DuckArray`. It has ndarray's spellings (``.mT``, ``np.add.reduce``), and hands all work
on to the library that the array is of. What that does in its own way, an :class:`ArrayKind` tells.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from types import MappingProxyType, SimpleNamespace
from typing import Any, Final, NoReturn

import numpy as np

from .calling_elsewhere import REDUCTIONS, WITH_INITIAL, name_of_function, without_defaults

MODULES: Final = {"dask": "lazy_arrays", "cupy": "device_arrays"}
"""Library → the module of the table that has its kind of arrays, imported when the first of them comes."""

KINDS: Final[dict[type, ArrayKind | None]] = {np.ndarray: None}
"""Type → its kind of arrays; None for what is none of another library's."""


class ArrayKind:
    """What one library's arrays can do, and how.

    Attributes
    ----------
    name : what messages call the library
    numpy : the library's module with NumPy's names
    array_type : of its arrays
    lazy : whether numbers are computed only when they are asked for
    takes_numpy : whether NumPy's arrays are operands beside its own
    writable : whether its arrays are written to in place, as NumPy's are, where they are recorded
    remedy : how one gets at the numbers
    own : NumPy's function → another in place of the library's of that name
    """

    name: str
    numpy: Any
    array_type: type
    lazy = False
    takes_numpy = False
    writable = False
    remedy: str
    own: Mapping[Callable[..., Any], Callable[..., Any]] = MappingProxyType({})

    def checked(self, x: Any) -> Any:
        """An array that comes from outside; raises for one that nothing can be computed with."""
        return x

    def shape(self, x: Any) -> tuple[int, ...]:
        """The shape of one of its arrays, as rules save it."""
        return x.shape  # type: ignore[no-any-return]

    def operand(self, x: Any) -> Any:
        """What stands beside one of its arrays; raises TypeError for an array of NumPy's that would have to move."""
        if type(x) is DuckArray:
            x = x.held
        if type(x) is np.ndarray and x.ndim and not self.takes_numpy:
            raise TypeError(
                f"a {self.name} array meets a NumPy array of shape {x.shape}, and nothing is moved unasked: bring one "
                f"of them to the other, with {self.remedy} or {self.to_here}"
            )
        return x

    to_here: str

    def wrapped(self, y: Any) -> Any:
        """A result, as rules see it."""
        if isinstance(y, self.array_type):
            return DuckArray(y, self)
        if isinstance(y, (tuple, list)):
            parts = [self.wrapped(part) for part in y]
            return type(y)(*parts) if hasattr(y, "_fields") else type(y)(parts)
        return y

    def held_in(self, x: Any) -> Any:
        """An argument with the library's own arrays in it."""
        if isinstance(x, (list, tuple)):
            return type(x)([self.held_in(part) for part in x]) if type(x) in (list, tuple) else x
        return self.operand(x)

    def found(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The library's function of the same name; raises NotImplementedError where it has none."""
        parts = function.__module__.split(".")[1:]
        place = self.numpy
        for name in [*[part for part in parts if part in ("linalg", "fft")], function.__name__]:
            place = getattr(place, name, None)
        if place is None:
            raise self.lacks(name_of_function(function))
        return place  # type: ignore[no-any-return]

    def lacks(self, what: str) -> NotImplementedError:
        """The error for what the library cannot do."""
        return NotImplementedError(
            f"{self.name} arrays have no {what}; {self.remedy} makes an array of NumPy's, which has"
        )

    def call(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """One of NumPy's functions."""
        args = [self.held_in(x) for x in args]
        kwargs = {key: self.held_in(x) for key, x in kwargs.items() if x is not np._NoValue}
        if function in WITH_INITIAL:
            initial = kwargs.pop("initial", None)
            if initial is not None or not args[0].size:
                return self.beginning(function, initial, args, kwargs)
        found = self.own.get(function) or self.found(function)
        try:
            y = found(*args, **kwargs)
        except (TypeError, AttributeError, NotImplementedError) as error:
            fewer = without_defaults(function, args, kwargs)
            if len(fewer) < len(args) - 1 + len(kwargs):
                return self.call(function, args[:1], fewer)
            raise self.lacks(f"{name_of_function(function)} as it is asked for here ({error})") from error
        return self.wrapped(y)

    def beginning(self, function: Callable[..., Any], initial: Any, args: Any, kwargs: Any) -> Any:
        """A reduction with one more entry, which most libraries do not take."""
        if args[0].size:
            return WITH_INITIAL[function](self.call(function, args, kwargs), initial)
        options = kwargs if initial is None else kwargs | {"initial": initial}
        y = function(np.empty(args[0].shape, args[0].dtype), *args[1:], **options)
        return np.full_like(DuckArray(args[0], self), y.flat[0] if y.size else 0, dtype=y.dtype, shape=y.shape)

    def ufunc(self, ufunc: np.ufunc, method: str, inputs: Any, kwargs: Any) -> Any:
        """A ufunc, or a method of one."""
        held = [self.operand(x) for x in inputs]
        if method == "__call__":
            return self.wrapped(ufunc(*held, **{key: self.operand(x) for key, x in kwargs.items()}))
        function = REDUCTIONS.get((ufunc, method))
        if function is None:
            raise self.lacks(f"numpy.{ufunc.__name__}.{method}")
        given = dict(zip(("axis", "dtype", "out", "keepdims"), held[1:], strict=False)) | kwargs
        options = {key: x for key, x in given.items() if x is not None and x is not False and x is not np._NoValue}
        if "axis" not in given:
            options["axis"] = 0
        return self.call(function, held[:1], options)

    def evaluated(self, primitive: Any, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """A primitive of its arrays: what ``forward`` returns."""
        return (primitive.plain or primitive.forward)(*inputs, **params)

    def refused(self, what: str) -> NoReturn:
        """Raise where a number must be known and is not."""
        raise TypeError(
            f"{what}: the numbers of a {self.name} array are not at hand, and nothing fetches them unasked; "
            f"{self.remedy} does"
        )

    def arrived(self, shape: tuple[int, ...], g: Any) -> None:
        """Note that the whole gradient by a value of this shape, as rules saved it, is there."""

    def truth(self, x: Any) -> bool:
        """Whether a single entry is true."""
        return bool(self.number(x, "a choice that depends on a number (if, and, or, bool)"))

    def number(self, x: Any, what: str) -> Any:  # noqa: ARG002 (others give it)
        """The one entry of an array as a number of Python's."""
        self.refused(what)

    def memory(self, x: Any) -> Any:
        """An array of NumPy's that lies as one of its arrays does; None where there is no memory to be written to."""

    def asserted(self, holds: DuckArray, message: str) -> DuckArray:  # noqa: ARG002 (others say it)
        """A mask that is true everywhere; where it is not, one that raises ValueError once it is computed."""
        return holds

    def constant(self, x: Any) -> Any:
        """An array of NumPy's that a rule made: among its own."""
        return x

    def counted(self, n: int) -> DuckArray:
        """``np.arange``."""
        return DuckArray(self.numpy.arange(n), self)

    def index(self, x: DuckArray) -> DuckArray:
        """An array of indices, or a mask; raises where what it takes has no shape that is known."""
        return x

    def entries(self, x: Any, index: Any) -> Any:
        """``x[index]``."""
        return x[index]

    def assign(self, x: Any, index: Any, value: Any) -> Any:
        """``x[index] = value`` of a fresh array; returns it."""
        x[index] = value
        return x

    def fetched(self, arrays: list[Any]) -> Any:  # noqa: ARG002 (others do)
        """Lazy arrays as NumPy's."""
        raise self.lacks("compute")

    def scattered(self, g: Any, index: Any, shape: tuple[int, ...]) -> Any:
        """Zeros of a shape with ``g`` at an index, which names an entry once."""
        return self.assign(self.numpy.zeros(tuple(shape), g.dtype), index, g)

    def add_multiple(self, y: Any, a: Any, x: Any, s: Any) -> None:
        """``y += a * x`` in place; ``s`` is for intermediate results, and may be x."""
        y += x if a == 1 else self.numpy.multiply(x, a, s)

    def add_at(self, x: Any, index: Any, value: Any) -> Any:  # noqa: ARG002 (others do)
        """``np.add.at`` of a fresh array; returns it."""
        raise self.lacks("numpy.add.at")


class DuckArray(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of another library, with ndarray's spellings.

    Its numbers may not be looked at: what asks for them, NumPy's conversion to an array among it, is refused.
    """

    __slots__ = ("held", "kind")

    def __init__(self, held: Any, kind: ArrayKind) -> None:
        self.held = held
        self.kind = kind

    @staticmethod
    def __evaluate__(primitive: Any, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """A primitive with one of these among its inputs."""
        y = kind_among((*inputs, *params.values())).evaluated(primitive, inputs, params)
        y = y[0] if primitive.remembers else y
        return y[()] if type(y) is DuckArray and y.kind.writable and not y.shape else y

    # -- NumPy's protocols

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        self.kind.refused("np.asarray")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(hasattr(type(x), "__record__") for x in inputs):
            return NotImplemented
        (out,) = kwargs.pop("out", None) or (None,)
        kwargs |= {"out": out} if self.kind.writable and type(out) is DuckArray else {}
        y = self.kind.ufunc(ufunc, method, inputs, kwargs)
        return out.replaced(y) if type(out) is DuckArray else y  # which is the name's new value in y += x

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if any(hasattr(kind, "__record__") for kind in types):
            return NotImplemented
        own = FACTS.get(function)
        if own is not None:
            return own(*args, **kwargs)
        out = kwargs.get("out") if self.kind.writable else kwargs.pop("out", None)
        y = self.kind.call(function, args, kwargs)
        return y if out is None else out.replaced(y)

    def replaced(self, y: DuckArray) -> DuckArray:
        """Itself, with what was computed in place of what it held."""
        self.held = y.held
        return self

    # -- what it is

    @property
    def shape(self) -> tuple[int, ...]:
        return self.kind.shape(self.held)

    @property
    def dtype(self) -> np.dtype[Any]:
        dtype: np.dtype[Any] = self.held.dtype
        return dtype

    @property
    def ndim(self) -> int:
        return len(self.held.shape)

    @property
    def size(self) -> int:
        size: int = self.held.size
        return size

    @property
    def flags(self) -> Any:
        if (memory := self.kind.memory(self.held)) is not None:
            return memory.flags
        return SimpleNamespace(c_contiguous=True, f_contiguous=True, fnc=False, writeable=False)

    @property
    def T(self) -> Any:
        return self.kind.wrapped(self.held.T)

    @property
    def mT(self) -> Any:
        return self.swapaxes(-1, -2)

    @property
    def real(self) -> Any:
        return self.kind.wrapped(self.held.real) if self.dtype.kind == "c" else self

    @property
    def imag(self) -> Any:
        return self.kind.wrapped(self.held.imag) if self.dtype.kind == "c" else np.zeros_like(self)

    def __getattr__(self, name: str) -> Any:
        """What the library's own arrays have besides: ``compute``, ``chunks``, ``get``."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.held, name)

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Any:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        return self.kind.wrapped(self.kind.checked(self.kind.entries(self.held, held_index(index))))

    def __setitem__(self, index: Any, value: Any) -> None:
        self.held = self.kind.assign(self.held, held_index(index), self.kind.operand(value))

    def add_at(self, index: Any, value: Any) -> None:
        """``np.add.at`` of a fresh array."""
        self.held = self.kind.add_at(self.held, held_index(index), self.kind.operand(value))

    def scattered(self, index: Any, shape: tuple[int, ...]) -> Any:
        """Zeros of a shape with these numbers at an index, which names an entry once."""
        return self.kind.wrapped(self.kind.scattered(self.held, held_index(index), shape))

    def __bool__(self) -> bool:
        return self.kind.truth(self.held)

    def __float__(self) -> float:
        return float(self.kind.number(self.held, "float"))

    def __int__(self) -> int:
        return int(self.kind.number(self.held, "int"))

    def __index__(self) -> int:
        return operator.index(self.kind.number(self.held, "a whole number"))

    def __complex__(self) -> complex:
        return complex(self.kind.number(self.held, "complex"))

    def item(self) -> Any:
        """The one entry as a number, where the kind gives it."""
        return self.kind.number(self.held, "item()")

    def tolist(self) -> NoReturn:
        """Refused."""
        self.kind.refused("tolist()")

    def __repr__(self) -> str:
        return repr(self.held)

    # -- methods

    def astype(self, dtype: Any, *, copy: bool = True) -> Any:
        """In another dtype."""
        return self if self.dtype == dtype and not copy else self.kind.wrapped(self.held.astype(dtype))

    def reshape(self, *shape: Any) -> Any:
        """In another shape."""
        return np.reshape(self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Any:
        """Axes in another order."""
        axes = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        return np.transpose(self, tuple(axes) if axes else None)

    def swapaxes(self, a: int, b: int) -> Any:
        """Two axes exchanged."""
        axes = [*range(self.ndim)]
        axes[a], axes[b] = axes[b], axes[a]
        return self.transpose(axes)

    def copy(self, order: Any = None) -> Any:  # noqa: ARG002 (ndarray has it)
        """An array of its own."""
        return self.kind.wrapped(self.held.copy())


def as_function(name: str) -> Callable[..., Any]:
    """A method that is NumPy's function of that name."""
    function = getattr(np, name)

    def method(self: DuckArray, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    method.__name__ = name
    method.__doc__ = f"``np.{name}``."
    return method


for _name in (
    *("all", "any", "argmax", "argmin", "clip", "conj", "cumprod", "cumsum", "diagonal", "dot", "max", "mean", "min"),
    *("prod", "ravel", "repeat", "round", "squeeze", "std", "sum", "take", "trace", "var"),
):
    setattr(DuckArray, _name, as_function(_name))


for _name in ("add", "sub", "mul", "truediv", "pow", "and", "or", "xor", "matmul", "floordiv", "mod"):
    setattr(DuckArray, f"__i{_name}__", getattr(np.lib.mixins.NDArrayOperatorsMixin, f"__{_name}__"))

FACTS: Final[dict[Callable[..., Any], Callable[..., Any]]] = {
    np.ndim: lambda a: a.ndim,
    np.shape: lambda a: a.shape,
    np.size: lambda a, axis=None: a.size if axis is None else a.shape[axis],
    np.iscomplexobj: lambda x: x.dtype.kind == "c",
    np.isrealobj: lambda x: x.dtype.kind != "c",
    np.may_share_memory: lambda *args: False,
    np.shares_memory: lambda *args: False,
    np.result_type: lambda *args: np.result_type(*[x.dtype if type(x) is DuckArray else x for x in args]),
}
"""What is answered without a look at the numbers."""


def kind_among(values: Iterable[Any]) -> ArrayKind:
    """The kind of the first of another library's arrays, of which there is one."""
    return next(x.kind for x in values if type(x) is DuckArray)


def held_index(index: Any) -> Any:
    """An index with the library's own arrays in it."""
    plain = index.held if type(index) is DuckArray else index
    return tuple([held_index(part) for part in plain]) if isinstance(plain, tuple) else plain


# ---------------------------------------------------------------------------------------------------------------------
# Which there are


def kind_of(x: Any) -> ArrayKind | None:
    """The kind that an array of another library is of; None for NumPy's, and for what is no array."""
    cls = type(x)
    if cls in KINDS:
        return KINDS[cls]
    kind = None
    if hasattr(cls, "__array_function__") and hasattr(cls, "__array_ufunc__"):
        module = MODULES.get(cls.__module__.partition(".")[0])
        if module is not None:
            found: ArrayKind = import_module(f".{module}", __package__).kind()
            kind = found if issubclass(cls, found.array_type) else None
    KINDS[cls] = kind
    return kind


def duck(x: Any) -> Any:
    """An array of another library as rules see it; anything else as it is."""
    kind = kind_of(x)
    return x if kind is None else DuckArray(kind.checked(x), kind)


def handed_back(x: Any) -> Any:
    """What a caller gets: the library's own array; anything else as it is."""
    return x.held if type(x) is DuckArray else x
