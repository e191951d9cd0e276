import { afterEach, describe, expect, it, vi } from "vitest";
import { platformEnvironment } from "../../sdk/platform.ts";

afterEach(() => vi.unstubAllGlobals());

/** Two that begin at the same moment; each is there for a while. */
async function inWhichOrder(): Promise<string[]> {
  const steps: string[] = [];
  const visit = (name: string) =>
    platformEnvironment().exclusively("test", async () => {
      steps.push(`${name} comes`);
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`${name} goes`);
      return name;
    });
  expect(await Promise.all([visit("ada"), visit("bob")])).toEqual(["ada", "bob"]);
  return steps;
}

describe("what is to be done exclusively", () => {
  it("is done one after the other where the platform knows of locks", async () => {
    expect(await inWhichOrder()).toEqual(["ada comes", "ada goes", "bob comes", "bob goes"]);
  });

  it.each([
    ["no locks", {}],
    ["no navigator", undefined],
  ])("is done at once where there are %s", async (_, navigator) => {
    vi.stubGlobal("navigator", navigator);
    expect(await inWhichOrder()).toEqual(["ada comes", "bob comes", "ada goes", "bob goes"]);
  });
});

describe("what may have changed of the network", () => {
  it("is told when it comes or goes, and when a page that may have slept is looked at again", () => {
    const [page, document] = [
      new EventTarget(),
      Object.assign(new EventTarget(), { visibilityState: "visible" }),
    ];
    const navigator = { onLine: true };
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("document", document);
    vi.stubGlobal("navigator", navigator);
    const told: boolean[] = [];
    const cancel = platformEnvironment().onNetworkChange((isOnline) => told.push(isOnline));
    const happens = (target: EventTarget, name: string, more = {}) => {
      told.length = 0;
      target.dispatchEvent(Object.assign(new Event(name), more));
      return [...told];
    };
    expect(happens(page, "online")).toEqual([true]);
    expect(happens(page, "pageshow", { persisted: true })).toEqual([true]);
    expect(happens(page, "pageshow", { persisted: false })).toEqual([]);
    expect(happens(document, "visibilitychange")).toEqual([true]);
    navigator.onLine = false;
    expect(happens(page, "offline")).toEqual([false]);
    expect(happens(document, "visibilitychange")).toEqual([false]);
    document.visibilityState = "hidden";
    expect(happens(document, "visibilitychange")).toEqual([]);
    cancel();
    expect(happens(page, "online")).toEqual([]);
  });
});
