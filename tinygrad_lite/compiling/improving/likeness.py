"""What operations have in common when they differ only in which variables and numbers they are of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..program import Operation, Variable


class Alike:
    """Symbols, equal for operations that are alike."""

    def __init__(self) -> None:
        self.symbols: dict[Any, int] = {}
        self.kinds: dict[Variable, Any] = {}
        self.known: dict[Operation, tuple[int, list[Any]]] = {}
        self.latest: Any = None  # of the program that was looked at last, what repeats itself

    def symbol(self, operation: Operation) -> tuple[int, list[Any]]:
        """An operation's symbol, and the variables and numbers among its arguments."""
        known = self.known.get(operation)
        if known is None:
            known = self.known[operation] = self.symbol_of(operation)
        return known

    def symbol_of(self, operation: Operation) -> tuple[int, list[Any]]:
        """The same of an operation that is new."""
        leaves: list[Any] = []
        form = self.form(operation.args, leaves), self.form(operation.kwargs, leaves) if operation.kwargs else ()
        memories = [x.memory if type(x) is Variable else None for x in leaves]
        made = [
            (None, 0) if v is None else (self.kind(v), place_of_memory(memories, v.memory)) for v in operation.results
        ]
        writes = None if operation.writes is None else place_of_memory(memories, operation.writes)
        key = (operation.function, form, tuple(made), writes)
        return self.symbols.setdefault(key, len(self.symbols)), leaves

    def kind(self, v: Variable) -> Any:
        """What variables have in common that can stand for each other."""
        kind = self.kinds.get(v)
        if kind is None:
            kind = self.kinds[v] = (v.shape, v.dtype, v.is_array, v.weak, v.contiguous)
        return kind

    def form(self, tree: Any, leaves: list[Any]) -> Any:
        """Arguments without their variables and numbers, which are added to the leaves."""
        kind: Any = type(tree)
        if kind is Variable:
            leaves.append(tree)
            return self.kind(tree)
        if kind is tuple or kind is list:
            return (kind, *[self.form(part, leaves) for part in tree])
        if is_number(tree):
            leaves.append(tree)
            return kind
        if isinstance(tree, Mapping):
            return tuple([(key, self.form(part, leaves)) for key, part in tree.items()])
        if kind is slice:
            return (slice, *[self.form(part, leaves) for part in (tree.start, tree.stop, tree.step)])
        if isinstance(tree, (tuple, list)):
            return (kind, *[self.form(part, leaves) for part in tree])
        return kind, tree if kind.__hash__ is not None else id(tree)


def is_number(x: Any) -> bool:
    """Whether it may be another number in another iteration."""
    kind = type(x)
    return kind is int or kind is float or kind is complex or isinstance(x, np.generic)


def place_of_memory(memories: list[Any], memory: Any) -> int:
    """The first operand in some memory; −1 where none is."""
    return memories.index(memory) if memory in memories else -1


def refilled(tree: Any, leaves: Iterator[Any]) -> Any:
    """Arguments with other variables and numbers, in the order in which :meth:`Alike.form` finds them."""
    kind: Any = type(tree)
    if kind is Variable or is_number(tree):
        return next(leaves)
    if isinstance(tree, Mapping):
        return {key: refilled(part, leaves) for key, part in tree.items()}
    if kind is slice:
        return slice(*[refilled(part, leaves) for part in (tree.start, tree.stop, tree.step)])
    if isinstance(tree, (tuple, list)):
        parts = [refilled(part, leaves) for part in tree]
        return kind(*parts) if hasattr(tree, "_fields") else kind(parts)
    return tree


def with_leaves(operation: Operation, changed: Mapping[int, Any]) -> Operation:
    """An operation with other operands at some places."""
    values = iter([changed.get(q, x) for q, x in enumerate(leaves_of(operation))])
    return replace(operation, args=refilled(operation.args, values), kwargs=refilled(operation.kwargs, values))


def leaves_of(operation: Operation) -> list[Any]:
    """The variables and numbers among an operation's arguments."""
    leaves: list[Any] = []
    alike = Alike()
    alike.form(operation.args, leaves)
    alike.form(operation.kwargs, leaves)
    return leaves
