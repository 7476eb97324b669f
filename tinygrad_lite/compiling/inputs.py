"""Arguments as a program takes them: laid out as the caller's, and never written to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import PurePath
from typing import Any, Final

import numpy as np

from ..engine.refusals import refusal
from ..engine.trees import LEAF, flatten
from ..table.parts import own_copy
from .captured import Captured
from .generators import RecordingGenerator
from .methods_as_calls import Method
from .program import Memory, Operation, Program, Variable, written_memories
from .written_arrays import Recorder


def is_array(x: Any) -> bool:
    """Whether an argument is an array, or a number, that the program is compiled for any values of."""
    return type(x) in (np.ndarray, float, complex) or isinstance(x, np.generic)


def is_input(x: Any) -> bool:
    """Whether a program takes an argument: an array, or a random generator. A setting it was made for."""
    return is_array(x) or type(x) is np.random.Generator


SETTINGS: Final = (int, bool, str, bytes, type(None), range, slice, Fraction, Decimal, PurePath, Enum, np.dtype, type)
"""What a program is made for one value of: no part of it changes."""


def objects_in(flat: Sequence[Any]) -> list[Any]:
    """The arguments that are no arrays, numbers or settings: functions, models. What they hold may change."""
    return [x for x in flat if not is_input(x) and not isinstance(x, SETTINGS)]


Aliases = tuple[tuple[int, int, bool], ...]
"""Places of arrays that share memory, two by two, and whether they are one."""


def aliases(flat: Sequence[Any]) -> Aliases:
    """For each array that shares memory with one before it the places of both, and whether they are one."""
    arrays = [(k, x) for k, x in enumerate(flat) if type(x) is np.ndarray]
    return tuple(
        [(k, j, x is y) for n, (k, x) in enumerate(arrays) for j, y in arrays[:n] if np.may_share_memory(x, y)]
    )


def donated_leaves(args: Sequence[Any], donate_argnums: Collection[int]) -> frozenset[int]:
    """Which leaves of the arguments are arrays that results may be put into."""
    if not donate_argnums:
        return frozenset()
    refused = [n for n in donate_argnums if not 0 <= n < len(args)]
    if refused:
        raise ValueError(
            f"compile: donate_argnums asks for argument {refused[0]}, and the function was called with {len(args)}"
        )
    whose = [n for n, x in enumerate(args) for _ in flatten(x)[0]]
    return frozenset(
        [
            k
            for k, (n, x) in enumerate(zip(whose, flatten(args)[0], strict=True))
            if n in donate_argnums and type(x) is np.ndarray and x.ndim
        ]
    )


def refuse_donations(flat: Sequence[Any], donated: Collection[int], shared: Aliases) -> None:
    """Raises ValueError for an array that is given away and seen elsewhere, too, or that cannot be written to."""
    for k, j, _ in shared:
        if k in donated or j in donated:
            shape = flat[k if k in donated else j].shape
            raise ValueError(
                f"compile: an argument in donate_argnums, of shape {shape}, shares memory with another one; give it a "
                "copy, or leave it out of donate_argnums"
            )
    for k in donated:
        if not flat[k].flags.writeable:
            raise ValueError(
                f"compile: an argument in donate_argnums, of shape {flat[k].shape}, is read-only; give it a copy, or "
                "leave it out of donate_argnums"
            )


def refuse_other_arrays(x: Any, name: str) -> None:
    """Raises TypeError for an array of a class with rules of its own, and for one of objects."""
    if isinstance(x, np.ndarray) and type(x) is not np.ndarray:
        raise TypeError(
            f"compile: argument {name} is a {type(x).__name__}, which has rules of its own; give np.asarray({name})"
        )
    if type(x) is np.ndarray and x.dtype.hasobject:
        raise TypeError(f"compile: argument {name} is an array of objects; give one of numbers")


def laid_out_alike(x: Any) -> Any:
    """A copy of an argument in which everything is a view, a copy and read-only that is one of the argument."""
    if type(x) is not np.ndarray:
        return x
    spread = [step == 0 and n > 1 for step, n in zip(x.strides, x.shape, strict=True)]
    if any(spread):
        once = own_copy(x[tuple([slice(1) if wide else slice(None) for wide in spread])])
        return np.broadcast_to(once, x.shape)
    y = own_copy(x)
    y.flags.writeable = x.flags.writeable
    return y


class Inputs:
    """A call's arguments, as arrays that write on.

    Attributes
    ----------
    given : the leaves
    taken : which of them the program takes
    donated : the variables of those that it may write to
    """

    def __init__(
        self,
        recorder: Recorder,
        flat: Sequence[Any],
        names: Sequence[str],
        shared: Sequence[tuple[int, int, bool]],
        donated: Collection[int] = (),
    ) -> None:
        first = {k: j for k, j, is_one in reversed(shared) if is_one}
        self.given: list[Any] = []
        self.taken: list[bool] = []
        self.donated: list[Variable] = []
        for k, (x, name) in enumerate(zip(flat, names, strict=True)):
            self.taken.append(is_input(x) and k not in first)
            refuse_other_arrays(x, name)
            if k in first:
                self.given.append(self.given[first[k]])
            elif type(x) is np.random.Generator:
                self.given.append(RecordingGenerator(x, recorder, name))
                recorder.inputs.append(self.given[-1].variable)
            else:
                self.given.append(recorder.given(laid_out_alike(x), name) if is_array(x) else x)
                if k in donated:
                    self.donated.append(self.given[-1].variable)
        recorder.apart += [
            {self.given[k].variable.memory, self.given[j].variable.memory} for k, j, is_one in shared if not is_one
        ]

    def refuse_other_draws(self) -> None:
        """Raise where something other than the generators among the arguments drew from their streams."""
        for x in self.given:
            if type(x) is RecordingGenerator:
                x.look_again()

    def written(self, recorder: Recorder, flat: Sequence[Any], captured: Captured) -> set[Variable]:
        """The inputs that the function wrote to.

        Raises where one shares memory with another that is not the same, with an array from outside, or with itself.
        """
        values = [x for x, taken in zip(flat, self.taken, strict=True) if taken]
        written = {operation.writes for operation in recorder.operations}
        found = {v for v in recorder.inputs if v.memory.origin == "input" and v.memory in written}
        for v, x in zip(recorder.inputs, values, strict=False):  # after them come numbers that are kept
            if v in found and overlaps_itself(x):
                raise refusal(
                    f"compile: the function writes to its argument {v.name}, entries of which lie at the same place, "
                    "as those of sliding windows do; give it a copy",
                    (),
                )
            if v in found and captured.is_seen_in(x):
                raise refusal(
                    f"compile: the function writes to its argument {v.name}, which shares memory with an array that it "
                    "takes from outside; give it a copy",
                    (),
                )
            for other, y in zip(recorder.inputs, values, strict=False):
                if v in found and v is not other and isinstance(y, np.ndarray) and np.may_share_memory(x, y):
                    raise refusal(
                        f"compile: the function writes to its argument {v.name}, which shares memory with "
                        f"{other.name}; give it a copy of one of them",
                        (),
                    )
        return found


def overlaps_itself(x: Any) -> bool:
    """Whether entries of an array may lie at the same place."""
    reach = x.itemsize if isinstance(x, np.ndarray) and x.size else 0
    for step, n in sorted((abs(step), n) for step, n in zip(x.strides, x.shape, strict=True)) if reach else ():
        if n > 1 and step < reach:
            return True
        reach += step * (n - 1)
    return False


def with_inputs_kept(program: Program) -> Program:
    """The program with a copy of each input that it writes to and must not: the caller's own stays as it is."""
    written = written_memories(program)
    inputs, copies = [], []
    for v in program.inputs:
        if v.memory not in written or v.memory.origin != "input" or v in program.donated:
            inputs.append(v)
            continue
        given = v.renewed(Memory("input"))
        v.memory.origin = "operation"
        inputs.append(given)
        copies.append(Operation(Method("copy") if v.contiguous else own_copy, (given,), {}, (v,), LEAF))
    return program.changed(inputs=tuple(inputs), operations=(*copies, *program.operations))
