"""What transforms return: called as functions are, and sent to other processes."""

import copy
import multiprocessing
import os
import pickle

import numpy as np
import pytest

import tinygrad_lite as tl


def energy(x):
    """Of a chain."""
    return (x**4).sum() / 4


@tl.grad
def decorated(x):
    """Of a spring."""
    return (x * x).sum()


class Spring:
    """Its methods."""

    def __init__(self, stiffness):
        self.stiffness = stiffness

    def stretched(self, x):
        return self.stiffness * (x * x).sum()

    force = tl.grad(stretched, argnums=1)

    @tl.jacobian
    @staticmethod
    def squared(x):
        return x * x


X = np.array([1.0, 2.0])
MADE = {
    "grad": (tl.grad(energy), [X]),
    "grad of two": (tl.grad(np.dot, argnums=[1, 0]), [X, X]),
    "with aux": (tl.grad(np.modf, has_aux=True), [0.5]),
    "value_and_grad": (tl.value_and_grad(energy), [X]),
    "jacobian": (tl.jacobian(energy), [X]),
    "jacobian of grad": (tl.jacobian(tl.grad(energy)), [X]),
    "hessian": (tl.hessian(energy), [X]),
    "hvp": (tl.hvp(energy), [X, X]),
    "checkpoint": (tl.checkpoint(energy), [X]),
    "of a method": (tl.grad(Spring(3.0).stretched), [X]),
    "decorated": (decorated, [X]),
    "decorated in a class": (Spring.squared, [X]),
}


@pytest.mark.parametrize("name", MADE)
def test_a_pickle_and_copies_do_the_same(name):
    made, args = MADE[name]
    for again in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made), copy.copy(made)):
        np.testing.assert_equal(again(*args), made(*args))
        assert again.__doc__ == made.__doc__
        assert again.__name__ == made.__name__
        assert (again is made) == name.startswith("decorated")  # found by its name


def test_a_transform_of_a_method_is_one():
    np.testing.assert_array_equal(Spring(3.0).force(X), 6 * X)


def test_it_says_what_it_is():
    assert repr(tl.grad(np.sin)) == "<grad of <ufunc 'sin'>>"


@pytest.mark.parametrize("transform", [tl.grad, tl.value_and_grad, tl.jacobian, tl.hvp, tl.checkpoint])
def test_what_is_no_function_is_refused_at_once(transform):
    with pytest.raises(TypeError, match=f"^{transform.__name__}: takes a function, not 3"):
        transform(3)


@pytest.mark.parametrize("argnums", ["x", 1.0, None, [0, "x"]])
def test_what_names_no_argument_is_refused(argnums):
    with pytest.raises(TypeError, match=r"^argnums: the number of an argument, or a tuple of several, not"):
        tl.grad(energy, argnums)(X)


def test_what_has_no_name_has_no_pickle():
    with pytest.raises((pickle.PicklingError, AttributeError), match="<lambda>"):
        pickle.dumps(tl.grad(lambda x: x))


@pytest.mark.skipif(os.name != "posix", reason="needs a process that forks quickly")
def test_several_processes_start_from_several_points():
    with multiprocessing.get_context("forkserver").Pool(1) as pool:
        found = pool.map(tl.value_and_grad(energy), [X, 2 * X])
    np.testing.assert_equal(found, [tl.value_and_grad(energy)(x) for x in (X, 2 * X)])
