import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import {
  connectConversation,
  connectDevice,
  draft,
  newUser,
  oneOnOne,
  sending,
} from "../support/workerd/world.ts";

afterEach(() => {
  vi.useRealTimers();
});

const SPAM = "Buy cheap watches now!";
const MAX = 10;

/** Conversations of a new user with so many others. */
async function popular(count: number): Promise<[Identity, string[]]> {
  const alice = await newUser();
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push(await oneOnOne(alice, await newUser()));
  return [alice, ids];
}

function send(who: Identity, conversation_id: string, content: string, client_message_id?: string) {
  return env.USERS.getByName(who.user_id).sendMessage(
    who,
    conversation_id,
    draft(content, client_message_id),
  );
}

function edit(who: Identity, conversation_id: string, message_id: string, content: string) {
  const command = { kind: "edit", edit: { content } } as const;
  return env.USERS.getByName(who.user_id).changeMessage(who, conversation_id, message_id, command);
}

describe("the same text to many conversations", () => {
  it("[LIM-1] [LIM-2] is refused, over HTTP and device sockets together, and says when to retry", async () => {
    const [alice, ids] = await popular(MAX + 2);
    const device = await connectDevice(alice);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const [first = "", last = "", ...others] = ids;
    for (const id of others.slice(0, MAX / 2)) device.send(sending(id, SPAM));
    await device.count("MESSAGE_ACK", MAX / 2);
    for (const id of [first, ...others.slice(MAX / 2, MAX - 1)])
      expect(await send(alice, id, SPAM)).toMatchObject({ ok: true });
    const refused = await send(alice, last, "buy CHEAP watches... now");
    expect(refused).toMatchObject({ ok: false, refusal: { code: "spam_suspected" } });
    device.send(sending(last, SPAM, "m-1"));
    const { payload } = await device.next("ERROR");
    expect(payload).toMatchObject({ code: "spam_suspected", details: { client_message_id: "m-1" } });
    // To those who have it, and with something else to say, all goes on.
    expect(await send(alice, first, SPAM)).toMatchObject({ ok: true });
    expect(await send(alice, last, "How are you today?")).toMatchObject({ ok: true });
    vi.setSystemTime(Date.now() + (payload.retry_after_ms ?? 0));
    expect(await send(alice, last, SPAM)).toMatchObject({ ok: true });
  });

  it("[LIM-1] [LIM-2] is refused of edits too", async () => {
    const [alice, ids] = await popular(MAX + 1);
    const results = [];
    for (const [n, id] of ids.entries()) {
      const sent = await send(alice, id, `something else, the ${n}th`);
      if (!sent.ok) throw new Error(sent.refusal.code);
      const { message_id } = sent.value;
      expect(await edit(alice, id, message_id.replace(/.$/, "z"), SPAM)).toMatchObject({ ok: false });
      results.push(await edit(alice, id, message_id, SPAM));
    }
    expect(results.map(({ ok }) => ok)).toEqual([...Array.from({ length: MAX }, () => true), false]);
    expect(results.at(-1)).toMatchObject({ refusal: { code: "spam_suspected" } });
  });

  it("[LIM-1] does not slip through when all is sent at once", async () => {
    const [alice, ids] = await popular(MAX + 5);
    const results = await Promise.all(ids.map((id) => send(alice, id, SPAM)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(MAX);
  });

  it("[LIM-2] what was refused does not count, and what is short neither", async () => {
    const [alice, ids] = await popular(MAX + 1);
    for (let n = 0; n < MAX; n++)
      expect(await send(alice, crypto.randomUUID(), SPAM)).toMatchObject({
        refusal: { code: "conversation_not_found" },
      });
    for (const id of ids) expect(await send(alice, id, "thanks!")).toMatchObject({ ok: true });
    for (const id of ids.slice(1)) expect(await send(alice, id, SPAM)).toMatchObject({ ok: true });
  });

  it("[IDEM-1] a repeat is answered though no more may go", async () => {
    const [alice, ids] = await popular(MAX + 1);
    const [first = "", last = ""] = ids;
    await send(alice, first, SPAM, "m-1");
    for (const id of ids.slice(2)) await send(alice, id, SPAM);
    expect(await send(alice, last, SPAM)).toMatchObject({ ok: false });
    expect(await send(alice, first, SPAM, "m-1")).toMatchObject({ ok: true, value: { duplicate: true } });
  });

  it("[LIM-1] is noticed over conversation sockets, which then are lent nothing more", async () => {
    const [alice, ids] = await popular(2 * MAX + 2);
    const user = env.USERS.getByName(alice.user_id);
    for (const id of ids.slice(0, 2 * MAX)) {
      const open = await connectConversation(alice, id);
      open.send(sending(id, SPAM));
      await open.next("MESSAGE_ACK");
    }
    const [last = ""] = ids.slice(-1);
    expect((await user.grantAllowance(last, 1)).granted).toBeGreaterThan(0);
    const open = await connectConversation(alice, last);
    open.send(sending(last, SPAM));
    await open.next("MESSAGE_ACK");
    const lent = async () => {
      const { granted, retry_after_ms } = await user.grantAllowance(last, 1);
      return { granted, isForLong: retry_after_ms > 60_000 };
    };
    await expect.poll(lent).toEqual({ granted: 0, isForLong: true });
    const [next = ""] = ids.slice(-2);
    const refused = await connectConversation(alice, next);
    refused.send(sending(next, "something else altogether"));
    expect((await refused.next("ERROR")).payload).toMatchObject({ code: "rate_limited" });
    expect(await send(alice, next, "something else altogether")).toMatchObject({ ok: true });
  });
});
