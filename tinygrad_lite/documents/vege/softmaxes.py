"""Section 4.1.2: softmax and its derivative."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ...verifying.proving import indexed_proof
from ...verifying.statements import Correction
from ...verifying.verdicts import agreement
from ..by_hand import kronecker
from ..definitions import SOFTMAX_WITHIN, Pass, a_by_z, by_z, jacobians, slope, softmax
from ..families import SCORES, Scores, network_family
from .document import statement

SOFTMAX_HIDDEN: Final = network_family(
    "a network of softmax layers", ("softmax in every layer", SOFTMAX_WITHIN), narrow=False
)


def exponentials(z: Any) -> tuple[Any, Any, Any]:
    """e^(zⱼ), e^(zᵢ) and their sum, for axes sample, i, j."""
    e = np.exp(z)
    return e[:, None, :], e[:, :, None], np.sum(e, axis=1)[:, None, None]


def components(z: Any) -> tuple[Any, Any, Any]:
    """σⱼ, σᵢ and δⱼᵢ, for axes sample, i, j."""
    sigma = softmax(z)
    return sigma[:, None, :], sigma[:, :, None], kronecker(z)


def cases(z: Any, otherwise: Any, same: Any) -> Any:
    """One expression where j ≠ i, another where j = i."""
    return np.where(np.eye(z.shape[1], dtype=bool), same, otherwise)


def quotient_cases(s: Scores) -> Any:
    """Line 3: the quotient rule."""
    e_j, e_i, total = exponentials(s.z)
    return cases(s.z, -e_j * e_i / total**2, e_j / total - e_j * e_i / total**2)


def sigma_cases(s: Scores) -> Any:
    """Line 4: in terms of σ."""
    s_j, s_i, _ = components(s.z)
    return cases(s.z, -s_j * s_i, s_j - s_j * s_i)


def with_kronecker(s: Scores) -> Any:
    """Line 5, which equation 16 repeats."""
    s_j, s_i, delta = components(s.z)
    return s_j * (delta - s_i)


def stable(z: Any) -> Any:
    """softmax(z) without numbers greater than 1: the largest score is subtracted from all."""
    return softmax(z - np.max(z, axis=1, keepdims=True))


def quotients(s: Scores) -> Any:
    """Lines 1 and 2: the derivatives of e^(zᵢ)/Σₖ e^(zₖ), each case with the same expression."""
    fraction = jacobians(lambda z: np.exp(z) / np.sum(np.exp(z)), s.z)
    return cases(s.z, fraction, fraction)


def hidden_deltas(s: Pass) -> dict[str, Any]:
    """δ of the hidden layers by autograd."""
    return {f"δ{n}": by_z(s, n) for n in range(1, s.L)}


def recursion(s: Pass, jacobian: Any) -> dict[str, Any]:
    """Equation 35 with a product with a Jacobian for σ′."""
    return {f"δ{n}": jacobian(s, n).T @ (s.W[n + 1].T @ by_z(s, n + 1)) for n in range(1, s.L)}


def diagonal_of(s: Pass, layer: int) -> Any:
    """The Jacobian without what is off its diagonal: all that a Hadamard product sees."""
    return np.diag(slope(s, layer)[:, 0])


STATEMENTS: Final = (
    statement(
        "15",
        "eq. 15",
        r"\sigma_{\text{sm}}(z)_i = \frac{e^{z_i}}{\sum_{k=1}^K e^{z_k}}",
        "softmax(z)ᵢ = e^zᵢ / Σₖ e^zₖ",
        SCORES,
        lambda s: stable(s.z),
        lambda s: np.exp(s.z) / np.sum(np.exp(s.z), axis=1, keepdims=True),
        kind="definition",
        note="computed with the largest score subtracted from all",
    ),
    statement(
        "4.1.2-only-output",
        "§ 4.1.2, “only … in the output layer”",
        r"\text{The softmax activation function can only be used in the output layer.}",
        "softmax in a hidden layer: no gradient",
        SOFTMAX_HIDDEN,
        lambda s: agreement(hidden_deltas(s), recursion(s, a_by_z)),
        lambda s: 0.0,
        kind="claim",
        corrected=Correction(
            r"\delta^{l-1} = \left(\frac{\partial \mathbf{a}^{l-1}}{\partial \mathbf{z}^{l-1}}\right)^T "
            r"(W^l)^T \delta^l",
            "δˡ⁻¹ = (∂aˡ⁻¹/∂zˡ⁻¹)ᵀ (Wˡ)ᵀ δˡ",
            "Softmax is uncommon in hidden layers, as the footnote says, but can be used there: backpropagation goes "
            "through its Jacobian. Only equation 35 with its Hadamard product does not serve for it.",
            lambda s: 1.0,
            really=lambda s: agreement(hidden_deltas(s), recursion(s, diagonal_of)),
        ),
        note="1 if δ of the hidden layers is what the formula says, 0 if not",
    ),
    statement(
        "4.1.2-softmax-1",
        "§ 4.1.2, derivative, line 1",
        r"\frac{\partial}{\partial z_j} (\sigma_{\text{sm}}(z)_i) &= \frac{\partial}{\partial z_j} "
        r"\left(\frac{e^{z_i}}{\sum_{k=1}^K e^{z_k}} \right)",
        "∂σᵢ/∂zⱼ = ∂/∂zⱼ (e^zᵢ / Σₖ e^zₖ)",
        SCORES,
        lambda s: jacobians(softmax, s.z),
        lambda s: jacobians(lambda z: np.exp(z) / np.sum(np.exp(z)), s.z),
    ),
    statement(
        "4.1.2-softmax-2",
        "§ 4.1.2, derivative, line 2",
        r"&= \begin{cases} \frac{\partial}{\partial z_j} \left(\frac{e^{z_i}}{\sum_{k=1}^K e^{z_k}} \right) & "
        r"\text{if } j \neq i \\ \frac{\partial}{\partial z_j} \left(\frac{e^{z_i}}{\sum_{k=1}^K e^{z_k}} \right) & "
        r"\text{if } j = i \end{cases}",
        "= the same for j ≠ i and for j = i",
        SCORES,
        lambda s: jacobians(softmax, s.z),
        quotients,
    ),
    statement(
        "4.1.2-softmax-3",
        "§ 4.1.2, derivative, line 3",
        r"&= \begin{cases} \frac{-e^{z_j} e^{z_i}}{\left(\sum_{k=1}^K e^{z_k}\right)^2} & \text{if } j \neq i \\ "
        r"\frac{e^{z_j}}{\sum_{k=1}^K e^{z_k}} - \frac{e^{z_j} e^{z_i}}{\left(\sum_{k=1}^K e^{z_k}\right)^2} & "
        r"\text{if } j = i \end{cases}",
        "= −e^zⱼ e^zᵢ/Σ²; j = i: e^zⱼ/Σ more",
        SCORES,
        lambda s: jacobians(softmax, s.z),
        quotient_cases,
    ),
    statement(
        "4.1.2-softmax-4",
        "§ 4.1.2, derivative, line 4",
        r"&= \begin{cases} -\sigma_{\text{sm}}(z)_j \sigma_{\text{sm}}(z)_i & \text{if } j \neq i \\ "
        r"\sigma_{\text{sm}}(z)_j - \sigma_{\text{sm}}(z)_j \sigma_{\text{sm}}(z)_i & \text{if } j = i \end{cases}",
        "= −σⱼ σᵢ; j = i: σⱼ − σⱼ σᵢ",
        SCORES,
        lambda s: jacobians(softmax, s.z),
        sigma_cases,
    ),
    statement(
        "4.1.2-softmax-5",
        "§ 4.1.2, derivative, line 5",
        r"&= \sigma_{\text{sm}}(z)_j (\delta_{ji} - \sigma_{\text{sm}}(z)_i)",
        "= σⱼ (δⱼᵢ − σᵢ)",
        SCORES,
        lambda s: jacobians(softmax, s.z),
        with_kronecker,
        for_all=indexed_proof("softmax-jacobian"),
    ),
    statement(
        "16",
        "eq. 16",
        r"\frac{\partial}{\partial z_j} (\sigma_{\text{sm}}(z)_i) = \sigma_{\text{sm}}(z)_j "
        r"(\delta_{ji} - \sigma_{\text{sm}}(z)_i)",
        "∂σᵢ/∂zⱼ = σⱼ (δⱼᵢ − σᵢ)",
        SCORES,
        lambda s: jacobians(softmax, s.z),
        with_kronecker,
        for_all=indexed_proof("softmax-jacobian"),
    ),
)
