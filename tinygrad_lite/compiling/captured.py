"""What a function takes from outside, otherwise than as arguments: from closures, globals, and objects that it holds.

A compiled function is that of what was there when it was traced. So what was there is noted, and looked at before each
call: names by what they are bound to, containers by what is in them, arrays by what they hold (large ones, as
elsewhere, by a sample).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from functools import partial
from gc import get_referents
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import numpy as np

from ..engine.refusals import refusal
from ..engine.tensor import Tensor
from ..engine.transformed import Transformed
from ..engine.watching import COPIED, watch
from .contents import CONTAINERS, MISSING, HeldEntries, TogetherUnchanged, Turns, is_equal, turns_of

LOOKED_AT: Final = 2**25
"""Up to so many bytes, which takes some milliseconds, an array is looked at as a whole where it has to be."""

LIBRARIES: Final = frozenset({__name__.partition(".")[0], "numpy", "scipy"}) | sys.stdlib_module_names - {"__main__"}
"""Modules that a program does not change."""

HOLDERS: Final = frozenset({"types", "argparse", "collections", "configparser", "_thread"})
"""Those of them with classes of objects that hold what the program puts there."""

FIXED: Final = (str, bytes, int, float, complex, bool, type(None), np.generic, np.dtype, ModuleType)
"""What holds nothing that could change."""

Place = tuple[Any, Any, Any]
"""Who holds something, under which name or number, and what."""


class Captured:
    """What a function takes from outside, as it was.

    Parameters
    ----------
    given : the function, and arguments that are objects
    apart : objects that are looked after elsewhere

    Attributes
    ----------
    places : cells, names and attributes that it is held in
    containers : with what they held
    arrays : what the arrays among it held
    turns : what goes on with each use, iterators and sources of random numbers, and how far it was
    drawing : where random generators are held, also by what is apart
    gradients : of the Tensors among it
    grown : whether containers have more in them after the function has run
    """

    def __init__(self, given: Iterable[Any], apart: Iterable[Any] = ()) -> None:
        self.seen: dict[int, Any] = {}  # which keeps them, so that no identity is used again
        self.names: set[str] = set()
        self.drawing: list[Place] = []
        for objects in (apart, given):
            known_before = len(self.seen)
            self.places: list[Place] = []
            self.containers: list[HeldEntries] = []
            self.arrays: list[Any] = []
            self.turns: list[Turns] = []
            stack = [*objects]
            while stack:
                self.note(stack)
                known = {(id(holder), name) for holder, name, _ in self.places}
                found = [place for place in self.of_classes() if (id(place[0]), place[1]) not in known]
                self.places += found
                stack = [value for _, _, value in found]
            self.drawing += self.generators()
            self.gradients = [(x, x.grad) for x in [*self.seen.values()][known_before:] if type(x) is Tensor]
        self.grown = False
        self.together: TogetherUnchanged | None = None

    def of_classes(self) -> Iterator[Place]:
        """The attributes of the program's classes that its functions name."""
        all_of_them = not self.names.isdisjoint(BY_ANY_NAME)
        kinds = [x for x in self.seen.values() if isinstance(x, type)]
        for kind in [kind for kind in kinds if library_of(kind.__module__) not in LIBRARIES]:
            for name, value in vars(kind).items():
                if all_of_them or name in self.names or (name.startswith("__") and type(value) is FunctionType):
                    yield kind, name, value

    def note(self, stack: list[Any]) -> None:
        """Note what some objects hold, and what that holds."""
        while stack:
            x = stack.pop()
            if isinstance(x, FIXED) or id(x) in self.seen:
                continue
            self.seen[id(x)] = x
            if isinstance(x, np.ndarray) and x.dtype.kind != "O":
                if x.size:
                    self.arrays.append(watch(x, whole=x.nbytes <= COPIED))
                continue
            parts = parts_of(x)
            if isinstance(x, CONTAINERS):
                self.containers.append(HeldEntries(x))
                parts = iter(self.containers[-1].held)
            elif (space := space_of(x)) is not None:
                self.containers.append(HeldEntries(space))
                stack += space.values()
            turns = turns_of(x)
            if turns is not None:
                self.turns.append(turns)
            if isinstance(x, FunctionType) and library_of(x.__module__) not in LIBRARIES:
                self.names.update(names_in(x.__code__))
            places = [*places_in(x)]
            self.places += places
            stack += [*[value for _, _, value in places], *parts]

    def watch_what_was_read(self, operands: Iterable[np.ndarray]) -> None:
        """Of large arrays that are no operands look at all entries: what was read of them when it was traced stays."""
        operands = [*operands]
        for k, seen in enumerate(self.arrays):
            x = seen.array
            if not seen.whole and x.nbytes <= LOOKED_AT and not any(np.may_share_memory(x, y) for y in operands):
                self.arrays[k] = watch(x, whole=True)

    def can_change(self) -> bool:
        """Whether there is anything to be looked at."""
        return bool(self.places or self.containers or self.arrays)

    def changed(self) -> bool:
        """Whether anything is another now."""
        for holder, name, value in self.places:
            if (now := held(holder, name)) is not value and not is_equal(now, value):
                return True
        if self.together is None:
            self.together = TogetherUnchanged(self.containers)
        return self.together.changed() or any(x.changed() for x in self.arrays)

    def look_again(self) -> None:
        """Note whether the function has put more into containers; raise for what else is another now."""
        for holder, name, value in self.places:
            if held(holder, name) is not value:
                raise changes(f"binds {name_in(holder, name)} anew, which is from outside")
        for contents in self.containers:
            if contents.changed():
                if not contents.has_grown():
                    raise changes(f"changes {contents.what()} from outside")
                self.grown = True
        if any(x.changed() for x in self.arrays):
            raise changes("writes to an array from outside")
        self.refuse_gradients()
        recorded = [rng for _, _, rng in self.drawing]
        known = {id(x) for rng in recorded for x in (rng, rng.bit_generator)}
        for turns in self.turns:
            if turns.went_on() and id(turns.x) not in known:
                raise changes(f"takes from {turns.what()} from outside")

    def refuse_gradients(self) -> None:
        """Raise where backward() wrote the gradient of a Tensor from outside, which is then as it was."""
        written = [(x, before) for x, before in self.gradients if x.grad is not before]
        for x, before in written:
            x.grad = before
        if written:
            shape = written[0][0].shape
            raise refusal(
                f"compile: backward() writes the gradient of a Tensor of shape {shape} from outside, which would "
                "happen once: give the Tensor, or the module that it belongs to, in state=[...], or use tl.grad",
                (),
            )

    def generators(self) -> Iterator[Place]:
        """Where random generators are held."""
        every = [*self.places, *[place for contents in self.containers for place in contents.places()]]
        return (place for place in every if type(place[2]) is np.random.Generator)

    def is_seen_in(self, x: np.ndarray) -> bool:
        """Whether an array shares memory with one from outside, those that are looked after elsewhere among them."""
        return any(isinstance(y, np.ndarray) and np.may_share_memory(x, y) for y in self.seen.values())


def changes(what: str) -> Exception:
    """The refusal of what would happen only once, when the function is compiled."""
    return refusal(
        f"compile: the function {what}: that would happen when it is compiled, and not again. Give it as an argument, "
        "and return what it becomes",
        (),
    )


def name_in(holder: Any, name: Any) -> str:
    """How one calls a place."""
    return "a name of the function around it" if type(holder) is CellType else f"{name!r}"


def held(holder: Any, name: Any) -> Any:
    """What is at a place now."""
    if type(holder) is CellType:
        try:
            return holder.cell_contents
        except ValueError:
            return MISSING
    if isinstance(holder, dict):
        return holder.get(name, MISSING)
    if isinstance(holder, type):
        return vars(holder).get(name, MISSING)
    if type(holder) is ContextVar:
        return holder.get(MISSING)
    return getattr(holder, name, MISSING)


def put_at(holder: Any, name: Any, value: Any) -> None:
    """Put something else at a place."""
    if type(holder) is CellType:
        holder.cell_contents = value
    elif isinstance(holder, ContextVar):
        holder.set(value)
    elif isinstance(holder, type):
        setattr(holder, name, value)
    elif hasattr(holder, "__setitem__"):
        holder[name] = value
    else:
        object.__setattr__(holder, name, value)


def places_in(x: Any) -> Iterator[Place]:
    """The names at which something else can be put: in a function's surroundings, in an object without a dict."""
    if isinstance(x, FunctionType):
        yield from ((cell, "", held(cell, "")) for cell in x.__closure__ or () if held(cell, "") is not MISSING)
        if library_of(x.__module__) not in LIBRARIES:
            yield from globals_of(x)
    elif type(x) is Tensor:
        yield x, "_value", x._value
    elif type(x) is ContextVar:
        yield x, "", held(x, "")
    elif is_the_programs(x):
        for kind in type(x).__mro__:
            slots = vars(kind).get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                if not name.startswith("__") and (value := held(x, name)) is not MISSING:
                    yield x, name, value


def space_of(x: Any) -> dict[str, Any] | None:
    """The dict of an object's attributes."""
    space = getattr(x, "__dict__", None) if type(x) is Transformed or is_the_programs(x) else None
    return space if isinstance(space, dict) else None


def globals_of(function: FunctionType) -> Iterator[Place]:
    """What a function's names stand for outside, and in the program's own modules."""
    names = sorted({*names_in(function.__code__)})
    spaces, known = [function.__globals__], {id(function.__globals__)}
    for space in spaces:
        for name in names:
            if name not in space:
                continue
            x = space[name]
            yield space, name, x
            if isinstance(x, ModuleType) and library_of(x.__name__) not in LIBRARIES and id(vars(x)) not in known:
                known.add(id(vars(x)))
                spaces.append(vars(x))


def is_the_programs(x: Any) -> bool:
    """Whether an object is of a class of the program's, or holds what the program puts there, as modules of layers."""
    if isinstance(x, (type, FunctionType, MethodType, partial, tuple)) or type(x) in CONTAINERS:
        return False
    module = type(x).__module__
    return library_of(module) not in LIBRARIES or module in HOLDERS or hasattr(type(x), "named_parameters")


def parts_of(x: Any) -> Iterator[Any]:
    """What something holds that nothing else can be put in the place of."""
    if isinstance(x, FunctionType):
        yield from x.__defaults__ or ()
        yield from (x.__kwdefaults__ or {}).values()
    elif isinstance(x, MethodType):
        yield from (x.__func__, x.__self__)
    elif isinstance(x, partial):
        yield from (x.func, *x.args, *x.keywords.values())
    elif isinstance(x, (tuple, frozenset)):
        yield from x
    elif isinstance(x, (staticmethod, classmethod)):
        yield x.__func__
    elif isinstance(x, property):
        yield from (x.fget, x.fset)
    elif isinstance(x, np.vectorize):
        yield x.pyfunc
    elif isinstance(x, type):
        yield from x.__mro__[1:]
    elif isinstance(x, BuiltinFunctionType):
        yield x.__self__
    else:
        yield type(x)
        yield from get_referents(x) if isinstance(x, Iterator) else ()
        space = getattr(x, "__dict__", None)
        if isinstance(space, dict):
            yield from [space[name] for name in WRAPPED if name in space]


BY_ANY_NAME: Final = frozenset({"getattr", "setattr", "vars", "dir", "__dict__"})
"""A function that names one of these may ask for any attribute."""

WRAPPED: Final = ("__wrapped__", "func")
"""Where what is made of a function has it: caches, cached properties, compiled functions."""


def names_in(code: CodeType) -> Iterator[str]:
    """The names that a function and those within it look up outside, attributes among them, also those in quotes."""
    yield from code.co_names
    yield from (x for x in code.co_consts if type(x) is str)
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from names_in(part)


def library_of(module: str | None) -> str:
    """The outermost name of a module's."""
    return (module or "").partition(".")[0]
