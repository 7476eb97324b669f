"""The Tensor: construction, attributes, operators against NumPy, methods, and who owns ``grad``."""

import copy
import operator
import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite.engine.methods import Methods
from tinygrad_lite.table.attributes import ARRAY_METHODS
from tinygrad_lite.table.registry import REGISTRY

FLOATS = ["float16", "float32", "float64"]


def leaf(*entries, dtype=None):
    return tl.tensor(list(entries), dtype=dtype, requires_grad=True)


# ---------------------------------------------------------------------------------------------------------------------
# Construction


class TestConstruction:
    @pytest.mark.parametrize("dtype", [*FLOATS, "int8", "int64", "uint8", "bool", "complex128"])
    def test_keeps_the_dtype_of_an_array(self, dtype):
        data = np.ones((2, 3), dtype)
        for make in (tl.Tensor, tl.tensor):
            assert make(data).dtype == dtype
            assert make(data).data.dtype == dtype

    @pytest.mark.parametrize(
        ("data", "dtype", "shape"),
        [
            ([1, 2], np.int64, (2,)),
            ([1.0, 2], np.float64, (2,)),
            ([[True], [False]], np.bool, (2, 1)),
            ((1.0, 2.0, 3.0), np.float64, (3,)),
            (range(4), np.int64, (4,)),
            ([], np.float64, (0,)),
            (2, np.int64, ()),
            (2.5, np.float64, ()),
            (True, np.bool, ()),
            (np.float32(2), np.float32, ()),
        ],
    )
    def test_takes_what_numpy_takes(self, data, dtype, shape):
        t = tl.Tensor(data)
        assert (t.dtype, t.shape) == (dtype, shape)
        np.testing.assert_array_equal(t.data, np.array(data))

    def test_the_class_shares_memory_and_the_function_copies(self):
        data = np.array([1.0, 2.0, 3.0])
        assert tl.Tensor(data).data is data
        view = data[::2]
        assert tl.Tensor(view).data is view
        copied = tl.tensor(data)
        assert not np.shares_memory(copied.data, data)
        data[0] = 9.0
        assert copied.data[0] == 1.0

    def test_the_function_copies_a_constant_tensor_too(self):
        first = tl.tensor([1.0, 2.0])
        second = tl.tensor(first)
        assert not np.shares_memory(first.data, second.data)
        assert not second.requires_grad

    @pytest.mark.parametrize("dtype", [*FLOATS, int])
    def test_dtype_converts(self, dtype):
        t = tl.tensor([1, 2], dtype=dtype)
        assert t.dtype == dtype
        assert t.data.dtype == dtype

    @pytest.mark.parametrize("data", [2.0, np.float64(2), np.array(2.0), np.float32(2), np.array(2, np.float32)])
    def test_no_axes_means_a_numpy_scalar(self, data):
        for make in (tl.Tensor, tl.tensor):
            t = make(data)
            assert isinstance(t.data, np.floating)
            assert t.data == 2
            assert t.dtype == np.asarray(data).dtype

    def test_results_without_axes_are_numpy_scalars_too(self):
        x = leaf(1.0, 2.0)
        for y in (x.sum(), x[0], x @ x, tl.reshape(x[:1], ()), x.max(), x.squeeze()[0], tl.einsum("i,i", x, x)):
            assert isinstance(y.data, np.float64), y

    @pytest.mark.parametrize("dtype", FLOATS)
    def test_requires_grad_takes_floats(self, dtype):
        assert tl.Tensor(np.ones(2, dtype), requires_grad=True).requires_grad

    @pytest.mark.parametrize("data", [[1, 2], [True], 3, np.ones(2, np.uint8)])
    def test_requires_grad_refuses_integers_and_booleans_and_says_why(self, data):
        with pytest.raises(TypeError, match=r"only floating-point numbers have gradients.*cannot change by a little"):
            tl.Tensor(data, requires_grad=True)

    @pytest.mark.parametrize(
        "data", ["a", b"a", ["a", "b"], np.array("2020-01-01", "datetime64[D]"), np.timedelta64(1)]
    )
    def test_refuses_what_is_no_number(self, data):
        for make in (tl.Tensor, tl.tensor):
            with pytest.raises(TypeError, match="a Tensor holds numbers"):
                make(data)

    @pytest.mark.parametrize("data", [None, [1.0, None], {"a": 1.0}, object()])
    def test_refuses_objects_that_are_no_numbers(self, data):
        for make in (tl.Tensor, tl.tensor):
            with pytest.raises(TypeError, match="a Tensor holds numbers"):
                make(data)

    def test_refuses_masked_arrays_for_their_mask(self):
        with pytest.raises(TypeError, match="mask would be lost"):
            tl.Tensor(np.ma.array([1.0, 2.0], mask=[True, False]))

    def test_refuses_ragged_lists(self):
        with pytest.raises(ValueError, match="inhomogeneous"):
            tl.Tensor([[1.0], [1.0, 2.0]])

    def test_refuses_to_swallow_a_tensor_that_requires_a_gradient(self):
        w = leaf(1.0, 2.0)
        for make in (tl.Tensor, tl.tensor):
            with pytest.raises(TypeError, match="requires a gradient"):
                make(w)
            with pytest.raises(TypeError, match="requires a gradient"):
                make([w, w])

    def test_a_subclass_of_ndarray_is_taken_for_its_numbers(self):
        class Marked(np.ndarray):
            pass

        t = tl.Tensor(np.arange(3.0).view(Marked))
        np.testing.assert_array_equal(np.asarray(t.data), [0, 1, 2])


# ---------------------------------------------------------------------------------------------------------------------
# Attributes


class TestAttributes:
    @pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 3), (2, 1, 4)])
    def test_shape_ndim_size_dtype(self, shape):
        data = np.zeros(shape, np.float32)
        t = tl.Tensor(data, requires_grad=True)
        assert (t.shape, t.ndim, t.size, t.dtype) == (data.shape, data.ndim, data.size, data.dtype)
        y = t * 2
        assert (y.shape, y.ndim, y.size, y.dtype) == (data.shape, data.ndim, data.size, data.dtype)

    def test_transposes(self):
        data = np.arange(24.0).reshape(2, 3, 4)
        t = tl.tensor(data, requires_grad=True)
        np.testing.assert_array_equal(t.T.data, data.transpose())
        np.testing.assert_array_equal(t.mT.data, data.mT)
        assert tl.tensor(1.0).T.shape == ()
        with pytest.raises(ValueError, match="two axes or more"):
            _ = leaf(1.0).mT

    def test_leaves_and_what_is_computed(self):
        w, c = leaf(1.0, 2.0), tl.tensor([1.0, 2.0])
        assert w.requires_grad
        assert w.is_leaf
        assert not c.requires_grad
        assert c.is_leaf
        y, z = w * c, c * c
        assert y.requires_grad
        assert not y.is_leaf
        assert y.made_by == "multiply"
        assert not z.requires_grad
        assert z.is_leaf
        assert z.made_by is None
        assert w.made_by is None

    def test_item(self):
        assert tl.tensor([[2.5]]).item() == 2.5
        assert type(tl.tensor(2.5).item()) is float
        assert type(tl.tensor(2).item()) is int
        for t in (tl.tensor([1.0, 2.0]), tl.tensor([])):
            with pytest.raises(ValueError, match="exactly one entry"):
                t.item()

    def test_numpy_shares_memory(self):
        w = leaf(1.0, 2.0)
        assert type(w.numpy()) is np.ndarray
        assert np.shares_memory(w.numpy(), w.data)
        assert type(tl.tensor(1.0).numpy()) is np.ndarray
        assert (w * 2).numpy().tolist() == [2.0, 4.0]

    def test_tolist(self):
        assert leaf(1.0, 2.0).tolist() == [1.0, 2.0]
        assert tl.tensor(1.5).tolist() == 1.5

    def test_detach_is_a_constant_of_the_same_value(self):
        w = leaf(1.0, 2.0)
        d = w.detach()
        assert d._value is w._value
        assert not d.requires_grad
        assert d.is_leaf
        (w * w.detach()).sum().backward()
        np.testing.assert_array_equal(w.grad, w.data)

    def test_zero_grad(self):
        w = leaf(1.0, 2.0)
        w.sum().backward()
        assert w.grad is not None
        w.zero_grad()
        assert w.grad is None
        tl.tensor(1.0).zero_grad()  # nothing to forget is no error

    def test_backward_accumulates(self):
        w = leaf(1.0, 2.0)
        (w * w).sum().backward()
        (3 * w).sum().backward()
        np.testing.assert_array_equal(w.grad, 2 * w.data + 3)

    def test_backward_with_a_gradient(self):
        w = leaf(1.0, 2.0, 3.0)
        (w * w).backward([1.0, 10.0, 100.0])
        np.testing.assert_array_equal(w.grad, [2.0, 40.0, 600.0])
        w.zero_grad()
        (w * w).backward(tl.tensor([1.0, 0.0, 0.0]))
        assert type(w.grad) is np.ndarray
        np.testing.assert_array_equal(w.grad, [2.0, 0.0, 0.0])

    def test_backward_of_one_entry_needs_no_gradient(self):
        for shape in [(), (1,), (1, 1)]:
            w = tl.tensor(np.full(shape, 3.0), requires_grad=True)
            (w * w).backward()
            np.testing.assert_array_equal(w.grad, np.full(shape, 6.0))

    def test_backward_errors(self):
        w = leaf(1.0, 2.0)
        with pytest.raises(ValueError, match=r"shape \(2,\) has no single gradient.*sum\(\)"):
            (w * w).backward()
        with pytest.raises(ValueError, match=r"shape \(2,\), its gradient must too; got \(3,\)"):
            (w * w).backward(np.ones(3))
        with pytest.raises(RuntimeError, match="nothing was recorded"):
            tl.tensor(1.0).backward()
        with pytest.raises(RuntimeError, match="no_grad"), tl.no_grad():
            (w * w).sum().backward()
        assert w.grad is None

    def test_names(self):
        w = tl.tensor([1.0], requires_grad=True, name="weight")
        assert w.name == "weight"
        w.name = "bias"
        assert w.name == "bias"
        c = tl.Tensor(1.0, name="batch")
        assert c.name == "batch"
        assert not c.requires_grad
        assert (w * 2).name is None
        w.requires_grad = False
        assert w.name == "bias"

    @pytest.mark.parametrize(
        ("make", "text"),
        [
            (lambda: tl.tensor([1.0, 2.0]), "Tensor([1., 2.])"),
            (lambda: tl.tensor(1.5), "Tensor(1.5)"),
            (lambda: tl.tensor([1, 2]), "Tensor([1, 2])"),
            (lambda: tl.tensor([1.0], dtype=np.float32), "Tensor([1.], dtype=float32)"),
            (lambda: tl.tensor([1.0], requires_grad=True), "Tensor([1.], requires_grad=True)"),
            (lambda: tl.tensor([1.0], requires_grad=True, name="w"), "Tensor([1.], name='w', requires_grad=True)"),
            (lambda: tl.tensor([1.0], requires_grad=True) * 2, "Tensor([2.], made_by='multiply')"),
            (lambda: tl.tensor([[1.0, 2.0], [3.0, 4.0]]), "Tensor([[1., 2.],\n        [3., 4.]])"),
        ],
    )
    def test_repr(self, make, text):
        assert repr(make()) == text
        assert str(make()) == text

    def test_format(self):
        assert f"{tl.tensor(1.0) / 3:.3f}" == "0.333"
        assert f"{tl.tensor([1.0])}" == "Tensor([1.])"

    def test_iteration_and_length(self):
        w = tl.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], requires_grad=True)
        assert len(w) == 3
        rows = list(w)
        assert [row.tolist() for row in rows] == [[1, 2], [3, 4], [5, 6]]
        a, _, c = w
        (a * 2 + c).sum().backward()
        np.testing.assert_array_equal(w.grad, [[2, 2], [0, 0], [1, 1]])
        assert 4.0 in w
        assert 9.0 not in w
        assert [row.tolist() for row in reversed(w)] == [[5, 6], [3, 4], [1, 2]]
        assert list(tl.tensor(np.ones((0, 2)))) == []

    def test_a_number_has_no_length_and_no_entries(self):
        with pytest.raises(TypeError, match="no length"):
            len(tl.tensor(1.0))
        with pytest.raises(TypeError, match="cannot be iterated over"):
            iter(tl.tensor(1.0))

    def test_hash_is_by_identity(self):
        a, b = leaf(1.0), leaf(1.0)
        assert hash(a) == hash(a)
        assert {a: "a", b: "b"}[b] == "b"
        assert len({a, b}) == 2

    def test_a_leaf_that_requires_a_gradient_cannot_be_written_to(self):
        t = leaf(1.0, 2.0)
        with pytest.raises(TypeError, match=r"is a leaf that requires a gradient.*within no_grad"):
            t[0] = 5.0
        assert t.tolist() == [1.0, 2.0]

    def test_has_no_other_attributes(self):
        with pytest.raises(AttributeError):
            leaf(1.0).gradient = 1
        with pytest.raises(AttributeError, match="nothing_like_it"):
            _ = leaf(1.0).nothing_like_it


class TestSetters:
    def test_data_in_place_keeps_dtype_memory_and_graph(self):
        w = tl.Tensor(np.ones(3, np.float32), requires_grad=True)
        memory = w.data
        w.data -= 0.5 * np.ones(3, np.float32)
        assert w.data is memory
        assert w.dtype == np.float32
        np.testing.assert_array_equal(w.data, [0.5, 0.5, 0.5])
        assert w.requires_grad

    def test_data_in_place_of_a_number(self):
        w = tl.tensor(np.float32(1.0), requires_grad=True)
        (w * w).backward()
        w.data -= 0.25 * w.grad
        assert w.dtype == np.float32
        assert w.data.dtype == np.float32
        assert w.shape == ()
        assert w.item() == 0.5
        (w * w).backward()
        assert w.grad.dtype == np.float32
        assert w.grad.shape == ()

    def test_data_in_place_of_a_number_wide_step(self):
        w = tl.tensor(np.float32(1.0), requires_grad=True)
        w.data -= np.float64(0.5)
        assert w.data.dtype == np.float32

    def test_data_assignment_casts_and_checks_the_shape(self):
        w = tl.tensor(np.ones(3, np.float32), requires_grad=True)
        w.data = [1, 2, 3]
        assert w.data.dtype == np.float32
        assert w.tolist() == [1, 2, 3]
        with pytest.raises(ValueError, match=r"shape \(3,\) cannot be replaced by one of \(2,\)"):
            w.data = np.ones(2)
        with pytest.raises(TypeError, match="holds numbers"):
            w.data = ["a", "b", "c"]
        assert w.tolist() == [1, 2, 3]

    def test_data_of_a_result_cannot_be_replaced(self):
        y = leaf(1.0, 2.0) * 2
        with pytest.raises(ValueError, match="output of multiply"):
            y.data = np.zeros(2)
        assert y.tolist() == [2.0, 4.0]

    def test_grad_assignment(self):
        w = tl.tensor(np.ones(2, np.float32), requires_grad=True)
        w.grad = [1, 2]
        assert type(w.grad) is np.ndarray
        assert w.grad.dtype == np.float32
        w.grad = None
        assert w.grad is None
        with pytest.raises(ValueError, match=r"shape \(2,\) has no gradient of shape \(3,\)"):
            w.grad = np.ones(3)
        with pytest.raises(ValueError, match="requires no gradient"):
            tl.tensor([1.0]).grad = np.ones(1)

    def test_grad_in_place(self):
        w = leaf(1.0, 2.0)
        (w * w).sum().backward()
        w.grad *= 0.5
        w.grad[0] = 7.0
        np.testing.assert_array_equal(w.grad, [7.0, 2.0])

    def test_requires_grad_assignment(self):
        w = tl.tensor([1.0, 2.0])
        w.requires_grad = True
        (w * 3).sum().backward()
        np.testing.assert_array_equal(w.grad, [3.0, 3.0])
        w.requires_grad = True  # nothing to change: the gradient stays
        assert w.grad is not None
        w.requires_grad = False
        assert not (w * 3).requires_grad
        assert w.grad is None
        with pytest.raises(TypeError, match="only floating-point"):
            tl.tensor([1]).requires_grad = True

    def test_requires_grad_of_a_result_cannot_be_taken_away(self):
        y = leaf(1.0) * 2
        with pytest.raises(ValueError, match=r"detach\(\)"):
            y.requires_grad = False


class TestCopies:
    @pytest.mark.parametrize("duplicate", [lambda t: pickle.loads(pickle.dumps(t)), copy.deepcopy])
    @pytest.mark.parametrize("data", [[1.0, 2.0], 3.0, np.ones((2, 2), np.float32)])
    def test_leaves(self, duplicate, data):
        w = tl.tensor(data, requires_grad=True, name="w")
        (w * w).sum().backward()
        twin = duplicate(w)
        assert twin is not w
        assert (twin.name, twin.requires_grad, twin.dtype, twin.shape) == ("w", True, w.dtype, w.shape)
        np.testing.assert_array_equal(twin.data, w.data)
        np.testing.assert_array_equal(twin.grad, w.grad)
        assert twin.grad.dtype == w.dtype
        assert not np.shares_memory(twin.data, w.data)
        assert not np.shares_memory(twin.grad, w.grad)
        (twin * 5).sum().backward()
        np.testing.assert_array_equal(w.grad, 2 * np.asarray(data))  # the twin's gradient went to the twin

    @pytest.mark.parametrize("duplicate", [lambda t: pickle.loads(pickle.dumps(t)), copy.deepcopy])
    def test_constants(self, duplicate):
        c = tl.tensor([1, 2], name="labels")
        twin = duplicate(c)
        assert (twin.name, twin.requires_grad, twin.dtype) == ("labels", False, np.int64)
        assert twin.tolist() == [1, 2]

    @pytest.mark.parametrize("duplicate", [pickle.dumps, copy.deepcopy])
    def test_results_are_refused(self, duplicate):
        with pytest.raises(TypeError, match=r"output of multiply.*detach\(\)"):
            duplicate(leaf(1.0) * 2)

    def test_deepcopy_keeps_a_shared_leaf_shared(self):
        w = leaf(1.0)
        model = copy.deepcopy({"encoder": w, "decoder": w})
        assert model["encoder"] is model["decoder"]
        assert model["encoder"] is not w

    def test_shallow_copies_share_the_graph(self):
        w = leaf(1.0, 2.0)
        twin = copy.copy(w * 2)
        twin.sum().backward()
        np.testing.assert_array_equal(w.grad, [2.0, 2.0])


# ---------------------------------------------------------------------------------------------------------------------
# Operators against NumPy

BINARY = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.floordiv,
    operator.mod,
    operator.pow,
]
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
OPERANDS = {
    "float64 vector": np.array([1.5, 2.0, 0.5]),
    "float64 matrix": np.array([[1.5, 2.0, 0.5], [1.0, 2.5, 3.0]]),
    "float32 vector": np.array([1.5, 2.0, 0.5], np.float32),
    "float32 column": np.array([[1.5], [2.0]], np.float32),
    "float16 vector": np.array([1.5, 2.0, 0.5], np.float16),
    "int vector": np.array([1, 2, 3]),
    "int8 vector": np.array([1, 2, 3], np.int8),
    "0-d float64": np.array(1.5),
    "0-d float32": np.array(1.5, np.float32),
    "float64 scalar": np.float64(1.5),
    "float32 scalar": np.float32(1.5),
    "int64 scalar": np.int64(2),
    "float": 1.5,
    "int": 2,
    "bool": True,
    "list": [1.5, 2.0, 0.5],
    "tuple": (1, 2, 3),
}
NUMPY_TYPES = (np.ndarray, np.generic)
PAIRS = [
    (left, right)
    for left in OPERANDS
    for right in OPERANDS
    if isinstance(OPERANDS[left], NUMPY_TYPES) or isinstance(OPERANDS[right], NUMPY_TYPES)
]


def same(result, expected):
    """Values, dtype and shape as NumPy has them."""
    assert type(result) is tl.Tensor
    assert result.dtype == expected.dtype
    assert result.shape == expected.shape
    np.testing.assert_array_equal(result.data, expected)


def as_array(x):
    """Lists as NumPy's functions, though not all its scalars' operators, take them."""
    return np.array(x) if isinstance(x, (list, tuple)) else x


@pytest.mark.sampled(4)
@pytest.mark.parametrize("operation", BINARY, ids=lambda f: f.__name__)
@pytest.mark.parametrize(("left", "right"), PAIRS)
def test_binary_operators_are_numpys(operation, left, right):
    a, b = OPERANDS[left], OPERANDS[right]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # int8 overflows alike
        expected = operation(as_array(a), as_array(b))
        if isinstance(a, NUMPY_TYPES):
            same(operation(tl.tensor(a), b), expected)
        if isinstance(b, NUMPY_TYPES):
            same(operation(a, tl.tensor(b)), expected)
        if isinstance(a, NUMPY_TYPES) and isinstance(b, NUMPY_TYPES):
            same(operation(tl.tensor(a), tl.tensor(b)), expected)


@pytest.mark.parametrize("operation", BINARY, ids=lambda f: f.__name__)
@pytest.mark.parametrize("other", [2.0, np.zeros((0, 1)), np.ones((1, 3)), np.ones(3, np.float32)])
def test_operators_on_no_entries(operation, other):
    data = np.zeros((0, 3), np.float32)
    same(operation(tl.tensor(data), other), operation(data, other))
    same(operation(other, tl.tensor(data)), operation(other, data))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("operation", BINARY, ids=lambda f: f.__name__)
@pytest.mark.parametrize("scalar", [2, 1.5, True])
def test_python_scalars_do_not_widen(operation, dtype, scalar):
    for data in (np.array([1.5, 2.0], dtype), np.array(1.5, dtype)[()]):
        t = tl.tensor(data, requires_grad=True)
        for y in (operation(t, scalar), operation(scalar, t)):
            assert y.dtype == dtype
            assert y.data.dtype == dtype
            y.sum().backward()
            assert t.grad.dtype == dtype


def test_wide_scalars_and_arrays_widen_as_in_numpy_and_the_gradient_comes_back_narrow():
    t = tl.tensor(np.float32([1.5, 2.0]), requires_grad=True)
    for wide in (np.float64(2.0), np.array(2.0), np.array([2.0, 3.0])):
        for y in (t * wide, wide * t):
            assert y.dtype == np.float64
            y.sum().backward()
            assert t.grad.dtype == np.float32


@pytest.mark.parametrize("operation", BINARY, ids=lambda f: f.__name__)
@pytest.mark.parametrize("other", [np.array([[0.5], [2.0]]), np.array(2.0), np.float32(2.0), 2.0, 2, [0.5, 1.0, 2.0]])
def test_reflected_operators_record(operation, other):
    w = tl.tensor([1.3, 2.2, 0.7], requires_grad=True)
    for y in (operation(other, w), operation(w, other)):
        assert y.requires_grad
        assert type(y) is tl.Tensor
        y.sum().backward()
        assert w.grad.shape == (3,)


@pytest.mark.parametrize("operation", [operator.neg, operator.pos, operator.abs], ids=lambda f: f.__name__)
@pytest.mark.parametrize("name", [n for n, x in OPERANDS.items() if isinstance(x, NUMPY_TYPES)])
def test_unary_operators_are_numpys(operation, name):
    x = -OPERANDS[name]
    same(operation(tl.tensor(x)), np.asarray(operation(x))[()])


def test_round_and_divmod_are_numpys():
    x = np.array([1.26, -2.54, 5.5])
    same(round(tl.tensor(x)), np.round(x))
    same(round(tl.tensor(x), 1), np.round(x, 1))
    for ours, numpys in zip(divmod(tl.tensor(x), 0.7), divmod(x, 0.7), strict=True):
        same(ours, numpys)
    for ours, numpys in zip(divmod(5.0, tl.tensor(x)), divmod(5.0, x), strict=True):
        same(ours, numpys)


MATRICES = {
    "vector": np.array([1.0, 2.0, 3.0]),
    "square": np.arange(9.0).reshape(3, 3),
    "stack": np.arange(18.0).reshape(2, 3, 3),
    "float32": np.ones((3, 3), np.float32),
    "int": np.arange(9).reshape(3, 3),
    "list": [[1.0, 2.0, 0.0], [0.0, 1.0, 1.0], [2.0, 2.0, 2.0]],
}


@pytest.mark.parametrize("left", MATRICES)
@pytest.mark.parametrize("right", MATRICES)
def test_matmul_is_numpys_from_either_side(left, right):
    a, b = MATRICES[left], MATRICES[right]
    expected = np.matmul(a, b)
    if left != "list":
        same(tl.tensor(a) @ b, expected)
    if right != "list":
        same(a @ tl.tensor(b), expected)
    same(tl.tensor(a) @ tl.tensor(b), expected)


def test_ndarray_at_tensor_records():
    w = tl.tensor(np.arange(6.0).reshape(3, 2), requires_grad=True)
    x = np.arange(12.0).reshape(4, 3)
    y = x @ w
    assert type(y) is tl.Tensor
    assert y.requires_grad
    y.sum().backward()
    np.testing.assert_array_equal(w.grad, x.T @ np.ones((4, 2)))


@pytest.mark.parametrize("operation", COMPARISONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("other", [1.5, 2, np.array([1.0, 1.5, 2.0]), np.array([[1.0], [2.0]]), [1.0, 1.5, 2.0]])
def test_comparisons_give_plain_booleans(operation, other):
    data = np.array([1.5, 2.0, 0.5])
    w = tl.tensor(data, requires_grad=True)
    for result, expected in (
        (operation(w, other), operation(data, np.asarray(other))),
        (operation(other, w), operation(np.asarray(other), data)),
        (operation(w, tl.tensor(other)), operation(data, np.asarray(other))),
    ):
        assert type(result) is np.ndarray
        assert result.dtype == bool
        np.testing.assert_array_equal(result, expected)


def test_truth_of_one_entry():
    t = leaf(2.0)[0]
    assert t > 0
    assert isinstance(t > 0, np.bool)
    assert not t < 0
    assert tl.tensor([3.0])
    assert not tl.tensor([[0.0]])
    with pytest.raises(ValueError, match="ambiguous"):
        bool(tl.tensor([1.0, 2.0]))


def test_python_numbers():
    t = tl.tensor(2.5)
    assert (float(t), int(t), complex(t)) == (2.5, 2, 2.5 + 0j)
    assert ["a", "b", "c"][tl.tensor(2)] == "c"
    assert float(tl.tensor([[2.5]])) == 2.5
    for kind in (float, int, complex):
        with pytest.raises(TypeError, match="only a Tensor of one entry"):
            kind(tl.tensor([1.0, 2.0]))
    with pytest.raises(TypeError):
        operator.index(t)


def test_a_python_number_of_a_recorded_tensor_is_refused():
    t = tl.tensor(2.5, requires_grad=True)
    for kind, remedy in ((float, r"leave float\(\) out"), (int, r"np\.floor"), (complex, r"leave complex\(\) out")):
        with pytest.raises(TypeError, match=rf"constant.*requires a gradient.*{remedy}.*t\.detach\(\)"):
            kind(t)
    with tl.no_grad():
        assert float(t) == 2.5
    assert t.item() == 2.5


@pytest.mark.parametrize("operation", [*BINARY, operator.matmul], ids=lambda f: f.__name__)
@pytest.mark.parametrize("other", [None, "a", b"a", {"a": 1}, {1.0}, object], ids=str)
def test_unsupported_operands_are_type_errors(operation, other):
    w = leaf(1.0, 2.0)
    # NumPy's matmul takes an unknown object for an array without axes, a ValueError
    wrong = (TypeError, ValueError) if other is object and operation is operator.matmul else TypeError
    with pytest.raises(wrong):
        operation(w, other)
    if not (operation is operator.mod and isinstance(other, (str, bytes))):  # text % anything is formatting
        with pytest.raises(wrong):
            operation(other, w)


def test_a_foreign_type_can_answer_for_itself():
    class Answers:
        __array_ufunc__ = None

        def __radd__(self, other):
            return "mine"

        def __rmatmul__(self, other):
            return "mine"

    assert tl.tensor([1.0]) + Answers() == "mine"
    assert leaf(1.0) @ Answers() == "mine"


@pytest.mark.parametrize("operation", [operator.and_, operator.or_, operator.xor, operator.lshift])
def test_operators_without_meaning_are_type_errors(operation):
    with pytest.raises(TypeError):
        operation(leaf(1.0), leaf(1.0))


def test_errors_of_numpy_say_which_operation_on_what():
    w = leaf(1.0, 2.0)
    with pytest.raises(ValueError, match=r"add\(float64\[2\], float64\[3\]\)"):
        w + np.ones(3)
    with pytest.raises(ValueError, match=r"matmul\(float64\[2\], float64\[3, 3\]\)"):
        w @ np.ones((3, 3))
    with pytest.raises(IndexError, match=r"getitem\(float64\[2\]\)"):
        w[5]


def test_a_complex_number_has_no_gradient():
    w = leaf(1.0, 2.0)
    with pytest.raises(ValueError, match="take its abs, real or imag"):
        (w * 1j).sum().backward()
    assert w.grad is None
    (w * 1j).sum().backward(2j, retain_graph=True)
    np.testing.assert_array_equal(w.grad, [2.0, 2.0])


@pytest.mark.parametrize("name", ["iadd", "isub", "imul", "itruediv", "ipow"])
def test_augmented_assignment_changes_the_array_and_no_leaf(name):
    w = leaf(1.0, 2.0)
    with pytest.raises(TypeError, match="is a leaf that requires a gradient"):
        getattr(operator, name)(w, 2.0)
    assert w.tolist() == [1.0, 2.0]
    t = w * 1.0
    changed = getattr(operator, name)(t, 2.0)
    assert changed is t
    assert t.requires_grad
    assert t.tolist() == getattr(operator, name)(np.array([1.0, 2.0]), 2.0).tolist()


# ---------------------------------------------------------------------------------------------------------------------
# Methods

ALIASES = {"absolute": "abs", "remainder": "mod", "pow": "power", "flatten": "ravel", "conjugate": "conj"}
PLAIN_RESULTS = ("all", "any", "argmax", "argmin", "argsort")
METHODS = sorted(name for name in vars(Methods) if not name.startswith("_") and name not in ARRAY_METHODS)


@pytest.mark.parametrize("name", PLAIN_RESULTS)
def test_methods_whose_results_have_no_derivative(name):
    x = np.array([[1.0, 0.0, -2.0], [3.0, 5.0, 4.0]])
    for options in ({}, {"axis": 0}):
        got = getattr(tl.tensor(x, requires_grad=True), name)(**options)
        assert not isinstance(got, tl.Tensor)
        np.testing.assert_array_equal(got, getattr(np, name)(x, **options))


def tensors(tree):
    """The values in results that may be lists of Tensors."""
    if isinstance(tree, (list, tuple)):
        return [value for part in tree for value in tensors(part)]
    return [np.asarray(tree.data if type(tree) is tl.Tensor else tree)]


@pytest.mark.parametrize("name", METHODS)
def test_methods_equal_functions(name):
    rng = np.random.default_rng(0)
    entry = REGISTRY[ALIASES.get(name, name)]
    compared = 0
    for args, kwargs in entry.samples(lambda *shape, low=-2.0, high=2.0: rng.uniform(low, high, shape)):
        if name == "flatten" and kwargs:
            continue
        first, *rest = args
        w = tl.tensor(first, requires_grad=np.asarray(first).dtype.kind in "fc")
        by_method = getattr(w, name)(*rest, **kwargs)
        by_function = entry.function(w, *rest, **kwargs)
        for mine, its in zip(tensors(by_method), tensors(by_function), strict=True):
            assert mine.dtype == its.dtype
            np.testing.assert_array_equal(mine, its)
        compared += 1
    assert compared


def test_reshape_and_transpose_take_numbers_or_a_tuple():
    x = np.arange(24.0).reshape(2, 3, 4)
    t = tl.tensor(x)
    same(t.reshape(4, 6), x.reshape(4, 6))
    same(t.reshape((4, -1)), x.reshape(4, 6))
    same(t.reshape(-1), x.reshape(-1))
    same(t.reshape(6, 4, order="F"), x.reshape(6, 4, order="F"))
    same(t.transpose(), x.transpose())
    same(t.transpose(1, 2, 0), x.transpose(1, 2, 0))
    same(t.transpose((1, 2, 0)), x.transpose(1, 2, 0))
    same(t.transpose(None), x.transpose(None))
    same(tl.tensor([1.0]).transpose(0), np.array([1.0]))


def test_astype():
    w = tl.tensor([1.5, 2.5], requires_grad=True)
    narrow = w.astype(np.float32)
    assert narrow.dtype == np.float32
    (narrow * narrow).sum().backward()
    assert w.grad.dtype == np.float64
    np.testing.assert_array_equal(w.grad, [3.0, 5.0])
    assert w.astype(float, copy=False) is w
    assert w.astype(float) is not w  # as in NumPy, a copy
    whole = w.astype(int)
    assert whole.dtype == np.int64
    assert not whole.requires_grad


# ---------------------------------------------------------------------------------------------------------------------
# Who owns grad

CONSTANT = np.arange(1.0, 7.0).reshape(2, 3)
GRAPHS = {
    "itself": lambda x: x,
    "add a number": lambda x: x + 1,
    "add itself": lambda x: x + x,
    "add an array": lambda x: x + CONSTANT,
    "multiplied": lambda x: x * CONSTANT,
    "multiplied by itself": lambda x: x * x,
    "negated": lambda x: -x,
    "times one": lambda x: x * 1,
    "reshaped": lambda x: x.reshape(-1),
    "reshaped twice": lambda x: x.reshape(-1).reshape(x.shape),
    "transposed": lambda x: x.T,
    "transposed twice": lambda x: x.T.T,
    "swapped": lambda x: np.moveaxis(x, 0, -1) if x.ndim else np.transpose(x),
    "broadcast": lambda x: np.broadcast_to(x, (4, *x.shape)),
    "broadcast to itself": lambda x: np.broadcast_to(x, x.shape),
    "expanded": lambda x: np.expand_dims(x, 0),
    "summed": lambda x: x.sum(),
    "summed over one axis": lambda x: x.sum(axis=0) if x.ndim else x.sum(),
    "averaged": lambda x: x.mean(),
    "indexed by everything": lambda x: x[...],
    "indexed": lambda x: x[::-1] if x.ndim else x[()],
    "largest": lambda x: x.max(),
    "concatenated": lambda x: np.concatenate([x.reshape(-1), x.reshape(-1)]),
    "stacked": lambda x: np.stack([x, x]),
    "split": lambda x: sum(part.sum() for part in tl.array_split(x.reshape(-1), 2)),
    "cast there and back": lambda x: x.astype(np.float64).astype(x.dtype),
    "diagonal": lambda x: np.diagonal(x) if x.ndim > 1 else x,
    "running sum": lambda x: np.cumsum(x),
    "einsum": lambda x: np.einsum("...->...", x),
    "clipped": lambda x: x.clip(-10, 10),
    "chosen": lambda x: np.where(True, x, 0.0),
    "matmul": lambda x: x @ np.eye(3, dtype=x.dtype) if x.ndim else x,
}


def owned(grad, leaf, *others):
    """The promise: an ndarray of the leaf's shape and dtype that can be written to and is nobody else's."""
    assert type(grad) is np.ndarray
    assert grad.shape == leaf.shape
    assert grad.dtype == leaf.dtype
    assert grad.flags.writeable
    for other in (leaf.data, CONSTANT, *others):
        assert not np.shares_memory(grad, np.asarray(other))


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(2, 3), ()])
@pytest.mark.parametrize("times", [1, 2])
def test_grad_is_the_leafs_own(graph, dtype, shape, times):
    if not shape and graph in ("add an array", "multiplied"):
        shape = (1,)
    x = tl.tensor(np.ones(shape, dtype) * 1.5, requires_grad=True)
    for _ in range(times):  # a second backward adds to what is there
        y = GRAPHS[graph](x)
        given_ = np.arange(1.0, y.size + 1).reshape(y.shape).astype(y.dtype)
        as_given, value, before = given_.copy(), x.data.copy(), x.grad
        y.backward(given_)
        owned(x.grad, x, given_, y.data)
        np.testing.assert_array_equal(given_, as_given)
        if before is not None:
            assert before is x.grad or not np.shares_memory(before, x.grad)
    x.grad += 100
    np.testing.assert_array_equal(given_, as_given)
    np.testing.assert_array_equal(x.data, value)
    np.testing.assert_array_equal(y.data, GRAPHS[graph](x).data)


LARGE = {
    "summed": lambda x: x.sum(),
    "summed over the first axis": lambda x: x.sum(axis=0),
    "summed over the last axis, kept": lambda x: x.sum(axis=-1, keepdims=True),
    "averaged": lambda x: x.mean(),
    "averaged over the last axis": lambda x: x.mean(axis=-1),
    "summed and transposed": lambda x: x.T.sum(axis=0),
    "summed and reshaped": lambda x: x.reshape(-1).sum(),
    "summed of itself added": lambda x: (x + x).sum(),
    "broadcast and summed": lambda x: np.broadcast_to(x, (2, *x.shape)).sum(),
    "einsum": lambda x: np.einsum("ij->j", x),
    "largest": lambda x: x.max(axis=0),
    "stretched": lambda x: (x + np.ones((3, 1, 1))).sum(axis=0),
    "itself": lambda x: x,
    "transposed": lambda x: x.T,
}


@pytest.mark.parametrize("graph", LARGE)
@pytest.mark.parametrize("scalar", [False, True])
def test_grad_of_large_leaves_is_their_own_though_rules_return_broadcast_views(graph, scalar):
    a, b = (tl.tensor(np.ones((120, 80)), requires_grad=True) for _ in range(2))
    for x in (a, b):  # one alone, then one whose gradient is shared with another's
        y = LARGE[graph](x) if x is a else LARGE[graph](a + b)
        g = np.ones(y.shape)
        if scalar:
            y.sum().backward()
        else:
            y.backward(g)
        owned(x.grad, x, g, y.data)
        before = x.grad.copy()
        x.grad[0, 0] += 1.0
        before[0, 0] += 1.0
        np.testing.assert_array_equal(x.grad, before)  # one entry is one number
    assert not np.shares_memory(a.grad, b.grad)


@pytest.mark.parametrize("operation", [np.add, np.subtract, lambda a, b: np.stack([a, b]), lambda a, b: a.T.T + b])
def test_two_leaves_do_not_share_their_gradients(operation):
    a, b = tl.tensor(np.ones((2, 3)), requires_grad=True), tl.tensor(np.ones((2, 3)), requires_grad=True)
    y = operation(a, b)
    g = np.ones(y.shape)
    y.backward(g)
    owned(a.grad, a, g, b.grad)
    owned(b.grad, b, g, a.grad)


def test_retained_graphs_give_their_saved_values_to_nobody():
    x = tl.tensor(np.full((2, 3), 2.0), requires_grad=True)
    y = (x * CONSTANT).T.reshape(-1)
    y.backward(np.ones(6), retain_graph=True)
    x.grad[...] = -1
    x.zero_grad()
    y.backward(np.ones(6))
    np.testing.assert_array_equal(x.grad, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


STEPS = [
    lambda x: x + x,
    lambda x: x + 1.0,
    lambda x: 1.0 - x,
    lambda x: x.T,
    lambda x: x.reshape(-1, x.shape[0]),
    lambda x: np.broadcast_to(x, x.shape),
    lambda x: np.broadcast_to(x, (1, *x.shape))[0],
    lambda x: x[::-1],
    lambda x: x[:, ::-1],
    lambda x: x[...],
    lambda x: np.concatenate([x[:1], x[1:]]),
    lambda x: x * 1.0,
    lambda x: x.sum(axis=0, keepdims=True) + x,
    lambda x: x.sum() + x,
    lambda x: np.where(x.data > 0, x, x),
    lambda x: np.swapaxes(np.expand_dims(x, 0), 0, 1).squeeze(1),
]


@given(
    steps=st.lists(st.integers(0, len(STEPS) - 1), max_size=6),
    shape=st.sampled_from([(2, 3), (1, 1), (3, 1)]),
    passed=st.booleans(),
)
@settings(deadline=None, derandomize=True, max_examples=300)
def test_grad_is_the_leafs_own_after_any_steps(steps, shape, passed):
    a, b = tl.tensor(np.ones(shape), requires_grad=True), tl.tensor(np.ones(shape), requires_grad=True)
    handles = [a + b]
    for k in steps:
        handles.append(STEPS[k](handles[-1]))
    y = handles[-1]
    g = np.ones(y.shape)
    if passed:
        y.backward(g)
    else:
        y.sum().backward()
    owned(a.grad, a, g, b.data, b.grad, *[h.data for h in handles])
    owned(b.grad, b, g, a.data, a.grad, *[h.data for h in handles])
    np.testing.assert_array_equal(a.grad, b.grad)
