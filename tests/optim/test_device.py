"""Parameters on a device: NumPy's steps, taken there, with nothing moved."""

import copy
import pickle

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn, optim

from ..table.strict_arrays import StrictArray, get, put, transfers

TOLERANCE = {np.float16: 2e-3, np.float32: 2e-5, np.float64: 1e-12}


@pytest.fixture(autouse=True)
def no_warnings():
    """A device warns of no number."""
    with np.errstate(all="ignore"):
        yield


def parameters(*places, dtype=np.float64, seed=0):
    """A matrix, a vector, a number and an empty one, each as the function of its place makes it of a NumPy array."""
    rng = np.random.default_rng(seed)
    values = [rng.standard_normal(shape).astype(dtype) for shape in ((4, 3), (5,), (), (0, 2))]
    return [
        tl.Tensor(place(x), requires_grad=True) for x, place in zip(values, places * 4 if places else (), strict=False)
    ]


def gradients(params, step):
    """Give each parameter the gradient of its step, where the parameter lives."""
    rng = np.random.default_rng(step)
    for p in params:
        g = rng.standard_normal(p.shape).astype(p.dtype)
        p.grad = put(g) if isinstance(p.data, StrictArray) else g


def numbers(x):
    return get(x) if isinstance(x, StrictArray) else np.asarray(x)


def assert_close(params, expected, tolerance):
    for p, q in zip(params, expected, strict=True):
        assert p.dtype == q.dtype
        np.testing.assert_allclose(numbers(p.data), numbers(q.data), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("places", [(put,), (put, np.array), (np.array, put)], ids=["all", "every other", "the others"])
def test_steps_are_numpys_and_move_nothing(make, dtype, places):
    there, here = parameters(*places, dtype=dtype), parameters(np.array, dtype=dtype)
    first, second = make(there), make(here)
    for step in range(5):
        gradients(there, step)
        gradients(here, step)
        transfers.clear()
        first.step()
        assert transfers == ({"number": 1} if first.squares_gradients else {})
        second.step()
    assert_close(there, here, TOLERANCE[dtype])
    for place, p in enumerate(there):
        state = {name: x for name, x in first.state[place].items() if name != "step"}
        assert all(type(x) is type(p.data) for x in state.values() if p.ndim)
        assert first.state[place]["step"] == 5


def test_half_precision_adds_up_in_a_master_on_the_device(make):
    there, here = parameters(put, dtype=np.float16), parameters(np.array, dtype=np.float16)
    first, second = make(there), make(here)
    for step in range(6):
        gradients(there, step)
        gradients(here, step)
        if step == 3:  # what is written between steps is taken over
            for p, move in ((there[0], put), (here[0], np.array)):
                p.data = move(numbers(p.data) * np.array([1, 2, 1], np.float16))
        transfers.clear()
        first.step()
        assert set(transfers) <= {"number"}
        second.step()
    assert_close(there, here, TOLERANCE[np.float16])
    assert first.state[0]["master"].dtype == np.float32
    np.testing.assert_allclose(get(first.state[0]["master"]), second.state[0]["master"], rtol=1e-5, atol=1e-6)


def test_training_a_network_with_a_schedule_and_clipping(make):
    x = np.random.default_rng(5).standard_normal((8, 3))
    losses = []
    for move in (put, np.array):
        net = nn.Sequential(nn.Linear(3, 6, rng=0), nn.Tanh(), nn.Linear(6, 2, rng=1))
        optimizer = make(net.parameters())
        for p in net.parameters():
            p.data = move(p.data)
        schedule = optim.Schedule(optimizer, optim.step_decay(2, 0.5))
        inputs = tl.Tensor(move(x))
        for _ in range(4):
            optimizer.zero_grad()
            loss = (net(inputs) ** 2).mean()
            loss.backward()
            transfers.clear()
            optim.clip_grad_norm(net.parameters(), 0.3)
            optim.clip_grad_value(net.parameters(), 0.2)
            optimizer.step()
            schedule.step()
            assert set(transfers) <= {"number"}
        losses.append(float(loss.data))
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-6)  # layers are float32


def test_groups_and_options_of_numpy_numbers():
    there, here = parameters(put, dtype=np.float32), parameters(np.array, dtype=np.float32)
    for params in (there, here):
        groups = [
            {"params": params[:1], "weight_decay": np.float64(0.1)},
            {"params": params[1:], "lr": np.float64(0.3)},
        ]
        optimizer = optim.Adam(groups, lr=np.float64(0.2))
        for step in range(3):
            gradients(params, step)
            optimizer.step()
    assert_close(there, here, TOLERANCE[np.float32])


def test_layouts_change_nothing(make):
    values = np.random.default_rng(2).standard_normal((4, 3))
    there = [tl.Tensor(StrictArray(x), requires_grad=True) for x in (values.copy(), np.asfortranarray(values))]
    optimizer = make(there)
    for step in range(3):
        g = np.random.default_rng(step).standard_normal((4, 3))
        there[0].grad, there[1].grad = StrictArray(np.asfortranarray(g)), StrictArray(g)
        optimizer.step()
    np.testing.assert_array_equal(get(there[0].data), get(there[1].data))


def test_half_precision_by_columns_is_stepped(make):
    values = np.random.default_rng(2).standard_normal((4, 3)).astype(np.float16)
    there, here = [tl.Tensor(f(np.asfortranarray(values)), requires_grad=True) for f in (StrictArray, np.array)]
    there.grad, here.grad = StrictArray(np.ones_like(values)), np.ones_like(values)
    make([there]).step()
    make([here]).step()
    np.testing.assert_allclose(get(there.data), here.data, rtol=TOLERANCE[np.float16])
    assert (get(there.data) != values).all()


def test_who_holds_an_array_keeps_its_numbers(make):
    """The caller, and a graph that is gone through again."""
    values = put(np.array([1.0, 2.0]))
    w = tl.Tensor(values, requires_grad=True)
    loss = (w * w * w).sum()
    loss.backward(retain_graph=True)
    g = w.grad
    optimizer = make([w])
    optimizer.step()
    np.testing.assert_array_equal(get(values), [1.0, 2.0])
    np.testing.assert_array_equal(get(g), [3.0, 12.0])
    assert (get(w.data) != [1.0, 2.0]).all()
    w.grad = None
    loss.backward()
    np.testing.assert_array_equal(get(w.grad), [3.0, 12.0])


def test_state_is_written_in_place():
    (w,) = parameters(put)[:1]
    optimizer = optim.Adam([w])
    gradients([w], 0)
    optimizer.step()
    before = {**optimizer.state[0]}
    optimizer.step()
    assert all(optimizer.state[0][name] is before[name] for name in ("exp_avg", "exp_avg_sq"))


def test_gradients_are_forgotten_or_zeros():
    (w,) = parameters(put)[:1]
    optimizer = optim.SGD([w])
    gradients([w], 0)
    transfers.clear()
    optimizer.zero_grad(set_to_none=False)
    assert not transfers
    np.testing.assert_array_equal(get(w.grad), np.zeros((4, 3)))
    optimizer.zero_grad()
    assert w.grad is None


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_squares_that_overflow_are_refused(dtype):
    params = parameters(put, dtype=dtype)
    optimizer = optim.Adam(params)
    gradients(params, 0)
    before = [get(p.data) for p in params]
    if dtype is np.float16:
        params[1].grad = put(np.full(5, 6e4, dtype))
        optimizer.step()
        return
    params[1].grad = put(np.array([1, np.finfo(dtype).max / 2, 1, np.inf, 1], dtype))
    with pytest.raises(ValueError, match=r"gradient of parameter 1, of shape \(5,\), has an entry of size"):
        optimizer.step()
    for p, x in zip(params, before, strict=True):
        np.testing.assert_array_equal(get(p.data), x)


def test_an_optimizer_of_ones_own():
    """Whose state holds a number, too."""

    class Signs(optim.Optimizer):
        def arrays(self, options):
            return {"mean": 0.0}

        def update(self, p, g, s, state, t, options):
            (mean,) = state
            mean += g
            p -= np.sign(mean, s)

    w = tl.Tensor(put(np.zeros(3)), requires_grad=True)
    optimizer = Signs([w], weight_decay=0.0)
    for _ in range(2):
        w.grad = put(np.array([1.0, 0.0, -3.0]))
        optimizer.step()
        optimizer.state[0]["note"] = 1.5
    np.testing.assert_array_equal(get(w.data), [-2.0, 0.0, 2.0])
    assert optimizer.state_dict()["state"][0]["note"] == 1.5


class TestClipping:
    def pair(self, dtype=np.float32):
        pairs = []
        for params in (parameters(put, dtype=dtype), parameters(np.array, dtype=dtype)):
            gradients(params, 3)
            pairs.append(params)
        return pairs

    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_norm(self, dtype):
        there, here = self.pair(dtype)
        transfers.clear()
        norm = optim.clip_grad_norm(there, 0.5)
        assert transfers == {"number": 1}
        assert type(norm) is float
        assert norm == pytest.approx(optim.clip_grad_norm(here, 0.5), rel=1e-12)
        for p, q in zip(there, here, strict=True):
            assert p.grad.dtype == dtype
            np.testing.assert_allclose(get(p.grad), q.grad, rtol=TOLERANCE[dtype])

    def test_norm_of_gradients_here_and_there(self):
        a, b = parameters(put)[1], parameters(np.array)[1]
        a.grad, b.grad = put(np.full(5, 3e200)), np.full(5, 4e200)
        assert optim.clip_grad_norm([a, b], 5.0) == pytest.approx(5e200 * np.sqrt(5))
        np.testing.assert_allclose([get(a.grad)[0], b.grad[0]], np.array([3, 4]) / np.sqrt(5))

    @pytest.mark.parametrize("scale", [0.0, 5e-324, 1e-200, 1e200])
    def test_norms_whose_squares_are_beyond_float64(self, scale):
        w = tl.Tensor(put(np.zeros(4)), requires_grad=True)
        w.grad = put(np.full(4, scale))
        assert optim.clip_grad_norm([w], 1e300) == 2 * scale

    def test_empty_gradients(self):
        empty = parameters(put)[3:]
        gradients(empty, 0)
        assert optim.clip_grad_norm(empty, 1.0) == 0.0

    @pytest.mark.parametrize("number", [np.nan, np.inf])
    def test_no_factor_helps_what_is_not_finite(self, number):
        there, _ = self.pair()
        there[1].grad = put(np.array([1, 2, number, 3, 4], np.float32))
        kept = get(there[0].grad)
        with pytest.raises(ValueError, match=r"gradient of parameter 1, .* not finite"):
            optim.clip_grad_norm(there, 1e-3)
        np.testing.assert_array_equal(get(there[0].grad), kept)

    def test_a_norm_beyond_float64(self):
        w = tl.Tensor(put(np.zeros(4)), requires_grad=True)
        w.grad = put(np.full(4, 1.5e308))
        with pytest.raises(ValueError, match="beyond float64, though all are finite"):
            optim.clip_grad_norm([w], 1.0)

    def test_values(self):
        there, here = self.pair()
        transfers.clear()
        optim.clip_grad_value(there, 0.25)
        assert transfers == {"number": 1}
        optim.clip_grad_value(here, 0.25)
        for p, q in zip(there, here, strict=True):
            np.testing.assert_array_equal(get(p.grad), q.grad)
        there[1].grad = put(np.array([1, np.nan, 1, 1, 1], np.float32))
        with pytest.raises(ValueError, match=r"clip_grad_value: the gradient of parameter 1, .* has a NaN"):
            optim.clip_grad_value(there, 0.1)
        assert np.max(np.abs(get(there[0].grad))) == 0.25


class TestStates:
    @pytest.mark.parametrize("dtype", [np.float16, np.float32])
    def test_a_state_is_saved_here_and_goes_on_there_bit_for_bit(self, make, dtype):
        straight, broken = parameters(put, dtype=dtype), parameters(put, dtype=dtype)
        one, first, second = make(straight), make(broken), make(broken)
        for step in range(6):
            if step == 3:
                saved = first.state_dict()
                arrays = [x for state in saved["state"].values() for name, x in state.items() if name != "step"]
                assert all(type(x) is np.ndarray for x in arrays)
                second.load_state_dict(pickle.loads(pickle.dumps(saved)))
            gradients(straight, step)
            gradients(broken, step)
            one.step()
            (first if step < 3 else second).step()
        for p, q in zip(straight, broken, strict=True):
            np.testing.assert_array_equal(get(p.data), get(q.data))

    def test_a_saved_state_is_a_copy(self):
        params = parameters(put)
        optimizer = optim.Adam(params)
        gradients(params, 0)
        optimizer.step()
        saved = optimizer.state_dict()
        kept = copy.deepcopy(saved["state"])
        optimizer.step()
        np.testing.assert_equal(saved["state"], kept)

    def test_pytorchs_states_go_to_the_device(self):
        w = tl.Tensor(put(np.array([1.0])), requires_grad=True)
        optimizer = optim.SGD([w], lr=0.5)
        group = {"lr": 0.1, "momentum": 0.9, "dampening": 0, "weight_decay": 0, "nesterov": False, "params": [0]}
        optim.load_pytorch_state(
            optimizer, {"state": {0: {"momentum_buffer": np.array([2.0])}}, "param_groups": [group]}
        )
        w.grad = put(np.array([2.0]))
        optimizer.step()
        np.testing.assert_allclose(get(w.data), [0.62])

    @pytest.mark.parametrize(("before", "after"), [(np.array, put), (put, numbers)])
    def test_states_of_parameters_that_moved_are_refused_and_then_moved(self, before, after):
        moved, stayed = parameters(before), parameters(np.array)
        first, second = [optim.RMSprop(params, momentum=0.5, centered=True) for params in (moved, stayed)]
        for step in range(4):
            if step == 2:
                for p in moved:
                    p.data, p.grad = after(p.data), None
            gradients(moved, step)
            gradients(stayed, step)
            if step == 2:
                with pytest.raises(
                    TypeError, match=r"parameter 0, of shape \(4, 3\), is a .* and its state \(variance\)"
                ):
                    first.step()
                first.load_state_dict(first.state_dict())
            first.step()
            second.step()
        assert_close(moved, stayed, 1e-12)


class TestRefusals:
    @pytest.mark.parametrize(("place", "other"), [(put, np.array), (np.array, put)])
    def test_a_gradient_elsewhere(self, make, place, other):
        w = tl.Tensor(place(np.ones(3)), requires_grad=True)
        w.grad = other(np.ones(3))
        optimizer = make([w])
        with pytest.raises(
            TypeError, match=r"parameter 0, of shape \(3,\), is a \w+ array and its gradient a \w+ array"
        ):
            optimizer.step()
        np.testing.assert_array_equal(numbers(w.data), np.ones(3))

    def test_lazy_parameters(self, make):
        da = pytest.importorskip("dask.array")
        lazy = tl.Tensor(da.ones(3, chunks=2), requires_grad=True)
        with pytest.raises(
            TypeError, match=r"is a Dask array, and a step needs numbers.*p\.data = p\.data\.compute\(\)"
        ):
            make([lazy])
        w = tl.Tensor(np.ones(3), requires_grad=True)
        optimizer = make([w])
        w.data = da.ones(3, chunks=2)
        w.grad = da.ones(3, chunks=2)
        with pytest.raises(TypeError, match=r"parameter 0, of shape \(3,\), is a Dask array"):
            optimizer.step()

    def test_lazy_gradients(self, make):
        """Those of parameters here by data in chunks."""
        da = pytest.importorskip("dask.array")
        w = tl.Tensor(np.ones(3), requires_grad=True)
        optimizer = make([w])
        (da.ones((4, 3), chunks=(2, 3)) @ w).sum().backward()
        with pytest.raises(TypeError, match=r"the gradient of parameter 0, .* p\.grad = p\.grad\.compute\(\)"):
            optimizer.step()
        w.grad = w.grad.compute()
        optimizer.step()
        assert (w.data != 1).all()
