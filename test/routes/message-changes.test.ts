import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { conversationSchema } from "../../src/protocol/conversation.ts";
import { historyPageSchema, messageSchema } from "../../src/protocol/message.ts";
import { call, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";

const [ada, bob] = await Promise.all([registerUser(), registerUser()]);

function ask(who: SignedIn, method: string, path: string, body?: unknown): Promise<Response> {
  return call(method, `/api${path}`, { token: who.access_token, ...(body !== undefined && { body }) });
}

const talk = { type: "one_on_one", participant_id: bob.user.user_id };
const { conversation_id } = await read(
  await ask(ada, "POST", "/conversations", talk),
  201,
  conversationSchema,
);
const base = `/conversations/${conversation_id}/messages`;

async function say(who: SignedIn, content: string) {
  const body = { client_message_id: crypto.randomUUID(), content };
  return read(await ask(who, "POST", base, body), 201, messageSchema);
}

async function newest(who: SignedIn) {
  const { items } = await read(await ask(who, "GET", `${base}?limit=1`), 200, historyPageSchema);
  return items[0];
}

describe("changing messages over HTTP", () => {
  it("edits and deletes one's own, and nobody else's in a conversation of two", async () => {
    const { message_id } = await say(ada, "frist");
    const path = `${base}/${message_id}`;
    const edited = await read(await ask(ada, "PUT", path, { content: "first" }), 200, messageSchema);
    expect(edited).toMatchObject({ content: "first", message_id });
    expect(await problemOf(await ask(bob, "PUT", path, { content: "mine" }))).toBe("403 forbidden");
    expect(await problemOf(await ask(bob, "DELETE", path))).toBe("403 forbidden");
    for (const time of ["first", "again"]) expect((await ask(ada, "DELETE", path)).status, time).toBe(204);
    expect(await newest(bob)).toMatchObject({ message_id, content: "" });
    expect(await problemOf(await ask(bob, "DELETE", path))).toBe("403 forbidden");
  });

  it("[LIM-1] changes within the limits of who asks", async () => {
    const said = await say(ada, "first");
    const path = `${base}/${said.message_id}`;
    const cause = { code: "rate_limited", message: "", retry_after_ms: 100 } as const;
    const change = vi
      .spyOn(UserObject.prototype, "changeMessage")
      .mockResolvedValue({ ok: false, refusal: cause });
    for (const [method, place, body] of [
      ["PUT", path, { content: "second" }],
      ["DELETE", path],
      ["PUT", `${path}/reactions/👍`],
      ["DELETE", `${path}/reactions/👍`],
      ["PUT", `${path}/pin`],
      ["DELETE", `${path}/pin`],
    ] as const)
      expect(await problemOf(await ask(ada, method, place, body))).toBe("429 rate_limited");
    const admit = vi.spyOn(UserObject.prototype, "admit").mockResolvedValue(cause);
    expect(await problemOf(await ask(ada, "DELETE", `${path}?for=me`))).toBe("429 rate_limited");
    for (const spy of [change, admit]) spy.mockRestore();
    expect(await newest(ada)).toEqual(said);
  });

  it("reacts with an emoji in the path, as one writes it or as it is encoded", async () => {
    const { message_id } = await say(ada, "x");
    const reactions = `${base}/${message_id}/reactions`;
    for (const emoji of [
      "👍",
      "%F0%9F%8E%89",
      encodeURIComponent("👨‍👩‍👧‍👦"),
      encodeURIComponent("1️⃣"),
      "%E2%9D%A4",
    ])
      expect((await ask(bob, "PUT", `${reactions}/${emoji}`)).status).toBe(200);
    const message = await newest(ada);
    expect(message?.reactions.map(({ emoji }) => emoji).sort()).toEqual(
      ["1️⃣", "❤️", "🎉", "👍", "👨‍👩‍👧‍👦"].sort(),
    );
    const gone = await ask(bob, "DELETE", `${reactions}/%E2%9D%A4%EF%B8%8F`);
    expect((await read(gone, 200, messageSchema)).reactions).toHaveLength(4);
    for (const none of ["x", "%20", "1", "%F0%9F", "%00", "..%2F", "👍👍", "x".repeat(200)]) {
      const answer = await ask(bob, "PUT", `${reactions}/${none}`);
      expect(await problemOf(answer), none).toMatch(/^(400 invalid_request|404 not_found)$/);
    }
  });

  it("pins for both of two, and lists what is pinned", async () => {
    const { message_id } = await say(ada, "x");
    expect((await ask(bob, "PUT", `${base}/${message_id}/pin`)).status).toBe(200);
    const items = z.object({ items: z.array(messageSchema) });
    const pins = async (who: SignedIn) =>
      (await read(await ask(who, "GET", `/conversations/${conversation_id}/pins`), 200, items)).items;
    expect(await pins(ada)).toMatchObject([{ message_id }]);
    expect((await ask(ada, "DELETE", `${base}/${message_id}/pin`)).status).toBe(200);
    expect(await pins(bob)).toEqual([]);
  });

  it("refuses texts that are none", async () => {
    const { message_id } = await say(ada, "x");
    for (const body of [
      {},
      { content: "" },
      { content: 1 },
      { content: "a\u0000" },
      { content: "x", metadata: 1 },
      [],
    ])
      expect(await problemOf(await ask(ada, "PUT", `${base}/${message_id}`, body))).toBe(
        "400 invalid_request",
      );
    const long = { content: "x".repeat(100_001) };
    expect(await problemOf(await ask(ada, "PUT", `${base}/${message_id}`, long))).toBe(
      "413 message_too_long",
    );
    expect(await newest(ada)).toMatchObject({ content: "x", edited_at: null });
  });
});
