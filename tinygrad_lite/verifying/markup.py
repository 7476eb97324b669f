"""HTML in which everything is escaped that is not markup, and LaTeX as MathML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from html import escape
from typing import Final
from xml.etree import ElementTree

EXTRA: Final = (
    "the HTML report needs latex2mathml for its formulas, which is not installed: "
    "pip install 'tinygrad-lite[verify]'; --json does without"
)


NAMESPACE: Final = ' xmlns="http://www.w3.org/1998/Math/MathML"'
"""HTML implies it."""

VOID: Final = frozenset({"input", "wbr"})
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

LONG: Final = 24
"""A formula of more characters may be broken into lines, where it is too long for one."""

SUMS: Final = frozenset("∑∏")
LIMITS: Final = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
CLOSING: Final = frozenset(")]}!‖|′…⋯")
SPACE: Final = "0.1667em"
BREAKING: Final = frozenset("=≔≈≡≠<>≤≥∈→⇒+−±⊙⋅·")
"""The signs before which a line may end."""


def typeset(latex: str, beside: str = "") -> Markup:
    """A formula as MathML, a sentence as text with formulas in it, and a line of a program as it is.

    What is not so in another formula, which it stands beside, has the class "changed". What the converter does not know
    is shown as LaTeX.
    """
    code = re.fullmatch(r"\\texttt\{(.*)\}", latex)
    if code:
        return element("pre", plain(code[1]), class_="code")
    pieces = list(parts(latex))
    words = sum([len(text.split()) for kind, text in pieces if kind == "text"])
    if words >= PROSE or all(kind == "text" for kind, _ in pieces):
        inline = [text if kind == "text" else mathematics(text, "inline") for kind, text in pieces]
        return element("p", *inline, class_="prose")
    root = tree(latex)
    if root is None:
        return element("div", element("code", latex), class_="formula")
    other = tree(beside) if beside else None
    if other is not None:
        mark_changes(root, other)
    return element("div", in_lines(root), class_="formula")


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
    root = tree(latex, display)
    if root is None:
        return element("code", latex)
    return shown(root, displaystyle="true") if display == "inline" else shown(root)


def shown(root: ElementTree.Element, **attributes: str) -> Markup:
    """MathML as markup."""
    root.attrib.update(attributes)
    return Markup(ElementTree.tostring(root, encoding="unicode", short_empty_elements=False))


def tree(latex: str, display: str = "block") -> ElementTree.Element | None:
    """A formula's MathML; None where the converter does not know all of it."""
    convert = converter()
    try:
        root = ElementTree.fromstring(convert(for_converter(latex), display=display).replace(NAMESPACE, ""))
    except Exception:  # the converter raises a dozen kinds
        return None
    if any("\\" in (node.text or "") or "href" in node.attrib for node in root.iter()):
        return None
    for node in list(root.iter()):
        node.tag = LIMITS.get(node.tag, node.tag) if len(node) and node[0].text in SUMS else node.tag
        space(node)
    return root


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
        if node.tag == "mo" and node.text == "∂":
            node.tag = "mi"
        if node.tag == "mo" and node.text == "/":
            node.attrib.update(lspace="0", rspace="0")
        if node.text == "=" and before is not None and before.text == ":":
            row.remove(before)
            node.text = ":="
        if is_name(node):
            if core(node).tag == "mo":
                core(node).attrib.update(lspace="0", rspace="0")
            if before is not None and before.tag not in ("mo", "mspace"):
                row.insert(list(row).index(node), ElementTree.Element("mspace", width=SPACE))
        if (
            before is not None
            and is_name(before)
            and node.tag not in ("mo", "mspace")
            and not begins_with_bracket(node)
        ):
            row.insert(list(row).index(node), ElementTree.Element("mspace", width=SPACE))


def is_name(node: ElementTree.Element) -> bool:
    """Whether it is the name of a function: of several letters, with indices or without."""
    letters = (core(node).text or "").replace("\u2009", "")
    return core(node).tag in ("mi", "mo") and len(letters) > 1 and letters.isalpha()


def core(node: ElementTree.Element) -> ElementTree.Element:
    """An element without its indices."""
    return core(node[0]) if node.tag.startswith(("msu", "mun")) and len(node) else node


def begins_with_bracket(node: ElementTree.Element) -> bool:
    """Whether it begins with a bracket."""
    return len(node) > 0 and node[0].tag == "mo" and node[0].get("fence") == "true"


# ---------------------------------------------------------------------------------------------------------------------
# Formulas that are long, and that stand beside each other


def in_lines(root: ElementTree.Element) -> Markup:
    """A formula; a long one in pieces, between which a line may end, as browsers break none in mathematics."""
    whole = [shown(piece, display="inline", displaystyle="true") for piece in pieces(root)]
    return join(*[part for piece in whole for part in (element("wbr"), piece)][1:])


def pieces(root: ElementTree.Element) -> list[ElementTree.Element]:
    """A long formula in pieces that begin with a relation or a sign outside all brackets; a short one as it is."""
    if len("".join(root.itertext())) <= LONG:
        return [root]
    row = root[0] if len(root) == 1 and root[0].tag == "mrow" else root
    found = [ElementTree.Element("math")]
    depth = bars = 0
    for node in row:
        text = node.text or ""
        if len(found[-1]) and text in BREAKING and not depth and not bars % 2 and node.get("form") != "prefix":
            found.append(ElementTree.Element("math"))
            node.set("form", "infix")  # it has operands on both sides, though it comes first
        found[-1].append(node)
        if node.tag == "mo":
            depth += (text in "([{⟨") - (text in ")]}⟩")
            bars += text in "|‖"
    return found


def mark_changes(one: ElementTree.Element, other: ElementTree.Element) -> None:
    """Give the parts of a formula that stand otherwise in another one the class "changed"."""
    ours, theirs = [[ElementTree.tostring(child) for child in node] for node in (one, other)]
    if one.tag != other.tag or one.text != other.text or (one.tag not in ("math", "mrow") and len(ours) != len(theirs)):
        one.set("class", "changed")
        return
    for kind, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        alike = kind == "replace" and b - a == d - c
        for k, node in enumerate(one[a:b] if kind != "equal" else []):
            if alike:
                mark_changes(node, other[c + k])
            else:
                node.set("class", "changed")
