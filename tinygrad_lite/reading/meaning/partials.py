"""∂A/∂B: A's definitions unfolded down to B, cut there, and everything that does not lie above B held constant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from ...engine.jacobians import jacobian
from ...engine.protocols import plain as plain_values
from ...engine.tensor import Tensor
from ..axes import DOWN, FROM, PLACES, RIGHT, AxesError, Value, reduced, renamed, transposed
from ..items import is_transposition
from ..latex import NotRead
from ..printing import unicode_of
from ..spelling import letter, letters_in, plain
from ..syntax import Brackets, Expr, Number, Partial, Product, Scripted, Symbol, Tuple
from ..vocabulary import Asked, IndexMistake
from .entries import taken
from .interpreting import Interpreter, Scope, means
from .lookups import indices_above, member_of_family, whole_array


class Undefined(FloatingPointError):
    """Why there is no derivative: what is differentiated has no value there."""


@means(Partial)
def derivative(interpreter: Interpreter, node: Partial, scope: Scope) -> Value:
    """The value of a derivative, of the first order or of a higher one."""
    if node.of is None:
        raise NotRead("nothing is differentiated here", node.span)
    if not node.by:
        node = replace(node, by=(only_argument(interpreter, node.of, node),))
    node = with_places(interpreter, node)
    of = node.of
    assert of is not None
    if node.sign == "∇" and len(node.by) > 1:
        node = replace(node, by=indexed_by(interpreter, node.by))
    if node.upper and node.upper[0] not in LAYOUTS:  # ∇ with the superscript of what it is by
        by = tuple(
            [part if isinstance(part, Scripted) and part.upper else with_upper(part, node.upper) for part in node.by]
        )
        node = replace(node, by=by, upper=())
    if len(node.by) > 1:
        of = Partial(node.sign, of, node.by[1:], span=node.span)
    linked = interpreter.linked
    value = by_one(replace(interpreter, linked=False), of, node.by[0], node, scope, linked)
    if interpreter.vocabulary.options.get("sums") == "einstein":  # ∂y_i/∂x_i
        letters = list(letters_in(node))
        twice = [i for i in dict.fromkeys(letters) if letters.count(i) == 2 and i not in scope.left]
        return reduced(np.sum, value, [i for i in twice if i in value.axes])
    return value


LAYOUTS: Final = {Symbol("⊤"): "numerator", Symbol("|"): "denominator"}
"""What stands above a derivative by xᵀ, and above the one by x inside of it: where its axis is."""

ROW, COLUMN = LAYOUTS


def only_argument(interpreter: Interpreter, of: Expr, node: Partial) -> Expr:
    """What ∇f and ∇f(w) are by: f's argument, where it has one. Raises NotRead where that is not clear."""
    function = of.factors[0][1] if isinstance(of, Product) and len(of.factors) == 2 else of
    found = interpreter.vocabulary.spell(function)
    entity = None if found is None else interpreter.vocabulary.entities.get(found.name)
    definitions = [d for d in (entity.definitions if entity is not None else ()) if d.parameters]
    if not definitions:
        raise NotRead("∇ of what by what? write the variable below it", node.span)
    brackets = of.factors[1][1] if of is not function and isinstance(of, Product) else None
    by = brackets.body if isinstance(brackets, Brackets) else Symbol(definitions[0].parameters[0])
    if len(definitions[0].parameters) > 1 or not isinstance(by, Symbol):
        why = f"∇ of {plain(function)}: by which of its arguments, or where? write the variable below it, as in ∇_x"
        raise NotRead(why, node.span)
    return by


def with_places(interpreter: Interpreter, node: Partial) -> Partial:
    """A derivative with ∇² and ∂²/∂x ∂xᵀ as the matrix of second derivatives, and ∂/∂xᵀ as a row."""
    *others, last = node.by
    if not others and node.sign == "∇" and node.upper == (Number("2"),) and not is_family(interpreter, last):
        inner = Partial("∇", node.of, (last,), (COLUMN,), span=node.span)
        return replace(node, of=inner, upper=(ROW,))
    bare = without_transpose(interpreter, last)
    if bare is None or node.sign == "∇" or len(others) > 1:
        return node
    inner = Partial(node.sign, node.of, (others[0],), (COLUMN,), span=node.span) if others else node.of  # type: ignore[assignment]
    return replace(node, of=inner, by=(bare,), upper=(ROW,))


def is_family(interpreter: Interpreter, by: Expr) -> bool:
    """Whether the 2 of ∇² may be a layer's."""
    found = interpreter.vocabulary.spell(by)
    entity = None if found is None else interpreter.vocabulary.entities.get(found.name)
    return entity is not None and bool(entity.counter)


def without_transpose(interpreter: Interpreter, by: Expr) -> Expr | None:
    """x for xᵀ; None where nothing is transposed."""
    last = by.upper[-1] if isinstance(by, Scripted) and by.upper else None
    if last is None or not is_transposition(last) or plain(last) in interpreter.vocabulary.entities:
        return None
    assert isinstance(by, Scripted)
    bare = replace(by, upper=by.upper[:-1])
    return bare if bare.lower or bare.upper or bare.primes else bare.base


def indexed_by(interpreter: Interpreter, by: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """The entry W_j where ∇ has the subscripts j, W: letters of indices before the symbol that they are of."""
    *indices, last = by
    known = interpreter.vocabulary.entities
    if any(letter(index) is None or letter(index) in known for index in indices) or plain(last) not in known:
        return by
    return (Scripted(last, lower=tuple(indices), span=last.span),)


def with_upper(node: Expr, upper: tuple[Expr, ...]) -> Expr:
    """A symbol with superscripts."""
    return replace(node, upper=upper) if isinstance(node, Scripted) else Scripted(node, upper=upper, span=node.span)


def by_one(interpreter: Interpreter, of: Expr, by: Expr, node: Partial, scope: Scope, linked: bool = False) -> Value:
    """∂of/∂by; where it is ``linked`` to others by the chain rule, a column's own axis is FROM."""
    of = with_arguments(interpreter, of)
    found = interpreter.spell(by, scope)
    if found is None:
        raise NotRead(f"a derivative by {plain(by)}, which is no symbol", node.span)
    if found.name in scope.parameters:
        return by_parameter(interpreter, of, found.name, list(found.lower), by, node, scope)
    must_be_computed(interpreter, of, found.name, by, scope)
    entity = interpreter.vocabulary.entities.get(found.name) or interpreter.vocabulary.infer(found.name, by.span)
    if f"{found.name}^2" in interpreter.vocabulary.entities and entity.how.startswith("the root of"):
        why = f"{found.name}² is a symbol here, and {found.name} its root: take the derivative by {found.name}²"
        raise NotRead(why, by.span)
    if entity.kind not in ("given", "defined"):
        raise NotRead(f"{found.name} is a {entity.kind}: there is no derivative by it", node.span)
    count, upper, lower = member_of_family(interpreter, entity, found.upper, found.lower, by, scope)
    scripts, upper = indices_above(entity, upper)
    if upper:
        said = plain(by.base if isinstance(by, Scripted) else by)
        raise Asked(f"a derivative by {plain(by)}, a power", f"{said}^2: number, if that is a symbol", node.span)
    indices = [part.body if isinstance(part, Brackets) else part for part in scripts] + list(lower)
    value, slots = whole_array(interpreter, entity, count, by)
    key = (entity.name, count)

    def at(x: Any) -> Value:
        cut = value._replace(data=x, uses=frozenset({f"∂{entity.name}"}))
        found = {k: v for k, v in interpreter.found.items() if v.uses.isdisjoint((entity.name, f"∂{entity.name}"))}
        return replace(interpreter, cuts={**interpreter.cuts, key: cut}, found=found).value(of, scope)

    result = slopes(interpreter, at, value, slots, f"∂{entity.name}", of, by)
    if "by independent entries" in entity.qualities and len(slots) == 2:
        result = of_symmetric(result)
    return placed(interpreter, result, len(slots), indices, node, scope, linked)


def must_be_computed(interpreter: Interpreter, of: Expr, name: str, by: Expr, scope: Scope) -> None:
    """Raise Asked where what is differentiated is a symbol that nothing is said of, such as a loss."""
    found = interpreter.spell(of, scope)
    known = (*interpreter.vocabulary.entities, *scope.parameters, *scope.letters, *scope.left, name)
    if found is None or found.name in known or found.upper:
        return
    above, below = plain(of), plain(by.base if isinstance(by, Scripted) else by)
    raise Asked(
        f"what {above} is computed from is not said, so that its derivative by {unicode_of(by)} is not known",
        f"f: function number, and define: {above} = f({below})",
        of.span,
    )


def with_arguments(interpreter: Interpreter, of: Expr) -> Expr:
    """A function that stands without its arguments, as f in ∂f/∂x, with those that it was defined for."""
    found = interpreter.vocabulary.spell(of)
    entity = None if found is None or found.lower or found.upper else interpreter.vocabulary.entities.get(found.name)
    if entity is None or not entity.definitions or not all(d.parameters for d in entity.definitions):
        return of
    if entity.definitions[0].component is not None:
        return of
    arguments = tuple([Symbol(name) for name in entity.definitions[0].parameters])
    return Product(
        (("", of), ("", Brackets("(", Tuple(arguments) if len(arguments) > 1 else arguments[0]))), span=of.span
    )


def by_parameter(
    interpreter: Interpreter, of: Expr, name: str, indices: list[Expr], by: Expr, node: Partial, scope: Scope
) -> Value:
    """By the argument of the function that is being defined."""
    value = scope.parameters[name]
    slots = [axis for axis in value.axes if axis in PLACES]
    if value.indices:
        raise NotRead(f"a derivative by the argument {name}, which has indices here", node.span)

    def at(x: Any) -> Value:
        cut = value._replace(data=x, uses=frozenset({f"∂{name}"}))
        return interpreter.value(of, replace(scope, parameters={**scope.parameters, name: cut}))

    result = slopes(interpreter, at, value, slots, f"∂{name}", of, by)
    return placed(interpreter, result, len(slots), indices, node, scope)


def slopes(interpreter: Interpreter, at: Any, value: Value, slots: list[str], mark: str, of: Expr, by: Expr) -> Value:
    """All derivatives of the entries of the one by those of the other, whose axes are "∂ 0", "∂ 1", … behind."""
    outer = at(None) if value.data is None else None
    if outer is None:
        seen: list[Value] = []

        def f(x: Any) -> Any:
            found = at(x)
            seen.append(found)
            return found.data

        data = jacobian(f)(as_floats(value.data))
        outer = seen[-1]
        plain_data = plain_values(outer.data, Tensor)
        if plain_data.dtype != object and not np.all(np.isfinite(plain_data)):
            raise Undefined(plain(of))  # of ln(−x) there is no derivative, though 1/x is a number
    else:
        data = None
    if mark not in outer.uses:
        if (
            isinstance(of, (Symbol, Scripted))
            and (above := interpreter.vocabulary.spell(of))
            and above.name in value.uses
        ):
            why = f"∂{plain(of)}/∂{plain(by)} is upside down: {plain(by)} is computed from {plain(of)}"
            raise IndexMistake(why, of.span)
        raise Asked(
            f"{unicode_of(of)} does not depend on {unicode_of(by)} by the page's definitions",
            f"define: {plain(of.factors[0][1] if isinstance(of, Product) else of)} = … {plain(by)} …",
            of.span,
        )
    axes = {**outer.axes, **{f"∂ {k}": value.axes[slot] for k, slot in enumerate(slots)}}
    return Value(axes, data, (outer.uses - {mark}) | value.uses)


def as_floats(x: Any) -> Any:
    """An array that can be differentiated by; a Tensor, inside of another derivative, as it is."""
    if isinstance(x, Tensor):
        return x
    return x if np.asarray(x).dtype == object else np.asarray(x, float)


def of_symmetric(result: Value) -> Value:
    """By the independent entries of a symmetric matrix: each off the diagonal stands for two."""
    if result.data is None:
        return result
    own = list(result.axes)
    a, b = own.index("∂ 0"), own.index("∂ 1")
    both = result.data + np.swapaxes(result.data, a, b)
    n = result.data.shape[a]
    shape = [n if k in (a, b) else 1 for k in range(len(own))]
    return result._replace(data=np.where(np.eye(n).reshape(shape) == 1, result.data, both))


def placed(
    interpreter: Interpreter,
    result: Value,
    slots: int,
    indices: list[Expr],
    node: Partial,
    scope: Scope,
    linked: bool = False,
) -> Value:
    """The axes of what it is by, at its indices; those without one at the places that the layout gives them."""
    if len(indices) > slots:
        raise IndexMistake(f"what the derivative is by has {slots} indices, here it has {len(indices)}", node.span)
    names = [f"∂ {k}" for k in range(slots)]
    result = taken(interpreter, result, names[: len(indices)], indices, node, scope)
    left = names[len(indices) :]
    options = interpreter.vocabulary.options
    layout = LAYOUTS[node.upper[0]] if node.upper else options.get("layout")  # type: ignore[index]
    if not left and node.upper and node.sign != "∇":
        raise NotRead("a derivative by something transposed, which is a number", node.span)
    if not left:
        return result
    kind = result.kind
    if kind == "column" and linked:
        return renamed(result, {DOWN: FROM, **dict(zip(left, PLACES, strict=False))})
    if kind == "number":
        if len(left) > 2:
            raise NotRead("a derivative by something with more than two axes: write its indices", node.span)
        gradient = renamed(result, dict(zip(left, PLACES, strict=False)))
        return transposed(gradient) if layout == "numerator" else gradient
    if kind == "column" and len(left) == 1:
        if options.get("derivatives of vectors") == "entrywise":
            try:
                return renamed(renamed(result, {DOWN: "·", left[0]: "·"}), {"·": DOWN})
            except AxesError as error:
                raise NotRead(f"a derivative entry by entry of columns that differ: {error}", node.span) from None
        rows = renamed(result, {left[0]: RIGHT})
        return transposed(rows) if layout == "denominator" else rows
    raise NotRead(
        f"the derivative of a {kind} by something with {len(left)} axes has no place for all: write indices", node.span
    )
