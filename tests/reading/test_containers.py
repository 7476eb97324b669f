"""Formulas are found where they stand in a document; code and money are not taken for such."""

from __future__ import annotations

import json

import pytest

from tinygrad_lite.reading.containers import Contents, contents, contents_of


def found(text: str, kind: str = "markdown") -> list[str]:
    return [passage.text for passage in contents(text, kind).passages]


def places(text: str, kind: str = "markdown") -> list[tuple[str, int, int]]:
    return [(passage.text, passage.line, passage.column) for passage in contents(text, kind).passages]


# ---------------------------------------------------------------------------------------------------------------------
# Markdown


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("a $x = 1$ b $y$ c", ["x = 1", "y"]),
        (r"\(x\) and \[y\]", ["x", "y"]),
        ("\\[\na\n- b\n\\]", ["a\n- b"]),
        ("$$a$$ where $b$ is\n\n$$\nc\n$$ and so on\n\n$$d$$", ["a", "b", "c", "d"]),
        ("$$\n\na = b\n\n$$", ["a = b"]),
        ("Now, \\begin{align} a &= b \\end{align} and $c$", ["\\begin{align} a &= b \\end{align}", "c"]),
        (
            "\\begin{equation}\n\\begin{split} a &= b \\end{split}\n\\end{equation}",
            ["\\begin{split} a &= b \\end{split}"],
        ),
        ("\\begin{align} a &= b \\end{align\n\nnext", ["\\begin{align} a &= b \\end{align}"]),
        ("\\begin{flalign*} a &= b \\end{flalign*}", ["\\begin{align*} a &= b \\end{align*}"]),
        ("$$a \\text{ if $x$ } b$$", ["a \\text{ if $x$ } b"]),
        ("```math\na = b\n```", ["a = b"]),
        ("$`a = b`$", ["a = b"]),
        ("## The slope $y'$\n\n- a $b$\n  $$\n  c\n  $$\n\n| $d$ | $e_{|f|}$ |", ["y'", "b", "c", "d", "e_{|f|}"]),
        ("Text[^1] and *$a$* and [$b$](c)\n\n[^1]: With $d = e$.", ["a", "b", "d = e"]),
        ("> quoted\n> $$\n> a\n> = b\n> $$", ["a\n  = b"]),
        ("> > $$\n> > a\n> > $$", ["a"]),
        (r"$\newcommand{\R}{\mathbb R}$ so $x \in \R$", [r"x \in \mathbb R"]),
        ("δ $∂E/∂z_j = ŷ_j$ ẑ", ["∂E/∂z_j = ŷ_j"]),
    ],
)
def test_formulas_of_markdown(text, formulas):
    assert found(text) == formulas
    assert found(text.replace("\n", "\r\n")) == formulas


@pytest.mark.parametrize(
    "text",
    [
        "", "\n\n", "no formula", "it costs $5, and $10 there", "between $ 5 and $6", "\\$x\\$", "`$x$` and ``$y`z$``",
        "```\n$$a$$\n```", "~~~python\n$x$\n~~~", "text\n\n    $x$ as code", "<!-- $x$ -->", "---\ntitle: $x$\n---\n",
        "from $5, `code` to $6", "$$ $$", "one $ alone",
    ],
)  # fmt: skip
def test_what_is_no_formula(text):
    assert found(text) == []


def test_text_with_dollars_is_not_code_for_being_indented():
    assert found("text\n\n    $x$", "text") == ["x"]
    assert found("```\n$x$\n```", "text") == []


def test_places():
    text = "first $a$\n\n- item $$\n  b\n  $$ and $c$\n\n> $d$ `$` $e$"
    assert places(text) == [("a", 1, 8), ("b", 4, 3), ("c", 5, 11), ("d", 7, 4), ("e", 7, 12)]


def test_places_are_those_of_the_document_where_macros_are_written_out():
    text = "$$\\newcommand{\\loss}[1]{\n\\mathcal{L}\n_{#1}}$$\n\n$\\loss{a}$ $b$\n$\\loss\n{c}$ $d$"
    passages = contents(text, "markdown").passages
    assert [(p.text.split(), p.line, p.column) for p in passages] == [
        (["\\mathcal{L}", "_{a}"], 5, 2), (["b"], 5, 13), (["\\mathcal{L}", "_{c}"], 6, 2), (["d"], 7, 7),
    ]  # fmt: skip


def test_display_and_the_prose_around():
    first, second = contents("If $j=k$...\n\n$$a$$ ends", "markdown").passages
    assert (first.display, first.before, first.after) == (False, "If ", "...\n\n")
    assert (second.display, second.before, second.after) == (True, "...\n\n", " ends")


@pytest.mark.parametrize("opening", ["$$ a = b", "\\begin{align} a &= b", "\\begin{equation*}\na"])
def test_what_is_not_closed_is_said_and_what_follows_is_read(opening):
    first, second = contents(f"text\n\n{opening}\n\nand $c$", "markdown").passages
    assert "is not closed" in first.problem
    assert first.line == 3
    assert second.text == "c"


def test_declarations_of_markdown():
    text = "<!-- declare\nz: vector K\n\n  t: vector K\n-->\n$a$ <!-- declare: n: number --> <!-- no $b$ -->\n"
    text += "```\n<!-- declare x: no -->\n```"
    whole = contents(text, "markdown")
    assert whole.declared == [["z: vector K", "t: vector K"], ["n: number"]]
    assert [p.text for p in whole.passages] == ["a"]
    assert "declare" not in whole.passages[0].before + whole.passages[0].after


def test_the_place_of_words():
    whole = contents("<!-- declare\n[Part two]\n-->\n# Part one\n\n## Part\n\ntwo, part  TWO", "markdown")
    assert whole.place("Part two") == (0, 6, 4)
    assert whole.place("part one") == (0, 4, 3)
    assert whole.place("two", behind=(0, 8, 2)) == (0, 8, 12)
    assert whole.place("nowhere") is None


# ---------------------------------------------------------------------------------------------------------------------
# LaTeX

LATEX = r"""\documentclass{article}
% declare: z: vector K
% declare: [The loss]
\newcommand{\dd}[2]{\frac{\partial #1}{\partial #2}} \DeclareMathOperator*{\argmin}{arg\,min}
\def\be{\begin{equation}} \def\ee{\end{equation}}
\begin{document}
\section{The slope $a$}
\be \dd{E}{z} = 5 \label{one} \ee % not $this$
\iffalse $hidden$ \fi costs \$5 and \$6
\begin{itemize} \item $ b $\footnote{with \(c\)} \end{itemize}
\begin{verbatim} $no$ \end{verbatim} \verb|$no$| \begin{comment} $no$ \end{comment}
\begin{subequations}
\begin{align}
  x &= 50\% \\ % of it
  y &= \argmin_x \dd E x
\end{align}
\end{subequations}
$$d$$
\end{document}
"""


def test_formulas_of_latex():
    passages = contents(LATEX, "latex").passages
    assert [(" ".join(p.text.split()), p.line, p.display) for p in passages] == [
        ("a", 7, False),
        (r"\frac{\partial E}{\partial z} = 5 \label{one}", 8, True),
        ("b", 10, False),
        ("c", 10, False),
        (
            r"\begin{align} x &= 50\% \\ y &= \operatorname*{arg\,min}_x \frac{\partial E}{\partial x} \end{align}",
            13,
            True,
        ),
        ("d", 18, True),
    ]
    assert passages[4].text.count("\n") == 3
    assert contents(LATEX, "latex").declared == [["z: vector K", "[The loss]"]]


def test_single_dollars_of_latex_need_no_care():
    assert found(r"$ a$ and $5$6 and \(b\) but \$c\$", "latex") == ["a", "5", "b"]


# ---------------------------------------------------------------------------------------------------------------------
# Notebooks, and files


def notebook(*cells: tuple[str, object]) -> str:
    listed = [{"cell_type": kind, "source": source, "metadata": {}} for kind, source in cells]
    return json.dumps({"cells": listed, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})


def test_formulas_of_notebooks():
    text = notebook(
        ("markdown", ["# One\n", "$a$"]), ("code", "'$b$'"), ("markdown", "$$c$$\n\n<!-- declare\nz: number\n-->")
    )
    whole = contents(text, "notebook")
    assert [(p.text, p.cell, p.line) for p in whole.passages] == [("a", 1, 2), ("c", 3, 1)]
    assert whole.declared == [["z: number"]]
    assert whole.place("one") == (1, 1, 3)
    assert contents(notebook(), "notebook") == Contents([], [], {})


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"cells": 3}', '{"worksheets": []}'])
def test_what_is_no_notebook_is_refused(text):
    with pytest.raises(ValueError, match="it is no notebook"):
        contents(text, "notebook")


def test_strange_cells_are_passed_over():
    assert contents('{"cells": [3, {"cell_type": "markdown"}, {"source": "$a$"}]}', "notebook").passages == []


def test_files(tmp_path):
    for name, text in (
        ("a.md", "\ufeff$x$"),
        ("a.tex", "$x$"),
        ("A.TXT", "$x$"),
        ("a.ipynb", notebook(("markdown", "$x$"))),
    ):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        assert [p.text for p in contents_of(path).passages] == ["x"]
    with pytest.raises(ValueError, match=r"'\.pdf' is not known; known are \.md"):
        contents_of(tmp_path / "a.pdf")
    (tmp_path / "b.md").write_bytes(b"$x$ \xff")
    with pytest.raises(ValueError, match="no text in UTF-8: byte 4 is 0xff"):
        contents_of(tmp_path / "b.md")
    with pytest.raises(FileNotFoundError):
        contents_of(tmp_path / "c.md")
