"""Arithmetic among Python's numbers, which gives Python's: they take on the dtype of the arrays that they meet."""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable
from numbers import Number
from typing import Any, Final

import numpy as np

from .asking import Questions
from .methods_as_calls import Attribute, Method
from .naming import is_library
from .unknown_numbers import unknown

PYTHONS: Final = (bool, int, float, complex)

ARITHMETIC: Final[dict[str, Callable[..., Any]]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": operator.truediv,
    "floordiv": operator.floordiv, "mod": operator.mod, "pow": operator.pow, "and": operator.and_,
    "or": operator.or_, "xor": operator.xor, "lshift": operator.lshift, "rshift": operator.rshift,
}  # fmt: skip
COMPARING: Final[dict[str, Callable[..., Any]]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip
OF_ONE: Final[dict[str, Callable[..., Any]]] = {
    "neg": operator.neg, "pos": operator.pos, "abs": abs, "invert": operator.invert,
    "floor": math.floor, "ceil": math.ceil, "trunc": math.trunc,
}  # fmt: skip

HIDDEN: Final = ("shape", "dtype", "ndim", "size", "flags", "flat")
"""What arrays have, and Python's numbers have not."""


def real_power(x: Any, y: Any) -> Any:
    """``x ** y`` of Python's floats; raises TypeError where that is complex."""
    z = x**y
    if type(z) is complex:
        raise TypeError("compile: a negative float to a power that is not whole is complex; complex(x) ** y is always")
    return z


class PythonNumber(Questions):
    """The operators of a written Python number."""

    __slots__ = ()

    def __round__(self, digits: int | None = None) -> Any:
        return self.recorder.python(round, self) if digits is None else self.recorder.python(round, self, digits)

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __getattr__(self, name: str) -> Any:
        if not is_library(sys._getframe(1)):
            if not hasattr(self.value, name):
                raise AttributeError(f"{type(self.value).__name__!r} object has no attribute {name!r}")
            if name in ("real", "imag"):
                return self.recorder.python(Attribute(name), self)
            if name == "conjugate":
                return lambda: self.recorder.python(Method(name), self)
            raise unknown(f"{name} of a Python number", "Operators and NumPy's functions can be computed with")
        return super().__getattr__(name)  # type: ignore[misc]

    __hash__ = Questions.__hash__


def is_python(x: Any) -> bool:
    """Whether it is a number of Python's, known or written."""
    return type(x) in PYTHONS or issubclass(type(x), PythonNumber)


def kind_of_number(x: Any) -> type:
    """Which of Python's numbers it is, or stands for."""
    return type(x.value) if isinstance(x, PythonNumber) else type(x)


def power_of(x: Any, y: Any) -> Callable[..., Any]:
    """The function that computes ``x ** y`` of Python's numbers; raises where its type depends on what they are."""
    kinds = kind_of_number(x), kind_of_number(y)
    if complex in kinds or (kinds[0] is float and kinds[1] is not float):
        return operator.pow
    if kinds[1] is not float:
        if type(y) in PYTHONS:
            return operator.pow
        raise unknown("** of whole numbers, which gives a float where the exponent is negative,", "A float is no int")
    known = (type(y) in PYTHONS and y.is_integer()) or (type(x) in PYTHONS and x >= 0)
    return operator.pow if known else real_power


def written_operator(name: str, function: Callable[..., Any], swapped: bool = False) -> Callable[..., Any]:
    """An operator: Python's among Python's numbers, and else NumPy's."""
    numpys = getattr(np.lib.mixins.NDArrayOperatorsMixin, f"__{'r' if swapped else ''}{name}__")

    def method(self: Any, other: Any) -> Any:
        if not is_python(other):
            return numpys(self, other)
        x, y = (other, self) if swapped else (self, other)
        return self.recorder.python(power_of(x, y) if function is operator.pow else function, x, y)

    return method


def written_comparison(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A comparison: of what is no number it depends on no number."""
    numpys = getattr(np.lib.mixins.NDArrayOperatorsMixin, f"__{name}__")

    def method(self: Any, other: Any) -> Any:
        if is_python(other):
            return self.recorder.python(function, self, other)
        if name in ("eq", "ne") and not hasattr(type(other), "__array_ufunc__") and not isinstance(other, Number):
            return function(self.value, other)
        return numpys(self, other)

    return method


def of_one(function: Callable[..., Any]) -> Callable[..., Any]:
    """An operator of one number."""
    return lambda self: self.recorder.python(function, self)


for name, function in ARITHMETIC.items():
    setattr(PythonNumber, f"__{name}__", written_operator(name, function))
    setattr(PythonNumber, f"__r{name}__", written_operator(name, function, swapped=True))
    setattr(PythonNumber, f"__i{name}__", written_operator(name, function))
for name, function in COMPARING.items():
    setattr(PythonNumber, f"__{name}__", written_comparison(name, function))
for name, function in OF_ONE.items():
    setattr(PythonNumber, f"__{name}__", of_one(function))


def hidden(name: str, plain: property) -> property:
    """A property that the library sees, and the program does not."""

    def get(self: Any) -> Any:
        if not is_library(sys._getframe(1)):
            raise AttributeError(f"{type(self.value).__name__!r} object has no attribute {name!r}")
        return plain.fget(self)  # type: ignore[misc]

    return property(get)
