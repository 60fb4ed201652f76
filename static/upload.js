// Upload with drag and drop, bytes as they go, and a way to stop. Without this script the form is sent as usual.
"use strict";

const SAID_AT = [25, 50, 75]; // per cent: a screen reader hears these, and not every step
const UNITS = ["bytes", "kB", "MB", "GB"];

function sizeInWords(bytes) {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** power;
  return `${value.toFixed(power > 1 && value < 100 ? 1 : 0)}\u00a0${UNITS[power]}`;
}

// A dropped folder is walked through; its files come in the order of their names.
async function filesBelow(entry) {
  if (entry.isFile) return [await new Promise((take, refuse) => entry.file(take, refuse))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((take, refuse) => reader.readEntries(take, refuse));
    if (!some.length) break;
    found.push(...some);
  }
  found.sort((one, other) => one.name.localeCompare(other.name));
  return (await Promise.all(found.map(filesBelow))).flat();
}

class Upload {
  constructor(form) {
    this.form = form;
    this.inputs = Array.from(form.querySelectorAll("input[type=file]"));
    this.progress = form.querySelector("[data-upload-progress]");
    this.bar = this.progress.querySelector("progress");
    this.words = this.progress.querySelector("[data-upload-words]");
    this.said = this.progress.querySelector("[data-upload-said]");
    this.cancel = this.progress.querySelector("[data-upload-cancel]");
    this.problem = form.querySelector("[data-upload-problem]");
    this.chosen = form.querySelector("[data-upload-chosen]");
    this.dropped = null; // files that were dropped stand in for those of the inputs
    for (const kind of ["dragenter", "dragover"]) form.addEventListener(kind, (event) => this.over(event));
    for (const kind of ["dragleave", "drop"]) form.addEventListener(kind, () => form.classList.remove("is-target"));
    form.addEventListener("drop", (event) => this.drop(event));
    form.addEventListener("change", (event) => this.choose(event));
    form.addEventListener("submit", (event) => this.submit(event));
    this.cancel?.addEventListener("click", () => this.request?.abort());
    for (const hint of form.querySelectorAll("[data-with-script]")) hint.hidden = false;
  }

  over(event) {
    event.preventDefault();
    this.form.classList.add("is-target");
  }

  async drop(event) {
    event.preventDefault();
    if (!this.chosen) {
      this.inputs[0].files = event.dataTransfer.files;
      return;
    }
    const entries = Array.from(event.dataTransfer.items, (item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const plain = Array.from(event.dataTransfer.files);
    this.dropped = entries.length ? (await Promise.all(entries.map(filesBelow))).flat() : plain;
    this.show();
  }

  choose(event) {
    if (!event.target.matches("input[type=file]") || !this.chosen) return;
    this.dropped = null;
    // The newest choice counts: files or a folder, never a mixture that nobody sees.
    for (const input of this.inputs) if (input !== event.target) input.value = "";
    this.show();
  }

  get files() {
    return this.dropped ?? this.inputs.flatMap((input) => Array.from(input.files));
  }

  show() {
    const files = this.files;
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    const what = files.length === 1 ? files[0].name : `${files.length.toLocaleString("en-GB")} files`;
    this.chosen.textContent = files.length ? `Chosen: ${what}, ${sizeInWords(bytes)}.` : "";
    this.problem.textContent = this.tooMuch(files, bytes);
  }

  // The server's own limits, said before anything is sent.
  tooMuch(files, bytes) {
    const { mostFiles, mostBytes, mostFileBytes } = this.form.dataset;
    const large = files.find((file) => file.size > Number(mostFileBytes ?? Infinity));
    if (files.length > Number(mostFiles ?? Infinity)) return `${files.length.toLocaleString("en-GB")} files are more than one scan may have (${Number(mostFiles).toLocaleString("en-GB")}).`;
    if (large) return `${large.name} has ${sizeInWords(large.size)}; a file may have at most ${sizeInWords(Number(mostFileBytes))}.`;
    if (bytes > Number(mostBytes ?? Infinity)) return `${sizeInWords(bytes)} are more than one scan may have (${sizeInWords(Number(mostBytes))}).`;
    return "";
  }

  submit(event) {
    event.preventDefault();
    const files = this.files;
    const problem = files.length ? this.tooMuch(files, files.reduce((sum, file) => sum + file.size, 0)) : "Choose the files of one scan first.";
    if (this.chosen && problem) {
      this.stop(problem);
      return;
    }
    const body = new FormData(this.form);
    if (this.chosen) {
      body.delete("files");
      for (const file of files) body.append("files", file);
    }
    this.send(body, files);
  }

  send(body, files) {
    const request = (this.request = new XMLHttpRequest());
    this.problem.textContent = "";
    this.form.querySelector(".error-summary")?.remove();
    this.progress.hidden = false;
    this.bar.value = 0;
    this.lock(true);
    this.saidUpTo = 0;
    this.tell("Sending");
    request.upload.addEventListener("progress", (sent) => this.sent(sent, files));
    request.upload.addEventListener("load", () => this.takenIn());
    request.addEventListener("load", () => {
      if (request.status < 400) {
        // The page is left for the scan's: nothing of this form may ask to stay.
        window.location.assign(request.responseURL);
      } else this.stop(sentenceFrom(request.responseText) || (request.status === 413 ? "The server does not take that many bytes at once." : "The server did not take the files."));
    });
    request.addEventListener("error", () => this.stop("The connection broke. Nothing was kept; your choice is still here, so you can send it again."));
    request.addEventListener("abort", () => this.stop("Stopped. Nothing was kept; your choice is still here."));
    request.open("POST", this.form.action);
    request.send(body);
  }

  sent(sent, files) {
    if (!sent.lengthComputable) return;
    const share = Math.min(Math.floor((100 * sent.loaded) / sent.total), 100);
    this.bar.value = share;
    let before = 0;
    const done = files.filter((file) => (before += file.size) <= sent.loaded).length;
    const count = files.length > 1 ? `, file ${Math.min(done + 1, files.length)} of ${files.length}` : "";
    this.words.textContent = `Sending: ${share}\u00a0%, ${sizeInWords(sent.loaded)} of ${sizeInWords(sent.total)}${count}`;
    const reached = SAID_AT.filter((at) => at <= share).at(-1) ?? 0;
    if (reached > this.saidUpTo) {
      this.saidUpTo = reached;
      this.tell(`${reached}\u00a0% sent`);
    }
  }

  takenIn() {
    this.bar.removeAttribute("value"); // how long that lasts is not known
    this.words.textContent = "All sent. The server is taking it in.";
    this.tell("All sent, being taken in");
  }

  stop(sentence) {
    this.progress.hidden = true;
    this.problem.textContent = sentence;
    this.lock(false);
  }

  lock(isBusy) {
    for (const control of this.form.querySelectorAll("button[type=submit], input[type=file]")) control.disabled = isBusy;
    if (isBusy) this.cancel?.focus();
  }

  tell(sentence) {
    if (this.said) this.said.textContent = sentence;
  }
}

function sentenceFrom(page) {
  const answer = new DOMParser().parseFromString(page, "text/html");
  return answer.querySelector(".upload-box .error-summary")?.textContent.trim();
}

for (const form of document.querySelectorAll("form[data-upload]")) new Upload(form);
