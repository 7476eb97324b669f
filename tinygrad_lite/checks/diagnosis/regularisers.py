"""A regulariser's derivative for what the function does not regularise, as biases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ..reports import Diagnosis
from .backward import Backward
from .numbers import Case, Explanation, agree


class Regulariser(NamedTuple):
    """A part λ w of the derivative to w, of some entries: of ½ λ Σ w²."""

    strength: float
    entries: Any


def regularised(case: Case) -> Iterator[Explanation]:
    """The claim has λ x too many, where the function regularises another argument, or other entries, so."""
    if case.fitted_claims is None or case.passes is None or case.is_jacobian:
        return
    name = case.names[case.leaf]
    for j in [case.leaf, *case.passes[0].arguments.values()]:
        strength = strength_if_taken(case, j)
        if strength is not None:
            is_own = j == case.leaf
            whose = f"other entries of {name}" if is_own else case.names[j]
            text = f"a term too many: the regulariser of {whose} is taken for one of {'all of ' * is_own}{name}, too"
            proof = f"with {strength:.6g} × {name} added to it, the derivative is the claim at all points"
            yield Explanation(1.6, Diagnosis("regulariser", text, proof, case.name))
            return


def strength_if_taken(case: Case, j: int) -> float | None:
    """λ at the first point, where an argument's regulariser, taken for the variable's, gives the claim at all."""
    strengths: list[float] = []
    for p, backward in enumerate(case.passes or []):
        assert case.fitted_claims is not None
        found = of_argument(backward if j == case.leaf else backward.towards(j))
        if found is None:
            return None
        extra = found.strength * case.points[p][case.leaf] * (~found.entries if j == case.leaf else 1)
        if not np.any(extra) or not agree(case.fitted_claims[p], case.truths[p] + extra, case.tolerance):
            return None
        strengths.append(found.strength)
    return strengths[0]


def of_argument(backward: Backward | None) -> Regulariser | None:
    """Where a part of the derivative is a multiple of the argument itself, by which number, and in which entries."""
    if backward is None:
        return None
    w = backward.values[0]
    cotangents = backward.cotangents(np.ones(backward.nodes[-1].shape)[()])
    for k in backward.users[0]:
        if backward.parents[k] != [0] or k not in cotangents:
            continue
        part = sum([d for _, d in backward.pull(k, cotangents[k])])
        entries = np.asarray(part != 0)
        if not np.any(entries & (w != 0)):
            continue
        place = np.unravel_index(int(np.argmax(np.abs(part * w))), np.shape(w))
        strength = float(np.asarray(part)[place] / np.asarray(w)[place])
        if agree(part, strength * w * entries, 1e-12):
            return Regulariser(strength, entries)
    return None
