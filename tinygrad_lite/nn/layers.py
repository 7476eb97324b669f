"""The common layers: Linear, Flatten, Dropout, Embedding."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..table import indexing, neural
from ..table.arrays import array, floating
from .init import Initialiser, at_least_one, generator, weight_and_bias
from .module import Module, parameter


class Linear(Module):
    """y = x Wᵀ + b for each row of x, W of shape (out_features, in_features).

    Parameters
    ----------
    in_features, out_features : the length of a row of x, and of y
    bias : whether there is a b
    init : how W and b begin: a name in ``nn.init.INITIALISERS`` or an ``Initialiser``
    rng : a seed or a Generator
    dtype : of W and b

    Source: H. M. M. Vege, "Neural networks and Back Propagation" (2018), equation 3, with samples in rows.

    >>> layer = nn.Linear(3, 2, rng=0)
    >>> layer
    Linear(3, 2): weight (2, 3), bias (2,), 8 parameters
    >>> layer(np.zeros((5, 3), np.float32)).shape
    (5, 2)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        init: str | Initialiser = "fan_in",
        rng: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        at_least_one("Linear", in_features=in_features, out_features=out_features)
        self.in_features, self.out_features = in_features, out_features
        self.weight, self.bias = weight_and_bias(
            (out_features, in_features), in_features, out_features, init=init, rng=rng, dtype=dtype, bias=bias
        )

    def forward(self, x: Any) -> Any:
        return neural.linear(x, self.weight, self.bias)

    def describe(self) -> str:
        return f"{self.in_features}, {self.out_features}"


class Flatten(Module):
    """The axes from ``start_axis`` on in one; each sample of a batch as a row.

    >>> nn.Flatten()(np.zeros((2, 3, 4))).shape
    (2, 12)
    """

    def __init__(self, start_axis: int = 1) -> None:
        self.start_axis = start_axis

    def forward(self, x: Any) -> Any:
        x = array(x)
        return x.reshape((*x.shape[: self.start_axis], -1 if x.size else int(np.prod(x.shape[self.start_axis :]))))


class Dropout(Module):
    """In training each entry is 0 with probability p, else divided by 1 − p; outside training nothing happens.

    Source: N. Srivastava et al., "Dropout" (2014), with the division in training.

    >>> drop = nn.Dropout(0.5, rng=0)
    >>> drop(np.ones(4))
    array([2., 2., 2., 0.])
    >>> drop.eval()(np.ones(4))
    array([1., 1., 1., 1.])
    """

    def __init__(self, p: float = 0.5, *, rng: Any = None) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p is a probability, between 0 and 1; got {p}")
        self.p = p
        self.rng = generator(rng)

    def forward(self, x: Any) -> Any:
        if not self.training or self.p == 0:
            return x
        x = floating(array(x))
        kept = self.rng.random(x.shape, np.float32) >= self.p
        return x * (kept.astype(x.dtype) / max(1 - self.p, np.finfo(x.dtype).tiny.item()))

    def describe(self) -> str:
        return f"{self.p}"


class Embedding(Module):
    """A table of vectors: row ``i`` for each integer i, ``weight[indices]``.

    Parameters
    ----------
    num_embeddings, embedding_dim : the shape of ``weight``, which begins N(0, 1)

    >>> nn.Embedding(10, 3, rng=0)(np.array([[1, 2], [2, 9]])).shape
    (2, 2, 3)
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, *, rng: Any = None, dtype: Any = np.float32) -> None:
        at_least_one("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.weight = parameter(generator(rng).standard_normal((num_embeddings, embedding_dim)), dtype)

    def forward(self, indices: Any) -> Any:
        indices = np.asarray(indices)
        if indices.dtype.kind not in "iu":
            raise TypeError(f"Embedding: takes integers, got {indices.dtype}")
        n = len(self.weight)
        if indices.size and not 0 <= indices.min() <= indices.max() < n:
            raise ValueError(f"Embedding: indices must lie in 0 … {n - 1}, got {indices.min()} … {indices.max()}")
        return indexing.getitem(self.weight, indices)

    def describe(self) -> str:
        return ", ".join(map(str, self.weight.shape))
