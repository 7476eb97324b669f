"""What goes to the workers of a cluster, a model as it is now; and what comes back, gradients and what was changed."""

from __future__ import annotations

import io
import math
import pickle
from collections.abc import Sequence
from typing import Any, NamedTuple

import cloudpickle  # which comes with Dask
import numpy as np

from ..engine.hooks import HOOKED
from ..engine.tensor import Tensor
from ..nn import Module
from .objective import mode, weight_of, weighted_samples
from .running import loss_and_gradients, whence
from .samples import mini_batches, stretches

GENERATORS = (np.random.Generator, np.random.RandomState)


class Work(NamedTuple):
    """What is computed with: a model, its Objective, the loss as it was asked for, and what the optimizer improves."""

    model: Module
    goal: Any
    loss: Any
    parameters: Sequence[Tensor]

    @property
    def learning(self) -> list[Tensor]:
        """Every Tensor that may receive a gradient, each once."""
        both = {id(p): p for p in (*self.model.parameters(), *self.parameters) if p.requires_grad}
        return list(both.values())


# ---------------------------------------------------------------------------------------------------------------------
# There


class Packing(cloudpickle.Pickler):  # type: ignore[misc]
    """A pickler that notes the random generators it comes by."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self.generators: list[Any] = []

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, GENERATORS):
            self.generators.append(obj)
        return super().reducer_override(obj)


def packed_work(work: Work) -> bytes:
    """The work as it is now, but for gradients.

    Raises TypeError for what would not be there what it is here: hooks, generators whose state nobody would bring back,
    and what cannot be pickled.
    """
    learning = work.learning
    if any(node in HOOKED for node in [p._node for p in learning]):
        raise TypeError(
            "fit: a parameter has a hook, a function that is called in this process, and gradients are taken on the "
            "cluster; remove it, or change gradients in the optimizer's step"
        )
    held = [p.grad for p in learning]
    file = io.BytesIO()
    packing = Packing(file)
    try:
        for p in learning:
            p.grad = None
        packing.dump(work)
    except (TypeError, AttributeError, pickle.PicklingError) as error:
        raise TypeError(
            f"fit: on a cluster model and loss travel to the workers, and these cannot be pickled: {error}"
        ) from error
    finally:
        for p, g in zip(learning, held, strict=True):
            p.grad = g
    known = {id(g) for _, g in work.model.named_generators()}
    if any(id(g) not in known for g in packing.generators):
        raise TypeError(
            "fit: model or loss draw from a generator that is no attribute of a module; on a cluster its state would "
            "not come back, and the same numbers be drawn in every step. Hold it in a module: self.rng = "
            "np.random.default_rng(0)"
        )
    return file.getvalue()


def unpacked_work(sent: bytes) -> Work:
    """A copy of the work of its own, so that tasks in threads do not meet."""
    work: Work = pickle.loads(sent)
    return work


# ---------------------------------------------------------------------------------------------------------------------
# And back


class Changes(NamedTuple):
    """What calling a model changed of it: buffers by number, generators' states by name, attributes by module."""

    buffers: dict[int, np.ndarray]
    generators: dict[str, Any]
    attributes: dict[str, dict[str, Any]]


class NotedState(NamedTuple):
    """What a model was before it was called."""

    buffers: list[bytes]
    attributes: dict[str, dict[str, Any]]


def noted_state(model: Module) -> NotedState:
    """What may change when it is called."""
    return NotedState(
        [x.tobytes() for x in model.buffers()], {name: dict(vars(m)) for name, m in model.named_modules()}
    )


def changes_since(before: NotedState, model: Module) -> Changes:
    """What is otherwise than it was. Raises TypeError for an attribute that cannot be brought back."""
    attributes: dict[str, dict[str, Any]] = {}
    for name, module in model.named_modules():
        own = before.attributes.get(name, {})
        new = {key: value for key, value in vars(module).items() if key not in own or own[key] is not value}
        for key, value in new.items():
            if not isinstance(value, (np.ndarray, np.generic, bool, int, float, complex, str, type(None))):
                raise TypeError(
                    f"fit: on a cluster, {type(module).__name__} sets its attribute {key!r} to a "
                    f"{type(value).__name__} when it is called, which stays on the worker; what is set there may be an "
                    "array, a number or a text"
                )
        if new:
            attributes[name] = new
    buffers = {k: x for k, (x, held) in enumerate(zip(model.buffers(), before.buffers)) if x.tobytes() != held}  # noqa: B905
    generators = {name: g.bit_generator.state for name, g in model.named_generators()}
    return Changes(buffers, generators, attributes)


def take_changes(model: Module, changes: Changes) -> None:
    """Let a model be what its copy became."""
    modules, buffers, generators = dict(model.named_modules()), list(model.buffers()), dict(model.named_generators())
    for k, x in changes.buffers.items():
        buffers[k][...] = x
    for name, state in changes.generators.items():
        generators[name].bit_generator.state = state
    for name, new in changes.attributes.items():
        vars(modules[name]).update(new)


class PartGradients(NamedTuple):
    """What a worker found of some samples: means over them, gradients among them, and what was changed."""

    weight: float
    samples: int
    loss: float
    right: int | None
    gradients: list[np.ndarray | None]
    changes: Changes | None
    where: str = ""


def gradient_of(sent: bytes, first: bool, rows: tuple[Any, ...]) -> PartGradients:
    """The loop's own forward and backward pass over some rows; the penalty is added to the first of a batch's parts.

    Parts are averaged by their weights, in which the first's penalty, divided by its weight, becomes the batch's.
    """
    work = unpacked_work(sent)
    model, goal = work.model, work.goal if first else work.goal._replace(penalty=None)
    x, y, w = weighted_samples("fit", model, rows[0], rows[1], rows[2], work.loss)
    before = noted_state(model)
    loss, right = loss_and_gradients(goal, x, y, w)
    where = "" if math.isfinite(loss) else whence(model, goal, x, y, w)
    gradients = [p.grad for p in work.learning]
    return PartGradients(weight_of(x, w), len(x), loss, right, gradients, changes_since(before, model), where)


def averaged_parts(a: PartGradients, b: PartGradients) -> PartGradients:
    """Of two parts of a batch the means over both. They have changed nothing, or they would not be apart."""
    weight = a.weight + b.weight
    shares = a.weight / weight, b.weight / weight

    def mean(*pair: Any) -> Any:
        there = [u * share for u, share in zip(pair, shares, strict=True) if u is not None]
        return np.asarray(sum(there[1:], there[0])) if there else None

    return PartGradients(
        weight,
        a.samples + b.samples,
        a.loss * shares[0] + b.loss * shares[1],
        None if a.right is None or b.right is None else a.right + b.right,
        [mean(*pair) for pair in zip(a.gradients, b.gradients, strict=True)],
        None,
        a.where or b.where,
    )


def takes_apart(work: Work, rows: tuple[Any, ...]) -> bool:
    """Whether the loss of some samples is the mean over its parts, and taking it changes nothing but gradients.

    Where it is not, as with normalization over the batch, Dropout, or a loss of pairs, a batch has to be in one place.
    """
    n = len(rows[0])
    if n < 2 or all((row == rows[0][0]).all() for row in rows[0]):  # of which every part is as the whole
        return False
    with np.errstate(all="ignore"), mode(work.model, training=True):
        sent = packed_work(work._replace(goal=work.goal._replace(penalty=None)))
        try:
            whole = gradient_of(sent, True, rows)
            first, second = (
                gradient_of(sent, True, part) for part in mini_batches(rows, None, stretches(n, n // 2 + 1))
            )
            parts = averaged_parts(first, second)
        except ValueError:  # of a model that cannot take so few
            return False
    changes = whole.changes
    if changes is None or any(changes):
        return False
    pairs = [(np.asarray(whole.loss), np.asarray(parts.loss)), *zip(whole.gradients, parts.gradients, strict=True)]
    eps = max([np.finfo(a.dtype).eps for a, _ in pairs[1:] if a is not None], default=0.0)
    return all(a is b if a is None or b is None else nearly_equal(a, b, eps**0.5) for a, b in pairs)


def nearly_equal(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    """Whether two gradients differ by so much of their largest entry at most."""
    largest = max(np.max(np.abs(a), initial=0), np.max(np.abs(b), initial=0))
    return bool(np.all(np.abs(a - b) <= tolerance * largest))
