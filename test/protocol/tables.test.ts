import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { PERMISSIONS, type Permission, refusePermission } from "../../src/domain/permissions.ts";
import { ERRORS } from "../../src/protocol/errors.ts";
import { limitsSchema, parseLimits } from "../../src/protocol/limits.ts";
import type { Role } from "../../src/protocol/roles.ts";
import { permissionTable } from "../support/permission-table.ts";

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

describe("who may do what", () => {
  it("[CONV-3] is the same in docs/protocol.md and in the code, for every role and for two", () => {
    const documented = permissionTable(page).filter(({ permission }) => permission !== null);
    expect(documented.map(({ permission }) => permission).sort()).toEqual(Object.keys(PERMISSIONS).sort());
    for (const { permission, allowed } of documented) {
      if (!isPermission(permission)) throw new Error(`there is no permission ${permission}`);
      const may = (role: Role) => refusePermission("group", role, permission) === null;
      expect({ permission, ...allowed }).toEqual({
        permission,
        owner: may("owner"),
        admin: may("admin"),
        member: may("member"),
        one_of_two: refusePermission("one_on_one", "member", permission) === null,
      });
    }
  });
});

function isPermission(name: string | null): name is Permission {
  return name !== null && Object.hasOwn(PERMISSIONS, name);
}

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
