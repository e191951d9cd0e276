import { useEffect } from "react";
import { Store } from "../data/store.ts";
import { useObservable } from "../data/use-observable.ts";

const spoken = new Store<string>("");
const shown = new Store<string>("");

/** Says something to those who do not see it, when they have heard the rest. */
export function announce(text: string): void {
  // The same words again are no change, and would not be read.
  spoken.set(spoken.getSnapshot() === text ? `${text}\u00a0` : text);
}

/** Shows a few words for a moment, and says them. */
export function notify(text: string): void {
  shown.set(text);
  announce(text);
}

/** What was said is in the page no more. */
export function hush(): void {
  spoken.set("");
  shown.set("");
}

const SHOWN_MS = 4_000;

/** The one place where things are announced. */
export function Announcer() {
  const said = useObservable(spoken);
  const notice = useObservable(shown);
  useEffect(() => {
    if (notice === "") return;
    const timer = setTimeout(() => shown.set(""), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <>
      <div role="status" aria-live="polite" className="sr-only">
        {said}
      </div>
      {notice !== "" && (
        <div
          aria-hidden
          className="animate-appear pointer-events-none fixed bottom-24 left-1/2 z-[60] max-w-[90vw] -translate-x-1/2 rounded-full bg-ink px-4 py-2 text-sm text-page shadow-lg"
        >
          {notice}
        </div>
      )}
    </>
  );
}
