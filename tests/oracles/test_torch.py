"""PyTorch as an oracle: random expression graphs, and every table entry that it has too."""

import operator
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite.table.registry import REGISTRY

torch = pytest.importorskip("torch")

from . import counterparts  # noqa: E402
from .counterparts import over_axes  # noqa: E402

pytestmark = pytest.mark.oracle


def close(ours, theirs, rtol=1e-10):
    """Equal to a relative 1e-10, on the scale of the whole array."""
    ours = np.asarray(ours.data if type(ours) is tl.Tensor else ours)
    theirs = theirs.detach().resolve_conj().numpy()
    assert ours.shape == theirs.shape
    scale = max(1e-3, np.abs(theirs).max(initial=0))
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * scale)


def differentiable(x):
    return isinstance(x, (np.ndarray, np.inexact)) and x.dtype in (np.float64, np.complex128)


# ---------------------------------------------------------------------------------------------------------------------
# Random expression graphs
#
# An operation is a pair of functions, ours and PyTorch's, and which values it can be applied to.


def anything(*values):
    return True


def not_large(*values):
    return all(np.abs(x).max(initial=0) < 3 for x in values)


def positive(x):
    return x.size > 0 and x.min() > 0.1


def has_axes(x):
    return x.ndim > 0


def is_matrix(x):
    return x.ndim >= 2


def broadcastable(a, b):
    try:
        return len(np.broadcast_shapes(a.shape, b.shape)) < 4
    except ValueError:
        return False


def divisible(a, b):
    return broadcastable(a, b) and np.abs(b).min(initial=1) > 0.2


def raisable(a, b):
    return broadcastable(a, b) and positive(a) and not_large(a, b)


def multipliable(a, b):
    if not (a.ndim and b.ndim) or a.shape[-1] != b.shape[-2 if b.ndim > 1 else 0]:
        return False
    return broadcastable(a[..., 0, :1] if a.ndim > 1 else a[:1], b[..., :1, 0] if b.ndim > 1 else b[:1])


def smallish(x):
    return np.abs(x).max(initial=0) < 1e3


UNARY = {
    "tanh": (np.tanh, torch.tanh, anything),
    "sin": (np.sin, torch.sin, smallish),
    "cos": (np.cos, torch.cos, smallish),
    "exp": (np.exp, torch.exp, not_large),
    "expm1": (np.expm1, torch.expm1, not_large),
    "log": (np.log, torch.log, positive),
    "log1p of a square": (lambda x: np.log1p(x * x), lambda x: torch.log1p(x * x), anything),
    "sqrt": (np.sqrt, torch.sqrt, positive),
    "square": (np.square, torch.square, smallish),
    "reciprocal": (np.reciprocal, torch.reciprocal, positive),
    "arctan": (np.arctan, torch.arctan, anything),
    "arcsinh": (np.arcsinh, torch.arcsinh, anything),
    "abs": (np.abs, torch.abs, anything),
    "negative": (operator.neg, operator.neg, anything),
    "sigmoid": (tl.sigmoid, torch.sigmoid, anything),
    "relu": (tl.relu, torch.relu, anything),
    "clip": (lambda x: np.clip(x, -0.5, 0.75), lambda x: torch.clamp(x, -0.5, 0.75), anything),
    "cube": (lambda x: x**3, lambda x: x**3, not_large),
    "times a number": (lambda x: 2.5 * x - 1, lambda x: 2.5 * x - 1, smallish),
    "over itself": (lambda x: 1.5 / (1 + x * x), lambda x: 1.5 / (1 + x * x), smallish),
    "where": (lambda x: np.where(x > 0.1, x, x * 0.1), lambda x: torch.where(x > 0.1, x, x * 0.1), anything),
    "sum": (np.sum, torch.sum, anything),
    "mean": (np.mean, torch.mean, anything),
    "sum of the last axis": (lambda x: x.sum(-1), lambda x: x.sum(-1), has_axes),
    "sum of the first axis, kept": (
        lambda x: x.sum(axis=0, keepdims=True),
        lambda x: x.sum(0, keepdim=True),
        has_axes,
    ),
    "mean of two axes": (lambda x: x.mean(axis=(0, -1)), lambda x: x.mean((0, -1)), is_matrix),
    "largest": (lambda x: np.max(x, axis=-1), lambda x: torch.amax(x, -1), has_axes),
    "smallest, kept": (
        lambda x: np.min(x, axis=0, keepdims=True),
        lambda x: torch.amin(x, 0, keepdim=True),
        has_axes,
    ),
    "product": (lambda x: np.prod(x, axis=-1), lambda x: torch.prod(x, -1), lambda x: has_axes(x) and not_large(x)),
    "variance": (lambda x: np.var(x, axis=-1), lambda x: torch.var(x, -1, correction=0), has_axes),
    "norm": (
        lambda x: np.linalg.norm(x, axis=-1),
        lambda x: torch.linalg.vector_norm(x, dim=-1),
        has_axes,
    ),
    "logsumexp": (lambda x: tl.logsumexp(x, -1), lambda x: torch.logsumexp(x, -1), has_axes),
    "softmax": (tl.softmax, lambda x: torch.softmax(x, -1), has_axes),
    "softmax of the first axis": (lambda x: tl.softmax(x, 0), lambda x: torch.softmax(x, 0), has_axes),
    "log_softmax": (tl.log_softmax, lambda x: torch.log_softmax(x, -1), has_axes),
    "cross_entropy": (
        lambda x: tl.cross_entropy(x, np.zeros(len(x), int)),
        lambda x: torch.nn.functional.cross_entropy(x, torch.zeros(len(x), dtype=torch.int64)),
        lambda x: x.ndim == 2,
    ),
    "cross_entropy of probabilities": (
        lambda x: tl.cross_entropy(x, tl.softmax(x * 0.5), reduction="none"),
        lambda x: torch.nn.functional.cross_entropy(x, torch.softmax(x * 0.5, -1), reduction="none"),
        lambda x: x.ndim == 2,
    ),
    "running sum": (lambda x: np.cumsum(x, axis=-1), lambda x: torch.cumsum(x, -1), has_axes),
    "running product": (
        lambda x: np.cumprod(x, axis=0),
        lambda x: torch.cumprod(x, 0),
        lambda x: has_axes(x) and not_large(x),
    ),
    "transpose": (lambda x: x.mT, lambda x: x.mT, is_matrix),
    "flatten": (lambda x: x.reshape(-1), lambda x: x.reshape(-1), anything),
    "new axis": (lambda x: x[..., None], lambda x: x[..., None], lambda x: x.ndim < 3),
    "first": (lambda x: x[0], lambda x: x[0], has_axes),
    "reversed": (lambda x: x[..., ::-1], lambda x: torch.flip(x, (-1,)), has_axes),
    "repeated rows": (lambda x: x[[0, -1, 0]], lambda x: x[[0, -1, 0]], has_axes),
    "mask": (lambda x: x[x > 0.0], lambda x: x[x > 0.0], lambda x: bool((x > 0).any())),
    "tail": (lambda x: x[..., 1:], lambda x: x[..., 1:], lambda x: x.ndim > 0 and x.shape[-1] > 1),
    "roll": (lambda x: np.roll(x, 1, axis=-1), lambda x: torch.roll(x, 1, -1), has_axes),
    "lower triangle": (np.tril, torch.tril, is_matrix),
    "twice": (lambda x: np.concatenate([x, x * 2], axis=-1), lambda x: torch.cat([x, x * 2], -1), has_axes),
    "gram": (
        lambda x: np.einsum("...ij,...kj->...ik", x, x),
        lambda x: torch.einsum("...ij,...kj->...ik", x, x),
        lambda x: is_matrix(x) and smallish(x),
    ),
}
BINARY = {
    "add": (operator.add, operator.add, broadcastable),
    "subtract": (operator.sub, operator.sub, broadcastable),
    "multiply": (operator.mul, operator.mul, lambda a, b: broadcastable(a, b) and smallish(a) and smallish(b)),
    "divide": (operator.truediv, operator.truediv, divisible),
    "power": (operator.pow, operator.pow, raisable),
    "maximum": (np.maximum, torch.maximum, broadcastable),
    "minimum": (np.minimum, torch.minimum, broadcastable),
    "logaddexp": (np.logaddexp, torch.logaddexp, broadcastable),
    "arctan2": (np.arctan2, torch.arctan2, divisible),
    "hypot": (np.hypot, torch.hypot, lambda a, b: divisible(a, b)),
    "matmul": (operator.matmul, operator.matmul, lambda a, b: multipliable(a, b) and smallish(a) and smallish(b)),
    "outer": (
        lambda a, b: np.outer(a, b),
        lambda a, b: torch.outer(a.reshape(-1), b.reshape(-1)),
        lambda a, b: a.size * b.size <= 36 and smallish(a) and smallish(b),
    ),
    "stack": (lambda a, b: np.stack([a, b]), lambda a, b: torch.stack([a, b]), lambda a, b: a.shape == b.shape),
}
SHAPES = [(), (3,), (1,), (2, 3), (3, 3), (3, 1), (1, 3), (2, 2, 3), (2, 3, 2)]


@st.composite
def expressions(draw):
    """Leaves' shapes, and steps: an operation, and the positions of its operands among the values so far.

    What a step is applied to is chosen when it is evaluated, among the values that it can take.
    """
    shapes = draw(st.lists(st.sampled_from(SHAPES), min_size=2, max_size=4))
    operations = st.one_of(st.sampled_from(sorted(UNARY)), st.sampled_from(sorted(BINARY)))
    steps = draw(st.lists(st.tuples(operations, st.integers(0, 30), st.integers(0, 30)), min_size=6, max_size=16))
    return shapes, steps, draw(st.integers(0, 2**16))


def evaluated(shapes, steps, seed):
    """The values of an expression in both libraries, leaves first, and how deep each is."""
    rng = np.random.default_rng(seed)
    arrays = [rng.uniform(-1.5, 1.5, shape) for shape in shapes]
    ours = [tl.tensor(x, requires_grad=True) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    depth = [0] * len(shapes)
    for name, i, j in steps:
        arity = 1 if name in UNARY else 2
        mine, its, suits = (UNARY | BINARY)[name]
        choices = [
            operands
            for first in range(len(ours))
            for operands in ([(first,)] if arity == 1 else [(first, second) for second in range(len(ours))])
            if suits(*[np.asarray(ours[k].data) for k in operands])
        ]
        if not choices:
            continue
        recent = sorted(choices, reverse=True)[: 2 + i % 12]  # rather what was just computed: deep graphs
        operands = recent[j % len(recent)]
        a, b = mine(*[ours[k] for k in operands]), its(*[theirs[k] for k in operands])
        level = 1 + max(depth[k] for k in operands)
        if level > 8 or a.size == 0:
            continue
        ours.append(a)
        theirs.append(b)
        depth.append(level)
    return ours, theirs, len(shapes)


def both_losses(ours, theirs, n):
    """One number from every value that was computed: each counts, none is lost in the size of another."""
    mine = sum((np.tanh(y * 0.3) * (0.5 + k)).sum() for k, y in enumerate(ours[n:]))
    its = sum((torch.tanh(y * 0.3) * (0.5 + k)).sum() for k, y in enumerate(theirs[n:]))
    return mine, its


@given(expression=expressions())
@settings(deadline=None, derandomize=True, max_examples=400, suppress_health_check=list(HealthCheck))
def test_random_graphs(expression):
    ours, theirs, n = evaluated(*expression)
    if len(ours) == n:
        return
    for mine, its in zip(ours[n:], theirs[n:], strict=True):
        close(mine, its)
    mine, its = both_losses(ours, theirs, n)
    mine.backward()
    its.backward()
    for a, b in zip(ours[:n], theirs[:n], strict=True):
        assert (a.grad is None) == (b.grad is None)
        if a.grad is not None:
            close(a.grad, b.grad)


SMOOTH = {
    *("tanh", "sin", "cos", "exp", "log", "log1p of a square", "sqrt", "square", "arctan", "sigmoid", "cube"),
    *("times a number", "over itself", "sum", "mean", "sum of the last axis", "variance", "logsumexp", "softmax"),
    *("log_softmax", "cross_entropy", "running sum", "transpose", "flatten", "first", "reversed", "repeated rows"),
    *("roll", "gram", "add", "subtract", "multiply", "divide", "matmul", "outer", "stack", "product", "power"),
}


@given(expression=expressions())
@settings(deadline=None, derandomize=True, max_examples=150, suppress_health_check=list(HealthCheck))
def test_random_graphs_to_second_order(expression):
    shapes, steps, seed = expression
    steps = [step for step in steps if step[0] in SMOOTH]
    _, theirs, n = evaluated(shapes, steps, seed)
    if len(theirs) == n:
        return

    def loss(*leaves):
        values = list(leaves)
        # the same choices again, on whatever is passed
        for apply, operands in recorded_steps(shapes, steps, seed):
            values.append(apply(*[values[k] for k in operands]))
        return sum((np.tanh(y * 0.3) * (0.5 + k)).sum() for k, y in enumerate(values[n:]))

    leaves = [x.detach().numpy() for x in theirs[:n]]
    directions = [np.random.default_rng(seed + 1).standard_normal(x.shape) for x in leaves]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "grad: the result does not depend on argument")  # a leaf that no step took
        _, products = tl.jvp(lambda *x: tl.grad(loss, tuple(range(n)))(*x), tuple(leaves), tuple(directions))
    _, its = both_losses([], theirs, n)
    first = torch.autograd.grad(its, theirs[:n], create_graph=True, allow_unused=True, materialize_grads=True)
    inner = sum((g * torch.tensor(d)).sum() for g, d in zip(first, directions, strict=True))
    second = torch.autograd.grad(inner, theirs[:n], allow_unused=True, materialize_grads=True)
    for mine, theirs_ in zip(products, second, strict=True):
        close(mine, theirs_, rtol=1e-9)


def recorded_steps(shapes, steps, seed):
    """The steps that :func:`evaluated` takes, as functions and the positions of their operands."""
    rng = np.random.default_rng(seed)
    values = [rng.uniform(-1.5, 1.5, shape) for shape in shapes]
    depth = [0] * len(shapes)
    taken = []
    for name, i, j in steps:
        arity = 1 if name in UNARY else 2
        mine, _, suits = (UNARY | BINARY)[name]
        choices = [
            operands
            for first in range(len(values))
            for operands in ([(first,)] if arity == 1 else [(first, second) for second in range(len(values))])
            if suits(*[values[k] for k in operands])
        ]
        if not choices:
            continue
        recent = sorted(choices, reverse=True)[: 2 + i % 12]
        operands = recent[j % len(recent)]
        y = np.asarray(mine(*[values[k] for k in operands]))
        level = 1 + max(depth[k] for k in operands)
        if level > 8 or y.size == 0:
            continue
        values.append(y)
        depth.append(level)
        taken.append((mine, operands))
    return taken


# ---------------------------------------------------------------------------------------------------------------------
# The table, entry by entry

SAME_NAME = [
    "erf",
    "erfc",
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
    "reciprocal",
    "sign",
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
    "floor",
    "ceil",
    "trunc",
    "sigmoid",
    "relu",
    "where",
    "matmul",
    "outer",
    "vdot",
    "inner",
    "reshape",
    "ravel",
    "broadcast_to",
    "tile",
    "roll",
    "flip",
    "einsum",
    "trace",
    "diagonal",
    "moveaxis",
    "swapaxes",
    "stack",
    "hstack",
    "vstack",
    "sum",
    "mean",
    "prod",
    "amax",
    "amin",
    "logsumexp",
    "cumsum",
    "cumprod",
    "softmax",
    "log_softmax",
]


def one_axis_at_a_time(function):
    """For PyTorch's functions of a single axis: reduced from the last axis to the first."""

    def reduce(x, dims, keepdims):
        for dim in sorted([d % x.ndim for d in dims], reverse=True):
            x = function(x, dim, keepdim=keepdims)
        return x

    return reduce


def cumulative(function):
    return lambda x, axis=None, **others: None if others else function(*((x.ravel(), 0) if axis is None else (x, axis)))


def statistics(function):
    def call(x, axis=None, *, ddof=0, correction=None, keepdims=False, **others):
        if others:
            return None
        dims = tuple(range(x.ndim)) if axis is None else axis
        return function(x, dims, correction=ddof if correction is None else correction, keepdim=keepdims)

    return call


def einsum(*arguments, optimize=False, **others):
    if not others and isinstance(arguments[0], str) and not any(a == "i,i" for a in arguments if isinstance(a, str)):
        return torch.einsum(*arguments)
    return None


def cross_entropy(logits, target, *, axis=-1, reduction="mean"):
    z, target = torch.movedim(logits, axis, -1), torch.as_tensor(target)
    if target.shape == logits.shape:
        t = torch.movedim(target, axis, -1).reshape(-1, z.shape[-1])
    else:
        t = target.reshape(-1)
    result = torch.nn.functional.cross_entropy(z.reshape(-1, z.shape[-1]), t, reduction=reduction)
    return result.reshape(z.shape[:-1]) if reduction == "none" else result


def images(function):
    """PyTorch's function, which takes no empty batches of images."""
    return lambda x, *a, **k: function(x, *a, **k) if x.numel() else None


def sliding_window_view(x, window_shape, axis=None, **others):
    if others:
        return None
    kernel = (window_shape,) if isinstance(window_shape, int) else window_shape
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis) % x.ndim
    for a, k in zip(axes, kernel, strict=True):  # each adds its axis at the end
        x = x.unfold(int(a), k, 1)
    return x


def norm(x, ord=None, axis=None, keepdims=False):
    if axis is not None and np.ndim(axis) and ord is not None:
        return torch.linalg.matrix_norm(x, ord, axis, keepdims)
    if ord == 0 or (ord is not None and x.ndim == 2 and axis is None):
        return None if ord == 0 else torch.linalg.norm(x, ord, keepdim=keepdims)
    return torch.linalg.vector_norm(x, 2 if ord is None else ord, axis, keepdims)


def softmax_like(function):
    return lambda x, axis=-1: function(x, axis) if isinstance(axis, int) else None


def pad(x, pad_width, mode="constant", *, constant_values=0, **others):
    if mode != "constant" or others or isinstance(pad_width, dict) or not np.isscalar(constant_values):
        return None
    widths = np.broadcast_to(pad_width, (x.ndim, 2))[::-1].ravel().tolist()
    return torch.nn.functional.pad(x, widths, value=constant_values)


def take(x, indices, axis=None, *, mode="raise"):
    if axis is None:
        x, axis = x.ravel(), 0
    indices = torch.as_tensor(indices) % x.shape[axis]
    return torch.index_select(x, axis, indices.ravel()).reshape(
        *x.shape[: axis % x.ndim], *indices.shape, *x.shape[axis % x.ndim + 1 :]
    )


def flip(x, axis=None):
    return torch.flip(x, tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else axis)


def tensordot(a, b, axes=2):
    if isinstance(axes, tuple):
        axes = tuple([k] if isinstance(k, int) else list(k) for k in axes)
        axes = ([k % a.ndim for k in axes[0]], [k % b.ndim for k in axes[1]])
    return torch.tensordot(a, b, axes)


def concatenate(arrays, axis=0, **others):
    if others:
        return None
    return torch.cat([x.ravel() for x in arrays]) if axis is None else torch.cat(arrays, axis)


def with_part(x, index, value):
    parts = index if isinstance(index, tuple) else (index,)
    if any(
        isinstance(part, (np.ndarray, torch.Tensor)) or (isinstance(part, slice) and (part.step or 1) < 0)
        for part in parts
    ):
        return None
    y = x.clone()
    y[index] = value
    return y


COUNTERPARTS = (
    counterparts.COUNTERPARTS
    | {name: getattr(torch, name, None) for name in SAME_NAME}
    | {
        "tril": lambda x, k=0: torch.tril(x, k) if x.ndim > 1 else None,
        "triu": lambda x, k=0: torch.triu(x, k) if x.ndim > 1 else None,
        "conj": lambda x: torch.conj(x).resolve_conj(),
        "real": torch.real,
        "imag": lambda x: torch.imag(x) if x.is_complex() else None,
        "angle": lambda x, deg=False: torch.rad2deg(torch.angle(x)) if deg else torch.angle(x),
        "fft": lambda x, n=None, axis=-1, norm=None: torch.fft.fft(x, n, axis, norm),
        "ifft": lambda x, n=None, axis=-1, norm=None: torch.fft.ifft(x, n, axis, norm),
        "rfft": lambda x, n=None, axis=-1, norm=None: torch.fft.rfft(x, n, axis, norm),
        "irfft": lambda x, n=None, axis=-1, norm=None: torch.fft.irfft(x, n, axis, norm),
        "hfft": lambda x, n=None, axis=-1, norm=None: torch.fft.hfft(x, n, axis, norm),
        "ihfft": lambda x, n=None, axis=-1, norm=None: torch.fft.ihfft(x, n, axis, norm),
        "fftn": lambda x, s=None, axes=None, norm=None: torch.fft.fftn(x, s, axes, norm),
        "ifftn": lambda x, s=None, axes=None, norm=None: torch.fft.ifftn(x, s, axes, norm),
        "rfftn": lambda x, s=None, axes=None, norm=None: torch.fft.rfftn(x, s, axes, norm),
        "irfftn": lambda x, s=None, axes=None, norm=None: torch.fft.irfftn(x, s, axes, norm),
        "fft2": lambda x, s=None, axes=(-2, -1), norm=None: torch.fft.fft2(x, s, axes, norm),
        "ifft2": lambda x, s=None, axes=(-2, -1), norm=None: torch.fft.ifft2(x, s, axes, norm),
        "rfft2": lambda x, s=None, axes=(-2, -1), norm=None: torch.fft.rfft2(x, s, axes, norm),
        "irfft2": lambda x, s=None, axes=(-2, -1), norm=None: torch.fft.irfft2(x, s, axes, norm),
        "fftshift": lambda x, axes=None: torch.fft.fftshift(x, axes),
        "ifftshift": lambda x, axes=None: torch.fft.ifftshift(x, axes),
        "copy": lambda x, *_, **__: x.clone(),
        "setitem": lambda x, index, value: with_part(x, index, value),
        "power": torch.pow,
        "sign": lambda x: torch.sgn(x) if x.is_complex() else torch.sign(x),
        "floor_divide": None,  # PyTorch has no derivative of it
        "cbrt": lambda x: torch.sign(x) * torch.abs(x) ** (1 / 3),
        "mod": torch.remainder,
        "inner": lambda a, b: torch.inner(a, b) if a.ndim and b.ndim else a * b,
        "outer": lambda a, b: torch.outer(a.reshape(-1), b.reshape(-1)),
        "vdot": lambda a, b: torch.vdot(a.reshape(-1), b.reshape(-1)),
        "dot": lambda a, b: a * b if not (a.ndim and b.ndim) else torch.tensordot(a, b, ([-1], [max(b.ndim - 2, 0)])),
        "relu": lambda x, **others: None if others else torch.relu(x),
        "heaviside": None,  # PyTorch has no derivative of it
        "clip": lambda x, low=None, high=None: torch.clamp(x, low, high) if not isinstance(low, np.ndarray) else None,
        "round": lambda x, decimals=0: torch.round(x, decimals=decimals),
        "sum": over_axes(lambda x, dims, keep: torch.sum(x, dims, keepdim=keep) if dims else x * 1),
        "mean": over_axes(lambda x, dims, keep: torch.mean(x, dims, keepdim=keep) if dims else x * 1),
        "prod": over_axes(one_axis_at_a_time(torch.prod)),
        "max": over_axes(lambda x, dims, keep: torch.amax(x, dims, keepdim=keep)),
        "min": over_axes(lambda x, dims, keep: torch.amin(x, dims, keepdim=keep)),
        "amax": over_axes(lambda x, dims, keep: torch.amax(x, dims, keepdim=keep)),
        "amin": over_axes(lambda x, dims, keep: torch.amin(x, dims, keepdim=keep)),
        "logsumexp": over_axes(lambda x, dims, keep: torch.logsumexp(x, dims, keepdim=keep) if dims else x * 1),
        "var": lambda x, *a, **k: statistics(torch.var)(x, *a, **k) if x.ndim and x.numel() else None,
        "std": lambda x, *a, **k: statistics(torch.std)(x, *a, **k) if x.ndim and x.numel() else None,
        "cumsum": cumulative(torch.cumsum),
        "cumprod": cumulative(torch.cumprod),
        "norm": norm,
        "einsum": einsum,
        "trace": lambda x, offset=0, axis1=0, axis2=1: torch.diagonal(x, offset, axis1, axis2).sum(-1),
        "diagonal": lambda x, offset=0, axis1=0, axis2=1: torch.diagonal(x, offset, axis1, axis2),
        "tensordot": tensordot,
        "reshape": lambda x, shape, order="C": (
            torch.reshape(x, shape if isinstance(shape, tuple) else (shape,)) if order == "C" else None
        ),
        "ravel": lambda x, order="C": x.ravel() if order == "C" else None,
        "transpose": lambda x, axes=None: x.permute(*(axes or range(x.ndim)[::-1])) if x.ndim else x * 1,
        "matrix_transpose": lambda x: x.mT,
        "squeeze": lambda x, axis=None: torch.squeeze(x) if axis is None else torch.squeeze(x, axis),
        "expand_dims": lambda x, axis: torch.unsqueeze(x, axis) if isinstance(axis, int) else None,
        "concatenate": concatenate,
        "stack": lambda arrays, axis=0: torch.stack(arrays, axis),
        "atleast_1d": torch.atleast_1d,
        "atleast_2d": torch.atleast_2d,
        "array_split": lambda x, parts, axis=0: torch.tensor_split(x, parts, axis),
        "split": lambda x, parts, axis=0: torch.tensor_split(x, parts, axis),
        "flip": flip,
        "roll": lambda x, shift, axis=None: torch.roll(x, shift, axis),
        "tile": lambda x, reps: torch.tile(x, reps if isinstance(reps, tuple) else (reps,)),
        "repeat": lambda x, repeats, axis=None: torch.repeat_interleave(
            x, torch.as_tensor(repeats) if isinstance(repeats, np.ndarray) else repeats, axis
        ),
        "pad": pad,
        "take": take,
        "take_along_axis": lambda x, indices, axis=-1: torch.take_along_dim(x, torch.as_tensor(indices), axis),
        "getitem": lambda x, index: None if "-" in str(index) else x[index],  # PyTorch has no negative steps
        "where": lambda c, a, b: torch.where(torch.as_tensor(c), a, b),
        "softmax": softmax_like(torch.softmax),
        "log_softmax": softmax_like(torch.log_softmax),
        "cross_entropy": cross_entropy,
        "binary_cross_entropy": lambda p, t, reduction="mean": torch.nn.functional.binary_cross_entropy(
            p, t.double(), reduction=reduction
        ),
        "linear": torch.nn.functional.linear,
        "conv1d": torch.nn.functional.conv1d,
        "conv2d": images(torch.nn.functional.conv2d),
        "conv_transpose1d": torch.nn.functional.conv_transpose1d,
        "conv_transpose2d": images(torch.nn.functional.conv_transpose2d),
        "max_pool2d": images(torch.nn.functional.max_pool2d),
        "avg_pool2d": images(torch.nn.functional.avg_pool2d),
        "sliding_window_view": sliding_window_view,
    }
)
WITHOUT = counterparts.WITHOUT | {"floor_divide", "heaviside", "real_if_close", "rint"}
"""Entries that PyTorch has no derivative of, or no function for."""


def as_torch(x, leaves):
    """An argument of a sample for PyTorch; its floating-point arrays are collected as leaves."""
    if isinstance(x, np.ndarray) and x.dtype.kind in "iub":
        return torch.as_tensor(x)
    if differentiable(x):
        leaves.append(torch.tensor(x, requires_grad=True))
        return leaves[-1]
    return type(x)([as_torch(part, leaves) for part in x]) if isinstance(x, (list, tuple)) else x


def as_ours(x, leaves):
    if differentiable(x):
        leaves.append(tl.tensor(x, requires_grad=True))
        return leaves[-1]
    return [as_ours(part, leaves) for part in x] if isinstance(x, list) else x


def parts(result):
    return list(result) if isinstance(result, (list, tuple)) else [result]


def samples(name, seed=11):
    rng = np.random.default_rng(seed)
    return REGISTRY[name].samples(lambda *shape, low=-2.0, high=2.0: np.asarray(rng.uniform(low, high, shape)))


def test_every_entry_is_compared_or_listed_as_without_counterpart():
    assert not sorted(set(REGISTRY) - {n for n, f in COUNTERPARTS.items() if f is not None} - WITHOUT)
    assert not sorted(set(COUNTERPARTS) - set(REGISTRY))


COMPARED = sorted(name for name, function in COUNTERPARTS.items() if function is not None and name in REGISTRY)


@pytest.mark.parametrize("name", COMPARED)
def test_every_entry(name):
    compared = 0
    for args, kwargs in samples(name):
        leaves, mine = [], []
        theirs = COUNTERPARTS[name](*[as_torch(x, leaves) for x in args], **kwargs)
        if theirs is None:  # PyTorch lacks this keyword
            continue
        ours = REGISTRY[name].function(*[as_ours(x, mine) for x in args], **kwargs)
        rng = np.random.default_rng(5)
        our_loss, their_loss = 0.0, torch.zeros((), dtype=torch.float64)
        seen = counterparts.FREE.get(name, list)
        for a, b in zip(seen(parts(ours)), seen(parts(theirs)), strict=True):
            close(a, b)
            u = rng.standard_normal(a.shape)
            our_loss = our_loss + np.real(u * (1 + 0.5j) * a).sum() if a.dtype.kind == "c" else our_loss + (u * a).sum()
            its = torch.as_tensor(u) * b
            their_loss = their_loss + (torch.real(its * (1 + 0.5j)) if b.is_complex() else its).sum()
        our_loss.backward()
        if their_loss.requires_grad:
            their_loss.backward()
        for a, b in zip(mine, leaves, strict=True):
            grad = torch.zeros_like(b) if b.grad is None else b.grad
            close(np.zeros(a.shape) if a.grad is None else a.grad, grad)
        compared += 1
    assert compared


TWICE = [
    "add",
    "multiply",
    "divide",
    "power",
    "square",
    "sqrt",
    "cbrt",
    "reciprocal",
    "exp",
    "expm1",
    "log",
    "log1p",
    "sin",
    "tan",
    "arcsin",
    "arctan",
    "arctan2",
    "tanh",
    "arccosh",
    "hypot",
    "logaddexp",
    "abs",
    "sigmoid",
    "relu",
    "clip",
    "where",
    "sum",
    "mean",
    "prod",
    "max",
    "var",
    "std",
    "cumsum",
    "cumprod",
    "logsumexp",
    "softmax",
    "log_softmax",
    "cross_entropy",
    "matmul",
    "dot",
    "tensordot",
    "einsum",
    "norm",
    "trace",
    "concatenate",
    "getitem",
    "take",
    "tile",
    "pad",
    "linear",
    "conv2d",
    "conv_transpose2d",
    "max_pool2d",
    "avg_pool2d",
    "sliding_window_view",
    "erf",
    "erfc",
    "binary_cross_entropy",
]


WRONG_THERE = {"power": lambda a, b: bool((b == 0).any())}
"""Where PyTorch has another second derivative than differences: of aᵇ at b = 0 it gives ∂²/∂a∂b = 0 for 1/a."""


@pytest.mark.parametrize("name", TWICE)
def test_second_order(name):
    compared = 0
    for args, kwargs in samples(name):
        leaves = []
        theirs = COUNTERPARTS[name](*[as_torch(x, leaves) for x in args], **kwargs)
        if theirs is None or any(x.numel() == 0 for x in leaves) or theirs.is_complex() or leaves[0].is_complex():
            continue  # complex numbers: second derivatives are compared with differences
        if name in WRONG_THERE and WRONG_THERE[name](*leaves):
            continue
        arrays = [x.detach().numpy() for x in leaves]
        n = len(arrays)

        def ours(*leaves, args=args, kwargs=kwargs):
            remaining = iter(leaves)

            def put(x):
                if differentiable(x):
                    return next(remaining)
                return [put(part) for part in x] if isinstance(x, list) else x

            y = REGISTRY[name].function(*[put(x) for x in args], **kwargs)
            return (np.sin(y) * y).sum()

        rng = np.random.default_rng(5)
        directions = [rng.standard_normal(x.shape) for x in arrays]

        def along(*x, ours=ours, n=n, directions=directions):
            gradients = tl.grad(ours, tuple(range(n)))(*x)
            return sum((g * d).sum() for g, d in zip(gradients, directions, strict=True))

        mine = tl.grad(along, tuple(range(n)))(*arrays)
        loss = (torch.sin(theirs) * theirs).sum()
        first = torch.autograd.grad(loss, leaves, create_graph=True)
        inner = sum((g * torch.as_tensor(d)).sum() for g, d in zip(first, directions, strict=True))
        second = torch.autograd.grad(inner, leaves, allow_unused=True, materialize_grads=True)
        for a, b in zip(mine, second, strict=True):
            close(a, b, rtol=1e-9)
        compared += 1
    assert compared


# ---------------------------------------------------------------------------------------------------------------------
# Kinks, where we take PyTorch's side

TIES = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [0.0, -1.0, 0.0]])
KINKS = {
    "relu at 0": (tl.relu, torch.relu, [np.array([-1.0, 0.0, -0.0, 2.0])]),
    "abs at 0": (np.abs, torch.abs, [np.array([-1.0, 0.0, 2.0])]),
    "clip at its bounds": (lambda x: np.clip(x, -1, 2), lambda x: torch.clamp(x, -1, 2), [np.array([-1.0, 0.0, 2, 3])]),
    "ties of max": (lambda x: np.max(x, axis=1), lambda x: torch.amax(x, 1), [TIES]),
    "ties of min": (lambda x: np.min(x, axis=0), lambda x: torch.amin(x, 0), [TIES]),
    "ties of max over all": (np.max, lambda x: torch.amax(x, (0, 1)), [TIES]),
    "ties of maximum": (np.maximum, torch.maximum, [TIES, TIES[:, ::-1].copy()]),
    "ties of minimum": (np.minimum, torch.minimum, [TIES, TIES[:, ::-1].copy()]),
    "norm at 0": (np.linalg.norm, torch.linalg.norm, [np.zeros(3)]),
    "norms of rows, one 0": (
        lambda x: np.linalg.norm(x, axis=1),
        lambda x: torch.linalg.vector_norm(x, dim=1),
        [np.array([[0.0, 0.0], [3.0, 4.0]])],
    ),
    "power 0": (lambda x: x**0, lambda x: x**0, [np.array([0.0, 2.0])]),
    "power 1 at 0": (lambda x: x**1, lambda x: x**1, [np.array([0.0, 2.0])]),
    "power 2 at 0": (lambda x: x**2, lambda x: x**2, [np.array([0.0, -2.0])]),
    "0 to a power": (operator.pow, torch.pow, [np.array([0.0, 0.0]), np.array([2.0, 1.0])]),
    "prod at zeros": (np.prod, torch.prod, [np.array([0.0, 2.0, 3.0])]),
    "prod at two zeros": (np.prod, torch.prod, [np.array([0.0, 2.0, 0.0])]),
    "cumprod at a zero": (np.cumprod, lambda x: torch.cumprod(x, 0), [np.array([2.0, 0.0, 3.0])]),
    "sign": (lambda x: np.sign(x) * x, lambda x: torch.sign(x) * x, [np.array([-2.0, 0.0, 3.0])]),
    "softmax of large numbers": (
        lambda x: tl.softmax(x)[0],
        lambda x: torch.softmax(x, 0)[0],
        [np.array([1000.0, 999.0, -1000.0])],
    ),
    "log_softmax of large numbers": (
        lambda x: tl.log_softmax(x)[2],
        lambda x: torch.log_softmax(x, 0)[2],
        [np.array([1000.0, 999.0, -1000.0])],
    ),
    "logsumexp of large numbers": (tl.logsumexp, lambda x: torch.logsumexp(x, 0), [np.array([1e3, 1e3, -1e3])]),
    "sigmoid of large numbers": (tl.sigmoid, torch.sigmoid, [np.array([-1000.0, 1000.0, 0.0])]),
    "where of an infinite branch": (
        lambda x: np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0),
        lambda x: torch.where(x > 0, torch.sqrt(torch.where(x > 0, x, 1.0)), 0.0),
        [np.array([0.0, 4.0])],
    ),
}


@pytest.mark.parametrize("name", KINKS)
def test_kinks_and_singular_points(name):
    mine, its, arrays = KINKS[name]
    ours = [tl.tensor(x, requires_grad=True) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    y, z = mine(*ours), its(*theirs)
    close(y, z)
    u = np.arange(1.0, y.size + 1).reshape(y.shape)
    y.backward(u)
    z.backward(torch.as_tensor(u))
    for a, b in zip(ours, theirs, strict=True):
        close(a.grad, b.grad)
        assert np.isfinite(a.grad).all()


# ---------------------------------------------------------------------------------------------------------------------
# A network


def test_a_network_learns_the_same_weights():
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((32, 6)), rng.integers(0, 4, 32)
    start = [rng.standard_normal(s) * 0.5 for s in ((6, 8), (8,), (8, 8), (8,), (8, 4), (4,))]
    ours = [tl.tensor(w, requires_grad=True) for w in start]
    theirs = [torch.tensor(w, requires_grad=True) for w in start]
    tx, tlabels = torch.tensor(x), torch.tensor(labels)
    for _ in range(20):
        h = np.tanh(x @ ours[0] + ours[1])
        h = tl.relu(h @ ours[2] + ours[3])
        loss = tl.cross_entropy(h @ ours[4] + ours[5], labels)
        loss.backward()
        th = torch.tanh(tx @ theirs[0] + theirs[1])
        th = torch.relu(th @ theirs[2] + theirs[3])
        tloss = torch.nn.functional.cross_entropy(th @ theirs[4] + theirs[5], tlabels)
        tloss.backward()
        close(loss, tloss)
        for a, b in zip(ours, theirs, strict=True):
            close(a.grad, b.grad)
            a.data -= 0.5 * a.grad
            a.zero_grad()
            with torch.no_grad():
                b -= 0.5 * b.grad
            b.grad = None
    for a, b in zip(ours, theirs, strict=True):
        close(a, b, rtol=1e-8)
