"""Module: what it finds, what it saves and loads, and what it leaves alone."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite import nn


class Everything(nn.Module):
    """Holds one thing of each kind, in each kind of place."""

    def __init__(self) -> None:
        self.w = nn.parameter([1.0, 2.0])
        self.scalar = nn.parameter(3.0)
        self.frozen = tl.Tensor(np.ones(2))
        self.mean = np.zeros(2)
        self.parts = [nn.Linear(2, 3, rng=0), {"deep": (nn.Linear(3, 1, rng=1, bias=False),)}]
        self.tied = self.w
        self.whole = self
        self.rng = np.random.default_rng(5)
        self.number, self.text, self.nothing = 4, "text", None
        self.computed = self.w * 2
        self._hidden = nn.parameter([1.0])

    def forward(self, x: Any) -> Any:
        return x * self.w


PARAMETERS = ["w", "scalar", "frozen", "parts.0.weight", "parts.0.bias", "parts.1.deep.0.weight"]


def test_parameters_are_found_by_attribute_each_once() -> None:
    m = Everything()
    assert [name for name, _ in m.named_parameters()] == PARAMETERS
    assert [p is q for p, q in zip(m.parameters(), [m.w, m.scalar, m.frozen], strict=False)] == [True] * 3
    assert dict(m.named_parameters())["parts.0.weight"] is m.parts[0].weight


def test_buffers_generators_and_modules_are_found() -> None:
    m = Everything()
    assert [(name, b is m.mean) for name, b in m.named_buffers()] == [("mean", True)]
    assert [(name, g is m.rng) for name, g in m.named_generators()] == [("rng", True)]
    assert [name for name, _ in m.named_modules()] == ["", "parts.0", "parts.1.deep.0", "whole"]
    assert [name for name, _ in nn.Sequential(nn.ReLU(), nn.Tanh()).named_modules()] == ["", "0", "1"]


def test_a_module_used_twice_is_trained_once_and_saved_under_both_names() -> None:
    layer = nn.Linear(2, 2, rng=0)
    twice = nn.Sequential(layer, nn.ReLU(), layer)
    assert [name for name, _ in twice.named_parameters()] == ["0.weight", "0.bias"]
    assert list(twice.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    twice(np.ones((3, 2))).sum().backward()
    assert layer.weight.grad is not None


def test_modes_reach_every_part() -> None:
    m = nn.Sequential(nn.Dropout(0.5, rng=0), nn.Sequential(nn.Dropout(0.5, rng=1)))
    assert m.eval() is m
    assert [part.training for part in m.modules()] == [False] * 4
    assert m.train() is m
    assert all(part.training for part in m.modules())


def test_zero_grad_forgets_every_gradient() -> None:
    m = nn.MLP([2, 3, 1], rng=0)
    m(np.ones((4, 2), np.float32)).sum().backward()
    assert all(p.grad is not None for p in m.parameters())
    m.zero_grad()
    assert all(p.grad is None for p in m.parameters())


def test_a_property_that_fails_says_why() -> None:
    class Net(nn.Module):
        @property
        def width(self) -> Any:
            return self.missing  # type: ignore[attr-defined]

    with pytest.raises(AttributeError, match="'Net' object has no attribute 'missing'"):
        _ = Net().width
    with pytest.raises(AttributeError, match="a Net has no cuda; here it is: net"):
        Net().cuda()  # type: ignore[attr-defined]


def test_a_module_without_forward_says_so() -> None:
    with pytest.raises(NotImplementedError, match=r"Empty has no forward"):
        type("Empty", (nn.Module,), {})()(1)


def test_repr_tells_shapes_and_counts() -> None:
    m = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Sequential(nn.Tanh(), nn.Linear(4, 250, bias=False, rng=0)))
    assert repr(m) == (
        "Sequential(): 1,016 parameters\n"
        "  (0) Linear(3, 4): weight (4, 3), bias (4,), 16 parameters\n"
        "  (1) Sequential(): 1,000 parameters\n"
        "    (0) Tanh()\n"
        "    (1) Linear(4, 250): weight (250, 4), 1,000 parameters"
    )


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_independent_and_equal(copied: Any) -> None:
    m = nn.Sequential(nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4), nn.Dropout(0.5, rng=3))
    other = copied(m)
    x = np.random.default_rng(0).standard_normal((8, 3)).astype(np.float32)
    np.testing.assert_array_equal(m(x).data, other(x).data)  # the generators too are copies
    other[0].weight.data[...] = 0
    assert m[0].weight.data.all()


# ---------------------------------------------------------------------------------------------------------------------
# State


def test_a_state_is_a_copy_and_comes_back() -> None:
    m = Everything()
    state = m.state_dict()
    assert list(state) == ["w", "scalar", "frozen", "mean", "tied", *PARAMETERS[3:]]
    kept = {name: value.copy() for name, value in state.items()}
    address, mean = m.w.data.ctypes.data, m.mean
    m.w.data[...] = 7
    m.mean[...] = 7
    m.scalar.data = 7.0
    assert all(np.array_equal(state[name], kept[name]) for name in state)
    m.load_state_dict(state)
    assert all(np.array_equal(value, kept[name]) for name, value in m.state_dict().items())
    assert m.w.data.ctypes.data == address  # written in place, where nobody else holds it
    assert m.mean is mean


def test_values_take_the_modules_dtype() -> None:
    m = nn.Linear(2, 1, rng=0)
    m.load_state_dict({"weight": [[1, 2]], "bias": np.array([0.1])})
    assert (m.weight.dtype, m.bias.dtype) == (np.float32, np.float32)
    assert m.weight.data.tolist() == [[1.0, 2.0]]


def test_all_that_is_wrong_is_said_at_once() -> None:
    m = nn.Linear(2, 3, rng=0)
    with pytest.raises(ValueError, match="load_state_dict: Linear") as caught:
        m.load_state_dict({"weight": np.zeros((3, 1)), "extra": 1})
    for part in ("weight has shape (3, 1) in place of (3, 2)", "bias is missing", "extra belongs to nothing here"):
        assert part in str(caught.value)


WRONG: dict[str, Any] = {
    "another shape": np.zeros((3, 3)),
    "complex numbers": np.zeros((3, 2), complex),
    "strings": np.full((3, 2), "0"),
    "objects": np.full((3, 2), None),
    "a ragged list": [[1.0], [1.0, 2.0]],
    "None": None,
}


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.data())
def test_a_state_that_does_not_fit_changes_nothing(data: Any) -> None:
    m = nn.Sequential(nn.Linear(2, 3, rng=0), nn.BatchNorm1d(3))
    before = m.state_dict()
    state: dict[str, Any] = {name: value + 1 for name, value in before.items()}
    name = data.draw(st.sampled_from(list(state)))
    match data.draw(st.sampled_from(["missing", "extra", "wrong"])):
        case "missing":
            del state[name]
        case "extra":
            state[name + "?"] = state[name]
        case "wrong":
            state[name] = data.draw(st.sampled_from(list(WRONG.values())))
    with pytest.raises(ValueError, match=name.replace(".", r"\.")):
        m.load_state_dict(state)
    after = m.state_dict()
    assert list(after) == list(before)
    assert all(np.array_equal(after[key], before[key]) for key in before)


def test_counts_take_no_fractions() -> None:
    norm = nn.BatchNorm1d(1)
    with pytest.raises(ValueError, match="num_batches_tracked holds float64 where int64 belong"):
        norm.load_state_dict(norm.state_dict() | {"num_batches_tracked": 1.5})


def test_a_module_comes_before_its_parts_as_in_pytorch() -> None:
    class Late(nn.Module):
        def __init__(self) -> None:
            self.parts = [nn.Linear(2, 1, rng=0)]
            self.deep = nn.Sequential(nn.Linear(1, 2, rng=0))
            self.scale = nn.parameter(1.0)

    names = ["scale", "parts.0.weight", "parts.0.bias", "deep.0.weight", "deep.0.bias"]
    assert [name for name, _ in Late().named_parameters()] == names
    assert list(Late().state_dict()) == names
    assert [name for name, _ in Late().named_children()] == ["parts.0", "deep"]


def test_without_strict_what_both_have_is_taken() -> None:
    m = nn.Linear(2, 3, rng=0)
    bias = m.bias.data.copy()  # type: ignore[union-attr]
    weight = np.arange(6.0).reshape(3, 2)
    unmatched = m.load_state_dict({"weight": weight, "more": 1}, strict=False)
    assert unmatched == (["bias"], ["more"])
    assert (unmatched.missing_keys, unmatched.unexpected_keys) == (["bias"], ["more"])
    np.testing.assert_array_equal(m.weight.data, weight)
    np.testing.assert_array_equal(m.bias.data, bias)  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="weight has shape") as caught:
        m.load_state_dict({"weight": weight.T, "bias": np.ones(3), "more": 1}, strict=False)
    assert "more" not in str(caught.value)
    np.testing.assert_array_equal(m.bias.data, bias)  # type: ignore[union-attr]


# ---------------------------------------------------------------------------------------------------------------------
# PyTorch's ways


def test_registered_buffers_are_attributes_and_saved_if_they_are_to_be() -> None:
    m: Any = nn.Linear(2, 1, rng=0)
    m.register_buffer("seen", tl.tensor([1, 2]))
    m.register_buffer("mask", np.ones(2, bool), persistent=False)
    m.register_buffer("later", None)
    assert type(m.seen) is np.ndarray
    assert m.later is None
    whole = nn.Sequential(m)
    assert [name for name, _ in whole.named_buffers()] == ["0.seen", "0.mask"]
    assert [name for name, _ in whole.named_parameters()] == ["0.weight", "0.bias"]
    assert list(whole.state_dict()) == ["0.weight", "0.bias", "0.seen"]
    whole.load_state_dict(whole.state_dict() | {"0.seen": [3, 4]})
    assert m.seen.tolist() == [3, 4]
    with pytest.raises(ValueError, match=r"0\.mask belongs to nothing here"):
        whole.load_state_dict(whole.state_dict() | {"0.mask": np.zeros(2, bool)})
    m.mask = np.zeros(2, bool)  # another array under the same name
    for copied in (copy.deepcopy(whole), pickle.loads(pickle.dumps(whole))):
        assert list(copied.state_dict()) == ["0.weight", "0.bias", "0.seen"]
    m.register_buffer("mask", [True])
    assert "0.mask" in whole.state_dict()
    assert "mask" not in nn.Linear(2, 1, rng=0).state_dict()


def test_registered_parameters_and_modules_are_attributes() -> None:
    m: Any = nn.Module()
    m.register_parameter("w", nn.Parameter([1.0]))
    m.register_parameter("nothing", None)
    m.add_module("part", nn.Linear(1, 1, rng=0))
    m.register_module("other", None)
    m.register_parameter("w", nn.Parameter([2.0]))
    assert m.w.data == [2.0]
    assert [name for name, _ in m.named_parameters()] == ["w", "part.weight", "part.bias"]
    assert [type(x) for x in m.children()] == [nn.Linear]


@pytest.mark.parametrize(("call", "error", "said"), [
    (lambda m: m.register_buffer("a.b", 1.0), ValueError, r"register_buffer: .*without dots.*not 'a\.b'"),
    (lambda m: m.register_buffer("_a", 1.0), ValueError, "does not begin with _"),
    (lambda m: m.register_buffer("", 1.0), ValueError, "not ''"),
    (lambda m: m.register_buffer("weight", 1.0), ValueError, "Linear has an attribute 'weight' already"),
    (lambda m: m.register_buffer("training", 1.0), ValueError, "has an attribute 'training' already"),
    (lambda m: m.register_buffer("a", "text"), TypeError, "'a' holds <U4, which are no numbers"),
    (lambda m: m.register_parameter("a", np.ones(2)), TypeError, "register_parameter: 'a' takes a leaf Tensor"),
    (lambda m: m.register_parameter("a", m.weight * 2), TypeError, "takes a leaf Tensor"),
    (lambda m: m.add_module("a", np.tanh), TypeError, "add_module: 'a' takes a Module, not ufunc"),
    (lambda m: m.add_module("forward", nn.Tanh()), ValueError, "has an attribute 'forward' already"),
])  # fmt: skip
def test_what_cannot_be_registered(call: Any, error: type[Exception], said: str) -> None:
    m = nn.Linear(2, 1, rng=0)
    before = dict(vars(m))
    with pytest.raises(error, match=said):
        call(m)
    assert vars(m) == before


def test_a_parameter_is_a_leaf_of_its_own() -> None:
    data = np.ones(2, np.float32)
    w, frozen, again = nn.Parameter(data), nn.Parameter(data, requires_grad=False), nn.Parameter(tl.tensor(data))
    data[:] = 0
    for t, trained in ((w, True), (frozen, False), (again, True)):
        assert type(t) is tl.Tensor
        assert (t.requires_grad, t.dtype, t.data.tolist()) == (trained, np.float32, [1.0, 1.0])
        assert isinstance(t, nn.Parameter)
    assert not isinstance(w * 2, nn.Parameter)
    assert not isinstance(data, nn.Parameter)
    with pytest.raises(TypeError, match="int64"):
        nn.Parameter(np.arange(2))


def test_functions_are_applied_to_parts_first_each_once() -> None:
    shared = nn.Tanh()
    m = nn.Sequential(nn.Sequential(shared, nn.ReLU()), shared)
    shared.whole = m  # type: ignore[attr-defined]
    met: list[nn.Module] = []
    assert m.apply(met.append) is m
    assert [type(part).__name__ for part in met] == ["Tanh", "ReLU", "Sequential", "Sequential"]


def test_parameters_are_frozen_and_trained_again() -> None:
    m = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Linear(2, 1, rng=1))
    assert m[0].requires_grad_(False) is m[0]
    m(np.ones((3, 2))).sum().backward()
    assert [p.grad is None for p in m.parameters()] == [True, True, False, False]
    assert len(m.state_dict()) == 4
    m.requires_grad_()
    assert all(p.requires_grad for p in m.parameters())


# ---------------------------------------------------------------------------------------------------------------------
# The package


def test_it_is_loaded_when_it_is_asked_for() -> None:
    code = (
        "import sys, tinygrad_lite as tl; assert 'tinygrad_lite.nn' not in sys.modules; "
        "tl.nn.Linear; assert 'tinygrad_lite.nn' in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tl.nothing


USERS_FILE = """
from typing import Any

import numpy as np

import tinygrad_lite as tl
from tinygrad_lite import nn


class Scale(nn.Module):
    def __init__(self) -> None:
        self.factor = nn.parameter(2.0)

    def forward(self, x: tl.Tensor) -> tl.Tensor:
        y: tl.Tensor = self.factor * x
        return y


class Between(nn.Module):
    def forward(self, x: tl.Tensor, y: tl.Tensor, *, weight: float = 0.5) -> tuple[tl.Tensor, tl.Tensor]:
        return x, y


class Deeper(Scale):
    def forward(self, x: tl.Tensor) -> tl.Tensor:
        return super().forward(x)


class Through(nn.Module):
    def __init__(self) -> None:
        self.inner = nn.Linear(2, 2)

    def forward(self, x: tl.Tensor) -> tl.Tensor:
        return self.inner(tl.relu(x))


net: nn.Module = nn.Sequential(nn.Linear(2, 2), Scale(), Deeper())
y: Any = net(np.ones(2))
right: tl.Tensor = Scale().forward(tl.tensor([1.0]))
wrong: int = Scale().forward(tl.tensor([1.0]))
"""


def test_a_forward_may_have_a_signature_of_its_own(tmp_path: Path) -> None:
    """To mypy at its strictest; only the last line, which is a mistake, is complained about."""
    pytest.importorskip("mypy")
    file = tmp_path / "users.py"
    file.write_text(USERS_FILE)
    root = Path(__file__).parents[2]  # where the package's own types are at hand, checked before
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root, timeout=300)
    last = len(USERS_FILE.splitlines())
    complaints = [line.split(": ")[0].rpartition("/")[2] for line in done.stdout.splitlines()]
    assert complaints == [f"users.py:{last}"], done.stdout + done.stderr
    assert 'variable has type "int"' in done.stdout


def test_public_names_are_listed_once_and_documented_with_an_example() -> None:
    assert len(nn.__all__) == len(set(nn.__all__))
    for name in nn.__all__:
        value = getattr(nn, name)
        assert value.__doc__, name
        if isinstance(value, type):
            assert ">>>" in value.__doc__, name


def test_parameters_that_are_trained_elsewhere_can_be_loaded() -> None:
    a, b = nn.Linear(2, 3, rng=0), nn.Linear(2, 3, rng=1)
    b.load_state_dict(dict(a.named_parameters()))
    assert b.state_dict()["weight"].tobytes() == a.state_dict()["weight"].tobytes()
    assert not np.shares_memory(a.weight.data, b.weight.data)


def test_a_part_may_know_the_whole() -> None:
    whole = nn.Sequential(nn.Tanh())
    whole[0].whole = whole
    assert repr(whole) == "Sequential()\n  (0) Tanh()\n    (whole) …"
    assert not whole.state_dict()


def test_an_array_in_a_parameters_place_is_noticed_before_training() -> None:
    net = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Linear(2, 1, rng=1))
    net[0].weight = np.zeros((2, 2))
    said = r"Linear: weight was a parameter and is an ndarray now, which is not trained; .* weight.data\[...\] = array"
    for ask in (lambda: list(net.parameters()), lambda: tl.optim.SGD(net.parameters(), 0.1), net.zero_grad):
        with pytest.raises(TypeError, match=said):
            ask()
    assert "7 parameters" not in repr(net)
    assert net(np.ones((1, 2))).shape == (1, 1)
    net[0].weight = nn.Parameter(np.zeros((2, 2)))
    assert [name for name, _ in net.named_parameters()] == ["0.weight", "0.bias", "1.weight", "1.bias"]


def test_an_array_in_a_constants_place_is_a_buffer() -> None:
    net = nn.Linear(2, 1, rng=0)
    net.bias, net.seen = None, np.zeros(1)
    net.bias, net.seen = np.zeros(1), np.ones(1)
    assert [name for name, _ in net.named_parameters()] == ["weight"]
    assert [x.tolist() for x in net.buffers()] == [[0.0], [1.0]]


def test_parameters_of_the_module_itself_and_their_names() -> None:
    class Outer(nn.Module):
        def __init__(self) -> None:
            self.scale, self.inner = nn.Parameter(np.ones(1)), nn.Linear(2, 1, rng=0)

    net = Outer()
    assert [name for name, _ in net.named_parameters("a")] == ["a.scale", "a.inner.weight", "a.inner.bias"]
    assert [name for name, _ in net.named_parameters("a", recurse=False)] == ["a.scale"]
    assert list(net.parameters(recurse=False)) == [net.scale]


@pytest.mark.parametrize("of", ["net", "optimizer"])
def test_gradients_are_forgotten_or_zero(of: str) -> None:
    net = nn.Linear(2, 1, rng=0)
    owner = net if of == "net" else tl.optim.SGD(net.parameters(), 0.1)
    net.bias.requires_grad = of == "optimizer"
    net(np.ones(2)).sum().backward()
    owner.zero_grad(set_to_none=False)
    assert net.weight.grad.tolist() == [[0.0, 0.0]]
    assert (net.bias.grad is None) == (of == "net")
    owner.zero_grad()
    assert net.weight.grad is None


def test_a_state_is_a_dict() -> None:
    """Pairs were read as names that are missing."""
    layer = nn.Linear(1, 1, rng=0)
    with pytest.raises(TypeError, match="load_state_dict: takes a dict of arrays by name, not zip"):
        layer.load_state_dict(zip(["weight"], [1.0], strict=True))
