"""The handwritten notes "Softmax", second part: the gradient again, by putting softmax into the loss first."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..engine.transforms import grad
from ..verifying.statements import Correction
from .by_hand import partials
from .conditions import SUM_IS_ONE
from .definitions import cross_entropy, softmax
from .families import MODERATE, Scores
from .notes import GENERAL, entry, for_all, general, gradient, loss, total
from .settings import ONE_HOT, right

PLACE: Final = "Alternative Solution"

# ---------------------------------------------------------------------------------------------------------------------
# As written: what stands behind ∂/∂zⱼ, one number for each sample


def log_total(z: Any) -> Any:
    """ln Σᵢ e^zᵢ, a column."""
    return np.log(total(z))


def logarithm_of_quotient(s: Scores) -> Any:
    """∂/∂zⱼ of −Σₖ tₖ ln(e^zₖ / Σᵢ e^zᵢ)."""
    return partials(lambda z: -np.sum(s.t * np.log(np.exp(z) / total(z)), axis=-1), s.z)


def difference_of_logarithms(s: Scores) -> Any:
    """∂/∂zⱼ of −Σₖ tₖ (zₖ − ln Σᵢ e^zᵢ)."""
    return partials(lambda z: -np.sum(s.t * (z - log_total(z)), axis=-1), s.z)


def sign_taken_in(s: Scores) -> Any:
    """∂/∂zⱼ of Σₖ tₖ (ln Σᵢ e^zᵢ − zₖ)."""
    return partials(lambda z: np.sum(s.t * (log_total(z) - z), axis=-1), s.z)


def multiplied_out(s: Scores) -> Any:
    """∂/∂zⱼ of Σₖ (tₖ ln Σᵢ e^zᵢ − tₖ zₖ)."""
    return partials(lambda z: np.sum(s.t * log_total(z) - s.t * z, axis=-1), s.z)


def half_differentiated(s: Scores) -> Any:
    """∂/∂zⱼ of Σₖ tₖ ln Σᵢ e^zᵢ, minus tⱼ."""
    return partials(lambda z: np.sum(s.t * log_total(z), axis=-1), s.z) - s.t


def differentiated(s: Scores) -> Any:
    """Σₖ (tₖ e^zⱼ / Σᵢ e^zᵢ) − tⱼ: the axes of the sum are sample, k, j."""
    return np.sum(s.t[:, :, None] * np.exp(s.z)[:, None, :] / total(s.z)[:, :, None], axis=1) - s.t


def with_y(s: Scores) -> Any:
    """Σₖ tₖ yⱼ − tⱼ."""
    return np.sum(s.t[:, :, None] * softmax(s.z)[:, None, :], axis=1) - s.t


def by_cases(s: Scores) -> Any:
    """yⱼ if j ≠ γ, yⱼ − 1 if j = γ."""
    y, j = softmax(s.z), np.arange(s.z.shape[-1])
    return np.where(j != right(s.t)[:, None], y, y - 1)


ONE: Final = Correction(GENERAL.latex, GENERAL.formula, "the targets are taken to be one-hot", printed=general)

ENTRIES: Final = (
    entry(
        "again-softmax", PLACE, r"y_k = \frac{e^{z_k}}{\sum_{i=1}^K e^{z_i}}", "yₖ = e^zₖ / Σᵢ e^zᵢ",
        lambda s: grad(lambda z: np.sum(np.log(total(z))))(s.z), lambda s: np.exp(s.z) / total(s.z), kind="definition",
        note="compared with ∂/∂zₖ ln Σᵢ e^zᵢ",
    ),
    entry(
        "again-loss", PLACE, r"E(\vec{y}, \vec{t}) = - \sum_k^K t_k \ln(y_k)", "E = −Σₖ tₖ ln yₖ",
        lambda s: -np.log(np.prod(softmax(s.z) ** s.t, axis=-1)),
        lambda s: -np.sum(s.t * np.log(softmax(s.z)), axis=-1), kind="definition", on=MODERATE, sizes=(2, 3),
    ),
    entry(
        "again-inserted", PLACE,
        r"E(\vec{y}, \vec{t}) = - \sum_k^K t_k \ln \left(\frac{e^{z_k}}{\sum_{i=1}^K e^{z_i}} \right)",
        "E = −Σₖ tₖ ln(e^zₖ / Σᵢ e^zᵢ)",
        lambda s: cross_entropy(softmax(s.z), s.t), lambda s: -np.sum(s.t * np.log(np.exp(s.z) / total(s.z)), axis=-1),
    ),
    entry(
        "again-1", f"{PLACE}, line 1",
        r"\frac{\partial E}{\partial z_j} = \frac{\partial}{\partial z_j} \left[- \sum_k^K t_k \ln "
        r"\left(\frac{e^{z_k}}{\sum_{i=1}^K e^{z_i}} \right) \right]",
        "∂E/∂zⱼ = ∂/∂zⱼ [−Σₖ tₖ ln(e^zₖ / Σᵢ e^zᵢ)]", gradient, logarithm_of_quotient,
    ),
    entry(
        "again-2", f"{PLACE}, line 2",
        r"= \frac{\partial}{\partial z_j} \left[- \sum_k^K t_k \left(z_k - \ln \left(\sum_{i=1}^K e^{z_i} \right) "
        r"\right) \right]",
        "= ∂/∂zⱼ [−Σₖ tₖ (zₖ − ln Σᵢ e^zᵢ)]", gradient, difference_of_logarithms,
    ),
    entry(
        "again-3", f"{PLACE}, line 3",
        r"= \frac{\partial}{\partial z_j} \left[\sum_k^K t_k \left(\ln \left(\sum_{i=1}^K e^{z_i} \right) - z_k "
        r"\right) \right]",
        "= ∂/∂zⱼ [Σₖ tₖ (ln Σᵢ e^zᵢ − zₖ)]", gradient, sign_taken_in,
    ),
    entry(
        "again-4", f"{PLACE}, line 4",
        r"= \frac{\partial}{\partial z_j} \left[\sum_k^K t_k \ln \left(\sum_{i=1}^K e^{z_i} \right) - t_k z_k \right]",
        "= ∂/∂zⱼ [Σₖ tₖ ln Σᵢ e^zᵢ − tₖ zₖ]", gradient, multiplied_out,
        note="the parentheses of the line above are lost: k is bound in −tₖ zₖ only if the sum is over both terms, and "
        "so it is read; in the last lines a sum that is written the same way ends before −tⱼ",
    ),
    entry(
        "again-5", f"{PLACE}, line 5",
        r"= \frac{\partial}{\partial z_j} \left[\sum_k^K t_k \ln \left(\sum_{i=1}^K e^{z_i} \right) \right] - t_j",
        "= ∂/∂zⱼ [Σₖ tₖ ln Σᵢ e^zᵢ] − tⱼ", gradient, half_differentiated,
    ),
    entry(
        "again-6", f"{PLACE}, line 6", r"= \sum_k^K \left(\frac{t_k e^{z_j}}{\sum_{i=1}^K e^{z_i}} \right) - t_j",
        "= Σₖ (tₖ e^zⱼ / Σᵢ e^zᵢ) − tⱼ", gradient, differentiated,
    ),
    entry(
        "again-7", f"{PLACE}, line 7", r"= \sum_k t_k y_j - t_j", "= Σₖ tₖ yⱼ − tⱼ", gradient, with_y,
        note="the sum ends before −tⱼ",
    ),
    entry(
        "again-8", f"{PLACE}, line 8", r"= y_j \left(\sum_k t_k \right) - t_j", "= yⱼ (Σₖ tₖ) − tⱼ", gradient,
        lambda s: softmax(s.z) * np.sum(s.t, axis=-1, keepdims=True) - s.t, note="true whatever the targets' sum",
        for_all=for_all("cross-entropy"),
    ),
    entry(
        "again-9", f"{PLACE}, line 9", r"= y_j - t_j", "= yⱼ − tⱼ", gradient, lambda s: softmax(s.z) - s.t,
        condition=SUM_IS_ONE, corrected=GENERAL, for_all=for_all("cross-entropy-normalised"),
    ),
    entry(
        "again-cases", f"{PLACE}, cases",
        r"= \begin{cases} y_j & \text{if } j \neq \gamma \\ y_j - 1 & \text{if } j = \gamma \end{cases}",
        "= yⱼ if j ≠ γ, yⱼ − 1 if j = γ", gradient, by_cases, condition=ONE_HOT, corrected=ONE,
        note="γ, which the notes do not introduce, is the correct class",
    ),
    entry(
        "again-vector", f"{PLACE}, as a vector", r"\frac{\partial E}{\partial \vec{z}} = \vec{y} - \vec{t}",
        "∂E/∂z = y − t", lambda s: grad(lambda z: np.sum(loss(z, s.t)))(s.z), lambda s: softmax(s.z) - s.t,
        condition=SUM_IS_ONE, corrected=GENERAL, for_all=for_all("cross-entropy-normalised"),
    ),
)  # fmt: skip
"""From "Alternative Solution" to the end."""
