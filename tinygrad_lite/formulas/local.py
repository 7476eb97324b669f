"""Local derivatives: what an operation's rule does to named placeholders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..engine.graph import Node
from ..table.arrays import unbroadcast
from ..table.primitive import Primitive
from .algebra import Formula, as_formula, atoms_of, call, is_symbol, number, plus, replace, symbol
from .atoms import Shape
from .conventions import checked_digits, spelled
from .rendering import latex, text
from .words import TakenNames, word_of
from .written import Written, placeholder


class Local(NamedTuple):
    """An operation's derivative by one of its inputs.

    Attributes
    ----------
    text, latex : the derivative itself for an elementwise operation, ``∂y/∂x = 1 − y²``; for others what the rule makes
        of a cotangent g, ``∂y/∂x: g ↦ g Wᵀ``
    formula : its right-hand side
    elementwise : which of the two it is
    cotangent : what the cotangent is called: g, unless an array is
    """

    text: str
    latex: str
    formula: Formula
    elementwise: bool
    cotangent: str = "g"


def pullback(
    primitive: Primitive, place: int, g: Formula, y: Formula, operands: Sequence[Formula], params: Mapping[str, Any]
) -> Written:
    """What a rule makes of g for the operand at a place; where it does not run on placeholders, its name and g."""
    shape = operands[place].shape
    masks = {name: placeholder(word_of(name, x), x.shape) for name, x in params.items() if is_mask(name, x)}
    known = primitive.values_by_name(Written.of(y), [Written.of(x) for x in operands], {**params, **masks}, place)
    pull = primitive.pull_of(place)
    try:
        d = Written.of(pull.rule(Written.of(g), *primitive.asked(pull, known)))
        return unbroadcast(d, shape) if primitive.broadcasts and d.shape != shape else d.reshape(shape)
    except (TypeError, ValueError, AttributeError, NotImplementedError):
        return Written.of(call(f"pullback of {primitive.name}", g, shape=shape))


def is_mask(name: str, x: Any) -> bool:
    """Whether a parameter is a mask that rules compute with, which is written by its name."""
    return name != "index" and isinstance(x, np.ndarray) and x.dtype == bool and bool(x.any() != x.all())


def local_derivative(
    primitive: Primitive,
    operand: int | str = 0,
    *,
    names: Sequence[str] | None = None,
    output: str = "y",
    params: Mapping[str, Any] | None = None,
    shapes: Sequence[Shape] | None = None,
    output_shape: Shape = (),
    digits: str = "subscript",
) -> Local:
    """An operation's derivative by one operand, from running the rule itself on placeholders. Needs no SymPy.

    Parameters
    ----------
    operand : its place, or its name in the rules
    names : what to call the operands; by default as the rules do
    output : what to call the output
    params : the primitive's keyword parameters
    shapes, output_shape : of the operands and the output; scalars by default, which is right for what is elementwise
    digits : how the number at the end of a name is shown, as in :func:`derive`

    >>> from tinygrad_lite.formulas import local_derivative
    >>> local_derivative(tl.tanh).text
    '∂y/∂x = 1 − y²'
    >>> local_derivative(tl.matmul, "a", names=("X", "W"), shapes=[(5, 3), (3, 2)], output_shape=(5, 2)).text
    '∂y/∂X: g ↦ g Wᵀ'
    >>> local_derivative(tl.exp, names=["z1"], output="a1", digits="layer").text
    '∂a^[1]/∂z^[1] = a^[1]'
    """
    checked_digits(digits, "local_derivative")
    place = primitive.inputs.index(operand) if isinstance(operand, str) else operand
    given = names or primitive.inputs
    sizes = shapes or [()] * len(given)
    operands = [symbol(spelled(name, digits), shape) for name, shape in zip(given, sizes, strict=True)]
    return local(primitive, place, operands, symbol(spelled(output, digits), output_shape), params or {})


def local(
    primitive: Primitive, place: int, operands: Sequence[Formula], y: Formula, params: Mapping[str, Any]
) -> Local:
    """An operation's derivative by the operand at a place, in formulas for its operands and its output."""
    names = [atom.args[0] for x in (*operands, y) for atom in atoms_of(x) if atom.head == "name"]
    cotangent = next(
        name for name in ("g", *[f"g_{k}" for k in range(len(names) + 1)]) if name not in TakenNames(names)
    )
    if primitive.elementwise:  # entry by entry: as for scalars
        operands = [entry_of(x) for x in operands]
        y = entry_of(y)
        g = number(1)
        params = {name: placeholder(word_of(name, x)) if isinstance(x, np.ndarray) else x for name, x in params.items()}
    else:
        g = symbol(cotangent, y.shape)
    formula = pullback(primitive, place, g, y, operands, params)
    quotients = [f"∂{text(y)}/∂{text(operands[place])}"]
    quotients.append(rf"\frac{{\partial {latex(y)}}}{{\partial {latex(operands[place])}}}")
    if primitive.elementwise:
        return Local(f"{quotients[0]} = {text(formula)}", f"{quotients[1]} = {latex(formula)}", formula, True)
    return Local(
        f"{quotients[0]}: {text(symbol(cotangent))} ↦ {text(formula)}",
        rf"{quotients[1]}\colon {latex(symbol(cotangent))} \mapsto {latex(formula)}",
        formula,
        False,
        cotangent,
    )


def together(found: Sequence[Local]) -> Local:
    """The derivative by an input that an operation has several times, as z · z has z: the sum of those by each."""
    first, *others = found
    formula = first.formula
    for other in others:
        formula = plus(formula, other.formula)
    return first._replace(
        text=first.text.removesuffix(text(first.formula)) + text(formula),
        latex=first.latex.removesuffix(latex(first.formula)) + latex(formula),
        formula=formula,
    )


def entry_of(x: Formula) -> Formula:
    """One entry of an array, written as the array is."""
    if not x.ndim:
        return x
    if is_symbol(x):
        return symbol(x.only().args[0])
    return Formula(replace(x, lambda atom: symbol(atom.args[0]) if atom.head == "name" else None).terms, ())


def operands_of(node: Node, names: Mapping[Node, Formula]) -> list[Formula]:
    """The formulas of a node's parents, and the numbers among them."""
    return [names[parent] if isinstance(parent, Node) else as_formula(parent) for parent in node.parents]
