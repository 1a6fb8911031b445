// Everything works without this file; it saves a few moments for those who have it.
import {
  Button, CharacterCount, Checkboxes, ErrorSummary, FileUpload, Radios, ServiceNavigation, SkipLink, Tabs,
  NotificationBanner, createAll,
} from "govuk-frontend";

// A browser that runs modules runs these components; they look for the two classes before they start.
document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const component of [
  Button, CharacterCount, Checkboxes, ErrorSummary, FileUpload, NotificationBanner, Radios, ServiceNavigation,
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
  const tick = () => {
    const remaining = Math.ceil((ends - Date.now()) / 60_000);
    if (remaining <= 0) {
      window.location.assign(warning.dataset.endedUrl);
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
      ends = Date.now() + minutes * 60_000;
      warning.close();
    } else {
      window.location.assign(warning.dataset.endedUrl);
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
