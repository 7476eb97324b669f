"""Arguments that PyTorch's functions and classes take, and those here do not.

One that asks for nothing is left out, as ``inplace=False``; one that asks for what is not here is refused, in a
sentence that says what to do; one that has another name here is refused with that name. A call that is right pays for a
frame.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from .foreign import KEYWORDS

P = ParamSpec("P")
T = TypeVar("T")

RENAMED: Final[dict[str, str]] = KEYWORDS | {
    "end_dim": "end_axis",
    "generator": "rng",
    "start_dim": "start_axis",
}
"""What a keyword is called here."""

REDUCTION: Final = "reduction='mean', 'sum' or 'none' says it"
ONE_BY_ONE: Final = "parameters are updated one by one; leave it out"
IN_THIS_PROCESS: Final = "batches are taken in this process; leave it out"

SETTINGS: Final[dict[str, tuple[tuple[Any, ...], str]]] = {
    "add_bias_kv": ((False,), "concatenate a learned row to key and value"),
    "add_zero_attn": ((False,), "concatenate a row of zeros to key and value"),
    "amsgrad": ((False,), "Adam's own rule is what there is; leave it out"),
    "batch_sampler": ((None,), "give a sampler= of samples and batch_size="),
    "bias": ((True,), "set the layer's bias to None once it is made"),
    "capturable": ((False,), ONE_BY_ONE),
    "ceil_mode": ((False,), "pad the input, so that the windows fit"),
    "collate_fn": ((None,), "batches are rows of the arrays; change the arrays, or each batch in the loop"),
    "create_graph": ((False,), "tl.grad gives gradients that can be differentiated"),
    "decoupled_weight_decay": ((False,), "AdamW is what decouples it"),
    "device": ((None, "cpu"), "everything is in the computer's memory; leave it out"),
    "differentiable": ((False,), "a step that is differentiated is written out: p = p - lr * g"),
    "dilation": ((1,), "windows have no gaps; tl.sliding_window_view makes others"),
    "divisor_override": ((None,), "multiply the result"),
    "foreach": ((None, False), ONE_BY_ONE),
    "fused": ((None, False), ONE_BY_ONE),
    "inplace": ((False,), "nothing is done in place; leave it out"),
    "max_norm": ((None,), "scale the rows of weight.data where they are too long"),
    "maximize": ((False,), "take the gradient of -loss"),
    "multiprocessing_context": ((None,), IN_THIS_PROCESS),
    "norm_type": ((2, 2.0), "the norm is the 2-norm; leave it out"),
    "num_workers": ((0,), IN_THIS_PROCESS),
    "persistent_workers": ((False,), IN_THIS_PROCESS),
    "pin_memory": ((False,), "arrays stay where they are; leave it out"),
    "pin_memory_device": (("",), "arrays stay where they are; leave it out"),
    "prefetch_factor": ((None,), IN_THIS_PROCESS),
    "proj_size": ((0,), "follow the layer with nn.Linear"),
    "reduce": ((None,), REDUCTION),
    "return_indices": ((False,), "argmax along the windows gives them"),
    "scale_grad_by_freq": ((False,), "divide weight.grad by the counts of the rows"),
    "size_average": ((None,), REDUCTION),
    "sparse": ((False,), "gradients are dense; leave it out"),
    "timeout": ((0,), IN_THIS_PROCESS),
    "worker_init_fn": ((None,), IN_THIS_PROCESS),
}
"""For arguments that nothing here has, the values that ask for nothing, and what to do in place of others."""

BY_POSITION: Final = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def knowing_habits(function: Callable[P, T], name: str = "", first: int = 0) -> Callable[P, T]:
    """A function that takes PyTorch's arguments where they ask for nothing, and else says what to write.

    ``first`` arguments are not the caller's, as a method's ``self``.
    """
    name = name or function.__name__

    @wraps(function)
    def known(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except TypeError:
            fewer = without_habits(function, name, args, kwargs, first)
            if fewer is None:
                raise
        return function(*args, **fewer)

    return known


def without_habits(
    function: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], first: int
) -> dict[str, Any] | None:
    """The keywords of a call that Python refused, but for those that ask for nothing; None where there are none.

    Raises TypeError, with what to write, for arguments that are known from PyTorch and for too many of them.
    """
    signature = inspect.signature(function)
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        parameters = signature.parameters
    else:
        return None  # the call was right; what was raised is the function's own affair
    strange = [key for key in kwargs if key not in parameters]
    for key in strange:
        ours = next(iter(parameters)) if key == "input" else RENAMED.get(key)
        if ours in parameters:
            raise TypeError(f"{name}: takes no {key}=; here it is {ours}=") from None
        if key in SETTINGS and not asks_for_nothing(key, kwargs[key]):
            raise TypeError(f"{name}: takes no {key}={shown(kwargs[key])}: {SETTINGS[key][1]}") from None
    by_position = [p.name for p in parameters.values() if p.kind in BY_POSITION][first:]
    various = any(p.kind is p.VAR_POSITIONAL for p in parameters.values())
    if len(args) - first > len(by_position) and not various:
        taken = ", ".join(by_position) or "nothing"
        named = [f"{p.name}=" for p in parameters.values() if p.kind is p.KEYWORD_ONLY]
        rest = f"by name there are {', '.join(named)}" if named else "leave the others out"
        raise TypeError(f"{name}: takes {taken} by position, got {len(args) - first}; {rest}") from None
    left_out = [key for key in strange if key in SETTINGS]
    return {key: value for key, value in kwargs.items() if key not in left_out} if left_out else None


def asks_for_nothing(key: str, value: Any) -> bool:
    """Whether a setting has a value that PyTorch does nothing for."""
    return any(type(value) is type(nothing) and value == nothing for nothing in SETTINGS[key][0])


def shown(value: Any) -> str:
    """A value of a setting, where it is short."""
    return repr(value) if isinstance(value, (bool, int, float, str)) else "…"


def making_knows_habits(cls: type, room: str) -> None:
    """Let a class answer arguments from elsewhere when it is made, if a room of this package is where it stands."""
    if not cls.__module__.startswith(room):
        return
    made = inspect.unwrap(cls.__init__)  # type: ignore[misc]
    if made is object.__init__:

        def made(self: Any, *args: Any, **kwargs: Any) -> None:  # a further base may take some
            super(cls, self).__init__(*args, **kwargs)  # type: ignore[arg-type]  # cls is a type

        made.__signature__ = inspect.signature(lambda self: None)  # type: ignore[attr-defined]

    cls.__init__ = knowing_habits(made, cls.__name__, 1)  # type: ignore[misc]
