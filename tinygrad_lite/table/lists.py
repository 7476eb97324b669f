"""Lists of arrays and numbers, which NumPy's functions take for arrays: as one array, differentiably."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from . import joining
from .arrays import PLAIN, array

AS_THEY_ARE: Final = frozenset[Any](
    {np.block, np.piecewise, np.apply_along_axis, np.apply_over_axes, np.fromfunction, np.nested_iters}
)
"""NumPy functions whose lists are no arrays: of blocks, of functions, of operands, or handed on to a function."""

SEQUENCES: Final[dict[Callable[..., Any], tuple[int | str, ...]]] = {
    np.choose: (1, "choices"),
    np.column_stack: (0, "tup"),
    np.concatenate: (0, "arrays"),
    np.dstack: (0, "tup"),
    np.histogram2d: (2, "bins"),
    np.histogramdd: (0, 1, "sample", "bins"),
    np.hstack: (0, "tup"),
    np.linalg.multi_dot: (0, "arrays"),
    np.select: (0, 1, "condlist", "choicelist"),
    np.stack: (0, "arrays"),
    np.vstack: (0, "tup"),
}
"""NumPy function → where it takes a sequence of arrays: the members are array_like there, the sequence is none."""


def is_recorded(x: Any) -> bool:
    """Whether operations on a value are recorded: whether it is a Tensor."""
    return hasattr(type(x), "__record__")


def holds_tensors(x: Any) -> bool:
    """Whether a Tensor is in a list or tuple, or in one within it."""
    for part in x:
        if type(part) not in PLAIN and (is_recorded(part) or (is_sequence(part) and holds_tensors(part))):
            return True
    return False


def is_sequence(x: Any) -> bool:
    """Whether it is a list or tuple; ``isinstance`` takes its time, for it asks a Tensor for its ``__class__``."""
    kind = type(x)
    found = IS_SEQUENCE.get(kind)
    if found is None:
        IS_SEQUENCE[kind] = found = issubclass(kind, (list, tuple))
    return found


IS_SEQUENCE: Final[dict[type, bool]] = {}
"""Type → whether it is one of lists or tuples."""


def holds_sequences(x: Any) -> bool:
    """Whether a list or tuple is among the members."""
    for part in x:  # noqa: SIM110 (every call of np.concatenate passes here)
        if IS_SEQUENCE.get(type(part), True) and is_sequence(part):  # types that are known are not asked about again
            return True
    return False


def stacked(x: Any) -> Any:
    """Nested lists of Tensors, arrays and numbers as one Tensor.

    Raises ValueError where the parts have several shapes, as NumPy does.

    >>> stacked([[tl.tensor(1.0), 2.0], np.ones(2)])
    Tensor([[1., 2.],
            [1., 1.]])
    """
    parts = [as_array(part) for part in x]
    shapes_found = list(dict.fromkeys([part.shape for part in parts]))
    if len(shapes_found) > 1:
        raise ValueError(
            "array: a list of Tensors, arrays and numbers becomes one array where all have the same shape; its parts "
            f"have the shapes {', '.join(map(str, shapes_found))}"
        )
    return joining.stack(parts)


def as_array(x: Any) -> Any:
    """An array_like as an array: lists that hold Tensors stacked."""
    return stacked(x) if is_sequence(x) and holds_tensors(x) else array(x)


def as_argument(x: Any) -> Any:
    """An argument of a NumPy function: stacked if it is a list that holds Tensors, else as it is."""
    return stacked(x) if is_sequence(x) and holds_tensors(x) else x


def as_arguments(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, Any]:
    """All arguments of a NumPy function; of sequences of arrays, the members.

    >>> t = tl.tensor(1.0)
    >>> as_arguments(np.dot, ([t, 2.0], [3.0, 4.0]), {})
    ((Tensor([1., 2.]), [3.0, 4.0]), {})
    """
    sequences = SEQUENCES.get(function, ())
    if function in AS_THEY_ARE or not any_to_tidy(sequences, args, kwargs):
        return args, kwargs

    def tidy(place: int | str, x: Any) -> Any:
        if place in sequences:
            return type(x)([as_argument(part) for part in x]) if is_sequence(x) and holds_sequences(x) else x
        return as_argument(x)

    return (
        tuple([tidy(n, x) for n, x in enumerate(args)]),
        {key: x if key == "out" else tidy(key, x) for key, x in kwargs.items()},
    )


def any_to_tidy(sequences: tuple[int | str, ...], args: Any, kwargs: Any) -> bool:
    """Whether an argument, or a member of a sequence of arrays, is a list that may stand for an array."""
    for place, x in enumerate(args):
        if (
            IS_SEQUENCE.get(type(x), True)
            and is_sequence(x)
            and (holds_sequences(x) if place in sequences else holds_tensors(x))
        ):
            return True
    for key, x in kwargs.items():
        if is_sequence(x) and (holds_sequences(x) if key in sequences else holds_tensors(x)):
            return True
    return False
