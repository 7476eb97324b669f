"""What a page says, equation by equation, and under which conditions: before anything is known of its symbols."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .axes import Dim
from .declarations import Declared
from .latex import NotRead, parse_formulas
from .spelling import bound_letters, plain
from .syntax import (
    Big,
    Brackets,
    Dots,
    Expr,
    Number,
    Partial,
    Product,
    Qualified,
    Relation,
    Scripted,
    Span,
    Sum,
    Symbol,
    Tuple,
    Words,
    walk,
)
from .vocabulary import Asked, Definition, Entity, Vocabulary


@dataclass(frozen=True)
class Printed:
    """A formula of a page.

    Attributes
    ----------
    tree, text : it, and the text that it stands in
    line, cell : where; on line 0 it is known from elsewhere, and not stated here
    before : the prose before it
    remarks : how it was read
    display : whether it is set apart; what goes on from another formula goes on from one that is
    """

    tree: Expr
    text: str
    line: int = 1
    before: str = ""
    cell: int = 0
    remarks: tuple[str, ...] = ()
    display: bool = True


@dataclass
class Equation:
    """Something that a page says: two sides that are to be equal.

    Attributes
    ----------
    number : in the order of the page
    left, sign, right : the sides, and the sign between them
    kind : "definition", "claim", "not a claim" or "not read"
    formula : that it stands in
    conditions : under which it is said
    reason : why it is not read, or no claim
    mistake : what is wrong with its indices, if something is
    remarks : how it was read
    lost : whether a left side was not read, so that what goes on from it is not either
    """

    number: int
    formula: Printed
    left: Expr | None = None
    right: Expr | None = None
    kind: str = "claim"
    conditions: tuple[Expr, ...] = ()
    reason: str = ""
    span: Span = (0, 0)
    mistake: str = ""
    remarks: list[str] = field(default_factory=list)
    axes: Mapping[str, Dim] = field(default_factory=dict)
    vectors: str | None = None
    counters: tuple[str, ...] = ()
    lost: bool = False
    sign: str = "="


def stated_shapes(tree: Expr, indices: Collection[str] = ()) -> list[Declared]:
    r"""What x ∈ ℝⁿ and W ∈ ℝ^{m × n} say of symbols; nothing of anything else.

    Of x_1, …, x_N ∈ ℝⁿ, and of x_i ∈ ℝⁿ where the page has i among its ``indices``, each x_i is a vector.
    """
    items = named_in(tree)
    last = items[-1]
    if not isinstance(last, Relation) or last.first is None or [sign for sign, _ in last.rest] != ["∈"]:
        return []
    space = last.rest[0][1]
    base = space.base if isinstance(space, Scripted) else space
    if not (isinstance(base, Symbol) and base.name == "R" and base.style == "blackboard"):
        return []
    upper = space.upper if isinstance(space, Scripted) else ()
    factors = [f for part in upper for f in ([f for _, f in part.factors] if isinstance(part, Product) else [part])]
    kind = {0: "number", 1: "vector", 2: "matrix"}.get(len(factors), "array")
    names = [*items[:-1], last.first]
    dims = tuple([plain(factor) for factor in factors])
    if (run := run_of(names)) is not None:
        return [Declared(f"{run[0]}_i", kind, dims, (("i", run[1]),))]
    if not all(isinstance(name, (Symbol, Scripted)) for name in names):
        return []
    return [Declared(plain(name), kind, dims, ranged_over(name, indices)) for name in names]


def named_in(tree: Expr) -> tuple[Expr, ...]:
    """What stands between commas, where the last is what all are said to be in: of W, b ∈ ℝⁿ both."""
    if isinstance(tree, Tuple):
        return tree.items
    if isinstance(tree, Qualified):
        return (tree.body,) if isinstance(tree.body, Relation) else (tree.body, *tree.conditions)
    return (tree,)


def run_of(names: Sequence[Expr]) -> tuple[str, str] | None:
    """The letter of x_1, …, x_N, and the last number; None for other names."""
    if len(names) < 3 or not isinstance(names[-2], Dots):
        return None
    ends = [name for name in (names[0], names[-1]) if isinstance(name, Scripted) and len(name.lower) == 1]
    if len(ends) < 2 or ends[0].base != ends[1].base or ends[0].upper or ends[1].upper:
        return None
    return plain(ends[0].base), plain(ends[1].lower[0])


def ranged_over(name: Expr, indices: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The index of a symbol that is one for each of its values, with no length; none for another subscript."""
    lower = name.lower if isinstance(name, Scripted) else ()
    return tuple([(plain(part), "") for part in lower if isinstance(part, Symbol) and part.name in indices])


def is_assumption(condition: Expr) -> bool:
    """Whether a condition is an equality of data, as Σ t = 1, not of indices: it is assumed, and restricts none."""
    if isinstance(condition, Words):
        return condition.formula is not None and is_assumption(condition.formula)
    if not isinstance(condition, Relation) or condition.first is None:
        return False
    sides = [condition.first, *[side for _, side in condition.rest]]
    return condition.rest[0][0] == "=" and any(not isinstance(side, (Symbol, Number)) for side in sides)


def restricts(condition: Expr) -> bool:
    """Whether a condition leaves entries out: "for all i" and "x in Rⁿ" do not."""
    if isinstance(condition, Words):
        return any(restricts(part) for part in condition.parts if isinstance(part, Expr))
    if isinstance(condition, Tuple):
        return any(restricts(part) for part in condition.items)
    if isinstance(condition, Brackets):
        return restricts(condition.body)
    return isinstance(condition, Relation) and not is_of_numbers(condition.rest[0])


def is_of_numbers(part: tuple[str, Expr]) -> bool:
    r"""Whether something is said to be in ℝ, \mathcal{X} or {1, …, N}, which says what it is, not where."""
    sign, side = part
    base = side.base if isinstance(side, Scripted) else side
    return sign == "∈" and (
        (isinstance(base, Symbol) and base.style == "blackboard")
        or (isinstance(base, Brackets) and base.kind in ("{", "[", "("))
    )


def must_be_letters(statement: Equation, vocabulary: Vocabulary) -> None:
    """Raise Asked for an index such as t + 1 on the left, where nothing says that t counts, and no sum runs over it."""
    if statement.left is None:
        return
    summed = {name for node in walk(statement.left) if isinstance(node, Big) for name in bound_letters(node)}
    for node in walk(statement.left):
        for script in node.lower if isinstance(node, Scripted) else ():
            letters = (
                [part.name for part in walk(script) if isinstance(part, Symbol)] if isinstance(script, Sum) else []
            )
            free = [name for name in letters if name not in vocabulary.entities and name not in summed]
            if free:
                why = f"the index {plain(script)} stands on the left, and what {free[0]} counts is not said"
                raise Asked(why, f"{free[0]}: time 1…3", script.span)


def is_data(entity: Entity) -> bool:
    """Whether something is said of a symbol's numbers: then they are given, and an equation of it defines nothing."""
    return entity.kind == "given" and any(quality != "row" for quality in entity.qualities)


def mentions_letter(node: Expr, name: str) -> bool:
    """Whether a letter stands anywhere in it."""
    return any(isinstance(part, Symbol) and part.name == name for part in walk(node))


def is_number_by_style(left: Expr | None, used: Collection[str]) -> bool:
    """Whether a left side is set as numbers are: a script letter, or a word, but for dW of a W that is ``used``."""
    base = left.base if isinstance(left, Scripted) else left
    if isinstance(base, Symbol) and base.name[:1] == "d" and base.name[1:] in used:
        return False
    return isinstance(base, Symbol) and base.style in ("script", "word")


def is_hessian(left: Expr | None, kind: str) -> bool:
    """Whether a left side is ∇² of something, and a matrix."""
    return isinstance(left, Partial) and left.sign == "∇" and bool(left.upper) and kind == "matrix"


def is_set_to_zero(statement: Equation, before: Sequence[Equation]) -> bool:
    """Whether a derivative that was something else ``before`` is said to be 0: where that is so, it is stationary."""
    left = statement.left
    if not isinstance(left, Partial) or statement.right != Number("0"):
        return False
    return any(other.left == left and other.right != Number("0") for other in before)


def same_left(one: Definition, other: Definition, counter: str) -> bool:
    """Whether two definitions are of the same thing: the same member of a family, or both of every member."""
    if bool(one.parameters) != bool(other.parameters):
        return False
    if one.counter is None or other.counter is None:
        return one.counter is None and other.counter is None
    general = all(mentions_letter(definition.counter, counter) for definition in (one, other) if definition.counter)
    return general or plain(one.counter) == plain(other.counter)


def assumptions_of(statement: Equation) -> list[Expr]:
    """What a statement assumes of data."""
    assumed = [c for c in statement.conditions if restricts(c) and is_assumption(c)]
    inner = [condition.formula if isinstance(condition, Words) else condition for condition in assumed]
    return [formula for formula in inner if formula is not None]


def copied(formula: Printed | Equation) -> Printed | Equation:
    """A formula for another page; one that is not read, as a statement of its own."""
    return replace(formula, remarks=list(formula.remarks)) if isinstance(formula, Equation) else formula


def with_trees(formulas: Sequence[Printed | Equation], trees: Sequence[Expr]) -> list[Printed | Equation]:
    """Formulas with other trees, one for each that was read."""
    left = list(trees)
    return [replace(formula, tree=left.pop(0)) if isinstance(formula, Printed) else formula for formula in formulas]


def formulas_of(text: str, words: Collection[str], line: int = 1, before: str = "") -> list[Printed | Equation]:
    """The formulas in a text that is one, or an environment of several; what is none as an equation that says so."""
    found: list[Printed | Equation] = []
    for part in parse_formulas(text, names=words):
        if isinstance(part, NotRead):
            nothing = Printed(Symbol("?"), text, line, before)
            found.append(Equation(0, nothing, kind="not read", reason=str(part), span=part.span, lost=part.lost))
        else:
            found.append(Printed(part, text, line, before))
    return found
