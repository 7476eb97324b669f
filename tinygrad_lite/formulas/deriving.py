"""Derivations written out: the chain rule along a recorded graph, node by node, as people write it.

Each operation's output gets a symbol of its own, and the derivative rules run on these symbols, so that what is written
is what the rules do. Cotangents are carried back and simplified; in front of a linear layer they get the name δ.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..engine.graph import Node, known_values, leading_to, leaves, released
from ..engine.sweep import carried_back
from ..engine.tensor import Tensor
from ..table.class_labels import label_mask
from ..table.elementwise import add, multiply, subtract
from ..table.entropies import cross_entropy_of_labels_p
from ..table.products import matmul
from .algebra import Formula, as_formula, atoms_of, exact_fraction, expand, is_symbol, number, single, symbol, times
from .atoms import Atom
from .by_entry import Entries, UnwrittenError, entry
from .conventions import checked_digits, name_parts
from .facts import Facts, label_note, layer_number
from .local import Local, local, operands_of, pullback, together
from .rendering import in_type, latex, text
from .results import Computation, Derivation, Derivative, GivenArray, Note, Step
from .words import TakenNames, naming_arrays, state_names, words
from .written import Written, operation_of

LONG = 80
"""Characters of a cotangent; longer ones are referred to by name in what follows from them."""


def derive(
    loss: Tensor,
    wrt: Tensor | Iterable[Tensor] | None = None,
    *,
    assuming: Mapping[str, Any] | None = None,
    digits: str = "subscript",
) -> Derivation:
    """Write out the derivative of a recorded loss: what is given, each node's operation, the cotangent that reaches it
    with its local derivatives, and the simplified result. Each symbol is given, or defined before it is used.

    The formulas are what the table's rules do to symbols for whole arrays, one for each node, called by the Tensors'
    names: give ``name=`` to inputs and set ``.name`` of what is computed, such as ``z1``, ``a1``, ``y``. ⊙ multiplies
    entry by entry, [condition] is 1 where the condition holds. y[1:, 0 ← v] is y with the part y[1:, 0] replaced by v,
    and 0[1:, 0 ← g] zeros with that part g; an array y that is written to is y⁽¹⁾ after the first write. Derivatives by
    what a linear layer puts out are called δ, and further results are in terms of them. Plain numbers stand as numbers;
    a Tensor of one entry goes by its name, and without one, as the t * t of constants has none, by c and its value.
    What cancels is cancelled: a softmax or a logistic function and its cross-entropy, fused or not, give y − t.

    Parameters
    ----------
    loss : of one entry, whose graph has not been released by ``backward()``. Of a vector y the derivatives of its
        entries by those of vectors and numbers are written, ∂yₖ/∂zⱼ, where it comes of them by operations entry by
        entry, sums, softmax and one product with a matrix, and the formula has the values of the graph's Jacobian
    wrt : the Tensors to go back to, leaves or not; by default all leaves that require a gradient
    assuming : formulas as they are printed and the numbers to put for them, such as ``{"Σt": 1}``. For constants the
        sum 1 is found from their values
    digits : how the number at the end of a name is shown: "subscript", of W2 as W₂; "layer", as W^[2] for what layers
        have (W, b, z, a, δ, Z, A, h), as a subscript for others; "plain", as W2. Never as W², which is a square

    Raises TypeError for what is not a recorded Tensor, RuntimeError for a released graph, ValueError where ``wrt`` does
    not lead to the loss, a Jacobian cannot be written, an assumption names what does not occur, or ``digits`` is none
    of these.

    >>> z = tl.tensor([0.1, 0.5, -0.3], requires_grad=True, name="z")
    >>> t = tl.tensor([0.0, 1.0, 0.0], name="t")
    >>> y = tl.softmax(z)
    >>> y.name = "y"
    >>> print(tl.derive(-(t * np.log(y)).sum(), wrt=z).results[-1].text)
    ∂C/∂z = y − t
    >>> print(tl.derive(y))
    given z ∈ ℝ³
    <BLANKLINE>
    y = softmax(z)
    <BLANKLINE>
    ∂yₖ/∂zⱼ = yₖ (δⱼₖ − yⱼ)
        where δⱼₖ is 1 where j = k, 0 elsewhere
    >>> W2 = tl.tensor([[1.0, 2.0]], requires_grad=True, name="W2")
    >>> for digits in ("subscript", "layer", "plain"):
    ...     print(tl.derive((W2**2).sum(), digits=digits).results[-1].text)
    ∂C/∂W₂ = 2 W₂
    ∂C/∂W^[2] = 2 W^[2]
    ∂C/∂W2 = 2 W2
    """
    checked_digits(digits, "derive")
    if type(loss) is not Tensor or type(loss._node) is not Node:
        what = "a Tensor for which nothing was recorded" if type(loss) is Tensor else type(loss).__name__
        raise TypeError(f"derive: takes the recorded Tensor that a computation ended in, got {what}")
    values = {loss._node: loss._value}
    if wrt is None:
        targets = sorted(leaves({loss._node}), key=lambda node: -node.age)
    else:
        asked = [wrt] if type(wrt) is Tensor or not isinstance(wrt, Iterable) else list(wrt)
        if any(type(x) is not Tensor or type(x._node) is not Node for x in asked):
            raise TypeError("derive: wrt names Tensors that require a gradient")
        targets = [x._node for x in asked]  # type: ignore[misc]
        values |= {x._node: x._value for x in asked}  # type: ignore[misc]
    taken = TakenNames()
    with naming_arrays(taken):
        chain = ChainRule(loss._node, targets, assuming or {}, taken, digits)
        return chain.derivation() if loss.size == 1 else chain.jacobians(values)


class ChainRule:
    """The chain rule from a loss to its inputs: the nodes between, their symbols, and how it is written."""

    def __init__(
        self,
        root: Node,
        targets: Sequence[Node],
        assuming: Mapping[str, Any],
        taken: TakenNames,
        digits: str = "subscript",
    ) -> None:
        self.root = root
        self.targets = targets
        self.relevant = leading_to({root}, set(targets))
        missing = [node for node in targets if node not in self.relevant]
        if missing:
            raise ValueError(f"derive: the loss does not depend on {missing[0]}, or only through another of wrt")
        self.facts = Facts(taken, assuming, digits)
        self.symbols: dict[Node, Formula] = {}
        self.operations: dict[Node, Formula] = {}
        self.taken = taken
        self.given = TakenNames()  # names of Tensors: of two that bear the same one the second has a prime
        self.called: list[tuple[str, str, Formula]] = []  # names of Tensors, with primes that tell them apart, as shown
        self.states: dict[Node, str] = {}
        self.counts: Counter[str] = Counter()
        self.starts: list[GivenArray] = []
        self.said: set[Atom] = set()
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
        for name in self.states.values():
            self.given.add(name)
        for node in order:
            if node.primitive is None or node in self.targets:
                self.start(node, self.symbol_of(node, "x" if node.primitive is None else "v"))
            elif node.pulls is None:
                raise released(node)
        self.name_constants([node for node in order if node not in self.symbols])
        for node in order:
            if node in self.symbols:
                continue
            assert node.primitive is not None
            operands = operands_of(node, self.symbols)
            operation = operation_of(node.primitive, tuple(operands), node.params, node.shape)
            self.operations[node] = operation
            if self.is_transparent(node):
                self.symbols[node] = operation
                continue
            made = self.symbol_of(node, ("C" if math.prod(node.shape) == 1 else "y") if node is self.root else "v")
            self.symbols[node] = made
            self.facts.learn(node, operands, made)
            if len(operation.terms) == 1:
                self.facts.define(operation, made)
            elif node.name is None and node is not self.root and not self.is_preactivation(node):
                self.facts.automatic[made.only()] = operation
            if node.primitive is cross_entropy_of_labels_p:
                note = label_note(as_formula(label_mask(node.params["labels"], operands[0].shape[1])))
                self.facts.conditions[note.text] = note

    def start(self, node: Node, made: Formula, value: Any = None) -> None:
        """Take a node for given; of one entry its value may be said."""
        self.symbols[node] = made
        single_number = value is not None and np.size(value) == 1 and node.dtype.kind in "fiub"
        said = number(exact_fraction(np.asarray(value).item())) if single_number else None
        self.starts.append(GivenArray(made, np.dtype(node.dtype), said))

    def name_constants(self, order: Sequence[Node]) -> None:
        """Symbols for the parents that lead to nothing asked for, those with a name first: of t, 1 − t is known."""
        found: dict[Node, str] = {}
        values: dict[Node, Any] = {}
        weights: set[Node] = set()
        for node in order:
            assert node.primitive is not None
            for place, parent in enumerate(node.parents):
                if isinstance(parent, Node) and parent not in self.relevant:
                    if node.primitive is multiply and getattr(node.parents[1 - place], "primitive", None) is not None:
                        weights.add(parent)
                    letter = "x" if node.primitive.variadic else node.primitive.inputs[place]
                    found.setdefault(parent, letter if math.prod(parent.shape) > 1 else "c")
            for parent, value in known_values(node).items():
                values.setdefault(parent, value)
        for node in sorted(found, key=lambda node: not node.name):
            if not node.name:
                known = self.facts.known_constant(values.get(node), node.shape, node in weights)
                if known is not None:
                    self.symbols[node] = known
                    continue
            self.start(node, self.symbol_of(node, found[node]), None if node.name else values.get(node))
            if node.name or math.prod(node.shape) != 1:  # 1 − c of a c that itself may be computed says too much
                self.facts.keep_constant(self.symbols[node], values.get(node))

    def symbol_of(self, node: Node, letter: str) -> Formula:
        """A node's name, or a new one; after a write to an array that has a symbol, that one with a number."""
        if node in self.states:
            return self.facts.named(self.states[node], node)
        if node.name and node.name.strip():
            name = node.name
            while name in self.given:
                name += "′"
            self.given.add(name)
            made = self.facts.named(name, node)
            self.called.append((node.name, name, made))
            return made
        name = letter
        while name in self.taken or name == "v":
            self.counts[letter] += 1
            name = f"{letter}_{self.counts[letter]}"
        self.taken.add(name)
        return self.facts.named(name, node)

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

    # -- the sweep ----------------------------------------------------------------------------------------------------

    def derivation(self) -> Derivation:
        """Carry the cotangent 1 from the loss to the targets, from the newest node to the oldest."""
        order = self.order()
        arrived = carried_back(order, {self.root: Written.of(number(1, self.root.shape))}, self.step)
        results = [self.result(self.label(node), self.facts.simplify(arrived[node])) for node in self.targets]
        return self.written_out([*self.deltas, *results])

    def order(self) -> list[Node]:
        """The operations, from the newest to the oldest."""
        return sorted([node for node in self.relevant if self.is_operation(node)], key=lambda node: node.age)

    def written_out(self, results: Sequence[Derivative]) -> Derivation:
        """What is handed out."""
        if self.facts.unused:
            raise ValueError(f"derive: assuming names {', '.join(sorted(self.facts.unused))}, which does not occur")
        shown = [node for node in reversed(self.order()) if not self.is_transparent(node)]
        forward = [Computation(self.symbols[node], self.operations[node]) for node in shown]
        used = {atom for equation in forward for atom in atoms_of(equation.operation)}
        given = [*[one for one in self.starts if one.symbol.only() in used], *self.arrays()]
        return Derivation(given, forward, self.steps, results, self.facts.conditions.values(), self.namesakes())

    def namesakes(self) -> list[Note]:
        """Which symbol is which Tensor, where the names of several are shown alike."""
        alike = TakenNames([name for name, primed, _ in self.called if name != primed])
        notes = []
        for place, (name, primed, made) in enumerate(self.called):
            if name != primed or name in alike:
                which = "another" if name in [other for other, _, _ in self.called[:place]] else "the"
                said = rf"\text{{ is {which} tensor named }} {in_type(name)}"
                notes.append(Note(f"{text(made)} is {which} tensor named {name!r}", f"{latex(made)}{said}"))
        return notes

    def jacobians(self, values: Mapping[Node, Any]) -> Derivation:
        """The derivatives of a vector's entries, where formulas can be written and have the values of the graph."""
        indices = [*[letter for letter in "kjinml" if letter not in self.taken], *"kj"]
        unit = self.facts.first_free(["δ", "I"])
        try:
            found = [Entries(self.root, node, self.symbols, indices, unit) for node in self.targets]
            return self.written_out([self.entries(each, values) for each in found])
        except UnwrittenError:
            shape = self.root.shape
            raise ValueError(
                f"derive: starts at one number, got a Tensor of shape {shape} whose Jacobian it cannot write entry by "
                f"entry; derive one, y[{', '.join('0' * len(shape))}], or a sum with weights, (w * y).sum(), or take "
                "the Jacobian in numbers, tl.jacobian(f)(x)"
            ) from None

    def entries(self, found: Entries, values: Mapping[Node, Any]) -> Derivative:
        """∂yₖ/∂xⱼ, and of y = A x the matrix A itself."""
        self.facts.products += found.known_products(self.facts.products)
        value = self.facts.with_names(found.formula())
        value = found.shortest(value, self.facts.with_names(expand(value)))
        found.confirm(value, values)
        if any(atom == found.delta for atom in atoms_of(value)):
            note = found.note()
            self.facts.conditions[note.text] = note
        y, x = self.symbols[self.root], self.symbols[found.target]
        matrix = found.as_matrix(value)
        if matrix is None:
            y, x = entry(y, found.row), x if found.one.key == number(1).key else entry(x, found.column)
        quotient = single(Atom("partial", (y, x), ()))
        return Derivative((text(quotient), latex(quotient)), value if matrix is None else matrix)

    def arrays(self) -> list[GivenArray]:
        """The masks and indices that have a word and no node."""
        known = words.get()
        found = {} if known is None else known.words
        return [GivenArray(symbol(word, key[1][0]), np.dtype(key[1][1])) for key, word in found.items()]

    def is_operation(self, node: Node) -> bool:
        return node.primitive is not None and node not in self.targets

    def step(self, node: Node, arrived: Formula) -> list[tuple[Node, Written]]:
        """Write one operation's step down; what its inputs receive."""
        value = g = self.facts.simplify(arrived)
        label = self.label(node)
        hidden = self.is_transparent(node)
        shown = self.facts.with_units(value)
        notes = () if hidden else tuple(self.facts.notes_for(shown, self.said))
        if self.is_preactivation(node) and not is_symbol(g):
            g = self.delta(node)
            label = f"{text(g)} = {label[0]}", f"{latex(g)} = {label[1]}"
            self.deltas.append(self.result(label, value))
        elif len(text(g)) > LONG and not hidden:
            g = self.partial(node)
        received = list(self.contributions(node, g))
        if not hidden:
            places: dict[Node, list[int]] = {}
            for parent, place, _ in received:
                places.setdefault(parent, []).append(place)
            found = [together([self.local(node, place) for place in same]) for same in places.values()]
            self.steps.append(Step(self.symbols[node], self.operations[node], tuple(found), label, shown, notes))
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
        """g ⊙ σ′(z) for an activation σ, with σ′ spelt out where it is first used."""
        assert node.primitive is not None
        one = number(1, node.shape)
        value = pullback(node.primitive, 0, one, self.symbols[node], operands_of(node, self.symbols), node.params)
        return times(g, self.facts.slope(node.primitive.symbol, z, value, self.local(node, 0).formula))

    def result(self, label: tuple[str, str], value: Formula) -> Derivative:
        """A derivative in full: sums that have no name of their own are spelt out."""
        shown = self.facts.in_full(value)
        return Derivative(label, shown, tuple(self.facts.notes_for(shown, self.said)))

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
        name = self.symbols[node].only().args[0] if node.name else ""
        below = name_parts(name)[2]
        number = layer_number(name) or (f"_{below}" if below else str(self.layers.get(node, "")))
        return self.facts.named(self.facts.first_free([f"δ{number}"]), node)

    def number_layers(self) -> dict[Node, int]:
        """The linear layers, counted from the input; a product to which a bias is added is not one of its own."""
        found = [node for node in sorted(self.relevant, key=lambda node: -node.age) if self.is_preactivation(node)]
        with_bias = {parent for node in found for parent in node.parents if node.primitive is not matmul}
        return {node: place + 1 for place, node in enumerate([node for node in found if node not in with_bias])}
