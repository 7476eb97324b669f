"""Shorter forms of expressions; one in terms of named arrays is taken only after it was proved equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..engine.tensor import Tensor
from .equality import counterexample, rational, shown_zero
from .scalars import Symbolic, number, sympy
from .variables import expressions


def simplified(x: Any, **named: Any) -> Any:
    """An array with each entry in a simpler form, written in terms of named arrays where that is possible.

    Parameters
    ----------
    x : symbolic scalars, an array of them, or a Tensor
    named : arrays of expressions by name; a form in which they occur is used only after it was proved equal

    >>> z = tl.symbols("z", 3)
    >>> y = np.exp(z) / np.exp(z).sum()
    >>> tl.simplified(tl.jacobian(tl.softmax)(z), y=y)
    array([[y1*(1 - y1), -y1*y2, -y1*y3],
           [-y1*y2, y2*(1 - y2), -y2*y3],
           [-y1*y3, -y2*y3, y3*(1 - y3)]], dtype=object)
    """
    values = x.data if isinstance(x, Tensor) else x
    entries = np.asarray(values)
    found = np.empty(entries.shape, object)
    for place in np.ndindex(*entries.shape):
        entry = number(entries[place])
        found[place] = Symbolic(in_terms_of(entry.expr, named) if named else shortest(entry.expr), entry.shadow)
    return found if entries.ndim else found[()]


def shortest(expression: Any) -> Any:
    """The form with the fewest operations among the expression itself and its usual rearrangements."""
    s = sympy()
    forms = [expression]
    for rearranged in (s.cancel, s.factor, s.together):
        forms.append(rearranged(expression))
    return min(forms, key=s.count_ops)


def in_terms_of(expression: Any, named: Mapping[str, Any]) -> Any:
    """The expression in terms of named arrays, if a form is found that can be proved; else its shortest form."""
    s = sympy()
    for name, array in named.items():
        values = expressions(array).reshape(-1)
        letters = [s.Symbol(f"{name}{k + 1}", real=True) for k in range(len(values))]
        for ansatz in (as_shares, as_inverses):
            form = ansatz(*[rational(x.rewrite(s.exp)) for x in (expression, *values)], letters=letters)
            if form is not None and form.free_symbols <= set(letters):
                back = dict(zip(letters, values, strict=True))
                again = form.subs(back, simultaneous=True)
                if counterexample({(): (again, expression)}) is None and shown_zero(again - expression) == 0:
                    return form
    return shortest(expression)


def exponentials(*formulas: Any) -> list[Any]:
    """The symbols e = exp z that :func:`rational` introduced."""
    return sorted([e for e in set().union(*[f.free_symbols for f in formulas]) if str(e).startswith("e_")], key=str)


def as_shares(expression: Any, *values: Any, letters: list[Any]) -> Any:
    """With y = e/Σe (softmax): a function of e that does not change when all e are scaled is the same function of y,
    and Σy = 1.
    """
    s = sympy()
    found = exponentials(expression, *values)
    if len(found) != len(values):
        return None
    total = s.Add(*letters)
    form = s.factor(expression.subs(dict(zip(found, letters, strict=True)), simultaneous=True)).subs(total, 1)
    for letter in letters if len(letters) > 2 else ():
        form = form.subs(total - letter, 1 - letter)
    return form


def as_inverses(expression: Any, *values: Any, letters: list[Any]) -> Any:
    """With y a function of one e each (sigmoid, tanh): e as a function of y."""
    s = sympy()
    inverses = {}
    for value, letter in zip(values, letters, strict=True):
        found = exponentials(value)
        solutions = s.solve(value - letter, found[0], check=False, simplify=False) if len(found) == 1 else []
        if not solutions:
            return None
        inverses[found[0]] = solutions[-1]
    return s.factor(s.cancel(expression.subs(inverses, simultaneous=True)))
