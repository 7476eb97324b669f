"""A program adapted without changing a line: a copy whose NumPy and ``math`` are this package's.

The copy shares nothing that is written to with the original: functions and modules are copied as they are reached, data
are not. NumPy itself is never changed.
"""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any, Final

import numpy as np

from ..engine.tensor import Tensor
from . import making

MATHEMATICS: Final = {
    "exp": np.exp, "expm1": np.expm1, "exp2": np.exp2, "log": np.log, "log2": np.log2, "log10": np.log10,
    "log1p": np.log1p, "pow": np.power, "sqrt": np.sqrt, "cbrt": np.cbrt, "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "atan2": np.arctan2, "sinh": np.sinh, "cosh": np.cosh,
    "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh, "hypot": np.hypot, "fabs": np.abs,
    "degrees": np.degrees, "radians": np.radians, "fmod": np.fmod, "copysign": np.copysign,
}  # fmt: skip
"""Functions of ``math`` and NumPy's of the same meaning."""


def holds(args: Any) -> bool:
    """Whether a Tensor is among some arguments."""
    return any(type(x) is Tensor for x in args)


class Mathematics:
    """A function of ``math``, of a Tensor NumPy's."""

    def __init__(self, original: Callable[..., Any], instead: Callable[..., Any]) -> None:
        self.original = original
        self.instead = instead
        self.__name__ = original.__name__
        self.__doc__ = original.__doc__

    def __call__(self, *args: Any) -> Any:
        if not holds(args):
            return self.original(*args)
        if self.original is math.log and len(args) == 2:
            return np.log(args[0]) / np.log(args[1])
        return self.instead(*args)


def as_float(x: Any = 0.0) -> Any:
    """``float(x)``: a Tensor of one entry stays what it is, a number without axes."""
    if type(x) is Tensor and x.requires_grad and x.size == 1:
        return x.reshape(()) if x.shape else x
    return float(x)


def formatted(text: Any, values: Any) -> Any:
    """``text % values``, for which Tensors are numbers: nothing that is printed takes part in a gradient."""
    if isinstance(text, (str, bytes)):
        parts = values if isinstance(values, tuple) else (values,)
        plain = tuple([x._value.item() if type(x) is Tensor and x.size == 1 else x for x in parts])
        return text % (plain if isinstance(values, tuple) else plain[0])
    return text % values


HELPERS: Final = {"__as_float__": as_float, "__formatted__": formatted}


@cache
def instead() -> dict[int, Any]:
    """By identity: what stands for functions and modules of NumPy's and ``math``'s."""
    found: dict[int, Any] = {}
    for original, served in making.served_instead():
        found.setdefault(id(original), served)
    for module in (np, np.linalg, np.fft, np.random):
        found[id(module)] = making.Namespace(module.__name__)
    copied = ModuleType("math", math.__doc__)
    for name, value in vars(math).items():
        numpy = MATHEMATICS.get(name)
        served = Mathematics(value, numpy) if numpy is not None else value
        setattr(copied, name, served)
        if numpy is not None:
            found[id(value)] = served
    found[id(math)] = copied
    return found


class Adapter:
    """Copies what is reached from a function or module, each thing once."""

    def __init__(self) -> None:
        self.copies: dict[int, Any] = dict(instead())
        self.kept: list[Any] = []  # an identity is somebody else's once its object is gone
        self.globals: dict[int, dict[str, Any]] = {}
        self.home = ""

    def copy(self, x: Any) -> Any:
        """What stands for a value found in a program."""
        if id(x) in self.copies:
            return self.copies[id(x)]
        if isinstance(x, FunctionType):
            return self.function(x) if self.is_own(x.__globals__.get("__name__", "")) else x
        if isinstance(x, ModuleType) and self.is_own(x.__name__):
            return self.module(x)
        if isinstance(x, type) and self.is_own(x.__module__):
            return self.type(x)
        return x

    def is_own(self, module: str) -> bool:
        """Whether a module belongs to the program: the function's own, and what stands in the same package."""
        return module == self.home or module.partition(".")[0] == self.home.partition(".")[0] != "builtins"

    def namespace(self, original: dict[str, Any]) -> dict[str, Any]:
        """A copy of a module's globals."""
        if id(original) not in self.globals:
            copied: dict[str, Any] = {}
            self.globals[id(original)] = copied
            self.kept.append(original)
            copied.update(original)
            copied.update(HELPERS)
            for name, value in list(original.items()):
                if not name.startswith("__"):
                    copied[name] = self.copy(value)
        return self.globals[id(original)]

    def function(self, f: FunctionType) -> Any:
        """A copy of a function, with its globals and what it closes over."""
        made = FunctionType(
            rewritten(f),
            self.namespace_begun(f),
            f.__name__,
            f.__defaults__,
            None if f.__closure__ is None else tuple([CellType() for _ in f.__closure__]),
        )
        self.copies[id(f)] = made
        self.kept.append(f)
        made.__kwdefaults__ = f.__kwdefaults__
        made.__dict__.update(f.__dict__)
        made.__doc__, made.__qualname__, made.__module__ = f.__doc__, f.__qualname__, f.__module__
        for old, new in zip(f.__closure__ or (), made.__closure__ or (), strict=True):
            with suppress(ValueError):  # an empty cell
                new.cell_contents = self.copy(old.cell_contents)
        self.namespace(f.__globals__)
        return made

    def namespace_begun(self, f: FunctionType) -> dict[str, Any]:
        return self.namespace(f.__globals__)

    def module(self, module: ModuleType) -> ModuleType:
        """A copy of a module."""
        made = ModuleType(module.__name__, module.__doc__)
        self.copies[id(module)] = made
        self.kept.append(module)
        made.__dict__.update(self.namespace(vars(module)))
        return made

    def type(self, kind: type) -> type:
        """A copy of a class, with its methods."""
        if (
            any(hasattr(base, "__slots__") and base is not object for base in kind.__mro__[:-1])
            or type(kind) is not type
        ):
            return kind
        self.kept.append(kind)
        body = {key: value for key, value in vars(kind).items() if key not in ("__dict__", "__weakref__")}
        made = type(kind.__name__, tuple([self.copy(base) for base in kind.__bases__]), body)
        self.copies[id(kind)] = made
        for key, value in body.items():
            if isinstance(value, FunctionType):
                setattr(made, key, self.copy(value))
            elif isinstance(value, (staticmethod, classmethod)):
                setattr(made, key, type(value)(self.copy(value.__func__)))
            elif isinstance(value, property):
                get, put, delete = [None if g is None else self.copy(g) for g in (value.fget, value.fset, value.fdel)]
                setattr(made, key, property(get, put, delete, value.__doc__))
        return made


class NumberCalls(ast.NodeTransformer):
    """``float(x)`` and ``"%f" % x`` of Tensors: what can only be seen in the source."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "float" and len(node.args) == 1 and not node.keywords:
            node.func.id = "__as_float__"
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if (
            isinstance(node.op, ast.Mod)
            and not (isinstance(node.left, ast.Constant) and not isinstance(node.left.value, str))
            and (isinstance(node.left, (ast.Constant, ast.JoinedStr)))
        ):
            return ast.copy_location(ast.Call(ast.Name("__formatted__", ast.Load()), [node.left, node.right], []), node)
        return node


def rewritten(f: FunctionType) -> CodeType:
    """A function's code with :class:`NumberCalls` applied; the code as it is where the source cannot be had."""
    if "float" not in f.__code__.co_names and not any(isinstance(c, str) and "%" in c for c in f.__code__.co_consts):
        return f.__code__
    try:
        source = textwrap.dedent(inspect.getsource(f))
        tree = ast.parse(source)
    except (OSError, TypeError, SyntaxError):
        return f.__code__
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.FunctionDef):
        return f.__code__
    definition = tree.body[0]
    definition.decorator_list = []
    inner = NumberCalls().visit(definition)
    names = f.__code__.co_freevars
    if names:  # compiled within a function that has them, so that it closes over them
        arguments = ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
        outer = ast.FunctionDef("outer", arguments, [inner], [], None)
        tree.body = [outer]
    ast.fix_missing_locations(tree)
    ast.increment_lineno(tree, f.__code__.co_firstlineno - 1)
    code = compile(tree, f.__code__.co_filename, "exec")
    if names:
        code = next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == "outer")
    found = next((c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == f.__code__.co_name), None)
    return found if found is not None and found.co_freevars == names else f.__code__


def adapt(program: Any) -> Any:
    """A copy of a function, or of a module, that can be differentiated where it was written for NumPy and ``math``.

    The copy's ``numpy`` is :mod:`tinygrad_lite.numpy`, and its ``math`` takes Tensors; so are those of the functions
    and classes of its package that it reaches. ``float(x)`` and ``"%f" % x`` work where the source can be read. The
    original, and NumPy, are not changed; global data are shared.

    Parameters
    ----------
    program : a Python function, or a module

    Raises TypeError for anything else.

    >>> import math
    >>> def arm(angles):
    ...     tip = np.zeros(2)
    ...     for k, a in enumerate(angles):
    ...         tip[0] += math.cos(a)
    ...         tip[1] += math.sin(a)
    ...     return float(tip[0] * tip[1])
    >>> tl.grad(tl.adapt(arm))(np.array([0.0, 0.5 * np.pi])).round(12)
    array([1., -1.])
    """
    adapter = Adapter()
    if isinstance(program, ModuleType):
        adapter.home = program.__name__
        return adapter.module(program)
    if not isinstance(program, FunctionType):
        raise TypeError(f"adapt: takes a Python function or a module, not {type(program).__name__}")
    adapter.home = program.__globals__.get("__name__", "")
    return adapter.function(program)
