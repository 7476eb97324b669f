"""The Tensor: a handle on a value and the node that made it. Operators, methods, and NumPy's protocols."""

from __future__ import annotations

import math
import operator
import reprlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from numbers import Rational
from sys import getrefcount
from typing import Any, Literal, NoReturn

import numpy as np

from ..table import complexes, elementwise, indexing, joining, products, shapes, sorting
from ..table.arrays import CONTINUOUS, PLAIN, ones_like
from ..table.complexes import conjugate
from ..table.ducks import DuckArray, duck, handed_back, kind_among
from ..table.foreign import Elsewhere
from ..table.habits import knowing_habits
from ..table.lists import holds_tensors, stacked
from ..table.parts import own_copy, reach
from ..table.primitive import Primitive
from ..table.requests import DETACHED, number_remedy, remedy, request, wording_of_number
from ..table.sharing import is_view, memory_of
from ..table.writers import Flat
from . import protocols
from .graph import NO_PARAMS, Constant, Node, leaf, vertex
from .hooks import RemovableHandle
from .methods import Methods
from .recording import recording
from .refusals import in_transform, refusal
from .sweep import accumulate, after_hooks_of, keep_gradient, sweep
from .watching import guarded, guarded_operand
from .writing import Place, become_leaf, borrow, give_out, leave, share, write

ndarray = np.ndarray
make = object.__new__
LONGEST_NAME = 1000


class Tensor(Methods, Elsewhere):
    """An array, or a number, whose use is recorded so that gradients can be taken.

    Parameters
    ----------
    data : array_like of numbers; an ndarray is taken as it is, without a copy. It is never written to; what the caller
        writes to it, the Tensor shows, and no gradient is made wrong by it
    requires_grad : whether to record what is computed from it; floating-point data only
    name : for drawings and messages

    Raises
    ------
    TypeError
        for data that are not numbers, or not floating-point numbers where a gradient is required

    >>> w = tl.Tensor([1.0, 2.0], requires_grad=True)
    >>> loss = (w * w).sum()
    >>> loss.backward()
    >>> w.grad
    array([2., 4.])
    """

    __slots__ = ("__weakref__", "_origin", "_place", "_value")

    _value: Any
    _origin: Node | Place | None
    _place: Place | None  # None where nothing shares the memory

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """A number's kind, where there are no axes: ``isinstance(t, float)``, ``np.isscalar(t)`` as of NumPy's scalars.

        ``type(t)`` is Tensor, always.
        """
        kind = type(self._value)
        return Tensor if kind is ndarray else NUMBER_KINDS.get(kind) or number_kind(self._value)

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("Tensor cannot be subclassed: operations would give plain Tensors; hold one as an attribute")

    def __init__(self, data: Any, requires_grad: bool = False, name: str | None = None) -> None:
        self._value = value = number_array(data)
        self._origin = self._place = None
        if requires_grad:
            self.requires_grad = True
        if name is not None:
            self.name = name
        if (
            type(value) is ndarray and value is data and (value.base is not None or getrefcount(value) > GIVEN_AWAY)
        ) or (type(value) is DuckArray and memory_of(value) is not None):
            borrow(self)

    # -- what it is ---------------------------------------------------------------------------------------------------

    @property
    def _node(self) -> Node | None:
        """What made the present value."""
        origin = self._origin
        return origin.node() if type(origin) is Place else origin  # type: ignore[return-value]

    @property
    def data(self) -> Any:
        """The value: an ndarray, or a NumPy scalar where there are no axes.

        What is written to it is not recorded, and makes no gradient wrong: an array that
        a graph has saved is given out as a copy, and of one that was given out graphs save copies.
        """
        if type(self._value) is ndarray or memory_of(self._value) is not None:
            give_out(self)
        value = self._value
        return handed_back(value) if type(value) is not ndarray else value if value.shape else value[()]

    @data.setter
    def data(self, data: Any) -> None:
        if data is handed_back(self._value):  # tensor.data -= step, after which nobody has it any more
            if getrefcount(data) == GIVEN_BACK and type(self._origin) is Place:
                self._origin.storage.take_back()
            return
        if not self.is_leaf:
            raise ValueError(f"data: only a leaf's value can be replaced; this Tensor is the output of {self.made_by}")
        new = number_array(data)
        if new.shape != self._value.shape:
            raise ValueError(f"data: a value of shape {self._value.shape} cannot be replaced by one of {new.shape}")
        leave(self)
        self._value = value = new.astype(self._value.dtype, copy=False)
        if value is data or (type(value) is DuckArray and memory_of(value) is not None):
            borrow(self)

    @property
    def grad(self) -> Any:
        """The gradient accumulated by ``backward``: an ndarray of the leaf's shape and dtype, or None."""
        node = self._node
        return None if node is None else node.grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        node = self._node
        if type(node) is not Node:
            raise ValueError("grad: this Tensor requires no gradient; create it with requires_grad=True")
        if grad is not None:
            grad = duck(grad)
            grad = handed_back(
                grad.astype(self.dtype, copy=False) if type(grad) is DuckArray else np.asarray(grad, dtype=self.dtype)
            )
            if grad.shape != self.shape:
                raise ValueError(f"grad: a Tensor of shape {self.shape} has no gradient of shape {grad.shape}")
        node.grad = grad

    @property
    def requires_grad(self) -> bool:
        """Whether operations on it are recorded. Can be set on leaves."""
        return type(self._node) is Node

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        if bool(requires_grad) == self.requires_grad:
            return
        if not self.is_leaf:
            raise ValueError(f"requires_grad: this Tensor is the output of {self.made_by}; detach() gives a constant")
        if requires_grad:
            check_differentiable(self.dtype)
        name = self.name
        become_leaf(self)
        self._origin = leaf(self._value) if requires_grad else None
        if name is not None:
            self.name = name

    @property
    def is_leaf(self) -> bool:
        """Whether nothing computed it, or nothing that was recorded."""
        return self._node is None or self._node.primitive is None

    @property
    def name(self) -> str | None:
        """A name for drawings and messages."""
        return None if self._node is None else self._node.name

    @name.setter
    def name(self, name: str | None) -> None:
        if name is not None and (not isinstance(name, str) or len(name) > LONGEST_NAME):
            raise TypeError(f"name: a text of at most {LONGEST_NAME} characters, not {reprlib.repr(name)}")
        node_of(self).name = name

    @property
    def made_by(self) -> str | None:
        """The name of the primitive that computed it; None for a leaf."""
        return None if self._node is None or self._node.primitive is None else self._node.primitive.name

    @property
    def shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = self._value.shape
        return shape

    @shape.setter
    def shape(self, shape: Any) -> NoReturn:
        raise AttributeError(f"shape: a Tensor keeps its own; t = t.reshape({shape}) has another, and the same memory")

    @property
    def ndim(self) -> int:
        return len(self._value.shape)

    @property
    def size(self) -> int:
        size: int = self._value.size
        return size

    @property
    def dtype(self) -> np.dtype[Any]:
        dtype: np.dtype[Any] = self._value.dtype
        return dtype

    @property
    def T(self) -> Tensor:
        """All axes reversed."""
        return unary(shapes.transpose_p, self, {"axes": shapes.REVERSED[len(self._value.shape)]})

    @property
    def mT(self) -> Tensor:
        """The last two axes exchanged."""
        transposed: Tensor = shapes.matrix_transpose(self)
        return transposed

    # -- leaving the graph --------------------------------------------------------------------------------------------

    def numpy(self) -> np.ndarray:
        """The value as an ndarray that shares its memory; it leaves the graph here, as the caller asked."""
        return np.asarray(self.data if type(self._value) is not DuckArray else self._value)

    def detach(self) -> Tensor:
        """A constant Tensor of the same value: gradients stop here. Writing to one of them leaves the other alone."""
        return wrap(self._snapshot(), None)

    def _snapshot(self) -> Any:
        """The value as it is now, whatever will be written."""
        return own_copy(self._value) if type(self._origin) is Place else self._value

    def item(self) -> Any:
        """The one entry as a Python number."""
        if self._value.size != 1:
            raise ValueError(f"item: needs exactly one entry, this Tensor has shape {self.shape}")
        self._refuse_numbers("item()")
        return self._value.item()

    def tolist(self) -> Any:
        """The entries as nested lists of Python numbers."""
        self._refuse_numbers("tolist()")
        return self._value.tolist()

    def _refuse_numbers(self, what: str) -> None:
        """Within a transform, no number leaves the graph by accident."""
        if self.requires_grad and in_transform([self._node]):
            protocols.refuse_leaving(
                [self],
                what,
                "makes constants of numbers",
                f"The Tensor itself, computed with as it is, keeps it; {DETACHED}, as in t.detach().{what}",
            )

    def astype(
        self,
        dtype: Any,
        order: str = "K",
        casting: Any = "unsafe",
        subok: bool = True,  # noqa: ARG002
        copy: bool = True,
    ) -> Tensor:
        """The values in another dtype. Floats stay on the graph; integers and booleans have no gradient to lose."""
        new = np.dtype(dtype)
        if casting != "unsafe" or order != "K":
            joining.converted("astype", [self], new, casting)
            y = self.astype(new, copy=copy)
            return y if order == "K" or y.flags[f"{order}_CONTIGUOUS"] else y.copy(order)  # type: ignore[arg-type]
        if new.kind not in CONTINUOUS:
            return wrap(self._value.astype(new), None)
        return (
            (self.copy("K") if copy else self)
            if new == self.dtype
            else record(shapes.astype_p, (self,), {"dtype": new})
        )

    def copy(self, order: Literal["C", "F", "A", "K"] = "C") -> Tensor:
        """An array of its own with the same values, laid out as ndarray's ``copy``; the gradient passes through."""
        flags = self._value.flags
        laid_out = order == "K" or (flags.f_contiguous if order == "F" else flags.c_contiguous)
        if type(self._origin) is not Place and ((laid_out and flags.writeable) or not self.shape):
            return record(shapes.identity_p, (self,))  # nothing is copied before it must be
        return record(shapes.copy_p, (self,), {"order": order})

    def flatten(self, order: str = "C") -> Tensor:
        """All entries in one axis, as an array of its own."""
        entries: Tensor = shapes.ravel(self, order)
        return entries.copy()

    def fill(self, value: Any) -> None:
        """Every entry the same, in place."""
        self[...] = value

    def sort(self, axis: int = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None) -> None:
        """Entries put in order along an axis, in place; each takes its gradient along."""
        self[...] = sorting.sort(self, axis, kind=kind, order=order, stable=stable)

    def partition(self, kth: Any, axis: int = -1, kind: Any = "introselect", order: Any = None) -> None:
        """Entries put before and after the kth along an axis, in place; each takes its gradient along."""
        self[...] = sorting.partition(self, kth, axis, kind, order)

    @property
    def flat(self) -> Flat:
        """All entries in one line, to read, to write and to go through, as ndarray's."""
        return Flat(self)

    @flat.setter
    def flat(self, value: Any) -> None:
        if type(value) is Tensor and self.flags.f_contiguous and not value.flags.f_contiguous:
            value = value.copy()  # as NumPy does; otherwise it reads what it has written
        self.flat[:] = value

    @property
    def flags(self) -> Any:
        """How the value lies in memory, as ndarray's."""
        value = self._value
        return value.flags if type(value) is DuckArray else np.asarray(value).flags

    @property
    def real(self) -> Tensor:
        """The real part: of real numbers the array itself, to read and write; of complex ones to read."""
        part: Tensor = complexes.real(self)
        return self[...] if part is self else part

    @real.setter
    def real(self, value: Any) -> None:
        self[...] = value if self.dtype.kind != "c" else value + 1j * self.imag

    @property
    def imag(self) -> Tensor:
        """The imaginary part, to read; ``t.imag = v`` writes it."""
        part: Tensor = complexes.imag(self)
        return part

    @imag.setter
    def imag(self, value: Any) -> None:
        if self.dtype.kind != "c":
            raise TypeError("imag: real numbers have no imaginary part to be set")
        self[...] = self.real + 1j * value

    def zero_grad(self) -> None:
        """Forget the gradient accumulated so far."""
        if self._node is not None:
            self._node.grad = None

    # -- gradients ----------------------------------------------------------------------------------------------------

    @partial(knowing_habits, name="backward", first=1)
    def backward(self, gradient: Any = None, *, retain_graph: bool = False) -> None:
        """Add this Tensor's gradient with respect to every leaf to that leaf's ``grad``.

        Parameters
        ----------
        gradient : the gradient v by this Tensor, of its shape, in vᵀ ∂self/∂leaf; 1 if this Tensor has one entry. By
            complex numbers it is the conjugate of the cotangent, here and in ``grad``
        retain_graph : keep what the graph saved, for another backward pass through it

        Raises RuntimeError where no gradient is required or the graph was released, ValueError for a gradient that is
        needed and missing or has another shape. ``grad`` of any leaf is then as it was.

        >>> x = tl.tensor([1.0, 2.0], requires_grad=True)
        >>> np.exp(x).backward(np.array([1.0, 0.0]))
        >>> x.grad
        array([2.71828183, 0.        ])
        """
        node = self._node
        if type(node) is not Node:
            raise RuntimeError(
                "backward: nothing was recorded for this Tensor: none of its inputs has requires_grad=True, "
                "or it was computed under no_grad()"
            )
        if gradient is None:
            if self.dtype.kind == "c":
                raise ValueError(
                    "backward: a complex number has no gradient; take its abs, real or imag, or pass its gradient"
                )
            if self._value.size != 1:
                raise ValueError(
                    f"backward: a Tensor of shape {self.shape} has no single gradient; "
                    "reduce it to a scalar, for instance with sum(), or pass the gradient of its shape"
                )
            g = ones_like(self._value)
        else:
            g = conjugate(cotangent_like(gradient, node))
        visit = keep_gradient if hasattr(node, "kept") else None
        accumulate(after_hooks_of(sweep({node: g}, release=not retain_graph, visit=visit)))

    def register_hook(self, hook: Callable[[Any], Any]) -> RemovableHandle:
        """Call a function with this Tensor's gradient whenever a backward pass, or a transform, has computed it.

        The hook gets the whole gradient, the sum over all uses, in the convention of ``grad`` (of complex numbers,
        conjugated), and may return another of its shape and dtype, which takes its place from here on. Several are
        called in turn. ``backward`` gives it an ndarray, which is read-only; where the gradient may be differentiated
        again, it is a Tensor, and what is computed from it is recorded. Forward derivatives (``jvp``) know no
        gradients, and refuse.

        It belongs to the value that the Tensor has now: after a write (``t[i] = v``) the Tensor is another value, and
        the hook sees the gradient by what was there before. A copy or a pickle takes no hook along.

        Returns a handle; ``handle.remove()`` ends it, and so does ``with t.register_hook(hook):`` after the block.

        Raises RuntimeError where no gradient is required; when called, ValueError for a result that does not fit.

        >>> x = tl.tensor([3.0, 4.0], requires_grad=True)
        >>> handle = x.register_hook(lambda g: g / np.linalg.norm(g))
        >>> (x * x).sum().backward()
        >>> x.grad
        array([0.6, 0.8])
        """
        node = self._node
        if type(node) is not Node:
            raise RuntimeError(
                "register_hook: this Tensor requires no gradient, so that no backward pass computes one; create it "
                "with requires_grad=True, or register the hook on what is computed from one that does"
            )
        return RemovableHandle(node, hook)

    # -- operators ----------------------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> Tensor:
        return binary(elementwise.add, self, other)

    def __radd__(self, other: Any) -> Tensor:
        return binary(elementwise.add, other, self)

    def __sub__(self, other: Any) -> Tensor:
        return binary(elementwise.subtract, self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return binary(elementwise.subtract, other, self)

    def __mul__(self, other: Any) -> Tensor:
        return binary(elementwise.multiply, self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return binary(elementwise.multiply, other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return binary(elementwise.divide, self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return binary(elementwise.divide, other, self)

    def __floordiv__(self, other: Any) -> Tensor:
        return binary(elementwise.floor_divide, self, other)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return binary(elementwise.floor_divide, other, self)

    def __mod__(self, other: Any) -> Tensor:
        return binary(elementwise.remainder, self, other)

    def __rmod__(self, other: Any) -> Tensor:
        return binary(elementwise.remainder, other, self)

    def __divmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Tensor, Tensor]:
        return other // self, other % self

    def __pow__(self, other: Any) -> Tensor:
        return binary(elementwise.power, self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return binary(elementwise.power, other, self)

    def __matmul__(self, other: Any) -> Tensor:
        return binary(products.matmul, self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return binary(products.matmul, other, self)

    def __neg__(self) -> Tensor:
        return unary(elementwise.negative, self)

    def __pos__(self) -> Tensor:
        return unary(elementwise.positive, self)

    def __abs__(self) -> Tensor:
        return unary(elementwise.absolute, self)

    def __round__(self, decimals: int = 0) -> Tensor:
        rounded: Tensor = elementwise.round(self, decimals)
        return rounded

    # comparisons have no derivative: they give plain arrays
    def __eq__(self, other: Any) -> Any:
        return compare(operator.eq, self, other)

    def __ne__(self, other: Any) -> Any:
        return compare(operator.ne, self, other)

    def __lt__(self, other: Any) -> Any:
        return compare(operator.lt, self, other)

    def __le__(self, other: Any) -> Any:
        return compare(operator.le, self, other)

    def __gt__(self, other: Any) -> Any:
        return compare(operator.gt, self, other)

    def __ge__(self, other: Any) -> Any:
        return compare(operator.ge, self, other)

    __hash__ = object.__hash__

    def __getitem__(self, index: Any) -> Tensor:
        if names_entry(index, self._value):
            return read_entry(self, index)
        return unary(indexing.getitem_p, self, {"index": indexing.plain_index(index)})

    def __setitem__(self, index: Any, value: Any) -> None:
        write_into(self, index, value, "setitem")

    def __iadd__(self, other: Any) -> Tensor:
        return in_place(elementwise.add, self, other)

    def __isub__(self, other: Any) -> Tensor:
        return in_place(elementwise.subtract, self, other)

    def __imul__(self, other: Any) -> Tensor:
        return in_place(elementwise.multiply, self, other)

    def __itruediv__(self, other: Any) -> Tensor:
        return in_place(elementwise.divide, self, other)

    def __ifloordiv__(self, other: Any) -> Tensor:
        return in_place(elementwise.floor_divide, self, other)

    def __imod__(self, other: Any) -> Tensor:
        return in_place(elementwise.remainder, self, other)

    def __ipow__(self, other: Any) -> Tensor:
        return in_place(elementwise.power, self, other)

    def __imatmul__(self, other: Any) -> Tensor:
        return in_place(products.matmul, self, other)

    # of whole numbers and truth values, which have no derivative
    def __iand__(self, other: Any) -> Tensor:
        return bitwise_in_place(np.bitwise_and, self, other)

    def __ior__(self, other: Any) -> Tensor:
        return bitwise_in_place(np.bitwise_or, self, other)

    def __ixor__(self, other: Any) -> Tensor:
        return bitwise_in_place(np.bitwise_xor, self, other)

    def __ilshift__(self, other: Any) -> Tensor:
        return bitwise_in_place(np.left_shift, self, other)

    def __irshift__(self, other: Any) -> Tensor:
        return bitwise_in_place(np.right_shift, self, other)

    def __len__(self) -> int:
        if not self._value.shape:
            raise TypeError("len: this Tensor is a single number, it has no length")
        return len(self._value)

    def __iter__(self) -> Iterator[Tensor]:
        if not self._value.shape:
            raise TypeError("iter: this Tensor is a single number, it cannot be iterated over")
        return (self[i] for i in range(len(self._value)))

    def __contains__(self, x: Any) -> bool:
        return bool(np.any(self == x))

    def __bool__(self) -> bool:
        return bool(self._value)

    def __float__(self) -> float:
        return float(self._as_number("float"))

    def __int__(self) -> int:
        return int(self._as_number("int"))

    def __complex__(self) -> complex:
        return complex(self._as_number("complex"))

    def __index__(self) -> int:
        return operator.index(self._value)

    def __floor__(self) -> int:
        whole: int = math.floor(self._value)
        return whole

    def __ceil__(self) -> int:
        whole: int = math.ceil(self._value)
        return whole

    def __trunc__(self) -> int:
        whole: int = math.trunc(self._value)
        return whole

    def _as_number(self, kind: str) -> Any:
        if self._value.size != 1:
            raise TypeError(f"{kind}: only a Tensor of one entry is a number, this one has shape {self.shape}")
        if protocols.tracked([self]):  # array[0] = t and math.exp(t) come this way too
            asked = request()
            is_told = asked.assigns or (asked.function is not None and asked.function not in (float, int, complex))
            protocols.refuse_leaving(
                [self],
                wording_of_number(asked, kind),
                "makes a constant of a number",
                remedy(asked) if is_told else number_remedy(kind),
            )
        return self._value.item()

    # -- text, copies -------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        value = self._value
        is_elsewhere = type(value) is DuckArray  # whose numbers may have to be computed first
        text = repr(value) if is_elsewhere else np.array2string(np.asarray(value), separator=", ", prefix="Tensor(")
        facts = [] if self.dtype in (np.float64, np.int64, np.bool) else [f"dtype={self.dtype}"]
        if not self.size and self.shape != (0,):
            facts.append(f"shape={self.shape}")
        if self.name is not None:
            facts.append(f"name={self.name!r}")
        if not self.is_leaf:
            facts.append(f"made_by={self.made_by!r}")
        elif self.requires_grad:
            facts.append("requires_grad=True")
        return f"Tensor({', '.join([text, *facts])})"

    def __format__(self, spec: str) -> str:
        return format(self._value.item(), spec) if spec and self.size == 1 else format(str(self), spec)

    def __copy__(self) -> Tensor:
        return wrap(self._snapshot(), self._node)

    def __dask_tokenize__(self) -> Any:
        """What Dask's own functions ask of what they take for numbers; leaves, as parameters are, travel to workers."""
        if not self.is_leaf or (self._node is not None and self._node.role == "variable"):
            protocols.refuse_leaving([self], "a function of Dask's own", out=protocols.OF_DASK)
        from dask.base import normalize_token

        return type(self).__name__, normalize_token(self.data), self.requires_grad

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        build, arguments = self.__reduce__()
        value, *rest, grad = arguments
        copy: Tensor = build(value.copy(), *rest, None if grad is None else grad.copy())
        memo[id(self)] = copy
        return copy

    def __reduce__(self) -> tuple[Callable[..., Tensor], tuple[Any, ...]]:
        if not self.is_leaf or (self._node is not None and self._node.role == "variable"):
            what = f"the output of {self.made_by}" if self.made_by else "a transform's variable"
            raise TypeError(
                f"copying or pickling: this Tensor is {what}, and a copy would not be on its graph; detach() it first"
            )
        return restored, (self.data, self.requires_grad, self.name, self.grad)

    # -- NumPy's protocols --------------------------------------------------------------------------------------------

    __array__ = protocols.array
    __array_ufunc__ = protocols.array_ufunc
    __array_function__ = protocols.array_function

    @staticmethod
    def __record__(primitive: Primitive, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Tensor:
        """How a primitive, called with a Tensor among its arguments, is recorded."""
        for name, value in params.items():
            if type(value) is Tensor:
                params = {**params, name: protocols.constant(value, primitive.name, name)}
        if primitive.arity == 1 and type(inputs[0]) is Tensor:
            return unary(primitive, inputs[0], params)
        if primitive.arity == 2 and not params and primitive.plain is None:  # else asks where the inputs live
            y = binary(primitive, *inputs)
            if y is NotImplemented and any(map(protocols.is_foreign, inputs)):
                y = record(primitive, inputs)  # a function was called, no operator of theirs: their values are meant
            if y is NotImplemented:
                kinds = " and ".join([type(x).__name__ for x in inputs])
                raise TypeError(f"{primitive.name}: takes arrays, Tensors and numbers; got {kinds}")
            return y
        return record(primitive, inputs, params)


NUMBER_KINDS = {
    kind: type("Tensor", (kind,), {"__doc__": "What a Tensor without axes passes for.", "__slots__": ()})
    for kind in (np.float64, np.float32, np.float16, np.int64, np.int32, np.complex128, np.complex64)
}


def number_kind(value: Any) -> Any:
    """What a Tensor passes for whose value is neither an ndarray nor one of these numbers."""
    return NUMBER_KINDS.get(value.held.__class__, Tensor) if type(value) is DuckArray else Tensor


# ---------------------------------------------------------------------------------------------------------------------
# Making Tensors


@knowing_habits
def tensor(data: Any, *, dtype: Any = None, requires_grad: bool = False, name: str | None = None) -> Tensor:
    """A Tensor of a copy of the data, optionally in another dtype; otherwise as :class:`Tensor`.

    >>> tl.tensor([1, 2], dtype=np.float32, requires_grad=True)
    Tensor([1., 2.], dtype=float32, requires_grad=True)
    """
    value = number_array(data)
    if type(value) is DuckArray:
        return Tensor(value.astype(dtype or value.dtype).held, requires_grad, name)
    return Tensor(np.array(value, dtype=dtype or value.dtype), requires_grad, name)


def count_given_away() -> int:
    """What getrefcount says within a constructor of an array that its caller keeps no name for."""

    class Constructed:
        def __init__(self, data: Any) -> None:
            self.value = value = data
            self.count = getrefcount(value)

    return Constructed(np.empty(1)).count


GIVEN_AWAY = count_given_away()


def count_given_back() -> int:
    """What getrefcount says in a setter of an array that is changed in place and that nobody else has.

    One reference each from a Tensor and the storage of its memory.
    """

    class ChangedInPlace:
        def __init__(self) -> None:
            self.held = [np.empty(1)] * 2

        @property
        def data(self) -> Any:
            return self.held[0]

        @data.setter
        def data(self, data: Any) -> None:
            self.count = getrefcount(data)

    probe = ChangedInPlace()
    probe.data -= 0.0
    return probe.count


GIVEN_BACK = count_given_back()


def restored(value: Any, requires_grad: bool, name: str | None, grad: Any) -> Tensor:
    """A leaf from what pickling kept of it."""
    new = Tensor(value, requires_grad, name)
    if grad is not None:
        new._node.grad = grad  # type: ignore[union-attr]
    return new


def number_array(data: Any) -> Any:
    """``data`` as an ndarray of numbers; a NumPy scalar where there are no axes."""
    if type(data) is Tensor:
        protocols.refuse_leaving([data], "Tensor()")
        data = data._value
    if isinstance(data, (np.ma.MaskedArray, np.matrix)):
        raise refusal(
            "a masked array cannot be a Tensor, its mask would be lost; use filled() and a mask in tl.where"
            if isinstance(data, np.ma.MaskedArray)
            else "a np.matrix cannot be a Tensor, whose * is entry by entry: use np.asarray(m), and @ for the product",
            (),
        )
    if type(data) is not ndarray and type(data := duck(data)) is DuckArray:
        return data if data.shape or not data.kind.writable else data[()]
    value = np.asarray(data)
    if value.dtype.kind not in "biufc" and not (value.dtype == object and all(map(is_number, value.flat))):
        dense = "; its toarray() is an array of them" if hasattr(data, "toarray") else ""
        raise refusal(f"a Tensor holds numbers; got {value.dtype}, from {type(data).__name__}{dense}", ())
    return value if value.ndim else value[()]


def is_number(x: Any) -> bool:
    """Whether an object can stand for a number: symbols can, and fractions."""
    return hasattr(type(x), "__float__")


def check_differentiable(dtype: np.dtype[Any]) -> None:
    """Raise TypeError unless numbers of this dtype can change by a little."""
    if dtype.kind not in CONTINUOUS:
        raise TypeError(
            f"requires_grad: only floating-point numbers have gradients, and these are {dtype}, which cannot change by "
            "a little; convert them first, for instance with astype(float)"
        )


def wrap(value: Any, node: Node | None) -> Tensor:
    """A Tensor of a value and its node, unchecked."""
    new: Tensor = make(Tensor)
    new._value = value
    new._origin = node
    new._place = None
    return new


def alias(x: Tensor) -> Tensor:
    """The same value at a new node, so that a derivative with respect to it is not one with respect to ``x``."""
    return record(shapes.identity_p, (x,))


def node_of(x: Any) -> Any:
    """What stands for an operand in the graph: its node, made now for a constant; a plain number itself."""
    if type(x) is Tensor:
        origin = x._origin
        if type(origin) is Place:
            if origin.node() is None:
                origin.made = leaf(x._value, Constant)
            return origin.made
        if origin is None:
            x._origin = leaf(x._value, Constant)
        return x._origin
    return leaf(x, Constant) if type(x) is ndarray else x


def cotangent_like(gradient: Any, node: Node) -> Any:
    """A gradient given by the user, as an array of the node's shape and dtype."""
    if type(gradient) is Tensor:
        protocols.refuse_leaving([gradient], "backward(gradient)", "is not recorded (tl.vjp is)")
    g = gradient._value if type(gradient) is Tensor else number_array(gradient)
    if g.shape != node.shape:
        raise ValueError(f"backward: the output has shape {node.shape}, its gradient must too; got {g.shape}")
    return g if g.dtype == node.dtype else g.astype(node.dtype)


# ---------------------------------------------------------------------------------------------------------------------
# Recording


def operand(x: Any, beside: Any = None) -> Any:
    """An operand as NumPy's operators take it: an array, a NumPy scalar or a Python number; a Tensor of a list of them.

    A fraction beside floats is a float: NumPy would make Python objects of them all.
    """
    if type(x) in PLAIN:
        return x
    if issubclass(type(x), (np.generic, int, float)) or x.__class__ in (int, float):  # also what stands for a number
        return x
    if type(x) is complex and (beside is None or beside.dtype != object):
        # no array's kind of number, which complex(…) * np.float64(…) gives, but as narrow as the other operand
        return (np.complex128 if beside is None else np.result_type(beside.dtype, x).type)(x)
    if isinstance(x, (list, tuple)) and holds_tensors(x):
        return stacked(x)
    if (
        isinstance(x, Rational)
        and not isinstance(x, (int, np.integer))
        and beside is not None
        and beside.dtype != object
    ):
        return float(x)
    return number_array(x)


def record(primitive: Primitive, inputs: tuple[Any, ...], params: Mapping[str, Any] = NO_PARAMS) -> Tensor:
    """Compute a primitive and, if an input requires a gradient, leave a node behind."""
    nodes: list[Any] = []
    found: list[Any] = []
    is_tracked = is_elsewhere = is_at_risk = False
    for x in inputs:
        if type(x) is Tensor:
            node = x._origin
            if type(node) is Place:
                node.storage.settle()
                is_at_risk = is_at_risk or type(x._origin) is Place
                node = x._node
            if type(node) is Node:
                is_tracked = True
            v = x._value
        else:
            node, v = None, operand(x)
            is_at_risk = is_at_risk or type(v) is ndarray or type(v) is DuckArray
        is_elsewhere = is_elsewhere or type(v) is DuckArray
        nodes.append(node)
        found.append(v)
    values = tuple(found)
    try:
        if is_elsewhere:
            y, params = evaluated(primitive, values, params)
        else:
            y = primitive.forward(*values, **params)
    except (TypeError, ValueError, IndexError) as error:
        raise explained(error, primitive, values) from error
    remembered: Any = ()
    if primitive.remembers:
        y, *remembered = y
    sees_memory = False
    if type(y) is ndarray:
        sees_memory = primitive.view and is_view(y, values[0])
        if not y.ndim and not sees_memory:
            y = y[()]
        elif y is values[0] or (y.base is not None and not primitive.view):
            for x, v in zip(inputs, values, strict=True):
                if type(x) is Tensor and type(x._origin) is Place and (y is v or is_view(y, v)):
                    y = y.copy()  # the same values now, whatever is written later
                    sees_memory = False
                    break
    elif type(y) is DuckArray and memory_of(y) is not None:
        sees_memory = primitive.view and is_view(y, values[0])
        for x, v in zip(inputs, values, strict=True):
            is_same = memory_of(y) is memory_of(v)
            if type(x) is Tensor and type(x._origin) is Place and (is_same or (not primitive.view and is_view(y, v))):
                y = y.copy()
                sees_memory = False
                break
    new = wrap(y, None)
    if is_tracked and (on := recording.get()):
        known = primitive.known(y, values, params, remembered)
        pulls: Any = []
        for i, node in enumerate(nodes):
            if type(node) is Node:
                rule, _, pick = primitive.pulls[0 if primitive.variadic else i]
                pulls.append((node, rule, pick((*known, i) if primitive.variadic else known)))
            elif node is None:
                nodes[i] = node_of(inputs[i])
        for name, v in params.items():
            is_at_risk = is_at_risk or (type(v) is ndarray and name not in primitive.fresh)
        written, risks = exposures(primitive, inputs, values, params) if is_at_risk else ((), ())
        watched = None
        if written or risks:
            pulls, watched = guarded(pulls, written, risks)
        new._origin = node = vertex(primitive, tuple(nodes), params, tuple(pulls), y.shape, y.dtype)
        node.watched = watched
        if on is not True:
            on.keep(node, values, y, (*written, *risks))
    if sees_memory and type(inputs[0]) is Tensor:
        share(inputs[0], new, primitive, params)
    return new


def evaluated(primitive: Primitive, values: tuple[Any, ...], params: Mapping[str, Any]) -> tuple[Any, Any]:
    """A primitive of arrays of another library, in that library's way; and its parameters as its rules see them."""
    params = {name: duck(x) for name, x in params.items()} or NO_PARAMS
    return kind_among(values).evaluated(primitive, values, params), params


def exposures(primitive: Primitive, inputs: Any, values: Any, params: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """Of an operation's arrays those that are written to in place, and those that the program may change."""
    written: list[Any] = []
    risks: list[Any] = []
    for name, v in params.items():
        if type(v) is ndarray and name not in primitive.fresh:
            risks.append(v)
    for x, v in zip(inputs, values, strict=True):
        if type(v) is ndarray or (type(v) is DuckArray and memory_of(v) is not None):
            if type(x) is not Tensor:
                risks.append(v)
            elif type(x._origin) is Place:
                (written if x._origin.storage.owned else risks).append(v)
    return written, risks


def unary(primitive: Primitive, x: Tensor, params: Mapping[str, Any] = NO_PARAMS) -> Tensor:
    """:func:`record` for one Tensor: the same, without loops, for this is where small graphs spend their time."""
    node = x._origin
    is_tracked = type(node) is Node
    if not is_tracked and type(node) is Place:
        return record(primitive, (x,), params)
    u = x._value
    try:
        if type(u) is DuckArray:
            y, params = evaluated(primitive, (u,), params)
        else:
            y = primitive.forward(u, **params)
    except (TypeError, ValueError, IndexError) as error:
        raise explained(error, primitive, (u,)) from error
    remembered: Any = ()
    if primitive.remembers:
        y, *remembered = y
    is_array = type(y) is ndarray
    sees_memory = primitive.view and (is_array or type(y) is DuckArray) and is_view(y, u)
    if is_array and not y.ndim and not sees_memory:
        y = y[()]
    new: Tensor = make(Tensor)
    new._value = y
    new._place = None
    if is_tracked and (on := recording.get()):
        rule, _, pick = primitive.pulls[0]
        names = primitive.params
        if primitive.simple:
            known: Any = (y, u)
        elif len(names) == 1 and not remembered:  # as views have it: what ``known`` gives, at once
            known = (y, u, params[names[0]], u.shape)
        elif len(names) == 2 and not remembered:  # as reductions have it
            known = (y, u, params[names[0]], params[names[1]], u.shape)
        else:
            known = primitive.known(y, (u,), params, remembered)
        new._origin = vertex(primitive, (node,), params, ((node, rule, pick(known)),), y.shape, y.dtype)  # type: ignore[arg-type]
        if on is not True:
            on.keep(new._origin, (u,), y)
    else:
        new._origin = None
    if sees_memory:
        share(x, new, primitive, params)
    return new


def binary(primitive: Primitive, a: Any, b: Any) -> Tensor:
    """:func:`record` for two operands and no parameters; NotImplemented for what is no operand at all."""
    if type(a) is Tensor:
        u = a._value
        m = a._origin
    elif type(a) in PLAIN:
        u = m = a
    elif incompatible(a):
        return NotImplemented  # type: ignore[no-any-return]
    else:
        return record(primitive, (operand(a, b), b))
    if type(b) is Tensor:
        v = b._value
        n = b._origin
    elif type(b) in PLAIN:
        v = n = b
    elif incompatible(b):
        return NotImplemented  # type: ignore[no-any-return]
    else:
        return record(primitive, (a, operand(b, a)))
    of_a, of_b = type(m) is Node, type(n) is Node
    if (not of_a and type(m) is Place) or (not of_b and type(n) is Place):
        del u, v  # who holds the values is asked there
        return record(primitive, (a, b))
    forward = primitive.forward  # Python finds a method of that name slower than an attribute
    try:
        y = forward(u, v)
    except (TypeError, ValueError) as error:
        raise explained(error, primitive, (u, v)) from error
    new: Tensor = make(Tensor)
    new._value = y
    new._place = None
    if not (of_a or of_b) or not (on := recording.get()):
        new._origin = None
        return new
    known = (y, u, v) if primitive.simple else primitive.known(y, (u, v), NO_PARAMS)
    (rule_a, _, pick_a), (rule_b, _, pick_b) = primitive.pulls
    if of_a and of_b:
        pulls: Any = ((m, rule_a, pick_a(known)), (n, rule_b, pick_b(known)))
    elif of_a:
        pulls = ((m, rule_a, pick_a(known)),)
        n = node_of(b)
    else:
        pulls = ((n, rule_b, pick_b(known)),)
        m = node_of(a)
    new._origin = node = vertex(primitive, (m, n), NO_PARAMS, pulls, y.shape, y.dtype)
    if type(a) is ndarray or type(b) is ndarray:
        node.pulls, node.watched = guarded_operand(pulls, a if type(a) is ndarray else b)
    if on is not True:
        on.keep(node, (u, v), y, [x for x in (a, b) if type(x) is ndarray])
    return new


def names_entry(index: Any, x: Any) -> bool:
    """Whether an index is plain integers, one for each axis."""
    if type(index) is int:
        return len(x.shape) == 1
    if type(index) is not tuple or len(index) != len(x.shape):
        return False
    for i in index:  # noqa: SIM110 (a loop: reading entries is what loops over arrays do most)
        if type(i) is not int:
            return False
    return True


def read_entry(x: Tensor, index: Any) -> Tensor:
    """:func:`record` for one entry: programs that loop over arrays spend their time here."""
    try:
        y = x._value[index]
    except IndexError as error:
        raise explained(error, indexing.getitem_p, (x._value,)) from error
    new: Tensor = make(Tensor)
    new._value = y
    new._origin = new._place = None
    node = x._origin
    if type(node) is Place:
        node = node.node()
    if type(node) is Node and (on := recording.get()):
        params = {"index": index}
        pulls = ((node, indexing.getitem_p.pulls[0].rule, (node.shape, index)),)
        new._origin = vertex(indexing.getitem_p, (node,), params, pulls, (), y.dtype)
        if on is not True:
            on.keep(new._origin, (np.array(x._value),), y)
    return new


# ---------------------------------------------------------------------------------------------------------------------
# Writing


def write_into(t: Tensor, index: Any, value: Any, what: str) -> None:
    """``t[index] = value``."""
    if type(t._value) is DuckArray and t.shape and not t._value.kind.writable:
        raise not_written_to(t, what)
    if isinstance(value, (list, tuple)):
        value = operand(value)
    if type(index) not in indexing.BASIC:
        mask = duck(index)
        if type(mask) is DuckArray and mask.dtype == bool and np.shape(value) == ():  # whose count is not known
            mask = mask.reshape(mask.shape + (1,) * (t.ndim - mask.ndim))
            index, value = ..., elementwise.where(mask, value, t)
        else:
            index = indexing.plain_index(index)
    if type(value) is complex and t.dtype.kind not in "cO":  # NumPy, too, refuses Python's; of its own it warns
        raise TypeError(f"{what}: a complex number cannot be written to an array of {t.dtype}")
    v = value._value if type(value) is Tensor else operand(value)
    node = value._node if type(value) is Tensor else None
    if type(t._value) is not ndarray and memory_of(t._value) is None:
        t._value[...] if index in ((), Ellipsis) else t._value[index]
        replace_number(t, v if type(v) is DuckArray else np.asarray(v), node, what)
        return
    if type(value) is Tensor and is_there_already(t, index, value):
        return  # t[i] += v has written through the view t[i]
    if type(value) is Tensor and value.shape:
        check_overlap(t, index, value, what)
    beside = v if type(v) is DuckArray else None if type(index) in indexing.BASIC else index
    write(t, () if covers_all(index) else ((indexing.getitem_p, {"index": index}),), v, node, what, beside)


def not_written_to(t: Tensor, what: str) -> Exception:
    """The refusal of a write to another library's array."""
    return refusal(
        f"{what}: a {t._value.kind.name} array is not written to where it is recorded. np.where(mask, v, t) and "
        "np.concatenate make another with other entries, and t = t + u another name's; they keep the gradient",
        [t._node],
    )


def covers_all(index: Any) -> bool:
    """Whether an index is ``...`` or ``:``."""
    return index is Ellipsis or (type(index) is slice and index == slice(None))


def check_overlap(t: Tensor, index: Any, value: Tensor, what: str) -> None:
    """Raise ValueError where NumPy would read, from a view of the array it writes to, what it has just written.

    It copies such a view first, but not where a mask chooses the places, nor for lines of different strides: there the
    numbers depend on the order in which it goes.
    """
    place, own = value._place, t._place
    if place is None or own is None or place.storage is not own.storage or value.size < 2:
        return
    is_mask = type(index) is ndarray and index.dtype == bool
    x = memory_of(value._value)
    part = memory_of(t._value if is_mask else t._value[index])
    if not np.may_share_memory(part, x) or not (is_mask or part.strides != x.strides[-1:]):
        return
    whole = memory_of(own.storage.value)
    trial, expected = own_copy(whole), own_copy(whole)
    reach(trial, own.steps)[index] = reach(trial, place.steps)
    reach(expected, own.steps)[index] = x
    if not np.array_equal(trial, expected, equal_nan=trial.dtype.kind == "f"):
        raise ValueError(
            f"{what}: the value is a view of the array that is written to, and NumPy would read entries of it that it "
            "has already written; write value.copy()"
        )


def is_there_already(t: Tensor, index: Any, value: Tensor) -> bool:
    """Whether a Tensor is the very part of another's memory that it is to be written to."""
    place, own = value._place, t._place
    if place is None or own is None or place.storage is not own.storage or not indexing.names_once(index):
        return False
    part = memory_of(t._value[index])
    x = memory_of(value._value)
    return (
        type(part) is ndarray
        and part.flags.writeable
        and part.__array_interface__["data"] == x.__array_interface__["data"]
        and part.shape == x.shape
        and part.strides == x.strides
    )


def replace_number(t: Tensor, v: Any, node: Any, what: str) -> None:
    """Write to a Tensor without axes."""
    origin = t._node
    if type(origin) is Node and origin.primitive is None and origin.role == "leaf":
        if recording.get():
            raise refusal(
                f"{what}: this Tensor is a leaf that requires a gradient, and would be none any more. "
                "Write within no_grad(), where its value is updated",
                [origin],
            )
        t._value = v.reshape(()).astype(t.dtype)[()]
        return
    new = wrap(v[()] if type(v) is ndarray else v, node if recording.get() else None)
    if v.shape:
        new = shapes.reshape(new, ())
    if new.dtype != t.dtype:
        if new.requires_grad and t.dtype.kind not in CONTINUOUS:
            raise refusal(f"{what}: a number of {t.dtype} cannot hold what requires a gradient", [node])
        if new.requires_grad and new.dtype.kind == "O":
            raise refusal(f"{what}: a number of {t.dtype} cannot hold a symbol, only the number beside it", [node])
        new = new.astype(t.dtype)
    t._value, t._origin = new._value, new._origin


def in_place(primitive: Primitive, t: Tensor, other: Any) -> Tensor:
    """``t += other`` and its kin: written through to the memory; a number is not memory, and is replaced.

    Of Dask's arrays, too, the name gets another one; those on a device would be written to, and all that shares them.
    """
    if type(t._value) is DuckArray and t.shape and not (t._value.kind.lazy or t._value.kind.writable):
        raise not_written_to(t, f"{primitive.name} in place")
    if protocols.is_foreign(other):
        other = number_array(other)  # whose operators would give another array, not write to this one
    node = t._node
    is_memory = type(t._value) is ndarray or memory_of(t._value) is not None
    if not is_memory and not (type(node) is Node and node.primitive is None and not recording.get()):
        return binary(primitive, t, other)
    y = binary(primitive, t, other)
    if y is NotImplemented:
        return NotImplemented  # type: ignore[no-any-return]
    return replace_by(t, y, f"{primitive.name} in place")


def bitwise_in_place(ufunc: np.ufunc, t: Tensor, other: Any) -> Tensor:
    """``t &= other`` and its kin; without them Python would rebind the name, and leave the memory as it was."""
    y = wrap(ufunc(t._value, other._value if type(other) is Tensor else other), None)
    return replace_by(t, y, f"{ufunc.__name__} in place") if memory_of(t._value) is not None else y


def replace_by(t: Tensor, y: Tensor, what: str) -> Tensor:
    """Write a result to the whole of its operand, by the rules of NumPy's augmented operators."""
    if y.shape != t.shape:
        raise ValueError(f"{what}: the result has shape {y.shape}, and cannot be written to one of shape {t.shape}")
    if not np.can_cast(y.dtype, t.dtype, "same_kind"):
        remedy = ". Make the array of floats, for instance with dtype=float" if t.dtype.kind in "iub" else ""
        raise TypeError(
            f"{what}: a result of {y.dtype} cannot be written to {t.dtype}, by NumPy's rule 'same_kind'{remedy}"
        )
    write_into(t, ..., y, what)
    return t


def incompatible(x: Any) -> bool:
    """Whether an operand is no number or array, or one with operators of its own, so that Python should ask those."""
    if x is None or isinstance(x, (str, bytes, dict, set)):
        return True
    return getattr(type(x), "__array_ufunc__", x) is None or protocols.is_foreign(x)


def compare(operation: Callable[[Any, Any], Any], a: Tensor, b: Any) -> Any:
    """A comparison of values, as NumPy makes it: a boolean array."""
    return handed_back(operation(a._value, b._value if type(b) is Tensor else b))


def explained(error: Exception, primitive: Primitive, values: tuple[Any, ...]) -> Exception:
    """NumPy's error, of its own type where that takes a message, saying which operation it was and on what."""
    kind = next(kind for kind in (IndexError, np.linalg.LinAlgError, ValueError, TypeError) if isinstance(error, kind))
    operands = ", ".join([f"{v.dtype}{list(v.shape)}" if hasattr(v, "shape") else repr(v) for v in values])
    return kind(f"{primitive.name}({operands}): {error}")
