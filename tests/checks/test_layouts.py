"""Claims in other layouts, and of parts of a derivative."""

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.checks import layouts

RNG = np.random.default_rng(8)
X, W = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 2))
V = RNG.normal(size=3)
COLUMN, ROW = V[:, None], V[None]


def squares(w, x):
    return np.sum((x @ w) ** 2)


def by_hand(w, x):
    return 2 * x.T @ (x @ w)


def tanh_layer(x, W):
    return np.tanh(x @ W)


def row_blocks(x, W):
    return (1 - np.tanh(x @ W) ** 2)[:, :, None] * W.T[None]


def columns(x, W):
    return np.tanh(W.T @ x)


def column_blocks(x, W):
    return (1 - np.tanh(W.T @ x) ** 2).T[:, :, None] * W.T[None]


def standard(x):
    return (x - x.mean()) / x.std()


def standard_jacobian(x):
    n, y = len(x), standard(x)
    return (np.eye(n) - 1 / n - np.outer(y, y) / n) / x.std()


SAME_NUMBERS = [
    (squares, lambda w, x: by_hand(w, x)[:, None], (V, X), "(3, 1)"),
    (squares, lambda w, x: by_hand(w, x)[None], (V, X), "(1, 3)"),
    (squares, lambda w, x: by_hand(w, x).ravel(), (COLUMN, X), "(3,)"),
    (squares, lambda w, x: by_hand(w, x).T, (COLUMN, X), "(1, 3)"),
    (lambda w, x: np.sum((w @ x.T) ** 2), lambda w, x: 2 * x.T @ (x @ w[0]), (ROW, X), "(3,)"),
    (lambda b: np.sum(b**3), lambda b: np.array([[3 * b**2]]), (0.7,), "(1, 1)"),
    (lambda x, W: W.T @ x, lambda x, W: W.T, (COLUMN, W), "(2, 3)"),
    (lambda x, W: x @ W, lambda x, W: W.T, (ROW, W), "(2, 3)"),
    (lambda x: np.tanh(x), lambda x: np.diag(1 - np.tanh(x.ravel()) ** 2), (COLUMN,), "(3, 3)"),
    (lambda x: np.sum(np.sin(x)), lambda x: np.cos(x).ravel(), (tl.tensor(ROW).numpy().astype(np.float32),), "(3,)"),
]


@pytest.mark.parametrize(("f", "claimed", "args", "shape"), SAME_NUMBERS)
def test_the_same_numbers_in_another_shape(f, claimed, args, shape):
    report = tl.check_derivation(f, claimed, *args)
    assert report.verdict == "holds", report
    assert f"of shape {shape}" in report.remarks[0]
    wrong = tl.check_derivation(f, lambda *a: -np.asarray(claimed(*a)), *args)
    assert wrong.diagnosis.kind == "sign"


BLOCKS = [
    (tanh_layer, row_blocks, (X, W), ""),
    (tanh_layer, lambda x, W: np.moveaxis(row_blocks(x, W), 0, -1), (X, W), "for each row"),
    (columns, column_blocks, (X.T, W), "for each column"),
    (columns, lambda x, W: np.moveaxis(column_blocks(x, W), 0, -1), (X.T, W), "for each column"),
    (tanh_layer, lambda x, W: (1 - np.tanh(x @ W) ** 2)[..., None] * W.T, (np.stack([X, -X]), W), "for each row"),
    (tanh_layer, lambda x, W: tl.jacobian(tanh_layer)(x, W).reshape(8, 12), (X, W), "along the rows"),
    (
        lambda x, W: W @ x,
        lambda x, W: np.kron(np.eye(x.shape[1]), W),
        (X, RNG.normal(size=(2, 4))),
        "down the columns",
    ),
]


@pytest.mark.parametrize(("f", "claimed", "args", "words"), BLOCKS)
def test_a_jacobian_in_blocks_or_as_a_matrix(f, claimed, args, words):
    report = tl.check_derivation(f, claimed, *args)
    assert report.verdict == "holds", report
    assert words in " ".join(report.remarks)
    assert not tl.check_derivation(f, lambda *a: claimed(*a) + 0.1, *args)


PARTS = [
    (squares, lambda w, x: by_hand(w, x)[1], (V, X), "[1]"),
    (squares, lambda w, x: by_hand(w, x)[:2], (V, X), "[0:2]"),
    (squares, lambda w, x: by_hand(w, x)[1], (W, X), "[1]"),
    (squares, lambda w, x: by_hand(w, x)[:, 1], (W, X), "[:, 1]"),
    (squares, lambda w, x: by_hand(w, x)[:, 1:], (W, X), "[:, 1]"),
    (squares, lambda w, x: by_hand(w, x)[2, 0], (W, X), "[2, 0]"),
    (squares, lambda w, x: by_hand(w, x)[1:, :], (W, X), "[1:3]"),
    (standard, lambda x: standard_jacobian(x)[0, 0], (V,), "[0, 0]"),
    (standard, lambda x: standard_jacobian(x)[2], (V,), "[2]"),
    (tanh_layer, lambda x, W: row_blocks(x, W)[3], (X, W), "[3, :, 3]"),
    (lambda z: np.sum(np.exp(z), axis=1), lambda z: np.exp(z[0]), (X,), "[0, 0]"),
]


@pytest.mark.parametrize(("f", "claimed", "args", "place"), PARTS)
def test_a_part_is_found(f, claimed, args, place):
    report = tl.check_derivation(f, claimed, *args)
    assert report.verdict == "holds", report
    assert f"only {place} is claimed" in " ".join(report.remarks)


@pytest.mark.parametrize("claimed", [lambda w, x: 0.0, lambda w, x: by_hand(w, x)[1] * 1.01, lambda w, x: x[0, 0]])
def test_what_is_no_part(claimed):
    with pytest.raises(ValueError, match="nor is it a part of it"):
        tl.check_derivation(squares, claimed, V, X)


class TestDeclared:
    def diagonal(self, x):
        return np.diag(standard_jacobian(x))

    def test_the_diagonal(self):
        assert tl.check_derivation(standard, self.diagonal, V, part="diagonal").verdict == "holds"
        report = tl.check_derivation(standard, self.diagonal, V)
        assert report.diagnosis.kind == "diagonal"
        assert 'part="diagonal"' in repr(report)
        assert not tl.check_derivation(standard, lambda x: 1 / x.std() + 0 * x, V, part="diagonal")

    @pytest.mark.parametrize("part", [0, -1, np.s_[1:], np.s_[:, 0], (0, 1), np.s_[..., 0]])
    def test_an_index(self, part):
        assert tl.check_derivation(standard, lambda x: standard_jacobian(x)[part], V, part=part)
        wrong = tl.check_derivation(standard, lambda x: -standard_jacobian(x)[part], V, part=part)
        assert not wrong
        assert wrong.diagnosis is None or wrong.diagnosis.kind == "sign"

    def test_what_is_no_part(self):
        with pytest.raises(ValueError, match="diagonal"):
            tl.check_derivation(standard, self.diagonal, V, part="rows")


class TestLayout:
    def test_a_transposed_matrix_is_another_derivative(self):
        report = tl.check_derivation(squares, lambda w, x: by_hand(w, x).T, W, X)
        assert not report
        assert report.diagnosis.kind == "transposed"
        assert 'layout="numerator"' in repr(report)

    @pytest.mark.parametrize("w", [W, RNG.normal(size=(3, 3)), RNG.normal(size=(3, 1))])
    def test_numerator_layout_of_a_gradient(self, w):
        assert tl.check_derivation(squares, lambda w, x: by_hand(w, x).T, w, X, layout="numerator").verdict == "holds"
        if w.shape != (3, 1):
            assert not tl.check_derivation(squares, by_hand, w, X, layout="numerator")
        assert tl.check_derivation(squares, by_hand, w, X, layout="denominator")

    def test_denominator_layout_of_a_jacobian(self):
        f, args = lambda x, W: W.T @ x, (V, W)
        assert tl.check_derivation(f, lambda x, W: W, *args, layout="denominator")
        assert not tl.check_derivation(f, lambda x, W: W, *args)
        assert tl.check_derivation(f, lambda x, W: W.T, *args, layout="numerator")
        with pytest.raises(ValueError, match="nor is it a part"):
            tl.check_derivation(f, lambda x, W: np.ones((5, 7)), *args, layout="denominator")

    def test_bad_names(self):
        with pytest.raises(ValueError, match="layout is"):
            tl.check_derivation(squares, by_hand, W, X, layout="mixed")


def test_indices_are_written_as_in_programs():
    assert layouts.entries_as_written((1, slice(None))) == "[1]"
    assert layouts.entries_as_written((slice(None), 2)) == "[:, 2]"
    assert layouts.entries_as_written((slice(0, 2), 1)) == "[0:2, 1]"
