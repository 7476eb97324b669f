"""Five computations worth seeing: the gallery in the notebooks, and what the tests draw."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

import tinygrad_lite as tl
from tinygrad_lite import Tensor, nn, tensor
from tinygrad_lite.drawing import Graph


def neuron() -> Tensor:
    """A neuron with two inputs, as in micrograd's demonstration (A. Karpathy, 2020): gradients −1.5, 1, 0.5, 0, 0.5."""
    with tl.tracing():
        x1, x2 = [tensor(x, requires_grad=True, name=f"x{k}") for k, x in ((1, 2.0), (2, 0.0))]
        w1, w2 = [tensor(w, requires_grad=True, name=f"w{k}") for k, w in ((1, -3.0), (2, 1.0))]
        b = tensor(6.8813735870195432, requires_grad=True, name="b")
        n = x1 * w1 + x2 * w2 + b
        n.name = "n"
        o: Tensor = tl.tanh(n)
        o.name = "o"
        o.backward(retain_graph=True)
    return o


def softmax_cross_entropy() -> Tensor:
    """Softmax of a linear layer and the cross-entropy of its three classes, written out."""
    with tl.tracing():
        x = Tensor(np.array([1.0, -2.0]), name="x")
        W = tensor([[0.5, -0.5], [1.0, 0.25], [-1.0, 0.5]], requires_grad=True, name="W")
        t = Tensor(np.array([0.0, 1.0, 0.0]), name="t")
        z = W @ x
        z.name = "z"
        e = tl.exp(z)
        e.name = "e"
        s = e.sum()
        s.name = "s"
        y = e / s
        y.name = "y"
        E: Tensor = -(t * tl.log(y)).sum()
        E.name = "E"
        E.backward(retain_graph=True)
    return E


def perceptron() -> Tensor:
    """A perceptron of three layers and its cost, of the quadratic kind (H. M. M. Vege, 2018)."""
    rng = np.random.default_rng(0)
    with tl.tracing():
        network = nn.MLP((2, 3, 3, 1), "sigmoid", "sigmoid", rng=0, dtype=np.float64)
        x, y = Tensor(rng.normal(size=(4, 2)), name="x"), Tensor(np.array([[0.0], [1.0], [1.0], [0.0]]), name="y")
        C: Tensor = nn.mse_loss(network(x), y.data, convention="half")
        C.name = "C"
        C.backward(retain_graph=True)
    return C


def convolutional() -> Tensor:
    """A small convolutional network on images of 16 × 16, and its cross-entropy."""
    rng = np.random.default_rng(0)
    block = [
        nn.Sequential(nn.Conv2d(n, m, 3, padding=1, rng=rng), nn.ReLU(), nn.MaxPool2d(2)) for n, m in ((3, 8), (8, 16))
    ]
    network = nn.Sequential(*block, nn.Flatten(), nn.Linear(256, 10, rng=rng))
    x = Tensor(rng.normal(size=(4, 3, 16, 16)).astype(np.float32), name="images")
    with tl.tracing():
        loss: Tensor = tl.cross_entropy(network(x), np.array([3, 1, 4, 1]))
        loss.name = "loss"
        loss.backward(retain_graph=True)
    return loss


def recurrent(steps: int = 50) -> Tensor:
    """A gated recurrent unit over 50 steps, and the mean square of its last state."""
    rng = np.random.default_rng(0)
    network = nn.GRU(4, 8, rng=rng)
    x = Tensor(rng.normal(size=(steps, 1, 4)).astype(np.float32), name="x")
    with tl.tracing():
        states, _ = network(x)
        loss: Tensor = tl.square(states[-1]).mean()
        loss.name = "loss"
        loss.backward(retain_graph=True)
    return loss


class Example(NamedTuple):
    """A computation and how it is best drawn."""

    title: str
    make: Callable[[], Tensor]
    options: dict[str, Any]


GALLERY: Final[dict[str, Example]] = {
    "neuron": Example("micrograd's neuron", neuron, {"direction": "right"}),
    "softmax": Example(
        "Softmax and cross-entropy, with local derivatives", softmax_cross_entropy, {"derivatives": True}
    ),
    "perceptron": Example(
        "A three-layer perceptron, forward and backward", perceptron, {"backward": True, "derivatives": True}
    ),
    "convolutional": Example(
        "A convolutional network, its blocks collapsed",
        convolutional,
        {"collapse": lambda path, kind: kind != "Sequential", "costs": True},
    ),
    "recurrent": Example("A GRU of 50 steps, rolled up", recurrent, {"values": False}),
}
"""The pictures of ``notebooks/06_seeing_the_graph.ipynb``, by the name of their file."""


def picture(name: str) -> Graph:
    """One of the gallery, computed and drawn."""
    example = GALLERY[name]
    return tl.draw(example.make(), **example.options)


def save_gallery(folder: str | Path) -> list[Path]:
    """Draw the gallery into a folder, and a page that plays the softmax: how ``notebooks/pictures`` was made."""
    images = [picture(name).save(Path(folder) / f"{name}.svg") for name in GALLERY]
    output = GALLERY["softmax"].make()
    return [*images, tl.draw(output).save(Path(folder) / "softmax.html")]
