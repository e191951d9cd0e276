import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ConfigError, configOf } from "../../src/config.ts";
import { ConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { conversationSchema, inboxRowSchema } from "../../src/protocol/conversation.ts";
import { problemSchema } from "../../src/protocol/errors.ts";
import { readinessSchema } from "../../src/protocol/health.ts";
import { pageSchema } from "../../src/protocol/page.ts";
import { call, problemOf, read, registerUser } from "../support/workerd/api.ts";

/** From here to the end of the test D1 answers like a database that cannot be reached. */
function cutDatabase(): void {
  const cut = () => {
    throw new Error("D1_ERROR: Network connection lost.");
  };
  vi.spyOn(env.DB, "prepare").mockImplementation(cut);
  vi.spyOn(env.DB, "batch").mockImplementation(cut);
}

/** From here to the end of the test D1 neither answers nor fails. */
function freezeDatabase(): void {
  const never = () => new Promise<never>(() => undefined);
  const statement = env.DB.prepare("SELECT 1");
  for (const method of ["all", "raw", "run", "first"] as const)
    vi.spyOn(statement, method).mockImplementation(never);
  vi.spyOn(statement, "bind").mockReturnValue(statement);
  vi.spyOn(env.DB, "prepare").mockReturnValue(statement);
  vi.spyOn(env.DB, "batch").mockImplementation(never);
}

/** Every limit of time is over after a moment. */
function shortenLimits(): void {
  vi.spyOn(scheduler, "wait").mockImplementation(() => new Promise((resolve) => setTimeout(resolve, 50)));
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A fresh isolate's answer: an environment of its own has none kept. */
function ready(environment: Env = { ...env }): Promise<Response> {
  return call("GET", "/health/ready", { env: environment });
}

describe("health", () => {
  it("is alive, and ready while all it stands on answers", async () => {
    expect(await (await call("GET", "/health")).json()).toEqual({ status: "ok" });
    const { status, checks } = await read(await ready(), 200, readinessSchema);
    expect(status).toBe("ok");
    expect(new Set(Object.values(checks))).toEqual(new Set(["ok"]));
  });

  it("is not ready without D1, but alive", async () => {
    cutDatabase();
    const { checks } = await read(await ready(), 503, readinessSchema);
    expect(checks).toEqual({
      d1: "failed",
      conversation_object: "ok",
      user_object: "ok",
      limiter_object: "ok",
    });
    expect((await call("GET", "/health")).status).toBe(200);
  });

  it("is not ready when an object fails or takes too long", async () => {
    vi.spyOn(UserObject.prototype, "ping").mockRejectedValue(new Error("broken"));
    vi.spyOn(ConversationObject.prototype, "ping").mockImplementation(() => scheduler.wait(5_000));
    const started_at = performance.now();
    const { checks } = await read(await ready(), 503, readinessSchema);
    expect(performance.now() - started_at).toBeLessThan(4_000);
    expect(checks).toMatchObject({ d1: "ok", conversation_object: "failed", user_object: "failed" });
  });

  it("looks once a second, however many ask, and at once too", async () => {
    const environment = { ...env };
    const pings = vi.spyOn(UserObject.prototype, "ping");
    const crowd = await Promise.all(Array.from({ length: 20 }, () => ready(environment)));
    expect(new Set(crowd.map((answer) => answer.status))).toEqual(new Set([200]));
    expect((await ready(environment)).status).toBe(200);
    expect(pings).toHaveBeenCalledTimes(1);
    cutDatabase();
    await scheduler.wait(1_050);
    expect((await ready(environment)).status).toBe(503);
    expect((await ready(environment)).status).toBe(503);
    expect(pings).toHaveBeenCalledTimes(2);
  });

  it("looks again when the one who was looking is gone", async () => {
    const environment = { ...env };
    const ping = vi.spyOn(UserObject.prototype, "ping").mockImplementationOnce(() => scheduler.wait(10_000));
    const asked = ready(environment);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 10_000 });
    expect((await ready(environment)).status).toBe(200);
    expect(ping).toHaveBeenCalledTimes(2);
    await asked;
  });
});

describe("when a dependency is down", () => {
  it("what needs it answers 503 with a time to retry, and no word of why", async () => {
    const { access_token: token } = await registerUser();
    cutDatabase();
    const response = await call("GET", "/api/users/me", { token });
    expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
    const problem = await read(response, 503, problemSchema);
    expect(problem.code).toBe("unavailable");
    // Not in the request id: that is hexadecimal, and may have any letters.
    expect(JSON.stringify({ ...problem, request_id: "" })).not.toMatch(/D1|connection lost/i);
    const login = await call("POST", "/api/auth/login", { body: { username: "a", password: "b" } });
    expect(await problemOf(login)).toBe("503 unavailable");
  });

  it("[SEND-1] chat goes on without D1: known tokens stay good, and the inbox does without profiles", async () => {
    const { access_token: token } = await registerUser();
    const { user: peer } = await registerUser();
    const begin = { type: "one_on_one", participant_id: peer.user_id };
    const begun = await call("POST", "/api/conversations", { token, body: begin });
    const { conversation_id } = await read(begun, 201, conversationSchema);
    cutDatabase();
    const draft = { client_message_id: "1", content: "still here" };
    const path = `/api/conversations/${conversation_id}/messages`;
    expect((await call("POST", path, { token, body: draft })).status).toBe(201);
    expect(await (await call("GET", path, { token })).json()).toMatchObject({ head_seq: 1, items: [draft] });
    const inbox = await call("GET", "/api/conversations", { token });
    const { items } = await read(inbox, 200, pageSchema(inboxRowSchema));
    expect(items).toMatchObject([{ conversation_id, peer: { user_id: peer.user_id } }]);
    expect(items[0]?.peer).toEqual({ user_id: peer.user_id });
  });

  it("what waits for a D1 that does not answer is answered 503 in time", async () => {
    const { access_token: token } = await registerUser();
    freezeDatabase();
    shortenLimits();
    const response = await call("GET", "/api/users/me", { token });
    expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(await problemOf(response)).toBe("503 unavailable");
    expect((await call("GET", "/health")).status).toBe(200);
  });

  it("the inbox does not wait for profiles", async () => {
    const { access_token: token } = await registerUser();
    const { user: peer } = await registerUser();
    const begin = { type: "one_on_one", participant_id: peer.user_id };
    expect((await call("POST", "/api/conversations", { token, body: begin })).status).toBe(201);
    freezeDatabase();
    const inbox = await call("GET", "/api/conversations", { token });
    const { items } = await read(inbox, 200, pageSchema(inboxRowSchema));
    expect(items[0]?.peer).toEqual({ user_id: peer.user_id });
  });

  it.each([
    ["D1_ERROR: database or disk is full: SQLITE_FULL", 503],
    ["D1_ERROR: disk I/O error: SQLITE_IOERR (extended: SQLITE_IOERR_SHMSIZE)", 503],
    ["internal error; reference = ibf29r87fgh9t866gb38c3u4", 503],
    ["D1_ERROR: UNIQUE constraint failed: users.username_key: SQLITE_CONSTRAINT", 500],
    ["a client wrote: internal error; reference = x", 500],
  ])("%s: %i", async (message, status) => {
    const { access_token: token } = await registerUser();
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    vi.spyOn(env.DB, "prepare").mockImplementation(() => {
      throw new Error(message);
    });
    expect((await call("GET", "/api/users/me", { token })).status).toBe(status);
  });

  it("a fault of ours is internal, and its text stays in the log", async () => {
    const { access_token: token } = await registerUser();
    const lines: string[] = [];
    vi.spyOn(console, "error").mockImplementation((line) => void lines.push(String(line)));
    vi.spyOn(env.DB, "prepare").mockImplementation(() => {
      throw new Error("D1_ERROR: no such column: sesame at offset 7");
    });
    const problem = await read(await call("GET", "/api/users/me", { token }), 500, problemSchema);
    expect(JSON.stringify(problem)).not.toContain("sesame");
    expect(lines.join("\n")).toContain("sesame");
    expect(lines.join("\n")).toContain(problem.request_id);
  });

  it("a failed query is logged without the values it was given", async () => {
    const lines: string[] = [];
    vi.spyOn(console, "error").mockImplementation((line) => void lines.push(String(line)));
    await env.DB.prepare("ALTER TABLE users RENAME TO users_away").run();
    const body = { username: "whoever", email: "private@example.org", password: "otter-lantern-quarry" };
    expect(await problemOf(await call("POST", "/api/auth/register", { body }))).toBe("500 internal");
    await env.DB.prepare("ALTER TABLE users_away RENAME TO users").run();
    expect(lines.join("\n")).toContain("no such table");
    expect(lines.join("\n")).not.toContain("private@example.org");
  });
});

describe("the environment", () => {
  it.each([
    ["MASTER_KEY", undefined],
    ["MASTER_KEY", ""],
    ["MASTER_KEY", "dG9vIHNob3J0"],
    ["MASTER_KEY", "not base64!"],
    ["ACCESS_TOKEN_SECONDS", "soon"],
    ["REQUESTS_PER_SECOND", "-1"],
  ])("is refused by name when %s is %s", async (name, value) => {
    const environment = { ...env, [name]: value };
    expect(() => configOf(environment)).toThrow(ConfigError);
    expect(() => configOf(environment)).toThrow(name);
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    expect(await problemOf(await call("GET", "/api/users/me", { env: environment }))).toBe("500 internal");
  });

  it("names origins that may read answers, and no others", async () => {
    const environment = { ...env, CORS_ORIGINS: "https://chat.example.org, https://app.example.org" };
    const ask = async (Origin: string, method = "GET") =>
      call(method, "/api/users/me", {
        env: environment,
        headers: { Origin, "Access-Control-Request-Method": "GET" },
      });
    const allowed = (response: Response) => response.headers.get("Access-Control-Allow-Origin");
    expect(allowed(await ask("https://app.example.org"))).toBe("https://app.example.org");
    expect(allowed(await ask("https://evil.example.org"))).toBeNull();
    expect((await ask("https://app.example.org", "OPTIONS")).status).toBe(204);
    const preflight = await call("OPTIONS", "/api/users/me", {
      headers: { Origin: "https://app.example.org" },
    });
    expect(preflight.status).toBe(404);
  });
});
