"""Entries of arrays at indices: letters, labels, numbers, and what is computed from them."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..axes import AxesError, Dim, Value, counted, ordered, renamed, union
from ..spelling import letter, plain
from ..syntax import Brackets, Expr, Scripted, Symbol, walk
from ..vocabulary import Asked, Entity, IndexMistake
from .interpreting import Interpreter, Letter, Scope


class Label(NamedTuple):
    """An index that is data: its values, and how many there may be."""

    value: Value
    classes: Dim


Index = Letter | Label | Value
"""What stands as an index, once it is understood."""


def letter_in(interpreter: Interpreter, name: str, scope: Scope) -> Letter | None:
    """The index that a letter is: of a sum, or of the left side; None where it is neither."""
    if name in scope.letters:
        return scope.letters[name]
    if name in scope.left and name not in scope.parameters:
        return Letter(name, interpreter.vocabulary.dim((*scope.path, name)))
    return None


def taken(
    interpreter: Interpreter, value: Value, slots: list[str], indices: list[Expr], node: Expr, scope: Scope
) -> Value:
    """The entries of slots at indices."""
    if not indices:
        return value
    found = [index_value(interpreter, index, scope) for index in indices]
    letters = [index for index in found if isinstance(index, Letter)]
    if len(letters) == len(found):
        for slot, index in zip(slots, letters, strict=True):
            try:
                index.dim.equate(value.axes[slot])
            except AxesError as error:
                raise IndexMistake(f"{plain(node)}: {error}", node.span) from None
        return renamed(value, {slot: index.axis for slot, index in zip(slots, letters, strict=True)})
    return gathered(interpreter, value, slots, found, node)


def gathered(interpreter: Interpreter, value: Value, slots: list[str], found: list[Index], node: Expr) -> Value:
    """Entries at computed places: a label as index, a number, i + 1."""
    dims = [value.axes[slot] for slot in slots]
    for index, dim in zip(found, dims, strict=True):
        if isinstance(index, Letter):
            index.dim.equate(dim)
        elif isinstance(index, Label):
            index.classes.equate(dim)
    counts = [counts_of(interpreter, index) for index in found]
    both = [name for name in union(counts) if name in value.axes and name not in slots]  # their diagonal
    slots, dims = [*slots, *both], [*dims, *[value.axes[name] for name in both]]
    counts += [counted(name, value.axes[name], interpreter.length(value.axes[name])) for name in both]
    axes = union(counts)
    rest = {name: dim for name, dim in value.axes.items() if name not in slots}
    uses = value.uses.union(*[count.uses for count in counts])
    if value.data is None or any(count.data is None for count in counts):
        return Value({**axes, **rest}, None, uses)
    places = []
    for count, dim in zip(counts, dims, strict=True):
        place = np.asarray(ordered(count, list(axes)) - dim.first)
        size = interpreter.length(dim) or 0
        if np.any((place < 0) | (place >= size)):
            if not interpreter.masked:
                raise IndexMistake(f"{plain(node)}: an index runs out of an axis of length {dim}", node.span)
            place = np.clip(place, 0, size - 1)
        places.append(place.astype(int))
    data = value.data
    own = list(value.axes)
    data = np.transpose(data, [own.index(s) for s in slots] + [own.index(name) for name in rest])
    return Value({**axes, **rest}, data[tuple(places)], uses)


def index_value(interpreter: Interpreter, node: Expr, scope: Scope) -> Index:
    """An index: a letter; a label with its classes; or whole numbers."""
    name = letter(node)
    if name is not None and (index := letter_in(interpreter, name, scope)) is not None:
        return index
    if isinstance(node, Brackets) and not node.kind:
        return index_value(interpreter, node.body, scope)
    entity = label_entity(interpreter, node)
    if entity is not None and entity.classes is not None:
        return Label(interpreter.value(node, scope), entity.classes)
    if entity is not None and entity.kind in ("dimension", "constant"):
        return interpreter.value(node, scope)
    if name is not None:
        return Letter(name, interpreter.vocabulary.dim((*scope.path, name)))
    if isinstance(node, Scripted) and isinstance(node.base, Symbol):
        raise Asked(f"{plain(node)} is an index here", f"{plain(node.base)}: labels N in K", node.span)
    return interpreter.value(node, with_letters(interpreter, node, scope))


def with_letters(interpreter: Interpreter, node: Expr, scope: Scope) -> Scope:
    """A scope in which the letters of an index such as i + a are indices."""
    letters = dict(scope.letters)
    for part in walk(node):
        name = letter(part)
        if name is not None and name not in letters and name not in interpreter.vocabulary.entities:
            letters[name] = Letter(name, interpreter.vocabulary.dim((*scope.path, name)))
    return replace(scope, letters=letters)


def label_entity(interpreter: Interpreter, node: Expr) -> Entity | None:
    """The label, or length, that an index is."""
    found = interpreter.vocabulary.spell(node)
    return None if found is None else interpreter.vocabulary.entities.get(found.name)


def counts_of(interpreter: Interpreter, index: Index) -> Value:
    """The numbers that an index takes."""
    if isinstance(index, Letter):
        return counted(index.axis, index.dim, interpreter.length(index.dim))
    return index.value if isinstance(index, Label) else index


def count_letter(interpreter: Interpreter, index: Letter) -> Value:
    """The values that an index takes."""
    return counted(index.axis, index.dim, interpreter.length(index.dim))
