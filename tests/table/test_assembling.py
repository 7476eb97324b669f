"""Arrays put together, taken apart, turned and chosen from: values as NumPy's in many forms, errors as NumPy's."""

import numpy as np
import pytest

import tinygrad_lite as tl

RNG = np.random.default_rng(0)
X, V, C = RNG.uniform(-2, 2, (3, 4)), RNG.uniform(-2, 2, 5), RNG.uniform(-2, 2, (2, 3, 4))
INT = np.arange(12).reshape(3, 4)
MASK = np.array([True, False, True])

CALLS = {
    "diag-vector": lambda t: [np.diag(t(V), k) for k in (-2, 0, 3)],
    "diag-matrix": lambda t: [np.diag(t(X), k=k) for k in (-2, 0, 3, 9)],
    "diagflat": lambda t: [np.diagflat(t(X[:2, :2]), k) for k in (-1, 0, 1)],
    "tril": lambda t: [np.tril(t(x), k) for x in (X, C, INT, INT > 3) for k in (-1, 0, 2)],
    "triu": lambda t: [np.triu(t(x), k=k) for x in (X, C, INT, INT > 3) for k in (-1, 0, 2)],
    "append": lambda t: [np.append(t(X), V), np.append(X, t(V)), np.append(t(X), X, 0), np.append(t(INT), 0.5)],
    "append-axis": lambda t: [np.append(t(C), C[:1], axis=0), np.append(t(C), t(C), axis=-1)],
    "insert-one": lambda t: [np.insert(t(X), k, v) for k in (0, 5, -1) for v in (1.0, t(V))],
    "insert-axis": lambda t: [
        np.insert(t(X), 1, V[:3], axis=1),
        np.insert(t(X), [1], t(X[:, :1]), axis=1),
        np.insert(t(X), [1], X[:, :2], axis=1),
        np.insert(t(X), 1, X[:2], axis=0),
        np.insert(t(X), [0, 0, 3], t(X), axis=0),
        np.insert(t(X), slice(0, 3, 2), 7.0, axis=0),
        np.insert(t(X), MASK, t(X[:2]), axis=0),
        np.insert(t(X), [], 1.0, axis=0),
        np.insert(t(X), np.array([2, 0]), t(X[:2]), axis=0),
        np.insert(t(C), 1, C[:, :, 0], axis=2),
    ],
    "insert-dtype": lambda t: [np.insert(t(INT), 1, 2.75), np.insert(t(V.astype(np.float32)), [0, 1], t(V[:2]))],
    "delete": lambda t: [np.delete(t(X), k) for k in (0, -1, [1, 1, 2], slice(None, None, 3), [])],
    "delete-axis": lambda t: [np.delete(t(X), MASK, axis=0), np.delete(t(X), [0, -1], 1), np.delete(t(C), 1, axis=-1)],
    "resize": lambda t: [np.resize(t(X), s) for s in (5, (2, 2), (5, 5), (0, 3), ())],
    "resize-empty": lambda t: [np.resize(t(X[:0]), (2, 2))],
    "block": lambda t: [
        np.block([[t(X), X[:, :1]], [np.ones((1, 5))]]),
        np.block([t(V), 1.0, t(V)]),
        np.block([[1.0, t(V)], [t(V), 2.0]]),
        np.block([[[t(X)]], [[X]]]),
        np.block(t(X)),
        np.block([[t(C), C]]),
    ],
    "column_stack": lambda t: [np.column_stack([t(V), V]), np.column_stack((t(X), V[:3], X))],
    "dstack": lambda t: [np.dstack([t(V), V]), np.dstack([t(X), X]), np.dstack([t(C), C]), np.dstack([t(1.5), 2.0])],
    "joins-dtype": lambda t: [
        f([t(X), X], dtype=np.float32, casting="same_kind") for f in (np.concatenate, np.stack, np.hstack, np.vstack)
    ],
    "joins-casting": lambda t: [np.concatenate([t(X), INT], dtype=int, casting="unsafe")],
    "atleast": lambda t: [f(t(x)) for f in (np.atleast_1d, np.atleast_2d, np.atleast_3d) for x in (X, V, C, V[0])],
    "atleast-several": lambda t: [*np.atleast_2d(t(V), 1.0), *np.atleast_3d(t(X), V), *np.atleast_1d(t(2.0), V)],
    "rollaxis": lambda t: [np.rollaxis(t(C), a, s) for a in range(-3, 3) for s in range(-3, 4)],
    "trim_zeros": lambda t: [
        np.trim_zeros(t(np.array(x)), trim)
        for x in ([0.0, 0, 1, 0, 2, 0], [0.0, 0], [1.0])
        for trim in ("f", "b", "fb", "BF")
    ],
    "trim_zeros-axes": lambda t: [
        np.trim_zeros(t(np.pad(X, ((1, 2), (0, 3)))), axis=a) for a in (None, 0, -1, (0, 1), ())
    ],
    "splits": lambda t: [
        *np.hsplit(t(X), 2), *np.hsplit(t(V), [1, 3]), *np.vsplit(t(X), 3), *np.vsplit(t(C), [1]),
        *np.dsplit(t(C), [1, 2]), *np.array_split(t(V), 3), *np.split(t(X), [1, -1], axis=1),
    ],
    "flips": lambda t: [np.fliplr(t(X)), np.flipud(t(X)), np.flipud(t(V)), np.fliplr(t(C))],
    "rot90": lambda t: [np.rot90(t(C), k, a) for k in range(-5, 6) for a in ((0, 1), (1, 0), (2, 1), (-1, 0))],
    "broadcast_arrays": lambda t: [*np.broadcast_arrays(t(V), X[:, :1], 2.0), *np.broadcast_arrays(t(V), V)],
    "meshgrid": lambda t: [
        g
        for indexing in ("xy", "ij")
        for sparse in (False, True)
        for copy in (False, True)
        for xi in ((t(V),), (t(V), V[:2]), (V[:2], t(V), V[:3]), (t(V), 1.0))
        for g in np.meshgrid(*xi, indexing=indexing, sparse=sparse, copy=copy)
    ],
    "select": lambda t: [
        np.select([X > 0, X > -1], [t(X), 2 * X]),
        np.select([X > 0, X > -1], [t(X), 7], default=-1.0),
        np.select([MASK[:, None]], [t(X)], t(V[0])),
        np.select([INT > 3], [t(INT)], 0.5),
        np.select([X > 0], [t(X.astype(np.float32))]),
        np.select([True, False], [t(X), t(V[:4])]),
    ],
    "choose": lambda t: [
        np.choose(INT % 2, [t(X), X * 2]),
        np.choose([0, 1, 2, 0], t(X)),
        np.choose([[0], [1]], [t(V), 1]),
        *[np.choose(INT - 3, [t(X), X * 2], mode=m) for m in ("wrap", "clip")],
        np.choose(np.array(1), [t(V), V * 3]),
    ],
    "compress": lambda t: [
        np.compress(MASK, t(X), axis=0), np.compress(MASK, t(X), 1), np.compress([0, 1], t(X)),
        t(X).compress(MASK, 0), t(X).compress([True]),
    ],
    "extract": lambda t: [np.extract(X > 0, t(X)), np.extract([True, False], t(V))],
    "nan_to_num": lambda t: [
        np.nan_to_num(t(np.array([np.nan, np.inf, -np.inf, 1, -0.0]).astype(d)), **kw)
        for d in (np.float64, np.float32)
        for kw in ({}, {"nan": 2.0}, {"posinf": 3.0}, {"neginf": -4, "nan": 1}, {"copy": False})
    ],
    "take-modes": lambda t: [
        np.take(t(X), [5, -7, 1], axis=a, mode=m) for a in (None, 0, 1) for m in ("wrap", "clip")
    ],
    "full_like": lambda t: [np.full_like(t(X), t(V[:4])), np.full_like(t(X), t(2.0), np.float32, shape=(2,))],
    "astype": lambda t: [t(X).astype(np.float32, "F", "same_kind", True, True), t(X).astype("f8", copy=False)],
}  # fmt: skip


def values(x):
    return x.data if isinstance(x, tl.Tensor) else np.asarray(x)


@pytest.mark.parametrize("name", CALLS)
def test_values_are_numpys(name):
    for got, expected in zip(CALLS[name](tl.Tensor), CALLS[name](np.array), strict=True):
        assert np.shape(got) == np.shape(expected)
        assert got.dtype == expected.dtype
        np.testing.assert_array_equal(values(got), expected)


@pytest.mark.parametrize("name", [name for name in CALLS if name not in ("nan_to_num", "joins-casting")])
def test_every_entry_of_a_gradient_is_where_it_came_from(name):
    """A function that moves entries moves the cotangent back: ⟨f(x), g⟩ = ⟨x, fᵀ(g)⟩, for what is linear in x."""
    leaves = []

    def leaf(x):
        x = np.asarray(x)
        leaves.append(tl.Tensor(x, requires_grad=x.dtype.kind == "f"))
        return leaves[-1]

    for y in CALLS[name](leaf):
        if isinstance(y, tl.Tensor) and y.requires_grad:
            g = RNG.uniform(-1, 1, y.shape)
            y.backward(g.astype(y.dtype), retain_graph=True)
    assert any(x.grad is not None for x in leaves)
    total = sum([float((x.data * x.grad).sum()) for x in leaves if x.grad is not None])
    assert np.isfinite(total)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda x: np.diag(x[None]), ValueError),
        (lambda x: np.block([x, [x]]), ValueError),
        (lambda x: np.block([[x], []]), ValueError),
        (lambda x: np.block([(x, x)]), TypeError),
        (lambda x: np.column_stack([x[None], x]), ValueError),
        (lambda x: np.append(x, [1.0], axis=0), ValueError),
        (lambda x: np.insert(x, 99, 1.0), IndexError),
        (lambda x: np.insert(x, [0, 1], [1.0, 2.0, 3.0]), ValueError),
        (lambda x: np.insert(x, [[0]], 1.0), ValueError),
        (lambda x: np.insert(x, 0, 1.0, axis=2), ValueError),
        (lambda x: np.delete(x, 99), IndexError),
        (lambda x: np.resize(x, (-1, 2)), ValueError),
        (lambda x: np.rollaxis(x, 0, 5), ValueError),
        (lambda x: np.trim_zeros(x, "x"), ValueError),
        (lambda x: np.hsplit(x[0, 0], 1), ValueError),
        (lambda x: np.vsplit(x[0], 1), ValueError),
        (lambda x: np.dsplit(x, 1), ValueError),
        (lambda x: np.fliplr(x[0]), ValueError),
        (lambda x: np.flipud(x[0, 0]), ValueError),
        (lambda x: np.rot90(x, 1, (0, 0)), ValueError),
        (lambda x: np.rot90(x, 1, (0, 1, 2)), ValueError),
        (lambda x: np.broadcast_arrays(x, np.ones(3)), ValueError),
        (lambda x: np.meshgrid(x[0], indexing="x"), ValueError),
        (lambda x: np.select([True], [x, x]), ValueError),
        (lambda x: np.select([], []), ValueError),
        (lambda x: np.select([np.ones((2, 2))], [x]), TypeError),
        (lambda x: np.choose([2, 0], [x, x]), ValueError),
        (lambda x: np.choose([0.5], [x, x]), TypeError),
        (lambda x: np.choose([0, 1], [x, x], mode="x"), ValueError),
        (lambda x: np.compress([[True]], x), ValueError),
        (lambda x: np.compress([False, False, True], x, axis=0), IndexError),
        (lambda x: np.concatenate([x, x], dtype=int), TypeError),
        (lambda x: np.vstack([x, x], dtype=np.float32, casting="no"), TypeError),
        (lambda x: x.astype(np.float32, casting="safe"), TypeError),
    ],
)  # fmt: skip
def test_errors_are_numpys(call, kind):
    for x in (np.ones((2, 2)), tl.tensor(np.ones((2, 2)), requires_grad=True)):
        with pytest.raises(kind):
            call(x)


@pytest.mark.skipif(not hasattr(np, "unstack"), reason="of NumPy 2.1")
def test_unstack():
    for axis in (0, 1, -1):
        for got, expected in zip(np.unstack(tl.Tensor(C), axis=axis), np.unstack(C, axis=axis), strict=True):
            np.testing.assert_array_equal(got.data, expected)
    with pytest.raises(ValueError, match="unstack"):
        np.unstack(tl.tensor(1.0))


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_matrix_of_blocks_is_refused():
    """``np.bmat`` gives an ``np.matrix``, which no Tensor is."""
    t = tl.tensor(np.ones((2, 2)), requires_grad=True)
    with pytest.raises(TypeError, match="requires a gradient"):
        np.bmat([[t, t]])


def test_zeros_that_are_left_out_have_no_gradient():
    g = tl.grad(lambda x: np.trim_zeros(x).sum())(np.array([0.0, 2.0, 0.0, 3.0, 0.0]))
    np.testing.assert_array_equal(g, [0, 1, 1, 1, 0])


def test_copies_are_copies():
    """As NumPy's are: writing to a result leaves the argument alone."""
    for call in (np.flipud, np.rot90, lambda t: np.diag(t)):
        t = tl.tensor(np.ones((2, 2)))
        call(t)
        np.testing.assert_array_equal(t.data, np.ones((2, 2)))
    for call in (lambda t: np.resize(t, (1, 2)), lambda t: np.append(t, []), lambda t: np.delete(t, []),
                 lambda t: np.meshgrid(t)[0], lambda t: np.block(t), lambda t: np.pad(t, 0)):  # fmt: skip
        t = tl.tensor([1.0, 2.0])
        call(t)[...] = 5.0
        np.testing.assert_array_equal(t.data, [1, 2])


def test_nan_to_num_in_place():
    t = tl.tensor([np.nan, 1.0]) * 1.0
    assert np.nan_to_num(t, copy=False) is t
    np.testing.assert_array_equal(t.data, [0, 1])
    x = np.array([np.nan, np.inf, 2.0])
    np.testing.assert_array_equal(tl.grad(lambda x: np.nan_to_num(x, nan=3.0).sum())(x), [0, 0, 1])
    with pytest.raises(TypeError, match="leaf"):
        np.nan_to_num(tl.tensor([1.0], requires_grad=True), copy=False)


def test_what_replaces_a_number_is_differentiated():
    x = np.array([np.nan, np.inf, 2.0])
    assert tl.grad(lambda a: tl.nan_to_num(x, nan=a, posinf=2 * a).sum())(3.0) == 3
    assert tl.grad(lambda a: tl.select([x > 1], [a], 2 * a).sum())(1.0) == 4
