"""Formulas of programs that write into arrays: what is printed, read by itself, is the gradient."""

import random

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.formulas.algebra import Formula, is_symbol, number, plus, symbol, times
from tinygrad_lite.formulas.deriving import ChainRule
from tinygrad_lite.formulas.rendering import latex, text
from tinygrad_lite.formulas.selections import Selection, at_index, part_of, replaced, zeros_with
from tinygrad_lite.formulas.words import naming_arrays, words
from tinygrad_lite.table.indexing import getitem_p
from tinygrad_lite.table.shapes import transpose_p

MASK = np.array([True, False, False, True, False, True, True, False])

STATEMENTS = (
    "y[0] = x[1] * 2",
    "y[1:] *= x[:-1]",
    "y += x",
    "y[[0, 2, 0]] = x[:3]",
    "y[x.data > 0] = 0",
    "y[::-1][1] = x[0]",
    "y[-1] = y[0] * y[1]",
    "y[1:3] = x[1]",
    "y = y * 1.0",
    "z = y[:3]",
    "z[0] = 3",
    "z *= x[:3]",
    "y[[0, 0]] += x[:2]",
    "y[...] = x * y",
    "np.maximum(y, 0, out=y)",
    "np.copyto(y, x, where=x.data > 0.3)",
    "np.add.at(y, [0, 0, 1], x[:3])",
    "A[0] = y",
    "A.T[0] *= 2",
    "A.T[1:, 0] = x[:3]",
    "A[0, [1, 1]] = x[:2]",
    "A[A.data > 0.2] = 0",
    "for row in A: row /= row.sum() + 3",
    "y[:] = A.sum(axis=0)",
    "A.reshape(-1)[3:6] = x[:3]",
    "A[:, None][0] = y",
    "y[None] = y[::-1][None]",
    "np.fill_diagonal(A, x[:2])",
    "y.flat[1] = x[0]",
    "A.flat[2:4] = 1.5",
    "y = np.where(x.data > 0, y, x)",
    "y = np.where(x.data > 0.3, x, y)",
    "A = np.cumsum(A, axis=0)",
    "A = np.cumsum(A, axis=1) * 0.5",
    "A[...] = A.T.reshape(2, 4)",
)


def loss_of(seed):
    """The loss of a random program, and the array it is to be differentiated by."""
    choose = random.Random(seed)
    lines = ["y = x * 1.0", "A = np.outer(x[:2], x) * 1.0", "z = y[1:]"]
    lines += [line for line in ("y.name = 'y'", "A.name = 'A'") if choose.random() < 0.5]
    lines += [choose.choice(STATEMENTS) for _ in range(choose.randrange(2, 9))]
    x = tl.tensor(np.random.default_rng(seed).uniform(-1, 1, 4), requires_grad=True, name="x")
    program = {"np": np, "x": x}
    with tl.tracing():
        exec("\n".join(lines), program)
        y, A = program["y"], program["A"]
        return (y * np.arange(1.0, 5.0)).sum() + (A * np.arange(8.0).reshape(2, 4)).sum(), x


def values_of_symbols(chain, gradients):
    """What the symbols of a derivation stand for."""
    values = {word: np.frombuffer(key[1][2], key[1][1]).reshape(key[1][0]) for key, word in words.get().words.items()}
    for node in chain.symbols:
        if hasattr(node, "kept"):
            known = {node: node.kept.output, **dict(zip(node.parents, node.kept.inputs, strict=True))}
            named = {n: value for n, value in known.items() if n in chain.symbols and is_symbol(chain.symbols[n])}
            values |= {chain.symbols[n].only().args[0]: value for n, value in named.items()}
    values |= {text(chain.partial(node)): node.grad for node in gradients}
    return values


@pytest.mark.sampled(4)
@pytest.mark.parametrize("seed", range(120))
def test_derivations_of_programs_that_write_are_right(seed, evaluate):
    loss, x = loss_of(seed)
    taken = set()
    with naming_arrays(taken):
        chain = ChainRule(loss._node, [x._node], {}, taken)
        derivation = chain.derivation()
        loss.backward(retain_graph=True)
        values = values_of_symbols(
            chain, [node for node in chain.symbols if node.grad is not None and not chain.is_transparent(node)]
        )
    assert np.allclose(evaluate(derivation.results[-1].value, values), x.grad, rtol=1e-9, atol=1e-9)
    for step in derivation.steps:
        cotangent = values[text(chain.partial(next(n for n, s in chain.symbols.items() if s is step.output)))]
        assert np.allclose(evaluate(step.cotangent, values), cotangent, rtol=1e-9, atol=1e-9)
    assert latex(derivation.results[-1].value)


def test_a_part_is_written_as_in_numpy():
    x, v = symbol("x", (4, 3)), symbol("v")
    assert text(part_of(x, at_index((slice(1, None), 0), (4, 3)))) == "x[1:, 0]"
    assert text(replaced(x, at_index((slice(1, None), 0), (4, 3)), v)) == "x[1:, 0 ← v]"
    assert text(replaced(x, at_index(np.eye(4, 3) > 0, (4, 3)), number(0))) == "x[mask ← 0]"
    turned = Selection(((transpose_p, {"axes": (1, 0)}), (getitem_p, {"index": 0})), (4, 3))
    assert text(part_of(x, turned)) == "x.T[0]"
    assert text(replaced(x, turned, v)) == "x[.T[0] ← v]"
    assert latex(replaced(x, turned, v)) == r"x[.T[0] \gets v]"
    assert text(zeros_with(v, at_index([0, 0], (4,)))) == "0[[0, 0] += v]"
    assert text(zeros_with(v, at_index([0, 1], (4,)))) == "0[[0, 1] ← v]"


def test_what_was_just_written_is_not_read_by_its_index():
    x, v, w = symbol("x", (4,)), symbol("v"), symbol("w")
    first, second, both = at_index(0, (4,)), at_index(1, (4,)), at_index(slice(2), (4,))
    y = replaced(x, first, v)
    assert text(part_of(y, first)) == "v"
    assert text(part_of(y, second)) == "x[1]"
    assert text(part_of(y, both)) == "x[0 ← v][:2]"
    assert text(replaced(y, first, w)) == "x[0 ← w]"
    assert text(replaced(replaced(y, second, w), both, v)) == "x[:2 ← v]"
    assert text(replaced(x, at_index(..., (4,)), symbol("v", (4,)))) == "v"
    assert text(part_of(zeros_with(v, first), first)) == "v"
    assert text(part_of(zeros_with(v, first), second)) == "0"
    assert text(replaced(zeros_with(v, first), first, number(0))) == "0"
    assert text(replaced(zeros_with(v, first), second, number(0))) == "0[0 ← v]"


def test_of_an_entry_that_is_named_twice_the_first_value_is_not_read():
    y = replaced(symbol("x", (4,)), at_index([0, 0], (4,)), symbol("v", (2,)))
    assert text(part_of(y, at_index([0, 0], (4,)))) == "x[[0, 0] ← v][[0, 0]]"


def test_different_parts_are_not_added_up():
    g = symbol("g")
    found = plus(zeros_with(g, at_index(0, (4,))), zeros_with(g, at_index(1, (4,))))
    assert text(found) == "0[0 ← g] + 0[1 ← g]"
    with naming_arrays({"mask"}):
        x = symbol("x", (8,))
        found = plus(part_of(x, at_index(MASK, (8,))), part_of(x, at_index(~MASK, (8,))))
        assert text(found) == "x[mask₂] + x[mask₃]"


def test_a_part_of_what_is_repeated_says_so():
    x = Formula(symbol("x", (3,)).terms, (2, 3))
    assert text(part_of(x, at_index((0, 1), (2, 3)))) == "broadcast(x)[0, 1]"
    assert text(part_of(times(x, symbol("y", (2, 3))), at_index((0, 1), (2, 3)))) == "(x ⊙ y)[0, 1]"


def test_large_arrays_are_compared_by_their_indices():
    n = 10**6
    x, v = symbol("x", (n,)), symbol("v")
    y = replaced(x, at_index(5, (n,)), v)
    assert text(part_of(y, at_index(5, (n,)))) == "v"
    assert text(part_of(y, at_index(6, (n,)))) == "x[5 ← v][6]"
