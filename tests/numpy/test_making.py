"""``tinygrad_lite.numpy``: NumPy's names, new arrays that can be written to, and lists that hold Tensors."""

import copy
import functools
import importlib
import pickle
import pkgutil
import warnings

import numpy
import pytest
import tinygrad_lite.numpy.linalg as la
from tinygrad_lite.numpy.linalg import norm

import tinygrad_lite as tl
import tinygrad_lite.numpy as np
from tinygrad_lite.numpy import SUBMODULES, linalg, making

X = numpy.array([0.3, -0.7, 1.2])
P = numpy.arange(6.0).reshape(2, 3)


def central(f, x, h=1e-6):
    """Central differences of a function of an array."""
    return numpy.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in numpy.eye(x.size).reshape(-1, *x.shape)])


def assert_right(f, x=X):
    """Value and gradient are those of NumPy and of central differences."""
    value, gradient = tl.value_and_grad(f)(x)
    numpy.testing.assert_allclose(value, f(x))
    numpy.testing.assert_allclose(gradient, central(f, x).reshape(x.shape), rtol=1e-6, atol=1e-8)


def cases(named):
    return pytest.mark.parametrize("f", [pytest.param(f, id=name) for name, f in named.items()])


def written(make):
    """A function that writes to an array that ``make`` gives."""

    def f(x):
        a = make(x)
        a[(0,) * a.ndim] = x[0]
        return (a * a).sum()

    return f


# ---------------------------------------------------------------------------------------------------------------------
# Names


@pytest.mark.parametrize("name", ["numpy", *SUBMODULES])
def test_every_name_of_numpy_is_there(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        original = importlib.import_module(name)
        served = importlib.import_module(name.replace("numpy", "tinygrad_lite.numpy", 1))
        public = [key for key in dir(original) if not key.startswith("_")]
        assert [key for key in public if not hasattr(served, key)] == []
        assert set(public) <= set(dir(served))
    assert not hasattr(served, "no_such_name")


def test_every_public_module_of_numpy_can_be_imported():
    for parent in (numpy, numpy.lib, numpy.polynomial):
        public = {info.name for info in pkgutil.iter_modules(parent.__path__) if not info.name.startswith("_")}
        ours = {name.rpartition(".")[2] for name in SUBMODULES if name.rpartition(".")[0] == parent.__name__}
        assert public - ours <= {
            "conftest",
            "version",
            "matlib",
            "matrixlib",
            "distutils",
            "tests",
            "user_array",
            "setup",
        }


def test_submodules_are_imported_as_numpys():
    assert la is linalg is np.linalg
    assert norm is np.linalg.norm
    assert importlib.import_module("tinygrad_lite.numpy.lib.stride_tricks") is np.lib.stride_tricks
    names = {}
    exec("from tinygrad_lite.numpy import *", names)
    assert names["zeros"] is np.zeros


def test_what_is_no_function_is_numpys_own():
    for name in ("pi", "newaxis", "float64", "ndarray", "dtype", "errstate", "matrix", "inf"):
        assert getattr(np, name) is getattr(numpy, name)


def test_functions_pass_for_numpys():
    assert np.exp is np.exp
    assert np.exp == numpy.exp
    assert np.exp != numpy.sin
    assert {numpy.exp: "exp", numpy.sum: "sum"}[np.exp] == "exp"
    assert isinstance(np.exp, numpy.ufunc)
    assert np.sum.__name__ == "sum"
    assert np.add.identity == 0
    for function in (np.exp, np.zeros, np.linalg.norm, np.random.normal, np.add.reduce):
        assert pickle.loads(pickle.dumps(function)) == function
        assert copy.deepcopy(function) is copy.copy(function) is function


def test_outside_everything_is_plain():
    for made in (np.zeros(2), np.array([1.0]), np.linspace(0, 1, 3), np.random.default_rng(0).normal(size=2)):
        assert type(made) is numpy.ndarray
    assert type(np.array([tl.tensor(1.0), 2.0])) is tl.Tensor


# ---------------------------------------------------------------------------------------------------------------------
# New arrays


@cases(
    {
        "zeros": lambda x: np.zeros(3),
        "zeros-keywords": lambda x: np.zeros(shape=(2, 2), dtype=float, order="F"),
        "ones": lambda x: np.ones((2, 2)),
        "full": lambda x: np.full(3, 2.0),
        "eye": lambda x: np.eye(3, k=1),
        "identity": lambda x: np.identity(2),
        "arange": lambda x: np.arange(3.0),
        "linspace": lambda x: np.linspace(0, 1, 4),
        "array": lambda x: np.array([1.0, 2.0]),
        "array-of-array": lambda x: np.array(P),
        "array-ndmin": lambda x: np.array([1.0, 2.0], ndmin=2),
        "asarray-of-list": lambda x: np.asarray([1.0, 2.0]),
        "copy": lambda x: np.copy(P),
        "zeros_like": lambda x: np.zeros_like(x),
        "ones_like-of-array": lambda x: np.ones_like(P),
        "full_like": lambda x: np.full_like(P, 3.0),
        "tri": lambda x: np.tri(3),
        "diag": lambda x: np.diag([1.0, 2.0]),
        "meshgrid": lambda x: np.meshgrid(numpy.arange(2.0), numpy.arange(3.0))[1],
        "fromiter": lambda x: np.fromiter((k / 2 for k in range(3)), float),
        "fromfunction": lambda x: np.fromfunction(lambda i, j: i + 0.5 * j, (2, 2)),
        "r_": lambda x: np.r_[0:1:3j, 4.0],
        "c_": lambda x: np.c_[P[0], P[1]],
        "mgrid": lambda x: np.mgrid[0:1:3j],
        "loadtxt": lambda x: np.loadtxt(["1 2", "3 4"]),
        "default_rng": lambda x: np.random.default_rng(0).normal(size=3),
        "RandomState": lambda x: np.random.RandomState(0).rand(3),
        "dot-of-constants": lambda x: np.dot(P, P.T),
        "sin-of-a-constant": lambda x: np.sin(P),
        "svd": lambda x: np.linalg.svd(P)[1],
        "fftfreq": lambda x: np.fft.fftfreq(4),
    }
)
def test_new_arrays_can_be_written_to(f):
    plain = P.copy()
    assert_right(written(f))
    numpy.testing.assert_array_equal(P, plain)


def test_the_global_random_state_is_numpys():
    def f(x):
        np.random.seed(3)
        return written(lambda x: np.random.rand(3))(x)

    assert_right(f)


def test_what_sees_anothers_memory_is_no_new_array():
    seen = []

    def f(x):
        view = np.reshape(P, (3, 2))
        seen.extend([np.asarray(P) is P, type(view), view.base is P or view.base is P.base])
        return x.sum()

    tl.grad(f)(X)
    assert seen == [True, numpy.ndarray, True]


def test_integers_and_truth_values_are_numpys():
    seen = []
    tl.grad(lambda x: (seen.extend([np.arange(3), np.array([1, 2]), np.ones(2, bool), np.zeros(2, int)]), x.sum())[1])(
        X
    )
    assert {type(made) for made in seen} == {numpy.ndarray}
    with pytest.raises(TypeError, match=r"tl\.tensor\(c\)"):
        tl.grad(written(lambda x: np.zeros(3, int)))(X)


def test_float32_stays_float32():
    with tl.recording_arrays():
        assert np.zeros(2, np.float32).dtype == np.array([tl.tensor(1.0, dtype=np.float32)]).dtype == np.float32


# ---------------------------------------------------------------------------------------------------------------------
# Lists


@cases(
    {
        "sum": lambda x: np.sum([x[0], x[1] * 2]),
        "sum-by-name": lambda x: np.sum(a=[x[0], x[1]], axis=0),
        "max": lambda x: np.max([x[0], x[1]]),
        "mean": lambda x: np.mean([x[0], 2.0]),
        "dot": lambda x: np.dot(P, [x[0], x[1], 1.0]).sum(),
        "einsum": lambda x: np.einsum("i,i", [x[0], x[1]], [x[2], 2.0]),
        "norm": lambda x: np.linalg.norm([x[0], x[1]]),
        "exp": lambda x: np.exp([x[0], 1.0]).sum(),
        "add.reduce": lambda x: np.add.reduce([x[0], x[1]]),
        "multiply.outer": lambda x: np.multiply.outer([x[0], 1.0], [x[1], 2.0]).sum(),
        "where": lambda x: np.where([True, False], [x[0], x[1]], [1.0, x[2]]).sum(),
        "clip": lambda x: np.clip([x[0], x[1]], 0, 1).sum(),
        "concatenate": lambda x: np.concatenate(([x[0]], x[1:])).sum(),
        "concatenate-by-name": lambda x: np.concatenate(([x[0]], x[1:]), axis=0).sum(),
        "stack": lambda x: np.stack([[x[0], 1.0], [2.0, x[1]]]).sum(),
        "vstack": lambda x: np.vstack([[x[0], 1.0, 2.0], x]).prod(),
        "array": lambda x: np.array([[x[0], 1.0], [2, x[1]]]).prod(),
        "array-of-rows": lambda x: (np.array([x, P[0]]) ** 2).sum(),
        "array-order": lambda x: np.array([[x[0], 1.0], [2.0, x[1]]], order="F").prod(),
        "array-ndmin": lambda x: np.array([x[0], 1.0], ndmin=3).sum(),
        "array-of-a-number": lambda x: (np.array(x[0]) * np.ones(3)).sum(),
        "array-without-copy": lambda x: np.array(x, copy=False).sum(),
        "ascontiguousarray": lambda x: np.ascontiguousarray(x[0])[0] + np.ascontiguousarray(x.reshape(1, 3).T).sum(),
        "full": lambda x: (np.full((2, 2), x[0]) ** 2).sum(),
        "full_like": lambda x: np.full_like(P, x[0]).prod(),
        "arange": lambda x: np.arange(x[0], 2.0, 0.5).sum() + np.arange(0, 2.0, step=x[2]).sum(),
        "r_": lambda x: (np.r_[x, 1.0, x[0]] ** 2).sum(),
        "r_-slice": lambda x: (np.r_[x, 0:3] ** 2).sum(),
        "c_": lambda x: (np.c_[x, x] ** 2).sum(),
        "fromiter": lambda x: np.fromiter((t * t for t in x), float).sum(),
        "ndenumerate": lambda x: sum(v * (i[0] + 1) for i, v in np.ndenumerate(x)),
        "vectorize": lambda x: np.vectorize(lambda t, s: t * s if t > 0 else t)(x, s=2.0).sum(),
        "partial": lambda x: functools.partial(np.sum, axis=0)([x, x * x]).sum(),
        "isnan": lambda x: x.sum() * np.isfinite([x[0], 1.0]).sum(),
        "tuple": lambda x: np.sum((x[0], 2.0)),
    }
)
def test_lists_that_hold_tensors_are_arrays(f):
    assert_right(f)


def test_entries_are_added_to_where_they_are_named_twice():
    def f(x):
        a = np.zeros(2)
        np.add.at(a, [0, 0, 1], [x[0], x[1], 1.0])
        return (a * a).sum()

    assert_right(f)


@pytest.mark.parametrize(
    ("error", "match", "f"),
    [
        (ValueError, r"same shape.*\(3,\), \(\)", lambda x: np.array([x, 1.0])),
        (ValueError, r"\(1,\), \(2,\)", lambda x: np.array([[x[0]], [x[1], 2.0]])),
        (ValueError, r"\(0,\), \(1,\)", lambda x: np.array([[], [x[0]]])),
        (ValueError, "copy", lambda x: np.array([x[0], 1.0], copy=False)),
        (ValueError, "copy", lambda x: np.array(x, np.float32, copy=False)),
        (TypeError, "objects", lambda x: np.array([x[0]], dtype=object)),
        (TypeError, "complex number", lambda x: np.array([x[0]], dtype=complex)),
        (TypeError, r"astype\(np\.float64\)", lambda x: np.float64(x[0])),
        (TypeError, "requires a gradient", lambda x: np.ma.array([x[0], 1.0])),
        (TypeError, "directive", lambda x: np.r_["0,2", x, x]),
    ],
)
def test_what_has_no_meaning_is_refused(error, match, f):
    with pytest.raises(error, match=match):
        tl.grad(lambda x: tl.sum(f(x)))(X)


def test_lists_that_are_handed_on_stay_lists():
    f = lambda row, twice: row.sum() * len(twice * 2)
    rows = np.apply_along_axis(f, 0, P, [tl.tensor(1.0)])
    numpy.testing.assert_array_equal(rows, 2 * P.sum(0))


def test_assertions_compare_values():
    def f(x):
        np.testing.assert_allclose(x, X, atol=1e-5)
        with pytest.raises(AssertionError):
            np.testing.assert_array_equal(x, 2 * X)
        return (x * x).sum()

    assert_right(f)


def test_generators_are_numpys():
    rng = np.random.default_rng(0)
    assert isinstance(rng, numpy.random.Generator)
    assert np.random.default_rng(rng) is rng
    assert isinstance(np.random.RandomState(0), np.random.RandomState)
    again = pickle.loads(pickle.dumps(rng))
    assert again.normal() == rng.normal() == numpy.random.default_rng(0).normal()


def test_numpy_is_not_changed():
    before = {name: dict(vars(importlib.import_module(name))) for name in ("numpy", "numpy.linalg", "numpy.random")}
    tl.grad(lambda x: (np.array([x[0], 1.0]) * np.random.rand(2) * np.linalg.norm(x)).sum())(X)
    for name, names in before.items():
        now = vars(importlib.import_module(name))
        assert all(now[key] is value for key, value in names.items())


# ---------------------------------------------------------------------------------------------------------------------
# Functions handed to NumPy, requirements, complex arrays

BY_ROWS = {
    "entries": lambda m, x: m.vectorize(lambda a, b: a * b if b > 0 else a)(x, 2.0).sum(),
    "otypes": lambda m, x: m.vectorize(lambda a: a * a, otypes=[float])(x).sum(),
    "signature": lambda m, x: m.vectorize(lambda a, b: a @ b, signature="(n),(n)->()")(P + x, x).sum(),
    "signature-vector": lambda m, x: (m.vectorize(lambda a: a[::-1] * a, signature="(n)->(n)")(P + x) ** 2).sum(),
    "excluded": lambda m, x: m.vectorize(lambda a, p: p[0] * a, excluded={"p"})(x, p=[3.0]).sum(),
    "excluded-place": lambda m, x: m.vectorize(lambda p, a: p[1] * a, excluded={0})([3.0, 4.0], x).sum(),
    "several": lambda m, x: m.vectorize(lambda a: (a * a, a))(x)[0].sum(),
}


@cases(BY_ROWS)
def test_vectorized_functions(f):
    assert_right(lambda x: f(np, x) if type(x) is tl.Tensor else f(numpy, x))
    with pytest.raises(TypeError, match=r"np\.stack\(\[f\(entry\) for entry in t\]\) keeps it"):
        tl.grad(lambda x: f(numpy, x))(X)


def test_a_vectorized_functions_signature_is_of_its_arguments():
    with pytest.raises(TypeError, match="is of 1 arrays, got 2"):
        tl.grad(lambda x: np.vectorize(lambda a, b: a, signature="(n)->()")(x, x).sum())(X)


@pytest.mark.parametrize("requirements", [None, "F", ["C", "O"], ["W", "ALIGNED"], ["ENSUREARRAY"]])
@pytest.mark.parametrize("dtype", [None, numpy.float32])
def test_requirements(requirements, dtype):
    m = P + 1
    expected = numpy.require(m, dtype, requirements)
    got = np.require(tl.tensor(m), dtype, requirements)
    assert got.dtype == expected.dtype
    assert (got.data == expected).all()
    assert got.flags.f_contiguous or "F" not in (requirements or ())
    assert_right(lambda x: (np.require(P + x, None, requirements) ** 2).sum())
    with pytest.raises(KeyError, match="Z"):
        np.require(tl.tensor(m), None, "Z")


def test_complex_arrays_receive_gradients():
    def f(x):
        z = np.zeros(3, complex)
        z[0] = x[0] + 2j * x[1]
        z[1:] = x[1:]
        return np.sum(np.abs(z * z) ** 2)

    assert_right(f)
    assert type(tl.grad(lambda x: np.abs(np.ones(2, complex) * x[:2]).sum())(X)) is numpy.ndarray


def test_a_setting_alone_may_require_a_gradient():
    """NumPy asks the arrays of a function alone what they are: here the other arguments are asked, too."""
    x = numpy.arange(3.0)
    for f, slope in (
        (lambda a: np.sum(np.pad(x, 2, constant_values=a)), 4.0),
        (lambda a: np.interp(5.0, x, x**2, right=a), 1.0),
        (lambda a: np.sum(np.pad(x, (0, 2), mode="linear_ramp", end_values=a)), 1.5),
    ):
        assert tl.grad(f)(1.3) == pytest.approx(slope)


OPTIONS = {
    "dtype": (numpy.float32, complex),
    "copy": (True, False, None),
    "order": ("C", "F", "K", "A"),
    "subok": (True,),
    "ndmin": (3,),
    "ndmax": (1,),
    "like": (None, numpy.ones(2)),
    "device": ("cpu", "gpu"),
    "requirements": ("F", ["C", "W", "O"], "E"),
    "shape": ((3,),),
    "stop": (9.0,),
    "step": (2.0,),
    "no_such_option": (1,),
}
MADE = numpy.arange(6.0).reshape(2, 3) + 0.5
MAKERS = {
    "full": lambda f, x, **options: f((2, 3), x[0, 0], **options),
    "full_like": lambda f, x, **options: f(MADE, x[0, 0], **options),
    "arange": lambda f, x, **options: f(x[0, 0], 5.0, **options),
    "fromiter": lambda f, x, **options: f([x[0, 0], x[0, 1]], **({"dtype": float} | options)),
    "kaiser": lambda f, x, **options: f(4, x[0, 0], **options),
}


def of_lists(f, x, **options):
    return f([[x[0, 0], x[0, 1]], [x[1, 0], 2.0]], **options)


def result_or_error(call, *args, **options):
    try:
        return call(*args, **options)
    except (TypeError, ValueError) as error:
        return error


@pytest.mark.parametrize("original", making.INSTEAD, ids=lambda f: f.__name__)
@pytest.mark.parametrize("keyword", OPTIONS)
def test_no_keyword_is_ignored(original, keyword):
    """Each makes of Tensors what NumPy makes of their values, laid out alike, or is an error in both."""
    name = original.__name__
    calls = [MAKERS[name]] if name in MAKERS else [lambda f, x, **options: f(x, **options), of_lists]
    for value in OPTIONS[keyword]:
        for call in calls:
            expected = result_or_error(call, original, MADE, **{keyword: value})
            got = result_or_error(call, getattr(np, name), tl.tensor(MADE, requires_grad=True), **{keyword: value})
            if isinstance(expected, Exception):
                assert isinstance(got, Exception), (value, expected)
                continue
            assert isinstance(got, tl.Tensor), (value, got)
            numpy.testing.assert_array_equal(got.detach().data, expected, strict=True)
            if got.ndim:
                assert got.flags.c_contiguous == expected.flags.c_contiguous
                assert got.flags.f_contiguous == expected.flags.f_contiguous


@pytest.mark.parametrize(
    ("args", "options"),
    [
        ((5.0,), {}),
        ((0.5, 5.0), {}),
        ((0.5, 5.0, 1.5), {}),
        ((5.0,), {"step": 1.5}),
        ((0.5,), {"stop": 5.0, "step": 1.5}),
        ((), {"start": 0.5, "stop": 5.0}),
        ((), {"stop": 5.0, "step": 1.5, "start": None}),
        ((0.5, 5.0, 0.5), {"dtype": int}),
        ((0.5, 5.0, None), {"dtype": numpy.float32}),
    ],
)
def test_ranges_are_numpys(args, options):
    expected = result_or_error(numpy.arange, *args, **options)
    tensors = [x if x is None else tl.tensor(x) for x in args]
    by_name = {key: x if key == "dtype" or x is None else tl.tensor(x) for key, x in options.items()}
    got = result_or_error(np.arange, *tensors, **by_name)
    if isinstance(expected, Exception):
        assert type(got) is type(expected)
        return
    numpy.testing.assert_allclose(got.data if isinstance(got, tl.Tensor) else got, expected, rtol=1e-15, strict=True)


def test_fewer_entries_than_were_asked_for():
    with pytest.raises(ValueError, match="3 entries"):
        np.fromiter([tl.tensor(1.0)], float, 3)


def test_an_order_by_its_place():
    assert np.asarray([[1.0, 2.0], [3.0, 4.0]], float, "F").flags.f_contiguous
