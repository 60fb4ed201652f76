// The page around the region editor: what waits for a change, and leaving it unsaved.
"use strict";

function isChanged(form) {
  const differs = (control) => {
    if (control.type === "checkbox") return control.checked !== control.defaultChecked;
    if (control.matches("select")) return !control.selectedOptions[0]?.defaultSelected;
    return control.value !== control.defaultValue;
  };
  const controls = form.querySelectorAll("[data-all-regions] :is(input, textarea, select)");
  return "changed" in form.dataset || Array.from(controls).some(differs);
}

// Nobody may confirm the old regions while believing that the changed ones are meant.
function showWhatWaits(form) {
  const waits = isChanged(form);
  form.querySelector("[data-measure]").classList.toggle("is-main", waits);
  form.querySelector("[data-undo]").hidden = !waits;
  const confirm = document.querySelector("[data-confirm]");
  if (confirm) {
    confirm.disabled = waits;
    confirm.classList.toggle("is-main", !waits);
  }
  const words = document.querySelector("[data-confirm-waits]");
  if (words) words.textContent = waits ? words.dataset.sentence : "";
}

window.addEventListener("beforeunload", (event) => {
  const form = document.querySelector("form[data-correction]");
  if (form && !("leaving" in form.dataset) && isChanged(form)) event.preventDefault();
});
// Coming back with the browser's button, the form is as it was left.
window.addEventListener("pageshow", () => {
  const form = document.querySelector("form[data-correction]");
  if (!form) return;
  delete form.dataset.leaving;
  form.dispatchEvent(new Event("input"));
});
document.addEventListener("click", (event) => {
  const opener = event.target.closest("a[href='#correct'], [data-open-editor]");
  const details = opener && document.getElementById("correct");
  if (!details) return;
  details.open = true;
  if (opener.matches("[data-open-editor]")) goToFirstRegion();
});

// The button stands before the picture, so that Tab goes on from it through the regions.
function goToFirstRegion() {
  const editable = document.querySelector("[data-picture]:not([data-cut]) [data-region]");
  // Regions take the focus once the editor has drawn itself, which follows the opening.
  setTimeout(() => editable?.focus());
}

function start(root) {
  for (const form of root.querySelectorAll("form[data-correction]")) new Editor(form);
  for (const opener of root.querySelectorAll("[data-open-editor]")) opener.hidden = false;
  prepareViews(root);
}

// Told once a stage, however often the page asks how far it is.
function sayStage() {
  const now = document.querySelector("[data-stage-now]")?.textContent.trim() ?? "Measured";
  const said = document.querySelector("[data-scan-said]");
  if (said && said.textContent !== now) said.textContent = now;
}

start(document);
document.addEventListener("htmx:afterSwap", () => {
  sayStage();
  const body = document.getElementById("scan-body");
  if (body) start(body);
});
