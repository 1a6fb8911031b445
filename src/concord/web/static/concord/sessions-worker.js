// Keeps the sessions page and what it is made of on the phone, so that it opens without a signal.
// Newest first from the network; the kept copy only where there is none. Nothing about anybody is kept.
const KEPT = "concord-sessions-1";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.pathname === "/sessions/" || url.pathname.startsWith("/static/");
  if (event.request.method !== "GET" || url.origin !== self.location.origin || !ours) return;
  event.respondWith(
    fetch(event.request)
      .then(async (answer) => {
        if (answer.ok && !answer.redirected) {
          const kept = await caches.open(KEPT);
          await kept.put(event.request, answer.clone());
        }
        return answer;
      })
      .catch(async () => (await caches.match(event.request, { ignoreVary: true })) || Response.error()),
  );
});
