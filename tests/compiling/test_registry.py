"""Every function of the table, compiled: at every sample, with derivatives of the first and second order."""

from __future__ import annotations

import warnings
import zlib
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.compiling.compiled import compile
from tinygrad_lite.engine.trees import flatten, tree_map
from tinygrad_lite.table.parts import own_copy

from ..conftest import Case, cases
from ..table.elsewhere_runs import total_of
from .alone import difference, standing_alone

CASES = cases()


def numbers(case: Case, turn: int) -> list[np.ndarray]:
    """The variables of a sample; in another turn other ones, near them."""
    rng = np.random.default_rng(turn)
    return [v if not turn else nearby(v, rng) for v in case.variables]


def nearby(v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same numbers but for a fiftieth of each."""
    other = own_copy(v)
    other[...] = v * (1 + 0.02 * (rng.random(v.shape) - 0.5))
    return other


def derivative(case: Case, order: int) -> Any:
    """A sample as a function of its variables, or a derivative of a sum of what it gives."""
    if order == 0:
        return lambda *variables: case(*variables)
    places = tuple(range(len(case.variables)))

    def loss(*variables):
        found = [y for y in flatten(case(*variables))[0] if getattr(y, "dtype", np.dtype(int)).kind in "fc"]
        weights = [np.asarray(np.cos(np.arange(y.size)).reshape(y.shape), y.dtype) for y in found]
        return sum([total_of(y * w) for y, w in zip(found, weights, strict=True)])

    if order == 1:
        return tl.value_and_grad(loss, places)
    ways = [np.asarray(np.sin(1.0 + np.arange(v.size)).reshape(v.shape), v.dtype) for v in case.variables]

    def slope(*variables):
        return sum([total_of(g * w) for g, w in zip(tl.grad(loss, places)(*variables), ways, strict=True)])

    return tl.grad(slope, places)


def outcome(f, *args):
    """What a call gives, or its error."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return tree_map(lambda x: x.copy() if isinstance(x, np.ndarray) else x, f(*args)), None
        except Exception as error:
            return None, error


def verdict(case: Case, order: int, ulps: int = 0) -> str | None:
    """How the compiled function differs from the eager one; None where it does not."""
    f = derivative(case, order)
    compiled = compile(f)
    for turn in (0, 1, 2):
        args = numbers(case, turn)
        wanted, error = outcome(f, *args)
        if error is not None:
            if turn == 0:
                return f"eager: {error}"
            continue
        before = [x.copy() for x in args]
        found, error = outcome(compiled, *args)
        if error is not None:
            return f"turn {turn}: {type(error).__name__}: {error}"
        if said := difference(found, wanted, ulps):
            return f"turn {turn}: {said}"
        assert all(np.array_equal(x, y, equal_nan=True) for x, y in zip(args, before, strict=True))
    version = compiled.latest
    alone, error = outcome(standing_alone(version), *args)
    if error is not None:
        return f"alone: {type(error).__name__}: {error}"
    if len(compiled.versions) != 1:
        return "several versions"
    return None if (said := difference(alone, wanted, ulps)) is None else f"alone: {said}"


BY_NUMBERS = "needs a number that is known only when the program runs"

REFUSED = {
    **dict.fromkeys(("unique", "unique_values", "union1d", "setdiff1d", "setxor1d"), "how many entries there are"),
    **dict.fromkeys(("trim_zeros", "polydiv", "roots"), "how many coefficients are 0"),
    "real_if_close": "the dtype",
}
"""Functions whose results have shapes or dtypes that depend on numbers → what depends on them."""

REFUSED_DERIVATIVES = {"pinv-2", "pinv-4", "lstsq-1", "polyfit-3"}
"""Samples that cut singular values off: whether these are 0, which the derivative needs, numbers decide."""

ROUNDED = {
    **dict.fromkeys(
        ("prod", "nanprod"), (4, "factors are scaled by powers of 2, whether or not their product needs it")
    ),
    **dict.fromkeys(
        ("cumprod", "nancumprod", "cumulative_prod"),
        (4, "derivatives are summed in another order, whatever they are of"),
    ),
    "det": (256, "the derivative of singular matrices is taken of all, by singular values"),
    **dict.fromkeys(
        ("quantile", "percentile"), (4, "where the difference of two entries could overflow, halves of both")
    ),
    **dict.fromkeys(("lstsq", "polyfit"), (4, "sums of products in another layout")),
}
"""Functions of which derivatives are rounded otherwise → by how many units in the last place, and why."""


def check(name: str, case: Case, order: int) -> None:
    """A sample is what it is without source, or is refused."""
    ulps = ROUNDED.get(case.entry.name, (0, ""))[0] if order else 0
    said = verdict(case, order, ulps)
    if case.entry.name in REFUSED or (order and name in REFUSED_DERIVATIVES):
        assert said is not None
        assert BY_NUMBERS in said
        assert ", line " in said
    else:
        assert said is None


def parameters(every: int) -> list[Any]:
    """The samples, of which most are left to the long run."""
    return [
        pytest.param(name, marks=() if zlib.crc32(name.encode()) % every == 0 else pytest.mark.long) for name in CASES
    ]


HARD = np.array([0.0, -0.0, np.inf, 1.0, -np.inf, 5e-324, 1e-300, 1e300, -1e200, 0.5, -1.0, 2.0, np.nan, -3.5, 1e-8])
DECIDED_BY_NUMBERS = ("eig", "qr", "polymul", *REFUSED)
"""Functions that refuse, or give another dtype, for what numbers are."""


def hard_numbers(v: np.ndarray, turn: int) -> np.ndarray:
    """Zeros, infinities, NaN and numbers of any size in the layout of an array."""
    other = own_copy(v)
    other[...] = np.resize(np.roll(HARD, turn), v.shape).astype(v.dtype)
    return other


@pytest.mark.parametrize("name", parameters(12))
def test_a_function_and_its_gradient_are_what_they_are_at_hard_points(name):
    """Of a version that was made at ordinary ones."""
    case = CASES[name]
    for order in (0, 1) if case.variables and case.entry.name not in DECIDED_BY_NUMBERS else ():
        f = derivative(case, order)
        compiled = compile(f)
        if outcome(compiled, *case.variables)[1] is not None:
            continue
        for turn in (0, 3, 7):
            with np.errstate(all="ignore"):  # float16 has no such numbers
                args = [hard_numbers(v, turn + k) for k, v in enumerate(case.variables)]
            (wanted, refused), (found, error) = outcome(f, *args), outcome(compiled, *args)
            assert (error is None) == (refused is None), (refused, error)
            if error is None:
                ulps = ROUNDED.get(case.entry.name, (0, ""))[0] if order else 0
                assert difference(found, wanted, ulps) is None, (order, turn)


@pytest.mark.parametrize("name", parameters(6))
def test_a_function_is_what_it_is_without_source(name):
    check(name, CASES[name], 0)


@pytest.mark.parametrize("name", parameters(16))
def test_a_gradient_is_what_it_is_without_source(name):
    if CASES[name].variables:
        check(name, CASES[name], 1)


@pytest.mark.parametrize("name", parameters(48))
def test_a_second_derivative_is_what_it_is_without_source(name):
    if CASES[name].variables:
        check(name, CASES[name], 2)
