import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { conversationSchema } from "../../src/protocol/conversation.ts";
import { invitePreviewSchema, inviteSchema } from "../../src/protocol/invite.ts";
import { messageSchema } from "../../src/protocol/message.ts";
import { call, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";

const [ada, bob, cem, eve, fay] = await Promise.all([
  registerUser(),
  registerUser(),
  registerUser(),
  registerUser(),
  registerUser(),
]);

function ask(who: SignedIn, method: string, path: string, body?: unknown): Promise<Response> {
  return call(method, `/api${path}`, { token: who.access_token, ...(body !== undefined && { body }) });
}

async function newGroup(): Promise<string> {
  const participant_ids = [bob.user.user_id, cem.user.user_id];
  const body = { type: "group", name: "Team", participant_ids };
  return (await read(await ask(ada, "POST", "/conversations", body), 201, conversationSchema))
    .conversation_id;
}

async function invite(group: string, request: object = {}) {
  return read(await ask(ada, "POST", `/conversations/${group}/invites`, request), 201, inviteSchema);
}

const accept = (who: SignedIn, code: string) => ask(who, "POST", `/invites/${code}/accept`);
const preview = (who: SignedIn, code: string) => ask(who, "GET", `/invites/${code}`);

describe("invitations over HTTP", () => {
  it("let somebody in, for a week unless something else is said", async () => {
    const group = await newGroup();
    const made = await invite(group);
    expect(made).toMatchObject({ conversation_id: group, max_uses: null, uses: 0 });
    expect((made.expires_at ?? 0) - made.created_at).toBe(604_800_000);
    expect(await invite(group, { expires_in: null, max_uses: 3 })).toMatchObject({
      expires_at: null,
      max_uses: 3,
    });
    expect(await read(await accept(eve, made.code), 200, conversationSchema)).toMatchObject({
      conversation_id: group,
      role: "member",
      member_count: 4,
    });
    expect((await accept(eve, made.code)).status).toBe(200);
    const list = z.object({ items: z.array(inviteSchema) });
    const { items } = await read(await ask(ada, "GET", `/conversations/${group}/invites`), 200, list);
    expect(items.find(({ code }) => code === made.code)).toMatchObject({ uses: 1 });
    // They can be named by their names from now on.
    const content = `hello @${eve.user.username}`;
    const sent = await ask(ada, "POST", `/conversations/${group}/messages`, {
      client_message_id: "1",
      content,
    });
    expect(await read(sent, 201, messageSchema)).toMatchObject({ mentions: [eve.user.user_id] });
    const history = await (await ask(eve, "GET", `/conversations/${group}/messages`)).text();
    expect(history).toContain(`"mentions":["${eve.user.user_id}"]`);
  });

  it("[LIM-1] are accepted within the limits of who asks", async () => {
    const { code } = await invite(await newGroup());
    const cause = { code: "rate_limited", message: "", retry_after_ms: 100 } as const;
    const join = vi
      .spyOn(UserObject.prototype, "acceptInvite")
      .mockResolvedValue({ ok: false, refusal: cause });
    expect(await problemOf(await accept(eve, code))).toBe("429 rate_limited");
    join.mockRestore();
    expect(await read(await preview(eve, code), 200, invitePreviewSchema)).toMatchObject({
      is_member: false,
    });
  });

  it("show the group before one joins: what it is called, how many are in it, and no more", async () => {
    const group = await newGroup();
    const avatar_url = "https://pictures.example.org/tea.png";
    await ask(ada, "PUT", `/conversations/${group}`, { avatar_url, description: "Not for everybody" });
    const { code } = await invite(group, { max_uses: 1 });
    const shown = { conversation_id: group, name: "Team", avatar_url, member_count: 3, is_member: false };
    const answer = await (await preview(eve, code)).json();
    expect(answer).toEqual(shown);
    expect(invitePreviewSchema.parse(answer)).toEqual(shown);
    // To look is not to use it.
    expect(await read(await preview(eve, code), 200, invitePreviewSchema)).toEqual(shown);
    expect((await accept(eve, code)).status).toBe(200);
    // Used up; but who came in by it may have missed the answer, and asks again.
    expect(await problemOf(await preview(fay, code))).toBe("410 invite_expired");
    const joined = { ...shown, member_count: 4, is_member: true };
    expect(await read(await preview(eve, code), 200, invitePreviewSchema)).toEqual(joined);
    expect(await read(await accept(eve, code), 200, conversationSchema)).toMatchObject({ member_count: 4 });
    expect(await problemOf(await call("GET", `/api/invites/${code}`))).toBe("401 unauthenticated");
  });

  it("[SEC-2] end in one answer, whether they are used up, revoked, over, another's, of no group, or made up", async () => {
    const group = await newGroup();
    const once = await invite(group, { max_uses: 1 });
    const twice = await Promise.all([accept(eve, once.code), accept(fay, once.code)]);
    expect(twice.map(({ status }) => status).sort()).toEqual([200, 410]);
    const revoked = await invite(group);
    expect((await ask(ada, "DELETE", `/conversations/${group}/invites/${revoked.code}`)).status).toBe(204);
    const deleted = await newGroup();
    const of_deleted = await invite(deleted);
    await ask(ada, "DELETE", `/conversations/${deleted}`);
    const outsider = await registerUser();
    const texts = new Set<string>();
    for (const code of [
      once.code,
      revoked.code,
      of_deleted.code,
      group.replaceAll("-", "") + "0".repeat(32),
      `01890000000070008000000000000000${"0".repeat(32)}`,
      "x",
      "%00",
      once.code.toUpperCase(),
    ]) {
      for (const answer of [await accept(outsider, code), await preview(outsider, code)]) {
        expect(answer.status, code).toBe(410);
        texts.add((await answer.text()).replace(/"request_id":"[^"]*"/, ""));
      }
    }
    expect(texts.size).toBe(1);
  });

  it("[CONV-3] are made, seen and revoked by those who manage the group alone", async () => {
    const group = await newGroup();
    const { code } = await invite(group);
    for (const [method, path] of [
      ["GET", `/conversations/${group}/invites`],
      ["POST", `/conversations/${group}/invites`],
      ["DELETE", `/conversations/${group}/invites/${code}`],
    ] as const) {
      const body = method === "POST" ? {} : undefined;
      expect(await problemOf(await ask(bob, method, path, body))).toBe("403 forbidden");
      expect(await problemOf(await ask(eve, method, path, body))).toBe("404 conversation_not_found");
    }
    const other = await newGroup();
    expect(await problemOf(await ask(ada, "DELETE", `/conversations/${other}/invites/${code}`))).toBe(
      "404 not_found",
    );
    expect(await problemOf(await ask(ada, "DELETE", `/conversations/${group}/invites/x`))).toBe(
      "404 not_found",
    );
    expect((await accept(fay, code)).status).toBe(200);
  });

  it("refuse terms that are none", async () => {
    const group = await newGroup();
    for (const body of [
      { expires_in: 0 },
      { expires_in: -1 },
      { expires_in: 31_536_001 },
      { expires_in: "1" },
      { max_uses: 0 },
      { max_uses: 1.5 },
      { max_uses: 100_001 },
      [],
    ])
      expect(await problemOf(await ask(ada, "POST", `/conversations/${group}/invites`, body))).toBe(
        "400 invalid_request",
      );
  });
});
