"""What stands in for a function of which its kind alone is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from ..table.neural import sigmoid
from .axes import DOWN, PLACES, AxesError, Value, elementwise, reduced

StandIn = Callable[..., Value]
"""From arguments to a value."""


def softmax(x: Any, axis: int) -> Any:
    """e^xᵢ / Σ e^x."""
    e = np.exp(x)
    return e / np.sum(e, axis=axis, keepdims=True)


def competing(x: Any, axis: int) -> Any:
    """tanh xᵢ / (1 + Σ x²)."""
    return np.tanh(x) / (1 + np.sum(x * x, axis=axis, keepdims=True))


def shifted(x: Any, axis: int) -> Any:
    """sin(xᵢ + ½ Σ x)."""
    return np.sin(x + np.sum(x, axis=axis, keepdims=True) / 2)


OF_NUMBERS: Final[Sequence[Callable[[Any], Any]]] = (np.tanh, sigmoid, lambda x: np.logaddexp(0, x), np.sin)
"""Each entry by itself."""

OF_COLUMNS: Final[Sequence[Callable[[Any, int], Any]]] = (softmax, competing, shifted)
"""Each entry with all others; these need the axis that they are on."""

OF_SUMS: Final[Sequence[Callable[[Any], Any]]] = (lambda x: np.logaddexp(0, x), lambda x: x * x + x, np.sin)
"""A number, of what the arguments add up to."""

CHOICES: Final[Mapping[str, Sequence[Callable[..., Any]]]] = {
    "elementwise": OF_NUMBERS,
    "vector": OF_COLUMNS,
    "number": OF_SUMS,
}

BOUNDED: Final[Mapping[str, Sequence[Callable[..., Any]]]] = {
    "elementwise": (sigmoid, lambda x: np.exp(-x * x)),
    "vector": (softmax, lambda x, axis: softmax(np.sin(x), axis)),
    "number": (sigmoid, lambda x: np.exp(-x * x)),
}
"""Those whose values are between 0 and 1."""

SIMPLEST: Final = {"elementwise": 3, "vector": 2, "number": 1}
"""The turns of those with which formulas stay the shortest."""


def stand_in(kind: str, turn: int, bounded: bool = False) -> StandIn:
    """A function of a kind, for each turn another; on request with values between 0 and 1.

    ``kind`` is "elementwise", "vector" for columns of columns, or "number" for numbers of anything.

    >>> from tinygrad_lite.reading.axes import number
    >>> stand_in("elementwise", 0)(number(0.0)).data
    np.float64(0.0)
    """
    choices = (BOUNDED if bounded else CHOICES)[kind]
    f = choices[turn % len(choices)]
    if kind == "elementwise":
        return lambda x: elementwise(f, x)
    if kind == "vector":
        return lambda x: of_column(f, x)
    return lambda *xs: of_sums(f, *xs)


def of_column(f: Callable[[Any, int], Any], x: Value) -> Value:
    """f of a column."""
    if x.kind != "column":
        raise AxesError(f"a function of columns is applied to a {x.kind}")
    return x if x.data is None else x._replace(data=f(x.data, list(x.axes).index(DOWN)))


def of_sums(f: Callable[[Any], Any], *xs: Value) -> Value:
    """f of the sum of all arguments' entries, each entry and argument with a weight that is not another's."""
    sums = []
    for k, x in enumerate(xs):
        bent = elementwise(lambda a, k=k: (k + 1) * a + a * a / (k + 2), x)
        sums.append(reduced(np.sum, bent, [place for place in PLACES if place in x.axes]))
    total = elementwise(lambda *parts: sum(parts) + parts[0] * parts[-1], *sums)
    return elementwise(f, total)
