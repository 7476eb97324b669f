"""What primitives say of themselves, found out again by numbers: at samples that the registry's samples make."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.table.arrays import unbroadcast
from tinygrad_lite.table.primitive import Primitive
from tinygrad_lite.table.registry import PRIMITIVES

BY_NAME = pytest.mark.parametrize("primitive", PRIMITIVES.values(), ids=list(PRIMITIVES))


def close(a: Any, b: Any) -> bool:
    """Equal to rounding, in shape too."""
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-10, atol=1e-12)


def others(use: Any, seed: int = 0) -> list[np.ndarray]:
    """Other numbers in place of a sample's variables, within their range or a little nearer to 0."""
    rng = np.random.default_rng(seed)

    def other(x: np.ndarray) -> np.ndarray:
        if not x.size:
            return x
        if x.dtype.kind == "c":
            return other(x.real) + 1j * other(x.imag)
        return np.asarray(0.97 * rng.uniform(x.min(), x.max(), x.shape))

    return [other(x) for x in use.variables]


def test_every_primitive_is_reached_by_a_sample(primitive_uses: Any) -> None:
    assert set(primitive_uses) == set(PRIMITIVES)


# ---------------------------------------------------------------------------------------------------------------------
# Linear


def is_linear(use: Any) -> bool:
    """Whether f(ax + by) = a f(x) + b f(y), of all inputs together."""
    x, y = use.variables, others(use)
    with np.errstate(all="ignore"):  # outside of the domain, of a function that is not linear
        try:
            mixed = use(*[1.25 * p - 0.5 * q for p, q in zip(x, y, strict=True)])
            return close(mixed, 1.25 * use(*x) - 0.5 * use(*y))
        except np.linalg.LinAlgError:
            return False


@BY_NAME
def test_what_is_linear_says_so(primitive: Primitive, primitive_uses: Any) -> None:
    uses = [use for use in primitive_uses[primitive.name] if len(use.places) == len(use.inputs)]
    uses = [use for use in uses if all(np.isfinite(x).all() for x in use.variables)]
    assert uses
    assert primitive.linear == all(is_linear(use) for use in uses)


# ---------------------------------------------------------------------------------------------------------------------
# Symmetric


def pulled(use: Any, inputs: tuple[Any, ...]) -> Iterator[Any]:
    """What the rules make of a cotangent, for each input."""
    primitive = use.primitive
    y = use(*inputs)
    g = np.cos(np.arange(y.size)).reshape(y.shape)[()]
    for k, x in enumerate(inputs):
        pull = primitive.pull_of(k)
        d = pull.rule(g, *primitive.asked(pull, primitive.values_by_name(y, inputs, use.params, k)))
        yield unbroadcast(np.asarray(d), np.shape(x)) if primitive.broadcasts else d


def is_symmetric(use: Any) -> bool:
    """Whether the value stays, and the rules change places, when inputs do."""
    inputs = tuple([np.asarray(x) for x in use.inputs])
    value, derivatives = use(*inputs), list(pulled(use, inputs))
    for order in permutations(range(len(inputs))):
        turned = tuple([inputs[k] for k in order])
        try:
            again, swapped = use(*turned), list(pulled(use, turned))
        except (TypeError, ValueError, IndexError):  # shapes that do not fit in this order
            return False
        if not close(again, value) or not all(close(swapped[j], derivatives[k]) for j, k in enumerate(order)):
            return False
    return True


@BY_NAME
def test_what_is_symmetric_says_so(primitive: Primitive, primitive_uses: Any) -> None:
    several = [use for use in primitive_uses[primitive.name] if len(use.inputs) > 1]
    with np.errstate(all="ignore"):
        assert primitive.symmetric == (bool(several) and all(is_symmetric(use) for use in several))


# ---------------------------------------------------------------------------------------------------------------------
# Elementwise


def is_elementwise(use: Any) -> bool:
    """Whether the output is of the shape that inputs, and arrays among the parameters, broadcast to, and a change of
    one entry changes the output in that entry's place only, or in those it broadcasts to.
    """
    variables, changed = use.variables, others(use)
    value = np.asarray(use(*use.at(variables)))
    masks = [x for x in use.params.values() if isinstance(x, np.ndarray)]
    try:
        whole = np.broadcast_shapes(*[np.shape(x) for x in (*use.inputs, *masks)])
    except ValueError:
        return False
    if whole != value.shape:
        return False
    for k, x in enumerate(variables):
        place = np.broadcast_to(np.arange(x.size).reshape(x.shape), value.shape)
        for entry in range(x.size):
            moved = x.copy()
            moved.flat[entry] = changed[k].flat[entry]
            differs = np.asarray(use(*use.at([*variables[:k], moved, *variables[k + 1 :]]))) != value
            if np.any(differs & (place != entry)):
                return False
    return True


@BY_NAME
def test_what_is_elementwise_says_so(primitive: Primitive, primitive_uses: Any) -> None:
    uses = [use for use in primitive_uses[primitive.name] if all(np.isfinite(x).all() for x in use.variables)]
    assert primitive.elementwise == all(is_elementwise(use) for use in uses)


# ---------------------------------------------------------------------------------------------------------------------
# Transparent


def is_transparent(use: Any) -> bool:
    """Whether the output is the one input, entry by entry, in its order or repeated by broadcasting."""
    if len(use.inputs) > 1:
        return False
    (x,), y = use.inputs, np.asarray(use(*use.inputs))
    if y.size == np.size(x):
        return close(np.ravel(x), np.ravel(y))
    try:
        return close(np.broadcast_to(x, y.shape), y)
    except ValueError:
        return False


@BY_NAME
def test_what_is_transparent_says_so(primitive: Primitive, primitive_uses: Any) -> None:
    if primitive.name == "positive":
        pytest.skip("it hands on its input too, but whoever writes a + means to see it")
    if primitive.name == "conj":
        pytest.skip("of real numbers only")
    assert primitive.transparent == all(is_transparent(use) for use in primitive_uses[primitive.name])


# ---------------------------------------------------------------------------------------------------------------------
# Products


class Counted:
    """A number that counts the products it takes part in."""

    products = 0

    def __init__(self, value: float) -> None:
        self.value = value

    def __mul__(self, other: Counted) -> Counted:
        Counted.products += 1
        return Counted(self.value * other.value)

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.value + other.value)


def number_by_number(name: str, y_shape: tuple[int, ...], inputs: Any, params: Any) -> Any:
    """The contractions, spelled out: each product of two factors and each sum of two terms once."""
    if name == "matmul":
        a, b = inputs
        rows = a if a.ndim > 1 else a[None]
        columns = b if b.ndim > 1 else b[:, None]
        stack = np.broadcast_shapes(rows.shape[:-2], columns.shape[:-2])
        rows = np.broadcast_to(rows, stack + rows.shape[-2:])
        columns = np.broadcast_to(columns, stack + columns.shape[-2:])
        y = np.full((*stack, rows.shape[-2], columns.shape[-1]), Counted(0.0))
        for *s, i, j in np.ndindex(*y.shape):
            for k in range(rows.shape[-1]):
                y[(*s, i, j)] = y[(*s, i, j)] + rows[(*s, i, k)] * columns[(*s, k, j)]
        return y.reshape(y_shape)
    if name == "linear":
        x, weight, bias = inputs
        y = np.full(y_shape, Counted(0.0))
        for *s, o in np.ndindex(*y_shape):
            y[(*s, o)] = bias[o]
            for k in range(x.shape[-1]):
                y[(*s, o)] = y[(*s, o)] + x[(*s, k)] * weight[o, k]
        return y
    return convolved(name, y_shape, inputs, params)


def convolved(name: str, y_shape: tuple[int, ...], inputs: Any, params: Any) -> Any:
    """T(x, w, d) = Σ d · (x ∗ w), differentiated by one of the three: every product of the other two."""
    (top, bottom), (left, right) = params["padding"]
    if name == "convolve":
        (x, w), d_shape = inputs, y_shape
        w_shape, inside = w.shape, x.shape
    elif name == "convolve_transposed":
        (d, w), d_shape = inputs, inputs[0].shape
        w_shape, inside = w.shape, y_shape
    else:
        (x, d), d_shape = inputs, inputs[1].shape
        w_shape, inside = y_shape, x.shape
    around = (*inside[:2], inside[2] + top + bottom, inside[3] + left + right)
    within = (..., slice(top, top + inside[2]), slice(left, left + inside[3]))
    bordered = np.full(around, Counted(0.0))
    if name != "convolve_transposed":
        bordered[within] = x
    y = bordered if name == "convolve_transposed" else np.full(y_shape, Counted(0.0))
    for n, o, i, j in np.ndindex(*d_shape):
        for c, k, m in np.ndindex(*w_shape[1:]):
            at_d, at_w = (n, o, i, j), (o, c, k, m)
            (s, t), (p, q) = params["stride"], params["dilation"]
            at_x = (n, c, s * i + p * k, t * j + q * m)
            if name == "convolve":
                y[at_d] = y[at_d] + bordered[at_x] * w[at_w]
            elif name == "convolve_transposed":
                y[at_x] = y[at_x] + d[at_d] * w[at_w]
            else:
                y[at_w] = y[at_w] + bordered[at_x] * d[at_d]
    return y[within] if name == "convolve_transposed" else y


CONTRACTIONS = sorted(name for name, made in PRIMITIVES.items() if made.products is not None)


def test_contractions_are_those_that_multiply_and_add() -> None:
    assert set(CONTRACTIONS) == {
        "convolve", "convolve_transposed", "convolve_weight", "einsum", "linear", "matmul",
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name in CONTRACTIONS if name != "einsum"])
def test_products_are_counted(name: str, primitive_uses: Any) -> None:
    for use in primitive_uses[name]:
        value = np.asarray(use(*use.inputs))
        inputs = [np.vectorize(Counted, otypes=[object])(x) for x in use.inputs]
        Counted.products = 0
        spelled = number_by_number(name, value.shape, inputs, use.params)
        np.testing.assert_allclose(np.vectorize(lambda x: x.value, otypes=[complex])(spelled), value, atol=1e-12)
        shapes = [x.shape for x in inputs]
        assert use.primitive.count_products(value.shape, shapes, use.params) == Counted.products


def test_products_of_an_einsum_are_its_index_combinations(primitive_uses: Any) -> None:
    for use in primitive_uses["einsum"]:
        inputs, _, output = use.params["subscripts"].partition("->")
        letters = sorted(set(inputs.replace(",", "")))
        labels = inputs.split(",")
        lengths: dict[str, int] = {}
        for x, term in zip(use.inputs, labels, strict=True):
            lengths.update(zip(term, np.shape(x), strict=True))
        value = np.asarray(use(*use.inputs))
        y, combinations = np.zeros(value.shape), 0
        for numbers in np.ndindex(*[lengths[c] for c in letters]):
            at = dict(zip(letters, numbers, strict=True))
            factors = [np.asarray(x)[tuple([at[c] for c in term])] for x, term in zip(use.inputs, labels, strict=True)]
            y[tuple([at[c] for c in output])] += np.prod(factors)
            combinations += 1
        np.testing.assert_allclose(y, value, atol=1e-12)
        shapes = [np.shape(x) for x in use.inputs]
        assert use.primitive.count_products(value.shape, shapes, use.params) == combinations


def test_the_three_convolutions_of_one_layer_take_the_same_products() -> None:
    x, w = np.ones((4, 2, 5, 5)), np.ones((3, 2, 3, 3))
    options = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1)}
    shapes = {"convolve": ((4, 3, 5, 5), [x.shape, w.shape], options)}
    shapes["convolve_transposed"] = (x.shape, [(4, 3, 5, 5), w.shape], {**options, "shape": (5, 5)})
    shapes["convolve_weight"] = (w.shape, [x.shape, (4, 3, 5, 5)], {**options, "kernel": (3, 3)})
    counts = {name: PRIMITIVES[name].count_products(*given) for name, given in shapes.items()}
    assert set(counts.values()) == {4 * 3 * 5 * 5 * 2 * 3 * 3}


def test_without_products_there_is_no_count() -> None:
    assert PRIMITIVES["add"].count_products((2,), [(2,), (2,)], {}) is None


# ---------------------------------------------------------------------------------------------------------------------
# How it is written


def test_signs_and_symbols() -> None:
    signs = {name: made.sign for name, made in PRIMITIVES.items() if made.sign}
    known = {"add": "+", "subtract": "−", "multiply": "·", "divide": "/", "matmul": "@", "power": "^"}
    assert signs.items() >= known.items()
    symbols = {name: made.symbol for name, made in PRIMITIVES.items() if made.symbol != name}
    assert (
        symbols.items()
        >= {
            "log": "ln",
            "sigmoid": "σ",
            "maximum": "max",
            "minimum": "min",
            "arcsinh": "arsinh",
            "arccosh": "arcosh",
            "arctanh": "artanh",
            "sloped_relu": "relu",
        }.items()
    )


def test_a_sign_stands_between_two_operands() -> None:
    assert all(made.arity == 2 for made in PRIMITIVES.values() if made.sign)


def test_the_facts_are_the_primitives_own() -> None:
    """Of one with a rule only, nothing is said."""
    made = Primitive(lambda x: x * 2, {"x": lambda g: g * 2}, name="double")
    facts = (made.linear, made.symmetric, made.elementwise, made.transparent, made.definition, made.products)
    assert facts == (False, False, False, False, None, None)
    assert (made.sign, made.symbol) == ("", "double")
    assert tl.grad(made)(3.0) == 2
