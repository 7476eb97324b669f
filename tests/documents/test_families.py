"""The draws: many kinds of them, read-only, with real digits where there are any."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tinygrad_lite.documents.families import PROBLEMS, SCORES, SIGMOIDS


def test_draws_are_many_and_cannot_be_changed() -> None:
    draws = SCORES.draws(0)
    assert {d.setting.z.shape[1] for d in draws} >= {2, 3, 10, 100}
    assert {len(d.setting.z) == 1 for d in draws} == {True, False}
    sums = np.concatenate([d.setting.t.sum(axis=1) for d in draws])
    assert np.any(abs(sums - 1) < 1e-12)
    assert np.any(abs(sums - 1) > 0.1)
    assert max([np.max(d.setting.z) for d in draws]) == 700
    with pytest.raises(ValueError, match="read-only"):
        draws[0].setting.z[0, 0] = 1
    assert SCORES.draws(0) is draws
    assert not np.array_equal(SCORES.draws(1)[0].setting.z, draws[0].setting.z)


def test_real_digits_are_among_the_draws_where_they_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")
    for family in (SCORES, SIGMOIDS, PROBLEMS):
        (real,) = [d for d in family.make(0) if "real digit" in d.name]
        with monkeypatch.context() as without:
            without.setitem(sys.modules, "sklearn", None)
            names = [d.name for d in family.make(90210)]
        assert not any("real digit" in name for name in names)
        assert len(names) == len(family.make(0)) - 1
        assert real.size > 60
