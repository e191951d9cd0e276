import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import {
  connectConversation,
  connectDevice,
  draft,
  group,
  inboxRow,
  newSession,
  newUser,
  oneOnOne,
  STEPS,
  send,
  sending,
} from "../support/workerd/world.ts";

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe.each(STEPS)("the order of a conversation, %s", (_, step) => {
  it("[SEQ-1] [SEQ-3] gives a gapless seq and ascending ids to whatever arrives together", async () => {
    const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
    const conversation_id = await group(alice, bob, carol);
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    for (const round of range(3)) {
      await Promise.all(
        [alice, bob, carol].map(({ user_id, device_id }) =>
          conversation.submit(
            user_id,
            range(10).map((n) => ({ device_id, draft: draft(`${round}.${n}`) })),
          ),
        ),
      );
      await step();
    }
    const page = await conversation.history(bob.user_id, { limit: 100 });
    if (!page.ok) throw new Error(page.refusal.code);
    expect(page.value.items.map(({ seq }) => seq)).toEqual(range(90));
    const ids = page.value.items.map(({ message_id }) => message_id);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  it("[SEQ-2] keeps the order on every socket, alone and in batches", async () => {
    const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
    const conversation_id = await group(alice, bob, carol);
    const receivers = [
      await connectDevice(bob, { batch: true }),
      await connectDevice(carol),
      await connectConversation(carol, conversation_id, { batch: true }),
      await connectConversation(bob, conversation_id),
    ];
    const sender = await connectDevice(alice, { batch: true });
    await step();
    sender.send(...range(60).map((n) => sending(conversation_id, `${n}`)));
    await step();
    for (const socket of receivers) {
      await socket.count("MESSAGE_RECEIVE", 60);
      expect(socket.all("MESSAGE_RECEIVE").map(({ payload }) => payload.seq)).toEqual(range(60));
    }
    await sender.count("MESSAGE_ACK", 60);
    expect(sender.all("MESSAGE_RECEIVE")).toEqual([]);
  });

  it("[DLV-3] [DLV-4] reaches the sender's other devices, and a device on both sockets with one seq", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const laptop = await connectDevice(await newSession(alice.user_id, "laptop"));
    const [device, open] = [await connectDevice(bob), await connectConversation(bob, conversation_id)];
    await step();
    await send(alice, conversation_id, "hi");
    await step();
    expect((await laptop.next("MESSAGE_RECEIVE")).payload.seq).toBe(1);
    const onDevice = await device.next("MESSAGE_RECEIVE");
    const onConversation = await open.next("MESSAGE_RECEIVE");
    expect(onDevice.payload).toMatchObject(onConversation.payload);
  });

  it("[DLV-1] pushes past the limit as a gap and the newest entries", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const submissions = range(250).map((n) => ({ device_id: alice.device_id, draft: draft(`${n}`) }));
    await env.CONVERSATIONS.getByName(conversation_id).submit(alice.user_id, submissions);
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 250 });
    await step();
    const device = await connectDevice(bob, { batch: true });
    await device.next("SYNC_COMPLETE");
    expect((await device.next("SYNC_GAP")).payload).toEqual({ conversation_id, from_seq: 1, to_seq: 50 });
    expect(device.contents()).toEqual(range(250).slice(50).map(String));
    const page = await env.CONVERSATIONS.getByName(conversation_id).history(bob.user_id, {
      after_seq: 0,
      limit: 50,
    });
    expect(page).toMatchObject({ ok: true, value: { head_seq: 250, has_more: true } });
    expect(page.ok && page.value.items.map(({ seq }) => seq)).toEqual(range(50));
  });
});

describe("a device that catches up while messages go on", () => {
  it("[SEQ-2] [DLV-1] gets each entry once, the new behind the old", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    const submit = (contents: number[]) =>
      conversation.submit(
        alice.user_id,
        contents.map((n) => ({ device_id: alice.device_id, draft: draft(`${n}`) })),
      );
    await submit(range(150));
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 150 });
    const connecting = connectDevice(bob);
    for (const n of range(50)) await submit([150 + n]);
    const device = await connecting;
    await device.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === 200);
    expect(device.all("MESSAGE_RECEIVE").map(({ payload }) => payload.seq)).toEqual(range(200));
  });
});
