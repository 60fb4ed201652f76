// Upload with drag and drop and real progress. Without this script the form is sent as usual.
"use strict";

for (const form of document.querySelectorAll("form[data-upload]")) prepare(form);

function prepare(form) {
  const input = form.querySelector("input[type=file]");
  const progress = form.querySelector("[data-upload-progress]");
  const bar = progress.querySelector("progress");
  const words = progress.querySelector("[data-upload-words]");
  const problem = form.querySelector("[data-upload-problem]");

  for (const kind of ["dragenter", "dragover"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.add("is-target");
    });
  }
  for (const kind of ["dragleave", "drop"]) {
    form.addEventListener(kind, () => form.classList.remove("is-target"));
  }
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    input.files = event.dataTransfer.files;
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const request = new XMLHttpRequest();
    const button = form.querySelector("button[type=submit]");
    const stop = (sentence) => {
      problem.textContent = sentence;
      progress.hidden = true;
      button.disabled = false;
    };
    problem.textContent = "";
    progress.hidden = false;
    button.disabled = true;
    request.upload.addEventListener("progress", (sent) => {
      if (!sent.lengthComputable) return;
      const share = Math.round((100 * sent.loaded) / sent.total);
      bar.value = share;
      words.textContent = share < 100 ? `Sending, ${share}\u00a0%` : "Sent; being kept safe";
    });
    request.addEventListener("load", () => {
      if (request.status < 400) window.location.assign(request.responseURL);
      else stop(sentenceFrom(request.responseText) || "The server did not take the files.");
    });
    request.addEventListener("error", () => stop("The connection broke; please try again."));
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
}

function sentenceFrom(page) {
  const answer = new DOMParser().parseFromString(page, "text/html");
  return answer.querySelector(".upload-box .error-summary")?.textContent.trim();
}
