"""How far a statement is proved: by running both sides on symbols, and for all sizes at once where that is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from ..proofs import prove_equal
from ..proofs.indexed import PROOFS
from .statements import Side, Statement
from .verdicts import NOT_ASKED, NUMERICALLY, UNPROVED, Standing, quantities

EXTRA: Final = "proofs need SymPy, which is not installed: pip install 'tinygrad-lite[proofs]'"

CORRECTED: Final = ("misprinted", "false")
HELD: Final = ("holds", "holds when", "convention", "true", "true when", *CORRECTED)


def prove(statement: Statement, verdict: str) -> Standing:
    """Prove what the verdict relies on: the printed form, under its condition if it has one, or the corrected form."""
    make, sizes = symbolic_settings(statement, verdict)
    if verdict not in HELD or not (sizes or statement.for_all):
        return NOT_ASKED
    try:
        import sympy  # noqa: F401
    except ImportError:
        return Standing(NUMERICALLY, EXTRA)
    sides = statement.right_sides if verdict in CORRECTED else (statement.computed, statement.printed)
    shown = [n for n in sizes if equal(*sides, make(n))]
    by_running = (
        Standing(statement.on.proved(shown)) if shown else Standing(UNPROVED, "the difference did not simplify to 0")
    )
    if statement.for_all is not None and statement.for_all():
        return Standing("proved for all K", f"by sums over indices; and by running it on symbols: {by_running.status}")
    return by_running if sizes else Standing(UNPROVED)


def indexed_proof(name: str) -> Callable[[], bool]:
    """The proof for all sizes of this name, as a statement's ``for_all``: it runs when it is called."""
    return lambda: bool(PROOFS[name]())


def symbolic_settings(statement: Statement, verdict: str) -> tuple[Callable[[int], Any], Sequence[int]]:
    """The settings of symbols that the verdict is about, and their sizes; no sizes where nothing is to be proved."""
    family, condition = statement.on, statement.condition
    make, sizes = family.symbolic, family.sizes if statement.kind != "claim" else ()
    if verdict.endswith("when") and condition is not None:
        make, sizes = condition.symbolic, sizes if condition.sizes is None else condition.sizes
    sizes = sizes if statement.sizes is None else statement.sizes
    return (make, sizes) if make is not None else (family.draws, ())


def equal(computed: Side, printed: Side, setting: Any) -> bool:
    """Both sides of the same quantities, each proved equal."""
    ours, theirs = quantities(computed(setting)), quantities(printed(setting))
    return all(prove_equal(ours[name], theirs[name]) for name in ours)
