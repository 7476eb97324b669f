"""A function's backward pass, so recorded that it can be gone through again with a mistake in it.

The function is recorded as under :func:`tinygrad_lite.tracing`: each operation keeps all its values, not only those
that its rules ask for. Fused functions are opened up into their definitions, as a person who derives them by hand goes
through them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any, Final, NamedTuple

import numpy as np

from ...engine.graph import Node, leading_to
from ...engine.protocols import plain
from ...engine.recording import set_recording, tracing
from ...engine.sweep import carried_back
from ...engine.tensor import Tensor, record, wrap
from ...table.arrays import unbroadcast
from ...table.entropies import cross_entropy_of_labels_p, cross_entropy_p
from ...table.inverses import solve_joint_p, solve_p
from ...table.neural import log_softmax_p, logsumexp_p, softmax_p
from ...table.primitive import Primitive, Rule
from ...table.reductions import max_p

Pulled = Iterable[tuple[int, Any]]
"""What a cotangent becomes: for each input that matters, its node's number and its share."""

Pullback = Callable[[Any], Pulled]

Fault = Mapping[int, Pullback]
"""Of some nodes, by their numbers, what a mistaken derivation makes of their cotangents."""


class Given(NamedTuple):
    """What a function was called with: by their nodes, the places of recorded arguments among all leaves; these."""

    arguments: Mapping[Node, int]
    leaves: Sequence[Any]


class Backward:
    """The nodes between a variable and the output, from the oldest (the variable) to the newest (the output).

    Parameters
    ----------
    x, y : the variable and the output, recorded under :func:`tinygrad_lite.tracing`

    Attributes
    ----------
    nodes : those that depend on the variable and that the output depends on
    number : by a node its place in ``nodes``
    values : for each node what it computed
    sources : for each node, for each input of its primitive, the number of the node it came from; None for a constant
    parents, users : for each node the numbers of nodes it was computed from, and of those computed from it
    rules : for each node, for each input that matters, its place, its number, its rule and what the rule saved
    arguments, leaves : of the function's other arguments that were recorded, which of the leaves; and all leaves
    spent : the work of all sweeps so far
    """

    def __init__(self, x: Tensor, y: Tensor, given: Given | None = None) -> None:
        self.y = y
        self.given = given or Given({}, [])
        self.arguments, self.leaves = self.given
        self.spent = 0.0
        self.nodes = from_old_to_new(x, y)
        self.number = {node: k for k, node in enumerate(self.nodes)}
        self.values = [x._value, *[node.kept.output for node in self.nodes[1:]]]
        self.sources = [
            tuple([self.number.get(p) if type(p) is Node else None for p in node.parents]) for node in self.nodes
        ]
        self.parents = [sorted({p for p in sources if p is not None}) for sources in self.sources]
        self.users: list[list[int]] = [[] for _ in self.nodes]
        for k, parents in enumerate(self.parents):
            for p in parents:
                self.users[p].append(k)
        self.rules = [rules_of(node, sources) for node, sources in zip(self.nodes, self.sources, strict=True)]

    @classmethod
    def of(cls, f: Callable[[Any], Any], value: Any) -> Backward:
        """That of a function at a value; raises TypeError where the result was not recorded."""
        return cls.of_leaves(lambda leaves: f(leaves[0]), [value], 0, [])

    @classmethod
    def of_leaves(
        cls, call: Callable[[Sequence[Any]], Any], leaves: Sequence[Any], leaf: int, others: Collection[int]
    ) -> Backward:
        """That of a function of several leaves to one; what is computed from some others is recorded, too."""
        with set_recording(True), tracing():
            given = [Tensor(x, requires_grad=True) if j == leaf or j in others else x for j, x in enumerate(leaves)]
            y = call(given)
        x = given[leaf]
        arguments: dict[Any, int] = {given[j]._node: j for j in others}
        return without_shifts(x, with_definitions(x, y), Given(arguments, leaves))

    def towards(self, j: int) -> Backward | None:
        """Of the same computation, the backward pass to another of its arguments; None where it was not recorded."""
        node = next((node for node, other in self.arguments.items() if other == j), None)
        if node is None or not leading_to([self.nodes[-1]], [node]):
            return None
        return Backward(wrap(np.asarray(self.leaves[j])[()], node), self.y)

    @cached_property
    def work(self) -> list[float]:
        """For each node how much it takes to go back from there to the variable: one for each operation, and more for
        large arrays.
        """
        return list(accumulate([work_of(node) for node in self.nodes]))

    @property
    def pattern(self) -> tuple[Any, ...]:
        """What two of them must share for a mistake in the one to be the same mistake in the other."""
        return tuple([(node.primitive, node.shape, tuple(p)) for node, p in zip(self.nodes, self.parents, strict=True)])

    def pull(self, k: int, g: Any, mistaken: Mapping[int, Callable[[Any], Any]] | None = None) -> list[tuple[int, Any]]:
        """What a node's rules make of its cotangent; of some inputs, by their places, mistaken rules instead."""
        node = self.nodes[k]
        found = []
        for i, p, rule, saved in self.rules[k]:
            d = mistaken[i](g) if mistaken and i in mistaken else rule(g, *saved)
            found.append(
                (p, unbroadcast(d, self.nodes[p].shape) if node.primitive and node.primitive.broadcasts else d)
            )
        return found

    def pull_with(self, k: int, g: Any, operands: Mapping[int, Any]) -> list[tuple[int, Any]]:
        """What a node's rules make of its cotangent if they take some operands, by their places, for others."""
        node = self.nodes[k]
        assert node.primitive is not None
        inputs = [operands.get(i, x) for i, x in enumerate(node.kept.inputs)]
        mistaken = {}
        for i, _, rule, _ in self.rules[k]:
            known = node.primitive.values_by_name(node.kept.output, inputs, node.params, i)
            mistaken[i] = partial_rule(rule, node.primitive.asked(node.primitive.pull_of(i), known))
        return self.pull(k, g, mistaken)

    def sweep(self, g: Any, fault: Fault, first: int = -1, last: int = 0) -> Any:
        """Carry a cotangent from one node (the output) back to another (the variable), with a mistake on the way."""
        return self.carried({first % len(self.nodes): g}, fault, last)

    def carried(self, cotangents: Mapping[int, Any], fault: Fault, last: int = 0) -> Any:
        """Carry cotangents of several nodes back to one (the variable)."""

        def pull(k: int, g: Any) -> Pulled:
            return self.checked(fault[k](g) if k in fault else self.pull(k, g))

        first = max(cotangents, default=last)
        self.spent += self.work[first] - self.work[last]
        g = carried_back(range(first, last, -1), cotangents, pull).get(last)
        return np.zeros(self.nodes[last].shape) if g is None else np.asarray(g)

    def checked(self, pulled: Pulled) -> Pulled:
        """What was pulled back, of which each must have the shape of what it is for."""
        for p, d in pulled:
            d = np.asarray(d)[()]
            if d.shape != self.nodes[p].shape:
                raise ValueError(f"a cotangent of shape {d.shape} for a value of shape {self.nodes[p].shape}")
            yield p, d

    def cotangents(self, g: Any) -> dict[int, Any]:
        """What arrives at each node when nothing is mistaken."""
        found = {}

        def pull(k: int, g: Any) -> Pulled:
            found[k] = g
            return self.checked(self.pull(k, g))

        n = len(self.nodes) - 1
        return carried_back(range(n, 0, -1), {n: g}, pull) | found

    def change(self, cotangents: Mapping[int, Any], fault: Fault) -> Any:
        """What a mistake at a single node adds to the variable's gradient, given every node's cotangent without it."""
        ((k, mistaken),) = fault.items()
        if k not in cotangents:
            return np.zeros(self.nodes[0].shape)
        started: dict[int, Any] = {}
        for p, d in self.checked(mistaken(cotangents[k])):
            started[p] = started.get(p, 0) + d
        for p, d in self.checked(self.pull(k, cotangents[k])):
            started[p] = started.get(p, 0) - d
        return self.carried(started, {})

    def jacobian(self, fault: Fault, first: int = -1, last: int = 0) -> Any:
        """That of one node (the output) with respect to another (the variable), a sweep for each row."""
        y, x = self.nodes[first], self.nodes[last]
        units = np.eye(self.values[first].size)
        rows = [self.sweep(unit.reshape(y.shape)[()], fault, first, last) for unit in units]
        return np.stack(rows).reshape(y.shape + x.shape)


def from_old_to_new(x: Tensor, y: Tensor) -> list[Node]:
    """The nodes through which the one depends on the other, both included; raises TypeError where there are none."""
    start, end = x._node, y._node if type(y) is Tensor else None
    nodes = leading_to([end], [start]) if type(start) is Node and type(end) is Node else ()
    if not nodes:
        raise TypeError("what was computed was not recorded, or does not depend on the variable")
    return sorted(nodes, key=lambda node: node.age, reverse=True)


def rules_of(node: Node, sources: Sequence[int | None]) -> list[tuple[int, int, Rule, tuple[Any, ...]]]:
    """Of an operation, for each input that comes from a numbered node: place, number, rule, what that saved.

    An operation keeps a rule for each input that requires a gradient, in their order: others' parameters do, too.
    """
    places = [i for i, parent in enumerate(node.parents) if type(parent) is Node]
    rules = zip(places, node.pulls or (), strict=True)
    return [(i, p, rule, saved) for i, (_, rule, saved) in rules if (p := sources[i]) is not None]


def partial_rule(rule: Rule, saved: tuple[Any, ...]) -> Callable[[Any], Any]:
    """A rule with what it saved."""
    return lambda g: rule(g, *saved)


def work_of(node: Node) -> float:
    """How much an operation takes, in units of one on small arrays."""
    if node.primitive is None:
        return 1.0
    products = node.primitive.count_products(node.shape, [np.shape(x) for x in node.kept.inputs], node.params)
    return 1.0 + math.prod(node.shape) / ENTRIES + (products or 0) / PRODUCTS_OF_NUMBERS


ENTRIES, PRODUCTS_OF_NUMBERS = 5_000, 30_000
"""How many take as long as an operation on hardly any."""


def given_operand(node: Node, place: int) -> Any:
    """What an operation was given: of a constant array itself, where a trace keeps a copy."""
    return node.kept.sources.get(node.parents[place], node.kept.inputs[place])


# ---------------------------------------------------------------------------------------------------------------------
# The function as a person would go through it


Changed = Mapping[Node, Callable[[Mapping[Any, Tensor]], Tensor]]
"""Of some nodes, what is computed in their place, of what was computed before."""


def rerun(
    nodes: Iterable[Node],
    tensors: Mapping[Node, Tensor],
    left_out: Collection[Node] = (),
    changed: Changed | None = None,
) -> dict[Node, Tensor]:
    """Run recorded operations again, in their order, on other values of some of their inputs.

    Fused primitives are run as their definitions. What is neither given nor run again keeps its value and where it
    came from; what is left out is a constant.
    """
    found: dict[Any, Tensor] = dict(tensors)
    changed = changed or {}

    def operand(p: Any, value: Any) -> Any:
        if p in found:
            return found[p]
        return wrap(value, p) if type(p) is Node and p not in left_out else value

    with set_recording(True), tracing():
        for node in nodes:
            primitive = node.primitive
            assert primitive is not None
            if primitive is solve_joint_p:  # of what was joined for it, one by one
                primitive, whole = solve_p, node.parents[0]
            else:
                whole = node
            inputs = tuple([operand(p, value) for p, value in zip(whole.parents, whole.kept.inputs, strict=True)])
            run = opened if primitive in OPENED else record
            found[node] = changed[node](found) if node in changed else run(primitive, inputs, node.params)
    return found


def with_definitions(x: Tensor, y: Tensor) -> Tensor:
    """The output, computed from the variable again as long as there are fused primitives in it."""
    start, *nodes = from_old_to_new(x, y)
    if not any(node.primitive in OPENED or node.primitive is solve_joint_p for node in nodes):
        return y
    return with_definitions(x, rerun(nodes, {start: x})[nodes[-1]])


def without_shifts(x: Tensor, y: Tensor, given: Given) -> Backward:
    """Take a maximum for a constant where it cancels, as in a softmax that is shifted: nobody derives it."""
    backward = Backward(x, y, given)
    u = np.random.default_rng(0).uniform(0.5, 1.5, backward.nodes[-1].shape)[()]
    for k, node in enumerate(backward.nodes):
        if node.primitive is max_p:
            right = backward.sweep(u, {})
            if np.allclose(right, backward.sweep(u, {k: lambda g: []}), rtol=1e-9, atol=1e-12):
                start, *others = backward.nodes
                again = rerun([other for other in others if other is not node], {start: x}, [node])
                return without_shifts(x, again[others[-1]], given)
    return backward


def opened(primitive: Primitive, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Tensor:
    """A fused primitive as its definition, of shifted inputs where that changes nothing: no exponential overflows."""
    assert primitive.definition is not None
    if primitive in SHIFTED:
        z, *others = inputs
        top = np.max(plain(z, Tensor), axis=params.get("axis", 1), keepdims=True)  # a constant: nobody derives it
        inputs = (z - top, *others)
    found: Tensor = primitive.definition(*inputs, **params)
    return found


SHIFTED: Final = frozenset({softmax_p, log_softmax_p, cross_entropy_p, cross_entropy_of_labels_p})
"""Those of which a number added to all entries along the axis changes nothing."""

OPENED: Final = SHIFTED | {logsumexp_p}
"""What a derivation by hand goes through; other functions have derivatives that people know by heart."""
