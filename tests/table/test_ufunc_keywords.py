"""Every keyword of NumPy's ufuncs and their methods, and those of its arrays' methods: as NumPy has them."""

import numpy as np
import pytest

import tinygrad_lite as tl

RNG = np.random.default_rng(0)
X, Y = RNG.uniform(0.1, 0.9, (3, 4)), RNG.uniform(0.1, 0.9, (3, 4)).astype(np.float32)
A, B = RNG.uniform(-1, 1, (2, 3, 4)), RNG.uniform(-1, 1, (2, 4, 5))
V, W = RNG.uniform(-1, 1, (2, 4)), RNG.uniform(-1, 1, (2, 3))
REDUCED = (np.add, np.multiply, np.maximum, np.minimum, np.logaddexp)


def leaf(x):
    return tl.tensor(x, requires_grad=True)


def same(got, expected, rtol=0.0):
    got = got.data if isinstance(got, tl.Tensor) else np.asarray(got)
    assert (got.dtype, got.shape) == (np.asarray(expected).dtype, np.shape(expected))
    np.testing.assert_allclose(got, expected, rtol=rtol)


OPTIONS = [
    {"dtype": np.float32},
    {"dtype": "f8"},
    {"casting": "unsafe"},
    {"casting": "safe"},
    {"order": "F"},
    {"order": "C"},
    {"order": "A"},
    {"subok": False},
    {"where": True},
    {"out": None},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_calls(options):
    for f in (np.exp, np.floor, np.cbrt, np.fabs, np.square):
        same(f(leaf(X), **options), f(X, **options))
    for f in (np.add, np.multiply, np.maximum, np.power, np.fmod, np.arctan2):
        same(f(leaf(X), leaf(Y), **options), f(X, Y, **options))
        same(f(2, leaf(Y), **options), f(2, Y, **options))
    for f in (np.divmod, np.modf) if "out" not in options else ():
        inputs = (X, Y)[: f.nin]
        for got, expected in zip(f(*map(leaf, inputs), **options), f(*inputs, **options), strict=True):
            same(got, expected)


@pytest.mark.parametrize("signature", ["ff->f", "dd->d", (None, None, np.float32)])
def test_signatures(signature):
    same(np.add(leaf(X), Y, signature=signature), np.add(X, Y, signature=signature))


def test_the_layout_of_results():
    for order in "CFA":
        t = np.exp(leaf(X), order=order)
        assert t.flags[f"{'F' if order == 'F' else 'C'}_CONTIGUOUS"]
        assert np.exp(leaf(X.T), order=order).flags.f_contiguous == (order != "C")
        assert np.einsum("ij,jk", leaf(X), X.T, order=order).flags.f_contiguous == (order == "F")


def test_they_are_differentiated():
    tl.check_gradients(lambda x: np.exp(x, order="F") * np.multiply(x, 2, casting="unsafe"), X, order=2)
    gradient = tl.grad(lambda x: np.square(x, dtype=np.float32).sum())(X)
    assert gradient.dtype == np.float64
    np.testing.assert_allclose(gradient, 2 * X, rtol=1e-6)
    tl.check_gradients(lambda a, b: np.matmul(a, b, axes=[(0, 2), (1, 2), (1, 0)]) ** 2, A.swapaxes(0, 1), B, order=2)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.exp(x, dtype=int),
        lambda x: np.add(x, x, dtype=np.float32, casting="no"),
        lambda x: np.add(x, 1, signature="x"),
        lambda x: np.vecdot(x, x, axes=[0]),
        lambda x: np.matvec(x, x[0], axis=0),
        lambda x: np.matvec(x, x[0], keepdims=True),
        lambda x: np.matmul(x, x.T, axes=[(0,), (0, 1), (0, 1)]),
    ],
)
def test_errors_are_numpys(call):
    for x in (X, leaf(X)):
        with pytest.raises((TypeError, ValueError)):
            call(x)


def test_a_mask_needs_somewhere_to_write():
    with pytest.raises(TypeError, match=r"np\.exp leaves entries unset.*out= a Tensor"):
        np.exp(leaf(X), where=X > 0.5)
    out, expected = tl.tensor(np.zeros((3, 4))), np.zeros((3, 4))
    np.exp(leaf(X), out=out, where=X > 0.5, dtype=np.float32)
    same(out, np.exp(X, out=expected, where=X > 0.5, dtype=np.float32))


@pytest.mark.skipif(not hasattr(np, "matvec"), reason="of NumPy 2.2")
@pytest.mark.parametrize(
    ("name", "arguments", "options"),
    [
        ("matmul", (A.transpose(1, 2, 0), B), {"axes": [(0, 1), (1, 2), (0, 1)]}),
        ("matmul", (A, B), {"dtype": np.float32}),
        ("vecdot", (V, V), {"axis": 0}),
        ("vecdot", (V, V), {"axis": 0, "keepdims": True}),
        ("vecdot", (V, V), {"keepdims": True}),
        ("vecdot", (V, V.T), {"axes": [1, 0]}),
        ("vecdot", (V, V.T), {"axes": [(1,), (0,), ()]}),
        ("matvec", (A, V), {"axes": [(1, 2), 1, 0]}),
        ("vecmat", (W, A), {"axes": [1, (1, 2), 0]}),
    ],
)
def test_axes(name, arguments, options):
    f = getattr(np, name)
    rtol = 1e-6 if "dtype" in options else 1e-13
    same(f(*map(leaf, arguments), **options), f(*arguments, **options), rtol)


@pytest.mark.parametrize("f", REDUCED, ids=lambda f: f.__name__)
def test_reduceat(f):
    for indices in ([0, 2], [2, 0, 1], [1], [0, 0]):
        for axis in (0, 1, -1):
            same(f.reduceat(leaf(X), indices, axis=axis), f.reduceat(X, indices, axis=axis), 1e-14)
    tl.check_gradients(lambda x: f.reduceat(x, [1, 0], axis=1) ** 2, X, order=2)
    with pytest.raises(IndexError):
        f.reduceat(leaf(X), [3])


def test_other_methods():
    for f in REDUCED[:2]:
        same(f.reduce(leaf(X), dtype=np.float32), f.reduce(X, dtype=np.float32), 1e-6)
        same(f.accumulate(leaf(X), 1, np.float32), f.accumulate(X, 1, np.float32), 1e-6)
    same(np.multiply.outer(leaf(X), Y, dtype=np.float32), np.multiply.outer(X, Y, dtype=np.float32))
    with pytest.raises(TypeError, match=r"outer: takes no where"):
        np.multiply.outer(leaf(X), Y, where=X > 0)


METHODS = {
    "argmax": lambda t: t.argmax(1, keepdims=True),
    "argpartition": lambda t: t.argpartition(1, 1),
    "argsort": lambda t: t.argsort(0, kind="stable"),
    "any": lambda t: t.any(1, keepdims=True),
    "all": lambda t: t.all(where=X > 2),
    "astype": lambda t: t.astype(np.float32, "F"),
    "astype-casting": lambda t: t.astype("f4", casting="same_kind"),
    "compress": lambda t: t.compress([True, False], 0),
    "cumsum": lambda t: t.cumsum(1, np.float32),
    "dot": lambda t: t.dot(t.T, None),
    "itemsize": lambda t: np.array(t.itemsize),
    "max": lambda t: t.max(0, None),
    "mean": lambda t: t.mean(0, np.float32),
    "nbytes": lambda t: np.array(t.nbytes),
    "nonzero": lambda t: t.nonzero()[1],
    "prod": lambda t: t.prod(0, np.float64),
    "round": lambda t: t.round(1, None),
    "searchsorted": lambda t: t[0].searchsorted([0.2, 0.7], "right"),
    "std": lambda t: t.std(0, None, None, 1),
    "sum": lambda t: t.sum(0, np.float32),
    "take": lambda t: t.take([0, 7, 99], None, None, "clip"),
    "trace": lambda t: t.trace(0, 0, 1, np.float32),
}


@pytest.mark.parametrize("name", METHODS)
def test_methods_take_their_arguments_in_order(name):
    same(METHODS[name](leaf(X)), METHODS[name](X), 1e-6)


def test_methods_write_to_out():
    for call in (lambda t, out: t.sum(0, None, out), lambda t, out: t.compress([True], 0, out)[0]):
        expected = call(X, np.zeros((1, 4)) if call(X, None).ndim > 1 else None)
        out = tl.tensor(np.zeros((1, 4)) if "compress" in call.__code__.co_names else np.zeros(4))
        call(leaf(X), out)
        same(out.reshape(4), np.asarray(expected).reshape(4))


def test_numbers_of_bits():
    t, x = tl.tensor([6, 3, 0]), np.array([6, 3, 0])
    for f in (lambda t: t & 3, lambda t: 3 | t, lambda t: t ^ t, lambda t: ~t, lambda t: t << 1, lambda t: 8 >> t):
        np.testing.assert_array_equal(f(t), f(x))
    for f in (np.bitwise_and, np.gcd, np.lcm, np.left_shift):
        np.testing.assert_array_equal(f(t, 4), f(x, 4))
    with pytest.raises(TypeError):
        leaf(X) & 1


def test_what_cannot_be_says_what_to_write():
    t = leaf(X)
    with pytest.raises(AttributeError, match=r"t = t\.reshape\(\(4, 3\)\)"):
        t.shape = (4, 3)
    for name in ("resize", "tofile", "dump", "view", "byteswap", "setflags"):
        with pytest.raises(AttributeError, match="here it is"):
            getattr(t, name)
    with pytest.raises(TypeError, match="sliding_window_view keeps it"):
        np.lib.stride_tricks.as_strided(t, (2,), (8,))
    with pytest.raises(ValueError, match="overlap"):
        np.lib.stride_tricks.sliding_window_view(t, 2, 0, writeable=True)
