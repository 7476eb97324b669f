"""What each function does with arrays of other libraries, as a page: from the record that the tests hold it to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from .coverage import code

RECORD: Final = Path(__file__).parent / "other_arrays.json"

LIBRARIES: Final = ("Dask", "CuPy")

INTRODUCTION: Final = """Arrays of Dask and CuPy
=======================

What each of the {count} functions does with Tensors of arrays of other libraries. *Yes*: its values and its derivatives
of first and second order are NumPy's in all of its examples, and nothing of Dask's is computed while they are recorded.
What is refused raises before anything is computed, and stands below the table.

Dask, {Dask} yes, {Dask_part} in part
    Numbers are computed when they are asked for, and checked then, where labels must lie in a range, say. NumPy's
    arrays are constants beside Dask's. A sort, a transform or a decomposition has the axes that it is over in one
    chunk.
CuPy, {CuPy} yes, {CuPy_part} in part
    As a stand-in has it that refuses what CuPy's documentation does not list. What must hold of numbers is not waited
    for: entries of which it does not hold are NaN. A NumPy array beside one on the device is refused; a list of
    numbers, and the constants of a rule, go to the device. Single numbers come from there where NumPy's functions look
    at them, too: to refuse a matrix that has no derivative, or for the shape of a result.

"""


def recorded() -> dict[str, dict[str, Any]]:
    """Function → library → "yes", or for each of the function's examples None or why it is refused."""
    found: dict[str, dict[str, Any]] = json.loads(RECORD.read_text(encoding="utf-8"))
    return found


def answer(found: str | Sequence[str | None]) -> str:
    """One cell of the table."""
    if isinstance(found, str):
        return found
    return "refused" if all(found) else "in part"


def reasons(found: str | Sequence[str | None]) -> list[str]:
    """Why examples are refused, each reason once, in one line."""
    texts = [] if isinstance(found, str) else [" ".join(text.split()) for text in found if text]
    return list(dict.fromkeys(texts))


def page() -> str:
    """The page in reStructuredText: the table, then the refusals."""
    record = recorded()
    counts: dict[str, int] = {"count": len(record)}
    for library in LIBRARIES:
        answers = [answer(of[library]) for of in record.values()]
        counts |= {library: answers.count("yes"), f"{library}_part": answers.count("in part")}
    lines = [INTRODUCTION.format(**counts), ".. list-table::", "   :header-rows: 1", "   :widths: 40 30 30", ""]
    lines += ["   * - Function", *[f"     - {library}" for library in LIBRARIES]]
    for name, of in record.items():
        lines += [f"   * - {code(name)}", *[f"     - {answer(of[library])}" for library in LIBRARIES]]
    for library in LIBRARIES:
        title = f"What is refused of {library}'s arrays"
        lines += ["", title, "-" * len(title), ""]
        for name, of in record.items():
            lines += [f"- {code(name)}: {code(text)}" for text in reasons(of[library])]
    return "\n".join(lines) + "\n"
