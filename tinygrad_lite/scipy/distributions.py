"""What distributions have in common: SciPy's arguments, the support, and values outside of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from inspect import Parameter, Signature
from typing import Any, Final, NamedTuple

import numpy as np

from ..engine.protocols import constant, plain
from ..engine.tensor import Tensor
from ..table.lists import as_array
from .logarithms import xlog1py, xlogy
from .sums import recorded

METHODS: Final = ("logpdf", "pdf", "logpmf", "pmf", "cdf", "logcdf", "sf", "logsf", "ppf")
"""What is differentiated here, where a distribution has it."""

OUTSIDE: Final = {
    "logpdf": (-math.inf, -math.inf),
    "pdf": (0.0, 0.0),
    "logpmf": (-math.inf, -math.inf),
    "pmf": (0.0, 0.0),
    "cdf": (0.0, 1.0),
    "logcdf": (-math.inf, 0.0),
    "sf": (1.0, 0.0),
    "logsf": (0.0, -math.inf),
    "ppf": (math.nan, math.nan),
}
"""The values below the support and above it."""

THROUGH: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    "pdf": ("logpdf", np.exp),
    "pmf": ("logpmf", np.exp),
    "sf": ("cdf", lambda y: 1 - y),
}
"""How a method follows from another, where it has no form of its own."""

Forms = Mapping[str, Callable[..., Any]]
"""Method → its formula, of the standardised point and the shape parameters."""


class Support(NamedTuple):
    """The standard form's interval, the parameters that it is valid for, and a point within it."""

    low: float = -math.inf
    high: float = math.inf
    open: bool = False
    point: float = 0.5


class Distribution:
    """A distribution of one real number, as SciPy's of that name; of arrays alone it is SciPy's.

    Parameters
    ----------
    original : SciPy's
    forms : the formulas of the standard form, of the point and the shape parameters
    support : where the density is not 0
    """

    def __init__(self, original: Any, forms: Forms, support: Support = Support()) -> None:  # noqa: B008 (a tuple)
        self.original: Final = original
        self.name: Final = original.name
        self.shapes: Final = tuple(original.shapes.split(", ")) if original.shapes else ()
        self.forms: Final = forms
        self.support: Final = support
        self.signature: Final = self.parameters()
        self.__doc__ = original.__doc__

    def parameters(self) -> Signature:
        """The parameters beside the point, by SciPy's names."""
        kind = Parameter.POSITIONAL_OR_KEYWORD
        own = [Parameter(key, kind) for key in self.shapes]
        return Signature([*own, Parameter("loc", kind, default=0), Parameter("scale", kind, default=1)])

    def __call__(self, *args: Any, **kwds: Any) -> Any:
        """The distribution with its parameters: ``norm(0, 2).logpdf(x)``."""
        return Frozen(self, args, kwds)

    def __getattr__(self, name: str) -> Any:
        if name in METHODS and hasattr(self.original, name):
            return partial(self.computed, name)
        return getattr(self.original, name)

    def __repr__(self) -> str:
        return f"<distribution {self.name}>"

    def computed(self, method: str, x: Any, /, *args: Any, **kwds: Any) -> Any:
        """A method at a point, or at the probability q, with these parameters."""
        if not recorded(x, *args, *kwds.values()):
            return getattr(self.original, method)(x, *args, **kwds)
        try:
            bound = self.signature.bind(*args, **kwds)
        except TypeError as error:
            raise TypeError(f"{self.name}.{method}: {error}") from None
        bound.apply_defaults()
        given = [as_array(v) for v in bound.arguments.values()]
        return self.formula(method, as_array(x), given)

    def form(self, method: str) -> Callable[..., Any]:
        """The formula of a method: its own, or by another's."""
        if method in self.forms:
            return self.forms[method]
        if method in ("logcdf", "logsf") and "cdf" in self.forms:
            first, second = [self.form(other) for other in (("cdf", "sf") if method == "logcdf" else ("sf", "cdf"))]
            return lambda x, *shapes: log_by_complement(first(x, *shapes), second(x, *shapes))
        other, function = THROUGH.get(method, ("", np.exp))
        if not other or (other not in self.forms and other not in THROUGH):
            raise TypeError(f"scipy.stats.{self.name}.{method} has no derivative here; pass t.detach()")
        inner = self.form(other)
        return lambda x, *shapes: function(inner(x, *shapes))

    def formula(self, method: str, x: Any, given: list[Any]) -> Any:
        """The method of Tensors: the formula within the support, for parameters that are valid."""
        form = self.form(method)
        *shapes, loc, scale = given
        valid = plain(scale, Tensor) > 0
        for shape in shapes:
            valid = valid & (plain(shape, Tensor) > 0)
        if not np.all(valid):
            shapes = [np.where(valid, shape, 1.0) for shape in shapes]
            scale = np.where(valid, scale, 1.0)
        if method == "ppf":
            y = within(lambda q: form(q, *shapes), x, Support(0.0, 1.0), OUTSIDE[method]) * scale + loc
        else:
            z = (x - loc) / scale
            y = within(lambda z: form(z, *shapes), z, self.support, OUTSIDE[method])
            y = y - np.log(scale) if method == "logpdf" else y / scale if method == "pdf" else y
        return y if np.all(valid) else np.where(valid, y, np.nan)


def log_by_complement(y: Any, complement: Any) -> Any:
    """ln y, by 1 − y where y is nearly 1; nothing is warned of where it is 0."""
    return np.where(plain(y, Tensor) < 0.5, xlogy(1.0, y), xlog1py(1.0, -complement))


def within(form: Callable[..., Any], z: Any, support: Support, outside: tuple[float, float]) -> Any:
    """A formula within the support, and constants outside of it, where the formula is not asked."""
    values = plain(z, Tensor)
    below = values <= support.low if support.open else values < support.low
    above = values > support.high
    if not np.any(below | above):
        return form(z)
    y = form(np.where(below | above, support.point, z))
    return np.where(below, outside[0], np.where(above, outside[1], y))


class DiscreteDistribution(Distribution):
    """A distribution of one whole number: differentiated by its parameters, not by the number.

    Parameters
    ----------
    valid : of the values of the shape parameters, whether they are valid
    whole : parameters that are whole numbers, too
    last : the largest number that it gives a probability to, from the parameters
    """

    def __init__(
        self,
        original: Any,
        forms: Forms,
        valid: Callable[..., Any],
        *,
        first: int = 0,
        last: Callable[..., Any] = lambda *shapes: math.inf,
        whole: tuple[str, ...] = (),
    ) -> None:
        super().__init__(original, forms)
        self.valid: Final = valid
        self.first: Final = first
        self.last: Final = last
        self.whole: Final = whole

    def parameters(self) -> Signature:
        """The parameters beside the number, by SciPy's names."""
        kind = Parameter.POSITIONAL_OR_KEYWORD
        return Signature([*[Parameter(key, kind) for key in self.shapes], Parameter("loc", kind, default=0)])

    def formula(self, method: str, x: Any, given: list[Any]) -> Any:
        """The method of Tensors, 0 for what is no whole number within the support."""
        form = self.form(method)
        what = f"scipy.stats.{self.name}.{method}"
        *shapes, loc = given
        shapes = [
            constant(s, what, key) if key in self.whole else s for key, s in zip(self.shapes, shapes, strict=True)
        ]
        k = number = constant(x, what, "k") - constant(loc, what, "loc")
        values = [plain(s, Tensor) for s in shapes]
        valid, last = self.valid(*values), self.last(*values)
        if method in ("cdf", "sf", "logcdf", "logsf"):
            k = np.floor(k)
        below = (k < self.first) | (np.floor(k) != k)
        above = k > last if method in ("logpmf", "pmf") else k >= last
        usual = ~below & ~above & valid
        k = np.where(usual, k, self.first)
        y = form(k, *[s if np.all(valid) else np.where(valid, s, 0.5) for s in shapes])
        low, high = OUTSIDE[method]
        y = y if np.all(usual) else np.where(usual, y, np.where(below, low, high))
        known = valid & ~np.isnan(number)
        return y if np.all(known) else np.where(known, y, np.nan)


class Frozen:
    """A distribution with its parameters."""

    def __init__(self, dist: Any, args: tuple[Any, ...], kwds: Mapping[str, Any]) -> None:
        self.dist: Final = dist
        self.args: Final = args
        self.kwds: Final = kwds

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.dist, name)
        if not callable(method):
            raise AttributeError(f"the distribution {self.dist.name} with its parameters has no attribute {name!r}")
        return lambda *x, **more: method(*x, *self.args, **self.kwds, **more)
