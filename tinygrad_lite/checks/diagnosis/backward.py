"""A computation recorded with all its values, so that its backward pass can be gone through again with a mistake in it.

The tape keeps what its rules ask for, and no more. Here everything is kept: :class:`Traced` is a second kind of value
that records itself, through the same protocols and the same table as Tensor. Fused functions are opened up into their
definitions, as a person who derives them by hand goes through them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ...engine import protocols
from ...engine.methods import Methods
from ...engine.tensor import Tensor, operand
from ...table import indexing, shapes
from ...table.arrays import unbroadcast
from ...table.entropies import cross_entropy_of_labels_p, cross_entropy_p
from ...table.entropies import label_mask as one_hot
from ...table.neural import log_softmax_p, logsumexp_p, softmax_p
from ...table.primitive import Primitive
from ...table.reductions import max_p

next_age = count().__next__

Pulled = list[tuple["Traced", Any]]
"""What a cotangent becomes: for each input that matters, its share."""


class Traced(NDArrayOperatorsMixin, Methods):
    """A value, and how it was computed: which primitive, of which inputs, with which parameters."""

    __slots__ = ("age", "inputs", "params", "primitive", "remembered", "value")

    requires_grad = True  # what the protocols ask of a Tensor
    name = None
    __hash__ = object.__hash__

    __array__ = protocols.array
    __array_ufunc__ = protocols.array_ufunc
    __array_function__ = protocols.array_function

    def __init__(
        self,
        value: Any,
        primitive: Primitive | None = None,
        inputs: tuple[Any, ...] = (),
        params: Mapping[str, Any] | None = None,
        remembered: tuple[Any, ...] = (),
    ) -> None:
        self.value = value[()] if type(value) is np.ndarray and not value.ndim else value
        self.primitive = primitive
        self.inputs = inputs
        self.params = params or {}
        self.remembered = remembered
        self.age = next_age()

    @staticmethod
    def __record__(primitive: Primitive, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """How a primitive, called with one of these among its arguments, is recorded."""
        if primitive in DEFINITIONS:
            return DEFINITIONS[primitive](*inputs, **params)
        inputs = tuple([x if type(x) is Traced else x.data if type(x) is Tensor else operand(x) for x in inputs])
        y = primitive.forward(*[plain(x) for x in inputs], **params)
        remembered: Any = ()
        if primitive.remembers:
            y, *remembered = y
        return Traced(y, primitive, inputs, params, tuple(remembered))

    def pull(self, g: Any) -> Pulled:
        """The derivative rules of its primitive, for the inputs that were traced."""
        assert self.primitive is not None
        found = []
        for i, x in enumerate(self.inputs):
            if type(x) is Traced:
                d = self.rule(i)(g)
                found.append((x, unbroadcast(d, x.shape) if self.primitive.broadcasts else d))
        return found

    def rule(self, i: int) -> Callable[[Any], Any]:
        """The derivative rule of the i-th input, with all it needs but the cotangent."""
        primitive = self.primitive
        assert primitive is not None
        values = tuple([plain(x) for x in self.inputs])
        known = primitive.known(self.value, values, self.params, self.remembered, i)
        rule, _, pick = primitive.pulls[0 if primitive.variadic else i]
        return lambda g: rule(g, *pick(known))

    # -- what it is, as of an array -----------------------------------------------------------------------------------

    @property
    def data(self) -> Any:
        return self.value

    @property
    def shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = self.value.shape
        return shape

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        size: int = self.value.size
        return size

    @property
    def dtype(self) -> np.dtype[Any]:
        dtype: np.dtype[Any] = self.value.dtype
        return dtype

    @property
    def T(self) -> Any:
        return shapes.transpose(self)

    @property
    def mT(self) -> Any:
        return shapes.matrix_transpose(self)

    def __getitem__(self, index: Any) -> Any:
        return indexing.getitem(self, index)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.value)

    def numpy(self) -> Any:
        """The value; the trace ends here, as the caller asked."""
        return np.asarray(self.value)

    def detach(self) -> Any:
        """The value; the trace ends here, as the caller asked."""
        return self.value

    def item(self) -> Any:
        """The one entry as a Python number."""
        return self.value.item()

    def astype(self, dtype: Any) -> Any:
        """The same in another dtype."""
        return Traced.__record__(shapes.astype_p, (self,), {"dtype": np.dtype(dtype)})


def plain(x: Any) -> Any:
    """An input's value."""
    return x.value if type(x) is Traced else x


# ---------------------------------------------------------------------------------------------------------------------
# Fused functions, as a derivation by hand goes through them


def softmax(x: Any, *, axis: tuple[int, ...]) -> Any:
    """Shifted by a constant: the maximum cancels, and nobody derives it."""
    e = np.exp(x - np.max(plain(x), axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def logsumexp(x: Any, *, axis: tuple[int, ...], keepdims: bool) -> Any:
    """ln Σ eˣ."""
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def cross_entropy(z: Any, t: Any, *, reduction: str) -> Any:
    """−Σ t ln y, for each row."""
    losses = -np.sum(t * np.log(softmax(z, axis=(1,))), axis=1)
    return losses if reduction == "none" else np.mean(losses) if reduction == "mean" else np.sum(losses)


DEFINITIONS: dict[Primitive, Callable[..., Any]] = {
    softmax_p: softmax,
    logsumexp_p: logsumexp,
    log_softmax_p: lambda x, *, axis: np.log(softmax(x, axis=axis)),
    cross_entropy_p: cross_entropy,
    cross_entropy_of_labels_p: lambda z, *, labels, reduction: cross_entropy(
        z, one_hot(labels, z.shape[1]).astype(z.dtype), reduction=reduction
    ),
}


# ---------------------------------------------------------------------------------------------------------------------
# The trace as a whole

Fault = Mapping[int, Callable[[Any], Pulled]]
"""Of some nodes, by their numbers, what a mistaken derivation makes of their cotangents."""


class Trace:
    """The nodes between a variable and the output, from the oldest (the variable) to the newest (the output).

    Attributes
    ----------
    nodes : the nodes that depend on the variable and that the output depends on
    number : by a node's identity its place in ``nodes``
    parents, users : for each node the numbers of nodes it was computed from, and of those computed from it
    """

    def __init__(self, f: Callable[[Any], Any], x: Any) -> None:
        start = Traced(x)
        end = f(start)
        if type(end) is not Traced:
            raise TypeError("what was computed left the trace")
        self.gather(start, end)
        self.forget_shifts()

    def forget_shifts(self) -> None:
        """Take a maximum for a constant where it cancels, as in a softmax that is shifted: nobody derives it."""
        u = np.random.default_rng(0).uniform(0.5, 1.5, self.nodes[-1].shape)[()]
        for node in [node for node in self.nodes if node.primitive is max_p]:
            k = self.number[id(node)]
            right = self.sweep(u, {})
            if np.allclose(right, self.sweep(u, {k: lambda g: []}), rtol=1e-9, atol=1e-12):
                for user in self.users[k]:
                    other = self.nodes[user]
                    other.inputs = tuple([x.value if x is node else x for x in other.inputs])
                self.gather(self.nodes[0], self.nodes[-1])

    def gather(self, start: Traced, end: Traced) -> None:
        """Find and number the nodes from the variable to the output."""
        found = {id(start): start, id(end): end}
        stack = [end]
        while stack:
            for parent in stack.pop().inputs:
                if type(parent) is Traced and id(parent) not in found:
                    found[id(parent)] = parent
                    stack.append(parent)
        self.nodes = sorted(found.values(), key=lambda node: node.age)
        self.number = {id(node): k for k, node in enumerate(self.nodes)}
        self.parents = [sorted({self.number[id(p)] for p in node.inputs if type(p) is Traced}) for node in self.nodes]
        self.users: list[list[int]] = [[] for _ in self.nodes]
        for k, parents in enumerate(self.parents):
            for p in parents:
                self.users[p].append(k)

    @property
    def pattern(self) -> tuple[Any, ...]:
        """What two traces must share for a mistake in the one to be the same mistake in the other."""
        return tuple([(node.primitive, node.shape, tuple(p)) for node, p in zip(self.nodes, self.parents, strict=True)])

    def sweep(self, g: Any, fault: Fault, first: int = -1, last: int = 0) -> Any:
        """Carry a cotangent from one node (the output) back to another (the variable), with a mistake on the way."""
        first %= len(self.nodes)
        pending = {first: g}
        for k in range(first, last, -1):
            g = pending.pop(k, None)
            if g is None:
                continue
            node = self.nodes[k]
            for parent, d in fault[k](g) if k in fault else node.pull(g):
                d = np.asarray(d)[()]
                if d.shape != parent.shape:
                    raise ValueError(f"a cotangent of shape {d.shape} for a value of shape {parent.shape}")
                p = self.number[id(parent)]
                pending[p] = pending[p] + d if p in pending else d
        g = pending.get(last)
        return np.zeros(self.nodes[last].shape) if g is None else np.asarray(g)

    def jacobian(self, fault: Fault) -> Any:
        """All rows: of shape output + variable."""
        return self.between(-1, 0, fault)

    def between(self, first: int, last: int, fault: Fault) -> Any:
        """The Jacobian of one node with respect to another, a sweep for each row."""
        y, x = self.nodes[first], self.nodes[last]
        rows = []
        for k in range(y.size):
            unit = np.zeros(y.size)
            unit[k] = 1
            rows.append(self.sweep(unit.reshape(y.shape)[()], fault, first, last))
        return np.stack(rows).reshape(y.shape + x.shape)
