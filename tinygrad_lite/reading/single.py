"""A page as it reads where everything in it is a number: networks with one neuron in each layer."""

from __future__ import annotations

from dataclasses import replace

from .declarations import Declarations, Declared


def of_numbers(declarations: Declarations) -> Declarations:
    """Declarations with numbers in place of vectors and matrices, and functions of numbers.

    >>> from tinygrad_lite.reading.declarations import read_declarations
    >>> declared = of_numbers(read_declarations(["W^l: matrix n^l × n^{l-1}", "f: function vector"]))
    >>> [(symbol.name, symbol.kind, symbol.dims) for symbol in declared.symbols]
    [('W^l', 'number', ()), ('f', 'elementwise', ())]
    """
    symbols = [as_number(symbol) for symbol in declarations.symbols]
    options = {name: said for name, said in declarations.options.items() if name != "products"}
    return replace(declarations, symbols=symbols, options={**options, "inferred": "numbers"})


def as_number(declared: Declared) -> Declared:
    """What is said of a vector, a matrix or a function of vectors, said of numbers."""
    if declared.kind in ("vector", "row", "matrix"):
        kept = tuple(
            [quality for quality in declared.qualities if quality in ("positive", "between 0 and 1", "nonzero")]
        )
        return replace(declared, kind="number", dims=(), qualities=kept)
    if declared.kind == "function" and declared.dims == ("vector",):
        return replace(declared, kind="elementwise", dims=())
    return declared
