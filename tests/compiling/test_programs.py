"""Random programs, compiled: the same arrays, to the last bit, for other numbers than those it was compiled with."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
import tinygrad_lite.numpy as tnp
from tinygrad_lite.engine.trees import tree_map

from ..engine.choices import X, Y, run
from ..engine.programs import Program
from .alone import difference


class Compilable(Program):
    """Programs that choose no entries by what numbers they are."""

    def masked(self) -> str | None:
        name = self.array(1)
        if name is None:
            return None
        return f"{name}[{self.mask_for(name)}] = {self.constant()}"

    def advanced(self, name: str, shape: tuple[int, ...]) -> str:
        index = super().advanced(name, shape)
        return "..." if any(sign in index for sign in "<>") or index in self.masks() else index


def recorded(program: Program, names: list[str], module: Any, kind: Any) -> Any:
    """A program as a function of its two arrays, which gives all those that it ends with."""

    def function(x, y):
        arrays = {"np": module, "x": x * kind(1), "y": y * kind(1), "single": np.float32}
        last = run(program.codes, arrays)
        return [last[n] for n in names]

    return function


def arrays_of(program: Program) -> list[str]:
    """The arrays of floats that a program ends with."""
    return sorted(n for n, v in program.arrays().items() if v.dtype.kind == "f")


def check(program: Program, derive: bool, kind: Any, **options: Any) -> None:
    """The compiled program gives what it gives without source, in each of several calls, or is refused."""
    values = function = recorded(program, arrays_of(program), tnp, kind)
    if derive:
        function = tl.value_and_grad(lambda x, y: sum([np.sin(v).sum() for v in values(x, y)]), (0, 1))
    compiled = tl.compile(function, **options)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for shift in (0.0, 0.125, -0.25, 0.0):
            x, y = (X + shift).astype(kind), (Y * (1 + shift)).astype(kind)
            try:
                wanted = tree_map(lambda v: v.data if type(v) is tl.Tensor else v, function(x, y))
                found = compiled(x.copy("K"), y.copy("K"))
            except TypeError as error:
                if "went on after something was refused" in str(error) or "compile: " in str(error):
                    raise Refused from error
                raise
            said = difference(found, wanted)
            assert said is None, f"{program.source}\n{said}\n{compiled.source}"


OPTIONS: list[dict[str, Any]] = [
    {},
    {"donate_argnums": (0, 1)},
    {"reuse_outputs": True},
    {"donate_argnums": 1, "reuse_outputs": True},
    {},
]


class Refused(Exception):
    """The program looks at its numbers."""


@pytest.mark.parametrize("seed", [*range(60), *[pytest.param(n, marks=pytest.mark.long) for n in range(60, 400)]])
def test_a_random_program_is_what_it_is_without_source(seed):
    rng = np.random.default_rng(seed)
    program = Compilable(lambda n: int(rng.integers(n)), int(rng.integers(2, 10)))
    with suppress(Refused):
        check(program, seed % 2 == 1, (np.float32, np.float64, np.float64)[seed % 3], **OPTIONS[seed % len(OPTIONS)])


@pytest.mark.long
@settings(max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data(), st.booleans(), st.sampled_from([np.float64, np.float32]), st.sampled_from(OPTIONS))
def test_programs_that_a_search_finds(data, derive, kind, options):
    program = Compilable(lambda n: data.draw(st.integers(0, n - 1)), data.draw(st.integers(1, 8)))
    with suppress(Refused):
        check(program, derive, kind, **options)


def test_few_programs_are_refused():
    refused = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        program = Compilable(lambda n, rng=rng: int(rng.integers(n)), int(rng.integers(2, 10)))
        try:
            check(program, False, np.float64)
        except Refused:
            refused += 1
    assert refused <= 8
