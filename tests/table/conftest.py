"""Samples for the primitives, public or not: what the registry's samples make of them when they are recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine.graph import Node
from tinygrad_lite.engine.trees import flatten
from tinygrad_lite.table.gates import root_gate
from tinygrad_lite.table.multiplication import product_p, running_p
from tinygrad_lite.table.primitive import Primitive
from tinygrad_lite.table.registry import PRIMITIVES

LARGEST = 64
"""Entries of all inputs together: more make no better a sample, only a slower one."""


class Use(NamedTuple):
    """A primitive with the inputs and parameters of one call."""

    primitive: Primitive
    inputs: tuple[Any, ...]
    params: Mapping[str, Any]

    def __call__(self, *inputs: Any) -> Any:
        return self.primitive(*inputs, **self.params)

    @property
    def places(self) -> list[int]:
        """Which inputs are floating-point arrays: those that are differentiated."""
        return [k for k, x in enumerate(self.inputs) if np.asarray(x).dtype.kind in "fc"]

    def at(self, variables: Any) -> tuple[Any, ...]:
        """The inputs with other arrays in those places."""
        remaining = iter(variables)
        return tuple([next(remaining) if k in self.places else x for k, x in enumerate(self.inputs)])

    @property
    def variables(self) -> list[np.ndarray]:
        return [np.asarray(self.inputs[k]) for k in self.places]


def cast(x: Any) -> Any:
    """The one primitive that is a method's only: no function of the table has a sample for it."""
    return x.astype(np.longdouble)


def shifted_product(x: Any) -> Any:
    """The product as it is taken where those of neighbours overflow, of which no difference quotient is taken."""
    return product_p(FACTORS * x[0] + x[1]) ** 2 + running_p(FACTORS * x[0] + x[1])[..., 2] ** 2


FACTORS = np.array([[[0.5, -1.5, 4.0, 1.25, -0.75], [2.0, 0.25, -3.0, 1.5, 0.5]]])


def overwritten(x: Any) -> Any:
    """A view of an array that is written to after: its part is read again from the array's new state."""
    y = x * 1.0
    view = y[1:]
    y[0] = x[1]
    return view * view


def of_slopes(x: Any) -> Any:
    """The gradients of functions whose slopes have slopes that no other sample reaches."""
    smooth = lambda x: tl.sigmoid(x) + np.arctan2(x * x, x[::-1]) + tl.erf(x) + tl.gelu(x, approximate="tanh")
    lengths = lambda x: np.hypot(x, x[::-1] + 0.25) + np.arcsinh(x)
    return tl.grad(lambda x: (smooth(x) + lengths(x) + np.power(x * x, x[::-1])).sum())(x)


def near_and_far(x: Any, far: float) -> Any:
    """x, and the same further out: an array of a shape that no other sample has."""
    return np.concatenate([x, far * x, x[:1]])


def of_gates(x: Any) -> Any:
    """The gradients of units whose gates are open, closed, and in between."""
    return tl.grad(lambda x: (tl.silu(x) * x[::-1]).sum() + tl.silu(near_and_far(x, 2000.0)).sum())(x)


def of_curvature(x: Any) -> Any:
    """The second derivatives of functions whose slopes have slopes that are again primitives of their own."""
    sums = lambda x: np.logaddexp(x, 0.5 * x[::-1]) + np.logaddexp2(x, 0.5 * x[::-1])
    units = lambda x: tl.sigmoid(x) + tl.erf(x) + tl.gelu(x, approximate="tanh")
    gates = lambda x: tl.gelu(near_and_far(x, 20.0), approximate="tanh").sum()
    return tl.grad(lambda x: tl.grad(lambda x: (units(x) + sums(x)).sum() + gates(x))(x)[0])(x)


def of_eigenvectors(a: Any) -> Any:
    """Functions of eigenvectors that do not depend on their phase."""
    w, v = np.linalg.eigh(a)
    return w, np.abs(v) ** 2, (v * np.exp(w)[..., None, :]) @ np.conj(v).mT


def of_singular_vectors(a: Any) -> Any:
    """Functions of singular vectors that do not depend on their phase, nor on the basis of what A does not reach."""
    u, s, vh = np.linalg.svd(a)
    k = s.shape[-1]
    rest = [u[..., k:] @ np.conj(u[..., k:]).mT, np.conj(vh[..., k:, :]).mT @ vh[..., k:, :]]
    return s, np.abs(u[..., :k]) ** 2, (u[..., :k] * (s * s)[..., None, :]) @ vh[..., :k, :], *rest


def of_complete_factors(a: Any) -> Any:
    """Functions of Q and R that do not depend on the basis of what A does not reach."""
    q, r = np.linalg.qr(a, mode="complete")
    n = a.shape[-1]
    return r, q[..., :n], q[..., n:] @ np.conj(q[..., n:]).mT


class Program(NamedTuple):
    """A function of arrays at a sample of them."""

    function: Callable[..., Any]
    variables: tuple[np.ndarray, ...] = (np.array([0.5, -1.5]),)

    def __call__(self, *variables: Any) -> Any:
        return self.function(*variables)


@pytest.fixture(scope="session")
def writing_cases() -> list[Program]:
    """What only programs reach: a view that is read again after a write, and the gradient of that; slopes of slopes."""
    squares = tl.grad(lambda x: (overwritten(x) ** 2).sum())
    alone = root_gate  # which slopes take of x and −x together, where slips cancel
    return [
        Program(overwritten),
        Program(squares),
        Program(shifted_product),
        Program(tl.grad(lambda x: shifted_product(x).sum())),
        Program(of_slopes),
        Program(of_curvature),
        Program(of_gates),
        Program(alone),
    ]


@pytest.fixture(scope="session")
def basis_cases() -> list[Program]:
    """Decompositions whose vectors are determined up to a phase, or up to a basis, in functions that are free of it."""
    rng = np.random.default_rng(5)

    def complex_matrix(*shape: int) -> np.ndarray:
        return np.asarray(rng.uniform(-1, 1, shape) + 1j * rng.uniform(-1, 1, shape))

    real = rng.uniform(-1, 1, (3, 2))
    return [
        Program(of_eigenvectors, (complex_matrix(3, 3) + np.diag([0.0, 3.0, 6.0]),)),
        *[Program(of_singular_vectors, (a,)) for a in (real, complex_matrix(3, 2), complex_matrix(2, 3))],
        *[Program(of_complete_factors, (a,)) for a in (real, complex_matrix(4, 2))],
    ]


def recorded_nodes(*tensors: Any) -> list[Node]:
    """Every operation that led to these Tensors."""
    found: dict[Node, None] = {}
    stack = [t._node for t in tensors if isinstance(t, tl.Tensor) and t.requires_grad]
    while stack:
        node = stack.pop()
        if node not in found:
            found[node] = None
            stack += [parent for parent, _, _ in node.pulls or ()]
    return [node for node in found if node.primitive is not None]


@pytest.fixture(scope="session")
def primitive_uses(all_cases: dict[str, Any]) -> dict[str, list[Use]]:
    """For each primitive the calls that the samples and their recorded backward passes made, no two alike in shapes."""
    nodes = []
    with tl.tracing():
        for case in all_cases.values():
            leaves = [tl.Tensor(x, requires_grad=True) for x in case.variables]
            outputs, pull = tl.vjp(lambda *x, case=case: flatten(case(*x))[0], *leaves)
            seeds = [np.cos(np.arange(y.size)).reshape(y.shape) for y in outputs]
            gradients = pull([tl.Tensor(seed, requires_grad=True) for seed in seeds])
            nodes += recorded_nodes(*outputs, *gradients)
        pair = np.array([0.5, -1.5])
        nodes += recorded_nodes(cast(tl.Tensor(pair, requires_grad=True)))
        nodes += recorded_nodes(shifted_product(tl.Tensor(pair, requires_grad=True)))
        nodes += recorded_nodes(overwritten(tl.Tensor(pair, requires_grad=True)))
        nodes += recorded_nodes(tl.silu(near_and_far(tl.Tensor(pair, requires_grad=True), 2000.0)))
        for f in (shifted_product, overwritten, of_slopes, of_curvature, of_gates):
            nodes += recorded_nodes(tl.grad(lambda x, f=f: f(x).sum())(tl.Tensor(pair, requires_grad=True)))
    found: dict[str, dict[str, Use]] = defaultdict(dict)
    for node in nodes:
        use = Use(PRIMITIVES[node.primitive.name], node.kept.inputs, node.params)
        if sum([np.size(x) for x in use.inputs]) <= LARGEST:
            found[use.primitive.name].setdefault(f"{[np.shape(x) for x in use.inputs]} {use.params}", use)
    return {name: list(uses.values()) for name, uses in found.items()}
