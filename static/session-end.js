// Says gently that a session is about to end, and covers the page once it has. Without it, the next
// page asks to sign in, and what was sent is kept.
"use strict";

const sessionEnd = document.getElementById("session-end");
const WARN_SECONDS = 120;
let askAgain;

function tell(name) {
  const words = document.getElementById(name);
  sessionEnd.replaceChildren(...(words ? [words.content.cloneNode(true)] : []));
  document.documentElement.classList.toggle("is-covered", name === "session-is-over");
  sessionEnd.querySelector("button")?.addEventListener("click", () => ask("POST"));
}

// How long there is; this question does not count as doing something, unless it is a POST.
async function ask(method = "GET") {
  clearTimeout(askAgain);
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  let told;
  try {
    const reply = await fetch(sessionEnd.dataset.ask, {
      method, redirect: "manual", headers: { "X-CSRFToken": token },
    });
    told = reply.ok ? await reply.json() : null;
  } catch {
    askAgain = setTimeout(ask, 30_000); // not reached: that says nothing about the session
    return;
  }
  if (!told || String(told.who) !== sessionEnd.dataset.who) return tell("session-is-over");
  // Signed in anew meanwhile: forms of this page take the token of the new session.
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = told.token;
  tell(told.seconds <= WARN_SECONDS ? "session-ends-soon" : "");
  const wait = told.seconds <= WARN_SECONDS ? told.seconds + 1 : told.seconds - WARN_SECONDS;
  askAgain = setTimeout(ask, wait * 1000);
}

askAgain = setTimeout(ask, Math.max(1, Number(sessionEnd.dataset.seconds) - WARN_SECONDS) * 1000);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") ask();
});
