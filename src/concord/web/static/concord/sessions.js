// One tap to start, one to stop; what is written waits on the phone until it is delivered. Delivering twice is harmless.
import { RUNNING, WAITING, all, get, put, remove, replace } from "./sessions-kept.js";

const root = document.querySelector("[data-sessions]");
if (root && "indexedDB" in window) start();

async function start() {
  const worker = root.dataset.worker;
  const say = (words) => { root.querySelector("[data-said]").textContent = words; };
  root.hidden = false;
  document.querySelector("[data-plain]").hidden = true;
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sessions/worker.js", { scope: "/sessions/" });

  const fields = ["place", "contacts", "note"].map((name) => root.querySelector(`[name="live-${name}"]`));
  const [place, contacts, note] = fields;
  const button = root.querySelector("[data-toggle]");
  let running = await get(RUNNING, worker);
  if (running) { place.value = running.place; contacts.value = running.contacts; note.value = running.note; }
  show();

  root.querySelectorAll("[data-add]").forEach((each) => each.addEventListener("click", () => {
    contacts.value = Math.max(0, Math.min(999, Number(contacts.value || 0) + Number(each.dataset.add)));
    remember();
  }));
  fields.forEach((each) => each.addEventListener("input", remember));
  root.querySelectorAll("[data-place]").forEach((each) => each.addEventListener("click", () => {
    place.value = each.dataset.place;
    if (running) remember(); else begin();
  }));
  button.addEventListener("click", async () => {
    if (!running) {
      if (!place.value.trim()) { say("Say where you are first."); place.focus(); return; }
      begin();
      return;
    }
    await remember();
    const { worker: _, ...held } = running;
    await put(WAITING, { ...held, worker, kind: root.dataset.kind, ended: new Date().toISOString(), said: "" });
    running = null;
    await remove(RUNNING, worker);
    contacts.value = 0; note.value = "";
    show();
    say("Stopped, and kept on this phone.");
    await deliver();
  });
  root.querySelector("[data-deliver]").addEventListener("click", deliver);
  window.addEventListener("online", deliver);
  list().then(() => { if (navigator.onLine) deliver(); });

  function begin() {
    running = { worker, session: crypto.randomUUID(), started: new Date().toISOString() };
    remember();
    say("Started.");
    show();
  }

  async function remember() {
    if (!running) return;
    Object.assign(running, { place: place.value, contacts: Number(contacts.value || 0), note: note.value });
    await put(RUNNING, running);
    // What the phone has kept by now: nothing of it is lost if the page goes.
    root.dataset.kept = contacts.value;
  }

  function show() {
    button.textContent = running ? "Stop" : "Start";
    button.classList.toggle("govuk-button--warning", Boolean(running));
    const since = root.querySelector("[data-since]");
    since.textContent = running
      ? `Running since ${new Date(running.started).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`
      : "Not running";
  }

  // One round at a time, over all tabs: a signal that comes back starts one, so does the button.
  // What waits is listed first: a round on a poor line takes as long as it takes.
  async function deliver() {
    await list();
    return navigator.locks.request("concord-sessions", round);
  }

  async function round() {
    const waiting = (await all(WAITING)).filter((each) => each.worker === worker && !each.final);
    if (!waiting.length) return list();
    let token;
    try {
      const page = await fetch("/sessions/", { cache: "no-store" });
      if (page.redirected) { say("Sign in again to deliver what waits. Nothing is lost."); return list(); }
      const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
      token = fresh.querySelector("[name=csrfmiddlewaretoken]").value;
      for (const entry of waiting) {
        const answer = await fetch("/sessions/deliver/", {
          method: "POST",
          headers: { "Content-Type": "application/json", "X-CSRFToken": token },
          body: JSON.stringify(entry),
        });
        if (!(answer.headers.get("Content-Type") || "").includes("json")) throw new Error("no answer");
        const { status, said } = await answer.json();
        if (status === "stored" || status === "again") await remove(WAITING, entry.session);
        else await replace(WAITING, entry, { ...entry, said, final: true, ours: status !== "conflict" });
        say(said);
      }
    } catch {
      const left = (await all(WAITING)).filter((each) => each.worker === worker && !each.final).length;
      say(`No signal: ${left} on this phone, delivered when there is one.`);
    }
    return list();
  }

  // A line stays as long as its session is what it was: a signal that comes back takes away nothing half typed.
  async function list() {
    const place_ = root.querySelector("[data-waiting]");
    const waiting = (await all(WAITING)).filter((each) => each.worker === worker);
    const before = new Map([...place_.children].map((each) => [each.dataset.entry, each]));
    const after = waiting.map((each) => before.get(JSON.stringify(each)) || line(each));
    for (const each of before.values()) if (!after.includes(each)) each.remove();
    after.forEach((each, index) => {
      if (place_.children[index] !== each) place_.insertBefore(each, place_.children[index] || null);
    });
    root.querySelector("[data-count]").textContent = waiting.length;
  }

  function line(entry) {
    const [item, words] = ["li", "p"].map((name) => document.createElement(name));
    item.dataset.entry = JSON.stringify(entry);
    words.className = "govuk-body";
    item.append(words);
    words.textContent = `${entry.place}, ${new Date(entry.started).toLocaleString("en-GB")}: ${entry.contacts} spoken with. ${entry.said || "Waits for a signal."}`;
    if (!entry.final) return item;
    if (entry.ours) item.append(mend(entry));
    const drop = button_("Take it off this phone");
    drop.addEventListener("click", async () => {
      await remove(WAITING, entry.session);
      await list();
      root.querySelector("[data-deliver]").focus();
    });
    item.append(drop);
    return item;
  }

  // What was refused can be put right where it stands: its place, its times, its number.
  function mend(entry) {
    const form = root.querySelector("[data-mend]").content.cloneNode(true).firstElementChild;
    form.id = `mend-${entry.session}`;
    for (const [name, value] of [
      ["place", entry.place], ["started", local(entry.started)], ["ended", local(entry.ended)], ["contacts", entry.contacts],
    ]) {
      const field = form.querySelector(`[name=${name}]`);
      field.value = value;
      field.id = `${name}-${entry.session}`;
      form.querySelector(`[data-for=${name}]`).htmlFor = field.id;
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const { place: where, started, ended, contacts: met } = Object.fromEntries(new FormData(form));
      const times = [started, ended].map((each) => new Date(each));
      const missing = times.findIndex((each) => Number.isNaN(each.getTime()));
      if (missing >= 0) return wrong(form, ["started", "ended"][missing], "Enter when it started and when it ended.");
      if (!/^\d{1,3}$/.test(met.trim())) return wrong(form, "contacts", "Enter how many people you spoke with, 0 if nobody.");
      const [from, to] = times.map((each) => each.toISOString());
      const { said: _, final: __, ours: ___, ...kept } = entry;
      await replace(WAITING, entry, { ...kept, place: where, started: from, ended: to, contacts: Number(met), said: "" });
      await deliver();
      // The form went with what it asked: on to what is wrong still, or to what is left.
      const still = [...root.querySelectorAll("[data-waiting] form")].find((each) => each.id === form.id);
      (still?.querySelector("input") || root.querySelector("[data-deliver]")).focus();
    });
    return form;
  }

  function wrong(form, name, words) {
    say(words);
    form.querySelector(`[name=${name}]`).focus();
  }

  function button_(words) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "govuk-button govuk-button--secondary";
    made.textContent = words;
    return made;
  }

  // As the phone's own clock shows it, for a field of day and time.
  function local(moment) {
    const at = new Date(moment);
    if (Number.isNaN(at.getTime())) return "";
    return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  }
}
