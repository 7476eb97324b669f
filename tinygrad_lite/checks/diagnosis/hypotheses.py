"""How a claimed derivative fails: each diagnosis is a hypothesis that was set against the numbers, at every point."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any, Final, NamedTuple

import numpy as np

from ...table.arrays import unbroadcast
from ...table.entropies import label_mask
from ..points import has_classes, is_floating, is_one_hot, normalised_rows, sums_to_one
from ..reports import Diagnosis
from .alterations import Alteration
from .backward import given_operand
from .mistakes import SAME, Mistake, Scaling
from .numbers import SIMPLE, Case, ClaimedChain, agree, count_distinct, evidence, factor_in_words, is_telling, multiple

AT_MOST = 4
"""Explanations listed, the best included."""


class Explanation(NamedTuple):
    """An explanation, and how simple it is: the smaller the rank, the simpler."""

    rank: float
    diagnosis: Diagnosis


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
            f"the function has {len(case.chain.passes[0].nodes)} operations, too many to try every mistake at each of "
            "them: none of those that were tried gives the claimed numbers. Try it with fewer steps or layers"
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


# ---------------------------------------------------------------------------------------------------------------------
# A mistake on the way


def in_the_chain(case: Case) -> Iterator[Explanation]:
    """Backward passes with a mistake in them: the claim is what one of them gives."""
    chain = case.chain
    for candidate in chain.candidates if chain else []:
        assert chain is not None
        if not chain.has_time(SEARCH):
            return
        explained = of_scaling if isinstance(candidate, Scaling) else of_mistake
        yield from explained(case, chain, candidate)  # type: ignore[arg-type]


SEARCH = 150_000
"""Operations gone through in a search for one mistake; for two, PAIRS more."""

PAIRS = 100_000


def of_mistake(case: Case, chain: ClaimedChain, mistake: Mistake | Alteration) -> Iterator[Explanation]:
    """A mistake, alone or with a simple factor."""
    k = chain.multiple(mistake)
    words = next((text for factor, text in SIMPLE.items() if k is not None and abs(factor / k - 1) <= SAME), None)
    if k is None or words is None or (k != 1 and chain.is_factor(mistake)):
        return
    proof = chain.evidence(mistake, "this mistake", k)
    yield Explanation(
        mistake.rank + (0 if k == 1 else 5), Diagnosis(mistake.kind, mistake.text + multiplied(words), proof, case.name)
    )


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
        if not chain.has_time(SEARCH + PAIRS):
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


# ---------------------------------------------------------------------------------------------------------------------
# Right only when, right only where


def only_if(case: Case) -> Iterator[Explanation]:
    """Right if the rows of an argument sum to one, or are one-hot, which the given ones' do not or are not."""
    if case.fitted_claims is None or case.again is None:
        return
    for k, name in enumerate(case.names):
        values = [point[k] for point in case.points]
        if k in case.variables or not all(may_be_target(x) for x in values):
            continue
        for text, change in CONDITIONS:
            if text == SUMS_TO_ONE and all(sums_to_one(x) for x in values):
                continue
            changed = [[change(x) if j == k else x for j, x in enumerate(point)] for point in case.points]
            truths, claims = case.again(changed)
            if all(agree(a, b, case.tolerance) for a, b in zip(claims, truths, strict=True)):
                off = max([float(np.max(np.abs(a - b), initial=0)) for a, b in zip(claims, truths, strict=True)])
                proof = f"with such {name} at {len(changed)} points the claim is right, off by {off:.1g} at most"
                yield Explanation(1, Diagnosis("condition", f"right only when {text.format(name)}", proof, case.name))
                break


def may_be_target(x: Any) -> bool:
    """Rows of numbers that are not negative, none of them all zeros; not one-hot already."""
    return bool(
        has_classes(x) and is_floating(x) and np.all(x >= 0) and np.all(x.sum(axis=-1) > 0) and not is_one_hot(x)
    )


SUMS_TO_ONE = "Σ {0} = 1, over the last axis"
CONDITIONS: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    (SUMS_TO_ONE, normalised_rows),
    ("{0} is one-hot: a single 1 in each row, and else 0", lambda x: np.eye(x.shape[-1])[x.argmax(axis=-1)]),
)


def for_some_class(case: Case) -> Iterator[Explanation]:
    """Right where a target is 1 and wrong wherever it is 0, or the reverse."""
    if case.fitted_claims is None or case.is_jacobian or not case.truths[0].ndim:
        return
    right = [right_entries(case, p) for p in range(len(case.points))]
    for name, masks in target_masks(case):
        for wanted, text in (
            (True, "right for the correct class only, where {}: wrong in every other entry"),
            (False, "wrong for the correct class only, where {}: right in every other entry"),
        ):
            if all(np.array_equal(r, m == wanted) for r, m in zip(right, masks, strict=True)):
                proof = f"so it is in all {sum([m.size for m in masks])} entries at {len(masks)} points"
                yield Explanation(5, Diagnosis("correct class", text.format(name), proof, case.name))


def right_entries(case: Case, p: int) -> Any:
    """Which entries are right at a point."""
    assert case.fitted_claims is not None
    truth, claim = case.truths[p], case.fitted_claims[p]
    size = max(float(np.max(np.abs(truth), initial=0)), float(np.max(np.abs(claim), initial=0)))
    return np.abs(truth - claim) <= case.tolerance * size


def target_masks(case: Case) -> Iterator[tuple[str, list[Any]]]:
    """Everything of the derivative's shape that says which class is the right one, as masks at each point."""
    shape = case.truths[0].shape
    for k, name in enumerate(case.names):
        values = [point[k] for point in case.points]
        if k not in case.variables and all(np.shape(x) == shape and is_floating(x) and is_one_hot(x) for x in values):
            yield f"{name} = 1", [x == 1 for x in values]
        elif all(is_label(x, shape) for x in values):
            yield f"the class is that of {name}", [label_mask(np.ravel(x), shape[-1]).reshape(shape) for x in values]
    passes = case.passes or []
    given = [id(x) for point in case.points for x in point]
    for k, sources in enumerate(passes[0].sources if passes else []):
        for i in [place for place, source in enumerate(sources) if source is None]:
            constants = [given_operand(backward.nodes[k], i) for backward in passes]
            fitting = all(type(x) is np.ndarray and x.shape == shape and is_one_hot(x) for x in constants)
            if fitting and id(constants[0]) not in given:
                yield "the target is 1", [x == 1 for x in constants]


def is_label(x: Any, shape: tuple[int, ...]) -> bool:
    """Whether it is of class numbers, one for each row of an array of this shape."""
    x = np.asarray(x) if isinstance(x, (int, np.integer, np.ndarray)) and not isinstance(x, bool) else np.asarray("")
    return bool(x.dtype.kind in "iu" and x.shape == shape[:-1] and np.all((x >= 0) & (x < shape[-1])))


def in_some_entries(case: Case) -> Iterator[Explanation]:
    """Some entries right at every point, and all others wrong at most of them."""
    if case.fitted_claims is None:
        return
    every = np.array([right_entries(case, p) for p in range(len(case.points))])
    trivial = np.all([np.abs(t) <= case.tolerance * np.max(np.abs(t), initial=0) for t in case.truths], axis=0)
    right, wrong = np.all(every, axis=0), np.mean(~every, axis=0) > 0.5
    if not np.all(right | wrong) or not np.any(wrong) or not np.any(right & ~trivial):
        return
    worded = f"right only in {in_entries(right)}; wrong in {in_entries(wrong)}"
    if case.is_jacobian and case.y_shape == case.x_shape:
        n = math.prod(case.x_shape)
        diagonal = np.eye(n, dtype=bool).reshape(right.shape)
        if np.array_equal(wrong, diagonal):
            worded = "right off the diagonal of the Jacobian, wrong on it"
        elif np.array_equal(right, diagonal):
            worded = "right on the diagonal of the Jacobian, wrong off it (the cross terms)"
    proof = f"{int(right.sum())} of {right.size} entries are right, the same at all {len(every)} points"
    yield Explanation(8, Diagnosis("entries", worded, proof, case.name))


def in_entries(mask: Any) -> str:
    """The entries of a mask in words: whole rows and columns, or a list."""
    if mask.ndim == 2:
        for axis, word in ((1, "row"), (0, "column")):
            whole = mask.all(axis=axis)
            if np.array_equal(np.broadcast_to(np.expand_dims(whole, axis), mask.shape), mask):
                return worded_list(f"{word}", [str(k) for k in np.flatnonzero(whole)])
    places = ["[" + ", ".join([str(int(k)) for k in place]) + "]" for place in np.argwhere(mask)]
    plural = ("entry", "entries")
    return f"{plural[len(places) > 1]} {first_few(places)}"


def worded_list(word: str, items: list[str]) -> str:
    """One row, or several."""
    return f"{word}{'s' if len(items) > 1 else ''} {first_few(items)}"


def first_few(items: list[str], most: int = 5) -> str:
    """The first few."""
    return ", ".join(items[:most]) + (f" and {len(items) - most} more" if len(items) > most else "")


ONE: Final = (as_a_whole, axes_exchanged, over_the_batch, on_the_diagonal, in_the_chain, only_if, for_some_class)
TWO: Final = (twice_in_the_chain,)
WHERE: Final = (in_some_entries,)
"""The tests, in groups: one is tried where those before it explain nothing."""
