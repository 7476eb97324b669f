"""Both sides of a derivation, at the given arguments and at random ones, and what comes of comparing them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from ..engine.jacobians import blocks_of
from ..engine.protocols import plain
from ..engine.tensor import Tensor
from ..engine.transforms import record_function
from ..engine.trees import flatten, paths, paths_below, unflatten
from .claims import (
    argument_names,
    arguments_and_claims,
    claimed_leaves,
    in_derivatives_shape,
    in_order,
    plain_argument,
    type_and_shape,
)
from .diagnosis.hypotheses import explain, why_none
from .diagnosis.numbers import Case, agree
from .points import is_floating, is_one_hot, normalised_rows, random_like, random_near, sums_to_one
from .reports import DerivationReport, Disagreement, Judgement, largest_entry

TOLERANCE: Final = {np.dtype(np.float64): 1e-9, np.dtype(np.float32): 1e-4}
"""What rounding may do, in units of the largest entry: far above it, and far below any mistake."""

ATTEMPTS: Final = 20
"""Draws for a point at which everything is a finite number."""


class Truths(NamedTuple):
    """By autograd, for each quantity the derivative at a point; and the output y."""

    derivatives: list[Any]
    y: Any


class Pair(NamedTuple):
    """Both sides at a point: for each quantity autograd's derivative and the claim; and the output y."""

    truths: list[Any]
    claims: list[Any]
    y: Any


class Claimed:
    """A function, what is claimed of its derivatives, and the arguments, taken apart into leaves.

    Attributes
    ----------
    leaves : the given arguments' arrays, numbers, and whatever else they consist of
    names : what to call each
    quantities : the places among the leaves of those that a derivative is claimed for
    is_fixed : the claim is of numbers, for the given arguments alone
    """

    def __init__(self, f: Callable[..., Any], claimed: Any, args: tuple[Any, ...], wrt: Any) -> None:
        if not callable(f):
            raise TypeError(f"check_derivation: f must be a function, got {type(f).__name__}")
        if not args:
            raise TypeError("check_derivation: f's arguments are needed, to know what to check it at")
        self.f = f
        self.parameters = parameters = argument_names(f, len(args))
        self.argnums, self.parts = arguments_and_claims(claimed, wrt, parameters)
        self.is_single = len(self.argnums) == 1
        self.is_fixed = not all(callable(part) for part in self.parts)
        self.leaves, self.structure = flatten(tuple([plain_argument(x) for x in args]))
        self.names = paths(self.structure, parameters)
        spans = [len(paths_below(child)) for child in self.structure.children]
        starts = np.cumsum([0, *spans])
        self.quantities = [k for n in self.argnums for k in range(starts[n], starts[n + 1])]
        self.title = getattr(f, "__name__", "f")
        self.title = "f" if self.title == "<lambda>" else self.title
        for k in self.quantities:
            if not is_floating(self.leaves[k]):
                raise TypeError(
                    f"check_derivation: the argument {self.names[k]} cannot be differentiated: it is not an array of "
                    f"floating-point numbers but {type_and_shape(self.leaves[k])}{advice(self.leaves[k])}"
                )
        if not self.quantities:
            raise TypeError("check_derivation: there is nothing to differentiate in the arguments asked for")

    # -- both sides ---------------------------------------------------------------------------------------------------

    def call(self, leaves: Sequence[Any]) -> Any:
        """f of arguments with these leaves."""
        return self.f(*unflatten(self.structure, leaves))

    def truths_at(self, leaves: Sequence[Any]) -> Truths:
        """Autograd's derivatives at a point."""
        run = record_function("check_derivation", self.f, unflatten(self.structure, leaves), self.argnums)
        if len(run.values) != 1 or run.outputs.kind is not None:
            raise TypeError(f"check_derivation: f must return one array or number, it returned {len(run.values)}")
        y = run.values[0]
        if y.size == 1:
            found = run.pull([np.ones(y.shape)[()]])
        else:
            found = blocks_of(run)[0]
        return Truths([np.asarray(plain(g, Tensor)) for g in found], plain(y, Tensor))

    def with_claims(self, leaves: Sequence[Any], truths: Truths) -> Pair:
        """With the claims at the same point."""
        return Pair(truths.derivatives, self.claims_at(unflatten(self.structure, leaves)), truths.y)

    def both_at(self, leaves: Sequence[Any]) -> Pair:
        """Both sides at a point."""
        return self.with_claims(leaves, self.truths_at(leaves))

    def claims_at(self, args: Any) -> list[Any]:
        """The claimed derivatives, in the order of the quantities."""
        copies = [x.copy() if isinstance(x, np.ndarray) else x for x in flatten(args)[0]]
        own = unflatten(self.structure, copies)  # a formula that writes to its arguments shall not spoil the others'
        with np.errstate(all="ignore"):
            values = [part(*own) if callable(part) else part for part in self.parts]
        if len(values) == 1 and not self.is_single:
            (together,) = values
            if isinstance(together, Mapping):
                together = in_order(together, self.parameters, self.argnums)
            if not isinstance(together, (tuple, list)) or len(together) != len(self.argnums):
                raise ValueError(
                    f"check_derivation: the claim must be {len(self.argnums)} derivatives in a tuple, one for each "
                    f"argument asked for; got {type_and_shape(together)}"
                )
            values = list(together)
        found: list[Any] = []
        for n, value in zip(self.argnums, values, strict=True):
            found += claimed_leaves(self.structure.children[n], value, self.names[self.quantities[len(found)]])
        return found

    def must_be_finite(self, truths: Truths) -> None:
        """Raise ValueError where there is nothing to compare with."""
        for k, truth in zip(self.quantities, truths.derivatives, strict=True):
            if not np.all(np.isfinite(truth)):
                raise ValueError(
                    f"check_derivation: autograd's derivative with respect to {self.names[k]} is not finite at the "
                    "given arguments; give others, inside the function's domain"
                )

    # -- points -------------------------------------------------------------------------------------------------------

    def random_points(
        self, rng: np.random.Generator, points: int, draw: Callable[..., Any] | None
    ) -> list[tuple[list[Any], Truths]]:
        """Random points at which everything is finite; fewer where there are hardly any."""
        if points < 0:
            raise ValueError(f"check_derivation: points is how many random points to try; got {points}")
        found: list[tuple[list[Any], Truths]] = []
        for attempt in range(ATTEMPTS * points):
            if len(found) == points:
                break
            leaves = self.random_point(rng, draw, random_near if attempt > ATTEMPTS * points // 2 else random_like)
            with np.errstate(all="ignore"):
                try:
                    truths = self.truths_at(leaves)
                except (ValueError, ZeroDivisionError, FloatingPointError):
                    if draw is not None:
                        raise
                    continue
            if all(np.all(np.isfinite(value)) for value in (truths.y, *truths.derivatives)):
                found.append((leaves, truths))
        return found

    def random_point(
        self, rng: np.random.Generator, draw: Callable[..., Any] | None, kind: Callable[..., Any]
    ) -> list[Any]:
        """The leaves of one random point."""
        if draw is None:
            return [kind(rng, x, k in self.quantities) for k, x in enumerate(self.leaves)]
        args = draw(rng)
        leaves, structure = flatten(
            tuple([plain_argument(x) for x in args]) if isinstance(args, (tuple, list)) else args
        )
        if structure != self.structure:
            raise ValueError(
                "check_derivation: draw must return a tuple of arguments as the given ones, in the same containers"
            )
        return leaves

    # -- the verdict --------------------------------------------------------------------------------------------------

    def report(
        self,
        given: list[list[Any]],
        pairs: list[Pair],
        tolerance: float | None,
        rng: np.random.Generator | None,
        points: int,
    ) -> DerivationReport:
        """Compare, explain what differs, and say under which conditions it holds."""
        if tolerance is None:
            tolerance = max([TOLERANCE.get(pair.y.dtype, 1e-4) for pair in pairs])
        results = []
        worst: Disagreement | None = None
        for q in range(len(self.quantities)):
            result, example = self.judgement(q, given, pairs, tolerance)
            results.append(result)
            worst = worst or example
        remarks = []
        if len(given) == 1:
            remarks.append("compared at the given arguments alone")
        elif rng is not None and all(result.holds for result in results):
            remarks += self.conditions(given, rng, tolerance)
        if 1 < len(given) < points + 1 or (len(given) == 1 and points and not self.is_fixed):
            remarks.append(f"of {points} random points, only {len(given) - 1} were found where everything is finite")
        return DerivationReport(tuple(results), worst, tuple(remarks), len(given), tolerance)

    def judgement(
        self, q: int, given: list[list[Any]], pairs: list[Pair], tolerance: float
    ) -> tuple[Judgement, Disagreement | None]:
        """One quantity's comparison."""
        k = self.quantities[q]
        name = f"∂{self.title}/∂{self.names[k]}"
        truths, claims = [pair.truths[q] for pair in pairs], [pair.claims[q] for pair in pairs]
        fitted_claims = self.fitted_claims(q, given, pairs)
        largest, example = math.inf, None
        if fitted_claims is not None:
            errors = [float(np.max(np.abs(a - b), initial=0)) for a, b in zip(fitted_claims, truths, strict=True)]
            largest = max([off if np.isfinite(off) else math.inf for off in errors])
            wrong = [
                p for p, (a, b) in enumerate(zip(fitted_claims, truths, strict=True)) if not agree(a, b, tolerance)
            ]
            if not wrong:
                return Judgement(name, True, largest), None
            example = self.example(name, given, fitted_claims, truths, wrong[0])

        def again(points: list[list[Any]]) -> tuple[list[Any], list[Any]]:
            others = [self.both_at(point) for point in points]
            claims = self.fitted_claims(q, points, others) or [pair.claims[q] for pair in others]
            return [pair.truths[q] for pair in others], claims

        case = Case(
            name=name,
            points=given,
            names=self.names,
            leaf=k,
            variables=frozenset(self.quantities),
            call=self.call,
            y_shape=pairs[0].y.shape,
            truths=truths,
            claims=claims,
            fitted_claims=fitted_claims,
            again=None if self.is_fixed else again,
            tolerance=tolerance,
        )
        diagnoses = explain(case)
        if fitted_claims is None and not diagnoses:
            kind = "gradient" if truths[0].shape == np.shape(given[0][k]) else "Jacobian"
            raise ValueError(
                f"check_derivation: the claim for {name} has shape {claims[0].shape}; the {kind} has shape "
                f"{truths[0].shape}, and no transposition or sum of the one is the other. Return an array of that shape"
            )
        return Judgement(name, False, largest, diagnoses, None if diagnoses else why_none(case)), example

    def example(self, name: str, given: list[list[Any]], claims: list[Any], truths: list[Any], p: int) -> Disagreement:
        """The entry that is furthest off at a point."""
        entry = largest_entry(claims[p] - truths[p])
        args = tuple(unflatten(self.structure, given[p]))
        return Disagreement(args, p == 0, name, entry, float(claims[p][entry]), float(truths[p][entry]))

    def fitted_claims(self, q: int, given: list[list[Any]], pairs: list[Pair]) -> list[Any] | None:
        """The claims in the derivatives' shape, at every point; None where they do not fit."""
        x_shape = np.shape(given[0][self.quantities[q]])
        found = [in_derivatives_shape(pair.claims[q], pair.truths[q], pair.y.shape, x_shape) for pair in pairs]
        return None if any(claim is None for claim in found) else found

    def conditions(self, given: list[list[Any]], rng: np.random.Generator, tolerance: float) -> list[str]:
        """Whether a claim that holds needs rows of an argument to be one-hot, or to sum to one, as they do."""

        def holds(k: int, change: Callable[[Any], Any]) -> bool:
            others = [[change(x) if j == k else x for j, x in enumerate(point)] for point in given]
            pairs = [self.both_at(point) for point in others]
            fitted_claims = [self.fitted_claims(q, others, pairs) for q in range(len(self.quantities))]
            return all(
                claims is not None and agree(claim, pair.truths[q], tolerance)
                for q, claims in enumerate(fitted_claims)
                for claim, pair in zip(claims or [], pairs, strict=True)
            )

        def random_positive(x: Any) -> Any:
            return rng.uniform(0.2, 1.5, x.shape)

        found = []
        for k, name in enumerate(self.names):
            x = self.leaves[k]
            if k in self.quantities or not is_floating(x) or not sums_to_one(np.asarray(x)):
                continue
            try:
                with np.errstate(all="ignore"):
                    if is_one_hot(x) and not holds(k, lambda x: normalised_rows(random_positive(x))):
                        found.append(f"it needs {name} to be one-hot: it fails at other {name}")
                    elif not holds(k, random_positive):
                        found.append(f"it needs Σ {name} = 1 over the last axis: it fails at other {name}")
            except (ValueError, TypeError, ArithmeticError):
                continue  # a function that refuses other targets itself
        return found


def advice(x: Any) -> str:
    """What to do about an argument of whole numbers."""
    return "; write its numbers as floats, 1.0 for 1" if np.asarray(x).dtype.kind in "iu" else ""
