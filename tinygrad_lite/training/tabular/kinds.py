"""What the columns of a table are: numbers, dates, categories, or nothing to learn from; and what a target asks for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from .delimited import TableError, needed_pandas

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Say = Callable[[str], object]
"""Takes a sentence for the user."""

DATES: Final = ("ISO8601", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y")
"""How dates are written, as pandas' ``format`` has it, in the order in which they are tried."""

COUNTER: Final = re.compile(r"(?i:(^|[\W_])(id|index|row|no|nr|number)$|^unnamed: 0$|^$)|[a-z]I[dD]$")
"""Names of columns that number the rows: id, passenger_id, PassengerId, …"""

FIGURES: Final = re.compile(r"\W{0,3}\d[\d.,'’ \u00a0\u202f]*\W{0,3}")
"""What was meant as a number: 1,234.5 or € 12 or 3,5 or 12 %."""

MOST_CLASSES: Final = 20
"""Whole numbers of so many values at most may be classes."""


class Kind(NamedTuple):
    """What a column is read as."""

    name: str
    of: str
    """One of "number", "date", "boolean" and "text"."""
    written: str | None = None
    """How dates are."""


# ---------------------------------------------------------------------------------------------------------------------
# Columns


def named_columns(frame: DataFrame) -> DataFrame:
    """A table whose columns are called by texts, each by its own. Raises TypeError for what is no table."""
    if not isinstance(frame, needed_pandas().DataFrame):
        made = "pandas.DataFrame(…) makes one, and read_table reads one"
        raise TypeError(f"a table is a pandas DataFrame, not of the type {type(frame).__name__}; {made}")
    names = [str(name) for name in frame.columns]
    if len({*names}) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise TableError(f"more than one column is called {twice!r}: give each a name of its own")
    return frame if names == list(frame.columns) else frame.set_axis(names, axis=1)


def column_called(frame: DataFrame, given: str | int) -> str:
    """A column's name, given the name, or its number from 1, or from the end from −1.

    Raises TableError, with the names that are like it, where there is none.
    """
    names = list(frame.columns)
    if str(given) in names:
        return str(given)
    try:
        number = int(given)
    except ValueError:
        number = 0
    if number and -len(names) <= number <= len(names):
        return str(names[number - (number > 0)])
    folded = {str(name).casefold(): str(name) for name in names}
    close = [folded[like] for like in difflib.get_close_matches(str(given).casefold(), folded, 3)]
    known = f"did you mean {' or '.join(map(repr, close))}?" if close else f"there are {listed(names)}"
    raise TableError(f"there is no column {str(given)!r}; {known}")


def counters(frame: DataFrame) -> list[str]:
    """The columns that number the rows, by their names and by what is in them."""
    return [
        name
        for name in frame.columns
        if COUNTER.search(name.strip())
        and needed_pandas().api.types.is_numeric_dtype(frame[name].dtype)
        and (np.diff(frame[name].to_numpy(np.float64, na_value=np.nan)) == 1).all()
    ]


def kinds_of(frame: DataFrame, categories: Sequence[str], say: Say) -> list[Kind]:
    """What each column is read as. Those from which nothing can be learnt are left out, which is said."""
    found: list[Kind] = []
    left: dict[str, list[str]] = {}
    for name in frame.columns:
        kind, why = kind_of_column(name, frame[name], name in categories, say)
        if kind is None:
            left.setdefault(why, []).append(name)
        else:
            found.append(kind)
    for why, names in left.items():
        say(f"left out, {why}: {listed(names)}")
    if not found:
        raise TableError("there is no column to learn from" + "".join([f"; {w}: {listed(n)}" for w, n in left.items()]))
    dates = [kind.name for kind in found if kind.of == "date"]
    if dates:
        say(f"read as dates, which become days since 1970: {listed(dates)}")
    return found


def kind_of_column(name: str, column: Series, category: bool, say: Say) -> tuple[Kind | None, str]:
    """What a column is read as, or why it is left out."""
    types = needed_pandas().api.types
    filled = column.dropna()
    if not len(filled):
        return None, "empty"
    if types.is_complex_dtype(column.dtype) or types.is_timedelta64_dtype(column.dtype):
        return None, "of a type that is not known here"
    if types.is_datetime64_any_dtype(column.dtype):
        return Kind(name, "date", DATES[0]), ""
    if len(filled) == len(column) and filled.nunique() == 1:
        return None, "constant"
    if is_boolean(filled):
        return Kind(name, "boolean"), ""
    if types.is_numeric_dtype(column.dtype) and not category:
        return Kind(name, "number"), ""
    if category:
        return Kind(name, "text"), ""
    _, values = levels(column)
    if len(values) == 1 and len(filled) == len(column):
        return None, "constant"  # but for blanks
    written = dates_written(values)
    if len(written) > 1:
        return None, "dates in which day and month cannot be told apart; 2024-12-31 is read"
    if written:
        return Kind(name, "date", written[0]), ""
    if len(values) == len(filled) or len(values) > max(50, len(filled) / 2):
        return None, f"a different word in {'every row' if len(values) == len(filled) else 'most rows'}{meant(values)}"
    say_of_numbers(name, values, say)
    return Kind(name, "text"), ""


def is_boolean(filled: Series) -> bool:
    """Whether a column without gaps is of truth values."""
    pandas = needed_pandas()
    if pandas.api.types.is_bool_dtype(filled.dtype):
        return True
    return filled.dtype == object and all(isinstance(x, (bool, np.bool_)) for x in filled.unique())


def dates_written(values: list[str]) -> list[str]:
    """The ways of writing dates in which all the values are; two only where the order of day and month is open."""
    if not all(8 <= len(value) <= 35 and value[:1].isdigit() for value in values[:20]):
        return []
    pandas = needed_pandas()
    fitting = []
    for written in DATES:
        for some in (values[:20], values):
            if pandas.to_datetime(some, format=written, errors="coerce", utc=True).isna().any():
                break
        else:
            fitting.append(written)
    slashes = [written for written in fitting if "/" in written]
    return slashes if len(slashes) > 1 else fitting[:1]


def meant(values: Sequence[str]) -> str:
    """What to do about words that may have been meant as numbers: most of them are, or all look like some."""
    others = not_numbers(values)
    if not others:
        return " (numbers that are kept as text: pandas.to_numeric makes numbers of them)"
    if 2 * len(others) <= len(values):
        return f" (numbers but for {listed(map(repr, others), 3)}: say which stand for nothing, as missing)"
    if all(FIGURES.fullmatch(value) for value in others):
        return f" (as {others[0]!r}, which is no plain number: write it without units and marks of thousands)"
    return ""


def not_numbers(values: Sequence[str]) -> list[str]:
    """The words that are no numbers."""
    numbers = needed_pandas().to_numeric(np.array(values, object), errors="coerce")
    return [value for value, number in zip(values, numbers, strict=True) if np.isnan(number)]


def say_of_numbers(name: str, values: list[str], say: Say) -> None:
    """Tell of the words that make categories of what may have been meant as numbers."""
    others = not_numbers(values)
    if 2 * len(others) <= len(values):
        say(f"{name}: taken for categories, as not all is numbers: {listed(others, 3)}")


# ---------------------------------------------------------------------------------------------------------------------
# Values


def levels(column: Series) -> tuple[np.ndarray, list[str]]:
    """The distinct values of a column as texts, and for each row the place of its own; −1 where there is none.

    A whole number is written without a point, however it was stored: a column of 1, 2 and a gap holds 1.0 and 2.0.
    """
    pandas = needed_pandas()
    codes, values = pandas.factorize(column)
    texts = [as_text(value) for value in values]
    distinct = dict.fromkeys(texts)
    if len(distinct) < len(texts):  # blanks were all that told them apart
        places = {text: k for k, text in enumerate(distinct)}
        codes = np.append([places[text] for text in texts], -1)[codes]
    return codes, list(distinct)


def as_text(value: Any) -> str:
    """A value as it is compared and written."""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def as_numbers(column: Series, kind: Kind, say: Say) -> np.ndarray:
    """A column of numbers or dates in float64, NaN where there is none. Raises TableError for what is neither."""
    pandas = needed_pandas()
    if kind.of == "date":
        if pandas.api.types.is_numeric_dtype(column.dtype):  # 20241231 is as text what it is as a number
            column = column.map(as_text, na_action="ignore")
        parsed = pandas.to_datetime(column, format=kind.written, errors="coerce", utc=True)
        found = (parsed - pandas.Timestamp(0, tz="UTC")) / pandas.Timedelta(days=1)
    else:
        found = pandas.to_numeric(column, errors="coerce")
    numbers: np.ndarray = found.to_numpy(np.float64, na_value=np.nan)
    wrong = np.isnan(numbers) & column.notna().to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        article = "a date" if kind.of == "date" else "a number"
        raise TableError(f"{kind.name}: {column.iloc[row]!r} in row {row + 1} is not {article}")
    infinite = np.isinf(numbers)
    if infinite.any():
        say(f"{kind.name}: {int(infinite.sum())} infinite values are taken for missing")
        numbers = np.where(infinite, np.nan, numbers)
    return numbers


# ---------------------------------------------------------------------------------------------------------------------
# Targets


def task_of(target: Series, given: str | None, say: Say) -> str:
    """Whether a target asks for "classification" or "regression", if that was not said. There are no gaps in it."""
    types = needed_pandas().api.types
    if given != "classification":
        refuse_dates(target)
    if given is not None:
        return given
    if is_boolean(target):
        return "classification"
    if not types.is_numeric_dtype(target.dtype):
        _, values = levels(target)
        advice = meant(values) if len(values) > MOST_CLASSES else ""
        if advice:  # hundreds of classes would be learnt, and badly, where a number was meant
            raise TableError(
                f"{target.name}: a different word in many rows{advice}; or say that the task is classification"
            )
        return "classification"
    numbers = target.to_numpy(np.float64)
    distinct = len(np.unique(numbers))
    few = distinct <= 2 or (distinct <= MOST_CLASSES and 5 * distinct <= len(numbers))
    if few and np.array_equal(numbers, np.round(numbers)):
        say(f"the target holds {distinct} whole numbers, which are taken for classes (task regression says otherwise)")
        return "classification"
    return "regression"


def refuse_dates(target: Series) -> None:
    """Raises TableError for a target of dates, also where they are written as texts, which would be classes."""
    types = needed_pandas().api.types
    if types.is_datetime64_any_dtype(target.dtype):
        made = "t"
    elif (
        types.is_numeric_dtype(target.dtype) or is_boolean(target) or not (written := dates_written(levels(target)[1]))
    ):
        return
    else:
        made = f"pandas.to_datetime(t, format={written[0]!r})"
    raise TableError(
        f"{target.name}: dates are no target; with t = {made}, days since the first are (t - t.min()).dt.days"
        + ("" if made == "t" else "; or say that the task is classification")
    )


def classes_of_target(target: Series) -> tuple[Any, ...]:
    """The classes in their order, as bool, int, float or str; ``str`` of one is its text in :func:`levels`."""
    _, values = levels(target)
    classes: list[Any] = values
    if is_boolean(target):
        classes = [value == "True" for value in values]
    elif needed_pandas().api.types.is_numeric_dtype(target.dtype):
        numbers = [float(value) for value in values]
        whole = all(number.is_integer() for number in numbers)
        classes = [int(value) for value in values] if whole else numbers
    return tuple(sorted(classes))


def listed(names: Iterable[Any], most: int = 8) -> str:
    """Names, of which there may be many, in a sentence."""
    names = [str(name) for name in names]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
