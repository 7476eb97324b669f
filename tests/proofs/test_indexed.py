"""The central results are proved for every K, and wrong ones are not."""

import pytest

sympy = pytest.importorskip("sympy")

from tinygrad_lite.proofs.indexed import PROOFS  # noqa: E402


def delta(c):
    return sympy.KroneckerDelta(c.j, c.k)


def sigma(z):
    return 1 / (1 + sympy.exp(-z))


WRONG = {
    "softmax-jacobian": [
        lambda c: c.softmax(c.k) * (delta(c) + c.softmax(c.j)),
        lambda c: c.softmax(c.k) * (1 - c.softmax(c.k)) * delta(c),  # the diagonal only
        lambda c: c.softmax(c.k) * (delta(c) - c.softmax(c.k)),
    ],
    "cross-entropy": [
        lambda c: c.softmax(c.j) - c.t[c.j],  # without Σt = 1
        lambda c: c.softmax(c.j) * c.total(lambda k: c.t[k], c.k) + c.t[c.j],
        lambda c: c.softmax(c.j) * c.t[c.j] - c.t[c.j],
    ],
    "cross-entropy-normalised": [
        lambda c: c.t[c.j] - c.softmax(c.j),
        lambda c: c.softmax(c.j) - 2 * c.t[c.j],
    ],
    "mse-softmax": [
        lambda c: (c.softmax(c.j) - c.t[c.j]) * c.softmax(c.j) * (1 - c.softmax(c.j)),  # cross terms missing
        lambda c: (
            c.softmax(c.j)
            * ((c.softmax(c.j) - c.t[c.j]) + c.total(lambda k: (c.softmax(k) - c.t[k]) * c.softmax(k), c.k))
        ),
    ],
    "sigmoid": [lambda z: sigma(z) * (1 + sigma(z)), lambda z: sigma(z)],
    "tanh": [lambda z: 1 - sympy.tanh(z), lambda z: 1 + sympy.tanh(z) ** 2],
}


@pytest.mark.parametrize("name", PROOFS)
def test_proved_for_all_K(name):
    proof = PROOFS[name]()
    assert proof
    assert proof.steps[-1][1] == 0
    assert "proved for all K" in str(proof)
    assert proof.latex().startswith("\\begin{aligned}")


@pytest.mark.parametrize("name", PROOFS)
def test_a_wrong_claim_is_not_proved(name):
    assert WRONG[name]
    for claim in WRONG[name]:
        proof = PROOFS[name](claimed=claim)
        assert not proof
        assert proof.steps[-1][1] != 0
        assert "unproved" in str(proof)


@pytest.mark.parametrize("name", ["softmax-jacobian", "cross-entropy", "mse-softmax"])
def test_what_is_proved_for_all_K_is_true_for_K_3(name):
    """The derivative by indexed sums, written out for K = 3, is SymPy's of the formula written out."""
    proof = PROOFS[name]()
    steps = dict(proof.steps)
    K = sympy.Symbol("K", integer=True, positive=True)
    z, t = sympy.IndexedBase("z", real=True), sympy.IndexedBase("t", real=True)
    scores, targets = sympy.symbols("z1:4", real=True), sympy.symbols("t1:4", real=True)

    def written_out(x, j, k):
        x = x.replace(
            lambda e: isinstance(e, sympy.Sum),
            lambda e: sympy.Add(*[e.function.xreplace({e.variables[0]: sympy.Integer(n)}) for n in (1, 2, 3)]),
        )
        x = x.xreplace({sympy.Idx("j", (1, K)): sympy.Integer(j), sympy.Idx("k", (1, K)): sympy.Integer(k)})
        entries = {z: scores, t: targets}
        return x.replace(lambda e: isinstance(e, sympy.Indexed), lambda e: entries[e.base][int(e.indices[0]) - 1])

    for j, k in ((1, 1), (1, 2), (3, 2)):
        formula = written_out(steps["formula"], j, k)
        derivative = written_out(steps["its derivative"], j, k)
        difference = formula.diff(scores[j - 1]) - derivative
        at = dict(zip((*scores, *targets), (0.3, -0.7, 1.1, 0.2, 0.9, -0.4), strict=True))
        assert abs(float(difference.subs(at))) < 1e-12
