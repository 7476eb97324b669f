"""One chain of elementwise operations, as it grows, and the kernel that it becomes."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np

from ...engine.trees import LEAF, flatten
from ..kernels import choices, launching
from ..kernels.forms import CHEAP, EntryForm, called, precision_for
from ..kernels.kernel_loops import NUMBERS, Kernel, KernelLine, Operand, words_in
from ..kernels.precision import Precision
from ..kernels.translating import Function, name_in
from ..methods_as_calls import AddMultiple
from ..program import Memory, Operation, Variable, variables_in
from .entry_forms import (
    COPIES,
    dtypes_for,
    form_of,
    functions_of,
    is_mean,
    is_sum,
    precisely,
    representative,
    text_in,
    text_of_number,
    title,
)
from .window_views import MOST_AXES, Windows

FEWEST: Final = 4
"""So many operations on arrays that are not large make a kernel."""

MOST_OPERANDS: Final = 20
"""So many operands a kernel has at most: the time that it takes to be compiled grows faster than their number."""


class Chain:
    """Elementwise operations on arrays of one shape.

    Attributes
    ----------
    members : the operations
    names : the variables whose entries it knows, each with its name in the kernel and its dtype there
    made : those that it makes, each with the name of its entry, of sums that of what is summed
    sums : those that are sums or means, each with what is summed
    means : those that are means
    views : of all entries of what it makes, which are taken when it has run
    taken : both, in their order
    memories : what its operands lie in
    least : of fewer entries kernels are made of windows alone
    written : those that are to be written over → the array, and the name and the dtype of its entry now
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        repeated: dict[Variable, Any],
        flat: dict[Variable, Variable],
        windows: Windows,
        least: float,
    ) -> None:
        self.shape = shape
        self.least = least
        self.repeated = repeated
        self.flat = flat
        self.windows = windows
        self.members: list[Operation] = []
        self.views: list[Operation] = []
        self.taken: list[Operation] = []
        self.titles: list[tuple[str, str]] = []
        self.operands: dict[Variable, Operand] = {}
        self.lines: list[KernelLine] = []
        self.functions: dict[tuple[Function, Precision], None] = {}
        self.names: dict[Variable, tuple[str, Any]] = {}
        self.made: dict[Variable, str] = {}
        self.sums: dict[Variable, Variable] = {}
        self.means: set[Variable] = set()
        self.memories: set[Any] = set()
        self.written: dict[Memory, tuple[Variable, str, Any]] = {}

    def has(self, operands: Iterable[Variable]) -> bool:
        """Whether some variables are there only when it has run."""
        return any(self.flat.get(v, v) in self.made for v in operands)

    def add(self, operation: Operation) -> bool:
        """Take an operation in, if there is a form of it."""
        is_member = self.compute(operation)
        if is_member:
            self.members.append(operation)
            self.taken.append(operation)
        return is_member

    def take_view(self, operation: Operation) -> None:
        """Leave a view of all entries of what it makes until it has run."""
        self.views.append(operation)
        self.taken.append(operation)

    def compute(self, operation: Operation) -> bool:
        """Compute the entries that an operation gives, or writes, if there is a form of it."""
        if operation.writes is not None:
            return self.write(operation)
        y = operation.result
        assert y is not None
        if is_sum(operation) or is_mean(operation):
            (x,) = operation.args
            again = self.written and is_mean(operation)
            if x.dtype != y.dtype or precision_for(x.dtype) is None or x in self.sums or again:
                return False
            self.sums[y] = x
            self.means |= {y} if is_mean(operation) else set()
            self.made[y] = self.made[x]
        else:
            found = form_of(operation, y, self.resolved(operation.args))
            if found is not None and self.written and found[0].bound:
                return False
            if found is None or (named := self.named(operation.args, found[1])) is None:
                return False
            name = self.line(self.noted(found)[0], named)
            self.titles.append((name, title(operation)))
            self.names[y] = name, y.dtype
            self.made[y] = name
        return True

    def line(self, form: EntryForm, named: list[str]) -> str:
        """The name of a new line, that of a form with its operands."""
        name = f"v{len(self.lines)}"
        text, beyond, bound = [part.format(*named) for part in (form.text, form.beyond, form.bound)]
        self.lines.append(KernelLine(name, text, beyond, bound))
        return name

    def runs_again(self) -> bool:
        """Whether the loop may run a second time, for means or what is beyond a bound, and read its operands again."""
        return bool(self.means) or any(line.bound for line in self.lines)

    def write(self, operation: Operation) -> bool:
        """Take in an operation that writes over a whole array; not in a loop that :meth:`runs_again`."""
        target = target_of(operation, self.windows)
        assert target is not None
        whole = self.flat.get(target, target)
        if operation.function is operator.setitem:
            args: tuple[Any, ...] = operation.args[2:]
            form = precisely(lambda _: EntryForm("{0}"), whole.dtype)
            if type(args[0]) is Variable and args[0].dtype != whole.dtype:
                return False
        elif type(operation.function) is AddMultiple:
            x, y, _, a = operation.args
            form = precisely(partial(called, choices.plus_multiple, count=3), whole.dtype)
            args = (y, a, x)
        else:
            args = self.resolved(operation.args)
            form = form_of(replace(operation, kwargs={}), whole, args)
            dtype = np.result_type(*[representative(x) for x in args])
            form = form if dtype == whole.dtype else None
        others = [v for v in self.operands if v.memory is whole.memory and not self.is_same(v, whole)]
        written = self.written.get(whole.memory, (whole,))[0]
        if form is None or form[0].bound or self.runs_again() or others or written is not whole:
            return False
        if any(v.memory is whole.memory for v in self.made):
            return False
        if (named := self.named(args, form[1])) is None:
            return False
        if any(v.memory is whole.memory and not self.is_same(v, whole) for v in variables_in(args)):
            return False
        name = self.line(self.noted(form)[0], named)
        self.titles.append((name, title(operation)))
        self.written[whole.memory] = whole, name, whole.dtype
        self.memories.add(whole.memory)
        return True

    def is_same(self, v: Variable, written: Variable) -> bool:
        """Whether a variable's entries are those that are written over: of a window, or of a whole array."""
        v = self.flat.get(v, v)
        return v is written or (written not in self.windows.of and v.contiguous and v.shape == self.shape)

    def noted(self, found: tuple[EntryForm, Any]) -> tuple[EntryForm, Any]:
        """A form whose functions its text will need."""
        self.functions.update(dict.fromkeys(functions_of(*found)))
        return found

    # -- operands

    def named(self, args: tuple[Any, ...], dtypes: Any) -> list[str] | None:
        """The text of each operand in the dtype that it is taken in; None where one has none."""
        args = self.resolved(args)
        new: dict[Variable, Operand] = {}
        for v in variables_in(args):
            if v.memory in self.written:
                if not self.is_same(v, self.written[v.memory][0]):
                    return None
            elif v not in self.names and v not in new:
                operand = self.operand(v, len(self.operands) + len(new))
                if operand is None:
                    return None
                new[v] = operand
        if len(self.operands) + len(new) > MOST_OPERANDS:
            return None
        for v, operand in new.items():
            self.operands[v] = operand
            self.memories.add(v.memory)
            entry = operand.name if operand.layout in NUMBERS else f"{operand.name}_i"
            self.names[v] = entry, operand.dtype
        return [self.text(x, dtype) for x, dtype in zip(args, dtypes_for(args, dtypes), strict=True)]

    def text(self, x: Any, dtype: Any) -> str:
        """One operand in a dtype."""
        if type(x) is not Variable:
            return text_of_number(x, dtype)
        return text_in(*(self.written[x.memory][1:] if x.memory in self.written else self.names[x]), dtype)

    def resolved(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Operands with what is repeated in place of views that repeat it."""
        return tuple([self.seen_as(x) if type(x) is Variable and x not in self.names else x for x in args])

    def seen_as(self, x: Variable) -> Any:
        """What a view repeats, or the array that it is the whole of."""
        whole = self.flat.get(x, x)
        return self.repeated.get(x, whole if whole.shape == self.shape else x)

    def operand(self, v: Variable, place: int) -> Operand | None:
        """How the loop reads a variable that it does not make; None where it cannot."""
        name, shape, whole = f"x{place}", v.shape, self.shape
        if v.dtype not in (np.float64, np.float32, bool) and not (shape == () and v.dtype.kind in "iu"):
            return None
        if shape == ():
            return Operand(name, "cell" if v.is_array else "number", None if v.weak else v.dtype)
        if not v.contiguous:
            return self.strided(name, v)
        if shape == whole:
            return Operand(name, "whole", v.dtype)
        trimmed = shape[next((k for k, n in enumerate(shape) if n != 1), len(shape)) :]
        if trimmed and trimmed == whole[len(whole) - len(trimmed) :]:
            return Operand(name, "rows", v.dtype)
        count = next((k for k in range(len(shape)) if all(n == 1 for n in shape[k:])), len(shape))
        if (count < len(shape) == len(whole) and shape[:count] == whole[:count]) or not trimmed:
            repeat = int(np.prod(whole[count:] if trimmed else whole, dtype=int))
            return Operand(name, "columns", v.dtype, repeat)
        return self.strided(name, v)

    def strided(self, name: str, v: Variable) -> Operand | None:
        """How the loop reads entry by entry where they are; None where there are too many axes, or they do not fit."""
        sizes, window = self.shape[1:], self.windows.of.get(v)
        if window is not None and v.shape == self.shape:
            return Operand(name, "window", v.dtype, sizes=sizes, starts=window.starts)
        fits = len(v.shape) == len(self.shape) <= MOST_AXES and all(
            n in (1, m) for n, m in zip(v.shape, self.shape, strict=True)
        )
        return Operand(name, "strided", v.dtype, sizes=sizes) if fits else None

    # -- as operations

    @property
    def size(self) -> int:
        """How many entries its arrays have."""
        return int(np.prod(self.shape))

    def is_worthwhile(self) -> bool:
        """Whether a kernel is faster than the operations one by one."""
        cheap = (*CHEAP, *COPIES, operator.setitem)
        if self.size < launching.LARGE:
            fits = self.size >= self.least or any(o.layout == "window" for o in self.operands.values())
            return fits and len(self.members) >= FEWEST
        return len(self.members) > 1 or self.members[0].function not in cheap

    def operations(self, needed: list[Variable], seen: list[Memory], views: list[Operation]) -> list[Operation]:
        """The kernel that makes what is needed and writes what is seen, and views; or all, where it is no faster."""
        if not needed and not seen:
            return []
        if not self.is_worthwhile():
            return self.taken
        arrays = [v for v in needed if v not in self.sums]
        means = [v for v in needed if v in self.means]
        sums = [v for v in needed if v in self.sums and v not in self.means]
        written = [self.written[memory] for memory in seen]
        lines = needed_lines(self.lines, [*[self.made[v] for v in needed], *[name for _, name, _ in written]])
        words = {word for line in lines for text in line[1:] for word in words_in(text)}
        made: list[Operation] = []
        if len(needed) > 1:  # into arrays that are given, which can be the same ones in each run
            made = [Operation(np.empty, (v.shape, v.dtype), {}, (v,), LEAF) for v in arrays]
            written += [(v, self.made[v], v.dtype) for v in arrays]
            arrays = []
        for v, _, dtype in written:
            if v not in self.operands:
                window = self.windows.of.get(v)
                layout, starts = ("whole", ()) if window is None else ("window", window.starts)
                sizes = self.shape[1:] if starts else ()
                self.operands[v] = Operand(f"x{len(self.operands)}", layout, dtype, sizes=sizes, starts=starts)
        updates = {self.operands[v].name: name for v, name, _ in written}
        operands = {v: o for v, o in self.operands.items() if words & {o.name, f"{o.name}_i"} or o.name in updates}
        functions = [(f, precision) for f, precision in self.functions if name_in(f, precision) in words]
        live = {line.name for line in lines}
        titles = [word for name, word in self.titles if name in live]
        kernel = Kernel(
            self.shape,
            [*operands.values()],
            lines,
            {self.made[v]: v.dtype for v in arrays},
            {self.made[v]: v.dtype for v in sums},
            {self.made[v]: v.dtype for v in means},
            functions,
            "_".join(dict.fromkeys(titles[-3:])),
            updates,
        )
        results = (*arrays, *sums, *means)
        leaves: Any = 0.0 if len(results) == 1 else (0.0,) * len(results) if results else None
        given = [self.windows.of[v].array if o.layout == "window" else v for v, o in operands.items()]
        return [*made, Operation(kernel, tuple(given), {}, results, flatten(leaves)[1]), *views]


def needed_lines(lines: list[KernelLine], names: list[str]) -> list[KernelLine]:
    """The lines that some names depend on."""
    live, kept = set(names), []
    for line in reversed(lines):
        if line.name in live:
            kept.append(line)
            live.update(re.findall(r"\bv\d+\b", line.text))
    return kept[::-1]


def shape_of(x: Any) -> tuple[int, ...]:
    """That of a variable or a number."""
    return x.shape if type(x) is Variable else np.shape(x)


def target_of(operation: Operation, windows: Windows) -> Variable | None:
    """The array, or the window, all of whose entries an elementwise operation writes over."""
    if operation.function is operator.setitem:
        target = windows.assigned_to(operation)
        value = operation.args[2]
        return target if target is None or shape_of(value) in ((), target.shape) else None
    if type(operation.function) is AddMultiple:
        target = operation.args[1]
    elif isinstance(operation.function, np.ufunc) and operation.kwargs.keys() == {"out"}:
        target = operation.kwargs["out"]
    else:
        return None
    is_known = type(target) is Variable and (target.contiguous or target in windows.of)
    return target if is_known else None
