"""check_derivation: what it compares and where, its report, what it refuses; and mutants of its diagnoses."""

import copy
import html
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_lite as tl
from tinygrad_lite.checks import points
from tinygrad_lite.checks.diagnosis import cases, mistakes, regions
from tinygrad_lite.checks.diagnosis import hypotheses as diagnoses

Z = np.array([[0.5, -1.0, 0.3], [1.2, 0.1, -0.4]])
T = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def loss(z, t):
    return -np.sum(t * np.log(softmax(z)))


def gradient(z, t):
    return softmax(z) - t


def check(*args, **options):
    return tl.check_derivation(*args, **options)


def line(a, x, b):
    return np.sum((a * x + b) ** 2) / 2


def line_by_hand(a, x, b):
    r = a * x + b
    return (r * x).sum(), r.sum()


LINE = (1.5, np.array([1.0, 2.0, -1.0]), 0.3)


class TestWhatIsCompared:
    @pytest.mark.parametrize(
        ("f", "claimed", "args"),
        [
            (loss, gradient, (Z, T)),
            (lambda x: x**3, lambda x: 3 * x**2, (0.7,)),
            (np.tanh, lambda x: 1 - np.tanh(x) ** 2, (Z,)),
            (np.tanh, lambda x: np.diag(1 - np.tanh(x) ** 2), (Z[0],)),
            (softmax, lambda z: np.diag(softmax(z)) - np.outer(softmax(z), softmax(z)), (Z[0],)),
            (lambda x, w: x @ w, lambda x, w: w.T, (Z[0], Z.T)),
            (lambda x: np.sum(x, keepdims=True), np.ones_like, (Z,)),
            (lambda x: np.sum(x, keepdims=True), lambda x: np.ones((1, 1, *x.shape)), (Z,)),
            (lambda x: np.log(x).sum(), lambda x: 1 / x, (np.array([0.5, 30.0]),)),
            (lambda x: np.arcsin(x).sum(), lambda x: 1 / np.sqrt(1 - x * x), (np.array([0.5, -0.3]),)),
            (lambda z, labels: tl.cross_entropy(z, labels), lambda z, t: (softmax(z) - np.eye(3)[t]) / 2, (Z, [1, 0])),
            (lambda z: np.maximum(z, 0).sum(), lambda z: (z > 0) * 1, (Z,)),
            (lambda p: np.sum(p["w"] * p["x"]), lambda p: {"w": p["x"], "x": p["w"]}, ({"w": Z, "x": T + 1},)),
            (lambda ws: np.sum(ws[0]) * ws[1], lambda ws: (ws[1] * np.ones(3), ws[0].sum()), ((Z[0], 2.0),)),
        ],
    )
    def test_right_derivations_hold(self, f, claimed, args):
        report = check(f, claimed, *args)
        assert report.holds, report
        assert report
        assert report.points == 9
        assert report.max_error < 1e-12
        assert report.diagnosis is None
        assert report.counterexample is None

    def test_a_block_for_each_row(self):
        def blocks(z):
            y = softmax(z)
            return y[:, :, None] * (np.eye(3) - y[:, None, :])

        assert check(softmax, blocks, Z)
        assert not check(softmax, lambda z: blocks(z) + 0.1, Z)
        mixed = lambda z: softmax(z) + 0.1 * np.sum(z)  # rows are not on their own
        assert not check(mixed, lambda z: blocks(z) + 0.1, Z)

    @pytest.mark.parametrize("wrt", [("a", "b"), (0, 2), (0, -1)])
    def test_several_arguments(self, wrt):
        report = check(line, line_by_hand, *LINE, wrt=wrt)
        assert report.holds
        assert [result.quantity for result in report.results] == ["∂line/∂a", "∂line/∂b"]

    @pytest.mark.parametrize(
        "claimed",
        [
            {"a": lambda *p: line_by_hand(*p)[0], "b": lambda *p: line_by_hand(*p)[1]},
            {2: lambda *p: line_by_hand(*p)[1], 0: lambda *p: line_by_hand(*p)[0]},
            lambda *p: dict(zip("ba", line_by_hand(*p)[::-1], strict=True)),
        ],
    )
    def test_claims_by_name(self, claimed):
        assert check(line, claimed, *LINE, wrt=("a", "b"))
        if isinstance(claimed, dict):
            assert check(line, claimed, *LINE)

    def test_each_result_on_its_own(self):
        wrong = lambda a, x, b: (line_by_hand(a, x, b)[0], -line_by_hand(a, x, b)[1])
        report = check(line, wrong, *LINE, wrt=("a", "b"))
        assert [result.holds for result in report.results] == [True, False]
        assert report.diagnosis.quantity == "∂line/∂b"
        assert "right             ∂line/∂a" in repr(report)

    def test_numbers_are_compared_at_the_given_arguments(self):
        report = check(loss, gradient(Z, T), Z, T)
        assert report.holds
        assert report.points == 1
        assert "given arguments alone" in repr(report)
        assert check(loss, -gradient(Z, T), Z, T).diagnosis.kind == "sign"
        assert check(line, {"a": line_by_hand(*LINE)[0], "b": line_by_hand(*LINE)[1]}, *LINE)
        assert check(lambda x: np.sum(x * x), [2.0, 4.0], [1, 2.0])

    def test_right_at_the_given_point_only(self):
        report = check(lambda x: np.sum(x**3), lambda x: 3 * x, np.ones(3))
        assert not report.holds
        assert not report.counterexample.given
        assert not np.allclose(report.counterexample.args[0], 1)

    def test_tensors_and_float32(self):
        assert check(loss, gradient, tl.tensor(Z, requires_grad=True), T.astype(np.float32))
        single = lambda x: np.sin(x.astype(np.float32)).sum()
        assert check(single, np.cos, Z)
        assert not check(single, lambda x: np.cos(x) + 1e-3, Z)

    def test_a_formula_that_writes_to_its_arguments_spoils_nothing(self):
        def writing(z, t):
            z -= z.max()
            return softmax(z) - t

        z = Z.copy()
        assert check(loss, writing, z, T)
        np.testing.assert_array_equal(z, Z)

    def test_the_tolerance(self):
        near = lambda z, t: gradient(z, t) + 1e-6
        assert not check(loss, near, Z, T)
        assert check(loss, near, Z, T, tolerance=1e-3)

    def test_the_same_seed_gives_the_same_points(self):
        wrong = lambda z, t: gradient(z, t) * (1 + 0.1 * (z != Z))
        examples = [check(loss, wrong, Z, T, rng=rng).counterexample for rng in (3, np.random.default_rng(3), 4)]
        np.testing.assert_array_equal(examples[0].args[0], examples[1].args[0])
        assert not np.array_equal(examples[0].args[0], examples[2].args[0])


class TestPoints:
    RNG = np.random.default_rng(0)

    def drawn(self, x, is_variable=False):
        return [points.like(self.RNG, x, is_variable) for _ in range(20)]

    def test_one_hot_rows_stay_so(self):
        found = self.drawn(T)
        assert all(points.is_one_hot(x) for x in found)
        assert len({x.tobytes() for x in found}) > 3

    def test_rows_that_sum_to_one_stay_so(self):
        assert all(points.sums_to_one(x) and not points.is_one_hot(x) for x in self.drawn(softmax(Z)))

    @pytest.mark.parametrize(
        ("x", "kept"),
        [
            (np.array([3.0, 40.0]), lambda x: (x > 0).all()),
            (np.array([-3.0, -40.0]), lambda x: (x < 0).all()),
            (np.array([0.2, 0.9, 0.3]), lambda x: ((x > 0) & (x < 1)).all()),
            (np.array([-0.2, 0.9]), lambda x: (abs(x) < 1).all()),
            (np.array([0.0, 1.0, 1.0]), lambda x: ((x == 0) | (x == 1)).all()),
            (2.5, lambda x: x > 0),
        ],
    )
    def test_ranges_are_kept(self, x, kept):
        found = self.drawn(x)
        assert all(kept(other) and np.shape(other) == np.shape(x) for other in found)
        assert len({np.asarray(other).tobytes() for other in found}) > 1

    @pytest.mark.parametrize("x", [3, True, "sum", None, np.array([0, 2]), np.cos])
    def test_what_is_not_floating_is_kept(self, x):
        assert all(other is x for other in self.drawn(x))

    @pytest.mark.parametrize("x", [np.eye(3), np.zeros(3), T])
    def test_variables_are_not_targets(self, x):
        assert not any(np.all((other == 0) | (other == 1)) for other in self.drawn(x, is_variable=True))

    def test_where_the_function_is_defined(self):
        """Draws that leave the domain are drawn again."""
        f = lambda x: np.sum(np.log(x - 3))
        assert check(f, lambda x: 1 / (x - 3), np.array([3.5, 9.0, 4.0])).points == 9

    def test_where_there_is_hardly_any_point(self):
        f = lambda x: np.sum(x) if np.array_equal(x, Z) else np.sum(np.log(-np.abs(x)))
        report = check(f, np.ones_like, Z, points=2)
        assert report.holds
        assert "of 2 random points, only 0" in repr(report)

    def test_draw(self):
        seen = []

        def draw(rng):
            a = rng.normal(size=(3, 3))
            return (a @ a.T,)

        def claimed(a):
            seen.append(a)
            return 2 * a

        assert check(lambda a: np.sum(a * a.T), claimed, np.eye(3), draw=draw)  # right for symmetric matrices
        assert len(seen) == 9
        assert all(np.array_equal(a, a.T) for a in seen)
        with pytest.raises(ValueError, match="draw must return a tuple"):
            check(loss, gradient, Z, T, draw=lambda rng: (Z,))


class TestConditions:
    def test_a_sum_of_one_is_remarked_on(self):
        for t in (T, softmax(Z)):
            report = check(loss, gradient, Z, t)
            assert report.holds
            assert "Σ t = 1" in repr(report)
        general = lambda z, t: softmax(z) * t.sum(axis=1, keepdims=True) - t
        assert not check(loss, general, Z, T).remarks

    def test_one_hot_targets_are_remarked_on(self):
        report = check(loss, lambda z, t: (softmax(z) - t) * t.max(axis=1, keepdims=True), Z, T)
        assert report.holds
        assert "one-hot" in repr(report)


class TestReport:
    def report(self):
        return check(loss, lambda z, t: t * (softmax(z) - 1), Z, T)

    def test_the_counterexample_is_one(self):
        example = self.report().counterexample
        assert example.given
        assert example.quantity == "∂loss/∂z"
        assert example.claimed == (T * (softmax(Z) - 1))[example.entry]
        assert example.autograd == pytest.approx(gradient(Z, T)[example.entry])

    def test_the_largest_error(self):
        report = check(loss, lambda z, t: gradient(z, t) + np.array([0, 0, 0.25]), Z, T, points=0)
        assert report.max_error == pytest.approx(0.25)
        assert report.counterexample.entry[1] == 2

    def test_lines_are_short(self):
        long = lambda z, t: gradient(z, t).T
        for report in (self.report(), check(loss, gradient, Z, T), check(loss, long, Z, T)):
            assert max(map(len, repr(report).splitlines())) <= 80
        assert repr(self.report()).startswith("∂loss/∂z: the derivation does not hold")

    def test_evidence_is_given(self):
        diagnosis = self.report().diagnosis
        assert str(diagnosis) == diagnosis.text
        off = float(re.search(r"off by (\S+)", diagnosis.evidence)[1])
        assert 0 <= off < 1e-12
        assert "all 9 points (54 numbers)" in diagnosis.evidence

    def test_alternatives_are_of_other_kinds(self):
        kinds = [d.kind for d in (self.report().diagnosis, *self.report().alternatives)]
        assert kinds == ["diagonal", "correct class"]

    def test_in_notebooks(self):
        text = self.report()._repr_html_()
        assert html.escape(self.report().diagnosis.text) in text
        assert text.count("<") == text.count(">") == len(re.findall(r"</?[a-z]", text))
        assert "✓" in check(loss, gradient, Z, T)._repr_html_()
        assert self.report().diagnosis.text in self.report()._repr_markdown_()

    def test_names_are_escaped(self):
        f = copy.copy(loss)
        f.__name__ = "<b>"
        try:
            assert "<b>" not in check(f, gradient, Z, T)._repr_html_()
        finally:
            f.__name__ = "loss"

    def test_assert_derivation(self):
        assert tl.assert_derivation(loss, gradient, Z, T) is None
        with pytest.raises(tl.DerivationMismatch, match="cross terms") as caught:
            tl.assert_derivation(loss, lambda z, t: t * (softmax(z) - 1), Z, T)
        assert isinstance(caught.value, AssertionError)
        assert caught.value.report.diagnosis.kind == "diagonal"

    def test_a_claim_that_is_no_number(self):
        log = lambda z, t: gradient(z, t) + np.log(np.maximum(z, 0)) * 0
        report = check(loss, log, Z, T)
        assert not report.holds
        assert report.diagnosis.kind == "not finite"
        assert "in 2 of 6 entries" in report.diagnosis.text
        assert np.isinf(report.max_error)


@pytest.mark.parametrize(
    ("f", "claimed", "args", "options", "error", "message"),
    [
        (3, gradient, (Z, T), {}, TypeError, "f must be a function"),
        (loss, None, (Z, T), {}, TypeError, "must be a function of f's arguments"),
        (loss, "y - t", (Z, T), {}, TypeError, "must be a function of f's arguments"),
        (loss, gradient, (), {}, TypeError, "arguments are needed"),
        (loss, gradient, (Z, T), {"wrt": "W"}, ValueError, "no argument 'W', it has z, t"),
        (loss, gradient, (Z, T), {"wrt": 5}, ValueError, "argument 5"),
        (loss, gradient, (Z, T), {"wrt": (0, 0)}, ValueError, "twice"),
        (loss, gradient, (Z, T), {"wrt": (0, 1)}, ValueError, "2 derivatives in a tuple"),
        (loss, {"z": gradient}, (Z, T), {"wrt": "t"}, ValueError, "claimed for z, asked for t"),
        (loss, gradient, (np.array([[1, 2]]), T), {}, TypeError, r"but int64 of shape \(1, 2\); write"),
        (loss, gradient, (Z, T), {"points": -1}, ValueError, "how many random points"),
        (loss, lambda z, t: "y", (Z, T), {}, TypeError, "array of real numbers"),
        (loss, lambda z, t: 1j * z, (Z, T), {}, TypeError, "array of real numbers"),
        (
            loss,
            lambda z, t: np.ones((5, 7)),
            (Z, T),
            {},
            ValueError,
            r"shape \(5, 7\); the gradient has shape \(2, 3\)",
        ),
        (softmax, lambda z: np.ones((5, 7)), (Z[0],), {}, ValueError, r"the Jacobian has shape \(3, 3\)"),
        (lambda z: (z, z), gradient, (Z,), {}, TypeError, "one array or number"),
        (lambda x: np.log(x).sum(), lambda x: 1 / x, (np.array([0.0, 1.0]),), {}, ValueError, "not finite"),
        (lambda p: p["w"].sum(), lambda p: {"v": 1}, ({"w": Z},), {}, ValueError, "containers of that argument"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_bad_input(f, claimed, args, options, error, message):
    with pytest.raises(error, match=message):
        check(f, claimed, *args, **options)


# ---------------------------------------------------------------------------------------------------------------------
# Any shape, any numbers

shapes = st.tuples(st.integers(1, 4), st.integers(2, 5))
seeds = st.integers(0, 2**16)


@settings(max_examples=25, deadline=None)
@given(shapes, seeds, st.booleans())
def test_the_gradient_of_cross_entropy_in_any_shape(shape, seed, hard):
    rng = np.random.default_rng(seed)
    t = np.eye(shape[1])[rng.integers(shape[1], size=shape[0])] if hard else softmax(rng.normal(size=shape))
    z = rng.normal(size=shape)
    assert check(loss, gradient, z, t, points=2, rng=seed)
    assert check(loss, lambda z, t: t - softmax(z), z, t, points=2, rng=seed).diagnosis.kind == "sign"
    report = check(loss, lambda z, t: t * (softmax(z) - 1), z, t, points=2, rng=seed)
    assert "diagonal" in [d.kind for d in (report.diagnosis, *report.alternatives)]


@settings(max_examples=25, deadline=None)
@given(shapes, seeds, st.floats(0.01, 100).filter(lambda c: abs(c - 1) > 1e-3))
def test_any_factor_is_found(shape, seed, c):
    z = np.random.default_rng(seed).normal(size=shape)
    report = check(np.tanh, lambda z: c * (1 - np.tanh(z) ** 2), z, points=2)
    factor = re.search(r"([\d.e-]+) × autograd", next(d for d in (report.diagnosis, *report.alternatives)).evidence)
    assert float(factor[1]) == pytest.approx(c, rel=1e-5)


# ---------------------------------------------------------------------------------------------------------------------
# Mutants of the diagnoses: each makes at least one of these go wrong

EXPECTED = [
    ("sign", loss, lambda z, t: t - softmax(z), (Z, T)),
    ("diagonal", loss, lambda z, t: t * (softmax(z) - 1), (Z, T)),
    ("diagonal", tl.cross_entropy, lambda z, t: t * (softmax(z) - 1) / 2, (Z, T)),
    ("slope missing", lambda z, u: np.sum(u * (1 / (1 + np.exp(-z)))), lambda z, u: u + 0 * z, (Z, Z + 1)),
    ("slope at output", lambda z, u: np.sum(u * np.sin(z)), lambda z, u: u * np.cos(np.sin(z)), (Z, Z + 1)),
    ("swapped", lambda a, b, u: np.sum(u * (a @ b)), lambda a, b, u: b.T @ u, (np.eye(3) + 1, Z.T @ Z, Z.T @ Z + 1)),
    ("transposed", lambda a, b, u: np.sum(u * (a @ b)), lambda a, b, u: b @ u.T, (Z, Z.T, np.eye(2) + 1)),
    ("mean", lambda z: np.mean(np.exp(z)), np.exp, (Z,)),
    ("factor", lambda z: np.sum(z**3) + np.sum(z**2), lambda z: 3 * z**2 + z, (Z,)),
    ("term", lambda z: np.sum(z * np.sin(z)), np.sin, (Z,)),
    ("condition", loss, gradient, (Z, T + 0.3)),
    ("correct class", loss, lambda z, t: softmax(z) - 1, (Z, T)),
    ("entries", loss, lambda z, t: gradient(z, t) + np.array([0, 0, 1]), (Z, T)),
    (None, loss, lambda z, t: softmax(z) ** 2 - t, (Z, T)),
    (None, loss, lambda z, t: t - softmax(z) + 1e-5 * z, (Z, T)),
    (None, loss, lambda z, t: np.where(np.array_equal(z, Z), t - softmax(z), np.sin(z)), (Z, T)),
]


def verdicts():
    """What is said of each."""
    found = []
    for _, f, claimed, args in EXPECTED:
        try:
            diagnosis = check(f, claimed, *args, points=3).diagnosis
        except ValueError as error:  # shapes that nothing explains
            found.append(str(error))
        else:
            found.append(None if diagnosis is None else diagnosis.kind)
    return found


def test_the_examples_are_named():
    assert verdicts() == [kind for kind, *_ in EXPECTED]


def nothing(*_args):
    return iter(())


def first_point_only(case, claims, candidate, original=cases.multiple):
    return original(case, claims[:1], candidate)


MUTANTS = {
    "loose": (cases, "close", lambda a, b, tolerance: bool(np.max(np.abs(a - b)) <= 1e-3)),
    "one point": (diagnoses, "multiple", first_point_only),
    "all is known": (diagnoses, "multiple", lambda case, claims, candidate: 1.0),
    "no factors in words": (diagnoses, "in_words", lambda case, k: None),
    "slopes right": (mistakes, "at_output", lambda trace, region: region.slope(trace)),
    "slopes zero": (mistakes, "one", lambda trace, region: 0.0),
    "diagonals full": (regions.Region, "diagonal", lambda region, trace: region.slope(trace)),
    "no products": (mistakes, "in_products", nothing),
    "no factors": (mistakes, "in_factors", nothing),
    "no paths": (mistakes, "in_paths", nothing),
    "no slopes": (mistakes, "in_slopes", nothing),
    "no Jacobians": (mistakes, "in_jacobians", nothing),
    "own factor": (mistakes, "bound", lambda rule: lambda node: lambda g: rule(g, node.value, node.value)),
    "not normalised": (diagnoses, "CONDITIONS", (("{}", lambda x: x),)),
    "targets reversed": (diagnoses, "is_one_hot", lambda x: points.is_one_hot(1 - x)),
    "everything right": (diagnoses, "rightly", lambda case, p: np.ones(case.truths[p].shape, bool)),
    "nothing telling": (diagnoses, "telling", lambda case: False),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_are_caught(name, monkeypatch):
    monkeypatch.setattr(*MUTANTS[name])
    assert verdicts() != [kind for kind, *_ in EXPECTED]
