"""Numbers that are known before the program runs."""

from __future__ import annotations

import operator
from typing import Any, Final

import numpy as np

from ..methods_as_calls import Attribute, Method
from ..program import Operation, Program, Variable, mapped, variables_in
from .effects import UNFILLED, is_pure, steady

FILLED: Final = {np.ones_like: 1, np.zeros_like: 0, np.ones: 1, np.zeros: 0}
"""Functions that give one number everywhere → which."""

MOVES: Final = (np.broadcast_to, np.reshape, np.transpose, Method("reshape"), Method("transpose"), Method("copy"))
"""Functions that give the same numbers in another shape."""


def with_constants_folded(program: Program) -> Program:
    """The program with scalars that depend on no input as numbers, and so arrays of one number beside others."""
    unwritten = steady(program)
    numbers: dict[Variable, Any] = {}
    arrays = {*variables_in(program.outputs)}  # where an array without axes is no number
    arrays |= {v for operation in program.operations if not takes_numbers(operation) for v in operation.operands()}
    filled: dict[Variable, Any] = {}
    kept: list[Operation] = []
    for operation in program.operations:
        operation = operation.with_others(numbers)
        operation = beside_arrays(operation, filled)
        y = operation.result
        if y is not None and is_pure(operation) and id(y.memory) in unwritten:
            value = filling(operation, filled)
            if value is not None:
                value = y.dtype.type(value)
                if y.shape == () and not (y.is_array and y in arrays):
                    numbers[y] = value
                    continue
                filled[y] = value
            elif (
                y.shape == ()
                and not [*operation.operands()]
                and operation.function not in UNFILLED
                and not (y.is_array and y in arrays)
            ):
                with np.errstate(all="ignore"):
                    numbers[y] = operation.function(*operation.args, **operation.kwargs)
                continue
        kept.append(operation)
    return program.changed(operations=tuple(kept), outputs=mapped(lambda v: numbers.get(v, v), program.outputs))


def takes_numbers(operation: Operation) -> bool:
    """Whether it makes no difference to an operation whether it is given a number or an array without axes."""
    return isinstance(operation.function, np.ufunc) or is_entry(operation)


def is_entry(operation: Operation) -> bool:
    """Whether it is ``x[()]``: of an array without axes the number."""
    return operation.function is operator.getitem and operation.args[1] == ()


def filling(operation: Operation, filled: dict[Variable, Any]) -> Any:
    """The one number that a result consists of; None where it is not one."""
    function, args = operation.function, operation.args
    if function in FILLED:
        return FILLED[function]
    if function in (np.full_like, np.full):
        value: Any = args[1] if len(args) > 1 else operation.kwargs.get("fill_value")
        return None if [*variables_in(value)] or np.ndim(value) else value
    moves = function in MOVES or function in (Attribute("T"), Attribute("mT"))
    if not (moves or is_entry(operation)) or not args:
        return None
    x = args[0]
    return x if isinstance(x, (int, float, np.generic)) else filled.get(x) if type(x) is Variable else None


def beside_arrays(operation: Operation, filled: dict[Variable, Any]) -> Operation:
    """An elementwise operation with numbers for arrays of one number, where another operand gives the shape."""
    if not isinstance(operation.function, np.ufunc) or operation.function.signature is not None:
        return operation
    y = operation.result
    args = operation.args
    if y is None or not any(v in filled for v in args if type(v) is Variable):
        return operation
    shaped = [v for v in args if type(v) is Variable and v not in filled]
    if not any(v.shape == y.shape for v in shaped):
        return operation
    return Operation(
        operation.function,
        tuple([filled[v] if type(v) is Variable and v in filled else v for v in args]),
        operation.kwargs,
        operation.results,
        operation.structure,
        operation.writes,
    )
