"""States laid out as PyTorch's: what is taken from them, and what is refused. Beside PyTorch: tests/oracles."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import optim

SGD: dict[str, Any] = {
    "state": {0: {"momentum_buffer": np.array([1.0, 2.0])}, 1: {"momentum_buffer": None}},
    "param_groups": [
        {
            "lr": 0.1,
            "momentum": 0.9,
            "dampening": 0.5,
            "weight_decay": 0,
            "nesterov": False,
            "maximize": False,
            "foreach": None,
            "differentiable": False,
            "fused": None,
            "initial_lr": 0.3,
            "params": [0, 1],
        }
    ],
}
ADAM: dict[str, Any] = {
    "state": {1: {"step": np.float32(3), "exp_avg": np.ones(1), "exp_avg_sq": np.ones(1)}},
    "param_groups": [
        {
            "lr": np.float64(0.1),
            "betas": [0.9, 0.99],
            "eps": 1e-8,
            "weight_decay": 0,
            "amsgrad": False,
            "maximize": False,
            "decoupled_weight_decay": False,
            "params": [0, 1],
        }
    ],
}


def parameters() -> list[tl.Tensor]:
    return [tl.tensor(np.zeros(n), requires_grad=True) for n in (2, 1)]


def test_options_and_states_are_taken() -> None:
    optimizer = optim.SGD(parameters())
    optim.load_pytorch_state(optimizer, SGD)
    options = {key: value for key, value in optimizer.param_groups[0].items() if key != "params"}
    assert options == {"lr": 0.1, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0, "nesterov": False}
    assert optimizer.state[0]["momentum_buffer"].tolist() == [1.0, 2.0]
    assert list(optimizer.state) == [0]
    assert optimizer.state[0]["step"] == 1  # so that dampening, which the first step is without, sets in
    adam = optim.Adam(parameters())
    optim.load_pytorch_state(adam, ADAM)
    assert adam.param_groups[0]["betas"] == (0.9, 0.99)
    assert type(adam.param_groups[0]["lr"]) is float
    assert (adam.state[1]["step"], list(adam.state)) == (3, [1])


def test_states_are_numbered_as_their_groups_say() -> None:
    group = SGD["param_groups"][0]
    state = {
        "state": {"7": {"momentum_buffer": [5.0]}, "3": {"momentum_buffer": [1.0, 2.0]}},
        "param_groups": [{**group, "params": [3]}, {**group, "params": [7]}],
    }
    a, b = parameters()
    optimizer = optim.SGD([{"params": [a]}, {"params": [b]}])
    optim.load_pytorch_state(optimizer, state)
    assert [optimizer.state[k]["momentum_buffer"].tolist() for k in (0, 1)] == [[1.0, 2.0], [5.0]]


def changed(state: dict[str, Any], **options: Any) -> dict[str, Any]:
    found = copy.deepcopy(state)
    found["param_groups"][0].update(options)
    return found


def without(state: dict[str, Any], name: str) -> dict[str, Any]:
    found = copy.deepcopy(state)
    del found["param_groups"][0][name]
    return found


@pytest.mark.parametrize(("kind", "state", "said"), [
    (optim.SGD, changed(SGD, maximize=True), "SGD has no maximize"),
    (optim.Adam, changed(ADAM, amsgrad=True), "Adam has no amsgrad"),
    (optim.Adam, changed(ADAM, decoupled_weight_decay=True), "the state is of AdamW, not of Adam"),
    (optim.AdamW, ADAM, "the state is of Adam, not of AdamW"),
    (optim.Adam, without(ADAM, "amsgrad"), "the state is not of Adam, whose groups say"),
    (optim.SGD, ADAM, "the state is of Adam, not of SGD|an optimizer with lr, betas"),
    (optim.RMSprop, SGD, "an optimizer with lr, momentum, dampening.*; RMSprop has lr, alpha"),
    (optim.SGD, {"state": {}}, "no state of an optimizer of PyTorch's: KeyError"),
    (optim.SGD, {**SGD, "state": {2: {}}}, "no state of an optimizer"),
    (optim.SGD, changed(SGD, params=[0]), r"no state|groups of \[1\] parameters"),
    (optim.SGD, changed(SGD, lr=-1.0), "lr must be at least 0"),
    (optim.SGD, {**SGD, "state": {1: {"momentum_buffer": np.zeros(2)}}}, r"where momentum_buffer float64\[1\] belongs"),
])  # fmt: skip
def test_states_that_do_not_fit_change_nothing(kind: Any, state: dict[str, Any], said: str) -> None:
    optimizer = kind(parameters())
    before = copy.deepcopy(optimizer.state_dict())
    with pytest.raises(ValueError, match=said):
        optim.load_pytorch_state(optimizer, state)
    assert optimizer.state_dict() == before


def test_where_states_from_here_are_taken_it_is_said_what_takes_them() -> None:
    optimizer = optim.SGD([tl.tensor(np.zeros(2), requires_grad=True) for _ in range(2)], momentum=0.9)
    with pytest.raises(ValueError, match=r"SGD: the state is PyTorch's.*tl\.optim\.load_pytorch_state"):
        optimizer.load_state_dict(SGD)
    assert optimizer.lr == 0.001
    assert not optimizer.state
