import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { UimError } from "../../sdk/errors.ts";
import { conversationsApi } from "../../sdk/http/conversations-api.ts";
import { HttpClient } from "../../sdk/http/http-client.ts";
import { Session } from "../../sdk/http/session.ts";
import { MemoryTokenStore } from "../../sdk/http/token-store.ts";
import { usersApi } from "../../sdk/http/users-api.ts";
import { FakeEnvironment, json, problem } from "./support/fake-environment.ts";

const anything = z.unknown();
const TOKENS = {
  token_type: "Bearer",
  expires_in: 900,
  session_id: "01900000-0000-7000-8000-000000000001",
  device_id: "d",
};

/** As far as a client reads one. */
function tokenOf(sub: string, name: string): string {
  return `${name}.${btoa(JSON.stringify({ sub }))}.signature`;
}
const OLD = tokenOf("ada", "old");
const NEW = tokenOf("ada", "new");

describe("requests", () => {
  let environment: FakeEnvironment;
  let http: HttpClient;
  let asked: { url: string; init: RequestInit }[];
  let answers: (() => Response)[];

  beforeEach(() => {
    environment = new FakeEnvironment();
    http = new HttpClient("https://x.example/", environment, null);
    asked = [];
    answers = [];
    environment.answer = (url, init) => {
      asked.push({ url, init });
      const next = answers.shift();
      if (!next) throw new TypeError("fetch failed");
      return next();
    };
  });

  it("become typed errors when the server answers with a problem", async () => {
    answers = [() => problem("blocked_by_moon", 403, { errors: [{ path: "a", message: "b" }] })];
    const error = await http.request(anything, { method: "GET", path: "/a" }).catch((reason) => reason);
    expect(error).toBeInstanceOf(UimError);
    expect(error).toMatchObject({
      code: "blocked_by_moon",
      message: "it is blocked_by_moon",
      status: 403,
      request_id: "r-1",
      retry_after_ms: null,
      errors: [{ path: "a", message: "b" }],
    });
  });

  it("say so when something else than UIM answers", async () => {
    answers = [() => new Response("<html>", { status: 502 }), () => json({ a: 1 })];
    await expect(http.request(anything, { method: "GET", path: "/a" })).rejects.toMatchObject({
      code: "bad_answer",
      status: 502,
    });
    await expect(http.request(z.string(), { method: "GET", path: "/a" })).rejects.toMatchObject({
      code: "bad_answer",
    });
  });

  it.each([
    ["rate_limited", 429],
    ["unavailable", 503],
  ])("are made again after %s, no sooner than the server says [LIM-2]", async (code, status) => {
    answers = [() => problem(code, status, { retry_after_ms: 7_000 }), () => json("done")];
    const answer = http.request(anything, { method: "POST", path: "/a", body: {} });
    await environment.advance(6_999);
    expect(asked).toHaveLength(1);
    await environment.advance(1);
    expect(await answer).toBe("done");
  });

  it("are not made again when the wait is long, or when they may have had an effect", async () => {
    answers = [() => problem("rate_limited", 429, { retry_after_ms: 600_000 })];
    await expect(http.request(anything, { method: "GET", path: "/a" })).rejects.toMatchObject({
      code: "rate_limited",
      retry_after_ms: 600_000,
    });
    await expect(http.request(anything, { method: "POST", path: "/a" })).rejects.toMatchObject({
      code: "network",
    });
    expect(asked).toHaveLength(2);
  });

  it("that can be repeated are, when nobody answers", async () => {
    const answer = http.request(anything, { method: "PUT", path: "/a" });
    await environment.advance(500);
    answers = [() => json("done")];
    await environment.advance(1_000);
    expect(await answer).toBe("done");
    expect(asked).toHaveLength(3);
  });

  it("for profiles can be repeated, though they are made by POST", async () => {
    const { users } = usersApi((schema, request) => http.request(schema, request));
    const answer = users(["ada"]);
    await environment.settle();
    answers = [() => json({ items: [] })];
    await environment.advance(1_000);
    expect(await answer).toEqual({ items: [] });
  });

  it("[IDEM-2] for a new group are with its key, since that makes one group, and without one are not", async () => {
    const api = conversationsApi((schema, request) => http.request(schema, request));
    const draft = { name: "Team", participant_ids: [] };
    await expect(api.createGroup(draft)).rejects.toMatchObject({ code: "network" });
    expect(asked).toHaveLength(1);
    const keyed = api.createGroup({ ...draft, client_conversation_id: "key" }).catch((error) => error.code);
    await environment.advance(60_000);
    expect(await keyed).toBe("network");
    expect(asked).toHaveLength(1 + 5);
    expect(asked.slice(1).map(({ init }) => JSON.parse(String(init.body)))).toEqual(
      Array.from({ length: 5 }, () => ({ ...draft, client_conversation_id: "key", type: "group" })),
    );
  });

  it("give up after five attempts", async () => {
    const answer = http.request(anything, { method: "GET", path: "/a" }).catch((error) => error.code);
    await environment.advance(60_000);
    expect(await answer).toBe("network");
    expect(asked).toHaveLength(5);
  });

  it("name what they ask for in the query", async () => {
    answers = [() => json(null)];
    const query = { q: "ä&b", limit: 5, cursor: null, archived: false };
    await http.request(anything, { method: "GET", path: "/a", query });
    expect(asked[0]?.url).toBe("https://x.example/a?q=%C3%A4%26b&limit=5&archived=false");
  });
});

describe("a session", () => {
  let environment: FakeEnvironment;
  let session: Session;
  let store: MemoryTokenStore;
  let ends: UimError[];
  let valid: string;
  let refreshes: unknown[];
  let refuseRefresh: Response | null;

  beforeEach(() => {
    environment = new FakeEnvironment();
    ends = [];
    refreshes = [];
    valid = NEW;
    refuseRefresh = null;
    store = new MemoryTokenStore({ ...TOKENS, access_token: OLD, refresh_token: "r1" });
    environment.answer = async (url, init) => {
      if (url.endsWith("/api/auth/refresh")) {
        refreshes.push(JSON.parse(String(init.body)));
        return (
          refuseRefresh ?? json({ ...TOKENS, access_token: valid, refresh_token: `r${refreshes.length + 1}` })
        );
      }
      const { authorization } = Object.fromEntries(new Headers(init.headers));
      return authorization === `Bearer ${valid}` ? json("welcome") : problem("token_expired", 401);
    };
  });

  function begin(useCookie = false) {
    const http = new HttpClient("https://x.example", environment, useCookie ? "include" : null);
    session = new Session(http, store, { useCookie, device_id: "phone" }, (error) => ends.push(error));
    return () => http.authorized(session, anything, { method: "GET", path: "/a" });
  }

  it("refreshes once for all requests whose token has expired", async () => {
    const ask = begin();
    await session.resume();
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(["welcome", "welcome", "welcome"]);
    expect(refreshes).toEqual([{ refresh_token: "r1", device_id: TOKENS.device_id, use_cookie: false }]);
    expect(await store.load()).toMatchObject({ access_token: NEW, refresh_token: "r2" });
    // A late one, made with the old token, uses the new one at once.
    expect(await session.refresh(OLD)).toBe(NEW);
    expect(session.user_id).toBe("ada");
    expect(refreshes).toHaveLength(1);
  });

  it("ends when the server does not take its refresh token, and keeps nothing", async () => {
    const ask = begin();
    await session.resume();
    refuseRefresh = problem("refresh_reused", 401);
    await expect(ask()).rejects.toMatchObject({ code: "refresh_reused" });
    expect(ends).toHaveLength(1);
    expect(await store.load()).toBeNull();
    await expect(ask()).rejects.toMatchObject({ code: "signed_out" });
    expect(ends).toHaveLength(1);
  });

  it("does not end because the server is away for a while", async () => {
    const ask = begin();
    await session.resume();
    refuseRefresh = problem("internal", 500);
    await expect(ask()).rejects.toMatchObject({ code: "internal" });
    refuseRefresh = null;
    expect(await ask()).toBe("welcome");
    expect(ends).toEqual([]);
  });

  it("leaves the refresh token in the cookie: after a reload it asks for a new pair without one", async () => {
    store = new MemoryTokenStore();
    const ask = begin(true);
    expect(await session.resume()).toBe(true);
    expect(refreshes).toEqual([{ device_id: "phone", use_cookie: true }]);
    expect(await ask()).toBe("welcome");
  });

  it("goes on in two windows that refresh at the same moment, though the cookie's token is good once", async () => {
    store = new MemoryTokenStore();
    const cookie = { token: "c1" };
    environment.answer = async () => {
      const { token } = cookie;
      await environment.settle();
      if (token !== cookie.token) return problem("refresh_reused", 401);
      cookie.token += "+";
      return json({ ...TOKENS, access_token: tokenOf("ada", cookie.token), refresh_token: undefined });
    };
    begin(true);
    const first = session.resume();
    begin(true);
    expect(await Promise.all([first, session.resume()])).toEqual([true, true]);
    expect([cookie.token, ends]).toEqual(["c1++", []]);
  });

  it("signs in after a refresh that is under way in another window, whose cookie would take the place of the new one", async () => {
    store = new MemoryTokenStore();
    let cookie = "";
    const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    environment.answer = async (url) => {
      const user = url.endsWith("/refresh") ? "ada" : "bob";
      if (user === "ada") {
        begun.resolve();
        await released.promise;
      }
      cookie = user;
      return json({ ...TOKENS, access_token: tokenOf(user, "x"), refresh_token: undefined, user: {} });
    };
    begin(true);
    const refreshing = session.resume();
    await begun.promise;
    begin(true);
    const signingIn = session.signIn("/api/auth/login", {});
    await environment.settle();
    released.resolve();
    await Promise.allSettled([refreshing, signingIn]);
    expect(cookie).toBe("bob");
  });

  it("lets the next window refresh when a refresh is not answered", async () => {
    store = new MemoryTokenStore();
    const { answer } = environment;
    environment.answer = (_, { signal }) =>
      new Promise((_, fail) => signal?.addEventListener("abort", () => fail(signal.reason)));
    begin(true);
    const hanging = session.resume().catch(({ code }) => code);
    await environment.settle();
    environment.answer = answer;
    begin(true);
    const next = session.resume();
    await environment.advance(30_000);
    expect([await hanging, await next]).toEqual(["network", true]);
  });

  it("is not taken over by whoever else has signed in with the same cookie", async () => {
    store = new MemoryTokenStore();
    const ask = begin(true);
    session.assume("bob");
    await expect(ask()).rejects.toMatchObject({ code: "signed_out" });
    expect([ends.length, session.user_id]).toEqual([1, null]);
  });

  it("is not taken up again by what was asked before it was forgotten", async () => {
    const ask = begin(true);
    await session.resume();
    const { answer } = environment;
    environment.answer = () => problem("unavailable", 503);
    const waiting = ask().catch(({ code }) => code);
    await environment.settle();
    await session.forget();
    environment.answer = answer;
    await environment.advance(60_000);
    expect(await waiting).toBe("signed_out");
    expect([refreshes, session.user_id, await store.load()]).toEqual([[], null, null]);
  });

  it("is not taken up again by a refresh that was under way", async () => {
    const ask = begin(true);
    await session.resume();
    const release = environment.holdBack("/refresh");
    const refreshing = ask().catch(({ code }) => code);
    await environment.settle();
    await session.forget();
    release();
    expect(await refreshing).toBe("signed_out");
    expect([ends, session.user_id, await store.load()]).toEqual([[], null, null]);
    // Whoever comes next does not wait for it.
    expect(await session.resume()).toBe(true);
  });

  it("is none where the cookie is gone", async () => {
    store = new MemoryTokenStore();
    begin(true);
    refuseRefresh = problem("unauthenticated", 401);
    expect(await session.resume()).toBe(false);
  });
});
