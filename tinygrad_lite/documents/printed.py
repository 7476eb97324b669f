"""The documents as data: each formula's LaTeX as printed, in order, with what is known of its mistakes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib.resources import files

from ..verifying.quoting import Quotations
from ..verifying.statements import Document, Quoted, Statement


def document(name: str, of: Document, computed: Iterable[Statement]) -> tuple[Statement | Quoted, ...]:
    """The statements of a document, in its order.

    Parameters
    ----------
    name : of the files: printed/name.toml has the statements, declarations/name.txt what is declared of the symbols
    of : the document
    computed : the statements that are no formulas to read: claims in words, programs, probabilities; the file has their
        ids alone, with ``printed = true`` for formulas that others go on from, or that declarations name
    """
    here = files(__package__)
    entries = tomllib.loads((here / "printed" / f"{name}.toml").read_text(encoding="utf-8"))["statement"]
    source = Quotations((here / "declarations" / f"{name}.txt").read_text(encoding="utf-8"))
    by_id = {statement.id: statement for statement in computed}
    found: list[Statement | Quoted] = []
    for entry in entries:
        id = f"{of.short.lower()}-{entry.pop('id')}"
        if id in by_id:
            found.append(by_id.pop(id))
            source.add(id, found[-1].latex, in_words=not entry.get("printed"))
            continue
        entry["instead"] = tuple(entry.get("instead", ()))
        quoted = Quoted(id, of, source=source, **entry)
        source.add(id, quoted.latex, quoted.case)
        found.append(quoted)
    if by_id:
        raise ValueError(f"{name}.toml has no place for {', '.join(by_id)}")
    return tuple(found)
