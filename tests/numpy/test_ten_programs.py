"""Ten programs that know nothing of this package, differentiated without changing a line of them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import tinygrad_lite as tl

from . import ten_programs
from .ten_programs import PROGRAMS

each_program = pytest.mark.parametrize("name", PROGRAMS)


def slopes(f, x, step):
    """Central differences of two step lengths, combined so that the error is of the fourth order."""

    def central(h):
        units = [h * u.reshape(x.shape) for u in np.eye(x.size)]
        return np.array([(f(x + u) - f(x - u)) / (2 * h) for u in units]).reshape(x.shape)

    return (4 * central(step) - central(2 * step)) / 3


def test_the_programs_are_plain():
    source = Path(ten_programs.__file__).read_text(encoding="utf-8")
    assert "tinygrad" not in source
    assert [line for line in source.splitlines() if line.startswith(("import", "from"))] == [
        "import math",
        "import numpy as np",
    ]
    assert len(PROGRAMS) == 10


@each_program
def test_value_and_gradient(name):
    f, x = PROGRAMS[name]
    given = x.copy()
    value, gradient = tl.value_and_grad(tl.adapt(f))(given)
    assert (given == x).all(), "the caller's array has changed"
    assert value == pytest.approx(f(x.copy()), rel=1e-14)
    expected = slopes(f, x, 1e-4 if name == "gray_scott" else 1e-5)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-7 * (1 + np.abs(expected).max()))


@each_program
def test_second_derivative(name):
    f, x = PROGRAMS[name]
    adapted = tl.adapt(f)
    direction = np.cos(np.arange(x.size)).reshape(x.shape) * (0.01 if name == "gray_scott" else 1.0)
    along = lambda t: tl.grad(adapted)(x + t * direction)
    h = 1e-4
    expected = (8 * (along(h) - along(-h)) - (along(2 * h) - along(-2 * h))) / (12 * h)
    found = tl.hvp(adapted)(x, direction)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6 * (1 + np.abs(expected).max()))


@each_program
def test_the_original_is_untouched(name):
    f, x = PROGRAMS[name]
    before = f(x.copy())
    tl.grad(tl.adapt(f))(x.copy())
    assert f(x.copy()) == before
    assert f.__globals__["np"] is np
    assert f.__globals__["math"] is math


def black_scholes(market):
    """Price and derivatives of a European put, by the formulas of F. Black and M. Scholes (1973)."""
    S, K, r, sigma, T = market
    N = lambda z: 0.5 * math.erfc(-z / math.sqrt(2))
    density = lambda z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    d1 = (math.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
    d2 = d1 - sigma * math.sqrt(T)
    discounted = K * math.exp(-r * T)
    price = discounted * N(-d2) - S * N(-d1)
    greeks = {
        "spot": -N(-d1),
        "strike": math.exp(-r * T) * N(-d2),
        "rate": -T * discounted * N(-d2),
        "volatility": S * density(d1) * math.sqrt(T),
        "years": S * density(d1) * sigma / (2 * math.sqrt(T)) - r * discounted * N(-d2),
    }
    return price, np.array([*greeks.values()])


def test_the_tree_has_the_greeks_of_black_and_scholes():
    """Roughly: the tree's price is piecewise smooth, with corners where a leaf passes the strike."""
    f, market = PROGRAMS["option"]
    price, greeks = black_scholes(market)
    value, gradient = tl.value_and_grad(tl.adapt(f))(market)
    assert value == pytest.approx(price, rel=0.01)
    np.testing.assert_allclose(gradient, greeks, rtol=0.06)


def test_the_american_option():
    f, market = PROGRAMS["option"]
    american = tl.adapt(lambda m: f(m, 30, True))
    value, gradient = tl.value_and_grad(american)(market)
    assert value > f(market, 30)
    np.testing.assert_allclose(gradient, slopes(lambda m: f(m, 30, True), market, 1e-5), rtol=1e-6)
