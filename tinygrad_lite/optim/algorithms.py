"""The optimizers. Each is one class: one function that updates a stretch of a parameter in place, without a new array.

A class that is written here can be asked for by name: ``BY_NAME``, at the end of the file, has every one.

g is the gradient, θ the parameter, t the number of the step. Names, defaults and formulas are PyTorch's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from typing import Any, ClassVar, Final

import numpy as np

from ..engine.tensor import Tensor
from ..engine.writing import own_memory
from ..table import blas
from .optimizer import Optimizer, Options
from .passes import add_multiple, running


class SGD(Optimizer):
    """Stochastic gradient descent:  δ ← momentum · δ + (1 − dampening) g,  θ ← θ − lr · δ, with δ = g at first.

    Without momentum θ ← θ − lr · g. Nesterov's variant takes g + momentum · δ in place of δ. ``weight_decay`` λ adds
    λ θ to the gradient.

    Source: G. Hinton's Octave code, ``delta = momentum .* delta + gradient; weights -= learning_rate * delta``, quoted
    in the answer 280048 on Cross Validated; H. M. M. Vege (2018), algorithm 1.

    >>> w = tl.tensor([1.0], requires_grad=True)
    >>> optimizer = tl.optim.SGD([w], lr=0.1, momentum=0.9)
    >>> for _ in range(2):
    ...     optimizer.zero_grad()
    ...     (w * w).sum().backward()
    ...     optimizer.step()
    >>> w.data  # 1 − 0.1 · 2 = 0.8, then 0.8 − 0.1 · (0.9 · 2 + 1.6)
    array([0.46])
    """

    complex_parameters: ClassVar = True
    ranges: ClassVar = {"lr": (0, inf), "momentum": (0, inf), "dampening": (-inf, inf), "weight_decay": (0, inf)}
    flags = ("nesterov",)
    first_lr = 0.1

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(
            params, lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov
        )

    def check(self, options: Options) -> None:
        super().check(options)
        chosen = {**self.defaults, **options}
        if chosen["nesterov"] and (chosen["momentum"] <= 0 or chosen["dampening"] != 0):
            raise ValueError("SGD: nesterov=True needs a momentum above 0, and no dampening")

    def arrays(self, options: Options) -> dict[str, float]:
        return {"momentum_buffer": 0.0} if options["momentum"] else {}

    def step_group(self, number: int, due: Mapping[int, Tensor], group: Options) -> None:
        """Update parameters of a group: each in one pass over the whole of it where there is but a step to make."""
        if group["momentum"] or group["weight_decay"]:
            super().step_group(number, due, group)
            return
        for place, p in due.items():
            g, dtype = p.grad, p.dtype
            functions = blas.blas_for(dtype) if g.ndim and g.size and g.dtype == dtype and p.flags.carray else None
            if functions is None:  # it would refuse what is empty, and step on a copy of what is not laid out for it
                self.step_one(place, p, group)
            else:
                self.state.setdefault(place, {"step": 0})["step"] += 1
                blas.in_stretches(functions[0], g.ravel(), own_memory(p).ravel(), g.size, -group["lr"])

    def update(self, p: np.ndarray, g: np.ndarray, s: np.ndarray, state: Any, t: int, options: Options) -> None:
        momentum, dampening = options["momentum"], options["dampening"]
        d = g
        if momentum:
            (delta,) = state
            delta *= momentum
            add_multiple(delta, 1 if not dampening or t == 1 else 1 - dampening, g, s)
            d = delta
            if options["nesterov"]:
                d = np.multiply(delta, momentum, s)
                d += g
        add_multiple(p, -options["lr"], d, s)


class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  θ ← θ − lr · m̂ / (√v̂ + eps).

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) make up for the start from zero. ``weight_decay`` λ adds λ θ to the
    gradient.

    Source: D. P. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1.

    >>> w = tl.tensor([1.0], requires_grad=True)
    >>> optimizer = tl.optim.Adam([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()  # the first step has the length lr, whatever the gradient
    >>> w.data.round(6)
    array([0.9])
    """

    squares_gradients = True
    ranges: ClassVar = {"lr": (0, inf), "betas": (0, 1), "eps": (0, inf), "weight_decay": (0, inf)}

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def check(self, options: Options) -> None:
        betas = options.get("betas", self.defaults["betas"])
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise ValueError(f"{self.name}: betas are two numbers, got {betas}")
        super().check(options)

    def arrays(self, options: Options) -> dict[str, float]:  # noqa: ARG002
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def update(self, p: np.ndarray, g: np.ndarray, s: np.ndarray, state: Any, t: int, options: Options) -> None:
        m, v = state
        b1, b2 = options["betas"]
        running(m, g, b1, s)
        running(v, np.square(g, s), b2, s)
        # with c = √(1 − β₂ᵗ): lr m̂ / (√v̂ + eps) = [lr c / (1 − β₁ᵗ)] m / (√v + c eps), two passes less
        c = (1 - b2**t) ** 0.5
        np.sqrt(v, s)
        s += c * options["eps"]
        np.divide(m, s, s)
        add_multiple(p, -options["lr"] * c / (1 - b1**t), s, s)


class AdamW(Adam):
    """Adam with weight decay apart from the gradient:  θ ← (1 − lr λ) θ, then Adam's step without decay.

    Source: I. Loshchilov and F. Hutter, "Decoupled Weight Decay Regularization" (2019), algorithm 2.

    >>> w = tl.tensor([1.0], requires_grad=True)
    >>> optimizer = tl.optim.AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)  # 0.95 · 1 − 0.1
    array([0.85])
    """

    decays_gradient = False

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(self, p: np.ndarray, g: np.ndarray, s: np.ndarray, state: Any, t: int, options: Options) -> None:
        if options["weight_decay"]:  # not p *= 1 − lr λ, which float32 rounds to 1 where lr λ is small
            add_multiple(p, -options["lr"] * options["weight_decay"], p, s)
        super().update(p, g, s, state, t, options)


class RMSprop(Optimizer):
    """v ← α v + (1 − α) g²,  θ ← θ − lr · g / (√v + eps).

    With momentum  δ ← momentum · δ + g / (√v + eps),  θ ← θ − lr · δ. ``centered`` subtracts from v the square of the
    running mean m of g: v − m² is held, as v ← α (v + (1 − α) (g − m)²), which rounding does not make negative.
    ``weight_decay`` λ adds λ θ to the gradient.

    Source: T. Tieleman and G. Hinton, Coursera lecture 6.5 (2012); A. Graves (2013) for the centered form.

    >>> w = tl.tensor([1.0], requires_grad=True)
    >>> optimizer = tl.optim.RMSprop([w], lr=0.01)
    >>> (w * w).sum().backward()
    >>> optimizer.step()  # g / √(0.01 g²) = 10
    >>> w.data.round(6)
    array([0.9])
    """

    squares_gradients = True
    ranges: ClassVar = {
        "lr": (0, inf),
        "alpha": (0, inf),
        "eps": (0, inf),
        "momentum": (0, inf),
        "weight_decay": (0, inf),
    }
    flags = ("centered",)
    first_lr = 0.003

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
    ) -> None:
        super().__init__(
            params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered
        )

    def arrays(self, options: Options) -> dict[str, float]:
        names = ["variance" if options["centered"] else "square_avg"]
        names += ["momentum_buffer"] if options["momentum"] else []
        names += ["grad_avg"] if options["centered"] else []
        return dict.fromkeys(names, 0.0)

    def read_state(self, found: dict[str, np.ndarray], group: Options) -> dict[str, np.ndarray]:
        """PyTorch's centered form holds the mean of squares: less the square of the mean, the variance."""
        square, mean = found.get("square_avg"), found.get("grad_avg")
        if not group["centered"] or square is None or mean is None or square.shape != mean.shape:
            return found
        variance = np.maximum(square - np.square(mean, dtype=np.float64), 0)
        return {"variance": variance} | {name: x for name, x in found.items() if name != "square_avg"}

    def update(self, p: np.ndarray, g: np.ndarray, s: np.ndarray, state: Any, t: int, options: Options) -> None:  # noqa: ARG002
        v, *rest = state
        alpha = options["alpha"]
        if options["centered"]:
            mean = rest[-1]
            np.subtract(g, mean, s)
            np.square(s, s)
            add_multiple(v, 1 - alpha, s, s)
            v *= alpha
            running(mean, g, alpha, s)
        else:
            running(v, np.square(g, s), alpha, s)
        np.sqrt(v, s)
        s += options["eps"]
        np.divide(g, s, s)
        if options["momentum"]:
            delta = rest[0]
            delta *= options["momentum"]
            add_multiple(delta, 1, s, s)
            add_multiple(p, -options["lr"], delta, s)
        else:
            add_multiple(p, -options["lr"], s, s)


class Adagrad(Optimizer):
    """v ← v + g²,  θ ← θ − lr / (1 + (t − 1) lr_decay) · g / (√v + eps).  ``weight_decay`` λ adds λ θ to the gradient.

    Source: J. Duchi, E. Hazan and Y. Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization" (2011).

    >>> w = tl.tensor([1.0], requires_grad=True)
    >>> optimizer = tl.optim.Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data.round(6)
    array([0.9])
    """

    squares_gradients = True
    ranges = dict.fromkeys(("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps"), (0, inf))
    first_lr = 0.03

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )

    def arrays(self, options: Options) -> dict[str, float]:
        return {"sum": options["initial_accumulator_value"]}

    def update(self, p: np.ndarray, g: np.ndarray, s: np.ndarray, state: Any, t: int, options: Options) -> None:
        (v,) = state
        add_multiple(v, 1, np.square(g, s), s)
        np.sqrt(v, s)
        s += options["eps"]
        np.divide(g, s, s)
        add_multiple(p, -options["lr"] / (1 + (t - 1) * options["lr_decay"]), s, s)


BY_NAME: Final[dict[str, type[Optimizer]]] = {
    name.lower(): value
    for name, value in list(globals().items())
    if isinstance(value, type) and issubclass(value, Optimizer) and value is not Optimizer
}
"""The optimizers by their names in small letters: what the estimators' ``solver`` and the command line choose from.

An optimizer of one's own is chosen by name once it is put in.
"""
