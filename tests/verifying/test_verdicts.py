"""How verdicts come about."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tinygrad_lite.documents.definitions import relu, sigmoid, slopes, softmax, tanh
from tinygrad_lite.documents.families import NUMBERS, SCORES, Numbers
from tinygrad_lite.verifying import Condition, Correction, Document, Draw, Family, Kink, Statement, check
from tinygrad_lite.verifying.verdicts import agreement, compare

HERE = Document("A test", "nobody", "never", "Test")
NUMBER = Numbers(np.zeros(1))


def statement(computed: Any, printed: Any, on: Family = NUMBERS, **rest: Any) -> Statement:
    return Statement("test-0", HERE, "here", "", "", on, computed, printed, **rest)


POSITIVE = Condition("z > 0", lambda s: bool(np.all(s.z > 0)))
SIGNED = Family("numbers of one sign", lambda seed: [Draw(f"z = {z}", Numbers(np.array([z]))) for z in (-2.0, 3.0)])


def square(s: Numbers) -> Any:
    return s.z**2


def test_holds_and_fails() -> None:
    assert check(statement(square, lambda s: s.z * s.z)).verdict == "holds"
    finding = check(statement(square, lambda s: s.z))
    assert (finding.verdict, finding.explained) == ("fails", False)
    assert finding.counterexample is not None
    assert finding.counterexample.draw.size == 1
    assert re.fullmatch(r"1 numbers, seed 0: \[0\] is \S+, printed \S+", str(finding.counterexample))


def test_claims_have_words_of_their_own() -> None:
    assert check(statement(square, square, kind="claim")).verdict == "true"
    when = check(statement(lambda s: abs(s.z), lambda s: s.z, SIGNED, kind="claim", condition=POSITIVE))
    assert (when.verdict, when.phrase) == ("true when", "true when z > 0")
    right = Correction("", "", "", square, right_when=POSITIVE)
    false = check(statement(square, lambda s: s.z * abs(s.z), SIGNED, kind="claim", corrected=right))
    assert (false.verdict, false.explained) == ("false", True)


def test_a_condition_must_matter_and_suffice() -> None:
    absolute = statement(lambda s: abs(s.z), lambda s: s.z, SIGNED, condition=POSITIVE)
    assert check(absolute).verdict == "holds when"
    assert [o.draw.name for o in check(absolute).relied_on] == ["z = 3.0"]
    assert check(absolute._replace(printed=lambda s: abs(s.z))).verdict == "holds"
    assert check(absolute._replace(printed=lambda s: -s.z)).verdict == "fails"
    never = Condition("z > 5", lambda s: bool(np.all(s.z > 5)))
    assert "no draw" in check(absolute._replace(condition=never)).reason


def test_a_misprint_must_be_put_right_and_accounted_for() -> None:
    right = Correction("", "", "", lambda s: abs(s.z), right_when=POSITIVE)
    misprint = statement(lambda s: abs(s.z), lambda s: s.z, SIGNED, corrected=right)
    assert check(misprint).verdict == "misprinted"
    for changed, reason in (
        ({"printed": lambda s: -abs(s.z)}, "the corrected form does not hold either"),
        ({"right_when": None}, "nothing says where"),
        ({"right_when": Condition("z < 0", lambda s: bool(np.all(s.z < 0)))}, "is not right when z < 0"),
        ({"really": lambda s: -s.z}, "is not what the correction says"),
    ):
        finding = check(misprint._replace(corrected=right._replace(**changed)))
        assert finding.verdict == "fails"
        assert reason in finding.reason
    assert check(misprint._replace(corrected=right._replace(right_when=None, really=lambda s: s.z))).explained


def test_a_label_can_be_what_is_wrong() -> None:
    right = Correction("", "", "", computed=lambda s: s.z**3, really=lambda s: s.z * s.z * s.z)
    assert check(statement(square, lambda s: s.z**3, corrected=right)).verdict == "misprinted"


def test_a_convention_needs_a_kink() -> None:
    def printed(s: Numbers) -> Any:
        return np.where(s.z >= 0, 1.0, 0.0)

    ramp = statement(lambda s: slopes(relu, s.z), printed, kink=Kink(relu, 0.0, NUMBER))
    assert check(ramp).verdict == "convention"
    assert "0 from the left and 1 from the right" in check(ramp).reason
    assert check(ramp._replace(printed=lambda s: -printed(s))).verdict == "fails"
    smooth = statement(lambda s: slopes(sigmoid, s.z), lambda s: sigmoid(s.z) * (1 - sigmoid(s.z)))
    assert check(smooth._replace(kink=Kink(sigmoid, 0.0, NUMBER))).verdict == "holds"
    curved = statement(lambda s: slopes(tanh, s.z), lambda s: 1 - tanh(s.z) ** 2, kink=Kink(tanh, 0.3, NUMBER))
    assert check(curved).verdict == "holds"


def test_what_is_not_well_formed_differs() -> None:
    finding = check(statement(square, lambda s: s.z @ np.ones((99, 2))))
    assert finding.verdict == "fails"
    assert "not well formed: matmul" in str(finding.counterexample)
    assert "is of shape" in str(check(statement(square, lambda s: s.z[:, None])).counterexample)
    assert "not finite" in str(check(statement(square, lambda s: np.log(0 * s.z))).counterexample)


def test_extreme_draws_count_where_float64_can_hold_the_formula() -> None:
    stable = statement(lambda s: softmax(s.z), lambda s: np.exp(s.z) / np.exp(s.z).sum(-1, keepdims=True), SCORES)
    squared = stable._replace(printed=lambda s: np.exp(s.z) ** 2 / (np.exp(s.z) * np.exp(s.z).sum(-1, keepdims=True)))
    assert any(o.draw.extreme for o in check(stable).relied_on)
    assert not any(o.draw.extreme for o in check(squared).relied_on)
    assert check(squared).verdict == "holds"


def test_a_mistake_of_the_catalogue_itself_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"one side gives \['a'\], the other \['b'\]"):
        compare({"a": 1.0}, {"b": 1.0})
    with pytest.raises(ValueError, match="one side gives"):
        compare({}, {})
    with pytest.raises(ValueError, match="matmul"):
        check(statement(lambda s: s.z @ np.ones((99, 2)), square))
    with pytest.raises(FloatingPointError):
        check(statement(lambda s: np.log(0 * s.z), square))


def test_agreement() -> None:
    assert agreement(np.ones(3), np.ones(3) + 1e-15) == 1
    assert agreement(np.ones(3), np.ones(3) + 1e-9) == 0
    assert agreement(np.ones(3), np.ones((3, 1))) == 0
    assert agreement(np.ones(3), np.full(3, np.nan)) == 0
