import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureWeb, INITIAL_JS_BUDGET, sizesOf } from "../../scripts/lib/web.mjs";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ hasWeb: true });
});
afterAll(() => server?.stop());

describe("the server with the web client", () => {
  it("answers with the client's page where nothing else is", async () => {
    for (const path of ["/", "/c/some-conversation", "/join/code", "/index.html"]) {
      const answer = await fetch(server.url + path, { headers: { "Sec-Fetch-Mode": "navigate" } });
      expect(answer.status, path).toBe(200);
      expect(await answer.text(), path).toContain('<div id="root">');
    }
  });

  it("leaves the API, the sockets and the rest of the Worker alone", async () => {
    const health = await fetch(`${server.url}/health`);
    expect(health.headers.get("content-type")).toContain("application/json");
    const nothing = await fetch(`${server.url}/api/nothing`, { headers: { "Sec-Fetch-Mode": "navigate" } });
    expect(nothing.status).toBe(404);
    expect(await nothing.json()).toMatchObject({ code: "not_found" });
    expect((await fetch(`${server.url}/ws`)).status).toBe(426);
    expect(await (await fetch(`${server.url}/.well-known/jwks.json`)).json()).toHaveProperty("keys");
  });

  it("allows the page nothing but its own files and its own server", async () => {
    const { headers } = await fetch(server.url);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  });

  it("lets browsers keep what is named by its content, and nothing else", async () => {
    const page = await fetch(server.url);
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? "";
    const asset = await fetch(server.url + script);
    expect(asset.headers.get("cache-control")).toContain("immutable");
    expect(page.headers.get("cache-control") ?? "").not.toContain("immutable");
    expect((await fetch(`${server.url}/_headers`)).headers.get("content-type")).toContain("text/html");
  });

  it("loads little at first", async () => {
    const { initialJs, signedInJs } = sizesOf(await ensureWeb());
    expect(initialJs).toBeGreaterThan(10_000);
    expect(signedInJs).toBeGreaterThan(initialJs);
    expect(signedInJs).toBeLessThan(INITIAL_JS_BUDGET);
  });
});
