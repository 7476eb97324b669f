"""What is applied is what scikit-learn learnt."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from tinygrad_lite.training.tabular import TableError, recipe
from tinygrad_lite.training.tabular.kinds import Kind, kinds_of

pandas = pytest.importorskip("pandas")
pytest.importorskip("sklearn")


def silent(sentence: str) -> None:
    """Say nothing."""


def learnt(frame: Any) -> recipe.TableRecipe:
    """A recipe for the columns of a frame, with another for a target."""
    numbers, groups = recipe.learnt_columns(frame, kinds_of(frame, (), silent), silent)
    return recipe.TableRecipe(numbers, groups, recipe.Target("y"), (*frame.columns, "y"))


def test_the_matrix_is_scikit_learns(people: Any) -> None:
    """With gaps, categories that are met once, and ones that were not met; in the order that it has."""
    frame = people.drop(columns=["id", "name", "ship", "saved"])
    frame.loc[0, "port"] = "Leith"
    later = frame.tail(40).copy()
    later["port"] = later["port"].astype(object)
    later.iloc[3, later.columns.get_loc("port")] = "Oban"
    kinds = kinds_of(frame, (), silent)

    def plain(part: Any) -> Any:
        days = (pandas.to_datetime(part["booked"]) - pandas.Timestamp("1970-01-01")) / pandas.Timedelta(days=1)
        return part.assign(booked=days, port=part["port"].astype(object).where(part["port"].notna(), np.nan))

    transformer = recipe.transformer_of(kinds).fit(plain(frame))
    mine = learnt(frame)
    for part in (frame, later):
        theirs = transformer.transform(plain(part))
        matrix = mine.matrix(part, silent)
        assert matrix.dtype == np.float32
        np.testing.assert_array_equal(matrix, theirs.astype(np.float32))
    assert matrix.shape[1] == len(mine.inputs)
    assert mine.inputs == [
        "age", "fare", "booked", "age missing", "port=Cherbourg", "port=Cobh", "port=Southampton", "port=missing",
        "port=(rare)", "member=False", "member=True",
    ]  # fmt: skip


def test_numbers_and_gaps() -> None:
    mine = learnt(pandas.DataFrame({"n": [1.0, 2.0, np.nan, 6.0], "m": [0, 0, 1, 1]}))
    assert mine.inputs == ["n", "m", "n missing"]
    scale = np.std([1, 2, 2, 6])
    row = mine.matrix(pandas.DataFrame({"n": [None, 5], "m": [None, 1]}), silent)
    np.testing.assert_allclose(row, [[(2 - 2.75) / scale, 0, 1], [(5 - 2.75) / scale, 1, 0]], rtol=1e-6)


@pytest.mark.parametrize("values", [[True, False, "TRUE", "false", "True"], ["True", "False", "true", "FALSE", "TRUE"]])
def test_truth_values_are_read_as_they_are_written(values: Any) -> None:
    mine = learnt(pandas.DataFrame({"b": [True, False] * 2}))
    matrix = mine.matrix(pandas.DataFrame({"b": values}), silent)
    np.testing.assert_array_equal(matrix[:, 1], [1, 0, 1, 0, 1])
    np.testing.assert_array_equal(matrix.sum(axis=1), 1)


def test_what_was_not_met() -> None:
    for words, fate, inputs in ((["a", "b"] * 3, "taken for none", [0, 0]), (["a"] * 3 + ["b", "c"], "rare", [0, 1])):
        said: list[str] = []
        matrix = learnt(pandas.DataFrame({"w": words})).matrix(pandas.DataFrame({"w": ["x", None]}), said.append)
        np.testing.assert_array_equal(matrix, [inputs, inputs])
        assert fate in said[0]
        assert said[0].endswith("x, (missing)")


def test_the_most_frequent_categories_have_inputs() -> None:
    words = [str(k) for k in range(150) for _ in range(2 + (k < 99))]
    (group,) = learnt(pandas.DataFrame({"w": words})).categories
    assert (len(group.frequent), len(group.rare)) == (recipe.MOST_CATEGORIES - 1, 51)
    assert {*group.frequent} == {str(k) for k in range(99)}


def test_columns_in_any_order_and_others_beside_them(people: Any) -> None:
    frame = people[["age", "port", "member"]]
    mine, said = learnt(frame), []
    other = frame[["member", "age", "port"]].assign(new=1)
    np.testing.assert_array_equal(mine.matrix(other, said.append), mine.matrix(frame, silent))
    assert said == ["ignored, as the table learnt from had no such columns: new"]
    with pytest.raises(TableError, match="no column 'age', 'member', which the model learnt from"):
        mine.matrix(frame[["port"]], silent)
    with pytest.raises(TableError, match="age: 'old' in row 1 is not a number"):
        mine.matrix(frame.assign(age="old"), silent)


@pytest.mark.parametrize(("values", "task", "said"), [
    (["a", "a"], "classification", "all rows are of one class, 'a'"),
    (["a", "b", "c", "d"], "classification", "4 classes in 4 rows"),
    ([1.5, 1.5], "regression", "all rows have the target 1.5"),
    ([1.5, np.inf], "regression", "infinite"),
    (["1", "x"], "regression", "'x' in row 2 is not a number"),
    ([True, False], "regression", "truth values are classes"),
])  # fmt: skip
def test_targets_that_cannot_be_learnt(values: Any, task: str, said: str) -> None:
    with pytest.raises(TableError, match=said):
        recipe.learnt_target("y", pandas.Series(values), task)


def test_targets() -> None:
    target = recipe.learnt_target("y", pandas.Series([1.0, 2.0, 6.0]), "regression")
    assert (target.task, target.mean, target.scale) == ("regression", 3, np.std([1, 2, 6]))
    rows = target.learnable(pandas.Series([3.0, 3 + target.scale]))
    np.testing.assert_allclose(rows, [[0], [1]], atol=1e-7)
    for values in (["b", "a"], [True, False], [7, 3], [2.5, -1.5]):
        target = recipe.learnt_target("y", pandas.Series(values), "classification")
        assert target.learnable(pandas.Series(values)).tolist() == [1, 0]
        with pytest.raises(TableError, match="y: zebra is none of the classes"):
            target.learnable(pandas.Series(["zebra"]))


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.compose", None)
    with pytest.raises(ImportError, match=r"tables need scikit-learn.*tinygrad-lite\[table\]"):
        recipe.transformer_of([Kind("n", "number")])
