"""Derivations made by hand against autograd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

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
    only the diagonal of the Jacobian of softmax(z) is used: its cross terms ∂aⱼ/∂zₖ, j ≠ k, are missing
    """
    from .comparison import Claimed  # here, so that importing the package is quick

    checked = Claimed(f, claimed, args, wrt)
    generator = np.random.default_rng(rng)
    truths = checked.truths_at(checked.leaves)
    checked.must_be_finite(truths)
    others = [] if checked.is_fixed else checked.random_points(generator, points, draw)
    compared = [(checked.leaves, truths), *others]
    given = [leaves for leaves, _ in compared]
    pairs = [checked.with_claims(leaves, found) for leaves, found in compared]
    own = generator if draw is None and not checked.is_fixed else None
    return checked.report(given, pairs, tolerance, own, points)


def assert_derivation(f: Callable[..., Any], claimed: Any, *args: Any, **options: Any) -> None:
    """:func:`check_derivation` for tests: raises :class:`DerivationMismatch`, with the report, if the claim is wrong.

    >>> tl.assert_derivation(lambda x: np.sum(np.tanh(x)), lambda x: 1 - np.tanh(x) ** 2, np.array([0.1, -0.5]))
    """
    report = check_derivation(f, claimed, *args, **options)
    if not report.holds:
        raise DerivationMismatch(report)
