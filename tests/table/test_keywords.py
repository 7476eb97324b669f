"""No keyword of NumPy's functions is ignored: each is taken, with NumPy's result, or refused by its name."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine.trees import flatten, unflatten
from tinygrad_lite.table.registry import DISPATCH, REGISTRY, Draw

MASK = np.array([True, False, True])

VALUES: dict[str, list[Any]] = {
    "N": [2], "UPLO": ["U"], "a_max": [0.5], "a_min": [0.5], "append": [1.5], "assume_unique": [True],
    "aweights": [np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0, 4.0])],
    "axes": [(1, 0), (0, 1), (0,), 1, (1, 0, 2)], "axis": [0, 1, -1, -2, None, (0, 1)], "axis1": [1, -1],
    "axis2": [0, 2], "axisa": [0], "axisb": [0], "axisc": [0], "base": [3.0], "bias": [True], "bins": [4, "sqrt"],
    "casting": ["unsafe", "no"], "compute_uv": [False], "copy": [True, False], "correction": [1, 0.5], "cov": [True],
    "ddof": [1, 0.5, 0], "decimals": [1], "default": [2.5], "deg": [True], "density": [True], "device": ["cpu"],
    "discont": [4.0, 7.0], "dtype": [np.float32, np.complex64], "dx": [0.25], "edge_order": [2], "endpoint": [False],
    "equal_nan": [False], "full": [True], "full_matrices": [False],
    "fweights": [np.array([1, 2, 3]), np.array([1, 2, 3, 1])], "hermitian": [True], "include_initial": [True],
    "increasing": [True], "ind": [1], "indexing": ["ij"],
    "interpolation": ["lower"], "initial": [0.25, 5.0, -5.0], "k": [1, -1, 2, 3],
    "keepdims": [True], "kind": ["stable", "introselect"], "left": [7.0], "m": [2], "max": [0.5], "mean": [0.5],
    "method": ["lower", "weibull"], "min": [0.5], "minlength": [7],
    "mode": ["wrap", "clip", "same", "valid", "full", "edge", "complete", "r"], "n": [2, 3, 5], "nan": [3.0],
    "neginf": [3.0], "newshape": [(-1,)], "norm": ["ortho", "forward"], "num": [3], "offset": [1], "optimize": [True],
    "ord": [1, -1, np.inf, 3], "order": ["F", "C", "A", None], "overwrite_input": [False], "p": [1, "fro"],
    "period": [2.25], "posinf": [3.0], "prepend": [1.5], "range": [(-1.0, 1.0), [(-1.0, 1.0)] * 2, [(-1.0, 1.0)] * 3],
    "rcond": [0.99, 0.3, 0.001], "retstep": [True], "return_counts": [True], "return_index": [True],
    "return_indices": [True], "return_inverse": [True], "returned": [True], "right": [7.0], "rowvar": [False],
    "rtol": [0.3, 0.001], "s": [(2, 3), (3,)], "shape": [(5,), (-1,)], "sorted": [True], "sparse": [True],
    "stable": [True], "start": [1], "subok": [True, False], "to_begin": [1.5], "to_end": [1.5], "tol": [1000000.0],
    "trim": ["f", "b"], "upper": [True], "w": [np.arange(1.0, k) for k in (4, 5, 6, 7)],
    "weights": [np.arange(1.0, 4.0), np.arange(1.0, 5.0), np.arange(1.0, 7.0), np.arange(1.0, 7.0).reshape(2, 3)],
    "where": [MASK, MASK[:, None], True], "writeable": [True], "x": [np.arange(4.0) ** 2],
    "y": [np.arange(k) ** 2.0 for k in (3, 4, 5)] + [np.ones((2, 4)), np.ones((2, 3)), np.ones((3, 3))],
}  # fmt: skip
"""What a keyword is given; what does not fit a function's sample is left out."""

WITHOUT_EFFECT = frozenset(
    {"subok", "copy", "overwrite_input", "device", "optimize", "stable", "kind", "casting", "order", "sorted"}
    | {"hermitian", "assume_unique", "writeable", "equal_nan", "cov", "discont"}
)
"""Keywords that change how a result is found or laid out, but not here what it is."""

X = np.array([[0.3, -0.7, 1.2], [0.5, 0.1, 0.9], [0.2, 0.4, -0.6]])
V = np.array([0.3, -0.7, 1.2, 2.5])

MORE: dict[str, list[tuple[Any, ...]]] = {
    "amax": [(X, {"initial": -5.0, "axis": 1})],
    "amin": [(X, {"initial": 5.0})],
    "clip": [(V, {"a_max": 0.9}), (V, {"a_min": 0.0}), (V,)],
    "convolve": [(V, V[:3])],
    "logspace": [(0.1, V)],
    "nanmin": [(X, {"initial": 5.0})],
    "select": [([X > 5], [X])],
    "take_along_axis": [(X, np.argsort(X, 0))],
    "transpose": [(X,)],
    "tril": [(X,), (V,)],
    "triu": [(X,), (V,)],
    "vecdot": [(X, X[::-1])],
    "angle": [(V + 1j * V[::-1],)],
    "astype": [(X, float)],
    "bincount": [(np.array([0, 2, 1]),), (np.array([0, 2, 1]), V[:3])],
    "broadcast_to": [(V, (2, 4))],
    "cross": [(X, X[::-1])],
    "full_like": [(X, 2.5)],
    "histogram": [(X,), (V,)],
    "histogram2d": [(V, V[::-1]), (X[0], X[1])],
    "histogram_bin_edges": [(X,), (V,)],
    "histogramdd": [(np.abs(X),), ((V, V[::-1]),)],
    "interp": [(np.array([-9.0, 0.1, 9.0]), np.array([0.0, 1.0, 2.0]), X[0])],
    "intersect1d": [(X, X[0])],
    "nan_to_num": [(np.array([np.nan, np.inf, -np.inf, 1.0]),)],
    "partition": [(X, 1)],
    "polyfit": [(np.arange(4.0), V, 1), (np.arange(6.0), np.arange(6.0) ** 2, 1)],
    "real_if_close": [(V + 1e-12j,)],
    "rollaxis": [(np.ones((2, 3, 4)) * V, 2)],
    "trim_zeros": [(np.array([0.0, 1.0, 2.0, 0.0]),), (np.pad(X, 1),)],
    "unwrap": [(3 * np.arange(5.0) ** 2,)],
    "cond": [(X,)],
    "ediff1d": [(V,)],
    "pinv": [(X,)],
    "lstsq": [(X, V[:3])],
    "where": [(X > 0,)],
    "trace": [(X,), (np.ones((3, 3, 3)) * V[:3],)],
    "diagonal": [(X,), (np.ones((3, 3, 3)) * V[:3],)],
    "tensorsolve": [
        (np.eye(6).reshape(2, 3, 3, 2).transpose(0, 1, 3, 2) + 0.1 * np.ones((2, 3, 2, 3)), np.ones((2, 3)) * V[:3])
    ],
    "tensorinv": [(np.eye(6).reshape(6, 2, 3),)],
    "average": [(X,)],
    "quantile": [(X, 0.3)],
    "percentile": [(X, 30.0)],
    "nanquantile": [(X, 0.3), (X[0], 0.6, {"method": "inverted_cdf"})],
    "nanpercentile": [(X, 30.0), (X[0], 60.0, {"method": "inverted_cdf"})],
    "copy": [(X,)],
    "corrcoef": [(X,), (V,)],
    "cov": [(X,), (V,)],
    "linspace": [(0.5, V)],
}


def keywords() -> dict[str, tuple[Callable[..., Any], str]]:
    """Every keyword of every function of NumPy's that is differentiated, but for ``out``, which is tested elsewhere."""
    found = {}
    for function in DISPATCH:
        if isinstance(function, np.ufunc):
            continue
        try:
            parameters = inspect.signature(function).parameters.values()
        except ValueError:  # those of NumPy's in C do not say what they take in its earlier versions
            continue
        for p in parameters:
            if p.default is not p.empty and p.name != "out" and p.kind is not p.POSITIONAL_ONLY:
                found[f"{function.__module__}.{function.__name__}-{p.name}"] = (function, p.name)
    return found


KEYWORDS = keywords()


def calls(function: Callable[..., Any], draw: Draw) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Arguments to try a function with."""
    for item in MORE.get(function.__name__, ()):
        yield (item[:-1], item[-1]) if isinstance(item[-1], dict) else (item, {})
    for entry in REGISTRY.values():
        if function in entry.numpy or entry.function is DISPATCH[function]:
            for sample in entry.samples(draw):
                yield sample.args, dict(sample.kwargs)
    yield from [((x,), {}) for x in (X, V)]


def copies(args: Any) -> tuple[Any, Any]:
    """Arguments taken apart, with arrays of their own: ``copy=False`` writes to what it is given."""
    leaves, structure = flatten(args)
    return structure, [x.copy() if isinstance(x, np.ndarray) else x for x in leaves]


def arrays(result: Any) -> list[np.ndarray]:
    return [np.asarray(y.detach().data if isinstance(y, tl.Tensor) else y) for y in flatten(result)[0]]


def is_inexact(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


def differ(a: Any, b: Any) -> bool:
    """Whether two results are not the same to the last bit."""
    a, b = arrays(a), arrays(b)
    return len(a) != len(b) or any(
        x.dtype != y.dtype or not np.array_equal(x, y, equal_nan=x.dtype.kind in "fc")
        for x, y in zip(a, b, strict=True)
    )


def same(a: Any, b: Any, narrow: bool = False) -> bool:
    """Whether two results are the same but for the last digits."""
    a, b = arrays(a), arrays(b)
    return len(a) == len(b) and all(
        x.dtype == y.dtype and x.shape == y.shape and same_values(x, y, narrow) for x, y in zip(a, b, strict=True)
    )


def same_values(x: np.ndarray, y: np.ndarray, narrow: bool) -> bool:
    if x.dtype.kind not in "fc":
        return bool((x == y).all())
    narrow = narrow or x.dtype in (np.float32, np.complex64)
    return np.allclose(x, y, rtol=1e-4 if narrow else 1e-9, atol=1e-5 if narrow else 1e-11, equal_nan=True)


@pytest.mark.parametrize("name", KEYWORDS)
def test_a_keyword_is_taken_or_refused(name: str, draw: Any) -> None:
    function, keyword = KEYWORDS[name]
    tried = effective = 0
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for args, kwargs in calls(function, draw):
            args = unflatten(*copies(args))
            given = list(inspect.signature(function).parameters)[: len(args)]
            if keyword in given:
                continue
            for value in VALUES[keyword]:
                try:
                    expected = function(*args, **{**kwargs, keyword: value})
                except Exception:
                    continue
                leaves, structure = flatten(args)
                inputs = [tl.Tensor(x) if is_inexact(x) else x for x in leaves]
                if not any(isinstance(x, tl.Tensor) for x in inputs) and not is_inexact(value):
                    continue
                tried += 1
                given_value = tl.Tensor(value) if is_inexact(value) else value
                try:
                    got = function(*unflatten(structure, inputs), **{**kwargs, keyword: given_value})
                except (TypeError, ValueError) as error:
                    of_all = "Weights included"  # which NumPy refuses in its later versions, whatever the keyword
                    assert keyword in str(error) or of_all in str(error), (args, kwargs, value)  # noqa: PT017
                    effective += 1
                    continue
                if function is np.linalg.cond:  # a complex number in NumPy's earlier versions
                    expected = np.real(expected)
                assert same(got, expected, keyword == "dtype"), (args, kwargs, value, got, expected)
                try:
                    default = function(*args, **{key: x for key, x in kwargs.items() if key != keyword})
                    effective += differ(expected, default)
                except Exception:
                    effective += 1
    assert tried, "nothing that the keyword is given fits a sample"
    has_no_effect = keyword in WITHOUT_EFFECT or function in (np.histogram_bin_edges, np.corrcoef)
    assert effective or has_no_effect, "the keyword made no difference to any sample"
