"""Compiled functions: what they give, when they are made anew, what they leave alone."""

from __future__ import annotations

import gc
import runpy
import subprocess
import sys
import threading
import tracemalloc

import numpy as np
import pytest

import tinygrad_lite as tl
import tinygrad_lite.numpy as tnp
from tinygrad_lite.compiling.compiled import KEPT
from tinygrad_lite.engine.trees import flatten


def two_layers(params, x, t):
    a = tl.relu(x @ params["W1"] + params["b1"])
    return tl.cross_entropy(a @ params["W2"] + params["b2"], t)


def arguments(dtype=np.float64, n=5):
    r = np.random.default_rng(n)
    shapes = {"W1": (8, 16), "b1": (16,), "W2": (16, 3), "b2": (3,)}
    params = {name: r.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    return params, r.normal(size=(n, 8)).astype(dtype), r.integers(0, 3, n)


def same(a, b):
    found, wanted = flatten(a), flatten(b)
    assert found[1] == wanted[1]
    for x, y in zip(found[0], wanted[0], strict=True):
        assert type(x) is type(y)
        assert x.dtype == y.dtype
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_gradient_is_the_same_in_every_call(dtype):
    f = tl.value_and_grad(two_layers)
    compiled = tl.compile(f)
    for n in (5, 5, 7, 5):
        given = arguments(dtype, n)
        same(compiled(*given), f(*given))
    assert len(compiled.signatures) == 2


@pytest.mark.parametrize(
    "transform",
    [tl.grad, tl.hessian, lambda f: tl.jacobian(tl.grad(f)), lambda f: lambda x: tl.hvp(f)(x, np.cos(x))],
    ids=["grad", "hessian", "jacobian of grad", "hvp"],
)
def test_it_runs_through_every_transform(transform):
    f = transform(lambda x: (np.sin(x) * np.exp(x[::-1])).sum())
    compiled = tl.compile(f)
    for x in (np.linspace(0, 1, 4), np.linspace(-1, 2, 4)):
        same(compiled(x), f(x))


def test_the_text_is_what_runs_and_runs_with_numpy_alone(tmp_path):
    compiled = tl.compile(tl.grad(two_layers))
    given = arguments()
    wanted = compiled(*given)
    compiled.save(tmp_path / "step.py")
    code = (
        "import sys, numpy as np\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "class Refuse:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('tinygrad_lite', 'scipy'): raise ImportError(name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        "import step\n"
        "given = np.load(sys.argv[2], allow_pickle=True)['given'].tolist()\n"
        "found = step.two_layers(*given)\n"
        "np.savez(sys.argv[2], **found)\n"
    )
    path = tmp_path / "numbers.npz"
    holder = np.empty(3, object)
    holder[:] = given
    np.savez(path, given=holder)
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path), str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with np.load(path) as found:
        same(dict(found), wanted)


def test_a_new_signature_compiles_again_and_settings_are_part_of_it():
    f = lambda x, power=2, scale=1.0: scale * x**power
    compiled = tl.compile(f)
    x = np.arange(3.0)
    for (given, known), count in zip(
        (
            ((x,), {}),
            ((x + 1,), {}),
            ((x.astype(np.float32),), {}),
            ((x,), {"power": 3}),
            ((x,), {"power": 3}),
            ((x, 2, 0.5), {}),
            ((x, 2, 0.25), {}),
        ),
        (1, 1, 2, 3, 3, 4, 4),
        strict=True,
    ):
        wanted = scale_of(given, known)
        np.testing.assert_array_equal(compiled(*given, **known), wanted)
        assert len(compiled.signatures) == count


def scale_of(given, known):
    x, power, scale = [*given, *(2, 1.0)[len(given) - 1 :]]
    return known.get("scale", scale) * x ** known.get("power", power)


def test_so_many_signatures_are_kept():
    compiled = tl.compile(lambda x: x + 1)
    for n in range(KEPT + 5):
        compiled(np.zeros(n))
    assert len(compiled.signatures) == KEPT


def test_arguments_are_never_written_to_and_results_are_the_callers():
    f = tl.grad(lambda x: (x * x).sum())
    compiled = tl.compile(f)
    x = np.arange(3.0)
    first = compiled(x)
    second = compiled(x)
    second += 1
    third = compiled(x)
    np.testing.assert_array_equal(x, np.arange(3.0))
    np.testing.assert_array_equal(first, 2 * x)
    np.testing.assert_array_equal(third, 2 * x)
    assert not np.shares_memory(first, third)


def test_eight_threads_have_buffers_of_their_own():
    f = tl.grad(lambda x: (np.tanh(x @ x.T) ** 2).sum())
    compiled = tl.compile(f)
    r = np.random.default_rng(0)
    inputs = [r.normal(size=(40, 40)) for _ in range(8)]
    wanted = [f(x) for x in inputs]
    compiled(inputs[0])
    wrong = []

    def work(x, y):
        for _ in range(50):
            if not np.array_equal(compiled(x), y):
                wrong.append(x)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(inputs, wanted, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_thousand_calls_leave_nothing_behind():
    compiled = tl.compile(tl.value_and_grad(two_layers))
    given = arguments()
    for _ in range(3):
        compiled(*given)
    gc.collect()
    tracemalloc.start()
    try:
        compiled(*given)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(1000):
            compiled(*given)
        assert tracemalloc.get_traced_memory()[0] - before < 2000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda x: x if x[0] > 0 else -x, "a choice"),
        (lambda x: x * float(x[0]), "float"),
        (lambda x: x[x > 0].sum(), "indexing by truth values"),
        (lambda x: np.nonzero(x)[0], "nonzero"),
        (lambda x: [0 for _ in range(x[0])], "as an index"),
        (lambda x: np.asarray(x).sum(), "np.asarray"),
        (lambda x: x.tolist(), "tolist"),
    ],
)
def test_what_looks_at_numbers_is_refused_with_its_line(f, said):
    with pytest.raises(TypeError, match=said) as error:
        tl.compile(f)(np.array([1.0, 2.0]))
    assert "test_compiled.py, line" in str(error.value)


def test_source_comes_with_the_first_call():
    compiled = tl.compile(np.sin)
    with pytest.raises(ValueError, match="before the first call"):
        _ = compiled.source
    with pytest.raises(TypeError, match="takes a function"):
        tl.compile(3)


def test_a_value_that_is_written_where_it_is_returned_is_of_what_the_buffers_held():
    """The sum is taken behind return; by then the gradient has gone over the buffers of its terms."""
    f = tl.value_and_grad(lambda x: np.sum(x**2 + (1.0 - x) ** 2))
    compiled, x = tl.compile(f), np.linspace(0, 1, 5)
    for _ in range(3):
        value, gradient = compiled(x)
        assert value == f(x)[0]
        np.testing.assert_array_equal(gradient, f(x)[1])


def test_an_array_made_of_an_argument_is_a_copy_to_write_to():
    def f(c, u):
        v = tnp.array(u)
        v[0] = c[0]
        return (v * v).sum() + u[0] * c[1]

    c, u = np.ones(2), np.array([3.0, 4.0])
    compiled = tl.compile(tl.grad(f))
    for _ in range(3):
        np.testing.assert_array_equal(compiled(c, u), [2.0, 3.0])
    np.testing.assert_array_equal(u, [3.0, 4.0])


def test_the_same_function_has_the_same_source():
    def recurrence(x):
        h = np.zeros(3)
        for t in range(12):
            h = np.tanh(x[t] + 0.5 * h) * np.exp(-h)
        return (h @ h) + two_layers(*given[0:1], given[1] * h.sum(), given[2])

    given = arguments()
    texts = set()
    for _ in range(4):
        compiled = tl.compile(tl.grad(recurrence))
        compiled(np.ones((12, 3)))
        texts.add(compiled.source)
    assert len(texts) == 1


def loaded(path):
    """What a saved module has."""
    return runpy.run_path(str(path))


def test_what_is_saved_has_its_arrays_beside_it(tmp_path):
    table = np.arange(5000.0)
    f = lambda x: x * table
    compiled = tl.compile(f)
    compiled(table)
    (tmp_path / "step.npz").write_bytes(b"somebody else's")
    compiled.save(tmp_path / "step.py")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step.arrays.npz", "step.npz", "step.py"]
    np.testing.assert_array_equal(loaded(tmp_path / "step.py")["function"](table), f(table))
    assert (tmp_path / "step.npz").read_bytes() == b"somebody else's"


def test_a_list_of_numbers_is_saved(tmp_path):
    f = tl.grad(lambda x: np.sinc(x).sum())
    compiled, x = tl.compile(f), np.linspace(-1, 1, 3)
    compiled(x)
    compiled.save(tmp_path / "slope.py")
    np.testing.assert_array_equal(loaded(tmp_path / "slope.py")["function"](x), f(x))


def test_where_nothing_can_be_saved_is_said(tmp_path):
    compiled = tl.compile(np.sin)
    compiled(np.ones(3))
    with pytest.raises(ValueError, match=r"whose name ends in \.py, not '.*step'"):
        compiled.save(tmp_path / "step")
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere"):
        compiled.save(tmp_path / "nowhere" / "step.py")
    assert [*tmp_path.iterdir()] == []


def test_what_another_thread_is_compiling_is_not_written_to():
    net = tl.nn.Linear(3, 2, rng=0)
    sgd = tl.optim.SGD(net.parameters(), lr=0.1)
    said = []

    def look(x):
        try:
            net(x)
        except TypeError as error:
            said.append(str(error))

    def step(x, is_compiled):
        sgd.zero_grad()
        loss = (net(x) ** 2).sum()
        if is_compiled:
            thread = threading.Thread(target=look, args=(np.ones(3),))
            thread.start()
            thread.join()
        loss.backward()
        sgd.step()
        return loss

    compiled = tl.compile(step, state=[net, sgd])
    compiled(np.ones(3), False)
    compiled(np.ones(3), True)
    assert len(said) == 1
    assert "is being compiled is used in another thread" in said[0]


def test_keys_that_are_equal_and_not_the_same_are_told_apart():
    def f(d):
        ((key, x),) = d.items()
        return x * 2 if key is True else x

    compiled = tl.compile(f)
    x = np.arange(3.0)
    for key in (True, 1, 1.0, True):
        np.testing.assert_array_equal(compiled({key: x}), f({key: x}))
    assert len(compiled.signatures) == 3


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e200])
def test_hessians_of_lengths_and_angles_of_two_numbers(scale):
    """Their rules watch for squares that leave the range, which nothing can watch where the source is written."""
    v = scale * np.array([3.0, -4.0])
    for f in (np.arctan2, np.hypot):
        hessian = tl.hessian(lambda v, f=f: f(v[0], v[1]))
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(tl.compile(hessian)(v), hessian(v))


def test_errors_that_a_function_of_the_table_asks_for_are_asked_for_in_the_source():
    compiled = tl.compile(tl.softsign)
    compiled(np.ones(3))
    x = np.array([-np.inf, np.inf, 1.0])
    np.testing.assert_array_equal(compiled(x), tl.softsign(x))


@pytest.mark.parametrize(
    "f",
    [
        lambda x, s: np.where(np.invert(s > 0.1), x, -x),
        lambda x, s: np.add(s > 0.1, s > 0.2) * x,
        lambda x, s: np.multiply(s > 0.1, s < 0.2) * x,
        tl.grad(lambda x, s: np.where(s > 0.1, x, x[::-1]).max()),
        tl.grad(lambda x, s: np.where(s > 0.1, x, x).sum()),
    ],
)
def test_truth_values_of_pythons_are_no_numbers(f):
    compiled, x = tl.compile(f), np.arange(3.0)
    for s in (0.3, 0.05, 0.15):
        compiled(x, s)
        np.testing.assert_array_equal(compiled(x, s), f(x, s))


@pytest.mark.parametrize(
    "f", [lambda x, s: (x * s).sum(), lambda x, s: np.maximum(x, s).sum() - s, lambda x, s: (s / x).sum()]
)
def test_pythons_numbers_leave_arrays_as_narrow_as_they_are_within_transforms(f):
    both, x = tl.value_and_grad(f), np.ones(3, np.float32)
    compiled = tl.compile(both)
    compiled(x, 0.3)
    for found, wanted in zip(compiled(x, 0.3), both(x, 0.3), strict=True):
        assert found.dtype == wanted.dtype == np.float32
        np.testing.assert_array_equal(found, wanted)
    assert "float64(s)" not in compiled.source


def test_kernels_are_asked_for_by_name():
    for kernels in ("some", ["all"], None):
        with pytest.raises(ValueError, match="none of 'large', 'all' and 'none'"):
            tl.compile(np.sin, kernels=kernels)


@pytest.mark.parametrize("k", [np.int64(3), np.int8(3), np.float32(0.5), 3, True])
def test_numbers_of_numpys_within_transforms(k):
    both, x = tl.value_and_grad(lambda x, k: np.sum(x * k)), np.ones(3, np.float32)
    compiled = tl.compile(both)
    compiled(x, k)
    for found, wanted in zip(compiled(x, k), both(x, k), strict=True):
        assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
        np.testing.assert_array_equal(found, wanted)
