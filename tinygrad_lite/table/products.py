"""Products of vectors, matrices and tensors: contractions."""

from __future__ import annotations

import math
import operator
import string
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from .arrays import HALF, array
from .complexes import conjugate
from .diagonals import diagonal
from .joining import converted
from .leading import instead
from .primitive import Primitive
from .reductions import sum as sum_of
from .registry import Sample, entry, primitive
from .shapes import as_rows, copy, ravel, reshape, squeeze, transpose

# ---------------------------------------------------------------------------------------------------------------------
# Products


def left_of_vector(g: Any, b: Any) -> Any:
    """∂/∂a of a @ b where one of them is a vector: a as a matrix of one row, b as one of one column."""
    if g.ndim == 1 and b.ndim == 2:
        return b @ g
    return g[..., None] * b if b.ndim == 1 else (g[..., None, :] * b).sum(axis=-1)


def right_of_vector(g: Any, a: Any) -> Any:
    """∂/∂b of a @ b where one of them is a vector."""
    if a.ndim == 1:
        return g[..., None, :] * a[:, None] if g.ndim else g * a
    if g.ndim == 1 and a.ndim == 2:
        return a.mT @ g
    return (g[..., None] * a).sum(axis=tuple(range(a.ndim - 1)))


def many_left(g: Any, b: Any) -> Any:
    """∂/∂a of a @ b for cotangents along a leading axis: with one matrix b, one product does it."""
    if b.ndim == 2:
        return (as_rows(g) @ b.mT).reshape((*g.shape[:-1], b.shape[0]))
    return g @ b.mT if g.ndim > b.ndim > 1 else left_of_vector(g, b)


def many_right(g: Any, a: Any) -> Any:
    """∂/∂b of a @ b for cotangents along a leading axis."""
    if g.ndim > a.ndim > 1:
        return a.mT @ g
    if a.ndim == 1:
        return g[..., None, :] * a[:, None] if g.ndim > 1 else g[:, None] * a
    return g.reshape((len(g), math.prod(g.shape[1:]))) @ as_rows(a)


matmul = primitive(
    operator.matmul,
    numpy=np.matmul,
    name="matmul",
    broadcasts=True,
    elementwise=False,
    sign="@",
    products=lambda y_shape, a_shape: math.prod(y_shape) * a_shape[-1],
    leading={"a": instead(many_left), "b": instead(many_right)},
    # the output has fewer axes than an operand only where the other operand is a vector
    a=lambda g, b: g @ b.mT if g.ndim >= b.ndim > 1 else left_of_vector(g, b),
    b=lambda g, a: a.mT @ g if g.ndim >= a.ndim > 1 else right_of_vector(g, a),
    doc="""a @ b: Y = A B;  ∂/∂A: G Bᵀ,  ∂/∂B: Aᵀ G. Vectors and stacks of matrices as in NumPy.

    >>> tl.matmul(tl.tensor([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    Tensor([[11.]])
    """,
)
entry(
    np.matmul,
    method=True,
    samples=lambda r: [
        Sample((r(2, 3), r(3, 4))),
        Sample((r(3), r(3))),
        Sample((r(2, 3), r(3))),
        Sample((r(3), r(3, 2))),
        Sample((r(5, 2, 3), r(3, 4))),
        Sample((r(5, 1, 2, 3), r(4, 3, 2))),
        Sample((r(4, 2, 3), r(3))),
        Sample((r(3), r(4, 3, 2))),
        Sample((r(0, 3), r(3, 2))),
        Sample((r(2, 0), r(0, 3))),
    ],
)(matmul)


@entry(
    np.dot,
    method=True,
    samples=lambda r: [
        Sample((r(3), r(3))),
        Sample((r(2, 3), r(3, 2))),
        Sample((r(2, 3), r(3))),
        Sample((r(), r(2, 3))),
        Sample((r(2, 2, 3), r(4, 3, 2))),
        Sample((r(3), r(2, 3, 2))),
    ],
)
def dot(a: Any, b: Any) -> Any:
    """Σₖ a[…, k] b[…, k, :]: over the last axis of a and the last but one of b; with a scalar, the product.

    >>> tl.dot(tl.tensor([1.0, 2.0]), [3.0, 4.0]).item()
    11.0
    """
    a, b = array(a), array(b)
    m, n = a.ndim, b.ndim
    if not m or not n:
        return np.multiply(a, b)
    if m <= 2 and n <= 2:
        return matmul.on((a, b), {})
    return tensordot(a, b, (m - 1, max(n - 2, 0)))


@entry(np.inner, method=True, samples=lambda r: [Sample((r(3), r(3))), Sample((r(2, 3), r(4, 3))), Sample((r(), r(3)))])
def inner(a: Any, b: Any) -> Any:
    """Σₖ a[…, k] b[…, k], for all pairs of lines.

    >>> tl.inner(tl.tensor([1.0, 2.0]), [3.0, 4.0]).item()
    11.0
    """
    a, b = array(a), array(b)
    if a.ndim == 0 or b.ndim == 0:
        return np.multiply(a, b)
    return tensordot(a, b, (a.ndim - 1, b.ndim - 1))


@entry(np.outer, method=True, samples=lambda r: [Sample((r(2), r(3))), Sample((r(2, 2), r(3))), Sample((r(), r(2)))])
def outer(a: Any, b: Any) -> Any:
    """yᵢⱼ = aᵢ bⱼ, of the entries in one axis.

    >>> tl.outer(tl.tensor([1.0, 2.0]), [3.0, 4.0])
    Tensor([[3., 4.],
            [6., 8.]])
    """
    column, row = array(a), array(b)
    return np.multiply(reshape(column, (column.size, 1)), row if row.ndim == 1 else reshape(row, (1, row.size)))


@entry(np.vdot, method=True, samples=lambda r: [Sample((r(3), r(3))), Sample((r(2, 3), r(2, 3))), Sample((r(), r()))])
def vdot(a: Any, b: Any) -> Any:
    """Σ ā b over all entries.

    >>> tl.vdot(tl.tensor([[1.0, 2.0]]), [[3.0, 4.0]]).item()
    11.0
    """
    a, b = ravel(a), ravel(b)
    return matmul(conjugate(a), b)


@entry(
    np.tensordot,
    samples=lambda r: [
        Sample((r(2, 3, 4), r(3, 4, 2))),
        Sample((r(2, 3), r(3, 2)), {"axes": 1}),
        Sample((r(2), r(3)), {"axes": 0}),
        Sample((r(2, 3, 4), r(4, 5, 2)), {"axes": ([0, 2], [2, 0])}),
        Sample((r(2, 3), r(3, 2)), {"axes": (-1, 0)}),
    ],
)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sum of products over pairs of axes: the last n of a with the first n of b, or (axes of a, axes of b).

    >>> tl.tensordot(tl.tensor([1.0, 2.0]), [3.0, 4.0], axes=1).item()
    11.0
    """
    a, b = array(a), array(b)
    if np.ndim(axes) == 0 and not isinstance(axes, (tuple, list)):
        n = operator.index(axes)
        pair: Any = (range(a.ndim - n, a.ndim), range(n))
    else:
        pair = axes
    of_a = [normalize_axis_index(k, a.ndim) for k in np.atleast_1d(pair[0]).astype(int).tolist()]
    of_b = [normalize_axis_index(k, b.ndim) for k in np.atleast_1d(pair[1]).astype(int).tolist()]
    if [a.shape[k] for k in of_a] != [b.shape[k] for k in of_b]:
        raise ValueError(
            f"tensordot: axes {of_a} of shape {a.shape} and axes {of_b} of shape {b.shape} differ in length"
        )
    free_a = [k for k in range(a.ndim) if k not in of_a]
    free_b = [k for k in range(b.ndim) if k not in of_b]
    left, right = [a.shape[k] for k in free_a], [b.shape[k] for k in free_b]
    n = math.prod([a.shape[k] for k in of_a])
    rows, columns = transpose(a, free_a + of_a), transpose(b, of_b + free_b)
    if not left and not right:
        return matmul(reshape(rows, n), reshape(columns, n))
    y = matmul(reshape(rows, (math.prod(left), n)), reshape(columns, (n, math.prod(right))))
    return reshape(y, (*left, *right))


# ---------------------------------------------------------------------------------------------------------------------
# Einstein summation


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def parse_subscripts(arguments: Sequence[Any]) -> tuple[list[Any], list[str], str]:
    """Operands, a string of labels for each, and the output's, with ellipses written out."""
    if not arguments:
        raise ValueError("einsum: needs subscripts and operands")
    if isinstance(arguments[0], str):
        subscripts, operands = arguments[0].replace(" ", ""), [array(x) for x in arguments[1:]]
    else:
        operands, subscripts = from_numbers(arguments)
    inputs, arrow, output = subscripts.partition("->")
    labels = inputs.split(",")
    if len(labels) != len(operands):
        raise ValueError(f"einsum: {subscripts!r} names {len(labels)} operands, got {len(operands)}")
    spare = [c for c in LETTERS if c not in subscripts]
    width = max(
        [x.ndim - len(t.replace("...", "")) for x, t in zip(operands, labels, strict=True) if "..." in t] or [0]
    )
    dots = "".join(spare[:width])
    for i, (x, letters) in enumerate(zip(operands, labels, strict=True)):
        extra = x.ndim - len(letters.replace("...", ""))
        if extra < 0 or (extra and "..." not in letters):
            raise ValueError(f"einsum: subscripts {letters!r} do not fit operand {i} of shape {x.shape}")
        labels[i] = letters.replace("...", dots[width - extra :])
    if arrow and "..." not in output and dots:
        raise ValueError(f"einsum: the output {output!r} lacks the ellipsis of the operands in {subscripts!r}")
    if arrow:
        return operands, labels, output.replace("...", dots)
    once = [c for c, n in sorted(Counter("".join(labels)).items()) if n == 1 and c not in dots]
    return operands, labels, dots + "".join(once)


@lru_cache(maxsize=1024)
def subscripts_as_given(subscripts: str, shapes: tuple[tuple[int, ...], ...]) -> str | None:
    """Subscripts with their output written out, if operands of these shapes are multiplied as they are; else None.

    So for labels that are all different in each operand and of one length in all, and that the output or another
    operand has too.
    """
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    labels = inputs.split(",")
    times = Counter("".join(labels))
    if not arrow:
        output = "".join([letter for letter in sorted(times) if times[letter] == 1])
    distinct = all(len(set(letters)) == len(letters) for letters in (*labels, output))
    if "." in subscripts or len(labels) != len(shapes) or [*map(len, labels)] != [*map(len, shapes)] or not distinct:
        return None
    sizes = set(zip("".join(labels), [n for shape in shapes for n in shape], strict=True))
    is_view = len(labels) == 1 and len(labels[0]) == len(output)
    if len(sizes) != len(times) or not {*output} <= times.keys() or is_view:
        return None
    if any(times[letter] == 1 and letter not in output for letter in times):
        return None
    return f"{inputs}->{output}"


def from_numbers(arguments: Sequence[Any]) -> tuple[list[Any], str]:
    """The form ``einsum(a, [0, 1], b, [1, 2], [0, 2])`` as operands and subscripts."""

    def letters(numbers: Sequence[Any]) -> str:
        return "".join(["..." if k is Ellipsis else LETTERS[operator.index(k)] for k in numbers])

    pairs = len(arguments) // 2
    operands = [array(x) for x in arguments[: 2 * pairs : 2]]
    subscripts = ",".join([letters(numbers) for numbers in arguments[1 : 2 * pairs : 2]])
    return operands, f"{subscripts}->{letters(arguments[-1])}" if len(arguments) % 2 else subscripts


def with_distinct_labels(x: Any, letters: str) -> tuple[Any, str]:
    """An operand whose labels are all different: of a repeated one, the diagonal."""
    for letter, times in Counter(letters).items():
        for _ in range(times - 1):
            first = letters.index(letter)
            second = letters.index(letter, first + 1)
            if x.shape[first] != x.shape[second]:
                raise ValueError(f"einsum: the label {letter!r} has lengths {x.shape[first]} and {x.shape[second]}")
            x = diagonal(x, axis1=first, axis2=second)
            letters = letters.replace(letter, "") + letter * (letters.count(letter) - 1)
    return x, letters


def without(x: Any, letters: str, gone: tuple[int, ...]) -> tuple[Any, str]:
    """An operand that lost some axes, and the labels left."""
    return x, "".join([letter for k, letter in enumerate(letters) if k not in gone])


def _einsum(*operands: Any, subscripts: str, optimize: Any) -> Any:
    if operands[0].dtype is HALF and all(x.dtype is HALF for x in operands):  # NumPy sums some in half precision
        wide = [x.astype(np.float32) for x in operands]
        return np.einsum(subscripts, *wide, optimize=optimize).astype(HALF)
    return np.einsum(subscripts, *operands, optimize=optimize)


def index_combinations(operands_shape: Sequence[tuple[int, ...]], subscripts: str) -> int:
    """How many values the labels take together."""
    lengths: dict[str, int] = {}
    for letters, shape in zip(subscripts.split("->")[0].split(","), operands_shape, strict=True):
        lengths.update(zip(letters, shape, strict=True))
    return math.prod(lengths.values())


def contract_others(g: Any, i: int, operands: Sequence[Any], subscripts: str, optimize: Any) -> Any:
    """The gradient of an einsum for its i-th operand: the einsum of the cotangent with the other operands."""
    inputs, output = subscripts.split("->")
    labels = inputs.split(",")
    others = ",".join([output, *labels[:i], *labels[i + 1 :]])
    return einsum_p(g, *operands[:i], *operands[i + 1 :], subscripts=f"{others}->{labels[i]}", optimize=optimize)


def contract_many(g: Any, i: int, operands: Sequence[Any], subscripts: str, optimize: Any) -> Any:
    """:func:`contract_others` for cotangents along a leading axis, which has a label of its own."""
    new = next(letter for letter in string.ascii_letters if letter not in subscripts)
    inputs, output = subscripts.split("->")
    labels = inputs.split(",")
    others = ",".join([new + output, *labels[:i], *labels[i + 1 :]])
    return einsum_p(g, *operands[:i], *operands[i + 1 :], subscripts=f"{others}->{new}{labels[i]}", optimize=optimize)


einsum_p: Primitive = primitive(
    _einsum,
    variadic=True,
    products=index_combinations,
    leading=instead(contract_many, lambda saved: len(set(saved[2])) < len(string.ascii_letters)),
    operands=lambda g, i, operands, subscripts, optimize: contract_others(g, i, operands, subscripts, optimize),
)


@entry(
    np.einsum,
    samples=lambda r: [
        Sample(("ij,jk->ik", r(2, 3), r(3, 4))),
        Sample(("ij,jk", r(2, 3), r(3, 4))),
        Sample(("ii->i", r(3, 3))),
        Sample(("ii", r(3, 3))),
        Sample(("ij->", r(2, 3))),
        Sample(("ij->ji", r(2, 3))),
        Sample(("i,j,k->kij", r(2), r(3), r(2))),
        Sample(("ij,ij,ij->j", r(2, 3), r(2, 3), r(2, 3))),
        Sample(("...ij,...jk->...ik", r(5, 2, 3), r(3, 2))),
        Sample(("...ij,...jk->...ik", r(4, 1, 2, 3), r(5, 3, 2))),
        Sample(("i...->...", r(3, 2))),
        Sample(("iij,jkk->ik", r(2, 2, 3), r(3, 2, 2))),
        Sample(("ij,kl->i", r(2, 3), r(2, 2))),
        Sample(("i,i", r(1), r(3))),
        Sample((r(2, 3), [0, 1], r(3, 2), [1, 2], [0, 2])),
        Sample((r(2, 3), [0, 1], r(3, 2), [1, 0])),
        Sample((r(4, 2, 3), [..., 0, 1], [..., 1])),
        Sample(("ij, jk, kl -> il", r(2, 3), r(3, 4), r(4, 2)), {"optimize": True}),
        Sample((",ij", r(), r(2, 3))),
        Sample(("ij,jk", r(2, 3), r(3, 2)), {"order": "F", "casting": "no"}),
    ],
)
def einsum(*arguments: Any, optimize: Any = False, dtype: Any = None, order: str = "K", casting: Any = "safe") -> Any:
    """Einstein's summation: products of entries, summed over every label the output lacks.

    All of NumPy's forms: ``einsum("ij,jk->ik", a, b)``, implicit outputs, ellipses, repeated labels (diagonals),
    ``einsum(a, [0, 1], b, [1, 2], [0, 2])``. The gradient of each operand is an einsum of the others.

    Parameters
    ----------
    optimize : how NumPy chooses the order of the products
    dtype, casting : what the operands are converted to first, and NumPy's rule for that
    order : how the result lies in memory: "C", "F", "A" or "K"

    >>> tl.einsum("ii->i", tl.tensor([[1.0, 2.0], [3.0, 4.0]]))
    Tensor([1., 4.])
    """
    if arguments and type(arguments[0]) is str and dtype is None and order == "K" and casting == "safe":
        operands = [array(x) for x in arguments[1:]]
        given = subscripts_as_given(arguments[0], tuple([x.shape for x in operands]))
        if given is not None:
            return einsum_p.on(tuple(operands), {"subscripts": given, "optimize": optimize})
    operands, labels, output = parse_subscripts(arguments)
    operands = converted("einsum", operands, dtype, casting)
    if order != "K":
        y = einsum(f"{','.join(labels)}->{output}", *operands, optimize=optimize)
        is_fortran = order == "F" or (order == "A" and all(x.flags.f_contiguous for x in operands))
        return copy(y, "F" if is_fortran else "C")
    for i, (x, letters) in enumerate(zip(operands, labels, strict=True)):
        operands[i], labels[i] = with_distinct_labels(x, letters)
    sizes: dict[str, int] = {}
    for x, letters in zip(operands, labels, strict=True):
        for letter, n in zip(letters, x.shape, strict=True):
            sizes[letter] = n if sizes.get(letter, 1) == 1 else sizes[letter]
    for i, (x, letters) in enumerate(zip(operands, labels, strict=True)):
        thin = tuple([k for k, letter in enumerate(letters) if x.shape[k] == 1 and sizes[letter] != 1])
        operands[i], labels[i] = without(squeeze(x, thin), letters, thin)  # what broadcasts
    for i, (x, letters) in enumerate(zip(operands, labels, strict=True)):
        elsewhere = {*output, *"".join(labels[:i] + labels[i + 1 :])}
        alone = tuple([k for k, letter in enumerate(letters) if letter not in elsewhere])
        if alone:
            operands[i], labels[i] = without(sum_of(x, alone), letters, alone)
    missing = [letter for letter in output if letter not in sizes]
    if missing or len(set(output)) < len(output):
        raise ValueError(f"einsum: the output {output!r} names a label twice, or one that no operand has")
    if len(operands) == 1 and len(labels[0]) == len(output):  # NumPy gives a view
        return transpose(operands[0], tuple([labels[0].index(letter) for letter in output]))
    return einsum_p(*operands, subscripts=f"{','.join(labels)}->{output}", optimize=optimize)
