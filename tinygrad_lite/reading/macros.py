r"""TeX's own abbreviations: ``\newcommand``, ``\def`` and ``\DeclareMathOperator`` written out where they are used."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final, NamedTuple

COMMAND: Final = re.compile(r"\\(?:([A-Za-z@]+)|.)", re.DOTALL)
NEW: Final = re.compile(
    r"\*?\s*(?:\{\s*\\([A-Za-z@]+)\s*\}|\\([A-Za-z@]+))\s*(?:\[(\d)\])?\s*(?:\[([^\]]*)\])?\s*(?=\{)"
)
DEF: Final = re.compile(r"\s*\\([A-Za-z@]+)\s*((?:#\d)*)\s*(?=\{)")
PARAMETER: Final = re.compile(r"#(\d)")

DEFINING: Final = ("newcommand", "renewcommand", "providecommand", "DeclareMathOperator")

MOST_WRITTEN: Final = 10_000
"""Macros that are written out; a document with more has one that uses itself."""


class Macro(NamedTuple):
    """What a macro stands for: #1, #2, … for its arguments; the first has a default where it may be left out."""

    arity: int
    body: str
    default: str | None = None


class MacroError(ValueError):
    """A macro that cannot be written out."""


@dataclass
class Expanded:
    """A text in which no macros are left, and for its places those in the text that it was.

    Attributes
    ----------
    text : with as many lines, of which each has in it what it had
    """

    text: str = ""
    breaks: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])

    def origin(self, place: int) -> int:
        """Where something stood."""
        here, there = self.breaks[bisect_right(self.breaks, (place, 1 << 62)) - 1]
        return there + place - here


def expanded(text: str) -> Expanded:
    r"""A text with its macros written out, each from where it is defined; definitions leave spaces.

    Raises MacroError for one that uses itself.

    >>> expanded(r"\newcommand{\dd}[2]{\frac{\partial #1}{\partial #2}}\dd{E}{z}").text.strip()
    '\\frac{\\partial E}{\\partial z}'
    """
    known: dict[str, Macro] = {}
    found = Expanded()
    parts: list[str] = []
    length = at = 0
    for match in COMMAND.finditer(text):
        if match.start() < at:
            continue
        defined = definition(text, match)
        if defined is not None:
            name, macro, end = defined
            if macro is not None:
                known[name] = macro
            put = re.sub(r"[^\n]", " ", text[match.start() : end])
        elif match[1] in known:
            written, end = call(text, match.end(), known[match[1]])
            put = written_out(written, known) + separated(written, text[end : end + 1])
            put = put.replace("\n", " ") + "\n" * text.count("\n", match.start(), end)
        else:
            continue
        parts += [text[at : match.start()], put]
        length += match.start() - at + len(put)
        found.breaks.append((length, end))
        at = end
    found.text = "".join([*parts, text[at:]])
    return found


def definition(text: str, match: re.Match[str]) -> tuple[str, Macro | None, int] | None:
    r"""The macro that a command defines, with its name and where that ends; None for any other command.

    Of ``\providecommand`` nothing is known to be provided but what the text says itself.
    """
    name = match[1] or ""
    if name in DEFINING:
        head = NEW.match(text, match.end())
    elif name == "def":
        head = DEF.match(text, match.end())
    else:
        return None
    body = None if head is None else braced(text, head.end())
    if head is None or body is None:
        return None
    end, body = head.end() + len(body) + 2, body.strip()
    if name == "def":
        return head[1], Macro(head[2].count("#"), body), end
    if name == "DeclareMathOperator":
        star = "*" if text.startswith("*", match.end()) else ""
        return head[1] or head[2], Macro(0, f"\\operatorname{star}{{{body}}}"), end
    return head[1] or head[2], Macro(int(head[3] or 0), body, head[4]), end


def written_out(text: str, known: dict[str, Macro]) -> str:
    """A macro's body with the macros in it written out."""
    for _ in range(MOST_WRITTEN):
        match = next((m for m in COMMAND.finditer(text) if m[1] in known), None)
        if match is None:
            return text
        if len(text) > MOST_WRITTEN:
            break
        written, end = call(text, match.end(), known[match[1]])
        text = text[: match.start()] + written + separated(written, text[end : end + 1]) + text[end:]
    raise MacroError(f"the macro \\{match[1] if match is not None else ''} is written with itself")


def call(text: str, at: int, macro: Macro) -> tuple[str, int]:
    """A macro with the arguments behind it in place, and where those end."""
    arguments: list[str] = []
    if macro.default is not None:
        optional = re.compile(r"\s*\[([^\]]*)\]").match(text, at)
        arguments.append(macro.default if optional is None else optional[1])
        at = at if optional is None else optional.end()
    while len(arguments) < macro.arity:
        given, at = argument(text, at)
        arguments.append(given)
    return PARAMETER.sub(lambda m: arguments[int(m[1]) - 1] if int(m[1]) <= len(arguments) else m[0], macro.body), at


def argument(text: str, at: int) -> tuple[str, int]:
    """What stands in braces behind a place, or a single character or command, and where it ends."""
    while at < len(text) and text[at].isspace():
        at += 1
    if text.startswith("{", at):
        inner = braced(text, at)
        if inner is not None:
            return inner, at + len(inner) + 2
    command = COMMAND.match(text, at)
    end = at + 1 if command is None else command.end()
    return text[at:end], min(end, len(text))


def separated(written: str, following: str) -> str:
    """A space, where a command's name at the end would go on in the letter that follows."""
    return " " if following.isalpha() and re.search(r"\\[A-Za-z]+$", written) else ""


def braced(text: str, at: int) -> str | None:
    """What stands in the braces that open at a place; None where they are not closed."""
    depth = 0
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, at):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not depth and match[0] == "}":
            return text[at + 1 : match.start()]
    return None
