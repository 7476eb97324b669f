"""Learning rates that change from epoch to epoch.

A schedule is a function of the number of epochs done, from 0, that gives a factor of the first learning rate;
:class:`Schedule` applies it to an optimizer. Any function of that kind will do; those made here can be pickled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from numbers import Real
from typing import Any

from ..engine.refusals import refusal
from ..table.ducks import kind_of
from ..table.habits import knowing_habits
from .optimizer import Optimizer, shortened

Factor = Callable[[float], float]


class Schedule:
    """Sets an optimizer's learning rates, now and after each epoch: the rates it began with, times a factor.

    Parameters
    ----------
    optimizer : whose groups' ``lr`` are set
    factor : a function of the epochs done: :func:`constant`, :func:`linear_decay`, :func:`step_decay`, :func:`cosine`,
        :func:`warm_up`, or another

    >>> w = tl.tensor([1.0], requires_grad=True)
    >>> optimizer = tl.optim.SGD([w], lr=0.5)
    >>> schedule = tl.optim.Schedule(optimizer, tl.optim.step_decay(1, 0.1))
    >>> schedule.step()
    >>> optimizer.param_groups[0]["lr"]
    0.05
    """

    def __init__(self, optimizer: Optimizer, factor: Factor) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"Schedule: optimizer is an Optimizer, not {shortened(optimizer)}")
        makers: tuple[Any, ...] = (constant, linear_decay, step_decay, cosine, warm_up)
        if factor in makers:
            name = factor.__name__
            raise TypeError(f"Schedule: {name} makes a factor, and is none; call it: {name}(…)")
        if not callable(factor):
            raise TypeError(
                f"Schedule: factor is a function of the epochs done, as linear_decay(10), not {shortened(factor)}"
            )
        self.optimizer = optimizer
        self.factor = factor
        self.epoch = 0
        self.base_lrs = [float(group["lr"]) for group in optimizer.param_groups]
        self.apply()

    @partial(knowing_habits, name="Schedule.step", first=1)
    def step(self) -> None:
        """An epoch is over. Raises TypeError within a compiled function, where it would be so only once."""
        if any(kind_of(group["lr"]) is not None for group in self.optimizer.param_groups):
            raise refusal(
                "Schedule: step() within a compiled function would be made when that is compiled, and not again; call "
                "it between calls of the function",
                (),
            )
        self.epoch += 1
        try:
            self.apply()
        except ValueError:
            self.epoch -= 1
            raise

    def get_last_lr(self) -> list[float]:
        """The learning rate of each group, as it is now."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def apply(self) -> None:
        """Set the rates."""
        groups = self.optimizer.param_groups
        if len(groups) != len(self.base_lrs):
            raise ValueError(
                f"Schedule: the optimizer has {len(groups)} groups, and had {len(self.base_lrs)} when the schedule was "
                "made; add groups first"
            )
        factor = self.factor(self.epoch)
        if not isinstance(factor, Real) or not 0 <= float(factor) < math.inf:
            raise ValueError(
                f"Schedule: a factor of the learning rate is a number of 0 or more, and after {self.epoch} epochs "
                f"it is {shortened(factor)}"
            )
        for group, lr in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = lr * factor

    def give_back(self) -> None:
        """Set the rates that the optimizer began with."""
        for group, lr in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = lr

    def state_dict(self) -> dict[str, Any]:
        """The epochs done, and the first learning rates."""
        return {"epoch": self.epoch, "base_lrs": list(self.base_lrs)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue where another schedule was. Raises ValueError for a state that does not fit."""
        try:
            epoch, lrs = int(state_dict["epoch"]), [float(lr) for lr in state_dict["base_lrs"]]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"Schedule: this is no schedule's state: {error!r}") from error
        if len(lrs) != len(self.base_lrs) or epoch < 0:
            raise ValueError(f"Schedule: the state is of {len(lrs)} groups, the optimizer has {len(self.base_lrs)}")
        self.epoch, self.base_lrs = epoch, lrs
        self.apply()


def constant() -> Factor:
    """η = η₀.  Source: H. M. M. Vege (2018), section 5.1.

    >>> tl.optim.constant()(7)
    1.0
    """
    return always_one


def always_one(_epoch: float) -> float:
    """The factor of :func:`constant`."""
    return 1.0


def linear_decay(epochs: int) -> Factor:
    """η = η₀ (1 − i / (1 + N)) after i of N epochs: η₀ in the first, η₀ · 2 / (1 + N) in the last.

    Source: H. M. M. Vege (2018), equation 23; by algorithm 1 the rate is updated at the end of each epoch.

    >>> [tl.optim.linear_decay(3)(i) for i in range(3)]
    [1.0, 0.75, 0.5]
    """
    return partial(factor_of_linear, at_least("linear_decay: the number of epochs", epochs, 0))


def factor_of_linear(epochs: float, epoch: float) -> float:
    """The factor of :func:`linear_decay`."""
    return max(0.0, 1 - epoch / (1 + epochs))


def step_decay(step_size: int, gamma: float = 0.1) -> Factor:
    """η = η₀ · gamma^⌊i / step_size⌋: less after every so many epochs.

    >>> [tl.optim.step_decay(2, 0.5)(i) for i in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    at_least("step_decay: step_size", step_size, 1)
    return partial(factor_of_steps, step_size, at_least("step_decay: gamma", gamma, 0))


def factor_of_steps(step_size: float, gamma: float, epoch: float) -> float:
    """The factor of :func:`step_decay`; infinite where it is too large, which :class:`Schedule` refuses."""
    try:
        return float(gamma ** (epoch // step_size))
    except OverflowError:
        return math.inf


def cosine(epochs: int, floor: float = 0.0) -> Factor:
    """η / η₀ = floor + (1 − floor) (1 + cos(π i / N)) / 2: from 1 down to ``floor`` after N epochs, where it stays.

    PyTorch's ``CosineAnnealingLR`` rises again from there.

    Source: I. Loshchilov and F. Hutter, "SGDR" (2017), equation 5, without restarts.

    >>> [round(tl.optim.cosine(4)(i), 3) for i in range(5)]
    [1.0, 0.854, 0.5, 0.146, 0.0]
    """
    at_least("cosine: the number of epochs", epochs, 1)
    return partial(factor_of_cosine, epochs, at_least("cosine: floor", floor, 0))


def factor_of_cosine(epochs: float, floor: float, epoch: float) -> float:
    """The factor of :func:`cosine`."""
    return floor + (1 - floor) * (1 + math.cos(math.pi * min(epoch, epochs) / epochs)) / 2


def warm_up(epochs: int, after: Factor | None = None) -> Factor:
    """η / η₀ = (i + 1) / (n + 1) for the first n epochs; then another schedule, from its beginning.

    >>> rate = tl.optim.warm_up(3, tl.optim.step_decay(1, 0.5))
    >>> [rate(i) for i in range(6)]
    [0.25, 0.5, 0.75, 1.0, 0.5, 0.25]
    """
    if after is not None and not callable(after):
        raise TypeError(f"warm_up: after is another schedule, as cosine(10), not {shortened(after)}")
    at_least("warm_up: the number of epochs", epochs, 0)
    return partial(factor_of_warm_up, epochs, constant() if after is None else after)


def factor_of_warm_up(epochs: float, after: Factor, epoch: float) -> float:
    """The factor of :func:`warm_up`."""
    return (epoch + 1) / (epochs + 1) if epoch < epochs else after(epoch - epochs)


def at_least(what: str, number: Any, least: float) -> float:
    """A setting, if it is a number that is large enough. Raises TypeError and ValueError."""
    if not isinstance(number, Real):
        raise TypeError(f"{what} is a number, not {shortened(number)}")
    if not least <= float(number) < math.inf:
        raise ValueError(f"{what} must be {least} or more, got {number}")
    return float(number)
