"""The states of PyTorch's optimizers, as dicts of arrays: a training that began there goes on here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from .algorithms import Adam, AdamW
from .optimizer import Optimizer

WITHOUT_MEANING: Final = ("capturable", "differentiable", "foreach", "fused", "initial_lr", "param_names", "params")
"""Options that say how steps are computed, and not which; and what groups hold beside options."""

WITHOUT_COUNTERPART: Final = ("amsgrad", "maximize")
"""Options that change the steps, and are not here."""


def load_pytorch_state(optimizer: Optimizer, state_dict: Mapping[str, Any]) -> None:
    """Let an optimizer go on where one of PyTorch's was: SGD, Adam, AdamW, RMSprop or Adagrad, each in its own kind.

    Parameters
    ----------
    optimizer : of the kind that PyTorch's was, for parameters of the same shapes in the same order and groups, as two
        networks with the same state names have them
    state_dict : what ``state_dict()`` of PyTorch's gives; its tensors, or arrays of their numbers

    Options are taken, too. Numbers take the parameters' dtypes. The rate that a schedule began with (``initial_lr``) is
    not: make the ``Schedule`` of the rate that it is to begin with.

    Raises ValueError for the state of another kind of optimizer, of other parameters, and of options that would make
    other steps: ``amsgrad=True``, ``maximize=True``. The optimizer is then as it was.

    >>> w = tl.tensor([1.0], requires_grad=True)
    >>> optimizer = tl.optim.SGD([w], lr=0.5)
    >>> group = {"lr": 0.1, "momentum": 0.9, "dampening": 0, "weight_decay": 0, "nesterov": False, "params": [0]}
    >>> state = {0: {"momentum_buffer": np.array([2.0])}}
    >>> tl.optim.load_pytorch_state(optimizer, {"state": state, "param_groups": [group]})
    >>> (w * w).sum().backward()
    >>> optimizer.step()  # 1 − 0.1 · (0.9 · 2 + 2)
    >>> w.data.round(6)
    array([0.62])
    """
    try:
        groups = [dict(group) for group in state_dict["param_groups"]]
        order = [int(place) for group in groups for place in group["params"]]
        states = {order.index(int(place)): dict(state) for place, state in state_dict["state"].items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"load_pytorch_state: this is no state of an optimizer of PyTorch's: {error!r}") from error
    loaded = {place: found for place, state in states.items() if (found := counted(state))}
    taken = [{**options_of(optimizer, group), "params": group["params"]} for group in groups]
    optimizer.load_state_dict({"state": loaded, "param_groups": taken})


def options_of(optimizer: Optimizer, group: Mapping[str, Any]) -> dict[str, Any]:
    """A group's options, if they are the optimizer's own and make the steps that it makes."""
    name = optimizer.name
    for key in WITHOUT_COUNTERPART:
        if group.get(key):
            raise ValueError(f"load_pytorch_state: {name} has no {key}, and the state is of an optimizer with it")
    decoupled = group.get("decoupled_weight_decay", isinstance(optimizer, AdamW))
    if decoupled != isinstance(optimizer, AdamW):
        raise ValueError(f"load_pytorch_state: the state is of {'AdamW' if decoupled else 'Adam'}, not of {name}")
    if isinstance(optimizer, Adam) and "amsgrad" not in group:  # as those of others that have Adam's options
        raise ValueError(f"load_pytorch_state: the state is not of {name}, whose groups say whether amsgrad was used")
    without = {*WITHOUT_MEANING, *WITHOUT_COUNTERPART, "decoupled_weight_decay"}
    options = {key: value for key, value in group.items() if key not in without}
    if options.keys() != optimizer.defaults.keys():
        raise ValueError(
            f"load_pytorch_state: the state is of an optimizer with {', '.join(options)}; {name} has "
            f"{', '.join(optimizer.defaults)}"
        )
    return {key: plain(value) for key, value in options.items()}


def plain(value: Any) -> Any:
    """An option as numbers of Python's: rates may be tensors."""
    if isinstance(value, (tuple, list)):
        return tuple([plain(part) for part in value])
    return value.item() if hasattr(value, "item") else value


def counted(state: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter's state as arrays, with a number of steps, which SGD does without; empty if no step was made."""
    arrays = {key: numbers(value) for key, value in state.items() if key != "step" and value is not None}
    steps = plain(state["step"]) if "step" in state else 1
    return {"step": steps, **arrays} if arrays else {}


def numbers(value: Any) -> np.ndarray:
    """The numbers of an array or of a tensor, PyTorch's bfloat16 among them."""
    value = value.detach() if hasattr(value, "detach") else value
    return np.asarray(value.float() if str(getattr(value, "dtype", "")) == "torch.bfloat16" else value)
