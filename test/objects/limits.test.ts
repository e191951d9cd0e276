import { evictAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { v7 as newId } from "uuid";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Allowances } from "../../src/objects/conversation/allowances.ts";
import type { GroupCommand, MessageCommand } from "../../src/objects/conversation/commands.ts";
import { ConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import { RateBuckets } from "../../src/objects/runtime/rate-buckets.ts";
import { MessageQuota } from "../../src/objects/user/message-quota.ts";
import { Quota } from "../../src/objects/user/quota.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { parseLimits } from "../../src/protocol/limits.ts";
import { as, namedGroup } from "../support/workerd/groups.ts";
import {
  acking,
  connectConversation,
  connectDevice,
  draft,
  inboxRow,
  newUser,
  oneOnOne,
  STEPS,
  send,
  sending,
} from "../support/workerd/world.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Stops the clock, so that nothing refills, and lends all but `left` of the user's messages to nobody. */
async function leave(user_id: string, left: number): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  const user = env.USERS.getByName(user_id);
  await user.grantAllowance("nobody", 1_000_000);
  // The suite's limit is a million a minute: what is left is what refills, at a million a minute.
  vi.setSystemTime(Date.now() + Math.ceil((left * 60_000) / 1_000_000));
}

/** As if there were too many of them; frames, which say what they cost, are let through. */
function refuseRequests() {
  const limited = { code: "rate_limited", message: "", retry_after_ms: 100 } as const;
  const take = vi.spyOn(RateBuckets.prototype, "take");
  return take.mockImplementation((_key, _now, cost) => (cost === undefined ? limited : null));
}

describe.each(STEPS)("limits, %s", (_, step) => {
  it("[LIM-1] [LIM-2] count over all transports, and a refusal says when to retry", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const user = env.USERS.getByName(alice.user_id);
    const device = await connectDevice(alice);
    await leave(alice.user_id, 50);
    const results = await Promise.all(
      Array.from({ length: 40 }, () => user.sendMessage(alice, conversation_id, draft("http"))),
    );
    expect(results.every(({ ok }) => ok)).toBe(true);
    await step();
    for (let n = 0; n < 20; n++) device.send(sending(conversation_id, "device"));
    expect(await device.count("MESSAGE_ACK", 10)).toHaveLength(10);
    expect(await device.count("ERROR", 10)).toHaveLength(10);
    const [error] = device.all("ERROR");
    expect(error?.payload.code).toBe("rate_limited");
    vi.setSystemTime(Date.now() + (error?.payload.retry_after_ms ?? 0));
    expect(await user.sendMessage(alice, conversation_id, draft("again"))).toMatchObject({ ok: true });
  });

  it("[LIM-2] [SEND-4] a message that its conversation refuses costs nothing", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const user = env.USERS.getByName(alice.user_id);
    await leave(alice.user_id, 16);
    const tooLong = draft("x".repeat(100_001));
    for (let n = 0; n < 20; n++) {
      const refused = await user.sendMessage(alice, conversation_id, tooLong);
      expect(refused).toMatchObject({ ok: false, refusal: { code: "message_too_long" } });
    }
    expect(await user.sendMessage(alice, conversation_id, draft("short"))).toMatchObject({ ok: true });
  });
});

describe("messages to conversations that are not in the inbox", () => {
  it("[LIM-1] [SEC-2] over a device socket count as requests: each asks an object", async () => {
    const [alice, bob, cem] = [await newUser(), await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const others = await oneOnOne(bob, cem);
    const device = await connectDevice(alice, { batch: true });
    const submit = vi.spyOn(ConversationObject.prototype, "submit");
    device.send(sending(others, "hi"), sending(newId(), "hi"));
    await device.count("ERROR", 2);
    const codes = device.all("ERROR").map(({ payload }) => payload.code);
    expect(codes).toEqual(["conversation_not_found", "conversation_not_found"]);
    expect(submit).toHaveBeenCalledTimes(2);
    refuseRequests();
    device.send(sending(others, "hi", "m-1"));
    const { payload } = await device.next("ERROR", (frame) => frame.payload.code === "rate_limited");
    expect(payload).toMatchObject({ retry_after_ms: 100, details: { client_message_id: "m-1" } });
    expect(submit).toHaveBeenCalledTimes(2);
    device.send(sending(conversation_id, "hi"));
    await device.next("MESSAGE_ACK");
  });
});

describe("changes of messages", () => {
  /** With so many messages left to Alice. */
  async function changing(left: number) {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const own = await send(alice, conversation_id, "first");
    const his = await send(bob, conversation_id, "second");
    const user = env.USERS.getByName(alice.user_id);
    await leave(alice.user_id, left);
    return {
      change: (command: MessageCommand) =>
        user.changeMessage(alice, conversation_id, own.message_id, command),
      changeHis: (command: MessageCommand) =>
        user.changeMessage(alice, conversation_id, his.message_id, command),
      say: () => user.sendMessage(alice, conversation_id, draft("one more")),
    };
  }

  const refused = { code: "rate_limited", retry_after_ms: expect.any(Number) };

  it("[LIM-1] [LIM-2] count as messages, unless they are refused", async () => {
    const { change, changeHis, say } = await changing(16);
    const edit = (content: string) => ({ kind: "edit", edit: { content } }) as const;
    for (let n = 0; n < 20; n++) {
      expect(await changeHis(edit("mine"))).toMatchObject({ refusal: { code: "forbidden" } });
      expect(await changeHis({ kind: "react", emoji: "x" })).toMatchObject({ ok: false });
    }
    for (let n = 0; n < 4; n++) {
      expect(await change(edit(`${n}`))).toMatchObject({ value: { content: `${n}` } });
      for (const kind of ["react", "unreact"] as const)
        expect(await changeHis({ kind, emoji: "👍" })).toMatchObject({ ok: true });
      const kind = n % 2 === 0 ? "pin" : "unpin";
      expect(await changeHis({ kind })).toMatchObject({ ok: true });
    }
    expect(await change({ kind: "delete" })).toMatchObject({ ok: false, refusal: refused });
    expect(await changeHis({ kind: "react", emoji: "👍" })).toMatchObject({ ok: false, refusal: refused });
    expect(await say()).toMatchObject({ ok: false, refusal: refused });
  });

  it("[LIM-1] [LIM-2] cost nothing where nothing changes", async () => {
    const { change, say } = await changing(16);
    const done = { ok: true };
    for (let n = 0; n < 20; n++) {
      expect(await change({ kind: "react", emoji: "👍" })).toMatchObject(done);
      expect(await change({ kind: "edit", edit: { content: "changed" } })).toMatchObject(done);
      expect(await change({ kind: "unpin" })).toMatchObject(done);
    }
    for (let n = 0; n < 20; n++) expect(await change({ kind: "delete" })).toMatchObject(done);
    // One reaction, one edit and one deletion were something.
    for (let n = 3; n < 16; n++) expect(await say()).toMatchObject(done);
    expect(await say()).toMatchObject({ ok: false, refusal: refused });
  });
});

describe("changes of groups", () => {
  it("[LIM-1] [LIM-2] count as messages where they change something, leaving and joining included", async () => {
    const { conversation_id, people } = await namedGroup(3);
    const [owner, bob] = people;
    if (!owner || !bob) throw new Error("there are three");
    const secret = "a secret";
    const request = { expires_in: null, max_uses: null };
    await as(owner, conversation_id).invites({ kind: "create", request, secret });
    const user = env.USERS.getByName(bob.user_id);
    const join = () => user.acceptInvite(conversation_id, { user_id: bob.user_id, username: "" }, secret);
    const change = (command: GroupCommand) => user.changeGroup(conversation_id, command);
    await leave(bob.user_id, 16);
    for (let n = 0; n < 20; n++) {
      expect(await join()).toMatchObject({ value: { member_count: 3 } });
      const rename = { kind: "update", update: { name: "Bob's" } } as const;
      expect(await change(rename)).toMatchObject({ refusal: { code: "forbidden" } });
    }
    for (let n = 0; n < 8; n++) {
      expect(await change({ kind: "remove", user_id: bob.user_id })).toMatchObject({ ok: true });
      expect(await join()).toMatchObject({ ok: true });
    }
    const refused = { code: "rate_limited", retry_after_ms: expect.any(Number) };
    expect(await change({ kind: "remove", user_id: bob.user_id })).toMatchObject({ refusal: refused });
    expect((await as(owner, conversation_id).history()).items).toHaveLength(16);
  });
});

describe("read marks over sockets", () => {
  it("[LIM-1] [LIM-2] are refused when there are too many, say when to retry, and have moved nothing", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    for (const content of ["1", "2"]) await send(alice, conversation_id, content);
    const sockets = [await connectDevice(bob), await connectConversation(bob, conversation_id)];
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 2 });
    const take = refuseRequests();
    for (const socket of sockets) {
      socket.send({ ...acking(conversation_id, 2, "read"), request_id: "read" });
      const { request_id, payload } = await socket.next("ERROR");
      expect(request_id).toBe("read");
      expect(payload).toMatchObject({ code: "rate_limited", retry_after_ms: 100 });
    }
    take.mockRestore();
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ read_seq: 0, unread_count: 2 });
    for (const [index, socket] of sockets.entries()) {
      socket.send(acking(conversation_id, index + 1, "read"));
      await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ read_seq: index + 1 });
    }
  });

  it("[LIM-1] may be as many as the requests of a session", () => {
    const buckets = new RateBuckets(40, 10);
    const taken = Array.from({ length: 41 }, () => buckets.take("bob", 0));
    expect(taken.filter((cause) => cause === null)).toHaveLength(40);
    expect(taken.at(-1)).toMatchObject({ code: "rate_limited", retry_after_ms: 100 });
    expect([buckets.take("cem", 0), buckets.take("bob", 100)]).toEqual([null, null]);
  });
});

describe("allowances", () => {
  it("[LIM-1] what a conversation socket was lent and has not sent is recalled before anything is refused", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const open = await connectConversation(alice, conversation_id);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const ask = vi.spyOn(UserObject.prototype, "grantAllowance");
    for (let sent = 1; sent <= 3; sent++) {
      open.send(sending(conversation_id, `${sent}`));
      await open.count("MESSAGE_ACK", sent);
    }
    await expect.poll(() => ask.mock.results.length).toBe(3);
    const lent = await Promise.all(ask.mock.results.map(({ value }) => value));
    expect(lent.map(({ granted }) => granted)).toEqual([1, 2, 4]);
    // Of those the conversation holds four: all that is left without them, and they, have to be granted.
    const user = env.USERS.getByName(alice.user_id);
    expect((await user.grantAllowance("another", 1_000_000 - 3)).granted).toBe(1_000_000 - 3);
  });

  it("[LIM-1] a conversation socket that is opened and says nothing costs nothing", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const ask = vi.spyOn(UserObject.prototype, "grantAllowance");
    await connectConversation(alice, conversation_id);
    const recall = vi.spyOn(ConversationObject.prototype, "recallAllowance");
    expect(ask).not.toHaveBeenCalled();
    const user = env.USERS.getByName(alice.user_id);
    expect((await user.grantAllowance("another", 1_000_000)).granted).toBe(1_000_000);
    expect(recall).not.toHaveBeenCalled();
  });

  it("[LIM-1] a conversation that sleeps after each message is lent no more than it sends", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const limits = parseLimits({ MESSAGES_PER_MINUTE: "100", MESSAGES_PER_HOUR: "1000" });
    const quota = new MessageQuota(new Quota(limits, null), limits.messages_per_minute, async () => 0);
    for (let sent = 0; sent < 1_000; sent++) {
      expect(await quota.lend("conversation", 1)).toMatchObject({ granted: 1 });
      vi.setSystemTime(Date.now() + 12_000);
    }
  });

  it("[LIM-1] a conversation that goes on writing is lent twice as much each time, up to a tenth", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const limits = parseLimits({ MESSAGES_PER_MINUTE: "100" });
    const quota = new MessageQuota(new Quota(limits, null), limits.messages_per_minute, async () => 0);
    const lent: number[] = [];
    for (const wanted of [1, 1, 0, 0, 0, 0]) {
      lent.push((await quota.lend("conversation", wanted)).granted);
      vi.setSystemTime(Date.now() + 5_000);
    }
    expect(lent).toEqual([1, 2, 4, 8, 10, 10]);
  });

  it("[LIM-1] a conversation socket with nothing left asks, sends what is granted, and refuses the rest", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const open = await connectConversation(alice, conversation_id, { batch: true });
    await leave(alice.user_id, 50);
    open.send(...Array.from({ length: 80 }, (_, n) => sending(conversation_id, `${n}`)));
    const answers = () => open.all("MESSAGE_ACK").length + open.all("ERROR").length;
    await open.next("ERROR", () => answers() === 80);
    expect(open.all("MESSAGE_ACK")).toHaveLength(50);
    expect(open.all("ERROR").every(({ payload }) => payload.code === "rate_limited")).toBe(true);
  });

  it("[LIM-1] nothing is refused while what was lent is on its way back to somebody else", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const limits = parseLimits({ MESSAGES_PER_MINUTE: "100" });
    let giveBack: (left: number) => void = () => undefined;
    const recall = () => new Promise<number>((resolve) => (giveBack = resolve));
    const quota = new MessageQuota(new Quota(limits, null), limits.messages_per_minute, recall);
    await quota.lend("a", 60);
    vi.setSystemTime(Date.now() + 6_000);
    const lending = quota.lend("b", 60);
    const sent = new Promise<string>((answer) =>
      quota.spend({ admit: () => answer("sent"), refuse: ({ code }) => answer(code) }),
    );
    await new Promise((resolve) => setTimeout(resolve, 1));
    giveBack(60);
    expect(await lending).toMatchObject({ granted: 60 });
    expect(await sent).toBe("sent");
  });

  it("[LIM-1] what was lent is forgotten after a minute, although a refused message was given back meanwhile", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const asked: number[] = [];
    const allowances = new Allowances(async (_, wanted) => {
      asked.push(wanted);
      return { granted: 10, retry_after_ms: 0 };
    });
    const spend = () => new Promise<void>((admit, refuse) => allowances.spend("alice", { admit, refuse }));
    await spend();
    for (let refunds = 0; refunds < 2; refunds++) {
      vi.setSystemTime(Date.now() + 50_000);
      allowances.refund("alice");
    }
    expect(asked).toEqual([1]);
    await spend();
    expect(asked).toEqual([1, 1]);
  });

  it("[LIM-1] what was lent and was still on its way when it was recalled is recalled again", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    const limits = parseLimits({ MESSAGES_PER_MINUTE: "100" });
    let held = 0;
    let recalls = 0;
    const quota = new MessageQuota(new Quota(limits, null), limits.messages_per_minute, async () => {
      // The first recall overtakes what was lent.
      const taken = recalls++ === 0 ? 0 : held;
      held -= taken;
      return taken;
    });
    held = (await quota.lend("conversation", 40)).granted;
    const spent = Array.from(
      { length: 100 },
      () =>
        new Promise<boolean>((resolve) =>
          quota.spend({ admit: () => resolve(true), refuse: () => resolve(false) }),
        ),
    );
    expect((await Promise.all(spent)).filter(Boolean)).toHaveLength(100);
    expect(held).toBe(0);
  });
});

describe("a user's limits that cannot be read", () => {
  it("[LIM-1] begin anew, and keep the user from nothing", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    await expect.poll(() => inboxRow(alice, conversation_id)).toMatchObject({ head_seq: 0 });
    const user = () => env.USERS.getByName(alice.user_id);
    await runInDurableObject(user(), (_, { storage }) => storage.sql.exec("UPDATE inbox SET quota = '{'"));
    await evictAllDurableObjects();
    expect(await user().sendMessage(alice, conversation_id, draft("still here"))).toMatchObject({ ok: true });
  });
});
