"""Primitives of one's own: tl.primitive."""

from __future__ import annotations

import copy
import gc
import inspect
import io
import pickle
import pydoc
import subprocess
import sys
import weakref
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table.registry import DISPATCH, PRIMITIVES, REGISTRY


@tl.primitive(x=lambda g, x: g * np.cos(x), elementwise=True)
def my_sin(x: Any) -> Any:
    """The sine."""
    return np.sin(x)


@tl.primitive(a=lambda g, b, t: g * b * t, b=lambda g, a, t: g * a * t, elementwise=True)
def scaled_product(a: Any, b: Any, t: float = 2.0) -> Any:
    return a * b * t


@tl.primitive(x=lambda g, x_shape, axis: np.broadcast_to(np.expand_dims(g, axis), x_shape))
def total(x: Any, axis: int = 0) -> Any:
    return np.add.reduce(x, axis)


@tl.primitive(xs=lambda g, i, weights: g * weights[i])
def weighted(*xs: Any, weights: Any) -> Any:
    return sum([w * x for w, x in zip(weights, xs, strict=True)])


@tl.primitive(x=lambda g, y: g * y)
def by_keyword(scale: float, *, x: Any) -> Any:
    return scale * np.exp(x)


X = np.array([0.5, -1.0])


class TestCalling:
    @pytest.mark.parametrize("x", [0.5, 1, np.float32(0.5), X, [0.5, -1.0], [[0.5]], np.float64(0.5), np.array(0.5)])
    def test_what_is_no_tensor_gives_plain_results(self, x: Any) -> None:
        y = my_sin(x)
        assert isinstance(y, (np.ndarray, np.generic))
        np.testing.assert_array_equal(y, np.sin(x))
        assert y.dtype == np.sin(x).dtype

    def test_lists_are_arrays_to_the_function(self) -> None:
        np.testing.assert_array_equal(scaled_product([1.0, 2.0], 3), [6.0, 12.0])

    def test_tensors_record(self) -> None:
        w = tl.tensor(X, requires_grad=True)
        y = my_sin(w)
        assert y.made_by == "my_sin"
        y.sum().backward()
        np.testing.assert_array_equal(w.grad, np.cos(X))
        assert not my_sin(tl.tensor(X)).requires_grad
        with tl.no_grad():
            assert not my_sin(w).requires_grad

    def test_through_transforms(self) -> None:
        np.testing.assert_allclose(tl.jacobian(my_sin)(X), np.diag(np.cos(X)))
        np.testing.assert_allclose(tl.hessian(lambda x: my_sin(x).sum())(X), -np.diag(np.sin(X)))
        np.testing.assert_allclose(tl.jvp(my_sin, (X,), (np.ones(2),))[1], np.cos(X))
        np.testing.assert_allclose(tl.grad(tl.grad(tl.grad(my_sin)))(0.5), -np.cos(0.5))

    @pytest.mark.parametrize(
        ("f", "args"),
        [
            (my_sin, (X,)),
            (scaled_product, (X, np.array([[1.0], [2.0], [3.0]]))),
            (lambda a, b: scaled_product(b=a, a=b, t=3) * scaled_product(a, 2.0), (X, 0.5)),
            (total, (np.arange(6.0).reshape(2, 3),)),
            (lambda x: total(x, 1) ** 2, (np.arange(6.0).reshape(2, 3),)),
            (lambda x: total(axis=-1, x=x) ** 2, (np.arange(6.0).reshape(2, 3),)),
            (lambda a, b: weighted(a, b, a * b, weights=(1.0, -2.0, 3.0)), (X, X + 1)),
            (lambda x: by_keyword(3.0, x=x) * by_keyword(scale=2, x=x), (X,)),
        ],
    )
    def test_against_central_differences(self, f: Any, args: Any) -> None:
        tl.check_gradients(f, *args, order=3)

    def test_a_wrong_rule_is_found(self) -> None:
        wrong = tl.primitive(np.sin, x=lambda g, x: -g * np.cos(x))
        with pytest.raises(tl.GradientMismatch):
            tl.check_gradients(wrong, X)

    def test_a_function_that_does_not_say_how_it_is_called(self) -> None:
        special = pytest.importorskip("scipy.special")
        j0 = tl.primitive(special.j0, x=lambda g, x: -g * j1(x), elementwise=True)
        j1 = tl.primitive(special.j1, x=lambda g, x, y: g * (j0(x) - y / x))
        assert j0.name == "j0"
        tl.check_gradients(j0, np.array([0.5, 2.0]), order=3)

    def test_drawing_and_tracing(self) -> None:
        w = tl.tensor(X, requires_grad=True, name="w")
        with tl.tracing():
            y = my_sin(w).sum()
        assert y._node.parents[0].kept.inputs[0] is w._value
        assert "my_sin" in [box.lines[0].text for box in tl.draw(y, derivatives=True).operations]

    def test_values_that_the_function_remembers(self) -> None:
        seen = []

        def rule(g: Any, slope: Any, x: Any) -> Any:
            seen.append(type(slope))
            return g * slope

        @tl.primitive(x=rule, remembers={"slope": lambda x: np.cos(x)}, elementwise=True)
        def sine(x: Any) -> Any:
            return np.sin(x), np.cos(x)

        np.testing.assert_array_equal(sine(X), np.sin(X))
        np.testing.assert_array_equal(tl.grad(lambda x: sine(x).sum())(X), np.cos(X))
        assert seen == [np.ndarray]
        tl.check_gradients(sine, X, order=3)

    def test_of_inputs_that_are_broadcast_or_used_twice(self) -> None:
        w = tl.tensor(X, requires_grad=True)
        scaled_product(w, w, t=0.5).sum().backward()
        np.testing.assert_allclose(w.grad, X)
        passed = tl.primitive(x=lambda g: g)(lambda x: x + 0.0)
        w.zero_grad()
        passed(w).sum().backward()
        w.grad += 1.0  # an array of its own, though the rule returns what it was given
        np.testing.assert_array_equal(w.grad, [2.0, 2.0])

    def test_as_a_method(self) -> None:
        class Scale:
            by = 3.0

            @tl.primitive(x=lambda g, self: g * self.by)
            def __call__(self, x: Any) -> Any:
                return x * self.by

        assert tl.grad(Scale())(2.0) == 3.0


class TestWhatItIs:
    def test_name_docstring_and_signature_are_the_functions(self) -> None:
        assert my_sin.__name__ == my_sin.name == "my_sin"
        assert my_sin.__doc__ == "The sine."
        assert str(inspect.signature(scaled_product)).startswith("(a: ")
        assert "my_sin(x" in pydoc.plain(pydoc.render_doc(my_sin))
        assert my_sin.__module__ == __name__
        assert repr(my_sin) == "<primitive my_sin>"
        assert inspect.unwrap(my_sin)(0.0) == 0.0
        assert tl.primitive(np.sin, x=lambda g: g, name="other", symbol="s").symbol == "s"

    def test_copies_and_pickles_are_itself(self) -> None:
        assert copy.deepcopy(my_sin) is copy.copy(my_sin) is my_sin
        assert pickle.loads(pickle.dumps(my_sin)) is my_sin

    def test_it_is_in_no_list(self) -> None:
        before = [dict(found) for found in (PRIMITIVES, REGISTRY, DISPATCH)]
        tl.primitive(np.exp, x=lambda g, y: g * y, name="exp")
        assert before == [PRIMITIVES, REGISTRY, DISPATCH]

    def test_is_a_function_whatever_was_imported(self) -> None:
        code = (
            "import tinygrad_lite.table.primitive, tinygrad_lite as tl, inspect; "
            "assert inspect.isfunction(tl.primitive) and 'primitive' in dir(tl)"
        )
        subprocess.run([sys.executable, "-c", code], check=True)

    def test_defined_again_old_graphs_keep_the_old_rule(self) -> None:
        cell = "@tl.primitive(x=lambda g: {} * g)\ndef again(x):\n    return {} * x\n"
        names: dict[str, Any] = {"tl": tl}
        exec(cell.format(2, 2), names)
        w = tl.tensor(X, requires_grad=True)
        old = names["again"](w).sum()
        exec(cell.format(3, 3), names)
        new = names["again"](w).sum()
        old.backward()
        np.testing.assert_array_equal(w.grad, [2, 2])
        w.zero_grad()
        new.backward()
        np.testing.assert_array_equal(w.grad, [3, 3])
        np.testing.assert_allclose(new.data, 3 * X.sum())

    def test_one_that_is_not_needed_goes(self) -> None:
        made = tl.primitive(np.sin, x=lambda g: g)
        made(tl.tensor(X, requires_grad=True)).sum().backward()
        gone = weakref.ref(made)
        del made
        gc.collect()
        assert gone() is None


class TestInputsWithoutARule:
    def make(self, **rules: Any) -> Any:
        @tl.primitive(x=lambda g, s: g * s, **rules)
        def scale(x: Any, s: Any) -> Any:
            return x * s

        return scale

    def test_what_requires_a_gradient_is_refused(self) -> None:
        s = tl.tensor(2.0, requires_grad=True, name="s")
        with pytest.raises(TypeError, match=r"scale: s has no rule, .* \(s\)\. Give it one, s=lambda g.*or.*s=None"):
            self.make()(X, s)
        with pytest.raises(TypeError, match="has no rule"):
            tl.grad(lambda s: self.make()(X, s).sum())(2.0)

    def test_what_requires_none_is_a_number(self) -> None:
        w = tl.tensor(X, requires_grad=True)
        self.make()(w, tl.tensor(2.0)).sum().backward()
        np.testing.assert_array_equal(w.grad, [2, 2])

    def test_none_says_that_it_is_constant(self) -> None:
        w, s = tl.tensor(X, requires_grad=True), tl.tensor([2.0, 3.0], requires_grad=True)
        y = self.make(s=None)(w, s)
        with tl.no_grad():
            s -= 1.0
        y.sum().backward()
        np.testing.assert_array_equal(w.grad, [2, 3])
        assert s.grad is None


class TestRefusals:
    @pytest.mark.parametrize(
        ("rules", "said"),
        [
            ({"z": lambda g: g}, "f: there is a rule for z, and the function takes x, k"),
            ({"x": lambda g: g, "elementwize": True}, "f: there is a rule for elementwize"),
            ({}, "f: no input has a rule"),
            ({"x": None}, "f: no input has a rule"),
            ({"x": 3}, "f: the rule for x is a function of g"),
            ({"x": np.cos}, "f: the rule for x is a function of g"),
            ({"x": lambda g, w: g}, r"f: a rule takes g, then any of y, x, k, x_shape; this one takes g, \['w'\]"),
            ({"x": lambda x: x}, "f: a rule takes g, then"),
        ],
    )
    def test_at_the_definition(self, rules: Any, said: str) -> None:
        def f(x: Any, k: int = 0) -> Any:
            return x * k

        with pytest.raises(TypeError, match=said):
            tl.primitive(**rules)(f)

    def test_of_functions(self) -> None:
        with pytest.raises(TypeError, match="a primitive of a function, not of 3"):
            tl.primitive(3, x=lambda g: g)
        with pytest.raises(TypeError, match=r"\*\*options has none"):
            tl.primitive(x=lambda g: g)(lambda x, **options: x)
        with pytest.raises(TypeError, match=r"of a function of \*xs"):
            tl.primitive(xs=lambda g: g, a=lambda g: g)(lambda a, *xs: xs[0])
        with pytest.raises(TypeError, match="no input has a rule"):

            @tl.primitive
            def bare(x: Any) -> Any:
                return x

    @pytest.mark.parametrize(
        "result", [None, "a", [1.0], (1.0, 2.0), {}, np.ma.ones(2), np.ones((1, 1)).view(np.matrix), tl.tensor(1.0)]
    )
    def test_what_is_no_array(self, result: Any) -> None:
        given = tl.primitive(x=lambda g: g)(lambda x: result)
        for x in (X, tl.tensor(X, requires_grad=True)):
            with pytest.raises(TypeError, match=f"the function gave {type(result).__name__}, which is no array"):
                given(x)
        if not hasattr(result, "shape"):
            w = tl.tensor(X, requires_grad=True)
            y = tl.primitive(x=lambda g: result)(lambda x: x * 1.0)(w)
            with pytest.raises(TypeError, match=f"a rule gave {type(result).__name__}, which is no array"):
                y.sum().backward()
            assert w.grad is None

    def test_python_numbers_are_numbers(self) -> None:
        f = tl.primitive(x=lambda g, x: 2.0 * float(x))(lambda x: float(x) ** 2)
        assert type(f(3.0)) is np.float64
        assert tl.grad(lambda x: f(x))(3.0) == 6.0

    def test_a_wrong_shape_is_the_rules_fault(self) -> None:
        wrong = tl.primitive(x=lambda g: g.sum())(lambda x: x * 1.0)
        w = tl.tensor(X, requires_grad=True)
        with pytest.raises(ValueError, match=r"its rule gave shape \(\) for an input of shape \(2,\)") as caught:
            wrong(w).sum().backward()
        assert "in the derivative of <lambda>, of float64[2], whose output is float64[2]" in caught.value.__notes__[0]
        product = tl.primitive(a=lambda g, b: g * b, b=lambda g, a: g * a)(lambda a, b: a * b)
        with pytest.raises(ValueError, match="broadcasts=True"):
            product(w, np.ones((3, 2))).sum().backward()

    def test_calls(self) -> None:
        for call in (lambda: my_sin(), lambda: my_sin(X, X), lambda: my_sin(x=X, y=1), lambda: scaled_product(X)):
            with pytest.raises(TypeError, match=r"my_sin: |scaled_product: "):
                call()
        with pytest.raises(TypeError, match="my_sin: a Tensor holds numbers; got object"):
            my_sin(None)

    def test_errors_of_the_function_name_it(self) -> None:
        with pytest.raises(IndexError, match=r"total\(float64\[2\]\): .*axis 3"):
            total(tl.tensor(X), axis=3)


class TestMemory:
    def test_neither_function_nor_rule_writes_to_what_it_is_given(self) -> None:
        @tl.primitive(x=lambda g, x: np.multiply(g, x, out=g))
        def doubled(x: Any) -> Any:
            x *= 2
            return x

        x = X.copy()
        for given in (x, tl.tensor(x, requires_grad=True)):
            with pytest.raises(ValueError, match="read-only"):
                doubled(given)
        y = tl.primitive(x=lambda g, x: np.multiply(g, x, out=g))(lambda x: x * 2)(tl.tensor(x, requires_grad=True))
        with pytest.raises(ValueError, match="read-only"):
            y.sum().backward()
        np.testing.assert_array_equal(x, X)
        x[0] = 5.0  # the caller's array is as it was, to be written to as well

    def test_a_result_is_no_view_of_an_input(self) -> None:
        turned = tl.primitive(x=lambda g: g[::-1])(lambda x: x[::-1])
        x = tl.tensor(X, requires_grad=True) * 1.0
        x[0] = 7.0
        y = turned(x)
        x[0] = 9.0
        y[1] = 0.0
        np.testing.assert_array_equal(y.data, [-1.0, 0.0])
        np.testing.assert_array_equal(x.data, [9.0, -1.0])
        x = X.copy()
        turned(x)[0] = 3.0
        np.testing.assert_array_equal(x, X)

    @pytest.mark.parametrize("part", [slice(None), slice(0, 2), slice(None, None, -1)])
    def test_a_work_buffer_may_be_used_again(self, part) -> None:
        buffer = np.zeros(2)
        growth = tl.primitive(x=lambda g, y: g * y)(lambda x: np.exp(x, out=buffer[part]))
        x = tl.tensor(X, requires_grad=True)
        y = growth(x)
        total = y.sum() + growth(2.0 * x).sum()
        buffer[:] = 0.0
        total.backward()
        np.testing.assert_allclose(y.data, np.exp(X))
        np.testing.assert_allclose(x.grad, np.exp(X) + 2.0 * np.exp(2.0 * X))

    def test_what_is_remembered_may_be_written_to_later(self) -> None:
        buffer = np.zeros(2)
        squared = tl.primitive(x=lambda g, kept: 2.0 * g * kept, remembers=("kept",))(
            lambda x: (x * x, np.copyto(buffer, x) or buffer)
        )
        x = tl.tensor(X, requires_grad=True)
        y = squared(x).sum()
        buffer[:] = 9.0
        y.backward()
        np.testing.assert_allclose(x.grad, 2.0 * X)

    def test_a_result_that_nobody_else_has_is_not_copied(self) -> None:
        made: list[int] = []

        def doubled(x):
            y = (2.0 * x).reshape(1, 2)[0]
            made.append(y.__array_interface__["data"][0])
            return y

        y = tl.primitive(doubled, x=lambda g: 2.0 * g)(tl.tensor(X, requires_grad=True))
        assert y._value.__array_interface__["data"][0] == made[0]

    def test_a_rule_saves_what_it_asks_for(self) -> None:
        w = tl.tensor(X, requires_grad=True)
        assert [names for _, names, _ in total.pulls] == [("x_shape", "axis")]
        (pull,) = total(w, 0)._node.pulls
        assert pull[2] == ((2,), 0)


def test_refusals_name_it() -> None:
    with pytest.raises(TypeError, match=r"tl\.primitive"):
        np.save(io.BytesIO(), tl.tensor(np.eye(2), requires_grad=True))
