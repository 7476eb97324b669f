"""PyTorch's functions that fill a parameter in place, as ``nn.init.xavier_uniform_(layer.weight)``.

Each takes a leaf Tensor or an array, keeps its dtype, and returns it; what was computed with the old numbers keeps
them. A weight's inputs and outputs are counted as in PyTorch: of shape (outputs, inputs, …), both times the entries of
the axes after them.
"""

from __future__ import annotations

import math
from typing import Any, Final, TypeVar

import numpy as np

from ..engine.tensor import Tensor
from .module import put

__all__ = [
    "calculate_gain",
    "constant_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

Filled = TypeVar("Filled", Tensor, np.ndarray)

GAINS: Final = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv_transpose1d": 1.0,
    "conv_transpose2d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}
"""By how much weights are larger where such a function follows; of ``leaky_relu`` it depends on the slope."""


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor of the weights' standard deviation that suits a layer followed by a function, with PyTorch's values.

    Parameters
    ----------
    nonlinearity : "linear", "conv1d", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu", …
    param : of "leaky_relu", the slope s, by default 0.01: the factor is √(2/(1 + s²))

    Raises ValueError for other names.

    >>> nn.init.calculate_gain("leaky_relu", 1.0)
    1.0
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in GAINS:
        names = ", ".join([*GAINS, "leaky_relu"])
        raise ValueError(f"calculate_gain: nonlinearity is one of {names}, not {nonlinearity!r}")
    return GAINS[nonlinearity]


def fill(name: str, tensor: Filled, numbers: Any) -> Filled:
    """Put numbers into a parameter or an array. Raises TypeError for anything else, and for numbers that are whole."""
    if not (isinstance(tensor, np.ndarray) or (isinstance(tensor, Tensor) and tensor.is_leaf)):
        kind = "a Tensor that was computed from others" if isinstance(tensor, Tensor) else type(tensor).__name__
        raise TypeError(f"{name}: fills a parameter or an array, not {kind}")
    if tensor.dtype.kind != "f":
        raise TypeError(f"{name}: fills floating-point numbers, not {tensor.dtype}")
    put(tensor, np.broadcast_to(np.asarray(numbers, tensor.dtype), tensor.shape))
    return tensor


def fans(name: str, tensor: Any) -> tuple[int, int]:
    """The inputs and the outputs that a weight connects. Raises ValueError for fewer than two axes."""
    shape = np.shape(tensor)
    if len(shape) < 2:
        raise ValueError(f"{name}: counts the inputs of a weight of two axes or more, got shape {shape}")
    entries = math.prod(shape[2:])
    return shape[1] * entries, shape[0] * entries


def zeros_(tensor: Filled) -> Filled:
    """Zeros.

    >>> nn.init.zeros_(nn.Linear(2, 1, rng=0).weight)
    Tensor([[0., 0.]], dtype=float32, requires_grad=True)
    """
    return fill("zeros_", tensor, 0.0)


def ones_(tensor: Filled) -> Filled:
    """Ones.

    >>> nn.init.ones_(np.zeros(2))
    array([1., 1.])
    """
    return fill("ones_", tensor, 1.0)


def constant_(tensor: Filled, val: float) -> Filled:
    """One number everywhere.

    >>> nn.init.constant_(np.zeros(2), 0.5)
    array([0.5, 0.5])
    """
    return fill("constant_", tensor, val)


def eye_(tensor: Filled) -> Filled:
    """A matrix with 1 on its diagonal and 0 elsewhere. Raises ValueError for other shapes.

    >>> nn.init.eye_(np.zeros((2, 3)))
    array([[1., 0., 0.],
           [0., 1., 0.]])
    """
    shape = np.shape(tensor)
    if len(shape) != 2:
        raise ValueError(f"eye_: takes a matrix, got shape {shape}")
    return fill("eye_", tensor, np.eye(shape[0], shape[1]))


def normal_(tensor: Filled, mean: float = 0.0, std: float = 1.0, *, rng: Any = None) -> Filled:
    """Normal numbers, from a seed or a Generator.

    >>> nn.init.normal_(np.zeros(2), 1.0, 0.0)
    array([1., 1.])
    """
    return fill("normal_", tensor, np.random.default_rng(rng).normal(mean, std, np.shape(tensor)))


def trunc_normal_(
    tensor: Filled, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, *, rng: Any = None
) -> Filled:
    """Normal numbers of which those outside a … b are drawn anew.

    Raises ValueError where fewer than one in a thousand lie between them.

    >>> abs(nn.init.trunc_normal_(np.zeros(100), a=-0.5, b=0.5, rng=0)).max() <= 0.5
    np.True_
    """
    share = [(1 + math.erf((end - mean) / std / math.sqrt(2))) / 2 for end in (a, b)]
    if not share[1] - share[0] > 1e-3:
        raise ValueError(f"trunc_normal_: almost no number of mean {mean} and std {std} lies in {a} … {b}")
    generator = np.random.default_rng(rng)
    drawn = generator.normal(mean, std, np.shape(tensor))
    while (outside := (drawn < a) | (drawn > b)).any():
        drawn = np.where(outside, generator.normal(mean, std, drawn.shape), drawn)
    return fill("trunc_normal_", tensor, drawn)


def uniform_(tensor: Filled, a: float = 0.0, b: float = 1.0, *, rng: Any = None) -> Filled:
    """Uniform numbers from a to b.

    >>> nn.init.uniform_(np.zeros(2), 3.0, 3.0)
    array([3., 3.])
    """
    return fill("uniform_", tensor, np.random.default_rng(rng).uniform(a, b, np.shape(tensor)))


def xavier_uniform_(tensor: Filled, gain: float = 1.0, *, rng: Any = None) -> Filled:
    """Uniform numbers of variance gain² · 2/(inputs + outputs). See :func:`nn.init.xavier_uniform`.

    >>> nn.init.xavier_uniform_(np.zeros((2, 4)), rng=0).max() < 1
    np.True_
    """
    bound = gain * math.sqrt(6 / sum(fans("xavier_uniform_", tensor)))
    return fill("xavier_uniform_", tensor, bound * np.random.default_rng(rng).uniform(-1, 1, np.shape(tensor)))


def xavier_normal_(tensor: Filled, gain: float = 1.0, *, rng: Any = None) -> Filled:
    """Normal numbers of variance gain² · 2/(inputs + outputs). See :func:`nn.init.xavier_normal`.

    >>> nn.init.xavier_normal_(np.zeros((200, 200)), rng=0).std().round(2)
    np.float64(0.07)
    """
    std = gain * math.sqrt(2 / sum(fans("xavier_normal_", tensor)))
    return fill("xavier_normal_", tensor, std * np.random.default_rng(rng).normal(size=np.shape(tensor)))


def kaiming_std(name: str, tensor: Any, a: float, mode: str, nonlinearity: str) -> float:
    """gain / √n, of the inputs' or the outputs' number n."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{name}: mode is 'fan_in' or 'fan_out', not {mode!r}")
    inputs, outputs = fans(name, tensor)
    return calculate_gain(nonlinearity, a) / math.sqrt(inputs if mode == "fan_in" else outputs)


def kaiming_uniform_(
    tensor: Filled, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", *, rng: Any = None
) -> Filled:
    """Uniform numbers of variance gain²/n. See :func:`nn.init.he_uniform`.

    Parameters
    ----------
    a : the slope, where ``leaky_relu`` follows; 0 is ``relu``
    mode : n is the number of inputs, "fan_in", or of outputs, "fan_out"
    nonlinearity : as of :func:`calculate_gain`
    rng : a seed or a Generator

    >>> nn.init.kaiming_uniform_(np.zeros((2, 6)), rng=0).max() < 1
    np.True_
    """
    bound = math.sqrt(3) * kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return fill("kaiming_uniform_", tensor, bound * np.random.default_rng(rng).uniform(-1, 1, np.shape(tensor)))


def kaiming_normal_(
    tensor: Filled, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", *, rng: Any = None
) -> Filled:
    """Normal numbers of variance gain²/n; see :func:`nn.init.he_normal`, and :func:`kaiming_uniform_` for arguments.

    >>> nn.init.kaiming_normal_(np.zeros((200, 200)), rng=0).std().round(1)
    np.float64(0.1)
    """
    std = kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity)
    return fill("kaiming_normal_", tensor, std * np.random.default_rng(rng).normal(size=np.shape(tensor)))


def orthogonal_(tensor: Filled, gain: float = 1.0, *, rng: Any = None) -> Filled:
    """An orthogonal matrix times the gain: rows (of the axes after the first in one) or columns, whichever are fewer.

    Source: A. Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear networks" (2014).

    >>> w = nn.init.orthogonal_(np.zeros((2, 3)), rng=0)
    >>> np.allclose(w @ w.T, np.eye(2))
    True
    """
    fans("orthogonal_", tensor)
    shape = np.shape(tensor)
    rows, columns = shape[0], math.prod(shape[1:])
    q, r = np.linalg.qr(np.random.default_rng(rng).normal(size=(max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diag(r))  # which makes it uniform among the orthogonal matrices
    return fill("orthogonal_", tensor, gain * (q if rows >= columns else q.T).reshape(shape))
