"""Gradients against central differences."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..engine.protocols import plain
from ..engine.recording import detect_anomaly, set_recording
from ..engine.tensor import Tensor, number_array
from ..engine.transforms import record_function
from ..engine.trees import flatten, paths, unflatten
from ..table.arrays import zeros_like
from .settling import (
    LOST,
    agrees_in_proportion,
    central_difference,
    is_unusual,
    settled_in_proportion,
    why_not_compared,
)

ENTRY_BY_ENTRY = 50
"""Arguments of at most so many entries are checked entry by entry too, so that a mistake can be located."""


class GradientMismatch(AssertionError):
    """Autograd and central differences disagree."""


@detect_anomaly(check_nan=False, check_inf=False)
def check_gradients(
    f: Callable[..., Any],
    *args: Any,
    order: int = 2,
    rtol: float = 1e-6,
    atol: float = 1e-7,
    directions: int = 3,
    seed: int = 0,
) -> None:
    """Compare the derivatives of f at the arguments with central differences; raise GradientMismatch if they differ.

    With a random cotangent u, the function checked is s(x) = ⟨u, f(x)⟩ (twice as ⟨v, ∇s(x)⟩ for the second order, and
    so on). Along random directions d, and along each axis for small arguments, ⟨∇s, d⟩ is compared with
    (s(x + hd) − s(x − hd)) / 2h, extrapolated from two steps h (Richardson), so that the error is O(h⁴).

    Where that differs, the function may not be smooth within the step. A derivative that agrees with smaller steps,
    that is between the two one-sided ones at a kink, or that stands where there is none, at a jump or a pole, is no
    mismatch, and a warning says what was found. NaN is one always.

    Parameters
    ----------
    f : a function of arrays, or of containers of arrays, to arrays, without side effects
    args : its arguments, best of order 1, for the steps are; arrays and numbers of float64 are differentiated, all
        else keeps its value
    order : up to which order of derivatives
    rtol, atol : relative and absolute tolerance of directional derivatives
    directions : how many random directions
    seed : of the random cotangents and directions

    Raises
    ------
    GradientMismatch
        naming the order, the argument, the entry, what was expected and what came
    TypeError, ValueError
        where there is nothing to differentiate, or float32 is given: central differences need float64

    >>> tl.check_gradients(lambda x: np.exp(x) / np.exp(x).sum(), np.array([0.1, 0.2, 0.3]))
    >>> wrong = lambda x: np.exp(tl.tensor(x.data)) + 0 * x    # left the graph on purpose
    >>> tl.check_gradients(wrong, 0.0)
    Traceback (most recent call last):
    tinygrad_lite.checks.GradientMismatch: order 1, argument 0: expected ..., got 0.0 ...
    """
    if order < 1:
        raise ValueError(f"check_gradients: order must be 1 or more, got {order}")
    rng = np.random.default_rng(seed)
    values = [plain(x, Tensor) for x in args]
    flat, structure = flatten(tuple(values))
    arrays = [x if isinstance(x, str) or callable(x) else array_or_itself(x) for x in flat]
    places = [k for k, x in enumerate(arrays) if isinstance(x, (np.ndarray, np.inexact)) and x.dtype.kind in "fc"]
    if not places:
        raise TypeError(
            "check_gradients: no argument is of floating-point numbers, so there is nothing to differentiate"
        )
    for k in places:
        if arrays[k].dtype not in (np.float64, np.complex128):
            raise TypeError(
                f"check_gradients: central differences need float64 or complex128, an argument is {arrays[k].dtype}"
            )
    names = paths(structure, range(len(values)))

    def function(*variables: Any) -> Any:
        filled = list(arrays)
        for k, x in zip(places, variables, strict=True):
            filled[k] = x
        return f(*unflatten(structure, filled))

    point = [arrays[k] for k in places]
    for n in range(1, order + 1):
        notes: list[str] = []
        function = checked_order(function, point, [names[k] for k in places], n, rng, rtol, atol, directions, notes)
        if notes:
            more = f" (and {len(notes) - 1} more)" if len(notes) > 1 else ""
            warnings.warn(f"check_gradients: order {n}, {notes[0]}{more}", stacklevel=3)


def array_or_itself(x: Any) -> Any:
    """Python floats and lists of floats as arrays; anything that is not numbers as it is."""
    try:
        return number_array(x)
    except (TypeError, ValueError):
        return x


def checked_order(
    f: Callable[..., Any],
    point: list[Any],
    names: list[str],
    order: int,
    rng: np.random.Generator,
    rtol: float,
    atol: float,
    directions: int,
    notes: list[str],
) -> Callable[..., Any]:
    """Check the gradient of ⟨u, f⟩ for a random u, and return that gradient as a function of the point.

    What could not be compared is added to the notes.
    """
    with set_recording(False):
        outputs = [number_array(plain(y, Tensor)) for y in flatten(f(*point))[0]]
    if order == 1 and any(np.isnan(y).any() for y in outputs):
        raise ValueError(
            "check_gradients: cannot decide at this point, because the function is NaN there; choose another, or write "
            "the function so that it has its limit there"
        )
    u = [random_like(rng, y) for y in outputs]

    def s(*x: Any) -> Any:
        total: Any = 0.0
        for weight, y in zip(u, flatten(f(*x))[0], strict=True):
            total = total + np.real(weight * y).sum()
        return total

    def gradient(*x: Any) -> Any:
        run = record_function("check_gradients", s, x, range(len(x)))
        y = run.values[0]
        return tuple(run.pull([np.ones(y.shape, float)[()]]))

    g = [np.asarray(plain(part, Tensor)) for part in gradient(*point)]
    for _ in range(directions):
        d = [random_like(rng, x) for x in point]
        expected, got = along(s, point, d), slope_along(g, d)
        if not close(got, expected, rtol, atol):
            if is_tiny_or_huge(point) and agrees_alone(s, point, names, g, order, rtol, atol):
                continue
            why = why_not_compared(line_of(s, point, d), got, step_along(d), partial(close, rtol=rtol, atol=atol))
            if why is not None:
                notes.append(f"along a random direction: {why}")
                continue
            seen_alone = locate(s, point, names, g, order, rtol, atol, [])  # as each of several kinks at once
            if seen_alone and all(x.size <= ENTRY_BY_ENTRY for x in point):
                continue
            raise GradientMismatch(
                f"order {order}, along a random direction in all arguments: expected {expected!r} by central "
                f"differences, got {got!r} from autograd (difference {got - expected:.3g})"
            )
    located: list[str] = []
    locate(s, point, names, g, order, rtol, atol, located)
    notes[:0] = located
    return gradient


def random_like(rng: np.random.Generator, x: Any) -> Any:
    """Normal random numbers, complex ones for complex."""
    real = rng.standard_normal(x.shape)
    return real + 1j * rng.standard_normal(x.shape) if x.dtype.kind == "c" else real


def close(got: complex, expected: complex, rtol: float, atol: float) -> bool:
    """Within tolerance; NaN is close to nothing, and infinity to nothing finite."""
    size = max(abs(expected), abs(got))
    return bool(np.isfinite(size) and abs(got - expected) <= atol + rtol * size)


def line_of(s: Callable[..., Any], point: list[Any], d: list[Any]) -> Callable[[float], float]:
    """t ↦ s(x + t d)."""

    def value(t: float) -> float:
        with set_recording(False):
            x = [x + t * step for x, step in zip(point, d, strict=True)]
            y = float(plain(s(*x), Tensor))
            # NumPy's own functions overflow at points where those of Tensors do not
            return y if np.isfinite(y) else float(plain(s(*map(Tensor, x)), Tensor))

    return value


def step_along(d: list[Any]) -> float:
    """The step of differences along d."""
    return 1e-3 / max([1.0, *[float(np.abs(step).max(initial=0)) for step in d]])


def along(s: Callable[..., Any], point: list[Any], d: list[Any]) -> float:
    """The derivative of s along d, by central differences."""
    with np.errstate(invalid="ignore", divide="ignore"):  # beyond the edge of a domain, which is reported
        return central_difference(line_of(s, point, d), step_along(d))


def slope_along(g: list[Any], d: list[Any]) -> float:
    """⟨∇s, d⟩."""
    with np.errstate(invalid="ignore"):  # of infinite gradients, which are reported
        return sum([float(np.real(a * b).sum()) for a, b in zip(g, d, strict=True)])


def along_entry(point: list[Any], k: int, entry: tuple[int, ...], direction: complex = 1) -> list[Any]:
    """The direction of one entry of one argument."""
    d = [zeros_like(x) for x in point]
    d[k] = np.zeros(point[k].shape, point[k].dtype)
    d[k][entry] = direction
    return d


def slope(s: Callable[..., Any], point: list[Any], k: int, entry: tuple[int, ...]) -> complex:
    """The derivative by one entry of one argument; of a complex one ∂/∂Re + i ∂/∂Im, as gradients are handed out."""
    if point[k].dtype.kind != "c":
        return along(s, point, along_entry(point, k, entry))
    return along(s, point, along_entry(point, k, entry)) + 1j * along(s, point, along_entry(point, k, entry, 1j))


def is_tiny_or_huge(point: list[Any]) -> bool:
    """Whether an entry of real arguments, few enough to be checked alone, is."""
    few = all(x.dtype.kind != "c" and x.size <= ENTRY_BY_ENTRY for x in point)
    return few and any(is_unusual(float(size)) for x in point for size in np.abs(x).ravel())


def agrees_alone(
    s: Callable[..., Any], point: list[Any], names: list[str], g: list[Any], order: int, rtol: float, atol: float
) -> bool:
    """Whether each entry's derivative is a central difference, some of steps in proportion to them."""
    notes: list[str] = []
    return locate(s, point, names, g, order, rtol, atol, notes) and not notes


def locate(
    s: Callable[..., Any],
    point: list[Any],
    names: list[str],
    g: list[Any],
    order: int,
    rtol: float,
    atol: float,
    notes: list[str],
) -> bool:
    """Check small arguments entry by entry; raise for the entry that is furthest off.

    Entries of real arguments that cannot be compared are added to the notes. Returns whether there were such, or some
    that other steps than the usual ones were taken for.
    """
    others = False
    for k, (x, name) in enumerate(zip(point, names, strict=True)):
        if x.size > ENTRY_BY_ENTRY:
            continue
        worst: tuple[float, str, complex, complex] | None = None
        for entry in np.ndindex(x.shape):
            expected, got = slope(s, point, k, entry), g[k][entry].conj().item()
            size = float(abs(x[entry]))
            if close(got, expected, rtol, atol) and not (size > LOST and expected == 0):
                continue
            where = f"argument {name}, entry {list(entry)}" if entry else f"argument {name}"
            if x.dtype.kind != "c":
                d = along_entry(point, k, entry)
                line, is_close = line_of(s, point, d), partial(close, rtol=rtol, atol=atol)
                if agrees_in_proportion(line, got, size, is_close):
                    others = True
                    continue
                right = settled_in_proportion(line, size) if size > LOST else None
                why = why_not_compared(line, got, step_along(d), is_close) if right is None else None
                if why is not None:
                    notes.append(f"{where}: {why}")
                    continue
                expected = expected if right is None else right
            off = abs(got - expected)
            if worst is None or not off <= worst[0]:
                worst = (off, where, expected, got)
        if worst is not None:
            off, where, expected, got = worst
            raise GradientMismatch(
                f"order {order}, {where}: expected {expected!r} by central differences, "
                f"got {got!r} from autograd (difference {off:.3g})"
            )
    return others or bool(notes)
