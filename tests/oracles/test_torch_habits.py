"""PyTorch as an oracle of what programs that come from it type: the same line in both, values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite import nn

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.oracle

SHAPES = {"s": (2, 4, 6), "i": (2, 4, 5, 6), "r": (3, 4), "w": (4,), "b": (4,), "k1": (6, 4, 3), "k2": (6, 2, 3, 2),
          "j1": (4, 3, 3), "j2": (4, 3, 3, 2), "q": (2, 3, 5, 4), "v": (2, 3, 5, 6)}  # fmt: skip

LINES = [
    "F.conv1d(s, k1, padding=1)",
    "F.conv2d(i, k2, stride=2, padding=1, groups=2)",
    "F.conv_transpose1d(s, j1, stride=2)",
    "F.conv_transpose2d(i, j2, stride=2, padding=1)",
    "F.max_pool1d(s, 2)",
    "F.max_pool1d(s, 3, 2, 1)",
    "F.avg_pool1d(s, 3, 2, 1)",
    "F.avg_pool1d(s, 3, 2, 1, count_include_pad=False)",
    "F.adaptive_avg_pool1d(s, 4)",
    "F.adaptive_avg_pool2d(i, (2, 4))",
    "F.adaptive_avg_pool2d(i, 1)",
    "F.batch_norm(r, None, None, w, b, True)",
    "F.batch_norm(s, None, None, weight=w, training=True, eps=0.1)",
    "F.batch_norm(i, mean, var, w, b, True, 0.3)",
    "F.batch_norm(i, mean, var, w, b)",
    "F.batch_norm(s, running_mean=mean, running_var=var, bias=b)",
    "F.group_norm(i, 2, w, b)",
    "F.group_norm(s, num_groups=4, weight=w, eps=0.1)",
    "F.instance_norm(s)",
    "F.instance_norm(i, weight=w, bias=b, eps=0.1)",
    "F.layer_norm(r, (4,), w, b)",
    "F.linear(r, r, s[0, 0, :3])",
    "F.softmin(r, 1)",
    "F.threshold(r, 0.2, -3.0)",
    "F.dropout(r, 0.5, False)",
    "F.dropout1d(s, 0.5, False)",
    "F.dropout2d(i, 0.5, training=False)",
    "F.scaled_dot_product_attention(q, q + 1, v)",
    "F.scaled_dot_product_attention(q, q, v, is_causal=True)",
    "F.scaled_dot_product_attention(q, q * q, v, sees)",
    "F.scaled_dot_product_attention(q, q, v, attn_mask=added, scale=0.3)",
    "F.cross_entropy(r, labels, weight=shares)",
    "F.cross_entropy(input=r, target=labels, weight=shares, label_smoothing=0.1)",
    "F.nll_loss(r, labels, weight=shares, reduction='sum')",
    "nn.CrossEntropyLoss(shares)(r, labels)",
    "nn.NLLLoss(shares)(r, labels)",
    "nn.BCEWithLogitsLoss(shares)(r, r * r)",
    "nn.BCELoss(shares)(F.sigmoid(r), F.sigmoid(r * r))",
    "nn.TripletMarginLoss(0.5, 1.0, 1e-6, True)(r, r * r, 2 - r)",
    "nn.MarginRankingLoss(0.5)(r, r * r, signs)",
    "nn.HingeEmbeddingLoss(0.5)(r, signs)",
    "nn.CosineEmbeddingLoss(0.5)(r, r * r, signs[:, 0])",
    "nn.MultiMarginLoss(2, 0.5, shares)(r, labels)",
    "nn.MultiLabelSoftMarginLoss(shares)(r, F.sigmoid(r * r))",
    "nn.PoissonNLLLoss(False, True)(1 + r * r, 3 + r * r)",
    "nn.ReLU(inplace=False)(r)",
    "nn.MaxPool2d(2, ceil_mode=False, return_indices=False)(i)",
    "nn.Embedding.from_pretrained(table, freeze=False)(labels)",
]


def run(line: str, seed: int, tensor: Any, library: Any, constant: Any) -> tuple[np.ndarray, dict[str, Any], Any]:
    """A line's value, the gradients by what it takes, and what it may have written to."""
    rng = np.random.default_rng(seed)
    arrays = {name: tensor(rng.standard_normal(shape)) for name, shape in SHAPES.items()}
    moved = [constant(np.zeros(4)), constant(np.ones(4))]
    sees = np.eye(5, dtype=bool) | (rng.random((5, 5)) < 0.5)
    others = {
        "mean": moved[0], "var": moved[1], "labels": constant(rng.integers(0, 4, 3)),
        "shares": constant(rng.uniform(0.1, 2, 4)), "signs": constant(np.sign(rng.standard_normal((3, 4)))),
        "sees": constant(sees), "added": constant(rng.standard_normal((5, 5))),
        "table": constant(rng.standard_normal((4, 2))),
    }  # fmt: skip
    y = eval(line, {"nn": library, "F": library.functional, **arrays, **others})
    if y.requires_grad:
        weights = np.random.default_rng(seed + 1).standard_normal(tuple(y.shape))
        (y * constant(weights)).sum().backward()
    value = y.detach().numpy()
    return value, {name: x.grad for name, x in arrays.items() if x.grad is not None}, [np.asarray(m) for m in moved]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_line_is_the_same(line: str, seed: int) -> None:
    mine = run(line, seed, lambda x: tl.tensor(x, requires_grad=True), nn, lambda x: x)
    its = run(line, seed, lambda x: torch.tensor(x, requires_grad=True), torch.nn, torch.tensor)
    np.testing.assert_allclose(mine[0], its[0], rtol=1e-12, atol=1e-12)
    assert mine[1].keys() == its[1].keys()
    for name, gradient in its[1].items():
        np.testing.assert_allclose(mine[1][name], gradient.numpy(), rtol=1e-12, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(mine[2], its[2], rtol=1e-12)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=4), st.sampled_from(["fan_in", "fan_out"]), st.floats(0, 3))
def test_a_weight_is_filled_with_pytorchs_spread(shape: list[int], mode: str, slope: float) -> None:
    """Whose random numbers are others: theirs are set to what ours are, before they are scaled."""
    theirs = torch.empty(shape, dtype=torch.float64)
    drawn = np.random.default_rng(0).uniform(-1, 1, shape)
    bounds = {}

    def note(tensor: Any, low: float, high: float, generator: Any = None) -> Any:
        bounds["high"] = high
        return tensor

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.nn.init, "_no_grad_uniform_", note)
        torch.nn.init.xavier_uniform_(theirs, slope)
    ours = nn.init.xavier_uniform_(np.zeros(shape), slope, rng=0)
    np.testing.assert_allclose(ours, bounds["high"] * drawn, rtol=1e-12)
    gain = torch.nn.init.calculate_gain("leaky_relu", slope)
    fan = torch.nn.init._calculate_correct_fan(theirs, mode)
    ours = nn.init.kaiming_uniform_(np.zeros(shape), slope, mode, rng=0)
    np.testing.assert_allclose(ours, gain * (3 / fan) ** 0.5 * drawn, rtol=1e-12)


@pytest.mark.parametrize(
    "name", ["linear", "conv2d", "conv_transpose1d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]
)
def test_gains(name: str) -> None:
    assert nn.init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name), rel=1e-15)


@pytest.mark.filterwarnings("ignore:SGD. step.. changes nothing")
def test_zeros_in_place_of_gradients_train_alike() -> None:
    """With momentum, a gradient of zeros moves a parameter, and none does not."""
    found = []
    for tensor, optim in ((tl.tensor, tl.optim), (torch.tensor, torch.optim)):
        w = tensor([1.0, 2.0], dtype=np.float64 if tensor is tl.tensor else torch.float64, requires_grad=True)
        optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
        (w * w).sum().backward()
        for to_none in (False, True):
            optimizer.step()
            optimizer.zero_grad(set_to_none=to_none)
            optimizer.step()
        found.append(w.detach().numpy())
    np.testing.assert_allclose(*found, rtol=1e-12)


def test_a_list_of_pairs_gives_the_same_batches() -> None:
    X, y = np.arange(10.0).reshape(5, 2), np.arange(5)
    ours = tl.data.DataLoader(list(zip(X, y, strict=True)), batch_size=2)
    theirs = torch.utils.data.DataLoader(list(zip(torch.tensor(X), torch.tensor(y), strict=True)), batch_size=2)
    for mine, its in zip(ours, theirs, strict=True):
        for a, b in zip(mine, its, strict=True):
            np.testing.assert_array_equal(a, b.numpy())
