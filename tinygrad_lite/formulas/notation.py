"""How ufuncs and primitives of placeholders are written."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

import numpy as np

from ..table.primitive import Primitive
from .written import Atom, Shape, Written, call, constant, lifted, named, one, raised


def entries(x: Written, index: Any) -> Written:
    """``x[index]``; what only adds axes is not written."""
    parts = index if isinstance(index, tuple) else (index,)
    shape = np.broadcast_to(0.0, x.shape)[index].shape
    if all(part is None or part is Ellipsis or (isinstance(part, slice) and part == slice(None)) for part in parts):
        return x.in_shape(shape)
    if constant(x) is not None:
        return Written(x.terms, shape)
    return one(Atom("index", (x, index_text(parts)), shape))


def index_text(entries: tuple[Any, ...]) -> str:
    """An index as Python has it."""

    def shown(entry: Any) -> str:
        if isinstance(entry, slice):
            parts = [entry.start, entry.stop, *([] if entry.step is None else [entry.step])]
            return ":".join(["" if part is None else str(part) for part in parts])
        if isinstance(entry, (np.ndarray, list)):
            return "indices"
        return "…" if entry is Ellipsis else str(entry)

    return ", ".join(map(shown, entries))


OPERATORS: Final[dict[np.ufunc, Callable[..., Any]]] = {
    np.add: lambda a, b: a + b,
    np.subtract: lambda a, b: a - b,
    np.multiply: lambda a, b: a * b,
    np.divide: lambda a, b: a / b,
    np.negative: lambda a: -a,
    np.positive: lambda a: a,
    np.square: lambda a: a * a,
    np.reciprocal: lambda a: 1 / a,
    np.sqrt: lambda a: raised(a, Fraction(1, 2)),
    np.power: lambda a, b: a**b,
    np.matmul: lambda a, b: a @ b,
    np.equal: lambda a, b: a == b,
    np.not_equal: lambda a, b: a != b,
    np.less: lambda a, b: a < b,
    np.less_equal: lambda a, b: a <= b,
    np.greater: lambda a, b: a > b,
    np.greater_equal: lambda a, b: a >= b,
    np.bitwise_and: lambda a, b: a * b,
    np.invert: lambda a: 1 - a,
}
"""Ufuncs that have a notation of their own."""


def loss_of(z: Written, t: Written, reduction: str) -> Written:
    """Cross-entropy of a batch, or of its samples."""
    return call("cross_entropy", z, t, shape=z.shape[:1] if reduction == "none" else ())


NOTATION: Final[dict[str, Callable[..., Written]]] = {
    "sum": lambda x, axis, keepdims: x.sum(axis, keepdims),
    "mean": lambda x, axis, keepdims: x.sum(axis, keepdims) / math.prod([x.shape[k] for k in axis]),
    "reshape": lambda x, shape: x.in_shape(shape),
    "transpose": lambda x, axes: x.transpose(axes),
    "broadcast_to": lambda x, shape: Written(x.terms, shape),
    "keep": lambda g, mask: g * mask,
    "getitem": lambda x, index: entries(x, index),
    "identity": lambda x: x,
    "astype": lambda x, dtype: x,
    "cross_entropy": lambda z, t, reduction: loss_of(z, t, reduction),
    "cross_entropy_of_labels": lambda z, labels, reduction: loss_of(z, named("t", z.shape), reduction),
    "sloped_relu": lambda x, slope_at_zero: call("relu", x),
    "where": lambda a, b, condition: a * condition + b * (1 - lifted(condition)),
}
"""Primitives that have a notation of their own, by name."""


def applied(
    primitive: Primitive, inputs: tuple[Any, ...], params: Mapping[str, Any], shape: Shape | None = None
) -> Written:
    """A primitive of placeholders, as a formula."""
    operands = [lifted(x) for x in inputs]
    if primitive.name in NOTATION:
        return NOTATION[primitive.name](*operands, **params)
    operator = OPERATORS.get(primitive.numpy)  # type: ignore[call-overload]
    if operator is not None:
        written: Written = operator(*operands)
        return written
    if shape is None and (primitive.params or primitive.variadic):
        reduces = "keepdims" in primitive.params
        shape = operands[0].sum(params["axis"], params["keepdims"]).shape if reduces else operands[0].shape
    return call(primitive.name, *operands, shape=shape)
