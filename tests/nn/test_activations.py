"""Activations against their formulas written out, and by name."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def test_gelu_keeps_its_digits_on_the_left() -> None:
    x = np.array([-30.0, -10.0, -5.0, -0.1, 0.0, 0.1, 5.0, 40.0])
    expected = [0.5 * v * math.erfc(-v / math.sqrt(2)) for v in x]
    np.testing.assert_allclose(nn.GELU()(x), expected, rtol=1e-12)  # the rounding of x/√2 counts x² times
    with pytest.raises(ValueError, match="approximate"):
        nn.GELU("sigmoid")


def test_gelu_by_tanh_and_leaky_relu_are_their_formulas() -> None:
    x = normal(20)
    expected = [0.5 * v * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3))) for v in x]
    np.testing.assert_allclose(nn.GELU("tanh")(x), expected, rtol=1e-13)
    np.testing.assert_array_equal(nn.LeakyReLU(0.3)(x), [v if v > 0 else 0.3 * v for v in x])
    assert tl.grad(nn.LeakyReLU(0.3))(0.0) == 0.3


def test_heaviside_warns_once_when_it_is_trained_through() -> None:
    step, x = nn.Heaviside(), tl.Tensor(np.array([-1.0, 0.0, 2.0]), requires_grad=True)
    with pytest.warns(UserWarning, match="derivative is 0 everywhere"):
        y = step(x)
    y.sum().backward()
    assert (y.tolist(), x.grad.tolist()) == ([0.0, 1.0, 1.0], [0.0, 0.0, 0.0])
    step(x)  # a second warning would be an error
    nn.Heaviside()(x.data)
    nn.Heaviside().eval()(x)
    with tl.no_grad():
        nn.Heaviside()(x.detach())


def test_activations_by_name() -> None:
    x = normal(3, 4)
    for name, make in nn.activations.ACTIVATIONS.items():
        np.testing.assert_array_equal(nn.activations.activation(name)(x), make()(x))
    with pytest.raises(ValueError, match=r"takes identity, .* not 'swish'"):
        nn.activations.activation("swish")
