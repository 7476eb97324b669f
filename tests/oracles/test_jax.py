"""JAX as an oracle: gradients, Hessians, gradients of gradients and forward mode, entry by entry of the table."""

import warnings

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table.registry import REGISTRY

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # JAX's own, while it is imported
    jax = pytest.importorskip("jax")

jnp = jax.numpy

pytestmark = pytest.mark.oracle


@pytest.fixture(autouse=True, scope="module")
def double_precision():
    """JAX computes in float32 unless told otherwise."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def close(ours, theirs, rtol=1e-10):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    scale = max(1e-3, np.abs(theirs).max(initial=0))
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * scale)


def cross_entropy(z, t, *, axis=-1, reduction="mean"):
    z = jnp.moveaxis(z, axis, -1)
    logs = jax.nn.log_softmax(z, -1)
    t = jnp.asarray(t)
    if t.ndim == z.ndim:
        losses = -(jnp.moveaxis(t, axis, -1) * logs).sum(-1)
    else:
        losses = -jnp.take_along_axis(logs, t[..., None], -1)[..., 0]
    return {"none": lambda x: x, "sum": jnp.sum, "mean": jnp.mean}[reduction](losses)


def mean_of(losses, reduction="mean"):
    return losses.mean() if reduction == "mean" else losses.sum() if reduction == "sum" else losses


def binary_cross_entropy(p, t, *, reduction="mean"):
    return mean_of(-t * jnp.log(p) - (1 - t) * jnp.log1p(-p), reduction)


def pair(x):
    return (x, x) if isinstance(x, int) else tuple(x)


def conv2d(x, w, b=None, *, stride=1, padding=0, dilation=1, groups=1):
    around = "SAME" if padding == "same" else [(p, p) for p in pair(padding)]
    y = jax.lax.conv_general_dilated(
        x, w, pair(stride), around, rhs_dilation=pair(dilation), feature_group_count=groups
    )
    return y if b is None else y + b[:, None, None]


def pooled(x, start, function, kernel, stride, padding):
    kernel, stride = pair(kernel), pair(kernel if stride is None else stride)
    around = [(0, 0), (0, 0), *[(p, p) for p in pair(padding)]]
    return jax.lax.reduce_window(x, start, function, (1, 1, *kernel), (1, 1, *stride), around)


def avg_pool2d(x, kernel, stride=None, padding=0, *, count_include_pad=True):
    total = pooled(x, 0.0, jax.lax.add, kernel, stride, padding)
    n = np.prod(pair(kernel)) if count_include_pad else pooled(x * 0 + 1, 0.0, jax.lax.add, kernel, stride, padding)
    return total / n


def sliding_window_view(x, window_shape, axis=None):
    kernel = (window_shape,) if isinstance(window_shape, int) else window_shape
    axes = range(x.ndim) if axis is None else [a % x.ndim for a in np.atleast_1d(axis)]
    for a, k in zip(axes, kernel, strict=True):  # each adds its axis at the end
        places = np.arange(x.shape[a] - k + 1)[:, None] + np.arange(k)
        x = jnp.moveaxis(jnp.take(x, places, axis=a), a + 1, -1)
    return x


NUMPYS_NAMES = [
    "abs",
    "add",
    "subtract",
    "multiply",
    "divide",
    "negative",
    "positive",
    "float_power",
    "square",
    "sqrt",
    "cbrt",
    "reciprocal",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "arctan2",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arccosh",
    "arctanh",
    "hypot",
    "logaddexp",
    "maximum",
    "minimum",
    "fmax",
    "fmin",
    "power",
    "mod",
    "sum",
    "mean",
    "max",
    "min",
    "amax",
    "amin",
    "prod",
    "var",
    "std",
    "cumsum",
    "cumprod",
    "matmul",
    "dot",
    "inner",
    "outer",
    "vdot",
    "tensordot",
    "einsum",
    "trace",
    "diagonal",
    "reshape",
    "ravel",
    "transpose",
    "matrix_transpose",
    "swapaxes",
    "moveaxis",
    "expand_dims",
    "squeeze",
    "broadcast_to",
    "concatenate",
    "stack",
    "hstack",
    "vstack",
    "atleast_1d",
    "atleast_2d",
    "split",
    "array_split",
    "flip",
    "roll",
    "repeat",
    "tile",
    "pad",
    "take",
    "take_along_axis",
    "clip",
    "where",
    "sign",
    "floor",
    "ceil",
    "trunc",
    "rint",
    "append",
    "block",
    "column_stack",
    "copysign",
    "deg2rad",
    "degrees",
    "diag",
    "diagflat",
    "dstack",
    "fabs",
    "fliplr",
    "flipud",
    "fmod",
    "geomspace",
    "hsplit",
    "i0",
    "ldexp",
    "linspace",
    "logaddexp2",
    "logspace",
    "matvec",
    "nan_to_num",
    "poly",
    "polyder",
    "polyint",
    "polymul",
    "polyval",
    "rad2deg",
    "radians",
    "resize",
    "rollaxis",
    "rot90",
    "select",
    "sinc",
    "unstack",
    "vander",
    "vecdot",
    "vecmat",
    "vsplit",
    "atleast_3d",
    "modf",
    "dsplit",
]
COUNTERPARTS = {name: getattr(jnp, name) for name in NUMPYS_NAMES} | {
    "float_power": lambda a, b: jnp.power(a, b),
    "tril": lambda x, k=0: jnp.tril(jnp.broadcast_to(x, (x.shape[-1], x.shape[-1])) if x.ndim == 1 else x, k),
    "triu": lambda x, k=0: jnp.triu(jnp.broadcast_to(x, (x.shape[-1], x.shape[-1])) if x.ndim == 1 else x, k),
    "norm": jnp.linalg.norm,
    "concatenate": lambda arrays, axis=0, casting="same_kind": jnp.concatenate(arrays, axis),
    "getitem": lambda x, index: x[index],
    "sigmoid": jax.nn.sigmoid,
    "relu": lambda x, slope_at_zero=0.0: jax.nn.relu(x),
    "softmax": lambda x, axis=-1: jax.nn.softmax(x, axis),
    "log_softmax": lambda x, axis=-1: jax.nn.log_softmax(x, axis),
    "logsumexp": jax.scipy.special.logsumexp,
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": binary_cross_entropy,
    "linear": lambda x, w, b=None: x @ w.T if b is None else x @ w.T + b,
    "conv2d": conv2d,
    "max_pool2d": lambda x, kernel, stride=None, padding=0: pooled(x, -jnp.inf, jax.lax.max, kernel, stride, padding),
    "avg_pool2d": avg_pool2d,
    "sliding_window_view": sliding_window_view,
    "erf": jax.scipy.special.erf,
    "erfc": jax.scipy.special.erfc,
    "gelu": lambda x, *, approximate="none": jax.nn.gelu(x, approximate=approximate == "tanh"),
    "logsigmoid": jax.nn.log_sigmoid,
    "mish": jax.nn.mish,
    "silu": jax.nn.silu,
    "softplus": lambda x, beta=1.0, threshold=20.0: jax.nn.softplus(beta * x) / beta,  # which has no threshold
    "softsign": jax.nn.soft_sign,
}
NOT_A_NUMBER = {
    "cumprod": lambda x: (x == 0).any(),
    "std": lambda x: x.ndim == 0,
}
"""Arguments at which JAX's derivative is not a number, and ours is."""


def differentiable(x):
    return isinstance(x, (np.ndarray, np.floating)) and x.dtype == np.float64


def fill(x, values):
    """An argument with its floating-point arrays replaced, in order."""
    if differentiable(x):
        return next(values)
    return [fill(part, values) for part in x] if isinstance(x, list) else x


def arrays_of(args):
    """The floating-point arrays among a sample's arguments."""
    return [a for x in args for a in (x if isinstance(x, list) else [x]) if differentiable(a)]


def total(result, module):
    """One number of a result that may be a list of arrays: a nonlinear sum, so that second derivatives see it."""
    values = result if isinstance(result, (list, tuple)) else [result]
    return sum((module.sin(y) * (1.0 + k) + y * y).sum() for k, y in enumerate(values))


def samples(name):
    rng = np.random.default_rng(3)
    for args, kwargs in REGISTRY[name].samples(
        lambda *shape, low=-2.0, high=2.0: np.asarray(rng.uniform(low, high, shape))
    ):
        arrays = arrays_of(args)
        suits = not (name in NOT_A_NUMBER and any(NOT_A_NUMBER[name](x) for x in arrays))
        if suits and arrays and all(x.size for x in arrays):
            yield args, dict(kwargs), arrays


def both(name, args, kwargs):
    """The entry as a function of its floating-point arrays to one number, in both libraries."""
    theirs_kwargs = {k: v for k, v in kwargs.items() if k != "optimize"}

    def ours(*values):
        remaining = iter(values)
        return total(REGISTRY[name].function(*[fill(x, remaining) for x in args], **kwargs), np)

    def theirs(*values):
        remaining = iter(values)
        return total(COUNTERPARTS[name](*[fill(x, remaining) for x in args], **theirs_kwargs), jnp)

    return ours, theirs


def test_the_names_are_entries():
    assert not sorted(set(COUNTERPARTS) - set(REGISTRY))


def smallest(name, count):
    """A few samples of few entries, of real numbers: JAX compiles for each."""
    real = [
        sample
        for sample in samples(name)
        if not any(isinstance(x, np.ndarray) and x.dtype.kind == "c" for x in sample[0])
    ]
    return sorted(real, key=lambda sample: sum(x.size for x in sample[2]))[:count]


@pytest.mark.parametrize("name", sorted(COUNTERPARTS))
def test_values_gradients_and_forward_mode(name):
    compared = 0
    for args, kwargs, arrays in smallest(name, 2):
        ours, theirs = both(name, args, kwargs)
        n = tuple(range(len(arrays)))
        rng = np.random.default_rng(1)
        directions = tuple([rng.standard_normal(x.shape) for x in arrays])

        @jax.jit
        def everything(arrays, directions, theirs=theirs, n=n):
            return jax.value_and_grad(theirs, n)(*arrays), jax.jvp(theirs, arrays, directions)[1]

        (their_value, their_gradients), their_tangent = everything(tuple(arrays), directions)
        value, gradients = tl.value_and_grad(ours, n)(*arrays)
        close(value, their_value)
        for a, b in zip(gradients, their_gradients, strict=True):
            close(a, b)
        close(tl.jvp(ours, tuple(arrays), directions)[1], their_tangent)
        compared += 1
    assert compared


TWICE = [
    "multiply",
    "divide",
    "power",
    "sqrt",
    "exp",
    "log",
    "tan",
    "arctan2",
    "hypot",
    "logaddexp",
    "sigmoid",
    "sum",
    "max",
    "prod",
    "std",
    "cumprod",
    "logsumexp",
    "softmax",
    "log_softmax",
    "cross_entropy",
    "matmul",
    "tensordot",
    "einsum",
    "norm",
    "concatenate",
    "getitem",
    "where",
]


@pytest.mark.parametrize("name", TWICE)
def test_hessians_and_gradients_of_gradients(name):
    for args, kwargs, arrays in smallest(name, 1):
        ours, theirs = both(name, args, kwargs)
        n = tuple(range(len(arrays)))

        def square(gradient):
            return lambda *x: sum((g * g).sum() for g in gradient(*x))

        @jax.jit
        def everything(*arrays, theirs=theirs, n=n, square=square):
            return jax.hessian(theirs, n)(*arrays), jax.grad(square(jax.grad(theirs, n)), n)(*arrays)

        their_hessian, their_gradients = everything(*arrays)
        for row, their_row in zip(tl.hessian(ours, n)(*arrays), their_hessian, strict=True):
            for a, b in zip(row, their_row, strict=True):
                close(a, b, rtol=1e-9)
        for a, b in zip(tl.grad(square(tl.grad(ours, n)), n)(*arrays), their_gradients, strict=True):
            close(a, b, rtol=1e-9)


FUNCTIONS = {
    "network": lambda m, w, v, x: (m.tanh(m.tanh(x @ w) @ v) ** 2).mean(),
    "attention": lambda m, w, v, x: (m.exp(x @ w @ (x @ w).T / 3) @ x @ w @ v).sum(),
    "normalised": lambda m, w, v, x: (((x - x.mean(axis=0)) / m.sqrt(x.var(axis=0) + 1e-3)) @ w @ v).max(),
    "einsum": lambda m, w, v, x: m.einsum("bi,ij,jk,bk->", x, m.sin(w), v, x[:, :2]),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_code_written_once_for_both(name):
    rng = np.random.default_rng(0)
    args = [rng.standard_normal(s) * 0.5 for s in ((3, 4), (4, 2), (5, 3))]
    f = FUNCTIONS[name]
    mine = tl.value_and_grad(lambda *a: f(np, *a), (0, 1, 2))(*args)
    its = jax.jit(jax.value_and_grad(lambda *a: f(jnp, *a), (0, 1, 2)))(*args)
    close(mine[0], its[0])
    for a, b in zip(mine[1], its[1], strict=True):
        close(a, b)
    block = tl.hessian(lambda w: f(np, w, *args[1:]))(args[0])
    close(block, jax.jit(jax.hessian(lambda w: f(jnp, w, *args[1:])))(args[0]), rtol=1e-9)


@pytest.mark.parametrize("f", [lambda m, x: m.tanh(x) * x, lambda m, x: m.exp(m.sin(x)), lambda m, x: x**4 / (1 + x)])
def test_fourth_order(f):
    mine, its = (lambda x: f(np, x)), (lambda x: f(jnp, x))
    for _ in range(4):
        mine, its = tl.grad(mine), jax.grad(its)
        close(mine(0.7), jax.jit(its)(0.7), rtol=1e-9)
