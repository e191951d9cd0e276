import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { pageSchema } from "../../src/protocol/page.ts";
import { sessionSchema, signedInSchema } from "../../src/protocol/session.ts";
import { call, PASSWORD, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";

const NEW_PASSWORD = "quarry-lantern-otter";

async function signInAgain({ user }: SignedIn, password = PASSWORD, device?: object) {
  const body = { username: user.username, password, ...(device && { device }) };
  return read(await call("POST", "/api/auth/login", { body }), 200, signedInSchema);
}

async function listSessions(token: string) {
  const page = await read(await call("GET", "/api/auth/sessions", { token }), 200, pageSchema(sessionSchema));
  return page.items;
}

/** What the session can still do: read with its access token, get a new one. */
async function probe(session: { access_token: string; refresh_token?: string | undefined }) {
  const reading = await call("GET", "/api/users/me", { token: session.access_token });
  const { refresh_token } = session;
  const refreshing = await call("POST", "/api/auth/refresh", { body: { refresh_token } });
  return [reading, refreshing].map((response) => response.status);
}

afterEach(() => vi.restoreAllMocks());

describe("sessions", () => {
  it("are listed with their devices, the caller's own marked", async () => {
    const first = await registerUser();
    const second = await signInAgain(first, PASSWORD, { device_id: "tv", platform: "desktop", name: "TV" });
    const sessions = await listSessions(second.access_token);
    expect(sessions.map(({ session_id, current }) => ({ session_id, current }))).toEqual(
      expect.arrayContaining([
        { session_id: first.session_id, current: false },
        { session_id: second.session_id, current: true },
      ]),
    );
    expect(sessions.find((session) => session.current)).toMatchObject({
      device_id: "tv",
      platform: "desktop",
      name: "TV",
    });
  });

  it("[SEC-1] end with logout: neither token works any more, and the object closes the sockets", async () => {
    const session = await registerUser();
    const endSessions = vi.spyOn(UserObject.prototype, "endSessions");
    expect((await call("POST", "/api/auth/logout", { token: session.access_token })).status).toBe(204);
    expect(endSessions).toHaveBeenCalledWith([session.session_id], 4501);
    expect(await probe(session)).toEqual([401, 401]);
  });

  it("[SEC-1] take their cookie with them, though the answer to the first logout was lost, and no other's", async () => {
    const [mine, other] = [await registerUser(), await registerUser()];
    const logOut = (refresh_token = "") => {
      const headers = { Cookie: `uim_refresh=${refresh_token}` };
      return call("POST", "/api/auth/logout", { token: mine.access_token, headers });
    };
    const answers = [await logOut(mine.refresh_token), await logOut(mine.refresh_token)];
    expect(answers.map(({ status }) => status)).toEqual([204, 401]);
    for (const answer of answers)
      expect(answer.headers.get("Set-Cookie")).toMatch(/^uim_refresh=; Max-Age=0;/);
    const late = await logOut(other.refresh_token);
    expect([late.status, late.headers.get("Set-Cookie")]).toEqual([401, null]);
  });

  it("leave the cookie alone when a token has only expired", async () => {
    const headers = { Cookie: "uim_refresh=x" };
    const answer = await call("POST", "/api/auth/logout", { token: "no.such.token", headers });
    expect([answer.status, answer.headers.get("Set-Cookie")]).toEqual([401, null]);
  });

  it("[SEC-1] end when they are revoked from another one", async () => {
    const first = await registerUser();
    const second = await signInAgain(first);
    const revoke = () =>
      call("DELETE", `/api/auth/sessions/${first.session_id}`, { token: second.access_token });
    expect((await revoke()).status).toBe(204);
    expect(await probe(first)).toEqual([401, 401]);
    expect(await listSessions(second.access_token)).toHaveLength(1);
    expect((await revoke()).status).toBe(204);
    expect(await probe(second)).toEqual([200, 200]);
  });

  it("[SEC-1] can be revoked again when the object could not be told the first time", async () => {
    const first = await registerUser();
    const second = await signInAgain(first);
    const revoke = () =>
      call("DELETE", `/api/auth/sessions/${first.session_id}`, { token: second.access_token });
    vi.spyOn(UserObject.prototype, "endSessions").mockRejectedValue(new Error("lost"));
    expect((await revoke()).status).toBeGreaterThanOrEqual(500);
    vi.restoreAllMocks();
    expect((await revoke()).status).toBe(204);
    expect(await probe(first)).toEqual([401, 401]);
  });

  it("of others cannot be ended, nor told from those that do not exist", async () => {
    const victim = await registerUser();
    const { access_token: token } = await registerUser();
    for (const id of [victim.session_id, "01890000-0000-7000-8000-000000000000", "1"]) {
      expect(await problemOf(await call("DELETE", `/api/auth/sessions/${id}`, { token }))).toBe(
        "404 not_found",
      );
    }
    expect(await probe(victim)).toEqual([200, 200]);
  });
});

describe("changing the password", () => {
  const change = (token: string, current_password: string, new_password = NEW_PASSWORD) =>
    call("POST", "/api/auth/password", { token, body: { current_password, new_password } });

  it("[SEC-1] ends all other sessions and keeps this one; only the new password signs in", async () => {
    const first = await registerUser();
    const second = await signInAgain(first);
    expect((await change(second.access_token, PASSWORD)).status).toBe(204);
    expect(await probe(first)).toEqual([401, 401]);
    expect(await probe(second)).toEqual([200, 200]);
    await signInAgain(first, NEW_PASSWORD);
    const body = { username: first.user.username, password: PASSWORD };
    expect(await problemOf(await call("POST", "/api/auth/login", { body }))).toBe("401 invalid_credentials");
  });

  it("needs the current password, and a new one that is strong enough", async () => {
    const { access_token: token, user } = await registerUser();
    expect(await problemOf(await change(token, "not-the-password"))).toBe("401 invalid_credentials");
    expect(await problemOf(await change(token, PASSWORD, "password123"))).toBe("400 invalid_request");
    expect(await problemOf(await change(token, PASSWORD, user.username))).toBe("400 invalid_request");
    expect((await change(token, PASSWORD)).status).toBe(204);
  });

  it("[SEC-1] changes nothing while the object cannot be told, and works when repeated", async () => {
    const first = await registerUser();
    const second = await signInAgain(first);
    vi.spyOn(UserObject.prototype, "endSessions").mockRejectedValue(new Error("lost"));
    expect((await change(second.access_token, PASSWORD)).status).toBeGreaterThanOrEqual(500);
    vi.restoreAllMocks();
    const endSessions = vi.spyOn(UserObject.prototype, "endSessions");
    expect((await change(second.access_token, PASSWORD)).status).toBe(204);
    expect(endSessions).toHaveBeenCalledWith([first.session_id], 4501);
    expect(await probe(first)).toEqual([401, 401]);
  });

  it("[SEC-1] closes the sockets of a session that ended hours before, when the object could not be told", async () => {
    const first = await registerUser();
    const second = await signInAgain(first);
    const endSessions = vi.spyOn(UserObject.prototype, "endSessions").mockRejectedValue(new Error("lost"));
    expect((await change(second.access_token, PASSWORD)).status).toBeGreaterThanOrEqual(500);
    endSessions.mockReset();
    await env.DB.prepare("UPDATE sessions SET ended_at = ended_at - 36000000 WHERE session_id = ?")
      .bind(first.session_id)
      .run();
    expect((await change(second.access_token, PASSWORD)).status).toBe(204);
    expect(endSessions).toHaveBeenCalledWith([first.session_id], 4501);
  });

  it("lets one of two changes at once win", async () => {
    const { access_token: token, user } = await registerUser();
    const answers = await Promise.all([
      change(token, PASSWORD, "first-new-secret-9"),
      change(token, PASSWORD, "second-new-secret-9"),
    ]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([204, 409]);
    const row = await env.DB.prepare("SELECT count(*) AS n FROM users WHERE user_id = ?")
      .bind(user.user_id)
      .first();
    expect(row).toEqual({ n: 1 });
  });
});
