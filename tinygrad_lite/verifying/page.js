"use strict";
const form = document.querySelector("form");
const entries = [...document.querySelectorAll(".entry")];
const links = new Map([...document.querySelectorAll("nav ol a")].map(a => [a.dataset.of, a.parentElement]));
const buttons = [...document.querySelectorAll(".counts button")];
const normal = text => text.normalize("NFKC").toLowerCase();
const texts = new Map(entries.map(entry => [entry, normal(entry.textContent)]));
const choices = ["document", "kind", "verdict", "proof"];

function filter() {
  const words = normal(form.elements.search.value).split(/\s+/);
  let shown = 0;
  for (const entry of entries) {
    entry.hidden = !(
      choices.every(name => ["", entry.dataset[name]].includes(form.elements[name].value)) &&
      words.every(word => texts.get(entry).includes(word))
    );
    links.get(entry.id).hidden = entry.hidden;
    shown += !entry.hidden;
  }
  for (const section of document.querySelectorAll("section")) {
    section.hidden = !section.querySelector(".entry:not([hidden])");
  }
  for (const button of buttons) {
    button.setAttribute("aria-pressed", button.dataset.verdict === form.elements.verdict.value);
  }
  form.elements.count.value = shown + " of " + entries.length + " entries shown";
}

function follow() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.closest("[hidden]")) {
    form.reset();
    filter();
  }
  target.scrollIntoView();
}

form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", event => event.preventDefault());
form.addEventListener("reset", () => setTimeout(filter));
for (const button of buttons) {
  button.disabled = false;
  button.addEventListener("click", () => {
    const pressed = button.getAttribute("aria-pressed") === "true";
    form.elements.verdict.value = pressed ? "" : button.dataset.verdict;
    filter();
  });
}
document.addEventListener("keydown", event => {
  const typing = event.target.matches("input, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    form.elements.search.focus();
  } else if (event.key === "Escape" && event.target === form.elements.search) {
    form.elements.search.value = "";
    filter();
  }
});
for (const details of document.querySelectorAll("nav details")) {
  details.open = matchMedia("(min-width: 60rem)").matches;
}
window.addEventListener("hashchange", follow);
filter();
follow();
