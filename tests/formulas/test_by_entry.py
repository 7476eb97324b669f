"""Derivatives of vectors by vectors: how they are written, and that none is whose numbers are others."""

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.formulas.algebra import multiple
from tinygrad_lite.formulas.by_entry import Entries

X = tl.tensor([1.0, 2.0, 3.0], name="x")
A = tl.tensor([[0.0, 1.0, 2.0], [3.0, -4.0, 5.0]], name="A")


def vector(name="z", at=(0.1, 0.5, -0.3)):
    return tl.tensor(np.array(at), requires_grad=True, name=name)


def shares(z):
    e = np.exp(z)
    return e / e.sum()


def unit_vector(z):
    length = np.sqrt((z * z).sum())
    length.name = "r"
    return z / length


@pytest.mark.parametrize(
    ("function", "shown"),
    [
        (tl.softmax, "∂yₖ/∂zⱼ = yₖ (δⱼₖ − yⱼ)"),
        (shares, "∂yₖ/∂zⱼ = yₖ (δⱼₖ − yⱼ)"),
        (lambda z: tl.softmax(z / 2), "∂yₖ/∂zⱼ = yₖ (δⱼₖ − yⱼ) / 2"),
        (tl.log_softmax, "∂yₖ/∂zⱼ = δⱼₖ − exp(yⱼ)"),
        (unit_vector, "∂yₖ/∂zⱼ = (δⱼₖ − yₖ yⱼ) / r"),
        (lambda z: z - z.mean(), "∂yₖ/∂zⱼ = δⱼₖ − 1 / 3"),
        (lambda z: z + z.sum(), "∂yₖ/∂zⱼ = δⱼₖ + 1"),
        (np.tanh, "∂yₖ/∂zⱼ = δⱼₖ (1 − yₖ²)"),
        (tl.sigmoid, "∂yₖ/∂zⱼ = δⱼₖ yₖ (1 − yₖ)"),
        (lambda z: X * z, "∂yₖ/∂zⱼ = δⱼₖ xₖ"),
        (lambda z: A @ z, "∂y/∂z = A"),
        (lambda z: -(z @ A.data.T), "∂y/∂z = −bᵀ"),
        (lambda z: np.tanh(A @ z), "∂yₖ/∂zⱼ = Aₖⱼ (1 − yₖ²)"),
    ],
)
def test_the_entries_of_a_jacobian_are_written(function, shown):
    assert tl.derive(function(vector())).results[-1].text == shown


def test_a_number_has_no_place_and_taken_letters_are_left_alone():
    c = tl.tensor(2.0, requires_grad=True, name="c")
    assert tl.derive(c * X).results[-1].text == "∂yₖ/∂c = xₖ"
    one = tl.tensor([2.0], requires_grad=True, name="c")
    assert tl.derive(one * X).results[-1].text == "∂yₖ/∂c = xₖ"
    assert tl.derive(tl.softmax(vector("k"))).results[-1].text == "∂yⱼ/∂kᵢ = yⱼ (δᵢⱼ − yᵢ)"
    assert tl.derive(np.exp(vector("z1"))).results[-1].text == "∂yₖ/∂(z₁)ⱼ = δⱼₖ yₖ"
    shown = tl.derive(vector("δ") * X)
    assert shown.results[-1].text == "∂yₖ/∂δⱼ = Iⱼₖ xₖ"
    assert "where Iⱼₖ is 1 where j = k, 0 elsewhere" in str(shown)


def test_every_form_has_it():
    derivation = tl.derive(tl.softmax(vector()))
    expected = r"\frac{\partial y_{k}}{\partial z_{j}} = y_{k} \, \left(\delta_{jk} - y_{j}\right)"
    assert derivation.results[-1].latex == expected
    assert expected.replace(" = ", " &= ") in derivation.latex()
    assert "cotangent" not in derivation._repr_markdown_()
    assert not derivation.steps
    assert r"\delta_{jk} \text{ is 1 where j = k, 0 elsewhere}" in derivation.latex(document=True)


@pytest.mark.parametrize(
    "function",
    [
        np.sort,
        np.cumsum,
        lambda z: z[::-1],
        lambda z: tl.softmax(A @ z),
        lambda z: np.tanh(A.data.T @ (A @ z)),
        lambda z: tl.softmax(z.reshape(3, 1) * np.ones((3, 2))),
        lambda z: z[:0],
    ],
)
def test_what_is_not_written_is_refused_with_what_to_do(function):
    with pytest.raises(ValueError, match=r"y\[0.*\], or a sum with weights, .* tl.jacobian") as error:
        tl.derive(function(vector()))
    assert error.value.__suppress_context__


def test_what_it_says_to_do_can_be_done():
    z, w = vector(), X
    y = np.sort(z)
    y.name = "y"
    assert str(tl.derive(y[0]))
    assert str(tl.derive((w * y).sum()))


@pytest.mark.parametrize("function", [tl.softmax, np.tanh, lambda z: A @ z, lambda z: X * z])
@pytest.mark.parametrize("factor", [-1, 2])
def test_a_formula_that_has_not_the_values_of_the_graph_is_not_shown(function, factor, monkeypatch):
    right = Entries.formula
    monkeypatch.setattr(Entries, "formula", lambda self: multiple(right(self), factor))
    with pytest.raises(ValueError, match="cannot write entry by entry"):
        tl.derive(function(vector()))


def test_values_that_are_no_numbers_confirm_nothing():
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="cannot write"):
        tl.derive(np.log(vector(at=(-1.0, 2.0, 3.0))) * X * np.nan)


def test_more_rows_than_are_compared():
    z = tl.tensor(np.linspace(-1, 1, 100), requires_grad=True, name="z")
    assert tl.derive(tl.softmax(z)).results[-1].text == "∂yₖ/∂zⱼ = yₖ (δⱼₖ − yⱼ)"
