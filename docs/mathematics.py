r"""The docstrings' mathematics, which is Unicode in prose, as LaTeX.

>>> latex("dy/dx = 1/(2√x)")
'\\frac{dy}{dx} = \\frac{1}{2 \\sqrt{x}}'
>>> [text for text, formula in pieces("y = eˣ; the rest is prose") if formula]
['y = eˣ']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

SUPERSCRIPTS: Final = dict(
    zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᵈᵉᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴸᴷᵀ", "0123456789+-=()abdeghijklmnoprstuvwxyzLKT", strict=True)
)
SUBSCRIPTS: Final = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-=()aehijklmnoprstuvx", strict=True))

SIGNS: Final = {
    "−": "-", "·": r"\cdot", "×": r"\times", "⊙": r"\odot", "±": r"\pm", "≤": r"\le", "≥": r"\ge", "≠": r"\ne",
    "≈": r"\approx", "←": r"\leftarrow", "→": r"\to", "↦": r"\mapsto", "∈": r"\in", "∞": r"\infty", "…": r"\dots",
    "½": r"\tfrac{1}{2}", "∂": r"\partial", "Σ": r"\sum", "Π": r"\prod", "∫": r"\int", "α": r"\alpha", "β": r"\beta",
    "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "η": r"\eta", "θ": r"\theta", "λ": r"\lambda", "μ": r"\mu",
    "π": r"\pi", "σ": r"\sigma", "φ": r"\varphi", "Φ": r"\Phi", "ℝ": r"\mathbb{R}",
}  # fmt: skip

RELATIONS: Final = frozenset(["=", "<", ">", "≤", "≥", "≠", "≈", "←", "→", "↦", "∈"])
PRODUCTS: Final = frozenset("·×⊙")
BRACKETS: Final = {"(": ")", "[": "]", "⌊": "⌋", "⌈": "⌉", "|": "|", "‖": "‖"}
PREFIXES: Final = frozenset("√∛∂ΣΠ∫") | frozenset(BRACKETS)
FENCES: Final = {"⌊": r"\lfloor ", "⌋": r" \rfloor", "⌈": r"\lceil ", "⌉": r" \rceil", "‖": r"\Vert "}
ACCENTS: Final = {"\u0304": "bar", "\u0302": "hat"}
COMMANDS: Final = frozenset(
    ["exp", "ln", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "max", "min", "det"]
)
FUNCTIONS: Final = COMMANDS | frozenset(
    ["arsinh", "arcosh", "artanh", "sign", "erf", "tr", "adj", "softmax", "fft", "ifft", "rfft", "irfft"]
)

TOKEN: Final = re.compile(
    rf"""(?P<space>\s+)
    | (?P<up>[{"".join(SUPERSCRIPTS)}]+)
    | (?P<down>[{"".join(SUBSCRIPTS)}]+(?:\.\.[{"".join(SUBSCRIPTS)}]+)?)
    | (?P<below>_\{{[^{{}}]+\}})
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<accented>[A-Za-z][{"".join(ACCENTS)}])
    | (?P<word>[A-Za-z]+(?:_[A-Za-z]+)*)
    | (?P<letter>[α-ωΦℝ]|∞|½|…)
    | (?P<sign>[−+·×⊙±=<>≤≥≠≈←→↦∈/^√∛∂ΣΠ∫′'()\[\]⌊⌋⌈⌉|‖,:])
    | (?P<other>.)""",
    re.VERBOSE,
)

STRONG: Final = re.compile(
    rf"[{''.join(SUPERSCRIPTS)}{''.join(SUBSCRIPTS)}−+·×⊙±=<>≤≥≠≈←→↦∈/^√∛∂ΣΠ∫α-ωΦℝ∞½|‖{''.join(ACCENTS)}]"
    rf"|\b(?:{'|'.join(COMMANDS)})\("
)
"""What marks a piece of a sentence as mathematics."""

LOW: Final = re.compile(
    r"\\left([(\[]) ((?:[^\\]|\\(?!left|right|frac|sum|prod|int|sqrt|lfloor|lceil))*?) \\right([)\]])"
)
"""Brackets around what is no higher than they are."""

BINARY: Final = frozenset("−+·×⊙±=<>≤≥≠≈←→↦∈√^")
"""What makes mathematics of the words beside it: ``1 − dampening``."""

PROSE: Final = frozenset(
    ["a", "an", "and", "as", "at", "by", "else", "for", "from", "if", "in", "is", "of", "on", "or", "the", "to"]
) | {"where", "which", "with"}
"""But not of these."""


class Token(NamedTuple):
    """A piece of text, its kind, and whether a space stands before it."""

    text: str
    kind: str
    spaced: bool = False


class NotMathematicsError(ValueError):
    """What was taken for a formula is none."""


# ---------------------------------------------------------------------------------------------------------------------
# Finding it


def tokens(text: str) -> list[Token]:
    """The text cut into tokens, its spaces among them."""
    return [Token(found[0], str(found.lastgroup)) for found in TOKEN.finditer(text)]


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """The sentence in pieces: each with its LaTeX if it is a formula, else with an empty text."""
    found = [piece for piece in candidates(tokens(text)) if piece[0]]
    behind = [*[piece for piece, _ in found], ""][1:]
    # where parentheses come next that hold prose, what stands before them is part of no formula
    found = [(piece, likely and after[0:1] != "(") for (piece, likely), after in zip(found, behind, strict=True)]
    formulas = [latex_or_nothing(piece) if likely and STRONG.search(piece) else "" for piece, likely in found]
    known = {t.text for (piece, _), formula in zip(found, formulas, strict=True) if formula for t in tokens(piece)}
    for (piece, likely), formula in zip(found, formulas, strict=True):
        # a letter by itself is a variable if a formula has it; "a" is an article
        lone = likely and len(piece) == 1 and piece in known and piece not in "aI" and piece.isalpha()
        yield piece, SIGNS.get(piece, piece) if lone else formula


def candidates(found: list[Token]) -> Iterator[tuple[str, bool]]:
    """Longest runs of tokens that may stand in formulas, and the prose between them."""
    may = [mathematical(found, place) for place in range(len(found))]
    unclose(found, may)
    start = 0
    while start < len(found):
        end = start
        while end < len(found) and may[end] == may[start]:
            end += 1
        text = "".join([t.text for t in found[start:end]])
        if may[start]:
            core = text.strip(" \n,'")
            before, _, after = text.partition(core) if core else (text, "", "")
            yield from [(before, False), (core, True), (after, False)]
        else:
            yield text, False
        start = end


def mathematical(found: list[Token], place: int) -> bool:
    """Whether a token may stand in a formula."""
    token = found[place]
    if token.kind != "word":
        return token.kind != "other"
    if len(token.text) == 1 or token.text in FUNCTIONS or "_" in token.text or re.fullmatch(r"d[a-z]", token.text):
        return True
    if token.text in PROSE:
        return False
    before = next((t.text for t in found[:place][::-1] if t.kind != "space" and t.text not in "()"), "")
    after = [t for t in found[place + 1 :] if t.text not in "()"]
    while after and after[0].kind == "space" and len(after) > 1 and after[1].kind != "space":
        if after[1].text == "−" and len(after) > 2 and after[2].kind != "space":
            return before in BINARY  # a negative number comes next, not a difference
        del after[0]
    return before in BINARY or (bool(after) and after[0].text in BINARY)


def unclose(found: list[Token], may: list[bool]) -> None:
    """Make prose of parentheses that hold some, and of commas outside all."""
    opened: list[int] = []
    inside = [False] * len(found)
    for place, token in enumerate(found):
        if token.text in ("(", "["):
            opened.append(place)
        elif token.text in (")", "]"):
            if not opened:
                may[place] = False
                continue
            first = opened.pop()
            content = [k for k in range(first + 1, place) if found[k].kind != "space"]
            if not content or not all(may[k] for k in content):
                may[first] = may[place] = False
            else:
                inside[first:place] = [True] * (place - first)
    for place in opened:
        may[place] = False
    for place, token in enumerate(found):
        if token.text in (",", ":") and not inside[place]:
            may[place] = False


# ---------------------------------------------------------------------------------------------------------------------
# Setting it


def latex_or_nothing(formula: str) -> str:
    """LaTeX, or an empty text where the formula cannot be read."""
    try:
        return latex(formula)
    except NotMathematicsError:
        return ""


def latex(formula: str) -> str:
    """A formula in Unicode as LaTeX; raises NotMathematicsError for what is none."""
    found: list[Token] = []
    spaced = False
    for token in tokens(formula):
        if token.kind == "space":
            spaced = True
            continue
        found.append(token._replace(spaced=spaced))
        spaced = False
    reader = Reader(found)
    text = reader.listed()
    if reader.place < len(found):
        raise NotMathematicsError(formula)
    while (plain := LOW.sub(r"\1\2\3", text)) != text:
        text = plain
    return text


class Reader:
    """Reads a formula by recursive descent: a slash without spaces binds its neighbours, one with spaces products."""

    def __init__(self, found: list[Token]) -> None:
        self.found = found
        self.place = 0
        self.bars = 0

    @property
    def next(self) -> Token:
        return self.found[self.place] if self.place < len(self.found) else Token("", "end")

    def take(self) -> Token:
        token = self.next
        self.place += 1
        return token

    def listed(self) -> str:
        parts = [self.relation()]
        while self.next.text == ",":
            self.take()
            parts.append(self.relation())
        return ", ".join(parts)

    def relation(self) -> str:
        text = self.sum_of_terms()
        while self.next.text in RELATIONS:
            sign = self.take().text
            text += f" {SIGNS.get(sign, sign)} {self.sum_of_terms()}"
        return text

    def sum_of_terms(self) -> str:
        text = ""
        if self.next.text in ("−", "+", "±"):
            text = SIGNS.get(self.take().text, "+") + " "
            text = text.replace("- ", "-")
        text += self.term()
        while self.next.text in ("−", "+", "±"):
            sign = self.take().text
            text += f" {SIGNS.get(sign, sign)} {self.term()}"
        return text

    def term(self) -> str:
        above = self.product()
        while self.next.text == "/" and self.next.spaced:
            self.take()
            above = rf"\frac{{{bare(above)}}}{{{bare(self.product())}}}"
        return above

    def product(self) -> str:
        parts = [self.factor()]
        while self.starts_factor() or self.next.text in PRODUCTS:
            if self.next.text in PRODUCTS:
                parts.append(SIGNS[self.take().text])
            parts.append(self.factor())
        return " ".join(parts)

    def starts_factor(self) -> bool:
        token = self.next
        if token.text in ("|", "‖") and self.bars:
            return False
        return token.kind in ("number", "accented", "word", "letter") or token.text in PREFIXES

    def factor(self) -> str:
        above = self.atom()
        while self.next.text == "/" and not self.next.spaced:
            self.take()
            below = self.atom()
            while below.startswith(r"\partial") and self.next.text == "∂" and not self.next.spaced:
                below += r"\, " + self.atom()
            above = rf"\frac{{{bare(above)}}}{{{bare(below)}}}"
        return above

    def atom(self) -> str:
        token = self.take()
        if token.kind == "number":
            text = token.text
        elif token.kind == "accented":
            text = rf"\{ACCENTS[token.text[1]]}{{{token.text[0]}}}"
        elif token.kind == "word":
            text = word(token.text)
        elif token.kind == "letter" or token.text == ":":
            text = SIGNS.get(token.text, token.text)
        elif token.text in ("√", "∛"):
            return self.indexed(rf"\sqrt{'[3]' if token.text == '∛' else ''}{{{bare(self.atom_alone())}}}")
        elif token.text == "∂":
            text = self.indexed(r"\partial")
            if self.starts_factor():
                text += " " + self.atom()
            return text
        elif token.text in ("Σ", "Π", "∫"):
            return self.indexed(SIGNS[token.text])
        elif token.text in BRACKETS:
            text = self.bracketed(token.text)
        else:
            raise NotMathematicsError(token.text)
        return self.indexed(text)

    def atom_alone(self) -> str:
        """What a root without parentheses covers: one sign and its indices, or a whole sum."""
        return self.product() if self.next.text == "Σ" else self.atom()

    def bracketed(self, first: str) -> str:
        last = BRACKETS[first]
        self.bars += first in "|‖"
        if first in "|‖" and self.bars > 1:
            raise NotMathematicsError(first)
        inside = self.listed()
        self.bars -= first in "|‖"
        if self.take().text != last:
            raise NotMathematicsError(inside)
        return rf"\left{FENCES.get(first, first)} {inside} \right{FENCES.get(last, last).lstrip()}"

    def indexed(self, text: str) -> str:
        """Superscripts, subscripts, powers, primes and subscripts in brackets behind a sign."""
        up = down = ""
        while True:
            token = self.next
            if token.spaced:
                break
            if token.kind == "up":
                up += "".join([SUPERSCRIPTS[c] for c in self.take().text])
            elif token.kind == "down":
                down += "".join([SUBSCRIPTS.get(c, c) for c in self.take().text]).replace("..", r"\dots ")
            elif token.kind == "below":
                down += latex(self.take().text[2:-1])
            elif token.text == "^":
                self.take()
                up += bare(self.power())
            elif token.text in ("′", "'"):
                self.take()
                up += r"\prime"
            else:
                break
        up = re.sub(r"^T$", r"\\top", up)
        if "_" in text and down:
            raise NotMathematicsError(text)
        return text + (f"_{{{down}}}" if down else "") + (f"^{{{up}}}" if up else "")

    def power(self) -> str:
        token = self.take()
        if token.text in BRACKETS:
            return self.bracketed(token.text)
        if token.kind in ("number", "word", "letter"):
            return word(token.text) if token.kind == "word" else SIGNS.get(token.text, token.text)
        raise NotMathematicsError(token.text)


def word(text: str) -> str:
    """A variable, a function or a name of several letters."""
    if len(text) == 1 or re.fullmatch(r"d[a-z]", text):
        return text
    if re.fullmatch(r"[A-Za-z]_[a-z]", text):
        return f"{text[0]}_{{{text[2]}}}"
    if text in COMMANDS:
        return rf"\{text}"
    shown = text.replace("_", r"\_")
    return rf"\operatorname{{{shown}}}" if text in FUNCTIONS else rf"\mathrm{{{shown}}}"


def bare(text: str) -> str:
    """A formula without the parentheses around all of it, where a fraction, a root or a power groups it anyway."""
    if not (text.startswith(r"\left( ") and text.endswith(r" \right)")):
        return text
    depth = 0
    for found in re.finditer(r"\\left\(|\\right\)", text):
        depth += 1 if found[0] == r"\left(" else -1
        if not depth and found.end() < len(text):
            return text
    return text[len(r"\left( ") : -len(r" \right)")]
