"""What computes one entry of an operation's result, as text, and in which dtype."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

from ...table.parts import own_copy
from ..kernels.forms import LOGIC, QUESTIONS, EntryForm, form_of_primitive, form_of_ufunc, number, precision_for
from ..kernels.precision import Precision
from ..kernels.translating import Function, precision_of
from ..methods_as_calls import AddMultiple, Forward, Method
from ..program import Operation, Variable

COPIES: Final = (np.copy, own_copy, Method("copy"))


def form_of(operation: Operation, y: Variable, args: tuple[Any, ...]) -> tuple[EntryForm, Any] | None:
    """What computes an operation that gives y, of operands, and the dtypes that it takes them in."""
    function, kwargs = operation.function, operation.kwargs
    if any(not isinstance(x, (Variable, int, float, np.generic)) for x in args):
        return None
    if type(function) is Forward:
        return precisely(partial(form_of_primitive, function.primitive.name, args, kwargs), y.dtype)
    if function in COPIES:
        return precisely(lambda _: EntryForm("{0}"), y.dtype) if y.contiguous else None
    if kwargs:
        return None
    if function is np.where:
        form, dtypes = EntryForm("{1} if {0} else {2}"), (np.dtype(bool), y.dtype, y.dtype)
        return None if precision_for(y.dtype) is None else (form, dtypes)
    if function in LOGIC:
        is_logic = y.dtype.kind == "b" and all(dtype_of(x).kind == "b" for x in operation.args)
        return (EntryForm(LOGIC[function]), np.dtype(bool)) if is_logic else None
    if function in QUESTIONS:
        dtype = np.result_type(*[representative(x) for x in operation.args])
        if dtype.kind in "bi" and all(dtype_of(x).kind == "b" for x in operation.args if type(x) is Variable):
            dtype = np.dtype(np.float64)  # which has all numbers that truth values are compared with
        return None if precision_for(dtype) is None else (EntryForm(QUESTIONS[function]), dtype)
    if not isinstance(function, np.ufunc):
        return None
    return precisely(lambda precision: form_of_ufunc(function, args, precision), y.dtype)


def precisely(form: Callable[[Precision], EntryForm | None], dtype: Any) -> tuple[EntryForm, Any] | None:
    """A form in the precision of a dtype."""
    precision = precision_for(dtype)
    found = None if precision is None else form(precision)
    return None if found is None else (found, dtype)


def functions_of(form: EntryForm, dtypes: Any) -> list[tuple[Function, Precision]]:
    """The functions that a form calls, each in the precision that it computes in."""
    precision = None if isinstance(dtypes, tuple) else precision_for(dtypes)
    return [] if precision is None else [(f, precision_of(f, precision)) for f in form.functions]


def dtypes_for(args: tuple[Any, ...], dtypes: Any) -> tuple[Any, ...]:
    """The dtype for each operand, where there may be one for all."""
    return dtypes if isinstance(dtypes, tuple) else (dtypes,) * len(args)


def text_of_number(x: Any, dtype: Any) -> str:
    """A number in a dtype."""
    precision = precision_for(dtype)
    return repr(bool(x)) if precision is None else number(x, precision)


def text_in(name: str, own: Any, dtype: Any) -> str:
    """An entry of a dtype in another."""
    if own == dtype:
        return name
    return f"({name} != 0)" if precision_for(dtype) is None else f"np.{dtype.name}({name})"


def title(operation: Operation) -> str:
    """A word for what an operation does."""
    function = operation.function
    if function == np.add.reduce:
        return "sum"
    if type(function) is AddMultiple:
        return "step"
    if function in COPIES or function is operator.setitem:
        return "copy"
    return function.primitive.name if type(function) is Forward else str(function.__name__)


def dtype_of(x: Any) -> Any:
    """That of a variable or a number."""
    return x.dtype if type(x) is Variable else np.asarray(x).dtype


def representative(x: Any) -> Any:
    """What has the dtype of an operand among others: Python's numbers take on theirs."""
    if type(x) is not Variable:
        return x
    return x.dtype.type(0).item() if x.weak else x.dtype


def is_sum(operation: Operation) -> bool:
    """Whether it sums over one array."""
    return operation.function == np.add.reduce and len(operation.args) == 1


def is_mean(operation: Operation) -> bool:
    """Whether it takes the mean of one array."""
    function = operation.function
    return len(operation.args) == 1 and (
        function in (np.mean, Method("mean")) or (type(function) is Forward and function.primitive.name == "mean")
    )
