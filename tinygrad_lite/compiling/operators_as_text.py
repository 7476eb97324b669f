"""The operators that functions are written with."""

from __future__ import annotations

import ast
import operator
from typing import Any, Final

import numpy as np

OPERATORS: Final[dict[Any, ast.operator]] = {
    np.add: ast.Add(), np.subtract: ast.Sub(), np.multiply: ast.Mult(), np.divide: ast.Div(),
    np.matmul: ast.MatMult(), np.power: ast.Pow(), np.remainder: ast.Mod(), np.floor_divide: ast.FloorDiv(),
    np.bitwise_and: ast.BitAnd(), np.bitwise_or: ast.BitOr(), np.bitwise_xor: ast.BitXor(),
    operator.add: ast.Add(), operator.sub: ast.Sub(), operator.mul: ast.Mult(), operator.truediv: ast.Div(),
    operator.floordiv: ast.FloorDiv(), operator.mod: ast.Mod(), operator.pow: ast.Pow(),
    operator.and_: ast.BitAnd(), operator.or_: ast.BitOr(), operator.xor: ast.BitXor(),
    operator.lshift: ast.LShift(), operator.rshift: ast.RShift(),
}  # fmt: skip
COMPARISONS: Final[dict[Any, ast.cmpop]] = {
    np.less: ast.Lt(), np.less_equal: ast.LtE(), np.greater: ast.Gt(), np.greater_equal: ast.GtE(),
    np.equal: ast.Eq(), np.not_equal: ast.NotEq(),
    operator.lt: ast.Lt(), operator.le: ast.LtE(), operator.gt: ast.Gt(), operator.ge: ast.GtE(),
    operator.eq: ast.Eq(), operator.ne: ast.NotEq(),
}  # fmt: skip
SIGNS: Final[dict[Any, ast.unaryop]] = {
    np.negative: ast.USub(), np.invert: ast.Invert(),
    operator.neg: ast.USub(), operator.pos: ast.UAdd(), operator.invert: ast.Invert(),
}  # fmt: skip
