"""That the benchmarks run and compare what they say they do; no time is asserted, no rival library is needed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from benchmarks import gpu
from tests.table import strict_arrays

ROOT = Path(__file__).parent.parent


def bench(tmp_path, *arguments):
    """Run the benchmarks where mygrad cannot be imported; the finished process and the rows."""
    blocked = tmp_path / "blocked" / "mygrad"
    blocked.mkdir(parents=True)
    (blocked / "__init__.py").write_text('raise ModuleNotFoundError("blocked", name="mygrad")\n')
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--json", tmp_path / "rows.json", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(blocked.parent)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done, json.loads((tmp_path / "rows.json").read_text())["rows"]


def test_smallest_step_beside_numpy_and_a_missing_rival(tmp_path):
    done, rows = bench(tmp_path, "--only", "(mlp|memory): 2-16", "--rivals", "numpy,mygrad")
    assert done.returncode == 0, done.stderr
    step, missing, memory = rows
    assert (step["task"], step["rival"], step["target"]) == ("mlp", "NumPy by hand", None)
    assert step["figure"] > 0
    assert step["rival_figure"] > 0
    assert step["ratio"] > 0
    assert missing["absent"] == "not installed: mygrad"
    assert (memory["task"], memory["unit"], memory["target"]) == ("memory", "B", 1.15)
    assert memory["reached"] is (memory["ratio"] <= 1.15)
    assert "2-16-16-2 ×32" in done.stdout
    assert "not installed: mygrad" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.long
def test_steps_leave_nothing_behind(tmp_path):
    done, rows = bench(tmp_path, "--only", "growth")
    assert done.returncode == 0, done.stderr
    assert [(row["what"], row["figure"], row["reached"]) for row in rows] == [
        ("objects", 0, True),
        ("memory", 0, True),
    ]


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    return pytest.importorskip("benchmarks.tasks")


def test_each_step_reaches_the_same_losses(benchmarks):
    mlp = benchmarks.mlp
    for case in mlp.CASES[:2]:
        by_hand, ours = mlp.by_hand(case).answer, mlp.ours(case).answer
        assert ours == pytest.approx(by_hand, rel=1e-5)
        assert by_hand[-1] < 0.99 * by_hand[0]


def test_contestants_that_disagree_are_not_timed(benchmarks, monkeypatch):
    from benchmarks import turns
    from benchmarks.contest import Race, against

    hellos = iter([[1.0], [1.1]])
    monkeypatch.setattr(
        turns.Worker, "heard", lambda _: {"answer": next(hellos), "threads": {}, "versions": {}, "measured": True}
    )
    monkeypatch.setattr(turns.Worker, "run", lambda _: 1.0)
    race = Race("", against("mlp", "2-16-16-2 ×32", "", {"numpy": None}))
    outcome = turns.run(race, rounds=2, seconds=0)
    assert list(outcome.figures.values()) == [[1.0, 1.0]]
    assert list(outcome.wrong.values()) == ["gives [1.1], not [1.0]"]


def test_every_target_of_the_project_is_a_row(benchmarks):
    found = {}
    for name, task in benchmarks.TASKS.items():
        for race in task.races():
            for row in race.comparisons:
                assert {lane.contestant for lane in race.lanes} <= set(task.CONTESTANTS)
                if row.target is not None:
                    found.setdefault(name, []).append(row.target)
    assert found == {
        "mlp": [0.5, 0.6, 0.35] * 2 + [1.0, 0.6, 0.35] * 4,
        "conv2d": [3.0, 1.0],
        "optimizer": [1.0, 1.0],
        "digits": [1.0, 1.0, 2.0],
        "table": [1.5, 1.5],
        "memory": [1.15] * 6,
        "scalars": [2.5, 2.5],
        "writing": [25e-6, 1.25] * 2 + [1.2],
        "chain": [1.25, 1.25],
        "linalg": [1.3] * 14,
        "fft": [1.3] * 2,
        "import": [0.04],
        "growth": [0, 0],
        "jacobian": [1.5, 1.5],
        "hessian": [1.0, 1.0],
        "cluster": [512_000_000, 512_000_000, 300_000_000, 1.25],
    }


def test_make_bench_installs_every_library_of_the_tables():
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]

    def names(group):
        for entry in groups[group]:
            if isinstance(entry, dict):
                yield from names(entry["include-group"])
            else:
                yield re.match(r"[a-z-]+", entry)[0]

    assert {"torch", "jax", "autograd", "mygrad", "micrograd"} <= {*names("bench")}


def test_optimizers_take_the_same_steps_as_before(benchmarks):
    """The answer, which PyTorch's must agree with, is the same in every process."""
    first, again = benchmarks.optimizer.ours("Adam").answer, benchmarks.optimizer.ours("Adam").answer
    assert first == again
    assert len(first) == 6


def test_a_training_is_followed_without_the_time_for_testing(benchmarks, monkeypatch):
    pytest.importorskip("sklearn")
    digits = benchmarks.digits
    seconds, reached = digits.followed(*digits.tinygrad_lite(0))
    assert len(seconds) == len(reached) == digits.EPOCHS
    assert seconds == sorted(seconds)
    monkeypatch.setattr(digits, "SEEDS", 1)
    monkeypatch.setattr(digits, "followed", lambda _train, _predict: (seconds, reached))
    figures = {case: digits.CONTESTANTS["tinygrad_lite"](case).step() for case in ("mistakes", "epochs", "all")}
    assert figures["mistakes"] == pytest.approx(100 * (1 - reached[-1]))
    assert figures["mistakes"] < 3
    assert figures["epochs"] == 1 + next(k for k, right in enumerate(reached) if right >= digits.GOAL)
    assert figures["all"] == seconds[-1]


def test_a_table_is_learnt_by_each_contestant(benchmarks):
    pytest.importorskip("sklearn")
    pytest.importorskip("pandas")
    tables = benchmarks.tables
    for whole in (tables.ours, tables.sklearn):
        assert tables.contestant(whole, "batches of 32", rows=20_000).answer == [1.0]


def worktrees():
    """The folders that the repository is checked out in, whichever commits they are at."""
    done = subprocess.run(["git", "worktree", "list", "--porcelain"], cwd=ROOT, capture_output=True, text=True)
    return re.findall(r"^worktree (.*)$", done.stdout, re.MULTILINE)


def test_beside_itself_at_another_commit(tmp_path):
    if subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True).returncode:
        pytest.skip("not a git checkout")
    before = worktrees()
    done, rows = bench(tmp_path, "--only", "mlp: 2-16", "--against", "HEAD")
    assert done.returncode == 0, done.stderr
    (row,) = rows
    assert (row["rival"], row["target"]) == ("at HEAD", None)
    assert row["rival_figure"] > 0
    assert worktrees() == before


def test_the_steps_of_a_gpu_are_those_of_numpy():
    """On the stand-in; without CuPy the script says what is missing."""
    case = "64-64-10 ×32"
    for n, p in enumerate(gpu.step(case, np.asarray)()):
        np.testing.assert_allclose(gpu.step(case, strict_arrays.put)()[n].get(), p, rtol=1e-4, atol=1e-6)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.gpu"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 or (done.returncode == 2 and ("[gpu]" in done.stderr or "no GPU" in done.stderr))
