"""Whatever a function takes from outside is what it is now, in each call; or the function is refused."""

from __future__ import annotations

import argparse
import array
import collections
import contextvars
import copy
import dataclasses
import functools
import itertools
import random
import sys
import types
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl

X = np.array([0.5, -1.0, 2.0])
SCALE = 2.0


def scaled(x):
    return x * SCALE


class Scaling:
    factor = 2.0

    def __call__(self, x):
        return x * SCALE * self.factor

    @property
    def twice(self):
        return 2 * SCALE

    @staticmethod
    def alone(x):
        return x + SCALE

    @classmethod
    def of_class(cls, x):
        return x + cls.factor

    @functools.cached_property
    def kept(self):
        return np.arange(3.0)


@dataclasses.dataclass
class Settings:
    k: float = 2.0
    parts: list[float] = dataclasses.field(default_factory=lambda: [1.0, 2.0])


def follows(f, change, *args):
    """Whether a compiled function goes on to give what the function gives when something is changed."""
    compiled = tl.compile(f)
    for step in (lambda: None, lambda: None, change, lambda: None):
        step()
        np.testing.assert_array_equal(compiled(*args), f(*args))


def namespace_module(name, **values):
    module: Any = types.ModuleType(name)
    vars(module).update(values)
    return module


def with_globals(text, **names):
    """A function of a module of its own."""
    space = {"__name__": "a_program", **names}
    exec(f"def f(x):\n    return {text}", space)
    return space["f"]


CONTEXT: contextvars.ContextVar[float] = contextvars.ContextVar("CONTEXT", default=2.0)

HELD: dict[str, Any] = {
    "namespace": (types.SimpleNamespace(k=2.0), lambda s, x: x * s.k, lambda s: setattr(s, "k", 3.0)),
    "arguments": (argparse.Namespace(k=2.0), lambda s, x: x * s.k, lambda s: setattr(s, "k", 3.0)),
    "user dict": (collections.UserDict(k=2.0), lambda s, x: x * s["k"], lambda s: s.update(k=3.0)),
    "deque": (collections.deque([2.0]), lambda s, x: x * s[0], lambda s: s.__setitem__(0, 3.0)),
    "set": ({1.0, 2.0}, lambda s, x: x * max(s), lambda s: (s.remove(2.0), s.add(3.0))),
    "long list": ([0.0] * 5000, lambda s, x: x + s[77], lambda s: s.__setitem__(77, 3.0)),
    "long dict": (dict.fromkeys(range(5000), 0.0), lambda s, x: x + s[77], lambda s: s.__setitem__(77, 3.0)),
    "bytes": (bytearray(b"ab"), lambda s, x: x * s[0], lambda s: s.__setitem__(0, 3)),
    "numbers": (array.array("d", [2.0]), lambda s, x: x * s[0], lambda s: s.__setitem__(0, 3.0)),
    "array of objects": (np.array([2.0, "a"], object), lambda s, x: x * s[0], lambda s: s.__setitem__(0, 3.0)),
    "data class": (Settings(), lambda s, x: x * s.k + s.parts[0], lambda s: s.parts.__setitem__(0, 3.0)),
    "counter": (collections.Counter(k=2), lambda s, x: x * s["k"], lambda s: s.update(k=1)),
    "nested": ([{"a": (Settings(),)}], lambda s, x: x * s[0]["a"][0].k, lambda s: setattr(s[0]["a"][0], "k", 3.0)),
    "context": (CONTEXT, lambda s, x: x * s.get(), lambda s: s.set(3.0)),
}


NOT_AS_ARGUMENTS = ("deque", "user dict", "nested", "counter", "array of objects")


def changed_anew(kind):
    holder, f, change = HELD[kind]
    if kind != "context":
        holder = type(holder)(holder) if kind in ("bytes",) else copy.deepcopy(holder)
    else:
        holder.set(2.0)
    return holder, f, change


class TestWhatIsHeld:
    @pytest.mark.parametrize("kind", list(HELD))
    def test_in_a_closure(self, kind):
        holder, f, change = changed_anew(kind)
        follows(lambda x: f(holder, x), lambda: change(holder), X)

    @pytest.mark.parametrize("kind", [kind for kind in HELD if kind not in NOT_AS_ARGUMENTS])
    def test_as_an_argument(self, kind):
        holder, f, change = changed_anew(kind)
        if kind in ("long list", "long dict"):
            holder = types.SimpleNamespace(held=holder)
            follows(lambda s, x: f(s.held, x), lambda: change(holder.held), holder, X)
        else:
            follows(f, lambda: change(holder), holder, X)

    def test_a_function_as_an_argument(self, monkeypatch):
        follows(lambda g, x: g(x), lambda: monkeypatch.setitem(globals(), "SCALE", 3.0), scaled, X)
        compiled = tl.compile(lambda g, x: g(x))
        for g in (np.sin, np.cos, np.sin):
            np.testing.assert_array_equal(compiled(g, X), g(X))
        assert len(compiled.signatures) == 2

    def test_a_network_as_an_argument(self):
        net = tl.nn.Linear(3, 2, rng=0)
        f = lambda net, x: net(x).data
        follows(f, lambda: net.weight.data.__setitem__(0, 7.0), net, X)

    def test_settings_are_told_apart_by_what_they_are(self):
        compiled = tl.compile(lambda x, where: x[where])
        for where in (slice(1, 3), slice(1, 3), slice(0, 2), range(2), range(2)):
            np.testing.assert_array_equal(compiled(X, where), X[where])
        assert len(compiled.signatures) == 3

    @pytest.mark.parametrize(
        "change",
        [
            lambda m: m.setattr(Scaling, "factor", 3.0),
            lambda m: m.setitem(globals(), "SCALE", 3.0),
            lambda m: m.setattr(Scaling, "__call__", lambda self, x: x * 7),
        ],
    )
    def test_a_class_and_its_methods(self, change, monkeypatch):
        scaling = Scaling()
        f = lambda x: scaling(x) + scaling.twice + Scaling.alone(x) + scaling.of_class(x) + Scaling()(x)
        follows(f, lambda: change(monkeypatch), X)
        compiled = tl.compile(scaling)
        with monkeypatch.context() as m:
            np.testing.assert_array_equal(compiled(X), scaling(X))
            m.setattr(Scaling, "factor", 5.0)
            np.testing.assert_array_equal(compiled(X), scaling(X))

    def test_attributes_that_no_function_names_compile_nothing_again(self):
        class Model:
            count = 0
            k = 2.0

            def step(self, x):
                return x * self.k

            def note(self):
                Model.count += 1

        model = Model()

        compiled = tl.compile(lambda x: model.step(x))
        for _ in range(4):
            compiled(X)
            model.note()
        assert compiled.latest is not None
        assert not compiled.latest.captured.changed()

    def test_modules_within_modules(self):
        sub = namespace_module("a_package.sub", k=2.0)
        package = namespace_module("a_package", sub=sub)
        f = with_globals("x * package.sub.k", package=package)
        follows(f, lambda: setattr(sub, "k", 3.0), X)

    @pytest.mark.parametrize(
        "wrap", [functools.lru_cache, functools.partial, lambda f: np.vectorize(f), tl.compile, functools.wraps(scaled)]
    )
    def test_functions_within_others(self, wrap, monkeypatch):
        inner = wrap(lambda x=1.0: x * SCALE)
        monkeypatch.setitem(globals(), "SCALE", 2.0)
        compiled = tl.compile(lambda x: x * inner(2.0))
        compiled(X)
        monkeypatch.setitem(globals(), "SCALE", 3.0)
        if hasattr(inner, "cache_clear"):
            inner.cache_clear()
        np.testing.assert_array_equal(compiled(X), X * 6.0)

    def test_a_cache_is_complete_after_one_call(self):
        cache = {}

        def power(n):
            if n not in cache:
                cache[n] = float(2**n)
            return cache[n]

        compiled = tl.compile(lambda x, n: x * power(n))
        for n in (2, 2, 3, 2, 3):
            np.testing.assert_array_equal(compiled(X, n), X * 2**n)
        scaling = Scaling()
        compiled = tl.compile(lambda x: x * scaling.kept)
        for _ in range(3):
            np.testing.assert_array_equal(compiled(X), X * np.arange(3.0))

    @pytest.mark.parametrize("read", [lambda a: a[12345], lambda a: np.sum(a), lambda a: a[10:20].mean()])
    def test_one_entry_of_a_large_array(self, read):
        large = np.zeros(200_000)
        follows(lambda x: x * read(large), lambda: large.__setitem__(12345, 3.0) or large.__setitem__(15, 2.0), X)


def attribute_counted(self, x):
    self.m = getattr(self, "m", 0) + 1
    return x * self.m


class TestWhatGoesOn:
    def test_containers_that_grow_in_each_call_are_refused(self):
        log: list[int] = []
        table: dict[int, int] = {}

        def listing(x):
            log.append(1)
            return x * len(log)

        def filling(x):
            table[len(table)] = 1
            return x * len(table)

        for f in (listing, filling):
            compiled = tl.compile(f)
            np.testing.assert_array_equal(compiled(X), X)
            with pytest.raises(TypeError, match="puts more into a container from outside in each call"):
                compiled(X)

    def test_an_attribute_that_counts_is_refused(self):
        scaling: Any = Scaling()
        compiled = tl.compile(lambda x: attribute_counted(scaling, x))
        np.testing.assert_array_equal(compiled(X), X)
        with pytest.raises(TypeError, match="changes 'm' from outside"):
            compiled(X)

    def test_a_class_that_counts_is_refused(self, monkeypatch):
        monkeypatch.setattr(Scaling, "factor", 2.0)

        def f(x):
            Scaling.factor += 1.0
            return x * Scaling.factor

        with pytest.raises(TypeError, match="binds 'factor' anew"):
            tl.compile(f)(X)

    @pytest.mark.parametrize(
        "make",
        [
            lambda: itertools.count(),
            lambda: iter([1.0, 2.0, 3.0]),
            lambda: (float(k) for k in range(5)),
            lambda: map(float, iter([1, 2, 3])),
            lambda: zip(iter([1, 2, 3]), strict=True),
            lambda: itertools.cycle([1.0, 2.0]),
        ],
    )
    def test_iterators_are_refused(self, make):
        iterator = make()
        with pytest.raises(TypeError, match=r"takes from a .* from outside"):
            tl.compile(lambda x: x * np.sum(next(iterator)))(X)

    def test_a_generator_function_that_loops(self):
        def forever():
            n = 0.0
            while True:
                n += 1.5
                yield n

        numbers = forever()
        next(numbers)
        with pytest.raises(TypeError, match="takes from a generator from outside"):
            tl.compile(lambda x: x * next(numbers))(X)

    def test_an_iterator_that_is_not_drawn_from_is_none_of_its_business(self):
        holder = types.SimpleNamespace(batches=iter([1, 2]), k=2.0)
        np.testing.assert_array_equal(tl.compile(lambda x: x * holder.k)(X), 2 * X)


class TestRandomNumbers:
    @pytest.mark.parametrize(
        "source",
        [
            np.random.RandomState(0),
            random.Random(0),
            types.SimpleNamespace(normal=np.random.default_rng(0).normal),
        ],
        ids=["RandomState", "random.Random", "bound method"],
    )
    def test_other_sources_are_refused(self, source):
        draw = getattr(source, "normal", None) or source.random
        for f, args in (
            (lambda x: x * draw(), (X,)),
            (lambda s, x: x * (getattr(s, "normal", 0) or s.random)(), (source, X)),
        ):
            with pytest.raises(TypeError, match=r"takes from a .* from outside"):
                tl.compile(f)(*args)

    def test_bits_that_a_generator_is_made_of_are_refused(self):
        bits, seeds = np.random.PCG64(0), np.random.SeedSequence(0)
        for f in (
            lambda x: x * np.random.Generator(bits).normal(),
            lambda x: x * np.random.default_rng(seeds.spawn(1)[0]).normal(),
        ):
            with pytest.raises(TypeError, match=r"takes from a .* from outside"):
                tl.compile(f)(X)

    def test_a_generator_without_a_seed_is_refused(self):
        with pytest.raises(TypeError, match="makes a random generator without a seed"):
            tl.compile(lambda x: x * np.random.default_rng().normal())(X)
        assert np.random.default_rng().normal() != np.random.default_rng().normal()
        seeded = tl.compile(lambda x: x * np.random.default_rng(3).normal())
        for _ in range(2):
            np.testing.assert_array_equal(seeded(X), X * np.random.default_rng(3).normal())

    def test_pythons_own_generator_is_refused(self):
        state = random.getstate()
        try:
            with pytest.raises(TypeError, match="Python's own generator"):
                tl.compile(lambda x: x * random.random())(X)
        finally:
            random.setstate(state)


class TestWithinOthers:
    def test_a_compiled_function_can_be_differentiated_and_compiled(self):
        f = lambda x: (np.tanh(x) * x).sum()
        compiled = tl.compile(f)
        for _ in range(2):
            assert compiled(X) == f(X)
            np.testing.assert_array_equal(tl.grad(compiled)(X), tl.grad(f)(X))
            np.testing.assert_array_equal(tl.hessian(compiled)(X), tl.hessian(f)(X))
            np.testing.assert_array_equal(tl.compile(lambda x: compiled(x) * x)(X), f(X) * X)
            assert tl.compile(compiled)(X) == f(X)
        w = tl.tensor(X, requires_grad=True)
        compiled(w).backward()
        np.testing.assert_array_equal(w.grad, tl.grad(f)(X))
        assert compiled.__wrapped__ is f


def test_the_library_is_none_of_the_program() -> None:
    compiled = tl.compile(lambda x: tl.relu(x) * np.sin(x))
    compiled(X)
    assert compiled.latest is not None
    held = {name for _, name, _ in compiled.latest.captured.places}
    assert held <= {"tl", "np", "relu", "sin"}
    assert sys.modules["tinygrad_lite"] is tl


class TestErrorsOnTheWay:
    def test_an_error_that_is_swallowed_is_a_branch(self):
        def f(x, a):
            try:
                return np.linalg.solve(a, x)
            except np.linalg.LinAlgError:
                return x * 0

        a = np.diag([1.0, 2.0, 3.0])
        compiled = tl.compile(f)
        with pytest.raises(TypeError, match=r"went on after an error.*LinAlgError"):
            compiled(X, a * 0)
        np.testing.assert_array_equal(compiled(X, a), f(X, a))
        with pytest.raises(np.linalg.LinAlgError):
            compiled(X, a * 0)
        with pytest.raises(np.linalg.LinAlgError):
            tl.compile(np.linalg.inv)(a * 0)

    @pytest.mark.parametrize(
        ("f", "given", "said"),
        [
            (np.linalg.cholesky, np.zeros((3, 3)), "LinAlgError"),
            (np.linalg.inv, np.ones((2, 8, 8)), "LinAlgError"),
            (lambda i: np.take(i * 1.0, i), np.array([0, 7]), "IndexError"),
        ],
    )
    def test_errors_that_depend_on_numbers(self, f, given, said):
        def swallowing(x):
            try:
                return f(x)
            except (np.linalg.LinAlgError, IndexError):
                return x * 0

        with pytest.raises(TypeError, match=f"went on after an error.*{said}"):
            tl.compile(swallowing)(given)

    def test_errors_that_depend_on_shapes_alone_are_as_ever(self):
        def f(x):
            try:
                return x @ np.ones((4, 4))
            except ValueError:
                return x * 2

        compiled = tl.compile(f)
        for x in (X, np.ones(4), X + 1):
            np.testing.assert_array_equal(compiled(x), f(x))

    def test_errors_that_the_function_asks_numpy_for_are_refused(self):
        def f(x):
            with np.errstate(divide="raise"):
                return 1 / x

        with pytest.raises(TypeError, match=r"np\.errstate within the function asks for errors in numpy\.divide"):
            tl.compile(f)(X)

        def g(x):
            with np.errstate(all="ignore"):
                return np.where(x > 0, np.log(x), 0.0)

        np.testing.assert_array_equal(tl.compile(g)(X), g(X))


class TestWhatComesOut:
    @pytest.mark.parametrize(
        "f",
        [
            lambda x: types.SimpleNamespace(a=x * 2),
            lambda x: Settings(k=x),  # type: ignore[arg-type]
            lambda x: lambda: x,
            lambda x: map(np.sin, x),
            lambda x: (y for y in x),
        ],
    )
    def test_containers_that_are_not_looked_into_are_refused(self, f):
        with pytest.raises(TypeError, match=r"the function returns a .*; return them in tuples, lists"):
            tl.compile(f)(X)

    def test_objects_that_were_there_are_handed_through(self):
        scaling = Scaling()
        compiled = tl.compile(lambda x, s, name: (x * 2, s, scaling, name, None, slice(3)))
        for _ in range(2):
            found = compiled(X, scaled, "a")
            assert found[1:5] == (scaled, scaling, "a", None)

    def test_a_gradient_of_a_tensor_from_outside_is_refused(self):
        w = tl.tensor(X, requires_grad=True)
        for _ in range(2):
            with pytest.raises(TypeError, match=r"writes the gradient of a Tensor of shape \(3,\) from outside"):
                tl.compile(lambda x: ((w * x).sum().backward(), w.grad)[1])(X)
            assert w.grad is None
        np.testing.assert_array_equal(tl.compile(lambda x: tl.grad(lambda v: (w * v).sum())(x))(X), X)


class TestWhatIsWrittenTo:
    def test_an_argument_that_is_seen_from_outside_is_refused(self):
        table = np.arange(3.0)

        def f(x):
            x += 1
            return x + table

        with pytest.raises(TypeError, match="argument x, which shares memory with an array that it takes from outside"):
            tl.compile(f)(table)
        compiled = tl.compile(f)
        for _ in range(2):
            np.testing.assert_array_equal(compiled(X), X + 1 + table)
            with pytest.raises(TypeError, match="shares memory with an array that it takes from outside"):
                compiled(table[:])
        np.testing.assert_array_equal(table, np.arange(3.0))

    def test_windows_that_overlap_are_refused(self):
        windows = np.lib.stride_tricks.as_strided(np.arange(10.0), (4, 4), (8, 8))

        def f(a):
            a[0, 1] = 7.0
            return a

        with pytest.raises(TypeError, match="entries of which lie at the same place"):
            tl.compile(f)(windows)
        for a in (np.zeros((4, 4)).T, np.zeros((8, 8))[::2, ::-2], np.zeros((4, 1, 4))[:, 0]):
            np.testing.assert_array_equal(tl.compile(f)(a), f(a.copy()))


class TestGeneratorsThatSomebodyElseDrawsFrom:
    @pytest.mark.parametrize(
        "draw",
        [
            lambda rng: np.random.Generator(rng.bit_generator).normal(),
            lambda rng: copy.deepcopy(rng).normal(),
            lambda rng: rng.spawn(1)[0].normal(),
        ],
        ids=["the same bits", "a copy", "spawn"],
    )
    def test_it_is_refused(self, draw):
        rng = np.random.default_rng(0)
        for f, args in ((lambda x: x * draw(rng), (X,)), (lambda x, r: x * draw(r), (X, rng))):
            with pytest.raises(TypeError, match="compile: "):
                tl.compile(f)(*args)

    @pytest.mark.parametrize("given", [True, False])
    def test_a_network_that_is_kept_draws_anew(self, given):
        def run(compile):
            rng = np.random.default_rng(5)
            net = tl.nn.Sequential(tl.nn.Linear(3, 8, rng=0), tl.nn.Dropout(0.5, rng=1))
            sgd = tl.optim.SGD(net.parameters(), lr=0.1)

            def step(x, *more):
                sgd.zero_grad()
                loss = (net(x + (more[0].normal() if more else 0.0)) ** 2).sum()
                loss.backward()
                sgd.step()
                return loss

            step = tl.compile(step, state=[net, sgd]) if compile else step
            return [step(X, *([rng] if given else [])).item() for _ in range(5)], type(net[1].rng)

        assert run(True) == run(False)

    def test_one_generator_may_be_given_twice(self):
        f = lambda x, first, second: x * first.normal() + second.normal()
        compiled = tl.compile(f)
        ours, theirs = np.random.default_rng(0), np.random.default_rng(0)
        for _ in range(3):
            np.testing.assert_array_equal(compiled(X, ours, ours), f(X, theirs, theirs))
        both = [np.random.default_rng(k) for k in (1, 2)]
        np.testing.assert_array_equal(compiled(X, *both), f(X, *[np.random.default_rng(k) for k in (1, 2)]))


class TestAsAFunction:
    def test_it_is_a_method_where_it_is_put_into_a_class(self):
        class Model:
            k = 2.0

            @tl.compile
            def __call__(self, x):
                """Scaled."""
                return x * self.k

        model = Model()
        for k in (2.0, 2.0, 3.0):
            model.k = k
            np.testing.assert_array_equal(model(X), X * k)
        assert Model.__call__.__doc__ == "Scaled."

    def test_it_can_be_copied_and_says_what_it_is(self):
        compiled = tl.compile(scaled)
        compiled(X)
        other = copy.deepcopy(compiled)
        np.testing.assert_array_equal(other(X), scaled(X))
        assert repr(compiled).startswith("<compiled <function scaled")
        assert compiled.__name__ == "scaled"
