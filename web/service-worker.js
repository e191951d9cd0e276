// Keeps the shell, so that the app opens without a network, and answers for notifications. What people write is not kept here.
// The build writes which files there are, and a version made of their names, into the first two lines.
const VERSION = "__VERSION__";
const FILES = ["__FILES__"];
const CACHE = `uim-shell-${VERSION}`;
/** So long the network may take to bring what is kept here too. */
const PATIENCE_MS = 3_000;
/** The network has let somebody wait so long, and has not answered since: the next file is not waited for as well. */
let isLate = false;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES.map((path) => new Request(path, { cache: "reload" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || isServers(url.pathname)) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(keptFirst(request));
  else if (request.mode === "navigate") event.respondWith(networkFirst(request, "/"));
  else if (FILES.includes(url.pathname)) event.respondWith(networkFirst(request, url.pathname));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(goTo(event.notification.data));
});

/** In the window that was used last, or in a new one. */
async function goTo(path) {
  const [last] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (!last) return self.clients.openWindow(path);
  last.postMessage(path);
  return last.focus();
}

function isServers(path) {
  return /^\/(?:api|ws|health|\.well-known)(?:\/|$)/.test(path);
}

/** Their names say what is in them: what is there is right. */
async function keptFirst(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

/**
 * What is kept is shown where the network takes too long. What comes is not kept: it may be of another build than the scripts
 * here, and is installed with its own.
 */
async function networkFirst(request, key) {
  const answering = fetch(request);
  const cache = await caches.open(CACHE);
  const kept = await cache.match(key);
  if (!kept) return answering;
  return new Promise((resolve) => {
    const timer = setTimeout(
      () => {
        isLate = true;
        resolve(kept);
      },
      isLate ? 0 : PATIENCE_MS,
    );
    answering
      .catch(() => kept)
      .then((answer) => {
        isLate = false;
        clearTimeout(timer);
        resolve(answer);
      });
  });
}
