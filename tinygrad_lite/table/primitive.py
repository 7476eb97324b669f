"""What a primitive is: a NumPy function and one derivative rule per input.

A rule is a plain Python function, usually a lambda, written in operators, methods and dispatching NumPy functions.
Its parameters say what it needs, and so what the tape saves for it:

``g``
    the cotangent: the gradient of the final scalar with respect to this primitive's output
``y``
    the output
*an input's name*
    that input's value
*an input's name* + ``_shape``
    its shape alone (nothing is kept alive)
*a keyword parameter's name*
    its value
``i``
    in a variadic primitive (any number of inputs, one rule), which input the rule is asked for
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature
from operator import itemgetter
from types import MethodType
from typing import Any, Final, NamedTuple

import numpy as np

from .arrays import PLAIN
from .ducks import DuckArray, duck, handed_back
from .leading import Way, as_it_is, one_by_one
from .reals import kinds

Rule = Callable[..., Any]
"""A derivative rule: cotangent and saved values in, the input's gradient out."""

SETTING: Final = PLAIN | {str, tuple, type(None)}
"""Types of keyword parameters that cannot record."""

Pick = Callable[[tuple[Any, ...]], tuple[Any, ...]]
"""Takes what a rule's parameters name out of the values a forward call knew."""


class Pull(NamedTuple):
    """One input's derivative rule, the names of what it saves, and how to collect their values."""

    rule: Rule
    names: tuple[str, ...]
    pick: Pick


class CallSignature:
    """How a primitive is called, for help() and editors: inputs by position, parameters by name. Made when asked."""

    def __get__(self, made: Primitive | None, owner: type) -> Signature:
        if made is None:
            raise AttributeError("__signature__")  # the class has that of its __init__
        kind = Parameter.VAR_POSITIONAL if made.variadic else Parameter.POSITIONAL_ONLY
        inputs = [Parameter(name, kind) for name in made.inputs]
        return Signature([*inputs, *[Parameter(name, Parameter.KEYWORD_ONLY) for name in made.params]])


class Primitive:
    """A NumPy function with one derivative rule per input.

    Calling it with arrays computes; calling it with anything that records (a Tensor) records. What a type must have
    to record is one static method, ``__record__(primitive, inputs, params)``: so this file need not know Tensor.

    Parameters
    ----------
    forward : the function on arrays and NumPy scalars, ``forward(*inputs, **params)``
    rules : input name → rule, in the order of the inputs
    name : what errors, drawings and ``repr`` call it
    numpy : the public NumPy function, for arguments that are not arrays yet (lists); ``forward`` if not given
    broadcasts : whether inputs broadcast; the tape then sums each gradient back to its input's shape
    variadic : any number of inputs, all with the one rule
    remembers : values that ``forward`` computes anyway and returns after the output, for the rules to ask for by name;
        each with its definition in terms of inputs and parameters. A recorded sweep evaluates the definition instead,
        for a remembered number has no derivative: rules that ask for it must also name what its definition needs
    elementwise : whether the output has the shape that inputs broadcast to, and each of its entries depends on the
        entry of each input at its place; by default, where inputs broadcast
    linear : whether the output is linear in all inputs together
    symmetric : whether the inputs can be exchanged
    transparent : whether the output is the input's entries in their order, in another shape or dtype, or repeated
    view : whether the output may be a view of the first input's memory, as NumPy's is
    definition : the same function of the same inputs and parameters through simpler ones, as a derivation by hand goes:
        for arrays, Tensors and symbols, where it does not overflow
    written : of what computes a formula of real numbers to more digits, that formula, which is taken of all else
    plain : the same as ``forward``, of arrays that cannot be written to and whose numbers cannot be looked at
    fresh : keyword parameters whose arrays are the table's own, made for the call: nobody can write to them
    leading : how the rules take many cotangents at once, along an axis before all others: a way of ``table.leading``
        for all, or one for each input by its name; by default as they are where ``elementwise``, else one by one
    products : how many products of numbers it adds up: a function of the names a rule may ask for shapes by (an input's
        name + ``_shape``, ``y_shape``) and of the keyword parameters; None where it does not multiply and add
    sign : what is written between two operands, by default nothing: the name goes before them
    symbol : what the function is called in formulas, by default its name: ``ln``, ``σ``
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        rules: Mapping[str, Rule],
        *,
        name: str,
        numpy: Callable[..., Any] | None = None,
        broadcasts: bool = False,
        variadic: bool = False,
        remembers: Mapping[str, Callable[..., Any]] | None = None,
        elementwise: bool | None = None,
        linear: bool = False,
        symmetric: bool = False,
        transparent: bool = False,
        view: bool = False,
        definition: Callable[..., Any] | None = None,
        written: Callable[..., Any] | None = None,
        plain: Callable[..., Any] | None = None,
        fresh: tuple[str, ...] = (),
        leading: Way | Mapping[str, Way] | None = None,
        products: Callable[..., int] | None = None,
        sign: str = "",
        symbol: str = "",
        doc: str = "",
    ) -> None:
        # fewer than 30 attributes: of objects with more, Python finds each in a dict of the object's own, and slower
        self.forward: Final = forward
        self.numpy: Final = numpy or forward
        self.name: Final = name
        self.inputs: Final = tuple(rules)
        self.params: Final = self.keywords(forward)
        self.broadcasts: Final = broadcasts
        self.variadic: Final = variadic
        self.arity: Final = 0 if variadic else len(rules)
        self.remembers: Final = remembers or {}
        self.elementwise: Final = broadcasts if elementwise is None else elementwise
        self.linear: Final = linear
        self.symmetric: Final = symmetric
        self.transparent: Final = transparent
        self.view: Final = view
        self.definition: Final = definition
        self.written: Final = written
        self.plain: Final = plain
        self.fresh: Final = fresh
        self.products: Final = products
        self.sign: Final = sign
        self.symbol: Final = symbol or name
        self.needs_shapes: Final = any(n.endswith("_shape") for rule in rules.values() for n in parameter_names(rule))
        self.simple: Final = not (self.params or self.remembers or self.variadic or self.needs_shapes)
        self.pulls: tuple[Pull, ...] = tuple([self.pull(rule) for rule in rules.values()])
        self.ways: Final = self.ways_of(leading)
        self.__name__ = self.__qualname__ = name
        self.__module__ = next((rule.__module__ for rule in rules.values()), type(self).__module__)
        self.__doc__ = doc

    def keywords(self, forward: Callable[..., Any]) -> tuple[str, ...]:
        """The names of the parameters that are no inputs."""
        return keyword_names(forward)

    def pull(self, rule: Rule) -> Pull:
        """Read a rule's signature, once."""
        first, *names = parameter_names(rule)
        places = {name: place for place, name in enumerate(self.known_names())}
        unknown = [name for name in names if name not in places]
        if first != "g" or unknown:
            raise TypeError(
                f"{self.name}: a rule takes g, then any of {', '.join(places)}; this one takes {first}, {names}"
            )
        return Pull(rule, tuple(names), picker([places[name] for name in names]))

    def ways_of(self, leading: Way | Mapping[str, Way] | None) -> tuple[Way, ...]:
        """For each rule, how it takes many cotangents at once."""
        if leading is None:
            leading = as_it_is if self.elementwise else one_by_one
        if isinstance(leading, Mapping):
            return tuple([leading.get(name, one_by_one) for name in self.inputs])
        return (leading,) * len(self.inputs)

    def known_names(self) -> tuple[str, ...]:
        """The names a rule may ask for, in the order :meth:`known` lays their values out."""
        which = ("i",) if self.variadic else ()
        return ("y", *self.inputs, *self.params, *self.remembers, *[f"{name}_shape" for name in self.inputs], *which)

    def known(
        self, y: Any, values: tuple[Any, ...], params: Mapping[str, Any], remembered: tuple[Any, ...] = ()
    ) -> tuple[Any, ...]:
        """Every value a rule may ask for; the shapes only if a rule does. ``i``, which differs, is put behind them."""
        given = map(params.__getitem__, self.params)
        if self.arity == 1:  # without a loop
            return (y, values[0], *given, *remembered, values[0].shape)
        shapes = tuple([v.shape for v in values]) if self.needs_shapes else ()
        if self.variadic:
            return (y, values, *given, *remembered, shapes)
        return (y, *values, *given, *remembered, *shapes)

    def pull_of(self, place: int) -> Pull:
        """The rule of the input at a place."""
        return self.pulls[0 if self.variadic else place]

    def asked(self, pull: Pull, known: Callable[[str], Any]) -> tuple[Any, ...]:
        """The values that a rule asks for, by a function that knows them by name."""
        return tuple([self.value(name, known) for name in pull.names])

    def value(self, name: str, known: Callable[[str], Any]) -> Any:
        """One value by name; of what ``forward`` remembers, what its definition gives."""
        definition = self.remembers.get(name)
        if definition is None:
            return known(name)
        return definition(*[self.value(needed, known) for needed in parameter_names(definition)])

    def values_by_name(
        self, y: Any, inputs: Sequence[Any], params: Mapping[str, Any], i: int = 0
    ) -> Callable[[str], Any]:
        """Looks up what a rule may ask for, in values of any kind: arrays, Tensors, placeholders, symbols."""

        def known(name: str) -> Any:
            if name == "y":
                return y
            if name == "i" and self.variadic:
                return i
            if name in self.inputs:
                return tuple(inputs) if self.variadic else inputs[self.inputs.index(name)]
            if name in params:
                return params[name]
            if self.variadic:
                return tuple([x.shape for x in inputs])
            return inputs[self.inputs.index(name.removesuffix("_shape"))].shape

        return known

    def count_products(
        self, y_shape: tuple[int, ...], shapes: Sequence[tuple[int, ...]], params: Mapping[str, Any]
    ) -> int | None:
        """How many products of numbers are added up for these shapes; None for what does not multiply and add."""
        if self.products is None:
            return None
        of_inputs = [tuple(shapes)] if self.variadic else shapes
        known = dict(params) | {f"{name}_shape": shape for name, shape in zip(self.inputs, of_inputs, strict=True)}
        known["y_shape"] = y_shape
        return self.products(*[known[name] for name in parameter_names(self.products)])

    def __call__(self, /, *inputs: Any, **params: Any) -> Any:
        if len(inputs) != self.arity and self.arity:
            raise self.wrong_arguments(inputs, params)
        if params and tuple(params) != self.params and params.keys() != {*self.params}:
            raise self.wrong_arguments(inputs, params)
        return self.on(inputs, params)

    def on(self, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """A call whose arguments are known to be right: of the table's functions that have just put them together.

        A method, for Python takes an object's ``__call__`` with keywords by a way that costs as much as NumPy's work.
        """
        if self.written is not None and (of_what := kinds(inputs)):
            return (self.forward if of_what == "f" else self.written)(*inputs, **params)
        others = False
        for x in inputs:
            if type(x) not in PLAIN:
                if (record := getattr(type(x), "__record__", None)) is not None:
                    return record(self, inputs, params)
                others = True
        for x in params.values():
            if type(x) not in SETTING:
                if (record := getattr(type(x), "__record__", None)) is not None:
                    return record(self, inputs, params)
                others = True
        if others and (y := self.elsewhere(inputs, params)) is not NotImplemented:
            return y
        y = self.numpy(*inputs, **params)
        if self.remembers:
            y = y[0]
        return y[()] if type(y) is np.ndarray and not y.ndim else y  # no axes: a NumPy scalar, as Tensors keep it

    def elsewhere(self, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """What it gives of arrays of another library; NotImplemented where there are none."""
        ducks = tuple([duck(x) for x in inputs])
        settings = {name: duck(x) for name, x in params.items()}
        if not any(type(x) is DuckArray for x in (*ducks, *settings.values())):
            return NotImplemented
        y = DuckArray.__evaluate__(self, ducks, settings)
        return y if self.called_by_rules(inputs, ducks, params) else handed_back(y)

    def called_by_rules(self, inputs: tuple[Any, ...], ducks: tuple[Any, ...], params: Mapping[str, Any]) -> bool:
        """Whether arrays of another library came as rules see them: inputs, or parameters where no input is one."""
        among_inputs = any(type(x) is DuckArray for x in ducks)
        return any(type(x) is DuckArray for x in (inputs if among_inputs else params.values()))

    def wrong_arguments(self, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> TypeError:
        """The error for a call with other arguments than the primitive has."""
        extra = [f"{key}=" for key in params if key not in self.params]
        asked = ", ".join([*self.inputs, *[f"{key}=" for key in self.params]])
        got = f"the keyword {', '.join(extra)}" if extra else f"{len(inputs)} of the {len(self.inputs)} inputs"
        return TypeError(f"{self.name}: takes {asked}; got {got}")

    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else MethodType(self, instance)  # a method where a class holds it, as functions

    __signature__ = CallSignature()

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"


def parameter_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """The positional parameters of a Python function.

    Read off the code object: ``inspect.signature`` is some thirty times slower, and importing runs this 200 times.
    """
    code = function.__code__
    return code.co_varnames[: code.co_argcount]


def keyword_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """The keyword-only parameters of a Python function; none for a ufunc or an operator."""
    code = getattr(function, "__code__", None)
    if code is None:
        return ()
    names: tuple[str, ...] = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    return names


def picker(places: list[int]) -> Pick:
    """A function that takes the given places out of a tuple, as a tuple, at C speed."""
    if not places:
        return itemgetter(slice(0, 0))
    if len(places) == 1:
        return itemgetter(slice(places[0], places[0] + 1))  # a slice, so that one value comes as a tuple too
    return itemgetter(*places)
