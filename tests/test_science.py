"""The programs in ``notebooks/science.py``: their gradients against differences, formulas and other libraries."""

from functools import partial

import numpy as np
import pytest

import tinygrad_lite as tl

optimize = pytest.importorskip("scipy.optimize")

import science  # noqa: E402, it imports SciPy

TIGHT = {"ftol": 1e-15, "gtol": 1e-10, "maxiter": 3000, "maxfun": 5000}


def close(ours, theirs, rtol=1e-9):
    """Equal on the scale of the whole array."""
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max())


# ---------------------------------------------------------------------------------------------------------------------
# A Gaussian process

HYPER = np.array([0.3, 0.5, 0.9, -0.7])

both_evidences = pytest.mark.parametrize("evidence", [science.evidence_by_inverse, science.evidence_by_cholesky])


@pytest.fixture(scope="module")
def patients():
    pytest.importorskip("sklearn")
    return science.diabetes()


@both_evidences
def test_the_evidence_by_differences(evidence, patients):
    X, y = patients
    tl.check_gradients(lambda theta: evidence(theta, X[:12], y[:12]), HYPER)
    tl.check_gradients(lambda X, y: evidence(HYPER, X, y), X[:8], y[:8])


@both_evidences
def test_the_evidence_is_scikit_learns(evidence, patients):
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    regressor = GaussianProcessRegressor(ConstantKernel() * RBF([1.0, 1.0]) + WhiteKernel(), optimizer=None)
    theirs, slope = regressor.fit(*patients).log_marginal_likelihood(HYPER, eval_gradient=True)
    value, gradient = tl.value_and_grad(evidence)(HYPER, *patients)
    assert value == pytest.approx(-theirs, rel=1e-8)  # to whose diagonal 1e-10 is added
    close(gradient, -slope, 1e-7)


def test_both_evidences_lead_to_the_same_place(patients):
    naive, careful = [
        optimize.minimize(tl.value_and_grad(f), np.zeros(4), args=patients, jac=True, options={"gtol": 1e-7})
        for f in (science.evidence_by_inverse, science.evidence_by_cholesky)
    ]
    close(naive.x, careful.x, 1e-6)
    assert naive.fun == pytest.approx(careful.fun, rel=1e-12)
    close(tl.hessian(science.evidence_by_inverse)(HYPER, *patients),
          tl.hessian(science.evidence_by_cholesky)(HYPER, *patients))  # fmt: skip


def test_the_prediction_is_scikit_learns(patients):
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel

    lengths = np.exp(HYPER[1:-1])
    process = GaussianProcessRegressor(
        ConstantKernel(np.exp(HYPER[0])) * RBF(lengths), alpha=np.exp(HYPER[-1]), optimizer=None
    )
    new = np.array([[0.0, 0.0], [1.0, -1.0], [3.0, 2.0]])
    for ours, theirs in zip(
        science.predicted(HYPER, *patients, new), process.fit(*patients).predict(new, return_std=True), strict=True
    ):
        close(ours, theirs, 1e-7)


# ---------------------------------------------------------------------------------------------------------------------
# A Kalman filter

SIGMAS = np.log([0.2, 0.5])


def measurements(steps=60):
    return science.track(0.15, 0.5, steps, np.random.default_rng(0))[1]


def test_the_filters_likelihood_by_differences():
    tl.check_gradients(lambda theta: tl.adapt(science.kalman_loss)(theta, measurements(6)), SIGMAS)


def joint_loss(theta, measured):
    """The same likelihood without a filter: all measurements are one Gaussian vector, here with its covariance."""
    n = len(measured)
    moves = [np.linalg.matrix_power(science.MOTION, t) for t in range(n)]
    start = science.SEEN @ np.concatenate(moves, axis=1).reshape(4, n, 4).transpose(1, 0, 2)
    K = np.exp(2 * theta[1]) * np.eye(2 * n) + 10.0 * start.reshape(2 * n, 4) @ start.reshape(2 * n, 4).T
    for jolted in range(n - 1):
        later = np.stack([
            science.SEEN @ moves[t - jolted - 1] if t > jolted else np.zeros((2, 4)) for t in range(n)
        ]).reshape(2 * n, 4)  # fmt: skip
        K = K + np.exp(2 * theta[0]) * later @ science.JOLT @ later.T
    z = measured.ravel()
    return 0.5 * (z @ np.linalg.solve(K, z) + np.linalg.slogdet(2 * np.pi * K)[1])


def test_the_filters_likelihood_is_that_of_all_measurements_at_once():
    z = measurements(20)
    one_by_one, at_once = tl.adapt(science.kalman_loss), joint_loss
    assert one_by_one(SIGMAS, z) == pytest.approx(at_once(SIGMAS, z), rel=1e-10)
    close(tl.grad(one_by_one)(SIGMAS, z), tl.grad(at_once)(SIGMAS, z), 1e-8)
    close(tl.hessian(one_by_one)(SIGMAS, z), tl.hessian(at_once)(SIGMAS, z), 1e-8)


def test_noise_levels_of_most_likelihood_are_near_the_true_ones():
    loss = tl.adapt(science.kalman_loss)
    found = optimize.minimize(tl.value_and_grad(loss), np.zeros(2), args=(measurements(),), jac=True)
    errors = np.sqrt(np.diag(np.linalg.inv(tl.hessian(loss)(found.x, measurements()))))
    assert (np.abs(found.x - np.log([0.15, 0.5])) < 2 * errors).all()
    assert (errors < 0.3).all()


# ---------------------------------------------------------------------------------------------------------------------
# A differential equation

RATES = np.log([0.5, 0.02, 0.9, 0.03, 30.0, 4.0])

populations_loss = tl.adapt(science.populations_loss)


def test_the_populations_by_differences():
    tl.check_gradients(lambda theta: populations_loss(theta, science.PELTS[:3]), RATES)


def test_the_populations_and_their_derivatives_are_those_of_scipys_integrator():
    """The derivatives by what the equations' variations, integrated beside them, say."""
    from scipy.integrate import solve_ivp

    a, b, c, d = np.exp(RATES[:4])

    def slope(t, y):
        u, v = y[:2]
        S = y[2:].reshape(2, 6)
        by_state = np.array([[a - b * v, -b * u], [d * v, d * u - c]])
        by_rates = np.array([[a * u, -b * u * v, 0, 0, 0, 0], [0, 0, -c * v, d * u * v, 0, 0]])
        return np.concatenate([[(a - b * v) * u, (d * u - c) * v], (by_state @ S + by_rates).ravel()])

    S0 = np.zeros((2, 6))
    S0[0, 4], S0[1, 5] = start = np.exp(RATES[4:])
    run = solve_ivp(slope, (0, 4), np.concatenate([start, S0.ravel()]), t_eval=range(5), rtol=1e-11, atol=1e-11)
    populations = tl.adapt(science.populations)
    close(populations(RATES, 5, 40)[::40], run.y[:2].T, 1e-6)
    close(tl.jacobian(lambda theta: populations(theta, 5, 40)[::40])(RATES), run.y[2:].T.reshape(5, 2, 6), 1e-6)


def test_the_rates_are_those_that_others_found():
    """Posterior means in B. Carpenter, "Predator-Prey Population Dynamics: the Lotka-Volterra model in Stan" (2018)."""
    found = optimize.minimize(tl.value_and_grad(populations_loss), RATES, args=(science.PELTS,), jac=True)
    assert found.success
    np.testing.assert_allclose(np.exp(found.x), [0.55, 0.028, 0.80, 0.024, 33.956, 5.933], rtol=0.04)


# ---------------------------------------------------------------------------------------------------------------------
# Deconvolution


@pytest.mark.parametrize("loss", [science.deconvolution_loss, partial(science.edges_loss, corner=0.5)])
def test_deconvolution_by_differences(loss):
    _, kernel, seen = science.signal(128)
    kernel, seen = kernel[:15] / kernel[:15].sum(), seen[20:35]
    tl.check_gradients(lambda x: loss(x, kernel, seen, 0.1), seen)
    tl.check_gradients(lambda kernel: loss(seen[::-1], kernel, seen, 0.1), kernel)


def test_descent_ends_where_wieners_filter_is():
    _, kernel, seen = science.signal()
    options = {"method": "L-BFGS-B", "options": TIGHT}
    found = optimize.minimize(
        tl.value_and_grad(science.deconvolution_loss), seen, args=(kernel, seen, 0.01), jac=True, **options
    )
    close(found.x, science.wiener(kernel, seen, 0.01), 1e-6)
    at_best = tl.grad(science.deconvolution_loss)(science.wiener(kernel, seen, 0.01), kernel, seen, 0.01)
    assert np.abs(at_best).max() < 1e-14


def test_its_hessian_is_diagonal_in_frequencies():
    n = 32
    kernel = np.exp(-np.arange(n) / 3)
    x = np.zeros(n)
    H = tl.hessian(science.deconvolution_loss)(x, kernel, x, 0.1)
    spectrum = np.abs(np.fft.fft(kernel)) ** 2 + 0.4 * np.sin(np.pi * np.fft.fftfreq(n)) ** 2
    F = np.fft.fft(np.eye(n), norm="ortho")
    close(F @ H @ F.conj().T, np.diag(spectrum))


# ---------------------------------------------------------------------------------------------------------------------
# Principal components

both_losses = pytest.mark.parametrize("lost", [science.lost_by_svd, science.lost_by_eigh])


@pytest.fixture(scope="module")
def flowers():
    pytest.importorskip("sklearn")
    return tl.data.load("iris")[0]


@both_losses
def test_lost_variance_by_differences(lost, flowers):
    tl.check_gradients(lambda X: lost(X, 2), flowers[::15])


@both_losses
@pytest.mark.parametrize("k", [1, 2, 3])
def test_lost_variance_is_scikit_learns_and_its_gradient_the_formulas(lost, k, flowers):
    from sklearn.decomposition import PCA

    principal = PCA(k).fit(flowers)
    value, gradient = tl.value_and_grad(lost)(flowers, k)
    assert value == pytest.approx(1 - principal.explained_variance_ratio_.sum(), rel=1e-10)
    centred = flowers - flowers.mean(axis=0)
    explained = centred @ principal.components_.T @ principal.components_
    close(gradient, 2 / np.sum(centred**2) * ((1 - value) * centred - explained))


def test_both_ways_have_the_same_curvature(flowers):
    close(*[tl.hessian(lost)(flowers[::15], 2) for lost in (science.lost_by_svd, science.lost_by_eigh)])


# ---------------------------------------------------------------------------------------------------------------------
# A thin-film stack

SPECTRUM = np.linspace(4.0, 9.0, 7)
SILICON = 3.9 + 0.02j

reflectance, coating_loss = tl.adapt(science.reflectance), tl.adapt(science.coating_loss)


def test_reflectance_by_differences():
    indices = np.array([1.38 + 0.0j, 2.1 + 0.3j])
    tl.check_gradients(lambda d, n: coating_loss(d, n, SPECTRUM, SILICON), np.array([0.9, 0.6]), indices)
    tl.check_gradients(lambda n: reflectance(np.array([0.9, 0.6]), indices, SPECTRUM, 1.0, n), SILICON)


def film(d, n, wavelengths, substrate):
    """Airy's sum of all reflections in one layer."""
    first, second = (1 - n) / (1 + n), (n - substrate) / (n + substrate)
    turn = np.exp(4j * np.pi * n * d / wavelengths)
    return np.abs((first + second * turn) / (1 + first * second * turn)) ** 2


@pytest.mark.parametrize("n", [2.0 + 0.0j, 1.8 + 0.4j])
def test_one_layer_is_airys_formula(n):
    ours = lambda d, n: reflectance([d], [n], SPECTRUM, 1.0, SILICON)
    theirs = lambda d, n: film(d, n, SPECTRUM, SILICON)
    close(ours(0.7, n), theirs(0.7, n))
    close(tl.jacobian(ours)(0.7, n), tl.jacobian(theirs)(0.7, n))
    by_index = [tl.vjp(partial(f, 0.7), n)[1](np.ones(len(SPECTRUM)))[0] for f in (ours, theirs)]
    close(*by_index)


def test_a_quarter_wave_is_stationary_with_the_reflectance_of_its_formula():
    n, substrate, wavelength = 1.38, 1.52, 550.0
    at = lambda d: reflectance([d], [n], np.array([wavelength]), 1.0, substrate)[0]
    value, slope = tl.value_and_grad(at)(wavelength / 4 / n)
    assert value == pytest.approx(((substrate - n**2) / (substrate + n**2)) ** 2, rel=1e-12)
    assert abs(slope) < 1e-15
    assert tl.grad(tl.grad(at))(wavelength / 4 / n) > 0  # a minimum, as n² is between 1 and the substrate's


def test_half_a_wave_is_as_if_it_were_not_there():
    bare = ((1 - 1.52) / (1 + 1.52)) ** 2
    assert science.reflectance([550 / 2 / 2.05], [2.05], np.array([550.0]))[0] == pytest.approx(bare, rel=1e-12)


def test_the_optimum_of_one_layer_is_that_of_a_search():
    spectrum = np.linspace(400, 900, 51)
    arguments = ([2.0], spectrum, SILICON)
    found = optimize.minimize(tl.value_and_grad(coating_loss), [75.0], args=arguments, jac=True)
    searched = optimize.minimize_scalar(
        lambda d: science.coating_loss([d], *arguments), bounds=(40, 110), options={"xatol": 1e-8}
    )
    assert found.x[0] == pytest.approx(searched.x, abs=1e-3)


# ---------------------------------------------------------------------------------------------------------------------
# An option

MARKET = (95.0, 100.0, 0.04, 0.3, 0.75)


def test_the_price_by_differences():
    tl.check_gradients(science.call, 0.95, 1.0, 0.04, 0.3, 0.75, order=3, rtol=1e-5)


def test_greeks_are_the_closed_forms():
    from scipy.stats import norm

    S, K, r, sigma, T = MARKET
    spread = sigma * np.sqrt(T)
    d1 = (np.log(S / K) + r * T) / spread + spread / 2
    d2 = d1 - spread
    delta, by_strike, rho, vega, theta = tl.grad(science.call, argnums=range(5))(*MARKET)
    density, discounted = norm.pdf(d1), K * np.exp(-r * T)
    assert delta == pytest.approx(norm.cdf(d1), rel=1e-13)
    assert by_strike == pytest.approx(-np.exp(-r * T) * norm.cdf(d2), rel=1e-13)
    assert rho == pytest.approx(T * discounted * norm.cdf(d2), rel=1e-13)
    assert vega == pytest.approx(S * density * np.sqrt(T), rel=1e-13)
    assert theta == pytest.approx(S * density * sigma / (2 * np.sqrt(T)) + r * discounted * norm.cdf(d2), rel=1e-13)
    gamma, vanna = tl.grad(tl.grad(science.call), argnums=(0, 3))(*MARKET)
    volga = tl.grad(tl.grad(science.call, 3), 3)(*MARKET)
    assert gamma == pytest.approx(density / (S * spread), rel=1e-12)
    assert vanna == pytest.approx(-density * d2 / sigma, rel=1e-12)
    assert volga == pytest.approx(vega * d1 * d2 / sigma, rel=1e-12)


@pytest.mark.parametrize("curved", [False, True])
def test_newton_finds_the_volatilities_back(curved):
    strikes = np.linspace(70.0, 140.0, 15)
    volatilities = 0.25 + 0.3 * np.log(strikes / 100) ** 2
    price = lambda v: science.call(100.0, strikes, 0.02, v, 0.5)
    vega = tl.grad(lambda v: np.sum(price(v)))
    volga = tl.grad(lambda v: np.sum(vega(v))) if curved else None
    target = price(volatilities)
    found = optimize.newton(lambda v: price(v) - target, np.full(15, 0.4), vega, fprime2=volga, tol=1e-12)
    np.testing.assert_allclose(found, volatilities, rtol=1e-9)


# ---------------------------------------------------------------------------------------------------------------------
# Phase retrieval

phase_loss = tl.adapt(science.phase_loss)


def a_guess(count, seed=0):
    return np.random.default_rng(seed).normal(size=2 * count).view(complex)


def test_the_phase_loss_by_differences():
    support = np.zeros((5, 6), bool)
    support[1:3, 1:5] = True
    magnitudes = np.abs(np.fft.fft2(science.image(a_guess(8, 1), support)))
    tl.check_gradients(lambda z: phase_loss(z, support, magnitudes), a_guess(8))


def test_a_step_down_is_a_step_of_fienups():
    support, values = science.specimen()
    magnitudes = np.abs(np.fft.fft2(science.image(values, support)))
    z = a_guess(len(values))
    down = z - tl.grad(phase_loss)(z, support, magnitudes)
    close(down, science.error_reduction(z, support, magnitudes))


def test_the_object_is_found_but_for_its_phase():
    support, values = science.specimen()
    magnitudes = np.abs(np.fft.fft2(science.image(values, support)))

    def loss(parts):
        value, gradient = tl.value_and_grad(phase_loss)(parts.view(complex), support, magnitudes)
        return value, gradient.view(float)

    runs = [
        optimize.minimize(loss, a_guess(len(values), seed).view(float), jac=True, method="L-BFGS-B", options=TIGHT)
        for seed in range(3)
    ]
    found = min(runs, key=lambda run: run.fun).x.view(complex)
    turn = np.vdot(found, values)
    close(found * turn / np.abs(turn), values, 1e-5)
