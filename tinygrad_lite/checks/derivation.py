"""Derivations made by hand against autograd."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..engine.recording import detect_anomaly

if TYPE_CHECKING:
    from .reports import DerivationReport


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


@detect_anomaly(check_nan=False, check_inf=False)
def check_derivation(
    f: Callable[..., Any],
    claimed: Any,
    *args: Any,
    wrt: Any = None,
    points: int = 8,
    rng: int | np.random.Generator = 0,
    tolerance: float | None = None,
    draw: Callable[[np.random.Generator], Sequence[Any]] | None = None,
    layout: Literal["numerator", "denominator"] | None = None,
    part: Any = None,
) -> DerivationReport:
    """Compare derivatives derived by hand with autograd, at the given arguments and at random ones of their kind.

    For a function with one number as result the derivative is the gradient ∂f/∂x, of x's shape; for any other the
    Jacobian ∂yᵢ/∂xⱼ, of the shape ``y.shape + x.shape``. Of an elementwise function, dy/dx of x's shape may be claimed
    (the Jacobian's diagonal), and of a function of rows, columns or a stack, one block for each. Where the numbers are
    right in another layout, or as a part (one entry, one row, one block), the claim holds, and a remark says how it was
    read. The transpose of a matrix is another derivative, unless ``layout`` says so.

    The given arguments come first. A claim that is right there holds; where it is wrong at others, the report says what
    it needs of them that the given ones have: "holds when A = Aᵀ". At kinks any number between the one-sided
    derivatives is right. Only what is wrong at the given arguments does not hold, and the report says how, where that
    can be found out: the function is recorded, and gone through backward again with one mistake in it, of the kinds
    people make, until the claimed numbers come out. A mistake is named only if it gives the claim to rounding at every
    point.

    The function is checked, too: a random one, and one whose values left the graph, get no verdict.

    Parameters
    ----------
    f : a function of arrays, or containers of arrays, to an array
    claimed : a function of the same arguments, in plain NumPy, that returns the derivative; the derivatives with
        respect to several arguments as a tuple, or as a dict by their names, ``dW1`` for that by W1, beside which f's
        value may be returned; or a function for each of them, in a tuple, or in a dict by the arguments' names or
        numbers. An array in place of a function is compared at the given arguments alone
    args : the arguments, float32 as float64
    wrt : which argument, by number or by name, or several; by default the first, or those that ``claimed`` names
    points : how many random points beside the given one. Some keep all that the given arguments have (one-hot rows or
        columns, symmetric matrices, labels ±1, a column of ones, …; positive numbers stay positive, numbers between 0
        and 1 there), some do not
    rng : a seed, or a generator
    tolerance : of differences, in units of the largest entry; 1e-9, or 1e-4 where f or the claim computes in float32
    draw : a function of a generator that returns other arguments, where these kinds are not what f needs
    layout : "numerator", for a gradient by a matrix of the shape of its transpose, or "denominator", for Jacobians with
        x's axes first; by default gradients have x's shape, and Jacobians y's axes first
    part : of the derivative, if only one is claimed: "diagonal" for ∂yᵢ/∂xᵢ alone, or an index into it. Entries, rows
        and blocks are found without

    Returns
    -------
    DerivationReport
        whose ``verdict`` is one of "holds", "holds when …", "holds at the given arguments", "does not hold" and "no
        verdict", and which is true for the first three

    Raises
    ------
    TypeError
        for what is not a function, arguments that have no derivative, several outputs
    ValueError
        for a claim whose shape fits in no way, or that does not say which derivatives it returns, and where f or its
        derivative is not finite at the given arguments

    >>> softmax = lambda z: np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    >>> E = lambda z, t: -np.sum(t * np.log(softmax(z)))
    >>> z, t = np.array([[0.5, -1.0, 0.3]]), np.array([[0.0, 1.0, 0.0]])
    >>> tl.check_derivation(E, lambda z, t: softmax(z) - t, z, t)
    ∂f/∂z: the derivation holds when Σ t = 1 over the last axis, at 9 points
      largest error     ... (allowed: 1e-09 of the largest entry)
      condition         Σ t = 1 over the last axis: the claim is right at 9 such
                        points, and wrong at 3 of 3 others
    >>> elementwise = lambda z, t: -t * (1 - softmax(z))
    >>> print(tl.check_derivation(E, elementwise, z, t).diagnosis)
    only the diagonal of the Jacobian of softmax(z) is used: its cross terms ∂aⱼ/∂zₖ, j ≠ k, are missing
    """
    from .comparison import Claimed, ClaimFails  # here, so that importing the package is quick
    from .deciding import Decision, failing

    try:
        decision = Decision(
            Claimed(f, claimed, args, wrt, layout), part, tolerance, points, np.random.default_rng(rng), draw
        )
    except ClaimFails as error:
        return failing(error, getattr(f, "__name__", "f").replace("<lambda>", "f"))
    return decision.report()


def assert_derivation(f: Callable[..., Any], claimed: Any, *args: Any, **options: Any) -> None:
    """:func:`check_derivation` for tests: raises :class:`DerivationMismatch`, with the report, unless the claim holds.

    Warns where it is right at the given arguments and wrong at others, and nothing was found that makes the difference.

    >>> tl.assert_derivation(lambda x: np.sum(np.tanh(x)), lambda x: 1 - np.tanh(x) ** 2, np.array([0.1, -0.5]))
    """
    report = check_derivation(f, claimed, *args, **options)
    if not report.holds:
        raise DerivationMismatch(report)
    if report.counterexample is not None:
        warnings.warn(f"assert_derivation: right at the given arguments only\n{report!r}", stacklevel=2)
