"""A convolution, forward and backward: the output, and the gradients of images, kernels and biases. float32.

Each contestant is given the gradient of the output, so that nothing but the convolution is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..contest import PYTORCH, Build, Contest, Race, against

TITLE = "A convolution, forward and backward"

CASES = {"3×3, 32 ch., 28² ×32": (3, 32, 28, 32)}
"""By name: the kernel's side, the channels of input and output, the image's side, the images."""


def races() -> list[Race]:
    rivals: dict[str | tuple[str, ...], float | None] = {"numpy": None, PYTORCH: 3.0, "mygrad": 1.0}
    return [Race(f"conv2d: {case}", against("conv2d", case, case, rivals)) for case in CASES]


def problem(case: str) -> list[np.ndarray]:
    """Images, kernels, biases, and the gradient of the output, whose images have the size of the input's."""
    kernel, channels, side, batch = CASES[case]
    rng = np.random.default_rng(0)
    images = (batch, channels, side, side)
    shapes = (images, (channels, channels, kernel, kernel), (channels,), images)
    return [rng.standard_normal(shape, np.float32) for shape in shapes]


def contest(step: Callable[[], Sequence[Any]]) -> Contest:
    """The answer: the mean squares of the output and of the gradients."""
    return Contest(step, [float(np.square(np.asarray(a)).mean()) for a in step()])


def by_hand(case: str) -> Contest:
    """All patches side by side in one matrix, and one matrix product for each of the three results."""
    x, w, b, g = problem(case)
    kernel, channels, side, batch = CASES[case]
    edge = kernel // 2
    padded = np.zeros((batch, channels, side + 2 * edge, side + 2 * edge), np.float32)
    inside = slice(edge, edge + side)
    table = w.reshape(channels, -1)

    def step() -> list[Any]:
        padded[:, :, inside, inside] = x
        windows = sliding_window_view(padded, (kernel, kernel), (2, 3))
        columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, table.shape[1])
        y = columns @ table.T
        y += b
        y = y.reshape(batch, side, side, channels).transpose(0, 3, 1, 2)

        rows = g.transpose(0, 2, 3, 1).reshape(-1, channels)
        dw = (rows.T @ columns).reshape(w.shape)
        db = rows.sum(axis=0)
        d = (rows @ table).reshape(batch, side, side, channels, kernel, kernel)
        dx = np.zeros((batch, side + 2 * edge, side + 2 * edge, channels), np.float32)
        for i in range(kernel):
            for j in range(kernel):
                dx[:, i : i + side, j : j + side] += d[..., i, j]
        return [y, dx[:, inside, inside].transpose(0, 3, 1, 2), dw, db]

    return contest(step)


def ours(case: str) -> Contest:
    import tinygrad_lite as tl

    *arrays, g = problem(case)
    x, w, b = [tl.Tensor(a, requires_grad=True) for a in arrays]

    def step() -> list[Any]:
        for t in (x, w, b):
            t.grad = None
        y = tl.conv2d(x, w, b, padding=CASES[case][0] // 2)
        y.backward(g)
        return [y.data, x.grad, w.grad, b.grad]

    return contest(step)


def pytorch(case: str, threads: int) -> Contest:
    import torch

    torch.set_num_threads(threads)
    *arrays, gradient = problem(case)
    x, w, b = [torch.from_numpy(a).requires_grad_() for a in arrays]
    g = torch.from_numpy(gradient)

    def step() -> list[Any]:
        for t in (x, w, b):
            t.grad = None
        y = torch.nn.functional.conv2d(x, w, b, padding=CASES[case][0] // 2)
        y.backward(g)
        return [y.detach(), x.grad, w.grad, b.grad]

    return contest(step)


def mygrad(case: str) -> Contest:
    import mygrad as mg
    from mygrad.nnet.layers import conv_nd

    mg.turn_memory_guarding_off()  # its manual's advice where speed matters
    *arrays, g = problem(case)
    x, w, b = [mg.tensor(a) for a in arrays]

    def step() -> list[Any]:
        for t in (x, w, b):
            t.null_grad()
        y = conv_nd(x, w, stride=1, padding=CASES[case][0] // 2) + b.reshape(1, -1, 1, 1)
        y.backward(g)
        return [y.data, x.grad, w.grad, b.grad]

    return contest(step)


CONTESTANTS: dict[str, Build] = {
    "numpy": by_hand,
    "tinygrad_lite": ours,
    "torch-1": partial(pytorch, threads=1),
    "torch-2": partial(pytorch, threads=2),
    "mygrad": mygrad,
}
