"""What a document says, as data: both sides of it as functions of a setting, and what is known of its mistakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from .draws import Family

Side = Callable[[Any], Any]
"""From a setting to an array, or to arrays by name."""


class Document(NamedTuple):
    """Where statements come from."""

    title: str
    author: str
    year: str
    short: str
    """How tables and ids call it."""


class Condition(NamedTuple):
    """Something that a formula may need: in words, as they follow "when", and as a test of a setting.

    ``symbolic`` makes a setting of symbols, of a given size, that satisfies it; without it nothing is proved under the
    condition. ``sizes`` are those it can make, where they are other than the family's.
    """

    text: str
    test: Callable[[Any], bool]
    symbolic: Callable[[int], Any] | None = None
    sizes: tuple[int, ...] | None = None


class Correction(NamedTuple):
    """The right form of what is printed wrong.

    A misprint is believed only when it is accounted for: by ``right_when``, the special case in which the mistake does
    not show, or by ``really``, what the printed formula is instead, or by both. So a further mistake is noticed.

    Attributes
    ----------
    latex, formula : the right form, in LaTeX and in Unicode mathematics
    wrong : a sentence saying what is wrong in print
    printed : the right form in plain NumPy; None where print has it right and only the other side's name is wrong
    computed : what the right form is for, where that differs from what the print says
    right_when : where the printed form agrees in spite of the mistake
    really : what the printed form equals
    """

    latex: str
    formula: str
    wrong: str
    printed: Side | None = None
    computed: Side | None = None
    right_when: Condition | None = None
    really: Side | None = None


class Kink(NamedTuple):
    """A point where a function of one number may have no derivative, and the setting that puts the formula there."""

    function: Callable[[Any], Any]
    at: float
    setting: Any


class Statement(NamedTuple):
    """Something that a document says, with both sides of it as functions of a setting.

    Attributes
    ----------
    id : stable, for commands and reports
    document, place : where it stands
    latex : as printed
    formula : its form in Unicode mathematics, for terminals
    on : the family of settings that it is about
    computed : the quantity by autograd, through primitive operations only, or from definitions where it is no
        derivative; for claims, what is observed
    printed : the document's formula for it in plain NumPy; for claims, what is claimed
    kind : "equation", "definition" or "claim"
    condition : what it assumes
    corrected : the right form, where print is wrong or assumes too much
    kink : where the derivative that it states may not exist
    note : how it is to be read
    sizes : of the settings of symbols it is to be proved for; None for the family's own, and for claims none
    for_all : proves it for every size at once; called without arguments, true if it did
    """

    id: str
    document: Document
    place: str
    latex: str
    formula: str
    on: Family
    computed: Side
    printed: Side
    kind: str = "equation"
    condition: Condition | None = None
    corrected: Correction | None = None
    kink: Kink | None = None
    note: str = ""
    sizes: tuple[int, ...] | None = None
    for_all: Callable[[], bool] | None = None

    @property
    def right_sides(self) -> tuple[Side, Side]:
        """``computed`` and ``printed`` as they should be: those of the right form, where print is wrong."""
        right = self.corrected
        if right is None:
            return self.computed, self.printed
        return right.computed or self.computed, right.printed or self.printed


class Source(Protocol):
    """The formulas of a document, which are read from their LaTeX."""

    def in_unicode(self, latex: str) -> str:
        """A formula as Unicode mathematics."""

    def finding(self, quoted: Quoted, seed: int, proofs: bool) -> Any:
        """What comes of one of the formulas, a Finding."""


class Quoted(NamedTuple):
    """A formula that a document states, as data: both of its sides are read from the LaTeX.

    Attributes
    ----------
    id : stable, for commands and reports
    document, place : where it stands
    latex : as printed
    source : the document's formulas
    kind : "equation" or "definition"
    note : how it is to be read
    case : the condition on indices under which it stands in the document
    against : for a definition, what its right side is set against
    when : what it assumes
    right, wrong : the right form, in LaTeX, and a sentence saying what is wrong in print
    instead : the parts of it that are wrong in print: it differs from the right form there, and nowhere else
    really : what the printed formula is, where it differs from the right form in more
    for_all : a proof for all sizes, by its name
    """

    id: str
    document: Document
    place: str
    latex: str
    source: Source
    kind: str = "equation"
    note: str = ""
    case: str = ""
    against: str = ""
    when: str = ""
    right: str = ""
    wrong: str = ""
    instead: tuple[str, ...] = ()
    really: str = ""
    for_all: str = ""

    @property
    def formula(self) -> str:
        """In Unicode mathematics, for terminals."""
        return self.source.in_unicode(self.latex)

    @property
    def corrected(self) -> Correction | None:
        """The right form, where print is wrong or assumes too much."""
        return Correction(self.right, self.source.in_unicode(self.right), self.wrong) if self.right else None


def statements_of(document: Document) -> Callable[..., Statement]:
    """The function that makes a document's statements: :class:`Statement` without the document, which the id begins by.

    >>> statement = statements_of(Document("Elements", "Euclid", "300 BC", "Euclid"))
    >>> numbers = Family("numbers", lambda seed: [])
    >>> statement("I-47", "proposition 47", "c^2 = a^2 + b^2", "c² = a² + b²", numbers, len, len).id
    'euclid-I-47'
    """

    def statement(
        id: str, place: str, latex: str, formula: str, on: Family, computed: Side, printed: Side, **rest: Any
    ) -> Statement:
        id = f"{document.short.lower()}-{id}"
        return Statement(id, document, place, latex, formula, on, computed, printed, **rest)

    return statement
