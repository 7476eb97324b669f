"""The document that this package's entries are from."""

from __future__ import annotations

from typing import Any, Final

from ...verifying.statements import Document, Entry, Side
from ..families import Family

VEGE: Final = Document("Neural networks and Back Propagation", "H. M. M. Vege", "2018", "Vege")


def entry(
    id: str, place: str, latex: str, formula: str, on: Family, computed: Side, printed: Side, **rest: Any
) -> Entry:
    """An entry of this document; its id begins with the document's name."""
    return Entry(f"vege-{id}", VEGE, place, latex, formula, on, computed, printed, **rest)
