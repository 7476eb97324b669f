"""The common layers: Linear, Sequential, Flatten, Dropout, Embedding."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..table import indexing, neural
from ..table.arrays import array, floating, values
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


class Sequential(Module):
    """Modules one after the other; their parameters are named 0.weight, 1.weight, …

    >>> net = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 2, rng=1))
    >>> net
    Sequential(): 26 parameters
      (0) Linear(3, 4): weight (4, 3), bias (4,), 16 parameters
      (1) Tanh()
      (2) Linear(4, 2): weight (2, 4), bias (2,), 10 parameters
    >>> list(net.state_dict())
    ['0.weight', '0.bias', '2.weight', '2.bias']
    """

    def __init__(self, *layers: Module) -> None:
        for k, layer in enumerate(layers):
            if not isinstance(layer, Module):
                raise TypeError(f"Sequential: takes modules; number {k} is of type {type(layer).__name__}")
            setattr(self, str(k), layer)

    def forward(self, x: Any) -> Any:
        for layer in self:
            x = layer(x)
        return x

    def __iter__(self) -> Iterator[Module]:
        return (part for _, part in self.children())

    def __len__(self) -> int:
        return len(list(self.children()))

    def __getitem__(self, index: int) -> Module:
        return list(self)[index]


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


def padding_row(padding_idx: int | None, rows: int) -> int | None:
    """The row that stands for nothing, counted from the start; None where there is none."""
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise ValueError(f"Embedding: padding_idx must lie in {-rows} … {rows - 1}, got {padding_idx}")
    return None if padding_idx is None else operator.index(padding_idx) % rows


def embedding(indices: Any, weight: Any, padding_idx: int | None = None) -> Any:
    """The row ``weight[i]`` for each integer i; the row ``padding_idx`` gets no gradient.

    Raises TypeError for indices that are not integers, ValueError for those out of range.

    >>> nn.functional.embedding([1, 0], np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[3., 4.],
           [1., 2.]])
    """
    indices, weight = np.asarray(indices), array(weight)
    if indices.dtype.kind not in "iu":
        raise TypeError(f"Embedding: takes integers, got {indices.dtype}")
    n = len(weight)
    if indices.size and not 0 <= indices.min() <= indices.max() < n:
        raise ValueError(f"Embedding: indices must lie in 0 … {n - 1}, got {indices.min()} … {indices.max()}")
    rows = indexing.getitem(weight, indices)
    padding = np.asarray(indices == padding_row(padding_idx, n))
    return np.where(padding[..., None], values(rows), rows) if padding.any() else rows


class Embedding(Module):
    """A table of vectors: row ``i`` for each integer i, ``weight[indices]``.

    Parameters
    ----------
    num_embeddings, embedding_dim : the shape of ``weight``, which begins N(0, 1)
    padding_idx : an integer that stands for nothing, from the end where negative: its row begins 0 and gets no gradient

    Raises TypeError for indices that are not integers, ValueError for those out of range.

    >>> nn.Embedding(10, 3, rng=0)(np.array([[1, 2], [2, 9]])).shape
    (2, 2, 3)
    >>> nn.Embedding(10, 2, padding_idx=0, rng=0)([0])
    Tensor([[0., 0.]], dtype=float32, made_by='where')
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        rng: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        at_least_one("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.padding_idx = padding_row(padding_idx, num_embeddings)
        weight = generator(rng).standard_normal((num_embeddings, embedding_dim))
        if self.padding_idx is not None:
            weight[self.padding_idx] = 0
        self.weight = parameter(weight, dtype)

    def forward(self, indices: Any) -> Any:
        return embedding(indices, self.weight, self.padding_idx)

    def describe(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return ", ".join(map(str, self.weight.shape)) + padding
