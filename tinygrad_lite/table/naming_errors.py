"""Errors say what operation they are of."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

OURS: Final = frozenset({"numpy", __name__.partition(".")[0]})
SAYS_OF_WHAT: Final = re.compile(r"[\w.]+(\(|: )")


def name_operation(error: Exception, name: str) -> None:
    """Put an operation's name before the message of an error that is NumPy's or this library's, and names none.

    ``'float' object cannot be interpreted as an integer`` says nothing to who does not know where it arose. What a
    program's own function raised is left as it is.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else trace.tb_frame.f_globals.get("__name__", "")
    if place.partition(".")[0] not in OURS or SAYS_OF_WHAT.match(str(error)):
        return
    if isinstance(error, np.exceptions.AxisError):
        error._msg = name if error.ndim is not None else f"{name}: {error._msg}"  # type: ignore[attr-defined]  # what its text begins with
    elif error.args == (str(error),):
        error.args = (f"{name}: {error}",)
