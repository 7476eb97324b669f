"""Polynomials as vectors of coefficients, the highest power first: NumPy's older functions of them."""

from __future__ import annotations

import warnings
from typing import Any, Final

import numpy as np

from .arrays import floating, values, values_of, zeros
from .columns import atleast_1d
from .elsewhere import elsewhere, is_elsewhere, placed_beside
from .inverses import inv
from .joining import concatenate, stack
from .lists import as_array
from .primitive import Primitive
from .products import matmul, outer
from .registry import Sample, complex_of, entry, primitive
from .shapes import expand_dims, required, reshape
from .signals import convolve
from .singular import refuse_what_is_cut
from .squares import lstsq


@entry(
    np.vander,
    samples=lambda r: [Sample((r(3),)), Sample((r(3), 4)), Sample((r(2),), {"N": 3, "increasing": True})],
)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """yᵢⱼ = xᵢ^(N−1−j), the powers of each entry as a row, or xᵢʲ if they increase;  ∂yᵢⱼ/∂xᵢ by products, also at 0.

    >>> tl.vander(tl.tensor([2.0, 3.0]), 3)
    Tensor([[4., 2., 1.],
            [9., 3., 1.]])
    """
    x = as_array(x)
    if x.ndim != 1:
        raise ValueError(f"vander: takes a vector, got shape {x.shape}")
    n = x.shape[0] if N is None else N
    dtype = np.promote_types(x.dtype, int)
    x = x if x.dtype == dtype else x.astype(dtype)
    powers = [placed_beside(np.ones(x.shape[0], dtype), x)] if n > 0 else []
    for k in range(1, n):
        powers.append(powers[-1] * x if k > 1 else x)
    if not powers:
        return reshape(x[:0], (x.shape[0], 0)) if not x.shape[0] else x[:, None][:, :0]
    return stack(powers if increasing else powers[::-1], axis=1)


@entry(
    np.polyval,
    samples=lambda r: [Sample((r(3), r(2, 2))), Sample((r(1), r())), Sample((r(4), r(3)))],
)
def polyval(p: Any, x: Any) -> Any:
    """y = p₀ xⁿ + … + pₙ, by Horner's scheme;  ∂y/∂pₖ = xⁿ⁻ᵏ, and ∂y/∂x is the derived polynomial.

    >>> tl.polyval([1.0, 0.0, 1.0], tl.tensor(3.0))
    Tensor(10.)
    """
    if isinstance(x, np.poly1d):
        return np.polyval(values(p), x)
    p, x = as_array(p), as_array(x)
    y: Any = placed_beside(np.zeros(x.shape, x.dtype), x)
    for k in range(p.shape[0]):
        y = y * x + p[k]
    return y


def order_of(name: str, m: Any) -> int:
    """How often a polynomial is derived or integrated."""
    if int(m) < 0:
        raise ValueError(f"{name}: the order must not be negative, got {m}")
    return int(m)


@entry(np.polyder, samples=lambda r: [Sample((r(4),)), Sample((r(4), 2)), Sample((r(1),))])
def polyder(p: Any, m: int = 1) -> Any:
    """The m-th derivative of a polynomial: yₖ = (n − k) pₖ, m times.

    >>> tl.polyder(tl.tensor([1.0, 1.0, 1.0]))
    Tensor([2., 1.])
    """
    p, times = as_array(p), order_of("polyder", m)
    if p.ndim != 1:
        raise ValueError(f"polyder: a polynomial is a vector of coefficients, got shape {p.shape}")
    for _ in range(times):
        p = p[:-1] * placed_beside(np.arange(max(p.shape[0] - 1, 0), 0, -1), p)
    return p


@entry(
    np.polyint,
    samples=lambda r: [
        Sample((r(3),)),
        Sample((r(3), 2)),
        Sample((r(2), 2, r(2))),
        Sample((r(2),), {"m": 2, "k": 1.5}),
    ],
)
def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """The m-th integral of a polynomial: yₖ = pₖ / (n + 1 − k), m times, then the constants of integration.

    Parameters
    ----------
    k : the constants, 0 by default: one, or one for each time, the first first

    >>> tl.polyint(tl.tensor([2.0, 1.0]), k=5.0)
    Tensor([1., 1., 5.])
    """
    p, times = as_array(p), order_of("polyint", m)
    constants = atleast_1d(as_array(placed_beside(np.zeros(times), p) if k is None else k))
    if constants.shape[0] == 1 and times > 1:
        constants = constants[0] * placed_beside(np.ones(times), p)
    if constants.shape[0] < times:
        raise ValueError(f"polyint: k must be one number or {times}, got shape {constants.shape}")
    for turn in range(times):
        p = concatenate([p / placed_beside(np.arange(p.shape[0], 0, -1), p), constants[turn : turn + 1]])
    return p


def lengthened(a: Any, n: int) -> Any:
    """A polynomial with zeros for the powers that it lacks."""
    return concatenate([zeros((n - a.shape[0],), a.dtype, a), a]) if n > a.shape[0] else a


def both(a1: Any, a2: Any) -> tuple[Any, Any]:
    """Two polynomials with as many coefficients each."""
    a1, a2 = atleast_1d(as_array(a1)), atleast_1d(as_array(a2))
    n = max(a1.shape[0], a2.shape[0])
    return lengthened(a1, n), lengthened(a2, n)


@entry(np.polyadd, composed=True, samples=lambda r: [Sample((r(3), r(2))), Sample((r(2), r(2))), Sample((r(), r(3)))])
def polyadd(a1: Any, a2: Any) -> Any:
    """The sum of two polynomials.

    >>> tl.polyadd(tl.tensor([1.0]), [1.0, 2.0])
    Tensor([1., 3.])
    """
    a1, a2 = both(a1, a2)
    return a1 + a2


@entry(np.polysub, composed=True, samples=lambda r: [Sample((r(3), r(2))), Sample((r(2), r(2))), Sample((r(), r(3)))])
def polysub(a1: Any, a2: Any) -> Any:
    """The difference of two polynomials.

    >>> tl.polysub(tl.tensor([1.0]), [1.0, 2.0])
    Tensor([-1., -1.])
    """
    a1, a2 = both(a1, a2)
    return a1 - a2


def trimmed(a: Any) -> Any:
    """A polynomial's coefficients from the first that is not 0; the last if there is none."""
    a = atleast_1d(as_array(a))
    if a.ndim != 1:
        raise ValueError(f"a polynomial is a vector of coefficients, got shape {a.shape}")
    if is_elsewhere(a):  # whose numbers are not looked at: zeros in front stay
        if values_of(a).kind.writable and a.shape[0] > 1:
            required(
                a, values_of(a)[0] != 0, "a polynomial's first coefficient is 0, which others' are not: leave it out"
            )
        return a
    places = np.flatnonzero(np.not_equal(a, 0))
    if not a.shape[0]:
        return np.zeros(1, a.dtype)
    return a[int(places[0]) if places.size else -1 :]


@entry(np.polymul, composed=True, samples=lambda r: [Sample((r(3), r(2))), Sample((r(1), r(3))), Sample((r(2), r(4)))])
def polymul(a1: Any, a2: Any) -> Any:
    """The product of two polynomials, yₖ = Σⱼ aⱼ bₖ₋ⱼ; zeros in front are left out.

    >>> tl.polymul(tl.tensor([1.0, 1.0]), [1.0, -1.0])
    Tensor([ 1.,  0., -1.])
    """
    return convolve(trimmed(a1), trimmed(a2))


@entry(
    np.polydiv,
    composed=True,
    samples=lambda r: [
        Sample((r(4), r(2, low=0.5, high=2.0))),
        Sample((r(2), r(3, low=0.5, high=2.0))),
    ],
)
def polydiv(u: Any, v: Any) -> tuple[Any, Any]:
    """Quotient and remainder of two polynomials, u = q v + r, by long division.

    Of the remainder zeros in front are left out, as NumPy does: how many is decided by the values.

    >>> tl.polydiv(tl.tensor([3.0, 5.0, 2.0]), [2.0, 1.0])
    (Tensor([1.5 , 1.75]), Tensor([0.25]))
    """
    u, v = atleast_1d(as_array(u)) + 0.0, atleast_1d(as_array(v)) + 0.0
    if u.ndim > 1 or v.ndim > 1:
        raise ValueError(f"polydiv: a polynomial is a vector of coefficients, got shapes {u.shape} and {v.shape}")
    if is_elsewhere(u) or is_elsewhere(v):
        raise elsewhere("polydiv, whose remainder is as long as its numbers say", u, v)
    first = u[0] + v[0]
    n, steps = v.shape[0] - 1, u.shape[0] - v.shape[0] + 1
    scale, quotients = 1.0 / v[0], []
    rest = u if u.dtype == first.dtype else u.astype(first.dtype)
    for k in range(steps):
        d = scale * rest[k]
        quotients.append(d)
        rest = concatenate([rest[:k], rest[k : k + n + 1] - d * v, rest[k + n + 1 :]])
    while np.allclose(rest[0], 0, rtol=1e-14) and rest.shape[-1] > 1:
        rest = rest[1:]
    return stack(quotients) if quotients else np.zeros(1, first.dtype) * first, rest


# ---------------------------------------------------------------------------------------------------------------------
# Roots


def _characteristic(a: Any) -> Any:
    return np.poly(a)


def from_characteristic(g: Any, y: Any, a: Any) -> Any:
    """The gradient of det(x − A), of whose coefficients ∂cₖ = −tr(Mₖ ∂A), where adj(x − A) = Σ Mₖ xⁿ⁻ᵏ.

    M₁ = 1 and Mₖ₊₁ = A Mₖ + cₖ (D. K. Faddeev and U. Le Verrier): polynomials in the entries, which do not ask whether
    eigenvalues are equal.
    """
    one = placed_beside(np.eye(a.shape[0], dtype=a.dtype), a)
    m = one
    total = g[1] * one
    for k in range(1, a.shape[0]):
        m = a @ m + y[k] * one
        total = total + g[k + 1] * m
    return -total.mT


characteristic_p = primitive(_characteristic, a=lambda g, y, a: from_characteristic(g, y, a))


@entry(np.poly, samples=lambda r: [Sample((r(3),)), Sample((r(1),)), Sample((r(3, 3),))])
def poly(seq_of_zeros: Any) -> Any:
    """The coefficients of Π (x − zᵢ), a polynomial by its roots; of a square matrix, its characteristic polynomial.

    >>> tl.poly(tl.tensor([1.0, 2.0]))
    Tensor([ 1., -3.,  2.])
    """
    given = atleast_1d(as_array(seq_of_zeros))
    if given.ndim == 2 and given.shape[0] == given.shape[1] and given.shape[0]:
        return characteristic_p(floating(given))
    if given.ndim != 1:
        raise ValueError(f"poly: takes a vector of roots or a square matrix that is not empty, got shape {given.shape}")
    if not given.shape[0]:
        return 1.0
    given = floating(given)
    one: Any = placed_beside(np.ones(1, given.dtype), given)
    y = one
    for k in range(given.shape[0]):
        y = convolve(y, concatenate([one, -given[k : k + 1]]))
    if y.dtype.kind == "c":
        found = np.sort(values(given))
        if np.all(found == np.sort(found.conj())):
            return np.real(y)
    return y


def _roots(p: Any) -> Any:
    y = np.roots(p)
    return y.astype(p.dtype) if p.dtype.kind == "c" else y  # as they vary, also where all are 0 and NumPy's real


roots_p = primitive(
    _roots,
    x=lambda g, y, x: -matmul(g / polyval(polyder(x), y), vander(y, x.shape[0])),
)


ROOT_SAMPLES: Final = (Sample((np.array([2.0, -1.0]),)), Sample((np.array([4.0, 1.0]),)))
"""With one root: whatever their coefficients, it is real."""


@entry(np.roots, composed=True, samples=lambda r: ROOT_SAMPLES)
def roots(p: Any) -> Any:
    """The roots of p₀ xⁿ + … + pₙ;  ∂r/∂pₖ = −rⁿ⁻ᵏ / p′(r), as p(r) = 0 says.

    Zeros in front are left out: no root depends on them. At a root of higher order the derivative is infinite.

    >>> tl.roots(tl.tensor([1.0, -3.0, 2.0]))
    Tensor([2., 1.])
    """
    p = floating(atleast_1d(as_array(p)))
    if p.ndim != 1:
        raise ValueError(f"roots: takes a vector of coefficients, got shape {p.shape}")
    if is_elsewhere(p):
        raise elsewhere("roots, as many as its numbers say", p)
    places = np.flatnonzero(np.not_equal(p, 0))
    if not places.size:
        return np.array([])
    y = roots_p(p[int(places[0]) :])
    return np.real(y) if p.dtype.kind == "c" and places.size == 1 else y


# ---------------------------------------------------------------------------------------------------------------------
# Least squares


def _gram_solve(a: Any, b: Any) -> Any:
    inverse = np.linalg.pinv(a)
    return inverse @ (inverse.T @ b)


def to_factor(g: Any, y: Any, a: Any) -> Any:
    """The gradient of (AᵀA)⁻¹ b for A."""
    u = gram_solve_p(a, g)
    return -(a @ (u @ y.mT + y @ u.mT))


gram_solve_p: Primitive = primitive(
    _gram_solve, a=lambda g, y, a: to_factor(g, y, a), b=lambda g, a: gram_solve_p(a, g)
)


def _least_squares(a: Any, b: Any, *, rcond: Any) -> Any:
    return np.linalg.lstsq(a, b, rcond)[0]


def to_matrix(g: Any, y: Any, a: Any, b: Any, rcond: Any) -> Any:
    """The gradient of the least-squares solution for the matrix."""
    refuse_what_is_cut("polyfit", a, rcond)
    v = gram_solve_p(a, g)
    return (b - a @ y) @ v.mT - (a @ v) @ y.mT


def to_right_side(g: Any, a: Any, rcond: Any) -> Any:
    """The gradient of the least-squares solution for the right side."""
    refuse_what_is_cut("polyfit", a, rcond)
    return a @ gram_solve_p(a, g)


least_squares_p = primitive(
    _least_squares,
    a=lambda g, y, a, b, rcond: to_matrix(g, y, a, b, rcond),
    b=lambda g, a, rcond: to_right_side(g, a, rcond),
)


def weighted_system(x: Any, y: Any, order: int, w: Any) -> tuple[Any, Any]:
    """The powers of x and the values, each row times its weight."""
    left, right = vander(x, order), y
    if w is not None:
        w = as_array(w) + 0.0
        if w.ndim != 1:
            raise TypeError(f"polyfit: expected a vector of weights, got shape {w.shape}")
        if w.shape[0] != y.shape[0]:
            raise TypeError("polyfit: expected w and y to have the same length")
        left = left * w[:, None]
        right = right * (w[:, None] if y.ndim == 2 else w)
    return left, right


def checked_points(x: Any, y: Any, deg: Any) -> tuple[Any, Any]:
    """Points as floats; raises as NumPy does for what are none."""
    x, y = as_array(x) + 0.0, as_array(y) + 0.0
    if deg < 0:
        raise ValueError("polyfit: expected deg >= 0")
    if x.ndim != 1 or not x.size:
        raise TypeError(f"polyfit: expected a vector for x that is not empty, got shape {x.shape}")
    if y.ndim not in (1, 2) or x.shape[0] != y.shape[0]:
        raise TypeError(f"polyfit: expected as many values in y as in x, {x.shape[0]}, got shape {y.shape}")
    return x, y


@entry(
    np.polyfit,
    samples=lambda r: [
        Sample(([0.0, 1.0, 2.0, 4.0], r(4), 1)),
        Sample(([0.0, 1.0, 2.0, 4.0], r(4, 2), 2, None, False, r(4, low=0.5, high=2.0))),
        Sample(([0.0, 1.0, 2.0, 4.0], r(4), 1), {"cov": True}),
        Sample(([0.0, 1.0, 2.0], r(3), 1, 1e-12, False, r(3, low=0.5, high=2.0), "unscaled")),
        Sample(([0.0, 1.0], r(2), 1)),
        Sample(([0.0, 1.0, 2.0, 4.0], complex_of(r)(4), 1)),
        Sample((complex_of(r)(4), complex_of(r)(4, 2), 1), {"cov": True}),
    ],
)
def polyfit(x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    """c = (VᵀV)⁻¹ Vᵀ y: the polynomial of a degree that lies closest to points, by least squares;  ∂c/∂y = (VᵀV)⁻¹ Vᵀ.

    Differentiable in x, y and w, where the powers of x in V are linearly independent. Of complex numbers, the sum of
    the squared moduli is the least; their covariance is NumPy's, of products that are not conjugated.

    Parameters
    ----------
    x, y : the points; the columns of a matrix y are fitted each by itself
    deg : the degree
    rcond : singular values below this times the largest count as 0, by default ``len(x)`` times the precision
    full : give residuals, rank, singular values and ``rcond`` too; residuals and singular values have derivatives
    w : weights of the distances, not of their squares
    cov : give the covariance matrix of the coefficients too, scaled by the residuals unless "unscaled"

    Raises TypeError and ValueError as NumPy does, and warns as it does where powers are not independent.

    >>> tl.polyfit([0.0, 1.0, 2.0], tl.tensor([1.0, 3.0, 5.0]), 1).round(12)
    Tensor([2., 1.])
    """
    x, y = checked_points(x, y, deg)
    is_lazy = is_elsewhere(x) or is_elsewhere(y)
    if is_lazy and (full or not all(values_of(part).kind.writable for part in (x, y) if is_elsewhere(part))):
        raise elsewhere(
            "polyfit, which warns by the rank; np.linalg.solve of the powers, np.vander(x, deg + 1), does it", x, y
        )
    order = int(deg) + 1
    rcond = x.shape[0] * np.finfo(x.dtype).eps if rcond is None else rcond
    left, right = weighted_system(x, y, order, w)
    scale = np.sqrt((left * left).sum(axis=0))
    left = left / scale
    columns = right if y.ndim == 2 else right[:, None]
    is_complex = "c" in (left.dtype.kind, columns.dtype.kind)
    scaled = lstsq(left, columns, rcond)[0] if is_complex else least_squares_p(left, columns, rcond=rcond)
    singular = np.linalg.svd(left if full else values(left), compute_uv=False)
    rank = order if is_lazy else int(np.sum(values(singular) > rcond * values(singular).max(initial=0)))
    if rank != order and not full:
        warnings.warn("Polyfit may be poorly conditioned", np.exceptions.RankWarning, stacklevel=4)
    found = scaled / scale[:, None]
    found = found if y.ndim == 2 else found[:, 0]
    rest = columns - left @ scaled
    residuals = np.square(np.abs(rest) if is_complex else rest).sum(axis=0)
    if rank < order or x.shape[0] <= order:
        residuals = np.zeros(0, residuals.dtype)
    if full:
        return found, residuals, np.int32(rank), singular, rcond
    if not cov:
        return found
    if left.dtype.kind == "c":  # whose products are not conjugated by NumPy
        inverse = inv(left.mT @ left)
    else:
        inverse = gram_solve_p(left, np.eye(order, dtype=left.dtype))
    covariance = inverse / outer(scale, scale)
    if cov == "unscaled":
        factor: Any = 1
    elif x.shape[0] <= order:
        raise ValueError("polyfit: the number of data points must exceed order to scale the covariance matrix")
    else:
        factor = residuals / (x.shape[0] - order)
    return found, (covariance if y.ndim == 1 else expand_dims(covariance, 2)) * factor
