"""Where a loss that is not a number came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.recording import no_grad
from ..engine.tensor import Tensor

if TYPE_CHECKING:
    from ..nn import Module
    from .history import History


class DivergedError(ArithmeticError):
    """The loss was infinite or not a number; the message says where that began, ``history`` what came before."""

    history: History


def all_finite(x: Any) -> bool:
    """Whether every entry is a finite number; of several arrays, such as a GRU's outputs, all."""
    if isinstance(x, (tuple, list)):
        return all(all_finite(part) for part in x)
    values = np.asarray(x.data if isinstance(x, Tensor) else x)
    return values.dtype.kind not in "fc" or bool(np.isfinite(values).all())


def first_not_finite(model: Module, x: np.ndarray, y: Any, compute: Callable[[Any, Any], Any]) -> str:
    """The first thing on the way to a loss that is not finite, in words: input, target, parameter, layer, or the loss.

    Computes the loss again, looking at what each layer gives.
    """
    for what, values in (("the input", x), ("the target", y)):
        if not all_finite(values):
            wrong = np.argwhere(~np.isfinite(values))[0]
            return f"{what}, entry {wrong.tolist()} of the batch"
    for name, p in model.named_parameters():
        if not all_finite(p):
            return f"the parameter {name}, since the update before: a smaller lr or clip_norm may help"
    seen: list[str] = []
    with watched_modules(model, seen), no_grad(), np.errstate(all="ignore"):
        compute(x, y)
    return seen[0] if seen else "the loss itself, computed from finite outputs"


@contextmanager
def watched_modules(model: Module, seen: list[str]) -> Iterator[None]:
    """Within the block, modules whose output is not finite are noted, innermost first."""
    modules = list(model.named_modules())

    def watch(name: str, module: Module) -> Callable[..., Any]:
        forward = module.forward

        def call(*args: Any, **kwargs: Any) -> Any:
            y = forward(*args, **kwargs)
            if not all_finite(y):
                shape = f" of shape {y.shape}" if hasattr(y, "shape") else ""
                seen.append(f"the output of {name or 'the model'} ({type(module).__name__}){shape}")
            return y

        return call

    replaced = [(module, watch(name, module)) for name, module in modules if "forward" not in vars(module)]
    for module, call in replaced:
        vars(module)["forward"] = call
    try:
        yield
    finally:
        for module, _ in replaced:
            del vars(module)["forward"]
