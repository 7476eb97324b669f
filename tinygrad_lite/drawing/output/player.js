"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const by = (id) => document.getElementById(id);
const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;  // never markup: names are anything
  return element;
};

// --- the drawing: find each box and arrow by the title Graphviz gave it
const svg = document.querySelector("#graph > svg");
const nodes = {}, edges = [];
for (const group of svg.querySelectorAll("g.node")) {
  const title = group.querySelector("title"), key = title.textContent, vertex = data.vertices[key];
  title.remove();
  if (!vertex) { group.classList.add("heading"); continue; }  // a frame's
  for (const link of group.querySelectorAll("g")) link.replaceWith(...link.childNodes);
  nodes[key] = group;
  group.classList.add(vertex.kind);
  group.dataset.key = key;
  const texts = [...group.querySelectorAll("text")];
  vertex.lines.forEach(([role], place) => texts[place] && texts[place].classList.add(role));
}
for (const group of svg.querySelectorAll("g.edge")) {
  const title = group.querySelector("title");
  const [tail, head] = title.textContent.split("->");
  title.remove();
  edges.push({ group, tail, head });
}
for (const title of svg.querySelectorAll("title")) title.remove();
for (const shape of svg.querySelectorAll("[fill], [stroke]"))
  if (!shape.closest(".edge")) { shape.removeAttribute("fill"); shape.removeAttribute("stroke"); }

// Text stands in the middle of its box and within it, in whatever font there is here.
function write(text, content) {
  text.textContent = content;
  const box = text.closest(".node").querySelector("path, polygon, rect, ellipse").getBBox();
  const room = Math.max(4, box.width - 10);
  text.setAttribute("x", box.x + box.width / 2);
  text.setAttribute("text-anchor", "middle");
  text.removeAttribute("textLength");
  if (text.getComputedTextLength() <= room) return;
  text.setAttribute("textLength", room);
  text.setAttribute("lengthAdjust", "spacingAndGlyphs");
}
function writeAll() {
  for (const text of svg.querySelectorAll(".node:not(.heading) text")) write(text, text.textContent);
}
writeAll();

// --- steps
const steps = data.steps;
let current = -1, timer = null;
const finalText = {};
for (const [key, vertex] of Object.entries(data.vertices)) {
  const texts = [...nodes[key].querySelectorAll("text.gradient")];
  finalText[key] = texts.map((text) => text.textContent);
}

function show(step, smoothly = true) {
  current = Math.max(0, Math.min(steps.length - 1, step));
  const now = steps[current], done = new Set(), sums = {}, complete = new Set();
  for (let k = 0; k <= current; k++) {
    for (const key of steps[k].done) done.add(key);
    Object.assign(sums, steps[k].sums || {});
  }
  const later = new Set();
  for (let k = current + 1; k < steps.length; k++) for (const key of Object.keys(steps[k].sums || {})) later.add(key);
  for (const key of Object.keys(sums)) if (!later.has(key)) complete.add(key);
  svg.classList.toggle("backward", ["seed", "backward", "end"].includes(now.phase));
  for (const [key, node] of Object.entries(nodes)) {
    node.classList.toggle("done", done.has(key));
    node.classList.toggle("active", key === now.active || Boolean(now.sums && key in now.sums));
    for (const text of node.querySelectorAll("text.value")) text.classList.toggle("waits", !done.has(key));
    const gradients = [...node.querySelectorAll("text.gradient")];
    gradients.forEach((text, place) => {
      text.classList.toggle("waits", !(key in sums));
      if (text.textContent !== finalText[key][place]) write(text, finalText[key][place]);
    });
    if (key in sums && !complete.has(key) && gradients.length) {  // a sum that is still growing
      gradients.forEach((text) => text.classList.add("waits"));
      gradients[0].classList.remove("waits");
      write(gradients[0], "∂ so far " + (sums[key].length === 1 ? sums[key][0] : "…"));
    }
  }
  const forward = now.phase === "forward";
  for (const edge of edges) {
    const here = now.active !== undefined && (forward ? edge.head === now.active || edge.tail === now.active
      : edge.tail === now.active || (edge.head === now.active && now.sums && edge.tail in now.sums));
    edge.group.classList.toggle("active", here);
  }
  panel(now);
  [...by("derivation").children].forEach((item, place) => {
    item.classList.toggle("past", place <= current);
    item.classList.toggle("current", place === current);
    if (place === current) item.setAttribute("aria-current", "step"); else item.removeAttribute("aria-current");
  });
  const item = by("derivation").children[current], list = by("steps");
  if (item.offsetTop + item.offsetHeight > list.scrollTop + list.clientHeight || item.offsetTop < list.scrollTop)
    list.scrollTop = item.offsetTop - list.clientHeight / 2;
  by("now").scrollTop = 0;
  by("scrub").value = current;
  by("scrub").setAttribute("aria-valuetext", now.text);
  by("count").textContent = `${current} / ${steps.length - 1}`;
  if (current === steps.length - 1) pause();
  settle(smoothly);
}

const PHASES = { start: "Beginning", forward: "Forward", seed: "Backward begins", backward: "Backward", end: "Result" };
const WHAT = { in: "in", out: "out", adds: "adds", gradient: "∂" };

function panel(now) {
  const parts = [make("div", "phase " + now.phase, PHASES[now.phase]), make("div", "text", now.text)];
  for (const rule of now.rules || []) parts.push(make("div", "rule", rule));
  const table = make("table");
  for (const row of now.rows) {
    const line = make("tr");
    line.dataset.what = row.what;
    line.dataset.name = row.name;
    const what = make("td", "", now.phase === "backward" && row.what === "in" ? "∂ in" : WHAT[row.what]);
    const name = make("td", "", row.label), value = make("td");
    name.title = row.label;
    value.append(make("pre", "number", row.value));
    if (row.sum) value.append(make("pre", "sum", row.sum));
    line.classList.toggle("matrix", row.value.includes("\n"));
    line.append(what, name, value);
    table.append(line);
  }
  parts.push(table);
  for (const note of data.notes) parts.push(make("p", "phase", note));
  by("now").replaceChildren(...parts);
}

function pause() {
  clearInterval(timer);
  timer = null;
  playing("▶", "Play");
}
function play() {
  if (timer) return pause();
  if (current === steps.length - 1) show(0);
  playing("❚❚", "Pause");
  timer = setInterval(() => show(current + 1), 900);
}
function playing(sign, label) {
  by("play").textContent = sign;
  by("play").setAttribute("aria-label", label);
  by("play").title = label + " (space)";
}

steps.forEach((step, place) => {
  const item = make("li", "", step.text);
  item.addEventListener("click", () => { pause(); show(place); });
  by("derivation").append(item);
});
by("scrub").max = steps.length - 1;
by("scrub").addEventListener("input", (event) => { pause(); show(Number(event.target.value)); });
const jump = { first: () => show(0), back: () => show(current - 1), next: () => show(current + 1), last: () => show(steps.length - 1) };
for (const [id, go] of Object.entries(jump)) by(id).addEventListener("click", () => { pause(); go(); });
by("play").addEventListener("click", play);

// --- details: hovering shows, clicking pins
let pinned = null;
function details(key) {
  const box = by("details"), vertex = data.vertices[key];
  box.hidden = !vertex;
  box.classList.toggle("pinned", pinned !== null);
  if (!vertex) return;
  const list = make("dl");
  for (const [what, text] of vertex.facts) list.append(make("dt", "", what), make("dd", "", text));
  box.replaceChildren(make("b", "", vertex.name), list);
  const rect = nodes[key].getBoundingClientRect(), room = by("graph").getBoundingClientRect();  // it stands clear of its box
  box.classList.toggle("right", rect.x + rect.width / 2 < room.x + room.width / 2);
  box.classList.toggle("low", rect.y + rect.height / 2 < room.y + room.height / 2);
}
function pin(key) {
  if (pinned) nodes[pinned].classList.remove("pinned");
  pinned = key === pinned ? null : key;
  if (pinned) nodes[pinned].classList.add("pinned");
  details(pinned);
}
for (const [key, node] of Object.entries(nodes)) {
  node.addEventListener("mouseenter", () => pinned || details(key));
  node.addEventListener("mouseleave", () => pinned || details(null));
}

const area = by("graph");

// --- the view, by the view box: all of the graph; or where that is too small to read, what happens now; or one's own
const whole = svg.viewBox.baseVal, home = { x: whole.x, y: whole.y, width: whole.width, height: whole.height };
let view = { ...home }, mode = "follow", moving = null, seen = null;
svg.removeAttribute("width");
svg.removeAttribute("height");
svg.setAttribute("preserveAspectRatio", "xMidYMid meet");
function apply() {
  svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
  svg.classList.toggle("tiny", scale() > 3);
}
const scale = () => Math.max(view.width / area.clientWidth, view.height / area.clientHeight);
// pixels for a unit of the drawing: as many as make a box's text about as large as the page's
const readable = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 11;
function all() {  // a graph of two boxes is not blown up to the window
  const most = 2 * readable();
  const width = Math.max(home.width, area.clientWidth / most), height = Math.max(home.height, area.clientHeight / most);
  return { x: home.x + (home.width - width) / 2, y: home.y + (home.height - height) / 2, width, height };
}
function here(key) {  // a box and what it is joined to now, at a size that can be read
  let width = area.clientWidth / readable(), height = area.clientHeight / readable();
  const joined = edges.filter(({ group }) => group.classList.contains("active")).flatMap(({ tail, head }) => [tail, head]);
  let around = place(nodes[key]);
  for (const other of joined) around = union(around, place(nodes[other]));
  const larger = Math.min(1.35, Math.max(1, around.width * 1.1 / width, around.height * 1.1 / height));
  if (around.width > width * larger || around.height > height * larger) around = place(nodes[key]);  // too far apart
  else [width, height] = [width * larger, height * larger];
  const clamp = (begin, size, at, room) => size >= room ? at - (size - room) / 2
    : Math.max(at, Math.min(at + room - size, begin - size / 2));
  return {
    x: clamp(around.x + around.width / 2, width, home.x, home.width),
    y: clamp(around.y + around.height / 2, height, home.y, home.height), width, height,
  };
}
function place(node) {  // where it stands in the drawing
  const rect = node.getBoundingClientRect();
  const { x, y } = point({ clientX: rect.left, clientY: rect.top }), end = point({ clientX: rect.right, clientY: rect.bottom });
  return { x, y, width: end.x - x, height: end.y - y };
}
function union(a, b) {
  const x = Math.min(a.x, b.x), y = Math.min(a.y, b.y);
  return { x, y, width: Math.max(a.x + a.width, b.x + b.width) - x, height: Math.max(a.y + a.height, b.y + b.height) - y };
}
function settle(smoothly) {
  if (mode === "own" || !area.clientWidth || !area.clientHeight) return;
  // at the beginning and at the end nothing happens: a screen has an overview then, a phone what is given
  const now = steps[current], still = area.clientWidth < 600 ? steps[0].done[0] : undefined;
  const key = now.active || Object.keys(now.sums || {})[0] || still;
  const small = Math.max(home.width / area.clientWidth, home.height / area.clientHeight) * readable() > 1.4;
  const goal = mode === "follow" && small && key ? here(key) : all();
  cancelAnimationFrame(moving);
  if (!smoothly || matchMedia("(prefers-reduced-motion: reduce)").matches) { view = goal; return apply(); }
  const begin = { ...view }, started = performance.now();
  const frame = (time) => {
    const part = Math.max(0, Math.min(1, (time - started) / 250)), eased = part * (2 - part);
    for (const side of ["x", "y", "width", "height"]) view[side] = begin[side] + (goal[side] - begin[side]) * eased;
    apply();
    if (part < 1) moving = requestAnimationFrame(frame);
  };
  moving = requestAnimationFrame(frame);
}
function look(how) {
  mode = how;
  by("fit").setAttribute("aria-pressed", mode === "all");
  by("follow").setAttribute("aria-pressed", mode === "follow");
  cancelAnimationFrame(moving);
  settle(true);
}
function zoom(factor, x = view.x + view.width / 2, y = view.y + view.height / 2) {
  look("own");
  const width = Math.min(home.width * 4, Math.max(home.width / 40, view.width * factor)), real = width / view.width;
  view = { x: x + (view.x - x) * real, y: y + (view.y - y) * real, width, height: view.height * real };
  apply();
}
function point(event) {
  const inverse = svg.getScreenCTM().inverse();
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(inverse);
}
let shown = Boolean(area.clientWidth);
new ResizeObserver(() => {
  if (!shown && area.clientWidth) { shown = true; writeAll(); }  // a frame that was hidden had no fonts
  settle(false);
}).observe(area);
addEventListener("beforeprint", () => { seen = { ...view }; cancelAnimationFrame(moving); view = { ...home }; apply(); });
addEventListener("afterprint", () => { view = seen; apply(); settle(false); });
area.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && !document.hasFocus()) return;  // in a frame the page around it scrolls, until one clicks in here
  event.preventDefault();
  const at = point(event);
  zoom(Math.exp(event.deltaY * 0.0015), at.x, at.y);
}, { passive: false });
const fingers = new Map();
let moved = 0, pressed = null;
area.addEventListener("pointerdown", (event) => {
  if (event.target.closest("button, #details")) return;
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  moved = 0;
  pressed = event.target.closest("g.node");
});
area.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const dx = event.clientX - before.x, dy = event.clientY - before.y;
  if (fingers.size === 2) {
    const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
    const apart = (p) => Math.hypot(p.x - other.x, p.y - other.y);
    zoom(apart(before) / Math.max(1, apart({ x: event.clientX, y: event.clientY })));
  } else if (moved + Math.abs(dx) + Math.abs(dy) > 4) {
    if (moved <= 4) area.setPointerCapture(event.pointerId);
    const unit = scale();
    look("own");
    view.x -= dx * unit;
    view.y -= dy * unit;
    apply();
  }
  moved += Math.abs(dx) + Math.abs(dy);
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
});
for (const kind of ["pointerup", "pointercancel"]) area.addEventListener(kind, (event) => {
  if (kind === "pointerup" && fingers.has(event.pointerId) && moved <= 4) {
    if (pressed) pin(pressed.dataset.key);
    else if (pinned) pin(pinned);
  }
  fingers.delete(event.pointerId);
});
by("in").addEventListener("click", () => zoom(0.8));
by("out").addEventListener("click", () => zoom(1.25));
by("fit").addEventListener("click", () => look("all"));
by("follow").addEventListener("click", () => look("follow"));

// --- search
by("search").addEventListener("input", (event) => {
  const wanted = event.target.value.trim().toLowerCase();
  for (const [key, node] of Object.entries(nodes)) {
    const text = data.vertices[key].lines.map(([, line]) => line).join("\n").toLowerCase();
    node.classList.toggle("found", wanted !== "" && text.includes(wanted));
  }
});
by("search").addEventListener("keydown", (event) => {
  const found = svg.querySelector(".node.found");
  if (event.key === "Enter" && found && found.dataset.key !== pinned) pin(found.dataset.key);
});

// --- theme, legend, keyboard
function turn() {
  const root = document.documentElement, theme = root.dataset.theme;
  const dark = theme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
  root.dataset.theme = dark ? "light" : "dark";
}
by("theme").addEventListener("click", turn);
for (const [kind, meaning] of data.legend) {
  const entry = make("span", "", meaning);
  entry.prepend(make("i", kind));
  by("legend").append(entry);
}
const steppers = {  // a presenter's clicker sends PageUp and PageDown
  ArrowRight: jump.next, ArrowLeft: jump.back, PageDown: jump.next, PageUp: jump.back, Home: jump.first, End: jump.last,
};
const keys = {
  ...steppers, "+": () => zoom(0.8), "-": () => zoom(1.25), 0: () => look("all"), f: () => look("follow"), t: turn,
  Escape: () => pinned && pin(pinned),
};
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input[type=search]")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") { event.preventDefault(); by("search").focus(); }
  else if (event.key === " " && !event.target.matches("button")) { event.preventDefault(); play(); }
  else if (keys[event.key]) {
    event.preventDefault();
    if (event.key in steppers) pause();
    keys[event.key]();
  }
});
show(0, false);
})();
