"""The backward sweep of many cotangents together: the rows of a Jacobian, along an axis before all others.

One sweep calls each rule once for all of them, and a rule that does not take a leading axis once for each (what every
primitive says of its rules is in ``table.leading``). The rest is as in ``sweep``, which has no work for this.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import Any, Final

import numpy as np

from ..table.arrays import CONTINUOUS, zeros_like
from ..table.chosen import ALL_OF_IT, CHOOSERS, Hearing
from ..table.leading import Saved, unbroadcast_each
from ..table.parts import are_steps_movable
from .graph import Node, leading_to, released
from .sweep import PARTS, Lift, can_be_written, carry_choice, in_dtype_of, lifted, past_length, steps_of, wrong_shape
from .watching import check_unchanged, described

MOST: Final = 1 << 25
"""Bytes of the largest array that a sweep makes: of more cotangents than fit there are several sweeps."""


def sweep_together(root: Node, g: Any, targets: Collection[Node], lift: Lift | None = None) -> dict[Node, Any]:
    """Carry K cotangents of one output back to the targets: V ↦ V J for a matrix V.

    Parameters
    ----------
    root : the output
    g : its cotangents, of shape (K, *output's)
    targets : where to stop and what to return
    lift : records the sweep itself

    Returns the gradients for each target reached, of shape (K, *target's).
    """
    count = len(g)
    relevant = leading_to((root,), targets)
    order = sorted([node for node in relevant if node not in targets], key=lambda node: node.age)
    pending = {root: g} if root in relevant else {}
    mine: set[Node] = set()  # whose cotangents are arrays of this sweep's own, to be added into
    chosen: dict[Node, Any] = {}
    for node in order:
        if node not in pending:  # a length of which there is a power alone
            continue
        g = pending.pop(node)
        if node.pulls is None:
            raise released(node)
        check_unchanged(node)
        if lift is not None:
            node = past_length(node, targets, chosen)
        pulls = [pull for pull in (node.pulls or () if lift is None else lifted(node, lift)) if pull[0] in relevant]
        all_heard = not (chosen or node.primitive in CHOOSERS)
        heard = [ALL_OF_IT] * len(pulls) if all_heard else carry_choice(node, pulls, pending, chosen)
        try:
            if lift is None and node.primitive in PARTS and can_be_written(g) and are_steps_movable(steps_of(node)):
                arrivals = PARTS[node.primitive](node, g, pulls, pending, mine, (count,))
            else:
                arrivals = [
                    (parent, pulled_together(node, parent, rule, g, saved, hearing))
                    for (parent, rule, saved), hearing in zip(pulls, heard, strict=True)
                ]
        except Exception as error:
            error.add_note(f"in the derivative of {described(node)}")
            raise
        for parent, d in arrivals:
            pending[parent] = pending[parent] + d if parent in pending else d
    return pending


def pulled_together(node: Node, parent: Node, rule: Any, g: Any, saved: Saved, hearing: Hearing) -> Any:
    """What an input receives of K cotangents, as its shape and dtype ask."""
    primitive = node.primitive
    assert primitive is not None
    place = next(k for k, pull in enumerate(primitive.pulls) if pull.rule is rule)
    way, names = primitive.ways[place], primitive.pulls[place].names
    d = hearing.hear(lambda g, saved: way(rule, names, g, saved), g, saved)
    if d.shape != (len(g), *parent.shape):
        if not primitive.broadcasts:
            raise wrong_shape(d.shape[1:], parent.shape)
        d = unbroadcast_each(d, parent.shape)
    return in_dtype_of(parent, d)


def unit_vectors(x: Any, root: Any, targets: Collection[Node]) -> Iterator[Any]:
    """The unit vectors in the shape of a value, along a leading axis: as many at once as fit into memory.

    Parameters
    ----------
    x : the value
    root, targets : from where they are to be carried, and to where
    """
    if type(root) is not Node:
        return
    nodes = leading_to((root,), targets) | {root}
    largest = max([math.prod(node.shape) * node.dtype.itemsize for node in nodes])
    step = max(MOST // max(largest, 1), 1)
    dtype = x.dtype if x.dtype.kind in CONTINUOUS else np.dtype(float)
    for start in range(0, x.size, step):
        rows = min(step, x.size - start)
        units = np.eye(rows, x.size, start, dtype).reshape((rows, *x.shape))
        yield units if dtype.kind != "O" else zeros_like(x) + units
