"""Functions applied to their arguments: those everybody knows, those of the page, and their derivatives."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

import numpy as np

from ...engine.protocols import plain as plain_values
from ...engine.tensor import Tensor
from ..axes import DOWN, PLACES, Value, elementwise
from ..functions import BUILTIN, OF_MATRICES, softmax
from ..latex import NotRead
from ..spelling import Spelled, letter, plain
from ..stand_ins import StandIn, stand_in
from ..syntax import Apply, Big, Brackets, Expr, Number, Product, Relation, Sum, Tuple
from ..usage import is_transpose
from ..vocabulary import Asked, Definition, Entity
from .entries import taken
from .interpreting import Interpreter, Letter, Scope, means
from .lookups import powers
from .truths import indicator


def apply_function(interpreter: Interpreter, node: Expr, brackets: Brackets, scope: Scope) -> Value | None:
    """A function of what stands in brackets; None where it is no function but a factor."""
    if isinstance(node, (Number, Brackets)):
        if isinstance(node, Number) and node.text == "1" and isinstance(brackets.body, Relation):
            return indicator(interpreter, brackets, scope)
        return None
    found = interpreter.vocabulary.spell(node)
    if found is None or (brackets.kind == "{" and not isinstance(brackets.body, Relation)):
        return None
    if isinstance(brackets.body, Relation):
        if found.name in ("I", "𝟙"):
            return indicator(interpreter, brackets, scope)
        raise NotRead(f"{found.name} of a condition", node.span)
    entity = interpreter.vocabulary.entities.get(found.name)
    if found.name == "𝔼" and entity is None:
        return mean_over(interpreter, found, brackets, node, scope)
    if found.name in scope.parameters or (found.name in scope.letters and not found.lower):
        return None
    items = brackets.body.items if isinstance(brackets.body, Tuple) else (brackets.body,)
    if (entity is None and found.name in BUILTIN) or found.name in (*OF_MATRICES, "softmax"):
        value = builtin(interpreter, found.name, items, node, scope, found.primes)
        return function_powers(interpreter, value, found.upper, node, scope)
    if found.name in interpreter.vocabulary.declarations.outdated:
        raise NotRead(interpreter.vocabulary.declarations.outdated[found.name], node.span)
    if entity is None:
        usage = interpreter.vocabulary.usages.get(found.name)
        if usage is not None and (usage.most_indices or isinstance(brackets.body, Sum)):
            return None
        kinds = "function number" if len(items) > 1 else f"elementwise (or {found.name}: number)"
        why = f"whether {found.name} is a function of {plain(brackets.body)} or a factor is not said"
        raise Asked(why, f"{found.name}: {kinds}", node.span)
    if (kind := kind_of_function(entity)) and not entity.definitions:
        if len(items) != 1 and kind != "number":
            raise NotRead(f"{found.name} is a function of one argument, here it has {len(items)}", brackets.span)
        if found.primes and kind == "vector":
            interpreter.remark(OWN_SLOPES)
        f = derived(instance(interpreter, entity, kind), found.primes, kind == "vector")
        values = [interpreter.value(item, scope) for item in items]
        return component_of(interpreter, f(*values), found, node, scope)
    definition = next((d for d in entity.definitions if d.parameters), None)
    if definition is None:
        return None
    if len(definition.parameters) != len(items):
        raise NotRead(
            f"{found.name} was defined for {len(definition.parameters)} arguments, here it has {len(items)}: give one "
            "of them another letter, or declare it anew for the part of the page where it is another one",
            node.span,
        )
    values = [interpreter.value(item, scope) for item in items]
    where = (*scope.path, node.span, id(node))
    if found.primes and len(values) > 1:
        raise NotRead(f"{found.name}′ of several arguments: by which?", node.span)
    f = derived(lambda *xs: call(interpreter, entity, definition, xs, where), found.primes)
    return component_of(interpreter, f(*values), found, node, scope)


def component_of(interpreter: Interpreter, value: Value, found: Spelled, node: Expr, scope: Scope) -> Value:
    """What a function gives, or its entry at the index behind the function's name, and powers of that: f_i(x)²."""
    if found.lower:
        places = [place for place in PLACES if place in value.axes]
        if len(found.lower) != len(places):
            why = f"{plain(node)}(…) is no entry of what {found.name} gives, a {value.kind}: give it another letter"
            raise NotRead(why, node.span)
        value = taken(interpreter, value, places, list(found.lower), node, scope)
    return function_powers(interpreter, value, found.upper, node, scope)


def mean_over(interpreter: Interpreter, found: Spelled, brackets: Brackets, node: Expr, scope: Scope) -> Value:
    """An expectation, as the mean over the index below it."""
    if len(found.lower) != 1 or letter(found.lower[0]) is None or found.upper:
        raise NotRead("an expectation is read as a mean over an index: write it below, as in 𝔼_i[…]", node.span)
    return interpreter.value(Big("𝔼", found.lower[0], None, brackets.body, span=node.span), scope)


OWN_SLOPES: Final = "′ of a function of columns is the slope of each entry by its own input"


def kind_of_function(entity: Entity) -> str:
    """What is known of a function: that it is elementwise, or what its values are; "" where it is another symbol."""
    if entity.kind == "elementwise":
        return "elementwise"
    return entity.dims[0] if entity.kind == "function" and entity.dims[:1] in (("vector",), ("number",)) else ""


def instance(interpreter: Interpreter, entity: Entity, kind: str) -> StandIn:
    """The function taken for one of which its kind alone is known."""
    return interpreter.instances.get(entity.name) or stand_in(kind, 0)


def call(
    interpreter: Interpreter, entity: Entity, definition: Definition, values: tuple[Value, ...], where: tuple[Any, ...]
) -> Value:
    """A function of the page, applied: its body, with the arguments in place of the parameters."""
    if len(where) > 60:
        raise NotRead(f"{entity.name} is defined by itself", definition.body.span)
    letters = {}
    if definition.component is not None:
        letters[definition.component] = Letter(DOWN, interpreter.vocabulary.dim((*where, definition.component)))
    scope = Scope(where, letters, dict(zip(definition.parameters, values, strict=True)))
    return interpreter.value(definition.body, scope)


def derived(f: Callable[..., Value], primes: int, mixes: bool = False) -> Callable[..., Value]:
    """f′, f″, … of a function; where f may ``mix`` the entries of a column, the slope of each by its own input."""
    for _ in range(primes):
        f = own_slopes(f) if mixes else derivative_of_elementwise(f)
    return f


def derivative_of_elementwise(f: Callable[..., Value]) -> Callable[..., Value]:
    """f′ of an f that acts on each number by itself, or gives one number: the gradient of the sum of all its values.

    Of any other f that sum's gradient is no derivative: refused.
    """

    def slope(x: Value) -> Value:
        fixed = x._replace(data=plain_values(x.data, Tensor))
        value = f(fixed)
        acts_alone = value.axes.keys() == x.axes.keys()
        if not acts_alone and (value.kind != "number" or not set(value.indices) <= set(x.indices)):
            raise NotRead(f"′ of a function from a {x.kind} to a {value.kind}: write the derivative with ∂")
        if x.data is None:
            return value._replace(axes=x.axes)
        if acts_alone and np.size(fixed.data) > 1 and fixed.data.dtype != object:  # of symbols it was seen with numbers
            weights = np.random.default_rng(0).uniform(1, 2, np.shape(fixed.data))
            if not np.allclose(weighted(f, fixed, weights), weights * weighted(f, fixed, 1.0), equal_nan=True):
                raise NotRead("′ of a function whose values depend on several entries each: write ∂ with indices")
        return x._replace(data=weighted(f, x, 1.0), uses=value.uses)

    return slope


def weighted(f: Callable[..., Value], x: Value, weights: Any) -> Any:
    """The gradient of the sum of all values, each with a weight."""
    from ...engine.transforms import grad

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "grad: the result does not depend")  # of a constant it is zero
        return grad(lambda data: np.sum(f(x._replace(data=data)).data * weights))(as_float(x.data))


def own_slopes(f: Callable[..., Value]) -> Callable[..., Value]:
    """∂fᵢ/∂xᵢ of columns."""

    def slope(x: Value) -> Value:
        if x.data is None:
            return f(x)
        axis, shape = list(x.axes).index(DOWN), np.shape(x.data)
        units = [np.reshape(row, [-1 if k == axis else 1 for k in range(len(shape))]) for row in np.eye(shape[axis])]
        return x._replace(data=sum([weighted(f, x, unit) * unit for unit in units]), uses=f(x).uses)

    return slope


def is_function(interpreter: Interpreter, node: Expr) -> bool:
    """Whether a symbol is known to be a function: one of the page, or one that everybody knows."""
    found = interpreter.vocabulary.spell(node)
    if found is None:
        return False
    known = found.name in BUILTIN or found.name in (*OF_MATRICES, "softmax")
    return found.name in interpreter.vocabulary.functions or (
        known and found.name not in interpreter.vocabulary.entities
    )


def must_end_clearly(interpreter: Interpreter, node: Apply) -> None:
    """Raise NotRead for ln y (1 − y), where it is not said whether the logarithm is of the brackets, too."""
    factors = node.argument.factors if isinstance(node.argument, Product) else ()
    for (_, first), (sign, second) in pairwise(factors):
        if not isinstance(second, Brackets) or isinstance(second.body, Tuple):
            continue  # a letter before several things is a function
        if second.kind == "(" and not sign and not is_function(interpreter, first):
            raise NotRead(
                f"whether {plain(node.function)} is of {plain(second)}), too, is not clear: write brackets", node.span
            )


@means(Apply)
def of_apply(interpreter: Interpreter, node: Apply, scope: Scope) -> Value:
    """A function of TeX or of the page, applied."""
    found = interpreter.vocabulary.spell(node.function)
    if found is None:
        raise NotRead("this is no function", node.span)
    must_end_clearly(interpreter, node)
    argument = node.argument
    if isinstance(argument, Brackets) and argument.kind in ("(", "[", "{"):
        argument = argument.body
    items = argument.items if isinstance(argument, Tuple) else (argument,)
    if found.name in interpreter.vocabulary.functions:
        applied = apply_function(interpreter, node.function, Brackets("(", argument, span=node.argument.span), scope)
        assert applied is not None
        return applied
    value = builtin(interpreter, found.name, items, node, scope, found.primes)
    return function_powers(interpreter, value, found.upper, node, scope)


def function_powers(interpreter: Interpreter, value: Value, upper: tuple[Expr, ...], node: Expr, scope: Scope) -> Value:
    """What stands above a function's name: of tanh² z the power of each value, whatever z is."""
    for part in upper:
        if isinstance(part, Sum) and plain(part) == "−1":
            raise NotRead(
                f"{plain(node)}: the inverse function, or one divided by it? write arctanh(x), or (tanh x)⁻¹", node.span
            )
        if isinstance(part, Brackets) and part.kind:
            raise NotRead(
                f"{plain(node)}: write the order of a derivative as primes, a power without brackets", node.span
            )
        if value.kind == "number" or is_transpose(part):
            value = powers(interpreter, value, (part,), node, scope)
        else:
            value = elementwise(lambda x, n: x**n, value, interpreter.value(part, scope))
    return value


def builtin(
    interpreter: Interpreter, name: str, items: tuple[Expr, ...], node: Expr, scope: Scope, primes: int = 0
) -> Value:
    """A function that everybody knows, or its derivative."""
    primes += len(name) - len(name := name.rstrip("′"))
    name, _, base = name.partition("_")
    values = [interpreter.value(item, scope) for item in items]
    if name == "softmax" and len(values) == 1 and not primes:
        return softmax(values[0], node, interpreter.vocabulary.options.get("softmax"))
    if name in OF_MATRICES and len(values) == 1 and not primes:
        return OF_MATRICES[name](values[0], node)
    if name not in BUILTIN:
        raise NotRead(f"{name} is no function that is known here", node.span)
    function = BUILTIN[name]
    if base:
        if name != "log" or not base.isdigit():
            raise NotRead(f"{name} with the subscript {base}", node.span)
        return elementwise(lambda x: np.log(x) / np.log(int(base)), *values)
    if name in ("max", "min"):
        if len(values) < 2:
            raise NotRead(f"{name} of one thing: over what?", node.span)
        total = values[0]
        for other in values[1:]:
            total = elementwise(function, total, other)
        return total
    if len(values) != 1:
        raise NotRead(f"{name} is a function of one argument, here it has {len(values)}", node.span)
    return derived(lambda x: elementwise(function, x), primes)(values[0])


def as_float(x: Any) -> Any:
    """Numbers that can be differentiated by."""
    return x if not isinstance(x, (int, np.integer)) else float(x)
