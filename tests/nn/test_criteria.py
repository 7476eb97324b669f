"""Losses as modules: options that are those of their functions, with the same defaults."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn
from tinygrad_lite.nn.criteria import Criterion

CRITERIA = {name: x for name, x in vars(nn).items() if isinstance(x, type) and issubclass(x, Criterion)}


CLASSES_ALONG_AXIS_1 = {"CrossEntropyLoss": nn.cross_entropy, "NLLLoss": nn.nll_loss}
"""Modules whose function hands on its options to one that takes the last axis."""


def options(function: Any) -> dict[str, tuple[Any, str]]:
    parameters = inspect.signature(function).parameters.values()
    return {p.name: (p.default, p.annotation) for p in parameters if p.default is not p.empty}


def test_there_are_many() -> None:
    assert len(CRITERIA) > 20


@pytest.mark.parametrize("name", CRITERIA)
def test_a_module_has_its_functions_options(name: str) -> None:
    made = CRITERIA[name]
    function = made.loss
    assert function.__name__ in made.__doc__
    expected = options(CLASSES_ALONG_AXIS_1.get(name, function)) | options(function)
    assert options(made) == expected
    criterion = made()
    assert {key: getattr(criterion, key) for key in expected} == {
        key: default for key, (default, _) in expected.items()
    }


def test_classes_are_along_axis_1() -> None:
    # of as many classes as pixels, where another axis would give another number without a word
    rng = np.random.default_rng(0)
    z, labels = rng.normal(size=(3, 3, 3, 3)), rng.integers(0, 3, (3, 3, 3))
    moved = np.moveaxis(z, 1, -1)
    assert nn.CrossEntropyLoss()(z, labels) == pytest.approx(nn.cross_entropy(moved, labels))
    assert nn.CrossEntropyLoss(axis=-1)(z, labels) == pytest.approx(nn.cross_entropy(z, labels))
    assert nn.NLLLoss()(z, labels) == pytest.approx(nn.nll_loss(moved, labels))
    shares = tl.softmax(rng.normal(size=z.shape), axis=1)
    assert nn.CrossEntropyLoss()(z, shares) == pytest.approx(nn.cross_entropy(moved, np.moveaxis(shares, 1, -1)))


def test_options_can_be_set_later() -> None:
    criterion = nn.MSELoss()
    criterion.reduction = "sum"
    assert criterion(np.array([1.0, 2.0]), np.zeros(2)) == 5
    assert criterion(input=np.array([1.0, 2.0]), target=np.zeros(2)) == 5


def test_weights_are_saved_with_the_state() -> None:
    criterion, other = nn.CrossEntropyLoss(weight=[1.0, 3.0]), nn.CrossEntropyLoss(weight=np.ones(2))
    other.load_state_dict(criterion.state_dict())
    z = np.array([[0.5, 0.0], [1.0, 2.0]])
    assert other(z, [0, 1]) == criterion(z, [0, 1]) == nn.cross_entropy(z, [0, 1], weight=np.array([1.0, 3.0]))
    assert not list(criterion.parameters())


def test_a_learned_weight_is_a_parameter() -> None:
    criterion = nn.BCEWithLogitsLoss(pos_weight=nn.parameter(2.0))
    criterion(np.array([0.0]), np.array([1.0])).backward()
    assert criterion.pos_weight.grad == pytest.approx(np.log(2))


def test_an_option_that_is_none_is_refused() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'gamma'"):
        nn.CrossEntropyLoss(gamma=2)  # type: ignore[call-arg]


def test_in_a_network() -> None:
    net, criterion = nn.Linear(2, 3, rng=0), nn.CrossEntropyLoss(weight=[1.0, 2.0, 3.0], label_smoothing=0.1)
    x, labels = np.ones((4, 2), np.float32), [0, 1, 2, 2]
    first = criterion(net(x), labels)
    for _ in range(5):
        net.zero_grad()
        criterion(net(x), labels).backward()
        with tl.no_grad():
            for p in net.parameters():
                p -= 0.5 * p.grad
    assert criterion(net(x), labels).item() < first.item()
