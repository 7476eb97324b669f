"""A page that plays the forward and the backward pass, step by step. All is in the one file; nothing is loaded."""

from __future__ import annotations

import html as markup
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import numpy as np

from ...engine.graph import Node
from ...formulas.rendering import text
from ...formulas.words import updated
from ...table.indexing import getitem_p
from ...table.parts import read_p, write_p
from ..picture import labels
from ..picture.build import Builder, Content
from ..picture.folding import FIRST, Folds, make_plan
from ..picture.formula_lines import formulas_of_operands
from ..picture.model import Group, Home, Vertex
from ..picture.replay import Contribution, contributions
from .dot import digraph
from .images import RendererError, render
from .layout import lay_out
from .themes import MEANINGS, THEMES

READERS: Final = "auto"
"""The theme of a page that is light or dark as its reader's system is."""

RULE: Final = re.compile(r".*: (?P<word>\S+) ↦ (?P<formula>.*)", re.DOTALL)
"""What a rule makes of the gradient of the output, and its word for that."""


def player_page(
    nodes: list[Node],
    roots: Mapping[Node, Any],
    names: Mapping[Node, str],
    folds: Folds,
    *,
    costs: bool,
    theme: str,
    direction: str,
    signs: bool = False,
    digits: str | None = None,
) -> str:
    """The page."""
    data, drawing = script(nodes, roots, names, folds, costs, direction, signs, digits)
    part = {name: files(__package__).joinpath(f"player.{name}").read_text(encoding="utf-8") for name in
            ("html", "css", "js")}  # fmt: skip
    encoded = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    filled = {
        "title": markup.escape(labels.drawable(data["title"])),
        "theme": theme,
        "style": variables() + part["css"],
        "drawing": drawing,
        "data": encoded,
        "script": part["js"],
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: filled[match[1]], part["html"])


def variables() -> str:
    """The themes as CSS variables, and the boxes' colours by their kind.

    On paper all is light.
    """
    set_to = {}
    for name, look in THEMES.items():
        plain = {field: getattr(look, field) for field in ("paper", "ink", "grey", "gradient", "edge", "frame")}
        kinds = {
            f"{kind}-{part}": getattr(box, part) for kind, box in look.looks.items() for part in ("fill", "line", "ink")
        }
        every = {**plain, "frame-fill": look.frame_fill, **kinds}
        set_to[name] = f"color-scheme:{name};{''.join([f'--{k}:{v};' for k, v in every.items()])}"
    text = [
        f":root{{{set_to['light']}}}",
        f":root[data-theme=dark]{{{set_to['dark']}}}",
        f"@media (prefers-color-scheme:dark){{:root[data-theme={READERS}]{{{set_to['dark']}}}}}",
        f"@media print{{:root[data-theme]{{{set_to['light']}}}}}",
    ]
    for kind in THEMES["light"].looks:
        text.append(
            f".{kind}>path,.{kind}>polygon,i.{kind}{{fill:var(--{kind}-fill);stroke:var(--{kind}-line);"
            f"background:var(--{kind}-fill);border-color:var(--{kind}-line)}}.{kind} text{{fill:var(--{kind}-ink)}}"
        )
    return "\n".join(text) + "\n"


def script(
    nodes: list[Node],
    roots: Mapping[Node, Any],
    names: Mapping[Node, str],
    folds: Folds,
    costs: bool,
    direction: str,
    signs: bool,
    digits: str | None,
) -> tuple[dict[str, Any], str]:
    """What the page plays, as plain data, and the drawing it plays on."""
    (root,) = roots
    operations = [node for node in nodes if node.primitive is not None]
    parts, gradients = contributions(operations, root)
    plan = make_plan(nodes, folds)
    if plan.stretch:
        plan.notes.append(FIRST)
    content = Content(gradients=gradients, costs=costs, signs=signs, numbered=True, known=names, digits=digits)
    builder = Builder(nodes, roots, plan, content)
    picture = builder.build()
    try:
        image = render(digraph(picture, "light", direction, legend=False).source, "svg").decode()
        image = image[image.index("<svg") :]
    except RendererError:
        image = lay_out(picture, direction=direction)
    writer = Writer(builder, parts, gradients, root)
    data = {
        "title": f"The graph of {builder.names.shown(root)}",
        "vertices": {key: writer.vertex(vertex) for key, vertex in picture.vertices.items()},
        "edges": [[edge.tail, edge.head] for edge in picture.edges],
        "steps": writer.steps(),
        "notes": [labels.drawable(note) for note in picture.notes],
        "legend": [[kind, meaning] for kind, meaning in MEANINGS.items()
                   if any(v.kind == kind for v in picture.vertices.values())],
    }  # fmt: skip
    return data, image


class PlayerFrame:
    """A page in a frame of its own, for a cell of a notebook or somebody's page.

    It stands in ``srcdoc``, so it needs no file beside it, and in a sandbox, so its script reaches nothing outside.
    """

    def __init__(self, page: str, height: int) -> None:
        if not isinstance(height, int) or isinstance(height, bool):
            raise TypeError(f"player: height must be a whole number of pixels; got {height!r}")
        if height < 240:
            raise ValueError(f"player: height must be at least 240 pixels, for the graph and its buttons; got {height}")
        self.page = page
        self.height = height

    @property
    def html(self) -> str:
        """The frame, as wide as where it stands, in one line: Markdown ends an element at a line that is empty."""
        page = markup.escape(self.page).replace("\n", "&#10;")
        return (
            f'<iframe title="Backpropagation, step by step" sandbox="allow-scripts" width="100%" '
            f'height="{self.height}" style="border:1px solid #8888;border-radius:8px" '
            f'srcdoc="{page}"></iframe>'
        )

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"<player, {self.height} pixels high: a notebook shows it, .html is its markup>"


class Writer:
    """Says what happens at each step."""

    def __init__(self, builder: Builder, parts: list[Contribution], gradients: Mapping[Node, Any], root: Node) -> None:
        self.builder = builder
        self.root = root
        self.gradients = gradients
        self.values = builder.values
        self.parts: dict[Node, list[Contribution]] = {}
        self.uses: dict[Node, int] = {}
        self.so_far: dict[int, int] = {}
        for part in parts:
            self.parts.setdefault(part.operation, []).append(part)
            self.uses[part.parent] = self.uses.get(part.parent, 0) + 1
            self.so_far[id(part)] = self.uses[part.parent]

    def vertex(self, vertex: Vertex) -> dict[str, Any]:
        """What the page knows of a box: its lines with their roles, and everything that hovering shows."""
        node = vertex.node
        facts = [["what", MEANINGS.get(vertex.kind, vertex.kind)]]
        if node is not None and vertex.kind != "operation":
            facts += [["shape", labels.shape_and_dtype(node.shape, node.dtype)]]
            facts += [["value", full(self.values[node])]] if node in self.values else []
            facts += [["gradient", full(self.gradients[node])]] if node in self.gradients else []
        elif node is not None:
            facts += [["computes", self.formula(node)]]
            facts += [["derivative", derivative.text] for derivative in self.derivatives(node).values()]
        lines = [[line.role, labels.drawable(part)] for line in vertex.lines for part in line.text.split("\n")]
        name = " ".join([line.text for line in vertex.lines if line.role == "title"])
        return {"kind": vertex.kind, "name": labels.drawable(name) or vertex.key, "lines": lines, "facts": facts}

    # -- steps --------------------------------------------------------------------------------------------------------

    def steps(self) -> list[dict[str, Any]]:
        """Forward, the beginning of backward, backward, and the result."""
        units = self.units()
        name = self.name(self.root)
        given = [v.key for v in self.builder.picture.vertices.values() if v.kind in {"input", "parameter", "number"}]
        begin = {"phase": "start", "text": "Inputs and parameters are given.", "done": given, "rows": []}
        seed = self.gradients[self.root]
        turn = {
            "phase": "seed", "text": f"∂{name}/∂{name} = {'1' if not self.root.shape else '…'}", "done": [],
            "rows": [self.row(self.root, "gradient", seed)], "sums": {self.key(self.root): labels.values(seed)},
        }  # fmt: skip
        result = {
            "phase": "end", "text": f"The gradients of {name}", "done": [],
            "rows": [self.row(node, "gradient", self.gradients.get(node)) for node in self.builder.nodes
                     if node.primitive is None and type(node) is Node],
        }  # fmt: skip
        forward = [self.forward(home, members) for home, members in units]
        backward = [self.backward(home, members) for home, members in reversed(units)]
        return [begin, *forward, turn, *[step for step in backward if step["rows"]], result]

    def units(self) -> list[tuple[Home, list[Node]]]:
        """What is drawn as one operation, and the nodes it stands for; without the later stretches of a loop."""
        members: dict[Home, list[Node]] = {}
        for node in self.builder.operations:
            home = self.builder.home(node)
            if home is node or isinstance(home, Group):
                members.setdefault(home, []).append(node)
        return list(members.items())

    def forward(self, home: Home, members: list[Node]) -> dict[str, Any]:
        """An operation takes arrays and gives one."""
        last = members[-1]
        inputs = self.outside(members)
        single = isinstance(home, Node)
        rows = [self.row(x, "in", self.values.get(x), "forward") for x in inputs]
        rows.append(self.row(last, "out", self.values.get(last), "forward"))
        return {
            "phase": "forward",
            "active": self.operation_key(home),
            "text": self.formula(last)
            if single
            else f"{self.title(home)}: {labels.quantity(len(members), 'operation')}",
            "done": [self.operation_key(home), self.key(last)],
            "rows": rows,
        }

    def backward(self, home: Home, members: list[Node]) -> dict[str, Any]:
        """A rule takes the gradient of the output and adds to those of the inputs."""
        inside = set(members)
        parts = [part for node in reversed(members) for part in self.parts.get(node, ()) if part.parent not in inside]
        last = members[-1]
        rows = [self.row(last, "in", self.gradients.get(last))] if parts else []
        derivatives = self.derivatives(home) if isinstance(home, Node) else {}
        sums = {}
        for part in parts:
            row = self.row(part.parent, "adds", part.amount)
            times = self.uses[part.parent]
            if times > 1:
                row["sum"] = f"sum of {self.so_far[id(part)]} of {times}: {full(part.total)}"
            rows.append(row)
            sums[self.key(part.parent)] = ["—"] if part.total is None else labels.values(part.total)
        said = [self.chain(part, derivatives.get(part.operand)) for part in parts]
        return {
            "phase": "backward", "active": self.operation_key(home), "done": [], "rows": rows, "sums": sums,
            "text": "; ".join(said) if isinstance(home, Node) else f"Back through {self.title(home)}",
            "rules": [derivative.text for derivative in derivatives.values()],
        }  # fmt: skip

    def chain(self, part: Contribution, derivative: Any) -> str:
        """The chain rule for one input: ``∂E/∂x = ∂E/∂y · (1 − y²)``; += where an array is used several times."""
        sign = "+=" if self.uses[part.parent] > 1 else "="
        g = self.partial(part.operation)
        if derivative is None:
            return f"{self.partial(part.parent)} {sign} …"
        if rule := RULE.fullmatch(derivative.text):
            return f"{self.partial(part.parent)} {sign} {with_gradient(rule['formula'], rule['word'], g)}"
        formula = text(derivative.formula)
        if formula == "1":
            right = g
        else:
            right = f"{g} · ({formula})" if re.search(r"[ −]", formula) else f"{g} · {formula}"
        return f"{self.partial(part.parent)} {sign} {right}"

    def partial(self, node: Node) -> str:
        return f"∂{self.name(self.root)}/∂{self.name(node)}"

    def outside(self, members: list[Node]) -> list[Node]:
        """The arrays that some operations take and did not make."""
        inside = set(members)
        return list(
            dict.fromkeys([p for node in members for p in node.parents if isinstance(p, Node) and p not in inside])
        )

    def row(self, node: Node, what: str, value: Any, phase: str = "backward") -> dict[str, Any]:
        """A number, or an array, that a step shows."""
        name = self.name(node)
        of = self.partial(node) if phase == "backward" else name
        return {"what": what, "name": name, "label": of, "value": full(value)}

    # -- words --------------------------------------------------------------------------------------------------------

    def key(self, node: Node) -> str:
        return self.builder.key(self.builder.home(node))

    def operation_key(self, home: Home) -> str:
        return home.key if isinstance(home, Group) else f"o{self.builder.place[home]}"

    def name(self, node: Node) -> str:
        return labels.drawable(self.builder.names.shown(node) or "")

    def title(self, home: Home) -> str:
        if isinstance(home, Group):
            return home.call.name if home.call else "folded"
        return labels.operation(home.primitive, home.params) if home.primitive else ""

    def formula(self, node: Node) -> str:
        """``y = tanh(x)``."""
        assert node.primitive is not None
        given = [self.name(p) if isinstance(p, Node) else labels.figure(p) for p in node.parents]
        what = labels.operation(node.primitive, node.params)
        if node.primitive in (getitem_p, read_p):
            right = f"{given[0]}{what}"
        elif node.primitive is write_p:
            right = updated(given[0], what.removesuffix(" ="), given[1])
        elif node.primitive.sign:
            right = f" {node.primitive.sign} ".join(given)
        else:
            right = f"{what}({', '.join(given + labels.parameters(node.primitive, node.params))})"
        return f"{self.name(node)} = {right}"

    def derivatives(self, node: Node) -> dict[int, Any]:
        names = self.builder.names
        return formulas_of_operands(node, names.__getitem__, names.taken, names.digits)


def with_gradient(formula: str, word: str, gradient: str) -> str:
    """A rule's formula with the gradient in the place of its word, in brackets where something binds to it.

    >>> with_gradient("Σₙg + log(g) W", "g", "∂E/∂z")
    'Σₙ(∂E/∂z) + log(∂E/∂z) W'
    """

    def put(found: re.Match[str]) -> str:
        before = formula[: found.start()].rstrip()[-1:]
        return f"({gradient}){found[1]}" if found[1] or before.isalnum() or before in {")", "]", "⊙"} else gradient

    return re.sub(rf"(?<![A-Za-zα-ωΑ-ΡΤ-Ω\d_.]){re.escape(word)}(ᵀ?)(?!\w)", put, formula)  # a sum's Σ is no letter


def full(x: Any) -> str:
    """An array in full if it is not too large to read, else in short; as text."""
    if x is None:
        return "not kept: compute it within tl.tracing()"
    x = np.asarray(x)
    x = x + 0 if x.dtype.kind == "f" else x  # no −0
    if not x.ndim:
        return f"{float(x):.6g}".replace("-", "−") if x.dtype.kind in "fiub" else labels.figure(x[()])
    if x.size > 64:
        return "; ".join(labels.summary(x))
    wide = 60 if x.ndim == 1 else 1000  # a row of a matrix is a line, which the page scrolls
    formatter: Any = {"float_kind": lambda entry: f"{entry:.6g}"}
    return np.array2string(x, formatter=formatter, separator=", ", max_line_width=wide).replace("-", "−")
