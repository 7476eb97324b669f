"""Each pass alone: what it leaves, and that the program gives the same."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_lite as tl
import tinygrad_lite.numpy as tnp
from tinygrad_lite.compiling.improving import PASSES
from tinygrad_lite.compiling.improving.buffers import with_buffers
from tinygrad_lite.compiling.improving.cleaning import cleaned
from tinygrad_lite.compiling.improving.common_subexpressions import without_repetitions
from tinygrad_lite.compiling.improving.dead_code import without_dead_code
from tinygrad_lite.compiling.improving.in_place import with_parts_in_place
from tinygrad_lite.compiling.improving.known_numbers import with_constants_folded
from tinygrad_lite.compiling.improving.quick_calls import spelled
from tinygrad_lite.compiling.improving.updates import with_updates_in_place
from tinygrad_lite.engine.trees import flatten

from .conftest import names, program_of

X = np.linspace(-1.0, 2.0, 12).reshape(3, 4)


def test_numbers_that_are_known_are_folded(improve):
    program = improve(lambda x: x * np.ones_like(x), X, by=[with_constants_folded, without_dead_code])
    ((_, number),) = [operation.args for operation in program.operations]
    assert number == 1.0
    program = improve(lambda x: x * (np.ones_like(x[0, 0]) / 4), X, by=[with_constants_folded, without_dead_code])
    ((_, number),) = [operation.args for operation in program.operations]
    assert number == 0.25


def test_a_sum_of_ones_is_no_one(improve):
    improve(lambda x: x * (np.ones_like(x).sum() + np.zeros_like(x).sum(axis=0)), X, by=[with_constants_folded])


def test_what_does_nothing_is_left_out(improve):
    program = improve(lambda x: np.sin(np.negative(np.negative(x.T.T * 1))) / 1, X, by=[cleaned, without_dead_code])
    assert names(program) == ["sin", "divide"]  # what is returned is made anew


def test_a_value_is_another_only_while_neither_changes(improve):
    def f(x):
        y = x.copy()
        z = y * 1.0
        y[0] = 5.0
        return z.sum() + y.sum()

    improve(f, X, by=[cleaned, without_repetitions, spelled, without_dead_code, with_buffers])


def test_nothing_is_computed_twice(improve):
    program = improve(lambda x: np.exp(x) * np.exp(x) + np.exp(x).sum(axis=0), X, by=[without_repetitions])
    assert names(program).count("exp") == 1


def test_what_was_written_between_is_computed_again(improve):
    def f(x):
        y = x.copy()
        a = np.exp(y)
        y[1] = 0.0
        return a + np.exp(y)

    program = improve(f, X, by=[without_repetitions])
    assert names(program).count("exp") == 2


def test_what_nobody_sees_is_left_out(improve):
    def f(x):
        _ = np.cos(x)
        y = tnp.zeros(3)
        y[0] = 1.0
        return np.sin(x)

    assert names(improve(f, X, by=[without_dead_code])) == ["sin"]


def test_checks_stay():
    program = without_dead_code(program_of(lambda z, t: tl.cross_entropy(z, t), X, np.array([0, 1, 2])))
    assert "check" in names(program)


def test_numpys_python_is_passed_by(improve):
    program = improve(
        lambda x: np.sum(x, axis=(0,)) + np.max(x, axis=0) + np.reshape(x, (4, 3)).sum(1), X, by=[spelled]
    )
    assert names(program) == ["reduce", "reduce", "add", ".reshape", "reduce", "add"]


def test_parts_are_written_where_they_are(improve):
    def f(x):
        y = x.copy()
        y[1:] = y[1:] + 2.0
        return y

    program = improve(f, X, by=[with_parts_in_place])
    assert "setitem" not in names(program)


def test_results_go_into_few_buffers_and_what_is_returned_is_new(improve):
    def chain(x):
        for _ in range(5):
            x = np.exp(np.sin(x) - 1.0)
        return x, x.sum()

    program = improve(chain, X, by=[with_buffers])
    assert len(program.buffers) == 1
    first, again = program.run([X])[0], program.run([X])[0]
    assert not np.may_share_memory(first, again)


def test_a_buffer_is_not_used_again_while_a_view_of_it_is_read(improve):
    def f(x):
        y = np.sin(x)
        part = y[1:]
        z = np.cos(x)
        return (z * 2).sum() + part.sum()

    assert len(improve(f, X, by=[with_buffers]).buffers) == 2


def test_products_do_not_write_over_their_operands(improve):
    square = X @ X.T
    program = improve(lambda x: ((np.sin(x) @ np.cos(x)) @ np.sin(x)).sum(), square, by=[with_buffers])
    for operation in program.operations:
        if operation.function is np.matmul:
            assert operation.kwargs["out"] not in operation.args


@pytest.mark.parametrize("order", range(3))
def test_all_passes_in_their_order(order, improve):
    def f(x):
        y = np.tanh(x) * np.exp(-x) + x[0] / (1 + x * x)
        return (y @ y.T).sum()

    for _ in range(order):
        f = (lambda g: lambda x: tl.grad(g)(x).sum())(f)
    improve(f, X, by=PASSES)


def test_a_pass_leaves_the_program_it_gets_as_it_is():
    """Operations and outputs; where values lie is told to variables."""
    program = program_of(tl.grad(lambda x: (np.tanh(x) * 1.0).sum()), X)
    before = program.operations, program.outputs
    wanted = flatten(program.run([X]))[0]
    for improve in PASSES:
        improve(program)
    assert (program.operations, program.outputs) == before
    assert all(map(np.array_equal, flatten(program.run([X]))[0], wanted))


@pytest.mark.parametrize(
    ("change", "copies"),
    [
        (lambda x, y: replaced(x, np.subtract(y, 1.0, out=y)), 0),
        (lambda x, y: (np.multiply(y, x, out=y), replaced(x, y)), 1),  # reads what it was
        (lambda x, y: (np.multiply(y, 2.0, out=y), replaced(x, y), y.sum())[2], 1),  # the copy is read behind
        (lambda x, y: (np.multiply(y[0], 2.0, out=y[0]), replaced(x, y)), 1),  # a part of the copy is seen
        (lambda x, y: (replaced(x, y * 2.0), replaced(x, y)), 1),  # written between
    ],
)
def test_an_array_that_is_assigned_its_changed_copy_is_changed_where_it_is(change, copies, improve):
    def f(x):
        x = x * 1.0
        found = change(x, np.copy(x))
        return x, found if type(found) is not tuple else None

    program = improve(f, X, by=[with_updates_in_place])
    assert names(program).count("copy") == copies


def replaced(x, y):
    x[...] = y


def test_a_step_writes_to_its_parameters_at_once():
    w = tl.tensor(X, requires_grad=True)

    def step(x):
        loss = tl.sum(tl.tanh(w * x))
        loss.backward()
        w.data -= 0.1 * w.grad
        w.grad = None
        return loss

    compiled = tl.compile(step, state=[w])
    for _ in range(3):
        compiled(X)
    assert "copy" not in compiled.source
    assert "out=w)" in compiled.source or "out=tensor_0)" in compiled.source


def test_products_that_blas_makes_are_called_at_once_where_no_warning_is_wanted(improve):
    def f(x, y):
        return x @ y, x.T @ y.T, (x @ y)[0] @ x, x[:, ::2] @ y[::2]

    program = improve(f, X, X.T.copy(), by=[lambda program: spelled(program.changed(kernels="all"))])
    assert names(program).count("dot") == 3
    assert names(program).count("matmul") == 2
    assert "dot" not in names(improve(f, X, X.T.copy(), by=[spelled]))


def test_what_is_written_to_between_is_not_undone(improve):
    def f(x, y):
        u = -x
        u += y
        return np.sin(-u), np.sin(np.negative(-x))

    program = improve(f, X, 2 * X, by=[cleaned, without_dead_code])
    assert names(program).count("negative") == 2


@pytest.mark.parametrize("change", ["k", "low", "and"])
def test_comparisons_are_one_only_while_nobody_writes_to_what_they_compare(change, improve):
    def f(x):
        k = x - 1
        low, high = k >= 0, k < 3
        if change == "k":
            k += 3
            high = k < 4
        elif change == "low":
            low[0] = True
        else:
            k += 7
        return low & high

    improve(f, np.arange(5), by=[cleaned])


def test_comparisons_with_what_the_dtype_cannot_hold_stay_two(improve):
    improve(lambda k: (k >= 0) & (k < 200), np.array([-1, -100, 5, 100, -128], np.int8), by=[cleaned])


@pytest.mark.parametrize("returns", [False, True])
def test_copies_of_copies_are_changed_once(returns, improve):
    def f(x):
        x = x * 1.0
        c = x.copy()
        c += 1
        d = c.copy()
        d *= 2
        c[...] = d
        x[...] = c
        return (x * 1, c) if returns else x * 1

    improve(f, X, by=[with_updates_in_place, without_dead_code])
