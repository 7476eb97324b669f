"""What the statements of the notes, the question and the answer are checked on."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_lite.documents import octave
from tinygrad_lite.documents.families import MODERATE
from tinygrad_lite.documents.settings import CHOSEN, HARD_SCORES, JOINT, LAYERS


@pytest.mark.parametrize("family", [CHOSEN, HARD_SCORES, JOINT, LAYERS, MODERATE], ids=lambda f: f.name)
def test_settings(family) -> None:
    """Several sizes, the same for the same seed, others for another, nothing writable."""
    draws = family.draws(1)
    assert len({draw.size for draw in draws}) > 2
    again, other = family.make(1), family.make(2)
    first = [np.asarray(d.setting[0]) for d in draws]
    assert all(np.array_equal(a, d.setting[0]) for a, d in zip(first, again, strict=True))
    assert any(not np.array_equal(a, d.setting[0]) for a, d in zip(first, other, strict=True))
    assert not any(a.flags.writeable for a in first)


def test_the_layer_with_an_idempotent_gradient() -> None:
    """The exception under which the answer's last formula is right is there, and is one."""
    (draw,) = [d for d in LAYERS.draws(0) if "Δ = Δ" in d.name]
    gradient = octave.weights_gradient(draw.setting)
    np.testing.assert_allclose(gradient @ gradient, gradient, atol=1e-14)
    assert np.abs(gradient).max() > 0.1
