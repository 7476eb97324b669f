"""Arrays with a part replaced: what writing into an array is to a derivative.

A part of an array is reached by steps, each a primitive that gives a view (indexing, transposing, reshaping) with its
parameters. Reading the part and putting it into zeros are each other's transpose; an array with the part replaced
passes the cotangent of the part to what was written, and the rest to what the array was before.

Reshaping gives a view or a copy as the memory is laid out. So what is written to is laid out as the array whose steps
they are: ``order`` are its axes from the outermost in memory to the innermost, None where they stand in that order.

A backward pass goes through n writes of single entries in place, in a time of O(n). One that is itself recorded, for
second derivatives, makes an array of each: n writes into an array of n entries take it O(n²), in memory of O(n).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .arrays import HALF, array, unbroadcast, values_of
from .ducks import DuckArray
from .elsewhere import elsewhere, is_elsewhere
from .indexing import getitem_p, names_once, plain_index, scatter_p
from .leading import index_further, instead, is_index_movable, permuted_further, unbroadcast_each
from .primitive import Primitive
from .registry import Sample, entry, primitive
from .shapes import reshape_p, transpose_p
from .sharing import lifted_beside, memory_of

NOTHING = np.float64(0.0)
Step = tuple[Primitive, Mapping[str, Any]]
Steps = tuple[Step, ...]
Order = tuple[int, ...] | None


def reach(x: Any, steps: Steps) -> Any:
    """The part of an array that some steps lead to: a view, where the array is laid out as theirs."""
    for step, params in steps:
        x = step.forward(x, **params)
    return x


def last_index(steps: Steps) -> tuple[Steps, Any]:
    """The steps before the last one if that is indexing, and its index."""
    if steps and steps[-1][0] is getitem_p:
        return steps[:-1], steps[-1][1]["index"]
    return steps, ...


def indices_in(steps: Steps) -> list[Any]:
    """What may be arrays among the steps' indices."""
    indices = [index for _, params in steps for index in params.values()]
    return [part for index in indices for part in (index if type(index) is tuple else (index,))]


def assign(x: Any, steps: Steps, v: Any) -> None:
    """Write into a part, in place, as NumPy does: of an entry that is named twice the last value stays."""
    steps, index = last_index(steps)
    reach(x, steps)[index] = v


def add_into(x: Any, steps: Steps, g: Any) -> None:
    """Add to a part, in place, as often as an entry is named."""
    steps, index = last_index(steps)
    add_at(reach(x, steps), index, g)


def add_at(x: Any, index: Any, g: Any) -> None:
    """Add to the entries that an index names, in place, as often as it names them."""
    if names_once(index):
        x[index] += g
    elif x.dtype is HALF:  # in single precision, each entry rounded once
        x += scatter_p.forward(g, index=index, shape=x.shape)
    else:
        np.add.at(x, index, g)


def copied_part(x: Any, steps: Steps) -> Any:
    """A part of an array in memory of its own; a scalar where it is one entry."""
    steps, index = last_index(steps)
    part = reach(x, steps)[index]
    return part if getattr(memory_of(part), "base", None) is None else part.copy()[()]


def order_of(x: Any) -> Order:
    """How an array is laid out, gaps in its memory aside."""
    if x.flags.c_contiguous:
        return None
    return tuple(sorted(range(x.ndim), key=lambda axis: (-abs(x.strides[axis]), axis)))


def own_copy(x: Any) -> Any:
    """A copy in memory of its own, of which reshaping gives views where it does of the array, and copies where those.

    So a part of a larger array keeps gaps in its memory, though no wider than they must be.
    """
    if type(x) is DuckArray:
        kind: Any = x.kind
        return kind.own_copy(x)
    if x.size and min(x.strides, default=0) < 0:
        turned = tuple([slice(None, None, -1 if step < 0 else None) for step in x.strides])
        return own_copy(x[turned])[turned]
    y = x.copy(order="K")
    axes = [axis for axis in order_of(x) or () if x.shape[axis] > 1]
    if not x.size or x.dtype.kind == "O" or all(x.strides[axis] == y.strides[axis] != 0 for axis in axes):
        return y
    if any(x.strides[axis] == 0 for axis in axes):
        return y
    strides = [x.itemsize] * x.ndim
    inner = None
    for axis in reversed(axes):
        if inner is None:
            strides[axis] = x.itemsize * (1 if abs(x.strides[axis]) == x.itemsize else 2)
        else:
            gap = abs(x.strides[axis]) != x.shape[inner] * abs(x.strides[inner])
            strides[axis] = x.shape[inner] * strides[inner] + gap * x.itemsize
        inner = axis
    memory = np.empty(sum([strides[axis] * (x.shape[axis] - 1) for axis in axes]) // x.itemsize + 1, x.dtype)
    start = sum([strides[axis] * (x.shape[axis] - 1) for axis in axes if x.strides[axis] < 0])
    signed = [-step if x.strides[axis] < 0 else step for axis, step in enumerate(strides)]
    laid_out: Any = np.ndarray(x.shape, x.dtype, memory, start, signed)
    laid_out[...] = x
    return laid_out


def zeros_laid_out(shape: tuple[int, ...], dtype: Any, order: Order, beside: Any = None) -> Any:
    """An array of zeros whose axes lie in memory in the given order, where another array lives."""
    if order is None:
        return lifted_beside(np.zeros(shape, dtype), beside)
    return lifted_beside(np.zeros([shape[axis] for axis in order], dtype), beside).transpose(np.argsort(order).tolist())


def copy_laid_out(x: Any, order: Order) -> Any:
    """A copy whose axes lie in memory in the given order."""
    if type(x) is DuckArray:
        return x.copy() if order is None else x.transpose(order).copy().transpose(np.argsort(order).tolist())
    if order is None:
        return np.array(x, order="C")
    return np.array(x.transpose(order), order="C").transpose(np.argsort(order))


def reachable(x: Any, steps: Steps, order: Order) -> bool:
    """Whether the part is a view of this array: reshaping asks for the layout, the other steps for none."""
    if not [step for step, _ in steps if step is reshape_p]:
        return True
    return bool((x if order is None else x.transpose(order)).flags.c_contiguous)


def names_once_in(steps: Steps) -> bool:
    """Whether a part names no entry twice."""
    return names_once(last_index(steps)[1])


def kept_places(x: Any, steps: Steps) -> Any:
    """Of a part in which entries are named twice, which of its turns keep what is written to them."""
    before, index = last_index(steps)
    numbers = reach(lifted_beside(np.zeros(x.shape, np.intp), *indices_in(steps)), before)
    turns = np.arange(numbers[index].size).reshape(numbers[index].shape)
    numbers[index] = turns
    return numbers[index] == turns


def _read(x: Any, *, steps: Steps, order: Order) -> Any:  # noqa: ARG001 (the rule wants it)
    return reach(x, steps)


def _put(g: Any, *, shape: tuple[int, ...], steps: Steps, order: Order) -> Any:
    y = zeros_laid_out(shape, g.dtype, order, g)
    add_into(y, steps, g)
    return y


def _write(x: Any, v: Any, *, steps: Steps, order: Order, kept: Any) -> Any:  # noqa: ARG001
    y = copy_laid_out(lifted_beside(x, v, *indices_in(steps)), order)
    assign(y, steps, v)
    return y


def steps_further(steps: Steps, count: int) -> Steps:
    """The steps to the part of each of so many arrays along a leading axis."""
    return tuple([(step, step_further(step, params, count)) for step, params in steps])


def step_further(step: Primitive, params: Mapping[str, Any], count: int) -> Mapping[str, Any]:
    """One step's parameters, told of a leading axis."""
    if step is getitem_p:
        return {"index": index_further(params["index"])}
    if step is transpose_p:
        return {"axes": permuted_further(params["axes"])}
    assert step is reshape_p, step
    return {"shape": (count, *params["shape"])}


def are_steps_movable(steps: Steps) -> bool:
    """Whether :func:`steps_further` gives what it should."""
    return is_index_movable(last_index(steps)[1]) and all(step in MOVABLE for step, _ in steps)


MOVABLE = (getitem_p, transpose_p, reshape_p)


def read_each(g: Any, steps: Steps, order: Order) -> Any:
    """The part of each of the arrays along a leading axis."""
    return read_p(g, steps=steps_further(steps, len(g)), order=permuted_further(order))


read_p: Primitive = primitive(
    _read,
    linear=True,
    leading=instead(
        lambda g, x_shape, steps, order: put_p(
            g, shape=(len(g), *x_shape), steps=steps_further(steps, len(g)), order=permuted_further(order)
        ),
        lambda saved: are_steps_movable(saved[1]),
    ),
    x=lambda g, x_shape, steps, order: put_p(g, shape=x_shape, steps=steps, order=order),
)
put_p: Primitive = primitive(
    _put,
    linear=True,
    leading=instead(read_each, lambda saved: are_steps_movable(saved[0])),
    g=lambda g, steps, order: read_p(g, steps=steps, order=order),
)
write_p: Primitive = primitive(
    _write,
    linear=True,
    leading={
        "x": instead(
            lambda g, steps, order: write_p(
                g, NOTHING, steps=steps_further(steps, len(g)), order=permuted_further(order), kept=True
            ),
            lambda saved: are_steps_movable(saved[0]),
        ),
        "v": instead(
            lambda g, v_shape, steps, order, kept: written_each(read_each(g, steps, order), v_shape, kept),
            lambda saved: are_steps_movable(saved[1]),
        ),
    },
    x=lambda g, steps, order: write_p(g, NOTHING, steps=steps, order=order, kept=True),
    v=lambda g, v_shape, steps, order, kept: written(read_p(g, steps=steps, order=order), v_shape, kept),
)


def written(g: Any, shape: tuple[int, ...], kept: Any) -> Any:
    """The cotangent of what was written: of places that kept it, summed over those it was copied to."""
    if kept is not True:
        g = np.where(kept, g, 0)
    extra = max(len(shape) - g.ndim, 0)  # NumPy leaves out leading axes of length 1
    g = unbroadcast(g, shape[extra:])
    return g.reshape(shape) if extra else g


def written_each(g: Any, shape: tuple[int, ...], kept: Any) -> Any:
    """:func:`written` of cotangents along a leading axis."""
    if kept is not True:
        g = np.where(kept, g, 0)
    extra = max(len(shape) - (g.ndim - 1), 0)
    return unbroadcast_each(g, shape[extra:]).reshape((len(g), *shape))


@entry(
    name="setitem",
    samples=lambda r: [
        Sample((r(4), 1, r())),
        Sample((r(4, 3), (slice(None, None, -2), None, 1), r(2, 1))),
        Sample((r(4, 3), (Ellipsis, slice(1, None)), r(2))),
        Sample((r(4, 3), np.array([0, 2, 0]), r(3, 3))),
        Sample((r(4, 3), (np.array([[0], [2]]), np.array([1, 1, 0])), r(2, 3))),
        Sample((r(2, 3), np.array([[True, False, True], [False, False, True]]), r(3))),
        Sample((r(2, 3), 0, np.ones((1, 1, 3)) * r(1, 1, 3))),
        Sample((r(3), slice(0), r(0))),
    ],
)
def setitem(x: Any, index: Any, value: Any) -> Any:
    """An array like x but with ``x[index] = value``; x stays as it is. Of an entry named twice the last value stays.

    The gradient of the part that was replaced goes to the value, that of the rest to x. ``x[index] = value`` itself
    writes into a Tensor in place, and is recorded as this.

    Raises IndexError and ValueError as NumPy's assignment does.

    >>> tl.setitem(tl.tensor([1.0, 2.0, 3.0]), 0, 5.0)
    Tensor([5., 2., 3.])
    """
    x, value = array(x), array(value)
    if any(is_elsewhere(part) and not values_of(part).kind.writable for part in (x, value)):
        raise elsewhere("setitem; np.where(mask, v, x) and np.concatenate make another array", x, value)
    steps = ((getitem_p, {"index": plain_index(index)}),)
    kept = True if names_once_in(steps) else kept_places(np.empty(x.shape, bool), steps)
    return write_p(x, value, steps=steps, order=None, kept=kept)


def read_only_view(x: Any) -> Any:
    """A view of an array that cannot be written to; anything else as it is."""
    if type(x) is np.ndarray:
        x = x[...]
        x.flags.writeable = False
    return x
