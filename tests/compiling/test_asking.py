"""Programs that ask what their arguments are: types, texts, hashes, flags, aliases. As without source, or refused."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

import tinygrad_lite as tl

X = np.array([0.5, -1.0, 2.0, 4.0])
SINGLE = np.array([1.0, 0.1, 0.7], np.float32)
TABLE = {1.0: 10.0}


def check(f, *calls):
    """Of each call the compiled function gives the same: the type, the dtype, each bit, or the same kind of error."""
    compiled = tl.compile(f)
    for args in calls:
        try:
            wanted = f(*args)
        except ArithmeticError as error:
            with pytest.raises(type(error)):
                compiled(*args)
            continue
        found = compiled(*args)
        for y, z in zip(*[y if type(y) is tuple else (y,) for y in (wanted, found)], strict=True):
            assert type(z) is type(y)
            assert np.asarray(z).dtype == np.asarray(y).dtype
            assert np.asarray(z).tobytes() == np.asarray(y).tobytes()


class TestTypes:
    @pytest.mark.parametrize(
        "kind", [np.ndarray, float, complex, numbers.Number, np.floating, np.generic, np.float64, Iterable]
    )
    @pytest.mark.parametrize("x", [X, np.array(2.0), np.float64(1.5), np.float32(1.5), 1.5, 1 + 2j], ids=repr)
    def test_isinstance(self, kind, x):
        check(lambda x: x * 2 if isinstance(x, kind) else x * 3, (x,), (x + 1,))

    def test_of_results(self):
        check(lambda x: x * 2 if isinstance(x.sum(), np.floating) and np.isscalar(x.sum()) else x * 3, (X,), (X + 1,))
        check(lambda t: t * 2 if isinstance(t * 2 + 1, np.generic) else t * 3, (1.5,), (2.5,))
        check(lambda t: t * 2 if isinstance(np.sin(t), np.generic) else t * 3, (1.5,), (2.5,))

    def test_of_tensors(self):
        f = tl.grad(lambda x: x.sum() * 2 if isinstance(x.sum(), float) else x.sum() * 3)
        check(f, (X,), (X + 1,))

    @pytest.mark.parametrize("name", ["shape", "dtype", "__len__", "sum", "conjugate", "is_integer"])
    @pytest.mark.parametrize("x", [X, 1.5, 1 + 2j], ids=repr)
    def test_hasattr(self, name, x):
        try:
            check(lambda x: x * 2 if hasattr(x, name) else x * 3, (x,), (x + 1,))
        except TypeError as error:
            assert "is_integer" in str(error)  # noqa: PT017 (or it is as without source)

    def test_a_comparison_with_a_text_depends_on_no_number(self):
        check(lambda t: t * 2 if t != "mean" else t * 3, (1.5,), (2.5,))
        check(lambda t: t * 2 if t == None else t * 3, (1.5,), (2.5,))  # noqa: E711
        check(lambda x: x * (x != "mean"), (X,), (X + 1,))


@pytest.mark.parametrize(
    ("f", "asked"),
    [
        (lambda t: t * TABLE.get(t, 0.0), "look-up"),
        (lambda t: t * (t in {1.0, 2.0}), "look-up"),
        (lambda t: t * hash(t), "hash"),
        (lambda t: t * 2 if str(t) == "1.0" else t * 3, "a text"),
        (lambda t: t * 2 if f"{t:.1f}" == "1.0" else t * 3, "a text"),
        (lambda t: t * 2 if repr([t]) == "[1.0]" else t * 3, "a text"),
        (lambda t: t * 2 if "%s" % t == "1.0" else t * 3, "a text"),  # noqa: UP031
        (lambda t: t * np.float64(t), r"np.float64\(…\).*np.positive\(t, dtype=np.float64\)"),
        (lambda t: np.ones(3)[t > 0], "indexing|an index"),
        (lambda t: X[: len(X)][t > 0] * np.arange(4.0)[t > 0], "index"),
        (lambda t: X * t if t.is_integer() else X, "is_integer of a Python number"),
        (lambda t: (X * t)[t > 1], "truth values"),
    ],
)
def test_what_would_need_the_number_is_refused(f, asked):
    with pytest.raises(TypeError, match=f"compile: .*{asked}"):
        tl.compile(f)(1.0)


def test_texts_of_tensors_are_refused_too():
    f = lambda x: x.sum() * 2 if str(x.sum()) == "1.0" else x.sum() * 3
    with pytest.raises(TypeError, match="compile: a text"):
        tl.compile(tl.grad(f))(X)


def test_a_refusal_that_is_caught_is_raised():
    def f(t):
        try:
            return t * TABLE[t]
        except TypeError:
            return t

    with pytest.raises(TypeError, match="went on after something was refused"):
        tl.compile(f)(1.0)


def test_an_array_is_no_key_as_without_source():
    def f(x):
        try:
            hash(x)
        except TypeError:
            return x * 2
        return x

    check(f, (X,), (X + 1,))


class TestFlags:
    def test_the_layout_is_known(self):
        check(lambda x: x * 2 if x.flags.c_contiguous else x / 3, (X,), (X[::2],), (X,))
        check(lambda x: x * 2 if x.flags["F"] else x / 3, (np.eye(3),), (np.eye(3).T,), (np.eye(3),))

    def test_of_results(self):
        check(lambda x: x * 2 if (x * 2).flags.owndata and (x + 1).flags.writeable else x / 3, (X,), (X + 1,))

    @pytest.mark.parametrize("name", ["owndata", "writeable", "aligned"])
    def test_others_of_arguments_are_refused(self, name):
        for f in (lambda x: x if getattr(x.flags, name) else -x, lambda x: x if getattr(x[1:].flags, name) else -x):
            with pytest.raises(TypeError, match=f"flags.{name} of an argument"):
                tl.compile(f)(X)


class TestAliases:
    def test_one_array_given_twice(self):
        y = X + 1
        calls = (X, y), (X, X), (X, y), (y, y)
        check(lambda x, y: x * 2 if x is y else y * 3, *calls)
        check(lambda x, y: x * 2 if np.shares_memory(x, y) else y * 3, *calls)

    def test_of_many(self):
        arrays = [X + k for k in range(15)]
        again = [*arrays[:14], arrays[3]]
        f = lambda *given: sum([x * (1 + any(x is y for y in given[:k])) for k, x in enumerate(given)])
        check(f, arrays, again, arrays, again)

    def test_numbers_in_arrays_too(self):
        x = np.array(1.0)
        check(lambda x, y: x * 2 if x is y else y * 3, (x, x.copy()), (x, x), (x, x.copy()))

    def test_overlapping_arguments(self):
        f = lambda x, y: x * 2 if np.shares_memory(x, y) else y * 3
        compiled = tl.compile(f)
        np.testing.assert_array_equal(compiled(X[:2], X[2:] + 1), f(X[:2], X[2:] + 1))
        with pytest.raises(TypeError, match="share memory, and are not one"):
            compiled(X[:2], X[1:3])
        with pytest.raises(TypeError, match="an array from outside"):
            tl.compile(lambda x: x * np.shares_memory(x, SINGLE))(X)


class TestPythonNumbers:
    """Arithmetic among floats gives floats, which take on the dtype of what they meet."""

    @pytest.mark.parametrize(
        "f",
        [
            lambda t, x: (t * 2 + 1) * x,
            lambda t, x: -t + (1 - t) / 3 * x,
            lambda t, x: (t // 0.3, t % 0.3, 7 % t, 7 // t, *divmod(t, 0.7), *divmod(3, t), t * x),
            lambda t, x: (t**2 * x, 2**t * x, t**-1 * x, abs(-t) * x, +t),
            lambda t, x: (t > 1) + (t < 3) + x,
            lambda t, x: ((t > 1) & (t < 3), ~(t > 1), -(t > 1), (t > 1) - (t < 1), (t > 1) * x),
            lambda t, x: (round(t), round(t, 1), math.floor(t), math.ceil(t), math.trunc(t), round(t) * x),
            lambda t, x: (t + np.float64(1), np.sin(t) * x, np.float32(2) * t, t * 1j, t == 1.5, t != 2),
            lambda t, x: (t.real + 1, t.imag * x, t.conjugate() * x),
            lambda t, x: x[(t > 1) + 1 :][0] if False else x[round(t)],
        ],
    )
    def test_like_pythons(self, f):
        check(f, (1.5, SINGLE), (0.3, SINGLE), (2.25, SINGLE), (1.5, SINGLE))

    def test_in_place(self):
        def f(t, x):
            t += 1
            t /= 3
            t *= x
            return t

        check(f, (1.5, SINGLE), (0.3, SINGLE))

    def test_through_loops_and_gradients(self):
        def f(t, x):
            for _ in range(12):
                t = t * 0.9 + 0.1
            return tl.grad(lambda x: ((t * 2 + 1) * x * (t > 0.5)).sum())(x)

        check(f, (1.5, SINGLE), (0.3, SINGLE), (-2.0, SINGLE))

    def test_complex(self):
        check(lambda t: t + t.real - t.imag * 2, (1 + 2j,), (2 - 1j,))
        check(lambda t: (abs(t) * t.conjugate(), t**2, t**0.5, 1 / t), (1 + 2j,), (2 - 1j,))

    def test_division_by_zero_raises(self):
        for f in (lambda t: 1 / t, lambda t: 1 // t, lambda t: 1 % t, lambda t: t**-1):
            check(f, (1.5,), (0.0,), (2.5,))
            check(f, (0.0,), (1.5,))
        check(lambda t: t**2, (1.5,), (1e200,), (2.5,))
        check(lambda t, x: (1 / t, np.sum(x) / t), (1.5, X), (0.0, X), (2.5, X))

    def test_numpys_numbers_give_inf(self):
        with np.errstate(all="ignore"):
            check(lambda t, s: (s / t, s / (t * 2)), (1.5, np.float64(1)), (0.0, np.float64(1)), (2.5, np.float64(2)))

    def test_a_power_that_may_be_complex_is_refused_where_it_is(self):
        compiled = tl.compile(lambda t: t**0.5)
        assert compiled(2.25) == compiled(2.25) == 1.5
        with pytest.raises(TypeError, match="is complex"):
            compiled(-1.0)
        with pytest.raises(TypeError, match="is complex"):
            tl.compile(lambda t: t**0.5)(-1.0)


class TestErrorsThatAreCaught:
    """The branch after an error is one that other numbers do not take."""

    def test_division(self):
        def f(t):
            try:
                return 1 / t
            except ZeroDivisionError:
                return t

        with pytest.raises(TypeError, match=r"went on after an error.*ZeroDivisionError"):
            tl.compile(f)(0.0)

    def test_an_index(self):
        def f(x, i):
            try:
                return x[i]
            except IndexError:
                return x

        with pytest.raises(TypeError, match=r"went on after an error.*IndexError"):
            tl.compile(f)(X, np.array([7]))

    def test_of_types_it_is_the_same_with_all_numbers(self):
        def f(x):
            try:
                return x * "a"
            except TypeError:
                return x * 2

        check(f, (X,), (X + 1,))

    def test_uncaught_it_is_itself(self):
        with pytest.raises(np.linalg.LinAlgError, match="Singular"):
            tl.compile(np.linalg.inv)(np.zeros((2, 2)))


def test_an_index_of_an_array_of_numpys_says_what_to_write():
    first, second = np.array([1, 2]), np.array([0, 2])
    with pytest.raises(TypeError, match=r"an index of an array of NumPy's \(np.eye\(3\)\[t\]\).* is an argument"):
        tl.compile(lambda t: np.eye(3)[t])(first)
    check(lambda t: (t[:, None] == np.arange(3)) * 1.0, (first,), (second,))
    check(lambda t, a: a[t], (first, np.eye(3)), (second, np.eye(3)))


class TestResults:
    @pytest.mark.parametrize(
        ("f", "kind"),
        [
            (lambda x: SimpleNamespace(a=x * 2), "SimpleNamespace"),
            (lambda x: (x, [lambda: x * 2]), "function"),
            (lambda x: partial(np.add, x), "partial"),
            (lambda x: {"a": map(np.sin, x)}, "map"),
            (lambda x: (y * 2 for y in x), "generator"),
            (lambda x: iter(x), "generator"),
        ],
    )
    def test_what_cannot_be_taken_apart_is_refused(self, f, kind):
        compiled = tl.compile(f)
        for _ in range(2):
            with pytest.raises(TypeError, match=f"compile: the function returns a {kind}"):
                compiled(X)

    def test_objects_without_arrays_of_the_program_are_returned(self):
        marker = SimpleNamespace(a=X)
        compiled = tl.compile(lambda x: (x * 2, marker, "text", np.sin))
        for _ in range(2):
            assert compiled(X)[1:] == (marker, "text", np.sin)
