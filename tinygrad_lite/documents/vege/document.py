"""The document that this package's statements are from."""

from __future__ import annotations

from typing import Final

from ...verifying.statements import Document, statements_of

VEGE: Final = Document("Neural networks and Back Propagation", "H. M. M. Vege", "2018", "Vege")

statement: Final = statements_of(VEGE)
