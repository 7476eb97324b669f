"""Random programs with Tensors and with NumPy: every value after every statement, and derivatives at the end.

Derivatives are compared with the complex step f′(x) v = Im f(x + ihv) / h, which is exact to rounding, and where a
program does what complex numbers cannot, with central differences.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
import tinygrad_lite.numpy as tnp

from .choices import X, Y, run
from .programs import Program

NUMBERS = np.random.default_rng(5)
DIRECTION = (NUMBERS.uniform(0.5, 1.5, X.shape), NUMBERS.uniform(-1.5, -0.5, Y.shape))
WEIGHTS = NUMBERS.uniform(0.5, 1.5, 64)
STEP = 1e-30


class State:
    """Every array of a NumPy run after a statement, and what the statement raised."""

    def __init__(self, arrays: dict[str, Any], raised: Exception | None) -> None:
        self.raised = raised
        self.arrays = {n: (v.copy(), is_read_only(v)) for n, v in arrays.items() if is_array(v)}


def is_array(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic)) or type(x) is tl.Tensor


def is_read_only(x: Any) -> bool:
    return isinstance(x, np.ndarray) and not x.flags.writeable


class Differential:
    """A program, run by NumPy, and as a function whose one number depends on all of its arrays."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.states: list[State] = []
        arrays = {"np": np, "x": X.copy(), "y": Y.copy(), "single": np.float32}
        last = run(program.codes, arrays, lambda k, now, raised: self.states.append(State(now, raised)))
        self.names = sorted(n for n, v in last.items() if is_array(v) and v.dtype.kind == "f")
        self.tolerance = 2e-4 if program.uses_single else 1e-9

    def total(self, arrays: dict[str, Any]) -> Any:
        """A number to differentiate."""
        parts = []
        for n in self.names:
            value = arrays[n]
            parts.append((value * WEIGHTS[: value.size].reshape(value.shape)).sum())
        return sum(parts[1:], start=parts[0])

    def recorded(self, x: Any, y: Any, after: Callable[..., None] | None = None) -> Any:
        """The program with Tensors."""
        arrays = {"np": tnp, "x": x, "y": y, "single": np.float32}
        return self.total(run(self.program.codes, arrays, after))

    def real(self, t: float) -> Any:
        """The program at a point of the line through (X, Y), in double precision."""
        x, y = (p + t * v for p, v in zip((X, Y), DIRECTION, strict=True))
        return self.total(self.same_way({"np": np, "x": x, "y": y, "single": np.float64}))

    def same_way(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """Run the program; raises where a statement raises that did not in NumPy's run, or the other way round."""

        def after(k: int, _: Any, raised: Exception | None) -> None:
            if (raised is None) != (self.states[k].raised is None):
                raise OtherProgram

        return run(self.program.codes, arrays, after)

    def slope(self) -> float | None:
        """The derivative along the line; None where it cannot be told, at a kink or for want of double precision."""
        if not any(word in self.program.source for word in NOT_ANALYTIC):
            with suppress(OtherProgram), warnings.catch_warnings():
                warnings.simplefilter("error", np.exceptions.ComplexWarning)  # an imaginary part that is dropped
                x, y = (p + 1j * STEP * v for p, v in zip((X, Y), DIRECTION, strict=True))
                last = self.same_way({"np": ComplexNumPy(), "x": x, "y": y, "single": complex})
                return float(self.total(last).imag / STEP)
        with suppress(OtherProgram):
            return self.difference()
        return None

    def difference(self) -> float | None:
        """By differences, of both sides, which must agree."""
        h = 1e-5
        here = self.real(0.0)
        both = [(self.real(s * h) - here) / (s * h) for s in (1, -1)]
        far = [(self.real(s * 2 * h) - here) / (s * 2 * h) for s in (1, -1)]
        central, wide = sum(both) / 2, sum(far) / 2
        scale = 1 + abs(central)
        if abs(central - wide) > 1e-6 * scale or abs(both[0] - both[1]) > 0.1 * scale:
            return None
        self.tolerance = max(self.tolerance, 1e-5)
        return float(central)


class OtherProgram(Exception):
    """A statement raised an error only here: complex numbers, or more precise ones, cannot do what it does."""


NOT_ANALYTIC = ("var(", ".real", "conj")


class Refused(BaseException):
    """A statement is refused that NumPy executes, but not as it should: another test has these."""


class ComplexNumPy:
    """NumPy for complex numbers next to the real line: arrays are made complex, comparisons are of real parts."""

    @staticmethod
    def like_reals(make: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args: np.asarray(make(*args), complex)

    def __getattr__(self, name: str) -> Any:
        if name in ("zeros", "ones", "full", "eye", "linspace", "full_like"):
            return self.like_reals(getattr(np, name))
        if name in ("argsort", "argmax", "argmin"):  # NumPy's own tell ties apart by their imaginary parts
            return lambda x, *args, **kwargs: getattr(np, name)(np.real(x), *args, **kwargs)
        if name in ("maximum", "abs"):
            return getattr(self, f"{name}_of")
        return getattr(np, name)

    @staticmethod
    def array(x: Any) -> Any:
        made = np.array(x)
        return made.astype(complex) if made.dtype.kind == "f" else made

    class maximum_of:
        """``np.maximum``, by real parts."""

        def __new__(cls, a: Any, b: Any, out: Any = None) -> Any:
            result = np.where(np.real(a) >= np.real(b), a, b)
            if out is not None:
                out[...] = result
                return out
            return result[()]

        at = staticmethod(np.maximum.at)

    @staticmethod
    def abs_of(x: Any) -> Any:
        return x * np.sign(np.real(x))


LOOKS: tuple[Callable[[Any], Any], ...] = (
    lambda t: t._value,
    lambda t: t.data if t.ndim else t._value,
    lambda t: t.numpy() if t.ndim else t._value,
)
"""Ways to look at a value: of the last two the memory is then another's, too."""


def compare(differential: Differential, look: Callable[[Any], Any]) -> Callable[..., None]:
    """After each statement: everything is as in NumPy's run."""
    lines = differential.program.lines

    def after(k: int, arrays: dict[str, Any], raised: Exception | None) -> None:
        state = differential.states[k]
        if state.raised is None and "NumPy would read entries of it that it has already written" in str(raised):
            raise Refused
        assert same_error(raised, state.raised), f"{lines[k]}\nraised {raised!r}, NumPy {state.raised!r}"
        for n, (expected, read_only) in state.arrays.items():
            value = arrays[n]
            got = look(value) if type(value) is tl.Tensor else value
            said = f"after\n{lines[k]}\n{n} is"
            assert isinstance(got, np.ndarray) == isinstance(expected, np.ndarray), f"{said} a {type(got).__name__}"
            assert got.dtype == expected.dtype, f"{said} of {got.dtype}, not {expected.dtype}"
            assert got.shape == expected.shape, f"{said} of shape {got.shape}, not {expected.shape}"
            single = 1e-5 if differential.program.uses_single else 1e-12
            assert np.allclose(got, expected, rtol=single, atol=single), f"{said}\n{got}, not\n{expected}"
            assert is_read_only(got) == read_only, f"{said} read-only: {not read_only}"

    return after


def same_error(ours: Exception | None, numpys: Exception | None) -> bool:
    """Whether both raised an error of what arrays are given, or neither did."""
    kinds = (ValueError, TypeError, IndexError)
    if ours is None or numpys is None:
        return ours is numpys
    return type(ours) is type(numpys) or (isinstance(ours, kinds) and isinstance(numpys, kinds))


def check(program: Program, look: Callable[[Any], Any], second: bool) -> None:
    """A program with Tensors does what it does in NumPy, and has the derivatives that differences have."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case = Differential(program)
        x, y = X.copy(), Y.copy()
        after = compare(case, look)
        value, gradients = tl.value_and_grad(lambda x, y: case.recorded(x, y, after), (0, 1))(x, y)
        assert (x == X).all(), "the caller's arrays have changed"
        assert (y == Y).all(), "the caller's arrays have changed"
        found = sum(np.vdot(g, v) for g, v in zip(gradients, DIRECTION, strict=True))
        scale = 1 + sum(np.abs(g).sum() for g in gradients) + abs(value)
        expected = case.slope()
        if expected is not None:
            error = abs(found - expected)
            assert error <= case.tolerance * scale, f"slope {found}, should be {expected}"
        if second and not program.uses_single:
            check_second(case)


def check_second(case: Differential) -> None:
    """The Hessian times a vector, and the slope found forward, against differences of gradients."""

    def along(x: Any, y: Any) -> list[Any]:
        return list(tl.grad(case.recorded, (0, 1))(x, y))

    def at(t: float) -> list[Any]:
        return along(*(p + t * v for p, v in zip((X, Y), DIRECTION, strict=True)))

    h = 1e-5
    _, products = tl.jvp(along, (X, Y), DIRECTION)
    near = [(a - b) / (2 * h) for a, b in zip(at(h), at(-h), strict=True)]
    wide = [(a - b) / (4 * h) for a, b in zip(at(2 * h), at(-2 * h), strict=True)]
    for product, difference, wider in zip(products, near, wide, strict=True):
        scale = 1 + np.abs(difference).max() + np.abs(product).max()
        if np.abs(difference - wider).max() < 1e-5 * scale:
            error = np.abs(product - difference).max()
            assert error < 1e-4 * scale, f"second derivative {product}, should be {difference}"


def drawn(data: st.DataObject, most: int) -> None:
    """Draw a program and check it."""
    choose = lambda n: data.draw(st.integers(0, n - 1)) if n > 1 else 0
    statements = 1 + choose(most)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = Program(choose, statements)
    look = LOOKS[choose(3)]
    second = choose(3) == 1
    try:
        check(program, look, second)
    except Refused:
        pass
    except Exception as error:
        hypothesis.note(program.source)
        error.add_note(program.source)
        raise


SUPPRESSED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


@settings(max_examples=100, derandomize=True, database=None, suppress_health_check=SUPPRESSED)
@given(st.data())
def test_programs(data: st.DataObject) -> None:
    drawn(data, 12)


FOUND = (
    "x.flat[[0, 1, 2]] = x[::-1]",
    "b = y * 1.0\nb.mT.flat = b[::-1]",
    "b = y * 1.0\nb.flat[1] = b",
    "b = y * 1.0\nnp.place(b, np.abs(b) < 2, b[:1])",
    "e = x.astype(single)\nnp.putmask(e, e > 0, y)\nnp.putmask(e, e > 0, x[0])\nnp.place(e, e > 0, y)",
    "np.copyto(x, np.zeros((1, 3)), where=x > 0)",
    "np.fill_diagonal(y, y[:0])\nnp.putmask(y, y > 0, y[:0])\nnp.put(y, [0], y[:0])",
    "a = y.T * 1.0\nnp.fill_diagonal(a, a[0, ::-1], wrap=True)",
    "np.add.at(x, [2, 0, 2], x[::-1])",
    "a = x * 1.0\nnp.maximum(a, np.zeros((1, 3)), out=a)\nnp.sum(a, keepdims=True, out=a)\na.sum(0, out=y)",
    "y.mean(axis=0, out=x)\nx.clip(-0.1, 0.1, out=x)\nnp.add(x, 1, out=y)\nnp.add.reduce(x[:1], out=x)",
    "v = np.broadcast_to(y, (2, 2, 3))\nv[0], v[1] = v[1], v[0]",
    "v = np.tile(y, (2, 1, 1))\nv *= 2\nv = np.tile(y, 1)\nv *= 2\nv = np.tile(y[:, :0], 2)\nv += 1",
    "p = np.prod(y[:1], axis=0)\nx[0] = p[0]\ny *= 2.0\np += 1.0\nv = np.prod(y[:0])",
    "p = np.cumprod(y[:1], axis=0)\ny *= 2.0\np += 1.0",
    "v = np.einsum('ij->ji', y)\nv *= 2\ny[0] = 1\nw = np.einsum('i->i', x)\nw += 1",
    "v = np.einsum('ij->i', y[:, :1])\ny *= 2\nv += 1",
    "y *= 1\nw = windows(y)\ny[0] *= 3\nw = windows(windows(y.T))\ny += 1",
    "b = y.copy('F')\nb.reshape(-1)[1:] = 0.5\nc = b.copy('F')\nc.reshape(-1)[0] = 2",
    "d = np.diagonal(y[:1]).copy()\nd += 1\nd = np.broadcast_to(x, (1, 3)).copy()\nd += 1",
    "m = y > 0\nw = np.where(m, y, 2 * y)\nm[0] = True\nk = np.array([0, 1])\nv = x[k]\nk[:] = 0",
    "c = np.outer(x, x).T * 1.0\nv = np.full_like(c, c.sum())\nv.reshape(-1)[1:] = 2.0",
    "a = x * 1.0\nv = a[:2]\na[...] = 2.0 * y[0]\nv *= 3.0\na[:] = 0.5\nv[0] = x[1]",
    "y[:, 1:] = y[:, :-1]\ny[:, 0] = y[0, :2]\nx[x > -9] = x[:]",
    "c = np.outer(x, x)\nc *= x[::-1]\nnp.put_along_axis(c, np.argsort(c, axis=-1, kind='stable'), c * 0.5, -1)",
)
"""Programs in which there once was a difference."""


@pytest.mark.parametrize("source", FOUND)
@pytest.mark.parametrize("look", LOOKS, ids=["value", "data", "numpy"])
def test_what_was_found(source: str, look: Callable[[Any], Any]) -> None:
    check(Program.of(source.split("\n")), look, second=True)


@pytest.mark.parametrize(
    "line",
    [
        "a[a > -9] = a[::-1]",
        "c[:, 2] = c[1]",
        "c.T[2] = c[1]",
        "d = c[1]; c[:, 2] = d",
    ],
)
def test_numpys_own_mistakes_are_refused(line: str) -> None:
    """NumPy reads what it has written: its numbers are those of no program, and depend on the layout."""

    def f(x: Any) -> Any:
        arrays = {"a": x * 1.0, "c": np.outer(x, x), "np": np}
        exec(line, arrays)
        return arrays["a"].sum() + arrays["c"].sum()

    def copying(x: Any) -> Any:
        arrays = {"a": x * 1.0, "c": np.outer(x, x), "np": np}
        exec(line.replace(" = a", " = 1.0 * a").replace(" = c", " = 1.0 * c").replace(" = d", " = 1.0 * d"), arrays)
        return arrays["a"].sum() + arrays["c"].sum()

    with pytest.raises(ValueError, match=r"write value\.copy\(\)"):
        tl.grad(f)(X)
    value, gradient = tl.value_and_grad(copying)(X)
    assert value == pytest.approx(copying(X))
    np.testing.assert_allclose(gradient, [copying(X + 1e-30j * u).imag / 1e-30 for u in np.eye(3)])


@pytest.mark.long
@pytest.mark.parametrize("chunk", range(20))
def test_many_programs(chunk: int) -> None:
    @hypothesis.seed(chunk)
    @settings(max_examples=1000, database=None, suppress_health_check=SUPPRESSED)
    @given(st.data())
    def programs(data: st.DataObject) -> None:
        drawn(data, 16)

    programs()
