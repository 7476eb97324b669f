"""Seeing what was computed: ``trace`` keeps more of it, ``draw`` makes the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .table import linalg
from .tape import Trace, recording
from .tensor import Tensor

if TYPE_CHECKING:
    from .drawing.graph import Graph


def trace(*args: Any, **kwargs: Any) -> Any:
    """Without arguments, ``with tl.trace():`` keeps every intermediate's value, gradient and module, for drawing.

    They live as long as the graph does. Operations outside the block keep what their derivatives need, as ever.

    With a matrix, its trace: Σᵢ x[i, i + offset], as :func:`numpy.trace`, with its ``offset``, ``axis1``, ``axis2``.

    >>> with tl.trace():
    ...     x = tl.tensor([0.5, -1.0], requires_grad=True, name="x")
    ...     loss = (np.tanh(x) * 2.0).sum()
    >>> "−0.7616" in loss.draw().source  # tanh(−1)
    True
    >>> tl.trace(tl.tensor([[1.0, 2.0], [3.0, 4.0]])).item()
    5.0
    """
    return linalg.trace(*args, **kwargs) if args or kwargs else tracing()


@contextmanager
def tracing() -> Iterator[None]:
    """Trace within the block; inside another trace, go on with that one. Where recording is off it stays off."""
    on = recording.get()
    token = recording.set(Trace() if on is True else on)
    try:
        yield
    finally:
        recording.reset(token)


@contextmanager
def scope(name: str) -> Iterator[None]:
    """Draw what is computed within the block inside a frame of this name; without a trace it does nothing.

    >>> with tl.trace(), tl.scope("encoder"):
    ...     y = np.exp(tl.tensor(1.0, requires_grad=True))
    >>> "encoder" in tl.draw(y).source
    True
    """
    on = recording.get()
    token = recording.set(on if isinstance(on, bool) else on.inside(str(name)))
    try:
        yield
    finally:
        recording.reset(token)


@contextmanager
def call(module: Any) -> Iterator[None]:
    """:func:`scope` for a module's call: its name within the module that calls it, its class, its parameters' names."""
    on = recording.get()
    assert isinstance(on, Trace)
    kind = type(module).__name__
    if on.module is None:
        names = {p._node: name for name, p in module.named_parameters() if p._node is not None}
        inner = on.inside(kind, kind, module, names)
    else:
        path = next((name for name, part in on.module.named_modules() if part is module and name), kind)
        inner = on.inside(path, kind, module)
    token = recording.set(inner)
    try:
        yield
    finally:
        recording.reset(token)


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
    theme: str = "light",
    direction: str = "down",
    legend: bool = True,
) -> Graph:
    """The graph that computed a Tensor, as a picture: shown in notebooks, ``save("loss.svg")``, DOT text in ``source``.

    Light boxes are arrays: parameters (leaves that require a gradient), inputs, numbers, results, the output. Dark ones
    are operations, with their keyword parameters. Edges say which operand they bring (``a``, ``b``, as the rules name
    them) unless the operands can be exchanged; an array used twice has two edges. Values and gradients are those the
    graph has kept: every one for what was computed inside ``with tl.trace():``; shapes always. A gradient that has not
    arrived is drawn as —. The same graph gives the same picture, byte for byte; drawing changes and keeps nothing.

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
    theme : "light" or "dark"
    direction : "down" or "right"
    legend : explain the kinds of boxes

    Raises TypeError for what is no Tensor, ValueError for an unknown theme or direction, or a depth or limit too small.

    >>> x = tl.tensor(3.0, requires_grad=True, name="x")
    >>> picture = tl.draw(np.tanh(x * x), derivatives=True)
    >>> len(picture.operations), len(picture.edges)
    (2, 5)
    """
    from .drawing.graph import Options, drawn

    options = Options(
        names, values, derivatives, backward, depth, collapse, rollup, limit, costs, theme, direction, legend
    )
    return drawn(output, options, "draw")


def draw_difference(a: Tensor, b: Tensor, *, names: Mapping[str, Any] | None = None, theme: str = "light") -> Graph:
    """Two graphs beside each other: what only one of them has is marked, with + on the right and − on the left.

    The two programs are matched as texts are: in the order they ran, by what each operation does on which shapes.

    >>> x = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> picture = tl.draw_difference(np.exp(x).sum(), np.tanh(x).sum())
    >>> "only on the left" in picture.source
    True
    """
    from .drawing.difference import difference

    return difference(a, b, names, theme)


Tensor.draw = draw
