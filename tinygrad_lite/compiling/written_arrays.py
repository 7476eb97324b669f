"""Arrays that write down what is done to them.

A :class:`WrittenArray` stands for an array of a program while that is being compiled, a :class:`WrittenScalar` for a
number of NumPy's, a :class:`WrittenNumber` for one of Python's. It has the shape and the dtype that the array will
have, passes for one to ``isinstance``, and every NumPy function, operator or method of it becomes an operation of the
:class:`Recorder`. The numbers that it computes on the way, of the arguments of the first call, are known to nobody: a
program that looks at them would be another one with other numbers, and is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from sys import _getframe
from threading import get_ident
from typing import Any, Final, NoReturn

import numpy as np

from ..engine.protocols import refuse_leaving
from ..engine.refusals import refusal
from ..engine.trees import LEAF, flatten
from ..table.ducks import FACTS, DuckArray
from ..table.parts import own_copy
from ..table.requests import program_line
from ..table.writers import Flat
from .asking import Questions, WrittenFlags
from .methods_as_calls import Attribute, Method, name_of_call
from .naming import assigned_to, called_in, is_library
from .nested import leaves_mapped, leaves_of_types, out_by_name, rebuilt
from .outside_arrays import OutsideArrays
from .program import Memory, Operation, Program, Variable, mapped
from .unknown_numbers import (
    ATTRIBUTES,
    CHOOSE,
    FACTS_OF_ARRAYS,
    IN_PLACE,
    NUMBERS,
    SHAPED_BY_NUMBERS,
    UNWRITTEN,
    WRITING_METHODS,
    kept_by_numpy,
    note_error,
    refuse_errors,
    shaped_by_numbers,
    unknown,
)
from .written_numbers import HIDDEN, PythonNumber, hidden


class Recorder(OutsideArrays):
    """Where operations are written down.

    Attributes
    ----------
    operations : so far
    streams : how far the generators of random numbers are, by the identity of their bits
    closed : whether the program is complete, so that arrays of it that are left are of no use
    apart : arguments' memories that are two here, and share memory in the call
    asks_sharing : whether the program asked which arrays share memory
    kernels : which arrays kernels will be for
    """

    def __init__(self, kernels: str = "large") -> None:
        super().__init__()
        self.kernels = kernels
        self.operations: list[Operation] = []
        self.inputs: list[Variable] = []
        self.streams: dict[int, Any] = {}
        self.closed = False
        self.thread = get_ident()
        self.errors = np.geterr()
        self.named: tuple[Any, Variable | None] = (None, None)
        self.apart: list[set[Memory]] = []
        self.asks_sharing = False

    def given(self, value: Any, name: str) -> StandIn:
        """An input."""
        variable = Variable(value, Memory("input"), name)
        self.inputs.append(variable)
        return self.array(value, variable)

    def array(self, value: Any, variable: Variable) -> StandIn:
        """What stands for a value."""
        if isinstance(value, np.ndarray):
            return WrittenArray(value, variable, self)
        return (WrittenScalar if isinstance(value, np.generic) else WrittenNumber)(value, variable, self)

    def held(self, x: np.ndarray, name: str) -> WrittenArray:
        """An array that the program keeps, and may write to."""
        variable = Variable(x, Memory("state"), name)
        self.constants[id(x)] = [(variable, x, x)]
        return WrittenArray(own_copy(x), variable, self)

    def variable_of(self, x: Any) -> Any:
        """What stands for an argument's leaf in an operation."""
        if type(x) is DuckArray:
            x = x.held
        if type(x) in WRITTEN:
            if x.recorder is not self:
                raise TypeError("compile: an array of another compiled function was kept, and is used here")
            return x.variable
        return self.constant(x) if isinstance(x, np.ndarray) else x

    def record(
        self, function: Callable[..., Any], args: Any, kwargs: Mapping[str, Any], writes: StandIn | None = None
    ) -> Any:
        """Call a function, write that down, and return what it gives as arrays that write on."""
        if get_ident() != self.thread:
            raise TypeError("compile: what is state of a function that is being compiled is used in another thread")
        if self.closed:
            raise TypeError("compile: an array was used after the function that it belongs to had been compiled")
        if np.geterr() != self.errors:
            refuse_errors(name_of_call(function))
        given, settings = numbers_of(tuple(args)), numbers_of(kwargs) if kwargs else {}
        try:
            y = function(*given, **settings)
        except Exception as error:
            note_error(error, function, given, settings)
            raise
        found, structure = flatten(y)
        if not all(isinstance(part, (np.ndarray, np.generic)) for part in found):
            raise unknown(name_of_call(function), CHOOSE)
        own = written_in(args) + written_in(kwargs) if kwargs else written_in(args)
        sources = [x for x in own if isinstance(x.value, np.ndarray)]
        results = tuple([self.result(part, sources) for part in found])
        memory = None if writes is None else writes.variable.memory
        called = leaves_mapped(self.variable_of, tuple(args))
        settings = leaves_mapped(self.variable_of, dict(kwargs)) if kwargs else {}
        self.operations.append(Operation(function, called, settings, results, structure, memory))
        if len(results) == 1:
            self.name(results[0], sources)
        arrays = [self.array(part, v) for part, v in zip(found, results, strict=True)]
        return rebuilt(y, iter(arrays))

    def python(self, function: Callable[..., Any], *args: Any) -> Any:
        """Arithmetic among Python's numbers, written down: a number of Python's."""
        if self.closed:
            raise TypeError("compile: a number was used after the function that it belongs to had been compiled")
        try:
            y = function(*map(number_of, args))
        except Exception as error:
            note_error(error, function, tuple(map(number_of, args)), {})
            raise
        v = Variable(y, Memory("operation"))
        if v.dtype == object:
            raise refusal(f"compile: {y} is too large to be computed with as a number [{program_line()}]", ())
        self.operations.append(Operation(function, tuple(map(self.variable_of, args)), {}, (v,), LEAF))
        self.name(v, written_in(args))
        return self.array(y, v)

    def name(self, v: Variable, given: Iterable[StandIn]) -> None:
        """Call a new value, and parts of arguments, what the program calls them: of values of one call, the last."""
        name, place, frame = assigned_to()
        for x in given:
            if x.variable.memory.origin == "input" and not x.variable.name.isidentifier():
                x.variable.name = called_in(frame, x.variable) or x.variable.name
        former_place, former = self.named
        if former is not None and former_place == place and former.name == name:
            former.name = ""
        v.name = name
        self.named = place, v

    def result(self, y: Any, sources: list[StandIn]) -> Variable:
        """The variable of a result, in the memory of what it is a view of."""
        for x in sources:
            if isinstance(y, np.ndarray) and np.may_share_memory(y, x.value):
                return Variable(y, x.variable.memory)
        if isinstance(y, np.ndarray) and not y.flags.owndata:
            for variable, x, _ in self.every_constant():
                if np.may_share_memory(y, x):
                    return Variable(y, variable.memory)
        return Variable(y, Memory("operation"))

    def program(self, outputs: list[Any], structure: Any) -> Program:
        """The program, complete."""
        returned = tuple(map(self.variable_of, outputs))
        self.closed = True
        return Program(
            tuple(self.inputs), self.every_state(), tuple(self.operations), returned, structure, kernels=self.kernels
        )

    def drawn(self, method: Method, rng: Any, variable: Variable, args: Any, kwargs: Mapping[str, Any]) -> Any:
        """What a method of a random generator draws, as an operation that changes the generator."""
        given = numbers_of((args, kwargs))
        y = method(rng, *given[0], **given[1])
        v = Variable(y, Memory("operation"))
        args, kwargs = leaves_mapped(self.variable_of, ((variable, *args), dict(kwargs)))
        self.operations.append(Operation(method, args, kwargs, (v,), flatten(y)[1], variable.memory))
        return self.array(y, v)

    def shares(self, function: Callable[..., Any], args: Any) -> bool:
        """Whether arrays share memory; from then on programs of arguments that do and do not are two."""
        self.asks_sharing = True
        seen = {self.variable_of(x).memory for x in args[:2] if type(x) in WRITTEN or isinstance(x, np.ndarray)}
        origins = {memory.origin for memory in seen}
        if seen in self.apart or (len(seen) == 2 and "input" in origins and not origins <= {"input", "operation"}):
            raise refusal(
                "compile: np.shares_memory of arguments that share memory, and are not one, or of an argument and an "
                f"array from outside, is not written down [{program_line()}]. Give it a copy of one of them",
                (),
            )
        return bool(function(*numbers_of(args)))


def number_of(x: Any) -> Any:
    """The numbers that an array has in the first call."""
    if type(x) is DuckArray:
        x = x.held
    return x.value if type(x) in WRITTEN else x


def numbers_of(tree: Any) -> Any:
    """The same containers with the numbers in place of written arrays."""
    return leaves_mapped(number_of, tree)


def written_in(tree: Any) -> list[StandIn]:
    """The written arrays in nested containers."""
    return [x.held if type(x) is DuckArray else x for x in leaves_of_types(tree, (*WRITTEN, DuckArray))]


def recorder_of(tree: Any) -> Recorder:
    """The recorder of the first written array in an argument."""
    recorder: Recorder = written_in(tree)[0].recorder
    return recorder


def has_mask(index: Any) -> bool:
    """Whether an index chooses entries by truth values that are not known."""
    return any(x.variable.dtype == bool for x in written_in(index))


class StandIn(Questions, np.lib.mixins.NDArrayOperatorsMixin):
    """An array, or a number, of a program that is being compiled."""

    __slots__ = ("recorder", "value", "variable")

    def __init__(self, value: Any, variable: Variable, recorder: Recorder) -> None:
        self.value = value
        self.variable = variable
        self.recorder = recorder

    # -- what it is

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What it stands for, to ``isinstance``; ``type(x)`` is what it is."""
        return type(self.value)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.variable.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.variable.dtype

    @property
    def ndim(self) -> int:
        return len(self.variable.shape)

    @property
    def size(self) -> int:
        return int(np.prod(self.variable.shape, dtype=int))

    @property
    def flags(self) -> Any:
        told = self.variable.memory.origin == "operation" or is_library(_getframe(1))
        return WrittenFlags(np.asarray(self.value).flags, told)

    @property
    def is_memory(self) -> bool:
        """Whether it can be written to; numbers are replaced."""
        return isinstance(self.value, np.ndarray)

    def __eq__(self, other: object) -> Any:
        return self.value == other if isinstance(other, (str, bytes)) else np.equal(self, other)  # type: ignore[call-overload]

    def __ne__(self, other: object) -> Any:
        return self.value != other if isinstance(other, (str, bytes)) else np.not_equal(self, other)  # type: ignore[call-overload]

    __hash__ = Questions.__hash__

    # -- NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(hasattr(type(x), "__record__") or type(x) is DuckArray for x in inputs):
            return NotImplemented
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        return called(function, inputs, kwargs, inputs[0] if method == "at" else None)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if any(hasattr(kind, "__record__") or kind is DuckArray for kind in types):
            return NotImplemented
        return call(function, args, kwargs)

    # -- parts

    def part(self, index: Any) -> Any:
        """``x[index]``."""
        if has_mask(index):
            raise unknown(
                "indexing by truth values, whose count gives the shape,",
                "np.where(mask, x, 0) keeps the shape, and sums of it are those of the chosen entries",
            )
        if self.variable.weak and index == ():  # Python's number as NumPy's
            return self.recorder.record(self.dtype.type, (self,), {})
        return self.recorder.record(operator.getitem, (self, index), {})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(f"'WrittenArray' object has no attribute {name!r}")
        if name in ATTRIBUTES:
            return self.recorder.record(Attribute(name), (self,), {})
        if name in FACTS_OF_ARRAYS:
            return getattr(np.asarray(self.value), name)
        if name in NUMBERS:
            raise unknown(f"{name}()", "The array itself can be computed with")
        if name in UNWRITTEN or not callable(getattr(np.ndarray, name)):
            raise refusal(f"compile: {name} of an array is not written down; NumPy's functions of arrays are", ())
        if name in SHAPED_BY_NUMBERS:
            raise shaped_by_numbers(name)

        def method(*args: Any, **kwargs: Any) -> Any:
            function = getattr(np, name, None)
            given: tuple[Any, Any] = (self, *args), kwargs
            if callable(function):
                given = out_by_name(function, *given)
            return called(Method(name), *given, self if name in WRITING_METHODS else None)

        return method

    @property
    def flat(self) -> Flat:
        return Flat(self)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("real", "imag", "flat"):
            getattr(self, name)[...] = value
            return
        object.__setattr__(self, name, value)

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()


class WrittenArray(StandIn):
    """An array of a program that is being compiled."""

    __slots__ = ()

    __getitem__ = StandIn.part

    def __setitem__(self, index: Any, value: Any) -> None:
        if hasattr(type(value), "__record__"):
            refuse_leaving([value], "an assignment to entries of an array")
            value = value.data
        self.recorder.record(operator.setitem, (self, index, value), {}, self)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len: a single number has no length")
        return self.shape[0]

    def __iter__(self) -> Any:
        return (self[k] for k in range(len(self)))

    def __contains__(self, x: Any) -> NoReturn:
        raise unknown("in", "np.any(array == x) gives a truth value that can be computed with")


class WrittenScalar(StandIn):
    """A number of NumPy's."""

    __slots__ = ()

    __getitem__ = StandIn.part
    __iter__ = None


class WrittenNumber(PythonNumber, StandIn):
    """A number of Python's."""

    __slots__ = ()

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self


for name in HIDDEN:
    setattr(WrittenNumber, name, hidden(name, getattr(StandIn, name)))

WRITTEN: Final = (WrittenArray, WrittenScalar, WrittenNumber)


def call(function: Callable[..., Any], args: Any, kwargs: Mapping[str, Any]) -> Any:
    """One of NumPy's functions, of written arrays."""
    name = function.__name__
    kwargs = {key: x for key, x in kwargs.items() if x is not np._NoValue and not (key == "out" and x is None)}
    if function is np.result_type:
        return np.result_type(*numbers_of(args))
    if function in (np.may_share_memory, np.shares_memory):
        asks = not is_library(_getframe(2))
        return recorder_of(args).shares(function, args) if asks else bool(function(*numbers_of(args)))
    if function in FACTS:
        return FACTS[function](*args, **kwargs)
    counts = name == "bincount" and not written_in([args[:1], kwargs.get("minlength")])
    if (name in SHAPED_BY_NUMBERS and not counts) or (name == "where" and len(args) + len(kwargs) == 1):
        raise shaped_by_numbers(name)
    if name == "repeat" and written_in([args[1:], dict(kwargs)]):
        raise shaped_by_numbers(name)
    args, kwargs = out_by_name(function, args, kwargs)
    return called(function, args, kwargs, args[IN_PLACE[name]] if name in IN_PLACE else None)


def called(function: Callable[..., Any], args: Any, kwargs: Mapping[str, Any], writes: Any = None) -> Any:
    """A call, written down; to what is given as ``out=``, or as that which it writes to, it writes."""
    out = kwargs.get("out")
    if isinstance(out, tuple):
        if len(out) > 1:
            raise refusal(f"compile: {name_of_call(function)} with several outputs in out= is not written down", ())
        (out,) = out
    recorder = recorder_of([args, dict(kwargs)])
    kwargs = {key: x for key, x in kwargs.items() if key != "out"}
    if out is not None:
        if (held := as_written(out)) is not None and not held.is_memory:  # y += x of a number: the name's new value
            return recorder.record(function, args, kwargs)
        kwargs, writes = {**kwargs, "out": out}, out
    held = as_written(writes)
    if writes is not None and (held is None or not held.is_memory):
        raise kept_by_numpy(name_of_call(function))
    y = recorder.record(function, args, kwargs, held)
    return y if out is None else out


def as_written(x: Any) -> StandIn | None:
    """A written array as it is; None for what is none."""
    x = x.held if type(x) is DuckArray else x
    return x if type(x) in WRITTEN else None


__all__ = ["WRITTEN", "Recorder", "StandIn", "WrittenArray", "call", "mapped", "numbers_of", "unknown", "written_in"]
