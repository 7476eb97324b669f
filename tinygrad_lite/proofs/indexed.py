"""The central results for every number of classes K, by sums over indices.

The formula itself is differentiated, with ``IndexedBase``, ``Sum`` and indices that stand for any of 1 … K; nothing of
this library takes part, so these are independent of its rules. Each proof takes another claim too, and then fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ..consoles import legible
from .scalars import sympy


@dataclass(frozen=True)
class IndexedProof:
    """A proof for all K, and how it goes.

    Attributes
    ----------
    name, statement : what was to be shown
    proved : whether derivative and claim were brought to the same form
    steps : pairs of words and SymPy expressions
    """

    name: str
    statement: str
    proved: bool
    steps: tuple[tuple[str, Any], ...]

    def __bool__(self) -> bool:
        return self.proved

    def __str__(self) -> str:
        head = f"{self.name}: {self.statement}  ({'proved for all K' if self.proved else 'unproved'})"
        return legible("\n".join([head, *[f"  {what}: {expression}" for what, expression in self.steps]]))

    def latex(self) -> str:
        """The steps as an ``aligned`` environment."""
        rows = [rf"&\text{{{what}}} & {sympy().latex(expression)}" for what, expression in self.steps]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"


class Classes:
    """Indices, scores z, targets t and the sums over all K classes that the results are about."""

    def __init__(self) -> None:
        s = sympy()
        self.K = s.Symbol("K", integer=True, positive=True)
        self.j, self.k, self.m = [s.Idx(name, (1, self.K)) for name in "jkm"]
        self.z, self.t = s.IndexedBase("z", real=True), s.IndexedBase("t", real=True)
        self.S = s.Symbol("S", positive=True)
        """Σ exp(z), once it has been differentiated."""

    def total(self, f: Callable[[Any], Any], index: Any) -> Any:
        """Σ f(index) over all classes."""
        return sympy().Sum(f(index), (index, 1, self.K))

    def softmax(self, k: Any) -> Any:
        """yₖ = e^(zₖ) / Σ e^(zₘ). Source: Vege (2018), equation 15."""
        s = sympy()
        return s.exp(self.z[k]) / self.total(lambda m: s.exp(self.z[m]), self.m)

    def derivative(self, expression: Any, j: Any) -> Any:
        """∂/∂zⱼ, in which a sum over all classes of f(m) δ(m, j) is f(j), for j is one of them."""
        return collapse(expression.diff(self.z[j]), j)

    def in_symbols(self, expression: Any) -> Any:
        """With S for Σ e^(zₘ), and sums linear and free of constant factors."""
        s = sympy()
        sums = {
            x: self.S for x in expression.atoms(s.Sum) if s.simplify(x.function - s.exp(self.z[x.variables[0]])) == 0
        }
        return normal(expression.xreplace(sums), self.k)


def collapse(expression: Any, j: Any) -> Any:
    """Σₘ f(m) δ(m, j) → f(j) within an expression: the index j is within the sum's range."""
    s = sympy()

    def of_sum(x: Any) -> Any:
        m = x.variables[0]
        found = s.Integer(0)
        for term in s.Add.make_args(s.expand(collapse(x.function, j))):
            deltas = [d for d in term.atoms(s.KroneckerDelta) if m in d.free_symbols]
            if deltas:
                found += (term / deltas[0]).subs(m, j)
            else:
                found += s.Sum(term, *x.limits)
        return found

    return expression.replace(lambda x: isinstance(x, s.Sum), of_sum)


def normal(expression: Any, k: Any) -> Any:
    """Every sum over the index k, of single terms, with factors that do not depend on it in front."""
    s = sympy()

    def of_sum(x: Any) -> Any:
        m = x.variables[0]
        found = s.Integer(0)
        for term in s.Add.make_args(s.expand(x.function)):
            inside, outside = s.Mul.make_args(term), []
            outside = [f for f in inside if not f.has(m)]
            inside = [f for f in inside if f.has(m)]
            found += s.Mul(*outside) * s.Sum(s.Mul(*inside).subs(m, k), (k, 1, x.limits[0][2]))
        return found

    return s.expand(expression.replace(lambda x: isinstance(x, s.Sum), of_sum))


def conclusion(
    name: str, statement: str, classes: Classes, formula: Any, derivative: Any, claim: Any, given: Any = None
) -> IndexedProof:
    """Compare derivative and claim in their normal form; ``given`` replaces sums that are assumed."""
    s = sympy()
    left, right = classes.in_symbols(derivative), classes.in_symbols(claim)
    if given is not None:
        left, right = left.subs(given), right.subs(given)
    difference = s.simplify(s.expand(left - right))
    steps = (
        ("formula", formula),
        ("its derivative", derivative),
        ("in normal form", left),
        ("the claim", claim),
        ("in normal form", right),
        ("difference", difference),
    )
    return IndexedProof(name, statement, difference == 0, steps)


Claim = Callable[[Classes], Any]


def softmax_jacobian(claimed: Claim | None = None) -> IndexedProof:
    """∂yₖ/∂zⱼ = yₖ (δⱼₖ − yⱼ). Source: Vege (2018), equation 16; "Softmax"."""
    c = Classes()
    delta = sympy().KroneckerDelta(c.j, c.k)
    y = c.softmax
    claim = claimed(c) if claimed else y(c.k) * (delta - y(c.j))
    formula = y(c.k)
    return conclusion("softmax-jacobian", "∂yₖ/∂zⱼ = yₖ (δⱼₖ − yⱼ)", c, formula, c.derivative(formula, c.j), claim)


def loss(c: Classes) -> Any:
    """E = −Σₖ tₖ ln yₖ, with ln yₖ = zₖ − ln Σ e^(zₘ). Source: Vege (2018), equation 10."""
    s = sympy()
    log_sum = s.log(c.total(lambda m: s.exp(c.z[m]), c.m))
    return -c.total(lambda k: c.t[k] * (c.z[k] - log_sum), c.k)


def cross_entropy(claimed: Claim | None = None) -> IndexedProof:
    """∂E/∂zⱼ = yⱼ Σₖ tₖ − tⱼ, for any targets. Source: Vege (2018), the line before equation 39."""
    c = Classes()
    formula = loss(c)
    claim = claimed(c) if claimed else c.softmax(c.j) * c.total(lambda k: c.t[k], c.k) - c.t[c.j]
    return conclusion("cross-entropy", "∂E/∂zⱼ = yⱼ Σₖ tₖ − tⱼ", c, formula, c.derivative(formula, c.j), claim)


def cross_entropy_normalised(claimed: Claim | None = None) -> IndexedProof:
    """∂E/∂zⱼ = yⱼ − tⱼ, where Σₖ tₖ = 1. Source: Vege (2018), equation 39; answer 280048."""
    c = Classes()
    formula = loss(c)
    claim = claimed(c) if claimed else c.softmax(c.j) - c.t[c.j]
    given = {c.total(lambda k: c.t[k], c.k): 1}
    return conclusion(
        "cross-entropy-normalised",
        "∂E/∂zⱼ = yⱼ − tⱼ where Σₖ tₖ = 1",
        c,
        formula,
        c.derivative(formula, c.j),
        claim,
        given,
    )


def mse_softmax(claimed: Claim | None = None) -> IndexedProof:
    """∂/∂zⱼ ½ Σₖ (yₖ − tₖ)² = yⱼ ((yⱼ − tⱼ) − Σₖ (yₖ − tₖ) yₖ).

    Source: Vege (2018), equation 38, which as printed lacks the sum over all classes.
    """
    s = sympy()
    c = Classes()
    y = c.softmax
    formula = c.total(lambda k: (y(k) - c.t[k]) ** 2, c.k) / 2
    claim = claimed(c) if claimed else y(c.j) * ((y(c.j) - c.t[c.j]) - c.total(lambda k: (y(k) - c.t[k]) * y(k), c.k))
    return conclusion(
        "mse-softmax", "δⱼ = yⱼ ((yⱼ − tⱼ) − Σₖ (yₖ − tₖ) yₖ)", c, formula, c.derivative(formula, c.j), s.sympify(claim)
    )


def elementwise(name: str, statement: str, formula: Callable[[Any], Any], claim: Callable[[Any], Any]) -> IndexedProof:
    """d f(zₖ) / dzⱼ = δⱼₖ claim(zₖ): an elementwise function's Jacobian is diagonal."""
    s = sympy()
    c = Classes()
    value = formula(c.z[c.k])
    derivative = value.diff(c.z[c.j])
    claimed = s.KroneckerDelta(c.j, c.k) * claim(c.z[c.k])
    difference = s.simplify((derivative - claimed).rewrite(s.exp))
    steps = (("formula", value), ("its derivative", derivative), ("the claim", claimed), ("difference", difference))
    return IndexedProof(name, statement, difference == 0, steps)


def sigmoid(claimed: Callable[[Any], Any] | None = None) -> IndexedProof:
    """σ′ = σ (1 − σ). Source: Vege (2018), equations 13 and 14."""

    def sigma(z: Any) -> Any:
        return 1 / (1 + sympy().exp(-z))

    return elementwise("sigmoid", "σ′ = σ (1 − σ)", sigma, claimed or (lambda z: sigma(z) * (1 - sigma(z))))


def tanh(claimed: Callable[[Any], Any] | None = None) -> IndexedProof:
    """tanh′ = 1 − tanh². Source: Vege (2018), equations 17 and 18."""

    def quotient(z: Any) -> Any:
        s = sympy()
        return (s.exp(z) - s.exp(-z)) / (s.exp(z) + s.exp(-z))

    return elementwise("tanh", "tanh′ = 1 − tanh²", quotient, claimed or (lambda z: 1 - quotient(z) ** 2))


PROOFS: Final[dict[str, Callable[..., IndexedProof]]] = {
    "softmax-jacobian": softmax_jacobian,
    "cross-entropy": cross_entropy,
    "cross-entropy-normalised": cross_entropy_normalised,
    "mse-softmax": mse_softmax,
    "sigmoid": sigmoid,
    "tanh": tanh,
}
"""The proofs, by name. Each is a function; ``claimed=`` puts another formula to the proof."""
