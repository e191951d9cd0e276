import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { RateBuckets } from "../../src/objects/runtime/rate-buckets.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { refusal } from "../../src/protocol/errors.ts";
import { friends, pass, user } from "../support/workerd/people.ts";
import type { TestSocket } from "../support/workerd/test-socket.ts";
import {
  acking,
  connectConversation,
  connectDevice,
  newUser,
  oneOnOne,
  STEPS,
  send,
  sending,
} from "../support/workerd/world.ts";

const PING = { type: "HEARTBEAT_PING", request_id: "1" };

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Each makes its socket be cut off, with that code. */
const WAYS = [
  [
    4003,
    "for too many frames",
    (socket: TestSocket) => {
      vi.spyOn(RateBuckets.prototype, "take").mockReturnValueOnce(refusal("rate_limited"));
      socket.send(PING);
    },
  ],
  [
    4503,
    "for bad ones",
    (socket: TestSocket) => {
      for (let count = 0; count < 100; count++) socket.sendRaw("no JSON");
    },
  ],
] as const;

describe.each(STEPS)("a socket that is cut off, %s", (_, step) => {
  it.each(WAYS)("[PRES-2] with %i %s leaves its user offline", async (code, _why, provoke) => {
    const { alice, watching } = await friends();
    const device = await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "online");
    await step();
    pass(0);
    provoke(device);
    expect((await device.closed).code).toBe(code);
    pass(5_000);
    expect(await runDurableObjectAlarm(user(alice))).toBe(true);
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "offline");
  });

  it.each(WAYS)("[DLV-5] with %i %s has acknowledged what it has", async (code, _why, provoke) => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const open = await connectConversation(bob, conversation_id);
    const other = await connectConversation(alice, conversation_id);
    await send(alice, conversation_id, "1");
    await open.next("MESSAGE_RECEIVE");
    const handOver = vi.spyOn(UserObject.prototype, "handOver");
    open.send(acking(conversation_id, 1));
    await other.next("MESSAGE_ACK", ({ payload }) => payload.status === "delivered");
    await step();
    provoke(open);
    expect((await open.closed).code).toBe(code);
    const acked = () => handOver.mock.calls.flatMap(([{ acks }]) => acks.map(({ seq }) => seq));
    await expect.poll(acked).toContain(1);
  });
});

describe("frames", () => {
  it("after the bad one for which a socket is cut off are not heard", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const open = await connectConversation(bob, conversation_id, { batch: true });
    const bad = Array.from({ length: 99 }, () => ({ type: "MESSAGE_ACK" }));
    open.send(...bad);
    open.send({ type: "MESSAGE_ACK" }, sending(conversation_id, "too late"));
    expect((await open.closed).code).toBe(4503);
    await send(alice, conversation_id, "next");
    const page = await env.CONVERSATIONS.getByName(conversation_id).history(alice.user_id, { limit: 10 });
    expect(page).toMatchObject({ value: { items: [{ content: "next" }] } });
  });

  it("[LIM-1] count each, and a long text as more, on both kinds of socket", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const sockets = [
      await connectDevice(bob, { batch: true }),
      await connectConversation(bob, conversation_id, { batch: true }),
    ];
    const take = vi.spyOn(RateBuckets.prototype, "take");
    const costs = () =>
      take.mock.calls.flatMap(([key, , cost]) => (cost && key === bob.user_id ? [cost] : []));
    for (const socket of sockets) {
      socket.send(...Array.from({ length: 100 }, () => PING));
      await socket.count("HEARTBEAT_PONG", 100);
      socket.send(sending(conversation_id, "x".repeat(40_000)));
      await socket.next("MESSAGE_ACK");
    }
    expect(costs()).toEqual([100, 3, 100, 3]);
  });

  it("[LIM-1] refill, and what costs more than all of them takes all", () => {
    const buckets = new RateBuckets(100, 10);
    expect([buckets.take("bob", 0, 60), buckets.take("bob", 0, 40)]).toEqual([null, null]);
    expect(buckets.take("bob", 0, 1)).toMatchObject({ retry_after_ms: 100 });
    expect(buckets.take("bob", 9_999, 1_000)).toMatchObject({ retry_after_ms: 1 });
    expect(buckets.take("bob", 10_000, 1_000)).toBeNull();
    expect(buckets.take("bob", 10_000, 1)).toMatchObject({ retry_after_ms: 100 });
  });
});
