"""TeX as tokens: what is set, without how it is spaced."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import cache
from typing import Any, Final, NamedTuple

from .commands import (
    ARG,
    ARRAY,
    BEGINNINGS,
    BIG,
    BRACKETS,
    CHARACTER_BRACKETS,
    CHARACTERS,
    COLON,
    COMMAND,
    COMMANDS,
    CONNECTING,
    DECLARED,
    DIGITS,
    DROPPED,
    FUNCTIONS,
    LETTERS,
    NAME,
    OPERANDS,
    OVER_RELATION,
    RELATIONS,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    TAKING,
    TEXTS,
    WITH_ARGUMENT,
    closed_behind,
)
from .syntax import NOWHERE, Span

EXTRA: Final = "formulas in TeX need the extra 'reading': pip install 'tinygrad-lite[reading]'"


@cache
def library() -> Any:
    """lark; raises ImportError with the extra that brings it."""
    try:
        import lark
    except ImportError:
        raise ImportError(EXTRA) from None
    return lark


class NotRead(ValueError):
    """Why a formula is not read, and where in its text.

    Attributes
    ----------
    span : the place
    lost : whether a left side is lost with it, so that no formula can go on from it
    """

    def __init__(self, why: str, span: Span = NOWHERE) -> None:
        super().__init__(why)
        self.span = span
        self.lost = False


class Piece(NamedTuple):
    """A token: its kind as the grammar calls it, what it stands for, and where it is."""

    kind: str
    value: str
    span: Span


class Tokens:
    """The tokens of a formula's text, from one place in it to another."""

    def __init__(self, text: str, start: int, end: int, names: Collection[str]) -> None:
        self.text, self.at, self.end = text, start, end
        self.names = names
        self.declared = sorted([name for name in names if DECLARED.fullmatch(name)], key=len, reverse=True)
        self.found: list[Piece] = []
        self.brackets: list[tuple[str, int]] = []
        self.single = 0

    def all(self) -> list[Piece]:
        """Every token; raises NotRead for what is none."""
        while self.at < self.end:
            self.step()
        if self.brackets:
            kind, at = self.brackets[-1]
            raise NotRead(f"the bracket {kind} is not closed", (at, at + 1))
        while self.found and self.found[-1].kind == "COMMA":
            self.found.pop()
        return [self.as_name(k) for k in range(len(self.found))]

    def add(self, kind: str, value: str, length: int) -> None:
        """Take a token of so many characters."""
        self.found.append(Piece(kind, value, (self.at, self.at + length)))
        self.at += length
        if self.single and kind not in ("SUB", "SUP"):
            self.single -= 1

    def step(self) -> None:
        """Take what stands here."""
        char = self.text[self.at]
        if char.isspace() or char in "~\u2009\u200a\u00a0" or (char == "&" and not self.in_rows()):
            self.at += 1
        elif char == "\\":
            self.command()
        elif char == "%":
            line = self.text.find("\n", self.at)
            self.at = self.end if line < 0 else line
        elif char in "{}":
            self.brace(char)
        elif char in CHARACTER_BRACKETS:
            self.bracket(*CHARACTER_BRACKETS[char], 1)
        elif char in SUBSCRIPTS or char in SUPERSCRIPTS:
            self.unicode_script(char in SUBSCRIPTS)
        elif char in "+-−*⋆∗" and self.is_alone_above(1):
            self.add("LETTER", {"-": "−", "∗": "*", "⋆": "*"}.get(char, char), 1)
        elif char == "." and not DIGITS.match(self.text, self.at):
            self.full_stop()
        elif char.isdigit() or char == ".":
            self.number()
        elif char == ":" and self.text.startswith(":=", self.at):
            self.add("REL", ":=", 2)
        elif char == ":" and not self.brackets and COLON.match(self.text[: self.end], self.at):
            self.add("COMMA", char, 1)
        elif char in "ΣΠ" and self.text[self.at + 1 : self.at + 2] in ("_", *SUBSCRIPTS):
            self.add("BIG", BIG[char], 1)
        elif unicodedata.combining(char) and self.found and self.found[-1].kind == "LETTER":
            letter = self.found.pop()
            self.found.append(letter._replace(value=letter.value + char, span=(letter.span[0], self.at + 1)))
            self.at += 1
        elif char in CHARACTERS:
            self.add(*CHARACTERS[char], 1)
        elif char.isalpha() or char in "∂∞⊤†∅":
            self.letters(char)
        else:
            why = "a factorial is not read" if char == "!" else f"the character {char!r} is not read"
            raise NotRead(why, (self.at, self.at + 1))

    def full_stop(self) -> None:
        """Three dots; the end of a sentence, with another formula behind it or none; or one that says nothing."""
        if self.text.startswith("...", self.at):
            self.add("DOTS", "…", 3)
        elif self.brackets or not self.follows_operand():
            self.at += 1
        else:
            self.add("COMMA", ".", 1)

    def in_rows(self) -> bool:
        """Whether what stands here is in cases or in a matrix."""
        return any(kind in ("cases", "matrix") for kind, _ in self.brackets)

    def follows_operand(self) -> bool:
        """Whether what stands before can end a formula."""
        return bool(self.found) and self.found[-1].kind in OPERANDS

    # -- brackets -----------------------------------------------------------------------------------------------------

    def brace(self, char: str) -> None:
        """A brace; empty ones are passed over."""
        if char == "}":
            self.close("{ ", "RBRACE", 1)
        elif empty := re.compile(r"\{\s*\}").match(self.text, self.at):
            if self.single or (self.found and self.found[-1].kind in TAKING):
                raise NotRead("nothing stands in the braces", empty.span())
            self.at = empty.end()
        else:
            self.brackets.append(("{ ", self.at))
            self.add("GIVEN" if self.found and self.found[-1].kind == "FUNCTION" else "LBRACE", "{", 1)

    def open(self, kind: str, length: int) -> None:
        """An opening bracket."""
        self.brackets.append((kind, self.at))
        self.add("OPEN", kind, length)

    def close(self, kind: str, token: str, length: int) -> None:
        """A closing bracket; raises NotRead where another is open."""
        if self.brackets and self.brackets[-1][0] in "|‖" and kind not in "|‖":
            bar, at = self.brackets[-1]
            raise NotRead(f"the bar {bar} is not closed: of conditions and divergences it is not read", (at, at + 1))
        if not self.brackets or self.brackets[-1][0] != kind:
            what = self.text[self.at : self.at + length]
            why = f"{self.brackets[-1][0].strip()} is open" if self.brackets else "none is open"
            raise NotRead(f"the bracket {what} closes what is not open: {why}", (self.at, self.at + length))
        self.brackets.pop()
        self.add(token, kind, length)

    def bar(self, kind: str, length: int) -> None:
        """A bar opens where an operand is expected, and closes behind one if one is open."""
        before = self.found[-1].kind if self.found else ""
        operand = self.follows_operand()
        if operand and self.brackets and self.brackets[-1][0] == kind:
            self.close(kind, "CLOSE", length)
        elif operand and self.brackets and kind == "|" and before != "CLOSE" and self.brackets[-1][0] == "(":
            if "|" in self.text[self.at + 1 : self.end].partition(")")[0]:
                raise NotRead("is this bar | one of a condition? then write \\mid", (self.at, self.at + 1))
            self.add("REL", "∣", length)
        else:
            self.open(kind, length)

    # -- words and letters --------------------------------------------------------------------------------------------

    def number(self) -> None:
        r"""Digits; behind _ and ^ and a bare \frac only one."""
        match = DIGITS.match(self.text, self.at)
        assert match is not None
        thousands = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)").match(self.text, self.at)
        if thousands and not self.brackets:
            raise NotRead(f"{thousands[0]}: one number or several? write numbers without commas", thousands.span())
        before = self.found[-1].kind if self.found else ""
        text = match[0][0] if before in ("SUB", "SUP") or self.single else match[0]
        if text == ".":
            raise NotRead("a full stop is not read as a script", (self.at, self.at + 1))
        self.add("NUMBER", text, len(text))

    def letters(self, char: str) -> None:
        """A letter; a word that is declared, or a function's name before brackets."""
        before = self.found[-1].kind if self.found else ""
        declared = next((name for name in self.declared if self.text.startswith(name, self.at)), "")
        if declared and before not in ("SUB", "SUP"):
            self.add("WORD", declared, len(declared))
            return
        run = LETTERS.match(self.text, self.at)
        if run is not None and before not in ("SUB", "SUP") and not self.single:
            hyphened = re.compile(r"[A-Za-z]{2,}(?:-[A-Za-z0-9]+)+").match(self.text, self.at)
            if hyphened and self.brackets and self.brackets[-1][0] == "{ " and self.follows_script():
                raise NotRead(f"the hyphenated name {hyphened[0]} reads as a difference", hyphened.span())
            if self.function_word(run[0]):
                return
        self.add("LETTER", char, 1)

    def is_alone_above(self, length: int) -> bool:
        """Whether a sign of so many characters is a whole superscript, as of w^* and w^{+}."""
        kinds = [piece.kind for piece in self.found[-2:]]
        in_braces = kinds == ["SUP", "LBRACE"] and self.text[self.at + length : self.end].lstrip().startswith("}")
        return kinds[-1:] == ["SUP"] or in_braces

    def function_word(self, run: str) -> bool:
        """Take a run of letters that is a function's name; refused where it looks like one and reads as letters."""
        span = (self.at, self.at + len(run))
        if [piece.kind for piece in self.found[-2:]] == ["STYLE", "LBRACE"]:
            return False  # \\mathrm{diag}
        if run in FUNCTIONS and self.follows_script() and self.text[span[1] : self.end].lstrip().startswith("}"):
            self.add("WORD", run, len(run))  # x_{max}
        elif run in FUNCTIONS and self.before_bracket(span[1]):
            self.add("FUNCTION", run, len(run))
        elif run in FUNCTIONS and len(run) > 2 and not self.text[self.at - 1 : self.at].isalpha():
            raise NotRead(f"{run} reads as letters side by side: write \\{run}, or brackets behind it", span)
        elif self.before_bracket(span[1]) and (
            longest := max([f for f in FUNCTIONS if run.endswith(f)], key=len, default="")
        ):
            if len(run) > len(longest) + 1:
                raise NotRead(f"{run} reads as letters and then {longest}: declare it as a word", span)
            return False
        else:
            return False
        return True

    def follows_script(self) -> bool:
        """Whether the braces that are open are those of a script."""
        depth = 0
        for k in range(len(self.found) - 1, -1, -1):
            kind = self.found[k].kind
            depth += (kind == "RBRACE") - (kind in ("LBRACE", "GIVEN"))
            if depth < 0:
                return k > 0 and self.found[k - 1].kind in ("SUB", "SUP")
        return False

    def before_bracket(self, at: int) -> bool:
        """Whether an opening bracket follows."""
        rest = self.text[at : self.end].lstrip()
        return rest.startswith(("(", "\\left(", "\\big(", "\\Big(", "\\bigl(", "\\left[", "{\\left("))

    def before_letter(self, at: int) -> bool:
        """Whether a letter follows."""
        return (
            re.compile(r"\s*(?:[A-Za-z]|\\(?:mathbf|boldsymbol|vec|theta|omega|w)\b)").match(self.text, at) is not None
        )

    def unicode_script(self, below: bool) -> None:
        """Subscripts or superscripts that are characters."""
        known = SUBSCRIPTS if below else SUPERSCRIPTS
        start = self.at
        while self.at < self.end and self.text[self.at] in known:
            self.at += 1
        plain = "".join([known[char] for char in self.text[start : self.at]])
        inner = Tokens(self.text[:start] + plain + self.text[self.at :], start, self.at, self.names).all()
        first, last = (start, start + 1), (self.at - 1, self.at)
        self.found.append(Piece("SUB" if below else "SUP", "_" if below else "^", first))
        self.found += [Piece("LBRACE", "{", first), *inner, Piece("RBRACE", "}", last)]

    # -- commands -----------------------------------------------------------------------------------------------------

    def command(self) -> None:
        """What begins with a backslash."""
        match = COMMAND.match(self.text, self.at)
        if match is None:
            raise NotRead("a backslash at the end", (self.at, self.at + 1))
        name, length = match[1], len(match[0])
        if name in DROPPED:
            self.at += length
            if name in ("left", "right") and self.text.startswith(".", self.at):
                self.at += 1
        elif name in ("begin", "end"):
            self.environment(name, length)
        elif name == "\\":
            skipped = re.compile(r"\\\\\*?(?:\s*\[[^\]]*\])?").match(self.text, self.at)
            assert skipped is not None
            self.add("ROW", "\\\\", len(skipped[0]))
        elif self.text_command(name, length) or self.special_command(name, length):
            pass
        elif name in BRACKETS:
            self.bracket(*BRACKETS[name], length)
        elif name in COMMANDS:
            self.add(*COMMANDS[name], length)
        else:
            why = "is not read in a formula" if len(name) == 1 else "is not read"
            raise NotRead(f"the command \\{name} {why}", (self.at, self.at + length))

    def text_command(self, name: str, length: int) -> bool:
        """Take a command whose braces hold no formula, or another one; whether this is one."""
        if name not in (*WITH_ARGUMENT, *TEXTS, "operatorname", "operatorname*", "substack"):
            return False
        self.at += length
        inner, start = self.braced(name)
        if name in TEXTS:
            behind = closed_behind(inner, self.text, self.at, self.end)
            self.at += len(behind)
            self.words(inner + behind, start)
        elif name.startswith("operatorname"):
            word = inner.strip().replace("\\,", "").replace(" ", "")
            kind = "BIG" if word in BIG else "FUNCTION"
            self.found.append(Piece(kind, BIG.get(word, word), (start, self.at)))
        elif name == "substack":
            commas = self.text[: start + 1] + inner.replace("\\\\", ", ") + self.text[self.at - 1 :]
            self.found.append(Piece("LBRACE", "{", (start, start + 1)))
            self.found += Tokens(commas, start + 1, self.at - 1, self.names).all()
            self.found.append(Piece("RBRACE", "}", (self.at - 1, self.at)))
        return True

    def special_command(self, name: str, length: int) -> bool:
        """Take a command that depends on what stands around it; whether it does."""
        here = (self.text, self.at, self.end)
        if name in ("frac", "tfrac", "dfrac", "cfrac"):
            self.add("FRAC", name, length)
            self.single = 0 if self.text[self.at : self.end].lstrip().startswith("{") else 2
        elif name in ("overset", "stackrel") and (over := OVER_RELATION.match(*here)):
            sign = RELATIONS[over["sign"].lstrip("\\")]
            defines = sign == "=" and re.search(r"def|\\triangle|!", over["above"]) is not None
            self.add("REL", ":=" if defines else sign, over.end() - self.at)
        elif name == "arg" and (behind := ARG.match(*here)):
            self.add("BIG", f"arg{behind[1]}", len(behind[0]))
        elif name == "Delta" and "Δ" not in self.names and self.before_letter(self.at + length):
            self.add("STYLE", "Δ", length)  # part of the name behind it
        elif name in ("{", "lbrace") and (array := ARRAY.match(*here)):
            self.brackets.append(("cases", self.at))
            self.add("CASES", "cases", array.end() - self.at)
        elif name in ("ast", "star", "dagger") and self.is_alone_above(length):
            self.add("LETTER", "†" if name == "dagger" else "*", length)
        else:
            return False
        return True

    def bracket(self, how: str, kind: str, length: int) -> None:
        """A bracket that is a command."""
        if how == "open":
            self.open(kind, length)
        elif how == "close":
            self.close(kind, "CLOSE", length)
        else:
            self.bar(kind, length)

    def braced(self, name: str) -> tuple[str, int]:
        """The text in braces behind a command, and where it begins."""
        while self.at < self.end and self.text[self.at].isspace():
            self.at += 1
        start = self.at
        if self.at >= self.end or self.text[self.at] != "{":
            raise NotRead(f"\\{name} without braces", (start, start))
        depth = 0
        for k in range(self.at, self.end):
            depth += {"{": 1, "}": -1}.get(self.text[k], 0) if self.text[k - 1] != "\\" else 0
            if not depth:
                self.at = k + 1
                return self.text[start + 1 : k], start
        raise NotRead(f"the braces of \\{name} are not closed", (start, start + 1))

    def words(self, inner: str, start: int) -> None:
        """Text: a word that is a name, or a clause; what stands in it between dollar signs is a formula."""
        at = start + 1
        for k, part in enumerate(inner.split("$")):
            span = (at, at + len(part))
            if k % 2:
                self.found += Tokens(self.text, *span, self.names).all()
            elif part.strip():
                self.found.append(self.word_or_clause(part, (start, self.at) if part == inner else span))
            at = span[1] + 1

    def word_or_clause(self, text: str, span: Span) -> Piece:
        """A piece of text: a function before brackets, a name, or words that say something of the formula."""
        word = text.strip()
        first = word.split()[0].lower().rstrip(",.")
        if word in FUNCTIONS and self.before_bracket(self.at):
            return Piece("FUNCTION", word, span)
        is_name = text == word and NAME.fullmatch(word) is not None and first not in CONNECTING
        return Piece("WORD" if is_name else "WORDS", word if is_name else text, span)

    def as_name(self, k: int) -> Piece:
        r"""A token; words as a name where an operand is expected: ``\text{hit rate} = a``, ``x_{\text{in layer}}``."""
        piece = self.found[k]
        before = self.found[k - 1].kind if k else ""
        after = self.found[k + 1].kind if k + 1 < len(self.found) else ""
        beside = before in OPERANDS or after in BEGINNINGS
        asked = before in ("REL", "OPERATOR", "SIGN", "SUB", "SUP") or after in ("REL", "OPERATOR", "SUB", "SUP")
        if piece.kind == "WORDS" and not beside and (asked or (before, after) == ("LBRACE", "RBRACE")):
            return piece._replace(kind="WORD", value=piece.value.strip())
        return piece

    def environment(self, which: str, length: int) -> None:
        """Cases and matrices."""
        start = self.at
        self.at += length
        name, _ = self.braced(which)
        name = name.rstrip("*")
        span = (start, self.at)
        if which == "end" and name == "array" and self.brackets and self.brackets[-1][0] == "cases":
            name = "cases"
        kind = "cases" if name in ("cases", "dcases") else "matrix" if name.endswith(("matrix", "array")) else ""
        if not kind:
            raise NotRead(f"the environment {name} is not read inside a formula", span)
        if which == "begin":
            if name == "array":
                self.braced("array")
            self.brackets.append((kind, start))
            self.found.append(Piece("CASES" if kind == "cases" else "MATRIX", name, span))
        else:
            if not self.brackets or self.brackets[-1][0] != kind:
                raise NotRead(f"\\end{{{name}}} closes what is not open", span)
            self.brackets.pop()
            while self.found and self.found[-1].kind == "ROW":
                self.found.pop()
            self.found.append(Piece("END", name, span))
