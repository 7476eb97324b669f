"""The table's functions as methods: which there are, and that they are those functions."""

import inspect

import pytest

import tinygrad_lite as tl
from tinygrad_lite.engine.methods import Methods
from tinygrad_lite.table.attributes import ARRAY_METHODS
from tinygrad_lite.table.registry import REGISTRY

BY_HAND = {"reshape", "transpose"} | {name for name in ARRAY_METHODS if not name.startswith("_")}


def test_methods_are_what_the_registry_says():
    own = {name for name in vars(Methods) if not name.startswith("_")}
    assert own - BY_HAND == {name for entry in REGISTRY.values() for name in entry.methods}
    assert own >= BY_HAND


@pytest.mark.parametrize("name", [name for entry in REGISTRY.values() for name in entry.methods])
def test_a_method_is_the_function(name):
    entry = next(entry for entry in REGISTRY.values() if name in entry.methods)
    assert vars(Methods)[name] is entry.function
    assert (
        list(inspect.signature(getattr(tl.tensor([1.0]), name)).parameters)
        == list(inspect.signature(entry.function).parameters)[1:]
    )


def test_further_spellings():
    for name, other in {"abs": "absolute", "power": "pow", "mod": "remainder", "ravel": "flatten"}.items():
        assert vars(Methods)[name] is vars(Methods)[other]


def test_every_elementwise_function_of_one_line_is_a_method():
    assert {"exp", "add", "erf", "rint"} <= set(dir(tl.Tensor))


def test_arguments_by_one_tuple_or_several_numbers():
    t = tl.tensor([[1.0, 2.0, 3.0]])
    assert t.reshape(3, 1).shape == t.reshape((3, 1)).shape == (3, 1)
    assert t.transpose(1, 0).shape == t.transpose((1, 0)).shape == t.transpose().shape == (3, 1)
