"""What matrices may be, and stacks of them: symmetric, definite, triangular, with orthogonal rows, …"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .traits import NEAR, Trait, normal_numbers, signed_like, size_of, unlike


def transposed(x: Any) -> Any:
    """Each matrix of a stack."""
    return np.swapaxes(x, -1, -2)


def is_zero(x: Any) -> bool:
    """To rounding, of numbers of order 1."""
    return bool(np.max(np.abs(x), initial=0) <= NEAR)


def eigenvalues(x: Any) -> Any:
    """Of symmetric matrices."""
    return np.linalg.eigvalsh((x + transposed(x)) / 2)


def orthonormal_rows(x: Any) -> Any:
    """Of matrices with no more rows than columns."""
    return transposed(np.linalg.qr(transposed(x))[0])


def orthogonal_rows(x: Any) -> Any:
    """As long as the given ones."""
    return orthonormal_rows(x) * np.sqrt(np.square(x).sum(axis=-1, keepdims=True))


def is_diagonal(x: Any) -> bool:
    """Whether all else is 0."""
    return not np.any(x * (1 - np.eye(x.shape[-1], x.shape[-1])))


def indefinite(rng: np.random.Generator, x: Any) -> Any:
    """Symmetric matrices with eigenvalues of both signs, each of its own size."""
    q = orthonormal_rows(rng.standard_normal(x.shape))
    n = x.shape[-1]
    signs = np.where(np.arange(n) % 2, -1.0, 1.0) * rng.uniform(0.5, 1.5, n)
    return size_of(x) * np.sqrt(n) * transposed(q) @ (signs[:, None] * q)


def symmetric_part(x: Any) -> Any:
    """(A + Aᵀ)/2."""
    return (x + transposed(x)) / 2


def projection(x: Any) -> Any:
    """Onto the span of half of the rows."""
    q = orthonormal_rows(x)[..., : max(x.shape[-1] // 2, 1), :]
    return transposed(q) @ q


SYMMETRIC: Final = Trait(
    "{0} = {0}ᵀ",
    lambda x: bool(np.all(np.abs(x - transposed(x)) <= 1e-12 * size_of(x))),
    symmetric_part,
    normal_numbers,
    lambda rng, x: x + np.triu(unlike(rng, x), 1) - transposed(np.triu(unlike(rng, x), 1)),
)

SQUARE: Final = (
    Trait(
        "{0} is upper triangular",
        lambda x: not np.any(np.tril(x, -1)),
        np.triu,
        normal_numbers,
        lambda rng, x: x + np.tril(unlike(rng, x), -1),
    ),
    Trait(
        "{0} is lower triangular",
        lambda x: not np.any(np.triu(x, 1)),
        np.tril,
        normal_numbers,
        lambda rng, x: x + np.triu(unlike(rng, x), 1),
    ),
    SYMMETRIC,
    Trait(
        "{0} = −{0}ᵀ",
        lambda x: bool(np.any(x) and np.all(np.abs(x + transposed(x)) <= 1e-12 * size_of(x))),
        lambda x: (x - transposed(x)) / 2,
        normal_numbers,
        lambda rng, x: x + symmetric_part(unlike(rng, x)),
    ),
    Trait(
        "{0} is symmetric and positive definite",
        lambda x: SYMMETRIC.holds(x) and bool(np.all(eigenvalues(x) > 1e-9 * size_of(x))),
        lambda x: x @ transposed(x) / np.sqrt(x.shape[-1]) + 0.2 * size_of(x) * np.eye(x.shape[-1]),
        lambda rng, x: np.sqrt(size_of(x)) * rng.standard_normal(x.shape),
        indefinite,
    ),
    Trait(
        "{0} is diagonal",
        is_diagonal,
        lambda x: x * np.eye(x.shape[-1]),
        signed_like,
        lambda rng, x: x + symmetric_part(unlike(rng, x)) * (1 - np.eye(x.shape[-1])),
    ),
    Trait(
        "{0}² = {0} = {0}ᵀ",
        lambda x: SYMMETRIC.holds(x) and is_zero(x @ x - x) and bool(np.any(x)),
        projection,
        normal_numbers,
        lambda rng, x: symmetric_part(unlike(rng, x)),
    ),
)


def are_orthogonal(x: Any) -> bool:
    """Whether the product of every row with every other is 0; of many rows, the first ones' are looked at first."""
    size = size_of(x) ** 2
    if not is_zero((x[..., 0, :] * x[..., 1, :]).sum(axis=-1) / size):
        return False
    return is_zero(x @ transposed(x) * (1 - np.eye(x.shape[-2])) / size)


OF_ROWS: Final = (
    Trait(
        "the rows of {0} are orthogonal",
        lambda x: bool(np.all(np.any(x, axis=-1))) and are_orthogonal(x),
        orthogonal_rows,
        normal_numbers,
        unlike,
    ),
    Trait(
        "{0} {0}ᵀ = I",
        lambda x: are_orthogonal(x) and is_zero(np.square(x).sum(axis=-1) - 1),
        orthonormal_rows,
        normal_numbers,
        lambda rng, x: x * rng.uniform(0.5, 1.5, (*x.shape[:-1], 1)),
    ),
)


def of_columns(trait: Trait, name: str) -> Trait:
    """What is said of rows, said of columns."""
    return Trait(
        name,
        lambda x: trait.holds(transposed(x)),
        lambda x: transposed(trait.impose(transposed(x))),
        trait.base,
        lambda rng, x: transposed(trait.broken(rng, transposed(x))),
    )


OF_COLUMNS: Final = (
    of_columns(OF_ROWS[0], "the columns of {0} are orthogonal"),
    of_columns(OF_ROWS[1], "{0}ᵀ {0} = I"),
)
