"""The package's docstrings as reStructuredText: prose, sections of described names, examples."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from tinygrad_lite.table.primitive import Primitive

from .mathematics import pieces

LITERAL: Final = re.compile(r"(``.+?``|:\w+:`.+?`|\"[^\"\s]+\"|(?<!\S)\*[^\s*](?:[^*]*[^\s*])?\*(?!\w))", re.DOTALL)
"""What stands in a sentence as it is: code, references, strings, what is emphasised."""

PATH: Final = re.compile(r"(?<=`)tinygrad_lite\.(?=\w+`$)")
"""How references begin that the manual has under ``tl``."""


def prose(text: str) -> str:
    r"""A docstring's paragraph: its mathematics as formulas, signs that reStructuredText reads otherwise escaped.

    >>> print(prose("y = x²; see ``np.square`` and *args"))
    :math:`y = x^{2}`; see ``np.square`` and \*args
    """
    parts = LITERAL.split(text)
    sentence = "".join([f"\0{k}\0" if k % 2 else part for k, part in enumerate(parts)])
    found = ""
    for piece, formula in pieces(sentence):
        if formula:
            joint = "" if not found or found[-1] in " \n(" else "\\ "
            found += f"{joint}:math:`{formula}`\0"
        else:
            found += escaped(piece)
    found = re.sub(r"`\0(?=[\w\\])", r"`\\ ", found)
    found = re.sub(r"`\0(?!\d+\0)", "`", found)
    return re.sub(r"\0(\d+)\0", lambda hit: PATH.sub("tl.", parts[int(hit[1])]), found)


def escaped(text: str) -> str:
    """Prose in which no sign is markup."""
    return re.sub(r"([\\*|`]|_(?![A-Za-z0-9]))", r"\\\1", text)


def blocks(text: str) -> Iterator[list[str]]:
    """The docstring's paragraphs, as lines."""
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        yield block.rstrip().split("\n")


def restructured(doc: str) -> list[str]:
    """A docstring's lines in reStructuredText."""
    found: list[str] = []
    for lines in blocks(doc):
        if len(lines) > 1 and set(lines[1].strip()) == {"-"}:
            found += [f".. rubric:: {lines[0]}", "", *described(lines[2:]), ""]
        elif lines[0].lstrip().startswith((">>>", "...")):
            found += [*lines, ""]
        elif lines[0].startswith(" ") or table_of_formulas(lines):
            found += [f"| {prose(line.strip())}" if line.strip() else "|" for line in lines] + [""]
        else:
            found += [*prose("\n".join(lines)).split("\n"), ""]
    return found


def table_of_formulas(lines: list[str]) -> bool:
    """Whether lines below the first are set in: they keep their places."""
    return len(lines) > 1 and all(line.startswith(" ") for line in lines[1:]) and "::" not in lines[0]


def described(lines: Iterable[str]) -> Iterator[str]:
    """A section's ``names : text`` as a list of definitions."""
    for line in lines:
        if line.startswith(" "):
            yield f"    {prose(line.strip())}"
        elif " : " in line:
            names, text = line.split(" : ", 1)
            yield from ["", f"``{names.strip()}``", f"    {prose(text)}"]
        else:
            yield from ["", prose(line)]


# ---------------------------------------------------------------------------------------------------------------------
# Signatures


def signature(value: Any) -> str:
    """What stands in parentheses behind the name: parameters and their defaults, types where they say something."""
    if isinstance(value, Primitive) and not hasattr(value, "__signature__"):
        return f"({', '.join([*value.inputs, *[f'{name}=…' for name in value.params]])})"
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):
        return "(…)"
    shown = [p.replace(annotation=p.empty) for p in found.parameters.values() if p.name != "self"]
    text = str(found.replace(parameters=shown, return_annotation=inspect.Signature.empty))
    return re.sub(r"<[^<>]*(?:<[^<>]*>)?[^<>]*>", "…", text)
