"""Run the races, print one table, write it as JSON."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import turns
from .charts import draw_ratios
from .contest import COMPILED, LABELS, OURS, Comparison, Race
from .tasks import TASKS

WIDTHS = (22, 8, 18, 8, 6, 9, 3)
HEADINGS = ("", "this", "beside", "", "ratio", "target", "met")


def main(argv: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 if a contestant failed or computed something else, or none was chosen."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the table (default: results.json)")
    parser.add_argument(
        "--only", default="", metavar="PATTERN", help="tasks and cases that match, as 'mlp|memory: 2-16'"
    )
    parser.add_argument("--rivals", metavar="NAMES", help=f"only these, of {', '.join(LABELS)}")
    parser.add_argument("--against", metavar="REVISION", help="beside this library as it was at a commit, and no rival")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="where to draw the ratios; FILE-dark as well")
    parser.add_argument("--quick", action="store_true", help="one short round: to see that it runs")
    options = parser.parse_args(argv)
    chosen = [race for race in races(options.rivals) if re.search(options.only, race.title)]
    if not chosen:
        parser.error(f"nothing matches {options.only!r}")
    if options.against is None:
        return measure(chosen, options)
    with checkout(options.against) as folder:
        return measure([beside_itself(race, options.against, folder) for race in chosen], options)


@contextmanager
def checkout(revision: str) -> Iterator[str]:
    """A folder with this project as it was at a commit, while the block runs."""
    with tempfile.TemporaryDirectory() as parent:
        folder = str(Path(parent) / "checkout")
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", folder, revision], cwd=turns.ROOT, check=True)
        try:
            yield folder
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", folder], cwd=turns.ROOT, check=True)


def beside_itself(race: Race, revision: str, folder: str) -> Race:
    """A race of this library with what it was at a commit, in place of the rivals."""
    lanes = {row.lane: row.what for row in race.comparisons}
    rows = [
        Comparison(what, lane, (lane._replace(checkout=folder),), label=f"at {revision}")
        for lane, what in lanes.items()
        if lane.contestant in (OURS, COMPILED)
    ]
    return replace(race, comparisons=tuple(rows))


def measure(chosen: Sequence[Race], options: argparse.Namespace) -> int:
    """Run races, print their table, write it as JSON; 1 if a contestant failed or computed something else."""
    rounds, seconds = (1, 0.005) if options.quick else (7, 0.15)
    rows: list[dict[str, Any]] = []
    about: dict[str, Any] = {
        "quick": options.quick,
        "rounds": rounds,
        "seconds_per_turn": seconds,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "threads": {},
        "versions": {},
    }
    for race in chosen:
        print(f"{race.title} …", file=sys.stderr, flush=True)
        outcome = turns.run(race, rounds, seconds)
        rows += [row_of(race, comparison, outcome) for comparison in race.comparisons]
        threads = about["threads"]
        for library, count in outcome.threads.items():
            threads[library] = "1 and 2, the better" if library == "PyTorch" else count
        about["versions"] |= outcome.versions
        if options.json is not None:  # after each race, for a run that is cut off
            record(options.json, about, rows)

    show(rows, about)
    path = options.json
    if path is None and not (options.quick or options.only or options.rivals or options.against):
        path = Path(__file__).with_name("results.json")
    if path is not None:
        record(path, about, rows)
    if options.plot is not None:
        draw_ratios(rows, {name: task.TITLE for name, task in TASKS.items()}, options.plot)
    failures = [row for row in rows if "failed" in row]
    for row in failures:
        print(f"\n{row['task']}, {row['what']}, {row['failed']}", file=sys.stderr)
    return 1 if failures else 0


def record(path: Path, about: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Write the table as JSON."""
    path.write_text(json.dumps({**about, "rows": rows}, indent=1) + "\n")


def races(rivals: str | None) -> list[Race]:
    """All races, or what is left of them with these rivals only; rows that stand alone always are."""
    found = [race for task in TASKS.values() for race in task.races()]
    if rivals is None:
        return found
    names = {*rivals.split(","), "tinygrad_lite"}
    kept = []
    for race in found:
        rows = []
        for row in race.comparisons:
            left = tuple([lane for lane in row.rivals if lane.contestant in names])
            if left or not row.rivals:
                rows.append(replace(row, rivals=left))
        if rows:
            kept.append(replace(race, comparisons=tuple(rows)))
    return kept


def row_of(race: Race, comparison: Comparison, outcome: turns.Outcome) -> dict[str, Any]:
    """A row: figures are medians; the ratio is ours over the best rival's, with its quartiles over the rounds."""
    ours, rivals, target = comparison.lane, comparison.rivals, comparison.target
    row: dict[str, Any] = {"task": ours.task, "what": comparison.what, "unit": race.unit, "target": target}
    if rivals:
        row["rival"] = comparison.label or LABELS[rivals[0].contestant].split(",")[0]
    involved = (ours, *rivals)
    if wrong := [lane for lane in involved if lane in outcome.wrong]:
        return {**row, "failed": f"{LABELS[wrong[0].contestant]}: {outcome.wrong[wrong[0]]}"}
    if ours in outcome.figures:
        row["figure"] = measured = outcome.figure(ours)
    present = [lane for lane in rivals if lane in outcome.figures]
    if ours not in outcome.figures or (rivals and not present):
        return {**row, "absent": next(outcome.absent[lane] for lane in involved if lane in outcome.absent)}
    if present:
        best = min(present, key=outcome.figure)
        ratios = outcome.ratios(ours, best)
        quarter = len(ratios) // 4
        row["rival"] = comparison.label or LABELS[best.contestant]
        row["rival_figure"] = outcome.figure(best)
        row["ratio"] = measured = ratios[len(ratios) // 2]
        row["ratio_quartiles"] = [ratios[quarter], ratios[-1 - quarter]]
    if target is not None:
        row["reached"] = measured <= target
    return row


# ---------------------------------------------------------------------------------------------------------------------
# The table


def show(rows: list[dict[str, Any]], about: dict[str, Any]) -> None:
    """The table and what to know about it, 80 columns wide."""
    wanted = [row for row in rows if row["target"] is not None]
    reached = sum([row.get("reached", False) for row in wanted])
    notes = [
        f"Targets reached: {reached} of {len(wanted)}. Ratio: this library's figure over the other's.",
        "Threads: " + "; ".join([f"{library} {count}" for library, count in about["threads"].items()]) + ".",
        "Versions: " + ", ".join([f"{name} {number}" for name, number in about["versions"].items()]) + ".",
        f"Medians of {about['rounds']} rounds (5 where a turn is long), processes taking turns"
        + (". QUICK: not to be quoted." if about["quick"] else "."),
        f"Python {about['python']}, {about['machine']}.",
    ]
    if absent := dict.fromkeys([row["absent"] for row in rows if "absent" in row]):
        notes.insert(1, "Absent: " + ", ".join(absent) + ".")
    cells = [cells_of(row) for row in rows]
    for n in range(len(rows) - 1, 0, -1):  # what repeats the row above is left out
        if (rows[n]["task"], rows[n]["what"]) == (rows[n - 1]["task"], rows[n - 1]["what"]):
            cells[n][0] = ""
    try:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ImportError:
        plain(rows, cells, notes)
        return
    console = Console(width=80, highlight=False)

    def grid() -> Table:
        table = Table.grid(padding=(0, 1))
        for n, width in enumerate(WIDTHS):
            table.add_column(width=width, justify="left" if n in (0, 2) else "right", no_wrap=True)
        return table

    heading = grid()
    heading.add_row(*HEADINGS, style="bold")
    console.print(heading)
    for task in dict.fromkeys([row["task"] for row in rows]):
        body = grid()
        for row, texts in zip(rows, cells, strict=True):
            if row["task"] == task:
                style = {True: "green", False: "red"}.get(row.get("reached"), "")
                body.add_row(*texts[:-1], Text(texts[-1], style=style))
        console.print(f"\n[bold]{TASKS[task].TITLE}")
        console.print(body)
    console.print("\n" + "\n".join(notes), markup=False)


def plain(rows: list[dict[str, Any]], cells: list[list[str]], notes: list[str]) -> None:
    """The same without rich."""

    def line(texts: Sequence[str]) -> str:
        columns = zip(texts, WIDTHS, strict=True)
        return " ".join([t.ljust(w) if n in (0, 2) else t.rjust(w) for n, (t, w) in enumerate(columns)]).rstrip()

    print(line(HEADINGS))
    for n in range(len(rows)):
        if new_task(rows, n):
            print(f"\n{TASKS[rows[n]['task']].TITLE}")
        print(line(cells[n]))
    print("\n" + "\n".join(notes))


def new_task(rows: list[dict[str, Any]], n: int) -> bool:
    """Whether a row is the first of its task."""
    return n == 0 or rows[n]["task"] != rows[n - 1]["task"]


def cells_of(row: dict[str, Any]) -> list[str]:
    """A row as texts, one for each column."""
    unit, target = row["unit"], row["target"]
    wanted = "" if target is None else f"≤ {target:g}" if "rival" in row else f"≤ {quantity(target, unit)}"
    figure = quantity(row["figure"], unit) if "figure" in row else ""
    if "failed" in row or "absent" in row:
        return [row["what"], figure, row.get("rival", ""), "failed" if "failed" in row else "absent", "", wanted, ""]
    return [
        row["what"],
        figure,
        row.get("rival", ""),
        quantity(row["rival_figure"], unit) if "rival_figure" in row else "",
        f"{row['ratio']:.2f}" if "ratio" in row else "",
        wanted,
        "" if target is None else "yes" if row["reached"] else "no",
    ]


def quantity(x: float, unit: str) -> str:
    """A figure with three digits and a unit of a fitting size."""
    scales = {
        "s": (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)),
        "B": (("MB", 1e6), ("kB", 1e3), ("B", 1.0)),
    }.get(unit, ((unit, 1.0),))
    name, scale = next(((name, scale) for name, scale in scales if abs(x) >= scale), scales[-1])
    value = x / scale
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value and not value.is_integer() else 0
    return f"{value:.{digits}f} {name}".strip()


if __name__ == "__main__":
    sys.exit(main())
