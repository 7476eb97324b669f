"""A mistake stands where it is: in a definition, and not in what uses it."""

from __future__ import annotations

import tinygrad_lite as tl


def test_a_mistake_in_a_definition_is_none_of_the_claims_that_use_it():
    page = r"$y_i = \sum_j a_{ijk} x_j$, $w_i = 2 y_i$, $\frac{\partial y_i}{\partial x_j} = \sum_k a_{ijk}$"
    definition, further, claim = tl.read(page).marks
    assert (definition.verdict, definition.why) == ("misprinted", "the index k is on the right, not on the left")
    assert (further.verdict, claim.verdict) == ("not read", "not read")
    assert "in the definition of y: the index k" in claim.why
