"""Derivatives beside the true ones, of this library, PyTorch and JAX: ``python -m benchmarks.precision``.

The points, the truth and the unit are those of the tests (``tests.table.hard_cases``), the functions of PyTorch and JAX
those that the tests compare with (``tests.oracles``). What is measured is written as JSON, of which the manual makes a
page (``docs.precision``).
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple

import mpmath
import numpy as np

from tests.table.hard_cases import FORMS, FORMULAS, LIMITS, derivative, errors, function, points

RECORD: Final = Path(__file__).with_suffix(".json")
SEED: Final = 11
POINTS: Final = 500
ORDERS: Final = (1, 2)
DTYPES: Final = (np.float64, np.float32)

Calls = Callable[[str], Callable[..., Any] | None]
Measured = Callable[[Callable[..., Any], tuple[int, ...], list[np.ndarray]], tuple[np.ndarray, np.ndarray]]


class Library(NamedTuple):
    """How a library calls a function of the table, and how it gives a derivative of it and the values, at points."""

    call: Calls
    measured: Measured


# ---------------------------------------------------------------------------------------------------------------------
# The libraries


def this_library() -> Library:
    """The table's functions, as the tests call them."""
    import tinygrad_lite as tl

    def measured(call: Callable[..., Any], places: tuple[int, ...], at: list[np.ndarray]) -> Any:
        return derivative(call, places, tl.grad)(*at), call(*at)

    return Library(lambda name: function(name).call, measured)


def pytorch() -> Library:
    """PyTorch, in eager mode, where it has a function of this kind itself."""
    import torch

    from tests.oracles.test_torch import COUNTERPARTS

    itself = {"sinc": torch.sinc, "softplus": torch.nn.functional.softplus}
    own = COUNTERPARTS | itself | {"cbrt": None}  # which the tests compose

    def measured(call: Callable[..., Any], places: tuple[int, ...], at: list[np.ndarray]) -> Any:
        x = [torch.tensor(a, requires_grad=True) for a in at]
        y = found = call(*x)
        for place in places:
            if not found.requires_grad:
                found = torch.zeros_like(x[place])
            else:
                (found,) = torch.autograd.grad(
                    found.sum(), x[place], create_graph=True, allow_unused=True, materialize_grads=True
                )
        return found.detach().numpy(), y.detach().numpy()

    return Library(lambda name: counterpart(own, name), measured)


def jax_compiled() -> Library:
    """JAX, compiled, with double precision where arrays have it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # JAX's own, while it is imported
        import jax

        from tests.oracles.test_jax import COUNTERPARTS
    jax.config.update("jax_enable_x64", True)

    def measured(call: Callable[..., Any], places: tuple[int, ...], at: list[np.ndarray]) -> Any:
        return tuple([np.asarray(jax.jit(f)(*at)) for f in (derivative(call, places, jax.grad), call)])

    return Library(lambda name: counterpart(COUNTERPARTS, name), measured)


def counterpart(functions: dict[str, Any], name: str) -> Callable[..., Any] | None:
    """A library's function, with the options of a form that it knows; None where it has none."""
    entry, options = FORMS.get(name, (name, {}))
    found = functions.get(entry)
    return found if found is None or entry == name else lambda *x: found(*x, **options)


LIBRARIES: Final = {"tinygrad_lite": this_library, "PyTorch": pytorch, "JAX": jax_compiled}
PACKAGES: Final = {"tinygrad_lite": "numpy", "PyTorch": "torch", "JAX": "jax"}

# ---------------------------------------------------------------------------------------------------------------------
# The measurement


def rows(libraries: dict[str, Library], names: Sequence[str], count: int) -> Iterator[dict[str, Any]]:
    """For each function, order and dtype what each library's derivatives are off."""
    for name in names:
        for order in ORDERS:
            for dtype in DTYPES:
                row = {"function": name, "order": order, "dtype": dtype.__name__}
                yield row | off(libraries, name, order, points(name, dtype, count, SEED))


@np.errstate(all="ignore")
def off(libraries: dict[str, Library], name: str, order: int, at: list[np.ndarray]) -> dict[str, Any]:
    """For each library that has the function the largest error of its derivatives of an order, and how many miss."""
    found: dict[str, list[tuple[float, bool]]] = {key: [] for key, library in libraries.items() if library.call(name)}
    for places in function(name).derivatives(order):
        truths = function(name).true_derivatives(places, at)
        for key in found:
            got, values = libraries[key].measured(libraries[key].call(name), places, at)  # type: ignore[arg-type]
            units = errors(got, values, truths, at[0].dtype.type)
            valued = [truth is not None and not mpmath.isnan(truth[0]) for truth in truths]
            found[key] += [(u, there) for u, there in zip(units, valued, strict=True) if u is not None]
    return {key: summary(units, LIMITS[order]) for key, units in found.items()}


def summary(units: list[tuple[float, bool]], limit: float) -> dict[str, Any]:
    """The largest error, null for what is no number; how many there are, and how many miss.

    Where the function has no value they are counted by themselves: how many are a number, and of how many.
    """
    inside, outside = [[u for u, valued in units if valued is there] for there in (True, False)]
    largest = max(inside)
    return {
        "largest": float(f"{largest:.3g}") if np.isfinite(largest) else None,
        "misses": sum([not u <= limit for u in inside]),
        "of": len(inside),
        "numbers_outside": sum([u > 0 for u in outside]),
        "of_outside": len(outside),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, show each row as it comes, write them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.precision", description=__doc__)
    parser.add_argument("--points", type=int, default=POINTS, help=f"how many for each function (default: {POINTS})")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="these functions; nothing is written")
    options = parser.parse_args(argv)
    names = options.only or sorted(FORMULAS)
    if unknown := [name for name in names if name not in FORMULAS]:
        parser.error(f"no function with a formula: {', '.join(unknown)}")
    libraries = {name: made() for name, made in LIBRARIES.items()}
    found = []
    for row in rows(libraries, names, options.points):
        print(*[f"{key}: {value}" for key, value in row.items()], sep="; ", flush=True)
        found.append(row)
    if not options.only:
        about = {
            "points": options.points,
            "seed": SEED,
            "limits": {str(order): LIMITS[order] for order in ORDERS},
            "machine": f"{platform.system()} {platform.machine()}",
            "versions": {package: version(package) for package in PACKAGES.values()},
        }
        RECORD.write_text(json.dumps({**about, "rows": found}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
