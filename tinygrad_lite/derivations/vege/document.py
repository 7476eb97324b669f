"""The document that this package's entries are from."""

from __future__ import annotations

from typing import Final

from ..catalogue import Document

VEGE: Final = Document("Neural networks and Back Propagation", "H. M. M. Vege", "2018", "Vege")
