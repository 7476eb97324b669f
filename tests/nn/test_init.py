"""Initialisers: the variances they draw with, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_lite import nn


@pytest.mark.parametrize(
    ("init", "weight", "bias"),
    [
        ("large", 1.0, 1.0),
        ("default", 1 / 300, 1.0),
        (nn.init.default(50), 1 / 50, 1 / 50),
        ("xavier", 2 / 700, 0.0),
        ("xavier_normal", 2 / 700, 0.0),
        ("he", 2 / 300, 0.0),
        ("he_uniform", 2 / 300, 0.0),
        ("fan_in", 1 / 900, 1 / 900),
        (nn.init.xavier_uniform(gain=3.0), 18 / 700, 0.0),
    ],
)
def test_variances(init: Any, weight: float, bias: float) -> None:
    layer = nn.Linear(300, 400, init=init, rng=0, dtype=float)
    assert layer.weight.data.var() == pytest.approx(weight, rel=0.05)
    assert layer.bias.data.var() == pytest.approx(bias, rel=0.3, abs=1e-15)  # type: ignore[union-attr]
    assert abs(layer.weight.data.mean()) < 0.02 * np.sqrt(weight)


def test_wrong_initialisers_are_refused() -> None:
    with pytest.raises(ValueError, match=r"init: takes large, default, .* not 'small'"):
        nn.Linear(2, 2, init="small")
    with pytest.raises(ValueError, match="n_train must be 1 or more"):
        nn.init.default(0)


def test_an_initialiser_suits_every_activation() -> None:
    for name in nn.activations.ACTIVATIONS:
        assert nn.init.suited_to(name) == ("he" if name == "relu" else "xavier")
        assert nn.init.suited_to(name) in nn.init.INITIALISERS
