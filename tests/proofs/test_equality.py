"""Proofs tell apart what is proved, what is open, and what is wrong."""

import numpy as np
import pytest

import tinygrad_lite as tl

sympy = pytest.importorskip("sympy")

from tinygrad_lite.proofs import expressions  # noqa: E402
from tinygrad_lite.proofs.scalars import number  # noqa: E402
from tinygrad_lite.table.gates import ROOT  # noqa: E402
from tinygrad_lite.table.registry import PRIMITIVES  # noqa: E402

from ..table.hinted import OUTPUTS  # noqa: E402


def softmax(z):
    return np.exp(z) / np.exp(z).sum()


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize("K", [2, 3, 5, *[pytest.param(K, marks=pytest.mark.long) for K in (4, 6)]])
def test_the_central_results_for_some_K(K):
    z, t = tl.symbols("z", K), tl.symbols("t", K)
    y = softmax(z)
    loss = lambda z: -(t * np.log(softmax(z))).sum()
    gradient = tl.grad(loss)(z)
    assert tl.prove_equal(tl.jacobian(softmax)(z), y[:, None] * (np.eye(K) - y))
    assert tl.prove_equal(gradient, y * t.sum() - t)
    assert tl.prove_equal(gradient, y - t, assuming={t.sum(): 1})
    assert tl.prove_equal(gradient, y - t).status == "counterexample"
    assert tl.prove_equal(tl.grad(lambda z: tl.cross_entropy(z, t))(z), gradient)
    if K < 5:
        assert tl.prove_equal(tl.hessian(lambda z: tl.cross_entropy(z, 1))(z), np.diag(y) - np.outer(y, y))
        mse = tl.grad(lambda z: ((softmax(z) - t) ** 2).sum() / 2)(z)
        assert tl.prove_equal(mse, y * ((y - t) - ((y - t) * y).sum()))
        assert tl.prove_equal(mse, (y - t) * y * (1 - y)).status == "counterexample"


def test_the_delta_recursion_of_a_network_by_the_tape():
    x, y = tl.symbols("x", 2), tl.symbols("y", 2)
    W, V, b, c = tl.symbols("W", (2, 2)), tl.symbols("V", (2, 2)), tl.symbols("b", 2), tl.symbols("c", 2)
    gradients = tl.grad(lambda W, b, V, c: -(y * np.log(softmax(V @ np.tanh(W @ x + b) + c))).sum(), (0, 1, 2, 3))(
        W, b, V, c
    )
    a1 = np.tanh(W @ x + b)
    d2 = softmax(V @ a1 + c) * y.sum() - y
    d1 = (V.T @ d2) * (1 - a1**2)
    for gradient, formula in zip(gradients, (np.outer(d1, x), d1, np.outer(d2, a1), d2), strict=True):
        assert tl.prove_equal(gradient, formula)
    assert tl.prove_equal(gradients[1], V.T @ d2).status == "counterexample"


def test_activations():
    z = tl.symbols("z", 2)
    for f, slope in (
        (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
        (tl.sigmoid, lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
        (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
        (lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)), lambda z: 1 - np.tanh(z) ** 2),
    ):
        gradient = tl.grad(lambda z, f=f: f(z).sum())(z)
        assert tl.prove_equal(gradient, slope(z))
        assert tl.prove_equal(gradient, -slope(z)).status == "counterexample"


def test_a_counterexample_is_one():
    z = tl.symbols("z", 2)
    proof = tl.prove_equal(z * z, z * abs(z[0].shadow))
    assert not proof
    found = proof.counterexample
    at = {sympy.Symbol(name, real=True): value for name, value in found.values.items()}
    assert float(expressions(z * z)[found.index].subs(at)) == pytest.approx(found.left)
    assert abs(found.left - found.right) > 1e-6
    assert "counterexample: entry" in str(proof)


def test_a_counterexample_is_on_the_branch_that_was_taken():
    x = tl.symbols("side", values=-0.5)
    for a, b in ((abs(x), np.sqrt(x**2)), (np.sign(x) * x, np.sqrt(x**2)), (np.maximum(x, 0), (x + np.abs(x)) / 2)):
        assert tl.prove_equal(a, b).status != "counterexample"
    found = tl.prove_equal(np.abs(x), x).counterexample
    assert found.values["side"] == pytest.approx(-0.5, abs=0.01)
    assert found.left == -found.right > 0
    assert str(tl.prove_equal(np.sign(x), 1)).endswith("on the right")


def test_zero_over_zero_equals_nothing():
    x = tl.symbols("x")
    nothing = (x - x) / (x - x)
    for a, b in ((nothing, 1), (nothing, nothing), (np.nan, np.nan), (1 / (x - x), 2 / (x - x))):
        assert tl.prove_equal(a, b).status == "unproved"
    assert tl.prove_equal((x - x) / x, 0)


def test_two_symbols_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two different symbols are called p"):
        tl.prove_equal(tl.symbols("p", positive=True), tl.symbols("p"))


def test_what_cannot_be_decided_is_unproved_not_wrong():
    x = tl.symbols("x", positive=True)
    unknown = sympy.Function("h")(x.expr)
    proof = tl.prove_equal(number(unknown), number(sympy.Function("k")(x.expr)))
    assert proof.status == "unproved"
    assert proof.open[0] == ()
    assert str(proof).startswith("unproved: entry ()")


def test_small_differences_are_no_proof():
    z = tl.symbols("z", 2)
    assert tl.prove_equal(z, z * 1.0000000001).status != "proved"
    assert tl.prove_equal(z, z + 1e-5).status == "counterexample"


def test_assumptions_are_linear_and_used():
    a, b = tl.symbols("a"), tl.symbols("b")
    assert tl.prove_equal(a * a, 1 - 2 * b + b * b, assuming={a + b: 1})
    assert tl.prove_equal(a - b, 2, assuming={a + b: 4, b: 1})
    with pytest.raises(ValueError, match="linear in no symbol"):
        tl.prove_equal(a, b, assuming={a * a: 1})
    with pytest.raises(TypeError, match="number is needed"):
        tl.prove_equal(np.array(["z"], object), 1)


# ---------------------------------------------------------------------------------------------------------------------
# The table of derivatives

COUNTERPARTS = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "float_power": lambda a, b: a**b,
    "positive": lambda x: x,
    "negative": lambda x: -x,
    "abs": lambda x: sympy.Abs(x),
    "square": lambda x: x**2,
    "sqrt": lambda x: sympy.sqrt(x),
    "cbrt": lambda x: sympy.cbrt(x),
    "reciprocal": lambda x: 1 / x,
    "exp": lambda x: sympy.exp(x),
    "exp2": lambda x: 2**x,
    "expm1": lambda x: sympy.exp(x) - 1,
    "log": lambda x: sympy.log(x),
    "log2": lambda x: sympy.log(x, 2),
    "log10": lambda x: sympy.log(x, 10),
    "log1p": lambda x: sympy.log(1 + x),
    "logaddexp": lambda a, b: sympy.log(sympy.exp(a) + sympy.exp(b)),
    "sin": lambda x: sympy.sin(x),
    "cos": lambda x: sympy.cos(x),
    "tan": lambda x: sympy.tan(x),
    "arcsin": lambda x: sympy.asin(x),
    "arccos": lambda x: sympy.acos(x),
    "arctan": lambda x: sympy.atan(x),
    "arctan2": lambda a, b: sympy.atan2(a, b),
    "hypot": lambda a, b: sympy.sqrt(a**2 + b**2),
    "sinh": lambda x: sympy.sinh(x),
    "cosh": lambda x: sympy.cosh(x),
    "tanh": lambda x: sympy.tanh(x),
    "arcsinh": lambda x: sympy.asinh(x),
    "arccosh": lambda x: sympy.acosh(x),
    "arctanh": lambda x: sympy.atanh(x),
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
    "binary_slope": lambda p, t: (p - t) / (p * (1 - p)),
    "binary_cross_entropy": lambda p, t: -t * sympy.log(p) - (1 - t) * sympy.log(1 - p),
    "kl_div": lambda x, t: t * (sympy.log(t) - x),
    "maximum": lambda a, b: sympy.Max(a, b),
    "minimum": lambda a, b: sympy.Min(a, b),
    "fmax": lambda a, b: sympy.Max(a, b),
    "fmin": lambda a, b: sympy.Min(a, b),
    "relu": lambda x: sympy.Max(x, 0),
    "softsign": lambda x: x / (1 + sympy.Abs(x)),
    "tanhshrink": lambda x: x - sympy.tanh(x),
    "gelu_by_tanh": lambda x: (
        x * (1 + sympy.tanh(sympy.Rational(repr(ROOT)) * (x + sympy.Rational("0.044715") * x**3))) / 2
    ),
    "mod": lambda a, b: a - b * sympy.floor(a / b),
    "logaddexp2": lambda a, b: sympy.log(2**a + 2**b, 2),
    "fabs": lambda x: sympy.Abs(x),
}


def counterpart_of(primitive):
    """What a slope that is right to the last digits is written as, of SymPy's expressions."""
    together = OUTPUTS.get(primitive.name, lambda *x: x)
    return lambda *exprs: number(primitive.written(*together(*map(number, exprs)))).expr


SLOPES = {name: counterpart_of(made) for name, made in PRIMITIVES.items() if made.written is not None}
COUNTERPARTS |= {name: slope for name, slope in SLOPES.items() if not PRIMITIVES[name].params}

PIECEWISE_CONSTANT = "its derivative is 0 wherever there is one, and SymPy leaves that of floor and sign unevaluated"
WITHOUT = {
    **dict.fromkeys(("conj", "real", "imag"), "of complex numbers; symbols are real"),
    "fmod": "SymPy has no truncation towards 0; mod is its twin",
    **dict.fromkeys(
        ("copysign", "nextafter", "ldexp", "fraction"), "of floating-point numbers' bits; symbols have none"
    ),
    **dict.fromkeys(
        ("bessel", "deg2rad", "degrees", "erf", "erfc", "normal_below", "rad2deg", "radians", "sinc"),
        "computed for floating-point numbers only: symbols are refused",
    ),
    "over_positive": "its scale is a parameter, no expression; proved as part of the logarithms",
    "gaussian": "its factor and its degree are parameters, no expressions",
    "inverse_root": "which sign 1 has is a parameter; proved as part of arsinh and arcosh",
    "over_length": "its exponents are parameters, no expressions; proved as part of slopes of lengths and angles",
    **dict.fromkeys(("both_shares", "shares_apart"), "their scale is a parameter; proved as part of logaddexp"),
    **dict.fromkeys(("power_slope", "power_logarithm"), "how often is a parameter; proved as part of the power"),
    "floor_divide": PIECEWISE_CONSTANT,
    "sign": PIECEWISE_CONSTANT,
    "floor": PIECEWISE_CONSTANT,
    "ceil": PIECEWISE_CONSTANT,
    "trunc": PIECEWISE_CONSTANT,
    "rint": PIECEWISE_CONSTANT,
    "round": PIECEWISE_CONSTANT,
    "heaviside": "its value at 0 is an input; SymPy's derivative is a Dirac delta",
    "where": "its mask is a parameter, no expression",
    "clip": "its bounds are three-way branches; covered by maximum and minimum, of which it is made",
    "keep": "its mask is a parameter, no expression",
    "direction": "a quotient, with a convention at 0",
    "identity": "there is nothing to compute",
    "copy": "there is nothing to compute",
    "astype": "symbols have one dtype",
    "sloped_relu": "relu with a convention at 0, where SymPy has a Heaviside",
}
KINKED = {"abs", "fabs", "maximum", "minimum", "fmax", "fmin", "relu", "mod", "softsign"}
"""Proved on the branch of the point: SymPy's sign, Heaviside and floor are evaluated there first."""


def elementwise_primitives():
    """Every primitive of one output entry for one entry of each input."""
    return sorted([name for name, primitive in PRIMITIVES.items() if primitive.elementwise])


def test_every_elementwise_primitive_has_a_counterpart_or_a_reason():
    assert set(elementwise_primitives()) == set(COUNTERPARTS) | set(WITHOUT)
    assert not set(COUNTERPARTS) & set(WITHOUT)


POINTS = {"arcsin": 0.3, "arccos": 0.3, "arctanh": 0.3, "arccosh": 1.7}


def rule_and_derivative(name, rule=None):
    """For each input: what the rule itself makes of g, and g times SymPy's derivative of the counterpart."""
    primitive = PRIMITIVES[name]
    values = [POINTS.get(name, 0.7), 0.4, 0.8][: len(primitive.inputs)]
    inputs = [tl.symbols(label, positive=True, values=v) for label, v in zip(primitive.inputs, values, strict=True)]
    g = tl.symbols("g")
    exprs = [x.expr for x in inputs]
    value = COUNTERPARTS[name](*exprs)
    at = {x.expr: x.shadow for x in inputs}
    together = OUTPUTS.get(name, lambda *x: x)(*inputs)
    known = {"y": type(g)(value, float(value.subs(at))), **dict(zip(primitive.inputs, together, strict=True))}
    for pull, x in zip(primitive.pulls, inputs, strict=True):
        found = (rule or pull.rule)(g, *[known[needed] for needed in pull.names])
        expected = sympy.diff(value, x.expr)
        if name in KINKED:
            expected = expected.replace(
                lambda e: isinstance(e, (sympy.sign, sympy.Heaviside, sympy.floor, sympy.Derivative)),
                lambda e: sympy.Integer(0) if isinstance(e, sympy.Derivative) else e.subs(at),
            )
        yield found, g * number(expected.doit())


@pytest.mark.parametrize("name", sorted(COUNTERPARTS))
def test_every_elementwise_rule_is_sympys_derivative(name):
    for found, expected in rule_and_derivative(name):
        if name == "mod":  # −g ⌊a/b⌋ with ⌊a/b⌋ = 1 at the point
            found = number(found.expr.replace(sympy.floor, lambda _: sympy.Integer(1)))
            assert found.expr in (expected.expr, -tl.symbols("g").expr)
            continue
        proof = tl.prove_equal(np.asarray(found)[()], expected)
        assert proof, f"{name}: {proof}"


@pytest.mark.parametrize("name", sorted(set(COUNTERPARTS) - {"mod"}))
def test_a_wrong_rule_is_refuted(name):
    """The proof of each rule fails for its negative."""
    for found, expected in rule_and_derivative(name):
        if expected.expr != 0:
            assert tl.prove_equal(-np.asarray(found)[()], expected).status == "counterexample"


# ---------------------------------------------------------------------------------------------------------------------
# Programs that write into arrays


def entries_and_sums(x):
    y = x * 1.0
    y[0] = x[1] * x[2]
    y += x
    y[np.array([False, True, False])] = 0
    return (y**2).sum()


def rows_normalised(x):
    A = np.outer(x, x + 2)
    for row in A:
        row /= row.sum()
    return (A**2).sum(axis=0)[1]


def diagonal_replaced(x):
    A = np.outer(x, x)
    np.fill_diagonal(A, x[::-1])
    np.copyto(A[1:, 0], x[:2])
    np.maximum(A, 0, out=A)
    return (A @ x).sum()


def filled_in_a_loop(x):
    y = tl.tensor(np.zeros(3, dtype=object))
    for i in range(3):
        y[i] = x[i] * x[i - 1]
    y[[0, 0]] += x[:2]
    return (y * y).sum()


@pytest.mark.parametrize("f", [entries_and_sums, rows_normalised, diagonal_replaced, filled_in_a_loop])
def test_gradients_of_programs_that_write_are_those_of_sympy(f):
    x = tl.symbols("x", 3, values=[0.3, 0.5, -0.7])
    gradient = tl.grad(f)(x)
    value = expressions(f(tl.tensor(x, requires_grad=True)))[()]
    assert tl.prove_equal(gradient, [sympy.diff(value, symbol) for symbol in expressions(x)])
    assert tl.prove_equal(gradient, gradient + x[0]).status != "proved"
    number_of = np.vectorize(lambda entry: float(number(entry).shadow))
    assert np.allclose(number_of(gradient), tl.grad(f)(np.array([0.3, 0.5, -0.7])).astype(float))


def test_symbols_are_not_written_into_arrays_of_numbers():
    def f(x):
        y = tl.tensor(np.zeros(3))
        y[0] = x[0]
        return y.sum()

    with pytest.raises(TypeError, match=r"setitem: .*float64 cannot hold symbols.*objects"):
        tl.grad(f)(tl.symbols("x", 3))
