"""When differences settle, and what is said where they do not."""

import math
from functools import partial

import pytest

from tinygrad_lite.checks import gradients
from tinygrad_lite.checks.settling import central_difference, one_sided, why_not_compared

H = 1e-3
close = partial(gradients.close, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("f", "slope"), [(math.exp, 1.0), (lambda t: 3 * t, 3.0), (lambda t: math.sin(40 * t), 40.0)])
def test_smooth_functions_settle_to_one_slope(f, slope):
    assert central_difference(f, 1e-4) == pytest.approx(slope, rel=1e-9)
    for h in (H, -H):
        found = one_sided(f, h)
        assert found.settles
        assert found.slope == pytest.approx(slope, rel=1e-7)
    for wrong in (slope * 1.0001, -slope, 0.0, math.inf, math.nan):
        assert why_not_compared(f, wrong, H, close) is None


def test_a_root_does_not_settle():
    found = one_sided(lambda t: math.copysign(abs(t) ** 0.5, t), H)
    assert found.finite
    assert not found.settles
    assert not one_sided(lambda t: t if t < 0 else math.nan, H).finite


@pytest.mark.parametrize(("f", "got", "why"), [
    (abs, 0.5, "a kink, whose slopes are -1 and 1; autograd's 0.5 is between"),
    (abs, 1.5, None),
    (abs, math.nan, None),
    (lambda t: abs(t - 3e-5), -1.0, "not smooth within a step of 1e-03; with one of 1e-05 they agree"),
    (lambda t: math.floor(t + 1), 0.0, "autograd's 0 is the slope on the other"),
    (lambda t: math.floor(t + 1), 0.5, None),
    (lambda t: math.copysign(1.0, t) if t else 0.0, 0.0, "a jump or a pole"),
    (lambda t: t**1.5 if t >= 0 else math.nan, 0.0, "on one side the domain ends"),
    (lambda t: math.nan, 0.0, None),
])  # fmt: skip
def test_why(f, got, why):
    found = why_not_compared(f, got, H, close)
    assert (found is None) if why is None else (why in found)
