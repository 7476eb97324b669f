"""Slopes that take hints: of inputs drawn by chance, those that belong together."""

import numpy as np

OUTPUTS = {
    "sech_square": lambda t, x: (np.tanh(x), x),
    "over_root": lambda a, b, h: (a, b, np.sqrt(a * a + b * b)),
    "share_in_exp": lambda a, b, s: (a, b, np.log(np.exp(a) + np.exp(b))),
    "share_in_exp2": lambda a, b, s: (a, b, np.log(np.exp2(a) + np.exp2(b)) / np.log(2)),
}
"""Those that take as a hint the output of the function whose slope they are: for the inputs, consistent ones."""

ARGUMENTS = {
    "logistic_slope": lambda s, x: (1 / (1 + np.exp(-x)), x),
    "one_minus_twice": lambda s, x: (1 / (1 + np.exp(-x)), x),
}
"""Those whose last input is the argument of the function whose output is their first."""


def consistent(name, inputs):
    """Inputs of a primitive that belong together."""
    return (OUTPUTS | ARGUMENTS).get(name, lambda *x: x)(*inputs)
