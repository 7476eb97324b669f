"""Kernels: an elementwise chain over arrays of one shape as one loop, with sums over all entries at its end.

The arrays are gone through in blocks of 1024 entries. What is summed is laid out for a block, and added up in pairs;
the sums of the blocks are added up by NumPy. So sums depend neither on the number of processors nor on chance, and
their rounding errors grow with the logarithm of the count.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np

from . import launching
from .laying import LAYING, LAYING_BY_AXES, MOVING, STORING
from .line_folds import FOLDS
from .precision import Precision
from .translating import Function, texts_of

BLOCK: Final = 1024
JIT: Final = '@numba.njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)'
OUTER: Final = '@numba.njit(nogil=True, error_model="numpy", cache="__file__" in globals())'


class Operand(NamedTuple):
    """What a kernel reads: a whole array, one number, or an array that is repeated.

    Attributes
    ----------
    name : in the text
    layout : "whole"; "number", or "cell" where it is in an array without axes; "rows" where it has the last axes alone,
        "columns" where it has the first alone; "window" where it is a part of an array in memory, which is given;
        "strided" where it does not lie in memory in its order, or is repeated along axes in the middle
    dtype : of its entries
    repeat : of columns, how many entries see each of its numbers
    sizes : of windows and of what is strided, the lengths of the kernel's axes but the first
    starts : of windows, where they begin
    """

    name: str
    layout: str
    dtype: Any
    repeat: int = 1
    sizes: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()

    @property
    def laying(self) -> Function | None:
        """The function that lays it out for a block; None where it is read where it is."""
        by_axes = LAYING_BY_AXES.get(self.layout)
        return by_axes[len(self.sizes)] if by_axes else LAYING.get(self.layout)

    @property
    def storing(self) -> Function | None:
        """The function that puts a block of it back; None where it is written where it is."""
        return STORING[len(self.sizes)] if self.layout == "window" else None

    def moved(self, function: Function) -> str:
        """The call that lays a block of it out, or puts it back."""
        further = [self.repeat] if self.layout == "columns" else [*self.sizes, *self.starts]
        args = ", ".join([self.name, f"{self.name}_laid", "start", "count", *map(str, further)])
        return f"{function.__name__}({args})"

    @property
    def seen_as(self) -> str:
        """The line by which its loops see it as they need it; "" where they do as it is."""
        if self.layout == "number" or self.layout in LAYING_BY_AXES:
            return ""
        return (CELL if self.layout == "cell" else FLAT).format(self.name)


FLAT: Final = "{0} = {0}.reshape(-1)"
CELL: Final = "{0} = {0}[()]"
"""The lines by which loops see an array as one of one axis, or as a number: in machine code, where it takes no time."""


class KernelLine(NamedTuple):
    """One line: a name, its expression, and both as they are for operands beyond a bound."""

    name: str
    text: str
    beyond: str = ""
    bound: str = ""


class Kernel:
    """A chain, as a function of its operands that returns its arrays and its sums.

    Parameters
    ----------
    shape : of the arrays
    operands, steps : what it reads, and what it computes of that
    arrays, sums, means : name of a line → dtype, of what it returns
    updates : name of an operand → that of the line which it is written over with
    functions : those of this room that the steps call, each in a precision
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        operands: list[Operand],
        steps: list[KernelLine],
        arrays: dict[str, Any],
        sums: dict[str, Any],
        means: dict[str, Any],
        functions: list[tuple[Function, Precision]],
        title: str = "kernel",
        updates: dict[str, str] | None = None,
    ) -> None:
        self.shape = shape
        self.operands = operands
        self.lines = steps
        self.arrays = arrays
        self.sums = sums
        self.means = means
        self.functions = functions
        self.updates = updates or {}
        self.__name__ = title

    @property
    def count(self) -> int:
        """How many arrays and numbers it returns."""
        return len(self.arrays) + len(self.sums) + len(self.means)

    @property
    def names(self) -> list[str]:
        """Those of its operands."""
        return [operand.name for operand in self.operands]

    @property
    def totals(self) -> dict[str, Any]:
        """What is summed: name of a sum or a mean → dtype."""
        return {f"{name}_sum": dtype for name, dtype in self.sums.items()} | {
            f"{name}_mean": dtype for name, dtype in self.means.items()
        }

    @property
    def key(self) -> Any:
        """What makes kernels the same."""
        results = self.arrays, self.sums, self.means, self.updates
        return self.shape, tuple(self.operands), tuple(self.lines), *[tuple(group.items()) for group in results]

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return self.__name__

    def __call__(self, *operands: Any, out: Any = None) -> Any:
        """Run it, loaded alone: compiled programs have its text in their own."""
        return self.loaded(*operands, **({} if out is None else {"out": out}))

    @cached_property
    def loaded(self) -> Callable[..., Any]:
        """The function, from a text of its own."""
        head = "\n".join(f"import {name}" for name in IMPORTS) + "\nimport numpy as np"
        texts = [head, *self.definitions().values(), *self.texts("kernel")]
        return launching.loaded("\n\n\n".join(texts) + "\n")["kernel"]  # type: ignore[no-any-return]

    # -- its text

    def definitions(self) -> dict[str, str]:
        """What its text calls, by name: the same for all kernels."""
        found = {function.__name__: text_of(function) for function in launching.WRITTEN}
        if self.means:
            found["averaged_in_blocks"] = text_of(launching.averaged_in_blocks)
        if self.totals:
            found["pairwise"] = helper(pairwise)
        moving = [o.laying for o in self.operands if self.reads(o)]
        moving += [o.storing for o in self.operands if o.name in self.updates]
        found |= {function.__name__: helper(function) for function in moving if function}
        return found | texts_of(self.functions)

    def texts(self, name: str) -> list[str]:
        """The function ``name``, and the loops that it calls, those first."""
        return [*self.loops(name), self.whole(name, name)]

    def loops(self, name: str) -> list[str]:
        """The loops alone, which kernels for other shapes may share."""
        found = [self.loop(name), self.blocks(name)]
        if self.is_bounded:
            found += [self.loop(name, beyond=True), self.blocks(name, beyond=True)]
        return found

    @property
    def is_bounded(self) -> bool:
        """Whether a step has a bound."""
        return any(step.bound for step in self.lines)

    @property
    def results(self) -> list[str]:
        """What the loop writes: arrays, and what is summed, laid out for a block."""
        return [*[f"{name}_out" for name in self.arrays], *[f"{name}_laid" for name in self.totals]]

    @cached_property
    def words(self) -> set[str]:
        """All names in its lines."""
        return {word for step in self.lines for text in step[1:] for word in words_in(text)}

    def reads(self, operand: Operand) -> bool:
        """Whether it reads an operand's entries, and does not only write over them."""
        return operand.name not in self.updates or f"{operand.name}_i" in self.words

    def loop(self, name: str, beyond: bool = False) -> str:
        """The loop over a block."""
        parameters = ["count", *self.scale, *[operand.name for operand in self.operands], *self.results]
        watches = self.is_bounded and not beyond
        lines = [JIT, f"def {loop_name(name, 'block', beyond)}({', '.join(parameters)}):"]
        lines += ["    is_beyond = False"] if watches else []
        lines.append("    for i in range(count):")
        lines += [
            f"        {o.name}_i = {o.name}[i]" for o in self.operands if o.layout not in NUMBERS and self.reads(o)
        ]
        for step in self.lines:
            lines.append(f"        {step.name} = {step.beyond if beyond and step.beyond else step.text}")
            if watches and step.bound:
                lines.append(f"        is_beyond |= {step.bound}")
        scaled = [f"{name} * {self.scaling(dtype)}" for name, dtype in self.means.items()]
        values = [*self.arrays, *self.sums, *scaled]
        for result, value in zip(self.results, values, strict=True):
            lines.append(f"        {result}[i] = {value}")
        lines += [f"        {operand}[i] = {value}" for operand, value in self.updates.items()]
        lines += ["    return is_beyond"] if watches else []
        return "\n".join(lines)

    @property
    def scale(self) -> list[str]:
        """The parameter that means are taken to a scale by, where there are means."""
        return ["scale"] if self.means else []

    def scaling(self, dtype: Any) -> str:
        """It in a dtype."""
        return "scale" if dtype == np.float64 else f"np.{np.dtype(dtype).name}(scale)"

    def blocks(self, name: str, beyond: bool = False) -> str:
        """The loop over blocks; of what is slow over those in which an operand was beyond its bound."""
        outs = [f"{name}_out" for name in self.arrays]
        parameters = ["first", "last", *self.scale, "size", *[o.name for o in self.operands], *outs, *self.totals]
        parameters += ["beyond"] if self.is_bounded else []
        lines = [OUTER, f"def {loop_name(name, 'blocks', beyond)}({', '.join(parameters)}):"]
        lines += [f"    {o.seen_as}" for o in self.operands if o.seen_as]
        lines += [f"    {FLAT.format(out)}" for out in outs]
        laid = {f"{o.name}_laid": o.dtype for o in self.operands if o.laying}
        laid |= {f"{name}_laid": dtype for name, dtype in self.totals.items()}
        lines += [f"    {key} = np.empty({BLOCK}, np.{np.dtype(dtype).name})" for key, dtype in laid.items()]
        lines.append("    for block in range(first, last):")
        lines += ["        if not beyond[block]:", "            continue"] if beyond else []
        lines.append(f"        start = block * {BLOCK}")
        lines += [f"        count = min({BLOCK}, size - start)", "        end = start + count"]
        args = ["count", *self.scale]
        for o in self.operands:
            if o.laying and self.reads(o):
                lines.append(f"        {o.moved(o.laying)}")
            args.append(
                f"{o.name}[start:end]" if o.layout == "whole" else o.name if o.layout in NUMBERS else f"{o.name}_laid"
            )
        args += [f"{out}[start:end]" for out in outs]
        args += [f"{name}_laid" for name in self.totals]
        target = "beyond[block] = " if self.is_bounded and not beyond else ""
        lines.append(f"        {target}{loop_name(name, 'block', beyond)}({', '.join(args)})")
        stored = [(o, o.storing) for o in self.operands if o.name in self.updates]
        lines += [f"        {o.moved(storing)}" for o, storing in stored if storing]
        lines += [f"        {name}[block] = pairwise({name}_laid, count)" for name in self.totals]
        return "\n".join(lines)

    def whole(self, name: str, loops: str) -> str:
        """The function itself, which runs the loops of a name."""
        size = int(np.prod(self.shape))
        blocks = -(-size // BLOCK)
        single = self.count == len(self.arrays) == 1
        lines = [f"def {name}({', '.join([*[o.name for o in self.operands], *(['out=None'] if single else [])])}):"]
        for key, dtype in self.arrays.items():
            made = f"np.empty({self.shape}, np.{np.dtype(dtype).name})"
            lines.append(f"    {key}_out = {made} if out is None else out" if single else f"    {key}_out = {made}")
        lines += [f"    {key} = np.empty({blocks}, np.{np.dtype(d).name})" for key, d in self.totals.items()]
        args = [
            *self.scale,
            str(size),
            *self.names,
            *[f"{key}_out" for key in self.arrays],
            *self.totals,
        ]
        args += ["beyond"] if self.is_bounded else []
        runs = [run_of(f"{loops}_blocks", blocks, args)]
        if self.is_bounded:
            lines.append(f"    beyond = np.empty({blocks}, np.bool)")
            runs += ["if beyond.any():", f"    {run_of(f'{loops}_blocks_beyond', blocks, args)}"]
        if self.means:
            lines += ["    def run(scale):", *[f"        {line}" for line in runs], "    run(1.0)"]
        else:
            lines += [f"    {line}" for line in runs]
        results = [f"{key}_out" for key in self.arrays]
        results += [f"{key}_sum[0]" if blocks == 1 else f"np.add.reduce({key}_sum)" for key in self.sums]
        results += [f"averaged_in_blocks(run, {key}_mean, {size})" for key in self.means]
        lines += [f"    return {', '.join(results)}"] if results else []
        return "\n".join(lines)


IMPORTS: Final = ("concurrent.futures", "functools", "math", "numba", "os")


def words_in(text: str) -> set[str]:
    """The names in a text."""
    return {*re.findall(r"\w+", text)}


def run_of(loops: str, blocks: int, args: list[str]) -> str:
    """The call of a loop over blocks: on all processors where there are enough of them for two."""
    if blocks < 2 * launching.FOR_A_THREAD:
        return f"{loops}(0, {blocks}, {', '.join(args)})"
    return f"in_blocks({loops}, {blocks}, {', '.join(args)})"


def loop_name(name: str, kind: str, beyond: bool) -> str:
    """That of a kernel's loop."""
    return f"{name}_{kind}_beyond" if beyond else f"{name}_{kind}"


def helper(function: Function) -> str:
    """A function of this file as text."""
    return f"{JIT}\n{text_of(function)}"


def text_of(function: Any) -> str:
    """A function's text without comments."""
    return ast.unparse(ast.parse(inspect.getsource(function)))


def pairwise(laid, count):  # type: ignore[no-untyped-def]
    """The sum of the first entries of a block, which it overwrites."""
    for i in range(count, 1024):
        laid[i] = -0.0
    half = 512
    while half:
        first, second = laid[:half], laid[half : 2 * half]
        for i in range(half):
            first[i] += second[i]
        half //= 2
    return laid[0]


NUMBERS: Final = ("number", "cell")
CALLED: Final[tuple[Function, ...]] = (
    *launching.WRITTEN,
    launching.averaged_in_blocks,
    pairwise,
    *MOVING,
    *[f for own in FOLDS.values() for f in own],
)
HELPERS: Final[tuple[str, ...]] = tuple([function.__name__ for function in CALLED])
"""The names of the functions that texts with kernels define, which no other may have."""
