"""The multilayer perceptron: its scores, its sizes, and what it refuses."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite import nn


def problem(seed: int = 0, sizes: tuple[int, ...] = (3, 5, 4, 2), n: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, sizes[0])), np.eye(sizes[-1])[rng.integers(0, sizes[-1], n)]


def test_scores_come_before_the_output_activation() -> None:
    net, (x, _) = nn.MLP([3, 4, 2], "sigmoid", "softmax", rng=0, dtype=float), problem()
    np.testing.assert_allclose(tl.softmax(net.scores(x)).data, net(x).data, rtol=1e-14)
    plain = nn.MLP([3, 4, 2], "sigmoid", rng=0, dtype=float)
    np.testing.assert_array_equal(plain(x).data, net.scores(x).data)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([3],), "two or more layers"),
        (([3, 0],), r"sizes\[1\] must be a whole number of at least 1, got 0"),
        (([3, 2], "swish"), "activation: takes .*not 'swish'"),
        (([3, 2], "tanh", 5), "activation: takes .*not 5"),
    ],
)
def test_wrong_arguments_are_refused(arguments: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        nn.MLP(*arguments)


def test_sizes_one_after_the_other() -> None:
    sizes: Any = 2
    with pytest.raises(TypeError, match=r"MLP: sizes are one list, as in nn.MLP\(\[2, 3, 2\]\), not several numbers"):
        nn.MLP(sizes, 3, 2)  # type: ignore[arg-type]


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.lists(st.integers(1, 6), min_size=2, max_size=5), st.integers(0, 2**32))
def test_sizes_and_seeds(sizes: list[int], seed: int) -> None:
    a, b = nn.MLP(sizes, rng=seed), nn.MLP(sizes, rng=seed)
    assert [p.shape for p in a.parameters()] == [shape for m, n in pairwise(sizes) for shape in ((n, m), (n,))]
    assert all(p.data.tobytes() == q.data.tobytes() for p, q in zip(a.parameters(), b.parameters(), strict=True))
    assert a(np.ones((3, sizes[0]), np.float32)).shape == (3, sizes[-1])


def test_sizes_that_are_given_once() -> None:
    """It was an error of Python's: a generator has no len()."""
    assert nn.MLP(map(int, "231"), rng=0).sizes == (2, 3, 1)
