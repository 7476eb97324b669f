"""The table's functions as methods, under the names that NumPy's arrays or PyTorch's tensors give them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..table import elementwise, indexing, linalg, neural, products, reductions, shapes, special


class Methods:
    """Base class of Tensor: what it can do that its operators do not say. The functions' docstrings apply."""

    __slots__ = ()

    # elementwise
    abs = absolute = elementwise.absolute
    add = elementwise.add
    arccos = elementwise.arccos
    arccosh = elementwise.arccosh
    arcsin = elementwise.arcsin
    arcsinh = elementwise.arcsinh
    arctan = elementwise.arctan
    arctan2 = elementwise.arctan2
    arctanh = elementwise.arctanh
    cbrt = elementwise.cbrt
    ceil = elementwise.ceil
    clip = elementwise.clip
    cos = elementwise.cos
    cosh = elementwise.cosh
    divide = elementwise.divide
    erf = special.erf
    erfc = special.erfc
    exp = elementwise.exp
    exp2 = elementwise.exp2
    expm1 = elementwise.expm1
    float_power = elementwise.float_power
    floor = elementwise.floor
    floor_divide = elementwise.floor_divide
    fmax = elementwise.fmax
    fmin = elementwise.fmin
    heaviside = elementwise.heaviside
    hypot = elementwise.hypot
    log = elementwise.log
    log10 = elementwise.log10
    log1p = elementwise.log1p
    log2 = elementwise.log2
    logaddexp = elementwise.logaddexp
    maximum = elementwise.maximum
    minimum = elementwise.minimum
    mod = remainder = elementwise.remainder
    multiply = elementwise.multiply
    negative = elementwise.negative
    positive = elementwise.positive
    pow = power = elementwise.power
    reciprocal = elementwise.reciprocal
    round = elementwise.round
    sign = elementwise.sign
    sin = elementwise.sin
    sinh = elementwise.sinh
    sqrt = elementwise.sqrt
    square = elementwise.square
    subtract = elementwise.subtract
    tan = elementwise.tan
    tanh = elementwise.tanh
    trunc = elementwise.trunc

    # reductions
    amax = reductions.amax
    amin = reductions.amin
    cumprod = reductions.cumprod
    cumsum = reductions.cumsum
    logsumexp = neural.logsumexp
    max = reductions.max
    mean = reductions.mean
    min = reductions.min
    prod = reductions.prod
    std = reductions.std
    sum = reductions.sum
    var = reductions.var

    # products and norms
    diagonal = linalg.diagonal
    dot = products.dot
    inner = products.inner
    matmul = products.matmul
    norm = linalg.norm
    outer = products.outer
    trace = linalg.trace
    vdot = products.vdot

    # shapes
    broadcast_to = shapes.broadcast_to
    expand_dims = shapes.expand_dims
    flatten = shapes.ravel
    moveaxis = shapes.moveaxis
    ravel = shapes.ravel
    split = shapes.split
    squeeze = shapes.squeeze
    swapaxes = shapes.swapaxes

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        """``reshape(2, 3)`` or ``reshape((2, 3))``."""
        return shapes.reshape(self, shape[0] if len(shape) == 1 else shape, order=order)

    def transpose(self, *axes: Any) -> Any:
        """``transpose(1, 0)``, ``transpose((1, 0))``, or all axes reversed."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], (int, np.integer)) else axes or None
        return shapes.transpose(self, order)

    # taking entries
    flip = indexing.flip
    repeat = indexing.repeat
    roll = indexing.roll
    take = indexing.take
    take_along_axis = indexing.take_along_axis
    tile = indexing.tile
    tril = indexing.tril
    triu = indexing.triu

    # indices and truth values, which have no derivative: plain arrays
    def argmax(self, axis: Any = None) -> Any:
        """Where the largest entry is."""
        return np.argmax(self, axis=axis)  # type: ignore[call-overload]

    def argmin(self, axis: Any = None) -> Any:
        """Where the smallest entry is."""
        return np.argmin(self, axis=axis)  # type: ignore[call-overload]

    def argsort(self, axis: Any = -1) -> Any:
        """The indices that sort."""
        return np.argsort(self, axis=axis)  # type: ignore[arg-type]

    def all(self, axis: Any = None) -> Any:
        """Whether all entries are true."""
        return np.all(self, axis=axis)  # type: ignore[call-overload]

    def any(self, axis: Any = None) -> Any:
        """Whether any entry is true."""
        return np.any(self, axis=axis)  # type: ignore[call-overload]

    # neural networks
    log_softmax = neural.log_softmax
    relu = neural.relu
    sigmoid = neural.sigmoid
    softmax = neural.softmax
