"""Formulas as text in Unicode, and as LaTeX."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from .atoms import Atom, Monomial, Term, Terms
from .conventions import INDICES, PLAIN_DIGITS, SUBSCRIPTS, SUPERSCRIPTS, Verbatim, name_parts, spelled
from .words import updated

GREEK: Final = {
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\epsilon", "ζ": r"\zeta", "η": r"\eta",
    "θ": r"\theta", "ι": r"\iota", "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu", "ν": r"\nu", "ξ": r"\xi",
    "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma", "τ": r"\tau", "υ": r"\upsilon", "φ": r"\phi", "χ": r"\chi",
    "ψ": r"\psi", "ω": r"\omega", "Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta", "Λ": r"\Lambda", "Ξ": r"\Xi",
    "Π": r"\Pi", "Σ": r"\Sigma", "Υ": r"\Upsilon", "Φ": r"\Phi", "Ψ": r"\Psi", "Ω": r"\Omega", "ℓ": r"\ell",
    "∞": r"\infty", "∇": r"\nabla", "∂": r"\partial",
}  # fmt: skip
ACCENTS: Final = {
    "\u0302": "hat", "\u0304": "bar", "\u0303": "tilde", "\u0307": "dot", "\u0308": "ddot", "\u0306": "breve",
    "\u030c": "check", "\u0301": "acute", "\u0300": "grave", "\u20d7": "vec",
}  # fmt: skip
LATEX_FUNCTIONS: Final = {
    "exp",
    "ln",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "arcsin",
    "arccos",
    "arctan",
    "max",
    "min",
}


def text(x: Terms) -> str:
    """A formula in one line of Unicode."""
    return TEXT.sum_of_terms(x.terms)


def latex(x: Terms) -> str:
    """A formula in LaTeX, without dollar signs."""
    return LATEX.sum_of_terms(x.terms)


def shown_name(name: str, digits: str) -> str:
    """A name alone as a formula shows it, its digits as asked for: W₂, W^[2] or W2."""
    return TEXT.name(spelled(name, digits))


class Text:
    """The notation, in Unicode."""

    dot = " ⊙ "
    thin = " "
    minus = "−"

    fractions = False

    def name(self, label: str) -> str:
        stem, above, below = name_parts(label)
        small = below.translate(SUBSCRIPTS) if below.isdigit() else f"_{below}" if below else ""
        layer, state = re.fullmatch(r"(\[\d+\])?(.*)", above).groups()  # type: ignore[union-attr]
        return " ".join(stem.split()) + small + (f"^{layer}" if layer else "") + state.translate(SUPERSCRIPTS)

    def entry(self, label: str, indices: str) -> str:
        """One entry of an array: yₖ, and (y₁)ₖ of what has a subscript."""
        return self.group(self.name(label), bool(name_parts(label)[2])) + indices.translate(INDICES)

    def number(self, x: Any) -> str:
        return f"{x:.4g}" if isinstance(x, float) else str(x)

    def power(self, base: str, exponent: str) -> str:
        return base + exponent.translate(SUPERSCRIPTS) if exponent.isdigit() else f"{base}^({exponent})"

    def root(self, inside: str) -> str:
        return f"√({inside})"

    def transpose(self, inside: str) -> str:
        return f"{inside}ᵀ"

    def parentheses(self, inside: str) -> str:
        return f"({inside})"

    def quotient(self, above: str, below: str, above_is_product: bool, below_is_product: bool) -> str:  # noqa: ARG002
        return f"{above} / {f'({below})' if below_is_product else below}"

    def function(self, name: str, arguments: list[str]) -> str:
        return f"{name}({', '.join(arguments)})"

    def total(self, inside: str, over: str, compound: bool) -> str:
        return f"Σ{over}{f'({inside})' if compound else inside}"

    samples = "ₙ"  # what the sum of a matrix runs over along its columns, and along its rows
    classes = "ₖ"

    def partial(self, above: str, below: str) -> str:
        return f"∂{above}/∂{below}"

    def condition(self, left: str, sign: str, right: str) -> str:
        return f"[{left} {sign} {right}]"

    # -- the structure ------------------------------------------------------------------------------------------------

    def sum_of_terms(self, terms: Sequence[Term]) -> str:
        """Terms with a plus first."""
        if not terms:
            return "0"
        parts = {c.denominator for c, _ in terms if isinstance(c, Fraction)} if len(terms) > 1 else set()
        if len(parts) == 1 and parts != {1} and all(isinstance(c, Fraction) for c, _ in terms):
            (d,) = parts
            whole = self.sum_of_terms([(c * d, m) for c, m in terms])
            return self.quotient(self.group(whole, not self.fractions), str(d), False, False)
        ordered = sorted(terms, key=lambda term: term[0] < 0)
        found = ""
        for place, (coefficient, monomial) in enumerate(ordered):
            negative = coefficient < 0
            term = self.term(
                -coefficient if negative else coefficient, monomial, alone=len(ordered) == 1 and not negative
            )
            if place:
                found += f" {self.minus if negative else '+'} {term}"
            else:
                found = f"{self.minus if negative else ''}{term}"
        return found

    def term(self, coefficient: Any, monomial: Monomial, alone: bool = False) -> str:
        """A coefficient and atoms, in a fraction where some have negative powers."""
        above = {atom: power for atom, power in monomial.items() if power > 0}
        below = {atom: -power for atom, power in monomial.items() if power < 0}
        fraction = Fraction(coefficient) if isinstance(coefficient, (int, Fraction)) else None
        up = self.number(fraction.numerator if fraction is not None else coefficient)
        down = fraction.denominator if fraction is not None else 1
        bare = alone and len(above) == 1 and not below and down == 1 and up == "1"
        top = self.product(above, bare)
        if not top:
            top = up
        elif up != "1":
            top = f"{up}{self.thin}{top}"
        if not below and down == 1:
            return top
        bottom = self.product(below, self.fractions and len(below) == 1 and down == 1)
        if self.fractions and len(above) == 1 and up == "1":
            top = self.product(above, True)
        bottom = (f"{down}{self.thin}{bottom}" if bottom else str(down)) if down != 1 else bottom
        return self.quotient(top, bottom, len(above) > 1, len(below) + (down != 1) > 1)

    def product(self, monomial: Monomial, bare: bool) -> str:
        """Atoms multiplied; a column times a row is an outer product."""
        columns = [atom for atom in monomial if is_column(atom)]
        rows = [atom for atom in monomial if len(atom.shape) == 1 and atom.shape != (1,)]
        if columns and rows and len(columns) + len(rows) == len(monomial):
            left = self.factors({atom: monomial[atom] for atom in columns}, False)
            right = self.factors({atom: monomial[atom] for atom in rows}, False)
            return f"{left}{self.thin}{self.transposed(right, rows[0] if len(rows) == 1 else None)}"
        return self.factors(monomial, bare)

    def factors(self, monomial: Monomial, bare: bool) -> str:
        """Arrays are multiplied entry by entry; numbers stand where they came, sums behind what they might swallow."""
        many = len(monomial) > 1
        shown = {atom: self.power_of(atom, power, many, bare) for atom, power in monomial.items()}
        arrays = self.dot.join([shown[atom] for atom in monomial if is_array(atom)])
        numbers = [atom for atom in monomial if not is_array(atom)]
        ahead = bool(monomial) and next(iter(monomial)) in numbers
        before = [shown[atom] for atom in numbers if ahead and atom.head != "sum"]
        after = [shown[atom] for atom in numbers if not ahead or atom.head == "sum"]
        return self.thin.join([*before, *([arrays] if arrays else []), *after])

    def power_of(self, atom: Atom, power: Fraction, many: bool, bare: bool) -> str:
        """An atom to a power, in parentheses where it takes some."""
        inside = self.atom(atom)
        compound = atom.head == "group" and not (bare and power == 1)
        if power == 1:
            return self.group(inside, compound or (many and self.loose(atom)))
        if power == Fraction(1, 2):
            return self.root(inside)
        opened = self.core(atom).head not in ("name", "call", "bracket", "entry") or (
            self.core(atom).head == "name" and not self.bare_name(atom)
        )
        if power.denominator == 2 and power > 0:
            whole = int(power - Fraction(1, 2))
            return f"{self.power(self.group(inside, opened), str(whole))}{self.thin}{self.root(inside)}"
        return self.power(self.group(inside, opened), str(power))

    def loose(self, atom: Atom) -> bool:
        """Whether an atom needs parentheses beside other factors."""
        return self.core(atom).head == "matmul"

    def core(self, atom: Atom) -> Atom:
        """What an atom is but for its shape."""
        while atom.head == "shaped" and len(atom.args[0].terms) == 1 and len(atom.args[0].terms[0][1]) == 1:
            ((_, monomial),) = atom.args[0].terms
            ((inner, power),) = monomial.items()
            if power != 1:
                break
            atom = inner
        return atom

    def bare_name(self, atom: Atom) -> bool:
        """Whether an atom is a name without a superscript or digits at its end, which another may stand beside."""
        core = self.core(atom)
        if core.head != "name" or isinstance(core.args[0], Verbatim):
            return False
        stem, above, _ = name_parts(core.args[0])
        return not above and not (self.fractions and stem.endswith("′"))  # LaTeX has no superscript beside a prime

    def transposed(self, inside: str, alone: Atom | None) -> str:
        """What is shown transposed; if it is one atom, that."""
        return self.transpose(self.group(inside, alone is None or not self.bare_name(alone)))

    def transposed_operand(self, x: Terms) -> str:
        """A formula transposed; of the vector of ones 1ᵀ."""
        shown = self.sum_of_terms(x.terms)
        if len(x.terms) > 1:
            return self.transposed(shown, None)
        atoms = list(x.terms[0][1])
        return self.transposed(shown, atoms[0] if len(atoms) == 1 else None) if atoms else self.transpose(shown)

    def group(self, inside: str, really: bool) -> str:
        return self.parentheses(inside) if really else inside

    def operand(self, x: Terms) -> str:
        """A factor of a matrix product."""
        inside = self.sum_of_terms(x.terms)
        simple = len(x.terms) == 1 and x.terms[0][0] == 1 and len(x.terms[0][1]) <= 1
        return self.group(inside, not simple or any(self.loose(atom) for atom in x.terms[0][1]))

    def atom(self, atom: Atom) -> str:
        head, args = atom.head, atom.args
        if head == "name":
            return self.name(args[0])
        if head == "entry":
            return self.entry(args[0].only().args[0], args[1])
        if head in ("group", "shaped"):
            return self.sum_of_terms(args[0].terms)
        if head == "call":
            if args[0] == "power":
                return self.power(self.operand(args[1]), self.sum_of_terms(args[2].terms))
            return self.function(args[0], [self.argument(x) for x in args[1:]])
        if head == "transpose":
            return self.transposed_operand(args[0])
        if head == "matmul":
            first, *others = [self.operand(x) for x in args]
            if not is_array(atom) and all(len(factor.shape) == 1 for _, m in args[0].terms for factor in m):  # wᵀx
                first = self.transposed_operand(args[0])
            return self.thin.join([first, *others])
        if head == "sum":
            inner, axes, ndim = args
            (_, first), *others = inner.terms
            compound = bool(others) or list(first.values()) != [1] or next(iter(first)).head == "group"
            over = {(0,): self.samples, (ndim - 1,): self.classes}.get(axes, "") if is_array(atom) else ""
            return self.total(self.sum_of_terms(inner.terms), over, compound)
        if head == "bracket":
            return self.condition(self.sum_of_terms(args[1].terms), args[0], self.sum_of_terms(args[2].terms))
        if head == "partial":
            return self.partial(self.sum_of_terms(args[0].terms), self.sum_of_terms(args[1].terms))
        if head == "index":
            return self.operand(args[0]) + self.steps(args[1].text)
        assert head in ("replaced", "put")
        value, sign = (args[2], "←") if head == "replaced" else (args[0], "←" if args[1].once else "+=")
        target = self.operand(args[0]) if head == "replaced" else "0"
        before, after = updated("", args[1].text, "VALUE", sign).split("VALUE")
        return f"{target}{self.steps(before)}{self.sum_of_terms(value.terms)}{after}"

    def argument(self, x: Any) -> str:
        """What a function has between its commas: a formula, or a setting."""
        return self.sum_of_terms(x.terms) if hasattr(x, "terms") else self.setting(x.text)

    def setting(self, shown: str) -> str:
        """A keyword parameter."""
        return shown

    def steps(self, shown: str) -> str:
        """Steps to a part, as Python has them; arrays in them by their names."""
        return WORD_IN_STEPS.sub(lambda found: self.name(found[0]), shown)


class Latex(Text):
    """The notation, in LaTeX."""

    dot = r" \odot "
    fractions = True
    thin = r" \, "
    minus = "-"
    samples = "_n"
    classes = "_k"

    def name(self, label: str) -> str:
        stem, above, below = name_parts(label)
        if stem.startswith("ln "):
            return rf"\ln {stem[3:]}{above}"
        plain = stem.rstrip("′")
        if not below.isdigit():
            below = in_letters(below, italics=2)
        primes, foot = "'" * (len(stem) - len(plain)), f"_{{{below}}}" if below else ""
        head = f"{foot}{primes}^{{{above}}}" if above else f"{primes}{foot}"  # ' takes ^ only where it stands beside it
        return in_letters(plain) + head

    def entry(self, label: str, indices: str) -> str:
        return f"{self.group(self.name(label), bool(name_parts(label)[2]))}_{{{indices}}}"

    def number(self, x: Any) -> str:
        mantissa, _, exponent = super().number(x).partition("e")
        if not exponent:
            return mantissa
        return f"10^{{{int(exponent)}}}" if mantissa == "1" else rf"{mantissa} \cdot 10^{{{int(exponent)}}}"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^{{{exponent}}}"

    def root(self, inside: str) -> str:
        return rf"\sqrt{{{inside}}}"

    def transpose(self, inside: str) -> str:
        return rf"{inside}^{{\top}}"

    def transposed(self, inside: str, alone: Atom | None) -> str:
        layer = alone is not None and self.core(alone).head == "name" and inside.endswith("}") and "^{" in inside
        return rf"{inside[:-1]}\top}}" if layer else super().transposed(inside, alone)

    def parentheses(self, inside: str) -> str:
        return rf"\left({inside}\right)"

    def quotient(self, above: str, below: str, above_is_product: bool, below_is_product: bool) -> str:  # noqa: ARG002
        return rf"\frac{{{above}}}{{{below}}}"

    def function(self, name: str, arguments: list[str]) -> str:
        stem, primes = name.rstrip("′"), "'" * name.count("′")
        if stem in LATEX_FUNCTIONS:
            symbol = rf"\{stem}"
        else:
            symbol = GREEK.get(stem, rf"\operatorname{{{escape(stem)}}}")
        return rf"{symbol}{primes}\left({', '.join(arguments)}\right)"

    def total(self, inside: str, over: str, compound: bool) -> str:
        return rf"\sum{over} {self.group(inside, compound)}"

    def partial(self, above: str, below: str) -> str:
        return rf"\frac{{\partial {above}}}{{\partial {below}}}"

    def setting(self, shown: str) -> str:
        return rf"\text{{{escape(shown)}}}"

    def steps(self, shown: str) -> str:
        signs = {"…": r"\ldots", ":": "{:}", "←": r"\gets", "+=": r"\mathrel{+}="}
        found = ""
        for part in WORD_IN_STEPS.split(shown):
            if WORD_IN_STEPS.fullmatch(part):
                found += self.name(part)
                continue
            part = escape(part).replace(r"\ ", " ")
            for sign, command in signs.items():
                part = part.replace(sign, command)
            found += part
        return found

    def condition(self, left: str, sign: str, right: str) -> str:
        signs = {"≥": r"\ge", "≤": r"\le", "≠": r"\ne"}
        return rf"\left[{left} {signs.get(sign, sign)} {right}\right]"


def in_letters(stem: str, italics: int = 1) -> str:
    """A name without scripts in LaTeX: so many letters in italics, with their accents, a word or several upright."""
    letters = letters_of(" ".join(stem.split()))
    shown = "".join([accented(letter) + " " * (letter in GREEK) for letter in letters]).strip()
    return shown if len(letters) <= italics else rf"\mathrm{{{shown}}}"


def accented(letter: str) -> str:
    """One letter and its accents."""
    shown = GREEK.get(letter[0]) or escape(letter[0])
    for accent in letter[1:]:
        shown = rf"\{ACCENTS[accent]}{{{shown}}}" if accent in ACCENTS else shown + accent
    return shown


def in_type(name: str) -> str:
    """A name in LaTeX as it was typed: the digits of v₁ below, and the _ of v_1."""
    shown = ""
    for letter in letters_of(name):
        digit = letter.translate(PLAIN_DIGITS)
        if digit == letter:
            shown += accented(letter) + " " * (letter in GREEK)
        else:
            shown += f"{{}}{'_' if ord(letter) in SUBSCRIPTS.values() else '^'}{{{digit}}}"
    return rf"\mathtt{{{shown.strip()}}}"


def letters_of(name: str) -> list[str]:
    """The letters of a name, each with its accents."""
    return re.findall(".[\u0300-\u036f\u20d7]*", unicodedata.normalize("NFD", name), re.DOTALL)


def escape(name: str) -> str:
    """A name's characters, harmless in LaTeX's mathematics."""
    return re.sub(r"[_%#&${}\\^~ -]", lambda found: WORDS.get(found[0], "\\" + found[0]), name)


WORD_IN_STEPS: Final = re.compile(r"((?<![.\w])[^\W\d]\w+)")
"""A word in the steps to a part that is an array's name."""

WORDS: Final = {"\\": r"\backslash ", "^": r"\wedge ", "~": r"\sim ", "-": "{-}"}
"""Characters for which LaTeX needs a word."""


def is_array(atom: Atom) -> bool:
    """Whether an atom has more than one entry."""
    return math.prod(atom.shape) != 1


def is_column(atom: Atom) -> bool:
    """Whether an atom is a vector that was made a column."""
    return atom.head == "shaped" and len(atom.shape) == 2 and atom.shape[1] == 1 and len(atom.args[0].shape) == 1


TEXT: Final = Text()
LATEX: Final = Latex()
