"""Rules of many cotangents at once, along an axis before all others: over the whole table, as of each by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine.jacobians import LinearMap
from tinygrad_lite.engine.sweep import sweep
from tinygrad_lite.engine.tensor import wrap
from tinygrad_lite.engine.together import sweep_together
from tinygrad_lite.table.arrays import unbroadcast
from tinygrad_lite.table.exact import no_slope
from tinygrad_lite.table.leading import as_it_is, index_further, is_index_movable, one_by_one, unbroadcast_each
from tinygrad_lite.table.registry import PRIMITIVES

from .cotangents import check_together, cotangents, derivable, gradient, tensors, total

pytestmark = pytest.mark.filterwarnings("ignore:.*does not depend on")


def test_many_cotangents_are_as_each_by_itself(case: Any) -> None:
    check_together(case, case.variables)
    check_together(case, [x.astype(np.complex64 if x.dtype.kind == "c" else np.float32) for x in case.variables], 1)


def test_many_cotangents_of_a_gradient_are_as_each_by_itself(case: Any) -> None:
    if derivable(case):
        check_together(gradient(case), case.variables)


def test_a_recorded_sweep_of_many_has_the_derivatives_of_single_ones(case: Any) -> None:
    def together(*x: Any) -> Any:
        nodes = [t._node for t in x]
        return total([LinearMap(y, x, nodes, True)(cotangents(y)) for y in tensors(case(*x))])

    def one_after_another(*x: Any) -> Any:
        nodes = {t._node for t in x}
        sweeps = [sweep({y._node: tl.tensor(g)}, nodes, wrap) for y in tensors(case(*x)) for g in cotangents(y)]
        return total([list(found.values()) for found in sweeps])

    if derivable(case):
        argnums = range(len(case.variables))
        got = tl.grad(together, argnums)(*case.variables)
        for d, right in zip(got, tl.grad(one_after_another, argnums)(*case.variables), strict=True):
            np.testing.assert_allclose(d, right, rtol=1e-9, atol=1e-12 * (1 + np.abs(right).max()))


# ---------------------------------------------------------------------------------------------------------------------
# The ways


def test_every_way_is_taken(
    all_cases: dict[str, Any], writing_cases: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that the tests above have seen each rule that there is."""
    taken: set[tuple[str, str]] = set()

    def noting(way: Any, key: tuple[str, str]) -> Any:
        return lambda *args: (taken.add(key), way(*args))[1]

    for made in PRIMITIVES.values():
        ways = [noting(way, (made.name, name)) for way, name in zip(made.ways, made.inputs, strict=True)]
        monkeypatch.setattr(made, "ways", tuple(ways))
    for case in filter(derivable, [*all_cases.values(), *writing_cases]):
        for function in (case, gradient(case)):
            leaves = [tl.Tensor(x, requires_grad=True) for x in case.variables]
            for y in tensors(function(*leaves)):
                sweep_together(y._node, tl.tensor(cotangents(y)), {x._node for x in leaves}, wrap)
    left = {
        (made.name, name)
        for made in PRIMITIVES.values()
        for place, name in enumerate(made.inputs)
        if made.pull_of(place).rule is not no_slope  # of a hint, through which no number's derivative goes back
    } - taken
    assert left == {("floor_divide", "b")}  # whose rule is that of a


def test_a_rule_of_ones_own_is_taken_one_by_one() -> None:
    assert tl.primitive(np.sin, x=lambda g, x: g * np.cos(x), elementwise=True).ways == (one_by_one,)
    with pytest.raises(TypeError, match="there is a rule for leading"):
        tl.primitive(lambda x: np.sin(x), x=lambda g, x: g * np.cos(x), leading=as_it_is)


@pytest.mark.parametrize(
    ("shape", "small"),
    [((3, 2, 4), (4,)), ((3, 2, 4), (1, 4)), ((3, 2, 4), ()), ((1, 2, 1), (2, 1)), ((3, 0, 4), (4,))],
)
def test_unbroadcast_each(shape: tuple[int, ...], small: tuple[int, ...]) -> None:
    g = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    single = [unbroadcast(of_one, small) for of_one in g]
    np.testing.assert_array_equal(unbroadcast_each(g, small), single)


INDICES = [
    (3, True),
    ((0, slice(None), None, Ellipsis, -1), True),
    (np.array([0, 1]), True),
    ((np.array([0, 1]), 0), True),
    ((0, slice(None), np.array([0, 1])), False),
    ((np.array([0, 1]), None, 1), False),
    ((slice(None), np.array([True, False]), np.array([0])), True),
    ((np.array(True), slice(None), 0), False),
]


@pytest.mark.parametrize(("index", "movable"), INDICES, ids=str)
def test_which_indices_can_be_moved(index: Any, movable: bool) -> None:
    assert is_index_movable(index) == movable
    x = np.arange(2 * 4 * 2 * 4 * 3).reshape(2, 4, 2, 4, 3)
    together = x[index_further(index)]
    assert movable == (
        together.shape == (2, *x[0][index].shape) and all(map(np.array_equal, together, [y[index] for y in x]))
    )
