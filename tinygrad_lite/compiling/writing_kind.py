"""StandIn arrays as derivative rules see them: one more kind of array."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import CodeType, FunctionType
from typing import Any, Final

import numpy as np

from ..table.ducks import KINDS, ArrayKind, DuckArray, duck, handed_back
from ..table.indexing import names_once, scatter_p
from ..table.parts import own_copy, put_p, read_p, write_p
from ..table.primitive import Primitive
from ..table.shapes import copy_p
from ..table.sharing import is_view, lifted_beside
from .kernels.launching import fits_kernels
from .methods_as_calls import AddMultiple, Attribute, Forward, as_scalar, check
from .program import Variable
from .unknown_numbers import CHOOSE, trying, unknown
from .written_arrays import WRITTEN, StandIn, WrittenArray, call, called, recorder_of, written_in


class ShapeOf(tuple[int, ...]):
    """A shape that knows the variable whose it is: so a node knows what its value is called."""

    variable: Variable


def is_reversal(axes: Any = None) -> bool:
    """Whether ``np.transpose`` with these axes exchanges two."""
    return axes is None or tuple(axes) in ((1, 0), (-1, 0), (1, -2), (-1, -2))


class WritingKind(ArrayKind):
    """That of a program which is being compiled."""

    name = "compiled"
    numpy = np
    array_type = StandIn
    lazy = True
    takes_numpy = True
    writable = True
    remedy = "tl.tinygrad_lite.numpy"
    to_here = "an argument"

    def shape(self, x: Any) -> tuple[int, ...]:
        shape = ShapeOf(x.variable.shape)
        shape.variable = x.variable
        return shape

    def memory(self, x: StandIn) -> Any:
        return x.value if x.is_memory else None

    def own_copy(self, x: DuckArray) -> DuckArray:
        """:func:`table.parts.own_copy`."""
        recorder, memory = x.held.recorder, x.held.value
        if own_copy(memory).strides != memory.copy("K").strides:
            return DuckArray(recorder.record(own_copy, (x.held,), {}), self)
        order = "C" if memory.flags.c_contiguous else "K"
        return DuckArray(recorder.record(np.copy, (x.held,), {"order": order}), self)

    def lifted(self, x: np.ndarray, beside: DuckArray) -> DuckArray:
        """An array of NumPy's as one that can be written to, in memory of its own."""
        recorder = beside.held.recorder
        if x.flags.c_contiguous and x.dtype.kind in "biufc" and not any(x.tobytes()):
            return DuckArray(recorder.record(np.zeros, (x.shape, x.dtype), {}), self)
        return DuckArray(recorder.record(np.copy, (x,), {"order": "K"}), self)

    def arrived(self, shape: tuple[int, ...], g: Any) -> None:
        if type(shape) is ShapeOf and shape.variable.name and not g.variable.name:
            g.variable.name = f"d_{shape.variable.name}"

    def call(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        if function is np.transpose and args[0].ndim == 2 and is_reversal(*args[1:], **kwargs):
            return self.wrapped(recorder_of(args).record(Attribute("T"), args[:1], {}))
        args = [self.held_in(x) for x in args]
        kwargs = {key: self.held_in(x) for key, x in kwargs.items()}
        return self.wrapped(call(function, args, kwargs))

    def ufunc(self, ufunc: np.ufunc, method: str, inputs: Any, kwargs: Any) -> Any:
        held = [self.operand(x) for x in inputs]
        kwargs = {key: self.operand(x) for key, x in kwargs.items()}
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        return self.wrapped(called(function, held, kwargs, held[0] if method == "at" else None))

    def evaluated(self, primitive: Any, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        if primitive.name in UNSEEN:
            return super().evaluated(primitive, inputs, params)
        form = form_of(primitive)
        if form is None or (y := self.written_out(form, inputs, params)) is NotImplemented:
            held = [self.held_in(x) for x in inputs]
            settings = {key: self.held_in(x) for key, x in params.items()}
            y = recorder_of([held, settings]).record(Forward(primitive), held, settings)
        y = self.wrapped(y)
        if primitive.view and is_view(y, inputs[0]):
            return y
        return (self.as_number(y[0]), *y[1:]) if primitive.remembers else self.as_number(y)

    def written_out(self, form: Callable[..., Any], inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """What a primitive computes, call by call; NotImplemented where it looks at numbers on its way."""
        held = [self.held_in(x) for x in inputs]
        settings = {key: self.held_in(x) for key, x in params.items()}
        recorder = recorder_of([held, settings])
        length = len(recorder.operations)
        token = trying.set(True)
        try:
            return form(*held, **settings)
        except Exception:  # whatever: it runs as one call, which says what is wrong in its own words
            del recorder.operations[length:]
            return NotImplemented
        finally:
            trying.reset(token)

    def as_number(self, y: Any) -> Any:
        """An array without axes as a NumPy scalar."""
        if type(y) is DuckArray and y.held.is_memory and not y.held.shape:
            return DuckArray(y.held[()], self)
        return y

    def counted(self, n: int) -> Any:
        return np.arange(n)

    def lacks(self, what: str) -> Any:
        return unknown(f"{what},", "It can be called with what the compiled function returns")

    def refused(self, what: str) -> Any:
        raise unknown(what, "The array itself can be computed with")

    def truth(self, x: Any) -> bool:  # noqa: ARG002 (others ask it)
        raise unknown("a choice (if, while, and, or, bool)", CHOOSE)

    def asserted(self, holds: DuckArray, message: str) -> DuckArray:
        recorder_of([holds]).record(check, (holds.held, message), {})
        return holds

    def entries(self, x: StandIn, index: Any) -> Any:
        return x.part(index)

    def assign(self, x: Any, index: Any, value: Any) -> Any:
        x[index] = value
        return x

    def add_multiple(self, y: Any, a: Any, x: Any, s: Any) -> None:
        fits = all(part.flags.c_contiguous and part.flags.aligned for part in (x, y)) and x.shape == y.shape and y.shape
        if fits and x.dtype == y.dtype and y.dtype in (np.float32, np.float64):
            recorder_of([y]).record(AddMultiple(y.dtype), (x.reshape(-1), y.reshape(-1), y.size, a), {}, y)
        else:
            y += np.multiply(x, a, s)

    def add_at(self, x: Any, index: Any, value: Any) -> Any:
        np.add.at(x, index, value)
        return x

    def index(self, x: DuckArray) -> DuckArray:
        if x.dtype == bool:
            raise unknown("indexing by truth values, whose count gives the shape,", "np.where(mask, x, 0) keeps it")
        return x.copy() if self.memory(x.held) is not None else x  # the program may change its own

    def scattered(self, g: Any, index: Any, shape: tuple[int, ...]) -> Any:
        zeros = recorder_of([g, index]).record(np.zeros, (tuple(shape), g.dtype), {})
        return self.assign(zeros, index, g)


@cache
def form_of(primitive: Primitive) -> Callable[..., Any] | None:
    """A function that a primitive is written down by, call by call; None where it is one call as it is."""
    own = FORMS.get(primitive.name)
    if own is not None:
        return own
    return (
        primitive.forward if not isinstance(primitive.forward, FunctionType) or is_straight(primitive.forward) else None
    )


def keep_form(g: Any, *, mask: Any) -> Any:
    """Zeros where a mask is false: of arrays by their bits, which can be written over what is masked."""
    fits = type(g) is WrittenArray and g.is_memory and g.shape == np.shape(mask) and g.dtype.kind == "f"
    if fits and g.itemsize <= 8 and mask.dtype == bool and not fits_kernels(g.size, g.recorder.kernels):
        bits = np.dtype(f"i{g.itemsize}")
        return np.bitwise_and(g.view(bits), np.negative(mask.view(np.int8))).view(g.dtype)
    return np.where(mask, g, 0)


def on_ducks(forward: Callable[..., Any]) -> Callable[..., Any]:
    """A primitive's form: what is computed of arrays as rules see them."""

    def form(*inputs: Any, **params: Any) -> Any:
        return handed_back(forward(*[duck(x) for x in inputs], **params))

    return form


def scattered(g: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of a shape with ``g`` added at the index, as often as an entry is named there."""
    y = lifted_beside(np.zeros(shape, g.dtype), g, *(index if isinstance(index, tuple) else (index,)))
    if names_once(index):
        y[index] = g
    else:
        np.add.at(y, index, g)
    return y


UNSEEN: Final = frozenset({"cross_entropy", "log_softmax", "logsumexp"})
"""Primitives whose form for numbers that are not looked at is as good: what they compute besides is small."""

FORMS: Final[dict[str, Callable[..., Any]]] = {
    "keep": keep_form,
    **{p.name: on_ducks(p.forward) for p in (read_p, put_p, write_p)},
    scatter_p.name: on_ducks(scattered),
    copy_p.name: lambda x, *, order: np.copy(x, order=order),
}
"""Primitives with a form of their own here, in which buffers can be used again."""


def is_straight(function: FunctionType) -> bool:
    """Whether a function, with those that it calls, catches no errors and sets no error state.

    Whether it looks at numbers is found out by trying.
    """
    seen: set[CodeType] = set()
    stack: list[Any] = [function]
    while stack:
        found = stack.pop()
        code = found.__code__
        if code in seen:
            continue
        seen.add(code)
        if code.co_exceptiontable:
            return False
        inner = [part for part in code.co_consts if isinstance(part, CodeType)]
        names = {name for part in (code, *inner) for name in part.co_names}
        stack += [
            other
            for name in names
            if isinstance(other := found.__globals__.get(name), FunctionType) and other.__module__.startswith(PACKAGE)
        ]
        if any(part.co_exceptiontable for part in inner):
            return False
    return True


PACKAGE: Final = __name__.partition(".")[0]

WRITING: Final = WritingKind()
KINDS.update(dict.fromkeys(WRITTEN, WRITING))

__all__ = ["WRITING", "WritingKind", "as_scalar", "written_in"]
