"""Recurrent layers: GRU."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.tensor import Tensor
from ..table import joining, neural, shapes
from ..table.arrays import array
from .init import at_least_one, generator
from .layers import Dropout
from .module import Module, numbers_of, parameter


class GRU(Module):
    """Gated recurrent units: for each time step,

        r = σ(W_ir x + b_ir + W_hr h + b_hr)
        z = σ(W_iz x + b_iz + W_hz h + b_hz)
        n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))
        h ← (1 − z) ⊙ n + z ⊙ h

    Parameters
    ----------
    input_size, hidden_size : the lengths of x and h
    num_layers : so many, each taking the h of the one below as its x
    bias : whether there are b
    batch_first : x and the output are (samples, time, features) rather than (time, samples, features)
    dropout : the probability with which entries between layers are dropped in training
    bidirectional : a second GRU of each layer goes backwards; the outputs of the two are joined
    rng : a seed or a Generator

    The parameters are PyTorch's: ``weight_ih_l0`` holds W_ir, W_iz and W_in one below the other, ``weight_hh_l0``,
    ``bias_ih_l0`` and ``bias_hh_l0`` likewise, ``…_l1`` those of the second layer, ``…_reverse`` those that go
    backwards. All begin uniform in ±1/√hidden_size.

    Source: K. Cho et al., "Learning Phrase Representations using RNN Encoder–Decoder" (2014), section 2.3, with r
    where PyTorch has it.

    >>> layer = nn.GRU(3, 5, rng=0)
    >>> output, last = layer(np.zeros((7, 2, 3), np.float32))
    >>> output.shape, last.shape
    ((7, 2, 5), (1, 2, 5))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        at_least_one("GRU", input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        rng = generator(rng)
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.batch_first, self.bidirectional = batch_first, bidirectional
        self.directions = ("", "_reverse") if bidirectional else ("",)
        scale = 1 / math.sqrt(hidden_size)
        for layer in range(num_layers):
            inputs = input_size if layer == 0 else hidden_size * len(self.directions)
            for direction in self.directions:
                sizes = {"weight_ih": (inputs,), "weight_hh": (hidden_size,), "bias_ih": (), "bias_hh": ()}
                for name, rest in sizes.items():
                    drawn = rng.uniform(-scale, scale, (3 * hidden_size, *rest))
                    if bias or rest:
                        setattr(self, f"{name}_l{layer}{direction}", parameter(drawn, dtype))
        self.dropout = Dropout(dropout, rng=rng)

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]: ...  # type: ignore[override]

    def forward(self, x: Any, h: Any = None) -> tuple[Any, Any]:
        """The h of the last layer at every time step, and every layer's last h.

        ``h`` holds the first ones, of shape (layers · directions, samples, hidden_size); zeros if it is not given.
        """
        x = array(x)
        if x.ndim != 3 or x.shape[2] != self.input_size:
            order = "samples, time" if self.batch_first else "time, samples"
            raise ValueError(f"GRU: takes x of shape ({order}, {self.input_size}), got {x.shape}")
        steps = list(shapes.swapaxes(x, 0, 1) if self.batch_first else x)
        if not steps:
            raise ValueError("GRU: there is no time step")
        shape = (self.num_layers * len(self.directions), len(steps[0]), self.hidden_size)
        if h is None:
            h = np.zeros(shape, np.result_type(numbers_of(x), numbers_of(self.weight_hh_l0)))  # type: ignore[attr-defined]
        elif np.shape(h) != shape:
            raise ValueError(f"GRU: takes h of shape {shape}, got {np.shape(h)}")
        first, last = iter(h), []
        for layer in range(self.num_layers):
            outputs = []
            for direction in self.directions:
                found = self.run(steps[:: -1 if direction else 1], next(first), f"l{layer}{direction}")
                last.append(found[-1])
                outputs.append(found[:: -1 if direction else 1])
            steps = (
                outputs[0] if len(outputs) == 1 else [joining.concatenate(hs, 1) for hs in zip(*outputs, strict=True)]
            )
            if layer < self.num_layers - 1:
                steps = [self.dropout(step) for step in steps]
        return joining.stack(steps, axis=1 if self.batch_first else 0), joining.stack(last)

    def run(self, steps: list[Any], h: Any, which: str) -> list[Any]:
        """One layer in one direction: every h after the first."""
        (W_ir, W_iz, W_in), (W_hr, W_hz, W_hn), (b_ir, b_iz, b_in), (b_hr, b_hz, b_hn) = [
            self.gates(f"{name}_{which}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ]
        found = []
        for x in steps:
            r = neural.sigmoid(neural.linear(x, W_ir, b_ir) + neural.linear(h, W_hr, b_hr))
            z = neural.sigmoid(neural.linear(x, W_iz, b_iz) + neural.linear(h, W_hz, b_hz))
            n = np.tanh(neural.linear(x, W_in, b_in) + r * neural.linear(h, W_hn, b_hn))
            h = n + z * (h - n)
            found.append(h)
        return found

    def gates(self, name: str) -> list[Any]:
        """A parameter's parts for r, z and n; None where there is no bias."""
        whole, n = getattr(self, name, None), self.hidden_size
        return [None if whole is None else whole[k * n : (k + 1) * n] for k in range(3)]

    def describe(self) -> str:
        more = ", bidirectional" if self.bidirectional else ""
        return f"{self.input_size}, {self.hidden_size}, num_layers={self.num_layers}{more}"
