"""What a function takes from outside, otherwise than as arguments: from closures, globals, and objects that it holds.

A compiled function is that of what was there when it was traced. So what was there is noted, and looked at before each
call: names by what they are bound to, arrays by what they hold (large ones, as elsewhere, by a sample).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import numpy as np

from ..engine.refusals import refusal
from ..engine.tensor import Tensor
from ..engine.transformed import Transformed
from ..engine.watching import COPIED, Watch, watch

MISSING: Final = object()

LARGEST: Final = 1000
"""Containers of more entries are told apart by their length alone."""

LIBRARIES: Final = frozenset({__name__.partition(".")[0], "numpy", "scipy"}) | sys.stdlib_module_names - {"__main__"}
"""Modules that a program does not change."""

FIXED: Final = (str, bytes, int, float, complex, bool, type(None), type, np.generic, np.dtype, BuiltinFunctionType)
"""What holds nothing that could change."""

Place = tuple[Any, Any, Any]
"""Who holds something, under which name or number, and what."""


class Captured:
    """What a function takes from outside, as it was.

    Parameters
    ----------
    apart : objects that are looked after elsewhere

    Attributes
    ----------
    places : cells, dicts, lists and objects that it is held in
    lengths : containers → how many entries
    arrays : what the arrays among it held
    """

    def __init__(self, f: Callable[..., Any], apart: Iterable[Any] = ()) -> None:
        self.places: list[Place] = []
        self.lengths: list[tuple[Any, int]] = []
        self.arrays: list[Watch] = []
        self.seen: dict[int, Any] = {}  # which keeps them, so that no identity is used again
        self.note([*apart])
        self.places, self.lengths, self.arrays = [], [], []
        self.note([f])

    def note(self, stack: list[Any]) -> None:
        """Note what some objects hold, and what that holds."""
        while stack:
            x = stack.pop()
            if id(x) in self.seen or isinstance(x, FIXED):
                continue
            self.seen[id(x)] = x
            if isinstance(x, np.ndarray):
                if x.dtype.kind != "O" and x.size:
                    self.arrays.append(watch(x, whole=x.nbytes <= COPIED))
                continue
            places = [*places_in(x)]
            self.places += places
            if isinstance(x, (list, dict, set)):
                self.lengths.append((x, len(x)))
            stack += [*[value for _, _, value in places], *parts_of(x)]

    def can_change(self) -> bool:
        """Whether there is anything to be looked at."""
        return bool(self.places or self.lengths or self.arrays)

    def changed(self) -> bool:
        """Whether anything is another now."""
        for holder, name, value in self.places:
            if held(holder, name) is not value:
                return True
        return any(len(x) != n for x, n in self.lengths) or any(seen.changed() for seen in self.arrays)

    def leave_out_growing(self) -> None:
        """Forget lists and dicts that have grown, as logs do; raise where a name or an array is another now."""
        self.lengths = [(x, n) for x, n in self.lengths if len(x) == n or isinstance(x, set)]
        for holder, name, value in self.places:
            if held(holder, name) is not value:
                raise changes(f"binds {name_in(holder, name)} anew, which is from outside")
        if any(len(x) != n for x, n in self.lengths):
            raise changes("changes a set from outside")
        if any(seen.changed() for seen in self.arrays):
            raise changes("writes to an array from outside")

    def generators(self) -> Iterator[Place]:
        """Where random generators are held."""
        return (place for place in self.places if type(place[2]) is np.random.Generator)

    def every_array(self) -> Iterator[np.ndarray]:
        """The arrays, those that are looked after elsewhere among them."""
        return (x for x in self.seen.values() if isinstance(x, np.ndarray))


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
    if isinstance(holder, list):
        return holder[name] if name < len(holder) else MISSING
    return getattr(holder, name, MISSING)


def put_at(holder: Any, name: Any, value: Any) -> None:
    """Put something else at a place."""
    if type(holder) is CellType:
        holder.cell_contents = value
    elif isinstance(holder, (dict, list)):
        holder[name] = value
    else:
        object.__setattr__(holder, name, value)


def places_in(x: Any) -> Iterator[Place]:
    """The places in something at which other things can be put."""
    if isinstance(x, FunctionType):
        yield from ((cell, "", held(cell, "")) for cell in x.__closure__ or () if held(cell, "") is not MISSING)
        if library_of(x.__module__) not in LIBRARIES:
            yield from globals_of(x)
    elif isinstance(x, dict):
        yield from ((x, key, value) for key, value in x.items() if len(x) <= LARGEST)
    elif isinstance(x, list):
        yield from ((x, k, value) for k, value in enumerate(x) if len(x) <= LARGEST)
    elif type(x) is Tensor:
        yield x, "_value", x._value
    elif type(x) is Transformed or is_the_programs(x):
        space = getattr(x, "__dict__", None)
        if isinstance(space, dict):
            yield from ((space, key, value) for key, value in space.items())
        for kind in type(x).__mro__:
            slots = vars(kind).get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                if not name.startswith("__") and (value := held(x, name)) is not MISSING:
                    yield x, name, value


def globals_of(function: FunctionType) -> Iterator[Place]:
    """What a function's names stand for outside, and in the program's own modules."""
    names, space = sorted({*names_in(function.__code__)}), function.__globals__
    yield from ((space, name, space[name]) for name in names if name in space)
    for module in [space.get(name) for name in names]:
        if isinstance(module, ModuleType) and library_of(module.__name__) not in LIBRARIES:
            inner = vars(module)
            yield from ((inner, name, inner[name]) for name in names if name in inner)


def is_the_programs(x: Any) -> bool:
    """Whether an object is of a class of the program's, or a module of layers."""
    if isinstance(x, (type, ModuleType, tuple, set, frozenset, MethodType, partial)):
        return False
    return library_of(type(x).__module__) not in LIBRARIES or hasattr(type(x), "named_parameters")


def parts_of(x: Any) -> Iterator[Any]:
    """What something holds that nothing else can be put in the place of."""
    if isinstance(x, FunctionType):
        yield from x.__defaults__ or ()
        yield from (x.__kwdefaults__ or {}).values()
    elif isinstance(x, MethodType):
        yield from (x.__func__, x.__self__)
    elif isinstance(x, partial):
        yield from (x.func, *x.args, *x.keywords.values())
    elif isinstance(x, (tuple, set, frozenset)):
        yield from [*x][:LARGEST]


def names_in(code: CodeType) -> Iterator[str]:
    """The names that a function and those within it look up outside, attributes among them."""
    yield from code.co_names
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from names_in(part)


def library_of(module: str | None) -> str:
    """The outermost name of a module's."""
    return (module or "").partition(".")[0]
