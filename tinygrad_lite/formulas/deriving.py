"""Derivations written out: the chain rule along a recorded graph, node by node, as people write it.

Each operation's output gets a symbol of its own, and the derivative rules run on these symbols, so that what is written
is what the rules do. Cotangents are carried back and simplified; in front of a linear layer they get the name δ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..engine.graph import Constant, Node, known_values, leading_to, leaves, released
from ..engine.sweep import carried_back
from ..engine.tensor import Tensor
from ..table.elementwise import add, subtract
from ..table.entropies import cross_entropy_of_labels_p
from ..table.neural import softmax_p
from ..table.products import matmul
from .algebra import (
    Formula,
    as_formula,
    call,
    constant,
    expand,
    in_shape,
    is_symbol,
    number,
    replace,
    single,
    sum_over_axes,
    symbol,
    times,
)
from .atoms import Atom, Monomial, is_single, monomial_product
from .local import Local, local, operands_of, pullback, together
from .notation import of_primitive
from .rendering import latex, name_parts, text
from .results import Derivation, Derivative, Step
from .words import TakenNames, naming_arrays, state_names
from .written import Written

LONG = 80
"""Characters of a cotangent; longer ones are referred to by name in what follows from them."""


def derive(
    loss: Tensor, wrt: Tensor | Iterable[Tensor] | None = None, *, assuming: Mapping[str, Any] | None = None
) -> Derivation:
    """Write out the derivative of a recorded loss: each node's operation, its local derivative, the cotangent that
    reaches it, and the simplified result.

    The formulas are what the table's rules do to symbols for whole arrays, one for each node, called by the Tensors'
    names: give ``name=`` to inputs and set ``.name`` of what is computed, such as ``z1``, ``a1``, ``y``. A digit at the
    end is a superscript, the layer; ``x_1`` has a subscript. ⊙ multiplies entry by entry, [condition] is 1 where the
    condition holds. y[1:, 0 ← v] is y with the part y[1:, 0] replaced by v, and 0[1:, 0 ← g] zeros with that part g; an
    array y that is written to is y⁽¹⁾ after the first write. Derivatives by what a linear layer puts out are called δ,
    and further results are in terms of them.

    Parameters
    ----------
    loss : of one entry, whose graph has not been released by ``backward()``
    wrt : the Tensors to go back to, leaves or not; by default all leaves that require a gradient
    assuming : formulas as they are printed and the numbers to put for them, such as ``{"Σt": 1}``. For constants the
        sum 1 is found from their values

    Raises TypeError for what is not a recorded Tensor, RuntimeError for a released graph, ValueError where ``wrt`` does
    not lead to the loss or an assumption names what does not occur.

    >>> z = tl.tensor([0.1, 0.5, -0.3], requires_grad=True, name="z")
    >>> t = tl.tensor([0.0, 1.0, 0.0], name="t")
    >>> y = tl.softmax(z)
    >>> y.name = "y"
    >>> print(tl.derive(-(t * np.log(y)).sum(), wrt=z).results[-1].text)
    ∂C/∂z = y − t
    """
    if type(loss) is not Tensor or type(loss._node) is not Node:
        what = "a Tensor for which nothing was recorded" if type(loss) is Tensor else type(loss).__name__
        raise TypeError(f"derive: takes the recorded Tensor that a computation ended in, got {what}")
    if loss.size != 1:
        raise ValueError(f"derive: the loss must be one number, this Tensor has shape {loss.shape}; reduce it")
    if wrt is None:
        targets = sorted(leaves({loss._node}), key=lambda node: -node.age)
    else:
        asked = [wrt] if type(wrt) is Tensor or not isinstance(wrt, Iterable) else list(wrt)
        if any(type(x) is not Tensor or type(x._node) is not Node for x in asked):
            raise TypeError("derive: wrt names Tensors that require a gradient")
        targets = [x._node for x in asked]  # type: ignore[misc]
    taken = TakenNames()
    with naming_arrays(taken):
        return ChainRule(loss._node, targets, assuming or {}, taken).derivation()


class ChainRule:
    """The chain rule from a loss to its inputs: the nodes between, their symbols, and what is known about these."""

    def __init__(self, root: Node, targets: Sequence[Node], assuming: Mapping[str, Any], taken: TakenNames) -> None:
        self.root = root
        self.targets = targets
        self.relevant = leading_to({root}, set(targets))
        missing = [node for node in targets if node not in self.relevant]
        if missing:
            raise ValueError(f"derive: the loss does not depend on {missing[0]}, or only through another of wrt")
        self.assuming = {key.replace(" ", ""): as_formula(value) for key, value in assuming.items()}
        self.unused = set(self.assuming)
        self.notes: dict[str, tuple[str, str]] = {}
        self.symbols: dict[Node, Formula] = {}
        self.operations: dict[Node, Formula] = {}
        self.numbers: dict[str, np.ndarray] = {}
        self.taken = taken
        self.given: set[str] = set()  # names of Tensors: of two that bear the same one the second has a prime
        self.states: dict[Node, str] = {}
        self.whole: dict[Any, Formula] = {}  # what a function's value is called, by the value's key
        self.products: list[tuple[Monomial, Formula]] = []  # products of symbols that have a symbol
        self.counts: Counter[str] = Counter()
        self.automatic: dict[Atom, Formula] = {}  # sums that nobody gave a name: results spell them out
        self.steps: list[Step] = []
        self.deltas: list[Derivative] = []
        self.name_nodes()
        self.layers = self.number_layers()

    # -- symbols ------------------------------------------------------------------------------------------------------

    def name_nodes(self) -> None:
        """A symbol for every node of the chain, oldest first, and what it stands for."""
        order = sorted(self.relevant, key=lambda node: -node.age)
        around = [parent for node in order for parent in node.parents if isinstance(parent, Node)]
        for node in [*order, *around]:
            if node.name:
                self.taken.add(node.name)
        self.states = state_names(order, lambda node: node.name)
        for node in order:
            if node.primitive is None or node in self.targets:
                self.symbols.setdefault(node, self.symbol_of(node, "x" if node.primitive is None else "v"))
                continue
            if node.pulls is None:
                raise released(node)
            self.name_constants(node)
            operation = of_primitive(node.primitive, tuple(operands_of(node, self.symbols)), node.params, node.shape)
            self.operations[node] = operation
            if self.is_transparent(node):
                self.symbols[node] = operation
                continue
            made = self.symbol_of(node, "C" if node is self.root else "v")
            self.symbols[node] = made
            if len(operation.terms) == 1:
                self.define(operation, made)
            elif node.name is None and node is not self.root and not self.is_preactivation(node):
                self.automatic[made.only()] = operation
            if node.primitive is cross_entropy_of_labels_p:
                self.notes["t"] = ("t is 1 at the label, 0 elsewhere", r"t \text{ is 1 at the label, 0 elsewhere}")

    def name_constants(self, node: Node) -> None:
        """Symbols for the parents that lead to nothing asked for, and their values where a rule saved them."""
        primitive = node.primitive
        assert primitive is not None
        for place, parent in enumerate(node.parents):
            if isinstance(parent, Node) and parent not in self.symbols:
                letter = "x" if primitive.variadic else primitive.inputs[place]
                if not parent.shape and parent.name is None and isinstance(parent, Constant):
                    letter = "c"
                self.symbols[parent] = self.symbol_of(parent, letter)
        for parent, value in known_values(node).items():
            if isinstance(parent, Constant) and isinstance(value, np.ndarray):
                self.numbers[text(self.symbols[parent])] = value

    def symbol_of(self, node: Node, letter: str) -> Formula:
        """A node's name, or a new one; after a write to an array that has a symbol, that one with a number."""
        if node in self.states:
            return symbol(self.states[node], node.shape)
        if node.name:
            name = node.name
            while name in self.given:
                name += "′"
            self.given.add(name)
            return symbol(name, node.shape)
        name = letter
        while name in self.taken or name == "v":
            self.counts[letter] += 1
            name = f"{letter}_{self.counts[letter]}"
        self.taken.add(name)
        return symbol(name, node.shape)

    def define(self, operation: Formula, made: Formula) -> None:
        """Remember that ``made`` is a name for this formula, a single term."""
        ((coefficient, monomial),) = operation.terms
        if coefficient != 1 or not monomial:
            return
        if len(monomial) > 1:
            if all(atom.head == "name" for atom in monomial):
                self.products.append((monomial, made))
        elif is_single(monomial) and operation.only().head in ("call", "sum", "matmul"):
            self.whole[operation.only()] = made

    def is_transparent(self, node: Node) -> bool:
        if node.primitive is None or node.name is not None or node is self.root:
            return False
        return node.primitive.transparent or is_symbol(self.operations[node])

    def is_preactivation(self, node: Node) -> bool:
        """Whether a node is what a linear layer puts out: a matrix product, or one with a bias."""
        if node.primitive is None or node in self.targets:
            return False
        if node.primitive is matmul:
            return bool(node.shape)
        return node.primitive in (add, subtract) and any(
            isinstance(parent, Node) and parent.primitive is matmul for parent in node.parents
        )

    # -- simplification -----------------------------------------------------------------------------------------------

    def simplify(self, x: Formula) -> Formula:
        """The shorter of the formula and its expansion, in terms of the nodes' symbols."""
        x = replace(x, self.known_value)
        forms = [self.with_names(x), self.with_names(expand(x)), self.with_names(replace(expand(x), self.known_value))]
        return min(forms, key=lambda form: len(text(form)))

    def known_value(self, atom: Atom) -> Formula | None:
        """What is known to equal an atom: a node's symbol, an assumed number, the sum 1 of constants."""
        if atom in self.whole:
            return in_shape(self.whole[atom], atom.shape)
        if atom.head == "call" and atom.args[0] == softmax_p.symbol:
            return self.name_softmax(atom)
        shown = text(single(atom)).replace(" ", "")
        if shown in self.assuming:
            self.unused.discard(shown)
            self.notes[shown] = (
                f"{shown} = {text(self.assuming[shown])}",
                f"{latex(single(atom))} = {latex(self.assuming[shown])}",
            )
            return Formula(self.assuming[shown].terms, atom.shape)
        if atom.head == "sum":
            shares = self.sum_of_shares(atom)
            return self.constant_sum(atom) if shares is None else shares
        return None

    def sum_of_shares(self, atom: Atom) -> Formula | None:
        """1 for the sum of y = e/Σe, which appears where the shift of a stable softmax is derived, too."""
        inner, axes, _ = atom.args
        for product, made in self.products:
            if made.key == inner.key:
                total = replace(
                    sum_over_axes(Formula([(1, product)], inner.shape), axes, keepdims=True), self.known_value
                )
                return Formula(total.terms, atom.shape) if constant(total) == 1 else None
        return None

    def constant_sum(self, atom: Atom) -> Formula | None:
        """1 for a sum of constants whose values add up to it."""
        inner, axes, _ = atom.args
        values = self.numbers.get(text(inner))
        if values is None or values.size != inner.size or values.dtype.kind not in "fiub":
            return None
        if not np.allclose(values.reshape(inner.shape).sum(axis=axes), 1, rtol=0, atol=1e-12):
            return None
        self.notes[text(single(atom))] = (f"{text(single(atom))} = 1", f"{latex(single(atom))} = 1")
        return number(1, atom.shape)

    def name_softmax(self, atom: Atom) -> Formula:
        """A name for the softmax that a fused loss computes within: y or p, or a and the layer's number."""
        _, above, _ = name_parts(text(atom.args[1]))
        free = [name for name in (f"a{above}" if above else "y", "y", "p", "q") if name not in self.taken]
        name = free[0] if free else "softmax"
        self.taken.add(name)
        made = symbol(name, atom.shape)
        self.whole[atom] = made
        value = single(atom)
        self.notes[name] = (f"{text(made)} = {text(value)}", f"{latex(made)} = {latex(value)}")
        return made

    def with_names(self, x: Formula) -> Formula:
        """With products of symbols that have a symbol replaced by it: e/s is y."""
        found = []
        for coefficient, monomial in x.terms:
            for product, made in reversed(self.products):
                while all(
                    atom in monomial and (monomial[atom] > 0) == (power > 0) and abs(monomial[atom]) >= abs(power)
                    for atom, power in product.items()
                ):
                    inverse = {atom: -power for atom, power in product.items()}
                    monomial = monomial_product(monomial_product(monomial, {made.only(): Fraction(1)}), inverse)
            found.append((coefficient, monomial))
        return Formula(found, x.shape)

    # -- the sweep ----------------------------------------------------------------------------------------------------

    def derivation(self) -> Derivation:
        """Carry the cotangent 1 from the loss to the targets, from the newest node to the oldest."""
        order = sorted([node for node in self.relevant if self.is_operation(node)], key=lambda node: node.age)
        arrived = carried_back(order, {self.root: Written.of(number(1, self.root.shape))}, self.step)
        results = [self.result(self.label(node), self.simplify(arrived[node])) for node in self.targets]
        if self.unused:
            raise ValueError(f"derive: assuming names {', '.join(sorted(self.unused))}, which does not occur")
        return Derivation(self.steps, [*self.deltas, *results], list(self.notes.values()))

    def is_operation(self, node: Node) -> bool:
        return node.primitive is not None and node not in self.targets

    def step(self, node: Node, arrived: Formula) -> list[tuple[Node, Written]]:
        """Write one operation's step down; what its inputs receive."""
        value = g = self.simplify(arrived)
        label = self.label(node)
        if self.is_preactivation(node) and not is_symbol(g):
            g = self.delta(node)
            both = f"{text(g)} = {label[0]}", f"{latex(g)} = {label[1]}"
            label = text(g), latex(g)
            self.deltas.append(self.result(both, value))
        elif len(text(g)) > LONG and not self.is_transparent(node):
            g = self.partial(node)
        received = list(self.contributions(node, g))
        if not self.is_transparent(node):
            places: dict[Node, list[int]] = {}
            for parent, place, _ in received:
                places.setdefault(parent, []).append(place)
            found = [together([self.local(node, place) for place in same]) for same in places.values()]
            self.steps.append(Step(self.symbols[node], self.operations[node], tuple(found), label, value))
        return [(parent, d) for parent, _, d in received]

    def contributions(self, node: Node, g: Formula) -> Iterable[tuple[Node, int, Written]]:
        """What each of a node's inputs that lead to a target receives."""
        primitive = node.primitive
        assert primitive is not None
        operands = operands_of(node, self.symbols)
        places = iter([k for k, parent in enumerate(node.parents) if type(parent) is Node])
        for (parent, _, _), place in zip(node.pulls or (), places, strict=True):
            if parent not in self.relevant:
                continue
            unary = primitive.elementwise and primitive.arity == 1
            if unary and not primitive.linear and self.is_preactivation(parent):
                yield parent, place, Written.of(self.by_slope(node, g, operands[place]))
            else:
                yield parent, place, pullback(primitive, place, g, self.symbols[node], operands, node.params)

    def by_slope(self, node: Node, g: Formula, z: Formula) -> Formula:
        """g ⊙ σ′(z) for an activation σ, with σ′ spelt out in a note."""
        assert node.primitive is not None
        slope = call(f"{node.primitive.symbol}′", z)
        formula = self.local(node, 0).formula
        self.notes[text(slope)] = (f"{text(slope)} = {text(formula)}", f"{latex(slope)} = {latex(formula)}")
        return times(g, slope)

    def result(self, label: tuple[str, str], value: Formula) -> Derivative:
        """A derivative in full: sums that have no name of their own are spelt out."""
        return Derivative(label, replace(value, self.automatic.get))

    def local(self, node: Node, place: int) -> Local:
        assert node.primitive is not None
        return local(node.primitive, place, operands_of(node, self.symbols), self.symbols[node], node.params)

    def partial(self, node: Node) -> Formula:
        """∂C/∂(node), as a symbol."""
        return single(Atom("partial", (self.symbols[self.root], self.symbols[node]), node.shape))

    def label(self, node: Node) -> tuple[str, str]:
        """What the derivative by a node is called, as text and in LaTeX."""
        return text(self.partial(node)), latex(self.partial(node))

    def delta(self, node: Node) -> Formula:
        """δ of a layer, numbered as the layer is."""
        _, above, below = name_parts(text(self.symbols[node])) if node.name else ("", "", "")
        number = above or (f"_{below}" if below else str(self.layers.get(node, "")))
        name = f"δ{number}"
        while name in self.taken:
            name += "′"
        self.taken.add(name)
        return symbol(name, node.shape)

    def number_layers(self) -> dict[Node, int]:
        """The linear layers, counted from the input; a product to which a bias is added is not one of its own."""
        found = [node for node in sorted(self.relevant, key=lambda node: -node.age) if self.is_preactivation(node)]
        with_bias = {parent for node in found for parent in node.parents if node.primitive is not matmul}
        return {node: place + 1 for place, node in enumerate([node for node in found if node not in with_bias])}
