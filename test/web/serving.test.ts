import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unstable_startWorker } from "wrangler";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { ensureWeb, INITIAL_JS_BUDGET, sizesOf } from "../../scripts/lib/web.mjs";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";

/** An address of each page of the client. */
const PAGES = ["/c/some-conversation", "/join/code", "/people", "/settings", "/sign-in", "/sign-up"];

let server: TestServer;
let cloudflare: Awaited<ReturnType<typeof unstable_startWorker>>;

beforeAll(async () => {
  server = await startTestServer({ hasWeb: true });
  cloudflare = await unstable_startWorker({
    config: path.join(ROOT, "wrangler.toml"),
    assets: await ensureWeb(),
    dev: { server: { port: 0 }, inspector: false, persist: false, watch: false, logLevel: "none" },
  });
});
afterAll(() => Promise.all([server?.stop(), cloudflare?.dispose()]));

const ASK = {
  "npm start": async (path: string, mode: string) =>
    fetch(server.url + path, { headers: { "Sec-Fetch-Mode": mode } }),
  "what Cloudflare runs": async (path: string, mode: string) =>
    cloudflare.fetch(`http://uim.example${path}`, { headers: { "Sec-Fetch-Mode": mode } }),
};

describe.each(Object.entries(ASK))("the files, by %s", (_, ask) => {
  it("are the client's page under the address of each of its pages", async () => {
    for (const path of ["/", ...PAGES]) {
      const answer = await ask(path, "navigate");
      expect(answer.status, path).toBe(200);
      expect(await answer.text(), path).toContain('<div id="root">');
    }
  });

  it("are not there when they are gone, and nobody is to keep that", async () => {
    for (const path of ["/assets/index-gone.js", "/assets/gone/font.woff2", "/gone.js", "/_redirects"]) {
      for (const mode of ["navigate", "no-cors"]) {
        const answer = await ask(path, mode);
        expect(answer.status, path).toBe(404);
        expect(answer.headers.get("cache-control"), path).toBe("no-store");
        expect(await answer.json(), path).toMatchObject({ code: "not_found" });
      }
    }
  });
});

describe("the server with the web client", () => {
  it("leaves the API, the sockets and the rest of the Worker alone", async () => {
    const health = await fetch(`${server.url}/health`);
    expect(health.headers.get("content-type")).toContain("application/json");
    const nothing = await fetch(`${server.url}/api/nothing`, { headers: { "Sec-Fetch-Mode": "navigate" } });
    expect(nothing.status).toBe(404);
    expect(await nothing.json()).toMatchObject({ code: "not_found" });
    expect((await fetch(`${server.url}/ws`)).status).toBe(426);
    expect(await (await fetch(`${server.url}/.well-known/jwks.json`)).json()).toHaveProperty("keys");
  });

  it("allows the page nothing but its own files, its own server, and pictures", async () => {
    const { headers } = await fetch(server.url);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).toContain("img-src 'self' https:;");
    expect(policy.replace("img-src 'self' https:;", "")).not.toMatch(/unsafe|data:|https?:|\*/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  });

  it("lets browsers keep what is named by its content, and nothing else", async () => {
    const page = await fetch(server.url);
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? "";
    const asset = await fetch(server.url + script);
    expect(asset.headers.get("cache-control")).toContain("immutable");
    expect(page.headers.get("cache-control") ?? "").not.toContain("immutable");
  });

  it("loads little at first", async () => {
    const { initialJs, signedInJs } = sizesOf(await ensureWeb());
    expect(initialJs).toBeGreaterThan(10_000);
    expect(signedInJs).toBeGreaterThan(initialJs);
    expect(signedInJs).toBeLessThan(INITIAL_JS_BUDGET);
  });
});
