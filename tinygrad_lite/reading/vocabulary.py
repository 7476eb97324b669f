"""The symbols of a page: what is declared, defined and inferred of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from .axes import PLACES, Dim
from .declarations import Declarations, Declared
from .latex import NotRead, parse_latex
from .namesakes import Namesakes
from .spelling import Spelled, ends_before, plain, spelled, unmarked
from .syntax import (
    NOWHERE,
    Big,
    Brackets,
    Expr,
    Partial,
    Product,
    Scripted,
    Span,
    Sum,
    Symbol,
    walk,
    with_parents,
)
from .usage import Usage, behind_capitals, transposed_symbols
from .wholes import is_number, whole


class IndexMistake(NotRead):
    """Indices that cannot be right, whatever the numbers."""


class DefinitionMistake(IndexMistake):
    """Indices that cannot be right in what defines a symbol: a mistake of the definition, and none of what uses it."""

    def __init__(self, name: str, mistake: IndexMistake, span: Span) -> None:
        first = mistake if isinstance(mistake, DefinitionMistake) else None
        self.mistake: str = str(mistake) if first is None else first.mistake
        self.name: str = name if first is None else first.name
        super().__init__(f"in the definition of {self.name}: {self.mistake}", span)


class NoMember(NotRead):
    """A member of a family that there is not: of a layer behind the last."""


class Asked(NotRead):
    """Something that the page does not say; ``line`` is a declaration that would."""

    def __init__(self, why: str, line: str, span: Span = NOWHERE) -> None:
        super().__init__(f"{why}; declare it, for instance: {line}", span)
        self.line = line


@dataclass(frozen=True)
class Definition:
    r"""What a symbol is defined as.

    Attributes
    ----------
    body : the right side
    letters : the indices on the left, for each slot one; None for a slot that a label or number is in
    parameters : of a function, its arguments' names
    component : the index behind a function's brackets, of ``\sigma(z)_i`` i
    counter : of a member of a family, the superscript on the left
    number : the statement's, for its letters
    """

    body: Expr
    letters: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    component: str | None = None
    counter: Expr | None = None
    number: int = 0


@dataclass
class Entity:
    """A symbol.

    Attributes
    ----------
    kind : "given", "defined", "constant", "dimension", "label", "function", "counter", "elementwise"
    slots : the lengths of its axes; of a member of a family they depend on the counter, see ``dims``
    dims : the lengths of its axes as declared, for families
    counter : of a family, the letter that counts
    upper : how many of the indices stand above, as the sample of ``x^{(i)}``
    how : what it was taken for and why, for the report
    """

    name: str
    kind: str
    slots: list[Dim] = field(default_factory=list)
    dims: tuple[str, ...] = ()
    counter: str = ""
    upper: int = 0
    qualities: tuple[str, ...] = ()
    value: str = ""
    definitions: list[Definition] = field(default_factory=list)
    classes: Dim | None = None
    how: str = ""
    below: bool = False
    """Of a family, whether its counter stands below, as the time of ``h_t``."""
    rank: int = 0
    """How many of the last slots are of the thing itself: 1 of a vector in a family of vectors."""


BY_DEFAULT: Final = "inferred: it has no index and is not bold, so it is a number"


class Vocabulary:
    """Every symbol of a page."""

    def __init__(self, declarations: Declarations) -> None:
        self.declarations = declarations
        self.options = declarations.options
        self.words = set(declarations.words)
        self.entities: dict[str, Entity] = {}
        self.named: dict[str, Dim] = {}
        self.trees: dict[str, Expr] = {}
        self.dims: dict[Any, Dim] = {}
        self.usages: dict[str, Usage] = {}
        self.reached: set[tuple[str, int | None]] = set()
        self.joined: dict[Dim, list[Dim]] = {}
        self.remarks: list[str] = []
        self.members: dict[Any, tuple[Definition | None, dict[str, int]]] = {}
        for declared in declarations.symbols:
            name = parse_latex(declared.name, names=self.words | {declared.name}) if declared.name else None
            if isinstance(name, Symbol) and len(name.name) > 1:
                self.words.add(name.name)
        self.namesakes = Namesakes(declarations.symbols, self.words)
        first = ("counter", "constant", "dimension")  # what the lengths of others may be written with
        for declared in sorted(declarations.symbols, key=lambda d: d.kind not in first):
            self.declare(declared)

    # -- lengths ------------------------------------------------------------------------------------------------------

    def dim(self, key: Any) -> Dim:
        """The length of an index, the same whenever the same one is asked for."""
        if key not in self.dims:
            self.dims[key] = Dim(first=0 if self.options.get("indices") == "from 0" else None)
        return self.dims[key]

    def length(self, text: str) -> Dim:
        """A length as it is declared: 3, K, n − m + 1."""
        text = text.strip().replace(" ", "").replace("-", "−")
        base, sign, above = text.partition("^")
        constant = self.entities.get(above.strip("{}"))
        if sign and constant is not None and constant.kind == "constant":
            text = f"{base}^{constant.value}"
        if text not in self.named:
            self.named[text] = Dim(text, int(text) if text.isdigit() else None)
            named = self.entities.get(text)
            if text.isdigit():
                self.named[text] = Dim("", int(text))
            elif named is not None and named.kind == "constant" and named.value.isdigit():
                self.named[text] = Dim("", int(named.value))
            elif text.isidentifier() or is_name(text):
                self.entities.setdefault(text, Entity(text, "dimension"))
        return self.named[text]

    # -- what is declared ---------------------------------------------------------------------------------------------

    def declare(self, declared: Declared) -> None:
        """Take in what is said of a symbol."""
        if declared.kind == "index":
            return
        node = parse_latex(declared.name, names=self.words)
        base = node.base if isinstance(node, Scripted) else node
        if not isinstance(base, Symbol):
            raise NotRead(f"{declared.name!r} is no symbol", node.span)
        lower = list(node.lower) if isinstance(node, Scripted) else []
        upper = list(node.upper) if isinstance(node, Scripted) else []
        primes = node.primes if isinstance(node, Scripted) else 0
        name = base.name + "′" * primes
        ranges = dict(declared.of)
        indices: list[str] = []
        above = 0
        counter = ""
        marks = ""
        for script in upper:
            inner = plain(script.body) if isinstance(script, Brackets) else plain(script)
            if inner in self.entities and self.entities[inner].kind == "counter":
                counter = inner
            elif inner in ranges:
                indices.append(inner)
                above += 1
            elif isinstance(script, Product) and declared.kind in ("array", "matrix"):
                above = len(script.factors)  # Q^{ia}: indices that stand above
            else:
                marks += f"^{plain(script)}"
        dims = declared.dims
        rank = {"number": 0, "vector": 1, "row": 1, "matrix": 2}.get(declared.kind, len(dims))
        own = list(dims)
        below = False
        for script in lower:
            text = plain(script)
            if text in self.entities and self.entities[text].kind == "counter" and not counter:
                counter, below = text, True
                continue
            if text in ranges:
                indices.append(text)
            else:
                name += f"_{text}"
        name += marks
        if declared.kind in ("vector", "row", "matrix", "number") and len(own) != rank:
            raise NotRead(
                f"{declared.name}: a {declared.kind} has {rank} lengths, got {', '.join(own) or 'none'}", node.span
            )
        name = self.namesakes.declared_as(declared, name, node)
        entity = self.entities.get(name)
        if declared.kind == "" and entity is not None:  # only a quality
            entity.qualities += declared.qualities
            return
        kind = {"label": "label", "labels": "label", "function": "function", "elementwise": "elementwise"}.get(
            declared.kind, declared.kind if declared.kind in ("constant", "dimension", "counter") else "given"
        )
        entity = Entity(name, kind, dims=tuple([ranges[i] for i in indices] + own), counter=counter, upper=above)
        entity.qualities, entity.value, entity.rank = declared.qualities, declared.value, rank
        entity.how = "declared"
        entity.below = below
        if declared.kind == "mask":
            entity.qualities += ("0/1",)
            entity.how = "declared: a set"
        if declared.kind == "row":
            entity.qualities += ("row",)
        if kind == "label":
            *axes, classes = own or ["classes"]
            entity.classes = self.length(classes)
            entity.dims = tuple([ranges[i] for i in indices] + axes)
            entity.rank = 0
        if kind == "counter":
            entity.value, entity.dims = declared.dims[0], ()
        if not counter and kind in ("given", "label"):
            entity.slots = [self.length(text) if text else Dim() for text in entity.dims]
        self.entities[name] = entity
        if kind == "dimension":
            self.length(name)
            if declared.dims:
                self.named[name] = Dim(name, int(declared.dims[0]))
        if kind == "constant" and not is_number(declared.value):
            if not isinstance(parse_latex(declared.value, names=self.words), (Symbol, Scripted)):
                raise NotRead(f"{declared.name} = {declared.value} is neither a number nor the name of a length")
            entity.kind, entity.how = "dimension", f"declared: {declared.value}"
            self.named[name] = self.length(declared.value)
        if kind == "constant" and declared.value.isdigit() and name in self.named:
            self.named[name].equate(Dim("", int(declared.value)))

    def slots_of(self, entity: Entity, count: int | None) -> list[Dim]:
        """The lengths of the axes of a symbol, or of a member of a family."""
        if not entity.counter or count is None:
            return entity.slots
        return [self.length(self.counted(text, entity.counter, count)) for text in entity.dims]

    def counted(self, text: str, counter: str, count: int) -> str:
        """A length that depends on a counter, such as n^{l-1}, for one of its values."""
        if counter not in text:
            return text
        if text not in self.trees:
            self.trees[text] = parse_latex(text, names=self.words)
        node = self.trees[text]
        if isinstance(node, Scripted) and node.upper:
            inner = node.upper[0].body if isinstance(node.upper[0], Brackets) else node.upper[0]
            return f"{plain(node.base)}^{counted_length(text, inner, counter, count)}"
        if isinstance(node, Scripted) and node.lower:
            return f"{plain(node.base)}_{counted_length(text, node.lower[0], counter, count)}"
        return text

    def last(self, counter: str) -> int:
        """The last value of a counter."""
        value = self.entities[counter].value
        if value.isdigit():
            return int(value)
        named = self.entities.get(value)
        if named is not None and named.kind == "constant" and named.value.isdigit():
            return int(named.value)
        return 3

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """What is inferred inside, and remarked, is forgotten afterwards."""
        kept = dict(self.entities), dict(self.named), dict(self.dims), list(self.remarks)
        try:
            yield
        finally:
            self.entities, self.named, self.dims, self.remarks = kept

    # -- what is inferred ---------------------------------------------------------------------------------------------

    @property
    def functions(self) -> set[str]:
        """Names that apply to what stands in brackets behind them."""
        kinds = ("function", "elementwise")
        return {name for name, entity in self.entities.items() if entity.kind in kinds or has_parameters(entity)}

    def spell(self, node: Expr) -> Spelled | None:
        """A symbol taken apart, with the names that this page has."""
        primed = isinstance(node, Scripted) and node.primes
        found = spelled(node, self.entities, self.functions if primed else ())
        return None if found is None else self.namesakes.told_apart(found)

    def observe(self, formulas: Iterable[Expr]) -> None:
        """Look at how symbols are used, and which letters are the ends of sums."""
        for formula in formulas:
            for node, parent in with_parents(formula):
                last = node.upper if isinstance(node, Big) and node.operator in "∑∏" else None
                if isinstance(last, Sum) and ends_before(last):
                    last = last.terms[0][1]
                if isinstance(last, (Symbol, Scripted)):
                    found = self.spell(last)
                    name = plain(last)
                    if (
                        found is not None
                        and name not in self.entities
                        and not found.upper
                        and self.is_no_letter(name, formula)
                    ):
                        self.entities[name] = Entity(name, "dimension", how="a sum ends there")
                apart = not (isinstance(parent, Scripted) and parent.base is node)
                if isinstance(node, (Symbol, Scripted)) and apart and (found := self.spell(node)) is not None:
                    self.usages.setdefault(found.name, Usage()).note(found)
                for small, capital in behind_capitals(node):
                    pair = (self.spell(small), self.spell(capital))
                    if pair[0] is not None and pair[1] is not None:
                        self.usages.setdefault(pair[0].name, Usage()).behind.add(pair[1].name)
                for symbol in transposed_symbols(node, self.entities):
                    if (found := self.spell(symbol)) is not None:
                        self.usages.setdefault(found.name, Usage()).note_column(found)

    def is_matrix(self, name: str) -> bool:
        """Whether a symbol is known to be a matrix, or its use says so."""
        entity = self.entities.get(name)
        return self.usages.get(name, Usage()).matrix if entity is None else entity.rank == 2

    def number_by_default(self, left: Expr | None) -> str:
        """The number, by no more than default, that a left side is the derivative by; "" for any other left side."""
        found = self.spell(left.by[-1]) if isinstance(left, Partial) and left.by else None
        entity = None if found is None else self.entities.get(found.name)
        return entity.name if entity is not None and entity.how == BY_DEFAULT else ""

    def axes_by_use(self, name: str) -> dict[str, Dim]:
        """The places of a function's argument, as its use on the page makes of it."""
        usage = self.usages.get(name, Usage())
        return {place: Dim() for place in PLACES[: 2 if usage.matrix else int(usage.column >= 0)]}

    def is_no_letter(self, name: str, formula: Expr) -> bool:
        """Whether a sum's end is a length and not another index: no sum of the formula runs over it."""
        return not any(
            isinstance(node, Big) and name in [plain(n) for n in walk(node.lower or node) if isinstance(n, Symbol)][:1]
            for node in walk(formula)
        )

    def infer(self, name: str, span: Span) -> Entity:
        """A symbol that nothing is said of: what its use makes of it."""
        if name in self.declarations.outdated:
            raise NotRead(self.declarations.outdated[name], span)
        if several := self.namesakes.of_unclear(name):
            raise Asked(f"which is meant of {', '.join(several)} is not said", f"{name[0]}_m: number, m = 1…M", span)
        usage = self.usages.get(name, Usage())
        entity = Entity(name, "given")
        numbers = self.options.get("inferred") == "numbers"
        if usage.is_family and not numbers:
            if usage.capital or usage.bare:
                why = f"what {name} is with an index, and without, is not said"
                lone = f"{name}: vector d, and " if usage.bare else ""
                raise Asked(why, f"{lone}{name}_i: vector d, i = 1…n", span)
            entity.slots = [self.dim((name, k)) for k in range(usage.column + 1)]
            entity.how = "inferred: it is bold or transposed, and has an index: a vector for each"
        elif usage.most_indices:
            entity.slots = [self.dim((name, k)) for k in range(usage.most_indices)]
            entity.how = f"inferred: it has {usage.most_indices} ind{'ex' if usage.most_indices == 1 else 'ices'}"
        elif numbers:
            entity.how = "inferred: everything is a number"
        elif usage.bold and not usage.capital:
            entity.slots = [self.dim((name, 0))]
            entity.how = "inferred: a bold small letter is a vector"
        elif usage.matrix or (usage.bold and usage.capital):
            entity.slots = [self.dim((name, 0)), self.dim((name, 1))]
            entity.how = "inferred: a capital letter that is bold or transposed is a matrix"
        elif usage.column == 0 and not usage.capital:
            entity.slots = [self.dim((name, 0))]
            entity.how = "inferred: a small letter that is transposed is a vector"
        elif usage.capital:
            raise Asked(f"what {name} is, a number or a matrix, is not said", f"{name}: matrix n × m", span)
        elif (like := self.entities.get(unmarked(name))) is not None and like.kind == "given" and like.slots:
            entity.slots, entity.how = list(like.slots), f"inferred: it is what {like.name} is"
        elif any(map(self.is_matrix, usage.behind)):
            raise Asked(f"what {name} is, a number or a vector, is not said", f"{name}: vector n", span)
        else:
            entity.how = BY_DEFAULT
        entity.rank = 1 if usage.is_family and not numbers else len(entity.slots)
        self.entities[name] = entity
        return entity


def counted_length(text: str, script: Expr, counter: str, count: int) -> int:
    """Which length of a family is meant; raises NoMember for one before the first."""
    number = whole(script, {counter: count})
    if number < 0:
        raise NoMember(f"there is no length {text} of {counter} = {count}")
    return number


def is_name(text: str) -> bool:
    """Whether a length is a name, not an expression of others."""
    return not any(sign in text for sign in "+−*/()")


def has_parameters(entity: Entity) -> bool:
    """Whether it is defined as a function."""
    return any(definition.parameters for definition in entity.definitions)


def rows_apart(entities: Mapping[str, Entity], used: Collection[str]) -> tuple[str, str] | None:
    """A matrix X and columns x_i that are used together, where nothing says that these are its rows; None without."""
    for name in used:
        small = name.lower()
        if small == name or small not in used:
            continue
        matrix, columns = entities[name], entities[small]
        given = matrix.kind == columns.kind == "given"
        if given and len(matrix.slots) == len(columns.slots) == 2 and matrix.rank == 2 and columns.rank == 1:
            return name, small
    return None
