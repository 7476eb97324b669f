"""The command ``check``: what it prints and writes, and its exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tinygrad_lite.cli import main

RIGHT, WRONG, UNREAD = "$f(x) = x^2$ and $f'(x) = 2x$", "$f(x) = x^2$ and $f'(x) = x$", "$a = \\oddity$"


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(text: str, name: str = "page.md") -> str:
        Path(name).write_text(text, encoding="utf-8")
        return name

    return write


@pytest.mark.parametrize(
    ("text", "status"), [(RIGHT, 0), (WRONG, 1), (UNREAD, 2), (f"{WRONG} {UNREAD}", 1), ("only $x$", 0)]
)
def test_the_exit_status_is_the_worst(page, capsys, text, status):
    assert main(["check", page(text)]) == status
    printed = capsys.readouterr().out.rstrip().splitlines()
    assert max(map(len, printed)) <= 80
    assert printed[-1].endswith(".")


def test_declarations_from_a_file(page, capsys):
    given = page("# of the page\nz: vector K\n", "declared.txt")
    text = page(r"$y_k = z_k^2$ and $\frac{\partial y_k}{\partial z_j} = 2 \delta_{jk} z_k$")
    assert main(["check", text, "--declare", given]) == 0
    assert "a vector of K (declared)" in capsys.readouterr().out


def test_reports(page, capsys):
    pytest.importorskip("latex2mathml")
    assert main(["check", page(WRONG), "--json", "out.json", "--html", "out.html", "--seed", "3"]) == 1
    assert json.loads(Path("out.json").read_text(encoding="utf-8"))["verdict"] == "misprinted"
    assert "<title>page.md</title>" in Path("out.html").read_text(encoding="utf-8")
    assert "Report: out.json\nReport: out.html" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.md"], "cannot read none.md: No such file"),
        (["page.md", "--declare", "none.txt"], "cannot read none.txt: No such file"),
        (["."], "what is in a file ending in '' is not known"),
        (["page.pdf"], "what is in a file ending in '.pdf' is not known"),
        (["empty.md"], "empty.md: there is no formula in it"),
        (["broken.ipynb"], "broken.ipynb: it is no notebook"),
        (["bytes.md"], "it is no text in UTF-8"),
        (["page.md", "--declare", "page.md"], "not a declaration"),
        (["page.md", "--json", "a", "--html", "a"], "a cannot hold two reports"),
        (["page.md", "--json", "no/folder/a.json"], "cannot write no/folder/a.json"),
        (["page.md", "--seed", "-1"], "not a whole number"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(page, capsys, arguments, message):
    page(RIGHT)
    page("", "empty.md")
    page("{", "broken.ipynb")
    Path("bytes.md").write_bytes(b"\xff$x$")
    with pytest.raises(SystemExit) as caught:
        main(["check", *arguments])
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
