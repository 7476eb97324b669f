"""Planted failures: ``detect_anomaly`` names the operation, what it got, and the line, wherever they stand."""

from __future__ import annotations

import inspect
import re
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn
from tinygrad_lite.engine.recording import recording

HERE = Path(__file__)


@pytest.fixture(autouse=True)
def _quiet():
    with np.errstate(all="ignore"):
        yield


def variable(*numbers, dtype=float):
    return tl.tensor(np.array(numbers, dtype), requires_grad=True)


def planted(function):
    """The line of a function that is marked as the culprit."""
    lines, first = inspect.getsourcelines(function)
    (found,) = [first + k for k, line in enumerate(lines) if line.rstrip().endswith("# culprit")]
    return found


def caught(function, *parts):
    """Run it under ``detect_anomaly``: the error has the marked line, and these parts."""
    with pytest.raises(FloatingPointError) as error, tl.detect_anomaly():
        function()
    message = str(error.value)
    found = re.search(r"\[(?:derivative of \w+ \[)?([^\[\]]+), line (\d+), in [^\[\]]+\]", message)
    assert found is not None, message
    assert Path(found[1]) == HERE, message
    assert int(found[2]) == planted(function), message
    for part in parts:
        assert part in message, message
    return error.value


def nan_in_forward():
    x = variable(1.0, 1.5, 4.0)
    y = np.exp(x) + 1.0
    z = x - 1.0
    w = np.arcsin(z)  # culprit
    (y * w).sum().backward()


def nan_in_backward_alone():
    x = variable(0.0, 1.0)
    y = x * 2.0
    z = np.sqrt(y)  # culprit
    (z * np.array([0.0, 1.0])).sum().backward()


def overflow():
    x = variable(1.0, 800.0)
    y = np.exp(x)  # culprit
    (1.0 / y).sum().backward()


def infinite_slope():
    x = variable(0.0, 1.0)
    y = np.sqrt(x)  # culprit
    y.sum().backward()


def division():
    x = variable(1.0, 2.0)
    y = x * 3.0
    z = y / (x - 1.0)  # culprit
    z.sum().backward()


def logarithm_of_a_negative():
    x = variable(1.0, -2.0, dtype=np.float32)
    y = np.log(x)  # culprit
    y.sum().backward()


def in_a_layer():
    class Root(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.parameter(np.ones(2, np.float32))

        def forward(self, x):
            y = x * self.scale
            return np.sqrt(y)  # culprit

    net = nn.Sequential(nn.ReLU(), Root())
    net(np.array([[-1.0, 1.0]] * 3, np.float32)).sum().backward()


def in_a_loop():
    x, total = variable(3.0), 0.0
    for k in range(5):
        total = total + 1.0 / (x - k)  # culprit
    total.sum().backward()


def in_an_adapted_program():
    def program(x):
        lengths = np.empty(3)
        for k in range(3):
            lengths[k] = np.sqrt(x[k] * x[k])  # culprit
        return np.sum(lengths)

    tl.grad(tl.adapt(program))(np.array([1.0, 0.0, 2.0]))


def in_a_second_order_sweep():
    def f(x):
        return np.sum(np.abs(x) ** 1.5)  # culprit

    tl.hessian(f)(np.array([1.0, 0.0]))


def with_weight_0():
    x = variable(0.0, 4.0)
    y = x**0.5  # culprit
    (y * np.array([0.0, 1.0])).sum().backward()


def in_a_checkpoint():
    def segment(x):
        y = np.exp(x) - 1.0
        return np.sqrt(y).sum()  # culprit

    tl.checkpoint(segment)(variable(0.0, 1.0)).backward()


@pytest.mark.parametrize(
    ("failure", "parts"),
    [
        (nan_in_forward, ["arcsin [", "NaN, at 1 of 3 entries", "float64[3]", "np.where(np.abs(x) < 1, x, 0.0)"]),
        (nan_in_backward_alone, ["sqrt [", "its derivative is NaN, at 1 of 2", "np.where(x > 0, x, 1.0)"]),
        (overflow, ["exp [", "infinite, at 1 of 2", "logsumexp"]),
        (infinite_slope, ["sqrt [", "its derivative is infinite, at 1 of 2", "float64[2]"]),
        (division, ["divide [", "infinite, at 1 of 2", "float64[2], float64[2]", "np.where(x != 0, x, 1.0)"]),
        (logarithm_of_a_negative, ["log [", "NaN, at 1 of 2", "float32[2]"]),
        (in_a_layer, ["sqrt [", "its derivative is infinite", "float32[3, 2]", "in forward]"]),
        (in_a_loop, ["divide [", "infinite", "1.0, float64[1]"]),
        (in_an_adapted_program, ["sqrt [", "its derivative is infinite", "in program]"]),
        (in_a_second_order_sweep, ["derivative of power [", "NaN, at 1 of 2"]),
        (with_weight_0, ["power [", "its derivative is NaN", "or choose another result after it, np.where"]),
        (in_a_checkpoint, ["sqrt [", "its derivative is infinite", "in segment]"]),
    ],
)
def test_the_culprit_is_named(failure, parts):
    caught(failure, *parts)


def test_the_remedy_that_is_named_works():
    x = variable(0.0, 4.0)
    with tl.detect_anomaly():
        safe = np.where(x > 0, x, 1.0)
        np.where(x > 0, np.sqrt(safe), 0.0).sum().backward()
    assert x.grad.tolist() == [0.0, 0.25]


class TestMeant:
    """What is infinite because the program says so is nobody's fault."""

    def test_masks_of_infinity(self):
        x = variable(1.0, 2.0, 3.0)
        with tl.detect_anomaly():
            masked = np.where(np.array([True, False, True]), x, -np.inf)
            ((np.exp(masked - np.max(masked)) * 2.0).sum() + tl.softmax(masked).max() + tl.logsumexp(masked)).backward()
        assert np.isfinite(x.grad).all()

    def test_infinite_and_nan_constants(self):
        x = variable(1.0, 2.0)
        with tl.detect_anomaly():
            assert np.isinf((x * np.inf).data).all()
            assert np.isnan((x + tl.tensor([np.nan, 1.0])).data[0])
            np.nansum(np.where([True, False], x, np.nan)).backward()
            np.max(x, initial=-np.inf).backward()
        assert np.isfinite(x.grad).all()

    def test_infinite_settings(self):
        @tl.primitive(x=lambda g: g, by=None)
        def shifted(x, by):
            return x + by

        with tl.detect_anomaly():
            assert shifted(variable(1.0), np.inf).data == np.inf
            assert np.max(variable(1.0, 2.0), initial=np.inf).data == np.inf
            assert np.pad(variable(1.0), 1, constant_values=np.inf).data[0] == np.inf
            assert np.nan_to_num(variable(np.nan), nan=np.inf).data == np.inf

    def test_what_rules_compute_on_their_way(self):
        @tl.primitive(x=lambda g, x: np.where(x == 0.0, 0.0, g / x), elementwise=True)
        def entropy(x):
            return np.log(np.where(x == 0.0, 1.0, x))

        with tl.detect_anomaly():
            assert tl.grad(lambda x: (tl.grad(lambda x: entropy(x).sum())(x) * np.array([0.0, 1.0])).sum() + x.sum())(
                np.array([1.0, 2.0])
            ).tolist() == [1.0, 0.75]
            got = tl.vjp(lambda x: tl.vjp(entropy, x)[1](np.ones(2))[0], np.array([0.0, 2.0]))[0]
        assert got.tolist() == [0.0, 0.5]

    def test_nan_of_infinities_is_new(self):
        x = variable(1.0, 2.0)
        with tl.detect_anomaly():
            masked = np.where(False, x, -np.inf)
            top = np.max(masked)
            with pytest.raises(FloatingPointError, match=r"subtract .*: NaN, at 2 of 2"):
                masked - top

    def test_what_is_not_recorded(self):
        with tl.detect_anomaly():
            assert np.isinf(np.log(tl.tensor(0.0)).data)
            with tl.no_grad():
                assert np.isinf(np.log(variable(0.0)).data).all()

    def test_gradients_that_were_infinite(self):
        x = variable(1.0, 2.0)
        with tl.detect_anomaly():
            y = np.sin(x)
        y.backward(np.array([np.inf, 1.0]))
        assert np.isinf(x.grad[0])


class TestParts:
    @pytest.mark.parametrize(
        ("checks", "culprit"),
        [
            ({"check_inf": False}, "subtract"),
            ({"check_nan": False}, "exp"),
            ({"check_nan": False, "check_inf": False}, None),
        ],
    )
    def test_each_can_be_left_out(self, checks, culprit):
        def f(x):
            y = np.exp(x)
            return y - y

        with tl.detect_anomaly(**checks):
            if culprit is None:
                assert np.isnan(f(variable(800.0)).data).all()
            else:
                with pytest.raises(FloatingPointError, match=culprit):
                    f(variable(800.0))

    def test_checks_of_gradients_refuse_nothing_new(self):
        tl.check_gradients(lambda x: np.where(x > 0.0, x * x, x * 1e308 * 100.0), np.array([1.0, 9.0]))

    def test_a_sum_over_what_was_broadcast(self):
        with tl.detect_anomaly():
            y = variable(1.0) + np.zeros(2)
        with pytest.raises(FloatingPointError, match=r"add \[.*its derivative is infinite"):
            y.backward(np.full(2, 1.5e308))

    def test_the_switch_is_restored_after_an_error(self):
        with pytest.raises(FloatingPointError), tl.detect_anomaly():
            tl.grad(lambda x: np.log(x - x))(1.0)
        assert recording.get() is True


class TestNotes:
    """Errors from within a rule say which operation it was, in every kind of sweep."""

    @staticmethod
    def broken(x):
        def rule(g, x):
            raise LookupError("planted")

        return tl.primitive(lambda x: x * 1.0, name="bent", x=rule)(x)

    @pytest.mark.parametrize(
        "sweep",
        [
            lambda f: f(variable(1.0, 2.0)).sum().backward(),
            lambda f: tl.grad(lambda x: f(x).sum())(np.ones(2)),
            lambda f: tl.grad(lambda x: (tl.grad(lambda x: f(x).sum())(x) ** 2).sum())(np.ones(2)),
            lambda f: tl.vjp(f, np.ones(2))[1](np.ones(2)),
            lambda f: tl.jvp(f, (np.ones(2),), (np.ones(2),)),
            lambda f: tl.jacobian(f)(np.ones(2)),
            lambda f: tl.hessian(lambda x: f(x).sum())(np.ones(2)),
            lambda f: tl.hvp(lambda x: f(x).sum())(np.ones(2), np.ones(2)),
            lambda f: tl.grad(lambda x: tl.checkpoint(f)(x).sum())(np.ones(2)),
        ],
    )
    @pytest.mark.parametrize("detect", [False, True])
    def test_operation_shapes_and_line(self, sweep, detect):
        with tl.detect_anomaly() if detect else nullcontext(), pytest.raises(LookupError) as error:
            sweep(self.broken)
        note = error.value.__notes__[0]
        line = inspect.getsourcelines(self.broken)[1] + 5
        where = f" [{HERE}, line {line}, in broken], of float64[2]" if detect else ", of float64[2]"
        assert note.startswith(f"in the derivative of bent{where}, whose output is float64[2]"), note
        assert ("detect_anomaly" in note) is not detect
