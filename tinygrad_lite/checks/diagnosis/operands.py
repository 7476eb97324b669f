"""Mistaken derivatives of products: the order of factors, transposes, another array in place of a factor."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any, Final, NamedTuple

import numpy as np

from ...engine.graph import Node
from ...table.convolution import convolve_p
from ...table.elementwise import multiply
from ...table.indexing import getitem_p
from ...table.inverses import inv_p, solve_p
from ...table.neural import linear_p
from ...table.parts import read_p
from ...table.products import matmul
from ...table.shapes import broadcast_to_p, copy_p, identity_p, reshape_p, transpose_p
from ...table.signals import full_p, inside_p
from .backward import Backward, Fault, Pullback, given_operand
from .mistakes import Candidate, InWords, Mistake, Named, Scaling, all_faults, fault_at, rules_instead, same_factor
from .wording import Wording

Faults = Callable[[Backward], Fault]

# ---------------------------------------------------------------------------------------------------------------------
# Order and transposes


class WrongProduct(NamedTuple):
    """A rule of A B for one factor, by its place: which kind of mistake, how it is written, and for what."""

    place: int
    kind: str
    wrong: str
    right: str
    rule: Callable[..., Any]


def wrong_products() -> Iterator[WrongProduct]:
    """Every order and every transpose of the two factors of g Bᵀ and of Aᵀ g but the right ones."""
    for g_turned, other_turned, reversed_order in product((False, True), repeat=3):
        if g_turned or other_turned or reversed_order:
            kind = "swapped" if reversed_order else "transposed"
            how = (g_turned, other_turned, reversed_order)
            g, a, b = "gᵀ" if g_turned else "g", "A" if other_turned else "Aᵀ", "B" if other_turned else "Bᵀ"
            yield WrongProduct(0, kind, f"{b} {g}" if reversed_order else f"{g} {b}", "g Bᵀ", left_rule(*how))
            yield WrongProduct(1, kind, f"{g} {a}" if reversed_order else f"{a} {g}", "Aᵀ g", right_rule(*how))


def left_rule(g_turned: bool, b_turned: bool, reversed_order: bool) -> Callable[..., Any]:
    """g Bᵀ, but otherwise."""

    def rule(g: Any, a: Any, b: Any) -> Any:  # noqa: ARG001 (a product's rule)
        g, b = (g.mT if g_turned else g), (b if b_turned else b.mT)
        return b @ g if reversed_order else g @ b

    return rule


def right_rule(g_turned: bool, a_turned: bool, reversed_order: bool) -> Callable[..., Any]:
    """Aᵀ g, but otherwise."""

    def rule(g: Any, a: Any, b: Any) -> Any:  # noqa: ARG001 (a product's rule)
        g, a = (g.mT if g_turned else g), (a if a_turned else a.mT)
        return g @ a if reversed_order else a @ g

    return rule


WRONG_PRODUCTS: Final = tuple(wrong_products())

WRONG_VECTORS: Final = (
    WrongProduct(0, "transposed", "Bᵀ g", "B g", lambda g, a, b: b.mT @ g),
    WrongProduct(1, "transposed", "A g", "Aᵀ g", lambda g, a, b: a @ g),
    WrongProduct(1, "transposed", "b gᵀ", "g bᵀ", lambda g, a, b: np.outer(a, g).T),
    WrongProduct(0, "transposed", "b gᵀ", "g bᵀ", lambda g, a, b: np.outer(b, g)),
)
"""Where one of the factors is a vector."""


def in_products(backward: Backward, names: Wording) -> Iterator[Candidate]:
    """Factors in the wrong order or without their transpose; alike at every product with one array, or at one."""
    alike: dict[tuple[int, Any], list[Faults]] = {}
    said: dict[tuple[int, Any], tuple[str, str, WrongProduct]] = {}
    for k, node in enumerate(backward.nodes):
        if node.primitive is not matmul:
            continue
        a, b = node.kept.inputs
        for number, wrong in enumerate(WRONG_PRODUCTS if min(a.ndim, b.ndim) > 1 else WRONG_VECTORS):
            i = wrong.place
            if backward.sources[k][i] is None or not gives_shape(wrong.rule, node.shape, a, b, i):
                continue
            fault = rules_instead(k, {i: wrong.rule})
            what = "the factors are swapped" if wrong.kind == "swapped" else "a transpose is missing"
            rules = f"{wrong.wrong} instead of {wrong.right}, for the gradient g of A B"
            A, B = names.operand(k, 0), names.operand(k, 1)
            text = f"{what} in the derivative of {names.node(k)}, A B with A = {A} and B = {B}: {rules}"
            yield Mistake(wrong.kind, text, 2.5, fault)
            key = (number, Origin.of(backward, k, 1 - i).key)
            alike.setdefault(key, []).append(fault)
            said[key] = what, rules, wrong
    for (number, key), faults in alike.items():
        what, rules, wrong = said[(number, key)]
        if len(faults) > 1:
            name = names.expression(key) if isinstance(key, Node) else None
            every = f"every product A B with {'AB'[1 - wrong.place]} = {name or 'the same matrix'}"
            yield Mistake(wrong.kind, f"{what} in the derivative of {every}: {rules}", 1.95, all_faults(faults))


def gives_shape(rule: Callable[..., Any], shape: tuple[int, ...], a: Any, b: Any, place: int) -> bool:
    """Whether a mistaken rule gives an array of the factor's shape: few do, unless all are square.

    Tried on small arrays, whose axes are of the same length where these are.
    """
    lengths = sorted({1, *shape, *a.shape, *b.shape})

    def small(shape: tuple[int, ...]) -> Any:
        return np.zeros([lengths.index(n) + 1 for n in shape])

    try:
        found = rule(small(shape), a=small(a.shape), b=small(b.shape))
    except ValueError:
        return False
    return bool(np.shape(found) == small((a, b)[place].shape).shape)


def in_factors_of(backward: Backward, k: int, names: Wording) -> Iterator[Candidate]:
    """(ab)' = a' a + b' b, entry by entry or of vectors; an array in place of a factor that was computed from it."""
    node, sources = backward.nodes[k], backward.sources[k]
    if node.primitive in (multiply, matmul):
        a, b = node.kept.inputs
        both = [i for i in (0, 1) if sources[i] is not None]
        for i in both if node.primitive is multiply or a.shape == b.shape else ():
            taken, factor = names.operand(k, i), names.operand(k, 1 - i)
            text = f"{taken} is taken for {factor} in the derivative of {names.node(k)}: ∂(a b)/∂a = b, not a"
            yield Mistake("swapped", text, 2.65, with_operand(k, 1 - i, operand_at(k, i)))
        if node.primitive is multiply and len(both) == 2:
            text = f"the factors are swapped in the derivative of {names.node(k)}, a b: g a + g b for g b + g a"
            yield Mistake("swapped", text, 2.6, rules_instead(k, OWN))
    if node.primitive in PRODUCTS and len(sources) == 2:
        for i in (0, 1):
            if sources[1 - i] is not None and type(node.parents[i]) is Node:
                yield from before_activation(backward, k, i, names)


OWN: Final[Mapping[int, Callable[..., Any]]] = {0: lambda g, a, b: g * a, 1: lambda g, a, b: g * b}
"""A factor in place of the other."""


def operand_at(k: int, i: int) -> Callable[[Backward, Any], Any]:
    """What a node was given at a place, in place of the other operand."""
    return lambda backward, v: backward.nodes[k].kept.inputs[i] + 0 * v


def with_operand(k: int, i: int, taken: Callable[[Backward, Any], Any]) -> Faults:
    """A node whose rules take something else for an operand: a function of the backward pass and of the operand."""

    def pull(backward: Backward) -> Pullback:
        v = taken(backward, backward.nodes[k].kept.inputs[i])
        return lambda g: backward.pull_with(k, g, {i: v})

    return fault_at(k, pull)


def before_activation(backward: Backward, k: int, i: int, names: Wording) -> Iterator[Candidate]:
    """z for a = h(z), as a factor: what the operand was computed from, entry by entry."""
    path: tuple[int, ...] = ()
    node: Any = backward.nodes[k].parents[i]
    for _ in range(STEPS_BACK):
        node, turns = through_turns(node)
        primitive = node.primitive
        if primitive is None or not primitive.elementwise:
            return
        place = next((j for j, p in enumerate(node.parents) if type(p) is Node and p.shape == node.shape), None)
        if place is None or any(type(p) is Node and p.shape == node.shape for p in node.parents[place + 1 :]):
            return
        path = (*path, place)
        node = node.parents[place]
        z, a = names.expression(node), names.operand(k, i)
        text = f"{z or 'an array before its activation'} is taken for {a} in the derivative of {names.node(k)}"

        if not turns:
            yield Mistake("wrong factor", text, 2.9, with_operand(k, i, value_before(k, i, path)))


STEPS_BACK = 4
"""Operations that an activation consists of, at most."""


def through_turns(node: Any) -> tuple[Any, bool]:
    """What a transposed array is the transpose of."""
    if node.primitive is transpose_p and type(node.parents[0]) is Node:
        return node.parents[0], True
    return node, False


def value_before(k: int, i: int, path: tuple[int, ...]) -> Callable[[Backward, Any], Any]:
    """What an operand was computed from, along a path of places, in its place."""
    return lambda backward, v: value_along(backward.nodes[k].parents[i], path)


def value_along(node: Any, path: Sequence[int]) -> Any:
    """The value that a node was computed from, along a path of places."""
    value = None
    for place in path:
        value, node = node.kept.inputs[place], node.parents[place]
    return value


# ---------------------------------------------------------------------------------------------------------------------
# Inverses


def in_inverses(backward: Backward, k: int, names: Wording) -> Iterator[Candidate]:
    """−Y g Y with Y = A⁻¹ in other orders and without transposes; of solutions of equations, likewise."""
    node = backward.nodes[k]
    if node.primitive is inv_p:
        for (order, form), turned, g_turned in product(ORDERS.items(), (True, False), (False, True)):
            if (order, turned, g_turned) != (1, True, False):
                y, g = "A⁻ᵀ" if turned else "A⁻¹", "gᵀ" if g_turned else "g"

                def rule(g: Any, y: Any, order: int = order, turned: bool = turned, g_turned: bool = g_turned) -> Any:
                    y, g = (y.mT if turned else y), (g.mT if g_turned else g)
                    return -(g @ y @ y if order == 0 else y @ g @ y if order == 1 else y @ y @ g)

                said = "the order of the factors is wrong" if order != 1 else "a transpose is missing"
                text = f"{said} in the derivative of {names.node(k)}: −{form.format(y=y, g=g)} for −A⁻ᵀ g A⁻ᵀ"
                kind = "swapped" if order != 1 else "transposed"
                more = 0.1 * (order == 1 and g_turned) + 0.05 * turned
                yield Mistake(kind, f"{text}, for the gradient g of A⁻¹", 2.5 + more, with_inverse(k, rule))
    if node.primitive is solve_p and backward.sources[k][0] is not None and len(node.shape) > 1:
        for how in product((True, False), repeat=3):
            if how != (True, True, True):
                a_turned, x_turned, in_order = how
                a, x = "A⁻ᵀ" if a_turned else "A⁻¹", "Xᵀ" if x_turned else "X"
                said = "a transpose is missing" if in_order else "the order of the factors is wrong"
                form = f"−{a} g {x}" if in_order else f"−{x} {a} g"
                text = f"{said} in the derivative of {names.node(k)}: {form} for −A⁻ᵀ g Xᵀ, with g the gradient of X"
                yield Mistake("transposed" if in_order else "swapped", text, 2.5, with_solution(k, *how))


ORDERS: Final = {0: "{g} {y} {y}", 1: "{y} {g} {y}", 2: "{y} {y} {g}"}
"""Of the gradient and two inverses."""


def with_inverse(k: int, rule: Callable[[Any, Any], Any]) -> Faults:
    """An inverse's pullback by another rule."""
    return fault_at(k, lambda backward: lambda g: backward.pull(k, g, {0: lambda g: rule(g, backward.values[k])}))


def with_solution(k: int, a_turned: bool, x_turned: bool, in_order: bool) -> Faults:
    """The pullback of A⁻¹ B to A, with other transposes or in the other order."""

    def pull(backward: Backward) -> Pullback:
        a, x = backward.nodes[k].kept.inputs[0], backward.values[k]
        a, x = (a.mT if a_turned else a), (x.mT if x_turned else x)

        def rule(g: Any) -> Any:
            adjoint = np.linalg.solve(a, g)
            return -(adjoint @ x if in_order else x @ adjoint)

        return lambda g: backward.pull(k, g, {0: rule})

    return fault_at(k, pull)


# ---------------------------------------------------------------------------------------------------------------------
# Another array in place of an argument, wherever that is a factor


PRODUCTS: Final = frozenset({multiply, matmul, convolve_p, full_p, inside_p, linear_p})
"""Whose rules ask for their operands, and not for what they computed of them."""

TURNED: Final = frozenset({copy_p, identity_p, broadcast_to_p, reshape_p, transpose_p, getitem_p, read_p})
"""What only arranges entries."""


class Origin(NamedTuple):
    """Where an operand comes from: an array, and the arrangements on the way, from the last to the first."""

    key: Any
    steps: tuple[Node, ...]

    @classmethod
    def of(cls, backward: Backward, k: int, i: int) -> Origin:
        """Of a node's operand by its place."""
        node = backward.nodes[k].parents[i]
        if type(node) is not Node:
            return cls(id(given_operand(backward.nodes[k], i)), ())
        steps = []
        while node.primitive in TURNED and type(node.parents[0]) is Node:
            steps.append(node)
            node = node.parents[0]
        return cls(node, tuple(steps))

    def arranged(self, value: Any) -> Any:
        """Another array in place of the first."""
        for step in reversed(self.steps):
            assert step.primitive is not None
            value = step.primitive(value, **step.params)
        return value


class Uses:
    """Of one argument, all products that have it as a factor and pass a gradient on to another."""

    def __init__(self, backward: Backward, leaf: Node) -> None:
        self.places = [
            (k, i)
            for k, node in enumerate(backward.nodes)
            if node.primitive in PRODUCTS
            for i in range(len(node.parents))
            if any(j != i for j, *_ in backward.rules[k]) and Origin.of(backward, k, i).key is leaf
        ]

    def with_value(self, taken: Callable[[Backward], Any]) -> Faults:
        """What comes of it if all of them take something else for the argument."""

        def fault(backward: Backward) -> Fault:
            value = taken(backward)
            return {k: self.pull(backward, k, i, value) for k, i in self.places}

        return fault

    @staticmethod
    def pull(backward: Backward, k: int, i: int, value: Any) -> Pullback:
        """One product's pullback."""
        operand = Origin.of(backward, k, i).arranged(value)
        return lambda g: backward.pull_with(k, g, {i: operand})


def in_arguments(backward: Backward, names: Wording, variable: int) -> Iterator[Candidate]:
    """Kernels that are flipped, weights that were updated, one argument for another: wherever they are factors."""
    leaves = {backward.nodes[0]: variable, **backward.arguments}
    for node, j in leaves.items():
        uses, name, shape = Uses(backward, node), names.leaves[node], node.shape
        if not uses.places or not shape:
            continue
        for axes, along in flips(shape):
            text = f"{name} is flipped{along} in the derivative of its products, as convolution and correlation differ"
            yield Mistake("flipped", text, 2.45, uses.with_value(argument(j, partial(np.flip, axis=axes))))
        if len(shape) > 1 and shape[-1] == shape[-2] and len(uses.places) > 1:
            text = f"a transpose is missing: {name} is taken for its transpose in the derivative of all its products"
            yield Mistake("transposed", text, 2.4, uses.with_value(argument(j, np.matrix_transpose)))
        for other, o in leaves.items():
            if o != j and other.shape == shape:
                text = f"{names.leaves[other]} is taken for {name} in the derivative of its products"
                yield Mistake("wrong factor", text, 2.7, uses.with_value(argument(o, np.asarray)))
        if j != variable:
            yield Scaling(3.1, updated_weight(uses, j), named_updated(name))


def argument(j: int, turned: Callable[[Any], Any]) -> Callable[[Backward], Any]:
    """One of the arguments, turned about."""
    return lambda backward: turned(backward.leaves[j])


def flips(shape: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], str]]:
    """Axes along which kernels are flipped, and how to say so."""
    n = len(shape)
    choices = [tuple(range(n)), tuple(range(n))[-2:], tuple(range(n))[-1:], tuple(range(n))[:2]]
    for axes in dict.fromkeys(choices):
        if math.prod([shape[axis] for axis in axes]) > 1:
            along = f" along {'axes' if len(axes) > 1 else 'axis'} {', '.join(map(str, axes))}"
            yield axes, "" if len(axes) == n else along


def updated_weight(uses: Uses, j: int) -> Callable[[float], Faults]:
    """A weight W from which a part of its own gradient was taken already; with the factor 1, none."""

    def with_factor(factor: float) -> Faults:
        def taken(backward: Backward) -> Any:
            other = backward.towards(j)
            if other is None:
                raise ValueError("it has no gradient of its own")
            return backward.leaves[j] - (1 - factor) * other.sweep(np.ones(other.nodes[-1].shape)[()], {})

        return uses.with_value(taken)

    return with_factor


def named_updated(name: str) -> Callable[[float, InWords], Named | None]:
    """What to call that."""

    def named(factor: float, in_words: InWords) -> Named | None:  # noqa: ARG001 (a Scaling's)
        step = 1 - factor
        if step <= 0 or same_factor(step, 0):
            return None
        text = f"{name} was updated before the derivative was taken: with a step of {step:.6g} times its own gradient"
        return Named("updated", text, 3.1)

    return named
