"""The front door: public names, version, help, types and the command line's own facts."""

import inspect
import pydoc
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import tinygrad_lite as tl
from docs import signatures
from tinygrad_lite import cli
from tinygrad_lite.table.primitive import Primitive
from tinygrad_lite.table.registry import PRIMITIVES, REGISTRY

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

BESIDE_THE_TABLE = {
    *(
        "Tensor",
        "tensor",
        "primitive",
        "no_grad",
        "checkpoint",
        "detect_anomaly",
        "tracing",
        "scope",
        "keep_memory",
        "recording_arrays",
        "adapt",
        "compile",
        "PageMismatch",
        "assert_page",
        "read",
    ),
    *("numpy",),
    *("grad", "value_and_grad", "vjp", "jvp", "jacobian", "hessian", "hvp"),
    *("check_gradients", "check_derivation", "assert_derivation", "GradientMismatch", "DerivationMismatch"),
    *("draw", "draw_difference", "derive", "symbols", "simplified", "prove_equal"),
    *("nn", "optim", "data", "training", "saving", "__version__"),
}


def test_dir_lists_the_public_names_and_nothing_else():
    assert sorted(dir(tl)) == sorted(BESIDE_THE_TABLE | set(REGISTRY))
    assert set(tl.__all__) == set(dir(tl)) - {"__version__"}


def test_every_listed_name_is_there():
    assert all(hasattr(tl, name) for name in dir(tl))


def test_a_star_brings_the_public_names():
    names = {}
    exec("from tinygrad_lite import *", names)
    assert set(names) - {"__builtins__"} == set(tl.__all__)


def test_the_type_checkers_see_the_same_names():
    """Those that are imported for them, and those of the stub."""
    text = (ROOT / "tinygrad_lite/__init__.py").read_text()
    imported = set(re.findall(r"^(?:    )?from [\w.]+ import \w+ as (\w+)$", text, re.MULTILINE))
    assert imported | {"__version__"} == BESIDE_THE_TABLE


def test_the_stub_is_what_the_registry_says():
    assert signatures.PATH.read_text(encoding="utf-8") == signatures.text(), (
        "engine/signatures.pyi is not what the registry says, as after a change of the table: run `make stubs`"
    )


def test_results_are_typed(tmp_path):
    api = pytest.importorskip("mypy.api")
    types = {
        "tl.exp(t)": "Tensor",
        "t.exp().sum(axis=0).reshape(1)": "Tensor",
        "tl.add(1.0, t)": "Tensor",
        "tl.where(t > 0, 0.0, t)": "Tensor",
        "tl.concatenate([t, t])": "Tensor",
        "t.split(1)": "list[Tensor]",
        "tl.exp([1.0])": "Any",
        "tl.__version__": "str",
        "tl.nn.Linear(2, 3)": "Linear",
    }
    user = "".join([f"reveal_type({expression})\n" for expression in types])
    user += "t.vieww(1)\ntl.catt([t])\n"
    user += "class Double(tl.nn.Module):\n    def forward(self, x: tl.Tensor) -> tl.Tensor:\n        return x * 2\n"
    file = tmp_path / "user.py"
    file.write_text("import tinygrad_lite as tl\nt = tl.tensor([1.0])\n" + user)
    out, _, _ = api.run(["--strict", "--config-file", str(ROOT / "pyproject.toml"), str(file)])
    seen = [re.sub(r"[\w.]+\.(?=\w)", "", kind) for kind in re.findall(r'Revealed type is "(.*)"', out)]
    assert seen == list(types.values()), out
    assert re.findall(r"error: (.*)  ", out) == ['"Tensor" has no attribute "vieww"', 'Module has no attribute "catt"']


# ---------------------------------------------------------------------------------------------------------------------
# Version


def test_the_version_stands_in_one_place():
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.dev\d+)?", tl.__version__)
    assert "version" in PROJECT["project"]["dynamic"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "tinygrad_lite/__init__.py"
    assert f"## {tl.__version__.partition('.dev')[0]}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_command_line_tells_it(capsys):
    with pytest.raises(SystemExit) as exit:
        cli.main(["--version"])
    assert exit.value.code == 0
    assert capsys.readouterr().out == f"tinygrad_lite {tl.__version__}\n"


def test_from_the_shell():
    done = subprocess.run(
        [sys.executable, "-m", "tinygrad_lite", "--version"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == f"tinygrad_lite {tl.__version__}\n"


def test_the_console_script_calls_itself_by_its_name(capsys, monkeypatch):
    module, _, function = PROJECT["project"]["scripts"]["tinygrad-lite"].partition(":")
    start = getattr(pydoc.locate(module), function)
    monkeypatch.setattr(sys, "argv", ["tinygrad-lite", "--help"])
    with pytest.raises(SystemExit):
        start()
    assert capsys.readouterr().out.startswith("usage: tinygrad-lite ")


# ---------------------------------------------------------------------------------------------------------------------
# Help


def test_signatures():
    assert str(inspect.signature(tl.exp)) == "(x, /)"
    assert str(inspect.signature(tl.add)) == "(a, b, /)"
    assert str(inspect.signature(tl.tensor([1.0]).add)) == "(b, /)"
    assert next(iter(inspect.signature(tl.sum).parameters)) == "x"
    several = Primitive(lambda *xs, axis: xs, {"xs": lambda g: g}, name="several", variadic=True)
    assert str(inspect.signature(several)) == "(*xs, axis)"
    assert next(iter(inspect.signature(Primitive).parameters)) == "forward"


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_help_shows_parameters_and_mathematics(name):
    function = getattr(tl, name)
    text = pydoc.plain(pydoc.render_doc(function))
    signature = inspect.signature(function)
    assert f"{next(iter(signature.parameters))}" in text.splitlines()[2]
    assert f"{name}(" in text or f"{function.__name__}(" in text
    assert inspect.getdoc(function).splitlines()[0] in text


def test_a_primitive_knows_where_it_stands():
    assert tl.exp.__module__ == "tinygrad_lite.table.elementwise"
    assert all(p.__module__.startswith("tinygrad_lite.table.") for p in PRIMITIVES.values())


def test_the_estimators_are_found_in_training():
    pytest.importorskip("sklearn")
    from tinygrad_lite.training.estimators import MLPClassifier

    assert tl.training.MLPClassifier is MLPClassifier
    with pytest.raises(AttributeError, match="has no attribute 'MLPClassifie'"):
        tl.training.MLPClassifie  # noqa: B018
