"""Polynomials: values as NumPy's, roots and fits at points that are not easy, errors."""

import numpy as np
import pytest

import tinygrad_lite as tl

RNG = np.random.default_rng(0)
P, Q, X = RNG.uniform(-2, 2, 4), RNG.uniform(0.5, 2, 3), RNG.uniform(-2, 2, (2, 3))
ZEROS = np.array([0.0, 0.0, 1.0, -2.0])
INT = np.array([3, 0, 2])

CALLS = {
    "vander": lambda t: [np.vander(t(x), n, i) for x in (P, INT) for n in (None, 0, 1, 5) for i in (False, True)],
    "polyval": lambda t: [np.polyval(t(P), X), np.polyval(P, t(X)), np.polyval(t(INT), t(X)), np.polyval(INT, t(2))],
    "polyval-none": lambda t: [np.polyval(t(P[:0]), X), np.polyval([1.0, 2.0], t(0.5))],
    "polyder": lambda t: [np.polyder(t(x), m) for x in (P, INT) for m in (0, 1, 2, 3)],
    "polyint": lambda t: [np.polyint(t(x), m) for x in (P, INT) for m in (0, 1, 3)],
    "polyint-k": lambda t: [np.polyint(t(P), 2, k=[1.0, 2.0]), np.polyint(P, 2, t(Q[:2])), np.polyint(t(P), 3, 0.5)],
    "polyadd": lambda t: [np.polyadd(t(P), Q), np.polyadd(Q, t(P)), np.polyadd(t(INT), INT), np.polyadd(t(2.0), P)],
    "polysub": lambda t: [np.polysub(t(P), Q), np.polysub(Q, t(P)), np.polysub(t(INT), INT), np.polysub(t(2.0), P)],
    "polymul": lambda t: [np.polymul(t(P), Q), np.polymul(ZEROS, t(P)), np.polymul(t(INT), INT), np.polymul(t(P), 2)],
    "polydiv": lambda t: [*np.polydiv(t(P), Q), *np.polydiv(Q, t(P)), *np.polydiv(t(INT), t(Q))],
    "poly": lambda t: [np.poly(t(P)), np.poly(t(INT)), np.poly(t(P[:1]))],
    "polyfit": lambda t: [
        np.polyfit(t(P), t(P**2), d, w=w) for d in (0, 2) for w in (None, t(P**2))
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_values_are_numpys(name):
    for got, expected in zip(CALLS[name](tl.Tensor), CALLS[name](np.array), strict=True):
        got = got.data if isinstance(got, tl.Tensor) else np.asarray(got)
        assert got.dtype == expected.dtype
        np.testing.assert_allclose(got, expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (lambda p, x: np.polyval(p, x), (P, X)),
        (lambda x: np.vander(x, 4), (np.array([0.0, 1.0, -2.0]),)),
        (lambda p: np.polyint(np.polyder(p, 2), 2), (P,)),
        (lambda p, q: np.polymul(p, q), (P, Q)),
        (lambda p, q: np.polydiv(p, q)[0], (P, Q)),
        (lambda p, q: np.polydiv(p, q)[1], (P, Q)),
        (lambda z: np.poly(z), (np.array([0.0, 1.0, 1.0]),)),
    ],
)
def test_second_derivatives(function, arguments):
    tl.check_gradients(lambda *x: function(*x) ** 2, *arguments, order=2)


def test_zeros_in_front_are_no_part_of_a_polynomial():
    g = tl.grad(lambda p: np.polymul(p, Q).sum())(ZEROS)
    np.testing.assert_allclose(g, [0, 0, Q.sum(), Q.sum()])


# ---------------------------------------------------------------------------------------------------------------------
# Roots


@pytest.mark.parametrize("roots", [[3.0], [1.0, -2.0], [0.5, -1.5, 4.0], [0.0, 2.0], [1e-6, 1e6]])
def test_roots(roots):
    p = np.poly(roots) * 2.5
    np.testing.assert_array_equal(np.roots(tl.Tensor(p)).data, np.roots(p))
    if len(roots) < 4 and max(np.abs(roots)) < 10:
        tl.check_gradients(lambda p: np.roots(p) ** 2, p, order=2)


def test_a_root_and_its_coefficients():
    """x² + bx + c = 0: ∂x/∂b = −x / (2x + b),  ∂x/∂c = −1 / (2x + b)."""
    b, c = -3.0, 2.0
    gradient = tl.grad(lambda p: np.roots(p)[0])(np.array([1.0, b, c]))
    np.testing.assert_allclose(gradient, [-4 / (4 + b), -2 / (4 + b), -1 / (4 + b)], rtol=1e-12)
    inverse = tl.jacobian(lambda z: np.roots(np.poly(z)))(np.array([3.0, 1.0, -2.0]))
    order = np.argmax(np.abs(inverse), axis=1)
    np.testing.assert_allclose(inverse, np.eye(3)[order], atol=1e-12)


def test_polynomials_without_roots():
    assert np.roots(tl.tensor([0.0, 0.0])).shape == (0,)
    assert np.roots(tl.tensor([2.0])).shape == (0,)
    np.testing.assert_allclose(np.roots(tl.tensor([0.0, 1.0, -2.0, 0.0])).data, [2, 0])
    np.testing.assert_array_equal(tl.grad(lambda p: np.roots(p).sum())(np.array([0.0, 1.0, -2.0])), [0, -2, -1])


# ---------------------------------------------------------------------------------------------------------------------
# Fits


@pytest.mark.parametrize("degree", [0, 1, 3])
@pytest.mark.parametrize("columns", [(), (2,)])
def test_fits(degree, columns):
    x, y, w = np.linspace(-1, 2, 6), RNG.uniform(-1, 1, (6, *columns)), RNG.uniform(0.5, 2, 6)
    np.testing.assert_allclose(
        np.polyfit(tl.Tensor(x), tl.Tensor(y), degree, w=tl.Tensor(w)).data, np.polyfit(x, y, degree, w=w), rtol=1e-13
    )
    tl.check_gradients(lambda x, y, w: tl.polyfit(x, y, degree, w=w) ** 2, x, y, w, order=2)


def test_what_else_a_fit_gives():
    x, columns = np.linspace(-1, 2, 6), RNG.uniform(-1, 1, (6, 2))
    for y in (columns, columns[:, 0]):
        for options in ({"full": True}, {"cov": True}, {"cov": "unscaled"}, {"full": True, "rcond": 1e-3}):
            got, expected = np.polyfit(tl.Tensor(x), tl.Tensor(y), 2, **options), np.polyfit(x, y, 2, **options)
            assert len(got) == len(expected)
            for a, b in zip(got, expected, strict=True):
                a = a.data if isinstance(a, tl.Tensor) else a
                np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-13)
        tl.check_gradients(lambda x, y: tl.polyfit(x, y, 1, cov=True)[1], x, y, order=2)
        tl.check_gradients(lambda x, y: tl.polyfit(x, y, 1, full=True)[1], x, y, order=2)
    assert np.polyfit(tl.Tensor(x[:2]), y[:2], 1, full=True)[1].shape == (0,)


def test_powers_that_are_not_independent():
    for x in (np.ones(3), tl.tensor(np.ones(3))):
        with pytest.warns(np.exceptions.RankWarning, match="poorly conditioned"):
            np.polyfit(x, np.arange(3.0), 1)


def test_a_straight_line_through_points():
    """The slope is Σ (x − x̄)(y − ȳ) / Σ (x − x̄)²: ∂/∂yᵢ = (xᵢ − x̄) / Σ (x − x̄)²."""
    x, y = np.array([0.0, 1.0, 2.0, 5.0]), np.array([1.0, 2.0, 2.0, 4.0])
    d = x - x.mean()
    np.testing.assert_allclose(tl.grad(lambda y: tl.polyfit(x, y, 1)[0])(y), d / (d @ d), atol=1e-14)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda x: np.vander(x[None]), ValueError),
        (lambda x: np.polyder(x, -1), ValueError),
        (lambda x: np.polyder(np.stack([x, x])), ValueError),
        (lambda x: np.polyint(x, -1), ValueError),
        (lambda x: np.polyint(x, 3, [1.0, 2.0]), ValueError),
        (lambda x: np.polymul(x[None], x), ValueError),
        (lambda x: np.poly(np.stack([x, x])), ValueError),
        (lambda x: np.roots(np.stack([x, x])), ValueError),
        (lambda x: np.polyfit(x, x, -1), ValueError),
        (lambda x: np.polyfit(x[None], x, 1), TypeError),
        (lambda x: np.polyfit(x[:0], x[:0], 1), TypeError),
        (lambda x: np.polyfit(x, x[:2], 1), TypeError),
        (lambda x: np.polyfit(x, x[:, None, None], 1), TypeError),
        (lambda x: np.polyfit(x, x, 1, w=x[None]), TypeError),
        (lambda x: np.polyfit(x, x, 1, w=x[:2]), TypeError),
        (lambda x: np.polyfit(x, x, 2, cov=True), ValueError),
    ],
)
def test_errors_are_numpys(call, kind):
    for x in (np.array([1.0, 2.0, 4.0]), tl.tensor([1.0, 2.0, 4.0], requires_grad=True)):
        with pytest.raises(kind):
            call(x)


def test_the_newer_functions_in_the_namespace():
    x, c = np.array([0.5, 2.0]), np.array([1.0, -2.0, 3.0])
    series = tl.numpy.polynomial.polynomial.polyval
    np.testing.assert_array_equal(series(tl.Tensor(x), tl.Tensor(c)).data, np.polynomial.polynomial.polyval(x, c))
    tl.check_gradients(lambda x, c: series(x, c) ** 2, x, c, order=2)
    for tensor in (True, False):
        many, t = np.ones((3, 2)) * c[:, None], tl.Tensor
        expected = np.polynomial.polynomial.polyval(x, many, tensor)
        np.testing.assert_array_equal(series(t(x), t(many), tensor).data, expected)


def test_the_characteristic_polynomial_of_a_matrix() -> None:
    a = np.array([[2.0, 1.0, 0.5], [0.5, -1.0, 0.25], [1.0, 0.0, 3.0]])
    np.testing.assert_allclose(np.poly(tl.tensor(a)).data, np.poly(a), rtol=1e-12, atol=1e-12)
    tl.check_gradients(lambda a: np.sum(np.poly(a) * np.arange(4.0)), a, order=2)
    tl.check_gradients(lambda a: np.sum(np.poly(a + a.T) * np.arange(4.0)), a)


def test_infinite_coefficients_are_where_numpy_has_them():
    a, b = np.array([np.inf, -0.5]), np.array([-0.75, 1.0, -2.0])
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(np.polymul(tl.tensor(a), b).data, np.polymul(a, b))
    roots = np.array([1.5, 0.25, -np.inf])
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(np.poly(tl.tensor(roots)).data, np.poly(roots))


def test_a_matrix_is_not_divided():
    with pytest.raises(ValueError, match=r"polydiv: .*\(1, 4\)"):
        np.polydiv(tl.tensor(np.ones((1, 4))), [1.0, 2.0])


def test_products_with_0():
    """A coefficient that is 0, and the only one, has the derivative of any other."""
    tl.check_gradients(np.polymul, np.array([1.5, 2.0]), np.array([0.0]), order=2)
    assert np.polymul(tl.tensor([0.0, 0.0]), [1.0, 2.0]).shape == np.polymul([0.0, 0.0], [1.0, 2.0]).shape


def test_the_singular_values_of_a_fit_have_derivatives():
    x, y, w = np.array([0.0, 1.0, 2.0, 4.0]), np.array([2.0, 1.1, -0.7, 1.5]), np.array([0.75, 1.9, 0.9, 1.0])
    tl.check_gradients(lambda x, w: np.polyfit(x, y, 1, full=True, w=w)[3], x, w)


FIT = np.array([0.0, 1.0 + 0.5j, 2.0j, -1.5])
"""Complex points."""


@pytest.mark.parametrize("options", [{}, {"cov": True}, {"cov": "unscaled"}, {"full": True}], ids=str)
@pytest.mark.parametrize("x", [FIT, np.array([0.0, 1.0, 2.0, 4.0])], ids=["complex", "real"])
@pytest.mark.parametrize("w", [None, np.array([0.75, 1.9, 0.9, 1.0])], ids=["", "weighted"])
def test_complex_fits(x, w, options):
    for y in (np.exp(2j * FIT), np.stack([FIT**2, np.exp(1j * FIT)], 1)):
        got = np.polyfit(tl.tensor(x), tl.tensor(y), 1, w=w, **options)
        expected = np.polyfit(x, y, 1, w=w, **options)
        for a, b in zip(*[(y if isinstance(y, tuple) else (y,)) for y in (got, expected)], strict=True):
            a = a.data if isinstance(a, tl.Tensor) else np.asarray(a)
            assert a.dtype == np.asarray(b).dtype
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_gradients_of_complex_fits():
    y, w = np.exp(2j * FIT), np.array([0.75, 1.9, 0.9, 1.0])
    tl.check_gradients(lambda x, y, w: np.polyfit(x, y, 1, w=w), FIT, y, w)
    tl.check_gradients(lambda x, y: np.polyfit(x, y, 1, cov=True)[1], FIT, y)
    tl.check_gradients(lambda x, y: np.polyfit(x, y, 1, full=True)[1], np.array([0.0, 1.0, 2.0, 4.0]), y)


def test_the_characteristic_polynomial_where_eigenvalues_are_equal():
    """It is a polynomial of the entries, at equal eigenvalues, too, and with too few eigenvectors."""
    weights = np.array([0.5, -1.0, 2.0, 0.25])
    for a in (np.eye(3), np.diag([2.0, 2.0, -1.0]), np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, 1.0]])):
        tl.check_gradients(lambda a: np.sum(np.poly(a) * weights), a, order=2)
    complex_matrix = np.array([[1.0 + 1j, 0.5], [0.0, 1.0 + 1j]])
    tl.check_gradients(lambda a: np.abs(np.poly(a)).sum(), complex_matrix, order=2)
