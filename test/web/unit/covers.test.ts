import { afterEach, describe, expect, it, vi } from "vitest";
import { lay } from "../../../web/src/ui/covers.ts";

/** As the platform keeps them: a request to close goes to the one that was made last. */
const watchers: Watcher[] = [];

class Watcher extends EventTarget {
  constructor() {
    super();
    watchers.push(this);
  }

  destroy(): void {
    const place = watchers.indexOf(this);
    if (place >= 0) watchers.splice(place, 1);
  }
}

function goBack(): void {
  watchers.at(-1)?.dispatchEvent(new Event("close"));
}

afterEach(() => vi.unstubAllGlobals());

describe("what lies over the page", () => {
  it("is closed by the way back from the top down, in whatever order it is laid", () => {
    vi.stubGlobal("window", { CloseWatcher: Watcher });
    const closed: string[] = [];
    const covers = new Map<string, () => void>();
    const open = (name: string, order: number) => {
      const lift = lay(order, () => {
        closed.push(name);
        covers.get(name)?.();
      });
      covers.set(name, lift);
    };
    open("top", 3);
    open("below", 1);
    open("between", 2);
    for (let count = 0; count < 4; count++) goBack();
    expect(closed).toEqual(["top", "between", "below"]);
    expect(watchers).toEqual([]);
  });
});
