"""Every equation holds; none would if a sign in it were different; none is checked by means of its own result."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tinygrad_lite import derivations, tape
from tinygrad_lite.derivations import CATALOGUE, Equation, Problem, digits, initial, verify
from tinygrad_lite.derivations.catalogue import compare

FUSED = {
    "sigmoid",
    "relu",
    "sloped_relu",
    "softmax",
    "log_softmax",
    "logsumexp",
    "cross_entropy",
    "cross_entropy_of_labels",
}
SIZES = {
    "K=2": (1, (3, 4, 5, 2)),
    "K=3": (7, (6, 5, 4, 3)),
    "K=10": (40, (20, 12, 11, 10)),
    "K=100": (3, (9, 8, 7, 100)),
}

each_equation = pytest.mark.parametrize("equation", CATALOGUE, ids=[equation.id for equation in CATALOGUE])


@pytest.fixture(scope="module")
def real() -> Problem:
    """A batch of handwritten digits."""
    return digits.problem(digits.load(0), 32, 0)


def drawn(samples: int, sizes: tuple[int, ...], seed: int = 0) -> Problem:
    """Random inputs with one-hot targets."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(sizes[-1], size=samples)
    return Problem(rng.standard_normal((samples, sizes[0])), np.eye(sizes[-1])[labels], *initial(rng, sizes))


# ---------------------------------------------------------------------------------------------------------------------
# Verdicts


@each_equation
def test_holds_on_real_digits(equation: Equation, real: Problem) -> None:
    finding = equation.check(real)
    assert finding.holds, finding.comparisons
    assert finding.verdict == "holds"
    assert finding.difference <= finding.tolerance < 1e-10


@each_equation
@pytest.mark.parametrize(("samples", "sizes"), SIZES.values(), ids=list(SIZES))
def test_holds_for_other_sizes(equation: Equation, samples: int, sizes: tuple[int, ...]) -> None:
    for seed in range(3):
        finding = equation.check(drawn(samples, sizes, seed))
        assert finding.holds, finding.comparisons


@each_equation
def test_each_quantity_matters(equation: Equation, real: Problem) -> None:
    """The opposite sign, a slightly different entry, or NaN in any quantity is found."""
    printed = equation.printed(real)
    for name, values in printed.items():
        largest = np.unravel_index(np.argmax(np.abs(values)), values.shape)
        for factor in (-1.0, 1 + 1e-9, np.nan):
            one_wrong = values.copy()
            one_wrong[largest] *= factor
            for wrong in (values * factor, one_wrong):
                changed = equation._replace(printed=lambda p, wrong=wrong, name=name: {**printed, name: wrong})
                assert changed.check(real).verdict == "fails"


def test_the_sides_must_be_of_the_same_kind() -> None:
    a = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"shape \(2, 3\), the formula gives \(3,\)"):
        compare({"W1": a}, {"W1": a[0]})
    with pytest.raises(ValueError, match=r"W1.*W2"):
        compare({"W1": a}, {"W2": a})
    with pytest.raises(ValueError, match="autograd gives"):
        compare({}, {})


def test_running_twice_gives_the_same(real: Problem) -> None:
    first, second = verify(real, CATALOGUE), verify(real, CATALOGUE)
    assert [f.comparisons for f in first] == [f.comparisons for f in second]


def test_every_parameter_of_the_network_is_checked(real: Problem) -> None:
    quadratic = {name for equation in CATALOGUE if equation.id in
                 {"vege-33", "vege-34", "vege-36", "vege-37"} for name in equation.printed(real)}  # fmt: skip
    classifier = next(equation for equation in CATALOGUE if equation.id == "vege-6.3.3-network").printed(real)
    assert quadratic == set(classifier) == {"W1", "W2", "W3", "b1", "b2", "b3"}


def test_the_catalogue_is_in_order() -> None:
    ids = [equation.id for equation in CATALOGUE]
    assert len(set(ids)) == len(ids)
    for equation in CATALOGUE:
        assert len(equation.formula) <= 36, "it would not fit the table"
        assert all([equation.document.title, equation.document.author, equation.document.year, equation.place])


# ---------------------------------------------------------------------------------------------------------------------
# A changed sign in the source of a printed formula


class Signs(ast.NodeTransformer):
    """Turns the n-th sign within some functions around: + and −, a leading minus, ≥ and <."""

    def __init__(self, functions: set[int], which: int) -> None:
        self.functions, self.which, self.count, self.inside = functions, which, 0, False

    def visit(self, node: ast.AST) -> Any:
        before = self.inside
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            self.inside = node.lineno in self.functions
        try:
            return super().visit(node)
        finally:
            self.inside = before

    def turn(self) -> bool:
        self.count += self.inside
        return self.inside and self.count == self.which + 1

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, (ast.Add, ast.Sub)) and self.turn():
            node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return node.operand if isinstance(node.op, ast.USub) and self.turn() else node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        if isinstance(node.ops[0], ast.GtE) and self.turn():
            node.ops = [ast.Lt()]
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        node.value = self.visit(node.value)  # z[l - 1] says where, it is no sign of a formula
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        return node if isinstance(node.func, ast.Name) and node.func.id == "range" else self.generic_visit(node)


def lines_run(function: Any, problem: Problem, file: str) -> set[int]:
    """First lines of the functions in a file that a call runs."""
    found = set()

    def watch(frame: Any, event: str, arg: Any) -> None:
        if event == "call" and frame.f_code.co_filename == file:
            found.add(frame.f_code.co_firstlineno)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        function(problem)
    finally:
        sys.setprofile(before)
    return found


def mutants(equation: Equation, problem: Problem) -> Iterator[Equation]:
    """The equation with each sign in the functions behind its printed side turned around, one at a time."""
    original = importlib.import_module(equation.printed.__module__)
    assert original.__file__ is not None
    functions = lines_run(equation.printed, problem, original.__file__)
    source = inspect.getsource(original)
    which = 0
    while True:
        signs = Signs(functions, which)
        tree = ast.fix_missing_locations(signs.visit(ast.parse(source)))
        if signs.count <= which:
            return
        module = ModuleType(original.__name__)
        module.__package__ = derivations.__name__
        exec(compile(tree, original.__file__, "exec"), module.__dict__)
        (changed,) = [e for e in module.EQUATIONS if e.id == equation.id]
        yield equation._replace(printed=changed.printed)
        which += 1


@each_equation
def test_a_changed_sign_is_found(equation: Equation, real: Problem) -> None:
    count = 0
    for count, mutant in enumerate(mutants(equation, real), 1):
        assert mutant.check(real).verdict == "fails", f"sign number {count}"
    assert count, "the formula has no sign to change"


# ---------------------------------------------------------------------------------------------------------------------
# Not circular


@each_equation
def test_autograd_runs_through_primitive_operations(
    equation: Equation, real: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No fused primitive is recorded: those have the documents' results for rules."""
    recorded: set[str] = set()
    original = tape.Node.__init__

    def watched(self: tape.Node, primitive: Any, *args: Any) -> None:
        if primitive is not None:
            recorded.add(primitive.name)
        original(self, primitive, *args)

    monkeypatch.setattr(tape.Node, "__init__", watched)
    equation.autograd(real)
    assert recorded
    assert not recorded & FUSED
    if equation.id == "vege-18":
        assert "tanh" not in recorded


def test_the_fused_primitives_are_called_so() -> None:
    from tinygrad_lite.primitive import PRIMITIVES

    assert set(PRIMITIVES) >= FUSED
