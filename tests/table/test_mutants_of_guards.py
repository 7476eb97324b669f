"""Tests of the tests: a guard of a slope that is moved, or a step left out, must be missed somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tinygrad_lite.table import exact, gates, powers, special

pytest.importorskip("sympy")

from .hard_cases import LIMITS, function, misses, points


def beside(y: Any, wrong: Any, right: Any, *inputs: Any) -> Any:
    """Mends the entry after the one that is wrong."""
    return mended(y, np.roll(wrong, 1), right, *inputs)


def nothing_lost(total: Any, a: Any, b: Any) -> Any:
    """What rounding would take, did it take nothing."""
    return 0 * (total + a + b)


mended = exact.mended


def some_points(name: str) -> Iterator[list[np.ndarray]]:
    """Points in no order: where most functions bend, and hard ones."""
    rng = np.random.default_rng(7)
    if function(name).arity == 1:
        yield [rng.uniform(-4, 4, 40)]
    for count in (24, 120, 600, 3000):
        for dtype in (np.float64, np.float32):
            order = rng.permutation(count)
            yield [x[order[: len(x)]] for x in points(name, dtype, count, seed=7)]


MOVED = [
    *[(name, "mended", beside) for name in
      ("tanh", "sigmoid", "arcsinh", "hypot", "arctan2", "logaddexp", "logaddexp2", "power", "erf")],
    *[(name, "mended", beside) for name in ("gelu", "gelu by tanh")],
    ("tanh", "NEAR_ONE", 0.01),
    ("sigmoid", "NEAR_ONE", 0.01),
    ("erf", "SQUARE_LOST", 100.0),
    ("gelu", "SQUARE_LOST", 1000.0),
    ("gelu by tanh", "GATE_FAR", 100.0),
    ("gelu by tanh", "GATE_CLOSED", 1e200),
    ("logaddexp", "FAR", 100.0),
    ("logaddexp2", "FAR", 500.0),
    ("logaddexp", "lost", nothing_lost),
    ("power", "lost", nothing_lost),
    *[(name, "to_scale", lambda a, b: (a, b, 0)) for name in ("hypot", "arctan2")],
    *[(name, "is_extreme", np.isinf) for name in ("hypot", "arctan2", "power")],
    *[(name, "is_extreme", lambda x: np.abs(x) < np.finfo(x.dtype).tiny) for name in ("arctan2", "power")],
]  # fmt: skip

HOMES = {"erf": special, "gelu": special, "gelu by tanh": gates, "power": powers}
"""Where the guards stand that are not in ``table.exact``."""


@pytest.mark.sampled(5)
@pytest.mark.parametrize(("name", "step", "wrong"), MOVED, ids=[f"{name}-{step}" for name, step, _ in MOVED])
def test_a_step_that_is_wrong_is_found(name: str, step: str, wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HOMES.get(name, exact), step, wrong)
    assert any(
        misses(name, places, at, LIMITS[order])
        for at in some_points(name)
        for order in (1, 2)
        for places in function(name).derivatives(order)
    )
