import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { v7 as newId } from "uuid";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import { Quota } from "../../src/objects/user/quota.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import type { TestSocket } from "../support/workerd/test-socket.ts";
import {
  connectConversation,
  connectDevice,
  group,
  newUser,
  oneOnOne,
  STEPS,
  send,
} from "../support/workerd/world.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function typing(conversation_id: string, is_typing = true) {
  return { type: "TYPING_INDICATOR", payload: { conversation_id, is_typing } } as const;
}

/** Everything that was sent before has been handled when this resolves. */
async function handled(socket: TestSocket): Promise<void> {
  const request_id = newId();
  socket.send({ type: "HEARTBEAT_PING", request_id });
  await expect.poll(() => socket.all("HEARTBEAT_PONG").map((f) => f.request_id)).toContain(request_id);
}

describe.each(STEPS)("typing, %s", (_, step) => {
  it("[TYPE-1] is seen on the peer's sockets of both kinds, from sockets of both kinds, and not on one's own", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const alices = [await connectConversation(alice, conversation_id), await connectDevice(alice)];
    const bobs = [await connectConversation(bob, conversation_id), await connectDevice(bob)];
    for (const [from, to, typist] of [
      [alices[0], bobs, alice],
      [bobs[1], alices, bob],
    ] as const) {
      await step();
      from?.send(typing(conversation_id));
      for (const socket of to) {
        const { payload } = await socket.next("TYPING_INDICATOR");
        expect(payload).toEqual({
          ...{ conversation_id, user_id: typist.user_id },
          ...{ is_typing: true, expires_in_ms: 5_000 },
        });
      }
    }
    for (const socket of [...alices, ...bobs]) expect(socket.all("TYPING_INDICATOR")).toHaveLength(1);
  });

  it("[TYPE-1] [LIM-1] is passed on every three seconds, over whichever socket, its end at once", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const [device, open] = [await connectDevice(alice), await connectConversation(alice, conversation_id)];
    const peer = await connectConversation(bob, conversation_id);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    device.send(typing(conversation_id));
    await peer.count("TYPING_INDICATOR", 1);
    device.send(typing(conversation_id));
    open.send(typing(conversation_id));
    await Promise.all([handled(device), handled(open)]);
    open.send(typing(conversation_id, false));
    open.send(typing(conversation_id, false));
    await handled(open);
    await step();
    vi.setSystemTime(Date.now() + 3_000);
    open.send(typing(conversation_id));
    await peer.count("TYPING_INDICATOR", 3);
    expect(peer.all("TYPING_INDICATOR").map(({ payload }) => payload.is_typing)).toEqual([true, false, true]);
    expect([...device.all("ERROR"), ...open.all("ERROR")]).toEqual([]);
  });

  it("[TYPE-1] [SEC-2] is for members: strangers and those who have left are refused alike", async () => {
    const [alice, bob, carol, eve] = [await newUser(), await newUser(), await newUser(), await newUser()];
    const conversation_id = await group(alice, bob, carol);
    const own = await oneOnOne(eve, carol);
    const [strange, open] = [await connectDevice(eve), await connectConversation(eve, own)];
    const left = await connectDevice(bob);
    const watching = await connectConversation(alice, conversation_id);
    await step();
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    await conversation.changeGroup(alice.user_id, { kind: "remove", user_id: bob.user_id });
    await left.next("CONVERSATION_UPDATE");
    for (const socket of [strange, open, left]) {
      socket.send({ ...typing(conversation_id), request_id: "here" });
      const { payload, request_id } = await socket.next("ERROR");
      expect([payload.code, request_id]).toEqual(["conversation_not_found", "here"]);
    }
    strange.send(typing(newId()));
    const [, made_up] = await strange.count("ERROR", 2);
    expect(made_up?.payload).toEqual(strange.all("ERROR")[0]?.payload);
    for (const user_id of [eve.user_id, bob.user_id])
      expect(await conversation.act(user_id, { kind: "type", is_typing: true })).toMatchObject({
        code: "conversation_not_found",
      });
    await handled(watching);
    expect(watching.all("TYPING_INDICATOR")).toEqual([]);
  });

  it("[TYPE-1] stores nothing, and calls an absent peer once in a while only", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const open = await connectConversation(alice, conversation_id);
    await step();
    const show = vi.spyOn(UserObject.prototype, "showTyping");
    const rows = () =>
      Promise.all(
        [env.CONVERSATIONS.getByName(conversation_id), env.USERS.getByName(bob.user_id)].map((stub) =>
          runInDurableObject(stub, (_, { storage }) =>
            storage.sql.exec<{ n: number }>("SELECT total_changes() AS n").one(),
          ),
        ),
      );
    const before = await rows();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    for (let n = 0; n < 4; n++) {
      open.send(typing(conversation_id));
      await handled(open);
      await expect.poll(() => show).toHaveBeenCalled();
      await Promise.all(show.mock.results.map(({ value }) => value));
      vi.setSystemTime(Date.now() + 3_000);
    }
    expect(show).toHaveBeenCalledTimes(1);
    expect(await rows()).toEqual(before);
  });

  it("[TYPE-1] in a group is seen on conversation sockets, and on devices that are known to be connected", async () => {
    const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
    const conversation_id = await group(alice, bob, carol);
    const [open, watching] = [
      await connectConversation(alice, conversation_id),
      await connectConversation(bob, conversation_id),
    ];
    const device = await connectDevice(carol);
    await step();
    await send(alice, conversation_id, "who is there?");
    await device.next("MESSAGE_RECEIVE");
    open.send(typing(conversation_id));
    await Promise.all([watching.next("TYPING_INDICATOR"), device.next("TYPING_INDICATOR")]);
    expect(open.all("TYPING_INDICATOR")).toEqual([]);
  });
});

describe("typing in a larger group", () => {
  it("[TYPE-1] calls nobody", async () => {
    const members = await Promise.all(Array.from({ length: 9 }, () => newUser()));
    const [alice, bob] = members;
    if (!alice || !bob) throw new Error("there are nine");
    const conversation_id = await group(alice, ...members.slice(1));
    const [open, watching] = [
      await connectConversation(alice, conversation_id),
      await connectConversation(bob, conversation_id),
    ];
    const device = await connectDevice(bob);
    await send(alice, conversation_id, "who is there?");
    await device.next("MESSAGE_RECEIVE");
    const show = vi.spyOn(UserObject.prototype, "showTyping");
    open.send(typing(conversation_id));
    await watching.next("TYPING_INDICATOR");
    await handled(open);
    expect(show).not.toHaveBeenCalled();
  });
});

describe("typing over many conversations", () => {
  it("[LIM-1] [LIM-2] counts as requests, and what is dropped does not", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const device = await connectDevice(alice);
    const say = vi.spyOn(ConversationObject.prototype, "act");
    const takeRequest = vi.spyOn(Quota.prototype, "takeRequest");
    for (let n = 0; n < 20; n++) device.send(typing(conversation_id));
    await handled(device);
    await expect.poll(() => say).toHaveBeenCalled();
    expect(say).toHaveBeenCalledTimes(1);
    expect(takeRequest).toHaveBeenCalledTimes(1);
    takeRequest.mockReturnValue({ code: "rate_limited", message: "", retry_after_ms: 100 });
    const other = await oneOnOne(alice, await newUser());
    device.send(typing(other));
    expect((await device.next("ERROR")).payload).toMatchObject({ code: "rate_limited", retry_after_ms: 100 });
    expect(say).toHaveBeenCalledTimes(1);
  });
});
