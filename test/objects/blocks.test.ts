import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { v7 as newId } from "uuid";
import { describe, expect, it } from "vitest";
import {
  connectConversation,
  connectDevice,
  draft,
  group,
  newUser,
  oneOnOne,
  STEPS,
  send,
  sending,
} from "../support/workerd/world.ts";

function tablesOf(conversation_id: string): Promise<unknown[]> {
  return runInDurableObject(env.CONVERSATIONS.getByName(conversation_id), (_, state) =>
    state.storage.sql.exec("SELECT name FROM sqlite_master WHERE type = 'table'").toArray(),
  );
}

describe.each(STEPS)("blocks, %s", (_, step) => {
  it("[SEND-4] keep both from writing, on every way there is, until they are lifted", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    const [device, open] = [await connectDevice(alice), await connectConversation(bob, conversation_id)];
    await step();
    await conversation.setBlock(bob.user_id, true);
    await conversation.setBlock(bob.user_id, true);
    await step();
    for (const socket of [device, open]) {
      socket.send(sending(conversation_id, "no", "refused"));
      const { payload } = await socket.next("ERROR");
      expect(payload).toMatchObject({ code: "blocked", details: { client_message_id: "refused" } });
    }
    for (const who of [alice, bob]) {
      expect(
        await env.USERS.getByName(who.user_id).sendMessage(who, conversation_id, draft("no")),
      ).toMatchObject({ refusal: { code: "blocked" } });
    }
    await step();
    await conversation.setBlock(bob.user_id, false);
    await step();
    expect(await send(alice, conversation_id, "yes", "refused")).toMatchObject({ seq: 1, duplicate: false });
  });

  it("[IDEM-1] do not take back what was stored: a repeat gets the first ack", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const first = await send(alice, conversation_id, "before", "m");
    await env.CONVERSATIONS.getByName(conversation_id).setBlock(bob.user_id, true);
    await step();
    expect(await send(alice, conversation_id, "before", "m")).toEqual({ ...first, duplicate: true });
  });

  it("[LIM-2] write nothing where there is no such conversation, or it is a group", async () => {
    const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
    const made_up = newId();
    await env.CONVERSATIONS.getByName(made_up).setBlock(alice.user_id, true);
    await step();
    expect(await tablesOf(made_up)).toEqual([]);
    const conversation_id = await group(alice, bob, carol);
    await env.CONVERSATIONS.getByName(conversation_id).setBlock(bob.user_id, true);
    await step();
    expect(await send(alice, conversation_id, "still")).toMatchObject({ seq: 1 });
    const pair = await oneOnOne(alice, bob);
    await env.CONVERSATIONS.getByName(pair).setBlock(carol.user_id, true);
    await step();
    expect(await send(alice, pair, "still")).toMatchObject({ seq: 1 });
  });
});
