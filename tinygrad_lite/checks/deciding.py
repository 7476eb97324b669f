"""From comparisons to a verdict: the given arguments come first, then what the claim needs, then what explains it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from .agreement import APART, FAINT, Agreement
from .branches import outer_broadcasts
from .comparison import Claimed, ClaimFails, Pair, Truths
from .diagnosis.entrywise import in_entries
from .diagnosis.hypotheses import explain, single_mistake, why_none
from .diagnosis.numbers import Case, agree
from .kinks import named
from .needs import Need, Search
from .reports import DerivationReport, Diagnosis, Disagreement, Judgement, Premise, largest_entry
from .soundness import doubt
from .trials import Trial, Trials

Point = tuple[list[Any], Pair]

ROUNDED: Final = 1e-4
"""A relative difference that a rounded constant may make."""

FEW: Final = 4
"""Points that tell mistakes apart where a claim is right but for what it needs."""

GIVEN_ONLY: Final = "compared at the given arguments alone"


class Decision:
    """Compares, and says what comes of it.

    Parameters
    ----------
    claimed : both sides
    part : of the derivative, if only one is claimed
    tolerance : None for that of the precision
    points : how many to draw
    rng : for draws
    draw : the user's, or None
    """

    def __init__(
        self,
        claimed: Claimed,
        part: Any,
        tolerance: float | None,
        points: int,
        rng: np.random.Generator,
        draw: Callable[[np.random.Generator], Any] | None,
    ) -> None:
        if points < 0:
            raise ValueError(f"check_derivation: points is how many random points to try; got {points}")
        self.claimed = claimed
        self.points = 0 if claimed.is_fixed else points
        self.draw = draw
        self.remarks = list(claimed.remarks)
        self.truths: Truths = claimed.truths_at(claimed.leaves, traced=True)
        claimed.must_be_finite(self.truths)
        aside = np.random.default_rng(0)  # what is looked at beside shall not change which points are drawn
        self.doubt = doubt(claimed, claimed.leaves, claimed.y, self.truths, aside)
        self.given: Point = (claimed.leaves, claimed.with_claims(claimed.leaves, self.truths))
        self.agreement = Agreement(claimed, part, tolerance, self.given[1], aside)
        self.right = [self.agreement.begin(q, *self.given) for q in self.every]
        self.trials = Trials(claimed, self.agreement, self.truths, rng)

    @property
    def every(self) -> range:
        """The quantities."""
        return range(len(self.claimed.quantities))

    def report(self) -> DerivationReport:
        """The verdict, and all that is to be said."""
        if self.doubt is not None:
            return no_verdict(self.claimed, self.doubt)
        self.remarks += outer_broadcasts(self.truths.nodes)
        if self.claimed.precision.itemsize < 8:
            self.remarks.append(f"the claim is of {self.claimed.precision.name}, and compared as such")
        if not self.points:
            self.remarks.append(GIVEN_ONLY)
        if not all(self.right):
            return self.of_a_wrong_claim()
        if self.draw is not None:
            return self.of_drawn_points()
        return self.of_a_right_claim()

    # -- right at the given arguments ---------------------------------------------------------------------------------

    def of_a_right_claim(self) -> DerivationReport:
        """It is right at the given arguments: is it elsewhere, or what does it need?"""
        found: list[Trial] = []
        for trial in self.trials.various(self.points):
            if trial.wrong:
                return self.of_a_claim_with_needs(trial)
            found.append(trial)
        return self.holding(found, self.elsewhere(self.trials.kept, found) if found else [])

    def of_a_claim_with_needs(self, failed: Trial) -> DerivationReport:
        """It is right at the given arguments, and wrong at others."""
        search = Search(self.trials)
        search.run()
        found = search.points(self.points)
        if search.is_cut:
            self.remarks.append(f"the search for what it needs was cut after {search.count} points")
        if search.fixed or any(trial.wrong for trial in found) or not search.conditions or not found:
            return self.at_the_given_only(search, failed)
        self.say_what_is_wrong_without(failed.wrong)
        needs = self.elsewhere(lambda: search.draw(search.chosen), found)
        return self.holding(found, [*search.conditions, *needs])

    def say_what_is_wrong_without(self, wrong: Sequence[int]) -> None:
        """Remarks on the mistakes that give the claims' numbers where the arguments have no structure."""
        others = self.trials.alike(FEW, None, self.trials.loose)
        said: list[str] = []
        for q in wrong:
            points = [(trial.leaves, trial.pair) for trial in others if trial.pair is not None and q in trial.wrong]
            case = self.case(q, points, 1 / len(wrong)) if points else None
            mistake = None if case is None else single_mistake(case)
            if mistake is not None and mistake.text not in said:
                said.append(mistake.text)
        self.remarks += [f"without that, {text}" for text in said]

    def elsewhere(self, draw: Callable[[], list[Any]], found: list[Trial]) -> list[Need]:
        """What the claim needs beyond structure: a branch of f that points were on, an axis of length 1."""
        needs: list[Need] = []
        for trial, was in self.trials.on_other_branches(draw):
            if trial.wrong:
                needs.append(Need(was, 1, 1, trial))
            else:
                found.append(trial)
        self.remarks += [f"no point met the case that {never}" for never, _ in self.trials.coverage.unmet().values()]
        longer = self.trials.with_longer_axes(draw)
        if longer is not None:
            trial, words = longer
            if words:
                needs.append(Need(words, 1, 1, trial))
            else:
                found.append(trial)
        return needs

    def of_drawn_points(self) -> DerivationReport:
        """It is right at the given arguments, and the others are the user's."""
        found = self.trials.alike(self.points, self.draw)
        failed = next((trial for trial in found if trial.wrong), None)
        if failed is None:
            return self.holding(found, [])
        return self.at_the_given_only(None, failed)

    def holding(self, found: Sequence[Trial], needs: Sequence[Need]) -> DerivationReport:
        """The report on a claim that holds, where all conditions are met."""
        points = self.with_given(found)
        conditions = tuple(
            [
                Premise(need.text, len(points), need.wrong, need.broken, self.counterexample(need.example))
                for need in needs
            ]
        )
        verdict = f"holds when {' and '.join([need.text for need in needs])}" if needs else "holds"
        if len(points) == 1:
            verdict = "holds at the given arguments"
        if len(points) < self.points + 1:
            self.remarks.append(
                f"of {self.points} random points, only {len(points) - 1} were found where everything is finite"
            )
        return self.summed_up(points, verdict, conditions)

    def at_the_given_only(self, search: Search | None, failed: Trial | None) -> DerivationReport:
        """The report on a claim that is right at the given arguments, and at others is not, or not for one reason."""
        if search is not None and search.fixed:
            names = ", ".join([self.claimed.names[k] for k in search.fixed])
            self.remarks.append(
                f"it fails at other {names}, and nothing that is special to the given was found to matter"
            )
        if failed is not None and failed.error:
            self.remarks.append(f"at other arguments the claim fails with {failed.error}")
        diagnoses: dict[int, tuple[Diagnosis, ...]] = {}
        if failed is not None and failed.pair is not None:
            trials = [trial for trial in self.trials.alike(self.points, self.draw) if trial.pair is not None]
            points = self.with_given(trials)
            for q in failed.wrong:
                case = self.case(q, points, 1 / len(failed.wrong))
                found = None if case is None else explain(case)
                if found:
                    diagnoses[q] = found
        return self.summed_up([self.given], "holds at the given arguments", (), self.counterexample(failed), diagnoses)

    def summed_up(
        self,
        points: Sequence[Point],
        verdict: str,
        conditions: tuple[Premise, ...],
        example: Disagreement | None = None,
        diagnoses: dict[int, tuple[Diagnosis, ...]] | None = None,
    ) -> DerivationReport:
        """The report on a claim that holds in some way."""
        results = []
        for q in self.every:
            reading = self.agreement.reading(q)
            assert reading is not None
            errors = [
                float(np.max(np.abs(np.subtract(*both)), initial=0))
                for leaves, pair in points
                if (both := self.agreement.paired(reading, q, leaves, pair)) is not None
            ]
            if q in self.agreement.kinks:
                errors = [0.0] if len(errors) == 1 else errors[1:]
            found = (diagnoses or {}).get(q, ())
            results.append(Judgement(self.claimed.quantity(q), True, max(errors, default=0.0), found))
        self.say_how_it_was_read()
        return DerivationReport(
            tuple(results), example, tuple(self.remarks), len(points), self.agreement.tolerance, verdict, conditions
        )

    def say_how_it_was_read(self) -> None:
        """Remarks on layouts, parts and kinks."""
        several = len(self.every) > 1
        for q in self.every:
            prefix = f"{self.claimed.quantity(q)}: " if several else ""
            reading = self.agreement.reading(q)
            pair = self.given[1]
            if self.right[q] and reading is not None and reading.remark:
                self.remarks.append(prefix + reading.said(pair.claims[q], pair.truths[q]))
            if q in self.agreement.kinks:
                low, high = self.agreement.kinks[q]
                self.remarks.append(
                    f"{prefix}f has a kink there ({named(self.truths.nodes)}): the derivative is one number on one "
                    f"side and another on the other ({low:.4g} and {high:.4g}), and any between is right"
                )

    # -- wrong at the given arguments ---------------------------------------------------------------------------------

    def of_a_wrong_claim(self) -> DerivationReport:
        """It is wrong at the given arguments: what gives its numbers?"""
        wrong = [q for q in self.every if not self.right[q]]
        trials = self.trials.alike(self.points, self.draw, self.trials.as_targets)
        points = self.with_given(trials)
        results = {q: self.judgement(q, points, 1 / len(wrong)) for q in wrong}
        if (
            self.draw is None
            and not all(result.diagnoses for result in results.values())
            and self.trials.has_more_than_targets
        ):
            others = self.trials.alike(self.points)
            again = {q: self.judgement(q, self.with_given(others), 1 / len(wrong)) for q in wrong}
            if any(again[q].diagnoses and not results[q].diagnoses for q in wrong):
                trials, points, results = others, self.with_given(others), again
        if errors := [trial.error for trial in trials if trial.error]:
            self.remarks.append(f"at other arguments the claim fails with {errors[0]}")
        for q in set(self.every) - set(wrong):
            name = self.claimed.quantity(q)
            results[q] = Judgement(name, True, self.error(q, [self.given]))
            if any(q in trial.wrong for trial in trials):
                self.remarks.append(f"{name} is right at the given arguments, and not at others")
        example = next((self.example(q, self.given, True) for q in wrong if not math.isinf(results[q].max_error)), None)
        ordered = tuple([results[q] for q in self.every])
        self.say_how_it_was_read()
        self.advise(ordered)
        if self.points and len(points) < self.points + 1:
            self.remarks.append(
                f"of {self.points} random points, only {len(points) - 1} were found where everything is finite"
            )
        return DerivationReport(
            ordered, example, tuple(self.remarks), len(points), self.agreement.tolerance, "does not hold"
        )

    def with_given(self, trials: Sequence[Trial]) -> list[Point]:
        """The given point and those of trials."""
        return [self.given, *[(trial.leaves, trial.pair) for trial in trials if trial.pair is not None]]

    def advise(self, results: Sequence[Judgement]) -> None:
        """What to declare, where a claim may be right in what it is meant to be."""
        kinds = {result.diagnoses[0].kind for result in results if result.diagnoses and not result.holds}
        if "transposed" in kinds and self.claimed.layout is None:
            self.remarks.append(
                'a claim in another layout is right if that is said: layout="numerator" or layout="denominator"'
            )
        for q in self.every:
            x_shape = np.shape(self.claimed.leaves[self.claimed.quantities[q]])
            pair = self.given[1]
            is_elementwise = pair.claims[q].shape == x_shape == np.shape(pair.y) and np.size(pair.y) > 1
            if "diagonal" in kinds and is_elementwise and not self.right[q]:
                self.remarks.append('if ∂yᵢ/∂xᵢ alone is claimed, part="diagonal" says so')

    def error(self, q: int, points: Sequence[Point]) -> float:
        """The largest difference at these points; infinite where the shapes differ or the claim is no number."""
        found = self.both(q, points)
        if found is None:
            return math.inf
        errors = [float(np.max(np.abs(a - b), initial=0)) for a, b in found]
        return max([off if np.isfinite(off) else math.inf for off in errors])

    def both(self, q: int, points: Sequence[Point]) -> list[tuple[Any, Any]] | None:
        """The claim and the derivative in one shape, at every point; None where they do not fit."""
        reading = self.agreement.reading(q)
        if reading is None:
            return None
        found = [self.agreement.paired(reading, q, leaves, pair) for leaves, pair in points]
        return None if any(both is None for both in found) else found

    def judgement(self, q: int, points: Sequence[Point], share: float) -> Judgement:
        """One quantity's comparison, with its share of the search for explanations."""
        name = self.claimed.quantity(q)
        largest = self.error(q, points)
        if (nearly := self.nearly_right(q, points)) is not None:
            return Judgement(name, False, largest, (nearly,))
        case = self.case(q, points, share)
        if case is None:
            return Judgement(name, False, largest, (), "only a part was claimed, and it is not this part")
        diagnoses = explain(case)
        if case.fitted_claims is None and not diagnoses:
            pair = self.given[1]
            kind = "gradient" if np.size(pair.y) == 1 else "Jacobian"
            raise ValueError(
                f"check_derivation: the claim for {name} has shape {pair.claims[q].shape}; the {kind} has shape "
                f"{pair.truths[q].shape}, and no transposition or sum of the one is the other, nor is it a part of it. "
                "Return an array of that shape"
            )
        return Judgement(name, False, largest, diagnoses, None if diagnoses else why_none(case))

    def nearly_right(self, q: int, points: Sequence[Point]) -> Diagnosis | None:
        """That the claim is the derivative but for its last digits, or for entries that are small beside the others."""
        found = self.both(q, points)
        if found is None:
            return None
        off = np.max([np.abs(a - b) for a, b in found], axis=0)
        own = np.max([np.abs(b) for _, b in found], axis=0)
        most = float(np.max(own, initial=0))
        name = self.claimed.quantity(q)
        if most and np.all(off <= ROUNDED * own + FAINT * most):
            digits = int(-math.log10(float(np.max(off / np.maximum(own, FAINT * most)))))
            return Diagnosis(
                "rounded",
                f"agrees to {digits} digits: a constant in it is rounded",
                f"off by {float(np.max(off)) / most:.1g} of the largest entry at most; with tolerance=1e-{digits - 1} "
                "it holds",
                name,
            )
        if all(agree(a, b, self.agreement.tolerance) for a, b in found):
            wrong = off > APART * own
            return Diagnosis(
                "entries",
                f"wrong in {in_entries(wrong)}, small beside the others, and right in those",
                f"the entries are compared each with its own size, {float(np.max(own[wrong])):.1g} beside {most:.1g}",
                name,
            )
        return None

    def case(self, q: int, points: Sequence[Point], share: float) -> Case | None:
        """What to test explanations with."""
        reading = self.agreement.reading(q)
        claimed = self.claimed
        is_part = reading is not None and not reading.is_whole
        both = self.both(q, points)
        if is_part and both is None:
            return None
        truths = [pair.truths[q] for _, pair in points] if both is None else [b for _, b in both]

        def again(others: list[list[Any]]) -> tuple[list[Any], list[Any]]:
            pairs = [(leaves, claimed.both_at(leaves)) for leaves in others]
            found = self.both(q, pairs)
            if found is None:
                return [pair.truths[q] for _, pair in pairs], [pair.claims[q] for _, pair in pairs]
            return [b for _, b in found], [a for a, _ in found]

        return Case(
            name=claimed.quantity(q),
            points=[leaves for leaves, _ in points],
            names=claimed.names,
            leaf=claimed.quantities[q],
            variables=frozenset(claimed.quantities),
            call=claimed.call,
            y_shape=() if is_part else np.shape(points[0][1].y),
            truths=truths,
            claims=[a for a, _ in both or ()] if is_part else [pair.claims[q] for _, pair in points],
            fitted_claims=None if both is None else [a for a, _ in both],
            again=None if claimed.is_fixed else again,
            tolerance=self.agreement.tolerance,
            share=share,
        )

    def counterexample(self, trial: Trial | None) -> Disagreement | None:
        """Where the claim is furthest off at a point that was drawn."""
        if trial is None or trial.pair is None:
            return None
        return self.example(trial.wrong[0], (trial.leaves, trial.pair), False)

    def example(self, q: int, point: Point, given: bool) -> Disagreement | None:
        """The entry that is furthest off at a point."""
        both = self.both(q, [point])
        if both is None:
            return None
        a, b = both[0]
        entry = largest_entry(a - b)
        args = tuple(self.claimed.arguments.together(point[0]))
        return Disagreement(args, given, self.claimed.quantity(q), entry, float(a[entry]), float(b[entry]))


def no_verdict(claimed: Claimed, reason: str) -> DerivationReport:
    """The report where nothing can be judged."""
    results = tuple([Judgement(claimed.quantity(q), False, math.nan) for q in range(len(claimed.quantities))])
    return DerivationReport(results, None, tuple(claimed.remarks), 0, math.nan, reason=reason)


def failing(error: ClaimFails, title: str) -> DerivationReport:
    """The report where the claim cannot be evaluated."""
    result = Judgement(f"∂{title}", False, math.nan)
    return DerivationReport((result,), None, (), 0, math.nan, reason=f"the claim fails with {error}")
