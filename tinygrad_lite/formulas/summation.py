"""Sums of products of placeholders: what does not vary comes out, and matrix products are recognised."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from .written import Atom, Monomial, Shape, Written, multiplied, scaled, single


def varies(atom: Atom, axes: tuple[int, ...], ndim: int) -> bool:
    """Whether an atom in a product with ``ndim`` axes has different values along any of the axes."""
    start = ndim - len(atom.shape)
    return any(k >= start and atom.shape[k - start] != 1 for k in axes)


def summed(coefficient: Any, monomial: Monomial, axes: tuple[int, ...], shape: Shape, kept: Shape) -> Written:
    """One term, summed with axes kept: what does not vary is a factor, vectors and matrices make a matrix product."""
    ndim = len(shape)
    inner = {atom: power for atom, power in monomial.items() if varies(atom, axes, ndim)}
    outer = Written([(coefficient, {a: p for a, p in monomial.items() if a not in inner})], kept)
    covered = {k for k in axes if any(varies(atom, (k,), ndim) for atom in inner)}
    outer = scaled(outer, math.prod([shape[k] for k in axes if k not in covered]))
    if not covered:
        return outer
    product = contraction(inner, axes, kept)
    if product is None:
        within = np.broadcast_shapes(*[atom.shape for atom in inner])
        offset = ndim - len(within)
        along = tuple([k - offset for k in axes if k >= offset])
        total = Atom("sum", (Written([(1, inner)], within), along, len(within)), kept[offset:])
        product = Written([(1, {total: Fraction(1)})], kept)
    return Written(multiplied(outer, product).terms, kept)


def contraction(inner: Monomial, axes: tuple[int, ...], kept: Shape) -> Written | None:
    """Σᵢ vᵢ Mᵢⱼ as Mᵀ v, and Σⱼ Mᵢⱼ vⱼ as M v: the product of a matrix and a vector, summed over one axis."""
    if len(inner) != 2 or len(axes) != 1 or any(power != 1 for power in inner.values()) or len(kept) != 2:
        return None
    vector, matrix = sorted(inner, key=lambda atom: math.prod(atom.shape) if len(atom.shape) > 1 else -1)
    if len(matrix.shape) != 2 or 1 in matrix.shape:
        return None
    if vector.head == "shaped" and vector.shape[1:] == (1,) and axes == (0,):
        column: Written = vector.args[0]
        return (single(matrix).mT @ column).in_shape(kept)
    if len(vector.shape) == 1 and axes == (1,):
        return (single(matrix) @ single(vector)).in_shape(kept)
    return None
