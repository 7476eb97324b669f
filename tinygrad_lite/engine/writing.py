"""Writing into arrays: memory that Tensors share, and the states it goes through.

An array that was written to is a sequence of states. Each write makes a node of the state before and of what was
written, so that gradients are those of the program as it ran. Tensors that see the memory, the array itself and its
views, hold a :class:`Place` where others hold their node: it gives the node of the part that they see, in the present
state.

What a derivative rule saves must not change under it. Before the first write, rules have saved the memory itself: so
the first write moves the array and its views to memory of their own. From then on whatever an operation saves of them
is a copy of the part it saves. Nothing is copied for programs that write nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from sys import getrefcount
from typing import Any
from weakref import ref

import numpy as np

from ..table.arrays import CONTINUOUS
from ..table.ducks import DuckArray
from ..table.parts import (
    Order,
    Steps,
    assign,
    kept_places,
    names_once_in,
    order_of,
    own_copy,
    reach,
    read_p,
    write_p,
)
from ..table.primitive import Primitive
from ..table.sharing import lifted_beside, memory_of
from .graph import Constant, Node, leaf, vertex
from .recording import recording
from .refusals import refusal


class Storage:
    """Memory, and who sees it.

    Attributes
    ----------
    value : the whole array
    node : what made its present state; None while that is constant
    order : how it is laid out
    owned : whether it was written to, and nobody but the sharers saw it then
    exposed : whether others may hold it by now, and change it
    borrowed : whether it is the caller's, who made a Tensor of it
    version : how many writes there were
    sharers : weak references to the Tensors that see it
    """

    order: Order = None  # these are the class's until somebody writes, so that views cost less
    owned = False
    exposed = False
    borrowed = False

    def __init__(self, value: Any, node: Node | None) -> None:
        self.value = value
        self.node = node
        self.version = 0
        self.sharers: list[ref[Any]] = []
        self.limit = 16

    def add(self, t: Any) -> None:
        """Note a Tensor that sees the memory; forget those that are gone, now and then."""
        if len(self.sharers) >= self.limit:
            self.sharers = [sharer for sharer in self.sharers if sharer() is not None]
            self.limit = 2 * len(self.sharers) + 16
        self.sharers.append(ref(t))

    def living(self) -> list[Any]:
        """The Tensors that see the memory."""
        return [t for sharer in self.sharers if (t := sharer()) is not None]

    def remove(self, t: Any) -> None:
        """A Tensor sees it no more."""
        self.sharers = [sharer for sharer in self.sharers if sharer() is not t]

    def move(self) -> None:
        """Go to memory that nobody else sees, with all sharers."""
        self.go_to(own_copy(self.value))

    def lift(self, beside: Any) -> None:
        """Go to where something lives that is to be written to it, or says where."""
        value = lifted_beside(self.value, *(beside if type(beside) is tuple else (beside,)))
        if value is not self.value:
            self.go_to(value)

    def go_to(self, value: Any) -> None:
        """Be this array, which holds the same, with all sharers."""
        self.value = value
        self.order = order_of(value)
        for t in self.living():
            t._value = reach(value, t._place.steps)

    def begin(self) -> None:
        """Get ready to be written to: in memory of its own, with a place in every sharer."""
        if self.owned and not self.exposed:
            return
        self.move()
        self.gather()
        self.owned = True
        self.exposed = self.borrowed = False

    def gather(self) -> None:
        """Let all sharers ask here for their nodes, and the engine for what may be saved of them."""
        for t in self.living():
            place = t._place
            if type(t._origin) is not Place:
                if not place.steps:
                    self.node = t._origin if type(t._origin) is Node else None
                place.made = t._origin
                t._origin = place

    def settle(self) -> None:
        """Take back memory that had been given out, once nobody holds it any more."""
        if self.exposed and not shared_with_others(self):
            self.take_back()

    def take_back(self) -> None:
        """Forget that memory was given out."""
        self.exposed = self.borrowed = False
        if not self.owned:
            for sharer in self.sharers:  # not living(): parameters come here in each step
                if (t := sharer()) is not None:
                    t._origin = t._place.made


class Place:
    """The part of a storage that a Tensor sees: the steps to it, and its node in the state last seen."""

    __slots__ = ("made", "seen", "steps", "storage")

    storage: Storage
    steps: Steps
    made: Node | None
    seen: int

    def node(self) -> Node | None:
        """The node of the part in the present state; None or a Constant while that is constant."""
        if self.seen != self.storage.version:
            self.made = self.read()
            self.seen = self.storage.version
        return self.made

    def read(self) -> Node | None:
        """A node that reads the part from the present state."""
        storage, steps = self.storage, self.steps
        root = node = storage.node
        if type(node) is not Node or not steps:
            return node
        x = storage.value
        n = 0  # the steps to what can be written to are taken in one
        for step, params in steps:
            y = step.forward(x, **params)
            if (memory := memory_of(y)) is not None and not memory.flags.writeable:
                break
            x = y
            n += 1
        if n:
            params = {"steps": steps[:n], "order": storage.order}
            node = made_node(read_p, root, storage.value, x, params)
        for step, params in steps[n:]:
            y = step.forward(x, **params)
            node = made_node(step, node, x, y, params)
            x = y
        return node


def made_node(primitive: Primitive, parent: Any, x: Any, y: Any, params: Mapping[str, Any]) -> Node:
    """The node of an operation on one input that was recorded before its value was known to matter."""
    rule, _, pick = primitive.pulls[0]
    pulls = ((parent, rule, pick(primitive.known(y, (x,), params))),)
    node = vertex(primitive, (parent,), params, pulls, y.shape, y.dtype)
    on = recording.get()
    if not isinstance(on, bool):
        on.keep(node, (x.copy(),), y.copy()[()])
    return node


def place_of(t: Any) -> Place:
    """Where a Tensor's memory is, from now on shared with its views."""
    place: Place | None = t._place
    if place is None:
        storage = Storage(t._value, t._origin if type(t._origin) is Node else None)
        t._place = place = Place()
        place.storage, place.steps, place.made, place.seen = storage, (), t._origin, 0
        storage.sharers.append(ref(t))
    return place


def expose(t: Any) -> None:
    """Note that others hold what a Tensor sees, and may change it."""
    storage = place_of(t).storage
    storage.gather()
    storage.exposed = True


def borrow(t: Any) -> None:
    """Note that a Tensor was made of an array of the caller's, which is never to be written to."""
    expose(t)
    t._place.storage.borrowed = True


def give_out(t: Any) -> None:
    """:func:`expose` what a Tensor sees, in memory that no graph has saved and, of a leaf, that is not the caller's."""
    place = place_of(t)
    storage = place.storage
    if len(storage.sharers) == 1 and not (storage.exposed or storage.owned or place.steps):  # a parameter, as a rule
        alone = type(storage.value) is np.ndarray and storage.value.base is None
        alone = alone and getrefcount(storage.value) <= ALONE + 1
        if not alone and t._value.flags.writeable:
            storage.move()
        place.made = t._origin
        storage.node = place.made if type(place.made) is Node else None
        t._origin = place
        storage.exposed = True
        return
    if storage.exposed:
        if storage.borrowed and type(place.made) is Node:
            own_memory(t)
            storage.borrowed = False
        return
    if t._value.flags.writeable and not storage.owned and shared_with_others(storage):
        storage.move()
    storage.gather()
    storage.exposed = True


def share(x: Any, view: Any, primitive: Primitive, params: Mapping[str, Any]) -> None:
    """Note that a Tensor is a view of another's memory."""
    place = x._place or place_of(x)
    storage = place.storage
    view._place = mine = Place()
    mine.storage = storage
    mine.steps = (*place.steps, (primitive, params)) if place.steps else ((primitive, params),)
    mine.made = view._origin
    mine.seen = storage.version
    if len(storage.sharers) < storage.limit:  # nearly always: what ``add`` does, without a call
        storage.sharers.append(ref(view))
    else:
        storage.add(view)
    if type(x._origin) is Place:
        view._origin = mine


def write(t: Any, steps: Steps, v: Any, node: Any, what: str, beside: Any = None) -> None:
    """Write a value into a part of what a Tensor sees, as NumPy does, and make the node of the new state.

    Parameters
    ----------
    t : a Tensor with axes
    steps : from what it sees to the part
    v, node : the value and what made it; no Node if no gradient flows to it
    what : the operation, for errors
    beside : what may live elsewhere: the value, or the index
    """
    root = leaf_of(t)
    if not t._value.flags.writeable and (root is None or t._node is not root):
        raise ValueError(
            f"{what}: this Tensor is read-only, as NumPy's broadcast_to, diagonal and windows are (copy it), and as "
            "z.real and z.imag of complex numbers (z.real = v and z[i:j].real = v write to z)"
        )
    on = recording.get()
    tracked = type(node) is Node and bool(on)
    if tracked and t._value.dtype.kind not in CONTINUOUS:
        raise refusal(
            f"{what}: an array of {t._value.dtype} cannot hold what requires a gradient ({node.name or node!r}): its "
            "entries cannot change by a little. Make the array of floats, for instance with dtype=float",
            [node],
        )
    if tracked and node.dtype.kind == "O" != t._value.dtype.kind:
        raise refusal(
            f"{what}: an array of {t._value.dtype} cannot hold symbols, only the numbers beside them. Make it an array "
            "of objects, as tl.tensor(np.zeros(3, dtype=object)) is",
            [node],
        )
    if root is not None:
        if on:
            raise refusal(
                f"{what}: this Tensor is a leaf that requires a gradient ({root.name or f'of shape {root.shape}'}), "
                "and would no longer be one. Write to a copy of it (t = t.copy()), or within no_grad(), where a leaf's "
                "value is updated",
                [root],
            )
        put(own_memory(t), steps, v, what)
        return
    place = place_of(t)
    storage = place.storage
    storage.begin()
    if beside is not None and type(storage.value) is np.ndarray:
        storage.lift(beside)
    before = storage.value.copy() if not isinstance(on, bool) else None
    repeats = bool(tracked and steps and not names_once_in(steps))
    put(t._value, steps, v, what)
    if not steps and not place.steps:
        storage.node = None  # nothing is left of the former state
    if tracked or type(storage.node) is Node:
        steps = (*place.steps, *steps)
        params = {
            "steps": steps,
            "order": storage.order,
            "kept": kept_places(storage.value, steps) if repeats else True,
        }
        v_array = v if type(v) is DuckArray else np.asarray(v)
        storage.node = state(storage, v_array, node if tracked else None, params)
    storage.version += 1
    if before is not None and type(storage.node) is Node:
        changing = (v,) if type(v) is np.ndarray else ()
        on.keep(storage.node, (before, v), storage.value.copy(), changing)  # type: ignore[union-attr]


def put(x: Any, steps: Steps, v: Any, what: str) -> None:
    """Assign; NumPy's error says which operation it was."""
    try:
        assign(x, steps, v)
    except (TypeError, ValueError, IndexError) as error:
        kind = next(kind for kind in (IndexError, ValueError, TypeError) if isinstance(error, kind))
        raise kind(f"{what} on {x.dtype}{list(x.shape)}: {error}") from error


def state(storage: Storage, v: Any, written: Node | None, params: Mapping[str, Any]) -> Node:
    """The node of the state that a write leaves."""
    x = storage.value
    old = storage.node if type(storage.node) is Node else None
    steps, order = params["steps"], params["order"]
    # what the rules ask for, without looking up what that is
    of_former = () if old is None else ((old, write_p.pulls[0].rule, (steps, order)),)
    of_written = () if written is None else ((written, write_p.pulls[1].rule, (v.shape, steps, order, params["kept"])),)
    parents = (
        leaf(x, Constant) if old is None else old,
        (leaf(v, Constant) if v.ndim else v[()]) if written is None else written,
    )
    node = vertex(write_p, parents, params, of_former + of_written, x.shape, x.dtype)
    root = old or next((t._place.made for t in storage.living() if not t._place.steps), None)
    node.name = None if root is None else root.name
    if old is None:
        parents[0].name = node.name
    return node


# ---------------------------------------------------------------------------------------------------------------------
# Leaves, whose memory is written to under no_grad() and by optimizers, and given out as ``data``


def leaf_of(t: Any) -> Node | None:
    """The leaf of the user's whose memory a Tensor sees, if it is one's."""
    place = t._place
    if place is None:
        node = t._origin
    else:
        node = place.storage.node
        if not place.storage.owned:
            node = next((root._node for root in place.storage.living() if not root._place.steps), node)
    return node if type(node) is Node and node.primitive is None and node.role == "leaf" else None


def own_memory(t: Any) -> Any:
    """A leaf's value, to be written to in place: in memory that no graph has saved, and that is not the caller's.

    References tell. So a step in place costs no copy where nobody would see it, and one where somebody would. Who was
    given the array as ``data`` sees the step.
    """
    if type(t._value) is not np.ndarray:
        if memory_of(t._value) is not None:
            t._value = own_copy(t._value)
        return t._value  # a number cannot be written to: it is replaced
    place = t._place
    if place is None:
        if not t._value.flags.writeable or t._value.base is not None or getrefcount(t._value) > ALONE:
            t._value = t._value.copy(order="K")
    elif not t._value.flags.writeable or (
        (place.storage.borrowed or not place.storage.exposed) and shared_with_others(place.storage)
    ):
        place.storage.move()
        place.storage.borrowed = False
    return t._value


def leave(t: Any) -> None:
    """See memory no more that is shared with others, who keep it."""
    place = t._place
    if place is not None:
        place.storage.remove(t)
        t._origin = t._node
        t._place = None


def become_leaf(t: Any) -> None:
    """Get ready to be a leaf: a view in memory of its own, an array that has views together with them."""
    place = t._place
    if place is not None and place.steps:
        leave(t)
        t._value = own_copy(t._value)
    elif place is not None:
        place.storage.owned = False
        place.storage.node = None


def shared_with_others(storage: Storage) -> bool:
    """Whether anybody but the sharers holds a leaf's memory, or the view of it that a sharer has."""
    if type(storage.value) is not np.ndarray or storage.value.base is not None:
        return True
    known = 0
    for t in storage.living():
        if t._value is storage.value:
            known += 1
        elif type(t._value) is np.ndarray and t._value.base is storage.value:
            known += 1
            if getrefcount(t._value) > ALONE:
                return True
    return getrefcount(storage.value) > ALONE + known


def count_alone() -> int:
    """What getrefcount says of an array that one attribute holds: it differs between Python versions."""
    storage = Storage(np.empty(1), None)
    return getrefcount(storage.value)


ALONE = count_alone()
