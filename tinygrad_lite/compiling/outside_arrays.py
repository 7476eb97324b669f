"""The arrays from elsewhere that a program takes, in every state in which it sees them."""

from __future__ import annotations

from collections.abc import Iterator
from sys import getrefcount
from typing import Any, Final

import numpy as np

from ..table.parts import own_copy
from .program import Memory, Variable


class OutsideArrays:
    """Which there are.

    Attributes
    ----------
    constants : arrays from elsewhere, by their identity: for each state that one was seen in its variable, the array,
        and what it held
    """

    def __init__(self) -> None:
        self.constants: dict[int, list[tuple[Variable, Any, Any]]] = {}

    def constant(self, x: np.ndarray) -> Variable:
        """The variable of an array from elsewhere."""
        states = self.constants.setdefault(id(x), [])
        if not states or not is_alike(x, states[-1][2]):
            sharing = (
                v.memory for v, y, held in self.every_constant() if np.may_share_memory(x, y) and is_alike(y, held)
            )
            states.append((Variable(x, next(sharing, None) or Memory("constant")), x, own_copy(x)))
        return states[-1][0]

    def every_constant(self) -> Iterator[tuple[Variable, Any, Any]]:
        """The arrays from elsewhere, in every state."""
        return (known for states in self.constants.values() for known in states if isinstance(known[1], np.ndarray))

    def every_state(self) -> dict[Variable, Any]:
        """The variables, and what they hold."""
        constants: dict[Variable, Any] = {}
        for states in self.constants.values():
            for v, x, held in states:
                if type(x) is np.ndarray and x is not held and x.base is None and getrefcount(x) <= MADE_HERE:
                    v.memory.origin = "made"
        for states in self.constants.values():
            constants |= {v: x if held is None or is_alike(x, held) else held for v, x, held in states}
        return constants


def count_made_here() -> int:
    """What getrefcount says in the loop above of an array that nobody else has."""
    constants = {0: (None, np.empty(1), None)}
    return next(getrefcount(x) for _, x, _ in constants.values())


MADE_HERE: Final = count_made_here()


def is_alike(x: Any, held: Any) -> bool:
    """Whether an array holds what it held, to the last bit."""
    return bool(x is held or (x.shape == held.shape and x.tobytes() == held.tobytes()))
