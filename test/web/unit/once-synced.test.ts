import { expect, it } from "vitest";
import type { ConnectionSnapshot } from "../../../sdk/index.ts";
import { onceSynced } from "../../../web/src/data/once-synced.ts";
import { Store } from "../../../web/src/data/store.ts";

const CONNECTED = { state: { phase: "connected" }, isSynced: false } as const;
const SYNCED = { state: { phase: "connected" }, isSynced: true } as const;

it("what was missed is passed on when all of it has come, with what came in the same breath, and the rest at once", async () => {
  const connection = new Store<ConnectionSnapshot>(CONNECTED);
  let rows = "old";
  const passed: string[] = [];
  const { take, cancel } = onceSynced<number>(connection, (value) => passed.push(`${value} ${rows}`));
  take(1);
  take(2);
  connection.set(SYNCED);
  rows = "new";
  await Promise.resolve();
  expect(passed).toEqual(["1 new", "2 new"]);
  take(3);
  expect(passed.slice(2)).toEqual(["3 new"]);
  connection.set(CONNECTED);
  for (let value = 1; value <= 1_000; value++) take(value);
  connection.set({ ...SYNCED });
  await Promise.resolve();
  expect(passed.length).toBe(203);
  expect(passed.at(-1)).toBe("1000 new");
  connection.set({ ...CONNECTED });
  take(4);
  connection.set({ ...SYNCED });
  cancel();
  await Promise.resolve();
  expect(passed.length).toBe(203);
});
