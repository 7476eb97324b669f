"""Sweeps of many cotangents at once, beside those of each by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

import tinygrad_lite as tl
from tinygrad_lite.engine.sweep import sweep
from tinygrad_lite.engine.together import sweep_together
from tinygrad_lite.engine.trees import flatten

from .moduli import squared_moduli

COUNT = 3  # as long as many an axis of the samples, which a rule might take for the leading one


def cotangents(y: Any, count: int = COUNT) -> Any:
    """Fixed cotangents of an output along a leading axis, with no two entries alike."""
    g = np.random.default_rng(7).uniform(0.5, 1.5, (count, *y.shape)).astype(y.dtype)
    return g * (1 + 0.5j) if y.dtype.kind == "c" else g


def tensors(values: Any) -> list[Any]:
    """The Tensors among some values that require a gradient."""
    return [y for y in flatten(values)[0] if isinstance(y, tl.Tensor) and y.requires_grad]


def total(values: Any) -> Any:
    """A number that depends on all of the Tensors."""
    return sum([squared_moduli(y) for y in tensors(values)], start=tl.tensor(0.0))


def check_together(function: Any, arrays: Any, count: int = COUNT) -> None:
    """What sweeps of single cotangents give is what one sweep of all gives."""
    leaves = [tl.Tensor(x, requires_grad=True) for x in arrays]
    nodes = {x._node for x in leaves}
    for y in tensors(function(*leaves)):
        g = cotangents(y, count)
        found = sweep_together(y._node, g, nodes)
        single = [sweep({y._node: of_one}, nodes) for of_one in g]
        assert found.keys() == single[0].keys()
        for node, got in found.items():
            expected = np.stack([one[node] for one in single])
            assert got.shape == expected.shape == (count, *node.shape)
            assert got.dtype == expected.dtype
            precision = 1e-5 if got.dtype in (np.float32, np.complex64) else 1e-12
            scale = np.abs(expected).max(initial=0)
            np.testing.assert_allclose(got, expected, rtol=precision, atol=precision * scale)


def derivable(case: Any) -> bool:
    return bool(case.variables) and all(x.size for x in case.variables)


def gradient(case: Any) -> Any:
    """The gradient of a number made of a function's outputs: its graph is made by the rules."""
    return tl.grad(lambda *x: total(case(*x)), range(len(case.variables)))
