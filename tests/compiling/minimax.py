"""How the coefficients of the kernels' polynomials are found: best approximations, by E. Ya. Remez's exchange.

``python -m tests.compiling.minimax`` prints them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath
from mpmath import mpf

DIGITS = 60
Function = Callable[[Any], Any]


class Approximation(NamedTuple):
    """What is approximated by a polynomial on an interval, and by what factor its errors count."""

    function: Function
    low: Any
    high: Any
    weight: Function


def exp_tail(r: Any) -> Any:
    return (mpmath.exp(r) - 1 - r) / r**2


def log_tail(z: Any) -> Any:
    s = mpmath.sqrt(z)
    return (2 * mpmath.atanh(s) - 2 * s) / s**3


def sin_tail(z: Any) -> Any:
    r = mpmath.sqrt(z)
    return (mpmath.sin(r) - r) / r**3


def cos_tail(z: Any) -> Any:
    return (mpmath.cos(mpmath.sqrt(z)) - 1 + z / 2) / z**2


def erf_tail(z: Any) -> Any:
    x = mpmath.sqrt(z)
    return mpmath.erf(x) / x - 1


def scaled_complement(t: Any) -> Any:
    """e^(x²/2) erfc(x/√2) with t = 1/(1 + x/5)."""
    z = 5 * (1 / t - 1) / mpmath.sqrt(2)
    return mpmath.exp(z * z) * mpmath.erfc(z)


def sin_weight(z: Any) -> Any:
    return mpmath.sqrt(z) ** 3 / mpmath.sin(mpmath.sqrt(z))


with mpmath.workdps(DIGITS):
    HALF_LN2, QUARTER_PI = mpmath.ln(2) / 2 * mpf("1.0001"), mpmath.pi / 4 * mpf("1.0001")
    LOG_END = ((mpmath.sqrt(2) - 1) / (mpmath.sqrt(2) + 1)) ** 2 * mpf("1.0001")

APPROXIMATIONS = {
    # relative to e^r − 1, r between halves of ln 2
    "EXP_TAIL": Approximation(exp_tail, -HALF_LN2, HALF_LN2, lambda r: r**2 / abs(mpmath.expm1(r))),
    # ln((1 + s)/(1 − s)), z = s²
    "LOG_TAIL": Approximation(log_tail, mpf(0), LOG_END, lambda z: z),
    "SIN_TAIL": Approximation(sin_tail, mpf(0), QUARTER_PI**2, sin_weight),
    "COS_TAIL": Approximation(cos_tail, mpf(0), QUARTER_PI**2, lambda z: z**2 / mpmath.cos(mpmath.sqrt(z))),
    # erf x / x − 1, z = x²; beyond 1 ln erfc x, of which e to it is subtracted from 1
    "ERF_NEAR": Approximation(erf_tail, mpf(0), mpf("1.0001"), lambda z: 1 / (erf_tail(z) + 1)),
    "ERF_FAR": Approximation(lambda x: mpmath.log(mpmath.erfc(x)), mpf("0.9999"), mpf(6), mpmath.erfc),
    # for x from 0 to 40
    "COMPLEMENT": Approximation(scaled_complement, mpf(1) / 9, mpf(1), lambda t: 1 / scaled_complement(t)),
    "ERF_FAR_32": Approximation(lambda x: mpmath.log(mpmath.erfc(x)), mpf("0.9999"), mpf(4), mpmath.erfc),
}


def minimax(what: Approximation, degree: int) -> tuple[list[Any], Any]:
    """The coefficients of 1, x, x², … for which the largest weighted error is least, and that error."""
    with mpmath.workdps(DIGITS):
        low, high = what.low, what.high
        at = lambda t: low + (high - low) * (1 - mpmath.cos(mpmath.pi * t)) / 2
        count = degree + 2
        grid = [at(mpf(k) / (24 * count)) for k in range(1, 24 * count)]
        values = [(x, what.function(x), what.weight(x)) for x in grid]
        nodes = [values[round((k + 0.5) * len(values) / count)] for k in range(count)]
        for _ in range(40):
            rows = [[*[x**k for k in range(degree + 1)], (-1) ** i / w] for i, (x, _, w) in enumerate(nodes)]
            found = mpmath.lu_solve(mpmath.matrix(rows), mpmath.matrix([y for _, y, _ in nodes]))
            coefficients, level = list(found[: degree + 1]), abs(found[degree + 1])
            errors = [(w * (y - mpmath.polyval(coefficients[::-1], x)), node)
                      for node in values for x, y, w in (node,)]  # fmt: skip
            peaks = highest_of_each_sign(errors)
            while len(peaks) > count:  # those at an end, of which the lower goes
                peaks.pop(0 if abs(peaks[0][0]) < abs(peaks[-1][0]) else -1)
            if len(peaks) < count:
                raise ArithmeticError(f"{len(peaks)} peaks of {count}: more digits are needed")
            nodes = [node for _, node in peaks]
            if max(abs(e) for e, _ in peaks) <= level * mpf("1.001"):
                break
        return coefficients, max(abs(e) for e, _ in peaks)


def highest_of_each_sign(errors: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """The largest error of each run of one sign."""
    peaks: list[tuple[Any, Any]] = []
    for error in errors:
        if peaks and (peaks[-1][0] > 0) == (error[0] > 0):
            if abs(error[0]) > abs(peaks[-1][0]):
                peaks[-1] = error
        else:
            peaks.append(error)
    return peaks


if __name__ == "__main__":
    import sys

    for name, what in APPROXIMATIONS.items():
        if len(sys.argv) > 1 and name not in sys.argv[1].split(","):
            continue
        for degree in map(int, sys.argv[2].split(",")):
            coefficients, error = minimax(what, degree)
            print(name, degree, mpmath.nstr(error, 3))  # noqa: T201
            print([float(c) for c in coefficients])  # noqa: T201
