"""Arrays that write down what is done to them.

A :class:`WrittenArray` stands for an array of a program while that is being compiled. It has the shape and the dtype
that the array will have, and every NumPy function, operator or method of it becomes an operation of the
:class:`Recorder`. The numbers that it computes on the way, of the arguments of the first call, are known to nobody: a
program that looks at them would be another one with other numbers, and is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from sys import getrefcount
from threading import get_ident
from typing import Any, Final, NoReturn

import numpy as np

from ..engine.protocols import refuse_leaving
from ..engine.refusals import refusal
from ..engine.trees import flatten
from ..table.calling_elsewhere import name_of_function
from ..table.ducks import FACTS, DuckArray
from ..table.parts import own_copy
from ..table.requests import request
from ..table.writers import Flat
from .methods_as_calls import Attribute, Method
from .naming import assigned_to, called_in
from .nested import leaves_mapped, leaves_of_types, out_by_name, rebuilt
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
    shaped_by_numbers,
    unknown,
)


class Recorder:
    """Where operations are written down.

    Attributes
    ----------
    operations : so far
    constants : arrays from elsewhere, by their identity: for each state that one was seen in its variable, the array,
        and what it held
    streams : how far the generators of random numbers are, by the identity of their bits
    closed : whether the program is complete, so that arrays of it that are left are of no use
    """

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.constants: dict[int, list[tuple[Variable, Any, Any]]] = {}
        self.inputs: list[Variable] = []
        self.streams: dict[int, Any] = {}
        self.closed = False
        self.thread = get_ident()
        self.errors = np.geterr()
        self.named: tuple[Any, Variable | None] = (None, None)

    def given(self, value: Any, name: str) -> WrittenArray:
        """An input."""
        variable = Variable(value, Memory("input"), name)
        self.inputs.append(variable)
        return WrittenArray(value, variable, self)

    def held(self, x: np.ndarray, name: str) -> WrittenArray:
        """An array that the program keeps, and may write to."""
        variable = Variable(x, Memory("state"), name)
        self.constants[id(x)] = [(variable, x, x)]
        return WrittenArray(x.copy(), variable, self)

    def constant(self, x: np.ndarray) -> Variable:
        """The variable of an array from elsewhere."""
        states = self.constants.setdefault(id(x), [])
        if not states or not is_alike(x, states[-1][2]):
            sharing = (
                v.memory for v, y, held in self.every_constant() if np.may_share_memory(x, y) and is_alike(y, held)
            )
            states.append((Variable(x, next(sharing, None) or Memory("constant")), x, own_copy(x)))
        return states[-1][0]

    def every_constant(self) -> Iterator[tuple[Variable, Any, Any]]:
        """The arrays from elsewhere, in every state."""
        return (known for states in self.constants.values() for known in states if isinstance(known[1], np.ndarray))

    def variable_of(self, x: Any) -> Any:
        """What stands for an argument's leaf in an operation."""
        if type(x) is DuckArray:
            x = x.held
        if type(x) is WrittenArray:
            if x.recorder is not self:
                raise TypeError("compile: an array of another compiled function was kept, and is used here")
            return x.variable
        return self.constant(x) if isinstance(x, np.ndarray) else x

    def record(
        self, function: Callable[..., Any], args: Any, kwargs: Mapping[str, Any], writes: WrittenArray | None = None
    ) -> Any:
        """Call a function, write that down, and return what it gives as arrays that write on."""
        if get_ident() != self.thread:
            raise TypeError("compile: what is state of a function that is being compiled is used in another thread")
        if self.closed:
            raise TypeError("compile: an array was used after the function that it belongs to had been compiled")
        if np.geterr() != self.errors and not RAISING_ERRORS.isdisjoint(np.geterr().values()):
            raise refusal(
                f"compile: np.errstate within the function asks for errors in {name_of_call(function)}, which the "
                "source would not raise: put it around the call of the compiled function",
                (),
            )
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
        arrays = [WrittenArray(part, v, self) for part, v in zip(found, results, strict=True)]
        return rebuilt(y, iter(arrays))

    def name(self, v: Variable, given: Iterable[WrittenArray]) -> None:
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

    def result(self, y: Any, sources: list[WrittenArray]) -> Variable:
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
        constants: dict[Variable, Any] = {}
        for states in self.constants.values():
            for v, x, held in states:
                if type(x) is np.ndarray and x is not held and x.base is None and getrefcount(x) <= MADE_HERE:
                    v.memory.origin = "made"
        for states in self.constants.values():
            constants |= {v: x if held is None or is_alike(x, held) else held for v, x, held in states}
        return Program(tuple(self.inputs), constants, tuple(self.operations), returned, structure)

    def drawn(self, method: Method, rng: Any, variable: Variable, args: Any, kwargs: Mapping[str, Any]) -> Any:
        """What a method of a random generator draws, as an operation that changes the generator."""
        given = numbers_of((args, kwargs))
        y = method(rng, *given[0], **given[1])
        v = Variable(y, Memory("operation"))
        args, kwargs = leaves_mapped(self.variable_of, ((variable, *args), dict(kwargs)))
        self.operations.append(Operation(method, args, kwargs, (v,), flatten(y)[1], variable.memory))
        return WrittenArray(y, v, self)


RAISING_ERRORS: Final = frozenset({"raise", "call", "print", "log"})
"""What np.errstate can ask for that is more than a warning."""


def count_made_here() -> int:
    """What getrefcount says in the loop above of an array that nobody else has."""
    constants = {0: (None, np.empty(1), None)}
    return next(getrefcount(x) for _, x, _ in constants.values())


MADE_HERE: Final = count_made_here()


def is_alike(x: Any, held: Any) -> bool:
    """Whether an array holds what it held, to the last bit."""
    return bool(x is held or (x.shape == held.shape and x.tobytes() == held.tobytes()))


def number_of(x: Any) -> Any:
    """The numbers that an array has in the first call."""
    if type(x) is DuckArray:
        x = x.held
    return x.value if type(x) is WrittenArray else x


def numbers_of(tree: Any) -> Any:
    """The same containers with the numbers in place of written arrays."""
    return leaves_mapped(number_of, tree)


def written_in(tree: Any) -> list[WrittenArray]:
    """The written arrays in nested containers."""
    return [x.held if type(x) is DuckArray else x for x in leaves_of_types(tree, (WrittenArray, DuckArray))]


def recorder_of(tree: Any) -> Recorder:
    """The recorder of the first written array in an argument."""
    return written_in(tree)[0].recorder


def name_of_call(function: Callable[..., Any]) -> str:
    """A call as programs write it."""
    return repr(function) if isinstance(function, Attribute) else name_of_function(function)


def has_mask(index: Any) -> bool:
    """Whether an index chooses entries by truth values that are not known."""
    return any(x.variable.dtype == bool and x.variable.shape for x in written_in(index))


class WrittenArray(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of a program that is being compiled."""

    __slots__ = ("recorder", "value", "variable")

    def __init__(self, value: Any, variable: Variable, recorder: Recorder) -> None:
        self.value = value
        self.variable = variable
        self.recorder = recorder

    # -- what it is

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
        return np.asarray(self.value).flags

    @property
    def is_memory(self) -> bool:
        """Whether it can be written to; numbers are replaced."""
        return isinstance(self.value, np.ndarray)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len: a single number has no length")
        return self.shape[0]

    def __repr__(self) -> str:
        return f"WrittenArray({self.dtype}{list(self.shape)})"

    __hash__ = object.__hash__

    # -- what would need its numbers

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        if request().assigns:
            raise kept_by_numpy("an assignment")
        raise unknown(
            "np.asarray, or what makes an array of its arguments,",
            "The array itself can be computed with; tinygrad_lite.numpy has np.array, np.zeros and kin that take it",
        )

    def __bool__(self) -> NoReturn:
        raise unknown("a choice (if, while, and, or, bool)", CHOOSE)

    def __float__(self) -> NoReturn:
        if request().assigns:
            raise kept_by_numpy("an assignment")
        raise unknown("float, or a function of math,", "np.sin and kin take what math.sin takes")

    def __int__(self) -> NoReturn:
        raise unknown("int", "A number that is a setting can be an argument of type int")

    def __complex__(self) -> NoReturn:
        if request().assigns:
            raise kept_by_numpy("an assignment")
        raise unknown("complex", "Arrays of complex numbers can be computed with as they are")

    def __index__(self) -> NoReturn:
        raise unknown("a number as an index, a length or a count", "It can be an argument of type int")

    def __contains__(self, x: Any) -> NoReturn:
        raise unknown("in", "np.any(array == x) gives a truth value that can be computed with")

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

    def __getitem__(self, index: Any) -> Any:
        if has_mask(index):
            raise unknown(
                "indexing by truth values, whose count gives the shape,",
                "np.where(mask, x, 0) keeps the shape, and sums of it are those of the chosen entries",
            )
        if self.variable.weak and index == ():  # Python's number as NumPy's
            return self.recorder.record(self.dtype.type, (self,), {})
        return self.recorder.record(operator.getitem, (self, index), {})

    def __setitem__(self, index: Any, value: Any) -> None:
        if not self.is_memory:
            raise refusal("compile: a number has no parts to write to", ())
        if hasattr(type(value), "__record__"):
            refuse_leaving([value], "an assignment to entries of an array")
            value = value.data
        self.recorder.record(operator.setitem, (self, index, value), {}, self)

    def __iter__(self) -> Any:
        return (self[k] for k in range(len(self)))

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


def call(function: Callable[..., Any], args: Any, kwargs: Mapping[str, Any]) -> Any:
    """One of NumPy's functions, of written arrays."""
    name = function.__name__
    kwargs = {key: x for key, x in kwargs.items() if x is not np._NoValue and not (key == "out" and x is None)}
    if function is np.result_type:
        return np.result_type(*numbers_of(args))
    if function in (np.may_share_memory, np.shares_memory):
        return bool(function(*numbers_of(args)))
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


def as_written(x: Any) -> WrittenArray | None:
    """A written array as it is; None for what is none."""
    x = x.held if type(x) is DuckArray else x
    return x if type(x) is WrittenArray else None


__all__ = ["Recorder", "WrittenArray", "call", "mapped", "numbers_of", "unknown", "written_in"]
