"""What all optimizers share: groups, state, blocks, and what they refuse."""

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import optim
from tinygrad_lite.optim import algorithms
from tinygrad_lite.optim import optimizer as machinery


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


def test_blocks_and_layouts_change_nothing(make, monkeypatch):
    """A long parameter, one by columns, one that is a stretch of another array, a number, a read-only array."""
    values = np.random.default_rng(1).standard_normal((6, 5))
    locked = values.copy()
    locked.flags.writeable = False
    expected = tl.Tensor(values.copy(), requires_grad=True)
    variants = [values.copy(), np.asfortranarray(values), np.repeat(values, 2, axis=1)[:, ::2], locked]
    numbers = [tl.tensor(x, requires_grad=True) for x in values.ravel()[:2]]
    monkeypatch.setattr(algorithms, "one_pass", lambda dtype: None)  # BLAS rounds differently
    descend(make([expected]), [expected], 3)
    monkeypatch.setattr(machinery, "BLOCK", 7)
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
    (([np.zeros(3)],), {}, TypeError, "leaf Tensors with requires_grad"),
    (([tl.tensor(1.0)],), {}, TypeError, "leaf Tensors"),
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
