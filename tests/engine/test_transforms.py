"""The transforms: containers, nesting, agreement with each other and with closed forms."""

import math
from collections import OrderedDict
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl

RNG = np.random.default_rng(7)


def close(got, expected, rtol=1e-12, atol=1e-12):
    np.testing.assert_allclose(np.asarray(got), expected, rtol=rtol, atol=atol)


def is_plain(x):
    """An ndarray or a NumPy scalar, and no Tensor."""
    return isinstance(x, (np.ndarray, np.generic))


# ---------------------------------------------------------------------------------------------------------------------
# grad and value_and_grad


class TestGrad:
    def test_of_numbers_arrays_lists_and_constant_tensors(self):
        for x in (np.array([1.0, 2.0]), [1.0, 2.0], tl.tensor([1.0, 2.0])):
            f = (lambda p: p[0] * p[0] + 3 * p[1]) if isinstance(x, list) else (lambda p: (p * p).sum())
            g = tl.grad(f)(x)
            if isinstance(x, list):
                assert g == [2.0, 3.0]
            else:
                assert type(g) is np.ndarray
                close(g, [2.0, 4.0])
        g = tl.grad(np.exp)(0.0)
        assert type(g) is np.float64
        assert g == 1.0

    def test_value_and_grad(self):
        value, g = tl.value_and_grad(lambda x: (x**3).sum())(np.array([1.0, 2.0]))
        assert is_plain(value)
        assert value == 9.0
        close(g, [3.0, 12.0])

    def test_argnums(self):
        def f(a, b, c):
            return (a * b * b * c * c * c).sum()

        args = (np.array([2.0]), np.array([3.0]), np.array([5.0]))
        expected = [9 * 125, 2 * 6 * 125, 2 * 9 * 75]
        for n in (0, 1, 2, -1, -3):
            close(tl.grad(f, n)(*args), [expected[n]])
        a, c = tl.grad(f, (0, 2))(*args)
        close([a, c], [[expected[0]], [expected[2]]])
        c, b = tl.grad(f, (-1, 1))(*args)
        close([c, b], [[expected[2]], [expected[1]]])
        assert isinstance(tl.grad(f, [0])(*args), tuple)
        assert tl.grad(f, ())(*args) == ()

    @pytest.mark.parametrize("n", [3, -4, (0, 3)])
    def test_argnums_out_of_range(self, n):
        with pytest.raises(ValueError, match="argnums asks for argument"):
            tl.grad(lambda a, b, c: a, n)(1.0, 2.0, 3.0)

    def test_other_arguments_and_keywords_are_passed_as_they_are(self):
        def f(x, power, *, scale, label="none"):
            assert power == 3
            assert label == "mine"
            return (scale * x**power).sum()

        close(tl.grad(f)(np.array([2.0]), 3, scale=5.0, label="mine"), [60.0])

    def test_the_function_keeps_its_name_and_docstring(self):
        def energy(x):
            """The energy."""
            return x

        for transformed in (tl.grad(energy), tl.value_and_grad(energy), tl.jacobian(energy), tl.hvp(energy)):
            assert transformed.__name__ == "energy"
            assert transformed.__doc__ == "The energy."

    def test_has_aux(self):
        def f(x):
            y = np.exp(x)
            return y.sum(), {"largest": 7, "steps": [1, 2]}

        x = np.array([0.5, 1.0])
        g, aux = tl.grad(f, has_aux=True)(x)
        close(g, np.exp(x))
        assert aux == {"largest": 7, "steps": [1, 2]}
        (value, aux), g = tl.value_and_grad(f, has_aux=True)(x)
        close(value, np.exp(x).sum())
        close(g, np.exp(x))
        assert aux["largest"] == 7

    @pytest.mark.parametrize("result", [lambda x: x, lambda x: (x, 1, 2), lambda x: [x, 1]])
    def test_has_aux_needs_a_pair(self, result):
        with pytest.raises(TypeError, match="must return a pair"):
            tl.grad(result, has_aux=True)(1.0)

    @pytest.mark.parametrize(
        "f",
        [
            lambda x: x,
            lambda x: (x.sum(), x.sum()),
            lambda x: {"loss": x.sum()},
            lambda x: None,
            lambda x: x[:0],
        ],
    )
    def test_needs_one_number(self, f):
        with pytest.raises(TypeError, match="must return one number"):
            tl.grad(f)(np.ones(3))

    def test_one_entry_with_axes_is_one_number(self):
        close(tl.grad(lambda x: x.sum(keepdims=True))(np.ones((2, 3))), np.ones((2, 3)))

    @pytest.mark.parametrize(
        ("args", "n", "named"),
        [
            ((1,), 0, "argument 0 cannot"),
            ((1.0, np.arange(3)), 1, "argument 1 cannot"),
            (({"w": 1.0, "steps": 3},), 0, r"argument 0\['steps'\] cannot"),
            (({"layers": [(1.0, 2.0), (1.0, True)]},), 0, r"argument 0\['layers'\]\[1\]\[1\] cannot"),
        ],
    )
    def test_integers_are_refused_by_the_path_to_them(self, args, n, named):
        with pytest.raises(TypeError, match=named + r" be differentiated.*only floating-point"):
            tl.grad(lambda *_: 0.0, n)(*args)

    @pytest.mark.filterwarnings("ignore:.*does not depend on")
    def test_what_nothing_depends_on_has_gradient_zero(self):
        a, b = tl.grad(lambda a, b: (a * a).sum(), (0, 1))(np.ones(2), np.ones((2, 3), np.float32))
        close(a, [2.0, 2.0])
        close(b, np.zeros((2, 3)))
        assert b.dtype == np.float32
        close(tl.grad(lambda x: 3.0)(np.ones(2)), [0.0, 0.0])
        assert tl.grad(lambda x: 3.0)(1.0) == 0.0
        close(tl.grad(lambda x: np.floor(x).sum())(np.ones(2)), [0.0, 0.0])

    def test_the_same_array_twice_is_two_arguments(self):
        x = np.array([1.0, 2.0])
        a, b = tl.grad(lambda a, b: (a * a * b).sum(), (0, 1))(x, x)
        close(a, 2 * x * x)
        close(b, x * x)

    def test_the_functions_result_may_be_its_argument(self):
        assert tl.grad(lambda x: x)(2.0) == 1.0
        assert tl.grad(tl.grad(lambda x: x))(2.0) == 0.0
        close(tl.jacobian(lambda x: x)(np.ones(2)), np.eye(2))
        assert tl.jvp(lambda x: (x, x), (1.0,), (3.0,))[1] == (3.0, 3.0)


# ---------------------------------------------------------------------------------------------------------------------
# Containers


class Layer(NamedTuple):
    weight: object
    bias: object


class TestContainers:
    def test_gradients_come_in_the_arguments_containers(self):
        params = {"layers": [Layer(np.ones((2, 3)), np.zeros(3)), Layer(np.ones((3, 1)), np.zeros(1))], "scale": (2.0,)}

        def loss(p, x):
            for layer in p["layers"]:
                x = np.tanh(x @ layer.weight + layer.bias)
            return (p["scale"][0] * x).sum()

        g = tl.grad(loss)(params, np.ones((4, 2)))
        assert list(g) == ["layers", "scale"]
        assert [type(layer) for layer in g["layers"]] == [Layer, Layer]
        assert [layer.weight.shape for layer in g["layers"]] == [(2, 3), (3, 1)]
        assert type(g["scale"]) is tuple
        hidden = np.tanh(np.ones((4, 2)) @ np.ones((2, 3)))
        out = np.tanh(hidden @ np.ones((3, 1)))
        close(g["layers"][1].weight, hidden.T @ (2.0 * (1 - out**2)))
        close(g["scale"][0], out.sum())

    def test_none_and_empty_containers_pass_through(self):
        g = tl.grad(lambda p: p["w"] * 2)({"w": 1.0, "momentum": None, "rest": [], "more": {}})
        assert g == {"w": 2.0, "momentum": None, "rest": [], "more": {}}

    def test_jacobian_has_the_outputs_containers_then_the_inputs(self):
        j = tl.jacobian(lambda p: {"sum": p["a"] + p["b"], "product": (p["a"] * p["b"],)})(
            {"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])}
        )
        close(j["sum"]["a"], np.eye(2))
        close(j["product"][0]["a"], np.diag([3.0, 4.0]))
        close(j["product"][0]["b"], np.diag([1.0, 2.0]))

    def test_hessian_has_the_containers_twice(self):
        h = tl.hessian(lambda p: (p["a"] ** 2 * p["b"]).sum())({"a": np.array([1.0, 2.0]), "b": np.array(3.0)})
        close(h["a"]["a"], np.diag([6.0, 6.0]))
        close(h["a"]["b"], [2.0, 4.0])
        close(h["b"]["a"], [2.0, 4.0])
        assert h["b"]["b"] == 0.0

    def test_hessian_over_several_arguments(self):
        h = tl.hessian(lambda a, b: a * a * b, (0, 1))(2.0, 3.0)
        assert h == ((6.0, 4.0), (4.0, 0.0))

    def test_vjp_jvp_and_hvp(self):
        def f(p, x):
            return Layer(p["w"] * x, (p["w"].sum(),))

        p, x = {"w": np.array([1.0, 2.0])}, np.array([3.0, 4.0])
        value, pull = tl.vjp(f, p, x)
        close(value.weight, [3.0, 8.0])
        gp, gx = pull(Layer(np.array([1.0, 10.0]), (100.0,)))
        close(gp["w"], [103.0, 140.0])
        close(gx, [1.0, 20.0])
        value, tangent = tl.jvp(f, (p, x), ({"w": np.array([1.0, 0.0])}, np.zeros(2)))
        assert type(tangent) is Layer
        close(tangent.weight, [3.0, 0.0])
        assert tangent.bias == (1.0,)
        product = tl.hvp(lambda q: (q["w"] ** 3).sum())(p, {"w": np.array([1.0, 1.0])})
        close(product["w"], 6 * p["w"])

    def test_the_cotangent_must_fit(self):
        _, pull = tl.vjp(lambda x: (x, x * 2), np.ones(2))
        with pytest.raises(ValueError, match="same containers"):
            pull(np.ones(2))
        with pytest.raises(ValueError, match="same containers"):
            pull([np.ones(2), np.ones(2)])
        with pytest.raises(ValueError, match=r"shape \(2,\) has a tangent or cotangent of that shape, got \(3,\)"):
            pull((np.ones(2), np.ones(3)))

    def test_the_tangent_must_fit(self):
        with pytest.raises(ValueError, match="same containers"):
            tl.jvp(lambda x: x, (np.ones(2),), (np.ones(2), np.ones(2)))
        with pytest.raises(ValueError, match="got"):
            tl.jvp(lambda x: x, (np.ones(2),), (np.ones(3),))
        with pytest.raises(TypeError, match="tuples"):
            tl.jvp(lambda x: x, np.ones(2), np.ones(2))
        with pytest.raises(TypeError, match="direction"):
            tl.hvp(lambda x: x.sum())(np.ones(2))


# ---------------------------------------------------------------------------------------------------------------------
# Orders


def order(f, n):
    for _ in range(n):
        f = tl.grad(f)
    return f


FOUR_TIMES = [
    (np.sin, 0.7, [np.cos(0.7), -np.sin(0.7), -np.cos(0.7), np.sin(0.7)]),
    (np.exp, 0.7, [np.exp(0.7)] * 4),
    (np.log, 1.3, [1 / 1.3, -1 / 1.3**2, 2 / 1.3**3, -6 / 1.3**4]),
    (lambda x: x**5, 1.5, [5 * 1.5**4, 20 * 1.5**3, 60 * 1.5**2, 120 * 1.5]),
    (lambda x: 1 / x, 2.0, [-1 / 4, 2 / 8, -6 / 16, 24 / 32]),
    (np.sqrt, 4.0, [0.25, -1 / 32, 3 / 256, -15 / 2048]),
    (lambda x: 2.0**x, 0.5, [2**0.5 * math.log(2) ** n for n in (1, 2, 3, 4)]),
    (lambda x: x * x * x, 1.5, [6.75, 9.0, 6.0, 0.0]),
    (lambda x: np.prod(np.stack([x, x, x, x])), 2.0, [32.0, 48.0, 48.0, 24.0]),
    (np.tanh, 0.0, [1.0, 0.0, -2.0, 0.0]),
    (tl.sigmoid, 0.0, [0.25, 0.0, -0.125, 0.0]),
]


@pytest.mark.parametrize(("f", "x", "expected"), FOUR_TIMES)
def test_four_orders_against_closed_forms(f, x, expected):
    for n, derivative in enumerate(expected, 1):
        got = order(f, n)(x)
        assert is_plain(got)
        close(got, derivative)


@pytest.mark.parametrize(("f", "x", "expected"), FOUR_TIMES)
def test_four_orders_forward(f, x, expected):
    def forward(g):
        return lambda x: tl.jvp(g, (x,), (1.0,))[1]

    g = f
    for derivative in expected:
        g = forward(g)
        close(g(x), derivative)


def test_reverse_of_forward_and_forward_of_reverse():
    x, v = np.array([0.3, 0.8, -0.2]), np.array([1.0, -2.0, 0.5])

    def f(x):
        return (np.sin(x) * np.roll(x, 1) ** 2).sum()

    h = tl.hessian(f)(x)
    close(h, h.T)
    close(tl.hvp(f)(x, v), h @ v)
    close(tl.jvp(tl.grad(f), (x,), (v,))[1], h @ v)
    close(tl.grad(lambda x: tl.jvp(f, (x,), (v,))[1])(x), h @ v)
    close(tl.grad(lambda x: (tl.vjp(f, x)[1](1.0)[0] * v).sum())(x), h @ v)
    close(tl.vjp(tl.grad(f), x)[1](v)[0], h @ v)


def test_jacobian_of_jacobian():
    x = np.array([0.4, -1.2])
    third = tl.jacobian(tl.jacobian(lambda x: x[0] * x**3))(x)
    a, b = x
    expected = np.zeros((2, 2, 2))
    expected[0, 0, 0] = 12 * a * a
    expected[1, 0, 1] = expected[1, 1, 0] = 3 * b * b
    expected[1, 1, 1] = 6 * a * b
    close(third, expected)
    fourth = tl.jacobian(tl.hessian(lambda x: (x**4).sum()))(x)
    expected = np.zeros((2, 2, 2))
    expected[[0, 1], [0, 1], [0, 1]] = 24 * x
    close(fourth, expected)


def central(f, x, h=1e-4):
    """The Jacobian by central differences, extrapolated."""
    x = np.asarray(x, float)
    columns = []
    for k in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[k] = 1
        coarse = (np.asarray(f(x + h * e)) - np.asarray(f(x - h * e))) / (2 * h)
        fine = (np.asarray(f(x + h / 2 * e)) - np.asarray(f(x - h / 2 * e))) / h
        columns.append((4 * fine - coarse) / 3)
    return np.stack(columns, -1).reshape(*columns[0].shape, *x.shape)


A = RNG.standard_normal((3, 3))


@pytest.mark.parametrize(
    ("f", "shape"),
    [
        (lambda x: np.tanh(A @ x) @ x, (3,)),
        (lambda x: (np.tanh(x @ A) @ x.mT).sum(), (2, 3)),
        (lambda x: np.einsum("ij,jk,ki->", x, np.sin(x), x), (2, 2)),
        (lambda x: np.einsum("ii,i->", x, x[0] ** 2), (2, 2)),
        (lambda x: (x[[0, 0, 2]] * x[1:].sum() ** 2).sum(), (3,)),
        (lambda x: (x[np.array([True, False, True])] ** 3).sum() * x[-1], (3,)),
        (lambda x: np.linalg.norm(x) * np.prod(x), (3,)),
        (lambda x: tl.logsumexp(A @ x) + np.var(x), (3,)),
        (lambda x: (tl.softmax(x) ** 2).sum(), (3,)),
        (lambda x: (np.cumsum(x) * np.cumprod(x)).sum(), (3,)),
        (lambda x: (np.concatenate([x, x * x])[::-1] ** 2).sum() * x.mean(), (3,)),
        (lambda x: tl.cross_entropy(x * x, [1, 0]), (2, 3)),
        (lambda x: (np.exp(x) / np.exp(x).sum())[0], (3,)),
    ],
)
def test_hessians_against_differences_of_gradients(f, shape):
    x = np.random.default_rng(3).uniform(0.2, 1.0, shape)
    h = tl.hessian(f)(x)
    assert h.shape == shape * 2
    close(h, central(tl.grad(f), x), rtol=1e-6, atol=1e-8)
    close(h.reshape(x.size, x.size), h.reshape(x.size, x.size).T, rtol=1e-9, atol=1e-11)


def test_softmax_written_out_twice_differentiated():
    def softmax(t):
        return np.exp(t) / np.exp(t).sum()

    z = np.array([0.3, -0.7, 1.1])
    y = softmax(z)
    first = tl.jacobian(softmax)(z)
    close(first, np.diag(y) - np.outer(y, y), rtol=0, atol=1e-15)
    second = tl.jacobian(tl.jacobian(softmax))(z)
    close(second, central(tl.jacobian(softmax), z), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("k", [2, 5, 100])
def test_softmax_and_cross_entropy_meet_in_the_softmax_jacobian(k):
    z = np.random.default_rng(k).standard_normal(k) * 2
    y = np.asarray(tl.softmax(z))
    expected = np.diag(y) - np.outer(y, y)
    close(tl.jacobian(tl.softmax)(z), expected, rtol=0, atol=1e-15)
    close(tl.hessian(lambda z: tl.cross_entropy(z, k - 1))(z), expected, rtol=0, atol=1e-15)
    t = np.full(k, 1 / k)
    close(tl.hessian(lambda z: tl.cross_entropy(z, t))(z), expected, rtol=0, atol=1e-15)
    close(tl.hessian(tl.logsumexp)(z), expected, rtol=0, atol=1e-15)


# ---------------------------------------------------------------------------------------------------------------------
# Confusion between derivatives inside one another


class TestPerturbationConfusion:
    def test_the_classic(self):
        # d/dx x (d/dy (x + y)) = 1, not 2
        assert tl.grad(lambda x: x * tl.grad(lambda y: x + y)(2.0))(1.0) == 1.0

    def test_the_inner_variable_is_the_outer_one(self):
        # d/dx [x · d/dy(x y)|_{y = x}] = d/dx x² = 2x, however y was passed
        assert tl.grad(lambda x: x * tl.grad(lambda y: x * y)(x))(3.0) == 6.0
        assert tl.grad(lambda x: tl.grad(lambda y: x * y * y)(x))(3.0) == 12.0

    def test_the_inner_derivative_is_partial(self):
        # ∂/∂y (x² y) at y = x is x², whose derivative is 2x
        assert tl.grad(lambda x: tl.grad(lambda y: x * x * y)(x))(3.0) == 6.0

    def test_three_deep(self):
        f = tl.grad(lambda x: x * tl.grad(lambda y: y * y * tl.grad(lambda z: x * y * z * z)(2.0))(3.0))
        # inner: 4xy; middle: d/dy (4 x y³) = 12 x y² = 108 x; outer: d/dx 108 x² = 216 x
        assert f(5.0) == 1080.0

    def test_with_jvp(self):
        assert tl.jvp(lambda x: x * tl.jvp(lambda y: x + y, (2.0,), (1.0,))[1], (1.0,), (1.0,))[1] == 1.0
        assert tl.grad(lambda x: x * tl.jvp(lambda y: x * y, (x,), (1.0,))[1])(3.0) == 6.0
        assert tl.jvp(lambda x: x * tl.grad(lambda y: x * y)(x), (3.0,), (1.0,))[1] == 6.0

    def test_tangents_that_depend_on_the_variable(self):
        # d/dx [cos(x) · x] for the tangent x of sin
        got = tl.grad(lambda x: tl.jvp(np.sin, (x,), (x,))[1])(0.5)
        close(got, math.cos(0.5) - 0.5 * math.sin(0.5))
        got = tl.grad(lambda v: tl.jvp(np.sin, (0.5,), (v,))[1])(2.0)
        close(got, math.cos(0.5))

    def test_cotangents_that_depend_on_the_variable(self):
        _, pull = tl.vjp(np.sin, 0.5)
        close(tl.grad(lambda u: pull(u)[0])(2.0), math.cos(0.5))
        close(tl.grad(lambda x: tl.vjp(np.sin, x)[1](x)[0])(0.5), math.cos(0.5) - 0.5 * math.sin(0.5))

    def test_a_directional_derivative_of_a_higher_order_function(self):
        def shift(offset):
            return lambda f: lambda x: f(x + offset)

        # the bug of Manzyuk et al., "Confusion of tagged perturbations" (2012): D(shift) applied to itself
        def d(f):
            return tl.grad(f)

        got = tl.grad(lambda s: d(lambda x: shift(s)(np.sin)(x))(0.3))(0.0)
        close(got, -math.sin(0.3))


# ---------------------------------------------------------------------------------------------------------------------
# Together with Tensors that require gradients, backward and no_grad


class TestClosures:
    def test_a_transform_ignores_parameters_it_was_not_asked_about(self):
        w = tl.tensor(3.0, requires_grad=True)
        with tl.no_grad():
            g = tl.grad(lambda x: w * x * x)(2.0)
        assert is_plain(g)
        assert g == 12.0
        assert w.grad is None

    def test_a_gradient_that_depends_on_a_parameter_is_recorded(self):
        w = tl.tensor(3.0, requires_grad=True)
        g = tl.grad(lambda x: w * x * x)(2.0)
        assert type(g) is tl.Tensor
        assert g.requires_grad
        g.backward()
        assert w.grad == 4.0

    def test_a_gradient_penalty(self):
        w = tl.tensor(np.array([0.5, -0.3]), requires_grad=True)
        x = np.array([1.0, 2.0])
        (tl.grad(lambda x: np.sin(w @ x))(x) ** 2).sum().backward()
        penalty = tl.grad(lambda w: (tl.grad(lambda x: np.sin(w @ x))(x) ** 2).sum())(w.data)
        close(w.grad, penalty)
        close(penalty, central(lambda w: np.cos(w @ x) ** 2 * (w @ w), w.data), rtol=1e-7, atol=1e-9)

    @pytest.mark.parametrize(
        ("transform", "expected"),
        [
            (lambda f, x: tl.value_and_grad(f)(x)[0], 1.0),
            (lambda f, x: tl.value_and_grad(f)(x)[1], 3.0),
            (lambda f, x: tl.vjp(f, x)[0], 1.0),
            (lambda f, x: tl.vjp(f, x)[1](1.0)[0], 3.0),
            (lambda f, x: tl.jvp(f, (x,), (1.0,))[1], 3.0),
            (lambda f, x: tl.jacobian(f)(x), 3.0),
            (lambda f, x: tl.hessian(f)(x), 6.0),
            (lambda f, x: tl.hvp(f)(x, 1.0), 6.0),
        ],
    )
    def test_every_transform_passes_gradients_to_parameters(self, transform, expected):
        # f = w x³ at x = 1: the derivative by w of whatever is asked for is it at w = 1
        w = tl.tensor(5.0, requires_grad=True)
        result = transform(lambda x: w * x * x * x, 1.0)
        close(result.data, 5 * expected)
        result.backward()
        assert w.grad == expected

    def test_an_argument_that_requires_a_gradient_stays_connected(self):
        x = tl.tensor(2.0, requires_grad=True)
        g = tl.grad(lambda x: x**3)(x)
        assert g.item() == 12.0
        g.backward()
        assert x.grad == 12.0

    def test_results_are_plain_where_nobody_could_want_more(self):
        x = np.array([1.0, 2.0])
        for result in (
            tl.grad(lambda x: (x * x).sum())(x),
            tl.value_and_grad(lambda x: (x * x).sum())(x)[0],
            tl.vjp(np.sin, x)[0],
            tl.vjp(np.sin, x)[1](x)[0],
            *tl.jvp(np.sin, (x,), (x,)),
            tl.jacobian(np.sin)(x),
            tl.hessian(lambda x: (x**3).sum())(x),
            tl.hvp(lambda x: (x**3).sum())(x, x),
        ):
            assert type(result) in (np.ndarray, np.float64)

    def test_backward_inside_a_function_and_around_it(self):
        w = tl.tensor(2.0, requires_grad=True)

        def f(x):
            (w * 3.0).backward()
            return x * x

        assert tl.grad(f)(5.0) == 10.0
        assert w.grad == 3.0

    def test_the_recorded_graph_of_a_vjp_can_be_used_again(self):
        _, pull = tl.vjp(np.exp, np.array([0.0, 1.0]))
        first, second = pull(np.array([1.0, 0.0]))[0], pull(np.array([0.0, 1.0]))[0]
        close(first, [1.0, 0.0])
        close(second, [0.0, math.e])

    @pytest.mark.parametrize(
        "transform",
        [
            lambda f, x: tl.grad(lambda x: f(x).sum())(x),
            lambda f, x: tl.vjp(f, x)[1](x)[0],
            lambda f, x: tl.jvp(f, (x,), (x,))[1],
            lambda f, x: tl.jacobian(f)(x),
            lambda f, x: tl.jacobian(lambda x: np.concatenate([f(x), x]))(x),
            lambda f, x: tl.hessian(lambda x: f(x).sum())(x),
            lambda f, x: tl.hvp(lambda x: f(x).sum())(x, x),
            lambda f, x: tl.grad(lambda x: (tl.grad(lambda x: f(x).sum())(x) ** 2).sum())(x),
        ],
    )
    def test_transforms_are_the_same_within_no_grad(self, transform):
        x = np.array([0.5, -1.5])
        expected = transform(np.sin, x)
        assert np.abs(expected).max() > 0.1
        with tl.no_grad():
            close(transform(np.sin, x), expected, rtol=0, atol=0)
            assert not (tl.tensor(1.0, requires_grad=True) * 2).requires_grad

    def test_no_grad_within_a_transformed_function_is_a_constant(self):
        def f(x):
            with tl.no_grad():
                c = x * x
            return c * x

        assert tl.grad(f)(3.0) == 9.0

    def test_detach_within_a_transformed_function_is_a_constant(self):
        assert tl.grad(lambda x: x.detach() * x)(3.0) == 3.0

    def test_only_the_argument_is_differentiated_not_the_tensor_passed(self):
        x = tl.tensor([1.0, 2.0], requires_grad=True)
        with tl.no_grad():
            g = tl.grad(lambda y: (x * y).sum())(x)
        close(g, x.data)
        assert x.grad is None


# ---------------------------------------------------------------------------------------------------------------------
# The transforms agree


M = RNG.standard_normal((4, 3))
MAPS = {
    "elementwise": (lambda x: np.sin(x) * x, 3),
    "wide": (lambda x: np.tanh(M @ x), 3),
    "narrow": (lambda x: np.exp(M.T @ x)[:2], 4),
    "one number": (lambda x: (x * x).sum() * x[0], 3),
    "indexed": (lambda x: np.concatenate([x[[0, 0, 1]] * x[1:], x[::-1]])[1:], 4),
    "softmax": (lambda x: tl.softmax(x * 2), 4),
    "matrix": (lambda x: np.outer(x, np.cos(x)), 3),
    "reductions": (lambda x: np.stack([x.sum(), x.max(), np.prod(x), np.linalg.norm(x)]), 4),
    "constant": (lambda x: np.ones(2), 3),
    "partly constant": (lambda x: np.concatenate([x[:1], np.ones(2)]), 3),
}


@pytest.mark.filterwarnings("ignore:.*does not depend on")
@pytest.mark.parametrize("name", MAPS)
@given(data=st.data())
@settings(deadline=None, derandomize=True, max_examples=25)
def test_jvp_vjp_and_jacobian_are_one_linear_map(name, data):
    f, n = MAPS[name]
    numbers = st.floats(-2, 2, width=32)
    vectors = st.lists(numbers, min_size=n, max_size=n)
    x, v = (np.array(data.draw(vectors)) for _ in range(2))
    x = x + 0.01 * np.arange(n)  # no ties for max
    j = tl.jacobian(f)(x)
    y, pushed = tl.jvp(f, (x,), (v,))
    assert j.shape == (*np.shape(y), n)
    scale = 1 + np.abs(j).max(initial=0) * 4
    close(pushed, j @ v, rtol=1e-10, atol=1e-12 * scale)
    value, pull = tl.vjp(f, x)
    u = np.array(data.draw(st.lists(numbers, min_size=np.size(y), max_size=np.size(y)))).reshape(np.shape(y))
    close(value, y)
    close(pull(u)[0], np.tensordot(u, j, axes=np.ndim(u)), rtol=1e-10, atol=1e-12 * scale)


@pytest.mark.filterwarnings("ignore:.*does not depend on")
@pytest.mark.parametrize("name", MAPS)
def test_jacobians_by_rows_and_by_columns_agree(name):
    f, n = MAPS[name]
    x = np.linspace(-0.9, 1.1, n)
    direct = tl.jacobian(f)(x)
    # unused arguments make columns dear, unused outputs rows
    by_rows = tl.jacobian(lambda x, unused: f(x), (0, 1))(x, np.zeros(50))[0]
    by_columns = tl.jacobian(lambda x: (f(x), np.zeros(50)))(x)[0]
    close(by_rows, direct, rtol=1e-13, atol=1e-13)
    close(by_columns, direct, rtol=1e-13, atol=1e-13)
    close(direct, central(lambda x: np.asarray(f(x)), x), rtol=1e-7, atol=1e-8)


def test_jacobian_argnums():
    a, b = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    close(tl.jacobian(lambda a, b: a * b, 1)(a, b), np.diag(a))
    ja, jb = tl.jacobian(lambda a, b: a * b, (0, -1))(a, b)
    close(ja, np.diag(b))
    close(jb, np.diag(a))


def test_jacobian_shapes_are_output_then_input():
    x = np.ones((2, 3))
    assert tl.jacobian(lambda x: x.T)(x).shape == (3, 2, 2, 3)
    assert tl.jacobian(lambda x: x.sum())(x).shape == (2, 3)
    assert tl.jacobian(lambda s: s * np.ones(4))(1.0).shape == (4,)
    assert np.shape(tl.jacobian(np.sin)(1.0)) == ()


# ---------------------------------------------------------------------------------------------------------------------
# Edges


class TestEdges:
    @pytest.mark.filterwarnings("ignore:.*does not depend on")
    def test_disconnected_outputs_are_zero(self):
        x = np.ones(2)
        a, b = tl.jacobian(lambda x: (x * x, np.ones(3)))(x)
        close(a, np.diag([2.0, 2.0]))
        close(b, np.zeros((3, 2)))
        close(tl.vjp(lambda x: np.ones(3), x)[1](np.ones(3))[0], np.zeros(2))
        close(tl.jvp(lambda x: np.ones(3), (x,), (x,))[1], np.zeros(3))
        close(tl.hessian(lambda x: x.sum())(x), np.zeros((2, 2)))
        close(tl.hvp(lambda x: x.sum())(x, x), np.zeros(2))
        close(tl.hessian(lambda x: 2.0)(x), np.zeros((2, 2)))

    def test_no_entries(self):
        empty = np.zeros((0, 3))
        assert tl.grad(lambda x: x.sum())(empty).shape == (0, 3)
        assert tl.jacobian(np.sin)(empty).shape == (0, 3, 0, 3)
        assert tl.jacobian(lambda x: x[:, :0])(np.ones((2, 3))).shape == (2, 0, 2, 3)
        assert tl.jacobian(lambda x: x.sum())(empty).shape == (0, 3)
        assert tl.jacobian(lambda x: np.concatenate([x.ravel(), np.ones(2)]))(empty).shape == (2, 0, 3)
        assert tl.hessian(lambda x: (x * x).sum())(empty).shape == (0, 3, 0, 3)
        assert tl.hvp(lambda x: (x * x).sum())(empty, empty).shape == (0, 3)
        assert tl.jvp(np.sin, (empty,), (empty,))[1].shape == (0, 3)

    @pytest.mark.filterwarnings("ignore:.*does not depend on")
    def test_float32_stays_float32(self):
        x = np.array([0.5, 1.5], np.float32)

        def f(x):
            return (np.sin(x) * tl.softmax(x * 2) + x**2 / 3).sum()

        results = [
            tl.grad(f)(x),
            tl.value_and_grad(f)(x)[0],
            tl.jacobian(lambda x: np.tanh(x) * 2)(x),
            tl.hessian(f)(x),
            tl.hvp(f)(x, x),
            tl.hvp(f)(x, np.ones(2)),
            *tl.jvp(f, (x,), (np.ones(2),)),
            tl.vjp(np.sin, x)[1](np.ones(2))[0],
            tl.grad(lambda x: x * x)(np.float32(2)),
            tl.jacobian(lambda x: np.ones(3, np.float32))(x),
        ]
        assert [r.dtype for r in results] == [np.float32] * len(results)

    def test_mixed_precision_gradients_have_their_arguments_dtype(self):
        a, b = tl.grad(lambda a, b: (a * b).sum(), (0, 1))(np.ones(2, np.float32), np.ones(2))
        assert (a.dtype, b.dtype) == (np.float32, np.float64)

    def test_a_jacobian_has_one_dtype_by_rows_and_by_columns(self):
        x = np.ones(3, np.float32)
        by_rows = tl.jacobian(lambda x: x[:2] * np.ones(2))(x)
        by_columns = tl.jacobian(lambda x: np.concatenate([x, x]) * np.ones(6))(x)
        assert by_rows.dtype == by_columns.dtype == np.float32

    def test_arguments_are_not_changed_and_results_share_nothing_with_them(self):
        x, u = np.array([1.0, 2.0]), np.array([3.0, 4.0])
        _, pull = tl.vjp(lambda x: x + 0.0, x)
        first, second = pull(u)[0], pull(u)[0]
        _, tangent = tl.jvp(lambda x: x + 1.0, (x,), (u,))
        a, b = tl.vjp(lambda a, b: a + b, x, x)[1](u)
        results = [
            first,
            second,
            tangent,
            a,
            b,
            tl.grad(lambda x: x.sum())(x),
            tl.grad(lambda x: (x * u).sum())(x),
            tl.jacobian(lambda x: x)(x),
            tl.hvp(lambda x: (x * x).sum() / 2)(x, u),
            *tl.grad(lambda x, y: (x + y).sum(), (0, 1))(x, x),
        ]
        for i, r in enumerate(results):
            assert not any(np.shares_memory(r, other) for other in (x, u, *results[:i]))
            assert r.flags.writeable
            r += 1
        close(x, [1.0, 2.0])
        close(u, [3.0, 4.0])
        close(pull(u)[0], [3.0, 4.0])

    def test_a_function_that_fails_says_so_itself(self):
        with pytest.raises(ZeroDivisionError):
            tl.grad(lambda x: x * (1 // 0))(1.0)
        with pytest.raises(ValueError, match="add"):
            tl.grad(lambda x: (x + np.ones(3)).sum())(np.ones(2))

    def test_python_control_flow(self):
        def f(x):
            while x < 10:
                x = x * x
            return x if x > 50 else -x

        assert tl.grad(f)(2.0) == -32.0
        assert tl.grad(f)(3.0) == 4 * 27.0


# ---------------------------------------------------------------------------------------------------------------------
# Arguments


@pytest.mark.parametrize("argnums", [(0, 0), (1, -1)])
def test_an_argument_named_twice_is_refused(argnums):
    with pytest.raises(ValueError, match="twice"):
        tl.grad(lambda x, y: (x * y).sum(), argnums=argnums)(np.ones(2), np.ones(2))


def test_argnums_may_be_numpy_integers():
    assert tl.grad(lambda x, y: x * y, argnums=np.int64(1))(2.0, 3.0) == 2.0


def test_aux_is_plain():
    gradient, aux = tl.grad(lambda x: ((x * x).sum(), {"y": x * 2, "n": "name"}), has_aux=True)(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(gradient, [2.0, 4.0])
    assert type(aux["y"]) is np.ndarray
    assert aux["n"] == "name"


def test_ordered_dicts_come_back_as_such():
    y, pullback = tl.vjp(lambda x: OrderedDict(a=x * 2), np.array([1.0]))
    assert type(y) is OrderedDict
    np.testing.assert_array_equal(pullback(y)[0], [4.0])


def test_directions_and_cotangents_are_found_by_key():
    """Dicts in another order were refused, as other containers."""
    x = {"a": np.arange(3.0), "b": np.arange(3.0) + 1}
    v = {"b": np.array([1.0, 0.0, 0.0]), "a": np.array([0.0, 1.0, 0.0])}

    def f(x):
        return (x["a"] ** 2 * x["b"]).sum()

    assert tl.jvp(f, (x,), (v,))[1] == tl.jvp(f, (x,), ({"a": v["a"], "b": v["b"]},))[1] == 4.0
    assert tl.hvp(f)(x, v)["a"].tolist() == [0.0, 4.0, 0.0]
    with pytest.raises(ValueError, match="same containers"):
        tl.jvp(f, (x,), ({"a": v["a"], "c": v["b"]},))
