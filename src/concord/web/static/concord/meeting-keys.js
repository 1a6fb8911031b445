// Keyboard shortcuts of the meeting's pages. What they do is on the page without them; each is read from the element it
// works on (`data-key`), so that the list on the page cannot differ from what happens. They can be turned off, and no
// letter is one while somebody types.
const OFF = "concord-keys-off";
const box = document.querySelector("[data-keys]");
const dialog = box.querySelector("[data-keys-dialog]");
const off = box.querySelector("[data-keys-off]");
const targets = new Map();
for (const element of document.querySelectorAll("[data-key]")) {
  if (!targets.has(element.dataset.key)) targets.set(element.dataset.key, element);
}

const stored = () => {
  try {
    return localStorage.getItem(OFF) === "yes";
  } catch {
    return false;
  }
};

const list = box.querySelector("[data-keys-list]");
for (const [key, element] of [...targets, ["?", null]]) {
  const row = document.createElement("div");
  row.className = "govuk-summary-list__row";
  const name = document.createElement("dt");
  name.className = "govuk-summary-list__key";
  const letter = document.createElement("kbd");
  letter.textContent = key;
  name.append(letter);
  const words = document.createElement("dd");
  words.className = "govuk-summary-list__value";
  words.textContent = element ? element.dataset.keyWords || element.textContent.trim() : "This list";
  row.append(name, words);
  list.append(row);
}

box.hidden = false;
off.checked = stored();
const open = () => dialog.showModal();
box.querySelector("[data-keys-open]").addEventListener("click", open);
box.querySelector("[data-keys-close]").addEventListener("click", () => dialog.close());
off.addEventListener("change", () => {
  try {
    localStorage.setItem(OFF, off.checked ? "yes" : "no");
  } catch {
    // A browser that keeps nothing keeps the shortcuts on.
  }
});

const typing = (element) =>
  element instanceof HTMLElement &&
  (element.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName));

document.addEventListener("keydown", (event) => {
  const here = document.activeElement;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && typing(here) && here.form) {
    event.preventDefault();
    here.form.requestSubmit(here.form.querySelector("[data-main]") || undefined);
    return;
  }
  if (dialog.open || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && typing(here)) {
    here.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(here) || stored()) return;
  if (event.key === "?") {
    event.preventDefault();
    open();
    return;
  }
  const element = targets.get(event.key.toLowerCase());
  if (!element) return;
  event.preventDefault();
  if (element.matches("a, button")) {
    element.click();
    return;
  }
  const field = element.matches("input, textarea, select")
    ? element
    : element.querySelector("input:not([type=hidden]), textarea, select");
  if (field) {
    field.focus();
    field.scrollIntoView({ block: "center" });
  }
});
