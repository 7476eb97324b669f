"""What a function did to its arrays, written down: a straight line of NumPy calls on variables.

An operation may change memory, as NumPy's do (``out=``, ``x[i] = v``), and several variables may see the same memory.
So the order of the line matters, and a variable's content is known by its :class:`Memory` and by how often that was
written to. Passes turn one program into another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from ..engine.trees import Structure, flatten, tree_map, unflatten


class Memory:
    """What variables share where one is a view of another. It is the identity that counts."""

    __slots__ = ("origin",)

    def __init__(self, origin: str) -> None:
        self.origin = origin  # "input", "constant", "made" (by the function), "state", "operation" or "buffer"

    def __repr__(self) -> str:
        return f"<memory of an {self.origin}>"


class Variable:
    """An array of known shape and dtype, and of numbers that are known only when the program runs.

    Attributes
    ----------
    shape, dtype : of the array
    memory : where it lies
    is_array : whether it is an array, not a NumPy scalar or a Python number
    contiguous : whether it lies in memory in C order
    weak : whether it is a Python number, which takes on the dtype of what it meets
    name : for people
    """

    __slots__ = ("contiguous", "dtype", "is_array", "memory", "name", "shape", "weak")

    def __init__(self, value: Any, memory: Memory, name: str = "") -> None:
        array = value if isinstance(value, (np.ndarray, np.generic)) else np.asarray(value)
        self.shape: tuple[int, ...] = array.shape
        self.dtype: np.dtype[Any] = array.dtype
        self.memory = memory
        self.is_array = isinstance(value, np.ndarray)
        self.contiguous = bool(array.flags.c_contiguous)
        self.weak = not isinstance(value, (np.ndarray, np.generic))
        self.name = name

    @property
    def size(self) -> int:
        """How many entries it has."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """What it takes of memory."""
        return math.prod(self.shape) * self.dtype.itemsize

    def renewed(self, memory: Memory) -> Variable:
        """Another of the same kind, in other memory."""
        other = Variable.__new__(Variable)
        other.shape, other.dtype, other.memory = self.shape, self.dtype, memory
        other.is_array, other.contiguous, other.weak, other.name = self.is_array, self.contiguous, self.weak, self.name
        return other

    def __repr__(self) -> str:
        return f"<{self.name or 'variable'} {self.dtype}{list(self.shape)}>"


@dataclass(eq=False, frozen=True, slots=True)
class Operation:
    """A call of a function, with variables among its arguments.

    Attributes
    ----------
    function : what is called
    args, kwargs : its arguments, lists and tuples of variables among them
    results : for each array that it returns a variable; None for what is not needed
    structure : the containers that they come in
    writes : the memory that it changes; None for most
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    results: tuple[Variable | None, ...]
    structure: Structure
    writes: Memory | None = None
    own: tuple[Variable, ...] | None = field(default=None, init=False, repr=False)

    @property
    def result(self) -> Variable | None:
        """The one variable that it makes."""
        return self.results[0] if len(self.results) == 1 else None

    def operands(self) -> tuple[Variable, ...]:
        """The variables among its arguments."""
        if self.own is None:
            object.__setattr__(self, "own", tuple(variables_in((self.args, self.kwargs))))
        return self.own  # type: ignore[return-value]

    def substituted(self, other: Callable[[Variable], Any]) -> Operation:
        """The same call of other variables."""
        return replace(self, args=mapped(other, self.args), kwargs=mapped(other, self.kwargs))

    def with_others(self, same: Mapping[Variable, Any]) -> Operation:
        """The same call of what stands in the place of some variables; itself where it is of none."""
        if not any(v in same for v in self.operands()):
            return self
        return self.substituted(lambda v: same.get(v, v))


def variables_in(tree: Any) -> list[Variable]:
    """The variables in nested containers and slices."""
    found: list[Variable] = []
    collect(tree, found)
    return found


def collect(tree: Any, found: list[Variable]) -> None:
    """Add the variables in nested containers to a list. (The types that are met most are asked for first.)"""
    kind = type(tree)
    if kind is Variable:
        found.append(tree)
    elif kind in PLAIN:
        return
    elif isinstance(tree, (tuple, list)):
        for part in tree:
            collect(part, found)
    elif kind is slice:
        collect((tree.start, tree.stop, tree.step), found)
    elif isinstance(tree, Mapping):
        for part in tree.values():
            collect(part, found)


def mapped(other: Callable[[Variable], Any], tree: Any) -> Any:
    """The same containers with something else in the place of each variable."""
    kind: Any = type(tree)
    if kind is Variable:
        return other(tree)
    if kind in PLAIN:
        return tree
    if isinstance(tree, (tuple, list)):
        parts = [mapped(other, part) for part in tree]
        if kind is list:
            return parts
        return kind(*parts) if hasattr(tree, "_fields") else tuple(parts)
    if kind is slice:
        return slice(*[mapped(other, part) for part in (tree.start, tree.stop, tree.step)])
    if isinstance(tree, Mapping):
        return {key: mapped(other, part) for key, part in tree.items()}
    return tree


PLAIN: Final = frozenset({int, float, complex, bool, str, type(None), type, type(Ellipsis), np.float64, np.dtype})
"""Types of what contains no variables."""


@dataclass(eq=False, frozen=True)
class Program:
    """A line of operations.

    Attributes
    ----------
    inputs : the variables that a caller gives values of
    constants : variables → the arrays that the function took from elsewhere
    operations : in the order in which they run
    buffers : arrays that are made once, and used again in every run; those in a tuple make a list
    views : operations that are done once, then: views of buffers and constants
    outputs : variables, and plain numbers
    structure : the containers that the outputs come in
    donated : inputs that may be written to
    reuses_outputs : whether what is returned lies in buffers, too, and is written over by the next run
    kernels : which arrays kernels are for
    """

    inputs: tuple[Variable, ...]
    constants: Mapping[Variable, Any]
    operations: tuple[Operation, ...]
    outputs: tuple[Any, ...]
    structure: Structure = field(default=Structure(None, (), ()))
    buffers: tuple[Any, ...] = ()
    views: tuple[Operation, ...] = ()
    donated: tuple[Variable, ...] = ()
    reuses_outputs: bool = False
    kernels: str = "large"

    def changed(self, **changes: Any) -> Program:
        """A program that is another in some respect."""
        return replace(self, **changes)

    def run(self, values: Sequence[Any]) -> Any:
        """What it gives of some inputs, operation by operation: what its source is tested against."""
        known: dict[Variable, Any] = {**self.constants, **dict(zip(self.inputs, values, strict=True))}
        known |= {buffer: np.empty(buffer.shape, buffer.dtype) for buffer in variables_in(self.buffers)}
        for operation in (*self.views, *self.operations):
            args, kwargs = mapped(known.__getitem__, (operation.args, operation.kwargs))
            found = arrays_of(operation.function(*args, **kwargs), operation.structure)
            known |= {v: y for v, y in zip(operation.results, found, strict=True) if v is not None}
        return unflatten(self.structure, mapped(known.__getitem__, list(self.outputs)))


def arrays_of(y: Any, structure: Structure) -> list[Any]:
    """The arrays that a call returned; none of a call for its effect."""
    return flatten(y)[0] if structure.kind is not type(None) else []


def versions(program: Program) -> Iterator[tuple[Operation, dict[Memory, int]]]:
    """Each operation with the number of writes, so far, to each memory that was written to."""
    written: dict[Memory, int] = {}
    for operation in program.operations:
        yield operation, written
        if operation.writes is not None:
            written[operation.writes] = written.get(operation.writes, 0) + 1


def written_memories(program: Program) -> set[Memory]:
    """The memories that some operation changes."""
    return {operation.writes for operation in program.operations if operation.writes is not None}


__all__ = ["Memory", "Operation", "Program", "Variable", "arrays_of", "mapped", "tree_map", "variables_in", "versions"]
