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


@settings(max_examples=200, derandomize=True, database=None, suppress_health_check=SUPPRESSED)
@given(st.data())
def test_programs(data: st.DataObject) -> None:
    drawn(data, 12)


@pytest.mark.long
@pytest.mark.parametrize("chunk", range(20))
def test_many_programs(chunk: int) -> None:
    @hypothesis.seed(chunk)
    @settings(max_examples=1000, database=None, suppress_health_check=SUPPRESSED)
    @given(st.data())
    def programs(data: st.DataObject) -> None:
        drawn(data, 16)

    programs()
