"""Random points: arguments of the kind of the given ones."""

import numpy as np
import pytest

from tinygrad_lite.checks import points

Z = np.array([[0.5, -1.0, 0.3], [1.2, 0.1, -0.4]])
T = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


class TestPoints:
    RNG = np.random.default_rng(0)

    def drawn(self, x, is_variable=False):
        return [points.random_like(self.RNG, x, is_variable) for _ in range(20)]

    def test_one_hot_rows_stay_so(self):
        found = self.drawn(T)
        assert all(points.is_one_hot(x) for x in found)
        assert len({x.tobytes() for x in found}) > 3

    def test_rows_that_sum_to_one_stay_so(self):
        assert all(points.sums_to_one(x) and not points.is_one_hot(x) for x in self.drawn(softmax(Z)))

    @pytest.mark.parametrize(
        ("x", "kept"),
        [
            (np.array([3.0, 40.0]), lambda x: (x > 0).all()),
            (np.array([-3.0, -40.0]), lambda x: (x < 0).all()),
            (np.array([0.2, 0.9, 0.3]), lambda x: ((x > 0) & (x < 1)).all()),
            (np.array([-0.2, 0.9]), lambda x: (abs(x) < 1).all()),
            (np.array([0.0, 1.0, 1.0]), lambda x: ((x == 0) | (x == 1)).all()),
            (2.5, lambda x: x > 0),
        ],
    )
    def test_ranges_are_kept(self, x, kept):
        found = self.drawn(x)
        assert all(kept(other) and np.shape(other) == np.shape(x) for other in found)
        assert len({np.asarray(other).tobytes() for other in found}) > 1

    @pytest.mark.parametrize("x", [3, True, "sum", None, np.array([0, 2]), np.cos])
    def test_what_is_not_floating_is_kept(self, x):
        assert all(other is x for other in self.drawn(x))

    @pytest.mark.parametrize("x", [np.eye(3), np.zeros(3), T])
    def test_variables_are_not_targets(self, x):
        assert not any(np.all((other == 0) | (other == 1)) for other in self.drawn(x, is_variable=True))
