"""Names from elsewhere: each is an error that names a remedy, and each remedy runs."""

import copy
import inspect
import pickle
import pydoc

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table import foreign, network_names
from tinygrad_lite.table.registry import REGISTRY

SPACES = {
    "methods": (tl.tensor([1.0]), foreign.METHODS),
    "functions": (tl, foreign.FUNCTIONS),
    "nn": (tl.nn, network_names.NN),
    "modules": (tl.nn.Linear(3, 2, rng=0), network_names.MODULES),
    "optim": (tl.optim, network_names.OPTIM),
    "functional": (tl.nn.functional, network_names.FUNCTIONAL),
    "init": (tl.nn.init, network_names.INIT),
    "data": (tl.data, network_names.DATA),
    "training": (tl.training, network_names.TRAINING),
}
NAMES = [
    pytest.param(space, name, remedies[name], id=f"{kind}-{name}")
    for kind, (space, remedies) in SPACES.items()
    for name in remedies
]


def names():
    """What the remedies speak of."""
    rng = np.random.default_rng(0)
    t, u, w = [tl.tensor(rng.uniform(0.1, 0.9, (3, 3)), requires_grad=True) for _ in range(3)]
    net = tl.nn.Linear(3, 2, rng=0)
    return {
        "np": np,
        "tl": tl,
        "t": t,
        "u": u,
        "w": w,
        "f": lambda x: (x * x).sum(),
        "net": net,
        "optimizer": tl.optim.SGD(net.parameters(), 0.1),
        "X": np.ones((3, 2)),
        "y": np.arange(3),
        "mask": np.eye(3, dtype=bool),
        "index": np.zeros((3, 3), int),
    }


@pytest.mark.parametrize(("space", "name", "remedy"), NAMES)
def test_a_name_from_elsewhere_says_what_to_write(space, name, remedy):
    with pytest.raises(AttributeError) as caught:
        getattr(space, name)
    assert f"has no {name}; here it is: {remedy}" in str(caught.value)
    assert not hasattr(space, name)
    assert name not in dir(space)
    exec(remedy, names())


def test_there_are_many():
    assert len({name for _, remedies in SPACES.values() for name in remedies}) >= 200


def test_what_students_type():
    t = tl.tensor([[1.0, 2.0]])
    for name, said in {
        "view": "t.reshape(",
        "unsqueeze": "t.expand_dims(",
        "mm": "t @ u",
        "clamp": "t.clip(",
        "permute": "t.transpose(",
        "add_": "t = t + u",
        "requires_grad_": "w.requires_grad = True",
        "realize": "it is computed already",
    }.items():
        with pytest.raises(AttributeError) as caught:
            getattr(t, name)
        assert said in str(caught.value)


def test_on_the_class_too():
    with pytest.raises(AttributeError, match="default_rng"):
        tl.Tensor.uniform(2, 3)


def test_any_other_name_is_an_error_as_ever():
    t = tl.tensor([1.0])
    with pytest.raises(AttributeError, match="'Tensor' object has no attribute 'reshap'"):
        t.reshap  # noqa: B018
    with pytest.raises(AttributeError, match="module 'tinygrad_lite' has no attribute 'reshap'"):
        tl.reshap  # noqa: B018
    with pytest.raises(AttributeError, match=r"module 'tinygrad_lite\.nn' has no attribute 'Linea'"):
        tl.nn.Linea  # noqa: B018


def test_names_from_elsewhere_are_not_listed():
    for listed in (dir(tl.Tensor), dir(tl.tensor([1.0]))):
        assert set(listed).isdisjoint(foreign.METHODS)
        assert {"sum", "reshape", "backward", "data", "__add__"} <= set(listed)
    assert "unsqueeze" not in pydoc.render_doc(tl.Tensor)


def test_tensors_are_copied_and_pickled_as_before():
    t = tl.tensor([1.0, 2.0], requires_grad=True, name="t")
    for other in (copy.copy(t), copy.deepcopy(t), pickle.loads(pickle.dumps(t))):
        assert other.name == "t"
        assert other.requires_grad
        np.testing.assert_array_equal(other.data, t.data)


def test_asking_for_an_attribute_costs_nothing_more():
    assert "__getattr__" not in {name for base in tl.Tensor.__mro__ for name in vars(base)}
    assert "__getattribute__" not in {name for base in tl.Tensor.__mro__[:-1] for name in vars(base)}


# ---------------------------------------------------------------------------------------------------------------------
# Keywords


EXPLAINED = [entry for entry in REGISTRY.values() if hasattr(entry.function, "__wrapped__")]


@pytest.mark.parametrize("explained", EXPLAINED, ids=lambda explained: explained.name)
def test_a_keyword_from_elsewhere_says_what_it_is_called_here(explained):
    parameters = inspect.signature(explained.function).parameters
    for other, ours in foreign.KEYWORDS.items():
        if ours in parameters and other not in parameters:
            with pytest.raises(TypeError, match=f"^{explained.name}: takes no {other}=; here it is {ours}=$"):
                explained.function(np.ones((2, 2)), **{other: 0})


def test_as_a_method_too():
    t = tl.tensor([[1.0, 2.0]])
    for call in (
        lambda: t.sum(dim=0),
        lambda: t.softmax(dim=-1),
        lambda: tl.sum(t, dim=0),
        lambda: t.mean(0, keepdim=True),
    ):
        with pytest.raises(TypeError, match=r"here it is (axis|keepdims)="):
            call()


def test_every_function_over_axes_knows():
    over_axes = {e.name for e in REGISTRY.values() if "axis" in inspect.signature(e.function).parameters}
    assert {"sum", "softmax", "concatenate"} <= over_axes <= {e.name for e in EXPLAINED}


def test_other_errors_are_as_they_were():
    with pytest.raises(TypeError, match=r"sum\(\) got an unexpected keyword argument 'axes_'"):
        tl.sum(np.ones(2), axes_=0)
    with pytest.raises(TypeError, match="'NoneType' object is not"):
        tl.reshape(np.ones(2), None)


def test_public_functions_can_be_pickled():
    for explained in EXPLAINED:
        assert pickle.loads(pickle.dumps(explained.function)) is explained.function
