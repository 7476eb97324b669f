"""What all optimizers share: groups of parameters, state, and a step that works in place, block by block."""

from __future__ import annotations

import math
import reprlib
import warnings
from collections.abc import Iterable, Iterator, Mapping
from numbers import Real
from typing import Any, ClassVar, Final

import numpy as np

from ..engine.tensor import Tensor
from ..engine.writing import own_memory
from ..table.ducks import DuckArray, kind_of
from ..table.habits import making_knows_habits
from . import on_devices
from .gathering import StepPlan, planned
from .passes import sum_of_squares, take_over

BLOCK = 1 << 16
"""Entries updated at a time: an update reads them several times, and so many stay in the processor's second cache."""

MASTER: Final = "master"
"""The name in a parameter's state of its copy in float32, where the parameter is float16."""

Options = Mapping[str, Any]


class Optimizer:
    """Improves parameters by their gradients. A subclass defines :meth:`arrays` and :meth:`update`.

    Parameters
    ----------
    params : Tensors that require a gradient; or groups of them, each a dict with ``params`` and the options in which it
        differs: ``[{"params": weights, "weight_decay": 0.01}, {"params": biases}]``
    defaults : the options of groups that do not say otherwise

    ``param_groups`` is the list of groups; an option can be changed there between steps, and ``optimizer.lr = 0.1``
    changes one in all groups. Parameters are written to in
    place, but for memory that a graph has saved or the caller holds: those keep the values they had. A parameter
    without a gradient is left alone, as PyTorch leaves it.

    A float16 parameter is stepped in float32, state and all, on a copy of it that the state holds (``master``) and of
    which it is the rounding: what is too small to move it adds up there. Entries that are written to between steps are
    taken over. Other parameters are stepped in their own dtype.

    Parameters on a device, ``p.data = cupy.asarray(p.data)``, are stepped there, in new arrays, with their state.

    Raises TypeError for parameters that are no leaf Tensors requiring a gradient, and for complex ones unless the
    algorithm takes them, as SGD does, and for an option that is no number; ValueError where there are none, for a
    parameter given twice and for an option that is unknown or out of range.
    """

    ranges: ClassVar[dict[str, tuple[float, float]]] = {}
    """For each number among the options the least value allowed, and the bound that it must stay below."""

    flags: ClassVar[tuple[str, ...]] = ()
    """The options that are True or False."""

    complex_parameters: ClassVar[bool] = False
    """Whether steps are right for complex numbers: not where gradients are squared entry by entry."""

    squares_gradients: ClassVar[bool] = False
    """Whether entries of the gradient are squared, so that those whose square overflows are to be refused."""

    first_lr: ClassVar[float] = 0.01
    """The learning rate to begin with in networks of a few layers on data of size 1, where it falls as equation 23 of
    H. M. M. Vege (2018) says."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        making_knows_habits(cls, __package__)

    def __init__(self, params: Iterable[Any], **defaults: Any) -> None:
        self.defaults = defaults
        self.param_groups: list[dict[str, Any]] = []
        self.state: dict[int, dict[str, Any]] = {}
        groups = [params] if isinstance(params, Mapping) else listed_parameters(self.name, params)
        if not all(isinstance(group, Mapping) for group in groups):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)
        if not self.parameters:
            raise ValueError(f"{self.name}: there are no parameters to optimize")
        self.scratch: dict[Any, tuple[np.ndarray, np.ndarray]] = {}
        self.plans: dict[int, StepPlan] = {}

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"scratch": {}, "plans": {}}  # which a copy makes anew

    @property
    def name(self) -> str:
        """The class's name."""
        return type(self).__name__

    @property
    def parameters(self) -> list[Tensor]:
        """All parameters, group after group; state is kept by their places in this list."""
        return [p for group in self.param_groups for p in group["params"]]

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Optimize further parameters, with options of their own where the group has them."""
        if not isinstance(group, Mapping) or "params" not in group:
            raise TypeError(f"{self.name}: a group is a dict with 'params' and options, not {shortened(group)}")
        params = listed_parameters(self.name, group["params"])
        for p in params:
            if isinstance(p, Tensor) and p.is_leaf and not p.requires_grad:
                raise TypeError(
                    f"{self.name}: a parameter of shape {p.shape} is frozen (requires_grad=False); leave such ones "
                    "out: [p for p in net.parameters() if p.requires_grad]"
                )
            if not (isinstance(p, Tensor) and p.is_leaf and p.requires_grad):
                raise TypeError(f"{self.name}: parameters are leaf Tensors with requires_grad=True, not {shortened(p)}")
            on_devices.refuse_lazy(self.name, f"a parameter of shape {p.shape}", p)
            if p.dtype.kind == "c" and not self.complex_parameters:
                raise TypeError(
                    f"{self.name}: its steps are for real numbers, and a parameter is {p.dtype}. Keep real and "
                    "imaginary parts as two real parameters, or use SGD"
                )
        held = [id(p) for p in [*self.parameters, *params]]
        if len(set(held)) < len(held):
            raise ValueError(f"{self.name}: a parameter is given twice")
        options = {key: value for key, value in group.items() if key != "params"}
        self.check(options)
        self.param_groups.append({**self.defaults, **options, "params": params})

    def check(self, options: Options) -> None:
        """Raises ValueError for options that are unknown or out of range, TypeError for those of another kind."""
        for key, value in {**self.defaults, **options}.items():
            if key not in self.defaults:
                raise ValueError(f"{self.name}: there is no option {key!r}, only {', '.join(self.defaults)}")
            if key in self.ranges:
                least, below = self.ranges[key]
                for number in value if isinstance(value, (tuple, list)) else (value,):
                    if not isinstance(number, Real):
                        raise TypeError(f"{self.name}: {key} is a number, not {shortened(value)}")
                    if not least <= float(number) < below:
                        raise ValueError(f"{self.name}: {key} must be at least {least} and below {below}, got {value}")
            if key in self.flags and not isinstance(value, (bool, np.bool_)):
                raise TypeError(f"{self.name}: {key} is True or False, not {shortened(value)}")

    def __setattr__(self, name: str, value: Any) -> None:
        """An option is set in all groups; anything else is an attribute."""
        if name not in vars(self).get("defaults", ()):
            super().__setattr__(name, value)
            return
        self.check({name: value})
        for group in self.param_groups:
            group[name] = value

    def __getattr__(self, name: str) -> Any:
        """An option that is the same in all groups."""
        if name not in vars(self).get("defaults", ()):
            raise AttributeError(f"{self.name} has no attribute {name!r}")
        first, *others = [group[name] for group in self.param_groups]
        if any(value != first for value in others):
            raise AttributeError(f"{self.name}: {name} is not the same in all groups: see param_groups[k][{name!r}]")
        return first

    # -- stepping -----------------------------------------------------------------------------------------------------

    def arrays(self, options: Options) -> Mapping[str, float]:  # noqa: ARG002
        """The arrays of a parameter's shape that the state needs, and the number that each is filled with at first."""
        return {}

    def update(self, p: np.ndarray, g: np.ndarray, s: np.ndarray, state: Any, t: int, options: Options) -> None:
        """Improve a block of a parameter in place.

        ``g`` is its gradient, ``s`` an array of the same size for intermediate results, ``state`` the arrays asked for,
        ``t`` the number of the step, from 1. All are one-dimensional, and ``p`` and what else may be written to, ``s``
        and ``state``, is contiguous. A block may hold several small parameters.

        On a device it is the whole parameter, in its shape, and all are arrays of the device's library, which have
        NumPy's functions with ``out`` and operators in place.
        """
        raise NotImplementedError(f"{self.name}: has no update() to take steps with; take tl.optim.SGD, or define one")

    def step(self, closure: None = None) -> None:
        """Update every parameter that has a gradient. Where none has, nothing is done, and a warning says so.

        Raises TypeError for PyTorch's ``closure``; and ValueError, before any parameter is changed, for a gradient that
        the algorithm squares and whose square would be infinite: the step would be 0. TypeError where a parameter,
        its gradient and its state are not in one place, and for a lazy one.
        """
        if closure is not None:
            raise TypeError(f"{self.name}: step takes no closure; compute the loss and its backward() before it")
        first = 0
        here: list[dict[int, Tensor]] = [{} for _ in self.param_groups]  # the parameters to update, by their places
        there: list[dict[int, Tensor]] = [{} for _ in self.param_groups]  # and those that live on a device
        for group, due, moved in zip(self.param_groups, here, there, strict=True):
            for place, p in enumerate(group["params"], first):
                if (g := p.grad) is not None:
                    if type(p._value) is DuckArray or (type(g) is not np.ndarray and kind_of(g) is not None):
                        on_devices.check_together(self, place, p)
                        moved[place] = p
                    else:
                        due[place] = p
            first += len(group["params"])
        if not any(here) and not any(there):
            warnings.warn(
                f"{self.name}: step() changes nothing, for no parameter has a gradient: none was computed since the "
                "last zero_grad(), or the loss does not depend on these parameters",
                stacklevel=2,
            )
        if self.squares_gradients:
            self.check_squares({place: p for parameters in (*there, *here) for place, p in parameters.items()})
        for number, (group, due, moved) in enumerate(zip(self.param_groups, here, there, strict=True)):
            self.step_group(number, due, group)
            for place, p in moved.items():
                self.step_there(place, p, group)

    def check_squares(self, due: dict[int, Tensor]) -> None:
        """Raises ValueError for a gradient with finite entries whose squares are not."""
        # from the last: what is updated first is then the last to have come into the processor's cache
        total = sum([sum_of_squares(p.grad) for p in reversed(due.values())])
        if on_devices.asserted_finite(self.name, total) or math.isfinite(total):
            return
        for place, p in sorted(due.items()):  # for a sum may overflow where no entry does
            if stepped_as(p) != p.dtype or not p.size:  # the square of float16 fits into float32
                continue
            largest = np.max(np.where(np.isfinite(p.grad), np.abs(p.grad), 0)).item()
            if largest > np.sqrt(np.finfo(p.dtype).max):
                raise ValueError(
                    f"{self.name}: the gradient of parameter {place}, of shape {p.shape}, has an entry of size "
                    f"{largest:.1e}, whose square {p.dtype} does not hold; clip gradients (tl.optim.clip_grad_norm), "
                    "or scale the loss"
                )

    def step_group(self, number: int, due: Mapping[int, Tensor], group: Options) -> None:
        """Update parameters of a group: small ones together, others one by one."""
        plan = self.plans.get(number)
        if plan is None or not plan.holds(due, self.arrays(group), self.state):
            for place, p in due.items():
                on_devices.check_beside(self.name, place, p, self.state.get(place, {}))
            states = {place: self.state_of(place, p, group) for place, p in due.items()}
            plan = self.plans[number] = planned(due, self.arrays(group), states, BLOCK)
        for together in plan.gathered:
            t = together.take()
            self.update_whole([together.values, together.gradient, *together.arrays], t, group)
            together.give_back()
        for place, p in plan.alone.items():
            self.step_one(place, p, group)

    def step_one(self, place: int, p: Tensor, group: Options) -> None:
        """Update one parameter, block by block."""
        state = self.state_of(place, p, group)
        state["step"] += 1
        whole = own_memory(p)
        values = whole.ravel()  # a view where it can be
        if MASTER in state:
            master = state[MASTER].ravel()
            for copied, p_ in blocks([master, values]):
                take_over(copied, p_)
            values = master
        elif not values.flags.aligned:  # BLAS would step on a copy of it
            values = values.copy()
        arrays = [values, p.grad.ravel(), *[state[name].ravel() for name in self.arrays(group)]]
        self.update_whole(arrays, state["step"], group)
        if not p.ndim:
            p.data = values.reshape(()).astype(p.dtype, copy=False)
        elif not np.may_share_memory(values, whole):  # it is not contiguous, or the rounding of its copy
            whole[...] = values.reshape(p.shape)

    def step_there(self, place: int, p: Tensor, group: Options) -> None:
        """Update one parameter on its device, in one block: a new array, for a graph or the caller may hold the old."""
        state = self.state_of(place, p, group)
        state["step"] += 1
        if MASTER in state:
            values = state[MASTER]
            take_over(values, p.data)
        else:
            values = on_devices.room_for_step(p)
        g = p.grad.astype(values.dtype, copy=False)
        if self.decays_gradient and group.get("weight_decay"):
            g = g + values * float(group["weight_decay"])
        rest = [state[name] for name in self.arrays(group)]
        self.update(values, g, np.empty_like(values), rest, state["step"], group)
        p.data = values  # which casts a master to the parameter's dtype

    def update_whole(self, arrays: list[np.ndarray], t: int, group: Options) -> None:
        """Update flat arrays, values, gradients and state, block by block."""
        if not arrays[0].size:
            return
        s, changed = self.room(arrays[0])
        decay = group.get("weight_decay", 0) if self.decays_gradient else 0
        for p, g, *rest in blocks(arrays):
            if decay:  # of the penalty ½ λ ‖p‖²
                with_decay = np.multiply(p, decay, changed[: p.size])
                with_decay += g
                g = with_decay
            elif g.dtype != p.dtype:  # or products of its own would be rounded to its dtype
                wider = changed[: p.size]
                wider[...] = g
                g = wider
            self.update(p, g, s[: p.size], rest, t, group)

    def state_of(self, place: int, p: Tensor, group: Options) -> dict[str, Any]:
        """A parameter's state, with the arrays that are not there yet as they are at first."""
        state = self.state.setdefault(place, {"step": 0})
        dtype = stepped_as(p)
        if dtype != p.dtype and MASTER not in state:
            state[MASTER] = on_devices.library_of(p).array(p.data, dtype, order="C")
        for name, fill in self.arrays(group).items():
            if name not in state:
                state[name] = on_devices.begun(self, p, name, fill, dtype)
        return state

    decays_gradient: ClassVar[bool] = True
    """Whether weight decay is added to the gradient, rather than being the algorithm's own affair."""

    def room(self, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Two arrays for intermediate results, large enough for a block of the parameter; kept between steps."""
        size = min(p.size, BLOCK)
        found = self.scratch.get(p.dtype)
        if found is None or found[0].size < size:
            found = self.scratch[p.dtype] = (np.empty(size, p.dtype), np.empty(size, p.dtype))
        return found

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the parameters' gradients; or, unless ``set_to_none``, fill them with zeros."""
        for node in filter(None, [p._node for p in self.parameters]):  # of one that is frozen there is none
            node.grad = None if set_to_none or node.grad is None else np.zeros_like(node.grad)

    # -- state --------------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """State and options, laid out as PyTorch does, as copies: ``state`` by the parameter's place, ``param_groups``.

        Arrays are NumPy's, also of parameters on a device: a state is saved here, and loaded there or elsewhere.

        >>> w = tl.tensor([1.0], requires_grad=True)
        >>> optimizer = tl.optim.SGD([w], lr=0.5, momentum=0.9)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> optimizer.state_dict()["state"]
        {0: {'step': 1, 'momentum_buffer': array([2.])}}
        """
        places = {id(p): place for place, p in enumerate(self.parameters)}
        return {
            "state": {
                place: {name: on_devices.saved(x) for name, x in state.items()} for place, state in self.state.items()
            },
            "param_groups": [
                {**group, "params": [places[id(p)] for p in group["params"]]} for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue where another optimizer of the same kind, for parameters of the same shapes, was.

        Arrays go to where the parameters are now.

        Raises ValueError for a state that does not fit; this optimizer is then as it was.
        """
        given = state_dict.get("param_groups") if isinstance(state_dict, Mapping) else None
        if isinstance(given, list) and any(isinstance(group, Mapping) and "foreach" in group for group in given):
            raise ValueError(
                f"{self.name}: the state is PyTorch's, all of whose optimizers have an option 'foreach'; "
                "tl.optim.load_pytorch_state(optimizer, state_dict) takes it"
            )
        try:
            groups, states = list(state_dict["param_groups"]), dict(state_dict["state"])
            lengths = [len(group["params"]) for group in groups]
            options = [{key: value for key, value in group.items() if key != "params"} for group in groups]
            counts = {int(place): int(state["step"]) for place, state in states.items()}
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{self.name}: this is no optimizer's state: {error!r}") from error
        if lengths != [len(group["params"]) for group in self.param_groups]:
            raise ValueError(f"{self.name}: the state is of groups of {lengths} parameters, not of these groups")
        for new in options:
            self.check(new)
        parameters = self.parameters
        groups_of = [{**group, **new} for group, new in zip(self.param_groups, options, strict=True)]
        group_at = [group for group in groups_of for _ in group["params"]]
        fresh = {}
        for place, state in states.items():
            if not 0 <= int(place) < len(parameters):
                raise ValueError(f"{self.name}: the state is of parameter {place}, and there are {len(parameters)}")
            p, group = parameters[int(place)], group_at[int(place)]
            dtype, names = stepped_as(p), [*self.arrays(group)]
            found = {name: on_devices.numbers_of(x) for name, x in state.items() if name != "step"}
            found = self.read_state(found, group)
            if dtype != p.dtype and MASTER in found:  # PyTorch's states have none; then the parameter's values begin it
                names.append(MASTER)
            kinds = ("f", p.dtype.kind)
            if found.keys() != {*names} or any(x.shape != p.shape or x.dtype.kind not in kinds for x in found.values()):
                offered = ", ".join([f"{name} {x.dtype}{list(x.shape)}" for name, x in found.items()]) or "nothing"
                needed = ", ".join([f"{name} {dtype}{list(p.shape)}" for name in names]) or "nothing"
                raise ValueError(f"{self.name}: the state of parameter {place} is {offered}, where {needed} belongs")
            fresh[int(place)] = {"step": counts[int(place)]} | {
                name: on_devices.library_of(p).asarray(np.array(found[name], dtype, order="C")) for name in names
            }
        self.state, self.plans = fresh, {}
        self.param_groups = groups_of

    def read_state(self, found: dict[str, np.ndarray], group: Options) -> dict[str, np.ndarray]:  # noqa: ARG002
        """The arrays of a parameter's state as the algorithm holds them, where others hold them otherwise."""
        return found

    def __repr__(self) -> str:
        groups = [
            ", ".join([f"{key}={value}" for key, value in group.items() if key != "params"])
            + f" ({len(group['params'])} parameters)"
            for group in self.param_groups
        ]
        return f"{self.name}({'; '.join(groups)})"


def listed_parameters(what: str, given: Any) -> list[Any]:
    """Parameters, or groups of them, as a list; a Tensor alone is one.

    Raises TypeError for what is none or has no order, ValueError for an iterator that has been gone through.
    """
    if isinstance(given, Tensor):
        return [given]
    if hasattr(given, "parameters"):
        raise TypeError(f"{what}: takes parameters, not {type(given).__name__}: give it .parameters()")
    if not isinstance(given, Iterable) or isinstance(given, (str, Mapping, set, frozenset, np.ndarray)):
        raise TypeError(f"{what}: parameters are a list of Tensors, not {shortened(given)}")
    listed = list(given)
    if listed and isinstance(listed[0], tuple):
        raise TypeError(f"{what}: takes parameters without their names: give it .parameters()")
    if not listed and isinstance(given, Iterator):
        raise ValueError(
            f"{what}: there are no parameters: what gave them gives them once, and has; keep a list of them"
        )
    return listed


def shortened(x: Any) -> str:
    """What something is, in a few words."""
    return reprlib.repr(x) if isinstance(x, (str, int, float, complex, list, tuple, set, dict)) else type(x).__name__


def stepped_as(p: Tensor) -> np.dtype[Any]:
    """The dtype that a parameter is stepped in: its own, but float32 for float16."""
    return np.dtype(np.float32) if p.dtype.itemsize < 4 else p.dtype


def blocks(arrays: list[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """Flat arrays of one size in stretches of at most ``BLOCK`` entries: of each array the one, then the next."""
    size = arrays[0].size
    if size <= BLOCK:
        yield arrays
    else:
        for first in range(0, size, BLOCK):
            stretch = slice(first, first + BLOCK)
            yield [a[stretch] for a in arrays]
