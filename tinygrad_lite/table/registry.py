"""The registry: the tests, the NumPy protocols and the documentation are driven by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

from .doors import carried
from .foreign import with_keywords_explained
from .primitive import Primitive, keyword_names


class Sample(NamedTuple):
    """Arguments a table entry is tested with: the floating-point arrays among ``args`` are differentiated."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = {}


F = TypeVar("F", bound=Callable[..., Any])

Draw = Callable[..., Any]
"""``draw(*shape, low=-2.0, high=2.0)``: a float64 array of seeded random numbers."""

Samples = Callable[[Draw], Iterable[Sample]]


def complex_of(r: Draw) -> Draw:
    """As ``r``, complex128: the real and the imaginary parts are drawn alike."""
    return lambda *shape: r(*shape) + 1j * r(*shape)


class Entry(NamedTuple):
    """A public function of the table: what serves it, the NumPy functions it stands for, its test arguments, and the
    names under which Tensors have it as a method.
    """

    name: str
    function: Callable[..., Any]
    numpy: tuple[Callable[..., Any], ...]
    samples: Samples
    methods: tuple[str, ...] = ()


REGISTRY: Final[dict[str, Entry]] = {}
"""Every public function of the table, by name."""

DISPATCH: Final[dict[Callable[..., Any], Callable[..., Any]]] = {}
"""NumPy function → the table's function that stands for it. What is not here is refused, never guessed."""

PRIMITIVES: Final[dict[str, Primitive]] = {}
"""Every primitive, public or not, by name."""


def register(
    name: str,
    function: Callable[..., Any],
    numpy: tuple[Callable[..., Any], ...],
    samples: Samples,
    methods: tuple[str, ...] = (),
    composed: bool = False,
) -> None:
    """Make a function public under ``name``, and the differentiable form of each of the NumPy functions."""
    if name in REGISTRY:
        raise ValueError(f"{name} is in the table already")
    public = carried(function, name) if composed else with_keywords_explained(function, name)
    REGISTRY[name] = Entry(name, public, numpy, samples, methods)
    DISPATCH.update(dict.fromkeys(numpy, function))


SETTINGS: Final = keyword_names(Primitive.__init__)
"""What :func:`primitive` hands on; its other keywords are the rules."""


def primitive(forward: Callable[..., Any], *, name: str = "", **options: Any) -> Primitive:
    """A primitive that is not public by itself: the functions that tidy its arguments are.

    ``options`` are :class:`Primitive`'s, and the rules by input name.
    """
    settings = {key: options.pop(key) for key in SETTINGS if key in options}
    made = Primitive(forward, options, name=name or forward.__name__.strip("_"), **settings)
    if made.name in PRIMITIVES:
        raise ValueError(f"{made.name} is a primitive already")
    PRIMITIVES[made.name] = made
    return made


def entry(
    *numpy: Callable[..., Any],
    samples: Samples,
    name: str = "",
    method: bool = False,
    also: tuple[str, ...] = (),
    composed: bool = False,
) -> Callable[[F], F]:
    """Decorator: make a function of the table public, for these NumPy functions.

    ``method`` says whether it is a method of Tensors too, and ``also`` under which other names. ``composed`` ones take
    arrays of other libraries through a door, for NumPy's functions compute beside primitives there.
    """

    def enter(function: F) -> F:
        public = name or function.__name__.strip("_")
        register(public, function, numpy, samples, (public, *also) if method else (), composed)
        return function

    return enter
