"""The page that plays the passes, in a real browser: stepped to the end, its numbers are autograd's."""

from __future__ import annotations

import html as markup
import json
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
from tinygrad_lite.drawing.output.player import PlayerFrame
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
    """Opens a graph's page, or any; afterwards nothing may have gone wrong on it, or been loaded from elsewhere."""
    problems: list[str] = []
    pages = []

    def open_page(graph: Any, width: int = 1280, height: int = 800) -> Any:
        path = tmp_path / f"page{len(pages)}.html"
        path.write_text(graph, encoding="utf-8") if isinstance(graph, str) else graph.save(path)
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
    page.keyboard.press("PageDown")  # as a presenter's clicker sends it
    assert rows(page)["out", "v₁"] == "−6"
    assert page.get_attribute("#derivation [aria-current]", "class") == "past current"
    assert page.get_attribute("#scrub", "aria-valuetext") == page.inner_text("#now .text")
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
    assert page.get_attribute("#play", "aria-label") == "Pause"
    page.keyboard.press("Space")
    assert page.get_attribute("#play", "aria-label") == "Play"
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


SIZES = [(1024, 768), (1280, 720), (1920, 1080), (390, 844), (600, 400), (640, 300)]
"""Windows: two projectors, a large screen, a phone, and two frames in somebody's page."""


def rect(page: Any, selector: str) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is found, together."""
    left, top, right, bottom = page.eval_on_selector_all(
        selector,
        "found => { const r = found.map(x => x.getBoundingClientRect()); return [Math.min(...r.map(b => b.left)), "
        "Math.min(...r.map(b => b.top)), Math.max(...r.map(b => b.right)), Math.max(...r.map(b => b.bottom))]; }",
    )
    return left, top, right, bottom


def lies_within(inner: tuple[float, ...], outer: tuple[float, ...], slack: float = 1.0) -> bool:
    return bool(
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[2] <= outer[2] + slack
        and inner[3] <= outer[3] + slack
    )


def frames(page: Any) -> None:
    """Let the page lay itself out: what watches sizes is told before a frame is drawn."""
    page.evaluate("() => new Promise(go => requestAnimationFrame(() => requestAnimationFrame(go)))")


@pytest.mark.parametrize("name", ["perceptron", "neuron"])
def test_first_all_of_the_graph_is_seen_or_on_a_phone_what_is_given(name: str, opened: Any) -> None:
    output = GALLERY[name].make()
    page = opened(tl.draw(output))
    for width, height in SIZES:  # the window changes, too
        page.set_viewport_size({"width": width, "height": height})
        frames(page)
        area = rect(page, "#graph")
        if area[2] - area[0] < 600:
            assert readable_first(page, area), (width, height)
            page.keyboard.press("0")
            frames(page)
        drawing = rect(page, "#graph g.node")
        assert lies_within(drawing, area), (width, height)
        assert (drawing[2] - drawing[0] > 0.8 * (area[2] - area[0])
                or drawing[3] - drawing[1] > 0.8 * (area[3] - area[1])), (width, height)  # fmt: skip
        for part in ("header", "#under", "aside", "footer"):
            if page.locator(part).is_visible():
                left, top, right, bottom = rect(page, part)
                assert bottom <= area[1] + 1 or top >= area[3] - 1 or right <= area[0] + 1 or left >= area[2] - 1
                assert lies_within((left, top, right, bottom), (0, 0, width, height))
        if page.locator("#legend").is_visible():
            assert lies_within(rect(page, "#legend span"), rect(page, "#under"))
        assert area[3] - area[1] > 0.4 * height
        page.keyboard.press("f")


def readable_first(page: Any, area: tuple[float, ...]) -> bool:
    """Whether an array that is given is seen whole, its letters at least nine pixels high."""
    given = "#graph g.node:is(.input, .parameter, .number)"
    heights = page.eval_on_selector_all(f"{given} text", "found => found.map(x => x.getBoundingClientRect().height)")
    boxes = page.eval_on_selector_all(
        given,
        "found => found.map(x => { const b = x.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })",
    )
    return min(heights) >= 9 and any(lies_within(box, area) for box in boxes)


def test_what_is_too_small_to_read_is_followed_at_a_size_that_can_be_read(opened: Any) -> None:
    output = GALLERY["perceptron"].make()
    page = opened(tl.draw(output))
    for width, height in SIZES[:4]:
        page.set_viewport_size({"width": width, "height": height})
        for k in range(1, last_step(page), 4):
            page.locator("#scrub").fill(str(k))
            active = rect(page, "g.node.active[data-key^=o], g.node.active:only-of-type")
            assert lies_within(active, rect(page, "#graph")), (width, height, k)
        page.locator("#scrub").fill("3")
        frames(page)
        sizes = page.eval_on_selector_all(
            "g.node.active text", "found => found.map(x => x.getBoundingClientRect().height)"
        )
        assert min(sizes) > 12
    page.keyboard.press("0")
    assert lies_within(rect(page, "#graph g.node"), rect(page, "#graph"))
    assert page.get_attribute("#fit", "aria-pressed") == "true"
    page.keyboard.press("ArrowRight")
    assert lies_within(rect(page, "#graph g.node"), rect(page, "#graph"))
    page.keyboard.press("f")
    assert not lies_within(rect(page, "#graph g.node"), rect(page, "#graph"))


def test_text_is_larger_on_a_larger_screen(opened: Any) -> None:
    output = neuron()
    page = opened(tl.draw(output), 1280, 720)
    small = page.evaluate("parseFloat(getComputedStyle(document.querySelector('#derivation')).fontSize)")
    page.set_viewport_size({"width": 1920, "height": 1080})
    large = page.evaluate("parseFloat(getComputedStyle(document.querySelector('#derivation')).fontSize)")
    assert 13 <= small < large
    assert large >= 19


def test_text_stays_in_its_box(opened: Any) -> None:
    output = GALLERY["softmax"].make()
    page = opened(tl.draw(output))
    page.keyboard.press("End")
    outside = page.eval_on_selector_all(
        "#graph g.node",
        "found => found.flatMap(node => { const box = node.querySelector('path, polygon').getBBox();"
        " return [...node.querySelectorAll('text')].filter(text => { const own = text.getBBox();"
        " return own.x < box.x || own.x + own.width > box.x + box.width; }).map(text => text.textContent); })",
    )
    assert outside == []


def test_two_players_stand_on_one_page_and_share_nothing(opened: Any, tmp_path: Path) -> None:
    outputs = neuron(), GALLERY["softmax"].make()
    first, second = [tl.draw(output).player(400).html for output in outputs]
    page = opened(f"<!doctype html><h1>Lecture</h1><div>{first}</div><div id=later hidden>{second}</div>")
    one, two = page.frames[1:]
    colour = "getComputedStyle(document.querySelector('h1')).fontSize"
    assert page.evaluate(colour) == "32px"  # a heading's own, as the frames' styles stay in them
    one.click("#next")
    one.click("#next")
    assert (step(one), step(two)) == (2, 0)
    page.evaluate("document.querySelector('#later').hidden = false")  # as a slide that is turned to
    frames(page)
    two.wait_for_function("document.querySelector('#graph').clientWidth > 0")
    frames(two)
    assert lies_within(rect(two, "#graph g.node"), rect(two, "#graph"))
    two.click("#scrub")
    page.keyboard.press("End")
    assert (step(one), step(two)) == (2, last_step(two))


def test_light_and_dark_are_the_readers_unless_they_were_chosen(opened: Any) -> None:
    output = neuron()
    paper = "getComputedStyle(document.body).backgroundColor"
    light, dark = "rgb(255, 255, 255)", "rgb(17, 22, 28)"
    page = opened(tl.draw(output))
    assert page.evaluate(paper) == light
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(paper) == dark
    page.keyboard.press("t")
    assert page.evaluate(paper) == light
    chosen = opened(tl.draw(output, theme="light"))
    chosen.emulate_media(color_scheme="dark")
    assert chosen.evaluate(paper) == light


def test_printed_it_is_the_whole_graph_the_step_and_the_derivation(opened: Any) -> None:
    output = GALLERY["perceptron"].make()
    page = opened(tl.draw(output, theme="dark"), 1280, 720)
    page.locator("#scrub").fill("5")
    before = page.get_attribute("#graph > svg", "viewBox")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.get_attribute("#graph > svg", "viewBox") != before
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not any(page.locator(part).is_visible() for part in ("footer", "#zoom", "#search", "#theme"))
    assert page.locator("#derivation li").last.is_visible()
    whole = page.evaluate("['#now', '#steps', 'main'].every(x => { const e = document.querySelector(x); "
                          "return e.scrollHeight <= e.clientHeight + 1; })")  # fmt: skip
    assert whole
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    np.testing.assert_allclose(numbers(page.get_attribute("#graph > svg", "viewBox")), numbers(before), rtol=1e-3)


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


def test_a_page_is_well_formed_and_its_data_are_json() -> None:
    output = neuron()
    page = tl.draw(output).html
    assert page.startswith('<!doctype html>\n<html lang="en" data-theme="auto">')
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])
    assert list(dict.fromkeys(step["phase"] for step in data["steps"])) == [
        "start", "forward", "seed", "backward", "end"
    ]  # fmt: skip
    names = re.findall(r'<(?:section|button|input|output|div|ol|script)\b[^>]*\bid="(\w+)"', page)
    assert len(names) == len(set(names)) > 15
    asked_for = set(re.findall(r'by\("(\w+)"\)', page)) | {"first", "back", "next", "last"}
    assert asked_for - {"data"} <= set(names)
    controls = re.findall(r"<(?:button|input)\b[^>]*>", page)
    assert all("aria-label=" in control for control in controls)
    assert "window.top" not in page
    assert "parent." not in page


def test_a_frame_holds_the_page_and_nothing_of_it_is_outside() -> None:
    output = neuron()
    picture = tl.draw(output, theme="dark")
    frame = picture.player(300)
    tag = re.fullmatch(r'<iframe ([^<>]*) srcdoc="([^"<>]*)"></iframe>', frame.html)
    assert markup.unescape(tag[2]) == picture.html
    assert "\n" not in frame.html
    assert 'sandbox="allow-scripts"' in tag[1]
    assert 'height="300"' in tag[1]
    assert frame._repr_html_() == frame.html
    assert "300 pixels" in repr(frame)


@pytest.mark.parametrize(
    ("height", "error"), [(100, ValueError), (400.0, TypeError), ("400", TypeError), (True, TypeError)]
)
def test_heights_that_mean_nothing(height: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="player: height must be"):
        PlayerFrame("", height)


def test_the_rules_word_for_a_gradient_is_written_out() -> None:
    x = tl.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="x")
    W = tl.tensor([[0.5, -0.5]], requires_grad=True, name="W")
    b = tl.tensor([2.0], requires_grad=True, name="b")
    with tl.tracing():
        z = tl.linear(x, W, b)
        z.name = "z"
        E = np.log(z).sum()
        E.name = "E"
    data = json.loads(re.search(r'id="data">(.*?)</script>', tl.draw(E).html, re.DOTALL)[1])
    said = [part for step in data["steps"] if step["phase"] == "backward" for part in step["text"].split("; ")]
    assert said[-3:-1] == ["∂E/∂x = ∂E/∂z W", "∂E/∂W = (∂E/∂z)ᵀ x"]
    assert said[-1] in ("∂E/∂b = Σₙ(∂E/∂z)", "∂E/∂b = Σ(∂E/∂z)")


@pytest.mark.parametrize(
    ("formula", "word", "shown"),
    [
        ("Wᵀ g", "g", "Wᵀ (∂E/∂z)"),
        ("0[-1 ← g]", "g", "0[-1 ← ∂E/∂z]"),
        ("gᵀ log x", "g", "(∂E/∂z)ᵀ log x"),
        ("Σg + g₁", "g", "Σ(∂E/∂z) + g₁"),
        ("g₁ g", "g₁", "∂E/∂z g"),
    ],
)
def test_words_are_told_from_parts_of_others(formula: str, word: str, shown: str) -> None:
    assert player.with_gradient(formula, word, "∂E/∂z") == shown


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
