"""Letters that are several symbols: z and z_k, or o_i and o_j, where each index counts the neurons of a layer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from .commands import SUBSCRIPTS
from .declarations import Declared
from .latex import parse_latex
from .spelling import Spelled, letter, spelled
from .syntax import Expr

WITH_INDICES: Final = "ᵢ"
"""Behind a letter that is another symbol without indices: no name that is read ends so, for it is a script there."""


UNCLEAR: Final = "₍?₎"
"""Behind a letter whose indices are of none of its symbols."""

SHOWN: Final = {sign: below for below, sign in SUBSCRIPTS.items()}


class Namesakes:
    """The symbols of each letter that is declared more than once, in different ways.

    >>> from tinygrad_lite.reading.declarations import read_declarations
    >>> from tinygrad_lite.reading.latex import parse_latex
    >>> lines = ["o_i: number, i = 1…n", "o_j: number, j = 1…m", "z: number", "z_k: number, k = 1…n"]
    >>> namesakes = Namesakes(read_declarations(lines).symbols, ())
    >>> found = [spelled(parse_latex(text), (), ()) for text in ("o_j", "z_i", "z")]
    >>> [namesakes.told_apart(symbol).name for symbol in found]
    ['oⱼ', 'zᵢ', 'z']
    """

    def __init__(self, symbols: Iterable[Declared], words: Collection[str]) -> None:
        bare: set[str] = set()
        indexed: dict[str, set[tuple[str, ...]]] = {}
        for declared in symbols:
            if not declared.kind:
                continue
            found = spelled(parse_latex(declared.name, names=words), (), ())
            if found is None:
                continue
            if has_indices(declared, found):
                indexed.setdefault(found.name, set()).add(ranged_letters(declared, found))
            else:
                bare.add(found.name)
        self.with_indices = bare & set(indexed)
        self.by_letters = {name: keys for name, keys in indexed.items() if differ(keys)}

    def declared_as(self, declared: Declared, name: str, node: Expr) -> str:
        """What the symbol that is declared is called."""
        found = spelled(node, (), ())
        if found is None or not has_indices(declared, found):
            return name
        return self.named(name, tuple([index for index in letters_below(found) if index]))

    def told_apart(self, found: Spelled) -> Spelled:
        """Which symbol is meant where a letter stands."""
        if not found.lower and not found.bold:
            return found
        return found._replace(name=self.named(found.name, letters_below(found)))

    def named(self, name: str, letters: tuple[str, ...]) -> str:
        """What a letter with these indices is called."""
        if letters and name in self.by_letters:
            fitting = [key for key in sorted(self.by_letters[name]) if key and letters[: len(key)] == key]
            return name + (shown(fitting[0]) if fitting else UNCLEAR)
        return name + WITH_INDICES if name in self.with_indices else name

    def of_unclear(self, name: str) -> list[str]:
        """The symbols that may be meant, where it is not clear which; none where it is."""
        letter = name.removesuffix(UNCLEAR)
        return [letter + shown(key) for key in sorted(self.by_letters[letter])] if letter != name else []


def shown(key: tuple[str, ...]) -> str:
    """Indices as they stand behind a name."""
    return "".join([SHOWN.get(index, f"₍{index}₎") for index in key])


def has_indices(declared: Declared, found: Spelled) -> bool:
    """Whether what is declared is the one with indices, of a letter that is several symbols."""
    return found.bold or bool(declared.of) or (not declared.kind and bool(found.lower))


def ranged_letters(declared: Declared, found: Spelled) -> tuple[str, ...]:
    """The indices of what is declared for each value of them."""
    ranged = [name for name, _ in declared.of]
    return tuple([index for index in letters_below(found) if index in ranged])


def letters_below(found: Spelled) -> tuple[str, ...]:
    """The letters of a symbol's indices, without primes: k′ runs over what k does; "" for an index that is none."""
    return tuple([(letter(index) or "").rstrip("′") for index in found.lower])


def differ(keys: Collection[tuple[str, ...]]) -> bool:
    """Whether there are two of one length, which are then of different symbols."""
    lengths = [len(key) for key in keys if key]
    return len(set(lengths)) < len(lengths)


def without_indices(name: str) -> str:
    """The letter of one of several symbols.

    >>> without_indices("wᵢⱼ"), without_indices("w")
    ('w', 'w')
    """
    return name.partition(UNCLEAR)[0].rstrip("".join([*SUBSCRIPTS, "₍₎"]))
