"""What people would call the parts of a computation: expressions in the function's own arguments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from ...engine.graph import Node
from ...table.elementwise import add, divide, log, multiply, negative, power, square, subtract
from ...table.indexing import getitem_p
from ...table.parts import read_p
from ...table.products import matmul
from ...table.shapes import broadcast_to_p, copy_p, identity_p, reshape_p, transpose_p
from .backward import Backward, given_operand
from .regions import Region, activation_of, softmax_axis

LONG = 28
"""Signs of an expression; what is longer is called by its operation."""


class Wording:
    """What to call the nodes and constants of a backward pass.

    Parameters
    ----------
    named : the variable's name, and each of the leaves' names and values
    names : the leaves' names, in the order of the leaves

    Attributes
    ----------
    activations, softmax_axes : of each region, which it is; over which axis it is a softmax
    """

    def __init__(
        self,
        backward: Backward,
        parts: Sequence[Region],
        named: Sequence[tuple[str, Any]],
        names: Sequence[str] = (),
    ) -> None:
        self.backward = backward
        self.named = named
        self.kinds = ["" if node.primitive is None else node.primitive.name for node in backward.nodes]
        self.activations = {region: activation_of(backward, region) for region in parts}
        self.softmax_axes = {region: softmax_axis(backward, region) for region in parts}
        self.symbols: dict[Node, tuple[str, int]] = {}
        for region in parts:
            known = self.activations[region]
            if known or self.softmax_axes[region] is not None:
                self.kinds[region.last] = known.name if known else "softmax"
                self.symbols[backward.nodes[region.last]] = (known.symbol if known else "softmax", region.first)
        self.leaves = {node: names[j] for node, j in backward.arguments.items()}
        self.leaves[backward.nodes[0]] = named[0][0]
        self.written: dict[Node, Expression | None] = {}
        for node in backward.nodes:  # from the oldest, so that none is far from what is written already
            self.written_out(node)
        self.places = numbered_operations(self.kinds)

    def node(self, k: int) -> str:
        """A node by its expression, or by its operation."""
        return self.expression(self.backward.nodes[k]) or self.places[k]

    def source(self, k: int) -> str:
        """A node's output, as an operand."""
        return self.expression(self.backward.nodes[k]) or f"the output of {self.places[k]}"

    def operand(self, k: int, i: int) -> str:
        """An operand of a node by its place."""
        p = self.backward.sources[k][i]
        if p is not None:
            return self.source(p)
        given = self.given(self.backward.nodes[k], i)
        return given.text if given else "a constant"

    def context(self, k: int) -> str:
        """The function by a name of its own that a node belongs to, or goes into; and what that goes into."""
        known = [region for region in self.softmax_axes if self.backward.nodes[region.last] in self.symbols]
        around = next((region.last for region in known if k in (region.first, *region.nodes[:-1])), k)
        users = self.backward.users[around]
        outer = self.expression(self.backward.nodes[users[0]]) if len(users) == 1 else None
        inner = self.expression(self.backward.nodes[around]) if around != k else None
        found = outer or inner
        return f" in {found}" if found else ""

    def expression(self, node: Node) -> str | None:
        """What a node computes, in the arguments; None where that is too long."""
        written = self.written_out(node)
        return written and written.text

    def written_out(self, node: Node, depth: int = 0) -> Expression | None:
        """A node's expression, once."""
        if node not in self.written:
            name = self.leaves.get(node) or node.name
            found = Expression(name, ATOM) if name else self.of_operation(node, depth) if depth < DEEP else None
            self.written[node] = found if found and len(found.text) <= LONG else None
        return self.written[node]

    def of_operation(self, node: Node, depth: int) -> Expression | None:
        """An operation on expressions."""
        primitive = node.primitive
        if primitive is None or not hasattr(node, "kept"):
            return None
        if node in self.symbols:
            symbol, first = self.symbols[node]
            inner = self.written_out(self.backward.nodes[first])
            return inner and Expression(f"{symbol}({inner.text})", ATOM)
        operands = [self.given(node, i, depth + 1) for i in range(len(node.parents))]
        parts = [x for x in operands if x is not None]
        if len(parts) < len(operands):
            return None
        if primitive in THROUGH:
            return parts[0]
        if primitive is transpose_p:
            return Expression(f"{parts[0].at(ATOM)}ᵀ", ATOM) if len(node.shape) == 2 else parts[0]
        if primitive in (getitem_p, read_p):
            return Expression(f"{parts[0].at(ATOM)}[…]", ATOM)
        if primitive is negative:
            return Expression(f"−{parts[0].at(PRODUCT)}", SUM)
        if primitive is square:
            return Expression(f"{parts[0].at(ATOM)}²", RAISED)
        if primitive is power and parts[1].text.isdigit():
            return Expression(parts[0].at(ATOM) + parts[1].text.translate(EXPONENT), RAISED)
        if primitive in OPERATORS:
            sign, level, left, right = OPERATORS[primitive]
            return Expression(f"{parts[0].at(left)} {sign} {parts[1].at(right)}", level)
        name = "log" if primitive is log else primitive.symbol
        return Expression(f"{name}({', '.join([part.text for part in parts])})", ATOM)

    def given(self, node: Node, i: int, depth: int = 0) -> Expression | None:
        """An operand of a node: an expression, an argument that was not recorded, a number."""
        parent = node.parents[i]
        if type(parent) is Node:
            return self.written_out(parent, depth)
        x = given_operand(node, i)
        for name, value in self.named[1:]:
            if x is value and np.ndim(value):
                return Expression(name, ATOM)
            if type(x) is np.ndarray and x.base is value and value is not None and x.T.shape == np.shape(value):
                return Expression(f"{name}ᵀ", ATOM)
        if np.size(x) == 1 and np.asarray(x).dtype.kind in "fiu":
            number = short_number(x)
            return Expression(number, ATOM if number[0] != "−" else SUM)
        return Expression("c", ATOM)


def numbered_operations(kinds: Sequence[str]) -> list[str]:
    """Each operation, and which of them, if there are several."""
    totals, seen = Counter(kinds), Counter[str]()
    found = []
    for kind in kinds:
        seen[kind] += 1
        found.append(kind if totals[kind] == 1 else f"{kind} (number {seen[kind]} of {totals[kind]})")
    return found


class Expression(NamedTuple):
    """A piece of a formula and how tightly it holds together."""

    text: str
    level: int

    def at(self, level: int) -> str:
        """As an operand of what needs so tight a one: in brackets, if it is not."""
        return self.text if self.level >= level else f"({self.text})"


SUM, PRODUCT, RAISED, ATOM = range(1, 5)
"""How tightly: sums, products, powers, names and calls."""


def short_number(x: Any) -> str:
    """A number as people write it."""
    return f"{np.asarray(x).item():.4g}".replace("-", "−")


OPERATORS: Final[Mapping[Any, tuple[str, int, int, int]]] = {
    add: ("+", SUM, SUM, SUM),
    subtract: ("−", SUM, SUM, PRODUCT),
    multiply: ("·", PRODUCT, PRODUCT, PRODUCT),
    divide: ("/", PRODUCT, PRODUCT, RAISED),
    matmul: ("@", PRODUCT, PRODUCT, RAISED),
    power: ("^", RAISED, ATOM, ATOM),
}
"""Signs, and how tightly the whole, the left and the right operand hold together."""

THROUGH: Final = frozenset({copy_p, identity_p, broadcast_to_p, reshape_p})
"""What nobody would mention."""

EXPONENT: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

DEEP = 12
"""Operations within operations."""
