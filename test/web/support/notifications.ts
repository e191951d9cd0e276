import type { Page } from "playwright-core";

interface Shown {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly data: unknown;
  isClosed: boolean;
}

interface Recorder {
  asked: number;
  isHidden: boolean;
  badge: number;
  readonly shown: Shown[];
}

declare global {
  interface Window {
    recorder: Recorder;
  }
}

/**
 * Stands in for the system, as it is on Android: allows notifications when it is asked, takes them from the service worker alone, keeps
 * what it is given, and hides the tab at will.
 */
export async function recordNotifications(page: Page) {
  await page.addInitScript(() => {
    const recorder: Recorder = { asked: 0, isHidden: false, badge: 0, shown: [] };
    class Notification {
      static permission = "default";
      static requestPermission(): Promise<string> {
        recorder.asked++;
        Notification.permission = "granted";
        return Promise.resolve("granted");
      }
      constructor() {
        throw new TypeError("Illegal constructor. Use ServiceWorkerRegistration.showNotification() instead.");
      }
    }
    ServiceWorkerRegistration.prototype.showNotification = async (
      title,
      { body = "", tag = "", data } = {},
    ) => {
      recorder.shown.push({ title, body, tag, data, isClosed: false });
    };
    const open = () => recorder.shown.filter(({ isClosed }) => !isClosed);
    const closeable = (shown: Shown) =>
      Object.assign(new EventTarget(), shown, {
        close: () => {
          shown.isClosed = true;
        },
      });
    Object.assign(ServiceWorkerRegistration.prototype, {
      getNotifications: async () => open().map(closeable),
    });
    Object.assign(navigator, {
      setAppBadge: async (count: number) => {
        recorder.badge = count;
      },
      clearAppBadge: async () => {
        recorder.badge = 0;
      },
    });
    Object.assign(window, { Notification, recorder });
    Object.defineProperty(document, "visibilityState", {
      get: () => (recorder.isHidden ? "hidden" : "visible"),
    });
  });
  return {
    asked: () => page.evaluate(() => window.recorder.asked),
    shown: () => page.evaluate(() => window.recorder.shown.map(({ title, body }) => `${title}: ${body}`)),
    open: () => page.evaluate(() => window.recorder.shown.filter(({ isClosed }) => !isClosed).length),
    /** Shows one, as of somebody who has written meanwhile. */
    show: () =>
      page.evaluate(async () =>
        (await navigator.serviceWorker.ready).showNotification("Cem", { tag: "another" }),
      ),
    hide: (isHidden: boolean) =>
      page.evaluate((hidden) => {
        window.recorder.isHidden = hidden;
        document.dispatchEvent(new Event("visibilitychange"));
      }, isHidden),
    badge: () => page.evaluate(() => window.recorder.badge),
    clickLast: async () => {
      const data = await page.evaluate(() => window.recorder.shown.at(-1)?.data);
      const [worker] = page.context().serviceWorkers();
      if (!worker) throw new Error("There is no service worker");
      await worker.evaluate((data) => {
        // Only a person's click may be waited for, and bring the window to the front.
        const waitUntil = (done: Promise<unknown>) => done.catch(() => undefined);
        const notification = { data, close: () => undefined };
        dispatchEvent(Object.assign(new Event("notificationclick"), { notification, waitUntil }));
      }, data);
    },
  };
}
