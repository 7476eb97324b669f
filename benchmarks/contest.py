"""What a task is made of: contestants, races between them, and what is compared in a race."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

OURS = "tinygrad_lite"
COMPILED = "compiled"
PURE = "compiled-pure"
BY_NUMPY = "compiled-numpy"
PYTORCH = ("torch-1", "torch-2")

LABELS = {
    "numpy": "NumPy by hand",
    "tinygrad_lite": "tinygrad_lite",
    "compiled": "compiled",
    "compiled-pure": "compiled, pure",
    "compiled-numpy": "compiled, NumPy",
    "torch": "PyTorch",
    "torch-1": "PyTorch, 1 thread",
    "torch-2": "PyTorch, 2 threads",
    "torch-lean-1": "PyTorch lean, 1 th",
    "torch-lean-2": "PyTorch lean, 2 th",
    "torch-1-vectorized": "PyTorch, 1, vmap",
    "torch-2-vectorized": "PyTorch, 2, vmap",
    "torch-1-jacrev": "PyTorch, 1, func",
    "torch-2-jacrev": "PyTorch, 2, func",
    "autograd": "HIPS autograd",
    "autograd-tuned": "HIPS, malloc keeps",
    "mygrad": "MyGrad",
    "mygrad-tuned": "MyGrad tuned",
    "micrograd": "micrograd",
    "jax": "JAX jit",
    "sklearn": "scikit-learn",
    "loop": "chunks in a loop",
}


class Contest(NamedTuple):
    """A contestant made ready: what it does again and again, and the numbers that show it does the right thing.

    Attributes
    ----------
    step : what is timed; or what measures itself and returns the figure
    answer : numbers that all contestants of a race must agree on
    per : the time is divided by this: operations, nodes
    measured : whether ``step`` returns the figure, rather than being timed
    """

    step: Callable[[], Any]
    answer: Sequence[float] = ()
    per: int = 1
    measured: bool = False


Build = Callable[[str], Contest]
"""Makes a contestant ready for a case; raises ImportError where its library is not installed."""


class Lane(NamedTuple):
    """A contestant in a case of a task: one worker process.

    ``checkout`` is the folder of another state of this project, whose package and benchmarks are run; "" is this one.
    """

    task: str
    contestant: str
    case: str
    checkout: str = ""


@dataclass(frozen=True)
class Comparison:
    """A row of the table: a figure of this library's, beside the best of some rivals'.

    Attributes
    ----------
    what : the row's name
    lane : ours
    rivals : the best median of these is the comparison; none: the figure stands alone
    target : the largest ratio that is good enough, or the largest figure where there is no rival; None: information
    label : what to call the rival, where its contestant's name does not say it
    """

    what: str
    lane: Lane
    rivals: tuple[Lane, ...] = ()
    target: float | None = None
    label: str | None = None


@dataclass(frozen=True)
class Race:
    """Lanes that take turns, and the rows that come of it.

    ``tolerance`` is the largest relative difference between answers.
    """

    title: str
    comparisons: tuple[Comparison, ...]
    unit: str = "s"
    tolerance: float = 1e-3

    @property
    def lanes(self) -> list[Lane]:
        """Every lane that a row needs, once."""
        return list(dict.fromkeys([lane for row in self.comparisons for lane in (row.lane, *row.rivals)]))


Rivals = Mapping[str | tuple[str, ...], float | None]


def against(task: str, case: str, what: str, rivals: Rivals, ours: str = OURS) -> tuple[Comparison, ...]:
    """Rows for one case: this library beside each rival, or the best of several, with the ratio to reach."""
    rows = []
    for rival, target in rivals.items():
        names = (rival,) if isinstance(rival, str) else rival
        lanes = tuple([Lane(task, name, case) for name in names])
        rows.append(Comparison(what, Lane(task, ours, case), lanes, target))
    return tuple(rows)
