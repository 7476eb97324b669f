"""What the boxes say: shapes, values in short, keyword parameters, numbers. Plain text; each format escapes its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from ...formulas.words import index_text, steps_text
from ...table.indexing import getitem_p
from ...table.parts import put_p, read_p, write_p
from ...table.primitive import Primitive

SMALL: Final = 6
"""Entries that an array may have to be written out."""


def shape_and_dtype(shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    """``(3, 2) float64``; without axes, ``() float64``."""
    return f"{shape} {dtype}"


def shape_and_odd_dtype(shape: tuple[int, ...], dtype: np.dtype[Any], usual: np.dtype[Any] | None) -> str:
    """``(3, 2)``, with the dtype where it is not the usual one; nothing for a number of the usual dtype."""
    return " ".join([*([str(shape)] if shape else []), *([str(dtype)] if dtype != usual else [])])


def figure(x: Any) -> str:
    """A number in four digits, with a minus sign that is one."""
    if isinstance(x, (float, np.floating)):
        shown = "NaN" if math.isnan(x) else "∞" if x == math.inf else "−∞" if x == -math.inf else f"{x + 0:.4g}"
    else:
        shown = str(x)
        shown = shown if len(shown) <= 24 else shown[:23] + "…"
    return shown.replace("-", "−")


def values(x: Any) -> list[str]:
    """An array in a line or a few: its entries if they are few, else the least, the mean and the largest."""
    x = np.asarray(x)
    if not x.ndim:
        return [figure(x[()])]
    if x.ndim == 1 and x.size <= SMALL:
        return [row(x)]
    if x.ndim == 2 and x.shape[1] == 1 < x.size <= SMALL:
        return [f"{row(x[:, 0])}ᵀ"]
    if x.ndim == 2 and 0 < x.size <= SMALL:
        return [row(part) for part in x]
    return summary(x)


def row(x: np.ndarray) -> str:
    """The entries of a vector."""
    return f"[{', '.join([figure(entry) for entry in x])}]"


def summary(x: np.ndarray) -> list[str]:
    """Least, mean and largest of the entries that are numbers, and how many are none."""
    if not x.size:
        return ["no entries"]
    if x.dtype.kind not in "biuf":
        return []
    finite = np.isfinite(x) if x.dtype.kind == "f" else None
    lines = []
    if finite is None or finite.all():
        good = x
    else:
        good = x[finite]
        counts = {"NaN": np.isnan(x).sum(), "∞": np.isinf(x).sum()}
        lines = ["⚠ " + ", ".join([f"{n:,} {what}" for what, n in counts.items() if n])]
    if good.size:
        mean, largest = good.mean(dtype=np.float64), np.abs(good).max()
        if x.dtype.kind == "f" and abs(mean) < 4 * np.finfo(x.dtype).eps * largest:
            mean = 0.0  # nothing but rounding
        least, middle, most = [figure(float(f"{n:.3g}")) for n in (good.min(), mean, good.max())]
        lines.insert(0, f"min {least}  mean {middle}  max {most}")
    return lines


SIGNS: Final = {
    "add": "+", "subtract": "−", "negative": "−", "multiply": "×", "divide": "÷", "matmul": "@", "sum": "Σ",
    "sqrt": "√", "square": "x²", "power": "xʸ", "reciprocal": "1/x", "abs": "|x|", "sigmoid": "σ",
    "transpose": "ᵀ",
}  # fmt: skip
"""What formulas write for operations, where that is not their name."""


def operation(primitive: Primitive, params: Mapping[str, Any], signs: bool = False) -> str:
    """An operation's name, or sign; reading and writing a part of an array are called as in NumPy: ``[1:, 0] =``."""
    if primitive is getitem_p:
        return f"[{index_text(params['index'])}]"
    if primitive is read_p:
        return steps_text(params["steps"])
    if primitive is write_p:
        return f"{steps_text(params['steps'])} ="
    return SIGNS.get(primitive.name, primitive.name) if signs else primitive.name


def parameters(primitive: Primitive, params: Mapping[str, Any]) -> list[str]:
    """An operation's keyword parameters, those that say something that its name does not."""
    if primitive in (getitem_p, read_p):
        return []
    if primitive is write_p:
        return [] if params["kept"] is True or np.all(params["kept"]) else ["the last of each stays"]
    if primitive is put_p:
        return [steps_text(params["steps"])]
    return [f"{key}={setting(x)}" for key, x in params.items() if x is not None and x is not False]


def setting(x: Any) -> str:
    """A keyword parameter, short, and the same in every run."""
    if isinstance(x, np.ndarray) and x.ndim:
        return f"{x.dtype}{list(x.shape)}"
    if isinstance(x, slice):
        bounds = ["" if part is None else setting(part) for part in (x.start, x.stop, x.step)]
        return ":".join(bounds[:2] if x.step is None else bounds)
    if isinstance(x, tuple) and len(x) == 1 and isinstance(x[0], (int, np.integer)):
        return str(x[0])  # axis=1, as it was written
    if isinstance(x, (tuple, list)):
        shown = ", ".join([setting(part) for part in x[:8]]) + (", …" if len(x) > 8 else "")
        return f"({shown})"
    if x is Ellipsis:
        return "…"
    if isinstance(x, (str, int, float, complex, np.generic, np.ndarray, type(None))):
        return number(x)
    return str(x) if isinstance(x, np.dtype) else type(x).__name__  # a repr may hold an address


def number(x: Any) -> str:
    """A plain number, or a short text, as Python writes it."""
    shown = str(x.item() if isinstance(x, (np.generic, np.ndarray)) else x)
    return shown if len(shown) <= 40 else shown[:39] + "…"


def quantity(n: int, what: str) -> str:
    """``1 operation``, ``1,200 operations``."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def size(n: int) -> str:
    """Bytes, in the unit that suits them."""
    for unit in ("B", "kB", "MB"):
        if n < 1000:
            return f"{n:.3g} {unit}" if unit != "B" else f"{n} B"
        n /= 1000  # type: ignore[assignment]
    return f"{n:.3g} GB"


# ---------------------------------------------------------------------------------------------------------------------
# Escaping

PICTURES: Final = {code: chr(0x2400 + code) for code in range(0x20) if code != 0x0A} | {0x7F: "\u2421"}
"""Control characters appear as their pictures, ␀, ␉ …; a line break stays one."""


def drawable(text: str) -> str:
    """The text with everything replaced that no font draws and no file format takes."""
    clean = text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates are no text
    clean = clean.translate(PICTURES)
    if clean.isascii():
        return clean
    return "".join(["\ufffd" if 0x80 <= ord(c) < 0xA0 or (ord(c) & 0xFFFE) == 0xFFFE else c for c in clean])


# Graphviz puts names in place of \N, \G …, here too, and after it has turned entities into characters.
HTML: Final = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;", ord("\\"): "\\\\"}


def html(text: str) -> str:
    """Text as it stands inside Graphviz's HTML-like labels; still with its line breaks."""
    return drawable(text).translate(HTML)
