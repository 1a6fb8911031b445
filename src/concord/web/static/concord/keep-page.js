// A page of answers on a phone with no signal: what was typed stays on the page, and is sent when the line is back.
// Nothing is written to the device. The page carries an identifier of its own, so that sending it twice changes nothing.
for (const form of document.querySelectorAll("form[data-keep-page]")) {
  const says = form.querySelector("[data-keep-page-says]");
  let waiting = null;
  let changed = false;
  const tell = (text) => {
    says.hidden = false;
    says.textContent = text;
  };
  form.addEventListener("input", () => {
    changed = true;
  });
  form.addEventListener("concord:kept", () => {
    changed = false;
  });
  form.addEventListener("submit", (event) => {
    if (navigator.onLine) {
      changed = false;
      return;
    }
    event.preventDefault();
    waiting = event.submitter;
    tell("You are offline. Keep this page open: it is sent as soon as you are connected.");
  });
  window.addEventListener("online", () => {
    if (waiting === null) return;
    tell("You are connected again. Sending.");
    const button = waiting;
    waiting = null;
    form.requestSubmit(button);
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}
