"""The table of derivatives, tested by what it says of itself: every function at every one of its samples."""

from __future__ import annotations

import doctest
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.checks import gradients
from tinygrad_lite.engine.graph import Node
from tinygrad_lite.engine.recording import no_grad
from tinygrad_lite.engine.trees import flatten, tree_map
from tinygrad_lite.table.exact import no_slope
from tinygrad_lite.table.primitive import Primitive, Pull
from tinygrad_lite.table.registry import DISPATCH, PRIMITIVES, REGISTRY

from .moduli import squared_moduli

ULPS = 16  # of the largest entry; sums and inverses may be in another order


def tracked(arrays: Any) -> list[tl.Tensor]:
    """Leaves that require a gradient, of the arrays themselves."""
    return [tl.Tensor(x, requires_grad=True) for x in arrays]


def assert_same(got: Any, expected: Any) -> None:
    """Equal shape and dtype, and values equal to a few units in the last place; lists entry by entry."""
    if isinstance(expected, (list, tuple)):
        assert len(got) == len(expected)
        for a, b in zip(got, expected, strict=True):
            assert_same(a, b)
        return
    got, expected = (x.data if isinstance(x, tl.Tensor) else x for x in (got, expected))
    assert np.shape(got) == np.shape(expected)
    assert got.dtype == expected.dtype
    scale = np.abs(expected).max(initial=0)
    np.testing.assert_allclose(got, expected, rtol=0, atol=ULPS * np.spacing(scale))


def public(function: Callable[..., Any]) -> bool:
    """Whether a NumPy function is one that users call by name."""
    return any(getattr(space, function.__name__, None) is function for space in (np, np.linalg, np.fft))


def cotangents(outputs: list[Any]) -> list[Any]:
    """A fixed cotangent for each output, of its shape and dtype, with no two entries alike."""
    rng = np.random.default_rng(7)
    return [rng.uniform(0.5, 1.5, y.shape).astype(y.dtype) * (1 + 0.5j if y.dtype.kind == "c" else 1) for y in outputs]


def derivatives(case: Any, arrays: Any) -> tuple[list[Any], list[Any]]:
    """Outputs and gradients, by an ordinary backward pass from each output."""
    leaves = tracked(arrays)
    outputs = [y for y in flatten(case(*leaves))[0] if isinstance(y, tl.Tensor)]
    for y, g in zip(outputs, cotangents(outputs), strict=True):
        if y.requires_grad:
            y.backward(g, retain_graph=True)
    return [y.data for y in outputs], [np.zeros(x.shape, x.dtype) if x.grad is None else x.grad for x in leaves]


# ---------------------------------------------------------------------------------------------------------------------
# Values


def test_arrays_in_arrays_out(case: Any) -> None:
    """The table's function on plain arrays is NumPy's."""
    plain = case(*case.variables)
    assert not any(isinstance(y, tl.Tensor) for y in flatten(plain)[0])
    for function in filter(public, case.entry.numpy):
        assert_same(plain, function(*case.sample.args, **case.sample.kwargs))


def test_tensors_in_tensors_out(case: Any) -> None:
    """On Tensors, called by the table's name and by NumPy's, with the values NumPy gives on arrays."""
    arguments = case.arguments(tracked(case.variables))
    functions = [case.entry.function, *filter(public, case.entry.numpy)]
    expected = functions[-1](*case.sample.args, **case.sample.kwargs)
    for function in functions:
        got = function(*arguments, **case.sample.kwargs)
        assert all(isinstance(y, tl.Tensor) for y in flatten(got)[0])
        assert_same(got, expected)


def test_constants_are_not_recorded(case: Any) -> None:
    constants = [tl.Tensor(x) for x in case.variables]
    leaves = tracked(case.variables)
    with no_grad():
        unrecorded = [y for y in flatten(case(*leaves))[0] if all(y is not x for x in leaves)]
    for y in [*flatten(case(*constants))[0], *unrecorded]:
        assert not y.requires_grad


DOUBLES = {
    *("bincount", "corrcoef", "cov", "float_power", "interp"),
    *("geomspace", "polyder", "polyfit", "polyint", "vander"),
}
"""Functions that NumPy has compute with doubles, or with integers that make doubles of them."""


def test_float32_stays_float32(case: Any) -> None:
    narrow = [x.astype(np.complex64 if x.dtype.kind == "c" else np.float32) for x in case.variables]
    outputs, gradients = derivatives(case, narrow)
    wide, exact = derivatives(case, [x.astype(np.complex128 if x.dtype.kind == "c" else np.float64) for x in narrow])
    own = [f(*case.arguments(narrow), **case.sample.kwargs) for f in filter(public, case.entry.numpy)]
    expected = {np.asarray(y).dtype for y in flatten(own)[0]} or {np.dtype(np.float32)}  # float64 for float_power
    assert {y.dtype for y in outputs} <= expected | {np.dtype(np.complex64)}
    assert [g.dtype for g in gradients] == [x.dtype for x in narrow]
    for got, right in zip([*outputs, *gradients], [*wide, *exact], strict=True):
        np.testing.assert_allclose(got, right, rtol=2e-5, atol=1e-5)


# ---------------------------------------------------------------------------------------------------------------------
# Derivatives


def check_derivatives(case: Any) -> None:
    tl.check_gradients(case, *case.variables, order=2)
    if case.squared is not None:
        tl.check_gradients(case.squared, *case.variables, order=2)


def test_derivatives_of_order_1_and_2(case: Any) -> None:
    """Along random directions, and of arguments of a few entries by each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gradients, "ENTRY_BY_ENTRY", 4)
        check_derivatives(case)


@pytest.mark.long
def test_derivatives_of_order_1_and_2_by_each_entry(case: Any) -> None:
    check_derivatives(case)


def test_a_recorded_sweep_finds_the_same_gradient(case: Any) -> None:
    """What a node remembers for speed and what the recorded sweep computes instead are the same."""
    outputs, pull = tl.vjp(case, *case.variables)
    _, recorded_pull = tl.vjp(case, *tracked(case.variables))
    seeds = tree_map(lambda y: cotangents([y])[0], outputs)
    for got, expected in zip(recorded_pull(seeds), pull(seeds), strict=True):
        np.testing.assert_allclose(got.data, expected, rtol=1e-12, atol=1e-14)


def test_results_and_gradients_have_the_inputs_shapes(case: Any) -> None:
    outputs, gradients = derivatives(case, case.variables)
    assert outputs
    assert [g.shape for g in gradients] == [x.shape for x in case.variables]
    assert {type(g) for g in gradients} == {np.ndarray}
    assert all(type(y) is np.ndarray if y.ndim else isinstance(y, np.generic) for y in outputs)


def strided(x: np.ndarray) -> np.ndarray:
    """Every second entry of a larger array."""
    larger = np.full([2 * n for n in x.shape], np.nan, x.dtype)
    larger[tuple([slice(None, None, 2)] * x.ndim)] = x
    return larger[tuple([slice(None, None, 2)] * x.ndim)]


def reversed_memory(x: np.ndarray) -> np.ndarray:
    """Negative strides."""
    back = tuple([slice(None, None, -1)] * x.ndim)
    return x[back].copy()[back]


def fortran(x: np.ndarray) -> np.ndarray:
    return np.asfortranarray(x) if x.ndim else x


def read_only(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x.flags.writeable = False
    return x


def broadcast_view(x: np.ndarray) -> np.ndarray:
    """All entries of the last axis in one place of memory."""
    return np.broadcast_to(x[..., :1], x.shape) if x.ndim and x.size else x


def derivatives_where_defined(case: Any, arrays: Any) -> Any:
    """Outputs and gradients, or the kind of error where there are none: as of a matrix with equal columns, singular."""
    try:
        return derivatives(case, arrays)
    except (np.linalg.LinAlgError, RuntimeWarning) as error:
        return type(error)


@np.errstate(all="ignore")  # of one number again and again, some functions make NaN
def test_memory_layout_does_not_matter(case: Any) -> None:
    for layout in (strided, reversed_memory, fortran, read_only, broadcast_view):
        unusual = [layout(x) for x in case.variables]
        got = derivatives_where_defined(case, unusual)
        expected = derivatives_where_defined(case, [np.array(x, order="C") for x in unusual])
        if layout is broadcast_view and isinstance(expected, type):
            assert got is expected
            continue
        for a, b in zip(flatten(got)[0], flatten(expected)[0], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-14, err_msg=layout.__name__)


ELEMENTWISE = [e for e in REGISTRY.values() if isinstance(e.function, Primitive) and e.name != "matmul"]


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (1, 1)])
@pytest.mark.parametrize("function", ELEMENTWISE, ids=lambda e: e.name)
def test_elementwise_functions_take_any_shape(function: Any, shape: tuple[int, ...], draw: Any) -> None:
    sample = next(iter(function.samples(draw)))
    leaves = tracked([np.full(shape, x.flat[0]) for x in sample.args])
    y = function.function(*leaves)
    assert y.shape == shape
    y.backward(np.ones(shape))
    assert {x.grad.shape for x in leaves} == {shape}
    assert {type(x.grad) for x in leaves} == {np.ndarray}


def test_every_elementwise_function_is_among_them() -> None:
    assert {"add", "exp", "maximum", "heaviside"} <= {e.name for e in ELEMENTWISE}
    assert all(e.function.broadcasts for e in ELEMENTWISE)


# ---------------------------------------------------------------------------------------------------------------------
# What a backward pass keeps and hands out


def nodes(*tensors: tl.Tensor) -> list[Node]:
    """All nodes that were recorded for these Tensors."""
    found: dict[Node, None] = {}
    stack = [t._node for t in tensors if t.requires_grad]
    while stack:
        node = stack.pop()
        if node is not None and node not in found:
            found[node] = None
            stack += [parent for parent, _, _ in node.pulls or ()]
    return list(found)


def test_a_node_saves_what_its_rules_name_and_nothing_else(case: Any) -> None:
    outputs = flatten(case(*tracked(case.variables)))[0]
    for node in nodes(*outputs):
        if node.primitive is None:
            continue
        rules = {pull.rule: pull.names for pull in node.primitive.pulls}
        shapes = dict(zip(node.primitive.inputs, [getattr(p, "shape", ()) for p in node.parents], strict=False))
        for _, rule, saved in node.pulls or ():
            assert len(saved) == len(rules[rule])
            for name, value in zip(rules[rule], saved, strict=True):
                if name == "y":
                    assert (value.shape, value.dtype) == (node.shape, node.dtype)
                elif not node.primitive.variadic and name in shapes:
                    assert np.shape(value) == shapes[name]
                elif not node.primitive.variadic and name.removesuffix("_shape") in shapes:
                    assert value == shapes[name.removesuffix("_shape")]


def test_gradients_share_memory_with_nothing(case: Any) -> None:
    leaves = tracked([x.copy() for x in case.variables])
    outputs = [y for y in flatten(case(*leaves))[0] if y.requires_grad]
    seeds = cotangents(outputs)

    def gradients() -> list[np.ndarray]:
        for x in leaves:
            x.zero_grad()
        for y, g in zip(outputs, seeds, strict=True):
            y.backward(g, retain_graph=True)
        return [x.grad for x in leaves if x.grad is not None]

    def everything_else() -> list[np.ndarray]:
        return [np.array(x) for x in [*[x.data for x in leaves], *[y.data for y in outputs], *seeds]]

    first = gradients()
    before, values = [g.copy() for g in first], everything_else()
    for k, g in enumerate(first):
        g[...] = np.nan
        for other, right in zip(first[k + 1 :], before[k + 1 :], strict=True):
            np.testing.assert_array_equal(other, right)
    for got, right in zip(everything_else(), values, strict=True):
        np.testing.assert_array_equal(got, right)
    for got, right in zip(gradients(), before, strict=True):  # nor did it reach what the nodes saved
        np.testing.assert_array_equal(got, right)


def test_backward_does_not_write_to_the_gradient_it_is_given(case: Any) -> None:
    outputs = [y for y in flatten(case(*tracked(case.variables)))[0] if y.requires_grad]
    seeds = cotangents(outputs)
    for y, g in zip(outputs, seeds, strict=True):
        if isinstance(g, np.ndarray):
            g.flags.writeable = False
        y.backward(g, retain_graph=True)
    assert all(np.array_equal(a, b) for a, b in zip(seeds, cotangents(outputs), strict=True))


# ---------------------------------------------------------------------------------------------------------------------
# The table is complete


def counted(made: Primitive, used: Counter[str]) -> tuple[Pull, ...]:
    """The primitive's pulls, counting how often each rule runs."""

    def count(pull: Pull, name: str) -> Pull:
        def rule(*args: Any) -> Any:
            used[name] += 1
            return pull.rule(*args)

        return pull._replace(rule=rule)

    return tuple([count(pull, f"{made.name}.{name}") for pull, name in zip(made.pulls, made.inputs, strict=True)])


def test_every_rule_is_exercised_by_a_sample(
    all_cases: Any, writing_cases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a sample's first derivative or its second: adjoints of indexing and the like are seen in the second only."""
    used: Counter[str] = Counter()
    every_rule = {
        f"{made.name}.{name}"
        for made in PRIMITIVES.values()
        for place, name in enumerate(made.inputs)
        if made.pull_of(place).rule is not no_slope  # of a hint, through which no number's derivative goes back
    }
    for made in PRIMITIVES.values():
        monkeypatch.setattr(made, "pulls", counted(made, used))
    for case in all_cases.values():

        def first(*x: Any, case: Any = case) -> Any:
            return sum([squared_moduli(y) for y in flatten(case(*x))[0]])

        variables, every = case.variables, range(len(case.variables))

        def second(*x: Any, first: Any = first, every: Any = every) -> Any:
            return sum([squared_moduli(g) for g in tl.grad(first, every)(*x)])

        tl.grad(second, every)(*variables)
    tl.Tensor(np.ones(2), requires_grad=True).astype(np.float32).sum().backward()  # a method, no entry of the table
    tl.prod(tl.Tensor(np.array([2.0**-600, 2.0**600]), requires_grad=True)).backward()  # no difference quotient is near
    for program in writing_cases:
        tl.hessian(lambda x, program=program: program(x).sum())(np.ones(2))
    assert every_rule - set(used) == set()


def test_every_function_has_a_docstring_with_an_example_that_runs(entry: Any) -> None:
    doc = entry.function.__doc__
    assert doc
    assert len(doc.splitlines()[0]) > 3
    example = doctest.DocTestParser().get_doctest(doc, {"np": np, "tl": tl}, entry.name, None, 0)
    assert example.examples, f"{entry.name} has no example"
    report: list[str] = []
    results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=report.append)
    assert not results.failed, "".join(report)


def test_every_function_is_public_under_its_name(entry: Any) -> None:
    public = getattr(tl, entry.name)
    if entry.name == "trace":  # which, without a matrix, is a context manager
        square = np.arange(9.0).reshape(3, 3)
        assert public(square) == entry.function(square) == 12
    else:
        assert public is entry.function
    assert all(DISPATCH[function].__name__ in (entry.name, entry.function.__name__) for function in entry.numpy)


def test_every_function_has_samples_that_differ(entry: Any, draw: Any) -> None:
    samples = list(entry.samples(draw))
    described = Counter([repr([getattr(x, "shape", x) for x in flatten(s.args)[0]]) + repr(s.kwargs) for s in samples])
    assert samples
    assert max(described.values()) <= 2
