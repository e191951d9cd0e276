import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { reloadIfServed, reloadOnNewBuild } from "../../../web/src/shell/new-build.ts";

const pageOf = (entry: string) =>
  `<script src="/theme.js"></script><script type="module" crossorigin src="${entry}"></script>`;
const OWN = "/assets/index-own.js";

describe("a page that misses a file", () => {
  const reload = vi.fn();
  let page = new EventTarget();
  let reloaded_at: string | null = null;

  /** What becomes of it when the server answers like this. */
  const missesAFile = async (answer: () => Promise<Response>) => {
    const fetched = vi.fn(answer);
    vi.stubGlobal("fetch", fetched);
    page.dispatchEvent(new Event("vite:preloadError"));
    await expect.poll(() => fetched).toHaveBeenCalled();
    await new Promise((resolve) => setImmediate(resolve));
    return reload.mock.calls.length;
  };

  beforeEach(() => {
    page = new EventTarget();
    reloaded_at = null;
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("location", { reload });
    vi.stubGlobal("document", { querySelector: () => ({ getAttribute: () => OWN }) });
    vi.stubGlobal("sessionStorage", {
      getItem: () => reloaded_at,
      setItem: (_key: string, value: string) => {
        reloaded_at = value;
      },
    });
    reloadOnNewBuild();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    reload.mockClear();
  });

  it("stays without a network, with a server that is ill, and where another than ours answers", async () => {
    expect(await missesAFile(() => Promise.reject(new TypeError("no network")))).toBe(0);
    expect(await missesAFile(async () => new Response(pageOf("/assets/x.js"), { status: 502 }))).toBe(0);
    expect(await missesAFile(async () => new Response("Sign in to the hotel's network"))).toBe(0);
    expect(await missesAFile(async () => new Response(pageOf(OWN)))).toBe(0);
  });

  it("begins anew if there is a new build, once in a while", async () => {
    const newBuild = async () => new Response(pageOf("/assets/index-new.js"));
    expect(await missesAFile(newBuild)).toBe(1);
    page.dispatchEvent(new Event("vite:preloadError"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it("begins anew for whoever asks for it, if there is a server", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    expect([await reloadIfServed(), reload.mock.calls.length]).toEqual([false, 0]);
    vi.stubGlobal("fetch", async () => new Response(pageOf(OWN)));
    expect([await reloadIfServed(), reload.mock.calls.length]).toEqual([true, 1]);
  });
});
