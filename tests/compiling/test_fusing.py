"""Chains over large arrays as kernels: the same numbers, signs and NaN as without."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
import tinygrad_lite.numpy as tnp
from tinygrad_lite.compiling.kernels import launching
from tinygrad_lite.compiling.kernels.kernel_loops import Kernel, pairwise
from tinygrad_lite.engine.trees import flatten, tree_map

from ..engine.choices import X, Y
from .test_programs import OPTIONS, Compilable, arrays_of, recorded

fusing = importlib.import_module("tinygrad_lite.compiling.improving.fusing")
rng = np.random.default_rng(3)

ROW, COLUMN = rng.normal(size=6), rng.normal(size=(4, 1))
CHAINS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "arithmetic": (lambda m: np.sum(-m * 2 + m / 3 - 1 / m), ()),
    "exponentials": (lambda m: np.sum(np.exp(m) + np.expm1(m) * np.exp2(m)), ()),
    "tanh": (lambda m: np.sum(np.tanh(m) * np.square(m)), ()),
    "sigmoid": (lambda m: np.sum(tl.sigmoid(m) * m), ()),
    "logarithms": (lambda m: np.sum(np.log(np.abs(m)) + np.log1p(np.abs(m)) + np.logaddexp(m, 1 - m)), ()),
    "roots": (lambda m: np.sum(np.sqrt(np.abs(m)) + np.reciprocal(m)), ()),
    "angles": (lambda m: np.sum(np.sin(m) * np.cos(2 * m)), ()),
    "erf": (lambda m: np.sum(tl.erf(m) * m), ()),
    "gelu": (lambda m: np.sum(tl.gelu(m)), ()),
    "softplus": (lambda m: np.sum(tl.softplus(m)), ()),
    "relu": (lambda m: np.sum(tl.relu(m) * m), ()),
    "choices": (lambda m: np.sum(np.where(m > 0, np.maximum(m, 0.5) * m, np.minimum(np.abs(m), 1.0))), ()),
    "truth": (lambda m: np.sum(np.where((m > 0) & ~(m > 1) | np.isnan(m), m**3, m**2)), ()),
    "clip": (lambda m: np.sum(np.clip(m, -1, 1) * np.sign(m)), ()),
    "powers": (lambda m: np.sum(m**2 + m**3 + m**4), ()),
    "mean": (lambda m: np.mean(np.tanh(m) * m), ()),
    "rows and columns": (lambda m, row, column: np.sum(np.tanh(m * row + column)), (ROW, COLUMN)),
    "a number": (lambda m, a: np.sum(np.tanh(m * a) * a), (0.7,)),
    "sum within": (lambda m: np.sum(np.exp(m) / np.sum(np.exp(m)) * m), ()),
    "product between": (lambda m: np.sum(np.tanh(np.exp(m) @ np.ones((6, 6)))), ()),
    "slices": (lambda m: np.sum(np.tanh(m[1:, 1:-1] * m[:-1, 2:] + m[1:, ::2][:, :1]) * m[1:, :-2]), ()),
    "turned": (lambda m: np.sum(np.sin(m[:, ::-1] * m[::-1])), ()),
    "spread": (lambda m, row: np.sum(np.tanh(m[:, None, :] * m.T[None, :, :1] - row) ** 2 * m[:, :, None]), (ROW,)),
    "backwards": (lambda m: np.sum(np.exp(m.reshape(-1)[::-1] * m.reshape(-1))), ()),
    "loss": (lambda m, row: tl.nn.functional.mse_loss(np.tanh(m), m * row), (ROW,)),
}


def at(count: int, dtype: Any = np.float64) -> np.ndarray:
    return np.random.default_rng(5).uniform(-2, 2, (count, 6)).astype(dtype)


def kernels(compiled: Any) -> list[Kernel]:
    return [o.function for o in compiled.latest.program.operations if isinstance(o.function, Kernel)]


def assert_same(name: str, m: Any, rtol: float) -> Any:
    """The compiled gradients, with the value, of a chain are those that are not compiled; the compiled function."""
    f, more = CHAINS[name]
    more = tuple([x.astype(m.dtype) if isinstance(x, np.ndarray) else x for x in more])
    if len(more) == 2:
        more = more[0], np.resize(more[1], (len(m), 1))
    both = tl.value_and_grad(f, tuple(range(1 + len(more))))
    compiled = tl.compile(both)
    compiled(m, *more)
    with np.errstate(all="ignore"):
        got, expected = compiled(m, *more), both(m, *more)
    for a, b in zip((got[0], *got[1]), (expected[0], *expected[1]), strict=True):
        assert (type(a), a.dtype, a.shape) == (type(b), b.dtype, b.shape)
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * np.max(np.abs(b)))
    assert kernels(compiled)
    return compiled


@pytest.mark.usefixtures("by_python")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", list(CHAINS))
def test_chains_give_the_same(name: str, dtype: Any) -> None:
    assert_same(name, at(4, dtype), 40 * np.finfo(dtype).eps)


@pytest.mark.long
@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", list(CHAINS))
def test_machine_code_gives_the_same(name: str, dtype: Any) -> None:
    assert_same(name, at(6000, dtype), 200 * np.finfo(dtype).eps)


@pytest.mark.usefixtures("by_python")
def test_a_chain_is_one_kernel_with_its_sum() -> None:
    for name in ("tanh", "sigmoid", "relu", "choices", "truth", "mean", "erf", "gelu", "softplus"):
        compiled = assert_same(name, at(4), 1e-14)
        assert len(kernels(compiled)) == 1, name
        assert {o.function for o in compiled.latest.program.operations} == {np.empty, *kernels(compiled)}, name


@pytest.mark.usefixtures("by_python")
def test_what_nobody_needs_is_not_written() -> None:
    compiled = assert_same("tanh", at(4), 1e-14)
    (kernel,) = kernels(compiled)
    assert len(kernel.updates) == len(kernel.sums) == 1
    assert not kernel.arrays


@pytest.mark.usefixtures("by_python")
def test_a_sum_is_there_before_what_needs_it() -> None:
    compiled = assert_same("sum within", at(4), 1e-14)
    assert len(kernels(compiled)) == 3


@pytest.mark.usefixtures("by_python")
def test_special_values() -> None:
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 1e308, -1e308, 1.0] * 3)
    functions: list[Callable[[Any], Any]] = [
        lambda x: np.tanh(x) * 1,
        lambda x: np.exp(-x) * 1,
        lambda x: np.log(x) * 1,
        lambda x: np.log1p(x) * 1,
        lambda x: np.sqrt(x) * 1,
        lambda x: tl.sigmoid(x) * 1,
        lambda x: tl.erf(x) * 1,
        lambda x: np.maximum(x, 1) * 1,
        lambda x: np.minimum(x, np.nan) * 1,
        lambda x: np.fmax(x, np.nan) * 1,
        lambda x: np.sign(x) * 1,
        lambda x: np.abs(x) * 1,
        lambda x: np.where(x > 0, 1 / x, -x) * 1,
        lambda x: np.expm1(x) * 1,
    ]
    for k, f in enumerate(functions):
        with np.errstate(all="ignore"):
            compiled = tl.compile(f)
            compiled(x)
            got, expected = compiled(x), f(x)
        np.testing.assert_allclose(got, expected, rtol=1e-15, err_msg=str(k))
        np.testing.assert_array_equal(np.signbit(got[~np.isnan(got)]), np.signbit(expected[~np.isnan(got)]), str(k))
        assert kernels(compiled)


@pytest.mark.usefixtures("by_python")
def test_slopes_are_those_of_the_table() -> None:
    """Where 1 − tanh² and σ (1 − σ) as books write them have lost all digits."""
    x = np.array([-700.0, -300.0, -30.0, -5.0, -1e-9, 0.3, 8.0, 20.0, 300.0, 360.0])
    for f in (np.tanh, tl.sigmoid, tl.erf, lambda x: np.sqrt(x * x) * 1):
        slope = tl.grad(lambda x, f=f: np.sum(f(x)))
        compiled = tl.compile(slope)
        compiled(x)
        with np.errstate(all="ignore"):
            np.testing.assert_array_max_ulp(compiled(x), slope(x), 12)


@pytest.mark.usefixtures("by_python")
def test_writes_between_are_seen() -> None:
    def f(x: Any) -> Any:
        y = np.tanh(x) * 2
        x[0] = 5.0
        return y + np.exp(x) * x

    compiled = tl.compile(f)
    for _ in range(2):
        a, b = at(3), at(3)
        np.testing.assert_allclose(compiled(a), f(b), rtol=1e-14)


@pytest.mark.usefixtures("by_python")
def test_means_of_numbers_whose_sum_is_too_large() -> None:
    x = np.full(30, 1e308)
    compiled = tl.compile(lambda x: tl.mean(x * 1.5))
    compiled(x)
    with np.errstate(over="ignore"):  # of Python's additions, which Numba's do not tell
        assert compiled(x) == pytest.approx(1.5e308, rel=1e-15)
    assert np.isnan(compiled(np.full(30, np.nan)))
    assert np.isinf(compiled(np.full(30, np.inf)))


@pytest.mark.usefixtures("by_python")
def test_products_are_not_rounded_with_sums() -> None:
    """What cancels exactly in NumPy cancels here."""
    compiled = tl.compile(lambda x, y: x * y - y * x)
    x, y = at(4), at(4) + 1 / 3
    compiled(x, y)
    np.testing.assert_array_equal(compiled(x, y), 0)


def test_sums_in_pairs() -> None:
    laid = np.random.default_rng(0).normal(size=1024)
    exact = np.sum(laid[:700].astype(np.longdouble))
    assert pairwise(laid.copy(), 700) == pytest.approx(float(exact), rel=1e-14)
    assert np.signbit(pairwise(np.full(1024, -0.0), 3))


def test_nothing_is_fused_without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fusing, "has_numba", lambda: False)
    compiled = tl.compile(lambda x: np.tanh(np.exp(x)))
    x = at(6000)
    np.testing.assert_array_equal(compiled(x), np.tanh(np.exp(x)))
    assert not kernels(compiled)
    assert "numba" not in compiled.source


def test_small_arrays_are_left_to_numpy() -> None:
    compiled = tl.compile(lambda x: np.tanh(np.exp(x)))
    compiled(at(100))
    assert not kernels(compiled)


def test_a_text_with_kernels_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "has_numba", lambda: False)
    with pytest.raises(ImportError, match=r"pip install 'tinygrad-lite\[fast\]'"):
        launching.loaded("@numba.njit\ndef f(): pass")


def test_no_home_to_write_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("TINYGRAD_LITE_CACHE", str(file / "below"))
    assert launching.kept_file("x = 1") is None
    monkeypatch.setenv("TINYGRAD_LITE_CACHE", str(tmp_path / "own"))
    path = launching.kept_file("x = 1")
    assert path is not None
    assert Path(path).read_text() == "x = 1"
    assert launching.kept_file("x = 1") == path


def test_sums_do_not_depend_on_the_number_of_threads(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import numba

    compiled = tl.compile(tl.value_and_grad(lambda x: np.sum(np.exp(x) * x)))
    x = np.random.default_rng(1).normal(size=200_001)
    compiled(x)
    found = []
    for count in (1, 2, 3):
        monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", count)
        found.append(compiled(x))
    assert found[0][0] == found[1][0] == found[2][0]
    np.testing.assert_array_equal(found[0][1], found[2][1])
    exact = np.sum((np.exp(x) * x).astype(np.longdouble))
    assert abs(found[0][0] - float(exact)) <= 2e-15 * np.sum(np.abs(np.exp(x) * x))
    assert [*cache.glob("*.py")]
    assert [*cache.glob("__pycache__/*.nbc")]


@pytest.mark.long
@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_angles_beyond_the_bound(dtype: Any) -> None:
    x = np.random.default_rng(1).normal(size=100_000).astype(dtype)
    x[[5, 70_000]], x[3000] = 1e10, np.inf
    compiled = tl.compile(lambda x: np.sin(x) * np.cos(x))
    with np.errstate(invalid="ignore"):
        compiled(x)
        np.testing.assert_allclose(compiled(x), np.sin(x) * np.cos(x), rtol=10 * np.finfo(dtype).eps)


@pytest.mark.long
@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_machine_code_uses_vectors(dtype: Any) -> None:
    """On processors that have them, no loop calls a function or computes number by number."""
    compiled = tl.compile(lambda x: np.tanh(x) + np.exp(x) + np.log(np.abs(x)) + np.sin(x) + tl.erf(x))
    x = np.ones(40_000, dtype)
    compiled(x)
    compiled(x)
    (kernel,) = kernels(compiled)
    namespace = vars(sys.modules[compiled.latest.make.__module__])
    (text,) = namespace[f"{kernel.__name__}_blocks"].inspect_asm().values()
    if "ymm" not in text:
        pytest.skip("a processor without AVX")
    assert text.count("ymm") + text.count("zmm") > 200
    assert not any(name in text for name in ("callq\texp", "callq\tlog", "callq\tsin", "callq\ttanh"))


@pytest.mark.long
@pytest.mark.usefixtures("cache")
def test_saved_source_runs_alone(tmp_path: Path) -> None:
    compiled = tl.compile(lambda x: np.mean(np.sin(x) * np.exp(x)))
    x = np.linspace(0, 3, 50_000)
    compiled(x)
    compiled.save(tmp_path / "saved.py")
    code = "import numpy as np, saved; print(float(saved.make()(np.linspace(0, 3, 50_000))))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": str(tmp_path)}, timeout=120)  # fmt: skip
    assert float(done.stdout) == compiled(x)


WRITES: dict[str, Callable[..., Any]] = {
    "again and again": lambda x, y: written_over(x, lambda z: (np.add(z, y, out=z), np.multiply(z, z, out=z))),
    "read before": lambda x, y: written_over(x, lambda z: (z.sum(), np.subtract(z, y, out=z))[0] * z),
    "a copy between": lambda x, y: written_over(x, lambda z: (z.copy(), np.subtract(z, y, out=z))[0] * z),
    "rows of itself": lambda x, y: written_over(x, lambda z: np.add(z, z[0], out=z) * y),
    "turned": lambda x, y: written_over(x, lambda z: (np.multiply(z, y, out=z), z.T @ z)[1]),
    "a part": lambda x, y: written_over(x, lambda z: (np.multiply(z, y, out=z), np.add(z[1:], 1.0, out=z[1:]))[1]),
    "flat": lambda x, y: written_over(x, lambda z: np.add(z.reshape(-1), y.reshape(-1), out=z.reshape(-1))),
    "two arrays": lambda x, y: written_over(
        x, lambda z: written_over(y, lambda w: (np.add(z, w, out=z), np.add(z, w, out=w), np.add(w, z, out=z)))
    ),
    "another dtype": lambda x, y: written_over(x, lambda z: np.add(z, y.astype(np.float32), out=z)),
    "beyond a bound": lambda x, y: written_over(x * 1e6, lambda z: (np.sin(z, out=z), np.multiply(z, 3e5, out=z))),
    "a bound before": lambda x, y: written_over(x, lambda z: (np.sin(y * 1e6), np.add(z, y, out=z))[0] * z),
    "a bound behind": lambda x, y: written_over(x, lambda z: np.cos(np.add(z, y, out=z) * 1e6)),
    "a mean that overflows": lambda x, y: written_over(x, lambda z: tl.mean(np.multiply(z, 5e307, out=z) + y)),
    "a mean before": lambda x, y: written_over(x, lambda z: (tl.mean(z * 5e307 + y), np.multiply(z, 3.0, out=z))[0]),
    "scratch": lambda x, y: written_over(x * 0, lambda s: (np.exp(y, out=s), np.add(s, x, out=s), x * 2)[2]),
}


def written_over(x, change):
    """A copy of x after a change of it, and what that gives."""
    z = np.copy(x)
    found = change(z)
    return z, found


@pytest.mark.usefixtures("by_python")
@pytest.mark.parametrize("kind", list(WRITES))
@pytest.mark.parametrize("donate", [(), (0, 1)])
def test_what_is_written_over_is_an_entry_of_the_chain(kind: str, donate: tuple[int, ...]) -> None:
    f = WRITES[kind]
    compiled = tl.compile(f, donate_argnums=donate)
    for seed in range(3):
        x, y = np.random.default_rng(seed).uniform(0.5, 2, (2, 4, 4))
        with np.errstate(over="ignore"):  # of which machine code does not warn
            found, wanted = compiled(x.copy(), y.copy()), f(x.copy(), y.copy())
        for a, b in zip(flatten(found)[0], flatten(wanted)[0], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-14)


@pytest.mark.usefixtures("by_python")
@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "rmsprop", "adagrad"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_step_of_an_optimizer_is_one_kernel_for_each_parameter(name: str, dtype: Any) -> None:
    def trained(compile: bool) -> tuple[list[np.ndarray], Any]:
        rng = np.random.default_rng(0)
        params = [tl.tensor(rng.normal(size=shape).astype(dtype), requires_grad=True) for shape in [(6, 5), (7,)]]
        options = {"momentum": 0.9} if name == "sgd" else {}
        optimizer = tl.optim.BY_NAME[name](params, lr=0.1, weight_decay=0.01, **options)

        def update(gradients: list[np.ndarray]) -> None:
            for p, g in zip(params, gradients, strict=True):
                p.grad = g
            optimizer.step()

        step: Any = tl.compile(update, state=[optimizer]) if compile else update
        for _ in range(5):
            step([rng.normal(size=p.shape).astype(dtype) for p in params])
        return [p.data for p in params], step

    found, step = trained(True)
    for a, b in zip(found, trained(False)[0], strict=True):
        np.testing.assert_allclose(a, b, atol=20 * np.finfo(dtype).eps * np.max(np.abs(b)))
    assert sum(bool(kernel.updates) for kernel in kernels(step)) == len(kernels(step)) == 2


@pytest.mark.usefixtures("by_python")
@pytest.mark.parametrize("seed", range(40))
def test_random_programs_with_kernels_of_any_size(seed: int) -> None:
    rng = np.random.default_rng(seed)
    program = Compilable(lambda n: int(rng.integers(n)), int(rng.integers(2, 10)))
    values: Any = recorded(program, arrays_of(program), tnp, np.float64)
    function = values
    if seed % 2:
        function = tl.value_and_grad(lambda x, y: sum([np.sin(v).sum() for v in values(x, y)]), (0, 1))
    compiled = tl.compile(function, **OPTIONS[seed % len(OPTIONS)])
    with warnings.catch_warnings(), np.errstate(all="ignore"), suppress(TypeError):
        warnings.simplefilter("ignore")
        for shift in (0.0, 0.125, -0.25):
            x, y = X + shift, Y * (1 + shift)
            wanted = tree_map(lambda v: v.data if type(v) is tl.Tensor else v, function(x, y))
            for a, b in zip(flatten(compiled(x.copy(), y.copy()))[0], flatten(wanted)[0], strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def of_windows(seed: int) -> tuple[Callable[..., Any], list[np.ndarray]]:
    """A random program that reads and writes parts of three arrays, and those."""
    draw = np.random.default_rng(seed)
    axes, length = int(draw.integers(1, 4)), 5

    def window() -> tuple[slice, ...]:
        starts = draw.integers(0, 3, axes)
        return tuple([slice(k, k + length - 2) if draw.random() < 0.8 else slice(k - 5, k - 2 or None) for k in starts])

    plan = [(*draw.integers(0, 8, 1), *draw.integers(0, 3, 2), window(), window(), window()) for _ in range(10)]

    def program(*given: Any) -> Any:
        arrays = [tnp.array(x) for x in given]
        total = 0.0
        for kind, i, j, first, second, third in plan:
            if kind == 0:
                arrays[i][first] = np.sin(arrays[j][second]) * arrays[i][third]
            elif kind == 1:
                arrays[i][first] += 0.5 * arrays[j][second] - arrays[i][first]
            elif kind == 2:
                arrays[i][first] = 0.25
            elif kind == 3:
                arrays[i] = arrays[i] * arrays[j] + 1.0
            elif kind == 4:
                arrays[i][first] *= np.cos(arrays[i][second])
            elif kind == 5:
                np.multiply(arrays[i], 0.5, out=arrays[i])
                arrays[j] = np.copy(np.add(arrays[i], arrays[j], out=arrays[i]))
            elif kind == 6:
                arrays[j] = np.copy(arrays[i])
                arrays[j][first] -= 0.3 * arrays[i][second]
            else:
                total = total + np.sum(arrays[j][first] * arrays[i][second])
        return total + sum([np.sum(np.sin(x)) for x in (*arrays, *given)])

    return program, [draw.normal(size=(length,) * axes) for _ in range(3)]


@pytest.mark.usefixtures("by_python")
@pytest.mark.parametrize("seed", range(60))
def test_parts_of_arrays_are_read_and_written_where_they_are(seed: int) -> None:
    program, arrays = of_windows(seed)
    for function in (program, tl.value_and_grad(program, (0, 1, 2))):
        compiled = tl.compile(function)
        for scale in (1.0, 0.5):
            given = [scale * x for x in arrays]
            for a, b in zip(flatten(compiled(*given))[0], flatten(function(*given))[0], strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.usefixtures("by_python")
def test_what_is_written_to_in_place_is_read_after_what_was_written_before() -> None:
    def program(x: Any, y: Any, z: Any) -> Any:
        x, y, z = [tnp.array(v) for v in (x, y, z)]
        changed = np.copy(y)
        changed[1:4] -= 0.6 * y[:3]
        np.multiply(z, 0.5, out=z)
        total = np.add(z, changed, out=z) * 1.0
        return total[1:], changed.T, x

    arrays = [rng.normal(size=5) for _ in range(3)]
    compiled = tl.compile(program)
    compiled(*arrays)
    for a, b in zip(compiled(*arrays), program(*arrays), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.usefixtures("by_python")
def test_means_by_kernels_and_by_numpy_stand_side_by_side() -> None:
    def both(m: Any) -> Any:
        return np.mean(np.tanh(m) * m) + np.sum(np.mean(m @ m.T, axis=1) ** 2)

    m = at(4)
    compiled = tl.compile(both)
    compiled(m)
    np.testing.assert_allclose(compiled(m), both(m), rtol=1e-14)


@pytest.mark.usefixtures("by_python")
def test_a_step_of_a_wave_is_one_kernel() -> None:
    def step(before: Any, u: Any) -> Any:
        before = tnp.array(before)
        before[1:-1, 1:-1] = 2.0 * u[1:-1, 1:-1] - before[1:-1, 1:-1] + 0.1 * (u[2:, 1:-1] + u[:-2, 1:-1])
        return before

    before, u = rng.normal(size=(2, 7, 6))
    compiled = tl.compile(step)
    compiled(before, u)
    np.testing.assert_array_equal(compiled(before, u), step(before, u))
    (kernel,) = kernels(compiled)
    assert [operand.layout for operand in kernel.operands].count("window") == 4
    assert set(kernel.updates) <= {operand.name for operand in kernel.operands}


@pytest.mark.parametrize("size", [1, 2**15])
@pytest.mark.usefixtures("by_python")
def test_views_of_views_of_what_a_chain_makes(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where arrays are too small for the chain to become a kernel."""
    monkeypatch.setattr(launching, "LARGE", size)
    monkeypatch.setitem(launching.KERNELS, "large", launching.Least(size, 1))
    x = at(4)
    for f in (
        lambda x: np.exp(x).reshape(-1).reshape(6, 4),
        lambda x: np.exp(x).ravel() + 1,
        lambda x: np.sin(np.exp(x).reshape(-1).reshape(3, 8)),
        lambda x: np.exp(x).reshape(2, 12).reshape(2, 3, 4).transpose(0, 2, 1) * 2,
    ):
        compiled = tl.compile(f)
        compiled(x)
        np.testing.assert_allclose(compiled(x), f(x), rtol=1e-14)
