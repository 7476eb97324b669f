"""Arrays that a graph has saved and the program can still change.

What a derivative rule saves must be what the operation saw. Memory that only Tensors see is safe: writes to it are
recorded. An ndarray that was computed with, or that a Tensor was made of, or that ``.data`` gave out, is the program's,
and may be changed before the gradient is taken: a work buffer, used again. Of such an array a small one is copied when
it is saved; of a large one a thousandth is noted, and looked at again by the backward pass, which raises an error
rather than giving the gradient of another program.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from math import gcd
from typing import Any, NamedTuple

import numpy as np

from .graph import Node, Pulls

COPIED = 65536
"""Up to so many bytes a copy costs no more than looking twice."""

SAMPLES = 1024
"""So many entries of a larger array are noted, evenly: what changes a longer stretch of it is seen."""


class Watch(NamedTuple):
    """An array that was saved, and the bytes it held then: of a sample, or of all of it."""

    array: Any
    held: bytes
    whole: bool

    def changed(self) -> bool:
        """Whether it holds something else now."""
        return (self.array.tobytes() if self.whole else sample(self.array)) != self.held


def sample(x: Any) -> bytes:
    """Entries of an array that are evenly spread over its memory, and over its rows and columns."""
    step = stride(x.size)
    if x.flags.c_contiguous:
        return x.reshape(-1)[::step].tobytes()  # type: ignore[no-any-return]
    return (x.T.reshape(-1)[::step] if x.flags.f_contiguous else x.flat[::step]).tobytes()  # type: ignore[no-any-return]


@cache
def stride(size: int) -> int:
    """How far apart samples are: no divisor in common with any axis, else they would leave out most of its columns."""
    step = size // SAMPLES | 1
    while gcd(step, size) > 1:
        step += 2
    return step


def watch(x: Any, whole: bool = False) -> Watch:
    """Note what an array holds."""
    return Watch(x, x.tobytes() if whole else sample(x), whole)


def guarded(pulls: Pulls, copy: Collection[Any], risks: Collection[Any]) -> tuple[Pulls, tuple[Watch, ...] | None]:
    """What rules save, safe from later writes.

    Parameters
    ----------
    pulls : with the arrays themselves
    copy : arrays that are written to in place, which are copied
    risks : arrays that the program may change: copied where that is cheap, else watched

    Returns the pulls with copies, one of each array, and the watches; None for none.
    """
    safe: dict[int, Any] = dict.fromkeys([id(x) for x in (*copy, *risks) if type(x) is np.ndarray])
    must = {id(x) for x in copy}
    watches: list[Watch] = []
    kept = tuple([(node, rule, safe_values(saved, safe, must, watches)) for node, rule, saved in pulls])
    return kept, tuple(watches) or None


def safe_values(values: Any, safe: dict[int, Any], must: set[int], watches: list[Watch]) -> tuple[Any, ...]:
    """What a rule saves, arrays and tuples of them, with copies of those that must be copied or are small.

    What stands for an array or a tuple is noted in ``safe``, so that it is made once for all rules.
    """
    kept = []
    for x in values:
        key = id(x)
        if type(x) is tuple:
            if key not in safe:
                safe[key] = safe_values(x, safe, must, watches)
            x = safe[key]
        elif key in safe:
            if safe[key] is None:
                if key in must or x.nbytes <= COPIED or x.dtype.kind == "O":
                    safe[key] = x.copy()
                else:
                    watches.append(watch(x))
                    safe[key] = x
            x = safe[key]
        kept.append(x)
    return tuple(kept)


def guarded_operand(pulls: Pulls, x: Any) -> tuple[Pulls, tuple[Watch, ...] | None]:
    """:func:`guarded` for the one rule of an operation on a Tensor and an array of the program's, without loops."""
    ((node, rule, saved),) = pulls
    if not [v for v in saved if v is x]:
        return pulls, None
    if x.nbytes > COPIED and x.dtype.kind != "O":
        return pulls, (watch(x),)
    copy = x.copy()
    return ((node, rule, tuple([copy if v is x else v for v in saved])),), None


class Detection(tuple[Watch, ...]):
    """Watches of all that a node's rules saved, under ``detect_anomaly``; with the line of the program."""

    line: str
    check_nan: bool


def watch_all(node: Node, line: str, check_nan: bool) -> None:
    """Note everything that a node's rules saved, in full."""
    found: dict[int, Any] = {}
    stack: list[Any] = [saved for _, _, saved in node.pulls or ()]
    while stack:
        for x in stack.pop():
            if type(x) is tuple:
                stack.append(x)
            elif type(x) is np.ndarray and x.dtype.kind != "O":
                found[id(x)] = x
    node.watched = Detection([watch(x, whole=True) for x in found.values()])
    node.watched.line = line
    node.watched.check_nan = check_nan


def check_unchanged(node: Node) -> None:
    """Raise RuntimeError if an array that a node's rules saved holds something else by now."""
    for seen in node.watched or ():
        if seen.changed():
            raise changed(operation(node), seen.array)


def check_number(node: Node, g: Any, d: Any) -> None:
    """Under ``detect_anomaly``, raise FloatingPointError where a derivative is NaN and what it came from is not."""
    if type(node.watched) is Detection and node.watched.check_nan and is_nan(d) and not is_nan(g):
        raise FloatingPointError(
            f"{operation(node)}: its derivative is NaN, at {int(np.isnan(d).sum())} of {np.size(d)} entries. Where the "
            "operation has no derivative, give it other numbers: choose them with np.where before it, not after"
        )


def is_nan(x: Any) -> bool:
    """Whether an array of floats has a NaN in it."""
    return x.dtype.kind in "fc" and bool(np.isnan(x).any())


def operation(node: Node) -> str:
    """An operation's name, and where in the program it was made if that was noted."""
    name = node.primitive.name if node.primitive else "leaf"
    return f"{name} [{node.watched.line}]" if type(node.watched) is Detection else name


def changed(what: str, x: Any) -> RuntimeError:
    """The error for a gradient that can no longer be right."""
    return RuntimeError(
        f"{what}: an array {x.dtype}{list(x.shape)} that its derivative needs was written to since it was computed "
        "with. Compute with a copy of it (x.copy()), or with a Tensor, whose writes are recorded; or write to it after "
        "the backward pass"
    )
