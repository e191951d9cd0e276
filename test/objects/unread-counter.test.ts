import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import { EntryStore, type Range } from "../../src/objects/conversation/entry-store.ts";
import { Feeds } from "../../src/objects/conversation/feeds.ts";
import { ConversationStore } from "../../src/objects/conversation/store.ts";
import { CountedLog, READERS, stepArb } from "../support/workerd/counted-log.ts";
import { as, namedGroup } from "../support/workerd/groups.ts";
import { acking, connectConversation, inboxRow, newUser, oneOnOne, send } from "../support/workerd/world.ts";

afterEach(() => vi.restoreAllMocks());

/** What is counted from now on: by stretch of the log. */
function watchCounts(): Range[] {
  const counted: Range[] = [];
  const { countUnread } = EntryStore.prototype;
  vi.spyOn(EntryStore.prototype, "countUnread").mockImplementation(function (this: EntryStore, ...args) {
    counted.push(args[1]);
    return countUnread.apply(this, args);
  });
  return counted;
}

/** A conversation in which Bob has `count` messages to read. */
async function backlog(count: number) {
  const [alice, bob] = [await newUser(), await newUser()];
  const conversation_id = await oneOnOne(alice, bob);
  for (let n = 1; n <= count; n++) await send(alice, conversation_id, `${n}`);
  await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: count });
  return { alice, bob, conversation_id };
}

describe("what a read mark leaves unread", () => {
  it("[UNR-1] is counted once, and from then on by what marks pass and what has come", async () => {
    const { alice, bob, conversation_id } = await backlog(20);
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    const counted = watchCounts();
    for (let seq = 1; seq <= 5; seq++) {
      const read = { read_seq: seq, unread_count: 20 - seq };
      expect(await conversation.mark(bob.user_id, "read", seq)).toMatchObject({ value: { read } });
    }
    await send(alice, conversation_id, "21");
    expect(await conversation.mark(bob.user_id, "read", 5)).toMatchObject({
      value: { read: { read_seq: 5, unread_count: 16 } },
    });
    expect(counted.map(({ after_seq, up_to_seq }) => up_to_seq - after_seq)).toEqual([19, 1, 1, 1, 1, 1]);
  });

  it("[UNR-1] is not counted anew when a message is deleted or edited", async () => {
    const { alice, bob, conversation_id } = await backlog(20);
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    const { message_id } = await send(bob, conversation_id, "21");
    const another = await send(alice, conversation_id, "22");
    await conversation.mark(bob.user_id, "read", 1);
    const counted = watchCounts();
    await as(bob, conversation_id).delete(message_id);
    const unread = async (seq: number) => {
      const marked = await conversation.mark(bob.user_id, "read", seq);
      return marked.ok && marked.value.read?.unread_count;
    };
    expect(await unread(2)).toBe(19);
    await as(alice, conversation_id).edit(another.message_id, "22, or 23");
    await as(alice, conversation_id).delete(another.message_id);
    expect(await unread(3)).toBe(17);
    // The two that were passed and the three that have come, in however many steps.
    const lengths = counted.map(({ after_seq, up_to_seq }) => up_to_seq - after_seq);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(2 + 3);
  });

  it("[UNR-1] is not corrected by a deletion that was never committed", async () => {
    const { alice, bob, conversation_id } = await backlog(3);
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    const { message_id } = await send(alice, conversation_id, "4");
    await conversation.mark(bob.user_id, "read", 1);
    vi.spyOn(EntryStore.prototype, "append").mockImplementationOnce(() => {
      throw new Error("the disk is full");
    });
    await expect(as(alice, conversation_id).delete(message_id)).rejects.toThrow("unavailable");
    const read = { read_seq: 2, unread_count: 2 };
    expect(await conversation.mark(bob.user_id, "read", 2)).toMatchObject({ value: { read } });
  });

  it("[UNR-1] is counted once for all marks that come together", async () => {
    const { bob, conversation_id } = await backlog(6);
    const open = await connectConversation(bob, conversation_id, { batch: true });
    const counted = watchCounts();
    open.send(...[1, 2, 3, 4].map((seq) => acking(conversation_id, seq, "read")));
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ read_seq: 4, unread_count: 2 });
    expect(counted).toEqual([{ after_seq: 4, up_to_seq: 6 }]);
  });

  it("[UNR-1] costs neither a count nor a row, and over a device no call, when the mark does not move", async () => {
    const { bob, conversation_id } = await backlog(4);
    const user = env.USERS.getByName(bob.user_id);
    const open = await connectConversation(bob, conversation_id, { batch: true });
    open.send(acking(conversation_id, 2, "read"));
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ read_seq: 2, unread_count: 2 });
    const counted = watchCounts();
    const costly = [
      vi.spyOn(ConversationObject.prototype, "mark"),
      vi.spyOn(ConversationStore.prototype, "setMarks"),
      vi.spyOn(Feeds.prototype, "owe"),
    ];
    open.send(...Array.from({ length: 50 }, (_, n) => acking(conversation_id, 1 + (n % 2), "read")));
    for (let n = 0; n < 5; n++)
      expect(await user.markRead(bob, conversation_id, 2)).toMatchObject({
        value: { read_seq: 2, unread_count: 2 },
      });
    open.send({ type: "HEARTBEAT_PING", request_id: "after" });
    await open.next("HEARTBEAT_PONG");
    // One that moves it comes behind them: it alone has cost something.
    open.send(acking(conversation_id, 3, "read"));
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ read_seq: 3 });
    expect(counted).toHaveLength(1);
    expect(costly.map(({ mock }) => mock.calls.length)).toEqual([0, 1, 1]);
  });

  it("[UNR-1] is what a whole count says, whatever was sent, edited, deleted and hidden meanwhile", async () => {
    const { conversation_id, people } = await namedGroup(3);
    const [owner, bob, cem] = people;
    if (!owner || !bob || !cem) throw new Error("there are three");
    const stub = env.CONVERSATIONS.getByName(conversation_id);
    const by = (who: typeof bob) => as(who, conversation_id);
    const ids: string[] = [];
    const say = async (who: typeof bob, text: string) =>
      void ids.push((await send(who, conversation_id, text)).message_id);
    const read = (seq: number) => stub.mark(bob.user_id, "read", seq);
    const hide = (index: number) => stub.act(bob.user_id, { kind: "hide", message_id: ids[index] ?? "" });
    const steps = [
      () => say(owner, "1 for @u_1"),
      () => say(cem, "2"),
      () => say(owner, "3 for @u_1"),
      () => say(bob, "4"),
      () => say(cem, "5 for @u_1"),
      () => read(1),
      () => hide(2),
      () => hide(3),
      () => by(cem).edit(ids[1] ?? "", "2 for @u_1"),
      () => read(2),
      () => say(owner, "6 for @u_1"),
      () => by(owner).pin(ids[4] ?? ""),
      () => by(cem).delete(ids[4] ?? ""),
      () => hide(0),
      () => hide(5),
      () => read(3),
      () => say(cem, "7"),
      () => read(100),
      () => say(cem, "8 for @u_1"),
      () => read(0),
    ];
    for (const [index, step] of steps.entries()) {
      await step();
      const whole = await runInDurableObject(stub, (_, state) => {
        const store = new ConversationStore(state.storage.sql);
        const { read_seq = 0 } = store.member(bob.user_id) ?? {};
        const { seq } = store.entries.head();
        return store.entries.countUnread(bob.user_id, { after_seq: read_seq, up_to_seq: seq });
      });
      const said = await stub.mark(bob.user_id, "read", 0);
      expect(said, `step ${index}`).toMatchObject({ value: { read: whole } });
    }
  });

  it("[UNR-1] is corrected by every change to what it would be if it were counted from the beginning", () => {
    fc.assert(
      fc.property(fc.array(stepArb, { maxLength: 60 }), (steps) => {
        const log = new CountedLog();
        for (const step of steps) step(log);
        for (const user_id of READERS) log.read(user_id, 0);
      }),
    );
  });
});
