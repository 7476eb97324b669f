"""The manual's front page: the README, and the list of everything else."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]

GUIDES: Final = (
    *("library", "programs", "primitives", "drawing", "slides", "three_neurons", "derivations", "reading"),
    *("training", "compiling", "cluster", "coming_from", "refused", "safe_derivatives", "precision"),
)
"""The guides, one for each use, in their order."""


def front_page() -> str:
    """The README with the manual's tables of contents, in MyST Markdown."""
    readme = (ROOT / "README.md").read_text()
    notebooks = [f"notebooks/{path.stem}" for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    notebooks += [f"notebooks/{path.stem}" for path in sorted((ROOT / "notebooks").glob("*.md"))]
    parts = [
        contents("Guides", (*GUIDES, "lectures/index")),
        contents("Reference", ("derivatives", "coverage", "other_arrays", "api/index")),
        contents("Notebooks", notebooks),
        contents("Project", ("CHANGELOG", "CONTRIBUTING")),
    ]
    return "\n".join([readme, *parts])


def contents(caption: str, pages: tuple[str, ...] | list[str]) -> str:
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""])
