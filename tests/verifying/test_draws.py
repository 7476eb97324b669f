"""Families of settings, and their sizes in words."""

from __future__ import annotations

import numpy as np

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.verifying import Draw, Family, Statement
from tinygrad_lite.verifying.draws import sizes_in_words


def test_sizes_are_listed() -> None:
    assert [sizes_in_words(sizes) for sizes in ((2, 3, 4), (1, 2), (2,), (2, 4, 5))] == ["2…4", "1, 2", "2", "2, 4, 5"]
    assert np.all(
        [
            sizes == tuple(sorted(sizes))
            for sizes in (said.on.sizes for said in CATALOGUE if isinstance(said, Statement))
        ]
    )


def test_a_draw_is_made_once_and_read_only() -> None:
    family = Family("pairs", lambda seed: [Draw("one", (np.full(2, float(seed)), np.zeros((2, 3))))])
    (draw,) = family.draws(5)
    assert family.draws(5)[0] is draw
    assert draw.size == 8
    assert not any(x.flags.writeable for x in draw.setting)
