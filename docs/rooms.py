"""The pages of the API: one for each room of the package, its public names under the modules that hold them."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final

import tinygrad_lite as tl
import tinygrad_lite.documents
from tinygrad_lite.table.primitive import Primitive

from .docstrings import prose, restructured, signature

PACKAGE: Final = Path(tl.__file__).parent
NOT_IMPORTED: Final = frozenset({"tinygrad_lite.__main__"})
"""Importing it runs the command line."""


def rooms() -> list[str]:
    """The package's folders, in the README's order, which is that of the imports."""
    names = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
    layout = (PACKAGE.parent / "README.md").read_text()
    return sorted(names, key=lambda name: found if (found := layout.find(f"\n  {name}/")) >= 0 else len(layout))


def modules(room: str) -> list[ModuleType]:
    """The room itself and every module in it."""
    top = importlib.import_module(f"tinygrad_lite.{room}")
    inside = [info.name for info in pkgutil.walk_packages(top.__path__, f"{top.__name__}.")]
    return [top, *[importlib.import_module(name) for name in sorted(inside) if name not in NOT_IMPORTED]]


def places() -> dict[int, str]:
    """What a user calls the package's public objects, by identity: ``tl.exp``, ``tl.nn.Linear``."""
    found: dict[int, str] = {}
    for name in tl.__all__:
        found.setdefault(id(inspect.unwrap(getattr(tl, name))), f"tl.{name}")
    for room in rooms():
        top = importlib.import_module(f"tinygrad_lite.{room}")
        for name in getattr(top, "__all__", ()):
            value = getattr(top, name)
            if not isinstance(value, ModuleType):
                found.setdefault(id(inspect.unwrap(value)), f"{called(top)}.{name}")
    return found


def called(module: ModuleType) -> str:
    """A module's name for its users: ``tl.nn`` for what ``tl`` has, else the import path."""
    for name in dir(tl) + list(getattr(tl, "SUBMODULES", ())):
        if getattr(tl, name, None) is module:
            return f"tl.{name}"
    return module.__name__


def contents(module: ModuleType, public: dict[int, str]) -> Iterator[tuple[str, Any]]:
    """What a module defines for others, in its order: what is exported, has an example or stands in one."""
    defined = definitions(module)
    source = inspect.getsource(module)
    for name, value in vars(module).items():
        if name not in defined or name.startswith("_"):
            continue
        if id(value) in public and documented(value):
            yield (
                f"tl.{name}"
                if name in tl.__all__ and inspect.unwrap(getattr(tl, name)) is value
                else public[id(value)],
                value,
            )
        elif documented(value) and (
            is_whole(module) or ">>>" in value.__doc__ or f"{called(module)}.{name}(" in source
        ):
            yield f"{called(module)}.{name}", value


def is_whole(module: ModuleType) -> bool:
    """Whether the module's room exports it as it is."""
    room = importlib.import_module(module.__name__.rpartition(".")[0])
    return any(getattr(room, name, None) is module for name in getattr(room, "__all__", ()))


def definitions(module: ModuleType) -> set[str]:
    """The names a module's own lines define: functions, classes, and what is assigned."""
    tree = ast.parse(inspect.getsource(module)).body
    found = {node.name for node in tree if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in tree:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def documented(value: Any) -> bool:
    """Whether it is a function, a class or a primitive of the package with a docstring of its own."""
    ours = isinstance(value, Primitive) or (
        isinstance(value, type | FunctionType) and value.__module__.startswith("tinygrad_lite")
    )
    return ours and bool(value.__doc__)


# ---------------------------------------------------------------------------------------------------------------------
# The pages


def page(room: str, public: dict[int, str], seen: set[str]) -> str:
    """A room's page in reStructuredText."""
    top, *inside = modules(room)
    lines = [*heading(room, "="), ".. py:currentmodule:: tl", "", *restructured(inspect.getdoc(top) or "")]
    for module in [top, *inside]:
        members = [(name, value) for name, value in contents(module, public) if name not in seen]
        seen |= {name for name, _ in members}
        if not members:
            continue
        if module is not top:
            lines += heading(called(module).removeprefix("tinygrad_lite."), "-")
            lines += restructured((inspect.getdoc(module) or "").split("\n\n")[0])
        for name, value in members:
            lines += entry(name, value, public)
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Every room's page; a name that two rooms export stands in the first."""
    public, seen = places(), set[str]()
    return {room: page(room, public, seen) for room in rooms()}


def heading(text: str, line: str) -> list[str]:
    return [text, line * len(text), ""]


def entry(name: str, value: Any, public: dict[int, str]) -> list[str]:
    """A function's or a class's description, a class with its methods."""
    kind = "class" if isinstance(value, type) else "function"
    shown = "" if isinstance(value, type) and issubclass(value, BaseException) else signature(value)
    body = restructured(inspect.getdoc(value) or "")
    if isinstance(value, type):
        body += members_of(value, public)
    module = name.rpartition(".")[0]
    option = [] if name.startswith("tl.") else [f"   :module: {module}"]
    short = name.removeprefix("tl." if not option else f"{module}.")
    return [f".. py:{kind}:: {short}{shown}", *option, "", *indented(body), ""]


def members_of(cls: type, public: dict[int, str]) -> list[str]:
    """A class's public methods and properties, with those of bases that have no place of their own in the manual.

    Methods that are functions of the table are listed.
    """
    bases = [b for b in cls.__mro__[1:] if b.__module__.startswith("tinygrad_lite") and id(b) not in public]
    own = {name: member for part in (cls, *bases) for name, member in vars(part).items()}
    lines: list[str] = []
    from_table = []
    for name, member in own.items():
        doc = getattr(member, "__doc__", None)
        if name.startswith("_") or not doc or isinstance(member, type):
            continue
        plain = member.__func__ if isinstance(member, classmethod | staticmethod) else member
        if id(inspect.unwrap(plain)) in TABLE:
            from_table.append(f":func:`~tl.{TABLE[id(inspect.unwrap(plain))]}`")
        elif isinstance(member, property):
            lines += [f".. py:property:: {name}", "", *indented(restructured(inspect.cleandoc(doc))), ""]
        elif inspect.isfunction(plain):
            flags = {classmethod: "   :classmethod:", staticmethod: "   :staticmethod:"}
            lines += [f".. py:method:: {name}{signature(plain)}", *[flags[t] for t in [type(member)] if t in flags], ""]
            lines += [*indented(restructured(inspect.cleandoc(doc))), ""]
    if from_table:
        lines += ["Functions of the table that are methods, too: " + ", ".join(sorted(from_table)) + ".", ""]
    return lines


TABLE: Final = {id(inspect.unwrap(getattr(tl, name))): name for name in tl.__all__ if name.islower()}


def indented(lines: list[str]) -> list[str]:
    return [f"   {line}" if line else "" for line in lines]


def index() -> str:
    """The page that lists the rooms, each with the first sentence about it."""
    lines = [*heading("API by room", "="), "Imports point down, from each room to those it stands on.", ""]
    lines += [".. toctree::", "   :hidden:", "", *[f"   {room}" for room in rooms()], ""]
    for room in rooms():
        doc = inspect.getdoc(importlib.import_module(f"tinygrad_lite.{room}")) or ""
        first = re.split(r"(?<=[.:])\s*\n|\n\n", doc)[0].rstrip(".:")
        lines += [f":doc:`{room}`", f"    {prose(first)}.", ""]
    return "\n".join(lines)
