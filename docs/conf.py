"""Sphinx's settings. Formulas become MathML while the manual is built; one that cannot be set fails the build."""

from __future__ import annotations

import importlib.metadata
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

import tinygrad_lite.documents  # noqa: F401
from tinygrad_lite.verifying.markup import mathematics

project = "tinygrad_lite"
author = "the tinygrad_lite authors"
release = version = importlib.metadata.version("tinygrad-lite")
html_title = f"{project} {version}"

extensions = ["myst_nb"]
exclude_patterns = ["notebooks/pictures/*.md"]
nb_execution_mode = "off"  # the notebooks are stored executed, and the tests execute them
myst_enable_extensions = ["dollarmath", "amsmath", "html_image", "deflist"]
myst_heading_anchors = 3
myst_links_external_new_tab = False
suppress_warnings = ["mystnb.unknown_mime_type"]

html_theme = "furo"
html_static_path = [str(Path(__file__).parent / "static")]
html_css_files = ["manual.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False
html_math_renderer = "mathml"
toc_object_entries_show_parents = "hide"
python_maximum_signature_line_length = 88
smartquotes = False  # strings in docstrings are Python's
pygments_style = "friendly"
pygments_dark_style = "native"

logger = logging.getLogger(__name__)


def set_formula(translator: Any, node: nodes.Node, display: str) -> str:
    """A formula as MathML."""
    found = str(mathematics(node.astext(), display))
    if "<math" not in found:
        logger.warning("a formula cannot be set: %s", node.astext(), location=node)
    return found


def inline(translator: Any, node: nodes.Node) -> None:
    translator.body.append(set_formula(translator, node, "inline"))
    raise nodes.SkipNode


def block(translator: Any, node: nodes.Node) -> None:
    translator.body.append(f'<div class="formula">{set_formula(translator, node, "block")}</div>')
    raise nodes.SkipNode


def copy_font(app: Sphinx, error: Exception | None) -> None:
    """The mathematics font, STIX Two Math, out of the package that ships it."""
    if error is None:
        files = importlib.metadata.files("ziamath") or ()
        font = next(file for file in files if file.name == "STIXTwoMath-Regular.ttf")
        shutil.copy(font.locate(), Path(app.outdir) / "_static" / font.name)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx's entry point."""
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(block, None))
    app.connect("build-finished", copy_font)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
