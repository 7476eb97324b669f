"""Networks: a perceptron with GELU, a block with one attention head, a small convolutional network. float32."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy

from .workload import Problem


def normal(rng: Any, *shape: int, fan_in: int) -> Any:
    """float32 weights of the size that keeps activations as they are."""
    return rng.standard_normal(shape, numpy.float32) / numpy.float32(fan_in**0.5)


def one_hot(rng: Any, batch: int, classes: int) -> Any:
    return numpy.eye(classes, dtype=numpy.float32)[rng.integers(0, classes, batch)]


def cross_entropy(np: Any, z: Any, targets: Any) -> Any:
    z = z - np.max(z, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - np.sum(targets * z, axis=1))


# ---------------------------------------------------------------------------------------------------------------------
# A perceptron


def gelu_loss(np: Any, parameters: Any, x: Any, targets: Any) -> Any:
    """Layers with GELU in its form by tanh, and cross-entropy."""
    *hidden, (V, c) = zip(parameters[::2], parameters[1::2], strict=True)
    for W, b in hidden:
        h = x @ W + b
        x = 0.5 * h * (1.0 + np.tanh(0.7978845608 * (h + 0.044715 * (h * h * h))))
    return cross_entropy(np, x @ V + c, targets)


def gelu(widths: tuple[int, ...], batch: int) -> Problem:
    rng = numpy.random.default_rng(0)
    parameters = []
    for m, n in pairwise(widths):
        parameters += [normal(rng, m, n, fan_in=m), normal(rng, n, fan_in=m)]
    x = rng.standard_normal((batch, widths[0]), numpy.float32)
    return Problem(gelu_loss, (parameters, x, one_hot(rng, batch, widths[-1])))


# ---------------------------------------------------------------------------------------------------------------------
# Attention


def normalized(np: Any, x: Any) -> Any:
    """Rows of mean 0 and variance 1."""
    x = x - np.mean(x, axis=1, keepdims=True)
    return x / np.sqrt(np.mean(x * x, axis=1, keepdims=True) + 1e-5)


def attention_loss(np: Any, parameters: Any, x: Any, targets: Any) -> Any:
    """A block of a transformer with one head: attention and two layers, each after a normalization, each added."""
    Q, K, V, W, first, second = parameters
    h = normalized(np, x)
    scores = (h @ Q) @ (h @ K).T / x.shape[1] ** 0.5
    e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    weights = e / np.sum(e, axis=1, keepdims=True)
    x = x + weights @ (h @ V) @ W
    x = x + np.maximum(normalized(np, x) @ first, 0) @ second
    return np.mean((x - targets) ** 2)


def attention(length: int, width: int) -> Problem:
    rng = numpy.random.default_rng(1)  # no unit's input is so near 0 that rounding decides its sign
    shapes = [(width, width)] * 4 + [(width, 4 * width), (4 * width, width)]
    parameters = [normal(rng, *shape, fan_in=shape[0]) for shape in shapes]
    x, targets = rng.standard_normal((2, length, width), numpy.float32)
    return Problem(attention_loss, (parameters, x, targets))


# ---------------------------------------------------------------------------------------------------------------------
# Convolutions


def convolutional_loss(np: Any, parameters: Any, images: Any, targets: Any) -> Any:
    """Two convolutions, each with the highest of each 2 × 2 pixels, and one layer; convolutions are the library's."""
    first, second, W, b = parameters
    x = highest_of_four(np, np.maximum(np.conv2d(images, first), 0))
    x = highest_of_four(np, np.maximum(np.conv2d(x, second), 0))
    return cross_entropy(np, np.reshape(x, (x.shape[0], -1)) @ W + b, targets)


def highest_of_four(np: Any, x: Any) -> Any:
    n, channels, height, width = x.shape
    return np.max(np.reshape(x, (n, channels, height // 2, 2, width // 2, 2)), axis=(3, 5))


def convolutional(batch: int, side: int) -> Problem:
    rng = numpy.random.default_rng(0)
    last = ((side - 4) // 2 - 4) // 2  # two kernels of 5 × 5, each followed by halving
    features = 16 * last * last
    parameters = [
        normal(rng, 8, 1, 5, 5, fan_in=25),
        normal(rng, 16, 8, 5, 5, fan_in=200),
        normal(rng, features, 10, fan_in=features),
        normal(rng, 10, fan_in=features),
    ]
    images = rng.standard_normal((batch, 1, side, side), numpy.float32)
    return Problem(convolutional_loss, (parameters, images, one_hot(rng, batch, 10)))
