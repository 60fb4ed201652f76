// A slider and the box beside it say the same number. Without script there is the box alone.
"use strict";

document.addEventListener("input", (event) => {
  const pair = event.target.closest?.("[data-pair]");
  if (!pair) return;
  const slider = pair.querySelector("[type=range]");
  const box = pair.querySelector(".input");
  if (event.target === slider) box.value = slider.value;
  else if (box.value.trim() !== "") slider.value = box.value.replace(",", ".").replace("\u2212", "-");
  const isBlank = box.value.trim() === "";
  slider.toggleAttribute("data-blank", isBlank);
  slider.setAttribute("aria-valuetext", isBlank ? "not known" : `${box.value} ${slider.dataset.unit}`.trim());
}, true); // before the form asks with the numbers

// A number that no longer belongs to the answers beside it must not stay.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    if (event.detail.target?.id !== "what-if-answer") return;
    const said = document.createElement("p");
    said.className = "error-text";
    said.textContent = "The server did not answer, so there is no number for these answers. Move anything to ask again.";
    event.detail.target.replaceChildren(said);
  });
}
