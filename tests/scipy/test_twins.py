"""SciPy's functions that NumPy has, too: values as SciPy's, also in their keywords, derivatives, adapted programs."""

from __future__ import annotations

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
from tinygrad_lite.scipy.decompositions import DECOMPOSITIONS  # noqa: E402
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
    "inv": [((A,), {}), ((A, True), {})],
    "norm": [((A,), {}), ((A, 1), {}), ((A, 2), {"axis": 0, "keepdims": True}), ((A,), {"ord": "nuc"})],
    "pinv": [((B,), {}), ((B,), {"rtol": 1e-8})],
    "qr": [((A,), {}), ((B,), {"mode": "economic"})],
    "solve": [((A, B), {}), ((A, B[:, 0]), {"transposed": True, "assume_a": "gen"})],
    "svd": [((A,), {}), ((B,), {"full_matrices": False}), ((A, True, False), {})],
    "svdvals": [((B,), {})],
}


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
        (lambda t: linalg.pinv(t, atol=1.0), "atol=1.0"),
        (lambda t: linalg.qr(t, pivoting=True), "pivoting=True"),
        (lambda t: linalg.qr(t, mode="r"), "mode='r'"),
        (lambda t: linalg.solve(t, np.ones(3), assume_a="pos"), "assume_a='pos'"),
        (lambda t: linalg.solve(t, np.ones(3), lower=True), "lower=True"),
        (lambda t: fft.fft(t, nonsense=1), "nonsense"),
        (lambda t: fft.fft(t, plan=1), "plan=1"),
    ],
)
def test_no_keyword_is_ignored(call: Any, keyword: str) -> None:
    with pytest.raises(TypeError, match=keyword):
        call(tl.tensor(P, requires_grad=True))


TRANSFORMS = [
    *[(name, {}) for name in fft.SERVED if name not in ("fftshift", "ifftshift")],
    *[(name, {"axes": 1}) for name in ("fftshift", "ifftshift")],
    *[(name, {"n": n, "axis": 0, "norm": norm}) for name in ("fft", "irfft", "ihfft", "dct")
      for n, norm in ((2, "ortho"), (4, "forward"))],
    *[(name, {"s": (2, 4), "axes": (1, 0), "workers": 1}) for name in ("fftn", "rfft2", "dctn", "idstn")],
    *[
        (name, {"type": type, "norm": norm, "orthogonalize": made})
        for name in ("dct", "dst", "idct", "idst")
        for type in (1, 2, 3, 4)
        for norm in (None, "ortho", "forward")
        for made in (None, True, False)
    ],
]  # fmt: skip
COMPLEX = ("fft", "ifft", "irfft", "hfft", "fft2", "ifft2", "irfft2", "fftn", "ifftn", "irfftn")


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
