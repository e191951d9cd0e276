import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Gate } from "../../src/auth/gate.ts";
import { hashToken } from "../../src/auth/refresh-token.ts";
import { clientAddress } from "../../src/middleware/client-address.ts";
import { LimiterObject } from "../../src/objects/limiter/limiter-object.ts";
import type { LimiterRpc } from "../../src/objects/limiter/rpc.ts";
import { problemSchema } from "../../src/protocol/errors.ts";
import { call, PASSWORD, problemOf, read, registerUser } from "../support/workerd/api.ts";

const LIMITS = {
  REQUESTS_PER_MINUTE_PER_IP: "3",
  CONNECTIONS_PER_MINUTE_PER_IP: "2",
  AUTH_ATTEMPTS_PER_5_MINUTES: "5",
};

let addresses = 0;

/** An address of its own, whose object is made anew for each step: what it kept only in memory is gone. */
function freshAddress() {
  const stub = env.LIMITERS.getByName(`198.51.100.${addresses++}`);
  const step = <T>(work: (limiter: LimiterObject, state: DurableObjectState) => T) =>
    runInDurableObject(stub, (_, state) => work(new LimiterObject(state, { ...env, ...LIMITS }), state));
  return { stub, step };
}

async function takeTimes(limiter: LimiterRpc, kind: "request" | "connection", times: number) {
  const refusals = [];
  for (let i = 0; i < times; i++) refusals.push(await limiter.take(kind));
  return refusals;
}

function tablesOf(state: DurableObjectState): unknown[] {
  return state.storage.sql
    .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
    .toArray();
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the limiter of an address", () => {
  it("[LIM-2] counts requests and connections apart, and says when to come again", async () => {
    const { step } = freshAddress();
    await step(async (limiter) => {
      const [, , third, fourth] = await takeTimes(limiter, "request", 4);
      expect(third).toBeNull();
      expect(fourth).toMatchObject({ code: "rate_limited" });
      expect(fourth?.retry_after_ms).toBeGreaterThan(19_000);
      expect(fourth?.retry_after_ms).toBeLessThanOrEqual(20_000);
      expect((await takeTimes(limiter, "connection", 3)).map((refusal) => refusal === null)).toEqual([
        true,
        true,
        false,
      ]);
    });
  });

  it("writes nothing for requests and connections", async () => {
    const { step } = freshAddress();
    await step(async (limiter, state) => {
      await takeTimes(limiter, "request", 10);
      await takeTimes(limiter, "connection", 10);
      await limiter.forgive("nobody");
      await limiter.ping();
      expect(tablesOf(state)).toEqual([]);
      expect(await state.storage.getAlarm()).toBeNull();
    });
  });

  it("[LIM-1] remembers failed attempts through evictions", async () => {
    const { step } = freshAddress();
    for (let i = 0; i < 5; i++) expect(await step((limiter) => limiter.attempt("ada"))).toBeNull();
    const refusal = await step((limiter) => limiter.attempt("ada"));
    expect(refusal).toMatchObject({ code: "rate_limited" });
    expect(refusal?.retry_after_ms).toBeGreaterThan(50_000);
    expect(await step((limiter) => limiter.attempt("grace"))).toBeNull();
  });

  it("[LIM-1] remembers them through a real eviction too", async () => {
    const stub = env.LIMITERS.getByName("198.51.100.200");
    await stub.attempt("ada");
    await evictDurableObject(stub);
    const left = await runInDurableObject(stub, (_, state) =>
      state.storage.sql.exec("SELECT tokens FROM auth_attempts WHERE account = 'ada'").one(),
    );
    expect(left.tokens).toBe(Number(env.AUTH_ATTEMPTS_PER_5_MINUTES) - 1);
  });

  it("counts only failures: who proves to be the owner gets the attempt back", async () => {
    const { step } = freshAddress();
    for (let i = 0; i < 20; i++) {
      expect(await step((limiter) => limiter.attempt("ada"))).toBeNull();
      await step((limiter) => limiter.forgive("ada"));
    }
    expect(await step((_, state) => state.storage.sql.exec("SELECT * FROM auth_attempts").toArray())).toEqual(
      [],
    );
  });

  it("forgets attempts when they no longer count, and then stores nothing at all", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { stub, step } = freshAddress();
    await step((limiter) => limiter.attempt("ada"));
    expect(await step((_, state) => state.storage.getAlarm())).not.toBeNull();
    vi.setSystemTime(Date.now() + 10 * 60_000);
    await runDurableObjectAlarm(stub);
    expect(await step((_, state) => tablesOf(state))).toEqual([]);
    expect(await step((_, state) => state.storage.getAlarm())).toBeNull();
    expect(await step((limiter) => limiter.attempt("ada"))).toBeNull();
  });

  it("looks again later while some attempts still count", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { stub, step } = freshAddress();
    await step((limiter) => limiter.attempt("ada"));
    vi.setSystemTime(Date.now() + 10 * 60_000);
    await step((limiter) => limiter.attempt("grace"));
    await runDurableObjectAlarm(stub);
    const accounts = await step((_, state) =>
      state.storage.sql.exec("SELECT account FROM auth_attempts").toArray(),
    );
    expect(accounts).toEqual([{ account: "grace" }]);
    expect(await step((_, state) => state.storage.getAlarm())).not.toBeNull();
  });
});

describe("limits of an address, over HTTP", () => {
  const refusal = { code: "rate_limited", message: "Too many requests", retry_after_ms: 1500 } as const;

  it("[LIM-2] answer 429 with Retry-After in whole seconds, rounded up", async () => {
    vi.spyOn(LimiterObject.prototype, "take").mockResolvedValue(refusal);
    const response = await call("GET", "/api/users/me");
    expect(response.headers.get("Retry-After")).toBe("2");
    const problem = await read(response, 429, problemSchema);
    expect(problem).toMatchObject({ code: "rate_limited", retry_after_ms: 1500 });
  });

  it("stand before everything under /api, and not before health", async () => {
    const take = vi.spyOn(LimiterObject.prototype, "take").mockResolvedValue(refusal);
    for (const path of ["/api/users/me", "/api/v1/users/me", "/api/nothing", "/api/openapi.json"]) {
      expect((await call("GET", path)).status).toBe(429);
    }
    expect(take).toHaveBeenCalledTimes(4);
    for (const path of ["/health", "/health/ready"]) expect((await call("GET", path)).status).toBe(200);
    expect(take).toHaveBeenCalledTimes(4);
  });

  it("[LIM-1] count a request once and log it once, under either base", async () => {
    const { access_token: token } = await registerUser();
    const take = vi.spyOn(LimiterObject.prototype, "take");
    const lines = vi.spyOn(console, "info");
    for (const base of ["/api", "/api/v1"]) {
      take.mockClear();
      lines.mockClear();
      const answer = await call("GET", `${base}/users/me`, { token, headers: { "X-Request-Id": "once" } });
      expect(answer.status).toBe(200);
      expect(take.mock.calls).toEqual([["request"]]);
      const logged = lines.mock.calls.map(([line]) => String(line)).filter((line) => line.includes("once"));
      expect(logged).toHaveLength(1);
      expect(logged[0]).toContain(`"${base}/users/me"`);
    }
  });

  it("[LIM-1] hold attempts to sign in back, right or wrong, once too many have failed", async () => {
    // Time stands still: the suite's limit is so high that a token is back in a third of a second.
    vi.useFakeTimers({ toFake: ["Date"] });
    const { user } = await registerUser();
    const headers = { "CF-Connecting-IP": "203.0.113.7" };
    const login = (username: string, password: string) =>
      call("POST", "/api/auth/login", { headers, body: { username, password } });

    expect((await login(user.username, "wrong-password")).status).toBe(401);
    const stub = env.LIMITERS.getByName("203.0.113.7");
    const account = await hashToken(`login:${user.username}`);
    const left = Number(env.AUTH_ATTEMPTS_PER_5_MINUTES) - 1;
    await runInDurableObject(stub, async (limiter) => {
      for (let i = 0; i < left; i++) await limiter.attempt(account);
    });
    await evictDurableObject(stub);

    const refused = await login(user.username, PASSWORD);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(await problemOf(refused)).toBe("429 rate_limited");
    // Only this account, and only from there.
    expect((await login("someone_else", PASSWORD)).status).toBe(401);
    const elsewhere = { "CF-Connecting-IP": "203.0.113.8" };
    const body = { username: user.username, password: PASSWORD };
    expect((await call("POST", "/api/auth/login", { headers: elsewhere, body })).status).toBe(200);
  });

  it("do not count a sign-in that succeeds, whatever the case of the name", async () => {
    const { user } = await registerUser();
    const attempt = vi.spyOn(LimiterObject.prototype, "attempt");
    const forgive = vi.spyOn(LimiterObject.prototype, "forgive");
    for (const username of [user.username, user.username.toUpperCase()]) {
      await call("POST", "/api/auth/login", { body: { username, password: PASSWORD } });
    }
    expect(attempt).toHaveBeenCalledTimes(2);
    expect(attempt.mock.calls[0]).toEqual(attempt.mock.calls[1]);
    expect(forgive.mock.calls).toEqual(attempt.mock.calls);
    await call("POST", "/api/auth/login", { body: { username: user.username, password: "wrong-password" } });
    expect(forgive).toHaveBeenCalledTimes(2);
  });

  it("[LIM-2] do not count what was not judged, since too many wait to be hashed", async () => {
    const { user } = await registerUser();
    const [attempt, forgive] = [
      vi.spyOn(LimiterObject.prototype, "attempt"),
      vi.spyOn(LimiterObject.prototype, "forgive"),
    ];
    vi.spyOn(Gate.prototype, "pass").mockResolvedValue(null);
    const body = { username: user.username, password: "wrong-password" };
    expect(await problemOf(await call("POST", "/api/auth/login", { body }))).toBe("503 unavailable");
    expect(forgive.mock.calls).toEqual(attempt.mock.calls);
    expect(attempt).toHaveBeenCalledOnce();
  });

  it("[LIM-1] hold guesses at the current password back as well", async () => {
    const { access_token: token } = await registerUser();
    vi.spyOn(LimiterObject.prototype, "attempt").mockResolvedValue(refusal);
    const body = { current_password: PASSWORD, new_password: "quarry-lantern-otter" };
    expect(await problemOf(await call("POST", "/api/auth/password", { token, body }))).toBe(
      "429 rate_limited",
    );
  });

  it("[LIM-1] count attempts to connect", async () => {
    const take = vi.spyOn(LimiterObject.prototype, "take").mockResolvedValue(refusal);
    expect(await problemOf(await call("GET", "/ws?token=x", { headers: { Upgrade: "websocket" } }))).toBe(
      "429 rate_limited",
    );
    expect(take).toHaveBeenCalledWith("connection");
  });
});

describe("the address of a client", () => {
  it.each([
    ["CF-Connecting-IP", "192.0.2.1", "192.0.2.1"],
    ["CF-Connecting-IP", undefined, "local"],
    ["", "192.0.2.1", "local"],
    ["X-Forwarded-For", "6.6.6.6, 192.0.2.1", "192.0.2.1"],
    ["X-Forwarded-For", "6.6.6.6,192.0.2.1:4711", "192.0.2.1"],
    ["X-Forwarded-For", "192.0.2.1,", "local"],
    ["X-Real-IP", "not an address", "local"],
    ["X-Real-IP", "::ffff:192.0.2.1", "192.0.2.1"],
    ["X-Real-IP", "2001:DB8:0:1:2:3:4:5", "2001:db8:0:1::/64"],
    ["X-Real-IP", "2001:db8:0:1::9", "2001:db8:0:1::/64"],
    ["X-Real-IP", "[2001:0db8::1]:443", "2001:db8:0:0::/64"],
    ["X-Real-IP", "::1", "0:0:0:0::/64"],
    ["X-Real-IP", "1::2::3", "local"],
    ["X-Real-IP", "fe80::1%eth0", "fe80:0:0:0::/64"],
  ])("of %s: %s is %s", (header, value, expected) => {
    const headers = new Headers(value === undefined || header === "" ? {} : { [header]: value });
    if (header === "") headers.set("X-Forwarded-For", value ?? "");
    expect(clientAddress(headers, header)).toBe(expected);
  });
});
