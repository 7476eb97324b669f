"""Arrays of other kinds on either side of a Tensor: right or refused, never entry by entry where it is a product."""

import operator

import numpy as np
import pytest

import tinygrad_lite as tl

X = np.array([0.3, 0.7, 1.2])
V = np.array([1.0, 2.0, 3.0])

OPERATORS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.matmul,
    np.add, np.subtract, np.multiply, np.divide, np.power, np.matmul, np.dot, np.maximum,
]  # fmt: skip


def assert_right_or_refused(f, expected):
    """A function's gradient is that by central differences, or an error is raised."""
    try:
        value, gradient = tl.value_and_grad(f)(X)
    except (TypeError, ValueError, NotImplementedError):
        return False
    np.testing.assert_allclose(value, expected(X))
    slopes = [(expected(X + 1e-6 * e) - expected(X - 1e-6 * e)) / 2e-6 for e in np.eye(3)]
    np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-8)
    return True


def entries_of(y):
    return y.data if isinstance(y, Labelled) else y


class Labelled:
    """An array with a label, as xarray's: it holds any array that answers NumPy's functions, and works on that."""

    def __init__(self, data):
        self.data = data

    @property
    def shape(self):
        return self.data.shape

    ndim = property(lambda self: self.data.ndim)
    dtype = property(lambda self: self.data.dtype)

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.data, dtype)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if kwargs.get("out"):
            return NotImplemented
        return Labelled(getattr(ufunc, method)(*[entries_of(x) for x in inputs], **kwargs))


for _name, _ufunc in {"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide}.items():
    setattr(Labelled, f"__{_name}__", lambda a, b, u=_ufunc: u(a, b))
    setattr(Labelled, f"__r{_name}__", lambda a, b, u=_ufunc: u(b, a))


class Series:
    """An array that makes arrays of NumPy of whatever it meets, as pandas'."""

    def __init__(self, data):
        self.data = np.asarray(data)

    shape = property(lambda self: self.data.shape)
    ndim = property(lambda self: self.data.ndim)

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.data, dtype)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return Series(getattr(ufunc, method)(*[np.asarray(x) for x in inputs], **kwargs))

    def __mul__(self, other):
        return Series(self.data * np.asarray(other))

    __rmul__ = __mul__


@pytest.mark.parametrize("operation", OPERATORS, ids=lambda f: f"{f.__module__}.{f.__name__}")
@pytest.mark.parametrize("swapped", [False, True])
class TestOperators:
    def test_labelled_arrays_keep_the_gradient(self, operation, swapped):
        def f(x):
            return np.sum(entries_of(operation(Labelled(V), x) if swapped else operation(x, Labelled(V))))

        right = assert_right_or_refused(f, lambda x: np.sum(operation(V, x) if swapped else operation(x, V)))
        basic = operation in (operator.add, operator.sub, operator.mul, operator.truediv, np.add, np.multiply)
        assert right or not basic

    def test_series_are_refused(self, operation, swapped):
        def f(x):
            y = operation(Series(V), x) if swapped else operation(x, Series(V))
            return np.sum(y.data if isinstance(y, Series) else y)

        assert_right_or_refused(f, lambda x: np.sum(operation(V, x) if swapped else operation(x, V)))

    @pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
    def test_matrices_are_refused(self, operation, swapped):
        m = np.matrix(np.diag(V))
        for x in (X, X.reshape(3, 1), 0.5):
            for make in (np.asarray, lambda x: tl.tensor(x, requires_grad=True)):
                if make is not np.asarray:
                    with pytest.raises(TypeError):
                        operation(m, make(x)) if swapped else operation(make(x), m)

    def test_masked_arrays_are_refused(self, operation, swapped):
        masked = np.ma.masked_array(V, [False, True, False])
        t = tl.tensor(X, requires_grad=True)
        with pytest.raises((TypeError, AttributeError)):
            operation(masked, t) if swapped else operation(t, masked)

    def test_sparse_matrices_are_refused(self, operation, swapped):
        sparse = pytest.importorskip("scipy.sparse")
        t = tl.tensor(X, requires_grad=True)
        for kind in (sparse.csr_matrix, sparse.csr_array, sparse.coo_array):
            with pytest.raises((TypeError, ValueError, NotImplementedError)):
                operation(kind(np.diag(V)), t) if swapped else operation(t, kind(np.diag(V)))


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_the_remedies():
    t = tl.tensor(X, requires_grad=True)
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match=r"np\.asarray\(m\), and @"):
        np.matrix(np.eye(3)) * t
    with pytest.raises(TypeError, match=r"toarray\(\)"):
        t @ sparse.csr_array(np.eye(3))
    with pytest.raises(TypeError, match=r"np\.matrix"):
        tl.grad(lambda x: (x * x).sum())(np.matrix(np.eye(2)))


def test_writing_in_place_takes_another_arrays_values():
    """Its own operator would give another array, and the name would be bound to that."""

    def f(x):
        y = x * 1.0
        z = y
        y += Labelled(V)
        y *= Series(V)
        assert y is z
        return (y * y).sum()

    assert assert_right_or_refused(f, lambda x: (((x + V) * V) ** 2).sum())


def test_lists_beside_tensors_are_arrays():
    cases = [
        (lambda x: np.dot(x[:2], [x[0], 1.0])),
        (lambda x: np.concatenate(([x[0]], x)).sum()),
        (lambda x: np.where([True, False, True], [x[0], x[1], 1.0], x).sum()),
        (lambda x: (x * [x[0], 1.0, 2.0]).sum()),
        (lambda x: ([x[0], 1.0, 2.0] - x).prod()),
        (lambda x: np.add(x, [x[0], 1.0, 2.0]).prod()),
        (lambda x: np.multiply.outer(x, [x[0], 2.0]).sum()),
        (lambda x: np.stack([x, [x[1], x[0], 1.0]]).prod()),
        (lambda x: np.vstack([x, [x[1], x[0], 1.0]]).prod()),
        (lambda x: np.einsum("i,i->", x, [x[0], x[0], 3.0])),
        (lambda x: np.clip(x, [x[0], 0.1, 0.1], 2.0).sum()),
        (lambda x: np.outer(x, [[x[0], 2.0]]).sum()),
    ]
    for f in cases:
        assert assert_right_or_refused(f, lambda x, f=f: f(x)), f
