"""Nested tuples, lists, dicts and named tuples of arrays, taken apart and put together again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple


class Structure(NamedTuple):
    """What is left of a container when its leaves are taken out."""

    kind: type | None
    """The container's type; None for a leaf."""
    keys: tuple[Any, ...]
    children: tuple[Structure, ...]
    key_types: tuple[type, ...] = ()
    """For True, 1 and 1.0 are equal, and are not the same."""


LEAF = Structure(None, (), ())


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves from left to right (dicts in their own order), and the structure. None has no leaves."""
    if tree is None:
        return [], Structure(type(None), (), ())
    if isinstance(tree, dict):
        keys, parts = tuple(tree), list(tree.values())
    elif isinstance(tree, (tuple, list)):
        keys, parts = (), list(tree)
    else:
        return [tree], LEAF
    leaves: list[Any] = []
    children = []
    for part in parts:
        found, structure = flatten(part)
        leaves += found
        children.append(structure)
    kind = type(tree)
    if isinstance(tree, dict) and kind is not OrderedDict:  # other kinds of dict cannot be made from items alone
        kind = dict
    return leaves, Structure(kind, keys, tuple(children), tuple(map(type, keys)))


def leaves_in_order(tree: Any, structure: Structure) -> list[Any] | None:
    """The leaves of a tree in the order of a structure, dicts by their keys; None where it has another structure."""
    leaves, own = flatten(tree)
    if own == structure:
        return leaves
    if (own.kind, {*own.keys}, len(own.children)) != (structure.kind, {*structure.keys}, len(structure.children)):
        return None
    parts = zip([tree[key] for key in structure.keys] or tree, structure.children, strict=True)
    below: list[Any] = [leaves_in_order(part, child) for part, child in parts]
    return None if None in below else [x for part in below for x in part]


def unflatten(structure: Structure, leaves: Iterable[Any]) -> Any:
    """The container that :func:`flatten` took apart, with other leaves."""
    return build(structure, iter(leaves))


def build(structure: Structure, leaves: Iterator[Any]) -> Any:
    """A container of the next leaves. (Not a closure: one that calls itself would be a reference cycle.)"""
    if structure.kind is None:
        return next(leaves)
    if structure.kind is type(None):
        return None
    parts = [build(child, leaves) for child in structure.children]
    make: Any = structure.kind
    if issubclass(make, dict):
        return make(zip(structure.keys, parts, strict=True))
    return make(*parts) if hasattr(make, "_fields") else make(parts)


def tree_map(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same container with the function of each leaf."""
    leaves, structure = flatten(tree)
    return unflatten(structure, [function(x) for x in leaves])


def paths(structure: Structure, names: Iterable[Any]) -> list[str]:
    """For each leaf how one writes the way to it, the outermost parts having these names: ``0['weight'][1]``."""
    return [
        f"{name}{path}" for name, child in zip(names, structure.children, strict=True) for path in paths_below(child)
    ]


def paths_below(structure: Structure) -> list[str]:
    """The same from within a part."""
    if structure.kind is None:
        return [""]
    keys = structure.keys or tuple(range(len(structure.children)))
    return [f"[{path}" for path in paths(structure, [f"{key!r}]" for key in keys])]
