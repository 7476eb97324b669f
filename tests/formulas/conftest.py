"""An independent reading of formulas: what is printed, evaluated on numbers."""

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.formulas.algebra import single
from tinygrad_lite.formulas.rendering import text

FUNCTIONS = {
    "ln": np.log,
    "max": lambda *x, **axes: np.maximum(*x) if len(x) > 1 else np.max(*x, **axes),
    "min": lambda *x, **axes: np.minimum(*x) if len(x) > 1 else np.min(*x, **axes),
    "σ": tl.sigmoid,
    "relu": tl.relu,
    "softmax": tl.softmax,
    "log_softmax": tl.log_softmax,
    "logsumexp": tl.logsumexp,
    "cross_entropy": lambda z, t, **reduction: tl.cross_entropy(z, np.asarray(t, float), **reduction),
    "binary_cross_entropy": lambda p, t: tl.binary_cross_entropy(p, t, reduction="none"),
}
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
    if head == "partial":
        return values[text(single(atom))]
    inner = [evaluated(a, values) if hasattr(a, "terms") else a for a in args]
    if head == "name":
        known = {"ln 2": np.log(2), "ln 10": np.log(10), **values}
        return known[args[0]] if args[0] in known else known[text(single(atom))]
    if head in ("group", "shaped"):
        return inner[0].reshape(atom.shape)
    if head == "call":
        if args[0] == "broadcast":
            return np.broadcast_to(inner[1], atom.shape)
        if args[0].endswith("′"):
            return values[text(single(atom))]
        function = FUNCTIONS.get(args[0]) or getattr(np, args[0])
        said = ", ".join([x.text for x in inner[1:] if hasattr(x, "text")])
        settings = eval(f"dict({said})", {**values, "sum": "sum", "none": "none"})
        if args[0] == "cumsum":
            settings.setdefault("axis", -1)
        return function(*[x for x in inner[1:] if not hasattr(x, "text")], **settings)
    if head == "transpose":
        return inner[0].T
    if head == "matmul":
        return np.linalg.multi_dot(inner)
    if head == "sum":
        return inner[0].sum(axis=args[1]).reshape(atom.shape)
    if head == "index":
        return selected(inner[0], args[1], values)
    if head == "replaced":
        inner[0] = inner[0].copy()
        selected(inner[0], args[1], values, inner[2])
        return inner[0]
    if head == "put":
        zeros = np.zeros(atom.shape)
        for place, entry in zip(
            numbers(args[1], values).flat, np.broadcast_to(inner[0], args[1].shape).flat, strict=True
        ):
            zeros.flat[place] += entry
        return zeros
    assert head == "bracket"
    sign = {"=": np.equal, "≠": np.not_equal, "<": np.less, "≤": np.less_equal, ">": np.greater, "≥": np.greater_equal}
    return sign[args[0]](inner[1], inner[2]).astype(float)


def numbers(part, values):
    """The numbers in the whole array of the entries that a part's text names: it is read as Python."""
    x = np.arange(np.prod(part.whole, dtype=int)).reshape(part.whole)
    return np.asarray(eval(f"x{part.text}".replace("…", "..."), {**values, "x": x}))


def selected(x, part, values, written=None):
    """What a part's text names, or with something written: the array afterwards; the last value stays."""
    places = numbers(part, values)
    if written is None:
        return x.reshape(-1)[places]
    extra = max(np.ndim(written) - places.ndim, 0)
    written = np.broadcast_to(np.reshape(written, np.shape(written)[extra:]), places.shape)
    for place, entry in zip(places.flat, written.flat, strict=True):
        x.flat[place] = entry
    return x
