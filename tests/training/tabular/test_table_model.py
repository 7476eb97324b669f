"""Fitting tables, and asking what was learnt."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from tinygrad_lite.training.tabular import TableError, TableModel, fit_table, prepare_table, read_table, table_model

pandas = pytest.importorskip("pandas")
pytest.importorskip("sklearn")


@pytest.fixture(scope="module")
def model(people: Any) -> TableModel:
    return fit_table(people, "saved", progress=False)


def test_mixed_columns(model: TableModel, people: Any) -> None:
    assert model.test is not None
    assert model.score(model.test) > 0.85
    assert [*model.recipe.columns] == [*people.columns]
    probabilities = model.predict_proba(people)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(people), np.array(["no", "yes"], object)[probabilities.argmax(axis=1)])
    text = "\n".join(model.notes)
    for said in (
        "numbers of the rows: id",
        "every row: name",
        "constant: ship",
        "dates",
        "median",
        "of their own: port",
    ):
        assert said in text


def test_the_same_seed_gives_the_same_model(people: Any) -> None:
    a, b, c = [fit_table(people, "saved", epochs=2, seed=seed, progress=False) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(a.outputs(people), b.outputs(people))
    assert not np.array_equal(a.outputs(people), c.outputs(people))


def test_test_rows_are_not_looked_at(people: Any) -> None:
    """What they hold changes nothing of what is learnt."""
    first = prepare_table(people, "saved")
    changed = people.copy()
    changed.loc[first.model.test.index, "age"] = 1e6
    second = prepare_table(changed, "saved")
    np.testing.assert_array_equal(first.x, second.x)
    assert first.model.recipe == second.model.recipe
    assert {*first.model.test.index}.isdisjoint(people.index[: len(first.x)]) is False
    assert len(first.x) + len(first.model.test) == len(people)


@pytest.mark.parametrize("values", [["low", "high"], [True, False], [0, 1], [3, 7], [0.0, 1.0]])
def test_predictions_are_of_the_targets_type(values: Any) -> None:
    x = np.tile([-1.0, 1.0], 40)
    frame = pandas.DataFrame({"x": x, "y": np.array(values)[(x > 0).astype(int)]})
    predicted = fit_table(frame, "y", epochs=30, progress=False).predict(frame.head(2))
    assert predicted.tolist() == values
    assert isinstance(predicted.tolist()[0], int if values[0] == 0.0 and type(values[0]) is float else type(values[0]))


def test_numbers_are_predicted_in_their_units() -> None:
    x = np.linspace(-1, 1, 200)
    frame = pandas.DataFrame({"x": x, "y": 1e6 + 5000 * x})
    model = fit_table(frame, "y", progress=False)
    assert model.score(model.test) > 0.99
    np.testing.assert_allclose(model.predict(frame), frame["y"], atol=1000)
    with pytest.raises(TableError, match="y is a number, and has no probabilities"):
        model.predict_proba(frame)
    assert np.isnan(model.score(frame.head(1)))


def test_the_split_is_stratified_and_keeps_classes_of_one_row() -> None:
    frame = pandas.DataFrame({"x": np.arange(101.0), "y": ["a"] * 80 + ["b"] * 20 + ["c"]})
    for seed in range(5):
        said: list[str] = []
        train, test = table_model.divided_rows(frame, "y", "classification", 0.25, seed, said.append)
        assert test["y"].value_counts().to_dict() == {"a": 20, "b": 5}
        assert train["y"].value_counts().to_dict() == {"a": 60, "b": 15, "c": 1}
        assert said == ["classes of a single row, which is not held out: c"]
    for size, held in ((0, None), (10, 10), (0.5, 51)):
        task = prepare_table(frame[["x"]].assign(y=frame["x"] ** 2), "y", test_size=size)
        assert (None if task.model.test is None else len(task.model.test)) == held


def test_rows_without_a_target_are_left_out_and_told_of(people: Any) -> None:
    gaps = people.copy()
    gaps.loc[:4, "saved"] = None
    task = prepare_table(gaps, "saved", test_size=0)
    assert len(task.x) == len(people) - 5
    assert "left out, as saved is missing: 5 of 300 rows" in task.model.notes


@pytest.mark.parametrize(("changes", "settings", "said"), [
    ({"y": None}, {}, "y: 0 rows have a target"),
    ({"y": ["a", *[None] * 9]}, {}, "y: 1 rows have a target"),
    ({"y": "a"}, {}, "all rows are of one class, 'a'"),
    ({"y": list("abcdefghij")}, {}, "each row has a class of its own"),
    ({"y": list("aabbccddef")}, {"test_size": 0}, "6 classes in 10 rows"),
    ({}, {"target": "z"}, "no column 'z'"),
    ({}, {"drop": ["y"]}, "'y' is the target"),
    ({}, {"drop": ["x"]}, "no column to learn from"),
    ({}, {"drop": ["w"]}, "no column 'w'"),
    ({}, {"categories": ["w"]}, "no column 'w'"),
    ({}, {"task": "ranking"}, "not 'ranking'"),
    ({"y": list("ababababab")}, {"task": "regression"}, "'a' in row 1 is not a number"),
    ({}, {"test_size": 1.0}, "leaves one part empty"),
    ({"x": 1}, {}, "no column to learn from; constant: x"),
])  # fmt: skip
def test_tables_that_cannot_be_learnt(changes: Any, settings: Any, said: str) -> None:
    frame = pandas.DataFrame({"x": np.arange(10.0) ** 2, "y": [0, 1] * 5}).assign(**changes)
    with pytest.raises(TableError, match=said) as refused:
        prepare_table(frame, **{"target": "y", **settings})
    assert "\n" not in str(refused.value)


def test_a_row_without_a_finite_output(model: TableModel, people: Any) -> None:
    with pytest.raises(TableError, match="no finite output for row 2"):
        model.predict(people.head(3).assign(fare=[1.0, 1e300, 1.0]))


def test_rows_are_read_as_those_learnt_from(people: Any) -> None:
    """Postal codes stay words where all of them look like numbers; commas stay decimal where there are few numbers."""
    frame = people.assign(zip=np.where(people["member"], "01", "0A"))[["zip", "fare", "saved"]]
    content = frame.to_csv(index=False, sep=";", decimal=",").encode()
    model = fit_table(read_table(io.BytesIO(content)), "saved", epochs=1, progress=False)
    said: list[str] = []
    rows = model.read(io.BytesIO(b"fare;zip\n1,5;01\n2;01\n"))
    assert rows.to_dict("list") == {"fare": [1.5, 2.0], "zip": ["01", "01"]}
    model.predict(rows, said.append)
    assert not said
    assert model.read(io.BytesIO(b"zip,fare\n01,1.5\n")).to_dict("list") == {"zip": ["01"], "fare": [1.5]}
    with pytest.raises(TableError, match=r"no column 'fare', which the model learnt from; its first line has zip, far"):
        model.read(io.BytesIO(b"zip;far\n01;1\n"))


def test_one_column_is_read_by_the_delimiter_that_was_learnt() -> None:
    model = fit_table(
        read_table(io.BytesIO(b"n;y\n1,5;a\n2,5;b\n" * 1 + b"1,7;a\n2,7;b\n" * 9)), "y", epochs=1, progress=False
    )
    assert model.read(io.BytesIO(b"n\n1,5\n2\n"))["n"].tolist() == [1.5, 2.0]


def test_rows_without_names() -> None:
    content = b"a,1,5\nb,2,6\n" * 10
    model = fit_table(read_table(io.BytesIO(content)), 1, epochs=1, progress=False)
    assert model.recipe.names == ["2", "3"]
    assert list(model.read(io.BytesIO(b"1,5\n"))) == ["2", "3"]  # the target is not there
    assert list(model.read(io.BytesIO(b"?,1,5\n"))) == ["1", "2", "3"]
    with pytest.raises(TableError, match="has 4 columns, and the one learnt from 3"):
        model.read(io.BytesIO(b"1,2,3,4\n"))


def test_the_usual_decay_is_less_the_more_updates_there_are() -> None:
    assert [table_model.usual_decay(n, 32, 20) for n in (10, 800, 1600, 80_000)] == [0.5, 0.5, 0.25, 0.005]


def test_usual_epochs() -> None:
    assert [table_model.usual_epochs(n, 32) for n in (10, 320, 3200, 10**6)] == [200, 50, 20, 20]


def test_numbers_that_are_categories_are_the_same_in_a_file() -> None:
    content = "code;y\n" + "01001;yes\n01002;no\n" * 20
    for text in ((), ["code"]):
        frame = read_table(io.BytesIO(content.encode()), text=text)
        model = fit_table(frame, "y", categories=["code"], epochs=2, progress=False)
        said: list[str] = []
        again = model.outputs(model.read(io.BytesIO(content.encode())), said.append)
        np.testing.assert_array_equal(again, model.outputs(frame))
        assert not said


def test_columns_called_by_numbers() -> None:
    x = np.random.default_rng(0).normal(size=(40, 3))
    model = fit_table(pandas.DataFrame(x), 1, epochs=2, progress=False)
    assert (model.recipe.target.name, model.recipe.names) == ("1", ["0", "2"])
    assert model.predict(pandas.DataFrame(x)).shape == (40,)
    assert np.isfinite(model.score(pandas.DataFrame(x)))
    twice = pandas.DataFrame(x, columns=["a", "a", "b"])
    with pytest.raises(TableError, match="more than one column is called 'a'"):
        fit_table(twice, "b")


def test_what_is_no_table_is_told(model: TableModel, people: Any) -> None:
    for wrong in (np.ones((3, 2)), {"saved": [1, 2]}, people["age"]):
        with pytest.raises(TypeError, match="a table is a pandas DataFrame, not of the type"):
            fit_table(wrong, "saved")
        with pytest.raises(TypeError, match="a table is a pandas DataFrame, not of the type"):
            model.predict(wrong)
    with pytest.raises(TableError, match="no column 'saved', the target"):
        model.score(people.drop(columns="saved"))


def test_no_rows_have_no_predictions(model: TableModel, people: Any) -> None:
    assert model.predict(people.head(0)).shape == (0,)
    assert model.predict_proba(people.head(0)).shape == (0, 2)


def test_gaps_that_training_had_none_of_are_told() -> None:
    frame = pandas.DataFrame({"x": np.arange(20.0), "y": np.arange(20.0) * 2})
    model = fit_table(frame, "y", epochs=1, progress=False)
    said: list[str] = []
    model.predict(pandas.DataFrame({"x": [1.0, np.nan]}), said.append)
    assert said == ["missing, as none was in training, and taken for the column's median: x 1"]


@pytest.mark.parametrize("written", ["{:,}", "€ {}", "{} %", "{},5"])
def test_a_target_that_was_meant_as_a_number(written: str) -> None:
    frame = pandas.DataFrame({"x": np.arange(120.0), "y": [written.format(1000 + k % 30) for k in range(120)]})
    with pytest.raises(TableError, match=r"is no plain number: write it without units.* task is classification"):
        prepare_table(frame, "y")
    assert len(prepare_table(frame, "y", task="classification").model.recipe.target.classes) == 30


def test_dates_are_no_target() -> None:
    frame = pandas.DataFrame({"x": np.arange(4.0), "t": pandas.date_range("2024-01-01", periods=4)})
    with pytest.raises(TableError, match="dates are no target"):
        prepare_table(frame, "t")


def test_short_rows_are_told() -> None:
    rows = "x,y\n" + "\n".join([f"{k},{k % 2}" for k in range(20)]) + "\n20\n"
    said: list[str] = []
    prepare_table(read_table(io.BytesIO(rows.encode())), "y", say=said.append)
    told = "rows with fewer fields than there are columns, whose last ones are missing: 1, the first in line 22"
    assert said[0] == told


@pytest.mark.parametrize("hidden", [10, np.int64(10), [10], (10,)])
def test_a_number_is_one_hidden_layer(hidden: Any) -> None:
    frame = pandas.DataFrame({"x": np.arange(8.0), "y": np.arange(8.0) * 2})
    assert prepare_table(frame, "y", hidden=hidden).model.network.sizes == (1, 10, 1)


@pytest.mark.parametrize("task", [None, "regression"])
@pytest.mark.parametrize(("written", "how"), [("%Y-%m-%d", "ISO8601"), ("%d.%m.%Y", "%d.%m.%Y"), (None, "")])
def test_dates_written_as_texts_are_no_target_either(task: str | None, written: str | None, how: str) -> None:
    """They were classes; and dates themselves were nanoseconds, where the task was said to be regression."""
    days = pandas.Series(pandas.date_range("2024-01-01", periods=30))
    frame = pandas.DataFrame({"x": np.arange(30.0), "t": days if written is None else days.dt.strftime(written)})
    with pytest.raises(TableError, match=f"dates are no target; with t = .*{how}"):
        prepare_table(frame, "t", task=task)
    if written is not None:
        again = pandas.concat([frame] * 3)
        assert len(prepare_table(again, "t", task="classification").model.recipe.target.classes) == 30


@pytest.mark.parametrize("one", ["age", 2, ["age"]])
def test_one_column_is_dropped_or_of_categories(one: Any) -> None:
    """The letters of its name were several."""
    frame = pandas.DataFrame({"x": np.arange(40.0), "age": np.arange(40) % 4, "y": np.arange(40.0) * 2})
    assert prepare_table(frame, "y", drop=one).model.recipe.names == ["x"]
    assert len(prepare_table(frame, "y", categories=one).model.recipe.inputs) == 5
