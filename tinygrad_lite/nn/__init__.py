"""Parts of neural networks, with PyTorch's names and NumPy's manners: modules, layers, losses, initialisers.

>>> net = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 1, rng=1))
>>> loss = nn.mse_loss(net(np.ones((4, 2), np.float32)), np.zeros((4, 1), np.float32))
>>> loss.backward()
>>> net[0].weight.grad.shape
(3, 2)
"""

from typing import TYPE_CHECKING

from ..table import foreign
from . import init
from .activations import GELU, Heaviside, Identity, LeakyReLU, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from .attention import MultiHeadAttention
from .convolutional import AvgPool2d, Conv2d, MaxPool2d
from .layers import Dropout, Embedding, Flatten, Linear
from .losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    MSELoss,
    NLLLoss,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber_loss,
    mse_loss,
    nll_loss,
    one_hot,
)
from .mlp import MLP
from .module import Module, Parameter, parameter
from .module_lists import ModuleDict, ModuleList, Sequential
from .normalization import BatchNorm1d, LayerNorm
from .recurrent import GRU

__all__ = [
    "GELU",
    "GRU",
    "MLP",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Flatten",
    "Heaviside",
    "HuberLoss",
    "Identity",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiHeadAttention",
    "NLLLoss",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "huber_loss",
    "init",
    "mse_loss",
    "nll_loss",
    "one_hot",
    "parameter",
]


if not TYPE_CHECKING:

    def __getattr__(name):
        raise foreign.absent(f"module {__name__!r}", name, foreign.NN)
