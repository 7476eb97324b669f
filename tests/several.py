"""Which cases of a sweep a run takes, and many of them as one item.

What pytest does about an item takes longer than most cases of a sweep. So a case that the run leaves out is not even
made, and cases that may share whatever they are given are taken together: all of them run, and each that fails is
named. Where tests are asked for by name (``-k`` or ``::``), each case is an item.
"""

from __future__ import annotations

import dataclasses
import inspect
import zlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

AT_MOST = 25
"""Cases in an item."""

AT_LEAST = 4
"""Items that a test's cases become, if they are as many: for workers to share."""

REPEATED = {"draw"}
"""Fixtures that are made anew for each case, although an item has them once."""


def choose(metafunc: pytest.Metafunc) -> None:
    """Leave of a test's cases those that the run takes, and take together what may be."""
    calls = [sampled(metafunc, call) for call in metafunc._calls]
    chosen = calls
    expression = metafunc.config.option.markexpr
    if expression == "long" or "not long" in expression:
        every = metafunc.definition.get_closest_marker("long") is not None
        chosen = [call for call in calls if (every or "long" in marks_of(call)) == (expression == "long")]
    metafunc._calls[:] = taken_together(metafunc, chosen) or calls[:1]  # of none pytest would make one without values


def marks_of(call: Any) -> set[str]:
    return {mark.name for mark in call.marks}


def sampled(metafunc: pytest.Metafunc, call: Any) -> Any:
    """A case of a sampled sweep, marked as long unless it is the one in n that every run takes."""
    marks = [mark for mark in [*call.marks, *metafunc.definition.iter_markers()] if mark.name == "sampled"]
    if not marks or not is_left_out(f"{metafunc.definition.nodeid}[{call.id}]", marks[0].args[0]):
        return call
    return dataclasses.replace(call, marks=[*call.marks, pytest.mark.long.mark])


def is_left_out(nodeid: str, n: int) -> bool:
    """Whether a case is left to the long run, the same on every machine."""
    return bool(zlib.crc32(nodeid.encode()) % n)


def taken_together(metafunc: pytest.Metafunc, calls: list[Any]) -> list[Any]:
    """The cases as few items, which keep them in the mark ``several``; others are as they were."""
    config = metafunc.config
    by_name = config.option.keyword or any("::" in path for path in config.args)
    if by_name or not may_share(metafunc, calls):
        return calls
    size = min(AT_MOST, -(-len(calls) // AT_LEAST))
    alike: dict[bool, list[Any]] = defaultdict(list)
    found: list[Any] = []
    for call in calls:
        if marks_of(call) <= {"long", "sampled"}:
            alike["long" in marks_of(call)].append(call)
        else:  # it is skipped, or fails
            found.append(call)
    for group in alike.values():
        for k in range(0, len(group), size):
            part = group[k : k + size]
            name = part[0].id if len(part) == 1 else f"{part[0].id} … {part[-1].id}"
            marks = [*part[0].marks, pytest.mark.several(part).mark]
            found.append(dataclasses.replace(part[0], _idlist=[name], marks=marks))
    return found


def may_share(metafunc: pytest.Metafunc, calls: list[Any]) -> bool:
    """Whether cases differ in nothing but values that stand beside the test, and no fixture is of one case only."""
    test, definition = metafunc.function, metafunc.definition
    if hasattr(test, "hypothesis") or "request" in inspect.signature(test).parameters:
        return False
    beside = {"case", "entry"}
    for mark in definition.iter_markers("parametrize"):
        if not mark.kwargs.get("indirect"):
            names = mark.args[0]
            beside.update([name.strip() for name in names.split(",")] if isinstance(names, str) else names)
    given = {name for call in calls for name in call.params}
    fixtures = {name: found[-1].scope for name, found in metafunc._arg2fixturedefs.items() if found}
    return given <= beside and all(scope != "function" or name in given | REPEATED for name, scope in fixtures.items())


def run_all(run: Callable[[Any], None], calls: list[Any]) -> None:
    """Run a test for each of its cases, also after one that fails.

    One error is raised as it is, with a note that names the case; several are in a group. It is skipped where all are.
    """
    errors: list[BaseException] = []
    skips: list[BaseException] = []
    for call in calls:
        try:
            run(call)
        except pytest.skip.Exception as skipped:
            skips.append(skipped)
        except (Exception, pytest.fail.Exception) as error:
            error.add_note(f"in the case [{call.id}]")
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise BaseExceptionGroup(f"{len(errors)} of {len(calls)} cases fail", errors)
    if len(skips) == len(calls):
        raise skips[0]
