"""Symbolic scalars: a SymPy expression with a float beside it, which NumPy's object arrays compute with.

The float, the *shadow*, is the expression's value at one point. Comparisons, ``max`` and ``sign`` decide by it, so code
with masks runs unchanged, and what comes out is the formula on the branch that was taken.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

import numpy as np

from ..engine.tensor import Tensor


@lru_cache(maxsize=1)
def sympy() -> Any:
    """SymPy; raises ImportError that says which extra brings it."""
    try:
        import sympy
    except ImportError:
        raise ImportError("symbols and proofs need SymPy: pip install 'tinygrad-lite[proofs]'") from None
    return sympy


class Symbolic:
    """A number that remembers how it was computed: ``expr`` is the SymPy expression, ``shadow`` its value as a float.

    To NumPy and to the tape it is a scalar of dtype object: operators and the ufuncs' methods work on both parts.
    Comparisons compare the shadows; two formulas are compared by :func:`prove_equal`.
    """

    __slots__ = ("expr", "shadow")

    shape: Final = ()
    ndim: Final = 0
    size: Final = 1
    dtype: Final = np.dtype(object)

    def __init__(self, expr: Any, shadow: float) -> None:
        self.expr = expr
        self.shadow = shadow

    # -- as a number --------------------------------------------------------------------------------------------------

    def __float__(self) -> float:
        return decided(self).shadow

    def __int__(self) -> int:
        return int(decided(self).shadow)

    def __bool__(self) -> bool:
        return bool(decided(self).shadow)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return str(self.expr)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {sympy().latex(self.expr)}$"

    # -- as a scalar of NumPy -----------------------------------------------------------------------------------------

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if dtype is not None and np.dtype(dtype) != object:
            return np.array(decided(self).shadow, dtype)
        alone = np.empty((), object)
        alone[()] = self
        return alone

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """As for an array without axes, but that a number that NumPy chose, as the 0 of ``maximum``, stays symbolic."""
        if any(isinstance(x, Tensor) for x in inputs):
            return NotImplemented
        y = getattr(ufunc, method)(*[x.__array__() if isinstance(x, Symbolic) else x for x in inputs], **kwargs)
        return number(y) if isinstance(y, (int, float)) and not isinstance(y, bool) else y

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        """As for an array without axes; its entry stays symbolic, as in the 0 of ``where``."""
        if Tensor in types:
            return NotImplemented
        y = function(*as_arrays(args), **kwargs)
        return number(y) if type(y) is np.ndarray and not y.ndim and y.dtype == object else y

    def __getitem__(self, index: Any) -> Any:
        return self.__array__()[index]

    def reshape(self, *shape: Any) -> Any:
        return self.__array__().reshape(*shape)

    def transpose(self, *_axes: Any) -> Symbolic:
        return self

    def astype(self, dtype: Any, copy: bool = True) -> Any:  # noqa: ARG002
        return self if np.dtype(dtype) == object else np.dtype(dtype).type(decided(self).shadow)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Symbolic:  # noqa: ARG002 (there is no axis to sum over)
        return self

    def conjugate(self) -> Symbolic:
        return self

    def item(self) -> Symbolic:
        return self

    copy = __copy__ = squeeze = ravel = item

    # -- operators ----------------------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Any:
        return combination(operator.add, self, other)

    def __radd__(self, other: Any) -> Any:
        return combination(operator.add, other, self)

    def __sub__(self, other: Any) -> Any:
        return combination(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        return combination(operator.sub, other, self)

    def __mul__(self, other: Any) -> Any:
        return combination(operator.mul, self, other)

    def __rmul__(self, other: Any) -> Any:
        return combination(operator.mul, other, self)

    def __truediv__(self, other: Any) -> Any:
        return combination(operator.truediv, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return combination(operator.truediv, other, self)

    def __pow__(self, other: Any) -> Any:
        return combination(operator.pow, self, other)

    def __rpow__(self, other: Any) -> Any:
        return combination(operator.pow, other, self)

    def __floordiv__(self, other: Any) -> Any:
        return combination(lambda a, b: whole(operator.floordiv, a, b), self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return combination(lambda a, b: whole(operator.floordiv, a, b), other, self)

    def __mod__(self, other: Any) -> Any:
        return combination(lambda a, b: whole(operator.mod, a, b), self, other)

    def __rmod__(self, other: Any) -> Any:
        return combination(lambda a, b: whole(operator.mod, a, b), other, self)

    def __neg__(self) -> Symbolic:
        return Symbolic(-self.expr, -self.shadow)

    def __pos__(self) -> Symbolic:
        return self

    def __abs__(self) -> Symbolic:
        """On the branch taken: x or −x."""
        return -self if decided(self).shadow < 0 else self

    def __floor__(self) -> Symbolic:
        return Symbolic(sympy().floor(self.expr), float(np.floor(self.shadow)))

    def __ceil__(self) -> Symbolic:
        return Symbolic(sympy().ceiling(self.expr), float(np.ceil(self.shadow)))

    def __trunc__(self) -> Symbolic:
        return self.__ceil__() if decided(self).shadow < 0 else self.__floor__()

    # -- comparisons: by the shadow -----------------------------------------------------------------------------------

    def __eq__(self, other: Any) -> Any:
        return comparison(operator.eq, self, other)

    def __ne__(self, other: Any) -> Any:
        return comparison(operator.ne, self, other)

    def __lt__(self, other: Any) -> Any:
        return comparison(operator.lt, self, other)

    def __le__(self, other: Any) -> Any:
        return comparison(operator.le, self, other)

    def __gt__(self, other: Any) -> Any:
        return comparison(operator.gt, self, other)

    def __ge__(self, other: Any) -> Any:
        return comparison(operator.ge, self, other)

    # -- what ufuncs call ---------------------------------------------------------------------------------------------

    def hypot(self, other: Any) -> Any:
        return (self * self + other * other).sqrt()

    def arctan2(self, other: Any) -> Any:
        b = number(other)
        return Symbolic(sympy().atan2(self.expr, b.expr), float(np.arctan2(self.shadow, b.shadow)))


def as_arrays(x: Any) -> Any:
    """An argument with arrays in place of symbolic scalars."""
    if isinstance(x, Symbolic):
        return x.__array__()
    return type(x)([as_arrays(part) for part in x]) if type(x) in (list, tuple) else x


def method(name: str, formula: Callable[[Any, Any], Any]) -> Callable[[Symbolic], Symbolic]:
    """The method that NumPy's ufunc of this name calls, from the formula of SymPy's module and the expression."""
    ufunc = getattr(np, name)

    def apply(self: Symbolic) -> Symbolic:
        return Symbolic(formula(sympy(), self.expr), float(ufunc(self.shadow)))

    apply.__name__ = name
    return apply


FORMULAS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "exp": lambda s, x: s.exp(x),
    "exp2": lambda s, x: s.Integer(2) ** x,
    "expm1": lambda s, x: s.exp(x) - 1,
    "log": lambda s, x: s.log(x),
    "log2": lambda s, x: s.log(x) / s.log(2),
    "log10": lambda s, x: s.log(x) / s.log(10),
    "log1p": lambda s, x: s.log(1 + x),
    "sqrt": lambda s, x: s.sqrt(x),
    "cbrt": lambda s, x: s.cbrt(x),
    "square": lambda s, x: x**2,
    "reciprocal": lambda s, x: 1 / x,
    "sin": lambda s, x: s.sin(x),
    "cos": lambda s, x: s.cos(x),
    "tan": lambda s, x: s.tan(x),
    "arcsin": lambda s, x: s.asin(x),
    "arccos": lambda s, x: s.acos(x),
    "arctan": lambda s, x: s.atan(x),
    "sinh": lambda s, x: s.sinh(x),
    "cosh": lambda s, x: s.cosh(x),
    "tanh": lambda s, x: s.tanh(x),
    "arcsinh": lambda s, x: s.asinh(x),
    "arccosh": lambda s, x: s.acosh(x),
    "arctanh": lambda s, x: s.atanh(x),
}
"""NumPy's elementwise functions of one number that SymPy has too."""

for name in FORMULAS:
    setattr(Symbolic, name, method(name, FORMULAS[name]))


NUMBERS: Final = (bool, int, float, Fraction, np.bool, np.integer, np.floating)


def number(x: Any) -> Symbolic:
    """A number as a symbolic constant; a symbolic scalar itself. Raises TypeError for anything else."""
    if isinstance(x, Symbolic):
        return x
    if isinstance(x, np.ndarray) and not x.ndim:
        return number(x[()])
    if isinstance(x, NUMBERS):
        return Symbolic(exact(x), float(x))
    if isinstance(x, sympy().Expr):
        return Symbolic(x, float(x) if x.is_number else math.nan)
    raise TypeError(f"a symbolic scalar or a number is needed, got {type(x).__name__}")


@lru_cache(maxsize=4096)
def exact(x: Any) -> Any:
    """The number that a float stands for: ln 2, ln 10, π, e, the root of a small fraction, or else the simplest
    fraction that rounds to it. 0.1 is read as 1/10, as it was written.
    """
    s = sympy()
    if isinstance(x, (bool, int, np.bool, np.integer)):
        return s.Integer(int(x))
    if isinstance(x, Fraction):
        return s.Rational(x.numerator, x.denominator)
    x = float(x)
    if not math.isfinite(x):
        return s.nan if math.isnan(x) else s.oo if x > 0 else -s.oo
    for value, constant in ((math.log(2), s.log(2)), (math.log(10), s.log(10)), (math.pi, s.pi), (math.e, s.E)):
        if abs(x) == value:
            return constant if x > 0 else -constant
    for largest in (1000, 10**6):
        near = Fraction(x).limit_denominator(largest)
        if float(near) == x:
            return s.Rational(near.numerator, near.denominator)
    root = Fraction(x * x).limit_denominator(1000)
    if math.sqrt(root) == abs(x):
        return s.sqrt(s.Rational(root.numerator, root.denominator)) * (1 if x > 0 else -1)
    return s.Rational(str(x))


def combination(operation: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """A Python operator on both parts; NotImplemented where the other operand is an array or a Tensor."""
    try:
        a, b = number(a), number(b)
    except TypeError:
        return NotImplemented
    with np.errstate(all="ignore"):
        shadow = float(operation(np.float64(a.shadow), np.float64(b.shadow)))
    return Symbolic(operation(a.expr, b.expr), shadow)


def whole(operation: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """``//`` and ``%``: floats as Python has them, expressions by SymPy's floor."""
    if isinstance(a, float):
        return operation(a, b)
    floor = sympy().floor(a / b)
    return floor if operation is operator.floordiv else a - b * floor


def comparison(operation: Callable[[Any, Any], Any], a: Symbolic, b: Any) -> Any:
    """A comparison of shadows."""
    if not isinstance(b, (Symbolic, *NUMBERS)):
        return NotImplemented
    return np.bool(operation(decided(a).shadow, float(b)))


SHADOWS: Final[dict[Any, float]] = {}
"""The shadow of every symbol."""

DECIDING: Final[set[Any]] = set()
"""Symbols whose shadows have decided something: formulas in them may stand for one branch alone, the shadows'."""


def decided(x: Symbolic) -> Symbolic:
    """The scalar itself; its shadow is going to be relied on."""
    DECIDING.update(x.expr.free_symbols)
    return x
