"""Lists and dicts of modules: what they hold, under which names, and what they refuse."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from tinygrad_lite import nn


def linear(inputs: int = 1) -> nn.Linear:
    return nn.Linear(inputs, 1, rng=inputs)


def test_a_list_is_changed_as_a_list_is() -> None:
    rng = np.random.default_rng(0)
    ours, theirs = nn.ModuleList(), list[nn.Module]()
    for step in range(60):
        new, index = linear(), int(rng.integers(-len(theirs), len(theirs))) if theirs else 0
        match int(rng.integers(6)) if theirs else 0:
            case 0:
                assert ours.append(new) is ours
                theirs.append(new)
            case 1:
                ours.extend([new, nn.Tanh()])
                theirs.extend([new, ours[-1]])
            case 2:
                ours.insert(index, new)
                theirs.insert(index, new)
            case 3:
                ours[index] = new
                theirs[index] = new
            case 4:
                del ours[index]
                del theirs[index]
            case 5:
                assert ours.pop(index) is theirs.pop(index)
        assert list(ours) == theirs, step
        assert [name for name, _ in ours.named_children()] == [str(k) for k in range(len(theirs))]
        assert len(ours) == len(theirs)
    assert list(ours[1:4]) == theirs[1:4]
    assert type(ours[1:4]) is nn.ModuleList
    with pytest.raises(IndexError):
        ours[len(theirs)]


def test_a_part_of_a_sequence_is_one_and_shares_its_parts() -> None:
    net = nn.Sequential(linear(2), nn.Tanh(), linear()).eval()
    first = net[:2]
    assert type(first) is nn.Sequential
    assert first[0] is net[0]
    assert not first.training
    np.testing.assert_array_equal(net[2:](first(np.ones((3, 2)))).data, net(np.ones((3, 2))).data)


def test_a_module_finds_what_its_lists_hold() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.layers = nn.ModuleList([linear(), linear()])
            self.heads = nn.ModuleDict({"a": linear(), "b": nn.Tanh()})

    net = Net()
    names = ["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias", "heads.a.weight", "heads.a.bias"]
    assert list(net.state_dict()) == names
    assert list(copy.deepcopy(net).state_dict()) == names
    assert not any(part.training for part in net.eval().modules())
    with pytest.raises(NotImplementedError, match="ModuleList has no forward"):
        net.layers(np.ones(1))


def test_a_sequence_may_have_names() -> None:
    net: Any = nn.Sequential({"first": linear(2), "last": nn.Tanh()})
    assert list(net.state_dict()) == ["first.weight", "first.bias"]
    assert net.first is net[0]
    assert net(np.ones((3, 2))).shape == (3, 1)
    assert [name for name, _ in net.append(linear()).named_children()] == ["first", "last", "2"]
    with pytest.raises(ValueError, match="a part is named '1' already"):
        nn.Sequential({"1": linear()}).append(linear())
    with pytest.raises(ValueError, match="has an attribute 'forward' already"):
        nn.Sequential({"forward": linear()})


def test_a_dict_is_changed_as_a_dict_is() -> None:
    a, b, c = linear(), linear(), nn.Tanh()
    held = nn.ModuleDict([("a", a)])
    held["b"] = b
    held.update({"a": c, "c": a})
    assert list(held) == list(held.keys()) == ["a", "b", "c"]
    assert list(held.values()) == [c, b, a]
    assert dict(held.items()) == {"a": c, "b": b, "c": a}
    assert held.pop("b") is b
    assert ("b" in held, len(held)) == (False, 2)
    del held["a"]
    assert list(held.state_dict()) == ["c.weight", "c.bias"]
    with pytest.raises(KeyError, match="b"):
        held["b"]
    with pytest.raises(KeyError, match="b"):
        del held["b"]


@pytest.mark.parametrize(("make", "error", "said"), [
    (lambda: nn.ModuleList([nn.Tanh(), np.tanh]), TypeError, "ModuleList: takes modules; number 1 is of type ufunc"),
    (lambda: nn.ModuleDict({"a": np.tanh}), TypeError, "ModuleDict: takes modules; 'a' is of type ufunc"),
    (lambda: nn.ModuleDict({"keys": nn.Tanh()}), ValueError, "ModuleDict has an attribute 'keys' already"),
    (lambda: nn.ModuleDict({"a.b": nn.Tanh()}), ValueError, "without dots"),
    (lambda: nn.Sequential({"a": 3}), TypeError, "Sequential: takes modules; number 0 is of type int"),
])  # fmt: skip
def test_what_is_no_part(make: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        make()


def test_a_list_that_refuses_is_as_it_was() -> None:
    held = nn.ModuleList([linear(), nn.Tanh()])
    before = list(held)
    for change in (
        lambda: held.extend([linear(), 1]),
        lambda: held.insert(0, 1),
        lambda: held.__setitem__(0, 1),
        lambda: held.__setitem__(5, linear()),
    ):
        with pytest.raises((TypeError, IndexError)):
            change()
        assert list(held) == before


def test_a_list_of_modules_is_to_be_unpacked() -> None:
    with pytest.raises(TypeError, match=r"number 0 is of type list; write a star before a list"):
        nn.Sequential([nn.Tanh()])
