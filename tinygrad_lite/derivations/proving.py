"""How far an entry is proved: by running both sides of it on symbols, and for all sizes at once where that is known."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from .catalogue import Entry

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

HELD: Final = ("holds", "holds when", "misprinted", "convention", "true", "true when", "false")


def prove(entry: Entry, verdict: str) -> Proof:
    """Prove what the verdict relies on: the printed form, under its condition if it has one, or the corrected form."""
    if verdict not in HELD:
        return NOT_ASKED
    settings = symbolic_settings(entry, verdict)
    sizes = () if settings is None else entry.on.sizes if entry.sizes is None else entry.sizes
    if not sizes and entry.for_all is None:
        return NOT_ASKED
    try:
        prove_equal = import_module("..symbolic", __package__).prove_equal
    except ImportError:
        return Proof(NUMERICALLY, EXTRA)
    if entry.for_all is not None and entry.for_all():
        return Proof("proved for all K")
    computed, printed = entry.computed, entry.printed
    if verdict in ("misprinted", "false") and entry.corrected is not None:
        computed, printed = entry.corrected.computed or computed, entry.corrected.printed or printed
    shown = [n for n in sizes if settings is not None and equal(prove_equal, computed, printed, settings(n))]
    return Proof(entry.on.proved(shown)) if shown else Proof(UNPROVED, "the difference did not simplify to 0")


def symbolic_settings(entry: Entry, verdict: str) -> Callable[[int], Any] | None:
    """The settings of symbols that the verdict is about."""
    if verdict.endswith("when") and entry.condition is not None:
        return entry.condition.symbolic
    return entry.on.symbolic


def equal(prove_equal: Callable[[Any, Any], bool], computed: Any, printed: Any, setting: Any) -> bool:
    """Both sides of the same quantities, each proved equal."""
    ours, theirs = computed(setting), printed(setting)
    if not isinstance(ours, dict):
        ours, theirs = {"": ours}, {"": theirs}
    return all([prove_equal(ours[name], theirs[name]) for name in ours])
