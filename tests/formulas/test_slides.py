"""Derivations as LaTeX takes them: pages and slides that compile, with nothing that sticks out."""

import re
import shutil
import subprocess

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.formulas.algebra import plus, symbol
from tinygrad_lite.formulas.rendering import text
from tinygrad_lite.formulas.slides import AlignedRow, broken, equation_rows, parcels


def leaf(name, *shape):
    return tl.tensor(np.random.default_rng(0).uniform(0.2, 1.2, shape), requires_grad=True, name=name)


def called(x, name):
    x.name = name
    return x


def network(activation=np.tanh, digits="layer"):
    W1, W2, b1, b2 = leaf("W1", 3, 5), leaf("W2", 5, 3), leaf("b1", 5), leaf("b2", 3)
    a1 = called(activation(called(tl.tensor(np.ones((4, 3)), name="X") @ W1 + b1, "z1")), "a1")
    return tl.derive(tl.cross_entropy(called(a1 @ W2 + b2, "z2"), np.array([0, 1, 2, 0])), digits=digits)


def logistic():
    y = called(tl.sigmoid(leaf("z", 3)), "ŷ_i")
    t = tl.tensor([0.0, 1.0, 0.0], name="t")
    return tl.derive(-(t * np.log(y) + (1 - t) * np.log(1 - y)).mean())


def written_to():
    x = leaf("x", 8)
    y = x * 1.0
    y.name = "y_β"
    y[1:3] = x[:2] * 2
    y[[0, 0, 3, 4, 5, 6, 7]] += x[:7]
    return tl.derive((y * np.where(x.data > 0.5, 1.0, 0.0)).sum())


def strange_names():
    names = ("100% _of_ {it}", "learning rate", "Δw'", "x^2\\~", "$a#b&", "θ̂", "w1_2", "é-ü")
    product = leaf("x")
    for name in names:
        product = product * leaf(name)
    return tl.derive(product)


def long_sums():
    parts = [leaf(f"parameter {k}", 2) for k in range(7)]
    total = parts[0]
    for part in parts[1:]:
        total = total + np.exp(part) * np.sin(total)
    return tl.derive((total**2).sum())


DERIVATIONS = {
    "a network": network,
    "a network in subscripts": lambda: network(tl.relu, "subscript"),
    "a network as it is named": lambda: network(tl.sigmoid, "plain"),
    "logistic": logistic,
    "softmax at a class": lambda: tl.derive(-np.log(tl.softmax(leaf("z", 3)))[1]),
    "arrays that are written to": written_to,
    "strange names": strange_names,
    "long sums": long_sums,
    "binary cross-entropy": lambda: tl.derive(tl.binary_cross_entropy(tl.sigmoid(leaf("z", 3)), np.array([0.0, 1, 1]))),
    "attention": lambda: tl.derive(((tl.softmax((Z := leaf("Z", 4, 3)) @ Z.T) @ Z) ** 2).sum()),
    "moments": lambda: tl.derive(
        np.var(np.tanh(x := leaf("x", 5))) + np.sqrt(np.mean(x**3)) + np.max(x) / tl.logsumexp(x)
    ),
    "roots and powers": lambda: tl.derive((np.sqrt(x := leaf("x", 2)) * 1e-9 + x**1.5 + 2.0**x + np.log2(x)).sum()),
}


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no LaTeX is installed")
@pytest.mark.parametrize("beamer", [False, True])
def test_latex_takes_them_all_and_nothing_sticks_out(beamer, tmp_path):
    """In one file, for starting LaTeX takes longer than the derivations."""
    sources = [make().latex(beamer=beamer, document=True) for make in (*DERIVATIONS.values(), in_many_letters)]
    start, end = "\\begin{document}", "\\end{document}"
    bodies = [source.partition(start)[2].partition(end)[0] for source in sources]
    if not beamer:
        bodies.append(rf"\newpage\[{DERIVATIONS['softmax at a class']().latex()}\]")
    whole = sources[0].partition(start)[0] + start + "\n".join(bodies) + end
    (tmp_path / "all.tex").write_text(whole, encoding="utf-8")
    command = ["pdflatex", "-draftmode", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    if "beamer.cls' not found" in done.stdout:
        pytest.skip("beamer is not installed")
    assert done.returncode == 0, done.stdout[-2000:]
    assert not re.findall(r"Overfull.*", done.stdout)


@pytest.mark.parametrize("name", DERIVATIONS)
def test_every_form_is_balanced_and_bounded(name):
    derivation = DERIVATIONS[name]()
    for source in [derivation.latex(beamer=beamer, document=document) for beamer in (0, 1) for document in (0, 1)]:
        plain = re.sub(r"\\[{}]", "", source)
        assert plain.count("{") == plain.count("}")
        assert plain.count(r"\left") == plain.count(r"\right")
        assert plain.count(r"\begin{") == plain.count(r"\end{")
    frames = derivation.latex(beamer=True, lines=4)
    shown = re.findall(r"\\begin\{aligned\}\n(.*?)\n\\end\{aligned\}", frames, re.DOTALL)
    assert len(shown) == frames.count(r"\begin{frame}")
    assert max(rows.count("\n") + 1 for rows in shown) <= 4
    assert derivation.latex(beamer=True, document=True).startswith("\\documentclass{beamer}")
    assert derivation.latex(document=True).startswith("\\documentclass{article}")


def test_no_frame_holds_what_is_left_over():
    x = tl.tensor(0.5, requires_grad=True, name="x")
    for _ in range(9):
        x = np.tanh(x)
    shown = tl.derive(x).latex(beamer=True, lines=8).split("\\begin{frame}")
    assert [frame.count("tanh") for frame in shown if "{Forward" in frame] == [5, 4]


def test_the_lines_of_a_frame_are_a_number():
    for lines in (0, 2.5, "many", True):
        with pytest.raises(ValueError, match="whole number from 1"):
            network().latex(beamer=True, lines=lines)


def test_a_long_formula_is_broken_at_its_signs():
    x, y, z = [symbol(name, (2,)) for name in ("alpha", "beta", "gamma")]
    total = plus(plus(x, y), z)
    assert [text(piece) for piece in broken(total, 12)] == ["alpha + beta", "gamma"]
    assert broken(total, None) == broken(total, 100) == [total]
    rows = equation_rows("s &= ", total, 12)
    assert [row.level for row in rows] == [0, 1]
    assert rows[1].latex == r"&\qquad {}+ \mathrm{gamma}"


def test_what_belongs_together_stays_on_a_frame():
    rows = [
        AlignedRow("a"),
        AlignedRow("a1", 1),
        AlignedRow("b"),
        AlignedRow("b1", 1),
        AlignedRow("c"),
        *[AlignedRow(f"c{k}", 1) for k in range(5)],
    ]
    assert [[row.latex for row in parcel] for parcel in parcels(rows, 3)] == [
        ["a", "a1"],
        ["b", "b1"],
        ["c", "c0", "c1"],
        ["c2", "c3", "c4"],
    ]
    assert [len(parcel) for parcel in parcels(rows, 100)] == [10]


def in_many_letters():
    weights = tl.tensor([1.0, 2.0], requires_grad=True, name="重み")
    x, rate, again = [tl.tensor([3.0, 4.0], name=name) for name in ("x_и", "øre", "重み_1")]
    return tl.derive((weights * x * rate * again * weights).sum())


def test_letters_that_pdflatex_does_not_set_have_a_number_and_a_legend():
    derivation = in_many_letters()
    assert r"\mathrm{重み}" in derivation.latex()
    for beamer in (False, True):
        source = derivation.latex(beamer=beamer, document=True)
        comments = re.findall("% <(.)> is (.*)", source)
        assert dict(comments) == {"1": "重み", "2": "и", "3": "ø"}
        assert re.sub("%.*", "", source).isascii()
        assert r"\mathrm{\langle 1 \rangle }" in source
        assert r"x_{\langle 2 \rangle }" in source
        assert r"\langle 1 \rangle  \text{ is } \mathtt{U{+}91CD\ U{+}307F}" in source
    assert source.index("% <1>") > source.index(r"\begin{document}")
    assert r"\langle 1" in derivation.latex(beamer=True)


@pytest.mark.parametrize("name", DERIVATIONS)
def test_there_is_no_legend_where_there_are_commands(name):
    for beamer in (False, True):
        source = DERIVATIONS[name]().latex(beamer=beamer, document=True)
        assert source.isascii()
        assert "U{+}" not in source
