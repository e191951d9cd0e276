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
