import { forceCloseDatabase, IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { describe, expect, it, vi } from "vitest";
import { IndexedDbStorage } from "../../sdk/storage/indexeddb-storage.ts";
import { MemoryStorage } from "../../sdk/storage/memory-storage.ts";
import { messageKey, messagesOf } from "../../sdk/storage/records.ts";

const indexedDB = new IDBFactory();
let names = 0;

describe.each([
  ["memory", () => new MemoryStorage()],
  ["IndexedDB", () => new IndexedDbStorage({ name: `db-${++names}`, indexedDB, IDBKeyRange })],
])("storage: %s", (_, create) => {
  it("lists by prefix, in order of keys, what was written last", async () => {
    const storage = create();
    await storage.write([
      { key: "a/2", value: { n: [2, null] } },
      { key: "a/1", value: "one" },
      { key: "b/1", value: true },
    ]);
    await storage.write([{ key: "a/1", value: "uno" }, { key: "b/1" }]);
    expect(await storage.list("a/")).toEqual([
      { key: "a/1", value: "uno" },
      { key: "a/2", value: { n: [2, null] } },
    ]);
    expect(await storage.list("b")).toEqual([]);
    await storage.clear();
    expect(await storage.list("")).toEqual([]);
  });

  it("keeps copies: what is changed afterwards is not in it", async () => {
    const storage = create();
    const value = { list: [1] };
    await storage.write([{ key: "a", value }]);
    value.list.push(2);
    expect(await storage.list("a")).toEqual([{ key: "a", value: { list: [1] } }]);
  });
});

it("IndexedDB storage is there for the next one who opens it, and writes all or nothing", async () => {
  const options = { name: "again", indexedDB, IDBKeyRange };
  const first = new IndexedDbStorage(options);
  await first.write([{ key: "a", value: 1 }]);
  // A function cannot be stored.
  await expect(
    first.write([
      { key: "a", value: 2 },
      { key: "b", value: () => 1 },
    ]),
  ).rejects.toThrow();
  await first.close();
  expect(await new IndexedDbStorage(options).list("")).toEqual([{ key: "a", value: 1 }]);
});

it("IndexedDB storage goes on after the browser has closed its database", async () => {
  const open = vi.spyOn(indexedDB, "open");
  const storage = new IndexedDbStorage({ name: "closed", indexedDB, IDBKeyRange });
  await storage.write([{ key: "a", value: 1 }]);
  forceCloseDatabase(open.mock.results[0]?.value.result);
  const kept = [{ key: "a", value: 1 }];
  // Who finds it closed at the same moment shares the new one.
  expect(await Promise.all([storage.list(""), storage.list("")])).toEqual([kept, kept]);
  expect(open).toHaveBeenCalledTimes(2);
  open.mockRestore();
});

it("messages sort by their numbers", () => {
  const keys = [9, 10, 100, 2].map((seq) => messageKey("c", seq)).sort();
  expect(keys.map((key) => Number(key.slice(messagesOf("c").length)))).toEqual([2, 9, 10, 100]);
});
