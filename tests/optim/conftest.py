"""Every optimizer there is, for the tests of what they share."""

import pytest

from tinygrad_lite import optim

OPTIONS = {
    "momentum": ("sgd", {"momentum": 0.9, "weight_decay": 0.01}),
    "nesterov": ("sgd", {"momentum": 0.9, "nesterov": True}),
    "adam decaying": ("adam", {"weight_decay": 0.01}),
    "rmsprop centred": ("rmsprop", {"momentum": 0.5, "centered": True}),
    "adagrad decaying": ("adagrad", {"lr_decay": 0.1}),
}
ALL = {name: (name, {}) for name in optim.BY_NAME} | OPTIONS
"""Every optimizer as it comes, and some with the options that change its formula."""


@pytest.fixture(params=ALL, ids=list(ALL))
def make(request):
    """A function of parameters that makes the optimizer."""
    name, options = ALL[request.param]
    return lambda params: optim.BY_NAME[name](params, 0.1, **options)
