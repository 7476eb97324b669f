"""How ufuncs and primitives are written."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from typing import Any, Final

import numpy as np

from ..table.class_labels import label_mask
from ..table.deviations import direction_p
from ..table.elementwise import keep_p, where_p
from ..table.entropies import binary_slope_p, cross_entropy_of_labels_p, cross_entropy_p
from ..table.indexing import getitem_p, scatter_p
from ..table.parts import put_p, read_p, write_p
from ..table.primitive import Primitive
from ..table.reductions import mean_p, sum_p
from ..table.registry import DISPATCH
from ..table.shapes import astype_p, broadcast_to_p, identity_p, reshape_p, transpose_p
from .algebra import (
    Formula,
    as_formula,
    bracket,
    call,
    constant,
    in_shape,
    matrix_product,
    minus,
    multiple,
    number,
    over,
    permute,
    plus,
    sum_over_axes,
    symbol,
    times,
    to_power,
)
from .atoms import Shape
from .selections import Selection, at_index, part_of, replaced, zeros_with
from .words import Setting, settings, word_of


def power(a: Formula, b: Formula) -> Formula:
    """aᵇ, with a number as an exponent of products and parentheses."""
    exponent = constant(b)
    return to_power(a, exponent) if isinstance(exponent, Fraction) else call("power", a, b)


OPPOSITE: Final = {"=": "≠", "≠": "=", "<": "≥", "≥": "<", ">": "≤", "≤": ">"}


def negation(mask: Formula) -> Formula:
    """1 where a condition does not hold: the opposite condition, or 1 less the formula."""
    if len(mask.terms) == 1 and len(mask.terms[0][1]) == 1 and mask.only().head == "bracket":
        sign, a, b = mask.only().args
        return bracket(OPPOSITE[sign], a, b)
    return minus(number(1), mask)


def disjunction(a: Formula, b: Formula) -> Formula:
    """1 where one of two conditions holds."""
    return minus(number(1), times(negation(a), negation(b)))


def choice(condition: Formula, a: Formula, b: Formula) -> Formula:
    """a where the condition holds, else b."""
    return plus(times(a, condition), times(b, minus(number(1), condition)))


UFUNCS: Final[dict[np.ufunc, Callable[..., Formula]]] = {
    np.add: plus,
    np.subtract: minus,
    np.multiply: times,
    np.divide: over,
    np.floor_divide: lambda a, b: call("floor", over(a, b)),
    np.negative: lambda a: multiple(a, -1),
    np.positive: lambda a: a,
    np.square: lambda a: times(a, a),
    np.reciprocal: lambda a: to_power(a, Fraction(-1)),
    np.sqrt: lambda a: to_power(a, Fraction(1, 2)),
    np.power: power,
    np.matmul: matrix_product,
    np.equal: partial(bracket, "="),
    np.not_equal: partial(bracket, "≠"),
    np.less: partial(bracket, "<"),
    np.less_equal: partial(bracket, "≤"),
    np.greater: partial(bracket, ">"),
    np.greater_equal: partial(bracket, "≥"),
    np.bitwise_and: times,
    np.bitwise_or: disjunction,
    np.invert: negation,
}
"""Ufuncs that have a notation of their own; the rest are written as functions."""


def of_ufunc(ufunc: np.ufunc, operands: tuple[Formula, ...]) -> Formula:
    """A ufunc of formulas."""
    written = UFUNCS.get(ufunc)
    if written is not None:
        return written(*operands)
    primitive = DISPATCH.get(ufunc)
    return call(primitive.symbol if isinstance(primitive, Primitive) else ufunc.__name__, *operands)


def named_mask(kind: str, x: Any) -> Formula:
    """A mask as a formula: a symbol for an array, of one value in every entry that value."""
    if isinstance(x, np.ndarray) and x.dtype == bool and x.ndim and x.any() != x.all():
        return symbol(word_of(kind, x), x.shape)
    return as_formula(x)


def losses(z: Formula, t: Formula, reduction: str) -> Formula:
    """Cross-entropy, the mean over a batch unless it says otherwise."""
    said = () if reduction == "mean" else (Setting("reduction", reduction),)
    return call(cross_entropy_p.symbol, z, t, *said, shape=z.shape[:1] if reduction == "none" else ())


NOTATION: Final[dict[Primitive, Callable[..., Formula]]] = {
    sum_p: sum_over_axes,
    mean_p: lambda x, axis, keepdims: over(
        sum_over_axes(x, axis, keepdims), number(math.prod([x.shape[k] for k in axis]))
    ),
    reshape_p: in_shape,
    transpose_p: permute,
    broadcast_to_p: lambda x, shape: Formula(x.terms, shape),
    binary_slope_p: lambda p, t: over(minus(p, t), times(p, minus(number(1, p.shape), p))),
    direction_p: lambda x, n, at_zero, p: over(x, n),
    keep_p: lambda g, mask: times(g, named_mask("mask", mask)),
    getitem_p: lambda x, index: part_of(x, at_index(index, x.shape)),
    scatter_p: lambda g, index, shape: zeros_with(g, at_index(index, shape)),
    read_p: lambda x, steps, order: part_of(x, Selection(steps, x.shape, order)),
    put_p: lambda g, shape, steps, order: zeros_with(g, Selection(steps, shape, order)),
    write_p: lambda x, v, steps, order, kept: replaced(x, Selection(steps, x.shape, order), v),
    identity_p: lambda x: x,
    astype_p: lambda x, dtype: x,
    cross_entropy_p: losses,
    cross_entropy_of_labels_p: lambda z, labels, reduction: losses(
        z, as_formula(label_mask(labels, z.shape[1])), reduction
    ),
    where_p: lambda a, b, condition: choice(named_mask("condition", condition), a, b),
}
"""Primitives that have a notation of their own, as functions of their inputs and parameters."""


def of_primitive(
    primitive: Primitive, operands: tuple[Formula, ...], params: Mapping[str, Any], shape: Shape | None = None
) -> Formula:
    """A primitive of formulas; the shape of its output is worked out where it is not told."""
    if primitive in NOTATION:
        return NOTATION[primitive](*operands, **params)
    if primitive.numpy in UFUNCS:
        return UFUNCS[primitive.numpy](*operands)
    if shape is None and (primitive.params or primitive.variadic):
        reduces = "keepdims" in primitive.params
        shape = operands[0].shape
        shape = sum_over_axes(operands[0], params["axis"], params["keepdims"]).shape if reduces else shape
    return call(primitive.symbol, *operands, *settings(params, operands[0].ndim), shape=shape)
