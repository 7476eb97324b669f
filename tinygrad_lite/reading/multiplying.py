"""Products by the type of what is multiplied: numbers, columns, rows, matrices."""

from __future__ import annotations

import numpy as np

from .axes import DOWN, RIGHT, Value, contracted, elementwise, inner, renamed
from .latex import NotRead
from .syntax import Expr


class TwoReadings(NotRead):
    """A product of two columns, which is an inner product to some and entry by entry to others."""


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
