import { describe, expect, it } from "vitest";
import { conversationSchema } from "../../src/protocol/conversation.ts";
import { historyPageSchema, type Message, messageSchema } from "../../src/protocol/message.ts";
import { call, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";

const UNKNOWN = "01890000-0000-7000-8000-000000000000";

const [ada, bob, cem, eve] = await Promise.all([
  registerUser(),
  registerUser(),
  registerUser(),
  registerUser(),
]);

function post(who: SignedIn, path: string, body: unknown): Promise<Response> {
  return call("POST", `/api/conversations${path}`, { token: who.access_token, body });
}

async function begin(who: SignedIn, body: object): Promise<string> {
  return (await read(await post(who, "", body), 201, conversationSchema)).conversation_id;
}

async function send(who: SignedIn, conversation_id: string, content: string): Promise<Message> {
  const draft = { content, client_message_id: crypto.randomUUID(), metadata: { colour: "red" } };
  return read(await post(who, `/${conversation_id}/messages`, draft), 201, messageSchema);
}

function forward(
  who: SignedIn,
  { conversation_id, message_id }: Pick<Message, "conversation_id" | "message_id">,
  to: string,
  client_message_id = "f-1",
): Promise<Response> {
  const path = `/${conversation_id}/messages/${message_id}/forward`;
  return post(who, path, { conversation_id: to, client_message_id });
}

async function historyOf(who: SignedIn, conversation_id: string): Promise<Message[]> {
  const answer = await call("GET", `/api/conversations/${conversation_id}/messages`, {
    token: who.access_token,
  });
  return (await read(answer, 200, historyPageSchema)).items;
}

const withBob = await begin(ada, { type: "one_on_one", participant_id: bob.user.user_id });
const withCem = await begin(ada, { type: "one_on_one", participant_id: cem.user.user_id });
const bobAndCem = await begin(bob, { type: "one_on_one", participant_id: cem.user.user_id });

describe("forwarding", () => {
  it("[IDEM-1] sends what a message says into another conversation, once", async () => {
    const original = await send(bob, withBob, "have you heard?");
    const sent = await read(await forward(ada, original, withCem), 201, messageSchema);
    expect(sent).toMatchObject({
      conversation_id: withCem,
      sender_id: ada.user.user_id,
      content: "have you heard?",
      metadata: { colour: "red" },
      client_message_id: "f-1",
      forwarded_from: { user_id: bob.user.user_id, created_at: original.created_at },
    });
    expect(await read(await forward(ada, original, withCem), 200, messageSchema)).toEqual(sent);
    expect(await historyOf(cem, withCem)).toEqual([sent]);
  });

  it("names who wrote it first when it is passed on once more", async () => {
    const original = await send(ada, withBob, "pass it on");
    const first = await read(await forward(bob, original, bobAndCem, "f-2"), 201, messageSchema);
    const next = await read(await forward(cem, first, withCem, "f-3"), 201, messageSchema);
    expect(next).toMatchObject({
      sender_id: cem.user.user_id,
      forwarded_from: { user_id: ada.user.user_id, created_at: original.created_at },
    });
  });

  it("[SEC-2] is only for who may read the one and write in the other", async () => {
    const original = await send(bob, withBob, "secret");
    expect(await problemOf(await forward(eve, original, withCem))).toBe("404 conversation_not_found");
    const unknown = { conversation_id: UNKNOWN, message_id: original.message_id };
    expect(await problemOf(await forward(eve, unknown, withCem))).toBe("404 conversation_not_found");
    expect(await problemOf(await forward(ada, original, bobAndCem))).toBe("404 conversation_not_found");
    expect(await problemOf(await forward(ada, original, UNKNOWN))).toBe("404 conversation_not_found");
    // A message of another conversation is none of this one.
    const elsewhere = { conversation_id: withCem, message_id: original.message_id };
    expect(await problemOf(await forward(ada, elsewhere, withBob))).toBe("404 not_found");
  });

  it("[CONV-5] is not for what was said before one came, or after one has left", async () => {
    const participants = [bob.user.user_id, cem.user.user_id];
    const team = await begin(ada, { type: "group", name: "Team", participant_ids: participants });
    const before = await send(ada, team, "before");
    await post(ada, `/${team}/members`, { user_ids: [eve.user.user_id] });
    const withEve = await begin(ada, { type: "one_on_one", participant_id: eve.user.user_id });
    expect(await problemOf(await forward(eve, before, withEve))).toBe("404 not_found");
    const after = await send(ada, team, "after");
    expect((await forward(eve, after, withEve)).status).toBe(201);
    const leave = `/api/conversations/${team}/members/${eve.user.user_id}`;
    expect((await call("DELETE", leave, { token: eve.access_token })).status).toBe(204);
    expect(await problemOf(await forward(eve, after, withEve, "f-2"))).toBe("404 conversation_not_found");
  });

  it("is not for what was deleted, or for what happened to a group", async () => {
    const original = await send(ada, withBob, "oops");
    const path = `/api/conversations/${withBob}/messages/${original.message_id}`;
    const edited = await call("PUT", path, { token: ada.access_token, body: { content: "ooops" } });
    expect(edited.status).toBe(200);
    await call("DELETE", path, { token: ada.access_token });
    expect(await problemOf(await forward(ada, original, withCem, "f-4"))).toBe("404 not_found");
    const participants = [bob.user.user_id, cem.user.user_id];
    const team = await begin(ada, { type: "group", name: "Team", participant_ids: participants });
    await call("PUT", `/api/conversations/${team}`, { token: ada.access_token, body: { name: "Crew" } });
    const [event] = await historyOf(ada, team);
    if (!event) throw new Error("renaming is shown");
    expect(await problemOf(await forward(ada, event, withCem, "f-5"))).toBe("404 not_found");
  });

  it.each([
    {},
    { conversation_id: UNKNOWN },
    { client_message_id: "x" },
    { conversation_id: "x", client_message_id: "x" },
    { conversation_id: UNKNOWN, client_message_id: "a b" },
  ])("[SEND-4] is refused when the request does not fit: %j", async (body) => {
    const { conversation_id, message_id } = await send(bob, withBob, "x");
    const path = `/${conversation_id}/messages/${message_id}/forward`;
    expect(await problemOf(await post(ada, path, body))).toBe("400 invalid_request");
    expect(await problemOf(await post(ada, `/${conversation_id}/messages/x/forward`, body))).toBe(
      "404 not_found",
    );
  });
});
