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

// --- steps
const steps = data.steps;
let current = -1, timer = null;
const finalText = {};
for (const [key, vertex] of Object.entries(data.vertices)) {
  const texts = [...nodes[key].querySelectorAll("text.gradient")];
  finalText[key] = texts.map((text) => text.textContent);
}

function show(step) {
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
      text.textContent = finalText[key][place];
    });
    if (key in sums && !complete.has(key) && gradients.length) {  // a sum that is still growing
      gradients.forEach((text) => text.classList.add("waits"));
      gradients[0].classList.remove("waits");
      gradients[0].textContent = "∂ so far " + (sums[key].length === 1 ? sums[key][0] : "…");
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
  });
  const item = by("derivation").children[current], list = by("steps");
  if (item.offsetTop + item.offsetHeight > list.scrollTop + list.clientHeight || item.offsetTop < list.scrollTop)
    list.scrollTop = item.offsetTop - list.clientHeight / 2;
  by("now").scrollTop = 0;
  by("scrub").value = current;
  by("count").textContent = `${current} / ${steps.length - 1}`;
  if (current === steps.length - 1) pause();
  follow(now);
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
    const value = make("td");
    value.append(make("pre", "number", row.value));
    if (row.sum) value.append(make("pre", "sum", row.sum));
    line.append(what, make("td", "", row.label), value);
    table.append(line);
  }
  parts.push(table);
  for (const note of data.notes) parts.push(make("p", "phase", note));
  by("now").replaceChildren(...parts);
}

function pause() {
  clearInterval(timer);
  timer = null;
  by("play").textContent = "▶";
}
function play() {
  if (timer) return pause();
  if (current === steps.length - 1) show(0);
  by("play").textContent = "❚❚";
  timer = setInterval(() => show(current + 1), 900);
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

// --- zoom and pan, by the view box
const whole = svg.viewBox.baseVal, home = { x: whole.x, y: whole.y, width: whole.width, height: whole.height };
let view = { ...home };
svg.removeAttribute("width");
svg.removeAttribute("height");
svg.setAttribute("preserveAspectRatio", "xMidYMid meet");
const apply = () => svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
const scale = () => Math.max(view.width / svg.clientWidth, view.height / svg.clientHeight);
function zoom(factor, x = view.x + view.width / 2, y = view.y + view.height / 2) {
  own = true;
  const width = Math.min(home.width * 4, Math.max(home.width / 40, view.width * factor)), real = width / view.width;
  view = { x: x + (view.x - x) * real, y: y + (view.y - y) * real, width, height: view.height * real };
  apply();
}
function fit() { own = true; cancelAnimationFrame(moving); view = { ...home }; apply(); }
function point(event) {
  const inverse = svg.getScreenCTM().inverse();
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(inverse);
}
// Where the whole would be too small to read, and nobody has moved it, the view goes along with what happens.
let moving = null, own = false;
const readable = () => ({ width: svg.clientWidth * 0.8, height: svg.clientHeight * 0.8 });
function follow(now) {
  if (own || !svg.clientWidth || Math.max(home.width / svg.clientWidth, home.height / svg.clientHeight) < 1.25) return;
  const key = now.active || Object.keys(now.sums || {})[0] || (now.phase === "start" ? now.done[0] : null);
  const goal = readable();
  if (key) {
    const rect = nodes[key].getBoundingClientRect();
    const at = point({ clientX: rect.x + rect.width / 2, clientY: rect.y + rect.height / 2 });
    const clamp = (x, size, begin, whole) => size >= whole ? begin - (size - whole) / 2
      : Math.max(begin, Math.min(begin + whole - size, x - size / 2));
    goal.x = clamp(at.x, goal.width, home.x, home.width);
    goal.y = clamp(at.y, goal.height, home.y, home.height);
  } else Object.assign(goal, home);
  cancelAnimationFrame(moving);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || current === 0) { view = goal; return apply(); }
  const begin = { ...view }, started = performance.now();
  const frame = (time) => {
    const part = Math.min(1, (time - started) / 250), eased = part * (2 - part);
    for (const side of ["x", "y", "width", "height"]) view[side] = begin[side] + (goal[side] - begin[side]) * eased;
    apply();
    if (part < 1) moving = requestAnimationFrame(frame);
  };
  moving = requestAnimationFrame(frame);
}
const area = by("graph");
area.addEventListener("wheel", (event) => {
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
    own = true;
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
by("fit").addEventListener("click", fit);

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
const turn = () => { const root = document.documentElement; root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark"; };
by("theme").addEventListener("click", turn);
for (const [kind, meaning] of data.legend) {
  const entry = make("span", "", meaning);
  entry.prepend(make("i", kind));
  by("legend").append(entry);
}
const keys = { ArrowRight: jump.next, ArrowLeft: jump.back, Home: jump.first, End: jump.last, "+": () => zoom(0.8), "-": () => zoom(1.25),
  0: fit, t: turn, Escape: () => pinned && pin(pinned) };
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
    if (["ArrowRight", "ArrowLeft", "Home", "End"].includes(event.key)) pause();
    keys[event.key]();
  }
});
show(0);
})();
