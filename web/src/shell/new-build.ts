const KEY = "uim.reloaded_at";
const PAUSE_MS = 60_000;

/**
 * A page that was open while the server got a new build misses files of its own: it begins anew, but not again and again. Without
 * a network files are missed as well, and beginning anew would bring nothing but the loss of what is being written.
 */
export function reloadOnNewBuild(): void {
  addEventListener("vite:preloadError", () => void reloadIfNew());
}

async function reloadIfNew(): Promise<void> {
  const last = Number(sessionStorage.getItem(KEY) ?? 0);
  if (Date.now() - last < PAUSE_MS) return;
  const own = document.querySelector('script[type="module"]')?.getAttribute("src") ?? null;
  const served = await servedEntry();
  if (served === null || served === own) return;
  sessionStorage.setItem(KEY, String(Date.now()));
  location.reload();
}

/** Begins anew if the server answers, and stays otherwise: what is here still could not be had again. False if it stays. */
export async function reloadIfServed(): Promise<boolean> {
  if ((await servedEntry()) === null) return false;
  location.reload();
  return true;
}

/** The script with which the page begins in the build that is served now; its name says what is in it. Null if there is no telling. */
async function servedEntry(): Promise<string | null> {
  try {
    const answer = await fetch("/", { cache: "no-store" });
    const page = answer.ok ? await answer.text() : "";
    return /<script type="module"[^>]* src="(\/assets\/[^"]+)"/.exec(page)?.[1] ?? null;
  } catch {
    return null;
  }
}
