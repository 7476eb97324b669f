"""How a function of ``scipy.special`` gets its derivatives: its ufunc, and one rule for each input.

A rule that is None says that there is no derivative with respect to that input; then a Tensor that requires a gradient
is refused there, before anything is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import Parameter, Signature
from typing import Any, Final

import numpy as np

from ..engine.protocols import constant
from ..table.primitive import Primitive
from ..table.registry import DISPATCH, Draw, Entry, Sample, Samples

SPECIAL: Final[dict[str, Entry]] = {}
"""Every function of ``scipy.special`` that has a derivative here, by its name."""

Domain = tuple[float, float] | int | float
"""Where to draw an input from for tests and examples, or the one value of an input without a rule."""

SHAPES: Final[tuple[tuple[tuple[int, ...], ...], ...]] = (
    ((3,), (3,), (3,)),
    ((2, 1), (1, 3), (3,)),
    ((), (2,), ()),
    ((), (), ()),
    ((0, 3), (1, 3), ()),
)


def enter(
    name: str, function: Callable[..., Any], samples: Samples, *ufuncs: Callable[..., Any], also: tuple[str, ...] = ()
) -> Callable[..., Any]:
    """Make a function public under SciPy's names, and the differentiable form of these ufuncs."""
    for key in (name, *also):
        if key in SPECIAL:
            raise ValueError(f"{key} is in the table already")
        SPECIAL[key] = Entry(key, function, ufuncs, samples)
    DISPATCH.update(dict.fromkeys(ufuncs, function))
    return function


def special(
    ufunc: Callable[..., Any],
    mathematics: str,
    *,
    domain: tuple[Domain, ...] = ((-2.0, 2.0),),
    name: str = "",
    also: tuple[str, ...] = (),
    **rules: Any,
) -> Any:
    """A ufunc of ``scipy.special``, with one rule per input, None for those without a derivative."""
    name = name or ufunc.__name__
    made = Primitive(
        ufunc,
        {key: rule or unreachable for key, rule in rules.items()},
        name=name,
        broadcasts=True,
        doc=documentation(name, mathematics, rules, domain),
    )
    fixed = tuple([key for key, rule in rules.items() if rule is None])
    public = with_constants(made, fixed) if fixed else made
    return enter(name, public, lambda draw: samples_from(draw, domain), ufunc, also=also)


def unreachable(g: Any) -> Any:
    """In place of a rule of an input that no gradient can flow to."""
    raise TypeError(f"no derivative with respect to this input, for a cotangent of shape {np.shape(g)}")


def with_constants(made: Primitive, fixed: tuple[str, ...]) -> Callable[..., Any]:
    """A primitive that refuses Tensors that require a gradient for some of its inputs."""
    names = made.inputs
    what = f"scipy.special.{made.name}"

    def checked(*inputs: Any) -> Any:
        if len(inputs) != len(names):
            raise TypeError(f"{made.name}: takes {', '.join(names)}; got {len(inputs)} of the {len(names)} inputs")
        return made(*[constant(x, what, key) if key in fixed else x for key, x in zip(names, inputs, strict=True)])

    checked.__name__ = checked.__qualname__ = made.name
    checked.__module__, checked.__doc__ = made.__module__, made.__doc__
    vars(checked)["__signature__"] = Signature([Parameter(key, Parameter.POSITIONAL_ONLY) for key in names])
    return checked


def samples_from(draw: Draw, domain: tuple[Domain, ...]) -> Iterable[Sample]:
    """Equal shapes, shapes that broadcast, 0-d arrays and empty ones."""
    for shapes in SHAPES:
        yield Sample(
            tuple([
                draw(*shape, low=at[0], high=at[1]) if isinstance(at, tuple) else at
                for shape, at in zip(shapes, domain, strict=False)
            ])
        )  # fmt: skip


def documentation(name: str, mathematics: str, rules: dict[str, Any], domain: tuple[Domain, ...]) -> str:
    """The docstring of a function, with an example that runs."""
    places = (0.6, 0.35, 0.45)
    at = [
        f"{d[0] + place * (d[1] - d[0]):.3f}" if isinstance(d, tuple) else repr(d)
        for place, d in zip(places, domain, strict=False)
    ]
    fixed = [key for key, rule in rules.items() if rule is None]
    free = [(key, x) for (key, rule), x in zip(rules.items(), at, strict=True) if rule is not None]
    inputs = ", ".join([key if key in fixed else x for key, x in zip(rules, at, strict=True)])
    if fixed:
        values = dict(zip(rules, at, strict=True))
        inputs = ", ".join([values[key] if key in fixed else key for key in rules])
        f = f"lambda {', '.join([key for key, _ in free])}: special.{name}({inputs})"
        example = f"tl.check_gradients({f}, {', '.join([x for _, x in free])})"
        without = (
            f"\nThere is no derivative with respect to {' and '.join(fixed)}: Tensors that require one are refused.\n"
        )
    else:
        example, without = f"tl.check_gradients(special.{name}, {inputs})", ""
    return f"""{mathematics}

SciPy's ``scipy.special.{name}`` of real numbers, elementwise: inputs broadcast, float32 stays float32.
{without}
Parameters
----------
{", ".join(rules)} : array_like or Tensor

>>> import tinygrad_lite.scipy.special as special
>>> {example}
"""


def of_doubles(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of vectors of float64, as one of arrays of any shape and kind, with nothing warned of.

    It is handed all inputs at one length; what it takes by keyword may be an array, too.
    """

    def computed(*inputs: Any, **params: Any) -> Any:
        shared = np.broadcast_arrays(*inputs, *params.values())
        wide = [np.asarray(x, np.float64).ravel() for x in shared]
        with np.errstate(all="ignore"):
            y = function(*wide[: len(inputs)], **dict(zip(params, wide[len(inputs) :], strict=True)))
        given = np.result_type(*inputs)
        dtype = given if given.kind == "f" else np.float64
        return y.astype(dtype).reshape(shared[0].shape)[()]

    return computed
