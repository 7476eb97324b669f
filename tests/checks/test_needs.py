"""What a claim needs of the arguments it holds at: each structure, in several functions, layouts and shapes."""

import numpy as np
import pytest

import tinygrad_lite as tl

RNG = np.random.default_rng(5)
B = RNG.normal(size=(3, 3))
SYMMETRIC, DEFINITE = B + B.T, B @ B.T + np.eye(3)
STACK = np.stack([SYMMETRIC, DEFINITE])
X = RNG.normal(size=3)
Q = np.linalg.qr(RNG.normal(size=(4, 4)))[0]
UNIT = X / np.sqrt(X @ X)
Z = RNG.normal(size=(4, 3))
T = np.eye(3)[[0, 2, 1, 1]]
SOFT = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
SMALL = np.array([[2.0, 1.0], [1.0, 3.0]])
TRIDIAGONAL = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 4.0]])
BIASED = np.column_stack([np.ones(4), RNG.normal(size=(4, 2))])
SIGNS = np.array([1.0, -1.0, 1.0, 1.0])


def sigmoid(u):
    return 1 / (1 + np.exp(-u))


def softmax(z, axis=-1):
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)


def entropy(axis):
    return lambda z, t: -np.sum(t * np.log(softmax(z, axis)))


def margin(w, x, y):
    return np.sum(np.log(1 + np.exp(-y * (x @ w))))


def margin_by_hand(w, x, y):
    return x.T @ (sigmoid(x @ w) - (1 + y) / 2)


def batched(x, A):
    return np.einsum("bi,bij,bj->", x, A, x)


CASES = [
    # A = Aᵀ
    ("A = Aᵀ", lambda x, A: x @ A @ x, lambda x, A: 2 * A @ x, (np.array([1.0, -1.0]), SMALL)),
    ("A = Aᵀ", lambda x, A: np.sum(x.T @ A @ x), lambda x, A: 2 * A @ x, (X[:, None], SYMMETRIC)),
    ("A = Aᵀ", lambda A: np.log(np.abs(np.linalg.det(A))), np.linalg.inv, (SYMMETRIC,)),
    ("A = Aᵀ", batched, lambda x, A: 2 * np.einsum("bij,bj->bi", A, x), (Z[:2], STACK)),
    ("A = Aᵀ", lambda x, A, b: x @ A @ x / 2 - b @ x, lambda x, A, b: A @ x - b, (X, DEFINITE, X + 1)),
    ("A = Aᵀ", lambda A: np.trace(A @ A @ A), lambda A: 3 * A @ A, (SYMMETRIC,)),
    ("A = Aᵀ", lambda x, A: x @ A @ x, lambda x, A: 2 * A @ x, (X, TRIDIAGONAL.astype(np.float32))),
    # other matrices
    ("A = −Aᵀ", lambda x, A: x @ A @ x + x @ x, lambda x, A: 2 * x, (X, B - B.T)),
    (
        "A is diagonal",
        lambda x, A: np.sum(np.tanh(A @ x)),
        lambda x, A: np.diag(A) * (1 - np.tanh(A @ x) ** 2),
        (X, np.diag([1.3, 0.4, 2.5])),
    ),
    ("Q Qᵀ = I", lambda x, Q: np.sum((x @ Q) ** 2), lambda x, Q: 2 * x, (RNG.normal(size=4), Q)),
    (
        "P² = P = Pᵀ",
        lambda x, P: np.sum((P @ x) ** 2),
        lambda x, P: 2 * P @ x,
        (RNG.normal(size=4), Q[:, :2] @ Q[:, :2].T),
    ),
    ("Wᵀ W = I", lambda x, W: np.sum((W @ x) ** 2), lambda x, W: 2 * x, (RNG.normal(size=2), Q[:, :2])),
    (
        "L is lower triangular",
        lambda x, L: np.sum((L @ x) ** 2),
        lambda x, L: 2 * np.tril(L).T @ np.tril(L) @ x,
        (X, np.tril(B)),
    ),
    # targets
    ("Σ t = 1 over the last axis", entropy(-1), lambda z, t: softmax(z) - t, (Z, T)),
    ("Σ t = 1 over the first axis", entropy(0), lambda z, t: softmax(z, 0) - t, (Z.T, T.T)),
    ("Σ t = 1 over the first axis", entropy(0), lambda z, t: softmax(z, 0) - t, (Z.T[:, :1], T.T[:, :1])),
    ("Σ t = 1 over the last axis", entropy(-1), lambda z, t: softmax(z) - t, (Z, SOFT)),
    (
        "Σ t = 1 over the last axis",
        entropy(-1),
        lambda z, t: softmax(z) - t,
        (np.stack([Z, Z + Z**2]), np.stack([T, SOFT])),
    ),
    ("Σ t = 1 over the last axis", entropy(-1), lambda z, t: softmax(z) - t, (Z[0], T[0])),
    ("Σ t = 1 over the first axis", entropy(0), lambda z, t: softmax(z, 0) - t, (Z.T, SOFT.T)),
    (
        "t is one-hot over the last axis",
        entropy(-1),
        lambda z, t: (softmax(z) - t) * t.max(axis=1, keepdims=True),
        (Z, T),
    ),
    # labels
    ("y is 1 or −1", margin, margin_by_hand, (X, BIASED, SIGNS)),
    ("y is 1 or −1", margin, margin_by_hand, (X, Z, SIGNS)),
    ("y is 1 or −1", margin, margin_by_hand, (X[:, None], Z, SIGNS[:, None])),
    ("y is 1 or −1", margin, lambda w, x, y: x * (sigmoid(x @ w) - (1 + y) / 2), (X, X, 1.0)),
    ("y is 1 or −1", margin, margin_by_hand, (X, Z, np.ones(4))),
    ("y is 1 or −1", margin, margin_by_hand, (X, Z, SIGNS.astype(np.float32))),
    ("y is 0 or 1", lambda a, y: np.sum(y * y * a), lambda a, y: y, (X, np.array([0.0, 1.0, 1.0]))),
    ("y is 0 or 1", lambda a, y: y * y * a, lambda a, y: y, (0.3, 1.0)),
    # columns of ones, unit vectors, orthogonal rows, sums
    (
        "X[:, 0] = 1",
        lambda w, X: np.sum((X @ w) ** 2),
        lambda w, X: 2 * np.append((X @ w).sum(), X[:, 1:].T @ (X @ w)),
        (X, BIASED),
    ),
    (
        "X[0] = 1",
        lambda w, X: np.sum((w @ X) ** 2),
        lambda w, X: 2 * np.append((w @ X).sum(), X[1:] @ (w @ X)),
        (X, BIASED.T),
    ),
    (
        "‖u‖ = 1 over the last axis",
        lambda x, u: np.sum((x - u * (u @ x)) ** 2) / 2,
        lambda x, u: x - u * (u @ x),
        (Z[0], UNIT),
    ),
    (
        "‖u‖ = 1 over the first axis",
        lambda x, u: np.sum((x - u * (u.T @ x)) ** 2) / 2,
        lambda x, u: x - u * (u.T @ x),
        (Z[:1].T, UNIT[:, None]),
    ),
    ("Σ c = 0 over the last axis", lambda s, c: np.sum((c - s) ** 2), lambda s, c: 2 * c.size * s, (0.7, X - X.mean())),
    (
        "the rows of R are orthogonal",
        lambda x, R: np.sum((x @ R) ** 2),
        lambda x, R: 2 * x * np.sum(R * R, axis=1),
        (X, Q[:3] * [[1], [2], [3]]),
    ),
    # entries
    (
        "n is of whole numbers",
        lambda x, n: np.sum(x * np.cos(2 * np.pi * n)),
        lambda x, n: np.ones_like(x),
        (X, np.array([1.0, 3.0, -2.0])),
    ),
    ("t ascends", lambda x, t: np.sum(x * np.sort(t)), lambda x, t: t, (X, np.array([0.1, 0.7, 2.0]))),
    ("all entries of c are equal", lambda x, c: np.sum(c * x), lambda x, c: np.full(3, c[0]), (X, np.full(3, 0.7))),
    ("n = 2", lambda x, n: np.sum(np.abs(x) ** n), lambda x, n: 2 * x, (X, 2.0)),
    ("b = 0", lambda x, b: np.sum((x + b) ** 2), lambda x, b: 2 * x, (X, np.zeros(3))),
    ("x > 0", lambda x: np.sum(np.sqrt(x**2)), np.ones_like, (np.abs(X) + 1,)),
    ("x < 0", lambda x: np.sum(x * np.abs(x)), lambda x: -2 * x, (-np.abs(X) - 1,)),
]


@pytest.mark.parametrize(("condition", "f", "claimed", "args"), CASES)
def test_a_condition_is_found(condition, f, claimed, args):
    report = tl.check_derivation(f, claimed, *args)
    assert report, report
    assert report.verdict == f"holds when {condition}"
    assert [one.text for one in report.conditions] == [condition]
    (found,) = report.conditions
    assert found.right >= 3
    assert found.wrong > 0
    if found.example is not None:
        assert not np.isclose(found.example.claimed, found.example.autograd, rtol=1e-9)
    assert report.counterexample is None


GENERAL = [
    (lambda x, A: x @ A @ x, lambda x, A: (A + A.T) @ x, (X, SYMMETRIC)),
    (lambda A: np.log(np.abs(np.linalg.det(A))), lambda A: np.linalg.inv(A).T, (DEFINITE,)),
    (entropy(0), lambda z, t: softmax(z, 0) * t.sum(axis=0) - t, (Z.T, T.T)),
    (margin, lambda w, x, y: -x.T @ (y * sigmoid(-y * (x @ w))), (X, BIASED, SIGNS)),
    (lambda x: np.sum(x**2), lambda x: 2 * x, (np.ones(3),)),
    (lambda x: np.sum(np.exp(x)), np.exp, (np.array([1.0, 2.0, 3.0]),)),
    (lambda x: np.sum(x * np.abs(x)), lambda x: 2 * np.abs(x), (np.abs(X),)),
]


@pytest.mark.parametrize(("f", "claimed", "args"), GENERAL)
def test_what_holds_without_is_not_tied_to_it(f, claimed, args):
    report = tl.check_derivation(f, claimed, *args)
    assert report.verdict == "holds"
    assert not report.conditions


class TestSeveral:
    def test_two_conditions(self):
        f = lambda x, A, t: x @ A @ x * np.sum(t)
        report = tl.check_derivation(f, lambda x, A, t: 2 * A @ x, X, SYMMETRIC, SOFT[0])
        assert report.verdict == "holds when A = Aᵀ and Σ t = 1 over the last axis"

    def test_two_structures_of_one_argument(self):
        adjacency = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [1.0, 0.0, 1.0]])
        f = lambda x, A: x @ (A * A) @ x
        assert tl.check_derivation(f, lambda x, A: 2 * A @ x, X, adjacency).verdict == (
            "holds when A is 0 or 1 and A = Aᵀ"
        )

    def test_a_condition_on_what_is_differentiated(self):
        report = tl.check_derivation(lambda x: np.sum(x**3), lambda x: 3 * x, np.ones(3))
        assert report.verdict == "holds when x is 0 or 1"


class TestTheMistakeBesideIt:
    def test_a_missing_transpose(self):
        report = tl.check_derivation(lambda x, A: x @ A @ x, lambda x, A: 2 * A.T @ x, X, SYMMETRIC)
        assert report.verdict == "holds when A = Aᵀ"
        assert report.diagnosis is None
        assert report.remarks[0].startswith("without that, a transpose is missing in the derivative of x @ A")

    def test_a_textbook_formula_is_no_mistake(self):
        report = tl.check_derivation(lambda x, A: x @ A @ x, lambda x, A: 2 * A @ x, X, SYMMETRIC)
        assert report.verdict == "holds when A = Aᵀ"
        assert report.remarks == ()
        assert tl.check_derivation(entropy(-1), lambda z, t: softmax(z) - t, Z, T).remarks == ()


class TestOnlyThere:
    def test_nothing_special(self):
        x = RNG.normal(size=3)
        report = tl.check_derivation(lambda v: np.sum(v**2), lambda v: 2 * v + np.sin(v - x), x)
        assert report
        assert report.verdict == "holds at the given arguments"
        assert "fails elsewhere" in repr(report)
        assert not report.counterexample.given

    def test_the_mistake_is_still_named(self):
        f = lambda w, x: np.sum(np.exp(w) * x) + np.sum(w * w) / 2
        report = tl.check_derivation(f, lambda w, x: np.exp(w) * x, np.zeros(3), X)
        assert report.verdict == "holds at the given arguments"
        assert report.diagnosis is not None

    def test_in_a_test_it_is_warned_of(self):
        with pytest.warns(UserWarning, match="at the given arguments only"):
            tl.assert_derivation(lambda x: np.sum(np.exp(x)), lambda x: np.e * x, np.ones(3))
        tl.assert_derivation(lambda x, A: x @ A @ x, lambda x, A: 2 * A @ x, X, SYMMETRIC)

    def test_the_claim_fails_elsewhere(self):
        def claimed(x):
            if np.any(x != X):
                raise ArithmeticError("no idea")
            return 2 * x

        report = tl.check_derivation(lambda x: np.sum(x * x), claimed, X)
        assert report.verdict == "holds at the given arguments"
        assert "no idea" in repr(report)


def test_wrong_at_the_given_arguments_is_wrong_whatever_it_needs():
    report = tl.check_derivation(lambda x, A: x @ A @ x, lambda x, A: A @ x, X, SYMMETRIC)
    assert not report
    assert report.verdict == "does not hold"
    assert report.diagnosis.kind in ("factor", "term")


def test_an_index_that_is_a_permutation():
    f = lambda w, i: np.sum(w[i] * np.arange(3))
    report = tl.check_derivation(f, lambda w, i: np.argsort(i) * 1.0, X, np.array([2, 0, 1]))
    assert report.verdict == "holds when i is a permutation"


@pytest.mark.parametrize(
    ("f", "claimed"),
    [
        (lambda A: np.sum(np.log(np.diag(np.linalg.cholesky(A)))), lambda A: np.linalg.inv(A) / 2),
        (lambda A: np.sum(np.linalg.eigvalsh(A) ** 2), lambda A: 2 * A),
        (lambda A: np.linalg.eigvalsh(A)[-1], lambda A: np.outer(*[np.linalg.eigh(A)[1][:, -1]] * 2)),
    ],
)
def test_functions_that_read_one_triangle(f, claimed):
    report = tl.check_derivation(f, claimed, DEFINITE)
    assert report.verdict in ("holds", "holds when A = Aᵀ"), report  # or when the claim reads one triangle, too
    assert not tl.check_derivation(f, lambda A: claimed(A) + claimed(A).T, DEFINITE)
