"""How far an entry is proved: by running both sides of it on symbols, and for all sizes at once where that is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from .statements import Entry

EXTRA: Final = "proofs need SymPy, which is not installed: pip install 'tinygrad-lite[proofs]'"


class Proof(NamedTuple):
    """The status, in words, and what there is to say about it."""

    status: str
    detail: str = ""

    @property
    def proved(self) -> bool:
        return self.status.startswith("proved")


NUMERICALLY: Final = "checked numerically"
UNPROVED: Final = "unproved"
NOT_ASKED: Final = Proof(NUMERICALLY)

CORRECTED: Final = ("misprinted", "false")
HELD: Final = ("holds", "holds when", "convention", "true", "true when", *CORRECTED)


def prove(entry: Entry, verdict: str) -> Proof:
    """Prove what the verdict relies on: the printed form, under its condition if it has one, or the corrected form."""
    make, sizes = symbolic_settings(entry, verdict)
    if verdict not in HELD or not (sizes or entry.for_all):
        return NOT_ASKED
    try:
        import_module("sympy")
        import_module("..proofs", __package__)
    except ImportError:
        return Proof(NUMERICALLY, EXTRA)
    computed, printed = entry.computed, entry.printed
    if verdict in CORRECTED and entry.corrected is not None:
        computed, printed = entry.corrected.computed or computed, entry.corrected.printed or printed
    shown = [n for n in sizes if equal(computed, printed, make(n))]
    by_running = Proof(entry.on.proved(shown)) if shown else Proof(UNPROVED, "the difference did not simplify to 0")
    if entry.for_all is not None and entry.for_all():
        return Proof("proved for all K", f"by sums over indices; and by running it on symbols: {by_running.status}")
    return by_running if sizes else Proof(UNPROVED)


def indexed(name: str) -> Callable[[], bool]:
    """The proof for all sizes of this name, as an entry's ``for_all``: it is loaded and run when it is called."""
    return lambda: bool(import_module("..proofs.indexed", __package__).PROOFS[name]())


def symbolic_settings(entry: Entry, verdict: str) -> tuple[Callable[[int], Any], Sequence[int]]:
    """The settings of symbols that the verdict is about, and their sizes; no sizes where nothing is to be proved."""
    make, sizes = entry.on.symbolic, entry.on.sizes if entry.kind != "claim" else ()
    if verdict.endswith("when") and entry.condition is not None:
        make, sizes = entry.condition.symbolic, sizes if entry.condition.sizes is None else entry.condition.sizes
    sizes = sizes if entry.sizes is None else entry.sizes
    return (make, sizes) if make is not None else (entry.on.draws, ())


def equal(computed: Callable[[Any], Any], printed: Callable[[Any], Any], setting: Any) -> bool:
    """Both sides of the same quantities, each proved equal."""
    prove_equal = import_module("..proofs", __package__).prove_equal
    ours, theirs = computed(setting), printed(setting)
    if not isinstance(ours, dict):
        ours, theirs = {"": ours}, {"": theirs}
    return all(prove_equal(ours[name], theirs[name]) for name in ours)
