"""Ten programs as people write them, with NumPy and ``math`` and no thought of gradients.

Each entry of PROGRAMS is a function of one array that returns one number, and the array to call it with.
"""

import math

import numpy as np

# ---------------------------------------------------------------------------------------------------------------------
# Burgers' equation: finite volumes, slices written in place


def burgers(u0, viscosity=0.02, steps=40):
    """Mean energy of a periodic flow u_t + (u²/2)_x = ν u_xx after some steps, with the local Lax-Friedrichs flux."""
    n = len(u0)
    dx = 2 * np.pi / n
    dt = 0.2 * dx
    u = np.empty(n + 2)  # with a ghost cell at both ends
    u[1:-1] = u0
    flux = np.zeros(n + 1)
    energy = np.zeros(steps)
    for k in range(steps):
        u[0], u[-1] = u[-2], u[1]
        left, right = u[:-1], u[1:]
        speed = np.maximum(np.abs(left), np.abs(right))
        flux[:] = 0.25 * (left**2 + right**2)
        flux -= 0.5 * speed * (right - left)
        flux -= viscosity * (right - left) / dx
        u[1:-1] -= dt / dx * (flux[1:] - flux[:-1])
        energy[k] = 0.5 * np.sum(u[1:-1] ** 2) * dx
    return energy.mean()


# ---------------------------------------------------------------------------------------------------------------------
# Gray-Scott: everything through views of one array


def gray_scott(rates, n=10, steps=25):
    """Amount of the second substance after some steps of reaction and diffusion; rates: Du, Dv, feed, kill."""
    Du, Dv, feed, kill = rates
    Z = np.zeros((2, n + 2, n + 2))
    U, V = Z
    u, v = U[1:-1, 1:-1], V[1:-1, 1:-1]
    u += 1.0
    m = n // 2
    u[m - 2 : m + 2, m - 2 : m + 2] = 0.50
    v[m - 2 : m + 2, m - 1 : m + 2] = 0.25
    u += 0.02 * np.cos(np.arange(n))
    v += 0.01 * (1 + np.sin(np.arange(n)))[:, np.newaxis]

    for _ in range(steps):
        for A in Z:  # periodic
            A[0, :], A[-1, :] = A[-2, :], A[1, :]
            A[:, 0], A[:, -1] = A[:, -2], A[:, 1]
        Lu, Lv = [A[:-2, 1:-1] + A[2:, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] - 4 * A[1:-1, 1:-1] for A in (U, V)]
        uvv = u * v * v
        u += Du * Lu - uvv + feed * (1 - u)
        v += Dv * Lv + uvv - (feed + kill) * v
    return V[1:-1, 1:-1].sum()


# ---------------------------------------------------------------------------------------------------------------------
# A hidden Markov model: the forward table, entry by entry

OBSERVED = [0, 1, 2, 2, 1, 0, 0, 2, 1, 1, 0, 2]


def softmax(x):
    e = np.exp(x - np.max(x))
    return e / e.sum()


def hmm(logits):
    """Log-likelihood of OBSERVED; logits has a row for each state: of its transitions, then of its symbols."""
    N, M = logits.shape[0], logits.shape[1] - logits.shape[0]
    T = len(OBSERVED)
    A, B = np.zeros((N, N)), np.zeros((N, M))
    for i, row in enumerate(logits):
        A[i, :] = softmax(row[:N])
        B[i] = softmax(row[N:])
    alpha = np.zeros((T, N))
    scale = np.ones(T)
    for t, o in enumerate(OBSERVED):
        for j in range(N):
            if t == 0:
                alpha[t, j] = B[j, o] / N
                continue
            for i in range(N):
                alpha[t, j] += alpha[t - 1, i] * A[i, j]
            alpha[t, j] *= B[j, o]
        scale[t] = alpha[t].sum()
        alpha[t] /= scale[t]
    return np.log(scale).sum()


# ---------------------------------------------------------------------------------------------------------------------
# An option's price by the binomial tree of Cox, Ross and Rubinstein


def option(market, n=50, american=False):
    """Price of a put; market: spot, strike, rate, volatility, years."""
    S, K, r, sigma, T = market
    dt = T / n
    up = math.exp(sigma * math.sqrt(dt))
    down = 1 / up
    discount = math.exp(-r * dt)
    p = (math.exp(r * dt) - down) / (up - down)

    spots = np.zeros((n + 1, n + 1))
    spots[0, 0] = S
    for i in range(1, n + 1):
        spots[i, :i] = spots[i - 1, :i] * up
        spots[i, i] = spots[i - 1, i - 1] * down

    value = np.maximum(K - spots[n], 0.0)
    for i in range(n - 1, -1, -1):
        value[: i + 1] = discount * (p * value[: i + 1] + (1 - p) * value[1 : i + 2])
        if american:
            exercised = K - spots[i, : i + 1]
            better = exercised > value[: i + 1]
            value[: i + 1][better] = exercised[better]
    return value[0]


# ---------------------------------------------------------------------------------------------------------------------
# A natural cubic spline, its banded system solved by Thomas' algorithm

KNOTS = np.array([0.0, 0.7, 1.5, 2.1, 3.2, 4.0])


def thomas(lower, diagonal, upper, right):
    """Solve a tridiagonal system; the bands are overwritten."""
    n = len(right)
    for i in range(1, n):
        w = lower[i - 1] / diagonal[i - 1]
        diagonal[i] -= w * upper[i - 1]
        right[i] -= w * right[i - 1]
    x = np.empty_like(right)
    x[-1] = right[-1] / diagonal[-1]
    for i in range(n - 2, -1, -1):
        x[i] = (right[i] - upper[i] * x[i + 1]) / diagonal[i]
    return x


def spline(heights):
    """How much the spline through (KNOTS, heights) differs from a sine, at points between."""
    h = np.diff(KNOTS)
    n = len(KNOTS)
    bands = np.zeros((3, n - 2))
    bands[0, :-1] = h[1:-1]
    bands[1] = 2 * (h[:-1] + h[1:])
    bands[2, :-1] = h[1:-1]
    slopes = (heights[1:] - heights[:-1]) / h
    curvature = np.zeros(n)
    curvature[1:-1] = thomas(*bands, 6 * (slopes[1:] - slopes[:-1]))

    points = np.linspace(0.05, 3.95, 23)
    error = 0.0
    for x in points:
        k = np.searchsorted(KNOTS, x) - 1
        a, b = (KNOTS[k + 1] - x) / h[k], (x - KNOTS[k]) / h[k]
        y = a * heights[k] + b * heights[k + 1]
        y += ((a**3 - a) * curvature[k] + (b**3 - b) * curvature[k + 1]) * h[k] ** 2 / 6
        error += (y - math.sin(x)) ** 2
    return error / len(points)


# ---------------------------------------------------------------------------------------------------------------------
# A rotation from a quaternion

POINTS = np.array([[1.0, 0.0, 0.5], [0.3, -1.0, 0.2], [-0.7, 0.4, 1.1], [0.2, 0.9, -0.8]])
SEEN = np.array([[0.6, 0.7, 0.6], [1.0, -0.2, 0.3], [-1.0, 0.3, 0.9], [-0.5, 0.7, -0.9]])


def rotation(q):
    """The rotation matrix of a quaternion."""
    w, x, y, z = q / np.sqrt(np.dot(q, q))
    return np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ])  # fmt: skip


def alignment(q):
    """How far the rotated points are from those seen."""
    R = rotation(q)
    total = 0.0
    for point, seen in zip(POINTS, SEEN, strict=True):
        residual = np.asarray(R @ point) - seen
        total += residual.dot(residual)
    return total / len(POINTS)


# ---------------------------------------------------------------------------------------------------------------------
# A robot arm, with math's functions


def link(angle, length, twist):
    """The homogeneous transformation along one link."""
    c, s = math.cos(angle), math.sin(angle)
    ct, st = math.cos(twist), math.sin(twist)
    return np.array([
        [c, -s * ct, s * st, length * c],
        [s, c * ct, -c * st, length * s],
        [0, st, ct, 0],
        [0, 0, 0, 1],
    ])  # fmt: skip


def robot_arm(angles):
    """How far the hand is from its target, and the joints from rest."""
    lengths = [1.0, 0.8, 0.5, 0.3]
    twists = [math.pi / 2, 0.0, -math.pi / 4, 0.1]
    target = (0.7, 0.9, 0.8)
    hand = np.eye(4)
    effort = 0.0
    for angle, length, twist in zip(angles, lengths, twists, strict=True):
        hand = hand @ link(angle, length, twist)
        effort += math.pow(float(angle), 2)
    x, y, z = hand[:3, 3]
    distance = math.sqrt((x - target[0]) ** 2 + (y - target[1]) ** 2 + (z - target[2]) ** 2)
    return float(distance + 0.01 * effort)


# ---------------------------------------------------------------------------------------------------------------------
# Dynamic time warping

REFERENCE = np.array([0.0, 0.4, 1.1, 0.9, 0.2, -0.5, -0.3])


def time_warping(series):
    """The cost of the best alignment with REFERENCE."""
    n, m = len(series), len(REFERENCE)
    D = np.full((n + 1, m + 1), np.inf)
    D[0, 0] = 0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (series[i - 1] - REFERENCE[j - 1]) ** 2
            D[i, j] = cost + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return np.sqrt(D[n, m])


# ---------------------------------------------------------------------------------------------------------------------
# Bodies in a box

MASSES = np.array([1.0, 0.5, 0.8, 0.3])


def forces(position, softening=0.3):
    """Accelerations by gravity."""
    apart = position[np.newaxis, :, :] - position[:, np.newaxis, :]
    square = (apart**2).sum(axis=-1) + softening**2
    inverse = square**-1.5
    np.fill_diagonal(inverse, 0.0)
    return np.einsum("ijk,ij,j->ik", apart, inverse, MASSES)


def bodies(start, steps=30, dt=0.05):
    """Energy of bodies after some steps between walls, which they bounce off."""
    position = start[:, :2].copy()
    velocity = start[:, 2:].copy()
    acceleration = forces(position)
    for _ in range(steps):
        velocity += 0.5 * dt * acceleration
        position += dt * velocity
        outside = np.abs(position) > 1.0
        velocity[outside] *= -0.8
        position[position > 1.0] = 2.0 - position[position > 1.0]
        position[position < -1.0] = -2.0 - position[position < -1.0]
        acceleration[...] = forces(position)
        velocity += 0.5 * dt * acceleration
    kinetic = 0.5 * (MASSES * (velocity**2).sum(axis=1)).sum()
    return kinetic + (position**2).sum()


# ---------------------------------------------------------------------------------------------------------------------
# A bilateral filter


def filtered(image, radius=1, spatial=1.0, tonal=0.3):
    """The image smoothed, edges kept."""
    rows, columns = image.shape
    padded = np.zeros((rows + 2 * radius, columns + 2 * radius))
    padded[radius:-radius, radius:-radius] = image
    padded[:radius] = padded[radius]
    padded[-radius:] = padded[-radius - 1]
    padded[:, :radius] = padded[:, radius : radius + 1]
    padded[:, -radius:] = padded[:, -radius - 1 : -radius]
    offsets = np.arange(-radius, radius + 1)
    near = np.exp(-(offsets[:, None] ** 2 + offsets[None, :] ** 2) / (2 * spatial**2))
    result = np.zeros_like(image)
    for i in range(rows):
        for j in range(columns):
            window = padded[i : i + 2 * radius + 1, j : j + 2 * radius + 1]
            weights = near * np.exp(-((window - image[i, j]) ** 2) / (2 * tonal**2))
            result[i, j] = (weights * window).sum() / weights.sum()
    return result


def bilateral(image):
    """How rough the filtered image is."""
    smooth = filtered(image)
    across, down = smooth[:, 1:] - smooth[:, :-1], smooth[1:] - smooth[:-1]
    return (across**2).sum() + (down**2).sum()


# ---------------------------------------------------------------------------------------------------------------------

PROGRAMS = {
    "burgers": (burgers, np.sin(np.linspace(0, 2 * np.pi, 16, endpoint=False)) + 0.3),
    "gray_scott": (gray_scott, np.array([0.16, 0.08, 0.035, 0.065])),
    "hmm": (hmm, np.cos(np.arange(18.0)).reshape(3, 6)),
    "option": (option, np.array([95.0, 100.0, 0.04, 0.3, 0.75])),
    "spline": (spline, np.array([0.1, 0.5, 0.9, 0.95, 0.1, -0.8])),
    "alignment": (alignment, np.array([0.8, 0.3, -0.1, 0.5])),
    "robot_arm": (robot_arm, np.array([0.3, -0.5, 0.8, 0.2])),
    "time_warping": (time_warping, np.array([0.1, 0.2, 0.8, 1.3, 0.6, 0.1, -0.6, -0.2])),
    "bodies": (
        bodies,
        np.array([[0.3, 0.2, 0.5, 0.1], [-0.6, 0.4, -0.9, 0.3], [0.1, -0.7, 0.2, -0.8], [0.8, -0.2, 0.6, 0.2]]),
    ),
    "bilateral": (bilateral, np.sin(np.arange(30.0) ** 2 / 20).reshape(5, 6)),
}
