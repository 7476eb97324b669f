"""The manual: its guides run, its table is the registry's, its pages can be found."""

import doctest
import re
from pathlib import Path

import numpy as np
import pytest

import tinygrad_lite as tl
from docs import conventions, derivatives, docstrings, front, illustrations, mathematics, rooms
from tinygrad_lite.table.registry import REGISTRY

ROOT = Path(__file__).parents[1]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
NEEDS = {
    "cluster": ("distributed", "dask.dataframe", "sklearn"),
    "derivations": ("sympy",),
    "training": ("sklearn", "pandas"),
}


def run(text, name):
    output = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    runner.run(doctest.DocTestParser().get_doctest(text, {}, name, None, 0), out=output.append)
    assert not runner.failures, "".join(output)


# ---------------------------------------------------------------------------------------------------------------------
# The guides


@pytest.mark.parametrize("guide", front.GUIDES)
def test_a_guides_code_runs_and_prints_what_it_says(guide):
    for package in NEEDS.get(guide, ()):
        pytest.importorskip(package)
    text = (ROOT / "docs" / f"{guide}.md").read_text()
    blocks = re.findall(r"```(\w*)\n(.*?)```", text, re.DOTALL)
    assert {kind for kind, _ in blocks} <= {"pycon", "sh"}
    run("\n".join([block for kind, block in blocks if kind == "pycon"]), guide)


@pytest.mark.parametrize("guide", ["slides", "three_neurons"])
def test_a_guide_shows_what_its_code_makes(guide):
    text = (ROOT / "docs" / f"{guide}.md").read_text()
    page = illustrations.illustrated(text)
    assert "<!-- shown" in text
    assert "<!-- shown" not in page
    (frame,) = re.findall(r"^<iframe .*></iframe>$", page, re.MULTILINE)
    assert "∂C/∂z" in frame.encode().decode("unicode_escape", "ignore")
    assert page.replace(frame, "") == re.sub(r"<!-- shown: .* -->", "", text)


def test_the_formulas_of_the_three_neurons_hold():
    pytest.importorskip("lark")
    pytest.importorskip("markdown_it")
    report = tl.read((ROOT / "docs" / "three_neurons.md").read_text())
    assert report.verdict == "holds"
    assert [mark.verdict for mark in report.marks].count("holds") == 6


def test_the_guides_links_lead_somewhere():
    for guide in front.GUIDES:
        text = (ROOT / "docs" / f"{guide}.md").read_text()
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            generated = target in ("derivatives", "coverage", "other_arrays", "lectures/index", *front.GUIDES)
            assert generated or (ROOT / target).is_file(), f"{guide}: {target}"


# ---------------------------------------------------------------------------------------------------------------------
# The front page


def test_the_front_page_is_the_readme_and_lists_every_page():
    page = front.front_page()
    assert page.startswith((ROOT / "README.md").read_text()[:200])
    listed = [line for block in re.findall(r"```\{toctree\}\n(.*?)```", page, re.DOTALL) for line in block.split("\n")]
    notebooks = [f"notebooks/{path.stem}" for path in (ROOT / "notebooks").glob("*.ipynb")]
    for name in (
        [path.stem for path in (ROOT / "docs").glob("*.md")]
        + notebooks
        + ["derivatives", "coverage", "other_arrays", "lectures/index", "api/index"]
    ):
        assert name in listed


# ---------------------------------------------------------------------------------------------------------------------
# The table of derivatives


def test_the_table_has_every_function_in_the_registrys_order_with_its_mathematics():
    rows = re.findall(r"   \* - :func:`~tl\.(\w+)`\n     - (.*)\n     - (.*)\n     - (.*)\n", derivatives.page())
    assert [name for name, *_ in rows] == list(REGISTRY)
    for name, rule, *_ in rows:
        assert ":math:`" in rule, name


def test_the_tables_sections_are_the_tables_files():
    found = re.findall(r"\n(\w+)\n-+\n", derivatives.page())
    files = [derivatives.section(entry).capitalize() for entry in REGISTRY.values()]
    assert found == list(dict.fromkeys(files))


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("exp", r":math:`\mathbb{R}`"),
        ("log", ":math:`x > 0`"),
        ("reciprocal", r":math:`x \ne 0`"),
        ("log1p", ":math:`x > -1`"),
        ("arcsin", r":math:`\left|x\right| < 1`"),
        ("arccosh", ":math:`x > 1`"),
        ("tan", r":math:`x \ne \tfrac{\pi}{2} + k\pi`"),
        ("divide", r":math:`b \ne 0`"),
        ("matmul", ""),
    ],
)
def test_domains(name, domain):
    assert derivatives.domain(REGISTRY[name]) == domain


@pytest.mark.parametrize("name", ["abs", "relu", "max", "norm", "std", "hypot", "maximum", "max_pool2d"])
def test_what_is_taken_where_there_is_no_derivative_stands_in_the_table(name):
    assert derivatives.conventions(derivatives.described(REGISTRY[name]))


def test_a_function_without_a_formula_is_an_error():
    def squared(x):
        """Nothing to read."""
        return x * x

    with pytest.raises(ValueError, match="no formula"):
        derivatives.mathematics(REGISTRY["exp"]._replace(name="squared", function=squared))


@pytest.mark.parametrize(
    ("name", "rule"), [("flip", "P x"), ("max", "P(x) x"), ("amin", "P(x) x"), ("tensordot", "A x"), ("stack", "P x")]
)
def test_functions_that_choose_or_are_linear(name, rule):
    assert derivatives.selection(REGISTRY[name]) == f":math:`y = {rule}`."


# ---------------------------------------------------------------------------------------------------------------------
# The API


@pytest.fixture(scope="module")
def pages():
    """The page of each room."""
    return rooms.pages()


def test_every_room_has_a_page_with_its_public_names(pages):
    assert set(pages) == {path.parent.name for path in (ROOT / "tinygrad_lite").glob("*/__init__.py")}
    everything = "\n".join(pages.values())
    for name in [*REGISTRY, "Tensor", "tensor", "grad", "check_derivation", "derive", "prove_equal", "draw"]:
        assert re.search(rf"^\.\. py:(function|class):: {name}\b", everything, re.MULTILINE), name
    for name in ("nn.Linear", "optim.Adam", "training.fit", "data.batches", "saving.save", "MLPClassifier"):
        assert re.search(rf"^\.\. py:(function|class):: {name}\b", everything, re.MULTILINE), name


def test_the_methods_that_are_functions_of_the_table_are_listed_with_tensor(pages):
    listed = next(line for line in pages["engine"].split("\n") if "that are methods, too" in line)
    for name in ("exp", "sum", "matmul", "flip"):
        assert f":func:`~tl.{name}`" in listed


def test_every_room_is_listed():
    index = rooms.index()
    for room in rooms.rooms():
        assert f":doc:`{room}`" in index


# ---------------------------------------------------------------------------------------------------------------------
# The mathematics of docstrings


@pytest.mark.parametrize(
    ("formula", "latex"),
    [
        ("y = eˣ", "y = e^{x}"),
        ("dy/dx = 1/√(1 − x²)", r"\frac{dy}{dx} = \frac{1}{\sqrt{1 - x^{2}}}"),
        ("∂yₖ/∂xⱼ = yₖ (δⱼₖ − yⱼ)", r"\frac{\partial y_{k}}{\partial x_{j}} = y_{k} (\delta_{jk} - y_{j})"),
        ("∂²f/∂xᵢ∂xⱼ", r"\frac{\partial^{2} f}{\partial x_{i}\, \partial x_{j}}"),
        ("Σ (x − x̄)² / (n − ddof)", r"\frac{\sum (x - \bar{x})^{2}}{n - \mathrm{ddof}}"),
        ("E = −Σₖ tₖ ln yₖ", r"E = -\sum_{k} t_{k} \ln y_{k}"),
        ("m̂ = m / (1 − β₁ᵗ)", r"\hat{m} = \frac{m}{1 - \beta_{1}^{t}}"),
        ("Aᵀ G", r"A^{\top} G"),
        ("(J_{v−1} − J_v)/2", r"\frac{J_{v - 1} - J_{v}}{2}"),
    ],
)
def test_formulas(formula, latex):
    assert mathematics.latex(formula) == latex


@pytest.mark.parametrize("text", ["(", "a = ", "x²²₂₂)", "√", "|x", "e^"])
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(mathematics.NotMathematicsError):
        mathematics.latex(text)
    assert "".join([piece for piece, _ in mathematics.pieces(text)]) == text


def test_formulas_are_told_from_prose():
    text = "y = x Wᵀ + b for each row of x, and half to each on a tie (0 at 0)."
    assert [piece for piece, formula in mathematics.pieces(text) if formula] == ["y = x Wᵀ + b", "x"]


def test_what_stands_before_parentheses_of_prose_is_prose():
    found = mathematics.pieces("x / max(‖x‖ₚ, eps) of norms")
    assert [formula for _, formula in found if formula] == [r"\left\Vert  x \right\Vert _{p}"]


def test_no_formula_of_the_manual_ends_in_a_letter_or_parenthesis_of_prose(pages):
    for name, page in pages.items():
        assert not re.findall(r":math:`[^`]*`[\w(].{0,40}", page), name  # which reStructuredText takes for no formula


def test_pieces_are_the_text():
    for entry in REGISTRY.values():
        text = derivatives.described(entry)
        assert "".join([piece for piece, _ in mathematics.pieces(text)]) == text


def test_code_in_a_sentence_stays_code():
    kept = "``y = x²``, :func:`sum` and *this*"
    assert docstrings.prose(kept) == kept
    assert docstrings.prose(":func:`tinygrad_lite.exp` of *args, **kw") == r":func:`tl.exp` of \*args, \*\*kw"


@pytest.mark.parametrize("module", [mathematics, docstrings, conventions])
def test_examples(module):
    assert not doctest.testmod(module).failed


# ---------------------------------------------------------------------------------------------------------------------
# The table of safe derivatives

SAFE = [
    [cell.strip().strip("`") for cell in line.strip("|").split(" | ")[:3]]
    for line in (ROOT / "docs" / "safe_derivatives.md").read_text().splitlines()
    if line.startswith("| `") and not conventions.TO_COMPUTE.match(line)
]


@pytest.mark.filterwarnings("ignore")  # of divisions by 0 and means of nothing
@pytest.mark.parametrize(("expression", "point", "gradient"), SAFE, ids=[f"{row[0]} at {row[1]}" for row in SAFE])
def test_derivatives_where_there_is_a_choice(expression, point, gradient):
    special = pytest.importorskip("tinygrad_lite.scipy.special")
    names = {"np": np, "tl": tl, "special": special}
    f = eval(f"lambda x: {expression}", names)
    x = np.array(eval(point, names))
    if gradient.endswith("Error"):
        with pytest.raises({"LinAlgError": np.linalg.LinAlgError, "ValueError": ValueError}[gradient]):
            tl.grad(f)(x)
        return
    np.testing.assert_allclose(tl.grad(f)(x), np.array(eval(gradient, names)), rtol=1e-12, atol=1e-12)


def test_the_table_of_safe_derivatives_is_whole():
    assert len(SAFE) > 60


def test_second_derivatives_are_filled_in():
    page = (ROOT / "docs" / "safe_derivatives.md").read_text()
    filled = conventions.with_second_derivatives(page)
    rows = list(conventions.TO_COMPUTE.finditer(page))
    assert len(rows) > 20
    assert not conventions.TO_COMPUTE.search(filled)
    for row in rows:
        assert (
            f"| `{row['expression']}` | `{row['point']}` | `{conventions.shown_hessian(**row.groupdict())}` |" in filled
        )
    assert "| `(x**2).sum()` | `[0.0]` | `[[2.0]]` | smooth" in filled
    assert "| `np.prod(x)` | `[0.0, 0.0, 2.0]` | `[[0.0, 2.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 0.0]]` |" in filled


@pytest.mark.parametrize(("expression", "point"), [
    ("np.sinc(x).sum()", "[0.0]"),
    ("np.tanh(x).sum()", "[0.0, 1.0]"),
    ("np.linalg.norm(x)", "[3.0, 4.0]"),
    ("np.prod(x)", "[0.0, 0.0, 2.0]"),
    ("tl.softplus(x).sum()", "[0.0, 1.0]"),
    ("np.var(x)", "[1.0, 1.0]"),
])  # fmt: skip
def test_second_derivatives_of_what_is_smooth_are_differences(expression, point):
    x = np.array(eval(point))
    f = eval(f"lambda x: {expression}", {"np": np, "tl": tl})
    gradients = [(tl.grad(f)(x + d) - tl.grad(f)(x - d)) / 2e-5 for d in np.eye(len(x)) * 1e-5]
    np.testing.assert_allclose(conventions.second_derivatives(expression, point), gradients, atol=1e-8)
