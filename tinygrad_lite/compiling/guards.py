"""Whether arguments are such as a version was made for: one expression, made for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from ..engine.trees import Structure
from .inputs import SETTINGS

PAIRS = 10
"""Of so many arrays at most each is compared with each; beyond, a set is quicker."""

Fits = Callable[[tuple[Any, ...], dict[str, Any]], bool]


def signature_of(x: Any) -> Any:
    """What a version is made for: of an array the shape, the dtype and the layout, of a setting what it is."""
    kind = type(x)
    if kind is np.ndarray:
        return x.shape, x.dtype, None if x.flags.c_contiguous else x.strides
    if kind is float or kind is complex:
        return kind
    if isinstance(x, np.generic):
        return x.dtype
    if kind is np.random.Generator:
        return kind
    if kind is slice:  # which has no hash
        return kind, x.start, x.stop, x.step
    return kind, x if isinstance(x, SETTINGS) else Same(x)


class Same:
    """An object, equal to itself alone."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return type(other) is Same and other.x is self.x

    def __hash__(self) -> int:
        return id(self.x)

    def __repr__(self) -> str:
        return repr(self.x)


def identical(leaves: Sequence[Any]) -> tuple[tuple[int, int], ...]:
    """Places of arrays that are one that was given before: a program may ask whether ``x is y``."""
    first: dict[int, int] = {}
    places = enumerate([first.setdefault(id(x), k) if type(x) is np.ndarray else k for k, x in enumerate(leaves)])
    return tuple([(k, j) for k, j in places if j != k])


class Guard:
    """The text of the question, and what it names."""

    def __init__(self, structure: Structure, leaves: list[Any]) -> None:
        self.leaves = iter(leaves)
        self.namespace: dict[str, Any] = {"ndarray": np.ndarray}
        self.count = 0
        self.arrays: dict[Any, dict[int, list[str]]] = {}
        args, kwargs = structure.children
        conditions = [
            *self.of_parts("args", args),
            f"tuple(kwargs) == {kwargs.keys!r}" if kwargs.keys else "not kwargs",
        ]
        for key, child in zip(kwargs.keys, kwargs.children, strict=True):
            conditions += self.conditions(f"kwargs[{key!r}]", child)
        conditions += self.of_identities()
        text = "def fits(args, kwargs):\n    return (" + "\n        and ".join(conditions) + "\n    )\n"
        exec(text, self.namespace)
        self.fits: Fits = self.namespace["fits"]

    def known(self, x: Any) -> str:
        """A name for an object."""
        name = f"known_{len(self.namespace)}"
        self.namespace[name] = x
        return name

    def of_parts(self, whole: str, structure: Structure) -> Iterator[str]:
        """What must hold of the parts of a container."""
        keys = structure.keys or range(len(structure.children))
        yield f"len({whole}) == {len(structure.children)}"
        if structure.keys:
            yield f"tuple({whole}) == {self.known(structure.keys)}"
        if {*structure.key_types} - {str}:
            yield f"tuple(map(type, {whole})) == {self.known(structure.key_types)}"
        for key, child in zip(keys, structure.children, strict=True):
            yield from self.conditions(
                f"{whole}[{key!r}]" if isinstance(key, (int, str)) else f"{whole}[{self.known(key)}]", child
            )

    def conditions(self, part: str, structure: Structure) -> Iterator[str]:
        """What must hold of an argument, or of a part of one."""
        if structure.kind is type(None):
            yield f"{part} is None"
            return
        self.count += 1
        x = f"x{self.count}"
        if structure.kind is not None:
            kind = "dict" if structure.kind is dict else self.known(structure.kind)
            yield f"type({x} := {part}) is {kind}"
            yield from self.of_parts(x, structure)
            return
        leaf = next(self.leaves)
        if type(leaf) is np.ndarray:
            self.arrays.setdefault(signature_of(leaf), {}).setdefault(id(leaf), []).append(x)
            yield f"type({x} := {part}) is ndarray"
            yield f"{x}.shape == {leaf.shape!r}"
            yield f"{x}.dtype is {self.known(leaf.dtype)}"
            if leaf.ndim:
                layout = f"{x}.flags.c_contiguous" if leaf.flags.c_contiguous else f"{x}.strides == {leaf.strides!r}"
                yield layout
        elif type(leaf) in (float, complex, np.random.Generator) or isinstance(leaf, np.generic):
            yield f"type({part}) is {self.known(type(leaf))}"
        else:
            yield f"{self.known(signature_of)}({part}) == {self.known(signature_of(leaf))}"

    def of_identities(self) -> Iterator[str]:
        """That of arrays of one signature those are one that were, and no others."""
        for alike in self.arrays.values():
            for first, *others in alike.values():
                yield from (f"{first} is {x}" for x in others)
            names = [first for first, *_ in alike.values()]
            if len(names) <= PAIRS:
                yield from (f"{x} is not {y}" for x, y in combinations(names, 2))
            else:
                yield f"len({{*map(id, ({', '.join(names)}))}}) == {len(names)}"
