"""``draw`` makes the picture of a graph, which shows itself in notebooks and saves itself in every format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import graphviz
import numpy as np

from ..engine.graph import Node
from ..engine.tensor import Tensor
from ..formulas.conventions import checked_digits
from ..storing import write_whole
from .output.dot import DIRECTIONS, digraph
from .output.images import FORMATS, RendererError, render
from .output.layout import direction_for_slides, lay_out
from .output.mermaid import flowchart
from .output.placed import placed
from .output.player import READERS, PlayerFrame, player_page
from .output.themes import SIZES, THEMES
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
    signs: bool = False,
    theme: str | None = None,
    direction: str | None = None,
    size: str = "page",
    legend: bool = True,
    digits: str | None = None,
) -> Graph:
    """The graph that computed a Tensor, as a picture: shown in notebooks, ``save("loss.svg")``, DOT text in ``source``.

    Light boxes are arrays: parameters (leaves that require a gradient), inputs, numbers, results, the output. Dark ones
    are operations, with their keyword parameters. Edges say which operand they bring (``a``, ``b``, as the rules name
    them) unless the operands can be exchanged; an array used twice has two edges. Values and gradients are those the
    graph has kept: all for what was computed inside ``with tl.tracing():``; shapes always, but for the () of numbers,
    and dtypes where they differ from the most frequent one. A gradient that has not arrived is drawn as —. The same
    graph gives the same picture, byte for byte; drawing changes nothing. A picture keeps the graph as long as it lives.

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
    signs : write ×, +, −, ÷, @, Σ, √, x² and so on for operations, not their names
    theme : "light" or "dark"; if it is left out, images are light, and the page that plays is as its reader's system
    direction : "down" or "right"; by default down, and on slides the one in which the text is larger
    size : "page", or "slide": sixteen to nine, with larger letters, in rows where that makes them larger still
    legend : explain the kinds of boxes
    digits : how the number at the end of a name is shown, as in :func:`derive`: "subscript", of W2 as W₂; "layer", as
        W^[2] for what layers have; "plain", as W2. By default boxes have it as it stands and formulas as a subscript.
        A page that plays has it as the picture does. Names that would be shown alike, as v1 and v_1, stay as they are

    Raises TypeError for what is no Tensor and for keywords of a wrong kind, ValueError for an unknown theme, direction,
    size or ``digits``, or a depth or limit too small.

    >>> x = tl.tensor(3.0, requires_grad=True, name="x")
    >>> picture = tl.draw(np.tanh(x * x), derivatives=True)
    >>> len(picture.operations), len(picture.edges)
    (2, 5)
    """
    root = root_of(output, "draw")
    if theme is not None:
        one_of(theme, THEMES, "theme")
    one_of(size, SIZES, "size")
    if digits is not None:
        checked_digits(digits, "draw")
    if direction is not None:
        one_of(direction, DIRECTIONS, "direction")
    at_least(depth, 0, "depth")
    at_least(limit, 1, "limit")
    yes_or_no(values=values, derivatives=derivatives, backward=backward, costs=costs)
    yes_or_no(rollup=rollup, signs=signs, legend=legend)
    if not isinstance(names, Mapping | None):
        raise TypeError(f"draw: names must be a mapping of names to arrays, such as locals(); got {names!r}")
    if collapse is not None and not callable(collapse):
        raise TypeError(f"draw: collapse must be a function of a module's path and class; got {collapse!r}")
    nodes = nodes_behind([root])
    folds = Folds(depth=depth, collapse=collapse, rollup=rollup, limit=limit)
    plan = make_plan(nodes, folds)
    if plan.stretch and values:
        plan.notes.append(FIRST)
    if root.primitive is None and not output.requires_grad:
        plan.notes.append("Nothing was recorded: no array that this was computed from requires a gradient.")
    gradients = values and not backward
    content = Content(
        names=names,
        values=values,
        derivatives=derivatives,
        gradients=gradients,
        costs=costs,
        signs=signs,
        digits=digits,
    )
    builder = Builder(nodes, {root: output.data}, plan, content)
    picture = with_mirror_image(builder.build()) if backward else builder.build()
    picture.let_go()
    page = Page(root, output.data, dict(builder.names.of_node), folds, content._replace(names=None))
    return Graph(picture, theme, direction, legend, page, size)


def draw_difference(
    a: Tensor,
    b: Tensor,
    *,
    names: Mapping[str, Any] | None = None,
    theme: str | None = None,
    digits: str | None = None,
) -> Graph:
    """Two graphs beside each other: what only one of them has is marked, with + on the right and − on the left.

    The two programs are matched as texts are: in the order they ran, by what each operation does on which shapes.
    ``names``, ``theme`` and ``digits`` are those of :func:`draw`.

    >>> x = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> picture = tl.draw_difference(np.exp(x).sum(), np.tanh(x).sum())
    >>> "only on the left" in picture.source
    True
    """
    if digits is not None:
        checked_digits(digits, "draw_difference")
    return Graph(difference(a, b, names, digits), theme)


class Graph:
    """A picture of a recorded graph.

    In notebooks it shows itself; ``source`` is its DOT text, ``mermaid`` its Mermaid text, and :meth:`save` writes it
    as an image, as text, or as a page that plays the backward pass.

    Attributes
    ----------
    picture : what is drawn, in plain terms
    theme, direction, legend, size : how

    >>> x = tl.tensor(2.0, requires_grad=True, name="x")
    >>> picture = tl.draw(x * x)
    >>> picture.source.splitlines()[0], picture.mermaid.splitlines()[0]
    ('digraph {', 'flowchart TB')
    """

    def __init__(
        self,
        picture: Picture,
        theme: str | None = None,
        direction: str | None = None,
        legend: bool = True,
        page: Callable[[str, str], str] | None = None,
        size: str = "page",
    ) -> None:
        self.picture = picture
        self.theme = None if theme is None else one_of(theme, THEMES, "theme")
        self.size = one_of(size, SIZES, "size")
        if direction is None:
            direction = direction_for_slides(picture) if size == "slide" else "down"
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
        return digraph(self.picture, self.theme or "light", self.direction, self.legend, self.size)

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
        """The picture as SVG, by Graphviz where it is there and can, else and on slides by a layout of our own."""
        if self.size != "slide":
            with suppress(RendererError):
                return render(self.source, "svg").decode()
        drawing = lay_out(
            self.picture, theme=self.theme or "light", direction=self.direction, legend=self.legend, size=self.size
        )
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{drawing}\n'

    def image(self, format: str) -> bytes:
        """The picture as "png" or "pdf", which Graphviz writes; slides with the places that their SVG has."""
        if self.size != "slide":
            return render(self.source, format)
        source = placed(self.picture, theme=self.theme or "light", direction=self.direction, legend=self.legend)
        return render(source, format, engine="nop2")

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

        It is written whole or not at all. Of these png and pdf need Graphviz. Raises ValueError for another ending,
        RendererError where nothing can render, OSError where it cannot be written; the file is not touched then.
        """
        path = Path(file)
        ending = path.suffix[1:].lower()
        if ending not in SAVED_AS:
            raise ValueError(f"save: the file must end in one of .{', .'.join(SAVED_AS)}; got {str(file)!r}")
        texts = {"svg": "svg", "dot": "source", "mmd": "mermaid", "html": "html"}
        content = getattr(self, texts[ending]).encode() if ending in texts else self.image(ending)
        write_whole(path, content)
        return path

    def _repr_svg_(self) -> str:
        if self.size == "page":
            return self.svg
        return self.svg.replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)  # in a page that is narrower

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        return {"image/svg+xml": self._repr_svg_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<graph of {len(self.operations)} operations, {len(self.picture.vertices)} boxes>"


class Page:
    """Makes the page that plays the passes, from the graph itself, which may have no other owner."""

    def __init__(self, root: Node, value: Any, names: Mapping[Node, str], folds: Folds, content: Content) -> None:
        self.root = root
        self.value = value
        self.names = names
        self.folds = folds
        self.content = content

    def __call__(self, theme: str, direction: str) -> str:
        return player_page(
            nodes_behind([self.root]),
            {self.root: self.value},
            self.names,
            self.folds,
            costs=self.content.costs,
            theme=theme,
            direction=direction,
            signs=self.content.signs,
            digits=self.content.digits,
        )


def one_of(given: str, known: Mapping[str, Any], what: str) -> str:
    """An option's value, if it is one that is known."""
    if not isinstance(given, str) or given not in known:
        raise ValueError(f"draw: {what} must be one of {', '.join(known)}; got {given!r}")
    return given


def at_least(given: int | None, least: int, what: str) -> None:
    """Raise TypeError for what is no whole number, ValueError for one that is too small to mean anything."""
    if given is not None and (isinstance(given, bool) or not isinstance(given, (int, np.integer))):
        raise TypeError(f"draw: {what} must be a whole number, or None; got {given!r}")
    if given is not None and given < least:
        raise ValueError(f"draw: {what} must be at least {least}, or None; got {given}")


def yes_or_no(**options: bool) -> None:
    """Raise TypeError for an option that is neither True nor False."""
    for what, given in options.items():
        if not isinstance(given, (bool, np.bool_)):
            raise TypeError(f"draw: {what} must be True or False; got {given!r}")
