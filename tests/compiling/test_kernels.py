"""Functions of one number that kernels are made of: within two units in the last place, at hard points too."""

from __future__ import annotations

import math
import types
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from tinygrad_lite.compiling.kernels import angles, bells, exponentials, logs
from tinygrad_lite.compiling.kernels.precision import FLOAT32, FLOAT64, P, parts, polynomial
from tinygrad_lite.compiling.kernels.translating import PRECISIONS, name_in, precision_of, texts_of

from .minimax import APPROXIMATIONS, minimax

DTYPES = [np.float64, np.float32]
MOST = 2.0
"""So many units in the last place a function may be off, and a slope four times as many."""

TRUE: dict[str, tuple[Any, Callable[[Any], Any], float]] = {
    "exp": (exponentials.exp, mpmath.exp, MOST),
    "exp2": (exponentials.exp2, lambda x: mpmath.mpf(2) ** x, MOST),
    "expm1": (exponentials.expm1, mpmath.expm1, MOST),
    "tanh": (exponentials.tanh, mpmath.tanh, MOST),
    "sigmoid": (exponentials.sigmoid, lambda x: 1 / (1 + mpmath.exp(-x)), MOST),
    "log": (logs.log, mpmath.log, MOST),
    "log1p": (logs.log1p, mpmath.log1p, MOST),
    "sin": (angles.sin, mpmath.sin, MOST),
    "cos": (angles.cos, mpmath.cos, MOST),
    "erf": (bells.erf, mpmath.erf, MOST),
    "normal_below": (bells.normal_below, lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2, 4 * MOST),
    "sech_square": (exponentials.sech_square, lambda x: mpmath.sech(x) ** 2, 4 * MOST),
    "logistic_slope": (exponentials.logistic_slope, lambda x: mpmath.sech(x / 2) ** 2 / 4, 4 * MOST),
}
"""Of each function the one here, the true one, and how far it may be off."""

CIRCULAR = ("sin", "cos")


def compiled_by_python(function: Any, dtype: Any) -> Callable[[Any], Any]:
    """A function's translation, as it is: what Numba compiles, run by Python on NumPy's scalars."""
    precision = PRECISIONS[np.dtype(dtype)]
    if precision is FLOAT32:
        function = {angles.sin: angles.sin_of_single, angles.cos: angles.cos_of_single}.get(function, function)
    numba = types.SimpleNamespace(njit=lambda **_: lambda f: f)
    namespace: dict[str, Any] = {"np": np, "math": math, "numba": numba}
    exec("\n".join(texts_of([(function, precision_of(function, precision))]).values()), namespace)
    return namespace[name_in(function, precision)]  # type: ignore[no-any-return]


def hard(name: str, dtype: Any) -> np.ndarray:
    """Points over the whole range: of every size, about all thresholds, and mild ones."""
    facts = np.finfo(dtype)
    rng = np.random.default_rng(len(name))
    sizes = np.exp2(rng.uniform(facts.minexp - facts.nmant, facts.maxexp, 150))
    least, most = (-745.14, 709.79) if dtype == np.float64 else (-103.98, 88.73)
    edges = np.array([least, most, least / 2, most / 2, least / 4, math.log(2) / 2, math.pi / 4, math.pi / 2, math.pi,
                      1.0, 0.5, math.sqrt(2), math.sqrt(0.5), math.sqrt(2) - 1, math.sqrt(0.5) - 1, 6.0, 4.0, 5.9,
                      facts.tiny, facts.smallest_subnormal, facts.max, facts.eps, 20.0, 40.0, 1074.0, 149.0, 355.0,
                      22.0, 11.0, 1e5, 32768.0])  # fmt: skip
    x = np.concatenate([sizes, rng.uniform(-3, 3, 150), rng.uniform(-40, 40, 60), rng.uniform(least, most, 80)])
    x = np.concatenate([x, -sizes, edges, -edges]).astype(dtype)
    x = np.concatenate([x, np.nextafter(x[-62:], dtype(np.inf)), np.nextafter(x[-62:], dtype(-np.inf))])
    multiples = (np.arange(1, 20000, 311) * (math.pi / 2)).astype(dtype)
    x = np.concatenate([x, multiples, np.nextafter(multiples, dtype(0))])
    if name in CIRCULAR:
        x = x[np.abs(x) <= angles.BOUND]
    if name == "log":
        x = x[x > 0]
    if name == "log1p":
        x = x[x > -1]
    return x[np.isfinite(x)]


def units_off(found: Any, truth: Any, dtype: Any) -> float:
    """The distance from the truth in units of its last place; infinite where one of the two is infinite alone."""
    bound = mpmath.mpf(float(np.finfo(dtype).max)) * (1 + mpmath.mpf(2) ** -(np.finfo(dtype).nmant + 2))
    if abs(truth) >= bound or np.isinf(found):
        return 0.0 if np.isinf(found) and abs(truth) > float(np.finfo(dtype).max) * (1 - 1e-15) else math.inf
    exponent = max(mpmath.frexp(truth)[1] - np.finfo(dtype).nmant - 1, np.finfo(dtype).minexp - np.finfo(dtype).nmant)
    return float(abs(mpmath.mpf(float(found)) - truth) / mpmath.mpf(2) ** exponent)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", list(TRUE))
def test_functions_are_within_two_units_of_the_last_place(name: str, dtype: Any) -> None:
    function, true, most = TRUE[name]
    own = compiled_by_python(function, dtype)
    worst = (0.0, None)
    with np.errstate(all="ignore"), mpmath.workprec(300):
        for x in hard(name, dtype):
            worst = max(worst, (units_off(own(x), true(mpmath.mpf(float(x))), dtype), x), key=lambda pair: pair[0])
    assert worst[0] <= most, worst


SPECIAL: dict[str, dict[float, float]] = {
    "exp": {-np.inf: 0, np.inf: np.inf, 0.0: 1, 1e30: np.inf, -1e30: 0},
    "exp2": {-np.inf: 0, np.inf: np.inf, 0.0: 1, 3.0: 8, -2.0: 0.25},
    "expm1": {-np.inf: -1, np.inf: np.inf, -1e30: -1},
    "tanh": {-np.inf: -1, np.inf: 1, 1e30: 1},
    "sigmoid": {-np.inf: 0, np.inf: 1, 0.0: 0.5, 1e30: 1, -1e30: 0},
    "log": {0.0: -np.inf, np.inf: np.inf, -np.inf: np.nan, -1.0: np.nan, 1.0: 0.0},
    "log1p": {-1.0: -np.inf, np.inf: np.inf, -np.inf: np.nan, -2.0: np.nan},
    "sin": {np.inf: np.nan, -np.inf: np.nan},
    "cos": {0.0: 1, np.inf: np.nan, -np.inf: np.nan},
    "erf": {np.inf: 1, -np.inf: -1},
    "normal_below": {-np.inf: 0, np.inf: 1, 0.0: 0.5, 50.0: 1, -50.0: 0},
    "sech_square": {0.0: 1, np.inf: 0, -np.inf: 0},
    "logistic_slope": {0.0: 0.25, np.inf: 0, -np.inf: 0},
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", list(TRUE))
def test_functions_at_the_ends(name: str, dtype: Any) -> None:
    own = compiled_by_python(TRUE[name][0], dtype)
    for x, y in (SPECIAL[name] | {np.nan: np.nan}).items():
        with np.errstate(all="ignore"):
            found = own(dtype(x))
        np.testing.assert_array_equal(found, dtype(y), err_msg=f"at {x}")
        assert np.isnan(y) or np.signbit(found) == np.signbit(y), x


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["expm1", "tanh", "log1p", "sin", "erf"])
def test_odd_functions_keep_the_sign_of_zero(name: str, dtype: Any) -> None:
    own = compiled_by_python(TRUE[name][0], dtype)
    for zero in (0.0, -0.0):
        found = own(dtype(zero))
        assert found == 0
        assert np.signbit(found) == np.signbit(zero)


def test_minus_0_has_the_logarithm_of_0() -> None:
    with np.errstate(over="ignore"):  # of bits
        assert compiled_by_python(logs.log, np.float64)(np.float64(-0.0)) == -np.inf


def test_whether_an_angle_is_beyond_the_bound() -> None:
    with np.errstate(all="ignore"):
        found = [bool(angles.is_beyond(np.float64(x))) for x in (0.0, -32768.0, 32769.0, -1e300, np.inf, np.nan)]
    assert found == [False, False, True, True, False, False]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("times", [1.0, 0.5])
def test_bells_have_all_their_digits(dtype: Any, times: float) -> None:
    own = compiled_by_python(bells.bell, dtype)
    x = np.concatenate([np.linspace(-30, 30, 400), [0.0, 1e-300, 1e30, -1e30]]).astype(dtype)
    with np.errstate(all="ignore"), mpmath.workprec(300):
        off = [units_off(own(v, dtype(times)), mpmath.exp(-times * mpmath.mpf(float(v)) ** 2), dtype) for v in x]
    assert max(off) <= 4 * MOST


@pytest.mark.parametrize("dtype", DTYPES)
def test_sums_of_exponentials(dtype: Any) -> None:
    own = compiled_by_python(logs.logaddexp, dtype)
    rng = np.random.default_rng(1)
    with np.errstate(all="ignore"):
        for a, b in rng.uniform(-60, 60, (300, 2)).astype(dtype):
            np.testing.assert_allclose(own(a, b), np.logaddexp(a, b), rtol=4 * np.finfo(dtype).eps)
        infinities = [
            (np.inf, np.inf),
            (-np.inf, -np.inf),
            (np.inf, -np.inf),
            (np.nan, 1.0),
            (1.0, np.nan),
            (-np.inf, 2),
        ]
        for pair in infinities:
            np.testing.assert_array_equal(own(*map(dtype, pair)), np.logaddexp(*map(dtype, pair)))


def test_parts_add_up() -> None:
    from fractions import Fraction

    third = Fraction(1, 3)
    high, low = parts(third, 20)
    assert high * 2**21 == int(high * 2**21)
    assert abs(Fraction(high) + Fraction(low) - third) < Fraction(1, 2**73)


@pytest.mark.parametrize(
    ("precision", "field", "name"),
    [
        (FLOAT64, "exp_tail", "EXP_TAIL"),
        (FLOAT32, "exp_tail", "EXP_TAIL"),
        (FLOAT64, "log_tail", "LOG_TAIL"),
        (FLOAT32, "log_tail", "LOG_TAIL"),
        (FLOAT64, "sin_tail", "SIN_TAIL"),
        (FLOAT64, "cos_tail", "COS_TAIL"),
        (FLOAT64, "sin_short", "SIN_TAIL"),
        (FLOAT64, "cos_short", "COS_TAIL"),
        pytest.param(FLOAT64, "erf_near", "ERF_NEAR", marks=pytest.mark.long),
        (FLOAT32, "erf_near", "ERF_NEAR"),
        pytest.param(FLOAT64, "erf_far", "ERF_FAR", marks=pytest.mark.long),
        (FLOAT32, "erf_far", "ERF_FAR_32"),
        pytest.param(FLOAT64, "complement", "COMPLEMENT", marks=pytest.mark.long),
        (FLOAT32, "complement", "COMPLEMENT"),
    ],
)
def test_coefficients_are_those_of_best_approximations(precision: Any, field: str, name: str) -> None:
    stored = getattr(precision, field)
    derived, _ = minimax(APPROXIMATIONS[name], len(stored) - 1)
    np.testing.assert_allclose(stored, [float(c) for c in derived], rtol=1e-12)


def test_a_polynomial_is_evaluated_as_it_is_written() -> None:
    assert P is FLOAT64
    assert polynomial(2.0, (1.0, 3.0, 5.0)) == 27.0
