"""Compiled functions that write into arrays: Tensors' and plain ones', through views, with every kind of index."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_lite as tl
import tinygrad_lite.numpy as tnp

from .alone import difference, standing_alone

PLACES = np.array([0, 2, 0])
MASK = np.array([True, False, True, False])


def entries(t, u):
    t[0] = u[1] * u[2]
    t[-1] += t[0]
    t[1:3] = u[:2]
    return t


def in_place(t, u):
    t += u
    t *= u[0]
    t -= 1.0
    t /= 2.0
    t **= 2
    return t


def views(t, u):
    v = t[::2]
    v += u[:2]
    w = t.reshape(2, 2).T
    w[0] = v
    return t + w.reshape(-1)


def view_of_view(t, u):
    a = t.reshape(2, 2)
    a[:, ::-1][0, 0] = u[0]
    a.T[1, 0] *= 3.0
    return a.sum(axis=0)


def masks(t, u):
    t[MASK] = u[:2]
    t[~MASK] *= 2.0
    t[t > 0.5] = u[3]
    return t


def fancy(t, u):
    t[PLACES] = u[:3]
    t[[1, 3]] += u[[0, 0]]
    np.add.at(t, PLACES, u[:3])
    return t


def computed_places(t, u):
    k = np.argmax(u)
    t[k] = u[0] * 2
    order = np.argsort(u)
    t[order[:2]] = u[2:]
    return t


def writers(t, u):
    np.copyto(t, u, where=u > 0.3)
    np.put(t, [0, 3], u[:2])
    m = np.multiply.outer(t, u)
    np.fill_diagonal(m, u.sum())
    return m


def outputs(t, u):
    np.multiply(t, u, out=t)
    np.sin(t, out=t)
    np.cumsum(t, out=t)
    np.add(t, u, out=t, where=MASK)
    return t


def saved_before(t, u):
    y = np.exp(t) * t
    t[:] = u
    return y + t


def exchanged(t, u):
    t[:2], t[2:] = t[2:].copy(), t[:2].copy()
    t[1:] = t[:-1]
    return t * u


def made_inside(t, u):
    a = tnp.zeros((2, 4))
    a[0] = t
    a[1, :2] = u[2:]
    a[:, 3] -= t[3]
    b = tnp.ones(3)
    b *= u[0]
    return a.sum(axis=0)[:3] + b


def recurrence(t, u):
    a = tnp.empty(4)
    a[0] = t[0]
    for k in range(1, 4):
        a[k] = a[k - 1] * u[k] + np.sin(t[k])
    return a


def number(t, u):
    s = t[0]
    s += u[0]
    s *= s
    return t * s


def copied_before(t, u):
    d = t.copy()
    d[0] = 5.0
    return t * d * u


FUNCTIONS = [
    entries, in_place, views, view_of_view, masks, fancy, computed_places, writers, outputs, saved_before, exchanged,
    made_inside, recurrence, number, copied_before,
]  # fmt: skip

NUMBERS = [np.array([0.3, 0.9, -0.4, 0.7]), np.array([0.5, -0.25, 1.5, 0.8])]
OTHERS = [np.array([-0.6, 0.2, 0.8, 1.7]), np.array([1.1, 0.4, -1.5, -0.3])]


def summed(f):
    """A number of a function that writes to copies of its arguments."""

    def loss(t, u):
        y = f(t * 1.0, u * 1.0)
        return (y * np.cos(np.arange(y.size).reshape(y.shape))).sum()

    return loss


def of_gradient(f):
    """A number of a gradient."""
    return lambda t, u: sum([(g * g[::-1]).sum() for g in tl.grad(f, (0, 1))(t, u)])


DERIVATIVES = {
    "value": lambda f: f,
    "gradient": lambda f: tl.value_and_grad(f, (0, 1)),
    "second": lambda f: tl.grad(of_gradient(f), (0, 1)),
    "jvp": lambda f: lambda t, u: tl.jvp(f, (t, u), (np.cos(t), np.sin(u))),
    "jacobian": lambda f: tl.jacobian(f),
    "hessian": lambda f: tl.hessian(f),
}

ROUNDED = {("masks", "gradient"), ("masks", "second"), ("masks", "hessian"), ("writers", "gradient")}
"""What is assigned to by a mask of numbers is chosen in a sum over all, not over those that are chosen."""


@pytest.mark.parametrize("order", DERIVATIVES)
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_a_write_is_what_it_is_without_source(f, order):
    function = DERIVATIVES[order](summed(f) if order != "jacobian" else lambda t, u: f(t * 1.0, u * 1.0))
    compiled = tl.compile(function)
    ulps = 4 if (f.__name__, order) in ROUNDED else 0
    for args in (NUMBERS, OTHERS, NUMBERS):
        assert difference(compiled(*args), function(*args), ulps) is None
    assert difference(standing_alone(compiled.latest)(*OTHERS), function(*OTHERS), ulps) is None


class TestWhatIsWrittenOverInBuffers:
    """What was read before something is written is what was there before."""

    @pytest.mark.parametrize(
        "f",
        [
            lambda y: filled(y, lambda z: (z.sum(), z.__setitem__(0, 7.0))[0] * z),
            lambda y: filled(y, lambda z: (z[2], z.__setitem__(2, 0.0))[0] + z),
            lambda y: filled(y, lambda z: (np.max(z), z.__setitem__(slice(0, 2), 9.0))[0] * z[1:]),
            lambda y: filled(y, lambda z: (z[1] * 2, z.fill(3.0))[0] - z),
        ],
    )
    def test_in_arrays_that_are_made_empty(self, f):
        compiled = tl.compile(f)
        for y in (np.arange(1.0, 5.0), np.arange(5.0, 1.0, -1.0), np.ones(4)):
            np.testing.assert_array_equal(compiled(y), f(y))

    @pytest.mark.parametrize(
        "write",
        [
            lambda t, b: t.__setitem__(2, b[0]),
            lambda t, b: t.__setitem__(2, t[3] * 2),
            lambda t, b: (t.__setitem__(0, t[1]), t.__setitem__(-1, t[-2])),
        ],
    )
    def test_in_gradients(self, write):
        def f(b):
            t = np.roll(b, 1)
            write(t, b)
            return (t * b).sum()

        compiled = tl.compile(tl.grad(f))
        for b in (np.array([0.5, 0.7, 0.9, 1.1]), np.array([1.0, -2.0, 3.0, 0.5]), np.ones(4)):
            np.testing.assert_array_equal(compiled(b), tl.grad(f)(b))

    def test_loops_of_views(self):
        def f(x):
            y = x * 2
            for _ in range(6):
                y = y.reshape(2, 2).reshape(4)
            return y * y

        compiled = tl.compile(f)
        for x in (np.arange(4.0), np.ones(4)):
            np.testing.assert_array_equal(compiled(x), f(x))

    def test_in_a_loop_that_hands_on_a_view_of_what_it_carries(self):
        def f(a, b, c, s):
            t1 = np.tanh(np.clip(a, -9, 9))
            q2 = np.sin(s) + t1[0]
            t3 = np.negative(np.clip(t1, -9, 9))
            t4 = t3 * 1.0
            for _ in range(5):
                t5 = t1 * c
                t4 = t4 * 0.9 + t5 * s
            t6 = np.where(t3 > 1, t1, t4)
            np.multiply(t6[1:], a[:-1], out=t6[1:])
            t9 = np.outer(t3, np.abs(np.clip(c, -9, 9))).sum(1)
            t6[0], t6[1] = t6[1], t6[0]
            return sum([np.sum(r) for r in (t9, b, t6, s, q2, t9)])

        gradient = tl.grad(f, (0, 1, 2))
        compiled = tl.compile(gradient)
        rng = np.random.default_rng(0)
        for _ in range(4):
            given = *rng.normal(size=(3, 12)), np.float64(rng.normal())
            for found, wanted in zip(compiled(*given), gradient(*given), strict=True):
                np.testing.assert_array_equal(found, wanted)


def filled(y, use):
    """What is made of an array that is made empty and filled in part."""
    z = tnp.zeros(12)
    z[:4] = y
    return use(z)
