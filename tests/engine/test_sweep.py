"""The tape: when it records, the backward sweep, what is kept alive and for how long."""

import asyncio
import gc
import threading
import tracemalloc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite.engine.graph import Constant, Node
from tinygrad_lite.engine.recording import recording
from tinygrad_lite.table.primitive import Primitive


def leaf(*entries):
    return tl.tensor(list(entries), requires_grad=True)


def counting(rule, calls, name):
    """A rule that notes each of its calls."""

    def counted(g):
        calls.append(name)
        return rule(g)

    return counted


@pytest.fixture
def no_collector():
    """The cycle collector switched off, and nothing left for it from before."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


# ---------------------------------------------------------------------------------------------------------------------
# no_grad


class TestNoGrad:
    def test_as_a_context(self):
        w = leaf(1.0, 2.0)
        with tl.no_grad():
            y = (w * w).sum()
        assert not y.requires_grad
        assert y.is_leaf
        assert (w * w).requires_grad

    def test_as_a_decorator(self):
        @tl.no_grad()
        def loss(w, *, scale):
            """The loss."""
            return (w * w).sum() * scale

        w = leaf(1.0, 2.0)
        assert not loss(w, scale=2.0).requires_grad
        assert (loss.__name__, loss.__doc__) == ("loss", "The loss.")
        assert (w * w).requires_grad

    def test_nested(self):
        w = leaf(1.0)
        with tl.no_grad():
            with tl.no_grad():
                assert not (w * w).requires_grad
            assert not (w * w).requires_grad
        assert (w * w).requires_grad

    def test_one_instance_used_again_and_within_itself(self):
        off, w = tl.no_grad(), leaf(1.0)
        with off, off:
            assert not (w * w).requires_grad
        assert (w * w).requires_grad
        with off:
            assert not (w * w).requires_grad
        assert (w * w).requires_grad

    def test_a_recursive_decorated_function(self):
        @tl.no_grad()
        def down(n, w):
            return w * w if not n else down(n - 1, w)

        w = leaf(1.0)
        assert not down(3, w).requires_grad
        assert recording.get()

    def test_is_over_after_an_exception(self):
        w = leaf(1.0)
        with pytest.raises(ZeroDivisionError), tl.no_grad():
            raise ZeroDivisionError

        @tl.no_grad()
        def fails():
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fails()
        assert (w * w).requires_grad

    def test_is_over_after_an_exception_in_a_transform_or_in_a_rule(self):
        broken = Primitive(lambda x: x * 1.0, {"x": lambda g: g.nothing_like_it}, name="broken")
        with pytest.raises(AttributeError):
            broken(leaf(1.0)).sum().backward()
        with tl.no_grad(), pytest.raises(ZeroDivisionError):
            tl.grad(lambda x: x * (1 // 0))(1.0)
        assert (leaf(1.0) * 2).requires_grad
        with tl.no_grad():
            with pytest.raises(ZeroDivisionError):
                tl.grad(lambda x: x * (1 // 0))(1.0)
            assert not (leaf(1.0) * 2).requires_grad

    def test_is_the_threads_own(self):
        w, seen = leaf(1.0), []
        inside, done = threading.Event(), threading.Event()

        def other():
            inside.wait(10)
            seen.append((w * w).requires_grad)
            done.set()

        thread = threading.Thread(target=other)
        thread.start()
        with tl.no_grad():
            inside.set()
            assert done.wait(10)
            assert not (w * w).requires_grad
        thread.join()
        assert seen == [True]

    def test_is_the_asynchronous_tasks_own(self):
        w = leaf(1.0)

        async def without():
            with tl.no_grad():
                await asyncio.sleep(0)
                seen = (w * w).requires_grad
                await asyncio.sleep(0)
            return seen, (w * w).requires_grad

        async def with_gradient():
            seen = []
            for _ in range(4):
                seen.append((w * w).requires_grad)
                await asyncio.sleep(0)
            return seen

        async def both():
            return await asyncio.gather(without(), with_gradient(), without())

        first, second, third = asyncio.run(both())
        assert first == third == (False, True)
        assert second == [True] * 4

    def test_refuses_functions_whose_body_runs_later(self):
        def generator():
            yield 1

        async def coroutine():
            return 1

        for function in (generator, coroutine):
            with pytest.raises(TypeError, match=rf"{function.__name__} is a generator or coroutine"):
                tl.no_grad()(function)

    def test_leaves_made_inside_record_outside(self):
        with tl.no_grad():
            w = leaf(1.0, 2.0)
        (w * w).sum().backward()
        np.testing.assert_array_equal(w.grad, [2.0, 4.0])

    def test_backward_works_inside(self):
        w = leaf(1.0, 2.0)
        y = (w * w).sum()
        with tl.no_grad():
            y.backward()
        np.testing.assert_array_equal(w.grad, [2.0, 4.0])


# ---------------------------------------------------------------------------------------------------------------------
# Sums over every way through a graph


@st.composite
def programs(draw):
    """Steps, each of an operation and which earlier values it takes."""
    steps = []
    for n in range(2, 2 + draw(st.integers(1, 14))):
        earlier = st.integers(0, n - 1)
        operation = draw(st.sampled_from(["add", "multiply", "sin", "mix", "reverse", "spread", "subtract", "repeat"]))
        steps.append((operation, draw(earlier), draw(earlier)))
    roots = draw(st.lists(st.integers(0, len(steps) + 1), min_size=1, max_size=4))
    return steps, roots


MIX = np.array([[0.5, -0.25, 0.1], [0.2, 0.3, -0.4], [-0.1, 0.6, 0.25]])


def dense(operation, a, b):
    """The value of a step and its Jacobian, by the chain rule on whole matrices: forward mode, no graph."""
    (u, ju), (v, jv) = a, b
    n = len(u)
    match operation:
        case "add":
            return u + v, ju + jv
        case "subtract":
            return u - v, ju - jv
        case "multiply":
            return u * v, v[:, None] * ju + u[:, None] * jv
        case "sin":
            return np.sin(u), np.cos(u)[:, None] * ju
        case "mix":
            return MIX @ u, MIX @ ju
        case "reverse":
            return u[::-1], ju[::-1]
        case "spread":
            return u.sum() + v, np.ones((n, n)) @ ju + jv
        case "repeat":
            return u[[0, 0, 2]] * 0.5, ju[[0, 0, 2]] * 0.5


def taped(operation, u, v):
    match operation:
        case "add":
            return u + v
        case "subtract":
            return u - v
        case "multiply":
            return u * v
        case "sin":
            return np.sin(u)
        case "mix":
            return MIX @ u
        case "reverse":
            return u[::-1]
        case "spread":
            return u.sum() + v
        case "repeat":
            return u[[0, 0, 2]] * 0.5


@given(program=programs(), order=st.randoms(use_true_random=False))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_gradients_are_sums_over_all_paths(program, order):
    steps, roots = program
    start = [np.array([0.3, -0.5, 0.8]), np.array([0.9, 0.2, -0.7])]
    known = [(start[0], np.eye(3, 6)), (start[1], np.eye(3, 6, 3))]
    values = [tl.tensor(x, requires_grad=True) for x in start]
    for operation, i, j in steps:
        known.append(dense(operation, known[i], known[j]))
        values.append(taped(operation, values[i], values[j]))
    weights = np.array([1.0, -2.0, 0.5])
    order.shuffle(roots)
    loss = sum((weights * values[k]).sum() for k in roots)
    expected = sum(weights @ known[k][1] for k in roots)
    loss.backward()
    got = np.concatenate([np.zeros(3) if x.grad is None else x.grad for x in values[:2]])
    np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-10 * max(1.0, np.abs(expected).max()))


@given(program=programs())
@settings(deadline=None, derandomize=True, max_examples=100)
def test_the_transforms_agree_with_dense_jacobians_on_the_same_graphs(program):
    steps, roots = program
    start = [np.array([0.3, -0.5, 0.8]), np.array([0.9, 0.2, -0.7])]
    known = [(start[0], np.eye(3, 6)), (start[1], np.eye(3, 6, 3))]
    for operation, i, j in steps:
        known.append(dense(operation, known[i], known[j]))

    def f(a, b):
        values = [a, b]
        for operation, i, j in steps:
            values.append(taped(operation, values[i], values[j]))
        return [values[k] for k in roots]

    expected = np.stack([known[k][1] for k in roots])
    close = {"rtol": 1e-10, "atol": 1e-10 * max(1.0, np.abs(expected).max())}
    blocks = tl.jacobian(f, argnums=(0, 1))(*start)
    np.testing.assert_allclose(np.stack([np.hstack(pair) for pair in blocks]), expected, **close)
    v = np.array([1.0, -0.5, 0.25, 2.0, 0.1, -1.0])
    _, tangents = tl.jvp(f, tuple(start), (v[:3], v[3:]))
    np.testing.assert_allclose(np.stack(tangents), expected @ v, **close)


def test_one_tensor_used_many_times():
    x = leaf(2.0)
    y = x
    for _ in range(10):
        y = y + y
    y.backward()
    assert x.grad.item() == 1024


def test_a_root_may_lie_on_the_way_to_another():
    x = leaf(2.0)
    middle = x * x
    end = middle * 3
    (end + middle).backward()
    assert x.grad.item() == 4 * 4


# ---------------------------------------------------------------------------------------------------------------------
# How often a rule runs


class TestRuleCalls:
    def test_once_for_each_edge(self):
        calls = []
        double = Primitive(lambda x: x * 2, {"x": counting(lambda g: g * 2, calls, "double")}, name="double")
        plus = Primitive(
            lambda a, b: a + b,
            {"a": counting(lambda g: g, calls, "left"), "b": counting(lambda g: g, calls, "right")},
            name="plus",
        )
        x = leaf(1.0)
        y = x
        for _ in range(20):  # 2²⁰ paths, 60 edges
            y = plus(double(y), y)
        y.backward()
        assert x.grad.item() == 3.0**20
        assert sorted(calls) == ["double"] * 20 + ["left"] * 20 + ["right"] * 20

    def test_none_for_inputs_that_need_no_gradient(self):
        calls = []
        times = Primitive(
            lambda a, b: a * b,
            {"a": counting(lambda g: g, calls, "left"), "b": counting(lambda g: g, calls, "right")},
            name="times",
        )
        w, c = leaf(1.0), tl.tensor([1.0])
        times(w, c).backward()
        times(w, np.ones(1)).backward()
        times(w, 1.0).backward()
        times(w, w.detach()).backward()
        assert calls == ["left"] * 4
        calls.clear()
        times(c, w).backward()
        assert calls == ["right"]

    def test_none_for_arguments_that_a_transform_does_not_ask_for(self):
        calls = []
        times = Primitive(
            lambda a, b: a * b,
            {"a": counting(lambda g: g, calls, "left"), "b": counting(lambda g: g, calls, "right")},
            name="times",
        )
        side = Primitive(lambda x: x + 1, {"x": counting(lambda g: g, calls, "side")}, name="side")
        w = leaf(1.0)  # a parameter outside
        tl.grad(lambda x: times(x, side(w)).sum())(np.ones(1))
        assert calls == ["left"]

    def test_none_when_nothing_is_recorded(self):
        calls = []
        double = Primitive(lambda x: x * 2, {"x": counting(lambda g: g * 2, calls, "double")}, name="double")
        w = leaf(1.0)
        with tl.no_grad():
            y = double(w)
        (y + w).backward()
        assert calls == []


# ---------------------------------------------------------------------------------------------------------------------
# Released graphs, failing rules


class TestReleased:
    def test_a_second_backward_says_what_to_do(self):
        w = leaf(1.0, 2.0)
        y = np.exp(w).sum()
        y.backward()
        before = w.grad.copy()
        with pytest.raises(RuntimeError, match=r"released by an earlier backward.*retain_graph=True"):
            y.backward()
        np.testing.assert_array_equal(w.grad, before)

    def test_retain_graph(self):
        w = leaf(1.0, 2.0)
        y = (w * w).sum()
        y.backward(retain_graph=True)
        y.backward(retain_graph=True)
        y.backward()
        np.testing.assert_array_equal(w.grad, 3 * 2 * w.data)
        with pytest.raises(RuntimeError, match="released"):
            y.backward()

    def test_a_shared_part_that_was_released(self):
        w = leaf(1.0, 2.0)
        shared = np.exp(w)
        (shared * 2).sum().backward()
        with pytest.raises(RuntimeError, match="released"):
            (shared * 3).sum().backward()
        np.testing.assert_allclose(w.grad, 2 * np.exp(w.data))

    def test_a_released_part_in_a_transform(self):
        w = leaf(1.0, 2.0)
        shared = np.exp(w)
        shared.sum().backward()
        with pytest.raises(RuntimeError, match="released"):
            tl.grad(lambda x: (x * shared).sum())(np.ones(2))

    def test_a_leaf_can_go_backward_again_and_again(self):
        w = leaf(1.0)
        w.backward()
        w.backward()
        assert w.grad.item() == 2.0


class TestFailures:
    @pytest.mark.parametrize(
        ("rule", "error", "message"),
        [
            (lambda g: g.nothing_like_it, AttributeError, "nothing_like_it"),
            (lambda g: np.ones(7), ValueError, r"its rule gave shape \(7,\) for an input of shape \(2,\)"),
            (lambda g: g.sum(), ValueError, r"its rule gave shape \(\)"),
        ],
    )
    def test_every_grad_is_as_it_was(self, rule, error, message):
        broken = Primitive(lambda x: x * 1.0, {"x": rule}, name="broken")
        u, v, w = leaf(1.0, 2.0), leaf(3.0, 4.0), leaf(5.0, 6.0)
        (v * 2).sum().backward()
        before = v.grad
        copied = before.copy()
        loss = (np.sin(v) * w + broken(np.exp(u)) + v + w).sum()
        with pytest.raises(error, match=message) as caught:
            loss.backward()
        assert any("in the derivative of" in note and "broken" in note for note in caught.value.__notes__)
        assert u.grad is None
        assert w.grad is None
        assert v.grad is before
        np.testing.assert_array_equal(v.grad, copied)

    def test_a_graph_released_in_part_leaves_every_grad_as_it_was(self):
        u, w = leaf(1.0, 2.0), leaf(5.0, 6.0)
        gone = np.exp(u)
        gone.sum().backward()
        before = u.grad.copy()
        with pytest.raises(RuntimeError, match="released"):
            (w + gone).sum().backward()
        assert w.grad is None
        np.testing.assert_array_equal(u.grad, before)

    def test_backward_of_a_wrong_gradient_leaves_the_graph_usable(self):
        w = leaf(1.0, 2.0)
        y = w * w
        with pytest.raises(ValueError, match="its gradient must too"):
            y.backward(np.ones(3))
        y.backward(np.ones(2))
        np.testing.assert_array_equal(w.grad, [2.0, 4.0])


# ---------------------------------------------------------------------------------------------------------------------
# What is kept alive


def saved_by(t):
    """The values a result's node saved, for each input that needs a gradient."""
    return [saved for _, _, saved in t._node.pulls]


class TestSaved:
    def test_add_keeps_nothing(self):
        w = leaf(1.0, 2.0)
        assert saved_by(w + w) == [(), ()]
        assert saved_by(w + 1.0) == [()]
        assert saved_by(-w) == [()]

    def test_exp_keeps_its_output_only(self):
        w = leaf(1.0, 2.0)
        y = np.exp(w)
        ((kept,),) = saved_by(y)
        assert kept is y._value

    @pytest.mark.parametrize("n", [2, 10_000], ids=["small: copied", "large: itself, watched"])
    def test_products_with_constants_keep_the_constant_only(self, n):
        w, x = tl.tensor(np.ones(n), requires_grad=True), np.linspace(3.0, 4.0, n)
        for y in (w * x, x * w):
            ((kept,),) = saved_by(y)
            np.testing.assert_array_equal(kept, x)
            assert (kept is x) == (n > 2)
            assert (y._node.watched is None) == (n == 2)

    @pytest.mark.parametrize("n", [4, 4000])
    def test_matmul_with_a_constant_keeps_the_constant_only(self, n):
        x, w = np.ones((n, 3)), tl.tensor(np.ones((3, 2)), requires_grad=True)
        (saved,) = saved_by(x @ w)
        (kept,) = [value for value in saved if isinstance(value, np.ndarray)]
        np.testing.assert_array_equal(kept, x)

    def test_pulls_lead_to_the_inputs_that_need_a_gradient(self):
        a, b = leaf(1.0), leaf(2.0)
        y = a * b
        assert [parent for parent, _, _ in y._node.pulls] == [a._node, b._node]
        z = a * tl.tensor([1.0])
        assert [parent for parent, _, _ in z._node.pulls] == [a._node]
        assert [type(parent) for parent in z._node.parents] == [Node, Constant]

    def test_a_plain_number_stands_for_itself(self):
        y = leaf(1.0) * 3.0
        assert y._node.parents[1] == 3.0

    def test_shapes_alone_are_kept_for_reductions(self):
        x = tl.tensor(np.ones((2, 3)), requires_grad=True)
        y = np.sin(x)
        value = weakref.ref(y._value)
        total = y.sum()
        del y
        assert value() is None
        total.backward()
        np.testing.assert_allclose(x.grad, np.cos(x.data))

    def test_backward_drops_what_was_saved(self):
        w = leaf(1.0, 2.0)
        y = np.exp(w)
        node = y._node
        loss = y.sum()
        value = weakref.ref(y._value)
        del y
        assert value() is not None
        loss.backward()
        assert node.pulls is None
        assert value() is None

    def test_nodes_know_the_shape_and_dtype_of_their_values(self):
        x = tl.tensor(np.ones((2, 3), np.float32), requires_grad=True)
        y = x.sum(axis=0)
        assert (y._node.shape, y._node.dtype) == ((3,), np.float32)
        assert repr(y._node) == "<sum (3,) float32>"
        x.name = "pixels"
        assert repr(x._node) == "<pixels (2, 3) float32>"


@pytest.mark.usefixtures("no_collector")
class TestFreedAtOnce:
    def test_values_that_nothing_saved(self):
        w = leaf(1.0, 2.0)
        y = w + 1.0
        value = weakref.ref(y._value)
        z = y + 1.0
        del y
        assert value() is None
        z.sum().backward()
        np.testing.assert_array_equal(w.grad, [1.0, 1.0])

    def test_values_that_were_saved_live_as_long_as_the_graph(self):
        w = leaf(1.0, 2.0)
        y = np.exp(w)
        value = weakref.ref(y._value)
        z = y + 1.0
        del y
        assert value() is not None
        del z
        assert value() is None

    @pytest.mark.parametrize("backward", [False, True])
    def test_the_graph(self, backward):
        w = tl.tensor(np.ones((3, 3)), requires_grad=True)
        x = np.ones((2, 3))
        h = np.tanh(x @ w)
        z = np.concatenate([h, h[:, ::-1]]) * tl.softmax(h.sum(axis=0))
        loss = (z * z).sum() + tl.cross_entropy(h, [0, 1])
        watched = [weakref.ref(t) for t in (h, z, loss)] + [weakref.ref(t._node) for t in (h, z, loss)]
        if backward:
            loss.backward()
        del h, z, loss
        assert [ref() for ref in watched] == [None] * 6

    @pytest.mark.parametrize(
        "transform",
        [
            lambda f, x: tl.grad(f)(x),
            lambda f, x: tl.hessian(f)(x),
            lambda f, x: tl.hvp(f)(x, x),
            lambda f, x: tl.jvp(f, (x,), (x,)),
            lambda f, x: tl.vjp(f, x)[1](1.0),
            lambda f, x: tl.grad(lambda u: tl.grad(f)(u).sum())(x),
        ],
    )
    def test_what_transforms_record(self, transform):
        seen = []

        def f(x):
            y = np.sin(x) * np.exp(x)
            seen.extend([weakref.ref(y), weakref.ref(y._node)])
            return (y * y).sum()

        transform(f, np.array([0.1, 0.2]))
        assert seen
        assert all(ref() is None for ref in seen)
        assert gc.collect() == 0

    def test_after_a_failure(self):
        broken = Primitive(lambda x: x * 1.0, {"x": lambda g: g.nothing_like_it}, name="broken")
        w = leaf(1.0, 2.0)
        y = broken(np.exp(w))
        watched = weakref.ref(y._node)
        try:
            y.sum().backward()
        except AttributeError:
            pass
        else:
            pytest.fail("the rule did not fail")
        del y
        assert watched() is None

    def test_nothing_is_left_to_the_collector(self):
        train(50)
        assert gc.collect() == 0

    def test_a_thousand_training_steps_leave_nothing(self):
        train(50)  # caches fill
        tracemalloc.start()
        try:
            train(20)
            gc.collect()  # the interpreter's free lists, which it empties
            objects, (memory, _) = len(gc.get_objects()), tracemalloc.get_traced_memory()
            train(1000)
            more_objects = len(gc.get_objects())
            assert gc.collect() == 0
            more_memory, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert more_objects - objects < 20
        # bytes: the interpreter's own tables grow by thousands at times; a number leaked each step would be 32 000
        assert more_memory - memory < 16_000

    def test_the_peak_is_what_the_rules_save(self):
        n = 100_000
        w = tl.tensor(np.ones(n), requires_grad=True)
        tracemalloc.start()
        try:
            y = w
            for _ in range(20):
                y = y + 1.0  # saves nothing
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 3.5 * 8 * n


def train(steps):
    """A small network that learns for so many steps."""
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((8, 4)), rng.integers(0, 3, 8)
    w = [tl.tensor(rng.standard_normal(s), requires_grad=True) for s in ((4, 5), (5,), (5, 3), (3,))]
    for _ in range(steps):
        h = np.tanh(x @ w[0] + w[1])
        loss = tl.cross_entropy(h @ w[2] + w[3], labels) + 0.01 * (w[0] ** 2).sum() + tl.softmax(h)[0, 0]
        loss.backward()
        for p in w:
            p.data -= 0.1 * p.grad
            p.zero_grad()


# ---------------------------------------------------------------------------------------------------------------------
# Long chains


def chain(x, n):
    for _ in range(n):
        x = x + 1e-6
    return x


many_nodes = pytest.mark.parametrize("count", [10**5, pytest.param(10**6, marks=pytest.mark.long)])


@pytest.mark.usefixtures("no_collector")
class TestLongChains:
    @many_nodes
    def test_many_nodes_backward_and_freed(self, count):
        w = tl.tensor(0.5, requires_grad=True)
        y = chain(w, count)
        middle = weakref.ref(y._node)
        y.backward()
        assert w.grad == 1.0
        del y
        assert middle() is None

    @many_nodes
    def test_many_nodes_freed_without_backward(self, count):
        w = tl.tensor(0.5, requires_grad=True)
        y = chain(w, count)
        last, first = weakref.ref(y._node), weakref.ref(w._node)
        del y
        assert last() is None
        del w
        assert first() is None

    def test_that_multiply(self):
        w = tl.tensor(1.0, requires_grad=True)
        y = w
        for _ in range(10**5):
            y = y * 1.00001
        y.backward()
        assert w.grad == pytest.approx(1.00001**100_000, rel=1e-9)

    def test_with_fan_out_at_every_node(self):
        w = tl.tensor(1.0, requires_grad=True)
        y = w
        for _ in range(20_000):
            y = (y + y) * 0.5
        y.backward()
        assert w.grad == 1.0

    @pytest.mark.parametrize(
        ("transform", "expected"),
        [
            (lambda f: tl.grad(f)(0.5), 1.0),
            (lambda f: tl.grad(lambda x: f(x) ** 2)(0.5), 2 * (0.5 + 0.02)),
            (lambda f: tl.grad(tl.grad(lambda x: f(x) ** 2))(0.5), 2.0),
            (lambda f: tl.jvp(f, (0.5,), (3.0,))[1], 3.0),
            (lambda f: tl.vjp(f, 0.5)[1](3.0)[0], 3.0),
            (lambda f: tl.hvp(lambda x: f(x) ** 3)(0.5, 1.0), 6 * (0.5 + 0.02)),
            (lambda f: tl.hessian(lambda x: (f(x) ** 3).sum())(np.array([0.5]))[0, 0], 6 * (0.5 + 0.02)),
        ],
    )
    def test_in_transforms(self, transform, expected):
        assert transform(lambda x: chain(x, 20_000)) == pytest.approx(expected, rel=1e-9)


def test_threads_go_backward_to_the_same_leaf():
    w = tl.tensor(np.zeros(20_000), requires_grad=True)

    def work():
        for _ in range(25):
            (w * 1.0).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(w.grad, 100.0)


def test_asynchronous_generators_are_refused():
    async def numbers():
        yield 1

    with pytest.raises(TypeError, match="generator"):
        tl.no_grad()(numbers)
