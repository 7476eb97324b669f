"""Numbers that libraries get wrong, each a sample of its kind: the case, and its right value.

The values are closed forms, or were found in fifty digits.
"""

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn, optim

INF, NAN = np.inf, np.nan
F32 = np.float32


def same(got, right, rtol=1e-14):
    np.testing.assert_allclose(got, right, rtol=rtol, atol=0)


# ---------------------------------------------------------------------------------------------------------------------
# Right as values, wrong as functions: a guard that is differentiated again as a constant


def test_the_slope_of_a_power_by_its_exponent_at_0():
    same(tl.grad(lambda b: tl.grad(lambda a: a**b)(23.0))(0.0), 1 / 23)


SQUARES = {
    "power": lambda x: np.linalg.norm(x) ** 2,
    "float exponent": lambda x: np.linalg.norm(x) ** 2.0,
    "product": lambda x: np.linalg.norm(x) * np.linalg.norm(x),
    "square": lambda x: np.square(np.linalg.norm(x)),
    "power function": lambda x: np.power(np.linalg.norm(x), 2),
    "float_power": lambda x: np.float_power(np.linalg.norm(x), 2),
    "along an axis": lambda x: (np.linalg.norm(x[None], axis=1) ** 2).sum(),
    "kept axes": lambda x: (np.linalg.norm(x[:, None], axis=0, keepdims=True) ** 2).sum(),
    "vector_norm": lambda x: np.linalg.vector_norm(x) ** 2,
    "hypot": lambda x: np.hypot(x[0], x[1]) ** 2,
    "of complex numbers": lambda x: np.abs(x[0] + 1j * x[1]) ** 2,
    "norm of complex numbers": lambda x: np.linalg.norm(x * np.array([1j, 1.0])) ** 2,
    "sizes": lambda x: (np.abs(x) ** 2).sum(),
    "fabs": lambda x: np.square(np.fabs(x)).sum(),
    "sum": lambda x: np.sum(x * x),
}


def product_of_one(x):
    y = np.linalg.norm(x)
    return y * y


SQUARES["product"] = product_of_one


@pytest.mark.parametrize("at", [[0.0, 0.0], [3.0, -4.0], [1e-200, 0.0], [1e200, -2e200]])
@pytest.mark.parametrize("f", SQUARES.values(), ids=SQUARES)
def test_the_square_of_a_length_is_smooth(f, at):
    x = np.array(at)
    with np.errstate(over="ignore"):
        same(tl.grad(f)(x), 2 * x)
        np.testing.assert_allclose(tl.hessian(f)(x), 2 * np.eye(2), atol=1e-14)
        same(tl.hvp(f)(x, np.array([1.0, 2.0])), [2, 4])
        if not x.any():
            same(tl.jacobian(tl.hessian(f))(x), np.zeros((2, 2, 2)))


def test_the_square_of_a_length_among_other_things():
    target = np.array([1.0, -1.0])

    def f(x):
        rows = np.linalg.norm(x, axis=1) ** 2
        return np.exp(-rows / 2).sum() + np.where(rows > 0.5, rows, 3 * rows).sum() + (x @ target).sum()

    x = np.array([[0.0, 0.0], [1.0, 2.0]])
    blocks = tl.hessian(f)(x)
    same(blocks[0, :, 0, :], (6 - 1) * np.eye(2))
    u = x[1]
    np.testing.assert_allclose(
        blocks[1, :, 1, :], 2 * np.eye(2) + np.exp(-2.5) * (np.outer(u, u) - np.eye(2)), rtol=1e-13
    )
    assert not blocks[0, :, 1, :].any()


def test_rows_of_squares_have_second_derivatives_together():
    f = lambda x: np.linalg.norm(x, axis=1) ** 2
    x = np.array([[0.0, 0.0], [1.0, 2.0]])
    got = tl.jacobian(tl.jacobian(f))(x)[[0, 1], [0, 1], :, [0, 1], :]
    np.testing.assert_allclose(got, [2 * np.eye(2)] * 2, atol=1e-14)


def test_higher_powers_of_a_length_at_0():
    """‖x‖³ has two derivatives there, ‖x‖⁴ all."""
    for p in (3, 4, 6.0):
        same(tl.hessian(lambda x, p=p: np.linalg.norm(x) ** p)(np.zeros(2)), np.zeros((2, 2)))
    d4 = tl.jacobian(tl.jacobian(tl.hessian(lambda x: np.linalg.norm(x) ** 4)))(np.zeros(2))
    e = np.eye(2)
    pairs = [np.einsum(f"{p},{q}->ijkl", e, e) for p, q in (("ij", "kl"), ("ik", "jl"), ("il", "jk"))]
    same(d4, 8 * sum(pairs))


def test_a_hook_on_a_length_hears_of_its_power():
    heard = []

    def f(x):
        y = np.linalg.norm(x)
        y.register_hook(lambda g: heard.append(g.detach().item()))
        return y**2

    same(tl.hessian(f)(np.array([3.0, 4.0])), 2 * np.eye(2))
    assert heard[0] == 10.0


def test_the_length_itself_is_what_it_was():
    """A length that is asked for as a variable gets its slope; one that stands beside its square has no second one."""
    x = tl.tensor([0.0, 0.0], requires_grad=True)
    y = np.linalg.norm(x)
    assert tl.grad(lambda y: tl.grad(lambda y: y**2)(y))(y).item() == 2.0
    assert np.isnan(tl.hessian(lambda x: np.linalg.norm(x) + np.linalg.norm(x) ** 2)(np.zeros(2))).all()


def test_a_length_has_no_second_derivative_at_0():
    assert np.isnan(tl.hessian(np.linalg.norm)(np.zeros(2))).all()


# ---------------------------------------------------------------------------------------------------------------------
# Squares that leave the range where the result does not


def test_lengths_whose_squares_are_no_numbers():
    same(tl.grad(np.linalg.norm)(np.array([3e-170, 4e-170])), [0.6, 0.8])
    same(tl.grad(np.linalg.norm)(np.array([1e200, 1e200])), [0.5**0.5, 0.5**0.5])


def test_an_inverse_function_of_what_is_huge():
    same(tl.grad(lambda t: np.arcsinh(np.exp(t)))(400.0), 1.0)


def test_layer_norm_in_half_precision():
    y = nn.LayerNorm(4, dtype=np.float16)(np.array([[400, 0, 0, -400]], np.float16))
    same(y.data, [[2**0.5, 0, 0, -(2**0.5)]], rtol=1e-3)


# ---------------------------------------------------------------------------------------------------------------------
# Differences that cancel


def test_the_sigmoid_where_it_is_nearly_1():
    same(tl.grad(tl.sigmoid)(40.0), 4.248354255291588995e-18)


def test_binary_cross_entropy_of_a_small_probability():
    same(tl.grad(tl.binary_cross_entropy)(1e-13, 1.0), -1e13)


# ---------------------------------------------------------------------------------------------------------------------
# Minus infinity as the zero of log space, and 0 · ∞


def test_logsumexp_of_nothing():
    same(tl.grad(tl.logsumexp)(np.array([-INF, -INF])), [0, 0])


def test_the_entropy_beside_a_score_that_is_not_there():
    entropy = lambda z: -(tl.softmax(z) * tl.log_softmax(z)).sum()
    with np.errstate(invalid="ignore"):  # the entropy itself is 0 · ∞
        got = tl.grad(entropy)(np.array([0.0, 1.0, -INF]))
    p = 1 / (1 + np.e)
    same(got, [p * (1 - p), -p * (1 - p), 0], rtol=1e-13)


def test_a_branch_that_is_not_taken():
    assert tl.grad(lambda x: np.where(x < 1, x, np.sqrt(x)))(0.0) == 1.0


# ---------------------------------------------------------------------------------------------------------------------
# Low precision in state and statistics


def test_adam_in_half_precision_stays_where_the_gradient_is_0():
    p = tl.tensor(np.ones(3, np.float16), requires_grad=True)
    p.grad = np.zeros(3, np.float16)
    optim.Adam([p]).step()
    assert p.data.tolist() == [1, 1, 1]


# ---------------------------------------------------------------------------------------------------------------------
# Late, or quiet


def test_a_generator_that_is_exhausted_is_told():
    parameters = (p for p in [tl.tensor([1.0], requires_grad=True)])
    list(parameters)
    with pytest.raises(ValueError, match="clip_grad_norm"):
        optim.clip_grad_norm(parameters, 1e-3)


def test_a_last_batch_of_one_beside_batch_norm():
    x = np.random.default_rng(0).normal(size=(33, 4))
    model = nn.Sequential(nn.Linear(4, 3, rng=0), nn.BatchNorm1d(3), nn.Linear(3, 2, rng=1))
    with pytest.warns(UserWarning, match="the last batch, of 1, is joined to the one before"):
        tl.training.fit(model, x, (x[:, 0] > 0).astype(int), batch_size=32, epochs=1)


# ---------------------------------------------------------------------------------------------------------------------
# Elsewhere: reductions at their guards


def test_deviations_of_equal_entries():
    x = np.full(3, 0.1)
    same(tl.grad(np.std)(x), np.zeros(3))
    assert np.isnan(tl.hessian(np.std)(np.ones(3))).all()
    same(tl.hessian(np.var)(np.ones(3)), 2 / 3 * (np.eye(3) - 1 / 3))
    same(tl.grad(np.std)(np.array([1e200, 3e200])), [-0.5, 0.5])
    same(tl.grad(np.std)(np.array([1e-200, 3e-200])), [-0.5, 0.5])


@pytest.mark.parametrize("kind", [bool, np.int8, np.uint8, np.int64, F32])
def test_entries_are_counted_beyond_what_their_type_counts(kind):
    x, there = np.arange(600).reshape(2, 300) % 3 > 0, np.ones(300, bool)
    for f in (np.var, np.std, np.nanvar, np.mean):
        for dtype in (float, F32):
            own = getattr(tl, f.__name__)(x.astype(kind), dtype=dtype, where=there)
            same(own, f(x.astype(kind), dtype=dtype, where=there), rtol=1e-5)


def test_the_root_of_a_complex_line_through_0():
    """NumPy's is a real 0, and varies as complex numbers do: −b/a."""
    p = np.array([2 - 0.5j, 0j])
    assert np.roots(tl.tensor(p)).dtype == np.roots(p).dtype == float
    tl.check_gradients(lambda p: np.roots(p + 0)[0], p, order=1)
    of_b = lambda a, b: tl.grad(lambda b: np.roots(np.stack([a, b]))[0], 0)(b)
    a, step = p[0], 1e-6
    for turn in (1, 1j):
        d = (of_b(a + step * turn, p[1]) - of_b(a - step * turn, p[1])) / (2 * step)
        with_tape = tl.jvp(lambda a: of_b(a, p[1]), (a,), (np.complex128(turn),))[1]
        np.testing.assert_allclose(with_tape, d, rtol=1e-6)


def test_hypotenuses():
    slopes = lambda a, b: tl.grad(np.hypot, (0, 1))(a, b)
    same(slopes(3e-170, 4e-170), [0.6, 0.8])
    same(slopes(3e200, -4e200), [0.6, -0.8])
    same(slopes(0.0, 0.0), [0, 0])
    same(slopes(INF, 1.0), [1, 0])


def test_products_with_zeros():
    x = np.array([0.0, 2.0, 3.0])
    same(tl.grad(np.prod)(x), [6, 0, 0])
    same(tl.hessian(np.prod)(x), [[0, 3, 2], [3, 0, 0], [2, 0, 0]])
    same(tl.grad(lambda x: np.cumprod(x).sum())(x), [1 + 2 + 6, 0, 0])
    same(tl.hessian(lambda x: np.cumprod(x).sum())(x), [[0, 4, 2], [4, 0, 0], [2, 0, 0]])


def test_logaddexp_at_both_ends():
    slopes = lambda a, b: tl.grad(np.logaddexp, (0, 1))(a, b)
    same(slopes(-INF, -INF), [0, 0])
    same(slopes(-INF, 0.0), [0, 1])
    same(slopes(INF, 0.0), [1, 0])
    same(slopes(0.0, 800.0), [0, 1])
    same(slopes(0.0, 50.0), [1.928749847963917783e-22, 1])
    mixed = tl.grad(lambda b: tl.grad(np.logaddexp)(0.0, b))(50.0)
    same(mixed, -1.928749847963917783e-22)


def test_an_entry_that_alone_is_infinite():
    """It is the length, or the largest score, whatever the others are; of two nothing can be said."""
    for f in (np.linalg.norm, lambda x: np.linalg.norm(x, 3), tl.logsumexp, lambda x: tl.logsumexp(x[None], 1)[0]):
        with np.errstate(invalid="ignore"):
            same(tl.grad(f)(np.array([1.0, INF, -2.0])), [0, 1, 0])
            assert np.isnan(tl.grad(f)(np.array([INF, INF]))).all()
    same(tl.grad(np.linalg.norm)(np.array([-INF, 1.0])), [-1, 0])
    rows = np.array([[INF, 1.0], [3.0, 4.0], [-INF, 0.0]])
    same(tl.grad(lambda x: np.linalg.norm(x, axis=1).sum())(rows), [[1, 0], [0.6, 0.8], [-1, 0]])
    with np.errstate(invalid="ignore"):  # ∞ − ∞ of the rows together
        slope = tl.grad(lambda x: tl.logsumexp(x, 1).sum())(np.array([[INF, 1.0], [0, 0], [-INF, -INF]]))
    same(slope, [[1, 0], [0.5, 0.5], [0, 0]])
    assert tl.logsumexp(np.array([INF, 1.0])) == INF


def test_correlations_of_every_scale():
    x = np.array([[1.0, 2.0, 4.0], [3.0, 1.0, 2.0]])
    f = lambda x: np.corrcoef(x)[0, 1]
    value, slope = tl.value_and_grad(f)(x)
    for scale in (2.0**700, 2.0**-700, 2.0**1020, 2.0**-1040):
        with np.errstate(over="ignore"):  # of a slope that is infinite
            scaled, of_scaled = tl.value_and_grad(f)(x * scale)
        same(scaled, value)
        same(of_scaled * scale, slope if scale > 2.0**-1000 else np.sign(slope) * INF)
    mixed = np.array([[1e200], [1e-200]]) * x
    same(tl.value_and_grad(f)(mixed)[0], value, rtol=1e-12)
    with np.errstate(over="ignore"):  # of the covariance, but not its slope
        of_covariance = tl.grad(lambda x: np.cov(x)[0, 1])(x * 1e200)
    same(of_covariance, (x - x.mean(1, keepdims=True))[::-1] * 1e200 / 2, rtol=1e-13)


# ---------------------------------------------------------------------------------------------------------------------
# Elsewhere: elementwise functions


ELEMENTWISE = [
    (np.arccosh, 1 + 2.0**-40, 741455.20018929666955, 1e-15),
    (np.arccosh, 1e200, 1e-200, 1e-15),
    (np.expm1, -800.0, 0.0, 0),
    (np.expm1, 1e-20, 1.0, 0),
    (np.log1p, 1e300, 1e-300, 1e-15),
    (np.log1p, -1 + 2.0**-53, 2.0**53, 1e-15),
    (np.tanh, 20.0, 1.699341702116634898e-17, 1e-14),
    (np.tanh, -300.0, 1.0601586212017243265e-260, 1e-14),
    (tl.softplus, -40.0, 4.248354255291588995e-18, 1e-14),
    (tl.softplus, -740.0, 4.1887398800480489395e-322, 1e-2),
    (tl.gelu, 0.0, 0.5, 0),
    (tl.gelu, -20.0, -1.1014360483133464042e-86, 1e-14),
    (tl.gelu, -1e22, 0.0, 0),
    (tl.gelu, 1e22, 1.0, 0),
    (lambda x: tl.gelu(x, approximate="tanh"), 1e22, 1.0, 0),
    (lambda x: tl.gelu(x, approximate="tanh"), -1e22, 0.0, 0),
]


@pytest.mark.parametrize(("f", "x", "right", "rtol"), ELEMENTWISE)
def test_slopes_of_elementwise_functions(f, x, right, rtol):
    same(tl.grad(f)(x), right, rtol=rtol)


def test_angles_far_away_and_near():
    slopes = lambda a, b: tl.grad(np.arctan2, (0, 1))(a, b)
    same(slopes(3e-200, 4e-200), [16e198, -12e198], rtol=1e-13)
    same(slopes(3e200, 4e200), [1.6e-201, -1.2e-201], rtol=1e-13)
    same(slopes(0.0, 0.0), [0, 0])


def test_log_softmax_where_softmax_is_1():
    same(tl.log_softmax(np.array([40.0, 0.0]))[0], -4.248354255291588995e-18)
    same(tl.grad(lambda x: tl.cross_entropy(x[None], np.array([0])))(np.array([40.0, 0.0])),
         [-4.248354255291588995e-18, 4.248354255291588995e-18])  # fmt: skip


@pytest.mark.parametrize(("z", "t", "slope"), [
    (-800.0, 0.0, 0.0), (800.0, 1.0, 0.0), (-800.0, 1.0, -1.0), (800.0, 0.0, 1.0),
    (40.0, 1.0, -4.248354255291588995e-18), (-40.0, 0.0, 4.248354255291588995e-18), (0.0, 0.5, 0.0),
])  # fmt: skip
def test_binary_cross_entropy_of_scores(z, t, slope):
    f = lambda z: nn.binary_cross_entropy_with_logits(z, np.array([t]))
    same(tl.grad(f)(np.array([z])), [slope])


def test_x_log_x_at_0():
    import tinygrad_lite.scipy.special as special

    for f in (special.entr, lambda x: special.xlogy(x, x)):
        assert abs(tl.grad(f)(0.0)) == INF
        assert f(0.0) == 0
    masked = lambda x: np.where(x > 0, x * np.log(np.where(x > 0, x, 1)), 0).sum()
    same(tl.grad(masked)(np.array([0.0, 1.0])), [0, 1])


def test_powers_of_0():
    with np.errstate(all="ignore"):
        assert tl.grad(lambda a: a**-1.0)(0.0) == -INF
        assert tl.grad(lambda a: a**-2.0)(0.0) == -INF
        assert tl.grad(lambda a: a**-2.0)(-0.0) == INF
        assert tl.grad(lambda b: 0.0**b)(-1.0) == -INF
        assert tl.grad(lambda b: 0.0**b)(2.0) == 0
        assert tl.grad(lambda b: 0.0**b)(0.0) == 0  # a jump, of which the flat side is taken


def test_roots_of_minus_0():
    with np.errstate(all="ignore"):
        for f in (np.sqrt, np.cbrt, np.log, lambda x: x**0.5, tl.sqrt):
            for kind in (float, np.float32, np.float16, lambda x: np.full(3, x)):
                assert np.all(tl.grad(lambda x, f=f: f(x).sum())(kind(-0.0)) == INF)
        same(tl.hessian(lambda x: np.sqrt(x).sum())(np.array([-0.0]))[0], [-INF])


# ---------------------------------------------------------------------------------------------------------------------
# Elsewhere: layers and losses


def test_normalization_of_what_is_huge_in_single_precision():
    x = np.array([[1e20, 2e20, 4e20]], F32)
    expected = np.array([-1.069045, -0.267261, 1.336306])
    for layer in (nn.LayerNorm(3, dtype=F32), nn.GroupNorm(1, 3, dtype=F32)):
        same(layer(x).data, expected[None], rtol=1e-5)
        given = tl.tensor(x, requires_grad=True)
        layer(given)[0, 0].backward()
        s, n = np.std(x.astype(float)), 3
        right = ((np.arange(3) == 0) - 1 / n - expected[0] * expected / n) / s
        same(given.grad, right[None], rtol=2e-5)
    batch = nn.BatchNorm1d(1, dtype=F32)
    same(batch(x.T).data, expected[:, None], rtol=1e-5)
    assert np.isfinite(batch.running_var).all() or batch.running_var[0] == INF  # 10⁴⁰ is no float32
    y = nn.LayerNorm(3, dtype=F32)(np.full((1, 3), 1e20, F32))
    same(y.data, np.zeros((1, 3)))


def test_the_angle_between_vectors_of_every_size():
    a, b = np.array([[3.0, 4.0]]), np.array([[4.0, 3.0]])
    f = lambda a: nn.functional.cosine_similarity(a, b).sum()
    slope = tl.grad(f)(a)
    for scale in (1e-3, 1e150, 1e200):
        value, of_scaled = tl.value_and_grad(f)(a * scale)
        same(value, 0.96, rtol=1e-13)
        same(of_scaled * scale, slope, rtol=1e-12)
    single = np.array([[3e20, 4e20]], F32)
    same(nn.functional.cosine_similarity(single, single), [1], rtol=1e-6)
    assert np.isfinite(tl.grad(f)(np.zeros((1, 2)))).all()


def test_a_sample_of_which_all_is_masked_is_told_or_has_no_part():
    attention = nn.MultiheadAttention(4, 1, rng=0)
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(F32)
    mask = np.array([[True, True, True], [False, False, True]])
    with pytest.raises(ValueError, match="mask"):
        attention(x, x, x, key_padding_mask=mask)


LOSSES = {
    "mse_loss": lambda x, t: nn.mse_loss(x, t, reduction="none"),
    "l1_loss": lambda x, t: nn.l1_loss(x, t, reduction="none"),
    "huber_loss": lambda x, t: nn.huber_loss(x, t, reduction="none"),
    "smooth_l1_loss": lambda x, t: nn.smooth_l1_loss(x, t, reduction="none"),
    "with_logits": lambda x, t: nn.binary_cross_entropy_with_logits(x, t, reduction="none"),
    "gaussian_nll_loss": lambda x, t: nn.gaussian_nll_loss(x, t, np.ones_like(t), reduction="none"),
    "poisson_nll_loss": lambda x, t: nn.poisson_nll_loss(x, t, reduction="none"),
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_targets_that_are_missing_have_no_part(loss):
    x, t = np.array([0.5, -1.0, 2.0]), np.array([1.0, NAN, 0.0])
    there = ~np.isnan(t)
    right = np.zeros(3)
    right[there] = tl.grad(lambda x: loss(x, t[there]).sum())(x[there])
    same(tl.grad(lambda x: loss(x, t).sum(where=there))(x), right)
    same(tl.grad(lambda x: np.sum(loss(x, t), where=there))(x), right)
    same(tl.grad(lambda x: np.mean(loss(x, t), where=there))(x), right / 2)
    same(tl.grad(lambda x: np.where(there, loss(x, t), 0).sum())(x), right)


def test_a_gaussian_whose_deviation_has_no_square():
    f = lambda x, v: nn.gaussian_nll_loss(x, np.zeros(1), v, eps=1e-320)
    for x, v in ((1e200, 1e300), (1e-200, 1e-300), (3.0, 2.0)):
        value, (of_x, of_v) = tl.value_and_grad(f, (0, 1))(np.array([x]), np.array([v]))
        same(value, 0.5 * (np.log(v) + x / v * x))
        same(of_x, [x / v])
        same(of_v, [0.5 * (1 / v - (x / v) ** 2)], rtol=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# Elsewhere: optimizers, clipping, schedules


@pytest.mark.parametrize("make", [
    optim.SGD, lambda p, lr: optim.SGD(p, lr=lr, momentum=0.9), optim.Adam, optim.AdamW, optim.RMSprop,
    lambda p, lr: optim.RMSprop(p, lr=lr, centered=True), optim.Adagrad,
])  # fmt: skip
@pytest.mark.parametrize("steady", [1.0, 1e-18, 1e15])
@pytest.mark.sampled(3)
def test_steady_gradients_over_thousands_of_steps(make, steady):
    """Single precision goes where double precision goes."""
    ends = []
    for dtype in (F32, np.float64):
        p = tl.tensor(np.zeros(2, dtype), requires_grad=True)
        optimizer = make([p], lr=1e-3)
        for _ in range(4000):
            p.grad = np.array([steady, -steady], dtype)
            optimizer.step()
        ends.append(p.data)
    assert np.isfinite(ends[0]).all()
    if not optimizer.param_groups[0].get("centered"):  # whose variance is 0 but for rounding, and decides the step
        np.testing.assert_allclose(ends[0], ends[1], rtol=2e-2)


def test_clipping_with_infinities():
    p = tl.tensor(np.zeros(2), requires_grad=True)
    p.grad = np.array([INF, 1.0])
    with pytest.raises(ValueError, match="not finite"):
        optim.clip_grad_norm([p], 1.0)
    assert p.grad.tolist() == [INF, 1]
    optim.clip_grad_value([p], 0.5)
    assert p.grad.tolist() == [0.5, 0.5]
    p.grad = np.array([3e200, 4e200])
    same(optim.clip_grad_norm([p], 1.0), 5e200)
    same(p.grad, [0.6, 0.8])
    p.grad = np.array([3.0, 4.0])
    assert optim.clip_grad_norm([p], INF) == 5
    assert p.grad.tolist() == [3, 4]


def test_schedules_at_their_last_step():
    n = 10
    same(optim.linear_decay(n)(n - 1), 2 / (1 + n))
    same(optim.cosine(n, floor=0.1)(n), 0.1)
    assert optim.cosine(n)(n) == 0
    assert optim.cosine(n)(n + 5) == 0
    assert optim.linear_decay(n)(n + 5) == 0
    assert optim.warm_up(n)(n) == 1
    p = tl.tensor([1.0], requires_grad=True)
    schedule = optim.Schedule(optim.SGD([p], lr=0.5), optim.cosine(n))
    for _ in range(n + 2):
        schedule.step()
    assert schedule.get_last_lr() == [0.0]
