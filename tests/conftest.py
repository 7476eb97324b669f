"""What all tests share: seeded arrays, the table's samples, and a check that no test leaves recording off."""

from __future__ import annotations

import gc
import inspect
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import hypothesis
import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine import graph, recomputing, sweep, tensor, writing
from tinygrad_lite.engine.recording import recording
from tinygrad_lite.engine.trees import flatten, tree_map, unflatten
from tinygrad_lite.table.registry import REGISTRY, Entry, Sample

from . import several

os.environ["SYMPY_GROUND_TYPES"] = "python"  # as of users, who need not have what the tests' true derivatives take

hypothesis.settings.register_profile("no clock", deadline=None)  # which a busy machine would miss
hypothesis.settings.load_profile("no clock")

Draw = Callable[..., np.ndarray]


def drawing(seed: str) -> Draw:
    """A generator of float64 arrays that draws the same for the same seed, on every machine."""
    rng = np.random.default_rng(zlib.crc32(seed.encode()))

    def draw(*shape: int, low: float = -2.0, high: float = 2.0) -> np.ndarray:
        return np.asarray(rng.uniform(low, high, shape))

    return draw


@pytest.fixture
def recorded_names(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the primitives that are recorded from here on."""
    names: set[str] = set()
    original = graph.vertex

    def watched(primitive: Any, *args: Any) -> Any:
        if primitive is not None:
            names.add(primitive.name)
        return original(primitive, *args)

    for module in (graph, recomputing, sweep, tensor, writing):
        monkeypatch.setattr(module, "vertex", watched)
    return names


class Case(NamedTuple):
    """A function of the table at one of its samples."""

    entry: Entry
    sample: Sample

    @property
    def variables(self) -> list[np.ndarray]:
        """The floating-point arrays among the arguments."""
        return [x for x in flatten(self.sample.args)[0] if is_variable(x)]

    def arguments(self, variables: Any) -> Any:
        """The arguments with other variables in their places."""
        leaves, structure = flatten(self.sample.args)
        remaining = iter(variables)
        return unflatten(structure, [next(remaining) if is_variable(x) else x for x in leaves])

    @property
    def squared(self) -> Callable[..., Any] | None:
        """The squares of a function whose rules are linear primitives of its own: what reaches the rules of those."""
        if self.entry.name not in ("conv2d", "sliding_window_view", "max_pool2d", "avg_pool2d", "qr", "svd", "slogdet"):
            return None
        return lambda *variables: tree_map(np.square, self(*variables))

    def __call__(self, *variables: Any) -> Any:
        return self.entry.function(*self.arguments(variables), **self.sample.kwargs)


def is_variable(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


def cases() -> dict[str, Case]:
    """Every sample of every public function of the table, under a name for reports."""
    return {
        f"{name}-{k}": Case(entry, sample)
        for name, entry in REGISTRY.items()
        for k, sample in enumerate(entry.samples(drawing(f"sample of {name}")))
    }


ORACLES = Path(__file__).parent / "oracles"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where other libraries are not compared with, do not import them: that takes seconds."""
    return True if collection_path == ORACLES and config.option.markexpr.startswith(("not oracle", "long")) else None


def pytest_collection_finish() -> None:
    """Leave what thousands of tests are made of out of each search for garbage; some tests search often."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def garbage_is_searched_in_few_places() -> Iterator[None]:
    """Leave what a file's tests leave, imported modules and caches, out of all later searches for garbage."""
    yield
    gc.collect()
    gc.freeze()


OF_EACH = 2
"""Samples of each function that every run takes; of the others a part."""

ONE_IN = 4
"""Of how many of the others every run takes one."""


@pytest.hookimpl(wrapper=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> Iterator[None]:
    """A test that takes ``case`` runs for each sample of the table; one that takes ``entry`` for each function.

    Of a sweep that is marked as sampled, most cases are left to the long run. Where long tests are left out they are
    not even made, and cases that are alike are taken together.
    """
    if "case" in metafunc.fixturenames:
        sampled = pytest.mark.sampled(ONE_IN)
        parameters = [
            pytest.param(case, id=name, marks=sampled if int(name.rpartition("-")[2]) >= OF_EACH else ())
            for name, case in cases().items()
        ]
        metafunc.parametrize("case", parameters)
    if "entry" in metafunc.fixturenames:
        metafunc.parametrize("entry", REGISTRY.values(), ids=list(REGISTRY))
    yield
    several.choose(metafunc)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test for each of the cases that it was given together; fail one that leaves recording off."""
    mark = pyfuncitem.get_closest_marker("several")
    if mark is None:
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    test = pyfuncitem.nodeid.partition("[")[0]

    def run(call: Any) -> None:
        given = {**pyfuncitem.funcargs, **call.params}
        if "draw" in given and "draw" not in call.params:
            given["draw"] = drawing(f"{test}[{call.id}]")
        with leaving_recording_on():
            pyfuncitem.obj(**{name: given[name] for name in names})

    several.run_all(run, mark.args[0])
    return True


@pytest.fixture(scope="session")
def all_cases() -> dict[str, Case]:
    return cases()


@pytest.fixture(scope="session")
def findings() -> list[Any]:
    """What is found about every statement of the documents, which takes seconds."""
    from tinygrad_lite.documents import CATALOGUE
    from tinygrad_lite.verifying import verify

    return list(verify(CATALOGUE))


@pytest.fixture
def draw(request: pytest.FixtureRequest) -> Draw:
    """``draw(*shape, low=-2.0, high=2.0)``: a float64 array, the same in every run of the test."""
    return drawing(request.node.nodeid)


@contextmanager
def leaving_recording_on() -> Iterator[None]:
    """Fails a test that turns recording off, or finds it off, and leaves it so."""
    assert recording.get(), "recording was off when the test began"
    try:
        yield
        assert recording.get(), "the test left recording off"
    finally:
        recording.set(True)


@pytest.hookimpl(wrapper=True)  # of thousands of tests a fixture would take seconds
def pytest_runtest_call() -> Iterator[None]:
    with leaving_recording_on():
        yield


@pytest.fixture(scope="session", autouse=True)
def doctest_names(doctest_namespace: dict[str, Any]) -> None:
    """The names that docstrings' examples use."""
    doctest_namespace.update(np=np, tl=tl, nn=tl.nn)
