"""Arrays of symbols to compute with, and the expressions that come out."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.tensor import Tensor
from .scalars import SHADOWS, Symbolic, number, sympy


def symbols(
    name: str,
    shape: int | Sequence[int] = (),
    *,
    positive: bool = False,
    between: tuple[float, float] | None = None,
    values: Any = None,
    seed: int = 0,
) -> Any:
    """An array of symbols, name1, name2, … (nameij for matrices), that runs through NumPy and through Tensors.

    Each entry is a SymPy symbol with a float beside it, its *shadow*, by which comparisons, ``max``, ``sign`` and
    ``where`` decide: what is computed is the formula on the branch taken there.

    Parameters
    ----------
    name : of the symbols, which are counted from 1 along each axis
    shape : of the array, of dtype object; without one, a single symbol
    positive : whether SymPy may take the symbols as positive numbers; they are real in any case
    between : an interval to draw the shadows from; SymPy is told nothing of it but whether it is positive
    values : the shadows, in the array's shape; by default random numbers, the same for the same name and seed

    Raises ValueError where ``values`` do not fit or are not positive as asked, ImportError without SymPy (the extra
    ``proofs``).

    >>> z = tl.symbols("z", 2)
    >>> np.exp(z) / np.exp(z).sum()
    array([exp(z1)/(exp(z1) + exp(z2)), exp(z2)/(exp(z1) + exp(z2))],
          dtype=object)
    >>> tl.grad(lambda z: (z**2).sum())(z)
    array([2*z1, 2*z2], dtype=object)
    """
    s = sympy()
    positive = positive or (between is not None and between[0] >= 0)
    dims = (int(shape),) if isinstance(shape, (int, np.integer)) else tuple([int(n) for n in shape])
    if values is None:
        rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        numbers = rng.standard_normal(dims) if between is None else rng.uniform(*between, dims)
        # around their mean, so that there are numbers of both signs wherever there are two
        centre = numbers.mean() if between is None and numbers.size > 1 else 0.0
        shadows = np.asarray(np.abs(numbers) + 0.25 if positive and between is None else numbers - centre)
    else:
        shadows = np.asarray(values, float)
        if shadows.shape != dims:
            raise ValueError(f"symbols: {name} has shape {dims}, its values must too; got {shadows.shape}")
        if positive and not (shadows > 0).all():
            raise ValueError(f"symbols: {name} was declared positive, and not all of its values are")
    found = np.empty(dims, object)
    separator = "" if max(dims, default=0) < 10 else "_"
    for place in np.ndindex(*dims):
        label = name + separator.join([str(k + 1) for k in place])
        symbol = s.Symbol(label, real=True, positive=positive or None)
        SHADOWS[symbol] = float(shadows[place])
        found[place] = Symbolic(symbol, SHADOWS[symbol])
    return found if dims else found[()]


def expressions(x: Any) -> np.ndarray:
    """The SymPy expressions of an array: of symbolic scalars, numbers, SymPy's own expressions, or a Tensor of such."""
    entries = np.asarray(x.data if isinstance(x, Tensor) else x)
    found = np.empty(entries.shape, object)
    for place in np.ndindex(*entries.shape):
        found[place] = number(entries[place]).expr
    return found


def parts_of(expression: Any) -> set[Any]:
    """An expression and all within it, each once.

    What a chain of functions gives has few parts, each at many places: SymPy's own walk meets it at every one.
    """
    found: set[Any] = set()
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if part not in found:
            found.add(part)
            waiting += part.args
    return found
