import {
  abortAllDurableObjects,
  evictAllDurableObjects,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { UserObject } from "../../src/objects/user/user-object.ts";
import {
  acking,
  connectConversation,
  connectDevice,
  inboxRow,
  newUser,
  oneOnOne,
  send,
  untilRead,
} from "../support/workerd/world.ts";

/** Puts an entry into the log as a crash right after its commit leaves it: nobody was told. */
async function commitUnheard(conversation_id: string, sender_id: string): Promise<void> {
  await runInDurableObject(env.CONVERSATIONS.getByName(conversation_id), (_, state) => {
    state.storage.sql.exec(
      `INSERT INTO entries (seq, kind, message_id, sender_id, client_message_id, content, created_at)
       SELECT coalesce(max(seq), 0) + 1, 'message', '00000000-0000-7000-8000-000000000001', ?, 'lost', 'unheard', 1
       FROM entries`,
      sender_id,
    );
  });
  await evictAllDurableObjects();
}

/** Resolves when D1 has everything that this conversation has for it. */
async function untilPublished(conversation_id: string): Promise<void> {
  const left = () =>
    runInDurableObject(env.CONVERSATIONS.getByName(conversation_id), (_, state) =>
      state.storage.sql.exec("SELECT count(*) AS n FROM outbox").one(),
    );
  await expect.poll(left).toEqual({ n: 0 });
}

describe("after a crash", () => {
  it("[DLV-1] the alarm hands over what was committed and not handed over", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const device = await connectDevice(bob);
    await send(alice, conversation_id, "heard");
    await device.next("MESSAGE_RECEIVE");
    await commitUnheard(conversation_id, alice.user_id);
    expect(device.contents()).toEqual(["heard"]);
    expect(await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id))).toBe(true);
    await device.count("MESSAGE_RECEIVE", 2);
    expect(device.contents()).toEqual(["heard", "unheard"]);
  });

  it("[DLV-1] [SEQ-2] the next message shows the hole, and fills it", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    await commitUnheard(conversation_id, alice.user_id);
    const device = await connectDevice(bob);
    await send(bob, conversation_id, "next");
    await device.next("MESSAGE_RECEIVE");
    expect(device.contents()[0]).toBe("unheard");
  });

  it("[DLV-1] [UNR-1] tells the inbox of a read that a crash kept from it", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const stub = env.CONVERSATIONS.getByName(conversation_id);
    const open = await connectConversation(bob, conversation_id);
    await send(alice, conversation_id, "1");
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ unread_count: 1 });
    await runDurableObjectAlarm(stub);
    const handOver = vi.spyOn(UserObject.prototype, "handOver").mockRejectedValue(new Error("not now"));
    open.send(acking(conversation_id, 1, "read"));
    await untilRead(bob, conversation_id, 1);
    await abortAllDurableObjects();
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ unread_count: 1 });
    handOver.mockRestore();
    await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id));
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ unread_count: 0, read_seq: 1 });
  });

  it("comes to rest: after the alarm that settles, an idle conversation sets no other", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const stub = env.CONVERSATIONS.getByName(conversation_id);
    const alarm = () => runInDurableObject(stub, (_, state) => state.storage.getAlarm());
    await send(alice, conversation_id, "1");
    await evictAllDurableObjects();
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await alarm()).toBeNull();
    await evictAllDurableObjects();
    expect(await alarm()).toBeNull();
  });

  it("[DLV-1] introduces a conversation that a member's object could not be told of, without a hot loop", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const user = env.USERS.getByName(bob.user_id);
    const rename = (from: string, to: string) =>
      runInDurableObject(user, (_, state) => {
        state.storage.sql.exec(`ALTER TABLE ${from} RENAME TO ${to}`);
      });
    await rename("inbox", "inbox_away");
    const began_at = Date.now();
    const conversation_id = await oneOnOne(alice, bob);
    const stub = env.CONVERSATIONS.getByName(conversation_id);
    const due_at = await runInDurableObject(stub, (_, state) => state.storage.getAlarm());
    expect(due_at).toBeGreaterThan(began_at);
    await rename("inbox_away", "inbox");
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 0 });
  });

  it("[SEND-2] [SEND-4] a commit that fails refuses its messages, leaves no trace, and shows nothing", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const [device, open] = [await connectDevice(bob), await connectConversation(bob, conversation_id)];
    const stub = env.CONVERSATIONS.getByName(conversation_id);
    await runInDurableObject(stub, (_, state) => {
      state.storage.sql.exec("ALTER TABLE entries RENAME TO entries_away");
    });
    await expect(send(alice, conversation_id, "refused")).rejects.toThrow("unavailable");
    await runInDurableObject(stub, (_, state) => {
      state.storage.sql.exec("ALTER TABLE entries_away RENAME TO entries");
    });
    expect(await send(alice, conversation_id, "accepted")).toMatchObject({ seq: 1 });
    for (const socket of [device, open]) {
      await socket.next("MESSAGE_RECEIVE");
      expect(socket.contents()).toEqual(["accepted"]);
    }
  });

  it("keeps the directory in D1 through the outbox, also when D1 was down", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    await env.DB.exec("ALTER TABLE conversations RENAME TO conversations_away");
    const conversation_id = await oneOnOne(alice, bob);
    expect(await send(alice, conversation_id, "chat goes on")).toMatchObject({ seq: 1 });
    await env.DB.exec("ALTER TABLE conversations_away RENAME TO conversations");
    const members = async () => {
      const { results } = await env.DB.prepare(
        "SELECT user_id FROM conversation_members WHERE conversation_id = ? ORDER BY user_id",
      )
        .bind(conversation_id)
        .all<{ user_id: string }>();
      return results.map(({ user_id }) => user_id);
    };
    await expect.poll(members).toEqual([alice.user_id, bob.user_id].sort());
    await untilPublished(conversation_id);
  });

  it("gives an outbox row up after too many failures, and replays it when told", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const stub = env.CONVERSATIONS.getByName(conversation_id);
    await untilPublished(conversation_id);
    await runInDurableObject(stub, (_, state) => {
      state.storage.sql.exec(
        "INSERT INTO outbox (body, attempts, due_at, dead, error) VALUES ('poison', 199, 0, 0, '')",
      );
    });
    expect(await stub.replayDeadLetters()).toBe(0);
    expect(await stub.listDeadLetters()).toMatchObject([{ attempts: 200 }]);
    expect(await stub.replayDeadLetters()).toBe(1);
    expect(await stub.listDeadLetters()).toEqual([]);
  });
});
