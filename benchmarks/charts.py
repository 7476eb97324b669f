"""Measurements as pictures, light and dark: ``--plot ratios.svg`` draws ``ratios.svg`` and ``ratios-dark.svg``.

Colours are Okabe and Ito's, which colour-blind people can tell apart, and each has a marker of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tinygrad_lite.drawing.output.themes import THEMES, Theme

COLOURS = {
    "light": ("#0072B2", "#D55E00", "#007A5A", "#AA4A85", "#8A6D00", "#17202A"),
    "dark": ("#56B4E9", "#FF8A4C", "#2BC79A", "#E8A5CC", "#F0E442", "#F5F7F9"),
}
MARKERS = ("o", "s", "D", "^", "v", "x")

SERIES = {
    "NumPy by hand": "NumPy by hand",
    "tinygrad_lite": "not compiled",
    "PyTorch": "PyTorch",
    "JAX": "JAX jit",
    "HIPS": "HIPS autograd",
}
"""How a rival's label begins → what the chart calls it. PyTorch's lean forms are left to the table."""

ROW = 0.26
"""Inches of height for a row."""


@contextmanager
def picture(
    path: str | Path, name: str, rows: int = 1, columns: int = 1, **options: Any
) -> Iterator[tuple[Any, Theme]]:
    """Axes in a theme, saved when the block ends: the dark one beside the light one, under ``-dark``."""
    import matplotlib.pyplot as plt
    from cycler import cycler

    theme = THEMES[name]
    inks = ("text.color", "axes.labelcolor", "xtick.color", "ytick.color", "axes.titlecolor")
    style = {
        **dict.fromkeys(inks, theme.ink),
        **dict.fromkeys(("figure.facecolor", "axes.facecolor", "legend.facecolor"), theme.paper),
        **dict.fromkeys(("axes.edgecolor", "grid.color", "legend.edgecolor"), theme.grey),
        "axes.prop_cycle": cycler(color=COLOURS[name]) + cycler(marker=MARKERS),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "grid.alpha": 0.35,
        "font.size": 9,
        "svg.hashsalt": "benchmarks",
    }
    with plt.rc_context(style):
        figure, axes = plt.subplots(rows, columns, layout="constrained", **options)
        yield axes, theme
        path = Path(path)
        figure.savefig(path if name == "light" else path.with_stem(f"{path.stem}-dark"), metadata=dateless(path))
        plt.close(figure)


def dateless(path: Path) -> dict[str, None]:
    """The metadata by which the same figures give the same file."""
    return {"Date": None} if path.suffix == ".svg" else {}


def series_of(row: Mapping[str, Any]) -> str | None:
    """What a chart calls the rival of a row; None for what it does not show."""
    rival = row.get("rival", "")
    if "lean" in rival or "tuned" in rival or "malloc" in rival or "ratio" not in row:
        return None
    return next((name for start, name in SERIES.items() if rival.startswith(start)), None)


def ratios(rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> dict[str, dict[str, dict[str, float]]]:
    """For each task's title, and each of its rows, the ratio to each rival that is shown."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for row in rows:
        series = series_of(row)
        if series is not None:
            found.setdefault(titles[row["task"]], {}).setdefault(row["what"], {})[series] = row["ratio"]
    return found


def draw_ratios(rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str], path: str | Path) -> None:
    """A panel for each task, a line for each of its rows: this library's figure over each rival's, on a log scale."""
    panels = ratios(rows, titles)
    if not panels:
        raise ValueError("no row has a ratio to draw")
    heights = [len(lines) + 2 for lines in panels.values()]
    for name in COLOURS:
        shape = {"figsize": (7.5, ROW * sum(heights) + 0.8), "height_ratios": heights, "sharex": True, "squeeze": False}
        with picture(path, name, len(panels), **shape) as (axes, theme):
            shown: dict[str, Any] = {}
            for ax, (title, lines) in zip(axes[:, 0], panels.items(), strict=True):
                for k, series in enumerate(SERIES.values()):
                    points = [(y[series], what) for what, y in lines.items() if series in y]
                    if points:
                        places = [list(lines).index(what) for _, what in points]
                        style = {"color": COLOURS[name][k], "marker": MARKERS[k], "linestyle": "", "markersize": 5}
                        (shown[series],) = ax.plot([x for x, _ in points], places, **style)
                ax.axvline(1, color=theme.grey, linewidth=1)
                ax.set(xscale="log", ylim=(len(lines) - 0.5, -0.5), yticks=range(len(lines)), yticklabels=list(lines))
                ax.set_title(title, loc="left", fontsize=9, fontweight="bold")
                ax.grid(axis="x")
                ax.tick_params(axis="y", length=0)
            axes[-1, 0].xaxis.set_major_formatter("{x:g}")
            axes[-1, 0].set_xlabel("this library's figure ÷ the other's; left of 1 is less")
            figure = axes[0, 0].figure
            figure.legend(shown.values(), shown.keys(), loc="outside upper center", ncols=5, frameon=False)


def draw_growth(rows: Sequence[Mapping[str, Any]], path: str | Path) -> None:
    """A panel for each family: seconds over its size, on log scales."""
    families = list(dict.fromkeys([row["family"] for row in rows]))
    for name in COLOURS:
        with picture(path, name, 1, len(families), figsize=(3.0 * len(families), 3.2), squeeze=False) as (axes, _):
            for ax, family in zip(axes[0], families, strict=True):
                own = [row for row in rows if row["family"] == family]
                for kind in ("eager", "compiled", "compiling"):
                    ax.loglog([row["size"] for row in own], [row[kind] for row in own], markersize=4, label=kind)
                ax.set(xlabel=family, xticks=[row["size"] for row in own], xticklabels=[row["size"] for row in own])
                ax.minorticks_off()
                ax.grid(alpha=0.35)
            axes[0, 0].set_ylabel("seconds")
            axes[0, 0].legend(frameon=False)
