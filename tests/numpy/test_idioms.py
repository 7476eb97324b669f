"""Thirty idioms, with plain NumPy, with one import line changed, and adapted: right or refused, each pinned."""

from __future__ import annotations

import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

from . import idioms

X = np.array([0.3, -0.7, 1.2])
V = np.array([1.0, -0.5, 0.8])
STEP = 1e-6

RIGHT, REFUSED = "right", "refused"

WAYS: dict[str, tuple[str, str, str]] = {
    # plain NumPy, tinygrad_lite.numpy, adapted
    "append": (RIGHT, RIGHT, RIGHT),
    "array_dot": (REFUSED, RIGHT, RIGHT),
    "array_entry": (REFUSED, RIGHT, RIGHT),
    "array_iadd": (REFUSED, RIGHT, RIGHT),
    "array_of_list": (REFUSED, RIGHT, RIGHT),
    "array_slice": (REFUSED, RIGHT, RIGHT),
    "asarray": (REFUSED, RIGHT, RIGHT),
    "bare_except": (RIGHT, RIGHT, RIGHT),
    "c_": (REFUSED, RIGHT, RIGHT),
    "complex_const": (RIGHT, RIGHT, RIGHT),
    "concat_scalars": (RIGHT, RIGHT, RIGHT),
    "copy_method": (RIGHT, RIGHT, RIGHT),
    "diag": (RIGHT, RIGHT, RIGHT),
    "dot_list": (REFUSED, RIGHT, RIGHT),
    "fill_diag": (RIGHT, RIGHT, RIGHT),
    "float_": (REFUSED, REFUSED, RIGHT),
    "isscalar": (RIGHT, RIGHT, RIGHT),
    "item_inside": (REFUSED, REFUSED, REFUSED),  # a Python number has no derivative
    "maskset": (RIGHT, RIGHT, RIGHT),
    "math_exp": (REFUSED, REFUSED, RIGHT),
    "max_of_list": (REFUSED, RIGHT, RIGHT),
    "np_array_scalar": (REFUSED, RIGHT, RIGHT),
    "np_copy": (RIGHT, RIGHT, RIGHT),
    "out_kw": (RIGHT, RIGHT, RIGHT),
    "percent_print": (REFUSED, REFUSED, RIGHT),
    "rebind_argument": (RIGHT, RIGHT, RIGHT),
    "row_write_loop": (RIGHT, RIGHT, RIGHT),
    "setitem": (RIGHT, RIGHT, RIGHT),
    "tolist_inside": (REFUSED, REFUSED, REFUSED),  # Python numbers have no derivative
    "view_write": (RIGHT, RIGHT, RIGHT),
}


def with_one_line_changed() -> types.ModuleType:
    """The idioms as a module that imports ``tinygrad_lite.numpy`` as ``np``."""
    source = Path(idioms.__file__).read_text(encoding="utf-8")
    assert source.count("import numpy as np\n") == 1
    changed = types.ModuleType("changed_idioms")
    exec(source.replace("import numpy as np\n", "import tinygrad_lite.numpy as np\n"), vars(changed))
    return changed


CHANGED = with_one_line_changed()


def functions(module: Any) -> dict[str, Callable[..., Any]]:
    return {name: f for name, f in vars(module).items() if isinstance(f, types.FunctionType)}


def test_all_idioms_are_pinned() -> None:
    assert sorted(functions(idioms)) == sorted(WAYS)
    assert len(WAYS) == 30


CASES = [
    (name, way, expected) for name, row in WAYS.items() for way, expected in enumerate(row)
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "way", "expected"), CASES, ids=[f"{n}-{('plain', 'ours', 'adapted')[w]}" for n, w, _ in CASES]
)
def test_right_or_refused(name: str, way: int, expected: str) -> None:
    plain = functions(idioms)[name]
    f = (plain, functions(CHANGED)[name], tl.adapt(plain))[way]
    x = X.copy()
    if expected == REFUSED:
        with pytest.raises((TypeError, ValueError)) as raised:
            tl.grad(f)(x)
        assert len(str(raised.value)) > 20
        return
    value, gradient = tl.value_and_grad(f)(x)
    assert (x == X).all(), "the caller's array has changed"
    assert value == pytest.approx(plain(X.copy()), rel=1e-14)
    units = np.eye(3) * STEP
    np.testing.assert_allclose(
        gradient, [(plain(X + u) - plain(X - u)) / (2 * STEP) for u in units], rtol=1e-6, atol=1e-8
    )
    difference = (tl.grad(f)(X + STEP * V) - tl.grad(f)(X - STEP * V)) / (2 * STEP)
    np.testing.assert_allclose(tl.hvp(f)(x, V), difference, rtol=1e-6, atol=1e-7)
