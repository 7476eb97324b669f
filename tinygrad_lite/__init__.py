"""Gradients of NumPy code: a reverse-mode Tensor, the table of derivatives, and what follows from them.

>>> w = tl.tensor([1.0, 2.0], requires_grad=True)
>>> np.exp(w).sum().backward()
>>> w.grad
array([2.71828183, 7.3890561 ])
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .checks import DerivationMismatch, GradientMismatch, assert_derivation, check_derivation, check_gradients
from .engine.memory import keep_memory
from .engine.recording import no_grad, scope, tracing
from .engine.tensor import Tensor, tensor
from .engine.transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .table.convolution import conv2d
from .table.elementwise import absolute as abs
from .table.elementwise import (
    add,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cbrt,
    ceil,
    clip,
    cos,
    cosh,
    divide,
    exp,
    exp2,
    expm1,
    float_power,
    floor,
    floor_divide,
    fmax,
    fmin,
    heaviside,
    hypot,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    maximum,
    minimum,
    multiply,
    negative,
    positive,
    power,
    reciprocal,
    rint,
    round,
    sign,
    sin,
    sinh,
    sqrt,
    square,
    subtract,
    tan,
    tanh,
    trunc,
    where,
)
from .table.elementwise import remainder as mod
from .table.entropies import binary_cross_entropy, cross_entropy
from .table.indexing import flip, getitem, pad, repeat, roll, take, take_along_axis, tile, tril, triu
from .table.linalg import diagonal, norm, trace
from .table.neural import linear, log_softmax, logsumexp, relu, sigmoid, softmax
from .table.products import dot, einsum, inner, matmul, outer, tensordot, vdot
from .table.reductions import amax, amin, cumprod, cumsum, max, mean, min, prod, std, sum, var
from .table.shapes import (
    array_split,
    atleast_1d,
    atleast_2d,
    broadcast_to,
    concatenate,
    expand_dims,
    hstack,
    matrix_transpose,
    moveaxis,
    ravel,
    reshape,
    split,
    squeeze,
    stack,
    swapaxes,
    transpose,
    vstack,
)
from .table.special import erf, erfc
from .table.windows import avg_pool2d, max_pool2d, sliding_window_view

if TYPE_CHECKING:
    from .drawing import draw, draw_difference
    from .formulas import derive
    from .proofs import prove_equal, simplified, symbols

__all__ = [
    "DerivationMismatch",
    "GradientMismatch",
    "Tensor",
    "abs",
    "add",
    "amax",
    "amin",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "array_split",
    "assert_derivation",
    "atleast_1d",
    "atleast_2d",
    "avg_pool2d",
    "binary_cross_entropy",
    "broadcast_to",
    "cbrt",
    "ceil",
    "check_derivation",
    "check_gradients",
    "clip",
    "concatenate",
    "conv2d",
    "cos",
    "cosh",
    "cross_entropy",
    "cumprod",
    "cumsum",
    "derive",
    "diagonal",
    "divide",
    "dot",
    "draw",
    "draw_difference",
    "einsum",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "flip",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "getitem",
    "grad",
    "heaviside",
    "hessian",
    "hstack",
    "hvp",
    "hypot",
    "inner",
    "jacobian",
    "jvp",
    "keep_memory",
    "linear",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "matmul",
    "matrix_transpose",
    "max",
    "max_pool2d",
    "maximum",
    "mean",
    "min",
    "minimum",
    "mod",
    "moveaxis",
    "multiply",
    "negative",
    "no_grad",
    "norm",
    "outer",
    "pad",
    "positive",
    "power",
    "prod",
    "prove_equal",
    "ravel",
    "reciprocal",
    "relu",
    "repeat",
    "reshape",
    "rint",
    "roll",
    "round",
    "scope",
    "sigmoid",
    "sign",
    "simplified",
    "sin",
    "sinh",
    "sliding_window_view",
    "softmax",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "sum",
    "swapaxes",
    "symbols",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tensor",
    "tensordot",
    "tile",
    "trace",
    "tracing",
    "transpose",
    "tril",
    "triu",
    "trunc",
    "value_and_grad",
    "var",
    "vdot",
    "vjp",
    "vstack",
    "where",
]

LAZY = {
    "derive": "formulas",
    "draw": "drawing",
    "draw_difference": "drawing",
    "prove_equal": "proofs",
    "simplified": "proofs",
    "symbols": "proofs",
}
"""Public names that are loaded when they are asked for, and their files: whoever needs none waits for none."""

SUBMODULES = {"data": "training.data", "nn": "nn", "optim": "optim", "saving": "nn.saving", "training": "training"}
"""Parts that are loaded when they are asked for, and where they stand: ``tl.nn``."""


def __getattr__(name: str) -> Any:
    if name in SUBMODULES:
        return import_module(f".{SUBMODULES[name]}", __name__)
    if name in LAZY:
        return getattr(import_module(f".{LAZY[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
