"""Cases that are taken together: each of them runs, each that fails is named, and each can be asked for by itself."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from . import several

pytest_plugins = ["pytester"]

WRONG = {3, 4, 17, 18}

SWEEP = f"""
import pytest

@pytest.mark.sampled(2)
@pytest.mark.parametrize("n", range(40))
def test_sweep(n):
    assert n not in {WRONG}

@pytest.mark.parametrize("n", [*range(30), pytest.param(30, marks=pytest.mark.xfail)])
def test_marked(n):
    assert n != 30

@pytest.mark.parametrize("n", range(30))
def test_apart(n, tmp_path):
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
"""


def cases(*names: str) -> list[SimpleNamespace]:
    return [SimpleNamespace(id=name) for name in names]


def failing(*names: str):
    """A test that fails at some cases, and notes where it was."""
    seen = []

    def run(call):
        seen.append(call.id)
        assert call.id not in names, f"wrong at {call.id}"

    return run, seen


def test_what_comes_after_a_case_that_fails_runs():
    run, seen = failing("b")
    with pytest.raises(AssertionError, match="wrong at b") as found:
        several.run_all(run, cases("a", "b", "c"))
    assert seen == ["a", "b", "c"]
    assert found.value.__notes__ == ["in the case [b]"]


def test_all_that_fail_are_named():
    run, _ = failing("a", "c")
    with pytest.raises(BaseExceptionGroup, match="2 of 3 cases fail") as found:
        several.run_all(run, cases("a", "b", "c"))
    assert [error.__notes__ for error in found.value.exceptions] == [["in the case [a]"], ["in the case [c]"]]


def test_a_test_is_skipped_where_all_its_cases_are():
    def skipping(call):
        if call.id != "b":
            pytest.skip(f"not {call.id}")

    several.run_all(skipping, cases("a", "b"))
    with pytest.raises(pytest.skip.Exception, match="not a"):
        several.run_all(skipping, cases("a", "c"))


@pytest.fixture
def sweep(pytester: pytest.Pytester):
    """Runs pytest on the sweep above; gives how many tests had which outcome, and the cases that are said to fail."""
    pytester.makeconftest("from tests.conftest import pytest_generate_tests, pytest_pyfunc_call")
    pytester.makeini("[pytest]\nmarkers = long\n several(cases)\n sampled(n)")
    path = pytester.makepyfile(SWEEP)

    def run(*options: str, case: str = "") -> tuple[dict[str, int], set[int]]:
        done = pytester.runpytest_inprocess("-p", "no:cacheprovider", f"{path}{case}", *options)
        named = {int(n) for n in re.findall(r"in the case \[(\d+)\]", done.stdout.str())}
        return {name: n for name, n in done.parseoutcomes().items() if name != "deselected"}, named

    return run


def test_a_run_and_the_long_run_find_all_together(sweep):
    (_, short), (_, long), (_, every) = [sweep("-m", marks) for marks in ("not long", "long", "")]
    assert short
    assert long
    assert not short & long
    assert short | long == every == WRONG


def test_a_case_is_run_alone_where_it_is_asked_for(sweep):
    assert sweep(case="::test_sweep[17]")[0] == {"failed": 1}
    assert sweep(case="::test_sweep[16]")[0] == {"passed": 1}
    assert sweep("-k", "test_sweep")[0] == {"failed": 4, "passed": 36}


def test_what_is_expected_to_fail_or_has_a_folder_of_its_own_stays_apart(sweep):
    outcomes, _ = sweep("-m", "not sampled")
    assert outcomes == {"passed": several.AT_LEAST + 30, "xfailed": 1}
