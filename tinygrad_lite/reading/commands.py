r"""What TeX's commands, and characters in their place, stand for."""

from __future__ import annotations

import re
from typing import Final

GREEK: Final = {
    **dict(
        zip(
            [
                "alpha",
                "beta",
                "gamma",
                "delta",
                "epsilon",
                "zeta",
                "eta",
                "theta",
                "iota",
                "kappa",
                "lambda",
                "mu",
                "nu",
                "xi",
                "pi",
                "rho",
                "sigma",
                "tau",
                "upsilon",
                "phi",
                "chi",
                "psi",
                "omega",
                "Gamma",
                "Delta",
                "Theta",
                "Lambda",
                "Xi",
                "Pi",
                "Sigma",
                "Upsilon",
                "Phi",
                "Psi",
                "Omega",
            ],
            "αβγδϵζηθικλμνξπρστυϕχψωΓΔΘΛΞΠΣΥΦΨΩ",
            strict=True,
        )
    ),
    "varepsilon": "ε",
    "vartheta": "ϑ",
    "varphi": "φ",
    "varsigma": "ς",
    "ell": "ℓ",
    "hbar": "ℏ",
    "infty": "∞",
    "partial": "∂",
    "top": "⊤",
    "intercal": "⊤",
    "dagger": "†",
    "emptyset": "∅",
    "imath": "i",
    "jmath": "j",
}
"""Commands that are letters."""

RELATIONS: Final = {
    "=": "=",
    "<": "<",
    ">": ">",
    "≠": "≠",
    "≤": "≤",
    "≥": "≥",
    "≡": "≡",
    "∉": "∉",
    "∝": "∝",
    "∼": "~",
    "⇒": "⟹",
    "⟹": "⟹",
    "⇔": "⟺",
    "⟺": "⟺",
    "∈": "∈",
    "≈": "≈",
    "→": "→",
    "neq": "≠",
    "ne": "≠",
    "leq": "≤",
    "le": "≤",
    "leqslant": "≤",
    "geq": "≥",
    "ge": "≥",
    "geqslant": "≥",
    "lt": "<",
    "gt": ">",
    "in": "∈",
    "notin": "∉",
    "approx": "≈",
    "propto": "∝",
    "equiv": "≡",
    "sim": "~",
    "to": "→",
    "rightarrow": "→",
    "leftarrow": "←",
    "gets": "←",
    "mapsto": "↦",
    "Rightarrow": "⟹",
    "implies": "⟹",
    "Longrightarrow": "⟹",
    "Leftrightarrow": "⟺",
    "iff": "⟺",
    "coloneqq": ":=",
    "triangleq": ":=",
    "doteq": ":=",
    "subset": "⊂",
    "mid": "∣",
}
"""Signs of relation."""

OPERATORS: Final = {
    "cdot": "·",
    "times": "×",
    "odot": "⊙",
    "circ": "∘",
    "otimes": "⊗",
    "ast": "*",
    "bullet": "·",
    "·": "·",
    "×": "×",
    "⊙": "⊙",
    "∘": "∘",
    "⊗": "⊗",
    "*": "*",
    "/": "/",
    ":": ":",
    "div": "/",
}
"""Signs between factors."""

BIG: Final = {
    "sum": "∑",
    "prod": "∏",
    "int": "∫",
    "lim": "lim",
    "argmax": "argmax",
    "argmin": "argmin",
    "Σ": "∑",
    "Π": "∏",
    "∑": "∑",
    "∏": "∏",
    "∫": "∫",
}

FUNCTIONS: Final = [
    "log",
    "ln",
    "exp",
    "tanh",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "arcsin",
    "arccos",
    "arctan",
    "max",
    "min",
    "det",
    "tr",
    "Tr",
    "trace",
    "diag",
    "softmax",
    "sigmoid",
    "relu",
    "ReLU",
    "softplus",
    "sign",
    "sgn",
    "sqrt",
    "abs",
]
"""Words that apply to what follows."""

STYLES: Final = {
    "mathbf": "bold",
    "boldsymbol": "bold",
    "bm": "bold",
    "vec": "bold",
    "overrightarrow": "bold",
    "mathbb": "blackboard",
    "mathcal": "script",
    "mathscr": "script",
    "mathrm": "word",
    "mathsf": "word",
    "mathit": "",
    "mathnormal": "",
    "bf": "bold",
}
"""Commands that set a letter in a style."""

ACCENTS: Final = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "bar": "\u0304",
    "overline": "\u0304",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
}
"""Commands that put something above a letter, and what Unicode calls it."""

SCRIPT: Final = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "𝒜ℬ𝒞𝒟ℰℱ𝒢ℋℐ𝒥𝒦ℒℳ𝒩𝒪𝒫𝒬ℛ𝒮𝒯𝒰𝒱𝒲𝒳𝒴𝒵", strict=True))
"""Letters in handwriting."""

DROPPED: Final = {
    ",",
    ";",
    ":",
    "!",
    ">",
    "quad",
    "qquad",
    "displaystyle",
    "textstyle",
    "scriptstyle",
    "small",
    "normalsize",
    "large",
    "Large",
    "footnotesize",
    "left",
    "right",
    "big",
    "Big",
    "bigg",
    "Bigg",
    "bigl",
    "bigr",
    "Bigl",
    "Bigr",
    "biggl",
    "biggr",
    "Biggl",
    "Biggr",
    "middle",
    "limits",
    "nolimits",
    "nonumber",
    "notag",
    "mathstrut",
    "strut",
    "hfill",
    "noindent",
    "centering",
    "mathop",
    "mathbin",
    "mathrel",
    "thinspace",
    "enspace",
    "therefore",
    "because",
} | {" ", "\n", "\t"}
"""Commands that say how it is set, not what."""

WITH_ARGUMENT: Final = {
    "label",
    "tag",
    "textcolor",
    "hspace",
    "vspace",
    "phantom",
    "color",
    "mbox_",
    "hphantom",
    "vphantom",
}
"""Commands that are passed over with their argument."""

SUBSCRIPTS: Final = dict(
    zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", "0123456789+-=()aehijklmnoprstuvxβγρφχ", strict=True)
)

SUPERSCRIPTS: Final = dict(
    zip(
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
        "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
        strict=True,
    )
)
"""Scripts that are characters."""

TEXTS: Final = ("text", "textbf", "textit", "textrm", "mbox", "textnormal", "texttt", "textsf")

CONNECTING: Final = (
    "if",
    "for",
    "when",
    "where",
    "with",
    "since",
    "otherwise",
    "else",
    "and",
    "or",
    "as",
    "because",
    "so",
    "then",
    "thus",
    "hence",
    "therefore",
    "whenever",
    "provided",
    "while",
    "but",
    "unless",
    "by",
    "using",
)

OPERANDS: Final = ("LETTER", "NUMBER", "WORD", "RBRACE", "CLOSE", "PRIME", "DOTS", "END")
"""Tokens that an operand can end with."""

BEGINNINGS: Final = ("LETTER", "NUMBER", "WORD", "LBRACE", "OPEN", "FRAC", "SQRT", "STYLE", "ACCENT", "FUNCTION", "BIG")
"""Tokens that an operand can begin with."""

TAKING: Final = ("SUB", "SUP", "FRAC", "SQRT", "STYLE", "ACCENT", "NOTE", "UNDERSET")
"""Tokens that take what follows them."""

BRACKETS: Final = {
    **{name: ("open", kind) for name, kind in {"{": "{", "lbrace": "{", "langle": "⟨", "lfloor": "⌊"}.items()},
    **{name: ("close", kind) for name, kind in {"}": "{", "rbrace": "{", "rangle": "⟨", "rfloor": "⌊"}.items()},
    **dict.fromkeys(("|", "Vert", "lVert", "rVert"), ("bar", "‖")),
    **dict.fromkeys(("vert", "lvert", "rvert"), ("bar", "|")),
}
"""Commands that are brackets, with the opening one."""

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    **{name: ("OPERATOR", sign) for name, sign in OPERATORS.items()},
    **{name: ("LETTER", letter) for name, letter in GREEK.items()},
    **{name: ("REL", sign) for name, sign in RELATIONS.items()},
    **{name: ("BIG", sign) for name, sign in BIG.items()},
    **{name: ("FUNCTION", name) for name in FUNCTIONS},
    **{name: ("STYLE", style) for name, style in STYLES.items()},
    **{name: ("ACCENT", mark) for name, mark in ACCENTS.items()},
    **{name: ("NOTE", name) for name in ("underbrace", "overbrace", "boxed", "fbox", "cancel")},
    **{name: ("UNDERSET", name) for name in ("underset", "overset", "stackrel")},
    **dict.fromkeys(("dots", "ldots", "cdots", "vdots", "ddots", "dotsc", "dotsb"), ("DOTS", "…")),
    **dict.fromkeys(("pm", "mp"), ("SIGN", "±")),
    "sqrt": ("SQRT", "√"),
    "nabla": ("NABLA", "∇"),
    "prime": ("LETTER", "′"),
    "forall": ("WORDS", "for all"),
}
"""What a command is, as the grammar calls it, and what it stands for."""

CHARACTERS: Final[dict[str, tuple[str, str]]] = {
    **{char: ("OPERATOR", sign) for char, sign in OPERATORS.items() if len(char) == 1},
    **{char: ("REL", sign) for char, sign in RELATIONS.items() if len(char) == 1},
    **{char: ("BIG", sign) for char, sign in BIG.items() if char in "∑∏∫"},
    **{char: ("SIGN", sign) for char, sign in {"+": "+", "-": "−", "−": "−", "±": "±"}.items()},
    **{char: ("COMMA", char) for char in ",;"},
    **dict.fromkeys("'′", ("PRIME", "′")),
    "_": ("SUB", "_"),
    "^": ("SUP", "^"),
    "…": ("DOTS", "…"),
    "∇": ("NABLA", "∇"),
    "√": ("SQRT", "√"),
    "&": ("AMP", "&"),
}
"""What a character is."""

CHARACTER_BRACKETS: Final = {
    **{char: ("open", char) for char in "([⟨⌊"},
    **{char: ("close", kind) for char, kind in {")": "(", "]": "[", "⟩": "⟨", "⌋": "⌊"}.items()},
    **{char: ("bar", char) for char in "|‖"},
}
"""Characters that are brackets, with the opening one."""

ARRAY: Final = re.compile(r"\\\{\s*\\begin\{array\}\s*\{[lcr ]*\}(?=.*?\\end\{array\}\s*\\right\s*\.)", re.DOTALL)
"""What cases are made of where they are made by hand."""

OVER_RELATION: Final = re.compile(
    r"\\(?:overset|stackrel)\s*\{(?P<above>(?:[^{}]|\{[^{}]*\})*)\}\s*(?P<braces>\{)?\s*(?P<sign>=|\\(?:approx|equiv|leq?|geq?|sim))\s*"
    r"(?(braces)\})"
)
"""A sign of relation with something above it."""

ARG: Final = re.compile(r"\\arg\s*(?:\\[,!;:]\s*)?\\(max|min)(?![a-z])")

COMMAND: Final = re.compile(r"\\([A-Za-z]+\*?|.)", re.DOTALL)

LETTERS: Final = re.compile(r"[A-Za-z]+")

DIGITS: Final = re.compile(r"\d+(?:\.\d+)?|\.\d+")

NAME: Final = re.compile(r"[^\W_](?:[\w-]*\w)?")
"""Text that is one word."""

COLON: Final = re.compile(r":(?=\s*(?:\\q?quad(?![A-Za-z])|\\text|,|$))")
"""A colon behind a clause, as of "If j = k:"."""

DECLARED: Final = re.compile(r"[^\W\d_]{2,}|[^\W\d_]+(?:-[^\W_]+)+")
"""What is taken whole where it is declared: a word of letters, or of parts with hyphens."""

CLOSED_BEHIND: Final = re.compile(r"[A-Za-z]\s*\)")


def closed_behind(inner: str, text: str, start: int, end: int) -> str:
    r"""The letter and the bracket behind a text that opens it: of ``\text{softmax (neuron }j)`` j)."""
    behind = CLOSED_BEHIND.match(text, start, end)
    is_open = inner.count("(") > inner.count(")") and "$" not in inner
    return behind[0] if behind is not None and is_open else ""
