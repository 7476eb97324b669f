"""The recorded errors of derivatives beside PyTorch's and JAX's: every function is there, and the promise is kept."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from docs import precision as page

pytest.importorskip("sympy")

from benchmarks import precision

from .table.hard_cases import EXCEPTIONS, FORMULAS, LIMITS, derivative, function

ROOT = Path(__file__).parents[1]
RECORD = page.recorded()
ROWS = RECORD["rows"]


def test_every_function_with_a_formula_is_recorded_to_both_orders_in_both_precisions() -> None:
    found = [(row["function"], row["order"], row["dtype"]) for row in ROWS]
    assert found == [(name, order, dtype) for name in sorted(FORMULAS) for order in (1, 2) for dtype in page.DTYPES]
    assert RECORD["limits"] == {str(order): LIMITS[order] for order in (1, 2)}
    assert (RECORD["points"], RECORD["seed"]) == (precision.POINTS, precision.SEED)


def test_each_row_has_this_library_and_another() -> None:
    for row in ROWS:
        assert "tinygrad_lite" in row
        assert {"PyTorch", "JAX"} & set(row), row["function"]


@pytest.mark.oracle
@pytest.mark.parametrize("library", ["PyTorch", "JAX"])
def test_what_a_library_has_is_recorded(library: str) -> None:
    pytest.importorskip({"PyTorch": "torch", "JAX": "jax"}[library])
    call = precision.LIBRARIES[library]().call
    assert {row["function"] for row in ROWS if library in row} == {name for name in FORMULAS if call(name)}


def test_this_library_keeps_its_promise_but_for_the_exceptions() -> None:
    exceptions = {(name, len(places)) for name, places in EXCEPTIONS}
    missing = {(row["function"], row["order"]) for row in ROWS if row["tinygrad_lite"]["misses"]}
    assert missing <= exceptions
    for row in ROWS:
        mine = row["tinygrad_lite"]
        assert mine["largest"] is not None  # no NaN, and no infinity, in place of a number
        assert mine["of"] > RECORD["points"] / 4
        assert mine["numbers_outside"] == 0
        assert mine["misses"] < mine["of"] / 20
        if not mine["misses"]:
            assert mine["largest"] <= LIMITS[row["order"]]


def test_the_page_names_the_exceptions() -> None:
    text = (ROOT / "docs" / "precision.md").read_text()
    named = text.split("## Exceptions")[1].split("##")[0]
    for name, _ in EXCEPTIONS:
        assert f"`{name.split()[0]}`" in named


def test_what_misses_is_counted() -> None:
    def measured(call: Any, places: Any, at: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        y = np.tanh(at[0])
        return 1 - y * y, y

    at = [np.array([0.0, 0.5, 18.0, 20.0])]
    libraries = {
        "tinygrad_lite": precision.this_library(),
        "books": precision.Library(lambda name: np.tanh, measured),
        "nothing": precision.Library(lambda name: None, measured),
    }
    found = precision.off(libraries, "tanh", 1, at)
    assert set(found) == {"tinygrad_lite", "books"}
    assert found["books"]["misses"] == 2
    assert found["books"]["largest"] > 1e15
    assert (found["tinygrad_lite"]["misses"], found["tinygrad_lite"]["of"]) == (0, 4)


def test_a_number_in_place_of_nan_is_no_error_of_some_size() -> None:
    summary = precision.summary([(0.5, True), (np.inf, True), (9.0, True), (np.inf, False), (0.0, False)], 8)
    assert summary == {"largest": None, "misses": 2, "of": 3, "numbers_outside": 1, "of_outside": 2}


def test_a_number_where_there_is_no_value_is_counted_by_itself() -> None:
    def measured(call: Any, places: Any, at: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        return 1 / at[0], np.log(at[0])

    libraries = {"naive": precision.Library(lambda name: np.log, measured), "here": precision.this_library()}
    found = precision.off(libraries, "log", 1, [np.array([-2.0, -1.0, 1.0, 2.0])])
    assert [found[key]["numbers_outside"] for key in libraries] == [2, 0]
    assert [found[key]["misses"] for key in libraries] == [0, 0]


@pytest.mark.parametrize("name", ["arctan", "logaddexp"])
def test_derivatives_are_measured_as_the_tests_measure_them(name: str) -> None:
    f = function(name)
    at = precision.points(name, np.float32, 16, seed=2)
    for places in f.derivatives(2):
        found, values = precision.this_library().measured(f.call, places, at)
        np.testing.assert_array_equal(found, derivative(f.call, places, tl.grad)(*at))
        np.testing.assert_array_equal(values, f.call(*at))


def test_the_page_is_filled_from_the_record() -> None:
    text = (ROOT / "docs" / "precision.md").read_text()
    filled = page.with_recorded_tables(text)
    assert len(page.TO_FILL.findall(text)) == 4
    assert not page.TO_FILL.search(filled)
    lines = filled.splitlines()
    for name in FORMULAS:
        outside = any(row["tinygrad_lite"]["of_outside"] for row in ROWS if row["function"] == name)
        assert len([line for line in lines if line.startswith(f"| {name} |")]) == 2 + outside
    assert filled.count("*misses in all*") == 2


def test_examples_of_the_page() -> None:
    assert not doctest.testmod(page).failed


def test_an_unknown_function_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.precision", "--only", "max"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    assert "no function with a formula: max" in done.stderr
