"""Products by the type of what is multiplied: numbers, columns, rows, matrices."""

from __future__ import annotations

import numpy as np

from .axes import DOWN, FROM, PLACES, RIGHT, Value, contracted, elementwise, inner, reduced, renamed, transposed
from .latex import NotRead
from .syntax import Expr


class TwoReadings(NotRead):
    """A product of two columns, which is an inner product to some and entry by entry to others."""


def chained(a: Value, b: Value, node: Expr) -> Value:
    """A product by the chain rule: what is differentiated in one of two factors is summed over with the other one."""
    if "number" in (a.kind, b.kind) and not (FROM in a.axes and FROM in b.axes):
        return elementwise(np.multiply, a, b)
    if FROM in b.axes:
        over, axis = [place for place in PLACES if place in a.axes], FROM
    else:
        over, axis = [FROM], next((place for place in PLACES if place in b.axes), DOWN)
    if len(over) != 1 or (FROM not in b.axes and b.kind == "matrix"):
        raise NotRead(
            f"by the chain rule a {a.kind} is multiplied by a {b.kind}: write the sum with indices", node.span
        )
    product = elementwise(np.multiply, renamed(a, {over[0]: "·"}), renamed(b, {axis: "·"}))
    return reduced(np.sum, product, ["·"])


def unlinked(value: Value, layout: str | None, node: Expr) -> Value:
    """A product by the chain rule that is a derivative of a column itself: its places, as the layout has them."""
    if FROM not in value.axes:
        return value
    if RIGHT in value.axes or DOWN not in value.axes:
        raise NotRead("a derivative of a column by a matrix has no place for all of its axes: write indices", node.span)
    rows = renamed(value, {FROM: DOWN, DOWN: RIGHT})
    return transposed(rows) if layout == "denominator" else rows


def multiply_by_type(a: Value, b: Value, sign: str, vectors: str | None, node: Expr) -> Value:
    """a b with the sign between them that is printed; ``vectors`` says what two columns side by side are."""
    kinds = (a.kind, b.kind)
    if sign in ("⊙", "∘"):
        if "number" not in kinds and a.kind != b.kind:
            raise NotRead(f"a {a.kind} and a {b.kind} are multiplied entry by entry", node.span)
        return elementwise(np.multiply, a, b)
    if sign == "⊗":
        if kinds != ("column", "column"):
            raise NotRead(f"{sign} of a {a.kind} and a {b.kind} is not read: write the product in indices", node.span)
        return elementwise(np.multiply, a, renamed(b, {DOWN: RIGHT}))
    if sign == ":":
        raise NotRead("the product A : B of matrices is not read: write tr(Aᵀ B)", node.span)
    if "number" in kinds:
        return elementwise(np.multiply, a, b)
    if kinds == ("column", "row"):
        return elementwise(np.multiply, a, b)
    if RIGHT in a.axes and DOWN in b.axes:
        return contracted(a, b)
    if kinds == ("column", "column"):
        if sign == "·" or vectors == "inner":
            return inner(a, b)
        if vectors == "entrywise":
            return elementwise(np.multiply, a, b)
        raise TwoReadings(
            "two columns side by side: an inner product, or entry by entry? write ⊙ or ·, or declare "
            "vectors: entrywise (or inner)",
            node.span,
        )
    raise NotRead(f"a {a.kind} times a {b.kind}: the lengths do not meet; is a transpose missing?", node.span)
