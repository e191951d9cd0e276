import { describe, expect, it } from "vitest";
import { ERRORS } from "../../src/protocol/errors.ts";
import { createApp } from "../../src/routes/index.ts";
import { call } from "../support/workerd/api.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
interface Operation {
  summary?: string;
  tags?: string[];
  security?: object[];
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; securitySchemes: Record<string, Json> };
}

const document = await (await call("GET", "/api/openapi.json")).json<Document>();
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({
    id: `${method.toUpperCase()} ${path}`,
    path,
    operation,
  })),
);

/** Every `$ref` in a piece of JSON. */
function refsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner] : refsIn(inner),
  );
}

describe("the OpenAPI document", () => {
  it("describes every route that is mounted, and no other", () => {
    const mounted = createApp()
      .routes.filter(({ method, path }) => method !== "ALL" && !path.startsWith("/api/v1/"))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`)
      // The document and its page describe, and are not described.
      .filter((id) => id !== "GET /api/openapi.json" && id !== "GET /api/docs");
    expect([...new Set(mounted)].sort()).toEqual(operations.map(({ id }) => id).sort());
    expect(operations.length).toBeGreaterThan(25);
  });

  it("is the same under /api/v1", async () => {
    expect(await (await call("GET", "/api/v1/openapi.json")).json()).toEqual(document);
  });

  it("is OpenAPI 3.1 whose references all lead somewhere", () => {
    expect(document.openapi).toBe("3.1.0");
    const refs = new Set(refsIn(document));
    expect(refs.size).toBeGreaterThan(15);
    for (const ref of refs) {
      const name = /^#\/components\/schemas\/(\w+)$/.exec(ref)?.[1] ?? ref;
      expect(document.components.schemas).toHaveProperty(name);
    }
  });

  it("defines the security schemes its routes ask for", () => {
    for (const { operation } of operations) {
      for (const name of (operation.security ?? []).flatMap(Object.keys)) {
        expect(document.components.securitySchemes).toHaveProperty(name);
      }
    }
  });

  it.each(operations.map(({ id, path, operation }) => ({ id, path, operation })))(
    "is complete for $id",
    ({ path, operation }) => {
      expect(operation.summary).toMatch(/\w/);
      expect(operation.tags).toHaveLength(1);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
      expect(declared.map((parameter) => parameter.name)).toEqual(inPath);
      for (const parameter of operation.parameters ?? [])
        expect(Object.keys(parameter.schema).length).toBeGreaterThan(0);
      expect(Object.keys(operation.responses).some((status) => /^[12]\d\d$/.test(status))).toBe(true);
      for (const response of Object.values(operation.responses)) expect(response.description).toMatch(/\w/);
    },
  );

  it("asks for a token exactly where a request without one is refused", async () => {
    for (const { id, path, operation } of operations) {
      if (path.startsWith("/ws")) continue;
      const [method = ""] = id.split(" ");
      const response = await call(
        method,
        path.replaceAll(/\{\w+\}/g, "01890000-0000-7000-8000-000000000000"),
      );
      const refused = response.status === 401 && id !== "POST /api/auth/refresh";
      expect([id, refused]).toEqual([id, (operation.security ?? []).length > 0]);
    }
  });
});

describe("the docs page", async () => {
  const response = await call("GET", "/api/v1/docs");
  const page = await response.text();

  it("shows every operation, schema and error code", () => {
    for (const { path } of operations) expect(page).toContain(path);
    for (const name of Object.keys(document.components.schemas))
      expect(page).toContain(`id="schema-${name}"`);
    for (const code of Object.keys(ERRORS)) expect(page).toContain(`id="${code}"`);
  });

  it("needs nothing from elsewhere and runs no script", async () => {
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).not.toMatch(/<script|<link|<img|src=|https?:\/\/(?!json-schema)/i);
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? "";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
    const policy = response.headers.get("Content-Security-Policy") ?? "";
    expect(policy).toContain(`style-src 'sha256-${hash}'`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
  });
});
