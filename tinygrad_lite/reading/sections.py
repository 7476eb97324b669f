"""Documents that use a letter twice: declarations that hold from some place on, and a page for each such part."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from .containers import Contents, Place
from .declarations import DeclarationError, Declarations, read_declarations
from .equations import Equation, Printed
from .latex import NotRead, parse_latex
from .namesakes import without_indices
from .notations import in_brackets
from .pages import Paper
from .printing import unicode_of
from .prose import Prose, words_of
from .spelling import is_word, plain
from .syntax import Expr, Number, Relation, Scripted, walk
from .targets import target

TITLE: Final = re.compile(r"\[(.+)\]")


BEGINNING: Final[Place] = (0, 0, 0)


class Section(NamedTuple):
    """Where declarations begin to hold, and those that do from there on, those before among them."""

    start: Place
    declared: Declarations
    new: Declarations


def sections_of(contents: Contents, given: Sequence[str] = ()) -> list[Section]:
    """The parts of a document: the first has what holds from its beginning, each further one begins at a [title].

    Parameters
    ----------
    contents : of the document, with the declarations in it
    given : further lines, which come behind the document's own

    Raises DeclarationError for words in brackets that stand nowhere in the document, and for what is not understood.
    """
    lines: dict[Place, list[str]] = {BEGINNING: []}
    for block in (*contents.declared, given):
        start = BEGINNING
        for line in block:
            title = TITLE.fullmatch(line.strip())
            if title is None:
                lines.setdefault(start, []).append(line)
                continue
            found = contents.place(title[1], start)
            if found is None:
                where = (
                    "nowhere in the document" if start == BEGINNING else "nowhere behind those of the section before"
                )
                raise DeclarationError(f"[{title[1]}]: these words stand {where}")
            start = found
    sections: list[Section] = []
    for place in sorted(lines):
        new = read_declarations(lines[place])
        known = sections[-1].declared if sections else Declarations()
        must_be_read(new, words_of(known) | words_of(new))
        sections.append(Section(place, added(known, new), new))
    return sections


def must_be_read(declared: Declarations, words: Collection[str]) -> None:
    """Raise DeclarationError for names and formulas that are none, with the reason."""
    for text in [*[symbol.name for symbol in declared.symbols], *declared.assumptions, *declared.definitions]:
        try:
            parse_latex(text, names=words)
        except NotRead as error:
            raise DeclarationError(f"not a declaration, of {text!r}: {error}") from None


def added(known: Declarations, new: Declarations) -> Declarations:
    """Declarations with further ones, which replace what is said of the same names."""
    words = known.words | new.words
    replaced = {base_name(symbol.name, words) for symbol in new.symbols if symbol.kind}
    lefts = {left_of(text) for text in new.definitions}
    kept = [
        text
        for text in known.definitions
        if left_of(text) not in lefts and not replaced & {base_name(left_of(text), words, n) for n in (True, False)}
    ]
    return Declarations(
        symbols=[*[symbol for symbol in known.symbols if base_name(symbol.name, words) not in replaced], *new.symbols],
        assumptions=[*known.assumptions, *new.assumptions],
        definitions=[*kept, *new.definitions],
        words=words,
        options={**known.options, **new.options},
    )


def base_name(symbol: str, words: Collection[str], numbered: bool = True) -> str:
    """A symbol's name without its indices and without the superscript that counts, as it is declared.

    A number above is a part of the name, as in C², or else, unless ``numbered``, that of a member, as in a⁰.
    """
    node = parse_latex(symbol, names=words)
    if (named := in_brackets(node)) is not None:  # σ(j)
        return named[0]
    if not isinstance(node, Scripted):
        return plain(node)
    lower = tuple([part for part in node.lower if is_word(part)])
    upper = tuple([part for part in node.upper if numbered and isinstance(part, Number)])
    return plain(replace(node, lower=lower, upper=upper))


def left_of(definition: str) -> str:
    """What stands before the sign of equality, with single spaces."""
    return " ".join(definition.partition("=")[0].split())


def pages_of(contents: Contents, given: Sequence[str] = ()) -> Iterator[Paper]:
    """The document's pages, one for each of its sections; each knows what was defined before it."""
    sections = sections_of(contents, given)
    page: Paper | None = None
    for k, section in enumerate(sections):
        ends = sections[k + 1].start if k + 1 < len(sections) else None
        inside = [p for p in contents.passages if section.start <= p.begins and (not ends or p.begins < ends)]
        declared = section.declared
        carried: list[Printed] = []
        if page is not None:
            carried, outdated = known_from(page, section)
            declared = replace(declared, outdated=outdated)
        reader = Prose(declared, contents.passages)
        page = Paper([*carried, *reader.read(inside)], declared)
        yield page


def known_from(page: Paper, section: Section) -> tuple[list[Printed], dict[str, str]]:
    """The definitions of the page before that hold on, and the names of those that do not, with the reason.

    A symbol that is declared anew is another one; what was defined by it is not known any more either.
    """
    words = words_of(section.declared)
    renewed = {base_name(symbol.name, words) for symbol in section.new.symbols if symbol.kind}
    defined: list[tuple[str, Equation]] = []
    own: dict[int, set[str]] = {}
    for statement in page.statements:
        if statement.kind == "definition" and statement.left is not None:
            found = target(page.vocabulary, statement.left)
            if found is not None:
                defined.append((without_indices(found[0]), statement))
                own[statement.number] = {found[0], *found[1].parameters}
    outdated: dict[str, str] = {}
    for name, statement in defined:
        used = names_used(page, statement.right, {*renewed, *outdated} - own[statement.number])
        if statement.mistake and name not in renewed:
            outdated[name] = f"the definition of {name} is wrong: {statement.mistake}"
        if used and name not in renewed:
            outdated[name] = f"{name} was defined by {used[0]}, which is declared anew: define {name} anew, too"
    carried = [as_formula(s) for name, s in defined if name not in renewed and name not in outdated]
    return [*shapes_kept(page, renewed), *carried], outdated


def shapes_kept(page: Paper, renewed: Collection[str]) -> list[Printed]:
    """What the page before says of shapes, as x ∈ ℝⁿ, of symbols that are not declared anew."""
    stated = [s for s in page.statements if s.kind == "declares" and s.left is not None]
    names = [(page.vocabulary.spell(s.left), s) for s in stated if s.left is not None]
    kept = [s.formula for found, s in names if found is not None and without_indices(found.name) not in renewed]
    return [replace(formula, line=0) for formula in dict.fromkeys(kept)]


def names_used(page: Paper, tree: Expr | None, names: Collection[str]) -> list[str]:
    """Those of some names that stand in a tree."""
    symbols = [page.vocabulary.spell(node) for node in walk(tree)] if tree is not None else []
    known = page.vocabulary.entities
    spelled = [without_indices(symbol.name) for symbol in symbols if symbol is not None and symbol.name in known]
    return [name for name in dict.fromkeys(spelled) if name in names]


def as_formula(statement: Equation) -> Printed:
    """A definition made before, as a formula on no line: it is known, and is not stated again."""
    assert statement.left is not None
    assert statement.right is not None
    tree = Relation(statement.left, (("=", statement.right),))
    return Printed(tree, unicode_of(tree), 0)
