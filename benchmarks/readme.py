"""The README's tables, written from a recorded run: ``python -m benchmarks.readme`` puts them in place."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from .__main__ import quantity

ROOT = Path(__file__).parents[1]
COLUMNS = {
    "NumPy by hand": "NumPy by hand",
    "PyTorch": "PyTorch",
    "PyTorch lean": "PyTorch, lean",
    "MyGrad": "MyGrad",
    "MyGrad tuned": "MyGrad, tuned",
    "HIPS autograd": "HIPS autograd",
    "HIPS, malloc keeps": "HIPS autograd, tuned",
    "JAX jit": "JAX `jit`",
}
COMPILED_TASKS = ("compiled-step", "compiled", "compiled-matrix", "compiled-optimizer")
COMPILED_COLUMNS = {
    "tinygrad_lite": "not compiled",
    "compiled, NumPy": "NumPy alone",
    "NumPy by hand": "NumPy by hand",
    "PyTorch": "PyTorch",
    "JAX jit": "JAX `jit`",
    "HIPS autograd": "HIPS autograd",
}

COMPILED_ABOUT = (
    "Compiled functions, with the extra `fast`: the time of a call, and over the others'; and of the first call, which "
    'compiles. The programs of the middle part have kernels for arrays of all sizes (`kernels="all"`), whose machine '
    'code, made once and kept on disk, takes one to five seconds each; *NumPy alone* is `kernels="none"`.'
)


def table(results: dict[str, Any]) -> str:
    """Markdown: a training step of each network, and this library's time over each rival's."""
    steps = [row for row in results["rows"] if row["task"] == "mlp"]
    lines = [
        "A training step (forward, backward, update; float32): this library's time, and over the others'.",
        "",
        "| network, batch | tinygrad_lite | ÷ " + " | ÷ ".join(COLUMNS.values()) + " |",
        "|---|" + "--:|" * (len(COLUMNS) + 1),
    ]
    for what in dict.fromkeys([row["what"] for row in steps]):
        rows = [row for row in steps if row["what"] == what]
        ratios = dict.fromkeys(COLUMNS, "–")
        for row in rows:
            if "ratio" in row:
                column = next(name for name in reversed(COLUMNS) if row["rival"].startswith(name))
                ratios[column] = f"{row['ratio']:.2f}"
        name = what.replace(" ×", ", ")
        lines.append(f"| {name} | {rows[0]['figure'] * 1e6:,.0f} µs | " + " | ".join(ratios.values()) + " |")
    blas = results["threads"].get("NumPy's BLAS", "its default").split(" ")[0]
    versions = ", ".join([f"{name} {number}" for name, number in results["versions"].items()])
    about = (
        f"Medians of {results['rounds']} rounds in which the contestants, each a process of its own, took turns; the "
        f"ratios are medians of the rounds'. Python {results['python']}, {results['machine']}; NumPy's BLAS on {blas} "
        "threads, PyTorch on 1 or 2, the better. Each library is used as its documentation shows, this one and NumPy "
        "by hand with `tl.keep_memory()`. *Lean*: the quickest eager form found, without modules and optimizer. "
        "*Tuned*: MyGrad without memory guarding. Lean and tuned forms have the same malloc setting as this library. "
        f"Versions: {versions}."
    )
    lines += ["", about]
    return "\n".join(lines) + "\n"


def compiled_table(results: dict[str, Any]) -> str:
    """Markdown: each compiled function's time, over the others', and how long its first call takes here and in JAX."""
    rows = [row for row in results["rows"] if row["task"] in COMPILED_TASKS]
    if not rows:
        return ""
    first_calls = {row["what"]: row for row in results["rows"] if row["task"] == "compiling"}
    columns = [*COMPILED_COLUMNS.values()]
    lines = [
        COMPILED_ABOUT,
        "",
        "| | compiled | ÷ " + " | ÷ ".join(columns) + " | first call | JAX's |",
        "|---|" + "--:|" * (len(columns) + 3),
    ]
    for task, what in dict.fromkeys([(row["task"], row["what"]) for row in rows]):
        own = [row for row in rows if (row["task"], row["what"]) == (task, what)]
        ratios = dict.fromkeys(COMPILED_COLUMNS, "–")
        for row in own:
            name = next((name for name in COMPILED_COLUMNS if row["rival"].startswith(name)), None)
            if "ratio" in row and name is not None and "lean" not in row["rival"]:
                ratios[name] = f"{row['ratio']:.2f}" if row["ratio"] >= 0.1 else f"{row['ratio']:.2g}"
        figure = next((quantity(row["figure"], "s") for row in own if "figure" in row), "fails")
        first = first_calls.get(what, {})
        times = [quantity(first[key], "s") if key in first else "–" for key in ("figure", "rival_figure")]
        lines.append(f"| {what} | {figure} | " + " | ".join([*ratios.values(), *times]) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the tables into the README."""
    path = ROOT / "README.md"
    results = json.loads((ROOT / "benchmarks/results.json").read_text())
    text = path.read_text()
    for place, new in (("benchmarks", table(results)), ("compiled", compiled_table(results))):
        text = re.sub(
            rf"(<!-- {place} -->\n).*?(<!-- /{place} -->)",
            lambda found, new=new: found.group(1) + new + found.group(2),
            text,
            flags=re.DOTALL,
        )
    path.write_text(text)


if __name__ == "__main__":
    main()
