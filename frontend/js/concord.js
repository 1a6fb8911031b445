// Everything works without this file; it saves a few moments for those who have it.
import {
  Button, CharacterCount, Checkboxes, ErrorSummary, ExitThisPage, FileUpload, Radios, ServiceNavigation, SkipLink, Tabs,
  NotificationBanner, createAll,
} from "govuk-frontend";

// A browser that runs modules runs these components; they look for the two classes before they start.
document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const component of [
  Button, CharacterCount, Checkboxes, ErrorSummary, ExitThisPage, FileUpload, NotificationBanner, Radios, ServiceNavigation,
  SkipLink, Tabs,
]) {
  createAll(component);
}

// Warns before the session ends. The server ends it either way and keeps what was typed as a draft.
const warning = document.querySelector("[data-session-warning]");
if (warning instanceof HTMLDialogElement) {
  const minutes = Number(warning.dataset.minutes);
  const warnBefore = Number(warning.dataset.warnBefore);
  const left = warning.querySelector("[data-session-left]");
  let ends = Date.now() + minutes * 60_000;
  // A page opened in another window keeps the one session alive for this one too.
  const others = new BroadcastChannel("concord-session");
  const alive = () => {
    ends = Date.now() + minutes * 60_000;
    if (warning.open) warning.close();
  };
  others.addEventListener("message", alive);
  others.postMessage("alive");
  const over = () => {
    window.location.assign(`${warning.dataset.endedUrl}?next=${encodeURIComponent(window.location.pathname)}`);
  };
  const tick = () => {
    const remaining = Math.ceil((ends - Date.now()) / 60_000);
    if (remaining <= 0) {
      over();
      return;
    }
    if (remaining <= warnBefore) {
      const words = remaining === 1 ? "1 minute" : `${remaining} minutes`;
      // Said again only when it changes: a live region that repeats itself is noise.
      if (left.textContent !== words) left.textContent = words;
      if (!warning.open) warning.showModal();
    }
  };
  const stay = async () => {
    const answer = await fetch(warning.dataset.stayUrl, { credentials: "same-origin", redirect: "manual" });
    if (answer.ok) {
      alive();
      others.postMessage("alive");
    } else {
      over();
    }
  };
  warning.querySelector("[data-session-stay]").addEventListener("click", stay);
  warning.addEventListener("cancel", (event) => {
    event.preventDefault();
    stay();
  });
  setInterval(tick, 10_000);
}

// Work that goes on elsewhere: its words are renewed where they stand, and the page is when the work has ended.
const polled = document.querySelector("[data-poll]");
if (polled) {
  const ask = async () => {
    try {
      const answer = await fetch(window.location.href, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.querySelector("[data-poll]");
      if (!now) {
        window.location.reload();
        return;
      }
      if (polled.textContent !== now.textContent) polled.replaceChildren(...now.childNodes);
    } catch {
      // The connection may be gone for a moment; the next question may find it again.
    }
    setTimeout(ask, 2_000);
  };
  setTimeout(ask, 1_000);
}

// What is typed outlives a lost connection, a closed page and a session that ended: it stays in this window, for the one
// who typed it, until the server has taken it or they sign out. Never on a page that needs no account, and never on a
// page that keeps nothing on the device by its own rule.
const keeper = document.body.dataset.keepFor;
const PREFIX = "concord-typed:";
const keys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
const forget = (unless) => keys().filter((key) => !unless || !key.startsWith(unless)).forEach((key) => sessionStorage.removeItem(key));
document.querySelectorAll("form[data-sign-out]").forEach((form) => form.addEventListener("submit", () => forget("")));
if (keeper) {
  const mine = `${PREFIX}${keeper}:`;
  forget(mine);
  const done = document.querySelector(".govuk-notification-banner--success") !== null;
  const wrong = document.querySelector(".govuk-error-summary") !== null;
  for (const key of keys()) {
    // Sent, and led on to another page or told that it was done: the server has it.
    const sent = JSON.parse(sessionStorage.getItem(key)).sent;
    if (sent && (done || !key.startsWith(`${mine}${window.location.pathname}#`))) sessionStorage.removeItem(key);
  }
  const typed = (form) =>
    [...form.elements].filter((one) => one.name && !["hidden", "password", "file", "submit", "button"].includes(one.type));
  const value = (one) => (["checkbox", "radio"].includes(one.type) ? one.checked : one.value);
  [...document.querySelectorAll("main form[method=post]:not([data-keep-page], [data-concord-find])")].forEach((form, place) => {
    const key = `${mine}${window.location.pathname}#${place}`;
    const fields = typed(form);
    if (!fields.some((one) => one.tagName === "TEXTAREA" || one.type === "text")) return;
    const first = JSON.stringify(fields.map(value));
    const stored = JSON.parse(sessionStorage.getItem(key) ?? "null");
    // A page that came back with its errors holds what was typed already.
    if (stored && !wrong && stored.values.length === fields.length && JSON.stringify(stored.values) !== first) {
      fields.forEach((one, at) => {
        if (["checkbox", "radio"].includes(one.type)) one.checked = stored.values[at];
        else one.value = stored.values[at];
      });
      const told = document.createElement("p");
      told.className = "govuk-inset-text";
      told.setAttribute("role", "status");
      told.append("What you had typed here is back. It was not sent. ");
      const clear = document.createElement("button");
      clear.type = "button";
      clear.className = "concord-linkbutton";
      clear.textContent = "Take it out";
      clear.addEventListener("click", () => {
        sessionStorage.removeItem(key);
        form.reset();
        told.remove();
      });
      told.append(clear);
      form.before(told);
    }
    const keep = (sent) => sessionStorage.setItem(key, JSON.stringify({ sent, values: fields.map(value) }));
    form.addEventListener("input", () => keep(false));
    form.addEventListener("change", () => keep(false));
    form.addEventListener("submit", () => {
      if (JSON.stringify(fields.map(value)) !== first) keep(true);
    });
  });
}
