"""Build the manual: lay its sources together in out/manual, run Sphinx into out/site, see that nothing is loaded."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Final

from sphinx.cmd.build import main as sphinx

from . import coverage, derivatives, lectures, other_arrays, rooms
from .conventions import with_second_derivatives
from .front import front_page
from .illustrations import illustrated
from .precision import with_recorded_tables

DOCS: Final = Path(__file__).parent
ROOT: Final = DOCS.parent
SOURCE: Final = ROOT / "out" / "manual"
SITE: Final = ROOT / "out" / "site"

FROM_ELSEWHERE: Final = re.compile(
    r"""<(?:script|img|link|iframe|source|video|audio|object|embed)\b[^>]*\b(?:src|href|srcset|data)=["'](?:https?:)?//"""
    r"""|url\(["']?(?:https?:)?//|@import\s+["'](?:https?:)?//"""
)
"""What a browser would fetch from the network to show a page."""


def main() -> int:
    """The exit status: 0 if the manual stands, without a warning."""
    lay_together()
    shutil.rmtree(SITE, ignore_errors=True)
    status = sphinx(["-W", "--keep-going", "-q", "-j", "auto", "-b", "html", "-c", str(DOCS), str(SOURCE), str(SITE)])
    if status:
        return status
    fetched = [
        f"{path.relative_to(SITE)}: {hit[0][:120]}" for path in pages() for hit in FROM_ELSEWHERE.finditer(text(path))
    ]
    if fetched:
        print("the manual would load from the network:", *fetched, sep="\n  ", file=sys.stderr)
        return 1
    print(f"{SITE.relative_to(ROOT)}/index.html")
    return 0


def lay_together() -> None:
    """Put guides, notebooks and generated pages where Sphinx reads them; the README's links stay as they are."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    SOURCE.mkdir(parents=True)
    shutil.copytree(ROOT / "notebooks", SOURCE / "notebooks", ignore=shutil.ignore_patterns(".*", "__pycache__"))
    for path in (*DOCS.glob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"):
        (SOURCE / path.name).write_text(illustrated(path.read_text()))
    safe = SOURCE / "safe_derivatives.md"
    safe.write_text(with_second_derivatives(safe.read_text()))
    digits = SOURCE / "precision.md"
    digits.write_text(with_recorded_tables(digits.read_text()))
    (SOURCE / "index.md").write_text(front_page())
    (SOURCE / "derivatives.rst").write_text(derivatives.page())
    (SOURCE / "coverage.rst").write_text(coverage.page())
    (SOURCE / "other_arrays.rst").write_text(other_arrays.page())
    (SOURCE / "lectures").mkdir()
    read = lectures.lectures()
    (SOURCE / "lectures" / "index.md").write_text(lectures.index(read))
    for lecture in read:
        (SOURCE / "lectures" / f"{lecture.name}.md").write_text(lectures.page(lecture))
    (SOURCE / "api").mkdir()
    (SOURCE / "api" / "index.rst").write_text(rooms.index())
    for room, page in rooms.pages().items():
        (SOURCE / "api" / f"{room}.rst").write_text(page)


def pages() -> list[Path]:
    return [path for path in SITE.rglob("*") if path.suffix in (".html", ".css", ".svg")]


def text(path: Path) -> str:
    return path.read_text(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
