"""Recurrent layers: RNN, LSTM, GRU.

The products with x are made for all time steps at once; in time goes what needs the step before. Names, shapes and
order of the parameters are PyTorch's.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..engine.tensor import Tensor
from ..table import joining, neural, shapes
from ..table.arrays import array
from .init import at_least_one, generator
from .layers import Dropout
from .module import Module, numbers_of, parameter

States = tuple[Any, ...]
"""h, and c of an LSTM."""


class Recurrent(Module):
    """What recurrent layers share. A subclass has a number of gates, of states, and a :meth:`step`."""

    gates: ClassVar[int]
    states: ClassVar[tuple[str, ...]] = ("h",)

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
        at_least_one(type(self).__name__, input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
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
                    drawn = rng.uniform(-scale, scale, (self.gates * hidden_size, *rest))
                    if bias or rest:
                        setattr(self, f"{name}_l{layer}{direction}", parameter(drawn, dtype))
        self.dropout = Dropout(dropout, rng=rng)

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **kwargs: Any) -> tuple[Tensor, Any]: ...  # type: ignore[override]

    def step(self, a: Any, b: Any, states: States) -> States:
        """The next states, of a = W_i x + b_i and b = W_h h + b_h, in which the gates lie side by side."""
        raise NotImplementedError

    def forward(self, x: Any, hx: Any = None) -> tuple[Any, Any]:
        """The h of the last layer at every time step, and every layer's last states: h, of an LSTM (h, c).

        ``x`` is of shape (time, samples, input_size), or without the samples. ``hx`` holds the first states, each of
        shape (layers · directions, samples, hidden_size); zeros if it is not given. Raises ValueError for others.
        """
        name, x = type(self).__name__, array(x)
        order = "samples, time" if self.batch_first else "time, samples"
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            raise ValueError(
                f"{name}: takes x of shape ({order}, {self.input_size}), or (time, {self.input_size}), got {x.shape}"
            )
        alone = x.ndim == 2
        if alone:
            x = x[:, None]
        elif self.batch_first:
            x = shapes.swapaxes(x, 0, 1)
        if not len(x):
            raise ValueError(f"{name}: there is no time step")
        first = self.first_states(hx, x, alone)
        last: list[States] = []
        for layer in range(self.num_layers):
            outputs = []
            for direction in self.directions:
                found = self.run(x, tuple([state[len(last)] for state in first]), f"l{layer}{direction}")
                last.append(found[-1])
                hs = [states[0] for states in found]
                outputs.append(joining.stack(hs[::-1] if direction else hs))
            x = outputs[0] if len(outputs) == 1 else joining.concatenate(outputs, 2)
            if layer < self.num_layers - 1:
                x = self.dropout(x)
        ends = [joining.stack(list(parts)) for parts in zip(*last, strict=True)]
        if alone:
            x, ends = x[:, 0], [end[:, 0] for end in ends]
        elif self.batch_first:
            x = shapes.swapaxes(x, 0, 1)
        return x, tuple(ends) if len(ends) > 1 else ends[0]

    def first_states(self, hx: Any, x: Any, alone: bool) -> list[Any]:
        """The states to begin with, each (layers · directions, samples, hidden_size)."""
        shape = (self.num_layers * len(self.directions), x.shape[1], self.hidden_size)
        if hx is None:
            dtype = np.result_type(numbers_of(x), numbers_of(self.weight_hh_l0))  # type: ignore[attr-defined]
            return [np.zeros(shape, dtype)] * len(self.states)
        given = [hx] if len(self.states) == 1 else list(hx) if isinstance(hx, (tuple, list)) else []
        asked = (shape[0], shape[2]) if alone else shape
        if len(given) != len(self.states) or any(np.shape(state) != asked for state in given):
            found = [np.shape(state) for state in given]
            raise ValueError(
                f"{type(self).__name__}: takes {' and '.join(self.states)} of shape {asked}"
                f"{', as a tuple' if len(self.states) > 1 else ''}, got {found[0] if len(found) == 1 else found}"
            )
        return [array(state)[:, None] if alone else array(state) for state in given]

    def run(self, x: Any, states: States, which: str) -> list[States]:
        """One layer in one direction: all states after the first, in the order in which they come about."""
        weight, bias = getattr(self, f"weight_hh_{which}"), getattr(self, f"bias_hh_{which}", None)
        steps = neural.linear(x, getattr(self, f"weight_ih_{which}"), getattr(self, f"bias_ih_{which}", None))
        places = range(len(x))
        found = []
        for t in reversed(places) if which.endswith("_reverse") else places:
            states = self.step(steps[t], neural.linear(states[0], weight, bias), states)
            found.append(states)
        return found

    def gate(self, a: Any, first: int, last: int) -> Any:
        """The gates from one to another, the last excluded."""
        return a[:, first * self.hidden_size : last * self.hidden_size]

    def describe(self) -> str:
        more = ", bidirectional" if self.bidirectional else ""
        return f"{self.input_size}, {self.hidden_size}, num_layers={self.num_layers}{more}"


class RNN(Recurrent):
    """The plain recurrent network: for each time step  h ← tanh(W_i x + b_i + W_h h + b_h), or relu in place of tanh.

    Parameters
    ----------
    input_size, hidden_size, num_layers : as in :class:`GRU`
    nonlinearity : "tanh" or "relu"
    bias, batch_first, dropout, bidirectional, rng : as in :class:`GRU`

    Source: J. L. Elman, "Finding Structure in Time" (1990).

    >>> output, last = nn.RNN(3, 5, rng=0)(np.zeros((7, 2, 3), np.float32))
    >>> output.shape, last.shape
    ((7, 2, 5), (1, 2, 5))
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: nonlinearity is 'tanh' or 'relu', not {nonlinearity!r}")
        self.nonlinearity = nonlinearity
        options = (bias, batch_first, dropout, bidirectional)
        super().__init__(input_size, hidden_size, num_layers, *options, rng=rng, dtype=dtype)

    def step(self, a: Any, b: Any, states: States) -> States:  # noqa: ARG002
        return (np.tanh(a + b) if self.nonlinearity == "tanh" else neural.relu(a + b),)


class LSTM(Recurrent):
    """Long short-term memory: for each time step,

        i = σ(W_ii x + b_ii + W_hi h + b_hi)
        f = σ(W_if x + b_if + W_hf h + b_hf)
        g = tanh(W_ig x + b_ig + W_hg h + b_hg)
        o = σ(W_io x + b_io + W_ho h + b_ho)
        c ← f ⊙ c + i ⊙ g
        h ← o ⊙ tanh(c)

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng : as in :class:`GRU`

    ``weight_ih_l0`` holds W_ii, W_if, W_ig and W_io one below the other, the others likewise. The states, first and
    last, are pairs (h, c).

    Source: S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory" (1997), with the forget gate of F. A. Gers et
    al., "Learning to Forget" (2000).

    >>> layer = nn.LSTM(3, 5, num_layers=2, batch_first=True, rng=0)
    >>> output, (h, c) = layer(np.zeros((2, 7, 3), np.float32))
    >>> output.shape, h.shape, c.shape
    ((2, 7, 5), (2, 2, 5), (2, 2, 5))
    """

    gates = 4
    states = ("h", "c")

    def step(self, a: Any, b: Any, states: States) -> States:
        whole = a + b
        opened = neural.sigmoid(self.gate(whole, 0, 2))
        i, f = self.gate(opened, 0, 1), self.gate(opened, 1, 2)
        g, o = np.tanh(self.gate(whole, 2, 3)), neural.sigmoid(self.gate(whole, 3, 4))
        c = f * states[1] + i * g
        return o * np.tanh(c), c


class GRU(Recurrent):
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

    gates = 3

    def step(self, a: Any, b: Any, states: States) -> States:
        (h,) = states
        opened = neural.sigmoid(self.gate(a, 0, 2) + self.gate(b, 0, 2))
        r, z = self.gate(opened, 0, 1), self.gate(opened, 1, 2)
        n = np.tanh(self.gate(a, 2, 3) + r * self.gate(b, 2, 3))
        return (n + z * (h - n),)
