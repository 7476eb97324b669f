"""One ``optimizer.step()`` with gradients that are there already, for a 784-512-512-10 network. float32."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from ..contest import PYTORCH, Build, Contest, Race, against

TITLE = "One step of an optimizer"

WIDTHS = (784, 512, 512, 10)

OPTIONS: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 1e-3},
    "SGD, momentum": {"lr": 1e-3, "momentum": 0.9},
    "Adam": {"lr": 1e-3},
    "AdamW": {"lr": 1e-3},
    "RMSprop": {"lr": 1e-3},
    "Adagrad": {"lr": 1e-3},
}
TARGETS = {"SGD": 1.0, "Adam": 1.0}
STEPS = 3


def races() -> list[Race]:
    return [
        Race(f"optimizer: {case}", against("optimizer", case, case, {PYTORCH: TARGETS.get(case)})) for case in OPTIONS
    ]


def problem() -> list[tuple[np.ndarray, np.ndarray]]:
    """Parameters and their gradients, as PyTorch's and this library's layers have them: (outputs, inputs)."""
    rng = np.random.default_rng(0)
    shapes = [shape for m, n in pairwise(WIDTHS) for shape in ((n, m), (n,))]
    return [(rng.standard_normal(s, np.float32), rng.standard_normal(s, np.float32)) for s in shapes]


def contest(step: Any, parameters: Iterable[Any]) -> Contest:
    """The parameters' sums after a few steps are the answer."""
    for _ in range(STEPS):
        step()
    return Contest(step, [float(np.abs(np.asarray(p, np.float64)).sum()) for p in parameters])


def our_optimizer(case: str) -> Any:
    """An optimizer of this library, with parameters that have gradients."""
    import tinygrad_lite as tl

    parameters = []
    for p, g in problem():
        parameters.append(tl.Tensor(p, requires_grad=True))
        parameters[-1].grad = g
    return getattr(tl.optim, case.split(",")[0])(parameters, **OPTIONS[case])


def ours(case: str) -> Contest:
    own = our_optimizer(case)
    return contest(own.step, [p.data for p in own.parameters])


def pytorch(case: str, threads: int) -> Contest:
    import torch

    torch.set_num_threads(threads)
    parameters = []
    for p, g in problem():
        parameters.append(torch.from_numpy(p).requires_grad_())
        parameters[-1].grad = torch.from_numpy(g)
    optimizer = getattr(torch.optim, case.split(",")[0])(parameters, **OPTIONS[case])
    return contest(optimizer.step, [p.detach().numpy() for p in parameters])


CONTESTANTS: dict[str, Build] = {
    "tinygrad_lite": ours,
    "torch-1": partial(pytorch, threads=1),
    "torch-2": partial(pytorch, threads=2),
}
