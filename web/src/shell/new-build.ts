const KEY = "uim.reloaded_at";
const PAUSE_MS = 60_000;

/** A page that was open while the server got a new build misses files of its own: it begins anew, but not again and again. */
export function reloadOnNewBuild(): void {
  addEventListener("vite:preloadError", (event) => {
    const last = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Date.now() - last < PAUSE_MS) return;
    event.preventDefault();
    sessionStorage.setItem(KEY, String(Date.now()));
    location.reload();
  });
}
