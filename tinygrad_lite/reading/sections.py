"""A document in sections: what is declared of its symbols, and from where on."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from .declarations import DeclarationError, Declarations, read_declarations
from .latex import parse_latex
from .spelling import is_word, plain
from .equations import Equation, Printed
from .notations import in_brackets
from .pages import Reading
from .syntax import Expr, Number, Relation, Scripted

BEGINS: Final = re.compile(r"\[(?P<text>.+)\]")


class Section(NamedTuple):
    """A part of a document.

    Attributes
    ----------
    begins : text of the document that it begins with; "" for the document's beginning
    declarations : all that hold in it
    new : the symbols that are declared or defined anew
    """

    begins: str
    declarations: Declarations
    new: frozenset[str] = frozenset()


def read_sections(lines: Iterable[str]) -> list[Section]:
    """Declarations with lines ``[text of the document]`` between: what follows holds from there on.

    A symbol that is declared again is what was said last. The document's words, options and assumptions are kept;
    what is said to hold ``where`` some indices are is said of its own section only.

    >>> first, second = read_sections(["a: vector N", "[4 Activation]", "a: number", "vectors: entrywise"])
    >>> second.begins
    '4 Activation'
    >>> [(symbol.name, symbol.kind) for symbol in second.declarations.symbols], second.declarations.options
    ([('a', 'number')], {'vectors': 'entrywise'})
    """
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in lines:
        begins = BEGINS.fullmatch(line.strip())
        if begins is None:
            parts[-1][1].append(line)
        else:
            parts.append((begins["text"], []))
    found: list[Section] = []
    for text, said in parts:
        declared = read_declarations(said)
        words = declared.words | (found[-1].declarations.words if found else set())
        new = names_in(declared, words)
        found.append(Section(text, followed_by(found[-1].declarations, declared, new) if found else declared, new))
    return found


def names_in(declarations: Declarations, words: Iterable[str]) -> frozenset[str]:
    """The symbols that are declared or defined, without their indices."""
    declared = {base_name(symbol.name, words) for symbol in declarations.symbols if symbol.kind}
    return frozenset(declared | {base_name(left_of(text, words), words) for text in declarations.definitions})


def followed_by(before: Declarations, after: Declarations, new: Collection[str]) -> Declarations:
    """What holds where more is declared: of each symbol what was said last."""
    words = before.words | after.words
    declared = {base_name(symbol.name, words) for symbol in after.symbols if symbol.kind}
    kept = [text for text in before.definitions if base_name(left_of(text, words), words) not in new]
    return Declarations(
        symbols=[*[s for s in before.symbols if base_name(s.name, words) not in declared], *after.symbols],
        assumptions=[*before.assumptions, *after.assumptions],
        definitions=[*kept, *after.definitions],
        words=words,
        options={**before.options, **after.options},
        where=after.where,
    )


def left_of(definition: str, words: Iterable[str]) -> Expr:
    """The left side of a definition."""
    tree = parse_latex(definition, names=set(words))
    if not isinstance(tree, Relation) or tree.first is None:
        raise DeclarationError(f"define: {definition} is no equation")
    return tree.first


def base_name(symbol: str | Expr, words: Iterable[str]) -> str:
    """A symbol's name without its indices and without the superscript that counts."""
    node = parse_latex(symbol, names=set(words)) if isinstance(symbol, str) else symbol
    if (named := in_brackets(node)) is not None:  # σ(z), σ(j)
        return named[0]
    if not isinstance(node, Scripted):
        return plain(node)
    lower = tuple([part for part in node.lower if is_word(part)])
    upper = tuple([part for part in node.upper if isinstance(part, Number)])
    return plain(replace(node, lower=lower, upper=upper))


def readings_of(parts: Iterable[tuple[Section, Sequence[Printed | Equation]]]) -> list[Reading]:
    """A reading for each section, with the definitions of those before it whose symbols are not declared again."""
    readings: list[Reading] = []
    for section, formulas in parts:
        readings.append(Reading(formulas, section.declarations, known_in(section, readings[-1]) if readings else ()))
    return readings


def known_in(section: Section, before: Reading) -> list[Printed]:
    """The definitions of a page that hold in the section behind it, but for those that this makes itself."""
    known: list[Printed] = []
    for statement in before.statements:
        left, right = statement.left, statement.right
        if statement.kind != "definition" or statement.mistake or left is None or right is None:
            continue
        if base_name(left, section.declarations.words) not in section.new:
            known.append(Printed(Relation(left, (("=", right),)), statement.formula.text, 0))
    return known
