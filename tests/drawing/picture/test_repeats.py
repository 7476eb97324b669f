"""What repeats in a program is found, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_lite.drawing.picture.repeats import find_repeats


@given(
    period=st.integers(1, 9), count=st.integers(2, 30), before=st.integers(0, 5), after=st.integers(0, 5),
    random=st.randoms(use_true_random=False),
)  # fmt: skip
def test_repeats_are_found_where_they_are(period: int, count: int, before: int, after: int, random: Any) -> None:
    pattern = random.sample(range(100), period)
    what = [*range(200, 200 + before), *pattern * count, *range(300, 300 + after)]
    chain = [(k - 1,) for k in range(len(what))]
    assert list(find_repeats(np.array(what), chain, 1)) == [(before, period, count)]


def test_repeats_whose_ties_differ_are_none() -> None:
    n = 20
    ties = [(-1,), (0,), *[(k - 1 if k < 10 else 0,) for k in range(2, n)]]
    found = list(find_repeats(np.zeros(n, int), ties, 4))
    assert found
    assert (0, 1, n) not in found
