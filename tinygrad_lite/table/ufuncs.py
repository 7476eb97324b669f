"""Entries of the table that are NumPy's ufuncs: one line each, with samples and documentation worked out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .primitive import Primitive
from .registry import SETTINGS, Draw, Sample, primitive, register

Interval = tuple[float, float]


def elementwise(
    ufunc: Callable[..., Any],
    mathematics: str,
    *,
    name: str = "",
    forward: Callable[..., Any] | None = None,
    domain: Interval | tuple[Interval, ...] = (-2.0, 2.0),
    more: tuple[Sample, ...] = (),
    also: tuple[str, ...] = (),
    **options: Any,
) -> Primitive:
    """A public broadcasting primitive, from a NumPy ufunc and one rule per input; a method of Tensors too.

    Parameters
    ----------
    mathematics : the function and its derivatives, the first line of the docstring
    forward : a quicker equal of the ufunc on arrays and scalars (an operator)
    more : samples beside those drawn from the domain
    also : other names of the method
    domain : where it is smooth, for all inputs or for each: the tests and the docstring's example draw from there
    options : :class:`Primitive`'s, and the rules by input name
    """
    name = name or ufunc.__name__
    inputs = tuple([key for key in options if key not in SETTINGS])
    intervals: Any = domain if isinstance(domain[0], tuple) else (domain,) * len(inputs)
    made = primitive(
        forward or ufunc,
        name=name,
        numpy=ufunc,
        broadcasts=True,
        doc=elementwise_doc(name, mathematics, inputs, intervals),
        **options,
    )
    register(name, made, (ufunc,), lambda draw: [*elementwise_samples(draw, intervals), *more], (name, *also))
    return made


def elementwise_samples(draw: Draw, domain: tuple[Interval, ...]) -> Iterable[Sample]:
    """Equal shapes, shapes that broadcast, 0-d arrays and empty ones."""
    shapes: tuple[tuple[tuple[int, ...], ...], ...] = (
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((2, 1), (1, 3)),
        ((), (2,)),
        ((), ()),
        ((0, 3), (1, 3)),
    )
    for pair in shapes:
        yield Sample(tuple([draw(*s, low=low, high=high) for s, (low, high) in zip(pair * 2, domain, strict=False)]))


def elementwise_doc(name: str, mathematics: str, inputs: tuple[str, ...], domain: tuple[Interval, ...]) -> str:
    """The docstring of an elementwise primitive, with an example that runs."""
    # inside the domain, and not the same point for two inputs
    at = ", ".join(f"{low + place * (high - low):.3f}" for place, (low, high) in zip((0.6, 0.35), domain, strict=False))
    return f"""{mathematics}

Elementwise; inputs broadcast as in NumPy, and the output has NumPy's shape and dtype (float32 stays float32).
Arrays give an array, Tensors a Tensor. Raises TypeError or ValueError, naming {name}, for inputs NumPy cannot take.

Parameters
----------
{", ".join(inputs)} : array_like or Tensor

>>> tl.check_gradients(tl.{name}, {at})
"""
