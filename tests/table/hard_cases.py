"""Elementwise functions of the table beside the true ones, at hard points, and what may be off there."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import sympy

import tinygrad_lite as tl
from tinygrad_lite.table.registry import PRIMITIVES, REGISTRY

from ..proofs.test_equality import COUNTERPARTS, KINKED
from .true_derivatives import Truth, hard_points, last_places, multi_indices, rounded

LIMITS = {1: 8, 2: 64, 3: 4096}
"""Of each order, how many units in the last place a derivative may be off.

Third derivatives are 0 at places where the first is not. So of them the unit is that of the larger of the two, and
those that are beyond all floats are not asked for, nor those of numbers larger than a quarter of the largest: on the
way there is a factor of up to 4.
"""


def far_from_0(x: Any, far: int, gate: Any) -> Any:
    """A gate that is open from there on, and closed as far below 0, to 4,000 digits; it takes seconds beyond."""
    return sympy.Piecewise((x, x > far), (0, x < -far), (gate, True))


OTHERS = {
    "cbrt": lambda x: sympy.sign(x) * sympy.cbrt(sympy.Abs(x)),
    "sinc": lambda x: sympy.sin(sympy.pi * x) / (sympy.pi * x),
    "erf": sympy.erf,
    "erfc": sympy.erfc,
    "gelu": lambda x: x * sympy.erfc(-x / sympy.sqrt(2)) / 2,
    "gelu by tanh": lambda x: far_from_0(
        x, 99, x / (1 + sympy.exp(-sympy.sqrt(8 / sympy.pi) * (x + sympy.Rational("0.044715") * x**3)))
    ),
    "silu": lambda x: x / (1 + sympy.exp(-x)),
    "mish": lambda x: far_from_0(x, 9999, x * sympy.tanh(sympy.log(1 + sympy.exp(x)))),
    "softsign": lambda x: x / (1 + sympy.Abs(x)),
    "tanhshrink": lambda x: x - sympy.tanh(x),
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "logsigmoid": lambda x: -sympy.log(1 + sympy.exp(-x)),
}
"""Counterparts of functions that refuse symbols, that are no primitives, or that are real of negative numbers."""

FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "gelu by tanh": ("gelu", {"approximate": "tanh"}),
    "softplus": ("softplus", {"threshold": np.inf}),
}
"""What is called with options: the function, and they."""

FORMULAS = OTHERS | {
    name: COUNTERPARTS[name]
    for name in sorted(REGISTRY)
    if (name in COUNTERPARTS and PRIMITIVES.get(name) is REGISTRY[name].function and name not in KINKED | set(OTHERS))
    or name == "sigmoid"
}
"""Every elementwise function of the registry that has a formula, as SymPy's."""

BESIDE_ZERO = "a sum of two terms that is 0 at one place, and beside it what their last digits leave"
OF_QUOTIENT = "−y/b of a quotient y that is subnormal has no more digits than y; to look for such y costs each division"
EXCEPTIONS = {
    **dict.fromkeys([("divide", (1,)), ("divide", (1, 1))], OF_QUOTIENT),
    **dict.fromkeys([("power", (0, 1)), ("float_power", (0, 1))], "(1 + b ln a) aᵇ⁻¹: " + BESIDE_ZERO),
    **{(name, (0,) * order): f"{BESIDE_ZERO}; and multiples of σ or sech² of subnormal size"
       for name in ("gelu", "gelu by tanh", "silu", "mish", "sinc") for order in (1, 2)},
}  # fmt: skip
"""Derivatives that are right to fewer digits in places, each with the reason."""


class Function(NamedTuple):
    """A function of the table beside the true one."""

    name: str
    call: Callable[..., Any]
    truth: Truth

    @property
    def arity(self) -> int:
        return len(self.truth.symbols)

    def derivative(self, places: tuple[int, ...]) -> Callable[..., Any]:
        """The derivative by the arguments at these places, one after another, at many points at once."""
        return derivative(self.call, places, tl.grad)

    def derivatives(self, order: int) -> Iterator[tuple[int, ...]]:
        """The arguments to differentiate by, of each derivative of an order."""
        return multi_indices(self.arity, order)

    def true_derivatives(self, places: tuple[int, ...], at: list[np.ndarray]) -> list[tuple[Any, Any] | None]:
        """At each point the true one, and that whose unit counts if it is larger; None where none is asked for."""
        dtype = at[0].dtype.type
        found: list[tuple[Any, Any] | None] = []
        for point in zip(*at, strict=True):
            truth = self.truth.at(places, point)
            beside: Any = 0
            if truth is not None and len(places) > 2:
                beside = self.truth.at(places[:1], point)
                if np.isinf(rounded(truth, dtype)) or np.max(np.abs(point)) > np.finfo(dtype).max / 4:
                    truth = None
            found.append(None if truth is None or beside is None else (truth, beside))
        return found


def derivative(f: Callable[..., Any], places: tuple[int, ...], grad: Callable[..., Any]) -> Callable[..., Any]:
    """That of an elementwise function, by a transform that gives gradients of numbers."""
    for place in places:
        f = functools.partial(gradient, f, place, grad)
    return f


def gradient(f: Callable[..., Any], place: int, grad: Callable[..., Any], *x: Any) -> Any:
    return grad(lambda *x: f(*x).sum(), place)(*x)


@functools.cache
def function(name: str) -> Function:
    entry, options = FORMS.get(name, (name, {}))
    arity = len(PRIMITIVES[entry].inputs) if entry in PRIMITIVES else 1
    return Function(name, functools.partial(REGISTRY[entry].function, **options), Truth(FORMULAS[name], arity))


@np.errstate(all="ignore")
def points(name: str, dtype: Any, count: int, seed: int = 0) -> list[np.ndarray]:
    """Hard points for each argument; of two also near each other and near their negatives, and beside mild ones."""
    if function(name).arity == 1:
        x = hard_points(dtype, count, seed)
        return [x[np.abs(x) > 1e-20] if name == "sinc" else x]  # of which the truth takes too many bits near 0
    rng = np.random.default_rng(seed)
    a, b = [rng.choice(hard_points(dtype, 8 * count, seed + k), count) for k in (1, 2)]
    factor = rng.choice(np.array([1, -1, 1.0001, 0.5, 3]), count)
    b = np.where(rng.random(count) < 0.3, a * factor, b)
    a, b = [np.where(rng.random(count) < 0.3, rng.uniform(-3, 3, count), x) for x in (a, b)]
    if "power" in name:
        a = np.abs(a)
        b = np.where(rng.random(count) < 0.3, rng.choice([0.0, 1.0, 2.0, 3.0, 0.5, -1.0, -2.0], count), b)
    return [a.astype(dtype), b.astype(dtype)]


def errors(
    found: Sequence[Any], values: Sequence[Any], truths: list[tuple[Any, Any] | None], dtype: Any
) -> list[float | None]:
    """By how many units in the last place derivatives are off; None where there is none, as of values that overflow."""
    return [
        None if truth is None or (np.isinf(y) and np.isinf(d)) else last_places(d, truth[0], dtype, truth[1])
        for d, y, truth in zip(found, values, truths, strict=True)
    ]


@np.errstate(all="ignore")
def misses(name: str, places: tuple[int, ...], at: list[np.ndarray], limit: float) -> list[str]:
    """The points where a derivative is off by more than so many units in the last place."""
    f = function(name)
    got, values = f.derivative(places)(*at), f.call(*at)
    off = errors(got, values, f.true_derivatives(places, at), at[0].dtype.type)
    return [
        f"{name}{places} at {point}: {d!r}, off by {units:.3g}"
        for point, d, units in zip(zip(*at, strict=True), got, off, strict=True)
        if units is not None and not units <= limit
    ]
