"""Losses as modules: each is its function with the options chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from . import focal, functional, losses, margins
from .module import Module


class Criterion(Module):
    """A loss with its options chosen: what it is made with are attributes, and can be set.

    By position are taken those that PyTorch's module takes first. Weights of classes are kept as arrays, and so are
    saved with the module's state.
    """

    loss: ClassVar[Callable[..., Any]]
    """The function of the inputs, which takes the options by name."""

    def __init__(self, **options: Any) -> None:
        self._options = tuple(options)
        for name, value in options.items():
            setattr(self, name, np.array(value, np.float64) if isinstance(value, list | tuple) else value)

    def forward(self, *inputs: Any, **named: Any) -> Any:
        return type(self).loss(*inputs, **named, **{name: getattr(self, name) for name in self._options})


class MSELoss(Criterion):
    """:func:`mse_loss` with its options chosen.

    >>> nn.MSELoss()(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    np.float64(2.0)
    """

    loss = staticmethod(losses.mse_loss)

    def __init__(self, *, convention: str = "mean", reduction: str = "mean") -> None:
        super().__init__(convention=convention, reduction=reduction)


class L1Loss(Criterion):
    """:func:`l1_loss` with its options chosen.

    >>> nn.L1Loss()(np.array([1.0, -3.0]), np.zeros(2))
    np.float64(2.0)
    """

    loss = staticmethod(losses.l1_loss)

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)


class HuberLoss(Criterion):
    """:func:`huber_loss` with its options chosen.

    >>> nn.HuberLoss(delta=2.0)(np.array([3.0]), np.array([0.0]))
    np.float64(4.0)
    """

    loss = staticmethod(losses.huber_loss)

    def __init__(self, *, delta: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(delta=delta, reduction=reduction)


class SmoothL1Loss(Criterion):
    """:func:`smooth_l1_loss` with its options chosen.

    >>> nn.SmoothL1Loss(beta=2.0)(np.array([3.0]), np.array([0.0]))
    np.float64(2.0)
    """

    loss = staticmethod(losses.smooth_l1_loss)

    def __init__(self, *, beta: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(beta=beta, reduction=reduction)


class CrossEntropyLoss(Criterion):
    """:func:`tinygrad_lite.nn.functional.cross_entropy` of scores and class numbers or probabilities, options chosen.

    Classes are along axis 1, as in PyTorch, unless ``axis`` says otherwise; ``tl.cross_entropy`` takes the last.

    >>> nn.CrossEntropyLoss()(np.array([[0.0, np.log(3.0)]]), [1]).round(6)
    np.float64(0.287682)
    """

    loss = staticmethod(functional.cross_entropy)

    def __init__(
        self,
        weight: Any = None,
        *,
        axis: int | None = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        reduction: str = "mean",
    ) -> None:
        super().__init__(
            weight=weight, axis=axis, ignore_index=ignore_index, label_smoothing=label_smoothing, reduction=reduction
        )


class NLLLoss(Criterion):
    """:func:`tinygrad_lite.nn.functional.nll_loss` with its options chosen.

    Classes are along axis 1, as in PyTorch, unless ``axis`` says otherwise; ``nn.nll_loss`` takes the last.

    >>> nn.NLLLoss()(np.log(np.array([[0.25, 0.75]])), [1]).round(6)
    np.float64(0.287682)
    """

    loss = staticmethod(functional.nll_loss)

    def __init__(
        self, weight: Any = None, *, axis: int | None = None, ignore_index: int | None = None, reduction: str = "mean"
    ) -> None:
        super().__init__(weight=weight, axis=axis, ignore_index=ignore_index, reduction=reduction)


class BCELoss(Criterion):
    """:func:`tinygrad_lite.binary_cross_entropy` with its options chosen.

    >>> nn.BCELoss()(np.array([0.5]), np.array([1.0])).round(6)
    np.float64(0.693147)
    """

    loss = staticmethod(losses.binary_cross_entropy)

    def __init__(self, weight: Any = None, *, reduction: str = "mean") -> None:
        super().__init__(weight=weight, reduction=reduction)


class BCEWithLogitsLoss(Criterion):
    """:func:`binary_cross_entropy_with_logits` with its options chosen.

    >>> nn.BCEWithLogitsLoss()(np.array([0.0]), np.array([1.0])).round(6)
    np.float64(0.693147)
    """

    loss = staticmethod(losses.binary_cross_entropy_with_logits)

    def __init__(self, weight: Any = None, *, pos_weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(weight=weight, pos_weight=pos_weight, reduction=reduction)


class KLDivLoss(Criterion):
    """:func:`kl_div` with its options chosen.

    >>> nn.KLDivLoss(reduction="batchmean")(np.log(np.array([[0.5, 0.5]])), np.array([[1.0, 0.0]])).round(6)
    np.float64(0.693147)
    """

    loss = staticmethod(losses.kl_div)

    def __init__(self, *, log_target: bool = False, reduction: str = "mean") -> None:
        super().__init__(log_target=log_target, reduction=reduction)


class PoissonNLLLoss(Criterion):
    """:func:`poisson_nll_loss` with its options chosen.

    >>> nn.PoissonNLLLoss()(np.array([0.0]), np.array([3.0]))
    np.float64(1.0)
    """

    loss = staticmethod(losses.poisson_nll_loss)

    def __init__(
        self, log_input: bool = True, full: bool = False, *, eps: float = 1e-8, reduction: str = "mean"
    ) -> None:
        super().__init__(log_input=log_input, full=full, eps=eps, reduction=reduction)


class GaussianNLLLoss(Criterion):
    """:func:`gaussian_nll_loss` with its options chosen.

    >>> nn.GaussianNLLLoss()(np.array([1.0]), np.array([3.0]), np.array([1.0]))
    np.float64(2.0)
    """

    loss = staticmethod(losses.gaussian_nll_loss)

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(full=full, eps=eps, reduction=reduction)


class SigmoidFocalLoss(Criterion):
    """:func:`sigmoid_focal_loss` with its options chosen.

    >>> nn.SigmoidFocalLoss()(np.array([0.0]), np.array([1.0])).round(6)
    np.float64(0.043322)
    """

    loss = staticmethod(focal.sigmoid_focal_loss)

    def __init__(self, *, alpha: float | None = 0.25, gamma: float = 2.0, reduction: str = "mean") -> None:
        super().__init__(alpha=alpha, gamma=gamma, reduction=reduction)


class FocalLoss(Criterion):
    """:func:`focal_loss` with its options chosen.

    >>> nn.FocalLoss()(np.array([[0.0, np.log(3.0)]]), [1]).round(6)
    np.float64(0.01798)
    """

    loss = staticmethod(focal.focal_loss)

    def __init__(self, *, gamma: float = 2.0, alpha: Any = None, axis: int = -1, reduction: str = "mean") -> None:
        super().__init__(gamma=gamma, alpha=alpha, axis=axis, reduction=reduction)


class HingeLoss(Criterion):
    """:func:`hinge_loss` with its options chosen.

    >>> nn.HingeLoss()(np.array([0.25]), np.array([1]))
    np.float64(0.75)
    """

    loss = staticmethod(margins.hinge_loss)

    def __init__(self, *, margin: float = 1.0, reduction: str = "mean") -> None:
        super().__init__(margin=margin, reduction=reduction)


class SoftMarginLoss(Criterion):
    """:func:`soft_margin_loss` with its options chosen.

    >>> nn.SoftMarginLoss()(np.array([-1000.0]), np.array([1]))
    np.float64(1000.0)
    """

    loss = staticmethod(margins.soft_margin_loss)

    def __init__(self, *, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)


class MultiLabelSoftMarginLoss(Criterion):
    """:func:`multilabel_soft_margin_loss` with its options chosen.

    >>> nn.MultiLabelSoftMarginLoss()(np.array([[0.0, 0.0]]), np.array([[1, 0]])).round(6)
    np.float64(0.693147)
    """

    loss = staticmethod(margins.multilabel_soft_margin_loss)

    def __init__(self, weight: Any = None, *, reduction: str = "mean") -> None:
        super().__init__(weight=weight, reduction=reduction)


class MultiMarginLoss(Criterion):
    """:func:`multi_margin_loss` with its options chosen.

    >>> nn.MultiMarginLoss()(np.array([[0.25, 0.5, -1.0]]), [1])
    np.float64(0.25)
    """

    loss = staticmethod(margins.multi_margin_loss)

    def __init__(self, p: float = 1, margin: float = 1.0, weight: Any = None, *, reduction: str = "mean") -> None:
        super().__init__(p=p, margin=margin, weight=weight, reduction=reduction)


class MarginRankingLoss(Criterion):
    """:func:`margin_ranking_loss` with its options chosen.

    >>> nn.MarginRankingLoss(margin=0.5)(np.array([1.0]), np.array([3.0]), np.array([1]))
    np.float64(2.5)
    """

    loss = staticmethod(margins.margin_ranking_loss)

    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        super().__init__(margin=margin, reduction=reduction)


class HingeEmbeddingLoss(Criterion):
    """:func:`hinge_embedding_loss` with its options chosen.

    >>> nn.HingeEmbeddingLoss()(np.array([0.25]), np.array([-1]))
    np.float64(0.75)
    """

    loss = staticmethod(margins.hinge_embedding_loss)

    def __init__(self, margin: float = 1.0, *, reduction: str = "mean") -> None:
        super().__init__(margin=margin, reduction=reduction)


class CosineEmbeddingLoss(Criterion):
    """:func:`cosine_embedding_loss` with its options chosen.

    >>> nn.CosineEmbeddingLoss()(np.array([1.0, 0.0]), np.array([0.0, 2.0]), 1)
    np.float64(1.0)
    """

    loss = staticmethod(margins.cosine_embedding_loss)

    def __init__(self, margin: float = 0.0, *, reduction: str = "mean") -> None:
        super().__init__(margin=margin, reduction=reduction)


class TripletMarginLoss(Criterion):
    """:func:`triplet_margin_loss` with its options chosen.

    >>> nn.TripletMarginLoss(eps=0)(np.zeros((1, 2)), np.zeros((1, 2)), np.array([[0.0, 0.25]]))
    np.float64(0.75)
    """

    loss = staticmethod(margins.triplet_margin_loss)

    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False, *, reduction: str = "mean"
    ) -> None:
        super().__init__(margin=margin, p=p, eps=eps, swap=swap, reduction=reduction)
