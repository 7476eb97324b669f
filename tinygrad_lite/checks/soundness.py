"""Whether a function can be judged by its recorded run: the same twice, with the derivative that its values have."""

from __future__ import annotations

import linecache
import math
import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..engine.recording import set_recording
from ..engine.tensor import Tensor
from ..table.requests import program_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .comparison import Claimed, Truths

SAME_VALUE: Final = {"f": 1e-3, "d": 1e-7}
"""How far two runs may be apart, by the type of what they return, in units of the largest entry."""

SAME_SLOPE: Final = {"f": 2e-2, "d": 1e-5}
"""How far autograd and differences may be apart, in units of the terms that the directional derivative adds up."""

STEPS: Final = {"f": (1e-2, 5e-2, 2e-3), "d": (1e-4, 1e-3, 1e-5)}
"""Steps of differences, relative to the arguments; the second and third are tried where the first one disagrees."""

EPSILON: Final = {"f": 1.2e-7, "d": 2.3e-16}


def doubt(claimed: Claimed, leaves: Sequence[Any], y: Any, truths: Truths, rng: np.random.Generator) -> str | None:
    """Why autograd's derivative cannot be taken for that of the function; None where it can.

    Parameters
    ----------
    y : the function's value at the leaves, of a run that was not recorded
    """
    if (said := changing(claimed, leaves, y, truths.y)) is not None:
        return said
    found = compared(claimed, leaves, truths, rng)
    if found is None:
        return None
    aside = [
        np.asarray(x + 1e-2 * (np.abs(x) + 0.1 * size(x)) * rng.standard_normal(np.shape(x)))[()]
        if k in claimed.quantities
        else x
        for k, x in enumerate(leaves)
    ]
    try:  # not at a kink: there differences are those of one side, or of both
        again = compared(claimed, aside, claimed.truths_at(aside), rng)
    except Exception:  # outside of where the function is defined
        again = found
    if again is None:
        return None
    by_differences, by_autograd = again
    lines = lines_that_leave(claimed, leaves)
    where = f": {'; '.join(lines[:3])}" if lines else ", in a way that was not found (a value written into a cache?)"
    return (
        f"autograd's derivative of {claimed.title} is not that of its values: along a random direction it is "
        f"{by_autograd:.6g}, and by differences {by_differences:.6g}. A value left the graph{where}. Compute with the "
        "Tensor itself there; numbers that are compared with this derivative would prove nothing"
    )


TRIES = 3
"""So often a function is asked for the same value again: two random ones may be close by chance."""


def changing(claimed: Claimed, leaves: Sequence[Any], y: Any, recorded: Any) -> str | None:
    """That the function is random, or another when it is recorded."""
    if are_close(y, recorded):
        return None
    for _ in range(TRIES):
        once_more = claimed.value_at(leaves)
        if not are_close(y, once_more):
            return (
                f"{claimed.title} is random: at the same arguments it gave {short(y)} and {short(once_more)}. Make it "
                "the same each time: draw the random numbers before, or from a generator that it seeds itself"
            )
    return (
        f"{claimed.title} computes something else when it is recorded: {short(recorded)} where it gives {short(y)} for "
        "arrays. Does it ask for types, or keep something from one call to the next?"
    )


def are_close(a: Any, b: Any) -> bool:
    """Whether two values are of one computation."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    with np.errstate(all="ignore"):
        off, most = np.max(np.abs(a - b), initial=0), np.max(np.abs(b), initial=0)
    return not np.isfinite(most) or bool(off <= SAME_VALUE[precision(b)] * most)


def precision(y: Any) -> str:
    """The key of an array's precision."""
    return "d" if np.asarray(y).dtype.itemsize >= 8 or np.asarray(y).dtype.kind != "f" else "f"


def short(y: Any) -> str:
    """A value, or the first few of an array."""
    numbers = ", ".join([f"{number:.6g}" for number in np.ravel(y)[:3].tolist()])
    return numbers if np.size(y) == 1 else f"[{numbers}{', …' if np.size(y) > 3 else ''}]"


def size(x: Any) -> float:
    """How large numbers are; 1 where all are 0."""
    return float(np.sqrt(np.mean(np.square(x)))) or 1.0 if np.size(x) else 1.0


# ---------------------------------------------------------------------------------------------------------------------
# Differences


def compared(
    claimed: Claimed, leaves: Sequence[Any], truths: Truths, rng: np.random.Generator
) -> tuple[float, float] | None:
    """A directional derivative by differences and by autograd; None where they agree, or cannot be had."""
    kind = precision(truths.y)
    u = rng.uniform(0.5, 1.5, np.shape(truths.y)) if np.size(truths.y) > 1 else np.ones(np.shape(truths.y))
    steps = {
        k: (np.abs(leaves[k]) + 0.01 * size(leaves[k])) * rng.standard_normal(np.shape(leaves[k]))
        for k in claimed.quantities
    }
    by_autograd = total = 0.0
    for k, derivative in zip(claimed.quantities, truths.derivatives, strict=True):
        g = (
            np.tensordot(u, derivative, np.ndim(u))
            if np.size(truths.y) > 1
            else derivative.reshape(np.shape(leaves[k]))
        )
        by_autograd += float(np.sum(g * steps[k]))
        total += float(np.sum(np.abs(g * steps[k])))

    def value(t: float) -> float:
        moved = [np.asarray(x + t * steps[k])[()] if k in steps else x for k, x in enumerate(leaves)]
        return float(np.sum(u * claimed.value_at(moved)))

    def by_differences(h: float) -> float:
        return (value(h) - value(-h)) / (2 * h)

    found = math.nan
    for h in STEPS[kind]:
        try:
            near = by_differences(h)
            rounding = 100 * EPSILON[kind] * float(np.sum(np.abs(u * truths.y))) / h
            allowed = SAME_SLOPE[kind] * (total + abs(near)) + rounding
            if abs(near - by_autograd) <= allowed:
                return None
            far = by_differences(2 * h)
        except Exception:  # a step outside of where the function is defined
            return None
        found = (4 * near - far) / 3
        if abs(found - by_autograd) <= allowed + abs(near - far) / 3:
            return None
    return (found, by_autograd) if np.isfinite(found) else None


# ---------------------------------------------------------------------------------------------------------------------
# Where a value left


LEAVING: Final[dict[CodeType, str]] = {
    Tensor.detach.__code__: "detach()",
    Tensor.numpy.__code__: "numpy()",
    Tensor.data.fget.__code__: ".data",  # type: ignore[attr-defined]
    Tensor.item.__code__: "item()",
    Tensor.tolist.__code__: "tolist()",
    Tensor.__float__.__code__: "float()",
    Tensor.__int__.__code__: "int()",
    set_recording.__enter__.__code__: "no_grad()",
}
"""What takes values out of the graph because the program asks for it."""


def lines_that_leave(claimed: Claimed, leaves: Sequence[Any]) -> list[str]:
    """The lines of the program in which a value that requires a gradient is taken out of the graph."""
    found: dict[str, None] = {}

    def look(frame: FrameType, event: str, _: Any) -> None:
        what = LEAVING.get(frame.f_code) if event == "call" else None
        if what is None:
            return
        subject = frame.f_locals.get("self")
        leaves_here = not subject.on if isinstance(subject, set_recording) else getattr(subject, "requires_grad", False)
        caller = program_frame()
        if leaves_here and caller is frame.f_back:
            text = linecache.getline(caller.f_code.co_filename, caller.f_lineno).strip()
            place = f"{caller.f_code.co_filename}, line {caller.f_lineno}"
            found.setdefault(f"{what} in {place}" + (f", `{text}`" if text else ""))

    with profiled(look):
        claimed.truths_at(leaves)
    return list(found)


@contextmanager
def profiled(look: Callable[[FrameType, str, Any], None]) -> Iterator[None]:
    """Call a function at every call that is made within the block."""
    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(before)
