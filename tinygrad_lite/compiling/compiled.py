"""Functions as the NumPy source of what they compute, with every buffer planned."""

from __future__ import annotations

import gc
import inspect
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import update_wrapper
from itertools import count
from pathlib import Path
from types import MethodType
from typing import Any

import numpy as np

from ..engine.refusals import refusal
from ..engine.tensor import Tensor
from ..engine.transforms import numbers
from ..engine.trees import Structure, flatten
from ..table.ducks import kind_of
from ..table.requests import OutlastingError
from .captured import changes
from .guards import identical, signature_of
from .holding import State
from .inputs import Aliases, aliases, donated_leaves, refuse_donations
from .kernels.launching import KERNELS
from .slots import Places
from .tracing import written_down
from .versions import Version

ARRAYS = ".arrays.npz"
"""What the name of a file of arrays ends in."""

KEPT = 64
"""So many signatures are kept, those that were called last."""

lock = threading.RLock()
"""Of whoever compiles: meanwhile generators and state are others than they are."""


class Compiled:
    """A function that runs as source made of it; see :func:`compile`.

    Called with Tensors, or within what is differentiated or compiled itself, it runs as the function that it was made
    of: on that tape, as part of that program.

    Attributes
    ----------
    versions : by their signatures
    latest : the version that was called last
    own : the lock of whoever changes its state
    growing : signatures in whose first call containers from outside grew
    """

    def __init__(
        self,
        f: Callable[..., Any],
        state: Iterable[Any] = (),
        donate_argnums: tuple[int, ...] = (),
        reuse_outputs: bool = False,
        kernels: str = "large",
    ) -> None:
        update_wrapper(self, f, updated=())
        self.f = f
        self.donate_argnums = donate_argnums
        self.reuse_outputs = reuse_outputs
        self.kernels = kernels
        self.name = name_of(f)
        self.versions: OrderedDict[Any, Version] = OrderedDict()
        self.latest: Version | None = None
        self.state = State(state) if state else None
        self.own = threading.RLock()
        self.growing: set[Any] = set()

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> Any:
        state = () if self.state is None else self.state.given
        return Compiled, (self.f, state, self.donate_argnums, self.reuse_outputs, self.kernels)

    def __repr__(self) -> str:
        return f"<compiled {self.f!r}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.state is not None:
            return self.called_on_state(args, kwargs)
        version = self.latest
        if version is None or not version.fits(args, kwargs) or (version.asks and version.is_other(args, kwargs)):
            flat, structure = flatten((args, kwargs))
            if any(type(x) is Tensor or kind_of(x) is not None for x in flat):
                return self.f(*args, **kwargs)
            key: Any = structure, tuple([signature_of(x) for x in flat]), *identical(flat)
            version = self.versions.get(key)
            shared = aliases(flat) if version is None or version.writes else ()
            donated = donated_leaves(args, self.donate_argnums)
            refuse_donations(flat, donated, shared)
            if shared:
                key = *key, shared
                version = self.versions.get(key)
            if version is None or version.captured.changed() or version.meets_outside(flat):
                return self.written(key, args, kwargs, structure, flat, shared, donated)[1]
            self.latest = version
        return version.function()(*args, *kwargs.values())

    def called_on_state(self, args: Any, kwargs: Any) -> Any:
        """The result of a call that changes what is kept."""
        with self.own:
            version, taken = self.latest, None if self.latest is None else self.latest.taken(args, kwargs)
            if version is not None and taken is not None:
                return version.run(args, kwargs, taken)
        with lock, self.own:  # in this order alone, or two threads could wait for each other
            version = self.version_on_state(args, kwargs)
            if version is None:
                return self.f(*args, **kwargs)
            return version.run(args, kwargs, version.kept.taken())  # type: ignore[union-attr, arg-type]

    def version_on_state(self, args: Any, kwargs: Any) -> Version | None:
        """The version for these arguments and for what is kept as it is now; None where the function itself is run.

        That makes an optimizer's state, of which a step writes down changes alone.
        """
        for other in self.versions.values():
            if other.taken(args, kwargs) is not None:
                self.latest = other
                return other
        state = self.state
        assert state is not None
        flat, structure = flatten((args, kwargs))
        if any(type(x) is Tensor or kind_of(x) is not None for x in flat) or not state.is_ready() or state.is_hooked():
            return None
        places = state.settled()
        layout, gradients = state.layout(places)
        for n in count():
            key = structure, tuple([signature_of(x) for x in flat]), *identical(flat), layout, n
            version = self.versions.get(key)
            if version is None:
                break
            if not version.captured.changed() and version.kept.gradients.fit(gradients):  # type: ignore[union-attr]
                return self.followed(version, places)
        carried, old = len(state.carried), [*self.versions.items()]
        try:
            version = self.written(key, args, kwargs, structure, flat)[0]
        except OutlastingError as error:
            if error.owner in state.given:
                return None
            remedy = "Give its owner, too: tl.compile(step, state=[network, optimizer])"
            raise refusal(f"{error} {remedy}", ()) from None
        finally:
            if len(state.carried) > carried:  # those do not keep gradients that are added to
                self.latest = None
                for key in [key for key, other in old if other.forgets()]:
                    self.versions.pop(key, None)
        return self.followed(version, places)

    def followed(self, version: Version, places: Places) -> Version:
        """A version that is called from now on."""
        assert version.kept is not None
        version.kept.reuses = self.reuse_outputs
        version.follow(places)
        self.latest = version
        return version

    def written(
        self,
        key: Any,
        args: Any,
        kwargs: Any,
        structure: Structure,
        leaves: list[Any],
        shared: Aliases = (),
        donated: Collection[int] = (),
    ) -> tuple[Version, Any]:
        """The version for a new signature, and the result of the call."""
        with lock, no_collections():
            traced = written_down(self.f, args, kwargs, self.state, shared, donated, self.kernels)
            if self.reuse_outputs:
                traced = traced._replace(program=traced.program.changed(reuses_outputs=True))
            numbers = [] if traced.kept is None else traced.kept.names()
            parameters = [*parameter_names(self.f, len(args)), *structure.children[1].keys]
            version = Version(self.name, traced, [*parameters, *distinct(numbers, parameters)], structure, leaves)
            if traced.captured.grown and key in self.growing:
                raise changes("puts more into a container from outside in each call")
            self.growing.update([key] if traced.captured.grown else [])
            self.versions[key] = self.latest = version
            while len(self.versions) > KEPT:
                self.versions.popitem(last=False)
        return version, traced.result

    @property
    def source(self) -> str:
        """The text for the signature that was compiled last."""
        if self.latest is None:
            raise ValueError(f"{self.name}: nothing is compiled before the first call, which tells shapes and dtypes")
        return self.latest.source.text

    @property
    def signatures(self) -> list[Any]:
        """Of what arguments there are versions."""
        return [key[1] for key in self.versions]

    def save(self, path: str | Path) -> None:
        """Write the text to a file, a module with the function, and arrays that it takes from outside beside it.

        The arrays are in a file ``step.arrays.npz`` beside ``step.py``.

        Raises ValueError for a name that no module has, FileNotFoundError where there is no such folder, and TypeError
        where it takes what has no text and is no array.
        """
        path = Path(path)
        if path.suffix != ".py":
            raise ValueError(f"{self.name}: save writes a module, whose name ends in .py, not {str(path)!r}")
        if not path.parent.is_dir():
            raise FileNotFoundError(f"{self.name}: save: there is no folder {str(path.parent)!r}")
        text, outside = self.source, self.latest.outside  # type: ignore[union-attr]
        arrays = {name: x for name, x in outside.items() if isinstance(x, np.ndarray)}
        numbers_of = {name: x for name, x in outside.items() if is_numbers(x)}
        others = outside.keys() - arrays.keys() - numbers_of.keys()
        if others:
            raise TypeError(
                f"{self.name}: the text needs {', '.join(sorted(others))}, no arrays or numbers, and no file holds them"
            )
        given = [f"{name}={x!r}" for name, x in numbers_of.items()] + ["**held"] * bool(arrays)
        made = f"{self.name} = make({', '.join(given)})"
        if arrays:
            np.savez(path.with_suffix(ARRAYS), **arrays)  # type: ignore[arg-type]
            made = f"with np.load(__file__.removesuffix('.py') + {ARRAYS!r}) as held:\n    {made}"
        path.write_text(f"{text}\n\n{made}\n", encoding="utf-8")


def is_numbers(x: Any) -> bool:
    """Whether something is a tuple of numbers that are written with digits."""
    return type(x) is tuple and all(type(part) in (int, float) and math.isfinite(part) for part in x)


def distinct(names: list[str], others: list[str]) -> list[str]:
    """Names that no other has."""
    found: list[str] = []
    for name in names:
        new, n = name, 1
        while new in (*found, *others):
            n += 1
            new = f"{name}_{n}"
        found.append(new)
    return found


@contextmanager
def no_collections() -> Iterator[None]:
    """Within it no garbage is looked for: long programs have many parts, all of which are of use."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def name_of(f: Callable[..., Any]) -> str:
    """A function's name where it can be one in a program."""
    name = getattr(f, "__name__", "")
    return name if name.isidentifier() else "function"


def parameter_names(f: Callable[..., Any], count: int) -> list[str]:
    """The names of the positional arguments."""
    try:
        names = [
            p.name
            for p in inspect.signature(f).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):
        names = []
    return [*names[:count], *[f"argument_{k}" for k in range(len(names), count)]]


def compile(
    f: Callable[..., Any],
    *,
    state: Iterable[Any] = (),
    donate_argnums: int | Sequence[int] = (),
    reuse_outputs: bool = False,
    kernels: str = "large",
) -> Compiled:
    """A function that computes what f does, as straight-line NumPy source that is made of it when it is first called.

    f is run once, on arrays that write down what is done to them, through the same tape and the same rules: so a
    gradient, a Hessian, a whole training step come out as one list of NumPy calls, in which nothing is computed twice
    and results go into arrays that are made once. ``compiled.source`` is that text, ``compiled.save(path)`` writes it
    to a file that runs with NumPy alone.

    Parameters
    ----------
    f : a function of NumPy's arrays, numbers and Tensors, in nested tuples, lists and dicts; transforms of functions,
        such as ``tl.grad(loss)``, among them
    state : modules, optimizers and Tensors whose arrays f writes to: they are written to in place. An optimizer's first
        step is made without source, for it makes the optimizer's state
    donate_argnums : the number of an argument, or several, whose arrays need not be kept: results are put into their
        memory where they fit, and f may write to them in place. What they hold after the call is not defined
    reuse_outputs : whether results lie in arrays that the next call, in the same thread, writes over
    kernels : which chains of elementwise functions are loops of machine code, where Numba is installed: those on
        "large" arrays, of 32768 entries and more (windows of 8192); of "all" of 256 and more, which take some seconds
        to be compiled when they are first met; or "none"

    The source is made for the shapes, dtypes and layouts of the arguments; ints, booleans and texts are settings, of
    which other values are other programs, and so are modes and options of what is in ``state``. Some 64 of them are
    kept (``compiled.signatures``). Floats are numbers like those of arrays. Results are those of f, to the last bit
    where no pass rounds otherwise. Arguments are not written to unless they are donated; what is returned is the
    caller's unless ``reuse_outputs``. Each thread has buffers of its own.

    Raises TypeError, which names the line, where f looks at a number (``if t > 0``, ``float(t)``), and where the shape
    of a result would depend on one: source has no numbers before it runs. ValueError for a donated array that is
    read-only, or shares memory with another argument, and for other kernels.

    >>> compiled = tl.compile(tl.grad(lambda w: (np.tanh(w) * w).sum()))
    >>> compiled(np.array([0.0, 1.0])) == tl.grad(lambda w: (np.tanh(w) * w).sum())(np.array([0.0, 1.0]))
    array([ True,  True])
    >>> weights = tl.tensor([1.0, 2.0], requires_grad=True)
    >>> sgd = tl.optim.SGD([weights], lr=0.25)
    >>> def step(x):
    ...     sgd.zero_grad()
    ...     loss = ((weights - x) ** 2).sum()
    ...     loss.backward()
    ...     sgd.step()
    ...     return loss
    >>> step = tl.compile(step, state=[sgd])
    >>> [round(step(np.zeros(2)).item(), 3) for _ in range(3)]
    [5.0, 1.25, 0.312]
    """
    if not callable(f):
        raise TypeError(f"compile: takes a function, not {f!r}")
    numbers_of_arguments = numbers(donate_argnums)
    if numbers_of_arguments and state:
        raise ValueError("compile: donate_argnums goes without state, whose arrays are written to in place as it is")
    if type(kernels) is not str or kernels not in KERNELS:
        raise ValueError(f"compile: kernels={kernels!r} is none of 'large', 'all' and 'none'")
    return Compiled(f, state, numbers_of_arguments, reuse_outputs, kernels)
