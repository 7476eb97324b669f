"""Tensors of arrays of other libraries: Dask's, computed later, and CuPy's, of which there is a strict stand-in.

What each function of the table does with them stands in ``docs/other_arrays.json``, and is held to here.
"""

import json
import zlib

import pytest

pytest.importorskip("dask.array")

import dask
from elsewhere_runs import (
    LIBRARIES,
    RECORD,
    REFUSALS,
    check_like_numpys,
    computing_unasked,
    refusal,
    samples_of,
)

from tinygrad_lite.table.registry import REGISTRY

RECORDED = json.loads(RECORD.read_text(encoding="utf-8"))

NAMES = r"numpy\.|np\.|indexing|getitem|meets a NumPy array|array of shape|ufunc"
"""What a refusal that does not name the function names in its place: the operation that there is none of."""


@pytest.fixture(autouse=True)
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
                marks = () if k == every_time else pytest.mark.long
                yield pytest.param(case, library, k, id=f"{name}-{library}-{k}", marks=marks)


@pytest.mark.parametrize(("case", "library", "k"), samples())
def test_a_sample_is_right_or_refused_as_recorded(case, library, k):
    recorded = RECORDED[case.entry.name][library]
    expected = None if recorded == "yes" else recorded[k]
    if expected is None:
        check_like_numpys(case, library)
        return
    error = refusal(case, library)
    assert error is not None, "it is recorded as refused, and is right now: write the record anew"
    assert isinstance(error, REFUSALS)
    pytest.raises(type(error), lambda: (_ for _ in ()).throw(error)).match(rf"{case.entry.name}|{NAMES}")


def test_every_function_is_recorded():
    assert set(RECORDED) == {name for name in REGISTRY if samples_of(name)}
    for entry in RECORDED.values():
        assert set(entry) == set(LIBRARIES)


MUST_WORK = ["add", "subtract", "multiply", "divide", "power", "exp", "log", "log1p", "expm1", "sqrt", "square", "abs", "maximum", "minimum", "where", "clip", "sin", "cos", "tan", "arctan2", "tanh", "sigmoid", "relu", "softplus", "erf", "sum", "prod", "mean", "var", "std", "max", "min", "cumsum", "cumprod", "norm", "nansum", "nanmean", "nanmax", "nanmin", "nanprod", "nanvar", "nanstd", "average", "ptp", "median", "quantile", "percentile", "matmul", "dot", "inner", "outer", "vdot", "tensordot", "einsum", "kron", "reshape", "transpose", "moveaxis", "squeeze", "expand_dims", "broadcast_to", "concatenate", "stack", "split", "array_split", "flip", "roll", "tile", "repeat", "pad", "softmax", "log_softmax", "logsumexp", "cross_entropy", "binary_cross_entropy", "kl_div", "tril", "triu", "diag", "diagonal", "trace", "sort"]


@pytest.mark.parametrize("name", MUST_WORK)
@pytest.mark.parametrize("library", LIBRARIES)
def test_what_programs_are_made_of_works(name, library):
    """But for samples that are refused because of an argument: an array of places, weights of quantiles, no entries."""
    recorded = RECORDED[name][library]
    refused = [] if recorded == "yes" else [text for text in recorded if text]
    assert len(refused) <= 2, refused
    assert recorded == "yes" or len(refused) < len(recorded)
