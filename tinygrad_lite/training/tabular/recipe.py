"""How the rows of a table become what a network takes, and its outputs what the table has: learnt once, kept as JSON.

scikit-learn's ``ColumnTransformer`` learns it; what it learnt is written out, so that nothing is pickled and no version
of scikit-learn is needed to read it, and is applied from there, also where it was just learnt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..data import one_hot
from .delimited import TableError, TableForm
from .kinds import Kind, Say, as_numbers, as_text, classes_of_target, is_boolean, levels, listed, named_columns

if TYPE_CHECKING:
    from pandas import DataFrame, Series

MOST_CATEGORIES = 100
"""A column's categories beyond so many, the rarest, are one."""


class NumberColumn(NamedTuple):
    """A column of numbers or dates: (x − mean) / scale, with ``fill`` where there is none."""

    kind: Kind
    fill: float
    mean: float
    scale: float
    marked: bool
    """Whether another input says where there was none."""


class CategoryColumn(NamedTuple):
    """A column of words or truth values: an input for each category, 1 for the row's own, and one for the rare."""

    kind: Kind
    frequent: tuple[str | None, ...]
    """None is for rows that have none."""
    rare: tuple[str | None, ...]
    """Those that share an input; so do those that are met later, if there are any."""

    @property
    def width(self) -> int:
        """How many inputs."""
        return len(self.frequent) + bool(self.rare)

    def places(self, column: Series) -> tuple[np.ndarray, list[str]]:
        """For each row which input is 1, or −1 for none; and the categories that were not met before."""
        known: dict[str | None, int] = {value: k for k, value in enumerate(self.frequent)}
        known |= dict.fromkeys(self.rare, len(self.frequent))
        other = len(self.frequent) if self.rare else -1
        codes, values = texts_of(column, self.kind)
        unknown = [value for value in values if value not in known]
        if None not in known and (codes < 0).any():
            unknown.append("(missing)")
        table = np.array([*[known.get(value, other) for value in values], known.get(None, other)], np.intp)
        return table[codes], unknown


class Target(NamedTuple):
    """The column that is predicted: one of ``classes``, or a number, mean + scale · output."""

    name: str
    classes: tuple[Any, ...] = ()
    mean: float = 0.0
    scale: float = 1.0

    @property
    def task(self) -> str:
        """What it asks for: "classification" or "regression"."""
        return "classification" if self.classes else "regression"

    def learnable(self, column: Series) -> np.ndarray:
        """A column without gaps as the network learns it: class numbers, or standardized numbers in rows of one."""
        if not self.classes:
            numbers = as_numbers(column, Kind(self.name, "number"), say=lambda _: None)
            rows: np.ndarray = ((numbers - self.mean) / self.scale).astype(np.float32).reshape(-1, 1)
            return rows
        codes, values = levels(column)
        known = {str(value): k for k, value in enumerate(self.classes)}
        unknown = [value for value in values if value not in known]
        if unknown:
            raise TableError(f"{self.name}: {listed(unknown)} is none of the classes {listed(self.classes)}")
        places = np.array([known[value] for value in values], np.int64)
        found: np.ndarray = places[codes]
        return found


class TableRecipe(NamedTuple):
    """From rows to a matrix of inputs, and from outputs to predictions.

    Attributes
    ----------
    numbers, categories : the columns that are learnt from
    target : the column that is predicted
    columns : the names of all the table's columns, in their order
    form : how the file was written, if it was read from one
    """

    numbers: tuple[NumberColumn, ...]
    categories: tuple[CategoryColumn, ...]
    target: Target
    columns: tuple[str, ...]
    form: TableForm | None = None

    @property
    def names(self) -> list[str]:
        """The columns that are learnt from."""
        return [kind.name for kind in [*[each.kind for each in self.numbers], *[each.kind for each in self.categories]]]

    @property
    def words(self) -> list[str]:
        """The columns that are words, also where all of them look like numbers: 01067 is none that a number is."""
        return [
            column.kind.name
            for column in self.categories
            if column.kind.of == "text" and any(map(is_only_text, [*column.frequent, *column.rare]))
        ]

    def absent(self, names: Iterable[str]) -> list[str]:
        """The columns that are learnt from and not among the names."""
        return [name for name in self.names if name not in {*names}]

    def names_for(self, first: list[str], header: bool) -> list[str] | None:
        """The names of a table's columns, given its first line: those that stand in it, or the training table's.

        None where columns are missing.
        """
        if header:
            return None if self.absent(first) else first
        without = [name for name in self.columns if name != self.target.name]
        return {len(self.columns): list(self.columns), len(without): without}.get(len(first))

    @property
    def inputs(self) -> list[str]:
        """What each column of the matrix is."""
        names = [column.kind.name for column in self.numbers]
        names += [f"{column.kind.name} missing" for column in self.numbers if column.marked]
        for group in self.categories:
            values = ["missing" if value is None else value for value in group.frequent]
            names += [f"{group.kind.name}={value}" for value in [*values, *["(rare)"] * bool(group.rare)]]
        return names

    def matrix(self, frame: DataFrame, say: Say) -> np.ndarray:
        """The rows as the network takes them, in float32, one column for each of ``inputs``.

        Raises TableError for columns that are not there, and for entries that are not what their column's were.
        """
        frame = named_columns(frame)
        absent = self.absent(frame.columns)
        if absent:
            raise TableError(f"the table has no column {', '.join(map(repr, absent))}, which the model learnt from")
        extra = [name for name in frame.columns if name not in self.columns]
        if extra:
            say(f"ignored, as the table learnt from had no such columns: {listed(extra)}")
        inputs = self.inputs
        matrix = np.zeros((len(frame), len(inputs)), np.float32)
        marks, unmarked = len(self.numbers), []
        for k, column in enumerate(self.numbers):
            values = as_numbers(frame[column.kind.name], column.kind, say)
            gaps = np.isnan(values)
            if gaps.any():
                if not column.marked:
                    unmarked.append(f"{column.kind.name} {int(gaps.sum())}")
                values = np.where(gaps, column.fill, values)
            with np.errstate(over="ignore"):  # what is not finite is refused with the output
                matrix[:, k] = (values - column.mean) / column.scale
            if column.marked:
                matrix[:, marks] = gaps
                marks += 1
        if unmarked:
            say(f"missing, as none was in training, and taken for the column's median: {listed(unmarked)}")
        for group in self.categories:
            places, unknown = group.places(frame[group.kind.name])
            if unknown:
                fate = "taken for rare ones" if group.rare else "taken for none"
                say(f"{group.kind.name}: not met in training, and {fate}: {listed(unknown)}")
            known = places >= 0
            matrix[known, marks : marks + group.width] = one_hot(places[known], group.width, np.float32)
            marks += group.width
        return matrix


def is_only_text(value: str | None) -> bool:
    """Whether a value is not what is written for a number."""
    try:
        return value is not None and as_text(float(value)) != value
    except ValueError:
        return True


def texts_of(column: Series, kind: Kind) -> tuple[np.ndarray, list[str]]:
    """:func:`levels`, with one way of writing truth values."""
    codes, values = levels(column)
    if kind.of == "boolean":
        written = {"true": "True", "false": "False"}
        values = [written.get(value.casefold(), value) for value in values]
    return codes, values


# ---------------------------------------------------------------------------------------------------------------------
# Learning


def transformer_of(kinds: Sequence[Kind]) -> Any:
    """What scikit-learn needs to be told of columns of such kinds."""
    try:
        from sklearn.compose import ColumnTransformer
        from sklearn.impute import MissingIndicator, SimpleImputer
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import OneHotEncoder, StandardScaler
    except ImportError as error:
        raise ImportError(
            "tables need scikit-learn, which is not installed: pip install 'tinygrad-lite[table]'", name=error.name
        ) from error
    numbers, words = names_by_kind(kinds)
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("missing", MissingIndicator(features="missing-only", error_on_new=False), numbers),
            (
                "categories",
                OneHotEncoder(
                    handle_unknown="infrequent_if_exist",
                    min_frequency=2,
                    max_categories=MOST_CATEGORIES,
                    sparse_output=False,
                ),
                words,
            ),
        ]
    )


def names_by_kind(kinds: Sequence[Kind]) -> tuple[list[str], list[str]]:
    """The names of numbers and dates, and the others'."""
    numbers = [kind.name for kind in kinds if kind.of in ("number", "date")]
    return numbers, [kind.name for kind in kinds if kind.name not in numbers]


def ready_columns(frame: DataFrame, kinds: Sequence[Kind], say: Say) -> tuple[DataFrame, dict[str, list[str | None]]]:
    """The columns as scikit-learn takes them: numbers in float64, and words by their places in lists of their own.

    The lists are in order, and end with None, for gaps.
    """
    from pandas import DataFrame

    ready: dict[str, np.ndarray] = {}
    words: dict[str, list[str | None]] = {}
    for kind in kinds:
        if kind.of in ("number", "date"):
            ready[kind.name] = as_numbers(frame[kind.name], kind, say)
        else:
            codes, values = texts_of(frame[kind.name], kind)
            words[kind.name] = [*sorted(values), None]
            place = {value: k for k, value in enumerate(words[kind.name])}
            ready[kind.name] = np.array([place[value] for value in [*values, None]], np.intp)[codes]
    return DataFrame(ready), words


def learnt_columns(
    frame: DataFrame, kinds: Sequence[Kind], say: Say
) -> tuple[tuple[NumberColumn, ...], tuple[CategoryColumn, ...]]:
    """What scikit-learn learns of columns."""
    ready, texts = ready_columns(frame, kinds, say)
    of = {kind.name: kind for kind in kinds}
    names, words = names_by_kind(kinds)
    say_of_gaps(
        {name: int(ready[name].isna().sum()) for name in names}, "the column's median is taken, and marked", say
    )
    gaps = {name: int((ready[name] == len(texts[name]) - 1).sum()) for name in words}
    say_of_gaps(gaps, "a category of their own", say)
    steps = transformer_of(kinds).fit(ready).named_transformers_
    numbers: list[NumberColumn] = []
    if names:
        imputer, scaler = steps["numbers"]
        marked = set(steps["missing"].features_.tolist())
        fills, means, scales = imputer.statistics_.tolist(), scaler.mean_.tolist(), scaler.scale_.tolist()
        numbers = [NumberColumn(of[n], fills[k], means[k], scales[k], k in marked) for k, n in enumerate(names)]
    categories: list[CategoryColumn] = []
    if words:
        encoder = steps["categories"]
        for name, found, few in zip(words, encoder.categories_, encoder.infrequent_categories_, strict=True):
            rare = [] if few is None else few.tolist()
            frequent = np.setdiff1d(found, rare).tolist()
            parts = [tuple([texts[name][place] for place in part]) for part in (frequent, rare)]
            categories.append(CategoryColumn(of[name], *parts))
    return tuple(numbers), tuple(categories)


def say_of_gaps(counts: dict[str, int], fate: str, say: Say) -> None:
    """Tell what becomes of missing values."""
    missing = [f"{name} {count}" for name, count in counts.items() if count]
    if missing:
        say(f"missing, for which {fate}: {listed(missing)}")


def learnt_target(name: str, column: Series, task: str) -> Target:
    """What is to be known of the target. Raises TableError for one that cannot be learnt."""
    if task == "classification":
        classes = classes_of_target(column)
        if len(classes) < 2:
            raise TableError(f"{name}: all rows are of one class, {classes[0]!r}: there is nothing to tell apart")
        if len(classes) > max(2, len(column) // 2):
            raise TableError(f"{name}: {len(classes)} classes in {len(column)} rows are too many to learn")
        return Target(name, classes)
    if is_boolean(column):
        raise TableError(f"{name}: truth values are classes, not numbers")
    numbers = as_numbers(column, Kind(name, "number"), say=lambda _: None)
    if not np.isfinite(numbers).all():
        raise TableError(f"{name}: there are infinite targets")
    if np.ptp(numbers) == 0:
        raise TableError(f"{name}: all rows have the target {numbers[0]:g}: there is nothing to learn")
    return Target(name, (), float(numbers.mean()), float(numbers.std()))
