"""``draw`` on the command line: formulas and functions are drawn, files are written, requests are refused in a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinygrad_lite.cli import main
from tinygrad_lite.drawing import RendererError
from tinygrad_lite.drawing import figure as graphs


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as stopped:
        main(["draw", *arguments])
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.count("\n") == 1
    return err


def test_a_formula_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.dot"
    assert main(["draw", "softmax(W @ x + b)", "--backward", "-o", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    text = out.read_text(encoding="utf-8")
    for part in ("matmul", "softmax", "∂y/∂W", "dir=back"):
        assert part in text
    main(["draw", "softmax(W @ x + b)", "--backward", "-o", str(out)])
    assert out.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("ending", ["svg", "html", "mmd"])
def test_other_files(ending: str, tmp_path: Path) -> None:
    pytest.importorskip("pygraphviz")
    out = tmp_path / f"out.{ending}"
    assert main(["draw", "tanh(w * x)", "--theme", "dark", "--direction", "right", "-o", str(out)]) == 0
    assert out.stat().st_size > 100


def test_a_function_is_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.dot"
    assert main(["draw", "gallery:neuron", "-o", str(out), "--derivatives"]) == 0
    assert "∂o/∂n = 1 − o²" in out.read_text(encoding="utf-8")
    capsys.readouterr()
    assert "cannot be found" in refused(capsys, "gallery:missing")
    assert "cannot be found" in refused(capsys, "no_such_module:f")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "drawn_module.py").write_text("def fails():\n    1 / 0\ndef needs(x): ...\n")
    (tmp_path / "broken_module.py").write_text("def f(:")
    assert "fails() failed: ZeroDivisionError" in refused(capsys, "drawn_module:fails")
    assert "missing 1 required" in refused(capsys, "drawn_module:needs")
    assert "cannot be imported: SyntaxError" in refused(capsys, "broken_module:f")
    assert "returned str, and what can be drawn is a Tensor" in refused(capsys, "platform:node")


def test_requests_that_cannot_be_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "one of .svg, .png" in refused(capsys, "tanh(w)", "-o", "out.gif")
    assert "'W=a' is not a shape" in refused(capsys, "tanh(W)", "--shape", "W=a")
    assert "has no array V" in refused(capsys, "tanh(W)", "--shape", "V=2")
    assert "names beginning with x or t are inputs" in refused(capsys, "tanh(x)")
    assert "no shapes that fit: Unable to allocate" in refused(capsys, "tanh(W)", "--shape", "W=10000000,100000000")
    assert "at least 0" in refused(capsys, "tanh(w)", "--depth", "-1")
    assert "no shapes that fit" in refused(capsys, "W @ x", "--shape", "W=2,3", "--shape", "x=4")
    assert "cannot write" in refused(capsys, "tanh(w)", "-o", str(tmp_path / "missing" / "out.dot"))

    def fails(source: str, format: str) -> bytes:
        raise RendererError("no Graphviz renderer found")

    monkeypatch.setattr(graphs, "render", fails)
    assert "no Graphviz renderer found. DOT" in refused(capsys, "tanh(w)", "-o", str(tmp_path / "out.png"))


def test_a_picture_for_a_slide(tmp_path):
    out = tmp_path / "slide.svg"
    assert main(["draw", "softmax(W @ x + b)", "--signs", "--size", "slide", "-o", str(out)]) == 0
    drawn = out.read_text()
    assert ">@<" in drawn
    assert ">matmul<" not in drawn
    assert main(["draw", "softmax(W @ x + b)", "-o", str(out)]) == 0
    assert ">matmul<" in out.read_text()


def test_digits_are_shown_as_asked_for(tmp_path):
    out = tmp_path / "out.dot"
    assert main(["draw", "tanh(w2)", "--digits", "layer", "-o", str(out)]) == 0
    assert "w₂" in out.read_text(encoding="utf-8")  # layers have a W, no w
    assert main(["draw", "tanh(W2)", "--shape", "W2=2,2", "--digits", "layer", "-o", str(out)]) == 0
    assert "W^[2]" in out.read_text(encoding="utf-8")
