"""Tensors of arrays of other libraries: Dask's, computed later, and CuPy's, of which there is a strict stand-in.

What each function of the table does with them stands in ``docs/other_arrays.json``, and is held to here.
"""

import copy
import json
import operator
import pickle
import re
import zlib

import numpy as np
import pytest

pytest.importorskip("dask.array")

import dask
import dask.array as da

import tinygrad_lite as tl
from docs import other_arrays
from tinygrad_lite import nn
from tinygrad_lite.table.registry import REGISTRY

from .elsewhere_runs import (
    LIBRARIES,
    RECORD,
    REFUSALS,
    check_like_numpys,
    computing_unasked,
    in_chunks,
    refusal,
    samples_of,
)
from .strict_arrays import get, put, transfers

RECORDED = json.loads(RECORD.read_text(encoding="utf-8"))

NAMES = r"numpy\.|np\.|indexing|getitem|meets a NumPy array|array of shape|ufunc"
"""What a refusal that does not name the function names in its place: the operation that there is none of."""


@pytest.fixture(scope="module", autouse=True)
def nothing_is_computed_unasked():
    with dask.config.set(scheduler=computing_unasked):
        yield


def samples():
    """Each sample of each function with each library, one of each function for every run."""
    for name in REGISTRY:
        cases = samples_of(name)
        for library in LIBRARIES:
            every_time = zlib.crc32(f"{name} {library}".encode()) % max(len(cases), 1)
            for k, case in enumerate(cases):
                marks = pytest.mark.sampled(4) if k == every_time else pytest.mark.long
                yield pytest.param(case, library, k, id=f"{name}-{library}-{k}", marks=marks)


@pytest.mark.parametrize(("call", "library", "k"), list(samples()))
def test_a_sample_is_right_or_refused_as_recorded(call, library, k):
    recorded = RECORDED[call.entry.name][library]
    expected = None if recorded == "yes" else recorded[k]
    if expected is None:
        check_like_numpys(call, library)
        return
    error = refusal(call, library)
    assert error is not None, "it is recorded as refused, and is right now: write the record anew"
    assert isinstance(error, REFUSALS)
    assert re.search(rf"{call.entry.name}|{NAMES}", str(error)), error


def test_every_function_is_recorded():
    assert set(RECORDED) == {name for name in REGISTRY if samples_of(name)}
    for entry in RECORDED.values():
        assert set(entry) == set(LIBRARIES)


def test_the_manual_says_of_each_function_what_is_recorded():
    text = other_arrays.page()
    for name, of in RECORDED.items():
        cells = [f"     - {other_arrays.answer(of[library])}" for library in LIBRARIES]
        assert "\n".join([f"   * - ``{name}``", *cells, ""]) in text
        for library in LIBRARIES:
            for reason in other_arrays.reasons(of[library]):
                assert f"- ``{name}``: ``{reason}``" in text
    answers = {other_arrays.answer(found) for of in RECORDED.values() for found in of.values()}
    assert answers == {"yes", "in part", "refused"}


MUST_WORK = [
    *("add", "subtract", "multiply", "divide", "power", "exp", "log", "log1p", "expm1", "sqrt", "square"),
    *("abs", "maximum", "minimum", "where", "clip", "sin", "cos", "tan", "arctan2", "tanh", "sigmoid", "relu"),
    *("softplus", "erf", "sum", "prod", "mean", "var", "std", "max", "min", "cumsum", "cumprod", "norm"),
    *("nansum", "nanmean", "nanmax", "nanmin", "nanprod", "nanvar", "nanstd", "average", "ptp", "median"),
    *("quantile", "percentile", "matmul", "dot", "inner", "outer", "vdot", "tensordot", "einsum", "kron"),
    *("reshape", "transpose", "moveaxis", "squeeze", "expand_dims", "broadcast_to", "concatenate", "stack"),
    *("split", "array_split", "flip", "roll", "tile", "repeat", "pad", "softmax", "log_softmax", "logsumexp"),
    *("cross_entropy", "binary_cross_entropy", "kl_div", "tril", "triu", "diag", "diagonal", "trace", "sort"),
]


@pytest.mark.parametrize("name", MUST_WORK)
@pytest.mark.parametrize("library", LIBRARIES)
def test_what_programs_are_made_of_works(name, library):
    """But for samples that are refused because of an argument: an array of places, weights of quantiles, no entries."""
    recorded = RECORDED[name][library]
    refused = [] if recorded == "yes" else [text for text in recorded if text]
    assert len(refused) <= 2, refused
    assert recorded == "yes" or len(refused) < len(recorded)


# ---------------------------------------------------------------------------------------------------------------------
# On a device


X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])
W = np.array([[1.0, 0.5, -0.5], [0.25, 2.0, 1.0]])

STAYS = {
    "elementwise": lambda x, w: (np.exp(x) * np.sin(w) + np.log1p(x * x) / (1 + w * w) - np.maximum(x, w) ** 3).sum(),
    "powers": lambda x, w: (np.abs(x) ** 1.5 + np.hypot(x, w) + np.arctan2(x, w) + np.logaddexp(x, w)).sum(),
    "reductions": lambda x, w: x.sum() + w.mean() + x.max() + np.std(w) + np.linalg.norm(x) + np.prod(w),
    "running": lambda x, w: (np.cumsum(x, 0) * np.cumprod(w, 1)).sum() + np.ptp(x) + np.average(w),
    "numbers": lambda x, w: np.nansum(x) + np.nanmean(w) + np.nanmax(x) + np.nanvar(w),
    "products": lambda x, w: (x @ w.T).sum() + np.einsum("ij,ij->", x, w) + np.tensordot(x, w) + np.kron(x, w).sum(),
    "shapes": lambda x, w: (np.concatenate([x, w]).reshape(3, 4).T[::-1] * np.stack([x, w]).reshape(4, 3)).sum(),
    "moved": lambda x, w: (np.roll(x, 1, 1) * np.flip(w) * np.tile(x, 1) * np.expand_dims(w, 0)[0, :, ::-1]).sum(),
    "softmax": lambda x, w: (tl.softmax(x) * w).sum() + (tl.log_softmax(w) * x).sum() + tl.logsumexp(x),
    "activations": lambda x, w: (tl.relu(x) + tl.sigmoid(w) + nn.functional.gelu(x) + nn.functional.silu(w)).sum(),
    "norms": lambda x, w: (nn.functional.layer_norm(x, (3,)) * nn.functional.normalize(w)).sum(),
    "linear": lambda x, w: (nn.functional.linear(x, w) ** 2).sum(),
    "mse": lambda x, w: nn.mse_loss(x, w) + nn.huber_loss(x, w) + nn.l1_loss(x, w) + nn.smooth_l1_loss(x, w),
    "probabilities": lambda x, w: tl.cross_entropy(x, tl.softmax(w)) + tl.kl_div(tl.log_softmax(x), tl.softmax(w)),
    "binary": lambda x, w: tl.binary_cross_entropy(tl.sigmoid(x), tl.sigmoid(w)),
}


@pytest.mark.parametrize("name", STAYS)
def test_nothing_moves_between_devices(name):
    f = STAYS[name]
    x, w = put(X), put(W)
    transfers.clear()
    value, gradient = tl.value_and_grad(f, (0, 1))(x, w)
    curvature = tl.grad(lambda x, w: (tl.grad(f)(x, w) * w).sum())(x, w)
    assert not transfers
    wanted, slopes = tl.value_and_grad(f, (0, 1))(X, W)
    np.testing.assert_allclose(get(value), wanted, rtol=1e-12)
    for found, slope in zip(gradient, slopes, strict=True):
        np.testing.assert_allclose(get(found), slope, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(get(curvature), tl.grad(lambda x, w: (tl.grad(f)(x, w) * w).sum())(X, W), rtol=1e-9)


@pytest.mark.parametrize("labels", [[0, 2], np.array([2, 1])], ids=["list", "array"])
def test_labels_on_a_device_are_not_looked_at(labels):
    labels = labels if isinstance(labels, list) else put(labels)
    x = put(X)
    transfers.clear()
    tl.grad(tl.cross_entropy)(x, labels)
    assert not {"to", "from", "number"} & set(transfers)


def test_a_label_that_is_none_costs_nan_on_a_device():
    assert np.isnan(float(tl.cross_entropy(put(X), put(np.array([0, 3])))))
    losses = tl.cross_entropy(tl.tensor(put(X)), put(np.array([0, -1])), reduction="none")
    assert np.isnan(get(losses.data)).tolist() == [False, True]


def test_a_constant_of_a_rule_is_made_on_the_device():
    x = put(X[:, :2])
    transfers.clear()
    np.testing.assert_array_equal(get(tl.grad(lambda x: np.tril(x).sum())(x)), [[1, 0], [1, 1]])
    assert transfers == {"constant": 1, "from": 1}


MIXED = {
    "+": operator.add,
    "*": operator.mul,
    "@": lambda a, b: a @ np.transpose(b),
    "np.maximum": np.maximum,
    "np.where": lambda a, b: np.where(b > 0, a, 0.0),
    "np.concatenate": lambda a, b: np.concatenate([a, b]),
    "tl.mse": nn.mse_loss,
}


@pytest.mark.parametrize("name", MIXED)
def test_a_numpy_array_beside_a_devices_is_refused(name):
    for first, second in ((tl.tensor(put(X), requires_grad=True), W), (tl.tensor(put(X)), W)):
        with pytest.raises(
            TypeError, match=r"meets a NumPy array of shape \((2, 3|3, 2)\), and nothing is moved unasked"
        ):
            MIXED[name](first, second)


@pytest.mark.parametrize("name", MIXED)
def test_a_numpy_array_beside_dasks_is_a_constant(name):
    t = tl.tensor(in_chunks(X), requires_grad=True)
    np.sum(MIXED[name](t, W)).backward()
    x = tl.tensor(X, requires_grad=True)
    np.sum(MIXED[name](x, W)).backward()
    np.testing.assert_allclose(t.grad.compute(scheduler="synchronous"), x.grad, rtol=1e-12)


def test_a_single_number_is_fetched_from_a_device_when_it_is_asked_for():
    t = tl.tensor(put(X)).sum()
    transfers.clear()
    assert (float(t), t.item(), bool(t > 0)) == (X.sum(), X.sum(), True)
    assert transfers == {"number": 3}


# ---------------------------------------------------------------------------------------------------------------------
# What asks for numbers, and what writes


ASKS = {
    "np.asarray": np.asarray,
    "numpy": lambda t: t.numpy(),
    "tolist": lambda t: t.tolist(),
    "np.array": np.array,
}
OF_ONE = {
    "float": float,
    "int": int,
    "range": lambda t: range(t.astype(int)),
    "bool": bool,
    "item": lambda t: t.item(),
    "if": lambda t: 1 if t > 0 else 2,
}


@pytest.mark.parametrize("name", ASKS)
@pytest.mark.parametrize("library", LIBRARIES)
def test_what_makes_an_array_of_numpys_is_refused(name, library):
    with pytest.raises(TypeError, match=r"nothing fetches them unasked|Implicit conversion"):
        ASKS[name](tl.tensor(LIBRARIES[library][0](X)))


@pytest.mark.parametrize("name", [name for name in OF_ONE if name != "if"])
def test_a_number_of_dasks_is_not_at_hand(name):
    with pytest.raises(TypeError, match=r"nothing fetches them unasked"):
        OF_ONE[name](tl.tensor(in_chunks(X)).sum())


def test_a_comparison_is_an_array_of_dasks_which_it_computes_if_it_is_asked_whether_it_holds():
    positive = tl.tensor(in_chunks(X)).sum() > 0
    assert isinstance(positive, da.Array)
    with dask.config.set(scheduler="synchronous"):
        assert bool(positive) is bool(X.sum() > 0)


@pytest.mark.parametrize("library", LIBRARIES)
def test_writing_is_refused_and_an_operator_of_dasks_rebinds(library):
    put_there, get_back = LIBRARIES[library]
    t = tl.tensor(put_there(X), requires_grad=True) * 1.0
    with pytest.raises(TypeError, match=r"is not written to where it is recorded\. np\.where"):
        t[0] = 1.0
    u = t
    if library == "Dask":
        u += 1.0
        np.testing.assert_array_equal(get_back(u.data), X + 1)
        np.testing.assert_array_equal(get_back(t.data), X)  # as of Dask's own
    else:  # where all that shares the memory would have to change, too
        with pytest.raises(TypeError, match=r"add in place.* is not written to where it is recorded\. np\.where"):
            u += 1.0
    total = t.sum()
    total += 1.0
    np.testing.assert_allclose(get_back(total.data), X.sum() + 1)
    (row, *_) = iter(t)
    np.testing.assert_array_equal(get_back(row.data), X[0])


# ---------------------------------------------------------------------------------------------------------------------
# Programs of Dask's arrays


def numbers(x):
    """What a Dask array is, once it is asked for."""
    assert isinstance(x, da.Array), type(x)
    return x.compute(scheduler="synchronous")


def same(found, wanted):
    np.testing.assert_allclose(numbers(found), wanted, rtol=1e-12)
    assert found.dtype == wanted.dtype


OPERATORS = {
    f: getattr(operator, f) for f in ("add", "sub", "mul", "truediv", "pow", "mod", "floordiv", "lt", "le", "eq", "ne")
}


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("turned", [False, True])
def test_a_dask_array_is_a_constant_on_either_side(name, turned):
    f = OPERATORS[name]
    a, b = np.abs(X) + 0.5, np.abs(W) + 0.25

    def loss(x, constant):
        return (f(constant, x) if turned else f(x, constant)) * 1.0

    found = loss(tl.tensor(in_chunks(a)), in_chunks(b))
    same(getattr(found, "data", found), loss(a, b))
    if name not in ("lt", "le", "eq", "ne", "floordiv"):
        same(tl.grad(lambda x: loss(x, in_chunks(b)).sum())(in_chunks(a)), tl.grad(lambda x: loss(x, b).sum())(a))


IN_FUNCTIONS = {
    "np.add": lambda x, w: np.add(w, x),
    "np.where": lambda x, w: np.where(w > 0, x, 0),
    "np.where of both": lambda x, w: np.where(w > 0, x, w),
    "np.maximum": lambda x, w: np.maximum(w, x),
    "np.concatenate": lambda x, w: np.concatenate([w, x]) ** 2,
    "np.stack": lambda x, w: np.stack([x, w]) ** 2,
    "np.einsum": lambda x, w: np.einsum("ij,kj->ik", w, x) ** 2,
    "@": lambda x, w: (w @ x.T) ** 2,
    "np.clip": lambda x, w: np.clip(x, w - 1, w + 1) ** 2,
    "sum of some": lambda x, w: np.sum(x * x, axis=1, where=w > 0),
}


@pytest.mark.parametrize("name", IN_FUNCTIONS)
@pytest.mark.parametrize("library", LIBRARIES)
def test_an_array_of_the_library_is_a_constant_in_functions(name, library):
    put_there, get_back = LIBRARIES[library]
    f = IN_FUNCTIONS[name]
    found = tl.grad(lambda x: f(x, put_there(W)).sum())(put_there(X))
    np.testing.assert_allclose(get_back(found), tl.grad(lambda x: f(x, W).sum())(X), rtol=1e-12)


def test_chunks_of_unknown_lengths_are_refused_with_what_finds_them_out():
    x = in_chunks(X)
    unknown = x[x[:, 0] > 0]
    for f in (tl.tensor, tl.grad(np.sum)):
        with pytest.raises(ValueError, match=r"unknown lengths.*compute_chunk_sizes"):
            f(unknown)


def test_gradients_accumulate_as_arrays_of_dasks():
    x = tl.tensor(in_chunks(X), requires_grad=True)
    for count in (1, 2):
        (x * x).sum().backward()
        same(x.grad, 2 * X * count)


def test_hooks_are_handed_dasks_arrays():
    seen = []
    x = tl.tensor(in_chunks(X), requires_grad=True)
    x.register_hook(lambda g: seen.append(g) or 3 * g)
    (x * in_chunks(W)).sum().backward()
    same(seen[0], W)
    same(x.grad, 3 * W)


def test_detach_and_no_grad_leave_the_graph():
    x = tl.tensor(in_chunks(X), requires_grad=True)
    (x.detach() * x).sum().backward()
    same(x.grad, X)
    with tl.no_grad():
        assert not (x * x).requires_grad


def test_copies_and_pickles_are_of_dasks_arrays():
    x = tl.tensor(in_chunks(X), requires_grad=True)
    for other in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert other.requires_grad
        same(other.data, X)


def quartic(x):
    return (x**4).sum() + x[0, 0] * x[1, 2]


def test_products_with_derivatives():
    x, v = in_chunks(X), in_chunks(W)
    same(tl.hvp(quartic)(x, v), tl.hvp(quartic)(X, W))
    value, along = tl.jvp(quartic, (x,), (v,))
    wanted, slope = tl.jvp(quartic, (X,), (W,))
    same(value, wanted)
    same(along, slope)
    y, pull = tl.vjp(lambda x: x * x, x)
    same(y, X * X)
    same(pull(v)[0] if isinstance(pull(v), tuple) else pull(v), 2 * X * W)


def test_values_are_computed_at_once_if_they_are_asked_for():
    asked = []

    def once(graph, keys, **options):
        asked.append(1)
        return dask.get(graph, keys, **options)

    with dask.config.set(scheduler=once):
        value, gradient = tl.value_and_grad(quartic, compute=True)(in_chunks(X))
    assert asked == [1]
    assert type(gradient) is np.ndarray
    np.testing.assert_allclose((value, gradient.sum()), (quartic(X), tl.grad(quartic)(X).sum()))


def test_containers_and_what_comes_along():
    def f(p):
        return (p["a"] * p["b"][0]).sum(), p["a"] + 1

    found, more = tl.grad(f, has_aux=True)({"a": in_chunks(X), "b": [in_chunks(W)]})
    same(found["a"], W)
    same(found["b"][0], X)
    same(more, X + 1)


@pytest.mark.parametrize("library", LIBRARIES)
def test_single_precision_stays(library):
    put_there, get_back = LIBRARIES[library]
    x = X.astype(np.float32)
    f = lambda x: (tl.softmax(x) * np.exp(x) + tl.sigmoid(x)).sum() + x.mean() + tl.logsumexp(x) + np.std(x)
    value, gradient = tl.value_and_grad(f)(put_there(x))
    wanted, slope = tl.value_and_grad(f)(x)
    assert (value.dtype, gradient.dtype) == (np.float32, np.float32)
    np.testing.assert_allclose(get_back(value), wanted, rtol=1e-6)
    np.testing.assert_allclose(get_back(gradient), slope, rtol=1e-5, atol=1e-7)


def test_labels_that_are_none_are_refused_when_they_are_computed():
    loss = tl.cross_entropy(tl.tensor(in_chunks(X)), in_chunks(np.array([0, 3])))
    with pytest.raises(ValueError, match="labels must lie in 0 … 2"):
        numbers(loss.data)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("value", [2.5, np.array([1.0, -2.0, 3.0])], ids=["number", "row"])
def test_arrays_are_filled_where_others_live(library, value):
    put_there, get_back = LIBRARIES[library]
    found = tl.grad(lambda x: (x * np.full_like(x, value)).sum())(put_there(X))
    np.testing.assert_array_equal(get_back(found), np.broadcast_to(value, X.shape))


LACKING = {
    "array_equal": lambda t: np.array_equal(t, t),
    "argpartition": lambda t: np.argpartition(t, 1),
    "lexsort": lambda t: np.lexsort((t[0],)),
    "matrix_rank": np.linalg.matrix_rank,
}


@pytest.mark.parametrize("name", LACKING)
def test_what_dask_lacks_is_not_computed_in_its_place(name):
    with pytest.raises(NotImplementedError, match=rf"Dask arrays have no numpy\.(linalg\.)?{name}"):
        LACKING[name](tl.tensor(in_chunks(X)))


def test_what_has_no_derivative_is_dasks_own():
    t = tl.tensor(in_chunks(X))
    np.testing.assert_array_equal(numbers(np.argsort(t, axis=1)), np.argsort(X, axis=1))
    np.testing.assert_array_equal(numbers(np.isfinite(t)), np.isfinite(X))
    assert (np.size(t), np.ndim(t), np.shares_memory(t, t)) == (6, 2, False)


def test_jacobians_and_hessians_are_dasks():
    same(tl.jacobian(np.sin)(in_chunks(X)), tl.jacobian(np.sin)(X))
    same(tl.jacobian(lambda w: in_chunks(X) @ w)(W[0]), X)
    same(tl.jacobian(lambda w: np.concatenate([w, w]) * in_chunks(X).ravel())(X[0]), tl.jacobian(
        lambda w: np.concatenate([w, w]) * X.ravel())(X[0]))  # fmt: skip
    same(tl.hessian(quartic)(in_chunks(X)), tl.hessian(quartic)(X))


def test_primitives_of_ones_own():
    @tl.primitive(x=lambda g, x: g * np.cos(x))
    def my_sine(x):
        return np.sin(x)

    same(tl.grad(lambda x: my_sine(x).sum())(in_chunks(X)), np.cos(X))


def test_chunks_of_sparse_matrices_are_refused_with_what_makes_them_dense():
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match=r"sparse matrices cannot be a Tensor.*toarray\(\)"):
        tl.grad(lambda w: (in_chunks(X).map_blocks(sparse.csr_matrix) @ w).sum())(W[0])


def test_running_means_are_not_moved_by_numbers_that_are_not_at_hand():
    norm = nn.BatchNorm1d(3, dtype=np.float64)
    with pytest.raises(NotImplementedError, match="BatchNorm1d in training"):
        norm(in_chunks(X))
    assert norm.num_batches_tracked == 0
    same(norm.eval()(in_chunks(X)).data, norm(X).data)


SWALLOWING = {
    "sum": lambda x, t: da.sum(x * t),
    "dot": da.dot,
    "matmul": da.matmul,
    "einsum": lambda x, t: da.einsum("ij,j->i", x, t),
    "where": lambda x, t: da.where(x > 0, t, 0),
    "from_array": lambda x, t: da.from_array(t),
}


@pytest.mark.parametrize("name", SWALLOWING)
def test_a_function_of_dasks_own_loses_no_gradient(name):
    with pytest.raises(TypeError, match=r"a function of Dask's own .* keeps the gradient"):
        tl.grad(lambda w: SWALLOWING[name](in_chunks(X), w).sum())(W[0])


def test_parameters_travel_with_dasks_functions():
    net = nn.Linear(3, 2, rng=0, dtype=np.float64)
    outputs = in_chunks(X).rechunk((1, 3)).map_blocks(lambda x, net=net: net(x).data, dtype=float, chunks=(1, 2))
    same(outputs, net(X).data)
    assert dask.base.tokenize(net.weight) != dask.base.tokenize(nn.Linear(3, 2, rng=1, dtype=np.float64).weight)
