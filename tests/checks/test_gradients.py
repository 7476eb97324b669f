"""check_gradients passes right derivatives, and fails wrong ones with a message that locates the mistake."""

import math
import re

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table.primitive import Primitive

X = np.array([0.3, -0.8, 1.2])
M = np.array([[0.5, -0.2, 0.9], [1.1, 0.4, -0.6]])


def mismatch(f, *args, **options):
    """The message of the mismatch that checking these must find."""
    with pytest.raises(tl.GradientMismatch) as caught:
        tl.check_gradients(f, *args, **options)
    return str(caught.value)


class TestRight:
    @pytest.mark.parametrize(
        ("f", "args"),
        [
            (np.sin, (X,)),
            (lambda x: x, (X,)),
            (lambda x: 3.0 * x, (0.5,)),
            (lambda x: np.float64(2.0), (X,)),
            (lambda a, b: a @ b, (M, X)),
            (lambda a, b: a * b, (M, X)),
            (lambda x: (np.sin(x), {"sum": x.sum(), "rest": [x * x]}), (X,)),
            (lambda p: np.tanh(p["w"] @ p["x"]) + p["b"], ({"w": M, "x": X, "b": 0.1},)),
            (lambda x, n, label: x**n, (X, 3, "cube")),
            (lambda x, index: x[index], (X, np.array([0, 0, 2]))),
            (lambda x, f: f(x), (X, np.cos)),
            (lambda x: np.exp(x) / np.exp(x).sum(), (X,)),
            (np.sin, (np.zeros((0, 3)),)),
            (lambda x: x[0] * x[1], ([0.1, 0.2],)),
        ],
    )
    @pytest.mark.parametrize("order", [1, 2, 3])
    def test_derivatives_pass(self, f, args, order):
        tl.check_gradients(f, *args, order=order)

    def test_large_arguments_are_checked_along_directions(self):
        tl.check_gradients(lambda x: np.sin(x).sum(axis=0), np.random.default_rng(0).standard_normal((40, 40)))

    def test_tensors_are_taken_for_their_values(self):
        w = tl.tensor(X, requires_grad=True)
        tl.check_gradients(np.sin, w)
        assert w.grad is None

    def test_arguments_and_recording_are_as_before(self):
        x = X.copy()
        tl.check_gradients(np.sin, x)
        np.testing.assert_array_equal(x, X)
        with tl.no_grad():
            tl.check_gradients(np.sin, x)
            mismatch(wrong_sign, x)
        assert (tl.tensor(1.0, requires_grad=True) * 2).requires_grad


def primitive(forward, *, name="planted", **rules):
    return Primitive(forward, rules, name=name)


wrong_sign = primitive(lambda x: np.cos(x), x=lambda g, x: g * np.sin(x))
missing_factor = primitive(lambda x: np.exp2(x), x=lambda g, y: g * y)
zero_rule = primitive(lambda x: np.sin(x), x=lambda g: g * 0.0)
nan_rule = primitive(lambda x: np.sin(x), x=lambda g, x: g * np.cos(x) * math.nan)
infinite_rule = primitive(lambda x: np.sin(x), x=lambda g, x: abs(g) * math.inf)
squared = primitive(lambda x: np.sin(x), x=lambda g, x: g * np.cos(x) * np.cos(x))
transposed = primitive(
    lambda a: a @ np.array([[1.0, 2.0], [3.0, 4.0]]), a=lambda g: g @ np.array([[1.0, 2.0], [3.0, 4.0]])
)
reversed_rule = primitive(lambda x: np.cumsum(x), x=lambda g: np.cumsum(g))
dropped_term = primitive(lambda z: np.exp(z) / np.exp(z).sum(), z=lambda g, y: g * y)
swapped = primitive(lambda a, b: a * b * b, a=lambda g, a, b: 2 * g * a * b, b=lambda g, b: g * b * b)
nearly = primitive(lambda x: x * 3.0, x=lambda g: g * 3.0001)

WRONG = {
    "wrong sign": (wrong_sign, (X,)),
    "missing factor": (missing_factor, (X,)),
    "zero": (zero_rule, (X,)),
    "not a number": (nan_rule, (X,)),
    "infinite": (infinite_rule, (X,)),
    "a factor too many": (squared, (X,)),
    "transposed operand": (transposed, (np.array([[0.3, -0.5], [0.7, 1.1]]),)),
    "sums from the wrong end": (reversed_rule, (X,)),
    "dropped term": (dropped_term, (X,)),
    "rules of the operands exchanged": (swapped, (X, X + 1)),
    "wrong in the fifth digit": (nearly, (X,)),
    "left the graph": (lambda x: np.sin(x.data if type(x) is tl.Tensor else x) + 0 * x, (X,)),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_derivatives_fail(name):
    f, args = WRONG[name]
    assert mismatch(f, *args).startswith("order 1, ")
    assert mismatch(f, *args, order=1).startswith("order 1, ")


@pytest.mark.parametrize("name", sorted(set(WRONG) - {"transposed operand", "rules of the operands exchanged"}))
def test_wrong_derivatives_of_large_arguments_fail(name):
    f, _ = WRONG[name]
    message = mismatch(f, np.random.default_rng(0).uniform(-1, 1, 200))
    assert "along a random direction" in message
    assert "expected" in message


def test_one_wrong_entry_among_many_is_located():
    def forward(x):
        return np.sin(x)

    mask = np.ones((4, 5))
    mask[2, 3] = 1.01
    f = primitive(forward, x=lambda g, x: g * np.cos(x) * mask)
    x = np.random.default_rng(1).uniform(-1, 1, (4, 5))
    assert "argument 0, entry [2, 3]: expected" in mismatch(f, x)


def test_the_message_names_order_argument_entry_expected_and_got():
    wrong = primitive(lambda x: x * 2.0, x=lambda g: g * np.array([2.0, 5.0]))
    message = mismatch(lambda p: wrong(p["b"][1]).sum() + p["a"], {"a": 1.0, "b": [0.0, np.array([0.1, 0.2])]})
    found = re.fullmatch(
        r"order 1, argument 0\['b'\]\[1\], entry \[1\]: expected (\S+) by central differences, got (\S+) from autograd "
        r"\(difference (\S+)\)",
        message,
    )
    assert found, message
    expected, got, difference = (float(number) for number in found.groups())
    assert got / expected == pytest.approx(2.5, rel=1e-6)
    assert difference == pytest.approx(got - expected, rel=1e-2)


def test_the_argument_is_named_by_its_position():
    assert "argument 1" in mismatch(lambda a, b: a + zero_rule(b), 1.0, 0.5)
    assert "argument 2, entry [0]" in mismatch(lambda a, n, b: a * n + zero_rule(b), 1.0, 3, np.array([0.5]))


def test_a_number_has_no_entry_to_name():
    assert "argument 0: expected" in mismatch(zero_rule, 0.5)


def test_one_wrong_output_among_several_fails():
    mismatch(lambda x: (np.sin(x), {"b": wrong_sign(x)}), X)


class TestSecondOrder:
    def residual_on_the_side(self):
        """First order right, second order wrong: cos x is kept as a number, so that its derivative is lost."""
        kept = {}

        def forward(x):
            kept["cos"] = np.cos(x)
            return np.sin(x)

        return primitive(forward, x=lambda g: g * kept["cos"])

    def test_passes_to_first_order_and_fails_to_second(self):
        f = self.residual_on_the_side()
        tl.check_gradients(f, X, order=1)
        assert mismatch(f, X, order=2).startswith("order 2, argument 0")
        assert mismatch(f, X).startswith("order 2, ")

    def test_a_remembered_value_without_its_definitions_inputs_would_be_such_a_residual(self):
        def forward(x):
            c = np.cos(x)
            return np.sin(x), c

        good = Primitive(
            forward,
            {"x": lambda g, c, x: g * c},
            name="good",
            remembers={"c": lambda x: np.cos(x)},
        )
        tl.check_gradients(good, X, order=3)
        wrong = Primitive(
            forward,
            {"x": lambda g, c, x: g * c},
            name="wrong",
            remembers={"c": lambda x: np.sin(x)},
        )
        tl.check_gradients(wrong, X, order=1)
        assert mismatch(wrong, X).startswith("order 2, ")

    def test_wrong_to_third_order_only(self):
        kept = {}

        def outer_forward(x):
            kept["sin"] = np.sin(x)
            return np.cos(x)

        cosine = primitive(outer_forward, name="cosine", x=lambda g: -g * kept["sin"])
        sine = primitive(lambda x: np.sin(x), name="sine", x=lambda g, x: g * cosine(x))
        tl.check_gradients(sine, X, order=2)
        assert mismatch(sine, X, order=3).startswith("order 3, ")


def doubtful(f, x, **options):
    """The warning that checking this gives, which is no mismatch."""
    with pytest.warns(UserWarning, match="check_gradients") as caught:
        tl.check_gradients(f, x, **options)
    return "\n".join([str(warning.message) for warning in caught])


class TestNotSmooth:
    """Where differences are of no smooth function, that is said; what is wrong beside it still is."""

    @pytest.mark.parametrize("order", [1, 2, 3])
    def test_a_kink_within_the_step(self, order):
        said = doubtful(np.abs, np.array([0.5, 1e-4]), order=order)
        assert "order 1, argument 0, entry [1]: the function is not smooth within a step of 1e-03; with one of" in said

    @pytest.mark.parametrize(("f", "slope"), [(tl.relu, 0), (lambda x: np.clip(x, 0.0, 1.0), 1), (np.abs, None)])
    def test_a_kink_at_the_point(self, f, slope):
        """The mean of both sides, as of abs, is what central differences give."""
        x = np.array([0.0, 0.5, 0.75])
        if slope is None:
            tl.check_gradients(f, x, order=1)
        else:
            said = doubtful(lambda x: f(x).sum(), x, order=1)
            assert "order 1, argument 0, entry [0]: a kink, whose slopes are" in said
            assert "is between" in said

    @pytest.mark.parametrize("f", [np.linalg.norm, np.hypot.reduce])
    def test_a_second_derivative_that_is_nan_is_no_agreement(self, f):
        with pytest.raises(tl.GradientMismatch, match=r"order 2.*got nan"):
            tl.check_gradients(f, np.zeros(2), order=2)

    @pytest.mark.parametrize("f", [tl.relu, lambda x: np.maximum(x, 0.0), np.abs])
    @pytest.mark.parametrize("order", [2, 3])
    def test_further_orders_at_a_kink(self, f, order):
        said = doubtful(f, np.array([0.0, 0.0]), order=order)
        assert "order 2, argument 0, entry [0]: " in said

    @pytest.mark.parametrize(("f", "x", "said"), [
        (np.floor, 1.0, "on one side the function jumps or rises vertically; autograd's 0 is the slope on the other"),
        (np.sign, 0.0, "a jump or a pole, where there is no derivative; autograd's is 0"),
        (lambda x: x**1.5, 0.0, "on one side the domain ends; autograd's 0 is the slope on the other"),
        (np.sqrt, 0.0, "a jump or a pole, where there is no derivative; autograd's is"),
    ])  # fmt: skip
    @pytest.mark.filterwarnings("ignore::RuntimeWarning")
    def test_jumps_poles_and_edges(self, f, x, said):
        assert said in doubtful(f, np.array([x, 0.5]), order=1).replace("-0 ", "0 ")

    @pytest.mark.filterwarnings("ignore::RuntimeWarning")
    def test_a_value_that_is_infinite(self):
        assert "a jump or a pole, where there is no derivative; autograd's is inf" in doubtful(np.log, 0.0, order=1)

    def test_several_kinks_at_once(self):
        """Along a direction the sum of their slopes may be on any side of both; each alone is between its own."""
        for seed in range(5):
            said = doubtful(tl.relu, np.zeros(4), order=1, seed=seed)
            assert "order 1, argument 0, entry [0]: a kink" in said
        with pytest.warns(UserWarning, match="a kink"):
            tl.check_gradients(lambda x: tl.relu(x).sum(), np.zeros(4), order=1)

    def test_what_is_wrong_beside_a_kink_is_found(self):
        bent = primitive(np.abs, x=lambda g, x: g * np.sign(x) * np.array([1.0, 1.0001, 1.0]))
        assert "argument 0, entry [1]: expected" in mismatch(bent, np.array([0.0, 0.5, 1e-4]), order=1)

    @pytest.mark.parametrize("slope", [1.5, -1.5, math.nan, math.inf])
    def test_what_is_not_between_both_sides_is_wrong(self, slope):
        bent = primitive(np.abs, x=lambda g, x: np.where(x == 0, slope, g * np.sign(x)))
        assert "argument 0: expected" in mismatch(bent, 0.0, order=1)

    def test_guarded_roots(self):
        """A constant is chosen before the root sees the 0."""
        f = lambda x: np.sqrt(np.where(x > 0, x, 1.0)) * np.where(x > 0, 1.0, 0.0)
        assert "argument 0, entry [0]" in doubtful(f, np.array([0.0, 0.5]))

    @pytest.mark.parametrize(("f", "x"), [(lambda x: np.sqrt(x - 2.0), 0.5), (lambda x: x * x * np.log(x), 0.0)])
    @pytest.mark.filterwarnings("ignore::RuntimeWarning")
    def test_where_the_function_is_nan_nothing_is_decided(self, f, x):
        with pytest.raises(ValueError, match="cannot decide at this point, because the function is NaN there"):
            tl.check_gradients(f, x, order=1)


class TestTinyAndHugeArguments:
    """The usual step is lost beside huge arguments, and is beyond where functions are smooth around tiny ones."""

    @pytest.mark.parametrize(("f", "x"), [
        (np.log, np.array([1e-300, 4.0])),
        (np.log, np.array([1e-8, 4.0])),
        (np.linalg.norm, np.array([1e200, 2e200])),
        (np.linalg.norm, np.array([1e200, 1.0])),
        (lambda x: x * x, 1e150),
        (lambda x: 3 * x, 1e18),
        (lambda x: 1 / x, 1e-8),
        (np.sqrt, np.array([1e-9, 1.0])),
        (np.sin, 1e6),
    ])  # fmt: skip
    @pytest.mark.filterwarnings("error::UserWarning", "ignore::RuntimeWarning")
    def test_right_gradients_pass(self, f, x):
        tl.check_gradients(f, x, order=1)

    @pytest.mark.parametrize(("rule", "x", "said"), [
        (lambda g, x, y: g * 0 * x, np.array([1e200, 2e200]), "argument 0, entry"),
        (lambda g, x, y: g * 1.001 * x / y, np.array([1e200, 2e200]), "argument 0, entry"),
        (lambda g, x, y: g * 1.001 * x / y, np.array([1e9, 2.0]), "argument 0, entry [0]"),
    ])  # fmt: skip
    def test_wrong_ones_are_found(self, rule, x, said):
        f = primitive(lambda x: np.hypot.reduce(x), name="length", x=rule)
        assert said in mismatch(f, x, order=1)

    @pytest.mark.filterwarnings("ignore::RuntimeWarning")
    def test_what_rounding_hides_is_told(self):
        said = doubtful(np.log, np.array([1e-300, 4.0]))
        assert "order 2, argument 0, entry [1]: the gradient cannot be decided on at this point, because the" in said


class TestInputs:
    @pytest.mark.parametrize("order", [0, -1])
    def test_the_order(self, order):
        with pytest.raises(ValueError, match=f"order must be 1 or more, got {order}"):
            tl.check_gradients(np.sin, X, order=order)

    @pytest.mark.parametrize("args", [(), (1,), (np.arange(3), "text"), (None,), ([],)])
    def test_nothing_to_differentiate(self, args):
        with pytest.raises(TypeError, match="nothing to differentiate"):
            tl.check_gradients(lambda *args: np.zeros(2), *args)

    @pytest.mark.parametrize("dtype", [np.float32, np.float16])
    def test_single_precision(self, dtype):
        with pytest.raises(TypeError, match=f"need float64 or complex128, an argument is {np.dtype(dtype)}"):
            tl.check_gradients(np.sin, X.astype(dtype))

    def test_a_function_that_fails(self):
        with pytest.raises(ZeroDivisionError):
            tl.check_gradients(lambda x: x * (1 // 0), X)

    def test_tolerances(self):
        tl.check_gradients(nearly, X, rtol=1e-3)
        mismatch(nearly, X, rtol=1e-5)
        tl.check_gradients(zero_rule, X, order=1, atol=100.0)

    def test_it_is_an_assertion_error(self):
        assert issubclass(tl.GradientMismatch, AssertionError)

    def test_the_seed_decides(self):
        assert mismatch(wrong_sign, X, seed=1) == mismatch(wrong_sign, X, seed=1)
        assert mismatch(wrong_sign, X, seed=1) != mismatch(wrong_sign, X, seed=2)
