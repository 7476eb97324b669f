"""What compiled functions take from outside, and what is the caller's: closures, globals, generators, arguments."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_lite as tl
import tinygrad_lite.numpy as tnp

X = np.array([0.5, -1.0, 2.0])

SCALE = 2.0
TABLE = np.array([1.0, 2.0, 3.0])


class Model:
    """An object of the program's."""

    def __init__(self):
        self.weight = np.array([1.0, -1.0, 0.5])
        self.power = 2
        self.parts = [np.ones(3)]

    def __call__(self, x):
        return (x * self.weight) ** self.power + self.parts[0]


class TestWhatItTakesFromOutside:
    @pytest.mark.parametrize("derive", [lambda f: f, tl.grad], ids=["value", "gradient"])
    def test_an_array_of_a_closure_is_read_as_it_is_now(self, derive):
        a = np.array([1.0, 2.0, 3.0])
        f = derive(lambda x: (np.sin(x * a) * np.sqrt(a)).sum())
        compiled = tl.compile(f)
        for k in range(3):
            np.testing.assert_array_equal(compiled(X), f(X))
            a += k + 0.5

    def test_a_large_one_too(self):
        a = np.ones((200, 100))
        compiled = tl.compile(tl.grad(lambda x: ((a @ x) ** 2).sum()))
        x = np.linspace(0, 1, 100)
        first = compiled(x)
        a[:] = 2.0
        np.testing.assert_allclose(compiled(x), 4 * first)

    def test_a_name_bound_anew_is_seen(self, monkeypatch):
        rate = 1.0
        f = lambda x: x * rate * SCALE + TABLE
        compiled = tl.compile(f)
        np.testing.assert_array_equal(compiled(X), f(X))
        rate = 3.0
        np.testing.assert_array_equal(compiled(X), f(X))
        monkeypatch.setitem(globals(), "SCALE", 5.0)
        np.testing.assert_array_equal(compiled(X), f(X))
        monkeypatch.setitem(globals(), "TABLE", np.zeros(3))
        np.testing.assert_array_equal(compiled(X), f(X))

    def test_an_object_is_as_it_is_now(self):
        model = Model()
        compiled = tl.compile(model)
        for change in (
            lambda: None,
            lambda: setattr(model, "power", 3),
            lambda: model.weight.__setitem__(0, 4.0),
            lambda: setattr(model, "weight", np.zeros(3)),
            lambda: model.parts.__setitem__(0, X),
            lambda: model.parts[0].__setitem__(1, 9.0),
        ):
            change()
            np.testing.assert_array_equal(compiled(X), model(X))

    def test_a_module_of_layers_is_as_it_is_now(self):
        layer = tl.nn.Linear(3, 2, rng=0)
        for p in layer.parameters():
            p.requires_grad = False
        compiled = tl.compile(tl.grad(lambda x: (layer(x) ** 2).sum()))
        eager = tl.grad(lambda x: (layer(x) ** 2).sum())
        np.testing.assert_array_equal(compiled(X), eager(X))
        layer.weight *= 2.0
        np.testing.assert_array_equal(compiled(X), eager(X))

    def test_nothing_is_compiled_again_for_what_stays(self):
        table = {"a": X.copy()}
        compiled = tl.compile(lambda x: x * table["a"] + TABLE)
        compiled(X)
        version = compiled.latest
        for _ in range(3):
            compiled(X)
            assert compiled.latest is version

    def test_what_would_happen_only_once_is_refused(self):
        count = 0
        log = np.zeros(3)

        def counting(x):
            nonlocal count
            count += 1
            return x * count

        def writing(x):
            log[0] += 1.0
            return x + log

        with pytest.raises(TypeError, match="binds a name of the function around it anew"):
            tl.compile(counting)(X)
        with pytest.raises(TypeError, match="writes to an array from outside"):
            tl.compile(writing)(X)


class TestRandomNumbers:
    @pytest.mark.parametrize(
        "draw",
        [
            lambda rng: rng.random(3),
            lambda rng: rng.normal(size=3) + rng.standard_normal(3),
            lambda rng: rng.uniform(-1.0, 1.0) * np.ones(3),
            lambda rng: rng.permutation(3) * 1.0,
            lambda rng: rng.integers(0, 9, 3) * rng.exponential(2.0, 3),
        ],
    )
    def test_a_generator_among_the_arguments_draws_anew(self, draw):
        f = lambda x, rng: (x * draw(rng)).sum()
        compiled = tl.compile(f)
        ours, theirs = np.random.default_rng(3), np.random.default_rng(3)
        found = [compiled(X, ours) for _ in range(4)]
        assert found == [f(X, theirs) for _ in range(4)]
        assert len({*found}) > 1
        assert ours.bit_generator.state == theirs.bit_generator.state
        assert len(compiled.signatures) == 1
        assert compiled(X, np.random.default_rng(3)) == found[0]

    def test_what_is_drawn_and_not_used_is_drawn(self):
        def f(x, rng):
            rng.random(2)
            return x * rng.random()

        compiled = tl.compile(f)
        ours, theirs = np.random.default_rng(1), np.random.default_rng(1)
        for _ in range(3):
            np.testing.assert_array_equal(compiled(X, ours), f(X, theirs))

    def test_dropout_draws_anew(self):
        ours, theirs = tl.nn.Dropout(0.5, rng=7), tl.nn.Dropout(0.5, rng=7)
        x = np.linspace(1, 2, 50)
        compiled = tl.compile(tl.value_and_grad(lambda x: (ours(x) ** 2).sum()))
        f = tl.value_and_grad(lambda x: (theirs(x) ** 2).sum())
        for _ in range(3):
            (a, g), (b, h) = compiled(x), f(x)
            assert a == b
            np.testing.assert_array_equal(g, h)
        assert type(ours.rng) is np.random.Generator

    def test_dropout_of_a_generator_that_is_given(self):
        f = lambda x, rng: tl.nn.functional.dropout(x, 0.5, rng=rng)
        compiled = tl.compile(f)
        ours, theirs = np.random.default_rng(3), np.random.default_rng(3)
        for _ in range(3):
            np.testing.assert_array_equal(compiled(X, ours), f(X, theirs))

    def test_a_generator_of_a_closure(self):
        ours, theirs = np.random.default_rng(5), np.random.default_rng(5)
        compiled = tl.compile(lambda x: x + ours.normal(size=3))
        for _ in range(3):
            np.testing.assert_array_equal(compiled(X), X + theirs.normal(size=3))

    def test_numpys_own_generator_is_refused(self):
        state = np.random.get_state()  # noqa: NPY002
        try:
            with pytest.raises(TypeError, match="NumPy's own generator"):
                tl.compile(lambda x: x * np.random.rand(3))(X)  # noqa: NPY002
        finally:
            np.random.set_state(state)  # noqa: NPY002


def doubled_in_place(x):
    x *= 2.0
    return x


def written_one(x, y):
    x[0] = y[1]
    y[2] += x[0]
    return x + y


class TestWhatIsTheCallers:
    def test_arguments_stay_as_they_are(self):
        compiled = tl.compile(doubled_in_place)
        for x in (X.copy(), X + 1):
            before = x.copy()
            y = compiled(x)
            np.testing.assert_array_equal(x, before)
            np.testing.assert_array_equal(y, 2 * before)
            assert not np.shares_memory(x, y)

    def test_the_same_array_twice(self):
        compiled = tl.compile(written_one)
        for x in (X, X[::-1] * 2):
            one = x.copy()
            np.testing.assert_array_equal(compiled(x, x), written_one(one, one))
            np.testing.assert_array_equal(compiled(x, x.copy()), written_one(x.copy(), x.copy()))

    def test_views_that_overlap_are_refused_where_one_is_written_to(self):
        long = np.arange(4.0)
        compiled = tl.compile(written_one)
        compiled(X, X.copy())
        with pytest.raises(TypeError, match="shares memory with"):
            compiled(long[:3], long[1:])
        reading = tl.compile(lambda x, y: x * y)
        np.testing.assert_array_equal(reading(long[:3], long[1:]), long[:3] * long[1:])

    @pytest.mark.parametrize(
        "f",
        [
            lambda x: (np.sin(x), np.sin(x)),
            lambda x: (x * 1.0).T,
            lambda x: np.ones(3),
            lambda x: [np.zeros(3), x + 0.0],
            lambda x: tl.grad(lambda a, b: (a + b).sum(), (0, 1))(x, x),
            lambda x: tl.vjp(lambda a: a, x)[1](x)[0],
            lambda x: np.reshape(x * 1.0, (3, 1)),
            lambda x: tnp.zeros(3) + 1.0,
            lambda x: (x + 1.0)[::-1],
            lambda x: np.broadcast_to(x.sum(), (3,)).copy(),
        ],
    )
    def test_results_are_arrays_of_their_own(self, f):
        compiled = tl.compile(f)
        for _ in range(3):
            given = X.copy()
            found = compiled(given)
            wanted = f(given.copy())
            flat = found if isinstance(found, (tuple, list)) else [found]
            for part, right in zip(flat, wanted if isinstance(wanted, (tuple, list)) else [wanted], strict=True):
                np.testing.assert_array_equal(part, right)
                part[...] = -7.0
                np.testing.assert_array_equal(given, X)

    def test_what_is_handed_through_is_itself(self):
        compiled = tl.compile(lambda x, y: (y, x))
        for _ in range(2):
            x, y = X.copy(), X.copy()
            found = compiled(x, y)
            assert found[0] is y
            assert found[1] is x


class TestRefusals:
    @pytest.mark.parametrize(
        ("f", "said"),
        [
            (lambda x: x * 2 if x.sum() > 0 else x, "a choice"),
            (lambda x: tl.grad(lambda t: t * 2 if t > 0 else t)(x[0]), "a choice"),
            (lambda x: sum(x for _ in range(int(x[0]))), "int"),
            (lambda x: tl.grad(lambda t: float(t) * t)(x[0]), "float"),
            (lambda x: [x for _ in range(x.argmax())], "as an index, a length or a count"),
        ],
    )
    def test_the_line_is_named(self, f, said):
        with pytest.raises(TypeError, match=said) as error:
            tl.compile(f)(X)
        assert "test_outside.py, line" in str(error.value)

    @pytest.mark.parametrize(
        ("x", "said"),
        [
            (np.ma.array(X, mask=[0, 1, 0]), "argument x is a MaskedArray.*np.asarray"),
            (X.view(np.recarray), "argument x is a recarray"),
            (np.array([1.0, "a"], object), "argument x is an array of objects"),
        ],
    )
    def test_arrays_of_other_kinds(self, x, said):
        with pytest.raises(TypeError, match=said):
            tl.compile(lambda x: x * 2)(x)

    def test_a_refusal_that_the_function_swallows_is_raised(self):
        def f(x):
            try:
                return x * 2 if x[0] > 0 else x
            except TypeError:
                return x * 3

        with pytest.raises(TypeError, match=r"went on after something was refused.*a choice"):
            tl.compile(f)(X)

    def test_an_array_of_numpys_is_not_written_to(self):
        def f(x):
            a = np.zeros(3)
            a[0] = x[0]
            return a

        def g(x):
            a = np.zeros(3)
            np.add(x, 1.0, out=a)
            return a

        for function in (f, g):
            with pytest.raises(TypeError, match=r"tinygrad_lite\.numpy.*or tl\.adapt"):
                tl.compile(function)(X)
