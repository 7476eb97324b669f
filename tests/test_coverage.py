"""Every public callable of NumPy's is known, and what is said of it is true when it is run."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.polynomial.polynomial as polynomial
import pytest

import tinygrad_lite as tl
import tinygrad_lite.numpy as tnp
from docs import coverage
from docs.coverage import CONSTANT_RESULT, DERIVED, FRESH, IN_NAMESPACE, OTHER, REFUSED, WRITES
from tinygrad_lite.engine.trees import flatten, unflatten
from tinygrad_lite.table.registry import DISPATCH
from tinygrad_lite.table.requests import POLYNOMIALS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")

X = np.array([[0.3, -0.7, 1.2], [0.5, 0.1, 0.9], [0.2, 0.4, -0.6]])
V = X[0]


def leaf(x: Any) -> tl.Tensor:
    return tl.Tensor(np.array(x, float), requires_grad=True)


FOUND = [
    (space, name, function, coverage.covered(space, name, function))
    for space, module in coverage.SPACES.items()
    for name, function in coverage.callables(module)
]


def of_status(status: str) -> Any:
    """A test for each callable of a status."""
    rows = {f"{space}.{name}": (name, function) for space, name, function, row in FOUND if row.status == status}
    return pytest.mark.parametrize(("name", "function"), rows.values(), ids=list(rows))


# ---------------------------------------------------------------------------------------------------------------------
# All are there


def test_every_callable_has_a_row() -> None:
    """Fails where NumPy has one more."""
    found = coverage.tables()
    assert {row.status for rows in found.values() for row in rows} == set(coverage.STATUSES)
    for space, rows in found.items():
        assert len({row.name for row in rows}) == len(rows), space
    assert {f"ufunc.{name}" for name, _ in coverage.callables(np.ufunc)} <= {row.name for row in coverage.UFUNC_METHODS}


def test_what_nothing_knows_is_an_error() -> None:
    def new(x: Any) -> Any:
        return x

    for call in (
        lambda: coverage.covered("np", "sum", new),
        lambda: coverage.method_covered("new"),
        lambda: coverage.random_covered("np.random", "new"),
    ):
        with pytest.raises(LookupError):
            call()


def test_the_page_has_every_row() -> None:
    text = coverage.page()
    for rows in coverage.tables().values():
        for row in rows:
            cells = [f"     - {cell}".rstrip() for cell in row[1:]]
            assert "\n".join([f"   * - ``{row.name}``", *cells, ""]) in text


def test_what_is_listed_is_there() -> None:
    """In every release of NumPy from 2.0 on, but for what is said not to be."""
    modules = [*coverage.SPACES.values(), np.ndarray, np.random, np.random.Generator]
    there = {name for module in modules for name, _ in coverage.callables(module)}
    listed = {*coverage.MAKERS, *coverage.NOT_OF_NUMBERS, *coverage.INSTEAD_OF, *coverage.MADE_OF_THE_TABLES}
    listed |= {*coverage.OWN_METHODS, *coverage.DRAWS, *coverage.GENERATORS, *POLYNOMIALS}
    assert listed - there <= coverage.OF_SOME_RELEASES
    kinds = {name.removeprefix(prefix) for module, prefix in coverage.FAMILIES.items() for name in vars(module)}
    assert set(coverage.OF_FAMILIES) <= kinds


@pytest.mark.parametrize(
    ("function", "keywords"),
    [
        (np.sum, "``axis, dtype, out, keepdims, initial, where``"),
        (np.broadcast_to, "``subok``"),
        (np.exp, "a ufunc's"),
        (np.append, "``axis``"),
    ],
)
def test_keywords(function: Any, keywords: str) -> None:
    assert coverage.keywords_of(function) == keywords


def test_a_keyword_that_is_refused_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DISPATCH, np.sum, lambda a, axis=None: a)
    assert coverage.keywords_of(np.sum) == "``axis, out``; refused: ``dtype, keepdims, initial, where``"
    with pytest.raises(TypeError, match="takes no dtype="):
        np.sum(leaf(X), dtype=np.float32)


# ---------------------------------------------------------------------------------------------------------------------
# Differentiated


WITHOUT_SAMPLES: dict[Callable[..., Any], Callable[[Any], Any]] = {
    np.apply_along_axis: lambda x: np.apply_along_axis(np.sum, 0, x),
    np.apply_over_axes: lambda x: np.apply_over_axes(np.sum, x, [0]),
    np.divmod: lambda x: np.divmod(x, 2.0)[1],
    np.frexp: lambda x: np.frexp(x)[0],
    np.full_like: lambda x: np.full_like(x, x[0, 0]),
    np.histogram: lambda x: np.histogram(V, 2, weights=x[0])[0],
    np.histogram2d: lambda x: np.histogram2d(V, V, 2, weights=x[0])[0],
    np.histogramdd: lambda x: np.histogramdd([V, V], 2, weights=x[0])[0],
    np.histogram_bin_edges: np.histogram_bin_edges,
    np.intersect1d: lambda x: np.intersect1d(x, X),
    np.piecewise: lambda x: np.piecewise(x, [X > 0], [np.exp, np.sin]),
    np.linalg.cross: lambda x: np.linalg.cross(x, X[0]),
    np.linalg.diagonal: np.linalg.diagonal,
    np.linalg.outer: lambda x: np.linalg.outer(x[0], x[1]),
    np.linalg.trace: np.linalg.trace,
    np.linalg.vecdot: lambda x: np.linalg.vecdot(x, X),
    np.sort_complex: lambda x: np.abs(np.sort_complex(x)),
    np.unique_all: lambda x: np.unique_all(x).values,
    np.unique_counts: lambda x: np.unique_counts(x).values,
    np.unique_inverse: lambda x: np.unique_inverse(x).values,
}
for with_complex in ("arccos", "arcsin", "arctanh", "log", "log10", "log2", "sqrt"):
    of_all_numbers = getattr(np.emath, with_complex)
    WITHOUT_SAMPLES[of_all_numbers] = lambda x, f=of_all_numbers: np.abs(f(x))
WITHOUT_SAMPLES |= {
    np.emath.logn: lambda x: np.abs(np.emath.logn(2.0, x)),
    np.emath.power: lambda x: np.abs(np.emath.power(x, 2.5) + 1.0),
}
if hasattr(np, "astype"):
    WITHOUT_SAMPLES[np.astype] = lambda x: np.astype(x, np.float64)


MADE_OF_THE_TABLES: dict[str, Callable[[Any, Any], Any]] = {
    "poly1d": lambda f, x: (f(x[0]) * f(x[1])).deriv()(0.5),
    "chebinterpolate": lambda f, x: np.sum(f(lambda z: x[0, 0] * np.exp(x[0, 1] * z), 3)),
    **{f"{prefix}val": lambda f, x: np.sum(f(x[0], V)) for prefix in coverage.FAMILIES.values()},
    **{f"{prefix}weight": lambda f, x: np.sum(f(0.5 * x[0])) for prefix in coverage.FAMILIES.values()},
}
"""What is differentiated and in no table, but made of functions that are."""


@of_status(DERIVED)
def test_a_gradient_flows(name: str, function: Any, draw: Any) -> None:
    if name in MADE_OF_THE_TABLES:
        tl.check_gradients(lambda x: MADE_OF_THE_TABLES[name](function, x), X)
        return
    function = coverage.ALIASES.get(name, function)
    assert function in DISPATCH
    entry = coverage.entry_of(function)
    if entry is None:
        gradient = tl.grad(lambda x: sum([np.sum(y) for y in flatten(WITHOUT_SAMPLES[function](x))[0]]))(X)
        assert np.abs(gradient).sum() > 0
        return
    for sample in entry.samples(draw):
        leaves, structure = flatten(sample.args)
        inputs = [tl.Tensor(x, requires_grad=True) if is_variable(x) else x for x in leaves]
        outputs = function(*unflatten(structure, inputs), **sample.kwargs)
        tensors = [y for y in flatten(outputs)[0] if isinstance(y, tl.Tensor)]
        if any(y.requires_grad for y in tensors):
            return
    pytest.fail("no sample's gradient flows")


def is_variable(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


def test_nothing_else_is_without_samples() -> None:
    named = {coverage.ALIASES.get(name, f) for _, name, f, row in FOUND if row.status == DERIVED}
    named -= {f for _, name, f, _ in FOUND if name in MADE_OF_THE_TABLES}
    assert {f for f in named if coverage.entry_of(f) is None} == set(WITHOUT_SAMPLES)


@of_status(WRITES)
def test_a_write_is_recorded(name: str, function: Any) -> None:
    arguments = {
        "copyto": (V,),
        "fill_diagonal": (2.0,),
        "place": (X > 0, V),
        "put": ([0, 2], V),
        "put_along_axis": (np.array([[0], [1], [2]]), 5.0, 1),
        "putmask": (X > 0, V),
    }[name]

    def f(x: Any) -> Any:
        y = x * 1.0
        function(y, *arguments)
        return np.sum(y * y) + np.sum(x)

    value, gradient = tl.value_and_grad(f)(X)
    assert value == pytest.approx(f(X))
    assert (gradient == 1).any()


# ---------------------------------------------------------------------------------------------------------------------
# Constant


WHOLE = np.array([[3, 1, 2], [0, 5, 4], [7, 6, 8]])
CONSTANT_CALLS: dict[str, Callable[[Any], Any]] = {
    "argpartition": lambda t: np.argpartition(t, 1),
    "can_cast": lambda t: np.can_cast(t.dtype, float),
    "diag_indices_from": np.diag_indices_from,
    "digitize": lambda t: np.digitize(t, [0.0, 1.0]),
    "einsum_path": lambda t: np.einsum_path("ij,jk", t, t),
    "isin": lambda t: np.isin(t, [0.3]),
    "in1d": lambda t: vars(np)["in1d"](t, [0.3]),
    "searchsorted": lambda t: np.searchsorted([0.0, 1.0], t),
    "lexsort": lambda t: np.lexsort((t[0], t[1])),
    "may_share_memory": lambda t: np.may_share_memory(t, t),
    "min_scalar_type": lambda t: np.min_scalar_type(t),
    "shares_memory": lambda t: np.shares_memory(t, t),
}
WHOLE_NUMBERS = (
    *("bitwise_and", "bitwise_count", "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_or"),
    *("bitwise_right_shift", "bitwise_xor", "gcd", "invert", "lcm", "left_shift", "right_shift"),
)
OF_INTEGERS: dict[str, Callable[[Any], Any]] = {
    "packbits": lambda made: np.packbits(made(WHOLE.astype(np.uint8))),
    "unpackbits": lambda made: np.unpackbits(made(WHOLE.astype(np.uint8))),
    "ravel_multi_index": lambda made: np.ravel_multi_index((made(np.array([0, 1])), made(np.array([1, 0]))), (2, 2)),
    "unravel_index": lambda made: np.unravel_index(made(np.array([0, 3])), (2, 2)),
    "isnat": lambda made: np.isnat(np.array(["NaT"], "M8[s]")),
}


def constant_of(name: str, function: Any, made: Callable[[Any], Any]) -> Any:
    """The function's result for what is made of arrays: the arrays themselves, or Tensors."""
    if name in OF_INTEGERS:
        return OF_INTEGERS[name](made)
    if name in WHOLE_NUMBERS:
        return function(*[made(WHOLE)] * function.nin)
    x, call = made(X), CONSTANT_CALLS.get(name)
    required = [p for p in parameters(function) if p.default is p.empty and p.kind is not p.VAR_POSITIONAL]
    number = function.nin if isinstance(function, np.ufunc) else max(len(required), 1)
    return call(x) if call is not None else function(*[x] * number)


def as_given(x: np.ndarray) -> np.ndarray:
    return x


def as_tensor(x: np.ndarray) -> tl.Tensor:
    return tl.Tensor(x.copy(), requires_grad=x.dtype.kind == "f")


@of_status(CONSTANT_RESULT)
def test_constants_are_plain(name: str, function: Any) -> None:
    """NumPy's result, without a Tensor; and without a float, but for the distance between floats and fresh arrays."""
    leaves, expected = [flatten(constant_of(name, function, made))[0] for made in (as_tensor, as_given)]
    assert not any(isinstance(y, tl.Tensor) for y in leaves)
    assert len(leaves) == len(expected)
    for y, z in zip(leaves, expected, strict=True):
        assert type(y) is type(z)
        if isinstance(y, str):  # a Tensor's text is its own
            continue
        if name == "empty_like":
            assert (y.shape, y.dtype) == (z.shape, z.dtype)
        else:
            np.testing.assert_array_equal(y, z, strict=True)
    if name not in ("spacing", "zeros_like", "ones_like", "empty_like"):
        assert not any(
            getattr(y, "dtype", np.dtype(int)).kind in "fc" for y in leaves if isinstance(y, (np.ndarray, np.generic))
        )


def parameters(function: Any) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []


# ---------------------------------------------------------------------------------------------------------------------
# Refused, there and under another name


SERVED: dict[str, Callable[[Any, Any], Any]] = {
    "arange": lambda m, x: m.arange(x[0, 0], 5.0),
    "full": lambda m, x: m.full(3, x[0, 0]),
    "fromiter": lambda m, x: m.fromiter([x[0, 0], x[0, 1]], float),
    "kaiser": lambda m, x: m.kaiser(4, x[0, 0]),
    "ndenumerate": lambda m, x: sum([value * index[0] for index, value in m.ndenumerate(x)]),
    "polyadd": lambda m, x: m.polynomial.polynomial.polyadd(V, x[0]),
    "polyder": lambda m, x: m.polynomial.polynomial.polyder(x[0]),
    "polygrid2d": lambda m, x: m.polynomial.polynomial.polygrid2d(V, V, x),
    "polygrid3d": lambda m, x: m.polynomial.polynomial.polygrid3d(V, V, V, x[None]),
    "polyint": lambda m, x: m.polynomial.polynomial.polyint(x[0]),
    "polymul": lambda m, x: m.polynomial.polynomial.polymul(V, x[0]),
    "polysub": lambda m, x: m.polynomial.polynomial.polysub(X[1], x[0]),
    "polyval": lambda m, x: m.polynomial.polynomial.polyval(0.5, x[0]),
    "polyval2d": lambda m, x: m.polynomial.polynomial.polyval2d(V, V, x),
    "polyval3d": lambda m, x: m.polynomial.polynomial.polyval3d(V, V, V, x[None]),
    "polyvalfromroots": lambda m, x: m.polynomial.polynomial.polyvalfromroots(0.5, x[0]),
    "polyvander": lambda m, x: m.polynomial.polynomial.polyvander(x[0], 2),
    "vectorize": lambda m, x: m.vectorize(lambda a: a * a)(x),
}


@of_status(IN_NAMESPACE)
def test_refused_but_for_the_other_namespace(name: str, function: Any) -> None:
    call = SERVED.get(name, lambda m, x: getattr(m, name)(x))
    with pytest.raises(TypeError, match="requires a gradient"):
        tl.grad(lambda x: np.sum(call(np, x)))(X)
    tl.check_gradients(lambda x: np.sum(call(tnp, x) ** 2), X)


REFUSED_CALLS: dict[str, Callable[[Any], Any]] = {
    "as_strided": lambda t: np.lib.stride_tricks.as_strided(t, (2,), (8,)),
    "bmat": lambda t: np.bmat([[t]]),
    "frompyfunc": lambda t: np.frompyfunc(abs, 1, 1)(t),
    "nditer": lambda t: np.nditer(t),
    "nested_iters": lambda t: np.nested_iters(t, [[0], [1]]),
    "save": lambda t: np.save("never", t),
    "savetxt": lambda t: np.savetxt("never", t),
    "savez": lambda t: np.savez("never", t),
    "savez_compressed": lambda t: np.savez_compressed("never", t),
}
POLYNOMIAL_CALLS: dict[str, Any] = {
    **dict.fromkeys(("add", "sub", "mul", "div"), lambda f, t: f(t[0], t[1])),
    "fit": lambda f, t: f(V, t[0], 1),
    "pow": lambda f, t: f(t[0], 2),
    "vander": lambda f, t: f(t[0], 2),
    "vander2d": lambda f, t: f(t[0], t[1], [1, 1]),
    "vander3d": lambda f, t: f(t[0], t[1], t[2], [1, 1, 1]),
    "valfromroots": lambda f, t: f(t[0], t[1]),
    "val2d": lambda f, t: f(t[0], t[1], X),
    "grid2d": lambda f, t: f(t[0], t[1], X),
    "val3d": lambda f, t: f(t[0], t[1], t[2], X[None]),
    "grid3d": lambda f, t: f(t[0], t[1], t[2], X[None]),
}
ABSTRACT = ("ABCPolyBase", *[f"{prefix}line" for prefix in coverage.FAMILIES.values()])
"""Of which none can be made, and what tests its arguments' truth first."""


@of_status(REFUSED)
def test_refused_with_a_remedy(name: str, function: Any) -> None:
    if name in ABSTRACT:
        return
    if (getattr(function, "__module__", None) or "").startswith("numpy.polynomial"):
        family = coverage.FAMILIES.get(sys.modules.get(function.__module__), "")  # type: ignore[arg-type]
        of_polynomials = POLYNOMIAL_CALLS.get(name.removeprefix(family), lambda f, t: f(t[0]))
        call = lambda t: of_polynomials(function, t)
    elif isinstance(function, type) and issubclass(function, np.generic):
        call = lambda t: function(t[0, 0])
    else:
        call = REFUSED_CALLS.get(name, function)
    kind = ValueError if name in ("nditer", "nested_iters") else TypeError  # of which they make an error of their own
    with pytest.raises(kind, match=r"requires a gradient|takes a Tensor with axes") as raised:
        tl.grad(call)(X)
    message = str(raised.value)
    assert "keeps" in message or "keep it" in message or "leave" in message or "take" in message


@pytest.mark.parametrize("name", sorted(POLYNOMIALS))
def test_polynomials_by_the_older_functions(name: str) -> None:
    """What the refusals say to write is what NumPy's newer functions give, and keeps the gradient."""
    c1, c2, c, roots, x, y = V, X[1], X[2], X[0], X[1], X[2]
    names = {
        "c1": c1,
        "c2": c2,
        "c": c,
        "roots": roots,
        "r": roots,
        "x": x,
        "y": y,
        "deg": 2,
        "pow": 2,
        "off": 0.5,
        "scl": 2.0,
    }
    if name.endswith("2d"):
        names["c"] = X
    function = getattr(polynomial, name)
    arguments = [names[p.name] for p in parameters(function) if p.name in names and p.default is p.empty]
    if name == "polyvalfromroots":
        arguments = [x, roots]
    got = eval(POLYNOMIALS[name], {"np": np, "functools": functools, **names})
    np.testing.assert_allclose(got, function(*arguments), rtol=1e-8, atol=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# Of no arrays


@of_status(FRESH)
def test_makers_take_no_arrays(name: str, function: Any) -> None:
    given: dict[str, Any] = {
        "fromfunction": (lambda i: i * 1.0, (3,)),
        "mask_indices": (3, np.triu),
        "indices": ((3,),),
    }
    made = function(*given.get(name, (3,)))
    assert all(type(y) is np.ndarray for y in flatten(made)[0])


@of_status(OTHER)
def test_types_and_settings_lose_no_gradient(name: str, function: Any) -> None:
    """Of a Tensor that requires a gradient they make no array of floats."""
    if name in ("test", "show_config", "show_runtime", "info", "seterr", "setbufsize", "set_printoptions"):
        return
    for count in (1, 2):
        try:
            result = function(*[leaf(0.5)] * count)
        except Exception:
            continue
        leaves = [y for y in flatten(result)[0] if isinstance(y, np.ndarray)]
        assert not any(y.dtype.kind in "fc" for y in leaves if y.size)


# ---------------------------------------------------------------------------------------------------------------------
# Methods


METHOD_CALLS: dict[str, Callable[[Any], Any]] = {
    "argpartition": lambda t: t.argpartition(1),
    "astype": lambda t: t.astype(np.float32),
    "choose": lambda t: tl.Tensor(np.array([0, 1, 0])).choose([t[0], t[1]]),
    "clip": lambda t: t.clip(0, 1),
    "compress": lambda t: t.compress([True, False, True], 0),
    "dot": lambda t: t.dot(t),
    "fill": lambda t: t.fill(2.0),
    "item": lambda t: t[0, 0].item(),
    "partition": lambda t: t.partition(1),
    "put": lambda t: t.put([0], 2.0),
    "repeat": lambda t: t.repeat(2),
    "reshape": lambda t: t.reshape(-1),
    "searchsorted": lambda t: t[0].searchsorted(0.5),
    "squeeze": lambda t: t[:1].squeeze(),
    "swapaxes": lambda t: t.swapaxes(0, 1),
    "take": lambda t: t.take([0]),
}
METHOD_ROWS = {name: coverage.method_covered(name) for name, _ in coverage.callables(np.ndarray)}


@pytest.mark.parametrize("name", METHOD_ROWS)
def test_methods(name: str) -> None:
    status = METHOD_ROWS[name].status
    call = METHOD_CALLS.get(name, lambda t: getattr(t, name)())

    def f(x: Any) -> Any:
        y = x * 1.0
        found = call(y)
        return np.sum((y if status == WRITES else found) ** 2) + np.sum(x)

    if status in (DERIVED, WRITES):
        assert np.isfinite(tl.grad(f)(X)).all()
        assert type(call(leaf(X) * 1.0)) is tl.Tensor or status == WRITES
    elif status == CONSTANT_RESULT:
        assert not isinstance(call(leaf(X)), tl.Tensor)
    else:
        with pytest.raises((TypeError, AttributeError), match=r"here it is|makes constants|itself|only a Tensor"):
            tl.grad(f)(X)


@pytest.mark.parametrize("name", sorted(coverage.DRAWS - {"shuffle"}))
def test_draws_refuse_parameters_that_require_a_gradient(name: str) -> None:
    """Refused, or an error of NumPy's; never numbers without a gradient."""
    for owner in (np.random, np.random.default_rng(0)):
        function = getattr(owner, name, None)
        if function is None:
            continue
        for count in (1, 2, 3):
            with pytest.raises((TypeError, ValueError)):
                function(*[leaf([0.5, 0.6])] * count)


def test_shuffling_is_a_write_of_which_numpy_warns() -> None:
    """It exchanges entries one by one; of rows, which are views, it says itself that it may go wrong."""
    t = leaf(V) * 1.0
    with pytest.warns(UserWarning, match="not guaranteed"):
        np.random.default_rng(0).shuffle(t)
    assert sorted(t.detach().data) == sorted(V)
