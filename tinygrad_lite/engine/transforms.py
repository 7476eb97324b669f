"""From functions to their derivatives: grad, vjp, jvp.

Each takes a function of arrays, or of nested tuples, lists and dicts of arrays, and nests to any order. The function is
called with Tensors. What comes back are plain arrays, or Tensors where it depends on something that requires a gradient
itself: a transform inside a transform, or a parameter outside.

Source: A. Griewank and A. Walther, "Evaluating Derivatives" (2nd ed., SIAM 2008), chapters 3 and 5.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..table.arrays import CONTINUOUS, ones_like, zeros_like
from ..table.complexes import conjugate
from ..table.ducks import handed_back
from ..table.elsewhere import at_hand
from ..table.leading import alone
from ..table.requests import stacklevel
from ..table.sharing import memory_of
from .graph import Node, leading_to, leaf, leaves
from .hooks import HOOKED
from .protocols import tracked
from .recording import recording, set_recording
from .refusals import attempted
from .sweep import after_hooks_of, sweep
from .tensor import Tensor, alias, check_differentiable, number_array, wrap
from .transformed import transformed
from .trees import Structure, flatten, leaves_in_order, paths, tree_map, unflatten
from .watching import Watch, changed, watch

Function = Callable[..., Any]


# ---------------------------------------------------------------------------------------------------------------------
# The linear maps of a recorded function


class Recorded:
    """What a function left on the tape: its outputs, and its Jacobian as a linear map.

    Attributes
    ----------
    what : the transform's name, for errors
    inputs, outputs : the containers of the arguments differentiated, and of the result
    variables, values : their leaves, as Tensors or plain
    aux : what the function returned beside
    nested : whether the derivative depends on more than the variables, and is recorded: something outside requires a
        gradient too
    relevant : the nodes between variables and values
    given : what the arrays given to differentiate held, which are the caller's
    names : for each variable, how one writes the way to it; none where nothing is to be said of it
    """

    def __init__(
        self, what: str, inputs: Structure, variables: list[Tensor], leaves_made: list[Node], result: Any, aux: Any
    ) -> None:
        self.what = what
        self.inputs = inputs
        self.variables = variables
        flat, self.outputs = flatten(result)
        self.values = [y if type(y) is Tensor else number_array(y) for y in flat]
        self.leaves = leaves_made
        self.targets = set(leaves_made)
        roots = {y._node for y in self.values if type(y) is Tensor and type(y._node) is Node}
        sources = {source for node in leaves_made for source, _, _ in node.pulls or ()}
        self.nested = recording.get() and bool(sources or leaves(roots, self.targets))
        self.relevant = leading_to(roots, self.targets)
        self.aux = tree_map(self.released, aux)
        self.given: list[Watch] = []
        self.names: Sequence[str] = ()

    def warn_of_zeros(self, each: bool = False) -> None:
        """Warn where the result depends on no argument, or not on each of them: more often a mistake than meant.

        Not where the function took derivatives itself: those of what is linear depend on nothing, and rightly so.
        """
        alone = [
            name
            for name, node, v in zip(self.names, self.leaves, self.variables, strict=False)
            if node not in self.relevant and v.size
        ]
        if alone and (each or len(alone) == len(self.names)):
            which = f"argument{'s' if len(alone) > 1 else ''} {', '.join(alone)}"
            warnings.warn(
                f"{self.what}: the result does not depend on {which}, so that the derivative there is zero. If it "
                "should depend on it, a value has left the graph (detach(), .data, numpy(), no_grad())",
                stacklevel=stacklevel(),
            )

    def value(self) -> Any:
        """The function's result, plain where nothing outside could want its gradient."""
        return unflatten(self.outputs, [self.released(y) for y in self.values])

    def released(self, y: Any) -> Any:
        return handed_back(y) if type(y) is not Tensor else y if self.nested and y.requires_grad else y.data

    def hooked(self) -> bool:
        """Whether hooks will be called."""
        return bool(HOOKED) and not self.relevant.isdisjoint(HOOKED)

    def one_at_a_time(self) -> bool:
        """Whether a backward pass takes one cotangent only: hooks and checks look at it, checkpoints run again."""
        return self.hooked() or any(
            bool(getattr(node.watched, "checks", ())) or (node.primitive is not None and alone in node.primitive.ways)
            for node in self.relevant
        )

    def pull(self, cotangents: Sequence[Any], *, record: bool | None = None, release: bool = False) -> list[Any]:
        """Jᵀ u: for cotangents of the outputs, or None, those of the inputs; recorded where that can matter."""
        self.check_given()
        # a hook may compute with what is differentiated outside
        through_hooks = record is None and recording.get() is not False and self.hooked()
        if record is None:
            record = self.nested or through_hooks or any(tracked([u]) for u in cotangents if type(u) is Tensor)
        seeds: dict[Node, Any] = {}
        for y, u in zip(self.values, cotangents, strict=True):
            if u is not None and type(y) is Tensor and type(y._node) is Node:
                node = y._node
                u = as_tensor(u) if record else u
                seeds[node] = seeds[node] + u if node in seeds else u
        with set_recording(record):
            lift = wrap if record else None
            found = sweep(seeds, self.targets, lift, release and not record, self.relevant)
            found = after_hooks_of(found, lift)
        if through_hooks and not self.nested:
            found = {node: g if leaves(node_set(g)) else plain_value(g) for node, g in found.items()}
        return [handed_out(found.get(node), v) for node, v in zip(self.leaves, self.variables, strict=True)]

    def check_given(self) -> None:
        """Raise RuntimeError if an array given to differentiate holds something else by now."""
        for seen in self.given:
            if seen.changed():
                raise changed(self.what, seen.array)


def record_function(
    what: str, function: Function, args: tuple[Any, ...], argnums: Sequence[int], has_aux: bool = False
) -> Recorded:
    """Run a function once, on variables in place of the arguments to differentiate.

    Parameters
    ----------
    what : the transform's name, for errors
    args : all arguments
    argnums : which of them to differentiate
    has_aux : the function returns a pair, (what to differentiate, anything else)
    """
    if not callable(function):
        raise TypeError(f"{what}: takes a function, not {function!r}")
    argnums = [argument_number(what, n, len(args)) for n in argnums]
    if len(set(argnums)) < len(argnums):
        raise ValueError(f"{what}: argnums names an argument twice")
    flat, inputs = flatten(tuple([args[n] for n in argnums]))
    names = paths(inputs, argnums)
    variables = [variable(x, f"{what}: argument {name}") for x, name in zip(flat, names, strict=True)]
    leaves_made = [v._node for v in variables if v._node is not None]  # before the function writes to any
    replaced = dict(zip(argnums, unflatten(inputs, variables), strict=True))
    given = [watch(x) for x in flat if type(x) is np.ndarray and x.dtype.kind != "O"]
    result, transforms = attempted(what, function, [replaced.get(n, x) for n, x in enumerate(args)], leaves_made)
    aux = None
    if has_aux:
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError(f"{what}: with has_aux=True the function must return a pair, got {type(result).__name__}")
        result, aux = result
    run = Recorded(what, inputs, variables, leaves_made, result, aux)
    run.given = given
    run.names = () if transforms else names
    retire(leaves_made)
    return run


def handed_out(g: Any, v: Tensor) -> Any:
    """A gradient for v: plain unless recorded, zeros where nothing depends on v, never shared with another's."""
    if g is None:
        return handed_back(zeros_like(v._value))
    if type(g) is Tensor:
        return g if g.requires_grad else g.data
    return handed_back(g.copy() if memory_of(g) is not None else g)


def retire(nodes: Sequence[Node]) -> None:
    """Mark leaves that a transform made for itself: once its function has run, nobody else can want their gradient."""
    for node in nodes:
        if node.primitive is None:
            node.role = "retired"


def argument_number(what: str, n: int, count: int) -> int:
    """The place of the n-th argument, counted from the end if n is negative."""
    if not -count <= n < count:
        raise ValueError(f"{what}: argnums asks for argument {n}, and the function was called with {count}")
    return n % count


def variable(x: Any, what: str) -> Tensor:
    """A fresh Tensor to differentiate with respect to; attached to ``x`` if that requires a gradient itself."""
    if type(x) is Tensor and tracked([x]):
        return alias(x)
    value = x._snapshot() if type(x) is Tensor else number_array(x)
    try:
        check_differentiable(value.dtype)
    except TypeError as error:
        raise TypeError(f"{what} cannot be differentiated. {error}") from None
    node = leaf(value, role="variable")
    node.name = x.name if type(x) is Tensor else None
    return wrap(value, node)


def as_tensor(x: Any) -> Tensor:
    """``x`` itself if it is a Tensor, else a constant one."""
    return x if type(x) is Tensor else Tensor(x)


def node_set(y: Any) -> set[Node]:
    """The node of a value, if it has one that a gradient flows to."""
    return {y._node} if type(y) is Tensor and type(y._node) is Node else set()


def plain_value(x: Any) -> Any:
    """A Tensor's value; an array itself."""
    return x._value if type(x) is Tensor else x


def numbers(argnums: int | Sequence[int]) -> tuple[int, ...]:
    """argnums as a tuple. Raises TypeError for what names no arguments."""
    given = (argnums,) if single(argnums) else argnums
    if not isinstance(given, (tuple, list, range, np.ndarray)) or not all(map(single, given)):
        raise TypeError(f"argnums: the number of an argument, or a tuple of several, not {argnums!r}")
    return tuple(given)


def single(argnums: int | Sequence[int]) -> bool:
    """Whether argnums names one argument by a number."""
    return isinstance(argnums, (int, np.integer))


def shaped(argnums: int | Sequence[int], per_argument: Any) -> Any:
    """One argument's result, or a tuple of results, as argnums was given."""
    return per_argument[0] if single(argnums) else tuple(per_argument)


def scalar_output(run: Recorded) -> Any:
    """The seed 1 for a function of one scalar output; raises TypeError for any other."""
    if len(run.values) != 1 or run.outputs.kind is not None or run.values[0].size != 1:
        got = ", ".join([str(y.shape) for y in run.values])
        raise TypeError(
            f"{run.what}: the function must return one number, it returned {len(run.values)} array(s) of shape {got}; "
            "reduce it, for instance with sum(), or use jacobian"
        )
    if run.values[0].dtype.kind == "c":
        raise TypeError(
            f"{run.what}: the function returned a complex number, which has no gradient: give its abs, real or imag; "
            "jacobian takes the complex derivative of a holomorphic function"
        )
    return ones_like(plain_value(run.values[0]))


# ---------------------------------------------------------------------------------------------------------------------
# Gradients


def value_and_grad(
    f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False, compute: bool = False
) -> Function:
    """A function that returns f's value and its gradient, computed together.

    The gradient by a complex argument z is ∂f/∂Re z + i ∂f/∂Im z, as PyTorch's: ``z - lr * gradient`` descends.

    Parameters
    ----------
    f : a function of arrays, or containers of arrays, with one number as result
    argnums : the argument to differentiate, or several
    has_aux : f returns (number, anything); the result is then ((number, anything), gradient)
    compute : of Dask arrays, compute the value and the gradient, at once; by default they are lazy, as all arrays of
        that library's. An optimizer that asks for numbers (``scipy.optimize.minimize(…, jac=True)``) takes it so

    Raises TypeError for arguments that are not floating-point, and where f does not return one number.

    >>> tl.value_and_grad(lambda x: (x * x).sum())(np.array([1.0, 2.0]))
    (np.float64(5.0), array([2., 4.]))
    """

    @transformed(value_and_grad, f, argnums=argnums, has_aux=has_aux, compute=compute)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        run = record_function("grad", lambda *a: f(*a, **kwargs), args, numbers(argnums), has_aux)
        seed = scalar_output(run)
        run.warn_of_zeros(each=True)
        pulled = [conjugate(g) for g in run.pull([seed], release=True)]
        grads = shaped(argnums, unflatten(run.inputs, pulled))
        result = ((run.value(), run.aux) if has_aux else run.value()), grads
        return computed(result) if compute else result

    return gradient


def computed(tree: Any) -> Any:
    """The same containers with NumPy's arrays in place of lazy ones."""
    found, structure = flatten(tree)
    return unflatten(structure, at_hand(found))


def grad(f: Function, argnums: int | Sequence[int] = 0, *, has_aux: bool = False, compute: bool = False) -> Function:
    """A function that returns the gradient of f: ∂f/∂x for each entry x of the argument, in the argument's containers.

    Parameters and errors as for :func:`value_and_grad`; with ``has_aux`` the result is (gradient, anything).

    >>> tl.grad(tl.grad(np.sin))(np.pi / 2)
    np.float64(-1.0)
    >>> tl.grad(lambda p: p["a"] * p["b"])({"a": 2.0, "b": 3.0})
    {'a': np.float64(3.0), 'b': np.float64(2.0)}
    """

    @transformed(grad, f, argnums=argnums, has_aux=has_aux, compute=compute)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, grads = both(*args, **kwargs)
        result = (grads, value[1]) if has_aux else grads
        return computed(result) if compute else result

    both = value_and_grad(f, argnums, has_aux=has_aux)
    return gradient


# ---------------------------------------------------------------------------------------------------------------------
# Jacobians as linear maps


def vjp(f: Function, *args: Any) -> tuple[Any, Function]:
    """f's value, and the function u ↦ Jᵀu that pulls a cotangent of the output back to the arguments.

    The pullback takes a cotangent in the containers and shapes of f's output, returns a tuple with an entry for each
    argument, and can be called any number of times. Complex numbers are not conjugated: of a holomorphic function it is
    u ↦ f′(z) u, of any Re Σ u dy = Re Σ Jᵀu dz; for a real argument the real part.

    >>> y, pullback = tl.vjp(lambda x: x * x, np.array([1.0, 2.0]))
    >>> pullback(np.array([1.0, 0.0]))
    (array([2., 0.]),)
    """
    run = record_function("vjp", f, args, range(len(args)))
    run.warn_of_zeros()

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        result: tuple[Any, ...] = unflatten(run.inputs, run.pull(matching(run, cotangent, "vjp")))
        return result

    return run.value(), pullback


def matching(run: Recorded, cotangent: Any, what: str) -> list[Any]:
    """A cotangent's leaves, checked against the outputs'."""
    flat = leaves_in_order(cotangent, run.outputs)
    if flat is None:
        raise ValueError(f"{what}: the cotangent must be in the same containers as the output")
    return [like(u, y, what) for u, y in zip(flat, run.values, strict=True)]


def like(u: Any, y: Any, what: str) -> Any:
    """A cotangent or tangent as an array of the shape and dtype of the value it belongs to."""
    u = u if type(u) is Tensor else number_array(u)
    if u.shape != y.shape:
        raise ValueError(f"{what}: a value of shape {y.shape} has a tangent or cotangent of that shape, got {u.shape}")
    return u if u.dtype == y.dtype or y.dtype.kind not in CONTINUOUS else u.astype(y.dtype)


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """f's value at the primals, and Jv: how it changes along the tangents.

    Forward mode without rules of its own: u ↦ Jᵀu is linear in u, and its transpose, found by the same reverse sweep,
    is v ↦ Jv.

    Parameters
    ----------
    primals, tangents : tuples of arguments and of directions, in the same containers and shapes

    >>> tl.jvp(np.sin, (0.0,), (2.0,))
    (np.float64(0.0), np.float64(2.0))
    """
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise TypeError("jvp: primals and tangents are tuples with one entry for each argument")
    run = record_function("jvp", f, tuple(primals), range(len(primals)))
    flat = leaves_in_order(tuple(tangents), run.inputs)
    if flat is None:
        raise ValueError("jvp: tangents must be in the same containers as primals")
    directions = [like(v, x, "jvp") for v, x in zip(flat, run.variables, strict=True)]
    push = Pushforward(run)
    return run.value(), unflatten(run.outputs, push(directions))


class Pushforward:
    """v ↦ Jv of a recorded function: the transpose of its pullback, recorded once."""

    def __init__(self, run: Recorded) -> None:
        if run.hooked():
            raise RuntimeError(
                f"{run.what}: a hook is registered on what the result depends on, and is a function of gradients, of "
                "which a forward derivative computes none. Remove it (handle.remove()), or take the vjp"
            )
        self.run = run
        self.dummies = [Tensor(handed_back(zeros_like(plain_value(y))), True) for y in run.values]
        self.pulled = run.pull(self.dummies, record=True)
        self.targets = {d._node for d in self.dummies if d._node is not None}
        retire([*self.targets])
        self.relevant = leading_to({p._node for p in self.pulled if type(p) is Tensor and p._node}, self.targets)

    def __call__(self, directions: Sequence[Any]) -> list[Any]:
        run = self.run
        record = run.nested or any(tracked([v]) for v in directions if type(v) is Tensor)
        seeds: dict[Node, Any] = {}
        for p, v in zip(self.pulled, directions, strict=True):
            if type(p) is Tensor and type(p._node) is Node:
                seeds[p._node] = seeds[p._node] + v if p._node in seeds else (as_tensor(v) if record else v)
        with set_recording(record):
            found = sweep(seeds, self.targets, wrap if record else None, relevant=self.relevant)
        return [handed_out(found.get(d._node), d) for d in self.dummies]  # type: ignore[arg-type]
