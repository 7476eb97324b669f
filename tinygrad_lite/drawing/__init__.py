"""A recorded graph as a picture: ``draw(output)`` gives a :class:`Graph`; ``render(source, "svg")`` an image of DOT."""

from __future__ import annotations

from ..seeing import draw
from .graph import Graph
from .render import FORMATS, RendererError, render, renderer

__all__ = ["FORMATS", "Graph", "RendererError", "draw", "render", "renderer"]
