"""Eight programs of the sciences, in NumPy and SciPy as they are: nothing here knows of gradients."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

# ---------------------------------------------------------------------------------------------------------------------
# A Gaussian process


def diabetes(n=60):
    """How far n patients' diabetes had gone after a year, by body mass and log triglycerides, standardised."""
    from sklearn.datasets import load_diabetes

    X, y = load_diabetes(return_X_y=True)
    X, y = X[:n, [2, 8]], y[:n]
    return (X - X.mean(axis=0)) / X.std(axis=0), (y - y.mean()) / y.std()


def kernel(theta, A, B):
    """Covariances of rows of A with rows of B; theta: logarithms of amplitude², of the length scales, of noise²."""
    differences = (A[:, None, :] - B[None, :, :]) / np.exp(theta[1:-1])
    return np.exp(theta[0]) * np.exp(-0.5 * np.sum(differences**2, axis=-1))


def covariance(theta, X):
    """Of noisy observations at the rows of X."""
    return kernel(theta, X, X) + np.exp(theta[-1]) * np.eye(len(X))


def evidence_by_inverse(theta, X, y):
    """Negative logarithm of the marginal likelihood of y, as the formula stands in a book."""
    K = covariance(theta, X)
    _, logarithm = np.linalg.slogdet(K)
    return 0.5 * (y @ np.linalg.inv(K) @ y + logarithm + len(y) * np.log(2 * np.pi))


def evidence_by_cholesky(theta, X, y):
    """The same, as a careful program computes it."""
    L = np.linalg.cholesky(covariance(theta, X))
    whitened = np.linalg.solve(L, y)
    return 0.5 * whitened @ whitened + np.sum(np.log(np.diag(L))) + 0.5 * len(y) * np.log(2 * np.pi)


def predicted(theta, X, y, new):
    """Mean and standard deviation at new places, given observations y at X."""
    weights = np.linalg.solve(covariance(theta, X), kernel(theta, X, new))
    return y @ weights, np.sqrt(np.exp(theta[0]) - np.sum(kernel(theta, X, new) * weights, axis=0))


# ---------------------------------------------------------------------------------------------------------------------
# A Kalman filter

MOTION = np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
"""A step of time: positions x and y move on by their velocities."""

SEEN = np.eye(2, 4)
"""The positions are measured, the velocities are not."""

JOLT = np.kron(np.array([[0.25, 0.5], [0.5, 1.0]]), np.eye(2))
"""Covariance of what a random acceleration of variance 1 does to the state within a step."""


def track(acceleration, error, steps, rng):
    """A track of positions and velocities, and measurements of the positions."""
    state = np.array([0.0, 0.0, 1.0, 0.5])
    states, measured = np.zeros((steps, 4)), np.zeros((steps, 2))
    for t in range(steps):
        states[t] = state
        measured[t] = SEEN @ state + error * rng.normal(size=2)
        state = MOTION @ state + acceleration * np.tile(rng.normal(size=2), 2) * np.array([0.5, 0.5, 1.0, 1.0])
    return states, measured


def kalman(theta, measured):
    """Negative log-likelihood of measurements, and the filtered states; theta: logarithms of the two noises' sigmas."""
    Q, R = np.exp(2 * theta[0]) * JOLT, np.exp(2 * theta[1]) * np.eye(2)
    m, P = np.zeros(4), 10.0 * np.eye(4)
    total, states = 0.0, []
    for z in measured:
        S = SEEN @ P @ SEEN.T + R
        gain = P @ SEEN.T @ np.linalg.inv(S)
        surprise = z - SEEN @ m
        total += 0.5 * (surprise @ np.linalg.solve(S, surprise) + np.log(np.linalg.det(2 * np.pi * S)))
        m = m + gain @ surprise
        P = P - gain @ SEEN @ P
        states.append(m)
        m, P = MOTION @ m, MOTION @ P @ MOTION.T + Q
    return total, np.array(states)


def kalman_loss(theta, measured):
    return kalman(theta, measured)[0]


# ---------------------------------------------------------------------------------------------------------------------
# A differential equation

PELTS = np.array([
    [30.0, 4.0], [47.2, 6.1], [70.2, 9.8], [77.4, 35.2], [36.3, 59.4], [20.6, 41.7], [18.1, 19.0],
    [21.4, 13.0], [22.0, 8.3], [25.4, 9.1], [27.1, 7.4], [40.3, 8.0], [57.0, 12.3], [76.6, 19.5],
    [52.3, 45.7], [19.5, 51.1], [11.2, 29.7], [7.6, 15.8], [14.6, 9.7], [16.2, 10.1], [24.7, 8.6],
])  # fmt: skip
"""Hares and lynxes, a row a year: the thousands of pelts that the Hudson's Bay Company bought from 1900 to 1920."""


STEPS = 5
"""In a year, when the populations are computed."""


def runge_kutta(slope, state, dt):
    """One step of the classical method of order 4."""
    k1 = slope(state)
    k2 = slope(state + 0.5 * dt * k1)
    k3 = slope(state + 0.5 * dt * k2)
    k4 = slope(state + dt * k3)
    return state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def populations(theta, years=21, steps=STEPS):
    """Hares and lynxes, a row a step; theta: logarithms of Lotka and Volterra's four rates, and of the first year."""
    birth, eaten, death, fed = np.exp(theta[:4])

    def slope(state):
        hares, lynxes = state
        return np.array([(birth - eaten * lynxes) * hares, (fed * hares - death) * lynxes])

    state = np.exp(theta[4:])
    rows = [state]
    for _ in range(steps * (years - 1)):
        state = runge_kutta(slope, state, 1 / steps)
        rows.append(state)
    return np.array(rows)


def populations_loss(theta, pelts):
    """Half the sum of squares of the errors' logarithms."""
    return 0.5 * np.sum((np.log(pelts) - np.log(populations(theta, len(pelts))[::STEPS])) ** 2)


# ---------------------------------------------------------------------------------------------------------------------
# Deconvolution


def signal(n=128, width=3.0, noise=0.02, seed=1):
    """Boxes and a ramp, a Gaussian kernel, and the two convolved, with noise."""
    x = np.zeros(n)
    x[20:45], x[60:64], x[80:110] = 1.0, 1.5, np.linspace(0.0, 1.0, 30)
    kernel = np.exp(-0.5 * (np.fft.fftfreq(n, 1 / n) / width) ** 2)
    kernel /= kernel.sum()
    return x, kernel, blurred(x, kernel) + noise * np.random.default_rng(seed).normal(size=n)


def blurred(x, kernel):
    """The periodic convolution of x with a kernel of its length."""
    return np.fft.irfft(np.fft.rfft(x) * np.fft.rfft(kernel), len(x))


def deconvolution_loss(x, kernel, seen, weight):
    """Least squares, with a penalty on the squares of the differences of neighbours."""
    residual = blurred(x, kernel) - seen
    return 0.5 * np.sum(residual**2) + 0.5 * weight * np.sum((x - np.roll(x, 1)) ** 2)


def wiener(kernel, seen, weight):
    """Where that loss is least: frequency by frequency, in closed form."""
    H = np.fft.rfft(kernel)
    roughness = 4 * np.sin(np.pi * np.fft.rfftfreq(len(seen))) ** 2
    return np.fft.irfft(np.conj(H) * np.fft.rfft(seen) / (np.abs(H) ** 2 + weight * roughness), len(seen))


def edges_loss(x, kernel, seen, weight, corner=1e-2):
    """The same with a penalty that spares edges: rounded absolute values of the differences. No closed form."""
    residual = blurred(x, kernel) - seen
    return 0.5 * np.sum(residual**2) + weight * np.sum(np.sqrt((x - np.roll(x, 1)) ** 2 + corner**2))


# ---------------------------------------------------------------------------------------------------------------------
# Principal components


def lost_by_svd(X, k):
    """Share of the variance that the first k principal components leave out, by reconstructing X from them."""
    centred = X - X.mean(axis=0)
    U, s, Vt = np.linalg.svd(centred, full_matrices=False)
    return np.sum((centred - U[:, :k] * s[:k] @ Vt[:k]) ** 2) / np.sum(centred**2)


def lost_by_eigh(X, k):
    """The same by the eigenvalues of the covariance matrix, which come in ascending order."""
    eigenvalues, _ = np.linalg.eigh(np.cov(X, rowvar=False))
    return 1 - np.sum(eigenvalues[-k:]) / np.sum(eigenvalues)


# ---------------------------------------------------------------------------------------------------------------------
# A thin-film stack


def reflectance(thicknesses, indices, wavelengths, outside=1.0, substrate=1.52):
    """Of layers on a substrate, from the outermost inwards, at normal incidence, by their characteristic matrices.

    An index is n + ik, where k says how much the material absorbs; lengths are in nanometres.
    """
    stack = np.empty((len(wavelengths), 2, 2), complex)
    stack[:] = np.eye(2)
    for d, n in zip(thicknesses, indices):
        phase = 2 * np.pi * n * d / wavelengths
        layer = np.empty_like(stack)
        layer[:, 0, 0] = layer[:, 1, 1] = np.cos(phase)
        layer[:, 0, 1] = -1j / n * np.sin(phase)
        layer[:, 1, 0] = -1j * n * np.sin(phase)
        stack = stack @ layer
    B, C = (stack @ np.array([1.0, substrate])).T
    return np.abs((outside * B - C) / (outside * B + C)) ** 2


def coating_loss(thicknesses, indices, wavelengths, substrate):
    """The mean reflectance in per cent."""
    return 100 * np.mean(reflectance(thicknesses, indices, wavelengths, substrate=substrate))


# ---------------------------------------------------------------------------------------------------------------------
# An option


def call(spot, strike, rate, volatility, years):
    """Black and Scholes's price of a European call."""
    spread = volatility * np.sqrt(years)
    d1 = (np.log(spot / strike) + rate * years) / spread + 0.5 * spread
    return spot * ndtr(d1) - strike * np.exp(-rate * years) * ndtr(d1 - spread)


# ---------------------------------------------------------------------------------------------------------------------
# Phase retrieval


def specimen(n=32):
    """A triangular support within n × n pixels, and the complex values of an object on it."""
    i, j = np.mgrid[:n, :n]
    support = (i >= 6) & (j >= 6) & (i + 1.3 * j <= n + 2)
    amplitude, phase = 0.6 + 0.4 * np.cos(0.9 * i) * np.sin(0.7 * j + 0.5), 1.5 * np.sin(0.3 * i + 0.2 * j)
    return support, (amplitude * np.exp(1j * phase))[support]


def image(values, support):
    """Complex values at the pixels of the support, and zero elsewhere."""
    pixels = np.zeros(support.shape, complex)
    pixels[support] = values
    return pixels


def phase_loss(values, support, magnitudes):
    """How far the moduli of the image's Fourier transform are from measured ones."""
    return 0.5 * np.mean((np.abs(np.fft.fft2(image(values, support))) - magnitudes) ** 2)


def error_reduction(values, support, magnitudes):
    """A step of Fienup's algorithm: the measured moduli, with the phases there are; and of that, the support."""
    F = np.fft.fft2(image(values, support))
    return np.fft.ifft2(magnitudes * F / np.abs(F))[support]
