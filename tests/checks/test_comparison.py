"""Both sides of a derivation: what is compared, where, and under which conditions it holds."""

import numpy as np
import pytest

import tinygrad_lite as tl

Z = np.array([[0.5, -1.0, 0.3], [1.2, 0.1, -0.4]])
T = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def loss(z, t):
    return -np.sum(t * np.log(softmax(z)))


def gradient(z, t):
    return softmax(z) - t


def check(*args, **options):
    return tl.check_derivation(*args, **options)


def line(a, x, b):
    return np.sum((a * x + b) ** 2) / 2


def line_by_hand(a, x, b):
    r = a * x + b
    return (r * x).sum(), r.sum()


LINE = (1.5, np.array([1.0, 2.0, -1.0]), 0.3)


class TestWhatIsCompared:
    @pytest.mark.parametrize(
        ("f", "claimed", "args"),
        [
            (loss, gradient, (Z, T)),
            (lambda x: x**3, lambda x: 3 * x**2, (0.7,)),
            (np.tanh, lambda x: 1 - np.tanh(x) ** 2, (Z,)),
            (np.tanh, lambda x: np.diag(1 - np.tanh(x) ** 2), (Z[0],)),
            (softmax, lambda z: np.diag(softmax(z)) - np.outer(softmax(z), softmax(z)), (Z[0],)),
            (lambda x, w: x @ w, lambda x, w: w.T, (Z[0], Z.T)),
            (lambda x: np.sum(x, keepdims=True), np.ones_like, (Z,)),
            (lambda x: np.sum(x, keepdims=True), lambda x: np.ones((1, 1, *x.shape)), (Z,)),
            (lambda x: np.log(x).sum(), lambda x: 1 / x, (np.array([0.5, 30.0]),)),
            (lambda x: np.arcsin(x).sum(), lambda x: 1 / np.sqrt(1 - x * x), (np.array([0.5, -0.3]),)),
            (lambda z, labels: tl.cross_entropy(z, labels), lambda z, t: (softmax(z) - np.eye(3)[t]) / 2, (Z, [1, 0])),
            (lambda z: np.maximum(z, 0).sum(), lambda z: (z > 0) * 1, (Z,)),
            (lambda p: np.sum(p["w"] * p["x"]), lambda p: {"w": p["x"], "x": p["w"]}, ({"w": Z, "x": T + 1},)),
            (lambda ws: np.sum(ws[0]) * ws[1], lambda ws: (ws[1] * np.ones(3), ws[0].sum()), ((Z[0], 2.0),)),
        ],
    )
    def test_right_derivations_hold(self, f, claimed, args):
        report = check(f, claimed, *args)
        assert report.holds, report
        assert report
        assert report.points == 9
        assert report.max_error < 1e-12
        assert report.diagnosis is None
        assert report.counterexample is None

    def test_each_result_on_its_own(self):
        wrong = lambda a, x, b: (line_by_hand(a, x, b)[0], -line_by_hand(a, x, b)[1])
        report = check(line, wrong, *LINE, wrt=("a", "b"))
        assert [result.holds for result in report.results] == [True, False]
        assert report.diagnosis.quantity == "∂line/∂b"
        assert "right             ∂line/∂a" in repr(report)

    def test_right_at_the_given_point_only(self):
        report = check(lambda x: np.sum(np.exp(x)), lambda x: np.e * x, np.ones(3))
        assert report.holds
        assert report.verdict == "holds at the given arguments"
        assert not report.counterexample.given
        assert not np.allclose(report.counterexample.args[0], 1)

    def test_tensors_and_float32(self):
        assert check(loss, gradient, tl.tensor(Z, requires_grad=True), T.astype(np.float32))
        single = lambda x: np.sin(x.astype(np.float32)).sum()
        assert check(single, np.cos, Z)
        assert not check(single, lambda x: np.cos(x) + 1e-3, Z)

    def test_a_formula_that_writes_to_its_arguments_spoils_nothing(self):
        def writing(z, t):
            z -= z.max()
            return softmax(z) - t

        z = Z.copy()
        assert check(loss, writing, z, T)
        np.testing.assert_array_equal(z, Z)

    def test_the_tolerance(self):
        near = lambda z, t: gradient(z, t) + 1e-6
        assert not check(loss, near, Z, T)
        assert check(loss, near, Z, T, tolerance=1e-3)

    def test_the_same_seed_gives_the_same_points(self):
        wrong = lambda z, t: gradient(z, t) * (1 + 0.1 * (z != Z))
        examples = [check(loss, wrong, Z, T, rng=rng).counterexample for rng in (3, np.random.default_rng(3), 4)]
        np.testing.assert_array_equal(examples[0].args[0], examples[1].args[0])
        assert not np.array_equal(examples[0].args[0], examples[2].args[0])


class TestRandomPoints:
    def test_where_the_function_is_defined(self):
        """Draws that leave the domain are drawn again."""
        f = lambda x: np.sum(np.log(x - 3))
        assert check(f, lambda x: 1 / (x - 3), np.array([3.5, 9.0, 4.0])).points == 9

    def test_where_there_is_hardly_any_point(self):
        f = lambda x: np.sum(x) if np.array_equal(x, Z) else np.sum(np.log(-np.abs(x)))
        report = check(f, np.ones_like, Z, points=2)
        assert report.holds
        assert "of 2 random points, only 0" in repr(report)

    def test_draw(self):
        seen = []

        def draw(rng):
            a = rng.normal(size=(3, 3))
            return (a @ a.T,)

        def claimed(a):
            seen.append(a)
            return 2 * a

        assert check(lambda a: np.sum(a * a.T), claimed, np.eye(3), draw=draw)  # right for symmetric matrices
        assert len(seen) == 9
        assert all(np.array_equal(a, a.T) for a in seen)
        with pytest.raises(ValueError, match="draw must return a tuple"):
            check(loss, gradient, Z, T, draw=lambda rng: (Z,))


class TestConditions:
    def test_a_sum_of_one_is_remarked_on(self):
        for t in (T, softmax(Z)):
            report = check(loss, gradient, Z, t)
            assert report.holds
            assert "Σ t = 1" in repr(report)
        general = lambda z, t: softmax(z) * t.sum(axis=1, keepdims=True) - t
        assert not check(loss, general, Z, T).remarks

    def test_one_hot_targets_are_remarked_on(self):
        report = check(loss, lambda z, t: (softmax(z) - t) * t.max(axis=1, keepdims=True), Z, T)
        assert report.holds
        assert "one-hot" in repr(report)
