"""A Fourier transform of 2¹⁶ numbers, and the gradient of a weighted power spectrum by them, in float64."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..contest import PYTORCH, Build, Contest, Race, against

TITLE = "Fourier transform, value and gradient"

N = 2**16
CASES = ("fft", "rfft")


def races() -> list[Race]:
    rivals: dict[str | tuple[str, ...], float | None] = {PYTORCH: 1.3, "jax": None}
    return [Race(f"fft: {case}", against("fft", case, f"{case} of 2¹⁶", rivals), tolerance=1e-6) for case in CASES]


def problem(case: str) -> tuple[np.ndarray, np.ndarray]:
    """Numbers, and a weight for each frequency."""
    rng = np.random.default_rng(0)
    return rng.standard_normal(N), rng.uniform(0.5, 1.5, N if case == "fft" else N // 2 + 1)


def power(transform: Any, x: Any, weights: Any) -> Any:
    """Σ wₖ |Xₖ|²."""
    spectrum = transform(x)
    return (weights * (spectrum.real**2 + spectrum.imag**2)).sum()


def contest(step: Callable[[], Any]) -> Contest:
    """The answer: the value, and the mean of the gradient's squares."""
    value, gradient = step()
    return Contest(step, [float(value), float(np.square(np.asarray(gradient)).mean())])


def ours(case: str) -> Contest:
    import tinygrad_lite as tl

    numbers, weights = problem(case)
    x = tl.Tensor(numbers, requires_grad=True)

    def step() -> Any:
        x.grad = None
        value = power(getattr(np.fft, case), x, weights)
        value.backward()
        return value.data, x.grad

    return contest(step)


def pytorch(case: str, threads: int) -> Contest:
    import torch

    torch.set_num_threads(threads)
    x, weights = [torch.from_numpy(a) for a in problem(case)]
    x.requires_grad_()

    def step() -> Any:
        x.grad = None
        value = power(getattr(torch.fft, case), x, weights)
        value.backward()
        return value.detach(), x.grad

    return contest(step)


def jax(case: str) -> Contest:
    import jax

    jax.config.update("jax_enable_x64", True)
    x, weights = [jax.numpy.asarray(a) for a in problem(case)]
    compiled = jax.jit(jax.value_and_grad(lambda x: power(getattr(jax.numpy.fft, case), x, weights)))
    return contest(lambda: jax.block_until_ready(compiled(x)))


CONTESTANTS: dict[str, Build] = {
    "tinygrad_lite": ours,
    "torch-1": partial(pytorch, threads=1),
    "torch-2": partial(pytorch, threads=2),
    "jax": jax,
}
