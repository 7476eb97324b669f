"""Arrays with named axes: what the parts of a formula denote.

Σ over an index sums the axis of that name; a product goes over the union of names; what has no index has places
instead: a column runs down, a row runs to the right, a matrix does both. Without numbers an array is its axes alone,
which is how a formula's indices are checked, and the lengths of its axes found, before anything is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import numpy as np

DOWN: Final = "↓"
"""The axis of a column, and of a matrix's rows."""

RIGHT: Final = "→"
"""The axis of a row, and of a matrix's columns."""

PLACES: Final = (DOWN, RIGHT)

FROM: Final = "∂"
"""The axis of the column that is differentiated, in a product by the chain rule: it goes before the product is done."""


class AxesError(ValueError):
    """Axes that do not go together, in a sentence."""


class Dim:
    """The length of an axis: a number, a name for one, or not known yet. Those found equal become one.

    >>> K, k = Dim("K"), Dim()
    >>> K.equate(k)
    >>> str(k)
    'K'
    """

    def __init__(self, name: str = "", size: int | None = None, first: int | None = None) -> None:
        self._same: Dim | None = None
        self._members = [self]
        self._name, self._size, self._first = name, size, first

    @property
    def root(self) -> Dim:
        """The one that speaks for all equal to it."""
        dim = self
        while dim._same is not None:
            dim = dim._same
        return dim

    @property
    def name(self) -> str:
        return self.root._name

    @property
    def size(self) -> int | None:
        return self.root._size

    @property
    def first(self) -> int:
        """What indices along it begin with: 1 unless something says 0."""
        return 1 if self.root._first is None else self.root._first

    def begins_with(self, first: int) -> None:
        """Say what its indices begin with; raise AxesError where something else was said."""
        if self.root._first not in (None, first):
            raise AxesError(
                f"indices along an axis of length {self} begin with {self.root._first}, and with {first} here"
            )
        for trail in TRAILS[-1:]:
            trail.append((self.root, Dim(), self.root._name, self.root._size, self.root._first, len(self.members)))
        self.root._first = first

    def equate(self, other: Dim) -> None:
        """Make one of two; raise AxesError where both have lengths, or names, that differ."""
        a, b = self.root, other.root
        if a is b:
            return
        if None not in (a._size, b._size) and a._size != b._size:
            raise AxesError(f"an axis of length {a} meets one of length {b}")
        if a._name and b._name and a._name != b._name and a._size is None and b._size is None:
            raise AxesError(f"an axis of length {a} meets one of length {b}")
        if None not in (a._first, b._first) and a._first != b._first:
            raise AxesError(f"indices along an axis of length {a} begin with {a._first} here and with {b._first} there")
        for trail in TRAILS[-1:]:
            trail.append((a, b, a._name, a._size, a._first, len(a._members)))
        b._same = a
        a._members += b._members
        a._name = a._name or b._name
        a._size = b._size if a._size is None else a._size
        a._first = b._first if a._first is None else a._first

    @property
    def members(self) -> Sequence[Dim]:
        """All that are equal to it, itself included."""
        return self.root._members

    def __str__(self) -> str:
        return self.name or ("?" if self.size is None else str(self.size))


TRAILS: Final[list[list[tuple[Dim, Dim, str, int | None, int | None, int]]]] = []
"""What is to be undone of lengths found equal, for each :func:`tentative` that is open."""


@contextmanager
def tentative() -> Iterator[None]:
    """Lengths found equal inside are each their own again afterwards."""
    TRAILS.append([])
    try:
        yield
    finally:
        for a, b, name, size, first, count in reversed(TRAILS.pop()):
            b._same = None
            a._name, a._size, a._first = name, size, first
            del a._members[count:]


class Value(NamedTuple):
    """An array with named axes.

    Attributes
    ----------
    axes : the names, in the array's order, with their lengths
    data : the array, of numbers, of symbols or a Tensor; None where only the axes are looked at
    uses : the symbols that it was computed from
    """

    axes: Mapping[str, Dim]
    data: Any = None
    uses: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """number, column, row or matrix: which of the places it has."""
        return KINDS[DOWN in self.axes, RIGHT in self.axes]

    @property
    def indices(self) -> list[str]:
        """The axes that are indices."""
        return [name for name in self.axes if name not in PLACES]


KINDS: Final = {(False, False): "number", (True, False): "column", (False, True): "row", (True, True): "matrix"}


def number(x: Any) -> Value:
    """A number without axes."""
    return Value({}, x)


def union(values: Sequence[Value]) -> dict[str, Dim]:
    """All axes, in the order they come in; those of one name have one length."""
    axes: dict[str, Dim] = {}
    for value in values:
        for name, dim in value.axes.items():
            axes.setdefault(name, dim).equate(dim)
    return axes


def ordered(value: Value, names: Sequence[str]) -> Any:
    """The array with its axes in this order, those that it lacks of length 1."""
    own = list(value.axes)
    data = value.data
    order = [own.index(name) for name in names if name in own]
    if order != sorted(order):
        data = np.transpose(data, order)
    if len(order) < len(names):
        data = np.expand_dims(data, tuple([k for k, name in enumerate(names) if name not in own]))
    return data


def elementwise(f: Callable[..., Any], *values: Value) -> Value:
    """f of numbers, for all entries: over the union of the axes."""
    axes = union(values)
    uses = frozenset().union(*[value.uses for value in values])
    if any(value.data is None for value in values):
        return Value(axes, None, uses)
    return Value(axes, f(*[ordered(value, list(axes)) for value in values]), uses)


def reduced(f: Callable[..., Any], value: Value, names: Sequence[str]) -> Value:
    """f, as :func:`numpy.sum`, along axes of these names; those that the array lacks are made first."""
    lacking = [name for name in names if name not in value.axes]
    if lacking:
        raise AxesError(f"there is no axis {lacking[0]} to sum")
    axes = {name: dim for name, dim in value.axes.items() if name not in names}
    if value.data is None:
        return value._replace(axes=axes)
    places = tuple([k for k, name in enumerate(value.axes) if name in names])
    return value._replace(axes=axes, data=f(value.data, axis=places))


def renamed(value: Value, names: Mapping[str, str]) -> Value:
    """With other names for axes; two that get the same name are taken on their diagonal."""
    new = [names.get(name, name) for name in value.axes]
    dims = list(value.axes.values())
    axes: dict[str, Dim] = {}
    for name, dim in zip(new, dims, strict=True):
        axes.setdefault(name, dim).equate(dim)
    if len(axes) == len(new) or value.data is None:
        return value._replace(axes=axes)
    data, left = value.data, new
    while len(set(left)) < len(left):
        name = next(name for name in left if left.count(name) > 1)
        one, other = [k for k, found in enumerate(left) if found == name][:2]
        data = np.diagonal(data, axis1=one, axis2=other)
        left = [found for k, found in enumerate(left) if k not in (one, other)] + [name]
    return Value({name: axes[name] for name in left}, data, value.uses)


def transposed(value: Value) -> Value:
    """Rows for columns."""
    return renamed(value, {DOWN: RIGHT, RIGHT: DOWN})


def contracted(a: Value, b: Value) -> Value:
    """A b: the axis to the right of the one, and that down of the other, multiplied and summed."""
    product = elementwise(np.multiply, renamed(a, {RIGHT: "·"}), renamed(b, {DOWN: "·"}))
    return reduced(np.sum, product, ["·"])


def inner(a: Value, b: Value) -> Value:
    """aᵀ b of two columns."""
    return contracted(transposed(a), b)


def identity(row: str, column: str, dim: Dim, n: int | None) -> Value:
    """δ: 1 where two indices are equal."""
    return Value({row: dim, column: dim}, None if n is None else np.eye(n))


def counted(name: str, dim: Dim, n: int | None) -> Value:
    """The values of an index: first, first + 1, …"""
    return Value({name: dim}, None if n is None else np.arange(dim.first, dim.first + n))


def filled(x: float, axes: Mapping[str, Dim], sizes: Sequence[int | None]) -> Value:
    """The same number everywhere."""
    return Value(dict(axes), None if None in sizes else np.full([n or 0 for n in sizes], x))
