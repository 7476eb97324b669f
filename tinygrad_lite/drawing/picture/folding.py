"""What is folded: modules into boxes, repeated stretches into one, and the middle of what is still too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from ...engine.graph import Call, Constant, Node
from . import labels
from .costs import is_parameter
from .model import Group, Home, Plan, Repeat, constants_of, scope_of
from .repeats import find_repeats

FIRST: Final = "Numbers in what is rolled up are those of the first time."
"""The sentence that a picture of repeats has where it shows numbers."""

Unit = Home
"""A node that is an operation, or a group of them: what a program is a sequence of."""

SAVES = 11
"""A repeat is rolled up if that saves as many boxes: twelve alike become one."""


class Folds(NamedTuple):
    """What is to be folded, as :func:`tinygrad_lite.draw` explains it."""

    depth: int | None = None
    collapse: Callable[[str, str], bool] | None = None
    rollup: bool = True
    limit: int | None = None


def make_plan(nodes: list[Node], folds: Folds) -> Plan:
    """Decide what stands for what: as asked first, then as much as the limit needs."""
    depth, collapse, rollup, limit = folds
    operations = [node for node in nodes if node.primitive is not None]
    plan = roll_up(operations, groups_of(operations, depth, collapse), rollup)
    if limit is not None and boxes(operations, plan) > limit:
        deepest = max([len(scope_of(node)) for node in operations])
        for level in range(min(deepest - 1, deepest if depth is None else depth - 1), -1, -1):
            plan = roll_up(operations, groups_of(operations, level, collapse), rollup)
            if boxes(operations, plan) <= limit:
                break
        if deepest:
            plan.notes.append(f"Modules are folded, for there are {len(operations):,} operations (limit={limit}).")
        if boxes(operations, plan) > limit:
            fold_middle(operations, plan, limit)
    merge_constants(nodes, plan)
    absorb_leaves(nodes, plan)
    return plan


def boxes(operations: list[Node], plan: Plan) -> int:
    """How many boxes the operations take."""
    return len({plan.home.get(node, node) for node in operations})


# ---------------------------------------------------------------------------------------------------------------------
# Modules


def groups_of(
    operations: list[Node], depth: int | None, collapse: Callable[[str, str], bool] | None
) -> dict[Node, Group]:
    """Each operation's group, where it is in a module that is drawn as a box."""
    groups: dict[int, Group] = {}
    decided: dict[int, bool] = {}
    group_of: dict[Node, Group] = {}
    for node in operations:
        scope = scope_of(node)
        for level, call in enumerate(scope):
            if call.number not in decided:
                path = ".".join([outer.name for outer in scope[1 : level + 1]])
                decided[call.number] = (depth is not None and level >= depth) or bool(
                    collapse is not None and collapse(path if level else call.name, call.kind)
                )
            if decided[call.number]:
                group = groups.get(call.number)
                if group is None:
                    group = groups[call.number] = Group(f"g{call.number}", "module", [], scope[:level], call)
                group.members.append(node)
                group_of[node] = group
                break
    return group_of


# ---------------------------------------------------------------------------------------------------------------------
# Repeats


def roll_up(operations: list[Node], groups: dict[Node, Group], rollup: bool) -> Plan:
    """The plan that draws repeated stretches once."""
    plan = Plan(home=dict(groups))
    if not rollup:
        return plan
    units: list[Unit] = list(dict.fromkeys([groups.get(node, node) for node in operations]))
    starts = unit_places(units)
    for start, period, count in find_repeats(signatures(units), parent_places(units, starts), SAVES):
        start = aligned(units, start, period)
        stretches = [units[start + k * period : start + (k + 1) * period] for k in range(count)]
        stretches = [stretch for stretch in stretches if len(stretch) == period]
        number = len(plan.repeats)
        first, last = prefix(stretches[0]), prefix(stretches[-1])
        everywhere = prefix([unit for stretch in stretches for unit in stretch])
        own = first[len(everywhere)] if len(first) > len(everywhere) else None
        final = last[len(everywhere)] if own is not None and len(last) > len(everywhere) else None
        if period == 1 and isinstance(units[start], Group):
            final = stretches[-1][0].call  # type: ignore[union-attr]
        ending = "" if final is None else final.name
        plan.repeats.append(Repeat(f"repeat{number}", len(stretches), len(everywhere), ending))
        for turn, stretch in enumerate(stretches):
            for unit, original in zip(stretch, stretches[0], strict=True):
                for node in members(unit):
                    plan.stretch[node] = (number, turn)
                    if turn:
                        plan.home[node] = original
        stand_in_leaves(stretches, plan)
    return plan


def members(unit: Unit) -> list[Node]:
    """The operations of a unit."""
    return unit.members if isinstance(unit, Group) else [unit]


def unit_places(units: Sequence[Unit]) -> dict[Node, int]:
    """Where in the sequence each operation is."""
    return {node: place for place, unit in enumerate(units) for node in members(unit)}


def signatures(units: Sequence[Unit]) -> np.ndarray:
    """A number for what a unit does: the same for the same operations on the same shapes."""
    numbers: dict[Any, int] = {}

    def of_node(node: Node) -> int:
        assert node.primitive is not None
        inputs = tuple([p.shape if isinstance(p, Node) else None for p in node.parents])
        what = (node.primitive.name, node.shape, node.dtype, tuple(node.params), inputs)
        return numbers.setdefault(what, len(numbers))

    def of_unit(unit: Unit) -> int:
        if isinstance(unit, Node):
            return of_node(unit)
        what = (unit.call.kind if unit.call else "", *[of_node(node) for node in unit.members])
        return numbers.setdefault(what, len(numbers))

    return np.array([of_unit(unit) for unit in units], dtype=np.int64)


def parent_places(units: Sequence[Unit], places: dict[Node, int]) -> list[tuple[int, ...]]:
    """For each unit where its operands come from; −1 for leaves."""
    return [
        tuple([places.get(p, -1) for node in members(unit) for p in node.parents if isinstance(p, Node)])
        for unit in units
    ]


def prefix(units: Sequence[Unit]) -> tuple[Call, ...]:
    """The calls that all units are in."""
    scopes = [(*unit.scope,) if isinstance(unit, Group) else scope_of(unit) for unit in units]
    shared = scopes[0]
    for scope in scopes[1:]:
        same = 0
        while same < min(len(shared), len(scope)) and shared[same].number == scope[same].number:
            same += 1
        shared = shared[:same]
    return shared


def aligned(units: Sequence[Unit], start: int, period: int) -> int:
    """Where the stretches begin: within the first one, where a stretch lies in the fewest modules' calls."""
    if period > 400 or not any(map(scope_of, members(units[start]))):
        return start
    best = max(range(period), key=lambda k: (len(prefix(units[start + k : start + k + period])), -k))
    return start + best


def stand_in_leaves(stretches: list[list[Unit]], plan: Plan) -> None:
    """The leaves of later stretches are drawn as the first one's: ``x ×50``."""
    for stretch in stretches[1:]:
        for unit, original in zip(stretch, stretches[0], strict=True):
            for node, first in zip(members(unit), members(original), strict=True):
                for leaf, stands in zip(node.parents, first.parents, strict=True):
                    if (
                        isinstance(leaf, Node) and isinstance(stands, Node) and leaf is not stands
                        and leaf.primitive is None and stands.primitive is None and leaf not in plan.home
                        and leaf not in plan.standing_for
                    ):  # fmt: skip
                        plan.home[leaf] = stands
                        plan.standing_for.setdefault(stands, []).append(leaf)


# ---------------------------------------------------------------------------------------------------------------------
# Too much


def fold_middle(operations: list[Node], plan: Plan, limit: int) -> None:
    """Keep the beginning and the end, and draw all between as one box."""
    drawn = list(dict.fromkeys([plan.home.get(node, node) for node in operations]))
    head, tail = max(limit // 2, 1), max(limit - limit // 2 - 1, 1)
    middle = set(drawn[head : len(drawn) - tail])
    folded = [node for node in operations if plan.home.get(node, node) in middle]
    group = Group("gfold", "fold", folded, (), None)
    for node in folded:
        plan.home[node] = group
        plan.stretch.pop(node, None)
    plan.notes.append(
        f"{labels.quantity(len(folded), 'operation')} of {len(operations):,} are folded into one box (limit={limit})."
    )


def merge_constants(nodes: list[Node], plan: Plan) -> None:
    """One box for an array that is used several times, where a trace shows that it is one."""
    first: dict[int, tuple[Node, Any]] = {}
    for node in nodes:
        for parent, value, array in constants_of(node):
            if parent.name is None:
                stands, held = first.setdefault(id(array), (parent, value))
                if stands is not parent and np.array_equal(held, value):
                    plan.home.setdefault(parent, stands)


def absorb_leaves(nodes: list[Node], plan: Plan) -> None:
    """Parameters, and constants of one entry, that only one box uses go into it."""
    users: dict[Node, set[Any]] = {}
    for node in nodes:
        for parent in node.parents:
            if isinstance(parent, Node) and parent.primitive is None:
                users.setdefault(plan.home.get(parent, parent), set()).add(plan.home.get(node, node))  # type: ignore[arg-type]
    inside = Counter([group.kind for group in plan.home.values() if isinstance(group, Group)])
    if not inside:
        return
    for leaf, homes in users.items():
        (home, *others) = homes
        if others or not isinstance(home, Group) or not isinstance(leaf, Node):
            continue
        small = isinstance(leaf, Constant) and leaf.shape == ()
        if is_parameter(leaf) or small or home.kind == "fold":
            plan.home[leaf] = home
    for leaf, stands in list(plan.home.items()):
        if isinstance(stands, Node) and isinstance(plan.home.get(stands), Group):
            plan.home[leaf] = plan.home[stands]
