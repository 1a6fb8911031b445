// One tap to start, one to stop; what is written waits on the phone until it is delivered. Delivering twice is harmless.
const root = document.querySelector("[data-sessions]");
if (root && "indexedDB" in window) start();

function start() {
  const worker = root.dataset.worker;
  const say = (words) => { root.querySelector("[data-said]").textContent = words; };
  root.hidden = false;
  document.querySelector("[data-plain]").hidden = true;
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sessions/worker.js", { scope: "/sessions/" });

  const fields = ["place", "contacts", "note"].map((name) => root.querySelector(`[name="live-${name}"]`));
  const [place, contacts, note] = fields;
  const button = root.querySelector("[data-toggle]");
  const RUNNING = `concord-session-${worker}`;
  let running = JSON.parse(localStorage.getItem(RUNNING) || "null");
  if (running) { place.value = running.place; contacts.value = running.contacts; note.value = running.note; }
  show();

  root.querySelectorAll("[data-add]").forEach((each) => each.addEventListener("click", () => {
    contacts.value = Math.max(0, Math.min(999, Number(contacts.value || 0) + Number(each.dataset.add)));
    remember();
  }));
  fields.forEach((each) => each.addEventListener("input", remember));
  button.addEventListener("click", async () => {
    if (!running) {
      if (!place.value.trim()) { say("Say where you are first."); place.focus(); return; }
      running = { session: crypto.randomUUID(), started: new Date().toISOString(), place: "", contacts: 0, note: "" };
      remember();
      say("Started.");
      show();
      return;
    }
    remember();
    const entry = { ...running, worker, kind: root.dataset.kind, ended: new Date().toISOString(), said: "" };
    await put(entry);
    running = null;
    localStorage.removeItem(RUNNING);
    contacts.value = 0; note.value = "";
    show();
    say("Stopped, and kept on this phone.");
    await deliver();
  });
  root.querySelector("[data-deliver]").addEventListener("click", deliver);
  window.addEventListener("online", deliver);
  list().then(() => { if (navigator.onLine) deliver(); });

  function remember() {
    if (!running) return;
    Object.assign(running, { place: place.value, contacts: Number(contacts.value || 0), note: note.value });
    localStorage.setItem(RUNNING, JSON.stringify(running));
  }

  function show() {
    button.textContent = running ? "Stop" : "Start";
    const since = root.querySelector("[data-since]");
    since.textContent = running
      ? `Running since ${new Date(running.started).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`
      : "Not running";
  }

  async function deliver() {
    const waiting = (await all()).filter((each) => each.worker === worker && !each.final);
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
        if (status === "stored" || status === "again") await remove(entry.session);
        else await put({ ...entry, said, final: true });
        say(said);
      }
    } catch {
      say(`No signal: ${waiting.length} on this phone, delivered when there is one.`);
    }
    return list();
  }

  async function list() {
    const place_ = root.querySelector("[data-waiting]");
    place_.replaceChildren();
    const waiting = (await all()).filter((each) => each.worker === worker);
    root.querySelector("[data-count]").textContent = waiting.length;
    for (const entry of waiting) {
      const line = document.createElement("li");
      line.textContent = `${entry.place}, ${new Date(entry.started).toLocaleString("en-GB")}: ${entry.contacts} spoken with. ${entry.said || "Waits for a signal."}`;
      if (entry.final) {
        const drop = document.createElement("button");
        drop.type = "button";
        drop.className = "govuk-button govuk-button--secondary";
        drop.textContent = "Take it off this phone";
        drop.addEventListener("click", async () => { await remove(entry.session); list(); });
        line.append(" ", drop);
      }
      place_.append(line);
    }
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("concord-sessions", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("waiting", { keyPath: "session" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function on(mode, act) {
  const store = (await open()).transaction("waiting", mode).objectStore("waiting");
  return new Promise((resolve, reject) => {
    const asked = act(store);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

// Functions, not constants: the page starts before this line is reached.
function all() { return on("readonly", (store) => store.getAll()); }
function put(entry) { return on("readwrite", (store) => store.put(entry)); }
function remove(key) { return on("readwrite", (store) => store.delete(key)); }
