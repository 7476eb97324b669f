"""Symbols: which one is meant, its value, and its scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ..axes import (
    DOWN,
    PLACES,
    RIGHT,
    AxesError,
    Value,
    elementwise,
    filled,
    identity,
    number,
    ordered,
    renamed,
    transposed,
)
from ..functions import inverse, norm, power
from ..latex import NotRead
from ..notations import NUMBER_PI
from ..spelling import plain
from ..syntax import Brackets, Expr, Number, Product, Relation, Scripted, Sum, Symbol, walk
from ..usage import is_transpose
from ..vocabulary import Asked, Definition, DefinitionMistake, Entity, IndexMistake, NoMember
from ..wholes import whole
from .entries import Label, count_letter, counts_of, index_value, letter_in, taken
from .interpreting import Interpreter, Letter, Scope, means

CONSTANTS: Final = {"π": np.pi, NUMBER_PI: np.pi, "e": np.e}


@means(Symbol, Scripted)
def of_symbol(interpreter: Interpreter, node: Symbol | Scripted, scope: Scope) -> Value:
    """A symbol with its scripts: an argument, an index, a number, an array or its entries."""
    if isinstance(node, Scripted) and not isinstance(node.base, Symbol):
        return scripted_group(interpreter, node, scope)
    found = interpreter.spell(node, scope)
    assert found is not None
    name = found.name
    if name in scope.parameters:
        value = parameter(interpreter, name, list(found.lower), node, scope)
        return powers(interpreter, value, found.upper, node, scope)
    if f"{name}^2" in scope.parameters and not found.lower:
        root = elementwise(np.sqrt, parameter(interpreter, f"{name}^2", [], node, scope))
        return powers(interpreter, root, found.upper, node, scope)
    if (index := letter_in(interpreter, name, scope)) is not None and not found.lower:
        return powers(interpreter, count_letter(interpreter, index), found.upper, node, scope)
    if name in scope.counters and not found.lower:
        return powers(interpreter, interpreter.constant(scope.counters[name]), found.upper, node, scope)
    entity = interpreter.vocabulary.entities.get(name)
    if entity is not None and name == "δ" and entity.counter and not found.upper and len(found.lower) == 2:
        entity = None  # Kronecker's, beside the δ of a layer
        interpreter.remark("δ with two indices and no layer is Kronecker's")
    if entity is None:
        special = special_symbol(interpreter, node, found, scope)
        if special is not None:
            return special
        entity = interpreter.vocabulary.infer(name, node.span)
    if entity.kind in ("constant", "dimension") and (found.lower or found.bold):
        what = "the length of an axis" if entity.kind == "dimension" else "a number"
        raise NotRead(
            f"{name} is {what}, and here {plain(node)} is an array: give one of them another letter", node.span
        )
    if entity.kind == "constant":
        return powers(interpreter, interpreter.constant(constant_number(entity)), found.upper, node, scope)
    if entity.kind == "dimension":
        dim = interpreter.vocabulary.length(name)
        size = interpreter.length(dim)
        return powers(
            interpreter, interpreter.constant(size) if size is not None else number(None), found.upper, node, scope
        )
    if entity.kind in ("function", "elementwise") and not entity.definitions:
        raise NotRead(f"{name} is a function, and here it stands without an argument", node.span)
    if entity.kind == "counter":
        raise NotRead(f"the {name} here has no value: it counts", node.span)
    count, upper, lower = member_of_family(interpreter, entity, found.upper, found.lower, node, scope)
    scripts, rest = indices_above(entity, upper)
    indices = [inner.body if isinstance(inner, Brackets) else inner for inner in scripts] + list(lower)
    return powers(interpreter, indexed(interpreter, entity, count, indices, node, scope), rest, node, scope)


def indices_above(entity: Entity, upper: tuple[Expr, ...]) -> tuple[list[Expr], tuple[Expr, ...]]:
    """The indices that stand above, and the superscripts that are left."""
    first = upper[0] if upper else None
    if entity.upper > 1 and isinstance(first, Product):
        return [factor for _, factor in first.factors], upper[1:]
    return list(upper[: entity.upper]), upper[entity.upper :]


def member_of_family(
    interpreter: Interpreter,
    entity: Entity,
    upper: tuple[Expr, ...],
    lower: tuple[Expr, ...],
    node: Expr,
    scope: Scope,
) -> tuple[int | None, tuple[Expr, ...], tuple[Expr, ...]]:
    """Which member of a family is meant, and the superscripts and subscripts that are left."""
    if not entity.counter:
        return None, upper, lower
    scripts = lower if entity.below else upper
    if not scripts:
        raise NotRead(f"which {entity.name} is meant: the script that counts is missing", node.span)
    first, rest = scripts[0], scripts[1:]
    if isinstance(first, Product) and len(first.factors) == 2 and is_transpose(first.factors[1][1]):
        (_, first), (_, transposition) = first.factors
        rest = (transposition, *rest)
    count = counter_value(interpreter, first, scope)
    return (count, upper, rest) if entity.below else (count, rest, lower)


def counter_value(interpreter: Interpreter, node: Expr, scope: Scope) -> int:
    """A superscript that counts, as its number."""
    known = dict(scope.counters)
    for name, entity in interpreter.vocabulary.entities.items():
        if entity.kind == "constant" and entity.value.isdigit():
            known.setdefault(name, int(entity.value))
    for entity in interpreter.vocabulary.entities.values():
        if entity.kind == "counter" and not entity.value.isdigit():
            known.setdefault(entity.value, interpreter.vocabulary.last(entity.name))
    try:
        return whole(node.body if isinstance(node, Brackets) else node, known)
    except AxesError as error:
        raise NotRead(f"the superscript: {error}", node.span) from None


def special_symbol(interpreter: Interpreter, node: Symbol | Scripted, found: Any, scope: Scope) -> Value | None:
    """Symbols with a meaning of their own, where the page gives them no other."""
    name = found.name
    if name in ("∂", "∇"):
        why = "what is differentiated, and by what? write a quotient, as \\frac{\\partial r}{\\partial x_i} for ∂_i r"
        raise NotRead(f"{name} stands here by itself: {why}", node.span)
    if name == "δ" and len(found.lower) == 2 and not found.upper:
        one, other = [index_value(interpreter, part, scope) for part in found.lower]
        if isinstance(one, Letter) and isinstance(other, Letter):
            one.dim.equate(other.dim)
            if one.axis == other.axis:
                return interpreter.constant(1.0)
            return identity(one.axis, other.axis, one.dim, interpreter.length(one.dim))
        a, b = [counts_of(interpreter, part) for part in (one, other)]
        return elementwise(lambda x, y: np.where(x == y, 1.0, 0.0), a, b)
    if name in ("𝟙", "1") and len(found.lower) == 1 and isinstance(condition_in(found.lower[0]), Relation):
        return powers(interpreter, indicator_of(interpreter, found.lower[0], scope), found.upper, node, scope)
    if name == "e" and len(found.lower) == 1 and not found.upper:
        interpreter.remark("e with an index is the unit vector in that direction")
        place = Letter(DOWN, interpreter.vocabulary.dim((*scope.path, id(node), "e")))
        index = index_value(interpreter, found.lower[0], scope)
        if isinstance(index, (Letter, Label)):
            (index.dim if isinstance(index, Letter) else index.classes).equate(place.dim)
        both = [counts_of(interpreter, part) for part in (place, index)]
        return elementwise(lambda x, y: np.where(x == y, 1.0, 0.0), *both)
    if name == "e" and found.upper and not found.lower:
        exponent = interpreter.value(found.upper[0], scope)
        return powers(interpreter, elementwise(np.exp, exponent), found.upper[1:], node, scope)
    if name in CONSTANTS and not found.lower:
        return powers(interpreter, interpreter.constant(CONSTANTS[name]), found.upper, node, scope)
    if name == "I" and not found.lower and not found.upper:
        dim = interpreter.vocabulary.dim((*scope.path, id(node), "I"))
        return identity(DOWN, RIGHT, dim, interpreter.length(dim))
    if name in ("1", "𝟏", "0") and found.bold and not found.lower:
        dim = interpreter.vocabulary.dim((*scope.path, id(node), "1"))
        ones = filled(float(name != "0"), {DOWN: dim}, [interpreter.length(dim)])
        return powers(interpreter, ones, found.upper, node, scope)
    return None


def condition_in(node: Expr) -> Expr:
    """What stands in brackets below an indicator, or without them."""
    return node.body if isinstance(node, Brackets) else node


def indicator_of(interpreter: Interpreter, node: Expr, scope: Scope) -> Value:
    """1 where the condition below it holds: indices in it are those around it."""
    relation = condition_in(node)
    assert isinstance(relation, Relation)
    assert relation.first is not None
    sides = [relation.first, *[side for _, side in relation.rest]]
    counts = [counts_of(interpreter, index_value(interpreter, side, scope)) for side in sides]
    if len(counts) != 2 or relation.rest[0][0] not in SIGNS:
        raise NotRead("this condition below an indicator is not read", node.span)
    return elementwise(lambda a, b: np.where(SIGNS[relation.rest[0][0]](a, b), 1.0, 0.0), *counts)


SIGNS: Final[Mapping[str, Any]] = {"=": np.equal, "≠": np.not_equal, "<": np.less, ">": np.greater}


def parameter(interpreter: Interpreter, name: str, indices: list[Expr], node: Expr, scope: Scope) -> Value:
    """A function's argument; with an index, its entry."""
    value = scope.parameters[name]
    if not indices:
        return value
    if value.kind != "column" or len(indices) != 1:
        raise NotRead(f"{plain(node)}: the argument {name} is a {value.kind}", node.span)
    return taken(interpreter, value, [DOWN], indices, node, scope)


def indexed(
    interpreter: Interpreter, entity: Entity, count: int | None, indices: list[Expr], node: Expr, scope: Scope
) -> Value:
    """A symbol's entries at indices; the slots that are left are places."""
    value, slots = whole_array(interpreter, entity, count, node)
    if len(indices) == 1 and len(slots) > 1 and isinstance(only := indices[0], Number) and len(only.text) == len(slots):
        interpreter.remark(f"{plain(node)} is the entry {', '.join(only.text)} of {entity.name}")
        indices = [Number(digit, span=only.span) for digit in only.text]
    if len(indices) > len(slots):
        has = f"{len(slots)} ind{'ex' if len(slots) == 1 else 'ices'}" if slots else "no index: it is a number"
        raise IndexMistake(f"{entity.name} has {has}, here it has {len(indices)}", node.span)
    left = slots[len(indices) :]
    if len(left) > 2:
        raise NotRead(f"{plain(node)} has {len(left)} indices left", node.span)
    places = dict(zip(left, PLACES[: len(left)], strict=True))
    if not indices and entity.qualities and "row" in entity.qualities:
        places = {left[0]: RIGHT}
    return renamed(taken(interpreter, value, slots[: len(indices)], indices, node, scope), places)


def whole_array(interpreter: Interpreter, entity: Entity, count: int | None, node: Expr) -> tuple[Value, list[str]]:
    """A symbol as an array, and the names of its slots."""
    key = (entity.name, count)
    if key in interpreter.cuts:
        value = interpreter.cuts[key]
    elif key in interpreter.found:
        value = interpreter.found[key]
    else:
        definition, letters = definition_of(interpreter, entity, count)
        if definition is None:
            must_exist(interpreter, entity, count, node)
        if definition is not None:
            value = defined(interpreter, entity, count, definition, letters)
        else:
            dims = interpreter.vocabulary.slots_of(entity, count)
            data = None if interpreter.arrays is None else interpreter.arrays[key]
            value = Value({f"slot {k}": dim for k, dim in enumerate(dims)}, data, frozenset({entity.name}))
        interpreter.found[key] = value
    return value, list(value.axes)


def must_exist(interpreter: Interpreter, entity: Entity, count: int | None, node: Expr) -> None:
    """Raise NoMember for a member of a family that is neither given nor defined: of a layer that there is not."""
    if count is None:
        return
    if entity.kind == "defined":  # of which nothing is declared
        raise NoMember(f"what {entity.name} of {entity.counter} = {count} is, is not said", node.span)
    reached = interpreter.vocabulary.reached
    if interpreter.open and 0 <= count <= interpreter.vocabulary.last(entity.counter):
        reached.add((entity.name, count))
    known = not entity.definitions or (entity.name, count) in reached
    if not (known and 0 <= count <= interpreter.vocabulary.last(entity.counter)):
        raise NoMember(f"there is no {entity.name} of {entity.counter} = {count}", node.span)


def definition_of(
    interpreter: Interpreter, entity: Entity, count: int | None
) -> tuple[Definition | None, dict[str, int]]:
    """What defines a symbol, or a member of a family, and what its counter stands for there."""
    key = (entity.name, count, len(entity.definitions))
    members = interpreter.vocabulary.members
    if key not in members:
        members[key] = sought_definition(interpreter, entity, count)
    return members[key]


def sought_definition(
    interpreter: Interpreter, entity: Entity, count: int | None
) -> tuple[Definition | None, dict[str, int]]:
    """Of a member its own definition, else the one of all members."""
    general: tuple[Definition | None, dict[str, int]] = (None, {})
    for definition in entity.definitions:
        if definition.parameters:
            continue
        if count is None or definition.counter is None:
            return definition, {}
        scope = Scope(())
        free = [n.name for n in walk(definition.counter) if isinstance(n, Symbol) and n.name == entity.counter]
        if not free:
            if counter_value(interpreter, definition.counter, scope) == count:
                return definition, {}
            continue
        last = interpreter.vocabulary.last(entity.counter)
        for value in range(last + 2):
            here = replace(scope, counters={entity.counter: value})
            if counter_value(interpreter, definition.counter, here) == count and 1 <= value <= last:
                general = (definition, {entity.counter: value})
    return general


def defined(
    interpreter: Interpreter,
    entity: Entity,
    count: int | None,
    definition: Definition,
    counters: dict[str, int],
) -> Value:
    """A defined symbol's array, with slots in place of the letters on the left."""
    key = (entity.name, count)
    if key in interpreter.open:
        letter = next(iter(definition.letters), "t")
        said = f"{entity.name} is defined by itself, and whether {letter} counts is not said"
        raise Asked(said, f"{letter}: time 1…3, and {entity.name}_{letter}: vector n", definition.body.span)
    path = ("definition", entity.name, count, definition.number)
    letters = {name: Letter(name, interpreter.vocabulary.dim((*path, name))) for name in definition.letters}
    scope = Scope(path, letters, {}, counters, frozenset(definition.letters))
    inner = replace(interpreter, open=(*interpreter.open, key), masked=0)
    try:
        value = inner.value(definition.body, scope)
        extra = [name for name in value.indices if name not in letters]
        if extra:
            raise IndexMistake(f"the index {bare(extra[0])} is on the right, not on the left", definition.body.span)
    except IndexMistake as error:
        raise DefinitionMistake(entity.name, error, definition.body.span) from None
    lacking = {name: letter.dim for name, letter in letters.items() if name not in value.axes}
    if lacking:
        ones = filled(1.0, lacking, [interpreter.length(dim) for dim in lacking.values()])
        value = elementwise(np.multiply, value, ones)
    order = [*definition.letters, *[place for place in PLACES if place in value.axes]]
    if value.kind == "row":
        raise NotRead(f"{entity.name} is defined as a row; write it as a column, transposed", definition.body.span)
    axes = {f"slot {k}": value.axes[name] for k, name in enumerate(order)}
    data = None if value.data is None else ordered(value, order)
    return Value(axes, data, value.uses | {entity.name})


def scripted_group(interpreter: Interpreter, node: Scripted, scope: Scope) -> Value:
    """(W Zᵀ)_{dn}, σ(z)_i, ‖x‖₂², (1 − a)²."""
    base = node.base
    lower = list(node.lower)
    if node.primes:
        raise NotRead(f"{plain(node)}: ′ of an expression: write its derivative as a quotient, ∂/∂x", node.span)
    if isinstance(base, Brackets) and base.kind == "‖":
        which, body = "".join(map(plain, lower)), interpreter.value(base.body, scope)
        if which in ("", "2", "F") and [plain(part) for part in node.upper] == ["2"]:
            return norm(body, which, node, squared=True)
        return powers(interpreter, norm(body, which, node), node.upper, node, scope)
    if isinstance(base, Number):
        if base.text == "1" and len(lower) == 1 and isinstance(condition_in(lower[0]), Relation):
            return powers(interpreter, indicator_of(interpreter, lower[0], scope), node.upper, node, scope)
        if lower:
            raise NotRead(f"{plain(node)}: a number with an index", node.span)
        return powers(interpreter, interpreter.value(base, scope), node.upper, node, scope)
    value = interpreter.value(base, scope)
    if lower:
        places = [place for place in PLACES if place in value.axes]
        if len(lower) > len(places):
            raise IndexMistake(f"{plain(base)} is a {value.kind}, here it has {len(lower)} indices", node.span)
        value = taken(interpreter, value, places[: len(lower)], lower, node, scope)
        if RIGHT in value.axes:  # a row of a matrix, as a column
            value = renamed(value, {RIGHT: DOWN})
    return powers(interpreter, value, node.upper, node, scope)


def powers(interpreter: Interpreter, value: Value, upper: tuple[Expr, ...], node: Expr, scope: Scope) -> Value:
    """What stands above: powers, T, −1, −T."""
    for part in upper:
        if isinstance(part, Brackets) and not part.kind:
            part = part.body
        if is_transpose(part) and not (value.kind == "number" and is_number(interpreter, part)):
            if isinstance(part, Sum):
                value = inverse(value, node)
                inner = part.terms[0][1]
                value = value if isinstance(inner, Number) else transposed(value)
            else:
                value = transposed(value)
        elif isinstance(part, Brackets) and is_count(part.body):
            base = plain(node.base if isinstance(node, Scripted) else node)
            counter = next((n.name for n in walk(part.body) if isinstance(n, Symbol)), "t")
            raise Asked(
                f"what {plain(part.body)} in brackets above {base} counts is not said; write a power without them",
                f"{counter}: time 1…4, and {base}^{counter}: vector n",
                node.span,
            )
        else:
            entrywise = interpreter.vocabulary.options.get("vectors") == "entrywise"
            value = power(value, interpreter.value(part, scope), part, node, entrywise)
    return value


def is_count(node: Expr) -> bool:
    """t, 2, t − 1: what in brackets above a letter says which one is meant."""
    if isinstance(node, Sum):
        simple = all(isinstance(term, (Symbol, Number)) for _, term in node.terms)
        return simple and isinstance(node.terms[0][1], Symbol)
    return isinstance(node, (Symbol, Number))


def is_number(interpreter: Interpreter, part: Expr) -> bool:
    """Whether a T is a number of the page."""
    return (not isinstance(part, Sum) and plain(part) in interpreter.vocabulary.entities) or isinstance(part, Sum)


def bare(axis: str) -> str:
    """An axis's letter."""
    return axis.partition("#")[0]


def constant_number(entity: Entity) -> float:
    """A constant's number."""
    try:
        return int(entity.value) if entity.value.isdigit() else float(entity.value)
    except ValueError:
        raise NotRead(f"{entity.name} = {entity.value!r} is no number") from None
