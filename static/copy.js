// Buttons that copy: a field of this page, or a text from an address. Without script the field can
// be marked by hand, and the address opens as a page.
"use strict";

function say(control, words) {
  const place = control.closest("section, .page-heading").querySelector("[data-copied]");
  if (place) place.textContent = words;
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      say(button, "Copied.");
    } catch {
      // Browsers let a page copy over a secure connection only.
      field.focus();
      say(button, "It is marked: press Ctrl and C, or hold it, to copy.");
    }
  });
}

for (const link of document.querySelectorAll("a[data-copy-from]")) {
  link.addEventListener("click", async (event) => {
    if (!navigator.clipboard || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    try {
      const answer = await fetch(link.href, { redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      await navigator.clipboard.writeText(await answer.text());
      say(link, "Copied.");
      const words = link.textContent;
      link.style.minWidth = `${link.offsetWidth}px`;   // the buttons beside it stay where they are
      link.textContent = "Copied";
      setTimeout(() => { link.textContent = words; }, 2000);
    } catch {
      window.location.assign(link.href);
    }
  });
}
