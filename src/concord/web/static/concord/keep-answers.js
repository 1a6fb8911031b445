// Each answer is kept as soon as its question is left, so that nothing hangs on the button at the end of the page.
// Without this script the button keeps them all. Nothing is written to the device. Where a colleague answered the same
// question meanwhile, nothing of theirs is overwritten: the page says so beside the question.
for (const form of document.querySelectorAll("form[data-keep-answers]")) {
  const revision = form.elements.namedItem("revision");
  const dirty = new Set();
  let line = Promise.resolve();
  let underWay = 0;

  const tell = (question, text, wrong) => {
    const says = question.querySelector("[data-kept]");
    says.textContent = text;
    says.classList.toggle("concord-kept--wrong", wrong);
  };

  const NO_LINE = "Not kept yet: no connection. It is sent with the page.";

  const keep = async (question) => {
    if (!navigator.onLine) {
      tell(question, NO_LINE, true);
      return;
    }
    const data = new FormData(form);
    data.set("field", question.dataset.question);
    data.set("revision", revision.value);
    try {
      const answer = await fetch(form.dataset.keepAnswers, { method: "POST", body: data, redirect: "error" });
      const told = await answer.json();
      // A conflict keeps the old revision: saving the page then asks before it replaces anything.
      if (answer.ok) revision.value = told.revision;
      tell(question, answer.ok ? "Kept" : told.says, !answer.ok);
      if (answer.ok && dirty.size === 0) form.dispatchEvent(new CustomEvent("concord:kept"));
    } catch {
      tell(question, NO_LINE, true);
    }
  };

  const left = (question) => {
    if (!dirty.delete(question)) return;
    // One after the other, so that each carries the revision the one before it made.
    underWay += 1;
    line = line.then(() => keep(question)).finally(() => {
      underWay -= 1;
    });
  };

  form.addEventListener("input", (event) => {
    const question = event.target.closest("[data-question]");
    if (question !== null) dirty.add(question);
  });
  form.addEventListener("change", (event) => {
    const question = event.target.closest("[data-question]");
    if (question !== null && ["radio", "checkbox"].includes(event.target.type)) {
      dirty.add(question);
      left(question);
    }
  });
  // The button waits for what is on its way: else the page would meet its own answers as somebody else's.
  form.addEventListener("submit", (event) => {
    if (underWay === 0 || event.defaultPrevented) return;
    event.preventDefault();
    const button = event.submitter;
    line.then(() => form.requestSubmit(button));
  });
  form.addEventListener("focusout", (event) => {
    const question = event.target.closest("[data-question]");
    if (question !== null && !question.contains(event.relatedTarget)) left(question);
  });
}
