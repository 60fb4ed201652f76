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
  const details = event.target.closest("a[href='#correct']") && document.getElementById("correct");
  if (details) details.open = true;
});

function start(root) {
  for (const form of root.querySelectorAll("form[data-correction]")) new Editor(form);
  prepareViews(root);
}

start(document);
document.addEventListener("htmx:afterSwap", () => {
  const body = document.getElementById("scan-body");
  if (body) start(body);
});
