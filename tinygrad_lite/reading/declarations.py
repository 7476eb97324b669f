r"""What a page does not say of its symbols: a few lines, one for each.

``z, t: vector K``, ``W^l: matrix n^l × n^{l-1}``, ``y: labels in K``, ``l: layer 1…3``, ``σ: elementwise``,
``η = 0.1``, ``assume: \sum_k t_k = 1``, ``define: a_k = \frac{e^{z_k}}{\sum_j e^{z_j}}``, ``layout: numerator``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

LINE: Final = re.compile(r"^\s*(?P<names>[^:=]+?)\s*(?P<sign>[:=])\s*(?P<said>.*?)\s*$")

KINDS: Final = (
    "number",
    "vector",
    "row",
    "matrix",
    "array",
    "label",
    "labels",
    "mask",
    "function",
    "elementwise",
    "index",
)
"""What a symbol can be said to be; "index" of a letter that was something else in the section before."""

COUNTERS: Final = ("layer", "time", "step")
"""Superscripts that count: a symbol with one is a family, of a member for each."""

QUALITIES: Final = {
    "positive": "positive",
    "symmetric": "symmetric",
    "positive definite": "positive definite",
    "probabilities": "probabilities",
    "one-hot": "one-hot",
    "orthogonal": "orthogonal",
    "unit": "unit",
    "0/1": "0/1",
    "±1": "±1",
    "+-1": "±1",
    "between 0 and 1": "between 0 and 1",
    "whole": "whole",
    "nonzero": "nonzero",
    "by independent entries": "by independent entries",
}
"""What may be said of its numbers, as they are written and as they are called."""

OPTIONS: Final = {
    "layout": ("numerator", "denominator"),
    "vectors": ("inner", "entrywise"),
    "derivatives of vectors": ("jacobian", "entrywise"),
    "products of derivatives": ("of matrices", "chain rule"),
    "products": ("of arrays", "of numbers"),
    "sums": ("written", "einstein"),
    "indices": ("from 0", "from 1"),
    "ranges": ("exact", "all"),
    "softmax": ("of columns alone", "by rows", "by columns"),
}
"""Conventions of a page, and what each may be; the first holds where nothing is said, but for "vectors"."""


class DeclarationError(ValueError):
    """A declaration that cannot be understood, with the line."""


@dataclass(frozen=True)
class Declared:
    """What is said of a symbol.

    Attributes
    ----------
    name : as it is written, in TeX or Unicode, with the indices that it always has: ``W^l``, ``x_i``, ``x^{(i)}``
    kind : one of KINDS, "counter", "dimension" or "constant"
    dims : the lengths of its axes as they are written; of labels, how many classes; of a counter, its last value
    of : where each member of a family is declared, "i = 1…N" for ``x_i: vector n, i = 1…N``, the index and its range
    qualities : of its numbers
    value : of a constant
    """

    name: str
    kind: str
    dims: tuple[str, ...] = ()
    of: tuple[tuple[str, str], ...] = ()
    qualities: tuple[str, ...] = ()
    value: str = ""


@dataclass
class Declarations:
    """All that is said, in one place."""

    symbols: list[Declared] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    definitions: list[str] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    options: dict[str, str] = field(default_factory=dict)
    outdated: dict[str, str] = field(default_factory=dict)
    """Names that meant something before and do not any more, with the reason."""


def read_declarations(lines: Iterable[str]) -> Declarations:
    """Declarations from their lines; empty lines and those that begin with # are passed over.

    >>> declared = read_declarations(["z, t: vector K", "t: vector K, one-hot", "layout: numerator"])
    >>> [(symbol.name, symbol.kind, symbol.dims, symbol.qualities) for symbol in declared.symbols]
    [('z', 'vector', ('K',), ()), ('t', 'vector', ('K',), ()), ('t', 'vector', ('K',), ('one-hot',))]
    >>> declared.options
    {'layout': 'numerator'}
    """
    found = Declarations()
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            take_line(found, line.strip())
    return found


def take_line(found: Declarations, line: str) -> None:
    """Add what one line says."""
    match = LINE.match(line)
    if match is None:
        raise DeclarationError(
            f"not a declaration: {line!r}; write a name, a colon and what it is, as in 'z: vector K'"
        )
    names, sign, said = match["names"], match["sign"], match["said"]
    formulas = {"assume": found.assumptions, "define": found.definitions}
    if names == "words":
        found.words |= {word.strip() for word in said.split(",")}
    elif names in formulas:
        formulas[names].append(said)
    elif names in OPTIONS:
        if said not in OPTIONS[names]:
            raise DeclarationError(f"{line!r}: {names} is {' or '.join(OPTIONS[names])}")
        found.options[names] = said
    elif sign == "=":
        found.symbols.append(Declared(names, "constant", value=said))
    else:
        for name in split_names(names):
            found.symbols.append(declared(name, said, line))


def split_names(names: str) -> list[str]:
    """Names with commas between, but for those within braces."""
    return [part.strip() for part in re.split(r",(?![^{]*\})", names)]


def declared(name: str, said: str, line: str) -> Declared:
    """What is said of one name."""
    first, *more = [part.strip() for part in said.split(",")]
    words = first.split()
    kind = words[0] if words else ""
    rest = first[len(kind) :].strip()
    if kind in COUNTERS:
        last = re.split(r"…|\.\.\.?|\\dots|\\ldots", rest)[-1].strip()
        return Declared(name, "counter", (last,))
    if kind == "function" and rest:  # "function number", "function vector"
        return Declared(name, "function", tuple(rest.split()))
    if kind == "dimension":
        return Declared(name, "dimension", tuple(rest.split()))
    if kind == "constant":
        return Declared(name, "constant", value=rest)
    if kind not in KINDS:
        if first in QUALITIES:
            kind, rest, more = "", "", [first, *more]
        else:
            known = ", ".join([*KINDS, *COUNTERS, "constant", "dimension"])
            raise DeclarationError(f"{line!r}: {kind!r} is nothing that a symbol can be; there are {known}")
    if kind in ("label", "labels"):
        dims = tuple([part.strip() for part in re.split(r"\bin\b|×|\\times", rest) if part.strip()])
    else:
        dims = tuple([part.strip() for part in re.split(r"×|\\times|\bx\b", rest) if part.strip()])
    of: list[tuple[str, str]] = []
    qualities: list[str] = []
    for part in more:
        ranged = re.match(r"^(.+?)\s*=\s*[01]\s*(?:…|\.\.\.?|\\dots|\\ldots)\s*(.+)$", part)
        if ranged:
            of.append((ranged[1].strip(), ranged[2].strip()))
        elif part in QUALITIES:
            qualities.append(QUALITIES[part])
        else:
            raise DeclarationError(
                f"{line!r}: {part!r} is not understood; of numbers may be said {', '.join(QUALITIES)}"
            )
    return Declared(name, kind, dims, tuple(of), tuple(qualities))
