"""A claim and the backward passes of its function, at every point: which mistake in them gives the claimed numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .backward import Trace
from .cases import Case, evidence, multiple
from .mistakes import Mistake, mistakes


class Chain(NamedTuple):
    """The traces of a function at every point, the mistakes that can be made there, and the claim to compare with.

    Of a Jacobian, a random combination of rows is compared: that takes one sweep, and no two have the same by chance.
    """

    case: Case
    traces: list[Trace]
    seeds: list[Any]
    claims: list[Any]
    truths: list[Any]
    mistakes: list[Mistake]

    @classmethod
    def of(cls, case: Case) -> Chain | None:
        """None where the function cannot be gone through so, or is not the same computation at every point."""
        traces = traced(case)
        if traces is None or case.fitted is None:
            return None
        rng = np.random.default_rng(0)
        n = len(case.y_shape)
        seeds = [rng.uniform(0.5, 1.5, case.y_shape) if case.is_jacobian else np.ones(case.y_shape) for _ in traces]
        claims, truths = [
            [np.tensordot(u, a, n) if case.is_jacobian else a for u, a in zip(seeds, arrays, strict=True)]
            for arrays in (case.fitted, case.truths)
        ]
        named = [(case.names[case.leaf], None), *zip(case.names, case.points[0], strict=True)]
        chain = cls(case, traces, seeds, claims, truths, mistakes(traces[0], named))
        right = Mistake("", "", 0, lambda trace: {})
        return chain if chain.multiple(right, truths) == 1 else None

    def gradient(self, p: int, mistake: Mistake) -> Any:
        """What the mistake makes of the derivative at a point."""
        return self.traces[p].sweep(self.seeds[p][()], mistake.fault(self.traces[p]))

    def multiple(self, mistake: Mistake, claims: list[Any] | None = None) -> float | None:
        """By which number the claim is a multiple of what the mistake gives."""
        try:
            return multiple(self.case, claims or self.claims, lambda p: self.gradient(p, mistake))
        except (ValueError, ArithmeticError):  # a mistake that shapes or numbers do not allow
            return None

    def is_factor(self, mistake: Mistake) -> bool:
        """Whether all it makes is a factor, so that any other factor is not this mistake."""
        return self.multiple(mistake, self.truths) is not None

    def evidence(self, mistake: Mistake, what: str, k: float = 1.0) -> str:
        """How closely it gives the claim."""
        what = f"autograd's backward pass with {what} in it gives the claim"
        return evidence(self.case, self.claims, lambda p: self.gradient(p, mistake), what, k)


def traced(case: Case) -> list[Trace] | None:
    """The function's trace at every point; None where there is none, or not the same computation everywhere."""
    found = []
    for point in case.points:

        def of(x: Any, point: list[Any] = point) -> Any:
            return case.call([x if k == case.leaf else value for k, value in enumerate(point)])

        try:
            found.append(Trace(of, point[case.leaf]))
        except Exception:  # what f does with what is not a Tensor is its own affair
            return None
    return found if len({trace.pattern for trace in found}) == 1 else None
