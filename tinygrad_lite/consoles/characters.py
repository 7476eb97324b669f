"""How wide a console is, and how to write there what it has no letters for."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from itertools import groupby
from typing import Final

WIDEST: Final = 80
NARROWEST: Final = 40

WORDS: Final = {
    "∂": "d", "∇": "grad ", "Σ": "Sum", "∑": "Sum", "∏": "Prod", "√": "sqrt", "∞": "inf", "½": "1/2",
    "−": "-", "–": "-", "—": "--", "·": "*", "×": "x", "⊙": ".*", "∘": "o", "±": "+-", "′": "'", "″": "''",
    "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~=", "≡": "==", "∈": "in", "→": "->", "←": "<-", "↦": "|->", "⇒": "=>",
    "‖": "||", "⟨": "<", "⟩": ">", "⌊": "floor(", "⌋": ")", "…": "...", "“": '"', "”": '"', "‘": "'", "’": "'",
    "∀": "all", "∎": "#", "✓": "ok", "✗": "x", "◐": "if", "≔": ":=", "│": "|", "─": "-", "█": "#",
    "\N{COMBINING MACRON}": "bar", "\N{COMBINING CIRCUMFLEX ACCENT}": "hat", "\N{COMBINING TILDE}": "tilde",
}  # fmt: skip
"""Signs in ASCII; of letters and indices it is worked out."""

GREEK: Final = frozenset([
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
])  # fmt: skip
"""Letters by the names that Unicode gives them, but for ``lamda``."""


def console_width() -> int:
    """The columns for a table: those of the console, or of ``COLUMNS`` where it is set, between 40 and 80.

    >>> 40 <= console_width() <= 80
    True
    """
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def legible(text: str, encoding: str | None = None) -> str:
    """A text as the standard output can write it, or an encoding that is given.

    It is the text itself where it can be encoded: everywhere but on consoles without Unicode. There, what has no code
    is written as on a typewriter: letters by name, indices and exponents as in TeX, anything else by its number.

    >>> legible("∂E/∂wᵢⱼ = σ′(zⱼ) x² − 1", "cp1252")
    "dE/dw_{ij} = sigma'(z_j) x² - 1"
    """
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    if encodable(text, encoding):
        return text
    written, named = "", False
    for mark, run in groupby(text, index_mark):
        characters = "".join(run)
        if encodable(characters, encoding):
            pieces = [characters]
        elif mark:
            spelt = "".join(map(spelling, characters))
            pieces = [f"{mark}{spelt}" if len(spelt) == 1 else f"{mark}{{{spelt}}}"]
        else:
            pieces = [c if encodable(c, encoding) else spelling(c) for c in characters]
        for piece in pieces:
            # a letter's name is told from a word behind it
            written += f" {piece}" if named and piece[:1].isalnum() else piece
            named = piece.lower() in GREEK
    return written


def encodable(text: str, encoding: str) -> bool:
    """Whether an encoding has codes for a text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def index_mark(character: str) -> str:
    """What stands before an index or an exponent in TeX; nothing for what is neither."""
    kind = unicodedata.decomposition(character).partition(" ")[0]
    return {"<sub>": "_", "<super>": "^"}.get(kind, "")


def spelling(character: str) -> str:
    """One sign in ASCII."""
    if character.isascii():
        return character
    if character in WORDS:
        return WORDS[character]
    plain = unicodedata.normalize("NFKD", character)  # a script letter is a letter; an accent is a sign of its own
    if plain != character:
        return "".join(map(spelling, plain))
    letter = unicodedata.name(character, "").rpartition(" ")[2].lower().replace("lamda", "lambda")
    if letter in GREEK:
        return letter if character.islower() else letter.title()
    return character.encode("ascii", "backslashreplace").decode()
