"""Sections 6.3.1 and 6.3.3 put to work: backpropagation by hand, for a batch of samples and every layer.

A batch is a matrix with a sample in each column, so that the formulas read as printed; costs are averaged over the
batch (equations 7 and 9), and so are the gradients: δ (aˡ⁻¹)ᵀ of a batch is the sum over its samples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..definitions import Array, Network, Problem, parameter_gradients, slopes


def by_name(weights: Sequence[Any], biases: Sequence[Any]) -> dict[str, Any]:
    """W1, W2, …, b1, b2, …: weights and biases, or their gradients."""
    return {f"{kind}{layer}": x for kind, xs in (("W", weights), ("b", biases)) for layer, x in enumerate(xs, 1)}


def all_gradients(network: Network, p: Problem) -> dict[str, Any]:
    """∂C/∂Wˡ and ∂C/∂bˡ of every layer by autograd, by name"""
    return by_name(*parameter_gradients(network, p))


def forward(network: Network, p: Problem) -> tuple[list[Array], list[Array]]:
    """Equation 4: a⁰ = x, a¹, …, and z¹, z², … after an unused z⁰."""
    a, z = [p.x.T], [p.x.T]
    for W, b in zip(p.weights, p.biases, strict=True):
        activation = network.output if W is p.weights[-1] else network.hidden
        z.append(W @ a[-1] + b[:, None])
        a.append(activation(z[-1].T).T)
    return a, z


def backpropagation(network: Network, p: Problem, delta: Callable[[Array, Array], Any]) -> dict[str, Any]:
    """∂C/∂Wˡ and ∂C/∂bˡ by hand: δᴸ as a function of aᴸ and y, and equations 33 to 37."""
    a, z = forward(network, p)
    d = delta(a[-1], p.y.T)
    found = {}
    for layer in range(len(p.weights), 0, -1):
        found[f"W{layer}"] = d @ a[layer - 1].T / d.shape[1]
        found[f"b{layer}"] = d.mean(axis=1)
        if layer > 1:
            d = (p.weights[layer - 1].T @ d) * slopes(network.hidden, z[layer - 1])
    return found
