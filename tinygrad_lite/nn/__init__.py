"""Parts of neural networks, with PyTorch's names and NumPy's manners: modules, layers, losses, initialisers.

>>> net = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 1, rng=1))
>>> loss = nn.mse_loss(net(np.ones((4, 2), np.float32)), np.zeros((4, 1), np.float32))
>>> loss.backward()
>>> net[0].weight.grad.shape
(3, 2)
"""

from . import init
from .activations import Heaviside, Identity, LeakyReLU, LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from .layers import Dropout, Embedding, Flatten, Linear, Sequential
from .losses import CrossEntropyLoss, MSELoss, cross_entropy, mse_loss
from .mlp import MLP
from .module import Module, parameter

__all__ = [
    "MLP",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "Flatten",
    "Heaviside",
    "Identity",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "Module",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "cross_entropy",
    "init",
    "mse_loss",
    "parameter",
]
