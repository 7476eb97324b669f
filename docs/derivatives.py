"""The table of derivatives as a page: function, rule, domain, convention, all from the registry."""

from __future__ import annotations

import importlib
import inspect
import re
from itertools import product
from typing import Any, Final

import numpy as np

import tinygrad_lite as tl
from tinygrad_lite.table.primitive import Primitive
from tinygrad_lite.table.registry import REGISTRY, Entry

from .docstrings import prose

INTRODUCTION: Final = """The table of derivatives
========================

The {count} functions of the table, in its order. Wherever a formula has no :math:`g`, the gradient of a scalar
:math:`E` is :math:`g = \\partial E/\\partial y` times what is given. :math:`y = A x` says that the output is linear
in an input, the others held (or 0, where they are added), and the gradient is :math:`A^{{\\top}} g`;
:math:`y = P x`, that entries are moved, copied, left out or chosen, by a matrix of zeros and ones, :math:`P(x)` if
it depends on the values. *Domain*: where function and derivative are finite real numbers; without an entry,
wherever NumPy computes it. *Convention*: what is taken where there is no derivative. Generated from the registry.
"""

CONVENTION: Final = re.compile(
    r"\((?:0|1) (?:at|for) [^)]*\)|half to each on a tie|entries that tie share it equally|on a tie to the first[^.;]*|"
    r"taken as 0[^.;]*|``slope_at_zero`` at 0|within the bounds, at them too|no logarithm is below −100"
)
"""How docstrings say what is taken where there is no derivative."""

GRID: Final = (-3.0, -2.0, -np.pi / 2, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, np.pi / 2, 2.0, 3.0)

UNARY: Final = (
    (r"\mathbb{R}", lambda x: True),
    (r"x \ne 0", lambda x: x != 0),
    (r"x \ne \tfrac{\pi}{2} + k\pi", lambda x: abs(x) != np.pi / 2),
    ("x > -1", lambda x: x > -1),
    (r"x \ge 0", lambda x: x >= 0),
    ("x > 0", lambda x: x > 0),
    (r"\left|x\right| < 1", lambda x: abs(x) < 1),
    ("x > 1", lambda x: x > 1),
)
BINARY: Final = (
    (r"\mathbb{R}^2", lambda a, b: True),
    (r"b \ne 0", lambda a, b: b != 0),
    ("a > 0", lambda a, b: a > 0),
    ("a, b > 0", lambda a, b: a > 0 and b > 0),
)
LARGE: Final = 1e15
"""A pole that no floating-point number hits exactly."""


def section(entry: Entry) -> str:
    """The file of the table that the function stands in."""
    return module_of(entry).rpartition(".")[2]


def module_of(entry: Entry) -> str:
    """The module it is written in; a primitive says it of its rules."""
    return str(inspect.unwrap(entry.function).__module__)


def mathematics(entry: Entry) -> str:
    """The rule: the docstring's first paragraph; where that has no formula, how the output depends on the input."""
    text = described(entry)
    for said in conventions(text):
        text = text.replace(f" {said}", "") if said.startswith("(") else text
    found = prose(re.sub(r"\s*Parameters as for .*", "", text, flags=re.DOTALL))
    if not re.search(r":math:`[^`]*[=\\]", found):
        found += f" {selection(entry)}"
    return found


def described(entry: Entry) -> str:
    return re.sub(r"\s+", " ", (inspect.getdoc(entry.function) or "").split("\n\n")[0])


def conventions(text: str) -> list[str]:
    """What the docstring says of the places without a derivative."""
    return [found[0] for found in CONVENTION.finditer(text)]


def selection(entry: Entry) -> str:
    """``y = A x`` where the output is linear in its first input, ``y = P x`` where entries are chosen alone.

    Found at two arguments: there the Jacobian is the same, or it has zeros and ones alone and depends on the argument.
    """
    rng = np.random.default_rng(0)
    sample = next(iter(entry.samples(lambda *shape, low=-2.0, high=2.0: rng.uniform(low, high, shape))))
    first = next(leaf for leaf in leaves(sample.args) if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fc")

    def function(x: Any) -> Any:
        y = entry.function(*replaced(sample.args, first, x), **sample.kwargs)
        return y[0] if isinstance(y, list | tuple) else y

    points = (first, 1 - 2 * first)
    here, there = [tl.jacobian(function)(x).reshape(-1, x.size) for x in points]
    at_zero = function(0 * first)  # what the other inputs put in
    linear = all(
        np.allclose(m @ x.ravel(), np.ravel(function(x) - at_zero)) for m, x in zip((here, there), points, strict=True)
    )
    chosen = set(np.unique([here, there])) <= {0.0, 1.0}
    same = np.array_equal(here, there)
    if not linear or not (same or chosen):
        raise ValueError(f"{entry.name}: the docstring's first paragraph has no formula")
    return f":math:`y = {'P' if chosen else 'A'}{'' if same else '(x)'} x`."


def leaves(args: Any) -> list[Any]:
    return [leaf for a in args for leaf in leaves(a)] if isinstance(args, list | tuple) else [args]


def replaced(args: Any, old: Any, new: Any) -> Any:
    if isinstance(args, list | tuple):
        return type(args)([replaced(a, old, new) for a in args])
    return new if args is old else args


def domain(entry: Entry) -> str:
    """The weakest of the listed conditions under which an elementwise function and its derivatives are finite."""
    function = entry.function
    if not (isinstance(function, Primitive) and function.elementwise and not function.params):
        return ""
    n = len(function.inputs)
    conditions: Any = UNARY if n == 1 else BINARY if n == 2 else ()
    points = list(product(GRID, repeat=n))
    try:
        finite = {point: is_finite(function, point) for point in points}
    except TypeError:  # it takes no numbers: a product of matrices
        return ""
    for text, condition in conditions:
        if all(finite[point] for point in points if condition(*point)):
            return f":math:`{text.replace('x', function.inputs[0]) if n == 1 else text}`"
    raise ValueError(f"{entry.name}: none of the known conditions is its domain")


def is_finite(function: Primitive, point: tuple[float, ...]) -> bool:
    with np.errstate(all="ignore"):
        inputs = [tl.tensor(x, requires_grad=True) for x in point]
        y = function(*inputs)
        y.backward()
        values = [y.data, *[x.grad for x in inputs]]
    return all(np.isfinite(v) and abs(v) < LARGE for v in values)


# ---------------------------------------------------------------------------------------------------------------------
# The page


def row(entry: Entry) -> list[str]:
    said = ", ".join([text.strip("()") for text in conventions(described(entry))])
    cells = [f":func:`~tl.{entry.name}`", mathematics(entry), domain(entry), prose(said)]
    return [f"   {'* -' if not k else '  -'} {cell}" for k, cell in enumerate(cells)]


def page() -> str:
    """The page in reStructuredText, a table for each file of the table."""
    lines = [INTRODUCTION.format(count=len(REGISTRY))]
    last = ""
    for found in REGISTRY.values():
        here = section(found)
        if here != last:
            doc = (inspect.getdoc(importlib.import_module(module_of(found))) or "").split("\n\n")[0]
            title = here.capitalize()
            lines += ["", title, "-" * len(title), "", prose(doc), "", ".. list-table::", "   :header-rows: 1"]
            lines += [
                "   :class: derivatives",
                "   :widths: 14 54 14 18",
                "",
                "   * - Function",
                "     - Rule",
                "     - Domain",
            ]
            lines += ["     - Convention"]
            last = here
        lines += row(found)
    return "\n".join(lines) + "\n"
