"""Derivations made by hand against autograd."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from ..protocols import plain
from ..tensor import Tensor
from ..transforms import Recorded, by_columns, by_rows
from ..trees import flatten, paths, paths_below, unflatten
from .claims import by_name, described, fit, following, parameter_names, prepared, wanted
from .points import is_floating, is_one_hot, like, near, sums_to_one
from .reports import Counterexample, DerivationReport, Result, entry_of

TOLERANCE: Final = {np.dtype(np.float64): 1e-9, np.dtype(np.float32): 1e-4}
"""What rounding may do, in units of the largest entry: far above it, and far below any mistake."""

ATTEMPTS: Final = 20
"""Draws for a point at which everything is a finite number."""


class DerivationMismatch(AssertionError):
    """A derivation by hand and autograd disagree; ``report`` says how.

    >>> try:
    ...     tl.assert_derivation(lambda x: np.sum(x * x), lambda x: x, np.array([1.0, 2.0]))
    ... except tl.DerivationMismatch as mismatch:
    ...     mismatch.report.diagnosis.kind
    'factor'
    """

    def __init__(self, report: DerivationReport) -> None:
        super().__init__(f"\n{report!r}")
        self.report = report


def check_derivation(
    f: Callable[..., Any],
    claimed: Any,
    *args: Any,
    wrt: Any = None,
    points: int = 8,
    rng: int | np.random.Generator = 0,
    tolerance: float | None = None,
    draw: Callable[[np.random.Generator], Sequence[Any]] | None = None,
) -> DerivationReport:
    """Compare derivatives derived by hand with autograd, at the given arguments and at random ones of their kind.

    For a function with one number as result the derivative is the gradient ∂f/∂x, of x's shape; for any other the
    Jacobian ∂yᵢ/∂xⱼ, of the shape ``y.shape + x.shape``. Of an elementwise function, dy/dx of x's shape may be claimed
    (the Jacobian's diagonal), and of a function of rows, one block for each row, ``y.shape + x.shape[1:]``.

    If the claim is wrong, the report says how, where that can be found out: the function is recorded, and gone
    through backward again with one mistake in it, of the kinds people make, until the claimed numbers come out. A
    mistake is named only if it gives the claim to rounding at every point.

    Parameters
    ----------
    f : a function of arrays, or containers of arrays, to an array
    claimed : a function of the same arguments, in plain NumPy, that returns the derivative; the derivatives with
        respect to several arguments as a tuple; or a function for each of them, in a tuple, or in a dict by the
        arguments' names or numbers. An array in place of a function is compared at the given arguments alone
    args : the arguments, float32 as float64
    wrt : which argument, by number or by name, or several; by default the first, or those that ``claimed`` names
    points : how many random points beside the given one. Rows that are one-hot stay so, rows that sum to one too,
        positive numbers stay positive, numbers between 0 and 1 there, integers (labels) as they are
    rng : a seed, or a generator
    tolerance : of differences, in units of the largest entry; 1e-9, or 1e-4 where f computes in float32
    draw : a function of a generator that returns other arguments, where these kinds are not what f needs

    Returns
    -------
    DerivationReport
        whose truth value is whether the derivation holds *for arguments of the given kind*. Where one looks like
        targets, with rows that sum to one, others are tried too, and if the claim needs that sum, a remark says so

    Raises
    ------
    TypeError
        for what is not a function, arguments that have no derivative, several outputs
    ValueError
        for a claim whose shape fits in no way, and where f or its derivative is not finite at the given arguments

    >>> softmax = lambda z: np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    >>> E = lambda z, t: -np.sum(t * np.log(softmax(z)))
    >>> z, t = np.array([[0.5, -1.0, 0.3]]), np.array([[0.0, 1.0, 0.0]])
    >>> tl.check_derivation(E, lambda z, t: softmax(z) - t, z, t)
    ∂f/∂z: the derivation holds, at 9 points
      largest error     ... (allowed: 1e-09 of the largest entry)
      remark            it needs Σ t = 1 over the last axis: it fails at other t
    >>> elementwise = lambda z, t: -t * (1 - softmax(z))
    >>> print(tl.check_derivation(E, elementwise, z, t).diagnosis)
    only the diagonal of the Jacobian of softmax is used: its cross terms ∂aⱼ/∂zₖ, j ≠ k, are missing
    """
    checked = Derivation(f, claimed, args, wrt)
    generator = np.random.default_rng(rng)
    truths = checked.truths(checked.leaves)
    checked.must_be_finite(truths)
    drawn = [] if checked.is_fixed else checked.drawn(generator, points, draw)
    given = [checked.leaves, *[leaves for leaves, _ in drawn]]
    pairs = [checked.paired(leaves, found) for leaves, found in [(checked.leaves, truths), *drawn]]
    return checked.report(given, pairs, tolerance, generator if draw is None and not checked.is_fixed else None)


def assert_derivation(f: Callable[..., Any], claimed: Any, *args: Any, **options: Any) -> None:
    """:func:`check_derivation` for tests: raises :class:`DerivationMismatch`, with the report, if the claim is wrong.

    >>> tl.assert_derivation(lambda x: np.sum(np.tanh(x)), lambda x: 1 - np.tanh(x) ** 2, np.array([0.1, -0.5]))
    """
    report = check_derivation(f, claimed, *args, **options)
    if not report.holds:
        raise DerivationMismatch(report)


class Truths(NamedTuple):
    """By autograd, for each quantity the derivative at a point; and the output's shape."""

    derivatives: list[Any]
    y_shape: tuple[int, ...]


class Pair(NamedTuple):
    """Both sides at a point: for each quantity autograd's derivative and the claim; and the output's shape."""

    truths: list[Any]
    claims: list[Any]
    y_shape: tuple[int, ...]


class Derivation:
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
        self.parameters = parameters = parameter_names(f, len(args))
        self.argnums, self.parts = wanted(claimed, wrt, parameters)
        self.is_single = len(self.argnums) == 1
        self.is_fixed = not all(callable(part) for part in self.parts)
        self.leaves, self.structure = flatten(tuple([prepared(x) for x in args]))
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
                    f"floating-point numbers but {type(self.leaves[k]).__name__}"
                )
        if not self.quantities:
            raise TypeError("check_derivation: there is nothing to differentiate in the arguments asked for")

    # -- both sides ---------------------------------------------------------------------------------------------------

    def call(self, leaves: Sequence[Any]) -> Any:
        """f of arguments with these leaves."""
        return self.f(*unflatten(self.structure, leaves))

    def truths(self, leaves: Sequence[Any]) -> Truths:
        """Autograd's derivatives at a point."""
        run = Recorded("check_derivation", self.f, unflatten(self.structure, leaves), self.argnums)
        if len(run.values) != 1 or run.outputs.kind is not None:
            raise TypeError(f"check_derivation: f must return one array or number, it returned {len(run.values)}")
        y = run.values[0]
        if y.size == 1:
            found = run.pull([np.ones(y.shape)[()]])
        else:
            columns = sum([x.size for x in run.variables])
            found = (by_columns(run) if columns < y.size else by_rows(run))[0]
        return Truths([np.asarray(plain(g, Tensor)) for g in found], y.shape)

    def paired(self, leaves: Sequence[Any], truths: Truths) -> Pair:
        """With the claims at the same point."""
        return Pair(truths.derivatives, self.claims(unflatten(self.structure, leaves)), truths.y_shape)

    def at(self, leaves: Sequence[Any]) -> Pair:
        """Both sides at a point."""
        return self.paired(leaves, self.truths(leaves))

    def claims(self, args: Any) -> list[Any]:
        """The claimed derivatives, in the order of the quantities."""
        copies = [x.copy() if isinstance(x, np.ndarray) else x for x in flatten(args)[0]]
        own = unflatten(self.structure, copies)  # a formula that writes to its arguments shall not spoil the others'
        with np.errstate(all="ignore"):
            values = [part(*own) if callable(part) else part for part in self.parts]
        if len(values) == 1 and not self.is_single:
            (together,) = values
            if isinstance(together, Mapping):
                together = by_name(together, self.parameters, self.argnums)
            if not isinstance(together, (tuple, list)) or len(together) != len(self.argnums):
                raise ValueError(
                    f"check_derivation: the claim must be {len(self.argnums)} derivatives in a tuple, one for each "
                    f"argument asked for; got {described(together)}"
                )
            values = list(together)
        found: list[Any] = []
        for n, value in zip(self.argnums, values, strict=True):
            found += following(self.structure.children[n], value, self.names[self.quantities[len(found)]])
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

    def drawn(
        self, rng: np.random.Generator, points: int, draw: Callable[..., Any] | None
    ) -> list[tuple[list[Any], Truths]]:
        """Random points at which everything is finite; fewer where there are hardly any."""
        found: list[tuple[list[Any], Truths]] = []
        for attempt in range(ATTEMPTS * points):
            if len(found) == points:
                break
            leaves = self.one(rng, draw, near if attempt > ATTEMPTS * points // 2 else like)
            with np.errstate(all="ignore"):
                try:
                    truths = self.truths(leaves)
                except (ValueError, ZeroDivisionError, FloatingPointError):
                    if draw is not None:
                        raise
                    continue
            if all(np.all(np.isfinite(truth)) for truth in truths.derivatives):
                found.append((leaves, truths))
        return found

    def one(self, rng: np.random.Generator, draw: Callable[..., Any] | None, kind: Callable[..., Any]) -> list[Any]:
        """The leaves of one random point."""
        if draw is None:
            return [kind(rng, x, k in self.quantities) for k, x in enumerate(self.leaves)]
        args = draw(rng)
        leaves, structure = flatten(tuple([prepared(x) for x in args]) if isinstance(args, (tuple, list)) else args)
        if structure != self.structure:
            raise ValueError(
                "check_derivation: draw must return a tuple of arguments as the given ones, in the same containers"
            )
        return leaves

    # -- the verdict --------------------------------------------------------------------------------------------------

    def report(
        self, given: list[list[Any]], pairs: list[Pair], tolerance: float | None, rng: np.random.Generator | None
    ) -> DerivationReport:
        """Compare, explain what differs, and say under which conditions it holds."""
        if tolerance is None:
            tolerance = max([TOLERANCE.get(g.dtype, 1e-4) for pair in pairs for g in pair.truths])
        results = []
        worst: Counterexample | None = None
        for q in range(len(self.quantities)):
            result, example = self.result(q, given, pairs, tolerance)
            results.append(result)
            worst = worst or example
        remarks = []
        if len(given) == 1:
            remarks.append("compared at the given arguments alone")
        elif rng is not None and all(result.holds for result in results):
            remarks += self.conditions(given, rng, tolerance)
        return DerivationReport(tuple(results), worst, tuple(remarks), len(given), tolerance)

    def result(
        self, q: int, given: list[list[Any]], pairs: list[Pair], tolerance: float
    ) -> tuple[Result, Counterexample | None]:
        """One quantity's comparison."""
        from .cases import Case, close
        from .diagnoses import explain, why_none

        k = self.quantities[q]
        name = f"∂{self.title}/∂{self.names[k]}"
        truths, claims = [pair.truths[q] for pair in pairs], [pair.claims[q] for pair in pairs]
        fitted = self.fitted(q, given, pairs)
        errors = [math.inf]
        example = None
        if fitted is not None:
            if all(close(a, b, tolerance) for a, b in zip(fitted, truths, strict=True)):
                off = max([float(np.max(np.abs(a - b), initial=0)) for a, b in zip(fitted, truths, strict=True)])
                return Result(name, True, off), None
            errors = [float(np.max(np.abs(a - b), initial=0)) for a, b in zip(fitted, truths, strict=True)]
            errors = [off if np.isfinite(off) else math.inf for off in errors]
            p = next(p for p, (a, b) in enumerate(zip(fitted, truths, strict=True)) if not close(a, b, tolerance))
            entry = entry_of(fitted[p] - truths[p])
            example = Counterexample(
                tuple(unflatten(self.structure, given[p])),
                p == 0,
                name,
                entry,
                float(fitted[p][entry]),
                float(truths[p][entry]),
            )

        def again(points: list[list[Any]]) -> tuple[list[Any], list[Any]]:
            others = [self.at(point) for point in points]
            return [pair.truths[q] for pair in others], self.fitted(q, points, others) or [
                pair.claims[q] for pair in others
            ]

        case = Case(
            name,
            given,
            self.names,
            k,
            frozenset(self.quantities),
            self.call,
            pairs[0].y_shape,
            truths,
            claims,
            fitted,
            again if not self.is_fixed else lambda points: ([math.nan], [math.nan]),
            tolerance,
        )
        diagnoses = explain(case)
        if fitted is None and not diagnoses:
            kind = "gradient" if truths[0].shape == np.shape(given[0][k]) else "Jacobian"
            raise ValueError(
                f"check_derivation: the claim for {name} has shape {claims[0].shape}; the {kind} has shape "
                f"{truths[0].shape}, and no transposition or sum of the one is the other. Return an array of that shape"
            )
        return Result(name, False, max(errors), diagnoses, None if diagnoses else why_none(case)), example

    def fitted(self, q: int, given: list[list[Any]], pairs: list[Pair]) -> list[Any] | None:
        """The claims in the derivatives' shape, at every point; None where they do not fit."""
        x_shape = np.shape(given[0][self.quantities[q]])
        found = [fit(pair.claims[q], pair.truths[q], pair.y_shape, x_shape) for pair in pairs]
        return None if any(claim is None for claim in found) else found

    def conditions(self, given: list[list[Any]], rng: np.random.Generator, tolerance: float) -> list[str]:
        """Whether a claim that holds needs rows of an argument to be one-hot, or to sum to one, as they do."""
        from .cases import close
        from .points import normalised

        def holds(k: int, change: Callable[[Any], Any]) -> bool:
            others = [[change(x) if j == k else x for j, x in enumerate(point)] for point in given]
            pairs = [self.at(point) for point in others]
            fitted = [self.fitted(q, others, pairs) for q in range(len(self.quantities))]
            return all(
                claims is not None and close(claim, pair.truths[q], tolerance)
                for q, claims in enumerate(fitted)
                for claim, pair in zip(claims or [], pairs, strict=True)
            )

        def positive(x: Any) -> Any:
            return rng.uniform(0.2, 1.5, x.shape)

        found = []
        for k, name in enumerate(self.names):
            x = self.leaves[k]
            if k in self.quantities or not is_floating(x) or not sums_to_one(np.asarray(x)):
                continue
            try:
                with np.errstate(all="ignore"):
                    if is_one_hot(x) and not holds(k, lambda x: normalised(positive(x))):
                        found.append(f"it needs {name} to be one-hot: it fails at other {name}")
                    elif not holds(k, positive):
                        found.append(f"it needs Σ {name} = 1 over the last axis: it fails at other {name}")
            except (ValueError, TypeError, ArithmeticError):
                continue  # a function that refuses other targets itself
        return found
