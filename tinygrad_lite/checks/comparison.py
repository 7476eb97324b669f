"""Both sides of a derivation at a point: autograd's derivatives and the claims, in the order of the same quantities."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from ..engine.jacobians import blocks_of
from ..engine.protocols import plain
from ..engine.recording import set_recording, tracing
from ..engine.tensor import Tensor
from ..engine.transforms import record_function
from ..engine.trees import flatten
from .claims import claimed_array, type_and_shape
from .layouts import Layout, from_layout
from .points import is_floating
from .returned import Arguments, Pick, Picks

PACKAGE: Final = str(Path(__file__).parents[1])


class Truths(NamedTuple):
    """By autograd, for each quantity the derivative at a point; the output y; under a trace, the recorded nodes."""

    derivatives: list[Any]
    y: Any
    nodes: Sequence[Any] = ()


class Pair(NamedTuple):
    """Both sides at a point: for each quantity autograd's derivative and the claim; and the output y."""

    truths: list[Any]
    claims: list[Any]
    y: Any


class ClaimFails(Exception):
    """The claim raised an error of its own; ``str`` says which, and in which line."""


class Claimed:
    """A function, what is claimed of its derivatives, and the arguments, taken apart into leaves.

    Attributes
    ----------
    arguments : f's, by leaves
    quantities : the places among the leaves of those that a derivative is claimed for
    is_fixed : the claim is of numbers, for the given arguments alone
    y, returned : f's value and what the claims return, at the given arguments
    precision : the lowest that a claim came in, a dtype of floating-point numbers
    remarks : how what the claim returned was understood
    """

    def __init__(
        self, f: Callable[..., Any], claimed: Any, args: tuple[Any, ...], wrt: Any, layout: Layout | None
    ) -> None:
        if not callable(f):
            raise TypeError(f"check_derivation: f must be a function, got {type(f).__name__}")
        if not args:
            raise TypeError("check_derivation: f's arguments are needed, to know what to check it at")
        if layout not in (None, "numerator", "denominator"):
            raise ValueError(f'check_derivation: layout is "numerator" or "denominator", got {layout!r}')
        self.f = f
        self.layout = layout
        self.arguments = Arguments(f, args)
        self.leaves = self.arguments.leaves
        self.names = self.arguments.names
        self.parts, self.asked = claims_and_places(claimed, wrt, self.arguments)
        self.is_fixed = not all(callable(part) for part in self.parts)
        name = getattr(f, "__name__", "f")
        self.title = "f" if name == "<lambda>" else name
        self.remarks: list[str] = []
        self.precision = np.dtype(np.float64)
        likely = [k for places in self.asked or [list(self.arguments.spans[0][:1])] for k in places]
        try:
            self.y = self.value_at(self.leaves)
        except Exception:
            self.must_be_differentiable(likely)
            raise
        self.returned = self.returned_at(self.leaves)
        picks = Picks(self.arguments, self.asked, self.y)
        self.picks: list[Pick] = picks.of(self.returned)
        self.remarks += picks.remarks
        self.quantities = [pick.leaf for pick in self.picks]
        self.must_be_differentiable(self.quantities)
        if not self.quantities:
            raise TypeError("check_derivation: there is nothing to differentiate in the arguments asked for")

    def must_be_differentiable(self, places: Sequence[int]) -> None:
        """Raise TypeError where what a derivative was claimed for has none."""
        for k in places:
            if not is_floating(self.leaves[k]):
                raise TypeError(
                    f"check_derivation: the argument {self.names[k]} cannot be differentiated: it is not an array of "
                    f"floating-point numbers but {type_and_shape(self.leaves[k])}{advice(self.leaves[k])}"
                )

    def quantity(self, q: int) -> str:
        """A derivative's name."""
        return f"∂{self.title}/∂{self.names[self.quantities[q]]}"

    # -- both sides ---------------------------------------------------------------------------------------------------

    def call(self, leaves: Sequence[Any]) -> Any:
        """f of arguments with these leaves."""
        return self.f(*self.arguments.together(leaves))

    def value_at(self, leaves: Sequence[Any]) -> Any:
        """The value of f, which nothing is recorded of; of Tensors where it takes no arrays."""
        with set_recording(False), np.errstate(all="ignore"):
            try:
                y = self.call(copies(leaves))
            except Exception:
                asked = [k for places in self.asked or [list(self.arguments.spans[0])] for k in places]
                y = self.call([Tensor(x) if k in asked and is_floating(x) else x for k, x in enumerate(copies(leaves))])
        found, structure = flatten(y)
        if len(found) != 1 or structure.kind is not None:
            raise TypeError(f"check_derivation: f must return one array or number, it returned {len(found)}")
        return plain(found[0], Tensor)

    def truths_at(self, leaves: Sequence[Any], traced: bool = False) -> Truths:
        """Autograd's derivatives at a point."""

        def function(*variables: Any) -> Any:
            filled = list(leaves)
            for k, x in zip(self.quantities, variables, strict=True):
                filled[k] = x
            return self.call(filled)

        args = tuple([leaves[k] for k in self.quantities])
        if traced:
            with tracing():
                run = record_function("check_derivation", function, args, range(len(args)))
        else:
            run = record_function("check_derivation", function, args, range(len(args)))
        y = run.values[0]
        found = run.pull([np.ones(y.shape)[()]]) if y.size == 1 else blocks_of(run)[0]
        nodes = [node for node in run.relevant if node.primitive is not None] if traced else []
        return Truths(
            [np.asarray(plain(g, Tensor)) for g in found],
            plain(y, Tensor),
            sorted(nodes, key=lambda node: node.age, reverse=True),
        )

    def returned_at(self, leaves: Sequence[Any]) -> list[Any]:
        """What the claims return; raises ClaimFails for their own errors."""
        if self.is_fixed:
            return self.parts
        own = self.arguments.together(copies(leaves))
        try:
            with np.errstate(all="ignore"):
                return [part(*own) for part in self.parts]
        except Exception as error:
            raise ClaimFails(failure(error)) from error

    def claims_at(self, leaves: Sequence[Any], y: Any) -> list[Any]:
        """The claimed derivatives, in the order of the quantities."""
        values = self.returned if leaves is self.leaves else self.returned_at(leaves)
        found = []
        for pick in self.picks:
            try:
                value = pick.out_of(values)
            except (LookupError, TypeError) as error:
                raise ClaimFails(f"it returned something else than at the given arguments: {error}") from error
            dtype = getattr(plain(value, Tensor), "dtype", self.precision)
            if dtype.kind == "f" and dtype.itemsize < self.precision.itemsize:
                self.precision = dtype
            claim = claimed_array(value, self.names[pick.leaf])
            found.append(from_layout(claim, self.layout, np.shape(y), np.shape(leaves[pick.leaf])))
        return found

    def with_claims(self, leaves: Sequence[Any], truths: Truths) -> Pair:
        """Truths, with the claims at the same point."""
        return Pair(truths.derivatives, self.claims_at(leaves, truths.y), truths.y)

    def both_at(self, leaves: Sequence[Any]) -> Pair:
        """Both sides at a point."""
        return self.with_claims(leaves, self.truths_at(leaves))

    def must_be_finite(self, truths: Truths) -> None:
        """Raise ValueError where there is nothing to compare with."""
        for k, truth in zip(self.quantities, truths.derivatives, strict=True):
            if not np.all(np.isfinite(truth)):
                raise ValueError(
                    f"check_derivation: autograd's derivative with respect to {self.names[k]} is not finite at the "
                    "given arguments; give others, inside the function's domain"
                )


def claims_and_places(claimed: Any, wrt: Any, arguments: Arguments) -> tuple[list[Any], list[list[int]] | None]:
    """The claims, one for each argument or one for all, and the leaves of each argument asked for, if any was."""
    asked: list[list[int]] | None = None
    if wrt is not None:
        asked = [arguments.asked(key) for key in ([wrt] if isinstance(wrt, (int, np.integer, str)) else wrt)]
        places = [k for leaves in asked for k in leaves]
        if not places or len(set(places)) < len(places):
            raise ValueError(f"check_derivation: wrt names no argument, or one twice: {wrt!r}")
    claims = [claimed]
    if isinstance(claimed, Mapping) and any(callable(part) for part in claimed.values()):
        if asked is None:
            asked = [arguments.asked(key) for key in claimed]
            claims = list(claimed.values())
        else:
            claims = in_order(claimed, asked, arguments)
    elif isinstance(claimed, (tuple, list)) and any(callable(part) for part in claimed):
        claims = list(claimed)
        if asked is None:
            asked = [list(span) for span in arguments.spans[: len(claims)]]
        if len(claims) != len(asked):
            raise ValueError(f"check_derivation: {len(claims)} claims for {len(asked)} arguments")
    for part in claims:
        if isinstance(part, str) or part is None:
            raise TypeError(
                "check_derivation: the claim must be a function of f's arguments, or an array; got "
                + type(part).__name__
            )
    return claims, asked


def in_order(claimed: Mapping[Any, Any], asked: list[list[int]], arguments: Arguments) -> list[Any]:
    """The claims of a dict in the order of the arguments asked for."""
    by_place = {arguments.asked(key)[0]: part for key, part in claimed.items()}
    if by_place.keys() != {leaves[0] for leaves in asked}:
        wanted = ", ".join([arguments.names[leaves[0]] for leaves in asked])
        raise ValueError(
            f"check_derivation: derivatives are claimed for {', '.join(map(str, claimed))}, asked for {wanted}"
        )
    return [by_place[leaves[0]] for leaves in asked]


def copies(leaves: Sequence[Any]) -> list[Any]:
    """For a formula that writes to its arguments, and shall not spoil others'."""
    return [x.copy() if isinstance(x, np.ndarray) else x for x in leaves]


def failure(error: Exception) -> str:
    """An error of the user's, with its line."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(PACKAGE)]
    own = [f for f in frames if "site-packages" not in f.filename] or frames
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if not own:
        return said
    line = f", `{own[-1].line}`" if own[-1].line else ""
    return f"{said} ({own[-1].filename}, line {own[-1].lineno}{line})"


def advice(x: Any) -> str:
    """What to do about an argument of whole numbers."""
    return "; write its numbers as floats, 1.0 for 1" if np.asarray(x).dtype.kind in "iu" else ""
