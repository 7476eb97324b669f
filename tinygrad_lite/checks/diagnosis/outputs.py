"""A factor y too many, where y is the softmax or the logistic function of z: (y − t) ⊙ y for cross-entropy's y − t."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from ...table.elementwise import logaddexp
from ...table.entropies import cross_entropy_of_labels_p, cross_entropy_p
from ...table.neural import sigmoid, softmax
from .backward import Backward
from .mistakes import Candidate, Mistake, fault_at
from .wording import Wording

FACTORS: Final[tuple[tuple[str, Callable[[Any], Any]], ...]] = (
    ("y", lambda y: y),
    ("1 − y", lambda y: 1 - y),
    ("y(1 − y)", lambda y: y * (1 - y)),
)
"""What people multiply by once too often: the output, or a derivative that cancels against the loss's."""

RANK: Final = 2.9
"""After the mistakes that have a simpler name, before those that are made anywhere."""


class OutputFunction(NamedTuple):
    """A function of z whose value y the derivative by z is written with."""

    text: str
    function: Callable[[Any], Any]


def said_of(factor: str, z: str, output: OutputFunction) -> str:
    """The mistake in a clause."""
    return f"a factor {factor} too many in the derivative by {z}, with y = {output.text.format(z)}"


def in_outputs(backward: Backward, names: Wording) -> Iterator[Candidate]:
    """What arrives at z, multiplied by y once too often."""
    for k, output in outputs_of(backward, names):
        if backward.nodes[k].primitive is None:
            continue
        rank = RANK + k / 1e4  # z itself, before z − max z
        for factor, value in FACTORS:
            said = said_of(factor, names.source(k), output)
            yield Mistake(
                "extra factor", said, rank, fault_at(k, partial(times_output, k=k, y=output.function, of=value))
            )


def times_output(backward: Backward, k: int, y: Callable[[Any], Any], of: Callable[[Any], Any]) -> Any:
    """A node's pull of what arrives times a function of y."""
    factor = of(y(backward.values[k]))
    return lambda g: backward.pull(k, g * factor)


def outputs_of(backward: Backward, names: Wording) -> Iterator[tuple[int, OutputFunction]]:
    """The nodes that a softmax, a logistic function or a loss that has one within is computed of."""
    found: dict[tuple[int, str], tuple[int, OutputFunction]] = {}

    def add(k: int | None, output: OutputFunction) -> None:
        if k is not None:
            found.setdefault((k, output.text), (k, output))

    for region, axis in names.softmax_axes.items():
        if axis is not None:
            add(region.first, softmax_over(axis))
    for region, known in names.activations.items():
        if known is not None and known.name == "sigmoid":
            add(region.first, LOGISTIC)
    for node, sources in zip(backward.nodes, backward.sources, strict=True):
        if node.primitive in (cross_entropy_p, cross_entropy_of_labels_p):
            add(sources[0], softmax_over(-1))
        elif node.primitive is logaddexp:
            for source in sources:
                add(source, LOGISTIC)
    yield from found.values()


def softmax_over(axis: int) -> OutputFunction:
    """A softmax."""
    return OutputFunction("softmax({})", partial(softmax, axis=axis))


LOGISTIC: Final = OutputFunction("σ({})", sigmoid)
