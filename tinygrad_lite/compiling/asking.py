"""What programs ask of a written array that nobody can answer before the program runs: each is refused."""

from __future__ import annotations

import sys
from sysconfig import get_path
from types import FrameType
from typing import Any, Final, NoReturn

import numpy as np

from ..engine.refusals import refusal
from ..table.requests import program_line, request
from .naming import is_library
from .program import Variable
from .unknown_numbers import CHOOSE, kept_by_numpy, unknown

OTHERS: Final = (get_path("stdlib"), get_path("purelib"), get_path("platlib"), "<frozen")
"""Where files lie that are not the program's: debuggers, loggers and tests may see what an array is."""

TEXTS: Final = ("__repr__", "__str__", "__format__")

OF_LAYOUT: Final = frozenset({"c_contiguous", "f_contiguous", "contiguous", "fortran", "fnc", "forc"})
"""Flags that all arrays have in common which a program is made for."""

SHORT: Final = {"C": "c_contiguous", "F": "f_contiguous", "O": "owndata", "W": "writeable", "A": "aligned"}


class WrittenFlags:
    """``x.flags``: of an argument only those that follow from its layout."""

    __slots__ = ("flags", "told")

    def __init__(self, flags: Any, told: bool) -> None:
        object.__setattr__(self, "flags", flags)
        object.__setattr__(self, "told", told)

    def __getattr__(self, name: str) -> Any:
        if not self.told and name not in OF_LAYOUT and hasattr(self.flags, name):
            raise refusal(
                f"compile: flags.{name} of an argument, or of an array from outside, is another in other calls of the "
                f"same program [{program_line()}]. What the program branches on can be an argument of type bool",
                (),
            )
        return getattr(self.flags, name)

    def __getitem__(self, key: str) -> Any:
        return getattr(self, SHORT.get(key, key.lower()))

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise refusal(f"compile: setting flags.{name} is not written down [{program_line()}]", ())


def is_programs(frame: FrameType | None) -> bool:
    """Whether it is the program itself that asks, in some frame, for a text; through texts of other objects, too."""
    while frame is not None and frame.f_code.co_name in TEXTS:
        frame = frame.f_back
    return frame is not None and not is_library(frame) and not frame.f_code.co_filename.startswith(OTHERS)


class Questions:
    """Refuses what would need the numbers of an array."""

    __slots__ = ()

    value: Any
    variable: Variable
    recorder: Any

    def __repr__(self) -> str:
        return self.text(sys._getframe(1))

    def __str__(self) -> str:
        return self.text(sys._getframe(1))

    def __format__(self, spec: str) -> str:
        return self.text(sys._getframe(1))

    def text(self, frame: FrameType) -> str:
        """What it is; refused to the program itself, which would see a text of its numbers."""
        if not self.recorder.closed and is_programs(frame):
            raise unknown("a text (str, repr, format, print)", "What the compiled function returns can be written")
        return f"WrittenArray({self.variable.dtype}{list(self.variable.shape)})"

    def __hash__(self) -> int:
        if isinstance(self.value, np.ndarray):
            raise TypeError("unhashable type: 'numpy.ndarray'")
        raise unknown(
            "hash, or a look-up in a set or a dict,", "A key can be an argument of type int or str; np.where chooses"
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        asked = request()
        if asked.assigns:
            raise kept_by_numpy("an assignment")
        if isinstance(asked.function, type) and issubclass(asked.function, np.generic):
            raise unknown(
                f"{asked.text}(…)",
                f"x.astype({asked.text}) of an array or a NumPy number, and np.positive(t, dtype={asked.text}) of a "
                "Python number, can be computed with",
            )
        if asked.function is None and asked.text.endswith("]"):
            raise unknown(
                f"an index of an array of NumPy's ({asked.text})",
                "An array that is an argument takes such indices; np.eye(n)[t] is (t[:, None] == np.arange(n)) * 1.0",
            )
        raise unknown(
            "np.asarray, or what makes an array of its arguments,",
            "The array itself can be computed with; tinygrad_lite.numpy has np.array, np.zeros and kin that take it",
        )

    def __bool__(self) -> NoReturn:
        raise unknown("a choice (if, while, and, or, bool)", CHOOSE)

    def __float__(self) -> NoReturn:
        if request().assigns:
            raise kept_by_numpy("an assignment")
        raise unknown(
            "float, or a function of math,",
            "np.sin and kin take what math.sin takes; a number can be computed with as it is, without float()",
        )

    def __int__(self) -> NoReturn:
        raise unknown("int", "A number that is a setting can be an argument of type int")

    def __complex__(self) -> NoReturn:
        if request().assigns:
            raise kept_by_numpy("an assignment")
        raise unknown("complex", "Arrays of complex numbers can be computed with as they are")

    def __index__(self) -> NoReturn:
        raise unknown("a number as an index, a length or a count", "It can be an argument of type int")

    def __round__(self, digits: int | None = None) -> Any:
        raise unknown("round", "np.round and np.rint give numbers that can be computed with")

    def __floor__(self) -> Any:
        raise unknown("math.floor", "np.floor gives a number that can be computed with")

    def __ceil__(self) -> Any:
        raise unknown("math.ceil", "np.ceil gives a number that can be computed with")

    def __trunc__(self) -> Any:
        raise unknown("math.trunc", "np.trunc gives a number that can be computed with")
