import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { v7 as newId } from "uuid";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import type { ConversationSearch, SearchPage } from "../../src/objects/conversation/rpc.ts";
import { SearchStore } from "../../src/objects/conversation/search-store.ts";
import {
  connectConversation,
  draft,
  group,
  newUser,
  oneOnOne,
  STEPS,
  send,
  sending,
} from "../support/workerd/world.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const EVERYTHING = { sender_id: null, from: null, to: null, before_seq: null, limit: 50, patience_ms: 8_000 };

async function search(
  who: Identity,
  conversation_id: string,
  q: string,
  options: Partial<ConversationSearch> = {},
): Promise<SearchPage> {
  const wanted = { ...EVERYTHING, q, ...options };
  const result = await env.CONVERSATIONS.getByName(conversation_id).search(who.user_id, wanted);
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value;
}

/** The contents that are found, the newest first. */
async function found(...asked: Parameters<typeof search>): Promise<string[]> {
  return (await search(...asked)).hits.map(({ message }) => message.content);
}

/** Appends many messages at once; answers their ids. */
async function fill(who: Identity, conversation_id: string, contents: readonly string[]): Promise<string[]> {
  const conversation = env.CONVERSATIONS.getByName(conversation_id);
  const ids: string[] = [];
  for (let from = 0; from < contents.length; from += 500) {
    const submissions = contents.slice(from, from + 500).map((content) => ({
      device_id: who.device_id,
      draft: draft(content),
    }));
    for (const result of await conversation.submit(who.user_id, submissions)) {
      if (!result.ok) throw new Error(result.refusal.code);
      ids.push(result.value.message_id);
    }
  }
  return ids;
}

const numbered = (count: number, text = "message") =>
  Array.from({ length: count }, (_, index) => `${text} ${index + 1}`);

function edit(who: Identity, conversation_id: string, message_id: string | undefined, content: string) {
  const command = { kind: "edit", edit: { content } } as const;
  return env.CONVERSATIONS.getByName(conversation_id).changeMessage(who.user_id, message_id ?? "", command);
}

function remove(who: Identity, conversation_id: string, message_id: string | undefined) {
  const conversation = env.CONVERSATIONS.getByName(conversation_id);
  return conversation.changeMessage(who.user_id, message_id ?? "", { kind: "delete" });
}

/**
 * Lets the index get no further than its first step, which it takes again and again, until this is restored; not for
 * ever, so that an index that lets nothing else happen meanwhile fails its test instead of hanging it.
 */
function holdIndex() {
  const held = vi.spyOn(SearchStore.prototype, "indexedSeq");
  for (let step = 0; step < 2_000; step++) held.mockReturnValueOnce(0);
  return held;
}

/** What the index holds: the blocks as `[first, last]`, or null if there is no index. */
function indexed(conversation_id: string): Promise<[number, number][] | null> {
  return runInDurableObject(env.CONVERSATIONS.getByName(conversation_id), (_, { storage }) => {
    const tables = storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'search_1'").toArray();
    if (tables.length === 0) return null;
    return storage.sql
      .exec<{ rowid: number }>("SELECT rowid FROM search_1 ORDER BY rowid")
      .toArray()
      .map(({ rowid }): [number, number] => [Math.floor(rowid / 8), Math.floor(rowid / 8) + (rowid % 8)]);
  });
}

/** In how many blocks the index has a word. */
function blocksWith(conversation_id: string, word: string): Promise<number> {
  return runInDurableObject(
    env.CONVERSATIONS.getByName(conversation_id),
    (_, { storage }) =>
      storage.sql
        .exec<{ blocks: number }>("SELECT count(*) AS blocks FROM search_1 WHERE search_1 MATCH ?", word)
        .one().blocks,
  );
}

async function pair(): Promise<{ alice: Identity; bob: Identity; conversation_id: string }> {
  const [alice, bob] = [await newUser(), await newUser()];
  return { alice, bob, conversation_id: await oneOnOne(alice, bob) };
}

describe.each(STEPS)("search, %s", (_, step) => {
  it("[SRCH-1] finds words, beginnings, phrases and characters, the newest first", async () => {
    const { alice, bob, conversation_id } = await pair();
    await fill(alice, conversation_id, [
      "Hello world",
      "我们在北京大学见面",
      "Das schöne Café",
      ...numbered(20),
    ]);
    await fill(bob, conversation_id, ["the world says hello", "한국어를 배워요"]);
    await step();
    expect(await found(bob, conversation_id, "hello WORLD")).toEqual(["the world says hello", "Hello world"]);
    expect(await found(bob, conversation_id, '"hello world"')).toEqual(["Hello world"]);
    await step();
    expect(await found(alice, conversation_id, "京大")).toEqual(["我们在北京大学见面"]);
    expect(await found(alice, conversation_id, "面")).toEqual(["我们在北京大学见面"]);
    expect(await found(alice, conversation_id, "국어")).toEqual(["한국어를 배워요"]);
    expect(await found(alice, conversation_id, "SCHONE caf")).toEqual(["Das schöne Café"]);
    expect(await found(alice, conversation_id, "mess* 2")).toEqual(["message 20", "message 2"]);
    expect(await found(alice, conversation_id, "nothing")).toEqual([]);
    const { hits } = await search(alice, conversation_id, "caf");
    expect(hits).toMatchObject([
      { message: { seq: 3, sender_id: alice.user_id }, highlights: [{ start: 11, length: 3 }] },
    ]);
  });

  it("[SRCH-1] finds an edited message by its new text only, and a deleted one never", async () => {
    const { alice, bob, conversation_id } = await pair();
    const ids = await fill(alice, conversation_id, numbered(20, "red apple"));
    expect(await found(bob, conversation_id, "apple 3")).toEqual(["red apple 3"]);
    await step();
    await edit(alice, conversation_id, ids[2], "green pear");
    await remove(alice, conversation_id, ids[4]);
    await edit(alice, conversation_id, ids[18], "yellow plum");
    await remove(alice, conversation_id, ids[19]);
    await step();
    for (let time = 0; time < 2; time++) {
      expect(await found(bob, conversation_id, "pear")).toEqual(["green pear"]);
      expect(await found(bob, conversation_id, "plum")).toEqual(["yellow plum"]);
      expect(await found(bob, conversation_id, "red")).toHaveLength(16);
      for (const number of [3, 5, 19, 20])
        expect(await found(bob, conversation_id, `"apple ${number}"`)).toEqual([]);
      await step();
      await fill(alice, conversation_id, numbered(20, "other"));
    }
    await edit(alice, conversation_id, ids[2], "green pear and apple");
    await step();
    expect(await found(bob, conversation_id, "apple pear")).toEqual(["green pear and apple"]);
    await remove(alice, conversation_id, ids[2]);
    expect(await found(bob, conversation_id, "pear")).toEqual([]);
    // Not in the index either, where the deleted and the edited text would be found otherwise.
    expect(await blocksWith(conversation_id, "pear")).toBe(0);
  });

  it("[SRCH-1] finds what its reader may read: nothing from before it joined, nothing for others (CONV-5)", async () => {
    const [owner, early, late, stranger] = [
      await newUser(),
      await newUser(),
      await newUser(),
      await newUser(),
    ];
    const conversation_id = await group(owner, early, stranger);
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    await fill(owner, conversation_id, numbered(12, "secret"));
    const change = async (command: Parameters<typeof conversation.changeGroup>[1]) => {
      expect(await conversation.changeGroup(owner.user_id, command)).toMatchObject({ ok: true });
    };
    await change({ kind: "remove", user_id: stranger.user_id });
    await change({ kind: "add", joining: [{ user_id: late.user_id, username: "late" }] });
    await fill(owner, conversation_id, numbered(12, "open"));
    await step();
    expect(await found(early, conversation_id, "secret")).toHaveLength(12);
    expect(await found(late, conversation_id, "secret")).toEqual([]);
    expect(await found(late, conversation_id, "open")).toHaveLength(12);
    await change({ kind: "update", update: { history_visible: true, name: "Renamed" } });
    await step();
    expect(await found(late, conversation_id, "secret")).toHaveLength(12);
    // Events are no messages.
    for (const q of ["renamed", "late", "removed", "member"])
      expect(await found(owner, conversation_id, q)).toEqual([]);
    for (const q of ["secret", "!"]) {
      for (const id of [conversation_id, newId()]) {
        const result = await env.CONVERSATIONS.getByName(id).search(stranger.user_id, { ...EVERYTHING, q });
        expect(result).toMatchObject({ ok: false, refusal: { code: "conversation_not_found" } });
      }
    }
  });

  it("[SRCH-2] goes on where it stopped, whatever comes in meanwhile", async () => {
    const { alice, bob, conversation_id } = await pair();
    await fill(alice, conversation_id, numbered(45, "apple"));
    const seqs: number[] = [];
    let before_seq: number | null = null;
    let pages = 0;
    do {
      const page: SearchPage = await search(bob, conversation_id, "apple", { before_seq, limit: 10 });
      seqs.push(...page.hits.map(({ message }) => message.seq));
      before_seq = page.next_before_seq;
      pages++;
      await fill(alice, conversation_id, numbered(5, "apple"));
      await step();
    } while (before_seq !== null);
    expect(pages).toBe(5);
    expect(seqs).toEqual(Array.from({ length: 45 }, (_, index) => 45 - index));
  });
});

describe("search", () => {
  it("[SRCH-1] by sender and time; the newest of everything otherwise", async () => {
    const { alice, bob, conversation_id } = await pair();
    for (let n = 1; n <= 12; n++) await send(n % 2 ? alice : bob, conversation_id, `apple ${n}`);
    await runInDurableObject(env.CONVERSATIONS.getByName(conversation_id), (_, { storage }) => {
      storage.sql.exec("UPDATE entries SET created_at = 1000 + 10 * seq");
    });
    const seqs = async (options: Partial<ConversationSearch>) =>
      (await search(alice, conversation_id, "apple", options)).hits.map(({ message }) => message.seq);
    expect(await seqs({ sender_id: bob.user_id })).toEqual([12, 10, 8, 6, 4, 2]);
    expect(await seqs({ sender_id: newId() })).toEqual([]);
    expect(await seqs({ from: 1040, to: 1060 })).toEqual([6, 5, 4]);
    expect(await seqs({ from: 1041, to: 1059 })).toEqual([5]);
    expect(await seqs({ from: 1111 })).toEqual([12]);
    expect(await seqs({ from: 1121 })).toEqual([]);
    expect(await seqs({ to: 1009 })).toEqual([]);
    expect(await seqs({ to: 1020, from: 0, sender_id: bob.user_id })).toEqual([2]);
  });

  it("costs nothing until somebody searches, and then a row for eight entries", async () => {
    const { alice, conversation_id } = await pair();
    const ids = await fill(alice, conversation_id, numbered(7));
    expect(await found(alice, conversation_id, "message 7")).toEqual(["message 7"]);
    expect(await indexed(conversation_id)).toBeNull();
    await fill(alice, conversation_id, numbered(14, "more"));
    await edit(alice, conversation_id, ids[0], "message 1 again");
    expect(await indexed(conversation_id)).toBeNull();
    await search(alice, conversation_id, "anything");
    // The edit is among those that fill no block, and its message is indexed as it is now.
    const whole = [
      [1, 8],
      [9, 16],
      [17, 22],
    ];
    expect(await indexed(conversation_id)).toEqual(whole);
    await fill(alice, conversation_id, numbered(7, "more"));
    const put = vi.spyOn(SearchStore.prototype, "put");
    expect(await found(alice, conversation_id, "more 7")).toEqual(["more 7", "more 7"]);
    expect(put).not.toHaveBeenCalled();
    await edit(alice, conversation_id, ids[1], "message 2 again");
    expect(await found(alice, conversation_id, "again")).toEqual(["message 2 again", "message 1 again"]);
    expect(put.mock.calls.map(([{ first_seq }]) => first_seq)).toEqual([23, 1]);
  });

  it("of two at once, and of more while they wait, shares one catching up, and holds no message back", async () => {
    const { alice, bob, conversation_id } = await pair();
    await fill(alice, conversation_id, numbered(2_000, "apple"));
    const open = await connectConversation(bob, conversation_id);
    const held = holdIndex();
    const put = vi.spyOn(SearchStore.prototype, "put");
    let isDone = false;
    const searching = Promise.all([
      found(alice, conversation_id, '"apple 7"'),
      found(bob, conversation_id, '"apple 1999"'),
    ]).finally(() => {
      isDone = true;
    });
    await expect.poll(() => put, { interval: 1 }).toHaveBeenCalled();
    open.send(sending(conversation_id, "apple pie"));
    await open.next("MESSAGE_ACK");
    expect(isDone).toBe(false);
    const before = (await indexed(conversation_id))?.length ?? 0;
    put.mockClear();
    held.mockRestore();
    expect(await searching).toEqual([["apple 7"], ["apple 1999"]]);
    expect(put).toHaveBeenCalledTimes(250 - before);
    expect(await found(bob, conversation_id, "pie")).toEqual(["apple pie"]);
  });

  it("[SEC-2] tells nothing to who is removed while it waits", async () => {
    const [owner, other, removed] = [await newUser(), await newUser(), await newUser()];
    const conversation_id = await group(owner, other, removed);
    await fill(owner, conversation_id, numbered(1_000, "apple"));
    const held = holdIndex();
    const put = vi.spyOn(SearchStore.prototype, "put");
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    const searching = conversation.search(removed.user_id, { ...EVERYTHING, q: "apple" });
    await expect.poll(() => put, { interval: 1 }).toHaveBeenCalled();
    await conversation.changeGroup(owner.user_id, { kind: "remove", user_id: removed.user_id });
    held.mockRestore();
    expect(await searching).toMatchObject({ ok: false, refusal: { code: "conversation_not_found" } });
  });

  it("goes on with the index after a crash in the middle of it", async () => {
    const { alice, conversation_id } = await pair();
    await fill(alice, conversation_id, numbered(2_000, "apple"));
    const held = holdIndex();
    const put = vi.spyOn(SearchStore.prototype, "put");
    const cutOff = expect(search(alice, conversation_id, "apple")).rejects.toThrow();
    await expect.poll(() => put, { interval: 1 }).toHaveBeenCalled();
    await abortAllDurableObjects();
    await cutOff;
    held.mockRestore();
    const before = (await indexed(conversation_id))?.length ?? 0;
    expect(before).toBeLessThan(250);
    put.mockClear();
    expect(await found(alice, conversation_id, '"apple 1"')).toEqual(["apple 1"]);
    expect(put).toHaveBeenCalledTimes(250 - before);
    const blocks = await indexed(conversation_id);
    expect(blocks).toEqual(Array.from({ length: 250 }, (_, index) => [8 * index + 1, 8 * index + 8]));
  });

  it("[SRCH-2] does not wait for ever: an empty page says where to go on, and the index grows meanwhile", async () => {
    const { alice, conversation_id } = await pair();
    await fill(alice, conversation_id, numbered(2_000, "apple"));
    const first = await search(alice, conversation_id, '"apple 1"', { patience_ms: 0 });
    expect(first).toEqual({ hits: [], next_before_seq: 2_001 });
    await fill(alice, conversation_id, ["apple 1"]);
    const { hits } = await search(alice, conversation_id, '"apple 1"', { before_seq: first.next_before_seq });
    expect(hits.map(({ message }) => message.seq)).toEqual([1]);
  });

  it("[SRCH-2] ends a page after so much reading, and goes on", async () => {
    const { alice, conversation_id } = await pair();
    const contents = Array.from({ length: 8_100 }, (_, index) => (index % 2 ? "foo" : "bar"));
    await fill(alice, conversation_id, ["foo bar", ...contents]);
    const first = await search(alice, conversation_id, "foo bar");
    expect(first.hits).toEqual([]);
    expect(first.next_before_seq).toBeLessThan(200);
    const second = await search(alice, conversation_id, "foo bar", { before_seq: first.next_before_seq });
    expect(second).toMatchObject({ hits: [{ message: { seq: 1 } }], next_before_seq: null });
  });

  it("reads the longest messages, and ends a page of them early", async () => {
    const { alice, conversation_id } = await pair();
    const long = `begin ${"字".repeat(99_980)} end`;
    await fill(
      alice,
      conversation_id,
      Array.from({ length: 14 }, () => long),
    );
    const page = await search(alice, conversation_id, "begin end");
    expect(page.hits.length).toBeLessThan(14);
    expect(page.hits[0]?.highlights).toEqual([
      { start: 0, length: 5 },
      { start: long.length - 3, length: 3 },
    ]);
    const rest = await search(alice, conversation_id, "begin end", { before_seq: page.next_before_seq });
    expect(page.hits.length + rest.hits.length).toBe(14);
  });

  it("that cannot write its index says so, and works when it can again", async () => {
    const { alice, conversation_id } = await pair();
    await fill(alice, conversation_id, numbered(20));
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    vi.spyOn(SearchStore.prototype, "put").mockImplementationOnce(() => {
      throw new Error("database or disk is full: SQLITE_FULL");
    });
    const wanted = { ...EVERYTHING, q: "message" };
    const refused = await env.CONVERSATIONS.getByName(conversation_id).search(alice.user_id, wanted);
    expect(refused).toMatchObject({ ok: false, refusal: { code: "unavailable" } });
    expect(await indexed(conversation_id)).toBeNull();
    expect(await found(alice, conversation_id, "message")).toHaveLength(20);
  });
});
