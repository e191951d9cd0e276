import fs from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ROOT } from "../../../scripts/lib/paths.mjs";

const SOURCE = fs.readFileSync(path.join(ROOT, "web", "service-worker.js"), "utf8");

type Answer = { readonly ok: boolean; readonly text: string; readonly clone: () => Answer };
type FetchEvent = { readonly respondWith: (answer: Promise<Answer>) => void };

/** A service worker as a browser runs it, on a network that answers when the test says so. */
function installed() {
  const cached = new Map<string, Answer>();
  const cache = {
    match: async (key: string) => cached.get(key),
    put: async (key: string, answer: Answer) => void cached.set(key, answer),
  };
  const handlers = new Map<string, (event: object) => void>();
  let network = Promise.withResolvers<Answer>();
  const self = {
    location: { origin: "https://uim.example" },
    addEventListener: (name: string, handler: (event: object) => void) => handlers.set(name, handler),
  };
  vm.runInNewContext(SOURCE, {
    self,
    URL,
    setTimeout,
    clearTimeout,
    caches: { open: async () => cache },
    fetch: () => network.promise,
  });

  /** Somebody opens the app. */
  function opened() {
    network = Promise.withResolvers<Answer>();
    const shown = vi.fn<(text: string) => void>();
    const request = { url: "https://uim.example/c/chat", method: "GET", mode: "navigate" };
    const event = {
      request,
      respondWith: (answer) =>
        void answer.then(
          ({ text }) => shown(text),
          () => shown("nothing"),
        ),
    } satisfies FetchEvent & { readonly request: object };
    handlers.get("fetch")?.(event);
    return { shown, network };
  }
  return { cached, opened };
}

function page(text: string): Answer {
  return { ok: true, text, clone: () => page(text) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the page that a service worker answers with", () => {
  it("is the network's while it answers soon, and what was kept when it does not within 3 s", async () => {
    const { cached, opened } = installed();
    cached.set("/", page("kept"));
    const first = opened();
    first.network.resolve(page("first"));
    await vi.advanceTimersByTimeAsync(0);
    expect(first.shown).toHaveBeenCalledWith("first");

    const late = opened();
    await vi.advanceTimersByTimeAsync(2_999);
    expect(late.shown).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(late.shown).toHaveBeenCalledWith("kept");
    // The next is not waited for as well.
    const next = opened();
    await vi.advanceTimersByTimeAsync(0);
    expect(next.shown).toHaveBeenCalledWith("kept");
    // It may be of a newer build, whose scripts are not kept here.
    late.network.resolve(page("second"));
    await vi.advanceTimersByTimeAsync(0);
    expect(cached.get("/")?.text).toBe("kept");

    const offline = opened();
    await vi.advanceTimersByTimeAsync(2_999);
    expect(offline.shown).not.toHaveBeenCalled();
    offline.network.reject(new TypeError("Failed to fetch"));
    await vi.advanceTimersByTimeAsync(0);
    expect(offline.shown).toHaveBeenCalledWith("kept");
  });

  it("is waited for where nothing was kept", async () => {
    const { opened } = installed();
    const { shown, network } = opened();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(shown).not.toHaveBeenCalled();
    network.resolve(page("at last"));
    await vi.advanceTimersByTimeAsync(0);
    expect(shown).toHaveBeenCalledWith("at last");
  });
});
