import { describe, expect, it } from "vitest";
import { conversationSchema } from "../../src/protocol/conversation.ts";
import { historyPageSchema, messageSchema } from "../../src/protocol/message.ts";
import { call, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";

const UNKNOWN = "01890000-0000-7000-8000-000000000000";
const [ada, bob, cem, eve] = await Promise.all([
  registerUser(),
  registerUser(),
  registerUser(),
  registerUser(),
]);

const group = { type: "group", name: "Team", participant_ids: [bob.user.user_id, cem.user.user_id] };
const created = await call("POST", "/api/conversations", { token: ada.access_token, body: group });
const { conversation_id } = await read(created, 201, conversationSchema);
const base = `/api/conversations/${conversation_id}`;

async function say(who: SignedIn, content: string): Promise<string> {
  const body = { content, client_message_id: crypto.randomUUID() };
  const answer = await call("POST", `${base}/messages`, { token: who.access_token, body });
  return (await read(answer, 201, messageSchema)).message_id;
}

function deleteFor(whom: string, who: SignedIn, message_id: string, of = conversation_id) {
  const path = `/api/conversations/${of}/messages/${message_id}?for=${whom}`;
  return call("DELETE", path, { token: who.access_token });
}

async function shown(who: SignedIn): Promise<string[]> {
  const answer = await call("GET", `${base}/messages`, { token: who.access_token });
  const { items } = await read(answer, 200, historyPageSchema);
  return items.map((message) => message.event?.change ?? message.content);
}

describe("deleting a message for oneself", () => {
  it("takes away anybody's message, and from nobody else", async () => {
    const [mine, theirs] = [await say(bob, "mine"), await say(ada, "theirs")];
    expect((await deleteFor("me", bob, theirs)).status).toBe(204);
    expect((await deleteFor("me", bob, theirs)).status).toBe(204);
    expect(await shown(bob)).toEqual(["mine"]);
    expect((await deleteFor("me", bob, mine)).status).toBe(204);
    expect(await shown(bob)).toEqual([]);
    expect(await shown(cem)).toEqual(["mine", "theirs"]);
    const forward = { conversation_id, client_message_id: "f" };
    const path = `${base}/messages/${mine}/forward`;
    expect(await problemOf(await call("POST", path, { token: bob.access_token, body: forward }))).toBe(
      "404 not_found",
    );
  });

  it("without a word of it, deletes for everybody", async () => {
    const message_id = await say(ada, "oops");
    const path = `${base}/messages/${message_id}`;
    expect(await problemOf(await deleteFor("everybody", bob, message_id))).toBe("403 forbidden");
    expect((await call("DELETE", path, { token: ada.access_token })).status).toBe(204);
    expect(await shown(cem)).toEqual(["mine", "theirs", ""]);
  });

  it("[SEC-2] is refused where there is nothing to hide, alike for strangers", async () => {
    const message_id = await say(ada, "secret");
    for (const whom of ["nobody", ""])
      expect(await problemOf(await deleteFor(whom, bob, message_id))).toBe("400 invalid_request");
    expect(await problemOf(await deleteFor("me", bob, UNKNOWN))).toBe("404 not_found");
    expect(await problemOf(await deleteFor("me", bob, "x"))).toBe("404 not_found");
    expect(await problemOf(await deleteFor("me", eve, message_id))).toBe("404 conversation_not_found");
    expect(await problemOf(await deleteFor("me", eve, message_id, UNKNOWN))).toBe(
      "404 conversation_not_found",
    );
    await call("PUT", base, { token: ada.access_token, body: { name: "Crew" } });
    const answer = await call("GET", `${base}/messages?limit=1`, { token: bob.access_token });
    const [event] = (await read(answer, 200, historyPageSchema)).items;
    expect(event?.message_type).toBe("system");
    expect(await problemOf(await deleteFor("me", bob, event?.message_id ?? ""))).toBe("404 not_found");
    const leave = `${base}/members/${cem.user.user_id}`;
    expect((await call("DELETE", leave, { token: cem.access_token })).status).toBe(204);
    expect(await problemOf(await deleteFor("me", cem, message_id))).toBe("404 conversation_not_found");
  });
});
