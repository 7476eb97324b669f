"""That the workloads of compiled functions run and agree between libraries, at sizes that take no time; no clock."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from benchmarks import charts, readme, slopes
from benchmarks.contest import BY_NUMPY, COMPILED, OURS
from benchmarks.tasks import (
    TASKS,
    compiled,
    compiled_matrices,
    compiled_memory,
    compiled_optimizer,
    compiled_step,
    compiling,
    mlp,
)
from benchmarks.workloads import WORKLOADS
from benchmarks.workloads.libraries import LIBRARIES, answer, derivative, first_call, jax_function, leaves

SMALLEST = mlp.CASES[0]
OTHERS = ["torch-1", "torch-2", "jax", "autograd"]


def imported(library):
    """Skip the test where a library is missing."""
    return pytest.importorskip(library.partition("-")[0])


def agree(got, expected, tolerance):
    assert all(math.isfinite(x) for x in expected)
    assert got == pytest.approx(expected, rel=tolerance, abs=0)


def answers(library, name):
    return answer(LIBRARIES[library](WORKLOADS[name].tested())())


@pytest.mark.parametrize("library", [COMPILED, BY_NUMPY])
@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_compiled_gives_what_it_gives_as_it_runs(name, library):
    step = LIBRARIES[library](WORKLOADS[name].tested())
    expected = answers(OURS, name)
    for _ in range(3):  # as it is written down, as it is made, and with its buffers in use
        agree(answer(step()), expected, WORKLOADS[name].tolerance)


@pytest.mark.oracle
@pytest.mark.parametrize("library", OTHERS)
@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_is_the_same_in_each_library(name, library):
    imported(library)
    if library in WORKLOADS[name].without:
        pytest.skip(f"{library} lacks what {name} calls")
    agree(answers(library, name), answers(OURS, name), WORKLOADS[name].tolerance)


@pytest.mark.parametrize("name", [name for name in WORKLOADS if "Hessian" not in name])
def test_a_gradient_is_the_slope_of_its_program(name):
    """Along a direction, in float64: what all libraries are compared with is right."""
    problem = WORKLOADS[name].tested()
    first, *others = problem.arguments
    points = [np.asarray(p, np.float64) for p in (first if isinstance(first, list) else [first])]
    others = [np.asarray(x, np.float64) for x in others]
    rng = np.random.default_rng(2)
    directions = [rng.standard_normal(p.shape) for p in points]
    both = derivative(problem)

    def moved(h):
        new = [p + h * d for p, d in zip(points, directions, strict=True)]
        return both(new if isinstance(first, list) else new[0], *others)

    _, gradient = moved(0.0)
    along = sum([np.vdot(g, d) for g, d in zip(leaves(gradient), directions, strict=True)])
    h = 1e-6
    assert along == pytest.approx((moved(h)[0] - moved(-h)[0]) / (2 * h), rel=1e-5)


def test_the_product_with_a_hessian_is_the_slope_of_the_gradient():
    w, X, s, v = WORKLOADS["… Hessian × vector"].tested().arguments
    gradient = derivative(WORKLOADS["logistic 500×200"].tested())
    product = derivative(WORKLOADS["… Hessian × vector"].tested())(w, X, s, v)
    slopes_of_gradient = (gradient(w + 1e-6 * v, X, s)[1] - gradient(w - 1e-6 * v, X, s)[1]) / 2e-6
    np.testing.assert_allclose(product, slopes_of_gradient, rtol=1e-6, atol=1e-9)


def test_answers_tell_a_sign_and_an_order():
    x = np.array([1.0, -2.0, 3.0])
    assert answer([x, (x, {"b": x})]) == 3 * answer(x)
    for wrong in (-x, x[::-1], x * [1, 1, -1], x * (1 + 1e-5)):
        assert answer(wrong) != pytest.approx(answer(x), rel=1e-6, abs=0)


@pytest.mark.parametrize("network", mlp.CASES[:2])
def test_a_compiled_training_step_reaches_the_losses_of_the_step_by_hand(network):
    by_hand = mlp.by_hand(network).answer
    agree(compiled_step.compiled(network).answer, by_hand, compiled_step.TOLERANCE)
    assert by_hand[-1] < 0.99 * by_hand[0]


@pytest.mark.oracle
@pytest.mark.parametrize("library", ["torch-1", "torch-lean-1", "jax", "autograd"])
def test_a_training_step_is_the_same_in_each_library(library):
    imported(library)
    expected = compiled_step.CONTESTANTS[OURS](SMALLEST).answer
    agree(compiled_step.CONTESTANTS[library](SMALLEST).answer, expected, compiled_step.TOLERANCE)


@pytest.fixture
def narrow(monkeypatch):
    """Optimizers of a narrow network."""
    monkeypatch.setattr(compiled_optimizer.optimizer, "WIDTHS", (5, 4, 3))


@pytest.mark.parametrize("library", ["numpy", COMPILED])
@pytest.mark.parametrize("rule", compiled_optimizer.RULES)
@pytest.mark.usefixtures("narrow")
def test_optimizers_as_functions_take_the_steps_of_the_optimizers(rule, library):
    contestants = compiled_optimizer.CONTESTANTS
    agree(contestants[library](rule).answer, contestants[OURS](rule).answer, compiled_optimizer.TOLERANCE)


@pytest.mark.oracle
@pytest.mark.parametrize("library", ["torch-1", "jax"])
@pytest.mark.parametrize("rule", compiled_optimizer.RULES)
@pytest.mark.usefixtures("narrow")
def test_optimizers_take_the_same_steps_in_each_library(rule, library):
    imported(library)
    contestants = compiled_optimizer.CONTESTANTS
    agree(contestants[library](rule).answer, contestants[OURS](rule).answer, compiled_optimizer.TOLERANCE)


@pytest.fixture
def small_matrices(monkeypatch):
    """A softmax of five, and a logistic regression of four features."""
    rng = np.random.default_rng(0)
    data = rng.standard_normal((9, 4)), np.sign(rng.standard_normal(9)), rng.standard_normal(4)
    monkeypatch.setattr(compiled_matrices.jacobian, "problem", lambda _: [np.linspace(-1, 1, 5)])
    monkeypatch.setattr(compiled_matrices.hessian, "problem", lambda _: data)


@pytest.mark.parametrize("matrix", compiled_matrices.CASES)
@pytest.mark.usefixtures("small_matrices")
def test_compiled_matrices_are_those_of_the_functions(matrix):
    contestants = compiled_matrices.CONTESTANTS
    agree(contestants[COMPILED](matrix).answer, contestants[OURS](matrix).answer, 1e-6)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")  # which torch.func itself calls
@pytest.mark.parametrize("library", [*compiled_matrices.PYTORCH[::2], "jax", "autograd"])
@pytest.mark.parametrize("matrix", compiled_matrices.CASES)
@pytest.mark.usefixtures("small_matrices")
def test_matrices_are_the_same_in_each_library(matrix, library):
    imported(library)
    contestants = compiled_matrices.CONTESTANTS
    agree(contestants[library](matrix).answer, contestants[OURS](matrix).answer, 1e-6)


@pytest.mark.parametrize("network", [SMALLEST, SMALLEST + compiled_memory.IN_ALL])
def test_the_memory_of_a_compiled_step_is_measured_with_what_it_holds(network):
    by_hand, ours = (compiled_memory.CONTESTANTS[name](network) for name in ("numpy", COMPILED))
    agree(ours.answer, by_hand.answer, compiled_step.TOLERANCE)
    x, _, parameters = mlp.problem(SMALLEST)
    everything = x.nbytes + sum([p.nbytes for p in parameters])
    for contest in (by_hand, ours):
        assert contest.measured
        if network == SMALLEST:
            assert contest.step() > 0
        else:
            assert contest.step() > everything


def test_compiling_is_measured_anew_each_time():
    calls = []
    contest = first_call(lambda: calls.append(0) or np.ones(2))
    assert contest.measured
    assert (len(calls), contest.step() > 0, contest.step() > 0, len(calls)) == (1, True, True, 3)
    ours = compiling.CONTESTANTS[COMPILED](SMALLEST)
    assert ours.answer[0] == pytest.approx(compiled_step.compiled(SMALLEST).answer[0], rel=1e-6)


@pytest.mark.oracle
def test_what_is_compiled_is_the_same_in_jax(monkeypatch):
    imported("jax")
    name = "Rosenbrock, 2000"
    monkeypatch.setitem(WORKLOADS, name, WORKLOADS[name].__class__(WORKLOADS[name].problem, {"size": 20}, {}))
    for case, tolerance in ((name, 1e-6), (SMALLEST, compiled_step.TOLERANCE)):
        jax, ours = compiling.CONTESTANTS["jax"](case), compiling.CONTESTANTS[COMPILED](case)
        agree(jax.answer, ours.answer, tolerance)
        assert jax.step() > 0
    function, _ = jax_function(WORKLOADS[name].measured())
    assert callable(function)


def test_no_library_races_where_it_lacks_what_a_program_calls():
    rivals = {race.title: {lane.contestant for lane in race.lanes} for race in compiled.races()}
    assert "autograd" not in rivals["compiled: convolutional"]
    assert rivals["compiled: GELU MLP"] == set(LIBRARIES)


# ---------------------------------------------------------------------------------------------------------------------
# Growth and charts


def test_a_slope_is_the_exponent():
    assert slopes.slope([1, 2, 4, 8], [3.0, 12.0, 48.0, 192.0]) == pytest.approx(2)


def test_sizes_double_and_what_they_measure_agrees(tmp_path, monkeypatch, capsys):
    small = {"width": (lambda n: slopes.layers(width=n, depth=2, batch=3), 2), "nodes": (slopes.chain, 4)}
    monkeypatch.setattr(slopes, "FAMILIES", small)
    table, picture = tmp_path / "rows.json", tmp_path / "growth.svg"
    arguments = ["--only", "width", "nodes", "--doublings", "2", "--quick"]
    assert slopes.main([*arguments, "--json", str(table), "--plot", str(picture)]) == 0
    found = json.loads(table.read_text())
    sizes = [(row["family"], row["size"]) for row in found["rows"]]
    assert sizes == [("width", 2), ("width", 4), ("width", 8), ("nodes", 4), ("nodes", 8), ("nodes", 16)]
    assert all(row[kind] > 0 for row in found["rows"] for kind in slopes.KINDS)
    assert set(found["slopes"]) == {"width", "nodes"}
    assert capsys.readouterr().out.count("slope") == 2
    assert picture.exists()
    assert (tmp_path / "growth-dark.svg").exists()


def test_every_family_is_of_problems_that_grow():
    for problem, smallest in slopes.FAMILIES.values():
        assert answer(derivative(problem(smallest))(*problem(smallest).arguments))


def test_a_compiled_function_that_gives_something_else_is_not_measured(monkeypatch):
    monkeypatch.setattr(slopes.tl, "compile", lambda f: lambda *args: tree_doubled(f(*args)))
    with pytest.raises(ValueError, match="compiled gives"):
        slopes.measured([slopes.chain(4)], rounds=1, seconds=0.0)


def tree_doubled(result):
    value, gradient = result
    return value, 2 * gradient


ROWS = [
    {"task": "compiled-step", "what": "2-16", "rival": "NumPy by hand", "ratio": 0.8},
    {"task": "compiled-step", "what": "2-16", "rival": "PyTorch, 2 threads", "ratio": 0.3},
    {"task": "compiled-step", "what": "2-16", "rival": "PyTorch lean, 2 th", "ratio": 0.5},
    {"task": "compiled", "what": "wave", "rival": "tinygrad_lite", "ratio": 0.0123},
    {"task": "compiled", "what": "wave", "rival": "JAX jit", "failed": "it failed"},
]


def test_a_chart_shows_each_ratio_in_its_task():
    titles = {name: task.TITLE for name, task in TASKS.items()}
    assert charts.ratios(ROWS, titles) == {
        compiled_step.TITLE: {"2-16": {"NumPy by hand": 0.8, "PyTorch": 0.3}},
        compiled.TITLE: {"wave": {"not compiled": 0.0123}},
    }


def test_the_table_has_each_ratio_and_the_first_calls():
    first = {"task": "compiling", "what": "wave", "rival": "JAX jit", "figure": 0.25, "rival_figure": 1.5}
    rows = [{"figure": 0.002, **row} for row in ROWS]
    assert readme.compiled_table({"rows": [*rows, first]}).splitlines()[-2:] == [
        "| 2-16 | 2 ms | – | – | 0.80 | 0.30 | – | – | – | – |",
        "| wave | 2 ms | 0.012 | – | – | – | – | – | 250 ms | 1.50 s |",
    ]
    assert readme.compiled_table({"rows": [first]}) == ""


def test_charts_are_light_and_dark(tmp_path):
    titles = {name: task.TITLE for name, task in TASKS.items()}
    for suffix in ("svg", "png"):
        charts.draw_ratios(ROWS, titles, tmp_path / f"ratios.{suffix}")
    light, dark = [(tmp_path / f"ratios{part}.svg").read_text().lower() for part in ("", "-dark")]
    for name, text in (("light", light), ("dark", dark)):
        assert charts.THEMES[name].paper.lower() in text
        assert all(colour.lower() in text for colour in charts.COLOURS[name][:3])
    assert (tmp_path / "ratios-dark.png").stat().st_size > 1000
    with pytest.raises(ValueError, match="no row has a ratio"):
        charts.draw_ratios(ROWS[-1:], titles, tmp_path / "none.svg")
