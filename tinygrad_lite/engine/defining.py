"""Primitives of the user's own: a function that NumPy, SciPy or another library computes, with its derivative."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, Signature
from sys import getrefcount
from types import FunctionType
from typing import Any, Final

import numpy as np

from ..table.ducks import DuckArray, duck
from ..table.leading import one_by_one
from ..table.parts import read_only_view
from ..table.primitive import Primitive, Pull, Rule, keyword_names
from .protocols import refuse_leaving
from .tensor import Tensor, number_array
from .writing import ALONE

FACTS: Final = frozenset(keyword_names(Primitive.__init__)) - {"numpy", "doc", "variadic", "leading"}
"""What may be said of a primitive beside its rules: the keywords of :class:`Primitive`."""

BY_POSITION: Final = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def primitive(function: Callable[..., Any] | None = None, /, **rules: Any) -> Callable[..., Any]:
    """Make a function of arrays a primitive, given its derivative: one rule for each input, by its name.

    A decorator, ``@primitive(x=…)``, or a function of the function, ``primitive(scipy.special.j0, x=…)``.

    What the function does inside is not recorded: it is handed arrays, which it cannot write to, and NumPy scalars. So
    this is the way for functions of SciPy or compiled code, and for derivatives that are better than those that
    recording finds.

    Parameters
    ----------
    rules : for an input a function of the cotangent ``g`` and what else it needs, by name: ``y``, the output; an
        input; ``<input>_shape``, its shape; any other parameter of the function; of ``*xs``, one rule for all, ``i``,
        which of them it is asked for. It returns the gradient, of the input's shape. Written in operators and
        functions that are differentiable themselves, it gives derivatives of any order. None: no gradient is wanted
        of this input, and none flows
    elementwise, broadcasts, linear, symbol, … : facts, as of :class:`Primitive`. With
        ``elementwise=True`` the inputs broadcast, and each gradient is summed back to its input's shape

    Given arrays, numbers or lists it computes; given a Tensor it records. It has the function's name, docstring and
    signature. Defined again, it is another primitive, and what was recorded before keeps the old rules.
    :func:`check_gradients` compares the rules with central differences.

    Raises
    ------
    TypeError
        where it is defined: for a rule of an input that the function does not have, or that asks for what there is not;
        where it is called: for a Tensor that requires a gradient, of an input without a rule

    >>> @tl.primitive(x=lambda g, x: g * np.cos(x), elementwise=True)
    ... def my_sin(x):
    ...     return np.sin(x)
    >>> float(tl.grad(my_sin)(0.0))
    1.0
    >>> tl.check_gradients(my_sin, np.array([0.5, 1.0]))
    """
    if function is not None:
        return OwnPrimitive(function, rules)
    return lambda decorated: OwnPrimitive(decorated, rules)


class OwnPrimitive(Primitive):
    """What :func:`primitive` makes: called as the function is called."""

    def __init__(self, function: Callable[..., Any], given: Mapping[str, Any]) -> None:
        if not callable(function):
            raise TypeError(f"primitive: makes a primitive of a function, not of {function!r}")
        signature = signature_of(function, given)
        parameters = signature.parameters.values()
        self.places: Final = tuple([p.name for p in parameters if p.kind in BY_POSITION])
        self.several: Final = next((p.name for p in parameters if p.kind is Parameter.VAR_POSITIONAL), None)
        facts = {key: x for key, x in given.items() if key in FACTS and key not in signature.parameters}
        rules = {key: x for key, x in given.items() if key not in facts}
        name = facts.setdefault("name", getattr(function, "__name__", type(function).__name__))
        check_rules(name, signature, rules)
        if facts.get("elementwise"):
            facts.setdefault("broadcasts", True)
        self.signature: Final = signature
        self.function: Final = function
        self.constants: Final = frozenset(key for key, rule in rules.items() if rule is None)
        own = {key: rules[key] for key in signature.parameters if rules.get(key) is not None}
        self.others: Final = tuple([key for key in signature.parameters if key not in own])
        super().__init__(
            self.computed,
            own,
            variadic=self.several is not None,
            doc=function.__doc__ or "",
            leading=one_by_one,  # nobody says of these rules that they take more than they are given
            **facts,
        )
        self.__name__ = name
        self.__qualname__ = getattr(function, "__qualname__", name)
        self.__module__ = getattr(function, "__module__", None) or __name__
        self.__wrapped__ = function
        self.__signature__ = signature

    def keywords(self, forward: Callable[..., Any]) -> tuple[str, ...]:  # noqa: ARG002
        """Every parameter without a rule."""
        return self.others

    def pull(self, rule: Rule) -> Pull:
        """The rule, whose result is an array."""
        rule, names, pick = super().pull(rule)

        @wraps(rule)
        def checked(g: Any, *saved: Any) -> Any:
            d = rule(*map(read_only_view, (g, *saved)))
            return d if hasattr(d, "shape") else numbers(d, f"{self.name}: a rule gave")

        return Pull(checked, names, pick)

    def computed(self, /, *inputs: Any, **params: Any) -> Any:
        """What the function gives for arrays: an array that is nobody else's."""
        if not self.view:
            inputs = tuple(map(read_only_view, inputs))
        values = params if self.several else {**params, **dict(zip(self.inputs, inputs, strict=True))}
        args = [values[name] for name in self.places]
        keywords = {name: x for name, x in values.items() if name not in self.places}
        y = self.function(*args, *inputs, **keywords) if self.several else self.function(*args, **keywords)
        results = [*y] if self.remembers else [y]
        del y  # who else has the results is asked of their references
        results[0] = numbers(results[0], f"{self.name}: the function gave")
        if not self.view:
            own_results(results)
        return tuple(results) if self.remembers else results[0]

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self.name}: {error}") from None
        bound.apply_defaults()
        given = bound.arguments
        inputs = given[self.several] if self.several else [given[name] for name in self.inputs]
        params = {name: self.setting(name, given[name]) for name in self.others}
        try:
            inputs = [x if hasattr(type(x), "__record__") else number_array(x) for x in inputs]
        except TypeError as error:
            raise TypeError(f"{self.name}: {error}") from None
        return super().__call__(*inputs, **params)

    def setting(self, name: str, x: Any) -> Any:
        """The value of a parameter without a rule."""
        if type(x) is Tensor and name in self.constants:
            return x.detach().data
        refuse_leaving(
            [x] if type(x) is Tensor else (),
            f"{self.name}: {name}",
            "has no rule",
            f"Give it one, {name}=lambda g, …: …, or say that no gradient is to flow, {name}=None",
        )
        return x

    def __reduce__(self) -> str:
        return self.__qualname__  # found again by its name, as functions are


def signature_of(function: Callable[..., Any], rules: Mapping[str, Any]) -> Signature:
    """How the function is called; a ufunc, and what does not say so, with the inputs in the rules' order.

    Raises TypeError for functions that take any keywords.
    """
    try:
        signature = inspect.signature(function) if not isinstance(function, np.ufunc) else None
    except (TypeError, ValueError):
        signature = None
    if signature is None:
        inputs = [name for name in rules if name not in FACTS]
        return Signature([Parameter(name, Parameter.POSITIONAL_ONLY) for name in inputs])
    for parameter in signature.parameters.values():
        if parameter.kind is Parameter.VAR_KEYWORD:
            raise TypeError(f"{function.__name__}: a primitive's parameters have names; **{parameter.name} has none")
    return signature


def check_rules(name: str, signature: Signature, rules: Mapping[str, Any]) -> None:
    """Raise TypeError unless there are rules, each a function, of inputs that there are."""
    inputs = ", ".join(signature.parameters)
    for key, rule in rules.items():
        if key not in signature.parameters:
            raise TypeError(f"{name}: there is a rule for {key}, and the function takes {inputs or 'nothing'}")
        if rule is not None and not isinstance(rule, FunctionType):
            raise TypeError(f"{name}: the rule for {key} is a function of g and what else it needs, not {rule!r}")
    with_rule = [key for key, rule in rules.items() if rule is not None]
    if not with_rule:
        raise TypeError(f"{name}: no input has a rule; give one, for instance {inputs or 'x'}=lambda g: g")
    several = [p.name for p in signature.parameters.values() if p.kind is Parameter.VAR_POSITIONAL]
    if several and with_rule != several:
        raise TypeError(f"{name}: of a function of *{several[0]} these alone have a rule, one for all")


def own_results(results: list[Any]) -> None:
    """Copy, in place, arrays that others see and may write to: work buffers, caches, the inputs; rules save them."""
    for k in range(len(results)):
        if type(results[k]) is np.ndarray and (getrefcount(results[k]) > ALONE or sees_others(results, k)):
            results[k] = results[k].copy()


def sees_others(results: list[Any], k: int) -> bool:
    """Whether an array is a view of memory that anything but this view holds."""
    if results[k].base is None:
        return False
    return type(results[k].base) is not np.ndarray or getrefcount(results[k].base) > ALONE


def numbers(x: Any, what: str) -> Any:
    """An array or a NumPy scalar; a Python number as one. TypeError for anything else."""
    if type(x) is np.ndarray or issubclass(type(x), np.generic):  # as Tensors of a number say to be, too
        return x
    if type(x := duck(x)) is DuckArray:
        return x
    if type(x) is Tensor or isinstance(x, np.ndarray) or not hasattr(type(x), "__float__"):
        raise TypeError(f"{what} {type(x).__name__}, which is no array of NumPy's")
    return np.asarray(x)[()]
