"""Refusals: what they say first, that none is swallowed, and that a gradient of nothing warns."""

import builtins
import contextlib
import io
import math
import re
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine.refusals import attempt, running

X = np.array([0.3, -0.7, 1.2])
C = np.ones(3)
LEAF = tl.tensor([1.0, 2.0], requires_grad=True)


@pytest.fixture(autouse=True)
def nothing_goes_on():
    yield
    assert not running
    assert attempt.get() is None


def refused(f, x=X):
    """The message with which a transform refuses a function."""
    with pytest.raises(TypeError) as caught:
        tl.grad(f)(x)
    return str(caught.value)


def put(c, index, value):
    c[index] = value
    return c.sum()


# ---------------------------------------------------------------------------------------------------------------------
# Remedies


@pytest.mark.parametrize(
    ("f", "asked", "remedy"),
    [
        (lambda x: np.array([x[0], 1.0]).sum(), "np.array", "np.stack"),
        (lambda x: np.asarray(x).sum(), "np.asarray", "t itself"),
        (lambda x: np.sum([x[0], 1.0]), "np.sum", "np.stack"),
        (lambda x: np.exp([x[0], 1.0]).sum(), "np.exp", "np.stack"),
        (lambda x: np.pad(C, 1, constant_values=x[0]).sum(), "np.pad", "tl.pad"),
        (lambda x: np.pad(C, 1, "linear_ramp", end_values=(x[0], 0.0)).sum(), "np.pad", "tl.pad"),
        (lambda x: np.interp(3.0, C, C, right=x[0]), "np.interp", "tl.interp"),
        (lambda x: np.interp(C, C, C, left=x[0]).sum(), "np.interp", "tl.interp"),
        (lambda x: np.polyint(C, k=x[0]).sum(), "np.polyint", "tl.polyint"),
        (lambda x: np.select([C > 1], [C], default=x[0]).sum(), "np.select", "tl.select"),
        (lambda x: np.unwrap(C, period=x[0]).sum(), "np.unwrap", "tl.unwrap"),
        (lambda x: np.eye(3).dot(x).sum(), "np.eye(3).dot", "a @ t"),
        (lambda x: put(np.zeros(3), 0, x[0]), "assignment", "tl.tensor(c)"),
        (lambda x: put(np.zeros(3), slice(1, None), x[1:]), "assignment", "tl.tensor(c)"),
        (lambda x: np.add(x, 1.0, out=np.zeros(3)).sum(), "np.add", "tl.tensor(c)"),
        (lambda x: math.exp(x[0]), "math.exp()", "np.exp in place of math.exp"),
        (lambda x: math.asin(x[0]), "math.asin()", "np.arcsin in place of math.asin"),
        (lambda x: math.erf(x[0]), "math.erf()", "tl.erf in place of math.erf"),
        (lambda x: x.sum() * math.isnan(x[0]), "math.isnan()", "np.isnan"),
        (lambda x: float(x[0]), "float()", "leave float() out"),
        (lambda x: builtins.float(x[0]), "float()", "leave float() out"),
        (lambda x: "%f" % x[0] and x.sum(), "float()", "leave float() out"),  # noqa: UP031
        (lambda x: int(x[0]) * x.sum(), "int()", "np.floor(t)"),
        (lambda x: x.sum().item() * x.sum(), "item()", "The Tensor itself"),
        (lambda x: np.array(x.tolist()).sum(), "tolist()", "The Tensor itself"),
        (lambda x: np.float64(x[0]) * 2, "np.float64", "t.astype(np.float64)"),
    ],
)
def test_the_remedy_that_keeps_the_gradient_comes_first(f, asked, remedy):
    message = refused(f)
    assert asked in message
    assert remedy in message
    assert message.index(remedy) < message.index("t.detach()")
    assert "requires a gradient" in message


def test_iterators_say_what_to_write():
    with pytest.raises(ValueError, match=r"np\.nditer.*requires a gradient.*np\.ndindex\(t\.shape\).*t\[k\], keeps it"):
        np.nditer([LEAF, None])
    for f in (lambda x: [v.sum() for v in np.nditer(x)], lambda x: np.nested_iters([x[None], None], [[0], [1]])):
        with pytest.raises(ValueError, match=r"np\.ndindex\(t\.shape\)"):
            tl.grad(tl.adapt(f))(X)
    np.testing.assert_array_equal(tl.grad(lambda x: sum(x[k] for k in np.ndindex(x.shape)))(X), [1, 1, 1])
    assert [v.item() for v in np.nditer(LEAF.detach())] == [1.0, 2.0]


@pytest.mark.parametrize(
    "f",
    [
        lambda m, x: m.pad(C, 1, constant_values=x[0]),
        lambda m, x: m.pad(C, 1, "linear_ramp", end_values=(x[0], 0.0)),
        lambda m, x: m.interp(3.0, C, C, right=x[0]),
        lambda m, x: m.interp(-C, C, C, left=x[0]),
        lambda m, x: m.polyint(C, k=x[0]),
        lambda m, x: m.select([C > 1], [C], default=x[0]),
        lambda m, x: m.unwrap([0.0, 2.0], period=x[2]),
    ],
)
def test_what_is_said_to_keep_it_keeps_it(f):
    for module in (tl, tl.numpy):
        np.testing.assert_array_equal(f(module, tl.tensor(X, requires_grad=True)).data, f(np, X))
        tl.check_gradients(lambda x, m=module: f(m, x), X)


def test_functions_of_scipy_have_their_own_names():
    special = pytest.importorskip("scipy.special")
    message = refused(lambda x: special.mathieu_a(1, x).sum())
    assert "scipy.special.mathieu_a has no derivative here" in message
    assert message.index("a primitive with its own rule") < message.index("t.detach()")
    message = refused(lambda x: special.logsumexp(x))
    assert "tl.logsumexp(t) keeps it" in message
    message = refused(lambda x: special.polygamma(1, x).sum())
    assert "tinygrad_lite.scipy.special.polygamma in place of special.polygamma keeps it" in message


def test_functions_of_scipy_that_have_no_derivative_say_so():
    linalg, stats = pytest.importorskip("scipy.linalg"), pytest.importorskip("scipy.stats")
    special = pytest.importorskip("scipy.special")
    message = refused(lambda x: linalg.lu(x[None])[1].sum())
    assert re.match(
        r"scipy\.linalg\.lu has no derivative here, and .* np\.linalg\.qr\(t\), .* keeps it; t\.det", message
    )
    message = refused(lambda x: stats.rankdata(x).sum())
    assert "scipy.stats.rankdata has no derivative here" in message
    assert "a primitive with its own rule" in message
    assert "scipy.stats.pearsonr has no derivative here" in refused(lambda x: stats.pearsonr(x, C)[0])
    assert "special.zeta has no derivative here" in refused(lambda x: special.zeta(x).sum())
    assert "scipy.special.wofz has no derivative here" in refused(lambda x: special.wofz(x).real.sum())


def test_scipy_is_named_from_the_programs_line():
    linalg, stats = pytest.importorskip("scipy.linalg"), pytest.importorskip("scipy.stats")
    assert "in linalg.solve_triangular" in refused(lambda x: linalg.solve_triangular(np.eye(3), x).sum())
    assert "in stats.norm.cdf" in refused(lambda x: stats.norm.cdf(x).sum())
    frozen = stats.gamma(2.0)
    for f in (
        lambda x: stats.norm.logpdf(x).sum(),
        lambda x: stats.norm(0, 1).logpdf(x).sum(),
        lambda x: frozen.logpdf(x).sum(),
    ):
        assert re.search(r"tinygrad_lite\.scipy\.stats\.(norm|gamma)\.logpdf in place of", refused(f))


def test_without_source_the_message_is_a_general_one():
    names = {"np": np, "math": math}
    exec("f = lambda x: np.array([x[0]]).sum()\ng = lambda x: math.exp(x[0])\ndef h(x, c):\n    c[0] = x[0]", names)
    assert "np.stack" in refused(names["f"]) or "A function of the table" in refused(names["f"])
    assert "np.exp" in refused(names["g"])
    assert "assignment" in refused(lambda x: names["h"](x, np.zeros(3)))


def test_outside_transforms_the_cause_names_the_remedy():
    w, c = tl.tensor(1.0, requires_grad=True), np.zeros(3)
    with pytest.raises((ValueError, TypeError)) as caught:
        c[0] = w
    assert "tl.tensor(c)" in str(caught.value.__cause__ or caught.value.__context__ or caught.value)
    with pytest.raises(TypeError, match=r"np\.exp in place of math\.exp"):
        math.exp(w)
    assert w.item() == 1.0
    assert w.tolist() == 1.0


def test_what_does_not_depend_on_anything_is_free():
    def f(x):
        c = tl.tensor([1.0, 2.0])
        assert c.tolist() == [1.0, 2.0]
        assert math.exp(c[0]) == math.e
        assert x.detach().tolist() == list(X)
        with tl.no_grad():
            assert (x * 2).sum().item() == pytest.approx(1.6)
        return (x * float(c[1])).sum()

    np.testing.assert_array_equal(tl.grad(f)(X), [2.0, 2.0, 2.0])


# ---------------------------------------------------------------------------------------------------------------------
# Errors of others, in whose place ours is raised


def test_a_refusal_is_raised_in_place_of_numpys_error():
    with pytest.raises(TypeError, match=r"assignment to entries.*tl\.tensor\(c\).*test_refusals\.py, line \d+, in put"):
        tl.grad(lambda x: put(np.zeros(3), 0, x[0]))(X)


def test_a_refusal_is_raised_in_place_of_the_programs_own_error():
    def f(x):
        try:
            return np.asarray(x).sum()
        except TypeError as error:
            raise RuntimeError("not supported") from error

    assert "np.asarray" in refused(f)


def test_an_error_that_is_no_refusal_stays():
    def f(x):
        raise ValueError("mine")

    def g(x):
        try:
            np.asarray(x)
        except TypeError:
            raise KeyError("mine") from None

    with pytest.raises(ValueError, match="mine"):
        tl.grad(f)(X)
    with pytest.raises(KeyError, match="mine"):
        tl.grad(g)(X)


# ---------------------------------------------------------------------------------------------------------------------
# Swallowed


def swallowing(door):
    """A function that tries a door and takes another branch."""

    def f(x):
        try:
            door(x)
        except Exception:
            return (x * x).sum()
        return x.sum()

    return f


DOORS = [
    pytest.param(lambda x: np.asarray(x), id="asarray"),
    pytest.param(lambda x: float(x[0]), id="float"),
    pytest.param(lambda x: x.tolist(), id="tolist"),
    pytest.param(lambda x: put(np.zeros(3), 0, x[0]), id="assignment"),
    pytest.param(lambda x: np.save(io.BytesIO(), x), id="no-rule"),
    pytest.param(lambda x: np.add(x, 1, out=np.zeros(3)), id="out"),
    pytest.param(lambda x: tl.repeat(np.ones(2), x), id="parameter"),
    pytest.param(lambda x: put(tl.tensor([1, 2, 3]), 0, x[0]), id="integers"),
    pytest.param(lambda x: put(LEAF, 0, x[0]), id="leaf"),
    pytest.param(lambda x: x * np.matrix(np.eye(3)), id="matrix", marks=pytest.mark.filterwarnings("ignore")),
    pytest.param(lambda x: x * np.ma.masked_array(C), id="masked"),
]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("transform", [tl.grad, tl.value_and_grad, tl.jacobian, tl.hessian])
def test_a_swallowed_refusal_is_raised_at_the_end(door, transform):
    with pytest.raises(TypeError, match=r"went on after something was refused.*test_refusals\.py, line \d+"):
        transform(swallowing(door))(X)


def test_a_swallowed_refusal_is_raised_by_linear_maps():
    f = swallowing(lambda x: np.asarray(x))
    for call in (lambda: tl.vjp(f, X), lambda: tl.jvp(f, (X,), (X,)), lambda: tl.hvp(f)(X, X)):
        with pytest.raises(TypeError, match="went on after"):
            call()


def test_swallowed_within_a_generator():
    def entries(x):
        for t in x:
            try:
                yield float(t)
            except TypeError:
                yield t

    with pytest.raises(TypeError, match="went on after"):
        tl.grad(lambda x: sum(entries(x)))(X)


def test_swallowed_by_suppress():
    def f(x):
        with contextlib.suppress(TypeError):
            return float(x[0])
        return x.sum()

    with pytest.raises(TypeError, match="went on after"):
        tl.grad(f)(X)


@pytest.mark.parametrize("door", [lambda x: np.asarray(x), lambda x: x.sum().item(), lambda x: x.tolist()])
def test_swallowed_in_another_thread(door):
    """A thread has a context of its own, in which no transform goes on."""

    def f(x):
        with ThreadPoolExecutor(1) as pool, contextlib.suppress(TypeError):
            pool.submit(door, x * 2).result()
        return x.sum()

    with pytest.raises(TypeError, match="went on after"):
        tl.grad(f)(X)


def test_a_transform_in_another_thread_is_none_of_this_ones_business():
    inside, done = threading.Event(), threading.Event()

    def waiting(x):
        inside.set()
        assert done.wait(10)
        return x.sum()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(tl.grad(waiting), X)
        assert inside.wait(10)
        w = tl.tensor([1.0], requires_grad=True)
        assert (w * 2).sum().item() == 2.0
        with pytest.raises(TypeError):
            np.asarray(w)
        done.set()
        np.testing.assert_array_equal(other.result(), np.ones(3))


# ---------------------------------------------------------------------------------------------------------------------
# Transforms within transforms


def test_an_inner_transforms_refusal_of_something_else_may_be_handled():
    """It failed, was told so, and has nothing to do with the outer variables."""

    def f(x):
        try:
            slope = tl.grad(lambda y: float(y))(2.0)
        except TypeError:
            slope = 1.0
        return slope * x.sum()

    np.testing.assert_array_equal(tl.grad(f)(X), np.ones(3))


def test_an_inner_transforms_refusal_of_what_depends_on_the_outer_variables_may_not():
    def f(x):
        try:
            slope = tl.grad(lambda y: float(y * x[0]))(2.0)
        except TypeError:
            slope = 1.0
        return slope * x.sum()

    with pytest.raises(TypeError, match="went on after"):
        tl.grad(f)(X)


def test_after_a_failure_nothing_is_left():
    with pytest.raises(TypeError):
        tl.grad(lambda x: float(x[0]))(X)
    np.testing.assert_array_equal(tl.grad(lambda x: x.sum())(X), np.ones(3))
    with pytest.raises(TypeError), warnings.catch_warnings():
        np.asarray(tl.tensor(1.0, requires_grad=True))
    np.testing.assert_array_equal(tl.grad(lambda x: x.sum())(X), np.ones(3))


def test_probes_that_are_no_refusals_are_free():
    """What code that takes many kinds of arguments asks before it computes."""

    def f(x):
        for probe in (iter, len, np.iterable, np.ndim, np.shape, np.isscalar, np.isrealobj, callable, repr, hash):
            with contextlib.suppress(TypeError):
                probe(x[0])
        for name in ("__array__", "dtype", "shape", "values", "iloc", "__cuda_array_interface__"):
            getattr(x, name, None)
        return x.sum()

    np.testing.assert_array_equal(tl.grad(f)(X), np.ones(3))


# ---------------------------------------------------------------------------------------------------------------------
# What does not depend on an argument


@pytest.mark.parametrize(
    ("call", "which"),
    [
        (lambda: tl.grad(lambda x: 3.0)(1.0), "grad: .* argument 0,"),
        (lambda: tl.grad(lambda x, y: x * x, (0, 1))(1.0, 2.0), "argument 1,"),
        (lambda: tl.grad(lambda x, y: 1.0, (0, 1))(1.0, 2.0), "arguments 0, 1,"),
        (lambda: tl.value_and_grad(lambda x: x.detach().sum())(X), "argument 0,"),
        (lambda: tl.grad(lambda x: np.sum(x.data))(X), "argument 0,"),
        (lambda: tl.grad(lambda p: p["a"] ** 2)({"a": 1.0, "b": [2.0]}), r"argument 0\['b'\]\[0\],"),
        (lambda: tl.vjp(lambda x: np.ones(2), X), "vjp: .* argument 0,"),
        (lambda: tl.jacobian(lambda x: np.ones(2))(X), "jacobian: .* argument 0,"),
        (lambda: tl.hessian(lambda x: 2.0)(X), "argument 0,"),
        (lambda: tl.hvp(lambda x: 2.0)(X, X), "argument 0,"),
    ],
)
def test_it_warns_naming_the_argument(call, which):
    with pytest.warns(UserWarning, match=f"{which}.*zero") as caught:
        call()
    assert caught[0].filename == __file__


def test_what_is_rightly_zero_does_not_warn():
    linear = lambda x: (2 * x).sum()
    np.testing.assert_array_equal(tl.hessian(linear)(X), np.zeros((3, 3)))
    np.testing.assert_array_equal(tl.hvp(linear)(X, X), np.zeros(3))
    assert tl.grad(tl.grad(lambda x: 3 * x))(1.0) == 0
    np.testing.assert_array_equal(tl.grad(lambda x: np.floor(x).sum())(X), np.zeros(3))
    np.testing.assert_array_equal(tl.grad(lambda x: x.sum())(np.zeros(0)), np.zeros(0))
    blocks = tl.jacobian(lambda x, y: x, (0, 1))(X, X)
    np.testing.assert_array_equal(blocks[1], np.zeros((3, 3)))
    tl.vjp(lambda x, y: x, X, X)


# ---------------------------------------------------------------------------------------------------------------------
# Whole numbers, fractions, complex numbers


def test_whole_numbers_of_mathematics_have_derivative_zero():
    def f(x):
        return math.floor(x[2]) * x[0] + math.ceil(x[2]) * x[1] + math.trunc(x[1]) + C[math.floor(x[0])] * x[2]

    np.testing.assert_array_equal(tl.grad(f)(X), [1.0, 2.0, 1.0])
    assert type(math.floor(tl.tensor(1.5))) is int


def test_numbers_pass_for_numpys_scalars():
    def f(x):
        assert isinstance(x[0], float)
        assert isinstance(x[0], np.floating)
        assert np.isscalar(x[0])
        assert not isinstance(x, (float, np.ndarray))
        assert type(x[0]) is tl.Tensor
        return x[0] ** 2

    np.testing.assert_allclose(tl.grad(f)(X), [0.6, 0, 0])


@pytest.mark.parametrize("x", [X, 0.5])
def test_fractions_are_numbers(x):
    for f in (
        lambda x: np.sum(x * Fraction(1, 2)),
        lambda x: np.sum(Fraction(1, 2) * x),
        lambda x: np.sum(x + Fraction(1, 2)) / 2,
        lambda x: np.sum(np.multiply(x, Fraction(1, 2))),
    ):
        np.testing.assert_array_equal(tl.grad(f)(x), np.full(np.shape(x), 0.5))


@pytest.mark.parametrize("x", [X, 0.5])
def test_decimals_are_refused_as_in_numpy(x):
    for f in (lambda x: x * Decimal("0.5"), lambda x: Decimal("0.5") * x):
        with pytest.raises(TypeError):
            f(np.asarray(x)[()])
        with pytest.raises(TypeError, match="multiply"):
            tl.grad(lambda x, f=f: np.sum(f(x)))(x)


@pytest.mark.parametrize("x", [X, 0.5])
@pytest.mark.parametrize("z", [1 + 2j, np.complex64(1j), np.array(2j)])
def test_complex_numbers_beside_real_ones(x, z):
    for f in (lambda x: x * z, lambda x: z * x, lambda x: x + z, lambda x: z - x, lambda x: x**z):
        value = f(tl.tensor(x))
        np.testing.assert_allclose(value.data, f(np.asarray(x)[()]))
        tl.check_gradients(lambda x, f=f: np.sum(np.abs(f(x))), x, order=2)


def test_indices_may_be_tuples():
    np.testing.assert_array_equal(tl.grad(lambda x: x.reshape(1, 3)[:, (0, 1)].sum())(X), [1.0, 1.0, 0.0])
    np.testing.assert_array_equal(tl.grad(lambda x: x.reshape(1, 3)[(0,), (2,)].sum())(X), [0.0, 0.0, 1.0])
