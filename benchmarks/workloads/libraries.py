"""How each library takes a derivative: a problem becomes a step, which is what is timed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from tinygrad_lite.engine.trees import flatten, tree_map, unflatten

from ..contest import Build, Contest
from . import WORKLOADS
from .workload import Problem

Step = Callable[[], Any]


class Arrays:
    """A library's array module, with what it has under other names."""

    def __init__(self, module: Any, **own: Any) -> None:
        self.module = module
        self.__dict__.update(own)

    def __getattr__(self, name: str) -> Any:
        found = self.__dict__[name] = getattr(self.module, name)
        return found


# ---------------------------------------------------------------------------------------------------------------------
# This library


def derivative(problem: Problem) -> Callable[..., Any]:
    """The function that gives value and gradient, or the Hessian times a vector."""
    import tinygrad_lite as tl
    import tinygrad_lite.numpy as tnp

    arrays = Arrays(np, array=tnp.array, conv2d=tl.conv2d)
    program = problem.form("tinygrad_lite")

    def f(*arguments: Any) -> Any:
        return program(arrays, *arguments)

    return (tl.hvp if problem.derivative == "hvp" else tl.value_and_grad)(f)


def eager(problem: Problem) -> Step:
    return partial(derivative(problem), *problem.arguments)


def compiled(problem: Problem, kernels: str) -> Step:
    import tinygrad_lite as tl

    return partial(tl.compile(derivative(problem), kernels=kernels), *problem.arguments)


# ---------------------------------------------------------------------------------------------------------------------
# The others


def torch_arrays() -> Arrays:
    """PyTorch's functions, where NumPy's have another name or take what they do not."""
    import torch

    return Arrays(
        torch,
        array=torch.clone,
        conv2d=torch.nn.functional.conv2d,
        max=torch.amax,
        maximum=torch.clamp_min,
        logaddexp=lambda a, b: torch.logaddexp(torch.as_tensor(a, dtype=b.dtype), b),
    )


def pytorch(problem: Problem, threads: int) -> Step:
    import torch

    torch.set_num_threads(threads)
    program = partial(problem.form("torch"), torch_arrays())
    arguments = tree_map(torch.from_numpy, problem.arguments)
    variables, structure = flatten(arguments[0])
    for v in variables:
        v.requires_grad_()
    if problem.derivative == "hvp":
        *arguments, direction = arguments

        def product() -> Any:
            gradient = torch.autograd.grad(program(*arguments), variables, create_graph=True)
            return torch.autograd.grad(gradient, variables, [direction])[0]

        return product

    def step() -> Any:
        value = program(*arguments)
        return value.detach(), unflatten(structure, torch.autograd.grad(value, variables))

    return step


def jax_function(problem: Problem) -> tuple[Any, Any]:
    """The derivative before it is compiled, and its arguments as JAX's arrays."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)  # the arrays of float32 stay what they are

    def conv2d(x: Any, weight: Any) -> Any:
        return jax.lax.conv_general_dilated(x, weight, (1, 1), "VALID")

    program = partial(problem.form("jax"), Arrays(jnp, conv2d=conv2d))

    def product(*arguments: Any) -> Any:
        point, *others, direction = arguments
        return jax.jvp(jax.grad(lambda x: program(x, *others)), (point,), (direction,))[1]

    function = product if problem.derivative == "hvp" else jax.value_and_grad(program)
    return function, tree_map(jnp.asarray, problem.arguments)


def jax(problem: Problem) -> Step:
    import jax

    function, arguments = jax_function(problem)
    run = jax.jit(function)
    return lambda: jax.block_until_ready(run(*arguments))


def autograd(problem: Problem) -> Step:
    import autograd
    import autograd.numpy as anp

    program = partial(problem.form("autograd"), anp)
    way = autograd.hessian_vector_product if problem.derivative == "hvp" else autograd.value_and_grad
    return partial(way(program), *problem.arguments)


LIBRARIES: dict[str, Callable[[Problem], Step]] = {
    "compiled": partial(compiled, kernels="all"),
    "compiled-numpy": partial(compiled, kernels="none"),
    "tinygrad_lite": eager,
    "torch-1": partial(pytorch, threads=1),
    "torch-2": partial(pytorch, threads=2),
    "jax": jax,
    "autograd": autograd,
}


# ---------------------------------------------------------------------------------------------------------------------
# What they must agree on


def leaves(result: Any) -> Iterator[np.ndarray]:
    """The arrays in a result, in whatever containers of it."""
    if isinstance(result, dict):
        result = [result[key] for key in sorted(result)]
    if isinstance(result, (tuple, list)):
        for part in result:
            yield from leaves(part)
    else:
        yield np.asarray(result, np.float64)


def answer(result: Any) -> list[float]:
    """For each array x of a result ‖x‖, and 2 ‖x‖ ‖w‖ + ⟨w, x⟩ for random weights w, in which nothing cancels."""
    found = []
    for x in leaves(result):
        length = math.sqrt(np.vdot(x, x))
        weights = np.random.default_rng(1).standard_normal(x.shape)
        found += [length, 2 * length * math.sqrt(np.vdot(weights, weights)) + float(np.vdot(weights, x))]
    return found


def contestant(library: str) -> Build:
    """A library in the workload that a case names."""

    def build(case: str) -> Contest:
        step = LIBRARIES[library](WORKLOADS[case].measured())
        for _ in range(3):  # which compile, kernels too
            step()
        return Contest(step, answer(step()))

    return build


def first_call(call: Callable[[], Any]) -> Contest:
    """A contestant that compiles anew and calls what it compiled; its figure is how long that takes."""

    def seconds() -> float:
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    return Contest(seconds, answer(call()), measured=True)
