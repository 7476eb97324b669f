"""Which branches of a function were met: of ``where``, ``maximum``, ``abs``, relu, indicators; and hidden axes.

A claim is compared only where points are. Where all of them are on one side of a condition, a report says so.
"""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from ..engine.graph import Node
from ..table.elementwise import absolute, clip_p, divide, fmax, fmin, maximum, minimum, multiply, where_p
from ..table.neural import relu_p, sloped_relu_p
from ..table.primitive import Primitive
from ..table.reductions import mean_p

OPPOSITE: Final = {">": "≤", "<": "≥", ">=": "<", "<=": ">", "==": "≠", "!=": "="}

WRITTEN: Final = {">=": "≥", "<=": "≤", "==": "=", "!=": "≠"}


class Branch(NamedTuple):
    """A condition that an operation depends on, at one point.

    Attributes
    ----------
    true, false : what is the case where it is true, and where it is false, in words
    mask : where it is
    """

    true: str
    false: str
    mask: Any


def branch_of(node: Any, given: Sequence[Any]) -> Branch | None:
    """The condition of a recorded operation, if it has one; ``given`` are the arguments, which are no indicators."""
    primitive: Primitive = node.primitive
    if primitive not in CONDITIONAL or line_of(node).startswith(" [derivative of"):
        return None
    x = node.kept.inputs
    if primitive is where_p:
        condition = node.params.get("condition", node.params.get("cond"))
        return branch(node, "where", 0, condition, "the condition of where is {}")
    if primitive in (maximum, fmax):
        return compared(node, np.greater(*x), "≥", "<")
    if primitive in (minimum, fmin):
        return compared(node, np.less(*x), "≤", ">")
    if primitive is absolute:
        return branch(node, "abs", 0, np.asarray(x[0]) > 0, "what abs is taken of is {}", "> 0", "< 0")
    if primitive in (relu_p, sloped_relu_p):
        return branch(node, "relu", 0, np.asarray(x[0]) > 0, "what relu is taken of is {}", "> 0", "≤ 0")
    if primitive is clip_p:
        return Branch("clip changes nothing", "clip cuts off", np.asarray(x[0]) == node.kept.output)
    for k, value in enumerate(x):
        if is_indicator(value) and not any(node.kept.sources.get(node.parents[k], value) is a for a in given):
            return Branch(f"a factor is 1{line_of(node)}", f"a factor is 0{line_of(node)}", value != 0)
    return None


CONDITIONAL: Final = (
    where_p, maximum, fmax, minimum, fmin, absolute, relu_p, sloped_relu_p, clip_p, multiply,
)  # fmt: skip


def is_indicator(x: Any) -> bool:
    """Whether a factor is an array of zeros and ones."""
    if type(x) is not np.ndarray or x.ndim == 0:
        return False
    return x.dtype.kind == "b" or bool(x.dtype.kind == "f" and np.all((x == 0) | (x == 1)))


def branch(node: Any, call: str, place: int, mask: Any, words: str, yes: str = "", no: str = "") -> Branch:
    """In the program's own words where these can be had, else in general ones."""
    text = operand(node, call, place)
    if not text:
        line = line_of(node)
        return Branch(words.format(yes or "true") + line, words.format(no or "false") + line, np.asarray(mask))
    if yes:
        return Branch(f"{text} {yes}", f"{text} {no}", np.asarray(mask))
    return Branch(*condition_in_words(text), np.asarray(mask))


def compared(node: Any, mask: Any, yes: str, no: str) -> Branch:
    """A maximum or minimum of two."""
    a, b = operand(node, node.primitive.name, 0), operand(node, node.primitive.name, 1)
    if a and b:
        return Branch(f"{a} {yes} {b}", f"{a} {no} {b}", mask)
    line = line_of(node)
    name = node.primitive.name
    return Branch(f"{name} takes the first{line}", f"{name} takes the second{line}", mask)


def condition_in_words(text: str) -> tuple[str, str]:
    """A condition of the program, and its opposite."""
    found = re.fullmatch(r"([^<>=!&|~]+?)\s*(>=|<=|==|!=|>|<)\s*([^<>=!&|~]+)", text)
    if found is None:
        return text, f"not ({text})"
    a, sign, b = found.groups()
    return f"{a} {WRITTEN.get(sign, sign)} {b}", f"{a} {OPPOSITE[sign]} {b}"


def line_of(node: Any) -> str:
    """The line of the program, in brackets; nothing where it was not noted."""
    line = getattr(node.watched, "line", "")
    return f" [{line}]" if line else ""


def operand(node: Any, call: str, place: int) -> str:
    """An argument of a call as the program writes it; "" where that cannot be told, or would be long."""
    found = re.fullmatch(r"(.*), line (\d+), in .*", getattr(node.watched, "line", ""))
    text = linecache.getline(found[1], int(found[2])) if found else ""
    calls = list(re.finditer(rf"\b{call}\(", text))
    if len(calls) != 1:
        return ""
    parts = arguments_in(text[calls[0].end() :])
    said = parts[place].strip() if place < len(parts) else ""
    try:
        ast.parse(said, mode="eval")
    except SyntaxError:
        return ""
    return said if len(said) <= 50 else ""


def arguments_in(text: str) -> list[str]:
    """The arguments of a call, from behind its bracket to the one that closes it."""
    parts, depth = [""], 0
    for sign in text:
        if sign in ")]}":
            depth -= 1
            if depth < 0:
                return parts
        if sign in "([{":
            depth += 1
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return []


# ---------------------------------------------------------------------------------------------------------------------
# Over several points


class Coverage:
    """The branches that points met."""

    def __init__(self) -> None:
        self.sides: dict[tuple[int, str], set[bool]] = {}
        self.words: dict[tuple[int, str], Branch] = {}

    def add(self, found: Mapping[tuple[int, str], Branch]) -> None:
        """Those of one point."""
        for key, one in found.items():
            self.sides.setdefault(key, set()).update(sides_in(one.mask))
            self.words.setdefault(key, one)

    def unmet(self) -> dict[tuple[int, str], tuple[str, str]]:
        """By condition what never was the case, and what always was."""
        found = {}
        for key, sides in self.sides.items():
            if len(sides) == 1:
                one = self.words[key]
                found[key] = (one.false, one.true) if True in sides else (one.true, one.false)
        return found

    def is_met_by(self, found: Mapping[tuple[int, str], Branch]) -> bool:
        """Whether a point is on a side that no other was on."""
        return any(key in found and len(sides_in(found[key].mask) | self.sides[key]) > 1 for key in self.unmet())


def sides_in(mask: Any) -> set[bool]:
    """Whether there is something true, and something false."""
    return {side for side in (True, False) if np.any(np.asarray(mask) == side)}


def branches(nodes: Iterable[Any], given: Sequence[Any]) -> dict[tuple[int, str], Branch]:
    """By its number and operation every condition of a recorded run."""
    found: dict[tuple[int, str], Branch] = {}
    for node in nodes:
        one = branch_of(node, given)
        if one is not None and np.size(one.mask):
            found[len(found), node.primitive.name] = one
    return found


# ---------------------------------------------------------------------------------------------------------------------
# What else a recorded run shows


def divisors(nodes: Iterable[Any]) -> list[float]:
    """The numbers that it divides and multiplies by, those of means included: of a batch of one they hide."""
    found: list[float] = []
    for node in nodes:
        x = node.kept.inputs
        if node.primitive is mean_p:
            found.append(float(np.prod([np.shape(x[0])[axis] for axis in node.params["axis"]])))
        elif node.primitive in (divide, multiply):
            found += [float(np.ravel(c)[0]) for c, p in zip(x, node.parents, strict=True) if is_number(c, p)]
    return found


def is_number(x: Any, parent: Any) -> bool:
    """Whether an operand is one number of the program's, which nothing differentiates."""
    return np.size(x) == 1 and type(parent) is not Node


def outer_broadcasts(nodes: Sequence[Any]) -> Iterator[str]:
    """Where (n,) meets (n, 1) and gives (n, n), as predictions and targets do that should have been of one shape."""
    for node in nodes:
        shapes = [np.shape(x) for x in node.kept.inputs]
        if not node.primitive.elementwise or len(shapes) != 2:
            continue
        for a, b in (shapes, shapes[::-1]):
            if len(a) == 1 and a[0] > 1 and b == (a[0], 1) and not has_one_source(node):
                yield (
                    f"f broadcasts {a} with {b} to {node.shape} in {node.primitive.name}{line_of(node)}: "
                    "is that meant? Arrays of one shape give one number for each entry"
                )


def has_one_source(node: Any) -> bool:
    """Whether both operands are one array, in two shapes, as for the differences of all pairs."""

    def sources(one: Any) -> set[int]:
        found = {id(one)}
        while type(one) is Node and one.primitive is not None and len(one.parents) == 1:
            one = one.parents[0]
            found.add(id(one))
        return found

    first, second = [sources(parent) for parent in node.parents]
    return bool(first & second)
