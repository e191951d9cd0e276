import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { problemSchema } from "../../src/protocol/errors.ts";
import worker from "../../src/worker.ts";
import { call, problemOf, read, registerUser } from "../support/workerd/api.ts";

const { access_token: token } = await registerUser();
const UNKNOWN = "01890000-0000-7000-8000-000000000000";

function put(body: string, headers: Record<string, string> = {}): Promise<Response> {
  return call("PUT", "/api/users/me", { token, body, headers });
}

afterEach(() => vi.restoreAllMocks());

describe("bodies", () => {
  it.each(["{", "", "nonsense", '{"a":}', "\u0000", '{"display_name":"a"}}'])(
    "that are not JSON are refused: %j",
    async (body) => {
      expect(await problemOf(await put(body))).toBe("400 invalid_request");
    },
  );

  it.each(["null", "[]", '"text"', "12", "true", '[{"display_name":"x"}]'])(
    "of another type are refused: %s",
    async (body) => {
      expect(await problemOf(await put(body))).toBe("400 invalid_request");
    },
  );

  it.each([
    { display_name: 12 },
    { display_name: { $gt: "" } },
    { display_name: ["a"] },
    { display_name: "" },
    { display_name: "a\u0000b" },
    { status_text: "\ud800" },
    { status_text: "x".repeat(201) },
  ])("with a bad field are refused, naming it: %j", async (body) => {
    const problem = await read(await put(JSON.stringify(body)), 400, problemSchema);
    expect(problem.errors?.map((error) => error.path)).toEqual(Object.keys(body));
  });

  it("are only read as JSON", async () => {
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
    ]) {
      expect(await problemOf(await put('{"display_name":"x"}', { "Content-Type": type }))).toBe(
        "400 invalid_request",
      );
    }
  });

  it("over the limit are refused before they are parsed", async () => {
    const parse = vi.spyOn(JSON, "parse");
    const body = JSON.stringify({ display_name: "x".repeat(600_000) });
    expect((await put(body)).status).toBe(413);
    expect(parse).not.toHaveBeenCalledWith(body, expect.anything());
    expect(await problemOf(await put(body))).toBe("413 payload_too_large");
  });

  it("of unknown length are counted while they come in", async () => {
    let sent = 0;
    const long = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new TextEncoder().encode(" ".repeat(65_536)));
        if (sent >= 8_000_000) controller.close();
      },
    });
    const request = new Request<unknown, IncomingRequestCfProperties>("http://uim.test/api/users/me", {
      method: "PUT",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: long,
    });
    const response = await worker.fetch(request, env, createExecutionContext());
    expect(await problemOf(response)).toBe("413 payload_too_large");
    expect(sent).toBeLessThan(2_000_000);
  });

  it("nested as deep as fits do no harm", async () => {
    const depth = 200_000;
    expect((await put(`{"unknown":${"[".repeat(depth)}${"]".repeat(depth)}}`)).status).toBe(200);
    const metadata = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
    const path = `/api/conversations/${UNKNOWN}/messages`;
    const body = `{"content":"x","client_message_id":"1","metadata":${metadata}}`;
    expect(await problemOf(await call("POST", path, { token, body }))).toBe("400 invalid_request");
  });

  it("with unknown fields are read without them", async () => {
    const body = '{"status_text":"x","roles":["admin"],"user_id":"1","__proto__":{"roles":["admin"]}}';
    const account = await (await put(body)).json<{ roles: string[]; status_text: string }>();
    expect(account).toMatchObject({ roles: ["user"], status_text: "x" });
  });
});

describe("addresses", () => {
  it.each([
    "1",
    "%00",
    UNKNOWN.toUpperCase(),
    `${UNKNOWN}0`,
    "..%2f..",
    "'; DROP TABLE users; --",
    "\u{1F600}",
  ])("[SEC-2] with an id that cannot be one are not there: %s", async (id) => {
    const encoded = encodeURIComponent(decodeURIComponent(id));
    const paths: [string, string][] = [
      [`/api/users/${encoded}`, "404 not_found"],
      [`/api/users/${encoded}/presence`, "404 not_found"],
      [`/api/conversations/${encoded}`, "404 conversation_not_found"],
      [`/api/conversations/${encoded}/members`, "404 conversation_not_found"],
      [`/api/conversations/${encoded}/messages`, "404 conversation_not_found"],
    ];
    for (const [path, expected] of paths)
      expect(await problemOf(await call("GET", path, { token }))).toBe(expected);
  });

  it.each(["/", "/api", "/api/", "/api/nothing", "/api/v2/users/me", "/api/users/me/", "/.env", "/api/v1"])(
    "that are no route answer 404: %s",
    async (path) => {
      expect(await problemOf(await call("GET", path, { token }))).toBe("404 not_found");
    },
  );

  it("know each method that is theirs and no other", async () => {
    expect(await problemOf(await call("DELETE", "/api/auth/login", { token }))).toBe("404 not_found");
    expect(await problemOf(await call("PATCH", "/api/users/me", { token, body: {} }))).toBe("404 not_found");
  });

  it("answer under /api/v1 as under /api", async () => {
    const [one, other] = await Promise.all(
      ["/api", "/api/v1"].map((base) => call("GET", `${base}/users/me`, { token })),
    );
    expect(await one?.json()).toEqual(await other?.json());
  });
});

describe("every answer", () => {
  it.each(["/health", "/nothing", "/api/users/me", "/api/openapi.json", "/ws"])(
    "of %s has an id",
    async (path) => {
      const response = await call("GET", path);
      expect(response.headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it("keeps the id it was asked with, if it is a sane one", async () => {
    const ask = async (id: string) => {
      const response = await call("GET", "/api/users/me", { headers: { "X-Request-Id": id } });
      const { request_id } = await read(response, 401, problemSchema);
      expect(response.headers.get("X-Request-Id")).toBe(request_id);
      return request_id;
    };
    expect(await ask("trace-1.A_z")).toBe("trace-1.A_z");
    for (const id of ["", "with space", "x".repeat(65), '"}{"level":"error', "ü"])
      expect(await ask(id)).not.toBe(id);
  });

  it("can neither be sniffed, framed, nor cached", async () => {
    const { headers } = await call("GET", "/api/users/me", { token });
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    expect(headers.get("Cache-Control")).toBe("no-store");
    expect(headers.get("Access-Control-Allow-Origin")).toBeNull();
  });
});

describe("the log", () => {
  it("names the route, not what was in it, and holds no secret", async () => {
    const lines: string[] = [];
    for (const level of ["debug", "info", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)));
    }
    const password = "not-in-any-log-99";
    await call("POST", "/api/auth/login", { body: { username: "someone", password } });
    await call("GET", `/api/users/${UNKNOWN}?q=queryword`, { token });
    await call("GET", `/ws?token=${token}`, { headers: { Upgrade: "nothing" } });
    const text = lines.join("\n");
    for (const secret of [password, token, "queryword", UNKNOWN]) expect(text).not.toContain(secret);
    expect(lines.map((line) => JSON.parse(line))).toContainEqual({
      level: "info",
      msg: "request",
      request_id: expect.any(String),
      method: "GET",
      route: "/api/users/:user_id",
      status: 404,
      duration_ms: expect.any(Number),
      user_id: expect.any(String),
    });
  });
});
