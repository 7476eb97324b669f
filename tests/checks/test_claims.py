"""What may be claimed, for which arguments, in which shape; and what is refused."""

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.checks import claims

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


class TestForms:
    @pytest.mark.parametrize("wrt", [("a", "b"), (0, 2), (0, -1)])
    def test_several_arguments(self, wrt):
        report = check(line, line_by_hand, *LINE, wrt=wrt)
        assert report.holds
        assert [result.quantity for result in report.results] == ["∂line/∂a", "∂line/∂b"]

    @pytest.mark.parametrize(
        "claimed",
        [
            {"a": lambda *p: line_by_hand(*p)[0], "b": lambda *p: line_by_hand(*p)[1]},
            {2: lambda *p: line_by_hand(*p)[1], 0: lambda *p: line_by_hand(*p)[0]},
            lambda *p: dict(zip("ba", line_by_hand(*p)[::-1], strict=True)),
        ],
    )
    def test_claims_by_name(self, claimed):
        assert check(line, claimed, *LINE, wrt=("a", "b"))
        if isinstance(claimed, dict):
            assert check(line, claimed, *LINE)

    def test_numbers_are_compared_at_the_given_arguments(self):
        report = check(loss, gradient(Z, T), Z, T)
        assert report.holds
        assert report.points == 1
        assert "given arguments alone" in repr(report)
        assert check(loss, -gradient(Z, T), Z, T).diagnosis.kind == "sign"
        assert check(line, {"a": line_by_hand(*LINE)[0], "b": line_by_hand(*LINE)[1]}, *LINE)
        assert check(lambda x: np.sum(x * x), [2.0, 4.0], [1, 2.0])

    def test_a_block_for_each_row(self):
        def blocks(z):
            y = softmax(z)
            return y[:, :, None] * (np.eye(3) - y[:, None, :])

        assert check(softmax, blocks, Z)
        assert not check(softmax, lambda z: blocks(z) + 0.1, Z)
        mixed = lambda z: softmax(z) + 0.1 * np.sum(z)  # rows are not on their own
        assert not check(mixed, lambda z: blocks(z) + 0.1, Z)


class TestShapes:
    GRADIENT = np.arange(6.0).reshape(2, 3)
    JACOBIAN = np.zeros((2, 3, 2, 3))

    def test_a_gradient(self):
        assert claims.in_derivatives_shape(self.GRADIENT, self.GRADIENT, (), (2, 3)) is self.GRADIENT
        whole = claims.in_derivatives_shape(self.GRADIENT.reshape(1, 1, 2, 3), self.GRADIENT, (1, 1), (2, 3))
        np.testing.assert_array_equal(whole, self.GRADIENT)
        assert claims.in_derivatives_shape(self.GRADIENT.T, self.GRADIENT, (), (2, 3)) is None

    def test_a_diagonal(self):
        whole = claims.in_derivatives_shape(self.GRADIENT, self.JACOBIAN, (2, 3), (2, 3))
        assert whole.shape == self.JACOBIAN.shape
        np.testing.assert_array_equal(whole.reshape(6, 6), np.diag(self.GRADIENT.ravel()))

    def test_blocks(self):
        blocks = np.arange(18.0).reshape(2, 3, 3)
        whole = claims.in_derivatives_shape(blocks, self.JACOBIAN, (2, 3), (2, 3))
        for k in range(2):
            np.testing.assert_array_equal(whole[k, :, k], blocks[k])
            assert not whole[k, :, 1 - k].any()


def test_arguments_are_made_plain():
    args = {"x": [1, 2], "w": (tl.tensor([1.0], requires_grad=True), np.float32(2)), "mode": "sum", "k": 3}
    found = claims.plain_argument(args)
    assert found["x"].dtype.kind in "iu"
    assert type(found["w"][0]) is np.ndarray
    assert found["w"][1].dtype == np.float64
    assert (found["mode"], found["k"]) == ("sum", 3)


def test_argument_names():
    assert claims.argument_names(lambda a, b: a, 3) == ["a", "b", "argument 2"]
    assert claims.argument_names(lambda *args: args, 2) == ["argument 0", "argument 1"]


@pytest.mark.parametrize(
    ("f", "claimed", "args", "options", "error", "message"),
    [
        (3, gradient, (Z, T), {}, TypeError, "f must be a function"),
        (loss, None, (Z, T), {}, TypeError, "must be a function of f's arguments"),
        (loss, "y - t", (Z, T), {}, TypeError, "must be a function of f's arguments"),
        (loss, gradient, (), {}, TypeError, "arguments are needed"),
        (loss, gradient, (Z, T), {"wrt": "W"}, ValueError, "no argument 'W', it has z, t"),
        (loss, gradient, (Z, T), {"wrt": 5}, ValueError, "argument 5"),
        (loss, gradient, (Z, T), {"wrt": (0, 0)}, ValueError, "twice"),
        (loss, gradient, (Z, T), {"wrt": (0, 1)}, ValueError, "2 derivatives in a tuple"),
        (loss, {"z": gradient}, (Z, T), {"wrt": "t"}, ValueError, "claimed for z, asked for t"),
        (loss, gradient, (np.array([[1, 2]]), T), {}, TypeError, r"but int64 of shape \(1, 2\); write"),
        (loss, gradient, (Z, T), {"points": -1}, ValueError, "how many random points"),
        (loss, lambda z, t: "y", (Z, T), {}, TypeError, "array of real numbers"),
        (loss, lambda z, t: 1j * z, (Z, T), {}, TypeError, "array of real numbers"),
        (
            loss,
            lambda z, t: np.ones((5, 7)),
            (Z, T),
            {},
            ValueError,
            r"shape \(5, 7\); the gradient has shape \(2, 3\)",
        ),
        (softmax, lambda z: np.ones((5, 7)), (Z[0],), {}, ValueError, r"the Jacobian has shape \(3, 3\)"),
        (lambda z: (z, z), gradient, (Z,), {}, TypeError, "one array or number"),
        (lambda x: np.log(x).sum(), lambda x: 1 / x, (np.array([0.0, 1.0]),), {}, ValueError, "not finite"),
        (lambda p: p["w"].sum(), lambda p: {"v": 1}, ({"w": Z},), {}, ValueError, "containers of that argument"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_bad_input(f, claimed, args, options, error, message):
    with pytest.raises(error, match=message):
        tl.check_derivation(f, claimed, *args, **options)
