r"""The rows of an environment, and the formulas that stand side by side in one.

All of it keeps every character's place: what separates is put in the place of what it replaces, in a text as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from .commands import DROPPED, OPERATORS, RELATIONS, TEXTS
from .syntax import Span

BEGINNING: Final = re.compile(
    r"(?:\s|\\label\{[^}]*\})*\\begin\{(aligned|align|alignat|alignedat|eqnarray|gather|gathered|split|multline|equation"
    r"|displaymath|math)(\*?)\}(?:\[[a-z]\])?"
)
COLUMNS: Final = re.compile(r"\s*\{\d+\}")
BEHIND: Final = re.compile(r"(?:\s|[.,;]|\\label\{[^}]*\}|\\tag\{[^}]*\})*")
BREAK: Final = re.compile(r"\\\\\*?(?:\s*\[[^\]]*\])?")
MARK: Final = re.compile(r"\\[A-Za-z]+|\\.|:=|.", re.DOTALL)
NUMBERED: Final = re.compile(r"\\q?quad\s*\((\d+[a-z]?)\)[\s.,]*$")
"""An equation's number at the end of its line."""


class Mark(NamedTuple):
    """A command or a character of a text, with how many brackets and environments it stands in."""

    text: str
    span: Span
    depth: int

    @property
    def name(self) -> str:
        """A command without its backslash."""
        return self.text[1:] if self.text.startswith("\\") and len(self.text) > 1 else self.text


def marks(text: str, start: int, end: int) -> Iterator[Mark]:
    """What a text consists of, but for spaces."""
    depth = 0
    for match in MARK.finditer(text, start, end):
        mark = match[0]
        if mark.isspace():
            continue
        closes = mark in ("}", ")", "]", "\\}", "\\end")
        depth -= closes and depth > 0
        yield Mark(mark, match.span(), depth)
        depth += mark in ("{", "(", "[", "\\{", "\\begin")


def is_relation(mark: Mark) -> bool:
    """Whether it is a sign of relation, outside of brackets."""
    return not mark.depth and (mark.name in RELATIONS or mark.text == ":=") and mark.name != "mid"


def inside(text: str) -> tuple[int, int, str]:
    """Where an environment's contents are, with its name; "" where the text is none; of nested ones the inner one's."""
    start, end, name = 0, len(text), ""
    while (match := BEGINNING.match(text, start, end)) is not None:
        ending = re.compile(r"\\end\{" + re.escape(match[1] + match[2]) + r"(?:\}|(?=\s*$))")
        last = max(ending.finditer(text, match.end(), end), key=lambda found: found.start(), default=None)
        if last is None or BEHIND.fullmatch(text, last.end(), end) is None:
            break
        start, end, name = match.end(), last.start(), match[1]
        if name in ("alignat", "alignedat") and (columns := COLUMNS.match(text, start)) is not None:
            start = columns.end()
    return start, end, name


def breaks(text: str, start: int, end: int) -> Iterator[Span]:
    r"""Where rows end: at each \\ that stands in no environment, nor in braces if these are all closed."""
    found = list(marks(text, start, end))
    balanced = [m.text for m in found].count("{") == [m.text for m in found].count("}")
    environments = braces = 0
    for mark in found:
        environments += {"\\begin": 1, "\\end": -1}.get(mark.text, 0)
        braces += {"{": 1, "}": -1}.get(mark.text, 0)
        if mark.text == "\\\\" and not environments and not (balanced and braces):
            match = BREAK.match(text, mark.span[0], end)
            assert match is not None
            yield match.span()


class Row(NamedTuple):
    """A row, or several that are one formula, in a text that is as long as the whole.

    Attributes
    ----------
    text : with blanks for what only separates
    goes_on : whether it begins with a sign of relation, and so goes on from the one before
    unclear : why it cannot be said where it ends; "" where it can
    """

    text: str
    start: int
    end: int
    goes_on: bool
    unclear: str = ""


def rows_of(text: str) -> list[Row]:
    """The rows of an environment, or the text as one row; rows that go on in the middle of a formula are joined."""
    start, end, name = inside(text)
    begins, ends = [start], []
    for a, b in breaks(text, start, end):
        ends.append(a)
        begins.append(b)
    whole = zip(begins, [*ends, end], strict=True)
    spans = [(past_spaces(text, a), b) for a, b in whole if any(True for _ in marks(text, a, b))]
    if not spans:
        return [Row(text, start, end, False)]
    columns = 2 if name.startswith(("align", "split")) else 0
    joined: list[list[Span]] = []
    unclear: list[str] = []
    for span in spans:
        how = continues(text, joined[-1], span) if joined else "new"
        if how == "joined":
            joined[-1].append(span)
        else:
            joined.append([span])
            unclear.append("")
        if how == "unclear":
            unclear[-2:] = ["how this goes on in the next row is not clear"] * 2
    return [row(text, parts, columns, why) for parts, why in zip(joined, unclear, strict=True)]


def past_spaces(text: str, start: int) -> int:
    """Where a row's first sign stands: on its own line, not at the end of the one before."""
    return len(text) - len(text[start:].lstrip())


def continues(text: str, before: list[Span], span: Span) -> str:
    """Whether a row is "new", is "joined" to the one before, which it goes on with, or whether that is "unclear"."""
    marked, said = stripped(text, span)
    earlier = [mark for part in before for mark in stripped(text, part)[1]]
    if not said or not earlier:
        return "new"
    has_relation = any(is_relation(mark) for mark in said)
    is_whole = any(is_relation(mark) for mark in earlier)
    if is_relation(said[0]):
        return "new" if is_whole else "joined"
    if is_relation(earlier[-1]) or is_sign(earlier[-1]) or has_open_brackets(earlier):
        return "joined"
    if is_sign(said[0]):
        return "joined" if marked or not has_relation else "new"
    return "unclear" if marked and is_whole and not has_relation and said[0].name not in TEXTS else "new"


def has_open_brackets(found: list[Mark]) -> bool:
    """Whether round brackets, or others with sizes, are closed only further on."""
    names = [mark.name for mark in found]
    return any(names.count(a) > names.count(b) for a, b in (("(", ")"), ("left", "right"), ("bigl", "bigr")))


def states(found: list[Mark]) -> bool:
    """Whether something is said to be equal to something, or stands in a box."""
    return any(is_relation(mark) or mark.name in ("boxed", "fbox") for mark in found)


def is_sign(mark: Mark) -> bool:
    """Whether it is a sign between terms or factors."""
    return mark.name in ("+", "-", "−", "pm", "mp") or (mark.name in OPERATORS and mark.text != ":")


def stripped(text: str, span: Span) -> tuple[bool, list[Mark]]:
    """A row's marks without spaces and column signs; and whether a column sign stood at its beginning."""
    shown = EMPTY.sub(lambda match: " " * len(match[0]), text[: span[1]])
    found = [mark for mark in marks(shown, *span) if mark.name not in SPACES]
    first = bool(found) and found[0].text == "&"
    return first, [mark for mark in found if mark.text not in ("&", "~") or mark.depth]


SPACES: Final = DROPPED - {"left", "right", "bigl", "bigr", ":", ",", ";", "!", ">"} | {"nonumber", "notag"}
EMPTY: Final = re.compile(
    r"\\[hv]?phantom\{[^{}]*\}|\\[hv]space\*?\{[^}]*\}|\\(?:label|tag)\{[^}]*\}|\{\s*\}|\\left\s*\.|\\[,;:!> ]"
)
"""What is set without being seen."""


def row(text: str, parts: list[Span], columns: int, unclear: str) -> Row:
    """A row of its parts, with blanks between, and commas between the formulas that stand side by side in it."""
    start, end = parts[0][0], parts[-1][1]
    numbered = NUMBERED.search(text, start, end)
    if numbered is not None:
        end = numbered.start()
    shown = list(text)
    for (_, a), (b, _) in pairwise(parts):
        shown[a:b] = " " * (b - a)
    for part in parts:
        for a, b in gaps(text, (part[0], min(part[1], end)), columns):
            shown[a:b] = "," + " " * (b - a - 1)
    said = stripped(text, (start, end))[1]
    return Row("".join(shown), start, end, bool(said) and is_relation(said[0]) and said[0].name not in IMPLIES, unclear)


IMPLIES: Final = ("Rightarrow", "implies", "iff", "Leftrightarrow", "Longrightarrow", "⟹", "⟺", "⇒", "⇔")
"""Signs between statements: one at the beginning of a row begins a new formula."""


def gaps(text: str, span: Span, columns: int) -> Iterator[Span]:
    r"""Wide spaces, and every second &, between two formulas: of ``a = b \qquad c = d``, not of ``a = b \quad + c``."""
    found = list(marks(text, *span))
    wide = [k for k, mark in enumerate(found) if not mark.depth and mark.name in ("quad", "qquad")]
    signs = [k for k, mark in enumerate(found) if not mark.depth and mark.text == "&"]
    wide = sorted([*wide, *(signs[columns - 1 :: columns] if columns else [])])
    before = 0
    for k, after in pairwise([*wide, len(found)]):
        left = found[before:k]
        right = [mark for mark in found[k + 1 : after] if mark.text not in ("&", "~") and mark.name not in SPACES]
        if not right:
            continue
        between = not (is_relation(right[0]) or (left and is_relation(left[-1])))
        separate = states(left) and states(right) and between
        if separate and not is_sign(right[0]) and right[0].name not in (*TEXTS, "forall"):
            if left[-1].text not in (",", ";"):
                yield found[k].span
            before = k
