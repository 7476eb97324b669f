"""SciPy's functions that NumPy has, too: values as SciPy's, also in their keywords, derivatives, adapted programs."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

scipys = pytest.importorskip("scipy.linalg")
import scipy  # noqa: E402
import scipy.fft  # noqa: E402
import scipy.special  # noqa: E402
import scipy.stats  # noqa: E402
from scipy import linalg as renamed  # noqa: E402
from scipy.fft import rfft  # noqa: E402
from scipy.linalg import expm  # noqa: E402

import tinygrad_lite.scipy.fft as fft  # noqa: E402
import tinygrad_lite.scipy.linalg as linalg  # noqa: E402
from tinygrad_lite.scipy.decompositions import DECOMPOSITIONS, STRUCTURES  # noqa: E402
from tinygrad_lite.table.later import SPACES  # noqa: E402

RNG = np.random.default_rng(5)
A = RNG.uniform(-1, 1, (3, 3)) + 3 * np.eye(3)
P = A @ A.T
B = RNG.uniform(-1, 1, (3, 2))
X = RNG.uniform(-1, 1, (3, 5))
Z = X + 1j * RNG.uniform(-1, 1, (3, 5))

MATRICES = {
    "cholesky": [((P,), {}), ((P,), {"lower": True, "check_finite": False})],
    "det": [((A,), {}), ((np.stack([A, P]),), {})],
    "eigh": [((P,), {}), ((P,), {"lower": False, "eigvals_only": True})],
    "eigvals": [((P,), {})],
    "eigvalsh": [((P,), {}), ((P, None), {"lower": False})],
    "inv": [((A,), {}), ((A, True), {})]
    + [((A,), {"assume_a": kind, "lower": lower}) for kind in ("gen", "sym", "her", "pos") for lower in (False, True)]
    + [((A,), {"assume_a": kind}) for kind in ("upper triangular", "lower triangular")],
    "norm": [((A,), {}), ((A, 1), {}), ((A, 2), {"axis": 0, "keepdims": True}), ((A,), {"ord": "nuc"})],
    "pinv": [((B,), {}), ((B,), {"rtol": 1e-8}), ((B,), {"atol": 0.1, "rtol": 0.01}),
             ((A,), {"atol": 0.1, "return_rank": True}), ((np.stack([A, P]),), {"atol": 0.1})],
    "qr": [((A,), {}), ((B,), {"mode": "economic"}), *[((a,), {"mode": "r"}) for a in (A, B, B.T)]],
    "solve": [((A, B), {}), ((A, B[:, 0]), {"transposed": True, "assume_a": "gen"})]
    + [((A, B), {"assume_a": kind, "lower": lower}) for kind in STRUCTURES for lower in (False, True)]
    + [((A, B[:, 0]), {"assume_a": kind, "transposed": True}) for kind in ("pos", "lower triangular", "tridiagonal")],
    "svd": [((A,), {}), ((B,), {"full_matrices": False}), ((A, True, False), {})],
    "svdvals": [((B,), {})],
}  # fmt: skip


def parts(y: Any) -> list[Any]:
    return [x.data if isinstance(x, tl.Tensor) else x for x in (y if isinstance(y, tuple) else (y,))]


def close(got: Any, expected: Any) -> None:
    """Equal shapes, kinds of dtypes, and values but for the last digits."""
    assert len(parts(got)) == len(parts(expected))
    for a, b in zip(parts(got), parts(expected), strict=True):
        assert (np.shape(a), np.asarray(a).dtype) == (np.shape(b), np.asarray(b).dtype)
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_all_that_are_served_are_tested() -> None:
    assert sorted(MATRICES) == sorted(DECOMPOSITIONS)
    assert set(DECOMPOSITIONS) < set(linalg.SERVED)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("name", "args", "kwargs"), [(name, *call) for name, calls in MATRICES.items() for call in calls]
)
def test_values_and_derivatives_of_matrices(name: str, args: Any, kwargs: Any) -> None:
    theirs, ours = getattr(scipys, name), getattr(linalg, name)
    expected = theirs(*args, **kwargs)
    arrays = [x for x in args if isinstance(x, np.ndarray)]
    rest = args[len(arrays) :]
    close(ours(*map(tl.tensor, arrays), *rest, **kwargs), expected)
    close(ours(*args, **kwargs), expected)
    symmetric = name in ("eigh", "eigvalsh", "cholesky", "eigvals")

    def invariant(*x: Any) -> Any:
        """What does not depend on signs of vectors."""
        found = ours(*[v + v.T if symmetric else v for v in x], *rest, **kwargs)
        found = found if isinstance(found, tuple) else (found,)
        return sum([np.sum(np.abs(y) ** 2 * np.arange(1.0, np.size(y) + 1).reshape(np.shape(y))) for y in found])

    tl.check_gradients(invariant, *arrays)


@pytest.mark.parametrize(
    ("call", "keyword"),
    [
        (lambda t: linalg.eigh(t, np.eye(3)), "b="),
        (lambda t: linalg.qr(t, pivoting=True), "pivoting=True"),
        (lambda t: linalg.qr(t, mode="raw"), "mode='raw'"),
        (lambda t: fft.fft(t, nonsense=1), "nonsense"),
        (lambda t: fft.fft(t, plan=1), "plan=1"),
    ],
)
def test_no_keyword_is_ignored(call: Any, keyword: str) -> None:
    with pytest.raises(TypeError, match=keyword):
        call(tl.tensor(P, requires_grad=True))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: linalg.svd(t, lapack_driver="best"), ValueError, "gesvd"),
        (lambda t: linalg.eigh(t, driver="gvd"), ValueError, "gvd"),
        (lambda t: linalg.solve(t, np.ones(3), assume_a="square"), ValueError, "'square' is not a recognized .*'pos'"),
        (lambda t: linalg.inv(t, assume_a="diagonal"), ValueError, "'diagonal' is not a recognized"),
        (lambda t: linalg.inv(-t, assume_a="pos"), np.linalg.LinAlgError, "inv: assume_a='pos'.*not positive definite"),
        (lambda t: linalg.solve(t, t[0], assume_a="positive definite") + linalg.solve(-t, t[0], assume_a="pos"),
         np.linalg.LinAlgError, "solve: assume_a='pos'.*not positive definite"),
        (lambda t: linalg.solve(t + 0j, t[0], assume_a="her", transposed=True), NotImplementedError, "real matrices"),
        (lambda t: linalg.pinv(t, atol=-1.0), ValueError, "must not be negative, got -1.0"),
        (lambda t: fft.fft2(t, axes=(1, -1)), ValueError, "repeated axis"),
        (lambda t: fft.dctn(t, axes=(0, 0)), ValueError, "repeated axis"),
        (lambda t: fft.hfftn(t, s=(2, 2), axes=0), ValueError, "s has 2 lengths for 1 axes"),
        (lambda t: fft.fft(t, workers=0), ValueError, "workers"),
    ],
)  # fmt: skip
def test_what_scipy_refuses_is_refused(call: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        call(tl.tensor(P, requires_grad=True))


@pytest.mark.parametrize("kwargs", [{"atol": 2.5}, {"atol": 1.0, "rtol": 0.5, "return_rank": True}, {"rtol": 0.9}])
def test_a_pseudoinverse_of_which_parts_are_cut_off(kwargs: Any) -> None:
    """Its value is SciPy's; the derivative, which is not that at a rank, is refused."""
    close(linalg.pinv(tl.tensor(A), **kwargs), scipys.pinv(A, **kwargs))
    close(linalg.pinv(tl.tensor(0 * A), **kwargs), scipys.pinv(0 * A, **kwargs))
    with pytest.raises(np.linalg.LinAlgError, match=r"pinv: singular values of up to .* are cut off that are not 0"):
        tl.grad(lambda a: linalg.pinv(a, **kwargs | {"return_rank": False}).sum())(A)


@pytest.mark.parametrize("assume_a", ["sym", "her", "pos"])
@pytest.mark.parametrize("lower", [False, True])
def test_complex_matrices_of_which_a_triangle_is_read(assume_a: str, lower: bool) -> None:
    a = A + 1j * RNG.uniform(-0.5, 0.5, (3, 3)) + 3 * np.eye(3)
    for f, args in ((linalg.solve, (a, Z[:, 0])), (linalg.inv, (a,))):
        call = partial(f, assume_a=assume_a, lower=lower)
        np.testing.assert_allclose(call(*map(tl.tensor, args)).data, call(*args))
        tl.check_gradients(lambda *x, f=call: np.sum(np.abs(f(*x)) ** 2 * np.arange(1.0, 4.0)), *args, order=2)


TRANSFORMS = [
    *[(name, {}) for name in fft.SERVED if name not in ("fftshift", "ifftshift")],
    *[(name, {"axes": 1}) for name in ("fftshift", "ifftshift")],
    *[(name, {"n": n, "axis": 0, "norm": norm}) for name in ("fft", "irfft", "ihfft", "dct")
      for n, norm in ((2, "ortho"), (4, "forward"))],
    *[(name, {"s": (2, 4), "axes": (1, 0), "workers": 1}) for name in ("fftn", "rfft2", "dctn", "idstn")],
    *[(name, kwargs) for name in ("fftn", "hfft2", "hfftn", "ihfft2", "ihfftn")
      for kwargs in ({"norm": "ortho"}, {"s": (2, 6), "norm": "forward"}, {"axes": 0}, {"s": 2, "axes": -1})],
    *[
        pytest.param(
            name,
            {"type": type, "norm": norm, "orthogonalize": made},
            marks=() if norm is None and made is None else pytest.mark.sampled(4),
        )
        for name in ("dct", "dst", "idct", "idst")
        for type in (1, 2, 3, 4)
        for norm in (None, "ortho", "forward")
        for made in (None, True, False)
    ],
]  # fmt: skip
COMPLEX = (
    *("fft", "ifft", "irfft", "hfft", "fft2", "ifft2", "irfft2", "hfft2", "fftn", "ifftn", "irfftn"),
    "hfftn",
)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("name", "kwargs"), TRANSFORMS, ids=lambda x: str(x))
def test_transforms(name: str, kwargs: Any) -> None:
    x = Z if name in COMPLEX else X
    ours, expected = getattr(fft, name), getattr(scipy.fft, name)(x, **kwargs)
    close(ours(tl.tensor(x), **kwargs), expected)
    close(ours(x, **kwargs), expected)
    narrow = x.astype(np.complex64 if name in COMPLEX else np.float32)
    assert ours(tl.tensor(narrow), **kwargs).dtype == getattr(scipy.fft, name)(narrow, **kwargs).dtype
    tl.check_gradients(
        lambda t: np.sum(np.abs(ours(t, **kwargs)) ** 2 * np.arange(expected.size).reshape(expected.shape)), x, order=2
    )


def test_transforms_refuse_what_scipy_does() -> None:
    t = tl.tensor(X, requires_grad=True)
    for call in (lambda: fft.dct(t, 5), lambda: fft.dct(t[:, :1], 1), lambda: fft.dst(t, norm="no")):
        with pytest.raises(ValueError, match=r"type|norm"):
            call()


PROGRAMS = {
    "linalg": lambda x: renamed.inv(x).sum() + scipy.linalg.det(x) + expm(x / 3).sum(),
    "fft": lambda x: np.sum(np.abs(rfft(x)) ** 3) + np.sum(scipy.fft.dct(x) ** 2),
    "special": lambda x: scipy.special.gammaln(x * x).sum(),
    "stats": lambda x: scipy.stats.norm.logpdf(x, 0.3).sum(),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_adapted_programs(name: str) -> None:
    program = PROGRAMS[name]
    value, gradient = tl.value_and_grad(tl.adapt(program))(A)
    assert value == pytest.approx(program(A), rel=1e-12)
    units = np.eye(A.size).reshape(-1, *A.shape) * 1e-6
    central = [(program(A + u) - program(A - u)) / 2e-6 for u in units]
    np.testing.assert_allclose(gradient.ravel(), central, rtol=1e-5, atol=1e-7)


def test_every_space_says_what_it_serves() -> None:
    assert sorted(PROGRAMS) == sorted(name.removeprefix("scipy.") for name in SPACES)
    for name in PROGRAMS:
        assert set(import_module(SPACES[f"scipy.{name}"]).SERVED) <= set(dir(getattr(scipy, name)))


def test_a_refusal_names_what_adapting_puts_in_place() -> None:
    with pytest.raises(TypeError, match=r"tinygrad_lite\.scipy\.fft\.dct in place of scipy\.fft\.dct"):
        tl.grad(lambda x: scipy.fft.dct(x).sum())(X)
