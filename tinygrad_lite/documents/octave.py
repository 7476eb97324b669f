"""Cross Validated, answer 280048, second part: the lines of Octave from G. Hinton's course, and the remarks on them.

The program keeps samples in columns and the weights as hidden neurons × output neurons, the transpose of the W in
z = W h. ``settings.Layer`` holds its variables.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..engine.transforms import grad
from ..verifying.statements import Condition, Correction
from ..verifying.verdicts import agreement
from .answer import statement
from .definitions import Pass, a_by_z, by_a, by_z, cross_entropy, softmax
from .families import NETWORKS
from .settings import LAYERS, Layer

# ---------------------------------------------------------------------------------------------------------------------
# By autograd


def costs(z: Any, s: Layer) -> Any:
    """The batch's cross-entropies, added up, as a function of what softmax is applied to (samples in columns)."""
    return np.sum(cross_entropy(softmax(z.T), s.target.T))


def by_score(s: Layer) -> Any:
    """The derivative of the cross-entropies with respect to what softmax is applied to."""
    return grad(lambda z: costs(z, s))(s.z)


def by_weights(s: Layer) -> Any:
    """The derivative of the cross-entropies with respect to hid_to_output_weights."""
    return grad(lambda W: costs(W.T @ s.hidden + s.b, s))(s.W)


def by_bias(s: Layer) -> Any:
    """The derivative of the cross-entropies with respect to output_bias, a column."""
    return grad(lambda b: costs(s.W.T @ s.hidden + b, s))(s.b)


def mean_by_weights(s: Layer) -> Any:
    """The derivative of the mean cost of the batch with respect to hid_to_output_weights."""
    return grad(lambda W: np.mean(cross_entropy(softmax((W.T @ s.hidden + s.b).T), s.target.T)))(s.W)


def program_cost(z: Any, s: Layer) -> Any:
    """CE as the program measures it, as a function of what softmax is applied to."""
    return np.sum(-s.target * np.log(softmax(z.T).T + s.tiny)) / s.batchsize


def cost_with_tiny(s: Layer) -> Any:
    """The mean cross-entropy, and what tiny changes in it, to first order."""
    change = grad(lambda tiny: np.sum(cross_entropy(s.output.T + tiny, s.target.T)) / s.batchsize)(0.0)
    return costs(s.z, s) / s.batchsize + s.tiny * change


def heavy_ball(s: Layer) -> Any:
    """The weights after a step of gradient descent with momentum on the mean cost.

    W − r ∇ + μ (W − W_before), where the step before was W − W_before = −r Δ_before. Source: B. T. Polyak, "Some
    methods of speeding up the convergence of iteration methods" (1964).
    """
    last_step = -s.rate * s.before
    return s.W - s.rate * mean_by_weights(s) + s.momentum * last_step


# ---------------------------------------------------------------------------------------------------------------------
# As written


def error_deriv(s: Layer) -> Any:
    """output_layer_state - expanded_target_batch."""
    return s.output - s.target


def weights_gradient(s: Layer) -> Any:
    """hidden_layer_state * error_deriv'."""
    return s.hidden @ error_deriv(s).T


def weights_delta(s: Layer) -> Any:
    """momentum .* hid_to_output_weights_delta + hid_to_output_weights_gradient ./ batchsize."""
    return s.momentum * s.before + weights_gradient(s) / s.batchsize


def weights_by_rule(s: Layer) -> Any:
    """hid_to_output_weights - learning_rate * hid_to_output_weights_delta."""
    return s.W - s.rate * weights_delta(s)


def printed_cost(s: Layer) -> Any:
    """-sum(sum(expanded_target_batch .* log(output_layer_state + tiny))) / batchsize."""
    return -np.sum(np.sum(s.target * np.log(s.output + s.tiny), axis=0)) / s.batchsize


# ---------------------------------------------------------------------------------------------------------------------
# Conditions and mistakes


SINGLE: Final = Condition("batchsize = 1 and tiny = 0", lambda s: s.batchsize == 1 and s.tiny == 0)


FIXED: Final = Condition(
    "∂E/∂W Δ = Δ",
    lambda s: (
        s.W.shape[0] == s.W.shape[1] and bool(np.allclose(weights_gradient(s) @ weights_delta(s), weights_delta(s)))
    ),
)

TWICE: Final = Correction(
    r"W_{hidd-2-out}:=W_{hidd-2-out}-r\, \Delta_{hidd-2-out}",
    "W := W − r Δ",
    "the gradient is multiplied with Δ, which has the gradient in it already: as a product of two matrices of hidden × "
    "output neurons it is not formed unless these are as many, and it is not the step of the program",
    printed=weights_by_rule,
    right_when=FIXED,
)

SEVERAL_CLASSES_JOINED: Final = Condition(
    "the activation is not elementwise, as softmax of two or more classes is not",
    lambda s: s.network.output is softmax and len(s.y) > 1,
)


def one_term(s: Pass) -> Any:
    """Whether ∂E/∂zⱼ is ∂E/∂oⱼ ∂oⱼ/∂zⱼ, with oⱼ and zⱼ of one and the same neuron."""
    return agreement(by_z(s, -1), by_a(s, -1) * np.diagonal(a_by_z(s, -1)).reshape(-1, 1))


def dependence(s: Layer) -> Any:
    """Whether the program's update changes with the hidden layer's output oᵢ, and with the network's output oⱼ."""
    error = error_deriv(s)

    def update(hidden: Any, error: Any) -> Any:
        return s.W - s.rate * (s.momentum * s.before + hidden @ error.T / s.batchsize)

    now = update(s.hidden, error)
    return {
        "changes with oᵢ": 1 - agreement(now, update(s.hidden + 1, error)),
        "changes with oⱼ": 1 - agreement(now, update(s.hidden, error + 1)),
    }


def never(_: Layer) -> Any:
    """Neither changes it."""
    return {"changes with oᵢ": 0.0, "changes with oⱼ": 0.0}


STATEMENTS: Final = (
    statement(
        "error-deriv", "program, error_deriv",
        r"\texttt{error\_deriv = output\_layer\_state - expanded\_target\_batch;}",
        "error_deriv = output − target", LAYERS, by_score, error_deriv,
        note="the derivative of the sum of the batch's cross-entropies; the update divides it by batchsize",
    ),
    statement(
        "error-deriv-comment", "program, comment", r"\texttt{\%\% Compute derivative of cross-entropy loss function.}",
        "error_deriv is the derivative of CE", LAYERS, lambda s: grad(lambda z: program_cost(z, s))(s.z), error_deriv,
        kind="claim", condition=SINGLE,
        note="CE is taken as the program measures it, divided by batchsize; it is batchsize · ∂CE/∂z else, and tiny is "
        "neglected",
    ),
    statement(
        "expanded-target", "below it",
        r"\text{expanded\_target\_batch corresponds to the one-hot encoded sparse matrix}",
        "expanded_target_batch is one-hot", LAYERS, lambda s: s.target,
        lambda s: np.eye(len(s.target))[:, s.labels], kind="definition", sizes=(),
    ),
    statement(
        "cost", "program, CE",
        r"\texttt{CE = -sum(sum(expanded\_target\_batch .* log(output\_layer\_state + tiny))) / batchsize;}",
        "CE = −ΣΣ target · log(output + tiny) / N", LAYERS, cost_with_tiny, printed_cost,
        note="compared with the mean cross-entropy and its derivative with respect to tiny, at 0, times tiny, which is "
        "e⁻³⁰ at most; it keeps log 0 out",
    ),
    statement(
        "weights-gradient", "program, weights",
        r"\texttt{hid\_to\_output\_weights\_gradient = hidden\_layer\_state * error\_deriv';}",
        "∂E/∂W = hidden × error_derivᵀ", LAYERS, by_weights, weights_gradient,
        note="for weights kept as hidden × output neurons; it is the transpose of the gradient for W in z = W h",
    ),
    statement(
        "bias-gradient", "program, bias", r"\texttt{output\_bias\_gradient = sum(error\_deriv, 2);}",
        "∂E/∂b = Σₙ error_deriv", LAYERS, by_bias, lambda s: np.sum(error_deriv(s), axis=1, keepdims=True),
    ),
    statement(
        "splitting", "observation",
        r"\text{The splitting of partials in the OP, } "
        r"\frac{\partial E} {\partial z_j} = {\frac{\partial E} {\partial o_j}}"
        r"{\frac{\partial o_j} {\partial z_j}} \text{, seems unwarranted}",
        "∂E/∂zⱼ ≠ ∂E/∂oⱼ ∂oⱼ/∂zⱼ", NETWORKS, one_term, lambda _: 0.0, kind="claim", condition=SEVERAL_CLASSES_JOINED,
        note="one term is right where the activation is elementwise, and the sum Σₖ ∂E/∂oₖ ∂oₖ/∂zⱼ always: it is the "
        "missing sum that is unwarranted, not the splitting",
    ),
    statement(
        "weights-delta", "program, momentum",
        r"\texttt{hid\_to\_output\_weights\_delta = momentum .* hid\_to\_output\_weights\_delta + "
        r"hid\_to\_output\_weights\_gradient ./ batchsize;}",
        "Δ := μ Δ + ∂E/∂W / N", LAYERS, lambda s: s.momentum * s.before + mean_by_weights(s), weights_delta,
        note="with the gradient of the mean cost, by autograd",
    ),
    statement(
        "weights-update", "program, update",
        r"\texttt{hid\_to\_output\_weights = hid\_to\_output\_weights - learning\_rate * "
        r"hid\_to\_output\_weights\_delta;}",
        "W := W − r Δ", LAYERS, heavy_ball, weights_by_rule,
        note="gradient descent with momentum on the mean cost, as Polyak writes it, for a learning rate that stays",
    ),
    statement(
        "without-o", "observation",
        r"\text{which don't include the output } o_j \text{ in the OP formula: } "
        r"w_{ij} = w'_{ij} - r{\frac{\partial E} {\partial z_j}} {o_i}",
        "the update does not include o", LAYERS, dependence, never, kind="claim",
        corrected=Correction(
            r"w_{ij} = w'_{ij} - r{\frac{\partial E} {\partial z_j}} {o_i}", "the update includes oᵢ and oⱼ",
            "the question's oᵢ is the output of the layer before, and the gradient includes it: it is "
            "hidden_layer_state; the network's own output oⱼ is in error_deriv",
            printed=lambda _: {"changes with oᵢ": 1.0, "changes with oⱼ": 1.0}, really=never,
        ),
    ),
    statement(
        "final-update", "last formula",
        r"W_{hidd-2-out}:=W_{hidd-2-out}-r\, \frac{\partial E}{\partial W_{hidd-2-out}}\, \Delta_{hidd-2-out}",
        "W := W − r ∂E/∂W Δ", LAYERS, heavy_ball, lambda s: s.W - s.rate * (weights_gradient(s) @ weights_delta(s)),
        corrected=TWICE, note='introduced as "would be more along the lines of"',
    ),
)  # fmt: skip
"""The program's lines, and the remarks after them."""
