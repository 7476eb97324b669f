"""Expressions are shown as people write them, in terms of what they were made of."""

import numpy as np
import pytest

import tinygrad_lite as tl

pytest.importorskip("sympy")


def test_the_jacobian_of_softmax_is_shown_as_people_write_it():
    z = tl.symbols("z", 3)
    y = np.exp(z) / np.exp(z).sum()
    for f in (tl.softmax, lambda z: np.exp(z) / np.exp(z).sum()):
        shown = tl.simplified(tl.jacobian(f)(z), y=y)
        assert repr(shown.tolist()) == (
            "[[y1*(1 - y1), -y1*y2, -y1*y3], [-y1*y2, y2*(1 - y2), -y2*y3], [-y1*y3, -y2*y3, y3*(1 - y3)]]"
        )
    for f, expected in ((tl.sigmoid, "-y1*(y1 - 1)"), (np.tanh, "-(y1 - 1)*(y1 + 1)")):
        shown = tl.simplified(tl.grad(lambda z, f=f: f(z).sum())(z), y=f(z))
        assert repr(shown[0]) == expected
    assert repr(tl.simplified(z[0] * z[1] / z[0], y=y)) == "z2"  # nothing to name: the shortest form


def test_a_form_that_is_not_proved_is_not_taken():
    """With Σy = 1 an expression that changes with the scale of e would be read as another function of y."""
    z = tl.symbols("z", 3)
    e = np.exp(z)
    found = tl.simplified(e[0] * e[1], y=e / e.sum())
    assert "y" not in repr(found)
    assert tl.prove_equal(found, e[0] * e[1])
