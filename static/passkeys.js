// Forms that are sent with a passkey. Without script they stay hidden, and codes and passwords do.
"use strict";

function say(form, words) {
  form.querySelector("[data-passkey-says]").textContent = words;
}

// What this browser is to be asked, by the site; its answer goes into the form, which is sent.
async function begin(form) {
  const body = new FormData();
  body.append("for", form.dataset.passkey);
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const reply = await fetch(form.dataset.begin, { method: "POST", body, redirect: "error" });
  const told = await reply.json();
  if (!reply.ok) throw new Error(told.sentence);
  return told;
}

async function answer(form) {
  const told = await begin(form);
  const isNew = form.dataset.passkey === "new";
  const publicKey = isNew
    ? PublicKeyCredential.parseCreationOptionsFromJSON(told)
    : PublicKeyCredential.parseRequestOptionsFromJSON(told);
  const found = await navigator.credentials[isNew ? "create" : "get"]({ publicKey });
  form.elements.answer.value = JSON.stringify(found.toJSON());
  form.submit();
}

const canAsk = "PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential;
for (const form of document.querySelectorAll("form[data-passkey]")) {
  const isHere = form.dataset.origins.split(" ").includes(window.location.origin);
  if (canAsk && isHere) form.hidden = false;
  for (const words of document.querySelectorAll("[data-without-passkeys]")) words.hidden = canAsk && isHere;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say(form, "Follow what your browser asks.");
    answer(form).catch((problem) => say(form, problem.name === "InvalidStateError"
      ? "This device holds a passkey of yours already."
      : problem.name === "Error" || problem.name === "TypeError"
        ? problem.message || "That did not work; try again."
        : "Nothing was done: the browser was not given a passkey in time, or you stopped it."));
  });
}
