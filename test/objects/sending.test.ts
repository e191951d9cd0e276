import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import {
  acking,
  connectConversation,
  connectDevice,
  inboxRow,
  newSession,
  newUser,
  oneOnOne,
  STEPS,
  send,
  sending,
} from "../support/workerd/world.ts";

describe.each(STEPS)("a one-on-one, %s", (_, step) => {
  it("[SEND-1] [DLV-1] acks a message and delivers it to the peer's device", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const [a, b] = [await connectDevice(alice), await connectDevice(bob)];
    await step();
    a.send(sending(conversation_id, "hello", "m1"));
    const ack = await a.next("MESSAGE_ACK");
    expect(ack.payload).toMatchObject({ status: "sent", client_message_id: "m1", seq: 1, duplicate: false });
    await step();
    const received = await b.next("MESSAGE_RECEIVE");
    expect(received.payload).toMatchObject({ content: "hello", seq: 1, sender_id: alice.user_id });
    expect(a.all("MESSAGE_RECEIVE")).toEqual([]);
  });

  it("[IDEM-1] answers a repeat with the first ack, from any device and transport", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const laptop = await newSession(alice.user_id, "laptop");
    const conversation_id = await oneOnOne(alice, bob);
    const first = await send(alice, conversation_id, "once", "same");
    await step();
    const again = await send(laptop, conversation_id, "twice", "same");
    await step();
    const socket = await connectConversation(alice, conversation_id);
    socket.send(sending(conversation_id, "thrice", "same"));
    const ack = await socket.next("MESSAGE_ACK");
    expect(again).toEqual({ ...first, duplicate: true });
    expect(ack.payload).toEqual({ ...first, duplicate: true });
    const history = await env.CONVERSATIONS.getByName(conversation_id).history(bob.user_id, { limit: 50 });
    expect(history.ok && history.value.items.map(({ content }) => content)).toEqual(["once"]);
  });

  it("[DLV-1] [DLV-2] pushes what each device has not acknowledged, in order, then SYNC_COMPLETE", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const tablet = await newSession(bob.user_id, "tablet");
    const conversation_id = await oneOnOne(alice, bob);
    for (const content of ["1", "2", "3"]) await send(alice, conversation_id, content);
    await step();
    const phone = await connectDevice(bob);
    await phone.next("SYNC_COMPLETE");
    expect(phone.contents()).toEqual(["1", "2", "3"]);
    phone.send(acking(conversation_id, 2));
    await expect
      .poll(() => env.CONVERSATIONS.getByName(conversation_id).listMembers(bob.user_id, { limit: 10 }))
      .toMatchObject({
        value: { items: expect.arrayContaining([expect.objectContaining({ delivered_seq: 2 })]) },
      });
    await step();
    await phone.close();
    await step();
    const phoneAgain = await connectDevice(bob);
    await phoneAgain.next("SYNC_COMPLETE");
    expect(phoneAgain.contents()).toEqual(["3"]);
    const tabletSocket = await connectDevice(tablet);
    await tabletSocket.next("SYNC_COMPLETE");
    expect(tabletSocket.contents()).toEqual(["1", "2", "3"]);
  });

  it("[UNR-1] [UNR-2] counts unread exactly, and tells the other devices what was read", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const tablet = await newSession(bob.user_id, "tablet");
    const conversation_id = await oneOnOne(alice, bob);
    for (const content of ["1", "2", "3"]) await send(alice, conversation_id, content);
    await send(bob, conversation_id, "mine");
    await expect.poll(async () => (await inboxRow(bob, conversation_id)).head_seq).toBe(4);
    expect((await inboxRow(bob, conversation_id)).unread_count).toBe(3);
    await step();
    const [phone, other] = [await connectDevice(bob), await connectDevice(tablet)];
    await step();
    phone.send(acking(conversation_id, 2, "read"));
    const update = await other.next("INBOX_UPDATE", ({ payload }) => payload.read_seq === 2);
    expect(update.payload.unread_count).toBe(1);
    await step();
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ read_seq: 2, unread_count: 1 });
  });
});
