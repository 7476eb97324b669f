"""What a compiled function returns: arrays and numbers in containers that can be taken apart."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterator
from gc import get_referents
from types import FunctionType, ModuleType
from typing import Any, Final

import numpy as np

from ..engine.refusals import refusal
from ..engine.tensor import Tensor
from ..table.ducks import DuckArray
from .written_arrays import WRITTEN

PLAIN_RESULTS: Final = frozenset(
    {*WRITTEN, Tensor, DuckArray, np.ndarray, type(None), bool, int, float, complex, str, bytes, np.dtype, type}
)
MOST_LOOKED_AT: Final = 10_000


def refuse_result(y: Any) -> None:
    """Raise for a leaf of a result that holds arrays which source cannot put there, or computes them later."""
    if type(y) in PLAIN_RESULTS or isinstance(y, np.generic):
        return
    if isinstance(y, (Iterator, Coroutine, AsyncIterator)) or holds_written(y):
        raise refusal(
            f"compile: the function returns a {type(y).__name__}, whose arrays are not taken apart; return them in "
            "tuples, lists, dicts or named tuples, and make the object of what the compiled function gives",
            (),
        )


def holds_written(y: Any) -> bool:
    """Whether a written array can be reached from an object."""
    stack, seen = [y], {id(y)}
    while stack and len(seen) < MOST_LOOKED_AT:
        x = stack.pop()
        if type(x) in WRITTEN:
            return True
        if isinstance(x, (type, ModuleType, np.ndarray, str)):
            continue
        parts = [x.__closure__, x.__defaults__, x.__kwdefaults__] if type(x) is FunctionType else get_referents(x)
        new = [part for part in parts if id(part) not in seen]
        seen.update(map(id, new))
        stack += new
    return False
