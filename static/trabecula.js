// Small helps for the pages: printing, and keeping a live answer calm. Everything works without.
"use strict";

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// What was unfolded stays unfolded when the answer is swapped.
let unfolded = new Set();
document.addEventListener("htmx:beforeSwap", (event) => {
  const open = event.target.querySelectorAll("details[open][id]");
  unfolded = new Set(Array.from(open, (details) => details.id));
});
document.addEventListener("htmx:afterSwap", (event) => {
  for (const id of unfolded) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
  unfolded = new Set();
  if (event.target.id === "answer") showProblems(event.target);
});

// The answer names each field to put right; the same sentence is put beside that field.
function showProblems(answer) {
  const sentences = new Map();
  for (const item of answer.querySelectorAll("[data-problem-for]")) {
    sentences.set(item.dataset.problemFor, item.textContent.trim());
  }
  for (const field of document.querySelectorAll("[data-field]")) {
    const sentence = sentences.get(field.dataset.field) || "";
    field.classList.toggle("has-error", sentence !== "");
    field.querySelector("[data-problem]").textContent = sentence;
    for (const control of field.querySelectorAll("input, select")) {
      if (sentence) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  }
  const summary = document.getElementById("error-summary");
  if (summary && sentences.size === 0) summary.remove();
}

// A value that a person changes no longer comes from the scan or the birth date.
document.addEventListener("input", (event) => {
  const origin = event.target.closest("[data-field]")?.querySelector(".origin");
  if (origin) origin.hidden = event.target.value !== event.target.defaultValue;
});

// A link to a folded-away question unfolds it first.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  const target = link && document.getElementById(link.hash.slice(1));
  const folded = target && target.closest("details:not([open])");
  if (folded) folded.open = true;
  const control = target && target.querySelector("input:checked, input, select");
  if (target && target.matches("input, select")) target.focus();
  else if (control) control.focus();
});
