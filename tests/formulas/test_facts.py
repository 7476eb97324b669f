"""Derivations read from top to bottom: each symbol is given or was defined above, and the numbers are autograd's."""

from contextlib import nullcontext

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn
from tinygrad_lite.engine.graph import leaves
from tinygrad_lite.formulas.algebra import atoms_of, is_symbol, single
from tinygrad_lite.formulas.conventions import DIGITS
from tinygrad_lite.formulas.deriving import ChainRule
from tinygrad_lite.formulas.rendering import text
from tinygrad_lite.formulas.words import TakenNames, naming_arrays, words

HOT = np.eye(3)[[0, 2, 1, 1]]
LABELS = np.array([0, 2, 1, 1])
BITS = np.array([1.0, 0.0, 1.0, 0.0])
n = np.arange(4)


def called(x, name):
    x.name = name
    return x


def shares(z):
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def stable_shares(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def logistic(y, t):
    return -(t * np.log(y) + (1 - t) * np.log(1 - y))


# what each is called, a function of a vector z and a matrix Z with names, and what the derivative is if people know it
RECOGNISED = {
    "logistic, named target": (
        lambda z, Z: logistic(called(tl.sigmoid(z), "y"), tl.tensor(BITS, name="t")).sum(),
        "y − t",
    ),
    **{
        f"logistic, one sample with the target {bit}": (
            lambda z, Z, bit=bit: logistic(called(tl.sigmoid(z[0]), "y"), tl.tensor(bit, name="t")),
            "0[0 ← y − t]",
        )
        for bit in (0.0, 0.3, 0.5, 1.0)
    },
    "a number that is 1 − x by chance": (
        lambda z, Z: (z * tl.tensor(0.0)).sum() + (np.tanh(z) * tl.tensor(1.0, name="x")).sum(),
        "x (1 − v₃²) + c",
    ),
    "exponentials called e, at a class": (
        lambda z, Z: -np.log((e := called(np.exp(z), "e")) / e.sum())[2],
        "v₂ − u_k",
    ),
    "logistic, turned": (
        lambda z, Z: (
            -((1 - BITS) * np.log(1 - (y := called(tl.sigmoid(z), "y"))) + tl.tensor(BITS, name="t") * np.log(y)).sum()
        ),
        "y − t",
    ),
    "logistic, mean": (
        lambda z, Z: logistic(called(tl.sigmoid(z), "y"), tl.tensor(BITS, name="t")).mean(),
        "(y − t) / 4",
    ),
    "logistic, no names": (lambda z, Z: logistic(tl.sigmoid(z), BITS).sum(), "v₁ − a"),
    "logistic, logarithm of a sum": (
        lambda z, Z: nn.binary_cross_entropy_with_logits(z, tl.tensor(BITS, name="t"), reduction="sum"),
        "y − t",
    ),
    "logistic, logarithm of a sum, mean": (
        lambda z, Z: nn.binary_cross_entropy_with_logits(z, tl.tensor(BITS, name="t")),
        "(y − t) / 4",
    ),
    "logistic, fused": (
        lambda z, Z: tl.binary_cross_entropy(called(tl.sigmoid(z), "y"), tl.tensor(BITS, name="t"), reduction="sum"),
        "y − t",
    ),
    "logistic, fused mean": (
        lambda z, Z: tl.binary_cross_entropy(called(tl.sigmoid(z), "y"), tl.tensor(BITS, name="t")),
        "(y − t) / 4",
    ),
    "logistic of an exponential": (
        lambda z, Z: logistic(called(1 / (1 + np.exp(-z)), "y"), tl.tensor(BITS, name="t")).sum(),
        "y − t",
    ),
    "softmax, sum": (
        lambda z, Z: -(tl.tensor(HOT, name="T") * np.log(called(tl.softmax(Z), "Y"))).sum(),
        "Y − T",
    ),
    "softmax, sum over classes, mean over samples": (
        lambda z, Z: -(tl.tensor(HOT, name="T") * np.log(called(tl.softmax(Z), "Y"))).sum(axis=1).mean(),
        "(Y − T) / 4",
    ),
    "softmax of exponentials": (
        lambda z, Z: -(tl.tensor(HOT, name="T") * np.log(called(shares(Z), "Y"))).sum() / 4,
        "(Y − T) / 4",
    ),
    "stable softmax": (
        lambda z, Z: -(tl.tensor(HOT, name="T") * np.log(called(stable_shares(Z), "Y"))).sum() / 4,
        "(Y − T) / 4",
    ),
    "log_softmax": (lambda z, Z: -(tl.tensor(HOT, name="T") * tl.log_softmax(Z)).sum() / 4, "(y − T) / 4"),
    "softmax at a class": (lambda z, Z: -np.log(called(tl.softmax(z), "y"))[2], "y − e_k"),
    "softmax, a class of it": (lambda z, Z: -np.log(called(tl.softmax(z), "y")[2]), "y − e_k"),
    "exponentials at a class": (lambda z, Z: -np.log(called(shares(z), "y")[2]), "y − e_k"),
    "log_softmax at a class": (lambda z, Z: -tl.log_softmax(z)[2], "y − e_k"),
    "softmax at labels": (lambda z, Z: -np.log(called(tl.softmax(Z), "Y")[n, LABELS]).mean(), "(Y − t) / 4"),
    "log_softmax at labels": (lambda z, Z: -np.log(called(tl.softmax(Z), "Y"))[n, LABELS].mean(), "(Y − t) / 4"),
    "cross_entropy of labels": (lambda z, Z: tl.cross_entropy(Z, LABELS), "(y − t) / 4"),
    "cross_entropy of labels, sum": (lambda z, Z: tl.cross_entropy(Z, LABELS, reduction="sum"), "y − t"),
    "cross_entropy of rows": (lambda z, Z: tl.cross_entropy(Z, tl.tensor(HOT, name="T")), "(y − T) / 4"),
    "nll_loss": (lambda z, Z: nn.nll_loss(tl.log_softmax(Z), LABELS), "(y − t) / 4"),
    "t is taken": (
        lambda z, Z: tl.cross_entropy(Z * tl.tensor(np.ones(3), requires_grad=True, name="t"), LABELS),
        None,
    ),
    "e_k and y are taken": (
        lambda z, Z: -tl.log_softmax(z)[2] * called(np.exp(z[0]), "y") + called(np.exp(z[1]), "e_k"),
        None,
    ),
}

OTHERS = {
    "squares": lambda z, Z: (z * z).sum(),
    "logistic of a share": lambda z, Z: logistic((e := np.exp(z)) / (1 + e), tl.tensor(BITS, name="t")).mean(),
    "one over a sum": lambda z, Z: (called(1 / (1 + z), "y") * z).sum() + (1 / (1 + np.exp(z))).prod(),
    "a constant without a name": lambda z, Z: ((1 - BITS) * z**3).sum() + (BITS * np.exp(z)).sum(),
    "a constant used twice": lambda z, Z: ((z - BITS) * BITS * np.log(z)).sum(),
    "constants of one value": lambda z, Z: (np.full(4, 0.5) * z * np.array(3.0)).sum(),
    "a negative": lambda z, Z: (BITS * z).sum() + (-BITS * np.exp(z)).sum(),
    "tanh and squares": lambda z, Z: ((np.tanh(Z) - HOT) ** 2).mean(),
    "sigmoid and squares": lambda z, Z: (((y := tl.sigmoid(z)) - BITS) ** 2).sum() / 2 + y.sum(),
    "a mask": lambda z, Z: np.where(Z.data > 0.5, Z, Z * Z).sum(),
    "indices": lambda z, Z: (z[[0, 0, 3]] * z[1]).sum(),
    "many indices": lambda z, Z: (z[[0, 0, 3, 1, 2, 2, 1]] ** 2).sum(),
    "a softmax's weighted sum": lambda z, Z: (tl.softmax(z) * np.array([1.0, 2.0, 4.0, 8.0])).sum(),
    "variance": lambda z, Z: np.var(np.tanh(z)),
    "a norm": lambda z, Z: np.sqrt((z * z).sum()),
    "logsumexp": lambda z, Z: tl.logsumexp(z) - z[2],
    "products": lambda z, Z: np.exp((z * np.sin(z)).sum()) / (1 + (z * z).sum()),
    "divided sums": lambda z, Z: (z / z.sum()).prod() + np.log1p(z).sum(),
    "two roots": lambda z, Z: (np.sqrt(z) * (np.sqrt(z) + 1)).sum(),
    "columns": lambda z, Z: (z[:, None] * Z).sum(axis=0).max(),
    "attention": lambda z, Z: ((tl.softmax(Z @ Z.T) @ Z) ** 2).sum(),
}


def perceptron(activation, loss):
    """A two-layer network in rows."""

    def of(z, Z):
        rng = np.random.default_rng(3)
        parameters = {"W1": (3, 5), "b1": (5,), "W2": (5, 3), "b2": (3,)}
        W1, b1, W2, b2 = [
            tl.tensor(rng.standard_normal(shape), requires_grad=True, name=name) for name, shape in parameters.items()
        ]
        a1 = called(activation(called(Z @ W1 + b1, "z1")), "a1")
        return loss(called(a1 @ W2 + b2, "z2"))

    return of


NETWORKS = {
    f"{activation} and {loss}": perceptron(function, of)
    for activation, function in {"tanh": np.tanh, "relu": tl.relu, "sigmoid": tl.sigmoid}.items()
    for loss, of in {
        "cross-entropy": lambda z: tl.cross_entropy(z, LABELS),
        "softmax": lambda z: -(HOT * np.log(called(tl.softmax(z), "a2"))).sum() / 4,
        "logistic": lambda z: logistic(called(tl.sigmoid(z), "a2"), tl.tensor(HOT, name="t")).mean(),
        "squares": lambda z: ((z - tl.tensor(HOT, name="t")) ** 2).sum() / 2,
    }.items()
}

CASES = {**{name: of for name, (of, _) in RECOGNISED.items()}, **OTHERS, **NETWORKS}


def inputs():
    rng = np.random.default_rng(1)
    return [
        tl.tensor(rng.uniform(0.2, 1.2, shape), requires_grad=True, name=name)
        for name, shape in (("z", 4), ("Z", (4, 3)))
    ]


def values_given(chain):
    """What the symbols stand for that a derivation takes for given."""
    values = {word: np.frombuffer(key[1][2], key[1][1]).reshape(key[1][0]) for key, word in words.get().words.items()}
    starts = {start.symbol.only().args[0] for start in chain.starts}
    for node in chain.symbols:
        if hasattr(node, "kept"):
            for parent, value in [(node, node.kept.output), *zip(node.parents, node.kept.inputs, strict=True)]:
                made = chain.symbols.get(parent) if not isinstance(parent, (float, int, np.generic)) else None
                if made is not None and is_symbol(made) and made.only().args[0] in starts:
                    values[made.only().args[0]] = value
    return values


def read(derivation, values, evaluate):
    """Every equation's right side, evaluated with what stands above it; without values only whether it stands there."""
    known = {start.symbol.only().args[0] for start in derivation.given}
    shown = {}

    def define(name, formula):
        for atom in atoms_of(formula):
            if atom.head == "name":
                assert atom.args[0] in known or atom.args[0].startswith("ln ") or text(single(atom)) in known, name
            elif atom.head == "partial" or (atom.head == "call" and atom.args[0].endswith("′")):
                assert text(single(atom)) in known, name
        known.update(name.split(" = "))
        if values is not None:
            shown[name] = evaluate(formula, values)
            values.update(dict.fromkeys(name.split(" = "), shown[name]))

    for equation in derivation.forward:
        define(equation.output.only().args[0], equation.operation)
    for one in (*derivation.steps, *derivation.results):
        for note in one.notes:
            define(text(note.symbol), note.value)
        define(one.label[0], one.cotangent if hasattr(one, "cotangent") else one.value)
    return shown


@pytest.mark.parametrize(("name", "traced"), [*[(name, True) for name in CASES], *[(name, False) for name in OTHERS]])
def test_every_symbol_is_given_or_defined_above_and_the_numbers_are_autograds(name, traced, evaluate):
    for digits in DIGITS if name == "tanh and softmax" else DIGITS[:1]:
        z, Z = inputs()
        with tl.tracing() if traced else nullcontext():
            loss = CASES[name](z, Z)
        wanted = sorted(leaves({loss._node}), key=lambda node: -node.age)
        taken = TakenNames()
        with naming_arrays(taken):
            chain = ChainRule(loss._node, wanted, {}, taken, digits)
            derivation = chain.derivation()
            values = values_given(chain) if traced else None
        found = read(derivation, values, evaluate)
        loss.backward()
        if traced:
            assert np.isclose(found[text(chain.symbols[loss._node])], loss.item(), rtol=1e-12)
            for node in wanted:
                np.testing.assert_allclose(found[text(chain.partial(node))], node.grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", RECOGNISED)
def test_outputs_and_their_cross_entropies_end_in_y_minus_t(name):
    loss, expected = RECOGNISED[name]
    if expected is not None:
        derivation = tl.derive(loss(*inputs()))
        read(derivation, None, None)
        assert text(derivation.results[-1].value) == expected, derivation
