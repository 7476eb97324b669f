"""The backward sweep: cotangents carried from outputs to leaves.

Nothing here knows Tensor: cotangents are NumPy arrays or, when the sweep itself is to be recorded, whatever ``lift``
wraps them in.
"""

from __future__ import annotations

from _thread import allocate_lock  # threading itself takes a millisecond to import
from collections.abc import Callable, Collection, Iterable, Mapping
from heapq import heapify, heappop, heappush
from sys import getrefcount
from typing import Any, Final, TypeVar

import numpy as np

from ..table.arrays import as_numbers, sum_over, unbroadcast
from ..table.chosen import ALL_OF_IT, CHOOSERS, Hearing, chosen_by_either, chosen_entries_of
from ..table.complexes import conjugate
from ..table.ducks import DuckArray, handed_back
from ..table.indexing import getitem_p
from ..table.leading import permuted_further
from ..table.lengths import POWERS_OF, TAKING_POWERS, power_at_0
from ..table.parts import (
    Steps,
    add_at,
    add_into,
    assign,
    copied_part,
    copy_laid_out,
    indices_in,
    reachable,
    read_only_view,
    read_p,
    steps_further,
    write_p,
    written,
    written_each,
    zeros_laid_out,
)
from ..table.primitive import Primitive, Rule
from ..table.sharing import lifted_beside
from .graph import Node, Pulls, leading_to, released, saved_by_name, vertex
from .hooks import HOOKED
from .recording import deriving, set_recording
from .watching import Detection, check_derivative, check_unchanged, described

Lift = Callable[[Any, "Node | None"], Any]
"""Attaches a saved value to its node again, so that what is computed from it is recorded; a constant to None."""


def sweep(
    cotangents: Mapping[Node, Any],
    targets: Collection[Node] | None = None,
    lift: Lift | None = None,
    release: bool = False,
    relevant: Collection[Node] | None = None,
    visit: Callable[[Node, Any], None] | None = None,
) -> dict[Node, Any]:
    """Carry cotangents from outputs back to leaves: reverse-mode differentiation, ``v ↦ Jᵀv``.

    Iterative. Nodes are visited from the newest to the oldest, so that each is visited once, after all its uses.

    Parameters
    ----------
    cotangents : for each output its cotangent, of the output's shape and dtype
    targets : where to stop and what to return; by default every leaf. Edges that lead to no target are not followed
    lift : records the sweep itself, for derivatives of derivatives
    release : drop what each node saved as soon as it is used
    relevant : what :func:`leading_to` found for these targets, if the caller sweeps more than once
    visit : called with each operation's node and its whole cotangent

    Returns
    -------
    The gradient for each target reached; whose hooks are not called here, for it may be a part of the whole.
    """
    stop: Collection[Node] = () if targets is None else targets
    if targets is not None and relevant is None:
        relevant = leading_to(cotangents, targets)
    pending = {node: g for node, g in cotangents.items() if relevant is None or node in relevant}
    frontier = [(node.age, node) for node in pending if node.primitive is not None and node not in stop]
    heapify(frontier)
    mine: set[Node] = set()  # whose cotangents are arrays of this sweep's own, to be added into
    chosen: dict[Node, Any] = {}  # of cotangents that are 0 where a choice fell on another branch: where they are not
    while frontier:
        node = heappop(frontier)[1]
        g = pending.pop(node)
        pulls = node.pulls
        if pulls is None:
            raise released(node)
        if node.watched is not None:
            check_unchanged(node)
            g = after_hooks(node, g, lift, mine)
        if visit is not None:
            visit(node, g.copy() if node in mine else g)
        if type(g) is DuckArray:
            g.kind.arrived(node.shape, g.held)
        try:
            if lift is not None:
                node = past_length(node, stop, chosen)
                pulls = lifted(node, lift)
            if relevant is not None:
                pulls = [pull for pull in pulls if pull[0] in relevant]
            if chosen or node.primitive in APART:
                if chosen or node.primitive in CHOOSERS:
                    heard = carry_choice(node, pulls, pending, chosen)
                    pulls = [(parent, h.of(rule), saved) for (parent, rule, saved), h in zip(pulls, heard, strict=True)]
                if lift is None and (back := PARTS.get(node.primitive)) is not None and can_be_written(g):
                    for parent, d in back(node, g, pulls, pending, mine):
                        if parent in pending:
                            pending[parent] = pending[parent] + d
                        else:
                            pending[parent] = d
                            if parent.primitive is not None and parent not in stop:
                                heappush(frontier, (parent.age, parent))
                    pulls = ()
            if node.watched is not None and type(node.watched) is Detection:
                pulls = examined(node, pulls)
            for parent, rule, saved in pulls:
                d = rule(g, *saved)
                if d.shape != parent.shape or d.dtype is not parent.dtype:
                    d = fitted(d, node, parent)
                if parent in pending:
                    pending[parent] = pending[parent] + d
                else:
                    pending[parent] = d
                    if parent.primitive is not None and parent not in stop:
                        heappush(frontier, (parent.age, parent))
        except Exception as error:
            error.add_note(f"in the derivative of {described(node)}")
            raise
        if release:
            node.pulls = node.watched = None
    for node, g in pending.items():  # what is never visited: the targets
        if type(g) is DuckArray:
            g.kind.arrived(node.shape, g.held)
    return pending


def past_length(node: Node, stop: Collection[Node], chosen: dict[Node, Any]) -> Node:
    """A power of a length that is 0 as one operation; any other node as it is. See ``table.lengths``."""
    outer, pulls = node.primitive, node.pulls
    if outer not in TAKING_POWERS or node.dtype.kind != "f" or not pulls:
        return node
    length = pulls[0][0]
    inner = length.primitive
    if inner not in POWERS_OF or length.pulls is None or length in stop or length in HOOKED:
        return node
    check_unchanged(length)
    one = power_at_0(outer, pulls, inner, saved_by_name(length), length.params)
    if one is None:
        return node
    new = vertex(one[0], length.parents, *one[1:], node.shape, node.dtype)
    new.watched = node.watched
    if node in chosen:
        chosen[new] = chosen.pop(node)
    return new


def carry_choice(node: Node, pulls: Pulls, pending: Collection[Node], chosen: dict[Node, Any]) -> list[Hearing]:
    """Carry the mask of a node's chosen entries on to its inputs; returns what is to be heard of each rule."""
    primitive, mask = node.primitive, chosen.pop(node, None)
    assert primitive is not None
    heard = []
    masks: dict[Node, Any] = {}
    for pull in pulls:
        own, hearing = None, ALL_OF_IT
        if node.dtype.kind != "O":
            own, hearing = chosen_entries_of(primitive, node.params, node.shape, pull, mask)
        heard.append(hearing)
        masks[pull[0]] = chosen_by_either(masks[pull[0]], own) if pull[0] in masks else own
    for parent, own in masks.items():
        former = chosen.pop(parent, None)
        own = chosen_by_either(former, own) if parent in pending else own
        if own is not None:
            chosen[parent] = own
    return heard


def after_hooks(node: Node, g: Any, lift: Lift | None, mine: set[Node]) -> Any:
    """A node's whole cotangent, or what its hooks gave in its place."""
    hooks = [*getattr(node.watched, "hooks", {}).values()]
    if hooks:
        mine.discard(node)  # what a hook has seen, or given, is not written to
    for hook in hooks:
        name = getattr(hook, "__qualname__", repr(hook))
        try:
            with set_recording(lift is not None):
                given = hook(handed_back(read_only_view(conjugate(g))))
                if given is None:
                    continue
                new = given if hasattr(type(given), "__record__") else as_numbers(given)[()]
                if isinstance(given, (int, float)):
                    new = new.astype(node.dtype)
                if new.shape != node.shape or new.dtype != node.dtype:
                    raise ValueError(
                        f"register_hook: the hook {name} gave {new.dtype}{list(new.shape)} in place of a gradient "
                        f"{node.dtype}{list(node.shape)}; it gives one of that dtype and shape, or None to keep it"
                    )
                if lift is None:
                    new = as_numbers(new)[()]
                elif new is not given:
                    new = lift(new, None)
                g = conjugate(new)
        except Exception as error:
            error.add_note(f"in the hook {name} on {described(node)}")
            raise
    return g


def after_hooks_of(found: dict[Node, Any], lift: Lift | None = None) -> dict[Node, Any]:
    """What a sweep has found, after the hooks of the nodes where it stopped."""
    for node in [node for node in found if node in HOOKED] if HOOKED else ():
        found[node] = after_hooks(node, found[node], lift, set())
    return found


def examined(node: Node, pulls: Pulls) -> Pulls:
    """The pulls of a node under ``detect_anomaly``, each with a look at what its rule gives."""

    def looking(parent: Node, rule: Rule) -> Rule:
        def looked_at(g: Any, *saved: Any) -> Any:
            with deriving(node):
                d = fitted(rule(g, *saved), node, parent)
            check_derivative(node, g, d, node.watched.checks)
            return d

        return looked_at

    return [(parent, looking(parent, rule), saved) for parent, rule, saved in pulls]


Arrivals = list[tuple[Node, Any]]


def can_be_written(g: Any) -> bool:
    """Whether a cotangent can be added into in place: not symbols, nor what lives elsewhere."""
    return g.dtype.kind != "O" and (type(g) is not DuckArray or g.kind.writable)


def steps_of(node: Node) -> Steps:
    """The steps to the part of an array that a node reads or writes."""
    return ((getitem_p, node.params),) if node.primitive is getitem_p else node.params["steps"]


def back_from_reading(
    node: Node, g: Any, pulls: Pulls, pending: dict[Node, Any], mine: set[Node], many: tuple[int, ...] = ()
) -> Arrivals:
    """What was read of an array: added into its cotangent in place, so that n reads of entries cost n additions."""
    ((parent, rule, saved),) = pulls
    if not parent.shape and not many:
        return [(parent, fitted(rule(g, *saved), node, parent))]
    whole = pending.get(parent)
    if whole is not None and node.primitive is getitem_p and parent in mine and not many:  # its second read, and so on
        add_at(whole, node.params["index"], g)
        return []
    steps, order = steps_of(node), node.params.get("order")
    if many:
        steps, order = steps_further(steps, *many), permuted_further(order)
    if whole is None:
        mine.add(parent)
        whole = zeros_laid_out((*many, *parent.shape), parent.dtype, order, g)
        add_into(whole, steps, g)
        return [(parent, whole)]
    if parent not in mine or not reachable(whole, steps, order) or (type(g) is DuckArray and type(whole) is np.ndarray):
        mine.add(parent)
        pending[parent] = whole = copy_laid_out(lifted_beside(whole, g), order)
    add_into(whole, steps, g)
    return []


def back_from_writing(
    node: Node, g: Any, pulls: Pulls, pending: dict[Node, Any], mine: set[Node], many: tuple[int, ...] = ()
) -> Arrivals:
    """What was written takes its part out of the cotangent, and the array before takes over the rest."""
    steps, order = node.params["steps"], node.params["order"]
    if many:
        steps, order = steps_further(steps, *many), permuted_further(order)
    if node not in mine or not reachable(g, steps, order):
        g = copy_laid_out(lifted_beside(g, *indices_in(steps)), order)
    arrivals = []
    (of_former, _, _), (of_written, _, _) = write_p.pulls
    if pulls[-1][1] is of_written:
        parent = pulls[-1][0]
        part, kept = copied_part(g, steps), node.params["kept"]
        d = written_each(part, parent.shape, kept) if many else written(part, parent.shape, kept)
        arrivals.append((parent, in_dtype_of(parent, d) if many else fitted(d, node, parent)))
    if pulls[0][1] is of_former:
        parent = pulls[0][0]
        assign(g, steps, 0)
        if parent not in pending:
            mine.add(parent)
        arrivals.append((parent, g))
    return arrivals


PARTS: Final[dict[Primitive | None, Callable[..., Arrivals]]] = {
    getitem_p: back_from_reading,
    read_p: back_from_reading,
    write_p: back_from_writing,
}
"""How to go back through what reads or writes a part of an array, in place."""

APART: Final = CHOOSERS | PARTS.keys()
"""Operations that the sweep does not go back through by their rules alone."""


V = TypeVar("V")


def carried_back(
    order: Iterable[V], seeds: Mapping[V, Any], pull: Callable[[V, Any], Iterable[tuple[V, Any]]]
) -> dict[V, Any]:
    """The sweep in its plainest form, for whoever goes backward through other things than arrays, or slowly.

    Parameters
    ----------
    order : the operations, each after all that use it
    seeds : for each output its cotangent
    pull : for an operation and its cotangent, pairs of an input and what it receives

    Returns what has arrived where nothing was pulled from: at the leaves.
    """
    pending = dict(seeds)
    for node in order:
        if node in pending:
            for parent, d in pull(node, pending.pop(node)):
                pending[parent] = pending[parent] + d if parent in pending else d
    return pending


def lifted(node: Node, lift: Lift) -> Pulls:
    """The node's pulls with each saved value attached to the node it came from, or computed again."""
    primitive = node.primitive
    assert primitive is not None

    def attach(value: Any, origin: Any) -> Any:
        return lift(value, origin) if type(origin) is Node else value

    def attached(name: str, value: Any) -> Any:
        if name == "y":
            return lift(value, node)
        if name not in primitive.inputs:
            return value
        if primitive.variadic:
            return tuple([attach(v, parent) for v, parent in zip(value, node.parents, strict=True)])
        return attach(value, node.parents[primitive.inputs.index(name)])

    by_rule = {pull.rule: pull for pull in primitive.pulls}
    found = []
    for parent, rule, saved in saved_by_name(node):
        known = {name: attached(name, value) for name, value in saved.items()}
        found.append((parent, rule, primitive.asked(by_rule[rule], known.__getitem__)))
    return found


def fitted(d: Any, node: Node, parent: Node) -> Any:
    """A gradient as its input's shape and dtype ask: summed where the input was broadcast, and cast.

    A real input of complex numbers takes the real part: the transpose of reading a number as a complex one.

    Raises ValueError where a rule is wrong.
    """
    shape = parent.shape
    if d.shape != shape:
        if node.primitive is None or not node.primitive.broadcasts:
            raise wrong_shape(d.shape, shape)
        # a bias added to a batch of rows: by far the most frequent case
        d = sum_over(d, 0) if d.shape[1:] == shape and type(d) is np.ndarray else unbroadcast(d, shape)
    return d if d.dtype is parent.dtype else in_dtype_of(parent, d)


def in_dtype_of(parent: Node, d: Any) -> Any:
    """A gradient cast as its input asks; symbols as they are."""
    if d.dtype != parent.dtype and d.dtype != object and parent.dtype != object:
        if d.dtype.kind == "c" != parent.dtype.kind:
            d = d.real
        d = d.astype(parent.dtype)
    return d


def wrong_shape(got: tuple[int, ...], shape: tuple[int, ...]) -> ValueError:
    """The error for a rule whose gradient is not of its input's shape."""
    return ValueError(
        f"its rule gave shape {got} for an input of shape {shape}: the rule is wrong, "
        "or the inputs broadcast and the primitive does not say so (broadcasts=True)"
    )


def keep_gradient(node: Node, g: Any) -> None:
    """What a backward pass through a trace does at each operation: leave its gradient for drawing."""
    if hasattr(g, "ndim"):  # an array or a number, not several of them
        g = conjugate(g)
        node.grad = g if node.grad is None else node.grad + g


def accumulate(gradients: dict[Node, Any]) -> None:
    """Add gradients to their leaves' ``grad``; empties the dict.

    ``grad`` must be an array that nothing else writes to, yet a rule may return its cotangent, a saved value, a view or
    a read-only broadcast. References tell: what nobody else holds is fresh and is taken as it is, all else is copied.
    """
    with accumulating:
        while gradients:
            node, g = gradients.popitem()
            g = conjugate(g)
            if node.grad is not None:
                node.grad = handed_back(as_numbers(node.grad + g))
            elif (
                type(g) is np.ndarray
                and getrefcount(g) <= FRESH
                and ((base := g.base) is None or (g.flags.writeable and nobody_views(base)))
            ):
                node.grad = g
            else:
                node.grad = g.held if type(g) is DuckArray else np.array(g)


accumulating: Final = allocate_lock()
"""Threads may go backward to the same leaves at once."""


def nobody_views(base: Any) -> bool:
    """Whether only one array refers to this base: then it is a fresh result, transposed or reshaped by a rule."""
    return type(base) is np.ndarray and base.base is None and base.flags.writeable and getrefcount(base) <= FRESH_BASE


def count_fresh() -> tuple[int, int]:
    """What getrefcount says of fresh objects in the two places above: it differs between Python versions."""

    def held(gradients: dict[None, Any]) -> int:
        _, g = gradients.popitem()
        return getrefcount(g)

    def viewed(g: Any) -> int:
        return nobody(base) if (base := g.base) is not None else 0

    def nobody(base: Any) -> int:
        return getrefcount(base)

    return held({None: np.empty(2)}), viewed(np.empty(2)[:1])


FRESH, FRESH_BASE = count_fresh()
