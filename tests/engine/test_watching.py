"""Arrays that change after they were computed with: no gradient is wrong in silence."""

from __future__ import annotations

import threading
from contextlib import nullcontext, suppress

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine import watching

SMALL, LARGE = 3, 100_000
CHANGED = "that its derivative needs was written to"


def ones(n):
    return tl.tensor(np.ones(n), requires_grad=True)


def accumulated(x, buffer):
    total = 0.0
    for k in range(3):
        buffer[:] = k + 1
        total = total + (x * buffer).sum()
    return total


class TestWorkBuffers:
    def test_a_small_one_is_copied(self):
        x = ones(SMALL)
        accumulated(x, np.empty(SMALL)).backward()
        assert x.grad.tolist() == [6.0] * SMALL

    def test_a_change_of_a_large_one_is_an_error_and_leaves_grad_alone(self):
        x = ones(LARGE)
        total = accumulated(x, np.empty(LARGE))
        with pytest.raises(RuntimeError, match=rf"multiply: an array float64\[{LARGE}\] {CHANGED}.*x\.copy\(\)"):
            total.backward()
        assert x.grad is None

    def test_the_same_values_written_again_are_no_change(self):
        x, buffer = ones(LARGE), np.full(LARGE, 2.0)
        y = (x * buffer).sum()
        buffer[:] = 2.0
        y.backward()
        assert (x.grad == 2.0).all()

    def test_nan_is_no_change(self):
        x, buffer = ones(LARGE), np.full(LARGE, np.nan)
        (x * buffer).sum().backward()
        assert np.isnan(x.grad).all()

    @pytest.mark.parametrize(
        "operation",
        [
            lambda x, c: x / c,
            lambda x, c: c / x,
            lambda x, c: c**x,
            lambda x, c: np.where(c > 0, x, 0.0) * c,
            lambda x, c: np.hypot(x, c),
            lambda x, c: np.einsum("i,i->i", x, c),
            lambda x, c: c @ x,
            lambda x, c: np.concatenate([x, c]) * np.concatenate([c, c]),
        ],
    )
    @pytest.mark.parametrize("n", [SMALL, LARGE])
    def test_in_every_kind_of_operation(self, operation, n):
        def gradient(change):
            x, c = ones(n), np.full(n, 2.0)
            y = operation(x, c).sum()
            if change:
                c[:] = 7.0
            y.backward()
            return x.grad

        right = gradient(False)
        with nullcontext() if n == SMALL else suppress(RuntimeError):  # not all of them need the constant
            np.testing.assert_array_equal(gradient(True), right)

    @pytest.mark.parametrize("layout", ["C", "F", "strided"])
    def test_a_row_or_a_column_of_a_large_one_is_seen(self, layout):
        for part in (np.s_[170], np.s_[:, 333]):
            c = {"C": np.ones((400, 500)), "F": np.ones((500, 400)).T, "strided": np.ones((800, 1000))[::2, ::2]}[
                layout
            ]
            x = tl.tensor(np.ones((400, 500)), requires_grad=True)
            y = (x * c).sum()
            c[part] = 5.0
            with pytest.raises(RuntimeError, match=CHANGED):
                y.backward()

    def test_a_retained_graph_looks_again(self):
        x, c = ones(LARGE), np.ones(LARGE)
        y = (x * c).sum()
        y.backward(retain_graph=True)
        c[:] = 2.0
        with pytest.raises(RuntimeError, match=CHANGED):
            y.backward()


class TestOwnMemory:
    @pytest.mark.parametrize("n", [SMALL, LARGE])
    def test_data_of_what_a_graph_has_saved_can_be_written_to(self, n):
        w = ones(n)
        loss = (w * w).sum()
        w.data -= 0.5
        loss.backward()
        assert (w.grad == 2.0).all()
        assert (w.data == 0.5).all()

    @pytest.mark.parametrize("n", [SMALL, LARGE])
    def test_an_output_and_a_constant(self, n):
        w, c = ones(n), tl.tensor(np.ones(n))
        y = np.exp(w) * c
        y.data[:] = 0.0
        c.data[:] = 5.0
        assert (c.data == 5.0).all()
        y.sum().backward()
        np.testing.assert_allclose(w.grad, np.exp(1.0))

    def test_data_that_was_held_before_the_operation(self):
        w = ones(SMALL)
        held = w.data
        loss = (w * w).sum()
        held -= 0.5
        loss.backward()
        assert w.grad.tolist() == [2.0] * SMALL
        assert w.data.tolist() == [0.5] * SMALL
        w = ones(LARGE)
        held = w.data
        loss = (w * w).sum()
        held -= 0.5
        with pytest.raises(RuntimeError, match=CHANGED):
            loss.backward()

    def test_the_array_that_a_tensor_was_made_of(self):
        a = np.ones(SMALL)
        w = tl.Tensor(a, requires_grad=True)
        loss = (w * w).sum()
        a[:] = 7.0
        loss.backward()
        assert w.grad.tolist() == [2.0] * SMALL
        with tl.no_grad():
            w -= 1.0
        assert a.tolist() == [7.0] * SMALL
        assert w.data.tolist() == [6.0] * SMALL

    @pytest.mark.parametrize("n", [SMALL, LARGE])
    def test_a_transforms_argument(self, n):
        a = np.ones(n)

        def f(x):
            y = (x * x).sum()
            a[:] = 5.0
            return y

        with pytest.raises(RuntimeError, match=f"grad: an array .* {CHANGED}"):
            tl.grad(f)(a)

    def test_nothing_is_copied_where_nobody_looks(self, monkeypatch):
        w = ones(LARGE)
        monkeypatch.setattr(watching, "watch", lambda *_: pytest.fail("an array of its own needs no watch"))
        before = w._value.ctypes.data
        (np.exp(w) * w).sum().backward()
        with tl.no_grad():
            w -= 0.1 * w.grad
        assert w._value.ctypes.data == before


class TestDetectAnomaly:
    def test_one_entry_of_a_large_array_and_the_line(self):
        x, c = ones(LARGE), np.ones(LARGE)
        with tl.detect_anomaly():
            y = (x * c).sum()
        c[71] = 0.0
        with pytest.raises(RuntimeError, match=rf"multiply \[.*test_watching.*\]: an array .* {CHANGED}"):
            y.backward()

    def test_nan_that_a_derivative_makes(self):
        x = tl.tensor([0.0, 1.0], requires_grad=True)
        with tl.detect_anomaly():
            y = (np.sqrt(x) * np.array([0.0, 1.0])).sum()
        with (
            np.errstate(all="ignore"),
            pytest.raises(FloatingPointError, match=r"sqrt \[.*\]: its derivative is NaN, at 1 of 2 entries"),
        ):
            y.backward()

    def test_nan_that_was_there_is_nobodys_fault(self):
        x = ones(2)
        with tl.detect_anomaly():
            y = np.exp(x).sum()
        y.backward(np.float64(np.nan))
        assert np.isnan(x.grad).all()

    def test_without_looking_for_nan(self):
        x = tl.tensor([0.0, 1.0], requires_grad=True)
        with tl.detect_anomaly(check_nan=False):
            y = (np.sqrt(x) * np.array([0.0, 1.0])).sum()
        with np.errstate(all="ignore"):
            y.backward()
        assert np.isnan(x.grad[0])

    def test_it_goes_on_within_a_trace_and_stays_off_where_recording_is(self):
        x = ones(2)
        with tl.tracing(), tl.detect_anomaly():
            y = np.exp(x)
        assert y._node.kept.output is not None
        assert type(y._node.watched) is watching.Detection
        with tl.no_grad(), tl.detect_anomaly():
            assert not np.exp(x).requires_grad

    def test_it_is_of_its_thread(self):
        x, nodes = ones(2), []
        with tl.detect_anomaly():
            thread = threading.Thread(target=lambda: nodes.append(np.exp(x)._node))
            thread.start()
            thread.join()
        assert nodes[0].watched is None

    @pytest.mark.parametrize("check", ["gradients", "derivation"])
    def test_checks_look_at_every_entry(self, check):
        c = np.ones(LARGE)

        def f(x):
            y = (x * c).sum()
            c[71] += 1.0
            return y

        look = {
            "gradients": lambda: tl.check_gradients(f, np.ones(LARGE)),
            "derivation": lambda: tl.check_derivation(f, lambda x: c, np.ones(LARGE)),
        }[check]
        with pytest.raises(RuntimeError, match=CHANGED):
            look()
