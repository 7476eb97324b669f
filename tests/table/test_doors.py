"""Public functions called with arrays of other libraries, without a Tensor: those go in, and come out."""

import json
import pickle
import warnings

import numpy as np
import pytest

pytest.importorskip("dask.array")

import dask
import dask.array as da

import tinygrad_lite as tl
from tinygrad_lite.engine.trees import flatten, unflatten
from tinygrad_lite.table.doors import among, each
from tinygrad_lite.table.ducks import DuckArray, duck
from tinygrad_lite.table.registry import REGISTRY

from ..conftest import is_variable
from .elsewhere_runs import LIBRARIES, RECORD, REFUSALS, computing_unasked, in_chunks, on_device, samples_of
from .strict_arrays import StrictArray

RECORDED = json.loads(RECORD.read_text(encoding="utf-8"))
ARRAYS = {"Dask": da.Array, "CuPy": StrictArray}

WRITES = "setitem"
"""It returns an array with other entries of Tensors; arrays of their own libraries are written to as those do."""


def handed(call, library):
    """What a public function gives of a sample's arrays, of a library."""
    put, _ = LIBRARIES[library]
    there = on_device(call, put) if library == "CuPy" else call
    leaves, structure = flatten(there.sample.args)
    given = unflatten(structure, [put(x) if is_variable(x) else x for x in leaves])
    return flatten(getattr(tl, call.entry.name)(*given, **there.sample.kwargs))[0]


def calls():
    """Each sample of each function with each library, of which every run takes a part, more of the first samples."""
    for name in REGISTRY:
        if name != WRITES:
            for k, call in enumerate(samples_of(name)):
                for library in LIBRARIES:
                    marks = pytest.mark.sampled(8 if k else 2)
                    yield pytest.param(call, library, k, id=f"{name}-{library}-{k}", marks=marks)


@pytest.mark.parametrize(("call", "library", "k"), list(calls()))
def test_the_librarys_own_arrays_come_back(call, library, k):
    """With NumPy's numbers, and none of them computed unasked; or it is refused, where that is on record."""
    recorded = RECORDED[call.entry.name][library]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = flatten(call.entry.function(*call.sample.args, **call.sample.kwargs))[0]
        try:
            with dask.config.set(scheduler=computing_unasked):
                found = handed(call, library)
        except REFUSALS:
            assert recorded != "yes"
            assert recorded[k] is not None
            return
    for x, numbers in zip(found, wanted, strict=True):
        assert type(x) is not DuckArray
        if isinstance(x, ARRAYS[library]):
            x = LIBRARIES[library][1](x)
        assert not isinstance(numbers, np.ndarray) or x.shape == numbers.shape
        np.testing.assert_allclose(x, numbers, rtol=1e-9, atol=1e-11)


def test_rules_get_what_they_gave():
    x = duck(in_chunks(np.ones((2, 3))))
    for f in (tl.softmax, tl.prod, tl.pad, tl.exp):
        y = f(x, 1) if f is tl.pad else f(x)
        assert type(y) is not DuckArray or among([y])
    assert type(tl.softmax(x)) is DuckArray
    assert type(tl.exp(x)) is DuckArray


def test_a_rule_of_ones_own_may_call_public_functions():
    @tl.primitive(x=lambda g, x: g * tl.softmax(x) * tl.exp(x))
    def scaled(x):
        return np.exp(x)

    x = np.array([0.5, -1.0, 2.0])
    found = tl.grad(lambda x: scaled(x).sum())(in_chunks(x))
    np.testing.assert_allclose(found.compute(), tl.softmax(x) * np.exp(x))


def test_doors_are_found_by_pickle():
    assert pickle.loads(pickle.dumps(tl.pad)) is tl.pad


def test_each_keeps_containers():
    assert each(lambda x: x + 1, [1, (2, [3])]) == [2, (3, [4])]
    assert type(each(lambda x: x, np.linalg.slogdet(np.eye(2)))).__name__ == "SlogdetResult"
