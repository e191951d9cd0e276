import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { v7 as newId } from "uuid";
import { describe, expect, it } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import { as, newUsers, refusalOf, rowsOf } from "../support/workerd/groups.ts";
import {
  connectConversation,
  connectDevice,
  group,
  inboxRow,
  newUser,
  send,
} from "../support/workerd/world.ts";

/** A thousand objects take their time on a busy machine. */
const LONG = { timeout: 60_000 };

/** People who never signed in: nothing of theirs is connected. */
function strangers(count: number): Identity[] {
  return Array.from({ length: count }, () => ({ user_id: newId(), session_id: newId(), device_id: "phone" }));
}

describe("a group of a thousand", () => {
  it("[CONV-2] is as large as a group gets, takes part in everything, and is gone when it is deleted", async () => {
    const [owner, bob, cem] = await newUsers(3);
    if (!owner || !bob || !cem) throw new Error("there are three");
    const conversation_id = await group(owner, bob, cem);
    const by = (who: Identity) => as(who, conversation_id);
    expect(await refusalOf(by(owner).add(...strangers(998)))).toBe("group_full");
    expect(await by(owner).describe()).toMatchObject({ head_seq: 0, member_count: 3 });
    const device = await connectDevice(bob);
    const open = await connectConversation(cem, conversation_id);
    const crowd = strangers(996);
    expect(await by(owner).add(...crowd)).toMatchObject({ member_count: 999 });
    const last = await newUser();
    const secret = "c".repeat(32);
    await by(owner).invites({ kind: "create", request: { expires_in: null, max_uses: null }, secret });
    await by(last).accept(secret);
    const [fay] = strangers(1);
    if (!fay) throw new Error("there is one");
    expect(await refusalOf(by(fay).accept(secret))).toBe("group_full");
    expect(await refusalOf(by(owner).add(fay))).toBe("group_full");
    expect(await by(owner).invites({ kind: "list" })).toMatchObject([{ uses: 1 }]);
    await send(owner, conversation_id, "to all");
    for (const socket of [device, open]) await expect.poll(() => socket.contents(), LONG).toEqual(["to all"]);
    await expect
      .poll(() => inboxRow(last, conversation_id), LONG)
      .toMatchObject({ head_seq: 3, unread_count: 1 });
    await by(owner).end();
    await expect.poll(() => device.all("CONVERSATION_UPDATE").at(-1)?.payload.change, LONG).toBe("deleted");
    expect((await open.closed).code).toBe(4505);
    const untold = "SELECT count(*) AS count FROM members WHERE left_seq IS NULL OR left_told = 0";
    await expect.poll(() => rowsOf(conversation_id, untold), LONG).toEqual([{ count: 0 }]);
  }, 120_000);

  it("reacts to a message of a hundred thousand characters to which everybody has reacted", async () => {
    const [owner, bob, cem] = await newUsers(3);
    if (!owner || !bob || !cem) throw new Error("there are three");
    const crowd = strangers(150);
    const conversation_id = await group(owner, bob, cem, ...crowd);
    const { message_id } = await send(owner, conversation_id, "x".repeat(100_000));
    await runInDurableObject(env.CONVERSATIONS.getByName(conversation_id), (_, state) => {
      state.storage.sql.exec(
        "INSERT INTO reactions (seq, user_id, emoji, at) SELECT 1, user_id, '👍', 1 FROM members",
      );
    });
    const device = await connectDevice(cem);
    await as(bob, conversation_id).react(message_id, "🎉");
    const reactions = () => device.all("MESSAGE_UPDATE")[0]?.payload.message.reactions;
    await expect.poll(reactions, LONG).toEqual([
      { emoji: "👍", count: 153, mine: true },
      { emoji: "🎉", count: 1, mine: false },
    ]);
    const members = await allServed(conversation_id, 2);
    expect(members).toBe(153);
  }, 120_000);
});

/** How many members there are, once the objects of all of them have the log up to `head_seq`. */
async function allServed(conversation_id: string, head_seq: number): Promise<number> {
  const stub = env.CONVERSATIONS.getByName(conversation_id);
  await runDurableObjectAlarm(stub);
  await expect
    .poll(() => rowsOf(conversation_id, "SELECT settled_seq FROM conversation"), LONG)
    .toEqual([{ settled_seq: head_seq }]);
  const [row] = await rowsOf(conversation_id, "SELECT count(*) AS count FROM members");
  return Number(row?.count);
}
