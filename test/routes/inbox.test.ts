import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { conversationSchema, inboxRowSchema } from "../../src/protocol/conversation.ts";
import { problemSchema } from "../../src/protocol/errors.ts";
import { pageSchema } from "../../src/protocol/page.ts";
import { call, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";

const UNKNOWN = "01890000-0000-7000-8000-000000000000";

const [ada, bob, cem, eve] = await Promise.all([
  registerUser(),
  registerUser({ display_name: "Bobby Tables" }),
  registerUser({ display_name: "Cem Özgür" }),
  registerUser(),
]);

function talk(who: SignedIn, body: object): Promise<string> {
  return call("POST", "/api/conversations", { token: who.access_token, body })
    .then((answer) => read(answer, 201, conversationSchema))
    .then(({ conversation_id }) => conversation_id);
}

const withBob = await talk(ada, { type: "one_on_one", participant_id: bob.user.user_id });
const withCem = await talk(ada, { type: "one_on_one", participant_id: cem.user.user_id });
const team = await talk(ada, {
  type: "group",
  name: "Table tennis",
  participant_ids: [bob.user.user_id, cem.user.user_id],
});

function put(who: SignedIn, conversation_id: string, body: unknown): Promise<Response> {
  return call("PUT", `/api/conversations/${conversation_id}/settings`, { token: who.access_token, body });
}

async function list(who: SignedIn, query: string): Promise<string[]> {
  const answer = await call("GET", `/api/conversations?${query}`, { token: who.access_token });
  const { items } = await read(answer, 200, pageSchema(inboxRowSchema));
  return items.map((row) => row.conversation_id).sort();
}

afterEach(() => vi.restoreAllMocks());

describe("settings of a conversation", () => {
  it("answer the inbox row, with the peer's profile, and are the caller's own", async () => {
    const row = await read(await put(ada, withBob, { pinned: true, muted_until: 5 }), 200, inboxRowSchema);
    expect(row).toMatchObject({
      conversation_id: withBob,
      peer: { username: bob.user.username },
      pinned: true,
      muted_until: 5,
      archived: false,
    });
    const unmuted = await read(await put(ada, withBob, { muted_until: null }), 200, inboxRowSchema);
    expect(unmuted).toMatchObject({ pinned: true, muted_until: null });
    expect((await read(await put(bob, withBob, {}), 200, inboxRowSchema)).pinned).toBe(false);
  });

  it.each([
    { muted_until: -1 },
    { muted_until: "tomorrow" },
    { notifications: "some" },
    { pinned: 1 },
    { archived: null },
    { marked_unread: "true" },
    [],
    "x",
  ])("are refused when they do not fit: %j", async (body) => {
    expect(await problemOf(await put(ada, withBob, body))).toBe("400 invalid_request");
  });

  it("[SEC-2] a stranger learns nothing, and whoever has left has no row", async () => {
    for (const id of [withBob, UNKNOWN, "nonsense"])
      expect(await problemOf(await put(eve, id, { pinned: true }))).toBe("404 conversation_not_found");
    const others = [cem.user.user_id, eve.user.user_id];
    const left = await talk(bob, { type: "group", name: "Left", participant_ids: others });
    const leave = `/api/conversations/${left}/members/${eve.user.user_id}`;
    expect((await call("DELETE", leave, { token: eve.access_token })).status).toBe(204);
    await expect.poll(() => list(eve, "")).toEqual([]);
    expect(await problemOf(await put(eve, left, { pinned: true }))).toBe("404 conversation_not_found");
  });
});

describe("the list of conversations", () => {
  it("finds groups by their names, and one-on-ones by the peer's user name or display name", async () => {
    expect(await list(ada, "q=TABLE")).toEqual([withBob, team].sort());
    expect(await list(ada, `q=${encodeURIComponent("özg")}`)).toEqual([withCem]);
    expect(await list(ada, `q=${bob.user.username.toUpperCase()}`)).toEqual([withBob]);
    expect(await list(ada, "q=nobody")).toEqual([]);
    // Only among one's own conversations.
    expect(await list(bob, `q=${encodeURIComponent("Cem")}`)).toEqual([]);
  });

  it("finds groups alone while the database is down", async () => {
    vi.spyOn(env.DB, "prepare").mockImplementation(() => {
      throw new Error("D1_ERROR: Network connection lost.");
    });
    expect(await list(ada, "q=table")).toEqual([team]);
  });

  it("[LIM-2] asks the database for nobody who is not admitted", async () => {
    const prepare = vi.spyOn(env.DB, "prepare");
    vi.spyOn(UserObject.prototype, "admit").mockResolvedValue({ code: "rate_limited", message: "" });
    const answer = await call("GET", "/api/conversations?q=table", { token: ada.access_token });
    expect(await problemOf(answer)).toBe("429 rate_limited");
    expect(prepare).not.toHaveBeenCalled();
  });

  it.each(["archived=yes", "requests=1", "sort=name", "q=", `q=${"x".repeat(101)}`, "q=a%00b"])(
    "refuses ?%s",
    async (query) => {
      const answer = await call("GET", `/api/conversations?${query}`, { token: ada.access_token });
      expect((await read(answer, 400, problemSchema)).code).toBe("invalid_request");
    },
  );

  it("filters by the archive and sorts by pins", async () => {
    await put(ada, withCem, { archived: true });
    expect(await list(ada, "archived=true")).toEqual([withCem]);
    expect(await list(ada, "archived=false")).toEqual([withBob, team].sort());
    await put(ada, withBob, { pinned: true });
    const answer = await call("GET", "/api/conversations?sort=pinned&limit=1", { token: ada.access_token });
    const { items } = await read(answer, 200, pageSchema(inboxRowSchema));
    expect(items.map((row) => row.conversation_id)).toEqual([withBob]);
  });
});

describe("a request", () => {
  const accept = (who: SignedIn, id: string) =>
    call("POST", `/api/conversations/${id}/accept`, { token: who.access_token });

  it("is accepted once or again, and where there is none nothing happens", async () => {
    expect((await accept(bob, withBob)).status).toBe(204);
    expect(await list(bob, "requests=true")).toEqual([]);
    expect(await list(bob, "requests=false")).toContain(withBob);
  });

  it("[SEC-2] a stranger cannot tell whether there is one", async () => {
    for (const id of [withBob, UNKNOWN, "nonsense"])
      expect(await problemOf(await accept(eve, id))).toBe("404 conversation_not_found");
  });
});
