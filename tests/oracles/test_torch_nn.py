"""PyTorch as an oracle of nn: every layer and loss at random shapes, value and gradients, from the same state."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite import nn

torch = pytest.importorskip("torch")
F, OURS = torch.nn.functional, nn.functional

pytestmark = pytest.mark.oracle

steady = settings(max_examples=25, deadline=None, derandomize=True)
side = st.integers(1, 5)
seeds = st.integers(0, 2**32 - 1)
RTOL = 1e-12


def close(ours: Any, theirs: Any, rtol: float = RTOL) -> None:
    """Equal on the scale of the whole array."""
    ours = np.asarray(ours.data if isinstance(ours, tl.Tensor) else ours)
    theirs = theirs.detach().numpy()
    assert ours.shape == theirs.shape
    scale = max(1.0, np.abs(theirs).max(initial=0))
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * scale)


def compare(ours: Any, theirs: Any, *inputs: Any, seed: int = 0) -> None:
    """Values, and gradients for inputs and parameters, of two functions of the same arrays.

    Floating-point inputs are differentiated; a module gets the state of PyTorch's.
    """
    mine = [tl.Tensor(x, requires_grad=True) if x.dtype.kind == "f" else x for x in inputs]
    its = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs]
    rng = np.random.default_rng(seed)
    if isinstance(ours, nn.Module):
        assert {n: v.shape for n, v in ours.state_dict().items()} == {
            n: tuple(v.shape) for n, v in theirs.state_dict().items()
        }
        with torch.no_grad():
            for q in theirs.parameters():
                q.copy_(torch.tensor(rng.standard_normal(tuple(q.shape))))
        ours.load_state_dict(theirs.state_dict())
    loss, its_loss = 0.0, 0.0
    for y, z in zip(parts(ours(*mine)), parts(theirs(*its)), strict=True):
        close(y, z)
        u = rng.standard_normal(y.shape)
        loss, its_loss = loss + (y * u).sum(), its_loss + (z * torch.tensor(u)).sum()
    loss.backward()
    its_loss.backward()
    for x, t in zip(mine, its, strict=True):
        if isinstance(x, tl.Tensor):
            close(x.grad, t.grad)
    if isinstance(ours, nn.Module):
        for (name, p), (its_name, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
            assert name == its_name
            close(p.grad, q.grad)
        for (name, a), (its_name, b) in zip(ours.named_buffers(), theirs.named_buffers(), strict=True):
            assert name == its_name
            close(a, b)


def parts(y: Any) -> list[Any]:
    return [part for x in y if x is not None for part in parts(x)] if isinstance(y, tuple) else [y]


def array(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


DOUBLE: dict[str, Any] = {"dtype": torch.float64}


# ---------------------------------------------------------------------------------------------------------------------
# Layers


@steady
@given(seeds, side, side, side, st.booleans(), st.booleans())
def test_linear(seed: int, n: int, inputs: int, outputs: int, bias: bool, deep: bool) -> None:
    x = array(seed, *((2, n, inputs) if deep else (n, inputs)))
    compare(nn.Linear(inputs, outputs, bias, dtype=float), torch.nn.Linear(inputs, outputs, bias, **DOUBLE), x)


ACTIVATIONS = {
    "relu": (nn.ReLU(), torch.nn.ReLU()),
    "leaky_relu": (nn.LeakyReLU(0.2), torch.nn.LeakyReLU(0.2)),
    "tanh": (nn.Tanh(), torch.nn.Tanh()),
    "sigmoid": (nn.Sigmoid(), torch.nn.Sigmoid()),
    "gelu": (nn.GELU(), torch.nn.GELU()),
    "gelu by tanh": (nn.GELU("tanh"), torch.nn.GELU("tanh")),
    **{
        name: (getattr(nn, name)(), getattr(torch.nn, name)())
        for name in (
            *("SELU", "LogSigmoid", "SiLU", "Mish", "Softsign", "Tanhshrink", "ReLU6", "Hardswish"),
            *("ELU", "CELU", "Softplus", "Hardtanh", "Softshrink", "Hardshrink"),
        )
    },
    "elu": (nn.ELU(0.7), torch.nn.ELU(0.7)),
    "celu": (nn.CELU(0.75), torch.nn.CELU(0.75)),
    "softplus": (nn.Softplus(2.0, 3.0), torch.nn.Softplus(2.0, 3.0)),
    "hardtanh": (nn.Hardtanh(-0.3, 0.8), torch.nn.Hardtanh(-0.3, 0.8)),
    "softshrink": (nn.Softshrink(0.2), torch.nn.Softshrink(0.2)),
    "hardshrink": (nn.Hardshrink(0.2), torch.nn.Hardshrink(0.2)),
    "prelu": (nn.PReLU(dtype=float), torch.nn.PReLU(**DOUBLE)),
    "softmax": (nn.Softmax(1), torch.nn.Softmax(1)),
    "log_softmax": (nn.LogSoftmax(0), torch.nn.LogSoftmax(0)),
    "flatten": (nn.Flatten(), torch.nn.Flatten()),
    "flatten of some": (nn.Flatten(0, 1), torch.nn.Flatten(0, 1)),
    "unflatten": (nn.Unflatten(1, (1, -1)), torch.nn.Unflatten(1, (1, -1))),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
@settings(steady, max_examples=15)
@given(seed=seeds, shape=st.lists(side, min_size=2, max_size=4), scale=st.sampled_from([0.1, 1.0, 10.0]))
def test_activations(name: str, seed: int, shape: list[int], scale: float) -> None:
    ours, theirs = ACTIVATIONS[name]
    compare(ours, theirs, scale * array(seed, *shape))


@steady
@given(seeds, side, side, st.lists(side, max_size=2))
def test_units_with_channels(seed: int, n: int, channels: int, more: list[int]) -> None:
    compare(nn.PReLU(channels, dtype=float), torch.nn.PReLU(channels, **DOUBLE), array(seed, n, channels, *more))
    compare(nn.GLU(1), torch.nn.GLU(1), array(seed, n, 2 * channels, *more))


@steady
@given(seeds, side, side, st.lists(side, min_size=1, max_size=3))
def test_embedding(seed: int, n: int, dim: int, shape: list[int]) -> None:
    indices = np.random.default_rng(seed).integers(0, n, shape)
    compare(nn.Embedding(n, dim, dtype=float), torch.nn.Embedding(n, dim, **DOUBLE), indices)


@steady
@given(seeds, st.integers(2, 6), side, st.integers(0, 3), st.sampled_from([0.1, 0.7, None]), st.booleans())
def test_batch_norm(seed: int, n: int, c: int, length: int, momentum: float | None, affine: bool) -> None:
    ours = nn.BatchNorm1d(c, momentum=momentum, affine=affine, dtype=float)
    theirs = torch.nn.BatchNorm1d(c, momentum=momentum, affine=affine, **DOUBLE)
    shape = (n, c, length) if length else (n, c)
    for k in range(2):
        compare(ours, theirs, array(seed + k, *shape))
        ours.zero_grad()
        theirs.zero_grad()
    compare(ours.eval(), theirs.eval(), array(seed, *shape))


@steady
@given(seeds, st.integers(1, 4), side, side, st.integers(2, 5), st.booleans(), st.booleans())
def test_norms_of_images(seed: int, n: int, c: int, height: int, width: int, affine: bool, tracked: bool) -> None:
    ours = nn.BatchNorm2d(c, 1e-4, 0.3, affine, tracked, dtype=float)
    theirs = torch.nn.BatchNorm2d(c, 1e-4, 0.3, affine, tracked, **DOUBLE)
    for k in range(2):
        compare(ours, theirs, array(seed + k, n, c, height, width))
        ours.zero_grad()
        theirs.zero_grad()
    compare(ours.eval(), theirs.eval(), array(seed, n, c, height, width))
    compare(
        nn.InstanceNorm2d(c, affine=affine, dtype=float),
        torch.nn.InstanceNorm2d(c, affine=affine, **DOUBLE),
        array(seed, n, c, height, width),
    )
    compare(
        nn.InstanceNorm1d(c, affine=affine, dtype=float),
        torch.nn.InstanceNorm1d(c, affine=affine, **DOUBLE),
        array(seed, n, c, width),
    )


@steady
@given(seeds, st.integers(2, 4), st.integers(1, 3), st.integers(1, 3), st.lists(side, max_size=2), st.booleans())
def test_group_norm(seed: int, n: int, groups: int, each: int, more: list[int], affine: bool) -> None:
    assume(each * math.prod(more) > 1)  # of one entry PyTorch gives the bias, but for one sample's, which it refuses
    ours = nn.GroupNorm(groups, groups * each, affine=affine, dtype=float)
    theirs = torch.nn.GroupNorm(groups, groups * each, affine=affine, **DOUBLE)
    compare(ours, theirs, array(seed, n, groups * each, *more))


@steady
@given(seeds, side, side, side, st.booleans(), st.lists(side, min_size=1, max_size=2))
def test_bilinear(seed: int, a: int, b: int, outputs: int, bias: bool, before: list[int]) -> None:
    ours, theirs = nn.Bilinear(a, b, outputs, bias, dtype=float), torch.nn.Bilinear(a, b, outputs, bias, **DOUBLE)
    compare(ours, theirs, array(seed, *before, a), array(seed + 1, *before, b))


@steady
@given(seeds, st.lists(side, max_size=2), st.lists(side, min_size=1, max_size=2), st.booleans(), st.booleans())
def test_layer_norm(seed: int, before: list[int], shape: list[int], affine: bool, bias: bool) -> None:
    ours = nn.LayerNorm(shape, elementwise_affine=affine, bias=bias, dtype=float)
    theirs = torch.nn.LayerNorm(shape, elementwise_affine=affine, bias=bias, **DOUBLE)
    compare(ours, theirs, array(seed, *before, *shape))


@st.composite
def convolutions(draw: Any) -> tuple[int, tuple[int, ...], dict[str, Any]]:
    groups = draw(st.sampled_from([1, 1, 2]))
    kernel = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    options = {
        "in_channels": groups * draw(st.integers(1, 3)),
        "out_channels": groups * draw(st.integers(1, 3)),
        "kernel_size": kernel,
        "stride": draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
        "padding": draw(st.tuples(st.integers(0, 3), st.integers(0, 3))),
        "dilation": draw(st.tuples(st.integers(1, 2), st.integers(1, 2))),
        "groups": groups,
        "bias": draw(st.booleans()),
    }
    if draw(st.booleans()):
        options |= {"stride": 1, "padding": draw(st.sampled_from(["same", "valid"]))}
    n, height, width = draw(st.tuples(st.integers(1, 3), st.integers(5, 8), st.integers(5, 8)))
    return draw(seeds), (n, options["in_channels"], height, width), options


@settings(steady, max_examples=80)
@given(convolutions(), st.sampled_from(["zeros", "reflect", "replicate", "circular"]))
@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_convolution(case: tuple[int, tuple[int, ...], dict[str, Any]], mode: str) -> None:
    seed, shape, options = case
    options["padding_mode"] = mode
    compare(nn.Conv2d(**options, dtype=float), torch.nn.Conv2d(**options, **DOUBLE), array(seed, *shape))
    options = {key: value[1] if isinstance(value, tuple) else value for key, value in options.items()}
    compare(nn.Conv1d(**options, dtype=float), torch.nn.Conv1d(**options, **DOUBLE), array(seed, *shape[:2], shape[3]))


@settings(steady, max_examples=60)
@given(convolutions(), st.data())
def test_transposed_convolution(case: tuple[int, tuple[int, ...], dict[str, Any]], data: Any) -> None:
    seed, shape, options = case
    if isinstance(options["padding"], str):
        options |= {"stride": (2, 3), "padding": (1, 0)}
    more = zip(options["stride"], options["dilation"], strict=True)
    options["output_padding"] = tuple([data.draw(st.integers(0, max(pair) - 1)) for pair in more])
    compare(
        nn.ConvTranspose2d(**options, dtype=float), torch.nn.ConvTranspose2d(**options, **DOUBLE), array(seed, *shape)
    )
    options = {key: value[1] if isinstance(value, tuple) else value for key, value in options.items()}
    compare(
        nn.ConvTranspose1d(**options, dtype=float),
        torch.nn.ConvTranspose1d(**options, **DOUBLE),
        array(seed, *shape[:2], shape[3]),
    )


@steady
@given(seeds, st.tuples(side, side), st.integers(4, 7), st.integers(4, 7), st.data())
def test_pooling(seed: int, outer: tuple[int, int], height: int, width: int, data: Any) -> None:
    kernel = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    stride = data.draw(st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3)))
    padding = (data.draw(st.integers(0, kernel[0] // 2)), data.draw(st.integers(0, kernel[1] // 2)))
    counted = data.draw(st.booleans())
    x = array(seed, *outer, height, width)
    compare(nn.MaxPool2d(kernel, stride, padding), torch.nn.MaxPool2d(kernel, stride, padding), x)
    with_ties = np.round(x)
    compare(nn.MaxPool2d(kernel, stride, padding), torch.nn.MaxPool2d(kernel, stride, padding), with_ties)
    compare(
        nn.AvgPool2d(kernel, stride, padding, count_include_pad=counted),
        torch.nn.AvgPool2d(kernel, stride, padding, count_include_pad=counted),
        x,
    )


@steady
@given(seeds, st.tuples(side, side), st.integers(4, 9), st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_pooling_of_series(
    seed: int, outer: tuple[int, int], length: int, kernel: int, stride: int, counted: bool
) -> None:
    x = array(seed, *outer, length)
    padding = kernel // 2
    compare(nn.MaxPool1d(kernel, stride, padding), torch.nn.MaxPool1d(kernel, stride, padding), x)
    compare(
        nn.AvgPool1d(kernel, stride, padding, count_include_pad=counted),
        torch.nn.AvgPool1d(kernel, stride, padding, count_include_pad=counted),
        x,
    )


@steady
@given(seeds, st.tuples(side, side), side, side, st.none() | side, side)
def test_pooling_to_a_size(
    seed: int, outer: tuple[int, int], height: int, width: int, rows: int | None, columns: int
) -> None:
    compare(nn.AdaptiveAvgPool1d(columns), torch.nn.AdaptiveAvgPool1d(columns), array(seed, *outer, width))
    x = array(seed, *outer, height, width)
    compare(nn.AdaptiveAvgPool2d((rows, columns)), torch.nn.AdaptiveAvgPool2d((rows, columns)), x)
    compare(nn.AdaptiveAvgPool2d(columns), torch.nn.AdaptiveAvgPool2d(columns), x)


RECURRENT: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "GRU": (nn.GRU, torch.nn.GRU, {}),
    "LSTM": (nn.LSTM, torch.nn.LSTM, {}),
    "RNN": (nn.RNN, torch.nn.RNN, {}),
    "RNN by relu": (nn.RNN, torch.nn.RNN, {"nonlinearity": "relu"}),
}


@pytest.mark.parametrize("kind", RECURRENT)
@steady
@given(seeds, side, side, side, side, st.integers(1, 2), st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_recurrent(
    kind: str,
    seed: int,
    time: int,
    n: int,
    inputs: int,
    hidden: int,
    layers: int,
    bias: bool,
    batch_first: bool,
    both: bool,
    start: bool,
) -> None:
    of_ours, of_theirs, more = RECURRENT[kind]
    options: dict[str, Any] = {"bias": bias, "batch_first": batch_first, "bidirectional": both, **more}
    ours = of_ours(inputs, hidden, layers, **options, dtype=float)
    theirs = of_theirs(inputs, hidden, layers, **options, **DOUBLE)
    with torch.no_grad():
        for q in theirs.parameters():
            q.copy_(torch.tensor(array(seed, *q.shape)))
    ours.load_state_dict(theirs.state_dict())
    samples = [] if n == 1 else [n]
    x = array(seed, *([*samples, time] if batch_first else [time, *samples]), inputs)
    states = array(seed + 1, 2 if kind == "LSTM" else 1, layers * (1 + both), *samples, hidden) if start else []
    grouped = lambda f: lambda x, *h: f(x, tuple(h) if len(h) > 1 else h[0]) if h else f(x)
    compare(grouped(ours), grouped(theirs), x, *states)
    for (name, p), (its_name, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == its_name
        close(p.grad, q.grad)


class Options:
    """A module called with keywords that are not differentiated; it looks like the module."""

    def __init__(self, module: Any, **options: Any) -> None:
        self.module, self.options = module, options

    def __call__(self, *args: Any) -> Any:
        return self.module(*args, **self.options)


@steady
@given(seeds, side, side, side, st.integers(1, 3), st.integers(1, 3), st.booleans(), st.booleans(), st.data())
def test_attention(
    seed: int, n: int, queries: int, keys: int, heads: int, d: int, bias: bool, batch_first: bool, data: Any
) -> None:
    arguments = (heads * d, heads, 0.0, bias)
    ours = nn.MultiheadAttention(*arguments, batch_first=batch_first, dtype=float)
    theirs = torch.nn.MultiheadAttention(*arguments, batch_first=batch_first, **DOUBLE)
    rng = np.random.default_rng(seed)
    if bias:
        with torch.no_grad():
            theirs.in_proj_bias.copy_(torch.tensor(rng.standard_normal(3 * heads * d)))
    ours.load_state_dict(theirs.state_dict())
    masks: dict[str, np.ndarray] = {}
    if data.draw(st.booleans()):
        mask = rng.random((queries, keys)) < 0.4
        mask[:, 0] = False  # every query sees something
        numbers = rng.standard_normal((n * heads, queries, keys))
        masks["attn_mask"] = data.draw(st.sampled_from([mask, numbers]))
    if data.draw(st.booleans()) and masks.get("attn_mask", np.zeros(1, bool)).dtype == bool:
        masks["key_padding_mask"] = np.arange(keys) >= rng.integers(1, keys + 1, (n, 1))
    average = data.draw(st.booleans())
    mine = Options(ours, average_attn_weights=average, **masks)
    its = Options(theirs, average_attn_weights=average, **{k: torch.tensor(m) for k, m in masks.items()})
    shape = lambda places: (n, places, heads * d) if batch_first else (places, n, heads * d)
    compare(mine, its, array(seed, *shape(queries)), array(seed + 1, *shape(keys)), array(seed + 2, *shape(keys)))
    for (name, p), (its_name, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert name == its_name
        close(p.grad, q.grad)


@steady
@given(seeds, side, side, side, side, side, st.booleans())
def test_attention_to_other_lengths(
    seed: int, queries: int, keys: int, heads: int, kdim: int, vdim: int, alone: bool
) -> None:
    ours = nn.MultiheadAttention(2 * heads, heads, kdim=kdim, vdim=vdim, dtype=float)
    theirs = torch.nn.MultiheadAttention(2 * heads, heads, kdim=kdim, vdim=vdim, **DOUBLE)
    samples = [] if alone else [3]
    lengths = ((queries, 2 * heads), (keys, kdim), (keys, vdim))
    compare(ours, theirs, *[array(seed + k, places, *samples, n) for k, (places, n) in enumerate(lengths)])


def test_causal_attention() -> None:
    ours, theirs = nn.MultiheadAttention(6, 2, dtype=float), torch.nn.MultiheadAttention(6, 2, **DOUBLE)
    ours.load_state_dict(theirs.state_dict())
    x = array(0, 5, 3, 6)
    mask = torch.nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64)
    compare(lambda x: ours(x, x, x, is_causal=True), lambda x: theirs(x, x, x, attn_mask=mask, is_causal=True), x)


# ---------------------------------------------------------------------------------------------------------------------
# Losses

reductions = st.sampled_from(["mean", "sum", "none"])
shapes = st.lists(side, min_size=1, max_size=3)


@steady
@given(seeds, shapes, reductions)
def test_losses_of_two_arrays(seed: int, shape: list[int], reduction: str) -> None:
    a, y = array(seed, *shape), array(seed + 1, *shape)
    p, t = np.random.default_rng(seed).uniform(0.01, 0.99, (2, *shape))
    compare(nn.MSELoss(reduction=reduction), torch.nn.MSELoss(reduction=reduction), a, y)
    compare(nn.HuberLoss(delta=0.7, reduction=reduction), torch.nn.HuberLoss(reduction, 0.7), a, y)
    compare(nn.BCELoss(reduction=reduction), torch.nn.BCELoss(reduction=reduction), p, t)
    compare(nn.BCEWithLogitsLoss(reduction=reduction), torch.nn.BCEWithLogitsLoss(reduction=reduction), 5 * a, t)


def test_the_half_convention_is_half_pytorchs_sum() -> None:
    a, y = array(1, 4, 3), array(2, 4, 3)
    compare(lambda a, y: nn.mse_loss(a, y, convention="half"), lambda a, y: F.mse_loss(a, y, reduction="sum") / 8, a, y)


@steady
@given(seeds, side, side, st.lists(side, max_size=2), reductions)
def test_losses_of_classes(seed: int, n: int, classes: int, more: list[int], reduction: str) -> None:
    z = array(seed, n, classes, *more)
    labels = np.random.default_rng(seed).integers(0, classes, (n, *more))
    t = np.random.default_rng(seed).dirichlet(np.ones(classes), (n, *more))
    t = np.moveaxis(t, -1, 1)
    ours = lambda f: lambda z, t: f(z, t, axis=1, reduction=reduction)
    theirs = lambda f: lambda z, t: f(z, t, reduction=reduction)
    compare(ours(nn.cross_entropy), theirs(F.cross_entropy), z, labels)
    compare(ours(nn.nll_loss), theirs(F.nll_loss), z, labels)
    if reduction != "mean" or not more:  # PyTorch divides by the samples' number without the other axes
        compare(ours(nn.cross_entropy), theirs(F.cross_entropy), z, np.ascontiguousarray(t))


# ---------------------------------------------------------------------------------------------------------------------
# Losses with options


def agree(ours: Any, theirs: Any, *inputs: Any, reduction: str, weights: Any = None, **options: Any) -> None:
    """Two losses of the same options; ``weights`` are options that are arrays."""
    weights = weights or {}
    compare(
        lambda *x: ours(*x, reduction=reduction, **options, **weights),
        lambda *x: theirs(*x, reduction=reduction, **options, **{k: torch.tensor(w) for k, w in weights.items()}),
        *inputs,
    )


@steady
@given(seeds, side, side, st.lists(side, max_size=1), reductions, st.booleans(), st.sampled_from([0.0, 0.1, 1.0]))
def test_cross_entropy_with_options(
    seed: int, n: int, classes: int, more: list[int], reduction: str, weighed: bool, smoothing: float
) -> None:
    rng = np.random.default_rng(seed)
    z, labels = array(seed, n, classes, *more), rng.integers(0, classes, (n, *more))
    ignored = np.where(rng.random((n, *more)) < 0.3, -100, labels)
    ignored.flat[0] = labels.flat[0]
    weights = {"weight": rng.uniform(0.5, 2, classes)} if weighed else {}
    common: dict[str, Any] = {"reduction": reduction, "weights": weights}
    agree(OURS.cross_entropy, F.cross_entropy, z, labels, label_smoothing=smoothing, **common)
    agree(OURS.cross_entropy, F.cross_entropy, z, ignored, label_smoothing=smoothing, ignore_index=-100, **common)
    agree(OURS.nll_loss, F.nll_loss, z, ignored, ignore_index=-100, **common)
    if reduction != "mean" or not more:  # PyTorch divides by the samples' number without the other axes
        t = np.ascontiguousarray(np.moveaxis(rng.dirichlet(np.ones(classes), (n, *more)), -1, 1))
        agree(OURS.cross_entropy, F.cross_entropy, z, t, label_smoothing=smoothing, **common)


@steady
@given(seeds, side, side, reductions)
def test_binary_losses_with_weights(seed: int, n: int, m: int, reduction: str) -> None:
    rng = np.random.default_rng(seed)
    z, p, t = 5 * array(seed, n, m), rng.uniform(0.01, 0.99, (n, m)), rng.uniform(0, 1, (n, m))
    weights = {"weight": rng.uniform(0.5, 2, (n, 1)), "pos_weight": rng.uniform(0.5, 2, m)}
    agree(
        OURS.binary_cross_entropy_with_logits, F.binary_cross_entropy_with_logits, z, t, reduction=reduction,
        weights=weights,
    )  # fmt: skip
    weights = {"weight": rng.uniform(0.5, 2, m)}
    agree(OURS.binary_cross_entropy, F.binary_cross_entropy, p, t, reduction=reduction, weights=weights)
    labels = (t > 0.5).astype(float)
    agree(
        OURS.multilabel_soft_margin_loss, F.multilabel_soft_margin_loss, z, labels, reduction=reduction,
        weights=weights,
    )  # fmt: skip


@steady
@given(seeds, shapes, reductions, st.booleans())
def test_losses_of_numbers_and_distributions(seed: int, shape: list[int], reduction: str, full: bool) -> None:
    a, y = array(seed, *shape), array(seed + 1, *shape)
    t, v = np.random.default_rng(seed).uniform(0.01, 3, (2, *shape))
    agree(nn.l1_loss, F.l1_loss, a, y, reduction=reduction)
    agree(nn.smooth_l1_loss, F.smooth_l1_loss, a, y, beta=0.7, reduction=reduction)
    agree(nn.poisson_nll_loss, F.poisson_nll_loss, a, t, full=full, reduction=reduction)
    agree(nn.poisson_nll_loss, F.poisson_nll_loss, v, t, full=full, log_input=False, reduction=reduction)
    agree(nn.gaussian_nll_loss, F.gaussian_nll_loss, a, y, v, full=full, reduction=reduction)
    for kind in (reduction, "batchmean"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch's, of "mean"
            agree(nn.kl_div, F.kl_div, a, t, reduction=kind)
            agree(nn.kl_div, F.kl_div, a, y, log_target=True, reduction=kind)


@steady
@given(seeds, side, side, reductions, st.sampled_from([1, 2]))
def test_margins_of_scores(seed: int, n: int, classes: int, reduction: str, p: int) -> None:
    rng = np.random.default_rng(seed)
    x, other, signs = array(seed, n, classes), array(seed + 1, n, classes), rng.choice([-1, 1], (n, classes))
    labels, weights = rng.integers(0, classes, n), {"weight": rng.uniform(0.5, 2, classes)}
    agree(
        nn.multi_margin_loss, F.multi_margin_loss, x, labels, p=p, margin=0.7, reduction=reduction, weights=weights
    )  # fmt: skip
    agree(nn.soft_margin_loss, F.soft_margin_loss, x, signs, reduction=reduction)
    agree(nn.hinge_embedding_loss, F.hinge_embedding_loss, x, signs, margin=0.7, reduction=reduction)
    agree(nn.margin_ranking_loss, F.margin_ranking_loss, x, other, signs, margin=0.3, reduction=reduction)
    # at the margin itself, and of equal scores
    whole = np.round(x)
    agree(nn.hinge_embedding_loss, F.hinge_embedding_loss, whole, signs, reduction=reduction)
    agree(nn.margin_ranking_loss, F.margin_ranking_loss, whole, np.round(other), signs, margin=1, reduction=reduction)
    agree(nn.multi_margin_loss, F.multi_margin_loss, whole, labels, p=p, reduction=reduction)


@steady
@given(seeds, side, side, reductions, st.sampled_from([1.0, 2.0, 3.0]), st.booleans())
def test_margins_of_distances(seed: int, n: int, m: int, reduction: str, p: float, swap: bool) -> None:
    a, b, c = (array(seed + k, n, m) for k in range(3))
    signs = np.random.default_rng(seed).choice([-1, 1], n)
    agree(nn.cosine_embedding_loss, F.cosine_embedding_loss, a, b, signs, margin=-0.3, reduction=reduction)
    compare(nn.cosine_similarity, F.cosine_similarity, a, b)
    compare(lambda a: OURS.normalize(a, p), lambda a: F.normalize(a, p), a)
    compare(lambda a, b: nn.pairwise_distance(a, b, p=p), lambda a, b: F.pairwise_distance(a, b, p), a, b)
    agree(nn.triplet_margin_loss, F.triplet_margin_loss, a, b, c, p=p, swap=swap, reduction=reduction)
    agree(nn.triplet_margin_loss, F.triplet_margin_loss, a, a.copy(), c, p=p, swap=swap, reduction=reduction)


@steady
@given(seeds, side, side, st.lists(side, min_size=1, max_size=3), st.integers(-5, 4))
def test_embedding_with_padding(seed: int, n: int, dim: int, shape: list[int], padding: int) -> None:
    padding = max(-n, min(padding, n - 1))
    indices = np.random.default_rng(seed).integers(0, n, shape)
    compare(nn.Embedding(n, dim, padding, dtype=float), torch.nn.Embedding(n, dim, padding, **DOUBLE), indices)


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_padding_begins_with_the_last_axis(mode: str) -> None:
    compare(lambda x: OURS.pad(x, (1, 2, 2, 0), mode), lambda x: F.pad(x, (1, 2, 2, 0), mode), array(0, 2, 3, 3, 4))


SECOND_ORDER: dict[str, Any] = {
    "cross_entropy": ({"label_smoothing": 0.2, "weight": [0.5, 2.0, 1.0]}, "labels"),
    "binary_cross_entropy_with_logits": ({"pos_weight": [0.5, 2.0, 1.0]}, "shares"),
    "kl_div": ({"reduction": "sum"}, "shares"),
    "poisson_nll_loss": ({}, "shares"),
    "smooth_l1_loss": ({"beta": 0.7}, "shares"),
    "soft_margin_loss": ({}, "signs"),
    "hinge_embedding_loss": ({}, "signs"),
    "cosine_embedding_loss": ({}, "vectors"),
    "triplet_margin_loss": ({"p": 3.0}, "triplets"),
}


@pytest.mark.parametrize("name", SECOND_ORDER)
def test_second_derivatives_of_losses(name: str) -> None:
    options, kind = SECOND_ORDER[name]
    x, y, z = (array(k, 4, 3) for k in range(3))
    rest: dict[str, list[Any]] = {
        "labels": [np.array([0, 2, 1, 1])],
        "shares": [np.random.default_rng(5).uniform(0.1, 0.9, (4, 3))],
        "signs": [np.where(y > 0, 1, -1)],
        "vectors": [y, np.array([1, -1, 1, 1])],
        "triplets": [y, z],
    }
    its_options = {k: torch.tensor(v, **DOUBLE) if isinstance(v, list) else v for k, v in options.items()}
    # of a function of the loss: that of a loss that is piecewise linear is not 0
    hessian = tl.hessian(lambda x: np.exp(getattr(OURS, name)(x, *rest[kind], **options)))(x)
    theirs = torch.autograd.functional.hessian(
        lambda x: torch.exp(getattr(F, name)(x, *map(torch.tensor, rest[kind]), **its_options)), torch.tensor(x)
    )
    close(hessian, theirs, 1e-11)


# ---------------------------------------------------------------------------------------------------------------------
# Whole networks


def test_a_convolutional_network_trains_alike() -> None:
    channels = [(1, 4), (4, 6)]
    ours = nn.Sequential(
        *[m for a, b in channels
          for m in (nn.Conv2d(a, b, 3, padding=1, dtype=float), nn.ReLU(), nn.MaxPool2d(2))],
        nn.Flatten(),
        nn.Linear(24, 10, dtype=float),
    )  # fmt: skip
    theirs = torch.nn.Sequential(
        *[m for a, b in channels
          for m in (torch.nn.Conv2d(a, b, 3, padding=1, **DOUBLE), torch.nn.ReLU(), torch.nn.MaxPool2d(2))],
        torch.nn.Flatten(),
        torch.nn.Linear(24, 10, **DOUBLE),
    )  # fmt: skip
    ours.load_state_dict(theirs.state_dict())
    x, labels = array(3, 16, 1, 8, 8), np.random.default_rng(3).integers(0, 10, 16)
    its_x, its_labels = torch.tensor(x), torch.tensor(labels)
    for _ in range(10):
        loss, its_loss = nn.cross_entropy(ours(x), labels), F.cross_entropy(theirs(its_x), its_labels)
        close(loss, its_loss, 1e-11)
        loss.backward()
        its_loss.backward()
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            close(p.grad, q.grad, 1e-10)
            p.data -= 0.1 * p.grad
            with torch.no_grad():
                q -= 0.1 * q.grad
        ours.zero_grad()
        theirs.zero_grad()


def test_states_are_exchanged_both_ways() -> None:
    ours, theirs = nn.GRU(3, 4, 2, bidirectional=True, rng=1), torch.nn.GRU(3, 4, 2, bidirectional=True)
    theirs.load_state_dict({name: torch.from_numpy(x) for name, x in ours.state_dict().items()})
    x = array(0, 5, 2, 3).astype(np.float32)
    close(ours(x)[0], theirs(torch.tensor(x))[0], 1e-5)


def test_layers_begin_with_pytorchs_variances() -> None:
    for ours, theirs in [
        (nn.Linear(50, 400, rng=0), torch.nn.Linear(50, 400)),
        (nn.Conv2d(8, 200, 3, groups=2, rng=0), torch.nn.Conv2d(8, 200, 3, groups=2)),
        (nn.GRU(20, 64, rng=0), torch.nn.GRU(20, 64)),
        (nn.LSTM(20, 64, rng=0), torch.nn.LSTM(20, 64)),
        (nn.Conv1d(8, 200, 9, groups=2, rng=0), torch.nn.Conv1d(8, 200, 9, groups=2)),
        (nn.ConvTranspose2d(40, 200, 3, groups=2, rng=0), torch.nn.ConvTranspose2d(40, 200, 3, groups=2)),
        (nn.Bilinear(20, 10, 200, rng=0), torch.nn.Bilinear(20, 10, 200)),
        (nn.MultiheadAttention(64, 4, kdim=8, rng=0), torch.nn.MultiheadAttention(64, 4, kdim=8)),
        (nn.MultiheadAttention(64, 4, rng=0), torch.nn.MultiheadAttention(64, 4)),
        (nn.Embedding(100, 20, rng=0), torch.nn.Embedding(100, 20)),
    ]:
        for (name, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
            spread = q.detach().numpy().std()
            assert p.data.std() == pytest.approx(spread, rel=0.2), name
            assert np.abs(p.data).max() == pytest.approx(np.abs(q.detach().numpy()).max(), rel=0.5), name
