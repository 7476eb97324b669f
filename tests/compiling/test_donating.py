"""Arguments that are given away, and results that the next call writes over."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine.trees import flatten


def momentum(w, g, v):
    v = 0.9 * v + g
    return w - 0.1 * v, v


def three(n=6, dtype=np.float64):
    r = np.random.default_rng(n)
    return [r.normal(size=(n, 4)).astype(dtype) for _ in range(3)]


def called(compiled, *args):
    """What a compiled function gives of copies at its second call, and the copies."""
    compiled(*[x.copy() for x in args])
    given = [x.copy("K") for x in args]
    return compiled(*given), given


def same(found, wanted):
    for x, y in zip(flatten(found)[0], flatten(wanted)[0], strict=True):
        assert x.dtype == y.dtype
        np.testing.assert_array_equal(x, y)


def test_results_are_put_into_what_is_given_away():
    (w_new, v_new), (w, g, v) = called(tl.compile(momentum, donate_argnums=(0, 2)), *three())
    same((w_new, v_new), momentum(*three()))
    assert w_new is w
    assert v_new is v
    same(g, three()[1])


def test_a_step_then_makes_no_new_array():
    w, g, v = three(1000)
    compiled = tl.compile(momentum, donate_argnums=(0, 2))
    for _ in range(2):
        w, v = compiled(w, g, v)
    tracemalloc.start()
    try:
        for _ in range(5):
            w, v = compiled(w, g, v)
        assert tracemalloc.get_traced_memory()[1] < w.nbytes / 10
    finally:
        tracemalloc.stop()


def test_what_is_needed_later_is_not_written_over():
    f = lambda x, y: (x + 1, x * y, np.sum(x))
    found, (x, _, _) = called(tl.compile(lambda x, y, _: f(x, y), donate_argnums=0), *three())
    same(found, f(*three()[:2]))
    assert found[0] is not x


def test_what_is_returned_as_it_is_stays():
    f = lambda x, y, z: (x, x.T, x * 2 + y - z, y)
    found, (x, _, _) = called(tl.compile(f, donate_argnums=(0, 1)), *three())
    same(found, f(*three()))
    assert found[0] is x


@pytest.mark.parametrize(
    "change", [np.asfortranarray, lambda x: x[::2], lambda x: x.astype(np.float32), lambda x: x[:, ::-1]]
)
def test_what_results_do_not_fit_into_is_left(change):
    args = [change(x) for x in three()]
    f = lambda w, g, v: (momentum(w, g, v), w.sum())
    found, _ = called(tl.compile(f, donate_argnums=(0, 1, 2)), *args)
    same(found, f(*args))


def test_parts_of_containers_are_given_away():
    def step(params, gradients):
        return {name: w - 0.5 * gradients[name] for name, w in params.items()}

    compiled = tl.compile(step, donate_argnums=0)
    params, gradients = dict(zip("ab", three()[:2], strict=True)), dict(zip("ab", three(5)[:2], strict=True))
    gradients = {name: np.resize(g, params[name].shape) for name, g in gradients.items()}
    wanted = step(params, gradients)
    for _ in range(2):
        given = {name: w.copy() for name, w in params.items()}
        found = compiled(given, gradients)
        same(found, wanted)
    assert all(found[name] is given[name] for name in found)


def test_what_the_function_writes_to_is_written_in_place():
    def spread(u, k):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])
        return u

    u = np.linspace(0, 1, 12) ** 3
    compiled = tl.compile(lambda u: spread(u, 0.25), donate_argnums=0)
    found, (given,) = called(compiled, u)
    same(found, spread(u.copy(), 0.25))
    assert found is given
    assert compiled.source.count("u[1:-1]") == 1  # a part is not assigned to itself
    kept, (given,) = called(tl.compile(lambda u: spread(u, 0.25)), u)
    same([kept, given], [found, u])


def test_recurrences_and_their_gradients():
    def f(w, x, h):
        for x_t in x:
            h = np.tanh(x_t + w @ h)
        return np.sum(h * h)

    def step(w, x, h):
        return w - 0.1 * tl.grad(f)(w, x, h), 2 * h

    args = np.eye(4) / 3, np.linspace(-1, 1, 60).reshape(15, 4), np.ones(4)
    found, given = called(tl.compile(step, donate_argnums=(0, 2)), *args)
    same(found, step(*args))
    assert found[0] is given[0]


def test_a_division_by_zero_does_not_begin_again_with_other_numbers():
    f = lambda x, y: (x / y[0], x[0] / y[1], x * 3)
    x, y = np.array([1.0, 2.0]), np.array([2.0, 0.0])
    compiled = tl.compile(f, donate_argnums=0)
    with np.errstate(all="ignore"):
        compiled(x, y)
        same(compiled(x.copy(), y), f(x, y))


def test_what_is_seen_elsewhere_is_refused():
    compiled = tl.compile(momentum, donate_argnums=(0, 2))
    w, g, v = three()
    compiled(w.copy(), g, v.copy())
    for args in ((w, w, v), (w, g, w), (w, w[::-1], v)):
        before = w.copy()
        with pytest.raises(ValueError, match=r"donate_argnums, of shape .*, shares memory"):
            compiled(*args)
        same(w, before)
    w.flags.writeable = False
    with pytest.raises(ValueError, match="is read-only; give it a copy"):
        compiled(w, g, v)
    with pytest.raises(ValueError, match="is read-only"):
        tl.compile(momentum, donate_argnums=0)(w, g, v)


def test_arguments_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match="asks for argument 3, and the function was called with 3"):
        tl.compile(momentum, donate_argnums=3)(*three())
    with pytest.raises(TypeError, match="the number of an argument, or a tuple of several"):
        tl.compile(momentum, donate_argnums="w")
    with pytest.raises(ValueError, match="goes without state"):
        tl.compile(momentum, donate_argnums=0, state=[tl.tensor([1.0], requires_grad=True)])


def test_numbers_are_kept():
    f = lambda w, lr: w - lr * w * w
    compiled = tl.compile(f, donate_argnums=(0, 1))
    for _ in range(2):
        same(compiled(three()[0], 0.5), f(three()[0], 0.5))


def test_results_are_written_over_by_the_next_call_when_asked():
    f = lambda x, y, z: {"value": np.tanh(x) @ y.T, "parts": [x * y, (x * z).T, x.sum()], "z": z}
    compiled = tl.compile(f, reuse_outputs=True)
    compiled(*three())
    first = compiled(*three())
    same(first, f(*three()))
    arrays = [x for x in flatten(first)[0] if x.ndim]
    assert not any(np.shares_memory(x, y) for x in arrays for y in arrays if x is not y)
    second = compiled(*[x + 1 for x in three()])
    same(second, f(*[x + 1 for x in three()]))
    assert second["parts"][0] is first["parts"][0]


def test_then_nothing_at_all_is_allocated():
    compiled = tl.compile(lambda x, y, z: (x + y, (y * z) @ x.T), reuse_outputs=True)
    args = three(200)
    for _ in range(2):
        compiled(*args)
    tracemalloc.start()
    try:
        for _ in range(20):
            compiled(*args)
        assert tracemalloc.get_traced_memory()[1] < 4096
    finally:
        tracemalloc.stop()
