"""What becomes an array."""

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table.arrays import array


@pytest.mark.parametrize("function", [tl.sum, tl.max, tl.cumsum, tl.transpose, lambda x: tl.take(x, 0)])
@pytest.mark.parametrize(
    "given", [lambda: iter([1.0]), lambda: zip([1.0]), lambda: {"a": 1.0}, lambda: {1.0}, lambda: None]
)
def test_what_is_no_array_is_not_given_back(function, given):
    """NumPy takes it for one object, whose sum it is itself."""
    with pytest.raises(TypeError, match=f"an array of numbers is needed, not {type(given()).__name__}"):
        function(given())


def test_lists_and_numbers_become_arrays():
    assert array([[1, 2]]).shape == (1, 2)
    assert array(2.0).shape == ()
    x = np.arange(3)
    assert array(x) is x
