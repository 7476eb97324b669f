"""An independent reading of formulas: what is printed, evaluated on numbers."""

import numpy as np
import pytest

import tinygrad_lite as tl

FUNCTIONS = {"ln": np.log, "max": np.maximum, "min": np.minimum, "softmax": tl.softmax, "log_softmax": tl.log_softmax}
"""What formulas call otherwise than NumPy does."""


@pytest.fixture
def evaluate():
    """A formula's value, by its names' values."""
    return evaluated


def evaluated(x, values):
    """The sum of the terms' values."""
    total = np.zeros(x.shape)
    for coefficient, monomial in x.terms:
        product = np.ones(x.shape) * float(coefficient)
        for atom, power in monomial.items():
            product = product * atom_value(atom, values) ** float(power)
        total = total + product
    return total.reshape(x.shape)


def atom_value(atom, values):
    head, args = atom.head, atom.args
    inner = [evaluated(a, values) if hasattr(a, "terms") else a for a in args]
    if head == "name":
        return {"ln 2": np.log(2), "ln 10": np.log(10), **values}[args[0]]
    if head in ("group", "shaped"):
        return inner[0].reshape(atom.shape)
    if head == "call":
        function = FUNCTIONS.get(args[0]) or getattr(np, args[0])
        return function(*inner[1:])
    if head == "transpose":
        return inner[0].T
    if head == "matmul":
        return np.linalg.multi_dot(inner)
    if head == "sum":
        return inner[0].sum(axis=args[1]).reshape(atom.shape)
    assert head == "bracket"
    sign = {"=": np.equal, "≠": np.not_equal, "<": np.less, "≤": np.less_equal, ">": np.greater, "≥": np.greater_equal}
    return sign[args[0]](inner[1], inner[2]).astype(float)
