import { env } from "cloudflare:workers";
import { v7 as newId } from "uuid";
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { pageSchema } from "../../src/protocol/page.ts";
import { signedInSchema, tokensSchema } from "../../src/protocol/session.ts";
import { accountSchema, userSchema } from "../../src/protocol/user.ts";
import { call, PASSWORD, problemOf, read, registerUser } from "../support/workerd/api.ts";

const userPage = pageSchema(userSchema);
/** PASSWORD under N=2^10, r=8, p=1 and a salt of zeros: what an old installation might have stored. */
const WEAK_HASH = "scrypt$10$8$1$AAAAAAAAAAAAAAAAAAAAAA$edcFr15LICTLLGQTUtToLoqilBTZI0bty0PUdmEFBcI";

function register(body: unknown): Promise<Response> {
  return call("POST", "/api/auth/register", { body });
}

function login(username: string, password: string): Promise<Response> {
  return call("POST", "/api/auth/login", { body: { username, password } });
}

afterEach(() => vi.restoreAllMocks());

describe("registering", () => {
  it("signs the new user in, on the device it named", async () => {
    const device = { device_id: "phone-1", platform: "ios", name: "Phone" };
    const signedIn = await registerUser({ device, display_name: "  Ada Lovelace " });
    expect(signedIn).toMatchObject({ token_type: "Bearer", expires_in: 900, device_id: "phone-1" });
    expect(signedIn.user).toMatchObject({ display_name: "Ada Lovelace", roles: ["user"], avatar_url: null });
    expect(signedIn.refresh_token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it("refuses a name or an address that is taken, whatever its case", async () => {
    const { user } = await registerUser();
    const fresh = { username: "someone_else", email: "someone@example.org", password: PASSWORD };
    expect(await problemOf(await register({ ...fresh, username: user.username.toUpperCase() }))).toBe(
      "409 username_taken",
    );
    expect(await problemOf(await register({ ...fresh, email: user.email.toUpperCase() }))).toBe(
      "409 email_taken",
    );
  });

  it("lets one of several through who register the same name at the same moment", async () => {
    const attempts = Array.from({ length: 6 }, (_, i) =>
      register({ username: "Racer", email: `racer${i}@example.org`, password: PASSWORD }),
    );
    const statuses = (await Promise.all(attempts)).map((response) => response.status).sort();
    expect(statuses).toEqual([201, 409, 409, 409, 409, 409]);
  });

  it.each([
    ["password123", "common"],
    ["Password123", "common"],
    ["QWERTYUIOP", "keyboard"],
    ["aaaaaaaaaa", "repeats"],
    ["23456789", "digits"],
    ["grace_hopper1", "user name"],
    ["admiral.grace9", "e-mail"],
  ])("refuses the password %s and says why", async (password, reason) => {
    const response = await register({
      username: "grace_hopper",
      email: "admiral.grace@example.org",
      password,
    });
    expect(response.status).toBe(400);
    const { code, errors } = await response.json<{
      code: string;
      errors: { path: string; message: string }[];
    }>();
    expect(code).toBe("invalid_request");
    expect(errors).toEqual([{ path: "password", message: expect.stringContaining(reason) }]);
  });

  it("names every field that does not fit", async () => {
    const response = await register({ username: "x", email: "nobody", password: "short" });
    const { errors } = await response.json<{ errors: { path: string }[] }>();
    expect(errors.map((error) => error.path).sort()).toEqual(["email", "password", "username"]);
  });

  it("stores the password as scrypt with its parameters, and nothing to sign in with", async () => {
    const { user, refresh_token } = await registerUser();
    const stored = await env.DB.prepare("SELECT password_hash FROM users WHERE user_id = ?")
      .bind(user.user_id)
      .first();
    expect(stored?.password_hash).toMatch(/^scrypt\$14\$8\$5\$[\w-]{22}\$[\w-]{43}$/);
    const tokens = await env.DB.prepare("SELECT hash FROM refresh_tokens").all();
    expect(tokens.results.map((row) => row.hash)).not.toContain(refresh_token);
  });
});

describe("signing in", () => {
  it("takes the user name or the e-mail address, whatever their case", async () => {
    const { user } = await registerUser();
    for (const name of [user.username.toUpperCase(), user.email.toUpperCase()]) {
      const again = await read(await login(name, PASSWORD), 200, signedInSchema);
      expect(again.user).toEqual(user);
    }
  });

  it("answers an unknown user and a wrong password with the same text, and spends a hash on both", async () => {
    const { user } = await registerUser();
    const answers = [];
    for (const [name, password] of [
      [user.username, "not-the-password"],
      ["nobody_at_all", "not-the-password"],
      ["nobody@example.org", "not-the-password"],
    ] as const) {
      const started_at = performance.now();
      const response = await login(name, password);
      const { request_id: _, ...problem } = await response.json<{ request_id: string; code: string }>();
      answers.push({ problem, status: response.status });
      // A hash takes about 100 ms here; an early answer would be back after a lookup.
      expect(performance.now() - started_at).toBeGreaterThan(30);
    }
    expect(answers[0]).toMatchObject({ status: 401, problem: { code: "invalid_credentials" } });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it("accepts the same password in another Unicode normal form", async () => {
    const { user } = await registerUser({ password: "caf\u00e9-lantern-quarry" });
    expect((await login(user.username, "cafe\u0301-lantern-quarry")).status).toBe(200);
  });

  it("hashes anew when the stored parameters are lower than today's", async () => {
    const { user } = await registerUser();
    await env.DB.prepare("UPDATE users SET password_hash = ? WHERE user_id = ?")
      .bind(WEAK_HASH, user.user_id)
      .run();
    expect((await login(user.username, PASSWORD)).status).toBe(200);
    const row = await env.DB.prepare("SELECT password_hash FROM users WHERE user_id = ?")
      .bind(user.user_id)
      .first();
    expect(row?.password_hash).toMatch(/^scrypt\$14\$8\$5\$/);
    expect((await login(user.username, PASSWORD)).status).toBe(200);
  });

  it("calls no password wrong because another sign-in hashed it anew at the same time", async () => {
    const { user } = await registerUser();
    await env.DB.prepare("UPDATE users SET password_hash = ? WHERE user_id = ?")
      .bind(WEAK_HASH, user.user_id)
      .run();
    const answers = await Promise.all(Array.from({ length: 4 }, () => login(user.username, PASSWORD)));
    const statuses = answers.map((answer) => answer.status);
    expect(statuses).toContain(200);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect((await login(user.username, PASSWORD)).status).toBe(200);
  });

  it("tells a suspended user so, but only with the right password", async () => {
    const { user } = await registerUser();
    await env.DB.prepare("UPDATE users SET suspended_at = 1 WHERE user_id = ?").bind(user.user_id).run();
    expect(await problemOf(await login(user.username, "not-the-password"))).toBe("401 invalid_credentials");
    expect(await problemOf(await login(user.username, PASSWORD))).toBe("403 account_suspended");
  });

  /** Has `change` happen after the password was found right, as late as can be before the session is stored. */
  function meanwhile(change: () => Promise<unknown>): void {
    const batch = env.DB.batch.bind(env.DB);
    vi.spyOn(env.DB, "batch").mockImplementationOnce(async (statements) => {
      await change();
      return batch(statements);
    });
  }

  async function storedSessions(user_id: string) {
    const { results } = await env.DB.prepare(
      `SELECT ended_at, count(hash) AS tokens FROM sessions LEFT JOIN refresh_tokens USING (session_id)
       WHERE user_id = ? GROUP BY session_id`,
    )
      .bind(user_id)
      .all();
    return results;
  }

  it("[SEC-1] opens no session under a password that was changed meanwhile", async () => {
    const { user, access_token: token } = await registerUser();
    const body = { current_password: PASSWORD, new_password: "quarry-lantern-otter" };
    meanwhile(async () => {
      expect((await call("POST", "/api/auth/password", { token, body })).status).toBe(204);
    });
    expect(await problemOf(await login(user.username, PASSWORD))).toBe("401 invalid_credentials");
    expect(await storedSessions(user.user_id)).toEqual([{ ended_at: null, tokens: 1 }]);
    expect((await login(user.username, body.new_password)).status).toBe(200);
  });

  it("[SEC-1] opens no session for a user who was suspended meanwhile", async () => {
    const { user } = await registerUser();
    meanwhile(() =>
      env.DB.prepare("UPDATE users SET suspended_at = 1 WHERE user_id = ?").bind(user.user_id).run(),
    );
    expect(await problemOf(await login(user.username, PASSWORD))).toBe("401 invalid_credentials");
    expect(await storedSessions(user.user_id)).toEqual([{ ended_at: null, tokens: 1 }]);
  });

  it("puts the refresh token into a cookie that no script can read, if asked to", async () => {
    const { user } = await registerUser();
    const body = { username: user.username, password: PASSWORD, use_cookie: true };
    const response = await call("POST", "/api/auth/login", { body });
    const cookie = response.headers.get("Set-Cookie") ?? "";
    expect(cookie).toMatch(/^uim_refresh=[\w-]{43};/);
    for (const attribute of ["HttpOnly", "Secure", "SameSite=Strict", "Path=/api/auth", "Max-Age=604800"]) {
      expect(cookie).toContain(attribute);
    }
    expect((await read(response, 200, signedInSchema)).refresh_token).toBeUndefined();

    const headers = { Cookie: cookie.split(";")[0] ?? "" };
    const refreshed = await call("POST", "/api/auth/refresh", { headers });
    expect(refreshed.headers.get("Set-Cookie")).toMatch(/^uim_refresh=[\w-]{43};/);
    expect((await read(refreshed, 200, tokensSchema)).refresh_token).toBeUndefined();
    // One that is good for nothing any more is not to be kept.
    const refused = await call("POST", "/api/auth/refresh", { headers });
    expect([refused.status, refused.headers.get("Set-Cookie")]).toEqual([
      401,
      expect.stringMatching(/^uim_refresh=; Max-Age=0;/),
    ]);
  });
});

describe("profiles", () => {
  it("changes what is given and leaves the rest", async () => {
    const { access_token: token, user } = await registerUser();
    const put = (body: unknown) => call("PUT", "/api/users/me", { token, body });
    const first = await read(await put({ display_name: "Ada", status_text: "away" }), 200, accountSchema);
    expect(first).toEqual({ ...user, display_name: "Ada", status_text: "away" });
    const avatar_url = "https://images.example.org/ada.png";
    expect(await read(await put({ avatar_url }), 200, accountSchema)).toEqual({ ...first, avatar_url });
    expect(await read(await put({}), 200, accountSchema)).toEqual({ ...first, avatar_url });
    expect(await read(await call("GET", "/api/users/me", { token }), 200, accountSchema)).toEqual({
      ...first,
      avatar_url,
    });
  });

  it("refuses an avatar that is no https address and names with control characters", async () => {
    const { access_token: token } = await registerUser();
    for (const body of [
      { avatar_url: "javascript:alert(1)" },
      { avatar_url: "http://x.org/a" },
      { display_name: "a\nb" },
    ]) {
      expect(await problemOf(await call("PUT", "/api/users/me", { token, body }))).toBe(
        "400 invalid_request",
      );
    }
  });

  it("shows others neither the address nor the roles", async () => {
    const { user } = await registerUser();
    const { access_token: token } = await registerUser();
    const response = await call("GET", `/api/users/${user.user_id}`, { token });
    const { email: _, roles: __, created_at: ___, privacy: ____, ...shown } = user;
    expect(await response.json()).toEqual(shown);
  });

  it("answers 404 for a user that does not exist and for an id that cannot be one", async () => {
    const { access_token: token } = await registerUser();
    for (const id of ["01890000-0000-7000-8000-000000000000", "1", "%00", "me2", "..%2Fme"]) {
      expect(await problemOf(await call("GET", `/api/users/${id}`, { token }))).toBe("404 not_found");
    }
  });
});

describe("looking users up", async () => {
  const [ada, bob, cyd] = await Promise.all([registerUser(), registerUser(), registerUser()]);
  const users = z.object({ items: z.array(userSchema) });

  async function lookUp(user_ids: readonly string[]) {
    const answer = await call("POST", "/api/users/lookup", { token: ada.access_token, body: { user_ids } });
    return (await read(answer, 200, users)).items;
  }

  it("answers those that there are, each once, with nothing that is their own alone", async () => {
    const nobody = "01890000-0000-7000-8000-000000000000";
    const found = await lookUp([bob.user.user_id, nobody, ada.user.user_id, bob.user.user_id]);
    expect(found.map(({ username }) => username).sort()).toEqual(
      [ada.user.username, bob.user.username].sort(),
    );
    expect(Object.keys(found[0] ?? {}).sort()).toEqual(Object.keys(userSchema.shape).sort());
  });

  it("leaves out who has blocked the caller, as if it were not there", async () => {
    const path = `/api/blocks/${ada.user.user_id}`;
    expect((await call("PUT", path, { token: cyd.access_token })).status).toBe(204);
    expect(await lookUp([cyd.user.user_id])).toEqual([]);
  });

  it.each([
    ["none", []],
    ["more than a hundred", Array.from({ length: 101 }, () => newId())],
    ["what is no id", ["me"]],
  ])("refuses %s", async (_, user_ids) => {
    const answer = await call("POST", "/api/users/lookup", { token: ada.access_token, body: { user_ids } });
    expect(await problemOf(answer)).toBe("400 invalid_request");
  });
});

describe("searching users", async () => {
  const { access_token: token } = await registerUser();

  it("finds by the beginning of either name, whatever the case, page by page", async () => {
    await registerUser({ username: "Zebra_1", email: "z1@example.org" });
    await registerUser({ username: "zebra_2", email: "z2@example.org" });
    await registerUser({ username: "quagga", email: "z3@example.org", display_name: "ZEBRA foal" });
    await registerUser({ username: "not_zebra", email: "z4@example.org" });
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = `q=zEbRa&limit=1${cursor === null ? "" : `&cursor=${cursor}`}`;
      const page: { items: { username: string }[]; next_cursor: string | null } = await read(
        await call("GET", `/api/users?${query}`, { token }),
        200,
        userPage,
      );
      found.push(...page.items.map((user) => user.username));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(found).toEqual(["quagga", "Zebra_1", "zebra_2"]);
  });

  it.each(["%", "_", "\\", "*", "'", '"', "[a", "\u{10FFFF}"])(
    "takes %j as it is, not as a pattern",
    async (q) => {
      const response = await call("GET", `/api/users?q=${encodeURIComponent(q)}`, { token });
      expect((await read(response, 200, userPage)).items).toEqual([]);
    },
  );

  it("does not show who is suspended, nor finds anyone by address", async () => {
    const { user } = await registerUser({ username: "gnu_gone", email: "hidden.gnu@example.org" });
    await env.DB.prepare("UPDATE users SET suspended_at = 1 WHERE user_id = ?").bind(user.user_id).run();
    for (const q of ["gnu_", "hidden.gnu"]) {
      expect((await read(await call("GET", `/api/users?q=${q}`, { token }), 200, userPage)).items).toEqual(
        [],
      );
    }
  });

  it.each([
    "",
    "q=",
    "q=%20",
    `q=${"a".repeat(51)}`,
    "q=a&limit=0",
    "q=a&limit=101",
    "q=a&limit=-1",
    "q=a&limit=1e99",
    "q=a&cursor=%00",
    "q=a&cursor=___",
    "q=%00",
  ])("refuses ?%s", async (query) => {
    expect(await problemOf(await call("GET", `/api/users?${query}`, { token }))).toBe("400 invalid_request");
  });
});
