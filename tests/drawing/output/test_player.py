"""The page that plays the passes, in a real browser: stepped to the end, its numbers are autograd's."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gallery import GALLERY, neuron

import tinygrad_lite as tl
from tinygrad_lite.drawing.output import player
from tinygrad_lite.drawing.output.images import RendererError
from tinygrad_lite.drawing.picture.model import nodes_behind
from tinygrad_lite.drawing.picture.names import ArrayNames

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens a graph's page; afterwards nothing may have gone wrong on it, or been loaded from elsewhere."""
    problems: list[str] = []
    pages = []

    def open_page(graph: Any, width: int = 1280, height: int = 800) -> Any:
        path = graph.save(tmp_path / f"page{len(pages)}.html")
        page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: None if request.url == path.as_uri() else problems.append(request.url))
        page.goto(path.as_uri())
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not problems


def rows(page: Any) -> dict[tuple[str, str], str]:
    """The numbers of the panel, by what they are and whose."""
    found = page.eval_on_selector_all(
        "#now tr", "rows => rows.map(r => [r.dataset.what, r.dataset.name, r.querySelector('.number').textContent])"
    )
    return {(what, name): text for what, name, text in found}


def numbers(text: str) -> np.ndarray:
    return np.array([float(x) for x in re.findall(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?", text.replace("−", "-"))])


def step(page: Any) -> int:
    return int(page.inner_text("#count").split("/")[0])


def last_step(page: Any) -> int:
    return int(page.inner_text("#count").split("/")[1])


@pytest.mark.parametrize("name", ["neuron", "softmax", "perceptron"])
def test_stepped_to_the_end_its_numbers_are_autograds(name: str, opened: Any) -> None:
    output = GALLERY[name].make()
    page = opened(tl.draw(output))
    phases = []
    for k in range(last_step(page) + 1):
        assert step(page) == k
        phases.append(page.get_attribute("#now .phase", "class").split()[-1])
        page.keyboard.press("ArrowRight")
    assert list(dict.fromkeys(phases)) == ["start", "forward", "seed", "backward", "end"]
    shown = rows(page)
    nodes = nodes_behind([output._node])
    names = ArrayNames(nodes, {})
    leaves = [node for node in nodes if node.primitive is None and node.grad is not None]
    assert len(shown) == len(leaves) > 0
    for node in leaves:
        got = numbers(shown["gradient", names[node]])
        np.testing.assert_allclose(got, np.ravel(node.grad), rtol=1e-4, atol=1e-6)


def test_each_step_shows_its_operation(opened: Any) -> None:
    output = neuron()
    page = opened(tl.draw(output))
    page.keyboard.press("ArrowRight")
    assert rows(page)["out", "v₁"] == "−6"
    assert page.text_content("g.node.active").strip() == "multiply"
    page.click("#derivation li:nth-child(8)")
    assert page.inner_text("#now .text") == "∂o/∂n = ∂o/∂o · (1 − o²)"
    assert page.inner_text("#now .rule") == "∂o/∂n = 1 − o²"
    np.testing.assert_allclose(numbers(rows(page)["adds", "n"]), 0.5, rtol=1e-6)
    assert page.locator("svg.backward g.edge.active").count() == 2


def test_sums_grow_at_fan_outs(opened: Any) -> None:
    x = tl.tensor(3.0, requires_grad=True, name="x")
    with tl.tracing():
        y = x * x + np.exp(x)
    page = opened(tl.draw(y))
    sums = []
    for _ in range(last_step(page)):
        sums += page.locator("#now .sum").all_inner_texts()
        page.keyboard.press("ArrowRight")
    assert [s.split(":")[0] for s in sums] == ["sum of 1 of 3", "sum of 2 of 3", "sum of 3 of 3"]
    np.testing.assert_allclose([numbers(s.split(":")[1])[0] for s in sums], [20.0855, 23.0855, 26.0855])


def test_controls_keyboard_search_and_pins(opened: Any) -> None:
    output = neuron()
    page = opened(tl.draw(output, direction="right"))
    last = last_step(page)
    page.click("#last")
    assert step(page) == last
    page.keyboard.press("Home")
    assert step(page) == 0
    page.locator("#scrub").fill("4")
    assert step(page) == 4
    page.click("#back")
    assert step(page) == 3
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert step(page) == last - 1
    page.click("#first")
    page.locator("#graph").focus()
    page.keyboard.press("Space")
    page.wait_for_function("document.querySelector('#count').textContent.startsWith('1 /')", timeout=5000)
    page.keyboard.press("Space")
    page.keyboard.press("/")
    page.keyboard.type("tanh")
    assert page.locator("g.node.found").count() == 1
    page.keyboard.press("Enter")
    assert page.inner_text("#details b") == "tanh"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.locator("#details").is_hidden()
    bias = page.locator("g.node.parameter", has_text="6.881")
    bias.hover()
    assert page.inner_text("#details b") == "b"
    bias.click()
    page.hover("header")
    assert page.locator("#details.pinned").is_visible()
    assert "6.88137" in page.inner_text("#details")
    before = page.get_attribute("#graph > svg", "viewBox")
    page.keyboard.press("+")
    assert page.get_attribute("#graph > svg", "viewBox") != before
    page.keyboard.press("t")
    assert page.get_attribute("html", "data-theme") == "dark"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_overflows(theme: str, width: int, opened: Any) -> None:
    output = GALLERY["softmax"].make()
    page = opened(tl.draw(output, theme=theme), width)
    assert page.get_attribute("html", "data-theme") == theme
    page.keyboard.press("End")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for part in ("#graph", "#now", "#derivation", "#scrub", "#count", "#next"):
        box = page.locator(part).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert page.locator("#scrub").bounding_box()["width"] > 30


def test_hostile_names_are_text_on_the_page(opened: Any) -> None:
    name = '</script><script>window.broken = 1</script>"x"\n{{data}}'
    x = tl.tensor(2.0, requires_grad=True, name=name)
    with tl.tracing():
        y = np.exp(x)
    y.name = name
    page = opened(tl.draw(y))
    page.keyboard.press("End")
    assert page.evaluate("window.broken") is None
    assert "</script>" in page.inner_text("h1")
    assert len(rows(page)) == 1


# ---------------------------------------------------------------------------------------------------------------------
# Without a browser


@pytest.mark.parametrize("name", GALLERY)
def test_every_page_is_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    output = GALLERY[name].make()
    picture = tl.draw(output, **GALLERY[name].options)
    with_graphviz = picture.html

    def fails(source: str, format: str) -> bytes:
        raise RendererError("none")

    monkeypatch.setattr(player, "render", fails)
    for page in (with_graphviz, picture.html):
        assert not re.search(r"\{\{\w+\}\}", page)
        assert not re.search(r"(src|href)=|url\(|@import|fetch\(|https?://(?!www\.w3\.org/)", page)
        assert page.count('class="node"') - page.count("<title>t_") == len(re.findall(r'"kind":"', page))


def test_untraced_graphs_say_what_is_missing() -> None:
    x = tl.tensor([1.0, 2.0], requires_grad=True, name="x")
    y = np.exp(x).sum()
    y.backward()
    assert "compute it within tl.tracing()" in tl.draw(y).html


def test_writes_are_steps() -> None:
    x = tl.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="x")
    with tl.tracing():
        y = x * 2.0
        y.name = "y"
        y[1:, 0] = x[0, 0]
        y.T[0] = 3.0
        loss = (x.T @ y).sum()
    loss.backward()
    page = tl.draw(loss).html.encode().decode("unicode_escape", "ignore")
    assert "y⁽¹⁾ = y[1:, 0 ← v₁]" in page
    assert "y⁽²⁾ = y⁽¹⁾[.T[0] ← 3]" in page
    assert "= ∂v₄/∂y⁽²⁾[.T[0] ← 0]" in page
