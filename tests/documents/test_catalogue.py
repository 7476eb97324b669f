"""What is found about each entry, how verdicts come about, and that nothing is checked by means of its own result."""

from __future__ import annotations

import re
import sys
from collections import Counter
from typing import Any

import numpy as np
import pytest

from tinygrad_lite.documents import CATALOGUE
from tinygrad_lite.documents.definitions import relu, sigmoid, slopes, softmax, tanh
from tinygrad_lite.documents.families import NUMBERS, PROBLEMS, SCORES, SIGMOIDS, Draw, Family, Numbers
from tinygrad_lite.engine import sweep as tape
from tinygrad_lite.verifying import Condition, Correction, Document, Entry, Finding, Kink, verify
from tinygrad_lite.verifying.statements import agreement, compare

FUSED = {
    "sigmoid",
    "relu",
    "sloped_relu",
    "softmax",
    "log_softmax",
    "logsumexp",
    "cross_entropy",
    "cross_entropy_of_labels",
}
HERE = Document("A test", "nobody", "never", "Test")
NUMBER = Numbers(np.zeros(1))

each_entry = pytest.mark.parametrize("said", CATALOGUE, ids=[said.id for said in CATALOGUE])


# ---------------------------------------------------------------------------------------------------------------------
# Verdicts on the documents

EXPECTED = {
    "misprinted": {
        "vege-7", "vege-9", "vege-3.2-sum", "vege-alg-1-6", "vege-alg-1-10", "vege-6.2-binary-1", "vege-32", "vege-34",
        "vege-36", "vege-37", "vege-6.3.2-product", "vege-38", "vege-6.3.3-start", "vege-39",
    },
    "false": {
        "vege-3.1-mse", "vege-4.1.2-only-output", "vege-5.1-inverse", "vege-6.3.1-label-1", "vege-6.3.1-label-2",
        "vege-6.3.1-first-layer",
        "vege-6.3.2-only-change",
    },
    "convention": {"vege-20", "vege-22"},
    "holds when": {
        "vege-5", "vege-6", "vege-3.2-complement", "vege-24", "vege-25", "vege-26", "vege-28", "vege-6.3.1-W-2",
        "vege-6.3.1-before-3", "vege-6.3.1-delta-W-L", "vege-6.3.1-delta-W-before", "vege-6.3.1-delta-b-before",
        "vege-6.3.1-third-2", "vege-6.3.1-update-1", "vege-6.3.1-update-2", "vege-6.3.1-organized-1",
        "vege-6.3.1-organized-2", "vege-6.3.3-split-4", "vege-35",
    },
    "true when": {
        "vege-2-layers", "vege-5.2-default", "vege-6-hadamard", "vege-6.3-combinations", "vege-6.3-footnote-2",
        "vege-6.3.1-any-activation",
    },
}  # fmt: skip
"""What Vege (2018) has besides equations that hold and claims that are true."""


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    """What is found about every entry."""
    return list(verify(CATALOGUE))


def test_the_verdicts_on_vege(findings: list[Finding]) -> None:
    found = {f.entry.id: f.verdict for f in findings if f.entry.document.short == "Vege"}
    expected = {id: verdict for verdict, ids in EXPECTED.items() for id in ids}
    plain = {e.id: "true" if e.kind == "claim" else "holds" for e in CATALOGUE}
    assert found == {id: expected.get(id, plain[id]) for id in found}


def test_every_disagreement_is_explained(findings: list[Finding]) -> None:
    for finding in findings:
        assert finding.explained, (finding.entry.id, finding.reason, str(finding.counterexample))
        assert finding.difference <= finding.tolerance < 1e-6
        if finding.verdict not in ("holds", "true", "convention"):
            assert finding.counterexample is not None
            assert not finding.counterexample.holds


def test_running_twice_gives_the_same(findings: list[Finding]) -> None:
    assert list(verify(CATALOGUE[::5])) == findings[::5]


@pytest.mark.parametrize("seed", [7, 2018])
def test_another_seed_gives_the_same_verdicts_from_other_numbers(findings: list[Finding], seed: int) -> None:
    some = slice(seed % 2, None, 2)
    others = list(verify(CATALOGUE[some], seed))
    assert [f.verdict for f in others] == [f.verdict for f in findings[some]]
    assert [f.difference for f in others] != [f.difference for f in findings[some]]


def test_every_number_of_vege_is_there() -> None:
    places = " ".join([e.place for e in CATALOGUE if e.document.short == "Vege"])
    numbers = {int(n) for n in re.findall(r"eq\. (\d+)", places)}
    assert numbers >= set(range(1, 40)) - {12}, "12 stands beside nothing"
    assert len(re.findall("table 1, row", places)) == 3
    assert len(re.findall("algorithm 1, line", places)) == 9


def test_the_catalogue_is_in_order() -> None:
    ids = Counter([e.id for e in CATALOGUE])
    assert max(ids.values()) == 1
    for e in CATALOGUE:
        assert re.fullmatch(r"[a-z]+-[A-Za-z0-9.-]+", e.id)
        assert e.id.startswith(e.document.short.lower())
        assert all([e.place, e.latex, e.formula, *e.document])
        for latex in (e.latex, e.corrected.latex if e.corrected else ""):
            assert latex.count("{") == latex.count("}")
            assert len(re.findall(r"\\left(?!arrow)", latex)) == len(re.findall(r"\\right(?!arrow)", latex))
            assert latex.count(r"\begin") == latex.count(r"\end")


# ---------------------------------------------------------------------------------------------------------------------
# How verdicts come about


def entry(computed: Any, printed: Any, on: Family = NUMBERS, **rest: Any) -> Entry:
    return Entry("test-0", HERE, "here", "", "", on, computed, printed, **rest)


POSITIVE = Condition("z > 0", lambda s: bool(np.all(s.z > 0)))
SIGNED = Family("numbers of one sign", lambda seed: [Draw(f"z = {z}", Numbers(np.array([z]))) for z in (-2.0, 3.0)])


def square(s: Numbers) -> Any:
    return s.z**2


def test_holds_and_fails() -> None:
    assert entry(square, lambda s: s.z * s.z).check().verdict == "holds"
    finding = entry(square, lambda s: s.z).check()
    assert (finding.verdict, finding.explained) == ("fails", False)
    assert finding.counterexample is not None
    assert finding.counterexample.draw.size == 1
    assert re.fullmatch(r"1 numbers, seed 0: \[0\] is \S+, printed \S+", str(finding.counterexample))


def test_claims_have_words_of_their_own() -> None:
    assert entry(square, square, kind="claim").check().verdict == "true"
    when = entry(lambda s: abs(s.z), lambda s: s.z, SIGNED, kind="claim", condition=POSITIVE).check()
    assert (when.verdict, when.phrase) == ("true when", "true when z > 0")
    right = Correction("", "", "", square, right_when=POSITIVE)
    false = entry(square, lambda s: s.z * abs(s.z), SIGNED, kind="claim", corrected=right).check()
    assert (false.verdict, false.explained) == ("false", True)


def test_a_condition_must_matter_and_suffice() -> None:
    absolute = entry(lambda s: abs(s.z), lambda s: s.z, SIGNED, condition=POSITIVE)
    assert absolute.check().verdict == "holds when"
    assert [o.draw.name for o in absolute.check().relied_on] == ["z = 3.0"]
    assert absolute._replace(printed=lambda s: abs(s.z)).check().verdict == "holds"
    assert absolute._replace(printed=lambda s: -s.z).check().verdict == "fails"
    never = Condition("z > 5", lambda s: bool(np.all(s.z > 5)))
    assert "no draw" in absolute._replace(condition=never).check().reason


def test_a_misprint_must_be_put_right_and_accounted_for() -> None:
    right = Correction("", "", "", lambda s: abs(s.z), right_when=POSITIVE)
    misprint = entry(lambda s: abs(s.z), lambda s: s.z, SIGNED, corrected=right)
    assert misprint.check().verdict == "misprinted"
    for changed, reason in (
        ({"printed": lambda s: -abs(s.z)}, "the corrected form does not hold either"),
        ({"right_when": None}, "nothing says where"),
        ({"right_when": Condition("z < 0", lambda s: bool(np.all(s.z < 0)))}, "is not right when z < 0"),
        ({"really": lambda s: -s.z}, "is not what the correction says"),
    ):
        finding = misprint._replace(corrected=right._replace(**changed)).check()
        assert finding.verdict == "fails"
        assert reason in finding.reason
    assert misprint._replace(corrected=right._replace(right_when=None, really=lambda s: s.z)).check().explained


def test_a_label_can_be_what_is_wrong() -> None:
    right = Correction("", "", "", computed=lambda s: s.z**3, really=lambda s: s.z * s.z * s.z)
    assert entry(square, lambda s: s.z**3, corrected=right).check().verdict == "misprinted"


def test_a_convention_needs_a_kink() -> None:
    def printed(s: Numbers) -> Any:
        return np.where(s.z >= 0, 1.0, 0.0)

    ramp = entry(lambda s: slopes(relu, s.z), printed, kink=Kink(relu, 0.0, NUMBER))
    assert ramp.check().verdict == "convention"
    assert "0 from the left and 1 from the right" in ramp.check().reason
    assert ramp._replace(printed=lambda s: -printed(s)).check().verdict == "fails"
    smooth = entry(lambda s: slopes(sigmoid, s.z), lambda s: sigmoid(s.z) * (1 - sigmoid(s.z)))
    assert smooth._replace(kink=Kink(sigmoid, 0.0, NUMBER)).check().verdict == "holds"
    curved = entry(lambda s: slopes(tanh, s.z), lambda s: 1 - tanh(s.z) ** 2, kink=Kink(tanh, 0.3, NUMBER))
    assert curved.check().verdict == "holds"


def test_what_is_not_well_formed_differs() -> None:
    finding = entry(square, lambda s: s.z @ np.ones((99, 2))).check()
    assert finding.verdict == "fails"
    assert "not well formed: matmul" in str(finding.counterexample)
    assert "is of shape" in str(entry(square, lambda s: s.z[:, None]).check().counterexample)
    assert "not finite" in str(entry(square, lambda s: np.log(0 * s.z)).check().counterexample)


def test_extreme_draws_count_where_float64_can_hold_the_formula() -> None:
    stable = entry(lambda s: softmax(s.z), lambda s: np.exp(s.z) / np.exp(s.z).sum(-1, keepdims=True), SCORES)
    squared = stable._replace(printed=lambda s: np.exp(s.z) ** 2 / (np.exp(s.z) * np.exp(s.z).sum(-1, keepdims=True)))
    assert any(o.draw.extreme for o in stable.check().relied_on)
    assert not any(o.draw.extreme for o in squared.check().relied_on)
    assert squared.check().verdict == "holds"


def test_a_mistake_of_the_catalogue_itself_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"one side gives \['a'\], the other \['b'\]"):
        compare({"a": 1.0}, {"b": 1.0})
    with pytest.raises(ValueError, match="one side gives"):
        compare({}, {})
    with pytest.raises(ValueError, match="matmul"):
        entry(lambda s: s.z @ np.ones((99, 2)), square).check()
    with pytest.raises(FloatingPointError):
        entry(lambda s: np.log(0 * s.z), square).check()


def test_agreement() -> None:
    assert agreement(np.ones(3), np.ones(3) + 1e-15) == 1
    assert agreement(np.ones(3), np.ones(3) + 1e-9) == 0
    assert agreement(np.ones(3), np.ones((3, 1))) == 0
    assert agreement(np.ones(3), np.full(3, np.nan)) == 0


def test_draws_are_many_and_cannot_be_changed() -> None:
    draws = SCORES.draws(0)
    assert {d.setting.z.shape[1] for d in draws} >= {2, 3, 10, 100}
    assert {len(d.setting.z) == 1 for d in draws} == {True, False}
    sums = np.concatenate([d.setting.t.sum(axis=1) for d in draws])
    assert np.any(abs(sums - 1) < 1e-12)
    assert np.any(abs(sums - 1) > 0.1)
    assert max([np.max(d.setting.z) for d in draws]) == 700
    with pytest.raises(ValueError, match="read-only"):
        draws[0].setting.z[0, 0] = 1
    assert SCORES.draws(0) is draws
    assert not np.array_equal(SCORES.draws(1)[0].setting.z, draws[0].setting.z)


def test_real_digits_are_among_the_draws_where_they_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")
    for family in (SCORES, SIGMOIDS, PROBLEMS):
        (real,) = [d for d in family.make(0) if "real digit" in d.name]
        with monkeypatch.context() as without:
            without.setitem(sys.modules, "sklearn.datasets", None)
            names = [d.name for d in family.make(90210)]
        assert not any("real digit" in name for name in names)
        assert len(names) == len(family.make(0)) - 1
        assert real.size > 60


# ---------------------------------------------------------------------------------------------------------------------
# Not circular


@each_entry
def test_autograd_runs_through_primitive_operations(said: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    """No fused primitive is recorded: those have the documents' results for rules."""
    recorded: set[str] = set()
    original = tape.Node.__init__

    def watched(self: tape.Node, primitive: Any, *args: Any) -> None:
        if primitive is not None:
            recorded.add(primitive.name)
        original(self, primitive, *args)

    monkeypatch.setattr(tape.Node, "__init__", watched)
    setting = said.on.draws(0)[0].setting
    said.computed(setting)
    if said.corrected is not None and said.corrected.computed is not None:
        said.corrected.computed(setting)
    assert not recorded & FUSED
    if said.id == "vege-18":
        assert recorded
        assert "tanh" not in recorded


def test_the_fused_primitives_are_called_so() -> None:
    from tinygrad_lite.table.registry import PRIMITIVES

    assert set(PRIMITIVES) >= FUSED
