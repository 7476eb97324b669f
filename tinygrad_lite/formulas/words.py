"""What formulas and drawings call what has no name: arrays of indices, masks, steps to a part, states of an array."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import numpy as np

from ..engine.graph import Node
from ..table.indexing import getitem_p
from ..table.parts import Steps, write_p
from ..table.shapes import reshape_p, transpose_p
from .conventions import STATE, SUPERSCRIPTS

SHORT: Final = 6
"""An array of indices with no more entries is written out."""


# ---------------------------------------------------------------------------------------------------------------------
# Arrays that operations have as parameters


class TakenNames:
    """Names that are given already; those that are shown alike in one of the conventions, as v1, v_1, v₁, v¹ and v^[1]
    are, are one.

    >>> taken = TakenNames()
    >>> taken.add("v₁")
    >>> "v_1" in taken, "v^[1]" in taken, "v_2" in taken, "v⁽¹⁾" in taken
    (True, True, False, False)
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.shown = set(map(self.bare, names))

    def add(self, name: str) -> None:
        """Take one more name."""
        self.shown.add(self.bare(name))

    def __contains__(self, name: str) -> bool:
        return self.bare(name) in self.shown

    @staticmethod
    def bare(name: str) -> str:
        """A name without the place of its digits; the number of a state, which is shown in parentheses, stays apart."""
        told = unicodedata.normalize("NFKC", STATE.sub(lambda found: f"\0{found[0][1:-1]}", name))
        return " ".join(told.translate(SCRIPTS).split()).replace(" \0", "\0")


SCRIPTS: Final = str.maketrans({**dict.fromkeys("_^{}()[]", None), "'": "′"})


class ArrayWords:
    """What to call arrays that have no name, such as masks: different ones differently, within one derivation."""

    def __init__(self, taken: TakenNames) -> None:
        self.taken = taken
        self.words: dict[Any, str] = {}

    def word(self, kind: str, x: np.ndarray) -> str:
        """The array's word, the kind itself or with a number."""
        key = kind, content(x)
        if key not in self.words:
            number = 1
            word = kind
            while word in self.taken:
                number += 1
                word = f"{kind}_{number}"
            self.taken.add(word)
            self.words[key] = word
        return self.words[key]


words: Final[ContextVar[ArrayWords | None]] = ContextVar("words", default=None)
"""The words of the derivation that is being written."""


@contextmanager
def naming_arrays(taken: TakenNames) -> Iterator[None]:
    """Within the block different arrays without a name get different words, none of them among those taken."""
    token = words.set(ArrayWords(taken))
    try:
        yield
    finally:
        words.reset(token)


def word_of(kind: str, x: np.ndarray) -> str:
    """What to call an array that has no name."""
    known = words.get()
    return kind if known is None else known.word(kind, x)


def content(x: np.ndarray) -> tuple[Any, ...]:
    """What tells an array from others."""
    return x.shape, x.dtype.str, x.tobytes()


# ---------------------------------------------------------------------------------------------------------------------
# Indices as they are written


def index_text(index: Any) -> str:
    """An index as Python has it between its brackets."""
    if isinstance(index, tuple) and not index:
        return "()"
    parts = index if isinstance(index, tuple) else (index,)
    return ", ".join(map(part_text, parts)) + ("," if len(parts) == 1 and isinstance(parts[0], tuple) else "")


def part_text(part: Any) -> str:
    """One of the parts that an index has between its commas."""
    if isinstance(part, slice):
        bounds = [part.start, part.stop, *([] if part.step is None else [part.step])]
        return ":".join(["" if bound is None else str(bound) for bound in bounds])
    if isinstance(part, (np.ndarray, list)):
        x = np.asarray(part)
        if x.dtype == bool:
            return word_of("mask", x) if x.ndim else str(bool(x))
        return str(x.tolist()) if x.size <= SHORT else word_of("indices", x)
    return "…" if part is Ellipsis else str(part)


def steps_text(steps: Steps) -> str:
    """The steps to a part as Python has them: ``.T[1:, 0]``."""
    return "".join([step_text(step is getitem_p, step, params) for step, params in steps]) or "[…]"


def updated(array: str, part: str, value: str, sign: str = "←") -> str:
    """An array with a part replaced, as text: ``y[1:, 0 ← v]``, ``y[.T[0] ← v]``."""
    inside = part[1:-1] if part[0] == "[" and closes_last(part) else part
    return f"{array}[{inside} {sign} {value}]"


def closes_last(part: str) -> bool:
    """Whether a text's first bracket closes at its end: it is one index."""
    depth = 0
    for place, character in enumerate(part):
        depth += (character == "[") - (character == "]")
        if not depth:
            return place == len(part) - 1
    return False


def step_text(indexes: bool, step: Any, params: Mapping[str, Any]) -> str:
    """One step."""
    if indexes:
        return f"[{index_text(params['index'])}]"
    if step is transpose_p:
        axes = tuple(params["axes"])
        return ".T" if axes == tuple(range(len(axes)))[::-1] else f".transpose{axes}"
    if step is reshape_p:
        return f".reshape{tuple(params['shape'])}".replace(",)", ")")
    return f".{step.name}({', '.join([f'{name}={x}' for name, x in params.items()])})"


def index_key(part: Any) -> Any:
    """What tells an index, or a parameter, from others."""
    if isinstance(part, (tuple, list)):
        return tuple(map(index_key, part))
    if isinstance(part, slice):
        return "slice", part.start, part.stop, part.step
    return content(part) if isinstance(part, np.ndarray) else part


class Setting:
    """A keyword parameter of a function in a formula: how it is written, and what tells it from others."""

    def __init__(self, name: str, x: Any) -> None:
        self.key = name, index_key(x)
        shown = word_of(name, x) if isinstance(x, np.ndarray) else str(x)
        self.text = f"{name}={shown}"


def settings(params: Mapping[str, Any], ndim: int) -> list[Setting]:
    """An operation's keyword parameters, those that say something: it works along the last axis unless they do."""
    last = (ndim - 1, (ndim - 1,), -1, (-1,))
    said = {name: x for name, x in params.items() if x is not None and x is not False}
    return [Setting(name, x) for name, x in said.items() if not (name == "axis" and x in last)]


# ---------------------------------------------------------------------------------------------------------------------
# States of an array


def is_state(node: Node) -> bool:
    """Whether a node is an array after a write."""
    return node.primitive is write_p and isinstance(node.parents[0], Node)


def state_names(nodes: Iterable[Node], name_of: Callable[[Node], str | None]) -> dict[Node, str]:
    """Names of arrays after writes: y⁽¹⁾ after the first one to y, y⁽²⁾ after the second.

    The nodes are in the order they were made. States that bear another name than the array before keep that.
    """
    first: dict[Node, str] = {}
    counts: Counter[str] = Counter()
    names: dict[Node, str] = {}
    for node in nodes:
        own = name_of(node)
        base = first.get(node.parents[0], name_of(node.parents[0])) if is_state(node) else None
        if base is not None and own in (None, base):
            first[node] = base
            counts[base] += 1
            names[node] = f"{base}⁽{str(counts[base]).translate(SUPERSCRIPTS)}⁾"
    return names
