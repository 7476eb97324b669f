"""What a primitive is: reading rules' signatures, the registry, remembered values, a primitive of one's own."""

import gc
import weakref

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table import registry as module
from tinygrad_lite.table import ufuncs
from tinygrad_lite.table.arrays import unbroadcast
from tinygrad_lite.table.primitive import Primitive, keyword_names, parameter_names, picker
from tinygrad_lite.table.registry import PRIMITIVES, REGISTRY


def samples(entry, seed=0):
    rng = np.random.default_rng(seed)
    return list(entry.samples(lambda *shape, low=-2.0, high=2.0: rng.uniform(low, high, shape)))


# ---------------------------------------------------------------------------------------------------------------------
# Signatures


class TestSignatures:
    def test_names_are_read_once_in_order(self):
        made = Primitive(
            lambda a, b, *, axis: a * b, {"a": lambda g, b, axis: g * b, "b": lambda g, y, a: g * a}, name="made"
        )
        assert made.inputs == ("a", "b")
        assert made.params == ("axis",)
        assert [pull.names for pull in made.pulls] == [("b", "axis"), ("y", "a")]

    @pytest.mark.parametrize(
        "rule",
        [
            lambda x: x,
            lambda y, g: g,
            lambda g, nothing_like_it: g,
            lambda g, x, nothing_like_it_shape: g,
            lambda g, i: g,  # which input: in variadic primitives only
        ],
    )
    def test_unknown_names_are_refused(self, rule):
        with pytest.raises(TypeError, match=r"made: a rule takes g, then any of y, x, axis, x_shape; this one takes"):
            Primitive(lambda x, *, axis: x, {"x": rule}, name="made")

    def test_a_rule_must_take_the_cotangent(self):
        with pytest.raises((TypeError, ValueError)):
            Primitive(lambda x: x, {"x": lambda: 0}, name="made")

    @pytest.mark.parametrize(
        ("function", "positional", "keyword"),
        [
            (lambda: 0, (), ()),
            (lambda x: x, ("x",), ()),
            (lambda x, y, *, axis, keepdims=False: x, ("x", "y"), ("axis", "keepdims")),
            (lambda *arrays, axis: 0, (), ("axis",)),
        ],
    )
    def test_parameters_of_functions(self, function, positional, keyword):
        local = 3
        assert local
        assert parameter_names(function) == positional
        assert keyword_names(function) == keyword
        assert keyword_names(np.add) == ()

    @pytest.mark.parametrize("places", [[], [0], [2], [1, 0], [2, 2, 1]])
    def test_pickers_always_give_tuples(self, places):
        assert picker(places)(("a", "b", "c")) == tuple("abc"[k] for k in places)

    def test_shapes_of_inputs_keep_nothing_alive(self):
        made = Primitive(lambda x: x * 1.0, {"x": lambda g, x_shape: g.reshape(x_shape)}, name="made")
        w = tl.tensor(np.ones((2, 3)), requires_grad=True)
        x = w * 2
        value = weakref.ref(x.data)
        y = made(x)
        del x
        gc.collect()
        assert value() is None
        y.backward(np.ones((2, 3)))
        np.testing.assert_array_equal(w.grad, np.full((2, 3), 2.0))

    def test_the_variadic_rule_knows_which_input_it_is_asked_for(self):
        seen = []

        def rule(g, i, xs, y, xs_shape, scale):
            seen.append((i, len(xs), y.shape, xs_shape, scale))
            return g * scale * (i + 1)

        made = Primitive(lambda *xs, scale: sum(xs) * scale, {"xs": rule}, name="made", variadic=True)
        a, b, c = (tl.tensor([1.0, 2.0], requires_grad=r) for r in (True, False, True))
        made(a, b, c, scale=3.0).backward(np.ones(2))
        assert sorted(seen) == [(0, 3, (2,), ((2,),) * 3, 3.0), (2, 3, (2,), ((2,),) * 3, 3.0)]
        np.testing.assert_array_equal(a.grad, [3.0, 3.0])
        np.testing.assert_array_equal(c.grad, [9.0, 9.0])
        assert b.grad is None


class TestUnbroadcast:
    @pytest.mark.parametrize(
        ("shape", "to"),
        [
            ((), (2, 3)),
            ((3,), (2, 3)),
            ((1, 3), (2, 3)),
            ((2, 1), (2, 3)),
            ((1, 1), (2, 3)),
            ((2, 3), (2, 3)),
            ((1,), (0,)),
            ((1, 3), (0, 3)),
            ((3, 1, 2), (4, 3, 5, 2)),
        ],
    )
    @pytest.mark.parametrize("kind", [np.asarray, tl.tensor])
    def test_is_the_transpose_of_broadcasting(self, shape, to, kind):
        rng = np.random.default_rng(0)
        x, g = rng.standard_normal(shape), rng.standard_normal(to)
        back = unbroadcast(kind(g), shape)
        assert back.shape == shape
        back = back.data if type(back) is tl.Tensor else back
        np.testing.assert_allclose((np.asarray(back) * x).sum(), (g * np.broadcast_to(x, to)).sum())


# ---------------------------------------------------------------------------------------------------------------------
# The registry


class TestRegistry:
    def test_a_name_is_taken_once(self):
        before = dict(REGISTRY)
        with pytest.raises(ValueError, match="exp is in the table already"):
            module.register("exp", np.exp, (), lambda draw: [])
        with pytest.raises(ValueError, match="matmul is in the table already"):
            module.entry(name="matmul", samples=lambda draw: [])(lambda x: x)
        assert before == REGISTRY

    def test_a_primitive_is_made_once(self):
        before = PRIMITIVES["exp"]
        with pytest.raises(ValueError, match="exp is a primitive already"):
            module.primitive(np.exp, name="exp", x=lambda g, y: g * y)
        with pytest.raises(ValueError, match="exp is a primitive already"):
            ufuncs.elementwise(np.exp, "again", x=lambda g, y: g * y)
        assert PRIMITIVES["exp"] is before

    def test_primitives_are_called_by_their_names(self):
        for name, made in PRIMITIVES.items():
            assert made.name == made.__name__ == name
            assert repr(made) == f"<primitive {name}>"

    def test_entries_are_public_under_their_names(self):
        for name, entry in REGISTRY.items():
            assert entry.name == name
            assert getattr(tl, name) is entry.function

    def test_numpys_functions_lead_to_the_entries(self):
        for entry in REGISTRY.values():
            for function in entry.numpy:
                assert function in module.DISPATCH

    @pytest.mark.parametrize("name", sorted(REGISTRY))
    def test_entries_have_samples_and_a_docstring_with_an_example(self, name):
        entry = REGISTRY[name]
        assert samples(entry)
        assert entry.function.__doc__
        assert ">>>" in entry.function.__doc__


# ---------------------------------------------------------------------------------------------------------------------
# Remembered values


REMEMBERING = sorted(name for name, made in PRIMITIVES.items() if made.remembers)


def remembered_calls():
    """Every call that the entries' samples make of a primitive that remembers: its inputs, parameters and results."""
    calls = []

    def watched(made):
        def forward(*inputs, **params):
            results = made.original(*inputs, **params)
            calls.append((made, inputs, params, results))
            return results

        return forward

    patched = []
    for name in REMEMBERING:
        made = PRIMITIVES[name]
        made.original = made.forward
        made.forward = watched(made)
        patched.append(made)
    try:
        for entry in REGISTRY.values():
            for args, kwargs in samples(entry):
                if entry.function is PRIMITIVES.get(entry.name):
                    continue
                wrapped = [
                    tl.tensor(x, requires_grad=True) if getattr(x, "dtype", None) == np.float64 else x for x in args
                ]
                if any(type(x) is tl.Tensor for x in wrapped) and entry.name in USES_REMEMBERING:
                    entry.function(*wrapped, **kwargs)
    finally:
        for made in patched:
            made.forward = made.original
            del made.original
    return calls


USES_REMEMBERING = {"cross_entropy", "max_pool2d", "svdvals", "eigvalsh"}


class TestRemembered:
    def test_values_equal_their_definitions(self):
        calls = remembered_calls()
        assert {made.name for made, *_ in calls} == set(REMEMBERING)
        for made, inputs, params, results in calls:
            known = dict(zip(made.inputs, inputs, strict=True)) | params
            _, *values = results
            for (name, definition), value in zip(made.remembers.items(), values, strict=True):
                defined = definition(*[known[needed] for needed in parameter_names(definition)])
                np.testing.assert_allclose(value, defined, rtol=1e-12, atol=1e-14, err_msg=f"{made.name}: {name}")

    @pytest.mark.parametrize("name", REMEMBERING)
    def test_rules_that_ask_for_one_also_name_what_its_definition_needs(self, name):
        made = PRIMITIVES[name]
        for pull in made.pulls:
            for remembered in set(pull.names) & set(made.remembers):
                needed = set(parameter_names(made.remembers[remembered]))
                assert needed <= set(pull.names)

    def test_the_forward_pass_hands_it_to_the_rule(self):
        seen = []

        def rule(g, c, x):
            seen.append(c)
            return g * c

        calls = []

        def definition(x):
            calls.append(x)
            return np.cos(x)

        made = Primitive(lambda x: (np.sin(x), np.cos(x)), {"x": rule}, name="made", remembers={"c": definition})
        w = tl.tensor([0.5, 1.0], requires_grad=True)
        y = made(w)
        assert type(y) is tl.Tensor
        y.backward(np.ones(2))
        np.testing.assert_array_equal(w.grad, np.cos(w.data))
        assert type(seen[0]) is np.ndarray
        assert calls == []  # only a recorded sweep needs it
        np.testing.assert_allclose(tl.grad(tl.grad(lambda x: made(x)))(0.5), -np.sin(0.5))
        assert calls

    def test_called_with_arrays_it_returns_the_output_alone(self):
        made = Primitive(
            lambda x: (np.sin(x), np.cos(x)),
            {"x": lambda g, c, x: g * c},
            name="made",
            remembers={"c": lambda x: np.cos(x)},
        )
        np.testing.assert_array_equal(made(np.array([0.5])), np.sin([0.5]))


# ---------------------------------------------------------------------------------------------------------------------
# One's own


class TestOnesOwn:
    def softplus(self):
        return Primitive(
            lambda x: np.logaddexp(x, 0.0),
            {"x": lambda g, x: g * tl.sigmoid(x)},
            name="softplus",
            broadcasts=True,
        )

    def test_on_arrays_and_on_tensors(self):
        softplus = self.softplus()
        x = np.array([-1.0, 0.0, 2.0])
        np.testing.assert_array_equal(softplus(x), np.logaddexp(x, 0))
        assert type(softplus(x)) is np.ndarray
        y = softplus(tl.tensor(x, requires_grad=True))
        assert y.made_by == "softplus"
        tl.check_gradients(softplus, x, order=3)
        assert not softplus(tl.tensor(x)).requires_grad

    def test_through_transforms(self):
        softplus, x = self.softplus(), np.array([-1.0, 0.5])
        s = 1 / (1 + np.exp(-x))
        np.testing.assert_allclose(tl.jacobian(softplus)(x), np.diag(s))
        np.testing.assert_allclose(tl.hessian(lambda x: softplus(x).sum())(x), np.diag(s * (1 - s)))
        np.testing.assert_allclose(tl.jvp(softplus, (x,), (np.ones(2),))[1], s)

    def test_two_inputs_that_broadcast_and_a_parameter(self):
        blend = Primitive(
            lambda a, b, *, t: a * (1 - t) + b * t,
            {"a": lambda g, t: g * (1 - t), "b": lambda g, t: g * t},
            name="blend",
            broadcasts=True,
        )
        a, b = np.ones((2, 3)), np.arange(3.0)
        tl.check_gradients(lambda a, b: blend(a, b, t=0.25), a, b)
        tl.check_gradients(lambda a, b: blend(a, b, t=0.25) ** 2, 0.5, b)
        w = tl.tensor(b, requires_grad=True)
        blend(a, w, t=0.25).sum().backward()
        np.testing.assert_array_equal(w.grad, [0.5, 0.5, 0.5])

    def test_a_parameter_has_no_derivative(self):
        scale = Primitive(lambda x, *, by: x * by, {"x": lambda g, by: g * by}, name="scale")
        with pytest.raises(TypeError, match=r"scale: .*no derivative with respect to by; pass by\.detach\(\)"):
            scale(np.ones(2), by=tl.tensor(2.0, requires_grad=True))
        assert scale(tl.tensor([1.0]), by=tl.tensor(2.0)).tolist() == [2.0]

    def test_without_broadcasting_a_wrong_shape_is_the_rules_fault(self):
        wrong = Primitive(lambda a, b: a * b, {"a": lambda g, b: g * b, "b": lambda g, a: g * a}, name="wrong")
        w = tl.tensor(np.ones(3), requires_grad=True)
        with pytest.raises(ValueError, match=r"its rule gave shape \(2, 3\) for an input of shape \(3,\)"):
            wrong(np.ones((2, 3)), w).sum().backward()

    def test_lists_go_to_numpys_function(self):
        assert tl.exp([0.0]).tolist() == [1.0]
        assert tl.add([1], 2).tolist() == [3]

    def test_errors_name_it(self):
        with pytest.raises(ValueError, match=r"softplus\(float64\[2\]\): no"):
            Primitive(_fails, {"x": lambda g: g}, name="softplus")(tl.tensor([1.0, 2.0]))

    def test_as_a_method_of_a_class(self):
        class Holder:
            __array_priority__ = 1
            shrink = self.softplus()

        assert Holder.shrink.name == "softplus"
        assert Holder().shrink.__func__ is Holder.shrink


def _fails(x):
    raise ValueError("no")
