"""A page of formulas set against autograd, statement by statement."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from ..reading.axes import elementwise, tentative
from ..reading.declarations import Declarations
from ..reading.equations import Equation, Printed, assumptions_of, is_set_to_zero
from ..reading.given import STRUCTURES, Assignment, Requisite, Requisites, drawn
from ..reading.latex import NotRead
from ..reading.meaning import Interpreter, Scope
from ..reading.meaning.calls import kind_of_function
from ..reading.meaning.partials import Undefined
from ..reading.meaning.truths import truth_of
from ..reading.pages import Paper
from ..reading.printing import unicode_of
from ..reading.sayings import CONDITION, is_of_given, unexplained
from ..reading.spelling import plain
from ..reading.syntax import Expr, Number, Partial, Relation, Scripted, Symbol, walk
from ..reading.targets import line_of_definition
from ..reading.vocabulary import Asked, DefinitionMistake, IndexMistake, rows_apart
from .conditional import NATURAL_CONDITIONS, OF_VARIABLES, OTHER_CONDITIONS, Needed, axes_for, may_be, same_lengths
from .draws import Draw
from .marks import Marked
from .mending import changes
from .symbolic import standing
from .verdicts import NOT_ASKED, Comparison, Outcome, Standing, comparison

DRAWS: Final = 4
"""Settings that a claim is checked on."""

TOLERANCE: Final = 1e-9
"""Of differences, in units of the largest number compared: far above what rounding does where a formula subtracts
nearly equal numbers, as ln(1 − σ(z)) does, and far below any mistake."""

SMALLEST: Final = 1e-3
"""What the largest number is taken for at least."""

FURTHER_DRAWS: Final = 40
"""Settings in which the condition of a claim is looked for, where the first ones do not meet it."""


OF_NUMBERS: Final = "every length is 1"
"""The condition of what holds of numbers alone."""


class Compared(NamedTuple):
    """What came of comparing the two sides of a claim, and what there is to say of the numbers."""

    outcomes: tuple[Outcome, ...]
    remarks: tuple[str, ...] = ()

    @property
    def wrong(self) -> Comparison | None:
        """The difference; None where there is none."""
        return None if self.outcomes[-1].holds else self.outcomes[-1].worst


class NowhereMet(NotRead):
    """A condition of a claim that no setting meets: nothing was compared."""


class Marking:
    """A page's verdicts; true where nothing on it is wrong and all of it was read.

    Attributes
    ----------
    page : its statements and symbols
    marks : for each statement what came of it
    """

    def __init__(self, page: Paper, seed: int = 0, proofs: bool = False, mends: bool = True) -> None:
        self.page = page
        self.proofs, self.mends = proofs, mends
        self.seed = seed
        self.drawn: dict[str, Sequence[Assignment]] = {}

    def __bool__(self) -> bool:
        return all(mark.verdict not in ("misprinted", "not read") for mark in self.marks)

    @cached_property
    def marks(self) -> list[Marked]:
        """What came of each statement."""
        return [self.marked(statement) for statement in self.page.statements if statement.formula.line]

    # -- a statement --------------------------------------------------------------------------------------------------

    def marked(self, statement: Equation) -> Marked:
        """The verdict on one statement; what cannot be computed is not read, and keeps no other from its verdict."""
        try:
            return self.mark(statement)
        except (ValueError, ArithmeticError, LookupError, TypeError, RecursionError) as error:
            why = f"its sides cannot be computed: {(str(error) or type(error).__name__).splitlines()[0]}"
            return Marked(statement, "not read", why, remarks=tuple(statement.remarks))

    def mark(self, statement: Equation) -> Marked:
        """The verdict on one statement; on a page whose products are of numbers it may hold for these alone."""
        found = self.mark_of_arrays(statement)
        of_numbers = self.page.declarations.options.get("products") == "of numbers"
        if of_numbers and found.verdict in ("misprinted", "not read"):
            other = self.of_numbers.marked(self.of_numbers.page.statements[statement.number])
            if other.verdict == "holds":
                return replace(found, verdict="holds when", why=OF_NUMBERS, proof=other.proof, outcomes=other.outcomes)
        return found

    @cached_property
    def of_numbers(self) -> Marking:
        """The page as it reads where everything in it is a number."""
        return Marking(self.page.of_numbers(), self.seed, self.proofs, self.mends)

    def mark_of_arrays(self, statement: Equation) -> Marked:
        """The verdict on one statement as it stands."""
        remarks = tuple(statement.remarks)
        if statement.mistake:
            return self.misprinted(statement, statement.mistake, None, remarks)
        if statement.kind == "definition":
            mistake = self.mistake_in(statement)
            return Marked(statement, "misprinted" if mistake else "defines", mistake, remarks=remarks)
        if statement.kind != "claim":
            return Marked(statement, statement.kind, statement.reason, remarks=remarks)
        try:
            found = self.differences(statement)
        except DefinitionMistake as error:
            return Marked(statement, "not read", str(error), remarks=remarks)
        except IndexMistake as error:
            return self.misprinted(statement, str(error), None, remarks)
        except NotRead as error:
            return Marked(statement, "not read", str(error), remarks=remarks)
        remarks += found.remarks
        wrong = found.wrong
        if wrong is None:
            proof = self.standing(statement, {})
            return Marked(statement, "holds", remarks=remarks, proof=proof, outcomes=found.outcomes)
        if is_set_to_zero(statement, self.page.statements[: max(statement.number, 0)]):
            return Marked(statement, "not a claim", "a derivative is set to zero: a condition", remarks=remarks)
        if apart := rows_apart(self.page.vocabulary.entities, self.symbols_of(statement)):
            why = f"whether the rows of {apart[0]} are the {apart[1]}_i is not said"
            asked = Asked(why, f"define: {apart[0]}_{{ij}} = {apart[1]}_{{ij}}")
            return Marked(statement, "not read", str(asked), remarks=remarks)
        for condition in (self.assumed_condition, self.function_condition):
            if need := condition(statement):
                return self.holding_when(statement, need, wrong, remarks)
        mended = self.misprinted(statement, wrong.detail, wrong, remarks)
        if mended.mended:
            need = self.condition(statement, ("symmetric",))
            return replace(mended, remarks=(*remarks, f"as printed it holds when {need.said}")) if need else mended
        if need := self.condition(statement, NATURAL_CONDITIONS) or self.label_condition(statement):
            return self.holding_when(statement, need, wrong, remarks)
        if name := unexplained(statement.left, statement.right, self.page.vocabulary):
            return Marked(statement, "not read", f"what {name} is, is not said", remarks=remarks)
        if name := self.given_entry(statement):
            return Marked(
                statement, "not read", f"{name} is given: what it is can be said as an assumption", remarks=remarks
            )
        if need := self.condition(statement, OTHER_CONDITIONS):
            return self.holding_when(statement, need, wrong, remarks)
        if not mended.mended and is_of_given(statement.left, statement.right, self.page.vocabulary):
            return Marked(statement, "not read", CONDITION, remarks=remarks)
        if (line := line_of_definition(self.page.vocabulary, statement.left, self.page.statements)) is not None:
            anew = f"it was defined on line {line}: where it is something else from here on, declare it anew, in a part"
            return replace(mended, remarks=(*remarks, anew))
        return mended

    def holding_when(self, statement: Equation, need: Needed, wrong: Comparison, remarks: tuple[str, ...]) -> Marked:
        """The verdict on a claim that holds under a condition."""
        proof = self.standing(statement, need.needs)
        return Marked(statement, "holds when", need.said, wrong, None, remarks, proof, need.outcomes)

    def standing(self, statement: Equation, needs: Requisites) -> Standing:
        """How far a claim that holds is proved, if that is asked for."""
        return standing(self.page, statement, needs, self.otherwise) if self.proofs else NOT_ASKED

    def mistake_in(self, statement: Equation) -> str:
        """What is wrong with a definition's indices that only numbers show: an end of a sum behind an axis's."""
        if statement.left is None or self.page.function(statement.left) is not None:
            return ""
        try:
            with np.errstate(all="ignore"):
                self.page.sides(statement, self.settings("")[0].interpreter(self.page.vocabulary))
        except DefinitionMistake as error:
            return error.mistake if self.page.is_mistaken(statement, error) else ""
        except IndexMistake as error:
            return str(error)
        except (NotRead, ValueError, ArithmeticError, TypeError):  # said of the claims that it is used in
            return ""
        return ""

    def differences(self, statement: Equation) -> Compared:
        """The two sides on settings of the page's symbols."""
        for otherwise, said in OTHERWISE:
            self.otherwise = otherwise
            try:
                return Compared(self.compared(statement, self.settings(otherwise)), said)
            except NowhereMet:
                further = [
                    drawn(self.page.vocabulary, turn, self.seed, otherwise) for turn in range(DRAWS, FURTHER_DRAWS)
                ]
                return Compared(self.compared(statement, further), said)
            except FloatingPointError:
                continue
        with suppress(FloatingPointError, NowhereMet):
            further = [drawn(self.page.vocabulary, turn, self.seed) for turn in range(DRAWS, FURTHER_DRAWS)]
            return Compared(self.compared(statement, further))
        raise NotRead("its numbers are not finite, whatever is put in", statement.span)

    def compared(self, statement: Equation, settings: Sequence[Assignment]) -> tuple[Outcome, ...]:
        """The two sides on these settings, up to the first on which they differ.

        Raises FloatingPointError where a side is not finite, NotRead where nothing was compared.
        """
        compared, outcomes, singular, undefined = 0, [], False, ""
        for setting in settings:
            with np.errstate(all="ignore"):
                try:
                    left, right = self.page.sides(statement, setting.interpreter(self.page.vocabulary))
                except np.linalg.LinAlgError:  # XᵀX of an X that is wider than it is long
                    singular = True
                    continue
                except Undefined as error:  # ln det X of an X whose determinant is negative
                    undefined = str(error)
                    continue
            if not (np.all(np.isfinite(left)) and np.all(np.isfinite(right))):
                raise FloatingPointError(plain(statement.left) if statement.left is not None else "")
            compared += np.size(left)
            size = max([SMALLEST, *[float(np.max(np.abs(side), initial=0)) for side in (left, right)]])
            found = comparison("", np.asarray(left), np.asarray(right))._replace(tolerance=TOLERANCE * size)
            outcomes.append(Outcome(Draw(setting.name, ()), (found,)))
            if not found.holds:
                break
        if not compared and undefined:
            raise Undefined(undefined)
        if not compared:
            why = "no numbers that are drawn meet its condition: declare a symbol so that it is met"
            if singular:
                why = "a matrix that is inverted is singular, whatever is put in"
            raise NowhereMet(why, statement.span)
        return tuple(outcomes)

    def settings(self, otherwise: str) -> Sequence[Assignment]:
        """The settings for all statements, drawn once."""
        if otherwise not in self.drawn:
            vocabulary = self.page.vocabulary
            self.drawn[otherwise] = [drawn(vocabulary, turn, self.seed, otherwise) for turn in range(DRAWS)]
        return self.drawn[otherwise]

    def given_entry(self, statement: Equation) -> str:
        """The given symbol that a left side is, or is an entry of: an equation of it can only say what it is."""
        left = statement.left
        found = self.page.vocabulary.spell(left) if isinstance(left, (Symbol, Scripted)) else None
        entity = None if found is None or found.upper else self.page.vocabulary.entities.get(found.name)
        return entity.name if entity is not None and entity.kind == "given" else ""

    # -- under which condition it holds -------------------------------------------------------------------------------

    def assumed_condition(self, statement: Equation) -> Needed | None:
        """What the page or the statement assumes, where the claim holds with it; None where it does not."""
        assumptions = [*self.page.assumptions, *assumptions_of(statement)]
        if not assumptions:
            return None
        needs = {name: need for assumption in assumptions for name, need in self.needs_of(assumption).items()}
        return self.needing(statement, needs, ", ".join(map(unicode_of, assumptions)))

    def needs_of(self, assumption: Expr) -> dict[str, Requisite]:
        """The structure that makes an assumption true, of a symbol in it; raises NotRead where none does."""
        if (same := self.same_functions(assumption)) is not None:
            return {same[0]: Requisite("same", other=same[1])}
        for name in self.given_in(assumption):
            for kind, structure in STRUCTURES.items():
                for axis in axes_for(self.page.vocabulary.entities[name].slots, structure.axes):
                    needs = {name: Requisite(kind, axis)}
                    settings = [self.setting(turn, needs) for turn in range(DRAWS)]
                    try:
                        if all(self.is_true(assumption, setting) for setting in settings):
                            return needs
                    except (NotRead, ValueError, ArithmeticError):
                        continue
        raise NotRead(f"nothing that can be drawn makes the assumption {unicode_of(assumption)} true", assumption.span)

    def same_functions(self, assumption: Expr) -> tuple[str, str] | None:
        """Two functions that are assumed to be one; None where something else is."""
        if not isinstance(assumption, Relation) or assumption.first is None or assumption.rest[0][0] != "=":
            return None
        found = [self.page.vocabulary.spell(side) for side in (assumption.first, assumption.rest[0][1])]
        names = [symbol.name for symbol in found if symbol is not None]
        kinds = {self.functions.get(name) for name in names}
        return (names[0], names[1]) if len(names) == 2 and len(kinds) == 1 and None not in kinds else None

    def given_in(self, assumption: Expr) -> list[str]:
        """The given symbols of an assumption."""
        found = [self.page.vocabulary.spell(node) for node in walk(assumption)]
        entities = self.page.vocabulary.entities
        names = dict.fromkeys([symbol.name for symbol in found if symbol is not None])
        return [name for name in names if name in entities and entities[name].kind == "given"]

    def is_true(self, assumption: Expr, setting: Assignment) -> bool:
        """Whether an assumption holds to rounding, for all of its indices."""
        interpreter = setting.interpreter(self.page.vocabulary)
        scope = Scope(("assumption", id(assumption)))
        if isinstance(assumption, Relation) and assumption.first is not None and assumption.rest[0][0] == "=":
            left, right = interpreter.value(assumption.first, scope), interpreter.value(assumption.rest[0][1], scope)
            return bool(np.all(elementwise(lambda a, b: np.isclose(a, b, atol=1e-9), left, right).data))
        return bool(np.all(truth_of(interpreter, assumption, scope).data))

    def label_condition(self, statement: Equation) -> Needed | None:
        """That a symbol is one-hot, with its 1 at a label, where a claim holds with it."""
        entities = self.page.vocabulary.entities
        labels = [entity for entity in entities.values() if entity.kind == "label"]
        for name, label in itertools.product(self.symbols_of(statement), labels):
            if not same_lengths(entities[name].slots, [*label.slots, label.classes]):
                continue
            needs = {name: Requisite("one-hot at", other=label.name)}
            if need := self.needing(statement, needs, f"{name} is one-hot, with its 1 at {label.name}"):
                return need
        return None

    def function_condition(self, statement: Equation) -> Needed | None:
        """That a function of columns is elementwise, where a claim holds with it."""
        for name, kind in self.functions.items():
            needs = {name: Requisite("elementwise")}
            if kind == "vector" and (need := self.needing(statement, needs, f"{name} is elementwise")):
                return need
        return None

    @property
    def functions(self) -> dict[str, str]:
        """The functions of which the kind alone is known, with it."""
        entities = self.page.vocabulary.entities.values()
        return {e.name: kind for e in entities if (kind := kind_of_function(e)) and not e.definitions}

    def condition(self, statement: Equation, kinds: Sequence[str]) -> Needed | None:
        """The first of some structures of one given symbol with which a claim holds; None where there is none."""
        varied = {name for side in (statement.left, statement.right) for name in self.varied(side)}
        for kind, name in itertools.product(kinds, self.symbols_of(statement)):
            if (name in varied and kind not in OF_VARIABLES) or not may_be(self.page.vocabulary.entities[name], kind):
                continue
            structure = STRUCTURES[kind]
            axes = axes_for(self.page.vocabulary.entities[name].slots, structure.axes)
            for axis in axes:
                where = f" along axis {axis}" if len(axes) > 1 else ""
                said = structure.said.replace("{}", name) + where
                if need := self.needing(statement, {name: Requisite(kind, axis)}, said):
                    return need
        return None

    def needing(self, statement: Equation, needs: Requisites, said: str) -> Needed | None:
        """A condition, where a claim holds with symbols of these structures; None where it does not."""
        settings = [self.setting(turn, needs) for turn in range(DRAWS)]
        try:
            found = Compared(self.compared(statement, settings))
            holds = not found.wrong and not self.is_nothing(statement, settings[0])
        except (FloatingPointError, NotRead, np.linalg.LinAlgError):
            return None
        return Needed(said, needs, found.outcomes) if holds else None

    def is_nothing(self, statement: Equation, setting: Assignment) -> bool:
        """Whether both sides are zero, which says nothing of a claim that is about something else."""
        with np.errstate(all="ignore"):
            left, right = self.page.sides(statement, setting.interpreter(self.page.vocabulary))
        said = [side for side in (statement.left, statement.right) if isinstance(side, Number)]
        return not said and not np.any(np.abs(left) > SMALLEST) and not np.any(np.abs(right) > SMALLEST)

    def setting(self, turn: int, needs: Requisites) -> Assignment:
        """A setting in which symbols have structures."""
        return drawn(self.page.vocabulary, turn, self.seed, self.otherwise, needs)

    otherwise = ""
    """What symbols are drawn as where the last claim was compared."""

    def symbols_of(self, statement: Equation) -> list[str]:
        """The given symbols that a statement, or what it unfolds to, has in it."""
        scope = next(iter(self.page.scopes(statement)))
        left, right = self.page.both(statement, Interpreter(self.page.vocabulary), scope)
        uses = left.uses | right.uses
        entities = self.page.vocabulary.entities
        return [name for name in entities if name in uses and entities[name].kind == "given"]

    def varied(self, side: Expr | None) -> list[str]:
        """The symbols that a side differentiates by."""
        derivatives = [node for node in walk(side) if isinstance(node, Partial)] if side is not None else []
        found = [self.page.vocabulary.spell(by) for node in derivatives for by in node.by]
        return [symbol.name for symbol in found if symbol is not None]

    # -- what it was meant to be --------------------------------------------------------------------------------------

    def misprinted(self, statement: Equation, why: str, wrong: Comparison | None, remarks: tuple[str, ...]) -> Marked:
        """With the simplest change of the right side that makes the claim hold."""
        said, right = self.mended(statement) if self.mends else ("", None)
        if right is not None:
            why = said if wrong is not None else f"{said}: {why}"
        return Marked(statement, "misprinted", why, wrong, right, remarks)

    def mended(self, statement: Equation) -> tuple[str, Expr | None]:
        """The simplest change of the right side that makes a claim hold: the mistake, and the right side."""
        with self.trying(statement):
            for said, side in changes(self.page, statement):
                if side != statement.left and self.holds_as(statement, side):
                    return said, side
        return "", None

    def holds_as(self, statement: Equation, side: Expr) -> bool:
        """Whether a claim holds with another right side; to be asked inside of :meth:`trying`."""
        other = replace(elsewhere(statement), right=side, remarks=[])
        try:
            with tentative(), self.page.vocabulary.unchanged():
                self.page.look_at(other)
                return other.kind == "claim" and not other.mistake and not self.differences(other).wrong
        except (NotRead, ValueError, ArithmeticError):
            return False

    @contextmanager
    def trying(self, statement: Equation) -> Iterator[None]:
        """Inside, other right sides of a claim are tried."""
        with self.apart(False), self.page.keeping_left(elsewhere(statement)):
            for otherwise, _ in OTHERWISE:
                self.settings(otherwise)
            yield

    @contextmanager
    def apart(self, proofs: bool) -> Iterator[None]:
        """Inside, numbers are drawn that are not kept, for lengths that are found equal inside alone."""
        kept = self.drawn, self.proofs
        self.drawn, self.proofs = {}, proofs
        try:
            yield
        finally:
            self.drawn, self.proofs = kept


def elsewhere(statement: Equation) -> Equation:
    """An equation as a claim of its own: what is found of its indices says nothing of the one on the page."""
    return replace(statement, number=-1 - statement.number, kind="claim", mistake="")


OTHERWISE: Final = (("", ()), ("between 0 and 1", ("checked where its symbols are between 0 and 1",)))
"""What symbols are drawn as where nothing is said of them, in turn, until the numbers are finite."""


def marked(formulas: Iterable[Printed | Equation], declarations: Declarations, seed: int = 0) -> Marking:
    """A page's verdicts."""
    return Marking(Paper(formulas, declarations), seed)
