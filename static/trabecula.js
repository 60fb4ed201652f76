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
  if (event.target.id === "answer") {
    showProblems(event.target);
    showBeside(event.target);
  }
});

// A number that no longer belongs to the record beside it must not stay.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    if (event.detail.target?.id !== "answer") return;
    if (event.detail.xhr?.status === 403) signedOut();
    else withdraw("The server did not answer, so there is no number for this record. Change anything to ask again.");
  });
}
document.addEventListener("htmx:beforeSwap", (event) => {
  // Signed out meanwhile: the answer is the sign-in page, which has no place here.
  if (event.detail.xhr?.responseURL.includes("/sign-in/")) {
    event.detail.shouldSwap = false;
    if (event.detail.target.id === "answer") signedOut();
    else window.location.reload();
  }
});
// Going back, a browser refills the form but shows the page as it was sent.
window.addEventListener("pageshow", (event) => {
  const form = document.getElementById("record");
  const [visit] = performance.getEntriesByType("navigation");
  if (form && (event.persisted || visit?.type === "back_forward")) {
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

// Enter in a question asks again; only the button files an assessment, and only once.
const recordForm = document.getElementById("record");
recordForm?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input")) {
    event.preventDefault();
    recordForm.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
recordForm?.addEventListener("submit", () => {
  // Only after the browser has read the button: a disabled one would not be sent.
  setTimeout(() => {
    for (const button of recordForm.querySelectorAll("button[type=submit]")) button.disabled = true;
  });
});
window.addEventListener("pageshow", () => {
  for (const button of recordForm?.querySelectorAll("button[type=submit]") ?? []) button.disabled = false;
});

// What was typed is still here: signing in elsewhere is enough, and the form then takes a new token.
let isSignedOut = false;
function signedOut() {
  withdraw("You are signed out, so there is no number for this record. What you typed is still here. ");
  const link = document.createElement("a");
  link.href = "/sign-in/";
  link.target = "_blank";
  link.textContent = "Sign in in a new tab, then come back";
  document.querySelector("#answer .error-text").append(link);
  isSignedOut = true;
}
window.addEventListener("focus", async () => {
  if (!isSignedOut || !recordForm) return;
  const reply = await fetch(window.location.href);
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const token = page.querySelector("#record [name=csrfmiddlewaretoken]");
  if (!token) return;
  isSignedOut = false;
  recordForm.querySelector("[name=csrfmiddlewaretoken]").value = token.value;
  recordForm.dispatchEvent(new Event("input", { bubbles: true }));
});

// Leaving a record that was changed and not saved is asked about first.
let isDirty = false;
recordForm?.addEventListener("input", (event) => { isDirty ||= event.target !== recordForm; });
recordForm?.addEventListener("submit", () => { isDirty = false; });
window.addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });
document.getElementById("error-summary")?.focus();

// An open definition lies over what is below it, so anything else closes it.
function closeDefinitions(except) {
  for (const open of document.querySelectorAll(".definition[open]")) {
    if (open !== except) open.open = false;
  }
}
document.addEventListener("click", (event) => closeDefinitions(event.target.closest(".definition")));
document.addEventListener("focusin", (event) => closeDefinitions(event.target.closest(".definition")));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeDefinitions(); });

function withdraw(sentence) {
  const said = document.createElement("p");
  said.className = "error-text";
  said.textContent = sentence;
  document.getElementById("answer").replaceChildren(said);
  document.getElementById("spoken-answer").textContent = sentence;
  document.getElementById("foot-answer").textContent = "No answer";
}

// One line beside each question: what to look at again, what it means, or what not knowing costs.
function showBeside(answer) {
  const said = new Map();
  for (const one of answer.querySelectorAll("[data-cost-for]")) said.set(one.dataset.costFor, one);
  for (const field of document.querySelectorAll("[data-field]")) {
    const one = said.get(field.dataset.field);
    const line = field.querySelector("[data-cost-here]");
    line.textContent = one?.dataset.cost ?? "";
    line.classList.toggle("is-to-check", Boolean(one && "isCaution" in one.dataset));
  }
}

// An empty date looks like one that waits to be filled in; not known is an answer.
document.addEventListener("input", (event) => {
  if (event.target.matches("input.is-date")) event.target.classList.toggle("is-not-known", event.target.value === "");
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
