"""Derivatives without autograd: the complex step against autograd, and SymPy's for symbols."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_lite.documents.by_hand import column_partials, diagonal, kronecker, off_diagonal, partials
from tinygrad_lite.documents.definitions import cross_entropy, jacobians, sigmoid, slopes, softmax


@pytest.fixture
def z() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((3, 4))


def test_of_rows_to_numbers(z: np.ndarray) -> None:
    t = np.random.default_rng(1).random((3, 4))
    np.testing.assert_allclose(partials(lambda z: cross_entropy(softmax(z), t), z), softmax(z) * t.sum(1)[:, None] - t)


def test_of_rows_to_rows(z: np.ndarray) -> None:
    found = partials(softmax, z)
    np.testing.assert_allclose(found, jacobians(softmax, z), rtol=1e-13, atol=1e-16)
    assert found.shape == (3, 4, 4)
    np.testing.assert_allclose(diagonal(partials(sigmoid, z)), slopes(sigmoid, z), rtol=1e-14)


def test_of_a_column(z: np.ndarray) -> None:
    column = z[:1].T
    found = column_partials(lambda z: softmax(z.T).T, column)
    np.testing.assert_allclose(found, jacobians(softmax, z)[0], rtol=1e-13, atol=1e-16)


def test_diagonal_and_the_rest() -> None:
    a = np.arange(18.0).reshape(2, 3, 3)
    np.testing.assert_array_equal(diagonal(a), [[0, 4, 8], [9, 13, 17]])
    np.testing.assert_array_equal(off_diagonal(a)[0], [1, 2, 3, 5, 6, 7])
    np.testing.assert_array_equal(kronecker(a), np.eye(3))


def test_of_symbols() -> None:
    """With a stand-in for symbolic scalars: an expression and a float."""
    sympy = pytest.importorskip("sympy")

    class Symbolic:
        def __init__(self, expr: Any, shadow: float) -> None:
            self.expr, self.shadow = expr, shadow

        def __float__(self) -> float:
            return self.shadow

        def __mul__(self, other: Any) -> Any:
            return Symbolic(self.expr * other.expr, self.shadow * other.shadow)

        def exp(self) -> Any:
            return Symbolic(sympy.exp(self.expr), 1.0)

    a, b = sympy.symbols("a b")
    z = np.array([[Symbolic(a**2, 0.5), Symbolic(b, 2.0)]], object)
    found = partials(lambda z: np.exp(z[:, 0] * z[:, 1]), z)
    assert [x.expr for x in found[0]] == [b * sympy.exp(a**2 * b), a**2 * sympy.exp(a**2 * b)]
