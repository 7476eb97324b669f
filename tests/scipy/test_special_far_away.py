"""Slopes of ``scipy.special``'s functions where their formulas lose digits or range, beside the same in many digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

special = pytest.importorskip("tinygrad_lite.scipy.special")
mp = pytest.importorskip("mpmath").mp

SIZES = (
    1e-320,
    1e-200,
    1e-17,
    1e-3,
    0.25,
    0.5,
    0.9,
    1 - 1e-10,
    1.5,
    3.0,
    8.0,
    20.0,
    26.5,
    37.2,
    38.4,
    300.0,
    745.0,
    1e8,
)
POINTS = np.array([0.0, *SIZES, *[-x for x in SIZES]])


def density(x: Any) -> Any:
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def hazard(x: Any) -> Any:
    return density(x) / (mp.erfc(-x / mp.sqrt(2)) / 2)


def logistic(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


SLOPES: dict[str, tuple[tuple[float, float], list[Callable[[Any], Any]]]] = {
    "entr": ((0, np.inf), [lambda x: -1 - mp.log(x), lambda x: -1 / x]),
    "expit": ((-np.inf, np.inf), [lambda x: logistic(x) * logistic(-x)]),
    "log_expit": ((-np.inf, np.inf), [lambda x: logistic(-x), lambda x: -logistic(x) * logistic(-x)]),
    "logit": ((0, 1), [lambda x: 1 / (x * (1 - x)), lambda x: (2 * x - 1) / (x * (1 - x)) ** 2]),
    "log_ndtr": ((-1e5, 1e5), [hazard, lambda x: -hazard(x) * (x + hazard(x))]),
    "ndtr": ((-1e5, 1e5), [density, lambda x: -x * density(x)]),
    "erf": ((-1e5, 1e5), [lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)]),
    "erfc": ((-1e5, 1e5), [lambda x: -2 / mp.sqrt(mp.pi) * mp.exp(-x * x)]),
    "erfi": ((-1e5, 1e5), [lambda x: 2 / mp.sqrt(mp.pi) * mp.exp(x * x)]),
    "log1p": ((-1, np.inf), [lambda x: 1 / (1 + x), lambda x: -1 / (1 + x) ** 2]),
    "cbrt": ((0, np.inf), [lambda x: x ** (-mp.mpf(2) / 3) / 3, lambda x: -2 * x ** (-mp.mpf(5) / 3) / 9]),
}


def check(got: float, right: Any, said: Any) -> None:
    """To 10⁻¹³ of itself, or to the smallest of numbers; infinite where it is beyond them."""
    if abs(right) > np.finfo(float).max:
        assert got == np.inf * float(mp.sign(right)), said
    else:
        assert abs(mp.mpf(got) - right) <= abs(right) * 1e-13 + 1e-322, (said, got, right)


@pytest.mark.parametrize("name", SLOPES)
def test_slopes_over_the_whole_range(name: str) -> None:
    (low, high), exactly = SLOPES[name]
    x = POINTS[(low < POINTS) & (high > POINTS)]
    f = getattr(special, name)
    for of_order in exactly:
        f = tl.grad(lambda x, f=f: f(x).sum())
        with np.errstate(all="ignore"), mp.workdps(700):
            for at, got in zip(x.tolist(), f(x).tolist(), strict=True):
                try:
                    right = of_order(mp.mpf(at))
                except ZeroDivisionError:
                    continue
                check(got, right, (name, at))


PAIRS: dict[str, list[Callable[[Any, Any], Any]]] = {
    "xlogy": [lambda a, b: mp.log(b), lambda a, b: a / b],
    "xlog1py": [lambda a, b: mp.log1p(b), lambda a, b: a / (1 + b)],
    "rel_entr": [lambda a, b: 1 + mp.log(a / b), lambda a, b: -a / b],
    "kl_div": [lambda a, b: mp.log(a / b), lambda a, b: (b - a) / b],
    "pseudo_huber": [
        lambda d, r: r**4 / (mp.hypot(d, r) * (mp.hypot(d, r) + d) ** 2),
        lambda d, r: r * d / mp.hypot(d, r),
    ],
}


@pytest.mark.parametrize("name", PAIRS)
def test_slopes_by_two_arguments(name: str) -> None:
    sizes = np.array([1e-320, 1e-200, 1e-17, 0.3, 1.0, 1 + 1e-12, 36.0, 1e8, 1e200, 1.7e308])
    a, b = [x.ravel() for x in np.meshgrid(sizes, sizes)]
    with np.errstate(all="ignore"), mp.workdps(700):
        slopes = tl.grad(lambda a, b: getattr(special, name)(a, b).sum(), (0, 1))(a, b)
        for exactly, found in zip(PAIRS[name], slopes, strict=True):
            for x, y, got in zip(a.tolist(), b.tolist(), found.tolist(), strict=True):
                check(got, exactly(mp.mpf(x), mp.mpf(y)), (name, x, y))


ENDS = [
    ("logit", (0.0,), (np.inf,)), ("logit", (-0.0,), (np.inf,)), ("logit", (1.0,), (np.inf,)),
    ("logit", (2.0,), (np.nan,)),
    ("log1p", (-1.0,), (np.inf,)), ("log1p", (-2.0,), (np.nan,)), ("cbrt", (-0.0,), (np.inf,)),
    ("entr", (0.0,), (np.inf,)), ("entr", (-1.0,), (np.nan,)),
    ("log_ndtr", (np.inf,), (0.0,)), ("log_ndtr", (-np.inf,), (np.inf,)), ("log_expit", (-np.inf,), (1.0,)),
    ("erfinv", (1.0,), (np.inf,)), ("ndtri", (0.0,), (np.inf,)), ("erf", (np.inf,), (0.0,)),
    ("xlogy", (0.0, 0.0), (-np.inf, 0.0)), ("xlogy", (2.0, -1.0), (np.nan, np.nan)),
    ("xlogy", (0.0, -1.0), (np.nan, 0.0)),
    ("xlogy", (1.0, -0.0), (-np.inf, np.inf)), ("xlog1py", (2.0, -3.0), (np.nan, np.nan)),
    ("rel_entr", (0.0, 1.0), (-np.inf, 0.0)), ("rel_entr", (1.0, 0.0), (np.inf, -np.inf)),
    ("kl_div", (0.0, 0.0), (np.nan, 1.0)), ("powm1", (0.0, 2.0), (0.0, 0.0)), ("powm1", (2.0, 0.0), (0.0, np.log(2.0))),
    ("boxcox", (0.0, 2.0), (0.0, 0.25)), ("boxcox", (0.0, 0.5), (np.inf, 4.0)), ("boxcox1p", (-1.0, 2.0), (0.0, 0.25)),
    ("pseudo_huber", (0.0, 0.0), (0.0, 0.0)),
    ("pseudo_huber", (2.0, np.inf), (np.inf, 2.0)), ("pseudo_huber", (2.0, -np.inf), (np.inf, -2.0)),
    ("beta", (np.inf, 2.0), (0.0, 0.0)), ("beta", (2.0, np.inf), (0.0, 0.0)),
    ("gamma", (-1.0,), (np.nan,)), ("gammaln", (-1.0,), (np.nan,)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "at", "slopes"), ENDS)
def test_slopes_at_the_ends(name: str, at: Any, slopes: Any) -> None:
    with np.errstate(all="ignore"):
        got = tl.grad(getattr(special, name), tuple(range(len(at))))(*at)
    np.testing.assert_allclose(got, slopes, rtol=1e-15)


AT_INFINITY: list[tuple[str, float, tuple[float, ...]]] = [
    ("log_ndtr", -np.inf, (np.inf, -1.0, 0.0)), ("log_ndtr", np.inf, (0.0, 0.0, 0.0)),
    ("ndtri_exp", -np.inf, (0.0, 0.0, 0.0)), ("rgamma", np.inf, (0.0, 0.0, 0.0)),
    ("cbrt", np.inf, (0.0, 0.0, 0.0)), ("cbrt", -np.inf, (0.0, 0.0, 0.0)),
    ("expit", np.inf, (0.0, 0.0, 0.0)), ("expit", -np.inf, (0.0, 0.0, 0.0)),
    ("log_expit", np.inf, (0.0, 0.0, 0.0)), ("log_expit", -np.inf, (1.0, 0.0, 0.0)),
    ("ndtr", np.inf, (0.0, 0.0, 0.0)), ("ndtr", -np.inf, (0.0, 0.0, 0.0)),
    ("gammaln", np.inf, (np.inf, 0.0, 0.0)), ("psi", np.inf, (0.0, 0.0, 0.0)),
    ("dawsn", np.inf, (0.0, 0.0, 0.0)), ("exp1", np.inf, (0.0, 0.0, 0.0)), ("expi", -np.inf, (0.0, 0.0, 0.0)),
    ("expi", np.inf, (np.inf, np.inf)), ("gamma", np.inf, (np.inf, np.inf)), ("erfcx", -np.inf, (-np.inf,)),
    ("erfcx", np.inf, (0.0, 0.0, 0.0)), ("entr", np.inf, (-np.inf, 0.0, 0.0)), ("lambertw", np.inf, (0.0,)),
    ("ellipk", -np.inf, (0.0, 0.0, 0.0)), ("ellipkm1", np.inf, (0.0, 0.0, 0.0)), ("ellipe", -np.inf, (0.0, 0.0, 0.0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "end", "limits"), AT_INFINITY)
def test_derivatives_at_infinity_are_the_limits(name: str, end: float, limits: tuple[float, ...]) -> None:
    f = getattr(special, name)
    for limit in limits:
        f = tl.grad(f)
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(f(end), limit, rtol=1e-15)


def test_logsumexp_of_nothing_with_weights() -> None:
    a, b = np.array([[-np.inf, -np.inf], [0.0, np.log(3.0)]]), np.array([1.0, 2.0])
    f = lambda a: special.logsumexp(a, axis=1, b=b)
    np.testing.assert_array_equal(f(tl.tensor(a)).data[0], -np.inf)
    np.testing.assert_allclose(tl.jacobian(f)(a)[[0, 1], [0, 1]], [[0, 0], [1 / 7, 6 / 7]])


@pytest.mark.parametrize("axis", [None, 1, (0, 1)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp_with_weights_of_one_infinite_entry_is_that_entry(axis: Any, keepdims: bool) -> None:
    a, b = np.array([[0.5, np.inf, -np.inf], [1.0, 2.0, 0.5]]), np.array([[1.0, 4.0, 2.0], [1.0, 2.0, 3.0]])
    f = lambda a, b: special.logsumexp(a, axis, b, keepdims)
    y, pull = tl.vjp(f, a, b)
    np.testing.assert_array_equal(y, f(a, b))
    by_a, by_b = pull(np.ones_like(y))
    usual_by_a, usual_by_b = tl.grad(lambda a, b: special.logsumexp(a, b=b), (0, 1))(a[1], b[1])
    rest = [np.zeros(3)] * 2 if axis != 1 else [usual_by_a, usual_by_b]
    np.testing.assert_allclose(by_a, [[0, 1, 0], rest[0]], rtol=1e-14)
    np.testing.assert_allclose(by_b, [[0, 0.25, 0], rest[1]], rtol=1e-14)


def test_logsumexp_of_an_infinite_entry_has_its_weights_sign() -> None:
    a, b = np.array([np.inf, 1.0]), np.array([-2.0, 1.0])
    (y, sign), pull = tl.vjp(lambda a: special.logsumexp(a, b=b, return_sign=True), a)
    assert (y, sign) == (np.inf, -1)
    np.testing.assert_array_equal(pull((1.0, 0.0))[0], [1, 0])
    with np.errstate(invalid="ignore"):
        assert np.isnan(tl.grad(lambda a: special.logsumexp(a, b=b))(a)).any()
        assert np.isnan(tl.grad(lambda a: special.logsumexp(a, b=np.ones(2)))(np.array([np.inf, np.inf]))).any()


@pytest.mark.parametrize("name", ["rel_entr", "kl_div"])
@pytest.mark.parametrize("at", [(-1.0, 2.0), (-1.0, -2.0), (1.0, -2.0), (-0.25, 0.0)])
def test_divergences_have_no_slope_where_they_have_no_value(name: str, at: tuple[float, float]) -> None:
    f = getattr(special, name)
    assert f(*at) == np.inf
    with np.errstate(all="ignore"):
        assert np.isnan(tl.grad(f, (0, 1))(*at)).all()
