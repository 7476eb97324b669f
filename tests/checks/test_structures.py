"""Each kind of structure is seen, drawn, and broken."""

import numpy as np
import pytest

from tinygrad_lite.checks import structures
from tinygrad_lite.checks.points import Likeness

RNG = np.random.default_rng(0)
B = RNG.normal(size=(3, 3))
Q = np.linalg.qr(RNG.normal(size=(4, 4)))[0]
HOT = np.eye(3)[[0, 2, 1, 1]]
SOFT = np.array([[0.2, 0.8], [0.5, 0.5], [0.9, 0.1]])
BIASED = np.column_stack([np.ones(3), RNG.normal(size=(3, 2))])
UNITS = RNG.normal(size=(4, 3))
UNITS = UNITS / np.sqrt((UNITS**2).sum(axis=1, keepdims=True))

SEEN = {
    "nothing": (RNG.normal(size=(3, 4)), []),
    "a stack of nothing": (RNG.normal(size=(2, 3, 3)), []),
    "symmetric": (B + B.T, ["x = xᵀ"]),
    "definite": (B @ B.T + np.eye(3), ["x = xᵀ", "x is symmetric and positive definite"]),
    "a symmetric stack": (np.stack([B + B.T, 2 * (B + B.T) + np.eye(3)]), ["x = xᵀ"]),
    "antisymmetric": (Q - Q.T, ["x = −xᵀ"]),
    "upper": (np.triu(B), ["x is upper triangular"]),
    "lower": (np.tril(B), ["x is lower triangular"]),
    "one-hot rows": (HOT, ["Σ x = 1 over the last axis", "x is 0 or 1", "x is one-hot over the last axis"]),
    "one-hot columns": (HOT.T, ["Σ x = 1 over the first axis", "x is 0 or 1", "x is one-hot over the first axis"]),
    "probabilities": (SOFT, ["Σ x = 1 over the last axis"]),
    "probabilities in columns": (SOFT.T, ["Σ x = 1 over the first axis"]),
    "probabilities in a stack": (np.stack([SOFT, SOFT[::-1]]), ["Σ x = 1 over the last axis"]),
    "signs": (np.array([1.0, -1.0, -1.0]), ["x is 1 or −1"]),
    "signs in a column": (np.array([[1.0], [-1.0], [-1.0]]), ["x is 1 or −1"]),
    "zeros and ones": (np.array([1.0, 0.0, 1.0]), ["x is 0 or 1"]),
    "a label": (np.float64(1), ["x is 0 or 1", "x is 1 or −1"]),
    "a column of ones": (BIASED, ["x[:, 0] = 1"]),
    "the last column of ones": (BIASED[:, ::-1], ["x[:, 2] = 1"]),
    "a row of ones": (BIASED.T, ["x[0] = 1"]),
    "a stack with a column of ones": (np.stack([BIASED, 2 * BIASED - 1]), ["x[…, 0] = 1"]),
    "unit vectors": (UNITS, ["‖x‖ = 1 over the last axis"]),
    "unit vectors in columns": (UNITS.T, ["‖x‖ = 1 over the first axis"]),
    "a unit vector": (UNITS[1], ["‖x‖ = 1 over the last axis"]),
    "orthonormal rows": (Q[:2], ["‖x‖ = 1 over the last axis", "the rows of x are orthogonal", "x xᵀ = I"]),
    "orthonormal columns": (Q[:, :2], ["‖x‖ = 1 over the first axis", "the columns of x are orthogonal", "xᵀ x = I"]),
    "orthogonal rows": (Q[:3] * [[1], [2], [3]], ["the rows of x are orthogonal"]),
    "a projection": (Q[:, :2] @ Q[:, :2].T, ["x = xᵀ", "x² = x = xᵀ"]),
    "centred": (B - B.mean(axis=0), ["Σ x = 0 over the first axis"]),
    "sorted": (np.array([0.1, 0.5, 2.5]), ["x ascends"]),
    "sorted downwards": (np.array([[2.5, 0.5, 0.1]]), ["x descends"]),
    "whole numbers": (np.array([3.0, -7.0, 5.0]), ["x is of whole numbers"]),
    "equal entries": (np.full(3, 0.4), ["all entries of x are equal"]),
    "equal rows": (np.tile(B[0], (4, 1)), ["x is the same along the first axis"]),
    "some zeros": (np.array([0.0, 1.3, -2.7, 0.0]), ["x is 0 where it is here"]),
}


@pytest.mark.parametrize("name", SEEN)
def test_what_is_seen(name):
    x, names = SEEN[name]
    assert [trait.name.format("x") for trait in structures.traits_of(x)] == names


EVERY = [(name, trait) for name, (x, _) in SEEN.items() for trait in structures.traits_of(x)]


@pytest.mark.parametrize(("name", "trait"), EVERY, ids=[f"{name}: {trait.name}" for name, trait in EVERY])
def test_drawn_ones_have_it_and_broken_ones_do_not(name, trait):
    x = np.asarray(SEEN[name][0])
    rng = np.random.default_rng(1)
    drawn = [np.asarray(trait.draw(rng, x)) for _ in range(8)]
    broken = [np.asarray(trait.broken(rng, x)) for _ in range(8)]
    assert all(trait.holds(other) and other.shape == x.shape for other in drawn)
    assert not any(trait.holds(other) for other in broken)
    assert all(other.shape == x.shape for other in broken)
    assert len({other.tobytes() for other in drawn}) > 1
    assert len({other.tobytes() for other in broken}) > 1


@pytest.mark.parametrize("name", [name for name, (_, names) in SEEN.items() if names])
def test_draws_keep_what_they_see(name):
    x = SEEN[name][0]
    like = Likeness(x, is_variable=False)
    if np.size(x) == 1:
        assert like.kept(RNG) == x  # 0 or 1, or ±1? nobody can tell
        return
    strongest = like.kept_traits[-1]
    assert all(strongest.holds(np.asarray(like.kept(RNG))) for _ in range(8))
    assert not all(strongest.holds(np.asarray(like.wild(RNG))) for _ in range(8))


@pytest.mark.parametrize("x", [np.eye(3), np.zeros((2, 2)), HOT, np.ones(4)])
def test_where_a_variable_begins_is_no_structure(x):
    assert not Likeness(x, is_variable=True).kept_traits


def test_nothing_is_seen_in_what_is_no_number():
    assert structures.traits_of(np.array([np.nan, 1.0])) == []
    assert structures.traits_of(np.zeros((0, 3))) == []


def test_broken_ones_keep_the_rest():
    rng = np.random.default_rng(2)
    traits = {trait.name: trait for trait in structures.traits_of(HOT)}
    assert traits["Σ {0} = 1 over the last axis"].holds(traits["{0} is one-hot over the last axis"].broken(rng, HOT))
    definite = SEEN["definite"][0]
    traits = {trait.name: trait for trait in structures.traits_of(definite)}
    assert traits["{0} = {0}ᵀ"].holds(traits["{0} is symmetric and positive definite"].broken(rng, definite))
