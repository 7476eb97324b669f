"""Mistakes people make in a derivation by hand, as mistakes in a backward pass.

Each is a variant of one node's (or region's) pullback, or of several at once. What a mistaken derivation would give is
then computed, and set against the claim: a mistake is named because it gives the claimed numbers, not because it is
likely.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from .backward import Backward, Fault, Pullback


class Named(NamedTuple):
    """What to call a mistake: its kind in a word, what was done in a clause, and how simple an explanation it is."""

    kind: str
    text: str
    rank: float


class Mistake(NamedTuple):
    """A mistake that may have been made in a derivation.

    Attributes
    ----------
    kind : which kind of mistake, in a word
    text : what was done, in a clause
    rank : the smaller, the simpler an explanation it is
    fault : the mistake, in a backward pass
    """

    kind: str
    text: str
    rank: float
    fault: Callable[[Backward], Fault]

    def and_also(self, other: Mistake) -> Mistake:
        """Both, in different places; raises ValueError, when it is tried, for the same place."""

        def fault(backward: Backward) -> Fault:
            one, two = self.fault(backward), other.fault(backward)
            if one.keys() & two.keys():
                raise ValueError("one operation cannot be mistaken in two ways")
            return {**one, **two}

        kind = self.kind if self.kind == other.kind else "several"
        return Mistake(kind, f"two mistakes: {self.text}; and {other.text}", self.rank + other.rank, fault)


InWords = Callable[[float], str | None]
"""A factor that people make mistakes by, in words; None for any other."""


class Scaling(NamedTuple):
    """A part of the derivative that is multiplied by a number: by which, the claim tells.

    Attributes
    ----------
    rank : when to try it
    fault : by the number, the mistake; by 1 there is none
    named : what to call it, by the number and what turns numbers into words; None where nobody makes that mistake
    usual : numbers to try together with other mistakes
    """

    rank: float
    fault: Callable[[float], Callable[[Backward], Fault]]
    named: Callable[[float, InWords], Named | None]
    usual: tuple[float, ...] = ()

    def mistakes(self) -> list[Mistake]:
        """With the usual numbers."""
        named = [(factor, self.named(factor, lambda k: None)) for factor in self.usual]
        return [Mistake(*name, self.fault(factor)) for factor, name in named if name]


Candidate = Mistake | Scaling


def fault_at(k: int, pull: Callable[[Backward], Pullback]) -> Callable[[Backward], Fault]:
    """A fault at one node."""
    return lambda backward: {k: pull(backward)}


def all_faults(faults: Sequence[Callable[[Backward], Fault]]) -> Callable[[Backward], Fault]:
    """One mistake, made in several places."""
    return lambda backward: {k: pull for fault in faults for k, pull in fault(backward).items()}


def rules_instead(k: int, rules: Mapping[int, Callable[..., Any]]) -> Callable[[Backward], Fault]:
    """A fault at a product a b: for some factors, by their places, other rules, of the cotangent, a and b."""

    def pull(backward: Backward) -> Pullback:
        a, b = backward.nodes[k].kept.inputs
        mistaken = {i: partial(rule, a=a, b=b) for i, rule in rules.items()}
        return lambda g: backward.pull(k, g, mistaken)

    return fault_at(k, pull)


def scaled_node(k: int, factor: float) -> Callable[[Backward], Fault]:
    """A node whose gradient is multiplied."""
    return fault_at(k, lambda backward: lambda g: backward.pull(k, g * factor))


def scaled_path(k: int, p: int, factor: float) -> Callable[[Backward], Fault]:
    """A node whose gradient for one of its inputs is multiplied."""

    def pull(backward: Backward) -> Pullback:
        return lambda g: [(source, d * factor if source == p else d) for source, d in backward.pull(k, g)]

    return fault_at(k, pull)


def same_factor(a: float, b: float) -> bool:
    """Whether two factors are the same: they are quotients of single entries."""
    return abs(a - b) <= SAME * max(abs(a), abs(b), 1.0 if 0 in (a, b) else 0.0)


SAME = 1e-7
"""Relative difference of factors that are the same."""
