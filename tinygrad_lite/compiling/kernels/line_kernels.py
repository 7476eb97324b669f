"""Kernels of lines: elementwise chains over arrays of several widths, and sums and largest entries of their lines.

All arrays have the same first axis; what belongs to one of its places is a line. Some lines at a time, about 1024
entries, are taken through all of the kernel, in stages: a loop over the entries of arrays of one width, or a fold,
which makes one entry of several. What a stage leaves for others is in arrays of a block, which stay in the cache. A
number for each line that later stages see as many entries is laid out first. Sums over all lines are taken for each
block, and added up by NumPy, so that they depend neither on the number of processors nor on chance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from . import launching
from .kernel_loops import BLOCK, FLAT, JIT, OUTER, Kernel, helper, run_of, text_of
from .laying import lay_spread
from .line_folds import FOLDS
from .precision import Precision
from .translating import Function, texts_of


class LineOperand(NamedTuple):
    """An array that a kernel of lines is given.

    Attributes
    ----------
    name, dtype : in the text
    width : how many entries a line of it has; 0 where it has none, and is the same for all
    seen_as : the line by which its loops see it, with brace pairs for the name; "" where they do as it is
    """

    name: str
    dtype: Any
    width: int
    seen_as: str = FLAT


class Read(NamedTuple):
    """How a loop over entries sees an array.

    Attributes
    ----------
    token : the entry's name in the loop
    source : the name of what is given, or of an earlier line
    laying : the function that lays it out; None where it is read where it is
    further : arguments of that behind the count
    of_axes : whether that sees the axes of the source
    is_same : whether it is the same for all lines
    """

    token: str
    source: str
    laying: Function | None = None
    further: tuple[int, ...] = ()
    of_axes: bool = False
    is_same: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is one number, which loops are given as it is."""
        return self.is_same and self.laying is None

    @property
    def parameter(self) -> str:
        """Its name among the parameters of a loop."""
        return self.token if self.is_number else f"{self.token}_in"


class LineEntry(NamedTuple):
    """A line of a loop over entries: what it computes of what it reads."""

    name: str
    dtype: Any
    width: int
    text: str
    reads: tuple[Read, ...]


class Fold(NamedTuple):
    """One entry of ``length`` of the entries of another; ``how`` is a key of ``FOLDS``."""

    name: str
    dtype: Any
    width: int
    how: str
    of: str
    length: int


class Total(NamedTuple):
    """A sum over all lines, of each of ``width`` entries; ``shape`` is that of the sum."""

    name: str
    dtype: Any
    width: int
    of: str
    shape: tuple[int, ...]


@dataclass
class Stage:
    """What one loop does: entries of one width, or one fold."""

    width: int
    nodes: list[Any] = field(default_factory=list)

    @property
    def reads(self) -> dict[Read, None]:
        """What its loop sees that it does not make."""
        own = {node.name for node in self.nodes}
        return dict.fromkeys(r for node in self.nodes for r in getattr(node, "reads", ()) if r.source not in own)

    def sources(self) -> Iterator[str]:
        """The names of what it needs."""
        yield from (read.source for read in self.reads)
        yield from (node.of for node in self.nodes if isinstance(node, Fold))


class LineKernel(Kernel):
    """Stages over lines, as a function of what it is given that returns its totals.

    Parameters
    ----------
    count : how many lines there are
    given : the arrays, also those that it writes
    nodes : entries and folds, each after what it reads
    totals : the sums over lines
    updates : name of what is given → that of the line which it is written over with
    functions : those that entries call, each in a precision
    """

    def __init__(
        self,
        count: int,
        given: list[LineOperand],
        nodes: list[LineEntry | Fold],
        totals: list[Total],
        updates: dict[str, str],
        functions: list[tuple[Function, Precision]],
        title: str,
    ) -> None:
        super().__init__((count,), [], [], {}, {}, {}, functions, title, updates)
        self.given = given
        self.nodes = nodes
        self.folds = totals

    @property
    def count(self) -> int:
        """How many arrays it returns."""
        return len(self.folds)

    @property
    def names(self) -> list[str]:
        """Those of what it is given."""
        return [given.name for given in self.given]

    @property
    def key(self) -> Any:
        """What makes kernels the same."""
        return (
            self.shape, tuple(self.given), tuple(self.nodes), tuple(self.folds), tuple(self.updates.items())
        )  # fmt: skip

    @property
    def lines_at_once(self) -> int:
        """How many lines make a block."""
        return max(1, BLOCK // widest(self.nodes))

    # -- stages

    @cached_property
    def stages(self) -> list[Stage]:
        """The nodes in loops: each takes in all of its width that can be computed by then."""
        made: set[str] = {*self.names}
        found: list[Stage] = []
        waiting = [*self.nodes]
        while waiting:
            stage = Stage(waiting[0].width)
            inside: set[str] = set()
            left: list[Any] = []
            is_fold = isinstance(waiting[0], Fold)
            for node in waiting:
                if is_fold or isinstance(node, Fold):
                    fits = node is waiting[0]
                else:
                    fits = node.width == stage.width and all(
                        r.source in made or (r.laying is None and r.source in inside) for r in node.reads
                    )
                (stage.nodes if fits else left).append(node)
                inside |= {node.name} if fits else set()
            made |= inside
            found.append(stage)
            waiting = left
        return found

    @cached_property
    def last_uses(self) -> dict[Any, int]:
        """The last stage that sees each value of a block, by its name, and each that is laid out, by how it is read."""
        found: dict[Any, int] = {}
        for k, stage in enumerate(self.stages):
            found |= dict.fromkeys(stage.sources(), k)
            found |= dict.fromkeys([r for r in stage.reads if r.laying], k)
        return found | {total.of: len(self.stages) for total in self.folds}

    @cached_property
    def places(self) -> tuple[dict[Any, str], dict[str, tuple[int, Any]]]:
        """Where each value of a block lies, in arrays that serve several, and the width and dtype of each array."""
        written = {value: name for name, value in self.updates.items()}
        places: dict[Any, str] = {}
        arrays: dict[str, tuple[int, Any]] = {}
        free: dict[Any, list[str]] = defaultdict(list)
        dtypes = {node.name: node.dtype for node in (*self.nodes, *self.given)}

        def put(key: Any, width: int, dtype: Any) -> None:
            if not free[width, dtype] or is_kept(key):
                arrays[f"b{len(arrays)}"] = width, dtype
                free[width, dtype].append(f"b{len(arrays) - 1}")
            places[key] = free[width, dtype].pop()

        for k, stage in enumerate(self.stages):
            for read in stage.reads:
                if read.laying and read not in places:
                    put(read, stage.width, dtypes[read.source])
            for node in stage.nodes:
                if node.name in self.stored and node.name not in written:
                    put(node.name, node.width, node.dtype)
            for key, last in self.last_uses.items():
                if last == k and key in places and not is_kept(key):
                    free[arrays[places[key]]].append(places[key])
        return places, arrays

    @cached_property
    def stored(self) -> set[str]:
        """The lines that other stages see, or a caller."""
        found = {*self.updates.values(), *[total.of for total in self.folds]}
        found |= {node.of for node in self.nodes if isinstance(node, Fold)}
        found |= {read.source for stage in self.stages for read in stage.reads}
        return (found | {node.name for node in self.nodes if isinstance(node, Fold)}) - {*self.names}

    def part(self, name: str) -> str:
        """A block of a value, or of what is given."""
        written = {value: given for given, value in self.updates.items()}
        places, _ = self.places
        if name in places:
            return places[name]
        given = next(g for g in self.given if g.name == written.get(name, name))
        return f"{given.name}[start * {given.width}:end * {given.width}]" if given.width else given.name

    # -- its text

    def definitions(self) -> dict[str, str]:
        """What its text calls, by name."""
        found = {function.__name__: text_of(function) for function in launching.WRITTEN}
        folds = [node.how for node in self.nodes if isinstance(node, Fold)]
        folds += ["lines" if total.shape else "sum" for total in self.folds]
        called = [function for how in folds for function in FOLDS[how]]
        called += [read.laying for stage in self.stages for read in stage.reads if read.laying]
        found |= {function.__name__: helper(function) for function in called}
        return found | texts_of(self.functions)

    def loops(self, name: str) -> list[str]:
        """The loops of its stages, and that over blocks."""
        return [*[self.stage(name, k) for k, s in enumerate(self.stages) if not is_fold(s)], self.blocks(name)]

    def left_by(self, stage: Stage) -> list[str]:
        """The values that a stage leaves for others."""
        return [node.name for node in stage.nodes if node.name in self.stored]

    def stage(self, name: str, k: int) -> str:
        """The loop over the entries of a stage."""
        stage = self.stages[k]
        left = self.left_by(stage)
        parameters = ["count", *[r.parameter for r in stage.reads], *[f"{value}_out" for value in left]]
        lines = [JIT, f"def {name}_stage_{k}({', '.join(parameters)}):", "    for i in range(count):"]
        lines += [f"        {r.token} = {r.parameter}[i]" for r in stage.reads if not r.is_number]
        lines += [f"        {node.name} = {node.text}" for node in stage.nodes]
        lines += [f"        {value}_out[i] = {value}" for value in left]
        return "\n".join(lines)

    def blocks(self, name: str, beyond: bool = False) -> str:  # noqa: ARG002 (no entry has a bound)
        """The loop over blocks."""
        places, arrays = self.places
        each = self.lines_at_once
        parameters = ["first", "last", "size", *self.names, *[total.name for total in self.folds]]
        lines = [OUTER, f"def {name}_blocks({', '.join(parameters)}):"]
        lines += [f"    {g.seen_as.format(g.name)}" for g in self.given if g.seen_as]
        lines += [f"    {b} = np.empty({each * width}, np.{dtype.name})" for b, (width, dtype) in arrays.items()]
        once = [(stage.width, r) for stage in self.stages for r in stage.reads if r.laying and r.is_same]
        lines += [f"    {self.laid(r, places[r], w, str(each))}" for w, r in dict.fromkeys(once)]
        lines += ["    for block in range(first, last):", f"        start = block * {each}"]
        lines += [f"        end = min(start + {each}, size)", "        lines = end - start"]
        laid: set[Read] = set()
        for k, stage in enumerate(self.stages):
            width = f"lines * {stage.width}"
            for r in stage.reads:
                if r.laying and not r.is_same and r not in laid:
                    laid.add(r)
                    lines.append(f"        {self.laid(r, places[r], stage.width)}")
            if is_fold(stage):
                (node,) = stage.nodes
                args = [self.part(node.of), self.part(node.name), width, str(node.length)]
                lines.append(f"        fold_{node.how}({', '.join(args)})")
                continue
            args = [width, *[places[r] if r.laying else self.part(r.source) for r in stage.reads]]
            args += [self.part(value) for value in self.left_by(stage)]
            lines.append(f"        {name}_stage_{k}({', '.join(args)})")
        for total in self.folds:
            source = self.part(total.of)
            if total.shape:
                times = self.width_of(total.of) // total.width
                lines.append(f"        fold_lines({source}, {total.name}[block], lines * {times}, {total.width})")
            else:
                lines.append(f"        fold_sum({source}, {total.name}[block], 1, lines * {self.width_of(total.of)})")
        return "\n".join(lines)

    def width_of(self, name: str) -> int:
        """How many entries a line of a value has."""
        return next(node.width for node in (*self.nodes, *self.given) if node.name == name)

    def laid(self, read: Read, target: str, width: int, lines: str = "lines") -> str:
        """The call that lays out what so many lines of a width see."""
        source, function = self.part(read.source), read.laying
        assert function is not None
        if read.of_axes:
            source = f"{read.source}[start:end]"
        count = lines if function is lay_spread else f"0, {lines} * {width}"
        return f"{function.__name__}({', '.join([source, target, count, *map(str, read.further)])})"

    def whole(self, name: str, loops: str) -> str:
        """The function itself, which runs the loops of a name."""
        (count,) = self.shape
        blocks = -(-count // self.lines_at_once)
        lines = [f"def {name}({', '.join(self.names)}):"]
        lines += [f"    {t.name} = np.empty(({blocks}, {t.width}), np.{t.dtype.name})" for t in self.folds]
        args = [str(count), *self.names, *[total.name for total in self.folds]]
        lines.append(f"    {run_of(f'{loops}_blocks', blocks, args)}")
        results = [
            f"np.add.reduce({t.name}, axis=0).reshape({t.shape})" if t.shape else f"np.add.reduce({t.name}[:, 0])"
            for t in self.folds
        ]
        lines += [f"    return {', '.join(results)}"] if results else []
        return "\n".join(lines)


def widest(nodes: Iterable[LineEntry | Fold]) -> int:
    """How many entries the longest lines have that nodes make or fold."""
    return max((node.width * (node.length if isinstance(node, Fold) else 1) for node in nodes), default=0)


def sources_of(node: LineEntry | Fold) -> list[str]:
    """The names of what a node needs."""
    return [node.of] if isinstance(node, Fold) else [read.source for read in node.reads]


def is_kept(key: Any) -> bool:
    """Whether what lies in a block is laid out once for all of them."""
    return type(key) is Read and key.is_same


def is_fold(stage: Stage) -> bool:
    """Whether a stage is a fold."""
    return isinstance(stage.nodes[0], Fold)


MOST_ENTRIES: Final = 4 * BLOCK
"""Longer lines are not for these kernels: some of them in one block would not stay in the cache."""
