"""Nested containers, taken apart and put together again."""

from collections import OrderedDict, namedtuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_lite.engine.trees import flatten, leaves_in_order, paths, tree_map, unflatten

Point = namedtuple("Point", "x y")

trees = st.recursive(
    st.one_of(st.none(), st.integers(), st.floats(allow_nan=False), st.text(max_size=2)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2), inner, max_size=3),
        st.builds(Point, inner, inner),
    ),
    max_leaves=12,
)


def same(a, b):
    """Equal, and of the same types all the way down."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return a == b


@given(tree=trees)
@settings(deadline=None, derandomize=True)
def test_apart_and_together_again(tree):
    leaves, structure = flatten(tree)
    assert same(unflatten(structure, leaves), tree)
    assert flatten(unflatten(structure, leaves)) == (leaves, structure)
    assert len(flatten([tree, tree])[0]) == 2 * len(leaves)


@given(tree=trees)
@settings(deadline=None, derandomize=True)
def test_other_leaves_in_the_same_structure(tree):
    leaves, structure = flatten(tree)
    numbered = unflatten(structure, list(range(len(leaves))))
    assert flatten(numbered) == (list(range(len(leaves))), structure)
    assert same(tree_map(lambda x: x, tree), tree)


@given(tree=trees)
@settings(deadline=None, derandomize=True)
def test_paths_lead_to_the_leaves(tree):
    leaves, structure = flatten([tree])
    names = paths(structure, ["tree"])
    assert len(names) == len(leaves)
    for name, leaf in zip(names, leaves, strict=True):
        assert same(eval(name, {"tree": tree}), leaf)


def test_order_is_from_left_to_right_and_dicts_keep_their_own():
    leaves, _ = flatten({"b": 1, "a": (2, [3, {"z": 4, "y": 5}])})
    assert leaves == [1, 2, 3, 4, 5]


def test_arrays_are_leaves():
    x = np.ones((2, 2))
    leaves, _ = flatten([x, (x,)])
    assert leaves[0] is x
    assert leaves[1] is x


def test_none_has_no_leaves():
    leaves, structure = flatten((None, 1, [None]))
    assert leaves == [1]
    assert unflatten(structure, [2]) == (None, 2, [None])


def test_empty_containers():
    for tree in ((), [], {}, [(), {}]):
        leaves, structure = flatten(tree)
        assert leaves == []
        assert same(unflatten(structure, []), tree)


def test_named_tuples_come_back_as_themselves():
    leaves, structure = flatten(Point(1, {"a": 2}))
    assert leaves == [1, 2]
    result = unflatten(structure, [3, 4])
    assert type(result) is Point
    assert result == Point(3, {"a": 4})


def test_ordered_dicts_keep_their_order():
    leaves, structure = flatten(OrderedDict(b=1, a=2))
    assert list(unflatten(structure, leaves).items()) == [("b", 1), ("a", 2)]


def test_structures_compare():
    assert flatten((1, [2]))[1] == flatten((3, [4]))[1]
    assert flatten((1, [2]))[1] != flatten((1, (2,)))[1]
    assert flatten({"a": 1})[1] != flatten({"b": 1})[1]
    assert flatten(1)[1] != flatten([1])[1]


def test_paths_are_written_as_in_python():
    _, structure = flatten(({"weight": [1, 2]}, 3))
    assert paths(structure, ["0", "x"]) == ["0['weight'][0]", "0['weight'][1]", "x"]


def test_too_few_leaves():
    _, structure = flatten((1, 2))
    with pytest.raises((StopIteration, RuntimeError)):
        unflatten(structure, [1])


def test_leaves_are_found_by_key():
    structure = flatten({"a": 1, "b": [2, {"c": 3, "d": 4}]})[1]
    assert leaves_in_order({"b": [20, {"d": 40, "c": 30}], "a": 10}, structure) == [10, 20, 30, 40]
    for other in ({"a": 1}, {"a": 1, "c": 2}, {"a": 1, "b": (2, {"c": 3, "d": 4})}, {"a": 1, "b": [2, 3]}, 1, None):
        assert leaves_in_order(other, structure) is None
