"""The arrows between the files, what an import brings along, and the public names."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import tinygrad_lite as tl

PACKAGE = Path(tl.__file__).parent

ENGINE = {
    "primitive": set(),
    "table": {"primitive"},
    "tape": {"primitive"},
    "protocols": {"primitive", "table", "tape"},
    "methods": {"primitive", "table", "tape"},
    "tensor": {"primitive", "table", "tape", "protocols", "methods"},
    "trees": set(),
    "transforms": {"primitive", "table", "tape", "protocols", "methods", "tensor", "trees"},
}
"""What each part of the engine may import of the package. Everything else may import the engine, never the reverse."""

FILES = sorted(PACKAGE.rglob("*.py"))


def part(module):
    """Which part of the drawing a module of the package belongs to: the first name below the package."""
    names = module.split(".")
    return names[1] if len(names) > 1 else ""


def module_of(path):
    """A file's module name; a package's is that of its ``__init__``."""
    names = list(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


def imports(path):
    """The full names of everything a file imports, also inside functions; types only checked included."""
    package = list(path.relative_to(PACKAGE.parent).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                # "from . import table" imports a module, "from .table import x" a name: both lead to their part
                yield f"{origin}.{alias.name}"


def parts_imported(path):
    return {part(name) for name in imports(path) if name.split(".")[0] == PACKAGE.name}


def test_the_reader_sees_every_kind_of_import(tmp_path, monkeypatch):
    root = tmp_path / "tinygrad_lite"
    (root / "table").mkdir(parents=True)
    file = root / "table" / "some.py"
    file.write_text(
        "import json, tinygrad_lite.cli\n"
        "from . import other\n"
        "from .. import drawing\n"
        "from ..tensor import Tensor\n"
        "def f():\n    from ..tape import Node\n    from tinygrad_lite import nn\n"
    )
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", root)
    assert parts_imported(file) == {"cli", "table", "drawing", "tensor", "tape", "nn"}


@pytest.mark.parametrize("name", ENGINE)
def test_the_engine_exists(name):
    assert (PACKAGE / f"{name}.py").exists() or (PACKAGE / name / "__init__.py").exists()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_point_one_way(path):
    own = part(module_of(path))
    if own in ENGINE:
        wrong = parts_imported(path) - ENGINE[own] - {own}
        assert not wrong, f"{path.name} imports {', '.join(sorted(wrong))}"


def test_the_arrows_have_no_circle():
    reached = {name: set(allowed) for name, allowed in ENGINE.items()}
    for _ in ENGINE:
        for name, allowed in reached.items():
            allowed |= {further for other in allowed for further in reached[other]}
            assert name not in allowed


def test_the_table_knows_neither_tensors_nor_the_tape():
    for path in sorted((PACKAGE / "table").glob("*.py")):
        assert parts_imported(path) <= {"table", "primitive"}
        names = {
            node.id for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Name)
        }
        assert not names & {"Tensor", "Node", "recording"}


def test_only_the_package_itself_and_its_own_files_import_the_package_by_name():
    for path in FILES:
        absolute = [n for n in imports(path) if n.split(".")[0] == PACKAGE.name]
        assert all(not name.endswith(".*") for name in absolute), f"{path} imports *"


# ---------------------------------------------------------------------------------------------------------------------
# In a process of its own


def fresh(code):
    """What a fresh interpreter prints for some code, as JSON."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
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
    others = set(modules[0]) - {"tinygrad_lite", "graphviz"} - set(sys.stdlib_module_names)
    assert not {name for name in others if not name.startswith("_")}


def test_importing_brings_the_engine_and_no_applications(modules):
    parts = {part(name) for name in modules[1]}
    assert set(ENGINE) <= parts
    assert not parts & {"derivations", "cli", "__main__", "nn", "optim", "data", "training", "compiling", "symbolic"}
    assert not parts & {"saving", "estimators"}


@pytest.mark.parametrize("name", sorted(ENGINE))
def test_every_part_of_the_engine_can_be_imported_first(name):
    module = f"tinygrad_lite.{name}"
    # not "as m": the function tensor() stands in front of its file
    assert fresh(f"import json, sys, {module}; print(json.dumps({module!r} in sys.modules))") is True


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
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_every_public_function_and_class_of_the_engine_is_documented():
    missing = []
    for path in FILES:
        if part(module_of(path)) not in ENGINE:
            continue
        public = [
            node
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
        ]
        missing += [f"{path.name}:{node.name}" for node in public if not ast.get_docstring(node)]
    assert not missing
