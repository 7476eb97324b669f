"""What the statements of random programs are made of: arrays that are there, indices and values that fit them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import CodeType
from typing import Any, Self

import numpy as np

HELPERS = """
def doubled(p):
    p *= 2.0
    return p

def shifted(p, q):
    p = p.T
    p[...] = p - q

windows = lambda p: np.lib.stride_tricks.sliding_window_view(p, 2, axis=0)
"""
"""Functions of the programs, which change what they are given."""

X = np.array([0.31, -0.74, 1.23])
Y = np.array([[0.57, -0.33, 0.92], [-1.18, 0.81, 0.27]])

LARGEST = 1e3
"""Statements that lead to larger numbers, or to none, are not part of a program."""

CONSTANTS = ("0.5", "-1.25", "2.0", "0.0", "3", "np.float32(0.75)", "np.float64(1.5)")


def run(codes: Iterable[CodeType], arrays: dict[str, Any], after: Callable[..., None] | None = None) -> dict[str, Any]:
    """Run a program's statements in a namespace, and tell after each what it raised, if anything."""
    exec(HELPERS, arrays)
    for k, code in enumerate(codes):
        raised = None
        try:
            exec(code, arrays)
        except Exception as error:
            raised = error
        if after is not None:
            after(k, arrays, raised)
    return arrays


class Choices:
    """A program as far as it is drawn, and what its next statement can be made of.

    Parameters
    ----------
    choose : for n, a number below n; 0 should stand for what is simplest
    """

    def __init__(self, choose: Callable[[int], int]) -> None:
        self.choose = choose
        self.lines: list[str] = []
        self.codes: list[CodeType] = []
        self.start()
        first = ("c = np.zeros((2, 3))", "c = np.outer(x, x)", "c = np.outer(x, x).T * 1.0", "c = np.ones((2, 2, 2))")
        for line in ("a = x * 1.0", "b = y * 2.0", self.pick(*first)):
            self.accept(line)
        if self.chance(3):
            self.accept(self.pick("k = np.array([0, 1, 1])", "m = x > 0.0", "e = x.astype(single)", "k = np.arange(3)"))

    @classmethod
    def of(cls, lines: list[str]) -> Self:
        """The program that these lines are."""
        program = object.__new__(cls)
        program.lines = lines
        program.codes = [compile(line, f"<{line}>", "exec") for line in lines]
        return program

    @property
    def source(self) -> str:
        return "\n".join(self.lines)

    @property
    def uses_single(self) -> bool:
        """Whether numbers of 32 bits take part."""
        return "single" in self.source or "float32" in self.source

    def start(self) -> None:
        self.env = run(self.codes, {"np": np, "x": X.copy(), "y": Y.copy(), "single": np.float32})

    def accept(self, line: str | None) -> None:
        """Add a statement that leads to numbers of a decent size."""
        if line is None:
            return
        try:
            code = compile(line, f"<{line}>", "exec")
        except SyntaxError as error:
            raise AssertionError(line) from error
        run([code], self.env)
        if all(decent(value) for value in self.arrays().values()):
            self.lines.append(line)
            self.codes.append(code)
        else:
            self.start()

    # -- choices ------------------------------------------------------------------------------------------------------

    def pick(self, *options: Any) -> Any:
        return options[self.choose(len(options))]

    def chance(self, n: int) -> bool:
        """True once in n times, and not in the simplest program."""
        return self.choose(n) == n - 1

    def numbers(self, below: int, count: int) -> str:
        """A list of indices, often with duplicates, some counted from the end."""
        return str([self.choose(below) - (below if self.chance(4) else 0) for _ in range(count)])

    def arrays(self) -> dict[str, Any]:
        """Everything of the program's that holds numbers."""
        return {name: value for name, value in self.env.items() if isinstance(value, (np.ndarray, np.generic))}

    def floats(self) -> list[str]:
        found = [n for n, value in self.arrays().items() if value.dtype.kind == "f" and n not in "xy"]
        return [*found, "x", "y"] if self.chance(3) else found

    def integers(self) -> list[str]:
        return [n for n, value in self.arrays().items() if value.dtype.kind == "i" and value.ndim]

    def masks(self) -> list[str]:
        return [n for n, value in self.arrays().items() if value.dtype.kind == "b" and value.ndim]

    def array(self, axes: int = 0) -> str | None:
        """The name of an array, of so many axes or more."""
        names = [n for n in self.floats() if np.ndim(self.env[n]) >= axes]
        return self.pick(*names) if names else None

    def new(self) -> str:
        return f"v{len(self.lines)}" if self.choose(4) else str(self.pick(*self.floats()))

    def mask_for(self, name: str) -> str:
        """A mask of the shape of an array."""
        fitting = [m for m in self.masks() if self.env[m].shape == np.shape(self.env[name])]
        return self.pick(f"{name} > {self.pick('0.0', '0.5', '-0.3')}", f"np.abs({name}) < 0.8", *fitting)

    # -- indices ------------------------------------------------------------------------------------------------------

    def basic(self, shape: tuple[int, ...]) -> str:
        """Integers, slices, None and an ellipsis."""
        parts = []
        for n in shape:
            kind = self.choose(8)
            if kind == 0 and n:
                parts.append(str(self.choose(n) - self.pick(0, n)))
            elif kind == 7:
                break
            else:
                begin, end = self.choose(n + 1), self.choose(n + 1) - n
                parts.append(
                    (":", ":", "::-1", f"{begin}:", f":{end or ''}", "::2", f"{begin}:{n}:2", f"{n}::-2")[kind]
                )
        if self.chance(6):
            parts.insert(self.choose(len(parts) + 1), self.pick("None", "np.newaxis"))
        if not parts or self.chance(8):
            at = self.choose(len(parts) + 1) if len(parts) < len(shape) else len(parts)
            parts.insert(at, "...")
        return ", ".join(parts)

    def advanced(self, name: str, shape: tuple[int, ...]) -> str:
        """Arrays of integers and masks, alone and with basic parts around them."""
        n = shape[0]
        options = [self.mask_for(name)]
        if n:
            count = self.choose(4)
            options += [
                self.numbers(n, count),
                f"np.array([{self.numbers(n, 2)}, {self.numbers(n, 2)}])",
                f"np.array({[bool(self.choose(2)) for _ in range(n)]})",
                f"None, {self.numbers(n, 2)}",
                f"tuple({self.numbers(n, 1)})",
            ]
            options += [k for k in self.integers() if self.env[k].size and (self.env[k] < n).all()]
        if len(shape) > 1 and n and shape[1]:
            m = shape[1]
            options += [
                f"{self.numbers(n, 2)}, {self.numbers(m, 2)}",
                f"np.array([[0], [{n - 1}]]), {self.numbers(m, 3)}",
                f":, {self.numbers(m, 2)}",
                f"{self.numbers(n, 2)}, ::-1",
                f"{self.choose(n)}, {self.numbers(m, 2)}",
                f"..., {self.numbers(shape[-1], 2)}" if shape[-1] else "...",
                f"np.ix_({self.numbers(n, 2)}, {self.numbers(m, 2)})",
                f"np.array({[bool(self.choose(2)) for _ in range(n)]}), 1:",
                f"(0, slice(None, None, {self.pick(1, -1, 2)}))",
                f"::-1, {self.numbers(m, 2)}, None",
            ]
        if len(shape) > 2 and n and shape[2]:
            options += [
                f"{self.numbers(n, 2)}, :, {self.numbers(shape[2], 2)}",
                f":, None, {self.numbers(shape[1], 2)}",
            ]
        return str(self.pick(*options))

    def index(self, name: str) -> str:
        shape = np.shape(self.env[name])
        if self.chance(40):
            return str(self.pick(f"{shape[0] + 3}", "0, 0, 0, 0, 0", f"[{shape[0]}]", "0.5"))
        return self.basic(shape) if self.choose(5) < 3 else self.advanced(name, shape)

    # -- values -------------------------------------------------------------------------------------------------------

    def constant(self) -> str:
        return str(self.pick(*CONSTANTS))

    def factor(self) -> str:
        return str(self.pick("0.5", "-1.5", "2", "0.0"))

    def value(self, shape: tuple[int, ...]) -> str:
        """Something that can be written to a part of this shape, and now and then something that cannot."""
        options = [self.constant()]
        for n in self.floats():
            mine = np.shape(self.env[n])
            if fits(mine, shape):
                options += [n, f"{n} * {self.factor()}", f"np.sin({n})"]
            if fits(mine[1:], shape) and mine and mine[0]:
                options.append(f"{n}[{self.choose(mine[0])}]")
            if fits(mine[::-1], shape) and len(mine) > 1:
                options.append(f"{n}.T")
            if fits(mine[:1], shape) and mine:
                options.append(f"{n}[::-1]")
        if len(shape) == 1 and 0 < shape[0] < 5:
            options.append(f"[{', '.join([self.pick('0.5', '2') for _ in range(shape[0])])}]")
        if shape:
            options += [f"np.ones({shape})", f"np.full({shape[-1:]}, 0.25)", f"np.zeros({(1, *shape)})"]
        if self.chance(25):
            options = ["np.ones((5, 7))", *self.floats()]
        return str(self.pick(*options))


def fits(mine: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether an array of one shape can be written to a part of another."""
    try:
        return np.broadcast_shapes(mine, shape) == shape
    except ValueError:
        return False


def decent(value: Any) -> bool:
    """Whether an array is small, and of numbers neither large nor missing."""
    return value.size <= 64 and value.ndim <= 4 and bool((np.abs(value, dtype=float) <= LARGEST).all())
