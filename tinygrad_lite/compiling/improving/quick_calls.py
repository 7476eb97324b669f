"""NumPy's functions that are written in Python, as what they call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from ..methods_as_calls import Attribute, Method
from ..program import Operation, Program, Variable

REDUCTIONS: Final = {
    np.sum: np.add.reduce,
    np.prod: np.multiply.reduce,
    np.max: np.maximum.reduce,
    np.min: np.minimum.reduce,
    np.any: np.logical_or.reduce,
    np.all: np.logical_and.reduce,
    Method("sum"): np.add.reduce,
    Method("prod"): np.multiply.reduce,
    Method("max"): np.maximum.reduce,
    Method("min"): np.minimum.reduce,
    Method("any"): np.logical_or.reduce,
    Method("all"): np.logical_and.reduce,
}
"""Functions with ``axis``, ``dtype`` and ``keepdims`` → the ufunc's method."""

LIKE: Final[dict[Any, Any]] = {np.zeros_like: np.zeros, np.ones_like: np.ones, np.empty_like: np.empty}
"""Functions that ask an array for nothing but its shape and dtype."""

METHODS: Final = {np.reshape: "reshape", np.ravel: "ravel", np.squeeze: "squeeze", np.swapaxes: "swapaxes"}
"""Functions that are methods."""


def spelled(program: Program) -> Program:
    """The program with the quickest spelling of each call."""
    operations = [quicker(operation) for operation in program.operations]
    if program.kernels == "all":
        turned = {o.result for o in operations if o.function == Attribute("T") and o.args[0].contiguous}
        operations = [replace(o, function=np.dot) if is_blas(o, turned) else o for o in operations]
    return program.changed(operations=tuple(operations))


def is_blas(operation: Operation, turned: set[Variable | None]) -> bool:
    """Whether it is a product of matrices by BLAS, which ``np.dot`` calls at once, and gives no warnings."""
    y = operation.result
    return (
        operation.function is np.matmul
        and not operation.kwargs
        and y is not None
        and y.dtype in (np.float32, np.float64)
        and all(
            type(x) is Variable
            and x.dtype == y.dtype
            and len(x.shape) == 2
            and min(x.shape) > 1
            and (x.contiguous or x in turned)
            for x in operation.args
        )
    )


def quicker(operation: Operation) -> Operation:
    """One call in its quickest spelling."""
    function, args, kwargs = operation.function, operation.args, dict(operation.kwargs)
    x = args[0] if args else None
    y = operation.result
    if type(x) is not Variable:
        return operation
    if function in LIKE and y is not None and y.contiguous and y.is_array:
        return replace(operation, function=LIKE[function], args=(y.shape, y.dtype), kwargs={})
    if function in REDUCTIONS and len(args) <= 2 and "where" not in kwargs and "initial" not in kwargs:
        if not x.is_array:
            return operation
        axis = args[1] if len(args) > 1 else kwargs.pop("axis", None)
        return replace(operation, function=REDUCTIONS[function], args=(x,), kwargs=only_asked({"axis": axis, **kwargs}))
    if is_reduction(function):
        return replace(operation, kwargs=only_asked(kwargs))
    if function == Attribute("mT") and len(x.shape) == 2:
        return replace(operation, function=Attribute("T"))
    if function in METHODS and x.is_array and not kwargs:
        return replace(operation, function=Method(METHODS[function]))
    if function is np.transpose and x.is_array:
        axes = args[1] if len(args) > 1 else kwargs.get("axes")
        if axes is None or tuple(axes) == tuple(reversed(range(len(x.shape)))):
            return replace(operation, function=Attribute("T"), args=(x,), kwargs={})
        return replace(operation, function=Method("transpose"), args=(x, *axes), kwargs={})
    return operation


def is_reduction(function: Any) -> bool:
    """Whether it is ``reduce`` of a ufunc."""
    return isinstance(getattr(function, "__self__", None), np.ufunc) and function.__name__ == "reduce"


def only_asked(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Keywords without those that ask for nothing; one axis by its number."""
    kept = {key: x for key, x in kwargs.items() if not (key in ("dtype", "out") and x is None)}
    if kept.get("keepdims") is False:
        del kept["keepdims"]
    axis = kept.get("axis", 0)
    if isinstance(axis, tuple) and len(axis) == 1:
        axis = axis[0]
    if axis == 0 and axis is not None and not isinstance(axis, tuple):
        kept.pop("axis", None)
    elif "axis" in kept:
        kept["axis"] = axis
    return kept
