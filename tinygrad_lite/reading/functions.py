"""Functions that formulas use without a definition: of numbers, and of matrices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from ..engine.protocols import plain as plain_values
from ..engine.tensor import Tensor
from ..table.neural import sigmoid
from .axes import DOWN, PLACES, RIGHT, Value, contracted, elementwise, identity, reduced, renamed
from .latex import NotRead
from .syntax import Expr, Number

BUILTIN: Final[dict[str, Callable[..., Any]]] = {
    "exp": np.exp,
    "ln": np.log,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "arcsin": np.arcsin,
    "arccos": np.arccos,
    "arctan": np.arctan,
    "abs": np.abs,
    "sign": np.sign,
    "sgn": np.sign,
    "max": np.maximum,
    "min": np.minimum,
    "sigmoid": sigmoid,
    "softplus": lambda x: np.logaddexp(0, x),
    "relu": lambda x: np.maximum(x, 0),
    "ReLU": lambda x: np.maximum(x, 0),
}
"""Of numbers, entry by entry."""


def matrix_only(value: Value, what: str, node: Expr) -> Value:
    """A matrix; raises NotRead for anything else."""
    if value.kind != "matrix":
        raise NotRead(f"{what} of a {value.kind}: it needs a matrix", node.span)
    value.axes[DOWN].equate(value.axes[RIGHT])
    return value


def of_last_two(f: Callable[[Any], Any], value: Value, left: tuple[str, ...]) -> Value:
    """A function of the matrices in an array: its places are made the last two axes."""
    others = [name for name in value.axes if name not in (DOWN, RIGHT)]
    axes = {name: value.axes[name] for name in [*others, *left]}
    if value.data is None:
        return value._replace(axes=axes)
    order = [list(value.axes).index(name) for name in [*others, DOWN, RIGHT]]
    return value._replace(axes=axes, data=f(np.transpose(value.data, order)))


def trace(value: Value, node: Expr) -> Value:
    """The sum of a matrix's diagonal; of a number the number itself."""
    if value.kind == "number":
        return value
    matrix_only(value, "the trace", node)
    return reduced(np.sum, renamed(value, {DOWN: "diagonal", RIGHT: "diagonal"}), ["diagonal"])


def determinant(value: Value, node: Expr) -> Value:
    """det A."""
    return of_last_two(np.linalg.det, matrix_only(value, "the determinant", node), ())


def inverse(value: Value, node: Expr) -> Value:
    """A⁻¹; of a number 1/x."""
    if value.kind == "number":
        return elementwise(lambda x: 1 / x, value)
    return of_last_two(inverted, matrix_only(value, "the inverse", node), (DOWN, RIGHT))


def inverted(x: Any) -> Any:
    """x⁻¹; raises LinAlgError where it is rounding that keeps x from being singular, as XᵀX of a wide X."""
    values = plain_values(x, Tensor)
    if values.dtype != object and np.any(np.linalg.cond(values) > SINGULAR):
        raise np.linalg.LinAlgError("a matrix that is inverted is singular")
    return np.linalg.inv(x)


SINGULAR: Final = 1e12
"""The condition number from which on an inverse says nothing."""


def diagonal(value: Value, node: Expr) -> Value:
    """diag: of a column the matrix with it on its diagonal, of a matrix its diagonal as a column."""
    if value.kind == "matrix":
        value.axes[DOWN].equate(value.axes[RIGHT])
        return on_diagonal(value)
    if value.kind != "column":
        raise NotRead(f"diag of a {value.kind}", node.span)
    dim = value.axes[DOWN]
    n = None if value.data is None else value.data.shape[list(value.axes).index(DOWN)]
    return elementwise(np.multiply, value, identity(DOWN, RIGHT, dim, n))


def on_diagonal(value: Value) -> Value:
    """A matrix's diagonal as a column."""
    return renamed(renamed(value, {DOWN: "diagonal", RIGHT: "diagonal"}), {"diagonal": DOWN})


def softmax(value: Value, node: Expr, said: str | None = None) -> Value:
    """e^zₖ / Σⱼ e^zⱼ of a column; of a matrix of each row or each column, as is ``said``."""
    places = [place for place in PLACES if place in value.axes]
    if value.kind == "matrix" and said in BY:
        places = [BY[said]]
    elif value.kind == "matrix":
        raise NotRead(
            "softmax of a matrix: of each row, or each column? declare softmax: by rows (or by columns)", node.span
        )
    elif value.kind == "number":
        raise NotRead("softmax of a number: it needs a column; declare what it is of as a vector", node.span)
    e = elementwise(np.exp, value)
    return elementwise(np.true_divide, e, reduced(np.sum, e, places))


BY: Final = {"by rows": RIGHT, "by columns": DOWN}
"""The axis that a softmax is along."""


OF_MATRICES: Final[Mapping[str, Callable[[Value, Expr], Value]]] = {
    "tr": trace,
    "Tr": trace,
    "trace": trace,
    "det": determinant,
    "diag": diagonal,
}
"""Of arrays as a whole."""


def absolute(value: Value, node: Expr) -> Value:
    """|·|: of a number its absolute value, of a column its length, of a matrix its determinant."""
    if value.kind == "number":
        return elementwise(np.abs, value)
    if value.kind == "matrix":
        return determinant(value, node)
    return norm(value, "", node)


def norm(value: Value, which: str, node: Expr, squared: bool = False) -> Value:
    """‖·‖ of a column, ₁ or ₂ or ∞; ‖·‖_F of a matrix; ‖·‖², whose derivative is right at 0, too."""
    places = [name for name in (DOWN, RIGHT) if name in value.axes]
    if value.kind == "number":
        return elementwise(np.square if squared else np.abs, value)
    if (value.kind == "matrix" and which != "F") or (value.kind != "matrix" and which not in ("", "1", "2", "∞")):
        raise NotRead(f"‖·‖{which} of a {value.kind}: which norm is meant is not clear", node.span)
    if which == "1":
        return reduced(np.sum, elementwise(np.abs, value), places)
    if which == "∞":
        return reduced(np.max, elementwise(np.abs, value), places)
    total = reduced(np.sum, elementwise(np.square, value), places)
    return total if squared else elementwise(np.sqrt, total)


def power(value: Value, exponent: Value, printed: Expr, node: Expr, entrywise: bool = False) -> Value:
    """xⁿ: of numbers; of a column entry by entry, if the page says so; of a matrix products with itself."""
    if exponent.kind != "number":
        raise NotRead(f"an exponent that is a {exponent.kind}", node.span)
    if value.kind == "matrix":
        if not (isinstance(printed, Number) and printed.text.isdigit() and int(printed.text) > 0):
            raise NotRead("a power of a matrix that is no whole number", node.span)
        total = value
        for _ in range(int(printed.text) - 1):
            total = contracted(total, value)
        return total
    if value.kind != "number" and not entrywise:
        raise NotRead(
            f"a power of a {value.kind}: entry by entry, or the square of its length? write ‖x‖² or x ⊙ x, or declare "
            "vectors: entrywise",
            node.span,
        )
    if type(exponent.data) in (int, float, np.float64):  # of no number that records what is done with it
        n = int(exponent.data) if float(exponent.data).is_integer() else exponent.data
        return elementwise(lambda x: x**n, value)._replace(uses=value.uses)
    return elementwise(lambda x, n: x**n, value, exponent)
