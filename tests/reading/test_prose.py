"""What prose says of formulas: where they hold, and which are mentioned only."""

from __future__ import annotations

import pytest

from tinygrad_lite.reading.containers import contents
from tinygrad_lite.reading.declarations import read_declarations
from tinygrad_lite.reading.equations import Equation, Printed
from tinygrad_lite.reading.printing import unicode_of
from tinygrad_lite.reading.prose import Prose

SOFTMAX = r"$$y_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$$" + "\n\n"
UNEQUAL, EQUAL, BOTH = (
    r"$$\frac{\partial y_k}{\partial z_j} = -y_k y_j$$",
    r"$$\frac{\partial y_k}{\partial z_k} = y_k (1 - y_k)$$",
    r"$$\frac{\partial y_k}{\partial z_j} = y_k (\delta_{jk} - y_j)$$",
)


def formulas(text: str, *declared: str) -> list[Printed | Equation]:
    passages = contents(text, "markdown").passages
    return Prose(read_declarations(declared), passages).read(passages)


def remarks(text: str, *declared: str) -> list[tuple[str, ...]]:
    return [formula.remarks for formula in formulas(text, *declared) if isinstance(formula, Printed)]


def unstated(text: str, *declared: str) -> list[str]:
    return [formula.reason for formula in formulas(text, *declared) if isinstance(formula, Equation)]


UNLESS = ("only where j ≠ k, as line 3 says",)


@pytest.mark.parametrize(
    "text",
    [
        "If $\\boxed{j \\neq k}$...\n\nTwo cases.\n\n" + UNEQUAL,
        "For $j \\neq k$ we have " + UNEQUAL,
        "**Case 2**: $j \\neq k$.\n" + UNEQUAL,
        "- when $j \\ne k$:\n  " + UNEQUAL,
        "Now let $j \\neq k$. Then " + UNEQUAL,
        "In the case that $j \\neq k$, " + UNEQUAL,
        "Suppose that $j \\neq k$. " + UNEQUAL.replace("$$", "$"),
    ],
)
def test_a_condition_before(text):
    assert remarks(SOFTMAX + text) == [(), UNLESS]


@pytest.mark.parametrize("behind", ["if $j \\neq k$.", ", for all $j \\neq k$", "(when $j \\neq k$)"])
def test_a_condition_behind(behind):
    found = remarks(f"{SOFTMAX}{UNEQUAL} {behind} Then\n\n{BOTH}")
    assert found == [(), UNLESS, ()]


@pytest.mark.parametrize(
    "ending",
    [
        "Putting those together",
        "In general,",
        "## Both",
        "Both\n===",
        "In both cases",
        "Combining them:",
        "**Overall**",
    ],
)
def test_a_condition_ends(ending):
    text = f"{SOFTMAX}If $j \\neq k$\n\n{UNEQUAL}\n\n{UNEQUAL}\n\n{ending}\n\n{BOTH}"
    assert remarks(text) == [(), UNLESS, UNLESS, ()]


def test_one_condition_ends_another():
    text = f"{SOFTMAX}If $j \\neq k$: {UNEQUAL}\n\nIf $j = k$: {BOTH}"
    assert remarks(text) == [(), UNLESS, ("only where j = k, as line 5 says",)]


def test_a_condition_restricts_only_what_it_is_about():
    text = f"{SOFTMAX}If $j = k$:\n{EQUAL}\n$$\\frac{{\\partial y_k}}{{\\partial z_k}} = y_k (1 - y_j)$$"
    text += "\n$$E = -\\sum_k t_k \\ln y_k$$"
    assert remarks(text) == [(), (), ("with k for j, as line 3 says",), ()]
    renamed = formulas(text)[2]
    assert isinstance(renamed, Printed)
    assert unicode_of(renamed.tree) == "∂yₖ/∂zₖ = yₖ(1 − yₖ)"


def test_a_condition_on_numbers_ends_with_its_paragraph():
    text = "If $x > 0$:\n\n$$f(x) = x$$\n$$f'(x) = 1$$\n\nSo much for that.\n\n$$g(x) = x^2$$"
    assert remarks(text) == [("only where x > 0, as line 1 says",)] * 2 + [()]


def test_what_goes_on_goes_on_from_what_is_set_apart():
    found = formulas(f"{SOFTMAX}If $j \\neq k$\n\n{UNEQUAL} with $a = b$\n\n$$= -y_j y_k$$")
    assert [f.remarks for f in found if isinstance(f, Printed)] == [(), UNLESS, (), UNLESS]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("since $a = b$", "behind 'since': assumed"),
        ("unless $y = x^2$", "behind 'unless': assumed"),
        ("where $t_k = 1$ only for one", "under a condition in words"),
        ("Here $j = k$ and $x_j = y_k z_j$", "relation of indices"),
        ("Starting at $b = 0$", "a value mentioned"),
        ("for $i = 1:N/K$", "states nothing"),
    ],
)
def test_what_is_mentioned_and_not_stated(text, reason):
    found = unstated(text)
    assert len(found) == 1
    assert reason in found[0]


@pytest.mark.parametrize(
    "text",
    ["Let $b = 0$", "where $z = W x$", "we get $a = b + c$", "with $\\eta = 0.1$", "$$b = 0$$", "is $y = x^2$"],
)
def test_what_is_stated(text):
    assert len(remarks(text)) == 1
    assert unstated(text) == []


@pytest.mark.parametrize(
    "word", ["If", "When", "suppose that", "Given", "defined as", "rewritten as", "since", "gives"]
)
def test_what_says_what_a_symbol_is_is_stated_behind_any_word(word):
    assert remarks(f"{word} $f(x) = x^2$, then $f'(x) = 2x$") == [(), ()]
    assert remarks(f"{word} $y_k = \\ln x_k$, then $y_k = z_k$") == [(), ()]


@pytest.mark.parametrize(
    "text", ["If $K = 2$, then", "If $u_k = 1$ then", "when $A = A^T$,", "assuming $\\sum_k t_k = 1$,"]
)
def test_what_says_nothing_of_a_new_symbol_is_a_condition_behind_a_word(text):
    (found,) = remarks(f"{text} $a = b + c$")
    assert found[0].startswith("only where")


@pytest.mark.parametrize(
    "text",
    [
        r"$i = 1, \dots, n$", r"$k \in \{1, \dots, K\}$", "$i=1,2,3$", "$j = 1..n$", r"$n \times d$", r"$a \le b$",
        r"$x \sim \mathcal N(0,1)$", r"$f: \mathbb{R}^n \to \mathbb{R}$", r"$W_{ij} \neq 0$", r"$z_1, \dots, z_K$",
        "$p(y | x)$",
    ],
)  # fmt: skip
@pytest.mark.parametrize("word", ["", "for ", "if ", "where "])
def test_ranges_spaces_and_inequalities_state_nothing(word, text):
    assert formulas(word + text) == []


def test_shapes_are_stated():
    assert len(remarks(r"with $x \in \mathbb{R}^n$")) == 1


@pytest.mark.parametrize("text", ["of $y_k$ and $K$ and $x + y$", "as $a \\to b$ and $\\oddity{x}$", "$5$"])
def test_names_alone_are_left_out(text):
    assert [unicode_of(f.tree) for f in formulas(text) if isinstance(f, Printed)] == []
    assert unstated(text) == []


def test_what_states_something_and_is_not_read_is_said_with_its_line():
    text = "text\n\n\\begin{align}\na &= b \\\\\nc &= \\oddity{d} \\\\\ne &= f\n\\end{align}\n\n$$ a = b"
    found = formulas(text)
    assert [(f.line if isinstance(f, Printed) else f.formula.line) for f in found] == [4, 5, 6, 9]
    assert [isinstance(f, Equation) and f.kind for f in found] == [False, "not read", False, "not read"]
