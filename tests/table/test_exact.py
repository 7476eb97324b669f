"""Slopes of elementwise functions are right over the whole range of floats, to a few units in the last place."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table.registry import PRIMITIVES, REGISTRY

sympy = pytest.importorskip("sympy")

from ..proofs.test_equality import COUNTERPARTS, KINKED  # noqa: E402
from .true_derivatives import Truth, hard_points, last_places, multi_indices, rounded  # noqa: E402

LIMITS = {1: 8, 2: 64, 3: 4096}
"""Of each order, how many units in the last place a derivative may be off.

Third derivatives are 0 at places where the first is not. So of them the unit is that of the larger of the two, and
those that are beyond all floats are not asked for.
"""

OTHERS = {
    "cbrt": lambda x: sympy.sign(x) * sympy.cbrt(sympy.Abs(x)),
    "sinc": lambda x: sympy.sin(sympy.pi * x) / (sympy.pi * x),
    "erf": sympy.erf,
    "erfc": sympy.erfc,
    "gelu": lambda x: x * sympy.erfc(-x / sympy.sqrt(2)) / 2,
    "silu": lambda x: x / (1 + sympy.exp(-x)),
    "mish": lambda x: x * sympy.tanh(sympy.log(1 + sympy.exp(x))),
    "softsign": lambda x: x / (1 + sympy.Abs(x)),
    "tanhshrink": lambda x: x - sympy.tanh(x),
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "logsigmoid": lambda x: -sympy.log(1 + sympy.exp(-x)),
}
"""Counterparts of functions that refuse symbols, that are no primitives, or that are real of negative numbers."""

OPTIONS = {"softplus": {"threshold": np.inf}}

FORMULAS = {
    name: OTHERS.get(name) or COUNTERPARTS[name]
    for name in sorted(REGISTRY)
    if name in OTHERS
    or (name in COUNTERPARTS and PRIMITIVES.get(name) is REGISTRY[name].function and name not in KINKED)
    or name == "sigmoid"
}
"""Every elementwise function of the registry that has a formula, as SymPy's."""

BESIDE_ZERO = "a sum of two terms that is 0 at one place, and beside it what their last digits leave"
EXCEPTIONS = {
    **dict.fromkeys([("power", (0, 1)), ("float_power", (0, 1))], "(1 + b ln a) aᵇ⁻¹: " + BESIDE_ZERO),
    **{(name, (0,) * order): f"{BESIDE_ZERO}; and multiples of σ or sech² of subnormal size"
       for name in ("gelu", "silu", "mish", "sinc") for order in (1, 2)},
}  # fmt: skip
"""Derivatives that are right to fewer digits in places, each with the reason."""

ROUNDED = 1000.0
"""How many times more units they may be off there."""


class Function(NamedTuple):
    """A function of the table beside the true one."""

    name: str
    call: Callable[..., Any]
    truth: Truth

    @property
    def arity(self) -> int:
        return len(self.truth.symbols)

    def derivative(self, places: tuple[int, ...]) -> Callable[..., Any]:
        """The derivative by the arguments at these places, one after another, at many points at once."""
        found = self.call
        for place in places:
            found = functools.partial(gradient, found, place)
        return found


def gradient(f: Callable[..., Any], place: int, *x: Any) -> Any:
    return tl.grad(lambda *x: f(*x).sum(), place)(*x)


@functools.cache
def function(name: str) -> Function:
    call = functools.partial(REGISTRY[name].function, **OPTIONS.get(name, {}))
    arity = len(PRIMITIVES[name].inputs) if name in PRIMITIVES else 1
    return Function(name, call, Truth(FORMULAS[name], arity))


@np.errstate(all="ignore")
def points(name: str, dtype: Any, count: int, seed: int = 0) -> list[np.ndarray]:
    """Hard points for each argument; of two also near each other and near their negatives, and beside mild ones."""
    if function(name).arity == 1:
        x = hard_points(dtype, count, seed)
        return [x[np.abs(x) > 1e-20] if name == "sinc" else x]  # of which the truth takes too many bits near 0
    rng = np.random.default_rng(seed)
    a, b = [rng.choice(hard_points(dtype, 8 * count, seed + k), count) for k in (1, 2)]
    factor = rng.choice(np.array([1, -1, 1.0001, 0.5, 3]), count)
    b = np.where(rng.random(count) < 0.3, a * factor, b)
    a, b = [np.where(rng.random(count) < 0.3, rng.uniform(-3, 3, count), x) for x in (a, b)]
    if "power" in name:
        a = np.abs(a)
        b = np.where(rng.random(count) < 0.3, rng.choice([0.0, 1.0, 2.0, 3.0, 0.5, -1.0, -2.0], count), b)
    return [a.astype(dtype), b.astype(dtype)]


@np.errstate(all="ignore")
def misses(name: str, places: tuple[int, ...], at: list[np.ndarray], limit: float) -> list[str]:
    """The points where a derivative is off by more than so many units in the last place."""
    f, dtype = function(name), at[0].dtype.type
    got, values = f.derivative(places)(*at), f.call(*at)
    found = []
    for point, d, y in zip(zip(*at, strict=True), got, values, strict=True):
        truth = f.truth.at(places, point)
        if truth is None or (np.isinf(y) and np.isinf(d)):  # no derivative; or there is no value, and none that is
            continue
        beside = f.truth.at(places[:1], point) if len(places) > 2 else 0
        if beside is None or (beside and np.isinf(rounded(truth, dtype))):
            continue
        off = last_places(d, truth, dtype, beside)
        if not off <= limit:
            found.append(f"{name}{places} at {point}: {d!r}, off by {off:.3g}")
    return found


def cases() -> list[Any]:
    return [
        pytest.param(name, places, dtype, id=f"{name}-{places}-{dtype.__name__}")
        for name in FORMULAS
        for order in LIMITS
        for places in multi_indices(function(name).arity, order)
        for dtype in (np.float64, np.float32)
    ]


def test_every_formula_has_points() -> None:
    assert {"power", "tanh", "sigmoid", "arctan2", "erf", "softplus", "log", "hypot"} <= set(FORMULAS)
    assert len(FORMULAS) > 35


@pytest.mark.sampled(6)
@pytest.mark.parametrize(("name", "places", "dtype"), cases())
def test_derivatives_are_right_to_the_last_places(name: str, places: tuple[int, ...], dtype: Any) -> None:
    limit = LIMITS[len(places)]
    if (name, places) in EXCEPTIONS:
        limit *= ROUNDED
    assert misses(name, places, points(name, dtype, 24), limit) == []


@pytest.mark.long
@pytest.mark.parametrize(("name", "places", "dtype"), cases())
def test_derivatives_are_right_at_ten_thousand_points(name: str, places: tuple[int, ...], dtype: Any) -> None:
    limit = LIMITS[len(places)]
    if (name, places) in EXCEPTIONS:
        limit = np.inf
    assert misses(name, places, points(name, dtype, 10_000, seed=5), limit) == []


@pytest.mark.parametrize("name", list(FORMULAS))
def test_one_number_has_the_derivative_that_it_has_among_others(name: str) -> None:
    at = points(name, np.float64, 24, seed=3)
    for places in multi_indices(function(name).arity, 1):
        derivative = function(name).derivative(places)
        with np.errstate(all="ignore"):
            together = derivative(*at)
            alone = [derivative(*point) for point in zip(*at, strict=True)]
        np.testing.assert_array_max_ulp(np.array(alone), together, 2)  # NumPy's logarithms differ by one themselves


AT_ENDS = {
    "arctan": {np.inf: 0, -np.inf: 0},
    "arcsinh": {np.inf: 0, -np.inf: 0},
    "arccosh": {np.inf: 0, 1.0: np.inf, 0.5: np.nan, -np.inf: np.nan},
    "arcsin": {1.0: np.inf, -1.0: np.inf, 1.5: np.nan, -np.inf: np.nan},
    "arccos": {1.0: -np.inf, -1.0: -np.inf, 1.5: np.nan, np.inf: np.nan},
    "arctanh": {1.0: np.inf, -1.0: np.inf, 1.5: np.nan, -np.inf: np.nan},
    "log": {np.inf: 0, 0.0: np.inf, -1.0: np.nan, -np.inf: np.nan},
    "log2": {np.inf: 0, 0.0: np.inf, -1.0: np.nan, -np.inf: np.nan},
    "log10": {np.inf: 0, 0.0: np.inf, -1.0: np.nan, -np.inf: np.nan},
    "log1p": {np.inf: 0, -1.0: np.inf, -1.5: np.nan, -np.inf: np.nan},
    "sqrt": {np.inf: 0, 0.0: np.inf, -1.0: np.nan, -np.inf: np.nan},
    "cbrt": {np.inf: 0, -np.inf: 0, 0.0: np.inf},
    "exp": {np.inf: np.inf, -np.inf: 0},
    "expm1": {np.inf: np.inf, -np.inf: 0},
    "tanh": {np.inf: 0, -np.inf: 0},
    "sigmoid": {np.inf: 0, -np.inf: 0},
    "logsigmoid": {np.inf: 0, -np.inf: 1},
    "softplus": {np.inf: 1, -np.inf: 0},
    "erf": {np.inf: 0, -np.inf: 0},
    "erfc": {np.inf: 0, -np.inf: 0},
    "sin": {np.inf: np.nan, -np.inf: np.nan},
}
"""What derivatives are at infinity, and at and beyond the ends of a domain."""


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("name", list(AT_ENDS))
def test_derivatives_at_the_ends(name: str, dtype: Any) -> None:
    for x, slope in (AT_ENDS[name] | {np.nan: np.nan}).items():
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(tl.grad(function(name).call)(dtype(x)), dtype(slope), err_msg=f"at {x}")


PAIRS_AT_ENDS = [
    ("logaddexp", (-np.inf, 0.0), (0, 1)),
    ("logaddexp", (-np.inf, -np.inf), (0, 0)),
    ("logaddexp", (np.inf, 0.0), (1, 0)),
    ("logaddexp2", (0.0, -np.inf), (1, 0)),
    ("hypot", (0.0, 0.0), (0, 0)),
    ("hypot", (np.inf, 1.0), (1, 0)),
    ("hypot", (1.0, -np.inf), (0, -1)),
    ("arctan2", (0.0, 0.0), (0, 0)),
    ("arctan2", (np.inf, 1.0), (0, 0)),
    ("arctan2", (1.0, -np.inf), (0, 0)),
    ("power", (0.0, 2.0), (0, 0)),
    ("power", (0.0, 0.0), (0, 0)),
    ("power", (0.0, 0.5), (np.inf, 0)),
    ("power", (0.0, -1.0), (-np.inf, -np.inf)),
    ("power", (-2.0, 3.0), (12, np.nan)),
    ("power", (-2.0, 0.5), (np.nan, np.nan)),
    ("power", (np.inf, 2.0), (np.inf, np.inf)),
    ("power", (np.inf, -1.0), (0, 0)),
]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize(("name", "at", "slopes"), PAIRS_AT_ENDS)
def test_derivatives_of_pairs_at_the_ends(name: str, at: Any, slopes: Any, dtype: Any) -> None:
    with np.errstate(all="ignore"):
        got = tl.grad(function(name).call, (0, 1))(*map(dtype, at))
    np.testing.assert_array_equal(got, tuple(map(dtype, slopes)))


@pytest.mark.parametrize("name", ["log", "log2", "log10", "cbrt"])
def test_minus_0_is_0(name: str) -> None:
    with np.errstate(all="ignore"):
        assert tl.grad(function(name).call)(-0.0) == np.inf


def test_the_mixed_derivative_of_a_power_at_the_exponent_0() -> None:
    assert tl.grad(lambda b: tl.grad(np.power)(23.0, b))(0.0) == pytest.approx(1 / 23, rel=1e-15)
    assert tl.grad(lambda a: tl.grad(np.power, 1)(a, 0.0))(23.0) == pytest.approx(1 / 23, rel=1e-15)
