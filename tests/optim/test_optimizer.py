"""What all optimizers share: groups, state, blocks, and what they refuse."""

import copy
import pickle

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn, optim
from tinygrad_lite.optim import gathering
from tinygrad_lite.optim import optimizer as machinery
from tinygrad_lite.table import blas


def parameter(*shape, seed=0, dtype=np.float64):
    values = np.random.default_rng(seed).standard_normal(shape).astype(dtype)
    return tl.Tensor(values, requires_grad=True)


def descend(optimizer, parameters, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        sum([(p * p * (1 + p * p)).sum() for p in parameters]).backward()
        optimizer.step()


W = tl.tensor([1.0], requires_grad=True)


def test_updates_are_in_place_and_keep_the_dtype(make):
    p = parameter(7, 3, dtype=np.float32)
    address = p.data.ctypes.data
    descend(make([p]), [p], 2)
    assert p.data.ctypes.data == address
    assert p.data.dtype == np.float32


def test_gradients_are_not_written_to(make):
    p = parameter(4)
    p.grad = g = np.arange(4.0)
    optimizer = make([p])
    optimizer.step()
    optimizer.step()
    np.testing.assert_array_equal(g, np.arange(4.0))


@pytest.mark.parametrize("small", [0, 1 << 13])
def test_blocks_and_layouts_change_nothing(make, monkeypatch, small):
    """A long parameter, one by columns, one that is a stretch of another array, a number, a read-only array."""
    values = np.random.default_rng(1).standard_normal((6, 5))
    locked = values.copy()
    locked.flags.writeable = False
    expected = tl.Tensor(values.copy(), requires_grad=True)
    variants = [values.copy(), np.asfortranarray(values), np.repeat(values, 2, axis=1)[:, ::2], locked]
    numbers = [tl.tensor(x, requires_grad=True) for x in values.ravel()[:2]]
    monkeypatch.setattr(blas, "blas_for", lambda dtype: None)  # BLAS rounds differently
    descend(make([expected]), [expected], 3)
    monkeypatch.setattr(machinery, "BLOCK", 7 if not small else 70)
    monkeypatch.setattr(gathering, "SMALL", small)
    parameters = [tl.Tensor(x, requires_grad=True) for x in variants] + numbers
    descend(make(parameters), parameters, 3)
    for p in parameters[: len(variants)]:
        np.testing.assert_array_equal(p.data, expected.data)
    assert [p.item() for p in numbers] == expected.data.ravel()[:2].tolist()
    np.testing.assert_array_equal(locked, values)


def test_parameters_without_gradient_are_left_alone(make):
    a, b = parameter(3), parameter(3)
    before = b.data.copy()
    a.grad = np.ones(3)
    optimizer = make([a, b])
    optimizer.step()
    np.testing.assert_array_equal(b.data, before)
    assert list(optimizer.state_dict()["state"]) == [0]


def test_groups_have_options_of_their_own():
    a, b = parameter(3, seed=1), parameter(3, seed=2)
    start = [a.data.copy(), b.data.copy()]
    optimizer = optim.SGD([{"params": [a], "lr": 0.5}, {"params": b}], lr=0.25)
    a.grad = b.grad = np.ones(3)
    optimizer.step()
    np.testing.assert_allclose([a.data, b.data], [start[0] - 0.5, start[1] - 0.25])
    optimizer.param_groups[1]["lr"] = 1.0
    optimizer.step()
    np.testing.assert_allclose([a.data, b.data], [start[0] - 1.0, start[1] - 1.25])


def test_state_goes_on_bit_for_bit(make):
    straight, broken = parameter(4, 3), parameter(4, 3)
    descend(make([straight]), [straight], 9)
    first = make([broken])
    descend(first, [broken], 4)
    state = first.state_dict()
    descend(first, [tl.tensor(1.0, requires_grad=True)], 0)
    second = make([broken])
    second.load_state_dict(state)
    descend(second, [broken], 5)
    np.testing.assert_array_equal(straight.data, broken.data)


def test_a_state_is_a_copy():
    p = parameter(3)
    optimizer = optim.Adam([p])
    descend(optimizer, [p], 1)
    state = optimizer.state_dict()
    kept = state["state"][0]["exp_avg"].copy()
    descend(optimizer, [p], 3)
    np.testing.assert_array_equal(state["state"][0]["exp_avg"], kept)
    assert state["state"][0]["step"] == 1


@pytest.mark.parametrize(("change", "said"), [
    (lambda s: s.pop("state"), "no optimizer's state"),
    (lambda s: s["param_groups"].append({"params": [1]}), "groups of"),
    (lambda s: s["param_groups"][0].update(speed=1), "no option 'speed'"),
    (lambda s: s["param_groups"][0].update(lr=-1), "lr must be at least 0"),
    (lambda s: s["state"][0].pop("exp_avg"), "exp_avg float64"),
    (lambda s: s["state"][0].update(exp_avg=np.zeros(4)), r"exp_avg float64\[4\]"),
    (lambda s: s["state"].update({3: s["state"][0]}), "parameter 3"),
])  # fmt: skip
def test_a_state_that_does_not_fit_changes_nothing(change, said):
    p = parameter(3)
    optimizer = optim.Adam([p])
    descend(optimizer, [p], 2)
    before = optimizer.state_dict()
    wrong = optimizer.state_dict()
    change(wrong)
    with pytest.raises(ValueError, match=said):
        optimizer.load_state_dict(wrong)
    after = optimizer.state_dict()
    assert after["param_groups"] == before["param_groups"]
    np.testing.assert_equal(after["state"], before["state"])


@pytest.mark.parametrize(("arguments", "options", "error", "said"), [
    (([],), {}, ValueError, "no parameters"),
    ((iter([]),), {}, ValueError, "gives them once, and has; keep a list"),
    (([{"params": [W]}, {"params": iter([])}],), {}, ValueError, "gives them once, and has; keep a list"),
    ((nn.Linear(1, 1),), {}, TypeError, r"not Linear: give it .parameters\(\)"),
    ((3,), {}, TypeError, "a list of Tensors, not 3"),
    (("weights",), {}, TypeError, "a list of Tensors, not 'weights'"),
    (({W},), {}, TypeError, "a list of Tensors, not {"),
    (({"lr": 1.0},), {}, TypeError, "a group is a dict with 'params' and options, not {'lr': 1.0}"),
    ((np.zeros(3),), {}, TypeError, "a list of Tensors, not ndarray"),
    (([np.zeros(3)],), {}, TypeError, "requires_grad=True, not ndarray"),
    (([W],), {"lr": "a"}, TypeError, "SGD: lr is a number, not 'a'"),
    (([W],), {"lr": "a" * 100_000}, TypeError, r"SGD: lr is a number, not 'a+\.\.\.a+'$"),
    (([W],), {"lr": [0.1, None]}, TypeError, "SGD: lr is a number, not"),
    (([W],), {"dampening": float("nan")}, ValueError, "dampening must be"),
    (([W],), {"nesterov": "no"}, TypeError, "nesterov is True or False, not 'no'"),
    (([np.zeros(3)],), {}, TypeError, "leaf Tensors with requires_grad"),
    (([tl.tensor(1.0)],), {}, TypeError, r"is frozen \(requires_grad=False\); leave such ones out"),
    (([W * 2],), {}, TypeError, "leaf Tensors"),
    (([W, W],), {}, ValueError, "given twice"),
    (([W],), {"lr": -1.0}, ValueError, "lr must be at least 0"),
    (([W],), {"lr": float("nan")}, ValueError, "lr must be"),
    (([W],), {"nesterov": True}, ValueError, "needs a momentum"),
    (([{"params": [W], "learning_rate": 1}],), {}, ValueError, "no option 'learning_rate', only lr"),
])  # fmt: skip
def test_what_is_refused(arguments, options, error, said):
    with pytest.raises(error, match=said):
        optim.SGD(*arguments, **options)


def test_a_tensor_alone_is_one_parameter():
    assert optim.SGD(W).parameters == [W]


def test_an_option_is_set_in_all_groups():
    """It was an attribute that nothing looked at."""
    a, b = parameter(2, seed=1), parameter(2, seed=2)
    optimizer = optim.SGD([{"params": [a], "momentum": 0.5}, {"params": [b]}], lr=0.5)
    optimizer.lr = 0.25
    assert [group["lr"] for group in optimizer.param_groups] == [0.25, 0.25]
    assert optimizer.lr == 0.25
    before = a.data.copy()
    a.grad = np.ones(2)
    optimizer.step()
    np.testing.assert_array_equal(a.data, before - 0.25)
    for value, error in ((-1.0, ValueError), ("a", TypeError), (float("nan"), ValueError)):
        with pytest.raises(error, match="SGD: lr"):
            optimizer.lr = value
    assert optimizer.lr == 0.25
    with pytest.raises(AttributeError, match="momentum is not the same in all groups"):
        _ = optimizer.momentum
    with pytest.raises(AttributeError, match="SGD has no attribute 'speed'"):
        _ = optimizer.speed


@pytest.mark.parametrize("name", optim.BY_NAME)
def test_pickles_and_copies_go_on_alike(name):
    p = parameter(3)
    optimizer = optim.BY_NAME[name]([p], lr=0.1)
    descend(optimizer, [p], 2)
    for again in (pickle.loads(pickle.dumps(optimizer)), copy.deepcopy(optimizer)):
        (q,) = again.parameters
        assert q is not p
        q.grad = np.ones(3)
        again.step()
        twin = copy.deepcopy(optimizer)
        twin.parameters[0].grad = np.ones(3)
        twin.step()
        np.testing.assert_array_equal(q.data, twin.parameters[0].data)
        assert again.lr == 0.1


@pytest.mark.parametrize("name", sorted(set(optim.BY_NAME) - {"sgd"}))
def test_squares_of_complex_gradients_are_refused(name):
    z = tl.tensor([1.0 + 2.0j], requires_grad=True)
    with pytest.raises(TypeError, match=r"complex128.*use SGD"):
        optim.BY_NAME[name]([z])


def test_gradient_descent_of_complex_numbers():
    z = tl.tensor([1.0 + 2.0j, -0.5j], requires_grad=True)
    optimizer = optim.SGD([z], lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        (np.abs(z - 1j) ** 2).sum().backward()
        optimizer.step()
    np.testing.assert_allclose(z.data, [1j, 1j], atol=1e-9)


class TestHalfPrecision:
    """float16 parameters are stepped in float32, on a copy."""

    def test_what_does_not_fit_into_float16_is_no_nan(self, make):
        p = tl.tensor(np.ones(3, np.float16), requires_grad=True)
        p.grad = np.array([0.0, 1e-7, 6e4], np.float16)  # the squares are 0 and beyond, and so is Adam's eps
        twin = tl.tensor(np.ones(3, np.float32), requires_grad=True)
        twin.grad = p.grad.astype(np.float32)
        for x in (p, twin):
            make([x]).step()
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(p.data, twin.data.astype(np.float16))
        assert p.dtype == np.float16

    def test_steps_are_those_of_the_copy(self, make, monkeypatch):
        monkeypatch.setattr(machinery, "BLOCK", 5)
        half = [parameter(4, 3, dtype=np.float16), tl.tensor(np.float16(0.5), requires_grad=True)]
        half[0].data = half[0].data.T.copy().T  # not contiguous
        single = [tl.tensor(p.data.astype(np.float32), requires_grad=True) for p in half]
        mine, its = make(half), make(single)
        rng = np.random.default_rng(3)
        for _ in range(20):
            for p, q in zip(half, single, strict=True):
                p.grad = rng.standard_normal(p.shape).astype(np.float16)
                q.grad = p.grad.astype(np.float32)
            mine.step()
            its.step()
        for place, (p, q) in enumerate(zip(half, single, strict=True)):
            np.testing.assert_allclose(mine.state[place]["master"], q.data, rtol=1e-6)
            np.testing.assert_array_equal(p.data, mine.state[place]["master"].astype(np.float16))

    @pytest.mark.parametrize("name", optim.BY_NAME)
    def test_steps_below_half_an_ulp_add_up(self, name):
        p = tl.tensor(np.ones(2, np.float16), requires_grad=True)
        optimizer = optim.BY_NAME[name]([p], lr=1e-5)
        twin = tl.tensor(np.ones(2), requires_grad=True)
        exact = optim.BY_NAME[name]([twin], lr=1e-5)
        for _ in range(300):
            p.grad = twin.grad = np.array([1.0, -1.0], np.float16)
            optimizer.step()
            exact.step()
        assert abs(twin.data - 1).min() > 5e-5
        np.testing.assert_allclose(optimizer.state[0]["master"], twin.data, rtol=1e-5)
        np.testing.assert_allclose(p.data, twin.data, rtol=2.0**-11)

    def test_what_is_written_between_steps_is_taken_over(self):
        p = tl.tensor(np.ones(2, np.float16), requires_grad=True)
        optimizer = optim.SGD([p], lr=1e-5)
        p.grad = np.ones(2, np.float16)
        optimizer.step()
        p.data = np.array([p.data[0], 2.0], np.float16)
        p.grad = np.ones(2, np.float16)
        optimizer.step()
        np.testing.assert_allclose(optimizer.state[0]["master"], [1 - 2e-5, 2 - 1e-5], rtol=1e-7)

    def test_states_hold_the_copy(self, make):
        straight, broken = parameter(4, dtype=np.float16), parameter(4, dtype=np.float16)
        gradients = np.random.default_rng(5).standard_normal((9, 4)).astype(np.float16)

        def run(optimizer, p, rows):
            for g in rows:
                p.grad = g
                optimizer.step()

        run(make([straight]), straight, gradients)
        first, second = make([broken]), make([broken])
        run(first, broken, gradients[:4])
        second.load_state_dict(first.state_dict())
        run(second, broken, gradients[4:])
        np.testing.assert_array_equal(straight.data, broken.data)
        assert {x.dtype for name, x in second.state[0].items() if name != "step"} == {np.dtype(np.float32)}

    def test_states_without_a_copy_are_read_and_those_of_another_dtype_are_not(self):
        """PyTorch keeps none."""
        p = tl.tensor(np.ones(2, np.float16), requires_grad=True)
        optimizer = optim.Adam([p], lr=1e-5)
        state = {0: {"step": 3, "exp_avg": np.ones(2, np.float16), "exp_avg_sq": np.ones(2, np.float16)}}
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
        p.grad = np.ones(2, np.float16)
        optimizer.step()
        assert 0.9999 < optimizer.state[0]["master"][0] < 1
        single = optim.Adam([tl.tensor(np.ones(2, np.float32), requires_grad=True)])
        with pytest.raises(ValueError, match=r"master float32\[2\].*, where exp_avg float32\[2\], exp_avg_sq"):
            single.load_state_dict(optimizer.state_dict())


def test_squares_beyond_the_dtype_are_refused_before_anything_changes():
    """The step was 0, for ever: the gradient over an infinite root."""
    for name in sorted(set(optim.BY_NAME) - {"sgd"}):
        a, b = parameter(2, dtype=np.float32), parameter(3, dtype=np.float32)
        before = a.data.copy()
        optimizer = optim.BY_NAME[name]([a, b])
        a.grad, b.grad = np.ones(2, np.float32), np.array([0.0, -1e20, np.nan], np.float32)
        with pytest.raises(
            ValueError, match=r"parameter 1, of shape \(3,\), has an entry of size 1.0e\+20, whose square"
        ):
            optimizer.step()
        np.testing.assert_array_equal(a.data, before)
        assert not optimizer.state
        b.grad = np.full(3, 1.5e19, np.float32)  # the sum of squares is beyond float32, and no square
        optimizer.step()
        assert np.all(np.isfinite(b.data))


def test_options_that_need_further_arrays_may_come_later():
    p = parameter(2)
    before = p.data.copy()
    optimizer = optim.SGD([p], lr=0.5)
    for momentum in (0, 0.5, 0.5):
        optimizer.momentum = momentum
        p.grad = np.ones(2)
        optimizer.step()
    np.testing.assert_allclose(p.data, before - 0.5 * (1 + 1 + 1.5))


def test_states_of_complex_parameters_are_read():
    z = tl.tensor([1.0 + 2.0j], requires_grad=True)
    first, second = [optim.SGD([z], lr=0.1, momentum=0.5) for _ in range(2)]
    z.grad = np.array([1j])
    first.step()
    second.load_state_dict(first.state_dict())
    np.testing.assert_array_equal(second.state[0]["momentum_buffer"], [1j])


def test_a_step_without_any_gradient_says_so():
    """As after zero_grad() between backward() and step(), or with parameters of another network."""
    a, b = parameter(2), parameter(2)
    optimizer = optim.Adam([a, b])
    before = a.data.copy()
    with pytest.warns(UserWarning, match="step\\(\\) changes nothing, for no parameter has a gradient"):
        optimizer.step()
    np.testing.assert_array_equal(a.data, before)
    a.grad = np.ones(2)
    optimizer.step()  # in silence, though b has none


def test_the_base_class_takes_no_steps():
    p = tl.tensor([1.0], requires_grad=True)
    p.grad = np.ones(1)
    with pytest.raises(
        NotImplementedError, match=r"Optimizer: has no update\(\) to take steps with; take tl.optim.SGD"
    ):
        optim.Optimizer([p]).step()
    assert p.tolist() == [1]


def test_an_optimizer_without_weight_decay():
    class Plain(optim.Optimizer):
        def update(self, p, g, s, state, t, options):
            p -= g

    p = tl.tensor([1.0], requires_grad=True)
    p.grad = np.full(1, 0.25)
    Plain([p]).step()
    assert p.tolist() == [0.75]
