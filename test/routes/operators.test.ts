import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { conversationSchema } from "../../src/protocol/conversation.ts";
import { rebuildSchema } from "../../src/protocol/outbox.ts";
import { signedInSchema } from "../../src/protocol/session.ts";
import { call, PASSWORD, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";
import { TestSocket } from "../support/workerd/test-socket.ts";

let ada: SignedIn;
let bob: SignedIn;
let cem: SignedIn;
let admin_token: string;
let group_id: string;

beforeAll(async () => {
  [ada, bob, cem] = [await registerUser(), await registerUser(), await registerUser()];
  const { user, refresh_token } = await registerUser();
  await env.DB.prepare("UPDATE users SET roles = ? WHERE user_id = ?")
    .bind('["user","admin"]', user.user_id)
    .run();
  const refreshed = await call("POST", "/api/auth/refresh", { body: { refresh_token } });
  admin_token = (await refreshed.json<{ access_token: string }>()).access_token;
  const participant_ids = [bob.user.user_id, cem.user.user_id];
  const body = { type: "group", name: "Team", participant_ids };
  const made = await call("POST", "/api/conversations", { token: ada.access_token, body });
  group_id = (await read(made, 201, conversationSchema)).conversation_id;
});

afterEach(() => vi.restoreAllMocks());

describe("operators", () => {
  it("alone see and replay what an outbox gave up", async () => {
    const path = `/api/admin/conversations/${group_id}/outbox`;
    for (const [method, where] of [
      ["GET", path],
      ["POST", `${path}/replay`],
    ] as const) {
      expect(await problemOf(await call(method, where, { token: ada.access_token }))).toBe("403 forbidden");
    }
    expect(await (await call("GET", path, { token: admin_token })).json()).toEqual({ items: [] });
    expect(await (await call("POST", `${path}/replay`, { token: admin_token })).json()).toEqual({
      replayed: 0,
    });
  });

  it("alone make the directory anew from the objects, each conversation once, whatever it believed to know", async () => {
    const path = "/api/admin/directory/rebuild";
    expect(await problemOf(await call("POST", path, { token: ada.access_token, body: {} }))).toBe(
      "403 forbidden",
    );
    const tables = ["conversations", "conversation_members"];
    const stored = async () =>
      Promise.all(
        tables.map(async (table) => {
          const where = table === "conversations" ? "name" : "user_id, role";
          const sql = `SELECT ${where} FROM ${table} WHERE conversation_id = ? ORDER BY 1`;
          return (await env.DB.prepare(sql).bind(group_id).all()).results;
        }),
      );
    // The directory hears of the group a moment later.
    await expect.poll(async () => (await stored())[1]).toHaveLength(3);
    const before = await stored();
    await env.DB.batch([
      env.DB.prepare("DELETE FROM conversation_members"),
      env.DB.prepare("UPDATE conversations SET name = 'Wrong', version = 1000"),
    ]);
    let conversations = 0;
    let cursor: string | null = null;
    do {
      const body = cursor === null ? {} : { cursor };
      const step = await call("POST", path, { token: admin_token, body });
      const { next_cursor, ...done } = await read(step, 200, rebuildSchema);
      conversations += done.conversations;
      cursor = next_cursor;
    } while (cursor !== null);
    expect(conversations).toBe(1);
    expect(await stored()).toEqual(before);
  });

  it("[SEC-1] alone suspend an account: its sessions end, it cannot come back in, and is let in again", async () => {
    const { user, access_token: token, refresh_token } = await registerUser();
    const opened = await call("GET", `/ws?token=${token}`, { headers: { Upgrade: "websocket" } });
    if (!opened.webSocket) throw new Error("there is no socket");
    const socket = new TestSocket(opened.webSocket);
    const path = `/api/admin/users/${user.user_id}/suspension`;
    const signIn = () =>
      call("POST", "/api/auth/login", { body: { username: user.username, password: PASSWORD } });
    for (const method of ["PUT", "DELETE"]) {
      expect(await problemOf(await call(method, path, { token }))).toBe("403 forbidden");
      const nobody = path.replace(user.user_id, "01890000-0000-7000-8000-000000000000");
      expect(await problemOf(await call(method, nobody, { token: admin_token }))).toBe("404 not_found");
    }
    const suspend = () => call("PUT", path, { token: admin_token });
    vi.spyOn(UserObject.prototype, "endSessions").mockRejectedValue(new Error("lost"));
    expect((await suspend()).status).toBeGreaterThanOrEqual(500);
    vi.restoreAllMocks();
    // Repeated, it ends what it could not end.
    expect((await suspend()).status).toBe(204);
    expect(await socket.closed).toMatchObject({ code: 4504 });
    expect(await problemOf(await call("POST", "/api/connect", { token }))).toBe("401 session_revoked");
    const refresh = () => call("POST", "/api/auth/refresh", { body: { refresh_token } });
    expect(await problemOf(await refresh())).toBe("403 account_suspended");
    expect(await problemOf(await signIn())).toBe("403 account_suspended");
    expect((await call("DELETE", path, { token: admin_token })).status).toBe(204);
    expect(await problemOf(await refresh())).toBe("401 session_revoked");
    const { access_token } = await read(await signIn(), 200, signedInSchema);
    expect((await call("GET", "/api/users/me", { token: access_token })).status).toBe(200);
  });
});
