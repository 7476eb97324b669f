"""Mistaken sums and factors: terms left out or off by a number, means, broadcasts, axes, loops, writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any, Final

import numpy as np

from ...engine.graph import Node
from ...table.elementwise import add, arccos, cos, divide, multiply, negative, power, reciprocal, square, subtract
from ...table.indexing import getitem_p
from ...table.parts import write_p
from ...table.products import matmul
from ...table.reductions import count, mean_p, sum_p
from .backward import Backward, Fault, Pullback
from .mistakes import (
    Candidate,
    InWords,
    Mistake,
    Named,
    Scaling,
    all_faults,
    fault_at,
    same_factor,
    scaled_node,
    scaled_path,
)
from .operands import Origin
from .wording import Wording, short_number

# ---------------------------------------------------------------------------------------------------------------------
# Factors that belong to one operation


def in_factors(backward: Backward, k: int, names: Wording) -> Iterator[Candidate]:
    """1/N, 2, ½ and −1 where they belong to one operation."""
    table = [*reduction_factors(backward, k), *constant_factors(backward, k), *power_factors(backward, k, names)]
    if backward.nodes[k].primitive in TURNING:
        text = f"the minus sign of the derivative of {names.node(k)} is missing"
        table.append((-1.0, Named("sign", text, 2.95)))
    if not table:
        return

    def named(factor: float, in_words: InWords) -> Named | None:  # noqa: ARG001 (a Scaling's)
        return next((name for known, name in table if same_factor(known, factor)), None)

    rank = min([name.rank for _, name in table])
    usual = [factor for factor, name in table if name.kind != "sign"]
    yield Scaling(rank, lambda factor: scaled_node(k, factor), named, tuple(usual))


TURNING: Final = frozenset({negative, cos, arccos, reciprocal})
"""Functions of one argument with a minus in their derivative."""

Table = Iterator[tuple[float, Named]]
"""Of factors, what to call a gradient that is multiplied by them."""


def reduction_factors(backward: Backward, k: int) -> Table:
    """A mean's 1/N, and that of a mean for a sum."""
    node = backward.nodes[k]
    if node.primitive not in (mean_p, sum_p):
        return
    (x,) = node.kept.inputs
    axes = node.params["axis"]
    n = count(x.shape, axes)
    if node.primitive is mean_p and n > 1:
        yield n, Named("mean", f"the division by {n} of the mean is missing", 1.0)
    for size in {n, *[x.shape[axis] for axis in axes]} - {0, 1}:
        if node.primitive is mean_p and size != n:
            yield size, Named("mean", f"the mean divides by {n}, the claim by {n // size} only", 1.2)
        elif node.primitive is sum_p:
            text = f"divided by {size}, as a mean is, where the function takes a sum"
            yield 1 / size, Named("mean", text, 1.1 if size > 2 else 3.5)  # ½ has other reasons, too


def constant_factors(backward: Backward, k: int) -> Table:
    """A number that multiplies or divides, left out."""
    node, sources = backward.nodes[k], backward.sources[k]
    if node.primitive not in (multiply, divide) or len(backward.parents[k]) != 1:
        return
    constants = [x for x, source in zip(node.kept.inputs, sources, strict=True) if source is None]
    if len(constants) != 1 or np.size(constants[0]) != 1 or np.asarray(constants[0]).item() in (0, 1):
        return
    c = float(np.asarray(constants[0]).item())
    if node.primitive is divide and sources[0] is not None:
        whole = c > 1 and c.is_integer()
        text = f"the division by {short_number(c)} is missing"
        yield c, Named("mean" if whole else "factor", text, 1.0 if whole else 3.0)
    elif node.primitive is multiply:
        yield 1 / c, Named("factor", f"the factor {short_number(c)} is missing", 3.0)


def power_factors(backward: Backward, k: int, names: Wording) -> Table:
    """The exponent that becomes a factor."""
    node, sources = backward.nodes[k], backward.sources[k]
    n = 1.0
    if node.primitive is square or (node.primitive is multiply and sources[0] == sources[1]):
        n = 2.0
    elif node.primitive is power and sources[1] is None and np.size(node.kept.inputs[1]) == 1:
        n = float(np.asarray(node.kept.inputs[1]).item())
    if n not in (0, 1):
        text = f"the factor {short_number(n)} of the derivative of {names.node(k)} is missing"
        yield 1 / n, Named("factor", text, 3.0)


# ---------------------------------------------------------------------------------------------------------------------
# Paths


def in_paths(backward: Backward, names: Wording) -> Iterator[Candidate]:
    """One of several terms left out, with the wrong sign, or off by a factor; at one operation, or at all alike."""
    alike: dict[Any, list[tuple[int, int]]] = {}
    for k in range(1, len(backward.nodes)):
        for p in backward.parents[k]:
            if len(backward.parents[k]) > 1 or len(backward.users[p]) > 1:
                yield Scaling(2.9, path_scaled(k, p), named_path(backward, k, p, names), (0.0, -1.0))
            if p and backward.nodes[k].primitive is matmul:
                i = backward.sources[k].index(p)
                alike.setdefault((i, Origin.of(backward, k, 1 - i).key), []).append((k, p))
    for (i, key), paths in alike.items():
        if len(paths) > 1:
            name = (names.expression(key) if isinstance(key, Node) else None) or "W"
            there = f"every product {f'u @ {name}' if i == 0 else f'{name} @ u'}"

            def named(factor: float, in_words: InWords, there: str = there) -> Named | None:
                return named_term(factor, in_words, "u", there, 1.95)

            yield Scaling(1.95, paths_scaled(paths), named)


def path_scaled(k: int, p: int) -> Callable[[float], Callable[[Backward], Fault]]:
    """One path's fault by the factor."""
    return lambda factor: scaled_path(k, p, factor)


def paths_scaled(paths: list[tuple[int, int]]) -> Callable[[float], Callable[[Backward], Fault]]:
    """The fault of several paths."""
    return lambda factor: all_faults([scaled_path(k, p, factor) for k, p in paths])


def named_path(backward: Backward, k: int, p: int, names: Wording) -> Callable[[float, InWords], Named | None]:
    """What to call a path that is multiplied."""
    node, parent = backward.nodes[k], backward.nodes[p]

    def named(factor: float, in_words: InWords) -> Named | None:
        source, there = names.source(p), names.node(k)
        if factor == 0 and node.primitive is add and parent.primitive is add and is_loop(backward, p):
            text = f"only the last term of a sum counts, {there}: it is overwritten at every step instead of added to"
            return Named("sum", text, 2.85)
        n = int(np.prod(node.shape)) // max(int(np.prod(parent.shape)), 1)
        if node.primitive in BROADCASTING and n > 1 and same_factor(factor, 1 / n):
            text = (
                f"the sum over a broadcast is missing: {source}, of shape {parent.shape}, counts {n} times in {there}"
            )
            return Named("sum", text, 2.85)
        return named_term(factor, in_words, source, there, 2.9)

    return named


BROADCASTING: Final = frozenset({add, subtract, multiply, divide})


def is_loop(backward: Backward, p: int) -> bool:
    """Whether a sum is of sums again: as of a loop that adds up."""
    return any(backward.nodes[j].primitive is add for j in backward.parents[p]) or len(backward.parents[p]) > 1


def named_term(factor: float, in_words: InWords, source: str, there: str, rank: float) -> Named | None:
    """What to call a term that is multiplied."""
    if factor == 0:
        return Named("term", f"a term is missing: {source} was treated as a constant in {there}", rank)
    if same_factor(factor, -1):
        return Named("sign", f"the sign of one term is wrong: of that by way of {source} in {there}", rank + 1.1)
    words = in_words(factor)
    if words is None and not 1 / LARGEST_FACTOR < abs(factor) < LARGEST_FACTOR:
        return None
    text = f"one term is off by a factor: that by way of {source} in {there} is multiplied by "
    return Named("factor", text + (words or f"{factor:.6g}"), rank + (1.2 if words else 3.5))


LARGEST_FACTOR = 1e4
"""Of terms: one that is off by more is not off by a factor."""


# ---------------------------------------------------------------------------------------------------------------------
# Sums over axes, samples, broadcasts


def in_sums(backward: Backward, k: int, names: Wording) -> Iterator[Candidate]:
    """One sample where all should be summed; a sum over the wrong axis."""
    node, sources = backward.nodes[k], backward.sources[k]
    if node.primitive in (sum_p, mean_p):
        (x,) = node.kept.inputs
        for axis in node.params["axis"]:
            if x.ndim and x.shape[axis] > 1:
                yield from only_entries(k, None, axis, x.shape[axis], names)
    if node.primitive is matmul:
        for i, axis in ((1, 0), (0, -1)):
            other = node.kept.inputs[1 - i]
            if sources[i] is not None and node.shape and other.ndim == 2 and node.shape[axis] == other.shape[axis]:
                yield from only_entries(k, i, axis % len(node.shape), node.shape[axis], names)
    if node.primitive is not None and (node.primitive.broadcasts or node.primitive in (sum_p, mean_p)):
        yield from over_wrong_axis(backward, k, names)


def only_entries(k: int, i: int | None, axis: int, n: int, names: Wording) -> Iterator[Mistake]:
    """Only the first, or the last, sample's contribution: of a sum, or of a product for one of its factors."""
    for sample in (0, n - 1):
        text = f"the sum over the batch is missing: only entry {sample} of axis {axis} is counted in {names.node(k)}"
        if sample:
            text += ", as where a sum is overwritten in a loop instead of added to"
        rank = 3.0 + 0.1 * axis
        yield Mistake("sum", text, rank, only_sample(k, i, axis, sample))
        if i is not None:
            more = f"{text}; and it is not divided by {n}"
            yield Mistake("sum", more, rank + 0.2, only_sample(k, i, axis, sample, float(n)))


def only_sample(k: int, i: int | None, axis: int, sample: int, factor: float = 1.0) -> Callable[[Backward], Fault]:
    """A node whose gradient counts for one factor in one entry of an axis alone; or, a sum's, reaches that alone."""

    def chosen(d: Any) -> Any:
        mask = np.zeros(d.shape)
        mask[(slice(None),) * axis + (sample,)] = factor
        return d * mask

    def pull(backward: Backward) -> Pullback:
        if i is None:
            return lambda g: [(p, chosen(d)) for p, d in backward.pull(k, g)]
        ((rule, saved),) = [(rule, saved) for place, _, rule, saved in backward.rules[k] if place == i]
        return lambda g: backward.pull(k, g, {i: lambda g: rule(chosen(g), *saved)})

    return fault_at(k, pull)


def over_wrong_axis(backward: Backward, k: int, names: Wording) -> Iterator[Candidate]:
    """The sum of a broadcast operand's gradient, or the spreading of a sum's, along another axis of the same length."""
    node = backward.nodes[k]
    for i, p, rule, saved in backward.rules[k]:
        parent = backward.nodes[p]
        spread = node.primitive in (sum_p, mean_p)
        large, small = (parent.shape, node.shape) if spread else (node.shape, parent.shape)
        if not (spread or (node.primitive is not None and node.primitive.elementwise)) or large == small or not small:
            continue
        for one, other in combinations(range(len(large)), 2):
            if large[one] != large[other] or large[one] < 2:
                continue

            def turned(g: Any, rule: Any = rule, saved: Any = saved, axes: tuple[int, int] = (one, other)) -> Any:
                return np.swapaxes(rule(g, *saved), *axes)

            what = "spread" if spread else "summed"
            text = (
                f"the gradient of {names.source(p)} is {what} over the wrong axis in the derivative of {names.node(k)}"
            )
            yield Mistake("axis", text, 2.8, with_rule(k, i, turned))


def with_rule(k: int, i: int, rule: Callable[[Any], Any]) -> Callable[[Backward], Fault]:
    """A node one of whose inputs has another rule."""

    def pull(backward: Backward) -> Pullback:
        return lambda g: backward.pull(k, g, {i: rule})

    return fault_at(k, pull)


# ---------------------------------------------------------------------------------------------------------------------
# Reads and writes


def in_reads(backward: Backward, k: int, names: Wording) -> Iterator[Candidate]:
    """Entries that are read several times, of which one gradient only arrives."""
    node = backward.nodes[k]
    if node.primitive is not getitem_p or not isinstance(node.params["index"], (np.ndarray, tuple)):
        return

    def pull(backward: Backward) -> Pullback:
        index, shape = backward.nodes[k].params["index"], backward.nodes[k].kept.inputs[0].shape

        def written(g: Any) -> Any:
            d = np.zeros(shape)
            d[index] = g
            return d

        return lambda g: backward.pull(k, g, {0: written})

    text = f"the gradient of {names.node(k)} is written to the entries that were read, d[i] = g, where it must be added"
    yield Mistake("sum", f"{text}: some were read more than once", 2.6, fault_at(k, pull))


def in_writes(backward: Backward, k: int, names: Wording) -> Iterator[Candidate]:
    """What a write replaced, counted as if it were still there."""
    before = backward.sources[k][0] if backward.nodes[k].primitive is write_p else None
    if before is not None:

        def pull(backward: Backward) -> Pullback:
            return lambda g: [(source, g if source == before else d) for source, d in backward.pull(k, g)]

        text = f"what was overwritten still counts: {names.node(k)} did not take it out of the array's derivative"
        yield Mistake("write", text, 2.5, fault_at(k, pull))
