import { afterEach, describe, expect, it, vi } from "vitest";
import { ConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { problemSchema } from "../../src/protocol/errors.ts";
import { signedInSchema } from "../../src/protocol/session.ts";
import { accountSchema, presenceSchema, userSchema } from "../../src/protocol/user.ts";
import { call, PASSWORD, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";
import { befriend } from "../support/workerd/people.ts";

const UNKNOWN = "01890000-0000-7000-8000-000000000000";
const DEFAULTS = { read_receipts: true, last_seen: "friends", who_may_write: "everyone" };

function api(method: string, path: string, who: SignedIn, body?: unknown): Promise<Response> {
  return call(method, `/api${path}`, { token: who.access_token, ...(body !== undefined && { body }) });
}

async function update(who: SignedIn, body: unknown) {
  return read(await api("PUT", "/users/me", who, body), 200, accountSchema);
}

function talk(who: SignedIn, other: SignedIn): Promise<Response> {
  return api("POST", "/conversations", who, { type: "one_on_one", participant_id: other.user.user_id });
}

async function presenceOf(who: SignedIn, other: SignedIn) {
  return read(await api("GET", `/users/${other.user.user_id}/presence`, who), 200, presenceSchema);
}

afterEach(() => vi.restoreAllMocks());

describe("privacy settings", () => {
  it("are changed one by one, and the rest stays", async () => {
    const ada = await registerUser();
    expect(ada.user.privacy).toEqual(DEFAULTS);
    expect((await update(ada, { privacy: { last_seen: "nobody" } })).privacy).toEqual({
      ...DEFAULTS,
      last_seen: "nobody",
    });
    const { privacy, display_name } = await update(ada, {
      privacy: { read_receipts: false },
      display_name: "Ada",
    });
    expect({ privacy, display_name }).toEqual({
      privacy: { ...DEFAULTS, last_seen: "nobody", read_receipts: false },
      display_name: "Ada",
    });
    expect(await read(await api("GET", "/users/me", ada), 200, accountSchema)).toMatchObject({ privacy });
  });

  it("changed at the same time do not lose each other, and reach the user's object in their order", async () => {
    const ada = await registerUser();
    const told = vi.spyOn(UserObject.prototype, "setPrivacy");
    await Promise.all([
      update(ada, { privacy: { last_seen: "nobody" } }),
      update(ada, { privacy: { read_receipts: false } }),
      update(ada, { privacy: { who_may_write: "friends" } }),
    ]);
    const privacy = { read_receipts: false, last_seen: "nobody", who_may_write: "friends" };
    expect(await read(await api("GET", "/users/me", ada), 200, accountSchema)).toMatchObject({ privacy });
    const changes = told.mock.calls.map(([change]) => change);
    expect(new Set(changes.map(({ version }) => version)).size).toBe(3);
    const newest = changes.toSorted((a, b) => b.version - a.version)[0];
    expect(newest).toMatchObject(privacy);
  });

  it.each([{ last_seen: "everyone" }, { read_receipts: "no" }, { who_may_write: null }])(
    "that there are not are refused by name: %j",
    async (privacy) => {
      const ada = await registerUser();
      const { code, errors } = await read(
        await api("PUT", "/users/me", ada, { privacy }),
        400,
        problemSchema,
      );
      expect(code).toBe("invalid_request");
      expect(errors?.map(({ path }) => path)).toEqual([`privacy.${Object.keys(privacy)[0]}`]);
    },
  );

  it("are shown to nobody else", async () => {
    const [ada, bob] = [await registerUser(), await registerUser()];
    const profile = await (await api("GET", `/users/${ada.user.user_id}`, bob)).json();
    expect(profile).not.toHaveProperty("privacy");
  });

  it("that their object was not told of make the request one to repeat", async () => {
    const ada = await registerUser();
    const setPrivacy = vi.spyOn(UserObject.prototype, "setPrivacy").mockRejectedValue(new Error("not now"));
    const body = { privacy: { last_seen: "nobody" } };
    expect(await problemOf(await api("PUT", "/users/me", ada, body))).toBe("503 unavailable");
    setPrivacy.mockRestore();
    expect((await update(ada, body)).privacy).toMatchObject(body.privacy);
    expect((await presenceOf(ada, ada)).last_seen_at).toBeNull();
  });
});

describe("who may write", () => {
  it("friends: a stranger begins no one-on-one, a friend does, and one that exists goes on", async () => {
    const [ada, bob, cem] = await Promise.all([registerUser(), registerUser(), registerUser()]);
    expect((await talk(cem, ada)).status).toBe(201);
    await update(ada, { privacy: { who_may_write: "friends" } });
    const create = vi.spyOn(ConversationObject.prototype, "create");
    expect(await problemOf(await talk(bob, ada))).toBe("403 forbidden");
    expect(create).not.toHaveBeenCalled();
    expect((await talk(cem, ada)).status).toBe(200);
    await befriend(ada, bob);
    expect((await talk(bob, ada)).status).toBe(201);
  });

  it("requests: a stranger's one-on-one is marked for the one who is written to, a friend's is not", async () => {
    const [ada, bob, cem] = await Promise.all([registerUser(), registerUser(), registerUser()]);
    await update(ada, { privacy: { who_may_write: "requests" } });
    await befriend(ada, cem);
    const create = vi.spyOn(ConversationObject.prototype, "create");
    for (const [who, other] of [
      [bob, ada],
      [cem, ada],
    ] as const) {
      expect((await talk(who, other)).status).toBe(201);
    }
    const requests = create.mock.calls.map(([{ members }]) =>
      members.filter(({ is_request }) => is_request).map(({ user_id }) => user_id),
    );
    expect(requests).toEqual([[ada.user.user_id], []]);
  });
});

describe("a status text", () => {
  it("is one, however it was set: on a device or over HTTP", async () => {
    const [ada, bob] = [await registerUser(), await registerUser()];
    expect((await update(ada, { status_text: "at lunch" })).status_text).toBe("at lunch");
    expect((await presenceOf(ada, ada)).status_text).toBe("at lunch");
    const profile = async () =>
      read(await api("GET", `/users/${ada.user.user_id}`, bob), 200, userSchema).then(
        (user) => user.status_text,
      );
    expect(await profile()).toBe("at lunch");
    const upgrade = await call("GET", `/ws?token=${ada.access_token}`, { headers: { Upgrade: "websocket" } });
    const socket = upgrade.webSocket;
    if (!socket) throw new Error(`no upgrade: ${upgrade.status}`);
    socket.accept();
    socket.send(
      JSON.stringify({ type: "PRESENCE_UPDATE", payload: { status: "busy", status_text: "in a call" } }),
    );
    await expect.poll(profile).toBe("in a call");
    socket.close();
    const body = { username: ada.user.username, password: PASSWORD };
    const again = await read(await call("POST", "/api/auth/login", { body }), 200, signedInSchema);
    expect(again.user).toMatchObject({ status_text: "in a call" });
    expect((await update(ada, { status_text: "" })).status_text).toBe("");
    expect(await profile()).toBe("");
  });
});

describe("presence", () => {
  it("[PRES-3] is for oneself and for friends, and ends with the friendship", async () => {
    const [ada, bob, eve] = await Promise.all([registerUser(), registerUser(), registerUser()]);
    const ask = (who: SignedIn, user_id: string) => api("GET", `/users/${user_id}/presence`, who);
    expect(await presenceOf(ada, ada)).toMatchObject({ user_id: ada.user.user_id, status: "offline" });
    // Neither a conversation nor a request is enough.
    await talk(bob, ada);
    await api("POST", "/friends", bob, { user_id: ada.user.user_id });
    expect(await problemOf(await ask(bob, ada.user.user_id))).toBe("403 forbidden");
    expect(await problemOf(await ask(ada, bob.user.user_id))).toBe("403 forbidden");
    await befriend(ada, bob);
    expect(await presenceOf(bob, ada)).toMatchObject({ user_id: ada.user.user_id, status: "offline" });
    expect(await problemOf(await ask(eve, ada.user.user_id))).toBe("403 forbidden");
    expect(await problemOf(await ask(eve, UNKNOWN))).toBe("404 not_found");
    await api("PUT", `/blocks/${bob.user.user_id}`, ada);
    expect(await problemOf(await ask(bob, ada.user.user_id))).toBe("403 forbidden");
    expect(await problemOf(await ask(ada, bob.user.user_id))).toBe("403 forbidden");
  });

  it("[PRES-3] says when a user was last seen only to whom the user wishes, and to itself", async () => {
    const [ada, bob] = [await registerUser(), await registerUser()];
    await befriend(ada, bob);
    const upgrade = await call("GET", `/ws?token=${ada.access_token}`, { headers: { Upgrade: "websocket" } });
    upgrade.webSocket?.accept();
    expect(await presenceOf(bob, ada)).toMatchObject({ status: "online", last_seen_at: expect.any(Number) });
    await update(ada, { privacy: { last_seen: "nobody" } });
    expect(await presenceOf(bob, ada)).toMatchObject({ status: "online", last_seen_at: null });
    expect(await presenceOf(ada, ada)).toMatchObject({ status: "online", last_seen_at: expect.any(Number) });
    upgrade.webSocket?.close();
  });
});
