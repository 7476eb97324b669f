"""Arithmetic with single numbers as Python's, which takes a third of the time of NumPy's.

A NumPy number of dtype float64 is a Python float; an array of a few of them, each. Sums, products and quotients are the
same to the last bit, and so are the functions of :data:`UNARY`; of ``exp``, ``log``, ``tanh`` and others, Python's
differ in the last bits, and NumPy's are called. Where NumPy gives inf or nan and warns, Python raises: then the program
has to run as it was, from the start, so that only programs are changed that change no array of their caller.
"""

from __future__ import annotations

import math
import operator
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ...engine.trees import LEAF, Structure
from ..loops import Loop
from ..methods_as_calls import Forward, Method
from ..program import Memory, Operation, Program, Variable, variables_in

MOST: Final = 4
"""So many entries an array has at most that is taken apart."""

BINARY: Final[dict[Any, Any]] = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.divide: operator.truediv,
}  # fmt: skip
UNARY: Final[dict[Any, Any]] = {
    np.negative: operator.neg, np.absolute: abs, np.sqrt: math.sqrt, np.sin: math.sin, np.cos: math.cos,
}  # fmt: skip
SAME: Final[tuple[Any, ...]] = (np.positive, np.copy, np.float64, Method("copy"))
RAISING: Final[tuple[Any, ...]] = (operator.truediv, math.sqrt, math.sin, math.cos)
FILLED: Final[dict[Any, float]] = {np.zeros: 0.0, np.ones: 1.0, np.zeros_like: 0.0, np.ones_like: 1.0}
LARGEST: Final = 2**53

GAINS: Final = {"number": 40, "array": 350, "assignment": 100}
COSTS: Final = {"number": 60, "array": 300}
"""About so many nanoseconds an operation is quicker, and a conversion takes."""


def with_python_floats(program: Program) -> Program:
    """The program with arithmetic of single numbers as Python's, where that is quicker with the conversions."""
    if not begins_again(program):
        return program
    numbers = PythonNumbers(program)
    chosen = numbers.worthwhile()
    return InPythonNumbers(program, numbers, chosen).program() if chosen else program


def begins_again(program: Program) -> bool:
    """Whether it can be begun again where Python raises: not one that has changed arrays by then."""
    return not program.donated and not any(
        o.writes is not None and o.writes.origin != "operation" for o in program.operations
    )


def can_raise(program: Program) -> bool:
    """Whether Python may raise in a program where NumPy warns."""
    return any(
        operation.function in RAISING or (type(operation.function) is Loop and can_raise(operation.function.body))
        for operation in program.operations
    )


class PythonNumbers:
    """Which operations of a program can be done with Python's numbers.

    Attributes
    ----------
    alone : the memories that one variable sees, and that are written to entry by entry, if they are
    fitting : the operations, by their place
    """

    def __init__(self, program: Program) -> None:
        self.old = program
        seen: dict[Memory, set[Variable]] = defaultdict(set)
        every: list[Variable | None] = [*program.inputs, *program.constants]
        every += [v for operation in program.operations for v in (*operation.operands(), *operation.results)]
        for v in every:
            if v is not None:
                seen[v.memory].add(v)
        self.alone = {memory for memory, variables in seen.items() if len(variables) == 1}
        for operation in program.operations:
            if operation.writes is not None and not self.is_entry_written(operation):
                self.alone.discard(operation.writes)
        self.fitting = [k for k, operation in enumerate(program.operations) if self.fits(operation)]

    def is_entry_written(self, operation: Operation) -> bool:
        """Whether it writes one number to one entry."""
        if operation.function is not operator.setitem:
            return False
        x, index, value = operation.args
        return entry_of(index, x) is not None and (is_plain(value) or self.is_number(value))

    def is_number(self, x: Any) -> bool:
        """Whether it is a single number of dtype float64."""
        return type(x) is Variable and x.shape == () and x.dtype == np.float64 and not x.is_array

    def is_short(self, x: Any) -> bool:
        """Whether it is an array that is taken apart."""
        return (
            type(x) is Variable
            and x.is_array
            and len(x.shape) == 1
            and 1 <= x.shape[0] <= MOST
            and x.dtype == np.float64
            and x.memory in self.alone
        )

    def is_known(self, x: Any) -> bool:
        """Whether Python's numbers can stand for it."""
        return is_plain(x) or self.is_number(x) or self.is_short(x)

    def fits(self, operation: Operation) -> bool:
        """Whether it can be done with Python's numbers."""
        function, args, y = operation.function, operation.args, operation.result
        if function is operator.setitem:
            return self.is_short(args[0]) and self.is_entry_written(operation)
        if y is None or operation.writes is not None or not (self.is_number(y) or self.is_short(y)):
            return False
        if function is operator.getitem:
            return self.is_short(args[0]) and entry_of(args[1], args[0]) is not None
        if function in FILLED:
            return self.is_short(y)
        if type(function) is Forward:
            return function.primitive.name == "stack" and all(is_plain(x) or self.is_number(x) for x in args)
        if function == np.add.reduce or function == np.sum:
            return len(args) == 1 and not operation.kwargs and self.is_short(args[0])
        if operation.kwargs or not all(map(self.is_known, args)) or not variables_in(args):
            return False
        if function is np.power:
            return type(args[1]) in (int, float) and args[1] == 2
        return function in BINARY or function in UNARY or function in SAME or function in (np.square, np.reciprocal)

    def worthwhile(self) -> set[int]:
        """The operations that are done with Python's numbers: of those that belong together, if that is quicker."""
        groups = Groups()
        for k in self.fitting:
            operation = self.old.operations[k]
            groups.join([k, *[v for v in (*operation.operands(), *operation.results) if v is not None]])
        gain: dict[Any, int] = defaultdict(int)
        made: set[Variable] = set()
        for k in self.fitting:
            operation = self.old.operations[k]
            y = operation.result
            kind = "assignment" if y is None else "array" if y.is_array else "number"
            gain[groups.first(k)] += GAINS[kind]
            made.update([v for v in operation.results if v is not None])
        inside = {*self.fitting}
        within = {v for k in self.fitting for v in self.old.operations[k].operands()}
        without = {v for k, o in enumerate(self.old.operations) if k not in inside for v in o.operands()}
        for v in (within - made) | (made & (without | {*variables_in(self.old.outputs)})):
            if not v.weak:
                gain[groups.first(v)] -= COSTS["array" if v.is_array else "number"]
        return {k for k in self.fitting if gain[groups.first(k)] > 0}


class Groups:
    """What belongs together."""

    def __init__(self) -> None:
        self.above: dict[Any, Any] = {}

    def first(self, x: Any) -> Any:
        """The one that stands for all that x belongs to."""
        above = self.above
        while above.setdefault(x, x) != x:
            above[x] = x = above[above[x]]
        return x

    def join(self, every: Sequence[Any]) -> None:
        """Let all of them belong together."""
        for x in every[1:]:
            self.above[self.first(x)] = self.first(every[0])


def entry_of(index: Any, x: Variable) -> int | None:
    """Which entry of an array with one axis an index names; None where it is none that is known."""
    if type(index) is tuple and len(index) == 1:
        (index,) = index
    if type(index) is not int or len(x.shape) != 1 or not -x.shape[0] <= index < x.shape[0]:
        return None
    return index % x.shape[0]


def is_plain(x: Any) -> bool:
    """Whether it is a number that Python computes with as NumPy does with its float64."""
    kind = type(x)
    return kind is float or kind is np.float64 or (kind is int and -LARGEST <= x <= LARGEST)


class InPythonNumbers:
    """A program in which some operations are done with Python's numbers.

    Attributes
    ----------
    floats : variable → the numbers that it consists of
    arrays : variable → the variable that holds it as NumPy's
    """

    def __init__(self, program: Program, numbers: PythonNumbers, chosen: set[int]) -> None:
        self.old = program
        self.numbers = numbers
        self.chosen = chosen
        self.floats: dict[Variable, list[Any]] = {}
        self.arrays: dict[Variable, Variable] = {}
        self.kept: list[Operation] = []
        self.asked = {v for k in chosen for v in program.operations[k].operands()}

    def program(self) -> Program:
        """The program."""
        for v in (*self.old.inputs, *self.old.constants):
            self.arrive(v)
        for k, operation in enumerate(self.old.operations):
            if k in self.chosen:
                self.translate(operation)
            else:
                self.kept.append(operation.with_others({v: self.array(v) for v in operation.operands()}))
                for y in operation.results:
                    if y is not None:
                        self.arrive(y)
        same = {v: self.array(v) for v in variables_in(self.old.outputs)}
        outputs = tuple([same.get(v, v) if type(v) is Variable else v for v in self.old.outputs])
        seen = {v for operation in self.kept for v in operation.operands()} | {*variables_in(outputs)}
        constants = {v: x for v, x in self.old.constants.items() if v in seen or v.memory.origin != "made"}
        return self.old.changed(operations=tuple(self.kept), outputs=outputs, constants=constants)

    def arrive(self, v: Variable) -> None:
        """Note an array or a number of NumPy's; convert it if it is asked for."""
        self.arrays[v] = v
        if v not in self.asked:
            return
        known = self.old.constants.get(v)
        if v.weak:
            self.floats[v] = [v]
        elif known is not None and v.memory.origin == "made":
            self.floats[v] = np.ravel(known).tolist()
        elif not v.is_array or v.size == 1:
            self.floats[v] = [self.computed(Method("item") if v.is_array else float, [v], v.name)]
        else:
            parts = tuple([number_named(f"{v.name}_{k}" if v.name else "") for k in range(v.shape[0])])
            structure = Structure(list, (), (LEAF,) * len(parts))
            self.kept.append(Operation(Method("tolist"), (v,), {}, parts, structure))
            self.floats[v] = [*parts]

    def computed(self, function: Any, args: Sequence[Any], name: str = "") -> Variable:
        """The result of a call, which is added."""
        y = number_named(name)
        self.kept.append(Operation(function, tuple(args), {}, (y,), LEAF))
        return y

    def array(self, v: Variable) -> Variable:
        """A variable as NumPy's, made where it is not."""
        if v not in self.arrays:
            new = v if v not in self.asked or not v.is_array else v.renewed(Memory("operation"))
            arguments = ([*self.floats[v]],) if v.is_array else tuple(self.floats[v])
            self.kept.append(Operation(np.array if v.is_array else np.float64, arguments, {}, (new,), LEAF))
            self.arrays[v] = new
        return self.arrays[v]

    def entries(self, x: Any, count: int) -> list[Any]:
        """An operand's numbers, as many as the result has."""
        found = self.floats[x] if type(x) is Variable else [float(x) if type(x) is np.float64 else x]
        return found if len(found) == count else found * count

    def translate(self, operation: Operation) -> None:
        """Add an operation, done with Python's numbers."""
        function, args, y = operation.function, operation.args, operation.result
        if function is operator.setitem:
            x, index, value = args
            entry = entry_of(index, x)
            assert entry is not None
            self.floats[x] = [*self.floats[x]]
            self.floats[x][entry] = self.as_float(self.entries(value, 1)[0])
            self.arrays.pop(x, None)
            return
        assert y is not None
        count = y.shape[0] if y.is_array else 1
        if function is operator.getitem:
            entry = entry_of(args[1], args[0])
            assert entry is not None
            self.floats[y] = [self.floats[args[0]][entry]]
        elif function in FILLED:
            self.floats[y] = [FILLED[function]] * count
        elif type(function) is Forward:
            self.floats[y] = [self.as_float(self.entries(x, 1)[0]) for x in args]
        elif function == np.add.reduce or function == np.sum:
            first, *others = self.floats[args[0]]
            for x in others:
                first = self.computed(operator.add, [first, x])
            self.floats[y] = [first]
        else:
            each = zip(*[self.entries(x, count) for x in args], strict=True)
            self.floats[y] = [
                self.number(function, parts, f"{y.name}_{k}" if y.is_array and y.name else y.name)
                for k, parts in enumerate(each)
            ]

    def as_float(self, x: Any) -> Any:
        """A known int as a float: entries of arrays are."""
        return float(x) if type(x) is int else x

    def number(self, function: Any, parts: Sequence[Any], name: str) -> Any:
        """One number of a result."""
        if function in SAME:
            return parts[0]
        if function is np.square or function is np.power:
            return self.computed(operator.mul, [parts[0], parts[0]], name)
        if function is np.reciprocal:
            return self.computed(operator.truediv, [1.0, parts[0]], name)
        return self.computed(BINARY.get(function) or UNARY[function], parts, name)


def number_named(name: str) -> Variable:
    """A variable for a Python number."""
    y = NUMBER.renewed(Memory("operation"))
    y.name = name
    return y


NUMBER: Final = Variable(0.0, Memory("operation"))
