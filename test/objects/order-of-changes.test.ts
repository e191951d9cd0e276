import { describe, expect, it } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import { as, entriesOn, fromTo, newUsers, seqsOn } from "../support/workerd/groups.ts";
import {
  connectConversation,
  connectDevice,
  group,
  newSession,
  STEPS,
  send,
  sending,
} from "../support/workerd/world.ts";

/** Everything that can become an entry, once each; answers where the log ends. */
async function doEverything(owner: Identity, bob: Identity, cem: Identity, conversation_id: string) {
  const by = (who: Identity) => as(who, conversation_id);
  const { message_id } = await send(owner, conversation_id, "message");
  await by(owner).edit(message_id, "edited");
  await by(bob).react(message_id, "👍");
  await by(bob).unreact(message_id, "👍");
  await by(owner).pin(message_id);
  await by(owner).unpin(message_id);
  await by(owner).update({ name: "Renamed", description: "and described" });
  await by(owner).setRole(bob, "admin");
  await by(owner).delete(message_id);
  await by(owner).remove(cem);
  await by(owner).add(cem);
  await send(bob, conversation_id, "last");
  return 13;
}

describe.each(STEPS)("entries of all kinds, %s", (_, step) => {
  it("[DLV-1] [SEQ-2] come to every socket in ascending order, without a hole", async () => {
    const [owner, bob, cem] = await newUsers(3);
    if (!owner || !bob || !cem) throw new Error("there are three");
    const conversation_id = await group(owner, bob, cem);
    const laptop = await newSession(bob.user_id, "laptop");
    const sockets = [
      await connectDevice(owner),
      await connectDevice(laptop, { batch: true }),
      await connectConversation(owner, conversation_id, { batch: true }),
      await connectConversation(laptop, conversation_id),
    ];
    await step();
    const head_seq = await doEverything(owner, bob, cem, conversation_id);
    // Who sent a message from a device has it there.
    const expected = [2, 0, 0, 0].map((own) => fromTo(own, head_seq).filter((seq) => seq !== 0));
    for (const [index, socket] of sockets.entries()) {
      await socket.next("MESSAGE_RECEIVE", ({ payload }) => payload.content === "last");
      expect(seqsOn(socket, conversation_id)).toEqual(expected[index]);
    }
    await step();
    // The phone was away all the time, and reads the log.
    const phone = await connectDevice(bob);
    await phone.next("SYNC_COMPLETE");
    expect(seqsOn(phone, conversation_id)).toEqual(fromTo(1, head_seq));
    const kinds = entriesOn(phone, conversation_id).map(({ type, payload }) =>
      "change" in payload ? payload.change : type,
    );
    expect(kinds).toEqual([
      "MESSAGE_RECEIVE",
      "edited",
      "reaction",
      "reaction",
      "pinned",
      "pinned",
      "renamed",
      "settings_changed",
      "role_changed",
      "deleted",
      "member_removed",
      "member_added",
      "MESSAGE_RECEIVE",
    ]);
  });

  it("[SEQ-2] messages and changes of one moment stand on every socket as they stand in the log", async () => {
    const [owner, bob, cem] = await newUsers(3);
    if (!owner || !bob || !cem) throw new Error("there are three");
    const conversation_id = await group(owner, bob, cem);
    const { message_id } = await send(bob, conversation_id, "0");
    const writer = await connectConversation(owner, conversation_id, { batch: true });
    const reader = await connectConversation(cem, conversation_id);
    const device = await connectDevice(cem);
    await step();
    const changes: Promise<unknown>[] = [];
    for (let count = 0; count < 20; count++) {
      writer.send(sending(conversation_id, `${count}`));
      changes.push(as(bob, conversation_id).react(message_id, count % 2 ? "👍" : "🎉"));
      changes.push(as(bob, conversation_id).edit(message_id, `edit ${count}`));
    }
    await Promise.all(changes);
    const head_seq = 1 + 20 + 2 + 20;
    for (const socket of [reader, device]) {
      await expect.poll(() => seqsOn(socket, conversation_id).at(-1)).toBe(head_seq);
      expect(seqsOn(socket, conversation_id)).toEqual(fromTo(socket === device ? 1 : 2, head_seq));
    }
    const own = writer
      .all("MESSAGE_ACK")
      .flatMap(({ payload }) => (payload.status === "sent" ? [payload.seq] : []));
    expect([...own, ...seqsOn(writer, conversation_id)].sort((a, b) => a - b)).toEqual(fromTo(2, head_seq));
  });
});
