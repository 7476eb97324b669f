"""A training step: forward, softmax cross-entropy, backward, plain gradient descent in place. float32 throughout.

Each library is used as its documentation shows; three of them a second time, as someone who knows where they lose time
would: PyTorch in the leanest form that its eager mode allows, MyGrad without its guarding of arrays, and these two and
HIPS autograd with a malloc that keeps freed memory, as this library's own :func:`~tinygrad_lite.keep_memory` asks of it
and NumPy by hand has it too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from tinygrad_lite.training.memory import keep_memory

from ..contest import PYTORCH, Build, Contest, Race, against

TITLE = "One training step of an MLP"

CASES = (
    "2-16-16-2 ×32",
    "64-64-10 ×32",
    "784-128-10 ×64",
    "784-128-64-10 ×128",
    "784-512-512-10 ×128",
    "784-1024-1024-10 ×256",
)
SMALL = CASES[:2]
RATE = 0.05
STEPS = 10


def races() -> list[Race]:
    found = []
    for case in CASES:
        rivals = {
            "numpy": None,
            PYTORCH: 0.5 if case in SMALL else 1.0,
            ("torch-lean-1", "torch-lean-2"): None,
            "mygrad": 0.6,
            "mygrad-tuned": None,
            "autograd": 0.35,
            "autograd-tuned": None,
            "jax": None,
        }
        found.append(Race(f"mlp: {case}", against("mlp", case, case, rivals)))
    return found


def problem(case: str) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Inputs, labels, and the parameters W₁, b₁, W₂, b₂, …"""
    shape, batch = case.split(" ×")
    widths = [int(width) for width in shape.split("-")]
    rng = np.random.default_rng(0)
    x = rng.standard_normal((int(batch), widths[0]), np.float32)
    labels = rng.integers(0, widths[-1], int(batch))
    parameters = []
    for m, n in pairwise(widths):
        parameters.append(rng.standard_normal((m, n), np.float32) * np.float32((2 / m) ** 0.5))
        parameters.append(np.zeros(n, np.float32))
    return x, labels, parameters


def contest(step: Callable[[], Any]) -> Contest:
    """The losses of the first steps are the answer."""
    return Contest(step, [float(step()) for _ in range(STEPS)])


def by_hand(case: str) -> Contest:
    keep_memory()
    x, labels, parameters = problem(case)
    layers = list(zip(parameters[::2], parameters[1::2], strict=True))
    n = len(labels)
    at_label = np.arange(n), labels

    def step() -> np.float32:
        inputs = [x]
        for W, b in layers[:-1]:
            h = inputs[-1] @ W
            h += b
            inputs.append(np.maximum(h, 0, out=h))
        W, b = layers[-1]
        z = inputs[-1] @ W
        z += b
        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - z[at_label]).mean()

        d = e / total
        d[at_label] -= 1
        d /= n
        gradients = []
        for i in range(len(layers) - 1, -1, -1):
            gradients += [d.sum(axis=0), inputs[i].T @ d]
            if i:
                d = d @ layers[i][0].T
                d *= inputs[i] > 0
        for p, g in zip(parameters, reversed(gradients), strict=True):
            p -= RATE * g
        return loss

    return contest(step)


def our_step(parameters: list[Any]) -> Callable[..., Any]:
    """The step of this library's tensors, of inputs and labels."""
    import tinygrad_lite as tl

    *hidden, (V, c) = zip(parameters[::2], parameters[1::2], strict=True)

    def step(x: Any, labels: Any) -> Any:
        h = x
        for W, b in hidden:
            h = tl.relu(h @ W + b)
        loss = tl.cross_entropy(h @ V + c, labels)
        loss.backward()
        for p in parameters:
            p.data -= RATE * p.grad
            p.grad = None
        return loss

    return step


def ours(case: str) -> Contest:
    import tinygrad_lite as tl

    tl.keep_memory()
    x, labels, initial = problem(case)
    step = partial(our_step([tl.Tensor(p, requires_grad=True) for p in initial]), x, labels)
    return Contest(step, [step().item() for _ in range(STEPS)])


def pytorch(case: str, threads: int) -> Contest:
    """As PyTorch's tutorials write it."""
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    data, classes, initial = problem(case)
    x, labels = torch.from_numpy(data), torch.from_numpy(classes)
    layers: list[Any] = []
    for W, b in zip(initial[::2], initial[1::2], strict=True):
        layer = nn.Linear(*W.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(W.T))
            layer.bias.copy_(torch.from_numpy(b))
        layers += [layer, nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    def step() -> Any:
        optimizer.zero_grad()
        loss = loss_of(model(x), labels)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return contest(step)


def pytorch_lean(case: str, threads: int) -> Contest:
    """The quickest eager form found: fused layers, in-place activations, no module, no optimizer, no ``.grad``."""
    import torch
    from torch.nn import functional

    keep_memory()
    torch.set_num_threads(threads)
    data, classes, initial = problem(case)
    x, labels = torch.from_numpy(data), torch.from_numpy(classes)
    parameters = [torch.from_numpy(p).requires_grad_() for p in initial]
    *hidden, (V, c) = zip(parameters[::2], parameters[1::2], strict=True)

    def step() -> Any:
        h = x
        for W, b in hidden:
            h = torch.addmm(b, h, W).relu_()
        loss = functional.cross_entropy(torch.addmm(c, h, V), labels)
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            torch._foreach_add_(parameters, gradients, alpha=-RATE)
        return loss.detach()

    return contest(step)


def autograd(case: str, tuned: bool) -> Contest:
    import autograd.numpy as anp
    from autograd import value_and_grad

    if tuned:
        keep_memory()
    x, labels, parameters = problem(case)
    n = len(labels)
    targets = np.eye(parameters[-1].size, dtype=np.float32)[labels]  # much faster here than indexing by the labels

    def log_softmax(z: Any) -> Any:  # faster than autograd.scipy's logsumexp
        z = z - anp.max(z, axis=1, keepdims=True)
        return z - anp.log(anp.sum(anp.exp(z), axis=1, keepdims=True))

    def loss_of(parameters: list[Any]) -> Any:
        h = x
        for i in range(0, len(parameters) - 2, 2):
            h = anp.maximum(anp.dot(h, parameters[i]) + parameters[i + 1], 0)
        logarithms = log_softmax(anp.dot(h, parameters[-2]) + parameters[-1])
        return -anp.sum(targets * logarithms) / n

    gradient = value_and_grad(loss_of)

    def step() -> Any:
        loss, gradients = gradient(parameters)
        for p, g in zip(parameters, gradients, strict=True):
            p -= RATE * g
        return loss

    return contest(step)


def mygrad(case: str, tuned: bool) -> Contest:
    import mygrad as mg
    from mygrad.nnet import relu, softmax_crossentropy

    if tuned:
        mg.turn_memory_guarding_off()  # its manual's advice where speed matters
        keep_memory()
    x, labels, initial = problem(case)
    parameters = [mg.tensor(p) for p in initial]
    *hidden, (V, c) = zip(parameters[::2], parameters[1::2], strict=True)

    def step() -> Any:
        h = x
        for W, b in hidden:
            h = relu(mg.matmul(h, W) + b)
        loss = softmax_crossentropy(mg.matmul(h, V) + c, labels)
        loss.backward()
        for p in parameters:
            p.data -= RATE * p.grad
            p.null_grad()
        return loss.data

    return contest(step)


def jax_update(case: str) -> tuple[Callable[..., Any], list[Any]]:
    """The step, which gives the loss and new parameters, newly made for JAX; and the parameters to begin with."""
    import jax
    import jax.numpy as jnp

    data, classes, initial = problem(case)
    x, labels = jnp.asarray(data), jnp.asarray(classes)

    def loss_of(parameters: list[Any]) -> Any:
        h = x
        for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            h = jax.nn.relu(h @ W + b)
        logarithms = jax.nn.log_softmax(h @ parameters[-2] + parameters[-1])
        return -jnp.mean(jnp.take_along_axis(logarithms, labels[:, None], axis=1))

    @partial(jax.jit, donate_argnums=0)
    def update(parameters: list[Any]) -> tuple[Any, list[Any]]:
        loss, gradients = jax.value_and_grad(loss_of)(parameters)
        return loss, [p - RATE * g for p, g in zip(parameters, gradients, strict=True)]

    return update, [jnp.array(p) for p in initial]


def jax(case: str) -> Contest:
    import jax

    update, parameters = jax_update(case)

    def step() -> Any:
        nonlocal parameters
        loss, parameters = update(parameters)
        return jax.block_until_ready(loss)

    return contest(step)


CONTESTANTS: dict[str, Build] = {
    "numpy": by_hand,
    "tinygrad_lite": ours,
    "torch-1": partial(pytorch, threads=1),
    "torch-2": partial(pytorch, threads=2),
    "torch-lean-1": partial(pytorch_lean, threads=1),
    "torch-lean-2": partial(pytorch_lean, threads=2),
    "mygrad": partial(mygrad, tuned=False),
    "mygrad-tuned": partial(mygrad, tuned=True),
    "autograd": partial(autograd, tuned=False),
    "autograd-tuned": partial(autograd, tuned=True),
    "jax": jax,
}
