// What the phone keeps of patrol and outreach sessions until it is delivered: in the browser's database, never elsewhere.
// Nobody's name is in it. Signing out erases it, and asks first where something waits.
export const WAITING = "waiting";
export const RUNNING = "running";

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("concord-sessions", 2);
    asked.onupgradeneeded = () => {
      for (const name of [WAITING, RUNNING]) {
        if (asked.result.objectStoreNames.contains(name)) continue;
        asked.result.createObjectStore(name, { keyPath: name === WAITING ? "session" : "worker" });
      }
    };
    asked.onsuccess = () => {
      // So that erasing everything is not held up by this page.
      asked.result.onversionchange = () => asked.result.close();
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });
}

async function on(name, mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const asked = act(database.transaction(name, mode).objectStore(name));
    asked.addEventListener("success", () => resolve(asked.result));
    asked.onerror = () => reject(asked.error);
  }).finally(() => database.close());
}

// Functions, not constants: a page starts before the line that would define them is reached.
export function all(name) { return on(name, "readonly", (store) => store.getAll()); }
export function get(name, key) { return on(name, "readonly", (store) => store.get(key)); }
export function put(name, entry) { return on(name, "readwrite", (store) => store.put(entry)); }

// Only where it is still what it was: what was put right or taken off meanwhile, here or in another tab, stays so.
export function replace(name, before, after) {
  return on(name, "readwrite", (store) => {
    const asked = store.get(before[store.keyPath]);
    asked.addEventListener("success", () => {
      if (JSON.stringify(asked.result) === JSON.stringify(before)) store.put(after);
    });
    return asked;
  });
}

export function remove(name, key) { return on(name, "readwrite", (store) => store.delete(key)); }

export async function erase() {
  await new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase("concord-sessions");
    asked.onsuccess = asked.onerror = asked.onblocked = () => resolve();
  });
  if ("caches" in window) for (const name of await caches.keys()) await caches.delete(name);
}

// The sign-out button of every page that somebody who patrols may be on.
const leaving = document.querySelector("form[action='/sign-out/']");
if (leaving && "indexedDB" in window) {
  leaving.addEventListener("submit", async (event) => {
    if (leaving.dataset.erased) return;
    event.preventDefault();
    const waiting = [...(await all(WAITING)).filter((each) => !each.final), ...(await all(RUNNING))].length;
    if (waiting && !leaving.dataset.asked) {
      leaving.dataset.asked = "yes";
      const told = document.createElement("p");
      told.className = "govuk-body";
      told.setAttribute("role", "alert");
      told.textContent = `${waiting} not delivered on this phone. Press Sign out again to erase ${waiting === 1 ? "it" : "them"}, or deliver first on the Sessions page.`;
      leaving.append(told);
      return;
    }
    await erase();
    leaving.dataset.erased = "yes";
    leaving.requestSubmit();
  });
}
