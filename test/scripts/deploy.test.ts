import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readWorkerConfig } from "../../scripts/lib/config.mjs";
import { firstSteps } from "../../scripts/lib/deploy.mjs";
import { builtRelease } from "../../scripts/lib/release.mjs";
import { runScript } from "./command.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const UNITS = ["uim.service", "uim-backup.service", "uim-backup.timer"];
const { vars } = readWorkerConfig(null);
const HEARTBEAT_TIMEOUT_SECONDS = Number(vars.HEARTBEAT_TIMEOUT_MS) / 1000;
const MAX_FRAME_BYTES = Number(vars.MAX_FRAME_BYTES);

function read(name: string): string {
  return fs.readFileSync(path.join(ROOT, "deploy", name), "utf8");
}

/** The values of a directive: `Name=value` in a unit, `name value;` in nginx.conf, `name value` in the Caddyfile. */
function valuesOf(name: string, directive: string): string[] {
  const line = new RegExp(`^\\s*${directive}(?:=|\\s+)(.*?);?$`, "gm");
  return [...read(name).matchAll(line)].map((match) => match[1] ?? "");
}

/** A folder whose path has no space, as /opt/uim has none: a link to it can stand in a unit. */
function plainFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "uim-"));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.symlinkSync(ROOT, path.join(folder, "uim"));
  return folder;
}

/** An ExecStart with this checkout in place of /opt/uim, which only says how it is to be used. */
function help(name: string): { status: number | null; stdout: string } {
  const [command = ""] = valuesOf(name, "ExecStart");
  const [node = "", ...args] = command.replaceAll("/opt/uim", path.join(plainFolder(), "uim")).split(" ");
  return spawnSync(node, [...args, "--help"], { encoding: "utf8" });
}

describe("the systemd units", () => {
  it.each([
    ["uim.service", "npm start"],
    ["uim-backup.service", "npm run backup"],
  ])("%s runs a command that exists, with options that it knows", (name, usage) => {
    const { status, stdout } = help(name);
    expect(stdout).toContain(usage);
    expect(status).toBe(0);
  });

  it("share the user and the data folder", () => {
    for (const name of ["uim.service", "uim-backup.service"]) {
      expect(valuesOf(name, "User")).toEqual(["uim"]);
      expect(valuesOf(name, "DynamicUser")).toEqual(["yes"]);
      expect(valuesOf(name, "StateDirectory")[0]?.split(" ")).toContain("uim");
      expect(valuesOf(name, "ExecStart")[0]).toMatch(/--data \/var\/lib\/uim( |$)/);
    }
  });

  it("give up no protection that the server can do without", () => {
    for (const name of ["uim.service", "uim-backup.service"]) {
      for (const directive of ["NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices"]) {
        expect(valuesOf(name, directive), directive).toEqual(["yes"]);
      }
      expect(valuesOf(name, "ProtectSystem")).toEqual(["strict"]);
      expect(valuesOf(name, "CapabilityBoundingSet")).toEqual([""]);
      // It would keep V8 from compiling.
      expect(valuesOf(name, "MemoryDenyWriteExecute")).toEqual([]);
    }
  });

  it.runIf(spawnSync("systemd-analyze", ["--version"]).status === 0)("are what systemd understands", () => {
    const folder = plainFolder();
    for (const name of UNITS) {
      const unit = read(name).replaceAll("/opt/uim", path.join(folder, "uim"));
      fs.writeFileSync(path.join(folder, name), unit);
    }
    const files = UNITS.map((name) => path.join(folder, name));
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", ...files], { encoding: "utf8" });
    expect(stderr).not.toMatch(/uim/);
    expect(status).toBe(0);
  });
});

describe("the proxies", () => {
  const header = /CLIENT_IP_HEADER=(\S+)/.exec(read("uim.service"))?.[1];

  it("set the header from which UIM takes addresses, over whatever a client sent", () => {
    expect(header).toBe("X-Real-IP");
    expect(valuesOf("nginx.conf", `proxy_set_header ${header}`)).toEqual(["$remote_addr"]);
    expect(valuesOf("Caddyfile", `header_up ${header}`)).toEqual(["{remote_host}"]);
  });

  it("pass sockets on, and leave it to UIM to close silent ones", () => {
    expect(valuesOf("nginx.conf", "proxy_set_header Upgrade")).toEqual(["$http_upgrade"]);
    expect(valuesOf("nginx.conf", "proxy_http_version")).toEqual(["1.1"]);
    for (const directive of ["proxy_read_timeout", "proxy_send_timeout"]) {
      const [seconds] = valuesOf("nginx.conf", directive);
      expect(Number.parseInt(seconds ?? "", 10), directive).toBeGreaterThan(HEARTBEAT_TIMEOUT_SECONDS);
    }
    expect(valuesOf("Caddyfile", "stream_timeout")).toEqual([]);
  });

  it("let the largest message through, and not much more", () => {
    const [nginx] = valuesOf("nginx.conf", "client_max_body_size");
    const [caddy] = valuesOf("Caddyfile", "max_size");
    for (const size of [nginx, caddy]) {
      const mebibytes = /^(\d+)mb?$/i.exec(size ?? "")?.[1];
      expect(Number(mebibytes) * 1_000_000).toBeGreaterThan(MAX_FRAME_BYTES);
      expect(Number(mebibytes)).toBeLessThan(10);
    }
  });

  it("tell UIM that its sockets are wss://", () => {
    expect(valuesOf("nginx.conf", "proxy_set_header X-Forwarded-Proto")).toEqual(["$scheme"]);
    expect(valuesOf("nginx.conf", "proxy_set_header Host")).toEqual(["$host"]);
    // Caddy sets both by itself.
    expect(valuesOf("Caddyfile", "reverse_proxy")).toEqual(["127.0.0.1:8787 {"]);
  });

  it("log no query, in which a token may stand", () => {
    expect(read("nginx.conf")).toMatch(/log_format uim '[^']*\$uri/);
    expect(valuesOf("nginx.conf", "access_log")).toEqual(["/var/log/nginx/uim.log uim"]);
  });
});

describe("npm start -- --built", () => {
  it("says how to build what it lacks: whoever does so has not the service's UIM_ENV", () => {
    expect(() => builtRelease("other")).toThrow(
      "There is no .uim/release/other.js. Make it with: UIM_ENV=other npm run build",
    );
  });
});

describe("npm run deploy", () => {
  it("says what to do first, in the environment that is to be deployed", () => {
    expect(firstSteps(null)).toMatch(/^\[\[d1_databases\]\].*secret put MASTER_KEY\n/s);
    expect(firstSteps("v1")).toMatch(/^\[\[env\.v1\.d1_databases\]\].*secret put MASTER_KEY --env v1\n/s);
  });

  it("takes its environment from UIM_ENV alone, so that what is migrated is what is deployed", async () => {
    for (const args of [["--env", "v1"], ["--env=v1"], ["-e", "v1"]]) {
      expect(await runScript("deploy.mjs", args)).toMatchObject({
        code: 1,
        output: expect.stringContaining("UIM_ENV=v1 npm run deploy"),
      });
    }
  });
});
