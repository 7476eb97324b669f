"""Functions of this library as text that stands alone: with all that they use, and without what is for other arrays."""

from __future__ import annotations

import ast
import inspect
import math
import sys
import types
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np

from ..table import arrays, ducks, elsewhere
from ..table.primitive import Primitive
from .kernels.kernel_loops import HELPERS, IMPORTS, Kernel

SAME: Final = (ducks.duck, ducks.handed_back, elsewhere.with_spellings)
"""Functions that give NumPy's arrays back as they are."""

FALSE: Final = (elsewhere.is_elsewhere, elsewhere.is_lazy)
"""Questions that have one answer for NumPy's arrays."""

FIRST: Final = (elsewhere.placed_beside, elsewhere.listed_beside)
"""Functions that give the first of their arguments, beside NumPy's arrays."""

AS_ARRAYS: Final = (arrays.as_numbers, arrays.values_of, arrays.values)


class Unsaid(Exception):
    """A function has no text that stands alone."""


class Definitions:
    """The functions and constants that a text needs, each defined once.

    Parameters
    ----------
    taken : names that mean something else already
    """

    def __init__(self, taken: Counter[str]) -> None:
        self.taken = taken
        self.taken.update(HELPERS)
        self.names: dict[int, str] = {}
        self.kept: list[Any] = []  # so that no identity is used again
        self.found: list[str] = []
        self.loops: dict[str, str] = {}
        self.worded_names: set[str] = set()
        self.modules: dict[str, str] = {"numpy": "np"}

    def of_primitive(self, primitive: Primitive) -> str | None:
        """The name of the function that computes a primitive; None where it cannot be said."""
        return self.said(primitive, self.define_primitive)

    def of_forward(self, primitive: Primitive) -> str | None:
        """The name of what computes a primitive whose result has axes, and is no scalar."""
        forward = primitive.forward
        if not isinstance(forward, types.FunctionType):
            return self.of_primitive(primitive)
        return self.said(forward, lambda function: self.define(function, primitive.name))

    def of_function(self, function: Any) -> str | None:
        """The name of a function of this library; None where it cannot be said, or is none of this library's."""
        own = isinstance(function, types.FunctionType) and function.__module__.startswith(PACKAGE)
        return self.said(function, self.define) if own else None

    def said(self, x: Any, define: Callable[[Any], str]) -> str | None:
        """The name of what is defined in some way; None where it cannot be."""
        if id(x) in self.names:
            return self.names[id(x)]
        before = len(self.found), dict(self.names), Counter(self.taken), dict(self.modules)
        try:
            return define(x)
        except (Unsaid, OSError, TypeError, SyntaxError):
            del self.found[before[0] :]
            self.names, self.modules = before[1], before[3]
            self.taken.clear()
            self.taken.update(before[2])
            return None

    def worded(self, name: str, text: str) -> str:
        """A name that a text of its own defines."""
        if name not in self.worded_names:
            self.worded_names.add(name)
            self.found.append(text)
        return name

    def of_kernel(self, kernel: Kernel) -> str:
        """The name of a kernel, which is defined from here on, with what it calls."""
        if id(kernel) not in self.names:
            self.modules |= {name: name for name in IMPORTS}
            for name, text in kernel.definitions().items():
                self.worded(name, text)
            name = self.name_for(kernel, kernel.__name__)
            loops = "\n\n".join(kernel.loops("kernel"))
            if loops not in self.loops:
                self.loops[loops] = name
                self.found += kernel.loops(name)
            self.found.append(kernel.whole(name, self.loops[loops]))
        return self.names[id(kernel)]

    def define_primitive(self, primitive: Primitive) -> str:
        forward = primitive.forward
        if not isinstance(forward, types.FunctionType):
            raise Unsaid(primitive.name)
        name = self.name_for(primitive, primitive.name)
        inner = self.define(forward)
        keywords = [*primitive.params]
        star = "*inputs" + ("" if not keywords else ", **params")
        shown = "y = " + f"{inner}({star})"
        if primitive.remembers:
            end = "    return (y[0][()] if y[0].shape == () else y[0], *y[1:])"
        else:
            end = "    return y[()] if y.shape == () else y"
        self.found.append(f"def {name}({star}):\n    {shown}\n{end}")
        return name

    def name_for(self, x: Any, wanted: str) -> str:
        """A name of its own."""
        name = wanted
        while self.taken[name]:
            self.taken[wanted] += 1
            name = f"{wanted}_{self.taken[wanted]}"
        self.taken[name] += 1
        self.names[id(x)] = name
        self.kept.append(x)
        return name

    def define(self, function: types.FunctionType, wanted: str = "") -> str:
        """The name of a function of this library, which is defined from here on."""
        if id(function) in self.names:
            return self.names[id(function)]
        key, wrapped = id(function), hasattr(function, "__wrapped__")
        function = inspect.unwrap(function)  # of what np.errstate wraps
        if function.__closure__:
            cells = dict(zip(function.__code__.co_freevars, function.__closure__, strict=True))
            closed: dict[str, Any] = {name: cell.cell_contents for name, cell in cells.items()}
        else:
            closed = {}
        wanted = wanted or function.__name__.replace("<lambda>", "function").strip("_") or "function"
        name = self.name_for(function, wanted)
        self.names[key] = name
        tree = node_of(function)
        namespace = function.__globals__ | closed
        if isinstance(tree, ast.FunctionDef):
            tree.returns = None
            tree.decorator_list = [d for d in tree.decorator_list if ast.unparse(d).startswith("np.errstate(")]
        if wrapped and not getattr(tree, "decorator_list", ()):
            raise Unsaid(wanted)  # wrapped elsewhere than where it is defined
        tree = read_again(Specialised(namespace).visit(tree))
        tree = self.renamed(tree, namespace)
        if isinstance(tree, ast.Lambda):
            self.found.append(f"def {name}({ast.unparse(tree.args)}):\n    return {ast.unparse(tree.body)}")
        else:
            assert isinstance(tree, ast.FunctionDef)
            tree.name = name
            self.found.append(ast.unparse(ast.fix_missing_locations(tree)))
        return name

    def renamed(self, tree: Any, namespace: dict[str, Any]) -> Any:
        """A function's text with the names that its globals have here."""
        own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        definitions = self

        class Renaming(ast.NodeTransformer):
            def visit_arg(self, node: ast.arg) -> ast.arg:
                node.annotation = None
                return node

            def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
                self.generic_visit(node)
                return ast.Assign([node.target], node.value, lineno=0) if node.value else ast.Pass()

            def visit_Name(self, node: ast.Name) -> ast.expr:
                if node.id in own or node.id not in namespace:
                    return node
                return definitions.reference(namespace[node.id], node.id, namespace)

        return Renaming().visit(tree)

    def reference(self, x: Any, name: str, namespace: dict[str, Any]) -> ast.expr:
        """How one writes a global here."""
        if isinstance(x, types.ModuleType):
            return ast.Name(self.module(x))
        if isinstance(x, Primitive):
            if isinstance(x.forward, np.ufunc):
                return ast.Attribute(ast.Name("np"), x.forward.__name__)
            if isinstance(x.forward, types.BuiltinFunctionType):
                return self.module_attribute(x.forward)
            return ast.Name(self.names.get(id(x)) or self.define_primitive(x))
        if isinstance(x, types.FunctionType):
            if x.__module__.startswith("numpy"):
                return self.module_attribute(x)
            if not x.__module__.startswith(PACKAGE):
                return self.module_attribute(x)
            return ast.Name(self.define(x))
        literal = self.literal(x)
        if literal is not None:
            return literal
        if id(x) in self.names:
            return ast.Name(self.names[id(x)])
        inner = inspect.unwrap(x) if callable(x) else x
        if inner is not x and isinstance(inner, types.FunctionType) and inner.__module__.startswith(PACKAGE):
            return ast.Name(self.define(inner))  # what is kept for the next call is computed again
        if isinstance(x, np.ufunc) or callable(x):
            return self.module_attribute(x)
        value = assigned(namespace, name)
        text = ast.unparse(self.renamed(read_again(Specialised(namespace).visit(value)), namespace))
        new = self.name_for(x, name)
        self.found.append(f"{new} = {text}")
        return ast.Name(new)

    def module(self, module: types.ModuleType) -> str:
        """The name of an imported module."""
        if module.__name__.startswith(PACKAGE):
            raise Unsaid(module.__name__)
        self.modules.setdefault(module.__name__, module.__name__)
        return self.modules[module.__name__]

    def module_attribute(self, x: Any) -> ast.expr:
        """``math.log``, ``operator.add``, ``np.exp``, ``np.add.reduce``."""
        ufunc = getattr(x, "__self__", None)
        if isinstance(ufunc, np.ufunc):
            return ast.Attribute(self.module_attribute(ufunc), x.__name__)
        if x in (type(None), type(Ellipsis)):
            return ast.Call(ast.Name("type"), [ast.Constant(None if x is type(None) else ...)], [])
        name = getattr(x, "__name__", "")
        ufunc = getattr(x, "__self__", None)
        if isinstance(ufunc, np.ufunc):
            return ast.Attribute(self.module_attribute(ufunc), name)
        own = str(getattr(x, "__module__", "")).replace("_operator", "operator")
        for module_name in (own, "numpy", "operator", "math", "scipy.special"):
            module = sys.modules.get(module_name)
            if module is not None and getattr(module, name, None) is x and not module.__name__.startswith(PACKAGE):
                if module.__name__ == "builtins":
                    return ast.Name(name)
                if module.__name__.startswith("numpy.") and getattr(np, name, None) is x:
                    module = np
                way: ast.expr = ast.Name(self.module(module))
                return ast.Attribute(way, name)
        raise Unsaid(repr(x))

    def literal(self, x: Any) -> ast.expr | None:
        """A number, a text, a dtype as one writes it; None for what has no such form."""
        if x is None or x is Ellipsis or type(x) in (bool, int, str, bytes):
            return ast.Constant(x)
        if type(x) is float:
            return number(x, "np") if not math.isfinite(x) else ast.Constant(x)
        if type(x) is complex:
            return ast.Constant(x)
        if isinstance(x, np.dtype) and x.kind in "biufc":
            return ast.Attribute(ast.Name("np"), "bool" if x.kind == "b" else x.name)
        if isinstance(x, np.generic) and x.dtype.kind in "biufc" and x.dtype.name != "longdouble":
            kind = ast.Attribute(ast.Name("np"), "bool" if x.dtype.kind == "b" else x.dtype.name)
            inner = self.literal(x.item())
            return None if inner is None else ast.Call(kind, [inner], [])
        if isinstance(x, type) and issubclass(x, (np.generic, np.ndarray)):
            return ast.Attribute(ast.Name("np"), x.__name__)
        if x in (float, int, bool, complex):
            return ast.Name(x.__name__)
        return None

    def imports(self) -> list[str]:
        """The statements that import what is used."""
        others = sorted(name for name in self.modules if name != "numpy")
        return [*[f"import {name}" for name in others], "import numpy as np"]

    def texts(self) -> list[str]:
        """The definitions, each after those that it uses."""
        return self.found


def number(x: float, np_name: str) -> ast.expr:
    """A number that has no digits."""
    value: ast.expr = ast.Attribute(ast.Name(np_name), "nan" if math.isnan(x) else "inf")
    return ast.UnaryOp(ast.USub(), value) if x < 0 else value


PACKAGE: Final = __name__.partition(".")[0]


@cache
def tree_of(module: str) -> ast.Module:
    """A module's text, read."""
    return ast.parse(inspect.getsource(sys.modules[module]))


def node_of(function: types.FunctionType) -> Any:
    """The text of a function, or of a lambda, among those that begin in its line."""
    code = function.__code__
    found = []
    for node in ast.walk(tree_of(function.__module__)):
        if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
            continue
        first = min([node.lineno, *[d.lineno for d in getattr(node, "decorator_list", [])]])
        if first == code.co_firstlineno and is_code_of(node, code, alone=True):
            found.append(node)
    same = found if len(found) == 1 else [node for node in found if is_code_of(node, code, alone=False)]
    if same:
        return read_again(same[0])
    raise Unsaid(function.__qualname__)


def read_again(tree: Any) -> Any:
    """A changed function or expression as a reader has it."""
    text = ast.unparse(ast.fix_missing_locations(tree))
    return ast.parse(text).body[0] if isinstance(tree, ast.stmt) else ast.parse(text, mode="eval").body


def is_code_of(node: Any, code: types.CodeType, *, alone: bool) -> bool:
    """Whether a text compiles to this code; by its names, if no other text stands there."""
    if isinstance(node, ast.FunctionDef):
        return node.name == code.co_name
    if code.co_name != "<lambda>":
        return False
    made = compile(ast.fix_missing_locations(ast.Expression(node)), "", "eval")
    inner = next(part for part in made.co_consts if isinstance(part, types.CodeType))
    if alone:
        return inner.co_varnames == code.co_varnames and {*code.co_names} <= {*inner.co_names}
    return (len(inner.co_code), inner.co_names, inner.co_varnames) == (
        len(code.co_code),
        code.co_names,
        code.co_varnames,
    ) or (bool(code.co_freevars) and inner.co_varnames == code.co_varnames)


def assigned(namespace: dict[str, Any], name: str) -> ast.expr:
    """The text of a constant of a module."""
    for node in tree_of(namespace["__name__"]).body:
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and node.target.id == name
            and node.value
        ):
            return ast.parse(ast.unparse(node.value), mode="eval").body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return ast.parse(ast.unparse(node.value), mode="eval").body
        if isinstance(node, ast.ImportFrom) and any((a.asname or a.name) == name for a in node.names):
            origin = next(a.name for a in node.names if (a.asname or a.name) == name)
            package = namespace["__package__"].split(".")
            base = ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])
            return assigned(vars(sys.modules[base]), origin)
    raise Unsaid(name)


class Specialised(ast.NodeTransformer):
    """Text for NumPy's arrays alone."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace

    def value(self, node: ast.AST) -> Any:
        """What a name stands for."""
        return self.namespace.get(node.id) if isinstance(node, ast.Name) else None

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if ducks.DuckArray in (self.value(node.left), self.value(node.comparators[0])):
            return ast.Constant(isinstance(node.ops[0], (ast.IsNot, ast.NotEq, ast.NotIn)))
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and isinstance(self.value(node.func.value), Primitive):
            inputs, params = node.args  # a primitive on what its inputs are known to be
            return ast.Call(node.func.value, [ast.Starred(inputs)], [ast.keyword(None, params)])
        function = self.value(node.func)
        if function in FALSE:
            return ast.Constant(False)
        if function is isinstance and self.value(node.args[1]) is ducks.DuckArray:
            return ast.Constant(False)
        if function in SAME or function in FIRST:
            return node.args[0]
        if function in AS_ARRAYS:
            return ast.Call(ast.Attribute(ast.Name("np"), "asarray"), node.args, [])
        if function is arrays.counted:
            return ast.Call(ast.Attribute(ast.Name("np"), "arange"), node.args[:1], [])
        if function is arrays.zeros:
            return ast.Call(ast.Attribute(ast.Name("np"), "zeros"), node.args[:2], [])
        return node

    def visit_If(self, node: ast.If) -> Any:
        self.generic_visit(node)
        if isinstance(node.test, ast.Constant):
            return node.body if node.test.value else (node.orelse or None)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.test, ast.Constant):
            return node.body if node.test.value else node.orelse
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        decides = isinstance(node.op, ast.Or)
        values: list[ast.expr] = []
        for part in node.values:
            if isinstance(part, ast.Constant) and isinstance(part.value, bool):
                if part.value is decides:
                    return ast.Constant(decides) if not values else ast.BoolOp(node.op, [*values, part])
                continue
            values.append(part)
        if not values:
            return ast.Constant(not decides)
        return values[0] if len(values) == 1 else ast.BoolOp(node.op, values)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
            node.body = node.body[1:]
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        return node
