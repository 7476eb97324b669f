"""What a claim returns, and which derivative each of its arrays is: one, a tuple, a dict by names such as ``dW1``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from ..engine.protocols import plain
from ..engine.tensor import Tensor
from ..engine.trees import Structure, flatten, paths, paths_below, unflatten
from .claims import argument_names, argument_place, plain_argument, type_and_shape
from .points import is_floating

BEFORE: Final = re.compile(
    r"(?:[dDg∂δ∇]|grad|gradient|delta|nabla|partial)_?|(?:d|∂|grad)_?\w*?[_/]?(?:d|∂|wrt_?|_)", re.ASCII | re.IGNORECASE
)
"""What a derivative's name has before the name of what it is with respect to: dW, grad_W, dL_dW, dLdW, ∂W, dL/dW."""

AFTER: Final = re.compile(r"_?(?:grad|gradient|bar|prime)|'", re.IGNORECASE)
"""What it has behind it: W_grad, W_bar."""


def is_derivative_by(key: Any, name: str) -> bool:
    """Whether a key such as ``dW1`` is that of the derivative with respect to what has this name."""
    if key == name:
        return True
    if not isinstance(key, str):
        return False
    return bool(
        (key.endswith(name) and BEFORE.fullmatch(key.removesuffix(name)))
        or (key.startswith(name) and AFTER.fullmatch(key.removeprefix(name)))
    )


def key_for(keys: Iterable[Any], name: Any) -> Any:
    """The key of the derivative with respect to what has this name; None if there is none."""
    keys = list(keys)
    if name in keys:
        return name
    return next((key for key in keys if isinstance(name, str) and is_derivative_by(key, name)), None)


class Arguments:
    """The arguments taken apart into leaves, and what they are called.

    Attributes
    ----------
    leaves : arrays, numbers, and whatever else the arguments consist of
    structure : of what they were taken out of
    parameters : what f calls its arguments
    names : what to call each leaf: ``x``, ``params['W1']``
    spans : for each argument the places of its leaves
    """

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.parameters = argument_names(f, len(args))
        self.leaves, self.structure = flatten(tuple([plain_argument(x) for x in args]))
        self.names = paths(self.structure, self.parameters)
        starts = np.cumsum([0, *[len(paths_below(child)) for child in self.structure.children]])
        self.spans = [range(a, b) for a, b in pairwise(starts.tolist())]

    def short_names(self) -> list[tuple[str, Sequence[int]]]:
        """By name what can be asked for: arguments, leaves, and entries of dicts by their keys."""
        found: list[tuple[str, Sequence[int]]] = [*zip(self.parameters, self.spans, strict=True)]
        found += [(name, [k]) for k, name in enumerate(self.names)]
        keys = [re.search(r"\['([^']*)'\]$", name) for name in self.names]
        return found + [(key[1], [k]) for k, key in enumerate(keys) if key]

    def asked(self, key: Any) -> list[int]:
        """The leaves that a name or a number stands for; an error lists what there is."""
        if isinstance(key, str):
            for same in (True, False):
                for name, places in self.short_names():
                    if key == name if same else is_derivative_by(key, name):
                        return list(places)
        return list(self.spans[argument_place(key, self.parameters)])

    def child(self, k: int) -> tuple[Structure, int]:
        """The structure of the argument that a leaf belongs to, and its first leaf's place."""
        n = next(n for n, span in enumerate(self.spans) if k in span)
        return self.structure.children[n], self.spans[n][0]

    def together(self, leaves: Sequence[Any]) -> Any:
        """The arguments with other leaves."""
        return unflatten(self.structure, leaves)

    def floating(self) -> list[Sequence[int]]:
        """The arguments that have derivatives, by their leaves' places."""
        return [span for span in self.spans if any(is_floating(self.leaves[k]) for k in span)]


class Pick(NamedTuple):
    """Where the derivative with respect to a leaf is in what the claims return."""

    leaf: int
    part: int
    path: tuple[Any, ...]

    def out_of(self, values: Sequence[Any]) -> Any:
        """The claimed array."""
        value = values[self.part]
        for step in self.path:
            value = value[step]
        return value


class Picks:
    """Finds each derivative in what the claims returned at the given arguments.

    Parameters
    ----------
    arguments : f's
    asked : for each of the arguments that were asked for, its leaves' places; None where nothing was said
    y : what f returned
    """

    def __init__(self, arguments: Arguments, asked: list[list[int]] | None, y: Any) -> None:
        self.arguments = arguments
        self.asked = asked
        self.y = y
        self.remarks: list[str] = []

    def of(self, values: Sequence[Any]) -> list[Pick]:
        """Those of several claims, one for each argument asked for; or of one claim for all."""
        if len(values) > 1:
            assert self.asked is not None
            pairs = enumerate(zip(self.asked, values, strict=True))
            return [pick for part, (leaves, value) in pairs for pick in self.below(leaves, part, (), value)]
        (value,) = values
        if self.asked is None:
            return self.understood(value)
        if len(self.asked) == 1:
            return self.one(self.asked[0], value)
        return self.several(self.asked, value)

    # -- one claim ----------------------------------------------------------------------------------------------------

    def understood(self, value: Any) -> list[Pick]:
        """Nothing was said: the names that a dict has, the places in a tuple, else the first argument."""
        first = list(self.arguments.spans[0])
        structure = self.arguments.structure.children[0]
        if structure.kind is not None:
            inner = self.without_value(value)
            if structure.keys and isinstance(value, Mapping) and not self.matching(structure.keys, value):
                by_name = self.by_name(value, ())
                return by_name or self.below(first, 0, (), value)
            return self.below(first, 0, *inner)
        if isinstance(value, Mapping):
            found = self.by_name(value, ())
            if not found:
                raise ValueError(self.no_names(value))
            return found
        if not self.is_sequence(value, first):
            return [Pick(first[0], 0, ())]
        path, rest = self.without_value(value)
        if isinstance(rest, Mapping):
            return self.by_name(rest, path) or [Pick(first[0], 0, path)]
        if not self.is_sequence(rest, first):
            return [Pick(first[0], 0, path)]
        kept = [((*path, i), part) for i, part in enumerate(rest)]
        floating = self.arguments.floating()
        spans: list[Sequence[int]] = floating if len(floating) == len(kept) else floating[: len(kept)]
        firsts = [self.arguments.leaves[span[0]] for span in spans]
        if len(floating) != len(kept) and not are_alike([part for _, part in kept], firsts):
            raise ValueError(
                f"check_derivation: the claim returns {len(kept)} derivatives, and f has the arguments "
                f"{', '.join(self.arguments.parameters)}: say with respect to which they are, as in "
                f"wrt=({', '.join([repr(name) for name in self.arguments.parameters[: len(kept)]])})"
            )
        return [p for span, (path, part) in zip(spans, kept, strict=True) for p in self.below(span, 0, path, part)]

    def one(self, leaves: list[int], value: Any) -> list[Pick]:
        """One argument was asked for: its entry of a dict, or all that was returned."""
        structure, _ = self.arguments.child(leaves[0])
        is_leaf = structure.kind is None or len(leaves) == 1 != len(paths_below(structure))
        path, inner = self.without_value(value) if self.is_sequence(value, leaves) else ((), value)
        if isinstance(inner, Mapping) and is_leaf:
            key = self.key_of(leaves[0], inner)
            if key is None:
                raise ValueError(self.no_names(inner))
            return [Pick(leaves[0], 0, (*path, key))]
        if is_leaf and self.is_sequence(inner, leaves):
            raise ValueError(
                f"check_derivation: the claim returns {len(inner)} arrays, and one derivative was asked for; name as "
                "many arguments in wrt="
            )
        return [Pick(leaves[0], 0, path)] if is_leaf else self.below(leaves, 0, path, inner)

    def several(self, asked: list[list[int]], value: Any) -> list[Pick]:
        """Several arguments were asked for: their entries of a dict, or of a tuple."""
        path, inner = ((), value) if is_as_long(value, len(asked)) else self.without_value(value)
        if isinstance(inner, Mapping):
            keys = [self.key_of(leaves[0], inner) for leaves in asked]
            if any(key is None for key in keys):
                wanted = ", ".join([self.arguments.names[leaves[0]] for leaves in asked])
                raise ValueError(
                    f"check_derivation: derivatives are claimed for {', '.join(map(str, inner))}, asked for {wanted}"
                )
            places: list[Any] = keys
        elif is_as_long(inner, len(asked)):
            places = list(range(len(asked)))
        else:
            raise ValueError(
                f"check_derivation: the claim must be {len(asked)} derivatives in a tuple, one for each argument "
                f"asked for; got {type_and_shape(value)}"
            )
        pairs = zip(asked, places, strict=True)
        return [p for leaves, key in pairs for p in self.below(leaves, 0, (*path, key), inner[key])]

    # -- parts of it --------------------------------------------------------------------------------------------------

    def below(self, leaves: Sequence[int], part: int, path: tuple[Any, ...], value: Any) -> list[Pick]:
        """The derivatives with respect to an argument's leaves, in containers like its own."""
        structure, start = self.arguments.child(leaves[0])
        if len(leaves) < len(paths_below(structure)):
            return [Pick(leaves[0], part, path)]
        found = list(self.in_containers(structure, start, part, path, value))
        missing = [
            self.arguments.names[k]
            for k in leaves
            if is_floating(self.arguments.leaves[k]) and all(pick.leaf != k for pick in found)
        ]
        if not found:
            raise ValueError(
                f"check_derivation: the claim for {self.arguments.names[leaves[0]]} must be in the containers of that "
                f"argument; got {type_and_shape(value)}"
            )
        if missing:
            self.remarks.append(f"nothing is claimed of {', '.join(missing)}")
        return found

    def in_containers(
        self, structure: Structure, start: int, part: int, path: tuple[Any, ...], value: Any
    ) -> Iterable[Pick]:
        """What there is of it, leaf by leaf."""
        if structure.kind is None:
            yield Pick(start, part, path)
            return
        keys: Sequence[Any] = [None] * len(structure.children)
        if structure.keys and isinstance(value, Mapping):
            keys = [key_for(value, name) for name in structure.keys]
            self.leave_out(value, keys)
        elif is_as_long(value, len(structure.children)):
            keys = range(len(structure.children))
        for key, child in zip(keys, structure.children, strict=True):
            if key is not None:
                yield from self.in_containers(child, start, part, (*path, key), value[key])
            start += len(paths_below(child))

    def by_name(self, value: Mapping[Any, Any], path: tuple[Any, ...]) -> list[Pick]:
        """The entries of a dict whose keys name arguments, or entries of arguments that are dicts."""
        found: list[Pick] = []
        used = []
        for name, places in self.arguments.short_names():
            key = key_for([key for key in value if key not in used], name)
            if key is not None and not any(pick.leaf in places for pick in found):
                found += self.below(places, 0, (*path, key), value[key])
                used.append(key)
        if found:
            self.leave_out(value, used)
        return sorted(found)

    def key_of(self, leaf: int, value: Mapping[Any, Any]) -> Any:
        """The key under which a dict has the derivative with respect to a leaf."""
        names = [name for name, places in self.arguments.short_names() if leaf == places[0]]
        numbers = [n for n, span in enumerate(self.arguments.spans) if span[:1] == range(leaf, leaf + 1)]
        return next((key for name in [*names, *numbers] if (key := key_for(value, name)) is not None), None)

    def leave_out(self, value: Mapping[Any, Any], used: Sequence[Any]) -> None:
        """Say what is not looked at."""
        if others := [str(key) for key in value if key not in used]:
            self.remarks.append(f"also returned, and not compared: {', '.join(others)}")

    def matching(self, keys: Sequence[Any], value: Mapping[Any, Any]) -> bool:
        """Whether a dict has an entry for any of these keys."""
        return any(key_for(value, key) is not None for key in keys)

    def without_value(self, value: Any) -> tuple[tuple[Any, ...], Any]:
        """What was returned beside f's own value, as in ``return loss, grads``; and the way to it."""
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            return (), value
        for i, j in ((0, 1), (1, 0)):
            number = plain(value[i], Tensor)
            is_number = isinstance(number, (float, np.floating, np.ndarray)) and np.size(number) == 1
            if is_number and np.size(self.y) == 1 and np.allclose(number, self.y, rtol=1e-6, atol=0):
                return (j,), value[j]
        return (), value

    def is_sequence(self, value: Any, leaves: Sequence[int]) -> bool:
        """Whether it is several derivatives, and not one array that was given as a list of its rows."""
        if not isinstance(value, (tuple, list)) or not value:
            return False
        x = np.shape(self.arguments.leaves[leaves[0]])
        if any(isinstance(part, Mapping) for part in value):
            return True
        try:
            shapes = {np.shape(plain(part, Tensor)) for part in value}
        except ValueError:  # a tuple of arrays of different shapes
            return True
        if shapes == {()}:
            return x == () and len(value) > 1
        if len(shapes) > 1:
            return True
        return (len(value), *next(iter(shapes))) not in (x, np.shape(self.y) + x)

    def no_names(self, value: Mapping[Any, Any]) -> str:
        """That no key is understood, and which would be."""
        names = ", ".join(dict.fromkeys([name for name, _ in self.arguments.short_names()]))
        return (
            f"check_derivation: derivatives are claimed for {', '.join(map(str, value))}, asked for {names}; "
            "a key such as 'dW' is understood as the derivative with respect to W"
        )


def are_alike(claims: Sequence[Any], leaves: Sequence[Any]) -> bool:
    """Whether there are as many, each of the other's shape but for axes of length 1."""
    shapes = [[[n for n in np.shape(plain(x, Tensor)) if n != 1] for x in arrays] for arrays in (claims, leaves)]
    return shapes[0] == shapes[1]


def is_as_long(value: Any, n: int) -> bool:
    """Whether it is a tuple or list of so many."""
    return isinstance(value, (tuple, list)) and len(value) == n
