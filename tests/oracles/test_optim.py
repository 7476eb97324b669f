"""Optimizers and schedules beside PyTorch's: a hundred steps on a network, in float64."""

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import optim

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.oracle


@pytest.fixture(autouse=True)
def one_thread():
    """Arrays this small are not worth sharing."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


SETTINGS = [
    ("SGD", {}),
    ("SGD", {"lr": 0.05, "weight_decay": 0.02}),
    ("SGD", {"lr": 0.05, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("Adam", {}),
    ("Adam", {"lr": 0.01, "betas": (0.8, 0.99), "eps": 1e-3, "weight_decay": 0.1}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.01, "weight_decay": 0.3}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.005, "momentum": 0.7, "weight_decay": 0.01}),
    ("RMSprop", {"lr": 0.005, "alpha": 0.9, "centered": True}),
    ("RMSprop", {"lr": 0.005, "centered": True, "momentum": 0.5}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.05, "initial_accumulator_value": 0.3, "weight_decay": 0.01}),
]


@pytest.mark.parametrize(("name", "options"), SETTINGS)
def test_a_hundred_steps(name, options):
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((16, 5)), rng.integers(0, 3, 16)
    start = [rng.standard_normal(s) * 0.5 for s in ((5, 8), (8,), (8, 3), (3,))]
    ours = [tl.tensor(w, requires_grad=True) for w in start]
    theirs = [torch.tensor(w, requires_grad=True) for w in start]
    mine, its = getattr(optim, name)(ours, **options), getattr(torch.optim, name)(theirs, **options)
    tx, tlabels = torch.tensor(x), torch.tensor(labels)
    for _ in range(100):
        mine.zero_grad()
        tl.cross_entropy(np.tanh(x @ ours[0] + ours[1]) @ ours[2] + ours[3], labels).backward()
        mine.step()
        its.zero_grad()
        scores = torch.tanh(tx @ theirs[0] + theirs[1]) @ theirs[2] + theirs[3]
        torch.nn.functional.cross_entropy(scores, tlabels).backward()
        its.step()
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"])
def test_options_and_defaults_are_pytorchs(name):
    ours = getattr(optim, name)([tl.tensor([1.0], requires_grad=True)]).defaults
    theirs = getattr(torch.optim, name)([torch.ones(1, requires_grad=True)]).defaults
    assert {key: theirs[key] for key in ours} == ours


SCHEDULES = [
    (optim.step_decay(3, 0.5), lambda o: torch.optim.lr_scheduler.StepLR(o, 3, 0.5)),
    (optim.cosine(12), lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 12)),
    (optim.linear_decay(12), lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda i: 1 - i / 13)),
    (optim.warm_up(3), lambda o: torch.optim.lr_scheduler.LinearLR(o, 0.25, total_iters=3)),
]


@pytest.mark.parametrize(("factor", "make"), SCHEDULES)
def test_schedules(factor, make):
    w, v = tl.tensor([1.0], requires_grad=True), torch.ones(1, requires_grad=True)
    mine, its = optim.SGD([w], 0.4), torch.optim.SGD([v], 0.4)
    ours, theirs = optim.Schedule(mine, factor), make(its)
    for _ in range(12):
        assert mine.param_groups[0]["lr"] == pytest.approx(its.param_groups[0]["lr"], rel=1e-12)
        ours.step()
        its.step()
        theirs.step()


PAST_THE_END = [
    (optim.step_decay(3, 0.5), lambda o: torch.optim.lr_scheduler.StepLR(o, 3, 0.5)),
    (optim.warm_up(3), lambda o: torch.optim.lr_scheduler.LinearLR(o, 0.25, total_iters=3)),
    (
        optim.linear_decay(12),
        lambda o: torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.0, total_iters=13),
    ),
    (
        optim.cosine(12, 0.1),  # there it is the caller who stops at the end, from where it rises again
        lambda o: torch.optim.lr_scheduler.SequentialLR(
            o,
            [
                torch.optim.lr_scheduler.CosineAnnealingLR(o, 12, eta_min=0.04),
                torch.optim.lr_scheduler.ConstantLR(o, 0.1, total_iters=1000),
            ],
            [12],
        ),
    ),
]


@pytest.mark.parametrize(("factor", "make"), PAST_THE_END)
def test_schedules_at_their_end_and_after(factor, make):
    w, v = tl.tensor([1.0], requires_grad=True), torch.ones(1, requires_grad=True)
    mine, its = optim.SGD([w], 0.4), torch.optim.SGD([v], 0.4)
    ours, theirs = optim.Schedule(mine, factor), make(its)
    for _ in range(40):
        assert mine.lr == pytest.approx(its.param_groups[0]["lr"], rel=1e-12, abs=1e-16)
        ours.step()
        its.step()
        theirs.step()


def test_states_of_half_precision_go_on_here():
    v, w = torch.ones(3, dtype=torch.float16, requires_grad=True), tl.tensor(np.ones(3, np.float16), requires_grad=True)
    its, mine = torch.optim.Adam([v], eps=1e-4), optim.Adam([w])
    v.grad = w.grad = None
    v.grad = torch.tensor([1.0, 0.3, -2.0], dtype=torch.float16)
    its.step()
    w.data = v.detach().numpy()
    optim.load_pytorch_state(mine, its.state_dict())
    assert mine.state[0]["exp_avg"].dtype == np.float32
    w.grad = v.grad.numpy()
    mine.step()
    its.step()
    np.testing.assert_allclose(w.data, v.detach().numpy(), rtol=2e-3)


def test_clipping():
    g = np.random.default_rng(0).standard_normal((4, 5))
    w, v = tl.tensor(g, requires_grad=True), torch.tensor(g, requires_grad=True)
    w.grad, v.grad = g, torch.tensor(g)
    assert optim.clip_grad_norm([w], 1.0) == pytest.approx(torch.nn.utils.clip_grad_norm_([v], 1.0).item())
    np.testing.assert_allclose(w.grad, v.grad.numpy(), rtol=1e-6)  # PyTorch adds 1e-6 to the norm
    optim.clip_grad_value([w], 0.1)
    torch.nn.utils.clip_grad_value_([v], 0.1)
    np.testing.assert_allclose(w.grad, v.grad.numpy(), rtol=1e-6)


@pytest.mark.parametrize("name", ["float64", "float32"])
@pytest.mark.parametrize(("kind", "options"), SETTINGS)
def test_a_training_that_began_there_goes_on_here(kind, options, name):
    """Five steps there, then twenty on both sides, on two groups of which one has another rate."""
    rng = np.random.default_rng(1)
    gradients = rng.standard_normal((25, 8)).astype(name)
    start = rng.standard_normal(9).astype(name)
    parts = (start[:6].reshape(2, 3), start[6:8], start[8])
    theirs = [torch.tensor(part, requires_grad=True) for part in parts]

    def step(optimizer, parameters, g, wrap):
        for p, part in zip(parameters, (g[:6].reshape(2, 3), g[6:]), strict=False):  # the last has no gradient
            p.grad = wrap(part)
        optimizer.step()

    its = getattr(torch.optim, kind)([{"params": theirs[:1], "lr": 0.02}, {"params": theirs[1:]}], **options)
    for g in gradients[:5]:
        step(its, theirs, g, torch.tensor)
    ours = [tl.tensor(p.detach().numpy(), requires_grad=True) for p in theirs]
    mine = getattr(optim, kind)([{"params": ours[:1]}, {"params": ours[1:]}])
    optim.load_pytorch_state(mine, its.state_dict())
    assert mine.param_groups[0]["lr"] == 0.02
    tolerance = 1e-12 if name == "float64" else 1e-5
    for g in gradients[5:]:
        step(its, theirs, g, torch.tensor)
        step(mine, ours, g, np.array)
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=tolerance, atol=tolerance)


def test_states_of_bfloat16_are_read():
    v, w = torch.ones(3, dtype=torch.bfloat16, requires_grad=True), tl.tensor(np.ones(3), requires_grad=True)
    its, mine = torch.optim.Adam([v]), optim.Adam([w])
    v.grad = torch.tensor([1.0, 0.3, -2.0], dtype=torch.bfloat16)
    its.step()
    optim.load_pytorch_state(mine, its.state_dict())
    assert mine.state[0]["exp_avg"].tolist() == its.state_dict()["state"][0]["exp_avg"].tolist()


def test_states_of_others_of_pytorchs_are_refused():
    w, v = tl.tensor([1.0], requires_grad=True), torch.ones(1, requires_grad=True)
    kinds = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"]
    theirs = {}
    for name in [*kinds, "Adamax", "NAdam", "RAdam", "Rprop", "ASGD", "Adadelta"]:
        its = theirs[name] = getattr(torch.optim, name)([v])
        v.grad = torch.ones(1)
        its.step()
    for mine in kinds:
        for other, its in theirs.items():
            if other == mine:
                continue
            optimizer = getattr(optim, mine)([w])
            with pytest.raises(ValueError, match="the state"):
                optim.load_pytorch_state(optimizer, its.state_dict())
            assert not optimizer.state
