"""How wide a text is at most, without a font at hand.

Readers draw Helvetica, Arial or what their system has in its place. Of these DejaVu Sans is the widest, and its widths
are the ones here, so that a box that holds a text by them holds it everywhere.
"""

from __future__ import annotations

import unicodedata
from typing import Final

WIDTHS: Final = {
    c: width
    for width, characters in {
        0.3: "IJijl '", 0.35: ",./:;\\f|", 0.4: "!()-[]t", 0.45: "r", 0.5: '"*_`', 0.55: "?csz", 0.6: "FLkvxy",
        0.65: "$0123456789EPSTYabdeghnopqu{}", 0.7: "ABCKRVXZ", 0.75: "HNU", 0.8: "&DGOQ", 0.85: "#+<=>^w~", 0.9: "M",
        0.95: "%", 1.0: "@Wm…—",
    }.items()
    for c in characters
}  # fmt: skip
"""The characters of ASCII, in parts of the font's size."""

BOLD: Final = 0.08
"""What a bold character takes beyond that."""


def text_width(text: str, size: float, bold: bool = False) -> float:
    """An upper bound of a line's width in a font of some size, in the same unit.

    >>> text_width("mmm", 10.0)
    30.0
    """
    return size * (sum([character_width(c) for c in text]) + bold * BOLD * len(text))


def character_width(c: str) -> float:
    """A character's width in parts of the font's size."""
    known = WIDTHS.get(c)
    if known is not None:
        return known
    if unicodedata.combining(c):
        return 0.0
    if unicodedata.east_asian_width(c) in "WF" or ord(c) > 0xFFFF:
        return 1.4  # emoji are wider than ideographs
    return 0.5 if unicodedata.decomposition(c).startswith(("<super>", "<sub>")) else 0.9
