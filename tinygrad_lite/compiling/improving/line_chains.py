"""Operations on arrays with the same first axes, line by line, as they are found, and the kernel that they become."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np

from ...engine.trees import LEAF, flatten
from ..kernels.forms import precision_for
from ..kernels.kernel_loops import CELL, FLAT, words_in
from ..kernels.laying import LAYING, LAYING_BY_AXES, lay_spread
from ..kernels.line_kernels import (
    MOST_ENTRIES,
    Fold,
    LineEntry,
    LineKernel,
    LineOperand,
    Read,
    Total,
    sources_of,
    widest,
)
from ..kernels.precision import Precision
from ..kernels.translating import Function, name_in
from ..program import Memory, Operation, Variable
from .effects import UNFILLED, is_pure, is_view, needed_views, touches_nothing
from .entry_forms import dtypes_for, form_of, functions_of, is_mean, representative, text_in, text_of_number, title
from .kernel_chains import MOST_OPERANDS

FOLDING: Final = {np.add.reduce: "sum", np.maximum.reduce: "maximum", np.minimum.reduce: "minimum"}
"""Reductions that kernels know."""

WIDEST_TOTAL: Final = 64
"""Sums over lines of more entries are left to NumPy, which is as fast at them."""

MOST_NODES: Final = 150
"""So many lines of text a kernel has at most: more of what a block needs at once would not stay in the cache."""

FEWEST: Final = 3
"""Of fewer operations a kernel is no faster."""


def folding(operation: Operation) -> str:
    """Which fold an operation is of lines, if it is one of lines; "" where kernels know none."""
    if operation.function in FOLDING:
        return FOLDING[operation.function]
    return "mean" if is_mean(operation) else ""


def axis_of(operation: Operation) -> Any:
    """The axis, or the axes, of a fold; None where it is of all."""
    return operation.kwargs.get("axis", None if is_mean(operation) else 0)


class LineValue(NamedTuple):
    """What the kernel has computed of each line: its name, dtype, and how many entries of a line there are."""

    name: str
    dtype: Any
    width: int


class LineChain:
    """Operations on lines.

    Attributes
    ----------
    lead, count : the axes that lines are counted along, and how many there are
    least : of fewer entries no kernel is made
    after : those that need what it makes, which run when it has run
    now : for each memory that it makes, what is in it
    seen : views that repeat entries of what it makes → what they are of
    first : for each memory that it makes, the first variable that has all of it
    whole : the variables that have all of such a memory, in its order
    taken : the members, and what gives views of what they make, in their order
    totals : sums over all lines
    memories : what its operands, and those of the operations after it, lie in
    later : what is known only when it has run
    given : variables that it reads → how
    """

    def __init__(self, lead: tuple[int, ...], repeated: dict[Variable, Any], least: float) -> None:
        self.lead = lead
        self.count = math.prod(lead)
        self.repeated = repeated
        self.least = least
        self.after: list[Operation] = []
        self.now: dict[Memory, LineValue] = {}
        self.seen: dict[Variable, Variable] = {}
        self.first: dict[Memory, Variable] = {}
        self.whole: set[Variable] = set()
        self.taken: list[Operation] = []
        self.totals: dict[Variable, Total] = {}
        self.memories: set[Memory] = set()
        self.later: set[Memory] = set()
        self.given: dict[tuple[Variable, str, int], LineOperand] = {}
        self.nodes: list[LineEntry | Fold] = []
        self.functions: dict[tuple[Function, Precision], None] = {}

    # -- what becomes of an operation

    def add(self, operation: Operation) -> bool:
        """Take an operation in, if the kernel can do it."""
        y = operation.result
        if y is None or self.is_full() or any(v.memory in self.later for v in operation.operands()):
            return False
        if operation.writes is not None:
            is_taken = self.write(operation)
        elif is_view(operation):
            is_taken = self.view(operation, y)
        elif folding(operation):
            is_taken = self.fold(operation, y)
        else:
            is_taken = self.made(y, self.entries(operation, y) if self.is_of_lines(y) and y.contiguous else None)
        if is_taken:
            self.taken.append(operation)
        return is_taken

    def is_full(self) -> bool:
        """Whether the kernel is as long as kernels may be."""
        return len(self.nodes) >= MOST_NODES or len(self.given) >= MOST_OPERANDS

    def made(self, y: Variable, value: LineValue | None) -> bool:
        """Note what an operation makes."""
        if value is None:
            return False
        self.now[y.memory] = value
        self.first.setdefault(y.memory, y)
        self.whole.add(y)
        return True

    def is_of_lines(self, y: Variable) -> bool:
        """Whether the first axes of an array are those of the lines."""
        return y.is_array and y.shape[: len(self.lead)] == self.lead

    def line_of(self, y: Variable) -> tuple[int, ...]:
        """The shape of a line of such an array."""
        return y.shape[len(self.lead) :]

    def depends(self, operation: Operation) -> bool:
        """Whether an operation needs what the kernel, or what runs after it, makes."""
        return any(v.memory in self.now or v.memory in self.later for v in operation.operands())

    def postpone(self, operation: Operation) -> bool:
        """Let an operation run after the kernel, where that makes no difference."""
        if not (is_pure(operation) or operation.function in UNFILLED) or len(self.after) >= MOST_AFTER:
            return False
        self.after.append(operation)
        self.later |= {v.memory for v in operation.results if v is not None and v.memory not in self.now}
        if not touches_nothing(operation):
            self.memories |= {v.memory for v in operation.operands()}
        return True

    def view(self, operation: Operation, y: Variable) -> bool:
        """A view of what the kernel makes: of all entries in their order, or one that repeats them."""
        x = operation.args[0]
        if operation.operands() != (x,) or not (self.is_of_lines(x) and self.is_of_lines(y)):
            return False
        if operation.function is np.broadcast_to and len(x.shape) == len(y.shape) and self.seen.get(x, x) in self.whole:
            self.seen[y] = self.seen.get(x, x)
            return True
        if x not in self.whole or not y.contiguous or y.size != x.size:
            return False
        self.whole.add(y)
        return True

    def write(self, operation: Operation) -> bool:
        """An elementwise operation that writes over all of what the kernel has made."""
        target = operation.kwargs.get("out")
        if not isinstance(operation.function, np.ufunc) or {*operation.kwargs} != {"out"} or target not in self.whole:
            return False
        is_seen = any(v.memory is target.memory for other in self.after for v in other.operands())
        if is_seen or not self.is_of_lines(target):
            return False
        if np.result_type(*[representative(x) for x in operation.args]) != target.dtype:
            return False
        return self.made(target, self.entries(replace(operation, kwargs={}, writes=None), target))

    def entries(self, operation: Operation, y: Variable) -> LineValue | None:
        """The line that computes an elementwise operation; None where none does."""
        width, args = y.size // self.count, self.resolved(operation.args)
        found = form_of(operation, y, args)
        if found is None or found[0].bound or not 0 < width <= MOST_ENTRIES:
            return None
        reads: dict[Read, None] = {}
        named: list[str] = []
        before = dict(self.given)
        for x, dtype in zip(args, dtypes_for(args, found[1]), strict=True):
            if type(x) is not Variable:
                named.append(text_of_number(x, dtype))
                continue
            read = self.read(x, self.line_of(y))
            if read is None:
                self.given = before
                return None
            reads[read[0]] = None
            named.append(text_in(read[0].token, read[1], dtype))
        self.memories.update(v.memory for v in operation.operands())
        self.functions.update(dict.fromkeys(functions_of(*found)))
        text = found[0].text.format(*named)
        seen = tuple([read for read in reads if read.token in words_in(text)])
        node = LineEntry(f"v{len(self.nodes)}", y.dtype, width, text, seen)
        self.nodes.append(node)
        return LineValue(node.name, y.dtype, width)

    def fold(self, operation: Operation, y: Variable) -> bool:
        """A sum, or the largest entry, of each line, or a sum over all lines."""
        (x, *more), kwargs = operation.args, dict(operation.kwargs)
        axis, keepdims, dtype = axis_of(operation), kwargs.pop("keepdims", False), kwargs.pop("dtype", None)
        kwargs.pop("axis", None)
        value = None if more or kwargs or type(x) is not Variable else self.value_of(x)
        if value is None:
            return False
        how, rank = folding(operation), len(x.shape)
        axes = sorted(
            {k % rank for k in (range(rank) if axis is None else axis if isinstance(axis, tuple) else (axis,))}
        )
        if not axes:
            return False
        if how == "sum" and value.dtype == bool and dtype is not None and precision_for(y.dtype):
            how = "count"
        elif value.dtype == bool or y.dtype != value.dtype:
            return False
        self.memories.add(x.memory)
        if axes[0] == 0:
            width = math.prod(x.shape[len(axes) :])
            is_prefix = axes == [*range(len(axes))] and len(axes) >= len(self.lead)
            if how != "sum" or keepdims or not is_prefix or width > WIDEST_TOTAL:
                return False
            self.later.add(y.memory)
            self.totals[y] = Total(f"s{len(self.totals)}", y.dtype, width, value.name, x.shape[len(axes) :])
            return True
        if axes[0] < len(self.lead) or axes != [*range(axes[0], rank)] or not value.width:
            return False
        length = math.prod(x.shape[axes[0] :])
        node = Fold(f"v{len(self.nodes)}", y.dtype, value.width // length, how, value.name, length)
        self.nodes.append(node)
        return self.made(y, LineValue(node.name, y.dtype, node.width))

    def value_of(self, x: Variable) -> LineValue | None:
        """All entries of a variable, in their order; None where there are none in the kernel."""
        if not self.is_of_lines(x):
            return None
        if x in self.whole:
            return self.now[x.memory]
        width = x.size // self.count
        is_readable = x.memory not in self.now and x.contiguous and x.dtype in (np.float64, np.float32, bool)
        if not is_readable or not 0 < width <= MOST_ENTRIES:
            return None
        return LineValue(self.give(x, FLAT, width).name, x.dtype, width)

    # -- operands

    def resolved(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Operands with what is repeated in the place of views that repeat it."""
        return tuple([self.repeated.get(x, x) if type(x) is Variable and x.memory not in self.now else x for x in args])

    def read(self, x: Variable, tail: tuple[int, ...]) -> tuple[Read, Any] | None:
        """How a loop over entries of lines of a shape sees an operand, and its dtype; None where it cannot."""
        x = self.seen.get(x, x)
        if x.memory in self.now:
            if x not in self.whole or not self.is_of_lines(x) or len(self.line_of(x)) != len(tail):
                return None
            value = self.now[x.memory]
            read = self.read_line(value.name, value.name, self.line_of(x), tail)
            return None if read is None else (read, value.dtype)
        if x.dtype not in (np.float64, np.float32, bool) and not (x.shape == () and x.dtype.kind in "iu"):
            return None
        if x.shape == ():
            return self.read_same(x, (), tail)
        if self.is_of_lines(x) and len(self.line_of(x)) == len(tail):
            width = x.size // self.count
            if not 0 < width <= MOST_ENTRIES:
                return None
            if x.contiguous:
                given = self.give(x, FLAT, width)
                read = self.read_line(given.name, f"{given.name}_i", self.line_of(x), tail)
            elif len(self.lead) == 1 and len(x.shape) <= len(STRIDED):
                given = self.give(x, "", width)
                read = Read(token_for(given.name, tail), given.name, STRIDED[len(tail)], tail, of_axes=True)
            else:
                return None
            return None if read is None else (read, x.dtype)
        more = max(len(x.shape) - len(tail), 0)  # axes before those of a line
        return self.read_same(x, x.shape[more:], tail) if set(x.shape[:more]) <= {1} else None

    def read_line(self, name: str, direct: str, own: tuple[int, ...], tail: tuple[int, ...]) -> Read | None:
        """How lines that are one behind the other are seen as lines of another shape."""
        if own == tail:
            return Read(direct, name)
        width, count = math.prod(tail), math.prod(own)
        kept = next((k for k in range(len(own)) if all(n == 1 for n in own[k:])), len(own))
        if own[:kept] == tail[:kept]:
            return Read(token_for(name, (width,)), name, LAYING["columns"], (width // count,))
        steps = spread(own, tail)
        return None if steps is None else Read(token_for(name, tail), name, lay_spread, (count, *steps))

    def read_same(self, x: Variable, own: tuple[int, ...], tail: tuple[int, ...]) -> tuple[Read, Any] | None:
        """How what is the same for all lines is seen."""
        if x.shape == ():
            given = self.give(x, CELL if x.is_array else "", 0)
            return Read(given.name, given.name, is_same=True), None if x.weak else x.dtype
        if not x.contiguous:
            return None
        trimmed = own[next((k for k, n in enumerate(own) if n != 1), len(own)) :]
        width = math.prod(tail)
        if trimmed == tail[len(tail) - len(trimmed) :]:
            given = self.give(x, FLAT, 0)
            return Read(token_for(given.name, (width,)), given.name, LAYING["rows"], is_same=True), x.dtype
        steps = spread((1,) * (len(tail) - len(own)) + own, tail)
        if steps is None:
            return None
        given = self.give(x, FLAT, 0)
        return Read(token_for(given.name, tail), given.name, lay_spread, (0, *steps), is_same=True), x.dtype

    def give(self, x: Variable, seen_as: str, width: int) -> LineOperand:
        """What the kernel is given of a variable."""
        return self.given.setdefault((x, seen_as, width), LineOperand(f"x{len(self.given)}", x.dtype, width, seen_as))

    # -- as operations

    def is_worthwhile(self) -> bool:
        """Whether a kernel is faster than the operations one by one."""
        has_folds = any(isinstance(node, Fold) for node in self.nodes)
        return has_folds and len(self.nodes) >= FEWEST and self.count * widest(self.nodes) >= self.least

    def operations(self, needed: set[Variable]) -> list[Operation]:
        """The kernel that makes what is needed, and views of that; the operations where it would be no faster."""
        if not self.is_worthwhile():
            return self.taken
        views = needed_views([o for o in self.taken if touches_nothing(o)], needed)
        seen = {v.memory for v in (*needed, *[v for view in views for v in view.operands()])}
        arrays = [v for memory, v in self.first.items() if memory in seen]
        totals = [v for v in self.totals if v in needed]
        values = [self.now[v.memory] for v in arrays]
        nodes = self.needed_nodes([*[value.name for value in values], *[self.totals[v].of for v in totals]])
        sources = {source for node in nodes for source in sources_of(node)} | {self.totals[v].of for v in totals}
        given = {g: x for (x, _, _), g in self.given.items() if g.name in sources}
        updates: dict[str, str] = {}
        for v, value in zip(arrays, values, strict=True):
            out = LineOperand(f"x{len(self.given) + len(updates)}", v.dtype, value.width)
            given[out] = v
            updates[out.name] = value.name
        words = {word for node in nodes if isinstance(node, LineEntry) for word in words_in(node.text)}
        functions = [(f, precision) for f, precision in self.functions if name_in(f, precision) in words]
        titles = [title(o) for o in self.taken if not is_view(o)]
        sums = [self.totals[v] for v in totals]
        name = "_".join(dict.fromkeys(titles[-3:]))
        kernel = LineKernel(self.count, [*given], nodes, sums, updates, functions, name)
        made = [Operation(np.empty, (v.shape, v.dtype), {}, (v,), LEAF) for v in arrays]
        leaves: Any = 0.0 if len(totals) == 1 else (0.0,) * len(totals) if totals else None
        return [*made, Operation(kernel, tuple(given.values()), {}, tuple(totals), flatten(leaves)[1]), *views]

    def needed_nodes(self, names: list[str]) -> list[LineEntry | Fold]:
        """The nodes that some values depend on."""
        live, kept = set(names), []
        for node in reversed(self.nodes):
            if node.name in live:
                kept.append(node)
                live.update(sources_of(node))
        return kept[::-1]


def spread(own: tuple[int, ...], tail: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """How lines of a shape, some of whose axes have length 1, are seen as matrices: rows, columns, and steps of both.

    None where that takes more axes.
    """
    axes: list[tuple[int, int]] = []  # length and step, neighbours that go on in one another as one
    step = 1
    for n, m in zip(reversed(own), reversed(tail), strict=True):
        own_step = step if n > 1 else 0
        if axes and m > 1 and axes[-1][1] * axes[-1][0] == own_step and (own_step or not axes[-1][1]):
            axes[-1] = axes[-1][0] * m, axes[-1][1]
        elif m > 1:
            axes.append((m, own_step))
        step *= n
    (columns, per_column), (rows, per_row), *more = [*axes, (1, 0), (1, 0)][: max(2, len(axes))]
    return None if more else (rows, columns, per_row, per_column)


def token_for(name: str, tail: tuple[int, ...]) -> str:
    """The name of what is laid out for lines of a shape."""
    return "_".join([name, "in", *map(str, tail)])


STRIDED: Final = LAYING_BY_AXES["strided"]
MOST_AFTER: Final = 256
"""So many operations wait for a kernel at most."""
