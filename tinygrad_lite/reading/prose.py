"""What the prose around formulas says of them: where they hold, and that some are mentioned and not stated."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from .containers import Passage
from .declarations import Declarations
from .equations import Equation, Printed, stated_shapes
from .latex import NotRead, parse_formulas, parse_latex
from .printing import unicode_of
from .spelling import letters_in, plain
from .syntax import (
    Annotated,
    Brackets,
    Dots,
    Expr,
    Number,
    Product,
    Qualified,
    Relation,
    Scripted,
    Symbol,
    Tuple,
    Words,
    walk,
    with_children,
)

LEADING: Final = re.compile(
    r"(?:^|(?<=[\s(*_:;,.>-]))(?P<word>if|when|whenever|where|for|case(?:\s+\w+)?|suppose|assume|assuming|let|consider"
    r"|provided|given|unless|since|because|with|set|setting|subject\s+to|s\.\s?t\.|under\s+the\s+constraints?)"
    r"(?:\s+(?:that|now|first|all|every|each|any|the|case|cases|of|both))*[*_]*\s*[:,]?\s*[*_(]*\s*$",
    re.IGNORECASE,
)
"""The words right before a formula that say what it is there for."""

CONDITIONAL: Final = ("if", "when", "whenever", "for", "case", "suppose", "assume", "assuming", "provided", "given")
SUPPOSED: Final = ("since", "because", "unless")
CONSTRAINING: Final = ("subject", "s.t.", "s.", "under")
STATING: Final = ("let", "set", "setting", "where", "with")

ENDING: Final = re.compile(
    r"\b(?:together|in general|generally|in (?:both|all|either|any|each) cases?|altogether|combin\w+|either way|overall"
    r"|summari[sz]\w+|more compactly|at once|in one formula|regardless)\b|^\s{0,3}#{1,6}\s|^\s{0,3}(?:=+|-{3,})\s*$"
    r"|\\(?:part|chapter|(?:sub)*section|paragraph)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""Prose behind which a condition no longer holds."""

STATES: Final = re.compile(r"=|≡|\\(?:equiv|triangleq|coloneqq|doteq)(?![A-Za-z])")
"""In the text of what states an equality."""

RANGE: Final = re.compile(r"\s*[A-Za-z]\s*=\s*\d+\s*(?:[,:]|\.\.|\\[lc]?dots(?![A-Za-z]))")
"""The beginning of i = 1, 2, …: the values of an index."""

NEW_PARAGRAPH: Final = re.compile(r"\n[ \t]*\n\s*\S*\w")


@dataclass(frozen=True)
class Restriction:
    """Where the formulas that follow hold, and the line that says so; ``used`` once one of them was found."""

    tree: Relation
    line: int
    used: bool = False


class Prose:
    """Goes through a document's formulas.

    Parameters
    ----------
    declarations : whose names of several letters are words, and whose letters that are declared are no indices
    passages : all of the document's, from which is known what is an index
    """

    def __init__(self, declarations: Declarations, passages: Sequence[Passage]) -> None:
        self.words = words_of(declarations)
        self.indices = index_letters(passages, self.words, declarations)
        self.lefts = Counter(left_sides(passages, self.words))
        self.condition: Restriction | None = None
        self.left: Expr | None = None

    def read(self, passages: Sequence[Passage]) -> list[Printed | Equation]:
        """The formulas of some passages, each with the conditions that are said in prose."""
        found: list[Printed | Equation] = []
        last: list[Printed | Equation] = []
        for passage in passages:
            condition = self.condition_in(passage)
            if self.condition is not None and self.is_over(self.condition, passage):
                self.condition = None
            if condition is None:
                last = list(self.formulas(passage))
                found += last
            elif is_behind(passage) and last and all(isinstance(f, Printed) and states(f.tree) for f in last):
                restricted = [self.restricted(f, condition) for f in last if isinstance(f, Printed)]
                found[len(found) - len(last) :] = restricted
                last = []
            else:
                self.condition = condition
                last = []
        return found

    def is_over(self, condition: Restriction, passage: Passage) -> bool:
        """Whether a condition holds no longer; one that is not of indices is at home in its paragraph."""
        if ENDING.search(passage.before):
            return True
        return condition.used and not self.is_of_indices(condition.tree) and bool(NEW_PARAGRAPH.search(passage.before))

    def condition_in(self, passage: Passage) -> Restriction | None:
        """The condition that a formula in prose is; None for any other formula."""
        match = LEADING.search(passage.before)
        if match is None or passage.display:
            return None
        word = match["word"].lower().split()[0]
        tree = relation_in(passage.text, self.words)
        if tree is None:
            return None
        general = word in CONDITIONAL and (word != "for" or not states(tree)) and not introduces(tree)
        if general or (word in ("for", "consider", *STATING) and self.is_of_indices(tree)):
            return Restriction(tree, passage.line)
        return None

    def is_of_indices(self, tree: Relation) -> bool:
        """Whether a relation is one of indices: i = j, k ≠ y_n."""
        assert tree.first is not None
        sides = [tree.first, *[side for _, side in tree.rest]]
        simple = all(isinstance(side, (Symbol, Number, Scripted)) for side in sides)
        return simple and any(isinstance(side, Symbol) and side.name in self.indices for side in sides)

    # -- formulas -----------------------------------------------------------------------------------------------------

    def formulas(self, passage: Passage) -> Iterator[Printed | Equation]:
        """The formulas of a passage; names alone left out."""
        if passage.problem:
            yield not_read(passage, NotRead(passage.problem, (0, len(passage.text))))
            return
        for part in parse_formulas(passage.text, self.words):
            if isinstance(part, NotRead):
                if STATES.search(passage.text) and (passage.display or not RANGE.match(passage.text)):
                    yield not_read(passage, part)
                continue
            if is_mention(part) or not (passage.display or says_something(part)):
                continue
            formula = Printed(
                part,
                passage.text,
                passage.line + passage.text.count("\n", 0, part.span[0]),
                passage.before,
                passage.cell,
                display=passage.display,
            )
            reason = self.why_unstated(part, passage)
            if reason:
                yield Equation(0, formula, *sides_of(part), kind="not a claim", reason=reason, span=part.span)
            elif self.condition is not None and states(part):
                self.condition = replace(self.condition, used=True)
                yield self.restricted(formula, self.condition)
            else:
                self.note_left(formula)
                yield formula

    def note_left(self, formula: Printed) -> None:
        """Keep the left side that formulas which begin with a sign of relation go on from."""
        inner = formula.tree.body if isinstance(formula.tree, Qualified) else formula.tree
        if formula.display and isinstance(inner, Relation) and inner.first is not None:
            self.left = inner.first

    def why_unstated(self, part: Expr, passage: Passage) -> str:
        """Why a formula in prose is not taken for something that is stated; empty where it is."""
        tree = unboxed(part)
        if passage.display or not isinstance(tree, Relation) or tree.first is None or not states(tree):
            return ""
        match = LEADING.search(passage.before)
        word = match["word"].lower().split()[0] if match is not None else ""
        if word == "unless" or (word in SUPPOSED and is_plain(tree)):
            return f"it stands behind {word!r}: assumed, not stated"
        if word in CONSTRAINING:
            return "a constraint: it holds for some values, and is not stated of all"
        once = introduces(tree) and self.lefts[plain(tree.first)] == 1 and not RANGE.match(passage.text)
        if word == "for" and not once:
            return "it says what something else is said for, and states nothing"
        if re.match(r"\s*only\b", passage.after):
            return "it is said under a condition in words"
        if self.is_of_indices(tree):
            return "a relation of indices; where it restricts what follows, write 'if' before it"
        if word not in STATING and is_value(tree):
            return "a value mentioned in prose; where it always holds, declare it"
        return ""

    def restricted(self, formula: Printed, condition: Restriction) -> Printed:
        """A formula that is stated under a condition; as it stands, where the condition is on nothing in it."""
        self.note_left(formula)
        inner = formula.tree.body if isinstance(formula.tree, Qualified) else formula.tree
        if not isinstance(inner, Relation):
            return formula
        left = inner.first if inner.first is not None else self.left
        said = f"only where {unicode_of(condition.tree)}, as line {condition.line} says"
        if self.is_of_indices(condition.tree) and left is not None:
            letters = [name for name in dict.fromkeys(names_in(condition.tree)) if name in self.indices]
            here = set(letters_in(left))
            missing = [name for name in letters if name not in here]
            used = {name for _, side in inner.rest for name in letters_in(side)}
            if missing and not used & set(missing):
                return formula
            if missing and (pair := equated(condition.tree)) is not None and len(missing) == 1:
                one = pair[0] if pair[1] == missing[0] else pair[1]
                rest = tuple([(sign, renamed(side, missing[0], one)) for sign, side in inner.rest])
                remark = f"with {one} for {missing[0]}, as line {condition.line} says"
                return with_tree(formula, replace(inner, rest=rest), (), remark)
        words = Words(("if", condition.tree), span=inner.span)
        return with_tree(formula, inner, (words,), said)


def with_tree(formula: Printed, inner: Relation, more: tuple[Expr, ...], remark: str) -> Printed:
    """A formula with another relation, further conditions and a remark."""
    conditions = (*(formula.tree.conditions if isinstance(formula.tree, Qualified) else ()), *more)
    tree = Qualified(inner, conditions, span=formula.tree.span) if conditions else inner
    return replace(formula, tree=tree, remarks=(*formula.remarks, remark))


def is_behind(passage: Passage) -> bool:
    """Whether a condition follows the formula that it is of: "a = b if i ≠ j", with nothing else between."""
    between = passage.before
    goes_on = re.match(r"[\s,]*(?::|we |then|it )", passage.after)
    return re.fullmatch(r"[\s,(]*[a-z]+(?:\s+(?:all|every|each|any))?\s*", between) is not None and (
        not re.search(r"\n[ \t]*\n", between) and not goes_on
    )


def not_read(passage: Passage, error: NotRead) -> Equation:
    """A statement for what could not be read."""
    line = passage.line + passage.text.count("\n", 0, error.span[0])
    formula = Printed(Symbol("?"), passage.text, line, passage.before, passage.cell, display=passage.display)
    return Equation(0, formula, kind="not read", reason=str(error), span=error.span, lost=error.lost)


def words_of(declarations: Declarations) -> set[str]:
    """The words of several letters that are one symbol."""
    declared = {symbol.name for symbol in declarations.symbols if symbol.name.isalpha() and len(symbol.name) > 1}
    return declarations.words | declared


def index_letters(passages: Sequence[Passage], words: Collection[str], declarations: Declarations) -> set[str]:
    """The letters that stand as indices in a document, and those that count; none that is declared to be otherwise."""
    trees = [part for p in passages if not p.problem for part in looked_at(p.text, frozenset(words))]
    found = {name for tree in trees if isinstance(tree, Expr) for name in letters_in(tree)}
    counters = {symbol.name for symbol in declarations.symbols if symbol.kind == "counter"}
    return (found | counters) - {symbol.name for symbol in declarations.symbols if symbol.kind != "counter"}


@lru_cache(maxsize=2048)
def looked_at(text: str, words: frozenset[str]) -> tuple[Expr | NotRead, ...]:
    """A passage's formulas, to look at: each part of a document asks all of its passages again."""
    return tuple(parse_formulas(text, words))


def left_sides(passages: Sequence[Passage], words: Collection[str]) -> Iterator[str]:
    """What stands on the left of a document's equations."""
    for passage in passages:
        for part in () if passage.problem else looked_at(passage.text, frozenset(words)):
            tree = unboxed(part.body if isinstance(part, Qualified) else part) if isinstance(part, Expr) else None
            if isinstance(tree, Relation) and tree.first is not None and states(tree):
                yield plain(tree.first)


def relation_in(text: str, words: Collection[str]) -> Relation | None:
    """The relation that a formula is, in a box or without one; None for anything else."""
    try:
        tree = unboxed(parse_latex(text, words))
    except NotRead:
        return None
    known = isinstance(tree, Relation) and all(sign in ("=", "≠", "<", ">", "≤", "≥", "∈") for sign, _ in tree.rest)
    return tree if known and isinstance(tree, Relation) and tree.first is not None else None


def unboxed(tree: Expr) -> Expr:
    """What stands in a box, or in braces that show nothing."""
    while isinstance(tree, Annotated) or (isinstance(tree, Brackets) and not tree.kind):
        tree = tree.body
    return tree


def sides_of(tree: Expr) -> tuple[Expr | None, Expr | None]:
    """The first and the last side of a relation."""
    inner = unboxed(tree.body if isinstance(tree, Qualified) else tree)
    return (inner.first, inner.rest[-1][1]) if isinstance(inner, Relation) else (None, None)


def states(tree: Expr) -> bool:
    """Whether a formula states an equality."""
    inner = tree.body if isinstance(tree, Qualified) else tree
    return isinstance(inner, Relation) and any(sign in ("=", ":=", "≡") for sign, _ in inner.rest)


def says_something(tree: Expr) -> bool:
    """Whether a formula within a sentence states an equality, or what shape something has."""
    inner = unboxed(tree.body if isinstance(tree, Qualified) else tree)
    return (isinstance(inner, Relation) and states(inner)) or bool(stated_shapes(inner) or stated_shapes(tree))


def introduces(tree: Relation) -> bool:
    """Whether "if y = x^2" says what y is, and not where something holds: y is no part of what it is said to be."""
    left, right = tree.first, tree.rest[-1][1]
    name, applied = left, False
    if isinstance(left, Product) and len(left.factors) == 2 and isinstance(left.factors[1][1], Brackets):
        name, applied = left.factors[0][1], True
    base = name.base if isinstance(name, Scripted) else name
    plain_right = isinstance(right, (Symbol, Scripted, Number)) and not applied
    return states(tree) and isinstance(base, Symbol) and not plain_right and base.name not in names_in(right)


def is_plain(tree: Relation) -> bool:
    """Whether all sides are symbols and numbers: a = b."""
    sides = [tree.first, *[side for _, side in tree.rest]]
    return all(isinstance(side, (Symbol, Scripted, Number)) for side in sides)


def is_value(tree: Relation) -> bool:
    """Whether a symbol is said to have a number as its value: t_k = 1."""
    return is_plain(tree) and any(isinstance(side, Number) for side in (tree.first, *[side for _, side in tree.rest]))


def is_mention(tree: Expr) -> bool:
    """Whether a formula only names something, or several things."""
    if isinstance(tree, Tuple):
        return all(isinstance(item, Dots) or is_mention(item) for item in tree.items)
    if isinstance(tree, Qualified):
        return not isinstance(tree.body, Relation) and is_mention(tree.body) and not stated_shapes(tree)
    return isinstance(tree, (Symbol, Number)) or (isinstance(tree, Scripted) and isinstance(tree.base, Symbol))


def names_in(tree: Expr) -> list[str]:
    """The names of the symbols in a tree."""
    return [plain(node) for node in walk(tree) if isinstance(node, Symbol)]


def equated(tree: Relation) -> tuple[str, str] | None:
    """The two letters that a relation says to be the same; None for anything else."""
    if tree.first is None or len(tree.rest) != 1 or tree.rest[0][0] != "=":
        return None
    sides = (tree.first, tree.rest[0][1])
    return (sides[0].name, sides[1].name) if isinstance(sides[0], Symbol) and isinstance(sides[1], Symbol) else None


def renamed(tree: Expr, old: str, new: str) -> Expr:
    """A tree with another letter in the place of one."""
    if isinstance(tree, Symbol):
        return replace(tree, name=new) if tree.name == old else tree
    return with_children(tree, lambda child: renamed(child, old, new))
