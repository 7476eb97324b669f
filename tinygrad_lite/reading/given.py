"""Numbers for the symbols of a page, drawn at random: of every kind that is declared, and of lengths that differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from zlib import crc32

import numpy as np

from .axes import AxesError, Dim, Value
from .latex import parse_latex
from .meaning import Interpreter
from .meaning.calls import kind_of_function
from .meaning.interpreting import Key
from .stand_ins import SIMPLEST, StandIn, stand_in
from .vocabulary import Entity, Vocabulary
from .wholes import whole

Drawer = Callable[[np.random.Generator, tuple[int, ...], int], Any]
"""Of a generator, a shape and an axis, an array."""


@dataclass(frozen=True)
class Quality:
    """Something that may be true of an array's numbers, along one of its axes or of the whole.

    Attributes
    ----------
    said : in words, with the symbol's name in place of {}
    draw : arrays of which it is true, and nothing more
    axes : "each" where it is along an axis, "square" where it is of square matrices, else ""
    """

    said: str
    draw: Drawer
    axes: str = ""


def normal(rng: np.random.Generator, shape: tuple[int, ...], _axis: int) -> Any:
    """Normal numbers."""
    return rng.standard_normal(shape)


def positive(rng: np.random.Generator, shape: tuple[int, ...], _axis: int) -> Any:
    """Numbers above 0."""
    return np.exp(0.5 * rng.standard_normal(shape))


def below_one(rng: np.random.Generator, shape: tuple[int, ...], _axis: int) -> Any:
    """Numbers between 0 and 1."""
    return rng.uniform(0.1, 0.9, shape)


def sums_to_one(rng: np.random.Generator, shape: tuple[int, ...], axis: int) -> Any:
    """Numbers of either sign that sum to 1 along an axis."""
    x = rng.standard_normal(shape)
    return x + (1 - x.sum(axis=axis, keepdims=True)) / shape[axis]


def probabilities(rng: np.random.Generator, shape: tuple[int, ...], axis: int) -> Any:
    """Numbers above 0 that sum to 1 along an axis."""
    x = rng.uniform(0.1, 1.0, shape)
    return x / x.sum(axis=axis, keepdims=True)


def one_hot(rng: np.random.Generator, shape: tuple[int, ...], axis: int) -> Any:
    """A single 1 along an axis, else 0."""
    others = shape[:axis] + shape[axis + 1 :] if axis >= 0 else shape[:-1]
    return np.moveaxis(np.eye(shape[axis])[rng.integers(shape[axis], size=others)], -1, axis)


def zeros_and_ones(rng: np.random.Generator, shape: tuple[int, ...], _axis: int) -> Any:
    """0 or 1."""
    return rng.integers(2, size=shape).astype(float)


def signs(rng: np.random.Generator, shape: tuple[int, ...], _axis: int) -> Any:
    """1 or −1."""
    return rng.choice([-1.0, 1.0], size=shape)


def symmetric(rng: np.random.Generator, shape: tuple[int, ...], _axis: int) -> Any:
    """Symmetric matrices."""
    x = rng.standard_normal(shape)
    return x + np.swapaxes(x, -1, -2)


def positive_definite(rng: np.random.Generator, shape: tuple[int, ...], _axis: int) -> Any:
    """Symmetric, positive definite matrices."""
    x = rng.standard_normal(shape)
    return x @ np.swapaxes(x, -1, -2) / shape[-1] + 0.5 * np.eye(shape[-1])


def orthogonal(rng: np.random.Generator, shape: tuple[int, ...], _axis: int) -> Any:
    """Orthogonal matrices."""
    return np.linalg.qr(rng.standard_normal(shape))[0]


def unit(rng: np.random.Generator, shape: tuple[int, ...], axis: int) -> Any:
    """Of length 1 along an axis."""
    x = rng.standard_normal(shape)
    return x / np.sqrt(np.sum(x * x, axis=axis, keepdims=True))


def integers(rng: np.random.Generator, shape: tuple[int, ...], _axis: int) -> Any:
    """Small whole numbers."""
    return rng.integers(1, 5, size=shape).astype(float)


def equal_entries(rng: np.random.Generator, shape: tuple[int, ...], axis: int) -> Any:
    """Equal numbers along an axis."""
    kept = tuple([1 if k == axis % len(shape) else n for k, n in enumerate(shape)])
    return np.broadcast_to(rng.standard_normal(kept), shape).copy()


STRUCTURES: Final[Mapping[str, Quality]] = {
    "positive": Quality("{} > 0", positive),
    "sums to 1": Quality("Σ {} = 1", sums_to_one, "each"),
    "symmetric": Quality("{} = {}ᵀ", symmetric, "square"),
    "unit": Quality("‖{}‖ = 1", unit, "each"),
    "0/1": Quality("{} is 0 or 1", zeros_and_ones),
    "±1": Quality("{} is 1 or −1", signs),
    "between 0 and 1": Quality("0 < {} < 1", below_one),
    "probabilities": Quality("{} > 0 and Σ {} = 1", probabilities, "each"),
    "one-hot": Quality("{} is one-hot", one_hot, "each"),
    "orthogonal": Quality("{}ᵀ {} = I", orthogonal, "square"),
    "positive definite": Quality("{} is symmetric and positive definite", positive_definite, "square"),
    "whole": Quality("{} is whole numbers", integers),
    "equal entries": Quality("all {} are equal", equal_entries, "each"),
}
"""From the weakest to the strongest, as they are tried for what a claim needs."""


class Requisite(NamedTuple):
    """Something that a claim may need of a symbol.

    Attributes
    ----------
    kind : of STRUCTURES; "one-hot at", with the label ``other``; of a function "elementwise", or "same", as ``other``
    axis : of an array, that it is along
    """

    kind: str
    axis: int = -1
    other: str = ""


Requisites = Mapping[str, Requisite]
"""By symbol."""


@dataclass(frozen=True)
class Assignment:
    """Numbers for all symbols.

    Attributes
    ----------
    lengths : of the axes
    arrays : of the given symbols, and of the members of families
    instances : the functions taken for those of which the kind alone is known
    values : of what was computed so far
    """

    lengths: dict[Dim, int]
    arrays: Mapping[Key, Any]
    instances: Mapping[str, StandIn]
    values: dict[Key, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The lengths that have names."""
        return ", ".join([f"{dim.name} = {n}" for dim, n in self.lengths.items() if dim.name])

    def interpreter(self, vocabulary: Vocabulary) -> Interpreter:
        """What gives formulas their values here."""
        return Interpreter(vocabulary, self.arrays, self.lengths, self.instances, found=self.values)


def lengths(vocabulary: Vocabulary, turn: int, every: int | None = None) -> dict[Dim, int]:
    """A length for every axis: other ones where nothing makes them equal, so that no product fits by accident.

    With ``every`` it is the length of all of which nothing says it.
    """
    found: dict[Dim, int] = {}
    computed: list[Dim] = []
    joined = {dim.root: parts for dim, parts in vocabulary.joined.items()}
    rng = np.random.default_rng(turn)
    sizes: list[int] = []
    for dim in every_dim(vocabulary):
        root = dim.root
        if root in found or root.size is not None or root in joined:
            continue
        if any(sign in root.name for sign in "+−*/("):
            computed.append(root)
            continue
        sizes = sizes or list(rng.permutation(LENGTHS))
        found[root] = int(sizes.pop()) if every is None else every
    for root in computed:
        for _ in range(8):
            n = computed_length(vocabulary, root.name, found)
            if n >= 1:
                break
            base = next(d for d in found if d.name and d.name in root.name)
            found[base] += 3
        found[root] = n
    for root, parts in joined.items():
        if root.size is None:
            found[root] = sum([part.size or found[part.root] for part in parts])
    return found


LENGTHS: Final = (2, 3, 4, 5, 6)
"""Of axes: in another order for each setting, so that two that are equal in one differ in the next."""


def computed_length(vocabulary: Vocabulary, text: str, found: Mapping[Dim, int]) -> int:
    """A length such as n − m + 1."""
    known = {name: dim.size or found.get(dim.root, 0) for name, dim in vocabulary.named.items() if name}
    try:
        return whole(parse_latex(text, names=vocabulary.words), known)
    except AxesError as error:
        raise AxesError(f"the length {text}: {error}") from None


def every_dim(vocabulary: Vocabulary) -> Iterator[Dim]:
    """All axes' lengths that the page has."""
    yield from vocabulary.named.values()
    for entity in list(vocabulary.entities.values()):
        yield from entity.slots
    yield from vocabulary.dims.values()


class Arrays(dict[Key, Any]):
    """Numbers for the given symbols, each drawn when it is asked for.

    Parameters
    ----------
    vocabulary : the page's symbols
    lengths : of the axes
    seed : of all draws; the numbers of a symbol depend on it and on the symbol's name alone
    otherwise : what symbols are that nothing is said of
    needs : a structure for some, along an axis
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        lengths: dict[Dim, int],
        seed: Sequence[int],
        otherwise: str,
        needs: Requisites,
    ) -> None:
        super().__init__()
        self.vocabulary, self.lengths, self.seed = vocabulary, lengths, seed
        self.otherwise, self.needs = otherwise, needs

    def __missing__(self, key: Key) -> Any:
        name, count = key
        entity = self.vocabulary.entities[name]
        interpreter = Interpreter(self.vocabulary, self, self.lengths)
        shape = tuple([interpreter.length(dim) or 0 for dim in self.vocabulary.slots_of(entity, count)])
        rng = np.random.default_rng([*self.seed, crc32(name.encode()), -1 % 2**32 if count is None else count % 2**32])
        classes = None if entity.classes is None else interpreter.length(entity.classes)
        need = self.needs.get(name)
        if need is not None and need.kind == "one-hot at":
            numbers = np.arange(shape[-1]) + entity.slots[-1].first
            self[key] = (numbers == np.asarray(self[need.other, None])[..., None]).astype(float)
        else:
            self[key] = array(entity, shape, rng, classes, self.otherwise, need)
        return self[key]


def drawn(
    vocabulary: Vocabulary,
    turn: int,
    seed: int,
    otherwise: str = "",
    needs: Requisites | None = None,
) -> Assignment:
    """A setting; ``otherwise`` is what symbols are that nothing is said of, ``needs`` a structure for some."""
    sizes = lengths(vocabulary, turn)
    needs = needs or {}
    return Assignment(
        sizes, Arrays(vocabulary, sizes, (seed, turn), otherwise, needs), functions(vocabulary, turn, needs, otherwise)
    )


def functions(vocabulary: Vocabulary, turn: int | None, needs: Requisites, otherwise: str = "") -> dict[str, StandIn]:
    """What stands in for functions of which the kind alone is known: for each another, without a turn the simplest.

    Where numbers are drawn ``otherwise``, between 0 and 1, their values are there, too.
    """
    kinds = {entity.name: kind for entity in vocabulary.entities.values() if (kind := kind_of_function(entity))}
    found = {}
    for k, (name, kind) in enumerate(kinds.items()):
        need = needs.get(name, Requisite(kind))
        kind = "elementwise" if need.kind == "elementwise" else kind
        simplest = 0 if otherwise else SIMPLEST[kind]
        found[name] = stand_in(kind, simplest if turn is None else turn + k, bool(otherwise))
    return {**found, **{name: found[need.other] for name, need in needs.items() if need.kind == "same"}}


def array(
    entity: Entity,
    shape: tuple[int, ...],
    rng: np.random.Generator,
    classes: int | None,
    otherwise: str,
    need: Requisite | None,
) -> Any:
    """Numbers for one symbol."""
    if entity.kind == "label":
        assert entity.classes is not None
        return rng.integers(classes or 1, size=shape) + entity.classes.first
    kind, axis = need[:2] if need else (next((q for q in entity.qualities if q in STRUCTURES), otherwise), -1)
    draw = STRUCTURES[kind].draw if kind else normal
    if (STRUCTURES[kind].axes if kind else "") and not shape:
        draw = below_one
    return np.asarray(draw(rng, shape, axis), float)[()]
