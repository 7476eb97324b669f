"""HTML in which everything is escaped that is not markup, and LaTeX as MathML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from typing import Final
from xml.etree import ElementTree

EXTRA: Final = (
    "the HTML report needs latex2mathml for its formulas, which is not installed: "
    "pip install 'tinygrad-lite[verify]'; --json does without"
)


NAMESPACE: Final = ' xmlns="http://www.w3.org/1998/Math/MathML"'
"""HTML implies it."""

VOID: Final = frozenset({"input"})
"""The elements used here that have no end."""


class Markup(str):
    """A string that is HTML already."""


def element(tag: str, /, *children: str, **attributes: str | bool) -> Markup:
    """An element; texts among its children are escaped, markup is kept.

    Underscores end names that Python reserves and stand for hyphens elsewhere; attributes that are False are left out.

    >>> print(element("a", "x < y", href='#"', data_kind="claim", hidden=True))
    <a href="#&quot;" data-kind="claim" hidden="">x &lt; y</a>
    """
    shown = [
        f' {key.rstrip("_").replace("_", "-")}="{"" if value is True else escape(value)}"'
        for key, value in attributes.items()
        if value is not False
    ]
    return Markup(f"<{tag}{''.join(shown)}>{join(*children)}{'' if tag in VOID else f'</{tag}>'}")


def join(*children: str) -> Markup:
    """Children one after the other, the texts among them escaped."""
    return Markup("".join([c if isinstance(c, Markup) else escape(c) for c in children]))


# ---------------------------------------------------------------------------------------------------------------------
# LaTeX

TEXT: Final = r"\\text(?:bf|tt)?\{((?:[^{}\\]|\\.)*)\}"
"""A command whose argument is text."""

TOKEN: Final = re.compile(
    rf"(?P<text>{TEXT}(?![_^]))|(?P<open>\\begin\b|\\left\b|\{{)|(?P<close>\\end\b|\\right\b|\}})|\\?."
)

PROSE: Final = 4
"""From so many words outside its formulas a sentence is set as text, which is broken into lines."""

FUNCTIONS: Final = frozenset({"argmax", "exp", "ln", "log", "max", "min", "tanh"})
SUMS: Final = frozenset("∑∏")
LIMITS: Final = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
CLOSING: Final = frozenset(")]}!‖|′…⋯")
SPACE: Final = "0.1667em"


def typeset(latex: str) -> Markup:
    """A formula as MathML, a sentence as text with formulas in it, and a line of a program as it is.

    What the converter does not know is shown as LaTeX.
    """
    code = re.fullmatch(r"\\texttt\{(.*)\}", latex)
    if code:
        return element("pre", plain(code[1]), class_="code")
    pieces = list(parts(latex))
    words = sum([len(text.split()) for kind, text in pieces if kind == "text"])
    if words >= PROSE or all(kind == "text" for kind, _ in pieces):
        inline = [text if kind == "text" else mathematics(text, "inline") for kind, text in pieces]
        return element("p", *inline, class_="prose")
    return element("div", mathematics(latex, "block"), class_="formula")


def parts(latex: str) -> Iterator[tuple[str, str]]:
    """The texts that stand outside all brackets, and the mathematics between them, each with its kind."""
    depth, formula = 0, ""
    for token in TOKEN.finditer(latex):
        depth += bool(token["open"]) - bool(token["close"])
        if token["text"] is None or depth:
            formula += token[0]
            continue
        if formula.strip():
            yield "formula", formula
        yield "text", plain(token[2])
        formula = ""
    if formula.strip():
        yield "formula", formula


def plain(text: str) -> str:
    r"""The argument of \text without the backslashes before signs that LaTeX reserves."""
    return re.sub(r"\\([_%&#$ ])", r"\1", text)


def mathematics(latex: str, display: str) -> Markup:
    """MathML, in block or inline; the LaTeX itself where the converter does not know all of it."""
    convert = converter()
    try:
        root = ElementTree.fromstring(convert(for_converter(latex), display=display).replace(NAMESPACE, ""))
    except Exception:  # the converter raises a dozen kinds
        return element("code", latex)
    if any("\\" in (node.text or "") or "href" in node.attrib for node in root.iter()):
        return element("code", latex)
    for node in list(root.iter()):
        node.tag = LIMITS.get(node.tag, node.tag) if len(node) and node[0].text in SUMS else node.tag
        space(node)
    if display == "inline":
        root.set("displaystyle", "true")
    return Markup(ElementTree.tostring(root, encoding="unicode", short_empty_elements=False))


def converter() -> Callable[..., str]:
    """The function that makes MathML of LaTeX; raises ImportError without it."""
    try:
        from latex2mathml.converter import convert
    except ImportError as error:
        raise ImportError(EXTRA) from error
    return convert


def for_converter(latex: str) -> str:
    """LaTeX as the converter needs it: without alignment, matrices and letters in braces, and text escaped."""
    latex = re.sub(r"^\s*&|\s&(?==)", "", latex)
    latex = re.sub(r"\\math(bf|cal)\s+(\w)", r"\\math\1{\2}", latex)
    latex = re.sub(r"\\begin\{(\w*matrix)\}.*?\\end\{\1\}", r"{\g<0>}", latex)
    return re.sub(TEXT, lambda m: f"{m[0].partition('{')[0]}{{{escape(plain(m[1]), quote=False)}}}", latex)


def space(row: ElementTree.Element) -> None:
    """Set the spaces of a row as TeX does: none after a sign, thin ones around the name of a function."""
    children = list(row)
    if row.tag not in ("math", "mrow", "mstyle", "mtd"):
        return
    for before, node in zip([None, *children], children, strict=False):
        if node.text in ("−", "+") and before is not None and before.tag == "mo" and before.text not in CLOSING:
            node.set("form", "prefix")
        if node.tag == "mo" and node.text in (".", ","):
            node.set("lspace", "0")
        if node.text == "=" and before is not None and before.text == ":":
            row.remove(before)
            node.text = ":="
        if name(node) in FUNCTIONS and before is not None and before.tag not in ("mo", "mspace"):
            row.insert(list(row).index(node), ElementTree.Element("mspace", width=SPACE))
        if (
            before is not None
            and name(before) in FUNCTIONS
            and node.tag not in ("mo", "mspace")
            and not begins_with_bracket(node)
        ):
            row.insert(list(row).index(node), ElementTree.Element("mspace", width=SPACE))


def name(node: ElementTree.Element) -> str | None:
    """The name that an identifier shows, without its indices."""
    return name(node[0]) if node.tag.startswith(("msu", "mun")) and len(node) else node.text


def begins_with_bracket(node: ElementTree.Element) -> bool:
    """Whether it begins with a bracket."""
    return len(node) > 0 and node[0].tag == "mo" and node[0].get("fence") == "true"
