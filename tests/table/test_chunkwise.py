"""Gradients over Dask's chunks: what belongs to one chunk is one task, and the numbers are those of the tasks apart."""

import pickle
from collections import Counter

import numpy as np
import pytest

pytest.importorskip("dask.array")

import dask
import dask.array as da
from dask._task_spec import convert_legacy_graph

import tinygrad_lite as tl
from benchmarks.tasks import cluster
from tinygrad_lite.table.chunkwise import SEVERAL, grouped, labels_of
from tinygrad_lite.table.lazy_arrays import OnChunks
from tinygrad_lite.table.neural import sigmoid_p

CHUNKS = 12


@pytest.fixture(autouse=True)
def here():
    """Everything is computed in this thread."""
    with dask.config.set(scheduler="synchronous"):
        yield


def graph_of(arrays):
    arrays = dask.optimize(*arrays)
    graph = {}
    for x in arrays:
        graph.update(convert_legacy_graph(dict(x.__dask_graph__())))
    return graph, {key for x in arrays for key in dask.core.flatten(x.__dask_keys__())}


def lazy_gradient(model, chunks=CHUNKS):
    x, y = cluster.drawn(5 * chunks, 5)
    value, gradient = tl.value_and_grad(lambda p: cluster.MODELS[model](x, y, p))(cluster.parameters(model))
    return [value, *gradient.values()]


def standardized(x, w):
    """Each row needs the mean of all rows, and then their deviation: two sums before it can go on."""
    x = x - np.mean(x, axis=0)
    return np.mean(tl.tanh((x / np.sqrt(np.mean(x * x, axis=0))) @ w))


@pytest.mark.parametrize("model", cluster.MODELS)
def test_the_numbers_are_those_of_the_tasks_apart(model):
    lazy = lazy_gradient(model)
    for got, expected in zip(tl.engine.transforms.computed(lazy), dask.compute(*lazy), strict=True):
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("model", cluster.MODELS)
def test_a_chunk_is_one_task_and_its_part_of_the_sums(model):
    graph, wanted = graph_of(lazy_gradient(model))
    tasks = grouped(graph, wanted)
    kinds = Counter(str(key[0]).partition("-")[0] for key in tasks if isinstance(key, tuple))
    assert kinds["chunkwise"] == CHUNKS
    assert len(tasks) < 4 * CHUNKS < len(graph) / 3


def test_what_comes_after_a_sum_is_another_task_of_its_chunk():
    x = da.from_array(np.random.default_rng(0).normal(size=(40, 3)), chunks=(10, 3))
    w = np.array([0.5, -1.0, 2.0])
    gradient = tl.grad(lambda w: standardized(x, w))(w)
    graph, wanted = graph_of([gradient])
    phases = {phase for chunk, phase in labels_of(graph).values() if chunk != SEVERAL}
    assert len(phases) >= 3
    assert len(grouped(graph, wanted)) < len(graph)
    expected = tl.grad(lambda w: standardized(x.compute(), w))(w)
    np.testing.assert_allclose(tl.grad(lambda w: standardized(x, w), compute=True)(w), expected, rtol=1e-12)


@pytest.mark.parametrize("chunks", [(4, 3), (7, 2), (10, 1), ((3, 4, 3), (1, 2))])
def test_chunks_in_both_directions(chunks):
    numbers = np.random.default_rng(1).normal(size=(10, 3))
    x = da.from_array(numbers, chunks=chunks)

    def f(x, w):
        return np.sum(tl.softmax(x * w, axis=1)[:, 1] * np.max(x, axis=1)) + np.linalg.norm(x @ w)

    w = np.array([1.0, -0.5, 0.25])
    got = tl.value_and_grad(f, (0, 1), compute=True)(x, w)
    expected = tl.value_and_grad(f, (0, 1))(numbers, w)
    np.testing.assert_allclose(got[0], expected[0], rtol=1e-12)
    for a, b in zip(got[1], expected[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)


def test_an_argument_in_chunks_has_a_gradient_in_the_same_chunks():
    x = da.ones((12, 2), chunks=(5, 2))
    gradient = tl.grad(lambda x: np.sum(np.exp(x)[:, 0]))(x)
    assert gradient.chunks == x.chunks
    np.testing.assert_array_equal(gradient.compute(), np.stack([np.full(12, np.e), np.zeros(12)], axis=1))


def test_a_mean_makes_no_chunk_of_all_rows():
    x = da.ones((1000, 2), chunks=(10, 2))
    graph, _ = graph_of([tl.grad(lambda x: np.mean(x[:, 0] ** 2))(x)])
    largest = max(np.asarray(y).size for y in dask.get(graph, list(graph)) if isinstance(y, np.ndarray))
    assert largest == 20


def test_primitives_of_one_name_are_told_apart():
    """Their keys would be the same, and the second would get the first's numbers."""
    twice = tl.primitive(lambda x: x * 2.0, name="mine", elementwise=True, x=lambda g: g * 2.0)
    thrice = tl.primitive(lambda x: x * 3.0, name="mine", elementwise=True, x=lambda g: g * 3.0)
    numbers = np.array([0.5, 1.0, 2.0])
    x = da.from_array(numbers, chunks=2)
    value, gradient = tl.value_and_grad(lambda x: np.sum(twice(x) * thrice(x)), compute=True)(x)
    np.testing.assert_allclose(value, 6 * np.sum(numbers**2))
    np.testing.assert_allclose(gradient, 12 * numbers)


def test_a_primitive_travels_by_its_name():
    forward = OnChunks(sigmoid_p, {}, ())
    assert len(pickle.dumps(forward)) < 200
    assert pickle.loads(pickle.dumps(forward)).primitive is sigmoid_p


@pytest.mark.parametrize("model", ["logistic", pytest.param("perceptron", marks=pytest.mark.long)])
def test_data_that_no_process_holds(model):
    """The small twin of the benchmark, of 4 GB there."""
    worker, driver, apart = cluster.measured_peaks(model, gigabytes=0.02)
    assert worker < cluster.LIMIT
    assert driver > 0
    assert apart < 1e-10
