"""Digits in names, and how they are shown: W2 as W₂, as W^[2] of layer 2, or as it stands. Never as W², a square."""

from __future__ import annotations

import re
from typing import Final

DIGITS: Final = ("subscript", "layer", "plain")
"""What the keyword ``digits`` takes."""

LAYERED: Final = frozenset("WbzaδZAh")
"""What layers have; these bear the layer's number in brackets if asked."""

SUPERSCRIPTS: Final = str.maketrans("0123456789-/()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᐟ⁽⁾")
SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
INDICES: Final = str.maketrans("kjinml", "ₖⱼᵢₙₘₗ")
PLAIN_DIGITS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "01234567890123456789")

STATE: Final = re.compile(r"⁽[⁰¹²³⁴⁵⁶⁷⁸⁹]+⁾$")
NAME: Final = re.compile(
    r"(?P<stem>.*?[^\W\d_][\u0300-\u036f]*)(?:(?P<digits>\d+)|_\{?(?P<below>\w+?)\}?)??"
    r"(?:\^\{?\[?(?P<above>\d+)\]?\}?)?(?P<primes>′*)",
    re.DOTALL,
)


class Verbatim(str):
    """A name whose digits stand as they are."""

    __slots__ = ()


def name_parts(name: str) -> tuple[str, str, str]:
    """A name's stem, superscript and subscript.

    W2, W_2, W₂, W² and W^2 are W with the subscript 2, for a number above would be read as a power; W^[2] bears it in
    brackets, and y⁽¹⁾ is y after it was written to.

    >>> from tinygrad_lite.formulas.conventions import name_parts
    >>> name_parts("x2"), name_parts("W^[2]"), name_parts("hidden_bias"), name_parts("y⁽¹⁾")
    (('x', '', '2'), ('W', '[2]', ''), ('hidden', '', 'bias'), ('y', '(1)', ''))
    """
    state = STATE.search(name)
    if state is not None:
        stem, above, below = name_parts(type(name)(name[: state.start()]))
        return stem, f"{above}({state[0][1:-1].translate(PLAIN_DIGITS)})", below
    if isinstance(name, Verbatim) or name.startswith("ln "):
        return name, "", ""
    raised = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda digits: f"^{digits[0].translate(PLAIN_DIGITS)}", name)
    found = NAME.fullmatch(re.sub("[₀-₉]+", r"_\g<0>", raised).translate(PLAIN_DIGITS))
    if found is None:
        return raised, "", ""
    stem, below, above = found["stem"] + found["primes"], found["digits"] or found["below"] or "", found["above"] or ""
    if above and not below and not name.endswith("]" + found["primes"]):
        return stem, "", above
    return stem, f"[{above}]" if above else "", below


def spelled(name: str, digits: str) -> str:
    """A name so that it is shown as ``digits`` says, one of :data:`DIGITS`.

    "subscript" is x₂ and W₂; "layer" x₂, but W^[2] for what layers have: W, b, z, a, δ, Z, A, h; "plain" x2 and W2.
    """
    stem, above, below = name_parts(name)
    number = below if below.isdigit() else ""
    if not number or above.startswith("["):
        return name
    bare, primes = stem.rstrip("′"), "′" * stem.count("′")
    state = f"⁽{above[1:-1].translate(SUPERSCRIPTS)}⁾" if above else ""
    if digits == "plain":
        return Verbatim(f"{bare}{number}{primes}{state}")
    return f"{bare}^[{number}]{primes}{state}" if digits == "layer" and bare in LAYERED else name


def checked_digits(digits: str, operation: str) -> str:
    """The convention asked for. Raises ValueError where there is no such."""
    if digits not in DIGITS:
        raise ValueError(
            f'{operation}: digits is "subscript" to show W2 as W₂, "layer" as W^[2], or "plain" as W2, not {digits!r}'
        )
    return digits
