"""Elementwise chains over large arrays, each as one kernel: a loop that reads each array once, on all processors.

A chain takes in every elementwise operation on arrays of its shape, with numbers and with rows and columns that are
repeated, until one that is not elementwise needs its results. Where all of a result is summed up, or its mean is taken,
that is part of it. Nothing is fused where Numba is not installed, nor arrays of fewer than 32768 entries.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

from ...engine.trees import flatten
from ..kernels.forms import CHEAP, LOGIC, QUESTIONS, EntryForm, form_of_primitive, form_of_ufunc, number, precision_for
from ..kernels.kernel_loops import NUMBERS, Kernel, KernelLine, Operand
from ..kernels.launching import LEAST, has_numba
from ..kernels.precision import Precision
from ..kernels.translating import Function, name_in, precision_of
from ..methods_as_calls import Forward, Method
from ..program import Operation, Program, Variable, variables_in
from .effects import is_view, steady


def fused(program: Program) -> Program:
    """The program with kernels for chains."""
    if not has_numba() or not any(is_large(v) for o in program.operations for v in o.results):
        return program
    return Fusion(program).program()


def is_large(v: Variable | None) -> bool:
    """Whether a variable is an array that kernels are for."""
    return v is not None and v.is_array and v.contiguous and int(np.prod(v.shape, dtype=int)) >= LEAST


class Fusion:
    """One run of the pass.

    Attributes
    ----------
    open : shape → the chain of it that still grows, and runs at the place where its results are needed first
    kept : the operations so far
    repeated : views by ``np.broadcast_to`` → what is repeated
    """

    def __init__(self, original: Program) -> None:
        self.original = original
        self.open: dict[tuple[int, ...], Chain] = {}
        self.kept: list[Operation] = []
        self.repeated = repeated_views(original)
        self.uses = Counter(v for operation in original.operations for v in {*operation.operands()})
        self.uses.update({*variables_in(original.outputs)})

    def program(self) -> Program:
        """The program with its chains as kernels."""
        for operation in self.original.operations:
            self.take(operation)
        for chain in [*self.open.values()]:
            self.close(chain)
        return self.original.changed(operations=tuple(self.kept))

    def take(self, operation: Operation) -> None:
        """Put an operation into a chain, or behind those that it needs."""
        operands = {*operation.operands()}
        for other in [*self.open.values()]:
            if operands & other.sums.keys():  # known only when it has run
                self.close(other)
        chain = self.chain_for(operation)
        for other in [*self.open.values()]:
            if other is not chain and (operands & other.made.keys() or operation.writes in other.memories):
                self.close(other)
        if chain is None or not chain.add(operation):
            if chain is not None and operands & chain.made.keys():
                self.close(chain)
            self.kept.append(operation)

    def chain_for(self, operation: Operation) -> Chain | None:
        """The chain that an operation may become part of."""
        y = operation.result
        if y is None or operation.writes is not None or is_view(operation):
            return None
        shape = y.shape
        if is_sum(operation) or is_mean(operation):  # of what a chain has made
            (x,) = operation.args
            return (
                next((chain for chain in self.open.values() if x in chain.made), None) if is_of_all(operation) else None
            )
        if not is_large(y):
            return None
        return self.open.setdefault(shape, Chain(shape, self.repeated))

    def close(self, chain: Chain) -> None:
        """Let a chain run here."""
        del self.open[chain.shape]
        inside = Counter(v for operation in chain.members for v in {*operation.operands()})
        needed = [v for v in chain.made if self.uses[v] > inside[v]]
        self.kept += chain.operations(needed)


def is_sum(operation: Operation) -> bool:
    """Whether it sums over one array."""
    return operation.function == np.add.reduce and len(operation.args) == 1


def is_mean(operation: Operation) -> bool:
    """Whether it takes the mean of one array."""
    function = operation.function
    return len(operation.args) == 1 and (
        function is np.mean or (type(function) is Forward and function.primitive.name == "mean")
    )


def is_of_all(operation: Operation) -> bool:
    """Whether a reduction is over all entries, and gives a number."""
    (x,), kwargs = operation.args, dict(operation.kwargs)
    axis = kwargs.pop("axis", 0 if is_sum(operation) else None)
    axes = range(len(x.shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return (
        not kwargs.pop("keepdims", False) and not kwargs and {k % len(x.shape) for k in axes} == {*range(len(x.shape))}
    )


def repeated_views(program: Program) -> dict[Variable, Any]:
    """For each view that repeats a variable or a number, or gives one number axes, that, where it stays as it is."""
    unwritten = steady(program)
    found: dict[Variable, Any] = {}
    for operation in program.operations:
        if operation.function not in VIEWS or operation.result is None or operation.kwargs:
            continue
        x = operation.args[0]
        if type(x) is Variable:
            if id(x.memory) in unwritten and (operation.function is np.broadcast_to or x.shape == ()):
                found[operation.result] = found.get(x, x)
        elif isinstance(x, (int, float, np.generic)):
            found[operation.result] = x
    return found


VIEWS: Final = (np.broadcast_to, np.reshape, Method("reshape"))


class Chain:
    """Elementwise operations on arrays of one shape.

    Attributes
    ----------
    members : the operations
    names : the variables whose entries it knows, each with its name in the kernel and its dtype there
    made : those that it makes, each with the name of its entry, of sums that of what is summed
    sums : those that are sums or means, each with what is summed
    means : those that are means
    memories : what its operands lie in
    """

    def __init__(self, shape: tuple[int, ...], repeated: dict[Variable, Any]) -> None:
        self.shape = shape
        self.repeated = repeated
        self.members: list[Operation] = []
        self.operands: dict[Variable, Operand] = {}
        self.lines: list[KernelLine] = []
        self.functions: dict[tuple[Function, Precision], None] = {}
        self.names: dict[Variable, tuple[str, Any]] = {}
        self.made: dict[Variable, str] = {}
        self.sums: dict[Variable, Variable] = {}
        self.means: set[Variable] = set()
        self.memories: set[Any] = set()

    def add(self, operation: Operation) -> bool:
        """Take an operation in, if there is a form of it."""
        y = operation.result
        assert y is not None
        if is_sum(operation) or is_mean(operation):
            (x,) = operation.args
            if x.dtype != y.dtype or precision_for(x.dtype) is None or x in self.sums:
                return False
            self.sums[y] = x
            self.means |= {y} if is_mean(operation) else set()
            self.made[y] = self.made[x]
        else:
            found = self.form(operation, y)
            if found is None or (named := self.named(operation.args, found[1])) is None:
                return False
            form, _ = found
            name = f"v{len(self.lines)}"
            text, beyond, bound = [part.format(*named) for part in (form.text, form.beyond, form.bound)]
            self.lines.append(KernelLine(name, text, beyond, bound))
            self.names[y] = name, y.dtype
            self.made[y] = name
        self.members.append(operation)
        return True

    # -- forms

    def form(self, operation: Operation, y: Variable) -> tuple[EntryForm, Any] | None:
        """What computes an operation, and the dtypes that it takes its operands in."""
        function, args, kwargs = operation.function, self.resolved(operation.args), operation.kwargs
        if any(not isinstance(x, (Variable, int, float, np.generic)) for x in args):
            return None
        if type(function) is Forward:
            return self.precisely(partial(form_of_primitive, function.primitive.name, args, kwargs), y.dtype)
        if kwargs:
            return None
        if function is np.where:
            form, dtypes = EntryForm("{1} if {0} else {2}"), (np.dtype(bool), y.dtype, y.dtype)
            return None if precision_for(y.dtype) is None else (form, dtypes)
        if function in LOGIC:
            is_logic = y.dtype.kind == "b" and all(dtype_of(x).kind == "b" for x in operation.args)
            return (EntryForm(LOGIC[function]), np.dtype(bool)) if is_logic else None
        if function in QUESTIONS:
            dtype = np.result_type(*[representative(x) for x in operation.args])
            if dtype.kind in "bi" and all(dtype_of(x).kind == "b" for x in operation.args if type(x) is Variable):
                dtype = np.dtype(np.float64)  # which has all numbers that truth values are compared with
            return None if precision_for(dtype) is None else (EntryForm(QUESTIONS[function]), dtype)
        if not isinstance(function, np.ufunc):
            return None
        return self.precisely(lambda precision: form_of_ufunc(function, args, precision), y.dtype)

    def precisely(self, form: Callable[[Precision], EntryForm | None], dtype: Any) -> tuple[EntryForm, Any] | None:
        """A form in the precision of a dtype, which its functions are noted in."""
        precision = precision_for(dtype)
        found = None if precision is None else form(precision)
        if found is None or precision is None:
            return None
        self.functions.update(dict.fromkeys([(f, precision_of(f, precision)) for f in found.functions]))
        return found, dtype

    # -- operands

    def named(self, args: tuple[Any, ...], dtypes: Any) -> list[str] | None:
        """The text of each operand in the dtype that it is taken in; None where one has none."""
        wanted = dtypes if isinstance(dtypes, tuple) else (dtypes,) * len(args)
        args = self.resolved(args)
        new: dict[Variable, Operand] = {}
        for v in variables_in(args):
            if v not in self.names and v not in new:
                operand = self.operand(v, len(self.operands) + len(new))
                if operand is None:
                    return None
                new[v] = operand
        for v, operand in new.items():
            self.operands[v] = operand
            self.memories.add(v.memory)
            entry = operand.name if operand.layout in NUMBERS else f"{operand.name}_i"
            self.names[v] = entry, operand.dtype
        return [self.text(x, dtype) for x, dtype in zip(args, wanted, strict=True)]

    def text(self, x: Any, dtype: Any) -> str:
        """One operand in a dtype."""
        precision = precision_for(dtype)
        if type(x) is not Variable:
            return repr(bool(x)) if precision is None else number(x, precision)
        name, own = self.names[x]
        return name if own == dtype else f"np.{dtype.name}({name})" if precision else f"({name} != 0)"

    def resolved(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Operands with what is repeated in place of views that repeat it."""
        return tuple([self.repeated.get(x, x) if type(x) is Variable and x not in self.names else x for x in args])

    def operand(self, v: Variable, place: int) -> Operand | None:
        """How the loop reads a variable that it does not make; None where it cannot."""
        name, shape, whole = f"x{place}", v.shape, self.shape
        if v.dtype not in (np.float64, np.float32, bool) and not (shape == () and v.dtype.kind in "iu"):
            return None
        if shape == ():
            return Operand(name, "cell" if v.is_array else "number", None if v.weak else v.dtype)
        if not v.contiguous:
            return None
        if shape == whole:
            return Operand(name, "whole", v.dtype)
        trimmed = shape[next((k for k, n in enumerate(shape) if n != 1), len(shape)) :]
        if trimmed and trimmed == whole[len(whole) - len(trimmed) :]:
            return Operand(name, "rows", v.dtype)
        count = next((k for k in range(len(shape)) if all(n == 1 for n in shape[k:])), len(shape))
        if (count < len(shape) == len(whole) and shape[:count] == whole[:count]) or not trimmed:
            repeat = int(np.prod(whole[count:] if trimmed else whole, dtype=int))
            return Operand(name, "columns", v.dtype, repeat)
        return None

    # -- as operations

    def operations(self, needed: list[Variable]) -> list[Operation]:
        """The kernel that makes what is needed; the operations themselves where it would be no faster."""
        if not needed:
            return []
        if len(self.members) == 1 and self.members[0].function in CHEAP:
            return self.members
        arrays = [v for v in needed if v not in self.sums]
        means = [v for v in needed if v in self.means]
        sums = [v for v in needed if v in self.sums and v not in self.means]
        lines = needed_lines(self.lines, [self.made[v] for v in needed])
        words = {word for line in lines for text in line[1:] for word in re.findall(r"\w+", text)}
        operands = {v: o for v, o in self.operands.items() if words & {o.name, f"{o.name}_i"}}
        functions = [(f, precision) for f, precision in self.functions if name_in(f, precision) in words]
        live = {line.name for line in lines}
        titles = [title(operation) for operation in self.members if self.made[operation.results[0]] in live]  # type: ignore[index]
        kernel = Kernel(
            self.shape,
            [*operands.values()],
            lines,
            {self.made[v]: v.dtype for v in arrays},
            {self.made[v]: v.dtype for v in sums},
            {self.made[v]: v.dtype for v in means},
            functions,
            "_".join(dict.fromkeys(titles[-3:])),
        )
        results = (*arrays, *sums, *means)
        leaves = 0.0 if len(results) == 1 else (0.0,) * len(results)
        return [Operation(kernel, tuple(operands), {}, results, flatten(leaves)[1])]


def needed_lines(lines: list[KernelLine], names: list[str]) -> list[KernelLine]:
    """The lines that some names depend on."""
    live, kept = set(names), []
    for line in reversed(lines):
        if line.name in live:
            kept.append(line)
            live.update(re.findall(r"\bv\d+\b", line.text))
    return kept[::-1]


def title(operation: Operation) -> str:
    """A word for what an operation does."""
    function = operation.function
    if function == np.add.reduce:
        return "sum"
    return function.primitive.name if type(function) is Forward else str(function.__name__)


def dtype_of(x: Any) -> Any:
    """That of a variable or a number."""
    return x.dtype if type(x) is Variable else np.asarray(x).dtype


def representative(x: Any) -> Any:
    """What has the dtype of an operand among others: Python's numbers take on theirs."""
    if type(x) is not Variable:
        return x
    return x.dtype.type(0).item() if x.weak else x.dtype
