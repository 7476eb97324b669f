"""Consoles: how wide they are, and how what they have no letters for is written there."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.consoles import console_width, legible
from tinygrad_lite.consoles.characters import WORDS

FORMULA = "∂E/∂wᵢⱼ = σ′(zⱼ) x² − ½ Σₖ tₖ"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_a_text_that_can_be_written_is_left_alone(encoding: str) -> None:
    assert legible(FORMULA, encoding) is FORMULA


@pytest.mark.parametrize(("text", "written"), [
    (FORMULA, "dE/dw_{ij} = sigma'(z_j) x^2 - 1/2 Sum_k t_k"),
    ("δᵢᴸ = aᴸ⁻¹ ΔW σx", "delta_i^L = a^{L-1} Delta W sigma x"),
    ("𝒞 ∈ ℝᵈ, ϕ λ Λ", "C in R^d, phi lambda Lambda"),
    ("x̄ ŷ w̃ Aᵀ", "xbar yhat wtilde A^T"),
    ("中 é", "\\u4e2d e\\u0301"),
    ("plain", "plain"),
])  # fmt: skip
def test_what_an_ascii_console_shows(text: str, written: str) -> None:
    assert legible(text, "ascii") == written


def test_what_a_console_has_letters_for_stays() -> None:
    assert legible("é x² ½ −", "cp1252") == "é x² ½ -"


def test_signs_are_spelt_in_ascii() -> None:
    assert all(spelt.isascii() and not sign.isascii() for sign, spelt in WORDS.items())


@pytest.mark.parametrize(("columns", "width"), [("30", 40), ("60", 60), ("80", 80), ("200", 80)])
def test_the_width(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert console_width() == width


def derivation() -> object:
    z = tl.tensor(np.array([1.0, 2.0]), requires_grad=True, name="z")
    with tl.tracing():
        loss = (tl.sigmoid(z) ** 2).sum()
    return tl.derive(loss)


def claim() -> object:
    return tl.check_derivation(lambda A: (A @ A).sum(), lambda A: A, np.ones((2, 2)) + np.eye(2))


REPORTS: dict[str, Callable[[], object]] = {
    "check_derivation": claim,
    "its counterexample": lambda: claim().counterexample,  # type: ignore[attr-defined]
    "derive": derivation,
    "read": lambda: tl.read(r"$f(\sigma) = \sigma^2$ and $f'(\sigma) = \sigma$"),
    "prove_equal": lambda: tl.prove_equal(np.sin(tl.symbols("σ")), tl.symbols("σ")),
}


@pytest.mark.parametrize("name", REPORTS)
def test_reports_can_be_printed_anywhere(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They have the letters that the standard output has; ``repr`` has its own."""
    pytest.importorskip("sympy")
    pytest.importorskip("lark")
    report = REPORTS[name]()
    for encoding in ("cp1252", "ascii"):
        console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", console)
            print(report)  # noqa: T201
            console.flush()
        assert console.buffer.getvalue().strip()


@pytest.mark.parametrize("name", ["check_derivation", "derive", "read"])
def test_reports_fit_a_narrow_console(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("lark")
    report = REPORTS[name]()
    for width in (80, 60):
        monkeypatch.setenv("COLUMNS", str(width))
        assert max(map(len, repr(report).splitlines())) <= width
