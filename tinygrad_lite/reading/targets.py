"""Left sides: what an equation would define, and whether its right side has that in it."""

from __future__ import annotations

from collections.abc import Sequence

from .equations import Equation
from .meaning.lookups import indices_above
from .spelling import letter
from .syntax import Brackets, Expr, Number, Product, Scripted, Symbol, Tuple, with_parents
from .vocabulary import Definition, Vocabulary

Target = tuple[str, Definition]
"""A symbol, and how it is defined, but for the right side."""


def target(vocabulary: Vocabulary, left: Expr) -> Target | None:
    """What a left side would define: a symbol with letters as indices, or a function of letters."""
    if isinstance(left, Scripted) and isinstance(left.base, (Product, Brackets)):
        component = letter(left.lower[0]) if len(left.lower) == 1 and not left.upper else None
        base = left.base.body if isinstance(left.base, Brackets) else left.base
        return None if component is None else of_function(vocabulary, base, component)
    if isinstance(left, (Symbol, Scripted)):
        return of_array(vocabulary, left)
    return of_function(vocabulary, left, None)


def of_function(vocabulary: Vocabulary, left: Expr, component: str | None) -> Target | None:
    """A function with its arguments' names; ``component`` is the index behind its brackets."""
    if not isinstance(left, Product) or len(left.factors) != 2:
        return None
    sign, brackets = left.factors[1]
    if sign or not isinstance(brackets, Brackets):
        return None
    found = vocabulary.spell(left.factors[0][1])
    items = brackets.body.items if isinstance(brackets.body, Tuple) else (brackets.body,)
    parameters = tuple([name for item in items if (name := parameter(vocabulary, item)) is not None])
    if found is None or found.primes or found.lower or found.upper or len(parameters) < len(items):
        return None
    return found.name, Definition(brackets.body, (), parameters, component)


def parameter(vocabulary: Vocabulary, item: Expr) -> str | None:
    """The name of a function's argument: a letter, i_epoch, or σ^2; None where it is no symbol alone."""
    found = vocabulary.spell(item)
    if found is not None and not found.lower and found.upper == (Number("2"),):
        return f"{found.name}^2"
    if found is None or found.lower or found.upper:
        return letter(item)
    return found.name


def of_array(vocabulary: Vocabulary, left: Symbol | Scripted) -> Target | None:
    """A symbol, or a member of a family, with letters as indices that are none of the page's labels."""
    found = vocabulary.spell(left)
    if found is None or found.primes:
        return None
    entity = vocabulary.entities.get(found.name)
    counter: Expr | None = None
    upper, lower = found.upper, found.lower
    above: list[Expr] = []
    below = counts(vocabulary, lower[0]) if entity is None and lower else entity is not None and entity.below
    if below and lower:
        counter, lower = lower[0], lower[1:]
    elif entity is not None and entity.counter and upper:
        counter, upper = upper[0], upper[1:]
    if entity is not None and entity.upper:
        above, upper = indices_above(entity, upper)
    scripts = [*[part.body if isinstance(part, Brackets) else part for part in above], *lower]
    letters = [name for script in scripts if (name := letter(script)) is not None]
    if upper or len(set(letters)) < len(scripts):
        return None
    if any(name in vocabulary.entities and vocabulary.entities[name].kind == "label" for name in letters):
        return None
    return found.name, Definition(left, tuple(letters), counter=counter)


def counts(vocabulary: Vocabulary, script: Expr) -> bool:
    """Whether a script is the letter of times or layers: of a_t = … a is one for each of them."""
    entity = vocabulary.entities.get(letter(script) or "")
    return entity is not None and entity.kind == "counter"


def line_of_definition(vocabulary: Vocabulary, left: Expr | None, statements: Sequence[Equation]) -> int | None:
    """The line of the page that defines what a left side is; None for one that is no symbol or function."""
    found = target(vocabulary, left) if left is not None else None
    entity = None if found is None else vocabulary.entities.get(found[0])
    numbers = [definition.number for definition in entity.definitions] if entity is not None else []
    lines = [statements[number].formula.line for number in numbers if number < len(statements)]
    return next((line for line in lines if line), None)


def mentions(vocabulary: Vocabulary, side: Expr, left: Expr) -> bool:
    """Whether a side has the left side in it, or an entry of what that is as a whole."""
    found = vocabulary.spell(left)
    whole = found.name if found is not None and not found.lower and not found.upper else None
    for node, parent in with_parents(side):
        if isinstance(parent, Scripted) and parent.base is node:
            continue
        symbol = vocabulary.spell(node)
        if node == left or (symbol is not None and symbol.name == whole):
            return True
    return False
