"""What a person types who comes from PyTorch: it works, or one sentence says what to write."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import nn, optim
from tinygrad_lite.table import habits

F = nn.functional


def names() -> dict[str, Any]:
    """What the lines speak of."""
    rng = np.random.default_rng(0)
    net = nn.Linear(3, 2, rng=0)
    return {
        "np": np, "tl": tl, "nn": nn, "F": F, "optim": optim, "net": net, "opt": optim.Adam(net.parameters()),
        "t": tl.tensor(rng.normal(size=(3, 3)), requires_grad=True), "w": nn.Parameter(np.zeros((3, 4))),
        "image": rng.normal(size=(2, 3, 4, 4)), "X": rng.normal(size=(4, 2)), "y": np.arange(4), "z": np.zeros((2, 3)),
    }  # fmt: skip


SERVED = """
    nn.ReLU(inplace=False)
    nn.Dropout(0.5, inplace=False)
    nn.Linear(3, 2, device=None)
    nn.Linear(3, 2, True, device="cpu")
    nn.Conv2d(3, 4, 3, device="cpu")
    nn.MaxPool2d(2, ceil_mode=False, return_indices=False)
    nn.Embedding(10, 3, sparse=False, max_norm=None)
    nn.Embedding.from_pretrained(X, freeze=False)
    nn.LSTM(3, 4, proj_size=0)
    nn.CrossEntropyLoss(np.ones(3))(z, [0, 1])
    nn.NLLLoss(np.ones(3))(z, [0, 1])
    nn.CrossEntropyLoss(size_average=None, reduce=None)
    nn.BCEWithLogitsLoss(np.ones(3))(z, z)
    nn.BCELoss(np.ones(3))(z, z)
    nn.TripletMarginLoss(1.0, 2.0, 1e-6, True)
    nn.MarginRankingLoss(0.5)
    nn.CosineEmbeddingLoss(0.5)
    nn.HingeEmbeddingLoss(0.5)
    nn.MultiMarginLoss(1, 1.0, np.ones(3))
    nn.MultiLabelSoftMarginLoss(np.ones(3))
    nn.PoissonNLLLoss(True, False)
    F.cross_entropy(t, [0, 1, 2], weight=np.ones(3))
    F.cross_entropy(input=t, target=[0, 1, 2])
    F.nll_loss(input=F.log_softmax(t, 1), target=[0, 1, 2], weight=np.ones(3))
    F.relu(t, inplace=False)
    F.dropout(t, p=0.5, training=False, inplace=False)
    F.max_pool2d(image, kernel_size=2, stride=2, ceil_mode=False)
    F.pad(t, (1, 1), "constant", None)
    F.batch_norm(t, np.zeros(3), np.ones(3))
    nn.init.xavier_uniform_(net.weight)
    nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu")
    nn.init.zeros_(net.bias)
    net.zero_grad(set_to_none=True)
    opt.zero_grad(set_to_none=True)
    opt.zero_grad(True)
    optim.SGD(net.parameters(), 0.1, maximize=False, foreach=None, fused=False)
    optim.Schedule(opt, optim.cosine(10)).get_last_lr()
    opt.param_groups[0]["lr"]
    tl.data.DataLoader((X, y), batch_size=2, num_workers=0, pin_memory=False, collate_fn=None, timeout=0)
    list(tl.data.DataLoader(list(zip(X, y)), batch_size=2))
    len(tl.data.DataLoader(list(zip(X, y))).dataset)
    tl.tensor([1.0], device="cpu")
    t.sum().backward(retain_graph=True)
    t.sum().backward(create_graph=False)
    list(net.named_parameters(prefix="a", recurse=False))
    list(net.parameters(recurse=False))
    list(net.buffers())
    net.load_state_dict(net.state_dict())
    net.train(True).eval()
"""

REFUSED = [
    ("nn.Softmax(dim=1)", "Softmax: takes no dim=; here it is axis="),
    ("nn.LogSoftmax(dim=-1)", "LogSoftmax: takes no dim=; here it is axis="),
    ("nn.GLU(dim=1)", "GLU: takes no dim=; here it is axis="),
    ("nn.Flatten(start_dim=0)", "Flatten: takes no start_dim=; here it is start_axis="),
    ("nn.Flatten(end_dim=1)", "Flatten: takes no end_dim=; here it is end_axis="),
    ("nn.Unflatten(dim=1, unflattened_size=(1, 2))", "Unflatten: takes no dim=; here it is axis="),
    ("F.softmax(t, dim=1)", "softmax: takes no dim=; here it is axis="),
    ("F.softmin(t, dim=1)", "softmin: takes no dim=; here it is axis="),
    ("F.binary_cross_entropy(input=z, target=z)", "binary_cross_entropy: takes no input=; here it is p="),
    ("nn.ReLU(inplace=True)", "ReLU: takes no inplace=True: nothing is done in place; leave it out"),
    ("nn.SiLU(inplace=True)", "SiLU: takes no inplace=True: nothing is done in place; leave it out"),
    ("F.relu(t, inplace=True)", "relu: takes no inplace=True: nothing is done in place; leave it out"),
    ("nn.ReLU(True)", "ReLU: takes nothing by position, got 1; by name there are slope_at_zero="),
    ("nn.ELU(1.0, True)", "ELU: takes alpha by position, got 2; leave the others out"),
    ("nn.MSELoss(None, None, 'sum')", "MSELoss: takes nothing by position, got 3; by name there are"),
    ("nn.MSELoss(size_average=False)", "takes no size_average=False: reduction='mean', 'sum' or 'none' says it"),
    ("nn.MSELoss(reduce=True)", "takes no reduce=True: reduction='mean', 'sum' or 'none' says it"),
    ("F.cross_entropy(z, [0, 1], y)", "takes input, target by position, got 3; by name there are axis=, weight="),
    ("F.mse_loss(z, z, False)", "mse_loss: takes input, target by position, got 3; by name there are"),
    ("F.cross_entropy(z, [0, 1], reduce=False)", "cross_entropy: takes no reduce=False"),
    ("nn.Linear(3, 2, device='cuda')", "takes no device='cuda': everything is in the computer's memory"),
    ("nn.MaxPool2d(2, ceil_mode=True)", "MaxPool2d: takes no ceil_mode=True: pad the input"),
    ("nn.Embedding(10, 3, max_norm=1.0)", "Embedding: takes no max_norm=1.0: scale the rows"),
    ("nn.Embedding.from_pretrained(y)", "from_pretrained: takes a matrix"),
    ("nn.init.normal_(w, generator=0)", "normal_: takes no generator=; here it is rng="),
    ("nn.Dropout('a')", "Dropout: p is a probability, a number, not 'a'"),
    ("nn.BatchNorm1d(3, momentum='a')", "BatchNorm1d: momentum is a number, or None"),
    ("nn.LayerNorm('a')", "LayerNorm: normalized_shape is a length or lengths of axes, not 'a'"),
    ("nn.Embedding(10, 3, padding_idx='a')", "Embedding: padding_idx is an integer, not 'a'"),
    ("nn.Linear(2.5, 3)", "Linear: in_features must be a whole number of at least 1, got 2.5"),
    ("nn.Linear(3, 2, rng='a')", "rng: takes a seed, a Generator or None, not 'a'"),
    ("nn.CrossEntropyLoss(np.ones(4))(z, [0, 1])", "weight is one number for each of the 3 classes"),
    ("nn.CrossEntropyLoss('abc')(z, [0, 1])", "cross_entropy: weight holds <U3, which are no numbers"),
    ("nn.CrossEntropyLoss(ignore_index='a')(z, [0, 1])", "ignore_index is a label, an integer, not 'a'"),
    ("nn.CrossEntropyLoss(label_smoothing='a')(z, [0, 1])", "label_smoothing is a share, from 0 to 1; got a"),
    ("nn.BCEWithLogitsLoss(pos_weight=np.ones(4))(z, z)", r"weights of shape (4,) do not broadcast to losses of"),
    ("nn.BCEWithLogitsLoss(pos_weight='a')(z, z)", "weights hold <U1, which are no numbers"),
    ("nn.HuberLoss(delta='a')(z, z)", "huber_loss: delta is a number, not 'a'"),
    ("nn.SmoothL1Loss(beta='a')(z, z)", "smooth_l1_loss: beta is a number, not 'a'"),
    ("nn.LeakyReLU('a')(z)", "leaky_relu: negative_slope is a number, not 'a'"),
    ("nn.Sequential([net])", "number 0 is of type list; write a star before a list: nn.Sequential(*layers)"),
    ("nn.Sequential(net, F.relu)", "number 1 is of type function; activations are modules here, as nn.ReLU()"),
    ("F.pad(t, 1)", "pad: takes two widths for each of the last axes, as (1, 1), not 1"),
    ("F.one_hot([0, 1], -1)", "one_hot: classes is how many there are, or None"),
    ("net.load_state_dict(net)", "takes a dict of arrays by name, not Linear: give it .state_dict()"),
    ("net.load_state_dict('a')", "takes a dict of arrays by name, not str"),
    ("net.register_forward_hook(print)", "a Linear has no register_forward_hook; here it is: net.forward ="),
    ("optim.Adam(net)", "Adam: takes parameters, not Linear: give it .parameters()"),
    ("optim.Adam(net.named_parameters())", "Adam: takes parameters without their names: give it .parameters()"),
    ("optim.Adam(net.parameters(), amsgrad=True)", "Adam: takes no amsgrad=True"),
    ("optim.SGD(net.parameters(), 0.1, maximize=True)", "SGD: takes no maximize=True: take the gradient of -loss"),
    ("optim.SGD([])", "SGD: there are no parameters to optimize"),
    ("opt.step(lambda: 1)", "Adam: step takes no closure; compute the loss"),
    ("optim.Schedule(opt, optim.cosine)", "cosine makes a factor, and is none; call it: cosine(…)"),
    ("optim.Schedule(opt, optim.cosine(3)).step(2)", "Schedule.step: takes nothing by position, got 1"),
    ("tl.data.DataLoader((X, y), 'a')", "batches: size is a whole number, not 'a'"),
    ("tl.data.DataLoader((X, y), num_workers=4)", "takes no num_workers=4: batches are taken in this process"),
    ("tl.data.DataLoader((X, y), pin_memory=True)", "takes no pin_memory=True: arrays stay where they are"),
    ("tl.data.DataLoader((X, y), collate_fn=list)", "takes no collate_fn=…: batches are rows of the arrays"),
    ("tl.data.DataLoader((X, y), generator=0)", "DataLoader: takes no generator=; here it is rng="),
    ("tl.data.DataLoader((X, y), 2, True, [0])", "takes dataset, batch_size, shuffle by position, got 4"),
    ("tl.data.DataLoader(zip(X, y))", "a zip gives its samples once only"),
    ("tl.data.DataLoader([X, y])", "arrays that belong together are a tuple, (X, y)"),
    ("tl.data.DataLoader([(1, 2), (3,)])", "the samples of a list need the same parts"),
    ("len(tl.data.DataLoader((X, y)).dataset)", "loader.n is the number of samples"),
    ("type('Mine', (tl.data.Dataset,), {})", "no class to derive from; data are arrays"),
    ("tl.data.RandomSampler((X, y))", "RandomSampler: of several arrays, give the number of samples: len(X)"),
    ("tl.data.RandomSampler(2.5)", "RandomSampler: takes samples or their number, not 2.5"),
    ("tl.data.WeightedRandomSampler([1, 2], 'a')", "num_samples is a whole number, not 'a'"),
    ("tl.data.WeightedRandomSampler(3, 2)", "needs one number for each of 1 samples, got shape ()"),
    ("tl.tensor([1.0], device='cuda')", "tensor: takes no device='cuda': everything is in the computer's memory"),
    ("t.sum().backward(create_graph=True)", "takes no create_graph=True: tl.grad gives gradients"),
    ("t.sum().backward(None, True)", "backward: takes gradient by position, got 2; by name there are retain_graph="),
]  # fmt: skip


@pytest.mark.parametrize("line", [line.strip() for line in SERVED.strip().splitlines()])
def test_what_works(line: str) -> None:
    eval(line, names())


@pytest.mark.parametrize(("line", "said"), REFUSED, ids=[line for line, _ in REFUSED])
def test_what_is_refused_in_a_sentence(line: str, said: str) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError)) as caught:
        eval(line, names())
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", habits.SETTINGS)
def test_a_setting_that_asks_for_nothing_is_left_out(name: str) -> None:
    answered = habits.knowing_habits(lambda x: x + 1, "f")
    for nothing in habits.SETTINGS[name][0]:
        assert answered(1, **{name: nothing}) == 2  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=f"^f: takes no {name}=…: "):
        answered(1, **{name: [object()]})  # type: ignore[call-arg]


def test_a_number_does_not_pass_for_a_flag() -> None:
    assert habits.asks_for_nothing("num_workers", 0)
    assert not habits.asks_for_nothing("num_workers", False)
    assert not habits.asks_for_nothing("device", np.zeros(2))


def test_what_a_function_raises_itself_is_left_as_it_is() -> None:
    def f(x: Any, axis: int = 0) -> Any:
        raise TypeError("of its own")

    answered = habits.knowing_habits(f)
    with pytest.raises(TypeError, match=r"^of its own$"):
        answered(1)
    with pytest.raises(TypeError, match="unexpected keyword argument 'strange'"):
        answered(1, strange=2)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        answered(inplace=False)  # type: ignore[call-arg]


def test_signatures_and_pickles_are_the_functions_own() -> None:
    assert list(inspect.signature(nn.Softmax).parameters) == ["axis"]
    assert list(inspect.signature(nn.SiLU).parameters) == []
    assert list(inspect.signature(F.relu).parameters) == list(inspect.signature(tl.relu).parameters)
    assert pickle.loads(pickle.dumps(F.softmin)) is F.softmin
    assert pickle.loads(pickle.dumps(nn.ReLU())).slope_at_zero == 0


def test_only_this_packages_modules_are_made_otherwise() -> None:
    class Mine(nn.Module):
        def __init__(self, width: int) -> None:
            self.width = width

    assert not hasattr(Mine.__init__, "__wrapped__")
    with pytest.raises(TypeError, match="unexpected keyword argument 'inplace'"):
        Mine(1, inplace=False)  # type: ignore[call-arg]


def test_a_layer_without_arguments_leaves_them_to_a_further_base() -> None:
    class Wide:
        def __init__(self, width: int) -> None:
            self.width = width

    class WideSiLU(nn.SiLU, Wide):
        pass

    assert WideSiLU(2).width == 2  # type: ignore[call-arg]
