"""Local derivatives: what an operation's rule does to named placeholders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..engine.graph import Constant, Node
from ..table.arrays import unbroadcast
from ..table.primitive import Primitive, Pull, parameter_names
from .rendering import latex, text
from .written import Shape, Written, call, lifted, named

NOT_ELEMENTWISE = frozenset({"matmul"})
ALSO_ELEMENTWISE = frozenset({"sigmoid", "relu", "sloped_relu", "round", "keep"})


class Local(NamedTuple):
    """An operation's derivative by one of its inputs.

    Attributes
    ----------
    text, latex : the derivative itself for an elementwise operation, ``∂y/∂x = 1 − y²``; for others what the rule makes
        of a cotangent g, ``∂y/∂x: g ↦ g Wᵀ``
    formula : its right-hand side
    elementwise : which of the two it is
    """

    text: str
    latex: str
    formula: Written
    elementwise: bool


def is_elementwise(primitive: Primitive) -> bool:
    """Whether each entry of the output depends on one entry of each input."""
    return (primitive.broadcasts and primitive.name not in NOT_ELEMENTWISE) or primitive.name in ALSO_ELEMENTWISE


def pulled_back(
    primitive: Primitive,
    pull: Pull,
    g: Written,
    y: Written,
    operands: Sequence[Any],
    params: Mapping[str, Any],
    i: int,
) -> Written:
    """A rule's formula for the i-th operand. Where a rule does not run on placeholders, its name and g stand for it."""
    shape = operands[i].shape

    def value(name: str) -> Any:
        if name == "y":
            return y
        if name == "i":
            return i
        if name in primitive.inputs:
            return tuple(operands) if primitive.variadic else operands[primitive.inputs.index(name)]
        if name in primitive.remembers:
            definition = primitive.remembers[name]
            return definition(*[value(needed) for needed in parameter_names(definition)])
        if name in params:
            given = params[name]
            return named(name, given.shape) if isinstance(given, np.ndarray) and given.dtype == bool else given
        if primitive.variadic:
            return tuple([x.shape for x in operands])
        return operands[primitive.inputs.index(name.removesuffix("_shape"))].shape

    try:
        d = lifted(pull.rule(g, *[value(name) for name in pull.names]))
        return unbroadcast(d, shape) if primitive.broadcasts and d.shape != shape else d.in_shape(shape)
    except (TypeError, ValueError, AttributeError, NotImplementedError):
        return call(f"pullback of {primitive.name}", g, shape=shape)


def local_derivative(
    primitive: Primitive,
    operand: int | str = 0,
    *,
    names: Sequence[str] | None = None,
    output: str = "y",
    params: Mapping[str, Any] | None = None,
    shapes: Sequence[Shape] | None = None,
    output_shape: Shape = (),
) -> Local:
    """An operation's derivative by one operand, from running the rule itself on placeholders. Needs no SymPy.

    Parameters
    ----------
    operand : its place, or its name in the rules
    names : what to call the operands; by default as the rules do
    output : what to call the output
    params : the primitive's keyword parameters
    shapes, output_shape : of the operands and the output; scalars by default, which is right for what is elementwise

    >>> from tinygrad_lite.formulas import local_derivative
    >>> local_derivative(tl.tanh).text
    '∂y/∂x = 1 − y²'
    >>> local_derivative(tl.matmul, "a", names=("X", "W"), shapes=[(5, 3), (3, 2)], output_shape=(5, 2)).text
    '∂y/∂X: g ↦ g Wᵀ'
    """
    place = primitive.inputs.index(operand) if isinstance(operand, str) else operand
    given = names or primitive.inputs
    sizes = shapes or [()] * len(given)
    operands = [named(name, shape) for name, shape in zip(given, sizes, strict=True)]
    return local(primitive, place, operands, named(output, output_shape), params or {})


def local(primitive: Primitive, place: int, operands: Sequence[Any], y: Written, params: Mapping[str, Any]) -> Local:
    """The same, of placeholders."""
    pull = primitive.pulls[0 if primitive.variadic else place]
    elementwise = is_elementwise(primitive)
    if elementwise:  # entry by entry: as for scalars
        operands = [x.in_shape(()) if not x.ndim else scalar(x) for x in map(lifted, operands)]
        y = scalar(y)
        g = lifted(1)
        params = {name: named(name) if isinstance(x, np.ndarray) else x for name, x in params.items()}
    else:
        g = named("g", y.shape)
    formula = pulled_back(primitive, pull, g, y, operands, params, place)
    quotients = [f"∂{text(y)}/∂{text(operands[place])}"]
    quotients.append(rf"\frac{{\partial {latex(y)}}}{{\partial {latex(operands[place])}}}")
    if elementwise:
        return Local(f"{quotients[0]} = {text(formula)}", f"{quotients[1]} = {latex(formula)}", formula, True)
    return Local(
        f"{quotients[0]}: g ↦ {text(formula)}", rf"{quotients[1]}\colon g \mapsto {latex(formula)}", formula, False
    )


def together(found: Sequence[Local]) -> Local:
    """The derivative by an input that an operation has several times, as z · z has z: the sum of those by each."""
    first, *others = found
    formula = first.formula
    for other in others:
        formula = formula + other.formula
    return first._replace(
        text=first.text.removesuffix(text(first.formula)) + text(formula),
        latex=first.latex.removesuffix(latex(first.formula)) + latex(formula),
        formula=formula,
    )


def scalar(x: Written) -> Written:
    """One entry of an array, under the array's name."""
    return named_as(x) if x.ndim else x


def named_as(x: Written) -> Written:
    """A scalar that is written as an array is."""
    if len(x.terms) == 1 and len(x.terms[0][1]) == 1 and x.only().head == "name" and x.terms[0][0] == 1:
        return named(x.only().args[0])
    return Written(x.replaced(lambda atom: named(atom.args[0]) if atom.head == "name" else None).terms, ())


def operands_of(node: Node, names: Mapping[Node, Written]) -> list[Any]:
    """The placeholders of a node's parents, and the numbers among them."""
    return [names[parent] if isinstance(parent, Node) else lifted(parent) for parent in node.parents]


def local_derivatives(node: Node) -> list[Local | None]:
    """A node's derivatives by each of its parents, in the nodes' own names; None for numbers and constants.

    Unnamed nodes go by the names that the rules use. Works for released graphs too: only rules are run, no values.
    """
    primitive = node.primitive
    if primitive is None:
        return []
    given = [f"x_{k + 1}" for k in range(len(node.parents))] if primitive.variadic else primitive.inputs
    operands = [
        named(parent.name or name, parent.shape) if isinstance(parent, Node) else lifted(parent)
        for parent, name in zip(node.parents, given, strict=True)
    ]
    y = named(node.name or "y", node.shape)
    return [
        None
        if not isinstance(parent, Node) or isinstance(parent, Constant)
        else local(primitive, k, operands, y, node.params)
        for k, parent in enumerate(node.parents)
    ]
