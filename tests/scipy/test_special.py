"""scipy.special's functions: values, derivatives to second order over the range of floats, and how they are reached."""

from __future__ import annotations

import doctest
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine.trees import flatten, unflatten

scipy_special = pytest.importorskip("scipy.special")
import tinygrad_lite.scipy.special as special  # noqa: E402
from tinygrad_lite.scipy.entering import SPECIAL  # noqa: E402
from tinygrad_lite.table.registry import DISPATCH  # noqa: E402

from ..table.cotangents import check_together, gradient  # noqa: E402

Reference = Callable[[Any], Any]


def draw(*shape: int, low: float = -2.0, high: float = 2.0) -> np.ndarray:
    return np.asarray(np.random.default_rng(sum(shape) + len(shape)).uniform(low, high, shape))


def is_variable(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


class AtSample:
    """A function at one of its samples, as a function of what is differentiated."""

    def __init__(self, name: str, sample: Any) -> None:
        self.name, self.sample = name, sample
        self.leaves, self.structure = flatten(sample.args)
        self.variables = [x for x in self.leaves if is_variable(x)]

    def __call__(self, *variables: Any) -> Any:
        remaining = iter(variables)
        args = unflatten(self.structure, [next(remaining) if is_variable(x) else x for x in self.leaves])
        return SPECIAL[self.name].function(*args, **self.sample.kwargs)

    def theirs(self) -> Any:
        return getattr(scipy_special, self.name)(*self.sample.args, **self.sample.kwargs)


CASES = {f"{name}-{k}": AtSample(name, s) for name, e in SPECIAL.items() for k, s in enumerate(e.samples(draw))}
AT_SAMPLES = pytest.mark.parametrize("at", CASES.values(), ids=list(CASES))


def values(result: Any) -> list[Any]:
    return [y.data if isinstance(y, tl.Tensor) else y for y in flatten(result)[0]]


@pytest.mark.sampled(3)
@AT_SAMPLES
def test_values_are_scipys(at: AtSample) -> None:
    expected = flatten(at.theirs())[0]
    leaves = [tl.Tensor(x, requires_grad=True) for x in at.variables]
    for got in (values(at(*at.variables)), values(at(*leaves))):
        for a, b in zip(got, expected, strict=True):
            assert (np.shape(a), a.dtype) == (np.shape(b), b.dtype)
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)


@pytest.mark.sampled(3)
@AT_SAMPLES
def test_many_cotangents_are_as_each_by_itself(at: AtSample) -> None:
    check_together(at, at.variables)
    check_together(gradient(at), at.variables)


@pytest.mark.sampled(3)
@AT_SAMPLES
def test_derivatives_of_order_1_and_2(at: AtSample) -> None:
    tl.check_gradients(at, *at.variables, order=2)


@pytest.mark.sampled(3)
@AT_SAMPLES
def test_gradients_of_float32_are_float32(at: AtSample) -> None:
    narrow = [x.astype(np.float32) for x in at.variables]

    def gradients(arrays: Any) -> Any:
        leaves = [tl.Tensor(x, requires_grad=True) for x in arrays]
        total = sum([(y * y).sum() for y in flatten(at(*leaves))[0] if isinstance(y, tl.Tensor)])
        total.backward()
        return [x.grad for x in leaves]

    for got, expected in zip(gradients(narrow), gradients([x.astype(np.float64) for x in narrow]), strict=True):
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, expected, rtol=2e-5, atol=1e-5 * np.abs(expected).max(initial=1))


@pytest.mark.parametrize("name", sorted(SPECIAL))
def test_every_function_has_an_example_that_runs(name: str) -> None:
    text = SPECIAL[name].function.__doc__ or ""
    example = doctest.DocTestParser().get_doctest(text, {"np": np, "tl": tl}, name, None, 0)
    assert example.examples
    report: list[str] = []
    assert not doctest.DocTestRunner().run(example, out=report.append).failed, "".join(report)


# ---------------------------------------------------------------------------------------------------------------------
# The whole range


def two_derivatives(f: Reference, p: float) -> tuple[float, float]:
    """By a difference in 140 digits."""
    mp = pytest.importorskip("mpmath")
    with mp.workdps(140):
        x = mp.mpf(p)
        h = (abs(x) or mp.mpf(1)) * mp.mpf(10) ** -25
        y = [mp.re(f(x + k * h)) for k in (-2, -1, 0, 1, 2)]
        first = (y[0] - 8 * y[1] + 8 * y[3] - y[4]) / (12 * h)
        second = (-y[0] + 16 * y[1] - 30 * y[2] + 16 * y[3] - y[4]) / (12 * h * h)
        return float(first), float(second)


def references() -> list[Any]:
    """A name, the function, the same in mpmath, and points."""
    mp = pytest.importorskip("mpmath")
    sqrt, exp, log = mp.sqrt, mp.exp, mp.log
    s = special

    def normal(x: Any) -> Any:
        return mp.erfc(-x / sqrt(2)) / 2

    whole = [
        ("erf", s.erf, mp.erf, [0.5, -6]),
        ("erfcx", s.erfcx, lambda x: exp(x * x) * mp.erfc(x), [0, -5, 1.499, 1.501, 3, 50, 1e5]),
        ("dawsn", s.dawsn, lambda x: sqrt(mp.pi) / 2 * exp(-x * x) * mp.erfi(x), [0.3, -3, 6.9, 7.1]),
        ("erfinv", s.erfinv, mp.erfinv, [1e-10, 0.99, -0.9999]),
        ("ndtr", s.ndtr, normal, [0.1, -8, 8]),
        ("log_ndtr", s.log_ndtr, lambda x: log(normal(x)), [0, -1e5, -40, -10, -2.2, -2, 1, 5]),
        ("expit", s.expit, lambda x: 1 / (1 + exp(-x)), [-200, 40, 100]),
        ("log_expit", s.log_expit, lambda x: -log(1 + exp(-x)), [0, 40, 100]),
        ("logit", s.logit, lambda x: log(x / (1 - x)), [1e-100, 0.4, 1 - 1e-10]),
        ("gamma", s.gamma, mp.gamma, [1e-5, 0.5, -0.5, -2.5, 20.0, 150.0]),
        ("gammaln", s.gammaln, mp.loggamma, [1e-5, 0.5, 20.0, 1e10]),
        ("psi", s.psi, lambda x: mp.psi(0, x), [1e-5, 0.5, -0.5, 20.0, 1e10]),
        ("rgamma", s.rgamma, mp.rgamma, [0, -1, -5, 0.5, 0.49999, -0.5, -10.5, 3, 50.0]),
        ("poch", lambda z: s.poch(z, 1.5), lambda z: mp.rf(z, mp.mpf(1.5)), [0.5, 2, 50, 1e8]),
        ("binom", lambda n: s.binom(n, 2.5), lambda n: mp.binomial(n, mp.mpf(2.5)), [3, 10, 1e8]),
        ("binom of k", lambda k: s.binom(10.0, k), lambda k: mp.binomial(10, k), [0.1, 2, 9.5]),
        ("polygamma", lambda x: s.polygamma(2, x), lambda x: mp.psi(2, x), [0.1, 3, 1e6]),
        ("zeta", lambda q: s.zeta(2.5, q), lambda q: mp.zeta(mp.mpf(2.5), q), [0.1, 3]),
        ("entr", s.entr, lambda x: -x * log(x), [1e-100, 0.5, 1e10]),
        ("kl_div", lambda a: s.kl_div(a, 2.0), lambda a: a * log(a / 2) - a + 2, [1e-40, 2 + 1e-9, 1e40]),
        ("kl_div of b", lambda b: s.kl_div(2.0, b), lambda b: 2 * log(2 / b) - 2 + b, [1e-50, 2 + 1e-9, 1e50]),
        ("exprel", s.exprel, lambda x: (exp(x) - 1) / x, [1e-10, 1.9, -1.9, 3.1, -3.1, -50, -1e10, 100]),
        ("boxcox", lambda k: s.boxcox(3.0, k), lambda k: (3**k - 1) / k, [1e-9, -1e-9, 1, -1, 5]),
        ("inv_boxcox", lambda k: s.inv_boxcox(2.0, k), lambda k: (1 + 2 * k) ** (1 / k), [1e-9, 1, 3]),
        ("pseudo_huber", lambda d: s.pseudo_huber(d, 2.0), lambda d: d * sqrt(d * d + 4) - d * d, [1e-8, 1, 1e8]),
        (
            "spence",
            s.spence,
            lambda z: mp.polylog(2, 1 - z),
            [1e-9, 1e-3, 0.49, 0.51, 0.999, 1, 1.001, 1.6, 3, 1e6, 1e100],
        ),
        ("expi", s.expi, mp.ei, [0.1, -3, 50, -50, 700]),
        ("exp1", s.exp1, mp.e1, [1e-3, 3, 50]),
        *[(f"expn {n}", lambda x, n=n: s.expn(n, x), lambda x, n=n: mp.expint(n, x), [0.1, 3]) for n in (0, 1, 5)],
        ("Si", lambda x: s.sici(x)[0], mp.si, [1e-8, 3, 100]),
        ("Ci", lambda x: s.sici(x)[1], mp.ci, [1e-3, 3, 100]),
        ("Shi", lambda x: s.shichi(x)[0], mp.shi, [1e-8, 3, 100]),
        ("Fresnel's S", lambda x: s.fresnel(x)[0], mp.fresnels, [0.3, 100.3]),
        ("ellipk", s.ellipk, mp.ellipk, [0, 1e-12, 0.5, 0.999999, -5, -1e6]),
        ("ellipe", s.ellipe, mp.ellipe, [0, 1e-12, 0.5, 0.999999, -5]),
        ("ellipkm1", s.ellipkm1, lambda p: mp.ellipk(1 - p), [1e-100, 1e-10, 0.5, 1, 3]),
        ("agm", lambda a: s.agm(a, 2.0), lambda a: mp.agm(a, 2), [1e-5, 2, 2.1, 1e5]),
        ("lambertw", s.lambertw, mp.lambertw, [0, -0.36, 1, 1e10]),
        ("W of -1", lambda x: s.lambertw(x, -1), lambda x: mp.lambertw(x, -1), [-0.36, -1e-10]),
        ("Ai", lambda x: s.airy(x)[0], mp.airyai, [-20, 0.5, 3]),
        ("Bi", lambda x: s.airy(x)[2], mp.airybi, [-20, 0.5, 3]),
        ("j1", s.j1, lambda x: mp.besselj(1, x), [0.5, -3, 50]),
        ("y1", s.y1, lambda x: mp.bessely(1, x), [0.1, 50]),
        ("i1", s.i1, lambda x: mp.besseli(1, x), [0.5, -3, 50]),
        ("k1", s.k1, lambda x: mp.besselk(1, x), [0.1, 50]),
        ("i0e", s.i0e, lambda x: mp.besseli(0, x) * exp(-abs(x)), [0.5, -3, 29, 31, -31, 1e4]),
        ("i1e", s.i1e, lambda x: mp.besseli(1, x) * exp(-abs(x)), [0.5, -3, 29, 32, -32, 1e4]),
        ("k0e", s.k0e, lambda x: mp.besselk(0, x) * exp(x), [0.01, 3, 29, 31, 1e4]),
        ("k1e", s.k1e, lambda x: mp.besselk(1, x) * exp(x), [0.01, 3, 29, 32, 1e4]),
    ]
    for v in (1, 2.5):
        whole += [
            (f"ive {v}", lambda x, v=v: s.ive(v, x), lambda x, v=v: mp.besseli(v, x) * exp(-x), [0.5, 3, 40, 1e4]),
            (f"kve {v}", lambda x, v=v: s.kve(v, x), lambda x, v=v: mp.besselk(v, x) * exp(x), [0.5, 3, 40, 1e4]),
            (f"struve {v}", lambda x, v=v: s.struve(v, x), lambda x, v=v: mp.struveh(v, x), [0.5, 3, 40, 200]),
            (f"modstruve {v}", lambda x, v=v: s.modstruve(v, x), lambda x, v=v: mp.struvel(v, x), [0.5, 3, 30]),
        ]
    for a in (0.5, 1, 2, 9.5, 10.5, 1000.0):
        whole.append((
            f"gammainc {a}",
            lambda x, a=a: s.gammainc(a, x),
            lambda x, a=a: mp.gammainc(a, 0, x, regularized=True),
            [0.9 * a, a, 1.01 * a],
        ))  # fmt: skip
    for a, b in ((0.5, 2), (3, 40), (50, 20)):
        whole.append((
            f"betainc {a} {b}",
            lambda x, a=a, b=b: s.betainc(a, b, x),
            lambda x, a=a, b=b: mp.betainc(a, b, 0, x, regularized=True),
            [0.99 * a / (a + b), a / (a + b)],
        ))  # fmt: skip
    for b in (1e-10, 0.5, 3, 1e8):
        whole.append((
            f"betaln {b}",
            lambda a, b=b: s.betaln(a, b),
            lambda a, b=b: mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b),
            [1e-5, 0.5, 2, 24, 26, 1e10],
        ))  # fmt: skip
    return [pytest.param(f, ref, float(p), id=f"{name} at {p}") for name, f, ref, points in whole for p in points]


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("f", "reference", "p"), references())
def test_two_derivatives_over_the_range(f: Any, reference: Reference, p: float) -> None:
    first, second = two_derivatives(reference, p)
    assert float(tl.grad(f)(p)) == pytest.approx(first, rel=1e-12, abs=1e-300)
    assert float(tl.grad(tl.grad(f))(p)) == pytest.approx(second, rel=1e-10, abs=1e-14 * abs(first))


def test_the_dilogarithm_at_the_ends_of_its_range() -> None:
    first, second = tl.grad(special.spence), tl.grad(tl.grad(special.spence))
    assert [float(f(x)) for x in (0.0, 1.0, np.inf) for f in (first, second)] == [-np.inf, np.inf, -1.0, 0.5, 0.0, 0.0]
    assert np.isnan(first(-1.0))


BOUNDED = ["erf", "erfc", "ndtr", "log_ndtr", "expit", "log_expit", "dawsn"]


@pytest.mark.parametrize("name", BOUNDED)
@pytest.mark.parametrize("x", [1e200, 1e30, 50.0, -50.0, -1e30, np.inf])
def test_far_away_derivatives_are_finite_and_nothing_is_warned_of(name: str, x: float) -> None:
    f = getattr(special, name)
    assert np.isfinite(tl.grad(f)(x))
    assert np.isfinite(tl.grad(tl.grad(f))(x))


# ---------------------------------------------------------------------------------------------------------------------
# Guarded points


def partials(f: Any, a: float, b: float) -> list[float]:
    return [float(d) for d in tl.grad(f, (0, 1))(a, b)]


def test_zeros_of_what_is_times_a_logarithm() -> None:
    assert partials(special.xlogy, 0.0, 0.0) == [-np.inf, 0.0]
    assert partials(special.xlogy, 0.0, 2.0) == [pytest.approx(np.log(2)), 0.0]
    assert partials(special.xlog1py, 0.0, -1.0) == [-np.inf, 0.0]
    assert partials(special.rel_entr, 0.0, 2.0) == [-np.inf, 0.0]
    assert partials(special.kl_div, 0.0, 0.0)[1] == 1.0
    assert float(tl.grad(special.entr)(0.0)) == np.inf
    # of a branch that is not taken
    taken = tl.grad(lambda x: np.where(x > 0, special.xlogy(x, x), 0.0).sum())(np.array([0.0, 1.0]))
    assert taken.tolist() == [0.0, 1.0]
    mixed = tl.grad(lambda y: tl.grad(lambda x: special.xlogy(x, y))(0.0))(2.0)
    assert float(mixed) == 0.5  # ∂²/∂x∂y = 1/y, at the guarded x too


def test_scaled_bessel_functions_at_their_kink() -> None:
    assert float(tl.grad(special.i0e)(0.0)) == 0.0
    assert float(tl.grad(special.i1e)(0.0)) == 0.5


def test_struve_at_zero() -> None:
    assert float(tl.grad(lambda x: special.struve(0, x))(0.0)) == pytest.approx(2 / np.pi)
    assert float(tl.grad(tl.grad(lambda x: special.struve(1, x)))(0.0)) == pytest.approx(4 / (3 * np.pi))
    assert float(tl.grad(tl.grad(lambda x: special.modstruve(1, x)))(0.0)) == pytest.approx(4 / (3 * np.pi))


def test_incomplete_gamma_at_zero() -> None:
    for a, slope, curvature in ((1.0, 1.0, -1.0), (2.0, 0.0, 1.0), (3.0, 0.0, 0.0), (12.0, 0.0, 0.0)):
        f = tl.grad(lambda x, a=a: special.gammainc(a, x))
        assert [float(f(0.0)), float(tl.grad(f)(0.0))] == [slope, curvature]


def test_huber_at_its_edge() -> None:
    assert partials(special.huber, 1.0, 1.0) == [0.0, 1.0]
    assert partials(special.huber, 1.0, -3.0) == [2.0, -1.0]
    assert partials(special.pseudo_huber, 0.0, 0.0) == [0.0, 0.0]
    assert partials(special.pseudo_huber, 1.0, 0.0) == [0.0, 0.0]


# ---------------------------------------------------------------------------------------------------------------------
# How they are reached

X = np.array([0.5, 1.5])


@pytest.mark.parametrize("name", sorted({e.name for e in SPECIAL.values() if e.numpy}))
def test_scipys_ufuncs_take_tensors(name: str) -> None:
    for ufunc in SPECIAL[name].numpy:
        assert isinstance(ufunc, np.ufunc)
        assert DISPATCH[ufunc] is SPECIAL[name].function


def test_outputs_and_outer_products() -> None:
    def into(t: Any) -> Any:
        out = tl.tensor(np.zeros(2))
        scipy_special.gammaln(t, out=out)
        return out.sum()

    np.testing.assert_allclose(tl.grad(into)(X), scipy_special.psi(X))
    np.testing.assert_allclose(tl.grad(lambda t: scipy_special.beta.outer(t, X).sum())(X).shape, 2)
    assert scipy_special.gammaln(tl.tensor(X), dtype=np.float32).dtype == np.float32
    y = scipy_special.gammaln(tl.tensor(X))
    assert isinstance(y, tl.Tensor)
    assert not y.requires_grad


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda t: scipy_special.gammainc(t, 1.0).sum(), r"scipy\.special\.gammainc: no derivative with respect to a"),
        (lambda t: scipy_special.jv(t, 1.0).sum(), r"scipy\.special\.jv: no derivative with respect to v"),
        (lambda t: special.polygamma(t, 1.0).sum(), r"scipy\.special\.polygamma: no derivative with respect to n"),
        (
            lambda t: special.spherical_jn(t, 1.0).sum(),
            r"scipy\.special\.spherical_jn: no derivative with respect to n",
        ),
        (lambda t: special.zeta(t).sum(), r"scipy\.special\.zeta: no derivative with respect to x"),
        (lambda t: scipy_special.zeta(t, 2.0).sum(), r"scipy\.special\.zeta: no derivative with respect to x"),
        (lambda t: scipy_special.voigt_profile(t, 1.0, 1.0).sum(), r"scipy\.special\.voigt_profile has no derivative"),
        (lambda t: scipy_special.gammaln(t, out=np.zeros(2)).sum(), r"writes to an array"),
        (lambda t: special.comb(t, 1).sum(), r"special\.comb"),
    ],
)
def test_refusals(f: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        tl.grad(f)(X)


def test_orders_may_be_tensors_without_a_gradient() -> None:
    assert float(tl.grad(lambda x: special.jv(tl.tensor(0.0), x))(1.0)) == pytest.approx(-special.j1(1.0))
    with pytest.raises(TypeError, match="jv: takes v, x; got 1 of the 2 inputs"):
        special.jv(1.0)


def test_errors_are_scipys() -> None:
    t = tl.Tensor(X, requires_grad=True)
    with pytest.raises(ValueError, match=r"a > 0\.5"):
        special.multigammaln(t, 4)
    with pytest.raises(ValueError, match="real values alone"):
        special.lambertw(tl.tensor(-1.0))


def test_what_is_not_here_is_scipys() -> None:
    assert special.roots_legendre is scipy_special.roots_legendre
    assert set(dir(scipy_special)) == set(dir(special))
    with pytest.raises(AttributeError):
        special.no_such_function  # noqa: B018


def test_log_sums_take_weights_and_signs() -> None:
    b = np.array([1.0, -3.0, 0.0])
    a = np.array([1000.0, 1000.0, np.inf])
    got, sign = special.logsumexp(tl.tensor(a), b=b, return_sign=True)
    expected, expected_sign = scipy_special.logsumexp(a, b=b, return_sign=True)
    assert [float(got), float(sign)] == [expected, expected_sign]
    tl.check_gradients(lambda x, w: special.logsumexp(x, 0, w), draw(3, 2), draw(3, 1, low=0.5), order=2)
    assert special.logsumexp(tl.tensor(1.5)).item() == 1.5


# ---------------------------------------------------------------------------------------------------------------------
# Loading


def fresh(code: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(tl.__file__).parents[1],
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_room_is_loaded_when_a_function_of_scipys_meets_a_tensor() -> None:
    loaded = fresh(
        "import json, sys, tinygrad_lite as tl; seen = ['scipy' in sys.modules]; import scipy.special as s; "
        "tl.tensor(1.0) > 0; seen.append('tinygrad_lite.scipy' in sys.modules); y = tl.grad(s.gammaln)(1.0); "
        "seen.append('tinygrad_lite.scipy' in sys.modules); print(json.dumps(seen))"
    )
    assert loaded == [False, False, True]


@pytest.mark.parametrize("name", ["special", "stats"])
def test_without_scipy_one_sentence_names_the_extra(name: str) -> None:
    message = fresh(
        "import json, sys\nsys.modules['scipy'] = None\ntry:\n    import tinygrad_lite.scipy." + name + "\n"
        "except ImportError as error:\n    print(json.dumps(str(error)))"
    )
    assert message.endswith("needs SciPy: pip install 'tinygrad-lite[scipy]'")


# ---------------------------------------------------------------------------------------------------------------------
# Others


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("erf", -3, 3), ("erfc", -3, 3), ("erfcx", -3, 30), ("erfinv", -0.9, 0.9), ("expit", -40, 40),
        ("logit", 0.01, 0.99), ("gammaln", 0.1, 30), ("digamma", 0.1, 30), ("ndtr", -5, 5), ("log_ndtr", -30, 5),
        ("ndtri", 0.01, 0.99), ("entr", 0.01, 3), ("exp2", -3, 3), ("expm1", -3, 3), ("log1p", -0.9, 3),
        ("i0", -5, 5), ("i0e", -50, 50), ("i1", -5, 5), ("i1e", -50, 50),
    ],
)  # fmt: skip
def test_gradients_are_pytorchs(name: str, low: float, high: float) -> None:
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).uniform(low, high, 200)
    t = torch.tensor(x, requires_grad=True)
    getattr(torch.special, name)(t).sum().backward()
    got = tl.grad(lambda x: getattr(special, name)(x).sum())(x)
    np.testing.assert_allclose(got, t.grad.numpy(), rtol=1e-8, atol=1e-9)


@pytest.mark.oracle
@pytest.mark.parametrize(
    "name", ["betaln", "xlogy", "xlog1py", "rel_entr", "kl_div", "poch", "beta"],
)  # fmt: skip
def test_gradients_are_jaxs(name: str) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0.2, 5, 50), rng.uniform(0.2, 5, 50)
    theirs = jax.grad(lambda a, b: getattr(jax.scipy.special, name)(a, b).sum(), (0, 1))(a, b)
    ours = tl.grad(lambda a, b: getattr(special, name)(a, b).sum(), (0, 1))(a, b)
    for got, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-9)
