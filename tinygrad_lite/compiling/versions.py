"""A compiled function for arguments of one signature: its program, its source, and when it is the one to call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import count
from typing import Any

import numpy as np

from ..engine.trees import LEAF, Structure, flatten
from .guards import Guard
from .improving import PASSES, improved
from .improving.python_numbers import begins_again, can_raise, with_python_floats
from .inputs import aliases
from .kernels.launching import loaded
from .program import Program
from .slots import Places
from .source import SourceText
from .tracing import Traced

numbered = count(1)


class Version:
    """A function for arguments of one signature.

    Attributes
    ----------
    program : after all passes
    source : its text
    kept : what it changes; None for most
    captured : what else it takes from outside
    writes, shared : whether it writes to an argument, or may, and which of them share memory
    donated : which of the arguments' leaves it may write to
    asks : whether more is to be asked before a call than whether the arguments fit
    """

    def __init__(
        self,
        name: str,
        traced: Traced,
        parameters: list[str],
        structure: Structure,
        leaves: list[Any],
        passes: Sequence[Callable[[Program], Program]] = PASSES,
    ) -> None:
        kept, self.captured, self.shared, self.donated = traced.kept, traced.captured, traced.shared, traced.donated
        self.writes = traced.writes or bool(self.donated)
        self.asks = self.writes or self.captured.can_change()
        positions, keywords = structure.children
        numbers = () if kept is None else (LEAF,) * len(kept.names())
        containers = Structure(tuple, (), (*positions.children, *keywords.children, *numbers))
        self.program = improved(traced.program, passes)
        varying = [*traced.taken, *[True for _ in numbers]]
        self.source = SourceText(self.program, name, containers, parameters, varying)
        namespace = loaded(self.source.text, f"<compiled {name} {next(numbered)}>")
        self.make: Callable[..., Any] = namespace["make"]
        self.fits = Guard(structure, leaves).fits
        self.own = threading.local()
        self.in_numpy: Callable[[], Version] | None = None
        if passes is PASSES and begins_again(traced.program) and can_raise(self.program):
            others = [each for each in PASSES if each is not with_python_floats]
            self.in_numpy = cache(lambda: Version(name, traced, parameters, structure, leaves, others))
        self.kept = kept
        self.outside = dict(self.source.outside)
        variables = [] if kept is None else kept.variables
        self.places: list[tuple[str, int]] = [
            (self.source.names[v].id, k)  # type: ignore[attr-defined]
            for k, v in enumerate(variables)
            if v in self.program.constants
        ]

    def function(self) -> Callable[..., Any]:
        """The function with the buffers of this thread."""
        try:
            return self.own.function  # type: ignore[no-any-return]
        except AttributeError:
            function = self.make(*self.outside.values())
            self.own.function = function if self.in_numpy is None else self.guarded(function)
            return self.own.function  # type: ignore[no-any-return]

    def guarded(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function that begins again with NumPy's numbers where Python's raise, as NumPy's give inf or nan."""

        def guarded_function(*args: Any) -> Any:
            try:
                return function(*args)
            except (ZeroDivisionError, OverflowError, ValueError):
                assert self.in_numpy is not None
                version = self.in_numpy()
                if self.kept is not None:
                    version.bind({name: self.kept.values[k] for name, k in version.places})
                return version.function()(*args)

        return guarded_function

    def is_other(self, args: Any, kwargs: Any) -> bool:
        """Whether it is not for these arguments, which fit, or not for what the function takes from outside now."""
        if self.captured.changed():
            return True
        if not self.writes:
            return False
        flat = flatten((args, kwargs))[0]
        fits = aliases(flat) == self.shared and all(flat[k].flags.writeable for k in self.donated)
        return not fits or self.meets_outside(flat)

    def meets_outside(self, flat: Sequence[Any]) -> bool:
        """Whether it would write to an argument that shares memory with what the function takes from outside."""
        return self.writes and any(self.captured.is_seen_in(x) for x in flat if type(x) is np.ndarray)

    def taken(self, args: Any, kwargs: Any) -> list[Any] | None:
        """What it takes from what is kept, beside these arguments; None where it is not for these, or that, now."""
        kept = self.kept
        assert kept is not None
        return kept.taken() if self.fits(args, kwargs) and not self.captured.changed() and kept.holds() else None

    def run(self, args: Any, kwargs: Any, taken: list[Any]) -> Any:
        """The result of a call that changes what is kept."""
        assert self.kept is not None
        result, *left = self.function()(*args, *kwargs.values(), *taken)
        self.kept.take(*left)
        if not self.kept.is_noted:
            self.kept.note()
        return result

    def forgets(self) -> bool:
        """Whether it leaves gradients that it does not keep."""
        return self.kept is not None and bool(self.kept.gradients.left)

    def follow(self, places: Places) -> None:
        """Take the arrays that it changes from where they are now."""
        assert self.kept is not None
        self.kept.follow(places)
        self.bind({name: self.kept.values[k] for name, k in self.places})

    def bind(self, arrays: Mapping[str, Any]) -> None:
        """Change these arrays."""
        if any(x is not self.outside[name] for name, x in arrays.items()):
            self.outside |= arrays
            self.own = threading.local()
