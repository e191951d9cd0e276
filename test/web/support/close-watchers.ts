import type { Page } from "playwright-core";
import type { CloseWatcherLike } from "../../../web/src/ui/covers.ts";

declare global {
  interface Window {
    /** What would be closed next. */
    watched: CloseWatcherLike[];
  }
}

/** Answers how to go back as on Android, where what watches for that is closed before the page is left. */
export async function recordCloseWatchers(page: Page): Promise<() => Promise<void>> {
  await page.addInitScript(() => {
    const Native = window.CloseWatcher;
    if (Native === undefined) throw new Error("This browser has no close watchers.");
    window.watched = [];
    class CloseWatcher extends Native {
      constructor() {
        super();
        window.watched.push(this);
      }
      override destroy() {
        window.watched = window.watched.filter((one) => one !== this);
        super.destroy();
      }
    }
    Object.assign(window, { CloseWatcher });
  });
  return () => page.evaluate(() => window.watched.at(-1)?.requestClose());
}
