// What runs in the page. Each function is sent there as a text: it may use nothing from outside itself.

declare global {
  /** Tasks of more than 50 ms since the page was opened, in milliseconds. */
  var longTasks: number[];
}

/** To be run before anything else in the page. */
export function watchLongTasks(): void {
  globalThis.longTasks = [];
  const observer = new PerformanceObserver((entries) => {
    for (const { duration } of entries.getEntries()) globalThis.longTasks.push(duration);
  });
  observer.observe({ type: "longtask", buffered: true });
}

export function takeLongTasks(): number[] {
  return globalThis.longTasks.splice(0);
}

export function countNodes(): number {
  return document.querySelectorAll("*").length;
}

/** Goes to an address of the app as a click on a link does. */
export function follow(path: string): void {
  history.pushState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
}

export interface Scrolling {
  /** Pixels in each frame; negative: back. */
  readonly step_px: number;
  /** Stops at an edge of the list where a message with this text stands. */
  readonly until: string;
  readonly at_most_ms: number;
}

export interface Scrolled {
  /** Between two frames, in milliseconds. */
  readonly frames_ms: number[];
  /** How long the list stood at its edge, since the next page was not there yet. */
  readonly waited_ms: number;
}

export function scrollThrough({ step_px, until, at_most_ms }: Scrolling): Promise<Scrolled> {
  const list = document.querySelector("[role=log]");
  if (!list) throw new Error("There is no list of messages");
  const isThere = () => [...list.querySelectorAll("span")].some(({ textContent }) => textContent === until);
  const frames_ms: number[] = [];
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    let before = begun;
    let waited_ms = 0;
    const frame = (now: number) => {
      frames_ms.push(now - before);
      const place = list.scrollTop;
      list.scrollTop += step_px;
      const isAtEdge = list.scrollTop === place;
      if (isAtEdge) waited_ms += now - before;
      before = now;
      if (isAtEdge && isThere()) resolve({ frames_ms: frames_ms.slice(1), waited_ms });
      else if (now - begun > at_most_ms) reject(new Error(`“${until}” did not come in ${at_most_ms} ms`));
      else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}
