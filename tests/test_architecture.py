"""The arrows between the rooms and the files, what an import brings along, and the names."""

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import tinygrad_lite as tl

PACKAGE = Path(tl.__file__).parent

FLOORS = (
    ("table", ()),
    ("storing", ()),
    ("consoles", ()),
    ("engine", ("table",)),
    ("numpy", ("engine",)),
    ("scipy", ("engine",)),
    ("nn", ("engine", "storing")),
    ("optim", ("engine",)),
    ("compiling", ("engine",)),
    ("checks", ("engine", "consoles")),
    ("formulas", ("engine", "consoles")),
    ("proofs", ("engine", "consoles")),
    ("drawing", ("formulas", "storing")),
    ("reading", ("engine", "formulas")),
    ("training", ("nn", "optim", "compiling")),
    ("verifying", ("reading", "formulas", "proofs")),
    ("documents", ("verifying", "proofs", "training")),
    ("cli", ("documents", "drawing", "reading", "training", "checks")),
)
"""Every room and what it stands on: it may import that, and what that stands on, and nothing else of the package."""

ROOMS = {}
for name, below in FLOORS:
    ROOMS[name] = set(below).union(*[ROOMS[other] for other in below])

SCIPYS = ("special",)
"""Modules of the room ``scipy`` that are called as SciPy's, and as others here."""

FILES = sorted(PACKAGE.rglob("*.py"))
ENGINE = sorted((PACKAGE / "engine").glob("*.py"))


def module_of(path):
    """A file's module name; a package's is that of its ``__init__``."""
    names = list(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


def room(module):
    """The room a module of the package stands in: the first name below the package; none for the package itself."""
    return [*module.split("."), ""][1]


@cache
def parsed(path):
    """A file's tree, which many tests go through."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path, everywhere=True):
    """The full names of everything a file imports: also inside functions and for types only, unless told otherwise."""
    package = list(path.relative_to(PACKAGE.parent).parent.parts)
    tree = parsed(path)
    for node in ast.walk(tree) if everywhere else at_import(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                # "from . import table" imports a module, "from .table import x" a name: both lead to their room
                yield f"{origin}.{alias.name}"


def at_import(tree):
    """The statements that run when a module is imported: not those of functions, nor those for types only."""
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from at_import(ast.Module(node.orelse, []))
        elif not isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node


def rooms_imported(path):
    """The rooms of the package that a file imports from; "" is the package itself."""
    names = {name for name in imports(path) if name.split(".")[0] == PACKAGE.name}
    return {room(name) for name in names - {f"{PACKAGE.name}.__version__"}}  # which stands in no room


def test_the_reader_sees_every_kind_of_import(tmp_path, monkeypatch):
    root = tmp_path / "tinygrad_lite"
    (root / "table").mkdir(parents=True)
    file = root / "table" / "some.py"
    file.write_text(
        "import json, tinygrad_lite.cli\n"
        "from . import other\n"
        "from .. import drawing\n"
        "from ..engine.tensor import Tensor\n"
        "def f():\n    from ..optim import SGD\n    from tinygrad_lite import nn\n"
    )
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", root)
    assert rooms_imported(file) == {"cli", "table", "drawing", "engine", "optim", "nn"}
    assert {room(name) for name in imports(file, everywhere=False)} >= {"cli", "engine"}
    assert "tinygrad_lite.optim.SGD" not in imports(file, everywhere=False)


def test_every_room_is_in_the_table_of_arrows():
    present = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert present == set(ROOMS)
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "__main__.py"}  # no loose files


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_point_down(path):
    own = room(module_of(path))
    if own in ROOMS:  # the package's own two files know every room
        wrong = rooms_imported(path) - ROOMS[own] - {own}
        assert not wrong, f"{path.relative_to(PACKAGE)} imports {', '.join(sorted(wrong))}"


def arrows_between_files():
    """For each module of the package the modules that it imports, also inside functions."""
    modules = {module_of(path) for path in FILES}
    arrows = {}
    for path in FILES:
        if module_of(path) == PACKAGE.name:
            continue
        found = set()
        for name in imports(path):
            while name not in modules and "." in name:
                name = name.rpartition(".")[0]
            found.add(name)
        arrows[module_of(path)] = found & modules - {module_of(path), PACKAGE.name}
    return arrows


def circles(arrows):
    """Groups of modules each of which leads to every other."""
    reached = {}
    for start in arrows:
        seen, stack = set(), [start]
        while stack:
            for other in arrows.get(stack.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    stack.append(other)
        reached[start] = seen
    return {frozenset(b for b in arrows if b in reached[a] and a in reached[b]) for a in arrows if a in reached[a]}


def test_circles_are_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == {frozenset("bc")}


def test_no_files_import_each_other_in_a_circle():
    assert not circles(arrows_between_files())


def test_the_table_knows_neither_tensors_nor_the_tape():
    for path in sorted((PACKAGE / "table").glob("*.py")):
        names = {node.id for node in ast.walk(parsed(path)) if isinstance(node, ast.Name)}
        assert not names & {"Tensor", "Node", "recording"}


def test_nothing_is_imported_with_a_star():
    for path in FILES:
        # but the stub that is written from the registry, which type checkers alone see, and which lists its names
        assert all(not name.endswith(".*") for name in {*imports(path)} - {"tinygrad_lite.engine.signatures.*"}), path


# ---------------------------------------------------------------------------------------------------------------------
# Names


def test_a_module_name_is_used_once():
    names = [module_of(path).rpartition(".")[2] for path in FILES]
    for name in SCIPYS:  # which has its names from there
        names.remove(name)
    assert sorted(names) == sorted(set(names))


def test_a_class_name_is_used_once():
    names = [node.name for path in FILES for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef)]
    assert sorted(names) == sorted(set(names))


def test_no_file_is_too_long_to_be_one_room():
    long = {str(path.relative_to(PACKAGE)): count for path in FILES if (count := lines(path)) > 450}
    assert set(long) <= {"engine/tensor.py"}, long


def test_the_core_is_read_in_one_sitting():
    core = [*ENGINE]
    core += [PACKAGE / "table" / name for name in ("primitive.py", "registry.py", "arrays.py")]
    assert sum(map(lines, core)) <= 5550


def lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


# ---------------------------------------------------------------------------------------------------------------------
# In a process of its own


def fresh(code, *arguments):
    """What a fresh interpreter prints for some code, as JSON."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=PACKAGE.parent,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def modules():
    """The top-level modules that importing the package adds to what NumPy alone brings, and the package's own."""
    return fresh(
        "import json, sys, numpy; before = set(sys.modules); import tinygrad_lite; "
        "new = set(sys.modules) - before; "
        "print(json.dumps([sorted({m.split('.')[0] for m in new}), sorted(m for m in new if 'tinygrad_lite' in m)]))"
    )


def test_importing_brings_no_other_library(modules):
    others = set(modules[0]) - {"tinygrad_lite", "graphviz", "numpy"} - set(sys.stdlib_module_names)
    assert not {name for name in others if not name.startswith("_")}


def test_importing_brings_the_engine_and_no_applications(modules):
    assert {room(name) for name in modules[1]} == {"", "table", "engine"}


IMPORTED_FIRST = """
import importlib, json, sys, traceback
import numpy

errors = {}
for name in sys.argv[1:]:
    for known in [known for known in sys.modules if known.partition(".")[0] == "tinygrad_lite"]:
        del sys.modules[known]
    try:
        importlib.import_module(name)
        errors[name] = ""
    except Exception:
        errors[name] = traceback.format_exc()
print(json.dumps(errors))
"""
"""Imports each of some modules before the rest of the package, in a process that has NumPy, which takes longest."""


@pytest.fixture(scope="module")
def imported_first():
    """What went wrong with each part of the engine."""
    return fresh(IMPORTED_FIRST, *map(module_of, ENGINE))


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: path.stem)
def test_every_part_of_the_engine_can_be_imported_first(path, imported_first):
    assert not imported_first[module_of(path)]


# ---------------------------------------------------------------------------------------------------------------------
# Public names


def public_names():
    names = getattr(tl, "__all__", None)
    return sorted(names if names is not None else [n for n in vars(tl) if not n.startswith("_")])


def test_public_names_are_listed_once():
    names = list(getattr(tl, "__all__", public_names()))
    assert len(names) == len(set(names))
    assert {"Tensor", "tensor", "no_grad", "grad", "value_and_grad", "vjp", "jvp", "jacobian", "hessian", "hvp"} <= set(
        names
    )


@pytest.mark.parametrize("name", public_names())
def test_public_names_exist_and_are_documented(name):
    assert hasattr(tl, name)
    value = getattr(tl, name)
    if callable(value):
        assert value.__doc__
        assert value.__doc__.strip()


def test_every_file_says_what_it_is():
    for path in FILES:
        assert ast.get_docstring(parsed(path)), path


def test_every_public_function_and_class_of_the_engine_is_documented():
    missing = []
    for path in FILES:
        if room(module_of(path)) not in {"table", "engine"}:
            continue
        public = [
            node
            for node in parsed(path).body
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
        ]
        missing += [f"{path.name}:{node.name}" for node in public if not ast.get_docstring(node)]
    assert not missing
