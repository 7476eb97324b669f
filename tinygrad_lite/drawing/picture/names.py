"""What a graph knows of its values and their names."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ...engine.graph import NO_PARAMS, Node, known_values
from ...engine.tensor import Tensor
from ...formulas.conventions import SUBSCRIPTS
from ...formulas.rendering import shown_name
from ...formulas.words import TakenNames, is_state, state_names
from .model import constants_of, scope_of


def values_of(nodes: Iterable[Node]) -> dict[Node, Any]:
    """The values that operations know, of themselves and of their inputs; what an operation says of itself comes first.

    The nodes are in the order they were made.
    """
    values: dict[Node, Any] = {}
    for node in nodes:
        for known, value in known_values(node).items():
            values.setdefault(known, value)
    return values


class ArrayNames:
    """What to call arrays: their own name, else the caller's, else their path in the module that was traced.

    An array that was written to is y⁽¹⁾ after the first write to y, y⁽²⁾ after the second.
    The caller's Tensors also tell their values. ``digits`` is how the number at a name's end is
    shown, as in ``derive``.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        values: dict[Node, Any],
        given: Mapping[str, Any] | None = None,
        numbered: bool = False,
        known: Mapping[Node, str] = NO_PARAMS,
        digits: str | None = None,
    ) -> None:
        self.digits = digits
        self.of_node: dict[Node, str] = dict(known)
        self.states: dict[Node, str] = {}
        of_array: dict[int, str] = {}
        for name, x in named_arrays(given or {}):
            if isinstance(x, Tensor):
                if x._node is not None:
                    self.of_node.setdefault(x._node, name)
                    values.setdefault(x._node, x.data)
                x = x.data
            if isinstance(x, np.ndarray):
                of_array.setdefault(id(x), name)
        calls = {}
        for node in nodes:
            if node.primitive is None and node not in self.of_node and id(values.get(node)) in of_array:
                self.of_node[node] = of_array[id(values[node])]
            for constant, _, array in constants_of(node):
                if id(array) in of_array:
                    self.of_node.setdefault(constant, of_array[id(array)])
            for call in scope_of(node)[:1]:
                calls[call.number] = call
        for call in calls.values():
            for node, name in call.names.items():
                self.of_node.setdefault(node, name)
        order = list(nodes)
        for node in reversed(order):  # a name that was given after the last write is the array's, before it too
            given_later = self[node] if is_state(node) and self[node.parents[0]] is None else None
            if given_later is not None:
                self.of_node[node.parents[0]] = given_later
        self.taken = {own for node in order if (own := self[node]) is not None}
        if numbered:
            unnamed = [node for node in order if self[node] is None and not is_state(node)]
            shown = TakenNames(self.taken)
            made = (name for k in itertools.count(1) if (name := f"v{k}".translate(SUBSCRIPTS)) not in shown)
            self.of_node.update(zip(unnamed, made, strict=False))
        self.states = state_names(order, self.__getitem__)
        self.taken |= set(self.states.values())
        self.alike = Counter(map(TakenNames.bare, self.taken))

    def __getitem__(self, node: Node) -> str | None:
        if node in self.states:
            return self.states[node]
        return node.name if node.name is not None else self.of_node.get(node)

    def shown(self, node: Node) -> str | None:
        """The name with its digits as asked for; as it stands where that would be another array's, as of v1 and v_1."""
        name = self[node]
        if name is None or self.digits is None or self.alike[TakenNames.bare(name)] > 1:
            return name
        return shown_name(name, self.digits)


def named_arrays(given: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The arrays in a namespace, in its modules and in its containers, by name; private names left out."""
    for key, x in given.items():
        if isinstance(key, str) and key.startswith("_"):
            continue
        name = f"{prefix}{key}"
        if isinstance(x, (Tensor, np.ndarray)):
            yield name, x
        elif hasattr(type(x), "named_parameters"):
            for path, parameter in x.named_parameters():
                yield f"{name}.{path}", parameter
        elif isinstance(x, (list, tuple)) and len(x) <= 1000:
            yield from named_arrays({str(place): part for place, part in enumerate(x)}, f"{name}.")
        elif isinstance(x, dict) and len(x) <= 1000 and x is not given:
            arrays = {k: part for k, part in x.items() if isinstance(part, (Tensor, np.ndarray))}
            yield from named_arrays(arrays, f"{name}.")
