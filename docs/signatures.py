"""Writes ``tinygrad_lite/engine/signatures.pyi``, the table's functions as type checkers see them, from the registry.

``python -m docs.signatures``, or ``make stubs``. The public names of the table exist once Python runs; the stub tells
them to mypy, to pyright and to editors: a Tensor in, a Tensor out.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_lite as tl
from tinygrad_lite.engine.methods import Methods
from tinygrad_lite.table.attributes import ARRAY_METHODS
from tinygrad_lite.table.registry import REGISTRY, Entry

PATH = Path(tl.__file__).with_name("engine") / "signatures.pyi"

HEAD = '''"""The types of the table's functions, and of those that are methods. Written by ``make stubs``."""

from collections.abc import Sequence
from typing import Any, overload

{results}from .tensor import Tensor

'''

ARRAY, ARRAYS = "Tensor", "Sequence[Tensor]"


def text() -> str:
    """The whole stub."""
    names = "".join([f'    "{name}",\n' for name in sorted(REGISTRY)])
    functions = "".join([function(REGISTRY[name]) for name in sorted(REGISTRY)])
    methods = "".join([method(name, entry) for name, entry in sorted(table_methods().items())])
    others = "".join([array_method(name, made) for name, made in ARRAY_METHODS.items()])
    return f"{head()}__all__ = [\n{names}]\n\n{functions}class TableMethods:\n    __slots__ = ()\n\n{methods}{others}"


def head() -> str:
    """The imports: also of the named tuples that functions return."""
    kinds = {signature_of(entry).return_annotation for entry in REGISTRY.values()}
    named = sorted(
        [kind for kind in kinds if hasattr(kind, "_fields")], key=lambda kind: (kind.__module__, kind.__name__)
    )
    modules = {kind.__module__: [k.__name__ for k in named if k.__module__ == kind.__module__] for kind in named}
    lines = [f"from ..{module.split('.', 1)[1]} import {', '.join(names)}\n" for module, names in modules.items()]
    return HEAD.replace("{results}", "".join(lines))


def table_methods() -> dict[str, Entry]:
    """The functions that Tensors have as methods, by the method's name."""
    return {
        name: entry for entry in REGISTRY.values() for name in entry.methods if vars(Methods)[name] is entry.function
    }


def function(entry: Entry) -> str:
    """A function: one overload for each place where a Tensor makes the result one, and one for anything else."""
    signature, name = signature_of(entry), entry.name
    parameters = list(signature.parameters.values())
    lines = []
    for place, kind in tensor_places(entry, parameters).items():
        typed = [
            p.replace(annotation=kind)
            if k == place
            else p.replace(default=p.empty)  # what comes before a Tensor that is given by position
            if k < place and p.kind is not p.KEYWORD_ONLY
            else p
            for k, p in enumerate(parameters)
        ]
        typed[place] = typed[place].replace(default=inspect.Parameter.empty)
        lines.append(f"@overload\ndef {name}{rendered(typed)} -> {result(entry)}: ...\n")
    lines[0] = lines[0].replace(": ...\n", f":\n    {docstring(entry)}\n")
    return "".join([*lines, f"@overload\ndef {name}{rendered(parameters)} -> Any: ...\n\n"])


def method(name: str, entry: Entry) -> str:
    """A method: the function without its first parameter."""
    first, *others = signature_of(entry).parameters.values()
    own = inspect.Parameter("self", first.kind)
    return f"    def {name}{rendered([own, *others])} -> {result(entry)}:\n        {docstring(entry)}\n"


def array_method(name: str, made: Any) -> str:
    """A method of NumPy's arrays that is no function of the table, or an attribute, which is a number."""
    if isinstance(made, property):
        return f"    @property\n    def {name}(self) -> int: ...\n"
    parameters = list(inspect.signature(made, eval_str=True).parameters.values())
    return f"    def {name}{rendered(parameters)} -> Any: ...\n"


def signature_of(entry: Entry) -> inspect.Signature:
    """A function's signature, its annotations as objects."""
    return inspect.signature(entry.function, eval_str=True)


def docstring(entry: Entry) -> str:
    """The first line of what is said of it, as an editor shows it."""
    return f'"""{inspect.cleandoc(entry.function.__doc__ or "").splitlines()[0]}"""'


def draw(*shape: int, low: float = -2.0, high: float = 2.0) -> np.ndarray:
    """Numbers for the samples, of which the types alone matter."""
    near, far = 0.65 * low + 0.35 * high, 0.55 * low + 0.45 * high
    return np.linspace(near, far, int(np.prod(shape))).reshape(shape)  # no two alike: of equals, some make NaN


def tensor_places(entry: Entry, parameters: list[inspect.Parameter]) -> dict[int, str]:
    """The parameters that are differentiated in some sample, and what they are: one Tensor or several."""
    places: dict[int, str] = {}
    for sample in entry.samples(draw):
        for k, x in enumerate(sample.args):
            place = min(k, len([p for p in parameters if p.kind is not p.KEYWORD_ONLY]) - 1)
            if is_variable(x):
                places.setdefault(place, ARRAY)
            elif isinstance(x, list) and any(map(is_variable, x)):
                places.setdefault(place, ARRAYS)
    return dict(sorted(places.items()))


def is_variable(x: Any) -> bool:
    """Whether something is an array of real or complex floating-point numbers."""
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


def result(entry: Entry) -> str:
    """What the function makes of Tensors, seen at its first sample."""
    sample = next(iter(entry.samples(draw)))
    y = entry.function(*[tensors(x) for x in sample.args], **sample.kwargs)
    if isinstance(y, tl.Tensor):
        return "Tensor"
    if hasattr(y, "_fields"):  # a named tuple, unless a keyword asks for less
        return type(y).__name__ if signature_of(entry).return_annotation is type(y) else "Any"
    return f"{type(y).__name__}[Tensor{', ...' * isinstance(y, tuple)}]"


def tensors(x: Any) -> Any:
    """An argument with Tensors in place of arrays of floating-point numbers."""
    if isinstance(x, list):
        return [tensors(part) for part in x]
    return tl.Tensor(x) if is_variable(x) else x


def rendered(parameters: list[inspect.Parameter]) -> str:
    """Parameters as they are written in a stub."""
    return f"({', '.join(pieces(parameters))})"


def pieces(parameters: list[inspect.Parameter]) -> Iterator[str]:
    """Each parameter, and the marks between their kinds."""
    before = None
    for p in parameters:
        if before == p.POSITIONAL_ONLY != p.kind:
            yield "/"
        if p.kind == p.KEYWORD_ONLY != before and before != p.VAR_POSITIONAL:
            yield "*"
        before = p.kind
        star = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        annotation = "" if p.name == "self" else f": {annotated(p.annotation)}"
        default = "" if p.default is p.empty else f" = {p.default!r}" if plain(p.default) else " = ..."
        yield f"{star}{p.name}{annotation}{default}"
    if before == inspect.Parameter.POSITIONAL_ONLY:
        yield "/"


def annotated(annotation: Any) -> str:
    """An annotation as the stub's imports know it."""
    if annotation is inspect.Parameter.empty:
        return "Any"
    if isinstance(annotation, str):
        return annotation
    written = inspect.formatannotation(annotation)
    return written.replace("collections.abc.", "").replace("typing.", "")


def plain(x: Any) -> bool:
    """Whether a default is written as it is."""
    return x is None or isinstance(x, (bool, int, str, float))


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
