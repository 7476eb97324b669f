"""Where parameters live: in NumPy's arrays, or on a device, in those of a library with NumPy's functions.

Formulas are the same there. They run on whole arrays, through NumPy's protocols, and state lives where its parameter
does: a step moves no array.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ..engine.refusals import refusal
from ..engine.tensor import Tensor
from ..table.ducks import ArrayKind, DuckArray, duck, kind_of
from ..table.requests import OutlastingError

NUMPYS: Final = "NumPy"
"""What messages call NumPy's arrays, which are of no other library's kind."""


def kind_held(p: Tensor) -> ArrayKind | None:
    """The kind of arrays that a parameter's value is; None for NumPy's."""
    return kind_of(p._value.held) if type(p._value) is DuckArray else None


def refuse_lazy(name: str, which: str, p: Tensor) -> None:
    """Raise TypeError for a parameter, or a gradient, whose numbers are not there yet."""
    for what, given, kind in (("p.data", which, kind_held(p)), ("p.grad", f"the gradient of {which}", kind_of(p.grad))):
        if kind is not None and kind.lazy and not kind.writable:
            raise TypeError(
                f"{name}: {given} is a {kind.name} array, and a step needs numbers. Parameters are NumPy's arrays, and "
                f"data may be {kind.name}'s: {what} = {what}{kind.remedy.removeprefix('x')} before the step"
            )


def check_together(optimizer: Any, place: int, p: Tensor) -> None:
    """Raise TypeError unless a parameter, its gradient and its state are arrays of one library, and not lazy."""
    name, state = optimizer.name, optimizer.state.get(place, {})
    which = f"parameter {place}, of shape {p.shape},"
    refuse_lazy(name, which, p)
    kind, of_gradient = kind_held(p), kind_of(p.grad)
    if is_compiled(of_gradient):
        if kind is of_gradient and not state:
            raise OutlastingError(f"the state of {name}'s parameter {place}", optimizer)
        if kind is not of_gradient or kind_of(state["step"]) is not kind:
            raise refusal(
                f"{name}: step() is compiled, and {which if kind is not of_gradient else 'the optimizer'} is not among "
                "what it may change. Give all of that: tl.compile(step, state=[network, optimizer])",
                (),
            )
    if kind is not of_gradient:
        raise TypeError(
            f"{name}: {which} is a {called(kind)} array and its gradient a {called(of_gradient)} array, and nothing is "
            "moved unasked; zero_grad() and a backward() after the move make both in one place"
        )
    check_beside(name, place, p, state)


def called(kind: ArrayKind | None) -> str:
    """What messages call arrays."""
    return NUMPYS if kind is None else kind.name


def library_of(p: Tensor) -> Any:
    """The module with NumPy's names whose arrays a parameter and its state are."""
    kind = kind_held(p)
    return np if kind is None else kind.numpy


def begun(optimizer: Any, p: Tensor, name: str, fill: float, dtype: Any) -> Any:
    """An array of a parameter's state as it is at first; a program that is being compiled would make it each time."""
    if is_compiled(kind_held(p)):
        raise OutlastingError(f"{name}, of the state of {optimizer.name},", optimizer)
    return library_of(p).full(p.shape, fill, dtype)


def is_compiled(kind: ArrayKind | None) -> bool:
    """Whether arrays are those of a program that is being compiled."""
    return kind is not None and kind.lazy and kind.writable


def room_for_step(p: Tensor) -> Any:
    """A parameter's numbers, to be written to: a copy where a graph or the caller may hold them."""
    kind = kind_held(p)
    return p._value.held if kind is not None and kind.writable else p.data.copy()


def asserted_finite(name: str, total: Any) -> bool:
    """Whether a sum of squares is one of a program that is being compiled, which will raise where it is not finite."""
    kind = kind_of(total)
    if kind is None or not kind.writable:
        return False
    kind.asserted(
        duck(np.isfinite(total)),
        f"{name}: gradients have entries whose squares their dtype does not hold, or that are no numbers; clip "
        "gradients (tl.optim.clip_grad_norm), or scale the loss",
    )
    return True


def check_beside(name: str, place: int, p: Tensor, state: Mapping[str, Any]) -> None:
    """Raise TypeError unless the arrays of a parameter's state are where the parameter is."""
    kind = kind_held(p)
    for key, x in state.items():
        if is_array(x) and kind_of(x) is not kind:
            raise TypeError(
                f"{name}: parameter {place}, of shape {p.shape}, is a {called(kind)} array and its state ({key}) a "
                f"{called(kind_of(x))} array, from before it was moved; "
                "optimizer.load_state_dict(optimizer.state_dict()) brings states to their parameters"
            )


def numbers_of(x: Any) -> Any:
    """An array's numbers as an ndarray, fetched where they are on a device."""
    kind = kind_of(x)
    return np.asarray(x) if kind is None else kind.fetched([x])[0]


def saved(x: Any) -> Any:
    """A copy of an array, as an ndarray; what else a state holds as it is."""
    return np.copy(numbers_of(x)) if is_array(x) else x


def is_array(x: Any) -> bool:
    """Whether something in a state is an array, here or on a device."""
    return isinstance(x, np.ndarray) or kind_of(x) is not None
