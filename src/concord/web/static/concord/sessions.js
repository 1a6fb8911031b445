// One tap to start, one to stop; what is written waits on the phone until it is delivered. Delivering twice is harmless.
import { RUNNING, WAITING, all, get, put, remove } from "./sessions-kept.js";

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

  async function deliver() {
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
        else await put(WAITING, { ...entry, said, final: true });
        say(said);
      }
    } catch {
      const left = (await all(WAITING)).filter((each) => each.worker === worker && !each.final).length;
      say(`No signal: ${left} on this phone, delivered when there is one.`);
    }
    return list();
  }

  async function list() {
    const place_ = root.querySelector("[data-waiting]");
    place_.replaceChildren();
    const waiting = (await all(WAITING)).filter((each) => each.worker === worker);
    root.querySelector("[data-count]").textContent = waiting.length;
    for (const entry of waiting) {
      const line = document.createElement("li");
      line.textContent = `${entry.place}, ${new Date(entry.started).toLocaleString("en-GB")}: ${entry.contacts} spoken with. ${entry.said || "Waits for a signal."}`;
      if (entry.final) {
        const drop = document.createElement("button");
        drop.type = "button";
        drop.className = "govuk-button govuk-button--secondary";
        drop.textContent = "Take it off this phone";
        drop.addEventListener("click", async () => { await remove(WAITING, entry.session); list(); });
        line.append(" ", drop);
      }
      place_.append(line);
    }
  }
}
