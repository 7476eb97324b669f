"""A page of formulas set against autograd, statement by statement."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from ..reading.axes import tentative
from ..reading.declarations import Declarations
from ..reading.edits import edits
from ..reading.latex import NotRead
from ..reading.names import letters_in, plain
from ..reading.pages import Formula, Page, Statement
from ..reading.printing import latex_of
from ..reading.syntax import Derivative, Expr, Sum, walk
from ..reading.trials import STRUCTURES, Setting, drawn
from .verdicts import Comparison, comparison

DRAWS: Final = 4
"""Settings that a claim is checked on."""

MOST_EDITS: Final = 400
"""Changes of a wrong formula that are tried."""


@dataclass(frozen=True)
class Marked:
    """What came of a statement.

    Attributes
    ----------
    statement : its two sides, and where it stands
    verdict : "holds", "holds when", "misprinted", "defines", "not a claim" or "not read"
    why : the condition, the mistake, or the reason
    counterexample : where both sides differ, and by how much; None where they do not
    mended : the right side as it should be, in LaTeX
    remarks : how it was read
    """

    statement: Statement
    verdict: str
    why: str = ""
    counterexample: Comparison | None = None
    mended: str = ""
    remarks: tuple[str, ...] = ()


class Marking:
    """A page's verdicts; true where nothing on it is wrong and all of it was read.

    Attributes
    ----------
    page : its statements and symbols
    marks : for each statement what came of it
    """

    def __init__(self, page: Page, seed: int = 0) -> None:
        self.page = page
        self.seed = seed
        self.remarks: dict[int, list[str]] = {}
        self.marks = [self.mark(statement) for statement in page.statements if statement.formula.line]

    def __bool__(self) -> bool:
        return all(mark.verdict not in ("misprinted", "not read") for mark in self.marks)

    # -- a statement --------------------------------------------------------------------------------------------------

    def mark(self, statement: Statement) -> Marked:
        """The verdict on one statement."""
        remarks = tuple(statement.remarks)
        if statement.mistake:
            return self.misprinted(statement, statement.mistake, None, remarks)
        if statement.kind == "definition":
            return Marked(statement, "defines", remarks=remarks)
        if statement.kind != "claim":
            return Marked(statement, statement.kind, statement.reason, remarks=remarks)
        try:
            wrong, more = self.differences(statement)
        except NotRead as error:
            return Marked(statement, "not read", str(error), remarks=remarks)
        remarks += more
        if wrong is None:
            return Marked(statement, "holds", remarks=remarks)
        condition = self.condition(statement)
        if condition:
            return Marked(statement, "holds when", condition, wrong, remarks=remarks)
        return self.misprinted(statement, wrong.detail, wrong, remarks)

    def differences(self, statement: Statement) -> tuple[Comparison | None, tuple[str, ...]]:
        """Where the two sides differ on settings of the page's symbols; None where they nowhere do."""
        for otherwise, said in OTHERWISE:
            try:
                return self.compared(statement, self.settings(otherwise)), said
            except FloatingPointError:
                continue
        raise NotRead("its numbers are not finite, whatever is put in", statement.span)

    def compared(self, statement: Statement, settings: Sequence[Setting]) -> Comparison | None:
        """The first difference on these settings; raises FloatingPointError where a side is not finite."""
        for setting in settings:
            with np.errstate(all="ignore"):
                left, right = self.page.sides(statement, setting.interpreter(self.page.vocabulary))
            if not (np.all(np.isfinite(left)) and np.all(np.isfinite(right))):
                raise FloatingPointError(plain(statement.left) if statement.left is not None else "")
            found = comparison("", np.asarray(left), np.asarray(right))
            if not found.holds:
                return found
        return None

    def settings(self, otherwise: str) -> Sequence[Setting]:
        """The settings for all statements, drawn once."""
        if otherwise not in self.drawn:
            self.drawn[otherwise] = [self.assumed(turn, otherwise) for turn in range(DRAWS)]
        return self.drawn[otherwise]

    @cached_property
    def drawn(self) -> dict[str, Sequence[Setting]]:
        return {}

    def assumed(self, turn: int, otherwise: str, needs: Mapping[str, tuple[str, int]] | None = None) -> Setting:
        """A setting."""
        return drawn(self.page.vocabulary, turn, self.seed, otherwise, needs)

    # -- under which condition it holds -------------------------------------------------------------------------------

    def condition(self, statement: Statement) -> str:
        """The weakest structure of one given symbol with which a claim holds; empty where there is none."""
        for name, (kind, structure) in itertools.product(self.symbols_of(statement), STRUCTURES.items()):
            entity = self.page.vocabulary.entities[name]
            axes = self.axes_for(entity.slots, structure.axes)
            for axis in axes:
                needs = {name: (kind, axis)}
                settings = [self.assumed(turn, self.last_otherwise, needs) for turn in range(DRAWS)]
                try:
                    if self.compared(statement, settings) is None:
                        where = f" along axis {axis}" if len(axes) > 1 else ""
                        return structure.said.replace("{}", name) + where
                except (FloatingPointError, NotRead):
                    continue
        return ""

    last_otherwise = ""

    def axes_for(self, slots: Sequence[Any], axes: str) -> list[int]:
        """The axes that a structure can be along; none where it cannot be."""
        if axes == "each":
            return list(range(len(slots)))
        if axes == "square":
            return [-1] if len(slots) == 2 and slots[0].root is slots[1].root else []
        return [-1]

    def symbols_of(self, statement: Statement) -> list[str]:
        """The given symbols that a statement, or what it unfolds to, has in it."""
        interpreter = self.settings("between 0 and 1")[0].interpreter(self.page.vocabulary)
        scope = next(iter(self.page.scopes(statement)))
        left, right = self.page.both(statement, interpreter, scope)
        uses = left.uses | right.uses
        entities = self.page.vocabulary.entities
        varied = {name for side in (statement.left, statement.right) for name in self.varied(side)}
        return [name for name in entities if name in uses and name not in varied and entities[name].kind == "given"]

    def varied(self, side: Expr | None) -> list[str]:
        """The symbols that a side differentiates by: a condition on one of them would be none of an identity."""
        derivatives = [node for node in walk(side) if isinstance(node, Derivative)] if side is not None else []
        found = [self.page.vocabulary.spell(by) for node in derivatives for by in node.by]
        return [symbol.name for symbol in found if symbol is not None]

    # -- what it was meant to be --------------------------------------------------------------------------------------

    def misprinted(self, statement: Statement, why: str, wrong: Comparison | None, remarks: tuple[str, ...]) -> Marked:
        """With the simplest change of the right side that makes the claim hold."""
        for said, side in itertools.islice(self.changes(statement), MOST_EDITS):
            other = replace(statement, right=side, kind="claim", mistake="", remarks=[])
            try:
                with tentative():
                    self.page.look_at(other)
                    right = other.kind == "claim" and not other.mistake and self.differences(other)[0] is None
                if right:
                    return Marked(
                        statement,
                        "misprinted",
                        f"{said}: {why}" if wrong is None else said,
                        wrong,
                        latex_of(side),
                        remarks,
                    )
            except (NotRead, ValueError, ArithmeticError):
                continue
        return Marked(statement, "misprinted", why, wrong, remarks=remarks)

    def changes(self, statement: Statement) -> Iterable[tuple[str, Expr]]:
        """The right side with one change."""
        assert statement.left is not None and statement.right is not None
        letters = frozenset(letters_in(statement.left)) | frozenset(letters_in(statement.right))
        found = [(edit.said, edit.tree) for edit in edits(statement.right, letters)]
        return [*found, ("the sign is wrong", Sum((("−", statement.right),)))]


OTHERWISE: Final = (("", ()), ("between 0 and 1", ("checked where its symbols are between 0 and 1",)))
"""What symbols are drawn as where nothing is said of them, in turn, until the numbers are finite."""


def marked(formulas: Iterable[Formula | Statement], declarations: Declarations, seed: int = 0) -> Marking:
    """A page's verdicts."""
    return Marking(Page(formulas, declarations), seed)
