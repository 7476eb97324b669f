"""A page of formulas: its definitions, its claims, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import numpy as np

from .attempts import must_have_a_value
from .axes import TRAILS, AxesError, Dim, Value, elementwise, ordered, transposed
from .declarations import DeclarationError, Declarations
from .dots import without_dots
from .equations import (
    Equation,
    Printed,
    copied,
    is_assumption,
    is_data,
    is_hessian,
    is_number_by_style,
    mentions_letter,
    must_be_letters,
    restricts,
    same_left,
    stated_shapes,
    with_trees,
)
from .latex import NotRead, parse_latex
from .meaning import Interpreter, Scope
from .meaning.lookups import bare, counter_value, definition_of
from .meaning.truths import is_otherwise, truth_of
from .multiplying import TwoReadings
from .notations import forms_of, with_commas, with_indices, with_number_pi
from .roots import take_roots, take_squares
from .sayings import indices_in, is_name, is_name_of, is_of_a_length, why_unstated
from .single import of_numbers
from .spelling import bound_letters, letters_in, letters_in_limits, names_in_scripts, partner, plain
from .syntax import (
    Big,
    Expr,
    Number,
    Product,
    Qualified,
    Relation,
    walk,
)
from .targets import mentions, target
from .usage import lengths_with_indices, numbered_names
from .vocabulary import (
    Asked,
    Definition,
    DefinitionMistake,
    Entity,
    IndexMistake,
    NoMember,
    Vocabulary,
)


class Paper:
    """Formulas with their meaning.

    Attributes
    ----------
    declarations : what is said of its symbols
    statements : all of them, in order
    vocabulary : the symbols
    """

    def __init__(self, formulas: Iterable[Printed | Equation], declarations: Declarations) -> None:
        self.declarations = declarations
        self.formulas = list(formulas)
        self.forms, symbols = forms_of(declarations.symbols, declarations.words)
        given = [replace(f, tree=self.prepared(f.tree)) if isinstance(f, Printed) else f for f in self.formulas]
        printed = [f.tree for f in given if isinstance(f, Printed)]
        summed = {name for tree in printed for n in walk(tree) if isinstance(n, Big) for name in bound_letters(n)}
        stated = [declared for tree in printed for declared in stated_shapes(tree, summed)]
        self.vocabulary = Vocabulary(replace(declarations, symbols=[*stated, *symbols]))
        self.statements: list[Equation] = []
        words = self.vocabulary.words
        first = [Printed(self.prepared(parse_latex(text, words)), text, 0) for text in declarations.definitions]
        self.previous: Expr | None = None
        self.used: set[str] = set()
        self.used_before: set[str] = set()
        trees = with_number_pi([f.tree for f in (*first, *given) if isinstance(f, Printed)])
        everything = with_trees([*first, *given], trees)
        self.letters = {name for tree in trees for name in indices_in(tree)}
        for name in numbered_names(trees, self.vocabulary.entities):
            self.vocabulary.entities[name] = Entity(name, "defined", how="defined on the page")
        take_squares(self.vocabulary, trees)
        self.vocabulary.namesakes.with_indices |= lengths_with_indices(trees, self.vocabulary.entities)
        for k, formula in enumerate(everything):
            if isinstance(formula, Equation):
                formula.number = len(self.statements)
                self.statements.append(formula)
                self.previous = None if formula.lost else self.previous
            else:
                self.take(formula)
            if k < len(first) and self.statements[-1].kind == "claim":
                said = "another definition says what it is, put this one first"
                raise DeclarationError(f"define: {declarations.definitions[k]}: {said}")
        take_roots(self.vocabulary)
        self.vocabulary.observe(trees)
        self.assumptions = [self.prepared(parse_latex(text, words)) for text in declarations.assumptions]
        for kind in ("definition", "claim"):  # what definitions reach is given, and claims are of nothing else
            for statement in self.statements:
                if statement.kind == kind:
                    self.look_at(statement)

    def prepared(self, tree: Expr) -> Expr:
        """A tree with sums in place of dots, and with indices that stand in brackets where indices stand."""
        return with_indices(without_dots(with_commas(tree)), self.forms)

    def of_numbers(self) -> Paper:
        """The page as it reads where everything in it is a number."""
        return Paper([copied(f) for f in self.formulas], of_numbers(self.declarations))

    # -- statements ---------------------------------------------------------------------------------------------------

    def take(self, formula: Printed) -> None:
        """Take a formula apart into its statements."""
        tree = formula.tree
        conditions: tuple[Expr, ...] = ()
        if isinstance(tree, Qualified):
            conditions = tree.conditions
            tree = tree.body
        if not isinstance(tree, Relation):
            last = conditions[-1] if conditions and stated_shapes(formula.tree) else None
            if isinstance(last, Relation):  # W, b ∈ ℝⁿ
                self.add(Equation(0, formula, last.first, last.rest[0][1], kind="declares", sign="∈"))
            else:
                self.add(Equation(0, formula, kind="not a claim", reason="it states no equality"))
            return
        first = tree.first if tree.first is not None else self.previous
        if first is None:
            self.add(Equation(0, formula, kind="not read", reason="nothing stands before the sign of equality"))
            return
        partial = any(restricts(condition) and not is_assumption(condition) for condition in conditions)
        for k, (sign, side) in enumerate(tree.rest):
            self.name_in_between(tree, k)
            statement = Equation(0, formula, first, side, conditions=conditions, span=side.span, sign=sign)
            statement.remarks += formula.remarks
            if unstated := why_unstated(first, side, self.vocabulary, self.letters, self.used):
                statement.kind, statement.reason = unstated
            elif sign == "∈" and stated_shapes(tree):
                statement.kind, statement.reason = "declares", ""
            elif sign not in ("=", ":=", "≡"):
                statement.kind, statement.reason = "not a claim", f"{sign} states no equality"
                first = side  # what follows is said of it
            elif sign == ":=" and mentions(self.vocabulary, side, first):
                statement.kind, statement.reason = "not a claim", "an update: what is on the left is on the right, too"
            elif any(is_otherwise(condition) for condition in conditions):
                statement.kind, statement.reason = "not read", "otherwise than where? write the condition in signs"
            elif partial and self.is_new(first):
                said = "a definition under a condition: write all of it as cases"
                statement.kind, statement.reason = "not read", said
            elif not partial and self.names(first, side) and self.define(side, first):
                statement.kind, statement.left, statement.right = "definition", side, first
                statement.remarks.append("what stands on the right is new: it is defined here")
            elif not partial and self.define(first, side):
                statement.kind = "definition"
                name = self.vocabulary.spell(first)
                if name is not None and name.name.rstrip("′") in set(self.vocabulary.entities) - {name.name}:
                    own = f"{name.name} is a symbol of its own here, no derivative: write that as a quotient"
                    statement.remarks.append(own)
            self.add(statement)
        self.previous = first if formula.display else self.previous
        self.used_before = set(self.used)

    def name_in_between(self, tree: Relation, k: int) -> None:
        """Define the new symbol between two signs of equality, as x̄ in μ = x̄ = Σ x_i / n, by what stands behind it."""
        if k and all(sign == "=" for sign, _ in tree.rest[k - 1 : k + 1]):
            before, side = tree.rest[k - 1][1], tree.rest[k][1]
            if is_name(before, (*self.used_before, *self.letters), self.vocabulary) and self.is_new(before):
                self.define(before, side)

    def names(self, left: Expr, right: Expr) -> bool:
        """Whether an equation gives a derivative a name."""
        return is_name_of(left, right, (*self.used, *self.letters), self.vocabulary) and self.is_new(right)

    def is_new(self, left: Expr) -> bool:
        """Whether a left side is a symbol that nothing is known of, which an equation would define."""
        found = target(self.vocabulary, left)
        return found is not None and found[0] not in (*self.vocabulary.entities, "δ")

    def add(self, statement: Equation) -> None:
        """Number a statement, and keep it."""
        statement.number = len(self.statements)
        self.statements.append(statement)
        sides = [side for side in (statement.left, statement.right) if side is not None]
        symbols = [self.vocabulary.spell(node) for side in sides for node in walk(side)]
        self.used |= {symbol.name for symbol in symbols if symbol is not None}

    def define(self, left: Expr, right: Expr) -> bool:
        """Take an equation for a definition, where it is the first of its left side; whether it is."""
        found = target(self.vocabulary, left)
        if found is None:
            return False
        name, definition = found
        entity = self.vocabulary.entities.get(name)
        if entity is not None and (
            entity.kind not in ("given", "defined", "elementwise", "function") or is_data(entity)
        ):
            return False
        if entity is not None and any(same_left(d, definition, entity.counter) for d in entity.definitions):
            return False
        if entity is not None and self.is_covered(entity, definition):
            return False
        if not definition.parameters and mentions(self.vocabulary, right, left):
            return False
        if entity is None:
            entity = self.vocabulary.entities[name] = Entity(name, "defined", how="defined on the page")
            if definition.counter is not None:
                entity.counter, entity.below = plain(definition.counter), True
        if entity.kind in ("given", "elementwise", "function") and not entity.counter:
            entity.kind, entity.how = "defined", "defined on the page"
        entity.definitions.append(replace(definition, body=right, number=len(self.statements)))
        if definition.parameters:
            bare_one = replace(definition, body=right, parameters=(), number=len(self.statements))
            if (
                all(p in self.vocabulary.entities or p in self.data for p in definition.parameters)
                and definition.component is None
            ):
                entity.definitions.append(bare_one)
        return True

    def is_covered(self, entity: Entity, definition: Definition) -> bool:
        """Whether a definition for every member of a family says what this one is."""
        if not entity.counter or definition.counter is None or mentions_letter(definition.counter, entity.counter):
            return False
        interpreter = Interpreter(self.vocabulary)
        count = counter_value(interpreter, definition.counter, Scope(()))
        return definition_of(interpreter, entity, count)[0] is not None

    @property
    def data(self) -> set[str]:
        """Names that are arrays of the page."""
        return {
            name for name, entity in self.vocabulary.entities.items() if entity.kind in ("given", "defined", "label")
        }

    # -- meanings -----------------------------------------------------------------------------------------------------

    def look_at(self, statement: Equation) -> None:
        """Find a statement's axes, or what is wrong with it, without numbers."""
        known = len(self.vocabulary.remarks)
        if is_of_a_length(statement.left, statement.right, self.vocabulary):
            statement.kind, statement.reason = "not a claim", "it says a length: where that holds, declare it"
            return
        try:
            must_be_letters(statement, self.vocabulary)
            statement.counters = self.counters_in(statement)
            self.axes_of(statement)
        except DefinitionMistake as error:
            statement.span = error.span
            if self.is_mistaken(statement, error):
                statement.mistake = error.mistake
            else:
                statement.kind, statement.reason = "not read", str(error)
        except IndexMistake as error:
            statement.mistake, statement.span = str(error), error.span
        except NotRead as error:
            statement.kind, statement.reason, statement.span = "not read", str(error), error.span
        statement.remarks += self.vocabulary.remarks[known:]

    def is_mistaken(self, statement: Equation, error: DefinitionMistake) -> bool:
        """Whether a statement is the definition that a mistake is in, and does not only use what that defines."""
        if statement.kind != "definition" or statement.left is None:
            return False
        found = target(self.vocabulary, statement.left)
        return found is not None and found[0] == error.name

    def axes_of(self, statement: Equation) -> None:
        """The axes of its sides, which must agree; two columns side by side as only one reading of them lets it."""
        try:
            statement.axes = self.checked(statement)
        except TwoReadings as error:
            fitting, failures = [], []
            for vectors in ("inner", "entrywise"):
                statement.vectors = vectors
                try:
                    fitting.append((vectors, self.checked(statement)))
                except NotRead as failure:
                    failures.append(failure)
            statement.vectors = None
            if len(failures) == 2 and all(isinstance(failure, IndexMistake) for failure in failures):
                raise failures[0] from None
            if len(fitting) != 1:
                raise error
            statement.vectors, statement.axes = fitting[0]
            said = "their inner product" if statement.vectors == "inner" else "multiplied entry by entry"
            statement.remarks.append(f"two columns side by side are {said}: otherwise the sides would differ in kind")

    def checked(self, statement: Equation) -> Mapping[str, Dim]:
        """The axes of the left side; raises IndexMistake where those of the right side do not agree with them."""
        assert statement.left is not None
        assert statement.right is not None
        if statement.kind == "definition" and (function := self.function(statement.left)) is not None:
            must_have_a_value(self.vocabulary, function, statement, self.data)
            return {}
        here = next(iter(self.scopes(statement)), None)
        if here is None:
            raise NotRead("it is of no layer that there is; what a recursion begins with is declared", statement.span)
        left, right = self.both(statement, Interpreter(self.vocabulary), here)
        extra = [name for name in right.indices if name not in left.indices]
        if extra:
            name = bare(extra[0])
            twice = any(list(letters_in(n)).count(name) > 1 for n in walk(statement.right) if isinstance(n, Product))
            how = "stands twice on the right without a sum, and" if twice else "is free on the right, and"
            raise IndexMistake(f"the index {name} {how} not on the left", statement.right.span)
        if statement.kind == "definition" and is_number_by_style(statement.left, self.used) and right.kind != "number":
            raise IndexMistake(f"what is defined is a number, the right side a {right.kind}", statement.span)
        for name in left.axes.keys() & right.axes.keys():
            try:
                left.axes[name].equate(right.axes[name])
            except AxesError:
                ours, theirs = [" × ".join([str(dim) for dim in side.axes.values()]) for side in (left, right)]
                raise IndexMistake(f"the left side is {ours}, the right side {theirs}", statement.span) from None
        kinds = {left.kind, right.kind}
        if left.kind != right.kind and (name := self.vocabulary.number_by_default(statement.left)):
            raise Asked(f"what {name} is, a number or a vector, is not said", f"{name}: vector n", statement.span)
        if right.kind == "number" and statement.right != Number("0") and is_hessian(statement.left, left.kind):
            why = "∇² is read as the matrix of second derivatives: write the Laplacian as its trace"
            raise NotRead(why, statement.span)
        if len(kinds) == 2 and right.kind != "number" and kinds != {"column", "row"}:
            raise IndexMistake(f"the left side is a {left.kind}, the right side a {right.kind}", statement.span)
        return left.axes

    def function(self, left: Expr) -> Definition | None:
        """The function that a left side defines; None for an array."""
        found = target(self.vocabulary, left)
        return found[1] if found is not None and found[1].parameters else None

    def both(self, statement: Equation, interpreter: Interpreter, scope: Scope) -> tuple[Value, Value]:
        """Both sides."""
        assert statement.left is not None
        assert statement.right is not None
        if statement.vectors is not None:
            options = {**self.vocabulary.options, "vectors": statement.vectors}
            kept, self.vocabulary.options = self.vocabulary.options, options
            try:
                return self.both(replace(statement, vectors=None), replace(interpreter, found={}), scope)
            finally:
                self.vocabulary.options = kept
        scope = self.inside(statement, scope)
        left = self.left_value(statement.left, interpreter, scope)
        right = interpreter.value(statement.right, scope)
        if {left.kind, right.kind} == {"column", "row"}:
            right = transposed(right)
        return left, right

    kept: dict[Any, tuple[Any, Value]] | None = None
    """Values of a left side that are kept while right sides are tried against it, with the numbers they are of."""

    @contextmanager
    def keeping_left(self, statement: Equation) -> Iterator[None]:
        """Inside, equations are this one with other right sides."""
        self.kept = {}
        try:
            with suppress(NotRead):
                scope = self.inside(statement, Scope(("statement", statement.number)))
                if statement.left is not None and not statement.counters:
                    self.left_value(statement.left, Interpreter(self.vocabulary), scope)
            yield
        finally:
            self.kept = None

    def left_value(self, left: Expr, interpreter: Interpreter, scope: Scope) -> Value:
        """The value of a left side."""
        if self.kept is None:
            return interpreter.value(left, scope)
        arrays = interpreter.arrays
        key = (None if arrays is None else id(arrays), scope.path, scope.left, self.vocabulary.options.get("vectors"))
        if key in self.kept:
            return self.kept[key][1]
        value = interpreter.value(left, scope)
        if arrays is not None or not TRAILS:  # lengths that are found equal stay so
            self.kept[key] = (arrays, value)
        return value

    def inside(self, statement: Equation, scope: Scope) -> Scope:
        """The scope of a statement: the letters on its left are its indices."""
        assert statement.left is not None
        known = self.vocabulary.entities
        on_the_right = set(letters_in(statement.right)) if statement.right is not None else set()
        limits = [name for name in letters_in_limits(statement.left) if name in on_the_right]
        summed = {partner(node) for node in walk(statement.left) if isinstance(node, Big)} - on_the_right
        letters = [name for name in (*letters_in(statement.left), *limits) if name not in known and name not in summed]
        if self.vocabulary.options.get("sums") == "einstein":  # what stands twice, on the left alone, is summed there
            letters = [name for name in letters if letters.count(name) != 2 or name in on_the_right]
        return replace(scope, left=frozenset(letters))

    def counters_in(self, statement: Equation) -> tuple[str, ...]:
        """The counters whose letters stand in a statement: it is said for each of their values."""
        counters = {name for name, entity in self.vocabulary.entities.items() if entity.kind == "counter"}
        sides = [side for side in (statement.left, statement.right) if side is not None]
        found = {name for side in sides for name in names_in_scripts(side)}
        return tuple(sorted(counters & found))

    def scopes(self, statement: Equation) -> Iterator[Scope]:
        """A scope for each value of its counters at which all its members exist."""
        path = ("statement", statement.number)
        if not statement.counters:
            yield Scope(path)
            return
        (name,) = statement.counters[:1]
        for value in range(1, self.vocabulary.last(name) + 1):
            scope = Scope((*path, value), counters={name: value})
            try:
                self.both(statement, Interpreter(self.vocabulary), scope)
            except NoMember:
                continue
            yield scope

    # -- values -------------------------------------------------------------------------------------------------------

    def sides(self, statement: Equation, interpreter: Interpreter) -> tuple[Any, Any]:
        """Both sides of a claim in a setting, as arrays of one shape; only the entries that it is said of."""
        parts = [self.sides_in(statement, interpreter, scope) for scope in self.scopes(statement)]
        if len(parts) == 1:
            return parts[0]
        return tuple([np.concatenate([np.ravel(part[k]) for part in parts]) for k in (0, 1)])  # type: ignore[return-value]

    def sides_in(self, statement: Equation, interpreter: Interpreter, scope: Scope) -> tuple[Any, Any]:
        """For one value of its counters."""
        left, right = self.both(statement, interpreter, scope)
        names = list(left.axes)
        shape = np.shape(left.data)
        ours = np.asarray(left.data)
        theirs = np.broadcast_to(ordered(right, names), shape)
        mask = self.mask(statement, interpreter, self.inside(statement, scope))
        if mask is None:
            return ours, np.asarray(theirs)
        extra = [name for name in mask.axes if name not in names]
        if extra:
            raise NotRead(f"the condition is on {bare(extra[0])}, which is no index of the left side", statement.span)
        where = np.broadcast_to(ordered(mask, names), shape)
        return ours[where], theirs[where]

    def mask(self, statement: Equation, interpreter: Interpreter, scope: Scope) -> Value | None:
        """Where the statement is said to hold; None for everywhere."""
        found = None
        for condition in statement.conditions:
            if restricts(condition) and not is_assumption(condition):
                value = truth_of(interpreter, condition, scope)
                found = value if found is None else elementwise(np.logical_and, found, value)
        return found
