import type { Page } from "playwright-core";

interface Shown {
  readonly title: string;
  readonly body: string;
}

interface Recorder {
  asked: number;
  isHidden: boolean;
  readonly shown: Shown[];
}

declare global {
  interface Window {
    recorder: Recorder;
  }
}

/** Stands in for the system: allows notifications when it is asked, keeps what it is given, and hides the tab at will. */
export async function recordNotifications(page: Page) {
  await page.addInitScript(() => {
    const recorder: Recorder = { asked: 0, isHidden: false, shown: [] };
    class Notification {
      static permission = "default";
      static requestPermission(): Promise<string> {
        recorder.asked++;
        Notification.permission = "granted";
        return Promise.resolve("granted");
      }
      onclick: (() => void) | null = null;
      constructor(title: string, { body }: { body: string }) {
        recorder.shown.push({ title, body });
      }
    }
    Object.assign(window, { Notification, recorder });
    Object.defineProperty(document, "visibilityState", {
      get: () => (recorder.isHidden ? "hidden" : "visible"),
    });
  });
  return {
    asked: () => page.evaluate(() => window.recorder.asked),
    shown: () => page.evaluate(() => window.recorder.shown.map(({ title, body }) => `${title}: ${body}`)),
    hide: (isHidden: boolean) =>
      page.evaluate((hidden) => {
        window.recorder.isHidden = hidden;
        document.dispatchEvent(new Event("visibilitychange"));
      }, isHidden),
  };
}
