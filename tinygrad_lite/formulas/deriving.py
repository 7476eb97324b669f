"""Derivations written out: the chain rule along a recorded graph, node by node, as people write it.

Each operation's output gets a symbol of its own, and the derivative rules run on these symbols, so that what is written
is what the rules do. Cotangents are carried back and simplified; in front of a linear layer they get the name δ.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from ..engine.graph import Constant, Node, leading_to, leaves, released
from ..engine.tensor import Tensor
from .local import Local, is_elementwise, local, operands_of, pulled_back, together
from .notation import applied
from .rendering import latex, layered, text
from .written import Atom, Monomial, Written, call, constant, lifted, merged, multiplied, named, single

TRANSPARENT = frozenset({"reshape", "identity", "astype", "broadcast_to"})
"""Operations that move no entry past another: not worth a step of their own unless named."""

LONG = 80
"""Characters of a cotangent; longer ones are referred to by name in what follows from them."""


class Step(NamedTuple):
    """One operation of the chain, on the way from the loss to the inputs.

    Attributes
    ----------
    output : the symbol for its output
    operation : what computed it
    locals : its derivatives by the inputs that lead to what is asked for
    label, cotangent : the derivative of the loss by the output: how it is called, and its simplified formula
    """

    output: Written
    operation: Written
    locals: tuple[Local, ...]
    label: tuple[str, str]
    cotangent: Written


class Result(NamedTuple):
    """The derivative by one of the inputs asked for: what it is called, and its formula."""

    label: tuple[str, str]
    value: Written

    @property
    def text(self) -> str:
        return f"{self.label[0]} = {text(self.value)}"

    @property
    def latex(self) -> str:
        return f"{self.label[1]} = {latex(self.value)}"


class Derivation:
    """A derivation from a loss back to its inputs: ``print`` it, take ``.latex()``, or let a notebook show it.

    Attributes
    ----------
    steps : every operation from the loss to the inputs
    results : derivatives that other results name (δ of the layers), then those asked for; with ``.text``, ``.latex``
    notes : what symbols stand for, and what was used: pairs of text and LaTeX
    """

    def __init__(self, steps: Sequence[Step], results: Sequence[Result], notes: Sequence[tuple[str, str]]) -> None:
        self.steps = tuple(steps)
        self.results = tuple(results)
        self.notes = tuple(notes)

    def __str__(self) -> str:
        lines = []
        for step in self.steps:
            lines += wrapped(f"{text(step.output)} = {text(step.operation)}", "")
            for one in step.locals:
                lines += wrapped(one.text, "    ")
            lines += wrapped(f"{step.label[0]} = {text(step.cotangent)}", "        ")
        lines.append("")
        for result in self.results:
            lines += wrapped(result.text, "")
        for note, _ in self.notes:
            lines += wrapped(f"where {note}", "    ")
        return "\n".join(lines)

    __repr__ = __str__

    def latex(self) -> str:
        """The derivation as an ``aligned`` environment, without dollar signs."""
        rows = []
        for step in self.steps:
            rows.append(rf"{latex(step.output)} &= {latex(step.operation)}")
            rows += [rf"&\quad {one.latex}" for one in step.locals]
            rows.append(rf"&\qquad {step.label[1]} = {latex(step.cotangent)}")
        rows += [rf"{result.label[1]} &= {latex(result.value)}" for result in self.results]
        rows += [rf"&\quad \text{{where }} {note}" for _, note in self.notes]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_markdown_(self) -> str:
        rows = ["| operation | local derivative | cotangent |", "|---|---|---|"]
        for step in self.steps:
            operation = f"${latex(step.output)} = {latex(step.operation)}$"
            locals_ = "<br>".join([f"${one.latex}$" for one in step.locals])
            rows.append(f"| {operation} | {locals_} | ${step.label[1]} = {latex(step.cotangent)}$ |")
        results = [f"$${result.latex}$$" for result in self.results]
        notes = [f"where ${note}$" for _, note in self.notes]
        return "\n".join([*rows, "", *results, "", *notes])


def wrapped(line: str, indent: str) -> list[str]:
    """A line, folded to 80 columns."""
    return textwrap.wrap(line, 80, initial_indent=indent, subsequent_indent=indent + "      ", break_long_words=False)


def derive(
    loss: Tensor, wrt: Tensor | Iterable[Tensor] | None = None, *, assuming: Mapping[str, Any] | None = None
) -> Derivation:
    """Write out the derivative of a recorded loss: each node's operation, its local derivative, the cotangent that
    reaches it, and the simplified result.

    The formulas are what the table's rules do to symbols for whole arrays, one for each node, called by the Tensors'
    names: give ``name=`` to inputs and set ``.name`` of what is computed, such as ``z1``, ``a1``, ``y``. A digit at the
    end is a superscript, the layer; ``x_1`` has a subscript. ⊙ multiplies entry by entry, [condition] is 1 where the
    condition holds. Derivatives by what a linear layer puts out are called δ, and further results are in terms of them.

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
        asked = [wrt] if type(wrt) is Tensor else list(wrt)
        if any(type(x) is not Tensor or type(x._node) is not Node for x in asked):
            raise TypeError("derive: wrt names Tensors that require a gradient")
        targets = [x._node for x in asked]  # type: ignore[misc]
    return Chain(loss._node, targets, assuming or {}).derivation()


class Chain:
    """The nodes between a loss and its inputs, their symbols, and what is known about these."""

    def __init__(self, root: Node, targets: Sequence[Node], assuming: Mapping[str, Any]) -> None:
        self.root = root
        self.targets = targets
        self.relevant = leading_to({root}, set(targets))
        missing = [node for node in targets if node not in self.relevant]
        if missing:
            raise ValueError(f"derive: the loss does not depend on {missing[0]}, or only through another of wrt")
        self.assuming = {key.replace(" ", ""): lifted(value) for key, value in assuming.items()}
        self.unused = set(self.assuming)
        self.notes: dict[str, tuple[str, str]] = {}
        self.symbols: dict[Node, Written] = {}
        self.operations: dict[Node, Written] = {}
        self.numbers: dict[str, np.ndarray] = {}
        self.taken: set[str] = set()
        self.whole: dict[Any, Written] = {}  # what a function's value is called, by the value's key
        self.products: list[tuple[Monomial, Written]] = []  # products of symbols that have a symbol
        self.counts: Counter[str] = Counter()
        self.automatic: dict[Atom, Written] = {}  # sums that nobody gave a name: results spell them out
        self.name_nodes()
        self.layers = self.number_layers()

    # -- symbols ------------------------------------------------------------------------------------------------------

    def name_nodes(self) -> None:
        """A symbol for every node of the chain, oldest first, and what it stands for."""
        order = sorted(self.relevant, key=lambda node: -node.age)
        around = [parent for node in order for parent in node.parents if isinstance(parent, Node)]
        self.taken = {node.name for node in [*order, *around] if node.name}
        for node in order:
            if node.primitive is None or node in self.targets:
                self.symbols.setdefault(node, self.symbol(node, "x" if node.primitive is None else "v"))
                continue
            if node.pulls is None:
                raise released(node)
            self.name_constants(node)
            operation = applied(node.primitive, tuple(operands_of(node, self.symbols)), node.params, node.shape)
            self.operations[node] = operation
            if self.is_transparent(node):
                self.symbols[node] = operation
                continue
            made = self.symbol(node, "C" if node is self.root else "v")
            self.symbols[node] = made
            if len(operation.terms) == 1:
                self.define(operation, made)
            elif node.name is None and node is not self.root and not self.is_preactivation(node):
                self.automatic[made.only()] = operation
            if node.primitive.name == "cross_entropy_of_labels":
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
                self.symbols[parent] = self.symbol(parent, letter)
        rules = {pull.rule: pull.names for pull in primitive.pulls}
        for _, rule, saved in node.pulls or ():
            for name, value in zip(rules[rule], saved, strict=True):
                if name in primitive.inputs and not primitive.variadic:
                    parent = node.parents[primitive.inputs.index(name)]
                    if isinstance(parent, Constant) and isinstance(value, np.ndarray):
                        self.numbers[text(self.symbols[parent])] = value

    def symbol(self, node: Node, letter: str) -> Written:
        """A node's name, or a new one."""
        if node.name:
            self.counts[node.name] += 1
            return named(node.name + "′" * (self.counts[node.name] - 1), node.shape)
        name = letter
        while name in self.taken or name == "v":
            self.counts[letter] += 1
            name = f"{letter}_{self.counts[letter]}"
        self.taken.add(name)
        return named(name, node.shape)

    def define(self, operation: Written, made: Written) -> None:
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
        return node.primitive.name in TRANSPARENT or is_symbol(self.operations[node])

    def is_preactivation(self, node: Node) -> bool:
        """Whether a node is what a linear layer puts out: a matrix product, or one with a bias."""
        if node.primitive is None or node in self.targets:
            return False
        if node.primitive.name == "matmul":
            return bool(node.shape)
        return node.primitive.name in ("add", "subtract") and any(
            isinstance(parent, Node) and parent.primitive is not None and parent.primitive.name == "matmul"
            for parent in node.parents
        )

    # -- simplification -----------------------------------------------------------------------------------------------

    def simplified(self, x: Written) -> Written:
        """The shorter of the formula and its expansion, in terms of the nodes' symbols."""
        x = x.replaced(self.known)
        forms = [self.renamed(x), self.renamed(x.expanded()), self.renamed(x.expanded().replaced(self.known))]
        return min(forms, key=lambda form: len(text(form)))

    def known(self, atom: Atom) -> Written | None:
        """What is known to equal an atom: a node's symbol, an assumed number, the sum 1 of constants."""
        if atom in self.whole:
            return self.whole[atom].in_shape(atom.shape) if self.whole[atom].shape != atom.shape else self.whole[atom]
        if atom.head == "call" and atom.args[0] == "softmax":
            return self.name_softmax(atom)
        shown = text(single(atom)).replace(" ", "")
        if shown in self.assuming:
            self.unused.discard(shown)
            self.notes[shown] = (
                f"{shown} = {text(self.assuming[shown])}",
                f"{latex(single(atom))} = {latex(self.assuming[shown])}",
            )
            return Written(self.assuming[shown].terms, atom.shape)
        if atom.head == "sum":
            shares = self.sum_of_shares(atom)
            return self.constant_sum(atom) if shares is None else shares
        return None

    def sum_of_shares(self, atom: Atom) -> Written | None:
        """1 for the sum of y = e/Σe, which appears where the shift of a stable softmax is derived, too."""
        inner, axes, _ = atom.args
        for product, made in self.products:
            if made.key == inner.key:
                total = Written([(1, product)], inner.shape).sum(axes, keepdims=True).replaced(self.known)
                return Written(total.terms, atom.shape) if constant(total) == 1 else None
        return None

    def constant_sum(self, atom: Atom) -> Written | None:
        """1 for a sum of constants whose values add up to it."""
        inner, axes, _ = atom.args
        values = self.numbers.get(text(inner))
        if values is None or values.size != inner.size or values.dtype.kind not in "fiub":
            return None
        if not np.allclose(values.reshape(inner.shape).sum(axis=axes), 1, rtol=0, atol=1e-12):
            return None
        self.notes[text(single(atom))] = (f"{text(single(atom))} = 1", f"{latex(single(atom))} = 1")
        return Written([(Fraction(1), {})], atom.shape)

    def name_softmax(self, atom: Atom) -> Written:
        """A name for the softmax that a fused loss computes within: y or p, or a and the layer's number."""
        _, above, _ = layered(text(atom.args[1]))
        free = [name for name in (f"a{above}" if above else "y", "y", "p", "q") if name not in self.taken]
        name = free[0] if free else "softmax"
        self.taken.add(name)
        made = named(name, atom.shape)
        self.whole[atom] = made
        value = single(atom)
        self.notes[name] = (f"{text(made)} = {text(value)}", f"{latex(made)} = {latex(value)}")
        return made

    def spelt_out(self, x: Written) -> Written:
        """With sums that have no name of their own in full."""
        return x.replaced(lambda atom: self.automatic.get(atom))

    def renamed(self, x: Written) -> Written:
        """With products of symbols that have a symbol replaced by it: e/s is y."""
        found = []
        for coefficient, monomial in x.terms:
            for product, made in reversed(self.products):
                while all(
                    atom in monomial and (monomial[atom] > 0) == (power > 0) and abs(monomial[atom]) >= abs(power)
                    for atom, power in product.items()
                ):
                    inverse = {atom: -power for atom, power in product.items()}
                    monomial = merged(merged(monomial, {made.only(): Fraction(1)}), inverse)
            found.append((coefficient, monomial))
        return Written(found, x.shape)

    # -- the sweep ----------------------------------------------------------------------------------------------------

    def derivation(self) -> Derivation:
        """Carry the cotangent 1 from the loss to the targets, from the newest node to the oldest."""
        pending = {self.root: Written([(Fraction(1), {})], self.root.shape)}
        steps, deltas = [], []
        for node in sorted(self.relevant, key=lambda node: node.age):
            if node.primitive is None or node in self.targets:
                continue
            g = self.simplified(pending.pop(node))
            label = self.label(node)
            value = g
            if self.is_preactivation(node) and not is_symbol(g):
                delta = self.delta(node)
                label, g = (text(delta), latex(delta)), delta
                names = zip(label, self.label(node), strict=True)
                deltas.append(Result(tuple([f"{short} = {long}" for short, long in names]), self.spelt_out(value)))  # type: ignore[arg-type]
            elif len(text(g)) > LONG and not self.is_transparent(node):
                g = self.partial(node)
            places: dict[Node, list[int]] = {}
            for parent, place, d in self.pulled(node, g):
                pending[parent] = pending[parent] + d if parent in pending else d
                places.setdefault(parent, []).append(place)
            if not self.is_transparent(node):
                found = [together([self.local(node, place) for place in same]) for same in places.values()]
                steps.append(Step(self.symbols[node], self.operations[node], tuple(found), label, value))
        results = [Result(self.label(node), self.spelt_out(self.simplified(pending[node]))) for node in self.targets]
        if self.unused:
            raise ValueError(f"derive: assuming names {', '.join(sorted(self.unused))}, which does not occur")
        return Derivation(steps, [*deltas, *results], list(self.notes.values()))

    def pulled(self, node: Node, g: Written) -> Iterable[tuple[Node, int, Written]]:
        """What each of a node's inputs that lead to a target receives."""
        primitive = node.primitive
        assert primitive is not None
        operands = operands_of(node, self.symbols)
        places = iter([k for k, parent in enumerate(node.parents) if type(parent) is Node])
        for (parent, _, _), place in zip(node.pulls or (), places, strict=True):
            if parent not in self.relevant:
                continue
            pull = primitive.pulls[0 if primitive.variadic else place]
            if (
                self.is_preactivation(parent)
                and is_elementwise(primitive)
                and primitive.arity == 1
                and primitive.name != "negative"
            ):
                yield parent, place, self.by_slope(node, g, operands[place])
            else:
                yield parent, place, pulled_back(primitive, pull, g, self.symbols[node], operands, node.params, place)

    def by_slope(self, node: Node, g: Written, z: Written) -> Written:
        """g ⊙ σ′(z) for an activation σ, with σ′ spelt out in a note."""
        assert node.primitive is not None
        slope = call(f"{FUNCTION_NAMES.get(node.primitive.name, node.primitive.name)}′", z)
        formula = self.local(node, 0).formula
        self.notes[text(slope)] = (f"{text(slope)} = {text(formula)}", f"{latex(slope)} = {latex(formula)}")
        return multiplied(g, slope)

    def local(self, node: Node, place: int) -> Local:
        assert node.primitive is not None
        return local(node.primitive, place, operands_of(node, self.symbols), self.symbols[node], node.params)

    def partial(self, node: Node) -> Written:
        """∂C/∂(node), as a symbol."""
        return single(Atom("partial", (self.symbols[self.root], self.symbols[node]), node.shape))

    def label(self, node: Node) -> tuple[str, str]:
        """What the derivative by a node is called, as text and in LaTeX."""
        return text(self.partial(node)), latex(self.partial(node))

    def delta(self, node: Node) -> Written:
        """δ of a layer, numbered as the layer is."""
        _, above, below = layered(text(self.symbols[node])) if node.name else ("", "", "")
        number = above or (f"_{below}" if below else str(self.layers.get(node, "")))
        name = f"δ{number}"
        while name in self.taken:
            name += "′"
        self.taken.add(name)
        return named(name, node.shape)

    def number_layers(self) -> dict[Node, int]:
        """The linear layers, counted from the input; a product to which a bias is added is not one of its own."""
        found = [node for node in sorted(self.relevant, key=lambda node: -node.age) if self.is_preactivation(node)]
        with_bias = {parent for node in found for parent in node.parents if node.primitive.name != "matmul"}  # type: ignore[union-attr]
        return {node: place + 1 for place, node in enumerate([node for node in found if node not in with_bias])}


FUNCTION_NAMES = {"sigmoid": "σ"}


def is_symbol(x: Written) -> bool:
    """Whether a formula is but a name."""
    return len(x.terms) == 1 and x.terms[0][0] == 1 and is_single(x.terms[0][1]) and x.only().head == "name"


def is_single(monomial: Monomial) -> bool:
    """Whether a product is one atom, to the power 1."""
    return list(monomial.values()) == [1]
