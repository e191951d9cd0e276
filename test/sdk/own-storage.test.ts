import { beforeEach, describe, expect, it } from "vitest";
import { Outbox } from "../../sdk/outbox/outbox.ts";
import { Keeper } from "../../sdk/storage/keeper.ts";
import { MemoryStorage } from "../../sdk/storage/memory-storage.ts";
import { OwnStorage, ownerOf } from "../../sdk/storage/own-storage.ts";
import { Replica } from "../../sdk/sync/replica.ts";
import { FakeEnvironment } from "./support/fake-environment.ts";
import { CHAT, emptyRow, LogModel, ME, OTHER } from "./support/log-model.ts";

let storage: MemoryStorage;

beforeEach(() => {
  storage = new MemoryStorage();
});

/** A window of the browser in which this user has signed in. */
async function windowOf(user_id: string) {
  const outbox = new Outbox();
  const replica = new Replica(user_id);
  const keeper = new Keeper({
    environment: new FakeEnvironment(),
    storage,
    replica,
    outbox,
    cached_messages: 10,
    failed: (error) => {
      throw error;
    },
  });
  await keeper.restore();
  const unsent = () => outbox.messages.map(({ content }) => content);
  async function sends(content: string) {
    outbox.put({ ...messageOf(content), client_message_id: content });
    keeper.noteOutbox(content);
    await keeper.flush();
  }
  async function receives() {
    const model = new LogModel([{ kind: "message", sender_id: OTHER, isFromHere: false }]);
    replica.takeRow(emptyRow());
    for (const entry of model.entries) replica.takeFrame(model.frame(entry), "device", 0);
    keeper.note(replica.takeNotes());
    keeper.noteSynced(7);
    await keeper.flush();
  }
  return { keeper, replica, unsent, sends, receives };
}

function messageOf(content: string) {
  return {
    client_message_id: content,
    conversation_id: CHAT,
    content,
    reply_to_seq: null,
    metadata: null,
    created_at: 1,
  };
}

describe("a storage that two users sign in with, each in a window of the same browser", () => {
  it("gives nobody what the other goes on writing", async () => {
    const ada = await windowOf(ME);
    await ada.sends("hers");
    const bob = await windowOf(OTHER);
    await ada.sends("hers, later");
    await ada.receives();
    await bob.sends("his");
    const again = await windowOf(OTHER);
    expect(again.unsent()).toEqual(["his"]);
    expect([again.keeper.last_sync_id, again.replica.inbox.rows()]).toEqual([null, []]);
    expect(again.replica.conversations.size).toBe(0);
    expect(await ownerOf(storage)).toBe(OTHER);
  });

  it("holds nothing any more of whoever was there before, once somebody else has signed in", async () => {
    const ada = await windowOf(ME);
    await ada.sends("hers");
    await ada.receives();
    await windowOf(OTHER);
    expect((await storage.list("")).map(({ key }) => key)).toEqual(["meta"]);
  });
});

describe("what the first version kept, whose keys named no user", () => {
  const kept = { ...messageOf("unsent"), position: 1, failure: null };
  beforeEach(async () => {
    await storage.write([
      { key: "meta", value: { version: 1, user_id: ME, last_sync_id: 3 } },
      { key: `row/${CHAT}`, value: emptyRow() },
      { key: "outbox/unsent", value: kept },
    ]);
  });

  it("is taken up as far as it is not sent, and the rest dropped", async () => {
    const { keeper, replica, unsent } = await windowOf(ME);
    expect([unsent(), keeper.last_sync_id, replica.inbox.rows()]).toEqual([["unsent"], null, []]);
    expect(await new OwnStorage(storage, ME).list("")).toEqual([{ key: "outbox/unsent", value: kept }]);
    expect((await windowOf(ME)).unsent()).toEqual(["unsent"]);
  });

  it("goes when it is somebody else's", async () => {
    expect((await windowOf(OTHER)).unsent()).toEqual([]);
    expect(await storage.list("outbox/")).toEqual([]);
  });
});
