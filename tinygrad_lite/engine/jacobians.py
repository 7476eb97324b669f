"""Jacobians and Hessians as arrays, and the Hessian times a vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..table.arrays import zeros_like
from ..table.complexes import conjugate
from ..table.ducks import handed_back
from .graph import Node
from .recording import set_recording
from .tensor import Tensor, wrap
from .together import sweep_together, unit_vectors
from .transformed import transformed
from .transforms import (
    Function,
    Pushforward,
    Recorded,
    as_tensor,
    grad,
    matching,
    numbers,
    plain_value,
    record_function,
    shaped,
    single,
)
from .trees import unflatten


def jacobian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that returns ∂yᵢ/∂xⱼ as an array of shape ``y.shape + x.shape``, in the containers of y, then of x.

    Backward, a row for each entry of y; or forward, a column for each entry of x, where those are fewer. One sweep
    carries all rows or columns, along an axis before all others, or as many of them as let no array on the way grow
    beyond 32 MB: each rule is called once for all, one that does not take such an axis once for each.

    There are two sweeps where entries are complex. Of a complex y by a complex x it is the complex derivative, and of a
    real y the gradient, as :func:`grad` gives it.

    Raises ValueError where a complex function of complex numbers is not holomorphic: it has no complex derivative.

    >>> tl.jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    >>> tl.jacobian(lambda z: z * z)(1.0 + 2.0j)
    array(2.+4.j)
    """

    @transformed(jacobian, f, argnums=argnums)
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        run = record_function("jacobian", lambda *a: f(*a, **kwargs), args, numbers(argnums))
        run.warn_of_zeros()
        return unflatten(run.outputs, [shaped(argnums, unflatten(run.inputs, row)) for row in blocks_of(run)])

    return jacobian_of


class LinearMap:
    """What sweeps back from one recorded value do, to many cotangents together: V ↦ V J.

    Attributes
    ----------
    y : the value to go back from
    ends, nodes : the Tensors to go back to, and their nodes
    record : whether the sweeps are recorded themselves
    """

    def __init__(self, y: Any, ends: Sequence[Tensor], nodes: Sequence[Node | None], record: Any) -> None:
        self.y = plain_value(y)
        self.ends = ends
        self.nodes = nodes
        self.record = record
        self.targets = {node for node in nodes if node is not None}
        self.root = y._node if type(y) is Tensor and type(y._node) is Node else None

    def __call__(self, cotangents: Any) -> list[Any]:
        """Of K cotangents, in the shape (K, *y's), those of each end."""
        assert self.root is not None
        with set_recording(self.record):
            g, lift = (as_tensor(cotangents), wrap) if self.record else (cotangents, None)
            found = sweep_together(self.root, g, self.targets, lift)
        return [
            plain_unless_recorded(found[node]) if node in found else zeros_like_each(x, len(cotangents))
            for x, node in zip(self.ends, self.nodes, strict=True)
        ]

    def of_units(self, of_some: Callable[[Any], list[Any]]) -> list[list[Any]]:
        """For each end, what a function that calls this map makes of y's unit vectors, as many as fit at a time."""
        if self.root is None:
            return [[] for _ in self.ends]
        parts = [of_some(units) for units in unit_vectors(self.y, self.root, self.targets)]
        return [[part[j] for part in parts] for j in range(len(self.ends))]


def plain_unless_recorded(d: Any) -> Any:
    """A derivative as it is handed out."""
    return d.data if type(d) is Tensor and not d.requires_grad else d


def zeros_like_each(x: Any, count: int) -> Any:
    """So many zeros in the shape of a value, along a leading axis."""
    return np.zeros((count, *x.shape)) + zeros_like(plain_value(x))


def blocks_of(run: Recorded) -> list[list[Any]]:
    """For each output, for each input, the block of the Jacobian: by rows or columns, of whichever there are fewer."""
    rows = sum([y.size for y in run.values])
    columns = sum([x.size for x in run.variables])
    single = run.one_at_a_time()
    if columns < rows and not single:
        return by_columns(run)
    run.check_given()
    return [rows_of(y, run, single) for y in run.values]


def rows_of(y: Any, run: Recorded, single: bool) -> list[Any]:
    """For each input, the block of one output."""
    back = LinearMap(y, run.variables, run.leaves, run.nested)
    carried = partial(each_by_itself, run, y) if single else back

    def rows(units: Any) -> list[Any]:
        if y.dtype.kind == "c":
            return [of_complex(a, b, y) for a, b in zip(carried(units), carried(units * 1j), strict=True)]
        return [conjugate(d) for d in carried(units)]

    return [assembled(parts, y, x, 0) for parts, x in zip(back.of_units(rows), run.variables, strict=True)]


def each_by_itself(run: Recorded, y: Any, cotangents: Any) -> list[Any]:
    """What cotangents of one output make, in a sweep each."""
    found = [run.pull([u if v is y else None for v in run.values]) for u in cotangents]
    return [np.stack(each) for each in zip(*found, strict=True)]


def of_complex(first: Any, turned: Any, other: Any) -> Any:
    """The complex derivative, from what the directions 1 and i give, many of each along a leading axis.

    Parameters
    ----------
    first, turned : A + B and i (A − B) of a map dz ↦ A dz + B dz̄; of a real output, or by a real input, its two parts
    other : what is not taken apart
    """
    if "c" not in (first.dtype.kind, turned.dtype.kind) or other.dtype.kind != "c":
        return first - 1j * turned if other.dtype.kind == "c" else first + 1j * turned
    holomorphic, rest = (first - 1j * turned) / 2, (first + 1j * turned) / 2
    axes = tuple(range(1, first.ndim))
    scale = np.abs(plain_value(holomorphic)).max(axis=axes, initial=0)
    if np.any(np.abs(plain_value(rest)).max(axis=axes, initial=0) > scale * np.finfo(scale.dtype).eps ** 0.5):
        raise ValueError(
            "jacobian: the function is not holomorphic (it depends on conj, abs, real or imag of its complex argument) "
            "and has no complex derivative; take real and imaginary parts as two real arguments and results"
        )
    return holomorphic


def by_columns(run: Recorded) -> list[list[Any]]:
    """For each output, for each input, the block of the Jacobian: sweeps through the pullback, many columns each."""
    push = Pushforward(run)
    blocks = [columns_of(p, x, push) for p, x in zip(push.pulled, run.variables, strict=True)]
    return [list(row) for row in zip(*blocks, strict=True)] if blocks else [[] for _ in run.values]


def columns_of(pulled: Any, x: Any, push: Pushforward) -> list[Any]:
    """For each output, the block of one input, given the input's pullback."""
    run = push.run
    forward = LinearMap(pulled, push.dummies, [d._node for d in push.dummies], run.nested)

    def columns(units: Any) -> list[Any]:
        if x.dtype.kind == "c":
            both = zip(forward(units), forward(units * 1j), run.values, strict=True)
            return [of_complex(a, b, y) for a, b, y in both]
        return forward(units)

    return [assembled(parts, y, x, y.ndim) for parts, y in zip(forward.of_units(columns), run.values, strict=True)]


def assembled(parts: list[Any], y: Any, x: Any, axis: int) -> Any:
    """Rows or columns, along the leading axis of some arrays, as a Jacobian of the shape ``y.shape + x.shape``.

    Parameters
    ----------
    axis : where that axis belongs
    """
    shape = (*y.shape, *x.shape)
    dtype = np.result_type(y.dtype, x.dtype) if y.dtype.kind == "c" else x.dtype
    if not parts:
        return np.zeros(shape, dtype)
    return handed_back(np.moveaxis(np.concatenate(parts), 0, axis).reshape(shape).astype(dtype, copy=False))


def hessian(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """A function that returns ∂²f/∂xᵢ∂xⱼ of f's one number, as an array of shape ``x.shape + x.shape``.

    The Jacobian of the gradient, which is recorded once: one sweep back through it carries all rows.

    >>> tl.hessian(lambda x: x[0] * x[0] * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    return jacobian(grad(f, argnums), argnums)


def hvp(f: Function, argnums: int = 0) -> Function:
    """A function of f's arguments and a direction v that returns H v, the Hessian times v, without forming H.

    Two sweeps: the gradient of ⟨∇f, v⟩. The argument order is that of SciPy's ``hessp(x, p)``.

    >>> tl.hvp(lambda x: (x**3).sum())(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    if not single(argnums):
        raise TypeError(f"hvp: argnums must be one number, got {argnums!r}")

    @transformed(hvp, f, argnums=argnums)
    def product(*args: Any, **kwargs: Any) -> Any:
        if len(args) < 2:
            raise TypeError("hvp: call it with the function's arguments and then the direction")
        *point, direction = args
        run = record_function("hvp", lambda *a: gradient(*a, **kwargs), tuple(point), (argnums,))
        result = run.pull([conjugate(v) for v in matching(run, direction, "hvp")])
        return unflatten(run.inputs, [conjugate(v) for v in result])[0]

    gradient = grad(f, argnums)
    return product
