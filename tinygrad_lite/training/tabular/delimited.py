"""Files of delimited text: how one is written is found out from its beginning, and pandas reads it."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["TableError", "read_table"]

MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # which begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""What a file may begin with to say how it is encoded."""

DELIMITERS: Final = ("\t", ";", "|", ",")
"""What is looked for, in this order: a comma may stand within numbers, and the others hardly anywhere."""

MISSING: Final = ("", "?", "-", "--", ".", "na", "n.a.", "N.A.", "none", "NONE", "Null")
"""Entries that stand for nothing, beside those that pandas takes for such: NA, N/A, NaN, NULL, None, …"""

SAMPLE: Final = 1 << 16
"""Bytes at the beginning of a file by which it is judged."""


class TableError(ValueError):
    """A table that cannot be read, learnt from or predicted for, and why."""


class TableForm(NamedTuple):
    """How a file is written."""

    encoding: str
    delimiter: str
    decimal: str
    header: bool
    missing: tuple[str, ...]
    """What stands for nothing, beside the usual."""
    skipped: int = 0
    """Lines before the table."""


def read_table(
    source: str | os.PathLike[str] | BinaryIO,
    *,
    delimiter: str | None = None,
    decimal: str | None = None,
    header: bool | None = None,
    encoding: str | None = None,
    missing: str | Sequence[str] = (),
    text: str | Sequence[str] = (),
    target: str | None = None,
) -> DataFrame:
    r"""A table from a file of delimited text, as a pandas DataFrame. What is not said is found out.

    Parameters
    ----------
    source : a path, or a file opened for reading bytes
    delimiter : between the fields; by default that of tab ; | , which divides every line alike
    decimal : "." or ",", which is found between the digits of files whose delimiter is another
    header : whether the first line has the columns' names; by default it has if no number is in it, or a word in it
        stands above numbers alone. Columns without names are called "1", "2", …
    encoding : by default what a byte order mark says, UTF-8, or else Windows-1252
    missing : entries that stand for nothing, beside "", ?, NA, NaN, null and their like
    text : columns that are words even where they look like numbers, such as postal codes
    target : a column's name that shows a first line to be one of names

    Returns
    -------
    DataFrame : what was found out is in ``frame.attrs["form"]``; where rows have fewer fields than there are columns,
        so that their last ones are missing, their number and the line of the first are in ``frame.attrs["short"]``

    Raises TableError for what is no table, OSError for a file that cannot be read, ImportError without pandas.

    >>> import io
    >>> read_table(io.BytesIO(b"kind;length\ncat;46,5\ndog;?\n"))
      kind  length
    0  cat    46.5
    1  dog     NaN
    """
    content = read_bytes(source)
    form = form_of(content, delimiter, decimal, header, encoding, tuple(one_or_several(missing)), target)
    return parsed_table(content, form, text=one_or_several(text))


def one_or_several(given: Any) -> list[Any]:
    """A list of what is given, of which a text or a number is one; the letters of a text were several."""
    return [given] if isinstance(given, (str, int, np.integer)) else list(given)


def read_bytes(source: str | os.PathLike[str] | BinaryIO) -> bytes:
    """Everything in a file."""
    return Path(source).read_bytes() if isinstance(source, (str, os.PathLike)) else source.read()


# ---------------------------------------------------------------------------------------------------------------------
# How it is written


def form_of(
    content: bytes,
    delimiter: str | None = None,
    decimal: str | None = None,
    header: bool | None = None,
    encoding: str | None = None,
    missing: tuple[str, ...] = (),
    target: str | None = None,
) -> TableForm:
    """How a file is written, as far as that was not said."""
    encoding = encoding_of(content) if encoding is None else checked_encoding(content, encoding)
    sample = content[:SAMPLE].decode(encoding, errors="ignore")
    if not sample.strip():
        raise TableError("the table is empty")
    if content.startswith(b"\x1f\x8b"):
        raise TableError("the file is compressed by gzip: unpack it first, as gunzip does")
    if "\0" in sample:
        raise TableError("this is no text: it holds zero bytes; a workbook must be saved as CSV first")
    first = sample.splitlines()[0]
    skipped = 0
    said = re.fullmatch(r'"?sep=(.)"?', first)  # as Excel writes it
    if said is not None:
        delimiter = said[1] if delimiter is None else delimiter
        sample, skipped = sample[len(first) :].lstrip("\r\n"), 1
    cut = len(content) > SAMPLE
    if delimiter is None:
        delimiter = delimiter_of(sample, cut)
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise TableError(f"a delimiter is one character, such as ; or a tab, not {delimiter!r}")
    rows = sampled_rows(sample, delimiter, cut)
    if decimal is None:
        decimal = decimal_of(rows, delimiter)
    if decimal not in (".", ",") or decimal == delimiter:
        raise TableError(f"the decimal sign is . or , and not the delimiter; got {decimal!r} beside {delimiter!r}")
    if header is None:
        header = target in rows[0] or has_names(rows, decimal)
    return TableForm(encoding, delimiter, decimal, header, missing, skipped)


def encoding_of(content: bytes) -> str:
    """What a mark at the beginning says; UTF-8 where that can be, else what Windows writes, or Latin letters."""
    for mark, name in MARKS:
        if content.startswith(mark):
            return name
    for name in ("utf-8", "cp1252"):
        try:
            content.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return "latin-1"


def checked_encoding(content: bytes, name: str) -> str:
    """An encoding by name. Raises TableError where there is none of the name, or the content is not in it."""
    try:
        content.decode(name)
    except LookupError as error:
        raise TableError(f"there is no encoding {name!r}") from error
    except UnicodeError as error:
        raise TableError(f"the table is not written in {name}: {error}"[:200]) from error
    return name


def sampled_rows(sample: str, delimiter: str, cut: bool) -> list[list[str]]:
    """Rows at the beginning, their fields without blanks around them."""
    try:
        rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        raise TableError(f"this is no table of delimited text: {error}") from error
    rows = [[field.strip() for field in row] for row in rows if row]
    return rows[:-1] if cut and len(rows) > 1 else rows


def delimiter_of(sample: str, cut: bool) -> str:
    """The first that divides every row into as many fields, or else the one that does so for most rows."""
    shares = []
    for delimiter in DELIMITERS:
        widths = Counter(map(len, sampled_rows(sample, delimiter, cut)))
        width, count = widths.most_common(1)[0]
        share = count / widths.total() if width > 1 else 0.0
        if share == 1:
            return delimiter
        shares.append(share)
    return DELIMITERS[shares.index(max(shares))] if max(shares) else ","


def decimal_of(rows: list[list[str]], delimiter: str) -> str:
    """A comma, where there are numbers with one and none with a point."""
    fields = [] if delimiter == "," else [field for row in rows for field in row]
    commas, points = [[f for f in fields if re.fullmatch(rf"[+-]?\d*{sign}\d+", f)] for sign in (",", r"\.")]
    grouped = all(re.fullmatch(r"[+-]?\d{1,3}\.\d{3}", f) for f in points)  # thousands, beside decimal commas
    return "," if commas and grouped else "."


def has_names(rows: list[list[str]], decimal: str) -> bool:
    """Whether the first row names the columns: no number is in it, or a word in it stands above numbers alone."""
    first, *rest = [[reads_as_plain_number(field, decimal) for field in row] for row in rows]
    if not any(first):
        return True
    for place, number in enumerate(first):
        below = [row[place] for row, kinds in zip(rows[1:], rest, strict=True) if place < len(kinds)]
        filled = [reads_as_plain_number(field, decimal) for field in below if field not in MISSING]
        if not number and rows[0][place] not in MISSING and filled and all(filled):
            return True
    return False


def reads_as_plain_number(field: str, decimal: str) -> bool:
    """Whether a field is a number; words for what is none are not."""
    return re.fullmatch(rf"[+-]?(\d+[{decimal}]?\d*|[{decimal}]\d+)([eE][+-]?\d+)?", field) is not None


# ---------------------------------------------------------------------------------------------------------------------
# Reading


def parsed_table(
    content: bytes, form: TableForm, names: Sequence[str] | None = None, text: Sequence[str] = ()
) -> DataFrame:
    """The table in a file that is written in such a form; ``names``, if given, are its columns'."""
    pandas = needed_pandas()
    names = column_names(content, form) if names is None else names
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise TableError(f"more than one column is called {twice[0]!r}: give each a name of its own")
    settings = {
        "sep": r"\s+" if form.delimiter == " " else form.delimiter,
        "decimal": form.decimal,
        "header": 0 if form.header else None,
        "names": names,
        "skiprows": form.skipped,
        "index_col": False,
        "encoding": form.encoding,
        "na_values": [*MISSING, *form.missing],
        "skipinitialspace": True,
        "low_memory": False,  # a column is of one kind from its beginning to its end
        "dtype": dict.fromkeys(text, "str"),
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pandas.errors.ParserWarning)  # fields that belong to no column
            if (
                len(names) == 1
            ):  # a blank line within is a row that has nothing, and those after it are to stay in place
                lines = io.StringIO(content.decode(form.encoding).strip(), newline="")
                frame: DataFrame = pandas.read_csv(lines, skip_blank_lines=False, **settings)
            else:
                frame = pandas.read_csv(io.BytesIO(content), **settings)
    except pandas.errors.EmptyDataError as error:
        raise TableError("the table is empty") from error
    except (pandas.errors.ParserError, pandas.errors.ParserWarning, ValueError) as error:  # of decoding, too
        raise TableError(f"this is no table of delimited text: {' '.join(str(error).split())}"[:300]) from error
    if not len(frame):
        raise TableError("the table has a line of names, and no rows")
    frame.attrs["form"] = form
    if short := short_rows(content, form, len(names), len(frame)):
        frame.attrs["short"] = len(short), short[0]
    return frame


def short_rows(content: bytes, form: TableForm, width: int, rows: int) -> list[int]:
    """The lines, from 1, of the rows that have fewer fields than there are columns."""
    if b'"' not in content and b"\0" not in content:  # quicker where a delimiter is nothing else
        lines = (form.skipped, form.header + rows)
        if content.count(form.delimiter.encode(form.encoding)) == lines[0] + lines[1] * (width - 1):
            return []
    file = io.StringIO(content.decode(form.encoding), newline="")
    for _ in range(form.skipped):
        file.readline()
    reader = csv.reader(file, delimiter=form.delimiter, skipinitialspace=True)
    return [reader.line_num + form.skipped for row in reader if 0 < len(row) < width and any(map(str.strip, row))]


def said_of_short_rows(count: int, line: int) -> str:
    """What to tell of them."""
    return (
        f"rows with fewer fields than there are columns, whose last ones are missing: {count}, the first in line {line}"
    )


def column_names(content: bytes, form: TableForm) -> list[str]:
    """What the first line of a table calls its columns; their numbers, if it has no names, as pandas does for gaps."""
    file = io.TextIOWrapper(io.BytesIO(content), form.encoding, newline="")
    try:
        for _ in range(form.skipped):
            file.readline()
        rows = csv.reader(file, delimiter=form.delimiter, skipinitialspace=True)
        first = next(filter(None, rows), [])
    except (csv.Error, UnicodeError) as error:
        raise TableError(f"this is no table of delimited text: {error}"[:300]) from error
    if not form.header:
        return [str(k + 1) for k in range(len(first))]
    return [name.strip() or f"Unnamed: {k}" for k, name in enumerate(first)]


def needed_pandas() -> Any:
    """The module pandas."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError(
            "tables need pandas, which is not installed: pip install 'tinygrad-lite[table]'", name=error.name
        ) from error
    return pandas
