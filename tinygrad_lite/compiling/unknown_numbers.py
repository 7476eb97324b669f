"""What cannot be asked of arrays whose numbers are known only when the program runs, and what is said to who asks."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

import numpy as np

from ..engine.refusals import attempt, line_of, refusal
from ..table.requests import program_line
from .nested import leaves_mapped

SHAPED_BY_NUMBERS: Final = frozenset(
    {
        *("argwhere", "bincount", "compress", "delete", "extract", "flatnonzero", "histogram", "histogram2d"),
        *("histogram_bin_edges", "histogramdd", "in1d", "intersect1d", "nonzero", "roots", "setdiff1d", "setxor1d"),
        *("trim_zeros", "union1d", "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values"),
    }
)
"""Functions whose results have shapes that depend on numbers."""

IN_PLACE: Final = {"copyto": 0, "fill_diagonal": 0, "place": 0, "put": 0, "put_along_axis": 0, "putmask": 0}
"""Functions that write to one of their arguments → which."""

WRITING_METHODS: Final = frozenset({"fill", "partition", "put", "sort"})
"""Methods that write to their array."""

NUMBERS: Final = frozenset({"item", "tolist", "tobytes", "tofile", "dump", "dumps", "__float__", "__index__"})
"""Methods that give numbers away."""

UNWRITTEN: Final = frozenset({"resize", "setflags", "setfield", "byteswap", "getfield", "choose"})
"""Methods that change what an array is, or are nobody's."""

ATTRIBUTES: Final = frozenset({"T", "mT", "real", "imag"})
FACTS_OF_ARRAYS: Final = frozenset({"itemsize", "nbytes", "strides"})


trying: Final[ContextVar[bool]] = ContextVar("trying", default=False)
"""Whether it is only tried whether a primitive looks at numbers."""


def unknown(what: str, remedy: str) -> Exception:
    """The refusal of what would need numbers that are known only when the program runs."""
    if trying.get():
        return TypeError(what)
    return refusal(
        f"compile: {what} needs a number that is known only when the program runs [{program_line()}]. {remedy}", ()
    )


def refuse_errors(what: str) -> None:
    """Raise where np.errstate asks, within a function, for more than warnings."""
    if not {"raise", "call", "print", "log"}.isdisjoint(np.geterr().values()):
        raise refusal(
            f"compile: np.errstate within the function asks for errors in {what}, which the source would not raise: "
            "put it around the call of the compiled function",
            (),
        )


def note_error(error: Exception, function: Callable[..., Any], args: Any, kwargs: Any) -> None:
    """Note an error of a call that there may not be of other numbers, so that nobody may go on after it."""
    run = attempt.get()
    known = run is None or trying.get() or line_of(error) is not None
    if run is not None and not known and not is_of_shapes(error, function, args, kwargs):
        run.errors.append((f"{type(error).__name__}: {error}", program_line()))


def is_of_shapes(error: Exception, function: Callable[..., Any], args: Any, kwargs: Any) -> bool:
    """Whether a call raises the same error of other numbers: then it depends on shapes and dtypes alone."""
    others, settings = leaves_mapped(other_numbers, (args, kwargs))
    try:
        function(*others, **settings)
    except Exception as found:
        return type(found) is type(error) and str(found) == str(error)
    return False


def other_numbers(x: Any) -> Any:
    """Numbers between 1 and 2 in place of an array's, in matrices with a large diagonal; zeros in place of ints."""
    if type(x) in (float, complex):
        return 1.5
    if not isinstance(x, (np.ndarray, np.generic)) or x.dtype.kind not in "biufc":
        return x
    if x.dtype.kind in "biu":  # which may be places
        return np.zeros(x.shape, x.dtype)[()]
    values = np.random.default_rng(0).uniform(1, 2, x.shape)
    if x.ndim > 1:
        values += 4 * values.shape[-1] * np.eye(*values.shape[-2:])  # definite, too
    return values.astype(x.dtype)[()]


CHOOSE: Final = "np.where chooses between arrays, and a setting that the program branches on can be an int or a bool"


def shaped_by_numbers(name: str) -> Exception:
    """The refusal of a function whose result has a shape that is not known."""
    return unknown(
        f"{name}, whose result has a shape that depends on numbers,",
        "np.where(mask, x, 0), np.sort and np.cumsum keep the shape",
    )


def kept_by_numpy(what: str) -> Exception:
    """The refusal of a write to an array of NumPy's."""
    if trying.get():
        return TypeError(what)
    return refusal(
        f"compile: {what} writes what is known only when the program runs to an array of NumPy's "
        f"[{program_line()}]. Make the array with tinygrad_lite.numpy (zeros, empty), or tl.adapt(program)",
        (),
    )
