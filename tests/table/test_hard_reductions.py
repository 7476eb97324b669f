"""Reductions at hard points, against the same in fifty digits: where squares are no numbers, at ties, zeros and masks.

A number is right to 10⁻¹² of what it is made of: of itself where all that is added up has one sign.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_lite as tl

mp = pytest.importorskip("mpmath").mp

SMALLEST = 5e-324
DIGITS = 60
POINTS = 2000


def exponents(rng: np.random.Generator, low: int, high: int) -> np.ndarray:
    """Numbers of both signs with exponents of 10 drawn evenly, of one length from 1 to 6."""
    n = rng.integers(1, 7)
    return rng.choice([-1.0, 1.0], n) * 10.0 ** rng.uniform(low, high, n)


KINDS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "ordinary": lambda rng: rng.normal(size=rng.integers(1, 7)),
    "tiny": lambda rng: exponents(rng, -306, -150),
    "huge": lambda rng: exponents(rng, 150, 306),
    "mixed": lambda rng: exponents(rng, -300, 300),
    "subnormal": lambda rng: rng.integers(-9, 10, rng.integers(1, 7)) * 2.0**-1060,
    "zeros": lambda rng: rng.choice([0.0, -0.0, 1.5, -2.0], rng.integers(1, 7)),
    "all zero": lambda rng: np.zeros(rng.integers(1, 7)),
    "ties": lambda rng: rng.choice([-1.0, 2.0], rng.integers(2, 7)) * 10.0 ** rng.integers(-200, 200),
    "constant": lambda rng: np.full(rng.integers(1, 7), rng.normal() * 10.0 ** rng.integers(-200, 200)),
    "cancelling": lambda rng: rng.permutation([1e16, 1.0, -1e16, rng.normal()]),
}


def scores(rng: np.random.Generator) -> np.ndarray:
    """Arguments of exponentials: near, far apart, equal, and some that are not there."""
    n = rng.integers(1, 7)
    x = rng.normal(size=n) * rng.choice([1.0, 30.0, 1000.0])
    kind = rng.integers(4)
    if kind == 0:
        x = np.full(n, rng.choice([0.0, 800.0, -1e300]))
    if kind == 1:
        x[rng.random(n) < 0.3] = -np.inf
        x[0] = 0.5
    return np.asarray(x)


class Exact(NamedTuple):
    """Value and gradient, and of what size the numbers are that make them up."""

    value: Any
    gradient: list[Any]
    size: Any
    sizes: list[Any]


def of_one_sign(value: Any, gradient: list[Any]) -> Exact:
    return Exact(value, gradient, abs(value), [abs(d) for d in gradient])


def total(x: list[Any], n: int = 1) -> Exact:
    share = mp.mpf(1) / n
    return Exact(mp.fsum(x) * share, [share] * len(x), mp.fsum(map(abs, x)) * share, [share] * len(x))


def product(x: list[Any]) -> Exact:
    others = [mp.fprod(x[:k] + x[k + 1 :]) for k in range(len(x))]
    return of_one_sign(mp.fprod(x), others)


def extreme(x: list[Any], chosen: Any) -> Exact:
    ties = [mp.mpf(v == chosen(x)) for v in x]
    return of_one_sign(chosen(x), [t / mp.fsum(ties) for t in ties])


def length(x: list[Any], p: float) -> Exact:
    a = [abs(v) for v in x]
    if not any(a) or (p < 0 and not all(a)):
        return of_one_sign(mp.mpf(0), [mp.mpf(0)] * len(x))
    y = mp.fsum([v**p for v in a if v or p > 0]) ** (1 / mp.mpf(p))
    return of_one_sign(y, [mp.sign(v) * (abs(v) / y) ** (p - 1) if v else mp.mpf(0) for v in x])


def spread(x: list[Any], root: bool) -> Exact:
    n, largest = len(x), max(map(abs, x))
    mean = mp.fsum(x) / n
    variance = mp.fsum([(v - mean) ** 2 for v in x]) / n
    if not root:
        deviations = [2 * (v - mean) / n for v in x]
        return Exact(variance, deviations, variance + largest**2 * mp.mpf(2) ** -53, [2 * largest / n] * n)
    y = mp.sqrt(variance)
    if y <= largest * mp.mpf(2) ** -48:  # for all that can be told of floating-point numbers, there is none
        return Exact(mp.mpf(0), [mp.mpf(0)] * n, largest, [mp.mpf(1e12)] * n)
    return Exact(y, [(v - mean) / (n * y) for v in x], largest, [largest / (n * y)] * n)


def sum_of_exponentials(x: list[Any]) -> Exact:
    there = [mp.exp(v) for v in x]
    y = mp.log(mp.fsum(there))
    shares = [e / mp.fsum(there) for e in there]
    return of_one_sign(y, shares)._replace(size=abs(y))


def share(x: list[Any]) -> Exact:
    """The first entry of softmax."""
    there = [mp.exp(v) for v in x]
    shares = [e / mp.fsum(there) for e in there]
    one = [mp.fsum(shares[1:]), *[-s for s in shares[1:]]]
    return of_one_sign(shares[0], [shares[0] * d for d in one])


def logarithm_of_share(x: list[Any]) -> Exact:
    """The first entry of log_softmax."""
    others = [mp.exp(v - x[0]) for v in x[1:]]
    slope = [d / (1 + mp.fsum(others)) for d in (mp.fsum(others), *[-e for e in others])]
    y = -mp.log1p(mp.fsum(others))
    return of_one_sign(y, slope)


def entropy(x: list[Any]) -> Exact:
    """−Σ p ln p of the softmax."""
    top = x.index(max(x))
    total = mp.log1p(mp.fsum([mp.exp(v - x[top]) for v in x[:top] + x[top + 1 :]]))
    logarithms = [v - x[top] - total if mp.isfinite(v) else mp.mpf(0) for v in x]
    p = [mp.exp(v - x[top] - total) for v in x]
    y = -mp.fsum([q * v for q, v in zip(p, logarithms, strict=True)])
    parts = [(q * abs(v), q * y) for q, v in zip(p, logarithms, strict=True)]
    slope = [a - b for a, b in parts]
    short = 1e15 * mp.mpf(SMALLEST)  # of a subnormal p times its logarithm, at 10⁻¹²
    return Exact(y, slope, y + short, [a + b + short for a, b in parts])


REDUCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[list[Any]], Exact]]] = {
    "sum": (np.sum, total),
    "mean": (np.mean, lambda x: total(x, len(x))),
    "cumsum": (lambda x: np.cumsum(x)[-1], total),
    "average": (lambda x: np.average(x, weights=np.full(x.shape, 2.0)), lambda x: total(x, len(x))),
    "prod": (np.prod, product),
    "max": (np.max, lambda x: extreme(x, max)),
    "min": (np.min, lambda x: extreme(x, min)),
    "var": (np.var, lambda x: spread(x, False)),
    "std": (np.std, lambda x: spread(x, True)),
    "norm": (np.linalg.norm, lambda x: length(x, 2)),
    **{
        f"norm {p}": (lambda x, p=p: np.linalg.norm(x, p), lambda x, p=p: length(x, p))
        for p in (0.5, 1, 1.5, 3, 7, -1, -2.5)
    },
}
OF_SCORES: dict[str, tuple[Callable[[Any], Any], Callable[[list[Any]], Exact]]] = {
    "logsumexp": (tl.logsumexp, sum_of_exponentials),
    "logaddexp": (np.logaddexp.reduce, sum_of_exponentials),
    "softmax": (lambda x: tl.softmax(x)[0], share),
    "log_softmax": (lambda x: tl.log_softmax(x)[0], logarithm_of_share),
    "cross_entropy": (lambda x: -tl.cross_entropy(x, 0), logarithm_of_share),
    "cross_entropy of shares": (lambda x: -tl.cross_entropy(x, np.eye(x.size)[0]), logarithm_of_share),
    "entropy": (lambda x: -np.where(np.isfinite(x), tl.softmax(x) * tl.log_softmax(x), 0).sum(), entropy),
}


def is_near(got: float, exact: Any, size: Any, loss: float) -> bool:
    """Whether a number is right to 10⁻¹² of a size, or is as near as there is one."""
    if abs(exact) > np.finfo(float).max * (1 - 1e-12):
        return got == math.copysign(math.inf, exact) or abs(mp.mpf(got) / exact - 1) < 1e-12
    if not math.isfinite(got):
        return bool(size > np.finfo(float).max)  # what rounding the parts makes of them
    return bool(abs(mp.mpf(got) - exact) <= size * (1e-12 + loss) + 4 * SMALLEST)


def check(name: str, draw: Callable[[np.random.Generator], np.ndarray], number: int) -> None:
    """One reduction at the point of this number."""
    f, exactly = (REDUCTIONS | OF_SCORES)[name]
    x = draw(np.random.default_rng(number))
    with mp.workdps(DIGITS), np.errstate(all="ignore"):
        value, gradient = tl.value_and_grad(f)(x)
        exact = exactly([mp.mpf(v) for v in x.tolist()])
        is_short = value and abs(value) < 1e-300  # a subnormal number has fewer digits
        loss = 10 * SMALLEST / abs(float(value)) if is_short else 0.0
        assert is_near(float(value), exact.value, exact.size, loss), (x, value, exact.value)
        for d, right, size in zip(gradient.tolist(), exact.gradient, exact.sizes, strict=True):
            assert is_near(d, right, size, loss), (x, gradient, exact.gradient)


@pytest.mark.parametrize("kind", KINDS)
def test_running_products_are_right_where_all_of_them_are_numbers(kind: str) -> None:
    checked = 0
    for number in range(20):
        x = KINDS[kind](np.random.default_rng(number))
        with mp.workdps(DIGITS), np.errstate(all="ignore"):
            sizes = [abs(mp.fprod(x[: k + 1].tolist())) for k in range(len(x))]
            exact = product([mp.mpf(v) for v in x.tolist()])
            if not all(s == 0 or 1e-290 < s < 1e290 for s in [*sizes, *map(abs, exact.gradient)]):
                continue
            value, gradient = tl.value_and_grad(lambda x: np.cumprod(x)[-1])(x)
            assert is_near(float(value), exact.value, exact.size, 0.0), x
            for d, right, size in zip(gradient.tolist(), exact.gradient, exact.sizes, strict=True):
                assert is_near(d, right, size, 0.0), (x, gradient, exact.gradient)
            checked += 1
    assert checked or kind == "subnormal"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_are_right_at_hard_points(name: str, kind: str) -> None:
    for number in range(4):
        check(name, KINDS[kind], number)


@pytest.mark.parametrize("name", OF_SCORES)
def test_functions_of_exponentials_are_right_at_hard_points(name: str) -> None:
    for number in range(40):
        check(name, scores, number)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_are_right_at_all_hard_points(name: str, kind: str) -> None:
    for number in range(POINTS // len(KINDS)):
        check(name, KINDS[kind], number)


@pytest.mark.long
@pytest.mark.parametrize("name", OF_SCORES)
def test_functions_of_exponentials_are_right_at_all_hard_points(name: str) -> None:
    for number in range(POINTS):
        check(name, scores, number)


@pytest.mark.parametrize("name", [*REDUCTIONS, *OF_SCORES])
def test_second_derivatives_are_symmetric_at_hard_points(name: str) -> None:
    f, _ = (REDUCTIONS | OF_SCORES)[name]
    kinds = ("ordinary", "tiny", "huge", "ties", "zeros", "cancelling")
    for draw in [scores] * 6 if name in OF_SCORES else [KINDS[kind] for kind in kinds]:
        for number in range(2):
            x = draw(np.random.default_rng(number))
            with np.errstate(all="ignore"):
                hessian = tl.hessian(f)(x)
            numbers = np.isfinite(hessian) & np.isfinite(hessian.T)
            largest = np.abs(hessian[numbers]).max(initial=0)
            np.testing.assert_allclose(hessian[numbers], hessian.T[numbers], rtol=1e-9, atol=1e-12 * largest)


@pytest.mark.parametrize(("x", "products", "slopes"), [
    ([1e200, 1e200, 0.0], [1e200, np.inf, 0.0], [0.0, 0.0, np.inf]),
    ([1e200, 1e200, 1e200, 0.0], [1e200, np.inf, np.inf, 0.0], [0.0, 0.0, 0.0, np.inf]),
    ([1e200, 1e200, 1e-150, 1e-150], [1e200, np.inf, 1e250, 1e100], [1e-100, 1e-100, 1e250, 1e250]),
    ([1e-200, 1e-200, 1e200, 1e250], [1e-200, 0.0, 1e-200, 1e50], [1e250, 1e250, 1e-150, 1e-200]),
    ([0.0, 1e200, 1e200, 2.0], [0.0, 0.0, 0.0, 0.0], [np.inf, 0.0, 0.0, 0.0]),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_products_that_leave_the_range_on_the_way(x: list[float], products: list[float], slopes: list[float]) -> None:
    at = np.array(x)
    np.testing.assert_allclose(tl.cumprod(tl.tensor(at)).data, products, rtol=1e-14)
    np.testing.assert_allclose(tl.prod(tl.tensor(at)).data, products[-1], rtol=1e-14)
    np.testing.assert_allclose(tl.grad(np.prod)(at), slopes, rtol=1e-14)
    np.testing.assert_allclose(tl.grad(lambda x: np.cumprod(x)[-1])(at), slopes, rtol=1e-14)
    np.testing.assert_allclose(tl.grad(lambda x: np.cumprod(x)[0])(at), np.eye(len(x))[0], rtol=1e-14)
