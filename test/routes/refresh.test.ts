import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { tokensSchema } from "../../src/protocol/session.ts";
import { call, problemOf, read, registerUser } from "../support/workerd/api.ts";

function refresh(refresh_token: unknown, device_id?: string): Promise<Response> {
  return call("POST", "/api/auth/refresh", { body: { refresh_token, device_id } });
}

describe("refreshing", () => {
  it("gives a new pair of the same session, and the new one works", async () => {
    const first = await registerUser();
    const second = await read(await refresh(first.refresh_token), 200, tokensSchema);
    expect(second).toMatchObject({ session_id: first.session_id, device_id: first.device_id });
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await call("GET", "/api/users/me", { token: second.access_token })).status).toBe(200);
    expect((await refresh(second.refresh_token)).status).toBe(200);
  });

  it("[SEC-1] ends the whole session when a token comes a second time", async () => {
    const first = await registerUser();
    const endSessions = vi.spyOn(UserObject.prototype, "endSessions");
    const second = await read(await refresh(first.refresh_token), 200, tokensSchema);
    expect(await problemOf(await refresh(first.refresh_token))).toBe("401 refresh_reused");
    // The thief's copy and the owner's new token are worthless alike.
    expect(await problemOf(await refresh(second.refresh_token))).toBe("401 session_revoked");
    expect(endSessions).toHaveBeenCalledWith([first.session_id], 4501);
    expect(await problemOf(await call("GET", "/api/users/me", { token: second.access_token }))).toBe(
      "401 session_revoked",
    );
    endSessions.mockRestore();
  });

  it("[SEC-1] lets one through of many who come with the same token at once", async () => {
    const { refresh_token } = await registerUser();
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(refresh_token)));
    const codes = await Promise.all(
      answers.map(async (answer) => (answer.status === 200 ? "200" : problemOf(answer))),
    );
    expect(codes.filter((code) => code === "200")).toHaveLength(1);
    expect(codes.filter((code) => code === "401 refresh_reused")).toHaveLength(9);
  });

  it("leaves another session of the same user alone", async () => {
    const { user, refresh_token } = await registerUser();
    const body = { username: user.username, password: "otter-lantern-quarry" };
    const other = await read(await call("POST", "/api/auth/login", { body }), 200, tokensSchema);
    await refresh(refresh_token);
    await refresh(refresh_token);
    expect((await refresh(other.refresh_token)).status).toBe(200);
  });

  it("refuses a token that is unknown, expired, or no token at all", async () => {
    const { refresh_token } = await registerUser();
    expect(await problemOf(await refresh("A".repeat(43)))).toBe("401 unauthenticated");
    expect(await problemOf(await refresh("\u0000\ud800"))).toBe("401 unauthenticated");
    expect(await problemOf(await refresh(undefined))).toBe("401 unauthenticated");
    expect(await problemOf(await refresh(""))).toBe("401 unauthenticated");
    expect(await problemOf(await refresh(12))).toBe("400 invalid_request");
    expect(await problemOf(await refresh("x".repeat(513)))).toBe("400 invalid_request");
    await env.DB.prepare("UPDATE refresh_tokens SET expires_at = 1").run();
    expect(await problemOf(await refresh(refresh_token))).toBe("401 unauthenticated");
  });

  it("[SEC-1] refuses a suspended user, and goes on when the suspension ends", async () => {
    const { user, refresh_token } = await registerUser();
    const suspend = (at: number | null) =>
      env.DB.prepare("UPDATE users SET suspended_at = ? WHERE user_id = ?").bind(at, user.user_id).run();
    await suspend(1);
    expect(await problemOf(await refresh(refresh_token))).toBe("403 account_suspended");
    await suspend(null);
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  it("carries roles that changed meanwhile", async () => {
    const { user, refresh_token } = await registerUser();
    await env.DB.prepare("UPDATE users SET roles = ? WHERE user_id = ?")
      .bind('["user","admin"]', user.user_id)
      .run();
    const { access_token } = await read(await refresh(refresh_token), 200, tokensSchema);
    const [, payload = ""] = access_token.split(".");
    expect(JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))).roles).toEqual([
      "user",
      "admin",
    ]);
  });

  it("does not take an access token for a refresh token, nor the other way round", async () => {
    const { access_token, refresh_token = "" } = await registerUser();
    expect((await refresh(access_token)).status).toBeGreaterThanOrEqual(400);
    expect(await problemOf(await call("GET", "/api/users/me", { token: refresh_token }))).toBe(
      "401 unauthenticated",
    );
  });

  it("keeps the old token good when the new one could not be stored", async () => {
    const { refresh_token } = await registerUser();
    const batch = vi
      .spyOn(env.DB, "batch")
      .mockRejectedValueOnce(new Error("D1_ERROR: Network connection lost."));
    expect(await problemOf(await refresh(refresh_token))).toBe("503 unavailable");
    batch.mockRestore();
    expect((await refresh(refresh_token)).status).toBe(200);
  });
});

describe("a refresh whose answer was lost", () => {
  async function lost() {
    const { session_id, device_id, refresh_token } = await registerUser();
    const { refresh_token: unheard } = await read(await refresh(refresh_token, device_id), 200, tokensSchema);
    return { session_id, device_id, refresh_token, unheard };
  }

  it("[SEC-1] gives the session's own device another pair, however often, and the newest works", async () => {
    const { session_id, device_id, refresh_token } = await lost();
    const again = await read(await refresh(refresh_token, device_id), 200, tokensSchema);
    const newest = await read(await refresh(refresh_token, device_id), 200, tokensSchema);
    expect([again.session_id, newest.session_id]).toEqual([session_id, session_id]);
    expect((await call("GET", "/api/users/me", { token: newest.access_token })).status).toBe(200);
    const next = await read(await refresh(newest.refresh_token, device_id), 200, tokensSchema);
    expect((await refresh(next.refresh_token)).status).toBe(200);
  });

  it("[SEC-1] gives one living pair to several who come at once", async () => {
    const { device_id, refresh_token } = await registerUser();
    const answers = await Promise.all([1, 2, 3].map(() => refresh(refresh_token, device_id)));
    const tokens = await Promise.all(answers.map((answer) => read(answer, 200, tokensSchema)));
    const { results } = await env.DB.prepare(
      "SELECT hash FROM refresh_tokens WHERE session_id = ? AND used_at IS NULL",
    )
      .bind(tokens[0]?.session_id)
      .all();
    expect(results).toHaveLength(1);
  });

  it("[SEC-1] ends the session when the token in it was used meanwhile", async () => {
    const { device_id, refresh_token, unheard } = await lost();
    const heard = await read(await refresh(unheard, device_id), 200, tokensSchema);
    expect(await problemOf(await refresh(refresh_token, device_id))).toBe("401 refresh_reused");
    expect(await problemOf(await refresh(heard.refresh_token, device_id))).toBe("401 session_revoked");
  });

  it("[SEC-1] ends the session when somebody else has the token that nobody was to get", async () => {
    const { device_id, refresh_token, unheard } = await lost();
    const again = await read(await refresh(refresh_token, device_id), 200, tokensSchema);
    expect(await problemOf(await refresh(unheard, device_id))).toBe("401 refresh_reused");
    expect(await problemOf(await refresh(again.refresh_token, device_id))).toBe("401 session_revoked");
  });

  it("[SEC-1] ends the session for another device, and after an hour", async () => {
    const first = await lost();
    expect(await problemOf(await refresh(first.refresh_token, "another"))).toBe("401 refresh_reused");
    const second = await lost();
    await env.DB.prepare("UPDATE refresh_tokens SET used_at = used_at - 3600000 WHERE session_id = ?")
      .bind(second.session_id)
      .run();
    expect(await problemOf(await refresh(second.refresh_token, second.device_id))).toBe("401 refresh_reused");
  });
});
