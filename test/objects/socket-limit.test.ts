import { afterEach, describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import { parseLimits } from "../../src/protocol/limits.ts";
import type { TestSocket } from "../support/workerd/test-socket.ts";
import {
  acking,
  connectConversation,
  connectDevice,
  newSession,
  newUser,
  oneOnOne,
  STEPS,
  send,
} from "../support/workerd/world.ts";

const MAX_SOCKETS = parseLimits({}).max_devices;

afterEach(() => {
  vi.useRealTimers();
});

type Connect = (identity: Identity, conversation_id: string) => Promise<TestSocket>;

const KINDS: readonly (readonly [string, Connect])[] = [
  ["device sockets", (identity) => connectDevice(identity)],
  ["conversation sockets", connectConversation],
];

/** Opens one socket after another, each on a device of its own that the client has made up. */
async function openMany(connect: (device_id: string) => Promise<TestSocket>, count: number) {
  const sockets: TestSocket[] = [];
  for (let n = 0; n < count; n++) {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1 });
    sockets.push(await connect(`made-up-${n}`));
  }
  return sockets;
}

describe.each(STEPS)("a user who opens too many sockets, %s", (_, step) => {
  it.each(KINDS)(
    "[LIM-1] keeps as many %s as devices: the ones opened longest ago give way",
    async (_kind, connect) => {
      const [alice, bob] = [await newUser(), await newUser()];
      const conversation_id = await oneOnOne(alice, bob);
      const connectAs = (device_id: string) => connect({ ...alice, device_id }, conversation_id);
      const bobs = await connect({ ...bob, device_id: "tablet" }, conversation_id);
      const [first, second, ...others] = await openMany(connectAs, MAX_SOCKETS);
      await step();
      others.push(await connectAs("one-more"));
      expect(await first?.closed).toMatchObject({ code: CLOSE.replaced });
      await step();
      // A device that comes back takes its own place, and nobody else's.
      others.push(await connectAs("made-up-1"));
      expect(await second?.closed).toMatchObject({ code: CLOSE.replaced });
      await step();
      await send(bob, conversation_id, "hello");
      for (const socket of [...others, bobs]) await socket.next("MESSAGE_RECEIVE");
      expect(others).toHaveLength(MAX_SOCKETS);
    },
  );

  it("[DLV-1] [DLV-2] what a device acknowledged before its socket gave way counts, for that device alone", async () => {
    const [alice, bob] = [await newUser("phone"), await newUser()];
    const newest = await newSession(alice.user_id, "newest");
    const conversation_id = await oneOnOne(alice, bob);
    const phone = await connectConversation(alice, conversation_id);
    const bobs = await connectConversation(bob, conversation_id);
    await send(bob, conversation_id, "hello");
    await phone.next("MESSAGE_RECEIVE");
    phone.send(acking(conversation_id, 1));
    await bobs.next("MESSAGE_ACK");
    const connectAs = (device_id: string) => connectConversation({ ...alice, device_id }, conversation_id);
    await openMany(connectAs, MAX_SOCKETS - 1);
    await step();
    await connectConversation(newest, conversation_id);
    expect(await phone.closed).toMatchObject({ code: CLOSE.replaced });
    await step();
    const pushed = async (device: Identity) => {
      const socket = await connectDevice(device);
      await socket.next("SYNC_COMPLETE");
      return socket.contents();
    };
    expect(await pushed(newest)).toEqual(["hello"]);
    expect(await pushed(alice)).toEqual([]);
  });
});
