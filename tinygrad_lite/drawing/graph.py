"""A drawn graph: shows itself in notebooks, saves itself in every format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary, ref

import graphviz

from ..tape import Node
from ..tensor import Tensor
from .backward import mirrored
from .build import Builder, Content
from .collapse import FIRST, planned
from .dot import DIRECTIONS, digraph
from .mermaid import flowchart
from .model import Edge, Picture, Vertex, node_of, recorded
from .render import FORMATS, RendererError, render
from .themes import THEMES

SAVED_AS: Final = (*FORMATS, "dot", "html", "mmd")
"""The endings that a picture's file may have."""


class Options(NamedTuple):
    """How to draw; as :func:`tinygrad_lite.draw` explains them."""

    names: Mapping[str, Any] | None = None
    values: bool = True
    derivatives: bool = False
    backward: bool = False
    depth: int | None = None
    collapse: Callable[[str, str], bool] | None = None
    rollup: bool = True
    limit: int | None = 150
    costs: bool = False
    theme: str = "light"
    direction: str = "down"
    legend: bool = True


class Graph:
    """A picture of a recorded graph.

    In notebooks it shows itself; ``source`` is its DOT text, ``mermaid`` its Mermaid text, and :meth:`save` writes it
    as an image, as text, or as a page that plays the backward pass.

    Attributes
    ----------
    picture : what is drawn, in plain terms
    theme, direction, legend : how

    >>> x = tl.tensor(2.0, requires_grad=True, name="x")
    >>> picture = tl.draw(x * x)
    >>> picture.source.splitlines()[0], picture.mermaid.splitlines()[0]
    ('digraph {', 'flowchart TB')
    """

    def __init__(
        self,
        picture: Picture,
        theme: str = "light",
        direction: str = "down",
        legend: bool = True,
        page: Callable[[], str] | None = None,
    ) -> None:
        self.picture = picture
        self.theme = one_of(theme, THEMES, "theme")
        self.direction = one_of(direction, DIRECTIONS, "direction")
        self.legend = legend
        self.page = page

    @property
    def operations(self) -> list[Vertex]:
        """The boxes of operations."""
        return [vertex for vertex in self.picture.vertices.values() if vertex.kind == "operation"]

    @property
    def edges(self) -> list[Edge]:
        """The arrows."""
        return self.picture.edges

    @cached_property
    def digraph(self) -> graphviz.Digraph:
        """The picture as the graphviz package's object."""
        return digraph(self.picture, self.theme, self.direction, self.legend)

    @cached_property
    def source(self) -> str:
        """The picture in the DOT language."""
        text: str = self.digraph.source
        return text

    @cached_property
    def mermaid(self) -> str:
        """The picture in the Mermaid language."""
        return flowchart(self.picture, self.theme, self.direction)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG; raises RendererError where nothing can render it."""
        return render(self.source, "svg").decode()

    @property
    def html(self) -> str:
        """A page that plays the forward and the backward pass; nothing is loaded from elsewhere."""
        if self.page is None:
            raise ValueError("html: a difference has no passes to play; save it as svg, png, pdf, dot or mmd")
        return self.page()

    def save(self, file: str | Path) -> Path:
        """Write the picture; the file's ending says as what: svg, png, pdf, dot, html or mmd.

        The images need a renderer, the others do not. Raises ValueError for another ending, RendererError where nothing
        can render; the file is not touched then.
        """
        path = Path(file)
        ending = path.suffix[1:].lower()
        if ending not in SAVED_AS:
            raise ValueError(f"save: the file must end in one of .{', .'.join(SAVED_AS)}; got {str(file)!r}")
        if ending in FORMATS:
            path.write_bytes(render(self.source, ending))
        else:
            text = {"dot": lambda: self.source, "mmd": lambda: self.mermaid, "html": lambda: self.html}[ending]()
            path.write_text(text, encoding="utf-8")
        return path

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        """SVG where it can be rendered, else the sentence that says how to get it, and the DOT text."""
        try:
            return {"image/svg+xml": self.svg, "text/plain": repr(self)}
        except RendererError as error:
            return {"text/plain": f"No picture: {error}.\n\n{self.source}"}

    def __repr__(self) -> str:
        return f"<graph of {len(self.operations)} operations, {len(self.picture.vertices)} boxes>"


def drawn(output: Tensor, options: Options, what: str = "draw") -> Graph:
    """The picture of what computed a Tensor; :func:`tinygrad_lite.draw` explains the options."""
    root = node_of(output, what)
    one_of(options.theme, THEMES, "theme")
    one_of(options.direction, DIRECTIONS, "direction")
    at_least(options.depth, 0, "depth")
    at_least(options.limit, 1, "limit")
    if not isinstance(options.names, Mapping | None):
        raise TypeError(f"draw: names must be a mapping of names to arrays, such as locals(); got {options.names!r}")
    nodes = recorded([root])
    plan = planned(nodes, options.depth, options.collapse, options.rollup, options.limit)
    gradients = options.values and not options.backward
    content = Content(options.names, options.values, options.derivatives, gradients, options.costs)
    if plan.stretch and options.values:
        plan.notes.append(FIRST)
    if root.primitive is None and not output.requires_grad:
        plan.notes.append("Nothing was recorded: no array that this was computed from requires a gradient.")
    builder = Builder(nodes, {root: output.data}, plan, content)
    picture = builder.build()
    if options.backward:
        picture = mirrored(picture)
    for vertex in picture.vertices.values():
        vertex.node = None  # a picture keeps no graph alive
    page = Page(output, WeakKeyDictionary(builder.names.of_node), options._replace(names=None))
    return Graph(picture, options.theme, options.direction, options.legend, page)


class Page:
    """Makes the page that plays the passes, from the graph itself, which it does not keep alive."""

    def __init__(self, output: Tensor, names: Mapping[Node, str], options: Options) -> None:
        self.output = ref(output)
        self.names = names
        self.options = options

    def __call__(self) -> str:
        from .player import html

        output = self.output()
        if output is None:
            raise ValueError("html: what was drawn is gone; keep the output in a variable until its page is saved")
        root = node_of(output, "html")
        return html(recorded([root]), {root: output.data}, dict(self.names), self.options)


def one_of(given: str, known: Mapping[str, Any], what: str) -> str:
    """An option's value, if it is one that is known."""
    if not isinstance(given, str) or given not in known:
        raise ValueError(f"draw: {what} must be one of {', '.join(known)}; got {given!r}")
    return given


def at_least(given: int | None, least: int, what: str) -> None:
    """Raise ValueError for a number that is too small to mean anything."""
    if given is not None and given < least:
        raise ValueError(f"draw: {what} must be at least {least}, or None; got {given}")
