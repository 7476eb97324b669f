"""Complex numbers: their parts, conjugates and angles.

Cotangents pair with changes as Re Σ g dz. So the rules of holomorphic functions are the lines that they are for real
numbers, and what is not holomorphic has a rule of its own here: of Re z it is g, of Im z −i g, of z̄ ḡ.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .arrays import array
from .elsewhere import elsewhere, is_lazy
from .registry import Sample, entry, primitive
from .ufuncs import elementwise

conj = elementwise(
    np.conjugate,
    "y = x̄; of real numbers x itself, dy/dx = 1",
    name="conj",
    also=("conjugate",),
    linear=True,
    x=lambda g: np.conj(g),
)


def conjugate(x: Any) -> Any:
    """The complex conjugate, of which real numbers are not recorded: as they are.

    Of a cotangent it is the gradient that is handed out, the direction in which a real function grows fastest,
    ∂f/∂Re z + i ∂f/∂Im z; so ``z - lr * grad`` descends.
    """
    return np.conj(x) if x.dtype.kind == "c" else x


def _real(x: Any) -> Any:
    return read_only(x.real)


def _imag(x: Any) -> Any:
    return read_only(x.imag)


def read_only(part: Any) -> Any:
    """A part of complex numbers in memory of its own: what is written there would not reach them, and is refused."""
    if type(part) is not np.ndarray or not part.ndim:
        return part[()]
    part = part.copy()
    part.flags.writeable = False
    return part


real_p = primitive(_real, elementwise=True, linear=True, x=lambda g: g)
imag_p = primitive(_imag, elementwise=True, linear=True, x=lambda g: g * -1j)


@entry(np.real, samples=lambda r: [Sample((r(2, 3),)), Sample((r(3) + 1j * r(3),))])
def real(x: Any) -> Any:
    """y = Re x; of real numbers x itself.

    >>> tl.grad(lambda z: tl.real(z * z))(1.0 + 2.0j)
    np.complex128(2-4j)
    """
    x = array(x)
    return real_p(x) if x.dtype.kind == "c" else x


@entry(np.imag, samples=lambda r: [Sample((r(3) + 1j * r(3),)), Sample((r(2, 3) + 0j,))])
def imag(x: Any) -> Any:
    """y = Im x; of real numbers 0.

    >>> tl.grad(lambda z: tl.imag(z * z))(1.0 + 2.0j)
    np.complex128(4+2j)
    """
    x = array(x)
    return imag_p(x) if x.dtype.kind == "c" else np.where(False, x, x.dtype.type(0))


@entry(np.angle, samples=lambda r: [Sample((r(3) + 1j * r(3),)), Sample((r(3) - 2j,), {"deg": True}), Sample((r(3),))])
def angle(z: Any, deg: bool = False) -> Any:
    """The angle of z with the real line, in radians, or in degrees; ∂y/∂Re z = −Im z/|z|²,  ∂y/∂Im z = Re z/|z|².

    >>> tl.angle(tl.tensor([1.0, 1.0j]), deg=True)
    Tensor([ 0., 90.])
    """
    z = array(z)
    y = np.arctan2(imag(z), real(z))
    return y * (180 / math.pi) if deg else y


@entry(np.real_if_close, composed=True, samples=lambda r: [Sample((r(3) + 1j * r(3),)), Sample((r(3) + 1e-15j,))])
def real_if_close(a: Any, tol: float = 100) -> Any:
    """Re a where all imaginary parts are within so many rounding errors of 0, or below ``tol`` ≤ 1; else a.

    >>> tl.real_if_close(np.array([1.0 + 1e-15j]))
    array([1.])
    """
    a = array(a)
    if a.dtype.kind != "c":
        return a
    if is_lazy(a):
        raise elsewhere("real_if_close, whose dtype its numbers say", a)
    limit = np.finfo(a.dtype).eps * tol if tol > 1 else tol
    return real(a) if np.all(np.abs(imag(a)) < limit) else a
