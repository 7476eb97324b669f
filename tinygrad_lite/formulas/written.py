"""Named placeholders for whole arrays: what a derivative rule does to them is the formula that it stands for.

A rule is written in operators, methods and NumPy functions that dispatch. Handed placeholders it gives a
:class:`Written`: a formula that answers NumPy as an array does. Operators reach it as ufuncs, so that one table tells
how things are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ..table.primitive import Primitive
from .algebra import Formula, as_formula, in_shape, matrix_transpose, permute, sum_over_axes, symbol
from .atoms import Shape
from .notation import choice, of_primitive, of_ufunc
from .selections import at_index, part_of


class Written(Formula, NDArrayOperatorsMixin):
    """A formula as an array that rules compute with.

    Comparisons give formulas too, so that masks can be written.
    """

    __slots__ = ()

    dtype: Final = np.dtype(float)

    @classmethod
    def of(cls, x: Any) -> Written:
        """A formula, a number or an array as one."""
        if isinstance(x, Written):
            return x
        formula = as_formula(x)
        return cls(formula.terms, formula.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __bool__(self) -> bool:
        raise TypeError("a formula has no truth value: a rule must not branch on values")

    __hash__ = object.__hash__

    def __getitem__(self, index: Any) -> Written:
        return Written.of(part_of(self, at_index(index, self.shape)))

    # -- what rules call ----------------------------------------------------------------------------------------------

    @property
    def mT(self) -> Written:
        """The last two axes exchanged."""
        return Written.of(matrix_transpose(self))

    @property
    def T(self) -> Written:
        """All axes reversed."""
        return self.transpose()

    def transpose(self, axes: Any = None) -> Written:
        return Written.of(permute(self, tuple(range(self.ndim))[::-1] if axes is None else tuple(axes)))

    def astype(self, _dtype: Any) -> Written:
        return self

    def reshape(self, *shape: Any) -> Written:
        new: Shape = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else tuple(shape)
        if -1 in new:
            known = Formula((), tuple([n for n in new if n != -1])).size
            new = tuple([self.size // known if n == -1 else n for n in new])
        return Written.of(in_shape(self, new))

    def squeeze(self, axis: Any = None) -> Written:
        axes = range(self.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        gone = {k % self.ndim for k in axes}
        return Written.of(in_shape(self, tuple([n for k, n in enumerate(self.shape) if not (k in gone and n == 1)])))

    def sum(self, axis: Any = None, keepdims: bool = False) -> Written:
        return Written.of(sum_over_axes(self, axis, keepdims))

    # -- NumPy's protocols, and the primitives' -----------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "reduce" and ufunc is np.add:
            return self.sum(kwargs.get("axis", 0), kwargs.get("keepdims", False))
        if method != "__call__" or ufunc.nout != 1 or "out" in kwargs:
            return NotImplemented
        return Written.of(of_ufunc(ufunc, tuple(map(as_formula, inputs))))

    def __array_function__(self, function: Callable[..., Any], _types: Any, args: Any, kwargs: Any) -> Any:
        if function not in FUNCTIONS:
            return NotImplemented
        return Written.of(FUNCTIONS[function](*args, **kwargs))

    @staticmethod
    def __record__(primitive: Primitive, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Written:
        return operation_of(primitive, tuple(map(as_formula, inputs)), params)


def operation_of(
    primitive: Primitive, operands: tuple[Formula, ...], params: Mapping[str, Any], shape: Shape | None = None
) -> Written:
    """A primitive of formulas, or the formula that it computes to more digits; its shape is worked out if not told."""
    if primitive.written is not None:
        return Written.of(primitive.written(*map(Written.of, operands), **params))
    return Written.of(of_primitive(primitive, operands, params, shape))


FUNCTIONS: Final[dict[Callable[..., Any], Callable[..., Formula]]] = {
    np.where: lambda condition, a, b: choice(as_formula(condition), as_formula(a), as_formula(b)),
    np.zeros_like: lambda x: Formula((), x.shape),
    np.broadcast_to: lambda x, shape: Formula(x.terms, tuple(shape)),
    np.sum: sum_over_axes,
}
"""How NumPy's functions that are no ufuncs are written."""


def placeholder(name: str, shape: Shape = ()) -> Written:
    """A name that stands for an array of this shape."""
    return Written.of(symbol(name, shape))
