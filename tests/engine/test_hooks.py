"""Hooks on gradients: when they are called, with what, and what becomes of what they give."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine import hooks, sweep


def variable(*numbers, dtype=float):
    return tl.tensor(np.array(numbers, dtype), requires_grad=True)


@pytest.fixture
def seen():
    return []


class TestBackward:
    def test_of_a_leaf_the_sum_of_all_uses_once_for_each_pass(self, seen):
        x = variable(1.0, 2.0)
        x.register_hook(lambda g: seen.append(g.tolist()))
        y = (x * 3.0 + x * x).sum()
        y.backward(retain_graph=True)
        assert seen == [[5.0, 7.0]]
        y.backward()
        assert seen == [[5.0, 7.0]] * 2  # of this pass, not what has accumulated
        assert x.grad.tolist() == [10.0, 14.0]

    def test_of_an_intermediate_before_it_goes_on(self, seen):
        x = variable(1.0, 2.0)
        y = x * x
        y.register_hook(lambda g: seen.append(g.tolist()))
        y.register_hook(lambda g: g * 10.0)
        y.register_hook(lambda g: seen.append(g.tolist()))
        (y * 3.0 + y).sum().backward()
        assert seen == [[4.0, 4.0], [40.0, 40.0]]
        assert x.grad.tolist() == [80.0, 160.0]

    def test_of_the_output_itself(self):
        x = variable(1.0)
        y = (x * x).sum()
        y.register_hook(lambda g: g * 3)
        y.backward()
        assert x.grad.tolist() == [6.0]

    def test_registered_after_the_uses(self):
        x = variable(1.0)
        y = x * 2.0
        z = (y * y).sum()
        y.register_hook(lambda g: -g)
        z.backward()
        assert x.grad.tolist() == [-8.0]

    def test_a_number_in_place_of_a_number(self):
        x = tl.tensor(np.float32(2.0), requires_grad=True)
        x.register_hook(lambda g: 1.5)
        (x * x).backward()
        assert x.grad == 1.5
        assert x.grad.dtype == np.float32

    def test_removal(self, seen):
        x = variable(1.0)
        handle = x.register_hook(lambda g: seen.append("first"))
        with x.register_hook(lambda g: seen.append("second")):
            (x * x).sum().backward()
            handle.remove()
            handle.remove()
            (x * x).sum().backward()
        (x * x).sum().backward()
        assert seen == ["first", "second", "second"]
        assert x._node not in hooks.HOOKED

    def test_a_kept_gradient_keeps_its_numbers_and_cannot_be_written_to(self, seen):
        x = variable(1.0, 2.0)
        y = x[:] * 2.0
        for t in (x, y):
            t.register_hook(seen.append)
        (y[0] * 3.0 + y[1] + x[0] * x[1] + y.sum()).backward()
        assert [g.tolist() for g in seen] == [[4.0, 2.0], [10.0, 5.0]]
        x.grad += 1.0
        assert seen[1].tolist() == [10.0, 5.0]
        x.register_hook(lambda g: g.fill(0.0))
        with pytest.raises(ValueError, match="read-only") as error:
            (x * x).sum().backward()
        assert "in the hook TestBackward" in error.value.__notes__[0]

    def test_entries_are_added_to_arrays_of_the_sweeps_own(self, seen):
        x = variable(1.0, 2.0, 3.0)
        y = x * 1.0
        y.register_hook(seen.append)
        y.register_hook(lambda g: g * 2)
        sum([y[k] * (k + 1.0) for k in range(3)]).backward()
        assert [g.tolist() for g in seen] == [[1.0, 2.0, 3.0]]
        assert x.grad.tolist() == [2.0, 4.0, 6.0]

    def test_a_sweep_writes_to_no_array_that_a_hook_has_or_gave(self, seen):
        x, given = variable(1.0, 2.0), np.array([5.0, 6.0])
        y = x * 1.0
        y[0] = x[1] * 3.0
        y.register_hook(seen.append)
        z = y * 1.0
        z[0] = x[0]
        z.register_hook(lambda g: given)
        (y[0] * 2.0 + y[1] + z[0] + z[1]).backward()
        assert given.tolist() == [5.0, 6.0]
        assert [g.tolist() for g in seen] == [[2.0, 7.0]]
        assert x.grad.tolist() == [5.0, 13.0]

    def test_complex_gradients_are_those_of_grad(self, seen):
        z = variable(1.0 + 2.0j, dtype=complex)
        z.register_hook(seen.append)
        z.register_hook(lambda g: g * 1j)
        (np.abs(z) ** 2).sum().backward()
        assert seen[0].tolist() == [2.0 + 4.0j]
        assert z.grad.tolist() == [-4.0 + 2.0j]

    def test_what_a_hook_of_backward_computes_is_not_recorded(self):
        x, w = variable(1.0), variable(3.0)
        x.register_hook(lambda g: g * w)
        (x * x).sum().backward()
        assert x.grad.tolist() == [6.0]
        assert w.grad is None

    def test_with_detect_anomaly_and_a_trace(self, seen):
        with tl.tracing(), tl.detect_anomaly():
            x = variable(1.0, 2.0)
            y = np.sin(x)
            y.register_hook(lambda g: g * 2)
            y.sum().backward()
        assert y._node.grad.tolist() == [2.0, 2.0]
        x.register_hook(lambda g: g * np.nan)
        y = np.exp(x)
        y.sum().backward()
        assert np.isnan(x.grad).all()

    def test_a_rule_is_not_blamed_for_a_hook_s_nan(self):
        with tl.detect_anomaly():
            x = variable(1.0)
            y = np.sin(x)
            y.register_hook(lambda g: g * np.nan)
            y.sum().backward()
        assert np.isnan(x.grad).all()


class TestVersions:
    def test_it_belongs_to_the_value_before_the_write(self, seen):
        x = variable(1.0, 2.0)
        y = x * 1.0
        y.register_hook(lambda g: seen.append(("before", g.tolist())))
        z = (y * 5.0).sum()
        y[0] = 7.0
        y.register_hook(lambda g: seen.append(("after", g.tolist())))
        (z + (y * y).sum()).backward()
        assert seen == [("after", [14.0, 4.0]), ("before", [5.0, 9.0])]
        assert x.grad.tolist() == [5.0, 9.0]

    def test_what_replaces_the_gradient_of_a_written_array(self):
        x = variable(1.0, 2.0)
        y = x * 1.0
        y[0] = x[1] * 3.0
        y.register_hook(lambda g: g * 10.0)
        y.sum().backward()
        assert x.grad.tolist() == [0.0, 40.0]

    def test_copies_take_none_along(self, seen):
        x = variable(1.0)
        x.register_hook(seen.append)
        for y in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
            (y * y).sum().backward()
        assert not seen

    def test_nothing_is_kept_alive(self):
        x = variable(1.0)
        y = x * 2.0
        y.register_hook(lambda g, y=y: g * y.data)  # a circle through its own Tensor
        node = weakref.ref(y._node)
        del y
        gc.collect()
        assert node() is None


class TestTransforms:
    def test_on_an_argument_and_within(self, seen):
        def f(x):
            x.register_hook(lambda g: seen.append("x"))
            y = np.sin(x)
            y.register_hook(lambda g: g * 2.0)
            return y.sum()

        x = np.array([0.5, 1.0])
        g = tl.grad(f)(x)
        assert type(g) is np.ndarray
        np.testing.assert_allclose(g, 2 * np.cos(x))
        assert seen == ["x"]
        np.testing.assert_allclose(tl.vjp(f, x)[1](1.0)[0], 2 * np.cos(x))
        np.testing.assert_allclose(tl.jacobian(f)(x), 2 * np.cos(x))

    def test_what_a_hook_gives_is_differentiated(self):
        def f(x):
            y = x * x
            y.register_hook(lambda g: g * np.sin(x))
            return y.sum()

        def gradient(x):
            return 2 * x * np.sin(x)

        x = np.array([0.5, 1.0])
        np.testing.assert_allclose(tl.grad(f)(x), gradient(x))
        got = tl.grad(lambda x: (tl.grad(f)(x) ** 2).sum())(x)
        # the outer gradient goes through x * x once more: on its way back, the hook is called again
        expected = tl.grad(lambda x: (gradient(x) ** 2).sum())(x)
        np.testing.assert_allclose(got, expected)

    def test_what_a_hook_reaches_for_outside_is_differentiated(self):
        def inner(w):
            def f(x):
                y = x * 3.0
                y.register_hook(lambda g: g * w)
                return y.sum()

            return tl.grad(f)(2.0)

        assert inner(5.0) == 15.0
        assert tl.grad(inner)(5.0) == 3.0

    def test_forward_derivatives_refuse_and_jacobians_go_by_rows(self):
        def f(x):
            y = x * x
            y.register_hook(lambda g: np.clip(g, -1.0, 1.0))
            return np.concatenate([y, 5.0 * y])

        x = np.array([1.0, 2.0])
        np.testing.assert_allclose(tl.jacobian(f)(x), np.vstack([np.diag(2 * x), np.diag(2 * x)]))
        with pytest.raises(RuntimeError, match=r"jvp: a hook is registered .*handle\.remove\(\)"):
            tl.jvp(f, (x,), (x,))

    def test_a_checkpoints_hooks(self, seen):
        w = variable(2.0)
        w.register_hook(lambda g: seen.append(("w", g.tolist())))

        def f(x):
            y = x * w
            y.register_hook(lambda g: seen.append(("y", g.tolist())))
            return y

        x = variable(3.0)
        x.register_hook(lambda g: seen.append(("x", g.tolist())))
        (tl.checkpoint(f)(x) + w * 10.0 + x).sum().backward()
        assert sorted(seen) == [("w", [13.0]), ("x", [3.0]), ("y", [1.0])]

    def test_on_a_checkpoints_argument_within_it(self):
        def f(x):
            x.register_hook(lambda g: g * 10.0)
            return x * x

        x = variable(3.0)
        tl.checkpoint(f)(x).sum().backward()
        assert x.grad.tolist() == [60.0]

    def test_forward_derivatives_through_a_checkpoint_with_hooks_refuse(self):
        def f(x):
            y = x * x
            y.register_hook(lambda g: np.clip(g, -1.0, 1.0))
            return 5.0 * y

        x = np.array([1.0, 2.0])
        np.testing.assert_allclose(tl.jacobian(tl.checkpoint(f))(x), np.diag(2 * x))
        with pytest.raises(RuntimeError, match="jvp: a hook is registered"):
            tl.jvp(tl.checkpoint(f), (x,), (x,))


class TestErrors:
    def test_where_there_is_no_gradient(self):
        with pytest.raises(RuntimeError, match="register_hook: this Tensor requires no gradient"):
            tl.tensor(1.0).register_hook(print)

    def test_what_is_no_function(self):
        with pytest.raises(TypeError, match="register_hook: a hook is a function of the gradient, not 3"):
            variable(1.0).register_hook(3)

    @pytest.mark.parametrize(
        ("given", "what"),
        [(np.ones(3), r"float64\[3\]"), (np.ones(2, np.float32), r"float32\[2\]"), (1.0, r"float64\[\]")],
    )
    @pytest.mark.parametrize("transform", [False, True])
    def test_what_does_not_fit(self, given, what, transform):
        def misfit(g):
            return given

        def f(x):
            y = np.sin(x)
            y.register_hook(misfit)
            return y.sum()

        x = variable(1.0, 2.0)
        message = rf"register_hook: the hook .*misfit gave {what} in place of a gradient float64\[2\]"
        with pytest.raises(ValueError, match=message) as error:
            tl.grad(f)(np.ones(2)) if transform else f(x).backward()
        assert "on sin, of float64[2]" in error.value.__notes__[0]
        assert x.grad is None


def test_a_graph_without_hooks_is_asked_nothing(monkeypatch):
    """The sweep looks where it looked anyway: at nodes that are watched."""
    monkeypatch.setattr(sweep, "after_hooks", lambda *_: pytest.fail("asked for hooks"))
    x = variable(1.0, 2.0)
    (np.exp(x) * x).sum().backward()
    tl.hessian(lambda x: (x * x).sum())(np.ones(2))
