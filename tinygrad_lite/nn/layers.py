"""The common layers: Linear, Bilinear, Flatten, Dropout, Embedding."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..table import indexing, neural
from ..table.arrays import array, as_numbers, floating, some, values
from ..table.elsewhere import elsewhere, is_lazy, listed_beside, placed_beside
from .init import Initialiser, at_least_one, generator, weight_and_bias
from .module import Module, Parameter, numbers_of, parameter


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


class Bilinear(Module):
    """y[o] = x₁ᵀ W[o] x₂ + b[o] for each pair of rows, W of shape (out_features, in1_features, in2_features).

    Parameters
    ----------
    in1_features, in2_features, out_features : the lengths of a row of x₁, of x₂ and of y
    bias : whether there is a b
    init : how W and b begin; the inputs that it counts are x₁'s, as in PyTorch
    rng : a seed or a Generator
    dtype : of W and b

    Raises ValueError for rows of other lengths, and for others before the last axis than those of x₁.

    >>> layer = nn.Bilinear(3, 2, 4, rng=0)
    >>> layer(np.zeros((5, 3), np.float32), np.zeros((5, 2), np.float32)).shape
    (5, 4)
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        init: str | Initialiser = "fan_in",
        rng: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        at_least_one("Bilinear", in1_features=in1_features, in2_features=in2_features, out_features=out_features)
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        self.weight, self.bias = weight_and_bias(
            (out_features, in1_features, in2_features),
            in1_features,
            out_features,
            init=init,
            rng=rng,
            dtype=dtype,
            bias=bias,
        )

    def forward(self, x1: Any, x2: Any) -> Any:
        x1, x2 = array(x1), array(x2)
        lengths = (self.in1_features, self.in2_features)
        if not (x1.ndim and x2.ndim) or (x1.shape[-1], x2.shape[-1]) != lengths or x1.shape[:-1] != x2.shape[:-1]:
            raise ValueError(
                f"Bilinear: takes (…, {lengths[0]}) and (…, {lengths[1]}), the same before the last axis; got "
                f"{x1.shape} and {x2.shape}"
            )
        # W[o] x₂ for all o at once, then the products with x₁
        maps = neural.linear(x2, self.weight.reshape((-1, lengths[1])))
        maps = maps.reshape((*x1.shape[:-1], self.out_features, lengths[0]))
        y = (maps @ x1[..., None])[..., 0]
        return y if self.bias is None else y + self.bias

    def describe(self) -> str:
        return f"{self.in1_features}, {self.in2_features}, {self.out_features}"


class Flatten(Module):
    """The axes from ``start_axis`` to ``end_axis`` in one; each sample of a batch as a row.

    Raises ValueError where x has no such axes.

    >>> nn.Flatten()(np.zeros((2, 3, 4))).shape
    (2, 12)
    >>> nn.Flatten(0, 1)(np.zeros((2, 3, 4))).shape
    (6, 4)
    """

    def __init__(self, start_axis: int = 1, end_axis: int = -1) -> None:
        self.start_axis, self.end_axis = start_axis, end_axis

    def forward(self, x: Any) -> Any:
        x = array(x)
        first, last = [k + x.ndim if k < 0 else k for k in (self.start_axis, self.end_axis)]
        if first == x.ndim and last == x.ndim - 1:  # nothing after the samples: each is a row of one
            return x.reshape((*x.shape, 1))
        if not 0 <= first <= last < x.ndim:
            raise ValueError(f"Flatten: there are no axes {self.start_axis} to {self.end_axis} in shape {x.shape}")
        return x.reshape((*x.shape[:first], math.prod(x.shape[first : last + 1]), *x.shape[last + 1 :]))

    def describe(self) -> str:
        return "" if (self.start_axis, self.end_axis) == (1, -1) else f"{self.start_axis}, {self.end_axis}"


class Unflatten(Module):
    """An axis as several: the inverse of Flatten.

    Parameters
    ----------
    axis : which
    unflattened_size : their lengths; one may be -1, what is left

    Raises ValueError where the axis has no such length.

    >>> nn.Unflatten(1, (3, -1))(np.zeros((2, 12))).shape
    (2, 3, 4)
    """

    def __init__(self, axis: int, unflattened_size: Sequence[int]) -> None:
        self.axis, self.unflattened_size = axis, tuple(unflattened_size)

    def forward(self, x: Any) -> Any:
        x = array(x)
        axis = normalize_axis_index(self.axis, x.ndim)
        try:
            sizes = np.broadcast_to(False, x.shape[axis]).reshape(self.unflattened_size).shape
        except ValueError as error:
            raise ValueError(
                f"Unflatten: axis {self.axis} of shape {x.shape} cannot become {self.unflattened_size}"
            ) from error
        return x.reshape((*x.shape[:axis], *sizes, *x.shape[axis + 1 :]))

    def describe(self) -> str:
        return f"{self.axis}, {self.unflattened_size}"


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
        if not isinstance(p, (Real, float)):
            raise TypeError(f"Dropout: p is a probability, a number, not {p!r}")
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p is a probability, between 0 and 1; got {p}")
        self.p = p
        self.rng = generator(rng)

    def forward(self, x: Any) -> Any:
        if not self.training or self.p == 0:
            return x
        x = floating(array(x))
        kept = self.rng.random(self.drawn_shape(x.shape), np.float32) >= self.p
        return x * placed_beside(kept.astype(x.dtype) / max(1 - self.p, np.finfo(x.dtype).tiny.item()), x)

    def drawn_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """What is dropped together has one entry."""
        return shape

    def describe(self) -> str:
        return f"{self.p}"


class ChannelDropout(Dropout):
    """What Dropout1d and Dropout2d share. A subclass says how many axes come after the channels."""

    further_axes: ClassVar[int]

    def drawn_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        count = self.further_axes
        if len(shape) != count + 2:
            axes = "length" if count == 1 else "height, width"
            raise ValueError(f"{type(self).__name__}: takes arrays of shape (samples, channels, {axes}), got {shape}")
        return shape[:2] + (1,) * count


class Dropout1d(ChannelDropout):
    """As :class:`Dropout2d`, of series: (samples, channels, length).

    >>> nn.Dropout1d(0.5, rng=0)(np.ones((1, 4, 2)))[0]
    array([[2., 2.],
           [2., 2.],
           [2., 2.],
           [0., 0.]])
    """

    further_axes = 1


class Dropout2d(ChannelDropout):
    """As :class:`Dropout`, of whole channels of images: of (samples, channels, height, width) each or none.

    Source: J. Tompson et al., "Efficient Object Localization Using Convolutional Networks" (2015), section 3.2.

    >>> nn.Dropout2d(0.5, rng=0)(np.ones((1, 4, 1, 2)))[0, :, 0]
    array([[2., 2.],
           [2., 2.],
           [2., 2.],
           [0., 0.]])
    """

    further_axes = 2


def padding_row(padding_idx: int | None, rows: int) -> int | None:
    """The row that stands for nothing, counted from the start; None where there is none."""
    if padding_idx is not None and not isinstance(padding_idx, (int, np.integer)):
        raise TypeError(f"Embedding: padding_idx is an integer, not {padding_idx!r}")
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
    weight = array(weight)
    indices = as_numbers(listed_beside(indices, weight))
    if indices.dtype.kind not in "iu":
        raise TypeError(f"Embedding: takes integers, got {indices.dtype}")
    n = len(weight)
    if is_lazy(indices):
        if not indices.kind.writable:
            raise elsewhere("embedding by indices that are not computed", indices)
        if indices.size:
            fits = (indices.min() >= 0) & (indices.max() < n)
            indices.kind.asserted(fits, f"Embedding: indices must lie in 0 … {n - 1}")
    elif indices.size and not 0 <= indices.min() <= indices.max() < n:
        raise ValueError(f"Embedding: indices must lie in 0 … {n - 1}, got {indices.min()} … {indices.max()}")
    rows = indexing.getitem(weight, indices)
    row = padding_row(padding_idx, n)
    padding = indices == (-1 if row is None else row)
    return np.where(padding[..., None], values(rows), rows) if row is not None and some(padding) else rows


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

    @classmethod
    def from_pretrained(cls, embeddings: Any, freeze: bool = True, padding_idx: int | None = None) -> Self:
        """A layer whose table is a copy of a matrix; frozen, unless ``freeze`` is False. Raises ValueError for others.

        >>> nn.Embedding.from_pretrained(np.array([[1.0, 2.0], [3.0, 4.0]]))([1])
        Tensor([[3., 4.]])
        """
        table = floating(np.asarray(numbers_of(embeddings)))
        if table.ndim != 2:
            raise ValueError(f"Embedding.from_pretrained: takes a matrix, a row for each integer; got {table.shape}")
        layer = cls(table.shape[0], table.shape[1], padding_idx, dtype=table.dtype)
        layer.weight = Parameter(table, requires_grad=not freeze)
        return layer

    def forward(self, indices: Any) -> Any:
        return embedding(indices, self.weight, self.padding_idx)

    def describe(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return ", ".join(map(str, self.weight.shape)) + padding
