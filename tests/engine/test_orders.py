"""Second and third derivatives of random programs that write into arrays, and what they cost."""

import random

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine.graph import Node

STATEMENTS = (
    "y[0] = x[1] * 2",
    "y[1:] *= x[:-1]",
    "y += x",
    "y[[0, 2, 0]] = x[:3]",
    "y[x > 0] = 0",
    "y[::-1][1] = x[0]",
    "y[-1] = y[0] * y[1]",
    "y *= np.sin(x)",
    "y[1:] = y[:-1] * y[1:]",
    "y[[0, 1, 0]] *= x[1:]",
    "y /= 2 + y[0] * y[0]",
    "z *= x[1:]",
    "np.add.at(y, [0, 0, 1], x[:3])",
    "np.copyto(y, x * x, where=x > 0.3)",
    "A[0] = y",
    "A *= A",
    "A.T[0] *= 2",
    "A.T[...] += y[:, None] * x[0]",
    "A[0] *= y",
    "A[:, 1] = np.exp(A[:, 0])",
    "A[[0, 0]] += A[[1, 0]]",
    "for row in A: row /= row.sum() + 3",
    "A.reshape(-1)[3:6] = x[:3]",
    "np.fill_diagonal(A, x[:2])",
    "y[:] = A.sum(axis=0)",
)

WEIGHTS = np.arange(8.0).reshape(2, 4)


def program(seed):
    choose = random.Random(seed)
    lines = ["y = x * x[0]", "A = np.outer(x[:2], x) * y", "z = y[1:]"]
    source = "\n".join([*lines, *[choose.choice(STATEMENTS) for _ in range(choose.randrange(2, 8))]])

    def f(x):
        names = {"np": np, "x": x}
        exec(source, names)
        y, z, A = names["y"], names["z"], names["A"]
        return (y * np.sin(x)).sum() + (A * A * WEIGHTS).sum() + z.sum() * y[0]

    return f


def differences(f, x, h=1e-5):
    """Central differences by each entry of x, along the first axis."""
    return np.stack([(f(x + h * unit) - f(x - h * unit)) / (2 * h) for unit in np.eye(x.size)])


@pytest.mark.parametrize("seed", range(60))
def test_hessians_are_differences_of_gradients(seed):
    f = program(seed)
    x = np.random.default_rng(seed).uniform(-1, 1, 4)
    x += 0.05 * np.sign(x)
    hessian, expected = tl.hessian(f)(x), differences(tl.grad(f), x)
    size = max(1, np.abs(expected).max())
    assert np.allclose(hessian, expected, rtol=1e-5, atol=2e-6 * size)
    assert np.allclose(hessian, hessian.T, rtol=1e-9, atol=1e-10 * size)
    direction = np.random.default_rng(seed + 1).normal(size=4)
    assert np.allclose(tl.hvp(f)(x, direction), hessian @ direction, rtol=1e-9, atol=1e-10 * size)


@pytest.mark.parametrize("seed", range(15))
def test_third_derivatives_are_differences_of_hessians(seed):
    f = program(seed)
    x = np.random.default_rng(seed).uniform(-1, 1, 4)
    x += 0.05 * np.sign(x)
    third, expected = tl.jacobian(tl.hessian(f))(x), differences(tl.hessian(f), x)
    size = max(1, np.abs(expected).max())
    assert np.allclose(third, np.moveaxis(expected, 0, -1), rtol=1e-4, atol=5e-5 * size)


def entries_recorded(x):
    """How many operations a Tensor was computed by, and of how many entries their results are."""
    seen, stack = set(), [x._node]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack += [parent for parent in node.parents if type(parent) is Node]
    return len(seen), sum(int(np.prod(node.shape)) for node in seen)


def counted(n):
    """The operations and entries that the gradient of a loop of n writes is made of, where that is recorded."""

    def filled(x):
        y = tl.tensor(np.zeros(n))
        for i in range(n):
            y[i] = np.sin(x[i]) * (y[i - 1] if i else 1.0)
        return (y * y).sum()

    found = []

    def of_gradient(x):
        gradient = tl.grad(filled)(x)
        found.append(entries_recorded(gradient))
        return (gradient * gradient).sum()

    tl.grad(of_gradient)(np.linspace(0.5, 1, n))
    return found[0]


def test_second_order_takes_operations_of_order_n_on_entries_of_order_n_squared():
    (few, small), (many, large) = counted(40), counted(80)
    assert many <= 2.1 * few
    assert 3.5 * small < large <= 4.1 * small
