"""The table's samples on arrays of other libraries: what each function does there, or how it is refused.

``python -m tests.table.elsewhere_runs`` writes that down, in ``docs/other_arrays.json``, which tests and manual read.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import dask
import dask.array as da
import numpy as np

import tinygrad_lite as tl
from tinygrad_lite.engine.trees import flatten, unflatten
from tinygrad_lite.table.registry import REGISTRY, Sample

from ..conftest import Case, drawing, is_variable
from . import strict_arrays

RECORD = Path(__file__).parents[2] / "docs" / "other_arrays.json"

REFUSALS = (NotImplementedError, TypeError, ValueError, IndexError)


def computing_unasked(*args, **kwargs):
    """A scheduler for programs that are not to run."""
    raise AssertionError("a Dask array was computed unasked")


def in_chunks(x):
    """An array of Dask's, of two chunks along each axis."""
    x = np.asarray(x)
    return da.from_array(x, chunks=tuple(max(1, (n + 1) // 2) for n in x.shape) if x.ndim else ())


def computed(x):
    """The numbers of an array of Dask's."""
    assert isinstance(x, da.Array), type(x)
    return x.compute(scheduler="synchronous")


LIBRARIES = {"Dask": (in_chunks, computed), "CuPy": (strict_arrays.put, strict_arrays.get)}
"""Library → how its arrays are made of NumPy's, and back; CuPy's strict stand-in, for want of a GPU."""


def on_device(case, put):
    """A sample with all its arrays on the device: those that are no variables, too."""

    def moved(x):
        return put(x) if isinstance(x, np.ndarray) and x.ndim and not is_variable(x) else x

    leaves, structure = flatten(case.sample.args)
    kwargs = {name: put(x) if isinstance(x, np.ndarray) and x.ndim else x for name, x in case.sample.kwargs.items()}
    return Case(case.entry, Sample(unflatten(structure, [moved(x) for x in leaves]), kwargs))


def total_of(x):
    """The sum of an array, or of its real parts."""
    y = x.sum() if getattr(x, "ndim", 0) else x
    return y.real if y.dtype.kind == "c" else y


def outputs(case, variables):
    """What a function gives that has derivatives."""
    return [y for y in flatten(case(*variables))[0] if getattr(y, "dtype", np.dtype(int)).kind in "fc"]


def derivatives(case, order, weights, put=lambda x: x):
    """The value and the gradient of a sum of a sample's outputs, weighted, or the gradient of its gradient's."""
    weights, variables = [put(w) for w in weights], [put(v) for v in case.variables]
    places = tuple(range(len(variables)))

    def loss(*variables):
        return sum([total_of(y * w) for y, w in zip(outputs(case, variables), weights, strict=True)])

    if order == 1:
        return flatten(tl.value_and_grad(loss, places)(*variables))[0]
    ways = [put(np.asarray(np.sin(1.0 + np.arange(v.size)).reshape(v.shape), v.dtype)) for v in case.variables]

    def slope(*variables):
        return sum([total_of(g * w) for g, w in zip(tl.grad(loss, places)(*variables), ways, strict=True)])

    return flatten(tl.grad(slope, places)(*variables))[0]


def samples_of(name):
    """The samples of a function that has variables."""
    entry = REGISTRY[name]
    found = [Case(entry, sample) for sample in entry.samples(drawing(f"sample of {name}"))]
    return [case for case in found if case.variables]


def check_like_numpys(case, library, orders=(1, 2)):
    """The same numbers, shapes and dtypes as NumPy's arrays give, as arrays of the library, and no number asked for."""
    put, get = LIBRARIES[library]
    there = on_device(case, put) if library == "CuPy" else case
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of NumPy's numbers, at the edge of what is asked of them
        weights = [
            np.asarray(np.cos(np.arange(y.size)).reshape(y.shape), y.dtype) for y in outputs(case, case.variables)
        ]
        for order in orders:
            wanted = derivatives(case, order, weights)
            with dask.config.set(scheduler=computing_unasked):
                found = derivatives(there, order, weights, put)
            for x, number in zip(found, wanted, strict=True):
                assert (x.shape, x.dtype) == (np.shape(number), number.dtype)
                np.testing.assert_allclose(get(x), number, rtol=1e-9, atol=1e-11)


def refusal(case, library):
    """The error with which a sample is refused; None where it is right. Raises what is neither."""
    try:
        check_like_numpys(case, library)
    except AssertionError:
        raise
    except REFUSALS as error:
        return error
    return None


def record():
    """Function → library → "yes", or for each sample null or the refusal."""
    found = {}
    for name in REGISTRY:
        cases = samples_of(name)
        if not cases:
            continue
        found[name] = {}
        for library in LIBRARIES:
            errors = [refusal(case, library) for case in cases]
            texts = [None if error is None else str(error).partition("; ")[0] for error in errors]
            found[name][library] = texts if any(texts) else "yes"
            print(name, library, found[name][library], flush=True)  # noqa: T201 (how far it is)
    return found


if __name__ == "__main__":
    RECORD.write_text(json.dumps(record(), indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
