"""A graph of single numbers, as micrograd's demo builds it: two moons, a 2-16-16-1 MLP, SVM max-margin loss, L2.

Once as it runs, and once with Python's garbage collector off and its work not timed: micrograd's graphs are cycles, and
most of its time goes into collecting them.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Any

import numpy as np

from ..contest import Build, Contest, Race, against

TITLE = "Scalar graph of micrograd's demo, forward and backward, per node"

POINTS = 20
WIDTHS = (2, 16, 16, 1)


def races() -> list[Race]:
    cases = {"as it runs": f"MLP of scalars ×{POINTS}", "collector off": "collector off"}
    return [
        Race(f"scalars: {case}", against("scalars", case, what, {"micrograd": 2.5}), tolerance=1e-9)
        for case, what in cases.items()
    ]


def moons() -> tuple[list[list[float]], list[float]]:
    """Points on two half circles, and which of them, as ±1."""
    angles = np.linspace(0, np.pi, POINTS // 2)
    upper = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = np.concatenate([upper, [1, 0.5] - upper]) + np.random.default_rng(0).normal(0, 0.1, (POINTS, 2))
    return points.tolist(), [1.0] * (POINTS // 2) + [-1.0] * (POINTS // 2)


def initial() -> list[list[list[float]]]:
    """For each layer, for each neuron, its weights and its bias."""
    rng = np.random.default_rng(0)
    return [[[*rng.uniform(-1, 1, m).tolist(), 0.0] for _ in range(n)] for m, n in pairwise(WIDTHS)]


def loss_of(
    layers: list[list[list[Any]]], inputs: list[list[Any]], signs: list[float], relu: Callable[..., Any]
) -> Any:
    """The demo's loss; ``relu`` and the numbers' own operators are all it uses."""
    scores = []
    for x in inputs:
        for depth, layer in enumerate(layers):
            x = [sum([w * v for w, v in zip(neuron, x, strict=False)], neuron[-1]) for neuron in layer]
            if depth < len(layers) - 1:
                x = [relu(v) for v in x]
        scores.append(x[0])
    losses = [relu(1 + -sign * score) for sign, score in zip(signs, scores, strict=True)]
    squares = [p * p for layer in layers for neuron in layer for p in neuron]
    return reduce(add, losses) * (1 / len(losses)) + 1e-4 * reduce(add, squares)


class Counted:
    """A number that counts the operations made with it: the nodes of the graph, the same for every library."""

    nodes = 0

    def __add__(self, _: Any) -> Counted:
        Counted.nodes += 1
        return self

    __radd__ = __mul__ = __rmul__ = __add__


def contest(
    case: str, number: Callable[[float], Any], parameter: Callable[[float], Any], relu: Callable[..., Any], none: Any
) -> Contest:
    """A contestant, of how it makes numbers and parameters and what clears a gradient."""
    points, signs = moons()
    inputs = [[number(v) for v in point] for point in points]
    layers = [[[parameter(v) for v in neuron] for neuron in layer] for layer in initial()]
    parameters = [p for layer in layers for neuron in layer for p in neuron]

    def step() -> Any:
        for p in parameters:
            p.grad = none
        loss = loss_of(layers, inputs, signs, relu)
        loss.backward()
        return loss.data

    Counted.nodes = 0
    counted = [[[Counted() for _ in neuron] for neuron in layer] for layer in layers]
    loss_of(counted, [[Counted() for _ in point] for point in points], signs, lambda v: v + 0)
    answer = [step(), sum([float(p.grad) * (n % 7) for n, p in enumerate(parameters)])]
    if case == "as it runs":
        return Contest(step, answer, per=Counted.nodes)

    def uncollected() -> float:
        gc.collect()
        start = time.perf_counter()
        step()
        return (time.perf_counter() - start) / Counted.nodes

    gc.disable()
    return Contest(uncollected, answer, measured=True)


def ours(case: str) -> Contest:
    import tinygrad_lite as tl

    return contest(case, tl.tensor, lambda v: tl.tensor(v, requires_grad=True), tl.relu, None)


def micrograd(case: str) -> Contest:
    from micrograd.engine import Value

    sys.setrecursionlimit(10_000)  # it sorts the graph by recursion
    return contest(case, Value, Value, Value.relu, 0)


CONTESTANTS: dict[str, Build] = {"tinygrad_lite": ours, "micrograd": micrograd}
