"""Files as people have them: how one is written is found out, and what is in it is what pandas reads when told."""

from __future__ import annotations

import gzip
import io
import math
import sys
from pathlib import Path
from typing import Any

import pytest

from tinygrad_lite.training.tabular import TableError, delimited, read_table

pandas = pytest.importorskip("pandas")


def read(content: str | bytes, **how: Any) -> Any:
    return read_table(io.BytesIO(content.encode() if isinstance(content, str) else content), **how)


TABLE = {"town": ["Köln", "Zürich", "Århus"], "size": [1.5, math.nan, 3.25]}


@pytest.mark.parametrize(("delimiter", "decimal"), [",.", ";.", "\t.", "|.", ";,", "\t,", "|,"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-32"])
def test_what_is_not_said_is_found_out(delimiter: str, decimal: str, encoding: str) -> None:
    frame = pandas.DataFrame(TABLE)
    content = frame.to_csv(index=False, sep=delimiter, decimal=decimal).encode(encoding)
    found = read(content)
    pandas.testing.assert_frame_equal(found, frame, check_dtype=False)
    assert found.attrs["form"][:4] == (encoding, delimiter, decimal, True)


def test_every_byte_is_a_letter_at_last() -> None:
    found = read("a,b\n\x81,1\n".encode("latin-1"))
    assert found.attrs["form"].encoding == "latin-1"
    assert found["a"].tolist() == ["\x81"]


def test_a_path(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    assert read_table(tmp_path / "a.csv").equals(read_table(str(tmp_path / "a.csv")))


def test_a_comma_in_numbers_or_in_quotes_divides_nothing() -> None:
    assert read("1,5;2,5;3,1\n2,5;1;2\n").shape == (2, 3)
    assert read('name,size\n"Doe, Jane",1\n"a ""b""\nc",2\n')["name"].tolist() == ["Doe, Jane", 'a "b"\nc']
    assert read('price,n\n"1,234",1\n"2,345",2\n')["price"].tolist() == ["1,234", "2,345"]  # thousands are left alone


def test_a_table_of_one_column() -> None:
    assert read("size\n1\n2\n")["size"].tolist() == [1, 2]


def test_spaces_are_a_delimiter_when_said() -> None:
    assert read("a   b\n1  2\n", delimiter=" ").to_dict("list") == {"a": [1], "b": [2]}


def test_what_excel_writes_above_a_table() -> None:
    assert read("sep=|\r\na,1|b\r\nx|2\r\n").to_dict("list") == {"a,1": ["x"], "b": [2]}


def test_what_is_missing() -> None:
    words = ["", "NA", "NaN", "null", "?", "-", ".", "n/a", "None", "#N/A", "nix"]
    found = read("a,b\n1,2\n" + "".join([f"{word},0\n" for word in words]), missing=["nix"])
    assert found["a"].isna().sum() == len(words)
    assert found["b"].notna().all()


@pytest.mark.parametrize(("content", "header"), [
    ("a,b\n1,x\n", True),
    ("a,b\nc,d\n", True),  # words over words are names
    ("1,x\n2,y\n", False),
    ("5.1,3.5\n4.9,?\n", False),
    ("0,1,target\n5.1,3.5,0\n4.9,3.0,1\n", True),
    ("2019,2020,country\n1,2,France\n", False),  # which is said with header=True, or by naming a target
    ("-1e3,x\n2,y\n", False),
    ("nan,x\n2,y\n", True),
])  # fmt: skip
def test_a_first_line_of_names(content: str, header: bool) -> None:
    assert read(content).attrs["form"].header is header
    assert read(content, header=not header).attrs["form"].header is not header
    assert list(read(content, header=False).columns) == [
        str(k + 1) for k in range(content.splitlines()[0].count(",") + 1)
    ]


def test_the_targets_name_tells_a_line_of_names() -> None:
    assert list(read("2019,2020,country\n1,2,France\n", target="country").columns) == ["2019", "2020", "country"]


def test_names_without_blanks_and_gaps() -> None:
    assert list(read(" a , b,\n1,2,3\n").columns) == ["a", "b", "Unnamed: 2"]


def test_words_that_look_like_numbers() -> None:
    assert read("zip,n\n01234,1\n", text=["zip"])["zip"].tolist() == ["01234"]
    assert read("01234,1\n01235,2\n", text=["1"])["1"].tolist() == ["01234", "01235"]


@pytest.mark.parametrize(("content", "how", "said"), [
    (b"", {}, "the table is empty"),
    (b"\n \n", {}, "the table is empty"),
    (b"a,b\n", {}, "no rows"),
    (b"a,b\n1,2\n1,2,3\n", {}, "no table of delimited text"),
    (b"a,b\n1,2,3\n4,5,6\n", {}, "no table of delimited text"),  # which pandas takes the first column out of
    (b"1,2\n1,2,3\n", {}, "no table of delimited text"),
    (b'a,b\n"1,2\n', {}, "no table of delimited text"),
    (b"PK\x03\x04\x00\x00", {}, "saved as CSV first"),
    (b"a,a\n1,2\n", {}, "more than one column is called 'a'"),
    (b"a,b\n1,2\n", {"delimiter": "::"}, "one character"),
    (b"a,b\n1,2\n", {"delimiter": '"'}, "one character"),
    (b"a,b\n1,2\n", {"decimal": ","}, "the decimal sign"),
    (b"a;b\n1;2\n", {"decimal": "'"}, "the decimal sign"),
    (b"a,b\n1,2\n", {"encoding": "utf-9"}, "no encoding 'utf-9'"),
    (b"a,b\n\xff,2\n", {"encoding": "utf-8"}, "not written in utf-8"),
    (b"a," + b"b" * 200_000 + b"\n1,2\n", {}, "no table of delimited text"),
])  # fmt: skip
def test_what_is_no_table(content: bytes, how: dict[str, Any], said: str) -> None:
    with pytest.raises(TableError, match=said) as refused:
        read(content, **how)
    assert "\n" not in str(refused.value)


def test_a_sample_ends_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line of what a large file is judged by is cut; so may be a letter."""
    monkeypatch.setattr(delimited, "SAMPLE", 500)
    for shift in range(7):
        found = read("name" + "x" * shift + ";n\n" + "ä;1,5\n" * 100)
        assert found.shape == (100, 2)
        assert found["n"].unique().tolist() == [1.5]


def test_a_first_line_longer_than_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "SAMPLE", 100)
    names = [f"a_column_{k}" for k in range(50)]
    assert list(read(",".join(names) + "\n" + ",".join(["1"] * 50) + "\n").columns) == names


def test_without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"tables need pandas.*tinygrad-lite\[table\]"):
        read("a,b\n1,2\n")


def test_rows_stay_in_place_where_the_only_column_has_gaps() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        found = read("\nsize\n1\n\n3\n\n\n".encode(encoding))["size"]
        assert found[[0, 2]].tolist() == [1, 3]
        assert found.isna().tolist() == [False, True, False]
    assert read('sep=;\nsize\n1\n""\n3\n')["size"].isna().tolist() == [False, True, False]


def test_points_between_thousands_beside_decimal_commas() -> None:
    found = read("price;size\n1.234;4,5\n999;3,2\n")
    assert found["size"].tolist() == [4.5, 3.2]
    assert found["price"].tolist() == ["1.234", "999"]  # and not 1.234, less than 999
    assert read("price;size\n1.25;4,5\n999;3,2\n")["price"].tolist() == [1.25, 999]


def test_a_compressed_file_is_told() -> None:
    with pytest.raises(TableError, match="compressed by gzip: unpack it first"):
        read(gzip.compress(b"a,b\n1,2\n"))


@pytest.mark.parametrize(("content", "short"), [
    ("a,b,c\n1,2,3\n4,5\n6,7,8\n9\n", (2, 3)),
    ('a,b,c\n"1,5",2,3\n"x\ny",5\n6,7,8\n', (1, 4)),
    ("sep=;\na;b\n1;2\n\n3\n", (1, 5)),
    ("1,2\n3,4\n5\n", (1, 3)),
    ("a,b\n1,2\n3,\n\n", None),
    ('a,b\n"1,0",2\n', None),
    ("a\n1\n\n2\n", None),
])  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_short_rows_are_counted(content: str, short: tuple[int, int] | None, encoding: str) -> None:
    """pandas fills them in silence."""
    delimiter = ";" if ";" in content else ","
    assert read(content.encode(encoding), delimiter=delimiter).attrs.get("short") == short


def test_one_text_is_not_its_letters() -> None:
    found = read("ab,n\na,1\nabc,2\nabc,007\n", missing="abc", text="n")
    assert found["ab"].isna().tolist() == [False, True, True]
    assert found["n"].tolist() == ["1", "2", "007"]
