"""Module: a function with parameters, found by looking at its attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeVar

import numpy as np

from ..engine.recording import call, recording
from ..engine.tensor import Tensor, tensor
from ..engine.writing import own_memory
from ..table import foreign, habits, network_names

T = TypeVar("T")


class Module:
    """A function with parameters. A subclass sets attributes in ``__init__`` and computes in :meth:`forward`.

    What an attribute is says what it means, and nothing needs registering; what PyTorch registers may be, here too:

    ======================  ==================================================================================
    a Tensor                a parameter: trained if it ``requires_grad``, frozen if not
    an ndarray              a buffer: saved with the parameters, not trained (running means)
    a Generator             random state (of Dropout), which a checkpoint must keep too
    a Module                a part, whose parameters are named after it: ``part.weight``
    a list, tuple or dict   looked into: ``parts.0.weight``, as ModuleList and ModuleDict are
    ======================  ==================================================================================

    Attributes that begin with an underscore, and Tensors that were computed from others, are left alone.

    >>> class Line(nn.Module):
    ...     def __init__(self):
    ...         self.slope = tl.tensor([2.0], requires_grad=True)
    ...     def forward(self, x):
    ...         return self.slope * x
    >>> Line()(np.array([3.0]))
    Tensor([6.], made_by='multiply')
    >>> Line()
    Line(): slope (1,), 1 parameter
    """

    training: bool = True
    """Whether Dropout drops and BatchNorm uses the batch's own statistics; see :meth:`train` and :meth:`eval`."""

    _not_saved: ClassVar[frozenset[str]] = frozenset()
    """Names of buffers that are not part of the state."""

    _displaced: ClassVar[frozenset[str]] = frozenset()
    """Names of parameters that an ndarray was put in the place of."""

    _some_displaced: ClassVar[bool] = False
    """Whether there ever were such names: as long as there were none, nobody looks for them."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        habits.making_knows_habits(cls, __package__)

    if TYPE_CHECKING:
        # not a method: it would bind subclasses, each of which takes arguments of its own, to its signature
        forward: Callable[..., Any]
    else:

        def forward(self, *args: Any) -> Any:
            """The function itself; subclasses define it, users call the module."""
            raise NotImplementedError(f"{type(self).__name__} has no forward()")

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            if name in network_names.MODULES:
                raise foreign.absent(f"a {type(self).__name__}", name, network_names.MODULES)
            return object.__getattribute__(self, name)  # which raises again what a property may have raised

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        if type(recording.get()) is bool:
            return self.forward(*args, **kwargs)  # type: ignore[no-any-return]
        with call(self):  # traced: what happens inside is drawn inside its frame
            return self.forward(*args, **kwargs)  # type: ignore[no-any-return]

    # -- what it holds ------------------------------------------------------------------------------------------------

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """The parameters by dotted name; one that is held twice, under its first name only.

        In PyTorch's order: a module's own before those of its parts. ``prefix`` is what names begin with, before a dot;
        unless ``recurse``, the module's own are all. Raises TypeError where an ndarray was put in a parameter's place,
        for it would not be trained, without a word.
        """
        if Module._some_displaced:
            for module in self.modules() if recurse else (self,):
                module.check_that_parameters_are_left()
        start = f"{prefix}." if prefix else ""
        found = find(self, Tensor, start) if recurse else ((start + name, x) for name, x in items(self))
        return once((name, p) for name, p in found if isinstance(p, Tensor) and p.is_leaf)

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, np.ndarray) and isinstance(vars(self).get(name), Parameter):
            self._displaced = self._displaced | {name}  # type: ignore[misc]  # of an instance, as below
            Module._some_displaced = True
        super().__setattr__(name, value)

    def check_that_parameters_are_left(self) -> None:
        """Raise TypeError where an ndarray was put in a parameter's place."""
        for name in self._displaced:
            if isinstance(vars(self).get(name), np.ndarray):
                raise TypeError(
                    f"{type(self).__name__}: {name} was a parameter and is an ndarray now, which is not trained; put "
                    f"the numbers into the parameter, {name}.data[...] = array, or a new one in its place, {name} = "
                    "nn.Parameter(array)"
                )

    def parameters(self, recurse: bool = True) -> Iterator[Tensor]:
        """The parameters, each once; unless ``recurse``, those that are attributes of the module itself."""
        return (p for _, p in self.named_parameters(recurse=recurse))

    def named_buffers(self) -> Iterator[tuple[str, np.ndarray]]:
        """The arrays that belong to the state and are not trained, by dotted name."""
        return once(find(self, np.ndarray))

    def buffers(self) -> Iterator[np.ndarray]:
        """The arrays that belong to the state and are not trained, each once."""
        return (x for _, x in self.named_buffers())

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """The module itself, under the name "", and every part of it."""
        yield "", self
        yield from once(find(self, Module))

    def modules(self) -> Iterator[Module]:
        """The module itself and every part of it, each once."""
        return (m for _, m in self.named_modules())

    def named_generators(self) -> Iterator[tuple[str, np.random.Generator]]:
        """The random generators that calling it advances, by dotted name."""
        return once(find(self, np.random.Generator))

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The parts it holds itself, by name."""
        return once(own_parts(self))

    def children(self) -> Iterator[Module]:
        """The parts it holds itself, each once."""
        return (part for _, part in self.named_children())

    # -- PyTorch's ways of holding ------------------------------------------------------------------------------------

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Hold an array as the attribute ``name``: saved with the parameters, unless not ``persistent``, not trained.

        ``tensor`` is an array_like of numbers, of which the values are taken, or None. Raises ValueError for a name
        that cannot be one, TypeError for what are no numbers.

        >>> layer = nn.Linear(2, 1, rng=0)
        >>> layer.register_buffer("seen", np.zeros(2))
        >>> layer.register_buffer("mask", np.ones(2), persistent=False)
        >>> [name for name, _ in layer.named_buffers()], list(layer.state_dict())
        (['seen', 'mask'], ['weight', 'bias', 'seen'])
        """
        array = None if tensor is None else np.asarray(numbers_of(tensor))
        if array is not None and array.dtype.kind not in "biufc":
            raise TypeError(f"register_buffer: {name!r} holds {array.dtype}, which are no numbers")
        hold(self, "register_buffer", name, array, np.ndarray)
        # of an instance, as the attributes are: not of the class
        self._not_saved = self._not_saved - {name} if persistent else self._not_saved | {name}  # type: ignore[misc]

    def register_parameter(self, name: str, param: Tensor | None) -> None:
        """Hold a leaf Tensor, or None, as the attribute ``name``.

        Raises ValueError for a name that cannot be one, TypeError for what is no leaf.
        """
        if param is not None and not (isinstance(param, Tensor) and param.is_leaf):
            raise TypeError(f"register_parameter: {name!r} takes a leaf Tensor, such as nn.parameter(…), not {param!r}")
        hold(self, "register_parameter", name, param, Tensor)

    def add_module(self, name: str, module: Module | None) -> None:
        """Hold a part, or None, as the attribute ``name``. Raises ValueError and TypeError as the other two do."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"add_module: {name!r} takes a Module, not {type(module).__name__}")
        hold(self, "add_module", name, module, Module)

    register_module = add_module

    # -- training -----------------------------------------------------------------------------------------------------

    def train(self, mode: bool = True) -> Self:
        """Behave as in training, here and in every part; returns itself."""
        for module in self.modules():
            module.training = bool(mode)
        return self

    def eval(self) -> Self:
        """Behave as in use: no dropout, running statistics; returns itself."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Train every parameter, or freeze every one; returns itself.

        >>> net = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Linear(2, 1, rng=1))
        >>> frozen = net[0].requires_grad_(False)
        >>> [name for name, p in net.named_parameters() if p.requires_grad]
        ['1.weight', '1.bias']
        """
        for p in self.parameters():
            p.requires_grad = requires_grad
        return self

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call ``fn`` with every part and then with the module itself, each once; returns itself.

        >>> def begin_with_zeros(module):
        ...     if isinstance(module, nn.Linear):
        ...         module.bias.data = np.zeros(module.out_features)
        >>> nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh()).apply(begin_with_zeros)[0].bias
        Tensor([0., 0.], dtype=float32, requires_grad=True)
        """
        for module in list(parts_first(self, set())):
            fn(module)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget every parameter's gradient; or, unless ``set_to_none``, fill it with zeros."""
        for p in self.parameters():
            if set_to_none or p.grad is None:
                p.zero_grad()
            else:
                p.grad = np.zeros_like(p.grad)

    # -- state --------------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, np.ndarray]:
        """Parameters and persistent buffers by name, as copies: later training does not change them."""
        return {name: np.array(numbers_of(x)) for name, x in state(self)}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> UnmatchedKeys:
        """Take every parameter and buffer from ``state_dict``: arrays, or PyTorch's tensors, by name.

        Values are copied into the module's arrays and take their dtype. Returns the names that ``state_dict`` lacks and
        those that belong to nothing here: with ``strict=False``, what it has both of is taken and the rest left as it
        is. Raises ValueError for other shapes and for what are no real numbers, and with ``strict`` for missing entries
        and entries that belong to nothing; the module is then as it was.

        >>> layer = nn.Linear(2, 1, rng=0)
        >>> layer.load_state_dict({"weight": [[1.0, 2.0]], "bias": [0.5]})
        UnmatchedKeys(missing_keys=[], unexpected_keys=[])
        >>> layer([3.0, 4.0])
        Tensor([11.5], made_by='linear')
        >>> layer.load_state_dict({"weight": [[0.0, 1.0]], "scale": 2.0}, strict=False)
        UnmatchedKeys(missing_keys=['bias'], unexpected_keys=['scale'])
        """
        if not isinstance(state_dict, Mapping) and not hasattr(state_dict, "keys"):  # as np.load gives
            kind = type(state_dict).__name__
            hint = ": give it .state_dict()" if hasattr(state_dict, "state_dict") else ""
            raise TypeError(f"load_state_dict: takes a dict of arrays by name, not {kind}{hint}")
        own = dict(state(self))
        unmatched = UnmatchedKeys(
            [name for name in own if name not in state_dict], [name for name in state_dict if name not in own]
        )
        wrong = []
        if strict:
            wrong += [f"{name} is missing" for name in unmatched.missing_keys]
            wrong += [f"{name} belongs to nothing here" for name in unmatched.unexpected_keys]
        new = {}
        for name, mine in own.items():
            if name in state_dict:
                try:
                    new[name] = array_for(state_dict[name], mine)
                except (TypeError, ValueError) as error:
                    wrong.append(f"{name} {error}")
        if wrong:
            raise ValueError(
                f"load_state_dict: {type(self).__name__} cannot take this state, and is left as it was: "
                + "; ".join(wrong)
            )
        for name, value in new.items():  # nothing here can fail
            put(own[name], value)
        return unmatched

    # -- text ---------------------------------------------------------------------------------------------------------

    def describe(self) -> str:
        """The arguments it was made with, for its ``repr``."""
        return ""

    @recursive_repr("…")
    def __repr__(self) -> str:
        own = [(name, x) for name, x in vars(self).items() if isinstance(x, Tensor) and x.is_leaf]
        shapes = [f"{name} {x.shape}" for name, x in own]
        n = sum(p.size for _, p in once(find(self, Tensor)) if p.is_leaf)
        facts = ", ".join([*shapes, f"{n:,} parameter{'' if n == 1 else 's'}"]) if n else ""
        head = f"{type(self).__name__}({self.describe()})" + (f": {facts}" if facts else "")
        parts = [f"({name}) {part!r}".replace("\n", "\n  ") for name, part in own_parts(self)]
        return "\n  ".join([head, *parts])


# ---------------------------------------------------------------------------------------------------------------------
# Looking into objects


HOLDERS = (Module, list, tuple, dict)


def items(holder: Any) -> Iterator[tuple[str, Any]]:
    """What a module, a list, a tuple or a dict holds, by name."""
    if isinstance(holder, Module):
        return ((name, x) for name, x in vars(holder).items() if not name.startswith("_"))
    if isinstance(holder, dict):
        return ((str(key), x) for key, x in holder.items())
    return ((str(k), x) for k, x in enumerate(holder))


def find(holder: Any, kind: type[T], prefix: str = "", within: tuple[int, ...] = ()) -> Iterator[tuple[str, T]]:
    """Everything of a kind that an object holds, by dotted name: what it holds itself, then what its parts do."""
    within = (*within, id(holder))
    for name, x in sorted(items(holder), key=lambda item: isinstance(item[1], HOLDERS)):
        if isinstance(x, kind):
            yield prefix + name, x
        if isinstance(x, HOLDERS) and id(x) not in within:  # a part may know the whole
            yield from find(x, kind, f"{prefix}{name}.", within)


def own_parts(holder: Any, prefix: str = "", within: tuple[int, ...] = ()) -> Iterator[tuple[str, Module]]:
    """The modules that an object holds, not looking into them."""
    for name, x in items(holder):
        if isinstance(x, Module):
            yield prefix + name, x
        elif isinstance(x, HOLDERS) and id(x) not in within:
            yield from own_parts(x, f"{prefix}{name}.", (*within, id(x)))


def hold(module: Module, what: str, name: str, value: Any, kind: type) -> None:
    """Set a module's attribute; in place of another only if that is of the same kind, or None."""
    if not isinstance(name, str) or not name or "." in name or name.startswith("_"):
        raise ValueError(f"{what}: a name is a text without dots that does not begin with _, not {name!r}")
    if hasattr(module, name) and not isinstance(vars(module).get(name, ...), (kind, type(None))):
        raise ValueError(f"{what}: {type(module).__name__} has an attribute {name!r} already")
    setattr(module, name, value)


def parts_first(module: Module, seen: set[int]) -> Iterator[Module]:
    """The parts of a module, each after its own parts, and then the module itself; each once."""
    seen.add(id(module))
    for part in module.children():
        if id(part) not in seen:
            yield from parts_first(part, seen)
    yield module


def once(named: Iterator[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """Named objects, each under its first name only."""
    seen = set()
    for name, x in named:
        if id(x) not in seen:
            seen.add(id(x))
            yield name, x


# ---------------------------------------------------------------------------------------------------------------------
# State


class UnmatchedKeys(NamedTuple):
    """Names that a state and a module do not have both of; PyTorch's name for them is IncompatibleKeys."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def state(module: Module) -> Iterator[tuple[str, Any]]:
    """Parameters and persistent buffers under all their names, in the order of the attributes."""
    left_out = {id(vars(part).get(name)) for part in module.modules() for name in part._not_saved} - {id(None)}
    for name, x in find(module, object):
        if (isinstance(x, np.ndarray) and id(x) not in left_out) or (isinstance(x, Tensor) and x.is_leaf):
            yield name, x


def numbers_of(x: Any) -> Any:
    """The numbers of a parameter or buffer."""
    return x.data if isinstance(x, Tensor) else x


def array_for(value: Any, mine: Any) -> np.ndarray:
    """A value as an array of the parameter's or buffer's shape and dtype."""
    if hasattr(value, "detach"):  # of a graph, ours or PyTorch's
        value = value.detach()
    array = np.asarray(numbers_of(value))
    if array.dtype.kind not in "biuf":
        raise TypeError(f"holds {array.dtype}, which are no real numbers")
    if mine.dtype.kind in "biu" and array.dtype.kind == "f":
        raise TypeError(f"holds {array.dtype} where {mine.dtype} belong")
    if array.shape != mine.shape:
        raise ValueError(f"has shape {array.shape} in place of {mine.shape}")
    return array.astype(mine.dtype)


def put(mine: Any, value: np.ndarray) -> None:
    """Write a value into a parameter or buffer; a graph that has saved a parameter keeps what it saved."""
    if isinstance(mine, np.ndarray):
        mine[...] = value
    elif mine.ndim:
        own_memory(mine)[...] = value
    else:
        mine.data = value


def parameter(value: Any, dtype: Any = None) -> Tensor:
    """A Tensor to be trained: of a copy of the value, of its dtype or another."""
    array = np.asarray(value)
    return tensor(array, dtype=dtype or array.dtype, requires_grad=True)


class LeafKind(type):
    """The type of Parameter, of which every leaf Tensor is an instance."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor) and instance.is_leaf


class Parameter(metaclass=LeafKind):
    """PyTorch's spelling of :func:`parameter`: ``Parameter(data, requires_grad=True)`` is a leaf Tensor of a copy.

    Whatever a module takes for a parameter, every leaf Tensor, is an instance.

    >>> w = nn.Parameter(np.ones(2))
    >>> w, isinstance(w, nn.Parameter), isinstance(w * 2, nn.Parameter)
    (Tensor([1., 1.], requires_grad=True), True, False)
    """

    def __new__(cls, data: Any, requires_grad: bool = True) -> Tensor:  # type: ignore[misc]
        return tensor(numbers_of(data), requires_grad=requires_grad)
