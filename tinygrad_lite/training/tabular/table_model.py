"""A network with the recipe for its table: fit to a DataFrame, asked about another, kept in two files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np

from ... import nn, optim
from ...table.neural import softmax
from .. import data
from ..fitting import fit
from ..history import History
from ..objective import predict
from .delimited import TableError, column_names, form_of, one_or_several, parsed_table, read_bytes, said_of_short_rows
from .kinds import Say, column_called, counters, kinds_of, levels, listed, named_columns, task_of
from .recipe import TableRecipe, learnt_columns, learnt_target

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["TableModel", "TableTask", "fit_table", "prepare_table"]


class TableModel:
    """A trained network and its recipe. :func:`fit_table` makes one, and :func:`load_table_model` reads one.

    Attributes
    ----------
    network : takes what ``recipe.matrix`` makes of rows and gives a score for each class, or a standardized number
    recipe : how rows become inputs, and outputs predictions
    activation : of the network's hidden layers, by name
    notes : what is to be said of the training table: what was left out, filled in, and how it was understood
    history : of the training, if it was here
    test : the rows that were held out, as a DataFrame, if it was here
    """

    def __init__(self, network: nn.MLP, recipe: TableRecipe, activation: str, notes: Sequence[str] = ()) -> None:
        self.network, self.recipe, self.activation, self.notes = network, recipe, activation, list(notes)
        self.history: History | None = None
        self.test: DataFrame | None = None

    def read(
        self,
        source: str | os.PathLike[str] | BinaryIO,
        *,
        delimiter: str | None = None,
        decimal: str | None = None,
        header: bool | None = None,
        encoding: str | None = None,
    ) -> DataFrame:
        """Rows to predict for, from a file like the one that was learnt from: as :func:`read_table`, which see.

        Words are read as words, and what stands for nothing does so here. Where the columns of the training table had
        no names, or with ``header=False``, they are taken in its order; the target's may not be there.

        Raises TableError for what is no such table.
        """
        content, learnt = read_bytes(source), self.recipe.form
        missing = () if learnt is None else learnt.missing
        if learnt is not None and header is None:
            header = learnt.header
        form = form_of(content, delimiter, decimal, header, encoding, missing)
        if learnt is not None and delimiter is None:
            alike = form._replace(delimiter=learnt.delimiter, decimal=decimal or learnt.decimal)
            if self.recipe.names_for(column_names(content, alike), alike.header) is not None:
                form = alike
        first = column_names(content, form)
        names = self.recipe.names_for(first, form.header)
        if names is None and form.header:
            absent = ", ".join(map(repr, self.recipe.absent(first)))
            raise TableError(
                f"the table has no column {absent}, which the model learnt from; its first line has {listed(first)}"
            )
        if names is None:
            raise TableError(f"the table has {len(first)} columns, and the one learnt from {len(self.recipe.columns)}")
        return parsed_table(content, form, names, [name for name in self.recipe.words if name in names])

    def outputs(self, frame: DataFrame, say: Say | None = None) -> np.ndarray:
        """What the network gives for each row, in float64: scores of the classes, or standardized numbers."""
        x = self.recipe.matrix(frame, silent if say is None else say)
        if not len(x):
            return np.empty((0, self.network.sizes[-1]))
        with np.errstate(all="ignore"):
            found = np.asarray(predict(self.network, x), np.float64)
        finite = np.isfinite(found).all(axis=1)
        if not finite.all():
            raise TableError(f"the network has no finite output for row {int(finite.argmin()) + 1}")
        return found

    def predict(self, frame: DataFrame, say: Say | None = None) -> np.ndarray:
        """The likeliest class of each row, of the type that the target had, or the number that is predicted.

        Columns may stand in another order, and others beside them. ``say`` takes a sentence for each thing that is
        worth knowing, such as a category that was not met in training.

        Raises TableError for columns that are missing, for entries that are not what they were in training, and for
        rows for which the network has no finite output.
        """
        return self.from_outputs(self.outputs(frame, say))

    def predict_proba(self, frame: DataFrame, say: Say | None = None) -> np.ndarray:
        """The probability of each class, in the order of ``recipe.target.classes``. Raises TableError for numbers."""
        return self.probabilities(self.outputs(frame, say))

    def from_outputs(self, outputs: np.ndarray) -> np.ndarray:
        """What the network's outputs predict."""
        target = self.recipe.target
        if not target.classes:
            return target.mean + target.scale * outputs[:, 0]
        classes = np.array(target.classes, object if isinstance(target.classes[0], str) else None)
        likeliest: np.ndarray = classes[outputs.argmax(axis=1)]
        return likeliest

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """The classes' probabilities, from the network's outputs."""
        if not self.recipe.target.classes:
            raise TableError(f"{self.recipe.target.name} is a number, and has no probabilities")
        found: np.ndarray = softmax(outputs)
        return found

    def score(self, frame: DataFrame) -> float:
        """Accuracy for classes, R² for numbers, on rows that have the target."""
        target, frame = self.recipe.target, named_columns(frame)
        if target.name not in frame:
            raise TableError(f"the table has no column {target.name!r}, the target, to compare with")
        true = target.learnable(frame[target.name])
        outputs = self.outputs(frame)
        if target.classes:
            return float(np.mean(outputs.argmax(axis=1) == true))
        spread = np.sum((true - true.mean()) ** 2, dtype=np.float64)
        return float(1 - np.sum((true - outputs) ** 2) / spread) if spread else float("nan")

    def __repr__(self) -> str:
        recipe = self.recipe
        return f"TableModel({recipe.target.task} of {recipe.target.name!r} by {listed(map(repr, recipe.names))})"


def silent(sentence: str) -> None:
    """Say nothing."""


# ---------------------------------------------------------------------------------------------------------------------
# Fitting


class TableTask(NamedTuple):
    """A table made ready: a model that has learnt nothing but its recipe, and what its network is to be fit to."""

    model: TableModel
    x: np.ndarray
    y: np.ndarray
    loss: str


def prepare_table(
    frame: DataFrame,
    target: str | int,
    *,
    task: str | None = None,
    drop: str | int | Iterable[str | int] = (),
    categories: str | int | Iterable[str | int] = (),
    test_size: float | int = 0.25,
    hidden: int | Sequence[int] = (100,),
    activation: str = "relu",
    seed: int = 0,
    say: Say | None = None,
) -> TableTask:
    """Everything that :func:`fit_table` does before it trains, for those who train in another way.

    >>> import pandas
    >>> frame = pandas.DataFrame({"x": np.arange(8.0), "y": np.arange(8.0) * 2})
    >>> prepared = prepare_table(frame, "y", hidden=[16])
    >>> prepared.x.shape, prepared.y.shape, prepared.loss, prepared.model.network.sizes
    ((6, 1), (6, 1), 'mse', (1, 16, 1))
    """
    notes: list[str] = []

    def note(sentence: str) -> None:
        notes.append(sentence)
        if say is not None:
            say(sentence)

    if task not in (None, "classification", "regression"):
        raise TableError(f"a task is 'classification' or 'regression', not {task!r}")
    frame = named_columns(frame)
    name = column_called(frame, target)
    dropped = {column_called(frame, each) for each in one_or_several(drop)}
    if name in dropped:
        raise TableError(f"{name!r} is the target, and cannot be dropped")
    if "short" in frame.attrs:
        note(said_of_short_rows(*frame.attrs["short"]))
    words = [column_called(frame, each) for each in one_or_several(categories)]
    counting = [each for each in counters(frame) if each not in {name, *dropped, *words}]
    if counting:
        note(f"left out, numbers of the rows: {listed(counting)}")
    columns, form = tuple([str(each) for each in frame.columns]), frame.attrs.get("form")
    frame = rows_with_target(frame.drop(columns=[*dropped, *counting]), name, note)
    task = task_of(frame[name], task, note)
    train, test = divided_rows(frame, name, task, test_size, seed, note)
    kinds = kinds_of(train.drop(columns=name), words, note)
    goal = learnt_target(name, train[name], task)
    numbers, groups = learnt_columns(train, kinds, note)
    recipe = TableRecipe(numbers, groups, goal, columns, form)
    sizes = [len(recipe.inputs), *one_or_several(hidden), max(1, len(goal.classes))]
    network = nn.MLP(sizes, activation, init=nn.init.suited_to(activation), rng=seed)
    model = TableModel(network, recipe, activation, notes)
    model.test = test
    x, y = recipe.matrix(train, silent), goal.learnable(train[name])
    return TableTask(model, x, y, "cross_entropy" if goal.classes else "mse")


def fit_table(
    frame: DataFrame,
    target: str | int,
    *,
    task: str | None = None,
    drop: str | int | Iterable[str | int] = (),
    categories: str | int | Iterable[str | int] = (),
    test_size: float | int = 0.25,
    hidden: int | Sequence[int] = (100,),
    activation: str = "relu",
    lr: float = optim.AdamW.first_lr,
    weight_decay: float | None = None,
    epochs: int | None = None,
    batch_size: int = 32,
    patience: int | None = None,
    progress: bool | None = None,
    seed: int = 0,
    say: Say | None = None,
) -> TableModel:
    """Train a multilayer perceptron on a table of mixed columns, and hold out a part of its rows for a test.

    Numbers are standardized; dates are days; words and truth values become an input for each. What is missing is the
    column's median, and marked, or a category of its own. Columns from which nothing can be learnt are left out:
    constant and empty ones, numbers of the rows, and words that are different in every row. All of it is learnt from
    the rows to train on.

    Parameters
    ----------
    frame : a row for each sample; :func:`read_table` reads one
    target : the column to predict, by its name or its number from 1; rows without it are left out
    task : "classification" or "regression"; by default words, truth values and a few whole numbers are classes
    drop : a column to leave out, or several
    categories : a column of numbers that are categories, or several
    test_size : a fraction of the rows, or their number; with each class's share, and a class's only row not among them
    hidden, activation : neurons of each hidden layer, a number standing for one layer, and what follows each
    lr, weight_decay : of AdamW; by default the decay is 0.5 for up to 500 updates, and less in proportion for more
    epochs : by default as many as make about 500 updates, from 20 to 200
    batch_size, patience, progress : as :func:`fit` has them
    seed : of the split, the network and the order of the rows
    say : takes each sentence of ``notes`` at once

    Returns
    -------
    TableModel : with ``history``, ``notes`` and ``test``, the rows held out

    Raises TableError for a table that cannot be learnt; ImportError without pandas and scikit-learn; and what
    :func:`fit` raises.

    >>> import pandas
    >>> rng = np.random.default_rng(0)
    >>> size, kind = rng.normal(size=200), rng.choice(["cat", "dog"], 200)
    >>> frame = pandas.DataFrame({"size": size, "kind": kind, "loud": (size > 0) == (kind == "dog")})
    >>> model = fit_table(frame, "loud", progress=False)
    >>> model
    TableModel(classification of 'loud' by 'size', 'kind')
    >>> model.score(model.test) > 0.9
    True
    >>> model.predict(pandas.DataFrame({"kind": ["dog", "cat"], "size": [2.0, 2.0]}))
    array([ True, False])
    """
    model, x, y, loss = prepare_table(
        frame,
        target,
        task=task,
        drop=drop,
        categories=categories,
        test_size=test_size,
        hidden=hidden,
        activation=activation,
        seed=seed,
        say=say,
    )
    if epochs is None:
        epochs = usual_epochs(len(x), batch_size)
    if weight_decay is None:
        weight_decay = usual_decay(len(x), batch_size, epochs)
    model.history = fit(
        model.network,
        x,
        y,
        loss=loss,
        optimizer=optim.AdamW(model.network.parameters(), lr=lr, weight_decay=weight_decay),
        epochs=epochs,
        batch_size=batch_size,
        patience=patience,
        progress=progress,
        rng=seed,
    )
    return model


def rows_with_target(frame: DataFrame, name: str, say: Say) -> DataFrame:
    """The rows in which the target is not missing. Raises TableError where there are fewer than two."""
    there = frame[name].notna().to_numpy()
    absent = len(there) - int(there.sum())
    if len(there) - absent < 2:
        raise TableError(f"{name}: {len(there) - absent} rows have a target, and two are needed at least")
    if absent:
        say(f"left out, as {name} is missing: {absent} of {len(there)} rows")
    return frame[there] if absent else frame


def divided_rows(
    frame: DataFrame, name: str, task: str, test_size: float | int, seed: int, say: Say
) -> tuple[DataFrame, DataFrame | None]:
    """Rows to train on and rows to test with, at random, each class with its share of both."""
    if test_size == 0:
        return frame, None
    order, alone = np.arange(len(frame)), np.zeros(len(frame), bool)
    stratify = None
    if task == "classification":
        codes, values = levels(frame[name])
        single = np.bincount(codes) == 1
        alone, stratify = single[codes], codes[~single[codes]]
        if alone.any():
            rare = [values[k] for k in np.flatnonzero(single)]
            say(f"classes of a single row, which is not held out: {listed(rare)}")
    if alone.all():
        raise TableError(f"{name}: each row has a class of its own")
    try:
        train, test = data.train_test_split(order[~alone], test_size=test_size, rng=seed, stratify=stratify)
    except ValueError as error:
        raise TableError(str(error).partition(": ")[2]) from error
    return frame.iloc[np.sort(np.append(train, order[alone]))], frame.iloc[np.sort(test)]


def usual_epochs(samples: int, batch_size: int) -> int:
    """As many as make about 500 updates, from 20 to 200."""
    return min(200, max(20, 500 // -(-samples // batch_size)))


def usual_decay(samples: int, batch_size: int, epochs: int) -> float:
    """Much, as most tables are small; over all updates no more than over the first 500."""
    return 0.5 * min(1.0, 500 / max(1, epochs * -(-samples // batch_size)))
