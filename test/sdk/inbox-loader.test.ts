import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SYNC_KEY, storedSyncSchema } from "../../sdk/storage/records.ts";
import { json, problem } from "./support/fake-environment.ts";
import { type FakeWorld, fakeWorld } from "./support/fake-world.ts";
import { CHAT } from "./support/log-model.ts";

let environment: FakeWorld["environment"];
let server: FakeWorld["server"];
let own: FakeWorld["own"];
let faults: FakeWorld["faults"];
let connected: FakeWorld["connected"];

beforeEach(() => {
  ({ environment, server, own, faults, connected } = fakeWorld());
});
afterEach(() => expect(faults).toEqual([]));

/** The second page comes once it is released. `pin` changes a row without an entry, as another device does. */
function inboxInTwoPages() {
  const { answer } = environment;
  let pinned = false;
  environment.answer = (url, init) => {
    const { pathname, searchParams } = new URL(url);
    if (pathname !== "/api/conversations") return answer(url, init);
    const isFirst = !searchParams.has("cursor");
    return json({ items: isFirst ? [{ ...server.row, pinned }] : [], next_cursor: isFirst ? "2" : null });
  };
  const release = environment.holdBack("cursor=2");
  const pin = () => {
    pinned = true;
    server.sync_id++;
  };
  return { release, pin };
}

async function keptPosition() {
  const [synced] = await own.list(SYNC_KEY);
  return synced ? storedSyncSchema.parse(synced.value).last_sync_id : null;
}

describe("an inbox that is loaded", () => {
  it("is known with what changed in it between two sockets", async () => {
    const pages = inboxInTwoPages();
    const { client } = await connected();
    environment.socket.end(1006);
    pages.pin();
    await environment.advance(2_000);
    expect(client.connection.getSnapshot().isSynced).toBe(true);
    expect(client.inbox.getSnapshot().isLoaded).toBe(false);
    expect(await keptPosition()).toBeNull();
    pages.release();
    await environment.advance(1_000);
    expect(client.inbox.getSnapshot()).toMatchObject({ rows: [{ pinned: true }], isLoaded: true });
    expect(await keptPosition()).toBe(server.sync_id);
  });

  it("has what moved to the pages that were read already", async () => {
    const { answer } = environment;
    environment.answer = (url, init) => {
      const { pathname, searchParams } = new URL(url);
      if (pathname !== "/api/conversations") return answer(url, init);
      const isFirst = !searchParams.has("cursor");
      const hasMoved = server.log.head_seq > 0;
      return json({ items: isFirst === hasMoved ? [server.row] : [], next_cursor: isFirst ? "2" : null });
    };
    const release = environment.holdBack("cursor=2");
    const { client } = await connected();
    server.says("up");
    release();
    await environment.settle();
    expect(client.inbox.getSnapshot()).toMatchObject({ rows: [{ head_seq: 1 }], isLoaded: true });
  });

  it("is loaded anew when the server forgets the device's position meanwhile", async () => {
    const pages = inboxInTwoPages();
    const { client } = await connected();
    const { sync_id } = server;
    environment.socket.say({ type: "SYNC_COMPLETE", payload: { sync_id, reset: true } });
    pages.release();
    await environment.advance(1_000);
    expect(client.inbox.getSnapshot()).toMatchObject({ rows: [{ conversation_id: CHAT }], isLoaded: true });
    expect(await keptPosition()).toBe(sync_id);
  });

  it("is loaded after all when it could not be at first", async () => {
    const { answer } = environment;
    environment.answer = (url, init) =>
      url.includes("/api/conversations") ? problem("internal", 500) : answer(url, init);
    const { client } = await connected();
    expect(faults.splice(0)).toEqual([expect.objectContaining({ code: "internal" })]);
    environment.answer = answer;
    await environment.advance(5_000);
    expect(client.inbox.getSnapshot()).toMatchObject({ rows: [{ conversation_id: CHAT }], isLoaded: true });
    await environment.advance(1_000);
    expect(await keptPosition()).toBe(server.sync_id);
  });
});
