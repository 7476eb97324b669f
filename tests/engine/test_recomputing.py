"""Checkpoints: derivatives of any order as without, little is kept, and a second run that is another is an error."""

from __future__ import annotations

import gc
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest

import tinygrad_lite as tl
import tinygrad_lite.numpy as tnp
from tinygrad_lite import nn
from tinygrad_lite.engine.graph import Node
from tinygrad_lite.engine.trees import flatten

ELSE = "computes something else than it did"


def variable(*numbers, dtype=float):
    return tl.tensor(np.array(numbers, dtype), requires_grad=True)


def same(a, b):
    for x, y in zip(flatten(a)[0], flatten(b)[0], strict=True):
        np.testing.assert_array_equal(x, y)


class Pair(NamedTuple):
    first: object
    second: object


def smooth(x):
    return np.sin(np.exp(x) * x).sum()


def of_written(x):
    t = tnp.zeros(3)
    t[0] = x[0] * 2.0
    t[1:] = x * x
    row = t[1:]
    row *= x
    return (t * t).sum() + t[2]


def of_views(x):
    return (np.outer(x, x).T[:, ::-1] @ x[::-1]).sum()


def nested(x):
    return tl.checkpoint(lambda y: np.exp(y * x))(np.sin(x)).sum()


def in_containers(x):
    @tl.checkpoint
    def f(d, pair, *, scale, text):
        y = d["u"] * pair.first
        return {"y": [y * scale, text], "z": Pair(np.exp(y).sum(), None)}

    out = f({"u": x}, Pair(x * 2.0, 3), scale=np.arange(2.0), text="text")
    assert out["y"][1] == "text"
    return out["y"][0].sum() * out["z"].first


PROGRAMS = [smooth, of_written, of_views, nested, in_containers]
X = np.array([0.3, 0.8])


class TestDerivatives:
    @pytest.mark.parametrize("f", PROGRAMS)
    def test_of_every_kind(self, f):
        c, v = tl.checkpoint(f), np.array([1.0, -2.0])
        same(tl.value_and_grad(c)(X), tl.value_and_grad(f)(X))
        same(tl.hessian(c)(X), tl.hessian(f)(X))
        same(tl.hvp(c)(X, v), tl.hvp(f)(X, v))
        same(tl.jvp(c, (X,), (v,)), tl.jvp(f, (X,), (v,)))
        same(tl.grad(lambda x: (tl.grad(c)(x) ** 2).sum())(X), tl.grad(lambda x: (tl.grad(f)(x) ** 2).sum())(X))

    @pytest.mark.parametrize("f", PROGRAMS)
    def test_against_central_differences(self, f):
        tl.check_gradients(tl.checkpoint(f), X, order=3, rtol=1e-5)

    def test_of_jacobians_by_rows_and_by_columns(self):
        for m in (1, 5):
            c = tl.checkpoint(lambda x, m=m: np.outer(np.arange(m), np.exp(x)).ravel())
            np.testing.assert_array_equal(tl.jacobian(c)(X), tl.jacobian(c.__wrapped__)(X))

    @pytest.mark.parametrize("dtype", [np.float32, np.complex128])
    def test_of_other_numbers(self, dtype):
        def f(z):
            return np.abs(z * z + np.exp(z)).sum()

        z = np.array([0.5, 1.0]).astype(dtype) * (1 if dtype == np.float32 else 1 + 0.5j)
        got = tl.grad(tl.checkpoint(f))(z)
        same(got, tl.grad(f)(z))
        assert got.dtype == dtype

    def test_several_results_of_which_some_are_used(self):
        f = tl.checkpoint(lambda x, y: (x * 2.0, np.sin(y), x * y, x))
        x, y = variable(1.0, 2.0), variable(3.0, 4.0)
        a, _, c, d = f(x, y)
        (a * c + d).sum().backward()
        np.testing.assert_array_equal(x.grad, 4 * x.data * y.data + 1)
        np.testing.assert_array_equal(y.grad, 2 * x.data**2)
        x.grad = y.grad = None
        f(x, y)[0].sum().backward()
        assert x.grad.tolist() == [2.0, 2.0]
        assert y.grad.tolist() == [0.0, 0.0]

    def test_an_argument_without_influence(self):
        x, y = variable(1.0), variable(2.0)
        tl.checkpoint(lambda x, y: x * x)(x, y).sum().backward()
        assert y.grad is None
        with pytest.warns(UserWarning, match="does not depend on argument 1"):
            tl.grad(tl.checkpoint(lambda x, y: x * x), (0, 1))(1.0, 2.0)

    def test_what_has_no_gradient_is_as_it_was(self):
        f = tl.checkpoint(lambda x: (x > 1.0, x.shape, 3))
        same(f(variable(1.0, 2.0)), [np.array([False, True]), (2,), 3])
        with tl.no_grad():
            assert not tl.checkpoint(np.exp)(variable(1.0)).requires_grad
        assert type(tl.checkpoint(np.exp)(np.ones(2))) is np.ndarray

    def test_a_graph_that_is_retained_and_one_that_is_not(self):
        x = variable(1.0, 2.0)
        y = tl.checkpoint(smooth)(x)
        y.backward(retain_graph=True)
        y.backward()
        np.testing.assert_array_equal(x.grad, 2 * tl.grad(smooth)(x.data))
        with pytest.raises(RuntimeError, match="released"):
            y.backward()

    def test_one_result_twice(self):
        x = variable(1.0, 2.0)
        y, z = tl.checkpoint(lambda x: [x * x] * 2)(x)
        (y * 3.0 + z).sum().backward()
        assert x.grad.tolist() == [8.0, 16.0]

    def test_results_that_the_function_goes_on_writing_to(self):
        inner = []

        def f(x):
            t = x * 1.0
            t[0] = 5.0
            inner.append(t)
            return t

        y = tl.checkpoint(f)(variable(1.0, 2.0))
        inner[0][1] = 7.0
        assert y.data.tolist() == [5.0, 2.0]

    def test_results_are_arrays_of_their_own(self):
        x = variable(1.0, 2.0) * 1.0
        y = tl.checkpoint(lambda x: x)(x)
        y[0] = 5.0
        x[1] = 7.0
        assert (x.data.tolist(), y.data.tolist()) == ([1.0, 7.0], [5.0, 2.0])

    @pytest.mark.parametrize("layout", [np.asfortranarray, lambda a: a[::2, ::-1], lambda a: a.T])
    @pytest.mark.parametrize("plain", [False, True])
    def test_arrays_however_they_lie_in_memory(self, layout, plain):
        a = layout(np.random.default_rng(0).normal(size=(60, 60)))
        w = variable(*np.linspace(0, 1, a.shape[1]))
        given = a if plain else tl.Tensor(a, requires_grad=True)
        tl.checkpoint(lambda a: np.sin(a @ w).sum() + (a.sum(axis=0) * w).sum())(given).backward()
        expected = tl.grad(lambda w: np.sin(a @ w).sum() + (a.sum(axis=0) * w).sum())(w.data)
        np.testing.assert_allclose(w.grad, expected, rtol=1e-11)  # sums in another order

    def test_of_a_function_that_takes_derivatives(self):
        for f in (tl.grad(smooth), lambda x: tl.hessian(smooth)(x) @ x, lambda x: tl.jvp(smooth, (x,), (x,))[1]):
            same(tl.jacobian(tl.checkpoint(f))(X), tl.jacobian(f)(X))

    def test_drawing_one(self):
        with tl.tracing():
            y = tl.checkpoint(smooth)(variable(1.0, 2.0))
            y.backward(retain_graph=True)
            y.backward()
        source = tl.draw(y).source
        assert "checkpoint" in source
        assert " object at" not in source


class TestClosures:
    def test_a_modules_parameters(self):
        net = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 1, rng=1))
        x = np.ones((2, 3), np.float32)
        for step in (net, tl.checkpoint(net), tl.checkpoint(net.forward)):
            for p in net.parameters():
                p.zero_grad()
            (step(x) ** 2).sum().backward()
            got = [p.grad for p in net.parameters()]
            if step is net:
                expected = got
            same(got, expected)

    @pytest.mark.parametrize("momentum", [0.1, None])
    def test_running_statistics_move_once(self, momentum):
        x = np.random.default_rng(0).normal(size=(4, 2))
        norms = [nn.BatchNorm1d(2, momentum=momentum, dtype=np.float64) for _ in range(2)]
        gradients = []
        for norm, f in zip(norms, (norms[0], tl.checkpoint(norms[1])), strict=True):
            for _ in range(2):
                t = variable(*x)
                (f(t) ** 3).sum().backward()
            gradients.append([t.grad, norm.weight.grad, norm.running_mean, norm.running_var, norm.num_batches_tracked])
        same(*gradients)

    def test_intermediates_and_what_they_come_from(self):
        x = variable(1.0, 2.0)
        u = x * x
        tl.checkpoint(lambda y: (y * u * x).sum())(x).backward()
        np.testing.assert_array_equal(x.grad, 4 * x.data**3)

    def test_a_written_array_and_its_views(self):
        x = variable(1.0, 2.0)
        t = tnp.asarray(x * 1.0)
        t[0] = x[1] * 3.0
        view = t[:1]
        t[0] *= 2.0
        tl.checkpoint(lambda y: (y * view + t).sum())(x).backward()
        assert x.grad.tolist() == [12.0, 37.0]  # t[0] is 6 x[1]

    def test_the_closure_itself_as_the_result(self):
        w = variable(2.0)
        y, z = tl.checkpoint(lambda x: (w, x))(variable(1.0))
        (y * y * z).sum().backward()
        assert w.grad.tolist() == [4.0]

    def test_another_transforms_variable(self):
        def f(w):
            return tl.grad(tl.checkpoint(lambda x: np.sin(x * w)))(2.0)

        def g(w):
            return tl.grad(lambda x: np.sin(x * w))(2.0)

        same(tl.grad(f)(3.0), tl.grad(g)(3.0))
        same(tl.hessian(f)(3.0), tl.hessian(g)(3.0))

    def test_nothing_but_a_closure(self):
        w = variable(2.0)
        tl.checkpoint(lambda: np.exp(w))().sum().backward()
        np.testing.assert_array_equal(w.grad, np.exp(w.data))


class TestRandomNumbers:
    def draws(self, f, *args):
        """What a generator's noise did to the output, and to the gradient."""
        x = variable(*np.ones(50))
        y = tl.checkpoint(f)(x, *args)
        y.sum().backward()
        np.testing.assert_array_equal(x.grad, y.data)

    def test_of_an_argument_and_the_next_ones(self):
        rng, other = np.random.default_rng(0), np.random.default_rng(0)
        self.draws(lambda x, rng: x * rng.normal(size=50), rng)
        other.normal(size=50)
        assert rng.random() == other.random()  # the backward pass has left it where it was

    def test_those_drawn_in_between_stay_drawn(self):
        rng, other = np.random.default_rng(0), np.random.default_rng(0)
        x = variable(1.0)
        y = tl.checkpoint(lambda x: x * rng.normal())(x)
        rng.normal(size=10)
        y.sum().backward()
        other.normal(size=11)
        assert rng.random() == other.random()

    def test_of_a_closure_and_of_a_partial(self):
        rng = np.random.default_rng(0)
        self.draws(lambda x: x * rng.normal(size=50))
        self.draws(partial(lambda rng, x: x * rng.normal(size=50), rng))

    def test_of_a_module_within_modules(self):
        self.draws(nn.Sequential(nn.Sequential(nn.Dropout(0.5, rng=0))))

    def test_of_numpys_own(self):
        np.random.seed(0)  # noqa: NPY002
        self.draws(lambda x: x * np.random.normal(size=50))  # noqa: NPY002

    def test_of_an_adapted_program(self):
        rng = np.random.default_rng(0)
        self.draws(tl.adapt(lambda x: x * rng.normal(size=50)))

    def test_of_another_is_an_error(self):
        hidden = iter([np.random.default_rng(0)] * 2)
        with pytest.raises(RuntimeError, match=rf"checkpoint: .*lambda.*{ELSE}"):
            self.draws(lambda x: x * next(hidden).normal(size=50))


class TestChanges:
    def test_of_a_parameter(self):
        w, x = variable(2.0, 3.0), variable(1.0, 1.0)
        y = tl.checkpoint(lambda x: (x * w).sum())(x)
        with tl.no_grad():
            w -= 0.1
        with pytest.raises(RuntimeError, match=ELSE):
            y.backward()
        assert x.grad is None

    def test_of_a_name(self):
        x = h = variable(1.0)
        for k in range(2):
            h = tl.checkpoint(lambda h: h * (k + 2.0))(h)  # noqa: B023
        with pytest.raises(RuntimeError, match=ELSE):
            h.sum().backward()
        h = x
        for k in range(2):
            h = tl.checkpoint(lambda h, k: h * (k + 2.0))(h, k)
        h.sum().backward()
        assert x.grad.tolist() == [6.0]

    def test_of_a_branch_that_saves_nothing(self):
        up, x = [True], variable(1.0)
        y = tl.checkpoint(lambda x: x + x if up[0] else x - x)(x)
        up[0] = False
        with pytest.raises(RuntimeError, match=ELSE):
            y.sum().backward()

    def test_of_what_the_result_reaches_for(self):
        reach, x = [variable(2.0)], variable(1.0)
        y = tl.checkpoint(lambda x: x * reach[0])(x)
        reach[0] = variable(2.0)
        with pytest.raises(RuntimeError, match=ELSE):
            y.sum().backward()

    def test_what_does_not_matter(self):
        x, noise = variable(1.0, 2.0), iter([1.0, 2.0])
        tl.checkpoint(lambda x: x * x + next(noise))(x).sum().backward()
        assert x.grad.tolist() == [2.0, 4.0]

    @pytest.mark.parametrize("n", [3, 100_000])
    def test_of_an_array_that_was_given(self, n):
        x, c = variable(*np.ones(n)), np.full(n, 2.0)
        y = tl.checkpoint(lambda x, c: (x * c).sum())(x, c)
        c[:] = 5.0
        if n > 3:
            with pytest.raises(RuntimeError, match="was written to"):
                y.backward()
        else:
            y.backward()
            assert x.grad.tolist() == [2.0] * n

    def test_of_tensors_that_were_given(self):
        x, c = variable(7.0, 2.0) * 1.0, tl.tensor([3.0, 4.0])
        x[0] = 1.0  # in memory of its own from here on
        leaf = variable(1.0, 1.0)
        y = tl.checkpoint(lambda x, c, leaf: (x * x * c * leaf).sum())(x, c, leaf)
        x[:] = 0.0
        c[:] = 0.0
        with tl.no_grad():
            leaf += 5.0
        y.backward()
        assert leaf.grad.tolist() == [3.0, 16.0]

    @pytest.mark.parametrize("constant", [False, True])
    def test_writing_to_an_argument_is_refused(self, constant):
        def f(x, y):
            y[0] = x[1] * 2.0
            return x * y

        x = variable(1.0, 2.0)
        y = tl.tensor([1.0, 2.0]) if constant else x * 1.0
        with pytest.raises(TypeError, match=r"checkpoint: .*f writes to its argument.*x\.copy\(\)"):
            tl.checkpoint(f)(x, y)
        with pytest.raises(ValueError, match="read-only"):
            tl.checkpoint(lambda x, c: x * np.copyto(c, 1.0))(x, np.zeros(2))

    def test_making_a_leaf_is_refused(self):
        with pytest.raises(TypeError, match=r"checkpoint: .*lambda.* makes a Tensor that requires a gradient"):
            tl.checkpoint(lambda x: x * variable(2.0))(variable(1.0))

    def test_a_refusal_that_the_function_swallows(self):
        def f(x):
            try:
                return float(x)
            except TypeError:
                return x * 2.0

        with pytest.raises(TypeError, match="went on after something was refused"):
            tl.grad(tl.checkpoint(f))(1.0)


class TestMemory:
    @staticmethod
    def nodes():
        gc.collect()
        return sum(type(x) is Node for x in gc.get_objects())

    def test_a_segment_keeps_two_nodes_however_long_it_is(self):
        x = variable(*np.ones(100))
        for length in (5, 500):

            def f(h, length=length):
                for _ in range(length):
                    h = np.sin(h) * 0.9
                return h

            h = None
            before = self.nodes()
            h = tl.checkpoint(f)(x)
            assert self.nodes() == before + 2
            saved = h._node.pulls[0][0].pulls[0][2][0]
            assert sum(v.nbytes for v in saved if v is not None) == x._value.nbytes

    def test_one_more_run_for_each_backward_pass_whatever_goes_in_and_out(self):
        runs = []

        def f(x, y):
            runs.append(1)
            return x * w, y * x, x + y

        w, x, y = variable(1.0), variable(2.0), variable(3.0)
        a, b, c = tl.checkpoint(f)(x, y)
        assert len(runs) == 1
        (a * b * c).sum().backward(retain_graph=True)
        assert len(runs) == 2
        (a * b * c).sum().backward()
        assert len(runs) == 3

    def test_what_a_backward_pass_recorded_is_gone_after_it(self):
        x = variable(1.0, 2.0)
        y = tl.checkpoint(smooth)(x)
        y.backward(retain_graph=True)
        before = self.nodes()
        y.backward(retain_graph=True)
        assert self.nodes() == before
