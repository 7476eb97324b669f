"""How a claimed derivative fails: each diagnosis is a hypothesis that was set against the numbers, at every point."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from ..primitive import unbroadcast
from ..table.neural import one_hot
from .mistakes import mistakes
from .points import is_floating, is_one_hot, normalised, rows, sums_to_one
from .reports import Diagnosis
from .traces import Trace

AT_MOST = 4
"""Explanations listed, the best included."""


class Case(NamedTuple):
    """A claimed derivative that does not hold, and all there is to test explanations with.

    Attributes
    ----------
    name : the derivative's
    points : at each point the leaves of the arguments
    names : the leaves'
    leaf : which of them the derivative is with respect to
    variables : the leaves that any claimed derivative is with respect to
    call : the function of the leaves
    y_shape : the output's; one number has a gradient, anything else a Jacobian
    truths : at each point the derivative by autograd, of the variable's shape or of the output's and then the variable's
    claims : at each point the claim, in whatever shape it came
    fitted : the same in the derivative's shape; None where it does not fit
    again : the two at other points
    tolerance : in units of the largest entry
    """

    name: str
    points: list[list[Any]]
    names: list[str]
    leaf: int
    variables: frozenset[int]
    call: Callable[[Sequence[Any]], Any]
    y_shape: tuple[int, ...]
    truths: list[Any]
    claims: list[Any]
    fitted: list[Any] | None
    again: Callable[[list[list[Any]]], tuple[list[Any], list[Any]]]
    tolerance: float

    @property
    def is_jacobian(self) -> bool:
        return math.prod(self.y_shape) != 1

    @property
    def x_shape(self) -> tuple[int, ...]:
        return np.shape(self.points[0][self.leaf])


class Found(NamedTuple):
    """An explanation, and how simple it is: the smaller the rank, the simpler."""

    rank: float
    diagnosis: Diagnosis


def explain(case: Case) -> tuple[Diagnosis, ...]:
    """What gives the claimed numbers at every point, the simplest first, one explanation of each kind."""
    if not all(np.all(np.isfinite(claim)) for claim in case.claims):
        return tuple(not_finite(case))
    found: list[Found] = []
    for test in (as_a_whole, transposed, over_the_batch, on_the_diagonal, in_the_chain, only_if, for_some_class):
        with np.errstate(all="ignore"):
            found += test(case)
    best: dict[str, Diagnosis] = {}
    for _, diagnosis in sorted(found, key=lambda item: item.rank):
        best.setdefault(diagnosis.kind, diagnosis)
    if not best:
        best = {diagnosis.kind: diagnosis for _, diagnosis in in_some_entries(case)}
    return tuple(best.values())[:AT_MOST]


# ---------------------------------------------------------------------------------------------------------------------
# Comparing


def close(a: Any, b: Any, tolerance: float) -> bool:
    """Whether rounding explains the difference; not if there are entries that are no numbers."""
    size = max(float(np.max(np.abs(a), initial=0)), float(np.max(np.abs(b), initial=0)))
    return bool(np.max(np.abs(a - b), initial=0) <= tolerance * size) if np.isfinite(size) else False


def multiple(case: Case, claims: Sequence[Any], candidate: Callable[[int], Any]) -> float | None:
    """The number by which the candidate, at every point, is multiplied in the claim; None if there is none."""
    k: float | None = None
    for p, claim in enumerate(claims):
        v = candidate(p)
        if np.shape(v) != np.shape(claim) or not np.all(np.isfinite(v)):
            return None
        if k is None and np.any(v):
            place = np.unravel_index(int(np.argmax(np.abs(v))), np.shape(v))
            k = float(np.asarray(claim)[place] / np.asarray(v)[place])
            k = 1.0 if abs(k - 1) <= case.tolerance else k
            if k == 0:
                return None
        if not close(claim, (k or 0.0) * v, case.tolerance):
            return None
    return k


def telling(claims: Sequence[Any], truths: Sequence[Any]) -> bool:
    """Whether there are different numbers in the claim, as in the derivative: the same one everywhere proves little."""
    return distinct(claims) > 1 or distinct(truths) == 1


def distinct(arrays: Sequence[Any]) -> int:
    """How many different numbers there are, up to rounding."""
    numbers = np.concatenate([np.ravel(a) for a in arrays])
    size = np.max(np.abs(numbers), initial=0) or 1.0
    return len(np.unique(np.round(numbers / size, 8)))


def evidence(case: Case, claims: Sequence[Any], candidate: Callable[[int], Any], what: str, k: float = 1.0) -> str:
    """How closely the candidate gives the claim."""
    off = max([float(np.max(np.abs(c - k * candidate(p)), initial=0)) for p, c in enumerate(claims)])
    numbers = sum([np.size(c) for c in case.claims])
    where = "the given point" if len(claims) == 1 else f"all {len(claims)} points"
    return f"{what} gives the claim at {where} ({numbers} numbers), off by {off:.1g} at most"


def sizes(case: Case) -> dict[int, str]:
    """Lengths that factors may come from: of the arguments' axes, and numbers of entries."""
    found: dict[int, str] = {}
    named = [*zip(case.names, case.points[0], strict=True), ("the output", np.zeros(case.y_shape))]
    order = [named[case.leaf], *named]
    for name, x in order:
        for axis, n in enumerate(np.shape(x)):
            found.setdefault(n, f"the length of axis {axis} of {name}")
    for name, x in order:
        found.setdefault(np.size(x), f"the number of entries of {name}")
    return {n: text for n, text in found.items() if n > 2}


def in_words(case: Case, k: float) -> str | None:
    """A factor that people make mistakes by: a sign, 2, ½, a size N or 1/N, or both; None for any other."""
    for sign, (m, text) in product((1, -1), ((1.0, ""), (2.0, "2"), (0.5, "½"))):
        dash = "−" if sign < 0 else ""
        if abs(sign * m / k - 1) <= 1e-7:
            also = next((name for n, name in sizes2(case) if n == m), None)
            return f"{dash}{text or '1'}" + (f" (2 is also {also})" if also and m == 2 else "")
        for n, name in sizes(case).items():
            if abs(sign * m * n / k - 1) <= 1e-7:
                return f"{dash}{text and text + '·'}{n}, with {n} {name}"
            if abs(sign * m / n / k - 1) <= 1e-7:
                return f"{dash}{'1/' + str(2 * n) if m == 0.5 else (text or '1') + '/' + str(n)}, with {n} {name}"
    return None


def sizes2(case: Case) -> Iterator[tuple[int, str]]:
    """Axes of length two."""
    for name, x in zip(case.names, case.points[0], strict=True):
        for axis, n in enumerate(np.shape(x)):
            if n == 2:
                yield n, f"the length of axis {axis} of {name}"


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


def as_a_whole(case: Case) -> Iterator[Found]:
    """Minus the derivative, or a multiple of it."""
    if case.fitted is None:
        return
    k = multiple(case, case.fitted, case.truths.__getitem__)
    if k is None or k == 1:
        return
    proof = evidence(case, case.fitted, case.truths.__getitem__, f"{k:.6g} × autograd's derivative", k)
    if abs(k + 1) <= 1e-7:
        yield Found(0, Diagnosis("sign", "the sign is wrong: the claim is minus the derivative", proof, case.name))
        return
    words = in_words(case, k)
    if words or distinct(case.truths) > 2:
        text = f"a constant factor: the claim is the derivative times {words or format(k, '.6g')}"
        yield Found(1.5 if words else 6, Diagnosis("factor", text, proof, case.name))


def transposed(case: Case) -> Iterator[Found]:
    """Axes in another order."""
    truth = case.truths[0]
    n, m = len(case.y_shape), len(case.x_shape)
    orders: dict[tuple[int, ...], str] = {}
    if case.is_jacobian and n and m:
        orders[(*range(n, n + m), *range(n))] = "the Jacobian is transposed: rows are for outputs, columns for inputs"
    elif truth.ndim > 1:
        orders[tuple(range(truth.ndim))[::-1]] = "the claim is the transpose of the gradient"
        orders[(*range(truth.ndim - 2), truth.ndim - 1, truth.ndim - 2)] = "the last two axes are exchanged"
    for order, text in orders.items():

        def candidate(p: int, order: tuple[int, ...] = order) -> Any:
            return case.truths[p].transpose(order)

        k = multiple(case, case.claims, candidate)
        words = "" if k is None else in_words(case, k)
        if k is not None and words and telling(case.claims, case.truths):
            more = "" if k == 1 else f", and it is multiplied by {words}"
            proof = evidence(case, case.claims, candidate, "autograd's derivative, transposed,", k)
            yield Found(0.5 if k == 1 else 7, Diagnosis("transposed", text + more, proof, case.name))


def over_the_batch(case: Case) -> Iterator[Found]:
    """A claim with an axis to sum over, or one that was summed over an axis of the derivative."""
    if case.fitted is not None or case.is_jacobian:
        return
    shape, given = case.truths[0].shape, case.claims[0].shape
    if broadcasts(shape, given):
        summed = [unbroadcast(claim, shape) for claim in case.claims]
        k = multiple(case, summed, case.truths.__getitem__)
        n = math.prod(given) // max(math.prod(shape), 1)
        if k is not None and (k == 1 or abs(k / n - 1) <= 1e-7):
            kind, what = ("sum", "sum") if k == 1 else ("mean", "mean")
            text = (
                f"the {what} over the batch is missing: the claim has shape {given}, and its {what} over the "
                f"additional entries is the gradient, of shape {shape}"
            )
            proof = evidence(case, summed, case.truths.__getitem__, f"{k:.6g} × autograd's derivative, of the sum,", k)
            yield Found(0.5, Diagnosis(kind, text, proof, case.name))
    elif broadcasts(given, shape):

        def candidate(p: int) -> Any:
            return unbroadcast(case.truths[p], given)

        k = multiple(case, case.claims, candidate)
        n = math.prod(shape) // max(math.prod(given), 1)
        if k is not None and (k == 1 or abs(k * n - 1) <= 1e-7):
            text = f"the claim is {'summed' if k == 1 else 'averaged'} over an axis that the gradient has: its shape is {given} "
            proof = evidence(case, case.claims, candidate, "autograd's gradient, reduced,", k)
            diagnosis = Diagnosis("sum" if k == 1 else "mean", text + f"instead of {shape}", proof, case.name)
            yield Found(0.5, diagnosis)


def broadcasts(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Whether the one shape stretches to the other."""
    try:
        return small != large and np.broadcast_shapes(small, large) == large
    except ValueError:
        return False


def on_the_diagonal(case: Case) -> Iterator[Found]:
    """A Jacobian without its cross terms."""
    if not case.is_jacobian or case.fitted is None or case.y_shape != case.x_shape:
        return
    n = math.prod(case.x_shape)
    diagonal = np.eye(n).reshape(case.truths[0].shape)

    def candidate(p: int) -> Any:
        return case.truths[p] * diagonal

    if multiple(case, case.fitted, candidate) == 1:
        text = "only the diagonal of the Jacobian is claimed: the cross terms ∂yⱼ/∂xₖ, j ≠ k, are missing"
        proof = evidence(case, case.fitted, candidate, "autograd's Jacobian with 0 off its diagonal")
        yield Found(0.6, Diagnosis("diagonal", text, proof, case.name))


# ---------------------------------------------------------------------------------------------------------------------
# A mistake on the way


def in_the_chain(case: Case) -> Iterator[Found]:
    """Backward passes with a mistake in them: the claim is what one of them gives."""
    traces = traced(case)
    if traces is None or case.fitted is None or not telling(case.fitted, case.truths):
        return
    rng = np.random.default_rng(0)
    n = len(case.y_shape)
    # of a Jacobian, a random combination of its rows: one sweep, and no two Jacobians have the same by chance
    seeds = [rng.uniform(0.5, 1.5, case.y_shape) if case.is_jacobian else np.ones(case.y_shape) for _ in traces]
    claims, truths = [
        [np.tensordot(u, a, n) if case.is_jacobian else a for u, a in zip(seeds, arrays, strict=True)]
        for arrays in (case.fitted, case.truths)
    ]
    right = [trace.sweep(u[()], {}) for trace, u in zip(traces, seeds, strict=True)]
    if not all(close(a, b, case.tolerance) for a, b in zip(right, truths, strict=True)):
        return
    named = [(case.names[case.leaf], None), *zip(case.names, case.points[0], strict=True)]
    for mistake in mistakes(traces[0], named):

        def candidate(p: int, fault: Callable[[Trace], Any] = mistake.fault) -> Any:
            return traces[p].sweep(seeds[p][()], fault(traces[p]))

        try:
            k = multiple(case, claims, candidate)
        except (ValueError, FloatingPointError, ZeroDivisionError):  # a mistake that shapes or numbers do not allow
            continue
        words = None if k is None else in_words(case, k)
        if k is None or words is None or close_all(case, candidate, truths):
            continue
        more = "" if k == 1 else f"; and all is multiplied by {words}"
        proof = evidence(case, claims, candidate, "autograd's backward pass with this mistake in it", k)
        yield Found(mistake.rank + (0 if k == 1 else 5), Diagnosis(mistake.kind, mistake.text + more, proof, case.name))


def close_all(case: Case, candidate: Callable[[int], Any], truths: Sequence[Any]) -> bool:
    """Whether a mistake makes no difference but for a factor, which is then the whole explanation."""
    return all(close(candidate(p), truth, case.tolerance) for p, truth in enumerate(truths))


def traced(case: Case) -> list[Trace] | None:
    """The function's trace at every point; None where it cannot be traced, or is not the same computation everywhere."""
    found = []
    for point in case.points:

        def of(x: Any, point: list[Any] = point) -> Any:
            return case.call([x if k == case.leaf else value for k, value in enumerate(point)])

        try:
            found.append(Trace(of, point[case.leaf]))
        except Exception:  # what f does with what is not a Tensor is its own affair
            return None
    return found if len({trace.pattern for trace in found}) == 1 else None


# ---------------------------------------------------------------------------------------------------------------------
# Right only when, right only where


def only_if(case: Case) -> Iterator[Found]:
    """Right if the rows of an argument sum to one, or are one-hot, which the given ones' do not or are not."""
    if case.fitted is None:
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
            if all(close(a, b, case.tolerance) for a, b in zip(claims, truths, strict=True)):
                off = max([float(np.max(np.abs(a - b), initial=0)) for a, b in zip(claims, truths, strict=True)])
                proof = f"with such {name} at {len(changed)} points the claim is right, off by {off:.1g} at most"
                yield Found(1, Diagnosis("condition", f"right only when {text.format(name)}", proof, case.name))
                break


def may_be_target(x: Any) -> bool:
    """Rows of numbers that are not negative, none of them all zeros; not one-hot already."""
    return bool(rows(x) and is_floating(x) and np.all(x >= 0) and np.all(x.sum(axis=-1) > 0) and not is_one_hot(x))


SUMS_TO_ONE = "Σ {0} = 1, over the last axis"
CONDITIONS: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    (SUMS_TO_ONE, normalised),
    ("{0} is one-hot: a single 1 in each row, and else 0", lambda x: np.eye(x.shape[-1])[x.argmax(axis=-1)]),
)


def for_some_class(case: Case) -> Iterator[Found]:
    """Right where a target is 1 and wrong wherever it is 0, or the reverse."""
    if case.fitted is None or case.is_jacobian or not case.truths[0].ndim:
        return
    right = [rightly(case, p) for p in range(len(case.points))]
    for name, masks in targets(case):
        for wanted, text in ((True, "right for the correct class only, where {} = 1: wrong in every other entry"),
                             (False, "wrong for the correct class only, where {} = 1: right in every other entry")):
            if all(np.array_equal(r, m == wanted) for r, m in zip(right, masks, strict=True)):
                proof = f"so it is in all {sum([m.size for m in masks])} entries at {len(masks)} points"
                yield Found(5, Diagnosis("correct class", text.format(name), proof, case.name))


def rightly(case: Case, p: int) -> Any:
    """Which entries are right at a point."""
    assert case.fitted is not None
    truth, claim = case.truths[p], case.fitted[p]
    size = max(float(np.max(np.abs(truth), initial=0)), float(np.max(np.abs(claim), initial=0)))
    return np.abs(truth - claim) <= case.tolerance * size


def targets(case: Case) -> Iterator[tuple[str, list[Any]]]:
    """Everything of the derivative's shape that says which class is the right one, as masks at each point."""
    shape = case.truths[0].shape
    for k, name in enumerate(case.names):
        values = [point[k] for point in case.points]
        if k not in case.variables and all(np.shape(x) == shape and is_floating(x) and is_one_hot(x) for x in values):
            yield name, [x == 1 for x in values]
        elif all(is_label(x, shape) for x in values):
            yield f"the class is {name}; t", [one_hot(np.ravel(x), shape[-1]).reshape(shape) for x in values]
    traces = traced(case) or []
    given = [id(x) for point in case.points for x in point]
    for k, node in enumerate(traces[0].nodes if traces else []):
        for i in range(len(node.inputs)):
            constants = [trace.nodes[k].inputs[i] for trace in traces]
            if all(type(x) is np.ndarray and x.shape == shape and is_one_hot(x) for x in constants):
                if id(constants[0]) not in given:
                    yield "the target t", [x == 1 for x in constants]


def is_label(x: Any, shape: tuple[int, ...]) -> bool:
    """Whether it is of class numbers, one for each row of an array of this shape."""
    x = np.asarray(x) if isinstance(x, (int, np.integer, np.ndarray)) and not isinstance(x, bool) else np.asarray("")
    return bool(x.dtype.kind in "iu" and x.shape == shape[:-1] and np.all((x >= 0) & (x < shape[-1])))


def in_some_entries(case: Case) -> Iterator[Found]:
    """The same entries right at every point, and the others wrong at most of them."""
    if case.fitted is None:
        return
    every = np.array([rightly(case, p) for p in range(len(case.points))])
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
    yield Found(8, Diagnosis("entries", worded, proof, case.name))


def in_entries(mask: Any) -> str:
    """The entries of a mask in words: whole rows and columns, or a list."""
    if mask.ndim == 2:
        for axis, word in ((1, "row"), (0, "column")):
            whole = mask.all(axis=axis)
            if np.array_equal(np.broadcast_to(np.expand_dims(whole, axis), mask.shape), mask):
                return listed(f"{word}", [str(k) for k in np.flatnonzero(whole)])
    places = ["[" + ", ".join([str(int(k)) for k in place]) + "]" for place in np.argwhere(mask)]
    plural = ("entry", "entries")
    return f"{plural[len(places) > 1]} {shortened(places)}"


def listed(word: str, items: list[str]) -> str:
    """One row, or several."""
    return f"{word}{'s' if len(items) > 1 else ''} {shortened(items)}"


def shortened(items: list[str], most: int = 5) -> str:
    """The first few."""
    return ", ".join(items[:most]) + (f" and {len(items) - most} more" if len(items) > most else "")
