"""Widths without a font: upper bounds, and not much above."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_lite.drawing.output.lettering import text_width

WORDS = [
    "layers.0.weight", "cross_entropy", "min −0.536  mean 0.352  max 1.3", "grad [0.1301, −0.1191]", "∂E/∂W", "y⁽¹⁾",
    "(3, 2) float64", "Σ", "softmax_cross_entropy", "Iliad, ill", "WWW", "[1, 2]ᵀ", "ŷ", "∂y/∂a = 1 / b", "×12",
]  # fmt: skip


@pytest.mark.parametrize("bold", [False, True])
def test_widths_are_those_of_the_widest_font(bold: bool) -> None:
    font_of = pytest.importorskip("matplotlib.font_manager")
    image_font = pytest.importorskip("PIL.ImageFont")
    name = font_of.findfont("DejaVu Sans:bold" if bold else "DejaVu Sans", fallback_to_default=False)
    font = image_font.truetype(name, 100)
    for word in WORDS:
        real = font.getlength(word)
        assert real <= text_width(word, 100, bold) + 10 <= 1.25 * real + 60, word


@given(st.text(max_size=20), st.text(max_size=20))
def test_widths_add_up_and_grow_with_the_font(a: str, b: str) -> None:
    assert text_width(a + b, 10) == pytest.approx(text_width(a, 10) + text_width(b, 10))
    assert text_width(a, 20, True) == pytest.approx(2 * text_width(a, 10, True))
    assert text_width(a, 10, True) >= text_width(a, 10)


def test_marks_above_letters_take_no_room_and_ideographs_take_more() -> None:
    assert text_width("x̂", 10) == text_width("x", 10)
    assert text_width("数", 10) > text_width("W", 10)
    assert text_width("x²", 10) < text_width("xy", 10)
