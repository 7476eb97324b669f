"""What columns are taken for, and what is said of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_lite.training.tabular import TableError, kinds

pandas = pytest.importorskip("pandas")


def silent(sentence: str) -> None:
    """Say nothing."""


@pytest.mark.parametrize(("values", "of"), [
    ([1, 2, 3], "number"),
    ([1.5, None, 2], "number"),
    ([True, False, True], "boolean"),
    ([True, None, False], "boolean"),
    (["a", "b", "a"], "text"),
    (["a", None, "a"], "text"),  # a gap tells something
    (pandas.Categorical(["a", "b", "a"]), "text"),
    (pandas.array([1, None, 3], "Int64"), "number"),
    (pandas.array([True, None, False], "boolean"), "boolean"),
    (["2024-01-31", "2024-02-01", None], "date"),
    (["2024-01-31T10:00", "2024-02-01T11:30", None], "date"),
    (["31.01.2024", "01.02.2024", None], "date"),
    (["31/01/2024", "01/02/2024", None], "date"),
    (["01/31/2024", "01/02/2024", None], "date"),
    (pandas.to_datetime(["2024-01-31", "2024-02-01"]), "date"),
])  # fmt: skip
def test_kinds(values: Any, of: str) -> None:
    (kind,) = kinds.kinds_of(pandas.DataFrame({"x": values}), (), silent)
    assert (kind.name, kind.of) == ("x", of)


@pytest.mark.parametrize(("values", "why"), [
    ([None, None, None], "empty"),
    ([2, 2, 2], "constant"),
    (["a", "a ", "a"], "constant"),  # but for a blank
    (["a", "b", "c"], "a different word in every row"),
    ([f"{k % 60} and so on" for k in range(100)], "a different word in most rows"),
    (["01/02/2024", "03/04/2024", "05/06/2024"], "day and month cannot be told apart"),
    (np.array([1j, 2j]), "of a type that is not known"),
    (pandas.to_timedelta([1, 2], "h"), "of a type that is not known"),
])  # fmt: skip
def test_what_is_left_out(values: Any, why: str) -> None:
    said: list[str] = []
    frame = pandas.DataFrame({"x": values})
    kept = kinds.kinds_of(frame.assign(n=np.arange(len(frame))), (), said.append)
    assert [kind.name for kind in kept] == ["n"]
    assert why in said[0]
    assert said[0].endswith(": x")
    with pytest.raises(TableError, match=f"no column to learn from.*{why}"):
        kinds.kinds_of(frame, (), silent)


def test_numbers_of_rows() -> None:
    frame = pandas.DataFrame(
        {"id": [7, 8, 9], "n": [1, 2, 3], "index": [1, 3, 2], "row": ["1", "2", "3"], "no": [1, None, 3]}
    )
    assert kinds.counters(frame) == ["id"]
    for name in ("ID", "Index", "PassengerId", "row_number", "order-id", "Unnamed: 0", ""):
        assert kinds.counters(pandas.DataFrame({name: [1, 2, 3]})) == [name]
    for name in ("n", "humid", "paid", "piano", "year"):
        assert not kinds.counters(pandas.DataFrame({name: [1, 2, 3]}))


def test_words_among_numbers_are_told_of() -> None:
    said: list[str] = []
    values = [*map(str, range(9)), "12 kg"] * 3
    (kind,) = kinds.kinds_of(pandas.DataFrame({"weight": values}), (), said.append)
    assert kind.of == "text"
    assert said == ["weight: taken for categories, as not all is numbers: 12 kg"]


def test_numbers_that_are_categories() -> None:
    (kind,) = kinds.kinds_of(pandas.DataFrame({"zip": [1, 2, 3]}), ["zip"], silent)
    assert kind.of == "text"
    assert kinds.levels(pandas.Series([1.0, None, 2.0]))[1] == ["1", "2"]


def test_dates_are_days() -> None:
    kind = kinds.Kind("day", "date", "%d.%m.%Y")
    days = kinds.as_numbers(pandas.Series(["02.01.1970", None, "31.12.1969"]), kind, silent)
    np.testing.assert_array_equal(days, [1, np.nan, -1])
    with pytest.raises(TableError, match=r"day: '1970-01-02' in row 2 is not a date"):
        kinds.as_numbers(pandas.Series(["02.01.1970", "1970-01-02"]), kind, silent)


def test_numbers() -> None:
    said: list[str] = []
    kind = kinds.Kind("n", "number")
    numbers = kinds.as_numbers(pandas.Series(["1", None, "2.5", "inf"]), kind, said.append)
    np.testing.assert_array_equal(numbers, [1, np.nan, 2.5, np.nan])
    assert said == ["n: 1 infinite values are taken for missing"]
    with pytest.raises(TableError, match=r"n: 'x' in row 2 is not a number"):
        kinds.as_numbers(pandas.Series(["1", "x"]), kind, silent)


FRAME = pandas.DataFrame({"sepal length": [1], "Species": [2], "2": [3]})


@pytest.mark.parametrize(("given", "name"), [
    ("Species", "Species"), ("1", "sepal length"), (1, "sepal length"), ("2", "2"), ("3", "2"), ("-1", "2"),
    (-3, "sepal length"),
])  # fmt: skip
def test_columns_by_name_and_number(given: Any, name: str) -> None:
    assert kinds.column_called(FRAME, given) == name


@pytest.mark.parametrize(("given", "said"), [
    ("species", "no column 'species'; did you mean 'Species'?"),
    ("sepal_lenght", "did you mean 'sepal length'?"),
    ("weight", "there are sepal length, Species, 2"),
    ("0", "no column '0'"), ("4", "no column '4'"), (-4, "no column '-4'"),
])  # fmt: skip
def test_a_column_that_is_not_there(given: Any, said: str) -> None:
    with pytest.raises(TableError) as refused:
        kinds.column_called(FRAME, given)
    assert said in str(refused.value)


@pytest.mark.parametrize(("values", "task", "classes"), [
    (["b", "a", "b"], "classification", ("a", "b")),
    ([True, False, True], "classification", (False, True)),
    ([0, 1, 1], "classification", (0, 1)),
    ([1.0, 0.0, 1.0], "classification", (0, 1)),
    ([*range(10)] * 5, "classification", tuple(range(10))),
    ([*range(10)] * 4, "regression", None),
    ([*range(21)] * 9, "regression", None),
    ([0.5, 1.5, 0.5], "regression", None),
])  # fmt: skip
def test_what_a_target_asks_for(values: Any, task: str, classes: Any) -> None:
    said: list[str] = []
    target = pandas.Series(values)
    assert kinds.task_of(target, None, said.append) == task
    if classes is not None:
        found = kinds.classes_of_target(target)
        assert found == classes
        assert [type(a) for a in found] == [type(a) for a in classes]
    assert bool(said) == (task == "classification" and type(values[0]) in (int, float))


def test_a_task_that_is_said() -> None:
    assert kinds.task_of(pandas.Series([0, 1]), "regression", silent) == "regression"
    assert kinds.classes_of_target(pandas.Series([0.5, 1.5, 0.5])) == (0.5, 1.5)


def test_what_may_have_been_meant_as_numbers_is_not_left_out_silently() -> None:
    frame = pandas.DataFrame(
        {
            "x": np.arange(60.0),
            "gaps": [*map(str, range(58)), "k.A.", "unknown"],
            "thousands": [f"{1000 + k:,}" for k in range(60)],
            "text": [*map(str, range(60))],
            "name": [f"a{k}" for k in range(60)],
        }
    )
    said: list[str] = []
    assert [kind.name for kind in kinds.kinds_of(frame, [], said.append)] == ["x"]
    advice = {sentence.rpartition(": ")[2]: sentence for sentence in said}
    assert "(numbers but for 'k.A.', 'unknown': say which stand for nothing, as missing)" in advice["gaps"]
    assert "(as '1,000', which is no plain number: write it without units" in advice["thousands"]
    assert "(numbers that are kept as text: pandas.to_numeric makes" in advice["text"]
    assert advice["name"] == "left out, a different word in every row: name"


def test_dates_that_look_like_numbers() -> None:
    written = pandas.Series([20241231, np.nan])
    days = kinds.as_numbers(written, kinds.Kind("t", "date", "ISO8601"), print)
    np.testing.assert_array_equal(days, [20088, np.nan])
