"""Images: through the system's Graphviz, through pygraphviz, or a sentence that says how to get them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.drawing import FORMATS, RendererError, render
from tinygrad_lite.drawing.output import images


def output() -> tl.Tensor:
    x = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
    return np.tanh(x * x).sum()


def test_other_formats_are_refused() -> None:
    assert FORMATS == ("svg", "png", "pdf")
    with pytest.raises(ValueError, match=r"svg, png, pdf, not 'gif'"):
        render("digraph {}", "gif")


def test_without_a_renderer_nothing_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(images.shutil, "which", lambda name: None)
    monkeypatch.setattr(images.importlib.util, "find_spec", lambda name: None)
    for format in ("png", "pdf"):
        with pytest.raises(
            RendererError, match=r"dot is on the PATH.*tinygrad-lite\[draw\].*as \.svg and \.html need neither$"
        ):
            tl.draw(output()).save(tmp_path / f"picture.{format}")
    assert not list(tmp_path.iterdir())
    tl.draw(output()).save(tmp_path / "picture.svg")
    assert (tmp_path / "picture.svg").read_text().startswith("<?xml")


def test_no_program_on_the_path_is_needed_for_svg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(images.importlib.util, "find_spec", lambda name: None)
    plain = tl.draw(output()).svg
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\nprintf '<?xml by dot'\n")
    program.chmod(0o755)
    assert tl.draw(output()).svg == "<?xml by dot" != plain
    program.write_text("#!/bin/sh\nexit 1\n")
    assert tl.draw(output()).svg == plain, "a dot that fails is none"


def test_the_systems_graphviz_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images.shutil, "which", lambda name: f"/somewhere/{name}")
    assert images.renderer("png") == ["/somewhere/dot", "-Kdot", "-Tpng"]


def test_a_renderer_that_hangs_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "renderer", lambda *_: [sys.executable, "-c", "import time; time.sleep(60)"])
    with pytest.raises(RendererError, match=r"longer than 0.2 seconds"):
        render("digraph {}", timeout=0.2)
    monkeypatch.setattr(images, "renderer", lambda *_: [sys.executable, "-c", "raise SystemExit('out of ink')"])
    with pytest.raises(RendererError, match="out of ink"):
        render("digraph {}")
    monkeypatch.undo()
    with pytest.raises(RendererError, match="Graphviz failed"):
        render("digraph {")


# ---------------------------------------------------------------------------------------------------------------------
# On other machines

PROGRAM = """
import json, sys
import numpy as np
import tinygrad_lite as tl
x = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
with tl.tracing():
    y = np.tanh(x * x).sum()
picture = tl.draw(y)
found = {"dot": picture.source[:9], "mmd": picture.mermaid[:9], "html": 'class="node"' in picture.html}
for format in ("svg", "png", "pdf"):
    try:
        path = picture.save(sys.argv[1] + "/p." + format)
        found[format] = path.stat().st_size
    except Exception as error:
        found[format] = f"{type(error).__name__}: {error}"
print(json.dumps(found))
"""


def on_a_machine_with(tmp_path: Path, *packages: str) -> dict[str, Any]:
    """Run the program where nothing is installed but the library, these packages and what they bring; no PATH."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "tinygrad_lite").symlink_to(Path(tl.__file__).parent)
    for package in packages:
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        home = Path(spec.origin).parent
        for part in (home, home.with_name(f"{package}.libs")):
            if part.exists():
                (site / part.name).symlink_to(part)
    done = subprocess.run(
        [sys.executable, "-S", "-W", "error", "-c", PROGRAM, str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60,
        env={"PYTHONPATH": str(site), "PATH": "", "LANG": os.environ.get("LANG", "C.UTF-8")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_with_neither_renderer(tmp_path: Path) -> None:
    found = on_a_machine_with(tmp_path, "numpy", "graphviz")
    assert (found["dot"], found["mmd"], found["html"]) == ("digraph {", "flowchart", True)
    assert found["svg"] > 1000
    for format in ("png", "pdf"):
        assert found[format].startswith("RendererError: no Graphviz renderer found: install Graphviz")
        assert "pip install 'tinygrad-lite[draw]'" in found[format]


def test_with_the_extra_alone(tmp_path: Path) -> None:
    pytest.importorskip("pygraphviz")
    found = on_a_machine_with(tmp_path, "numpy", "graphviz", "pygraphviz")
    assert all(found[format] > 1000 for format in FORMATS), found
