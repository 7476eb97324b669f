"""Formulas given as text, such as ``softmax(W @ x + b)``: read by Python's parser, computed by the table alone."""

from __future__ import annotations

import ast
import itertools
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from ..engine.tensor import Tensor
from ..table.registry import REGISTRY

OPERATORS: Final[dict[type[ast.AST], Callable[..., Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.MatMult: operator.matmul,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}

INPUTS: Final = frozenset("xtXT")
"""Names, or their first letters, of what is given; all else is a parameter."""

LONGEST: Final = 2000
"""Characters that a formula may have."""

Shape = tuple[int, ...]


class FormulaError(ValueError):
    """What is wrong with a formula, in a sentence."""


def compute_formula(formula: str, shapes: Mapping[str, Shape] | None = None, seed: int = 0) -> Tensor:
    """The Tensor that a formula gives for arrays of random numbers, named as in the formula.

    Functions are those of the table and nothing else; names beginning with x or t are inputs, the others parameters.
    Shapes that are not given are guessed: matrices for capital letters, vectors for small ones.

    Raises FormulaError for what is no formula, or has no shapes that fit.

    >>> from tinygrad_lite.reading.python import compute_formula
    >>> compute_formula("softmax(W @ x + b)").shape
    (3,)
    """
    tree = parse_formula(formula)
    names = array_names(tree)
    given = dict(shapes or {})
    unknown = [name for name in given if name not in names]
    if unknown:
        raise FormulaError(f"the formula has no array {unknown[0]}: it has {', '.join(names) or 'none'}")
    if not names:
        raise FormulaError("the formula has no array in it, and so nothing to draw")
    output: Tensor = value_of(tree, random_arrays(fitting_shapes(tree, names, given), seed))
    return output


def parse_formula(formula: str) -> ast.expr:
    """The formula's syntax tree, where it has nothing in it but a formula's parts."""
    if len(formula) > LONGEST:
        raise FormulaError(f"the formula is longer than {LONGEST} characters")
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(f"{formula!r} is not a formula: {getattr(error, 'msg', error)}") from None
    check_formula(tree)
    return tree


def check_formula(tree: ast.expr) -> None:
    """Raise FormulaError for anything but numbers, arrays, operators, and functions of the table."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = function_name(node)
            if name not in REGISTRY:
                raise FormulaError(f"{name} is no function of the table")
            if any(keyword.arg is None for keyword in node.keywords) or any(
                isinstance(a, ast.Starred) for a in node.args
            ):
                raise FormulaError(f"{name}: arguments cannot be unpacked here")
            for keyword in node.keywords:
                literal_value(keyword.value)
        elif isinstance(node, (ast.BinOp, ast.UnaryOp)):
            if type(node.op) not in OPERATORS:
                raise FormulaError(f"the operator {type(node.op).__name__} cannot be drawn")
        elif isinstance(node, ast.Constant):
            if not isinstance(node.value, (int, float, str, type(None))):
                raise FormulaError(f"{node.value!r} is no number")
        elif isinstance(node, ast.Attribute):
            if node.attr not in REGISTRY and node.attr not in {"T", "mT"}:
                raise FormulaError(f"arrays have no .{node.attr} here")
        elif not isinstance(
            node, (ast.Name, ast.Tuple, ast.List, ast.expr_context, ast.operator, ast.unaryop, ast.keyword)
        ):
            raise FormulaError(f"a formula has no {type(node).__name__} in it")


def function_name(node: ast.Call) -> str:
    """The name of the function: ``tanh(x)`` or ``x.tanh()``."""
    if isinstance(node.func, ast.Name):
        return node.func.id
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    raise FormulaError("only functions of the table can be called")


def literal_value(node: ast.expr) -> Any:
    """A keyword's value: numbers, texts, and tuples of them."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        raise FormulaError(f"the keyword value {ast.unparse(node)} is not a plain number, text or tuple") from None


def array_names(tree: ast.expr) -> list[str]:
    """The names of the arrays, in the order they appear."""
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions]
    names.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys([node.id for node in names]))


def value_of(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """The value of a checked formula."""
    if isinstance(node, ast.Name):
        return known[node.id]
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.BinOp):
        return apply_operator(node.op, value_of(node.left, known), value_of(node.right, known))
    if isinstance(node, ast.UnaryOp):
        return apply_operator(node.op, value_of(node.operand, known))
    if isinstance(node, (ast.Tuple, ast.List)):
        return [value_of(part, known) for part in node.elts]
    if isinstance(node, ast.Attribute):
        function = {"T": "transpose", "mT": "matrix_transpose"}.get(node.attr)
        if function is None:
            raise FormulaError(f".{node.attr} is a function and must be called")
        return REGISTRY[function].function(value_of(node.value, known))
    assert isinstance(node, ast.Call)
    own = [node.func.value] if isinstance(node.func, ast.Attribute) else []
    arguments = [value_of(argument, known) for argument in (*own, *node.args)]
    keywords = {keyword.arg or "": literal_value(keyword.value) for keyword in node.keywords}
    return REGISTRY[function_name(node)].function(*arguments, **keywords)


def apply_operator(op: ast.operator | ast.unaryop, *operands: Any) -> Any:
    """An operator's result; never Python's own powers of whole numbers or copies of texts, which have no bound."""
    if not all(isinstance(x, (int, float, Tensor)) for x in operands):
        raise FormulaError("operators take arrays and numbers")
    if isinstance(op, ast.Pow) and not any(isinstance(x, Tensor) for x in operands):
        operands = tuple([float(x) for x in operands])
    return OPERATORS[type(op)](*operands)


def random_arrays(shapes: Mapping[str, Shape], seed: int) -> dict[str, Tensor]:
    """Arrays of random numbers between ½ and 1½: there, every function of the table is defined and smooth."""
    rng = np.random.default_rng(seed)
    return {
        name: Tensor(rng.uniform(0.5, 1.5, shape).round(2), name[:1] not in INPUTS, name)
        for name, shape in shapes.items()
    }


def fitting_shapes(tree: ast.expr, names: list[str], given: Mapping[str, Shape]) -> dict[str, Shape]:
    """Shapes for all arrays: those given, and the first guess for the others that the formula can be computed with."""
    lengths = list(dict.fromkeys([n for shape in given.values() for n in shape])) or [3]
    guesses = []
    for name in names:
        vectors, matrices = [(n,) for n in lengths], list(itertools.product(lengths, repeat=2))
        capital: list[Shape] = [*matrices, *vectors, ()]
        small: list[Shape] = [*vectors, (), *matrices]
        guesses.append([given[name]] if name in given else capital if name[0].isupper() else small)
    reason: Exception | None = None
    for shapes in itertools.islice(itertools.product(*guesses), 2000):
        guess = dict(zip(names, shapes, strict=True))
        try:
            result = value_of(tree, random_arrays(guess, 0))
        except FormulaError:
            raise
        except (ValueError, TypeError, IndexError, ArithmeticError, MemoryError, RecursionError) as error:
            reason = reason or error
            continue
        if isinstance(result, Tensor) and not result.is_leaf:
            return guess
    if reason is not None:
        raise FormulaError(f"found no shapes that fit: {reason}")
    raise FormulaError(
        "nothing in the formula is computed from a parameter: names beginning with x or t are inputs, others parameters"
    )
