"""A program adapted without changing a line: a copy whose NumPy and ``math`` are this package's.

The copy shares nothing that is written to with the original: functions, classes, modules and the program's own data are
copied as they are reached, each once. NumPy itself is never changed.

``float(x)`` is told apart from ``isinstance(x, float)`` in the bytecode, where a name that is called is loaded in
another way than one that is not; so lambdas, notebooks and what is decorated are adapted without their source.
"""

from __future__ import annotations

import copy
import dis
import functools
import math
from abc import ABCMeta
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import numpy as np

from ..engine.tensor import Tensor
from ..table.later import counterpart, is_scipys, namespace_of
from ..table.lists import as_array, holds_tensors
from ..table.mathematics import SMOOTH, STEPWISE
from .making import Draws, Vectorized, namespace

# ---------------------------------------------------------------------------------------------------------------------
# Numbers


def value_of(x: Any) -> Any:
    """A Tensor's entry as a Python number, if it has one entry; anything else itself."""
    return x._value.item() if type(x) is Tensor and x.size == 1 else x


class Mathematics:
    """A function of ``math``: of Tensors of one entry another's result, with the errors of the original."""

    def __init__(self, original: Callable[..., Any], instead: Callable[..., Any]) -> None:
        functools.update_wrapper(self, original)
        self.original = original
        self.instead = instead

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        items = [list(x) if self.original in ENTRYWISE else x for x in args]
        if not holds_tensors(items):
            return self.original(*items, **kwargs)
        values = [[*map(value_of, x)] if isinstance(x, list) else value_of(x) for x in items]
        result = self.original(*values, **{key: value_of(x) for key, x in kwargs.items()})
        if self.original in STEPWISE:
            return result
        return self.instead(*[as_float(x) if type(x) is Tensor else x for x in items], **kwargs)

    def __reduce__(self) -> Any:
        return mathematics_of, (self.original,)


ENTRYWISE: Final = frozenset({math.dist, math.fsum})
"""Functions of sequences of numbers."""

SEVERAL: Final[dict[Callable[..., Any], Callable[..., Any]]] = {
    math.log: lambda x, base=math.e: np.log(x) if base == math.e else np.log(x) / np.log(base),
    math.hypot: lambda *x: functools.reduce(np.hypot, x) if len(x) > 1 else np.abs(x[0]),
    math.dist: lambda p, q: np.linalg.norm(as_array(p) - as_array(q)),
    math.fsum: lambda x: sum(x),
    math.degrees: lambda x: x * (180.0 / math.pi),
    math.radians: lambda x: x * (math.pi / 180.0),
}
"""Those that take their arguments otherwise than NumPy's."""


@cache
def mathematics_of(original: Callable[..., Any]) -> Mathematics:
    """The one stand-in for a function of ``math``."""
    return Mathematics(original, SEVERAL.get(original) or SMOOTH.get(original) or STEPWISE[original])


@cache
def mathematics() -> ModuleType:
    """The module ``math`` with functions that take Tensors."""
    made = ModuleType("math", math.__doc__)
    for name, value in vars(math).items():
        changed = callable(value) and (value in SMOOTH or value in STEPWISE)
        setattr(made, name, mathematics_of(value) if changed else value)
    return made


def as_float(x: Any = 0.0, /) -> Any:
    """``float(x)``: a Tensor of one entry stays what it is, a number without axes."""
    if type(x) is not Tensor or x.size != 1:
        return float(x)
    x = x.reshape(()) if x.shape else x
    return x if x.dtype == np.float64 else x.astype(np.float64)


class Template(str):
    """A text with per cent signs, for which Tensors are numbers: nothing that is printed takes part in a gradient."""

    __slots__ = ()

    def __mod__(self, values: Any) -> str:
        if isinstance(values, tuple):
            plain: Any = tuple([value_of(x) for x in values])
        else:
            plain = {k: value_of(x) for k, x in values.items()} if isinstance(values, dict) else value_of(values)
        return str.__mod__(self, plain)


FLOAT: Final = "__as_float__"


@cache
def rewritten(code: CodeType) -> CodeType:
    """A function's code with ``float`` where it is called, and its texts, exchanged; those within it too."""
    constants = tuple(
        [
            rewritten(x) if isinstance(x, CodeType) else Template(x) if isinstance(x, str) and "%" in x else x
            for x in code.co_consts
        ]
    )
    changes: dict[str, Any] = {"co_consts": constants}
    if "float" in code.co_names:
        names = code.co_names if FLOAT in code.co_names else (*code.co_names, FLOAT)
        old, new = code.co_names.index("float"), names.index(FLOAT)
        changes |= {"co_names": names, "co_code": with_calls_exchanged(code, old, new)}
    return code.replace(**changes)


def with_calls_exchanged(code: CodeType, old: int, new: int) -> bytes:
    """Bytecode that calls another global name.

    The last bit of LOAD_GLOBAL's argument says that the name is loaded to be called. An argument of more than one byte
    stands in part in an instruction before it, which is there only where it was needed: with more than 127 names the
    name is left as it is, and float(x) is refused.
    """
    given = bytearray(code.co_code)
    if new > 127:
        return bytes(given)
    for instruction in dis.get_instructions(code):
        if instruction.opname == "LOAD_GLOBAL" and instruction.arg == 2 * old + 1:
            given[instruction.offset + 1] = 2 * new + 1
    return bytes(given)


def names_in(code: CodeType) -> set[str]:
    """The global names, and others, that a function's code and those within it have."""
    return set(code.co_names).union(*[names_in(x) for x in code.co_consts if isinstance(x, CodeType)])


# ---------------------------------------------------------------------------------------------------------------------
# Copies


class Adapted(type):
    """The type of copied classes, whose instances are the original's, too: a caller makes them of that."""

    def __instancecheck__(cls, x: Any) -> bool:
        return super().__instancecheck__(x) or isinstance(x, cls.__dict__["__original__"])

    def __subclasscheck__(cls, kind: Any) -> bool:
        return super().__subclasscheck__(kind) or issubclass(kind, cls.__dict__["__original__"])


class AdaptedABC(Adapted, ABCMeta):
    """The type of copied abstract classes."""


class Adapter:
    """Copies what is reached from a function or module, each thing once."""

    def __init__(self, program: Any, home: str) -> None:
        self.home = home
        self.own = getattr(program, "__globals__", None)  # which need not be a module's: those of exec are none
        self.copies: dict[int, Any] = {id(math): mathematics()}
        for value in vars(math).values():
            if callable(value) and (value in SMOOTH or value in STEPWISE):
                self.copies[id(value)] = mathematics_of(value)
        self.kept: list[Any] = []  # an identity is somebody else's once its object is gone
        self.modules: dict[int, ModuleType] = {}
        self.done: set[tuple[int, str]] = set()

    def copy(self, x: Any) -> Any:
        """What stands for a value found in a program: the value itself where nothing needs to."""
        if id(x) in self.copies:
            return self.copies[id(x)]
        if isinstance(x, ModuleType):
            if x.__name__.partition(".")[0] == "numpy":
                return namespace(x.__name__)
            if x.__name__.partition(".")[0] == "scipy":
                return namespace_of(x)
            return self.module(x) if self.is_own(x.__name__) else x
        if type(x) is FunctionType and (x.__globals__ is self.own or self.is_own(x.__globals__.get("__name__"))):
            return self.function(x)
        if (served := served_instead(x)) is not None:
            return served
        if is_scipys(x):
            return of_scipy(x)
        if isinstance(x, type):
            return self.type(x) if self.is_own(x.__module__) else x
        made = self.data(x)
        if made is not x:
            self.kept.append(x)
            self.copies[id(x)] = made
        return made

    def data(self, x: Any) -> Any:
        """A copy of what can be written to, or holds functions."""
        kind = type(x)
        if kind is np.ndarray:
            return self.array(x)
        if kind in (list, dict):
            made: Any = kind()
            self.copies[id(x)] = made  # before its parts, which may lead back to it
            self.kept.append(x)
            if kind is list:
                made.extend([self.copy(part) for part in x])
            else:
                made.update({key: self.copy(part) for key, part in x.items()})
            return made
        if kind is tuple:
            parts = tuple([self.copy(part) for part in x])
            return parts if any(a is not b for a, b in zip(parts, x, strict=True)) else x
        if kind is set:
            return set(x)
        if kind is functools.partial:
            return functools.partial(self.copy(x.func), *map(self.copy, x.args), **self.copy(x.keywords))
        if kind is MethodType:
            return MethodType(self.copy(x.__func__), self.copy(x.__self__))
        if kind is functools._lru_cache_wrapper:  # with a memory of its own
            return functools.lru_cache(**x.cache_parameters())(self.copy(x.__wrapped__))
        if kind is np.vectorize:
            return Vectorized(self.copy(x.pyfunc), x.otypes, x.__doc__, x.excluded, x.cache, x.signature)
        if kind in (np.random.Generator, np.random.RandomState):
            return Draws(copy.deepcopy(x))
        if self.is_own(kind.__module__) and hasattr(x, "__dict__") and (own := self.copy(kind)) is not kind:
            made = self.copies[id(x)] = own.__new__(own)
            self.kept.append(x)
            made.__dict__.update({key: self.copy(part) for key, part in vars(x).items()})
            return made
        return x

    def array(self, x: np.ndarray) -> np.ndarray:
        """A copy of an array; of a view, the same view of the copy."""
        root = x
        while type(root.base) is np.ndarray:
            root = root.base
        if root is x or root.base is not None or not (root.flags.c_contiguous or root.flags.f_contiguous):
            return x.copy(order="K")
        memory = self.copy(root)
        start = x.__array_interface__["data"][0] - root.__array_interface__["data"][0]
        view: np.ndarray = np.ndarray(x.shape, x.dtype, memory, start, x.strides)
        view.flags.writeable = x.flags.writeable
        return view

    def is_own(self, module: str | None) -> bool:
        """Whether a module belongs to the program: the function's own, and what stands in the same package."""
        return bool(module) and str(module).partition(".")[0] == self.home.partition(".")[0] != "builtins"

    def namespace(self, original: dict[str, Any], names: Iterable[str]) -> ModuleType:
        """A copy of the module with these globals, in which these names are copied, the others as they are."""
        if id(original) not in self.modules:
            self.kept.append(original)
            self.modules[id(original)] = made = ModuleType(original.get("__name__", ""))
            vars(made).update({**original, FLOAT: as_float, "__adapted__": True})
        made = self.modules[id(original)]
        for name in names:
            if (id(original), name) not in self.done and name in original and not name.startswith("__"):
                self.done.add((id(original), name))
                setattr(made, name, self.copy(original[name]))
        return made

    def function(self, f: FunctionType) -> FunctionType:
        """A copy of a function, with its globals and what it closes over."""
        cells = None if f.__closure__ is None else tuple([CellType() for _ in f.__closure__])
        made = FunctionType(rewritten(f.__code__), vars(self.namespace(f.__globals__, ())), f.__name__, None, cells)
        self.copies[id(f)] = made
        self.kept.append(f)
        made.__doc__, made.__qualname__, made.__module__ = f.__doc__, f.__qualname__, f.__module__
        made.__annotations__ = dict(f.__annotations__)
        made.__defaults__ = self.copy(f.__defaults__)
        made.__kwdefaults__ = self.copy(f.__kwdefaults__)
        made.__dict__.update({key: self.copy(value) for key, value in vars(f).items()})
        for old, new in zip(f.__closure__ or (), cells or (), strict=True):
            with suppress(ValueError):  # an empty cell
                new.cell_contents = self.copy(old.cell_contents)
        self.namespace(f.__globals__, names_in(f.__code__))
        return made

    def module(self, module: ModuleType) -> ModuleType:
        """A copy of a module: its functions' globals are its own attributes, so that what they set is seen in it."""
        made = self.copies[id(module)] = self.namespace(vars(module), ())
        self.kept.append(module)
        self.namespace(vars(module), list(vars(module)))
        return made

    def type(self, kind: type) -> type:
        """A copy of a class, with its methods; errors, enumerations and the like are shared."""
        meta = {type: Adapted, ABCMeta: AdaptedABC}.get(type(kind))
        if meta is None or issubclass(kind, BaseException):
            return kind
        self.kept.append(kind)
        hidden = {"__dict__", "__weakref__", *slots_of(kind)}
        body = {key: value for key, value in vars(kind).items() if key not in hidden}
        bases = tuple([self.copy(base) for base in kind.__bases__])
        try:
            made: type = meta(kind.__name__, bases, {**body, "__original__": kind})
        except TypeError:  # its bases ask for more than a name, bases and a body
            return kind
        self.copies[id(kind)] = made
        for key, value in body.items():
            if not (key.startswith("__") and isinstance(value, (str, tuple, dict))):
                changed = self.attribute(value)
                if changed is not value:
                    setattr(made, key, changed)
        return made

    def attribute(self, value: Any) -> Any:
        """What stands for something in a class."""
        if isinstance(value, (staticmethod, classmethod)):
            return type(value)(self.copy(value.__func__))
        if type(value) is property:
            parts = [None if g is None else self.copy(g) for g in (value.fget, value.fset, value.fdel)]
            return property(parts[0], parts[1], parts[2], value.__doc__)
        if type(value) is functools.cached_property:
            made = functools.cached_property(self.copy(value.func))
            made.attrname = value.attrname
            return made
        return self.copy(value)


def slots_of(kind: type) -> tuple[str, ...]:
    """The attributes that a class itself keeps in slots."""
    slots = vars(kind).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def served_instead(x: Any) -> Any:
    """What stands for one of NumPy's functions and classes; None for anything else."""
    if not isinstance(x, (FunctionType, BuiltinFunctionType, np.ufunc, type, type(np.sum))) and not is_grid(x):
        return None
    if is_grid(x):
        return next(getattr(namespace("numpy"), n) for n in GRIDS if getattr(np, n) is x)
    name = getattr(x, "__name__", "")
    owner = getattr(x, "__self__", None)
    module = "numpy.random" if isinstance(owner, np.random.RandomState) else getattr(x, "__module__", None) or "numpy"
    if module.partition(".")[0] != "numpy":
        return None
    for place in (module, "numpy", "numpy.linalg", "numpy.fft", "numpy.random"):
        try:
            if getattr(namespace(place).original, name, None) is x or getattr(
                getattr(namespace(place).original, name, None), "__func__", None
            ) is getattr(x, "__func__", x):
                return getattr(namespace(place), name)
        except ImportError:
            continue
    return None


def of_scipy(x: Any) -> Any:
    """What stands for one of SciPy's functions and distributions; itself where there is nothing of it here."""
    ours = counterpart(x)
    if ours is None:
        return x
    frozen = hasattr(x, "args") and hasattr(x, "kwds")  # a distribution with its parameters
    return ours.value(*x.args, **x.kwds) if frozen else ours.value


GRIDS: Final = ("r_", "c_", "mgrid", "ogrid")


def is_grid(x: Any) -> bool:
    """Whether a value is one of NumPy's that are indexed to make arrays."""
    return any(x is getattr(np, name) for name in GRIDS)


def home_of(program: Any) -> str | None:
    """The module that a program was written in; None for what cannot be adapted."""
    if isinstance(program, ModuleType):
        return program.__name__
    if isinstance(program, functools.partial):
        return home_of(program.func)
    if isinstance(program, MethodType):
        return home_of(program.__func__)
    if isinstance(program, np.vectorize):
        return home_of(program.pyfunc)
    if isinstance(program, functools._lru_cache_wrapper):
        return home_of(program.__wrapped__)
    if type(program) is FunctionType:
        return str(program.__globals__.get("__name__", ""))
    if isinstance(program, type):
        return program.__module__
    return type(program).__module__ if callable(program) and hasattr(program, "__dict__") else None


def adapt(program: Any) -> Any:
    """A copy of a function, or of a module, that can be differentiated where it was written for NumPy and ``math``.

    The copy's ``numpy`` is :mod:`tinygrad_lite.numpy`, and its ``math`` takes Tensors, as does what of ``scipy.fft``,
    ``linalg``, ``special`` and ``stats`` has derivatives in :mod:`tinygrad_lite.scipy`; so are those of the functions
    and classes of its package that it reaches. ``float(x)`` and ``"%f" % x`` take Tensors. The original, and NumPy, are
    not changed: the copy has its own global variables, arrays, lists, dicts and instances of its classes, as they were
    when it was made. ``int(x)`` of what requires a gradient is refused; math.floor(x) and its kin are whole numbers,
    whose derivative is zero. What one of Python's caches keeps, it keeps anew.

    Parameters
    ----------
    program : a Python function, method, partial, class, callable instance or module

    Raises TypeError for anything else.

    >>> import math
    >>> def arm(angles):
    ...     tip = np.zeros(2)
    ...     for k, a in enumerate(angles):
    ...         tip[0] += math.cos(a)
    ...         tip[1] += math.sin(a)
    ...     return float(tip[0] * tip[1])
    >>> tl.grad(tl.adapt(arm))(np.array([0.0, 0.5 * np.pi])).round(12)
    array([ 1., -1.])
    """
    served = served_instead(program)
    if served is not None:
        return served
    home = home_of(program)
    if home is None or (home == "builtins" and type(program) is not FunctionType):
        raise TypeError(f"adapt: takes a Python function, a method, a class or a module, not {type(program).__name__}")
    known: Any = getattr(program, "__globals__", None) or getattr(program, "__dict__", ())
    if "__adapted__" in known:
        return program
    return Adapter(program, home).copy(program)
