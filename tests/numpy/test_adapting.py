"""``tl.adapt``: programs differentiated as they are, and left as they were."""

import copy
import functools
import importlib
import math
import sys
from pathlib import Path

import numpy as np
import pytest

import tinygrad_lite as tl

X = np.array([0.3, -0.7, 1.2])


@pytest.fixture
def model(monkeypatch):
    """The program, imported anew."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    for name in [name for name in sys.modules if name.partition(".")[0] == "program"]:
        del sys.modules[name]
    yield importlib.import_module("program.model")
    for name in [name for name in sys.modules if name.partition(".")[0] == "program"]:
        del sys.modules[name]


def central(f, x, h=1e-6):
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(x.size)])


def assert_right(program, adapted, x=X):
    """The copy's gradient is the original's by central differences, and its value the original's."""
    value, gradient = tl.value_and_grad(adapted)(x)
    np.testing.assert_allclose(value, program(x))
    np.testing.assert_allclose(gradient, central(program, x), rtol=1e-6, atol=1e-8)


PROGRAMS = (
    *("energy", "caches", "classes", "decorated", "recursive", "mutual", "callbacks", "generators", "nested"),
    *("type_checks", "texts", "lambdas", "imported", "wholes", "mathematics", "outside_the_domain", "plain_builtins"),
    *("number_in_state", "with_machine", "uncommon_classes"),
)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("whole", [False, True])
def test_programs_are_differentiated_as_they_are(model, name, whole):
    adapted = getattr(tl.adapt(model), name) if whole else tl.adapt(getattr(model, name))
    assert_right(getattr(model, name), adapted)


def test_second_derivatives(model):
    adapted = tl.adapt(model.nested)
    np.testing.assert_allclose(tl.hessian(adapted)(X), 8 * np.eye(3))


def test_the_original_is_as_it_was(model):
    def snapshot():
        return {
            name: copy.deepcopy(value) if isinstance(value, (np.ndarray, list, dict, np.random.Generator)) else value
            for name, value in vars(model).items()
            if not name.startswith("__")
        }

    before, adapted = snapshot(), tl.adapt(model)
    numpys = [(vars(module), dict(vars(module))) for module in (np, np.linalg, np.random, math)]
    for name in (*PROGRAMS, "noisy", "defaults"):
        tl.grad(getattr(adapted, name))(X)
    after = snapshot()
    assert before.keys() == after.keys()
    for name, value in before.items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(value, after[name])
        elif isinstance(value, np.random.Generator):
            assert value.normal() == after[name].normal()
        elif not isinstance(value, (list, dict)):
            assert value is after[name]
    assert model.defaults.__defaults__ == ([],)
    assert model.MACHINE.calls == 0
    assert model.cached.cache_info().currsize == 0
    assert all(now[name] is value for now, names in numpys for name, value in names.items())
    with pytest.raises(TypeError):  # it knows no Tensors still
        tl.grad(model.energy)(X)


def test_global_variables_are_the_copys(model):
    adapted = tl.adapt(model)
    tl.grad(adapted.energy)(X)
    adapted.energy(X)
    assert (adapted.COUNT, model.COUNT) == (2, 0)
    assert adapted.STATE is not model.STATE
    assert adapted.VIEW.base is adapted.STATE
    tl.grad(adapted.number_in_state)(X)
    np.testing.assert_array_equal(adapted.VIEW, [5.0, 0.0])
    np.testing.assert_array_equal(model.STATE, np.zeros(3))


def test_what_requires_a_gradient_is_not_written_to_a_global_array(model):
    with pytest.raises(TypeError, match=r"assignment to entries of a NumPy array.*model\.py, line"):
        tl.grad(tl.adapt(model.tensor_in_state))(X)
    np.testing.assert_array_equal(model.STATE, np.zeros(3))


def test_random_numbers_are_those_of_the_original(model):
    adapted = tl.adapt(model.noisy)
    assert adapted(X) == model.noisy(X)


def test_whole_numbers_are_refused(model):
    with pytest.raises(TypeError, match=r"int\(\) makes a constant.*math\.trunc"):
        tl.grad(tl.adapt(model.whole_number))(X)


def test_instances_of_the_original_are_instances(model):
    adapted = tl.adapt(model.kind)
    point = model.Point(1.0)
    np.testing.assert_allclose(tl.grad(lambda x: adapted(x, point))(X), [math.exp(0.3), 0, 0])
    copied = tl.adapt(model)
    assert isinstance(point, copied.Point)
    assert isinstance(copied.Point(1.0), copied.Point)
    assert issubclass(model.Child, copied.Base)
    assert not isinstance(copied.Child(1.0), copied.Point)


@pytest.mark.parametrize("name", ["MACHINE", "PARTIAL"])
def test_callable_instances_and_partials(model, name):
    program = getattr(model, name)
    assert_right(program, tl.adapt(program))


def test_methods_and_classes(model):
    assert_right(model.MACHINE.method, tl.adapt(model.MACHINE.method))
    assert_right(model.Machine(3.0), tl.adapt(model.Machine)(3.0))
    assert_right(
        model.cached.__wrapped__.__get__ and (lambda x: model.cached(x[0])), lambda x: tl.adapt(model.cached)(x[0])
    )


def test_caches_are_not_stale(model):
    adapted = tl.adapt(model.caches)
    for x in (X, X + 1, X):
        np.testing.assert_allclose(tl.grad(adapted)(x), [math.exp(x[0]), 55, 0])


def test_a_package(model):
    package = importlib.import_module("program")
    adapted = tl.adapt(package)
    assert_right(package.energy, adapted.energy)
    assert adapted.model.parts.table.__globals__ is vars(adapted.model.parts)


def test_adapting_twice(model):
    once = tl.adapt(model)
    assert tl.adapt(once) is once
    assert tl.adapt(once.energy) is once.energy
    assert tl.adapt(np.exp) is tl.numpy.exp
    assert_right(model.energy, tl.adapt(model.energy))
    assert_right(model.energy, tl.adapt(model.energy))


def test_no_source_is_needed():
    names = {}
    exec(
        "import numpy as np\n"
        "def f(x):\n"
        "    a = np.zeros(2)\n"
        "    a[0] = float(x[0]) ** 2\n"
        "    g = lambda t: '%.1f' % t and float(t)\n"
        "    return a.sum() + g(x[1]) if isinstance(x[0], float) else 0.0\n",
        names,
    )
    assert_right(names["f"], tl.adapt(names["f"]))


def test_closures_and_lambdas():
    scale = np.array([1.0, 2.0, 3.0])

    def outer(k):
        def inner(x):
            a = np.zeros(3)
            a[:] = x * scale * k
            return float(a.sum())

        return inner

    assert_right(outer(2.0), tl.adapt(outer(2.0)))
    assert_right(lambda x: math.exp(x[0]), tl.adapt(lambda x: math.exp(x[0])))


def test_it_still_is_the_function_it_was(model):
    adapted = tl.adapt(model.decorated)
    assert (adapted.__name__, adapted.__qualname__, adapted.__module__) == ("decorated", "decorated", "program.model")
    assert adapted.__wrapped__ is not model.decorated.__wrapped__
    assert tl.adapt(model.energy).__code__.co_firstlineno == model.energy.__code__.co_firstlineno


def test_outside_transforms_a_copy_computes_what_the_original_does(model):
    adapted = tl.adapt(model)
    for name in PROGRAMS:
        result = getattr(adapted, name)(X)
        assert not isinstance(result, tl.Tensor)
        assert result == getattr(model, name)(X)


def test_errors_of_mathematics_are_the_originals():
    f = tl.adapt(lambda x: math.sqrt(x))
    with pytest.raises(ValueError, match="math domain error"):
        tl.grad(f)(-1.0)
    with pytest.raises(OverflowError):
        tl.grad(tl.adapt(lambda x: math.exp(x)))(1000.0)


@pytest.mark.parametrize("what", [3, "f", None, [math.sin], np.zeros(2), int, len])
def test_what_is_no_program_is_refused(what):
    with pytest.raises(TypeError, match="adapt: takes"):
        tl.adapt(what)


def test_partials_of_numpy_are_left_alone():
    total = functools.partial(np.sum, axis=0)
    assert_right(lambda x: total([x, x * x]).sum(), tl.adapt(lambda x: total([x, x * x]).sum()))


def test_degrees_and_radians():
    f = tl.adapt(lambda x: math.degrees(x) * math.sin(math.radians(x)))
    assert f(0.3) == math.degrees(0.3) * math.sin(math.radians(0.3))
    tl.check_gradients(f, 0.3)


# ---------------------------------------------------------------------------------------------------------------------
# All of math

WHOLE_NUMBERS = {"comb", "factorial", "gcd", "isqrt", "lcm", "perm"}
"""Functions of integers, which have no gradient."""
STEPS = {"ceil", "floor", "trunc", "isnan", "isinf", "isfinite", "isclose", "ulp"}
ARGUMENTS = {
    "acosh": (1.7,), "atan2": (0.6, -0.4), "copysign": (0.6, -1.0), "dist": ([0.6, 1.0], [0.2, -0.3]),
    "fma": (0.6, 1.3, 2.0),
    "fmod": (5.3, -1.4), "fsum": ([0.6, 0.2],), "hypot": (0.6, 0.8, 1.1), "isclose": (0.6, 0.6), "ldexp": (0.6, 3),
    "log": (0.6, 3.0), "nextafter": (0.6, 1.0), "pow": (0.6, 2.5), "prod": ([0.6, 0.2],), "remainder": (5.3, 1.4),
    "sumprod": ([0.6, 1.0], [0.2, 0.3]),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name, f in vars(math).items() if callable(f) and not name.startswith("_")])
def test_every_function_of_math(name):
    """Right in its first argument, and in the others; constant where it goes in steps; refused for integers."""
    f, arguments = getattr(math, name), ARGUMENTS.get(name, (0.6,))
    if name in WHOLE_NUMBERS:
        with pytest.raises(TypeError):
            tl.grad(tl.adapt(lambda x: f(*[x] * (2 if name in ("comb", "perm", "gcd", "lcm") else 1))))(2.0)
        return
    if name in ("gamma", "lgamma"):
        pytest.importorskip("scipy")
    flat = np.array([v for a in arguments for v in (a if isinstance(a, list) else [a])], float)
    whole = [k for k, a in enumerate(arguments) if isinstance(a, int)]

    def program(x):
        entries = iter([x[k] for k in range(len(flat))])
        given = [[next(entries) for _ in a] if isinstance(a, list) else next(entries) for a in arguments]
        found = f(*[arguments[k] if k in whole else v for k, v in enumerate(given)])
        parts = found if isinstance(found, tuple) else (found,)
        return sum([(k + 1) * part for k, part in enumerate(parts)]) * 1.0 + 0.5 * x[0]

    value, gradient = tl.value_and_grad(tl.adapt(program))(flat)
    assert value == pytest.approx(program(flat), rel=1e-14)
    expected = central(program, flat)
    if name == "ulp":
        expected = np.array([0.5])
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-7)
    if name not in STEPS | {"frexp", "modf", "prod", "sumprod"}:
        with pytest.raises(TypeError, match=r"in place of|keeps it|takes Tensors|requires a gradient"):
            tl.grad(
                lambda x: f(*[list(x) if isinstance(a, list) else a if k else x[0] for k, a in enumerate(arguments)])
            )(flat)


@pytest.mark.parametrize(
    ("x", "y"), [(5.3, 1.4), (-5.3, 1.4), (0.7, -1.4), (2.1, 1.4), (3.5, 1.0), (4.5, 1.0), (-0.5, 1.0)]
)
def test_remainders_are_those_of_math(x, y):
    value, gradient = tl.value_and_grad(tl.adapt(lambda v: math.remainder(v[0], v[1])))(np.array([x, y]))
    assert value == math.remainder(x, y)
    np.testing.assert_allclose(gradient, [1.0, -round((x - value) / y)])


def test_no_keyword_of_math_is_ignored():
    if sys.version_info >= (3, 12):
        with pytest.raises(TypeError):
            tl.grad(tl.adapt(lambda x: math.nextafter(x, 1.0, steps=5)))(0.5)
    assert tl.grad(tl.adapt(lambda x: math.prod([x, x], start=3)))(2.0) == 12.0
    assert tl.grad(tl.adapt(lambda x: x * math.isclose(x, 2.1, rel_tol=0.5)))(2.0) == 1.0


@np.vectorize
def kinked(a):
    return a**3 if a > 0 else kinked(-2.0 * a).item()


@functools.partial(np.vectorize, otypes=[float], excluded=["power"], signature="(n)->()")
def length(a, power=2):
    return (a**power).sum() ** (1 / power)


def test_vectorized_functions_of_the_program():
    x = np.array([0.5, 1.5, 2.0])
    np.testing.assert_allclose(tl.grad(tl.adapt(lambda x: kinked(x).sum()))(x), 3 * x**2, rtol=1e-14)
    assert tl.grad(tl.adapt(kinked))(0.5) == 0.75
    program = tl.adapt(lambda x: length(np.outer(x, x), power=4).sum())
    tl.check_gradients(program, x)
    assert program(x) == pytest.approx(length(np.outer(x, x), power=4).sum(), rel=1e-14)
    with pytest.raises(TypeError, match="requires a gradient"):
        tl.grad(lambda x: kinked(x).sum())(x)
