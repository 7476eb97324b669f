"""Trees as LaTeX, and as Unicode mathematics for terminals; with brackets where an edited tree needs them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from .commands import ACCENTS, BIG, GREEK, OPERATORS, RELATIONS, SCRIPT
from .spelling import BLACKBOARD, is_coefficient, stands_above_signs
from .syntax import (
    Annotated,
    Apply,
    Big,
    Brackets,
    Cases,
    Differential,
    Dots,
    Expr,
    Fraction,
    Matrix,
    Number,
    Partial,
    Product,
    Qualified,
    Relation,
    Root,
    Scripted,
    Sum,
    Symbol,
    Tuple,
    Words,
)

COMMANDS: Final = {letter: name for name, letter in reversed(GREEK.items()) if not letter.isascii()} | {"𝜋": "pi"}
SIGNS: Final = {sign: name for name, sign in reversed([*RELATIONS.items(), *OPERATORS.items()]) if name.isalpha()}
ABOVE: Final = {mark: name for name, mark in reversed(ACCENTS.items())}
STYLED: Final = {"bold": "mathbf", "blackboard": "mathbb", "script": "mathcal", "word": "text"}
UNSCRIPTED: Final = {script: letter for letter, script in SCRIPT.items()}
BIGS: Final = {sign: name for name, sign in BIG.items() if name.isalpha() and name.isascii()}
CLOSING: Final = {"(": ")", "[": "]", "{": r"\}", "⟨": r"\rangle", "⌊": r"\rfloor", "|": "|", "‖": r"\|", "": ""}
OPENED: Final = {"{": r"\{", "⟨": r"\langle", "⌊": r"\lfloor", "‖": r"\|"}


def latex_of(node: Expr) -> str:
    r"""A tree in LaTeX, which reads as the same tree again.

    >>> from tinygrad_lite.reading.latex import parse_latex
    >>> latex_of(parse_latex(r"y_k (\delta_{jk} - y_j)"))
    'y_{k} \\left(\\delta_{jk} - y_{j}\\right)'
    """
    return IN_LATEX[type(node)](node)


def braces(text: str) -> str:
    """Text in braces."""
    return "{" + text + "}"


def sign_in_latex(sign: str) -> str:
    """A sign between sides or factors."""
    return f"\\{SIGNS[sign]}" if sign in SIGNS and sign not in ("=", "<", ">", "/", "*", ":") else sign


def symbol_in_latex(node: Symbol) -> str:
    """A Symbol in LaTeX."""
    if len(node.name) > 1 and node.name[0] == "Δ" and not unicodedata.combining(node.name[1]):
        return f"\\Delta {symbol_in_latex(Symbol(node.name[1:], node.style))}"
    letters = unicodedata.normalize("NFD", UNSCRIPTED.get(node.name, node.name))
    letter, marks, found = letters[0], letters[1:], letters
    if all(unicodedata.combining(mark) for mark in marks):
        found = f"\\{COMMANDS[letter]}" if letter in COMMANDS else letter
        for mark in marks:
            found = f"\\{ABOVE[mark]}{braces(found)}"
    return f"\\{STYLED[node.style]}{braces(found)}" if node.style in STYLED else found


def scripted_in_latex(node: Scripted) -> str:
    """A Scripted in LaTeX."""
    if stands_above_signs(node):
        return f"{braces(latex_of(replace(node, upper=node.upper[:-1])))}^{braces(latex_of(node.upper[-1]))}"
    base = latex_of(node.base)
    if isinstance(node.base, (Sum, Product, Big, Relation, Tuple)) and not is_call(node):
        base = latex_of(Brackets("(", node.base))
    elif not isinstance(node.base, (Symbol, Brackets, Matrix)) and not is_call(node):
        base = braces(base)
    found, parts = base + "'" * node.primes, [latex_of(part) for part in node.lower]
    if parts:
        found += "_" + braces(("" if all(len(part) == 1 for part in parts) else ", ").join(parts))
    if node.upper:
        beside = isinstance(node.upper[0], Brackets) or latex_of(node.upper[-1]) in ("T", r"\top")
        found += "^" + braces((" " if beside else ", ").join([latex_of(part) for part in node.upper]))
    return found


def is_call(node: Scripted) -> bool:
    """σ(z)_i and softmax(z)_i, which need no braces."""
    base = node.base
    if isinstance(base, Apply):
        return isinstance(base.argument, Brackets)
    return (
        isinstance(base, Product)
        and len(base.factors) == 2
        and isinstance(base.factors[1][1], Brackets)
        and bool(node.lower)
    )


def sum_in_latex(node: Sum) -> str:
    """A Sum in LaTeX."""
    found = ""
    for k, (sign, term) in enumerate(node.terms):
        shown = {"−": "-", "±": "\\pm"}.get(sign, sign)
        text = bracketed(term, isinstance(term, Sum), latex_of)
        found += (f" {shown} " if k else "" if sign == "+" else shown) + text
    return found


def bracketed(node: Expr, wanted: bool, write: Callable[[Expr], str]) -> str:
    """A part, in round brackets where they are wanted."""
    return write(Brackets("(", node)) if wanted else write(node)


def takes(node: Expr, sign: str, following: Expr) -> bool:
    """Whether a factor without brackets would take in what stands behind it, with an operator or without one."""
    if isinstance(node, Product):
        return takes(node.factors[-1][1], sign, following)
    if isinstance(node, Partial) and node.applied and node.of is not None:
        return type(node.of) is not Brackets if node.sign != "∇" else takes(node.of, sign, following)
    if isinstance(node, Apply) and not isinstance(node.argument, Brackets):
        ends = isinstance(following, (Apply, Big)) or (isinstance(following, Partial) and following.sign == "∇")
        return takes(node.argument, sign, following) or (not sign and not ends)
    return isinstance(node, Big)


def bracketed_factors(node: Product, write: Callable[[Expr], str]) -> list[str]:
    """The factors of a product, those in brackets that would take in what follows them."""
    behind = [*node.factors[1:], ("", None)]
    return [
        bracketed(
            factor, isinstance(factor, (Sum, Relation, Tuple)) or (b is not None and takes(factor, sign, b)), write
        )
        for (_, factor), (sign, b) in zip(node.factors, behind, strict=True)
    ]


def product_in_latex(node: Product) -> str:
    """A Product in LaTeX."""
    texts = bracketed_factors(node, latex_of)
    return " ".join(
        [f"{sign_in_latex(sign)} {text}" if sign else text for (sign, _), text in zip(node.factors, texts, strict=True)]
    )


def apply_in_latex(node: Apply) -> str:
    """An Apply in LaTeX."""
    base = node.function.base if isinstance(node.function, Scripted) else node.function
    assert isinstance(base, Symbol)
    name = f"\\{base.name}" if base.name in KNOWN else f"\\operatorname{braces(base.name)}"
    function = name
    if isinstance(node.function, Scripted):
        lower = "".join([latex_of(part) for part in node.function.lower])
        upper = " ".join([latex_of(part) for part in node.function.upper])
        function = name + "'" * node.function.primes + (f"_{braces(lower)}" if lower else "")
        function += f"^{braces(upper)}" if upper else ""
    wanted = isinstance(node.argument, (Relation, Tuple)) or is_of_terms(node.argument)
    return f"{function} {bracketed(node.argument, wanted, latex_of)}"


KNOWN: Final = frozenset(
    ["log", "ln", "exp", "tanh", "sin", "cos", "tan", "sinh", "cosh", "arcsin", "arccos", "arctan", "max", "min", "det"]
)
"""Functions that TeX has a command for."""


def big_in_latex(node: Big) -> str:
    """A Big in LaTeX."""
    name = (
        f"\\{BIGS[node.operator]}"
        if BIGS.get(node.operator) in ("sum", "prod", "int", "lim")
        else (f"\\{node.operator}" if node.operator in ("max", "min") else f"\\operatorname{braces(node.operator)}")
    )
    below = f"_{braces(latex_of(node.lower))}" if node.lower is not None else ""
    above = f"^{braces(latex_of(node.upper))}" if node.upper is not None else ""
    return f"{name}{below}{above} " + ("" if node.body is None else signed_or_bracketed(node.body, latex_of))


def is_of_terms(node: Expr) -> bool:
    """Whether something is a sum, of more than one negative term."""
    return isinstance(node, Sum) and (len(node.terms) > 1 or node.terms[0][0] == "+")


def signed_or_bracketed(node: Expr, write: Callable[[Expr], str]) -> str:
    """What a sum is of: in brackets where it has several terms."""
    return bracketed(node, is_of_terms(node), write)


def derivative_in_latex(node: Partial) -> str:
    """A Partial in LaTeX."""
    if node.sign == "∇":
        below = f"_{braces(', '.join([latex_of(part) for part in node.by]))}" if node.by else ""
        above = f"^{braces(' '.join([latex_of(part) for part in node.upper]))}" if node.upper else ""
        of = "" if node.of is None else f" {bracketed(node.of, not is_one_factor(node.of), latex_of)}"
        return f"\\nabla{below}{above}{of}"
    d = r"\partial" if node.sign == "∂" else "d"
    order = f"^{braces(str(len(node.by)))}" if len(node.by) > 1 else ""
    below = " ".join([f"{d} {latex_of(part)}" for part in node.by])
    if node.of is None or node.applied:
        of = "" if node.of is None else " " + signed_or_bracketed(node.of, latex_of)
        return f"\\frac{braces(d + order)}{braces(below)}{of}"
    of = bracketed(node.of, isinstance(node.of, Sum), latex_of)
    return f"\\frac{braces(f'{d}{order} {of}')}{braces(below)}"


def is_one_factor(node: Expr) -> bool:
    """What ∇ takes without brackets."""
    if isinstance(node, Product) and len(node.factors) == 2:
        (_, first), (sign, second) = node.factors
        return not sign and (isinstance(second, Brackets) or is_coefficient(first))
    return isinstance(node, (Symbol, Number, Scripted, Brackets, Apply, Big, Fraction, Dots))


def words_in_latex(node: Words) -> str:
    """A Words in LaTeX."""
    return " ".join([f"\\text{braces(part)}" if isinstance(part, str) else latex_of(part) for part in node.parts])


def cases_in_latex(node: Cases) -> str:
    """A Cases in LaTeX."""
    rows = [latex_of(a) + ("" if b is None else f" & {latex_of(b)}") for a, b in node.rows]
    return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


def matrix_in_latex(node: Matrix) -> str:
    """A Matrix in LaTeX."""
    name = {"(": "pmatrix", "|": "vmatrix", "‖": "Vmatrix"}.get(node.kind, "bmatrix")
    rows = [" & ".join([latex_of(entry) for entry in row]) for row in node.rows]
    return f"\\begin{braces(name)} " + r" \\ ".join(rows) + f" \\end{braces(name)}"


def relation_in_latex(node: Relation) -> str:
    """A Relation in LaTeX."""
    first = "" if node.first is None else f"{latex_of(node.first)} "
    return first + " ".join([f"{sign_in_latex(sign)} {latex_of(side)}" for sign, side in node.rest])


def qualified_in_latex(node: Qualified) -> str:
    """A Qualified in LaTeX."""
    first, *others = node.conditions
    glue = " " if isinstance(first, Words) and isinstance(first.parts[0], str) else ", "
    return latex_of(node.body) + glue + ", ".join([latex_of(condition) for condition in (first, *others)])


def group_in_latex(node: Brackets) -> str:
    """A Brackets in LaTeX."""
    if not node.kind:
        return braces(latex_of(node.body))
    opened, closed = OPENED.get(node.kind, node.kind), CLOSING[node.kind]
    space = " " if opened[-1].isalpha() else ""
    return f"\\left{opened}{space}{latex_of(node.body)}\\right{closed}"


def annotated_in_latex(node: Annotated) -> str:
    """An Annotated in LaTeX."""
    note = "" if node.note is None else f"_{braces(latex_of(node.note))}"
    return f"\\{node.how}{braces(latex_of(node.body))}{note}"


def root_in_latex(node: Root) -> str:
    """A Root in LaTeX."""
    degree = "" if node.degree is None else f"[{latex_of(node.degree)}]"
    return f"\\sqrt{degree}{braces(latex_of(node.body))}"


IN_LATEX: Final[dict[type[Expr], Callable[[Any], str]]] = {
    Number: lambda node: node.text,
    Symbol: symbol_in_latex,
    Scripted: scripted_in_latex,
    Brackets: group_in_latex,
    Tuple: lambda node: ", ".join([latex_of(item) for item in node.items]),
    Sum: sum_in_latex,
    Product: product_in_latex,
    Fraction: lambda node: f"\\frac{braces(latex_of(node.above))}{braces(latex_of(node.below))}",
    Root: root_in_latex,
    Apply: apply_in_latex,
    Big: big_in_latex,
    Partial: derivative_in_latex,
    Differential: lambda node: f"d {latex_of(node.of)}",
    Words: words_in_latex,
    Cases: cases_in_latex,
    Matrix: matrix_in_latex,
    Relation: relation_in_latex,
    Qualified: qualified_in_latex,
    Annotated: annotated_in_latex,
    Dots: lambda node: r"\dots",
}


# ---------------------------------------------------------------------------------------------------------------------
# Unicode

LOW: Final = dict(zip("0123456789+-−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
HIGH: Final = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW⊤",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵀ",
        strict=True,
    )
)


def unicode_of(node: Expr) -> str:
    r"""A tree in Unicode mathematics, as it is shown in terminals.

    >>> from tinygrad_lite.reading.latex import parse_latex
    >>> unicode_of(parse_latex(r"\frac{\partial E}{\partial z_j} = \sum_k t_k (y_j - \delta_{jk})"))
    '∂E/∂zⱼ = Σₖ tₖ(yⱼ − δⱼₖ)'
    """
    return IN_UNICODE[type(node)](node)


def script(parts: Sequence[Expr], characters: dict[str, str], sign: str) -> str:
    """Scripts as characters where there are such, else behind a sign and in braces."""
    text = "".join([unicode_of(part) for part in parts]).replace(" ", "")
    if not text:
        return ""
    if all(character in characters for character in text):
        return "".join([characters[character] for character in text])
    return f"{sign}{text}" if len(text) == 1 else f"{sign}{{{','.join([unicode_of(part) for part in parts])}}}"


def scripted_in_unicode(node: Scripted) -> str:
    """A Scripted in Unicode."""
    if stands_above_signs(node):
        return f"({unicode_of(replace(node, upper=node.upper[:-1]))}){script(node.upper[-1:], HIGH, '^')}"
    base = bracketed(node.base, isinstance(node.base, (Sum, Product, Fraction)), unicode_of)
    return base + "′" * node.primes + script(node.lower, LOW, "_") + script(node.upper, HIGH, "^")


def sum_in_unicode(node: Sum) -> str:
    """A Sum in Unicode."""
    found = ""
    for k, (sign, term) in enumerate(node.terms):
        text = bracketed(term, isinstance(term, Sum), unicode_of)
        found += (f" {sign} " if k else "" if sign == "+" else sign) + text
    return found


def product_in_unicode(node: Product) -> str:
    """A Product in Unicode."""
    found = ""
    texts = bracketed_factors(node, unicode_of)
    for k, ((sign, factor), text) in enumerate(zip(node.factors, texts, strict=True)):
        called = (
            k and not sign and isinstance(factor, Brackets) and isinstance(node.factors[k - 1][1], (Symbol, Scripted))
        )
        glue = "" if not k or (called and len(node.factors) == 2) else " "
        found += f" {sign} {text}" if sign and sign != "/" else f"{sign}{text}" if sign else glue + text
    return found


def fraction_in_unicode(node: Fraction) -> str:
    """A Fraction in Unicode."""
    above = bracketed(node.above, isinstance(node.above, (Sum, Fraction, Big)) and not is_short(node.above), unicode_of)
    simple = (Symbol, Number, Scripted, Brackets)
    below = bracketed(node.below, not isinstance(node.below, simple), unicode_of)
    return f"{above}/{below}"


def is_short(node: Expr) -> bool:
    """−1, −t_k: what needs no brackets above a line."""
    return isinstance(node, Sum) and len(node.terms) == 1


def derivative_in_unicode(node: Partial) -> str:
    """A Partial in Unicode."""
    of = "" if node.of is None else unicode_of(node.of)
    if node.sign == "∇":
        return f"∇{script(node.by, LOW, '_')}{script(node.upper, HIGH, '^')}" + (f" {of}" if of else "")
    order = script([Number(str(len(node.by)))], HIGH, "^") if len(node.by) > 1 else ""
    below = " ".join([f"{node.sign}{unicode_of(part)}" for part in node.by])
    if node.of is None or node.applied:
        return f"{node.sign}{order}/{below}" + (f" {of}" if of else "")
    atomic = isinstance(node.of, (Symbol, Scripted, Brackets))
    return f"{node.sign}{order}{of if atomic else ' ' + of}/{below}"


def big_in_unicode(node: Big) -> str:
    """A Big in Unicode."""
    sign = {"∑": "Σ", "∏": "Π"}.get(node.operator, node.operator)
    below = "" if node.lower is None else script([node.lower], LOW, "_")
    above = "" if node.upper is None else script([node.upper], HIGH, "^")
    return f"{sign}{below}{above}" + ("" if node.body is None else " " + signed_or_bracketed(node.body, unicode_of))


def group_in_unicode(node: Brackets) -> str:
    """A Brackets in Unicode."""
    closing = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "⌊": "⌋", "|": "|", "‖": "‖", "": ""}
    return f"{node.kind}{unicode_of(node.body)}{closing[node.kind]}"


def apply_in_unicode(node: Apply) -> str:
    """An Apply in Unicode."""
    argument = bracketed(node.argument, isinstance(node.argument, (Sum, Relation, Tuple)), unicode_of)
    space = "" if isinstance(node.argument, Brackets) or argument.startswith("(") else " "
    return f"{unicode_of(node.function)}{space}{argument}"


def cases_in_unicode(node: Cases) -> str:
    """A Cases in Unicode."""
    return "{ " + "; ".join([unicode_of(a) + ("" if b is None else f" {unicode_of(b)}") for a, b in node.rows]) + " }"


def relation_in_unicode(node: Relation) -> str:
    """A Relation in Unicode."""
    first = "" if node.first is None else f"{unicode_of(node.first)} "
    return first + " ".join([f"{sign} {unicode_of(side)}" for sign, side in node.rest])


def matrix_in_unicode(node: Matrix) -> str:
    """A Matrix in Unicode."""
    return "[" + "; ".join([" ".join([unicode_of(entry) for entry in row]) for row in node.rows]) + "]"


IN_UNICODE: Final[dict[type[Expr], Callable[[Any], str]]] = {
    Number: lambda node: node.text,
    Symbol: lambda node: (
        BLACKBOARD.get(node.name, node.name) if node.style == "blackboard" else unicodedata.normalize("NFC", node.name)
    ),
    Scripted: scripted_in_unicode,
    Brackets: group_in_unicode,
    Tuple: lambda node: ", ".join([unicode_of(item) for item in node.items]),
    Sum: sum_in_unicode,
    Product: product_in_unicode,
    Fraction: fraction_in_unicode,
    Root: lambda node: f"√{bracketed(node.body, not isinstance(node.body, (Symbol, Scripted, Number)), unicode_of)}",
    Apply: apply_in_unicode,
    Big: big_in_unicode,
    Partial: derivative_in_unicode,
    Differential: lambda node: f"d{unicode_of(node.of)}",
    Words: lambda node: " ".join([part.strip() if isinstance(part, str) else unicode_of(part) for part in node.parts]),
    Cases: cases_in_unicode,
    Matrix: matrix_in_unicode,
    Relation: relation_in_unicode,
    Qualified: lambda node: ", ".join([unicode_of(node.body), *[unicode_of(c) for c in node.conditions]]),
    Annotated: lambda node: unicode_of(node.body),
    Dots: lambda node: "…",
}
