// Keys for the worklist: "/" to the search, j and k through the rows, "?" for what there is.
// Single keys can be switched off (WCAG 2.1.4); arrows work within the list alone.
"use strict";

const KEY = "single-keys-off";
const help = document.querySelector("[data-keys]");
const search = document.querySelector("[data-search]");
const rows = Array.from(document.querySelectorAll("[data-row]"));
const toggle = document.querySelector("[data-keys-on]");

if (help && toggle) {
  help.hidden = false;
  toggle.checked = !isOff();
  toggle.addEventListener("change", () => {
    if (toggle.checked) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, "1");
  });
}

function isOff() {
  return localStorage.getItem(KEY) !== null;
}

function walk(by) {
  const here = document.activeElement?.closest("tr")?.querySelector("[data-row]");
  const at = rows.indexOf(here);
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by;
  rows[Math.min(Math.max(next, 0), rows.length - 1)]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.matches("input, select, textarea")) return;
  const inList = event.target.closest("[data-rows]") !== null;
  const single = isOff() ? null : { j: () => walk(1), k: () => walk(-1), "/": () => search?.focus(), "?": showHelp }[event.key];
  const arrow = inList ? { ArrowDown: () => walk(1), ArrowUp: () => walk(-1) }[event.key] : null;
  const act = single ?? arrow;
  if (!act) return;
  event.preventDefault();
  act();
});

function showHelp() {
  if (!help) return;
  help.open = true;
  help.querySelector("summary").focus();
}
