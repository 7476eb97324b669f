"""What a program calls its values: the names that it assigns them to."""

from __future__ import annotations

import dis
import sys
from functools import cache
from os.path import dirname
from types import CodeType, FrameType
from typing import Any, Final

import numpy as np

from .program import Variable

PACKAGE: Final = dirname(dirname(__file__)) + "/"
LIBRARIES: Final = (PACKAGE, dirname(np.__file__) + "/")

RETURN: Final = "return"
"""In place of a name, where a value is what a function returns."""


@cache
def targets(code: CodeType) -> dict[int, str]:
    """For the offsets of each call or operator, and of its cache, the name that its value is stored to at once."""
    instructions = [i for i in dis.get_instructions(code) if i.opname != "CACHE"]
    found: dict[int, str] = {}
    for k, instruction in enumerate(instructions[:-1]):
        following = instructions[k + 1]
        end = following.offset
        if instruction.opname == "PRECALL":  # Python 3.11's first half of a call
            following = instructions[k + 2]
        if following.opname in ("STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF"):
            name = str(following.argval)
        elif following.opname == "RETURN_VALUE":
            name = RETURN
        else:
            continue
        found |= dict.fromkeys(range(instruction.offset, end, 2), name)
    return found


def is_library(frame: FrameType) -> bool:
    """Whether a frame runs this package's code, or NumPy's."""
    return frame.f_code.co_filename.startswith(LIBRARIES)


def called_in(frame: FrameType | None, x: Variable) -> str:
    """What a running function calls a variable; nothing where it has no name for it."""
    for name, value in frame.f_locals.items() if frame is not None else ():
        while hasattr(value, "_value") or hasattr(value, "held"):  # a Tensor, and what rules see
            value = value._value if hasattr(value, "_value") else value.held
        if getattr(value, "variable", None) is x:
            return name
    return ""


def assigned_to() -> tuple[str, Any, FrameType | None]:
    """The name that the running program assigns a value to that is being computed, or none, the place and its frame."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_library(frame):
        if frame.f_code.co_name == "written_down":  # who calls the compiled function gives no names to its inside
            return "", None, None
        frame = frame.f_back
    place = (id(frame), frame.f_lasti) if frame is not None else None
    program = frame
    while frame is not None and not is_library(frame):
        name = targets(frame.f_code).get(frame.f_lasti, "")
        if name != RETURN:
            return name, place, program
        frame = frame.f_back
    return "", place, program
