"""A program as Python source that a person reads, and that runs with NumPy alone."""

from __future__ import annotations

import ast
import builtins
import keyword
import operator
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from types import ModuleType
from typing import Any, Final

import numpy as np

from ..engine.trees import Structure
from .improving.effects import is_pure, is_view
from .kernels.kernel_loops import Kernel
from .loops import Loop, memories_written
from .methods_as_calls import AddMultiple, Attribute, Forward, Method, check
from .operators_as_text import COMPARISONS, OPERATORS, SIGNS
from .program import Operation, Program, Variable, variables_in
from .standing_alone import Definitions
from .writing_buffers import AT_ONCE, buffer_statements, together
from .writing_loops import loop_statements

LONG: Final = 100
"""Characters of a line within which calls stand in calls."""

FEW: Final = 100
"""Constants of more entries are taken from outside."""


class SourceText:
    """The source of a program as a function ``name``, and what it takes from elsewhere.

    Parameters
    ----------
    containers, parameters : of the arguments, and what they are called
    varying : for each leaf of the arguments whether it is an input; settings are known

    Attributes
    ----------
    text : of a module with a function ``make``, which makes the buffers and returns the function
    outside : name → the array or function that the text cannot say, which ``make`` takes
    """

    def __init__(
        self, program: Program, name: str, containers: Structure, parameters: list[str], varying: list[bool]
    ) -> None:
        self.program = program
        self.names: dict[Variable, ast.expr] = {}
        self.taken = Counter[str]()
        self.given: list[str] = []  # names, in the order in which they were
        self.outside: dict[str, Any] = {}
        self.definitions = Definitions(self.taken)
        for word in (*keyword.kwlist, *dir(builtins), "np", "make", *parameters):
            self.taken[word] += 1
        self.taken[name] += 1
        self.name = name
        self.inline = expressions(program)
        self.nested = nested_calls(program, self.inline)
        self.waiting: list[
            tuple[Variable, ast.expr, ast.expr | None]
        ] = []  # calls that are to stand within the next one
        self.places: dict[Variable, tuple[ast.expr, int]] = {}  # in lists
        self.shared: dict[Variable, ast.expr] = {}  # names that are given again
        made = [self.made_here(v, x) for v, x in program.constants.items()]
        self.varying = iter(varying)
        unpacking = self.unpacked(containers, parameters)
        buffers = [*[statement for statement in made if statement is not None], *buffer_statements(self)]
        buffers += [self.view(operation) for operation in program.views]
        body = [*unpacking, *together(self.statements()), self.returned()]
        self.text = self.module(parameters, buffers, body)

    # -- names

    def fresh(self, wanted: str) -> str:
        """A name like a wanted one that nothing has yet."""
        wanted = re.sub(r"\W+", "_", wanted).strip("_") or "v"
        wanted = f"v_{wanted}" if wanted[0].isdigit() else wanted
        name = wanted
        while self.taken[name]:
            self.taken[wanted] += 1
            name = f"{wanted}_{self.taken[wanted]}"
        self.taken[name] += 1
        self.given.append(name)
        return name

    def from_outside(self, x: Any, wanted: str) -> str:
        """The name of what the text cannot say."""
        name = next((name for name, known in self.outside.items() if known is x), None)
        if name is None:
            name = self.fresh(wanted)
            self.outside[name] = x
        return name

    def made_here(self, v: Variable, x: np.ndarray) -> ast.stmt | None:
        """The statement that makes a small constant; none for what is taken from outside."""
        if v.memory.origin != "made" or x.size > FEW or x.dtype.kind not in "biuf" or x.dtype.itemsize > 8:
            self.names[v] = ast.Name(self.from_outside(x, v.name or "constant"))
            return None
        if x.dtype == np.intp and np.array_equal(x, np.arange(x.size)) and x.size > 1:
            return ast.Assign([self.bind(v, "places")], ast.Call(numpy("arange"), [ast.Constant(x.size)], []))
        kind = [] if x.dtype in (np.float64, np.intp, np.bool) else [self.expression(x.dtype)]
        numbers = self.expression(x.tolist()) if x.size else self.expression([])
        array: ast.expr = ast.Call(numpy("array"), [numbers, *kind], [])
        if not x.size:
            array = ast.Call(numpy("zeros"), [self.expression(x.shape), self.expression(x.dtype)], [])
        return ast.Assign([self.bind(v, "constant")], array)

    def bind(self, v: Variable, wanted: str = "") -> ast.expr:
        """A name for a variable."""
        self.names[v] = self.shared.get(v) or ast.Name(self.fresh(wanted or v.name or "v"))
        return self.names[v]

    # -- arguments and results

    def unpacked(self, containers: Structure, parameters: list[str]) -> list[ast.stmt]:
        """The statements that take the arguments' containers apart."""
        inputs = iter(self.program.inputs)
        statements: list[ast.stmt] = []
        for child, parameter in zip(containers.children, parameters, strict=True):
            self.unpack(ast.Name(parameter), child, inputs, statements)
        return statements

    def unpack(self, whole: ast.expr, structure: Structure, inputs: Iterator[Variable], to: list[ast.stmt]) -> None:
        """Name the variables in an argument."""
        if structure.kind is None:
            if not next(self.varying):
                return
            v = next(inputs)
            if isinstance(whole, ast.Name):
                self.names[v] = whole
            else:
                to.append(ast.Assign([self.bind(v)], whole))
            return
        leaves = all(child.kind is None for child in structure.children)
        if leaves and not structure.keys and 1 < len(structure.children) <= AT_ONCE:
            names = [self.bind(next(inputs)) if next(self.varying) else ast.Name("_") for _ in structure.children]
            to.append(ast.Assign([ast.Tuple(names)], whole))
            return
        keys = structure.keys or range(len(structure.children))
        for key, child in zip(keys, structure.children, strict=True):
            self.unpack(ast.Subscript(whole, ast.Constant(key)), child, inputs, to)

    def returned(self) -> ast.stmt:
        """The statement that returns the results in their containers."""
        leaves = iter(self.program.outputs)
        return ast.Return(self.container(self.program.structure, leaves))

    def container(self, structure: Structure, leaves: Iterator[Any]) -> ast.expr:
        """The display of a container."""
        if structure.kind is None:
            return self.expression(next(leaves))
        if structure.kind is type(None):
            return ast.Constant(None)
        parts = [self.container(child, leaves) for child in structure.children]
        if structure.keys or issubclass(structure.kind, dict):
            display: ast.expr = ast.Dict([self.expression(key) for key in structure.keys], parts)
            return display if structure.kind is dict else self.made(structure.kind, [display])
        if structure.kind is list:
            return ast.List(parts)
        if structure.kind is tuple:
            return ast.Tuple(parts)
        if hasattr(structure.kind, "_fields"):
            return self.made(structure.kind, parts)
        return self.made(structure.kind, [ast.List(parts)])

    def made(self, kind: type, parts: list[ast.expr]) -> ast.expr:
        return ast.Call(ast.Name(self.from_outside(kind, kind.__name__)), parts, [])

    def view(self, operation: Operation) -> ast.stmt:
        """The statement that makes a view once."""
        x, y = operation.args[0], operation.result
        assert y is not None
        made = self.call(operation)
        whole = self.names[x]
        kind: dict[Any, str] = {Method("view"): "bits", Method("reshape"): "flat" if len(y.shape) == 1 else "reshaped"}
        name = y.name or f"{whole.id}_{kind.get(operation.function, 'part')}"  # type: ignore[attr-defined]
        return ast.Assign([self.bind(y, name)], made)

    def empty(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> ast.expr:
        """The call that makes an array."""
        return self.call_of_empty(self.expression(shape if len(shape) != 1 else shape[0]), dtype)

    def call_of_empty(self, shape: ast.expr, dtype: np.dtype[Any]) -> ast.expr:
        """``np.empty(shape, dtype)``."""
        kind = [] if dtype == np.float64 else [self.expression(dtype)]
        return ast.Call(numpy("empty"), [shape, *kind], [])

    # -- operations

    def statements(self) -> Iterator[ast.stmt]:
        for operation in self.program.operations:
            yield from self.statement(operation)

    def statement(self, operation: Operation) -> Iterator[ast.stmt]:
        """An operation as a statement, with those that wait to stand within; none where it is part of a later one."""
        y = operation.result
        if y is not None and y in self.nested:
            call = self.call(operation)
            if len(written(ast.Expr(call))) <= LONG:
                out = operation.kwargs.get("out")
                self.waiting.append((y, call, None if out is None else self.names[out]))
                self.names[y] = call
                return
        waiting, self.waiting = self.waiting, []
        count = len(self.given)
        found = [*self.plain_statement(operation)]
        if waiting and any(len(written(statement)) > LONG for statement in found):
            for name in self.given[count:]:
                self.taken[name] -= 1
            v, call, place = waiting[-1]
            if place is None:
                yield ast.Assign([self.bind(v)], call)
            else:
                yield ast.Expr(call)
                self.names[v] = place
            found = [*self.plain_statement(operation)]
        yield from found

    def plain_statement(self, operation: Operation) -> Iterator[ast.stmt]:
        """An operation as a statement."""
        function, y = operation.function, operation.result
        if type(function) is Loop:
            yield from loop_statements(self, operation)
            return
        if function is operator.setitem:
            x, index, value = operation.args
            yield ast.Assign([ast.Subscript(self.expression(x), self.index(index))], self.expression(value))
            return
        if function is check:
            holds, message = operation.args
            failing = ast.UnaryOp(ast.Not(), ast.Call(ast.Attribute(self.expression(holds), "all"), [], []))
            error = ast.Call(ast.Name("ValueError"), [ast.Constant(message)], [])
            yield ast.If(failing, [ast.Raise(error)], [])
            return
        out = operation.kwargs.get("out")
        if operation.writes is not None and operation.writes.origin != "generator":
            call = self.call(operation)
            if type(out) is not Variable or y is None:
                yield ast.Expr(call)
            elif y.name or y in self.shared:
                yield ast.Assign([self.bind(y)], call)
            else:
                self.names[y] = self.names[out]
                yield ast.Expr(call)
            return
        if y is not None and y in self.inline:
            self.names[y] = self.call(operation)
            return
        targets = [ast.Name("_") if v is None else self.bind(v) for v in operation.results]
        value = self.call(operation)
        if not targets:
            yield ast.Expr(value)
        elif operation.structure.kind is None:
            yield ast.Assign(targets, value)
        else:
            yield ast.Assign([ast.Tuple(targets)], value)

    def call(self, operation: Operation) -> ast.expr:
        """An operation as an expression."""
        function, args, kwargs = operation.function, operation.args, operation.kwargs
        if function is operator.getitem:
            return ast.Subscript(self.expression(args[0]), self.index(args[1]))
        if type(function) is Attribute:
            return ast.Attribute(self.expression(args[0]), function.name)
        if type(function) is Method:
            return self.called(ast.Attribute(self.expression(args[0]), function.name), args[1:], kwargs)
        of_bools = isinstance(function, np.ufunc) and all(map(is_single_bool, args))  # True + True is 2, ~True is -2
        if not kwargs and not of_bools and all(type(x) is not list for x in args):
            if function in OPERATORS and len(args) == 2:
                return ast.BinOp(self.expression(args[0]), OPERATORS[function], self.expression(args[1]))
            if function in COMPARISONS and len(args) == 2:
                return ast.Compare(self.expression(args[0]), [COMPARISONS[function]], [self.expression(args[1])])
            if function in SIGNS and len(args) == 1:
                return ast.UnaryOp(SIGNS[function], self.expression(args[0]))
        y = operation.result
        if isinstance(function, Forward) and y is not None and y.is_array:
            name = self.definitions.of_forward(function.primitive)
            return self.called(ast.Name(name or self.from_outside(function, function.primitive.name)), args, kwargs)
        return self.called(self.function(function), args, kwargs)

    def called(self, function: ast.expr, args: Iterable[Any], kwargs: Any) -> ast.expr:
        keywords = [ast.keyword(key, self.expression(x)) for key, x in kwargs.items()]
        return ast.Call(function, [self.expression(x) for x in args], keywords)

    def function(self, function: Any) -> ast.expr:
        """A function by the name under which programs have it."""
        if isinstance(function, Forward):
            name = self.definitions.of_primitive(function.primitive)
            return ast.Name(name or self.from_outside(function, function.primitive.name))
        if isinstance(function, AddMultiple):
            return ast.Name(self.definitions.worded(function.name, function.text))
        if isinstance(function, Kernel):
            return ast.Name(self.definitions.of_kernel(function))
        ufunc = getattr(function, "__self__", None)
        if isinstance(ufunc, np.ufunc):
            return ast.Attribute(self.function(ufunc), function.__name__)
        if function in (float, abs, round) or getattr(function, "__module__", "") == "math":
            return self.definitions.module_attribute(function)
        place = place_of(function)
        if place is None:
            name = self.definitions.of_function(function)
            return ast.Name(name or self.from_outside(function, getattr(function, "__name__", "function")))
        return place

    def index(self, index: Any) -> ast.expr:
        """What stands between brackets."""
        if isinstance(index, tuple) and index:
            return ast.Tuple([self.index(part) for part in index])
        if isinstance(index, slice):
            bounds = [None if b is None else self.expression(b) for b in (index.start, index.stop, index.step)]
            return ast.Slice(*bounds)
        return self.expression(index)

    def expression(self, x: Any) -> ast.expr:
        """An argument."""
        if type(x) is Variable:
            return self.names[x]
        if isinstance(x, (tuple, list)) and not hasattr(x, "_fields"):
            return (ast.Tuple if isinstance(x, tuple) else ast.List)([self.expression(part) for part in x])
        if isinstance(x, slice):
            return ast.Call(ast.Name("slice"), [self.expression(b) for b in (x.start, x.stop, x.step)], [])
        if isinstance(x, dict):
            return ast.Dict([self.expression(key) for key in x], [self.expression(part) for part in x.values()])
        return self.definitions.literal(x) or ast.Name(self.from_outside(x, "constant"))

    # -- the module

    def module(self, parameters: list[str], buffers: list[ast.stmt], body: list[ast.stmt]) -> str:
        """The text."""
        own = ast.FunctionDef(self.name, arguments(parameters), body, [], lineno=0)
        make = ast.FunctionDef(
            "make", arguments([*self.outside]), [*buffers, own, ast.Return(ast.Name(self.name))], [], lineno=0
        )
        texts = ["\n".join(self.definitions.imports()), *self.definitions.texts(), written(make)]
        return "\n\n".join(texts) + "\n"


def nested_calls(program: Program, inline: set[Variable]) -> set[Variable]:
    """Results without a name that the next operation alone takes: its call can stand within that one.

    Not in one that is itself written where its result is used: by then the buffers may hold something else.
    """
    found: set[Variable] = set()
    uses = Counter(v for operation in program.operations for v in operation.operands())
    uses.update(variables_in(program.outputs))
    for operation in program.operations:
        if type(operation.function) is Loop:
            found |= nested_calls(operation.function.body, inline)
    for operation, following in pairwise(program.operations):
        y = operation.result
        stands_alone = type(operation.kwargs.get("out")) is not Variable and (
            operation.writes or not is_pure(operation)
        )
        if y is None or y.name or y in inline or stands_alone or type(following.function) is Loop:
            continue
        if following.result in inline or following.kwargs.get("out") is y:
            continue
        if uses[y] == 1 and y in following.operands():
            found.add(y)
    return found


def expressions(program: Program) -> set[Variable]:
    """The variables that are written where they are used: once, with nothing between that changes what they are of."""
    uses = Counter(v for operation in program.operations for v in operation.operands())
    uses.update(variables_in(program.outputs))
    found: set[Variable] = set()
    waiting: dict[Variable, set[Any]] = {}  # → the memories whose content it depends on
    lies: dict[Any, Any] = {}  # memory → the buffer's in its place
    for operation in program.operations:
        operands = [*operation.operands()]
        if type(operation.function) is Loop:
            found |= expressions(operation.function.body)
            operands = [*variables_in(operation.args[1])]  # what is evaluated once, before it
            for v in variables_in((operation.args[0], operation.args[2])):
                waiting.pop(v, None)
        out = operation.kwargs.get("out")
        if type(out) is Variable and operation.result is not None:
            lies[operation.result.memory] = lies.get(out.memory, out.memory)
        for memory in {*memories_written(operation)}:
            written = lies.get(memory, memory)
            for v in [v for v, memories in waiting.items() if written in memories and v not in operands]:
                del waiting[v]
        found.update([v for v in operands if v in waiting])
        depends = set().union(*[waiting.pop(v) for v in operands if v in waiting])
        y = operation.result
        if y is None or operation.writes is not None or type(operation.function) is Loop:
            continue
        if operation.structure.kind is not None:  # a list of one
            continue
        if is_view(operation):
            if uses[y] == 1:
                waiting[y] = set()
        elif is_pure(operation) and uses[y] == 1 and not y.is_array:
            waiting[y] = depends | {lies.get(v.memory, v.memory) for v in operands}
    found.update([v for v in variables_in(program.outputs) if v in waiting])
    return found


def numpy(name: str) -> ast.expr:
    """``np.name``."""
    return ast.Attribute(ast.Name("np"), name)


def place_of(function: Any) -> ast.expr | None:
    """``np.linalg.norm``; None for what NumPy has not, under its public name."""
    module: Any = np
    path: ast.expr = ast.Name("np")
    name = getattr(function, "__name__", "")
    if name == "clip" and isinstance(function, np.ufunc):
        return numpy("clip")
    for part in str(getattr(function, "__module__", None) or "numpy").split(".")[1:]:
        inner = getattr(module, part, None)
        if isinstance(inner, ModuleType):
            module, path = inner, ast.Attribute(path, part)
    for place, way in ((module, path), (np, ast.Name("np"))):
        if getattr(place, name, None) is function:
            return ast.Attribute(way, name)
    return None


def arguments(names: list[str]) -> ast.arguments:
    """Parameters."""
    return ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])


def written(tree: ast.stmt) -> str:
    """A statement as text."""
    return ast.unparse(ast.fix_missing_locations(tree))


def is_single_bool(x: Any) -> bool:
    """Whether an argument is one truth value, perhaps one of Python's, of which operators make numbers."""
    return not x.is_array and x.dtype == bool if type(x) is Variable else type(x) is bool
