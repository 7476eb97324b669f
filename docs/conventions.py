"""The page of safe derivatives: its second derivatives are what the library gives while the manual is built."""

from __future__ import annotations

import re
import warnings
from typing import Any, Final

import numpy as np

import tinygrad_lite as tl

TO_COMPUTE: Final = re.compile(r"^\| `(?P<expression>[^`]+)` \| `(?P<point>[^`]+)` \| computed \|", re.MULTILINE)
"""The beginning of a row whose third cell is to be the matrix of second derivatives."""


def with_second_derivatives(page: str) -> str:
    """The page with its rows filled in."""
    return TO_COMPUTE.sub(
        lambda row: f"{row[0].removesuffix('computed |')}`{shown_hessian(**row.groupdict())}` |", page
    )


def shown_hessian(expression: str, point: str) -> str:
    """The second derivatives of an expression of x, as the page writes them."""
    return written(second_derivatives(expression, point))


def second_derivatives(expression: str, point: str) -> np.ndarray:
    """They at a point, as :func:`tinygrad_lite.hessian` gives them, without warnings of divisions by 0."""
    names: dict[str, Any] = {"np": np, "tl": tl}
    f = eval(f"lambda x: {expression}", names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(tl.hessian(f)(np.array(eval(point, names))))


def written(numbers: np.ndarray) -> str:
    """An array as nested lists, rounded, without a sign at 0.

    >>> written(np.array([[-0.0, np.inf], [1 / 3, 2.0]]))
    '[[0.0, inf], [0.333333, 2.0]]'
    """
    return str((np.round(numbers, 6) + 0.0).tolist())
