"""Operations that repeat themselves, as loops: each pass alone, and the source that comes of it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
import tinygrad_lite.numpy as tnp
from tinygrad_lite.compiling.improving import PASSES
from tinygrad_lite.compiling.improving.even_ends import cannot_fail, with_even_ends
from tinygrad_lite.compiling.improving.loop_buffers import with_buffers_in_loops
from tinygrad_lite.compiling.improving.periods import longest_repetition
from tinygrad_lite.compiling.improving.python_numbers import with_python_floats
from tinygrad_lite.compiling.improving.rolled import rolled, with_loops
from tinygrad_lite.compiling.improving.views_again import with_views_again
from tinygrad_lite.compiling.loops import Loop
from tinygrad_lite.compiling.program import Memory, Operation, Variable
from tinygrad_lite.engine.trees import LEAF, flatten

from .conftest import names

RNG = np.random.default_rng(0)
W, U = RNG.normal(size=(3, 4)) / 2, RNG.normal(size=(4, 4)) / 2
X, H = RNG.normal(size=(12, 5, 3)), RNG.normal(size=(5, 4))


BEFORE = PASSES[: PASSES.index(with_python_floats)]
"""The passes that come before."""


def rnn(w, u, x, h):
    for x_t in x:
        h = np.tanh(x_t @ w + h @ u)
    return np.sum(h * h)


def gru(parameters, x, h):
    w, u, b = parameters
    n = h.shape[1]
    for t in range(x.shape[1]):
        a = x[:, t] @ w + b
        c = h @ u
        s = 1 / (1 + np.exp(-(a[:, : 2 * n] + c[:, : 2 * n])))
        r, z = s[:, :n], s[:, n:]
        m = np.tanh(a[:, 2 * n :] + r * c[:, 2 * n :])
        h = m + z * (h - m)
    return np.sum(h * h)


def lotka_volterra(rates, state, steps=200, dt=0.02):
    a, b, c, d = rates

    def slope(state):
        hares, lynxes = state
        return tnp.array([a * hares - b * hares * lynxes, c * hares * lynxes - d * lynxes])

    for _ in range(steps):
        k1 = slope(state)
        k2 = slope(state + 0.5 * dt * k1)
        k3 = slope(state + 0.5 * dt * k2)
        k4 = slope(state + dt * k3)
        state = state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(state * state)


def wave(start, c, steps=30):
    u = tnp.zeros((steps, start.shape[0]))
    u[0] = start
    u[1] = start
    for t in range(1, steps - 1):
        u[t + 1, 1:-1] = 2 * u[t, 1:-1] - u[t - 1, 1:-1] + c * (u[t, 2:] - 2 * u[t, 1:-1] + u[t, :-2])
    return np.sum(u[-1] ** 2)


def loops(program):
    """The loops of a program."""
    return [operation.function for operation in program.operations if type(operation.function) is Loop]


def kept_by(loop):
    """What a loop's body calls for what it keeps."""
    kept = loop.parted(loop.body.outputs)[2]
    made = dict(zip([o.result for o in loop.body.operations], names(loop.body), strict=True))
    return [made[v] for v in kept]


def same(a, b):
    """Whether results are the same to the last bit, and of the same kind."""
    first, second = flatten(a)[0], flatten(b)[0]
    return len(first) == len(second) and all(
        type(x) is type(y)
        and np.asarray(x).dtype == np.asarray(y).dtype
        and np.array_equal(x, y, equal_nan=True)
        and np.array_equal(np.signbit(x), np.signbit(y))
        for x, y in zip(first, second, strict=True)
    )


def assert_compiled(f, *args):
    """The compiled function gives what f gives, call after call, and leaves what it returned before as it was."""
    compiled = tl.compile(f)
    wanted = f(*args)
    assert same(compiled(*args), wanted)
    first = compiled(*args)
    assert same(first, wanted)
    other = [x * 0.5 if isinstance(x, np.ndarray) else x for x in args]
    assert same(compiled(*other), f(*other))
    assert same(first, wanted)
    return compiled.source


# ---------------------------------------------------------------------------------------------------------------------
# Periods


def test_the_longest_repetition_is_found():
    assert longest_repetition(np.array([7, 1, 2, 2, 1, 2, 2, 1, 2, 2, 9]), 3) == (1, 10, 3)
    assert longest_repetition(np.array([1, 2, 1, 2]), 3) is None
    assert longest_repetition(np.array([5] * 9), 3) == (0, 9, 1)


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_repetitions_within_other_symbols_are_found(data):
    word = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=12))
    count = data.draw(st.integers(4, 9))
    before = data.draw(st.lists(st.integers(4, 9), max_size=8, unique=True))
    after = data.draw(st.lists(st.integers(10, 19), max_size=8, unique=True))
    symbols = np.array([*before, *word * count, *after])
    start, stop, period = longest_repetition(symbols, 4)
    assert np.array_equal(symbols[start : stop - period], symbols[start + period : stop])
    assert stop - start - period >= len(word) * (count - 1)  # no less than what was put in
    assert len(before) <= start < stop <= len(before) + len(word) * count


# ---------------------------------------------------------------------------------------------------------------------
# Each pass alone


def test_what_repeats_itself_becomes_a_loop(improve):
    program = improve(rnn, W, U, X, H, by=[with_loops])
    (loop,) = loops(program)
    assert (loop.indices, loop.carried, loop.last, loop.kept) == (range(12), 1, 1, 0)
    assert names(loop.body) == ["getitem", "matmul", "matmul", "add", "tanh"]
    assert len(program.operations) == 3


def test_a_backward_sweep_becomes_a_loop_that_counts_down(improve):
    program = improve(tl.value_and_grad(rnn, argnums=(0, 1)), W, U, X, H, by=[*BEFORE, rolled])
    forward, backward = loops(program)
    assert forward.indices == range(12)
    assert backward.indices == range(11, -1, -1)
    assert backward.kept == 0
    assert "add" in names(backward.body)


def test_sums_begin_and_sweeps_end_like_every_iteration(improve):
    f = tl.value_and_grad(rnn, argnums=(0, 1))
    plain = improve(f, W, U, X, H, by=[*BEFORE, with_loops])
    even = improve(f, W, U, X, H, by=[*BEFORE, with_even_ends, with_loops])
    assert len(loops(plain)[1].indices) == 10
    assert len(loops(even)[1].indices) == 12
    assert len(even.operations) < len(plain.operations)


def test_what_may_fail_is_not_put_in():
    x = Variable(U, Memory("operation"))
    for function, fails in [(np.add, False), (np.add.reduce, False), (np.linalg.inv, True), (np.linalg.solve, True)]:
        assert cannot_fail(Operation(function, (x,), {}, (x,), LEAF)) is not fails


def test_nothing_is_put_in_where_nothing_repeats_itself(improve):
    program = improve(lambda x: np.sin(x) + np.cos(x) * x, X, by=[with_even_ends, with_views_again, with_loops])
    assert names(program) == ["sin", "cos", "multiply", "add"]


def test_sums_of_negative_zeros_are_negative():
    def f(w, x):
        y = w[0]
        for x_t in x:
            y = w * x_t
        return np.sum(y)

    def g(w, x):
        total = np.sum(w * x[0])
        for x_t in x[1:]:
            total = total + np.sum(w * x_t)
        return total

    zeros = np.full((6, 3), -0.0)
    for each in (f, g):
        assert_compiled(tl.value_and_grad(each), np.ones(3), zeros)


def test_views_are_taken_again_instead_of_kept(improve):
    parameters = RNG.normal(size=(3, 12)) / 3, RNG.normal(size=(4, 12)) / 3, RNG.normal(size=12)
    x, h = RNG.normal(size=(5, 9, 3)), RNG.normal(size=(5, 4))

    def f(w, u, b, x, h):
        return gru((w, u, b), x, h)

    f = tl.value_and_grad(f, argnums=(0, 1, 2))
    before = improve(f, *parameters, x, h, by=[*BEFORE, with_even_ends, with_loops])
    program = improve(f, *parameters, x, h, by=[*BEFORE, with_even_ends, with_views_again, with_loops])
    assert "getitem" in kept_by(loops(before)[0])
    assert "getitem" not in kept_by(loops(program)[0])


def test_loops_have_buffers(improve):
    f = tl.value_and_grad(rnn, argnums=(0, 1))
    program = improve(f, W, U, X, H, by=[*BEFORE, rolled, with_buffers_in_loops])
    forward, backward = loops(program)
    lists = [rows for rows in program.buffers if type(rows) is tuple]
    assert {len(rows) for rows in lists} == {12}
    assert forward.kept == backward.kept == 0  # what is kept is in lists of buffers
    for loop in (forward, backward):
        for operation in loop.body.operations:
            if operation.function in (np.add, np.multiply, np.matmul, np.tanh):
                assert "out" in operation.kwargs
    returned = flatten(list(program.outputs))[0]
    assert not {v.memory for v in returned} & {v.memory for rows in program.buffers for v in flatten(rows)[0]}


def test_two_arrays_of_two_iterations_have_one_buffer_each(improve):
    def f(x):
        before, h = x[0], x[1]
        for x_t in x:
            before, h = h, 0.5 * h - before * x_t
        return before + h

    improve(f, X[:, 0], by=[rolled, with_buffers_in_loops])
    assert_compiled(f, X[:, 0])


def test_arrays_that_are_written_to_in_a_loop(improve):
    program = improve(wave, np.sin(np.linspace(0, 3, 16)), 0.25, by=[rolled])
    (loop,) = loops(program)
    assert len(loop.indices) >= 26
    assert "setitem" in names(loop.body)


def taking_turns(start, count, steps=24):
    """States of which only the last few are kept, in arrays that are written to in turn."""
    states = [tnp.array(start) for _ in range(count)]
    for t in range(steps):
        states[t % count][1:-1] = np.sin(states[(t - 1) % count][2:]) - 0.5 * states[t % count][:-2]
    return np.sum(states[0] * states[-1])


@pytest.mark.parametrize(("count", "is_loop"), [(1, True), (2, True), (3, True), (4, False)])
def test_arrays_that_take_turns_to_be_written_to(count, is_loop):
    gradient = tl.value_and_grad(lambda start: taking_turns(start, count))
    source = assert_compiled(gradient, np.sin(np.linspace(0, 3, 8)))
    assert (len(re.findall(r"\n +for ", source)) >= 2) == is_loop


def test_few_iterations_stay_as_they_are(improve):
    program = improve(lambda x: np.sin(np.sin(np.sin(x))), X, by=[rolled])
    assert names(program) == ["sin"] * 3


# ---------------------------------------------------------------------------------------------------------------------
# The source


def test_the_gradient_of_a_gru_fits_on_a_page():
    parameters = RNG.normal(size=(3, 12)) / 3, RNG.normal(size=(4, 12)) / 3, np.zeros(12)
    source = assert_compiled(tl.value_and_grad(gru), parameters, RNG.normal(size=(5, 50, 3)), np.zeros((5, 4)))
    assert len(source.splitlines()) < 80
    assert re.search(r"for \w+ in range\(50\):", source)
    assert re.search(r"for \w+ in reversed\(range\(50\)\):", source)


@pytest.mark.parametrize("f", [rnn, tl.value_and_grad(rnn, argnums=(0, 1, 2, 3))])
def test_a_source_is_no_longer_for_more_steps(f):
    lengths = []
    for steps in (20, 60):
        source = assert_compiled(f, W, U, RNG.normal(size=(steps, 5, 3)), H)
        lengths.append(len(source.splitlines()))
    assert lengths[0] == lengths[1]


def test_a_thousand_steps_are_a_loop():
    def f(x, h):
        for x_t in x:
            h = 0.9 * h + np.sin(x_t)
        return h

    source = assert_compiled(f, RNG.normal(size=(1000, 3)), np.zeros(3))
    assert len(source.splitlines()) < 20


def test_runge_kuttas_method_is_a_loop():
    args = np.array([1.1, 0.4, 0.1, 0.4]), np.array([2.0, 1.0])
    short, long = [
        assert_compiled(tl.value_and_grad(lambda rates, state, n=n: lotka_volterra(rates, state, n)), *args)
        for n in (20, 40)
    ]
    assert len(short.splitlines()) == len(long.splitlines()) < 150
    assert "range(40)" in long


def test_a_wave_is_a_loop():
    start = np.sin(np.linspace(0, 3, 16))
    source = assert_compiled(wave, start, 0.25)
    assert len(re.findall(r"\n +for ", source)) == 1
    gradient = assert_compiled(tl.value_and_grad(wave), start, 0.25)
    assert len(gradient.splitlines()) < 200


def test_a_list_of_what_every_iteration_gives():
    def f(x, h):
        states = [h]
        for x_t in x:
            h = np.cos(h) * x_t
            states.append(h + 1)
        return states, h

    assert_compiled(f, X[:, 0], X[0, 0])
    assert_compiled(lambda x, h: np.stack(f(x, h)[0]), X[:, 0], X[0, 0])
    assert_compiled(lambda x, h: f(x, h)[0][3:9:2], X[:, 0], X[0, 0])


def test_settings_that_are_no_rows_of_numbers():
    def f(x, z):
        y = x[0]
        for k, n in enumerate((3, 1, 4, 7, 5, 9, 2, 6)):
            y = np.sin(y * 0.1 * (k * k + 2)) + x[n] * (0.5**k / 3) - np.cos(z[11 - k])
        return y

    source = assert_compiled(f, RNG.normal(size=(12, 5)), RNG.normal(size=(12, 5)))
    assert re.search(r"for \w+ in range\(8\)|for \w+ in reversed\(range\(4, 12\)\)", source)


@st.composite
def recurrences(draw):
    """A recurrence with a random body: how its operations are chained, with how old values, and what it writes."""
    steps = draw(st.integers(5, 14))
    body = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=7))
    lag = draw(st.integers(1, 2))
    writes = draw(st.booleans())
    reads = draw(st.sampled_from(["rising", "falling", "both", "none"]))
    odd = draw(st.integers(-1, steps))  # a step that does something else
    return steps, body, lag, writes, reads, odd


STEPS = (
    lambda a, b: a + b,
    lambda a, b: a * b,
    lambda a, b: np.sin(a),
    lambda a, b: a - 0.5 * b,
    lambda a, b: np.tanh(b),
    lambda a, b: -a,
)


def run_recurrence(spec, x, h):
    """What a recurrence gives."""
    steps, body, lag, writes, reads, odd = spec
    u = tnp.zeros((steps + 2, h.shape[0])) if writes else None
    states = [h, h * 0.5]
    for t in range(steps):
        known = [states[-1], states[-lag], h]
        if reads in ("rising", "both"):
            known.append(x[t])
        if reads in ("falling", "both"):
            known.append(x[steps - 1 - t])
        for kind, i, j in body:
            a, b = known[i % len(known)], known[-1 - j % len(known)]
            known.append(STEPS[kind](a, b))
        y = known[-1] * 0.5
        if t == odd:
            y = np.cos(y)
        if u is not None:
            u[t + 1] = y
            u[t + 2] = u[t + 1] * 0.25 + u[t]
            y = y + u[t + 2]
        states.append(y)
    total = np.sum(states[-1]) + np.sum(states[2]) + np.sum(x) * np.sum(h)
    return total + (0.0 if u is None else np.sum(u * u))


@given(recurrences(), st.sampled_from([1, 3, 9]), st.booleans())
@example((10, [(0, 0, 0), (0, 3, 4)], 2, True, "both", 0), 1, False)  # the loop wrote over what a view of it read
@settings(max_examples=25, deadline=None)
def test_any_recurrence_is_what_it_was(spec, size, differentiated):
    rng = np.random.default_rng(1)
    x, h = rng.normal(size=(spec[0], size)), rng.normal(size=size)
    f = tl.value_and_grad(run_recurrence, argnums=(1, 2)) if differentiated else run_recurrence
    compiled = tl.compile(lambda x, h: f(spec, x, h))
    for scale in (1.0, -0.5, 1.0):
        with np.errstate(all="ignore"):
            assert same(compiled(x * scale, h), f(spec, x * scale, h))
