"""What a workload is: a program of arrays, its arguments in two sizes, and the derivative that is taken of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Program = Callable[..., Any]


@dataclass(frozen=True)
class Problem:
    """A program with arguments.

    Attributes
    ----------
    program : takes a library's array module and the arguments, and gives one number
    arguments : NumPy arrays and lists of them; the derivative is by the first
    derivative : "value_and_grad", or "hvp", whose direction comes after the arguments
    forms : library → the program as that library needs it, where it cannot run the one that all others do
    """

    program: Program
    arguments: tuple[Any, ...]
    derivative: str = "value_and_grad"
    forms: Mapping[str, Program] = field(default_factory=dict)

    def form(self, library: str) -> Program:
        """The program for a library."""
        return self.forms.get(library, self.program)


@dataclass(frozen=True)
class Workload:
    """A problem of any size: that which is measured, and one so small that tests run it.

    ``tolerance`` is the largest relative difference between libraries' results: rounding in the program's dtype.
    ``without`` are libraries that lack what the program calls.
    """

    problem: Callable[..., Problem]
    size: Mapping[str, Any]
    tiny: Mapping[str, Any]
    tolerance: float = 1e-6
    without: frozenset[str] = frozenset()

    def measured(self) -> Problem:
        return self.problem(**self.size)

    def tested(self) -> Problem:
        return self.problem(**self.tiny)


FLOAT32 = 1e-5
"""The tolerance where the arrays are float32, some forty units of their rounding."""
