"""Chains whose lines are summed up on the way, as kernels: the same numbers, signs and NaN as without."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.compiling.improving import line_chains, lining
from tinygrad_lite.compiling.kernels import line_folds, line_kernels
from tinygrad_lite.compiling.kernels.laying import lay_spread
from tinygrad_lite.compiling.kernels.line_kernels import LineKernel
from tinygrad_lite.engine.trees import flatten

COUNT = 13


def softmax(z: Any) -> Any:
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def normalized(x: Any) -> Any:
    d = x - np.sum(x, axis=1, keepdims=True) / x.shape[1]
    return d / np.sqrt(np.sum(d * d, axis=1, keepdims=True) + 1e-5)


def mixture(x: Any, means: Any, a: Any) -> Any:
    terms = a - np.sum((x[:, None, :] - means) ** 2, axis=2)
    highest = np.max(terms, axis=1, keepdims=True)
    return np.sum(highest[:, 0] + np.log(np.sum(np.exp(terms - highest), axis=1)))


def given(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    draw = np.random.default_rng(7)
    return [draw.normal(size=shape) for shape in shapes]


LOSSES: dict[str, tuple[Callable[..., Any], list[np.ndarray]]] = {
    "softmax": (lambda z, t: -np.sum(t * np.log(softmax(z))), given((COUNT, 5), (COUNT, 5))),
    "logsumexp": (lambda z: np.sum(tl.logsumexp(z, axis=1) ** 2), given((COUNT, 5))),
    "normalized": (lambda x, w, b: np.sum(np.tanh(normalized(x) * w + b)), given((COUNT, 4), (4,), (4,))),
    "layer norm": (lambda x, w, b: np.sum(tl.nn.functional.layer_norm(x, 4, w, b) ** 3), given((COUNT, 4), (4,), (4,))),
    "mixture": (mixture, given((COUNT, 3), (4, 3), (4,))),
    "minimum": (lambda x: np.sum((x - np.min(x, axis=1, keepdims=True)) ** 3), given((COUNT, 6))),
    "sums of matrices": (lambda x: np.sum(np.exp(np.sum(np.sin(x), axis=(1, 2))) * x[:, 0, 0]), given((COUNT, 2, 3))),
    "sums of sums": (lambda x: np.sum(np.tanh(np.sum(np.sum(x * x, axis=2) * 0.1, axis=1)) ** 2), given((COUNT, 2, 3))),
    "sums over lines": (lambda x: np.sum(np.sum(softmax(x) * x, axis=0) ** 2), given((COUNT, 3))),
    "turned": (lambda x, y: np.sum(softmax(x) * y.T), given((COUNT, 5), (5, COUNT))),
    "a product behind": (lambda x, w: np.sum(np.tanh(softmax(x) @ w)), given((COUNT, 3), (3, 4))),
    "a step": (lambda x: np.sum(softmax(x[::2]) ** 2), given((2 * COUNT, 3))),
    "several first axes": (
        lambda x, w: np.sum(softmax(x * w) * x, axis=(0, 1))[0] + np.mean(normalized(np.max(x, axis=2)) ** 3),
        given((COUNT, 7, 800), (800,)),
    ),
    "attention": (lambda q, k: np.sum(softmax(q @ np.swapaxes(k, 1, 2)) ** 2), given((3, 80, 4), (3, 80, 4))),
    "means by method": (lambda x: np.sum((x - x.mean(axis=1, keepdims=True)) ** 3), given((COUNT, 5))),
    "long lines": (lambda x: np.sum(softmax(x) ** 2), given((3, 300))),
}


def line_kernels_of(compiled: Any) -> list[LineKernel]:
    return [o.function for o in compiled.latest.program.operations if type(o.function) is LineKernel]


def assert_same(f: Callable[..., Any], arrays: list[np.ndarray], rtol: float) -> Any:
    """Twice the same as eagerly; the compiled function."""
    compiled = tl.compile(f)
    with np.errstate(all="ignore"):
        for scale in (1.0, -0.5):
            own = [(scale * x).astype(x.dtype) for x in arrays]
            for a, b in zip(flatten(compiled(*own))[0], flatten(f(*own))[0], strict=True):
                assert (np.shape(a), np.asarray(a).dtype) == (np.shape(b), np.asarray(b).dtype)
                np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * np.max(np.abs(b), initial=1.0))
    return compiled


@pytest.mark.usefixtures("by_python")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("block", [4, 1024])
@pytest.mark.parametrize("name", list(LOSSES))
def test_losses_give_the_same(name: str, block: int, dtype: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_kernels, "BLOCK", block)
    loss, arrays = LOSSES[name]
    both = tl.value_and_grad(loss, tuple(range(len(arrays))))
    compiled = assert_same(both, [x.astype(dtype) for x in arrays], 100 * np.finfo(dtype).eps)
    assert line_kernels_of(compiled)


@pytest.mark.long
@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", list(LOSSES))
def test_machine_code_gives_the_same(name: str, dtype: Any) -> None:
    loss, arrays = LOSSES[name]
    lines = 40 if name == "long lines" else 1000
    large = [
        np.repeat(x, lines, list(x.shape).index(len(arrays[0]))) if len(arrays[0]) in x.shape else x for x in arrays
    ]
    draw = np.random.default_rng(1)
    large = [draw.normal(size=x.shape).astype(dtype) for x in large]
    both = tl.value_and_grad(loss, tuple(range(len(arrays))))
    assert line_kernels_of(assert_same(both, large, 10_000 * np.finfo(dtype).eps))


@pytest.mark.usefixtures("by_python")
def test_softmax_with_its_gradient_is_one_kernel() -> None:
    loss, arrays = LOSSES["softmax"]
    compiled = assert_same(tl.value_and_grad(loss), arrays, 1e-14)
    assert len(line_kernels_of(compiled)) == 1
    assert {o.function for o in compiled.latest.program.operations} <= {
        np.empty,
        np.negative,
        *line_kernels_of(compiled),
    }


@pytest.mark.usefixtures("by_python")
def test_what_a_block_leaves_takes_the_place_of_what_it_needs_no_longer() -> None:
    def chained(x: Any) -> Any:
        for _ in range(20):
            x = x - np.max(x, axis=1, keepdims=True)
        return np.sum(x, axis=1)

    (kernel,) = line_kernels_of(assert_same(chained, given((COUNT, 4)), 1e-14))
    assert len(kernel.stages) > 40
    assert len(kernel.places[1]) <= 6


@pytest.mark.usefixtures("by_python")
def test_not_a_number_and_infinity() -> None:
    x = given((COUNT, 4))[0]
    x[1, 2], x[2, 0], x[3], x[4, 1] = np.nan, np.inf, -np.inf, -np.inf

    def found(x: Any) -> Any:
        highest, lowest = np.max(x, axis=1, keepdims=True), np.min(x, axis=1, keepdims=True)
        return highest + 0 * x, lowest - x, np.sum(x * 2, axis=1), np.sum(np.exp(x), axis=1)

    compiled = tl.compile(found)
    with np.errstate(all="ignore"):
        compiled(x)
        for a, b in zip(compiled(x), found(x), strict=True):
            np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
            np.testing.assert_allclose(a, b, rtol=1e-15)


@pytest.mark.usefixtures("by_python")
def test_what_is_written_over_between() -> None:
    def program(x: Any) -> Any:
        y = x * 2.0
        y += np.sum(y, axis=1, keepdims=True)
        z = np.max(y, axis=1)
        y[:, 0] = z
        y *= 3.0
        x -= y
        return y - np.sum(y, axis=1, keepdims=True), np.sum(x * z[:, None], axis=0)

    for donate in ((), (0,)):
        compiled = tl.compile(program, donate_argnums=donate)
        for _ in range(2):
            x = given((COUNT, 4))[0]
            for a, b in zip(compiled(x.copy()), program(x.copy()), strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-14)


@pytest.mark.usefixtures("by_python")
def test_operands_of_all_forms() -> None:
    """What is the same for all lines, what is one entry of each, what is not in order, and numbers."""
    x, line, entry, matrix, turned, number = given((COUNT, 2, 3), (3,), (COUNT, 1, 1), (2, 1), (3, 2, COUNT), ())

    def found(*operands: Any) -> Any:
        x, line, entry, matrix, turned, number = operands
        y = np.sum(x * line + entry, axis=2, keepdims=True) * matrix - turned.T * number
        return np.max(y, axis=(1, 2)) + entry[:, 0, 0], (x > line).astype(float)

    compiled = assert_same(found, [x, line, entry, matrix, turned, number], 1e-14)
    assert line_kernels_of(compiled)


def random_program(seed: int) -> tuple[Callable[..., Any], list[np.ndarray]]:
    """A program of steps on lines drawn at random, and its arrays."""
    draw = np.random.default_rng(seed)
    dtype = [np.float64, np.float32][int(draw.integers(2))]
    rows, columns = int(draw.integers(1, 6)), int(draw.integers(1, 5))
    shapes = [(COUNT, rows, columns), (COUNT, rows), (rows, columns), (columns,), (COUNT,)]
    arrays = [draw.normal(size=shape).astype(dtype) for shape in shapes]
    plan = [tuple(draw.integers(0, 1000, 4)) for _ in range(int(draw.integers(3, 14)))]

    def step(kind: int, p: Any, q: Any, k: int) -> Any:
        axes = tuple(range(1, p.ndim)) or None
        if kind == 0:
            y = np.copy(p) if k % 2 else p * 1.0
            y += q if q.shape == y.shape else 0.5
            return y
        steps: list[Callable[[], Any]] = [
            lambda: p * q,
            lambda: p - q,
            lambda: np.maximum(p, q),
            lambda: np.where(p > q, p * 0.5, q),
            lambda: np.tanh(p),
            lambda: np.exp(-p * p),
            lambda: np.sum(p, axis=-1, keepdims=bool(k % 2)),
            lambda: np.max(p, axis=-1, keepdims=True),
            lambda: np.min(p, axis=-1, keepdims=True),
            lambda: np.sum(p, axis=0),
            lambda: p.reshape(p.shape[0], -1),
            lambda: p[..., None] if p.ndim < 3 else p[:, 0],
            lambda: p - np.mean(p, axis=-1, keepdims=True),
            lambda: np.sum(p, axis=axes),
            lambda: p.T if k % 2 else p[::-1],
        ]
        return steps[kind - 1]()

    def program(*given: Any) -> Any:
        x, z, w, u, r = given
        pool = [x, z[:, :, None], w, u, r[:, None, None], r, z]
        for kind, i, j, k in plan:
            try:
                y = step(kind % 16, pool[i % len(pool)], pool[j % len(pool)], k)
            except ValueError:  # shapes that do not go together
                continue
            if y.size < 2000:
                pool.append(y)
        return sum([np.sum(0.3 * v) for v in pool[7:]], np.sum(x)), pool[-1]

    return program, arrays


@pytest.mark.usefixtures("by_python")
@pytest.mark.parametrize("seed", range(60))
def test_random_programs_on_lines(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_kernels, "BLOCK", [1, 8, 40, 1024][seed % 4])
    for module in (line_chains, lining):  # so few that lines are counted along two axes
        monkeypatch.setattr(module, "MOST_ENTRIES", [4096, 3, 1][seed % 3])
    program, arrays = random_program(seed)
    rtol = 1e-10 if arrays[0].dtype == np.float64 else 1e-3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # results that do not depend on some arguments
        assert_same(program, arrays, rtol)
        assert_same(tl.value_and_grad(lambda *given: program(*given)[0], (0, 1, 2, 3, 4)), arrays, rtol)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("length", [1, 3, 4, 7, 8, 9, 31, 128, 129, 1000])
def test_folds_are_those_of_numpy(length: int, dtype: Any) -> None:
    x = np.random.default_rng(length).normal(size=(5, length)).astype(dtype)
    y = np.empty(5, dtype)
    for fold, reduce in [
        (line_folds.fold_sum, np.add.reduce),
        (line_folds.fold_maximum, np.maximum.reduce),
        (line_folds.fold_minimum, np.minimum.reduce),
    ]:
        fold(x.reshape(-1), y, 5, length)
        np.testing.assert_array_equal(y, reduce(x, axis=1))
    line_folds.fold_mean(x.reshape(-1), y, 5, length)
    np.testing.assert_array_equal(y, np.mean(x, axis=1))
    with np.errstate(over="ignore"):  # of which machine code does not warn
        line_folds.fold_mean(np.full(5 * length, np.finfo(dtype).max), y, 5, length)
    np.testing.assert_allclose(y, np.finfo(dtype).max, rtol=2 * np.finfo(dtype).eps)
    line_folds.fold_count((x > 0).reshape(-1), y, 5, length)
    np.testing.assert_array_equal(y, np.sum(x > 0, axis=1))


@pytest.mark.parametrize(
    ("own", "tail"),
    [((1, 4), (3, 4)), ((3, 1), (3, 4)), ((1, 2, 3), (4, 2, 3)), ((2, 1, 1), (2, 4, 3)), ((1, 1), (2, 2))],
)
def test_spread(own: tuple[int, ...], tail: tuple[int, ...]) -> None:
    source = np.arange(6.0 * np.prod(own)).reshape(6, *own)
    steps = line_chains.spread(own, tail)
    assert steps is not None
    laid = np.empty(6 * int(np.prod(tail)))
    lay_spread(source.reshape(-1), laid, 6, int(np.prod(own)), *steps)
    np.testing.assert_array_equal(laid.reshape(6, *tail), np.broadcast_to(source, (6, *tail)))
    assert line_chains.spread((2, 1, 2, 1), (2, 3, 2, 3)) is None


def test_small_arrays_are_left_to_numpy() -> None:
    loss, arrays = LOSSES["softmax"]
    assert not line_kernels_of(assert_same(tl.value_and_grad(loss), arrays, 1e-14))


@pytest.mark.usefixtures("by_python")
def test_the_text_is_the_same_in_every_run() -> None:
    """By it machine code is found on disk."""
    texts = set()
    for _ in range(9):
        compiled = tl.compile(lambda x: [np.sum(x * k, axis=1) + k for k in range(9)])
        compiled(np.ones((COUNT, 4)))
        texts.add(compiled.source)
    assert len(texts) == 1


@pytest.mark.usefixtures("by_python")
def test_functions_of_primitives_have_names_of_their_own_beside_folds() -> None:
    def loss(x: Any) -> Any:
        p = tl.softmax(x, axis=-1)
        return np.sum(p * np.sum(x * x, axis=-1, keepdims=True) * p)

    assert_same(tl.value_and_grad(loss), given((COUNT, 4)), 1e-12)
