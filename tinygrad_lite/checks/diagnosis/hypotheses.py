"""How a claimed derivative fails: each diagnosis is a hypothesis that was set against the numbers, at every point."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any, Final

import numpy as np

from ...table.arrays import unbroadcast
from ..points import is_floating
from ..reports import Diagnosis
from .alterations import Alteration
from .entrywise import for_some_class, in_another_order, in_some_entries, only_if
from .mistakes import SAME, Mistake, Scaling, same_factor
from .numbers import (
    SIMPLE,
    Case,
    ClaimedChain,
    Explanation,
    count_distinct,
    evidence,
    factor_in_words,
    is_telling,
    multiple,
)
from .outputs import FACTORS, LOGISTIC, RANK, OutputFunction, said_of, softmax_over
from .regularisers import regularised

AT_MOST = 4
"""Explanations listed, the best included."""


def explain(case: Case) -> tuple[Diagnosis, ...]:
    """What gives the claimed numbers at every point, the simplest first, one explanation of each kind."""
    if not all(np.all(np.isfinite(claim)) for claim in case.claims):
        return tuple(not_finite(case))
    if not is_telling(case):
        return ()
    found: list[Explanation] = []
    for tests in (ONE, TWO, WHERE):
        for test in tests:
            with np.errstate(all="ignore"):
                found += test(case)
        if found:
            break
    best: dict[str, Diagnosis] = {}
    for _, diagnosis in sorted(found, key=lambda item: item.rank):
        best.setdefault(diagnosis.kind, diagnosis)
    return tuple(best.values())[:AT_MOST]


def why_none(case: Case) -> str | None:
    """What stood in the way of an explanation, if something did."""
    if not is_telling(case):
        return "there are too few different numbers to tell mistakes apart by; try larger arrays, or random points"
    if case.fitted_claims is not None and case.passes is None:
        return (
            "the function could not be recorded with all its values, or is not the same computation at every point: "
            "mistakes inside it were not looked for"
        )
    if case.chain is not None and case.chain.was_cut:
        return (
            f"the function is {len(case.chain.passes[0].nodes)} operations, on {case.chain.entries} entries in all: "
            "too many to try every mistake at each of them, and none of those that were tried gives the claimed "
            "numbers. Try it with fewer steps or layers, or smaller arrays"
        )
    return None


# ---------------------------------------------------------------------------------------------------------------------
# The derivative as a whole


def not_finite(case: Case) -> Iterator[Diagnosis]:
    """Entries that are no numbers, where autograd's are."""
    p, claim = next((p, c) for p, c in enumerate(case.claims) if not np.all(np.isfinite(c)))
    bad = ~np.isfinite(claim)
    first = np.asarray(claim)[bad].flat[0]
    where = "the given arguments" if p == 0 else "a point of the same kind"
    yield Diagnosis(
        "not finite",
        f"the claim is {first} in {int(bad.sum())} of {bad.size} entries, where autograd's derivative is finite",
        f"evaluated at {where}",
        case.name,
    )


def as_a_whole(case: Case) -> Iterator[Explanation]:
    """Minus the derivative, or a multiple of it."""
    if case.fitted_claims is None:
        return
    k = multiple(case, case.fitted_claims, case.truths.__getitem__)
    if k is None or k == 1:
        return
    proof = evidence(
        case, case.fitted_claims, case.truths.__getitem__, f"{k:.6g} × autograd's derivative gives the claim", k
    )
    if abs(k + 1) <= SAME:
        yield Explanation(
            0, Diagnosis("sign", "the sign is wrong: the claim is minus the derivative", proof, case.name)
        )
        return
    words = factor_in_words(case, k)
    if words or count_distinct(case.truths) > 2:
        text = f"a constant factor: the claim is the derivative times {words or format(k, '.6g')}"
        yield Explanation(1.5 if words else 6, Diagnosis("factor", text, proof, case.name))


def axes_exchanged(case: Case) -> Iterator[Explanation]:
    """Axes in another order."""
    truth = case.truths[0]
    n, m = len(case.y_shape), len(case.x_shape)
    orders: dict[tuple[int, ...], str] = {}
    if case.is_jacobian and n and m:
        orders[(*range(n, n + m), *range(n))] = "the Jacobian is transposed: rows are for outputs, columns for inputs"
    elif truth.ndim > 1:
        orders[tuple(range(truth.ndim))[::-1]] = "the claim is the transpose of the gradient"
        orders.setdefault((*range(truth.ndim - 2), truth.ndim - 1, truth.ndim - 2), "the last two axes are exchanged")
    for order, text in orders.items():

        def candidate(p: int, order: tuple[int, ...] = order) -> Any:
            return case.truths[p].transpose(order)

        k = multiple(case, case.claims, candidate)
        words = "" if k is None else factor_in_words(case, k)
        if k is not None and words and (k == 1 or multiple(case, case.truths, candidate) is None):
            more = "" if k == 1 else f", and it is multiplied by {words}"
            proof = evidence(case, case.claims, candidate, "autograd's derivative, transposed, gives the claim", k)
            yield Explanation(0.5 if k == 1 else 7, Diagnosis("transposed", text + more, proof, case.name))


def over_the_batch(case: Case) -> Iterator[Explanation]:
    """A claim with an axis to sum over, or one that was summed over an axis of the derivative."""
    if case.fitted_claims is not None or case.is_jacobian:
        return
    shape, given = case.truths[0].shape, case.claims[0].shape
    if stretches(shape, given):
        summed = [unbroadcast(claim, shape) for claim in case.claims]
        k = multiple(case, summed, case.truths.__getitem__)
        n = math.prod(given) // max(math.prod(shape), 1)
        if k is not None and (k == 1 or abs(k / n - 1) <= SAME):
            kind, what = ("sum", "sum") if k == 1 else ("mean", "mean")
            text = (
                f"the {what} over the batch is missing: the claim has shape {given}, and its {what} over the "
                f"additional entries is the gradient, of shape {shape}"
            )
            proof = evidence(case, summed, case.truths.__getitem__, f"the {what} of the claim is the gradient", k)
            yield Explanation(0.5, Diagnosis(kind, text, proof, case.name))
    elif stretches(given, shape):

        def candidate(p: int) -> Any:
            return unbroadcast(case.truths[p], given)

        k = multiple(case, case.claims, candidate)
        n = math.prod(shape) // max(math.prod(given), 1)
        if k is not None and (k == 1 or abs(k * n - 1) <= SAME):
            kind, what = ("sum", "summed") if k == 1 else ("mean", "averaged")
            text = f"the claim, of shape {given}, is {what} over an axis that the gradient, of shape {shape}, has"
            proof = evidence(case, case.claims, candidate, f"the gradient, {what}, is the claim", k)
            yield Explanation(0.5, Diagnosis(kind, text, proof, case.name))


def stretches(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Whether the one shape stretches to the other."""
    try:
        return small != large and np.broadcast_shapes(small, large) == large
    except ValueError:
        return False


def on_the_diagonal(case: Case) -> Iterator[Explanation]:
    """A Jacobian without its cross terms."""
    if not case.is_jacobian or case.fitted_claims is None or case.y_shape != case.x_shape:
        return
    n = math.prod(case.x_shape)
    diagonal = np.eye(n).reshape(case.truths[0].shape)

    def candidate(p: int) -> Any:
        return case.truths[p] * diagonal

    if multiple(case, case.fitted_claims, candidate) == 1:
        text = "only the diagonal of the Jacobian is claimed: the cross terms ∂yⱼ/∂xₖ, j ≠ k, are missing"
        proof = evidence(
            case, case.fitted_claims, candidate, "autograd's Jacobian with 0 off its diagonal is the claim"
        )
        yield Explanation(0.6, Diagnosis("diagonal", text, proof, case.name))


def times_own_output(case: Case) -> Iterator[Explanation]:
    """The derivative by z itself, times y."""
    if case.fitted_claims is None or case.is_jacobian or not case.x_shape:
        return
    z = case.names[case.leaf]
    outputs = [*[softmax_over(axis) for axis in range(len(case.x_shape))[::-1]], LOGISTIC]
    for output in outputs:
        for factor, value in FACTORS:

            def multiplied(p: int, y: Callable[[Any], Any] = output.function, of: Any = value) -> Any:
                return case.truths[p] * of(y(case.points[p][case.leaf]))

            if multiple(case, case.fitted_claims, multiplied) == 1:
                proof = evidence(case, case.fitted_claims, multiplied, "autograd's derivative times it is the claim")
                said = said_of(factor, z, output) + less_target(case, output, factor)
                yield Explanation(RANK, Diagnosis("extra factor", said, proof, case.name))
                return


def less_target(case: Case, output: OutputFunction, factor: str) -> str:
    """Both forms, where the derivative is y − t for an argument t."""
    for k, t in enumerate(case.names):

        def difference(p: int, k: int = k) -> Any:
            return output.function(case.points[p][case.leaf]) - case.points[p][k]

        if k != case.leaf and np.shape(case.points[0][k]) == case.x_shape and multiple(case, case.truths, difference):
            return f": (y − {t}) ⊙ {f'({factor})' if factor == '1 − y' else factor} for y − {t}"
    return ""


def off_by_an_argument(case: Case) -> Iterator[Explanation]:
    """The derivative times a number among the arguments, or divided by it."""
    if case.fitted_claims is None:
        return
    for k, name in enumerate(case.names):
        values = [point[k] for point in case.points]
        if not all(is_floating(x) and np.size(x) == 1 for x in values):
            continue
        for exponent, text in BY_POWERS.items():

            def candidate(p: int, exponent: int = exponent, values: list[Any] = values) -> Any:
                return case.truths[p] * np.ravel(values[p])[0] ** exponent

            factor = multiple(case, case.fitted_claims, candidate)
            words = simple_words(factor)
            if words is not None and multiple(case, case.truths, candidate) is None:
                said = f"the claim is the derivative {text.format(name)}{multiplied(words)}"
                proof = evidence(case, case.fitted_claims, candidate, "that gives the claim", factor or 1)
                yield Explanation(3.6 if words == "1" else 6, Diagnosis("factor", said, proof, case.name))


BY_POWERS: Final = {1: "times {0}", -1: "divided by {0}", 2: "times {0}²", -2: "divided by {0}²"}
"""Of an argument."""


# ---------------------------------------------------------------------------------------------------------------------
# A mistake on the way


def in_the_chain(case: Case) -> Iterator[Explanation]:
    """Backward passes with a mistake in them: the claim is what one of them gives."""
    chain = case.chain
    for candidate in chain.candidates if chain else []:
        assert chain is not None
        if chain.spent > SEARCH:
            chain.was_cut = True
            return
        explained = of_scaling if isinstance(candidate, Scaling) else of_mistake
        yield from explained(case, chain, candidate)  # type: ignore[arg-type]


SEARCH = 100_000
"""Operations gone through in a search for one mistake; for two, PAIRS more."""

PAIRS = 80_000


def of_mistake(case: Case, chain: ClaimedChain, mistake: Mistake | Alteration) -> Iterator[Explanation]:
    """A mistake, alone or with a simple factor."""
    k = chain.multiple(mistake)
    words = simple_words(k)
    if k is None or words is None or (k != 1 and chain.is_factor(mistake)):
        return
    proof = chain.evidence(mistake, "this mistake", k)
    yield Explanation(
        mistake.rank + (0 if k == 1 else 5), Diagnosis(mistake.kind, mistake.text + multiplied(words), proof, case.name)
    )


def simple_words(k: float | None) -> str | None:
    """A factor that needs no reason, in words; None for any other."""
    return next((text for factor, text in SIMPLE.items() if k is not None and same_factor(factor, k)), None)


def multiplied(words: str) -> str:
    """And by a factor, too."""
    return "" if words == "1" else f"; and all is multiplied by {words}"


def of_scaling(case: Case, chain: ClaimedChain, scaling: Scaling) -> Iterator[Explanation]:
    """A part that is multiplied by some number."""
    found = chain.factors(scaling)
    if found is None or found[0] == 1:
        return
    factor, k = found
    named = scaling.named(factor, lambda number: factor_in_words(case, number))
    if named is None:
        return
    proof = chain.evidence(Mistake(*named, scaling.fault(factor)), "this mistake", k)
    rank = named.rank + (0 if k == 1 else 5)
    yield Explanation(rank, Diagnosis(named.kind, named.text + multiplied(SIMPLE[k]), proof, case.name))


def twice_in_the_chain(case: Case) -> Iterator[Explanation]:
    """Two mistakes at once."""
    chain = case.chain
    singles = single_mistakes(chain)[:SINGLES] if chain else []
    for one, other in combinations(singles, 2):
        assert chain is not None
        if chain.was_cut or chain.spent > SEARCH + PAIRS:
            return
        both = one.and_also(other)
        if chain.multiple(both) == 1:
            yield Explanation(
                both.rank, Diagnosis(both.kind, both.text, chain.evidence(both, "these mistakes"), case.name)
            )


def single_mistakes(chain: ClaimedChain) -> list[Mistake]:
    """Those of which pairs are tried, the simplest first."""
    found: list[Mistake] = []
    for candidate in chain.candidates:
        if isinstance(candidate, Scaling):
            found += candidate.mistakes()
        elif isinstance(candidate, Mistake):
            found.append(candidate)
    return sorted(found, key=lambda mistake: mistake.rank)


SINGLES = 64
"""Mistakes of which pairs are tried."""


ONE: Final = (
    as_a_whole,
    off_by_an_argument,
    axes_exchanged,
    in_another_order,
    over_the_batch,
    on_the_diagonal,
    regularised,
    times_own_output,
    in_the_chain,
    only_if,
    for_some_class,
)
TWO: Final = (twice_in_the_chain,)
WHERE: Final = (in_some_entries,)
"""The tests, in groups: one is tried where those before it explain nothing."""
