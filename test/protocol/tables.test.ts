import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ERRORS } from "../../src/protocol/errors.ts";
import { limitsSchema, parseLimits } from "../../src/protocol/limits.ts";

const page = readFileSync(path.join(import.meta.dirname, "../../docs/protocol.md"), "utf8");

describe("docs/protocol.md", () => {
  it("names every error code with its status, and no other that is built", () => {
    const rows = [...page.matchAll(/^\| (`[a-z_`, ]+`) \| (\d{3}) \|(.*)\|$/gm)];
    const documented = rows
      .filter(([, , , when = ""]) => !when.includes("*(later)*"))
      .flatMap(([, codes = "", status]) =>
        [...codes.matchAll(/`([a-z_]+)`/g)].map(([, code = ""]) => [code, Number(status)]),
      );
    const built = Object.entries(ERRORS).map(([code, { status }]) => [code, status]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(built));
  });
});

describe("limits", () => {
  it("have the defaults of wrangler.toml", () => {
    const wrangler = readFileSync(path.join(import.meta.dirname, "../../wrangler.toml"), "utf8");
    const [defaults = ""] = wrangler.split("[env.v1]");
    const env = Object.fromEntries(
      [...defaults.matchAll(/^([A-Z0-9_]+) = "(.*)"$/gm)].map(([, k, v]) => [k, v]),
    );
    expect(parseLimits(env)).toEqual(limitsSchema.parse({}));
    for (const name of Object.keys(limitsSchema.shape)) expect(env).toHaveProperty(name.toUpperCase());
  });

  it.each(["0", "-1", "many", "1.5"])("refuse %s by name", (value) => {
    expect(() => parseLimits({ MAX_DEVICES: value })).toThrow("max_devices");
  });
});
