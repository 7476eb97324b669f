"""Activations against their formulas written out, and by name."""

from __future__ import annotations

import math
from typing import Any

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
        by_name = nn.activations.activation(name)
        assert type(by_name) is make
        assert by_name(x).shape == x.shape
    with pytest.raises(ValueError, match=r"takes identity, .* not 'swish'"):
        nn.activations.activation("swish")


MODULES: dict[str, tuple[nn.Module, Any]] = {
    "ELU": (nn.ELU(0.5), lambda x: tl.elu(x, 0.5)),
    "CELU": (nn.CELU(0.5), lambda x: tl.celu(x, 0.5)),
    "SELU": (nn.SELU(), tl.selu),
    "PReLU": (nn.PReLU(4, dtype=float), lambda x: tl.prelu(x, np.full(4, 0.25))),
    "Softplus": (nn.Softplus(2.0, 1.0), lambda x: tl.softplus(x, 2.0, 1.0)),
    "LogSigmoid": (nn.LogSigmoid(), tl.logsigmoid),
    "SiLU": (nn.SiLU(), tl.silu),
    "Mish": (nn.Mish(), tl.mish),
    "Softsign": (nn.Softsign(), tl.softsign),
    "Tanhshrink": (nn.Tanhshrink(), tl.tanhshrink),
    "Hardtanh": (nn.Hardtanh(-0.5, 0.25), lambda x: tl.hardtanh(x, -0.5, 0.25)),
    "ReLU6": (nn.ReLU6(), tl.relu6),
    "Hardsigmoid": (nn.Hardsigmoid(), tl.hardsigmoid),
    "Hardswish": (nn.Hardswish(), tl.hardswish),
    "Softshrink": (nn.Softshrink(0.25), lambda x: tl.softshrink(x, 0.25)),
    "Hardshrink": (nn.Hardshrink(0.25), lambda x: tl.hardshrink(x, 0.25)),
    "GLU": (nn.GLU(1), lambda x: tl.glu(x, 1)),
    "LeakyReLU": (nn.LeakyReLU(0.25), lambda x: tl.leaky_relu(x, 0.25)),
    "GELU": (nn.GELU("tanh"), lambda x: tl.gelu(x, approximate="tanh")),
}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_its_function_with_its_options(name: str) -> None:
    module, function = MODULES[name]
    x = 3 * normal(3, 4)
    np.testing.assert_array_equal(module(tl.tensor(x)).data, function(x))


def test_modules_say_their_options() -> None:
    assert repr(nn.Softplus(2.0)) == "Softplus(2.0, 20.0)"
    assert repr(nn.Hardtanh()) == "Hardtanh(-1.0, 1.0)"
    assert [repr(m) for m in (nn.ELU(), nn.CELU(2.0), nn.Hardshrink(), nn.GLU())] == [
        "ELU(1.0)", "CELU(2.0)", "Hardshrink(0.5)", "GLU(axis=-1)",
    ]  # fmt: skip


def test_the_slopes_of_prelu_are_learned() -> None:
    layer = nn.PReLU(2, 0.5, dtype=float)
    layer(np.array([[-1.0, -3.0], [-2.0, 4.0]])).sum().backward()
    assert layer.weight.grad.tolist() == [-3.0, -3.0]
    with pytest.raises(ValueError, match="PReLU: num_parameters"):
        nn.PReLU(0)
