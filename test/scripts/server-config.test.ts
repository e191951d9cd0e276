import fs from "node:fs";
import path from "node:path";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { serverConfig } from "../../scripts/lib/capnp.mjs";
import { checkVariables, readWorkerConfig } from "../../scripts/lib/config.mjs";
import { folderWith } from "./folder.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

const TOML = `
compatibility_date = "2026-11-17"
[[d1_databases]]
binding = "DB"
database_name = "uim"
[durable_objects]
bindings = [{ name = "USERS", class_name = "UserObject" }]
[triggers]
crons = ["17 3 * * *"]
[secrets]
required = ["MASTER_KEY"]
[vars]
LIMIT = "10"
[env.v1.vars]
LIMIT = "5"
`;

function read(environment: string | null) {
  return readWorkerConfig(environment, path.join(folderWith({ "wrangler.toml": TOML }), "wrangler.toml"));
}

describe("readWorkerConfig", () => {
  it("reads the top level", () => {
    expect(read(null)).toMatchObject({
      compatibilityDate: "2026-11-17",
      vars: { LIMIT: "10" },
      secrets: ["MASTER_KEY"],
      objects: [{ binding: "USERS", className: "UserObject" }],
      crons: ["17 3 * * *"],
    });
  });

  it("gives an environment its own vars, secrets and bindings, and the rest of the top level", () => {
    expect(read("v1")).toMatchObject({
      compatibilityDate: "2026-11-17",
      vars: { LIMIT: "5" },
      secrets: [],
      objects: [],
      databases: [],
      crons: ["17 3 * * *"],
    });
  });

  it("names the environments there are when asked for another", () => {
    expect(() => read("v2")).toThrow("There is no [env.v2] in wrangler.toml (known: v1)");
  });
});

describe("wrangler.toml", () => {
  it("gives [env.v1] all that it does not inherit, and other values to variables only", () => {
    const top = parse(fs.readFileSync(path.join(ROOT, "wrangler.toml"), "utf8"));
    const { v1 } = z.object({ v1: z.record(z.string(), z.unknown()) }).parse(top.env);
    for (const name of ["durable_objects", "secrets"]) expect(v1[name], name).toEqual(top[name]);
    const [own, usual] = [readWorkerConfig("v1"), readWorkerConfig(null)];
    const withoutId = usual.databases.map((database) => ({ ...database, id: expect.any(String) }));
    expect(own.databases).toEqual(withoutId);
    expect(Object.keys(own.vars)).toEqual(Object.keys(usual.vars));
  });
});

describe("checkVariables", () => {
  const MASTER_KEY = Buffer.alloc(32, 0xff);
  const fitting = { ...readWorkerConfig(null).vars, MASTER_KEY: MASTER_KEY.toString("base64") };

  it("takes what stands in wrangler.toml", () => {
    expect(() => checkVariables(fitting)).not.toThrow();
  });

  it.each([
    ["MAX_DEVICES", "abc"],
    ["MESSAGES_PER_HOUR", ""],
    ["DATA_GENERATION", "-1"],
    ["TOKEN_ISSUER", ""],
    ["MASTER_KEY", MASTER_KEY.toString("base64url")],
    ["MASTER_KEY", MASTER_KEY.subarray(1).toString("base64")],
  ])("refuses by name, without its value, a %s of %j", (name, value) => {
    const check = () => checkVariables({ ...fitting, [name]: value });
    expect(check).toThrow(new RegExp(`: ${name} (must|Too|Invalid)`));
    if (name === "MASTER_KEY") expect(check).not.toThrow(value);
  });
});

describe("serverConfig", () => {
  it("carries any text of a variable", () => {
    const text = 'say "hi"\\ C:\\u0041\n\tä \u0001';
    const plan = { bundle: "worker.js", address: "127.0.0.1:0", stateDir: "/tmp/a b" };
    const config = serverConfig({ ...plan, config: read(null), vars: { TEXT: text, LIST: ["a"] } });
    expect(config).toContain(String.raw`(name = "TEXT", text = "say \"hi\"\\ C:\\u0041\n\tä \x01")`);
    expect(config).toContain(String.raw`(name = "LIST", json = "[\"a\"]")`);
    expect(config).toContain('(path = "/tmp/a b", writable = true)');
  });
});
