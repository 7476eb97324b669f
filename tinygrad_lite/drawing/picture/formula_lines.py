"""Local derivatives in mathematics, worked out of the rules by running them on named placeholders."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Collection
from typing import Final

from ...engine.graph import Node
from ...formulas.algebra import as_formula, symbol
from ...formulas.conventions import spelled
from ...formulas.local import Local, local
from ...formulas.words import TakenNames

WORD: Final = re.compile(r"([^\W\d_]{1,5})_?(\d{0,3})((?:⁽[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}⁾)?)")
"""Names that can stand in a formula: a letter or a few, an index, and which state it is."""

SPARE: Final = "vuwpqr"
"""What to call an array without a name where the rule's word for it is another array's name."""

Naming = Callable[[Node], str | None]


def formulas_of_operands(
    node: Node, name_of: Naming, taken: Collection[str] = (), digits: str | None = None
) -> dict[int, Local]:
    """For each operand that needs a gradient the derivative by it, such as ``∂y/∂x = 1 − y²``.

    Arrays go by their names where these can stand in a formula, else by those that the rules use, unless another array
    of the graph has that name: they are ``taken``. Their numbers are subscripts unless ``digits`` says otherwise.
    """
    primitive = node.primitive
    assert primitive is not None
    *inputs, output = [spelled(name, digits or "subscript") for name in spoken_names(node, name_of, taken)]
    operands = [
        symbol(name, parent.shape) if isinstance(parent, Node) else as_formula(parent)
        for parent, name in zip(node.parents, inputs, strict=True)
    ]
    y = symbol(output, node.shape)
    return {
        k: local(primitive, k, operands, y, node.params)
        for k, parent in enumerate(node.parents)
        if type(parent) is Node
    }


def derivative_lines(node: Node, name_of: Naming, taken: Collection[str] = (), digits: str | None = None) -> list[str]:
    """The derivatives as they stand in a box: of many operands, those by the first three."""
    texts = [derivative.text for derivative in formulas_of_operands(node, name_of, taken, digits).values()]
    return texts if len(texts) <= 4 else [*texts[:3], "…"]


def spoken_names(node: Node, name_of: Naming, taken: Collection[str] = ()) -> list[str]:
    """What to call the operands and the output in a formula."""
    assert node.primitive is not None
    own = own_words(node, name_of, taken)
    variadic = node.primitive.variadic
    inputs = [f"x_{k + 1}" for k in range(len(node.parents))] if variadic else node.primitive.inputs
    used = {*own, *map(word, taken)}
    for place, wanted in reversed([*enumerate(inputs), (len(inputs), "y")]):
        if own[place] is None:
            spare = itertools.chain([wanted], SPARE, (f"v_{k}" for k in itertools.count(1)))
            own[place] = next(name for name in spare if name not in used)
            used.add(own[place])
    return [name or "" for name in own]


def own_words(node: Node, name_of: Naming, taken: Collection[str] = ()) -> list[str | None]:
    """The names of the operands and the output where they can stand in a formula, and say which array is meant there:
    v1, v_1 and v₁ are shown alike. Numbers have an empty one.
    """
    arrays = (*node.parents, node)
    found = [word(name_of(x)) if isinstance(x, Node) else "" for x in arrays]
    here = {x: name for x, name in zip(arrays, found, strict=True) if isinstance(x, Node) and name}
    shown = [Counter(map(TakenNames.bare, filter(None, names))) for names in (here.values(), map(word, taken))]
    return [None if name and any(count[TakenNames.bare(name)] > 1 for count in shown) else name for name in found]


def word(name: str | None) -> str | None:
    """A name as it stands in a formula: ``w1`` with an index; None if it cannot stand there."""
    match = WORD.fullmatch(name or "")
    return None if match is None else f"{match[1]}_{match[2]}".rstrip("_") + match[3]
