"""Conditions: on indices and on numbers, in signs and in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from ...engine.protocols import plain as plain_values
from ...engine.tensor import Tensor
from ..axes import Value, elementwise
from ..latex import NotRead
from ..spelling import items_of, plain
from ..syntax import Brackets, Cases, Expr, Relation, Tuple, Words
from ..vocabulary import Asked
from .interpreting import Interpreter, Scope, means
from .lookups import indexed, whole_array

COMPARED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "=": np.equal,
    "≠": np.not_equal,
    "<": np.less,
    ">": np.greater,
    "≤": np.less_equal,
    "≥": np.greater_equal,
}


def truth_of(interpreter: Interpreter, node: Expr, scope: Scope) -> Value:
    """True and false."""
    if isinstance(node, Words) and node.formula is not None:
        return truth_of(interpreter, node.formula, scope)
    if isinstance(node, Brackets):
        return truth_of(interpreter, node.body, scope)
    if isinstance(node, Tuple):
        each = [truth_of(interpreter, item, scope) for item in node.items]
        return elementwise(lambda *c: np.logical_and.reduce(np.broadcast_arrays(*c)), *each)
    if not isinstance(node, Relation) or node.first is None:
        raise NotRead("this is no condition that is understood", node.span)
    sides = [node.first, *[side for _, side in node.rest]]
    total: Value | None = None
    for k, (sign, _) in enumerate(node.rest):
        if sign == "∈":
            found = membership(interpreter, sides[k], sides[k + 1], scope)
        elif sign in COMPARED:
            found = elementwise(
                COMPARED[sign], interpreter.value(sides[k], scope), interpreter.value(sides[k + 1], scope)
            )
        else:
            raise NotRead(f"{sign} in a condition", node.span)
        total = found if total is None else elementwise(np.logical_and, total, found)
    assert total is not None
    return total


def membership(interpreter: Interpreter, item: Expr, of: Expr, scope: Scope) -> Value:
    """Whether indices are in a set, which is a mask."""
    items = items_of(item)
    found = interpreter.vocabulary.spell(of)
    entity = interpreter.vocabulary.entities.get(found.name) if found else None
    if entity is None or not entity.slots:
        raise Asked(f"which indices are in {plain(of)} is not said", f"{plain(of)}: mask n × m", of.span)
    value = indexed(interpreter, entity, None, list(items), of, scope)
    return elementwise(lambda m: m != 0, value)


def mask_named(interpreter: Interpreter, node: Expr) -> Value | None:
    """A set of indices as its mask; None for anything else."""
    found = interpreter.vocabulary.spell(node)
    entity = interpreter.vocabulary.entities.get(found.name) if found is not None and not found.lower else None
    if entity is None or "0/1" not in entity.qualities or entity.how != "declared: a set":
        return None
    return whole_array(interpreter, entity, None, node)[0]


@means(Cases)
def of_cases(interpreter: Interpreter, node: Cases, scope: Scope) -> Value:
    """The one whose condition holds; NaN where none does. Raises NotRead where two do that differ."""
    total: Value = interpreter.constant(np.nan)
    taken: Value | None = None
    for body, condition in reversed(node.rows):
        found = interpreter.value(body, scope)
        if condition is None or is_otherwise(condition):
            total = found
            continue
        truth = truth_of(interpreter, condition, scope)
        if taken is not None and np.any(elementwise(contradict, truth, taken, found, total).data):
            raise NotRead("two of the cases hold at once, and differ", node.span)
        taken = truth if taken is None else elementwise(np.logical_or, truth, taken)
        total = elementwise(np.where, truth, found, total)
    return total


def contradict(one: Any, other: Any, a: Any, b: Any) -> Any:
    """Where both of two conditions hold, and what they are for is not the same."""
    both = np.logical_and(one, other)
    if not np.any(both):
        return both
    return both & ~np.isclose(plain_values(a, Tensor), plain_values(b, Tensor), equal_nan=True)


def indicator(interpreter: Interpreter, brackets: Brackets, scope: Scope) -> Value:
    """1 where a condition holds."""
    return elementwise(lambda c: np.where(c, 1.0, 0.0), truth_of(interpreter, brackets.body, scope))


def is_otherwise(node: Expr) -> bool:
    """A condition that holds where the others do not."""
    said = "".join([part for part in node.parts if isinstance(part, str)]).strip() if isinstance(node, Words) else ""
    return said.rstrip(".").lower() in ("otherwise", "else", "sonst", "otherwise,")
