r"""Chains of derivatives of columns, and pages whose products are those of numbers."""

from __future__ import annotations

from .test_namesakes import marks

NETWORK = (
    "l: layer 1…L",
    "L = 3",
    "W^l: matrix n^l × n^{l-1}",
    r"\mathbf{b}^l, \mathbf{z}^l, \mathbf{a}^l, δ^l: vector n^l",
    r"\mathbf{y}: vector n^L",
    r"define: \sigma(u) = \frac{1}{1 + e^{-u}}",
    r"define: \mathbf{z}^l = W^l \mathbf{a}^{l-1} + \mathbf{b}^l",
    r"define: \mathbf{a}^l = \sigma(\mathbf{z}^l)",
    r"define: C = \frac{1}{2} \|\mathbf{a}^L - \mathbf{y}\|^2",
    r"define: \delta^l = \frac{\partial C}{\partial \mathbf{z}^l}",
    "vectors: entrywise",
    "derivatives of vectors: entrywise",
)
CHAIN = (
    r"\frac{\partial C}{\partial W^L} = \left(\frac{\partial C}{\partial \mathbf{a}^L} \odot "
    r"\frac{\partial \mathbf{a}^L}{\partial \mathbf{z}^L}\right) \frac{\partial \mathbf{z}^L}{\partial W^L}"
)
LONG = (
    r"\frac{\partial C}{\partial \mathbf{b}^{L-1}} = \frac{\partial C}{\partial \mathbf{z}^L} "
    r"\frac{\partial \mathbf{z}^L}{\partial \mathbf{a}^{L-1}} "
    r"\frac{\partial \mathbf{a}^{L-1}}{\partial \mathbf{b}^{L-1}}"
)


def test_products_by_the_chain_rule():
    found = marks([CHAIN, LONG], *NETWORK, "products of derivatives: chain rule")
    assert found == [("holds", ""), ("holds", "")]
    assert [verdict for verdict, _ in marks([CHAIN, LONG], *NETWORK)] == ["not read", "not read"]


def test_what_holds_for_numbers_alone():
    short = r"\frac{\partial C}{\partial W^L} = \delta^L \mathbf{a}^{L-1}"
    right = r"\frac{\partial C}{\partial W^L} = \delta^L (\mathbf{a}^{L-1})^T"
    wrong = r"\frac{\partial C}{\partial W^L} = \delta^L \mathbf{a}^{L}"
    found = marks([short, right, wrong], *NETWORK, "products: of numbers")
    assert found[:2] == [("holds when", "every length is 1"), ("holds", "")]
    assert found[2][0] == "misprinted"
    assert marks([short], *NETWORK)[0][0] == "misprinted"


def test_kroneckers_delta_beside_that_of_a_layer_and_a_gradient_by_an_entry():
    kronecker = r"\frac{\partial a_i^L}{\partial z_k^L} = \delta_{ik} a_i^L (1 - a_i^L)"
    entry = r"\nabla_{j,W}^l C = \frac{\partial C}{\partial W_j^l}"
    before = r"\delta^{l-1} = \left((W^l)^T \delta^l\right) \odot \sigma'(\mathbf{z}^{l-1})"
    assert [verdict for verdict, _ in marks([kronecker, entry, before], *NETWORK)] == ["holds"] * 3


def test_members_of_families_before_the_first_are_none():
    formulas = [r"B^l = W^{l-1}", r"B^2 = W^1", r"\frac{\partial C}{\partial \mathbf{b}^L} = \delta^L"]
    assert marks(formulas, *NETWORK, "B^l: matrix n^{l-1} × n^{l-2}") == [("defines", ""), ("holds", ""), ("holds", "")]
