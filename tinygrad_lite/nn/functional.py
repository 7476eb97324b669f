"""The functions of networks in one place, for programs that say ``import tinygrad_lite.nn.functional as F``.

They are those of ``tl`` and of ``tl.nn``; what PyTorch has in other forms stands here. An axis is ``axis=``, as in
NumPy; options are given by name.

>>> import tinygrad_lite.nn.functional as F
>>> F.cross_entropy(F.relu(np.array([[0.0, 2.0]])), [1]).round(4)
np.float64(0.1269)
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ..table import entropies, foreign, habits, network_names, padding
from ..table.arrays import array, floating
from ..table.convolution import conv1d, conv2d, conv_transpose1d, conv_transpose2d
from ..table.elementwise import tanh
from ..table.entropies import binary_cross_entropy, kl_div
from ..table.half_precision import halves_in_single
from ..table.neural import linear, log_softmax, relu, sigmoid, softmax
from ..table.norms import norm
from ..table.primitive import Primitive
from ..table.registry import REGISTRY
from ..table.units import (
    celu,
    elu,
    gelu,
    glu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    logsigmoid,
    mish,
    prelu,
    relu6,
    selu,
    silu,
    softplus,
    softshrink,
    softsign,
    tanhshrink,
)
from ..table.windows import avg_pool2d, max_pool2d
from . import losses
from .convolutional import BORDERS
from .focal import focal_loss, sigmoid_focal_loss
from .layer_functions import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    avg_pool1d,
    batch_norm,
    dropout,
    dropout1d,
    dropout2d,
    group_norm,
    instance_norm,
    max_pool1d,
    scaled_dot_product_attention,
    softmin,
    threshold,
)
from .layers import embedding
from .losses import (
    binary_cross_entropy_with_logits,
    gaussian_nll_loss,
    huber_loss,
    l1_loss,
    mse_loss,
    one_hot,
    poisson_nll_loss,
    smooth_l1_loss,
)
from .margins import (
    bounded_length,
    cosine_embedding_loss,
    cosine_similarity,
    hinge_embedding_loss,
    hinge_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_soft_margin_loss,
    pairwise_distance,
    soft_margin_loss,
    triplet_margin_loss,
)
from .normalization import LayerNorm

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "dropout",
    "dropout1d",
    "dropout2d",
    "elu",
    "embedding",
    "focal_loss",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "group_norm",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hinge_embedding_loss",
    "hinge_loss",
    "huber_loss",
    "instance_norm",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "mish",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "sigmoid_focal_loss",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "triplet_margin_loss",
]


def channels(x: Any) -> int:
    """The axis of classes in PyTorch: 1, of a single sample 0."""
    return 1 if array(x).ndim > 1 else 0


def cross_entropy(
    input: Any,
    target: Any,
    *,
    axis: int | None = None,
    weight: Any = None,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Any:
    """:func:`tinygrad_lite.cross_entropy`, with classes along axis 1, as in PyTorch, unless ``axis`` says otherwise.

    ``tl.cross_entropy`` takes the last axis, which is another where there are more than two.

    >>> nn.functional.cross_entropy(np.zeros((1, 2, 5)), np.zeros((1, 5), int)).round(6)
    np.float64(0.693147)
    """
    return entropies.cross_entropy(
        input,
        target,
        axis=channels(input) if axis is None else axis,
        weight=weight,
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
        reduction=reduction,
    )


def nll_loss(
    input: Any,
    target: Any,
    *,
    axis: int | None = None,
    weight: Any = None,
    ignore_index: int | None = None,
    reduction: str = "mean",
) -> Any:
    """:func:`tinygrad_lite.nn.nll_loss`, with classes along axis 1, as in PyTorch, unless ``axis`` says otherwise.

    >>> nn.functional.nll_loss(np.log(np.full((1, 2, 5), 0.5)), np.zeros((1, 5), int)).round(6)
    np.float64(0.693147)
    """
    axis = channels(input) if axis is None else axis
    return losses.nll_loss(input, target, axis=axis, weight=weight, ignore_index=ignore_index, reduction=reduction)


def layer_norm(
    x: Any, normalized_shape: int | Sequence[int], weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Each sample standardized over its last axes, times ``weight``, plus ``bias``. See :class:`nn.LayerNorm`.

    >>> nn.functional.layer_norm(np.array([[1.0, 3.0]]), 2, bias=np.array([1.0, 1.0])).round(3)
    array([[0., 2.]])
    """
    y: Any = LayerNorm(normalized_shape, eps, elementwise_affine=False)(x)
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


@halves_in_single
def normalize(x: Any, p: float = 2.0, axis: int = 1, eps: float = 1e-12) -> Any:
    """x / max(‖x‖ₚ, eps), of the norms along an axis.

    >>> nn.functional.normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    x = floating(array(x))
    return x / bounded_length(norm(x, p, axis, keepdims=True), eps)


MODES: Final = {"constant": "constant", **BORDERS}
"""PyTorch's words for what is padded with, and NumPy's."""


def pad(x: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Any:
    """Entries added at the ends of the last axes: widths before and after the last axis, then the one before it, …

    ``tl.pad`` is NumPy's, whose widths begin with the first axis.

    Parameters
    ----------
    pad : an even number of widths, none negative
    mode : "constant" (``value``, by default 0), "reflect", "replicate" or "circular"

    Raises ValueError for other widths and modes.

    >>> nn.functional.pad(np.ones((1, 2)), (0, 3)), np.pad(np.ones((1, 2)), (0, 3)).shape
    (array([[1., 1., 0., 0., 0.]]), (4, 5))
    """
    x = array(x)
    if mode not in MODES:
        raise ValueError(f"pad: mode must be one of {', '.join(MODES)}, not {mode!r}")
    if not isinstance(pad, Sequence):
        raise TypeError(f"pad: takes two widths for each of the last axes, as (1, 1), not {pad!r}")
    pairs = [(before, after) for before, after in zip(pad[::2], pad[1::2], strict=False)]
    if len(pad) % 2 or len(pairs) > x.ndim or min(pad, default=0) < 0:
        raise ValueError(
            f"pad: takes two widths for each of the last axes, none negative; got {tuple(pad)} for shape {x.shape}"
        )
    widths = [(0, 0)] * (x.ndim - len(pairs)) + pairs[::-1]
    options = {"constant_values": 0.0 if value is None else value} if mode == "constant" else {}
    return padding.pad(x, widths, MODES[mode], **options)


if not TYPE_CHECKING:

    def public(name):
        """What a function is called by here: one that knows PyTorch's arguments, as dim= and inplace=."""
        function = globals()[name]
        if name in REGISTRY and inspect.unwrap(REGISTRY[name].function) is function:
            function = REGISTRY[name].function
        if isinstance(function, Primitive):
            return function
        known = habits.knowing_habits(foreign.with_keywords_explained(function, name))
        known.__module__ = __name__  # where pickle finds it
        return known

    globals().update({name: public(name) for name in __all__})

    def __getattr__(name):
        raise foreign.absent(f"module {__name__!r}", name, foreign.FUNCTIONS | network_names.FUNCTIONAL)
