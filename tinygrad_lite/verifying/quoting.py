"""Formulas of a document as they are printed: read from their LaTeX, with what is declared of the document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .draws import Draw
from .proving import EXTRA
from .statements import Quoted
from .verdicts import UNEXPLAINED, Finding, Outcome, Standing, impossible

if TYPE_CHECKING:
    from ..reading.equations import Equation
    from .marking import Marking
    from .marks import Marked

ORDER: Final = ("misprinted", "not read", "holds when", "holds", "defines", "not a claim", "declares")
"""Of several equalities in one formula the one whose verdict is the formula's."""


class Excerpt(NamedTuple):
    """A formula as it stands in a document, or words around formulas."""

    id: str
    latex: str
    case: str = ""
    in_words: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether it goes on from the formula before, in a chain of equalities."""
        return self.latex.startswith(("=", "&="))


class Quotations:
    """The formulas of one document, in order, and the declarations that are made of its symbols."""

    def __init__(self, declared: str) -> None:
        self.declared = declared
        self.lines: list[Excerpt] = []

    def add(self, id: str, latex: str, case: str = "", in_words: bool = False) -> None:
        """Add the next line."""
        self.lines.append(Excerpt(id, latex, case, in_words))

    @cache  # noqa: B019 — one object a document, which lives as long as the catalogue
    def in_unicode(self, latex: str) -> str:
        """A formula as Unicode mathematics."""
        from ..reading.latex import parse_latex
        from ..reading.printing import unicode_of

        return unicode_of(parse_latex(latex.replace("&", " ").rstrip(",. "), self.names))

    @cached_property
    def names(self) -> set[str]:
        """Names of several letters that are declared."""
        from ..reading.declarations import read_declarations
        from ..reading.prose import words_of

        lines = [line for line in self.declared.splitlines() if not line.startswith("[")]
        return set(words_of(read_declarations(lines)))

    @cached_property
    def text(self) -> tuple[str, dict[int, str]]:
        """The formulas as a document, chains of equalities set as one, and the id of the formula on each line."""
        written, ids, case = "", {}, ""
        for line, following in pairwise([*self.lines, Excerpt("", "")]):
            if line.in_words:
                written += line.latex.replace("$", "") + "\n"
                continue
            if line.case != case:
                written += f"For ${line.case}$\n" if line.case else "Together\n"
            case = line.case
            ids[written.count("\n") + 1] = line.id
            body = line.latex.removesuffix(",").removesuffix(".")
            chain = r"$$\begin{aligned} " if not written.endswith("\\\\\n") else ""
            ends = " \\\\\n" if following.goes_on and following.case == case else " \\end{aligned}$$\n"
            written += chain + body + ends
        return written, ids

    @lru_cache(maxsize=4)  # noqa: B019
    def read(self, seed: int, proofs: bool) -> dict[str, list[tuple[Marking, Equation]]]:
        """The equations of each formula, with the part of the document that each stands in."""
        from ..reading.containers import contents
        from ..reading.sections import pages_of
        from .marking import Marking

        text, ids = self.text
        found: dict[str, list[tuple[Marking, Equation]]] = {}
        for page in pages_of(contents(text, "text"), self.declared.splitlines()):
            marking = Marking(page, seed, proofs, mends=False)  # the right forms are known
            for equation in page.statements:
                if equation.formula.line:
                    found.setdefault(ids[equation.formula.line], []).append((marking, equation))
        return found

    def finding(self, quoted: Quoted, seed: int, proofs: bool) -> Finding:
        """What comes of one of the formulas."""
        parts = self.read(seed, proofs).get(quoted.id, [])
        marked = [(marking, marking.marked(equation)) for marking, equation in reversed(parts)]
        if not marked:
            return Finding(quoted, UNEXPLAINED, (), reason="it was not read as a formula")
        marking, mark = min(marked, key=lambda found: ORDER.index(found[1].verdict))
        return Check(quoted, marking, mark).finding()


class Check(NamedTuple):
    """A formula, and what reading it found."""

    quoted: Quoted
    marking: Marking
    mark: Marked

    def finding(self) -> Finding:
        """The verdict: what was found, where that is accounted for by what is known of the formula."""
        quoted, mark = self.quoted, self.mark
        if quoted.against and mark.verdict in ("holds", "defines"):
            mark = self.variant(quoted.against, mark.statement.right, self.marking.proofs)
        counterexample = self.counterexample(mark)
        mended = self.mended() if quoted.right else None
        verdict = "holds" if mark.verdict == "defines" else mark.verdict
        relied = mended if verdict == "misprinted" and mended is not None else mark
        reason = self.doubt(mark, mended)
        return Finding(
            quoted,
            UNEXPLAINED if reason else verdict,
            relied.outcomes,
            counterexample,
            reason,
            self.proof(relied),
            mark.why if verdict == "holds when" else "",
        )

    def doubt(self, mark: Marked, mended: Marked | None) -> str:
        """Why what was found is not accounted for; empty where it is."""
        quoted = self.quoted
        if (
            mended is not None
            and mended.verdict != "holds"
            and (mended.verdict, mended.why) != ("holds when", quoted.when)
        ):
            return f"the right form does not hold: {mended.verdict} {mended.why}".rstrip()
        if mark.verdict == "holds when":
            return "" if mark.why == quoted.when else f"it holds when {mark.why}, not when {quoted.when or 'anything'}"
        if mark.verdict in ("holds", "defines"):
            return f"it holds whether or not {quoted.when}" if quoted.when else ""
        if mark.verdict != "misprinted":
            return f"{mark.verdict}: {mark.why}"
        if mended is None:
            return mark.why
        if quoted.really:
            really = self.variant(quoted.really, mark.statement.right)
            return "" if really.verdict == "holds" else "the printed form is not what the correction says it is"
        wrong = self.misprints()
        expected = [self.latex(self.tree(part)) for part in quoted.instead]
        return "" if wrong == expected else f"what differs from the right form is {', '.join(wrong)}"

    def mended(self) -> Marked:
        """What comes of the right form."""
        left, right = self.right_sides()
        relied_on = self.mark.verdict == "misprinted"
        return self.variant(self.quoted.against or left, right, self.marking.proofs and relied_on)

    def right_sides(self) -> tuple[Any, Any]:
        """Both sides of the right form; the left side of what is printed where it has none of its own."""
        from ..reading.syntax import Relation

        tree = self.tree(self.quoted.right)
        if not isinstance(tree, Relation):
            return self.mark.statement.left, tree
        return (tree.first if tree.first is not None else self.mark.statement.left), tree.rest[-1][1]

    def misprints(self) -> list[str]:
        """The parts of the printed form that are not those of the right form, in LaTeX."""
        printed = self.mark.statement
        left, right = self.right_sides()
        pairs = [(printed.left, left), (printed.right, right)]
        found = [(ours, differing(ours, theirs)) for ours, theirs in pairs]
        return [self.latex(part) for ours, places in found for part in ([ours] if places is None else places)]

    def latex(self, tree: Any) -> str:
        """A tree in LaTeX."""
        from ..reading.printing import latex_of

        return latex_of(tree)

    def tree(self, latex: str) -> Any:
        """LaTeX as a tree of this document."""
        from ..reading.latex import parse_latex

        return self.marking.page.prepared(parse_latex(latex, self.marking.page.vocabulary.words))

    def variant(self, left: Any, right: Any, proved: bool = False) -> Marked:
        """What comes of another left side, given as LaTeX or as a tree, with a right side, to be proved or not."""
        from ..reading.axes import tentative
        from .marking import elsewhere

        page = self.marking.page
        tree = self.tree(left) if isinstance(left, str) else left
        other = replace(elsewhere(self.mark.statement), left=tree, right=right, remarks=[])
        with self.marking.apart(proved), tentative(), page.vocabulary.unchanged():
            page.look_at(other)
            return self.marking.mark_of_arrays(other)

    def counterexample(self, mark: Marked) -> Outcome | None:
        """Where the printed form differs; None where it does not."""
        if mark.verdict not in ("misprinted", "holds when"):
            return None
        comparison = mark.counterexample or impossible(mark.why)
        return Outcome(Draw("drawn numbers", ()), (comparison,))

    def proof(self, mark: Marked) -> Standing:
        """How far it is proved; for all sizes where there is such a proof."""
        from ..proofs.indexed import PROOFS

        asked = self.marking.proofs and mark.proof.detail != EXTRA
        if not (asked and self.quoted.for_all and PROOFS[self.quoted.for_all]()):
            return mark.proof
        detail = f"by sums over indices; and by running it on symbols: {mark.proof.status}"
        return Standing("proved for all K", detail)


def differing(a: Any, b: Any) -> list[Any] | None:
    """The smallest parts of a tree that are not as in another; None where these are not parts of their own."""
    from ..reading.syntax import Expr, Scripted, contents

    if a == b:
        return []
    if isinstance(a, Expr) and type(a) is type(b):
        pairs: Iterator[tuple[Any, Any]] = ((getattr(a, name), getattr(b, name)) for name in contents(a))
    elif isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        pairs = zip(a, b, strict=True)
    else:
        return [a] if isinstance(a, Expr) and isinstance(b, Expr) else None
    if isinstance(a, Scripted) and a.base != b.base:
        return [a]  # a letter says little without what stands at it
    found = [differing(ours, theirs) for ours, theirs in pairs]
    if any(places is None for places in found):
        return [a] if isinstance(a, Expr) else None
    return [place for places in found if places is not None for place in places]
