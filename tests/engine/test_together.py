"""Sweeps of many cotangents at once: how often rules are called, memory, programs that write, and what is refused."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import numpy as tnp
from tinygrad_lite.engine.sweep import sweep
from tinygrad_lite.engine.tensor import wrap
from tinygrad_lite.engine.together import sweep_together
from tinygrad_lite.table.registry import PRIMITIVES

from .choices import X, Y, run
from .programs import Program

N = 1000
RNG = np.random.default_rng(0)
W = RNG.standard_normal((N, 3)) / 3


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each primitive's rules were called since."""
    counts: Counter[str] = Counter()

    def counted(name: str, rule: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args: (counts.update([name]), rule(*args))[1]

    for name in ("tanh", "multiply", "exp", "sum", "add"):
        made = PRIMITIVES[name]
        pulls = tuple([pull._replace(rule=counted(name, pull.rule)) for pull in made.pulls])
        monkeypatch.setattr(made, "pulls", pulls)
    return counts


def limit(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Let the largest array of a sweep have so many bytes."""
    monkeypatch.setattr("tinygrad_lite.engine.together.MOST", size)


# ---------------------------------------------------------------------------------------------------------------------
# How often rules are called


def test_a_jacobian_calls_each_rule_once_for_all_rows(calls: Counter[str]) -> None:
    x = np.linspace(-1.0, 1.0, N)
    found = tl.jacobian(lambda x: np.tanh(x * W[:, 0]))(x)
    assert calls == {"tanh": 1, "multiply": 1}
    np.testing.assert_allclose(found, np.diag(W[:, 0] / np.cosh(x * W[:, 0]) ** 2), atol=1e-15)


def test_a_jacobian_calls_each_rule_once_for_all_columns(calls: Counter[str]) -> None:
    x = RNG.standard_normal(3)
    found = tl.jacobian(lambda x: np.tanh(x.sum() * W[:, 0]) * x[0])(x)
    once = calls.copy()
    calls.clear()
    tl.jacobian(lambda x: np.tanh(x.sum() * W[:2, 0]) * x[0])(x[:1])
    assert calls == once
    right = (x[0] * W[:, :1] / np.cosh(x.sum() * W[:, :1]) ** 2) + np.tanh(x.sum() * W[:, :1]) * np.array([1, 0, 0])
    np.testing.assert_allclose(found, right, atol=1e-14)


def test_a_hessian_calls_each_rule_once_for_all_parameters(calls: Counter[str]) -> None:
    x = RNG.standard_normal(50)
    found = tl.hessian(lambda x: np.exp(x).sum() + np.tanh(x[:25] * x[25:]).sum())(x)
    once = calls.copy()
    calls.clear()
    tl.hessian(lambda x: np.exp(x).sum() + np.tanh(x[:1] * x[1:]).sum())(x[:2])
    assert calls == once
    np.testing.assert_allclose(found, found.T, atol=1e-15)


def test_as_many_rows_at_once_as_fit_into_memory(calls: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.linspace(-1.0, 1.0, 10)

    def f(x: Any) -> Any:
        return np.tanh((x * np.ones((4, 1))).sum(axis=0))  # of 40 entries the largest

    whole = tl.jacobian(f)(x)
    assert calls["tanh"] == 1
    for rows, sweeps in ((10, 1), (9, 2), (3, 4), (1, 10)):
        calls.clear()
        limit(monkeypatch, 40 * 8 * rows)
        np.testing.assert_array_equal(tl.jacobian(f)(x), whole)
        assert calls["tanh"] == sweeps
    limit(monkeypatch, 0)
    np.testing.assert_array_equal(tl.jacobian(f)(x), whole)
    np.testing.assert_allclose(tl.jacobian(lambda x: (f(x), np.ones(90)))(x)[0], whole, atol=1e-15)


def test_a_rule_of_ones_own_has_its_turn_for_each_row(calls: Counter[str]) -> None:
    turns = []

    def rule(g: Any, x: Any) -> Any:
        turns.append(g.shape)
        return g * np.array([float(np.cos(v)) for v in x])

    own = tl.primitive(np.sin, name="own_sine", elementwise=True, x=rule)
    x = RNG.standard_normal(5)
    found = tl.jacobian(lambda x: np.tanh(own(x * 2.0)))(x)
    assert turns == [(5,)] * 5
    assert calls == {"tanh": 1, "multiply": 1}
    np.testing.assert_allclose(found, np.diag(2 * np.cos(2 * x) / np.cosh(np.sin(2 * x)) ** 2), atol=1e-15)


# ---------------------------------------------------------------------------------------------------------------------
# Right, whatever is on the way


@pytest.mark.parametrize(
    "index",
    [
        (np.array([0, 2]), slice(None), np.array([1, 0])),
        (0, slice(None), np.array([1, 0, 2])),
        (np.array([0, 2]), None, np.array([1, 0])),
        (np.array([0, 2]), Ellipsis, np.array([1, 0])),
        (np.array([0, 2]), np.array([1, 0])),
        (slice(None), np.array([[0, 2, 1]]), 1),
        (np.eye(3, dtype=bool),),
        (np.array([True, False, True]), slice(None), 1),
    ],
    ids=str,
)
def test_indices_whose_arrays_stand_apart(index: Any) -> None:
    x = RNG.standard_normal((3, 3, 3))
    numbers = np.arange(27).reshape(3, 3, 3)[index]
    expected = (numbers[..., None] == np.arange(27)).astype(float).reshape(*numbers.shape, 3, 3, 3)
    np.testing.assert_array_equal(tl.jacobian(lambda x: x[index])(x), expected)
    np.testing.assert_array_equal(tl.jacobian(lambda x: x[index] * 1.0)(x), expected)

    def put(v: Any) -> Any:
        y = tnp.zeros((3, 3, 3))
        y[index] = v
        return y

    v = RNG.standard_normal(numbers.shape)
    back = np.moveaxis(expected.reshape(*numbers.shape, 27), -1, 0).reshape(3, 3, 3, *numbers.shape)
    np.testing.assert_array_equal(tl.jacobian(put)(v), back)
    np.testing.assert_array_equal(tl.jacobian(lambda v: tl.grad(lambda w: (put(w) ** 2 / 2).sum())(v))(v).sum(), v.size)


def test_programs_that_write() -> None:
    """Random ones: every array's cotangents together are as each by itself; recorded too."""
    for seed in range(150):
        draw = np.random.default_rng(seed)
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = Program(lambda n, draw=draw: int(draw.integers(n)), 12)
            x, y = tl.Tensor(X.copy(), requires_grad=True), tl.Tensor(Y.copy(), requires_grad=True)
            nodes = {x._node, y._node}
            last = run(program.codes, {"np": tnp, "x": x * 1.0, "y": y * 1.0, "single": np.float32})
            for name in sorted(last):
                z = last[name]
                if not (isinstance(z, tl.Tensor) and z.requires_grad):
                    continue
                g = draw.standard_normal((3, *z.shape)).astype(z.dtype)
                check_together(z._node, g, nodes, program.source)


def check_together(root: Any, g: Any, nodes: Any, source: str) -> None:
    single = [sweep({root: of_one}, nodes) for of_one in g]
    plain = sweep_together(root, g, nodes)
    lifted = sweep_together(root, tl.tensor(g), nodes, wrap)
    assert plain.keys() == lifted.keys() == single[0].keys()
    for node in plain:
        expected = np.stack([one[node] for one in single])
        scale = 1e-5 * (1 + np.abs(expected).max(initial=0))  # some compute in single precision
        np.testing.assert_allclose(plain[node], expected, rtol=1e-5, atol=scale, err_msg=source)
        np.testing.assert_allclose(lifted[node].data, expected, rtol=1e-5, atol=scale, err_msg=source)


def test_writes_one_by_one() -> None:
    def f(x: Any) -> Any:
        y = tnp.zeros(20)
        y[0] = x[0]
        for i in range(1, 20):
            y[i] = np.sin(y[i - 1]) * x[i % 4] + y[i - 1]
        y[::2] *= 2.0
        return y

    x = np.array([0.5, -0.3, 0.8, 1.1])
    h = 1e-6
    differences = [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(4)]
    np.testing.assert_allclose(tl.jacobian(f)(x), np.stack(differences, axis=1), atol=1e-8)
    wide = np.concatenate([x, np.zeros(30)])
    np.testing.assert_allclose(tl.jacobian(f)(wide)[:, :4], np.stack(differences, axis=1), atol=1e-8)


def test_blocks_share_no_memory() -> None:
    x = np.ones(3)
    first, second = tl.jacobian(lambda a, b: a + b, (0, 1))(x, x)
    first += 1.0
    np.testing.assert_array_equal(second, np.eye(3))


def test_derivatives_of_jacobians() -> None:
    x = np.array([0.3, -0.7, 1.2])

    def f(x: Any) -> Any:
        return np.stack([x[0] * x[1] ** 2, np.sin(x[2]) * x[0], x.sum() ** 3, x[1]])

    third = tl.jacobian(tl.jacobian(tl.jacobian(f)))(x)
    assert third.shape == (4, 3, 3, 3)
    assert third[0, 0, 1, 1] == 2.0
    np.testing.assert_allclose(third[2], np.full((3, 3, 3), 6.0))
    np.testing.assert_allclose(third[1, 2, 2, 0], -np.sin(1.2))
    for axes in ((0, 2, 1, 3), (0, 1, 3, 2)):
        np.testing.assert_allclose(third, third.transpose(axes), atol=1e-14)


# ---------------------------------------------------------------------------------------------------------------------
# What is refused


def test_one_row_that_is_not_holomorphic_among_large_ones() -> None:
    z = np.array([1.0 + 2.0j, 0.5 - 1.0j])
    scale = np.array([1e12, 1.0])
    np.testing.assert_allclose(tl.jacobian(lambda z: z * z * scale)(z), np.diag(2 * z * scale))
    for f in (
        lambda z: np.stack([1e12 * z[0], np.conj(z[1])]),
        lambda z: np.stack([1e12 * z[0], z[1], np.conj(z[1])]),
    ):
        with pytest.raises(ValueError, match="not holomorphic"):
            tl.jacobian(f)(z)


def test_an_anomaly_in_one_row() -> None:
    x = np.array([1.0, 0.0])
    with (
        np.errstate(all="ignore"),
        tl.detect_anomaly(check_inf=False),
        pytest.raises(FloatingPointError, match=re.escape("NaN, at 1 of 2 entries")),
    ):
        tl.jacobian(lambda x: np.sqrt(x * x))(x)


def test_hooks_see_each_row_and_checkpoints_run_for_each() -> None:
    x, seen = np.array([1.0, 2.0, 3.0]), []

    def f(x: Any) -> Any:
        y = tl.checkpoint(np.sin)(x) * x
        if isinstance(y, tl.Tensor):
            y.register_hook(lambda g: seen.append(np.array(g)))
        return y[:2]

    expected = np.eye(2, 3) * (np.sin(x) + x * np.cos(x))
    np.testing.assert_allclose(tl.jacobian(f)(x), expected)
    np.testing.assert_array_equal(seen, np.eye(2, 3))
    g = tl.checkpoint(lambda x: (np.sin(x) * x).sum())
    np.testing.assert_allclose(tl.hessian(g)(x), np.diag(2 * np.cos(x) - x * np.sin(x)), rtol=1e-13)


@pytest.mark.parametrize("rows", [2, 6])
def test_arrays_that_have_changed(rows: int) -> None:
    """Of three columns: a Jacobian by rows, and one by columns."""
    x, weights = np.ones(3), np.ones((9000, 3))

    def spoiled(x: Any, array: Any) -> Any:
        y = (weights * x).sum(axis=0)[np.arange(rows) % 3]
        array[0] = 2.0
        return y

    with pytest.raises(RuntimeError, match="multiply: an array"):
        tl.jacobian(lambda x: spoiled(x, weights))(x)
    with pytest.raises(RuntimeError, match="jacobian: an array"):
        tl.jacobian(lambda z: spoiled(z, x))(x)


def test_the_error_of_a_rule_names_the_operation() -> None:
    wrong = tl.primitive(np.sin, name="wrong_sine", x=lambda g, x: g.sum())
    with pytest.raises(ValueError, match=re.escape("its rule gave shape () for an input of shape (2,)")) as caught:
        tl.jacobian(wrong)(np.ones(2))
    assert caught.value.__notes__[0].startswith(
        "in the derivative of wrong_sine, of float64[2], whose output is float64[2]"
    )
