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
from .module import Module, numbers_of, parameter


class MultiheadAttention(Module):
    """softmax(Q Kᵀ / √d) V for each of several heads, joined and mapped by ``out_proj``.

    Q, K and V are linear in query, key and value; the three maps lie one below the other in ``in_proj_weight``
    (3 embed_dim, embed_dim) and ``in_proj_bias``, or, where keys or values have a length of their own, in
    ``q_proj_weight``, ``k_proj_weight`` and ``v_proj_weight``. d is embed_dim / num_heads. Names, shapes, defaults and
    masks are PyTorch's.

    Parameters
    ----------
    embed_dim : the length of each vector of query and output, and of key and value unless they have their own
    num_heads : a divisor of ``embed_dim``
    dropout : the probability with which an attention weight is dropped in training
    bias : whether the maps have biases
    kdim, vdim : the lengths of each vector of key and of value; None: ``embed_dim``
    batch_first : arguments and output are (samples, places, embed_dim) rather than (places, samples, embed_dim)
    rng : a seed or a Generator

    Source: A. Vaswani et al., "Attention Is All You Need" (2017), section 3.2.

    >>> layer = nn.MultiheadAttention(8, 2, batch_first=True, rng=0)
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
        *,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        rng: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        lengths = {"kdim": embed_dim if kdim is None else kdim, "vdim": embed_dim if vdim is None else vdim}
        at_least_one("MultiheadAttention", embed_dim=embed_dim, num_heads=num_heads, **lengths)
        if embed_dim % num_heads:
            raise ValueError(f"MultiheadAttention: embed_dim {embed_dim} does not divide into {num_heads} heads")
        rng = generator(rng)
        self.embed_dim, self.num_heads, self.batch_first = embed_dim, num_heads, batch_first
        self.lengths = (embed_dim, *lengths.values())
        begin = xavier_uniform().weight
        if set(self.lengths) == {embed_dim}:
            drawn = begin(rng, (3 * embed_dim, embed_dim), embed_dim, 3 * embed_dim)
            self.in_proj_weight = parameter(drawn, dtype)
        else:
            self.q_proj_weight, self.k_proj_weight, self.v_proj_weight = [
                parameter(begin(rng, (embed_dim, n), n, embed_dim), dtype) for n in self.lengths
            ]
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
        query, key, value : as ``batch_first`` says; or all of a single sample, (places, length)
        key_padding_mask : (samples, keys), true at keys to be ignored, or numbers as of ``attn_mask``
        need_weights : whether to give the weights
        attn_mask : (queries, keys) or (samples · heads, queries, keys): true where a query must not see a key; or
            numbers that are added to Q Kᵀ / √d
        average_attn_weights : the mean over the heads; otherwise weights have an axis for heads after the samples'
        is_causal : no query sees a key after its own place

        Raises ValueError for shapes that do not fit, and where masks leave a query no key to see: its weights would be
        0/0, and what PyTorch gives is NaN. TypeError for masks of integers, which could mean either.
        """
        alone = all(np.ndim(x) == 2 for x in (query, key, value))
        inputs = zip((query, key, value), self.lengths, ("query", "key", "value"), strict=True)
        batches = [self.batch_first_of(x, length, name, alone) for x, length, name in inputs]
        samples = {len(x) for x in batches}
        if len(samples) > 1 or batches[1].shape[1] != batches[2].shape[1]:
            raise ValueError(
                "MultiheadAttention: query, key and value need the same number of samples, key and value the same "
                f"number of places; got {np.shape(query)}, {np.shape(key)} and {np.shape(value)}"
            )
        q, k, v = [self.heads(x, part) for part, x in enumerate(batches)]
        scores = q @ k.mT / math.sqrt(self.embed_dim // self.num_heads)
        masks = self.masks(scores.shape, key_padding_mask, attn_mask, is_causal)
        check_that_all_see(scores.shape, masks)
        for mask in masks:
            scores = np.where(mask, -math.inf, scores) if mask.dtype == bool else scores + mask
        weights = neural.softmax_p(scores, axis=(3,))  # of which all see something
        joined = shapes.swapaxes(self.dropout(weights) @ v, 1, 2)  # (samples, queries, heads, d)
        output = self.out_proj(joined.reshape((*joined.shape[:2], self.embed_dim)))
        if need_weights and average_attn_weights:
            weights = weights.mean(axis=1)
        if alone:
            output, weights = output[0], weights[0]
        elif not self.batch_first:
            output = shapes.swapaxes(output, 0, 1)
        return output, weights if need_weights else None

    def batch_first_of(self, x: Any, length: int, name: str, alone: bool) -> Any:
        """An argument as (samples, places, length)."""
        x = array(x)
        if x.ndim != (2 if alone else 3) or x.shape[-1] != length:
            order = "samples, places" if self.batch_first else "places, samples"
            raise ValueError(
                f"MultiheadAttention: takes {name} of shape ({order}, {length}), or all three without samples, "
                f"got {x.shape}"
            )
        return x[None] if alone else x if self.batch_first else shapes.swapaxes(x, 0, 1)

    def heads(self, x: Any, part: int) -> Any:
        """Q, K or V (part 0, 1, 2) as (samples, heads, places, d)."""
        n, bias = self.embed_dim, self.in_proj_bias
        rows = slice(part * n, (part + 1) * n)
        if set(self.lengths) == {n}:
            weight = self.in_proj_weight[rows]
        else:
            weight = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)[part]
        mapped = neural.linear(x, weight, None if bias is None else bias[rows])
        return shapes.swapaxes(mapped.reshape((*x.shape[:2], self.num_heads, n // self.num_heads)), 1, 2)

    def masks(self, shape: tuple[int, ...], key_padding_mask: Any, attn_mask: Any, is_causal: bool) -> list[Any]:
        """The masks as arrays that broadcast to scores of (samples, heads, queries, keys)."""
        samples, heads, queries, keys = shape
        found = []
        if is_causal:
            found.append(~np.tri(queries, keys, dtype=bool))
        if attn_mask is not None:
            mask = mask_of("attn_mask", attn_mask)
            if mask.shape not in ((queries, keys), (samples * heads, queries, keys)):
                raise ValueError(
                    f"MultiheadAttention: attn_mask has shape {(queries, keys)} or {(samples * heads, queries, keys)}, "
                    f"got {mask.shape}"
                )
            found.append(mask if mask.ndim == 2 else mask.reshape(shape))
        if key_padding_mask is not None:
            mask = mask_of("key_padding_mask", key_padding_mask)
            mask = mask[None] if mask.shape == (keys,) and samples == 1 else mask
            if mask.shape != (samples, keys):
                raise ValueError(f"MultiheadAttention: key_padding_mask has shape {(samples, keys)}, got {mask.shape}")
            found.append(mask.reshape((samples, 1, 1, keys)))
        return found

    def describe(self) -> str:
        return f"{self.embed_dim}, {self.num_heads}"


def mask_of(name: str, mask: Any) -> Any:
    """A mask as an array of booleans or of floating-point numbers; raises TypeError for others."""
    mask = array(mask)
    if mask.dtype.kind not in "bf":
        raise TypeError(
            f"MultiheadAttention: {name} holds {mask.dtype}; it takes booleans, true where a key is not to be seen, or "
            "floating-point numbers to be added: mask.astype(bool)"
        )
    return mask


def check_that_all_see(shape: tuple[int, ...], masks: list[Any]) -> None:
    """Raise ValueError where masks leave a query no key."""
    hidden: Any = np.zeros(1, bool)
    for mask in masks:
        numbers = numbers_of(mask)
        hidden = hidden | (numbers if numbers.dtype == bool else numbers == -math.inf)
    blind = np.argwhere(np.broadcast_to(hidden.all(axis=-1), shape[:-1]))
    if len(blind):
        sample, _, query = blind[0].tolist()
        raise ValueError(
            f"MultiheadAttention: the masks leave query {query} of sample {sample} no key to see; its weights would be "
            "0/0. Leave such samples out, or let them see one key"
        )
