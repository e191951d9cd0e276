import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { conversationSchema, memberSchema } from "../../src/protocol/conversation.ts";
import { historyPageSchema, messageSchema } from "../../src/protocol/message.ts";
import { pageSchema } from "../../src/protocol/page.ts";
import { userSchema } from "../../src/protocol/user.ts";
import { call, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";

const UNKNOWN = "01890000-0000-7000-8000-000000000000";

const [ada, bob, cem, eve] = await Promise.all([
  registerUser(),
  registerUser(),
  registerUser(),
  registerUser(),
]);

function ask(who: SignedIn, method: string, path: string, body?: unknown): Promise<Response> {
  return call(method, `/api${path}`, { token: who.access_token, ...(body !== undefined && { body }) });
}

const id = (who: SignedIn) => who.user.user_id;

/** A group of Ada's with Bob and Cem. */
async function newGroup(): Promise<string> {
  const body = { type: "group", name: "Team", participant_ids: [id(bob), id(cem)] };
  return (await read(await ask(ada, "POST", "/conversations", body), 201, conversationSchema))
    .conversation_id;
}

async function say(who: SignedIn, group: string, content: string): Promise<string> {
  const body = { client_message_id: crypto.randomUUID(), content };
  const answer = await ask(who, "POST", `/conversations/${group}/messages`, body);
  return (await read(answer, 201, messageSchema)).message_id;
}

async function setRole(who: SignedIn, group: string, target: SignedIn, role: string): Promise<Response> {
  return ask(who, "PATCH", `/conversations/${group}/members/${id(target)}`, { role });
}

/** Status and code of a refusal, or the status. */
async function codeOf(answer: Response): Promise<string> {
  if (answer.status >= 400) return problemOf(answer);
  await answer.text();
  return String(answer.status);
}

/** The group as D1 knows it. */
async function directoryOf(group: string) {
  const { results: members } = await env.DB.prepare(
    "SELECT user_id, role FROM conversation_members WHERE conversation_id = ? ORDER BY user_id",
  )
    .bind(group)
    .all<{ user_id: string; role: string }>();
  const conversation = await env.DB.prepare("SELECT name FROM conversations WHERE conversation_id = ?")
    .bind(group)
    .first<{ name: string }>();
  return {
    name: conversation?.name,
    members: Object.fromEntries(members.map((row) => [row.user_id, row.role])),
  };
}

/** Everything that changes a group, by method and path. */
function everyChange(group: string): readonly (readonly [string, string, unknown?])[] {
  return [
    ["PUT", `/conversations/${group}`, { name: "Mine" }],
    ["DELETE", `/conversations/${group}`],
    ["POST", `/conversations/${group}/members`, { user_ids: [id(eve)] }],
    ["PATCH", `/conversations/${group}/members/${id(bob)}`, { role: "admin" }],
    ["DELETE", `/conversations/${group}/members/${id(bob)}`],
    ["DELETE", `/conversations/${group}/members/${id(ada)}`],
  ];
}

/** Everything one can ask of a group and its messages, by method and path. */
function everyRoute(group: string, message_id: string): readonly (readonly [string, string, unknown?])[] {
  const message = `/conversations/${group}/messages/${message_id}`;
  return [
    ["GET", `/conversations/${group}`],
    ["PUT", `/conversations/${group}`, { name: "Mine" }],
    ["DELETE", `/conversations/${group}`],
    ["GET", `/conversations/${group}/members`],
    ["POST", `/conversations/${group}/members`, { user_ids: [id(eve)] }],
    ["PATCH", `/conversations/${group}/members/${id(eve)}`, { role: "owner" }],
    ["PATCH", `/conversations/${group}/members/${id(bob)}`, { role: "owner" }],
    ["DELETE", `/conversations/${group}/members/${id(bob)}`],
    ["DELETE", `/conversations/${group}/members/${id(eve)}`],
    ["GET", `/conversations/${group}/invites`],
    ["POST", `/conversations/${group}/invites`, {}],
    ["DELETE", `/conversations/${group}/invites/${"a".repeat(64)}`],
    ["GET", `/conversations/${group}/messages`],
    ["POST", `/conversations/${group}/messages`, { client_message_id: "c", content: "x" }],
    ["PUT", message, { content: "x" }],
    ["DELETE", message],
    ["PUT", `${message}/reactions/%F0%9F%91%8D`],
    ["DELETE", `${message}/reactions/%F0%9F%91%8D`],
    ["PUT", `${message}/pin`],
    ["DELETE", `${message}/pin`],
    ["GET", `${message}/receipts`],
    ["GET", `/conversations/${group}/pins`],
    ["POST", `/conversations/${group}/read`, { seq: 1 }],
    ["POST", `/messages/${message_id}/read`, { conversation_id: group }],
  ];
}

/** What the answers to every route are, without what differs by chance. */
async function answersTo(who: SignedIn, group: string, message_id: string): Promise<string[]> {
  const answers: string[] = [];
  for (const [method, path, body] of everyRoute(group, message_id)) {
    const answer = await ask(who, method, path, body);
    const text = (await answer.text()).replace(/"request_id":"[^"]*"/, "");
    answers.push(`${method} ${answer.status} ${text}`);
  }
  return answers;
}

describe("who is not a member", () => {
  it("[SEC-2] [CONV-4] gets the same answer for a group that is there, was left, was deleted, or never was", async () => {
    const group = await newGroup();
    const message_id = await say(bob, group, "hello");
    const left = await newGroup();
    const in_left = await say(bob, left, "hello");
    expect((await ask(bob, "DELETE", `/conversations/${left}/members/${id(bob)}`)).status).toBe(204);
    const deleted = await newGroup();
    const in_deleted = await say(bob, deleted, "hello");
    expect((await ask(ada, "DELETE", `/conversations/${deleted}`)).status).toBe(204);
    const never = await answersTo(eve, UNKNOWN, UNKNOWN);
    for (const answer of never) expect(answer).toContain("conversation_not_found");
    expect(await answersTo(eve, group, message_id)).toEqual(never);
    expect(await answersTo(bob, left, in_left)).toEqual(never);
    expect(await answersTo(ada, deleted, in_deleted)).toEqual(never);
    expect(await answersTo(eve, deleted, in_deleted)).toEqual(never);
    const { items } = await read(
      await ask(ada, "GET", `/conversations/${group}/messages`),
      200,
      historyPageSchema,
    );
    expect(items.map(({ content }) => content)).toEqual(["hello"]);
  });

  it("[SEC-2] learns nothing from ids that are none", async () => {
    for (const path of [
      "/conversations/x",
      "/conversations/x/members",
      "/conversations/x/invites",
      "/conversations/x/pins",
    ])
      expect(await codeOf(await ask(eve, "GET", path))).toMatch(/^404 /);
    const group = await newGroup();
    expect(await codeOf(await ask(ada, "DELETE", `/conversations/${group}/members/x`))).toMatch(/^404 /);
    expect(
      await codeOf(await ask(ada, "PUT", `/conversations/${group}/messages/x`, { content: "x" })),
    ).toMatch(/^404 /);
  });

  it("needs a token, like everybody", async () => {
    const group = await newGroup();
    for (const [method, path, body] of everyRoute(group, UNKNOWN)) {
      const answer = await call(method, `/api${path}`, body === undefined ? {} : { body });
      expect(await codeOf(answer)).toBe("401 unauthenticated");
    }
  });
});

describe("groups over HTTP", () => {
  it("[CONV-3] change as their admins say, and the directory follows", async () => {
    const group = await newGroup();
    await expect
      .poll(() => directoryOf(group))
      .toMatchObject({
        members: { [id(ada)]: "owner", [id(bob)]: "member", [id(cem)]: "member" },
      });
    expect((await setRole(ada, group, bob, "admin")).status).toBe(200);
    const update = { name: "  New   name ", description: "We", avatar_url: "https://example.org/a.png" };
    const renamed = await read(
      await ask(bob, "PUT", `/conversations/${group}`, update),
      200,
      conversationSchema,
    );
    expect(renamed).toMatchObject({
      description: "We",
      avatar_url: "https://example.org/a.png",
      role: "admin",
    });
    const added = await ask(bob, "POST", `/conversations/${group}/members`, {
      user_ids: [id(eve), id(eve), id(cem)],
    });
    expect(await read(added, 200, conversationSchema)).toMatchObject({ member_count: 4 });
    expect((await ask(bob, "DELETE", `/conversations/${group}/members/${id(cem)}`)).status).toBe(204);
    await expect
      .poll(() => directoryOf(group))
      .toEqual({
        name: renamed.name,
        members: { [id(ada)]: "owner", [id(bob)]: "admin", [id(eve)]: "member" },
      });
    const { items } = await read(
      await ask(eve, "GET", `/conversations/${group}/members`),
      200,
      pageSchema(memberSchema),
    );
    expect(items.map(({ user_id }) => user_id).sort()).toEqual([id(ada), id(bob), id(eve)].sort());
    expect((await ask(ada, "DELETE", `/conversations/${group}`)).status).toBe(204);
    await expect.poll(() => directoryOf(group)).toMatchObject({ members: {} });
  });

  it("[LIM-1] change within the limits of who asks", async () => {
    const group = await newGroup();
    const before = await read(await ask(ada, "GET", `/conversations/${group}`), 200, conversationSchema);
    const cause = { code: "rate_limited", message: "", retry_after_ms: 100 } as const;
    const change = vi
      .spyOn(UserObject.prototype, "changeGroup")
      .mockResolvedValue({ ok: false, refusal: cause });
    for (const [method, path, body] of everyChange(group))
      expect(await problemOf(await ask(ada, method, path, body)), path).toBe("429 rate_limited");
    change.mockRestore();
    const after = await read(await ask(ada, "GET", `/conversations/${group}`), 200, conversationSchema);
    expect(after).toEqual(before);
  });

  it("the directory follows the last of several changes, though they come while one is on its way", async () => {
    const group = await newGroup();
    const names = Array.from({ length: 8 }, (_, index) => `Name ${index}`);
    await Promise.all(names.map((name) => ask(ada, "PUT", `/conversations/${group}`, { name })));
    const { name } = await read(await ask(ada, "GET", `/conversations/${group}`), 200, conversationSchema);
    await expect.poll(async () => (await directoryOf(group)).name).toBe(name);
  });

  it("[CONV-3] are refused what a role does not allow, on every path to it", async () => {
    const group = await newGroup();
    await setRole(ada, group, bob, "admin");
    const as_admin: readonly (readonly [string, string, unknown?])[] = [
      ["PATCH", `/conversations/${group}/members/${id(bob)}`, { role: "owner" }],
      ["PATCH", `/conversations/${group}/members/${id(cem)}`, { role: "admin" }],
      ["PATCH", `/conversations/${group}/members/${id(ada)}`, { role: "member" }],
      ["DELETE", `/conversations/${group}/members/${id(ada)}`],
      ["DELETE", `/conversations/${group}`],
    ];
    const as_member = [
      ...as_admin,
      ["PUT", `/conversations/${group}`, { history_visible: true }],
      ["POST", `/conversations/${group}/members`, { user_ids: [id(eve)] }],
      ["DELETE", `/conversations/${group}/members/${id(bob)}`],
      ["GET", `/conversations/${group}/invites`],
      ["POST", `/conversations/${group}/invites`, {}],
      ["PUT", `/conversations/${group}/messages/${await say(ada, group, "x")}/pin`],
    ] as const;
    for (const [method, path, body] of as_admin)
      expect(await codeOf(await ask(bob, method, path, body))).toBe("403 forbidden");
    for (const [method, path, body] of as_member)
      expect(await codeOf(await ask(cem, method, path, body))).toBe("403 forbidden");
    // Nor does a body say who one is.
    const disguised = { role: "owner", user_id: id(ada), sender_id: id(ada), created_by: id(ada) };
    expect(await codeOf(await ask(cem, "PUT", `/conversations/${group}`, { ...disguised, name: "x" }))).toBe(
      "403 forbidden",
    );
    const added = await ask(bob, "POST", `/conversations/${group}/members`, {
      user_ids: [id(eve)],
      role: "owner",
    });
    expect(added.status).toBe(200);
    expect(await codeOf(await ask(eve, "DELETE", `/conversations/${group}/members/${id(cem)}`))).toBe(
      "403 forbidden",
    );
  });

  it("[CONV-3] keep an owner when two leave or demote each other at once", async () => {
    for (const race of [
      (group: string) => [
        ask(ada, "DELETE", `/conversations/${group}/members/${id(ada)}`),
        ask(bob, "DELETE", `/conversations/${group}/members/${id(bob)}`),
      ],
      (group: string) => [setRole(ada, group, bob, "member"), setRole(bob, group, ada, "member")],
      (group: string) => [setRole(ada, group, ada, "admin"), setRole(bob, group, bob, "admin")],
      (group: string) => [
        ask(ada, "DELETE", `/conversations/${group}/members/${id(bob)}`),
        ask(bob, "DELETE", `/conversations/${group}/members/${id(ada)}`),
      ],
    ]) {
      const group = await newGroup();
      await setRole(ada, group, bob, "owner");
      const codes = (await Promise.all(race(group).map(async (answer) => codeOf(await answer)))).sort();
      expect(["200", "204"]).toContain(codes[0]);
      expect(["403 forbidden", "404 conversation_not_found", "409 last_owner"]).toContain(codes[1]);
      const { items } = await read(
        await ask(cem, "GET", `/conversations/${group}/members`),
        200,
        pageSchema(memberSchema),
      );
      expect(items.filter(({ role }) => role === "owner")).toHaveLength(1);
    }
  });

  it("[CONV-2] take nobody who does not exist, and no more than there is room for", async () => {
    const group = await newGroup();
    const add = (user_ids: unknown) => ask(ada, "POST", `/conversations/${group}/members`, { user_ids });
    expect(await codeOf(await add([id(eve), UNKNOWN]))).toBe("404 not_found");
    const crowd = Array.from(
      { length: 10_000 },
      (_, index) => `01890000-0000-7000-8000-${String(index).padStart(12, "0")}`,
    );
    expect(await codeOf(await add(crowd))).toBe("404 not_found");
    expect(await codeOf(await add([...crowd, UNKNOWN.replace(/0$/, "f")]))).toBe("400 invalid_request");
    const existing = await env.DB.prepare("SELECT * FROM users WHERE user_id = ?").bind(id(eve)).first();
    if (!existing) throw new Error("she is there");
    const columns = Object.keys(existing);
    const copies = columns.map((column) => {
      if (column === "user_id") return "value";
      return column.endsWith("_key") || column === "username" || column === "email"
        ? "'copy ' || value"
        : column;
    });
    await env.DB.prepare(
      `INSERT INTO users (${columns.join(", ")}) SELECT ${copies.join(", ")} FROM json_each(?), users WHERE user_id = ?`,
    )
      .bind(JSON.stringify(crowd), id(eve))
      .run();
    expect(await codeOf(await add(crowd))).toBe("409 group_full");
    for (const wrong of [[], "x", [1], ["x"], null, undefined, {}])
      expect(await codeOf(await add(wrong))).toBe("400 invalid_request");
    expect(
      await read(await ask(ada, "GET", `/conversations/${group}`), 200, conversationSchema),
    ).toMatchObject({
      member_count: 3,
      head_seq: 0,
    });
  });

  it("refuse names, roles and settings that are none", async () => {
    const group = await newGroup();
    for (const body of [
      { name: "" },
      { name: " " },
      { name: "x".repeat(101) },
      { name: null },
      { description: "x".repeat(1001) },
      { avatar_url: "http://example.org" },
      { avatar_url: "javascript:alert(1)" },
      { history_visible: "yes" },
      [],
      "x",
    ])
      expect(await codeOf(await ask(ada, "PUT", `/conversations/${group}`, body))).toBe(
        "400 invalid_request",
      );
    for (const role of ["king", "", null, 1, ["owner"]]) {
      const answer = await ask(ada, "PATCH", `/conversations/${group}/members/${id(bob)}`, { role });
      expect(await codeOf(answer)).toBe("400 invalid_request");
    }
    expect(await codeOf(await ask(ada, "PUT", `/conversations/${group}`, {}))).toBe("200");
    const { head_seq } = await read(
      await ask(ada, "GET", `/conversations/${group}`),
      200,
      conversationSchema,
    );
    expect(head_seq).toBe(0);
  });

  it("find their members by any of their names, for members alone [SEC-2]", async () => {
    const mei = await registerUser({ username: "okapi_mei", display_name: "Mei Wang-Okapi" });
    const max = await registerUser({ username: "max_77", display_name: "Max Okapi" });
    await registerUser({ username: "okapi_stranger" });
    const body = { type: "group", name: "Team", participant_ids: [id(mei), id(max)] };
    const { conversation_id } = await read(
      await ask(ada, "POST", "/conversations", body),
      201,
      conversationSchema,
    );
    const find = (who: SignedIn, q: string, more = "") =>
      ask(who, "GET", `/users?q=${encodeURIComponent(q)}&conversation_id=${conversation_id}${more}`);
    const found = async (q: string, more = "") =>
      (await read(await find(ada, q, more), 200, pageSchema(userSchema))).items.map(
        ({ username }) => username,
      );
    await expect.poll(() => found("oka")).toEqual(["max_77", "okapi_mei"]);
    expect(await found("OKAPI", "&limit=1")).toEqual(["max_77"]);
    expect(await found("wang")).toEqual(["okapi_mei"]);
    expect(await found("apia")).toEqual([]);
    expect(await found("%")).toEqual([]);
    expect(await codeOf(await find(bob, "oka"))).toBe("404 conversation_not_found");
    // Who is none any more is not found, nor finds anybody.
    await ask(ada, "DELETE", `/conversations/${conversation_id}/members/${id(max)}`);
    await expect.poll(() => found("oka")).toEqual(["okapi_mei"]);
    expect(await codeOf(await find(max, "oka"))).toBe("404 conversation_not_found");
  });
});
