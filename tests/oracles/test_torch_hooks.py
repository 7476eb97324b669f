"""Hooks and checkpoints as PyTorch's: when they are called, with which numbers, in which convention."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_lite as tl

torch = pytest.importorskip("torch")
from torch.utils.checkpoint import checkpoint  # noqa: E402

pytestmark = pytest.mark.oracle


def ours(values):
    return tl.tensor(values, requires_grad=True)


def theirs(values):
    return torch.tensor(values, requires_grad=True)


def plain(x):
    return x.detach().resolve_conj().numpy().copy() if isinstance(x, torch.Tensor) else np.array(x)


def chain(make, values, hooks, write):
    """A program with hooks on a leaf and on an intermediate, before and after a write: what they saw, the gradient."""
    seen = []

    def note(name, factor):
        def hook(g):
            seen.append((name, plain(g)))
            return None if factor is None else g * factor

        return hook

    x = make(values)
    y = x * x
    x.register_hook(note("x", hooks[0]))
    y.register_hook(note("y", hooks[1]))
    z = y * 1
    handle = z.register_hook(note("removed", 100.0))
    z.register_hook(note("z", None))
    handle.remove()
    if write:
        z[0] = x[1] * 3
        z.register_hook(note("z written", hooks[1]))
    total = (z * z + y).sum() if not np.iscomplexobj(values) else ((z * z).real + 2 * y.imag).sum()
    total.backward()
    return seen, plain(x.grad)


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("hooks", [(None, None), (2.0, None), (None, 3.0), (2.0, 0.5)])
@pytest.mark.parametrize(
    "values",
    [np.array([1.0, -2.0, 0.5]), np.array([1.0, 2.0], np.float32), np.array([1.0 + 2.0j, 0.5 - 1.0j])],
    ids=["float64", "float32", "complex128"],
)
def test_the_same_gradients_in_the_same_order(values, hooks, write):
    if np.iscomplexobj(values):
        hooks = tuple(h if h is None else h * (1 + 2j) for h in hooks)
    seen, grad = chain(ours, values, hooks, write)
    expected, expected_grad = chain(theirs, values, hooks, write)
    assert [name for name, _ in seen] == [name for name, _ in expected]
    for (_, got), (_, want) in zip(seen, expected, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-6)
    np.testing.assert_allclose(grad, expected_grad, rtol=1e-6)


def test_a_hook_is_differentiated_again():
    def f(x):
        y = x * x
        y.register_hook(lambda g: g * x)
        return y.sum()

    x = theirs(np.array([0.5, 2.0]))
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    (second,) = torch.autograd.grad((g**2).sum(), x)
    np.testing.assert_allclose(tl.grad(lambda x: (tl.grad(f)(x) ** 2).sum())(np.array([0.5, 2.0])), second)


def test_checkpoints_of_a_network_in_a_chain():
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(3, 3)) for _ in range(3)]
    start = rng.normal(size=(2, 3))

    def gradients(make, tanh, through):
        leaves = [make(w) for w in weights]
        h = x = make(start)
        for w in leaves:
            h = through(lambda h, w=w: tanh(h @ w), h)
        (h * h).sum().backward()
        return [plain(t.grad) for t in (x, *leaves)]

    got = gradients(ours, np.tanh, lambda f, h: tl.checkpoint(f)(h))
    want = gradients(theirs, torch.tanh, lambda f, h: checkpoint(f, h, use_reentrant=False))
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b)
