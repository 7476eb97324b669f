"""Optimizers, learning-rate schedules and gradient clipping, with PyTorch's names, defaults and formulas."""

from typing import TYPE_CHECKING

from ..table import foreign, network_names
from .algorithms import BY_NAME, SGD, Adagrad, Adam, AdamW, RMSprop
from .clipping import clip_grad_norm, clip_grad_value
from .optimizer import Optimizer
from .pytorch_states import load_pytorch_state
from .schedules import Schedule, constant, cosine, linear_decay, step_decay, warm_up

__all__ = [
    "BY_NAME",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "Schedule",
    "clip_grad_norm",
    "clip_grad_value",
    "constant",
    "cosine",
    "linear_decay",
    "load_pytorch_state",
    "step_decay",
    "warm_up",
]


if not TYPE_CHECKING:

    def __getattr__(name):
        raise foreign.absent(f"module {__name__!r}", name, network_names.OPTIM)
