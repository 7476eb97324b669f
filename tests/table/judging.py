"""What a call with Tensors must be: the values NumPy gives, and the derivatives that differences find."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import tinygrad_lite as tl
from tinygrad_lite.engine.trees import flatten

from .random_calls import WIDE, widened

Arrays = Sequence[np.ndarray]


class Finding(NamedTuple):
    """What became of a call.

    Attributes
    ----------
        kind : "right"; "refused" where NumPy gives a value; "lenient" where NumPy gives none; "wrong"; and, with right
        values, "no numbers" (there is no derivative of inf and NaN), "kink", "rough" (differences say nothing)
        text : what was expected and what came, or the error's message
    """

    kind: str
    text: str = ""


def results(y: Any) -> list[Any]:
    """The arrays of a result: a list, a tuple of several, or one."""
    return [x.data if isinstance(x, tl.Tensor) else x for x in flatten(y)[0]]


LARGE = 1e14
"""Numbers beyond this are infinite to rounding."""


def differs(got: Any, expected: Any, narrow: bool) -> str | None:
    """How results differ in structure, type or value; None where they do not, to rounding."""
    (mine, structure), (numpys, expected_structure) = flatten(got), flatten(expected)
    if len(mine) != len(numpys) or (structure.kind is not expected_structure.kind and structure.children == ()):
        return f"{len(mine)} results in {structure.kind}, NumPy {len(numpys)} in {expected_structure.kind}"
    for x, y in zip(results(got), results(expected), strict=True):
        if not isinstance(y, (np.ndarray, np.generic)):
            continue
        x = np.asarray(x)
        if (x.shape, x.dtype) != (np.shape(y), y.dtype):
            return f"{x.dtype}{list(x.shape)}, NumPy {y.dtype}{list(np.shape(y))}"
        if y.dtype.kind not in "fc":
            if not np.array_equal(x, y):
                return f"values {x.tolist()}, NumPy {y.tolist()}"
            continue
        lost = ~np.isfinite(y) | (np.abs(y) > LARGE)
        if np.array_equal(lost, ~np.isfinite(x) | (np.abs(x) > LARGE)):  # which of them is a matter of rounding
            x, y = np.where(lost, 0, x), np.where(lost, 0, y)
        finite = np.abs(y[np.isfinite(y)])
        tolerance = 2000 * np.finfo(np.float32 if narrow else y.dtype).eps
        if not np.allclose(x, y, rtol=tolerance, atol=tolerance * finite.max(initial=1e-6), equal_nan=True):
            return f"values {x.tolist()}, NumPy {y.tolist()}"
    return None


def weights_for(outputs: list[Any], seed: int) -> list[Any]:
    """A cotangent for each output of floating-point numbers; zeros for others."""
    rng = np.random.default_rng(seed)
    return [normal(rng, y) if is_continuous(y) else np.zeros(np.shape(y)) for y in outputs]


def is_continuous(y: Any) -> bool:
    """Whether a result has a derivative; Python's numbers have none."""
    return isinstance(y, (np.ndarray, np.generic)) and y.dtype.kind in "fc"


def normal(rng: np.random.Generator, x: Any) -> Any:
    """Random numbers of x's shape, complex for complex, of size 0.5 to 1.5."""
    size, sign = rng.uniform(0.5, 1.5, np.shape(x)), rng.choice([-1.0, 1.0], np.shape(x))
    return size * sign * (np.exp(1j * rng.uniform(-3, 3, np.shape(x))) if np.asarray(x).dtype.kind == "c" else 1)


def weighted(outputs: Any, weights: list[Any]) -> Any:
    """Re Σ w y: a number that every entry reaches."""
    total: Any = 0.0
    for y, w in zip(flatten(outputs)[0], weights, strict=True):
        if np.shape(y) != w.shape:
            raise ValueError(f"a result of shape {np.shape(y)}, and a cotangent of shape {w.shape}")
        if hasattr(y, "dtype") and y.dtype.kind in "fc":
            total = total + np.real(y * w.astype(y.dtype)).sum()
    return total


def pulled(weights: list[Any], call: Callable[..., Any]) -> Callable[..., list[Any]]:
    """The gradient of Re Σ w y, unconjugated: ds = Re Σ g dx."""

    def gradient(*variables: Any) -> list[Any]:
        y, pull = tl.vjp(lambda *x: weighted(call(*x), weights), *variables)
        return list(pull(np.ones((), y.dtype)[()] if hasattr(y, "dtype") else 1.0))

    return gradient


def backward(weights: list[Any], call: Callable[..., Any], leaves: list[tl.Tensor]) -> list[Any]:
    """The same by an ordinary backward pass."""
    total = weighted(call(*leaves), weights)
    if isinstance(total, tl.Tensor) and total.requires_grad:
        total.backward()
    return [np.zeros(t.shape, t.dtype) if t.grad is None else np.conj(t.grad) for t in leaves]


# ---------------------------------------------------------------------------------------------------------------------
# Differences


class Slope(NamedTuple):
    """A directional derivative by differences.

    Attributes
    ----------
    kind : "smooth"; "kink" where the two sides differ; "rough" where steps of two lengths do; "no numbers"
    value, error : the derivative and a bound of its error
    """

    kind: str
    value: float = 0.0
    error: float = 0.0


def slope(s: Callable[..., float], x: Arrays, d: Arrays, size: float, expected: float) -> Slope:
    """ds/dt of s(x + t d) at 0.

    Central differences at two steps and Richardson's extrapolation; at shorter steps where those do not agree with each
    other. A kink is where the differences to both sides stay apart however short the step.
    """
    found = Slope("rough")
    try:
        here = s(*moved(x, d, 0))
    except ValueError:  # as many results as in single precision there are not
        return Slope("kink")
    if not np.isfinite(here):
        return Slope("no numbers")
    for h in (1e-3, 1e-4, 1e-5, 1e-6):
        try:
            ends = [s(*moved(x, d, t * h)) for t in (-1, -0.5, 0.5, 1)]
        except (ValueError, TypeError, IndexError, ArithmeticError):
            return Slope("kink")
        if not np.isfinite(ends).all():
            found = Slope("no numbers")
            continue
        coarse, fine = (ends[3] - ends[0]) / (2 * h), (ends[2] - ends[1]) / h
        rounding = 1e4 * np.finfo(float).eps * max(size, abs(here)) / h
        apart = abs(ends[3] + ends[0] - 2 * here) / h, 2 * abs(ends[2] + ends[1] - 2 * here) / h
        value, error = (4 * fine - coarse) / 3, abs(fine - coarse) + rounding
        scale = max(abs(value), min(expected, size), 1e-12)
        if apart[1] > 0.9 * apart[0] and apart[1] > 10 * rounding and apart[1] > 1e-4 * scale:
            found = Slope("kink")
            continue
        if error < 1e-4 * scale or error < 1e-7 * size:
            return Slope("smooth", value, error)
        found = Slope("rough", value, error)
    return found


def moved(x: Arrays, d: Arrays, t: complex) -> list[np.ndarray]:
    """x + t d, where d is not 0."""
    return [np.where(v == 0, a, a + t * v) for a, v in zip(x, d, strict=True)]


def complex_step(f: Callable[..., Any], weights: list[Any], x: Arrays, d: Arrays) -> float | None:
    """Im Σ w f(x + ihd) / h: exact where f is analytic and takes complex numbers; None where it cannot be had."""
    h = 1e-20
    try:
        outputs = flatten(f(*moved(x, d, 1j * h)))[0]
        return sum([float((w * np.imag(y)).sum()) for w, y in zip(weights, outputs, strict=True)]) / h
    except Exception:  # of functions that refuse complex numbers each in its own way
        return None


def directions(x: Arrays, seed: int) -> list[Any]:
    """A direction in each array, of its entries' sizes; of inf and NaN there is none."""
    rng = np.random.default_rng(seed)
    made = []
    for a in x:
        size = np.abs(a)
        typical = size[np.isfinite(size)].max(initial=0) or 1.0
        made.append(normal(rng, a) * np.where(np.isfinite(size), np.where(size == 0, typical, size), 0))
    return made


def inner(g: Arrays, d: Arrays) -> tuple[float, float]:
    """Re Σ g d, and the sum of the moduli."""
    products = [np.where(b == 0, 0, np.asarray(a).astype("c16") * b) for a, b in zip(g, d, strict=True)]
    return sum([float(p.real.sum()) for p in products]), sum([float(np.abs(p).sum()) for p in products])


# ---------------------------------------------------------------------------------------------------------------------
# The verdict


def judge(call: Any, order: int = 2) -> Finding:
    """What becomes of a call: run by NumPy, with Tensors, and differentiated."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", np.exceptions.ComplexWarning)  # where NumPy leaves parts out, we refuse
        return verdict(call, order)


def verdict(call: Any, order: int) -> Finding:
    variables = call.variables
    kept = [x.copy("K") for x in variables]
    try:
        expected = call(*[x.copy("K") for x in variables])  # which overwrite_input= lets NumPy write to
    except Exception as error:
        return refused_by_both(call, error)
    leaves = [tl.Tensor(x, requires_grad=True) for x in variables]
    try:
        got = call(*leaves)
    except Exception as error:
        return Finding("refused", f"{type(error).__name__}: {error}")
    narrow = any(is_narrow(x) for x in flatten((call.args, call.kwargs))[0] + results(expected))
    if (different := differs(got, expected, narrow)) is not None:
        return Finding("wrong", different)
    weights = weights_for(results(expected), 1)
    try:
        g = backward(weights, call, leaves)
        if [(x.shape, x.dtype) for x in g] != [(x.shape, x.dtype) for x in variables]:
            return Finding("wrong", f"gradients {[(x.dtype, x.shape) for x in g]}")
        found = judged(call, expected, weights, g, order, narrow)
    except Exception as error:
        return Finding("refused", f"{type(error).__name__}: {error}")
    if any(not np.array_equal(a, b, equal_nan=True) for a, b in zip(variables, kept, strict=True)):
        return Finding("wrong", "the caller's array has changed")
    return found


def refused_by_both(call: Any, error: Exception) -> Finding:
    """NumPy refuses the call: so must we."""
    try:
        got = call(*[tl.Tensor(x, requires_grad=True) for x in call.variables])
    except Exception:
        return Finding("right", "refused by both")
    return Finding("lenient", f"NumPy {type(error).__name__}: {error}; here {[np.shape(y) for y in results(got)]}")


def is_narrow(x: Any) -> bool:
    """Whether an argument or a result is of single precision, or asks for it."""
    if isinstance(x, (np.ndarray, np.generic)):
        return bool(x.dtype.str[1:] in WIDE)
    return widened(x) is not x


def judged(call: Any, expected: Any, weights: list[Any], g: list[Any], order: int, narrow: bool) -> Finding:
    """Derivatives of a call that has the right values."""
    point = [x.astype("c16" if x.dtype.kind == "c" else "f8") for x in call.variables]
    d, v = directions(point, 2), directions(point, 3)
    plain = lambda *x: float(weighted(call(*x, wide=True), weights))
    size = sum(
        [float(np.abs(y * w).sum()) for y, w in zip(results(expected), weights, strict=True) if is_continuous(y)]
    )
    derivative, scale = inner(g, d)
    tolerance = 2e-3 if narrow else 1e-6
    noise = 1e3 * np.finfo(np.float32).eps * size if narrow else 0.0
    by_differences = slope(plain, point, d, size, scale)
    if by_differences.kind != "smooth":
        return Finding(by_differences.kind)
    if np.isnan(derivative) and not all(
        np.isfinite(x).all() for x in flatten((call.args, call.kwargs))[0] if is_continuous(x)
    ):
        return Finding("no numbers", "NaN by arguments that are no numbers")
    off = disagreement(derivative, by_differences, tolerance * scale + noise)
    if off is not None:
        for other in (v, *[directions(point, seed) for seed in (4, 5, 6)]):
            if not is_linear(
                lambda x: slope(plain, point, x, size, scale), by_differences, d, other, tolerance * scale
            ):
                return Finding("kink", "differences are not linear in the direction")
        return Finding("wrong", f"order 1: {off}")
    real = all(x.dtype.kind == "f" for x in [*point, *results(expected)] if hasattr(x, "dtype"))
    if real and not narrow:
        exact = complex_step(lambda *x: call(*x, wide=True), weights, point, d)
        if exact is not None and abs(exact - by_differences.value) <= 1e-6 * scale + by_differences.error:
            off = disagreement(derivative, Slope("smooth", exact), 1e-9 * scale)
            if off is not None:
                return Finding("wrong", f"order 1, complex step: {off}")
    return second(call, weights, point, (d, v), narrow) if order > 1 else Finding("right")


def is_linear(along: Callable[[Arrays], Slope], at_d: Slope, d: Arrays, v: Arrays, tolerance: float) -> bool:
    """Whether differences along d + v are those along d and along v; at a tie they are, now and then, by chance."""
    both, other = along([a + b for a, b in zip(d, v, strict=True)]), along(v)
    if both.kind != "smooth" or other.kind != "smooth":
        return False
    return disagreement(both.value, Slope("", at_d.value + other.value, both.error), tolerance) is None


def second(call: Any, weights: list[Any], point: Arrays, along: tuple[Arrays, Arrays], narrow: bool) -> Finding:
    """Second derivatives: those of the first, which are right."""
    d, v = along
    gradient = pulled(weights, lambda *x: call(*x, wide=True))
    plain = lambda *x: inner(gradient(*x), v)[0]
    size = inner(gradient(*point), v)[1]
    by_differences = slope(plain, point, d, size, 0.0)
    if by_differences.kind != "smooth":
        return Finding("right", f"order 2: {by_differences.kind}")
    first = pulled(weights, call)

    def q(*x: Any) -> Any:
        return sum([np.real(a * b.astype(a.dtype)).sum() for a, b in zip(first(*x), v, strict=True)], start=0.0)

    y, pull = tl.vjp(q, *call.variables)
    h = list(pull(np.ones((), np.asarray(y).dtype)[()]))
    derivative, scale = inner(h, d)
    noise = 1e3 * np.finfo(np.float32).eps * size if narrow else 1e-9 * size
    off = disagreement(derivative, by_differences, (2e-2 if narrow else 1e-5) * scale + noise)
    return Finding("right") if off is None else Finding("wrong", f"order 2: {off}")


def disagreement(got: float, by_differences: Slope, tolerance: float) -> str | None:
    """None within the tolerance and the error of the differences."""
    if abs(got - by_differences.value) <= tolerance + by_differences.error + 1e-14:
        return None
    return f"{got!r}, differences {by_differences.value!r} ± {by_differences.error:.2g}"
