"""What formulas mean: trees to arrays with named axes.

One interpreter goes through a formula twice: without numbers, to find its indices, their lengths, and what is wrong with
them; and with numbers, or symbols, for its values. A derivative cuts the page's definitions at what it is by, and holds
everything that does not lie above it constant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from .axes import (
    DOWN,
    PLACES,
    RIGHT,
    AxesError,
    Dim,
    Value,
    counted,
    elementwise,
    filled,
    identity,
    number,
    ordered,
    reduced,
    renamed,
    transposed,
    union,
)
from .functions import BUILTIN, OF_MATRICES, absolute, inverse, norm, power
from .latex import NotRead
from .multiplying import multiply_by_type
from .names import bound_letters, is_tuple_in_brackets, letter, letters_in, plain
from .syntax import (
    Annotated,
    Apply,
    Big,
    Cases,
    Derivative,
    Differential,
    Dots,
    Expr,
    Fraction,
    Group,
    Matrix,
    Number,
    Product,
    Qualified,
    Relation,
    Root,
    Scripted,
    Sum,
    Symbol,
    Tuple,
    Words,
    walk,
)
from .vocabulary import Asked, Definition, Entity, IndexMistake, Vocabulary, is_transpose, whole

COMPARED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "=": np.equal,
    "≠": np.not_equal,
    "<": np.less,
    ">": np.greater,
    "≤": np.less_equal,
    "≥": np.greater_equal,
}

CONSTANTS: Final = {"π": np.pi, "e": np.e}


@dataclass(frozen=True)
class Letter:
    """An index: the axis it stands for, and its length."""

    axis: str
    dim: Dim


@dataclass(frozen=True)
class Scope:
    """What letters stand for at a place of a formula.

    Attributes
    ----------
    letters : indices; by letter
    parameters : of the function that is being applied, its arguments
    counters : superscripts that count, and their numbers
    path : where it is: the statement and the applications on the way, which keeps indices of one name apart
    """

    path: tuple[Any, ...]
    letters: Mapping[str, Letter] = field(default_factory=dict)
    parameters: Mapping[str, Value] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)
    left: frozenset[str] = frozenset()


Key = tuple[str, int | None]
"""A symbol, and which member of its family."""


@dataclass
class Interpreter:
    """The meaning of formulas, for one setting of the page's symbols.

    Attributes
    ----------
    vocabulary : the page's symbols
    arrays : the given ones' values; None to look at axes only
    lengths : of the axes, for the values
    instances : the functions taken for those that are declared "elementwise"
    cuts : symbols that stand for other values, as derivatives are taken
    """

    vocabulary: Vocabulary
    arrays: Mapping[Key, Any] | None = None
    lengths: Mapping[Dim, int] | None = None
    instances: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    cuts: Mapping[Key, Value] = field(default_factory=dict)
    found: dict[Key, Value] = field(default_factory=dict)
    open: tuple[Key, ...] = ()
    masked: int = 0

    # -- numbers ------------------------------------------------------------------------------------------------------

    def length(self, dim: Dim) -> int | None:
        """An axis's length; None where only axes are looked at."""
        if self.arrays is None:
            return None
        assert self.lengths is not None
        return dim.size if dim.size is not None else self.lengths[dim.root]

    def constant(self, x: float) -> Value:
        """A number."""
        return number(None if self.arrays is None else x)

    # -- going through a tree -----------------------------------------------------------------------------------------

    def value(self, node: Expr, scope: Scope) -> Value:
        """What a formula denotes."""
        try:
            return MEANINGS[type(node)](self, node, scope)
        except AxesError as error:
            raise IndexMistake(str(error), node.span) from None
        except KeyError as error:
            if error.args == (type(node),):
                raise NotRead(f"{type(node).__name__.lower()} has no value here", node.span) from None
            raise

    def of_number(self, node: Number, scope: Scope) -> Value:
        return self.constant(float(node.text) if not node.text.isdigit() else int(node.text))

    def of_group(self, node: Group, scope: Scope) -> Value:
        if node.kind == "|":
            return absolute(self.value(node.body, scope), node)
        if node.kind == "‖":
            return norm(self.value(node.body, scope), "", node)
        if isinstance(node.body, Relation):
            return self.condition(node.body, scope)
        if isinstance(node.body, Tuple) and node.kind == "[":
            return self.concatenated(node.body, scope)
        return self.value(node.body, scope)

    def of_annotated(self, node: Annotated, scope: Scope) -> Value:
        return self.value(node.body, scope)

    def of_fraction(self, node: Fraction, scope: Scope) -> Value:
        return self.divided(self.value(node.above, scope), self.value(node.below, scope), node)

    def divided(self, a: Value, b: Value, node: Expr) -> Value:
        """A quotient: by a number, or entry by entry of two columns."""
        if b.kind != "number" and (a.kind not in ("number", b.kind) or b.kind == "matrix"):
            raise NotRead(f"a {a.kind} is divided by a {b.kind}", node.span)
        return elementwise(np.true_divide, a, b)

    def of_root(self, node: Root, scope: Scope) -> Value:
        body = self.value(node.body, scope)
        if node.degree is None:
            return elementwise(np.sqrt, body)
        degree = self.value(node.degree, scope)
        return elementwise(lambda x, n: x ** (1 / n), body, degree)

    def of_sum(self, node: Sum, scope: Scope) -> Value:
        terms = self.in_scope_of_sums(list(node.terms), scope)
        total: Value | None = None
        for sign, term in terms:
            if sign == "±":
                raise NotRead("± is two formulas in one", node.span)
            if isinstance(term, Dots):
                raise NotRead("the terms left out at … are not known", term.span)
            found = self.value(term, scope)
            if sign == "−":
                found = elementwise(np.negative, found)
            if total is None:
                total = found
            else:
                if "number" not in (total.kind, found.kind) and total.kind != found.kind:
                    raise NotRead(f"a {total.kind} and a {found.kind} are added", node.span)
                total = elementwise(np.add, total, found)
        assert total is not None
        return total

    def in_scope_of_sums(self, terms: list[tuple[str, Expr]], scope: Scope) -> list[tuple[str, Expr]]:
        """Terms; one that uses the index of a sum before it, and nothing else gives that index a meaning, is in the sum."""
        for k, (sign, term) in enumerate(terms[:-1]):
            big = trailing_sum(term)
            later = terms[k + 1 :]
            if big is None or big.body is None:
                continue
            unbound = [name for name in bound_letters(big) if name not in scope.letters and name not in scope.left]
            used = [name for name in unbound if any(name in letters_in(t) for _, t in later)]
            if used:
                self.remark(f"the sum over {used[0]} is read to the end of its brackets: what follows has the index, too")
                last = max(j for j, (_, t) in enumerate(later) if used[0] in letters_in(t)) + 1
                if sign == "−":
                    raise NotRead(f"which terms the sum over {used[0]} takes in is not clear; write brackets", term.span)
                body = Sum((("+", big.body), *later[:last]))
                whole_sum = with_trailing_sum(term, replace(big, body=body))
                return self.in_scope_of_sums([*terms[:k], (sign, whole_sum), *later[last:]], scope)
        return terms

    def of_product(self, node: Product, scope: Scope) -> Value:
        factors = list(node.factors)
        total: Value | None = None
        divides = False
        k = 0
        while k < len(factors):
            sign, factor = factors[k]
            if isinstance(factor, Dots):
                raise NotRead("the factors left out at … are not known", factor.span)
            found, used = self.factor(factors, k, scope)
            k += used
            if total is None:
                total = found
                continue
            if divides and sign == "":
                raise NotRead("what / divides by can be read in two ways; write \\frac or brackets", node.span)
            divides = sign == "/"
            if divides:
                total = self.divided(total, found, node)
            else:
                total = multiply_by_type(total, found, sign, self.vocabulary.options.get("vectors"), node)
        assert total is not None
        if self.vocabulary.options.get("sums") == "einstein":
            total = self.einstein(total, node, scope)
        return total

    def einstein(self, total: Value, node: Product, scope: Scope) -> Value:
        """Summed over the indices that stand twice, and not on the left."""
        letters = list(letters_in(node))
        twice = [name for name in dict.fromkeys(letters) if letters.count(name) == 2 and name not in scope.left]
        axes = [name for name in twice if name in total.axes and name not in scope.letters]
        return reduced(np.sum, total, axes) if axes else total

    def factor(self, factors: list[tuple[str, Expr]], k: int, scope: Scope) -> tuple[Value, int]:
        """The factor at a place, with the brackets behind it where it is a function; and how many factors that takes."""
        node = factors[k][1]
        behind = factors[k + 1] if k + 1 < len(factors) else ("", None)
        if behind[0] == "" and isinstance(behind[1], Group) and behind[1].kind in ("(", "["):
            applied = self.applied(node, behind[1], scope)
            if applied is not None:
                return applied, 2
        return self.value(node, scope), 1

    # -- functions ----------------------------------------------------------------------------------------------------

    def applied(self, node: Expr, brackets: Group, scope: Scope) -> Value | None:
        """A function of what stands in brackets; None where it is no function but a factor."""
        if isinstance(node, (Number, Group)):
            if isinstance(node, Number) and node.text == "1" and isinstance(brackets.body, Relation):
                return self.indicator(brackets, scope)
            return None
        found = self.vocabulary.spell(node)
        if found is None:
            return None
        if isinstance(brackets.body, Relation):
            if found.name in ("1", "I", "𝟙", "𝕀", "𝟏"):
                return self.indicator(brackets, scope)
            raise NotRead(f"{found.name} of a condition", node.span)
        entity = self.vocabulary.entities.get(found.name)
        if found.name in scope.parameters or (found.name in scope.letters and not found.lower):
            return None
        items = brackets.body.items if isinstance(brackets.body, Tuple) else (brackets.body,)
        if entity is None and found.name in BUILTIN | OF_MATRICES:
            return self.powers(self.builtin(found.name, items, node, scope, found.primes), found.upper, node, scope)
        if entity is None:
            usage = self.vocabulary.usages.get(found.name)
            if usage is not None and (usage.most_indices or isinstance(brackets.body, Sum)):
                return None
            raise Asked(
                f"whether {found.name} is a function of {plain(brackets.body)} or a factor is not said",
                f"{found.name}: elementwise (or {found.name}: number)",
                node.span,
            )
        if entity.kind == "elementwise":
            if len(items) != 1:
                raise NotRead(f"{found.name} is a function of one argument, here it has {len(items)}", brackets.span)
            f = self.derived(lambda x: elementwise(self.instance(entity.name), x), found.primes)
            return self.powers(f(self.value(items[0], scope)), found.upper, node, scope)
        definition = next((d for d in entity.definitions if d.parameters), None)
        if definition is None:
            return None
        if len(definition.parameters) != len(items):
            raise NotRead(
                f"{found.name} was defined for {len(definition.parameters)} arguments, here it has {len(items)}", node.span
            )
        values = [self.value(item, scope) for item in items]
        where = (*scope.path, node.span, id(node))
        if found.primes and len(values) > 1:
            raise NotRead(f"{found.name}′ of several arguments: by which?", node.span)
        f = self.derived(lambda *xs: self.call(entity, definition, xs, where), found.primes)
        return self.powers(f(*values), found.upper, node, scope)

    def instance(self, name: str) -> Callable[[Any], Any]:
        """The function taken for one that is only said to be elementwise."""
        return self.instances.get(name, np.tanh)

    def call(self, entity: Entity, definition: Definition, values: tuple[Value, ...], where: tuple[Any, ...]) -> Value:
        """A function of the page, applied: its body, with the arguments in place of the parameters."""
        if len(where) > 60:
            raise NotRead(f"{entity.name} is defined by itself", definition.body.span)
        letters = {}
        if definition.component is not None:
            letters[definition.component] = Letter(DOWN, self.vocabulary.dim((*where, definition.component)))
        scope = Scope(where, letters, dict(zip(definition.parameters, values, strict=True)))
        return self.value(definition.body, scope)

    def derived(self, f: Callable[..., Value], primes: int) -> Callable[..., Value]:
        """f′ of an elementwise f: the gradient of the sum of all its values."""
        for _ in range(primes):
            f = self.derivative_of_elementwise(f)
        return f

    def derivative_of_elementwise(self, f: Callable[..., Value]) -> Callable[..., Value]:
        from ..engine.transforms import grad

        def slope(x: Value) -> Value:
            if x.data is None:
                return f(x)._replace(axes=x.axes)
            return x._replace(data=grad(lambda data: np.sum(f(x._replace(data=data)).data))(as_float(x.data)))

        return slope

    def of_apply(self, node: Apply, scope: Scope) -> Value:
        found = self.vocabulary.spell(node.function)
        if found is None:
            raise NotRead("this is no function", node.span)
        argument = node.argument
        if isinstance(argument, Group) and argument.kind in ("(", "[", "{"):
            argument = argument.body
        items = argument.items if isinstance(argument, Tuple) else (argument,)
        if found.name in self.vocabulary.functions:
            applied = self.applied(node.function, Group("(", argument, span=node.argument.span), scope)
            assert applied is not None
            return applied
        value = self.builtin(found.name, items, node, scope, found.primes)
        return self.powers(value, found.upper, node, scope)

    def builtin(self, name: str, items: tuple[Expr, ...], node: Expr, scope: Scope, primes: int = 0) -> Value:
        """A function that everybody knows."""
        name, _, base = name.partition("_")
        values = [self.value(item, scope) for item in items]
        if name in OF_MATRICES and len(values) == 1 and not primes:
            return OF_MATRICES[name](values[0], node)
        if name not in BUILTIN:
            raise NotRead(f"{name} is no function that is known here", node.span)
        function = BUILTIN[name]
        if base:
            if name != "log" or not base.isdigit():
                raise NotRead(f"{name} with the subscript {base}", node.span)
            return elementwise(lambda x: np.log(x) / np.log(int(base)), *values)
        if name in ("max", "min"):
            if len(values) < 2:
                raise NotRead(f"{name} of one thing: over what?", node.span)
            total = values[0]
            for other in values[1:]:
                total = elementwise(function, total, other)
            return total
        if len(values) != 1:
            raise NotRead(f"{name} is a function of one argument, here it has {len(values)}", node.span)
        return self.derived(lambda x: elementwise(function, x), primes)(values[0])

    def indicator(self, brackets: Group, scope: Scope) -> Value:
        """1 where a condition holds."""
        return elementwise(lambda c: np.where(c, 1.0, 0.0), self.condition(brackets.body, scope))

    # -- conditions ---------------------------------------------------------------------------------------------------

    def condition(self, node: Expr, scope: Scope) -> Value:
        """True and false."""
        if isinstance(node, Words):
            inner = [part for part in node.parts if isinstance(part, Expr)]
            if len(inner) == 1:
                return self.condition(inner[0], scope)
        if isinstance(node, Group):
            return self.condition(node.body, scope)
        if isinstance(node, Tuple):
            found = [self.condition(item, scope) for item in node.items]
            return elementwise(lambda *c: np.logical_and.reduce(np.broadcast_arrays(*c)), *found)
        if not isinstance(node, Relation) or node.first is None:
            raise NotRead("this is no condition that is understood", node.span)
        sides = [node.first, *[side for _, side in node.rest]]
        total: Value | None = None
        for k, (sign, _) in enumerate(node.rest):
            if sign == "∈":
                found = self.membership(sides[k], sides[k + 1], scope)
            elif sign in COMPARED:
                found = elementwise(COMPARED[sign], self.value(sides[k], scope), self.value(sides[k + 1], scope))
            else:
                raise NotRead(f"{sign} in a condition", node.span)
            total = found if total is None else elementwise(np.logical_and, total, found)
        assert total is not None
        return total

    def membership(self, item: Expr, of: Expr, scope: Scope) -> Value:
        """Whether indices are in a set, which is a mask."""
        items = item.body.items if is_tuple_in_brackets(item) else item.items if isinstance(item, Tuple) else (item,)
        found = self.vocabulary.spell(of)
        entity = self.vocabulary.entities.get(found.name) if found else None
        if entity is None or not entity.slots:
            raise Asked(f"which indices are in {plain(of)} is not said", f"{plain(of)}: mask n × m", of.span)
        value = self.indexed(entity, None, list(items), of, scope)
        return elementwise(lambda m: m != 0, value)

    def of_cases(self, node: Cases, scope: Scope) -> Value:
        total: Value = self.constant(np.nan)
        for body, condition in reversed(node.rows):
            found = self.value(body, scope)
            if condition is None or is_otherwise(condition):
                total = found
            else:
                total = elementwise(np.where, self.condition(condition, scope), found, total)
        return total

    # -- sums ---------------------------------------------------------------------------------------------------------

    def of_big(self, node: Big, scope: Scope) -> Value:
        if node.operator not in REDUCTIONS:
            raise NotRead(f"{node.operator} is not read", node.span)
        if node.body is None:
            raise NotRead(f"nothing stands behind {node.operator}", node.span)
        names, conditions, scope = self.bound(node, scope)
        operation, nothing = REDUCTIONS[node.operator]
        self.masked += bool(conditions)
        try:
            body = self.value(node.body, scope)
        finally:
            self.masked -= bool(conditions)
        for condition in conditions:
            if condition is not None:
                body = elementwise(lambda c, b: np.where(c, b, nothing), condition(), body)
        axes = [scope.letters[name].axis for name in names]
        lacking = {axis: scope.letters[name].dim for name, axis in zip(names, axes, strict=True) if axis not in body.axes}
        if lacking:
            ones = filled(1.0, lacking, [self.length(dim) for dim in lacking.values()])
            body = elementwise(np.multiply, body, ones)
        return reduced(operation, body, axes)

    def bound(self, node: Big, scope: Scope) -> tuple[list[str], list[Any], Scope]:
        """The letters that a sum runs over, the conditions on them, and the scope inside."""
        below = node.lower
        names = [name for name in bound_letters(node)]
        if isinstance(below, Relation) and below.rest and below.rest[0][0] in ("<", ">", "≤", "≥"):
            new = [name for name in names if name not in scope.letters and name not in scope.left]
            names = new or names[:1]
        entity = self.vocabulary.entities.get(names[0]) if len(names) == 1 else None
        if len(names) == 1 and entity is not None and entity.kind == "dimension" and not isinstance(below, Relation):
            names = [self.letter_of(names[0], node, scope)]
            extent: Expr | None = below
        else:
            extent = node.upper
        if not names:
            raise NotRead("what the sum runs over is not said", node.span)
        letters = dict(scope.letters)
        for name in names:
            key = (*scope.path, id(node), name)
            letters[name] = Letter(f"{name}#{id(node)}#{len(scope.path)}", self.vocabulary.dim(key))
        inside = replace(scope, letters=letters, parameters={k: v for k, v in scope.parameters.items() if k not in names})
        conditions: list[Any] = []
        first: Expr | None = None
        if isinstance(below, Relation):
            sign, side = below.rest[0]
            if sign == "=":
                first = side
            else:
                conditions.append(lambda: self.condition(below, inside))
        if len(names) == 1:
            conditions += self.ranged(inside.letters[names[0]], first, extent, scope, node)
        return names, conditions, inside

    def letter_of(self, name: str, node: Big, scope: Scope) -> str:
        """The index that a sum "over K" runs over: the only one inside that nothing else gives a meaning."""
        inside = dict.fromkeys(letters_in(node.body) if node.body is not None else [])
        free = [k for k in inside if k not in scope.letters and k not in scope.left]
        if len(free) != 1:
            raise NotRead(f"the index that runs over {name} is not clear: write it below the sum", node.span)
        self.remark(f"the sum over {name} is read as one over the index {free[0]}")
        return free[0]

    def ranged(self, index: Letter, first: Expr | None, last: Expr | None, scope: Scope, node: Big) -> list[Any]:
        """The ends of a sum: what they say of the axis's length, or the condition that they are."""
        conditions: list[Any] = []
        counter = Value({index.axis: index.dim})
        start = number_of(first)
        if last is not None and isinstance(last, Relation) and last.first is not None:  # K=2
            self.length_named(last.first).equate(Dim("", whole(last.rest[0][1], {})))
            last = last.first
        if start == 0 and last is None:
            index.dim.begins_with(0)
        size = self.size_in(last, start)
        if size is not None:
            if start in (0, 1):
                if start == 0 and not ends_before(last) and self.vocabulary.options.get("ranges") != "all":
                    raise IndexMistake(
                        f"the sum from 0 to {plain(last)} has one term more than the axis has entries: {plain(last)}"
                        " is its length",
                        node.span,
                    )
                if start == 0 and ends_before(last):
                    index.dim.begins_with(0)
                self.equate(index.dim, size, node)
                return conditions
            if start is not None or first is not None:
                self.equate(index.dim, size, node)
        elif last is not None:
            conditions.append(lambda: elementwise(np.less_equal, self.count(index, counter), self.value(last, scope)))
        if first is not None and start != index.dim.first and not (start == 0 and size is not None):
            conditions.append(lambda: elementwise(np.greater_equal, self.count(index, counter), self.value(first, scope)))
        return conditions

    def equate(self, dim: Dim, size: Dim, node: Big) -> None:
        """One length for an axis and for the end of a sum."""
        try:
            dim.equate(size)
        except AxesError as error:
            raise IndexMistake(str(error), node.span) from None

    def count(self, index: Letter, _: Value) -> Value:
        """The values that an index takes."""
        return counted(index.axis, index.dim, self.length(index.dim))

    def size_in(self, last: Expr | None, start: int | None) -> Dim | None:
        """The length that the end of a sum names; None where it is no length but a number or an index."""
        if last is None:
            return None
        inner = last
        if isinstance(last, Sum) and len(last.terms) == 2 and start == 0 and ends_before(last):
            inner = last.terms[0][1]
        if isinstance(inner, Number) and inner.text.isdigit() and inner is not last:
            return Dim("", int(inner.text))
        if isinstance(inner, Number) and inner.text.isdigit() and start == 1:
            return self.vocabulary.length(inner.text)
        if isinstance(inner, (Symbol, Scripted)):
            name = plain(inner)
            entity = self.vocabulary.entities.get(name)
            if entity is not None and entity.kind == "dimension":
                return self.vocabulary.length(name)
        return None

    def length_named(self, node: Expr) -> Dim:
        """The length of a name."""
        return self.vocabulary.length(plain(node))

    # -- symbols ------------------------------------------------------------------------------------------------------

    def of_symbol(self, node: Symbol | Scripted, scope: Scope) -> Value:
        if isinstance(node, Scripted) and not isinstance(node.base, Symbol):
            return self.scripted_group(node, scope)
        found = self.vocabulary.spell(node)
        assert found is not None
        name = found.name
        if name in scope.parameters:
            value = self.parameter(name, list(found.lower), node, scope)
            return self.powers(value, found.upper, node, scope)
        if name in scope.letters and not found.lower:
            index = scope.letters[name]
            return self.powers(self.count(index, Value({})), found.upper, node, scope)
        if name in scope.counters and not found.lower:
            return self.powers(self.constant(scope.counters[name]), found.upper, node, scope)
        entity = self.vocabulary.entities.get(name)
        if entity is None:
            special = self.special(node, found, scope)
            if special is not None:
                return special
            entity = self.vocabulary.infer(name, node.span)
        if entity.kind == "constant":
            return self.powers(self.constant(constant_number(entity)), found.upper, node, scope)
        if entity.kind == "dimension":
            dim = self.vocabulary.length(name)
            size = self.length(dim)
            return self.powers(self.constant(size) if size is not None else number(None), found.upper, node, scope)
        if entity.kind in ("function", "elementwise") and not entity.definitions:
            raise NotRead(f"{name} is a function, and here it stands without an argument", node.span)
        if entity.kind == "counter":
            raise NotRead(f"the {name} here has no value: it counts", node.span)
        count, rest = self.member(entity, found.upper, node, scope)
        above, rest = list(rest[: entity.upper]), rest[entity.upper :]
        indices = [inner.body if isinstance(inner, Group) else inner for inner in above] + list(found.lower)
        return self.powers(self.indexed(entity, count, indices, node, scope), rest, node, scope)

    def member(
        self, entity: Entity, upper: tuple[Expr, ...], node: Expr, scope: Scope
    ) -> tuple[int | None, tuple[Expr, ...]]:
        """Which member of a family is meant, and the superscripts that are left."""
        if not entity.counter:
            return None, upper
        if not upper:
            raise NotRead(f"which {entity.name} is meant: the superscript that counts is missing", node.span)
        first = upper[0]
        if isinstance(first, Product) and len(first.factors) == 2 and is_transpose(first.factors[1][1]):
            upper = (first.factors[0][1], first.factors[1][1], *upper[1:])
            first = upper[0]
        return self.counter_value(first, scope), upper[1:]

    def counter_value(self, node: Expr, scope: Scope) -> int:
        """A superscript that counts, as its number."""
        known = dict(scope.counters)
        for name, entity in self.vocabulary.entities.items():
            if entity.kind == "constant" and entity.value.isdigit():
                known.setdefault(name, int(entity.value))
        for entity in self.vocabulary.entities.values():
            if entity.kind == "counter" and not entity.value.isdigit():
                known.setdefault(entity.value, self.vocabulary.last(entity.name))
        try:
            return whole(node.body if isinstance(node, Group) else node, known)
        except AxesError as error:
            raise NotRead(f"the superscript: {error}", node.span) from None

    def special(self, node: Symbol | Scripted, found: Any, scope: Scope) -> Value | None:
        """Symbols with a meaning of their own, where the page gives them no other."""
        name = found.name
        if name == "δ" and len(found.lower) == 2 and not found.upper:
            one, other = [self.index_value(part, scope) for part in found.lower]
            if isinstance(one, Letter) and isinstance(other, Letter):
                one.dim.equate(other.dim)
                if one.axis == other.axis:
                    return self.constant(1.0)
                return identity(one.axis, other.axis, one.dim, self.length(one.dim))
            a, b = [self.counts(part) for part in (one, other)]
            return elementwise(lambda x, y: np.where(x == y, 1.0, 0.0), a, b)
        if name == "e" and found.upper and not found.lower:
            exponent = self.value(found.upper[0], scope)
            return self.powers(elementwise(np.exp, exponent), found.upper[1:], node, scope)
        if name in CONSTANTS and not found.lower:
            return self.powers(self.constant(CONSTANTS[name]), found.upper, node, scope)
        if name == "I" and not found.lower and not found.upper:
            dim = self.vocabulary.dim((*scope.path, id(node), "I"))
            return identity(DOWN, RIGHT, dim, self.length(dim))
        if name in ("1", "𝟏", "0") and found.bold and not found.lower:
            dim = self.vocabulary.dim((*scope.path, id(node), "1"))
            ones = filled(float(name != "0"), {DOWN: dim}, [self.length(dim)])
            return self.powers(ones, found.upper, node, scope)
        return None

    def parameter(self, name: str, indices: list[Expr], node: Expr, scope: Scope) -> Value:
        """A function's argument; with an index, its entry."""
        value = scope.parameters[name]
        if not indices:
            return value
        if value.kind != "column" or len(indices) != 1:
            raise NotRead(f"{plain(node)}: the argument {name} is a {value.kind}", node.span)
        return self.taken(value, [DOWN], indices, node, scope)

    def indexed(self, entity: Entity, count: int | None, indices: list[Expr], node: Expr, scope: Scope) -> Value:
        """A symbol's entries at indices; the slots that are left are places."""
        value, slots = self.whole(entity, count, node)
        if len(indices) > len(slots):
            has = f"{len(slots)} ind{'ex' if len(slots) == 1 else 'ices'}" if slots else "no index: it is a number"
            raise IndexMistake(f"{entity.name} has {has}, here it has {len(indices)}", node.span)
        left = slots[len(indices) :]
        if len(left) > 2:
            raise NotRead(f"{plain(node)} has {len(left)} indices left", node.span)
        if indices and entity.rank < len(left):
            pass
        places = dict(zip(left, PLACES[: len(left)], strict=True))
        if not indices and entity.qualities and "row" in entity.qualities:
            places = {left[0]: RIGHT}
        return renamed(self.taken(value, slots[: len(indices)], indices, node, scope), places)

    def whole(self, entity: Entity, count: int | None, node: Expr) -> tuple[Value, list[str]]:
        """A symbol as an array, and the names of its slots."""
        key = (entity.name, count)
        if key in self.cuts:
            value = self.cuts[key]
        elif key in self.found:
            value = self.found[key]
        else:
            definition, letters = self.definition(entity, count)
            if definition is not None:
                value = self.defined(entity, count, definition, letters, node)
            else:
                dims = self.vocabulary.slots_of(entity, count)
                data = None if self.arrays is None else self.arrays[key]
                value = Value({f"slot {k}": dim for k, dim in enumerate(dims)}, data, frozenset({entity.name}))
            self.found[key] = value
        return value, list(value.axes)

    def definition(self, entity: Entity, count: int | None) -> tuple[Definition | None, dict[str, int]]:
        """What defines a symbol, or a member of a family, and what its counter stands for there."""
        general: tuple[Definition | None, dict[str, int]] = (None, {})
        for definition in entity.definitions:
            if definition.parameters:
                continue
            if count is None or definition.counter is None:
                return definition, {}
            scope = Scope(())
            free = [n.name for n in walk(definition.counter) if isinstance(n, Symbol) and n.name == entity.counter]
            if not free:
                if self.counter_value(definition.counter, scope) == count:
                    return definition, {}
                continue
            last = self.vocabulary.last(entity.counter)
            for value in range(0, last + 2):
                here = replace(scope, counters={entity.counter: value})
                if self.counter_value(definition.counter, here) == count and 1 <= value <= last:
                    general = (definition, {entity.counter: value})
        return general

    def defined(
        self, entity: Entity, count: int | None, definition: Definition, counters: dict[str, int], node: Expr
    ) -> Value:
        """A defined symbol's array, with slots in place of the letters on the left."""
        key = (entity.name, count)
        if key in self.open:
            raise NotRead(f"{entity.name} is defined by itself", definition.body.span)
        path = ("definition", entity.name, count, definition.number)
        letters = {name: Letter(name, self.vocabulary.dim((*path, name))) for name in definition.letters}
        scope = Scope(path, letters, {}, counters, frozenset(definition.letters))
        inner = replace(self, open=(*self.open, key))
        value = inner.value(definition.body, scope)
        extra = [name for name in value.indices if name not in letters]
        if extra:
            raise IndexMistake(f"the index {bare(extra[0])} is on the right of {entity.name}'s definition, not on the left", definition.body.span)
        lacking = {name: letter.dim for name, letter in letters.items() if name not in value.axes}
        if lacking:
            ones = filled(1.0, lacking, [self.length(dim) for dim in lacking.values()])
            value = elementwise(np.multiply, value, ones)
        order = [*definition.letters, *[place for place in PLACES if place in value.axes]]
        if value.kind == "row":
            raise NotRead(f"{entity.name} is defined as a row; write it as a column, transposed", definition.body.span)
        axes = {f"slot {k}": value.axes[name] for k, name in enumerate(order)}
        data = None if value.data is None else ordered(value, order)
        return Value(axes, data, value.uses | {entity.name})

    def taken(self, value: Value, slots: list[str], indices: list[Expr], node: Expr, scope: Scope) -> Value:
        """The entries of slots at indices."""
        if not indices:
            return value
        found = [self.index_value(index, scope) for index in indices]
        letters = [index for index in found if isinstance(index, Letter)]
        if len(letters) == len(found):
            for slot, index in zip(slots, letters, strict=True):
                try:
                    index.dim.equate(value.axes[slot])
                except AxesError as error:
                    raise IndexMistake(f"{plain(node)}: {error}", node.span) from None
            return renamed(value, {slot: index.axis for slot, index in zip(slots, letters, strict=True)})
        return self.gathered(value, slots, found, node)

    def gathered(self, value: Value, slots: list[str], found: list[Any], node: Expr) -> Value:
        """Entries at computed places: a label as index, a number, i + 1."""
        dims = [value.axes[slot] for slot in slots]
        for index, dim in zip(found, dims, strict=True):
            if isinstance(index, Letter):
                index.dim.equate(dim)
            elif isinstance(index, tuple):
                index[1].equate(dim)
        counts = [self.counts(index) for index in found]
        axes = union(counts)
        rest = {name: dim for name, dim in value.axes.items() if name not in slots}
        uses = value.uses.union(*[count.uses for count in counts])
        if value.data is None or any(count.data is None for count in counts):
            return Value({**axes, **rest}, None, uses)
        places = []
        for count, dim in zip(counts, dims, strict=True):
            place = np.asarray(ordered(count, list(axes)) - dim.first)
            size = self.length(dim) or 0
            if np.any((place < 0) | (place >= size)):
                if not self.masked:
                    raise IndexMistake(f"{plain(node)}: an index runs out of an axis of length {dim}", node.span)
                place = np.clip(place, 0, size - 1)
            places.append(place.astype(int))
        data = value.data
        own = list(value.axes)
        data = np.transpose(data, [own.index(s) for s in slots] + [own.index(name) for name in rest])
        return Value({**axes, **rest}, data[tuple(places)], uses)

    def index_value(self, node: Expr, scope: Scope) -> Any:
        """An index: a letter; a label with its classes; or whole numbers."""
        name = letter(node)
        if isinstance(node, Group) and not node.kind:
            return self.index_value(node.body, scope)
        if name is not None and name in scope.letters:
            return scope.letters[name]
        entity = self.label_entity(node)
        if entity is not None and entity.kind == "label":
            return self.value(node, scope), entity.classes
        if entity is not None and entity.kind in ("dimension", "constant"):
            return self.value(node, scope)
        if name is not None:
            return Letter(name, self.vocabulary.dim((*scope.path, name)))
        if isinstance(node, Scripted) and isinstance(node.base, Symbol):
            raise Asked(
                f"{plain(node)} is an index here", f"{plain(node.base)}: labels N in K", node.span
            )
        return self.value(node, self.with_letters(node, scope))

    def with_letters(self, node: Expr, scope: Scope) -> Scope:
        """A scope in which the letters of an index such as i + a are indices."""
        letters = dict(scope.letters)
        for part in walk(node):
            name = letter(part)
            if name is not None and name not in letters and name not in self.vocabulary.entities:
                letters[name] = Letter(name, self.vocabulary.dim((*scope.path, name)))
        return replace(scope, letters=letters)

    def label_entity(self, node: Expr) -> Entity | None:
        """The label, or length, that an index is."""
        found = self.vocabulary.spell(node)
        return None if found is None else self.vocabulary.entities.get(found.name)

    def counts(self, index: Any) -> Value:
        """The numbers that an index takes."""
        if isinstance(index, Letter):
            return counted(index.axis, index.dim, self.length(index.dim))
        return index[0] if isinstance(index, tuple) and not isinstance(index, Value) else index

    # -- scripts on other things --------------------------------------------------------------------------------------

    def scripted_group(self, node: Scripted, scope: Scope) -> Value:
        """(W Zᵀ)_{dn}, σ(z)_i, ‖x‖₂², (1 − a)²."""
        base = node.base
        lower = list(node.lower)
        if isinstance(base, Group) and base.kind == "‖":
            value = norm(self.value(base.body, scope), "".join(map(plain, lower)), node)
            return self.powers(value, node.upper, node, scope)
        if isinstance(base, Number):
            if lower:
                raise NotRead(f"{plain(node)}: a number with an index", node.span)
            return self.powers(self.value(base, scope), node.upper, node, scope)
        value = self.value(base, scope)
        if lower:
            places = [place for place in PLACES if place in value.axes]
            if len(lower) > len(places):
                raise IndexMistake(f"{plain(base)} is a {value.kind}, here it has {len(lower)} indices", node.span)
            value = self.taken(value, places[: len(lower)], lower, node, scope)
            if RIGHT in value.axes:  # a row of a matrix, as a column
                value = renamed(value, {RIGHT: DOWN})
        return self.powers(value, node.upper, node, scope)

    def powers(self, value: Value, upper: tuple[Expr, ...], node: Expr, scope: Scope) -> Value:
        """What stands above: powers, T, −1, −T."""
        for part in upper:
            if isinstance(part, Group) and not part.kind:
                part = part.body
            if is_transpose(part) and not (value.kind == "number" and self.is_number(part)):
                if isinstance(part, Sum):
                    value = inverse(value, node)
                    inner = part.terms[0][1]
                    value = value if isinstance(inner, Number) else transposed(value)
                else:
                    value = transposed(value)
            else:
                value = power(value, self.value(part, scope), part, node)
        return value

    def is_number(self, part: Expr) -> bool:
        """Whether a T is a number of the page."""
        return not isinstance(part, Sum) and plain(part) in self.vocabulary.entities or isinstance(part, Sum)

    def concatenated(self, node: Tuple, scope: Scope) -> Value:
        """[a, b]: columns one below the other."""
        values = [self.value(item, scope) for item in node.items]
        if any(value.kind != "column" for value in values):
            raise NotRead("[a, b] puts columns one below the other; these are not columns", node.span)
        key = "+".join([str(value.axes[DOWN]) for value in values])
        dim = self.vocabulary.dim(("joined", *[id(value.axes[DOWN].root) for value in values], key))
        others = union([value._replace(axes={k: d for k, d in value.axes.items() if k != DOWN}) for value in values])
        axes = {**others, DOWN: dim}
        uses = frozenset().union(*[value.uses for value in values])
        self.vocabulary.joined[dim.root] = [value.axes[DOWN] for value in values]
        if any(value.data is None for value in values):
            return Value(axes, None, uses)
        parts = []
        for value in values:
            shape = [self.length(d) or 0 for d in others.values()] + [self.length(value.axes[DOWN]) or 0]
            parts.append(np.broadcast_to(ordered(value, list(axes)), shape))
        return Value(axes, np.concatenate(parts, axis=-1), uses)

    def of_matrix(self, node: Matrix, scope: Scope) -> Value:
        """Entries written out."""
        rows = [[self.value(entry, scope) for entry in row] for row in node.rows]
        if any(isinstance(entry, Dots) for row in node.rows for entry in row):
            raise NotRead("the entries left out at … are not known", node.span)
        if len({len(row) for row in rows}) != 1 or any(value.axes for row in rows for value in row):
            raise NotRead("a matrix whose entries are not numbers in rows of one length", node.span)
        dims = (self.vocabulary.length(str(len(rows))), self.vocabulary.length(str(len(rows[0]))))
        uses = frozenset().union(*[value.uses for row in rows for value in row])
        if any(value.data is None for row in rows for value in row):
            return Value(dict(zip(PLACES, dims, strict=True)) if len(rows[0]) > 1 else {DOWN: dims[0]}, None, uses)
        data = np.stack([np.stack([value.data for value in row]) for row in rows])
        if len(rows[0]) == 1:
            return Value({DOWN: dims[0]}, data[:, 0], uses)
        return Value(dict(zip(PLACES, dims, strict=True)), data, uses)

    def of_tuple(self, node: Tuple, scope: Scope) -> Value:
        raise NotRead("several things with commas between, where one is expected", node.span)

    def of_words(self, node: Words, scope: Scope) -> Value:
        raise NotRead("text where a formula is expected", node.span)

    def of_relation(self, node: Relation, scope: Scope) -> Value:
        raise NotRead("a relation where a value is expected", node.span)

    def of_differential(self, node: Differential, scope: Scope) -> Value:
        raise NotRead("a differential outside of a quotient: write the derivative as a quotient", node.span)

    def of_derivative(self, node: Derivative, scope: Scope) -> Value:
        from .partials import derivative

        return derivative(self, node, scope)

    def remark(self, text: str) -> None:
        """Say something of how the page is read, once."""
        if text not in self.vocabulary.remarks:
            self.vocabulary.remarks.append(text)


REDUCTIONS: Final[Mapping[str, tuple[Callable[..., Any], float]]] = {
    "∑": (np.sum, 0.0),
    "∏": (np.prod, 1.0),
    "max": (np.max, -np.inf),
    "min": (np.min, np.inf),
    "𝔼": (np.mean, 0.0),
}
"""Big operators, and what they make of an entry that is left out."""

MEANINGS: Final[dict[type[Expr], Callable[..., Value]]] = {
    Number: Interpreter.of_number,
    Symbol: Interpreter.of_symbol,
    Scripted: Interpreter.of_symbol,
    Group: Interpreter.of_group,
    Annotated: Interpreter.of_annotated,
    Fraction: Interpreter.of_fraction,
    Root: Interpreter.of_root,
    Sum: Interpreter.of_sum,
    Product: Interpreter.of_product,
    Apply: Interpreter.of_apply,
    Cases: Interpreter.of_cases,
    Big: Interpreter.of_big,
    Tuple: Interpreter.of_tuple,
    Words: Interpreter.of_words,
    Relation: Interpreter.of_relation,
    Matrix: Interpreter.of_matrix,
    Differential: Interpreter.of_differential,
    Derivative: Interpreter.of_derivative,
}


def trailing_sum(term: Expr) -> Big | None:
    """The sum that a term ends with, which takes in what follows it."""
    if isinstance(term, Big) and term.operator == "∑":
        return term
    if isinstance(term, Product):
        return trailing_sum(term.factors[-1][1])
    return None


def with_trailing_sum(term: Expr, big: Big) -> Expr:
    """The term with another sum at its end."""
    if isinstance(term, Product):
        sign, last = term.factors[-1]
        return replace(term, factors=(*term.factors[:-1], (sign, with_trailing_sum(last, big))))
    return big


def number_of(node: Expr | None) -> int | None:
    """A whole number as printed."""
    return int(node.text) if isinstance(node, Number) and node.text.isdigit() else None


def ends_before(last: Expr | None) -> bool:
    """n − 1."""
    return (
        isinstance(last, Sum)
        and len(last.terms) == 2
        and last.terms[1][0] == "−"
        and number_of(last.terms[1][1]) == 1
    )


def is_otherwise(node: Expr) -> bool:
    """A condition that holds where the others do not."""
    said = "".join([part for part in node.parts if isinstance(part, str)]).strip() if isinstance(node, Words) else ""
    return said.rstrip(".").lower() in ("otherwise", "else", "sonst", "otherwise,")


def bare(axis: str) -> str:
    """An axis's letter."""
    return axis.partition("#")[0]


def constant_number(entity: Entity) -> float:
    """A constant's number."""
    try:
        return int(entity.value) if entity.value.isdigit() else float(entity.value)
    except ValueError:
        raise NotRead(f"{entity.name} = {entity.value!r} is no number") from None


def as_float(x: Any) -> Any:
    """Numbers that can be differentiated by."""
    return x if not isinstance(x, (int, np.integer)) else float(x)
