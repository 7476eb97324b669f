"""NumPy's protocols: what happens when NumPy, and code that only knows NumPy, meets a Tensor.

The promise: **a Tensor that requires a gradient never silently leaves the graph.** A NumPy function is either in the
table, and recorded; or its result has no derivative to lose, and is computed from the values; or it is refused with the
way out named, before anything is computed or written.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any, Final

import numpy as np

from ..table.arrays import PLAIN
from ..table.constants import CONSTANT
from ..table.doors import each
from ..table.ducks import DuckArray, handed_back, kind_of
from ..table.later import loaded_for
from ..table.lists import as_argument, as_arguments
from ..table.naming_errors import name_operation
from ..table.primitive import Primitive
from ..table.registry import DISPATCH
from ..table.requests import (
    ASSIGNED,
    DETACHED,
    UNRECORDED,
    WAYS,
    Request,
    name_of,
    remedy,
    request,
    taken_for_a_number,
    wording,
)
from ..table.ufunc_methods import called_with, is_default, ufunc_served
from ..table.writers import WRITERS, deliver, ufunc_at
from .graph import NO_PARAMS
from .recording import recording
from .refusals import refusal

OF_DASK = "NumPy's function of that name (np.sum, not da.sum) keeps the gradient; t.detach() where none should flow"
"""What to write in place of a function of Dask's."""


def tensors(x: Any, kind: type) -> Iterator[Any]:
    """The Tensors in an argument, which may be a list of lists."""
    if isinstance(x, kind):
        yield x
    elif isinstance(x, (list, tuple)):
        for part in x:
            yield from tensors(part, kind)
    elif isinstance(x, dict):
        for part in x.values():
            yield from tensors(part, kind)


def plain(x: Any, kind: type) -> Any:
    """An argument with the values in place of Tensors."""
    if isinstance(x, kind):
        value = x._value  # type: ignore[attr-defined]
        return handed_back(value) if type(value) is not np.ndarray else value if value.shape else value[()]
    if isinstance(x, (list, tuple)):
        parts = [plain(part, kind) for part in x]
        return parts if isinstance(x, list) else tuple(parts) if type(x) is tuple else type(x)(*parts)
    if isinstance(x, dict):
        return {key: plain(part, kind) for key, part in x.items()}
    return x


def tracked(found: Iterable[Any]) -> bool:
    """Whether any of these Tensors would lose its gradient."""
    return bool(recording.get()) and any(t.requires_grad for t in found)


def refuse_leaving(
    found: Iterable[Any], what: str, why: str = UNRECORDED, out: str = WAYS, kind: type[Exception] = TypeError
) -> None:
    """Raise a refusal if a Tensor would leave the graph.

    Parameters
    ----------
    found : the Tensors
    what, why : the operation, and what is wrong with it
    out : what to write instead, first what keeps the gradient
    kind : the error's type
    """
    found = list(found)
    if tracked(found):
        losing = [t for t in found if t.requires_grad]
        named = ", ".join([t.name or f"one of shape {t.shape}" for t in losing])
        said = f"{what} {why}, and it was given a Tensor that requires a gradient ({named}). {out}"
        raise refusal(said, [t._node for t in losing], kind)


def refuse_as_number(frame: FrameType) -> None:
    """Raise where NumPy's own Python, in a frame, would go on with other numbers, which no gradient is needed for."""
    if said := taken_for_a_number(frame):
        raise refusal(said, [frame.f_locals["x"]._node])


def constant(x: Any, function: str, parameter: str) -> Any:
    """A parameter's value, which no gradient can flow to."""
    if hasattr(type(x), "__record__"):
        if tracked([x]):
            raise refusal(
                f"{function}: no derivative with respect to {parameter}; pass {parameter}.detach()", [x._node]
            )
        return x._value if type(x._value) is DuckArray else x.data
    return x


# ---------------------------------------------------------------------------------------------------------------------
# The three protocols


def array(self: Any, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
    """np.asarray(t), and everything in NumPy and elsewhere that makes an array of its arguments."""
    if tracked([self]):
        asked = request()
        refuse_leaving([self], *wording(asked), remedy(asked), asked.error)
    if type(self._value) is DuckArray:
        self._value.kind.refused("np.asarray")
    return np.array(self.data, dtype=dtype, copy=copy)


def is_foreign(x: Any) -> bool:
    """Whether a value with axes answers NumPy's functions in its own way, as labelled arrays do; it goes first."""
    kind = type(x)
    return bool(
        getattr(kind, "__array_ufunc__", None) is not None
        and getattr(x, "shape", ())
        and not hasattr(kind, "__record__")
        and not isinstance(x, (np.ndarray, np.generic))
        and type(x) is not DuckArray
        and kind_of(x) is None
    )


STRAIGHT: Final[dict[tuple[Any, ...], Callable[..., Any]]] = {}
"""Function of NumPy's, how many arguments it got, the names of its keywords → the table's function that takes such a
call as it is. What no argument's value has a say in is decided once."""

MOST_ARGUMENTS: Final = 8
"""Calls of more, which few functions take, are decided each time, so that there are not ever more to remember."""


def array_function(self: Any, function: Callable[..., Any], _types: Any, args: Any, kwargs: Any) -> Any:
    """np.sum(t), np.concatenate([t, u]), …"""
    for x in args if not kwargs else (*args, *kwargs.values()):
        if type(x) is not type(self) and type(x) not in PLAIN:  # it may be a list
            args, kwargs = as_arguments(function, args, kwargs)
            break
    served = STRAIGHT.get((function, len(args), *kwargs) if kwargs else (function, len(args)))
    if served is None or DISPATCH.get(function) is not served or (kwargs and not all_given(kwargs)):
        return decided(type(self), function, args, kwargs)
    try:
        return served(*args, **kwargs)
    except (TypeError, ValueError, IndexError) as error:
        name_operation(error, function.__name__)
        raise


def all_given(kwargs: Any) -> bool:
    """Whether no keyword holds what NumPy puts where none was given."""
    for value in kwargs.values():  # noqa: SIM110 (every call with keywords passes here)
        if value is np._NoValue:
            return False
    return True


def is_decided_by_form(function: Callable[..., Any], args: Any, kwargs: Any) -> bool:
    """Whether no argument's value has a say in what serves a call, of whose keywords all are taken."""
    depends = "out" in kwargs or function in WRITERS or function is np.prod
    return not depends and len(args) <= MOST_ARGUMENTS


def decided(kind: type, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """:func:`array_function` of a call whose like has not been seen, or which depends on the values of arguments."""
    writer = WRITERS.get(function)
    if writer is not None and isinstance(args[0] if args else next(iter(kwargs.values())), kind):
        return writer(*args, **kwargs)
    out = kwargs.get("out")
    if isinstance(out, tuple) and len(out) == 1:
        out = out[0]
    if isinstance(out, kind):
        result = function(*args, **{key: value for key, value in kwargs.items() if key != "out"})
        return deliver(out, result, function.__name__, exact=function is not np.clip)
    if function is np.prod:
        refuse_as_number(sys._getframe(2))
    served = DISPATCH.get(function)
    refused = None
    if served is not None:
        given = {key: value for key, value in kwargs.items() if value is not np._NoValue}
        # out=None and the like ask for nothing
        given = {key: x for key, x in given.items() if not asks_nothing(key, x) or not accepts(served, (), {key: 0})}
        refused = accepts(served, args, given)
        if refused is None:
            if len(given) == len(kwargs) and is_decided_by_form(function, args, kwargs):
                STRAIGHT[function, len(args), *kwargs] = served
            try:
                return served(*args, **given)
            except (TypeError, ValueError, IndexError) as error:
                name_operation(error, function.__name__)
                raise
        named = by_name(function, args, given)  # np.sum(a=t), np.sum(t, 0, np.float32)
        if named is not None and accepts(served, named[0], named[1]) is None:
            return served(*named[0], **named[1])
    if function not in CONSTANT or kwargs.get("out") is not None:
        name = name_of(function)
        why = "has no derivative here" if served is None else f"takes no {refused} when recorded"
        refuse_leaving(tensors((args, kwargs), kind), name, why)
    if any(type(t._value) is DuckArray for t in tensors((args, kwargs), kind)):
        # not as the library's own, which compute, and go wrong, where their library lacks a function
        settings = {key: each(value_of, x) for key, x in kwargs.items()}
        return each(handed_back, function(*each(value_of, args), **settings))
    return function(*plain(args, kind), **plain(kwargs, kind))


def value_of(x: Any) -> Any:
    """A Tensor's value, as rules see it; what else there is, as it is."""
    return x._value if hasattr(type(x), "__record__") else x


def asks_nothing(keyword: str, value: Any) -> bool:
    """Whether a keyword makes no difference where it is not taken: ``out=None``, or ``subok``, of Tensors."""
    return value is None or keyword == "subok" or is_default(keyword, value)


def by_name(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, Any] | None:
    """The same arguments with the first by position and the others by the names NumPy gives them."""
    try:
        bound = inspect.signature(function).bind(*args, **kwargs).arguments
    except (TypeError, ValueError):
        return None
    (_, first), *rest = bound.items()
    return (first,), {key: value for key, value in rest if value is not np._NoValue and not asks_nothing(key, value)}


def accepts(served: Callable[..., Any], args: Any, kwargs: Any) -> str | None:
    """None if the table's function takes these arguments, else the first that it does not."""
    code = getattr(served, "__code__", None)
    if code is not None and code.co_flags & 0x0C == 0x0C:  # any arguments and keywords, which it hands on
        return None
    if code is None or code.co_flags & 0x04:  # a primitive, or any number of positional arguments
        names = () if code is None else code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        return next((f"{key}=" for key in kwargs if key not in names), None)
    if len(args) > code.co_argcount:
        return f"argument number {code.co_argcount + 1}"
    if code.co_flags & 0x08:  # any keywords
        return None
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return next((f"{key}=" for key in kwargs if key not in names), None)


def array_ufunc(self: Any, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """np.exp(t), array + t, and the ufunc methods: np.add.reduce(t), np.multiply.outer(t, u), …"""
    kind = type(self)
    if type(inputs[0]) is np.ndarray:
        refuse_as_number(sys._getframe(1))
    is_plain_call = method == "__call__" and not kwargs and ufunc in DISPATCH
    if is_plain_call:
        for x in inputs:
            if type(x) is not kind and type(x) not in PLAIN:
                break
        else:
            known = DISPATCH[ufunc]
            if type(known) is Primitive and known.written is None:  # nearly always: no more is to be asked
                return self.__record__(known, inputs, NO_PARAMS)
            return known(*inputs)
    if any(is_foreign(x) for x in inputs):
        return NotImplemented
    inputs = tuple([as_argument(x) for x in inputs])
    if is_plain_call:
        return DISPATCH[ufunc](*inputs)
    if method == "at" and isinstance(inputs[0], kind):
        return ufunc_at(ufunc, *inputs)
    outs = kwargs.get("out") or ()
    if any(isinstance(x, kind) for x in outs):
        return into_outputs(ufunc, method, inputs, kwargs)
    kwargs = {key: value for key, value in kwargs.items() if not is_default(key, value)}
    served = ufunc_served(ufunc, method)
    if method == "__call__" and served is not None and "out" not in kwargs:
        y = called_with(ufunc, served, inputs, kwargs)
        if y is not NotImplemented:
            return y
    refused = None if served is None else accepts(served, inputs, kwargs)
    if served is not None and refused is None:
        return served(*inputs, **kwargs)
    if ufunc not in CONSTANT or "out" in kwargs or method == "at":
        if served is None and ufunc not in DISPATCH and loaded_for(ufunc):
            return array_ufunc(self, ufunc, method, *inputs, **kwargs)
        name = name_of(ufunc) + ("" if method == "__call__" else f".{method}")
        out = remedy(Request(name, ufunc))
        if "out" in kwargs or method == "at":
            why, out = "writes to an array, which cannot be recorded", ASSIGNED
        else:
            why = "has no derivative here" if served is None else f"takes no {refused} when recorded"
        if refused == "where=":
            why, out = "leaves entries unset where where= is false", f"np.where keeps it, and out= a Tensor; {DETACHED}"
        refuse_leaving(tensors((inputs, kwargs), kind), name, why, out)
    return getattr(ufunc, method)(*plain(inputs, kind), **plain(kwargs, kind))


def into_outputs(ufunc: np.ufunc, method: str, inputs: Any, kwargs: Any) -> Any:
    """A ufunc with ``out=`` a Tensor: the result, written into it, where ``where=`` is true."""
    outs = kwargs["out"]
    where = kwargs.get("where", True) if method == "__call__" else True
    casting = kwargs.get("casting", "same_kind")
    rest = {
        key: value
        for key, value in kwargs.items()
        if key not in ("out", "casting") and not (key == "where" and method == "__call__")
    }
    results = getattr(ufunc, method)(*inputs, **rest) if method != "__call__" else ufunc(*inputs, **rest)
    results = results if isinstance(results, tuple) else (results,)
    for out, result in zip(outs, results, strict=True):
        if out is not None:
            deliver(out, result, ufunc.__name__, casting, where, exact=method != "__call__")
    final = tuple([result if out is None else out for out, result in zip(outs, results, strict=True)])
    return final if len(final) > 1 else final[0]
