"""A recorded graph as a picture: ``graph(output)`` gives Graphviz source, ``render(source, "svg")`` the image."""

from __future__ import annotations

from .dot import graph
from .render import FORMATS, RendererError, render, renderer

__all__ = ["FORMATS", "RendererError", "graph", "render", "renderer"]
