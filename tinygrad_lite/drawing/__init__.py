"""A recorded graph as a picture: ``draw(output)`` gives a :class:`Graph`; ``render(source, "svg")`` an image of DOT."""

from __future__ import annotations

from .figure import Graph, draw, draw_difference
from .output.images import FORMATS, RendererError, render, renderer

__all__ = ["FORMATS", "Graph", "RendererError", "draw", "draw_difference", "render", "renderer"]
