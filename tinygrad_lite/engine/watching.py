"""Arrays that a graph has saved and the program can still change.

What a derivative rule saves must be what the operation saw. Memory that only Tensors see is safe: writes to it are
recorded. An ndarray that was computed with, or that a Tensor was made of, or that ``.data`` gave out, is the program's,
and may be changed before the gradient is taken: a work buffer, used again. Of such an array a small one is copied when
it is saved; of a large one a thousandth is noted, and looked at again by the backward pass, which raises an error
rather than giving the gradient of another program.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import cache
from math import gcd
from typing import Any, Final, NamedTuple

import numpy as np

from ..table.ducks import DuckArray
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
    safe: dict[int, Any] = dict.fromkeys([id(x) for x in (*copy, *risks)])
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
                if key in must or type(x) is DuckArray or x.nbytes <= COPIED or x.dtype.kind == "O":
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


Check = Callable[[Any], Any]
"""Which entries of an array no operation should have made of others: ``np.isnan``, ``np.isinf``."""


class Detection(tuple[Watch, ...]):
    """What the sweep looks at when it arrives at a node: watches, and what there is beside.

    Attributes
    ----------
    line : under ``detect_anomaly``, of the program
    checks : of what rules give
    hooks : functions of the gradient, by the keys of their handles
    """

    line: str = ""
    checks: tuple[Check, ...] = ()
    hooks: dict[int, Callable[[Any], Any]] = {}  # noqa: RUF012 (replaced, never added to)


def watch_all(node: Node, line: str, checks: tuple[Check, ...]) -> None:
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
    node.watched.checks = checks


def check_unchanged(node: Node) -> None:
    """Raise RuntimeError if an array that a node's rules saved holds something else by now."""
    for seen in node.watched or ():
        if seen.changed():
            raise changed(operation(node), seen.array)


def check_output(node: Node, inputs: Iterable[Any], output: Any, checks: Iterable[Check]) -> None:
    """Raise FloatingPointError where an operation made NaN or infinity of numbers."""
    inputs = [*inputs, *node.params.values()]
    for check in checks:
        if check_finds(check, output) and not any(finds_cause(check, x) for x in inputs):
            raise FloatingPointError(
                f"{operation(node)}: {counted(check, output)} where there was none in what it got, "
                f"{received(node)}. {(AVOIDED if check is np.isinf else {}).get(name_of(node)) or remedy(node)}"
            )


def check_derivative(node: Node, g: Any, d: Any, checks: Iterable[Check]) -> None:
    """Raise FloatingPointError where a derivative is NaN or infinite and what it came from is not."""
    for check in checks:
        if check_finds(check, d) and not finds_cause(check, g):
            raise FloatingPointError(
                f"{operation(node)}: its derivative is {counted(check, d)} and the gradient that it was computed from "
                f"is not; the operation got {received(node)}. {remedy(node)}"
            )


def check_finds(check: Check, x: Any) -> bool:
    """Whether a check finds an entry in an array or a number; in what is neither, nothing."""
    kind = x.dtype.kind if hasattr(x, "dtype") else "f" if isinstance(x, (float, complex)) else ""
    return kind in ("f", "c") and bool(np.any(check(x)))


def finds_cause(check: Check, x: Any) -> bool:
    """Whether the same is found in what an operation got, a setting's parts included."""
    if isinstance(x, (tuple, list)):
        return any(finds_cause(check, part) for part in x)
    return check_finds(check, x)


def counted(check: Check, x: Any) -> str:
    """What was found, and in how many entries."""
    kind = "NaN" if check is np.isnan else "infinite"
    return f"{kind}, at {int(np.sum(check(x)))} of {np.size(x)} entries," if np.size(x) > 1 else f"{kind},"


def received(node: Node) -> str:
    """Dtypes and shapes of an operation's inputs; a number is written out."""
    got = [f"{p.dtype}{list(p.shape)}" if isinstance(p, Node) else repr(p) for p in node.parents]
    return ", ".join(got)


DOMAINS: Final = {
    **dict.fromkeys(("sqrt", "log", "log2", "log10", "power", "float_power"), ("x > 0", "1.0")),
    **dict.fromkeys(("arcsin", "arccos", "arctanh"), ("np.abs(x) < 1", "0.0")),
    **dict.fromkeys(("divide", "reciprocal", "cbrt", "norm", "hypot", "arctan2"), ("x != 0", "1.0")),
    "arccosh": ("x > 1", "2.0"),
    "log1p": ("x > -1", "0.0"),
}
"""Where operations have a derivative, and an argument for everywhere else: of a quotient that is its denominator."""

AVOIDED: Final = {
    **dict.fromkeys(
        ("exp", "exp2", "expm1", "sinh", "cosh"),
        "Subtract the largest argument before it, or stay with logarithms (np.logaddexp, tl.logsumexp, tl.log_softmax)",
    ),
    "astype": "The dtype cannot hold numbers so large: use a wider one",
}
"""What is done about numbers that are too large."""


def remedy(node: Node) -> str:
    """What to write where an operation has no derivative, or no value: another argument, chosen before it."""
    name = name_of(node)
    if name in DOMAINS:
        where, other = DOMAINS[name]
        return (
            f"Where not {where}, give {name} another argument, x = np.where({where}, x, {other}), or choose another "
            f"result after it, np.where({where}, …, …): a product with 0 leaves 0 · ∞ in the derivative"
        )
    return "Give it other numbers where the result is not wanted: choose them with np.where before it, not after"


def name_of(node: Node) -> str:
    """An operation's name."""
    return node.primitive.name if node.primitive else "leaf"


def operation(node: Node) -> str:
    """An operation's name, and where in the program it was made if that was noted."""
    line = getattr(node.watched, "line", None)
    return f"{name_of(node)} [{line}]" if line else name_of(node)


def described(node: Node) -> str:
    """An operation with what it got and gave, and its line or how to learn it; for notes on errors."""
    unknown = "" if getattr(node.watched, "line", None) else "; within tl.detect_anomaly() this names its line"
    return f"{operation(node)}, of {received(node)}, whose output is {node.dtype}{list(node.shape)}{unknown}"


def changed(what: str, x: Any) -> RuntimeError:
    """The error for a gradient that can no longer be right."""
    return RuntimeError(
        f"{what}: an array {x.dtype}{list(x.shape)} that its derivative needs was written to since it was computed "
        "with. Compute with a copy of it (x.copy()), or with a Tensor, whose writes are recorded; or write to it after "
        "the backward pass"
    )
