"""``draw`` makes the picture of a graph, which shows itself in notebooks and saves itself in every format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary, ref

import graphviz

from ..engine.graph import Node
from ..engine.tensor import Tensor
from ..storing import write_whole
from .output.dot import DIRECTIONS, digraph
from .output.images import FORMATS, RendererError, render
from .output.mermaid import flowchart
from .output.player import READERS, PlayerFrame, player_page
from .output.themes import THEMES
from .picture.build import Builder, Content
from .picture.difference import difference
from .picture.folding import FIRST, Folds, make_plan
from .picture.mirror import with_mirror_image
from .picture.model import Edge, Picture, Vertex, nodes_behind, root_of

SAVED_AS: Final = (*FORMATS, "dot", "html", "mmd")
"""The endings that a picture's file may have."""


def draw(
    output: Tensor,
    *,
    names: Mapping[str, Any] | None = None,
    values: bool = True,
    derivatives: bool = False,
    backward: bool = False,
    depth: int | None = None,
    collapse: Callable[[str, str], bool] | None = None,
    rollup: bool = True,
    limit: int | None = 150,
    costs: bool = False,
    theme: str | None = None,
    direction: str = "down",
    legend: bool = True,
) -> Graph:
    """The graph that computed a Tensor, as a picture: shown in notebooks, ``save("loss.svg")``, DOT text in ``source``.

    Light boxes are arrays: parameters (leaves that require a gradient), inputs, numbers, results, the output. Dark ones
    are operations, with their keyword parameters. Edges say which operand they bring (``a``, ``b``, as the rules name
    them) unless the operands can be exchanged; an array used twice has two edges. Values and gradients are those the
    graph has kept: all for what was computed inside ``with tl.tracing():``; shapes always. A gradient that has not
    arrived is drawn as —. The same graph gives the same picture, byte for byte; drawing changes and keeps nothing.

    Reading and writing a part of an array are called ``[1:, 0]`` and ``[1:, 0] =``. A write is an operation on the
    array before it; after the first one to y that is called y⁽¹⁾, after the second y⁽²⁾.

    Parameters
    ----------
    names : what to call the arrays, for instance ``locals()``; modules and containers in it are looked into
    values : show small arrays, and of large ones the least, mean and largest value, marked where NaN or infinite
    derivatives : show each operation's local derivative, worked out of its rule
    backward : draw the backward pass too, as the forward one's mirror image
    depth : modules nested deeper than this are drawn as one box each
    collapse : called with each module's path and class; True draws it as one box
    rollup : draw a repeated stretch once, with ×12
    limit : fold parts, and say so in the picture, until no more than so many operations are drawn; None never does
    costs : show the bytes that each operation saved for the backward pass, and its multiply-adds
    theme : "light" or "dark"; if it is left out, images are light, and the page that plays is as its reader's system
    direction : "down" or "right"
    legend : explain the kinds of boxes

    Raises TypeError for what is no Tensor, ValueError for an unknown theme or direction, or a depth or limit too small.

    >>> x = tl.tensor(3.0, requires_grad=True, name="x")
    >>> picture = tl.draw(np.tanh(x * x), derivatives=True)
    >>> len(picture.operations), len(picture.edges)
    (2, 5)
    """
    root = root_of(output, "draw")
    if theme is not None:
        one_of(theme, THEMES, "theme")
    one_of(direction, DIRECTIONS, "direction")
    at_least(depth, 0, "depth")
    at_least(limit, 1, "limit")
    if not isinstance(names, Mapping | None):
        raise TypeError(f"draw: names must be a mapping of names to arrays, such as locals(); got {names!r}")
    nodes = nodes_behind([root])
    folds = Folds(depth=depth, collapse=collapse, rollup=rollup, limit=limit)
    plan = make_plan(nodes, folds)
    if plan.stretch and values:
        plan.notes.append(FIRST)
    if root.primitive is None and not output.requires_grad:
        plan.notes.append("Nothing was recorded: no array that this was computed from requires a gradient.")
    gradients = values and not backward
    content = Content(names=names, values=values, derivatives=derivatives, gradients=gradients, costs=costs)
    builder = Builder(nodes, {root: output.data}, plan, content)
    picture = with_mirror_image(builder.build()) if backward else builder.build()
    picture.let_go()
    page = Page(output, WeakKeyDictionary(builder.names.of_node), folds, costs)
    return Graph(picture, theme, direction, legend, page)


def draw_difference(a: Tensor, b: Tensor, *, names: Mapping[str, Any] | None = None, theme: str | None = None) -> Graph:
    """Two graphs beside each other: what only one of them has is marked, with + on the right and − on the left.

    The two programs are matched as texts are: in the order they ran, by what each operation does on which shapes.

    >>> x = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> picture = tl.draw_difference(np.exp(x).sum(), np.tanh(x).sum())
    >>> "only on the left" in picture.source
    True
    """
    return Graph(difference(a, b, names), theme)


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
        theme: str | None = None,
        direction: str = "down",
        legend: bool = True,
        page: Callable[[str, str], str] | None = None,
    ) -> None:
        self.picture = picture
        self.theme = None if theme is None else one_of(theme, THEMES, "theme")
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
        return digraph(self.picture, self.theme or "light", self.direction, self.legend)

    @cached_property
    def source(self) -> str:
        """The picture in the DOT language."""
        text: str = self.digraph.source
        return text

    @cached_property
    def mermaid(self) -> str:
        """The picture in the Mermaid language."""
        return flowchart(self.picture, self.theme or "light", self.direction)

    @cached_property
    def svg(self) -> str:
        """The picture as SVG; raises RendererError where nothing can render it."""
        return render(self.source, "svg").decode()

    @property
    def html(self) -> str:
        """A page that plays the forward and the backward pass; nothing is loaded from elsewhere."""
        if self.page is None:
            raise ValueError("html: a difference has no passes to play; save it as svg, png, pdf, dot or mmd")
        return self.page(self.theme or READERS, self.direction)

    def player(self, height: int = 540) -> PlayerFrame:
        """The page of :attr:`html` in a frame of so many pixels: a cell of a notebook that ends with it shows it.

        ``.html`` is the frame's markup, to paste into a page of one's own. The frame holds the whole page, loads
        nothing, and shares no style, name or key with what is around it; several can stand on one page.

        Raises TypeError for a height that is no whole number, ValueError for one below 240.

        >>> x = tl.tensor(2.0, requires_grad=True, name="x")
        >>> with tl.tracing():
        ...     y = np.exp(x)
        >>> tl.draw(y).player(height=400).html[:8]
        '<iframe '
        """
        return PlayerFrame(self.html, height)

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
            write_whole(path, render(self.source, ending))
        else:
            text = {"dot": lambda: self.source, "mmd": lambda: self.mermaid, "html": lambda: self.html}[ending]()
            write_whole(path, text.encode())
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


class Page:
    """Makes the page that plays the passes, from the graph itself, which it does not keep alive."""

    def __init__(self, output: Tensor, names: Mapping[Node, str], folds: Folds, costs: bool) -> None:
        self.output = ref(output)
        self.names = names
        self.folds = folds
        self.costs = costs

    def __call__(self, theme: str, direction: str) -> str:
        output = self.output()
        if output is None:
            raise ValueError("html: what was drawn is gone; keep the output in a variable until its page is saved")
        root = root_of(output, "html")
        return player_page(
            nodes_behind([root]),
            {root: output.data},
            dict(self.names),
            self.folds,
            costs=self.costs,
            theme=theme,
            direction=direction,
        )


def one_of(given: str, known: Mapping[str, Any], what: str) -> str:
    """An option's value, if it is one that is known."""
    if not isinstance(given, str) or given not in known:
        raise ValueError(f"draw: {what} must be one of {', '.join(known)}; got {given!r}")
    return given


def at_least(given: int | None, least: int, what: str) -> None:
    """Raise ValueError for a number that is too small to mean anything."""
    if given is not None and given < least:
        raise ValueError(f"draw: {what} must be at least {least}, or None; got {given}")
