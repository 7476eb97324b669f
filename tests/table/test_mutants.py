"""Tests of the tests: a wrong rule planted in the table must fail the derivative checks that the registry drives.

Two kinds of mutant. *Values*: whatever a rule returns, negated, scaled, shifted or dropped. *Sources*: the
rule's own expression, or that of a helper it calls, with one operator, operand or constant changed.
"""

from __future__ import annotations

import ast
import copy
import inspect
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine.protocols import plain
from tinygrad_lite.engine.trees import flatten, tree_map
from tinygrad_lite.table import (
    chains,
    complexes,
    convolution,
    determinants,
    deviations,
    diagonals,
    eigenvalues,
    elementwise,
    entropies,
    exact,
    factors,
    floats,
    fourier,
    gates,
    indexing,
    inverses,
    joining,
    multiplication,
    neural,
    norms,
    packing,
    parts,
    polynomials,
    powers,
    products,
    reductions,
    shapes,
    signals,
    singular,
    sorting,
    special,
    squares,
    undefined,
    units,
    windows,
)
from tinygrad_lite.table.primitive import Primitive
from tinygrad_lite.table.registry import PRIMITIVES

from .moduli import squared_moduli

MODULES = (
    chains, complexes, convolution, determinants, deviations, diagonals, eigenvalues, elementwise, entropies, exact,
    factors, floats, fourier, gates, indexing, inverses, joining, multiplication, neural, norms, packing, parts,
    polynomials, powers, products, reductions, shapes, signals, singular, sorting, special, squares, undefined, units,
    windows,
)  # fmt: skip

# ---------------------------------------------------------------------------------------------------------------------
# What kills a mutant


def derivative_fails(case: Any) -> bool:
    """Whether the derivative checks of a sample fail, in any way."""
    try:
        tl.check_gradients(case, *case.variables, order=2, directions=1)
        check_recorded_gradient(case)
        if getattr(case, "squared", None) is not None:
            tl.check_gradients(case.squared, *case.variables, order=2, directions=1)
    except Exception:
        return True
    return False


def check_recorded_gradient(case: Any) -> None:
    """A sweep that is recorded finds the gradient that an ordinary one finds."""
    leaves = [tl.Tensor(x, requires_grad=True) for x in case.variables]
    outputs, pull = tl.vjp(case, *leaves)
    _, plain_pull = tl.vjp(case, *case.variables)
    ones = tree_map(lambda y: np.ones(y.shape), outputs)
    for got, expected in zip(pull(ones), plain_pull(ones), strict=True):
        np.testing.assert_allclose(plain(got, tl.Tensor), expected, rtol=1e-12, atol=1e-14)


def square_of_norms(case: Any, variables: Any, order: int) -> Any:
    """A scalar of the case's outputs, or of their gradients: reaches every rule of the given order."""
    if order == 0:
        return sum([squared_moduli(y) for y in flatten(case(*variables))[0] if isinstance(y, tl.Tensor)])
    gradients = tl.grad(lambda *x: square_of_norms(case, x, order - 1), range(len(variables)))(*variables)
    return sum([squared_moduli(g) for g in gradients])


class Squared(NamedTuple):
    """The square of a function: of what is linear in a cotangent, rules are seen where that is not constant."""

    function: Callable[[Any], Any]
    variables: tuple[np.ndarray, ...] = (np.array([[0.5, -1.5, 0.25], [1.0, 0.0, -0.5]]),)

    def __call__(self, x: Any) -> Any:
        return self.function(x) ** 2


SQUARED = [Squared(tl.softmax), Squared(tl.log_softmax)]


@pytest.fixture(scope="module")
def uses(
    all_cases: dict[str, Any], writing_cases: list[Any], basis_cases: list[Any]
) -> dict[tuple[str, int], list[Any]]:
    """For each rule of each primitive the samples whose derivatives run it, those of small arrays first."""
    found: dict[tuple[str, int], list[Any]] = defaultdict(list)
    ran: set[tuple[str, int]] = set()

    def noting(rule: Callable[..., Any], key: tuple[str, int]) -> Callable[..., Any]:
        return lambda *args: (ran.add(key), rule(*args))[1]

    with pytest.MonkeyPatch.context() as patch:
        for made in PRIMITIVES.values():
            pulls = [p._replace(rule=noting(p.rule, (made.name, i))) for i, p in enumerate(made.pulls)]
            patch.setattr(made, "pulls", tuple(pulls))
        every = [*all_cases.values(), *writing_cases, *basis_cases, *SQUARED]
        for case in sorted(every, key=lambda c: sum(x.size for x in c.variables)):
            if not all(x.size for x in case.variables):
                continue
            ran.clear()
            square_of_norms(case, case.variables, 2)
            for key in ran:
                found[key].append(case)
    return found


def killed_by(cases: list[Any]) -> bool:
    return any(derivative_fails(case) for case in cases)


# ---------------------------------------------------------------------------------------------------------------------
# Mutants of values

VALUE_MUTATIONS: dict[str, Callable[[Any], Any]] = {
    "negated": lambda d: -d,
    "scaled": lambda d: d * 1.01,
    "shifted": lambda d: d + 0.01,
    "dropped": lambda d: d * 0.0,
}


def rules_that_are_zero() -> set[tuple[str, int]]:
    """Rules of piecewise constant functions: a multiple of 0 is 0, so only shifting them makes them wrong."""
    zeros = (elementwise.zero, exact.no_slope)
    return {(p.name, i) for p in PRIMITIVES.values() for i, pull in enumerate(p.pulls) if pull.rule in zeros}


UNMOVED = {("less_mean", 1), ("less_share", 1)}
"""Rules whose result goes into softmax, which the same number added to all leaves as it is."""


def value_mutants() -> Iterator[Any]:
    zeros = rules_that_are_zero()
    for made in PRIMITIVES.values():
        for i, name in enumerate(made.inputs):
            if made.pulls[0 if made.variadic else i].rule is exact.no_slope:
                continue  # of a hint, through which no number's derivative goes back
            for mutation in VALUE_MUTATIONS:
                if (made.name, i) not in (UNMOVED if mutation == "shifted" else zeros):
                    yield pytest.param(made, i, mutation, id=f"{made.name}.{name}-{mutation}")


@pytest.mark.sampled(8)
@pytest.mark.parametrize(("made", "i", "mutation"), list(value_mutants()))
def test_a_wrong_value_is_found(made: Primitive, i: int, mutation: str, uses: Any) -> None:
    cases = uses[made.name, i] or CAST_CASES.get(made.name, [])
    assert not derivative_fails(cases[0])
    with pytest.MonkeyPatch.context() as patch:
        install(patch, made, i, lambda *args, right=made.pulls[i].rule: VALUE_MUTATIONS[mutation](right(*args)))
        assert killed_by(cases)


class Cast(NamedTuple):
    """The one primitive that is a method's only: no function of the table has a sample for it."""

    variables: tuple[np.ndarray, ...] = (np.array([0.5, -1.5]),)

    def __call__(self, x: Any) -> Any:
        return x.astype(np.longdouble)


CAST_CASES = {"astype": [Cast()]}


def install(patch: pytest.MonkeyPatch, made: Primitive, i: int, rule: Callable[..., Any]) -> None:
    """Put a rule in a primitive, for the time of the test; it saves what the right one saves."""
    pulls = list(made.pulls)
    pulls[i] = pulls[i]._replace(rule=rule)
    patch.setattr(made, "pulls", tuple(pulls))


def test_a_transposed_operand_is_found(uses: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a product is of square matrices every shape is right, and only the values can tell."""

    class Square(NamedTuple):
        variables: tuple[np.ndarray, ...] = tuple(np.random.default_rng(3).uniform(-1, 1, (2, 3, 3)))

        def __call__(self, a: Any, b: Any) -> Any:
            return a @ b

    assert not derivative_fails(Square())
    for wrong in (lambda g, b, a_shape: g @ b, lambda g, b, a_shape: b.mT @ g, lambda g, b, a_shape: (g @ b.mT).mT):
        with monkeypatch.context() as patch:
            install(patch, products.matmul, 0, wrong)
            assert derivative_fails(Square())


# ---------------------------------------------------------------------------------------------------------------------
# Mutants of sources


class Mutant(NamedTuple):
    """A changed expression: where it goes, and how to read it."""

    module: ModuleType
    target: str  # the primitive's variable in the module, or the helper function's name
    part: str  # the input, or "remembers:name", or "" for a helper
    before: str
    after: str
    tree: ast.AST
    rules: tuple[tuple[str, int], ...]  # the rules it is part of

    @property
    def name(self) -> str:
        return f"{self.module.__name__.rpartition('.')[2]}.{self.target}.{self.part}: {self.before}  →  {self.after}"


SWAPPED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult}
COMPARED = {ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.GtE: ast.LtE, ast.LtE: ast.GtE, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
RENAMED = {"sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh", "sqrt": "square", "exp": "log", "log": "exp"}


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """The wrong expressions that a small slip could have left in place of this one."""
    match node:
        case ast.BinOp(left, op, right):
            if type(op) in SWAPPED:
                yield ast.BinOp(left, SWAPPED[type(op)](), right)
            if isinstance(op, (ast.Sub, ast.Div, ast.MatMult, ast.Pow)):
                yield ast.BinOp(right, op, left)
            if isinstance(op, (ast.Mult, ast.Add, ast.Sub)):
                yield left
                yield right
        case ast.UnaryOp(ast.USub() | ast.Invert(), operand):
            yield operand
        case ast.Attribute(value, "mT"):
            yield value
        case ast.Compare(left, [op], [right]) if type(op) in COMPARED:
            yield ast.Compare(left, [COMPARED[type(op)]()], [right])
        case ast.Call(ast.Attribute(ast.Name("np"), name), args, keywords) if name in RENAMED:
            yield ast.Call(ast.Attribute(ast.Name("np", ast.Load()), RENAMED[name], ast.Load()), args, keywords)
        case ast.Call(ast.Name("keep"), [g], _):
            yield g
        case ast.Constant(value) if type(value) in (int, float):
            yield ast.Constant(value + 1)


def expressions(root: ast.AST) -> Iterator[ast.AST]:
    """The parts of a lambda's or a function's body that compute; not annotations, docstrings, defaults."""
    bodies = root.body if isinstance(root, ast.FunctionDef) else [root.body]
    for body in bodies:
        if not (isinstance(body, ast.Expr) and isinstance(body.value, ast.Constant)):
            yield from ast.walk(body)


def mutations(root: ast.AST) -> Iterator[tuple[str, str, ast.AST]]:
    """A lambda or function with one expression changed, for each change, and what was changed into what."""
    for node in expressions(root):
        before = None
        for change in changes(node):
            before = before or ast.unparse(node)
            yield before, ast.unparse(change), with_another(root, node, change)


def with_another(tree: ast.AST, old: ast.AST, new: ast.AST) -> ast.AST:
    """The tree with one node in another's place; it shares the nodes beside the way there."""
    if tree is old:
        return new
    changed = {}
    for name, value in ast.iter_fields(tree):
        parts = value if isinstance(value, list) else [value]
        others = [with_another(x, old, new) if isinstance(x, ast.AST) else x for x in parts]
        if any(x is not y for x, y in zip(parts, others, strict=True)):
            changed[name] = others if isinstance(value, list) else others[0]
    if not changed:
        return tree
    another = copy.copy(tree)
    vars(another).update(changed)
    return another


def names_in(tree: ast.AST) -> set[str]:
    """The names of others that an expression or function uses: not its parameters, nor what it gives names."""
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return {node.id for node in names} - own


@cache
def source_mutants() -> list[Mutant]:
    """Every mutant of every rule in the table's source, and of the helpers that rules call."""
    found: list[Mutant] = []
    calls: dict[str, set[tuple[str, int]]] = defaultdict(set)  # helper → rules that reach it
    helpers: dict[str, tuple[ModuleType, ast.FunctionDef]] = {}
    for module in MODULES:
        for statement in ast.parse(inspect.getsource(module)).body:
            if isinstance(statement, ast.FunctionDef) and not statement.decorator_list:
                helpers[statement.name] = (module, statement)
    for module in MODULES:
        for target, call in primitives_in(module):
            made = getattr(module, target)
            for i, (name, tree) in enumerate(rules_in(call, made)):
                for helper in reachable(tree, helpers):
                    calls[helper].add((made.name, i))
                found += [
                    Mutant(module, target, name, before, after, mutated, ((made.name, i),))
                    for before, after, mutated in mutations(tree)
                ]
            for name, tree in definitions_in(call):
                every = tuple([(made.name, i) for i in range(len(made.inputs))])
                found += [
                    Mutant(module, target, f"remembers:{name}", before, after, mutated, every)
                    for before, after, mutated in mutations(tree)
                ]
    for helper, rules in calls.items():
        module, tree = helpers[helper]
        found += [
            Mutant(module, helper, "", before, after, mutated, tuple(sorted(rules)))
            for before, after, mutated in mutations(tree)
        ]
    return found


def primitives_in(module: ModuleType) -> Iterator[tuple[str, ast.Call]]:
    """The module's ``name = primitive(…)`` and ``name = elementwise(…)``."""
    for statement in ast.parse(inspect.getsource(module)).body:
        match statement:
            case ast.Assign(
                [ast.Name(target)], ast.Call(ast.Name("primitive" | "elementwise")) as call
            ) | ast.AnnAssign(ast.Name(target), _, ast.Call(ast.Name("primitive" | "elementwise")) as call):
                yield target, call


def rules_in(call: ast.Call, made: Primitive) -> list[tuple[str, ast.Lambda]]:
    """The rules that are written as lambdas."""
    written = {k.arg: k.value for k in call.keywords}
    return [(name, tree) for name in made.inputs if isinstance(tree := written[name], ast.Lambda)]


def definitions_in(call: ast.Call) -> Iterator[tuple[str, ast.Lambda]]:
    for keyword in call.keywords:
        if keyword.arg == "remembers" and isinstance(keyword.value, ast.Dict):
            for key, tree in zip(keyword.value.keys, keyword.value.values, strict=True):
                yield key.value, tree


def reachable(tree: ast.AST, helpers: dict[str, Any]) -> set[str]:
    """The helper functions that an expression calls, directly or not."""
    found: set[str] = set()
    fresh = names_in(tree) & set(helpers)
    while fresh:
        found |= fresh
        fresh = {name for helper in fresh for name in names_in(helpers[helper][1]) & set(helpers)} - found
    return found


def plant(patch: pytest.MonkeyPatch, mutant: Mutant) -> None:
    """Compile the mutant among its module's names, and put it in its place."""
    if isinstance(mutant.tree, ast.FunctionDef):
        scope: dict[str, Any] = {}
        source = ast.Module([ast.ImportFrom("__future__", [ast.alias("annotations")], 0), mutant.tree], [])
        exec(compile(ast.fix_missing_locations(source), "mutant", "exec"), mutant.module.__dict__, scope)
        right = getattr(mutant.module, mutant.target)
        for module in MODULES:  # wherever it was imported
            if getattr(module, mutant.target, None) is right:
                patch.setattr(module, mutant.target, scope[mutant.target])
        return
    function = eval(
        compile(ast.fix_missing_locations(ast.Expression(mutant.tree)), "mutant", "eval"), mutant.module.__dict__
    )
    made = getattr(mutant.module, mutant.target)
    if mutant.part.startswith("remembers:"):
        patch.setitem(made.remembers, mutant.part.removeprefix("remembers:"), function)
    else:
        install(patch, made, made.inputs.index(mutant.part), function)


KINKS = "differs at a kink or a singular point only, where no difference quotient is: tested with the conventions"
BROADCAST = "the tape sums over what is left"
SIGNS = "divided by 1 or −1 or multiplied with it"
ORDERS = "the function of order −n is that of order n"
SPEED = "chooses between two ways to the same result"

REFUSAL = "refuses what no difference quotient is taken of: tested with what it refuses"
THRESHOLD = "from where on numbers count as equal or as 0: tested with such"
SQUARE = "the last two axes of square matrices are alike"
HELPERS_UNSEEN = {
    "determinants.adjugate_of": SPEED,
    "eigenvalues.nearest_order": "pairs what LAPACK finds in two orders, which are mostly the same: tested by itself",
    "packing.refuse_if_basis_matters": REFUSAL,
    "singular.refuse_what_is_cut": REFUSAL,
    "entropies.not_cut_off": THRESHOLD,
    "factors.with_independent_columns": THRESHOLD,
    "packing.scale_of": THRESHOLD,
    "packing.reciprocal_or_zero": THRESHOLD,
    "packing.triangle_weights": SPEED,
    "packing.new_weights": "what it makes of small matrices is kept from before",
}
"""Helper functions none of whose mutants a derivative away from kinks can show, each with the reason."""

AT_ZERO = "keep(g, x == 0) * slope_at_zero"
SLOPED_RELU = (
    f"keep(g, x > 0) + {AT_ZERO}  →  keep(g, x > 0) - {AT_ZERO}",
    f"keep(g, x > 0) + {AT_ZERO}  →  keep(g, x > 0)",
    f"{AT_ZERO}  →  keep(g, x == 0) / slope_at_zero",
    f"{AT_ZERO}  →  keep(g, x == 0)",
    "0  →  1",
)
LARGEST = "np.max(np.abs(w), axis=-1, keepdims=True, initial=0)"
CUTS = "both forms are right but on branch cuts, which test_elementwise takes"
ARCS = ("arcsin", "arccos", "arcsinh", "arccosh")
UNSEEN = {
    "elementwise.turning.: 0  →  1": KINKS,
    **{f"elementwise.{name}.x: x.dtype.kind == 'c'  →  x.dtype.kind != 'c'": CUTS for name in ARCS},
    "elementwise.heaviside.h: 0  →  1": KINKS,
    "elementwise._keep.: g.size > SMALL  →  g.size < SMALL": SPEED,
    "elementwise._keep.: g.shape == mask.shape  →  g.shape != mask.shape": SPEED,
    "products.matmul.a: 1  →  2": SPEED,
    **dict.fromkeys(
        [f"products.left_of_vector.: {slip}" for slip in ("g.ndim == 1  →  g.ndim != 1", "1  →  2")], SPEED
    ),
    "products.left_of_vector.: 2  →  3": SPEED,
    "products.right_of_vector.: g.ndim == 1  →  g.ndim != 1": SPEED,
    "products.right_of_vector.: a.ndim == 2  →  a.ndim != 2": SPEED,
    "products.right_of_vector.: 2  →  3": SPEED,
    "shapes.spread.: math.prod(shape) > SMALL  →  math.prod(shape) < SMALL": SPEED,
    "products.right_of_vector.: a.ndim - 1  →  1 - a.ndim": BROADCAST,
    "products.right_of_vector.: a.ndim - 1  →  1": BROADCAST,
    "products.right_of_vector.: 1  →  2": BROADCAST,
    **{f"neural.sloped_relu_p.x: {slip}": KINKS for slip in SLOPED_RELU},
    "reductions.to_extreme.: with_axes(g, axis, x.ndim) / np.maximum(winners, 1)  →  "
    "with_axes(g, axis, x.ndim) * np.maximum(winners, 1)": KINKS,
    "entropies.binary_cross_entropy_p.t: 100  →  101": KINKS,
    "floats.copysign.a: g * (np.sign(a) * np.copysign(1.0, b))  →  g / (np.sign(a) * np.copysign(1.0, b))": KINKS,
    "floats.copysign.a: np.sign(a) * np.copysign(1.0, b)  →  np.sign(a) / np.copysign(1.0, b)": SIGNS,
    "floats.fabs.x: g * np.sign(x)  →  g / np.sign(x)": KINKS,
    "floats.i0_p.x: order + 1  →  order - 1": ORDERS,
    "floats.i0_p.x: order - 1  →  1 - order": ORDERS,
    "norms.power_slope.: 0.0  →  1.0": KINKS,
    **{f"norms.power_slope.: {slip}": SPEED for slip in ("1  →  2", "p > 1  →  p < 1", "power < 1  →  power > 1")},
    "deviations.norm_p.x: 0.0  →  1.0": KINKS,
    "elementwise.nonzero.: x + (x == 0)  →  x - (x == 0)": KINKS,
    "eigenvalues.before_scaling.: 1  →  2": "in place of numbers that are not used",
    "eigenvalues.eigen_shapes.: 1  →  2": SQUARE,
    f"eigenvalues.from_any_eigenvectors.: w.shape[-1] * {LARGEST}  →  w.shape[-1] / {LARGEST}": THRESHOLD,
    f"eigenvalues.from_any_eigenvectors.: w.shape[-1] * {LARGEST}  →  {LARGEST}": THRESHOLD,
    "eigenvalues.from_any_eigenvectors.: 0  →  1": THRESHOLD,
    "squares.pseudo_inverse.: rcond * np.max(s, initial=0)  →  rcond / np.max(s, initial=0)": THRESHOLD,
    "squares.pseudo_inverse.: rcond * np.max(s, initial=0)  →  rcond": THRESHOLD,
    "squares.pseudo_inverse.: 0  →  1": THRESHOLD,
    "squares.pseudo_inverse.: 1  →  2": "in place of numbers that are not used",
    "inverses.to_both.: 1  →  2": SPEED,
    "packing.triangle.: 1  →  2": SQUARE,
    "polynomials.from_characteristic.: 0  →  1": SQUARE,
    "polynomials.from_characteristic.: a @ m  →  m @ a": "polynomials of one matrix commute",
    "sorting.inverse_order.: 1  →  2": "NumPy takes any negative size for the one to be found",
}
"""Mutants that no derivative away from kinks can show, each with the reason."""


def seen(mutant: Mutant) -> bool:
    """Whether a derivative can show that the mutant is wrong."""
    helper = f"{mutant.module.__name__.rpartition('.')[2]}.{mutant.target}"
    return mutant.name not in UNSEEN and helper not in HELPERS_UNSEEN


def survives(mutant: Mutant, uses: Any) -> bool:
    found = [case for rule in mutant.rules for case in uses[rule] or CAST_CASES.get(rule[0], [])]
    cases = list({id(case): case for case in found}.values())
    with pytest.MonkeyPatch.context() as patch:
        plant(patch, mutant)
        return not killed_by(cases)


def test_the_source_of_every_rule_is_mutated() -> None:
    """Nothing escapes by being written in a way the search does not see."""
    written = {(made.name, name) for module in MODULES for t, c in primitives_in(module)
               for made in [getattr(module, t)] for name, _ in rules_in(c, made)}  # fmt: skip
    zeros = {(name, PRIMITIVES[name].inputs[i]) for name, i in rules_that_are_zero()}
    assert written | zeros == {(p.name, name) for p in PRIMITIVES.values() for name in p.inputs}
    assert len(source_mutants()) > 200


@pytest.mark.sampled(40)
@pytest.mark.parametrize("mutant", sorted(filter(seen, source_mutants()), key=lambda m: m.name), ids=lambda m: m.name)
def test_every_slip_of_the_pen_is_found(mutant: Any, uses: Any) -> None:
    assert not survives(mutant, uses), f"this wrong rule passes: {mutant.name}"


def test_sixteen_slips_chosen_by_chance_are_found(uses: Any) -> None:
    chosen = random.Random(2018).sample([m for m in source_mutants() if seen(m)], 16)
    assert len({m.target for m in chosen}) > 8
    assert [m.name for m in chosen if survives(m, uses)] == []


def test_what_is_unseen_is_a_mutant() -> None:
    assert set(UNSEEN) <= {m.name for m in source_mutants()}
    helpers = {f"{m.module.__name__.rpartition('.')[2]}.{m.target}" for m in source_mutants()}
    assert set(HELPERS_UNSEEN) <= helpers
