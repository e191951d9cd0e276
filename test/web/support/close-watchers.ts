import type { Page } from "playwright-core";

interface Closeable extends EventTarget {
  destroy(): void;
  requestClose(): void;
}

declare global {
  interface Window {
    /** What would be closed next. */
    watched: Closeable[];
  }
}

/** Answers how to go back as on Android, where what watches for that is closed before the page is left. */
export async function recordCloseWatchers(page: Page): Promise<() => Promise<void>> {
  await page.addInitScript(() => {
    const Native: new () => Closeable = Reflect.get(window, "CloseWatcher");
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
