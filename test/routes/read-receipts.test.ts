import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { conversationSchema, memberSchema } from "../../src/protocol/conversation.ts";
import { messageSchema, receiptsSchema } from "../../src/protocol/message.ts";
import { pageSchema } from "../../src/protocol/page.ts";
import { call, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";

const [ada, bob] = await Promise.all([registerUser(), registerUser()]);

function post(who: SignedIn, path: string, body: unknown): Promise<Response> {
  return call("POST", `/api/conversations${path}`, { token: who.access_token, body });
}

const begun = await post(ada, "", { type: "one_on_one", participant_id: bob.user.user_id });
const { conversation_id } = await read(begun, 201, conversationSchema);
const draft = { content: "hi", client_message_id: "m-1" };
const { message_id } = await read(await post(ada, `/${conversation_id}/messages`, draft), 201, messageSchema);
await post(bob, `/${conversation_id}/read`, { seq: 1 });
const base = `/api/conversations/${conversation_id}`;

function get(who: SignedIn, path: string): Promise<Response> {
  return call("GET", `${base}${path}`, { token: who.access_token });
}

async function setReceipts(who: SignedIn, read_receipts: boolean, version: number): Promise<void> {
  const chosen = { read_receipts, last_seen: "friends", who_may_write: "everyone", version } as const;
  await env.USERS.getByName(who.user.user_id).setPrivacy(chosen);
}

/** What Ada sees of Bob's reading. */
async function seenByAda(): Promise<[number, number | undefined]> {
  const receipts = await read(await get(ada, `/messages/${message_id}/receipts`), 200, receiptsSchema);
  const members = await read(await get(ada, "/members"), 200, pageSchema(memberSchema));
  const bobs = members.items.find(({ user_id }) => user_id === bob.user.user_id);
  return [receipts.read.length, bobs?.read_seq];
}

describe("receipts over HTTP", () => {
  it("[DLV-6] are not for who gives none, though its conversation has not heard of the choice", async () => {
    expect(await seenByAda()).toEqual([1, 1]);
    await setReceipts(ada, false, 1);
    expect(await seenByAda()).toEqual([0, 0]);
    await setReceipts(ada, true, 2);
    expect(await seenByAda()).toEqual([1, 1]);
  });

  it("[SEC-1] are not shown to a session that has ended", async () => {
    const guest = await registerUser();
    await call("POST", "/api/auth/logout", { token: guest.access_token });
    for (const path of ["/members", `/messages/${message_id}/receipts`])
      expect(await problemOf(await get(guest, path))).toBe("401 session_revoked");
  });
});
