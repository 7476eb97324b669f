"""Attention."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.tensor import Tensor
from ..table import neural, shapes
from ..table.arrays import array
from .init import at_least_one, generator, xavier_uniform
from .layers import Dropout, Linear
from .module import Module, parameter


class MultiHeadAttention(Module):
    """softmax(Q Kᵀ / √d) V for each of several heads, joined and mapped by ``out_proj``.

    Q, K and V are linear in query, key and value; the three maps lie one below the other in ``in_proj_weight``
    (3 embed_dim, embed_dim) and ``in_proj_bias``. d is embed_dim / num_heads. Names, shapes, defaults and masks are
    those of PyTorch's ``MultiheadAttention``.

    Parameters
    ----------
    embed_dim : the length of each vector of query, key, value and output
    num_heads : a divisor of ``embed_dim``
    dropout : the probability with which an attention weight is dropped in training
    bias : whether the maps have biases
    batch_first : arguments and output are (samples, places, embed_dim) rather than (places, samples, embed_dim)
    rng : a seed or a Generator

    Source: A. Vaswani et al., "Attention Is All You Need" (2017), section 3.2.

    >>> layer = nn.MultiHeadAttention(8, 2, batch_first=True, rng=0)
    >>> x = np.ones((3, 5, 8), np.float32)
    >>> output, weights = layer(x, x, x)
    >>> output.shape, weights.shape
    ((3, 5, 8), (3, 5, 5))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        batch_first: bool = False,
        *,
        rng: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        at_least_one("MultiHeadAttention", embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads:
            raise ValueError(f"MultiHeadAttention: embed_dim {embed_dim} does not divide into {num_heads} heads")
        rng = generator(rng)
        self.embed_dim, self.num_heads, self.batch_first = embed_dim, num_heads, batch_first
        drawn = xavier_uniform().weight(rng, (3 * embed_dim, embed_dim), embed_dim, 3 * embed_dim)
        self.in_proj_weight = parameter(drawn, dtype)
        self.in_proj_bias = parameter(np.zeros(3 * embed_dim), dtype) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng=rng, dtype=dtype)
        if self.out_proj.bias is not None:
            self.out_proj.bias.data[...] = 0
        self.dropout = Dropout(dropout, rng=rng)

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor | None]: ...  # type: ignore[override]

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """The output, and the attention weights (samples, queries, keys) or None.

        Parameters
        ----------
        key_padding_mask : (samples, keys), true at keys to be ignored
        need_weights : whether to give the weights
        attn_mask : (queries, keys) or (samples · heads, queries, keys): true where a query must not see a key; or
            numbers that are added to Q Kᵀ / √d
        average_attn_weights : the mean over the heads; otherwise weights have an axis for heads after the samples'
        is_causal : no query sees a key after its own place
        """
        batches = [self.batch_first_of(x, name) for x, name in ((query, "query"), (key, "key"), (value, "value"))]
        samples = {len(x) for x in batches}
        if len(samples) > 1 or batches[1].shape != batches[2].shape:
            raise ValueError(
                "MultiHeadAttention: query, key and value need the same number of samples, key and value the same "
                f"number of places; got {np.shape(query)}, {np.shape(key)} and {np.shape(value)}"
            )
        q, k, v = [self.heads(x, part) for part, x in enumerate(batches)]
        scores = q @ k.mT / math.sqrt(self.embed_dim // self.num_heads)
        for mask in self.masks(scores.shape, key_padding_mask, attn_mask, is_causal):
            scores = np.where(mask, -math.inf, scores) if mask.dtype == bool else scores + mask
        weights = neural.softmax(scores)
        joined = shapes.swapaxes(self.dropout(weights) @ v, 1, 2)  # (samples, queries, heads, d)
        output = self.out_proj(joined.reshape((*joined.shape[:2], self.embed_dim)))
        if not self.batch_first:
            output = shapes.swapaxes(output, 0, 1)
        if not need_weights:
            return output, None
        return output, weights.mean(axis=1) if average_attn_weights else weights

    def batch_first_of(self, x: Any, name: str) -> Any:
        """An argument as (samples, places, embed_dim)."""
        x = array(x)
        if x.ndim != 3 or x.shape[2] != self.embed_dim:
            order = "samples, places" if self.batch_first else "places, samples"
            raise ValueError(f"MultiHeadAttention: takes {name} of shape ({order}, {self.embed_dim}), got {x.shape}")
        return x if self.batch_first else shapes.swapaxes(x, 0, 1)

    def heads(self, x: Any, part: int) -> Any:
        """Q, K or V (part 0, 1, 2) as (samples, heads, places, d)."""
        n, bias = self.embed_dim, self.in_proj_bias
        rows = slice(part * n, (part + 1) * n)
        mapped = neural.linear(x, self.in_proj_weight[rows], None if bias is None else bias[rows])
        return shapes.swapaxes(mapped.reshape((*x.shape[:2], self.num_heads, n // self.num_heads)), 1, 2)

    def masks(self, shape: tuple[int, ...], key_padding_mask: Any, attn_mask: Any, is_causal: bool) -> list[Any]:
        """The masks as arrays that broadcast to scores of (samples, heads, queries, keys)."""
        samples, heads, queries, keys = shape
        found = []
        if is_causal:
            found.append(~np.tri(queries, keys, dtype=bool))
        if attn_mask is not None:
            mask = array(attn_mask)
            if mask.shape not in ((queries, keys), (samples * heads, queries, keys)):
                raise ValueError(
                    f"MultiHeadAttention: attn_mask has shape {(queries, keys)} or {(samples * heads, queries, keys)}, "
                    f"got {mask.shape}"
                )
            found.append(mask if mask.ndim == 2 else mask.reshape(shape))
        if key_padding_mask is not None:
            mask = array(key_padding_mask)
            if mask.shape != (samples, keys):
                raise ValueError(f"MultiHeadAttention: key_padding_mask has shape {(samples, keys)}, got {mask.shape}")
            found.append(mask.reshape((samples, 1, 1, keys)))
        return found

    def describe(self) -> str:
        return f"{self.embed_dim}, {self.num_heads}"
