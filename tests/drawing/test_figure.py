"""The figure shows what was recorded, saves itself, and leaves everything as it was."""

from __future__ import annotations

import cProfile
import gc
import os
import re
import subprocess
import sys
import weakref
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.drawing.output import crossings, images
from tinygrad_lite.drawing.picture.model import nodes_behind


def test_only_tensors_are_drawn() -> None:
    with pytest.raises(TypeError, match="draw: draws what computed a Tensor, got ndarray"):
        tl.draw(np.ones(2))
    with pytest.raises(ValueError, match="theme must be one of light, dark; got 'pink'"):
        tl.draw(tl.tensor(1.0), theme="pink")
    with pytest.raises(ValueError, match="direction must be one of down, right"):
        tl.draw(tl.tensor(1.0), direction="up")
    with pytest.raises(ValueError, match=r"theme must be one of light, dark; got \['dark'\]"):
        tl.draw(tl.tensor(1.0), theme=["dark"])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="depth must be at least 0, or None; got -1"):
        tl.draw(tl.tensor(1.0), depth=-1)
    with pytest.raises(ValueError, match="limit must be at least 1, or None; got 0"):
        tl.draw(tl.tensor(1.0), limit=0)
    with pytest.raises(ValueError, match="size must be one of page, slide; got 'poster'"):
        tl.draw(tl.tensor(1.0), size="poster")
    with pytest.raises(TypeError, match=r"depth must be a whole number, or None; got 1\.5"):
        tl.draw(tl.tensor(1.0), depth=1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="limit must be a whole number, or None; got True"):
        tl.draw(tl.tensor(1.0), limit=True)
    with pytest.raises(TypeError, match="collapse must be a function of a module's path and class; got 'Linear'"):
        tl.draw(tl.tensor(1.0), collapse="Linear")  # type: ignore[arg-type]
    for flag in ("values", "derivatives", "backward", "rollup", "costs", "signs", "legend"):
        with pytest.raises(TypeError, match=f"{flag} must be True or False; got 'no'"):
            tl.draw(tl.tensor(1.0), **{flag: "no"})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="names must be a mapping of names to arrays, such as locals"):
        tl.draw(tl.tensor(1.0), names=3)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------------------------------
# Files and notebooks


def output() -> tl.Tensor:
    x = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
    return np.tanh(x * x).sum()


STARTS = {
    "svg": b"<?xml",
    "png": b"\x89PNG",
    "pdf": b"%PDF",
    "dot": b"digraph {",
    "mmd": b"flowchart",
    "html": b"<!doctype",
}


@pytest.mark.parametrize("format", STARTS)
def test_saving(format: str, tmp_path: Path) -> None:
    y = output()
    path = tl.draw(y).save(tmp_path / f"picture.{format.upper()}")
    assert path.read_bytes().startswith(STARTS[format])
    assert tl.draw(y).save(str(path)) == path


def test_notebooks_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = tl.draw(output())
    assert picture._repr_svg_().startswith("<?xml")
    assert picture._repr_mimebundle_()["image/svg+xml"] == picture.svg
    assert repr(picture) == "<graph of 3 operations, 7 boxes>"
    monkeypatch.setattr(images, "renderer", lambda *_: None)
    plain = tl.draw(output())
    assert plain._repr_svg_().startswith("<?xml")
    assert plain._repr_mimebundle_() == {"image/svg+xml": plain.svg, "text/plain": repr(plain)}
    assert plain.svg != picture.svg


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"one of \.svg, \.png, \.pdf, \.dot, \.html, \.mmd; got .*gif"):
        tl.draw(output()).save(tmp_path / "picture.gif")
    assert not list(tmp_path.iterdir())


def test_an_image_is_rendered_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All the time that a picture takes beyond drawing it is Graphviz's, for one run on the DOT text as it is."""
    handed: list[bytes] = []
    run = subprocess.run

    def noted(*args: Any, **kwargs: Any) -> Any:
        handed.append(kwargs["input"])
        return run(*args, **kwargs)

    monkeypatch.setattr(subprocess, "run", noted)
    picture = tl.draw(output())
    assert not handed, "not before it is asked for"
    assert picture.svg == picture._repr_svg_() == picture._repr_mimebundle_()["image/svg+xml"]
    assert handed == [picture.source.encode()]
    picture.save(tmp_path / "picture.dot")
    picture.save(tmp_path / "picture.mmd")
    assert len(handed) == 1


def letters(drawing: str) -> float:
    """The height of the smallest, in pixels of a slide that is 1280 wide."""
    width = float(re.findall(r'viewBox="\S+ \S+ (\S+) ', drawing)[0])
    return min(map(float, re.findall(r'font-size="([\d.]+)"', drawing))) * 1280 / width


def test_a_long_chain_can_be_read_from_the_last_row() -> None:
    x = tl.tensor([0.1, 0.5, 0.9], requires_grad=True, name="x")
    with tl.tracing():
        y = x
        for function in (np.tanh, np.exp, tl.sigmoid, np.sqrt, np.log1p, np.sin, np.tanh, np.exp, tl.sigmoid):
            y = function(y)
        y = y.sum()
    assert letters(tl.draw(y, size="slide").svg) > 23
    assert letters(tl.draw(y, size="slide", values=False).svg) > 31


def test_a_slide_is_the_same_as_svg_and_as_png(tmp_path: Path) -> None:
    x = tl.tensor([0.1, 0.5], requires_grad=True, name="x")
    picture = tl.draw(np.exp(np.tanh(np.sqrt(x) * x)).sum(), size="slide")
    content = picture.save(tmp_path / "slide.png").read_bytes()
    assert content[:4] == b"\x89PNG"
    assert [int.from_bytes(content[k : k + 4], "big") for k in (16, 20)] == [1280, 720]
    pdf = picture.save(tmp_path / "slide.pdf").read_bytes()
    streams = [
        zlib.decompressobj().decompress(part.split(b"stream", 1)[1].lstrip()) for part in pdf.split(b"/ObjStm")[1:]
    ]
    assert b"/MediaBox [ 0 0 960 540 ]" in b"".join([pdf, *streams]), "sixteen to nine, and no margin"


def test_a_slide_fits_a_narrow_page_of_a_notebook() -> None:
    x = tl.tensor(2.0, requires_grad=True, name="x")
    slide, page = tl.draw(x * x, size="slide"), tl.draw(x * x)
    assert '<svg style="max-width:100%;height:auto" ' in slide._repr_mimebundle_()["image/svg+xml"]
    assert page._repr_svg_() == page.svg
    assert "max-width" not in slide.svg


def test_a_slide_chooses_its_direction() -> None:
    x = tl.tensor(2.0, requires_grad=True, name="x")
    chain = np.exp(np.sin(np.tanh(x)))
    assert tl.draw(chain, size="slide").direction == "right"
    assert tl.draw(chain, size="slide", direction="down").direction == "down"
    assert tl.draw(chain).direction == "down"
    wide = tl.stack([np.exp(tl.tensor(1.0, requires_grad=True, name=f"a long name {k}")) for k in range(9)])
    assert tl.draw(wide, size="slide", rollup=False).direction == "right"
    assert 'ratio=0.5625 size="13.333,7.5!" viewport="960,540"' in tl.draw(chain, size="slide").source
    assert "ratio=" not in tl.draw(chain).source


# ---------------------------------------------------------------------------------------------------------------------
# Whole or not at all


@pytest.mark.parametrize("format", STARTS)
@pytest.mark.parametrize("graphviz", [True, False])
def test_a_full_disk_leaves_the_picture_that_was_there(
    format: str, graphviz: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not graphviz:
        monkeypatch.setattr(images, "renderer", lambda *_: None)
        if format in {"png", "pdf"}:
            return
    picture, path = tl.draw(output()), tmp_path / f"picture.{format}"
    before = picture.save(path).read_bytes()

    def fills_up(handle: int) -> None:
        os.ftruncate(handle, 3)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fills_up)
    with pytest.raises(OSError, match="No space left"):
        tl.draw(output(), theme="dark").save(path)
    with pytest.raises(OSError, match="No space left"):
        picture.save(tmp_path / f"new.{format}")
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
@pytest.mark.parametrize("format", STARTS)
def test_a_disk_that_is_full_is_an_error(format: str, tmp_path: Path) -> None:
    link = tmp_path / f"full.{format}"
    link.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        tl.draw(output()).save(link)
    assert link.is_symlink()


# ---------------------------------------------------------------------------------------------------------------------
# What drawing does not do


def network(seed: int) -> tuple[tl.Tensor, tl.Tensor]:
    rng = np.random.default_rng(seed)
    W = tl.tensor(rng.random((3, 4)), requires_grad=True, name="W")
    x = tl.Tensor(rng.random((5, 4)), name="x")
    y = np.tanh(x @ W.T - 0.5)
    return W, (y * y / y.sum(axis=1, keepdims=True)).sum()


def test_the_same_graph_gives_the_same_text() -> None:
    first, second = network(0)[1], network(1)[1]
    assert tl.draw(first).source == tl.draw(first).source
    assert tl.draw(first, values=False).source == tl.draw(second, values=False).source
    code = (
        "import numpy as np, tinygrad_lite as tl;"
        "x = tl.tensor([1.0, 2.0], requires_grad=True, name='x');"
        "y = np.concatenate([x, x[::-1]]).sum() / x.max();"
        "print(tl.draw(y, derivatives=True, backward=True).source, tl.draw(y).mermaid)"
    )
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)}
    assert len(runs) == 1


def test_drawing_changes_nothing() -> None:
    W, loss = network(0)
    before = loss.item()
    picture = tl.draw(loss, backward=True, derivatives=True, costs=True)
    assert picture.html
    assert loss.item() == before
    assert W.grad is None
    loss.backward()
    other, other_loss = network(0)
    other_loss.backward()
    np.testing.assert_array_equal(W.grad, other.grad)
    assert len(tl.draw(loss).picture.vertices) == len(tl.draw(other_loss).picture.vertices), "after backward too"


def test_a_picture_keeps_the_graph_as_long_as_it_lives() -> None:
    gc.collect()
    gc.disable()
    try:
        with tl.tracing():
            W, loss = network(0)
        loss.backward(retain_graph=True)
        watched = [weakref.ref(node) for node in nodes_behind([loss._node])]
        picture = tl.draw(loss, names={"W": W, "loss": loss}, backward=True, derivatives=True)
        page = picture.html
        del W, loss
        assert picture.html == page
        assert all("matmul" in text for text in (picture.source, picture.mermaid, picture.svg))
        del picture
        assert not [ref for ref in watched if ref() is not None]
    finally:
        gc.enable()


@pytest.mark.parametrize("format", STARTS)
def test_what_nothing_else_holds_is_saved(format: str, tmp_path: Path) -> None:
    w = tl.tensor(3.0, requires_grad=True, name="w")
    path = tl.draw(w * w).save(tmp_path / f"square.{format}")
    assert path.read_bytes().startswith(STARTS[format])
    if format == "html":
        assert "v\\u2081 = w \\u00b7 w" in path.read_text()


def test_the_page_is_that_of_what_was_drawn() -> None:
    x = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
    with tl.tracing():
        y = x * 3.0
        picture = tl.draw(y)
        page = picture.html
        y[0] = 5.0
    assert picture.html == page, "and not that of what was written later"


# ---------------------------------------------------------------------------------------------------------------------
# How much work it is


def random_graph(n: int) -> tl.Tensor:
    rng = np.random.default_rng(0)
    x = tl.tensor(np.full(2, 0.1), requires_grad=True, name="x")
    made = [x * 1.0]
    for _ in range(n):
        a, b = made[rng.integers(max(0, len(made) - 20), len(made))], made[-1]
        made.append([np.tanh(b), np.tanh(a + b), a * b, np.sin(a) - b * 0.1][rng.integers(4)])
    return made[-1].sum()


def calls_of(function: Callable[[], Any]) -> int:
    """How many functions, of Python's and of C's, a call calls."""
    profile = cProfile.Profile()
    profile.runcall(function)
    return sum([entry.callcount for entry in profile.getstats()])


@pytest.mark.parametrize("what", ["source", "mermaid", "html"])
def test_work_grows_as_the_graph_does(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "renderer", lambda *_: None)
    calls, boxes = [], []
    monkeypatch.setattr(crossings, "SMALL", 0)  # up to which there is time for more
    smallest = 50 if what == "html" else 60
    for n in (smallest, 2 * smallest):
        y = random_graph(n)
        calls.append(calls_of(lambda y=y: getattr(tl.draw(y, limit=None, derivatives=True, costs=True), what)))
        boxes.append(len(tl.draw(y, limit=None).picture.vertices))
    assert boxes[1] > 5 * smallest
    assert calls[1] / calls[0] < 1.1 * boxes[1] / boxes[0]


def test_large_graphs_are_drawn() -> None:
    picture = tl.draw(random_graph(7_000), limit=None)
    assert picture.source
    assert len(picture.operations) > 5_000
    assert len(picture.picture.vertices) > 10_000


def test_the_renderer_is_handed_no_more_of_a_larger_graph() -> None:
    sizes = []
    for n in (500, 5000):
        picture = tl.draw(random_graph(n))
        assert len(picture.operations) < 150
        sizes.append(len(picture.source))
    assert sizes[1] < 1.2 * sizes[0] < 200_000


def test_long_chains_are_drawn() -> None:
    y = x = tl.tensor(1.0, requires_grad=True)
    for _ in range(10_000):
        y = y + 1.0
    assert x.requires_grad
    assert len(tl.draw(y, limit=None, rollup=False).edges) == 30_000
    assert len(tl.draw(y).operations) == 1
    assert "×10000" in tl.draw(y).source
