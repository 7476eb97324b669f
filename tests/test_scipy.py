"""SciPy's optimizers with gradients and Hessian products from here; and the page that shows it."""

import re
from pathlib import Path

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.training import data

optimize = pytest.importorskip("scipy.optimize")

PAGE = Path(__file__).parents[1] / "notebooks" / "optimizing_with_scipy.md"
START = np.array([1.3, 0.7, 0.8, 1.9])


def test_the_page_runs():
    pytest.importorskip("sklearn")
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 6
    exec(compile("\n".join(blocks), str(PAGE), "exec"), {})


def rosenbrock(x):
    """SciPy's, in NumPy alone."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


def test_derivatives_of_rosenbrock_are_scipys():
    value, gradient = tl.value_and_grad(rosenbrock)(START)
    assert value == pytest.approx(optimize.rosen(START), rel=1e-14)
    np.testing.assert_allclose(gradient, optimize.rosen_der(START), rtol=1e-12)
    p = np.array([0.3, -1.0, 2.0, 0.1])
    np.testing.assert_allclose(tl.hvp(rosenbrock)(START, p), optimize.rosen_hess_prod(START, p), rtol=1e-12)


@pytest.mark.parametrize("method", ["BFGS", "CG", "L-BFGS-B", "TNC", "SLSQP"])
def test_first_order_methods(method):
    ours = optimize.minimize(tl.value_and_grad(rosenbrock), START, jac=True, method=method)
    theirs = optimize.minimize(optimize.rosen, START, jac=optimize.rosen_der, method=method)
    np.testing.assert_allclose(ours.x, theirs.x, atol=1e-4)
    np.testing.assert_allclose(ours.x, 1, atol=1e-2)


@pytest.mark.parametrize("method", ["Newton-CG", "trust-ncg", "trust-constr"])
def test_second_order_methods(method):
    options = {"options": {"gtol": 1e-10}} if method.startswith("trust") else {}
    ours = optimize.minimize(
        tl.value_and_grad(rosenbrock), START, jac=True, method=method,
        hessp=tl.hvp(rosenbrock), **options,
    )  # fmt: skip
    theirs = optimize.minimize(
        optimize.rosen, START, jac=optimize.rosen_der, method=method, hessp=optimize.rosen_hess_prod, **options
    )
    np.testing.assert_allclose(ours.x, theirs.x, atol=1e-6)
    np.testing.assert_allclose(ours.x, 1, atol=1e-3)


def test_logistic_regression_on_real_data():
    """To the minimum that SciPy finds with derivatives by hand."""
    pytest.importorskip("sklearn")
    X, y, *_ = data.load("breast_cancer")
    X = data.Standardizer().fit(X)(X)
    n, penalty = len(X), 0.01

    def loss(w):
        z = X @ w
        return np.mean(np.logaddexp(0, z) - y * z) + penalty * np.sum(w**2) / 2

    def by_hand(w):
        z = X @ w
        value = np.mean(np.logaddexp(0, z) - y * z) + penalty * w @ w / 2
        return value, X.T @ (1 / (1 + np.exp(-z)) - y) / n + penalty * w

    def hessian_product(w, p):
        s = 1 / (1 + np.exp(-(X @ w)))
        return X.T @ (s * (1 - s) * (X @ p)) / n + penalty * p

    start = np.zeros(30)
    ours = optimize.minimize(tl.value_and_grad(loss), start, jac=True, method="BFGS", options={"gtol": 1e-7})
    newton = optimize.minimize(tl.value_and_grad(loss), start, jac=True, method="Newton-CG",
                               hessp=tl.hvp(loss), options={"xtol": 1e-9})  # fmt: skip
    theirs = optimize.minimize(by_hand, start, jac=True, method="Newton-CG", hessp=hessian_product,
                               options={"xtol": 1e-9})  # fmt: skip
    np.testing.assert_allclose(newton.x, theirs.x, atol=1e-8)
    np.testing.assert_allclose(ours.x, theirs.x, atol=1e-5)
    assert np.mean((X @ newton.x > 0) == y) > 0.97
