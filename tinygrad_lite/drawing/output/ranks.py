"""Which layer each box stands in: below all that it takes from, with the arrows as short as can be.

Source: E. R. Gansner, E. Koutsofios, S. C. North and K.-P. Vo, "A Technique for Drawing Directed Graphs" (IEEE
Transactions on Software Engineering 19, 1993), whose aim is the same; here boxes are moved one after the other, as long
as that shortens arrows, where it solves a linear program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

ROUNDS = 6
"""How often everything is moved."""


def ranks_of(count: int, links: Sequence[tuple[int, int]], beside: Mapping[int, int]) -> list[int]:
    """The layer of each of so many boxes, from 0.

    ``beside`` names for a box another one that it stands level with. Every link goes down, but for those that would
    close a circle: they go up.
    """
    stands = [beside.get(key, key) for key in range(count)]
    down: dict[int, Counter[int]] = {key: Counter() for key in stands}
    for tail, head in links:
        if stands[tail] != stands[head]:
            down[stands[tail]][stands[head]] += 1
    order = {key: k for k, key in enumerate(causal_order(down))}
    up: dict[int, Counter[int]] = {key: Counter() for key in order}
    for tail in order:
        for head, times in list(down[tail].items()):
            if order[head] < order[tail]:
                del down[tail][head]
            else:
                up[head][tail] = times
    first, offset = chained_blocks(list(order), up, down)
    rank = shortened(list(order), up, down, first)
    found = [rank[first[key]] + offset[key] for key in stands]
    layers = {level: k for k, level in enumerate(sorted(set(found)))}
    return [layers[level] for level in found]


def causal_order(down: Mapping[int, Counter[int]]) -> list[int]:
    """The boxes such that links lead to later ones; in a circle the one that is named first comes first."""
    waiting = Counter([head for heads in down.values() for head in heads])
    order: dict[int, None] = {}
    for key in down:
        ready = [key] if not waiting[key] and key not in order else []
        while ready:
            free = ready.pop()
            order[free] = None
            for head in down[free]:
                waiting[head] -= 1
                if not waiting[head] and head not in order:
                    ready.append(head)
    for key in down:  # what is left is in a circle, or behind one
        order.setdefault(key)
    return list(order)


def chained_blocks(
    order: list[int], up: Mapping[int, Counter[int]], down: Mapping[int, Counter[int]]
) -> tuple[dict[int, int], dict[int, int]]:
    """Each one's block, by its first, and its place there.

    What has one link on, and is the only one with a link there, moves together with that.
    """
    first: dict[int, int] = {}
    offset: dict[int, int] = {}
    for key in order:
        first[key], offset[key] = key, 0
        for before in up[key]:
            if len(up[key]) == len(down[before]) == 1:
                first[key], offset[key] = first[before], offset[before] + 1
    return first, offset


def shortened(
    order: list[int], up: Mapping[int, Counter[int]], down: Mapping[int, Counter[int]], first: Mapping[int, int]
) -> dict[int, int]:
    """The layer in which each block begins."""
    length = Counter(first.values())
    last = {first[key]: key for key in order}
    blocks = list(last)
    above = {block: [(first[tail], times) for tail, times in up[block].items()] for block in blocks}
    below = {block: [(first[head], times) for head, times in down[last[block]].items()] for block in blocks}
    free: set[int] = set()  # what moves along with the only one that it is for
    rank: dict[int, int] = {}
    for block in blocks:
        rank[block] = max([rank[tail] + length[tail] for tail, _ in above[block]], default=0)
        if len(below[block]) == 1 and all(tail in free for tail, _ in above[block]):
            free.add(block)
    pulls = {
        block: sum([times for _, times in below[block]]) - sum([n for tail, n in above[block] if tail not in free])
        for block in blocks
    }
    for _ in range(ROUNDS):
        before = dict(rank)
        for block in reversed(blocks):
            if below[block] and (pulls[block] > 0 or block in free):
                rank[block] = min([rank[head] for head, _ in below[block]]) - length[block]
        for block in blocks:
            held = [rank[tail] + length[tail] for tail, _ in above[block] if tail not in free]
            if held and pulls[block] < 0:
                rank[block] = max(held)
                follow(block, rank, above, length, free)
        if rank == before:
            break
    return rank


def follow(
    block: int,
    rank: dict[int, int],
    above: Mapping[int, list[tuple[int, int]]],
    length: Mapping[int, int],
    free: set[int],
) -> None:
    """What moves along with a block is moved to it."""
    moved = [block]
    while moved:
        head = moved.pop()
        for tail, _ in above[head]:
            if tail in free:
                rank[tail] = rank[head] - length[tail]
                moved.append(tail)
