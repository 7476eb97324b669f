"""The page of digits: its tables are those of a recorded run, ``python -m benchmarks.precision``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

RECORD: Final = Path(__file__).parents[1] / "benchmarks" / "precision.json"
TO_FILL: Final = re.compile(r"^<!-- recorded: (?P<what>about|outside|order \d) -->$", re.MULTILINE)
LIBRARIES: Final = {"tinygrad_lite": "here", "PyTorch": "PyTorch", "JAX": "JAX"}
DTYPES: Final = ("float64", "float32")


def recorded() -> dict[str, Any]:
    """The recorded run."""
    return json.loads(RECORD.read_text())  # type: ignore[no-any-return]


def with_recorded_tables(page: str) -> str:
    """The page with its places filled in."""
    record = recorded()

    def filled(place: re.Match[str]) -> str:
        what = place["what"]
        made = {"about": about, "outside": outside}.get(what)
        return made(record) if made else table(record, int(what.split()[1]))

    return TO_FILL.sub(filled, page)


def about(record: dict[str, Any]) -> str:
    """How much was measured, with what, and how many derivatives miss in all."""
    misses = [
        f"{label if label != 'here' else 'this library'} at {count:,} of {of:,} derivatives"
        for key, label in LIBRARIES.items()
        for count, of in [total(record["rows"], key)]
    ]
    versions = ", ".join([f"{name} {number}" for name, number in record["versions"].items()])
    return (
        f"{record['points']} points for each function and precision, drawn with the seed {record['seed']}, on "
        f"{record['machine']} with {versions}. Of what each library has, these miss: {'; '.join(misses)}."
    )


def total(rows: list[dict[str, Any]], library: str) -> tuple[int, int]:
    """How many derivatives of a library miss, and of how many."""
    own = [row[library] for row in rows if library in row]
    return sum([cell["misses"] for cell in own]), sum([cell["of"] for cell in own])


def table(record: dict[str, Any], order: int) -> str:
    """Markdown: a row for each function, a column for each precision and library; the last row counts misses."""
    rows = [row for row in record["rows"] if row["order"] == order]
    columns = [(dtype, key) for dtype in DTYPES for key in LIBRARIES]
    lines = [
        "| | " + " | ".join([f"{dtype}: {LIBRARIES[key]}" for dtype, key in columns]) + " |",
        "|---|" + "--:|" * len(columns),
    ]
    for name in dict.fromkeys([row["function"] for row in rows]):
        mine = {row["dtype"]: row for row in rows if row["function"] == name}
        lines.append(f"| {name} | " + " | ".join([cell(mine[dtype].get(key)) for dtype, key in columns]) + " |")
    sums = [total([row for row in rows if row["dtype"] == dtype], key) for dtype, key in columns]
    lines.append("| *misses in all* | " + " | ".join([f"{count:,} of {of:,}" for count, of in sums]) + " |")
    return "\n".join(lines)


def outside(record: dict[str, Any]) -> str:
    """Markdown: of functions that have no value at some points, how many first derivatives are a number there."""
    rows = [row for row in record["rows"] if row["order"] == 1 and row["tinygrad_lite"]["of_outside"]]
    lines = ["| | points | " + " | ".join(LIBRARIES.values()) + " |", "|---|" + "--:|" * (1 + len(LIBRARIES))]
    for name in dict.fromkeys([row["function"] for row in rows]):
        both = [row for row in rows if row["function"] == name]
        counts = [
            f"{sum([row[key]['numbers_outside'] for row in both])}" if key in both[0] else "–" for key in LIBRARIES
        ]
        points = sum([row["tinygrad_lite"]["of_outside"] for row in both])
        lines.append(f"| {name} | {points} | " + " | ".join(counts) + " |")
    return "\n".join(lines)


def cell(measured: dict[str, Any] | None) -> str:
    """The largest error, and how many miss, if any.

    >>> cell({"largest": 0.98, "misses": 0, "of": 500}), cell({"largest": 4.5e15, "misses": 34, "of": 500})
    ('0.98', '**4.5e+15** (34)')
    >>> cell({"largest": None, "misses": 3, "of": 500}), cell(None)
    ('**∞** (3)', '–')
    """
    if measured is None:
        return "–"
    largest = "∞" if measured["largest"] is None else f"{measured['largest']:.3g}"
    return f"**{largest}** ({measured['misses']})" if measured["misses"] else largest
